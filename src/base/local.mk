noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/compiler.h \
	src/base/counter.c src/base/counter.h \
	src/base/duration.c src/base/duration.h \
	src/base/error.c src/base/error.h \
	src/base/hash.c src/base/hash.h \
	src/base/inbox.c src/base/inbox.h \
	src/base/log.c src/base/log.h \
	src/base/loop.c src/base/loop.h \
	src/base/mem.c src/base/mem.h \
	src/base/pool.c src/base/pool.h \
	src/base/prefix.c src/base/prefix.h \
	src/base/random.c src/base/random.h \
	src/base/sock.c src/base/sock.h \
	src/base/wheel.c src/base/wheel.h

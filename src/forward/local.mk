noinst_LIBRARIES += src/forward/libforward.a
src_forward_libforward_a_SOURCES = \
	src/forward/cache.c src/forward/cache.h \
	src/forward/forward.c src/forward/forward.h \
	src/forward/image.c src/forward/image.h \
	src/forward/private.h \
	src/forward/request.c src/forward/request.h \
	src/forward/resolvconf.c src/forward/resolvconf.h \
	src/forward/resolve.c \
	src/forward/upstream.c src/forward/upstream.h

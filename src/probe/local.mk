noinst_LIBRARIES += src/probe/libprobe.a
src_probe_libprobe_a_SOURCES = src/probe/known.c src/probe/private.h \
	src/probe/probe.c src/probe/probe.h \
	src/probe/reply.c src/probe/reply.h src/probe/tell.c src/probe/tell.h

noinst_LIBRARIES += src/probe/libprobe.a
src_probe_libprobe_a_SOURCES = src/probe/probe.c src/probe/probe.h

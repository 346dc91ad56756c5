noinst_LIBRARIES += src/daemon/libdaemon.a
src_daemon_libdaemon_a_SOURCES = \
	src/daemon/daemon.c src/daemon/daemon.h \
	src/daemon/forward.c \
	src/daemon/listen.c \
	src/daemon/namespaces.c \
	src/daemon/notify.c \
	src/daemon/own_names.c \
	src/daemon/private.h \
	src/daemon/reload.c \
	src/daemon/settings.c \
	src/daemon/views.c \
	src/daemon/zonefiles.c

sbin_PROGRAMS += cmapd
cmapd_SOURCES = src/daemon/main.c
cmapd_LDADD = $(FLOOR_DAEMON) $(FLOOR_API) $(FLOOR_SERVER) $(FLOOR_PROBE) $(FLOOR_FORWARD) $(FLOOR_REGISTRY) $(FLOOR_ZONE) \
	$(FLOOR_STORE) $(FLOOR_CONFIG) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) $(DAEMON_LIBS)

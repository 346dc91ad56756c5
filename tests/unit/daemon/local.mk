check_PROGRAMS += tests/unit/daemon/test_daemon
tests_unit_daemon_test_daemon_SOURCES = $(TEST_MAIN) \
	tests/unit/daemon/test_forward.c \
	tests/unit/daemon/test_notify.c \
	tests/unit/daemon/test_settings.c \
	tests/unit/daemon/test_views.c
tests_unit_daemon_test_daemon_CFLAGS = $(TEST_CFLAGS)
tests_unit_daemon_test_daemon_LDADD = $(WHOLE) $(FLOOR_DAEMON) $(NO_WHOLE) $(FLOOR_API) $(FLOOR_SERVER) $(FLOOR_PROBE) $(FLOOR_FORWARD) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_CONFIG) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(DAEMON_LIBS)
tests_unit_daemon_test_daemon_DEPENDENCIES = $(FLOOR_DAEMON) $(FLOOR_API) $(FLOOR_SERVER) $(FLOOR_PROBE) $(FLOOR_FORWARD) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_CONFIG) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)

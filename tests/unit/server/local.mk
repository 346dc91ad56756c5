check_PROGRAMS += tests/unit/server/test_server
tests_unit_server_test_server_SOURCES = $(TEST_MAIN) \
	tests/unit/server/test_cookie.c \
	tests/unit/server/test_limit.c \
	tests/unit/server/test_options.c
tests_unit_server_test_server_CFLAGS = $(TEST_CFLAGS)
tests_unit_server_test_server_LDADD = $(WHOLE) $(FLOOR_SERVER) $(NO_WHOLE) $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(WIRE_LIBS)
tests_unit_server_test_server_DEPENDENCIES = $(FLOOR_SERVER) $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)

check_PROGRAMS += tests/unit/forward/test_forward
tests_unit_forward_test_forward_SOURCES = $(TEST_MAIN) $(TEST_OCTETS) \
	tests/unit/server/oracle.c tests/unit/server/oracle.h \
	tests/unit/forward/said.c tests/unit/forward/said.h \
	tests/unit/forward/test_cache.c \
	tests/unit/forward/test_forward.c \
	tests/unit/forward/test_image.c \
	tests/unit/forward/test_request.c \
	tests/unit/forward/test_resolvconf.c \
	tests/unit/forward/test_upstream.c \
	tests/unit/forward/upper.c tests/unit/forward/upper.h
tests_unit_forward_test_forward_CFLAGS = $(TEST_CFLAGS) -I$(top_srcdir)/tests/unit/forward \
	-I$(top_srcdir)/tests/unit/server
tests_unit_forward_test_forward_LDADD = $(WHOLE) $(FLOOR_FORWARD) $(NO_WHOLE) $(FLOOR_WIRE) $(FLOOR_BASE) \
	$(TEST_LIBS) $(SERVER_LIBS)
tests_unit_forward_test_forward_DEPENDENCIES = $(FLOOR_FORWARD) $(FLOOR_WIRE) $(FLOOR_BASE)

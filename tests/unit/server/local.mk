check_PROGRAMS += tests/unit/server/test_server
tests_unit_server_test_server_SOURCES = $(TEST_MAIN) $(TEST_TOWN) \
	tests/unit/server/ask.c tests/unit/server/ask.h \
	tests/unit/server/live.c tests/unit/server/live.h \
	tests/unit/server/place.c tests/unit/server/place.h \
	tests/unit/forward/said.c tests/unit/forward/said.h \
	tests/unit/forward/upper.c tests/unit/forward/upper.h \
	tests/unit/server/test_cookie.c \
	tests/unit/server/test_foreign.c \
	tests/unit/server/test_framing.c \
	tests/unit/server/test_guesses.c \
	tests/unit/server/test_limit.c \
	tests/unit/server/test_options.c \
	tests/unit/server/test_own_names.c \
	tests/unit/server/test_respond.c \
	tests/unit/server/test_respond_browse.c \
	tests/unit/server/test_respond_memory.c \
	tests/unit/server/test_respond_odd.c \
	tests/unit/server/test_respond_size.c \
	tests/unit/server/test_respond_static.c \
	tests/unit/server/test_server.c \
	tests/unit/server/test_tcp.c \
	tests/unit/server/test_udp.c
tests_unit_server_test_server_CFLAGS = $(TEST_CFLAGS) $(TEST_TOWN_CFLAGS) -I$(top_srcdir)/tests/unit/forward
# test_respond_memory.c counts allocations.
tests_unit_server_test_server_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc \
	-Wl,--wrap=realloc,--wrap=aligned_alloc
tests_unit_server_test_server_LDADD = $(WHOLE) $(FLOOR_SERVER) $(NO_WHOLE) $(FLOOR_FORWARD) $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(SERVER_LIBS)
tests_unit_server_test_server_DEPENDENCIES = $(FLOOR_SERVER) $(FLOOR_FORWARD) $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)

check_PROGRAMS += tests/unit/base/test_base
tests_unit_base_test_base_SOURCES = $(TEST_MAIN) \
	tests/unit/base/capture.c tests/unit/base/capture.h \
	tests/unit/base/test_buf.c \
	tests/unit/base/test_clock.c \
	tests/unit/base/test_counter.c \
	tests/unit/base/test_duration.c \
	tests/unit/base/test_error.c \
	tests/unit/base/test_hash.c \
	tests/unit/base/test_inbox.c \
	tests/unit/base/test_log.c \
	tests/unit/base/test_loop.c \
	tests/unit/base/test_mem.c \
	tests/unit/base/test_pool.c \
	tests/unit/base/test_prefix.c \
	tests/unit/base/test_sock.c \
	tests/unit/base/test_wheel.c
tests_unit_base_test_base_CFLAGS = $(TEST_CFLAGS)
# test_loop.c stands in for epoll_wait(), so as not to wait.
tests_unit_base_test_base_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=epoll_wait
tests_unit_base_test_base_LDADD = $(WHOLE) $(FLOOR_BASE) $(NO_WHOLE) \
	$(TEST_LIBS) $(BASE_LIBS)
tests_unit_base_test_base_DEPENDENCIES = $(FLOOR_BASE)

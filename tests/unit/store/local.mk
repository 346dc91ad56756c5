check_PROGRAMS += tests/unit/store/test_store
tests_unit_store_test_store_SOURCES = $(TEST_MAIN) \
	tests/unit/store/faults.c tests/unit/store/faults.h \
	tests/unit/store/fixture.c tests/unit/store/fixture.h \
	tests/unit/store/mounts.c tests/unit/store/mounts.h \
	tests/unit/store/test_sqlite_faults.c \
	tests/unit/store/test_sqlite_kill.c \
	tests/unit/store/test_sqlite_load.c \
	tests/unit/store/test_sqlite_open.c \
	tests/unit/store/test_store_mem.c \
	tests/unit/store/test_store_sqlite.c
tests_unit_store_test_store_CFLAGS = $(TEST_CFLAGS) -I$(top_srcdir)/tests/unit/store
tests_unit_store_test_store_LDADD = $(WHOLE) $(FLOOR_STORE) $(NO_WHOLE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(STORE_LIBS)
tests_unit_store_test_store_DEPENDENCIES = $(FLOOR_STORE) $(FLOOR_MODEL) $(FLOOR_BASE)

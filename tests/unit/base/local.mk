check_PROGRAMS += tests/unit/base/test_base
tests_unit_base_test_base_SOURCES = $(TEST_MAIN) \
	tests/unit/base/test_error.c
tests_unit_base_test_base_CFLAGS = $(TEST_CFLAGS)
tests_unit_base_test_base_LDADD = $(WHOLE) $(FLOOR_BASE) $(NO_WHOLE)  \
	$(TEST_LIBS) $(BASE_LIBS)
tests_unit_base_test_base_DEPENDENCIES = $(FLOOR_BASE)

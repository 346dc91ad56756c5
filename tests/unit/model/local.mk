check_PROGRAMS += tests/unit/model/test_model
tests_unit_model_test_model_SOURCES = $(TEST_MAIN)
tests_unit_model_test_model_CFLAGS = $(TEST_CFLAGS)
tests_unit_model_test_model_LDADD = $(WHOLE) $(FLOOR_MODEL) $(NO_WHOLE) $(FLOOR_BASE) \
	$(TEST_LIBS) $(BASE_LIBS)
tests_unit_model_test_model_DEPENDENCIES = $(FLOOR_MODEL) $(FLOOR_BASE)

check_PROGRAMS += tests/unit/api/test_api
tests_unit_api_test_api_SOURCES = $(TEST_MAIN)
tests_unit_api_test_api_CFLAGS = $(TEST_CFLAGS)
tests_unit_api_test_api_LDADD = $(WHOLE) $(FLOOR_API) $(NO_WHOLE) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(API_LIBS)
tests_unit_api_test_api_DEPENDENCIES = $(FLOOR_API) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)

check_PROGRAMS += tests/unit/zone/test_zone
tests_unit_zone_test_zone_SOURCES = $(TEST_MAIN) \
	tests/unit/zone/test_fairness.c
tests_unit_zone_test_zone_CFLAGS = $(TEST_CFLAGS)
tests_unit_zone_test_zone_LDADD = $(WHOLE) $(FLOOR_ZONE) $(NO_WHOLE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(WIRE_LIBS)
tests_unit_zone_test_zone_DEPENDENCIES = $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)

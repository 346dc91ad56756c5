check_PROGRAMS += tests/unit/ctl/test_ctl
tests_unit_ctl_test_ctl_SOURCES = $(TEST_MAIN)
tests_unit_ctl_test_ctl_CFLAGS = $(TEST_CFLAGS)
tests_unit_ctl_test_ctl_LDADD = $(WHOLE) $(FLOOR_CTL) $(NO_WHOLE) $(FLOOR_CONFIG) $(FLOOR_WIRE) $(FLOOR_BASE) \
	$(TEST_LIBS) $(CTL_LIBS)
tests_unit_ctl_test_ctl_DEPENDENCIES = $(FLOOR_CTL) $(FLOOR_CONFIG) $(FLOOR_WIRE) $(FLOOR_BASE)

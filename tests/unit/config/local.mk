check_PROGRAMS += tests/unit/config/test_config
tests_unit_config_test_config_SOURCES = $(TEST_MAIN) \
	tests/unit/config/load.c tests/unit/config/load.h tests/unit/config/test_args.c \
	tests/unit/config/test_config.c tests/unit/config/test_file.c \
	tests/unit/config/test_option.c tests/unit/config/test_papers.c
tests_unit_config_test_config_CFLAGS = $(TEST_CFLAGS)
tests_unit_config_test_config_LDADD = $(WHOLE) $(FLOOR_CONFIG) $(NO_WHOLE) $(FLOOR_BASE) \
	$(TEST_LIBS) $(CONFIG_LIBS)
tests_unit_config_test_config_DEPENDENCIES = $(FLOOR_CONFIG) $(FLOOR_BASE)

check_PROGRAMS += tests/unit/model/test_model
tests_unit_model_test_model_SOURCES = $(TEST_MAIN) tests/unit/model/make.h \
	tests/unit/model/test_attributes.c tests/unit/model/test_delta.c \
	tests/unit/model/test_dns_text.c tests/unit/model/test_fault.c \
	tests/unit/model/test_ids.c \
	tests/unit/model/test_instances.c \
	tests/unit/model/test_model.c tests/unit/model/test_model_change.c \
	tests/unit/model/test_model_names.c tests/unit/model/test_model_struct.c \
	tests/unit/model/test_pairs.c \
	tests/unit/model/test_reserved.c tests/unit/model/test_rules.c \
	tests/unit/model/test_rules_instance.c tests/unit/model/test_rules_patterns.c
tests_unit_model_test_model_CFLAGS = $(TEST_CFLAGS)
tests_unit_model_test_model_LDADD = $(WHOLE) $(FLOOR_MODEL) $(NO_WHOLE) $(FLOOR_BASE) \
	$(TEST_LIBS) $(BASE_LIBS)
tests_unit_model_test_model_DEPENDENCIES = $(FLOOR_MODEL) $(FLOOR_BASE)


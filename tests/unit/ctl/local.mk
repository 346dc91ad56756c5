check_PROGRAMS += tests/unit/ctl/test_ctl
tests_unit_ctl_test_ctl_SOURCES = $(TEST_MAIN) \
	tests/unit/ctl/fake.c tests/unit/ctl/fake.h \
	tests/unit/ctl/run.c tests/unit/ctl/run.h \
	tests/unit/ctl/story.c tests/unit/ctl/story.h \
	tests/unit/ctl/test_args.c \
	tests/unit/ctl/test_calls.c \
	tests/unit/ctl/test_changes.c \
	tests/unit/ctl/test_doctor.c \
	tests/unit/ctl/test_fields.c \
	tests/unit/ctl/test_help.c \
	tests/unit/ctl/test_request.c \
	tests/unit/ctl/test_resolve.c
tests_unit_ctl_test_ctl_CFLAGS = $(TEST_CFLAGS)
tests_unit_ctl_test_ctl_LDADD = $(WHOLE) $(FLOOR_CTL) $(NO_WHOLE) $(FLOOR_CONFIG) $(FLOOR_WIRE) $(FLOOR_BASE) \
	$(TEST_LIBS) $(CTL_LIBS)
tests_unit_ctl_test_ctl_DEPENDENCIES = $(FLOOR_CTL) $(FLOOR_CONFIG) $(FLOOR_WIRE) $(FLOOR_BASE)

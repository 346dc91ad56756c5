check_PROGRAMS += tests/unit/probe/test_probe
tests_unit_probe_test_probe_SOURCES = $(TEST_MAIN) $(TEST_OCTETS) \
	tests/unit/registry/fixture.c tests/unit/registry/fixture.h \
	tests/unit/base/capture.c tests/unit/base/capture.h \
	tests/unit/probe/test_probe.c tests/unit/probe/test_tell.c
tests_unit_probe_test_probe_CFLAGS = $(TEST_CFLAGS) -I$(top_srcdir)/tests/unit/registry \
	-I$(top_srcdir)/tests/unit/base
tests_unit_probe_test_probe_LDADD = $(WHOLE) $(FLOOR_PROBE) $(NO_WHOLE) $(FLOOR_REGISTRY) \
	$(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(REGISTRY_LIBS)
tests_unit_probe_test_probe_DEPENDENCIES = $(FLOOR_PROBE) $(FLOOR_REGISTRY) $(FLOOR_ZONE) \
	$(FLOOR_STORE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)

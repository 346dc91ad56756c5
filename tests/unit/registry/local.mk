check_PROGRAMS += tests/unit/registry/test_registry
tests_unit_registry_test_registry_SOURCES = $(TEST_MAIN) \
	tests/unit/registry/fixture.c tests/unit/registry/fixture.h \
	tests/unit/registry/test_claims.c \
	tests/unit/registry/test_discover.c tests/unit/registry/test_health.c \
	tests/unit/registry/test_registry.c
tests_unit_registry_test_registry_CFLAGS = $(TEST_CFLAGS)
tests_unit_registry_test_registry_LDADD = $(WHOLE) $(FLOOR_REGISTRY) $(NO_WHOLE) \
	$(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(REGISTRY_LIBS)
tests_unit_registry_test_registry_DEPENDENCIES = $(FLOOR_REGISTRY) $(FLOOR_ZONE) \
	$(FLOOR_STORE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)

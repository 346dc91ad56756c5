check_PROGRAMS += tests/unit/api/test_api
tests_unit_api_test_api_SOURCES = $(TEST_MAIN) \
	tests/unit/api/fixture.c tests/unit/api/fixture.h tests/unit/api/fixture_http.c \
	tests/unit/api/test_access_keys.c \
	tests/unit/api/test_auth.c \
	tests/unit/api/test_document.c \
	tests/unit/api/test_errors.c \
	tests/unit/api/test_export.c \
	tests/unit/api/test_golden.c \
	tests/unit/api/test_http.c \
	tests/unit/api/test_http_limits.c \
	tests/unit/api/test_health.c \
	tests/unit/api/test_leases.c \
	tests/unit/api/test_limits.c \
	tests/unit/api/test_listings.c \
	tests/unit/api/test_malformed.c \
	tests/unit/api/test_operations.c \
	tests/unit/api/test_ops_discover.c \
	tests/unit/api/test_ops_operation.c \
	tests/unit/api/test_ops_service_attributes.c \
	tests/unit/api/test_ops_tags.c \
	tests/unit/api/test_ops_update.c \
	tests/unit/api/test_page.c \
	tests/unit/api/test_sequences.c \
	tests/unit/api/test_shape.c \
	tests/unit/api/test_sigv4.c \
	tests/unit/api/test_writer.c
tests_unit_api_test_api_CFLAGS = $(TEST_CFLAGS)
tests_unit_api_test_api_LDADD = $(WHOLE) $(FLOOR_API) $(NO_WHOLE) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(API_LIBS)
tests_unit_api_test_api_DEPENDENCIES = $(FLOOR_API) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)
EXTRA_DIST += tests/unit/api/golden

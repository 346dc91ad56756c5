check_PROGRAMS += tests/unit/wire/test_wire
tests_unit_wire_test_wire_SOURCES = $(TEST_MAIN) $(TEST_OCTETS) \
	tests/unit/wire/test_dname.c tests/unit/wire/test_message.c \
	tests/unit/wire/test_query.c tests/unit/wire/test_siphash.c tests/unit/wire/test_zonescan.c \
	tests/unit/wire/test_zonetext.c
tests_unit_wire_test_wire_CFLAGS = $(TEST_CFLAGS)
tests_unit_wire_test_wire_LDADD = $(WHOLE) $(FLOOR_WIRE) $(NO_WHOLE) $(FLOOR_BASE) \
	$(TEST_LIBS) $(WIRE_LIBS)
tests_unit_wire_test_wire_DEPENDENCIES = $(FLOOR_WIRE) $(FLOOR_BASE)

check_PROGRAMS += tests/unit/zone/test_zone
tests_unit_zone_test_zone_SOURCES = $(TEST_MAIN) $(TEST_WORLD) tests/rng.h \
	tests/unit/zone/ask.c tests/unit/zone/ask.h \
	tests/unit/zone/held.c tests/unit/zone/held.h \
	tests/unit/zone/test_alias.c \
	tests/unit/zone/test_answer.c tests/unit/zone/test_arpa.c \
	tests/unit/zone/test_browse.c \
	tests/unit/zone/test_change.c \
	tests/unit/zone/test_endpoints.c \
	tests/unit/zone/test_export.c \
	tests/unit/zone/test_fairness.c \
	tests/unit/zone/test_grace.c tests/unit/zone/test_graft.c \
	tests/unit/zone/test_health.c tests/unit/zone/test_lease.c \
	tests/unit/zone/test_names.c tests/unit/zone/test_plane.c tests/unit/zone/test_ports.c \
	tests/unit/zone/test_readers.c tests/unit/zone/test_reverse.c \
	tests/unit/zone/test_schedule.c \
	tests/unit/zone/test_static.c \
	tests/unit/zone/test_table.c \
	tests/unit/zone/test_views.c \
	tests/unit/zone/test_zone.c
tests_unit_zone_test_zone_CFLAGS = $(TEST_CFLAGS) -I$(top_srcdir)/tests/unit/zone
# test_grace.c makes the end of a flush slow.
tests_unit_zone_test_zone_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=urcu_qsbr_unregister_thread
tests_unit_zone_test_zone_LDADD = $(WHOLE) $(FLOOR_ZONE) $(NO_WHOLE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) \
	$(TEST_LIBS) $(WIRE_LIBS)
tests_unit_zone_test_zone_DEPENDENCIES = $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)

# Scenarios: text files that tell what happens over time. One program runs them all.
check_PROGRAMS += tests/scenario/scenario
tests_scenario_scenario_SOURCES = tests/scenario/scenario.c tests/scenario/world.c \
	tests/scenario/world.h
tests_scenario_scenario_LDADD = $(FLOOR_SERVER) $(FLOOR_FORWARD) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) \
	$(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) $(CARES_LIBS) $(REGISTRY_LIBS)
EXTRA_DIST += $(SCENARIOS)
SCENARIOS = \
	tests/scenario/browse.scenario \
	tests/scenario/chain.scenario \
	tests/scenario/conflict.scenario \
	tests/scenario/delegation.scenario \
	tests/scenario/expire.scenario \
	tests/scenario/limits.scenario \
	tests/scenario/local.scenario \
	tests/scenario/names.scenario \
	tests/scenario/ports.scenario \
	tests/scenario/register.scenario \
	tests/scenario/restart.scenario \
	tests/scenario/reverse.scenario \
	tests/scenario/rotate.scenario \
	tests/scenario/shared.scenario \
	tests/scenario/srv.scenario \
	tests/scenario/static.scenario \
	tests/scenario/store.scenario \
	tests/scenario/update.scenario \
	tests/scenario/wildcard.scenario

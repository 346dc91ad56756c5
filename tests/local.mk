# Unit tests: one program a room. It links the room's whole archive and the floors below, so a call
# to a higher floor does not link.
TEST_LIBS =
TEST_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
TEST_MAIN = tests/test.h
if TESTS_PLAIN
TEST_MAIN += tests/plain.c
else
TEST_CFLAGS += $(CRITERION_CFLAGS)
TEST_LIBS += $(CRITERION_LIBS)
endif

# Packets written by hand, for the rooms that read and write them.
TEST_OCTETS = tests/octets.c tests/octets.h tests/rng.h
# A model and its zone.
TEST_WORLD = tests/unit/zone/world.c tests/unit/zone/world.h
# Queries to a registry with names of every kind, and ldns' opinion of the replies.
TEST_TOWN = $(TEST_WORLD) $(TEST_OCTETS) \
	tests/unit/server/oracle.c tests/unit/server/oracle.h \
	tests/unit/server/town.c tests/unit/server/town.h
TEST_TOWN_CFLAGS = -I$(top_srcdir)/tests -I$(top_srcdir)/tests/unit/zone \
	-I$(top_srcdir)/tests/unit/server

if TESTS_BUILD
include tests/unit/base/local.mk
include tests/unit/wire/local.mk
include tests/unit/model/local.mk
include tests/unit/config/local.mk
include tests/unit/store/local.mk
include tests/unit/zone/local.mk
include tests/unit/registry/local.mk
include tests/unit/forward/local.mk
include tests/unit/probe/local.mk
include tests/unit/server/local.mk
include tests/unit/api/local.mk
include tests/unit/daemon/local.mk
include tests/unit/ctl/local.mk
include tests/scenario/local.mk
endif
include tests/style/local.mk
include tests/fuzz/local.mk
include tests/sigv4/local.mk
include tests/e2e/local.mk
include tests/lab/local.mk
include tests/bench/local.mk

TESTS += $(check_PROGRAMS) $(dist_check_SCRIPTS)
TEST_EXTENSIONS = .sh .py
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
LOG_COMPILER = env CRITERION_OUTPUTS=tap:/dev/stdout
SH_LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_COMPILER = $(SHELL)
PY_LOG_DRIVER = $(TAP_DRIVER)
PY_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/e2e/python.sh
AM_TESTS_ENVIRONMENT = srcdir='$(abs_top_srcdir)'; builddir='$(abs_top_builddir)'; \
	export srcdir builddir;

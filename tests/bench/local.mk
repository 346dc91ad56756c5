# Measuring, by hand or for information: no test depends on a number from here.
#	make bench [BENCH_FLAGS='--quick']	cmapd beside other servers; bench.py tells its options
#	make bench-api [BENCH_FLAGS='--quick']	the API beside a bare SQLite program; api.py tells its options
#	make bench-forward [BENCH_FLAGS=...]	cmapd as a forwarder beside others; forward.py tells its options
#	make bench-unit				an answer without sockets
#	make tests/bench/store_bench		then run it: commits beside a bare SQLite loop
#	tests/bench/start.py			what a start with a full registry costs
BENCH_LOAD = tests/bench/dns_bench tests/bench/echo tests/bench/api_load
EXTRA_PROGRAMS = $(BENCH_LOAD) tests/bench/respond_bench \
	tests/bench/store_bench
EXTRA_DIST += \
	tests/bench/api.py \
	tests/bench/bench.py \
	tests/bench/forward.py \
	tests/bench/servers.py \
	tests/bench/start.py \
	tests/bench/unit.sh \
	tests/bench/workload.py
CLEANFILES += $(EXTRA_PROGRAMS)

tests_bench_api_load_SOURCES = tests/bench/api_load.c
tests_bench_echo_SOURCES = tests/bench/echo.c
tests_bench_dns_bench_SOURCES = \
	tests/bench/dns_bench.c \
	tests/bench/load.h \
	tests/bench/load_tcp.c \
	tests/bench/load_udp.c \
	tests/bench/questions.c tests/bench/questions.h
tests_bench_respond_bench_SOURCES = tests/bench/respond_bench.c
tests_bench_respond_bench_LDADD = $(FLOOR_SERVER) $(FLOOR_FORWARD) $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) $(SERVER_LIBS)
tests_bench_store_bench_SOURCES = tests/bench/store_bench.c
tests_bench_store_bench_LDADD = $(FLOOR_STORE) $(FLOOR_MODEL) $(FLOOR_BASE) $(STORE_LIBS)

.PHONY: bench bench-api bench-forward bench-unit
bench: cmapd $(BENCH_LOAD)
	builddir='$(abs_top_builddir)' python3 -B $(srcdir)/tests/bench/bench.py $(BENCH_FLAGS)

bench-api: cmapd tests/bench/api_load tests/bench/store_bench
	builddir='$(abs_top_builddir)' python3 -B $(srcdir)/tests/bench/api.py $(BENCH_FLAGS)

bench-forward: cmapd tests/bench/dns_bench tests/bench/echo
	builddir='$(abs_top_builddir)' python3 -B $(srcdir)/tests/bench/forward.py $(BENCH_FLAGS)

bench-unit: tests/bench/respond_bench
	$(SHELL) $(srcdir)/tests/bench/unit.sh tests/bench/respond_bench

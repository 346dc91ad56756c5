# A fuzz target is LLVMFuzzerTestOneInput() in tests/fuzz/fuzz_NAME.c, its seeds are the files of
# tests/fuzz/corpus/NAME. `make check` replays them. Configured with CC=clang --with-fuzzer, targets are libFuzzer
# programs: tests/fuzz/fuzz_NAME NEW_FOLDER tests/fuzz/corpus/NAME. CONTRIBUTING.md says more.
FUZZ_TARGETS = tests/fuzz/fuzz_answer tests/fuzz/fuzz_api tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_dname tests/fuzz/fuzz_doctor tests/fuzz/fuzz_edns tests/fuzz/fuzz_framing \
	tests/fuzz/fuzz_http tests/fuzz/fuzz_sigv4 tests/fuzz/fuzz_upstream tests/fuzz/fuzz_zone
EXTRA_DIST += tests/fuzz/corpus
if FUZZER
noinst_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
endif
FUZZ_API_FLOORS = $(FLOOR_API) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) $(FLOOR_WIRE) \
	$(FLOOR_MODEL) $(FLOOR_BASE)

tests_fuzz_fuzz_api_SOURCES = tests/fuzz/fuzz_api.c $(FUZZ_MAIN)
tests_fuzz_fuzz_api_LDADD = $(FUZZ_API_FLOORS) $(API_LIBS)
tests_fuzz_fuzz_api_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c $(FUZZ_MAIN)
tests_fuzz_fuzz_http_LDADD = $(FUZZ_API_FLOORS) $(API_LIBS)
tests_fuzz_fuzz_http_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_sigv4_SOURCES = tests/fuzz/fuzz_sigv4.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sigv4_LDADD = $(FUZZ_API_FLOORS) $(API_LIBS)
tests_fuzz_fuzz_sigv4_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(FUZZ_MAIN)
tests_fuzz_fuzz_config_LDADD = $(FLOOR_CONFIG) $(FLOOR_BASE) $(CONFIG_LIBS)
tests_fuzz_fuzz_config_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_doctor_SOURCES = tests/fuzz/fuzz_doctor.c $(FUZZ_MAIN)
tests_fuzz_fuzz_doctor_LDADD = $(FLOOR_CTL) $(FLOOR_BASE) $(CTL_LIBS)
tests_fuzz_fuzz_doctor_LDFLAGS = $(FUZZ_LINK)
FUZZ_ANSWER_FLOORS = $(FLOOR_SERVER) $(FLOOR_FORWARD) $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE)
tests_fuzz_fuzz_answer_SOURCES = tests/fuzz/fuzz_answer.c tests/fuzz/asking.c tests/fuzz/asking.h \
	tests/fuzz/city.c tests/fuzz/city.h $(TEST_TOWN) $(FUZZ_MAIN)
tests_fuzz_fuzz_answer_CFLAGS = $(AM_CFLAGS) $(TEST_TOWN_CFLAGS)
tests_fuzz_fuzz_answer_LDADD = $(FUZZ_ANSWER_FLOORS) $(SERVER_LIBS)
tests_fuzz_fuzz_answer_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_dname_SOURCES = tests/fuzz/fuzz_dname.c $(FUZZ_MAIN)
tests_fuzz_fuzz_dname_LDADD = $(FLOOR_WIRE) $(FLOOR_BASE) $(WIRE_LIBS)
tests_fuzz_fuzz_dname_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_upstream_SOURCES = tests/fuzz/fuzz_upstream.c $(FUZZ_MAIN)
tests_fuzz_fuzz_upstream_LDADD = $(FLOOR_FORWARD) $(FLOOR_WIRE) $(FLOOR_BASE) $(SERVER_LIBS)
tests_fuzz_fuzz_upstream_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_zone_SOURCES = tests/fuzz/fuzz_zone.c $(FUZZ_MAIN)
tests_fuzz_fuzz_zone_LDADD = $(FLOOR_ZONE) $(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) $(WIRE_LIBS)
tests_fuzz_fuzz_zone_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_framing_SOURCES = tests/fuzz/fuzz_framing.c $(FUZZ_MAIN)
tests_fuzz_fuzz_framing_LDADD = $(FLOOR_SERVER) $(FLOOR_BASE)
tests_fuzz_fuzz_framing_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_edns_SOURCES = tests/fuzz/fuzz_edns.c $(FUZZ_MAIN)
tests_fuzz_fuzz_edns_LDADD = $(FLOOR_SERVER) $(FLOOR_WIRE) $(FLOOR_BASE) $(WIRE_LIBS)
tests_fuzz_fuzz_edns_LDFLAGS = $(FUZZ_LINK)

# Signatures of others: requests signed by botocore. sign.py made tests/sigv4/signed, and makes as many more as asked
# for (tests/e2e/signed.py asks where botocore is installed).
check_PROGRAMS += tests/sigv4/replay
tests_sigv4_replay_SOURCES = tests/sigv4/replay.c tests/rng.h
tests_sigv4_replay_LDADD = $(FLOOR_API) $(FLOOR_REGISTRY) $(FLOOR_ZONE) $(FLOOR_STORE) \
	$(FLOOR_WIRE) $(FLOOR_MODEL) $(FLOOR_BASE) $(API_LIBS)
EXTRA_DIST += tests/sigv4/sign.py tests/sigv4/signed

# The real cmapd and cmapctl, each test with its own on free ports of the loopback interface.
dist_check_SCRIPTS += \
	tests/e2e/alias.py \
	tests/e2e/answers.py \
	tests/e2e/browse.py \
	tests/e2e/api.py \
	tests/e2e/api_errors.py \
	tests/e2e/clients.py \
	tests/e2e/cmapctl.sh \
	tests/e2e/commandline.py \
	tests/e2e/differential.py \
	tests/e2e/doctor.py \
	tests/e2e/edns.py \
	tests/e2e/forward.py \
	tests/e2e/health.py \
	tests/e2e/hostile.py \
	tests/e2e/kill.py \
	tests/e2e/leases.py \
	tests/e2e/network.py \
	tests/e2e/node.py \
	tests/e2e/options.sh \
	tests/e2e/packets.py \
	tests/e2e/registry.py \
	tests/e2e/reverse.py \
	tests/e2e/signed.py \
	tests/e2e/updates.py \
	tests/e2e/views.py \
	tests/e2e/zones.py
EXTRA_DIST += \
	tests/e2e/cmap.py \
	tests/e2e/DIFFERENCES.md \
	tests/e2e/dig.py \
	tests/e2e/findings.py \
	tests/e2e/node.mjs \
	tests/e2e/nsd.py \
	tests/e2e/python.sh \
	tests/e2e/rules.py \
	tests/e2e/tap.py \
	tests/e2e/texts.py \
	tests/e2e/towns.py \
	tests/e2e/upstream.py \
	tests/e2e/wire.py

# What takes minutes: as in make check, but more of it, and another one each time.
.PHONY: torture
torture: cmapd cmapctl tests/sigv4/replay
	builddir='$(abs_top_builddir)' CMAP_PAIRS=$${CMAP_PAIRS:-100000} CMAP_SEED=$${CMAP_SEED:-$$(date +%s)} \
		$(SHELL) $(srcdir)/tests/e2e/python.sh $(srcdir)/tests/e2e/differential.py
	builddir='$(abs_top_builddir)' CMAP_HOSTILE=$${CMAP_HOSTILE:-100000} CMAP_SEED=$${CMAP_SEED:-$$(date +%s)} \
		$(SHELL) $(srcdir)/tests/e2e/python.sh $(srcdir)/tests/e2e/hostile.py
	builddir='$(abs_top_builddir)' CMAP_SIGNED=$${CMAP_SIGNED:-10000} \
		$(SHELL) $(srcdir)/tests/e2e/python.sh $(srcdir)/tests/e2e/signed.py test_what_botocore_has_signed
	builddir='$(abs_top_builddir)' CMAP_FORWARDED=$${CMAP_FORWARDED:-100000} \
		$(SHELL) $(srcdir)/tests/e2e/python.sh $(srcdir)/tests/e2e/forward.py test_ports_and_ids_cannot_be_guessed
if TESTS_BUILD
	$(MAKE) $(AM_MAKEFLAGS) tests/unit/api/test_api
	CMAP_SEQUENCES=$${CMAP_SEQUENCES:-10000} CMAP_SEED=$${CMAP_SEED:-$$(date +%s)} \
		tests/unit/api/test_api --filter 'sequences/*'
	$(MAKE) $(AM_MAKEFLAGS) tests/unit/server/test_server
	for i in 1 2 3 4 5 6 7 8 9 10; do CMAP_GUESSES=$${CMAP_GUESSES:-10000000} \
		tests/unit/server/test_server --filter 'guesses/*' || exit 1; done
endif

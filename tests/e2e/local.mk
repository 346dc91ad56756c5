# The real cmapd and cmapctl, each test with its own on free ports of the loopback interface.
dist_check_SCRIPTS += \
	tests/e2e/answers.py \
	tests/e2e/api.py \
	tests/e2e/api_errors.py \
	tests/e2e/clients.py \
	tests/e2e/cmapctl.sh \
	tests/e2e/commandline.py \
	tests/e2e/edns.py \
	tests/e2e/kill.py \
	tests/e2e/leases.py \
	tests/e2e/options.sh \
	tests/e2e/packets.py \
	tests/e2e/registry.py \
	tests/e2e/zones.py
EXTRA_DIST += \
	tests/e2e/cmap.py \
	tests/e2e/dig.py \
	tests/e2e/python.sh \
	tests/e2e/tap.py \
	tests/e2e/wire.py

dist_check_SCRIPTS += \
	tests/style/conformance.sh \
	tests/style/floors.sh \
	tests/style/man.sh \
	tests/style/sizes.sh

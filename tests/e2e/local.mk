# e2e: filled by its tests
dist_check_SCRIPTS += tests/e2e/cmapctl.sh

# what `make demo` and the set-up of a fresh clone run
EXTRA_DIST += tools/setup.sh tools/packages

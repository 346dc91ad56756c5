# what `make demo` and the set-up of a fresh clone run
EXTRA_DIST += tools/setup.sh tools/packages tools/demo.sh

.PHONY: demo
demo: all
	@CMAPD='$(abs_builddir)/cmapd' CMAPCTL='$(abs_builddir)/cmapctl' \
		$(SHELL) $(srcdir)/tools/demo.sh

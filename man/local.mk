# Manual pages; those that name directories of this installation are made from a file.in.
dist_man_MANS = man/cmapctl.1 man/cmapd-api.7
nodist_man_MANS = man/cmapd.8 man/cmapd.conf.5
EXTRA_DIST += man/cmapd.8.in man/cmapd.conf.5.in
CLEANFILES += $(nodist_man_MANS)

man/cmapd.8: man/cmapd.8.in Makefile
	$(SUBSTITUTE)
man/cmapd.conf.5: man/cmapd.conf.5.in Makefile
	$(SUBSTITUTE)

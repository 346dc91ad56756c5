# manual pages
dist_man_MANS = man/cmapctl.1

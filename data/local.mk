# Installed data files. cmapd.conf is not put over one that is there, and is removed only unchanged.

# Puts the directories of this installation into a file.in.
SUBSTITUTE = $(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) \
	-e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g' -e 's|@runstatedir[@]|$(runstatedir)|g' \
	$< >$@.tmp && mv $@.tmp $@

EXTRA_DIST += data/cmapd.conf.in data/cmapd.service.in data/cmap.sysusers
noinst_DATA = data/cmapd.conf
systemdsystemunit_DATA = data/cmapd.service
CLEANFILES += data/cmapd.conf data/cmapd.service

data/cmapd.conf: data/cmapd.conf.in Makefile
	$(SUBSTITUTE)
data/cmapd.service: data/cmapd.service.in Makefile
	$(SUBSTITUTE)

cmapconfdir = $(sysconfdir)/cmap
sysusersdir = $(prefix)/lib/sysusers.d

install-data-local: data/cmapd.conf
	$(MKDIR_P) '$(DESTDIR)$(cmapconfdir)' '$(DESTDIR)$(sysusersdir)'
	test -e '$(DESTDIR)$(cmapconfdir)/cmapd.conf' || \
		$(INSTALL_DATA) data/cmapd.conf '$(DESTDIR)$(cmapconfdir)/cmapd.conf'
	$(INSTALL_DATA) $(srcdir)/data/cmap.sysusers '$(DESTDIR)$(sysusersdir)/cmap.conf'

uninstall-local: data/cmapd.conf
	! cmp -s data/cmapd.conf '$(DESTDIR)$(cmapconfdir)/cmapd.conf' || \
		rm -f '$(DESTDIR)$(cmapconfdir)/cmapd.conf'
	rm -f '$(DESTDIR)$(sysusersdir)/cmap.conf'

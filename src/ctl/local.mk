noinst_LIBRARIES += src/ctl/libctl.a
src_ctl_libctl_a_SOURCES = \
	src/ctl/args.c src/ctl/args.h \
	src/ctl/attribute.c \
	src/ctl/check.c src/ctl/check.h \
	src/ctl/client.c src/ctl/client.h \
	src/ctl/command.c src/ctl/command.h \
	src/ctl/ctl.c src/ctl/ctl.h \
	src/ctl/delete.c src/ctl/delete.h \
	src/ctl/doctor.c src/ctl/doctor.h \
	src/ctl/doctor_between.c \
	src/ctl/doctor_conf.h \
	src/ctl/doctor_dnsmasq.c \
	src/ctl/doctor_files.c src/ctl/doctor_files.h \
	src/ctl/doctor_host.c src/ctl/doctor_host.h \
	src/ctl/doctor_names.c \
	src/ctl/doctor_nss.c \
	src/ctl/doctor_replies.c \
	src/ctl/doctor_report.c src/ctl/doctor_report.h \
	src/ctl/doctor_resolv.c \
	src/ctl/doctor_resolved.c \
	src/ctl/doctor_routes.c \
	src/ctl/doctor_rules.c \
	src/ctl/doctor_server.c src/ctl/doctor_server.h \
	src/ctl/doctor_text.c src/ctl/doctor_text.h \
	src/ctl/each.c src/ctl/each.h \
	src/ctl/export.c \
	src/ctl/fields.c src/ctl/fields.h \
	src/ctl/find.c src/ctl/find.h \
	src/ctl/health.c \
	src/ctl/help.c src/ctl/help.h \
	src/ctl/instance.c \
	src/ctl/list.c \
	src/ctl/namespace.c \
	src/ctl/operation.c \
	src/ctl/pairs.c src/ctl/pairs.h \
	src/ctl/request.c src/ctl/request.h \
	src/ctl/resolve.c src/ctl/resolve.h \
	src/ctl/resolve_ask.c \
	src/ctl/resolve_print.c \
	src/ctl/service.c src/ctl/service.h \
	src/ctl/status.c \
	src/ctl/table.c src/ctl/table.h \
	src/ctl/tag.c \
	src/ctl/update.c

bin_PROGRAMS += cmapctl
cmapctl_SOURCES = src/ctl/main.c
cmapctl_LDADD = $(FLOOR_CTL) $(FLOOR_BASE) $(CTL_LIBS)

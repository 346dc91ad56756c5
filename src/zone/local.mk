noinst_LIBRARIES += src/zone/libzone.a
src_zone_libzone_a_SOURCES = \
	src/zone/addresses.c src/zone/addresses.h \
	src/zone/alias.c src/zone/alias.h src/zone/alias_loop.c \
	src/zone/apex.c \
	src/zone/arpa.c src/zone/arpa.h \
	src/zone/answer.c src/zone/answer.h \
	src/zone/browse.c src/zone/browse.h \
	src/zone/change.c src/zone/change.h \
	src/zone/compile.c src/zone/compile.h src/zone/compile_browse.c src/zone/compile_ports.c \
	src/zone/compile_reverse.c src/zone/compile_static.c \
	src/zone/draft.c src/zone/draft.h \
	src/zone/endpoints.c src/zone/endpoints.h \
	src/zone/entry.h \
	src/zone/export.c src/zone/export.h \
	src/zone/grace.c src/zone/grace.h \
	src/zone/graft.c src/zone/graft.h \
	src/zone/lease.c src/zone/lease.h \
	src/zone/listed.c src/zone/listed.h \
	src/zone/names.c src/zone/names.h \
	src/zone/nest.c src/zone/nest.h \
	src/zone/plane.c \
	src/zone/ports.c src/zone/ports.h \
	src/zone/private.h \
	src/zone/publish.c \
	src/zone/referral.c src/zone/referral.h \
	src/zone/reverse.c src/zone/reverse.h \
	src/zone/schedule.c src/zone/schedule.h \
	src/zone/soa.h \
	src/zone/static.c src/zone/static.h \
	src/zone/table.c src/zone/table.h \
	src/zone/variant.c src/zone/variant.h \
	src/zone/zone.c src/zone/zone.h

noinst_LIBRARIES += src/wire/libwire.a
src_wire_libwire_a_SOURCES = \
	src/wire/dname.c src/wire/dname.h \
	src/wire/dns.h \
	src/wire/message.c src/wire/message.h \
	src/wire/query.c src/wire/query.h \
	src/wire/siphash.c src/wire/siphash.h \
	src/wire/zonerdata.c src/wire/zonerdata.h \
	src/wire/zonescan.c src/wire/zonescan.h \
	src/wire/zonetext.c src/wire/zonetext.h

noinst_LIBRARIES += src/server/libserver.a
src_server_libserver_a_SOURCES = \
	src/server/ask.c src/server/ask.h \
	src/server/cookie.c src/server/cookie.h \
	src/server/framing.c src/server/framing.h \
	src/server/limit.c src/server/limit.h \
	src/server/handover.c src/server/handover.h \
	src/server/settings.h \
	src/server/outcome.h \
	src/server/opt.c src/server/opt.h \
	src/server/own_names.c src/server/own_names.h \
	src/server/respond.c src/server/respond.h \
	src/server/server.c src/server/server.h \
	src/server/tcp.c src/server/tcp.h \
	src/server/udp.c src/server/udp.h \
	src/server/udp_late.c src/server/udp_late.h

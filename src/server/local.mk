noinst_LIBRARIES += src/server/libserver.a
src_server_libserver_a_SOURCES = \
	src/server/respond.c src/server/respond.h \
	src/server/server.c src/server/server.h \
	src/server/tcp.c src/server/tcp.h \
	src/server/udp.c src/server/udp.h

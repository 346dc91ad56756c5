noinst_LIBRARIES += src/registry/libregistry.a
src_registry_libregistry_a_SOURCES = \
	src/registry/apply.c \
	src/registry/claims.c src/registry/claims.h \
	src/registry/command.c \
	src/registry/decide.c src/registry/decide_update.c \
	src/registry/discover.c src/registry/discover.h \
	src/registry/health.c \
	src/registry/lease.c \
	src/registry/private.h \
	src/registry/registry.c src/registry/registry.h

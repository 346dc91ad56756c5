noinst_LIBRARIES += src/config/libconfig.a
src_config_libconfig_a_SOURCES = \
	src/config/args.c src/config/args.h \
	src/config/config.c src/config/config.h \
	src/config/file.c src/config/file.h \
	src/config/option.c src/config/option.h \
	src/config/scan.c src/config/scan.h \
	src/config/settings.c src/config/settings.h \
	src/config/value.h src/config/value_address.c src/config/value_network.c \
	src/config/value_number.c \
	src/config/value_text.c

noinst_LIBRARIES += src/model/libmodel.a
src_model_libmodel_a_SOURCES = \
	src/model/attributes.c src/model/attributes.h \
	src/model/delta.c src/model/delta.h \
	src/model/dns_text.c src/model/dns_text.h \
	src/model/fault.c src/model/fault.h \
	src/model/ids.c src/model/ids.h \
	src/model/instances.c src/model/instances.h \
	src/model/model.c src/model/model.h \
	src/model/model_change.c src/model/model_names.c src/model/model_struct.c \
	src/model/pairs.c src/model/pairs.h \
	src/model/reserved.c src/model/reserved.h \
	src/model/rules.c src/model/rules.h \
	src/model/rules_instance.c src/model/rules_patterns.c src/model/rules_tags.c

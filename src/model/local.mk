noinst_LIBRARIES += src/model/libmodel.a
src_model_libmodel_a_SOURCES = \
	src/model/attributes.h src/model/delta.h src/model/fault.h src/model/ids.h \
	src/model/model.h src/model/rules.h

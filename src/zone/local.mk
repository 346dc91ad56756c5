noinst_LIBRARIES += src/zone/libzone.a
src_zone_libzone_a_SOURCES =

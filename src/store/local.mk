noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	src/store/sqlite_db.c src/store/sqlite_db.h \
	src/store/sqlite_read.c \
	src/store/sqlite_rows.c src/store/sqlite_rows.h \
	src/store/sqlite_schema.c \
	src/store/sqlite_write.c \
	src/store/store.h \
	src/store/store_mem.c src/store/store_mem.h \
	src/store/store_sqlite.c src/store/store_sqlite.h

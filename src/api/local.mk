noinst_LIBRARIES += src/api/libapi.a
src_api_libapi_a_SOURCES = \
	src/api/access_keys.c src/api/access_keys.h \
	src/api/api.c src/api/api.h \
	src/api/auth.c src/api/auth.h \
	src/api/document.c src/api/document.h \
	src/api/http.c src/api/http.h \
	src/api/http_accept.c \
	src/api/http_connection.h \
	src/api/http_head.c \
	src/api/http_refuse.c \
	src/api/http_request.c \
	src/api/ops_health.c \
	src/api/operations.c src/api/operations.h \
	src/api/ops.c src/api/ops.h \
	src/api/ops_cmap.c \
	src/api/ops_discover.c \
	src/api/ops_export.c \
	src/api/ops_instance.c \
	src/api/ops_namespace.c \
	src/api/ops_operation.c \
	src/api/ops_service.c \
	src/api/ops_service_attributes.c \
	src/api/ops_tags.c \
	src/api/page.c src/api/page.h \
	src/api/render.c src/api/render.h \
	src/api/shape.c src/api/shape.h \
	src/api/shape_report.c src/api/shape_report.h \
	src/api/shapes.h \
	src/api/shapes_cloudmap.c \
	src/api/shapes_cmap.c \
	src/api/sigv4.c src/api/sigv4.h \
	src/api/sigv4_canonical.c \
	src/api/writer.c src/api/writer.h

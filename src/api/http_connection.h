/* SPDX-License-Identifier: MIT */
/*
 * http_connection.h -- one connection, as the files of the HTTP front share it.
 *
 *	IDLE --first byte--> READING --whole--> WAITING --http_reply()--> SENDING --sent--> IDLE
 *
 * Each state has its own deadline, and there is one timer. IDLE and READING differ in what is known of the
 * socket: libmicrohttpd reads it, and tells nothing before the head is complete; so it is watched in our
 * own epoll set as well, edge by edge, and looked at before libmicrohttpd is.
 */
#ifndef API_HTTP_CONNECTION_H
#define API_HTTP_CONNECTION_H

#include <microhttpd.h>
#include <stdbool.h>

#include "api/http.h"

enum http_state { HTTP_IDLE, HTTP_READING, HTTP_WAITING, HTTP_SENDING };

struct http_connection {
	struct http *http;
	struct http_connection *next, *prev;
	struct MHD_Connection *mhd;
	struct loop_io io;
	struct timer timer;
	int64_t due_ms; /* when it fires */
	enum http_state state;
	bool is_local;   /* a Unix socket */
	bool suspended;  /* libmicrohttpd leaves it alone until resumed */
	bool in_request; /* request() has not returned */
	bool more;       /* bytes came behind the request at hand */
	bool leaving;    /* the client sends no more */
	bool gone;       /* nor does it read: no answer */
	/* The request at hand. */
	struct http_exchange exchange;
	char *target; /* of its first line, as it was sent */
	struct buf body;
	size_t swallowed;              /* octets of the body, kept or not */
	struct MHD_Response *response; /* made, not yet queued */
	unsigned int status;
	bool close; /* behind this answer */
};

struct http_listener {
	struct http *http;
	struct loop_io io;
	struct timer retry;
	bool starved; /* no descriptor was left for the last one */
	struct http_listener *next;
};

struct http {
	struct http_options options;
	struct loop *loop;
	struct MHD_Daemon *mhd;
	struct loop_io io; /* libmicrohttpd's epoll set */
	struct timer run;  /* libmicrohttpd has something to do now */
	struct http_listener *listeners;
	struct http_connection *connections;
	uint32_t n_connections;
	struct http_refused *refused; /* being told so */
	uint32_t n_refused;
	bool stopping;
};

/* http.c */
void http_kick(struct http *h);
void http_connection_set(struct http_connection *c, enum http_state state);
void http_connection_resume(struct http_connection *c);

/* http_accept.c */
void http_close_listeners(struct http *h);

/* http_request.c: what libmicrohttpd calls with a request. */
enum MHD_Result http_request_handle(void *arg, struct MHD_Connection *mhd,
	const char *url, const char *method, const char *version, const char *upload,
	size_t *upload_len, void **request);
/* ... and before that with its target. */
void *http_request_log(void *arg, const char *uri, struct MHD_Connection *mhd);
/* The body {"__type":type,"Message":message} and what goes with it. */
void http_make_error(int status, const char *type, const char *message,
	struct http_answer *out);
/* Makes c ready for its next request. */
void http_request_end(struct http_connection *c);

/* http_head.c: NULL, or why a request with that head is not taken. It is to be refused and the connection closed. */
struct http_refusal {
	int status;
	const char *type, *message;
};
const struct http_refusal *http_head_check(struct MHD_Connection *mhd,
	const char *version);

/*
 * http_refuse.c: answers written past libmicrohttpd. One that is just accepted is told 503 and closed when
 * the client has read it; one that is libmicrohttpd's is told, and shut down for libmicrohttpd to close.
 */
void http_refuse_new(struct http *h, int fd);
void http_refuse_connection(struct http_connection *c, int status, const char *type,
	const char *message);
/* Resumed, libmicrohttpd reads before it answers, and closes on the end it finds: it is answered for. */
void http_answer_leaving(struct http_connection *c, struct http_answer *answer);
void http_refuse_free_all(struct http *h);

#endif

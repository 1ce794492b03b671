/* runtime/daemon/watch/http.h - A small HTTP server for monitoring: GET on a loopback port, or by TLS with certificates
 * at both ends, one answer, and the connection closes.
 *
 * Owns the listener, its clients, and its TLS. Bounded in everything that a stranger could have too much of:
 * connections at once, bytes of a request, seconds from connection to last byte. libevent's own server does not bound
 * connections, hence this one, which reads only the head of a request, by the rules of head.h. On the loop's thread. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

enum { HTTP_CLIENTS_MAX = 32, HTTP_REQUEST_MAX = 8192, HTTP_SECONDS_MAX = 10 };

struct evbuffer;
struct event_base;
struct http;
struct log;
struct tls;

struct http_reply {
    unsigned status; /* 200 unless it says otherwise */
    const char *type;
    struct evbuffer *body;
};

struct http_options {
    struct event_base *base;
    const char *address; /* "127.0.0.1:9464" or "[::1]:0" */
    struct tls *tls; /* NULL: none, and the address is one of loopback; freed with the server, or if there is none */
    const struct log *log; /* is told of certificates; may be NULL without TLS */
    /* Fills in the reply for a path, without its query; false: there is nothing at that path. */
    bool (*answer)(void *self, const char *path, struct http_reply *);
    void *self;
};

struct http *http_new(const struct http_options *, struct error *); /* listens; NULL with the reason */
void http_free(struct http *);
const char *http_address(const struct http *); /* with the port that the kernel chose */

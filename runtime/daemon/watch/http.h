/* runtime/daemon/watch/http.h - A small HTTP server for monitoring: answers one GET on a loopback port, or by TLS
 * with certificates at both ends, and closes the connection.
 *
 * Owns the listener, its connections, and its TLS. Everything that a stranger could use too much of is limited:
 * connections at once, bytes of a request, seconds from connection to last byte. libevent's own server does not
 * limit connections, so this one was written; it reads only the head of a request, by the rules of head.h. On the
 * loop's thread. */
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
    unsigned status; /* the callback leaves 200 or sets another status */
    const char *type;
    struct evbuffer *body;
};

struct http_options {
    struct event_base *base;
    const char *address; /* "127.0.0.1:9464" or "[::1]:0" */
    /* NULL: no TLS, on a loopback address only; freed with the server, or if the server cannot be made */
    struct tls *tls;
    const struct log *log; /* link that gets the figures of certificates; may be NULL without TLS */
    /* Fills in the reply for a path, without its query; false: there is nothing at that path. */
    bool (*answer)(void *self, const char *path, struct http_reply *);
    void *self;
};

struct http *http_new(const struct http_options *, struct error *); /* starts to listen; NULL with the reason */
void http_free(struct http *);
const char *http_address(const struct http *); /* the address, with the port that the kernel chose */

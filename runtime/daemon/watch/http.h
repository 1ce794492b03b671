/* runtime/daemon/watch/http.h - A small HTTP server for monitoring: GET on a loopback port, one answer, and the
 * connection closes.
 *
 * Owns the listener and its clients. Bounded in everything that a stranger could have too much of: connections at
 * once, bytes of a request, seconds from connection to last byte. libevent's own server does not bound connections,
 * hence this one, which reads only the head of a request, by the rules of head.h. On the loop's thread. */
#ifndef DAEMON_HTTP_H
#define DAEMON_HTTP_H

#include <stdbool.h>

#include "vm/error.h"

enum { HTTP_CLIENTS_MAX = 32, HTTP_REQUEST_MAX = 8192, HTTP_SECONDS_MAX = 10 };

struct http;
struct evbuffer;
struct event_base;

struct http_reply {
    unsigned status; /* 200 unless it says otherwise */
    const char *type;
    struct evbuffer *body;
};

/* Listens at `address`, "127.0.0.1:9464" or "[::1]:0". NULL with the reason. `answer` fills in the reply for a path,
 * without its query; false: there is nothing at that path. */
struct http *http_new(struct event_base *, const char *address,
                      bool (*answer)(void *self, const char *path, struct http_reply *), void *self, struct error *);
void http_free(struct http *);
const char *http_address(const struct http *); /* with the port that the kernel chose */

#endif

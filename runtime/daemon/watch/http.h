/* runtime/daemon/watch/http.h - A door for programs that look after this one: GET on a loopback port, an answer, and it
 * closes.
 *
 * Bounded in all that a stranger could have too much of: connections at once, bytes of a request, time from connection
 * to last byte. libevent's own server bounds no connections, which is why there is this one: it knows nothing of HTTP
 * but the first line. */
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

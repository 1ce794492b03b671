/* runtime/sim/lines.h - JSON objects, one per line, over a TCP connection: the format of both wires of the T-Server.
 *
 * A connection owns its socket. Whoever made the connection frees it, at the latest in the `closed` callback. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct event_base;
struct lines;
struct tls;

enum { LINE_BYTES_MAX = 1024 * 1024 };

struct lines_user {
    void *self;
    void (*object)(void *self, struct lines *, json_t *object); /* borrowed */
    /* Reports a line that is not an object; the connection stays open. NULL: closes it. */
    void (*nonsense)(void *self, struct lines *, const char *why);
    /* lines_connect() or the TLS handshake has succeeded; may be NULL */
    void (*connected)(void *self, struct lines *);
    /* the connection has ended and has to be freed; no more callbacks come */
    void (*closed)(void *self, struct lines *, const char *why);
};

/* Takes over an accepted socket; `tls` is borrowed; NULL: unencrypted. `connected` is called after the handshake. */
struct lines *lines_take(struct event_base *, int socket, struct tls *, const struct lines_user *);
struct lines *lines_connect(struct event_base *, const char *host, uint16_t port, struct tls *,
                            const struct lines_user *);
void sim_lines_free(struct lines *);
/* Takes the reference. */
void lines_send(struct lines *, json_t *object);

/* Returns a listening socket at "host:port" (port 0: chosen by the kernel, and written to *port), or -1 with the
 * reason. */
int lines_listen(const char *address, uint16_t *port, struct error *);
/* "host:port" in its parts. */
bool lines_address(const char *address, char *host, size_t size, uint16_t *port, struct error *);

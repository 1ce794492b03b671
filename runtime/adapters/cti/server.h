/* runtime/adapters/cti/server.h - The clients' door: a TCP listener on libevent, and their connections.
 *
 * It owns the listener and the connections; the clients themselves are the call model's. */
#ifndef CTI_SERVER_H
#define CTI_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapters/cti/cti.h"

struct server;

/* Listens at `address`, "host:port"; port 0: the kernel's choice. The port is logged, and written to `port_file` where
 * that is not NULL. NULL with the reason in `why`. */
struct server *server_new(struct cti *, const char *address, const char *port_file, char *why, size_t why_size);
/* Before cti_free(): the clients' connections are closed. */
void server_free(struct server *);

#endif

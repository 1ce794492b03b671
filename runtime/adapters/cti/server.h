/* runtime/adapters/cti/server.h - The server for clients: a TCP listener on libevent, TLS, and the connections.
 *
 * The server owns the listener, the connections, the certificates that it has read, and the thread that checks
 * passwords; the call model owns the clients and the users. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapters/cti/cti.h"

struct server;

struct server_settings {
    const char *address;     /* "host:port"; port 0: the kernel chooses one */
    const char *port_file;   /* file to which the port is written; NULL: none */
    const char *users;       /* file of users; NULL: everybody may do everything */
    const char *token_key;   /* file with the key of tokens; NULL: the process makes one of its own */
    struct tls_settings tls; /* without a certificate the connections are not encrypted */
    bool insecure;           /* allow plain text or no users even if other machines can connect */
};

/* Do the files that the settings name exist, and are they good? No port is opened. False with the reason, which
 * begins with the setting's name. */
bool cti_server_check(const struct server_settings *, char *why, size_t why_size);
/* Reports to `gcxvm --check` about the clients' connections. */
void cti_server_look(const struct gcx_look *, const struct server_settings *);
/* Listens. The port is logged. Settings are borrowed. Returns NULL with the reason in `why` if the server cannot
 * start. */
struct server *server_new(struct cti *, const struct server_settings *, char *why, size_t why_size);
/* Closes the clients' connections and frees the server; called before cti_free(). */
void server_free(struct server *);

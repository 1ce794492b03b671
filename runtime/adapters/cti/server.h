/* runtime/adapters/cti/server.h - The clients' door: a TCP listener on libevent, TLS, who comes in, their connections.
 *
 * It owns the listener, the connections, what it read of certificates, and the thread that looks at passwords; the
 * clients themselves, and the users, are the call model's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapters/cti/cti.h"

struct server;

struct server_settings {
    const char *address;     /* "host:port"; port 0: the kernel's choice */
    const char *port_file;   /* where the port is written, or NULL */
    const char *users;       /* file of users; NULL: everybody may do everything */
    const char *token_key;   /* file of the key of tokens; NULL: this process's own */
    struct tls_settings tls; /* without a certificate: in plain text */
    bool insecure;           /* plain text, or no users, also where other machines can connect */
};

/* Are the files that the settings name there, and good? No port is opened. False with the reason, the setting's name
 * first. */
bool cti_server_check(const struct server_settings *, char *why, size_t why_size);
/* Tells `gcxvm --check` about the clients' wire. */
void cti_server_look(const struct gcx_look *, const struct server_settings *);
/* Listens. The port is logged. Settings are borrowed. NULL with the reason in `why`. */
struct server *server_new(struct cti *, const struct server_settings *, char *why, size_t why_size);
/* Before cti_free(): the clients' connections are closed. */
void server_free(struct server *);

/* runtime/daemon/links/remote.h - Listens for adapters of other machines: TCP, and TLS with certificates at both
 * ends.
 *
 * Owns the listener and the handshakes, which are limited in number and time. A connection is passed on once its
 * handshake has shown whose it is. Everything runs on the loop's thread. */
#pragma once

#include <stdbool.h>

#include "runtime/adapter/tls.h"
#include "runtime/daemon/base/log.h"
#include "runtime/daemon/site/conf.h"
#include "base/error.h"

struct remote;

struct remote_options {
    struct event_base *base;
    const struct conf *conf; /* the configuration, with remote_listen set; borrowed */
    const struct log *log;
    /* The callee owns the stream from now on; the names are the peer's, verified. */
    void (*enter)(void *self, struct bufferevent *stream, const struct tls_names *);
    void *self;
};

/* Makes the server side of TLS from the settings of the remote listener, which `http` uses, too: the peer must show
 * a certificate. NULL with the reason, which begins with the setting's name. */
struct tls *remote_tls(const struct conf *, char *why, size_t why_size);

/* Are the settings good? Checks the settings without opening anything; complaints begin with the file's name. */
bool remote_check(const struct conf *, conf_complaint *, void *self);

struct remote *remote_new(const struct remote_options *, struct error *); /* listens */
void remote_free(struct remote *);

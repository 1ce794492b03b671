/* runtime/adapter/tls.h - TLS of one end: its certificate, the authorities it trusts, and connections on libevent.
 *
 * TLS 1.2 at least, 1.3 if the peer can; no renegotiation, no compression, no resumption: each connection checks the
 * peer anew. The settings are PEM files, which are read again when they change; a connection keeps the certificates
 * with which it began. `struct tls` owns what it has read, and copies of the paths. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct event_base;
struct gcx_link;
struct gcx_services;
struct tls;

struct tls_settings {
    const char *certificate, *key; /* our certificate with its chain, without the root, and its key; both NULL: we
                                    * have none (allowed for a client) */
    /* the authorities that we trust; NULL: the peer need not show a certificate (allowed for a server) */
    const char *ca;
    const char *peer; /* for a client: the name or address that the server's certificate must have; NULL: the host */
    bool required;    /* for a server: a client that shows no certificate is refused */
    /* The names of the settings that gave the paths of the PEM files, for error texts. */
    const char *certificate_setting, *key_setting, *ca_setting;
};

/* Make the TLS side of a server, or of a client. NULL with the reason in `why`, which begins with the name of the
 * setting that is wrong. */
struct tls *tls_server(const struct tls_settings *, char *why, size_t why_size);
struct tls *tls_client(const struct tls_settings *, char *why, size_t why_size);
void tls_free(struct tls *);

enum tls_refresh { TLS_SAME, TLS_RENEWED, TLS_KEPT };
/* Reads the files again if any of them has changed. TLS_KEPT: the new files are wrong, and the old settings stay in
 * use. */
enum tls_refresh tls_refresh(struct tls *, char *why, size_t why_size);

/* When our certificate ends, and when the last certificate that a server has shown us ends, in seconds since 1970;
 * 0: there is none. */
int64_t tls_own_ends_s(const struct tls *);
int64_t tls_peer_ends_s(const struct tls *);
/* When the first certificate of a PEM file ends, in seconds since 1970; 0: there is none. */
int64_t tls_file_ends_s(const char *path);
/* When the first certificate of a PEM file becomes valid, in seconds since 1970; 0: there is none. */
int64_t tls_file_begins_s(const char *path);
/* Does the first certificate of a PEM file have that name, or a name with a star that fits? */
bool tls_file_names(const char *path, const char *name);
/* Reports when both certificates expire, as the figures `own` and `peer`, from which /metrics has the days that are
 * left. */
void tls_tell(const struct tls *, struct gcx_link *, const struct gcx_services *);
/* To be called each second: reads the files again if they have changed, logs why they cannot be used, and reports
 * both figures. Nothing for NULL. */
void tls_tick(struct tls *, struct gcx_link *, const struct gcx_services *);

/* Makes the connection of an accepted socket, which the connection owns from then on; BEV_EVENT_CONNECTED comes when
 * the handshake is over. */
struct bufferevent *tls_accept(struct tls *, struct event_base *, int socket);
/* Makes a connection that the caller connects by bufferevent_socket_connect(). Callbacks are deferred. The server's
 * certificate must have the name of the settings' peer; if they name none, the name of the host. */
struct bufferevent *tls_connect(struct tls *, struct event_base *, const char *host) __attribute__((nonnull));
/* Tells the peer (close_notify) that nothing more will be written. The connection stays open, so that the peer's
 * last bytes can be read. */
void tls_end(struct bufferevent *);
/* Writes why the connection failed: OpenSSL's reason, else errno's. */
void tls_why(struct bufferevent *, char *why, size_t why_size);

enum { TLS_NAMES_MAX = 8, TLS_NAME_SIZE = 256 };

/* Collects the peer's names from a certificate that was verified: the subject's CN, then DNS and e-mail names. */
struct tls_names {
    char name[TLS_NAMES_MAX][TLS_NAME_SIZE];
    unsigned count; /* 0: the peer showed no certificate */
};

void tls_peer_names(struct bufferevent *, struct tls_names *);
bool tls_names_have(const struct tls_names *, const char *name);

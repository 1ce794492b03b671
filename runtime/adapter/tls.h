/* runtime/adapter/tls.h - One end's TLS: its certificate, whom it trusts, and connections on libevent.
 *
 * TLS 1.2 at least, 1.3 where the peer can; no renegotiation, no compression, no resumption: who a peer is is looked at
 * anew at each connection. Made of PEM files, which are read again when they change; connections keep what they began
 * with. It owns what it read, and copies of the paths. */
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
    const char *certificate, *key; /* what we show: chain, then root left out; NULL both: nothing (a client may) */
    const char *ca;                /* whose certificates we trust; NULL: the peer's is not asked for (a server may) */
    const char *peer; /* of a client: the name or address that the server's certificate must have; NULL: the host */
    bool required;    /* of a server: who shows no certificate is not let in */
    /* Their names where they were set, for complaints. */
    const char *certificate_setting, *key_setting, *ca_setting;
};

/* NULL with the reason in `why`, which begins with the name of the setting that is wrong. */
struct tls *tls_server(const struct tls_settings *, char *why, size_t why_size);
struct tls *tls_client(const struct tls_settings *, char *why, size_t why_size);
void tls_free(struct tls *);

enum tls_refresh { TLS_SAME, TLS_RENEWED, TLS_KEPT };
/* Reads the files again if one has changed. TLS_KEPT: they are wrong now, and those from before go on. */
enum tls_refresh tls_refresh(struct tls *, char *why, size_t why_size);

/* When our certificate ends, and the one that a server has shown us last, in seconds since 1970; 0: there is none. */
int64_t tls_own_ends_s(const struct tls *);
int64_t tls_peer_ends_s(const struct tls *);
/* The same of the first certificate of a PEM file; 0: there is none. */
int64_t tls_file_ends_s(const char *path);
/* From when on that certificate is good, in seconds since 1970; 0: there is none. */
int64_t tls_file_begins_s(const char *path);
/* Is the first certificate of a PEM file one of that name, also by *.? */
bool tls_file_names(const char *path, const char *name);
/* Tells both as figures, so that /metrics has the days that are left: `own` and `peer`. */
void tls_tell(const struct tls *, struct gcx_link *, const struct gcx_services *);
/* Each second: reads the files again where they have changed, logs why they cannot be used, and tells both figures.
 * Nothing for NULL. */
void tls_tick(struct tls *, struct gcx_link *, const struct gcx_services *);

/* The connection of an accepted socket, which it owns; BEV_EVENT_CONNECTED comes when the handshake is over. */
struct bufferevent *tls_accept(struct tls *, struct event_base *, int socket);
/* To be connected by bufferevent_socket_connect(). Callbacks are deferred. The server's certificate must have the name
 * of the settings' peer; where they name none, that of the host. */
struct bufferevent *tls_connect(struct tls *, struct event_base *, const char *host) __attribute__((nonnull));
/* Tells the peer that nothing follows what was written. The connection stays, to be read to its end. */
void tls_end(struct bufferevent *);
/* Why it failed: OpenSSL's reason, else errno's. */
void tls_why(struct bufferevent *, char *why, size_t why_size);

enum { TLS_NAMES_MAX = 8, TLS_NAME_SIZE = 256 };

/* The peer's names, from a certificate that was verified: the subject's CN, then DNS and e-mail names. */
struct tls_names {
    char name[TLS_NAMES_MAX][TLS_NAME_SIZE];
    unsigned count; /* 0: it showed none */
};

void tls_peer_names(struct bufferevent *, struct tls_names *);
bool tls_names_have(const struct tls_names *, const char *name);

/* runtime/adapters/im/component.h - The stream of an external component to its XMPP server (XEP-0114): it connects,
 * proves that it knows the secret, asks at times whether the server is there, and connects again after a loss, each
 * time after a longer pause up to COMPONENT_PAUSE_MAX seconds. Nothing is kept for a server that is away:
 * component_send() fails then. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct component;
struct gcx_link;
struct gcx_services;
struct secret;
struct xml_node;

enum { COMPONENT_PAUSE_MAX = 30 };

struct component_setting {       /* texts are borrowed */
    const char *server, *domain; /* host:port; the component's own domain */
    const struct secret *secret;
    uint64_t ping; /* seconds of silence after which the server is asked whether it is there */
};

struct component_calls {
    void *self;
    void (*up)(void *self);
    void (*came)(void *self, const struct xml_node *);
    void (*down)(void *self); /* the server is gone; only called after up() */
};

struct component *component_new(struct gcx_link *, const struct gcx_services *, const struct component_setting *,
                                const struct component_calls *);
void component_free(struct component *);
void component_tick(struct component *); /* each second */
bool component_is_up(const struct component *);
/* Sends a stanza to the server. False: the server is away, or does not read what was sent. */
bool component_send(struct component *, const char *stanza);

/* Returns the proof that the server wants: 40 hexadecimal digits; the caller frees it by g_free(). */
char *component_handshake(const char *stream_id, const char *secret);

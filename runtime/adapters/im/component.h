/* runtime/adapters/im/component.h - The stream of an external component to its XMPP server (XEP-0114): it connects,
 * shows that it knows the secret, asks now and then whether the server is there, and connects again, each time after a
 * longer pause up to COMPONENT_PAUSE_MAX seconds. Nothing is kept for a server that is away: whoever sends hears that.
 */
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
    uint64_t ping; /* seconds of silence until the server is asked whether it is there */
};

struct component_calls {
    void *self;
    void (*up)(void *self);
    void (*came)(void *self, const struct xml_node *);
    void (*down)(void *self); /* the server has gone, after up() was called */
};

struct component *component_new(struct gcx_link *, const struct gcx_services *, const struct component_setting *,
                                const struct component_calls *);
void component_free(struct component *);
void component_tick(struct component *); /* each second */
bool component_is_up(const struct component *);
/* Sends a stanza to the server. False: the server is away, or does not read. */
bool component_send(struct component *, const char *stanza);

/* The proof that the server wants: 40 hexadecimal digits; the caller calls g_free(). */
char *component_handshake(const char *stream_id, const char *secret);

/* runtime/adapters/im/presence.h - The presence of all clients of one person, as an agent's state.
 *
 * The client with the highest priority counts, and of several the one that sent its presence last; a client of
 * negative priority gets no messages, and does not count. The table presence.def gives the state for each word. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "runtime/vocabulary/vocabulary.h"

enum { PRESENCE_RESOURCES = 50 /* of one person: further clients do not count */ };

struct xml_node;

struct presence {
    GPtrArray *clients; /* one element for each client, the one that sent its presence last at the end */
};

struct presence_state {
    enum agent_state state;
    const char *reason; /* "": none; a constant */
};

void presence_init(struct presence *);
void presence_free(struct presence *);
void presence_clear(struct presence *); /* forgets all clients */
/* Takes a client's stanza <presence>. False: the stanza does not say whether the person is there. */
bool presence_take(struct presence *, const char *resource, const struct xml_node *);
struct presence_state presence_state(const struct presence *);

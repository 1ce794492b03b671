/* runtime/adapters/im/presence.h - The presence of one person, whose clients each have one, as an agent's state.
 *
 * The client with the highest priority counts, of several the one that spoke last; one of negative priority is not
 * asked for messages, so that it counts for nothing. The table presence.def says what the words mean. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "runtime/vocabulary/vocabulary.h"

enum { PRESENCE_RESOURCES = 50 /* of one person: a client that comes beyond counts for nothing */ };

struct xml_node;

struct presence {
    GPtrArray *clients; /* one element per client, the one that spoke last at the end */
};

struct presence_state {
    enum agent_state state;
    const char *reason; /* "": none; a constant */
};

void presence_init(struct presence *);
void presence_free(struct presence *);
void presence_clear(struct presence *); /* forgets all clients */
/* Takes a stanza <presence> of a client. False: it says nothing about whether the person is there. */
bool presence_take(struct presence *, const char *resource, const struct xml_node *);
struct presence_state presence_state(const struct presence *);

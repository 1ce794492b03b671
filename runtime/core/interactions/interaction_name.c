/* runtime/core/interactions/interaction_name.c - How people name interactions: by id or ConnID; and the words for
 * states and owners. */
#include "runtime/core/interactions/interaction.h"
#include "runtime/vocabulary/ident.h"

#include <assert.h>

const char *interaction_owner_word(unsigned kind)
{
    static const char *const words[] = {"none", "device", "queue", "strategy", "agent", "workbin"};
    assert(kind < sizeof words / sizeof words[0]);
    return words[kind];
}

const char *interaction_state_word(unsigned state)
{
    static const char *const words[] = {"ended", "observed", "queued", "routing", "handling", "closing"};
    assert(state < sizeof words / sizeof words[0]);
    return words[state];
}

struct interaction *interaction_named(const struct interactions *interactions, struct span name)
{
    uint64_t id, conn;
    if (ident_read_ixn_span(name, &id)) return interaction_by_id(interactions, id);
    return ident_read_hex(name, &conn) ? interaction_by_conn(interactions, conn) : NULL;
}

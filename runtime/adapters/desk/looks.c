/* runtime/adapters/desk/looks.c - Who reads and who writes: agents who have one interaction see that of each other.
 *
 * Nothing of this is kept: a page says anew what it shows when it is back, and a page that is away reads nothing. */
#include "runtime/adapters/desk/desk.h"

static struct item *looks_item(const struct desk_agent *agent, uint64_t ixn)
{
    struct item *item = g_hash_table_lookup(agent->items, &ixn);
    return item && item->open ? item : NULL;
}

static json_t *looks_of_others(struct desk *desk, uint64_t ixn, const struct desk_agent *but)
{
    GHashTableIter at;
    gpointer one;
    json_t *all = json_array();
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &one)) {
        const struct desk_agent *agent = one;
        const struct item *item = looks_item(agent, ixn);
        if (agent != but && item && item->looks != LOOKS_NOT)
            json_array_append_new(all,
                                  json_pack("{s:s, s:b}", "agent", agent->name, "writes", item->looks == LOOKS_WRITES));
    }
    return all;
}

void looks_tell(struct desk *desk, uint64_t ixn)
{
    GHashTableIter at;
    gpointer agent;
    char text[IXN_TEXT];
    ident_print_ixn(ixn, text);
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &agent))
        if (looks_item(agent, ixn))
            agent_tell(agent, json_pack("{s:s, s:s, s:o}", "type", "looks", "ixn", text, "agents",
                                        looks_of_others(desk, ixn, agent)));
}

void looks_set(struct item *item, enum looks looks)
{
    if (item->looks == looks) return;
    item->looks = looks;
    looks_tell(item->agent->desk, item->ixn);
}

void looks_away(struct desk_agent *agent)
{
    GHashTableIter at;
    gpointer item;
    g_hash_table_iter_init(&at, agent->items);
    while (g_hash_table_iter_next(&at, NULL, &item)) looks_set(item, LOOKS_NOT);
}

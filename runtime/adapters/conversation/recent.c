/* runtime/adapters/conversation/recent.c - The last conversation of each key, for a time: when its customer writes
 * again, the new one names it as its parent, and the agent whom the customer knows (`last_agent` of the user data).
 * Rows stand in the file of the open conversations, too. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/conversation/internal.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/web/saved.h"

#define ROW_ID "recent " /* no conversation's id begins so */

void recent_free(gpointer data)
{
    struct recent *recent = data;
    g_free(recent->agent);
    free(recent);
}

GHashTable *recent_table(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, recent_free);
}

const char *recent_key_of(const char *row_id)
{
    return row_id && g_str_has_prefix(row_id, ROW_ID) ? row_id + strlen(ROW_ID) : NULL;
}

static void recent_unsave(const struct conversations *all, const char *key)
{
    char *id = g_strconcat(ROW_ID, key, NULL);
    if (all->saved) (void)saved_over(all->saved, id); /* where it cannot be written, it is remembered until its time */
    g_free(id);
}

static void recent_save(const struct conversations *all, const char *key, const struct recent *recent)
{
    char *id = g_strconcat(ROW_ID, key, NULL);
    json_t *row =
        json_pack("{s:I, s:I, s:I, s:s}", "ixn", (json_int_t)recent->ixn, "interaction",
                  (json_int_t)recent->interaction, "until", (json_int_t)recent->until_us, "agent", recent->agent);
    if (row && all->saved && !saved_put(all->saved, id, row))
        all->services->log(all->link, GCX_LOG_WARNING, recent->ixn, 0,
                           "state: %s: the last %s of a customer is forgotten with this process", all->setting.state,
                           all->way->noun);
    if (row && !all->saved) json_decref(row);
    g_free(id);
}

static void recent_put(struct conversations *all, const char *key, uint64_t ixn, int64_t interaction, const char *agent)
{
    if (all->setting.remembers == 0) return;
    struct recent *recent = memory_zeroed(1, sizeof *recent);
    recent->ixn = ixn, recent->interaction = interaction;
    recent->agent = g_strdup(agent ? agent : "");
    recent->until_us = (int64_t)(all->services->wall_us(all->link) + all->setting.remembers * SECOND_US);
    g_hash_table_replace(all->recent, g_strdup(key), recent);
    recent_save(all, key, recent);
}

void recent_remember(struct conversation *conversation)
{
    if (!conversation->key || conversation->ixn == 0) return;
    recent_put(conversation->all, conversation->key, conversation->ixn, conversation->interaction,
               conversation->agent_last);
}

void conversation_expect(struct conversations *all, const char *key, uint64_t ixn, const char *agent)
{
    if (!conversation_by_key(all, key)) recent_put(all, key, ixn, 0, agent);
}

struct recent *recent_take(struct conversations *all, const char *key)
{
    gpointer own = NULL, found = NULL;
    if (!g_hash_table_steal_extended(all->recent, key, &own, &found)) return NULL;
    struct recent *recent = found;
    g_free(own);
    recent_unsave(all, key);
    if (recent->until_us > (int64_t)all->services->wall_us(all->link)) return recent;
    recent_free(recent);
    return NULL;
}

void recent_restore(struct conversations *all, const char *key, const json_t *row)
{
    struct recent *recent = memory_zeroed(1, sizeof *recent);
    const char *agent = json_string_value(json_object_get(row, "agent"));
    recent->ixn = (uint64_t)json_integer_value(json_object_get(row, "ixn"));
    recent->interaction = json_integer_value(json_object_get(row, "interaction"));
    recent->until_us = json_integer_value(json_object_get(row, "until"));
    recent->agent = g_strdup(agent ? agent : "");
    g_hash_table_replace(all->recent, g_strdup(key), recent);
}

void recent_purge(struct conversations *all)
{
    int64_t now_us = (int64_t)all->services->wall_us(all->link);
    GHashTableIter at;
    gpointer key, value;
    g_hash_table_iter_init(&at, all->recent);
    while (g_hash_table_iter_next(&at, &key, &value)) {
        if (((const struct recent *)value)->until_us > now_us) continue;
        recent_unsave(all, key);
        g_hash_table_iter_remove(&at);
    }
}

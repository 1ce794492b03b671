/* runtime/adapters/conversation/recent.c - The last conversation of each key, remembered for a time: if its customer
 * writes again, the new conversation names it as its parent, and names the agent whom the customer knows (`last_agent`
 * of the user data). The rows of these conversations are in the contact store next to those of the open ones, and are
 * deleted with the interaction when its customer is erased.
 *
 *     key "whatsapp:+4930..."  ->  row "recent 5f0c..."  {"ixn", "interaction", "until", "agent"}
 *
 * The key may hold a customer's number, so the row is named by a digest of it. A row is used once: recent_take()
 * removes it, and the new conversation has the same data in its own row from then on. A key's ended conversation is
 * known after a restart too, as the rows are read at the start. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/conversation/internal.h"
#include "base/memory.h"

#define ROW_ID "recent " /* no conversation's id begins with this word */

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

/* The name of the row, g_malloc'ed. */
static char *recent_id(const char *key)
{
    unsigned char digest[16];
    char hex[2 * sizeof digest + 1];
    crypto_generichash(digest, sizeof digest, (const unsigned char *)key, strlen(key), NULL, 0);
    return g_strconcat(ROW_ID, sodium_bin2hex(hex, sizeof hex, digest, sizeof digest), NULL);
}

bool recent_is(const char *row_id)
{
    return row_id && g_str_has_prefix(row_id, ROW_ID);
}

json_t *recent_row(const struct recent *recent)
{
    return json_pack("{s:I, s:I, s:I, s:s}", "ixn", (json_int_t)recent->ixn, "interaction",
                     (json_int_t)recent->interaction, "until", (json_int_t)recent->until_us, "agent", recent->agent);
}

static void recent_save(struct conversations *all, const char *id, const struct recent *recent)
{
    json_t *row = recent_row(recent);
    struct conversation_job *job = conversation_job_new(all, KEEP_SAVE);
    json_object_set_new(row, "id", json_string(id));
    char *written = json_dumps(row, JSON_COMPACT);
    job->keep.external_id = g_strdup(id);
    job->keep.interaction = recent->interaction;
    job->keep.saved = g_strdup(written);
    job->keep.makes = true;
    free(written);
    json_decref(row);
    conversation_job_hand_on(job);
}

void recent_put(struct conversations *all, const char *key, uint64_t ixn, int64_t interaction, const char *agent)
{
    if (all->setting.remembers == 0) return;
    struct recent *recent = memory_zeroed(1, sizeof *recent);
    recent->ixn = ixn, recent->interaction = interaction;
    recent->agent = g_strdup(agent ? agent : "");
    recent->until_us = (int64_t)(all->services->wall_us(all->link) + all->setting.remembers * SECOND_US);
    char *id = recent_id(key);
    recent_save(all, id, recent);
    g_hash_table_replace(all->recent, id, recent);
}

void recent_remember(struct conversation *conversation)
{
    if (!conversation->key || conversation->ixn == 0) return;
    recent_put(conversation->all, conversation->key, conversation->ixn, conversation->interaction,
               conversation->agent_last);
}

/* Removes the remembered conversation of the key and returns it; the caller frees it with recent_free(). NULL: none
 * is remembered, or its time is over. */
struct recent *recent_take(struct conversations *all, const char *key)
{
    gpointer own = NULL, found = NULL;
    char *id = recent_id(key);
    bool there = g_hash_table_steal_extended(all->recent, id, &own, &found);
    struct recent *recent = found;
    if (there) conversation_row_forget(all, id);
    g_free(own);
    g_free(id);
    if (!there) return NULL;
    if (recent->until_us > (int64_t)all->services->wall_us(all->link)) return recent;
    recent_free(recent);
    return NULL;
}

void recent_belong(struct conversation *conversation, const struct caller *caller)
{
    if (caller->parent == 0 && caller->parent_stored == 0) return;
    struct recent *before = conversation->before;
    if (!before) {
        before = conversation->before = memory_zeroed(1, sizeof *before);
        before->agent = g_strdup("");
    }
    before->ixn = caller->parent, before->interaction = caller->parent_stored;
}

struct recent *recent_of(const json_t *row)
{
    const char *agent = json_string_value(json_object_get(row, "agent"));
    if (!row) return NULL;
    struct recent *recent = memory_zeroed(1, sizeof *recent);
    recent->ixn = (uint64_t)json_integer_value(json_object_get(row, "ixn"));
    recent->interaction = json_integer_value(json_object_get(row, "interaction"));
    recent->until_us = json_integer_value(json_object_get(row, "until"));
    recent->agent = g_strdup(agent ? agent : "");
    return recent;
}

void recent_restore(struct conversations *all, const char *id, const json_t *row)
{
    g_hash_table_replace(all->recent, g_strdup(id), recent_of(row));
}

/* Drops remembered conversations whose time is over; called from time to time, for customers who never write again. */
void recent_purge(struct conversations *all)
{
    int64_t now_us = (int64_t)all->services->wall_us(all->link);
    GHashTableIter at;
    gpointer id, value;
    g_hash_table_iter_init(&at, all->recent);
    while (g_hash_table_iter_next(&at, &id, &value)) {
        if (((const struct recent *)value)->until_us > now_us) continue;
        conversation_row_forget(all, id);
        g_hash_table_iter_remove(&at);
    }
}

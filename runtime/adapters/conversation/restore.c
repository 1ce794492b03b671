/* runtime/adapters/conversation/restore.c - The conversations of the process before, as its file has them.
 *
 * A contact store that was put back from a backup gives its numbers again. So no row is used before the store has told
 * whose each number is: it is asked once, for all rows. */
#include <stdlib.h>

#include "runtime/adapters/conversation/internal.h"
#include "base/memory.h"
#include "base/why.h"
#include "runtime/web/saved.h"

/* ---- a row ---- */

static char *saved_text(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return g_strdup(text ? text : "");
}

static int64_t saved_number(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

static void take_saved(struct conversation *conversation, const json_t *row)
{
    const struct way *way = conversation->all->way;
    const char *key = json_string_value(json_object_get(row, "key"));
    g_strlcpy(conversation->external_id, json_string_value(json_object_get(row, "id")),
              sizeof conversation->external_id);
    conversation->name = saved_text(row, "name"), conversation->address = saved_text(row, way->address_key);
    conversation->subject = saved_text(row, "subject"), conversation->queue = saved_text(row, "queue");
    conversation->to = saved_text(row, "to"), conversation->key = g_strdup(key);
    conversation->conn = (uint64_t)saved_number(row, "conn"), conversation->ixn = (uint64_t)saved_number(row, "ixn");
    conversation->interaction = saved_number(row, "interaction");
    conversation->agent = json_is_true(json_object_get(row, "agent"));
    conversation->here = (unsigned)saved_number(row, "here");
    conversation->agent_name = saved_text(row, "agent_name");
    if (key) conversation->agent_last = saved_text(row, "agent_last");
    conversation->restored = json_is_true(json_object_get(row, "waits"));
    conversation->phase = conversation->restored ? CONVERSATION_WAITING : CONVERSATION_OPEN;
}

/* `told` is not known, so what the customer sends again is told to the core again, under its number. */
void conversation_restore(void *self, const json_t *row)
{
    struct conversations *all = self;
    const char *id = json_string_value(json_object_get(row, "id"));
    if (recent_is(id)) {
        recent_restore(all, id, row);
        return;
    }
    struct conversation *conversation = memory_zeroed(1, all->way->size);
    conversation->all = all;
    take_saved(conversation, row);
    conversation->req = ++all->requests;
    conversation->begun_us = conversation->heard_us = all->services->now_us(all->link);
    if (!conversation_is_alone(conversation) || (all->way->restore && !all->way->restore(conversation, row)))
        conversation_free(conversation);
    else
        conversation_enlist(conversation);
}

/* ---- whose they are ---- */

static void row_collect(void *self, const json_t *row)
{
    g_ptr_array_add(self, json_deep_copy(row));
}

static void row_forget(gpointer row)
{
    json_decref(row);
}

/* 0: the store is not asked about it. */
static int64_t row_interaction(const json_t *row)
{
    return recent_is(json_string_value(json_object_get(row, "id"))) ? 0 : saved_number(row, "interaction");
}

static void stored_name_take(void *self, const struct store_shown *shown)
{
    int64_t *interaction = memory_zeroed(1, sizeof *interaction);
    *interaction = shown->interaction;
    g_hash_table_replace(self, interaction,
                         g_strndup((const char *)shown->external_id.bytes, shown->external_id.length));
}

/* The external ids that the store has under the numbers of the rows, by number. NULL with the reason. */
static GHashTable *stored_names(const struct conversations *all, const GPtrArray *rows, struct error *error)
{
    GHashTable *names = g_hash_table_new_full(g_int64_hash, g_int64_equal, free, g_free);
    int64_t *asked = memory_zeroed(rows->len + 1, sizeof *asked);
    size_t count = 0;
    for (guint i = 0; i < rows->len; i++)
        if (row_interaction(rows->pdata[i]) != 0) asked[count++] = row_interaction(rows->pdata[i]);
    if (count > 0 && !store_interactions(office_store(all->office), asked, count, stored_name_take, names, error))
        g_clear_pointer(&names, g_hash_table_destroy);
    free(asked);
    return names;
}

/* False: its number is another conversation's in the store, or none's, so its customer's next message begins anew. */
static bool row_is_ours(const struct conversations *all, const json_t *row, GHashTable *names)
{
    int64_t interaction = row_interaction(row);
    if (interaction == 0) return true;
    const char *id = json_string_value(json_object_get(row, "id"));
    const char *name = g_hash_table_lookup(names, &interaction);
    if (name && store_same_name(span_of(name), span_of(id))) return true;
    all->services->log(all->link, GCX_LOG_WARNING, (uint64_t)saved_number(row, "ixn"),
                       (uint64_t)saved_number(row, "conn"),
                       "state: %s: a %s that the contact store does not have under its number: it was put back from "
                       "a backup; the next message begins another one",
                       all->setting.state, all->way->noun);
    return false;
}

/* The process ends if the store is away, as if it cannot be opened, and the next one asks again. */
bool conversations_restore(struct conversations *all, char *why, size_t why_size)
{
    char reason[200];
    struct error error;
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_forget);
    GHashTable *names = NULL;
    all->saved = saved_open(all->setting.state, row_collect, rows, reason, sizeof reason);
    if (!all->saved)
        why_set(why, why_size, "state: %s", reason);
    else if (!(names = stored_names(all, rows, &error)))
        why_set(why, why_size, "store: %s", error.text);
    for (guint i = 0; names && i < rows->len; i++)
        if (row_is_ours(all, rows->pdata[i], names)) conversation_restore(all, rows->pdata[i]);
    g_ptr_array_unref(rows);
    if (names) g_hash_table_destroy(names);
    return names != NULL;
}

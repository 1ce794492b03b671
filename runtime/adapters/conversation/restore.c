/* runtime/adapters/conversation/restore.c - The conversations of the process before, as their rows in the contact store
 * have them. An earlier version had the rows in a file, which is taken over once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/conversation/internal.h"
#include "runtime/post/talks.h"
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
    const struct conversation_way *way = conversation->all->way;
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
    conversation->before = recent_of(json_object_get(row, "before"));
    if (key) conversation->agent_last = saved_text(row, "agent_last");
    conversation->asks = json_is_true(json_object_get(row, "asks"));
    conversation->phase = json_is_true(json_object_get(row, "waits")) ? CONVERSATION_WAITING
                          : conversation->asks                        ? CONVERSATION_KEPT
                                                                      : CONVERSATION_OPEN;
}

/* `told` is not known, so what the customer sends again is told to the core again, under its number. */
static bool row_restore(struct conversations *all, const json_t *row)
{
    const char *id = json_string_value(json_object_get(row, "id"));
    if (!id) return false;
    if (recent_is(id)) {
        recent_restore(all, id, row);
        return true;
    }
    struct conversation *conversation = memory_zeroed(1, all->way->size);
    conversation->all = all;
    take_saved(conversation, row);
    conversation->begun_us = conversation->heard_us = all->services->now_us(all->link);
    bool good = conversation_is_alone(conversation) && (!all->way->restore || all->way->restore(conversation, row));
    if (good)
        conversation_enlist(conversation);
    else
        conversation_free(conversation);
    return good;
}

bool conversation_restore(struct conversations *all, const char *saved)
{
    json_t *row = json_loads(saved, 0, NULL);
    bool good = row && row_restore(all, row);
    json_decref(row);
    return good;
}

struct restoring {
    struct conversations *all;
    GPtrArray *useless; /* names of rows */
};

static void each_row(void *self, const char *name, const char *saved)
{
    struct restoring *restoring = self;
    if (!conversation_restore(restoring->all, saved)) g_ptr_array_add(restoring->useless, g_strdup(name));
}

/* Nobody else takes them up. The office ends their conversations as those that no process has. */
static bool useless_drop(struct conversations *all, const GPtrArray *names, struct error *error)
{
    const char *media = enum_name_media(all->way->media);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        all->services->log(all->link, GCX_LOG_ERROR, 0, 0, "%s %s: what the last process has left of it is of no use",
                           all->way->noun, name);
        if (!talk_drop(office_store(all->office), media, all->owner, name, error)) return false;
    }
    return true;
}

/* ---- the file of an earlier version ---- */

struct taking_over {
    struct conversations *all;
    struct store *store;
    bool good;
    struct error error;
};

/* A contact store that was put back from a backup gives its numbers again: is it the conversation's in this one? */
static bool row_is_ours(struct taking_over *taking, const char *id, const json_t *row, bool *ours)
{
    struct store_key key = {0};
    int64_t interaction = saved_number(row, "interaction");
    *ours = interaction == 0 || recent_is(id);
    if (*ours) return true;
    if (!store_by_external(taking->store, "", enum_name_media(taking->all->way->media), span_of(id), &key,
                           &taking->error))
        return false;
    *ours = key.interaction == interaction;
    return true;
}

static bool row_take_over(void *self, const json_t *row)
{
    struct taking_over *taking = self;
    struct conversations *all = taking->all;
    const char *id = json_string_value(json_object_get(row, "id"));
    bool ours;
    if (!taking->good) return true;
    taking->good = row_is_ours(taking, id, row, &ours);
    if (!taking->good || !ours) return true;
    char *text = json_dumps(row, JSON_COMPACT);
    const struct talk_row put = {.way = enum_name_media(all->way->media),
                                 .owner = all->owner,
                                 .name = id,
                                 .interaction = saved_number(row, "interaction"),
                                 .saved = text};
    taking->good = text && talk_put(taking->store, &put, (int64_t)all->services->wall_us(all->link), &taking->error);
    free(text);
    return true;
}

/* The file goes when the contact store has all of it. */
static bool file_take_over(struct conversations *all, char *why, size_t why_size)
{
    const char *path = all->setting.state;
    char reason[200];
    struct taking_over taking = {.all = all, .store = office_store(all->office), .good = true};
    if (!*path || access(path, F_OK) != 0) return true;
    struct saved *saved = saved_open(path, all->link, all->services, row_take_over, &taking, reason, sizeof reason);
    if (!saved) return why_set(why, why_size, "state: %s", reason);
    saved_close(saved);
    if (!taking.good) return why_set(why, why_size, "store: %s", taking.error.text);
    all->anew = true;
    return unlink(path) == 0 || why_set(why, why_size, "state: %s: %s", path, strerror(errno));
}

/* The process ends if the store is away, as if it cannot be opened, and the next one asks again. */
bool conversations_restore(struct conversations *all, char *why, size_t why_size)
{
    struct error error;
    if (!file_take_over(all, why, why_size)) return false;
    struct restoring restoring = {.all = all, .useless = g_ptr_array_new_with_free_func(g_free)};
    bool good = talk_each(office_store(all->office), enum_name_media(all->way->media), all->owner, each_row, &restoring,
                          &error) &&
                useless_drop(all, restoring.useless, &error);
    g_ptr_array_free(restoring.useless, TRUE);
    return good || why_set(why, why_size, "store: %s", error.text);
}

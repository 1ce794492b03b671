/* runtime/adapters/conversation/restore.c - Restores the conversations and the memos of the process before from
 * their rows in the contact store. An earlier version kept the rows in files; their content is taken over once. */
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
    conversation->proof = g_strdup(json_string_value(json_object_get(row, "proof")));
    conversation->proof_until = json_integer_value(json_object_get(row, "proof_until"));
    conversation->conn = (uint64_t)saved_number(row, "conn"), conversation->ixn = (uint64_t)saved_number(row, "ixn");
    conversation->interaction = saved_number(row, "interaction");
    conversation->agent = json_is_true(json_object_get(row, "agent"));
    conversation->here = (unsigned)saved_number(row, "here");
    conversation->agent_name = saved_text(row, "agent_name");
    conversation->said = saved_number(row, "said"), conversation->read = saved_number(row, "read");
    conversation->said_id = g_strdup(json_string_value(json_object_get(row, "said_id")));
    conversation->before = recent_of(json_object_get(row, "before"));
    if (key) conversation->agent_last = saved_text(row, "agent_last");
    conversation->asks = json_is_true(json_object_get(row, "asks"));
    conversation->phase = json_is_true(json_object_get(row, "waits")) ? CONVERSATION_WAITING
                          : conversation->asks                        ? CONVERSATION_KEPT
                                                                      : CONVERSATION_OPEN;
}

/* Restores a conversation from its row. `told` is unknown, so a message that the customer sends again goes to the
 * core again, under the same number. */
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

static void tells_useless(const struct conversations *all, const char *noun, const char *name)
{
    all->services->log(all->link, GCX_LOG_ERROR, 0, 0, "%s %s: what the last process has left of it is of no use", noun,
                       name);
}

/* Removes the useless rows, which nobody else would restore. The post office then ends their conversations as those
 * that no process has. */
static bool useless_drop(struct conversations *all, const GPtrArray *names, struct error *error)
{
    const char *media = enum_name_media(all->way->media);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        tells_useless(all, all->way->noun, name);
        if (!talk_drop(office_store(all->office), media, all->owner, name, error)) return false;
    }
    return true;
}

/* ---- the files of an earlier version ---- */

struct taking_over {
    struct conversations *all;
    struct store *store;
    const struct memo_owner *of; /* NULL: the rows are conversations */
    bool (*each)(void *self, json_t *row, struct memo_row *);
    bool good;
    struct error error;
};

/* Is the row's interaction number still that of this conversation? A contact store that was restored from a backup
 * gives its numbers out again. */
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

/* Takes over a memo from the file, unless the store has it already: the store's is newer, as a process has ended
 * before removing the file, or somebody has put an old file back. */
static bool memo_take_over(void *self, const json_t *given)
{
    struct taking_over *taking = self;
    struct memo_row named = {0};
    json_t *row = json_copy((json_t *)(uintptr_t)given);
    if (taking->good && taking->each(taking->all->self, row, &named)) {
        json_object_del(row, "id");
        char *saved = json_dumps(row, JSON_COMPACT);
        const struct memo memo = {named.name, named.person, saved};
        taking->good = memo_add(taking->store, taking->of, &memo,
                                (int64_t)taking->all->services->wall_us(taking->all->link), &taking->error);
        free(saved);
    }
    g_free(named.name), g_free(named.person);
    json_decref(row);
    return true;
}

/* Takes over a file: its rows become durable together, and then the file is removed. `*there`: the file existed. */
static bool file_take_over(struct taking_over *taking, const char *path, bool *there, char *why, size_t why_size)
{
    const struct conversations *all = taking->all;
    char reason[200];
    *there = access(path, F_OK) == 0;
    if (!*there) return true;
    taking->store = office_store(all->office);
    taking->good = store_group_begin(taking->store, &taking->error);
    if (!taking->good) return why_set(why, why_size, "store: %s", taking->error.text);
    struct saved *saved = saved_open(path, all->link, all->services, taking->of ? memo_take_over : row_take_over,
                                     taking, reason, sizeof reason);
    saved_close(saved);
    struct error error;
    bool good = store_group_end(taking->store, &error);
    if (!saved) return why_set(why, why_size, "state: %s", reason);
    if (!taking->good || !good)
        return why_set(why, why_size, "store: %s", (taking->good ? &error : &taking->error)->text);
    return unlink(path) == 0 || why_set(why, why_size, "state: %s: %s", path, strerror(errno));
}

bool conversations_memo_file(struct conversations *all, const struct memo_owner *of, const char *ending,
                             bool (*each)(void *self, json_t *row, struct memo_row *), char *why, size_t why_size)
{
    struct taking_over taking = {.all = all, .of = of, .each = each};
    bool there;
    if (!*all->setting.state) return true;
    char *path = g_strconcat(all->setting.state, ending, NULL);
    bool good = file_take_over(&taking, path, &there, why, why_size);
    g_free(path);
    return good;
}

/* ---- memos ---- */

static void each_memo(void *self, const struct memo *memo)
{
    struct restoring *restoring = self;
    struct conversations *all = restoring->all;
    json_t *saved = json_loads(memo->saved, 0, NULL);
    if (!saved || !all->way->memos->restore(all->self, memo, saved))
        g_ptr_array_add(restoring->useless, g_strdup(memo->name));
    json_decref(saved);
}

bool conversations_remember(struct conversations *all, char *why, size_t why_size)
{
    const struct conversation_memos *memos = all->way->memos;
    if (!memos) return true;
    const struct memo_owner of = {memos->kind, all->owner};
    struct restoring restoring = {.all = all, .useless = g_ptr_array_new_with_free_func(g_free)};
    struct error error;
    bool taken = memos->before(all, &of, why, why_size);
    bool good = taken && memo_each(office_store(all->office), &of, each_memo, &restoring, &error);
    for (guint i = 0; good && i < restoring.useless->len; i++) {
        tells_useless(all, memos->noun, restoring.useless->pdata[i]);
        good = memo_drop(office_store(all->office), &of, restoring.useless->pdata[i], &error);
    }
    g_ptr_array_free(restoring.useless, TRUE);
    all->memos =
        memos_new(all->office, &of, &(struct memo_calls){all->self, memos->kept, memos->erased, memos->refused});
    return good || (taken && why_set(why, why_size, "store: %s", error.text));
}

/* ---- conversations ---- */

/* Restores all rows. If the store is away the process ends, as if the store could not be opened, and the next
 * process tries again. */
bool conversations_restore(struct conversations *all, char *why, size_t why_size)
{
    struct error error;
    struct taking_over taking = {.all = all};
    bool there = false;
    if (*all->setting.state && !file_take_over(&taking, all->setting.state, &there, why, why_size)) return false;
    all->anew |= there;
    struct restoring restoring = {.all = all, .useless = g_ptr_array_new_with_free_func(g_free)};
    bool good = talk_each(office_store(all->office), enum_name_media(all->way->media), all->owner, each_row, &restoring,
                          &error) &&
                useless_drop(all, restoring.useless, &error);
    g_ptr_array_free(restoring.useless, TRUE);
    return good || why_set(why, why_size, "store: %s", error.text);
}

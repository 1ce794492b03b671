/* runtime/adapters/chat/unheld.c - Chats that have no end in the contact store, though neither a session of this
 * process nor the core has them: a chat cannot be submitted again without the browser of its customer, so it is ended.
 */
#include <string.h>

#include "runtime/adapters/chat/chat.h"
#include "runtime/adapters/unended/unended.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/rows.h"

#define ON_ITS_WAY INT64_C(60000000) /* so long another process may take to submit a chat, in microseconds */

static bool session_has(const struct chat *chat, const char *external_id)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, chat->conns);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (strcmp(((const struct session *)value)->external_id, external_id) == 0) return true;
    return false;
}

/* A chat that is on its way to the core is left alone for a minute; one of this process always. */
static bool unheld_ask(void *self, const struct unended_row *row, struct writer *writer, const char **result)
{
    const struct chat *chat = self;
    int64_t age_us = (int64_t)chat->services->wall_us(chat->link) - row->received;
    bool by_number = row->erased && row->told;
    if (session_has(chat, row->external_id) || (!row->told && age_us < ON_ITS_WAY)) return false;
    if (by_number && row->journal != 0 && row->journal != chat->services->journal(chat->link)) {
        *result = "lost"; /* its number is another one's now */
        return false;
    }
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, by_number ? row->ixn : row->external_id);
    writer_u(writer, Read_external, !by_number);
    return true;
}

static const char *unheld_became(void *self, struct span answer)
{
    struct kv_value found;
    (void)self;
    if (kv_get(answer, "state", &found)) return NULL;
    return kv_get(answer, "ended", &found) ? "ended" : "lost";
}

/* With its transcript, as where its own process ends it. */
static bool unheld_end(void *self, struct store *store, int64_t interaction, const char *result, int64_t wall_us,
                       struct error *error)
{
    struct keep_job job = {.what = KEEP_END, .interaction = interaction, .wall_us = wall_us, .result = result};
    (void)self;
    keep_do(store, &job);
    *error = job.error;
    keep_free(&job);
    return job.good;
}

struct unended *unheld_new(struct chat *chat, struct event_base *base, char *why, size_t why_size)
{
    return unended_new(chat->link, chat->services, base, chat->setting.store, "chat",
                       &(struct unended_calls){chat, unheld_ask, unheld_became, unheld_end}, why, why_size);
}

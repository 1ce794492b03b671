/* runtime/adapters/conversation/unheld.c - Conversations that have no end in the contact store, though neither this
 * process nor the core has them: one cannot be submitted again without its customer, so it is ended. */
#include <string.h>

#include "runtime/adapters/conversation/internal.h"
#include "runtime/post/unended.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/rows.h"

#define ON_ITS_WAY INT64_C(60000000) /* so long another process may take to submit one, in microseconds */

static bool process_has(const struct conversations *all, const char *external_id)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, all->conns);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (strcmp(((const struct conversation *)value)->external_id, external_id) == 0) return true;
    return false;
}

/* Media may have other interactions than conversations, and these have other names. An erased one has a digest for its
 * name. */
static bool is_of_conversation(const struct unended_row *row)
{
    size_t digits = strspn(row->external_id, "0123456789abcdef");
    return row->erased || (digits == CONVERSATION_ID_DIGITS && row->external_id[digits] == 0);
}

/* A conversation that is on its way to the core is left alone for a minute; one of this process always. */
static bool unheld_ask(void *self, const struct unended_row *row, struct writer *writer, const char **result)
{
    const struct conversations *all = self;
    int64_t age_us = (int64_t)all->services->wall_us(all->link) - row->received;
    bool by_number = row->erased && row->told;
    if (!is_of_conversation(row) || process_has(all, row->external_id) || (!row->told && age_us < ON_ITS_WAY))
        return false;
    if (by_number && row->journal != 0 && row->journal != all->services->journal(all->link)) {
        *result = "lost"; /* its number is another one's now */
        return false;
    }
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, by_number ? row->ixn : row->external_id);
    writer_u(writer, Read_external, !by_number);
    return true;
}

static const char *unheld_became(void *self, const struct unended_row *row, struct span answer)
{
    struct kv_value found;
    (void)self, (void)row;
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

struct unended *unheld_new(struct conversations *all, struct event_base *base, char *why, size_t why_size)
{
    return unended_alone(all->link, all->services, base, all->setting.store, enum_name_media(all->way->media),
                         &(struct unended_calls){all, unheld_ask, unheld_became, unheld_end}, why, why_size);
}

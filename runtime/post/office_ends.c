/* runtime/post/office_ends.c - Ends, in the contact store, of items that are interactions of their own: without one
 * they would never expire. The core tells of each, and is asked about those that ended while nobody was here.
 * Conversations note their own ends, and what we send has one when it is told. */
#include <string.h>

#include "runtime/post/office_state.h"
#include "runtime/post/unended.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

#define BROUGHT_AGAIN                                                                                                  \
    INT64_C(259200000000) /* so long the other side may keep one that was not taken, in microseconds */

/* The names that the book gives to what comes: NAME-NUMBER-TIME. */
static bool is_alone_in(const struct office *office, const char *external_id)
{
    size_t length = strlen(office->way->name);
    return strncmp(external_id, office->way->name, length) == 0 && external_id[length] == '-' &&
           external_id[length + 1] >= '0' && external_id[length + 1] <= '9';
}

void ends_of_item(struct office *office, const struct message *effect)
{
    struct post_coming *job = office_job(office, OFFICE_END);
    text_set_span(job->name, sizeof job->name, message_text(effect, EventEnded_external_id));
    text_set_span(job->state, sizeof job->state, message_text(effect, EventEnded_how));
    if (is_alone_in(office, job->name))
        office_job_give(job);
    else
        post_coming_free(job);
}

/* One that was not told to the core may be with the other side still, and come again. */
static bool ends_ask(void *self, const struct unended_row *row, struct writer *writer, const char **result)
{
    const struct office *office = self;
    int64_t age_us = office_wall(office) - row->received;
    if (!row->erased && !is_alone_in(office, row->external_id)) return false;
    if (!row->told && (row->erased || age_us < BROUGHT_AGAIN)) return false;
    if (row->erased && row->journal != 0 && row->journal != office->services->journal(office->link)) {
        *result = "lost"; /* its number is another one's now */
        return false;
    }
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, row->erased ? row->ixn : row->external_id);
    writer_u(writer, Read_external, !row->erased);
    return true;
}

/* A core whose state was lost gets the item once more, under its external id. */
static const char *ends_became(void *self, const struct unended_row *row, struct span answer)
{
    struct office *office = self;
    struct kv_value found;
    if (kv_get(answer, "state", &found)) return NULL;
    if (kv_get(answer, "ended", &found) || unended_may_have_ended(row, office->services->journal(office->link), answer))
        return "ended";
    if (row->erased || !row->told || row->journal == 0) return "lost";
    struct post_coming *job = office_job(office, OFFICE_AGAIN);
    job->item = memory_zeroed(1, sizeof *job->item);
    job->item->interaction = row->interaction;
    job->item->journal = office->services->journal(office->link);
    office_job_give(job);
    return NULL;
}

static bool ends_note(void *self, struct store *store, int64_t interaction, const char *result, int64_t wall_us,
                      struct error *error)
{
    return post_item_end(store, ((const struct office *)self)->way, interaction, result, wall_us, error);
}

bool ends_open(struct office *office, struct event_base *base, char *why, size_t why_size)
{
    office->unended = unended_new(office->link, office->services, base, office->rules->store, office->way->name,
                                  &(struct unended_calls){office, ends_ask, ends_became, ends_note}, why, why_size);
    return office->unended != NULL;
}

void ends_close(struct office *office)
{
    unended_free(office->unended);
}

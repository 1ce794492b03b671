/* runtime/adapters/sms/sms_ends.c - Ends, in the contact store, of messages that are interactions of their own: without
 * one they would never expire. The core tells of each, and is asked about those that ended while nobody was here.
 * Conversations note their own ends, and what we send has one when it is told (book_told). */
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/adapters/unended/unended.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

#define BROUGHT_AGAIN                                                                                                  \
    INT64_C(259200000000) /* so long the other side may keep one that was not taken, in microseconds */

/* The names that book.c gives to what comes. */
static bool is_alone_in(const char *external_id)
{
    return strncmp(external_id, "sms-", 4) == 0 && external_id[4] >= '0' && external_id[4] <= '9';
}

void sms_ends_told(struct sms *sms, const struct message *effect)
{
    struct sms_job *job = sms_job_new(sms, SMS_END);
    text_set_span(job->name, sizeof job->name, message_text(effect, EventEnded_external_id));
    text_set_span(job->state, sizeof job->state, message_text(effect, EventEnded_how));
    if (is_alone_in(job->name))
        worker_give(sms->worker, job);
    else
        sms_job_free(job);
}

void sms_ends_work(struct sms *sms, struct sms_job *job)
{
    struct store *store = book_store(sms->book);
    struct store_key key = {0};
    job->good = store_by_external(store, "", "sms", span_of(job->name), &key, &job->error) &&
                (key.interaction == 0 || store_over(store, key.interaction, job->state, job->now, &job->error));
}

/* One that was not told to the core may be with the other side still, and come again. */
static bool sms_ends_ask(void *self, const struct unended_row *row, struct writer *writer, const char **result)
{
    const struct sms *sms = self;
    int64_t age_us = sms_wall(sms) - row->received;
    if (!row->erased && !is_alone_in(row->external_id)) return false;
    if (!row->told && (row->erased || age_us < BROUGHT_AGAIN)) return false;
    if (row->erased && row->journal != 0 && row->journal != sms->services->journal(sms->link)) {
        *result = "lost"; /* its number is another one's now */
        return false;
    }
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, row->erased ? row->ixn : row->external_id);
    writer_u(writer, Read_external, !row->erased);
    return true;
}

/* A core whose state was lost gets the message once more, under its external id. */
static const char *sms_ends_became(void *self, const struct unended_row *row, struct span answer)
{
    struct sms *sms = self;
    struct kv_value found;
    if (kv_get(answer, "state", &found)) return NULL;
    if (kv_get(answer, "ended", &found) || unended_may_have_ended(row, sms->services->journal(sms->link), answer))
        return "ended";
    if (row->erased || !row->told || row->journal == 0) return "lost";
    struct sms_job *job = sms_job_new(sms, SMS_AGAIN);
    job->message = memory_zeroed(1, sizeof *job->message);
    job->message->interaction = row->interaction;
    job->message->journal = sms->services->journal(sms->link);
    worker_give(sms->worker, job);
    return NULL;
}

static bool sms_ends_note(void *self, struct store *store, int64_t interaction, const char *result, int64_t wall_us,
                          struct error *error)
{
    (void)self;
    return store_over(store, interaction, result, wall_us, error);
}

bool sms_ends_open(struct sms *sms, struct event_base *base, char *why, size_t why_size)
{
    sms->unended =
        unended_new(sms->link, sms->services, base, sms->setting.store, "sms",
                    &(struct unended_calls){sms, sms_ends_ask, sms_ends_became, sms_ends_note}, why, why_size);
    return sms->unended != NULL;
}

/* runtime/post/office_jobs.c - Jobs of the thread: made, given, given once more, freed.
 *
 * A job has all that the thread needs, and brings its result back; it belongs to the thread between
 * office_job_give() and office_done(). A job that the store could not take waits in `unwritten` and is given again
 * each second. */
#include <stdlib.h>

#include "runtime/adapter/worker.h"
#include "runtime/post/office_state.h"
#include "base/memory.h"

enum { UNWRITTEN_S = 3600 };

uint64_t office_now(const struct office *office)
{
    return office->services->now_us(office->link);
}

int64_t office_wall(const struct office *office)
{
    return (int64_t)office->services->wall_us(office->link);
}

struct post_coming *office_job(struct office *office, enum office_deed deed)
{
    struct post_coming *job = memory_zeroed(1, sizeof *job);
    job->office = office;
    job->deed = deed;
    job->now = office_wall(office);
    return job;
}

struct post_coming *office_job_about(struct office *office, enum office_deed deed, int64_t interaction)
{
    struct post_coming *job = office_job(office, deed);
    job->item = memory_zeroed(1, sizeof *job->item);
    job->item->interaction = interaction;
    job->item->journal = office->services->journal(office->link);
    job->item->place = (struct post_place){.total = 1, .n = 1};
    return job;
}

void office_not_sent(struct office *office, int64_t interaction, const char *external_id)
{
    office->services->log(office->link, GCX_LOG_WARNING, 0, 0,
                          "%s %s: reconcile: an agent's answer that was not sent: the core does not know it, as its"
                          " state was lost",
                          office->way->noun, external_id);
    office_job_give(office_job_about(office, OFFICE_NOT_SENT, interaction));
}

/* Frees all that the job still has; a field whose data was handed on is NULL. */
void post_coming_free(struct post_coming *job)
{
    if (job->item && job->item->body)
        (job->item->talk ? job->office->talks.body_free : job->office->way->body_free)(job->item->body);
    post_item_free(job->item);
    if (job->errand.free) job->errand.free(job->errand.self);
    if (job->asker) job->office->way->asker_free(job->asker);
    if (job->found) g_ptr_array_free(job->found, TRUE);
    if (job->going) g_hash_table_destroy(job->going);
    free(job);
}

void office_job_give(struct post_coming *job)
{
    worker_give(job->office->worker, job);
}

/* Queues a job that the store has refused, to give it again. False: the job has waited too long, or the office ends;
 * the caller frees it. */
bool office_job_again(struct office *office, struct post_coming *job)
{
    uint64_t now_us = office_now(office);
    if (job->parked_us == 0) job->parked_us = now_us;
    bool again = !office->ends && now_us - job->parked_us < UNWRITTEN_S * (uint64_t)OFFICE_SECOND_US;
    if (again) g_queue_push_tail(&office->unwritten, job);
    return again;
}

/* Queues an errand again that must not be given up while somebody needs it; false: it is over. */
bool office_job_lasts(struct office *office, struct post_coming *job)
{
    if (job->good || office->ends || !store_again(&job->error)) return false;
    if (!job->errand.lasts || !job->errand.lasts(job->errand.self)) return false;
    if (job->parked_us == 0)
        office->services->log(office->link, GCX_LOG_ERROR, 0, 0,
                              "%ss: the contact store is asked again each second: %s", office->way->noun,
                              job->error.text);
    job->parked_us = office_now(office);
    g_queue_push_tail(&office->unwritten, job);
    return true;
}

/* Gives each waiting job to the thread once; a job that comes back meanwhile waits for the next turn. */
void office_write_again(struct office *office)
{
    for (guint count = g_queue_get_length(&office->unwritten); count > 0; count--) {
        struct post_coming *job = g_queue_pop_head(&office->unwritten);
        if (job->errand.lasts && !job->errand.lasts(job->errand.self)) {
            job->errand.done(job->errand.self, false, &job->error);
            post_coming_free(job);
        } else {
            office_job_give(job);
        }
    }
}

void office_errand(struct office *office, const struct post_errand *errand)
{
    struct post_coming *job = office_job(office, OFFICE_ERRAND);
    job->errand = *errand;
    office_job_give(job);
}

/* runtime/adapters/mms/job.c - Makes the job for a message that comes in, and gives it to the post office. */
#include <assert.h>

#include "runtime/adapters/mms/mms.h"
#include "base/memory.h"

struct mms_job *mms_job_new(struct mms *mms)
{
    struct mms_job *job = memory_zeroed(1, sizeof *job);
    job->mms = mms;
    return job;
}

bool mms_may_come(const struct mms *mms, size_t bytes)
{
    return mms->services->up(mms->link) && mms->held + bytes <= mms->setting.held;
}

void mms_take(struct mms_job *job)
{
    struct mms *mms = job->mms;
    struct post_item *item = memory_zeroed(1, sizeof *item);
    assert(job->bytes);
    *item = (struct post_item){.place = {.total = 1, .n = 1}, .text = g_strdup(""), .body = job};
    mms->held += job->length;
    job->number = ++mms->numbers;
    g_hash_table_insert(mms->asking, &job->number, job);
    office_take(mms->office, &(struct post_ticket){.from = job->number}, item);
}

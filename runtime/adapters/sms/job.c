/* runtime/adapters/sms/job.c - Jobs of the thread that has the book, and the clocks of those who give them. */
#include <glib.h>
#include <stdlib.h>

#include "runtime/adapters/sms/sms.h"
#include "runtime/vocabulary/memory.h"

uint64_t sms_now(const struct sms *sms)
{
    return sms->services->now_us(sms->link);
}

int64_t sms_wall(const struct sms *sms)
{
    return (int64_t)sms->services->wall_us(sms->link);
}

struct sms_job *sms_job_new(const struct sms *sms, enum sms_job_kind kind)
{
    struct sms_job *job = memory_zeroed(1, sizeof *job);
    job->kind = kind;
    job->now = sms_wall(sms);
    return job;
}

void sms_job_free(struct sms_job *job)
{
    book_message_free(job->message);
    asker_free(job->asker);
    if (job->found) g_ptr_array_free(job->found, TRUE);
    free(job);
}

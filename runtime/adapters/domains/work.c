/* runtime/adapters/domains/work.c - Does the jobs in the database's thread: each has one or two transactions.
 *
 * All functions here run in the worker's thread and may block on the database. The connection is opened by the first
 * job and kept. Results are put into the job, and the loop reads them when the job is back. */
#include "runtime/adapter/worker.h"
#include "runtime/adapters/domains/passing.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/effects_work.h"
#include "base/memory.h"

enum { AT_ONCE = 64 };

struct passing_job *passing_job_new(enum deed deed)
{
    struct passing_job *job = memory_zeroed(1, sizeof *job);
    job->deed = deed;
    return job;
}

static void passage_free(void *given)
{
    struct passage *row = given;
    free((void *)(uintptr_t)row->frame.bytes);
    free(row);
}

void passing_job_free(void *given)
{
    struct passing_job *job = given;
    if (job->due) g_ptr_array_unref(job->due);
    if (job->settled) g_ptr_array_unref(job->settled);
    if (job->loans) g_array_unref(job->loans);
    free((void *)(uintptr_t)job->row.frame.bytes);
    free(job);
}

/* Copies a row into the job, because its frame is valid only until the next row. */
static void work_take_row(void *self, const struct passage *row)
{
    struct passage *copy = memory_zeroed(1, sizeof *copy);
    *copy = *row;
    copy->frame.bytes = memcpy(memory_zeroed(row->frame.length + 1, 1), row->frame.bytes, row->frame.length);
    g_ptr_array_add(self, copy);
}

/* Finds the domain that has the queue to which the interaction goes; 0: none, or the frame cannot be read. */
static bool work_find(struct domains *domains, struct span frame, uint64_t *target, struct error *error)
{
    struct message message;
    struct error unread;
    *target = 0;
    if (!message_read(&message, frame.bytes, frame.length, &unread) || message.kind != KIND_PassOn) return true;
    return domains_find(domains, message_text(&message, PassOn_queue), message_text(&message, PassOn_dn), target,
                        error);
}

static bool work_put(struct domain_passing *passing, struct passing_job *job)
{
    struct passage *row = &job->row;
    return work_find(passing->domains, row->frame, &row->target, &job->error) &&
           passage_put(passing->domains, row, job->wall_us, &job->error) &&
           (!job->back || passage_take_back(passing->domains, row->id, &job->error));
}

/* Settles a row. If the target does not know the queue (`elsewhere`) and another domain has it by now, the row goes
 * there, but never back to the domain from which it came. */
static bool work_settle(struct domain_passing *passing, struct passing_job *job)
{
    const struct passage *row = &job->row;
    uint64_t target;
    if (!job->elsewhere) return passage_settle(passing->domains, row, &job->error);
    if (!work_find(passing->domains, row->frame, &target, &job->error)) return false;
    if (target == 0 || target == row->target || target == row->source)
        return passage_settle(passing->domains, row, &job->error);
    return passage_forward(passing->domains, row->id, row->target, target, &job->error);
}

static void work_take_loan(void *self, const struct loan_row *row)
{
    g_array_append_vals(self, row, 1);
}

/* Reads all rows for the loop. Rows to be taken back are taken back before the settled rows are read, so that the
 * same look reports them. */
static bool work_look(struct domain_passing *passing, struct passing_job *job)
{
    job->due = g_ptr_array_new_with_free_func(passage_free);
    job->settled = g_ptr_array_new_with_free_func(passage_free);
    job->loans = g_array_new(FALSE, FALSE, sizeof(struct loan_row));
    if (job->wall_us != 0 && !passages_sweep(passing->domains, passing->domain, job->wall_us, &job->error))
        return false;
    return passages_take_back(passing->domains, passing->domain, passing->ids, job->back_us, &job->error) &&
           passages_due(passing->domains, passing->domain, AT_ONCE + job->waiting, work_take_row, job->due,
                        &job->error) &&
           passages_settled(passing->domains, passing->domain, passing->ids, AT_ONCE, work_take_row, job->settled,
                            &job->error) &&
           loans_read(passing->domains, passing->domain, job->all, work_take_loan, job->loans, &job->error);
}

void passing_work(void *self, void *given)
{
    struct domain_passing *passing = self;
    struct passing_job *job = given;
    if (!passing->domains) passing->domains = domains_open(passing->setting.database, &job->error);
    if (!passing->domains) return;
    switch (job->deed) {
    case DEED_PUT:
        job->good = work_put(passing, job);
        break;
    case DEED_LOOK:
        job->good = work_look(passing, job);
        break;
    case DEED_SETTLE:
        job->good = work_settle(passing, job);
        break;
    case DEED_TOLD:
        job->good = passage_told(passing->domains, job->row.id, &job->error);
        break;
    case DEED_LEND:
        job->good = loan_put(passing->domains, &job->loan, &job->error);
        break;
    case DEED_LOAN_ANSWER:
        job->good = loan_answer(passing->domains, &job->loan, &job->error);
        break;
    case DEED_LOAN_TOLD:
        job->good = loan_told(passing->domains, &job->loan, &job->error);
        break;
    }
}

void passing_give(struct domain_passing *passing, struct passing_job *job)
{
    job->good = false;
    job->error = (struct error){0};
    worker_give(passing->worker, job);
}

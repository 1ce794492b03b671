/* runtime/adapters/conversation/read.c - Tells the customer's network that an agent has read what the customer wrote,
 * where the site's setting wants it: it says what agents do.
 *
 *     the customer's message is kept -> `said`, in the row
 *     an agent reads                 -> `read`, in the row -- the row is kept --> way->read()
 *
 * The network is told only when the row says so. A process that is killed in between has told nothing, and the next one
 * tells nothing twice. */
#include <string.h>

#include "runtime/adapters/conversation/internal.h"

void conversation_was_said(struct conversation *conversation, const struct keep_job *said)
{
    if (!conversation_tells_read(conversation->all) || said->agents_only || said->n <= conversation->said) return;
    conversation->said = said->n;
    g_free(conversation->said_id);
    conversation->said_id = g_strdup(said->msg_id);
    conversation_save(conversation);
}

void conversation_was_read(struct conversation *conversation, const char *id)
{
    if (!conversation_tells_read(conversation->all) || conversation->said <= conversation->read) return;
    if (id && strcmp(id, conversation->said_id) != 0) return;
    conversation->read = conversation->said;
    struct conversation_job *job = conversation_save_job(conversation);
    if (!job) return;
    job->keep.n = conversation->read, job->keep.msg_id = g_strdup(conversation->said_id);
    conversation_job_give(job);
}

void conversation_read_kept(const struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    if (job->keep.good && job->keep.n > 0) conversation->all->way->read(conversation, job->keep.n, job->keep.msg_id);
}

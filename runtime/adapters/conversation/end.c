/* runtime/adapters/conversation/end.c - How a conversation ends: its customer leaves, the core closes it, or it has
 * waited too long. The end is kept in the store (KEEP_END), however long the store is away: the core and the
 * customer are told only then. */
#include <assert.h>

#include "runtime/adapters/conversation/internal.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"

void conversation_give_end(struct conversation *conversation)
{
    assert(conversation->result);
    struct conversation_job *job = conversation_job(conversation, KEEP_END);
    job->keep.result = conversation->result;
    job->keep.name = g_strdup(conversation->agent_last);
    conversation_job_give(job);
}

void conversation_close(struct conversation *conversation, const char *result, enum cause cause)
{
    assert(result);
    if (conversation->phase >= CONVERSATION_CLOSING) return;
    conversation->phase = CONVERSATION_CLOSING;
    conversation_unkey(conversation);
    recent_remember(conversation);
    for (struct conversation_job *job; (job = g_queue_pop_head(&conversation->unkept));)
        conversation_job_give(job); /* the job comes before that of the end */
    conversation->result = result;
    conversation->cause = cause;
    conversation_give_end(conversation);
}

static void tell_closed(struct conversation *conversation, const char *result)
{
    const struct conversation_way *way = conversation->all->way;
    if (way->closed) way->closed(conversation, result);
}

/* Ends a conversation that its customer has left, by its phase: unknown to the core, being submitted, or open. */
void conversation_leave(struct conversation *conversation, const char *result, enum cause cause)
{
    if (conversation->phase == CONVERSATION_WAITING) {
        tell_closed(conversation, result);
        conversation_over(conversation);
        return;
    }
    conversation->leaves = conversation->phase < CONVERSATION_OPEN;
    if (conversation->phase != CONVERSATION_OPEN) return;
    struct writer *writer = conversation_event(conversation, KIND_EventParty, 0);
    writer_u(writer, EventParty_change, conversation->agent ? party_change_Released : party_change_Abandoned);
    writer_u(writer, EventParty_role, party_role_customer);
    conversation_post(conversation->all);
    conversation_close(conversation, result, cause);
}

/* Handles the end that the store has kept: tells the customer and the core, the core with the transcript. */
void conversation_end_done(struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    assert(conversation->phase == CONVERSATION_CLOSING && conversation->result);
    /* this process is ending: the next process ends the conversation */
    if (!job->keep.good && keep_again(&job->keep)) return;
    tell_closed(conversation, conversation->result);
    struct writer *writer = conversation_event(conversation, KIND_EventSessionEnded, 0);
    writer_u(writer, EventSessionEnded_cause, conversation->cause);
    conversation_blob(writer, EventSessionEnded_transcript, &job->keep.part);
    conversation_post(conversation->all);
    (void)conversation_event(conversation, KIND_EventCallDeleted, 0);
    conversation_post(conversation->all);
    conversation_over(conversation);
}

/* ---- time ---- */

/* Warns about, and then ends, a conversation that is silent although an agent is in it: a customer who waits for an
 * agent may be silent. */
static void end_idle(struct conversation *conversation, uint64_t now_us)
{
    const struct conversations *all = conversation->all;
    uint64_t patience = conversation->warned ? all->setting.idle_close : all->setting.idle;
    if (all->setting.idle == 0 || conversation->here == 0 || now_us - conversation->heard_us <= patience * SECOND_US)
        return;
    if (conversation->warned) {
        conversation_leave(conversation, "idle", cause_timeout);
        return;
    }
    conversation->warned = true;
    conversation->heard_us = now_us;
    if (all->way->warned) all->way->warned(conversation, all->setting.idle_close);
}

/* Called each second: tries refused messages again, and ends the conversation if its customer is lost or it is
 * silent for too long. */
void conversation_late(struct conversation *conversation, uint64_t now_us)
{
    const struct conversations *all = conversation->all;
    if (conversation->over) return;
    conversation_say_again(conversation);
    if ((conversation->phase == CONVERSATION_OPEN || conversation->phase == CONVERSATION_WAITING) && all->way->gone &&
        all->way->gone(conversation, now_us))
        conversation_leave(conversation, "lost", cause_gone);
    else if (conversation->phase == CONVERSATION_OPEN)
        end_idle(conversation, now_us);
}

/* runtime/post/office_in.c - Items from customers: the thread keeps them, the core gets them, the other side gets
 * its answer.
 *
 *     office_take()    a job is made of the item; the thread has it
 *     coming_done()    it is kept: the loop submits it (submits.h);
 *                      a piece that waits for others, or a word by which customers leave, is answered at once;
 *                      an item of a conversation goes to the way's taken() first
 *     coming_reply()   the core has it: the other side is told, and the thread notes that it was
 */
#include <assert.h>

#include "runtime/post/office_state.h"
#include "runtime/post/unended.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"

enum { MESSAGE_MAX = 4000, SUBJECT_MAX = 200, TIDY_S = 600, DAY_S = 86400 };

/* ---- answers ---- */

void office_refused(struct office *office, bool later)
{
    office->services->count(office->link, later ? office->put_off : office->refused, 1);
}

static void gap_over(struct office *office)
{
    office->gaps--;
    unended_go_on(office->unended);
}

/* Ends the repair of an item that the core had lost, and that nobody brings again: the core does not take it. */
static void coming_not_found(struct office *office, const struct post_coming *job, enum post_verdict verdict)
{
    gap_over(office);
    if (POST_IS_LATER(verdict) || job->item->interaction == 0) return;
    office->orphans++;
    g_hash_table_add(office->hopeless, g_memdup2(&job->item->interaction, sizeof job->item->interaction));
}

/* The job is over. */
static void coming_put_off(struct office *office, struct post_coming *job, enum post_verdict verdict)
{
    if (job->item->talk) {
        office->talks.answer(office->talks.self, job->item, verdict, job->error.text, 0);
    } else if (job->ticket.from != 0) {
        office_refused(office, POST_IS_LATER(verdict));
        office->way->answer(office->self, &job->ticket, verdict, job->error.text);
    } else {
        coming_not_found(office, job, verdict);
    }
    post_coming_free(job);
}

/* Confirms the item to the other side; then the thread notes it as answered. */
static void coming_answer(struct office *office, struct post_coming *job, uint64_t ixn)
{
    job->deed = OFFICE_ANSWERED;
    job->ixn = ixn;
    job->now = office_wall(office);
    if (job->item->talk) { /* messages of the conversation must come after this job */
        office_job_give(job);
        office->talks.answer(office->talks.self, job->item, POST_TAKEN, "", ixn);
        return;
    }
    if (!job->item->agent) office->services->count(office->link, office->taken, 1);
    if (job->ticket.from != 0 && !office->way->answer(office->self, &job->ticket, POST_TAKEN, job->item->external_id))
        job->item->brought = 0; /* the other side did not get the answer, and brings the item again */
    office_job_give(job);
}

/* ---- coming ---- */

void office_take(struct office *office, const struct post_ticket *ticket, struct post_item *item)
{
    struct post_coming *job = office_job(office, OFFICE_TAKE);
    item->now = job->now;
    item->journal = office->services->journal(office->link);
    if (item->written > item->now) item->written = 0; /* another's clock is fast */
    job->item = item;
    job->ticket = *ticket;
    office_job_give(job);
}

/* ---- Submit ---- */

/* Writes the user data for strategies and desktops; the manual page of each way lists their keys. */
static void coming_put_data(struct office *office, const struct post_item *item)
{
    const struct reserved_rules *words = &office->rules->words;
    struct kv kv;
    kv_init(&kv);
    kv_put_text(&kv, SUBMITTED_TEXT, post_cut(item->text, MESSAGE_MAX));
    kv_put_int(&kv, "stored", item->interaction);
    if (words->languages && reserved_read(item->text, words, item->own) == WORDS_PERSON)
        kv_put_text(&kv, RESERVED_ASKS_FOR, span_of(RESERVED_PERSON));
    writer_kv(&office->writer, Submit_data, &kv);
    kv_free(&kv);
}

static void coming_put_text(struct office *office, const struct post_item *item)
{
    struct writer *writer = &office->writer;
    writer_text(writer, Submit_from, item->customer);
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of(item->own));
    writer_list_end(writer);
    writer_bytes(writer, Submit_subject, post_cut(item->text, SUBJECT_MAX));
    writer_i(writer, Submit_received, item->now);
    coming_put_data(office, item);
}

static bool coming_submit(struct office *office, const struct post_coming *job)
{
    const struct post_item *item = job->item;
    const char *queue = item->talk || item->agent ? item->own : office->way->queue(office->self, item->own);
    struct writer *writer = &office->writer;
    assert(item->interaction != 0 && *item->external_id); /* an item must be in the store before the core gets it */
    if (!queue) return false;                             /* the settings do not have the address any more */
    writer_clear(writer);
    writer_begin(writer, KIND_Submit);
    writer_conn(writer, ENVELOPE_conn, item->conn);
    writer_i(writer, ENVELOPE_at, office_wall(office));
    writer_u(writer, ENVELOPE_req, job->submit.number);
    if (item->agent) writer_text(writer, ENVELOPE_actor, item->agent);
    writer_u(writer, Submit_media, office->way->media);
    writer_u(writer, Submit_type, item->agent ? submit_type_outbound : submit_type_inbound);
    writer_text(writer, Submit_external_id, item->external_id);
    writer_text(writer, Submit_queue, queue);
    if (item->talk)
        office->talks.submit(office->talks.self, item, writer);
    else if (office->way->submit)
        office->way->submit(office->self, item, writer);
    else
        coming_put_text(office, item);
    if (!item->talk) return outbox_now(&office->outbox, writer_end(writer));
    /* a conversation: the customer waits, and nobody brings it again */
    outbox_post(&office->outbox, writer_end(writer));
    return true;
}

static const char *coming_noun(const struct office *office, const struct post_item *item)
{
    return item->talk ? office->talks.noun : office->way->noun;
}

static void coming_to_core(struct office *office, struct post_coming *job)
{
    job->submit.number = submits_number(&office->submits);
    if (coming_submit(office, job))
        submits_put(&office->submits, &job->submit, job, office_now(office));
    else
        coming_put_off(office, job, POST_LATER);
}

/* ---- results of items that were sent ---- */

static bool news_post(struct office *office, const struct post_news *news)
{
    const struct post_told told = {.ixn = news->ixn,
                                   .msg_id = news->msg_id,
                                   .peer_id = news->word,
                                   .why = "",
                                   .to = *news->to ? news->to : NULL,
                                   .state = news->failed ? delivery_failed : delivery_delivered,
                                   .cause = cause_invalid_destination,
                                   .final = true};
    return outbox_now(&office->outbox, sending_delivery(office, &told, 0));
}

/* Posts the results that an item brings; the item is answered when the last of these events is in the journal. */
static void coming_news(struct office *office, struct post_coming *job)
{
    bool any = false;
    for (guint i = 0; i < job->item->news->len; i++) {
        const struct post_news *news = &g_array_index(job->item->news, struct post_news, i);
        if (news->ixn == 0) continue;
        any = true;
        if (news_post(office, news)) continue;
        coming_put_off(office, job, POST_LATER);
        return;
    }
    if (!any) {
        coming_answer(office, job, 0);
        return;
    }
    job->posted = office->outbox.posted;
    job->begun_us = office_now(office);
    g_queue_push_tail(&office->reported, job);
}

void office_committed(struct office *office, uint64_t posted)
{
    struct post_coming *job;
    while ((job = g_queue_peek_head(&office->reported)) && job->posted <= posted) {
        g_queue_pop_head(&office->reported);
        coming_answer(office, job, 0);
    }
}

static void news_tick(struct office *office, uint64_t patience_us)
{
    struct post_coming *first = g_queue_peek_head(&office->reported);
    if (!first || office_now(office) - first->begun_us < patience_us) return;
    g_queue_pop_head(&office->reported);
    coming_put_off(office, first, POST_LATER_CORE);
}

static void coming_pass(struct office *office, struct post_coming *job)
{
    (void)office->way->answer(office->self, &job->ticket, POST_TAKEN, "");
    post_coming_free(job);
}

/* Acts on a customer's word (stop, start, help): a customer who leaves or comes back gets an answer once. */
static void coming_word(struct office *office, const struct post_item *item)
{
    const struct post_rules *rules = office->rules;
    bool leaves = item->word == WORDS_STOP, returns = item->word == WORDS_START;
    const char *answers = leaves ? rules->stopped : returns ? rules->started : rules->help;
    struct span text = reserved_answer(answers, item->text, &rules->words, item->own);
    office->services->log(office->link, GCX_LOG_INFO, 0, 0, "%s %s: a word of the customer's: %s", office->way->noun,
                          item->external_id,
                          leaves    ? "no more messages"
                          : returns ? "messages again"
                                    : "help");
    if (leaves) office_out_stopped(office, item);
    char *told = post_text(text);
    if (item->anew && *told) office_asked_notice(office, item, told);
    g_free(told);
    if (office->way->word) office->way->word(office->self, item);
}

void office_said(struct post_coming *job, enum post_verdict verdict)
{
    if (!job->office->worker) { /* the way ends, and the result is reported to nobody */
        post_coming_free(job);
        return;
    }
    job->item->said = verdict == POST_TAKEN;
    if (verdict == POST_TAKEN)
        coming_answer(job->office, job, 0);
    else
        coming_put_off(job->office, job, verdict);
}

/* Gives the item to the conversation that it belongs to, or has it kept as an interaction of its own. */
static void coming_asked(struct office *office, struct post_coming *job)
{
    if (office->way->taken && office->way->taken(office->self, job, job->item)) return;
    job->deed = OFFICE_KEEP;
    office_job_give(job);
}

static void coming_kept(struct office *office, struct post_coming *job)
{
    struct post_item *item = job->item;
    if (!job->good) {
        office->services->log(office->link, GCX_LOG_ERROR, 0, 0, "a %s is not taken now: contact store: %s",
                              coming_noun(office, item), job->error.text);
        coming_put_off(office, job, store_again(&job->error) ? POST_LATER_STORE : POST_NEVER_KEPT);
        return;
    }
    if (*item->odd)
        office->services->log(office->link, GCX_LOG_WARNING, 0, 0, "%s %s: %s", office->way->noun, item->external_id,
                              item->odd);
    if (item->arrived == POST_ASK || item->arrived == POST_SUBMIT) {
        (item->arrived == POST_ASK ? coming_asked : coming_to_core)(office, job);
        return;
    }
    switch (item->arrived) {
    case POST_NEWS:
        coming_news(office, job);
        return;
    case POST_PASS:
        coming_pass(office, job);
        return;
    case POST_REFUSE:
        coming_put_off(office, job, POST_NEVER_READ);
        return;
    default:
        break;
    }
    if (item->arrived == POST_WORD) coming_word(office, item);
    coming_answer(office, job, 0);
}

/* Submits an item that the core has lost once more; if it is put off, the core is asked about it at the next look.
 * An item to an address that now belongs to another adapter is left to that adapter. */
void coming_again(struct office *office, struct post_coming *job)
{
    const struct post_item *item = job->item;
    if (!job->good)
        office->services->log(office->link, GCX_LOG_WARNING, 0, 0, "%s %s: its loss is not mended: %s",
                              office->way->noun, item->external_id, job->error.text);
    if (job->over)
        office->services->log(office->link, GCX_LOG_WARNING, 0, 0,
                              "%s %s: reconcile: it is ended in the contact store as `%s`, and not submitted again",
                              office->way->noun, item->external_id, job->over);
    if (!job->good || job->over || (!item->agent && !office->way->queue(office->self, item->own))) {
        coming_put_off(office, job, job->good || store_again(&job->error) ? POST_LATER : POST_NEVER_KEPT);
        return;
    }
    office->services->log(office->link, GCX_LOG_WARNING, 0, 0,
                          "%s %s: reconcile: the core has lost it: it is submitted again", office->way->noun,
                          item->external_id);
    (item->arrived == POST_NEWS ? coming_news : coming_to_core)(office, job);
}

/* Takes the items that were found with missing pieces: nobody waits for an answer, and if the core does not take
 * them they are found again. */
static void coming_found(struct office *office, struct post_coming *job)
{
    office->looking = false;
    if (!job->good)
        office->services->log(office->link, GCX_LOG_ERROR, 0, 0, "parts of %ss are not looked at: contact store: %s",
                              office->way->noun, job->error.text);
    for (guint i = 0; i < job->found->len && job->good; i++) {
        struct post_coming *one = office_job(office, OFFICE_GAP);
        one->item = job->found->pdata[i];
        job->found->pdata[i] = NULL;
        office->gaps++;
        office_job_give(one);
    }
    post_coming_free(job);
}

/* Takes the result of noting an answer. The other side has its answer, and does not bring the item again: until the
 * book has noted that, the same text of the customer counts as this item. */
static void coming_noted(struct office *office, struct post_coming *job)
{
    if (!job->good && job->parked_us == 0)
        office->services->log(office->link, GCX_LOG_WARNING, job->ixn, 0, "%s %s: its answer is not noted: %s",
                              coming_noun(office, job->item), job->item->external_id, job->error.text);
    if (!job->good && job->ticket.from != 0 && office_job_again(office, job)) return;
    /* an item that stays unanswered in the book is found later (OFFICE_GAPS) */
    if (job->ticket.from == 0) gap_over(office);
    post_coming_free(job);
}

void coming_done(struct office *office, struct post_coming *job)
{
    if (job->deed == OFFICE_TAKE || job->deed == OFFICE_GAP || job->deed == OFFICE_KEEP) {
        coming_kept(office, job);
    } else if (job->deed == OFFICE_GAPS) {
        coming_found(office, job);
    } else {
        assert(job->deed == OFFICE_ANSWERED);
        coming_noted(office, job);
    }
}

/* ---- the core ---- */

/* Ends an item that the core refuses each time, because nobody brings it again. An item in quarantine is not ended,
 * because it may leave the quarantine. */
static void coming_never(struct office *office, const struct post_item *item)
{
    if (item->agent) {
        office_not_sent(office, item->interaction, item->external_id);
        return;
    }
    struct post_coming *job = office_job(office, OFFICE_END);
    text_set(job->name, sizeof job->name, item->external_id);
    text_set(job->state, sizeof job->state, "refused");
    office_job_give(job);
}

/* Takes the core's answer to a Submit, or the news that no answer came in time. */
void coming_submitted(void *self, void *owner, const struct submit_answer *answer)
{
    struct office *office = self;
    struct post_coming *job = owner;
    const char *name = job->item->external_id, *noun = coming_noun(office, job->item);
    if (answer->fate == SUBMIT_TAKEN) {
        office->services->log(office->link, GCX_LOG_INFO, answer->ixn, 0, "%s %s: %s", noun, name,
                              answer->before ? "it was here before" : "submitted");
        if (job->ticket.from == 0 && !answer->before) office->regained++;
        coming_answer(office, job, answer->ixn);
        return;
    }
    if (answer->replied)
        office->services->log(office->link, GCX_LOG_ERROR, 0, 0, "%s %s: the core refuses it: %s", noun, name,
                              answer->code == code_fault
                                  ? "it has crashed the router, and is in quarantine (gcxctl quarantine)"
                                  : enum_name_code(answer->code));
    /* The customer is refused now, though the core may have the conversation. */
    if (job->item->talk && !answer->replied) ends_stop(office, name, "the core has not answered in time");
    if (!job->item->talk && answer->fate == SUBMIT_NEVER && answer->code != code_fault) coming_never(office, job->item);
    coming_put_off(office, job,
                   answer->fate == SUBMIT_NEVER                       ? POST_NEVER_ROUTED
                   : !answer->replied && answer->code == code_timeout ? POST_LATER_CORE
                                                                      : POST_LATER);
}

void coming_reply(struct office *office, const struct message *reply)
{
    (void)submits_replied(&office->submits, reply); /* false: the item was put off already */
}

static bool coming_submit_again(void *self, void *owner)
{
    struct office *office = self;
    struct post_coming *job = owner;
    job->item->journal = office->services->journal(office->link);
    return coming_submit(office, job);
}

void coming_core_up(struct office *office)
{
    submits_again(&office->submits, coming_submit_again);
}

void coming_tick(struct office *office)
{
    uint64_t patience_us = office->rules->submit_timeout_s * OFFICE_SECOND_US;
    submits_put_off(&office->submits, office_now(office), patience_us);
    news_tick(office, patience_us);
    ends_summary(office);
    if (office->looking || office->gaps > 0 || !office->services->up(office->link)) return;
    struct post_coming *job = office_job(office, OFFICE_GAPS);
    job->found = g_ptr_array_new_with_free_func(post_item_free);
    job->journal = office->services->journal(office->link);
    job->tidies_all = office->seconds % DAY_S == 0;
    job->tidies = office->seconds++ % TIDY_S == 0;
    office->looking = true;
    office_job_give(job);
}

static void coming_forget(void *job)
{
    post_coming_free(job);
}

void coming_clear(struct office *office)
{
    submits_free(&office->submits, coming_forget);
    struct post_coming *job;
    while ((job = g_queue_pop_head(&office->reported))) post_coming_free(job);
}

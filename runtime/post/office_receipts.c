/* runtime/post/office_receipts.c - Receipts: what the other side reports later about items that were sent. A receipt
 * may come before the answer with the item's name, late, twice, and in any order: post.def says what it may still
 * change. */
#include <string.h>

#include "runtime/post/office_state.h"

/* limits for parked receipts; each is tried again within its minute */
enum { PARKED_US = 60000000, PARKED_MAX = 10000, ASKS_MAX = PARKED_MAX / 50, HELD_US = 5000000, HELD_MAX = 4 };

void office_receipt(struct office *office, const struct post_ticket *ticket, const struct post_receipt *receipt)
{
    struct post_coming *job = office_job(office, OFFICE_RECEIPT);
    job->receipt = *receipt;
    job->ticket = *ticket;
    office_job_give(job);
}

static void receipt_answer(struct office *office, struct post_coming *job, enum post_verdict verdict)
{
    if (job->ticket.from != 0 && office->way->receipted) office->way->receipted(office->self, &job->ticket, verdict);
    job->ticket.from = 0;
    if (job->held) office->held--;
    job->held = false;
}

/* True: the receipt is of an unknown item, and waits for up to a minute. While an answer with its name may still come,
 * a few receipts are not answered for some seconds, so that they are brought again if this process is killed. Only a
 * few receipts are held, and only for seconds: the other side allows a limited number of unanswered messages, and held
 * receipts of items that were never ours could block customers' messages. While such receipts come, no receipt is held
 * for a minute. */
static bool receipt_waits(struct office *office, struct post_coming *job)
{
    uint64_t now_us = office_now(office);
    bool is_new = job->parked_us == 0, may_be_ours = g_hash_table_size(office->going) > 0;
    if (is_new) job->parked_us = now_us;
    uint64_t parked_us = now_us - job->parked_us;
    bool waits = parked_us < PARKED_US && g_queue_get_length(&office->parked) < PARKED_MAX;
    if (is_new && office->held < MIN(HELD_MAX, office->rules->window / 2) && now_us >= office->hold_us) {
        job->held = true;
        office->held++;
    } else if (job->held && parked_us >= HELD_US) {
        office->hold_us = now_us + PARKED_US;
    }
    if (!job->held || !waits || !may_be_ours || parked_us >= HELD_US) receipt_answer(office, job, POST_TAKEN);
    if (waits) g_queue_push_tail(&office->parked, job);
    return waits;
}

static void receipt_tell(struct office *office, const struct post_coming *job)
{
    const struct post_fate *fate = &job->fate;
    const struct post_receipt *receipt = &job->receipt;
    bool delivered = fate->state == POST_OUT_delivered;
    struct post_told told = {.ixn = fate->ixn,
                             .msg_id = fate->msg_id,
                             .peer_id = receipt->peer_id,
                             .why = receipt->word,
                             .state = delivered ? delivery_delivered : delivery_failed,
                             .cause = receipt->cause != 0 ? receipt->cause : cause_refused,
                             .final = true,
                             .read = delivered && receipt->read};
    bool own = fate->ixn != 0 && fate->journal == office->services->journal(office->link);
    told.conn = own && office->talks.conn ? office->talks.conn(office->talks.self, fate->ixn) : 0;
    if (told.conn != 0)
        office->talks.told(office->talks.self, &told);
    else if (own)
        sending_post_delivery(office, &told, 0);
    office->services->log(office->link, GCX_LOG_INFO, fate->ixn, 0, "%s %s: %s%s%s", office->way->noun, fate->msg_id,
                          delivered ? "delivered" : "not delivered: ", delivered ? "" : receipt->word,
                          *receipt->error && !delivered ? " with an error of the network" : "");
}

void receipts_done(struct office *office, struct post_coming *job)
{
    bool again = !job->good || !job->fate.known;
    if (!job->good && job->ticket.from != 0) {
        receipt_answer(office, job, POST_LATER);
        post_coming_free(job);
        return;
    }
    bool may_be_named = !job->good || !job->receipt.of_anybody;
    if (again && may_be_named && receipt_waits(office, job)) return;
    receipt_answer(office, job, POST_TAKEN);
    if (again) {
        office->services->count(office->link, "receipts_unknown", 1);
        if (may_be_named)
            office->services->log(office->link, GCX_LOG_WARNING, 0, 0,
                                  "a receipt names a message that nobody knows: %s %s", job->receipt.peer_id,
                                  job->receipt.word);
    } else if (job->fate.told) {
        receipt_tell(office, job);
    }
    post_coming_free(job);
}

/* Gives the held receipts to the thread, before all other parked ones, because the other side must get its answer in
 * time. */
static guint receipts_held(struct office *office)
{
    guint asked = 0;
    for (GList *at = office->held > 0 ? office->parked.head : NULL, *next; at; at = next) {
        struct post_coming *job = at->data;
        next = at->next;
        if (!job->held) continue;
        g_queue_delete_link(&office->parked, at);
        office_job_give(job);
        asked++;
    }
    return asked;
}

/* Tries parked receipts again, because another process may have written the item's name meanwhile. */
void receipts_tick(struct office *office)
{
    guint first = receipts_held(office), asks = MIN(g_queue_get_length(&office->parked), ASKS_MAX - first);
    while (asks-- > 0) office_job_give(g_queue_pop_head(&office->parked));
}

void receipts_named(struct office *office, const struct post_sending *sending)
{
    char form[POST_ADDRESS];
    for (unsigned i = 0; i < sending->pieces && !office->way->form && !g_queue_is_empty(&office->parked); i++) {
        if (!sending->peer_ids[i] || !*sending->peer_ids[i]) continue;
        sending_name_form(office, sending->peer_ids[i], form);
        for (GList *at = office->parked.head, *next; at; at = next) {
            struct post_coming *job = at->data;
            next = at->next;
            if (strcmp(job->receipt.form, form) != 0) continue;
            g_queue_delete_link(&office->parked, at);
            office_job_give(job);
        }
    }
}

void receipts_free(struct office *office)
{
    struct post_coming *job;
    while ((job = g_queue_pop_head(&office->parked))) post_coming_free(job);
}

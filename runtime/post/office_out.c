/* runtime/post/office_out.c - Items to be sent: from their row in the book until their result is reported to the
 * core.
 *
 * An item is in the table `going` from the request for it (office_asked.c) until its result was reported to the
 * core. The thread writes it to the book; then its pieces wait in the queue of office_pieces.c, until the other side
 * has answered each of them. */
#include <stdio.h>
#include <string.h>

#include "runtime/post/office_state.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/ident.h"

/* Is `sending` the item that the effect with the number `ref` wants to cancel? In a conversation the effect's number
 * is the end of the item's name. */
static bool is_item_of(const struct post_sending *sending, uint64_t ref)
{
    char name[IXN_TEXT + 24], ixn[IXN_TEXT];
    if (sending->conn == 0) return sending->ref == ref;
    ident_print_ixn(sending->ixn, ixn);
    snprintf(name, sizeof name, "%s-%llu", ixn, (unsigned long long)ref);
    return strcmp(sending->msg_id, name) == 0;
}

/* Cancels an item: one that waits is not sent; one that the other side has cannot be called back. */
void office_out_cancel(struct office *office, const struct message *effect)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct post_sending *sending = value;
        if (sending->ixn == message_u(effect, ENVELOPE_ixn) && is_item_of(sending, message_u(effect, Cancel_of)))
            sending->cancelled = true;
    }
}

void office_out_core_up(struct office *office)
{
    GHashTableIter at;
    gpointer value;
    uint64_t journal = office->services->journal(office->link);
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct post_sending *sending = value;
        if (!sending->untold && sending->journal != journal)
            sending->cancelled = sending->disowned = true; /* ids of another journal mean other interactions now */
    }
}

/* Ends an item that must not be sent, or was sent before. `lost`: why nobody knows whether it was sent. */
static void going_goes_not(struct office *office, struct post_sending *sending, const char *lost)
{
    enum post_going going = sending->going;
    pieces_drop(office, sending);
    if (going == POST_GONE) {
        sending->state = delivery_accepted;
        sending_over(office, sending);
        return;
    }
    sending->suppressed = going == POST_SUPPRESSED;
    sending_ends(office, sending, going == POST_LOST ? cause_lost : cause_refused,
                 going == POST_LOST      ? lost
                 : going == POST_STOPPED ? WANTS_NONE
                 : going == POST_OTHER   ? "something else was sent under its name"
                 : *sending->why         ? sending->why
                                         : "it was refused before");
}

/* Ends an item as failed: its result is written to the book first, and then reported. */
static void going_fails(struct office *office, struct post_sending *sending, const char *why)
{
    pieces_drop(office, sending);
    sending->state = delivery_failed;
    sending->cause = cause_refused;
    g_strlcpy(sending->why, why, sizeof sending->why);
    sending_job(office, sending, OFFICE_TOLD);
}

/* Ends an item that the contact store has refused for good, or that an application must ask for again. An item in doubt
 * may have a row in the book, whose state must be changed. */
static void going_never_kept(struct office *office, struct post_sending *sending, const char *why)
{
    if (sending->item != 0 || sending->doubt) {
        going_fails(office, sending, why);
        return;
    }
    pieces_drop(office, sending);
    sending_ends(office, sending, cause_refused, why);
}

/* Tries again after a second, under the same name: the contact store is away, or has lost its answer, and may have
 * kept the item. */
static void going_not_kept(struct office *office, const struct post_coming *job, struct post_sending *sending,
                           bool is_asked_again)
{
    char why[POST_WHY];
    snprintf(why, sizeof why, "contact store: %.150s", job->error.text);
    sending->begun = false;
    if (is_asked_again || !store_again(&job->error)) {
        going_never_kept(office, sending, why);
        return;
    }
    if (!sending->doubt) sending_log(office, GCX_LOG_WARNING, sending, "again in 1 s", why);
    sending->doubt = true;
    g_strlcpy(sending->why, why, sizeof sending->why);
    sending->next_us = office_now(office) + OFFICE_SECOND_US;
    if (sending->left == 0) pieces_queue(office, sending);
}

static void going_kept(struct office *office, struct post_coming *job, struct post_sending *sending)
{
    bool is_asked_again = sending->asker != NULL;
    if (sending->asker) office->way->ordered(sending->asker, job->good, sending->going, sending->pieces);
    sending->asker = NULL;
    if (!job->good) {
        going_not_kept(office, job, sending, is_asked_again);
        return;
    }
    sending->doubt = false;
    if (sending->going != POST_GO) {
        going_goes_not(office, sending, "it was on its way when the connection or the process ended");
        return;
    }
    sending->begun = job->begun;
    if (office->way->held) office->way->held(office->self, sending);
    if (waits_in_book(office, sending))
        sending_remove(office, sending);
    else if (sending->left == 0)
        pieces_queue(office, sending);
    else
        office_pump(office);
}

static void going_marked(struct office *office, const struct post_coming *job, struct post_sending *sending)
{
    if (!job->good) {
        going_not_kept(office, job, sending, false);
        return;
    }
    if (sending->going != POST_GO)
        going_goes_not(office, sending, "another process sends it"); /* the other process has not quite ended yet */
    office_pump(office);
}

static bool is_held_back(const struct post_sending *sending, const struct post_item *stop)
{
    return !sending->notice && !sending->in_thread && !sending->touched && sending->out == 0 && sending->left > 0 &&
           strcmp(sending->customer, stop->customer) == 0 && strcmp(sending->own, stop->own) == 0;
}

/* Stops the items to a customer who has left. Items that the thread has just now, and items from another address of
 * ours, are checked when they are begun. */
void office_out_stopped(struct office *office, const struct post_item *stop)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct post_sending *sending = value;
        if (is_held_back(sending, stop)) going_fails(office, sending, WANTS_NONE);
    }
}

/* Takes the result of writing an item's end. The core is told at once; the book is written later if it could not be
 * written now: otherwise the item would stay there as going, and its receipts could not be assigned. */
static void going_told(struct office *office, struct post_coming *job)
{
    struct post_sending *sending = job->sending;
    if (!job->good && !sending->ended)
        office->services->log(office->link, GCX_LOG_WARNING, sending->ixn, 0, "%s %s: its fate is not noted: %s",
                              office->way->noun, sending->msg_id, job->error.text);
    if (!sending->ended) sending_ended(office, sending);
    if (!job->good && office_job_again(office, job)) {
        sending->in_thread = true;
        return;
    }
    if (job->good) receipts_named(office, sending);
    sending_remove(office, sending);
    post_coming_free(job);
}

void office_out_done(struct office *office, struct post_coming *job)
{
    struct post_sending *sending = job->sending;
    sending->in_thread = false;
    if (job->deed == OFFICE_TOLD) {
        going_told(office, job);
        return;
    }
    if (job->deed == OFFICE_SEND) {
        if (sending->begun) office->ahead--;
        sending->begun = false;
        if (job->good) sending->item = job->row;
        going_kept(office, job, sending);
    } else {
        going_marked(office, job, sending);
    }
    post_coming_free(job);
}

int64_t office_oldest_s(struct office *office)
{
    GHashTableIter at;
    gpointer value;
    uint64_t now_us = office_now(office), oldest_us = now_us;
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value))
        oldest_us = MIN(oldest_us, ((const struct post_sending *)value)->begun_us);
    return (int64_t)((now_us - oldest_us) / OFFICE_SECOND_US);
}

bool office_out_awaits(const void *self)
{
    const struct office *office = self;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct post_sending *sending = value;
        if (sending->out > 0 || sending->in_thread) return true;
    }
    return false;
}

static gboolean going_drop(gpointer key, gpointer value, gpointer office)
{
    (void)key;
    office_sending_free(office, value);
    return TRUE;
}

void office_out_free(struct office *office)
{
    g_hash_table_foreach_steal(office->going, going_drop, office);
    g_hash_table_destroy(office->going);
    g_hash_table_destroy(office->coded);
}

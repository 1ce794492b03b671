/* runtime/post/office_sending.c - One item to be sent: makes and frees it, and gives it to the thread. This file
 * reports the item's result to the core, or to the agents of its conversation. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/refused.h"
#include "runtime/post/office_state.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

struct post_sending *office_sending_new(struct office *office, uint64_t ixn, struct span name, char *text)
{
    struct post_sending *sending = memory_zeroed(1, sizeof *sending);
    *sending = (struct post_sending){.ixn = ixn,
                                     .journal = office->services->journal(office->link),
                                     .begun_us = office_now(office),
                                     .asked = office_wall(office),
                                     .key = post_going_key(ixn, name),
                                     .msg_id = post_text(name),
                                     .text = text,
                                     .reply_to = g_strdup("")};
    return sending;
}

static void post_sending_free(struct post_sending *sending)
{
    for (unsigned i = 0; sending->peer_ids && i < sending->pieces; i++) g_free(sending->peer_ids[i]);
    free(sending->peer_ids);
    g_free(sending->key), g_free(sending->msg_id), g_free(sending->text), g_free(sending->reply_to);
    free(sending);
}

/* Frees the sending, with the data of the way in it. */
void office_sending_free(struct office *office, struct post_sending *sending)
{
    if (sending->asker) office->way->asker_free(sending->asker);
    if (office->way->forget) office->way->forget(sending->body);
    post_sending_free(sending);
}

/* Removes and frees a sending that is over. */
void sending_remove(struct office *office, struct post_sending *sending)
{
    g_hash_table_steal(office->going, sending->key);
    office_sending_free(office, sending);
}

struct span sending_delivery(struct office *office, const struct post_told *told, uint64_t ref)
{
    struct writer *writer = &office->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventDelivery);
    writer_u(writer, ENVELOPE_ixn, told->ixn);
    if (ref != 0) writer_u(writer, ENVELOPE_ref, ref);
    writer_i(writer, ENVELOPE_at, office_wall(office));
    writer_text(writer, EventDelivery_msg_id, told->msg_id);
    if (told->to) writer_text(writer, EventDelivery_to, told->to);
    writer_u(writer, EventDelivery_state, told->state);
    if (*told->peer_id) writer_text(writer, EventDelivery_peer_id, told->peer_id);
    if (told->state == delivery_failed) writer_u(writer, EventDelivery_cause, told->cause);
    writer_u(writer, EventDelivery_final, told->final);
    if (*told->why) writer_text(writer, EventDelivery_text, told->why);
    return writer_end(writer);
}

void sending_post_delivery(struct office *office, const struct post_told *told, uint64_t ref)
{
    outbox_post(&office->outbox, sending_delivery(office, told, ref));
}

/* Reports to the core that the step's exit is `suppressed`. */
static void going_post_suppressed(struct office *office, const struct post_sending *sending)
{
    struct writer *writer = &office->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, sending->ixn);
    writer_u(writer, ENVELOPE_ref, sending->ref);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_suppressed);
    writer_text(writer, EventDone_text, sending->why);
    outbox_post(&office->outbox, writer_end(writer));
}

static const char *going_title(const struct office *office, const struct post_sending *sending)
{
    return office->way->title ? office->way->title(sending) : sending->msg_id;
}

/* The name that the other side has given to the item; "": none. */
static const char *going_peer_id(const struct office *office, const struct post_sending *sending)
{
    if (office->way->title) return going_title(office, sending);
    return sending->peer_ids && sending->peer_ids[0] ? sending->peer_ids[0] : "";
}

void sending_log(struct office *office, int level, const struct post_sending *sending, const char *what,
                 const char *why)
{
    GString *words = g_string_new(why);
    if (office->way->hide) office->way->hide(sending, words);
    office->services->log(office->link, level, sending->ixn, 0, "%s %s: %s%s%s", office->way->noun,
                          going_title(office, sending), what, words->len > 0 ? ": " : "", words->str);
    g_string_free(words, TRUE);
}

void sending_refusal(struct office *office, const struct post_sending *sending, enum refused refused, const char *why)
{
    GString *words = g_string_new(why);
    if (office->way->hide) office->way->hide(sending, words);
    refused_tell(office->link, office->services, refused, "%s %s: %s", office->way->noun, going_title(office, sending),
                 words->str);
    g_string_free(words, TRUE);
}

/* Reports the end of the item to the core, or to the agents of its conversation. */
void sending_tell(struct office *office, const struct post_sending *sending)
{
    bool accepted = sending->state == delivery_accepted;
    const struct post_told told = {.ixn = sending->ixn,
                                   .conn = sending->conn,
                                   .msg_id = sending->msg_id,
                                   .peer_id = accepted ? going_peer_id(office, sending) : "",
                                   .why = sending->why,
                                   .to = office->way->order ? sending->customer : NULL,
                                   .state = sending->state,
                                   .cause = sending->cause,
                                   .final = !accepted};
    if (sending->conn != 0 && !sending->cancelled)
        office->talks.told(office->talks.self, &told);
    else if (sending->suppressed && !sending->cancelled)
        going_post_suppressed(office, sending);
    else if (!sending->untold && !sending->cancelled)
        sending_post_delivery(office, &told, sending->ref);
}

void sending_ended(struct office *office, struct post_sending *sending)
{
    bool accepted = sending->state == delivery_accepted;
    assert(!sending->in_thread && sending->left == 0 && !sending->ended);
    sending->ended = true;
    sending_tell(office, sending);
    sending_log(office, accepted ? GCX_LOG_INFO : GCX_LOG_WARNING, sending,
                accepted ? "the other side has taken it" : "not sent", sending->why);
    office->services->count(office->link, accepted ? office->sent : office->failed, 1);
}

void sending_over(struct office *office, struct post_sending *sending)
{
    sending_ended(office, sending);
    sending_remove(office, sending);
}

void sending_ends(struct office *office, struct post_sending *sending, enum cause cause, const char *why)
{
    sending->state = delivery_failed;
    sending->cause = cause;
    if (why != sending->why) snprintf(sending->why, sizeof sending->why, "%s", why);
    if (cause == cause_refused && !sending->suppressed) sending_refusal(office, sending, office->way->by_us, why);
    sending_over(office, sending);
}

void sending_job(struct office *office, struct post_sending *sending, enum office_deed deed)
{
    struct post_coming *job = office_job(office, deed);
    assert(!sending->in_thread);
    sending->in_thread = true;
    job->sending = sending;
    office_job_give(job);
}

static enum post_out going_state(const struct post_sending *sending)
{
    return sending->state == delivery_accepted ? POST_OUT_given
           : sending->cause == cause_lost      ? POST_OUT_unknown
                                               : POST_OUT_failed;
}

/* Writes the result where agents see it, if the way does that. */
static bool going_show(struct office *office, const struct post_sending *sending, enum post_out state,
                       struct post_coming *job)
{
    return !office->way->noted ||
           office->way->noted(office->self, postbook_store(office->book), sending, state, job->now, &job->error);
}

static struct post_order going_order(const struct post_coming *job)
{
    const struct post_sending *sending = job->sending;
    return (struct post_order){.journal = sending->journal,
                               .ixn = sending->ixn,
                               .msg_id = sending->msg_id,
                               .own = sending->own,
                               .customer = sending->customer,
                               .text = sending->text,
                               .reply_to = sending->reply_to,
                               .digest = sending->digest,
                               .pieces = MAX(sending->pieces, sending->recipients),
                               .now = job->now,
                               .notice = sending->notice,
                               .asked = sending->asked,
                               .said = sending->conn != 0,
                               .begun = sending->begun,
                               .doubt = sending->doubt,
                               .item = sending->item,
                               .body = sending->body};
}

void sending_name_form(const struct office *office, const char *peer_id, char form[POST_ADDRESS])
{
    if (office->way->names)
        office->way->names(office->self, peer_id, form);
    else
        g_strlcpy(form, peer_id, POST_ADDRESS);
}

static bool going_note(struct office *office, struct post_coming *job)
{
    struct post_sending *sending = job->sending;
    struct post_order order = going_order(job);
    char form[POST_ADDRESS];
    unsigned recipients = going_state(sending) == POST_OUT_given ? sending->recipients : 0;
    if (sending->item == 0 && !postbook_row(office->book, &order, &job->error)) return false;
    sending->item = order.item;
    if (sending->item == 0) return true;
    for (unsigned i = 0; i < recipients; i++) {
        office->way->form(sending, i, form);
        if (!postbook_named(office->book, sending->item, i + 1, form, &job->error)) return false;
    }
    for (unsigned i = 0; i < sending->pieces && !office->way->form; i++) {
        if (!sending->peer_ids[i] || !*sending->peer_ids[i]) continue;
        sending_name_form(office, sending->peer_ids[i], form);
        if (!postbook_named(office->book, sending->item, i + 1, form, &job->error)) return false;
    }
    if (!postbook_out_becomes(office->book, sending->item, going_state(sending), job->now, &job->error)) return false;
    return sending->disowned || going_show(office, sending, going_state(sending), job);
}

void sending_do_work(struct office *office, struct post_coming *job)
{
    if (job->sending->unkept) {
        job->good = true;
        job->sending->going = POST_GO;
        job->begun = job->sending->begun;
        return;
    }
    if (job->deed == OFFICE_TOLD) {
        job->good = going_note(office, job);
        return;
    }
    struct post_order order = going_order(job);
    job->good = (job->deed == OFFICE_SEND ? postbook_send : postbook_begin)(office->book, &order, &job->error);
    struct post_sending *sending = job->sending;
    job->row = order.item;
    if (sending->recipients > 0) sending->recipients = MAX(sending->recipients, order.pieces);
    sending->going = order.going;
    job->begun = order.begun;
    if (job->good && order.going != POST_GO) g_strlcpy(sending->why, order.why, sizeof sending->why);
    if (job->good && order.going == POST_GO && job->deed == OFFICE_BEGIN && !order.begun && *sending->why)
        job->good = going_show(office, sending, POST_OUT_held, job);
}

/* All pieces are answered. */
void sending_settle(struct office *office, struct post_sending *sending)
{
    static const enum cause causes[] = {[POST_GIVEN] = cause_ok,          [POST_LESS] = cause_throttled,
                                        [POST_NOT_YET] = cause_throttled, [POST_WRONG_ADDRESS] = cause_invalid_number,
                                        [POST_REFUSED] = cause_refused,   [POST_NO_ANSWER] = cause_lost};
    assert(sending->left == 0);
    sending->state = sending->worst == POST_GIVEN ? delivery_accepted : delivery_failed;
    sending->cause = causes[sending->worst];
    if (sending->item != 0 || sending->doubt)
        sending_job(office, sending, OFFICE_TOLD);
    else
        sending_over(office, sending); /* the contact store could not be asked in time */
}

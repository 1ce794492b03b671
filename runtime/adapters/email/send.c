/* runtime/adapters/email/send.c - Owns the mails on their way out: their times, and what the core is told of each. The
 * thread has its own store and its own connection to the mail server (sending_work.c, sending_submit.c).
 *
 * A mail is in send->all from SendMessage until the core has been told (send_settle). The loop gives it to the
 * thread when its time has come (next_us), and decides by `fate` when it comes back: told, tried again after a pause
 * that doubles, or, at give_up_us, given up. A mail that is asked for again while it is here is the same one. */
#include "runtime/adapters/email/send.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/last.h"
#include "runtime/adapter/refused.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/email/email.h"
#include "runtime/adapters/email/sending.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"

enum { PAUSE_MAX_US = 1800000000, LOOK_MAX_US = 60000000 };
#define IN_THREAD_MAX 1000

/* Nothing was sent, so that nothing goes round in circles: the step's exit `suppressed`. */
static bool tell_suppressed(struct send *send, const struct sending *sending)
{
    struct writer *writer = &send->email->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, sending->ixn);
    writer_u(writer, ENVELOPE_ref, sending->ref);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_suppressed);
    writer_text(writer, EventDone_text, sending->why);
    return email_post(send->email);
}

/* EventDelivery: `accepted` may be followed by a report of the mail, so it is not final; `failed` is. */
static bool send_tell(struct send *send, const struct sending *sending)
{
    struct email *email = send->email;
    struct writer *writer = &email->writer;
    bool accepted = sending->fate == FATE_ACCEPTED;
    if (sending->fate == FATE_SUPPRESSED) return tell_suppressed(send, sending);
    writer_clear(writer);
    writer_begin(writer, KIND_EventDelivery);
    writer_u(writer, ENVELOPE_ixn, sending->ixn);
    writer_u(writer, ENVELOPE_ref, sending->ref);
    writer_i(writer, ENVELOPE_at, (int64_t)email->services->wall_us(email->link));
    writer_text(writer, EventDelivery_msg_id, sending->msg_id);
    if (sending->to[0]) writer_text(writer, EventDelivery_to, sending->to[0]);
    writer_u(writer, EventDelivery_state, accepted ? delivery_accepted : delivery_failed);
    if (accepted) writer_text(writer, EventDelivery_peer_id, sending->message_id);
    if (!accepted) writer_u(writer, EventDelivery_cause, cause_refused);
    writer_u(writer, EventDelivery_final, !accepted);
    if (!accepted) writer_text(writer, EventDelivery_text, sending->why);
    return email_post(email);
}

/* Words of mail servers repeat addresses, which the log does not tell. */
static void log_fate(const struct sending *sending, int level, const char *what)
{
    struct email *email = sending->send->email;
    GString *words = g_string_new(sending->why);
    for (char **one = sending->to; *one; one++) g_string_replace(words, *one, "...", 0);
    email->services->log(email->link, level, sending->ixn, 0, "mail %s: %s%s%s", sending->message_id, what,
                         words->len > 0 ? ": " : "", words->str);
    g_string_free(words, TRUE);
}

/* Tells the core what became of the mail, and forgets the mail. If the core cannot be told now, send_tick() tries
 * again. */
static void send_settle(struct send *send, struct sending *sending)
{
    assert(!sending->in_thread && (sending->fate != FATE_NOT_YET || sending->cancelled));
    struct email *email = send->email;
    if (!sending->cancelled && !send_tell(send, sending)) return;
    log_fate(sending, sending->fate == FATE_ACCEPTED ? GCX_LOG_INFO : GCX_LOG_WARNING,
             sending->fate == FATE_SUPPRESSED ? "not sent"
             : sending->fate != FATE_ACCEPTED ? "not delivered"
             : sending->sent.before ? "not sent again: it went out for another interaction, whose state was lost"
             : sending->gone_before ? "not sent again: the mail server has taken it before"
                                    : "the mail server has taken it");
    if (!sending->cancelled && sending->fate == FATE_FAILED)
        refused_tell(email->link, email->services, REFUSED_email_by_mail_server, "mail %s: %.9s", sending->message_id,
                     sending->why);
    if (!sending->cancelled)
        email->services->count(email->link, sending->fate == FATE_ACCEPTED ? "mails_sent" : "mails_failed", 1);
    g_hash_table_remove(send->all, sending->key);
}

/* It is not tried again: the thread notes it once more. */
static void send_give_up(struct sending *sending)
{
    assert(!sending->in_thread); /* the thread has it once */
    sending->gives_up = true;
    sending->fate = FATE_FAILED;
    sending->in_thread = true;
    worker_give(sending->send->worker, sending);
}

/* The mail is back from the thread. */
static void send_done(void *self, void *job)
{
    struct send *send = self;
    struct email *email = send->email;
    struct sending *sending = job;
    assert(sending->in_thread);
    uint64_t now_us = email->services->now_us(email->link);
    sending->in_thread = false;
    if (sending->fate == FATE_NOT_YET && g_atomic_int_get(&send->ends) != SEND_SERVES)
        return; /* the next one sends it */
    if (sending->fate == FATE_NOT_YET) {
        if (sending->no_dialogue) g_atomic_int_set(&send->look.at_once, 1);
        probe_now(send->probe);
    }
    if (sending->fate == FATE_NOT_YET && !sending->cancelled && now_us < sending->give_up_us) {
        char what[40];
        snprintf(what, sizeof what, "again in %llu s", (unsigned long long)(sending->pause_us / SECOND_US));
        sending->next_us = now_us + sending->pause_us;
        log_fate(sending, GCX_LOG_WARNING, what);
        sending->pause_us = MIN(sending->pause_us * 2, (uint64_t)PAUSE_MAX_US * 2);
    } else if (sending->fate == FATE_NOT_YET && !sending->left)
        send_give_up(sending);
    else
        send_settle(send, sending);
}

static void send_dropped(void *self, void *job)
{
    (void)self, (void)job; /* send->all has it */
}

/* Each second: mails whose time has come are given to the thread, or told to the core, where that could not be
 * before. */
void send_tick(struct send *send)
{
    struct email *email = send->email;
    uint64_t now_us = email->services->now_us(email->link);
    int64_t oldest_us = (int64_t)email->services->wall_us(email->link), began_us = oldest_us;
    GList *all = g_hash_table_get_values(send->all);
    for (GList *at = all; at; at = at->next) {
        struct sending *sending = at->data;
        if (sending->wall_us < oldest_us) oldest_us = sending->wall_us;
        if (sending->in_thread || now_us < sending->next_us) continue;
        if (sending->fate == FATE_NOT_YET && sending->cancelled)
            send_give_up(sending);
        else if (sending->fate != FATE_NOT_YET)
            send_settle(send, sending);
        else if (worker_waiting(send->worker) < IN_THREAD_MAX) {
            sending->in_thread = true;
            worker_give(send->worker, sending);
        }
    }
    g_list_free(all);
    email->services->figure(email->link, "mails_waiting", (int64_t)g_hash_table_size(send->all));
    email->services->figure(email->link, "mails_oldest", (began_us - oldest_us) / SECOND_US);
}

/* A mail that waits for the mail server need not wait for its pause: it is there again. */
static void send_again(void *self)
{
    struct send *send = self;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, send->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sending *sending = value;
        if (sending->in_thread || sending->fate != FATE_NOT_YET) continue;
        sending->next_us = 0;
        sending->pause_us = send->email->setting.retry * SECOND_US;
    }
    send_tick(send);
}

/* In the probe's thread. Somebody must listen at each look; once a minute, and where that failed before, the dialogue
 * goes up to the log-in. A log-in that is refused is tried with pauses that grow, so that nobody locks us out. */
static bool server_there(void *self, bool thorough, char *why, size_t why_size)
{
    struct send *send = self;
    struct server_look *look = &send->look;
    uint64_t now_us = (uint64_t)g_get_monotonic_time();
    (void)thorough;
    if (!probe_connects(send->server, why, why_size)) {
        look->next_us = look->pause_us = 0;
        return false;
    }
    if (g_atomic_int_compare_and_exchange(&look->at_once, 1, 0)) look->next_us = 0;
    if (now_us >= look->next_us) {
        look->good = send_greets(send, look->why, sizeof look->why, &look->expires_s);
        look->pause_us = look->good ? 0 : MIN(MAX(look->pause_us * 2, SECOND_US), (uint64_t)LOOK_MAX_US);
        look->next_us = now_us + (look->good ? (uint64_t)LOOK_MAX_US : look->pause_us);
    }
    if (!look->good) snprintf(why, why_size, "%s", look->why);
    return look->good;
}

static int64_t server_expires_s(void *self)
{
    return ((struct send *)self)->look.expires_s;
}

/* ---- what the core asks ---- */

static void end_at_once(struct sending *sending, enum fate fate, const char *why)
{
    assert(fate != FATE_NOT_YET && !sending->in_thread);
    sending->fate = fate;
    snprintf(sending->why, sizeof sending->why, "%s", why);
    send_settle(sending->send, sending);
}

static bool send_is_ours(void *self, const char *address)
{
    return email_queue(((const struct send *)self)->email, address) != NULL;
}

/* Why a machine may not write it; NULL: it may. Each whom it goes to counts, wherever the address stands. A person may
 * get many that are redirected: their answers go to who wrote them, and one that comes back is known. */
static const char *not_by_machine(struct send *send, const struct sending *sending)
{
    const char *refused = NULL;
    if (!sending->automatic) return NULL;
    for (char **to = sending->to; *to; to++) {
        const char *why = !sending->redirects
                              ? robots_refusal(send->robots, *to, send->email->services->now_us(send->email->link))
                          : send_is_ours(send, *to) ? "the address is one of ours: move it to that queue"
                                                    : NULL;
        if (!refused) refused = why;
    }
    return refused;
}

/* Some ends need no mail server; a mail that is on its way already only learns who asks for it now. */
void send_message(struct send *send, const struct message *effect)
{
    struct sending *sending = sending_new(send, effect), *before = g_hash_table_lookup(send->all, sending->key);
    if (before) { /* asked again: it is on its way */
        before->ref = sending->ref;
        before->journal = sending->journal;
        before->cancelled = before->left = false;
        sending_free(sending);
        return;
    }
    g_hash_table_insert(send->all, sending->key, sending);
    const char *why = NULL;
    if (!*send->email->setting.submission)
        end_at_once(sending, FATE_FAILED, "`submission` is not set");
    else if (!sending->to[0])
        end_at_once(sending, FATE_FAILED, "it has no address to go to");
    else if ((why = not_by_machine(send, sending)))
        end_at_once(sending, FATE_SUPPRESSED, why);
    else if (worker_waiting(send->worker) < IN_THREAD_MAX) {
        sending->in_thread = true;
        worker_give(send->worker, sending);
    } /* else send_tick() */
}

/* A core with another journal has not asked for what is under way here: told by the ids of before, it would take it for
 * a mail of its own that has the same ids. The store is not told of it, as the same mail may be asked for again. */
void send_core_up(struct send *send)
{
    struct email *email = send->email;
    uint64_t journal = email->services->journal(email->link);
    GList *all = g_hash_table_get_values(send->all);
    for (GList *at = all; at; at = at->next) {
        struct sending *sending = at->data;
        if (sending->journal == journal) continue;
        sending->cancelled = sending->left = true;
        if (!sending->in_thread) send_settle(send, sending);
    }
    g_list_free(all);
}

void send_cancel(struct send *send, const struct message *effect)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, send->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sending *sending = value;
        if (sending->ixn == message_u(effect, ENVELOPE_ixn) && sending->ref == message_u(effect, Cancel_of))
            sending->cancelled = true;
    }
}

/* ---- coming and going ---- */

/* Store and connection are made in the loop, and then belong to the thread. */
struct send *send_new(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    struct send *send = memory_zeroed(1, sizeof *send);
    struct worker_calls calls = {send, send_work, send_done, send_dropped, NULL};
    struct error error;
    send->email = email;
    send->all = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, sending_free);
    send->robots = robots_new(email->setting.answers, send_is_ours, send);
    send->url = g_strdup_printf("%s/%s", email->setting.submission, email->setting.own_domain);
    send->curl = curl_easy_init();
    send->store = store_open(email->setting.store, &(struct store_options){.country = email->setting.country}, &error);
    if (!send->store) snprintf(why, why_size, "store: %s", error.text);
    if (send->store && setting_password(email->setting.submission_password_file, "submission_password_file",
                                        &send->password, why, why_size)) {
        send->worker = worker_new(base, &calls);
        send->server = setting_address(email->setting.submission);
        if (send->server)
            send->probe =
                probe_new(email->link, email->services, "submission",
                          &(struct probe_calls){
                              .self = send, .there = server_there, .back = send_again, .expires_s = server_expires_s});
        if (send->worker && send->curl && (!send->server || send->probe)) return send;
        snprintf(why, why_size, "no thread or memory can be had");
    }
    send_free(send);
    return NULL;
}

static bool send_is_under_way(const void *self)
{
    return worker_waiting(((const struct send *)self)->worker) > 0;
}

void send_last(struct send *send)
{
    const struct email *email = send->email;
    g_atomic_int_set(&send->ends, SEND_ENDS);
    last_answers(email->services->base(email->link), send_is_under_way, send);
}

void send_free(struct send *send)
{
    if (!send) return;
    g_atomic_int_set(&send->ends, SEND_STOPS);
    probe_free(send->probe);
    worker_free(send->worker);
    g_hash_table_destroy(send->all);
    robots_free(send->robots);
    if (send->curl) curl_easy_cleanup(send->curl);
    if (send->store) store_close(send->store);
    setting_password_free(send->password);
    g_free(send->url);
    free(send->server);
    free(send);
}

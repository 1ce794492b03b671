/* runtime/adapters/email/send.c - The senders: each hands one mail at a time to the mail server, in a thread of its
 * own (sending_submit.c). The post office queues the mails, with their pauses, and reports their results to the
 * core. A probe checks whether the mail server is up.
 *
 * A thread waits for the mail server's answer, which may take minutes. That thread is not the post office's, which
 * keeps mails meanwhile.
 *
 * A mail is known by its interaction, its msg_id and its content. Once the mail server has accepted it the contact
 * store notes that, and a repetition is only answered; if nobody knows whether the server has accepted it, it is
 * sent again under the same Message-ID. */
#include "runtime/adapters/email/email.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/robots.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/email/sending.h"
#include "runtime/vocabulary/denied.h"
#include "base/memory.h"

enum { LOOK_MAX_US = 60000000 };

/* ---- a mail is sent ---- */

uint64_t send_room(void *self, uint64_t *where)
{
    struct send *send = ((struct email *)self)->send;
    uint64_t room = 0;
    for (unsigned i = 0; i < SENDERS; i++) {
        if (send->senders[i].piece) continue;
        *where = i;
        room++;
    }
    return room;
}

bool send_busy(const void *self, const char *customer)
{
    const struct send *send = ((const struct email *)self)->send;
    for (unsigned i = 0; i < SENDERS; i++)
        if (send->senders[i].piece && strcmp(send->senders[i].customer, customer) == 0) return true;
    return false;
}

bool send_one(void *self, const struct post_sending *item, unsigned n, uint64_t where, void *piece)
{
    struct sender *sender = &((struct email *)self)->send->senders[where];
    (void)n;
    assert(!sender->piece);
    sender->piece = piece;
    sender->sending = item->body;
    sender->customer = item->customer;
    worker_give(sender->worker, sender);
    return true;
}

static void sender_works(void *self, void *job)
{
    (void)job;
    struct sender *sender = self;
    send_submit(sender, sender->sending);
}

static void sender_done(void *self, void *job)
{
    static const enum post_answer answers[] = {
        [FATE_NOT_YET] = POST_NOT_YET, [FATE_ACCEPTED] = POST_GIVEN, [FATE_FAILED] = POST_REFUSED};
    (void)job;
    struct sender *sender = self;
    struct send *send = sender->send;
    const struct email_sending *sending = sender->sending;
    void *piece = sender->piece;
    const struct post_answered answered = {
        .answer = answers[sending->fate], .peer_id = sending->message_id, .why = sending->why};
    if (sending->fate == FATE_NOT_YET) {
        if (sending->no_dialogue) g_atomic_int_set(&send->look.at_once, 1);
        probe_now(send->probe);
    }
    sender->piece = NULL;
    office_answered(send->email->office, piece, &answered);
}

/* Drops a mail when the process ends: the store has noted its sending as begun, and the next process sends it again. */
static void sender_dropped(void *self, void *job)
{
    (void)job;
    struct sender *sender = self;
    office_unanswered(sender->piece);
    sender->piece = NULL;
}

/* ---- the mail server ---- */

static void send_again(void *self)
{
    office_hurry(((struct send *)self)->email->office);
}

/* Checks the mail server, in the probe's thread. Each check connects; once a minute, and after a failure, the dialogue
 * goes on to the log-in. A refused log-in is repeated after growing pauses, so that the server does not lock the
 * account. */
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

/* ---- machines ---- */

static bool send_is_ours(void *self, const char *address)
{
    return setting_queue(&((const struct send *)self)->email->setting, address) != NULL;
}

/* Returns why a machine may not send the mail; NULL: it may. Each recipient counts, in To or Cc. Redirected mails do
 * not count: their answers go to the original sender, and one that comes back is recognized. */
const char *send_not_by_machine(struct send *send, const struct email_sending *sending)
{
    const char *refused = NULL;
    if (!sending->automatic) return NULL;
    for (char **to = sending->to; *to; to++) {
        const char *why = !sending->redirects       ? robots_refusal(send->robots, *to, office_now(send->email->office))
                          : send_is_ours(send, *to) ? denied_words(WHY_passed_on)
                                                    : NULL;
        if (!refused) refused = why;
    }
    return refused;
}

/* ---- start and end ---- */

static bool mail_senders_new(struct send *send, struct event_base *base)
{
    for (unsigned i = 0; i < SENDERS; i++) {
        struct sender *sender = &send->senders[i];
        struct worker_calls calls = {sender, sender_works, sender_done, sender_dropped, NULL};
        sender->send = send;
        sender->curl = curl_easy_init();
        sender->worker = worker_new(base, &calls);
        if (!sender->curl || !sender->worker) return false;
    }
    return true;
}

struct send *send_new(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    struct send *send = memory_zeroed(1, sizeof *send);
    send->email = email;
    send->robots = robots_new(email->setting.answers, send_is_ours, send);
    send->url = g_strdup_printf("%s/%s", email->setting.submission, email->setting.own_domain);
    if (secret_read(&send->password, email->setting.submission_password_file, "submission_password_file", why,
                    why_size)) {
        send->server = setting_address(email->setting.submission);
        if (send->server)
            send->probe =
                probe_new(email->link, email->services, "submission",
                          &(struct probe_calls){
                              .self = send, .there = server_there, .back = send_again, .expires_s = server_expires_s});
        if (mail_senders_new(send, base) && (!send->server || send->probe)) return send;
        snprintf(why, why_size, "no thread or memory can be had");
    }
    send_free(send);
    return NULL;
}

void send_watched(struct send *send, struct watched_files *files)
{
    watched_secret(files, &send->password);
}

void send_free(struct send *send)
{
    if (!send) return;
    g_atomic_int_set(&send->stops, 1);
    probe_free(send->probe);
    for (unsigned i = 0; i < SENDERS; i++) {
        if (send->senders[i].worker) worker_free(send->senders[i].worker);
        if (send->senders[i].curl) curl_easy_cleanup(send->senders[i].curl);
    }
    robots_free(send->robots);
    secret_free(&send->password);
    g_free(send->url);
    free(send->server);
    free(send);
}

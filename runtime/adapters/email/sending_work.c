/* runtime/adapters/email/sending_work.c - Owns the store's part of a mail that goes out: its text, its parts, the mail
 * that it answers, and its fate. It runs in the thread.
 *
 * A turn of a mail in the thread, in this order; each step may say "not yet", and the whole turn is done again
 * later:
 *
 *     goes_round()       a machine's mail is not answered by a machine: FATE_SUPPRESSED; one that is redirected may not
 *                        have been redirected from here before
 *     complete()         once: the mail that is answered, the sender's address, parts that go with the text
 *     whole_text()       the text, from the effect, the store, or a standard response
 *     keep_outgoing()    the store knows that it is about to go out, and under which Message-ID
 *     find_refused()     whom it goes to may want none: nobody gets it then
 *     send_submit()      it goes out
 *     note_fate()        the store learns what became of it
 *
 * A process that is killed after send_submit() and before note_fate() sends the mail a second time, under the same
 * Message-ID; there is no way to know better. */
#include "runtime/adapters/email/sending.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/answer.h"
#include "runtime/adapters/email/compose.h"
#include "runtime/store/store.h"

static bool send_add_piece(void *self, struct span piece)
{
    GString *text = self;
    g_string_append_len(text, (const char *)piece.bytes, piece.length);
    return text->len <= MAIL_TEXT_MAX;
}

static void not_yet(struct sending *sending, const struct error *error)
{
    sending->fate = store_again(error) ? FATE_NOT_YET : FATE_FAILED;
    snprintf(sending->why, sizeof sending->why, "contact store: %s", error->text);
}

/* A machine that wrote is not answered by a machine (RFC 3834): taking it in has noted which it was. */
static bool goes_round(struct sending *sending, struct error *error)
{
    bool robot = false;
    if (!sending->automatic || !*sending->reply_to || sending->redirects) return false;
    if (!keep_is_robot(sending->send->store, sending->reply_to, &robot, error)) return false;
    return robot;
}

/* The mail that is redirected, as it came. */
static char *whole_raw(struct sending *sending, struct error *error)
{
    GString *raw = g_string_new(NULL);
    bool good = keep_whole(sending->send->store, sending->reply_to, sending->send->email->setting.size, raw, error);
    if (good && strlen(raw->str) != raw->len)
        good = error_set(error, ERROR_INPUT, "the mail has a byte of value zero, at which it would be cut off");
    return g_string_free(raw, !good);
}

/* The text of the mail: given as text, as a part of the store, or as a standard response, whose subject stands for the
 * mail's. */
static char *whole_text(struct sending *sending, struct error *error)
{
    assert(sending->parts); /* complete() comes first */
    struct store *store = sending->send->store;
    char *subject, *text;
    if (sending->redirects) return whole_raw(sending, error);
    if (*sending->template) {
        const char *about = *sending->reply_to ? sending->reply_to : NULL;
        bool good = keep_template(store, sending->template, about, sending->to[0], &subject, &text, error);
        if (good && *subject) {
            g_free(sending->subject);
            sending->subject = g_strdup(subject);
        }
        char *copy = good ? g_strdup(text) : NULL;
        free(subject), free(text);
        return copy;
    }
    GString *all = g_string_new(sending->text);
    bool good = sending->part == 0 || (store_owns(store, "", STORE_OF_part, sending->part, error) &&
                                       store_read(store, sending->part, send_add_piece, all, error));
    return g_string_free(all, !good);
}

static char *all_to(const struct sending *sending)
{
    return g_strjoinv(", ", sending->to);
}

/* The mail's result, where agents look. The mail itself is not told again because of an error here. */
static void note_fate(struct sending *sending, const char *result)
{
    struct error error = {0};
    if (sending->sent.interaction == 0) return;
    char *to = all_to(sending);
    if (!keep_told(sending->send->store, &sending->sent, to, result, sending->why, sending->wall_us, &error)) {
        size_t length = strlen(sending->why);
        snprintf(sending->why + length, sizeof sending->why - length, "%scontact store: %s", length > 0 ? "; " : "",
                 error.text);
    }
    g_free(to);
}

/* An address that it goes to wants no e-mail from us. A strategy hears `suppressed`, and of an agent's mail that it has
 * failed. */
static bool find_refused(struct sending *sending, bool *refused, struct error *error)
{
    *refused = false;
    for (char **to = sending->to; *to && !*refused; to++) {
        struct store_refusal refusal = {.tenant = "",
                                        .media = "email",
                                        .kind = STORE_email,
                                        .address = span_of(*to),
                                        .own = span_of(sending->from)};
        if (!store_refuses(sending->send->store, &refusal, refused, error)) return false;
        if (*refused) snprintf(sending->why, sizeof sending->why, "%.200s wants no e-mail from us", *to);
    }
    return true;
}

/* Submits it to a mail server, where it is wanted. */
static void submit_wanted(struct sending *sending, const char *text)
{
    struct error error = {0};
    bool refused;
    if (!find_refused(sending, &refused, &error)) {
        not_yet(sending, &error);
        return;
    }
    if (refused)
        sending->fate = *sending->release ? FATE_FAILED : FATE_SUPPRESSED;
    else
        send_submit(sending, text);
    note_fate(sending, sending->fate == FATE_ACCEPTED  ? "accepted"
                       : sending->fate == FATE_NOT_YET ? "not yet"
                                                       : "failed");
}

/* Keeps the mail, and submits it unless the store says that a mail server has had it. */
static void send_text(struct sending *sending, const char *text)
{
    assert(sending->to[0]); /* send_message() ends one without at once */
    struct send *send = sending->send;
    struct error error = {0};
    struct outgoing outgoing = {.journal = sending->journal,
                                .ixn = sending->ixn,
                                .msg_id = sending->msg_id,
                                .message_id = sending->message_id,
                                .from = sending->from,
                                .to = sending->to[0],
                                .subject = sending->subject,
                                .text = sending->redirects ? "" : text,
                                .reply_to = sending->reply_to,
                                .release = sending->release,
                                .by_agent = *sending->release != 0};
    char *message_id;
    bool good = keep_outgoing(send->store, &outgoing, sending->wall_us, &sending->sent, &message_id, &error);
    if (message_id) {
        g_free(sending->message_id);
        sending->message_id = message_id;
    }
    if (!good) {
        not_yet(sending, &error);
        return;
    }
    sending->fate = FATE_ACCEPTED;
    sending->gone_before = sending->sent.accepted;
    if (!sending->gone_before) submit_wanted(sending, text);
}

/* An answer comes from the address of ours that was written to. */
static void take_sender(struct sending *sending, const struct mail *mail)
{
    const struct setting *setting = &sending->send->email->setting;
    for (unsigned i = 0; i < 2 && mail; i++)
        for (char **to = i == 0 ? mail->to : mail->cc; *to && !*sending->from; to++)
            if (setting_queue(setting, *to)) {
                g_free(sending->from);
                sending->from = g_strdup(*to);
            }
    if (*sending->from) return;
    g_free(sending->from);
    sending->from = g_strdup(setting->own_from);
}

/* The mail that is answered, as it came: by which name it is known outside, what it refers to, and to whom it went. */
static bool find_answered(struct sending *sending, struct error *error)
{
    assert(!sending->references); /* it is looked for once */
    GString *head = g_string_new(NULL);
    bool good = !*sending->reply_to || keep_raw_head(sending->send->store, sending->reply_to, head, error);
    struct mail *mail = head->len > 0 ? mail_read(head->str, head->len, &(struct mail_setting){.sender = ""}) : NULL;
    if (good) {
        g_strfreev(sending->references), g_free(sending->answered);
        sending->references = mail ? g_strdupv(mail->references) : g_new0(char *, 1);
        sending->answered = mail ? g_strdup(mail->message_id) : NULL;
        take_sender(sending, mail);
    }
    mail_free(mail);
    g_string_free(head, TRUE);
    return good;
}

static void see_digest(void *self, const struct store_part_shown *shown)
{
    struct sending *sending = self;
    sending->other = shown->digest.length > 0 && !span_is(shown->digest, sending->digest->str);
}

/* A store that was put back from before the text was written gives the part's number to somebody else's words. */
static bool part_is_the_text(struct sending *sending, struct error *error)
{
    assert(sending->part != 0);
    sending->other = false;
    if (!store_owns(sending->send->store, "", STORE_OF_part, sending->part, error)) return false;
    if (sending->digest->len == 0) return true;
    if (!store_part(sending->send->store, sending->part, see_digest, sending, error)) return false;
    if (!sending->other) return true;
    return error_set(error, ERROR_UNKNOWN, "part %lld is not what was written: the store was put back from before it",
                     (long long)sending->part);
}

/* Facts that the store knows and the core has not said: the mail that is answered, the sender, the parts that go with
 * it. */
static bool complete(struct sending *sending, struct error *error)
{
    struct store *store = sending->send->store;
    char *answered = NULL;
    if (sending->parts) return true;
    if (*sending->release && !keep_answered(store, sending->release, &answered, error)) return false;
    if (answered) { /* the core's number of it may be another one's, since its journal began anew */
        g_free(sending->reply_to);
        sending->reply_to = answered;
    }
    if (!sending->references && !find_answered(sending, error)) return false;
    if (*sending->release && !sending->copies && !mail_answer_copies(store, sending->release, &sending->copies, error))
        return false;
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(struct composed_part));
    if (sending->part == 0 ||
        (part_is_the_text(sending, error) &&
         keep_parts_beside(store, sending->part, sending->send->email->setting.size, parts, error))) {
        sending->parts = parts;
        return true;
    }
    keep_parts_free(parts);
    return false;
}

void send_work(void *self, void *job)
{
    struct sending *sending = job;
    assert(sending->in_thread);
    struct error error = {0};
    char *text = NULL;
    (void)self;
    if (sending->gives_up) {
        note_fate(sending, "failed");
        return;
    }
    if (g_atomic_int_get(&sending->send->ends) != SEND_SERVES) {
        sending->fate = FATE_NOT_YET;
        return;
    }
    sending->why[0] = 0;
    if (goes_round(sending, &error)) {
        sending->fate = FATE_SUPPRESSED;
        snprintf(sending->why, sizeof sending->why, "a machine wrote, and is not answered by one");
    } else if (error.code != ERROR_NONE || !complete(sending, &error) || !(text = whole_text(sending, &error)))
        not_yet(sending, &error);
    else if (sending->redirects && compose_was_resent(text, sending->send->email->setting.own_domain)) {
        sending->fate = FATE_SUPPRESSED;
        snprintf(sending->why, sizeof sending->why, "it was redirected from here before, and has come back");
    } else
        send_text(sending, text);
    g_free(text);
}

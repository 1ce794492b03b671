/* runtime/adapters/email/sending_work.c - What the store does for a mail to be sent: its text, its parts, the mail
 * that it answers, and its result. All functions run in the post office's thread.
 *
 * The steps for a mail, before it waits and each time before its sending begins:
 *
 *     goes_round()             a machine's mail is not answered by a machine, but suppressed; it is forwarded
 *                              only if it is no answer to a mail of ours
 *     sending_work_complete()  once: adds the mail that is answered, and the sender's address; the parts sent
 *                              with the text are read only when the sending begins, so that waiting mails do
 *                              not fill the memory
 *     whole_text()             once: takes the text from the effect, the store, or a standard response; a mail
 *                              that was redirected from here before is not redirected again
 *     keep_outgoing()          the store notes that the mail is about to be sent, and its Message-ID
 *     find_refused()           if one of the recipients wants no mail from us, the mail goes to none of them
 *
 * If the process is killed while a mail server has the mail, the mail is sent a second time, under the same
 * Message-ID: nobody can know whether the server had accepted it. */
#include "runtime/adapters/email/sending.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/answer.h"
#include "runtime/adapters/email/compose.h"
#include "runtime/adapters/email/mime_internal.h"
#include "runtime/post/code.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/denied.h"

static bool send_add_piece(void *self, struct span piece)
{
    GString *text = self;
    g_string_append_len(text, (const char *)piece.bytes, piece.length);
    return text->len <= MAIL_TEXT_MAX;
}

static bool id_is_ours(const struct email_sending *sending, const char *id)
{
    return id && compose_id_is_ours(id, sending->email->setting.own_domain);
}

/* Does a machine's mail answer a sent one, or come from the address to which it would be forwarded? A mail that is
 * forwarded in such a case would come back. */
static bool forward_returns(const struct email_sending *sending, struct store *store, bool *returns,
                            struct error *error)
{
    GString *raw = g_string_new(NULL);
    bool good = keep_whole(store, sending->reply_to, sending->email->setting.size, raw, error);
    struct mail *mail = good ? mail_read(raw->str, raw->len, &(struct mail_setting){0}) : NULL;
    *returns = mail && id_is_ours(sending, mail->message_id);
    for (char **id = mail ? mail->references : NULL; id && *id; id++) *returns = *returns || id_is_ours(sending, *id);
    for (char **to = sending->to; mail && *to; to++) {
        struct span from = span_of(mail->from ? mail->from : "");
        *returns = *returns || setting_queue(&sending->email->setting, mail->from ? mail->from : "") ||
                   denied_machine_wrote(span_of(mail_robot_name(mail->robot)), from, span_of(*to)) != WHY_none;
    }
    if (mail) mail_free(mail);
    g_string_free(raw, TRUE);
    return good;
}

/* Would a machine answer a machine (RFC 3834)? When the mail was taken in, the store noted whether a machine wrote
 * it. */
static bool goes_round(const struct email_sending *sending, struct store *store, bool *robot, struct error *error)
{
    *robot = false;
    if (!sending->automatic || !*sending->reply_to || sending->redirects) return true;
    if (!keep_is_robot(store, sending->reply_to, robot, error)) return false;
    return !*robot || !sending->forwards || forward_returns(sending, store, robot, error);
}

/* Returns the mail to be redirected, as it came. */
static char *whole_raw(const struct email_sending *sending, struct store *store, struct error *error)
{
    GString *raw = g_string_new(NULL);
    bool good = keep_whole(store, sending->reply_to, sending->email->setting.size, raw, error);
    if (good && strlen(raw->str) != raw->len)
        good = error_set(error, ERROR_INPUT, "the mail has a byte of value zero, at which it would be cut off");
    return g_string_free(raw, !good);
}

/* Returns the text of the mail: given as text, as a part of the store, or as a standard response, whose subject
 * becomes the mail's. */
static char *sending_text(struct email_sending *sending, struct store *store, struct error *error)
{
    assert(sending->references); /* sending_work_complete() comes first */
    char *subject, *text;
    if (sending->redirects) return whole_raw(sending, store, error);
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

static void take_coded(void *self, const struct store_line *line)
{
    g_free(*(char **)self);
    *(char **)self = g_strndup((const char *)line->text.bytes, line->text.length);
}

/* Returns the text with a code in it: as the mail was kept before, else with a new code. The mail waits and is begun in
 * two jobs, and another process may have kept it, so the store is asked each time. */
static char *coded_text(const struct email_sending *sending, struct store *store, const struct post_order *order,
                        struct error *error)
{
    struct kept_sent sent = {0};
    char *text = NULL;
    if (!keep_find_sent(store, order->journal, sending->message_id, &sent, error)) return NULL;
    if (sent.interaction == 0) return post_code_text(store, sending->code_of, order->now, sending->coded, error);
    if (store_transcript(store, sent.interaction, 0, 1, true, take_coded, &text, error))
        return text ? text : g_strdup("");
    g_free(text);
    return NULL;
}

static bool whole_text(struct email_sending *sending, struct store *store, const struct post_order *order,
                       struct error *error)
{
    if (sending->code_of != 0) {
        char *coded = coded_text(sending, store, order, error);
        if (!coded) return false;
        g_free(sending->text);
        sending->text = coded;
        return sending->whole = true;
    }
    char *text = sending->whole ? NULL : sending_text(sending, store, error);
    if (!text) return sending->whole;
    g_free(sending->text);
    sending->text = text;
    return sending->whole = true;
}

/* Notes the mail's result in the store, where agents see it. */
static bool note_fate(const struct email_sending *sending, struct store *store, const char *result, const char *why,
                      int64_t now, struct error *error)
{
    if (sending->sent.interaction == 0) return true;
    char *to = g_strjoinv(", ", sending->to);
    bool good = keep_told(store, &sending->sent, to, result, why, now, error);
    g_free(to);
    return good;
}

bool sending_noted(const void *self, struct store *store, const struct post_sending *item, enum post_out state,
                   int64_t now, struct error *error)
{
    (void)self;
    struct email_sending *sending = item->body;
    const char *result = state == POST_OUT_given  ? "accepted"
                         : state == POST_OUT_held ? "not yet"
                                                  : post_out_shown(state);
    if (state == POST_OUT_held && sending->parts) { /* the parts are read again when the sending begins again */
        keep_parts_free(sending->parts);
        sending->parts = NULL;
    }
    return note_fate(sending, store, result, item->why, now, error);
}

/* Sets `refused` if a recipient wants no e-mail from this site. A strategy then gets the result `suppressed`; an
 * agent's mail has failed. */
static bool find_refused(const struct email_sending *sending, struct store *store, bool *refused, char why[POST_WHY],
                         struct error *error)
{
    *refused = false;
    for (char **to = sending->to; *to && !*refused; to++) {
        struct store_refusal refusal = {.tenant = "",
                                        .media = "email",
                                        .kind = STORE_email,
                                        .address = span_of(*to),
                                        .own = span_of(sending->from)};
        if (!store_refuses(store, &refusal, refused, error)) return false;
        if (*refused) snprintf(why, POST_WHY, "%.200s wants no e-mail from us", *to);
    }
    return true;
}

/* Keeps the mail; the store may answer that a mail server has accepted it, and under which Message-ID it is to be
 * sent. */
static bool keep_it(struct email_sending *sending, struct store *store, const struct post_order *order,
                    struct error *error)
{
    assert(sending->to[0]); /* sending_divide() refuses a mail without recipients */
    struct email_outgoing outgoing = {.journal = order->journal,
                                      .ixn = order->ixn,
                                      .msg_id = order->msg_id,
                                      .message_id = sending->message_id,
                                      .from = sending->from,
                                      .to = sending->to[0],
                                      .subject = sending->subject,
                                      .text = sending->redirects ? "" : sending->text,
                                      .reply_to = sending->reply_to,
                                      .release = sending->release,
                                      .by_agent = *sending->release != 0};
    char *message_id;
    bool good = keep_outgoing(store, &outgoing, sending->wall_us, &sending->sent, &message_id, error);
    if (!message_id) return good;
    g_free(sending->message_id);
    sending->message_id = message_id;
    return good;
}

/* Sets the sender: an answer comes from the plugin's address to which the customer wrote. It does not come from an
 * address beside that one which the plugin does not know: anybody may have put it there. Where none of the plugin's is
 * in the mail, another adapter has taken it, whose address the core names. */
static void take_sender(struct email_sending *sending, const struct mail *mail)
{
    const struct email_setting *setting = &sending->email->setting;
    const char *own = NULL;
    for (unsigned i = 0; i < 2 && mail; i++)
        for (char **to = i == 0 ? mail->to : mail->cc; *to && !own; to++)
            if (setting_queue(setting, *to)) own = *to;
    if (*sending->from && (!own || setting_sends(setting, sending->from))) return;
    g_free(sending->from);
    sending->from = g_strdup(own ? own : setting->own_from);
}

/* Reads the mail that is answered: its Message-ID, its references, and to whom it was sent. */
static bool find_answered(struct email_sending *sending, struct store *store, struct error *error)
{
    assert(!sending->references); /* the references are read only once */
    GString *head = g_string_new(NULL);
    bool good = !*sending->reply_to || keep_raw_head(store, sending->reply_to, head, error);
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
    struct email_sending *sending = self;
    sending->other = shown->digest.length > 0 && !span_is(shown->digest, sending->digest->str);
}

/* Is the part the right text? A store that was restored from an older backup may have given the part's number to
 * another text. */
static bool part_is_the_text(struct email_sending *sending, struct store *store, struct error *error)
{
    assert(sending->part != 0);
    sending->other = false;
    if (!store_owns(store, "", STORE_OF_part, sending->part, error)) return false;
    if (sending->digest->len == 0) return true;
    if (!store_part(store, sending->part, see_digest, sending, error)) return false;
    if (!sending->other) return true;
    return error_set(error, ERROR_UNKNOWN, "part %lld is not what was written: the store was put back from before it",
                     (long long)sending->part);
}

/* Returns the addresses of the list in the form in which addresses are compared, without those that are none. Takes
 * the list. */
static char **sending_goods(char **list)
{
    GPtrArray *all = g_ptr_array_new();
    for (char **one = list; *one; one++) {
        char *good = email_address_good(*one);
        if (good) g_ptr_array_add(all, good);
    }
    g_ptr_array_add(all, NULL);
    g_strfreev(list);
    return (char **)g_ptr_array_free(all, FALSE);
}

/* Takes all recipients from the envelope: the core has given the first ones alone. */
static bool take_envelope(struct email_sending *sending, struct store *store, struct error *error)
{
    struct email_envelope *envelope = &sending->envelope;
    if (!email_envelope_read(store, sending->release, envelope, error)) return false;
    envelope->to = sending_goods(envelope->to);
    envelope->cc = sending_goods(envelope->cc);
    envelope->bcc = sending_goods(envelope->bcc);
    if (!envelope->to[0]) return true;
    g_strfreev(sending->to);
    sending->to = g_strdupv(envelope->to);
    return true;
}

/* Adds what the store knows and the core has not given: the mail that is answered, the sender, the parts to be sent
 * with the text. */
static bool sending_work_complete(struct email_sending *sending, struct store *store, bool begins, struct error *error)
{
    char *answered = NULL;
    if (sending->parts) return true;
    if (*sending->release && !keep_answered(store, sending->release, &answered, error)) return false;
    if (answered) { /* the core's number may be that of another mail, since its journal began anew */
        g_free(sending->reply_to);
        sending->reply_to = answered;
    }
    if (!sending->references && !find_answered(sending, store, error)) return false;
    if (*sending->release && !sending->envelope.to && !take_envelope(sending, store, error)) return false;
    if (sending->part != 0 && !part_is_the_text(sending, store, error)) return false;
    if (!begins) return true;
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(struct composed_part));
    if (sending->part == 0 || keep_parts_beside(store, sending->part, sending->email->setting.size, parts, error)) {
        sending->parts = parts;
        return true;
    }
    keep_parts_free(parts);
    return false;
}

/* Notes that the mail is not sent, and why. */
static bool goes_not(struct post_order *order, enum post_going going, const char *why)
{
    order->going = going;
    snprintf(order->why, sizeof order->why, "%s", why);
    return true;
}

/* Does all that the store has to do for a mail. False with `error`. A mail that is not to be sent is no failure:
 * `order->going` says why. */
static bool sending_work_written(struct email_sending *sending, struct store *store, struct post_order *order,
                                 struct error *error)
{
    bool robot, refused;
    char why[POST_WHY];
    if (!goes_round(sending, store, &robot, error)) return false;
    if (robot) return goes_not(order, POST_SUPPRESSED, denied_words(WHY_machine));
    if (!sending_work_complete(sending, store, order->begun, error) || !whole_text(sending, store, order, error))
        return false;
    if (sending->redirects && compose_was_resent(sending->text, sending->email->setting.own_domain))
        return goes_not(order, POST_SUPPRESSED, "it was redirected from here before, and has come back");
    if (!keep_it(sending, store, order, error)) return false;
    order->interaction = sending->sent.interaction;
    order->pieces = g_strv_length(sending->to);
    if (sending->sent.accepted)
        return goes_not(order, POST_GONE, sending->sent.before ? "for another interaction, whose state was lost" : "");
    if (!find_refused(sending, store, &refused, why, error)) return false;
    return !refused || (note_fate(sending, store, "failed", why, order->now, error) &&
                        goes_not(order, *sending->release ? POST_FAILED : POST_SUPPRESSED, why));
}

/* Prepares a mail for sending; it fails if the store can never read it. */
bool sending_write(const void *self, struct store *store, struct post_order *order, struct error *error)
{
    struct email_sending *sending = order->body;
    (void)self;
    if (sending_work_written(sending, store, order, error)) return true;
    if (store_again(error)) return false;
    snprintf(order->why, sizeof order->why, "contact store: %.250s", error->text);
    order->going = POST_FAILED;
    return note_fate(sending, store, "failed", order->why, order->now, error);
}

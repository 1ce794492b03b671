/* runtime/adapters/email/keep.c - Writes and reads mails in the contact store.
 *
 * The store has each mail as an interaction of media `email`, known by its external id (the Message-ID, or a digest
 * if there is none). Everything that must be found again is stored in this form:
 *
 *     a mail that came        direction in; parts `text`, `raw` (as it came), `html`, `inline`, `attachment`
 *                             kind of its first message: `text`, or `notice` where a machine wrote it
 *     an agent's answer       direction out, with an agent; each mail that is sent of it is a message of kind `sent`
 *     a mail of a machine     direction out, without an agent; the interaction is the mail, message 1 its text
 *
 * Two numbers must not be confused: `interaction` is the store's and lasts; `ixn` is the core's, which is valid only
 * together with the `journal` of the core that gave it (ixn_of). */
#include "runtime/adapters/email/keep.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/compose.h"
#include "runtime/post/way.h"
#include "runtime/store/fill.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/denied.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/rows.h"

enum { TEXT, RAW, OWN_PARTS };
enum { HEAD_MAX = 65536 };
#define MEDIA    "email"
#define ACCEPTED "accepted"
#define READ     "read"
#define FAILED   "failed"
#define SENT     "sent"   /* kind of a message that notes to whom an agent's text was sent */
#define ROBOT    "notice" /* kind of the message that has the text of a machine's mail */

static struct span text_to_span(const char *text)
{
    return span_of(text ? text : "");
}

static char *span_to_text(struct span text)
{
    return text.length > 0 ? g_strndup((const char *)text.bytes, text.length) : NULL;
}

/* ---- mails that are sent ---- */

uint64_t kept_ixn(const struct store_shown *shown)
{
    uint64_t ixn;
    return ident_read_ixn_span(shown->ixn, &ixn) ? ixn : 0;
}

/* Returns the core's number of the row; 0: the number is of another journal, and so of another interaction. */
static uint64_t ixn_of(const struct store_shown *shown, uint64_t journal)
{
    return shown->journal != 0 && journal != 0 && shown->journal != journal ? 0 : kept_ixn(shown);
}

/* Notes the core's number of the interaction: mails that answer this one get it as their parent. */
static bool keep_submitted(struct store *store, int64_t interaction, uint64_t journal, uint64_t ixn,
                           struct error *error)
{
    char text[IXN_TEXT];
    ident_print_ixn(ixn, text);
    return store_submitted(store, interaction, journal, text, error);
}

struct looked { /* a search for a sent mail in an interaction */
    uint64_t journal;
    struct span message_id;
    struct kept_sent *sent;
    bool ours; /* the mail was sent from here */
};

static void take_sent(void *self, const struct store_shown *shown)
{
    struct looked *looked = self;
    looked->ours = span_is(shown->direction, "out");
    looked->sent->ixn = ixn_of(shown, looked->journal);
    looked->sent->whole = store_same_name(shown->external_id, looked->message_id);
    looked->sent->accepted = looked->sent->whole && span_is(shown->result, ACCEPTED);
}

/* Takes the mail's line: the first line of an interaction that is the mail itself, or else the line with the mail's
 * Message-ID. */
static void mail_take_line(void *self, const struct store_line *line)
{
    const struct looked *looked = self;
    struct kept_sent *sent = looked->sent;
    if (!span_is(line->visible, "agents") && sent->n == 0) {
        sent->written = line->n;
        sent->failed = span_is(line->result, FAILED);
    }
    if (sent->whole ? line->n != 1 : !store_same_name(line->msg_id, looked->message_id)) return;
    sent->n = line->n;
    if (sent->whole) text_set_span(sent->msg_id, sizeof sent->msg_id, line->msg_id);
    sent->accepted |= span_is(line->result, ACCEPTED) || span_is(line->result, READ);
}

/* Reads what the store knows about a mail that was sent. Nothing is found if the interaction is a mail that came in. */
static bool read_sent(struct store *store, int64_t interaction, uint64_t journal, const char *message_id,
                      struct kept_sent *sent, struct error *error)
{
    assert(interaction != 0 && *message_id);
    struct looked looked = {journal, span_of(message_id), sent, false};
    *sent = (struct kept_sent){.interaction = interaction};
    bool good = store_interaction(store, interaction, take_sent, &looked, error) &&
                store_transcript(store, interaction, 0, STORE_ROWS_MAX, true, mail_take_line, &looked, error);
    /* a mail that came in, whose name somebody gives as that of a sent one */
    if (!looked.ours) *sent = (struct kept_sent){0};
    return good;
}

bool keep_find_sent(struct store *store, uint64_t journal, const char *message_id, struct kept_sent *sent,
                    struct error *error)
{
    struct store_key key;
    struct span name = span_of(message_id);
    *sent = (struct kept_sent){0};
    if (!store_by_reference(store, "", MEDIA, &name, 1, &key, error)) return false;
    return key.interaction == 0 || read_sent(store, key.interaction, journal, message_id, sent, error);
}

/* Notes that an agent's text is sent, which the store has already: each sending adds a line, by which mails that
 * answer it are matched. */
static bool keep_released(struct store *store, const struct email_outgoing *mail, int64_t interaction, int64_t now,
                          struct kept_sent *sent, struct error *error)
{
    char *text = g_strdup_printf("To %s: on its way", mail->to);
    struct store_message message = {.msg_id = span_of(mail->message_id),
                                    .at = now,
                                    .role = "system",
                                    .kind = SENT,
                                    .visible = "agents",
                                    .sender = text_to_span(mail->from),
                                    .text = span_of(text)};
    int64_t n;
    bool good = read_sent(store, interaction, mail->journal, mail->message_id, sent, error);
    if (good && sent->n == 0)
        good = store_say(store, interaction, &message, &n, error) &&
               read_sent(store, interaction, mail->journal, mail->message_id, sent, error);
    g_free(text);
    return good;
}

/* Keeps a mail of a machine, or one that the store does not have, as an interaction of its own: the answer to
 * `parent`. */
static bool keep_written(struct store *store, const struct email_outgoing *mail, int64_t parent, int64_t now,
                         struct kept_sent *sent, struct error *error)
{
    struct store_key key;
    struct store_arrival arrival = {
        .tenant = "",
        .media = MEDIA,
        .external_id = span_of(mail->message_id),
        .outbound = true,
        .kind = STORE_email,
        .address = text_to_span(mail->to),
        .parent = parent,
        .received = now,
        .journal = mail->journal,
        .message = {.msg_id = span_of(mail->msg_id),
                    .at = now,
                    .role = mail->by_agent ? "agent" : "system",
                    .sender = text_to_span(mail->from),
                    .subject = text_to_span(mail->subject),
                    .text = text_to_span(mail->text)},
    };
    return store_put(store, &arrival, &key, error) &&
           keep_submitted(store, key.interaction, mail->journal, mail->ixn,
                          error) && /* the result is noted even if the interaction has ended meanwhile */
           read_sent(store, key.interaction, mail->journal, mail->message_id, sent, error);
}

struct sent_before {
    const struct email_outgoing *mail;
    char ixn[IXN_TEXT];
    bool accepted;
    int64_t on_its_way; /* interaction of an answer for which nobody noted whether a mail server has accepted it; 0:
                         * none */
    char *message_id;   /* Message-ID of that answer */
};

/* Takes a machine's mail with the same words, to the same address, that was written for another interaction. */
static void take_before(void *self, const struct store_shown *shown)
{
    struct sent_before *before = self;
    bool same = span_is(shown->direction, "out") && shown->ixn.length > 0 &&
                (!span_is(shown->ixn, before->ixn) || shown->journal != before->mail->journal) &&
                span_is(shown->address, before->mail->to ? before->mail->to : "") &&
                span_is(shown->subject, before->mail->subject);
    if (!same) return;
    before->accepted |= span_is(shown->result, ACCEPTED);
    bool unknown = shown->result.length == 0 || span_is(shown->result, POST_NOT_SENT);
    if (!unknown || before->message_id) return;
    before->on_its_way = shown->interaction;
    before->message_id = span_to_text(shown->external_id);
}

/* Keeps a machine's answer. A mail that is submitted to the core again, as its state was lost, is a new interaction
 * there. A machine that has answered the older interaction does not answer again. If a mail server may have accepted
 * the older answer, it is sent under its own Message-ID, by which a recipient recognizes the second copy. */
static bool keep_answer(struct store *store, const struct email_outgoing *mail, int64_t parent, int64_t now,
                        struct kept_sent *sent, char **message_id, struct error *error)
{
    struct sent_before before = {.mail = mail};
    ident_print_ixn(mail->ixn, before.ixn);
    bool good = parent == 0 || mail->by_agent ||
                store_answers(store, parent, text_to_span(mail->text), take_before, &before, error);
    if (good && before.accepted)
        *sent = (struct kept_sent){.accepted = true, .before = true};
    else if (good && before.message_id) {
        *message_id = g_strdup(before.message_id);
        good = read_sent(store, before.on_its_way, mail->journal, before.message_id, sent, error);
    } else if (good)
        good = keep_written(store, mail, parent, now, sent, error);
    g_free(before.message_id);
    return good;
}

/* Keeps a mail to be sent, of one of three kinds: an agent's text that is released; a mail that was kept before and
 * is requested again; a new mail. */
bool keep_outgoing(struct store *store, const struct email_outgoing *mail, int64_t now, struct kept_sent *sent,
                   char **message_id, struct error *error)
{
    assert(mail->message_id && mail->release && mail->reply_to); /* a missing text is "" here and not NULL */
    struct store_key released = {0}, answered = {0};
    *message_id = NULL;
    if (*mail->release && !store_by_external(store, "", MEDIA, span_of(mail->release), &released, error)) return false;
    if (released.interaction != 0) return keep_released(store, mail, released.interaction, now, sent, error);
    if (!keep_find_sent(store, mail->journal, mail->message_id, sent, error)) return false;
    if (sent->interaction != 0) return true;
    if (*mail->reply_to && !store_by_external(store, "", MEDIA, span_of(mail->reply_to), &answered, error))
        return false;
    return keep_answer(store, mail, answered.interaction, now, sent, message_id, error);
}

/* Notes the result of sending. A result that is neither `accepted` nor `failed` only changes the words of the line,
 * as the mail is still being sent. */
bool keep_told(struct store *store, const struct kept_sent *sent, const char *to, const char *result, const char *words,
               int64_t now, struct error *error)
{
    assert(sent->interaction != 0); /* the callers have a mail in the store */
    char *text =
        *words ? g_strdup_printf("To %s: %s: %s", to, result, words) : g_strdup_printf("To %s: %s", to, result);
    bool over = strcmp(result, ACCEPTED) == 0 || strcmp(result, FAILED) == 0;
    /* The line of a mail that is an interaction of its own keeps the written text. */
    bool good = (sent->n == 0 || store_told(store, sent->interaction, sent->n, over ? result : "",
                                            span_of(sent->whole ? "" : text), error)) &&
                (!over || store_ended(store, sent->interaction, NULL, result, sent->whole ? now : 0, error));
    g_free(text);
    return good;
}

/* A line that only agents see has who and what. The text that was read gets the mark, which never hides that the mail
 * did not arrive at another recipient. */
bool keep_seen(struct store *store, const struct kept_sent *sent, const char *name, const char *who, bool read,
               int64_t now, struct error *error)
{
    assert(sent->interaction != 0); /* letter_seen() has a mail in the store */
    int64_t n;
    char *about = g_strdup_printf("%s %s %s", read ? READ : "deleted", name, who);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, about, -1);
    char *text = g_strdup_printf("%s %s", who, read ? "has read it" : "has deleted it unread");
    struct store_message message = {.msg_id = span_of(digest),
                                    .at = now,
                                    .role = "system",
                                    .kind = SENT,
                                    .visible = "agents",
                                    .text = span_of(text)};
    bool good = store_say(store, sent->interaction, &message, &n, error) &&
                (!read || sent->written == 0 || sent->failed ||
                 store_told(store, sent->interaction, sent->written, READ, span_of(""), error));
    g_free(about), g_free(digest), g_free(text);
    return good;
}

/* Notes that a mail was lost. The message's id contains the journal, so that doing it again adds no second line. */
bool keep_lost(struct store *store, int64_t interaction, uint64_t journal, int64_t now, struct error *error)
{
    assert(interaction != 0);
    char msg_id[40];
    int64_t n;
    snprintf(msg_id, sizeof msg_id, "lost-%016" PRIx64, journal);
    struct store_message message = {
        .msg_id = span_of(msg_id),
        .at = now,
        .role = "system",
        .kind = SENT,
        .visible = "agents",
        .text = span_of("Not sent: the router's state was lost before a mail server had taken it.")};
    return store_say(store, interaction, &message, &n, error) &&
           store_ended(store, interaction, NULL, POST_NOT_SENT, now, error);
}

static void answer_seen(void *self, const struct store_shown *shown)
{
    bool out = span_is(shown->direction, "out") && shown->agent.length > 0;
    *(bool *)self |= out && (span_is(shown->result, ACCEPTED) || (shown->ixn.length > 0 && shown->result.length == 0));
}

bool keep_is_answered(struct store *store, int64_t interaction, bool *answered, struct error *error)
{
    *answered = false;
    return store_answering(store, interaction, answer_seen, answered, error);
}

static void take_kind(void *self, const struct store_line *line)
{
    *(bool *)self |= line->n == 1 && span_is(line->kind, ROBOT);
}

bool keep_is_robot(struct store *store, const char *external_id, bool *robot, struct error *error)
{
    struct store_key key;
    *robot = false;
    return store_by_external(store, "", MEDIA, span_of(external_id), &key, error) &&
           (key.interaction == 0 || store_transcript(store, key.interaction, 0, 1, true, take_kind, robot, error));
}

/* ---- files that are sent with a text ---- */

struct beside {
    int64_t interaction, message;
    uint64_t bytes;
    GArray *numbers, *parts;
};

static void mail_take_place(void *self, const struct store_part_shown *shown)
{
    struct beside *beside = self;
    beside->interaction = shown->interaction;
    beside->message = shown->message;
}

static void take_beside(void *self, const struct store_part_shown *shown)
{
    struct beside *beside = self;
    bool goes = span_is(shown->role, "html") || span_is(shown->role, "inline") || span_is(shown->role, "attachment");
    if (!goes || shown->message != beside->message) return;
    struct composed_part part = {.role = span_to_text(shown->role),
                                 .type = span_to_text(shown->type),
                                 .name = span_to_text(shown->name),
                                 .content_id = span_to_text(shown->content_id)};
    if (!part.type) part.type = g_strdup("application/octet-stream");
    beside->bytes += (uint64_t)shown->length;
    g_array_append_val(beside->numbers, shown->part);
    g_array_append_val(beside->parts, part);
}

static bool add_bytes(void *self, struct span piece)
{
    g_string_append_len(self, (const char *)piece.bytes, piece.length);
    return true;
}

static bool read_parts(struct store *store, const struct beside *beside, guint from, struct error *error)
{
    assert(from + beside->numbers->len == beside->parts->len); /* take_beside() adds to both */
    for (guint i = 0; i < beside->numbers->len; i++) {
        GString *bytes = g_string_new(NULL);
        bool good = store_read(store, g_array_index(beside->numbers, int64_t, i), add_bytes, bytes, error);
        struct composed_part *part = &g_array_index(beside->parts, struct composed_part, from + i);
        part->length = bytes->len;
        part->bytes = g_string_free(bytes, FALSE);
        if (!good) return false;
    }
    return true;
}

/* Reads first the places and sizes, then the bytes: a message that is too large is refused before its bytes are
 * read. */
bool keep_parts_beside(struct store *store, int64_t part, size_t max, GArray *parts, struct error *error)
{
    assert(part != 0);
    struct beside beside = {.numbers = g_array_new(FALSE, FALSE, sizeof(int64_t)), .parts = parts};
    guint from = parts->len;
    bool good = store_part(store, part, mail_take_place, &beside, error) &&
                (beside.interaction == 0 || store_parts(store, beside.interaction, take_beside, &beside, error));
    if (good && beside.bytes > max) good = error_set(error, ERROR_LIMIT, "its parts are more than %zu bytes", max);
    good = good && read_parts(store, &beside, from, error);
    g_array_free(beside.numbers, TRUE);
    return good;
}

void keep_parts_free(GArray *parts)
{
    for (guint i = 0; i < parts->len; i++) {
        struct composed_part *part = &g_array_index(parts, struct composed_part, i);
        g_free(part->role), g_free(part->type), g_free(part->name), g_free(part->content_id), g_free(part->bytes);
    }
    g_array_free(parts, TRUE);
}

static bool add_head(void *self, struct span piece)
{
    GString *head = self;
    g_string_append_len(head, (const char *)piece.bytes, (gssize)MIN(piece.length, HEAD_MAX));
    return false;
}

static void take_raw(void *self, const struct store_part_shown *shown)
{
    if (span_is(shown->role, "raw")) *(int64_t *)self = shown->part;
}

bool kept_raw(struct store *store, int64_t interaction, char **bytes, size_t *length, struct error *error)
{
    int64_t raw = 0;
    GString *all = g_string_new(NULL);
    bool good = store_parts(store, interaction, take_raw, &raw, error) &&
                (raw != 0 || error_set(error, ERROR_UNKNOWN, "the store has not the mail as it came")) &&
                store_read(store, raw, add_bytes, all, error);
    *length = all->len;
    *bytes = good ? memory_zeroed(all->len + 1, 1) : NULL;
    if (good) memcpy(*bytes, all->str, all->len);
    g_string_free(all, TRUE);
    return good;
}

/* Finds the part that has the mail as it came; 0: there is none. */
static bool keep_raw_part(struct store *store, const char *external_id, int64_t *raw, struct error *error)
{
    struct store_key key;
    *raw = 0;
    return store_by_external(store, "", MEDIA, span_of(external_id), &key, error) &&
           (key.interaction == 0 || store_parts(store, key.interaction, take_raw, raw, error));
}

bool keep_raw_head(struct store *store, const char *external_id, GString *head, struct error *error)
{
    int64_t raw;
    return keep_raw_part(store, external_id, &raw, error) &&
           (raw == 0 || store_read(store, raw, add_head, head, error));
}

struct raw_taken {
    GString *to;
    size_t max;
};

static bool add_raw(void *self, struct span piece)
{
    struct raw_taken *taken = self;
    g_string_append_len(taken->to, (const char *)piece.bytes, piece.length);
    return taken->to->len <= taken->max;
}

bool keep_whole(struct store *store, const char *external_id, size_t max, GString *raw, struct error *error)
{
    int64_t part;
    struct raw_taken taken = {raw, max};
    if (!keep_raw_part(store, external_id, &part, error)) return false;
    if (part == 0) return error_set(error, ERROR_UNKNOWN, "the mail as it came is not there any more");
    if (!store_read(store, part, add_raw, &taken, error)) return false;
    return raw->len <= max || error_set(error, ERROR_LIMIT, "the mail has more than %zu bytes", max);
}

static void take_external(void *self, const struct store_shown *shown)
{
    *(char **)self = span_to_text(shown->external_id);
}

bool keep_answered(struct store *store, const char *external_id, char **answered, struct error *error)
{
    struct store_key key;
    *answered = NULL;
    return store_by_external(store, "", MEDIA, span_of(external_id), &key, error) &&
           (key.parent == 0 || store_interaction(store, key.parent, take_external, answered, error));
}

struct template
{
    struct span wanted;
    struct out subject, text;
    bool found;
};

static void mail_take_response(void *self, const struct store_response *response)
{
    struct template *template = self;
    if (template->found || !span_equal(response->name, template->wanted)) return;
    template->found = true;
    out_put(&template->subject, (const char *)response->subject.bytes, response->subject.length);
    out_put(&template->text, (const char *)response->text.bytes, response->text.length);
}

static struct span out_written(const struct out *out)
{
    return (struct span){(const uint8_t *)out->bytes, (uint32_t)out->length};
}

static bool mail_filled(struct store *store, int64_t contact, const struct out *text, enum fill_place place, char **to,
                        struct error *error)
{
    struct out out = {0};
    unsigned unknown;
    out_put(&out, "", 0);
    bool good = store_fill(store, contact, out_written(text), place, NULL, 0, &out, &unknown, error);
    *to = memory_text(out.bytes);
    out_free(&out);
    return good;
}

bool keep_template(struct store *store, const char *name, const char *about, const char *to, char **subject,
                   char **text, struct error *error)
{
    struct template template = {.wanted = span_of(name)};
    struct store_key key = {0};
    *subject = *text = NULL;
    bool good = store_responses(store, "", span_of(""), span_of(""), mail_take_response, &template, error) &&
                (about ? store_by_external(store, "", MEDIA, span_of(about), &key, error)
                       : store_contact_at(store, "", STORE_email, span_of(to), &key.contact, error));
    if (good && !template.found)
        good = error_set(error, ERROR_UNKNOWN, "%s, `%s`: gcxstore takes them in", denied_words(WHY_template), name);
    good = good && mail_filled(store, key.contact, &template.subject, FILL_LINE, subject, error) &&
           mail_filled(store, key.contact, &template.text, FILL_TEXT, text, error);
    out_free(&template.subject);
    out_free(&template.text);
    return good;
}

/* ---- what came ---- */

/* Returns the parts that the store keeps of the mail: its text, its bytes as they came, and the parts taken out of
 * it. */
static struct store_part *parts_of(const struct mail *mail, const char *raw, size_t length)
{
    assert(mail->text && (mail->part_count == 0 || mail->parts));
    struct store_part *parts = memory_zeroed(mail->part_count + OWN_PARTS, sizeof *parts);
    parts[TEXT] =
        (struct store_part){.role = "text", .type = span_of("text/plain;charset=utf-8"), .bytes = span_of(mail->text)};
    parts[RAW] = (struct store_part){
        .role = "raw", .type = span_of("message/rfc822"), .bytes = {(const uint8_t *)raw, (uint32_t)length}};
    for (size_t i = 0; i < mail->part_count; i++) {
        const struct mail_part *part = &mail->parts[i];
        parts[i + OWN_PARTS] = (struct store_part){
            .role = part->role,
            .type = span_of(part->type),
            .name = text_to_span(part->name),
            .content_id = text_to_span(part->content_id),
            .bytes = {(const uint8_t *)part->bytes, (uint32_t)part->length},
        };
    }
    return parts;
}

struct parent {
    uint64_t journal, ixn;
};

static void take_parent(void *self, const struct store_shown *shown)
{
    struct parent *parent = self;
    parent->ixn = ixn_of(shown, parent->journal);
}

static void take_before_it(void *self, const struct store_shown *shown)
{
    *(int64_t *)self = shown->parent;
}

/* Takes the name under which the store keeps the mail. */
static void take_own(void *self, const struct store_shown *shown)
{
    text_set_span(((struct kept_mail *)self)->external_id, KEPT_ID_MAX, shown->external_id);
}

/* Writes the mail. If the mail refers to a mail of the store, that one becomes its parent, by the number that this core
 * gave it. */
static bool mail_put(struct store *store, const struct mail *mail, struct store_arrival *arrival, uint64_t journal,
                     struct kept_mail *kept, struct error *error)
{
    assert(mail->references && mail->external_id);
    struct span references[MAIL_REFERENCES_MAX];
    struct store_key key, before = {0};
    struct parent parent = {.journal = journal};
    size_t count = 0;
    for (; mail->references[count] && count < MAIL_REFERENCES_MAX; count++)
        references[count] = span_of(mail->references[count]);
    if (count > 0 && !store_by_reference(store, "", MEDIA, references, count, &before, error)) return false;
    if (before.interaction != 0 && !store_interaction(store, before.interaction, take_parent, &parent, error))
        return false;
    arrival->parent = before.interaction;
    if (!store_put(store, arrival, &key, error)) return false;
    const char *odd = store_odd(store);
    kept->interaction = key.interaction;
    kept->parent = parent.ixn;
    if (odd) snprintf(kept->odd, sizeof kept->odd, "%s", odd);
    return (!odd || store_interaction(store, key.interaction, take_own, kept, error)) &&
           store_parts(store, key.interaction, post_body_take, &kept->body, error);
}

bool kept_again(struct store *store, int64_t interaction, uint64_t journal, struct kept_mail *kept, struct error *error)
{
    int64_t before = 0;
    struct parent parent = {.journal = journal};
    *kept = (struct kept_mail){.interaction = interaction};
    if (!store_interaction(store, interaction, take_before_it, &before, error) ||
        (before != 0 && !store_interaction(store, before, take_parent, &parent, error)))
        return false;
    kept->parent = parent.ixn;
    return store_parts(store, interaction, post_body_take, &kept->body, error);
}

/* Keeps a mail that came. The contact is who has written it: From, as anybody may name anybody in Reply-To. Only a
 * sender of the setting `reply_to_is_sender` writes for whoever stands there. */
bool keep_mail(struct store *store, const struct mail *mail, const char *raw, size_t length, uint64_t journal,
               int64_t now, struct kept_mail *kept, struct error *error)
{
    struct store_part *parts = parts_of(mail, raw, length);
    struct store_arrival arrival = {
        .tenant = "",
        .media = MEDIA,
        .external_id = span_of(mail->external_id),
        .kind = STORE_email,
        .address = text_to_span(mail->for_other ? mail->reply_to : mail->from),
        .name = text_to_span(mail->for_other ? mail->reply_name : mail->from_name),
        .received = now,
        .journal = journal,
        .message = {.msg_id = text_to_span(mail->message_id),
                    .at = mail->date_us > 0 && mail->date_us < now ? mail->date_us : now,
                    .head = span_of(mail->head),
                    .role = "customer",
                    .kind = mail->robot == MAIL_ROBOT_none ? "text" : ROBOT,
                    .sender = text_to_span(mail->from),
                    .subject = text_to_span(mail->subject),
                    .text = span_of(mail->text),
                    .parts = parts,
                    .part_count = mail->part_count + OWN_PARTS},
    };
    *kept = (struct kept_mail){0};
    bool good = mail_put(store, mail, &arrival, journal, kept, error);
    free(parts);
    return good;
}

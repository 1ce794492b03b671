/* runtime/adapters/desk/write.c - Writes the work of agents, in the store's thread: files, e-mails, their versions,
 * and who handled each.
 *
 * The functions here are jobs of the store's thread, like those of keep.c. Each job may be repeated: an e-mail is known
 * by its external id, a version by its msg_id, a call by its ConnID. A job for which no browser waits is done even when
 * the process ends (desk_job_left). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/media.h"
#include "base/utf8.h"

#define TENANT ""
enum { COPIED_MAX = 64 * 1024 * 1024 };

/* Sets the number under `key` to the interaction that the core means. In a store that was restored from an older backup
 * the number may be another interaction's: so, if an external id is given under `named`, the interaction with that id
 * is taken; `of_media`: the medium of that interaction, if it is no e-mail. */
static bool mail_number_named(struct store *store, struct desk_job *job, const char *key, const char *named)
{
    struct store_key found;
    struct span of = desk_job_span(job, named);
    const char *media = json_string_value(json_object_get(job->params, "of_media"));
    if (desk_job_number(job, key) == 0 || of.length == 0) return true;
    if (!store_by_external(store, TENANT, media ? media : "email", of, &found, &job->error)) return false;
    if (found.interaction == 0)
        error_set(&job->error, ERROR_UNKNOWN, "The contact store does not have this: it was put back from before it.");
    json_object_set_new(job->params, key, json_integer(found.interaction));
    return found.interaction != 0;
}

static bool mail_number_find(struct store *store, struct desk_job *job, const char *key)
{
    return mail_number_named(store, job, key, "of");
}

/* ---- files ---- */

bool desk_keep_upload(struct store *store, struct desk_job *job)
{
    assert(job->bytes); /* on_upload() has put the file there */
    struct store_part part = {
        .role = "attachment", .type = desk_job_span(job, "type"), .name = desk_job_span(job, "name")};
    struct span bytes = {job->bytes->data, job->bytes->len};
    int64_t number = store_upload_bytes(store, &part, bytes, job->wall_us, &job->error);
    if (number == 0) return false;
    job->out = json_pack("{s:I, s:I}", "upload", (json_int_t)number, "length", (json_int_t)job->bytes->len);
    return true;
}

/* ---- the parts of a message ---- */

struct parts {
    GArray *all;      /* struct store_part */
    GPtrArray *owned; /* of GBytes, to which the parts point */
    size_t copied;    /* bytes */
};

static struct parts parts_new(void)
{
    return (struct parts){g_array_new(FALSE, TRUE, sizeof(struct store_part)), g_ptr_array_new(), 0};
}

static void write_parts_free(struct parts *parts)
{
    for (guint i = 0; i < parts->owned->len; i++) g_bytes_unref(g_ptr_array_index(parts->owned, i));
    g_ptr_array_free(parts->owned, TRUE);
    g_array_free(parts->all, TRUE);
}

static void add_part(struct parts *parts, struct store_part part)
{
    g_array_append_val(parts->all, part);
}

/* Adds the text, its HTML form if there is one, and the uploaded files. */
static void add_written(struct parts *parts, const struct desk_job *job)
{
    const json_t *uploads = json_object_get(job->params, "attachments");
    add_part(parts, (struct store_part){.role = "text",
                                        .type = span_of("text/plain;charset=utf-8"),
                                        .bytes = desk_job_span(job, "text")});
    if (desk_job_span(job, "html").length > 0)
        add_part(parts, (struct store_part){.role = "html",
                                            .type = span_of("text/html;charset=utf-8"),
                                            .bytes = desk_job_span(job, "html")});
    for (size_t i = 0; i < json_array_size(uploads); i++)
        add_part(parts,
                 (struct store_part){.role = "attachment", .upload = json_integer_value(json_array_get(uploads, i))});
}

/* Copies the bytes; the struct owns the copy. */
static struct span parts_own(struct parts *parts, const void *bytes, size_t length)
{
    GBytes *kept = g_bytes_new(bytes, length);
    g_ptr_array_add(parts->owned, kept);
    return (struct span){g_bytes_get_data(kept, NULL), (uint32_t)length};
}

/* Adds the recipients, the queue and the time: with these the e-mail can be submitted again if the core has lost its
 * state. */
static void add_envelope(struct parts *parts, const struct desk_job *job)
{
    static const char *const kept[] = {"to", "cc", "bcc", "names", "from", "queue", "begins", "receipt"};
    json_t *envelope = json_object();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (json_object_get(job->params, kept[i]))
            json_object_set(envelope, kept[i], json_object_get(job->params, kept[i]));
    char *bytes = json_dumps(envelope, JSON_COMPACT | JSON_SORT_KEYS);
    if (bytes)
        add_part(parts, (struct store_part){.role = "envelope",
                                            .type = span_of("application/json"),
                                            .bytes = parts_own(parts, bytes, strlen(bytes))});
    free(bytes);
    json_decref(envelope);
}

struct copied { /* a file of the version before */
    struct parts *parts;
    bool html; /* it may be the HTML, too */
    struct store_part part;
    int64_t interaction, length;
    GByteArray *bytes;
};

static void take_copied(void *self, const struct store_part_shown *shown)
{
    struct copied *copied = self;
    copied->interaction = shown->interaction;
    copied->length = shown->length;
    copied->part.role = span_is(shown->role, "attachment")             ? "attachment"
                        : span_is(shown->role, "inline")               ? "inline"
                        : copied->html && span_is(shown->role, "html") ? "html"
                                                                       : NULL;
    copied->part.type = parts_own(copied->parts, shown->type.bytes, shown->type.length);
    copied->part.name = parts_own(copied->parts, shown->name.bytes, shown->name.length);
    copied->part.content_id = parts_own(copied->parts, shown->content_id.bytes, shown->content_id.length);
}

static bool write_take_piece(void *self, struct span piece)
{
    struct copied *copied = self;
    if (copied->parts->copied + copied->bytes->len + piece.length > COPIED_MAX) return false;
    g_byte_array_append(copied->bytes, piece.bytes, piece.length);
    return true;
}

static bool copy_bytes(struct store *store, struct desk_job *job, struct copied *copied, int64_t part)
{
    assert(copied->bytes->len == 0);
    if (!store_read(store, part, write_take_piece, copied, &job->error)) return false;
    if (copied->bytes->len != copied->length)
        return error_set(&job->error, ERROR_LIMIT, "keep: the files are more than 64 MiB together.");
    copied->part.bytes = parts_own(copied->parts, copied->bytes->data, copied->bytes->len);
    copied->parts->copied += copied->bytes->len;
    add_part(copied->parts, copied->part);
    return true;
}

/* Adds a copy of a file: each version has files of its own, so one that stays is copied. */
static bool add_copy(struct store *store, struct desk_job *job, struct parts *parts, int64_t part, bool html)
{
    struct copied copied = {.parts = parts, .html = html, .bytes = g_byte_array_new()};
    bool good = store_owns(store, TENANT, STORE_OF_part, part, &job->error) &&
                store_part(store, part, take_copied, &copied, &job->error);
    if (good && (copied.interaction != desk_job_number(job, "interaction") || !copied.part.role))
        good = error_set(&job->error, ERROR_UNKNOWN, "keep: a number is of no file of this e-mail.");
    good = good && copy_bytes(store, job, &copied, part);
    g_byte_array_free(copied.bytes, TRUE);
    return good;
}

static bool add_copies(struct store *store, struct desk_job *job, struct parts *parts)
{
    const json_t *keep = json_object_get(job->params, "keep");
    for (size_t i = 0; i < json_array_size(keep); i++)
        if (!add_copy(store, job, parts, json_integer_value(json_array_get(keep, i)), false)) return false;
    return true;
}

/* ---- e-mails ---- */

/* Takes the reference by which events name the body of message `n`. */
static void write_take_body(void *self, const struct store_part_shown *part)
{
    struct desk_job *job = self;
    if (!span_is(part->role, "text") || part->message != json_integer_value(json_object_get(job->out, "n"))) return;
    json_object_set_new(job->out, "body", json_integer(part->part));
    json_object_set_new(job->out, "body_length", json_integer(part->length));
    desk_put_text(job->out, "body_digest", part->digest);
}

static bool answer_body(struct store *store, struct desk_job *job, int64_t interaction, int64_t n)
{
    assert(!job->out && interaction != 0);
    job->out = json_pack("{s:I, s:I}", "interaction", (json_int_t)interaction, "n", (json_int_t)n);
    return store_parts(store, interaction, write_take_body, job, &job->error);
}

static void write_take_whose(void *self, const struct store_shown *shown)
{
    *(int64_t *)self = shown->unverified ? 0 : shown->contact;
}

/* Finds the contact to whom the e-mail belongs: an answer that goes where its customer wants it is in the history of
 * that customer, whoever has the address. 0: the contact who has the address. */
static bool write_whose(struct store *store, struct desk_job *job, const char *to, int64_t *contact)
{
    int64_t parent = desk_job_number(job, "parent");
    bool answers = parent != 0 && *to && g_ascii_strcasecmp(to, desk_text(job->params, "reply_to")) == 0;
    *contact = 0;
    return !answers || store_interaction(store, parent, write_take_whose, contact, &job->error);
}

/* Writes the e-mail, which is the agent's from the beginning: store_ended() without a result notes the agent. */
static bool write_put_mail(struct store *store, struct desk_job *job, const struct parts *parts)
{
    struct store_key key;
    const char *from = json_string_value(json_object_get(job->params, "from"));
    const char *to = json_string_value(json_array_get(json_object_get(job->params, "to"), 0));
    int64_t contact;
    if (!write_whose(store, job, to ? to : "", &contact)) return false;
    struct store_arrival arrival = {.tenant = TENANT,
                                    .media = "email",
                                    .external_id = desk_job_span(job, "external_id"),
                                    .outbound = true,
                                    .kind = STORE_email,
                                    .address = span_of(to ? to : ""),
                                    .contact = contact,
                                    .parent = desk_job_number(job, "parent"),
                                    .received = job->wall_us,
                                    .journal = job->journal,
                                    .message = {.at = job->wall_us,
                                                .role = "agent",
                                                .sender = span_of(from ? from : ""),
                                                .subject = desk_job_span(job, "subject"),
                                                .text = desk_job_span(job, "text"),
                                                .parts = (const struct store_part *)(void *)parts->all->data,
                                                .part_count = parts->all->len}};
    return store_put(store, &arrival, &key, &job->error) && answer_body(store, job, key.interaction, 1) &&
           store_ended(store, key.interaction, job->agent, NULL, 0, &job->error);
}

/* Do all recipients accept e-mail? Checked here so that the agent is told at once, and not only when the plugin
 * `email` sends it. */
static bool recipients_want_mail(struct store *store, struct desk_job *job)
{
    const json_t *to = json_object_get(job->params, "to");
    for (size_t i = 0; i < json_array_size(to) && !job->refused; i++) {
        struct store_refusal refusal = {.tenant = TENANT,
                                        .media = "email",
                                        .kind = STORE_email,
                                        .address = span_of(json_string_value(json_array_get(to, i))),
                                        .own = desk_job_span(job, "from")};
        if (!store_refuses(store, &refusal, &job->refused, &job->error)) return false;
        if (job->refused)
            error_set(&job->error, ERROR_INPUT, "%.200s wants no e-mail from us: leave the address out.",
                      (const char *)refusal.address.bytes);
    }
    return !job->refused;
}

/* Does the number accept short messages? Which number of ours sends is the strategy's to say, so a word such as STOP to
 * any of ours counts here. */
bool desk_keep_wants_text(struct store *store, struct desk_job *job)
{
    struct store_refusal refusal = {.tenant = TENANT,
                                    .media = "sms",
                                    .kind = STORE_phone,
                                    .address = desk_job_span(job, "number"),
                                    .any_own = true};
    if (!store_refuses(store, &refusal, &job->refused, &job->error)) return false;
    return !job->refused || error_set(&job->error, ERROR_INPUT, "This customer wants no short messages from us.");
}

/* Keeps an e-mail. If the e-mail comes again under its key, the store has it already, and it counts as the same
 * e-mail. */
bool desk_keep_send(struct store *store, struct desk_job *job)
{
    if (!mail_number_find(store, job, "parent") || !recipients_want_mail(store, job)) return false;
    struct parts parts = parts_new();
    add_written(&parts, job);
    add_envelope(&parts, job);
    bool good = write_put_mail(store, job, &parts);
    write_parts_free(&parts);
    return good;
}

static void sent_take_whose(void *self, const struct store_shown *shown)
{
    struct desk_job *job = self;
    json_object_set_new(job->params, "contact", json_integer(shown->contact));
    json_object_set_new(job->params, "thread", json_integer(shown->thread));
}

bool desk_keep_sent(struct store *store, struct desk_job *job)
{
    return store_submitted(store, desk_job_number(job, "interaction"), job->journal,
                           (const char *)desk_job_span(job, "ixn").bytes, &job->error) &&
           store_interaction(store, desk_job_number(job, "interaction"), sent_take_whose, job, &job->error);
}

/* ---- versions ---- */

struct direction {
    bool out, erased;
    bool talk; /* it is a conversation */
};

static void take_direction(void *self, const struct store_shown *shown)
{
    enum media media = (enum media)enum_value_media((const char *)shown->media.bytes, shown->media.length);
    *(struct direction *)self =
        (struct direction){span_is(shown->direction, "out"), shown->erased != 0, media_is_conversation(media)};
}

static bool find_direction(struct store *store, struct desk_job *job, struct direction *direction)
{
    *direction = (struct direction){0};
    return mail_number_find(store, job, "interaction") &&
           store_interaction(store, desk_job_number(job, "interaction"), take_direction, direction, &job->error);
}

static bool say_version(struct store *store, struct desk_job *job, const struct parts *parts)
{
    int64_t n;
    struct store_message message = {.msg_id = desk_job_span(job, "msg_id"),
                                    .at = job->wall_us,
                                    .role = "agent",
                                    .sender = span_of(job->called),
                                    .subject = desk_job_span(job, "subject"),
                                    .text = desk_job_span(job, "text"),
                                    .parts = (const struct store_part *)(void *)parts->all->data,
                                    .part_count = parts->all->len};
    return store_say(store, desk_job_number(job, "interaction"), &message, &n, &job->error) &&
           answer_body(store, job, desk_job_number(job, "interaction"), n);
}

/* Keeps a new version, with text and files: files that stay are copied from the version before. */
bool desk_keep_revise(struct store *store, struct desk_job *job)
{
    struct direction direction;
    if (!find_direction(store, job, &direction)) return false;
    if (!direction.out)
        return error_set(&job->error, ERROR_INPUT, "No agent has written this e-mail: it is answered, not changed.");
    if (direction.erased) /* the store would keep an empty text, which would then be sent */
        return error_set(&job->error, ERROR_INPUT, "The customer was erased meanwhile: write a new e-mail.");
    struct parts parts = parts_new();
    add_written(&parts, job);
    bool good = add_copies(store, job, &parts) && say_version(store, job, &parts);
    write_parts_free(&parts);
    return good;
}

/* ---- messages between colleagues ---- */

/* Keeps a message of the interaction for agents only: it has no body part, so nothing can send it. */
bool desk_keep_advice(struct store *store, struct desk_job *job)
{
    int64_t n;
    const char *role = json_string_value(json_object_get(job->params, "role"));
    struct store_message message = {.msg_id = desk_job_span(job, "msg_id"),
                                    .at = job->wall_us,
                                    .role = role,
                                    .visible = "agents",
                                    .sender = desk_job_span(job, "from"),
                                    .text = desk_job_span(job, "text")};
    return mail_number_find(store, job, "interaction") &&
           store_say(store, desk_job_number(job, "interaction"), &message, &n, &job->error);
}

/* ---- two e-mails that are one work, and one that is two ---- */

enum { MERGED_MAX = 3900 };

struct first_line { /* what a mail's sender has written */
    char *sender, *text;
};

static void write_take_first(void *self, const struct store_line *line)
{
    struct first_line *first = self;
    if (first->text) return;
    first->sender = g_strndup((const char *)line->sender.bytes, line->sender.length);
    first->text = g_strndup((const char *)line->text.bytes, line->text.length);
}

static void first_line_clear(struct first_line *first)
{
    g_free(first->sender);
    g_free(first->text);
}

/* Keeps the text of `merged` with the interaction, for agents. It is known by its words there, so it is kept once, also
 * where it was taken back and is merged again. */
bool desk_keep_merged(struct store *store, struct desk_job *job)
{
    struct first_line first = {0};
    int64_t n, merged;
    if (!mail_number_find(store, job, "interaction") || !mail_number_named(store, job, "merged", "merged_of"))
        return false;
    merged = desk_job_number(job, "merged");
    if (!store_owns(store, TENANT, STORE_OF_interaction, merged, &job->error) ||
        !store_transcript(store, merged, 0, 1, false, write_take_first, &first, &job->error)) {
        first_line_clear(&first);
        return false;
    }
    const char *text = first.text ? first.text : "", *subject = (const char *)desk_job_span(job, "subject").bytes;
    uint32_t length = utf8_cut(text, strlen(text), MERGED_MAX);
    char *said = g_strdup_printf(
        "Merged: %.300s" STORE_MERGED_FROM "%.300s" STORE_MERGED_END "%.*s%s", *subject ? subject : "e-mail",
        first.sender && *first.sender ? first.sender : "unknown", (int)length, text, text[length] ? " ..." : "");
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, said, -1);
    char *msg_id = g_strdup_printf(STORE_MERGED "%.32s", digest);
    struct store_message message = {.msg_id = span_of(msg_id),
                                    .at = job->wall_us,
                                    .role = "agent",
                                    .visible = "agents",
                                    .sender = span_of(job->called),
                                    .text = span_of(said)};
    bool good = store_say(store, desk_job_number(job, "interaction"), &message, &n, &job->error);
    g_free(digest), g_free(msg_id), g_free(said);
    first_line_clear(&first);
    return good;
}

struct whole_mail { /* the e-mail of which a part becomes one of its own */
    int64_t contact, received, raw, html;
    bool mail, out, unverified, erased;
    char *address;
    GString *head;
};

static void split_take_whole(void *self, const struct store_shown *shown)
{
    struct whole_mail *whole = self;
    whole->contact = shown->contact, whole->received = shown->received;
    whole->out = span_is(shown->direction, "out"), whole->unverified = shown->unverified;
    whole->mail = span_is(shown->media, "email"), whole->erased = shown->erased != 0;
    whole->address = g_strndup((const char *)shown->address.bytes, shown->address.length);
}

static void split_take_part(void *self, const struct store_part_shown *shown)
{
    struct whole_mail *whole = self;
    if (span_is(shown->role, "raw")) whole->raw = shown->part;
    if (span_is(shown->role, "html") && whole->html == 0) whole->html = shown->part;
}

static bool split_take_head(void *self, struct span piece)
{
    g_string_append_len(((struct whole_mail *)self)->head, (const char *)piece.bytes, (gssize)piece.length);
    return false;
}

/* Returns the mail as it would have come: the header of the whole, with another subject, and this text. The answer to
 * it has the thread of the whole. Its sender's question for a receipt stays with the whole. */
static GString *split_raw(const struct whole_mail *whole, const char *subject, struct span text)
{
    static const char *const left_out[] = {"subject:", "content-", "mime-version:", "disposition-notification-"};
    GString *raw = g_string_new("");
    bool leaves = true;
    char **lines = g_strsplit(whole->head->str, "\n", -1);
    for (char **one = lines; *one && (*one)[0] && (*one)[0] != '\r'; one++) {
        bool goes_on = (*one)[0] == ' ' || (*one)[0] == '\t';
        if (!goes_on) leaves = false;
        for (size_t i = 0; i < sizeof left_out / sizeof *left_out && !goes_on; i++)
            leaves |= g_ascii_strncasecmp(*one, left_out[i], strlen(left_out[i])) == 0;
        if (!leaves && one[1]) g_string_append_printf(raw, "%s\n", *one); /* a line without its end was cut */
    }
    g_strfreev(lines);
    g_string_append_printf(raw,
                           "Subject: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: 8bit\r\n\r\n",
                           subject);
    g_string_append_len(raw, (const char *)text.bytes, (gssize)text.length);
    return raw;
}

static bool split_put(struct store *store, struct desk_job *job, const struct whole_mail *whole, int64_t of,
                      const char *sender)
{
    struct store_key key;
    struct parts parts = parts_new();
    GString *raw = split_raw(whole, (const char *)desk_job_span(job, "subject").bytes, desk_job_span(job, "text"));
    add_part(&parts, (struct store_part){.role = "text",
                                         .type = span_of("text/plain;charset=utf-8"),
                                         .bytes = desk_job_span(job, "text")});
    add_part(&parts, (struct store_part){.role = "raw",
                                         .type = span_of("message/rfc822"),
                                         .bytes = {(const uint8_t *)raw->str, (uint32_t)raw->len}});
    struct store_arrival arrival = {.tenant = TENANT,
                                    .media = "email",
                                    .external_id = desk_job_span(job, "external_id"),
                                    .kind = STORE_email,
                                    .address = span_of(whole->address ? whole->address : ""),
                                    .contact = whole->unverified ? 0 : whole->contact,
                                    .parent = of,
                                    .received = whole->received,
                                    .journal = job->journal,
                                    .message = {.at = whole->received,
                                                .role = "customer",
                                                .sender = span_of(sender),
                                                .subject = desk_job_span(job, "subject"),
                                                .text = desk_job_span(job, "text")}};
    bool again = desk_job_number(job, "merged") != 0 && whole->html != 0; /* a part has no HTML of its own */
    bool good = (!again || add_copy(store, job, &parts, whole->html, true)) && add_copies(store, job, &parts);
    arrival.message.parts = (const struct store_part *)(void *)parts.all->data;
    arrival.message.part_count = parts.all->len;
    good = good && store_put(store, &arrival, &key, &job->error) && answer_body(store, job, key.interaction, 1);
    g_string_free(raw, TRUE);
    write_parts_free(&parts);
    return good;
}

/* Without what the desk remembers of a merged e-mail, it would get addresses of the whole: of another customer's,
 * never. */
static bool split_may_come_back(struct store *store, struct desk_job *job, int64_t contact)
{
    struct whole_mail into = {.contact = 0};
    if (json_is_true(json_object_get(job->params, "remembered"))) return true;
    bool good = mail_number_find(store, job, "interaction") &&
                store_interaction(store, desk_job_number(job, "interaction"), split_take_whole, &into, &job->error);
    g_free(into.address);
    return good &&
           (into.contact == contact ||
            error_set(&job->error, ERROR_INPUT,
                      "They are of two customers, and this desk was started anew since: the merged e-mail is in "
                      "its customer's history."));
}

/* Keeps the text as an e-mail of its own, which came when the whole came, from the same sender. `merged`, if it is set:
 * the e-mail that was merged into the agent's and becomes one again, with its sender, its HTML and its files. */
bool desk_keep_split(struct store *store, struct desk_job *job)
{
    struct whole_mail whole = {.head = g_string_new("")};
    struct first_line first = {0};
    int64_t of = desk_job_number(job, "merged");
    bool merged = of != 0;
    bool good = merged ? acts_interaction(store, job, of) : mail_number_find(store, job, "interaction");
    if (!merged) of = desk_job_number(job, "interaction");
    good = good && store_interaction(store, of, split_take_whole, &whole, &job->error) &&
           store_transcript(store, of, 0, 1, false, write_take_first, &first, &job->error) &&
           store_parts(store, of, split_take_part, &whole, &job->error) &&
           (whole.raw == 0 || store_read(store, whole.raw, split_take_head, &whole, &job->error));
    if (good && (!whole.mail || whole.out || whole.erased))
        good = error_set(&job->error, ERROR_INPUT, "Only an e-mail of a customer is split.");
    good = good && (!merged || split_may_come_back(store, job, whole.contact));
    json_object_set_new(job->params, "interaction", json_integer(of)); /* as add_copies() wants it */
    good = good && split_put(store, job, &whole, of, first.sender ? first.sender : "");
    first_line_clear(&first);
    g_free(whole.address);
    g_string_free(whole.head, TRUE);
    return good;
}

static void part_take(void *self, const struct store_shown *shown)
{
    struct desk_job *job = self;
    struct span id = shown->external_id;
    /* a Message-ID of a customer has an @ */
    bool part = id.length > strlen(DESK_SPLIT) && memcmp(id.bytes, DESK_SPLIT, strlen(DESK_SPLIT)) == 0 &&
                !memchr(id.bytes, '@', id.length);
    char merged[24];
    snprintf(merged, sizeof merged, "%lld", (long long)shown->parent);
    bool of_it = shown->parent != 0 && (shown->parent == desk_job_number(job, "whole") ||
                                        json_object_get(json_object_get(job->params, "merged"), merged));
    if (part && span_is(shown->media, "email") && of_it && !job->out) job->out = json_true();
}

bool desk_keep_split_off(struct store *store, struct desk_job *job)
{
    return store_by_ixn(store, TENANT, job->journal, desk_job_span(job, "ixn"), part_take, job, &job->error);
}

/* ---- who handled an interaction ---- */

/* Keeps a wrap-up code. An e-mail of an agent has none: its result says what became of it. */
bool desk_keep_result(struct store *store, struct desk_job *job)
{
    struct direction direction;
    const char *code = desk_text(job->params, "result");
    return find_direction(store, job, &direction) &&
           ((direction.out && !direction.talk) ||
            store_ended(store, desk_job_number(job, "interaction"), NULL, code, 0, &job->error));
}

/* Keeps the agent, and the end if there is one; without an end only who handles it is noted. The agent of an e-mail
 * that was written here is its author. `beside`: another agent has the interaction. */
bool desk_keep_agent(struct store *store, struct desk_job *job)
{
    const char *result = json_string_value(json_object_get(job->params, "result"));
    struct direction direction;
    if (!find_direction(store, job, &direction)) return false;
    if (json_is_true(json_object_get(job->params, "beside")))
        return store_had(store, desk_job_number(job, "interaction"), job->agent, &job->error);
    if (!result && !direction.out)
        return store_taken(store, desk_job_number(job, "interaction"), job->agent, job->wall_us, &job->error);
    if (result && direction.out) result = DESK_TAKEN_BACK;
    return store_ended(store, desk_job_number(job, "interaction"), direction.out ? NULL : job->agent, result,
                       result ? job->wall_us : 0, &job->error);
}

/* Keeps a call in the history of the contact with that number: one interaction for all agents who have the call one
 * after another. */
bool desk_keep_call(struct store *store, struct desk_job *job)
{
    struct store_key key;
    bool over = json_is_true(json_object_get(job->params, "over"));
    char conn[96]; /* with the journal, as ConnIDs begin again in a new journal */
    snprintf(conn, sizeof conn, "%.60s#%08x", (const char *)desk_job_span(job, "conn").bytes,
             (unsigned)(uint32_t)job->journal);
    struct store_arrival arrival = {.tenant = TENANT,
                                    .media = "voice",
                                    .external_id = span_of(conn),
                                    .outbound = json_is_true(json_object_get(job->params, "outbound")),
                                    .kind = STORE_phone,
                                    .address = desk_job_span(job, "number"),
                                    .received = job->wall_us,
                                    .journal = job->journal};
    return store_put(store, &arrival, &key, &job->error) &&
           store_ended(store, key.interaction, job->agent, over ? "answered" : NULL, over ? job->wall_us : 0,
                       &job->error);
}

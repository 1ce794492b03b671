/* runtime/adapters/mms/keep.c - In the thread of the post office: reads and keeps a message, or reads it from the
 * contact store again.
 *
 *     1  mms_keep_read()    bytes -> message        nothing is written
 *     2  mms_keep()         message -> contact store, with all its parts
 *     3  the core is told                           on the loop, after 2
 *     -  mms_keep_again()   contact store -> message, where the core's state is lost after 2
 *
 * `self` is only read here, as these functions run in another thread than the loop. A kill after step 2 loses
 * nothing, since the message is found again by its own name. The store has no columns for the recipient and the
 * queue, so they are kept in a part of their own, the envelope. */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/mms/mms.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

#define MEDIA "mms"
/* The parts that are made from the message come first: its text, and the slides, which number the parts after these. */
enum { KEEP_TEXT, KEEP_SLIDES, KEEP_OWN };

static struct span mms_keep_span(const char *text)
{
    return span_of(text ? text : "");
}

/* Makes the envelope with recipient and queue: with these the message can be submitted again if the core has lost
 * its state. */
static char *keep_envelope_of(const struct mms_message *message)
{
    json_t *envelope =
        json_pack("{s:s, s:s, s:b}", "to", message->to, "queue", message->queue, "cut", message->content->cut);
    char *text = json_dumps(envelope, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(envelope);
    return text;
}

/* Makes the list of parts; nothing is copied: the parts point into `content` and `envelope`, which must outlast
 * them. */
static struct store_part *keep_parts_of(const struct mms_content *content, const char *envelope)
{
    struct store_part *parts = memory_zeroed(content->count + KEEP_OWN + 1, sizeof *parts);
    parts[content->count + KEEP_OWN] =
        (struct store_part){.role = "envelope", .type = span_of("application/json"), .bytes = span_of(envelope)};
    parts[KEEP_TEXT] = (struct store_part){
        .role = "text", .type = span_of("text/plain;charset=utf-8"), .bytes = span_of(content->text)};
    parts[KEEP_SLIDES] =
        (struct store_part){.role = "slides", .type = span_of("application/json"), .bytes = span_of(content->slides)};
    for (size_t i = 0; i < content->count; i++) {
        const struct content_part *part = &content->parts[i];
        parts[i + KEEP_OWN] = (struct store_part){.role = part->role,
                                                  .type = span_of(part->type),
                                                  .name = mms_keep_span(part->name),
                                                  .content_id = mms_keep_span(part->id),
                                                  .bytes = {(const uint8_t *)part->bytes, (uint32_t)part->length}};
    }
    return parts;
}

/* ---- what the store has afterwards ---- */

/* Takes the message's name in the store, which differs from the provider's if another message has that name. */
static void keep_take_name(void *self, const struct store_shown *shown)
{
    struct post_item *item = self;
    text_set_span(item->external_id, sizeof item->external_id, shown->external_id);
}

/* Keeps the message; if it is there already, store_put() changes nothing and gives its key. The name is read back,
 * as the store may have given the message another one. */
static bool mms_keep_put(struct store *store, const struct store_arrival *arrival, struct post_item *item,
                         struct error *error)
{
    struct store_key key;
    if (!store_put(store, arrival, &key, error)) return false;
    const char *odd = store_odd(store);
    item->interaction = key.interaction;
    if (odd) snprintf(item->odd, sizeof item->odd, "%s", odd);
    return store_interaction(store, key.interaction, keep_take_name, item, error) &&
           store_parts(store, key.interaction, post_body_take, &((struct mms_job *)item->body)->body, error);
}

bool mms_keep(const void *self, struct store *store, struct post_item *item, struct error *error)
{
    const struct mms_message *message = ((const struct mms_job *)item->body)->message;
    (void)self;
    assert(message->external_id && message->content);
    char *envelope = keep_envelope_of(message);
    struct store_part *parts = keep_parts_of(message->content, envelope);
    struct store_arrival arrival = {.tenant = "",
                                    .media = MEDIA,
                                    .external_id = span_of(message->external_id),
                                    .kind = message->phone               ? STORE_phone
                                            : strchr(message->from, '@') ? STORE_email
                                                                         : STORE_other,
                                    .address = span_of(message->from),
                                    .received = item->now,
                                    .journal = item->journal,
                                    .message = {.msg_id = span_of(message->external_id),
                                                .at = item->now,
                                                .sender = span_of(message->from),
                                                .subject = mms_keep_span(message->subject),
                                                .text = span_of(message->content->text),
                                                .parts = parts,
                                                .part_count = message->content->count + KEEP_OWN + 1}};
    bool good = mms_keep_put(store, &arrival, item, error);
    free(parts);
    free(envelope);
    return good;
}

/* Makes a digest by which a different message with the same name is recognized. Each text is added with its
 * terminating zero: otherwise "ab" "c" would equal "a" "bc". */
static void keep_digest(const struct mms_message *message, char digest[POST_PEER])
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    const char *texts[] = {message->external_id, message->subject ? message->subject : "", message->content->text};
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
        g_checksum_update(sum, (const guchar *)texts[i], (gssize)strlen(texts[i]) + 1);
    for (size_t i = 0; i < message->content->count; i++)
        g_checksum_update(sum, (const guchar *)message->content->parts[i].bytes,
                          (gssize)message->content->parts[i].length);
    g_strlcpy(digest, g_checksum_get_string(sum), POST_PEER);
    g_checksum_free(sum);
}

void mms_keep_read(const void *self, struct post_item *item)
{
    const struct mms *mms = self;
    struct mms_job *job = item->body;
    struct mms_mail mail = {job->sender, job->to, job->bytes, job->length};
    struct mms_message *message = job->message =
        job->mm4 ? mms_read_mm4(&mms->setting, &mail) : mms_read_mm7(&mms->setting, job->type, job->bytes, job->length);
    free(job->bytes);
    job->bytes = NULL;
    if (message->what != MMS_MESSAGE) {
        bool passed = message->what == MMS_PASSED || message->what == MMS_STRAY;
        item->arrived = passed ? POST_PASS : POST_REFUSE;
        return;
    }
    keep_digest(message, item->peer_id);
    text_set(item->own, sizeof item->own, message->to);
    text_set(item->customer, sizeof item->customer, message->from);
}

/* ---- messages that a core has lost ---- */

static void again_take_head(void *self, const struct store_shown *shown)
{
    struct mms_message *message = self;
    text_set_span(message->from, sizeof message->from, shown->address);
    if (shown->subject.length > 0)
        message->subject = g_strndup((const char *)shown->subject.bytes, shown->subject.length);
}

/* Takes a part as the message had it, without its bytes, which the core does not get. */
static void again_take_part(void *self, const struct store_part_shown *shown)
{
    struct mms_job *job = self;
    struct mms_content *content = job->message->content;
    bool file = span_is(shown->role, "attachment");
    post_body_take(&job->body, shown);
    if ((!file && !span_is(shown->role, "inline")) || content->count == MMS_PARTS_MAX) return;
    struct content_part *part = &content->parts[content->count++];
    part->role = file ? "attachment" : "inline";
    part->type = g_strndup((const char *)shown->type.bytes, shown->type.length);
    part->text = !file && g_str_has_prefix(part->type, "text/plain");
}

static void again_take_text(void *self, const struct store_line *line)
{
    struct mms_content *content = self;
    if (line->n != 1) return;
    g_free(content->text);
    content->text = g_strndup((const char *)line->text.bytes, line->text.length);
}

static bool again_take_piece(void *self, struct span piece)
{
    g_string_append_len(self, (const char *)piece.bytes, piece.length);
    return true;
}

/* Reads the envelope; false: it has no recipient. */
static bool again_take_envelope(struct mms_message *message, const GString *text)
{
    json_t *envelope = json_loads(text->str, 0, NULL);
    const char *to = json_string_value(json_object_get(envelope, "to"));
    const char *queue = json_string_value(json_object_get(envelope, "queue"));
    bool good = to && queue && text_set(message->to, sizeof message->to, to) &&
                text_set(message->queue, sizeof message->queue, queue);
    message->content->cut = json_is_true(json_object_get(envelope, "cut"));
    json_decref(envelope);
    return good;
}

/* Reads a kept message again, without the bytes of its parts. `over` is set if the message cannot be submitted
 * again. */
bool mms_keep_again(const void *self, struct store *store, struct post_item *item, const char **over,
                    struct error *error)
{
    struct mms_job *job = item->body = memory_zeroed(1, sizeof *job);
    struct mms_message *message = job->message = g_new0(struct mms_message, 1);
    struct mms_content *content = message->content = g_new0(struct mms_content, 1);
    GString *envelope = g_string_new(NULL);
    job->mms = (struct mms *)self;
    content->parts = g_new0(struct content_part, MMS_PARTS_MAX);
    content->text = g_strdup("");
    bool good = store_interaction(store, item->interaction, again_take_head, message, error) &&
                store_transcript(store, item->interaction, 0, 1, true, again_take_text, content, error) &&
                store_parts(store, item->interaction, again_take_part, job, error) &&
                (job->body.envelope == 0 || store_read(store, job->body.envelope, again_take_piece, envelope, error));
    /* an earlier version kept it without its recipient */
    if (good && !again_take_envelope(message, envelope)) *over = "lost";
    if (good && !*over) text_set(item->own, sizeof item->own, message->to);
    g_string_free(envelope, TRUE);
    return good;
}

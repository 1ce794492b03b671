/* runtime/adapters/mms/keep.c - The thread's work: a message is read and kept, its number in the core is noted, and so
 * is its end. */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/mms/mms.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"

#define MEDIA "mms"
/* The parts that are made of it stand in front: its text, and the slides, whose places count from behind these. */
enum { KEEP_TEXT, KEEP_SLIDES, KEEP_OWN };

static struct span mms_keep_span(const char *text)
{
    return span_of(text ? text : "");
}

/* To whom it is, and by which queue: with these it can be submitted again where the core's state is lost. */
static char *keep_envelope_of(const struct mms_message *message)
{
    json_t *envelope =
        json_pack("{s:s, s:s, s:b}", "to", message->to, "queue", message->queue, "cut", message->content->cut);
    char *text = json_dumps(envelope, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(envelope);
    return text;
}

static struct store_part *keep_parts_of(const struct content *content, const char *envelope)
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

/* ---- what is there afterwards ---- */

static void keep_take_digest(struct mms_stored *stored, struct span hex)
{
    for (size_t i = 0; i < sizeof stored->sha256 && hex.length == 2 * sizeof stored->sha256; i++)
        stored->sha256[i] = (uint8_t)(g_ascii_xdigit_value((gchar)hex.bytes[2 * i]) << 4 |
                                      g_ascii_xdigit_value((gchar)hex.bytes[2 * i + 1]));
}

static void keep_take_stored(void *self, const struct store_part_shown *shown)
{
    struct mms_job *job = self;
    struct mms_stored stored = {.part = shown->part, .length = (uint64_t)shown->length};
    keep_take_digest(&stored, shown->digest);
    text_set_span(stored.type, sizeof stored.type, shown->type);
    if (span_is(shown->role, "text"))
        job->text = stored;
    else if (span_is(shown->role, "envelope"))
        job->envelope = shown->part;
    else if (job->count < MMS_STORED_MAX)
        job->parts[job->count++] = stored;
}

/* Something else has the provider's name of it: it has one of its own. */
static void keep_take_name(void *self, const struct store_shown *shown)
{
    struct mms_message *message = self;
    g_free(message->external_id);
    message->external_id = g_strndup((const char *)shown->external_id.bytes, shown->external_id.length);
}

static bool mms_keep_put(struct store *store, const struct store_arrival *arrival, struct mms_job *job)
{
    struct store_key key;
    if (!store_put(store, arrival, &key, &job->error)) return false;
    const char *odd = store_odd(store);
    job->interaction = key.interaction;
    if (odd) snprintf(job->odd, sizeof job->odd, "%s", odd);
    return (!odd || store_interaction(store, key.interaction, keep_take_name, job->message, &job->error)) &&
           store_parts(store, key.interaction, keep_take_stored, job, &job->error);
}

static bool keep_arrival(struct store *store, struct mms_job *job)
{
    const struct mms_message *message = job->message;
    assert(message->external_id && message->content && job->interaction == 0);
    char *envelope = keep_envelope_of(message);
    struct store_part *parts = keep_parts_of(message->content, envelope);
    struct store_arrival arrival = {.tenant = "",
                                    .media = MEDIA,
                                    .external_id = span_of(message->external_id),
                                    .kind = message->phone               ? STORE_phone
                                            : strchr(message->from, '@') ? STORE_email
                                                                         : STORE_other,
                                    .address = span_of(message->from),
                                    .received = job->now,
                                    .journal = job->journal,
                                    .message = {.msg_id = span_of(message->external_id),
                                                .at = job->now,
                                                .sender = span_of(message->from),
                                                .subject = mms_keep_span(message->subject),
                                                .text = span_of(message->content->text),
                                                .parts = parts,
                                                .part_count = message->content->count + KEEP_OWN + 1}};
    bool good = mms_keep_put(store, &arrival, job);
    free(parts);
    free(envelope);
    return good;
}

static void mms_keep_read(const struct mms *mms, struct mms_job *job)
{
    struct mms_mail mail = {job->sender, job->to, job->bytes, job->length};
    job->message =
        job->mm4 ? mms_read_mm4(&mms->setting, &mail) : mms_read_mm7(&mms->setting, job->type, job->bytes, job->length);
    free(job->bytes);
    job->bytes = NULL;
}

/* ---- what a core has lost ---- */

static void again_take_head(void *self, const struct store_shown *shown)
{
    struct mms_message *message = self;
    keep_take_name(message, shown);
    text_set_span(message->from, sizeof message->from, shown->address);
    if (shown->subject.length > 0)
        message->subject = g_strndup((const char *)shown->subject.bytes, shown->subject.length);
}

/* The part as its message had it, but for its bytes, which the core is not told. */
static void again_take_part(void *self, const struct store_part_shown *shown)
{
    struct mms_job *job = self;
    struct content *content = job->message->content;
    bool file = span_is(shown->role, "attachment");
    keep_take_stored(job, shown);
    if ((!file && !span_is(shown->role, "inline")) || content->count == MMS_PARTS_MAX) return;
    struct content_part *part = &content->parts[content->count++];
    part->role = file ? "attachment" : "inline";
    part->type = g_strndup((const char *)shown->type.bytes, shown->type.length);
    part->text = !file && g_str_has_prefix(part->type, "text/plain");
}

static void again_take_text(void *self, const struct store_line *line)
{
    struct content *content = self;
    if (line->n != 1) return;
    g_free(content->text);
    content->text = g_strndup((const char *)line->text.bytes, line->text.length);
}

static bool again_take_piece(void *self, struct span piece)
{
    g_string_append_len(self, (const char *)piece.bytes, piece.length);
    return true;
}

/* False: there is nobody that it could be to. */
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

static bool mms_keep_again(struct store *store, struct mms_job *job)
{
    struct mms_message *message = job->message = g_new0(struct mms_message, 1);
    struct content *content = message->content = g_new0(struct content, 1);
    GString *envelope = g_string_new(NULL);
    content->parts = g_new0(struct content_part, MMS_PARTS_MAX);
    content->text = g_strdup("");
    bool good = store_interaction(store, job->interaction, again_take_head, message, &job->error) &&
                store_transcript(store, job->interaction, 0, 1, true, again_take_text, content, &job->error) &&
                store_parts(store, job->interaction, again_take_part, job, &job->error) &&
                (job->envelope == 0 || store_read(store, job->envelope, again_take_piece, envelope, &job->error));
    if (good && !again_take_envelope(message, envelope)) {
        good = store_over(store, job->interaction, "lost", job->now, &job->error) &&
               error_set(&job->error, ERROR_UNKNOWN, "it was kept without its recipient, and is ended as lost");
    }
    g_string_free(envelope, TRUE);
    return good;
}

static bool mms_keep_end(struct store *store, struct mms_job *job)
{
    struct store_key key = {0};
    return store_by_external(store, "", MEDIA, span_of(job->external_id), &key, &job->error) &&
           (key.interaction == 0 || store_over(store, key.interaction, job->how, job->now, &job->error));
}

void mms_keep(void *self, void *given)
{
    struct mms *mms = self;
    struct mms_job *job = given;
    char ixn[IXN_TEXT];
    job->error = (struct error){0};
    switch (job->deed) {
    case MMS_TAKE:
        mms_keep_read(mms, job);
        job->good = job->message->what != MMS_MESSAGE || keep_arrival(mms->store, job);
        return;
    case MMS_NOTE:
        ixn_print(job->ixn, ixn);
        job->good = store_submitted(mms->store, job->interaction, job->journal, ixn, &job->error);
        return;
    case MMS_AGAIN:
        job->good = mms_keep_again(mms->store, job);
        return;
    case MMS_END:
        job->good = mms_keep_end(mms->store, job);
        return;
    }
}

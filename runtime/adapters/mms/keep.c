/* runtime/adapters/mms/keep.c - The thread's work: a message is read and kept, its number in the core is noted, and so
 * is its end. */
#include <assert.h>
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

static struct store_part *keep_parts_of(const struct content *content)
{
    struct store_part *parts = memory_zeroed(content->count + KEEP_OWN, sizeof *parts);
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
    struct store_part *parts = keep_parts_of(message->content);
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
                                                .part_count = message->content->count + KEEP_OWN}};
    bool good = mms_keep_put(store, &arrival, job);
    free(parts);
    return good;
}

static void mms_keep_read(const struct mms *mms, struct mms_job *job)
{
    job->message = job->mm4 ? mms_read_mm4(&mms->setting, job->to, job->bytes, job->length)
                            : mms_read_mm7(&mms->setting, job->type, job->bytes, job->length);
    free(job->bytes);
    job->bytes = NULL;
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
    case MMS_END:
        job->good = mms_keep_end(mms->store, job);
        return;
    }
}

/* runtime/adapters/email/keep.c - See the header. */
#include "runtime/adapters/email/keep.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/compose.h"
#include "runtime/store/fill.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/memory.h"

enum { TEXT, RAW, OWN_PARTS };
enum { HEAD_MAX = 65536 };
#define MEDIA    "email"
#define ACCEPTED "accepted"
#define ROBOT    "notice" /* the kind of message as which a machine's mail is kept */

static struct span span(const char *text)
{
    return span_of(text ? text : "");
}

/* ---- what is sent ---- */

static void take_interaction(void *self, const struct store_shown *shown)
{
    struct kept_sent *sent = self;
    char ixn[32];
    unsigned partition;
    uint64_t counter;
    if (text_set_span(ixn, sizeof ixn, shown->ixn) && sscanf(ixn, "%u-%" SCNx64, &partition, &counter) == 2)
        sent->ixn = (uint64_t)partition << 48 | counter;
    sent->accepted = span_is(shown->result, ACCEPTED);
}

static void take_line(void *self, const struct store_line *line)
{
    struct kept_sent *sent = self;
    if (line->n == 1) text_set_span(sent->msg_id, sizeof sent->msg_id, line->msg_id);
}

static bool read_sent(struct store *store, int64_t interaction, struct kept_sent *sent, struct error *error)
{
    *sent = (struct kept_sent){.interaction = interaction};
    return store_interaction(store, interaction, take_interaction, sent, error) &&
           store_transcript(store, interaction, 0, 1, true, take_line, sent, error);
}

bool keep_submitted(struct store *store, int64_t interaction, uint64_t ixn, struct error *error)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64 "-%012" PRIx64, ixn >> 48, ixn & 0xffffffffffff);
    return store_submitted(store, interaction, text, error);
}

bool keep_outgoing(struct store *store, const struct outgoing *mail, int64_t now, struct kept_sent *sent,
                   struct error *error)
{
    struct store_key key;
    struct store_arrival arrival = {
        .tenant = "",
        .media = MEDIA,
        .external_id = span_of(mail->message_id),
        .outbound = true,
        .kind = STORE_email,
        .address = span(mail->to),
        .received = now,
        .message = {.msg_id = span_of(mail->msg_id),
                    .at = now,
                    .role = mail->by_agent ? "agent" : "system",
                    .sender = span(mail->from),
                    .subject = span(mail->subject),
                    .text = span(mail->text)},
    };
    return store_put(store, &arrival, &key, error) &&
           keep_submitted(store, key.interaction, mail->ixn, error) && /* also when it ended between the two */
           read_sent(store, key.interaction, sent, error);
}

bool keep_result(struct store *store, int64_t interaction, const char *result, int64_t now, struct error *error)
{
    return store_ended(store, interaction, NULL, result, now, error);
}

bool keep_find_sent(struct store *store, const char *message_id, struct kept_sent *sent, struct error *error)
{
    struct store_key key;
    *sent = (struct kept_sent){0};
    if (!store_by_external(store, "", MEDIA, span_of(message_id), &key, error)) return false;
    return key.interaction == 0 || read_sent(store, key.interaction, sent, error);
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

/* ---- what goes out with it ---- */

struct beside {
    int64_t interaction, message;
    uint64_t bytes;
    GArray *numbers, *parts;
};

static void take_place(void *self, const struct store_part_shown *shown)
{
    struct beside *beside = self;
    beside->interaction = shown->interaction;
    beside->message = shown->message;
}

static char *text_of(struct span text)
{
    return text.length > 0 ? g_strndup((const char *)text.bytes, text.length) : NULL;
}

static void take_beside(void *self, const struct store_part_shown *shown)
{
    struct beside *beside = self;
    bool goes = span_is(shown->role, "html") || span_is(shown->role, "inline") || span_is(shown->role, "attachment");
    if (!goes || shown->message != beside->message) return;
    struct composed_part part = {.role = text_of(shown->role),
                                 .type = text_of(shown->type),
                                 .name = text_of(shown->name),
                                 .content_id = text_of(shown->content_id)};
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

bool keep_parts_beside(struct store *store, int64_t part, size_t max, GArray *parts, struct error *error)
{
    struct beside beside = {.numbers = g_array_new(FALSE, FALSE, sizeof(int64_t)), .parts = parts};
    guint from = parts->len;
    bool good = store_part(store, part, take_place, &beside, error) &&
                (beside.interaction == 0 || store_parts(store, beside.interaction, take_beside, &beside, error));
    if (good && beside.bytes > max) {
        error_set(error, ERROR_LIMIT, "its parts are more than %zu bytes", max);
        good = false;
    }
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

bool keep_raw_head(struct store *store, const char *external_id, GString *head, struct error *error)
{
    struct store_key key;
    int64_t raw = 0;
    return store_by_external(store, "", MEDIA, span_of(external_id), &key, error) &&
           (key.interaction == 0 || store_parts(store, key.interaction, take_raw, &raw, error)) &&
           (raw == 0 || store_read(store, raw, add_head, head, error));
}

static void take_external(void *self, const struct store_shown *shown)
{
    *(char **)self = text_of(shown->external_id);
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

static void take_response(void *self, const struct store_response *response)
{
    struct template *template = self;
    if (template->found || !span_equal(response->name, template->wanted)) return;
    template->found = true;
    out_put(&template->subject, (const char *)response->subject.bytes, response->subject.length);
    out_put(&template->text, (const char *)response->text.bytes, response->text.length);
}

static struct span written(const struct out *out)
{
    return (struct span){(const uint8_t *)out->bytes, (uint32_t)out->length};
}

static bool filled(struct store *store, int64_t contact, const struct out *text, enum fill_place place, char **to,
                   struct error *error)
{
    struct out out = {0};
    unsigned unknown;
    out_put(&out, "", 0);
    bool good = store_fill(store, contact, written(text), place, NULL, 0, &out, &unknown, error);
    *to = memory_text(out.bytes);
    out_free(&out);
    return good;
}

bool keep_template(struct store *store, const char *name, const char *about, char **subject, char **text,
                   struct error *error)
{
    struct template template = {.wanted = span_of(name)};
    struct store_key key = {0};
    *subject = *text = NULL;
    bool good = store_responses(store, "", span_of(""), span_of(""), take_response, &template, error) &&
                (!about || store_by_external(store, "", MEDIA, span_of(about), &key, error));
    if (good && !template.found) {
        error_set(error, ERROR_UNKNOWN, "there is no standard response `%s`: gcxstore takes them in", name);
        good = false;
    }
    good = good && filled(store, key.contact, &template.subject, FILL_LINE, subject, error) &&
           filled(store, key.contact, &template.text, FILL_TEXT, text, error);
    out_free(&template.subject);
    out_free(&template.text);
    return good;
}

/* ---- what came ---- */

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

static void take_part(void *self, const struct store_part_shown *shown)
{
    struct kept *kept = self;
    struct kept_blob blob = {.part = shown->part, .length = (uint64_t)shown->length};
    for (size_t i = 0; i < sizeof blob.sha256 && shown->digest.length >= 64; i++)
        blob.sha256[i] = (uint8_t)(digit(shown->digest.bytes[2 * i]) << 4 | digit(shown->digest.bytes[2 * i + 1]));
    text_set_span(blob.type, sizeof blob.type, shown->type);
    if (span_is(shown->role, "text"))
        kept->body = blob;
    else if (kept->count < KEPT_PARTS_MAX)
        kept->parts[kept->count++] = blob;
}

static struct store_part *parts_of(const struct mail *mail, const char *raw, size_t length)
{
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
            .name = span(part->name),
            .content_id = span(part->content_id),
            .bytes = {(const uint8_t *)part->bytes, (uint32_t)part->length},
        };
    }
    return parts;
}

static void take_parent(void *self, const struct store_shown *shown)
{
    struct kept_sent parent = {0};
    take_interaction(&parent, shown);
    ((struct kept *)self)->parent = parent.ixn;
}

static bool has_digest(const struct kept_blob *blob, struct span bytes)
{
    guint8 digest[sizeof blob->sha256];
    gsize length = sizeof digest;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, bytes.bytes, bytes.length);
    g_checksum_get_digest(sum, digest, &length);
    g_checksum_free(sum);
    return memcmp(digest, blob->sha256, length) == 0;
}

/* Has what was kept before this text and these parts? Servers on the way change the raw bytes. */
static bool is_same(const struct kept *kept, const struct store_arrival *arrival)
{
    const struct store_part *parts = arrival->message.parts;
    if (!has_digest(&kept->body, parts[TEXT].bytes)) return false;
    for (size_t i = OWN_PARTS; i < arrival->message.part_count && i < kept->count; i++)
        if (!has_digest(&kept->parts[i - OWN_PARTS + 1], parts[i].bytes)) return false; /* the raw bytes stand first */
    return true;
}

static bool put(struct store *store, const struct mail *mail, struct store_arrival *arrival, struct kept *kept,
                struct error *error)
{
    struct span references[MAIL_REFERENCES_MAX];
    struct store_key key, before = {0};
    size_t count = 0;
    for (; mail->references[count] && count < MAIL_REFERENCES_MAX; count++)
        references[count] = span_of(mail->references[count]);
    arrival->references = references;
    arrival->reference_count = count;
    if (count > 0 && !store_by_reference(store, "", MEDIA, references, count, &before, error)) return false;
    if (before.interaction != 0 && !store_interaction(store, before.interaction, take_parent, kept, error))
        return false;
    arrival->parent = before.interaction;
    if (!store_put(store, arrival, &key, error)) return false;
    kept->interaction = key.interaction;
    if (!store_parts(store, key.interaction, take_part, kept, error)) return false;
    if (!key.known || *kept->external_id || is_same(kept, arrival)) return true;
    const struct store_part *raw = &arrival->message.parts[RAW];
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, raw->bytes.bytes, raw->bytes.length);
    *kept = (struct kept){0};
    snprintf(kept->external_id, sizeof kept->external_id, "sha256:%s", digest);
    g_free(digest);
    arrival->external_id = span_of(kept->external_id);
    return put(store, mail, arrival, kept, error);
}

bool keep_mail(struct store *store, const struct mail *mail, const char *raw, size_t length, int64_t now,
               struct kept *kept, struct error *error)
{
    struct store_part *parts = parts_of(mail, raw, length);
    struct store_arrival arrival = {
        .tenant = "",
        .media = MEDIA,
        .external_id = span_of(mail->external_id),
        .kind = STORE_email,
        .address = span(mail->from),
        .name = span(mail->from_name),
        .received = now,
        .message = {.msg_id = span(mail->message_id),
                    .at = mail->date_us > 0 && mail->date_us < now ? mail->date_us : now,
                    .role = "customer",
                    .kind = mail->robot == MAIL_ROBOT_none ? "text" : ROBOT,
                    .sender = span(mail->from),
                    .subject = span(mail->subject),
                    .text = span_of(mail->text),
                    .parts = parts,
                    .part_count = mail->part_count + OWN_PARTS},
    };
    *kept = (struct kept){0};
    bool good = put(store, mail, &arrival, kept, error);
    free(parts);
    return good;
}

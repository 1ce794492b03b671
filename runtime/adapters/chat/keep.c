/* runtime/adapters/chat/keep.c - See the header. */
#include "runtime/adapters/chat/keep.h"

#include <glib.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/store.h"

#define MEDIA      "chat"
#define TRANSCRIPT "transcript.txt"
#define OWN        "c:" /* before what customers call their messages: the core's ids cannot be those */

char *keep_line(int64_t n, int64_t wall_us, const char *role, const char *from, const char *id, const char *text)
{
    json_t *line = json_pack("{s:s, s:I, s:I, s:s, s:s, s:s*, s:s}", "type", "message", "index", (json_int_t)n, "at",
                             (json_int_t)(wall_us / 1000), "role", role, "from", from, "id", id, "text", text);
    char *shown = line ? json_dumps(line, JSON_COMPACT) : NULL;
    json_decref(line);
    return shown;
}

static struct span span(const char *text)
{
    return span_of(text ? text : "");
}

static bool put(struct store *store, struct keep_job *job)
{
    struct store_key key;
    struct store_arrival arrival = {.tenant = "",
                                    .media = MEDIA,
                                    .external_id = span(job->external_id),
                                    .kind = STORE_email,
                                    .address = span(job->email),
                                    .name = span(job->name),
                                    .received = job->wall_us,
                                    .message = {.at = job->wall_us, .subject = span(job->subject)}};
    if (!store_put(store, &arrival, &key, &job->error)) return false;
    job->interaction = key.interaction;
    return true;
}

static bool submitted(struct store *store, struct keep_job *job)
{
    char ixn[32];
    snprintf(ixn, sizeof ixn, "%" PRIu64 "-%012" PRIx64, job->ixn >> 48, job->ixn & 0xffffffffffff);
    return store_submitted(store, job->interaction, ixn, &job->error);
}

static bool say(struct store *store, struct keep_job *job)
{
    char *msg_id = strcmp(job->role, "customer") == 0 ? g_strconcat(OWN, job->msg_id, NULL) : g_strdup(job->msg_id);
    struct store_message message = {.msg_id = span_of(msg_id),
                                    .at = job->wall_us,
                                    .role = job->role,
                                    .visible = job->agents_only ? "agents" : "all",
                                    .sender = span(job->from),
                                    .text = span(job->text)};
    bool good = store_say(store, job->interaction, &message, &job->n, &job->error);
    g_free(msg_id);
    return good;
}

static char *text_of(struct span text)
{
    return text.length > 0 ? g_strndup((const char *)text.bytes, text.length) : g_strdup("");
}

static void take_line(void *self, const struct store_line *line)
{
    struct keep_job *job = self;
    job->n = line->n;
    job->more = ++job->read == KEEP_LINES;
    if (line->text.length == 0) return;
    char *id = text_of(line->msg_id);
    char *role = text_of(line->role);
    char *from = text_of(line->sender);
    char *text = text_of(line->text);
    bool own = strcmp(role, "customer") == 0 && g_str_has_prefix(id, OWN);
    char *shown = keep_line(line->n, line->at, role, from, own ? id + strlen(OWN) : NULL, text);
    if (shown) job->lines[job->count++] = shown;
    g_free(id), g_free(role), g_free(from), g_free(text);
}

static bool read_lines(struct store *store, struct keep_job *job)
{
    return store_transcript(store, job->interaction, job->n, KEEP_LINES, false, take_line, job, &job->error);
}

/* ---- the transcript ---- */

struct written {
    GString *text;
    int64_t last; /* the place of the last message */
    unsigned read;
};

static void take_written(void *self, const struct store_line *line)
{
    struct written *written = self;
    GString *text = written->text;
    written->last = line->n;
    written->read++;
    if (line->text.length == 0) return;
    GDateTime *at = g_date_time_new_from_unix_utc(line->at / 1000000);
    char *shown = at ? g_date_time_format(at, "%Y-%m-%d %H:%M") : g_strdup("");
    struct span who = line->sender.length > 0 ? line->sender : line->role;
    g_string_append_printf(text, "%s %.*s: %.*s\n", shown, (int)who.length, (const char *)who.bytes,
                           (int)line->text.length, (const char *)line->text.bytes);
    g_free(shown);
    if (at) g_date_time_unref(at);
}

/* What the customer has seen, a line a message; times are UTC. NULL with the reason. */
static GString *read_written(struct store *store, struct keep_job *job)
{
    struct written written = {.text = g_string_new(NULL)};
    do {
        written.read = 0;
        if (!store_transcript(store, job->interaction, written.last, STORE_ROWS_MAX, false, take_written, &written,
                              &job->error)) {
            g_string_free(written.text, TRUE);
            return NULL;
        }
    } while (written.read == STORE_ROWS_MAX);
    return written.text;
}

static void take_part(void *self, const struct store_part_shown *shown)
{
    struct keep_part *part = self;
    if (!span_is(shown->name, TRANSCRIPT)) return;
    part->part = shown->part;
    part->length = (uint64_t)shown->length;
    for (size_t i = 0; i < sizeof part->sha256 && shown->digest.length == 2 * sizeof part->sha256; i++)
        part->sha256[i] = (uint8_t)(g_ascii_xdigit_value((char)shown->digest.bytes[2 * i]) << 4 |
                                    g_ascii_xdigit_value((char)shown->digest.bytes[2 * i + 1]));
}

/* Keeps the transcript as a message of its own, for agents, which is kept once however often this is tried. */
static bool put_transcript(struct store *store, struct keep_job *job, const GString *text)
{
    struct store_part part = {.role = "attachment",
                              .type = span_of("text/plain;charset=utf-8"),
                              .name = span_of(TRANSCRIPT),
                              .bytes = {(const uint8_t *)text->str, (uint32_t)text->len}};
    struct store_message message = {.msg_id = span_of("transcript"),
                                    .at = job->wall_us,
                                    .role = "system",
                                    .kind = "file",
                                    .visible = "agents",
                                    .parts = &part,
                                    .part_count = 1};
    int64_t n;
    return store_say(store, job->interaction, &message, &n, &job->error) &&
           store_parts(store, job->interaction, take_part, &job->transcript, &job->error);
}

static bool end(struct store *store, struct keep_job *job)
{
    GString *text = read_written(store, job);
    bool good = text && (text->len == 0 || put_transcript(store, job, text)) &&
                store_ended(store, job->interaction, NULL, job->result, job->wall_us, &job->error);
    if (text) g_string_free(text, TRUE);
    return good;
}

void keep_do(struct store *store, struct keep_job *job)
{
    switch (job->what) {
    case KEEP_PUT:
        job->good = put(store, job);
        return;
    case KEEP_SUBMITTED:
        job->good = submitted(store, job);
        return;
    case KEEP_SAY:
        job->good = say(store, job);
        return;
    case KEEP_END:
        job->good = end(store, job);
        return;
    case KEEP_READ:
        job->good = read_lines(store, job);
    }
}

bool keep_again(const struct keep_job *job)
{
    return store_again(&job->error);
}

void keep_free(struct keep_job *job)
{
    g_free(job->external_id), g_free(job->name), g_free(job->email), g_free(job->subject);
    g_free(job->msg_id), g_free(job->from), g_free(job->text);
    for (unsigned i = 0; i < job->count; i++) free(job->lines[i]);
}

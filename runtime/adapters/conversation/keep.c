/* runtime/adapters/conversation/keep.c - Writes and reads conversations in the contact store, on the store's thread.
 *
 * A conversation in the store is an interaction, with its messages in the order in which the thread got them: their
 * places (`n`) are the numbers that the customer and the core use. Messages of customers have `c:` before their own
 * ids, so that no customer can take the id of an agent's. The end adds the transcript as a file for agents, and then
 * the result. */
#include "runtime/adapters/conversation/keep.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/conversation/content.h"
#include "runtime/adapters/conversation/template.h"
#include "runtime/post/postbook.h"
#include "runtime/post/talks.h"
#include "runtime/post/way.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"

#define TRANSCRIPT "transcript.txt"

static struct span keep_span(const char *text)
{
    return span_of(text ? text : "");
}

static void keep_is_there(void *self, const struct store_shown *shown)
{
    *(bool *)self = shown->erased == 0;
}

/* Clears the parent if the interaction before this one was erased since. */
static bool keep_parent(struct store *store, struct keep_job *job)
{
    bool there = false;
    if (job->parent == 0) return true;
    if (!store_interaction(store, job->parent, keep_is_there, &there, &job->error) && job->error.code != ERROR_UNKNOWN)
        return false;
    if (!there) job->parent = 0;
    job->error = (struct error){0};
    return true;
}

static struct talk_row keep_row(const struct keep_job *job)
{
    return (struct talk_row){.way = job->media,
                             .owner = job->owner,
                             .name = job->external_id,
                             .interaction = job->interaction,
                             .saved = job->saved};
}

/* Makes the conversation in the store, with what is known of its customer; its messages come as jobs of their own. */
static bool keep_put(struct store *store, struct keep_job *job)
{
    struct store_key key;
    if (!keep_parent(store, job)) return false;
    struct store_arrival arrival = {.tenant = "",
                                    .media = job->media,
                                    .external_id = keep_span(job->external_id),
                                    .kind = job->kind,
                                    .address = keep_span(job->address),
                                    .name = keep_span(job->name),
                                    .parent = job->parent,
                                    .received = job->wall_us,
                                    .journal = job->journal,
                                    .message = {.at = job->wall_us, .subject = keep_span(job->subject)}};
    bool good = store_put(store, &arrival, &key, &job->error);
    if (good) job->interaction = key.interaction;
    if (good && job->proof)
        good = store_prove(store, "", key.interaction, job->proof, job->proof_until, job->wall_us, &job->verified,
                           &job->error);
    struct talk_row row = keep_row(job);
    return good && talk_put(store, &row, job->wall_us, &job->error);
}

static bool keep_save(struct store *store, struct keep_job *job)
{
    struct talk_row row = keep_row(job);
    return (job->makes ? talk_put : talk_change)(store, &row, job->wall_us, &job->error);
}

/* ---- files ---- */

static void keep_part_of(struct keep_part *part, const struct store_part_shown *shown)
{
    part->part = shown->part;
    part->length = (uint64_t)shown->length;
    text_set_span(part->type, sizeof part->type, shown->type);
    if (shown->digest.length == 2 * sizeof part->sha256)
        sodium_hex2bin(part->sha256, sizeof part->sha256, (const char *)shown->digest.bytes, shown->digest.length, NULL,
                       NULL, NULL);
}

static void take_file(void *self, const struct store_part_shown *shown)
{
    struct keep_part *part = g_new0(struct keep_part, 1);
    int64_t *message = g_new(int64_t, 1);
    *message = shown->message;
    keep_part_of(part, shown);
    g_hash_table_replace(self, message, part);
}

/* Returns the files of the conversation, by the places of their messages; NULL with the reason. */
static GHashTable *files_of(struct store *store, struct keep_job *job)
{
    GHashTable *files = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    if (store_parts(store, job->interaction, take_file, files, &job->error)) return files;
    g_hash_table_destroy(files);
    return NULL;
}

/* Stores a file, before the message that shows it: the store has the bytes first, and `part` is the number that it
 * gives them. */
static bool keep_bring(struct store *store, struct keep_job *job)
{
    assert(job->bytes && job->text);
    struct store_part part = {.role = "attachment", .type = span_of(job->part.type), .name = keep_span(job->text)};
    struct span bytes = {job->bytes->data, job->bytes->len};
    job->part.part = store_upload_bytes(store, &part, bytes, job->wall_us, &job->error);
    return job->part.part != 0;
}

struct fetched {
    struct keep_job *job;
    int64_t interaction, message; /* the interaction and the message that the file belongs to */
    bool seen;                    /* the customer was shown the message */
};

static void take_fetched(void *self, const struct store_part_shown *shown)
{
    struct fetched *fetched = self;
    fetched->interaction = shown->interaction;
    fetched->message = shown->message;
    keep_part_of(&fetched->job->part, shown);
    fetched->job->text = post_text(shown->name);
}

static void take_seen(void *self, const struct store_line *line)
{
    struct fetched *fetched = self;
    fetched->seen = line->n == fetched->message;
}

static bool keep_take_piece(void *self, struct span piece)
{
    g_byte_array_append(self, piece.bytes, piece.length);
    return true;
}

static bool keep_file_bytes(struct store *store, struct keep_job *job)
{
    if (!job->bytes) job->bytes = g_byte_array_new();
    g_byte_array_set_size(job->bytes, 0);
    return store_read(store, job->part.part, keep_take_piece, job->bytes, &job->error);
}

/* Reads the bytes of a file for the customer, if the message with the file was shown to the customer in this
 * conversation. */
static bool keep_fetch(struct store *store, struct keep_job *job)
{
    assert(!job->bytes && job->part.part > 0);
    struct fetched fetched = {.job = job};
    if (!store_part(store, job->part.part, take_fetched, &fetched, &job->error)) return false;
    if (fetched.interaction == job->interaction && fetched.message > 0 &&
        !store_transcript(store, job->interaction, fetched.message - 1, 1, false, take_seen, &fetched, &job->error))
        return false;
    if (!fetched.seen) return error_set(&job->error, ERROR_UNKNOWN, "there is no such file in this chat");
    job->bytes = g_byte_array_new();
    return store_read(store, job->part.part, keep_take_piece, job->bytes, &job->error);
}

/* ---- messages ---- */

/* Finds the file as the store has it: for a message that comes again, the file that was kept with it the first time. */
static bool find_file(struct store *store, struct keep_job *job)
{
    GHashTable *files = files_of(store, job);
    const struct keep_part *file = files ? g_hash_table_lookup(files, &job->n) : NULL;
    if (file) job->part = *file;
    if (files) g_hash_table_destroy(files);
    return files != NULL;
}

static void take_template(void *self, const struct store_response *response)
{
    struct keep_job *job = self;
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    if (!job->template && template_reads(response->text, job->text, values)) {
        job->template = post_text(response->name);
        job->language = post_text(response->language);
        job->values = values;
    } else {
        g_ptr_array_unref(values);
    }
}

static bool keep_bar(struct keep_job *job, enum keep_barred barred, const char *why)
{
    job->barred = barred;
    return error_set(&job->error, ERROR_INPUT, "%s", why);
}

/* May the message be kept in the conversation? A customer who wants no messages gets none, but the customer's own
 * messages, and those that the customer takes back, are kept. */
static bool keep_may_say(struct store *store, struct keep_job *job)
{
    bool refused = false;
    struct store_refusal refusal = {.tenant = "",
                                    .media = job->media,
                                    .kind = job->kind,
                                    .address = keep_span(job->address),
                                    .own = keep_span(job->own)};
    bool ours = strcmp(job->role, "customer") != 0;
    if (ours && job->address && !store_refuses(store, &refusal, &refused, &job->error)) return false;
    if (refused) return keep_bar(job, KEEP_WANTS_NONE, "the customer wants no messages");
    if (!job->templates) return true;
    if (!store_responses(store, "", span_of(job->templates), (struct span){0}, take_template, job, &job->error))
        return false;
    return job->template || keep_bar(job, KEEP_NO_TEMPLATE, "it is no template");
}

/* Finds the store's name of the message that this one is about: one of ours, by the post office's name of it, or else
 * one of the customer. The caller frees it. */
static bool keep_of(struct store *store, struct keep_job *job, char **of)
{
    char name[POST_PEER] = "";
    if (job->ours && !postbook_msg_id(store, job->media, job->ours, name, &job->error)) return false;
    *of = *name ? g_strdup(name) : job->of ? g_strconcat(KEEP_OWN, job->of, NULL) : NULL;
    return true;
}

struct same_text {
    int64_t n;
    struct span text;
    bool another;
};

static void take_same(void *self, const struct store_line *line)
{
    struct same_text *same = self;
    bool shown = line->n == same->n && line->taken_back == 0 && line->text.length > 0;
    same->another = shown && !span_equal(line->text, same->text);
}

/* Some clients give one id to two texts: the second one is then kept under its other name. */
static bool keep_renamed(struct store *store, struct keep_job *job, struct store_message *message)
{
    struct same_text same = {job->n, message->text, false};
    if (!store_transcript(store, job->interaction, job->n - 1, 1, true, take_same, &same, &job->error)) return false;
    if (!same.another) return true;
    char *name = g_strconcat(KEEP_OWN, job->other, NULL);
    message->msg_id = span_of(name);
    job->renamed = true;
    bool good = store_say(store, job->interaction, message, &job->n, &job->error);
    g_free(name);
    return good;
}

/* Keeps a message. A message with the same id is kept once: `n` is then the place of the first one. */
static bool keep_say(struct store *store, struct keep_job *job)
{
    assert(job->role && job->msg_id);
    if (!keep_may_say(store, job)) return false;
    char *msg_id =
        strcmp(job->role, "customer") == 0 ? g_strconcat(KEEP_OWN, job->msg_id, NULL) : g_strdup(job->msg_id);
    char *of = NULL;
    if (!keep_of(store, job, &of)) {
        g_free(msg_id);
        return false;
    }
    struct store_part file = {.role = "attachment", .upload = job->part.part};
    bool plain = job->kind_said == message_kind_other;
    struct store_message message = {.msg_id = span_of(msg_id),
                                    .at = job->wall_us,
                                    .role = job->role,
                                    .kind = !plain             ? enum_name_message_kind(job->kind_said)
                                            : file.upload != 0 ? "file"
                                                               : "text",
                                    .of_id = keep_span(of),
                                    .about = keep_span(job->about),
                                    .visible = job->agents_only ? "agents" : "all",
                                    .sender = keep_span(job->from),
                                    .text = keep_span(job->text),
                                    .parts = &file,
                                    .part_count = file.upload != 0};
    bool good =
        store_say(store, job->interaction, &message, &job->n, &job->error) &&
        (!job->other || keep_renamed(store, job, &message)) &&
        (file.upload == 0 || (find_file(store, job) && (!job->brings || keep_file_bytes(store, job)))) &&
        (!job->typed || strcmp(job->role, "customer") != 0 ||
         store_code_try(store, job->interaction, message.text, job->wall_us, &job->code, &job->tries, &job->error));
    g_free(msg_id), g_free(of);
    return good;
}

/* Finds the interaction of the message that this one is about, and keeps it there; `n` 0: there is none. */
static bool keep_said_after(struct store *store, struct keep_job *job)
{
    char *of = NULL;
    bool good =
        keep_of(store, job, &of) &&
        store_said_in(store, "", job->media, keep_span(job->address), span_of(of), &job->interaction, &job->error) &&
        (job->interaction == 0 || keep_say(store, job));
    g_free(of);
    return good;
}

static void keep_line_free(gpointer data)
{
    struct keep_line *line = data;
    g_free(line->role), g_free(line->from), g_free(line->id), g_free(line->text);
    g_free(line);
}

struct read {
    struct keep_job *job;
    GHashTable *files;
};

/* Takes a message of the transcript. A message without a text, such as an erased one, has a place but is not shown. */
static void keep_take_line(void *self, const struct store_line *line)
{
    struct read *read = self;
    struct keep_job *job = read->job;
    assert(job->lines->len < KEEP_LINES); /* the store is asked for so many rows at once */
    job->n = line->n;
    job->more = ++job->read == KEEP_LINES;
    if (line->text.length == 0) return;
    struct keep_line *kept = g_new0(struct keep_line, 1);
    const struct keep_part *file = g_hash_table_lookup(read->files, &line->n);
    char *id = post_text(line->msg_id);
    kept->n = line->n, kept->at_us = line->at;
    kept->role = post_text(line->role), kept->from = post_text(line->sender);
    kept->text = post_text(line->text);
    bool own = strcmp(kept->role, "customer") == 0 && g_str_has_prefix(id, KEEP_OWN);
    if (own) kept->id = g_strdup(id + strlen(KEEP_OWN));
    if (file) kept->file = *file;
    char *about = own ? NULL : post_text(line->about);
    kept->marks = content_marks(about);
    g_free(about);
    g_ptr_array_add(job->lines, kept);
    g_free(id);
}

static bool keep_read_lines(struct store *store, struct keep_job *job)
{
    job->lines = g_ptr_array_new_with_free_func(keep_line_free);
    struct read read = {.job = job, .files = files_of(store, job)};
    bool good = read.files && store_transcript(store, job->interaction, job->n, KEEP_LINES, false, keep_take_line,
                                               &read, &job->error);
    if (read.files) g_hash_table_destroy(read.files);
    return good;
}

/* ---- the transcript ---- */

struct written {
    GString *text;
    int64_t last; /* the place of the last message */
    unsigned read;
};

/* Adds a message to the transcript, as one line: "2026-03-09 14:02 Ann: Good morning". */
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

/* Returns the transcript as the customer has seen it, one line per message; times are UTC. NULL with the reason. */
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

/* Keeps the transcript as a message of its own, for agents; it is kept only once however often this is tried. */
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
    return store_say(store, job->interaction, &message, &job->n, &job->error) && find_file(store, job);
}

/* Ends the conversation in the store; a wrap-up code that an agent has given it stays its result. The order matters if
 * the process is killed between two steps: each step may be done twice, and the row from which the next process goes on
 * is dropped last. */
static bool keep_end_job(struct store *store, struct keep_job *job)
{
    const char *agent = job->name && *job->name ? job->name : NULL;
    GString *text = read_written(store, job);
    bool good = text && (text->len == 0 || put_transcript(store, job, text)) &&
                store_ended(store, job->interaction, agent, NULL, 0, &job->error) &&
                store_over(store, job->interaction, job->result, job->wall_us, &job->error) &&
                post_item_ended(store, job->interaction, &job->error) &&
                talk_drop_of(store, job->interaction, &job->error);
    if (text) g_string_free(text, TRUE);
    return good;
}

static bool keep_fared_job(struct store *store, struct keep_job *job)
{
    char ixn[IXN_TEXT];
    ident_print_ixn(job->ixn, ixn);
    return store_delivered(store, job->journal, ixn, job->msg_id, job->result, &job->error);
}

static bool keep_refused_job(struct store *store, struct keep_job *job)
{
    struct store_refusal refusal = {.tenant = "",
                                    .media = job->media,
                                    .kind = job->kind,
                                    .address = keep_span(job->address),
                                    .own = keep_span(job->own),
                                    .word = keep_span(job->text),
                                    .since = job->wall_us};
    return store_refuse(store, &refusal, job->refuses, NULL, &job->error);
}

static void keep_work(struct store *store, struct keep_job *job)
{
    switch (job->what) {
    case KEEP_PUT:
        job->good = keep_put(store, job);
        return;
    case KEEP_SAVE:
        job->good = keep_save(store, job);
        return;
    case KEEP_OVER:
        job->good = talk_drop(store, job->media, job->owner, job->external_id, &job->error);
        return;
    case KEEP_SAY:
        job->good = keep_say(store, job);
        return;
    case KEEP_AFTER:
        job->good = keep_said_after(store, job);
        return;
    case KEEP_END:
        job->good = keep_end_job(store, job);
        return;
    case KEEP_READ:
        job->good = keep_read_lines(store, job);
        return;
    case KEEP_BRING:
        job->good = keep_bring(store, job);
        return;
    case KEEP_FETCH:
        job->good = keep_fetch(store, job);
        return;
    case KEEP_FARED:
        job->good = keep_fared_job(store, job);
        return;
    case KEEP_REFUSED:
        job->good = keep_refused_job(store, job);
    }
}

/* Does the job. Where the store reports something odd the job is good, but has a text in its error. */
void keep_do(struct store *store, struct keep_job *job)
{
    job->error = (struct error){0}; /* may hold the error of a group that was not kept */
    keep_work(store, job);
    const char *odd = job->good ? store_odd(store) : NULL;
    if (odd) snprintf(job->error.text, sizeof job->error.text, "%s", odd);
}

bool keep_again(const struct keep_job *job)
{
    return store_again(&job->error);
}

void keep_free(struct keep_job *job)
{
    g_free(job->external_id), g_free(job->name), g_free(job->address), g_free(job->subject);
    g_free(job->msg_id), g_free(job->from), g_free(job->text), g_free(job->of), g_free(job->about), g_free(job->ours);
    g_free(job->other);
    g_free(job->saved), g_free(job->own), g_free(job->template), g_free(job->language);
    if (job->values) g_ptr_array_unref(job->values);
    if (job->lines) g_ptr_array_unref(job->lines);
    if (job->bytes) g_byte_array_free(job->bytes, TRUE);
}

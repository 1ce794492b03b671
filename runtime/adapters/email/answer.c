/* runtime/adapters/email/answer.c - Reads an agent's answer from the contact store, to submit it to the core again.
 * The desk keeps the addresses and the queue as a part with the role `envelope`, next to the text. */
#include "runtime/adapters/email/answer.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

enum { ENVELOPE_MAX_BYTES = 1024 * 1024, CORE_RECIPIENTS = 20 };

struct answer_reading { /* of an answer */
    struct email_answer *answer;
    struct post_item *item;
    int64_t parent, envelope;
    unsigned texts;
};

static void row_taken(void *self, const struct store_shown *shown)
{
    ((struct answer_reading *)self)->parent = shown->parent;
}

static void part_taken(void *self, const struct store_part_shown *shown)
{
    struct answer_reading *reading = self;
    if (span_is(shown->role, "envelope")) reading->envelope = shown->part;
    if (!span_is(shown->role, "text")) return;
    reading->texts++;
    post_blob_of(&reading->answer->body, shown);
}

static void subject_taken(void *self, const struct store_line *line)
{
    struct email_answer *answer = self;
    if (!answer->subject) answer->subject = post_text(line->subject);
}

static bool envelope_piece(void *self, struct span piece)
{
    GString *bytes = self;
    g_string_append_len(bytes, (const char *)piece.bytes, piece.length);
    return bytes->len <= ENVELOPE_MAX_BYTES;
}

static char **envelope_texts(const json_t *envelope, const char *key)
{
    const json_t *texts = json_object_get(envelope, key);
    GPtrArray *all = g_ptr_array_new();
    for (size_t i = 0; i < json_array_size(texts); i++)
        if (json_is_string(json_array_get(texts, i)))
            g_ptr_array_add(all, g_strdup(json_string_value(json_array_get(texts, i))));
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

static char **envelope_names(const json_t *envelope)
{
    const char *address;
    json_t *name, *names = json_object_get(envelope, "names");
    GPtrArray *all = g_ptr_array_new();
    json_object_foreach(names, address, name)
    {
        if (!json_is_string(name)) continue;
        g_ptr_array_add(all, g_strdup(address));
        g_ptr_array_add(all, g_strdup(json_string_value(name)));
    }
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

/* Reads the envelope; false: something in it is missing. */
static bool envelope_read(const struct answer_reading *reading, const GString *bytes)
{
    json_t *envelope = json_loadb(bytes->str, bytes->len, 0, NULL);
    const char *queue = json_string_value(json_object_get(envelope, "queue"));
    const char *from = json_string_value(json_object_get(envelope, "from"));
    reading->answer->to = envelope_texts(envelope, "to");
    reading->answer->from = g_strdup(from ? from : "");
    reading->answer->begins = json_integer_value(json_object_get(envelope, "begins"));
    text_set(reading->item->own, sizeof reading->item->own, queue ? queue : "");
    json_decref(envelope);
    return *reading->answer->to && *reading->item->own;
}

static void parent_taken(void *self, const struct store_shown *shown)
{
    const struct answer_reading *reading = self;
    if (shown->ended == 0) reading->answer->parent = kept_ixn(shown);
}

static void journal_taken(void *self, const struct store_shown *shown)
{
    *(uint64_t *)self = shown->journal;
}

/* Finds the mail that is answered. The core gets its number only if this core gave that number, and the mail has not
 * ended. */
static bool parent_read(struct store *store, struct answer_reading *reading, uint64_t journal, struct error *error)
{
    uint64_t of = 0;
    if (reading->parent == 0) return true;
    if (!store_interaction(store, reading->parent, journal_taken, &of, error)) return false;
    return of != journal || store_interaction(store, reading->parent, parent_taken, reading, error);
}

static bool all_read(struct store *store, struct answer_reading *reading, GString *envelope, struct error *error)
{
    int64_t interaction = reading->item->interaction;
    return store_interaction(store, interaction, row_taken, reading, error) &&
           store_parts(store, interaction, part_taken, reading, error) &&
           store_transcript(store, interaction, 0, 1, true, subject_taken, reading->answer, error) &&
           (reading->envelope == 0 || store_read(store, reading->envelope, envelope_piece, envelope, error));
}

/* Reads the answer. One text and the envelope must be there, with an address and a queue in it. If one of these is
 * missing, the answer is not sent. */
struct email_answer *email_answer_read(struct store *store, struct post_item *item, struct error *error)
{
    struct answer_reading reading = {.answer = memory_zeroed(1, sizeof *reading.answer), .item = item};
    GString *envelope = g_string_new(NULL);
    *error = (struct error){0};
    bool good = all_read(store, &reading, envelope, error) && parent_read(store, &reading, item->journal, error) &&
                reading.texts == 1 && reading.envelope != 0 && envelope_read(&reading, envelope);
    g_string_free(envelope, TRUE);
    if (good) return reading.answer;
    email_answer_free(reading.answer);
    return NULL;
}

static void envelope_found(void *self, const struct store_part_shown *shown)
{
    if (span_is(shown->role, "envelope")) *(int64_t *)self = shown->part;
}

bool email_envelope_read(struct store *store, const char *external_id, struct email_envelope *read, struct error *error)
{
    struct store_key key;
    int64_t part = 0;
    GString *bytes = g_string_new(NULL);
    bool good = store_by_external(store, "", "email", span_of(external_id), &key, error) &&
                (key.interaction == 0 || store_parts(store, key.interaction, envelope_found, &part, error)) &&
                (part == 0 || store_read(store, part, envelope_piece, bytes, error));
    json_t *envelope = good ? json_loadb(bytes->str, bytes->len, 0, NULL) : NULL;
    if (good)
        *read = (struct email_envelope){envelope_texts(envelope, "to"), envelope_texts(envelope, "cc"),
                                        envelope_texts(envelope, "bcc"), envelope_names(envelope),
                                        json_is_true(json_object_get(envelope, "receipt"))};
    json_decref(envelope);
    g_string_free(bytes, TRUE);
    return good;
}

void email_envelope_clear(struct email_envelope *envelope)
{
    g_strfreev(envelope->to), g_strfreev(envelope->cc), g_strfreev(envelope->bcc), g_strfreev(envelope->names);
    *envelope = (struct email_envelope){0};
}

void email_answer_free(struct email_answer *answer)
{
    if (!answer) return;
    g_free(answer->from), g_free(answer->subject);
    g_strfreev(answer->to);
    free(answer);
}

/* Writes the Submit with the external id of the first one: a core that has the answer replies `duplicate`. */
void email_answer_submit(const struct email_answer *answer, const struct post_item *item, struct writer *writer)
{
    assert(answer->to && answer->to[0]);
    struct kv data;
    writer_text(writer, Submit_from, answer->from);
    writer_list_begin(writer, Submit_to);
    for (char **to = answer->to; *to && to - answer->to < CORE_RECIPIENTS; to++)
        writer_list_text(writer, span_of(*to)); /* the sender takes all of them from the envelope */
    writer_list_end(writer);
    writer_text(writer, Submit_subject, answer->subject ? answer->subject : "");
    writer_blob_begin(writer, Submit_body);
    post_blob_write(writer, &answer->body);
    writer_blob_end(writer);
    kv_init(&data);
    kv_put_text(&data, "agent", span_of(item->agent));
    kv_put_int(&data, "stored", item->interaction);
    writer_kv(writer, Submit_data, &data);
    if (answer->begins > 0) writer_i(writer, Submit_begins, answer->begins);
    kv_free(&data);
}

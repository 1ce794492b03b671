/* runtime/store/same.c - Names from outside are not enough to know a thing again: whoever gives them may begin to count
 * anew. An interaction that comes under a name that is taken is compared with the kept one; one that differs is kept
 * under a name that is made of the first one and of its content. */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "runtime/store/state.h"

enum { FORKED_DIGITS = 16 };

struct content {
    crypto_hash_sha256_state state;
};

static void content_add(struct content *content, struct span text)
{
    unsigned char length[4] = {(unsigned char)(text.length >> 24), (unsigned char)(text.length >> 16),
                               (unsigned char)(text.length >> 8), (unsigned char)text.length};
    crypto_hash_sha256_update(&content->state, length, sizeof length);
    if (text.length > 0) crypto_hash_sha256_update(&content->state, text.bytes, text.length);
}

static void content_end(struct content *content, char hex[DIGEST_SIZE])
{
    assert(DIGEST_SIZE == 2 * crypto_hash_sha256_BYTES + 1);
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&content->state, hash);
    sodium_bin2hex(hex, DIGEST_SIZE, hash, sizeof hash);
}

/* ---- the content of what is given ---- */

/* Raw bytes are passed over, as servers on the way change them; and so is an envelope, which earlier versions did not
 * keep. */
static bool is_raw(struct span role)
{
    return span_is(role, "raw") || span_is(role, "envelope");
}

static void content_part_add(struct content *content, struct span role, struct span digest)
{
    if (is_raw(role)) return;
    content_add(content, role);
    content_add(content, digest);
}

static bool uploaded_add(struct store *store, struct content *content, int64_t upload, struct error *error)
{
    struct sql_rows *rows =
        sql_ask(store->sql, error, "SELECT role, digest FROM parts WHERE id = $1", SQL_WITH(sql_number(upload)));
    if (sql_next(rows)) content_part_add(content, sql_string(rows, 0), sql_string(rows, 1));
    return sql_end(rows, error);
}

static bool given_part_add(struct store *store, struct content *content, const struct store_part *part,
                           struct error *error)
{
    struct content bytes;
    char digest[DIGEST_SIZE];
    if (part->upload != 0) return uploaded_add(store, content, part->upload, error);
    crypto_hash_sha256_init(&bytes.state);
    if (part->bytes.length > 0) crypto_hash_sha256_update(&bytes.state, part->bytes.bytes, part->bytes.length);
    content_end(&bytes, digest);
    content_part_add(content, span_of(part->role), span_of(digest));
    return true;
}

/* Servers on the way mark a subject in front: "[SPAM] ", "[EXTERNAL] ", "***SPAM*** ". Without its marks it counts. */
static struct span subject_unmarked(struct span subject)
{
    static const char *const marks[][2] = {{"[", "]"}, {"{", "}"}, {"***", "***"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks;) {
        uint32_t open = (uint32_t)strlen(marks[i][0]), close = (uint32_t)strlen(marks[i][1]), end = open;
        while (subject.length > 0 && *subject.bytes == ' ') subject.bytes++, subject.length--;
        bool begins = subject.length >= open && memcmp(subject.bytes, marks[i][0], open) == 0;
        while (begins && end + close <= subject.length && memcmp(subject.bytes + end, marks[i][1], close) != 0) end++;
        bool marked = begins && end + close <= subject.length;
        if (marked) subject.bytes += end + close, subject.length -= end + close;
        i = marked ? 0 : i + 1;
    }
    return subject;
}

static void content_subject_add(struct content *content, struct span subject, bool tells)
{
    content_add(content, tells ? subject : subject_unmarked(subject));
}

static bool given_content(struct store *store, const struct store_message *message, char hex[DIGEST_SIZE],
                          struct error *error)
{
    struct texts texts = {0};
    struct content content;
    struct span text = {0};
    bool good = text_whole(&texts, message->text, STORE_TEXT_MAX, "the text of the message", &text, error);
    crypto_hash_sha256_init(&content.state);
    content_add(&content, span_of(message->role ? message->role : "customer"));
    content_subject_add(&content, text_clean(&texts, message->subject, STORE_SUBJECT_MAX), message->subject_tells);
    content_add(&content, text);
    for (size_t i = 0; good && i < message->part_count; i++)
        good = given_part_add(store, &content, &message->parts[i], error);
    content_end(&content, hex);
    texts_free(&texts);
    return good;
}

/* ---- the content of what is kept ---- */

static bool kept_content(struct store *store, int64_t interaction, int64_t n, bool subject_tells, char hex[DIGEST_SIZE],
                         struct error *error)
{
    struct content content;
    crypto_hash_sha256_init(&content.state);
    struct sql_rows *rows =
        sql_ask(store->sql, error, "SELECT role, subject, text FROM messages WHERE interaction = $1 AND n = $2",
                SQL_WITH(sql_number(interaction), sql_number(n)));
    if (sql_next(rows)) {
        content_add(&content, sql_string(rows, 0));
        content_subject_add(&content, sql_string(rows, 1), subject_tells);
        content_add(&content, sql_string(rows, 2));
    }
    if (!sql_end(rows, error)) return false;
    rows =
        sql_ask(store->sql, error, "SELECT role, digest FROM parts WHERE interaction = $1 AND message = $2 ORDER BY n",
                SQL_WITH(sql_number(interaction), sql_number(n)));
    while (sql_next(rows)) content_part_add(&content, sql_string(rows, 0), sql_string(rows, 1));
    content_end(&content, hex);
    return sql_end(rows, error);
}

bool message_same(struct store *store, int64_t interaction, int64_t n, const struct store_message *message, bool *same,
                  struct error *error)
{
    assert(n > 0);
    char kept[DIGEST_SIZE], given[DIGEST_SIZE];
    if (!kept_content(store, interaction, n, message->subject_tells, kept, error) ||
        !given_content(store, message, given, error))
        return false;
    *same = strcmp(kept, given) == 0;
    return true;
}

/* `at` of the first message against `received`: the same where the sender did not say when it was written. */
static bool time_differs(const struct store_arrival *arrival, int64_t at, int64_t received)
{
    return arrival->message.time_tells && at != 0 && at != received && at != arrival->message.at;
}

/* Both known, and another one: who has none of the two says nothing. */
static bool differ(struct span one, struct span other)
{
    return one.length > 0 && other.length > 0 && !span_equal(one, other);
}

bool arrival_same(struct store *store, int64_t interaction, const struct store_arrival *arrival, bool *same,
                  struct error *error)
{
    struct texts texts = {0};
    struct span address = text_clean(&texts, arrival->address, STORE_ADDRESS_MAX);
    bool erased = false;
    *same = false;
    struct sql_rows *rows = sql_ask(
        store->sql, error,
        "SELECT direction, address, erased, received, (SELECT at FROM messages WHERE interaction = i.id AND n = 1)"
        " FROM interactions i WHERE id = $1",
        SQL_WITH(sql_number(interaction)));
    if (sql_next(rows)) {
        erased = !sql_is_null(rows, 2); /* nothing is left to compare it with */
        *same = span_is(sql_string(rows, 0), arrival->outbound ? "out" : "in") &&
                !differ(sql_string(rows, 1), address) &&
                !time_differs(arrival, sql_is_null(rows, 4) ? 0 : sql_int(rows, 4), sql_int(rows, 3));
    }
    bool good = sql_end(rows, error);
    texts_free(&texts);
    if (good && *same && !erased && has_message(&arrival->message))
        good = message_same(store, interaction, 1, &arrival->message, same, error);
    *same |= erased;
    return good;
}

/* ---- another name ---- */

bool message_forked(struct store *store, const struct store_message *message, struct span msg_id, struct texts *texts,
                    struct span *forked, struct error *error)
{
    assert(msg_id.length > 0);
    char hex[DIGEST_SIZE];
    if (!given_content(store, message, hex, error)) return false;
    *forked = text_joined(texts, msg_id, "~", hex, FORKED_DIGITS);
    return true;
}

bool arrival_forked(struct store *store, const struct store_arrival *arrival, struct texts *texts, struct span *forked,
                    struct error *error)
{
    char hex[DIGEST_SIZE];
    struct content content;
    if (!given_content(store, &arrival->message, hex, error)) return false;
    crypto_hash_sha256_init(&content.state);
    content_add(&content, arrival->external_id);
    content_add(&content, arrival->address);
    content_add(&content, span_of(arrival->outbound ? "out" : "in"));
    content_add(&content, span_of(hex));
    if (arrival->message.time_tells)
        content_add(&content, (struct span){(const uint8_t *)&arrival->message.at, sizeof arrival->message.at});
    content_end(&content, hex);
    *forked = text_joined(texts, span_of("sha256"), ":", hex, DIGEST_SIZE);
    return true;
}

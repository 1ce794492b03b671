/* runtime/store/same.c - Tells apart items with the same outside name: names are not enough, since their giver may
 * begin to count anew. An interaction whose name already exists is compared with the stored one; if they differ, the
 * new one is stored under a name made from the old name and its content. */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "runtime/store/state.h"

enum { FORKED_DIGITS = 16 };

struct content {
    crypto_hash_sha256_state state;
    bool raw; /* raw bytes count, too */
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

/* ---- the content of an item that is to be stored ---- */

/* Raw bytes are not compared if the header is known, as servers on the way change them; nor is an envelope, which
 * earlier versions did not store. */
static void content_part_add(struct content *content, struct span role, struct span digest)
{
    if ((span_is(role, "raw") && !content->raw) || span_is(role, "envelope")) return;
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

/* The header fields here are those that the sender of a mail has written. Earlier versions of the store have no
 * header: then the raw bytes are compared instead. */
static void content_head_add(struct content *content, struct span head)
{
    if (head.length > 0 && !content->raw) content_add(content, head);
}

static bool given_content(struct store *store, const struct store_message *message, bool raw, char hex[DIGEST_SIZE],
                          struct error *error)
{
    struct texts texts = {0};
    struct content content = {.raw = raw};
    struct span text = {0};
    bool good = text_whole(&texts, message->text, STORE_TEXT_MAX, "the text of the message", &text, error);
    crypto_hash_sha256_init(&content.state);
    content_add(&content, span_of(message->role ? message->role : "customer"));
    content_add(&content, text_clean(&texts, message->subject, STORE_SUBJECT_MAX));
    content_add(&content, text);
    content_head_add(&content, message->head);
    for (size_t i = 0; good && i < message->part_count; i++)
        good = given_part_add(store, &content, &message->parts[i], error);
    content_end(&content, hex);
    texts_free(&texts);
    return good;
}

/* ---- the content of a stored item ---- */

/* `*raw`: a header is given and none is stored, so the raw bytes are compared. */
static bool kept_content(struct store *store, int64_t interaction, int64_t n, bool *raw, char hex[DIGEST_SIZE],
                         struct error *error)
{
    struct content content = {0};
    crypto_hash_sha256_init(&content.state);
    struct sql_rows *rows =
        sql_ask(store->sql, error, "SELECT role, subject, text, head FROM messages WHERE interaction = $1 AND n = $2",
                SQL_WITH(sql_number(interaction), sql_number(n)));
    if (sql_next(rows)) {
        content_add(&content, sql_string(rows, 0));
        content_add(&content, sql_string(rows, 1));
        content_add(&content, sql_string(rows, 2));
        content.raw = *raw &= sql_is_null(rows, 3);
        content_head_add(&content, sql_string(rows, 3));
    }
    if (!sql_end(rows, error)) return false;
    rows =
        sql_ask(store->sql, error, "SELECT role, digest FROM parts WHERE interaction = $1 AND message = $2 ORDER BY n",
                SQL_WITH(sql_number(interaction), sql_number(n)));
    while (sql_next(rows)) content_part_add(&content, sql_string(rows, 0), sql_string(rows, 1));
    content_end(&content, hex);
    return sql_end(rows, error);
}

bool store_message_same(struct store *store, int64_t interaction, int64_t n, const struct store_message *message,
                        bool *same, struct error *error)
{
    assert(n > 0);
    char kept[DIGEST_SIZE], given[DIGEST_SIZE];
    bool raw = message->head.length > 0;
    if (!kept_content(store, interaction, n, &raw, kept, error) || !given_content(store, message, raw, given, error))
        return false;
    *same = strcmp(kept, given) == 0;
    return true;
}

/* True: both values are known, and they differ; a missing value shows no difference. */
static bool same_differ(struct span one, struct span other)
{
    return one.length > 0 && other.length > 0 && !span_equal(one, other);
}

bool store_arrival_same(struct store *store, int64_t interaction, const struct store_arrival *arrival, bool *same,
                        struct error *error)
{
    struct texts texts = {0};
    struct span address = text_clean(&texts, arrival->address, STORE_ADDRESS_MAX);
    bool erased = false;
    *same = false;
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "SELECT direction, address, erased, (SELECT head FROM messages WHERE interaction = i.id AND n = 1)"
                " FROM interactions i WHERE id = $1",
                SQL_WITH(sql_number(interaction)));
    if (sql_next(rows)) {
        erased = !sql_is_null(rows, 2); /* only the header is left to compare */
        *same = span_is(sql_string(rows, 0), arrival->outbound ? "out" : "in") &&
                !same_differ(sql_string(rows, 1), address);
        if (erased) *same = arrival->message.head.length == 0 || span_equal(sql_string(rows, 3), arrival->message.head);
    }
    bool good = sql_end(rows, error);
    texts_free(&texts);
    if (good && *same && !erased && store_message_given(&arrival->message))
        good = store_message_same(store, interaction, 1, &arrival->message, same, error);
    return good;
}

/* ---- another name ---- */

bool store_message_forked(struct store *store, const struct store_message *message, struct span msg_id,
                          struct texts *texts, struct span *forked, struct error *error)
{
    assert(msg_id.length > 0);
    char hex[DIGEST_SIZE];
    if (!given_content(store, message, false, hex, error)) return false;
    *forked = text_joined(texts, msg_id, "~", hex, FORKED_DIGITS);
    return true;
}

bool store_arrival_forked(struct store *store, const struct store_arrival *arrival, struct texts *texts,
                          struct span *forked, struct error *error)
{
    char hex[DIGEST_SIZE];
    struct content content;
    if (!given_content(store, &arrival->message, false, hex, error)) return false;
    crypto_hash_sha256_init(&content.state);
    content_add(&content, arrival->external_id);
    content_add(&content, arrival->address);
    content_add(&content, span_of(arrival->outbound ? "out" : "in"));
    content_add(&content, span_of(hex));
    content_end(&content, hex);
    *forked = text_joined(texts, span_of("sha256"), ":", hex, DIGEST_SIZE);
    return true;
}

bool store_message_given(const struct store_message *message)
{
    return message->text.length > 0 || message->subject.length > 0 || message->msg_id.length > 0 ||
           message->part_count > 0;
}

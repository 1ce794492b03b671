/* runtime/store/parts.c - Parts of messages: small ones are stored with their message, parts of any size in pieces
 * before it.
 *
 * An upload belongs to no interaction until a message names it; an upload that no message names is removed after a
 * while (store_tidy). */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"

static void digest_end(crypto_hash_sha256_state *state, char hex[DIGEST_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(state, hash);
    sodium_bin2hex(hex, DIGEST_SIZE, hash, sizeof hash);
}

/* Adds a part; with `interaction` 0 it is an upload. */
static bool part_insert(struct store *store, int64_t interaction, int64_t message, int64_t n, int64_t now,
                        const struct store_part *part, int64_t *number, struct error *error)
{
    struct texts texts = {0};
    bool there;
    if (!store_word_good(part->role, "role of the part", error)) return false;
    struct span type = text_clean(&texts, part->type, STORE_FILE_NAME_MAX),
                name = text_clean(&texts, part->name, STORE_FILE_NAME_MAX),
                content = text_clean(&texts, part->content_id, STORE_FILE_NAME_MAX);
    bool good = sql_find(store->sql, error, number, &there,
                         "INSERT INTO parts(interaction, message, n, role, type, name, content_id, made)"
                         " VALUES($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                         SQL_WITH(sql_number_or_null(interaction), sql_number_or_null(message), sql_number_or_null(n),
                                  sql_text(part->role), sql_text_or_null(type), sql_text_or_null(name),
                                  sql_text_or_null(content), sql_number(now)));
    texts_free(&texts);
    return good;
}

static bool piece_put(struct store *store, int64_t part, int64_t n, struct span bytes, struct error *error)
{
    assert(part > 0 && n >= 0);
    return sql_do(store->sql, error, "INSERT INTO pieces(part, n, bytes) VALUES($1, $2, $3)",
                  SQL_WITH(sql_number(part), sql_number(n), sql_bytes(bytes)));
}

/* Writes the bytes in pieces, and then their length and digest: a part without a length was broken off, and no
 * message can name it. */
static bool part_fill(struct store *store, int64_t part, struct span bytes, struct error *error)
{
    crypto_hash_sha256_state state;
    char digest[DIGEST_SIZE];
    int64_t piece = 0;
    for (uint32_t at = 0; at < bytes.length; at += PIECE) {
        uint32_t left = bytes.length - at;
        if (!piece_put(store, part, ++piece, (struct span){bytes.bytes + at, left < PIECE ? left : PIECE}, error))
            return false;
    }
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, bytes.bytes, bytes.length);
    digest_end(&state, digest);
    return sql_do(store->sql, error, "UPDATE parts SET length = $1, digest = $2 WHERE id = $3",
                  SQL_WITH(sql_number((int64_t)bytes.length), sql_text(digest), sql_number(part)));
}

static bool part_too_long(struct error *error)
{
    return error_set(error, ERROR_LIMIT, "the part has more than %d bytes", STORE_PART_MAX);
}

/* Gives an upload to a message by one statement: of two messages that name the same upload at once, one changes the
 * row and the other finds none. */
static bool upload_named(struct store *store, int64_t interaction, int64_t message, int64_t n, int64_t upload,
                         struct error *error)
{
    if (!sql_do(store->sql, error,
                "UPDATE parts SET interaction = $1, message = $2, n = $3 WHERE id = $4 AND interaction IS NULL"
                " AND length IS NOT NULL",
                SQL_WITH(sql_number(interaction), sql_number(message), sql_number(n), sql_number(upload))))
        return false;
    if (sql_changes(store->sql) == 1) return true;
    return error_set(error, ERROR_UNKNOWN, "there is no upload %lld, or it is another message's, or not whole",
                     (long long)upload);
}

bool part_put(struct store *store, int64_t interaction, int64_t message, int64_t n, int64_t now,
              const struct store_part *part, struct error *error)
{
    assert(message > 0 && n > 0); /* places of messages, and of parts in them, count from 1 */
    int64_t number;
    if (part->upload != 0) return upload_named(store, interaction, message, n, part->upload, error);
    if (part->bytes.length > STORE_PART_MAX) return part_too_long(error);
    return part_insert(store, interaction, message, n, now, part, &number, error) &&
           part_fill(store, number, part->bytes, error);
}

/* ---- uploads ---- */

/* An upload that fails is removed again, or, if the store is away, stays until store_tidy(). */
int64_t store_upload_bytes(struct store *store, const struct store_part *part, struct span bytes, int64_t now,
                           struct error *error)
{
    assert(part->upload == 0);
    int64_t number;
    if (bytes.length > STORE_PART_MAX) return part_too_long(error);
    if (!part_insert(store, 0, 0, 0, now, part, &number, error)) return 0;
    if (part_fill(store, number, bytes, error)) return number;
    if (sql_do(store->sql, NULL, "DELETE FROM pieces WHERE part = $1", SQL_WITH(sql_number(number))))
        sql_do(store->sql, NULL, "DELETE FROM parts WHERE id = $1", SQL_WITH(sql_number(number)));
    return 0;
}

/* ---- reading ---- */

/* A transcript that was written before one of its messages was taken back has the text of it. */
#define PART_COLUMNS                                                                                                   \
    "SELECT p.id, coalesce(p.interaction, 0), coalesce(p.message, 0), coalesce(p.n, 0), coalesce(p.length, 0),"        \
    " p.role, p.type, p.name, p.content_id, p.digest, CASE WHEN EXISTS (SELECT 1 FROM messages m WHERE m.interaction " \
    "="                                                                                                                \
    " p.interaction AND m.n = p.message AND (" STORE_TAKEN_BACK(                                                       \
        "m") " IS NOT NULL OR (m.msg_id = 'transcript' AND"                                                            \
             " EXISTS (SELECT 1 FROM messages b WHERE b.interaction = m.interaction AND " STORE_TAKEN_BACK(            \
                 "b") " > m.at))))"                                                                                    \
                      " THEN 1 ELSE 0 END FROM parts p "

static bool parts_show(struct sql_rows *rows, store_each_part *each, void *self, bool *any, struct error *error)
{
    while (sql_next(rows)) {
        *any = true;
        each(self, &(struct store_part_shown){.part = sql_int(rows, 0),
                                              .interaction = sql_int(rows, 1),
                                              .message = sql_int(rows, 2),
                                              .n = sql_int(rows, 3),
                                              .length = sql_int(rows, 4),
                                              .role = sql_string(rows, 5),
                                              .type = sql_string(rows, 6),
                                              .name = sql_string(rows, 7),
                                              .content_id = sql_string(rows, 8),
                                              .digest = sql_string(rows, 9),
                                              .taken_back = sql_int(rows, 10) != 0});
    }
    return sql_end(rows, error);
}

bool store_parts(struct store *store, int64_t interaction, store_each_part *each, void *self, struct error *error)
{
    bool any = false;
    return parts_show(sql_ask(store->sql, error, PART_COLUMNS "WHERE p.interaction = $1 ORDER BY p.message, p.n",
                              SQL_WITH(sql_number(interaction))),
                      each, self, &any, error);
}

static bool no_part(int64_t part, struct error *error)
{
    return error_set(error, ERROR_UNKNOWN, "the contact store has no part %lld", (long long)part);
}

bool store_part(struct store *store, int64_t part, store_each_part *each, void *self, struct error *error)
{
    bool any = false;
    if (!parts_show(sql_ask(store->sql, error, PART_COLUMNS "WHERE p.id = $1", SQL_WITH(sql_number(part))), each, self,
                    &any, error))
        return false;
    return any || no_part(part, error);
}

static bool digest_find(struct store *store, int64_t part, char hex[DIGEST_SIZE], struct error *error)
{
    struct sql_rows *rows =
        sql_ask(store->sql, error, "SELECT digest FROM parts WHERE id = $1", SQL_WITH(sql_number(part)));
    bool there = sql_next(rows);
    hex[0] = '\0';
    if (there) text_set_span(hex, DIGEST_SIZE, sql_string(rows, 0));
    if (!sql_end(rows, error)) return false;
    return there || no_part(part, error);
}

/* Reads one piece; `*there` false: there is no such piece. */
static bool piece_read(struct store *store, int64_t part, int64_t n, crypto_hash_sha256_state *state,
                       bool (*piece)(void *self, struct span), void *self, bool *there, bool *more, struct error *error)
{
    struct sql_rows *rows = sql_ask(store->sql, error, "SELECT bytes FROM pieces WHERE part = $1 AND n = $2",
                                    SQL_WITH(sql_number(part), sql_number(n)));
    *there = sql_next(rows);
    if (*there) {
        struct span bytes = sql_blob(rows, 0);
        crypto_hash_sha256_update(state, bytes.bytes, bytes.length);
        *more = piece(self, bytes);
    }
    return sql_end(rows, error);
}

bool store_read(struct store *store, int64_t part, bool (*piece)(void *self, struct span), void *self,
                struct error *error)
{
    crypto_hash_sha256_state state;
    char wanted[DIGEST_SIZE], digest[DIGEST_SIZE];
    bool there = true, more = true;
    if (!digest_find(store, part, wanted, error)) return false;
    crypto_hash_sha256_init(&state);
    for (int64_t n = 1; there && more; n++)
        if (!piece_read(store, part, n, &state, piece, self, &there, &more, error)) return false;
    if (!more) return true;
    digest_end(&state, digest);
    if (strcmp(digest, wanted) == 0) return true;
    return error_set(error, ERROR_STATE, "part %lld is damaged or not whole: its bytes are not those of its digest",
                     (long long)part);
}

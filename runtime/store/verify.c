/* runtime/store/verify.c - Whether the customer who has typed an address is the person who has it.
 *
 * A chat's customer types an address into a page, and the contact who has that address may be another person. Two
 * things prove it: a token that the site has signed, each of which holds once (table proofs), and a code that is sent
 * to the address and typed into the chat (table codes). Whatever proves it is noted with the interaction in one
 * transaction. */
#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "runtime/store/state.h"

#define MINUTE_US INT64_C(60000000)
#define DAY_US    (24 * 60 * MINUTE_US)
enum { CODE_MINUTES = 10, CODE_TEXT_MAX = 80 };

static bool verify_note(struct store *store, int64_t interaction, const char *by, int64_t now, struct error *error)
{
    return sql_do(store->sql, error,
                  "UPDATE interactions SET verified = $1, verified_by = $2 WHERE id = $3 AND verified IS NULL AND"
                  " erased IS NULL",
                  SQL_WITH(sql_number(now), sql_text(by), sql_number(interaction)));
}

/* ---- tokens ---- */

static bool proof_use(struct store *store, const char *tenant, int64_t interaction, const char *digest, int64_t until,
                      int64_t now, bool *verified, struct error *error)
{
    int64_t row;
    bool fresh;
    return sql_find(store->sql, error, &row, &fresh,
                    "INSERT INTO proofs(tenant, digest, until) VALUES($1, $2, $3) ON CONFLICT (tenant, digest) DO"
                    " NOTHING RETURNING until",
                    SQL_WITH(sql_text(tenant), sql_text(digest), sql_number(until))) &&
           (!fresh || verify_note(store, interaction, "token", now, error)) &&
           sql_find(store->sql, error, &row, verified,
                    "SELECT 1 FROM interactions WHERE id = $1 AND verified IS NOT NULL",
                    SQL_WITH(sql_number(interaction)));
}

bool store_prove(struct store *store, const char *tenant, int64_t interaction, const char *digest, int64_t until,
                 int64_t now, bool *verified, struct error *error)
{
    *verified = false;
    if (!store_word_good(tenant, "tenant", error) || !store_word_good(digest, "digest", error)) return false;
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, proof_use(store, tenant, interaction, digest, until, now, verified, error),
                                 error);
}

/* ---- codes ---- */

static void code_digest(int64_t interaction, const char *code, char hex[DIGEST_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[48];
    int length = snprintf(text, sizeof text, "%" PRId64 " %s", interaction, code);
    crypto_hash_sha256(hash, (const unsigned char *)text, (unsigned long long)length);
    sodium_bin2hex(hex, DIGEST_SIZE, hash, sizeof hash);
}

/* May a code be sent? `*sent`: how many were sent for the interaction. */
static bool code_may(struct store *store, int64_t interaction, int64_t now, int64_t *sent, struct error *error)
{
    int64_t row = 0, day = 0;
    bool there;
    *sent = 0;
    if (!sql_find(
            store->sql, error, &row, &there,
            "SELECT 1 FROM interactions i WHERE i.id = $1 AND i.ended IS NULL AND i.erased IS NULL AND" STORE_TYPED(
                "i"),
            SQL_WITH(sql_number(interaction))))
        return false;
    if (!there)
        return error_set(error, ERROR_STATE,
                         "No code can be sent: the chat is over, its customer has typed no address, or is verified.");
    if (!sql_find(store->sql, error, sent, &there, "SELECT sent FROM codes WHERE interaction = $1",
                  SQL_WITH(sql_number(interaction))) ||
        !sql_find(store->sql, error, &day, &there,
                  "SELECT coalesce(sum(c.sent), 0) FROM codes c JOIN interactions i ON i.id = c.interaction WHERE"
                  " c.until > $1 AND i.contact = (SELECT contact FROM interactions WHERE id = $2)",
                  SQL_WITH(sql_number(now - DAY_US), sql_number(interaction))))
        return false;
    return (*sent < STORE_CODES_MAX && day < STORE_CODES_DAY_MAX) ||
           error_set(error, ERROR_LIMIT, "No more codes are sent: %lld for this chat, %lld to this address in a day.",
                     (long long)*sent, (long long)day);
}

static bool code_put(struct store *store, int64_t interaction, int64_t now, const char *code, struct error *error)
{
    char hex[DIGEST_SIZE];
    int64_t sent;
    code_digest(interaction, code, hex);
    return code_may(store, interaction, now, &sent, error) &&
           sql_do(
               store->sql, error,
               "INSERT INTO codes(interaction, digest, until, tries, sent) VALUES($1, $2, $3, 0, $4)"
               " ON CONFLICT (interaction) DO UPDATE SET digest = excluded.digest, until = excluded.until, tries = 0,"
               " sent = excluded.sent",
               SQL_WITH(sql_number(interaction), sql_text(hex), sql_number(now + CODE_MINUTES * MINUTE_US),
                        sql_number(sent + 1)));
}

bool store_code_new(struct store *store, int64_t interaction, int64_t now, char code[STORE_CODE], struct error *error)
{
    snprintf(code, STORE_CODE, "%06" PRIu32, randombytes_uniform(1000000));
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, code_put(store, interaction, now, code, error), error);
}

/* Finds the code in a customer's text: a short one with six digits, as "123 456" or "It is 123456.". */
static bool code_in(struct span text, char code[STORE_CODE])
{
    unsigned digits = 0;
    if (text.length > CODE_TEXT_MAX) return false;
    for (uint32_t at = 0; at < text.length; at++)
        if (text.bytes[at] >= '0' && text.bytes[at] <= '9') {
            if (digits < STORE_CODE - 1) code[digits] = (char)text.bytes[at];
            digits++;
        }
    code[STORE_CODE - 1] = '\0';
    return digits == STORE_CODE - 1;
}

static bool code_try(struct store *store, int64_t interaction, const char *code, int64_t now,
                     enum store_code_result *result, int64_t *tries, struct error *error)
{
    char hex[DIGEST_SIZE], kept[DIGEST_SIZE] = "";
    bool there = false, verified = false;
    struct sql_rows *rows = sql_ask(
        store->sql, error,
        "SELECT c.digest, c.tries, CASE WHEN i.verified IS NULL THEN 0 ELSE 1 END FROM codes c JOIN interactions i"
        " ON i.id = c.interaction WHERE c.interaction = $1 AND c.digest <> '' AND c.until > $2",
        SQL_WITH(sql_number(interaction), sql_number(now)));
    if (sql_next(rows)) {
        struct span digest = sql_string(rows, 0);
        there = digest.length == DIGEST_SIZE - 1;
        if (there) memcpy(kept, digest.bytes, digest.length);
        *tries = sql_int(rows, 1) + 1;
        verified = sql_int(rows, 2) != 0;
    }
    if (!sql_end(rows, error)) return false;
    if (!there) return true;
    code_digest(interaction, code, hex);
    bool right = sodium_memcmp(hex, kept, DIGEST_SIZE - 1) == 0, over = !right && *tries >= STORE_TRIES_MAX;
    /* what comes once more, as its writer was not told, is right once more */
    if (right || !verified) *result = right ? STORE_CODE_RIGHT : over ? STORE_CODE_SPENT : STORE_CODE_WRONG;
    if (verified) return true;
    return sql_do(store->sql, error, "UPDATE codes SET tries = $1, digest = $2 WHERE interaction = $3",
                  SQL_WITH(sql_number(*tries), sql_text(over ? "" : kept), sql_number(interaction))) &&
           (!right || verify_note(store, interaction, "code", now, error));
}

bool store_code_try(struct store *store, int64_t interaction, struct span text, int64_t now,
                    enum store_code_result *result, int64_t *tries, struct error *error)
{
    char code[STORE_CODE];
    *result = STORE_CODE_NONE, *tries = 0;
    if (!code_in(text, code)) return true;
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, code_try(store, interaction, code, now, result, tries, error), error);
}

/* ---- what is closed ---- */

/* SQL: an agent has, or has had, what is open; and one has it now. */
#define TAKEN_EVER(i) " " i ".ended IS NULL AND " i ".taken IS NOT NULL"
#define TAKEN_NOW(i)  TAKEN_EVER(i) " AND " i ".taken > 0"

/* `+ 0`: SQLite would look at all interactions in the order of their contacts, and not at what is taken alone. */
// clang-format off
#define CLOSED_CONTACTS                                                                                                \
    "SELECT DISTINCT i.contact + 0 FROM interactions i WHERE" TAKEN_EVER("i") " AND" STORE_TYPED("i")                  \
    " AND i.contact + 0 IS NOT NULL AND (i.agent = $1 OR " STORE_HAD("i.agents") ") AND NOT EXISTS (SELECT 1"          \
    " FROM interactions o WHERE o.contact = i.contact AND o.agent = $1 AND" TAKEN_NOW("o") " AND o.direction = 'in'"   \
    " AND NOT " STORE_TYPED("o") ") LIMIT $2"
// clang-format on

bool store_closed(struct store *store, const char *agent, int64_t contacts[STORE_CLOSED_MAX], size_t *count,
                  struct error *error)
{
    *count = 0;
    struct sql_rows *rows =
        sql_ask(store->sql, error, CLOSED_CONTACTS, SQL_WITH(sql_text(agent), sql_number(STORE_CLOSED_MAX)));
    while (sql_next(rows)) contacts[(*count)++] = sql_int(rows, 0);
    return sql_end(rows, error);
}

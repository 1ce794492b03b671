/* runtime/store/state.h - The functions that the files of the store share. Internal to the room.
 *
 *     contacts --- addresses          an address (kind, normal form) belongs to one contact; merging moves it
 *         \--- interactions --- messages --- parts --- pieces
 *                   \--- thread, parent             an upload is a part without interaction, until a message names it
 *
 * A call is one transaction: it first copies and cleans the texts (struct texts owns the copies), writes, and
 * commits last. An interaction that is stored twice under one name is compared with the stored one (same.c): the
 * same one is known, another one gets a name of its own. Only uploads are written piece by piece, each of which is
 * durable by itself. */
#pragma once

#include "runtime/sql/schema.h"
#include "runtime/store/store.h"
#include "base/out.h"

enum {
    PIECE = 262144,   /* bytes of one piece of a part */
    DIGEST_SIZE = 65, /* SHA-256 in hexadecimal, with a final zero */
};

struct store {
    struct sql *sql;
    char country[8];
    char odd[400];   /* the sentence that store_odd() returns; "": none */
    bool odd_told;   /* it has been told */
    uint64_t served; /* journal of the core for which this handle has called store_serve(); 0: none */
};

/* ---- texts from outside ---- */

enum { TEXTS_MAX = 16 };
struct texts { /* the cleaned copies of a call's texts */
    struct out copies[TEXTS_MAX];
    unsigned count;
};
void texts_free(struct texts *);
/* Returns the text with U+FFFD for invalid bytes, cut to at most `max` bytes: the text itself, or a copy. */
struct span text_clean(struct texts *, struct span, size_t max);
/* Cleans the text as text_clean() does, but refuses a longer one; `what` names the text in the error. */
bool text_whole(struct texts *, struct span, size_t max, const char *what, struct span *clean, struct error *);
/* Returns the form in which an outside name is stored: the name itself, or its digest if it is too long. */
struct span text_external(struct texts *, struct span);
/* Returns the digest of an outside name, as stored when the name was erased. */
struct span text_digest(struct texts *, struct span);
/* Returns `text`, `between` and at most `max` bytes of `more` in one. */
struct span text_joined(struct texts *, struct span text, const char *between, const char *more, size_t max);
/* True: the text is a word as our own programs give it: a tenant, a medium, a role. `what` names the text in the
 * error. */
bool store_word_good(const char *word, const char *what, struct error *);

/* ---- parts of a transaction that others begin and end ---- */

bool contact_find(struct store *, const char *tenant, enum store_kind, const char *address, int64_t *contact,
                  struct error *);
/* Finds or makes. */
bool contact_make(struct store *, const char *tenant, enum store_kind, const char *address, struct span shown,
                  struct span name, int64_t now, int64_t *contact, struct error *);
/* Gives the contact the address; `*there` false: the address already has a contact. */
bool contact_address_add(struct store *, int64_t contact, const char *tenant, enum store_kind, const char *address,
                         struct span shown, int64_t now, bool *there, struct error *);
/* True: the contact exists, and is neither merged nor erased; in PostgreSQL it is locked, too. */
bool contact_touch(struct store *, int64_t contact, int64_t now, struct error *);
bool contact_tenant_of(struct store *, int64_t contact, char tenant[STORE_WORD_MAX + 1], struct error *);
bool contact_field_good(struct span name, struct span value, struct error *);
bool contact_field_set(struct store *, int64_t contact, struct span name, struct span value, struct error *);
/* Stores a message; one that is already there with the same content keeps its place, and `*known` is true. */
bool store_message_put(struct store *, int64_t interaction, const struct store_message *, int64_t *n, bool *known,
                       struct error *);
/* True: the arrival has a first message. */
bool store_message_given(const struct store_message *);
/* Finds out whether the stored message `n`, or the stored interaction, equals the given one. */
bool store_message_same(struct store *, int64_t interaction, int64_t n, const struct store_message *, bool *same,
                        struct error *);
bool store_arrival_same(struct store *, int64_t interaction, const struct store_arrival *, bool *same, struct error *);
/* Makes the name for a second message or interaction under the same name: the same content always gets the same
 * name. */
bool store_message_forked(struct store *, const struct store_message *, struct span msg_id, struct texts *,
                          struct span *forked, struct error *);
bool store_arrival_forked(struct store *, const struct store_arrival *, struct texts *, struct span *forked,
                          struct error *);
bool part_put(struct store *, int64_t interaction, int64_t message, int64_t n, int64_t now, const struct store_part *,
              struct error *);

/* Stores the store's country, and brings the addresses in the store into the present form. `country` NULL or empty:
 * the stored country stays. */
bool forms_make(struct store *, const char *country, int64_t now, struct error *);
/* Extends an agent's refusal for one address to all addresses of the contact. */
bool refusals_spread(struct store *, int64_t contact, int64_t now, struct error *);
/* Gives all data of the contact `other` to `kept`. */
bool contact_merge(struct store *, int64_t kept, int64_t other, int64_t now, struct error *);

/* ---- whose address it is ---- */

/* SQL: the customer of interaction `i` has only typed the address, and was not verified: the contact who has it may be
 * another person. */
#define STORE_TYPED(i) "(" i ".media = 'chat' AND " i ".address IS NOT NULL AND " i ".verified IS NULL)"
/* SQL: the agent of `$1` is one of the list `agents` of an interaction. */
#define STORE_HAD(agents)                                                                                              \
    "replace('\n' || " agents " || '\n', '\n' || CAST($1 AS TEXT) || '\n', '') <> '\n' || " agents " || '\n'"
#define STORE_MAY_LINK " AND NOT " STORE_TYPED("i")

/* ---- what customers take back ---- */

/* SQL: when the customer has taken back the message `m`, or the one that `m` is about, by a message of the kind
 * deletion; null: it was not. The deletion is in the same interaction, or in another one of the customer and the
 * medium, and may have come before the message. */
#define STORE_TAKEN_BACK(m)                                                                                            \
    "(SELECT min(d.at) FROM messages d WHERE d.msg_id = 'c:deleted:' || substr(coalesce(" m ".of_id, " m               \
    ".msg_id), 3) AND d.kind = 'deletion' AND " m ".role = 'customer' AND " m ".kind <> 'deletion' AND"                \
    " (d.interaction = " m ".interaction OR EXISTS (SELECT 1 FROM interactions x JOIN interactions y ON"               \
    " y.contact = x.contact AND y.media = x.media WHERE x.id = d.interaction AND y.id = " m ".interaction)))"

/* ---- words ---- */

/* SQL of PostgreSQL: the text in small letters without accents, whatever the locale of the database. Each letter of the
 * first list becomes that of the second at its place; combining accents, at the end of the first, go. */
// clang-format off
#define STORE_PLAIN(text)                                                                                              \
    "translate(lower(" text "), 'àáâãäåāăąçćĉċčďèéêëēĕėęěĝğġģĥìíîïĩīĭįĵķĺļľñńņňòóôõöōŏőŕŗřśŝşšţťùúûüũūŭůűųŵýÿŷźżž"  \
    "ÀÁÂÃÄÅĀĂĄÇĆĈĊČĎÈÉÊËĒĔĖĘĚĜĞĠĢĤÌÍÎÏĨĪĬĮĴĶĹĻĽÑŃŅŇÒÓÔÕÖŌŎŐŔŖŘŚŜŞŠŢŤÙÚÛÜŨŪŬŮŰŲŴÝŸŶŹŻŽ'"  \
    " || U&'\\0300\\0301\\0302\\0303\\0304\\0306\\0307\\0308\\030A\\030B\\030C\\0323\\0327\\0328',"                                    \
    " 'aaaaaaaaacccccdeeeeeeeeegggghiiiiiiiijklllnnnnoooooooorrrssssttuuuuuuuuuuwyyyzzz" \
    "aaaaaaaaacccccdeeeeeeeeegggghiiiiiiiijklllnnnnoooooooorrrssssttuuuuuuuuuuwyyyzzz')"
// clang-format on
/* SQL of PostgreSQL: the words of a message, and of a contact's name; `of` is "m." for a table that is called m. */
#define STORE_PLAIN_WORDS(of)                                                                                          \
    "to_tsvector('simple', " STORE_PLAIN("left(coalesce(" of "subject, '') || ' ' || coalesce(" of                     \
                                         "text, ''), 100000)") ")"
#define STORE_PLAIN_NAME(of) "to_tsvector('simple', " STORE_PLAIN("coalesce(" of "name, '')") ")"
/* Writes what the database searches for: words that begin with those of the text, all of them. Nothing is written where
 * the text has no word. */
void store_words_sought(struct out *, enum sql_dialect, struct span text);

/* ---- lists of calls ---- */

/* Removes calls from agents' lists that ended before. */
bool rings_expire(struct store *, const char *tenant, int64_t before, struct error *);

/* Ends a transaction: commits if `good`, else rolls back. Returns whether it was committed. */
bool store_transaction_end(struct store *, bool good, struct error *);

/* SQL for the database's own time, in microseconds since 1970 UTC. */
#define STORE_CLOCK_SQLITE   "CAST(strftime('%s', 'now') AS INTEGER) * 1000000"
#define STORE_CLOCK_POSTGRES "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"

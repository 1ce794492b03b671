/* runtime/lists/state.h - The functions that the files of the calling lists share. Internal to the room.
 *
 * A chain is free, or of one session; a record is in one status of record_states.def:
 *
 *     ready --fetch--> retrieved --dial: attempt n+1, begun--> (processed ... closed), or retry: ready, due later
 *       ^                  |                    |
 *       '---- unload ------'                    '---- bury, without a result: ready, stale, after a pause
 *
 * Each change is one transaction, and asks two questions first (change.c): is the chain the session's own, and is the
 * revision above the record's version? So a session that was taken for dead and is not changes nothing any more, and a
 * word that is said again changes nothing twice. Statements are kept prepared by their address. */
#ifndef LISTS_STATE_H
#define LISTS_STATE_H

#include "runtime/lists/lists.h"
#include "runtime/lists/version.h"
#include "runtime/lists/zones.h"
#include "runtime/sql/schema.h"
#include "base/out.h"

enum { DAY = 86400, SECOND_US = 1000000 };
#define LISTS_WEEK_US 518400000000 /* the six days before today; also in SQL, so without a suffix */

struct lists {
    struct sql *sql;
    struct zones *zones;
    struct fields *fields;             /* of the list that was asked for last */
    char zone_put[LISTS_WORD_MAX + 1]; /* the last one that was put into `zones` */
};

/* Sets the error and returns the answer. */
enum lists_answer lists_refuses(struct error *, enum lists_answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* UTF-8 of at most `most` bytes, and not empty; else the error names it. */
bool lists_word_good(struct span, size_t most, const char *what, struct error *);

/* Ends a transaction: commits where `good`, else rolls back. Returns whether it was committed. */
bool lists_transaction_end(struct lists *, bool good, struct error *);

/* ---- fields of lists ---- */

struct field {
    char name[LISTS_WORD_MAX + 1];
    bool number;
};
struct fields {
    int64_t list; /* 0: none is read */
    struct field rows[LISTS_FIELDS_MAX];
    size_t count;
};
/* The fields of the list, kept until another list's are asked for. NULL with the reason. */
const struct fields *fields_of(struct lists *, int64_t list, struct error *);
const struct field *fields_find(const struct fields *, const char *name);
/* lists_field() has changed them. */
void fields_forget(struct lists *);
/* The object of JSON with these fields changed; an empty value removes one. False: what is wrong. `json` stays empty
 * where there are none, and were none. */
bool fields_change(const struct fields *, struct span old, const struct lists_text *, size_t count, struct out *json,
                   struct error *);

/* ---- filters ---- */

/* Checks a filter and an order, and puts them as the dialect's SQL over `k`, a record, and `c`, its chain. Empty ones
 * give "TRUE" and "k.due". */
bool filter_check(const struct fields *, enum sql_dialect, const char *filter, struct out *where, struct error *);
bool order_check(const struct fields *, enum sql_dialect, const char *order, struct out *by, struct error *);

/* ---- do not call ---- */

/* Ends an INSERT into do_not_call. An entry that is there already keeps its reason where none is given, its earlier
 * begin and its later end; lists_unblock() is the only way to shorten it. One that is there by the person's own word
 * alone becomes this one, and what holds without that word is the later end of both. */
#define OR_BLOCK_LONGER                                                                                                \
    " ON CONFLICT (tenant, kind, value) DO UPDATE SET reason = CASE WHEN do_not_call.otherwise = 0"                    \
    " THEN excluded.reason ELSE coalesce(excluded.reason, do_not_call.reason) END,"                                    \
    " since = CASE WHEN do_not_call.since < excluded.since THEN do_not_call.since ELSE excluded.since END,"            \
    " until = CASE WHEN do_not_call.until IS NULL OR excluded.until IS NULL THEN NULL"                                 \
    " WHEN do_not_call.until > excluded.until THEN do_not_call.until ELSE excluded.until END,"                         \
    " otherwise = CASE WHEN do_not_call.otherwise > excluded.until THEN do_not_call.otherwise"                         \
    " WHEN do_not_call.otherwise IS NULL THEN NULL ELSE excluded.until END"

/* ---- a person ---- */

/* SQL: the numbers of the person who has `number` and, where that is not null, the customer's name outside: the number
 * itself, those of chains of the tenant that have it, and those of the customer's chains. A chain that names another
 * customer is another person's, who may have a telephone in common. */
#define PERSON_NUMBERS(tenant, number, customer)                                                                       \
    "(SELECT " number " AS number UNION SELECT o.number FROM records n JOIN chains d ON d.id = n.chain"                \
    " JOIN lists e ON e.id = n.list JOIN records o ON o.chain = n.chain WHERE n.number = " number                      \
    " AND e.tenant = " tenant " AND (d.customer IS NULL OR " customer " IS NULL OR d.customer = " customer ")"         \
    " UNION SELECT o.number FROM chains d JOIN lists e ON e.id = d.list JOIN records o ON o.chain = d.id"              \
    " WHERE d.customer = " customer " AND e.tenant = " tenant ")"
/* SQL: the attempt `a`, of one of these numbers, was one to reach that person: it was of this very number, or its chain
 * names no other customer. `x`: the attempt's chain. */
#define PERSON_MEANT(number, customer)                                                                                 \
    "(a.number = " number " OR x.customer IS NULL OR " customer " IS NULL OR x.customer = " customer ")"
/* SQL: the daily window of the row is open at `now` by the clocks of its row of zones. */
#define WINDOW_OPEN(row, clock, now)                                                                                   \
    "CASE WHEN " row ".day_from < " row ".day_till THEN (" now " / 1000000 + " clock ".shift) % 86400 >= " row         \
    ".day_from AND (" now " / 1000000 + " clock ".shift) % 86400 < " row ".day_till ELSE (" now " / 1000000 + " clock  \
    ".shift) % 86400 >= " row ".day_from OR (" now " / 1000000 + " clock ".shift) % 86400 < " row ".day_till END"
/* SQL: ends an INSERT of tenant, number, rests and why into persons: a later end of the rest stays. */
#define OR_REST_LONGER                                                                                                 \
    " ON CONFLICT (tenant, number) DO UPDATE SET rests = excluded.rests, why = excluded.why"                           \
    " WHERE persons.rests < excluded.rests"

/* SQL: the row of persons rests at `now` for a record of that type. A call-back was promised to the person, so only the
 * rest after a call that nobody has served, or whose end nobody knows, puts it off; a pause between tries does not. */
#define PERSON_RESTS(row, now, type)                                                                                   \
    "(" row ".rests > " now " AND (" type " = 'general' OR " row ".why IN ('abandoned', 'stale')))"

struct loaded;
/* May the person who has the record's number be called now, whatever list they stand in? LISTS_done, do_not_call,
 * rests, window, consent, limit, engaged, failed. `midnight`: of the person's day. */
enum lists_answer person_check(struct lists *, const struct loaded *, const struct lists_terms *, int64_t midnight,
                               int64_t now, struct error *);
/* The person has agreed to be called back: none of their numbers rests longer than until then. */
bool person_agrees(struct lists *, const struct loaded *, int64_t until, struct error *);
/* Until the end of the transaction nobody else begins an attempt of the person. In SQLite nobody writes meanwhile. */
bool person_lock(struct lists *, const struct loaded *, struct error *);

/* ---- one record ---- */

struct loaded { /* a record, its chain locked */
    int64_t record, list, chain, n, at, attempt, due, begun, day_from, day_till, version, last_try;
    char type[LISTS_WORD_MAX + 1], tenant[LISTS_WORD_MAX + 1], number[LISTS_NUMBER_MAX + 1], status[LISTS_WORD_MAX + 1],
        zone[LISTS_WORD_MAX + 1], writer[LISTS_WORD_MAX + 1], customer[LISTS_KEY_MAX + 1], owner[LISTS_WORD_MAX + 1];
};
/* Within a transaction. LISTS_done, LISTS_unknown or LISTS_failed. */
enum lists_answer record_load(struct lists *, int64_t record, struct loaded *, struct error *);
/* May this session make this revision of it? LISTS_done, LISTS_before, LISTS_changed. */
enum lists_answer revision_check(const struct loaded *, const char *session, int64_t revision, struct error *);

/* "08:30", "24:00": seconds since midnight. */
bool clock_read(struct span text, int64_t *seconds);
/* Names the zone to the database. The next fetch writes what its clocks show. */
bool zone_put(struct lists *, const char *zone, struct error *);
/* "2026-03-02 12:00" by the clocks of the zone; with a Z behind, UTC. */
bool moment_read(struct lists *, struct span, const char *zone, int64_t *us);

/* A record to be put, read and checked. */
struct checked {
    char number[17], zone[LISTS_WORD_MAX + 1];
    int64_t day_from, day_till, due, n;
    const char *type;
    struct out fields;
};

/* Puts it within a transaction, which the caller ends. */
enum lists_answer record_put(struct lists *, int64_t list, const struct lists_row *, const struct checked *,
                             int64_t now, int64_t *record, struct error *);
enum lists_answer row_check(struct lists *, int64_t list, const struct lists_form *, const struct lists_row *,
                            struct checked *, struct error *);

#endif

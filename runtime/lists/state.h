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
#pragma once

#include "runtime/lists/lists.h"
#include "runtime/lists/zones.h"
#include "runtime/sql/schema.h"
#include "base/out.h"

enum { DAY = 86400, SECOND_US = 1000000 };
#define LISTS_WEEK_US 518400000000 /* the six days before today; also in SQL, so without a suffix */

struct lists {
    struct sql *sql;
    struct zones *zones;
    struct fields *fields;             /* the fields of the list that was asked for last */
    char zone_put[LISTS_WORD_MAX + 1]; /* the zone that was put into the table of zones last */
};

/* Sets the error and returns the answer. */
enum lists_answer lists_refuses(struct error *, enum lists_answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* UTF-8 of at most `most` bytes, and not empty; else the error names it. */
bool lists_word_good(struct span, size_t most, const char *what, struct error *);

/* Ends a transaction: commits where `good`, else rolls back. Returns whether it was committed. */
bool lists_transaction_end(struct lists *, bool good, struct error *);

/* ---- fields of lists ---- */

struct list_field {
    char name[LISTS_WORD_MAX + 1];
    bool number;
};
struct fields {
    int64_t list; /* whose fields they are; 0: no list's were read */
    struct list_field rows[LISTS_FIELDS_MAX];
    size_t count;
};
/* The fields of the list, kept until another list's are asked for. NULL with the reason. */
const struct fields *fields_of(struct lists *, int64_t list, struct error *);
const struct list_field *fields_find(const struct fields *, const char *name);
/* Forgets the kept fields, as lists_field() has changed them. */
void fields_forget(struct lists *);
/* Writes the object of JSON with these fields changed; an empty value removes the field. False: the error says what is
 * wrong. `json` stays empty if the record had no fields before and has none now. */
bool fields_change(const struct fields *, struct span old, const struct lists_text *, size_t count, struct out *json,
                   struct error *);

/* ---- filters ---- */

/* Checks a filter and an order, and puts them as the dialect's SQL over `k`, a record, and `c`, its chain. Empty ones
 * give "TRUE" and "k.due". */
bool filter_check(const struct fields *, enum sql_dialect, const char *filter, struct out *where, struct error *);
bool filter_order_check(const struct fields *, enum sql_dialect, const char *order, struct out *by, struct error *);

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

/* SQL: who a person is, as rows of `number` and `customer`: found from a number and, where that is not null, the name
 * of the customer outside. A number leads to all numbers of each chain of the tenant that has it, a customer's name to
 * all numbers of their chains, and so on, the nearest first and some 50 in all: lists that are wrong may make one
 * person of everybody. A chain that names another customer is another person's, who may have a
 * telephone in common. Each look for what holds for a person goes this way. */
#define PERSON_OF(number, customer, tenant) PERSON_FROM("SELECT " number ", " customer, tenant)
#define PERSON_ROWS                         "50"
/* SQL: the same, found from several numbers; and with so many rows at most. */
#define PERSON_FROM(rows, tenant) PERSON_FIRST(rows, tenant, PERSON_ROWS)
#define PERSON_FIRST(rows, tenant, most)                                                                               \
    "(WITH RECURSIVE them(number, customer) AS (" rows                                                                 \
    " UNION SELECT o.number, coalesce(t.customer, d.customer) FROM them t"                                             \
    " CROSS JOIN (SELECT 1 AS named UNION ALL SELECT 0) w LEFT JOIN records n ON w.named = 0 AND n.number = t.number"  \
    " LEFT JOIN chains c ON w.named = 1 AND c.customer = t.customer JOIN chains d ON d.id = coalesce(n.chain, c.id)"   \
    " JOIN lists e ON e.id = d.list JOIN records o ON o.chain = d.id WHERE e.tenant = " tenant                         \
    " AND (t.customer IS NULL OR d.customer IS NULL OR d.customer = t.customer)) SELECT number, customer FROM them"    \
    " LIMIT " most ")"
/* SQL: the attempt `a`, of a number of the person `p`, was one to reach them: it was of one of these numbers, or its
 * chain names no other customer. `x`: the attempt's chain. */
#define PERSON_MEANT(numbers)                                                                                          \
    "(a.number IN (" numbers ") OR x.customer IS NULL OR p.customer IS NULL OR x.customer = p.customer)"
/* SQL: FROM the attempts `a` that engage whoever has that number: to it, and of records that have it, for which another
 * one may have been dialled. Two looks, for each of which there is an index. */
#define ATTEMPTS_TO(called, tenant) "attempts a WHERE a.number = " called " AND " ATTEMPT_IS_OPEN(tenant)
#define ATTEMPTS_FOR(own, tenant)                                                                                      \
    "records o CROSS JOIN attempts a WHERE a.record = o.id AND o.number = " own " AND " ATTEMPT_IS_OPEN(tenant)
#define ATTEMPT_IS_OPEN(tenant)                                                                                        \
    "a.ended IS NULL AND EXISTS (SELECT 1 FROM lists e WHERE e.id = a.list AND e.tenant = " tenant ")"
/* SQL: the entry `v` of do_not_call or consents, which has a kind and a value, is one of a number or of a customer of
 * the person `p`. */
#define PERSON_HAS(v)                                                                                                  \
    "((" v ".kind = 'number' AND " v ".value = p.number) OR (" v ".kind = 'customer' AND " v ".value = p.customer))"
/* SQL: the daily window of the row is open at `now` by the clocks of its row of zones. */
#define WINDOW_OPEN(row, clock, now)                                                                                   \
    "CASE WHEN " row ".day_from < " row ".day_till THEN (" now " / 1000000 + " clock ".shift) % 86400 >= " row         \
    ".day_from AND (" now " / 1000000 + " clock ".shift) % 86400 < " row ".day_till ELSE (" now " / 1000000 + " clock  \
    ".shift) % 86400 >= " row ".day_from OR (" now " / 1000000 + " clock ".shift) % 86400 < " row ".day_till END"
/* SQL: ends an INSERT of tenant, number, why and until into rests: a later end stays. */
#define OR_REST_LONGER                                                                                                 \
    " ON CONFLICT (tenant, number, why) DO UPDATE SET until = excluded.until WHERE rests.until < excluded.until"
/* SQL: by which numbers an attempt `a` of the record `r` makes its person rest: the one that was dialled, and the
 * record's own, where that is another. */
#define REST_NUMBER "CASE WHEN w.own = 1 THEN coalesce(r.number, a.number) ELSE a.number END"
/* SQL: an attempt of a record that was erased meanwhile keeps nothing but its number and moment. */
#define SESSION_KEPT "CASE WHEN EXISTS (SELECT 1 FROM records r WHERE r.id = attempts.record) THEN session ELSE '' END"
#define REST_NUMBERS " CROSS JOIN (SELECT 1 AS own UNION ALL SELECT 0) w"
/* SQL: the row of rests is one that holds for promises, too: nobody has served the person, or nobody knows whether. */
#define REST_IS_FIRM(row) row ".why IN ('abandoned', 'stale')"
/* SQL: the row of rests holds at `now` for a record of that type. A call-back was promised to the person: a pause
 * between tries does not put it off. */
#define REST_HOLDS(row, now, type) "(" row ".until > " now " AND (" type " = 'general' OR " REST_IS_FIRM(row) "))"

struct loaded;
/* May the person who has the record's number, or the one that is dialled for it, be called now, whatever list they
 * stand in? LISTS_done, do_not_call, rests, window, consent, limit, engaged, failed. `midnight`: of the person's day.
 */
enum lists_answer person_check(struct lists *, const struct loaded *, const struct lists_terms *, int64_t midnight,
                               int64_t now, struct error *);
/* Puts `*due` off until the person has rested, where it is earlier: no call-back is made before. */
bool person_puts_off(struct lists *, const struct loaded *, int64_t *due, struct error *);
/* SQL, for PostgreSQL: the lock of the person who has the number. All persons of a tenant have so few of them that a
 * server has room for whatever one transaction takes; two who share one wait for each other. */
#define PERSON_LOCK(number) "(hashtext(" number ") & 1023)"
/* Locks the person until the end of the transaction, so that nobody else begins an attempt of them. In SQLite nobody
 * writes meanwhile anyway. */
bool person_lock(struct lists *, const struct loaded *, struct error *);

/* ---- one record ---- */

/* A record, its chain locked. `dialled`: the number of its attempt, if one is under way, else its own. */
struct loaded {
    int64_t record, list, chain, n, at, attempt, due, begun, day_from, day_till, version, last_try;
    char type[LISTS_WORD_MAX + 1], tenant[LISTS_WORD_MAX + 1], number[LISTS_NUMBER_MAX + 1],
        dialled[LISTS_NUMBER_MAX + 1], status[LISTS_WORD_MAX + 1], zone[LISTS_WORD_MAX + 1], writer[LISTS_WORD_MAX + 1],
        customer[LISTS_KEY_MAX + 1], owner[LISTS_WORD_MAX + 1];
};
/* Loads a record within a transaction. Answers LISTS_done, LISTS_unknown or LISTS_failed. */
enum lists_answer lists_record_load(struct lists *, int64_t record, struct loaded *, struct error *);
/* May this session make this revision of the record? Answers LISTS_done, LISTS_before or LISTS_changed. */
enum lists_answer dial_revision_check(const struct loaded *, const char *session, int64_t revision, struct error *);

/* Puts the zone into the table of zones. The next fetch writes what its clocks show. */
bool lists_zone_put(struct lists *, const char *zone, struct error *);
/* Reads a moment such as "2026-03-02 12:00", by the clocks of the zone, or of UTC with a Z behind it. False: it is
 * none. */
bool lists_moment_read(struct lists *, struct span, const char *zone, int64_t *us);

/* A record to be put, read and checked. */
struct list_checked {
    char number[17], zone[LISTS_WORD_MAX + 1];
    int64_t day_from, day_till, due, n;
    const char *type;
    struct span chain, customer,
        agent; /* texts of the row without the spaces around them, as exports pad their columns */
    struct out fields;
};

/* Puts the checked record within a transaction, which the caller ends. */
enum lists_answer lists_record_put(struct lists *, int64_t list, const struct lists_row *, const struct list_checked *,
                                   int64_t now, int64_t *record, struct error *);
enum lists_answer row_check(struct lists *, int64_t list, const struct lists_form *, const struct lists_row *,
                            struct list_checked *, struct error *);

/* runtime/lists/state.h - The functions that the files of the calling lists share. Internal to the room.
 *
 * A chain is free, or belongs to one session; a record has one status of record_states.def:
 *
 *     ready --fetch--> retrieved --dial: attempt n+1, begun--> (processed ... closed), or retry: ready, due later
 *       ^                  |                    |
 *       '---- unload ------'                    '---- bury, without a result: ready, stale, after a pause
 *
 * Each change is one transaction, which first checks two things (change.c): the chain belongs to the session, and
 * the revision is above the record's version. So a session that was wrongly taken for dead cannot change anything
 * any more, and a change that is sent twice has effect once. Prepared statements are kept by the address of their
 * text. */
#pragma once

#include "runtime/lists/lists.h"
#include "runtime/lists/zones.h"
#include "runtime/sql/schema.h"
#include "base/out.h"

enum { DAY = 86400, SECOND_US = 1000000 };
/* the length of the six days before today; also used in SQL, so without a suffix */
#define LISTS_WEEK_US 518400000000

struct lists {
    struct sql *sql;
    struct zones *zones;
    struct fields *fields;             /* the fields of the list whose fields were last needed */
    char zone_put[LISTS_WORD_MAX + 1]; /* the zone that was last added to the table of zones */
};

/* Sets the error and returns the answer. */
enum lists_answer lists_refuses(struct error *, enum lists_answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* True: the text is UTF-8 of at most `most` bytes, and not empty; else the error names it. */
bool lists_word_good(struct span, size_t most, const char *what, struct error *);

/* Ends a transaction: commits if `good`, else rolls back. Returns whether it was committed. */
bool lists_transaction_end(struct lists *, bool good, struct error *);

/* ---- fields of lists ---- */

struct list_field {
    char name[LISTS_WORD_MAX + 1];
    bool number;
};
struct fields {
    int64_t list; /* the list to which the fields belong; 0: none was read */
    struct list_field rows[LISTS_FIELDS_MAX];
    size_t count;
};
/* Returns the fields of the list, which are kept until another list's are needed. NULL with the reason. */
const struct fields *fields_of(struct lists *, int64_t list, struct error *);
const struct list_field *fields_find(const struct fields *, const char *name);
/* Drops the kept fields, because lists_field() has changed them. */
void fields_forget(struct lists *);
/* Writes a record's JSON object with the changed fields; an empty value removes the field. False: the error says
 * what is wrong. `json` stays empty if the record had no fields before and has none now. */
bool fields_change(const struct fields *, struct span old, const struct lists_text *, size_t count, struct out *json,
                   struct error *);

/* ---- filters ---- */

/* Checks a filter and an order, and writes them as SQL of the dialect over `k`, a record, and `c`, its chain. Empty
 * texts become "TRUE" and "k.due". */
bool filter_check(const struct fields *, enum sql_dialect, const char *filter, struct out *where, struct error *);
bool filter_order_check(const struct fields *, enum sql_dialect, const char *order, struct out *by, struct error *);

/* ---- do not call ---- */

/* The end of an INSERT into do_not_call. An entry that already exists keeps its reason if no new one is given, its
 * earlier begin and its later end; only lists_unblock() shortens it. An entry that exists only by the person's own
 * message gets the new reason. `otherwise`, the end that counts without that message, becomes the later of both
 * ends. */
#define OR_BLOCK_LONGER                                                                                                \
    " ON CONFLICT (tenant, kind, value) DO UPDATE SET reason = CASE WHEN do_not_call.otherwise = 0"                    \
    " THEN excluded.reason ELSE coalesce(excluded.reason, do_not_call.reason) END,"                                    \
    " since = CASE WHEN do_not_call.since < excluded.since THEN do_not_call.since ELSE excluded.since END,"            \
    " until = CASE WHEN do_not_call.until IS NULL OR excluded.until IS NULL THEN NULL"                                 \
    " WHEN do_not_call.until > excluded.until THEN do_not_call.until ELSE excluded.until END,"                         \
    " otherwise = CASE WHEN do_not_call.otherwise > excluded.until THEN do_not_call.otherwise"                         \
    " WHEN do_not_call.otherwise IS NULL THEN NULL ELSE excluded.until END"

/* ---- a person ---- */

/* SQL: the numbers and customers of one person, as rows of `number` and `customer`: found from a number and, if that
 * is not null, the customer's name outside. A number leads to all numbers of each chain of the tenant that has it, a
 * customer's name to all numbers of the customer's chains, and so on, the nearest first and some 50 in all: wrong
 * lists might make one person of everybody. A chain that names another customer belongs to another person, who may
 * share a telephone. Every search for the rules of a person uses this SQL. */
#define PERSON_OF(number, customer, tenant) PERSON_FROM("SELECT " number ", " customer, tenant)
#define PERSON_ROWS                         "50"
/* SQL: PERSON_FROM searches as PERSON_OF does, but from several numbers; PERSON_FIRST with a limit of rows, too. */
#define PERSON_FROM(rows, tenant) PERSON_FIRST(rows, tenant, PERSON_ROWS)
#define PERSON_FIRST(rows, tenant, most)                                                                               \
    "(WITH RECURSIVE them(number, customer) AS (" rows                                                                 \
    " UNION SELECT o.number, coalesce(t.customer, d.customer) FROM them t"                                             \
    " CROSS JOIN (SELECT 1 AS named UNION ALL SELECT 0) w LEFT JOIN records n ON w.named = 0 AND n.number = t.number"  \
    " LEFT JOIN chains c ON w.named = 1 AND c.customer = t.customer JOIN chains d ON d.id = coalesce(n.chain, c.id)"   \
    " JOIN lists e ON e.id = d.list JOIN records o ON o.chain = d.id WHERE e.tenant = " tenant                         \
    " AND (t.customer IS NULL OR d.customer IS NULL OR d.customer = t.customer)) SELECT number, customer FROM them"    \
    " LIMIT " most ")"
/* SQL: the attempt `a`, to a number of the person `p`, counts as an attempt to that person: it was to one of these
 * numbers, or its chain names no other customer. `x`: the attempt's chain. */
#define PERSON_MEANT(numbers)                                                                                          \
    "(a.number IN (" numbers ") OR x.customer IS NULL OR p.customer IS NULL OR x.customer = p.customer)"
/* SQL: FROM the attempts `a` in progress to whoever has that number: attempts to the number itself, and attempts of
 * records with the number for which another one may have been dialled. The two kinds of attempts are two searches, and
 * for each there is an index. */
#define ATTEMPTS_TO(called, tenant) "attempts a WHERE a.number = " called " AND " ATTEMPT_IS_OPEN(tenant)
#define ATTEMPTS_FOR(own, tenant)                                                                                      \
    "records o CROSS JOIN attempts a WHERE a.record = o.id AND o.number = " own " AND " ATTEMPT_IS_OPEN(tenant)
#define ATTEMPT_IS_OPEN(tenant)                                                                                        \
    "a.ended IS NULL AND EXISTS (SELECT 1 FROM lists e WHERE e.id = a.list AND e.tenant = " tenant ")"
/* SQL: the entry `v` of do_not_call or consents, which has a kind and a value, is for a number or a customer of the
 * person `p`. */
#define PERSON_HAS(v)                                                                                                  \
    "((" v ".kind = 'number' AND " v ".value = p.number) OR (" v ".kind = 'customer' AND " v ".value = p.customer))"
/* SQL: one of the row's daily windows is open at `now`, by the clock of its zone in the table of zones. */
#define WINDOW_OPEN(row, clock, now)                                                                                   \
    "(" ONE_WINDOW_OPEN(row ".day_from", row ".day_till",                                                              \
                        CLOCK_SHOWS(clock, now)) " OR (" row ".again_from IS NOT NULL AND " row                        \
                                                 ".again_till IS NOT NULL AND " ONE_WINDOW_OPEN(                       \
                                                     row ".again_from", row ".again_till",                             \
                                                     CLOCK_SHOWS(clock, now)) "))"
#define CLOCK_SHOWS(clock, now) "(" now " / 1000000 + " clock ".shift) % 86400"
#define ONE_WINDOW_OPEN(from, till, shown)                                                                             \
    "CASE WHEN " from " < " till " THEN " shown " >= " from " AND " shown " < " till " ELSE " shown " >= " from        \
    " OR " shown " < " till " END"
/* SQL: the end of an INSERT of tenant, number, why and until into rests: an existing later end stays. */
#define OR_REST_LONGER                                                                                                 \
    " ON CONFLICT (tenant, number, why) DO UPDATE SET until = excluded.until WHERE rests.until < excluded.until"
/* SQL: the numbers that get a rest after an attempt `a` of the record `r`: the one that was dialled, and the
 * record's own, if that is another. */
#define REST_NUMBER "CASE WHEN w.own = 1 THEN coalesce(r.number, a.number) ELSE a.number END"
/* SQL: of an attempt whose record was erased meanwhile only the number and the time are kept. */
#define SESSION_KEPT "CASE WHEN EXISTS (SELECT 1 FROM records r WHERE r.id = attempts.record) THEN session ELSE '' END"
#define REST_NUMBERS " CROSS JOIN (SELECT 1 AS own UNION ALL SELECT 0) w"
/* SQL: the row of rests also counts for promised calls: the person was not served, or it is not known whether they
 * were. */
#define REST_IS_FIRM(row) row ".why IN ('abandoned', 'stale')"
/* SQL: the row of rests counts at `now` for a record of that type. The person was promised a callback: a pause
 * between attempts does not delay it. */
#define REST_HOLDS(row, now, type) "(" row ".until > " now " AND (" type " = 'general' OR " REST_IS_FIRM(row) "))"

struct loaded;
/* Checks whether the person who has the record's number, or the number dialled for it, may be called now, in
 * whichever lists the person is. Answers LISTS_done, do_not_call, rests, window, consent, limit, engaged or failed.
 * `midnight`: the beginning of the person's day. */
enum lists_answer person_check(struct lists *, const struct loaded *, const struct lists_terms *, int64_t midnight,
                               int64_t now, struct error *);
/* Moves `*due` to the end of the person's rest, if it is earlier: no callback is made before that. */
bool person_puts_off(struct lists *, const struct loaded *, int64_t *due, struct error *);
/* SQL for PostgreSQL: the lock of the person who has the number. A tenant has so few of these locks that a server
 * has room for all that one transaction takes; two persons with the same lock wait for each other. */
#define PERSON_LOCK(number) "(hashtext(" number ") & 1023)"
/* Locks the person until the end of the transaction, so that no other session begins an attempt to this person. In
 * SQLite no other transaction writes meanwhile anyway. */
bool person_lock(struct lists *, const struct loaded *, struct error *);

/* ---- one record ---- */

/* A record that was loaded, with its chain locked. `dialled`: the number of its attempt, if one is in progress, else
 * the record's own. */
struct loaded {
    int64_t record, list, chain, n, at, attempt, due, begun, version, last_try, cancelled;
    struct zone_windows windows;
    char type[LISTS_WORD_MAX + 1], tenant[LISTS_WORD_MAX + 1], number[LISTS_NUMBER_MAX + 1],
        dialled[LISTS_NUMBER_MAX + 1], status[LISTS_WORD_MAX + 1], zone[LISTS_WORD_MAX + 1], writer[LISTS_WORD_MAX + 1],
        customer[LISTS_KEY_MAX + 1], owner[LISTS_WORD_MAX + 1];
};
/* Loads a record within a transaction. Answers LISTS_done, LISTS_unknown or LISTS_failed. */
enum lists_answer lists_record_load(struct lists *, int64_t record, struct loaded *, struct error *);
/* Frees the chain unless a session has one of its records. */
bool change_chain_free(struct lists *, int64_t chain, struct error *);
/* Checks whether the session may change the record with the revision that it gives. Answers LISTS_done, LISTS_before
 * or LISTS_changed. */
enum lists_answer dial_revision_check(const struct loaded *, const char *session, int64_t revision, struct error *);

/* Adds the zone to the table of zones. The next fetch writes the zone's present clock. */
bool lists_zone_put(struct lists *, const char *zone, struct error *);
/* Reads a time such as "2026-03-02 12:00", in the time of the zone, or UTC if it ends with Z. False: it is none. */
bool lists_moment_read(struct lists *, struct span, const char *zone, int64_t *us);

/* A record that is to be added, read and checked. */
struct list_checked {
    char number[17], zone[LISTS_WORD_MAX + 1];
    int64_t due, n;
    struct zone_windows windows;
    const char *type;
    struct span chain, customer,
        agent; /* texts of the row without the spaces around them that exports use as padding */
    struct out fields;
};

/* Adds the checked record within a transaction, which the caller ends. */
enum lists_answer lists_record_put(struct lists *, int64_t list, const struct lists_row *, const struct list_checked *,
                                   int64_t now, int64_t *record, struct error *);
/* Reads the second window of a day; two empty texts mean that there is none. False: a text is no time of the day, or
 * both times are the same. */
bool row_windows_again(struct span from, struct span till, struct zone_windows *);
/* False: there is a second window beside a first one that is the whole day, which the error tells. */
bool row_windows_differ(const struct zone_windows *, struct error *);
enum lists_answer row_check(struct lists *, int64_t list, const struct lists_form *, const struct lists_row *,
                            struct list_checked *, struct error *);

/* runtime/lists/lists.h - Calling lists: records with their chains, attempts, the do-not-call list, consents.
 * gcx-lists(5) has their tables.
 *
 * A chain is the numbers of one customer in a list; its current record is the one that is dialled next. A session,
 * which is one life of a dialer, fetches chains and has them alone until it lets them go, or is known to be dead. Each
 * change of a record names the revision that it makes, which becomes the record's version: any number above that. The
 * same revision of the same session again, or one below it that comes late, answers `before` and changes nothing. So a
 * caller that got no answer sends the change again, or a newer one that includes it.
 *
 * A call returns when it is durable. Calls block on the disk or the server; the lists belong to one thread at a time,
 * and each process opens its own. Moments are microseconds since 1970 UTC; the caller says what time it is. Texts that
 * are given may be NULL; those that are shown are valid during the call that shows them, and "" where there is none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"

enum {
#define LIMIT(name, number, doc) LISTS_##name##_MAX = number,
#include "runtime/lists/limits.def"
};

/* Each call gives an answer. From `wrong` on it was refused, and nothing was changed. */
enum lists_answer {
#define ANSWER(name, doc) LISTS_##name,
#include "runtime/lists/answers.def"
    LISTS_ANSWERS
};
const char *lists_answer_name(enum lists_answer); /* "do_not_call" */
const char *lists_answer_text(enum lists_answer); /* "the number or the customer is on the do-not-call list" */

struct lists;

/* `target`: "sqlite:FILE" or a connection string of libpq. Makes the tables, or brings them to this version; `there`:
 * an error where there are none. A file that is made is its owner's alone. NULL with the reason. */
struct lists *lists_open(const char *target, bool there, struct error *);
/* Opens a file of SQLite as it is: its tables are neither made nor brought to this version. NULL with the reason, also
 * where there is no such file. */
struct lists *lists_open_as_is(const char *target, struct error *);
void lists_close(struct lists *); /* NULL is allowed */

/* ---- lists ---- */

/* Finds the list of that name; `*list` 0: there is none. */
bool lists_find(struct lists *, const char *tenant, const char *name, int64_t *list, struct error *);
/* Finds the list of that name, or makes it. */
bool lists_make(struct lists *, const char *tenant, const char *name, int64_t now, int64_t *list, struct error *);
/* Declares a field that records of the list may have. A field that is there already as the other kind, text or number,
 * is refused (ERROR_STATE). */
bool lists_field(struct lists *, int64_t list, const char *name, bool number, struct error *);

struct lists_shown {
    int64_t list, made;
    struct span tenant, name;
    int64_t records, ready, retrieved, updated, cancelled; /* cancelled: all other closed records */
};
typedef void lists_each_list(void *self, const struct lists_shown *);
bool lists_each(struct lists *, const char *tenant, lists_each_list *, void *self, struct error *);

/* Shows some numbers of the list that have not been closed, at most `count`. */
bool lists_sample(struct lists *, int64_t list, unsigned count, void (*each)(void *self, struct span number),
                  void *self, struct error *);

/* Would the lists take a note now? Not if a PostgreSQL answers but only reads, such as a standby. */
bool lists_take(struct lists *, struct error *);
/* Shows the lists of the tenant that have got records since the one numbered `*newest`, which becomes the newest of
 * all. Cheap, so that it can be asked every few seconds. `*newest` -1: shows none. */
bool lists_newer(struct lists *, const char *tenant, int64_t *newest, void (*each)(void *self, struct span list),
                 void *self, struct error *);

/* ---- putting in ---- */

struct lists_text { /* a field of a record */
    const char *name;
    struct span value;
};

/* A record as people write it: all texts. Empty ones are as `struct lists_form` says. */
struct lists_row {
    struct span number, number_type;
    struct span chain, n,
        customer; /* chain's name outside, place in it, customer; no chain: the record is a chain by itself */
    struct span zone, day_from, day_till; /* "Europe/Paris", "08:30", "21:00" */
    struct span due;                      /* "2026-03-02 12:00", by the clocks of its zone; with a Z behind: UTC */
    struct span agent;                    /* the agent who calls back at `due`; empty: no personal call-back */
    const struct lists_text *fields;
    size_t field_count;
};

struct lists_form {      /* how rows are read */
    const char *country; /* ISO 3166, "DE": how numbers without + are dialled; NULL: they are refused */
    const char *zone, *day_from, *day_till; /* for records without them; NULL: UTC, 00:00, 24:00 */
};

/* Puts a record at the end of its chain, or at position `n`. The error has the reason of a refusal, too. */
enum lists_answer lists_add(struct lists *, int64_t list, const struct lists_form *, const struct lists_row *,
                            int64_t now, int64_t *record, struct error *);

struct lists_told { /* what became of an import */
    uint64_t rows, taken, duplicates, refused;
};
struct lists_import {
    struct lists_form form;
    int64_t list, now;
    /* Columns by the names of their header: HEADER=COLUMN, HEADER=FIELD:text, HEADER=FIELD:number, HEADER= (passed
     * over). */
    const char *const *map;
    size_t map_count;
    /* A row that was not taken: its number, from 1 without the header, and the line where it begins. */
    void (*refused)(void *self, uint64_t row, unsigned line, enum lists_answer, const char *why);
    void (*progress)(void *self, const struct lists_told *); /* each 10,000 rows; may be NULL */
    void *self;
};
/* Takes in a file of comma-separated values (RFC 4180, UTF-8), whose first line names the columns; `text` has a zero
 * behind its `length` bytes, and is changed. Wrong rows are told to `refused`, the others are taken. False: the header
 * is wrong, a quote is not closed, or the database failed; what was taken before stays, and is duplicates the next
 * time. */
bool lists_import(struct lists *, const struct lists_import *, char *text, size_t length, struct lists_told *,
                  struct error *);
/* Writes all records of the list as comma-separated values, in pieces; `write` returns false to end early. */
bool lists_export(struct lists *, int64_t list, bool (*write)(void *self, struct span), void *self, struct error *);

/* ---- a person is forgotten ---- */

struct lists_forgotten {
    int64_t records; /* how many records were deleted, with their attempts */
    int64_t dialled; /* how many chains stay because a dialer has them */
    /* How many rows stay under the person's numbers, as the person would be called too early without them: entries of
     * the do-not-call list; rests, and when the last one ends; their own hours; moments of attempts, of which nothing
     * else is left. */
    int64_t blocked, rests, rests_until, hours, attempts;
    bool cut; /* true: the person had more numbers than are looked at, so some may not have been forgotten */
};
/* Deletes what belongs to a telephone number (person.h; `country` as there) or a customer's name outside, in all
 * tenants: chains with all their records and attempts, consents. The text is in no free page and no log then
 * (sql_overwritten). */
bool lists_forget(struct lists *, struct span person, const char *country, int64_t now, struct lists_forgotten *,
                  struct error *);
/* Deletes what is left of erased persons' attempts once no limit counts them, and rests that ended as long ago. */
bool lists_tidy(struct lists *, int64_t now, struct error *);

/* ---- put back from a copy ---- */

/* Finds until when this dialer has written here, or an administrator has said that the database was put back; 0: never.
 * A dialer that knows of a later moment finds another database than it has written, or an older one. */
bool lists_written(struct lists *, const char *dialer, int64_t *until, struct error *);
bool lists_writes(struct lists *, const char *dialer, int64_t now, struct error *);
/* Notes that the database was put back, so that dialers may go on. Nobody knows who was called since the copy was made:
 * each number in it rests for `pause_us`; `*rest`: how many. */
bool lists_restored(struct lists *, int64_t now, int64_t pause_us, int64_t *rest, struct error *);

/* The traces of a clock that was ahead: the latest moment that it has written, 0: none; how many rests end too late,
 * and how many records are due too late. */
struct lists_ahead {
    int64_t until, rests, records;
};
/* Looks for such traces; persons who were abandoned, and whose rest seemed over by that clock, rest again. */
bool lists_ahead(struct lists *, int64_t now, struct lists_ahead *, struct error *);
/* Makes all these moments earlier, by as much as the latest of them is later than now. */
bool lists_set_right(struct lists *, int64_t now, struct lists_ahead *, struct error *);

/* ---- do not call, consent ---- */

struct lists_block {
    const char *tenant;
    bool customer;        /* true: the value is a customer's name; false: a number */
    struct span value;    /* a number in its normal form */
    struct span reason;   /* why the person is on the list; of a consent: where it was given */
    struct span purpose;  /* of a consent only: for what the person may be called */
    int64_t since, until; /* 0: for ever */
};
/* Puts an entry into the do-not-call list. An entry that is there already keeps its reason where none is given, and its
 * later end. */
enum lists_answer lists_block(struct lists *, const struct lists_block *, struct error *);
/* Removes the entry; with a reason, only if the entry has this one. */
enum lists_answer lists_unblock(struct lists *, const struct lists_block *, struct error *);
#define LISTS_BY_WORD "left by a short message" /* the reason of entries that a person's own word has made */
/* lists_leave() puts a person on the list for ever who has written a word such as STOP; lists_return() takes away that
 * alone, when they write the word to come back: what others have entered holds as if there had been no word. */
enum lists_answer lists_leave(struct lists *, const struct lists_block *, struct error *);
enum lists_answer lists_return(struct lists *, const struct lists_block *, struct error *);
/* Is this number, in its normal form, on the list now? */
bool lists_blocks(struct lists *, const char *tenant, const char *number, int64_t now, bool *blocks, struct error *);
/* ---- persons ---- */

struct lists_hours { /* a person's own hours, which hold for all of their numbers, in all lists of the tenant */
    const char *tenant, *number; /* in its normal form */
    const char *from, *till;     /* as "08:30"; NULL: 00:00, 24:00; both NULL: they may be called at any hour */
    const char *zone;            /* NULL: UTC */
};
enum lists_answer lists_hours(struct lists *, const struct lists_hours *, struct error *);

struct lists_person { /* a rest of one of a person's numbers, or its hours */
    struct span number, why, zone;
    int64_t rests, day_from, day_till; /* day_from and day_till 0: there are no hours */
};
typedef void lists_each_person(void *self, const struct lists_person *);
/* Calls `each` for the person of that record, once for each rest and for the hours of each of their numbers. */
bool lists_persons(struct lists *, int64_t record, lists_each_person *, void *self, struct error *);
/* Has the search for that person's numbers ended before all were found? What holds for the numbers that were not found
 * is not known then. */
bool lists_person_cut(struct lists *, int64_t record, bool *cut, struct error *);

/* Ends all rests of the person who has this number, as somebody says that they may be called again. `*ended`: how many.
 * LISTS_unknown: there was none. */
enum lists_answer lists_unrest(struct lists *, const char *tenant, const char *number, int64_t now, int64_t *ended,
                               struct error *);

/* ---- consent ---- */

enum lists_answer lists_consent(struct lists *, const struct lists_block *, struct error *);
/* Ends each consent of the person for the purpose, by whatever number or customer's name it was given; `*ended`: how
 * many. LISTS_unknown: there was none. */
enum lists_answer lists_withdraw(struct lists *, const struct lists_block *, int64_t *ended, struct error *);

/* ---- fetching ---- */

/* Checks a filter and an order of the site and makes a selection of them. A filter has comparisons of the columns of
 * records, the customer and the list's fields with values, AND, OR, NOT, and few functions; gcx-lists(5) has the
 * grammar. Empty or NULL: all. Promised records whose time has come go first, but for an order that names `due`. The
 * selection ends before the lists are closed. NULL with the reason. */
struct lists_selection;
struct lists_selection *lists_select(struct lists *, int64_t list, const char *filter, const char *order,
                                     struct error *);
void lists_select_end(struct lists_selection *); /* NULL is allowed */
/* Has the list an open record that the filter takes, whatever the time is; `consent` not NULL: of somebody who has
 * agreed to that? */
bool lists_selects_any(const struct lists_selection *, const char *consent, int64_t now, bool *any, struct error *);

struct lists_terms {     /* what a campaign demands, besides due time, daily window and do-not-call list */
    const char *consent; /* the purpose for which there must be consent; NULL: none is asked for */
    unsigned in_all;     /* attempts of the person, in all lists of the tenant; 0: any number */
    unsigned of_day;     /* attempts of the person since the record's midnight */
    unsigned of_week;    /* attempts of the person since the midnight six days before that */
    unsigned of_chain;   /* attempts of all records of the chain, in this list, since the record's midnight */
    int64_t pause_us;    /* how long an abandoned person rests in all lists; 0: not at all */
};

struct lists_record {
    int64_t record, chain, n, attempt, due, last_try, begun, version;
    int64_t day_from, day_till; /* seconds since midnight */
    bool current;               /* true: the record of its chain that is dialled next */
    struct span number, number_type, type, status, result, zone, agent, treatment, customer, campaign, owner;
    struct span fields; /* an object of JSON */
};
typedef void lists_each_record(void *self, const struct lists_record *);

struct lists_portion {
    const struct lists_selection *selection;
    const char *session, *campaign;
    int64_t ref;    /* the portion's number: one that the session has fetched before is shown again, and nothing else is
                       fetched */
    unsigned count; /* how many chains, at most */
    struct lists_terms terms;
    int64_t now;
};
/* Takes chains for the session whose current record may be dialled now, and shows all their records, chain by chain. */
bool lists_fetch(struct lists *, const struct lists_portion *, lists_each_record *, void *self, struct error *);
struct lists_counts {  /* of the current records of a list's chains */
    int64_t left;      /* ready records with attempts left */
    int64_t due;       /* promised, and free to be dialled now by what is known of them and their own number, whatever
                        * holds for the person's other numbers; up to 10,000 */
    int64_t overdue;   /* of the promised ones, and of the session's own: how many are late by more than `late_us` */
    int64_t exhausted; /* ready records for which the campaign allows no more attempts */
};
/* Counts for the portion's campaign, session and terms; its ref and count mean nothing here. */
bool lists_count(struct lists *, const struct lists_portion *, int64_t late_us, struct lists_counts *, struct error *);
/* Lists the current record of each chain that the session has and has not begun to dial. */
bool lists_held(struct lists *, const char *session, lists_each_record *, void *self, struct error *);
/* Shows one record, or all of its chain. LISTS_unknown: there is no such record. */
enum lists_answer lists_record(struct lists *, int64_t record, bool chain, lists_each_record *, void *self,
                               struct error *);

/* Lists the records of that number, in its normal form, in all lists of the tenant. */
typedef void lists_each_number(void *self, int64_t record, struct span list);
bool lists_numbered(struct lists *, const char *tenant, const char *number, lists_each_number *, void *self,
                    struct error *);

struct lists_attempt { /* `ended` 0: the attempt is not over, or nobody knows when it was */
    int64_t record, n, begun, ended;
    struct span campaign, session, number, result, agent, ixn;
};
typedef void lists_each_attempt(void *self, const struct lists_attempt *);
/* Lists the attempts of all records of the record's chain, the oldest first. */
bool lists_attempts(struct lists *, int64_t record, lists_each_attempt *, void *self, struct error *);

/* Notes that the session lives, as each fetch does, too. */
bool lists_alive(struct lists *, const char *session, int64_t now, struct error *);
/* Lists the sessions that have given no sign of life since `before`. */
bool lists_silent(struct lists *, int64_t before, void (*each)(void *self, const char *session), void *self,
                  struct error *);

struct lists_released {
    int64_t back, stale, closed; /* how many records: not dialled; stale, as nobody knows how the attempt ended; closed
                                    with the known result */
};
/* Takes from the session the chains that it has not dialled, of a campaign (NULL: of all); chains with an attempt under
 * way stay its own. */
bool lists_unload(struct lists *, const char *session, const char *campaign, int64_t now, struct lists_released *,
                  struct error *);
/* Ends a dead session: records that it has not dialled are ready; an attempt is stale if nobody knows how it ended, and
 * its chain is not dialled before `pause_us` is over; a record whose result is known is closed with it. A person who
 * was on the telephone, though their record was closed, rests as long. Any later change by the session is refused. */
bool lists_bury(struct lists *, const char *session, int64_t now, int64_t pause_us, struct lists_released *,
                struct error *);

/* ---- dialling ---- */

/* May this number (in its normal form; NULL: the record's) be dialled for the record now? LISTS_done: yes; do_not_call,
 * consent, window, early, limit, rests, closed, unknown: no, and engaged: a call of the person is under way for another
 * record, or for one that is closed. LISTS_failed: nobody knows, so nothing is dialled. */
enum lists_answer lists_check(struct lists *, int64_t record, const char *number, const struct lists_terms *,
                              int64_t now, struct error *);

struct lists_dial {
    int64_t record, revision;
    const char *session, *campaign;
    const char *number; /* the number that is dialled, in its normal form; NULL: the record's */
    struct lists_terms terms;
    enum cause ended; /* result of the attempt under way, which this one follows; other: no attempt may be under way */
    int64_t now;
};
/* Checks as lists_check() does, and writes the attempt into the history; only after the answer LISTS_done the number is
 * dialled. `*attempt`: its number, from 1. */
enum lists_answer lists_dial(struct lists *, const struct lists_dial *, int64_t *attempt, struct error *);

/* ---- changes ---- */

enum lists_op {
#define OP(name, status, others, moves, doc) LISTS_OP_##name,
#include "runtime/lists/ops.def"
    LISTS_OPS
};

enum lists_scope { LISTS_number, LISTS_customer, LISTS_chain }; /* whom do_not_call blocks */

struct lists_change {
    enum lists_op op;
    int64_t record;
    const char *session; /* the session that has the chain; NULL: an administrator, for chains of no session */
    int64_t revision;    /* above the record's version; 0: any, for an administrator only */
    int64_t now;
    enum cause result; /* cause_other: nothing new is known */
    int64_t due; /* when retry, undial, next and reschedule make it due; reschedule waits for the record's window to
                    open, too */
    enum callback_type callback; /* kind of reschedule; personal: `agent` calls back */
    enum record_status status;   /* status after processed: updated, agent_error or missed_callback; none: updated */
    const char *agent, *ixn, *treatment; /* NULL: the value stays */
    const struct lists_text *fields;     /* new values of fields; an empty value removes the field */
    size_t field_count;
    enum lists_scope scope; /* do_not_call: whom it blocks */
    struct span reason;     /* do_not_call: why */
    int64_t until;          /* do_not_call: until when; 0: for ever */
    bool talks; /* the call of the attempt goes on, whatever becomes of the record: lists_hung_up() follows */
};
/* Makes all of the change or nothing; the attempt under way is completed in the history where the change ends it. */
enum lists_answer lists_change(struct lists *, const struct lists_change *, struct error *);
/* Notes that the call of that attempt is over. An attempt of a record that is not closed, or one that was never noted,
 * stays as it is. */
bool lists_hung_up(struct lists *, int64_t record, int64_t attempt, int64_t now, struct error *);
/* Notes an attempt as abandoned, so that the person rests: its session says that nobody came to the person who had
 * answered. It may say so even if it was buried meanwhile, or may not change the record any more. */
bool lists_abandoned(struct lists *, const char *session, int64_t record, int64_t attempt, int64_t now, struct error *);

/* Cancels the current records whose number is on the do-not-call list for ever, so that their chains go on with the
 * next number; called before a campaign begins. (A customer who is on the do-not-call list is never fetched.) */
bool lists_sweep(struct lists *, int64_t list, int64_t now, int64_t *count, struct error *);

/* runtime/lists/lists.h - Calling lists: records with their chains, attempts, the do-not-call list, consents.
 * gcx-lists(5) has their tables.
 *
 * A chain has the numbers of one customer in a list; its current record is the one that is dialled next. A session
 * is one run of a dialer; it fetches chains, which are then its alone until it lets them go, or is known to be dead.
 * Each change of a record gives a revision number, which becomes the record's version and must be above the old one.
 * If the same revision of the same session comes again, or a lower one comes late, the answer is `before` and
 * nothing changes. So a caller that got no answer sends the change again, or a newer one that includes it.
 *
 * A call returns when its change is durable. Calls block on the disk or the server; the lists belong to one thread
 * at a time, and each process opens its own. Times are microseconds since 1970 UTC; the caller passes the present
 * time. Texts that are passed in may be NULL; texts that are shown are valid during that call, and "" if there is
 * none. */
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

/* The answers of the calls. From `wrong` on the answer is a refusal, and nothing was changed. */
enum lists_answer {
#define ANSWER(name, doc) LISTS_##name,
#include "runtime/lists/answers.def"
    LISTS_ANSWERS
};
const char *lists_answer_name(enum lists_answer); /* "do_not_call" */
/* returns a sentence, such as "the number or the customer is on the do-not-call list" */
const char *lists_answer_text(enum lists_answer);

struct lists;

/* Opens the lists; `target`: "sqlite:FILE" or a connection string of libpq. Creates the tables, or brings them to
 * this version; `there`: if there are none, that is an error. A new file can be read by its owner alone. NULL with
 * the reason. */
struct lists *lists_open(const char *target, bool there, struct error *);
/* Opens an SQLite file as it is: its tables are neither created nor brought to this version. NULL with the reason,
 * also if the file does not exist. */
struct lists *lists_open_as_is(const char *target, struct error *);
void lists_close(struct lists *); /* NULL is allowed */

/* ---- lists ---- */

/* Finds the list of that name; `*list` 0: there is none. */
bool lists_find(struct lists *, const char *tenant, const char *name, int64_t *list, struct error *);
/* Finds the list of that name, or creates it. */
bool lists_make(struct lists *, const char *tenant, const char *name, int64_t now, int64_t *list, struct error *);
/* Declares a field that records of the list may have. A field that exists as the other kind (text or number) is
 * refused (ERROR_STATE). */
bool lists_field(struct lists *, int64_t list, const char *name, bool number, struct error *);

struct lists_shown {
    int64_t list, made;
    struct span tenant, name;
    int64_t records, ready, retrieved, updated, cancelled; /* counts by status; cancelled: all other closed records */
};
typedef void lists_each_list(void *self, const struct lists_shown *);
bool lists_each(struct lists *, const char *tenant, lists_each_list *, void *self, struct error *);

/* Shows at most `count` numbers of records of the list that are not closed. */
bool lists_sample(struct lists *, int64_t list, unsigned count, void (*each)(void *self, struct span number),
                  void *self, struct error *);

/* True: the lists would accept a note now. False if PostgreSQL answers but is read-only, such as a standby. */
bool lists_take(struct lists *, struct error *);
/* Shows the lists of the tenant that have got records since record `*newest`, which becomes the newest record of all.
 * The call is cheap enough to be made every few seconds. `*newest` -1: shows none. */
bool lists_newer(struct lists *, const char *tenant, int64_t *newest, void (*each)(void *self, struct span list),
                 void *self, struct error *);

/* ---- putting in ---- */

struct lists_text { /* a field of a record */
    const char *name;
    struct span value;
};

/* A record as people write it: all members are texts. Empty members get the defaults of `struct lists_form`. */
struct lists_row {
    struct span number, number_type;
    struct span chain, n,
        /* chain's name outside, position in the chain, customer; no chain: the record becomes a chain by itself */
        customer;
    struct span zone, day_from, day_till; /* "Europe/Paris", "08:30", "21:00" */
    struct span again_from, again_till;   /* a second window of the day; empty: there is none */
    struct span due;                      /* "2026-03-02 12:00", in the time of its zone; with a Z at the end: UTC */
    struct span agent;                    /* the agent who calls back at `due`; empty: no personal callback */
    const struct lists_text *fields;
    size_t field_count;
};

struct lists_form {      /* how rows are read */
    const char *country; /* country by ISO 3166, "DE": how numbers without + are dialled; NULL: they are refused */
    const char *zone, *day_from, *day_till; /* defaults for records without these members; NULL: UTC, 00:00, 24:00 */
    const char *again_from, *again_till;    /* a second window of records that say no window; NULL: none */
};

/* Adds a record at the end of its chain, or at position `n`. The error has the reason of a refusal, too. */
enum lists_answer lists_add(struct lists *, int64_t list, const struct lists_form *, const struct lists_row *,
                            int64_t now, int64_t *record, struct error *);

struct lists_told { /* counts of an import's rows by result */
    uint64_t rows, taken, duplicates, refused;
};
struct lists_import {
    struct lists_form form;
    int64_t list, now;
    /* Maps columns by the heading: HEADER=COLUMN, HEADER=FIELD:text, HEADER=FIELD:number, HEADER= (skipped). */
    const char *const *map;
    size_t map_count;
    /* A row that was refused: its number, from 1 without the heading, and the line where it begins. */
    void (*refused)(void *self, uint64_t row, unsigned line, enum lists_answer, const char *why);
    void (*progress)(void *self, const struct lists_told *); /* called after each 10,000 rows; may be NULL */
    void *self;
};
/* Imports a file of comma-separated values (RFC 4180, UTF-8), whose first line names the columns; `text` has a zero
 * after its `length` bytes, and is changed. Wrong rows are reported to `refused`, the others are taken. False: the
 * heading is wrong, a quote is not closed, or the database failed; rows already taken stay, and are duplicates the
 * next time. */
bool lists_import(struct lists *, const struct lists_import *, char *text, size_t length, struct lists_told *,
                  struct error *);
/* Writes all records of the list as comma-separated values, in pieces; `write` returns false to end early. */
bool lists_export(struct lists *, int64_t list, bool (*write)(void *self, struct span), void *self, struct error *);

/* ---- erasing a person ---- */

struct lists_forgotten {
    int64_t records; /* how many records were deleted, with their attempts */
    int64_t dialled; /* how many chains stay because a dialer has them */
    /* How many rows stay under the person's numbers, as the person would be called too early without them: entries
     * of the do-not-call list; rests, and when the last one ends; the person's own hours; times of attempts, of
     * which nothing else is left. */
    int64_t blocked, rests, rests_until, hours, attempts;
    bool cut; /* true: the person had more numbers than the limit, so some may not be erased */
};
/* Deletes the data of a telephone number (person.h; `country` as there) or a customer's name outside, in all
 * tenants: chains with all their records and attempts, and consents. The text is then in no free page and no log of
 * the database (sql_overwritten). */
bool lists_forget(struct lists *, struct span person, const char *country, int64_t now, struct lists_forgotten *,
                  struct error *);
/* Deletes what is left of erased persons' attempts once no limit counts it, and rests that ended as long ago. */
bool lists_tidy(struct lists *, int64_t now, struct error *);

/* ---- a database that was restored from a copy ---- */

/* Finds the latest time at which this dialer has written here, or an administrator has noted a restored database; 0:
 * never. A dialer that knows a later time knows then that this is another database than the one it wrote, or an
 * older copy. */
bool lists_written(struct lists *, const char *dialer, int64_t *until, struct error *);
bool lists_writes(struct lists *, const char *dialer, int64_t now, struct error *);
/* Notes that the database was restored, so that dialers may go on. It is not known who was called since the copy was
 * made: each number in it rests for `pause_us`; `*rest`: how many numbers. */
bool lists_restored(struct lists *, int64_t now, int64_t pause_us, int64_t *rest, struct error *);

/* The traces of a clock that was ahead: the latest time that it has written, 0: none; how many rests end too late,
 * and how many records are due too late. */
struct lists_ahead {
    int64_t until, rests, records;
};
/* Looks for traces of a clock that was ahead; abandoned persons whose rest was ended because of that clock rest
 * again. */
bool lists_ahead(struct lists *, int64_t now, struct lists_ahead *, struct error *);
/* Moves back all times that a clock ahead has written, by as much as the latest of them is later than now. */
bool lists_set_right(struct lists *, int64_t now, struct lists_ahead *, struct error *);

/* ---- do not call, consent ---- */

struct lists_block {
    const char *tenant;
    bool customer;        /* true: the value is a customer's name; false: a number */
    struct span value;    /* a number in its normal form */
    struct span reason;   /* why the person is on the list; of a consent: where it was given */
    struct span purpose;  /* only for a consent: the purpose for which the person may be called */
    int64_t since, until; /* 0: for ever */
};
/* Adds an entry to the do-not-call list. An entry that already exists keeps its reason if no new one is given, and
 * keeps the later end. */
enum lists_answer lists_block(struct lists *, const struct lists_block *, struct error *);
/* Removes the entry; with a reason, only if the entry has this one. */
enum lists_answer lists_unblock(struct lists *, const struct lists_block *, struct error *);
#define LISTS_BY_WORD "left by a short message" /* the reason of entries that a person's own message has made */
/* lists_leave() adds an entry without end for a person who has sent a word such as STOP; lists_return() removes only
 * that entry, when the person sends the word to come back: entries made by others stay as they were. */
enum lists_answer lists_leave(struct lists *, const struct lists_block *, struct error *);
enum lists_answer lists_return(struct lists *, const struct lists_block *, struct error *);
/* Finds out whether this number, in its normal form, is on the list now. */
bool lists_blocks(struct lists *, const char *tenant, const char *number, int64_t now, bool *blocks, struct error *);
/* ---- taking a person out of the campaigns ---- */

struct lists_cancel {            /* the person who has called in about what campaigns would call them for */
    const char *tenant, *number; /* in its normal form */
    const char *list;            /* NULL or empty: all lists of the tenant */
    /* chains that name another customer are left out; NULL or empty: no chain is left out */
    const char *customer;
    const char *by, *why; /* who says so, and why */
    int64_t now;
};
/* Takes the person's open records out of the campaigns, also those that a session has: none of them is dialled after
 * this has returned, and one that is being dialled is not called again. `*records`: how many these are; 0 is no
 * mistake. */
enum lists_answer lists_cancel(struct lists *, const struct lists_cancel *, int64_t *records, struct error *);

/* ---- persons ---- */

struct lists_hours { /* a person's own hours, which count for all of their numbers, in all lists of the tenant */
    const char *tenant, *number; /* in its normal form */
    const char *from, *till;     /* as "08:30"; NULL: 00:00, 24:00; both NULL: the person may be called at any hour */
    const char *again_from, *again_till; /* a second window of the day; both NULL: there is none */
    const char *zone;                    /* NULL: UTC */
};
enum lists_answer lists_hours(struct lists *, const struct lists_hours *, struct error *);

struct lists_person { /* a rest of one of a person's numbers, or the number's hours */
    struct span number, why, zone;
    int64_t rests, day_from, day_till; /* day_from and day_till 0: there are no hours */
    int64_t again_from, again_till;    /* both 0: there is no second window */
};
typedef void lists_each_person(void *self, const struct lists_person *);
/* Calls `each` for the person of that record, once for each rest and for the hours of each of the person's numbers. */
bool lists_persons(struct lists *, int64_t record, lists_each_person *, void *self, struct error *);
/* Finds out whether the search for that person's numbers ended before all were found. Rests and hours of the numbers
 * that were not found are then unknown. */
bool lists_person_cut(struct lists *, int64_t record, bool *cut, struct error *);

/* Ends all rests of the person who has this number, as a user says that they may be called again. `*ended`: how
 * many. LISTS_unknown: there was none. */
enum lists_answer lists_unrest(struct lists *, const char *tenant, const char *number, int64_t now, int64_t *ended,
                               struct error *);

/* ---- consent ---- */

enum lists_answer lists_consent(struct lists *, const struct lists_block *, struct error *);
/* Ends each consent of the person for the purpose, for whatever number or customer's name it was given; `*ended`:
 * how many. LISTS_unknown: there was none. */
enum lists_answer lists_withdraw(struct lists *, const struct lists_block *, int64_t *ended, struct error *);

/* ---- fetching ---- */

/* Checks a filter and an order of the site and makes a selection of them. A filter compares the columns of records,
 * the customer and the list's fields with values, with AND, OR, NOT, and a few functions; gcx-lists(5) has the
 * grammar. Empty or NULL: all. Promised calls whose time has come are first, except with an order that names `due`.
 * The selection must be ended before the lists are closed. NULL with the reason. */
struct lists_selection;
struct lists_selection *lists_select(struct lists *, int64_t list, const char *filter, const char *order,
                                     struct error *);
void lists_select_end(struct lists_selection *); /* NULL is allowed */
/* Finds out whether the list has an open record that the filter accepts, whatever the time; `consent` not NULL:
 * whose person has consented to that purpose. */
bool lists_selects_any(const struct lists_selection *, const char *consent, int64_t now, bool *any, struct error *);

struct lists_terms {     /* a campaign's rules besides due time, daily window and do-not-call list */
    const char *consent; /* the purpose for which consent is needed; NULL: none is needed */
    unsigned in_all;     /* attempts of the person, in all lists of the tenant; 0: any number */
    unsigned of_day;     /* attempts of the person since the record's midnight */
    unsigned of_week;    /* attempts of the person since the midnight six days before the record's midnight */
    unsigned of_chain;   /* attempts of all records of the chain, in this list, since the record's midnight */
    int64_t pause_us;    /* how long an abandoned person rests in all lists; 0: no rest */
};

struct lists_record {
    int64_t record, chain, n, attempt, due, last_try, begun, version;
    int64_t day_from, day_till, again_from, again_till; /* seconds since midnight; again_ both 0: no second window */
    bool current;                                       /* true: of all records of its chain this one is dialled next */
    struct span number, number_type, type, status, result, zone, agent, treatment, customer, campaign, owner;
    struct span fields; /* an object of JSON */
    int64_t cancelled;  /* when the person has called in, so that the record has left the campaigns; 0: never */
    struct span cancelled_by, cancelled_why;
};
typedef void lists_each_record(void *self, const struct lists_record *);

struct lists_portion {
    const struct lists_selection *selection;
    const char *session, *campaign;
    int64_t ref;    /* the portion's number: if the session has fetched it before, the same chains are shown again */
    unsigned count; /* how many chains, at most */
    struct lists_terms terms;
    int64_t now;
};
/* Fetches chains for the session whose current record may be dialled now, and shows all their records, chain by
 * chain. */
bool lists_fetch(struct lists *, const struct lists_portion *, lists_each_record *, void *self, struct error *);
struct lists_counts {  /* counts of the current records of a list's chains */
    int64_t left;      /* ready records with attempts left */
    int64_t due;       /* due by a promise, and free to be dialled now by what is known of the record and its own
                        * number, without the person's other numbers; up to 10,000 */
    int64_t overdue;   /* of the promised records, and of the session's own: how many are late by more than `late_us` */
    int64_t exhausted; /* ready records for which the campaign allows no more attempts */
};
/* Counts for the portion's campaign, session and terms; its `ref` and `count` are ignored. */
bool lists_count(struct lists *, const struct lists_portion *, int64_t late_us, struct lists_counts *, struct error *);
/* Lists the current record of each chain that the session has and has not begun to dial. */
bool lists_held(struct lists *, const char *session, lists_each_record *, void *self, struct error *);
/* Shows one record, or all of its chain. LISTS_unknown: there is no such record. */
enum lists_answer lists_record(struct lists *, int64_t record, bool chain, lists_each_record *, void *self,
                               struct error *);

/* Lists the records with that number, in its normal form, in all lists of the tenant. */
typedef void lists_each_number(void *self, int64_t record, struct span list);
bool lists_numbered(struct lists *, const char *tenant, const char *number, lists_each_number *, void *self,
                    struct error *);

struct lists_attempt { /* `ended` 0: the attempt is not over, or its end is not known */
    int64_t record, n, begun, ended;
    struct span campaign, session, number, result, agent, ixn;
};
typedef void lists_each_attempt(void *self, const struct lists_attempt *);
/* Lists the attempts of all records of the record's chain, the oldest first. */
bool lists_attempts(struct lists *, int64_t record, lists_each_attempt *, void *self, struct error *);

/* Notes that the session is alive, as each fetch does, too. */
bool lists_alive(struct lists *, const char *session, int64_t now, struct error *);
/* Lists the sessions that have given no sign of life since `before`. */
bool lists_silent(struct lists *, int64_t before, void (*each)(void *self, const char *session), void *self,
                  struct error *);

struct lists_released {
    int64_t back, stale, closed; /* how many records were not dialled; are stale, as the end of the attempt is not
                                  * known; were closed with the known result */
};
/* Takes from the session the chains that it has not dialled, of a campaign (NULL: of all); it keeps chains with an
 * attempt in progress. */
bool lists_unload(struct lists *, const char *session, const char *campaign, int64_t now, struct lists_released *,
                  struct error *);
/* Ends a dead session: records that it has not dialled become ready; an attempt whose end is not known is stale, and
 * its chain is not dialled for `pause_us`; a record whose result is known is closed with that result. A person who
 * was still in a call, though their record was closed, rests for the same time. Any later change by the session is
 * refused. */
bool lists_bury(struct lists *, const char *session, int64_t now, int64_t pause_us, struct lists_released *,
                struct error *);

/* ---- dialling ---- */

/* Checks whether this number (in its normal form; NULL: the record's) may be dialled for the record now. LISTS_done:
 * yes; do_not_call, consent, window, early, limit, rests, closed, unknown: no; engaged: no, since a call of the
 * person is in progress for another record, or for a closed one. LISTS_failed: the answer is not known, so the
 * number must not be dialled. */
enum lists_answer lists_check(struct lists *, int64_t record, const char *number, const struct lists_terms *,
                              int64_t now, struct error *);

struct lists_dial {
    int64_t record, revision;
    const char *session, *campaign;
    const char *number; /* the number to dial, in its normal form; NULL: the record's */
    struct lists_terms terms;
    /* result of the attempt in progress, which this one follows; other: no attempt may be in progress */
    enum cause ended;
    int64_t now;
};
/* Checks as lists_check() does, and writes the attempt into the history; the number may be dialled only after the
 * answer LISTS_done. `*attempt`: its number, from 1. */
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
    int64_t revision;    /* the change's revision, above the record's version; 0: any, for an administrator only */
    int64_t now;
    enum cause result; /* result of the attempt; cause_other: nothing new is known */
    int64_t due;       /* when retry, undial, next and reschedule make the record due; reschedule also waits until the
                        * record's window opens */
    enum callback_type callback; /* kind of reschedule; personal: `agent` calls back */
    /* status of the record after processed: updated, agent_error or missed_callback; none: updated */
    enum record_status status;
    const char *agent, *ixn, *treatment; /* NULL: the value stays */
    const struct lists_text *fields;     /* new values of fields; an empty value removes the field */
    size_t field_count;
    enum lists_scope scope; /* do_not_call: whom it blocks */
    struct span reason;     /* do_not_call: why */
    int64_t until;          /* do_not_call: the end of the entry; 0: it has none */
    bool talks;             /* the call of the attempt goes on, whatever the record's state: lists_hung_up() follows */
};
/* Makes the whole change or nothing; if the change ends the attempt in progress, the attempt is completed in the
 * history. */
enum lists_answer lists_change(struct lists *, const struct lists_change *, struct error *);
/* Notes that the call of that attempt is over. An attempt of a record that is not closed, or an unknown attempt,
 * stays as it is. */
bool lists_hung_up(struct lists *, int64_t record, int64_t attempt, int64_t now, struct error *);
/* Notes an attempt as abandoned, so that the person rests: its session reports that no agent came to the person who
 * had answered. The session may report this even if it was ended as dead meanwhile, or may not change the record any
 * more. */
bool lists_abandoned(struct lists *, const char *session, int64_t record, int64_t attempt, int64_t now, struct error *);

/* Cancels the current records whose number is on the do-not-call list without end, so that their chains go on with
 * the next number; called before a campaign begins. (A customer who is on the do-not-call list is never fetched.) */
bool lists_sweep(struct lists *, int64_t list, int64_t now, int64_t *count, struct error *);

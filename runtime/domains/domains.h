/* runtime/domains/domains.h - Domains share three tables of a database: one says which of them has a queue, one has the
 * interactions on their way from one to another, and one the agents whom one of them lends to another.
 *
 *     source: passage_put --> OUT --> target: HELD --> its core has it --> TAKEN, or REFUSED --> source: told
 *                              '--> REFUSED: the source has taken it back, as the target did not come for it
 *
 * One statement makes a row HELD or takes it back, so only one of both happens: what the target has in its hands is its
 * own to decide on, and no other row is ever given to a core.
 *
 * A row stays for a day after its source was told: who puts the same id again, because a core or a process was started
 * anew, finds the outcome, and nothing is handed over twice. The target's core knows the id for as long.
 *
 * The database is borrowed by one thread at a time, and calls block. Errors are those of runtime/sql/sql.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

struct domains;

enum { DOMAINS_HOPS = 8, PASSAGE_ID = 64 };

/* `target` as for sql_open(). The tables are made where they are missing. NULL with the reason. */
struct domains *domains_open(const char *target, struct error *);
void domains_close(struct domains *); /* NULL is allowed */

/* ---- the directory ---- */

/* `item` is KIND:NAME=DOMAIN; without a number nobody has it any more. False with the reason, ERROR_INPUT where it
 * cannot be understood. */
bool domains_assign(struct domains *, const char *item, struct error *);
typedef void domains_row(void *self, struct span kind, struct span name, uint64_t domain);
bool domains_list(struct domains *, domains_row *, void *self, struct error *);
/* Finds the domain that has the queue, or, if none has, the number; 0: none is known. */
bool domains_find(struct domains *, struct span queue, struct span number, uint64_t *domain, struct error *);

/* ---- what is on its way ---- */

enum passage_state { PASSAGE_OUT, PASSAGE_TAKEN, PASSAGE_REFUSED, PASSAGE_HELD };

struct passage {
    char id[PASSAGE_ID];
    uint64_t source, target;
    uint64_t ixn;      /* the source's number of it; once it is taken, the target's */
    struct span frame; /* the interaction as a frame; in a row that was read, valid until the callback returns */
    enum passage_state state;
    unsigned code; /* enum code */
};
typedef void passage_row(void *self, const struct passage *);

/* Puts an interaction on its way; a row of that id stays as it is, and its source is told again. Without a target, or
 * where it has come through too many domains already, the row is refused at once, and that id never goes anywhere. */
bool passage_put(struct domains *, const struct passage *, int64_t now_us, struct error *);
/* For the source: takes the row with this id back. A row that its target holds, or that is settled, stays as it is. */
bool passage_take_back(struct domains *, const char *id, struct error *);
/* For the source: takes back all its rows that were put before this moment and whose ids begin with `ids`. */
bool passages_take_back(struct domains *, uint64_t source, const char *ids, int64_t before_us, struct error *);
/* For the target: makes the oldest rows on their way to it HELD, at most `most`, and calls back with each. */
bool passages_due(struct domains *, uint64_t target, unsigned most, passage_row *, void *self, struct error *);
/* Calls back with rows that their target has decided on and that the source was not told; first those whose ids begin
 * with `ids`, as nobody may be there to be told of the others. */
bool passages_settled(struct domains *, uint64_t source, const char *ids, unsigned most, passage_row *, void *self,
                      struct error *);
/* For the target: writes its decision (`state`, `code` and `ixn`) on a row that it holds. A row that is settled already
 * stays as it is. */
bool passage_settle(struct domains *, const struct passage *, struct error *);
/* For the target that holds the row and does not have its queue: sends the row on to the domain `to`, which has the
 * queue. */
bool passage_forward(struct domains *, const char *id, uint64_t from, uint64_t to, struct error *);
/* For the source: notes that its core was told the outcome. */
bool passage_told(struct domains *, const char *id, struct error *);
/* Removes rows of this source that were told, and were put before this moment. */
bool passages_sweep(struct domains *, uint64_t source, int64_t before_us, struct error *);

/* ---- agents who are lent: one row per agent, which has the highest number that its home has given ---- */

enum { LOAN_AGENT = 65 };

struct loan_row {
    char agent[LOAN_AGENT];
    uint64_t home, target, number;
    int64_t sent_us, until_us;
    bool ends;           /* the home wants the agent back */
    bool answered, held; /* what the target says of this number */
};
typedef void loan_each(void *self, const struct loan_row *);

/* By the home. A row with that number or a higher one stays as it is. */
bool loan_put(struct domains *, const struct loan_row *, struct error *);
/* For the target: writes its answer on its row with this number; a row with another number stays as it is. After an
 * answer that it does not have the agent, it never has the agent again by that number. */
bool loan_answer(struct domains *, const struct loan_row *, struct error *);
/* For the home: notes that its core was told this answer. */
bool loan_told(struct domains *, const struct loan_row *, struct error *);
/* Calls back with the rows that this domain as target has not answered, and those that as home are answered and not
 * told. `all`: also with agents that it has as target, and with all rows that it has as home. */
bool loans_read(struct domains *, uint64_t domain, bool all, loan_each *, void *self, struct error *);

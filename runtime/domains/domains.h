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
/* The domain that has the queue, or else the number; 0: none is known. */
bool domains_find(struct domains *, struct span queue, struct span number, uint64_t *domain, struct error *);

/* ---- what is on its way ---- */

enum passage_state { PASSAGE_OUT, PASSAGE_TAKEN, PASSAGE_REFUSED, PASSAGE_HELD };

struct passage {
    char id[PASSAGE_ID];
    uint64_t source, target;
    uint64_t ixn;      /* put: in the source; taken: in the target */
    struct span frame; /* of a row that was read: until the callback returns */
    enum passage_state state;
    unsigned code; /* enum code */
};
typedef void passage_row(void *self, const struct passage *);

/* Puts it on its way; a row of that id stays as it is, and its source is told again. Without a target, or where it has
 * come through too many domains already, the row is one that was refused: from then on that id goes nowhere. */
bool passage_put(struct domains *, const struct passage *, int64_t now_us, struct error *);
/* By the source: that row is wanted back. One that its target holds, or that is settled, stays as it is. */
bool passage_take_back(struct domains *, const char *id, struct error *);
/* By the source: likewise its rows that were put there before, and whose ids begin so. */
bool passages_take_back(struct domains *, uint64_t source, const char *ids, int64_t before_us, struct error *);
/* By the target: it holds the oldest rows on their way to it from here on, at most `most`, and is told of them. */
bool passages_due(struct domains *, uint64_t target, unsigned most, passage_row *, void *self, struct error *);
/* The rows that their target has decided on, and of which the source was not told; first those whose ids begin so, as
 * nobody may be there to be told of the others. */
bool passages_settled(struct domains *, uint64_t source, const char *ids, unsigned most, passage_row *, void *self,
                      struct error *);
/* By the target, of a row that it holds: `state`, `code` and `ixn`. One that is settled already stays as it is. */
bool passage_settle(struct domains *, const struct passage *, struct error *);
/* By the target, which holds it and has not that queue: another one has it. */
bool passage_forward(struct domains *, const char *id, uint64_t from, uint64_t to, struct error *);
/* By the source, which has told its core. */
bool passage_told(struct domains *, const char *id, struct error *);
/* Rows of that source that were told and put there before go. */
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
/* By the target, of its row of that number; another one stays as it is. Once it has not the agent it never has them
 * again by that number. */
bool loan_answer(struct domains *, const struct loan_row *, struct error *);
/* By the home, which has told its core that answer. */
bool loan_told(struct domains *, const struct loan_row *, struct error *);
/* The target's rows that it has not answered, and the home's that are answered and not told. `all`: likewise those of
 * the target that it says it has, and all of the home. */
bool loans_read(struct domains *, uint64_t domain, bool all, loan_each *, void *self, struct error *);

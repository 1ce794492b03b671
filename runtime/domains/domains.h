/* runtime/domains/domains.h - Domains share three tables of a database: which domain has a queue, which interactions
 * are going from one domain to another, and which agents a domain has lent to another.
 *
 *     source: passage_put --> OUT --> target: HELD --> its core has it --> TAKEN, or REFUSED --> source: told
 *                              '--> REFUSED: the source has taken it back, as the target did not come for it
 *
 * One statement makes a row HELD or takes it back, so only one of the two happens: the target alone decides on a row
 * that it holds, and no other row is ever given to a core.
 *
 * A row stays for a day after its source was told: if the source puts the same id again, because a core or a process
 * was restarted, it gets the outcome, and nothing is handed over twice. The target's core remembers the id for the
 * same time.
 *
 * One thread at a time uses the database, and its calls block. The errors of the calls are those of
 * runtime/sql/sql.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

struct domains;

enum { DOMAINS_HOPS = 8, PASSAGE_ID = 64 };

/* `target` as for sql_open(). Missing tables are created. NULL with the reason. */
struct domains *domains_open(const char *target, struct error *);
void domains_close(struct domains *); /* NULL is allowed */

/* ---- the directory ---- */

/* Sets which domain has a queue or number; `item` is KIND:NAME=DOMAIN, and without a domain none has it any more.
 * False with the reason; ERROR_INPUT: the item cannot be understood. */
bool domains_assign(struct domains *, const char *item, struct error *);
typedef void domains_row(void *self, struct span kind, struct span name, uint64_t domain);
bool domains_list(struct domains *, domains_row *, void *self, struct error *);
/* Finds the domain that has the queue, or, if none has it, the one that has the number; 0: none. */
bool domains_find(struct domains *, struct span queue, struct span number, uint64_t *domain, struct error *);

/* ---- interactions between domains ---- */

enum passage_state { PASSAGE_OUT, PASSAGE_TAKEN, PASSAGE_REFUSED, PASSAGE_HELD };

struct passage {
    char id[PASSAGE_ID];
    uint64_t source, target;
    uint64_t ixn;      /* the interaction's number at the source; once the target has taken it, at the target */
    struct span frame; /* the interaction as a frame; of a row that was read: valid until the callback returns */
    enum passage_state state;
    unsigned code; /* enum code */
};
typedef void passage_row(void *self, const struct passage *);

/* Sends an interaction to another domain; if a row with that id exists, it is not changed, and its source is told
 * the outcome again. If there is no target, or the interaction has come through too many domains, the row is refused
 * at once, and that id is never sent. */
bool passage_put(struct domains *, const struct passage *, int64_t now_us, struct error *);
/* For the source: takes the row with this id back. A row that the target holds, or has decided on, is not changed. */
bool passage_take_back(struct domains *, const char *id, struct error *);
/* For the source: takes back all its rows that were put before that time and whose ids begin with `ids`. */
bool passages_take_back(struct domains *, uint64_t source, const char *ids, int64_t before_us, struct error *);
/* For the target: marks the oldest rows for this domain as HELD, at most `most`, and calls back with each. */
bool passages_due(struct domains *, uint64_t target, unsigned most, passage_row *, void *self, struct error *);
/* Calls back with rows that their target has decided on and whose source was not told; first those whose ids begin
 * with `ids`, because for the others there may be nobody to be told. */
bool passages_settled(struct domains *, uint64_t source, const char *ids, unsigned most, passage_row *, void *self,
                      struct error *);
/* For the target: writes its decision (`state`, `code` and `ixn`) on a row that it holds. A row that has a decision
 * already is not changed. */
bool passage_settle(struct domains *, const struct passage *, struct error *);
/* For a target that holds the row but does not have its queue: sends the row on to the domain `to`, which has the
 * queue. */
bool passage_forward(struct domains *, const char *id, uint64_t from, uint64_t to, struct error *);
/* For the source: notes that its core was told the outcome. */
bool passage_told(struct domains *, const char *id, struct error *);
/* For the source: removes its rows that were told, and were put before that time. */
bool passages_sweep(struct domains *, uint64_t source, int64_t before_us, struct error *);

/* ---- agents that are lent: one row per agent, with the highest number that the agent's home has given ---- */

enum { LOAN_AGENT = 65 };

struct loan_row {
    char agent[LOAN_AGENT];
    uint64_t home, target, number;
    int64_t sent_us, until_us;
    bool ends;           /* the home domain wants the agent back */
    bool answered, held; /* what the target has answered for this number */
};
typedef void loan_each(void *self, const struct loan_row *);

/* By the home. For the home: writes the row of a loan; one with the same number or a higher one is not changed. */
bool loan_put(struct domains *, const struct loan_row *, struct error *);
/* For the target: writes its answer into the row with this number; a row with another number is not changed. After
 * it has answered that it does not have the agent, it cannot get the agent by that number any more. */
bool loan_answer(struct domains *, const struct loan_row *, struct error *);
/* For the home: notes that its core was told this answer. */
bool loan_told(struct domains *, const struct loan_row *, struct error *);
/* Calls back with the rows that this domain must answer as the target, and those with answers of which it was not
 * told as the home. `all`: also with the agents that it has as the target, and with all its rows as the home. */
bool loans_read(struct domains *, uint64_t domain, bool all, loan_each *, void *self, struct error *);

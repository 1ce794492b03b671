/* runtime/core/sessions/loan.h - Loans: a loan gives another domain the sole right to give an agent work.
 *
 *     at home: ASKED --her work is over--> OUT --given back, or the lease has ended--> none
 *     there:   IN --recalled, or the lease ends--> BACK --her work is over, and the lease has ended--> none
 *              IN --another leader--> RESTS --its second batch--> IN
 *
 * An agent has one home domain, where the agent's loans are made. From the moment that a loan is requested, the home
 * gives the agent nothing; the other domain may give the agent work from Lend until the lease ends, less
 * LOAN_MARGIN_US, by its own wall clock. The home lengthens the lease when half of it is over, by another Lend with
 * a higher number, if the previous one was answered. The home has the agent again when the other domain says so, or
 * else when the last lease has ended: so both may never give the agent work at the same time, whichever domain is
 * down, as long as their clocks differ by less than LOAN_MARGIN_US. If a clock is set, this may fail for one lease
 * at most: a clock that is earlier than Lend ends the loan at the other domain, and begins the lease anew at home.
 *
 * No timer repeats a Lend. A Lend without an answer is sent again when the link is up again; if no answer comes, the
 * lease is not lengthened, and ends. A message is taken only once: a number lower than the known one changes nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct agents;
struct claim;
struct effects;
struct facts;
struct links;
struct names;
struct now;
struct timers;

enum { LOAN_MARGIN_US = 2000000, LOAN_LEASE_US = 30000000 };
enum loan_state { LOAN_ASKED, LOAN_OUT, LOAN_IN, LOAN_BACK, LOAN_RESTS };

struct loan {
    uint32_t agent;
    uint16_t domain; /* the other domain */
    uint8_t state;
    /* OUT: the other domain has confirmed this number; BACK: the home was told that the agent is free */
    bool answered;
    bool ends;         /* OUT: the home wants the agent back */
    uint64_t number;   /* number of the last Lend, increasing over all loans of a domain */
    int64_t from_us;   /* wall clock: time of that Lend, or of the request */
    int64_t until_us;  /* wall clock: end of the lease that the Lend gave */
    int64_t end_us;    /* ASKED, OUT: wall clock at which the home wants the agent back */
    uint64_t lease_us; /* ASKED, OUT: length of the lease that one Lend gives */
};

struct loans {
    const struct now *now;
    const struct facts *facts;
    struct names *names;
    struct timers *timers;
    struct agents *agents;
    struct links *links;
    struct effects *effects;
    unsigned domain;
    struct loan *all;
    uint32_t count, capacity;
    uint32_t timer;
    int64_t behind_us;    /* how long ago the events of the batch happened, in microseconds; 0: now */
    int64_t due_us;       /* wall clock: when a loan must be looked at next; INT64_MAX: none */
    uint32_t works;       /* how many loans wait until the agent's work is over */
    bool freed;           /* true: the work of an agent may be over: the loans are looked at after this event */
    uint64_t last_number; /* number of the last Lend that was sent */
};

void loan_lend(struct loans *, const struct message *);   /* AdminRequest lend */
void loan_recall(struct loans *, const struct message *); /* AdminRequest recall */
void loan_on_lent(struct loans *, const struct message *);
void loan_on_answer(struct loans *, const struct message *);
void loan_on_time(struct loans *, const struct message *); /* Clock */
/* called for a new epoch; a journal that was put back knows no loan for certain */
void loan_on_epoch(struct loans *, const struct message *);
/* called for a batch of earlier events: notes how long ago they happened */
void loan_on_held(struct loans *, const struct message *);
/* Called first in each batch. The first batch of a leader has the time of the batch before, at which a lease that is
 * over may still run: an agent of another domain is given nothing until the next batch. */
void loans_begin(struct loans *, bool first);
/* Ends the leases that have run out. Called first in each batch but a leader's first one, before due timers fire: so
 * nothing in that batch goes to an agent whose lease is over. True: at least one loan has changed. */
bool loans_look(struct loans *);
/* The link is up: sends the loans of its domain again. */
void loans_tell(struct loans *, unsigned link);
/* Returns the domain to which an agent of this one is lent, or will be when the agent's work ends; 0: none. */
unsigned loan_of(const struct loans *, uint32_t agent);
/* Returns the logical time until which a borrowed agent may be given the claimed work: after that the agent's home
 * may give work. 0: no limit, since the agent belongs to this domain, has accepted the work, or is asked by a
 * person. */
uint64_t loan_gives_until_us(const struct loans *, const struct claim *);
/* Returns the logical time when the loan ends unless it is lengthened: for a borrowed agent the end of the lease, at
 * home the requested end. 0: the agent has no loan. */
uint64_t loan_ends_us(const struct loans *, uint32_t agent);

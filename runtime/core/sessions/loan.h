/* runtime/core/sessions/loan.h - Loans: a loan is the one right of another domain to give an agent work.
 *
 *     at home: ASKED --her work is over--> OUT --given back, or the lease has ended--> none
 *     there:   IN --recalled, or the lease ends--> BACK --her work is over, and the lease has ended--> none
 *              IN --another leader--> RESTS --its second batch--> IN
 *
 * An agent has one home, where her loans are made. From the moment that a loan is asked for, home gives her nothing;
 * the other domain gives her work from Lend until the lease ends, less LOAN_MARGIN_US, by its own wall clock. Home
 * lengthens the lease when half of it is over, by another Lend with a higher number, if the one before was answered.
 * Home has her again when the other domain says so, and else when the lease that it gave last has ended: so at no time
 * may both give her work, whichever is dead, as long as no clock of theirs is later than another by LOAN_MARGIN_US. A
 * clock that is set makes that wrong for a lease at most: one that is earlier than Lend ends the loan there, and begins
 * the lease anew at home.
 *
 * Lend and LoanAnswer are told once; what is lost of them is told again when the link is up, and else the lease ends. A
 * number is told to be taken once: a lower one than that which is known changes nothing. */
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
    bool answered;     /* OUT: the other domain has confirmed this number; BACK: home was told that she is free */
    bool ends;         /* OUT: home wants her back */
    uint64_t number;   /* number of the last Lend, rising over all loans of a domain */
    int64_t from_us;   /* wall clock: moment of that Lend, or of the request */
    int64_t until_us;  /* wall clock: end of the lease that the Lend gave */
    int64_t end_us;    /* ASKED, OUT: wall clock at which home wants her back */
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
    int64_t behind_us;    /* how long ago the batch's events happened; 0: now */
    int64_t due_us;       /* wall clock: when a loan is to be looked at next; INT64_MAX: none is */
    uint32_t works;       /* number of loans that wait until the agent's work is over */
    bool freed;           /* some agent's work may be over: the loans are looked at after this event */
    uint64_t last_number; /* number of the last Lend */
};

void loan_lend(struct loans *, const struct message *);   /* AdminRequest lend */
void loan_recall(struct loans *, const struct message *); /* AdminRequest recall */
void loan_on_lent(struct loans *, const struct message *);
void loan_on_answer(struct loans *, const struct message *);
void loan_on_time(struct loans *, const struct message *);  /* Clock */
void loan_on_epoch(struct loans *, const struct message *); /* a journal that was put back knows no loan for sure */
void loan_on_held(struct loans *, const struct message *);  /* the batch is of what happened before: how long ago */
/* A batch begins with it. The first one of a leader has the time of the batch before, by which a lease may go on that
 * is over: an agent of another domain is given nothing until the next batch. */
void loans_begin(struct loans *, bool first);
/* Ends the leases that are over. Each batch but a leader's first one begins with it, before the timers that are due: so
 * nothing of that batch goes to an agent whose lease is over. True: there was something to do. */
bool loans_look(struct loans *);
/* The link is up: tells the loans of its domain again. */
void loans_tell(struct loans *, unsigned link);
/* The domain to which an agent of this one is lent, or is about to be; 0: she is not. */
unsigned loan_of(const struct loans *, uint32_t agent);
/* The logical time until which another domain's agent may be told of what she was chosen for here: after that her home
 * may give her work. 0: whenever, as she is of here, has accepted it, or is asked by a person. */
uint64_t loan_gives_until_us(const struct loans *, const struct claim *);
/* The logical time when the loan ends if nothing more is heard of it: here that of the lease, at home that which was
 * asked for. 0: there is no loan. */
uint64_t loan_ends_us(const struct loans *, uint32_t agent);

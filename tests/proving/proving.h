/* tests/proving/proving.h - The proving ground: cores that die and come back, on a virtual clock.
 *
 * A seed decides all: a random site and its strategies, callers and e-mails, and a story of faults. The core, the
 * journal's partition, recovery and snapshots are those of production; disk, network, switch, mail adapter and agents
 * are simulated.
 *
 *      callers, agents        e-mails           another domain
 *           |                    |                   |
 *      proving_switch.c     proving_mail.c    proving_passage.c    adapters live on while cores die,
 *           |                    |            proving_loan.c -- proving_far.c: the core that agents are lent to and by
 *           '---------------- proving_wire.c ---------'            as does proving_source.c
 *                     |                                delays; cuts that lose what is under way,
 *                     |                                which is sent again until it is acknowledged
 *      proving_node.c: partition and core              killed at each point of a batch; with a standby there are two
 *                     |
 *      proving_store.c                                 writes that are lost, torn, refused, slow; the fence of two
 *                                                      leaders
 *
 * A core without memory really ends in a child (starved.h), and its node dies there.
 *
 * The standby of every fourth seed is follower.h of the journal's room, on the host's clock.
 *
 * proving_ledger.c notes what was promised to somebody outside, and at each restart and at the end asks whether it
 * holds. A story (proving_story.h) is a list of deeds; whatever follows from a deed is drawn by the seed and the deed's
 * own number, so that a story without some of its deeds is still the same story, and a failing one can be made short.
 *
 * It leaves out: when an effect reaches an agent of another domain is not compared with the lease, only what the cores
 * hold of the agent (tests/unit/journal_partition.c has the release); a process that is frozen between its last look at
 * the clock and its socket.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/proving/proving_story.h"

struct batch;
struct core;
struct effect_sink;

/* For tests: what is wrong in a world that is to be found out. */
enum proving_lie {
    LIES_NOT,
    LIES_SYNCED,     /* the disk says that a batch is durable, and forgets it when the power goes */
    LIES_UNFENCED,   /* the store takes a second batch of the same number */
    LIES_UNHEARD,    /* the wire acknowledges an event before it is durable */
    LIES_UNHELD,     /* what the other domain has in its hands can be taken back */
    LIES_GIVEN_BACK, /* the table says that an agent was given back whom the other domain has */
    LIES_TERMLESS,   /* adapters let in a leader of an earlier term than they have seen */
    LIES_UNCOPIED,   /* an append counts as durable while the copies of the database do not answer */
    LIES_SAME_ID,    /* the session of a process is its process id, which others have, too */
    LIES_ANY_TERM,   /* a take that comes late changes the leader's row, whatever term that has now */
    LIES_LEASELESS,  /* the leader's row does not say its lease */
    LIES_UNOWNED,    /* the leader's row does not say to the process whose session it has that it has it */
    LIES_DENIED,     /* an append that the database refused counts as durable */
};

struct proving_options {
    uint64_t seed;
    enum proving_lie lie;
    void (*apply)(struct core *, const struct batch *, const struct effect_sink *); /* for tests: as partition.h says */
};

struct proving_result {
    uint64_t digest; /* of all that happened: equal plays have equal ones */
    uint64_t events, batches, restarts, takeovers, snapshots, cuts, partitions, starved;
    uint64_t calls, answered, abandoned, defaulted, mails, passages, loans;
    char why[512]; /* "": all that was promised holds */
};

/* Plays the story, whose faults and callers are those of its deeds. True: all holds. */
bool proving_play(const struct proving_options *, const struct story *, struct proving_result *);

/* Leaves deeds out of the story for as long as it still fails; asks at most `tries` times. */
void proving_shrink(const struct proving_options *, struct story *, unsigned tries);

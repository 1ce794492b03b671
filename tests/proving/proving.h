/* tests/proving/proving.h - The proving ground: cores that crash and restart, on a virtual clock.
 *
 * A seed decides everything: a random site and its strategies, callers and e-mails, and a story of faults. The core,
 * the journal's partition, recovery and snapshots are those of production; disk, network, switch, mail adapter and
 * agents are simulated.
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
 * A core without memory really ends its process, in a child (starved.h); then its simulated node dies, too.
 *
 * Every fourth seed has a standby: follower.h of runtime/journal, on the simulated clock.
 *
 * proving_ledger.c notes promises made to the outside (acknowledged events, seen effects), and checks at each
 * restart and at the end that they hold. A story (proving_story.h) is a list of deeds; everything that follows from
 * a deed is drawn by the seed and the deed's own number, so that a story without some of its deeds stays otherwise
 * the same, and a failing one can be shortened.
 *
 * Not covered: when an effect reaches an agent of another domain is not compared with the lease, only the claims
 * that the cores have on the agent (tests/unit/journal_partition.c tests the release); nor a process that is frozen
 * between its last look at the clock and its write to the socket; nor routes to places where nobody is logged in
 * (tests/unit/core_place.c plays any order of their events, tests/promises/night_phone.sh kills meanwhile); nor
 * rollouts (tests/unit/core_rollout.c plays them, with a core beside that is loaded from a snapshot after each batch).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/proving/proving_story.h"

struct batch;
struct core;
struct effect_sink;

/* For tests of the proving ground: a mistake put into the world, which it must find. */
enum proving_lie {
    LIES_NOT,
    LIES_SYNCED,     /* the disk reports that a batch is durable, and loses the batch when the power fails */
    LIES_UNFENCED,   /* the store accepts a second batch of the same number */
    LIES_UNHEARD,    /* the wire acknowledges an event before it is durable */
    LIES_UNHELD,     /* an interaction that the other domain has accepted can be taken back */
    LIES_GIVEN_BACK, /* the table says that an agent was given back, though the other domain still has the agent */
    LIES_TERMLESS,   /* adapters accept a leader of an earlier term than the latest they know */
    LIES_UNCOPIED,   /* an append counts as durable while the copies of the database do not answer */
    LIES_SAME_ID,    /* the session of a process is its process id, which other processes may have, too */
    LIES_ANY_TERM,   /* a late take of the lead changes the leader's row even if its term has changed */
    LIES_LEASELESS,  /* the leader's row does not contain its lease */
    LIES_UNOWNED,    /* a process is not told that the session in the leader's row is its own */
    LIES_DENIED,     /* an append that the database refused counts as durable */
};

struct proving_options {
    uint64_t seed;
    enum proving_lie lie;
    /* for tests: called in place of core_apply(), where it is not NULL */
    void (*apply)(struct core *, const struct batch *, const struct effect_sink *);
};

struct proving_result {
    uint64_t digest; /* a hash of everything that happened: equal plays have equal digests */
    uint64_t events, batches, restarts, takeovers, snapshots, cuts, partitions, starved;
    uint64_t calls, answered, abandoned, defaulted, mails, passages, loans, unreplied;
    char why[512]; /* why the play failed; "": every promise was kept */
};

/* Plays the story with its callers and faults. True: all holds. */
bool proving_play(const struct proving_options *, const struct story *, struct proving_result *);

/* Removes deeds from the story as long as it still fails; plays it at most `tries` times. */
void proving_shrink(const struct proving_options *, struct story *, unsigned tries);

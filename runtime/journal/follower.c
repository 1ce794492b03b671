/* runtime/journal/follower.c - Applies what the leader appends, and decides when the leader has been silent too
 * long.
 *
 *     batches ---- look, apply ----> core, always behind the leader by little
 *     signs (term, seen, last) ----> signed_us: when something last changed
 *     silence >= lease + a random part + rank ----> take the next number --ok--> leads
 *                                                                        --no--> goes on following
 *
 * Only the store decides who leads: if two processes write the same next number, one fails. The lease, its random
 * part and the rank only make it rare that several try at the same time. A time in which the database did not answer
 * says nothing about the leader, so it is not counted as silence. */
#include "runtime/journal/follower.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/recovery.h"
#include "base/memory.h"
#include "runtime/vocabulary/semantics.h"

enum {
    PART = 8,       /* a turn waits, or applies, for the lease divided by this */
    RANK_PART = 2,  /* for each machine that goes first, a follower waits longer by the lease divided by this */
    RANK_MOST = 4,  /* ... at most so many machines that go first are counted */
    AGAIN_PART = 4, /* after a failed try, wait for the lease divided by this before the next */
};

struct follower {
    struct follower_options options;
    struct batches *store;
    struct core *core;
    struct journal_head head;
    uint64_t snapshot, applied;
    struct batches_sign sign; /* the leader's last new sign of life */
    uint64_t signed_us;   /* when `sign` came, or a try to lead was refused; 0: neither since the database answers */
    uint64_t led_us;      /* when somebody last led, moved on by times in which nothing was known; 0: nobody has */
    bool led;             /* somebody has led since the first look at the journal */
    uint64_t patience_us; /* the random part added to the lease */
    uint64_t tried_us;    /* when the last try to lead failed; 0: none has failed */
    uint64_t away_us;     /* since when the database has not answered; 0: its last answer came */
    struct error why;     /* why the last try to lead failed */
};

static uint64_t follower_now(const struct follower *follower)
{
    const struct host *host = follower->options.host;
    return host ? host->monotonic_us(host->self) : host_monotonic_us();
}

/* Draws a random part of the lease, so that one of several followers is the first to try. */
static uint64_t follower_patience(const struct follower_options *options)
{
    uint32_t below = (uint32_t)(options->lease_us / 2 + 1), drawn = 0;
    if (!options->host) return randombytes_uniform(below);
    options->host->entropy(options->host->self, &drawn, sizeof drawn);
    return drawn % below;
}

/* Returns the lease by which the leader gives signs; this follower's own lease if that is longer or the leader's is
 * unknown. */
static uint64_t follower_lease(const struct follower *follower)
{
    uint64_t own_us = follower->options.lease_us, its_us = follower->sign.lease_us;
    return its_us > own_us ? its_us : own_us;
}

/* Makes a follower; its core recovers as a leader's would, but its effects are not sent. */
struct follower *follower_open(const struct follower_options *options, struct batches *store, struct error *error)
{
    assert(options->core.image && options->lease_us > 0);
    struct follower *follower = memory_zeroed(1, sizeof *follower);
    follower->options = *options;
    follower->store = store;
    follower->patience_us = follower_patience(options);
    struct recovery recovery = {
        .store = store, .state = options->state, .told = options->told, .core = &follower->options.core};
    follower->core = journal_recover(&recovery, &follower->head, error);
    follower->snapshot = recovery.snapshot;
    follower->applied = recovery.applied;
    if (follower->core) {
        batches_stands(store, follower->head.number);
        return follower;
    }
    follower_free(follower);
    return NULL;
}

void follower_free(struct follower *follower)
{
    if (!follower) return;
    core_free(follower->core);
    free(follower);
}

/* Applies the new batches; false: a batch does not fit after the one before. The time limit starts when the first
 * batch is there, because the answer that brings it may itself take longer. */
static bool follower_apply(struct follower *follower, uint64_t within_us, struct error *error)
{
    uint64_t last = batches_last(follower->store), until_us = UINT64_MAX;
    while (follower->head.number < last && follower_now(follower) < until_us) {
        if (!journal_next(follower->store, &follower->options.core, follower->core, &follower->head, NULL, error))
            return false;
        if (follower->head.hidden > 0)
            return error_set(error, ERROR_UNKNOWN, "a key of what is secret in batch %llu is not there",
                             (unsigned long long)follower->head.number);
        follower->applied++;
        if (until_us == UINT64_MAX) until_us = follower_now(follower) + within_us;
    }
    return true;
}

/* Handles an answer of the database: as the leader needs the database, too, a time without answers says nothing
 * about who leads. */
static void follower_answered(struct follower *follower, uint64_t asked_us)
{
    uint64_t since_us = follower->away_us != 0 ? follower->away_us : asked_us;
    uint64_t silent_us = follower_now(follower) - since_us;
    if (follower->led_us != 0 && silent_us >= follower->options.lease_us / 2) follower->led_us += silent_us;
    follower->away_us = 0;
}

/* Notes whether the leader has given a sign of life since the last look. */
static void follower_judge(struct follower *follower)
{
    struct batches_sign sign;
    batches_sign(follower->store, &sign);
    const struct batches_sign *before = &follower->sign;
    bool signs = sign.term != before->term || sign.seen != before->seen || sign.last != before->last;
    if (follower->signed_us == 0 || signs) follower->signed_us = follower_now(follower);
    bool leads = signs && !sign.left && !sign.ours;
    if (leads && follower->led_us != 0) follower->led = true; /* the first sign read may be that of a dead leader */
    if (follower->led_us == 0 || leads) follower->led_us = follower_now(follower);
    follower->sign = sign;
}

/* Returns how much later this follower tries: the machine that leads the fewest journals is first, so that the
 * journals of a dead machine are spread over the others. */
static uint64_t follower_rank_us(const struct follower *follower)
{
    uint64_t rank = follower->sign.first < RANK_MOST ? follower->sign.first : RANK_MOST;
    return rank * follower->options.lease_us / RANK_PART;
}

/* Is it time to take the lead? Returns false until all batches are applied: a leader must begin with the state at the
 * journal's end. */
static bool lead_is_due(const struct follower *follower)
{
    if (follower->head.number < follower->sign.last) return false;
    uint64_t now_us = follower_now(follower);
    if (follower->tried_us > 0 && now_us - follower->tried_us < follower->options.lease_us / AGAIN_PART) return false;
    if (follower->sign.left || follower->sign.ours) return true;
    return now_us - follower->signed_us >=
           follower_lease(follower) + follower->patience_us + follower_rank_us(follower);
}

/* Tries to append the next row: a batch without events, with the time of the batch before, so that no further timers
 * fire in it. The core applies that batch only when it is in the journal. */
static enum follower_outcome lead_take(struct follower *follower, struct error *error)
{
    struct batch batch = {.partition = follower->options.core.partition,
                          .epoch = follower->head.epoch,
                          .number = follower->head.number + 1,
                          .semantics = SEMANTICS_NUMBER,
                          .time_us = follower->head.time_us,
                          .digest_before = core_digest(follower->core)};
    uint8_t hash[CORE_HASH];
    memcpy(batch.previous, follower->head.previous, CORE_HASH);
    size_t length = batch_size(&batch);
    uint8_t *bytes = memory_grown(NULL, length, 1);
    batch_encode(&batch, bytes, hash);
    enum append_result result =
        batches_take(follower->store, batch.number, (struct span){bytes, (uint32_t)length}, error);
    free(bytes);
    follower->signed_us = 0; /* after a refused try to lead, the wait for the leader begins again */
    if (result != APPEND_OK) {
        follower->tried_us = follower_now(follower);
        follower->why = *error;
        return FOLLOWER_ON;
    }
    return follower_apply(follower, INT64_MAX, error) ? FOLLOWER_LEADS : FOLLOWER_ENDS;
}

/* One turn waits or applies for a part of the lease, so that the caller can do other things between turns. */
enum follower_outcome follower_turn(struct follower *follower, struct error *error)
{
    uint64_t part_us = follower->options.lease_us / PART;
    bool behind = follower->head.number < batches_last(follower->store);
    batches_hear(follower->store, behind ? 0 : (unsigned)(part_us / 1000 + 1));
    uint64_t asked_us = follower_now(follower);
    if (!batches_look(follower->store, error)) {
        follower->signed_us = 0;
        if (follower->away_us == 0) follower->away_us = asked_us;
        return error->code == ERROR_SYSTEM ? FOLLOWER_AWAY : FOLLOWER_ENDS;
    }
    follower_answered(follower, asked_us);
    follower_judge(follower);
    bool good = follower_apply(follower, part_us, error);
    /* A database that took so long to answer was unreachable for the leader, too. */
    if (follower_now(follower) - asked_us >= follower->options.lease_us / 2)
        follower->signed_us = follower_now(follower);
    if (!good) return error->code == ERROR_SYSTEM ? FOLLOWER_AWAY : FOLLOWER_ENDS;
    return lead_is_due(follower) ? lead_take(follower, error) : FOLLOWER_ON;
}

/* Returns how long nobody has led: from the moment when a leader says that it leaves, nobody leads. A leader that gives
 * no sign may still lead until its lease is over. */
static uint64_t follower_unled(const struct follower *follower)
{
    const struct batches_sign *sign = &follower->sign;
    uint64_t since_us = follower_now(follower) - follower->led_us;
    if (follower->away_us != 0 || follower->led_us == 0) return 0;
    return sign->left || sign->ours || since_us > follower_lease(follower) ? since_us : 0;
}

static const char *follower_why(const struct follower *follower)
{
    if (follower->head.number < follower->sign.last) return "this one has not applied all batches yet";
    return follower->why.code != ERROR_NONE ? follower->why.text : "it is not this one's turn yet";
}

void follower_read(const struct follower *follower, struct follower_row *row)
{
    *row = (struct follower_row){.events = follower->head.events,
                                 .batch = follower->head.number,
                                 .last = follower->sign.last,
                                 .term = follower->sign.term,
                                 .quiet_us = follower->signed_us ? follower_now(follower) - follower->signed_us : 0,
                                 .unled_us = follower_unled(follower),
                                 .led = follower->led,
                                 .why = follower_why(follower)};
}

/* Gives the core to the caller; afterwards the follower can only be freed. */
struct partition_begun follower_core_take(struct follower *follower, struct core_options *options)
{
    struct partition_begun begun = {
        .core = follower->core, .head = follower->head, .snapshot = follower->snapshot, .tail = follower->applied};
    *options = follower->options.core;
    follower->core = NULL;
    return begun;
}

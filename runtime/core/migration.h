/* runtime/core/migration.h - The semantics numbers from which a snapshot can be taken over, and how.
 *
 * A journal is replayed only by the program of its own number. A snapshot is the bridge: what it holds is read by the
 * version of its bytes, and then brought from its number to this one's, step by step (migrations.def). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct core;

/* All its parts have been read, and are sound; the core's invariants are asked afterwards. False: it cannot be, and
 * why. */
typedef bool migration_step(struct core *, struct error *);

struct migration {
    uint32_t from, to;
    migration_step *step;
};

struct migrations {
    uint32_t to; /* the number at which they end */
    const struct migration *all;
    size_t count;
};

/* This version's. */
extern const struct migrations migrations_here;

/* Do steps lead from that number to `to`? True if it is `to` already. */
bool migrations_reach(const struct migrations *, uint32_t from);
/* Takes those steps. */
bool migrations_take(const struct migrations *, uint32_t from, struct core *, struct error *);

/* Can this version load a snapshot of that semantics number? */
bool core_takes_over(uint32_t semantics);

/* runtime/core/migration.h - The semantics numbers from which a snapshot can be taken over, and how.
 *
 * A journal is replayed only by a program of its own semantics number. A snapshot is the bridge: its contents are read
 * by the version of its bytes, and then brought from its number to the program's, step by step (migrations.def). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct core;

/* Brings a core from one semantics number to the next. All parts have been read and are sound; the core's invariants
 * are checked afterwards. False, and the error says why: this cannot be done. */
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

/* The steps of this version. */
extern const struct migrations migrations_here;

/* Do the steps lead from that number to `to`? True if the number is `to`. */
bool migrations_reach(const struct migrations *, uint32_t from);
/* Takes the steps from that number to `to`. False, and the error says why: one has failed. */
bool migrations_take(const struct migrations *, uint32_t from, struct core *, struct error *);

/* Can this version load a snapshot of that semantics number? */
bool core_takes_over(uint32_t semantics);

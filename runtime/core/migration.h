/* runtime/core/migration.h - The semantics numbers whose snapshots can be loaded, and how.
 *
 * A journal is replayed only by a program of the same semantics number. A snapshot can be taken to a newer program:
 * it is read by the version of its format, and then changed from its semantics number to the program's, step by step
 * (migrations.def). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct core;

/* Changes a core from one semantics number to a later one. All parts have been read and are sound; the core's
 * invariants are checked afterwards. False, with a reason in the error: this cannot be done. */
typedef bool migration_step(struct core *, struct error *);

struct migration {
    uint32_t from, to;
    migration_step *step;
};

struct migrations {
    uint32_t to; /* the last number, which the steps reach */
    const struct migration *all;
    size_t count;
};

/* The migration steps that this version of the program knows. */
extern const struct migrations migrations_here;

/* Do the steps lead from the given number to `to`? Also true if the number is `to`. */
bool migrations_reach(const struct migrations *, uint32_t from);
/* Carries out the steps from the given number to `to`. False, with a reason in the error: a step has failed. */
bool migrations_take(const struct migrations *, uint32_t from, struct core *, struct error *);

/* Can this version load a snapshot of the given semantics number? */
bool core_takes_over(uint32_t semantics);

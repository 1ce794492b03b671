/* runtime/daemon/admin/rollout_ask.h - The words of `gcxctl rollout`, read and checked before anything is asked of the
 * core.
 *
 * Owns nothing: the texts belong to the request. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/core/rollouts/rollout.h"

struct rollout_ask {
    const char *point, *what, *by;      /* by "": the interaction itself */
    uint16_t shares[ROLLOUT_STEPS_MAX]; /* parts of 10,000, rising; the last is all */
    unsigned steps;
    struct rollout_guard guards[ROLLOUT_GUARDS_MAX];
    unsigned guard_count;
    int64_t hold_us, expires_us;
    int64_t at_us; /* wall clock; 0: now */
    bool ask, approval, slices, plan;
    bool site; /* a guard is about all arrivals */
};

/* Reads the request of the command `rollout`. `now_us`: the wall clock. False with the word that is wrong and its cure.
 */
bool rollout_ask_read(const json_t *request, int64_t now_us, struct rollout_ask *, struct error *);

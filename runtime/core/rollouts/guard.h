/* runtime/core/rollouts/guard.h - Guards of a rollout as people write them: "abandoned:+1pt", "sl/20s:-2pt",
 * "wait:p90:+5s", and for all arrivals of the point, whatever version they have, "site:abandoned:2%..5%". Pure
 * functions of texts; the daemon and gcxctl use them, too. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum rollout_guard_kind {
#define HARD(id, name, doc)                         ROLLOUT_GUARD_##id,
#define RATE(id, name, seconds, grows, margin, doc) ROLLOUT_GUARD_##id,
#define TIME(id, name, quantile, margin, doc)       ROLLOUT_GUARD_##id,
#include "runtime/core/rollouts/rollout_guards.def"
    ROLLOUT_GUARDS
};

enum rollout_guard_family { ROLLOUT_HARD, ROLLOUT_RATE, ROLLOUT_TIME };

enum { ROLLOUT_GUARD_TEXT = 48 };

struct rollout_guard {
    uint8_t kind;     /* enum rollout_guard_kind; never a hard one */
    uint32_t seconds; /* 0: the guard has none */
    uint32_t margin;  /* how much worse the new version may be: in parts of 10,000, or in milliseconds */
    bool site;        /* the figure of all arrivals of the point is between `low` and `margin` */
    uint32_t low;     /* parts of 10,000 */
};

/* Reads a guard. False: it is none, and `fault` is a sentence for people. Hard guards always hold and are refused. */
bool rollout_guard_read(struct span text, struct rollout_guard *, const char **fault);
/* Writes the guard as a person would type it, with its margin. */
void rollout_guard_write(const struct rollout_guard *, char text[ROLLOUT_GUARD_TEXT]);

const char *rollout_guard_name(unsigned kind);
enum rollout_guard_family rollout_guard_family(unsigned kind);
/* True: a greater figure is worse. */
bool rollout_guard_grows(unsigned kind);
/* Returns the words of an answer (enum evidence_says), such as "no worse". */
const char *rollout_guard_words(unsigned says);
/* Of a TIME guard; in percent. */
unsigned rollout_guard_quantile(unsigned kind);

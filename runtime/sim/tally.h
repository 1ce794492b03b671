/* runtime/sim/tally.h - The results of many calls: counts, how long they waited, how fast they were decided.
 *
 * The decision time is from the caller's last answer, as it left the switch, to the RouteSelect that came for it, where
 * no other treatment began between: then the call waited, and its wait counts instead. */
#pragma once

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/sim/switch.h"

struct tally;

struct tally *tally_new(uint32_t calls);
void tally_free(struct tally *);

/* Each report as it is sent to the T-Server at `clock_us`, a clock of its own; `call`: which of the calls, from 0.
 * `agent`: the place reported is an agent's. */
void tally_report(struct tally *, uint32_t call, const struct switch_report *, bool agent, uint64_t clock_us);
void tally_selected(struct tally *, uint32_t call, uint64_t clock_us); /* RouteSelect came, to a good destination */

/* The core says that so many went to a default destination: at the switch they looked like routed to a queue. */
void tally_defaulted(struct tally *, uint32_t count);

enum tally_end { TALLY_LIVING, TALLY_ROUTED, TALLY_QUEUED, TALLY_DEFAULTED, TALLY_ABANDONED, TALLY_LOST, TALLY_ENDS };
uint32_t tally_count(const struct tally *, enum tally_end);

json_t *tally_json(const struct tally *);
void tally_print(const struct tally *, FILE *);

/* runtime/sim/tally.h - The results of many calls: counts, waiting times, decision times.
 *
 * The decision time is from the caller's last answer, as sent by the switch, to the following RouteSelect, unless
 * another treatment began in between: then the call waited, and its waiting time counts instead. */
#pragma once

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/sim/switch.h"

struct tally;

struct tally *tally_new(uint32_t calls);
void tally_free(struct tally *);

/* Notes each report when it is sent to the T-Server at `clock_us`, a separate clock; `call`: index of the call, from
 * 0. `agent`: the reported DN is an agent's. */
void tally_report(struct tally *, uint32_t call, const struct switch_report *, bool agent, uint64_t clock_us);
void tally_selected(struct tally *, uint32_t call, uint64_t clock_us); /* a RouteSelect with a valid destination came */

/* Notes that by the core's count so many calls went to a default destination: at the switch they looked like routed
 * to a queue. */
void tally_defaulted(struct tally *, uint32_t count);

enum tally_end { TALLY_LIVING, TALLY_ROUTED, TALLY_QUEUED, TALLY_DEFAULTED, TALLY_ABANDONED, TALLY_LOST, TALLY_ENDS };
uint32_t tally_count(const struct tally *, enum tally_end);

json_t *tally_json(const struct tally *);
void tally_print(const struct tally *, FILE *);

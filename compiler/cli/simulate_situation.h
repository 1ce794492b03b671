/* compiler/cli/simulate_situation.h - gcxc simulate: how things stand at a site now, and the days that are played. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "compiler/cli/command.h"
#include "runtime/vocabulary/kv.h"

struct simulate_situation {
    struct span settings, change; /* owned */
    bool changes;                 /* there is a change, which is tried */
};

/* Reads --situation, where it is given. False: a mistake was printed. */
bool simulate_situation_open(struct simulate_situation *, const struct options *);
void simulate_situation_close(struct simulate_situation *);

/* Reads the dates of --day, which commas part; an empty text is the last day of the records. Returns how many there
 * are; 0: a mistake was printed. */
enum { SIMULATE_DAYS = 16, SIMULATE_DAY = 24 };
uint32_t simulate_days(const char *list, char days[SIMULATE_DAYS][SIMULATE_DAY]);

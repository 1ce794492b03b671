/* runtime/core/run/consult.h - Consultations and their main interactions: how they are linked, which data one reads
 * from the other, and what happens to a consultation when the main call ends or is transferred to it.
 *
 * A consultation knows its main interaction, and the main interaction lists its consultations, from the arrival of a
 * consultation until one of the two ends or they are merged. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"
#include "vm/image.h"

struct core;
struct interaction;

void consult_begin(struct core *, struct interaction *consult, struct interaction *main);
void consult_over(struct core *, struct interaction *); /* ends the consultation's link to its main interaction */
/* Separates one consultation from a main interaction that has ended, and returns it; the consultation goes on alone.
 * NULL: there is none. */
struct interaction *consult_left(struct core *, struct interaction *main);
/* Makes the consultations of a main interaction, which is merged into `other`, consultations about `other`, except
 * `other` itself. */
void consult_main_becomes(struct core *, struct interaction *main, struct interaction *other);

/* Notes an event for the consultation. The event's handler runs as soon as the interaction waits and is not on its
 * way to a destination; strategy.c runs it. False: no strategy works on it, so the event is not noted. */
bool consult_happened(struct core *, struct interaction *, enum image_event);
/* Takes the event whose handler may run now, and returns the handler. NULL: there is no such event, or no handler
 * for it. */
const struct image_handler *consult_due(struct core *, struct interaction *);

/* Called by the VM, see vm/exec.h. */
bool consult_main(void *core, uint32_t block, bool slot, uint32_t number, uint64_t *word);

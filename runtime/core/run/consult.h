/* runtime/core/run/consult.h - Consultations and the main interactions that they are about: the links between them, the
 * data one reads of the other, and the fate of a consultation when the main call ends or is transferred to it.
 *
 * A consultation knows its main interaction, and the main interaction lists its consultations, from the consultation's
 * arrival until one of them ends or they are merged. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"
#include "vm/image.h"

struct core;
struct interaction;

void consult_begin(struct core *, struct interaction *consult, struct interaction *main);
void consult_over(struct core *, struct interaction *); /* ends the link to its main interaction */
/* Detaches one consultation from a main interaction that is over, and returns it; it goes on by itself. NULL: there is
 * none. */
struct interaction *consult_left(struct core *, struct interaction *main);
/* Makes the consultations of a main interaction, which is merged into `other`, consultations about `other`, except
 * `other` itself. */
void consult_main_becomes(struct core *, struct interaction *main, struct interaction *other);

/* An event of the consultation. Its handler runs as soon as the interaction waits and is not on its way to a
 * destination; strategy.c runs it. False: no strategy works on it, so there is no event. */
bool consult_happened(struct core *, struct interaction *, enum image_event);
/* Takes an event whose handler may run now. NULL: there is none, or no handler for it. */
const struct image_handler *consult_due(struct core *, struct interaction *);

/* For the VM, see vm/exec.h. */
bool consult_main(void *core, uint32_t block, bool slot, uint32_t number, uint64_t *word);

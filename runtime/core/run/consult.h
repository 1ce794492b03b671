/* runtime/core/run/consult.h - Consultations and the main interactions about which they are: who belongs to whom, what one
 * reads of the other, and what becomes of a consultation when the main call ends or is transferred to it.
 *
 * A consultation knows its main interaction, which lists its consultations, from its arrival until either is over or
 * they become one. */
#ifndef CORE_CONSULT_H
#define CORE_CONSULT_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/image.h"

struct core;
struct interaction;

void consult_begin(struct core *, struct interaction *consult, struct interaction *main);
void consult_over(struct core *, struct interaction *); /* as a consultation */
/* The main interaction is over: its consultations go on by themselves, and are told. */
void consult_main_over(struct core *, struct interaction *main);
/* It lives on as another one: so do the consultations about it, but for that one itself. */
void consult_main_becomes(struct core *, struct interaction *main, struct interaction *other);

/* What happened to it: its handler runs as soon as it waits and is not on its way to somebody. */
void consult_event(struct core *, struct interaction *, enum image_event);
void consult_due(struct core *, struct interaction *);

/* For the VM, see vm/exec.h. */
bool consult_main(void *core, uint32_t block, bool slot, uint32_t number, uint64_t *word);

#endif

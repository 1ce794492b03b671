/* runtime/adapters/sip/sound_fault.h - What must hold where sound goes through. Where it does not, that sound is left
 * out and the log has it: an assertion would end all calls of the exchange for what one of them has met. Assertions are
 * for memory that would be wrong. */
#pragma once

#include <stdbool.h>

/* False where the condition does not hold, which is noted. */
#define SOUND_HOLDS(condition) ((condition) || sound_fault(__func__, #condition))

bool sound_fault(const char *function, const char *condition); /* false */
/* The function and condition of the last fault, and how many there were, since it was asked last; NULL: none. */
const char *sound_fault_take(unsigned *count);

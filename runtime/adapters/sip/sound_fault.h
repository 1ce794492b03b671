/* runtime/adapters/sip/sound_fault.h - Checks conditions that must hold while sound is handled. If a condition fails,
 * that sound is left out and the fault is logged: an assertion would end all calls of the exchange because of one.
 * Assertions are for cases in which memory would be corrupt. */
#pragma once

#include <stdbool.h>

/* False: the condition does not hold, and the fault is noted. */
#define SOUND_HOLDS(condition) ((condition) || sound_fault(__func__, #condition))

bool sound_fault(const char *function, const char *condition); /* false */
/* Returns the function and condition of the last fault, and the number of faults since the last call; NULL: there
 * was none. */
const char *sound_fault_take(unsigned *count);

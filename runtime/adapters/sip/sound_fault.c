/* runtime/adapters/sip/sound_fault.c - Keeps the last fault and the number of faults; one thread handles all sound
 * of the exchange, so no lock is needed. */
#include "runtime/adapters/sip/sound_fault.h"

#include <stdio.h>

static char fault[160];
static unsigned faults;

bool sound_fault(const char *function, const char *condition)
{
    snprintf(fault, sizeof fault, "%s: %s", function, condition);
    faults++;
    return false;
}

const char *sound_fault_take(unsigned *count)
{
    *count = faults;
    faults = 0;
    return *count > 0 ? fault : NULL;
}

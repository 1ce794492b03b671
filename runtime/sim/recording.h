/* runtime/sim/recording.h - What the simulated switch records: silence as long as the caller spoke, whose reference is
 * told and whose bytes are nowhere. */
#ifndef SIM_RECORDING_H
#define SIM_RECORDING_H

#include <stdint.h>

#include "runtime/sim/switch.h"

enum { RECORDING_KEY = 16, RECORDING_HASH = 32 };

struct sim_recording {
    const char *store, *media_type;
    char key[RECORDING_KEY];
    uint64_t length; /* bytes; 0: nothing was recorded */
    uint8_t sha256[RECORDING_HASH];
};

/* Of a treatment that has ended. */
struct sim_recording recording_of(const struct switch_report *);

#endif

/* runtime/sim/recording.h - The recordings of the simulated switch: silence, as long as the caller spoke. It tells a
 * reference; the bytes are nowhere. */
#pragma once

#include <stdint.h>

#include "runtime/sim/switch.h"

enum { RECORDING_KEY = 16, RECORDING_HASH = 32 };

struct sim_recording {
    const char *store, *media_type;
    char key[RECORDING_KEY];
    uint64_t length; /* bytes; 0: nothing was recorded */
    uint8_t sha256[RECORDING_HASH];
};

/* The recording of a treatment that has ended. */
struct sim_recording recording_of(const struct switch_report *);

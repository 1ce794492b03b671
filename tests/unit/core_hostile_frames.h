/* tests/unit/core_hostile_frames.h - Frames of every kind with any values; the numbers in `seq` go on. */
#ifndef CORE_HOSTILE_FRAMES_H
#define CORE_HOSTILE_FRAMES_H

#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct writer;

struct span hostile_frame(uint64_t *seed, uint64_t seq[80], struct writer *);

#endif

/* tests/unit/core_hostile_frames.h - Frames of every kind with any values, about what there is in a world and about
 * what there is not. */
#pragma once

#include <stdint.h>

#include "tests/unit/core_fixture.h"

struct hostile {
    uint64_t seed;
    struct core_world *world;
    uint64_t conns; /* the first ConnIDs are used up */
    unsigned kind;  /* of the newest frame */
};

/* A world with two switches and ways between them. */
struct core_world *hostile_world(void);
struct span hostile_frame(struct hostile *);

/* tests/proving/proving_story.h - A story: what happens to a world, deed by deed. Owns its deeds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum told {
#define TOLD(name, weight, a, b, doc) TOLD_##name,
#include "tests/proving/proving_story.def"
    TOLDS
};

struct told_deed {
    uint64_t at_us;
    uint32_t number; /* the deed's number in the story as first drawn; all its consequences are drawn by it */
    uint32_t what;   /* enum told */
    uint32_t a, b;
};

struct story {
    uint64_t seed;
    bool standby;    /* there are two nodes, one of which follows */
    uint64_t end_us; /* the time after which no more deeds come, and everything has to end */
    struct told_deed *deeds;
    size_t count;
};

/* Returns a random number below `below`, which depends on seed, purpose and number. */
uint64_t story_drawn(uint64_t seed, uint32_t purpose, uint64_t number, uint64_t below);

void story_draw(struct story *, uint64_t seed);
void story_free(struct story *);
/* Writes the story as text: a line for the seed, then one line per deed. */
void story_write(const struct story *, FILE *);
bool story_read(struct story *, FILE *, struct error *);

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
    uint32_t number; /* among the deeds of its story as it was drawn: what follows is drawn by it */
    uint32_t what;   /* enum told */
    uint32_t a, b;
};

struct story {
    uint64_t seed;
    bool standby;    /* two nodes, one of which follows */
    uint64_t end_us; /* from then on nothing more happens of itself, and all is to come to its end */
    struct told_deed *deeds;
    size_t count;
};

/* A number below `below`, drawn by seed, purpose and number. */
uint64_t story_drawn(uint64_t seed, uint32_t purpose, uint64_t number, uint64_t below);

void story_draw(struct story *, uint64_t seed);
void story_free(struct story *);
/* As text: a line for the seed, then one per deed. */
void story_write(const struct story *, FILE *);
bool story_read(struct story *, FILE *, struct error *);

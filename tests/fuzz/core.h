/* tests/fuzz/core.h - Which image fuzz_core.c runs: the enterprise strategy's, or that of a random program. */
#pragma once

#include "tests/fuzz/fuzz.h"

struct image;
/* Kept by who makes it, until the next call; `strategy`: the name of the one that calls begin with. */
const struct image *fuzz_core_image(struct input *, const char **strategy);

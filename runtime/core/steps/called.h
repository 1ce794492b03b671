/* runtime/core/steps/called.h - Decides which numbers may be called, if a number came as data and is dialled later. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

/* How the core decides which numbers may be called back, as the step's argument `judged` says. */
enum called_judge {
    CALLED_JUDGE_CORE,  /* the core alone decides, by refused_numbers.def */
    CALLED_JUDGE_SITE,  /* the site's table has allowed the number; the core refuses emergency services */
    CALLED_JUDGE_BEFORE /* for programs of older compilers: any number with 3 to 15 digits may be called back */
};

/* Reads the step's argument `judged`; `parameter` is its number. */
enum called_judge called_judge_of(const struct core *, const struct interaction *, uint8_t fiber, uint16_t parameter);
/* May the number be called back? */
bool called_back_may_be(const struct core *, struct span number, enum called_judge);
/* Is it the number of an emergency service, and no DN of the directory? */
bool called_is_emergency(const struct core *, struct span number);

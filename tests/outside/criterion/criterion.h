/* tests/outside/criterion/criterion.h - The few words of Criterion that the fixture of the core uses, for a program
 * whose libraries must all be built anew. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTSIDE_HOLDS(condition)                                                                                       \
    do {                                                                                                               \
        if (condition) break;                                                                                          \
        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                                \
        abort();                                                                                                       \
    } while (0)
#define cr_assert(condition, ...)     OUTSIDE_HOLDS(condition)
#define cr_assert_not(condition, ...) OUTSIDE_HOLDS(!(condition))
#define cr_assert_eq(a, b, ...)       OUTSIDE_HOLDS((a) == (b))
#define cr_assert_neq(a, b, ...)      OUTSIDE_HOLDS((a) != (b))
#define cr_assert_lt(a, b, ...)       OUTSIDE_HOLDS((a) < (b))
#define cr_assert_leq(a, b, ...)      OUTSIDE_HOLDS((a) <= (b))
#define cr_assert_gt(a, b, ...)       OUTSIDE_HOLDS((a) > (b))
#define cr_assert_geq(a, b, ...)      OUTSIDE_HOLDS((a) >= (b))
#define cr_assert_null(a, ...)        OUTSIDE_HOLDS(!(a))
#define cr_assert_str_eq(a, b, ...)   OUTSIDE_HOLDS(strcmp(a, b) == 0)
#define cr_fail(...)                  OUTSIDE_HOLDS(!"reached")

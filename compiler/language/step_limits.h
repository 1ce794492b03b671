/* compiler/language/step_limits.h - How many parts of each kind a step, a function or a program may have: the
 * compiler's arrays have that size. */
#pragma once

enum { STEP_PARAMS_MAX = 12, STEP_EXITS_MAX = 12 };
enum {
    LOCALS_MAX = 256,
    KEYS_MAX = 64,
    CALL_ARGUMENTS_MAX = 32,
    CAPTURES_MAX = 16, /* the most values captured for a selection's line */
    REASONS_MAX = 256, /* the most numbers of enum code, each a bit in a set */
};

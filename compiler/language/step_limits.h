/* compiler/language/step_limits.h - How much of each kind a step, a function or a program may have: the compiler has
 * room for so many. */
#pragma once

enum { STEP_PARAMS_MAX = 8, STEP_EXITS_MAX = 12 };
enum {
    LOCALS_MAX = 256,
    KEYS_MAX = 64,
    CALL_ARGUMENTS_MAX = 32,
    CAPTURES_MAX = 16, /* values captured for a selection's line */
    REASONS_MAX = 256, /* numbers of enum code: a bit each */
};

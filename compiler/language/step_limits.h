/* compiler/language/step_limits.h - How many parameters and exits a step may have: the compiler has room for them. */
#ifndef COMPILER_STEP_LIMITS_H
#define COMPILER_STEP_LIMITS_H

enum { STEP_PARAMS_MAX = 8, STEP_EXITS_MAX = 12 };

#endif

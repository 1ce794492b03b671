/* base/dumps.h - Programs that handle people's texts and keys leave no core dump, and other processes of the same
 * user cannot read their memory with a debugger. */
#pragma once

#include <stdbool.h>

/* The environment's variable by which developers allow dumps and debuggers again, set to 1. */
#define DUMPS_ALLOWED "GCX_ALLOW_DUMPS"

/* Forbids core dumps and debuggers of this process. Call it first in main(), as an exec allows core dumps again.
 * False: dumps were allowed, or this is a build with a sanitizer, which looks for leaks as a debugger does. */
bool dumps_forbid(void);

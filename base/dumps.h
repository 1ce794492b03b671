/* base/dumps.h - Programs that hold people's texts and keys leave no core dump, and no debugger of
 * another process of their user reads their memory. */
#pragma once

#include <stdbool.h>

/* The environment's variable by which developers allow dumps and debuggers again, set to 1. */
#define DUMPS_ALLOWED "GCX_ALLOW_DUMPS"

/* Forbids core dumps and debuggers of this process. To be called first in main(), as an exec allows them again. False:
 * dumps were allowed, or this is a build with a sanitizer, which looks for leaks as a debugger does. */
bool dumps_forbid(void);

/* base/dumps.h - Programs that hold people's texts and keys leave no core dump, and no debugger of
 * another process of their user reads their memory. */
#pragma once

#include <stdbool.h>

/* The environment's variable by which developers allow dumps and debuggers again, set to 1. */
#define DUMPS_ALLOWED "GCX_ALLOW_DUMPS"

/* From here on this process is dumped by nobody. It is to be called first in main(): an exec begins anew. False: dumps
 * were allowed, or this is a build with a sanitizer, which looks for leaks as a debugger does. */
bool dumps_forbid(void);

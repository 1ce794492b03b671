/* tests/proving/starved.h - Refuses memory at a chosen allocation, in a child process that shows what happens then.
 *
 * At that allocation the process forks: the child is refused the memory, and continues with the code after the
 * allocation. The parent waits for the end of the child, reports the child's status to the caller, and continues
 * with the memory. So the process itself loses nothing, and can test one allocation after another in one run.
 *
 * The linker uses these functions instead of those of the C library (STARVED_WRAPS, tests/proving/local.mk).
 * Allocations within shared libraries are not counted. Single-threaded. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define STARVED_NEVER UINT64_MAX

/* Called when a child has ended, with its status as waitpid() returns it; -1: no child could be made. Returns how
 * many allocations succeed before the next one that is refused. */
typedef uint64_t starved_ended(void *self, int status);

/* Begins to count: so many allocations succeed, and the next one is refused. */
void starved_from(uint64_t left, starved_ended *, void *self);
/* Ends counting; returns how many allocations were left. */
uint64_t starved_until(void);
/* Is this process the child that was refused the memory? */
bool starved_here(void);
/* Did the child end itself in the way that vm/memory.h and base/memory.h promise for missing memory? */
bool starved_as_promised(int status);

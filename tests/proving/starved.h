/* tests/proving/starved.h - Memory that is refused at a chosen allocation, in a process that shows what becomes of it.
 *
 * At that allocation the process splits: the child is refused the memory and does with it what the code at that place
 * does. The parent waits for its end, tells the caller of it, and goes on with the memory. So the process itself loses
 * nothing, and can look at one allocation after another in one run.
 *
 * The linker puts these functions before those of the C library (STARVED_WRAPS, tests/proving/local.mk). Allocations
 * within shared libraries are not counted. Single-threaded. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define STARVED_NEVER UINT64_MAX

/* A child has ended, with that status as waitpid() has it; -1: there could be none. Returns how many allocations
 * succeed before the next one that is refused. */
typedef uint64_t starved_ended(void *self, int status);

/* From now on so many allocations succeed, and the next one does not. */
void starved_from(uint64_t left, starved_ended *, void *self);
/* Nothing is counted any more; returns how many allocations were left. */
uint64_t starved_until(void);
/* This is the child, which was refused. */
bool starved_here(void);
/* It has ended itself as memory that runs out does: vm/memory.h, base/memory.h. */
bool starved_as_promised(int status);

/* runtime/host/real.h - The real part of a host: clocks and random bytes.
 *
 * Wake-ups, appends and effects are done by runtime/daemon, which has the threads and the loop. */
#pragma once

#include "runtime/host/host.h"

uint64_t host_monotonic_us(void);
uint64_t host_wall_clock_us(void);

enum { BOOT_SIZE = 40 };

/* Sets monotonic_us, wall_us, entropy and boot, which is written to the caller's memory; the other fields stay as
 * they are. */
void host_real(struct host *, char boot[BOOT_SIZE]);

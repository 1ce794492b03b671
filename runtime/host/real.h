/* runtime/host/real.h - The real world's part of a host: clocks and entropy.
 *
 * Waking, appending and releasing belong to whoever has the threads and the loop (runtime/daemon). */
#pragma once

#include "runtime/host/host.h"

uint64_t host_monotonic_us(void);
uint64_t host_wall_clock_us(void);

enum { BOOT_SIZE = 40 };

/* Sets monotonic_us, wall_us, entropy and boot, which is written to the caller's memory, and leaves the rest. */
void host_real(struct host *, char boot[BOOT_SIZE]);

/* runtime/host/real.c - The clocks and the random bytes of the operating system.
 *
 * Only clocks, entropy and the boot's name are set here. The caller sets the other functions of struct host, such as
 * those for wake-ups and appends. An error of a clock would be a fault of gcx or of the kernel, so it ends the
 * process (asserted). */
#include "runtime/host/real.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static uint64_t real_clock_us(clockid_t which)
{
    struct timespec now;
    int result = clock_gettime(which, &now);
    assert(result == 0);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t host_monotonic_us(void)
{
    return real_clock_us(CLOCK_MONOTONIC);
}

uint64_t host_wall_clock_us(void)
{
    return real_clock_us(CLOCK_REALTIME);
}

static uint64_t real_monotonic_us(void *self)
{
    (void)self;
    return host_monotonic_us();
}

static int64_t real_wall_us(void *self)
{
    (void)self;
    return (int64_t)host_wall_clock_us();
}

/* Fills the bytes; the loop goes on if a signal interrupts the call or the kernel gives fewer bytes. */
static void real_entropy(void *self, void *bytes, size_t length)
{
    (void)self;
    for (size_t done = 0; done < length;) {
        ssize_t got = getrandom((char *)bytes + done, length - done, 0);
        assert(got > 0 || errno == EINTR);
        if (got > 0) done += (size_t)got;
    }
}

/* Reads the kernel's name for this run of the machine (random(4)); "": the kernel gives none. */
static void read_boot(char boot[BOOT_SIZE])
{
    boot[0] = '\0';
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!file) return;
    if (!fgets(boot, BOOT_SIZE, file)) boot[0] = '\0';
    boot[strcspn(boot, "\n")] = '\0';
    fclose(file);
}

void host_real(struct host *host, char boot[BOOT_SIZE])
{
    read_boot(boot);
    host->monotonic_us = real_monotonic_us;
    host->wall_us = real_wall_us;
    host->entropy = real_entropy;
    host->boot = boot;
}

/* runtime/adapters/cti/hosts.h - The hosts that connect, and how often with a wrong password: one row per address.
 *
 * An address is kept while it has connections or has failed lately; the table owns the rows, and forgets idle ones. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapter/address.h"
#include "runtime/adapters/cti/index.h"

enum { HOSTS_MAX = 65536 };

struct switch_host {
    char address[ADDRESS_TEXT];
    unsigned connections;
    int64_t failed_us; /* time that its failures have used up: a minute's worth at most */
    int64_t counted_us;
    struct switch_host *next;
};

struct switch_hosts {
    struct switch_host *first;
    struct index by_address;
};

void hosts_free(struct switch_hosts *);
/* The row of the address, made where it is new. NULL: there are too many that are busy. */
struct switch_host *hosts_get(struct switch_hosts *, const char *address, int64_t now_us);

/* May it try once more, of `a_minute` failures? And it has failed. */
bool host_may_try(struct switch_host *, unsigned a_minute, int64_t now_us);
void host_failed(struct switch_host *, unsigned a_minute);

/* runtime/adapters/cti/hosts.h - The hosts that connect, and their failed logins: one row for each IP address.
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
    int64_t failed_us; /* time that its failed logins have used up: at most a minute's worth */
    int64_t counted_us;
    struct switch_host *next;
};

struct switch_hosts {
    struct switch_host *first;
    struct index by_address;
};

void hosts_free(struct switch_hosts *);
/* Returns the row of the address, which is made if it is new. NULL: the table is full of addresses that are in use. */
struct switch_host *hosts_get(struct switch_hosts *, const char *address, int64_t now_us);

/* May the address try to log in once more, if it may fail `a_minute` times in a minute? host_failed() counts a
 * failure. */
bool host_may_try(struct switch_host *, unsigned a_minute, int64_t now_us);
void host_failed(struct switch_host *, unsigned a_minute);

/* runtime/adapters/cti/hosts.c - The table of IP addresses that connect.
 *
 * Failed logins are counted as time: each adds its share of a minute, and the sum falls as time passes. So an
 * address has so many tries in a minute, and no list of its failures is needed. An address is forgotten when it has
 * neither connections nor recent failures. */
#include "runtime/adapters/cti/hosts.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { MINUTE_US = 60000000 };

void hosts_free(struct switch_hosts *hosts)
{
    while (hosts->first) {
        struct switch_host *host = hosts->first;
        hosts->first = host->next;
        free(host);
    }
    index_free(&hosts->by_address);
}

/* Lets the time that failures have used up decrease by the time that has passed. */
static void host_count(struct switch_host *host, int64_t now_us)
{
    int64_t passed_us = now_us > host->counted_us ? now_us - host->counted_us : 0;
    host->failed_us = host->failed_us > passed_us ? host->failed_us - passed_us : 0;
    host->counted_us = now_us;
}

static void forget_idle(struct switch_hosts *hosts, int64_t now_us)
{
    for (struct switch_host **at = &hosts->first; *at;) {
        struct switch_host *host = *at;
        host_count(host, now_us);
        if (host->connections > 0 || host->failed_us > 0) {
            at = &host->next;
            continue;
        }
        *at = host->next;
        index_remove(&hosts->by_address, host->address);
        free(host);
    }
}

struct switch_host *hosts_get(struct switch_hosts *hosts, const char *address, int64_t now_us)
{
    struct switch_host *host = index_find(&hosts->by_address, address);
    if (host) return host;
    /* Idle addresses are removed when the count reaches a power of two, so that this costs little on average, and
     * when the table is full. */
    unsigned count = index_count(&hosts->by_address);
    if (count >= HOSTS_MAX || (count >= 64 && (count & (count - 1)) == 0)) forget_idle(hosts, now_us);
    if (index_count(&hosts->by_address) >= HOSTS_MAX) return NULL;
    host = memory_zeroed(1, sizeof *host);
    text_set(host->address, sizeof host->address, address);
    host->counted_us = now_us;
    host->next = hosts->first;
    hosts->first = host;
    index_add(&hosts->by_address, host->address, host);
    return host;
}

bool host_may_try(struct switch_host *host, unsigned a_minute, int64_t now_us)
{
    assert(a_minute > 0);
    host_count(host, now_us);
    return host->failed_us + MINUTE_US / (int64_t)a_minute <= MINUTE_US;
}

void host_failed(struct switch_host *host, unsigned a_minute)
{
    assert(a_minute > 0);
    host->failed_us += MINUTE_US / (int64_t)a_minute;
}

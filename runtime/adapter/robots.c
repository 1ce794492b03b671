/* runtime/adapter/robots.c - Counts a machine's messages per address; ten minutes after the first message the
 * address is forgotten, and the count begins anew. */
#include "runtime/adapter/robots.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>

#include "base/memory.h"
#include "runtime/vocabulary/denied.h"

#define ROBOTS_SWEEP_US UINT64_C(600000000)

struct robots {
    uint64_t most, swept_us;
    bool (*is_ours)(void *self, const char *address);
    void *self;
    GHashTable *addresses; /* a table of struct denied_machine, by the address in lower case */
};

struct robots *robots_new(uint64_t most, bool (*is_ours)(void *self, const char *address), void *self)
{
    assert(most > 0 && is_ours);
    struct robots *robots = memory_zeroed(1, sizeof *robots);
    *robots = (struct robots){most, 0, is_ours, self, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    return robots;
}

void robots_free(struct robots *robots)
{
    if (!robots) return;
    g_hash_table_destroy(robots->addresses);
    free(robots);
}

static gboolean robot_is_old(gpointer key, gpointer robot, gpointer now_us)
{
    (void)key;
    return denied_machine_old(robot, *(uint64_t *)now_us);
}

/* Counts one more message to the address; true: that is one too many. */
static bool robots_often(struct robots *robots, const char *address, uint64_t now_us)
{
    char *key = g_utf8_casefold(address, -1);
    struct denied_machine *robot = g_hash_table_lookup(robots->addresses, key);
    if (!robot) g_hash_table_insert(robots->addresses, g_strdup(key), robot = g_new0(struct denied_machine, 1));
    g_free(key);
    return denied_machine_often(robot, robots->most, now_us);
}

const char *robots_refusal(struct robots *robots, const char *address, uint64_t now_us)
{
    assert(robots && address);
    if (now_us - robots->swept_us > ROBOTS_SWEEP_US) {
        g_hash_table_foreach_remove(robots->addresses, robot_is_old, &now_us);
        robots->swept_us = now_us;
    }
    if (robots->is_ours(robots->self, address)) return denied_words(WHY_ours);
    return robots_often(robots, address, now_us) ? denied_words(WHY_often) : NULL;
}

/* runtime/adapter/robots.c - A row per address; ten minutes after its first message it is forgotten, and begins anew.
 */
#include "runtime/adapter/robots.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>

#include "base/memory.h"

#define ROBOTS_US UINT64_C(600000000)

struct robots {
    uint64_t most, swept_us;
    bool (*is_ours)(void *self, const char *address);
    void *self;
    GHashTable *addresses; /* of struct robot, by the address in one spelling */
};

struct robot {
    uint64_t since_us, count;
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
    return *(uint64_t *)now_us - ((struct robot *)robot)->since_us > ROBOTS_US;
}

/* One more to the address; returns how many that makes. */
static uint64_t robots_count(struct robots *robots, const char *address, uint64_t now_us)
{
    char *key = g_utf8_casefold(address, -1);
    struct robot *robot = g_hash_table_lookup(robots->addresses, key);
    if (!robot || robot_is_old(key, robot, &now_us)) {
        robot = g_new0(struct robot, 1);
        robot->since_us = now_us;
        g_hash_table_replace(robots->addresses, g_strdup(key), robot);
    }
    g_free(key);
    return ++robot->count;
}

const char *robots_refusal(struct robots *robots, const char *address, uint64_t now_us)
{
    assert(robots && address);
    if (now_us - robots->swept_us > ROBOTS_US) {
        g_hash_table_foreach_remove(robots->addresses, robot_is_old, &now_us);
        robots->swept_us = now_us;
    }
    if (robots->is_ours(robots->self, address)) return "the address is one of ours, and a machine wrote it";
    return robots_count(robots, address, now_us) > robots->most
               ? "machines wrote to the address too often in ten minutes"
               : NULL;
}

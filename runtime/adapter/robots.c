/* runtime/adapter/robots.c - A row per address; ten minutes after its first message it is forgotten, and begins anew.
 */
#include "runtime/adapter/robots.h"

#include <assert.h>

#define ROBOTS_US UINT64_C(600000000)

struct robot {
    uint64_t since_us;
    unsigned count;
};

GHashTable *robots_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

unsigned robots_count(GHashTable *robots, const char *address, uint64_t now_us)
{
    assert(robots && address);
    char *key = g_utf8_casefold(address, -1);
    struct robot *robot = g_hash_table_lookup(robots, key);
    if (robot) {
        g_free(key);
        return ++robot->count;
    }
    robot = g_new0(struct robot, 1);
    *robot = (struct robot){now_us, 1};
    g_hash_table_insert(robots, key, robot);
    return 1;
}

static gboolean robot_is_old(gpointer key, gpointer robot, gpointer now_us)
{
    (void)key;
    return *(uint64_t *)now_us - ((struct robot *)robot)->since_us > ROBOTS_US;
}

void robots_tick(GHashTable *robots, uint64_t now_us)
{
    g_hash_table_foreach_remove(robots, robot_is_old, &now_us);
}

/* runtime/adapters/desk/watch.c - Objects whose changes are sent to browsers: the core is asked once for all
 * browsers.
 *
 * A watch is an object with the set of agents who watch it. The core is told when the first agent begins and when
 * the last one stops. Another agent's workbin is the exception (watch_is_checked): whether it may be watched depends
 * on the agent, so each agent is registered at the core. Agents who come later get `last`. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/desk/watch.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

#define EVERYBODY "*" /* the owner of a workbin that belongs to everybody */

static char *watched_key(enum object object, const char *name, const char *whose)
{
    return g_strdup_printf("%u\n%s\n%s", object, name, whose ? whose : "");
}

void watch_free(gpointer data)
{
    struct desk_watch *watch = data;
    g_hash_table_destroy(watch->agents);
    json_decref(watch->last);
    free(watch);
}

bool watch_add(struct desk_agent *agent, enum object object, const char *name, const char *whose)
{
    char *key = watched_key(object, name, whose);
    struct desk_watch *watch = g_hash_table_lookup(agent->desk->watches, key);
    bool first = !watch;
    if (first) {
        watch = memory_zeroed(1, sizeof *watch);
        watch->object = object;
        text_set(watch->name, sizeof watch->name, name);
        text_set(watch->whose, sizeof watch->whose, whose ? whose : "");
        watch->agents = g_hash_table_new(g_direct_hash, g_direct_equal);
        g_hash_table_insert(agent->desk->watches, g_strdup(key), watch);
    }
    if (g_hash_table_add(watch->agents, agent) && watch->last) agent_tell(agent, json_incref(watch->last));
    g_free(key);
    return first;
}

bool watch_remove(struct desk_agent *agent, enum object object, const char *name, const char *whose)
{
    char *key = watched_key(object, name, whose);
    struct desk_watch *watch = g_hash_table_lookup(agent->desk->watches, key);
    bool last = watch && g_hash_table_remove(watch->agents, agent) && g_hash_table_size(watch->agents) == 0;
    if (last) g_hash_table_remove(agent->desk->watches, key);
    g_free(key);
    return last;
}

void watch_drop(struct desk *desk, enum object object, const char *name, const char *whose)
{
    char *key = watched_key(object, name, whose);
    g_hash_table_remove(desk->watches, key);
    g_free(key);
}

bool watch_is_checked(const struct desk_agent *agent, enum object object, const char *whose)
{
    assert(object != object_workbin || whose); /* each workbin has an owner */
    return object == object_workbin && strcmp(whose, agent->name) != 0 && strcmp(whose, EVERYBODY) != 0;
}

void watch_tell(struct desk *desk, enum object object, const char *name, const char *whose, json_t *message)
{
    char *key = watched_key(object, name, whose);
    struct desk_watch *watch = g_hash_table_lookup(desk->watches, key);
    GHashTableIter at;
    gpointer agent;
    if (watch) g_hash_table_iter_init(&at, watch->agents);
    while (watch && g_hash_table_iter_next(&at, &agent, NULL)) agent_tell(agent, json_incref(message));
    if (watch) {
        json_decref(watch->last);
        watch->last = json_incref(message);
    }
    json_decref(message);
    g_free(key);
}

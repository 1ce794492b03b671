/* runtime/adapters/desk/watch_core.c - Registers at the core for the changes of objects that browsers watch. */
#include <assert.h>

#include "runtime/adapters/desk/watch.h"
#include "runtime/vocabulary/events_agent.h"

/* Handles the core's answer. An object that the core does not know is watched by nobody. A workbin that the core
 * checks is watched by the agent only after the core has agreed, and no longer once it refuses. */
static void register_done(struct desk_request *request, const struct message *reply, bool good)
{
    assert(request->more);
    struct desk_agent *agent = request->agent;
    enum object object = (enum object)json_integer_value(json_object_get(request->more, "object"));
    const char *name = json_string_value(json_object_get(request->more, "name"));
    const char *whose = json_string_value(json_object_get(request->more, "whose"));
    (void)reply;
    if (!agent) return;
    if (!watch_is_checked(agent, object, whose)) {
        if (!good) watch_drop(agent->desk, object, name, whose);
    } else if (good) {
        if (agent->ticket != 0 && agent->ticket == request->ticket) (void)watch_add(agent, object, name, whose);
    } else if (watch_remove(agent, object, name, whose)) {
        watch_register(agent, object, name, whose, false, 0);
    }
}

/* Registers at the core. `supervises`: the core relies on the desk for the role, as it knows no users. */
void watch_register(struct desk_agent *agent, enum object object, const char *name, const char *whose, bool on,
                    json_int_t id)
{
    assert(name);
    struct desk_request *request = core_ask(agent, KIND_RequestRegister, 0, id);
    struct writer *writer = &agent->desk->writer;
    request->after = on ? register_done : NULL;
    request->more = json_pack("{s:i, s:s, s:s*}", "object", (int)object, "name", name, "whose", whose);
    writer_u(writer, RequestRegister_object, object);
    writer_text(writer, RequestRegister_name, name);
    writer_u(writer, RequestRegister_on, on);
    if (whose) writer_text(writer, RequestRegister_whose, whose);
    writer_u(writer, RequestRegister_supervises, agent->session && agent->session->role == ROLE_supervisor);
    core_send(request);
}

/* Begins or ends an agent's watch; the core is told about the first and the last agent, all others are served from
 * here. */
void watch_set(struct desk_agent *agent, enum object object, const char *name, const char *whose, bool on,
               json_int_t id)
{
    if (on && watch_is_checked(agent, object, whose)) {
        watch_register(agent, object, name, whose, on, id);
        return;
    }
    bool changes = (on ? watch_add : watch_remove)(agent, object, name, whose);
    if (changes)
        watch_register(agent, object, name, whose, on, id);
    else if (id != 0)
        agent_reply(agent, agent->ticket, id, NULL, NULL, NULL);
}

void watch_forget(struct desk_agent *agent)
{
    GList *all = g_hash_table_get_values(agent->desk->watches);
    for (GList *one = all; one; one = one->next) {
        struct desk_watch watch = *(struct desk_watch *)one->data; /* a copy, as the call may free the watch */
        if (g_hash_table_contains(watch.agents, agent))
            watch_set(agent, watch.object, watch.name, *watch.whose ? watch.whose : NULL, false, 0);
    }
    g_list_free(all);
}

/* Registers all watches again: after a resync the core knows none. */
void watch_all(struct desk *desk)
{
    GHashTableIter at, of;
    gpointer value, agent;
    g_hash_table_iter_init(&at, desk->watches);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct desk_watch *watch = value;
        g_hash_table_iter_init(&of, watch->agents);
        while (g_hash_table_iter_next(&of, &agent, NULL)) {
            watch_register(agent, watch->object, watch->name, *watch->whose ? watch->whose : NULL, true, 0);
            if (!watch_is_checked(agent, watch->object, watch->whose)) break;
        }
    }
}

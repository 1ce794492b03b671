/* runtime/adapters/cti/agents.c - The table of agent sessions.
 *
 * A session is in three structures: the list of all, the index by DN, and the chain of its agent's sessions, of
 * which the index by agent has the head. The head is the session that changed last: its state is the agent's. */
#include "runtime/adapters/cti/agents.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

struct agent_session *agents_at(const struct switch_agents *agents, const char *dn)
{
    return index_find(&agents->by_dn, dn);
}

struct agent_session *agents_of(const struct switch_agents *agents, const char *agent)
{
    return index_find(&agents->by_agent, agent);
}

struct agent_session *agents_of_at(const struct switch_agents *agents, const char *agent, const char *dn)
{
    struct agent_session *session = agents_at(agents, dn);
    return session && strcmp(session->agent, agent) == 0 ? session : agents_of(agents, agent);
}

bool agents_have_desktop(const struct switch_agents *agents, const char *agent)
{
    const struct agent_session *session = agents_of(agents, agent);
    while (session && session->client_count == 0) session = session->also;
    return session;
}

/* Makes the session the head of its agent's chain; the index keeps a pointer to the head's own name as its key. */
static void set_latest(struct switch_agents *agents, struct agent_session *session)
{
    struct agent_session *first = agents_of(agents, session->agent);
    if (first) index_remove(&agents->by_agent, session->agent);
    session->also = first;
    index_add(&agents->by_agent, session->agent, session);
}

static void unlink_from_agent(struct switch_agents *agents, struct agent_session *session)
{
    struct agent_session *first = agents_of(agents, session->agent), **at = &first;
    assert(first); /* the index has the agent's latest session, so there is one */
    index_remove(&agents->by_agent, session->agent);
    while (*at != session) at = &(*at)->also;
    *at = session->also;
    if (first) index_add(&agents->by_agent, first->agent, first);
}

void agents_logout(struct switch_agents *agents, struct agent_session *session)
{
    assert(session->previous || agents->first == session); /* the session is in the table */
    unlink_from_agent(agents, session);
    index_remove(&agents->by_dn, session->dn);
    if (session->previous)
        session->previous->next = session->next;
    else
        agents->first = session->next;
    if (session->next) session->next->previous = session->previous;
    kv_free(&session->reasons);
    free(session->clients);
    free(session);
}

void agents_free(struct switch_agents *agents)
{
    while (agents->first) agents_logout(agents, agents->first);
    index_free(&agents->by_agent);
    index_free(&agents->by_dn);
}

/* Adds a session, which begins not ready; the switch reports any other state afterwards. */
struct agent_session *agents_login(struct switch_agents *agents, const char *agent, const char *dn, int64_t now_us)
{
    assert(*agent && *dn);
    struct agent_session *session = agents_at(agents, dn);
    if (session && strcmp(session->agent, agent) == 0) return session;
    if (session) agents_logout(agents, session);
    session = memory_zeroed(1, sizeof *session);
    text_set(session->agent, sizeof session->agent, agent);
    text_set(session->dn, sizeof session->dn, dn);
    session->state = agent_state_not_ready;
    session->since_us = now_us;
    session->next = agents->first;
    if (agents->first) agents->first->previous = session;
    agents->first = session;
    set_latest(agents, session);
    index_add(&agents->by_dn, session->dn, session);
    return session;
}

void agent_session_set(struct switch_agents *agents, struct agent_session *session, enum agent_state state,
                       enum work_mode work_mode, struct span reasons, int64_t now_us)
{
    assert(*session->agent && *session->dn);
    struct kv_pair pair;
    if (agents_of(agents, session->agent) != session) {
        unlink_from_agent(agents, session);
        set_latest(agents, session);
    }
    session->leaving = false;
    session->state = state;
    session->work_mode = work_mode;
    session->since_us = now_us;
    kv_clear(&session->reasons);
    for (uint32_t at = 0; kv_next(reasons, &at, &pair);) kv_put(&session->reasons, pair.key, &pair.value);
}

static unsigned agents_position(const struct agent_session *session, uint64_t client)
{
    unsigned i = 0;
    while (i < session->client_count && session->clients[i] != client) i++;
    return i;
}

void session_join(struct agent_session *session, uint64_t client)
{
    session->logout_at_us = 0;
    if (agents_position(session, client) == session->client_count) {
        session->clients = memory_grown(session->clients, session->client_count + 1, sizeof *session->clients);
        session->clients[session->client_count++] = client;
    }
}

bool agent_session_leave(struct agent_session *session, uint64_t client)
{
    unsigned i = agents_position(session, client);
    if (i == session->client_count) return false;
    session->client_count--;
    memmove(session->clients + i, session->clients + i + 1, (session->client_count - i) * sizeof *session->clients);
    return session->client_count == 0;
}

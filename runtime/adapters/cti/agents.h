/* runtime/adapters/cti/agents.h - The agents who are logged in: where, in what state, with which desktops.
 *
 * At a DN there is at most one agent; an agent may be logged in at several DNs, with a session at each. A session is
 * made by a login and ended by a logout, both facts of the switch. Desktops (clients) that requested something in
 * the agent's name are joined to the session; when the last is lost the session gets a deadline. The table owns the
 * sessions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/call.h"
#include "runtime/adapters/cti/index.h"

struct agent_session {
    char agent[NAME_SIZE], dn[NAME_SIZE], queue[NAME_SIZE];
    enum agent_state state; /* ready, not_ready, after_call_work */
    enum work_mode work_mode;
    struct kv reasons;
    int64_t since_us;
    uint64_t *clients;
    unsigned client_count;
    int64_t logout_at_us;       /* when the agent is logged out for lack of a desktop; 0: not planned */
    int64_t ready_at_us;        /* when the automatic after-call work ends; 0: the agent is in none */
    bool seen;                  /* the session is in the snapshot that is being read */
    bool leaving;               /* the switch was asked to log the agent out, and has not changed the state since */
    struct agent_session *also; /* the agent's session that changed before this one; NULL: this is the last */
    struct agent_session *previous, *next;
};

struct switch_agents {
    struct agent_session *first;
    struct index by_agent, by_dn;
};

void agents_free(struct switch_agents *);
struct agent_session *agents_at(const struct switch_agents *, const char *dn);
/* Returns the agent's session that changed last; the agent's other sessions follow by `also`. */
struct agent_session *agents_of(const struct switch_agents *, const char *agent);
/* The agent's session at that DN, or else the one that changed last. */
struct agent_session *agents_of_at(const struct switch_agents *, const char *agent, const char *dn);
bool agents_have_desktop(const struct switch_agents *, const char *agent); /* has the agent a desktop at any of their
                                                                            * DNs? */
/* Adds a session, and removes that of an agent who was at the DN before, as the switch is right. */
struct agent_session *agents_login(struct switch_agents *, const char *agent, const char *dn, int64_t now_us);
void agents_logout(struct switch_agents *, struct agent_session *);

/* Changes the session's state, and makes it the agent's latest session. */
void agent_session_set(struct switch_agents *, struct agent_session *, enum agent_state, enum work_mode,
                       struct span reasons, int64_t now_us);
/* Joins a desktop to the session; the session has no deadline any more. */
void session_join(struct agent_session *, uint64_t client);
/* True: the client was the session's last desktop. */
bool agent_session_leave(struct agent_session *, uint64_t client);

/* runtime/adapters/cti/agents.h - The agents who are logged in: where, in what state, with which desktops.
 *
 * A DN has one agent; an agent may be logged in at several DNs, with a session at each. A session is made by a login
 * and ended by a logout, both facts of the switch. The desktops (clients) that asked something in the agent's name are
 * joined to it; when the last is lost the session has a deadline. The table owns the sessions. */
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
    int64_t logout_at_us;       /* 0: a desktop is there, or never was */
    int64_t ready_at_us;        /* the automatic after-call work ends; 0: it is in none */
    bool seen;                  /* by the snapshot that is being read */
    bool leaving;               /* the switch was asked to log it out, and its state has not changed since */
    struct agent_session *also; /* the agent's session that changed before this one; NULL: the last of them */
    struct agent_session *previous, *next;
};

struct switch_agents {
    struct agent_session *first;
    struct index by_agent, by_dn;
};

void agents_free(struct switch_agents *);
struct agent_session *agents_at(const struct switch_agents *, const char *dn);
/* The agent's session that changed last; its others follow by `also`. */
struct agent_session *agents_of(const struct switch_agents *, const char *agent);
/* The agent's session at that DN, or else the one that changed last. */
struct agent_session *agents_of_at(const struct switch_agents *, const char *agent, const char *dn);
bool agents_have_desktop(const struct switch_agents *, const char *agent); /* at any of its DNs */
/* A login: takes the place of who was at the DN, as the switch is right. */
struct agent_session *agents_login(struct switch_agents *, const char *agent, const char *dn, int64_t now_us);
void agents_logout(struct switch_agents *, struct agent_session *);

/* The session changes: it is the agent's latest. */
void agent_session_set(struct switch_agents *, struct agent_session *, enum agent_state, enum work_mode,
                       struct span reasons, int64_t now_us);
/* A desktop is joined; the deadline is off. */
void session_join(struct agent_session *, uint64_t client);
/* True where it was the last of them. */
bool agent_session_leave(struct agent_session *, uint64_t client);

/* runtime/core/people/agent.h - Who works here: skills, groups, state, place, claims; and who is ready, in idle order.
 *
 * The table owns the agents. An agent keeps its slot for good, named by the directory or by the first event about it
 * (then it has no skills). The ready list holds exactly those who could be chosen now, longest idle first. */
#ifndef CORE_AGENT_H
#define CORE_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/vocabulary.h"

enum { AGENT_NONE = UINT32_MAX, AGENTS_MAX = 1u << 20, AGENT_SKILLS_MAX = 256, AGENT_GROUPS_MAX = 256 };

struct agent_skill {
    uint32_t skill; /* a name */
    uint32_t level; /* 1 to 100 */
};

struct agent {
    uint32_t name, dn, place; /* names */
    uint32_t claims;          /* list of claims, CLAIM_NONE at its end */
    uint32_t previous, next;  /* in the ready list */
    uint32_t timer;
    uint32_t not_ready_ref;    /* of a SetAgentState under way */
    uint64_t since_us;         /* in this state */
    int64_t switch_since_us;   /* the newest report's own time: older ones change nothing */
    uint64_t idle_rank;        /* its place in idle order, given when it became free and ready; 0: it is not */
    uint64_t idle_us;          /* and when that was */
    uint64_t out_until_us;     /* its destination is dead: not chosen until then */
    uint64_t desktop_until_us; /* so long its desktop is awaited; 0: until its adapter says what becomes of the agent */
    uint64_t ixn;              /* served now, or 0 */
    struct agent_skill *skills;
    uint32_t *groups;
    uint32_t skill_capacity, group_capacity;
    uint32_t profile; /* + 1; 0: it has not been looked for */
    uint16_t skill_count, group_count;
    uint16_t source;  /* the link that reports about it */
    uint16_t claimed; /* outstanding claims */
    uint8_t state;    /* enum agent_state */
    uint8_t after;    /* the state when the last claim is over; 0: as it is then */
    bool after_asked; /* of us: the switch is told */
    bool known;       /* the directory has it */
    bool dn_out;      /* its DN is out of service */
    bool dnd;         /* does not want to be disturbed, in whatever state */
    bool held;        /* its link is down or in resync */
    bool listed;      /* in the ready list */
    bool dirty;       /* became ready since selection looked last */
    bool newly;       /* used while all are settled at once */
    bool seen;        /* observed in this resync */
    bool desktop;     /* has had one since the login */
    bool deskless;    /* and it is away: the agent is not chosen until it is back */
    bool place_told;  /* its link said at which place it is: place.h */
};

struct agents {
    struct agent *all;
    uint32_t count, capacity;
    struct lookup by_name, by_dn;
    uint32_t first, last, ready; /* the ready list */
    uint32_t logged_in, claimed;
    uint32_t present; /* in the directory, or logged in: the others only keep their slots */
    uint32_t *dirty, dirty_count, dirty_capacity;
    bool dirty_in_order; /* of idleness */
    uint64_t last_rank;
    uint64_t content; /* of the digest: their desktops */
};

void agent_table_init(struct agents *);
void agent_table_free(struct agents *);

struct agent *agent_at(const struct agents *, uint32_t agent);
bool agent_find(const struct agents *, uint32_t name, uint32_t *agent);
bool agent_on_dn(const struct agents *, uint32_t dn, uint32_t *agent);
/* AGENT_NONE when there are too many. */
uint32_t agent_add(struct agents *, uint32_t name);

/* Logged in on this DN; whoever was there before no longer is. */
void agent_set_dn(struct agents *, uint32_t agent, uint32_t dn);
void agent_set_known(struct agents *, uint32_t agent, bool known); /* does the directory have it? */
void agent_set_state(struct agents *, uint32_t agent, enum agent_state, uint64_t now_us);
/* Has the agent had a desktop since the login, is it away, and until when is it awaited (0: no end is known)? */
void agent_set_desktop(struct agents *, uint32_t agent, bool had, bool away, uint64_t until_us);
void agent_forget_desktop(struct agents *, uint32_t agent); /* the login that it belonged to is over */
uint32_t agent_level(const struct agent *, uint32_t skill); /* 0: has it not */
bool agent_in_group(const struct agent *, uint32_t group);
void agent_set_skill(struct agent *, uint32_t skill, uint32_t level); /* level 0 takes it away */
void agent_set_group(struct agent *, uint32_t group, bool in);
bool agent_logged_in(const struct agent *);
bool agent_reachable(const struct agent *); /* logged in, at a DN that takes calls */
bool agent_available(const struct agent *, uint64_t now_us);

/* Something about the agent changed: puts it into the ready list or takes it out. Who becomes ready is remembered for
 * selection. `served` where it ends a call: then it is idle from now on. */
void agent_settle(struct agents *, uint32_t agent, uint64_t now_us, bool served);

/* The same for everybody at once, as when a link is held or free again. */
void agents_settle(struct agents *, uint64_t now_us);

void agent_dirty(struct agents *, uint32_t agent); /* selection looks at it again */

bool agents_check(const struct agents *, uint64_t now_us);

#endif

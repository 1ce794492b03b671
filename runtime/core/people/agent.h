/* runtime/core/people/agent.h - Agents: skills, groups, state, place and claims; and the ready agents in idle order.
 *
 * The table owns the agents. The directory or the first event about an agent makes it; in the second case it has no
 * skills. An agent to whom something else may refer keeps its slot for good: others hold the slot, strategies in their
 * values too. Any other agent whom the directory does not have goes after its log-out, and its slot is given again; so
 * a made-up name costs nothing for long. Whom the directory does not have is bounded, too, which leaves the room of the
 * site's own agents alone. Invariant: the ready list holds exactly the agents who could be chosen now for some medium,
 * longest idle first. An agent who is given an interaction and can take more goes to the end. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/people/ability.h"
#include "runtime/core/people/capacity.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/people/line.h"
#include "runtime/vocabulary/vocabulary.h"

struct keeper;

enum {
    AGENT_NONE = UINT32_MAX,
    AGENTS_MAX = 1u << 20,
    AGENTS_UNKNOWN_MAX = 1u << 16, /* most agents whom the directory does not have */
    AGENTS_SWEEP = 1024,           /* how many agents log out before the next sweep is due */
    AGENT_SKILLS_MAX = 256,
    AGENT_GROUPS_MAX = 256
};

/* AGENT_LENT_AWAY: the agent is lent to another domain; AGENT_LENT_HERE: the agent's home domain has lent it to this
 * one. */
enum agent_lent { AGENT_NOT_LENT, AGENT_LENT_AWAY, AGENT_LENT_HERE };

/* What the core notes about an agent and one medium. The row is made when there is something to note. */
struct agent_medium {
    uint32_t reason; /* name of the reason of the medium's own state (a medium in `own`); 0: none */
    uint8_t medium;
    uint8_t after; /* state to take when the last claim of the medium is over (media_none: the last of all claims); 0:
                      no change */
    bool asked; /* `after` comes from a request to the core, which must tell the switch; false: it comes from the switch
                 */
};

struct agent {
    uint32_t name, place;    /* names; name 0: the slot is free */
    uint32_t display;        /* name that people read, from the directory; 0: none */
    uint32_t reason;         /* name of the reason that was reported with its state, for people to read; 0: none */
    uint32_t claims;         /* list of claims, CLAIM_NONE at its end */
    uint32_t previous, next; /* neighbours in the ready list */
    uint32_t timer;
    uint32_t lines;               /* list of the DNs where it is, the main one first (line.h) */
    uint16_t claimed;             /* number of outstanding claims */
    bool listed;                  /* in the ready list; selection reads it and idle_rank of thousands at once */
    bool dirty;                   /* became ready since selection looked last */
    uint32_t promised;            /* name of the group whose campaigns have dialled a number for the agent; 0: none */
    struct media_set open;        /* media of which it may be given one more interaction */
    struct media_set open_failed; /* media that would be in `open` if their destination had not failed */
    uint16_t capacity;            /* slot of the rule in force (capacity.h): its own, or else its place's */
    uint16_t own_capacity;        /* slot of its own rule, from the directory; CAPACITY_SINGLE: none */
    uint32_t not_ready_ref;       /* ref of a SetAgentState that is not answered yet; 0: none */
    uint64_t since_us;            /* when the present state began */
    uint64_t login_us;            /* when the last login began */
    uint32_t logins;              /* number of its logins so far */
    int64_t switch_since_us;      /* time that the newest report names; older reports change nothing */
    uint64_t idle_rank;           /* rank in idle order, given when it became free and ready; 0: it is not ready */
    uint64_t idle_us;             /* when idle_rank was given */
    uint64_t ixn;                 /* the interaction that it serves now; 0: none */
    uint64_t blocked_until_us;    /* until when a strategy keeps it out of all selections; 0: none does */
    struct agent_ability *skills, *groups;
    uint32_t skill_capacity, group_capacity;
    uint16_t skill_count, group_count;
    uint16_t source;                  /* link of its main DN; without a DN: the link that reported last */
    struct media_load load;           /* units that its claims take of each medium; changed with claims (claim.h) */
    struct media_set own, own_ready;  /* media with a state of their own; those of them that are ready */
    struct media_set own_out;         /* media out of which the agent has logged by themselves */
    struct media_set wrap;            /* media in after-call work; it takes a unit of the medium */
    struct agent_medium *media_noted; /* notes on some media, a row each */
    uint32_t noted_count, noted_capacity;
    uint8_t state;                 /* enum agent_state: state for media that are not in `own` */
    struct media_set media_out;    /* media that no DN in service serves */
    struct media_set media_away;   /* media whose link is down or in resync, or whose desktop is away */
    struct media_set media_failed; /* media that are closed for a while, since their destination failed */
    bool ready_beside;             /* `state` is after-call work that followed ready: other media are still ready */
    bool in_login;                 /* the last login goes on, even while the state is unknown */
    bool known;                    /* the directory has it */
    bool referred;   /* keeps its slot for good, since the directory had it or other rows may hold the slot */
    bool dn_out;     /* all its DNs are out of service */
    bool dnd;        /* do not disturb: the agent wants no interactions, whatever the state */
    bool newly;      /* used while all agents are settled at once */
    bool seen;       /* observed in this resync; used only without a DN, since each line has its own flag */
    bool place_told; /* its link reported its place (place.h) */
    uint16_t home;   /* the domain that has the agent, and may lend it; 0: this one */
    uint8_t lent;    /* enum agent_lent (sessions/loan.h) */
    bool touched;    /* it is in `touched` of struct agents */
    bool overfull;   /* has more interactions than its rule allows, since the rule was changed */
};

struct agents {
    const struct names *names;
    struct timers *timers;
    struct agent *all;
    uint32_t count, capacity;
    struct lookup by_name;
    uint32_t first, last, ready; /* ends and length of the ready list */
    struct abilities abilities;  /* the ready agents by skill and group */
    struct capacities capacities;
    struct lines lines;
    uint32_t logged_in, claimed;
    uint32_t ready_claimed;   /* agents of the ready list who have a claim and still room for more */
    uint32_t free, free_from; /* number of free slots; where the search for one begins */
    uint32_t sweep_due;       /* number of agents who are not present at which a sweep is due */
    uint32_t unknown;         /* number of agents whom the directory does not have now */
    uint32_t present;         /* number of agents who are in the directory or logged in */
    uint32_t *dirty, dirty_count, dirty_capacity;
    bool dirty_in_order; /* `dirty` is in idle order */
    uint32_t relisted;   /* how often an agent of `dirty` became ready again */
    bool watched;        /* agents whose state or claims may have changed are noted in `touched` */
    uint32_t *touched, touched_count, touched_capacity;
    uint64_t last_rank;
    uint64_t content; /* share of the digest: agents' capacities and the states of their media */
};

void agent_table_init(struct agents *);
void agent_table_free(void *agents);

/* Borrowed until the next agent_add. */
static inline struct agent *agent_at(const struct agents *agents, uint32_t agent)
{
    assert(agent < agents->count);
    return &agents->all[agent];
}
/* The name by which people know the agent. */
static inline uint32_t agent_called(const struct agent *agent)
{
    return agent->display != 0 ? agent->display : agent->name;
}
/* The agent of that name, or the agent who is logged in at that DN of the link. False: there is none. */
bool agent_find(const struct agents *, uint32_t name, uint32_t *agent);
bool agent_on_dn(const struct agents *, unsigned source, uint32_t dn, uint32_t *agent);
/* Finds the agent at that DN of the link; if there is none, the agent at that number on the first other link that has
 * one. For callers who know only the number. */
bool agent_near_dn(const struct agents *, unsigned source, uint32_t dn, uint32_t *agent);
/* Makes an agent of that name, which no agent may have yet. AGENT_NONE: there are too many agents, or `name` is 0. */
uint32_t agent_add(struct agents *, uint32_t name);
/* As agent_add, for an agent whom a link reports and the directory does not have. AGENT_NONE also: there are
 * AGENTS_UNKNOWN_MAX such agents already. */
uint32_t agent_add_unknown(struct agents *, uint32_t name);

/* Makes the agent keep its slot for good, since a value or another table takes the slot. */
void agent_refer(const struct agents *, uint32_t agent);
/* May the agent be removed: the directory never had it, it is logged out and at no DN, and nothing refers to it? */
bool agent_may_go(const struct agents *, uint32_t agent);
void agent_remove(struct agents *, uint32_t agent); /* frees the slot of an agent who may go */
/* agents_sweep_due: is a sweep due, which removes the agents who may go? agents_swept: the sweep is over, and the next
 * one is due when many more have logged out. */
bool agents_sweep_due(const struct agents *);
void agents_swept(struct agents *);

/* The link reports the agent on this main DN, for voice if it is a new one. At another one than before the agent leaves
 * all DNs that do not roam, and any other agent leaves this one. 0: at no DN. `beside`: what else the link serves. */
void agent_set_dn(struct agents *, uint32_t agent, uint32_t dn, unsigned source, struct media_set beside);
void agent_set_known(struct agents *, uint32_t agent, bool known); /* does the directory have it? */
void agent_set_state(struct agents *, uint32_t agent, enum agent_state, uint64_t now_us);
/* Gives the medium a state of its own, whatever the agent's state, until the login is over. */
void agent_set_medium(struct agents *, uint32_t agent, enum media, enum agent_state);
/* Keeps the agent out of all selections until then, for a strategy; 0: no longer. */
void agent_set_blocked(struct agents *, uint32_t agent, uint64_t until_us);
void agent_set_home(struct agents *, uint32_t agent, uint16_t home);
void agent_set_lent(struct agents *, uint32_t agent, enum agent_lent);
/* Has this domain the right to give the agent work? The agent's home has it, or the domain to which the agent is lent.
 */
static inline bool agent_is_of_here(const struct agent *agent)
{
    return agent->lent == AGENT_LENT_HERE || (agent->lent == AGENT_NOT_LENT && agent->home == 0);
}
/* Forgets, since the login is over, the agent's desktops, states per medium and after-call work. */
void agent_forget_login(struct agents *, uint32_t agent);
uint32_t agent_level(const struct agent *, uint32_t skill); /* 0: the agent has not this skill */
bool agent_in_group(const struct agent *, uint32_t group);
bool agent_in_group_by_place(const struct agent *, uint32_t group); /* only by the place, not by the directory */
/* Set a skill's level (0: takes the skill away), and whether the agent is in a group. abilities_change must have been
 * called before. */
void agent_set_skill(struct agent *, uint32_t skill, uint32_t level);
void agent_set_group(struct agent *, uint32_t group, bool in);
/* Notes whether the place where the agent sits is in the group. True: the agent has come into the group or left it by
 * this. */
bool agent_set_group_by_place(struct agents *, uint32_t agent, uint32_t group, bool in);
bool agent_logged_in(const struct agent *);
/* True: the agent is logged in, at a DN in service for some medium, and may be disturbed. */
bool agent_reachable(const struct agent *);
bool agent_reachable_for(const struct agent *, enum media); /* the DN in service is one of this medium */
/* Logged in, and one of the agent's logins serves the medium. */
bool agent_serves(const struct agents *, uint32_t agent, enum media);
/* True: the agent could be chosen now for an interaction that takes a unit of this medium. */
bool agent_takes(const struct agent *, enum media);
/* agent_noted: the notes on the medium, all 0 if there are none. agent_note: the row of these notes, which is made if
 * there is none; borrowed until the agent's next row is made. */
struct agent_medium agent_noted(const struct agent *, enum media);
struct agent_medium *agent_note(struct agent *, enum media);
/* The media of which the agent's rule leaves room beside its claims and its after-call work. */
struct media_set agent_room(const struct agents *, const struct agent *);
/* The part of the agent's capacity that its claims use, in millionths: the share of the fullest of its media. It is
 * above a million if the agent has calls that the core has not given. */
uint32_t agent_load_share(const struct agents *, uint32_t agent);
void agent_set_claimed(struct agents *, uint32_t agent, uint16_t claimed); /* the number of its claims */
/* The rules have changed. Agents who have more than their rule now allows keep it, and get nothing new until what they
 * have fits the rule. */
void agents_overfull(struct agents *, const struct claims *);
/* Sets the agent's own rule and that of its place; the own rule goes first. It comes into force when the interactions
 * that the agent has fit it. True: another rule is in force now, and the caller must settle the agent. */
bool agent_set_capacity(struct agents *, const struct claims *, uint32_t agent, uint16_t own, uint16_t of_place);

/* Something about the agent has changed: puts it into the ready list or takes it out. An agent who becomes ready is
 * marked dirty for selection. `served`: a call of the agent has ended, so it is idle from now on. */
void agent_settle(struct agents *, uint32_t agent, uint64_t now_us, bool served);

/* As agent_settle, for all agents at once, for example when a link is held or free again. */
void agents_settle(struct agents *, uint64_t now_us);

/* Notes, where agents are watched, that something counted of the agent may have changed. */
void agent_touch(struct agents *, uint32_t agent);

void agent_dirty(struct agents *, uint32_t agent); /* marks the agent: selection looks at it again */

/* Promises `count` agents of the group, or as many as could take a call, to numbers that ring. Selection gives them to
 * nobody else. Agents who have just become ready are first offered to selection, and may be promised the next time. */
void agents_promise(struct agents *, uint32_t group, uint32_t count);

/* Ends the promise of an agent who has left its group. */
void agent_promise_end(struct agents *, uint32_t agent);

/* Counts the agents' share of the digest anew, for a snapshot of a semantics number that counted otherwise. */
void agents_recount(struct agents *);

/* True: the ready list and the counters agree with the agents. Slow. */
bool agents_check(const struct agents *);

/* Finds for each agent the open media beyond the first MEDIA_OLD, which older snapshots lack. */
void agents_more_media(struct agents *);

/* The operation `keep` of the part (agent_keep.c). */
void agents_keep(void *self, struct keeper *);

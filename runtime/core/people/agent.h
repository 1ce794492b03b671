/* runtime/core/people/agent.h - Agents: skills, groups, state, place and claims; and the ready agents in idle order.
 *
 * The table owns the agents. The directory or the first event about an agent makes it; in the second case it has no
 * skills. An agent to whom other rows may refer keeps its slot for ever: other rows, and values of strategies, contain
 * the slot. An agent to whom no row may refer, and whom the directory does not have, is removed after its log-out, and
 * its slot is used again; so an invented name does not take room for long. The number of agents whom the directory does
 * not have is limited, so the site's own agents always have room. Invariant: the ready list has exactly the agents who
 * could be chosen now for some medium, longest idle first. An agent who gets an interaction and can take more goes to
 * the end of the list. */
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
    AGENTS_UNKNOWN_MAX = 1u << 16, /* most agents in the table whom the directory does not have */
    AGENTS_SWEEP = 1024,           /* how many agents must have logged out before the next sweep is due */
    AGENT_SKILLS_MAX = 256,
    AGENT_GROUPS_MAX = 256,
    AGENT_WHY_MAX = 256
};

/* AGENT_LENT_AWAY: the agent is lent to another domain; AGENT_LENT_HERE: the agent's home domain has lent it to this
 * one. */
enum agent_lent { AGENT_NOT_LENT, AGENT_LENT_AWAY, AGENT_LENT_HERE };

/* What the core notes about one medium of an agent. A row exists only if there is something to note. */
struct agent_medium {
    uint32_t reason; /* name of the reason of the medium's own state (a medium in `own`); 0: none */
    /* name of who has set the present state instead of the agent (media_none: the agent's state); 0: the agent, the
     * switch or the core */
    uint32_t by;
    struct span why; /* owned: why `by` has set it */
    uint8_t medium;
    uint8_t after; /* state to take when the last claim of the medium ends (media_none: the last of all claims); 0:
                    * no change */
    bool asked;    /* true: `after` was requested from the core, which must tell the switch; false: the switch has
                    * reported it */
};

struct agent {
    uint32_t name, place;    /* names of the agent and of the agent's place; name 0: the slot is free */
    uint32_t display;        /* name that is shown to people, from the directory; 0: none */
    uint32_t reason;         /* name of the reason that was reported with the agent's state, shown to people; 0: none */
    uint32_t claims;         /* first claim of the agent; CLAIM_NONE: it has none */
    uint32_t previous, next; /* previous and next agent in the ready list */
    uint32_t timer;
    uint32_t lines;   /* first of the DNs where the agent is, the main one (line.h) */
    uint16_t claimed; /* number of outstanding claims */
    /* true: the agent is in the ready list; selection reads this and idle_rank of thousands of agents at once */
    bool listed;
    bool dirty;                   /* true: became ready since selection looked last */
    uint32_t promised;            /* name of the group whose campaigns have dialled a number for the agent; 0: none */
    struct media_set open;        /* media of which the agent may be given one more interaction */
    struct media_set open_failed; /* media that would be in `open` if a destination had not failed */
    /* slot of the capacity rule in force (capacity.h): the agent's own, or else its place's */
    uint16_t capacity;
    uint16_t own_capacity;     /* slot of the agent's own rule, from the directory; CAPACITY_SINGLE: none */
    uint32_t not_ready_ref;    /* ref of a SetAgentState that the link has not answered; 0: none */
    uint64_t since_us;         /* logical time at which the present state began */
    uint64_t login_us;         /* logical time at which the last login began */
    uint32_t logins;           /* how many logins the agent has had */
    int64_t switch_since_us;   /* time in the newest report; reports of an earlier time change nothing */
    uint64_t idle_rank;        /* rank in idle order, given when the agent became free and ready; 0: not ready */
    uint64_t idle_us;          /* when idle_rank was given */
    uint64_t ixn;              /* the interaction that the agent serves now; 0: none */
    uint64_t blocked_until_us; /* until when a strategy keeps the agent out of all selections; 0: not blocked */
    /* own_profile: name of the profile that the directory gives the agent; profile: name of the profile in force. 0:
     * none (prefer.h) */
    uint32_t own_profile, profile;
    struct agent_ability of_profile; /* the agent's place in the list of ready agents with this profile */
    struct agent_ability *skills, *groups;
    uint32_t skill_capacity, group_capacity;
    uint16_t skill_count, group_count;
    uint16_t prefers; /* place of the profile in force among all profiles (prefer.h); 0: that of agents without one */
    uint16_t source;  /* link of the agent's main DN; without a DN: the link that reported last */
    /* units of each medium that the agent's claims take; changed together with claims (claim.h) */
    struct media_load load;
    /* media with a state of their own; the media of these for which the agent is ready */
    struct media_set own, own_ready;
    struct media_set own_out;         /* media with a state of their own, from which the agent has logged out */
    struct media_set wrap;            /* media in after-call work, which takes a unit of the medium */
    struct agent_medium *media_noted; /* owned: notes on some media, a row each */
    uint32_t noted_count, noted_capacity;
    uint8_t state;                 /* enum agent_state: state for the media that are not in `own` */
    struct media_set media_out;    /* media that no DN of the agent in service serves */
    struct media_set media_away;   /* media whose link is down or in resync, or whose desktop is away */
    struct media_set media_failed; /* media that are not given for a while, since their destination failed */
    /* true: `state` is after-call work that followed ready: other media are still ready */
    bool ready_beside;
    bool in_login; /* true: the last login goes on, even while the state is unknown */
    bool known;    /* the directory has it */
    /* true: the agent keeps its slot for ever, since the directory had it or other rows may refer to it */
    bool referred;
    bool dn_out; /* true: all DNs of the agent are out of service */
    /* true: the agent has said by telephone to be ready when the call ends, and nobody has paused the agent since */
    bool readies;
    bool dnd;   /* do not disturb: the agent wants no interactions, whatever the state */
    bool newly; /* true: a further medium became open; used only while all agents are settled at once */
    /* true: the agent was reported in this resync; used only without a DN, since each line has a flag of its own */
    bool seen;
    bool place_told; /* true: the agent's link has reported the agent's place (place.h) */
    uint16_t home;   /* the domain that owns the agent, and may lend it; 0: this domain */
    uint8_t lent;    /* enum agent_lent (sessions/loan.h) */
    bool touched;    /* true: the agent is in `touched` of struct agents */
    bool overfull;   /* true: the agent has more interactions than its rule allows, since the rule has changed */
};

struct agents {
    const struct names *names;
    struct timers *timers;
    struct agent *all;
    uint32_t count, capacity;
    struct lookup by_name;
    uint32_t first, last, ready; /* first, last and length of the ready list */
    struct abilities abilities;  /* the lists of ready agents by skill and group */
    struct capacities capacities;
    struct lines lines;
    uint32_t logged_in, claimed;
    uint32_t ready_claimed;   /* how many agents of the ready list have a claim and still room for more */
    uint32_t free, free_from; /* how many slots are free; where the search for a free slot begins */
    uint32_t sweep_due;       /* a sweep is due when so many agents are neither in the directory nor logged in */
    uint32_t unknown;         /* how many agents the directory does not have now */
    uint32_t present;         /* number of agents who are in the directory or logged in */
    uint32_t *dirty, dirty_count, dirty_capacity;
    bool dirty_in_order; /* true: `dirty` is in idle order */
    uint32_t relisted;   /* how often an agent of `dirty` became ready again */
    bool profiled;       /* true: the ready agents of each profile are in a list (ability.h) */
    bool watched;        /* true: agents whose state or claims may have changed are noted in `touched` */
    uint32_t *touched, touched_count, touched_capacity;
    uint64_t last_rank;
    uint64_t content; /* part of the digest: the agents' capacities and the states of their media */
};

void agent_table_init(struct agents *);
void agent_table_free(void *agents);

/* Returns the agent of a slot, borrowed until the next agent_add. */
static inline struct agent *agent_at(const struct agents *agents, uint32_t agent)
{
    assert(agent < agents->count);
    return &agents->all[agent];
}
/* Returns the name by which people know the agent. */
static inline uint32_t agent_called(const struct agent *agent)
{
    return agent->display != 0 ? agent->display : agent->name;
}
/* Finds the agent of the given name, or the agent who is logged in at the given DN of the link. False: there is
 * none. */
bool agent_find(const struct agents *, uint32_t name, uint32_t *agent);
bool agent_on_dn(const struct agents *, unsigned source, uint32_t dn, uint32_t *agent);
/* Finds the agent at the given DN of the link; if there is none, the agent at the given number on the first other link
 * that has one. For callers who know only the number of the DN. */
bool agent_near_dn(const struct agents *, unsigned source, uint32_t dn, uint32_t *agent);
/* Makes an agent of the given name, which no agent may have yet. AGENT_NONE: there are too many agents, or `name` is
 * 0. */
uint32_t agent_add(struct agents *, uint32_t name);
/* Does the same as agent_add for an agent whom a link reports and the directory does not have. AGENT_NONE also if
 * there are AGENTS_UNKNOWN_MAX such agents already. */
uint32_t agent_add_unknown(struct agents *, uint32_t name);

/* Makes the agent keep its slot for ever, since a value or another table stores the slot. */
void agent_refer(const struct agents *, uint32_t agent);
/* May the agent be removed: the directory never had it, it is logged out and at no DN, and nothing refers to it? */
bool agent_may_go(const struct agents *, uint32_t agent);
void agent_remove(struct agents *, uint32_t agent); /* frees the slot of an agent who may be removed */
/* agents_sweep_due: is a sweep due, which removes the agents who may be removed? agents_swept is called after the
 * sweep; the next one is due when many more agents have logged out. */
bool agents_sweep_due(const struct agents *);
void agents_swept(struct agents *);

/* Notes that the link reports the agent at this main DN; a new DN is for voice. If the main DN is another one than
 * before, the agent leaves all DNs that do not roam, and any other agent leaves this one. 0: at no DN. `beside`: what
 * else the link serves. */
void agent_set_dn(struct agents *, uint32_t agent, uint32_t dn, unsigned source, struct media_set beside);
void agent_set_known(struct agents *, uint32_t agent, bool known); /* notes whether the directory has the agent */
void agent_set_state(struct agents *, uint32_t agent, enum agent_state, uint64_t now_us);
/* Gives the medium, which is not voice, a state of its own, whatever the agent's state, until the login is over. */
void agent_set_medium(struct agents *, uint32_t agent, enum media, enum agent_state);
/* Keeps the agent out of all selections until the given time, for a strategy; 0: ends the block. */
void agent_set_blocked(struct agents *, uint32_t agent, uint64_t until_us);
void agent_set_home(struct agents *, uint32_t agent, uint16_t home);
/* Sets the profile in force, which says from which queues the agent takes first; 0: none. */
void agent_set_profile(struct agents *, uint32_t agent, uint32_t profile);
void agent_set_lent(struct agents *, uint32_t agent, enum agent_lent);
/* Has this domain the right to give the agent work? The agent's home domain has the right, or the domain to which
 * the agent is lent. */
static inline bool agent_is_of_here(const struct agent *agent)
{
    return agent->lent == AGENT_LENT_HERE || (agent->lent == AGENT_NOT_LENT && agent->home == 0);
}
/* Forgets, since the login is over, the agent's desktops, states per medium and after-call work. */
void agent_forget_login(struct agents *, uint32_t agent);
/* returns the agent's level of the skill, 0: the agent does not have it */
uint32_t agent_level(const struct agent *, uint32_t skill);
bool agent_in_group(const struct agent *, uint32_t group);
/* true: the place puts the agent into the group, the directory does not */
bool agent_in_group_by_place(const struct agent *, uint32_t group);
/* agent_set_skill sets a skill's level (0: removes the skill), agent_set_group whether the agent is in a group.
 * abilities_change must have been called before. */
void agent_set_skill(struct agent *, uint32_t skill, uint32_t level);
void agent_set_group(struct agent *, uint32_t group, bool in);
/* Notes whether the place where the agent sits puts the agent into the group. True: the agent has entered or left
 * the group by this. */
bool agent_set_group_by_place(struct agents *, uint32_t agent, uint32_t group, bool in);
bool agent_logged_in(const struct agent *);
/* True: the agent is logged in, at a DN in service for some medium, and may be disturbed. */
bool agent_reachable(const struct agent *);
bool agent_reachable_for(const struct agent *, enum media); /* true: a DN in service is of this medium */
/* True: the agent is logged in, and one of its logins serves the medium. */
bool agent_serves(const struct agents *, uint32_t agent, enum media);
/* True: the agent could be chosen now for an interaction that takes a unit of this medium. */
bool agent_takes(const struct agent *, enum media);
/* agent_noted returns the notes on the medium, all 0 if there are none. agent_note returns the row of these notes
 * and makes it if needed; borrowed until the agent's next row is made. */
struct agent_medium agent_noted(const struct agent *, enum media);
struct agent_medium *agent_note(struct agent *, enum media);
/* Notes by whom the present state of the medium was set instead of the agent, and why; the text is copied, at most
 * AGENT_WHY_MAX bytes of it. */
void agent_note_setter(struct agent *, enum media, uint32_t by, struct span why);
/* Returns the media of which the agent's rule allows one more, given its claims and its after-call work. */
struct media_set agent_room(const struct agents *, const struct agent *);
/* Returns how much of the agent's capacity its claims use, in millionths: the share of the medium that is fullest. The
 * share is above a million if the agent has calls that the core has not assigned. */
uint32_t agent_load_share(const struct agents *, uint32_t agent);
void agent_set_claimed(struct agents *, uint32_t agent, uint16_t claimed); /* sets how many claims the agent has */
/* The rules have changed. Marks agents who have more interactions than their rule now allows: they keep these, and get
 * nothing new until what they have fits the rule. */
void agents_overfull(struct agents *, const struct claims *);
/* Sets the agent's own rule and that of its place; the own rule has priority. The rule comes into force when the
 * agent's present interactions fit it. True: another rule is in force now, and the caller must update the agent's
 * place in the ready list. */
bool agent_set_capacity(struct agents *, const struct claims *, uint32_t agent, uint16_t own, uint16_t of_place);

/* Called when something about the agent has changed: puts the agent into the ready list or takes the agent out. An
 * agent who becomes ready is marked dirty for selection. `served`: a call of the agent has ended, so it is idle from
 * now on. */
void agent_settle(struct agents *, uint32_t agent, uint64_t now_us, bool served);

/* Does the same as agent_settle for all agents at once, for example when a link is held or free again. */
void agents_settle(struct agents *, uint64_t now_us);

/* If agents are watched, notes that something counted about the agent may have changed. */
void agent_touch(struct agents *, uint32_t agent);

void agent_dirty(struct agents *, uint32_t agent); /* marks the agent so that selection looks at it again */

/* Keeps (promises) `count` agents of the group, or as many as could take a call, for numbers that ring. Selection
 * gives these agents to no other interaction. Agents who have just become ready are first offered to selection, and
 * may be kept the next time. */
void agents_promise(struct agents *, uint32_t group, uint32_t count);

/* Ends the promise for an agent who has left the group: selection may give the agent to others. */
void agent_promise_end(struct agents *, uint32_t agent);

/* Computes the agents' part of the digest anew, for a snapshot of a semantics number that computed it differently. */
void agents_recount(struct agents *);

/* True: the ready list and the counters agree with the agents. Slow. */
bool agents_check(const struct agents *);

/* Finds for each agent the open media beyond the first MEDIA_OLD, which older snapshots do not have. */
void agents_more_media(struct agents *);

/* agents_keep is the operation `keep` of the part (agent_keep.c). */
void agents_keep(void *self, struct keeper *);

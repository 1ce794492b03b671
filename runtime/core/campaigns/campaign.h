/* runtime/core/campaigns/campaign.h - Campaigns that are loaded: when their records begin, and what the pacer hears
 * of them.
 *
 * A campaign is loaded with the definition and rules that the directory has at that moment. A campaign goes through
 * these states:
 *
 *     loaded -> running    start: records are fetched from the list, and begin as the mode and the pacer say
 *     running -> loaded    stop, or so many strategies failed in a row: nothing is fetched and nothing begins
 *     loaded -> unloading  the list takes back what was not dialled, and its strategies end; the others end as usual
 *     unloading -> gone    the list has answered and nothing is under way
 *
 * The table owns the campaigns; a campaign keeps its address until it is gone. A record of a loaded campaign belongs
 * to this campaign from EventRecord until the record's interaction has ended (record_states.def). The part learns of
 * claims and agents from facts, so all that it keeps is in the digest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/base/window.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/pacing/pacer.h"
#include "runtime/core/site/campaign.h"
#include "runtime/vocabulary/message.h"

struct strategies;

enum campaign_state { CAMPAIGN_GONE, CAMPAIGN_LOADED, CAMPAIGN_RUNNING, CAMPAIGN_UNLOADING };

/* Reasons why a campaign does not dial one more number, besides those of its pacer. */
enum campaign_reason {
#define CAMPAIGN_REASON(name, halted, meaning) CAMPAIGN_WHY_##name,
#include "runtime/core/campaigns/campaign_reasons.def"
    CAMPAIGN_REASONS
};

/* Results of dialled numbers that no person has answered. */
enum campaign_result {
#define CAMPAIGN_RESULT(name, doc) CAMPAIGN_RESULT_##name,
#include "runtime/vocabulary/campaign_results.def"
    CAMPAIGN_RESULTS
};

/* A queue of records in the order of their arrival; their rows are linked. */
struct record_queue {
    uint32_t first, last;
};

/* How many records a campaign has in each state (record_states.def). */
struct campaign_counts {
    uint32_t records[RECORD_STATES];
    uint32_t chosen[RECORD_STATES]; /* how many records in each state have an agent claimed */
    uint32_t in_vain; /* records in the state checking that agents have passed over; no agent is asked now */
    uint32_t due_own; /* due records that are call-backs of certain agents */
};

#define CAMPAIGN_RECENT_US UINT64_C(3600000000)
/* over how long the waiting time of agents between calls is measured */
#define CAMPAIGN_WAITED_US UINT64_C(1800000000)

/* The list's own count of a campaign's records. `left`: records that no dialer has and that may still be called;
 * `due`: those of them whose time has come; `overdue`: records due for more than five minutes, including those that
 * a dialer has; `exhausted`: records whose attempts are used up. */
struct campaign_listed {
    uint64_t left, due, overdue, exhausted;
    bool told; /* false: no count has come since the campaign was loaded */
};

/* An agent who is in after-call work after a call of the campaign. */
struct campaign_after {
    uint64_t since_us;
    uint32_t agent;
};

struct campaign {
    /* names of the campaign, the group of agents (0: none), the list and the consent */
    uint32_t name, agents, list, consent;
    uint32_t slot, timer;
    uint8_t state, mode; /* enum campaign_state, campaign_mode */
    /* enum campaign_reason: why the campaign does not run, or begins no record that the pacer allows */
    uint8_t why;
    uint8_t hours;           /* enum campaign_reason: closed or no_hours; pacer: the campaign may call at this hour */
    uint16_t link;           /* link of the list */
    uint32_t schedule, zone; /* names; schedule 0: none */
    int64_t hours_s;         /* wall clock: the second for which `hours` was found */
    uint32_t rules[CAMPAIGN_RULES];
    struct span filter, order; /* owned */
    struct span refusal;       /* owned: reason that the list gave for its last refusal */
    uint32_t checked;          /* ref of the CheckList that the list has not answered; 0: none */

    uint32_t ref, asked, came; /* ref of the unanswered FetchRecords, 0: none; records asked for, 0: the campaign
                                * gives records back; records that have come */
    /* When the last FetchRecords was sent; earliest time of the next; pause after a FetchRecords that brought no
     * records. */
    uint64_t sent_us, again_us, pause_us;
    struct campaign_listed listed; /* the list's last count */
    uint32_t promised;             /* how many records are due in the list that were not fetched yet */

    struct record_queue due, checking, waiting; /* the campaign's records in the states due, checking and waiting */
    struct campaign_counts counts;
    uint32_t failed_in_row;

    struct campaign_after *after; /* owned */
    uint32_t after_count, after_capacity;
    uint32_t *members; /* owned: slots of the group's agents */
    uint32_t member_count, member_capacity;
    struct group_share { /* for each other campaign's group: how many agents are in both groups */
        uint32_t group;
        uint8_t share; /* enum campaign_share */
    } * shares;        /* owned; one per group of another campaign; discarded when the members of either group change */
    uint32_t share_count, share_capacity;
    bool members_stale, busy_stale; /* true: the list of members, or the busy agents, must be found anew */
    /* true: agents have just become ready: called people who wait for an agent are served first */
    bool looks_again;
    bool given_back; /* the list has confirmed that it took back the records that had not begun */
    bool dirty;      /* true: something of the campaign has changed since the pacer was asked last */
    bool unhashed;   /* true: something of the campaign has changed since `hash` was computed */
    uint64_t hash;

    struct pacer pacer;
    struct pacer_agents found; /* the agents as they were when the pacer was asked last */
    struct pacer_answer answer;
    /* calls since the campaign was loaded; `failed`: the sum of `results` */
    uint64_t dialled, answered, abandoned, failed;
    uint64_t results[CAMPAIGN_RESULTS];
    struct ceiling recent; /* answered and abandoned calls of the last hour, by minutes, shown to people */
    /* In the last half hour: how long agents were ready before a call came to them; how many such calls there were. */
    struct window waited, connected;
};

/* What a campaign has counted and learnt, kept after it was unloaded. This knowledge is kept until all of it is out of
 * date, so that nobody escapes a legal limit by unloading and loading a campaign. */
struct campaign_counted {
    uint64_t hash;
    uint32_t name, agents;
    struct pacer pacer;
    struct ceiling recent;
    struct window waited, connected; /* owned, as the windows of the same names in struct campaign */
};

/* Slots of campaigns. */
struct campaign_slots {
    uint32_t *all;
    uint32_t count, capacity;
};

/* How many agents of a group could take a call: a count that campaigns share while they decide one after another. */
struct group_ready {
    uint32_t group, ready;
    bool known; /* true: `ready` is right; false: an agent may have been claimed since the count */
    /* true: more agents could take a call than were counted; they are counted when selection has served those who
     * wait */
    bool dirty;
};

struct campaigns {
    const struct now *now;
    const struct facts *facts;
    struct names *names;
    struct timers *timers;
    struct kv *scratch;
    struct agents *agents; /* only read */
    /* used for definitions, schedules, and the strategies that are bound to campaigns */
    const struct directory *directory;
    const struct strategies *strategies;
    const struct rollouts *rollouts;
    const struct claims *claims;
    struct links *links;
    struct effects *effects;
    struct interactions *interactions;
    struct list_records *records;
    struct campaign **all; /* owned, by slot; NULL: that campaign was unloaded */
    uint32_t *groups; /* by slot: the group of the campaign's agents, searched at each change of an agent; 0: none */
    uint32_t count, capacity, group_capacity;
    struct lookup by_name;
    struct group_ready ready;    /* the last count of ready agents; not in snapshots, since each event counts anew */
    const struct pacer **beside; /* owned: the pacers of other campaigns, as a decision collects them */
    uint32_t beside_capacity;
    /* dirty: in the order in which the campaigns changed; unhashed: touched since the last hash */
    struct campaign_slots dirty, unhashed;
    struct campaign_counted *counted; /* owned */
    uint32_t counted_count, counted_capacity;
    uint64_t content; /* sum of the hashes of `all` and `counted` */
};

/* campaign_buffered returns how many of the campaign's records have not begun; campaign_under_way how many have an
 * interaction. */
uint32_t campaign_buffered(const struct campaign *);
uint32_t campaign_under_way(const struct campaign *);
/* Returns the loaded campaign of the given name, borrowed until it is unloaded; NULL: no such campaign is loaded. */
struct campaign *campaign_of(const struct campaigns *, uint32_t name);
const char *campaign_state_name(enum campaign_state);
/* Tells why the campaign does not dial one more number now: returns a word, and in `meaning` a sentence. */
const char *campaign_why(const struct campaign *, const char **meaning);

/* Reads, for the last half hour, how long agents had been ready in all before a call of the campaign came to them,
 * and how many such calls there were. */
void campaign_agents_waited(const struct campaign *, uint64_t now_us, uint64_t *waited_us, uint64_t *calls);

/* Has the campaign stopped by itself, so that an administrator must look at it? */
bool campaign_halted(const struct campaign *);
/* Does the campaign run but dial next to nothing, since its agents come too late, so that an administrator must look at
 * it? */
bool campaign_stands(const struct campaign *);

/* Returns the slot of the record that the agent of the given name gets next in preview: the first due call-back of
 * the agent's own, else the first due record that belongs to no agent. LIST_RECORD_NONE: there is no such record, or
 * the campaign does not run. */
uint32_t campaign_next(const struct campaigns *, const struct campaign *, uint32_t agent);
/* True: the campaign of the given name is loaded, and the core dials before an agent has seen the record: for agents
 * (in the mode power: for a strategy) who then take the answered calls. False: an agent sees the record before it is
 * dialled. */
bool campaign_dials_ahead(const struct campaigns *, uint32_t name);
/* Does the interaction belong to a campaign that dials for agents, so that agents are kept free for its calls? */
bool campaign_promised(const struct campaigns *, uint64_t ixn);
/* Do campaigns dial for agents, and is `priority` higher than that of each of them? */
bool campaigns_outranked(const struct campaigns *, int64_t priority);
/* Writes the campaign's rules for dialling to the scratch; writes nothing if the campaign is not loaded. */
void campaign_terms_of(struct campaigns *, uint32_t name);
/* Returns the value of a rule of the campaign; if the campaign is not loaded, the rule's default. */
uint32_t campaign_rule_of(const struct campaigns *, uint32_t name, enum campaign_rule);
/* True: the campaign's last attempt has reached nobody, or its last strategy has failed. */
bool campaign_fails(const struct campaigns *, uint32_t name);
/* Returns the outbound strategy that is bound to the campaign's name; program PROGRAM_NONE: no strategy is bound.
 * `record`: the core's number of the record, which chooses between two programs; 0: any record. */
struct binding campaign_binding(const struct campaigns *, uint32_t name, uint64_t record);
/* Does the same as campaign_binding for strategies of any medium. */
struct binding campaign_bound(const struct campaigns *, uint32_t name, uint64_t record);
bool campaign_has_strategy(const struct campaigns *, uint32_t name);

/* ---- hours of a day: when a record may be called, and the schedule of a campaign ---- */

/* True: at the given moment (wall clock, microseconds) the clocks of the record's zone show an hour at which the
 * person may be called. The core knows only the zones that the campaign's program names; for other zones the list
 * itself checks the hours. */
bool campaign_hours_allow(const struct campaigns *, const struct list_record *, int64_t at_us);

/* Returns whether the campaign's schedule is open now, by the clocks of its zone, as an enum campaign_reason:
 * closed, no_hours; pacer: the schedule is open, or the campaign has none. */
unsigned campaign_hours_state(const struct campaigns *, const struct campaign *);
/* Finds when the campaign's closed schedule opens next (wall clock, microseconds); false: not within a year. */
bool campaign_hours_open_next(const struct campaigns *, const struct campaign *, int64_t *at_us);

/* ---- messages of links and requests of administrators ---- */

/* Called when the link is up again: sends the requests again that it has not answered. */
void campaigns_look_again(struct campaigns *, unsigned link);
bool campaigns_of_link(const struct campaigns *, unsigned link);

void campaign_on_request(struct campaigns *, const struct message *); /* RequestCampaign */
void campaign_on_done(struct campaigns *, const struct message *);    /* EventDone */
void campaign_on_list(struct campaigns *, const struct message *);    /* ListChanged */

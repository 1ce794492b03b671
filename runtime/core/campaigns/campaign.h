/* runtime/core/campaigns/campaign.h - Campaigns that are loaded: when their records begin, and what the pacer is told.
 *
 * A campaign is loaded with its definition and rules as the directory has them then. It goes through these states:
 *
 *   loaded -> running      start: records are fetched from the list, and begin as the mode and the pacer say
 *   running -> loaded      stop, or so many strategies failed in a row: nothing is fetched and nothing begins
 *   loaded -> unloading    the list takes back what was not dialled, and its strategies end; the others end as usual
 *   unloading -> gone      the list has answered and nothing is under way
 *
 * The table owns the campaigns; a campaign keeps its address until it is gone. A record of a loaded campaign belongs to
 * it from EventRecord until its interaction has ended (record_states.def). The part hears of claims and agents by
 * facts, so all that it keeps is in the digest. */
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

/* Why a campaign does not dial one more number, besides the reasons of its pacer. */
enum campaign_reason {
#define CAMPAIGN_REASON(name, halted, meaning) CAMPAIGN_WHY_##name,
#include "runtime/core/campaigns/campaign_reasons.def"
    CAMPAIGN_REASONS
};

/* How a number ended that no person has answered. */
enum campaign_result {
#define CAMPAIGN_RESULT(name, doc) CAMPAIGN_RESULT_##name,
#include "runtime/vocabulary/campaign_results.def"
    CAMPAIGN_RESULTS
};

/* Records in the order in which they came into the queue; their rows are linked. */
struct record_queue {
    uint32_t first, last;
};

/* Its records, counted by their states (record_states.def). */
struct campaign_counts {
    uint32_t records[RECORD_STATES];
    uint32_t chosen[RECORD_STATES]; /* for which an agent is claimed */
    uint32_t in_vain;               /* checking, and agents have passed them over, and none is asked now */
    uint32_t due_own;               /* due, and agents' own call-backs */
};

#define CAMPAIGN_RECENT_US UINT64_C(3600000000)
#define CAMPAIGN_WAITED_US UINT64_C(1800000000) /* the window of what agents wait between calls */

/* Records in its list that no dialer has: that may still be called; whose time has come; for more than five minutes,
 * with those that the dialer has; whose attempts are used up. */
struct campaign_listed {
    uint64_t left, due, overdue, exhausted;
    bool told; /* false: the list has not counted them since the load */
};

/* An agent who has after-call work of a record's call. */
struct campaign_after {
    uint64_t since_us;
    uint32_t agent;
};

struct campaign {
    uint32_t name, agents, list, consent; /* names; agents: a group, 0: none */
    uint32_t slot, timer;
    uint8_t state, mode;     /* enum campaign_state, campaign_mode */
    uint8_t why;             /* enum campaign_reason: why it does not run, or begins nothing though the pacer would */
    uint8_t hours;           /* enum campaign_reason: closed, no_hours; pacer: records may begin at this hour */
    uint16_t link;           /* the list's */
    uint32_t schedule, zone; /* names; schedule 0: none */
    int64_t hours_s;         /* the second of the wall clock at which `hours` was found */
    uint32_t rules[CAMPAIGN_RULES];
    struct span filter, order; /* owned */
    struct span refusal;       /* owned: what the list said last when it did not do what it was asked for */
    uint32_t checked;          /* ref of the CheckList that is not answered; 0: none */

    uint32_t ref, asked, came; /* of the FetchRecords that is not answered, 0: none; asked 0: it gives records back */
    uint64_t sent_us, again_us, pause_us; /* when it went out; not asked again before; the pause after nothing came */
    struct campaign_listed listed;        /* as the list has counted last */
    uint32_t promised;                    /* so many were due there, and were not asked for since */

    struct record_queue due, checking, waiting; /* its records of these states */
    struct campaign_counts counts;
    uint32_t failed_in_row;

    struct campaign_after *after; /* owned */
    uint32_t after_count, after_capacity;
    uint32_t *members; /* owned: slots of the group's agents */
    uint32_t member_count, member_capacity;
    struct group_share { /* how many of its agents are in that other group */
        uint32_t group;
        uint8_t share; /* enum campaign_share */
    } * shares;        /* owned; of groups of other campaigns, until one of the two has other members */
    uint32_t share_count, share_capacity;
    bool members_stale, busy_stale; /* to be found again */
    bool looks_again;               /* agents have just become ready: who waits for them is served first */
    bool given_back;                /* the list has taken back what had not begun */
    bool dirty;                     /* something has changed since the pacer was asked */
    bool unhashed;                  /* ... since `hash` was counted */
    uint64_t hash;

    struct pacer pacer;
    struct pacer_agents found; /* as they were when the pacer was asked */
    struct pacer_answer answer;
    uint64_t dialled, answered, abandoned, failed; /* since it was loaded; `failed` is the sum of: */
    uint64_t results[CAMPAIGN_RESULTS];
    struct ceiling recent;           /* of the last hour, by minutes, for people */
    struct window waited, connected; /* of the last half hour: how long agents were ready before they came, and how
                                        many came */
};

/* What an unloaded campaign has counted and learnt, until time has passed over all of it: so unloading shows nothing to
 * the law. */
struct campaign_counted {
    uint64_t hash;
    uint32_t name, agents;
    struct pacer pacer;
    struct ceiling recent;
    struct window waited, connected; /* owned, as those of a campaign */
};

/* Slots of campaigns. */
struct campaign_slots {
    uint32_t *all;
    uint32_t count, capacity;
};

/* The agents of a group who could take a call, while campaigns decide one after another. */
struct group_ready {
    uint32_t group, ready;
    bool known; /* `ready` holds; false: an agent may have been claimed since it was counted */
    bool dirty; /* further agents could take a call; they count once selection has looked who waits for them */
};

struct campaigns {
    const struct now *now;
    const struct facts *facts;
    struct names *names;
    struct timers *timers;
    struct kv *scratch;
    struct agents *agents;             /* only read */
    const struct directory *directory; /* definitions, schedules, and the strategies that are bound */
    const struct strategies *strategies;
    const struct claims *claims;
    struct links *links;
    struct effects *effects;
    struct interactions *interactions;
    struct list_records *records;
    struct campaign **all; /* NULL: gone */
    uint32_t *groups; /* the groups of their agents, which are looked through at each change of an agent; 0: none */
    uint32_t count, capacity, group_capacity;
    struct lookup by_name;
    struct group_ready ready;    /* not kept: found anew by each event */
    const struct pacer **beside; /* owned: room for those that are asked together */
    uint32_t beside_capacity;
    struct campaign_slots dirty, unhashed; /* in the order in which they were touched */
    struct campaign_counted *counted;      /* owned */
    uint32_t counted_count, counted_capacity;
    uint64_t content; /* sum of the hashes of both */
};

/* Its records that have not begun; that have an interaction. */
uint32_t campaign_buffered(const struct campaign *);
uint32_t campaign_under_way(const struct campaign *);
/* NULL: no campaign of that name is loaded. Borrowed until it is gone. */
struct campaign *campaign_of(const struct campaigns *, uint32_t name);
const char *campaign_state_name(enum campaign_state);
/* Why not one more number is dialled now: a word, and a sentence. */
const char *campaign_why(const struct campaign *, const char **meaning);

/* In the last half hour: how long agents had been ready before a call of the campaign came to them, together, and how
 * many such calls there were. */
void campaign_agents_waited(const struct campaign *, uint64_t now_us, uint64_t *waited_us, uint64_t *calls);

/* True: it has stopped by itself, and somebody is to see to it. */
bool campaign_halted(const struct campaign *);
/* True: it runs and dials next to nothing, since its agents come too late; somebody is to see to it, too. */
bool campaign_stands(const struct campaign *);

/* For agents who ask (preview): the slot of the due record that comes next for the agent of that name: the first of
 * the agent's own call-backs, else the first that is nobody's. LIST_RECORD_NONE: there is none, or the campaign does
 * not run. */
uint32_t campaign_next(const struct campaigns *, const struct campaign *, uint32_t agent);
/* True: the campaign of that name is loaded, and the core dials for agents (power: for a strategy) who take the calls
 * that are answered. False: an agent has seen the record before it is dialled. */
bool campaign_dials_ahead(const struct campaigns *, uint32_t name);
/* True: a campaign dials or has dialled the person for an agent who is promised. */
bool campaign_promised(const struct campaigns *, uint64_t ixn);
/* True: campaigns dial for agents, and none of them has a priority as high. */
bool campaigns_outranked(const struct campaigns *, int64_t priority);
/* Writes the campaign's terms to the scratch; nothing for a campaign that is not loaded. */
void campaign_terms_of(struct campaigns *, uint32_t name);
/* The rule of the campaign; of one that is not loaded, its default. */
uint32_t campaign_rule_of(const struct campaigns *, uint32_t name, enum campaign_rule);
/* The attempt that ended last has reached nobody, or its strategy has failed. */
bool campaign_fails(const struct campaigns *, uint32_t name);
/* The strategy on outbound that is bound to the campaign's name, like one of a queue; program PROGRAM_NONE: none is.
 * `record`: the core's number of it, which chooses between two programs; 0: of any. */
struct binding campaign_binding(const struct campaigns *, uint32_t name, uint64_t record);
struct binding campaign_bound(const struct campaigns *, uint32_t name, uint64_t record); /* of any medium */
bool campaign_has_strategy(const struct campaigns *, uint32_t name);

/* ---- hours of a day: of a record, and the schedule outside of which a campaign begins none ---- */

/* True: at that moment (wall clock, microseconds) the clocks of the record's zone show a time at which it may be
 * called. The core knows the zones that the campaign's program names; the list itself looks at the others. */
bool campaign_hours_allow(const struct campaigns *, const struct list_record *, int64_t at_us);

/* Whether the campaign's schedule is open now, by the clocks of its zone, as an enum campaign_reason: closed, no_hours;
 * pacer: it is open, or the campaign has none. */
unsigned campaign_hours_state(const struct campaigns *, const struct campaign *);
/* When a schedule that is closed opens next (wall clock, microseconds); false: not within a year. */
bool campaign_hours_open_next(const struct campaigns *, const struct campaign *, int64_t *at_us);

/* ---- what links and administrators tell ---- */

/* The link is there again: what it has not answered goes out again. */
void campaigns_look_again(struct campaigns *, unsigned link);
bool campaigns_of_link(const struct campaigns *, unsigned link);

void campaign_on_request(struct campaigns *, const struct message *); /* RequestCampaign */
void campaign_on_done(struct campaigns *, const struct message *);    /* EventDone */
void campaign_on_list(struct campaigns *, const struct message *);    /* ListChanged */

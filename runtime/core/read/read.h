/* runtime/core/read/read.h - Reads a core's state between batches: status, agents, queues, interactions, reasons of
 * decisions.
 *
 * Reads change nothing and are not in the journal. All texts and bytes in the rows are borrowed until the next
 * batch. */
#pragma once

#include "runtime/core/base/batch.h"
#include "runtime/core/base/fact.h"

struct core_status; /* totals.h */
void core_status(const struct core *, struct core_status *);

/* Returns how many numbers ring, or will be dialled because their attempt is noted. `*held`: no further numbers are
 * dialled now. */
uint64_t core_dialling(const struct core *, bool *held);

/* The last fault of a condition: of a line, of the end of a wait, or of a latch. False: there was none. */
struct condition_fault_row {
    uint64_t count; /* how many faults of conditions there were so far */
    uint64_t ixn;   /* the interaction that waits with the condition; 0: the condition belongs to a latch */
    const char *what;
    struct span file; /* file of the condition; empty: the image does not say where it is */
    uint32_t line;
};
bool core_condition_fault(const struct core *, struct condition_fault_row *);

/* The last interaction to which one of the following three things happened. The three functions return false if it
 * has not happened since the core began. */
struct last_row {
    uint64_t count; /* how often the thing that the row is about has happened since the core began */
    uint64_t ixn;
    struct span name; /* name that the function describes; borrowed until the next event */
};
/* Reads the last call that began to wait while all matching agents had telephones at other links only; `name`: its
 * virtual queue. */
bool core_out_of_reach(const struct core *, struct last_row *);
/* Reads the last interaction that came into a queue whose strategy does not serve its medium; `name`: the queue. */
bool core_unfit(const struct core *, struct last_row *);
/* Reads the last fault of a strategy, for example an overflow, or a loop without a wait; `name`: strategy, file and
 * line. */
bool core_strategy_fault(const struct core *, struct last_row *);

/* The last text that a strategy has refused (log.refused). False: no text was refused since the core began. */
struct refused_text_row {
    uint64_t count;         /* how many texts were refused since the core began */
    uint64_t ixn;           /* the interaction whose strategy refused the text */
    struct span text, file; /* borrowed until the next event; file: where the strategy refused it, empty if unknown */
    uint32_t line;
};
bool core_refused_text(const struct core *, struct refused_text_row *);

/* An agent whose state an audit has corrected, by the number of the correction; `*count` receives how many
 * corrections there were. False: the correction is not kept any more, or has not been made yet. */
struct correction_row {
    struct span agent;
    unsigned was, is; /* enum agent_state */
};
bool core_correction(const struct core *, uint64_t number, struct correction_row *, uint64_t *count);
/* A reason for which agents are not ready: the directory has it, or an agent has used it. A reason always keeps its
 * index. */
struct reason_row {
    struct span name, display; /* text for people; empty: the directory does not have the reason */
};
bool core_reason(const struct core *, uint32_t index, struct reason_row *); /* false past the last */

/* The events and timers that have crashed the core twice (run/quarantine.h), the oldest first. False past the last. */
struct quarantined_row {
    uint64_t batch, number, ixn, conn, passed, passed_batch, since_us;
    uint32_t index;
    uint16_t kind; /* kind of the event; 0: the row is about a timer */
    uint8_t link, timer;
    bool recorded;   /* true: the event is in the journal, at `batch` and `index` */
    const char *end; /* what happened to the interaction, in words */
};
bool core_quarantined(const struct core *, uint32_t index, struct quarantined_row *);

/* Returns the state of the link: "up", "resync", "grace" (the adapter or its switch is lost but may come back) or
 * "down". */
const char *core_link_state(const struct core *, unsigned link);
/* Reads the adapter's name when the link came up last; false: the link has never been up. */
bool core_link_name(const struct core *, unsigned link, struct span *name);
/* What the core still has of a link: how many interactions have a call, a session or a dial there, and how many
 * claims agents have on these interactions. LinkDown with the reason `removed` ends the interactions and the claims. */
struct link_holds {
    uint32_t interactions, claims;
    bool able; /* the core still counts on what the link's adapter can or could do; LinkDown ends this, too */
};
struct link_holds core_link_holds(const struct core *, unsigned link);
/* True: another adapter may get this link number. The link is down for good, and no running or later strategy would
 * use it. Whatever else the core knows of the link's calls ends when the number's next adapter reports its calls. */
bool core_link_is_free(const struct core *, unsigned link);

/* Sets the watcher of the strategies (vm/exec.h), borrowed; NULL: none. The watcher measures the coverage of tests. The
 * decisions stay the same unless the watcher makes a step fail. */
struct vm_watch;
void core_watch(struct core *, const struct vm_watch *);
/* Begins a profile of the strategies (vm/profile.h), which replaces their watcher; waits are measured by the core's
 * time. */
struct profile;
void core_profile(struct core *, struct profile *);
/* Returns the machine that runs the strategies, for watchers (vm/look.h). */
struct vm;
const struct vm *core_vm(const struct core *);
/* The interaction that a debugger has (run/debug.h); `ixn` 0: the debugger waits for one. False: the client has no
 * debugger now. */
struct debugging_row {
    uint64_t ixn;
    bool stands;
};
bool core_debugging(const struct core *, uint64_t client, struct debugging_row *);
/* The debugger that has an interaction. False: the interaction has none. */
struct debugged_row {
    struct span by;
    uint64_t since_us, until_us; /* until_us: the debugger stops the interaction until then at most; 0: it runs now */
};
bool core_debugged(const struct core *, uint64_t ixn, struct debugged_row *);
/* Returns the machine that runs the strategies, for the player of tests, which changes values of running strategies
 * (vm_look_set_...). */
struct vm *core_vm_played(struct core *);
/* Sets the listener that gets the facts (fact.h), borrowed; NULL: none. */
void core_listen(struct core *, const struct core_listener *);
/* Returns the wall clock's time of the last batch, in microseconds since the epoch. */
int64_t core_wall(const struct core *);
/* Return the name of a virtual queue that a fact names, and the text of a name. */
uint32_t core_queue_name(const struct core *, uint32_t queue);
struct span core_text(const struct core *, uint32_t name);
struct span core_owner_word(unsigned kind);                    /* enum owner_kind (interaction.h) */
struct span core_medium(const struct core *, unsigned medium); /* returns the site's word for an enum media */
/* Returns the medium that the site calls by the given name; own1 and the like are understood, too. media_none: no
 * medium has the name. */
unsigned core_medium_named(const struct core *, struct span name);
struct span core_outcome_word(unsigned outcome); /* enum ended_how */
/* The place in the source of a wait point of the image (vm_watch). */
struct where_row;
void core_wait_place(const struct image *, uint32_t wait, struct where_row *);

struct agent_row {
    struct span name, dn, place;
    /* why the agent cannot be chosen now: "not ready", "claimed", ...; empty: the agent can be chosen */
    struct span not_chosen;
    unsigned state; /* enum agent_state of voice */
    uint64_t since_us;
    uint32_t claims;
    struct span capacity;    /* name of the capacity rule in force for the agent; empty: one interaction at a time */
    struct span profile;     /* name of the profile in force (queues/prefer.h); empty: none */
    uint64_t ixn;            /* the interaction that the agent serves now; 0: none */
    bool telephone;          /* the agent has a telephone: `state` is also that of the telephone */
    struct span called;      /* the agent's name for people, of the directory; empty: the directory has none */
    struct span reason;      /* the reason that was given for the state; empty: none */
    struct span by, why;     /* who has set the state instead of the agent, and why; empty: nobody */
    struct span display;     /* text of the directory for that reason; empty: the directory does not have the reason */
    uint64_t rests_until_us; /* when a line of the agent, where a destination failed, is tried again; 0: no line has
                              * failed */
    bool known;              /* in the directory now */
    /* the domain that owns the agent, and the one to which this domain has lent the agent; 0: none */
    unsigned home, lent_to;
    bool lent_here;         /* true: another domain, the agent's home, has lent the agent to this one */
    uint64_t lent_until_us; /* lent_to, lent_here: when the loan ends unless it is lengthened */
};
/* Reads the agent of a slot; a row without a name: no agent has the slot now. False: `index` is past the last slot. */
bool core_agent(const struct core *, uint32_t index, struct agent_row *);
bool core_agent_named(const struct core *, struct span name, uint32_t *index);
struct kv; /* appends the agent's skills and levels */
void core_agent_skills(const struct core *, uint32_t index, struct kv *);
/* Appends, by medium, the agent's state in each medium that has a state of its own, and the reason for it in the
 * words that people read. */
void core_agent_media(const struct core *, uint32_t index, struct kv *states, struct kv *reasons);
/* Appends, by medium, how many interactions the agent has (`has`), and how many its rule takes. For an agent without
 * a rule nothing is added to `takes`. */
void core_agent_load(const struct core *, uint32_t index, struct kv *has, struct kv *takes);
/* Writes why the agent has no room for that interaction now, though perhaps for one of another medium, for example
 * "capacity blended: no voice beside chat". False: the agent has room for it, or core_agent says why the agent
 * cannot be chosen. */
enum { CORE_ROOM_TEXT = 192 };
bool core_agent_room(const struct core *, uint64_t ixn, uint32_t index, char text[CORE_ROOM_TEXT]);
bool core_agent_group(const struct core *, uint32_t index, uint32_t at, struct span *name); /* false past the last */
/* A contact of an agent: an interaction that the agent has, or that is offered to the agent. An interaction that the
 * agent only looks at, or gives advice about, is no contact. */
struct contact_row {
    uint64_t ixn;
    uint64_t since_us;      /* logical time at which the agent answered, or at which the contact was offered */
    bool talks;             /* false: the contact is offered, or rings */
    struct span vq;         /* the virtual queue for which the agent was chosen; empty: none */
    struct span media;      /* the site's word for the medium */
    bool listen, take_over; /* a call: its switch lets supervisors listen, or take it over */
};
/* A supervisor who listens to the call of an interaction. */
struct listener_row {
    struct span by, dn, how; /* the supervisor, the telephone, and a word: listen, whisper, join or take_over */
    uint64_t since_us;       /* logical time */
    bool hears;              /* false: the telephone is still called */
};
/* Reads the next listener of the interaction; `*at` begins with 0. False: there are no more. */
bool core_listener(const struct core *, uint64_t ixn, uint32_t *at, struct listener_row *);
/* Reads at most `most` contacts of the agent: those that talk first, each kind in the order of time. Returns how many
 * were read. */
uint32_t core_agent_contacts(const struct core *, uint32_t index, struct contact_row *, uint32_t most);

/* May the person act on it (directory/may.h)? An agent, group, queue or interaction that the core does not know is
 * nobody's: true. Who leads a group still leads an agent whom somebody has taken out of it by hand. */
enum core_may_what {
    CORE_MAY_agent,
    CORE_MAY_group,
    CORE_MAY_queue,
    CORE_MAY_named, /* the agent, the queue and the group of that name, as far as there are any */
    CORE_MAY_work   /* an interaction, by `id`: also one that has just ended */
};
struct core_may {
    struct span person;
    enum core_may_what what;
    struct span name;
    uint64_t id;
    bool by_conn; /* `id` is a ConnID */
};
enum { CORE_MAY_TEXT = 320 };
/* False: `why` gets a sentence without a full stop. */
bool core_may(const struct core *, const struct core_may *, char why[CORE_MAY_TEXT]);
/* Who leads what, by the directory. False past the last. */
struct led_row {
    struct span person, of;
    bool group; /* of: a group; false: a queue */
};
bool core_led(const struct core *, uint32_t index, struct led_row *);
/* True: the directory says whom the person leads; such a person may not act on all. */
bool core_may_bounded(const struct core *, struct span person);

struct queue_row; /* totals.h */
bool core_queue(const struct core *, uint32_t index, struct queue_row *);
/* Reads at most `count` queues from `index` on with one pass over all waiting visits. Returns how many queues were
 * read. */
uint32_t core_queues(const struct core *, uint32_t index, struct queue_row *, uint32_t count);

uint32_t core_queue_count(const struct core *);
void core_queue_counts(const struct core *, uint32_t index, struct queue_row *); /* without longest_wait_us */

/* A counter of the site, or one of its keys. An empty key means the total. */
struct counter_row {
    struct span name, key;
    uint64_t count, beyond; /* beyond, of the total: how often there was no row left for a key */
    /* length of the counter's window in microseconds; 0: no window, or one that began at since_us */
    int64_t over_us;
    int64_t since_us; /* wall clock: when the window began; 0: it has no fixed beginning */
};
bool core_counter(const struct core *, uint32_t index, struct counter_row *); /* false past the last */
/* A latch of the site that a program reads. */
struct latch_row {
    struct span name;
    bool set;
    int64_t since_us; /* wall clock: when the latch was last set or reset, or first known */
};
bool core_latch(const struct core *, uint32_t index, struct latch_row *); /* false past the last */
/* Reads the present count of a counter. False: the counter was never counted. */
bool core_counter_named(const struct core *, struct span name, struct span key, uint64_t *count);

/* Counts the directory's agents per enum agent_state; other agents are not counted. */
void core_agent_states(const struct core *, uint64_t *counts, unsigned states);
/* Reads how long the first visit of each virtual queue has waited, for as many queues as there is room for. */
void core_longest_waits(const struct core *, uint64_t *longest_us, uint32_t queues);

/* How long distributed visits have waited: for each bound, the number of waits up to it and above the bound before.
 * The last bound has no limit. */
enum { CORE_WAITS = 13 };
struct core_waits {
    uint64_t bound_us[CORE_WAITS], count[CORE_WAITS], sum_us; /* bound UINT64_MAX: longer waits */
};
void core_waits(const struct core *, struct core_waits *);

/* The last hour of a virtual queue, by the core's time: how many callers abandoned it, and how many were
 * distributed, for each bound of struct core_waits. */
struct queue_hour_row {
    uint64_t abandoned, waits[CORE_WAITS];
};
void core_queue_hour(const struct core *, uint32_t index, struct queue_hour_row *);

struct interaction_row {
    uint64_t ixn, conn, arrived_us, changed_us;
    struct span strategy, media, owner_kind, owner, state, step, ani, dnis, outcome;
    struct span vq; /* virtual queue in which the interaction waits; empty: none */
    /* The last queue to which the interaction was submitted or moved; empty: none, or a call. */
    struct span queue;
    /* The queue or workbin where it is now, and the owner of the workbin; empty: in none, and of a queue. */
    struct span bin, bin_of;
    uint64_t back_us; /* logical time at which the interaction leaves its workbin by itself; 0: never */
    /* logical times at which the interaction is taken from its agent: if no reply has come, and if the agent is still
     * away; 0: no reply is awaited, or the agent is there */
    uint64_t reply_us, away_us;
    int64_t priority;
    uint32_t block_bytes;
    bool listen, take_over; /* as of a contact */
};
/* Reads the living interactions in the order of arrival, then those that ended lately (a ring of 10,000), newest
 * first. `*cursor` starts at 0. Arrivals and ends between two calls leave no interaction out; an interaction that
 * ends meanwhile may come twice. */
bool core_interaction(const struct core *, uint64_t *cursor, struct interaction_row *);
/* Finds an interaction by its id, by the id of one that was merged into it, or else by ConnID. One number may be the
 * id of an interaction and the ConnID of another one. */
bool core_find(const struct core *, uint64_t ixn, struct interaction_row *);
bool core_find_call(const struct core *, uint64_t conn, struct interaction_row *); /* by ConnID only */
/* Returns the interaction of a call that goes on or has just ended; 0: none. The search is fast, also for an unknown
 * call. */
uint64_t core_ixn_of(const struct core *, uint64_t conn);
/* Appends all attributes and user data, the present ones or those at the end. False: there is no such interaction. */
bool core_data(const struct core *, uint64_t ixn, struct kv *);
/* Returns the name that its adapter has given to an interaction that was submitted and has not been forgotten, borrowed
 * until the next input; empty: there is none. */
struct span core_external_id(const struct core *, uint64_t ixn);
/* Returns the keys that a strategy of a loaded image declares secret; traces and logs must not show them. */
struct message_mask core_mask(const struct core *);

/* A queue or workbin in which something waits now until somebody takes it. */
struct bin_row {
    struct span name, whose; /* whose: the owner of a workbin; empty: a queue. Without a name: there is nothing here */
    uint64_t count;
    uint64_t first_us; /* logical time at which the first of them arrived */
};
bool core_bin(const struct core *, uint32_t index, struct bin_row *); /* false past the last */

/* A call-back that is booked, or that has begun and goes on; rows come in no order. */
struct booking_row {
    uint64_t id;       /* id of the booking; 0: no call-back at this index */
    uint64_t from;     /* the interaction that booked the call-back; 0: a link or an administrator did */
    uint64_t ixn;      /* the interaction of the call-back; 0: it is not due yet */
    int64_t due_us;    /* wall clock, microseconds */
    uint32_t attempts; /* how often the call-back was dialled */
    struct span number, strategy, dn;
};
bool core_booking(const struct core *, uint32_t index, struct booking_row *); /* false past the last */
uint64_t core_bookings_ever(const struct core *);

/* A record of a calling list that the core holds. A row that is free has the id 0. */
struct list_record_row {
    uint64_t id;     /* number that the core gave the record */
    uint64_t record; /* number that the list gave the record */
    /* the interaction that calls the record; 0: none has begun, or it has ended and the list is to be told */
    uint64_t ixn;
    int64_t due_us;
    uint32_t attempts; /* how often the record was dialled */
    struct span campaign, number;
    struct span agent; /* the agent who has the record, or else for whom the call-back is; empty: none, and any agent
                        * may take it */
    const char *state, *meaning; /* the state of the record: a word, a sentence */
};
bool core_list_record(const struct core *, uint32_t index, struct list_record_row *); /* false past the last */
/* Returns how many records have an interaction. */
uint32_t core_list_records_called(const struct core *);
/* Reads the next record that has an interaction, from the index `at` on, and sets `at` behind it; false: there is none.
 * Records without an interaction cost hardly more than a look. */
bool core_list_record_called(const struct core *, uint32_t *at, struct list_record_row *);
/* Reads the record by its number in the campaign's list. If the core does not have the record, the row has the id 0 and
 * the state "elsewhere". */
void core_list_record_named(const struct core *, struct span campaign, uint64_t record, struct list_record_row *);

/* A campaign that is loaded. */
struct campaign_row {
    struct span name;          /* name of the campaign; empty: none at this index */
    const char *state;         /* "loaded", "running" or "unloading" */
    const char *halt;          /* word for a halted campaign: "has stopped", or "hardly dials" */
    unsigned mode;             /* enum campaign_mode */
    const char *why, *meaning; /* reason for dialling no further number now: a word, a sentence */
    struct span reason;        /* last error text of the calling list or the exchange; empty: nothing is wrong */
    bool asking;               /* true: the list was asked and has not answered */
    int64_t opens_us; /* wall clock: when the campaign's closed schedule opens; 0: it is open, or closed for a year */
    uint64_t buffered, due, ringing, waiting,
        /* numbers now; due: of the buffered records; waiting: people who answered and have no agent */
        connected;
    uint64_t dialled, answered, abandoned, failed; /* calls since the campaign was loaded */
    /* predictive: the chances in struct pacer_answer, in parts of 2^30 */
    uint32_t lost, allowed;
    int64_t credit;                             /* how many more calls could be abandoned, in thousandths */
    const uint32_t *rules;                      /* by enum campaign_rule */
    uint32_t ceiling;                           /* the rule abandoned_permille */
    uint64_t window_answered, window_abandoned; /* answered and abandoned calls in the window of the rule window_s */
    /* answered and abandoned calls of the last 15 or 30 minutes */
    uint64_t answered_15m, abandoned_15m, answered_30m, abandoned_30m;
#define CAMPAIGN_RESULT(name, doc) uint64_t name; /* how many failed calls had this result */
#include "runtime/vocabulary/campaign_results.def"
    uint64_t waited_us,
        waits; /* in the last half hour: how long agents were ready before calls, in all; and how many calls */
    uint64_t left, list_due, overdue, exhausted; /* struct campaign_listed, if `listed` */
    bool listed;
};
bool core_campaign(const struct core *, uint32_t index, struct campaign_row *); /* false past the last */
/* How many agents of the campaign's group are logged in, and how many of these are ready, or busy; all others have a
 * break. Reading it is slow, since each agent is looked at: only for requests of people. */
struct campaign_team {
    uint32_t agents, ready, busy;
};
struct campaign_team core_campaign_team(const struct core *, uint32_t index);
/* Reads only whether the campaign is halted: fast, for callers that ask after each batch. False past the last. */
bool core_campaign_halted(const struct core *, uint32_t index, bool *halted);

/* A campaign of the directory, loaded or not. */
struct campaign_definition_row {
    bool known; /* false: the directory has no campaign at this index now */
    struct span name;
    unsigned mode;                               /* enum campaign_mode */
    struct span agents, list, consent, rule_set; /* names; empty: none */
    struct span schedule, zone;
    struct span filter, order;
};
/* Reads the campaign's definition; `rules` has room for CAMPAIGN_RULES numbers, by enum campaign_rule. False: `index`
 * is past the last campaign. */
bool core_campaign_definition(const struct core *, uint32_t index, struct campaign_definition_row *, uint32_t *rules);

/* A question of an adapter (Read): kind and name of the object, `whose` workbin it is, after which row to begin, and
 * how many rows. `asker`: the agent for whom the adapter asks and who may see only workbins that are open to the
 * agent; empty: all workbins may be seen. */
struct view_asked {
    unsigned object; /* enum object: queue, workbin, agent, interaction */
    struct span name, whose, asker;
    bool external;  /* true: `name` is the external id under which an interaction was submitted */
    uint64_t after; /* begin after this interaction of the workbin or, for agents, the last `next`; 0: from the first */
    uint32_t count; /* most rows of the answer, up to 50; 0: 50 */
    /* of a queue or workbin: as in struct bin_view (view_bin.h); `filter` of agents: {find: a part of their names},
     * those who are logged out, too */
    struct span order, filter;
    struct span view; /* a view of the site: `object` and `name` are its own; empty: none */
};
/* Appends the answer, at most KV_BYTES_MAX; nothing if there is no object of the given kind and name. */
void core_view(const struct core *, const struct view_asked *, struct kv *into);

/* The step in the source at which a living interaction waits. With `busy`, the step of its busy block is read
 * instead. */
struct where_row {
    struct span step, function, file;
    uint32_t line, column; /* line in the source; 0: the image does not say it */
};
/* false: the interaction is at no step */
bool core_where(const struct core *, uint64_t ixn, bool busy, struct where_row *);
/* A waiting fiber of the interaction: the strategy, its busy block, a child of a race or parallel, or the child's
 * busy block. */
struct fiber_row {
    unsigned fiber;
    const char *what;       /* "strategy", "busy block", "child" */
    struct where_row where; /* place of the step in the source; an empty step: the fiber is at no step */
};
bool core_fiber(const struct core *, uint64_t ixn, uint32_t index, struct fiber_row *); /* false past the last */

/* One timer that is set. `object`: number of the object to which the timer belongs; for an interaction, its id
 * without the partition. */
struct timer_row {
    uint64_t deadline_us, object;
    const char *kind; /* the timer's kind, as timers.def names it */
    unsigned fiber;   /* for the kinds "step" and "again": the fiber to which the timer belongs */
    bool of_interaction, frozen;
};
/* timers come in no order; false: there are no more */
bool core_timer(const struct core *, uint32_t index, struct timer_row *);

/* The place of an interaction in a virtual queue. */
struct waiting_row {
    struct span vq;
    uint64_t entered_us, until_us; /* until_us: end of the wait; 0: a target is already chosen */
    uint64_t age_us;               /* when the interaction's first wait began; its rank counts its age from then */
    uint64_t expected_us;          /* UINT64_MAX: unknown */
    uint64_t among;                /* how many visits wait in the queue */
    uint32_t position;             /* position in the whole queue, from 1; 0: a target is already chosen */
    int64_t priority;
    bool asks; /* true: the selection asks agents before it gives them the call */
};
bool core_waiting(const struct core *, uint64_t ixn, struct waiting_row *); /* false: the interaction does not wait */
/* Finds when the fact (FACT_name) was last reported about this interaction, in logical time, and with which value.
 * False: the fact was never reported, or so long ago that the history has forgotten it. */
bool core_happened(const struct core *, uint64_t ixn, unsigned fact, uint64_t *at_us, unsigned *value);
/* Returns where the interaction's strategy had its last fault: "sales, sales.gcx:17"; empty: it had none, or so long
 * ago that it is forgotten. */
struct span core_fault(const struct core *, uint64_t ixn);

/* A routing point and the strategies that are active there. `strategy` gets `percent` of the arrivals, `before` the
 * rest. */
struct point_row {
    struct span dn, defaults, strategy, before;
    struct span given;                   /* arguments of `strategy`, as pairs */
    const uint8_t *image, *image_before; /* hashes of CORE_HASH bytes; NULL: no such strategy was ever active */
    int64_t answer_timeout_us, router_grace_us;
    uint32_t program; /* number for core_program; UINT32_MAX: no image */
    unsigned percent;
    bool known; /* in the directory now */
};
bool core_point(const struct core *, uint32_t index, struct point_row *);
/* false: the directory has no routing point at the DN */
bool core_point_at(const struct core *, struct span dn, struct point_row *);

/* A setting: a parameter, a business table or a schedule (enum table). Spans are borrowed. */
struct read_setting {
    bool known;            /* true: a value of the directory or a change by hand is in force, not the program's value */
    struct kv_value value; /* a table has none */
    uint32_t rows;         /* business table: how many rows are in force */
    bool has_base;         /* true: the directory has the setting */
    struct kv_value base;  /* the directory's value; not for a table */
    bool by_hand;
    struct span actor, why; /* who made the change by hand that is in force, and why; not for a table */
    int64_t at_us, until_us;
};
void core_setting(const struct core *, unsigned table, struct span name, struct read_setting *);
/* Appends the row of a business table that is in force for the key, as a pair of this key; with an empty key, any row.
 * False: there is no such row. */
bool core_setting_item(const struct core *, struct span name, struct span key, struct kv *row);

/* Appends up to `most` rows of a business table that are in force, in the order of their keys from place `from` on.
 * Returns how many rows the table has. */
uint32_t core_setting_rows(const struct core *, struct span name, uint32_t from, uint32_t most, struct kv *rows);

/* A change by hand; `name` is empty if this place has none. */
struct change_row {
    unsigned table;
    struct span name, item, row, actor, why; /* row: pairs with `value` */
    int64_t at_us, until_us;
};
bool core_change(const struct core *, uint32_t index, struct change_row *); /* false past the last */
/* Finds the change without an end below the one for a limited time: it is in force again when that one is taken back.
 * False: the item is not changed for a limited time, or nothing by hand is below. */
bool core_change_below(const struct core *, unsigned table, struct span name, struct span item, struct change_row *);

/* A note of the audit. `what`: "set", "taken back", "over", "imported", "campaign", "rollout", "helped", "state" (a
 * review of an agent's work, too), "work", of which `name` and `item` are the interaction, or "prompt", of which they
 * are the prompt. */
struct note_row {
    const char *what;
    unsigned table;
    /* before, now: pairs whose key is `value`; empty: as the program says */
    struct span name, item, before, now, actor, why;
    int64_t at_us, until_us;
    uint64_t version;
    bool listens; /* somebody has begun or ended to listen to a call, and nothing else has changed */
};
/* Reads the note of the list with the number `*number`, which is raised to that of the oldest note if the wanted note
 * is no longer kept. False past the newest. */
bool core_note(const struct core *, enum note_list, uint64_t *number, struct note_row *);
uint64_t core_notes(const struct core *, enum note_list); /* returns how many notes were ever made */

/* Returns the images that the core has used since it began; NULL: no more. */
const struct image *core_program(const struct core *, uint32_t index);
/* Does a program declare the category? */
bool core_has_category(const struct core *, struct span name);
/* Counts for each image how many living interactions run on it, looking at `at_most` interactions per call:
 * uses[index of core_program]. False: all interactions are counted. `*cursor` starts at 0. */
bool core_uses(const struct core *, uint64_t *cursor, uint32_t at_most, uint32_t *uses, uint32_t count);
struct own_medium_use { /* How one of the site's own media is used. */
    char name[64];      /* the name that a site last gave the medium, else own1 and the like */
    uint32_t open;      /* living interactions */
};
/* Reads the use of the site's own medium `own`, a number below MEDIA_OWN_MAX. */
void core_own_medium(const struct core *, unsigned own, struct own_medium_use *);

/* A kept decision about an interaction; decisions come oldest first. */
struct decision_row {
    /* entered_us: when the interaction entered the virtual queue, precise to a millisecond */
    uint64_t at_us, ixn, entered_us;
    struct span vq, chosen; /* chosen: the agent or target; empty: none */
    uint32_t line;          /* line of the select, numbered as in core_why_line() */
    /* numbers of agents, by the reason why they were not chosen */
    uint32_t candidates, not_ready, not_matching, claimed; /* claimed: agents with a claim or without room for more */
    /* how many agents matched, among those that the core examined */
    uint32_t among;
    uint32_t others;     /* how many other interactions waited in the virtual queue then */
    const char *order;   /* the order of the selection: a word of vm/orders.def */
    uint8_t figure_type; /* TYPE_INT, TYPE_DURATION, TYPE_PERCENT, or TYPE_FLOAT (the figure holds its bits);
                          * TYPE_VOID: no figure was compared */
    int64_t figure;      /* the chosen agent's figure */
    /* the last of the further orders that decided among agents of equal figures, as `order`; NULL: none did */
    const char *tie;
    uint32_t equal; /* how many agents were equal before that order decided */
    uint8_t tie_type;
    int64_t tie_figure;
};
/* Reads the decision with the given number, counted from 0 over all interactions. False: the decision is overwritten or
 * was not made yet. */
bool core_decision_at(const struct core *, uint64_t number, struct decision_row *);
/* Returns the number of the first kept decision at or after `at_us`. */
uint64_t core_decision_since(const struct core *, uint64_t at_us);
/* Reads the next decision; `*cursor` is 0 at first, and after false it is where the next decision will be. */
bool core_decision_next(const struct core *, uint64_t ixn, uint64_t *cursor, struct decision_row *);
/* An entry of the history: a fact with its change, code or type, and the person or thing that it is about. */
struct happening_row {
    uint64_t at_us, ixn;
    unsigned fact; /* FACT_name */
    unsigned value;
    struct span name;
};
bool core_happening_at(const struct core *, uint64_t number, struct happening_row *);
uint64_t core_happening_since(const struct core *, uint64_t at_us);
/* Reads the interaction that ended with the given number, counted from 0. False: the row of the interaction is
 * overwritten, or no interaction has ended with this number yet. */
bool core_ended_at(const struct core *, uint64_t number, struct interaction_row *);
uint64_t core_ended_count(const struct core *);
/* Appends the history of one interaction to `out` as lines of text for people, a kv list (at, what). At most
 * `at_most` lines from `*cursor` on (0: all that are kept). `*cursor` is moved after them, so that the next call
 * continues there. */
bool core_history_from(const struct core *, uint64_t ixn, uint64_t *cursor, uint32_t at_most, struct kv *out);

/* runtime/records/recorder_state.h - A recorder's memory of everything that has begun and is not over yet, and how
 * it writes values: for the files hear*.c.
 *
 *     recorder --- open (an interaction) --- steps, parties, offers: lists of what has begun in it
 *        \-------- agents, by name --------- agent_now of voice, then one per other medium
 *
 * A fact that begins something is noted here, and the fact that ends it writes one row, so a row is never changed.
 * The core's numbers of names are valid while it reports a fact: it later frees them and gives them to other names.
 * So a name is noted as its text (`struct named`), and an agent has a number given by the recorder. Everything here
 * belongs to the recorder; texts of rows are borrowed while `row` runs. A time has two clocks: durations are
 * computed by logical time, which never goes back; the wall clock, which may go back, is shown with it. */
#pragma once

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/table.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/read/read.h"
#include "runtime/records/table.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "vm/exec.h"

enum { QUARTER_US = 900000000, NAME = 72 };

/* A name as it was when a fact reported it; empty: none. */
struct named {
    char text[NAME];
};

struct moment {
    uint64_t us; /* a moment of logical time, plus 1; 0: the moment never was */
    int64_t wall_us;
};

struct open_step {
    struct open_step *next;
    struct moment began;
    struct where_row where; /* the place of the step in the source; its texts are borrowed from the image */
    uint8_t fiber;
};

struct open_party {
    struct open_party *next;
    struct moment rang, established, held;
    uint64_t held_us;
    struct named agent;
    struct span how; /* how a supervisor hears the call, as core_listener() says; empty: not yet, or no supervisor */
    uint8_t role;
    char number[NAME];
};

struct open_offer {
    struct open_offer *next;
    uint64_t claim;
    struct moment made, rang, answered;
    struct named agent, vq;
    const char *outcome; /* how the offer ended, in a word; NULL: not known before its end */
    bool asked;
};

struct open { /* an interaction that has not ended */
    uint64_t ixn;
    struct moment answered, owned, defaulted;
    uint64_t main, merged_into;
    struct open_step *steps;
    struct open_party *parties;
    struct open_offer *offers;
    struct named owner;
    /* the virtual queue in which the interaction waits; if there are several, the one that last chose an agent */
    struct named vq;
    struct named chosen;
    struct named campaign; /* the campaign for whose record the call is made */
    char *external;        /* what the adapter calls it, owned; NULL: not known, or it has no such name */
    struct named strategy; /* the last strategy that served the interaction; empty: not known */
    char version[17];      /* the first digits of the image whose strategy served the interaction last; empty: none */
    uint32_t rollout;      /* the rollout that counts the interaction; 0: none */
    bool candidate;        /* of that rollout: in the candidate's arm */
    uint32_t queues;       /* in how many virtual queues the interaction waits */
    uint32_t line;
    uint32_t next_free;
    uint16_t default_code, cause;
    uint8_t result; /* enum cause, result of the campaign's last call; other: not known */
    uint8_t owner_kind;
    bool has_cause, left, follows; /* follows: the strategy of now stands behind `then`: it is not who served */
};

struct recorded_agent {
    struct moment since;
    uint64_t told_us; /* until when the states have been written to agent_times */
    struct named place, dn;
    uint8_t state, work_mode, medium;
    bool telephone; /* of voice: the agent has one */
    char reason[NAME];
    struct recorded_agent *next; /* the agent's state of another medium */
};

struct recorder {
    struct core *core;
    void (*row)(void *, enum table_name, const struct record_value *);
    void *self;
    struct core_listener listener;
    struct vm_watch watch;
    struct open *opens;
    uint32_t open_count, open_capacity, free; /* free: slot + 1 */
    struct lookup by_ixn;
    struct names agent_names;       /* the agents who had a state */
    struct recorded_agent **agents; /* the agents by their numbers in agent_names */
    uint32_t agent_capacity;
    bool tells;      /* events are told */
    int64_t quarter; /* quarter of an hour of the last batch */
    struct out json, json2;
};

static inline struct record_value recorder_number(int64_t word)
{
    return (struct record_value){.kind = VALUE_IS_NUMBER, .number = word};
}

/* Returns the value of a text; an empty text is null. */
static inline struct record_value recorder_span(struct span text)
{
    return (struct record_value){.kind = text.length != 0 ? VALUE_IS_TEXT : VALUE_IS_NULL, .text = text};
}

static inline struct record_value recorder_word(const char *text)
{
    return recorder_span(span_of(text));
}

/* Returns the value of a name; it must be one that the core is reporting now. */
static inline struct record_value recorder_name(const struct recorder *r, uint32_t number)
{
    return recorder_span(core_text(r->core, number));
}

static inline struct named recorder_named(const struct recorder *r, uint32_t number)
{
    struct named name;
    static_assert((int)NAME > (int)NAME_BYTES_MAX, "each name has room");
    text_set_span(name.text, sizeof name.text, core_text(r->core, number));
    return name;
}

/* The team of an agent: the first by name of the agent's groups now. No value: the agent is in none, or is not known.
 */
struct record_value recorder_team(const struct recorder *, struct span agent);

static inline bool is_named(const struct recorder *r, const struct named *name, uint32_t number)
{
    return span_is(core_text(r->core, number), name->text);
}

static inline struct record_value recorder_moment(struct moment at)
{
    return (struct record_value){.kind = at.us != 0 ? VALUE_IS_MOMENT : VALUE_IS_NULL, .number = at.wall_us};
}

static inline struct record_value recorder_quarter(struct moment at)
{
    int64_t wall_us = at.wall_us >= 0 ? at.wall_us : 0;
    return (struct record_value){.kind = VALUE_IS_MOMENT, .number = wall_us - wall_us % QUARTER_US};
}

/* Returns the milliseconds between two times; null if one of them never was. */
static inline struct record_value recorder_between(struct moment from, struct moment to)
{
    if (from.us == 0 || to.us == 0) return (struct record_value){.kind = VALUE_IS_NULL};
    assert(from.us <= to.us);
    return recorder_number((int64_t)((to.us - from.us) / 1000));
}

static inline struct record_value ixn_in(uint64_t ixn, char text[IXN_TEXT])
{
    if (ixn == 0) return (struct record_value){.kind = VALUE_IS_NULL};
    return recorder_span((struct span){(const uint8_t *)text, ident_print_ixn(ixn, text)});
}

static inline struct moment recorder_now(const struct recorder *r)
{
    return (struct moment){core_time(r->core) + 1, core_wall(r->core)};
}

/* Returns the moment that is `us` microseconds before now. */
static inline struct moment recorder_ago(const struct recorder *r, uint64_t us)
{
    struct moment at = recorder_now(r);
    return (struct moment){at.us - us, at.wall_us - (int64_t)us};
}

/* Finds the entry of the interaction; NULL: there is none. The entry is borrowed until the next open_of. */
struct open *open_find(struct recorder *, uint64_t ixn);
/* Finds the interaction's entry, or makes one if there is none. */
char *recorder_copy(struct span); /* free(); NULL: it is empty */
struct open *open_of(struct recorder *, uint64_t ixn);
/* Frees the entry of the interaction, whose lists are empty. */
void open_end(struct recorder *, struct open *);

/* The end of an interaction writes rows: hear_steps.c, hear_parties.c, hear_queues.c. */
void steps_over(struct recorder *, struct open *, uint8_t fiber, const char *exit);
void hear_owner_over(struct recorder *, const struct open *);
void party_over(struct recorder *, const struct open *, struct open_party *);
void recorder_default_route(struct recorder *, struct open *, struct moment at, uint32_t to, unsigned code);

enum event_name {
#define EVENT(name, doc) EVENT_##name,
#include "runtime/records/events.def"
    EVENTS_TOLD
};
struct told_event { /* a row of events.def; its texts are borrowed during the call */
    enum event_name event;
    uint64_t ixn; /* 0: the event is of no interaction */
    struct span media, agent, vq, state, name, reason;
};
/* Tells the event, with what the core knows of its interaction: events.c. */
void event_tell(struct recorder *, const struct told_event *);

/* The VM's watcher: hear_steps.c. */
int32_t record_wait(void *self, const struct image *, uint32_t wait, uint64_t interaction, uint8_t fiber);
void record_wait_over(void *self, const struct image *, uint32_t wait, uint64_t interaction, uint8_t fiber,
                      int32_t code);

#define RECORDED(of, as) void record_##as(struct recorder *, const struct fact *);
#include "runtime/core/read/facts.def"

/* runtime/core/site/directory.h - The directory: agents and their skills, and the points where calls arrive. The
 * directory also knows which strategy is active where.
 *
 * Rows are staged as they come, and DirectoryCommit brings them into force together. Rows of agents go to the table
 * of agents. The directory itself has routing points, queues, DNs, places, settings and campaigns, and the names of
 * groups and skills. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/base/table.h"
#include "runtime/core/site/campaign.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/reason.h"
#include "runtime/core/site/setting.h"
#include "runtime/vocabulary/message.h"

struct agents;
struct claims;
struct cursors;
struct facts;
struct interactions;
struct now;
struct slab;
struct strategies;
struct timers;
struct vm;

enum { QUEUE_HANDLING_S = 10800, QUEUE_OFFER_S = 30 }; /* default times, in seconds, of a queue without such settings */
enum {
    STAGED_BYTES_MAX = 256u << 20,
    POINTS_MAX = 65535,
    QUEUES_MAX = 65535,
    PROGRAMS_MAX = 4096,
};

/* An active strategy: a strategy of a program, with its arguments. */
struct binding {
    uint16_t program; /* PROGRAM_NONE: none */
    uint16_t strategy;
    struct span given; /* the strategy's arguments; owned by the routing point */
    /* Of a binding that was chosen for an arrival: the rollout that counts it, and its arm (rollouts/rollout.h); 0: no
     * rollout does. */
    uint32_t rollout;
    uint8_t arm;
    bool follows; /* it follows the strategy that served the interaction, as its `then` says */
};

struct point { /* a routing point */
    uint32_t dn;
    struct span defaults; /* owned: the default destinations, names separated by commas */
    int64_t answer_timeout_us, router_grace_us;
    struct binding now, before; /* `now` gets `percent` of the arrivals, `before` gets the others */
    uint8_t percent;
    uint32_t rollout;   /* id of the rollout that is open at the point; 0: none */
    uint16_t candidate; /* program of that rollout's candidate; PROGRAM_NONE: no rollout is open */
    uint64_t told;      /* hash of the configuration that links were last sent; 0: none was sent */
    bool known;         /* the directory has it */
    bool seen;
};

struct queue {
    uint32_t name, dn;
    /* For submitted interactions: how long an agent may do nothing with one; how long one is offered to an agent. */
    uint64_t handling_us, offer_us;
    uint64_t routing_us; /* how long a strategy may work on an interaction; 0: for its own lifetime */
    bool known, seen;
    bool elsewhere; /* true: the queue belongs to another domain */
};

/* A list of frames that wait for their commit, one after another. */
struct staging {
    uint8_t *bytes; /* owned */
    uint32_t length, capacity;
};

struct directory {
    const struct core_options *options;
    const struct now *now;
    const struct facts *facts;
    struct names *names;
    struct timers *timers;
    struct slab *slab;
    struct vm *vm; /* evaluates conditions again when a change by hand has ended; NULL until the core has made it */
    struct agents *agents;
    const struct claims *claims;
    struct interactions *interactions;
    struct strategies *strategies;
    struct cursors *cursors;
    struct staging staged, bindings; /* frames of DirectoryRow; frames of Activate that belong to a load */
    uint64_t staged_version;         /* version of the directory in the staged rows */
    bool staged_cut;                 /* true: rows were refused, so the staged rows are incomplete */
    uint64_t version;
    /* Hash of all rows of the last import; zero: there was none, or single rows were changed since. An importer that
     * knows rows with this hash sends only the rows that differ. */
    uint8_t rows_hash[CORE_HASH];
    uint32_t activated; /* how often a routing point has got another strategy */
    struct point *points;
    uint32_t point_count, point_capacity;
    struct lookup by_dn;
    struct queue *queues;
    uint32_t queue_count, queue_capacity;
    struct lookup by_name;
    struct settings settings;
    struct places places;
    struct reasons reasons;
    struct campaign_definitions campaigns;
};

struct point *core_directory_point(const struct directory *, uint32_t dn); /* NULL: none */
/* Does the same for a point that the directory may have no more. */
struct point *core_directory_point_made(const struct directory *, uint32_t dn);
/* Returns the routing point to which the queue's strategy is bound: the point with the queue's name, else the point
 * at the queue's DN. NULL: there is none. */
struct point *core_directory_queue_point(const struct directory *, uint32_t queue);
/* Returns the strategy for a new arrival at the routing point; chosen by share if two are active. `number`: the id of
 * the interaction, or where that is still to be made (`made` false) of what makes it. The strategy's arguments are
 * borrowed until the next Activate. */
struct binding core_directory_binding(const struct directory *, const struct point *, uint64_t number, bool made);
/* True: some routing point gives new arrivals to the program. */
bool core_directory_in_force(const struct directory *, uint16_t program);
/* Notes the moment at which the program was in force last, if no routing point gives it to arrivals any more. */
void core_directory_left(struct directory *, uint16_t program);
/* Returns the queue of the given name; if the directory has none, a queue with the default times. */
struct queue core_directory_queue(const struct directory *, uint32_t name);
/* True: the directory has a queue of the given name, or a strategy is bound to it. */
bool core_directory_has_queue(const struct directory *, uint32_t name);
/* Returns the queue's DN, or the queue's own name if the directory has no DN for it. 0: there is no such queue. */
uint32_t core_directory_queue_dn(const struct directory *, uint32_t name);

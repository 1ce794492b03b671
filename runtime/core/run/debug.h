/* runtime/core/run/debug.h - Debuggers of single interactions: where a debugger stops one, for how long, and which
 * debugger it has.
 *
 * A debugger is a connection of the admin socket, and has one interaction, or waits for the next one that comes to a
 * routing point (armed). All its requests come as events (Debug), so a replay stops at the same places. While an
 * interaction is stopped, none of its instructions run and its timers are frozen; an answer to the step where it
 * waits is taken, and the fiber is then stopped after that step. The caller hears music if nothing else plays.
 *
 * No interaction is stopped for ever: after the debugger's time limit a timer lets it continue, and the debugger
 * loses it. The host reports when the connection is gone; a new leader lets all interactions continue. When the
 * customer hangs up, a signal comes or the strategy fails, the handler for it runs without a stop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/message.h"
#include "vm/exec.h"

struct debug_when;
struct core;
struct interaction;

enum { DEBUGGERS_MAX = 16, DEBUG_PLACES_MAX = 7900 };
#define DEBUG_BOUND_US     UINT64_C(30000000)   /* time limit of a debugger that gives none */
#define DEBUG_BOUND_MAX_US UINT64_C(3600000000) /* an hour */

/* The places where a debugger stops, as function * 65,536 + instruction, ascending. */
struct debug_places {
    uint32_t *all;
    uint32_t count;
};

struct debugger_row {
    uint64_t client;              /* number of the connection; 0: the row is free */
    uint64_t ixn;                 /* id of the debugger's interaction; 0: it waits for one */
    uint32_t actor;               /* name of the person who debugs */
    uint32_t dn;                  /* while the debugger waits: name of the routing point */
    uint64_t one_in;              /* of this many interactions that meet the condition, the debugger takes the last */
    struct kv when;               /* comparisons */
    struct debug_when *condition; /* the expression; NULL: none */
    uint64_t bound_us;
    /* since when the debugger has its interaction; until when the interaction stays stopped at most, 0: it runs now */
    uint64_t since_us, until_us;
    uint32_t timer;
    uint32_t hold;    /* ref of the music that a stopped caller hears; 0: none */
    uint32_t depth;   /* for `steps`: does not stop in frames that are deeper than this */
    uint16_t program; /* number of the program to which the places belong */
    uint16_t fiber;   /* for `steps`: stops in this fiber, or in fiber 0; 256: in any fiber */
    bool at_once;     /* true: stops before the next instruction, at whatever place */
    struct debug_places breaks, steps;
};

struct debuggers {
    struct debugger_row all[DEBUGGERS_MAX];
    uint32_t count, attached;
    struct vm_stops stops;
};

/* The key of the list of places in a message, where they are packed. */
#define DEBUG_PLACES "at"
enum { DEBUG_PLACE_BYTES = 4 };

/* debug_on_request takes Debug, a debugger's request, and replies. debug_on_epoch takes Epoch: the connections of
 * the leader before are gone. (debug_request.c) */
void debug_on_request(struct core *, const struct message *);
void debug_on_epoch(struct core *, const struct message *);

/* A strategy begins on the interaction: gives it to a debugger that waits for such an interaction, if there is one. */
void debug_arrives(struct core *, struct interaction *);
/* Stops the interaction, because one of its fibers has reached a place to stop. */
void debug_stands(struct core *, struct interaction *);
/* Plays music to the caller of a stopped interaction, if nothing else plays. */
void debug_hold(struct core *, struct interaction *);
/* The interaction's strategy has something else to do now, or has ended: the interaction is no longer stopped. */
void debug_moves(struct core *, struct interaction *);

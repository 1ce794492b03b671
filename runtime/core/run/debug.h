/* runtime/core/run/debug.h - Debuggers of single interactions: where one stops, how long it stands, and who has it.
 *
 * A debugger is a connection of the admin socket, and has one interaction, or waits for the next one that comes to a
 * routing point (armed). All that it asks for comes as events (Debug), so a replay stops at the same places. While an
 * interaction stands, no instruction of it runs and its timers are frozen; what the world tells of the step where it
 * waits is taken, and the fiber then stands behind the step. The caller hears music where nothing else plays.
 *
 * Nothing stands for good: a timer lets the interaction go on after the debugger's bound, and the debugger has lost it
 * then. The host tells when the connection is gone; a new leader lets go of all. When the customer hangs up, a signal
 * comes or the strategy fails, its handler runs without a stop. */
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
#define DEBUG_BOUND_US     UINT64_C(30000000)   /* of a debugger that names none */
#define DEBUG_BOUND_MAX_US UINT64_C(3600000000) /* an hour */

/* The places where a debugger stops: function * 65,536 + instruction, ascending. */
struct debug_places {
    uint32_t *all;
    uint32_t count;
};

struct debugger_row {
    uint64_t client;              /* the connection; 0: the row is free */
    uint64_t ixn;                 /* id of its interaction; 0: it waits for one */
    uint32_t actor;               /* name of the person who debugs */
    uint32_t dn;                  /* while it waits: name of the routing point */
    uint64_t one_in;              /* it takes the last of this number of interactions that meet the condition */
    struct kv when;               /* comparisons */
    struct debug_when *condition; /* the expression; NULL: none */
    uint64_t bound_us;
    uint64_t since_us, until_us; /* it has its interaction; it stands no longer than that, 0: it does not stand */
    uint32_t timer;
    uint32_t hold;    /* ref of the music that the caller hears while it stands; 0: none */
    uint32_t depth;   /* of `steps`: in frames no deeper */
    uint16_t program; /* program to which the places belong */
    uint16_t fiber;   /* of `steps`: in this fiber, or in fiber 0; 256: in any */
    bool at_once;     /* it stops before the next instruction, wherever that is */
    struct debug_places breaks, steps;
};

struct debuggers {
    struct debugger_row all[DEBUGGERS_MAX];
    uint32_t count, attached;
    struct vm_stops stops;
};

/* The packed form of places in a message, and their names there. */
#define DEBUG_PLACES "at"
enum { DEBUG_PLACE_BYTES = 4 };

/* Debug: does what is asked, and replies. Epoch: the connections of the leader before are gone. (debug_request.c) */
void debug_on_request(struct core *, const struct message *);
void debug_on_epoch(struct core *, const struct message *);

/* A strategy begins on the interaction: gives it to a debugger that waits for such a one, if there is any. */
void debug_arrives(struct core *, struct interaction *);
/* A fiber of the interaction has stopped before an instruction. */
void debug_stands(struct core *, struct interaction *);
/* It stands: the caller hears music where nothing else plays. */
void debug_hold(struct core *, struct interaction *);
/* Its strategy has something else to do now, or is over: it stands no longer. */
void debug_moves(struct core *, struct interaction *);

/* runtime/sim/bridge.h - The T-Server of the virtual play: turns a switch's reports into events, and effects into
 * services.
 *
 *     world (people) --- switch.h --- reports --> bridge --- events --> partition (core, journal in memory)
 *                           ^                       |                        |
 *                           '------ services -------'<------- effects -------'
 *
 * The bridge works in memory without a protocol: frames are passed directly to and from the partition. The bridge also
 * acts as the data sources: queries get the test's answers. The bridge borrows partition, switch, world and trace. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/journal/partition.h"
#include "runtime/sim/plan.h"
#include "runtime/sim/switch.h"
#include "runtime/sim/world.h"

struct sim_site;
struct bridge;

enum { BRIDGE_LINK = SOURCE_LINKS };

struct bridge *bridge_new(const struct plan *, const struct image *, struct trace *, uint64_t first_conn);
void bridge_free(struct bridge *);
void bridge_begin(struct bridge *, struct partition *, struct sim_switch *, struct world *, struct happenings *);
/* Sets a function that lets the partition work when its ring is full, as while a long directory is posted. */
void bridge_on_full(struct bridge *, void (*relieve)(void *self), void *self);

/* Returns the functions by which the test's people act: a switch, desktops, and changes of the site in one. */
struct world_hands bridge_hands(struct bridge *);

/* From now on the play fails if it needs something that this site does not have. */
void bridge_hold(struct bridge *, const struct sim_site *);

/* Posts the directory, the activations and the start of the link. */
void bridge_open(struct bridge *, const uint8_t image_hash[CORE_HASH], uint64_t now_us);

/* Turns the switch's reports into events, and passes them to world and happenings. True: there were some. */
bool bridge_hear(struct bridge *, uint64_t now_us);
/* Carries out an effect that the partition released. */
void bridge_perform(struct bridge *, struct span frame, uint64_t now_us);

/* Notes why the core ends an interaction; the switch is only told if the interaction is a call. */
void bridge_ending(struct bridge *, uint64_t ixn, struct span why, uint64_t now_us);

/* At the end of the play: adds to the trace what only the core knows about the interactions. */
void bridge_finish(struct bridge *);

/* Returns when the next late answer of a source, or another planned action, is due; and carries out what is due. */
uint64_t bridge_next(const struct bridge *);
void bridge_advance(struct bridge *, uint64_t now_us);

uint32_t bridge_arrival(struct bridge *, uint64_t conn); /* the arrival with this ConnID; NO_ARRIVAL: none */
uint32_t bridge_arrival_of_ixn(const struct bridge *, uint64_t ixn);
uint64_t bridge_conn(const struct bridge *, uint32_t arrival); /* the arrival's ConnID; 0: the arrival never came */
/* Looks what the core has booked, and who owns submitted interactions. */
void bridge_booked(struct bridge *, uint64_t now_us);
uint32_t bridge_records_put_off(const struct bridge *); /* how many records will be handed to the core again */
/* Returns the interaction of the arrival's last call-back; 0: there is none. */
uint64_t bridge_last_ixn(const struct bridge *, uint32_t arrival);
/* Returns the agent who has written the submitted reply, borrowed from the test; NULL: none has. */
const char *bridge_author(const struct bridge *, uint32_t arrival);

/* runtime/sim/bridge.h - The T-Server of the virtual play: a switch's reports as events, effects as its services.
 *
 *     world (people) --- switch.h --- reports --> bridge --- events --> partition (core, journal in memory)
 *                           ^                       |                        |
 *                           '------ services -------'<------- effects -------'
 *
 * In memory and without protocol: frames go straight into the partition and come straight out of it. It also stands for
 * the data sources: queries are answered by the test. Borrows partition, switch, world and trace. */
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
/* Lets the partition work while a long directory is posted. */
void bridge_on_full(struct bridge *, void (*relieve)(void *self), void *self);

/* What the people of the test do things with: at once a switch, desktops, and those who change the site. */
struct world_hands bridge_hands(struct bridge *);

/* From now on the play fails where it needs something that this site lacks. */
void bridge_hold(struct bridge *, const struct sim_site *);

/* Posts the directory, the activations and the link's beginning. */
void bridge_open(struct bridge *, const uint8_t image_hash[CORE_HASH], uint64_t now_us);

/* Turns the switch's reports into events, and tells them to world and happenings. True: there were some. */
bool bridge_hear(struct bridge *, uint64_t now_us);
/* Carries out an effect that the partition released. */
void bridge_perform(struct bridge *, struct span frame, uint64_t now_us);

/* Notes why the core ends an interaction; the switch is told that only if the interaction is a call. */
void bridge_ending(struct bridge *, uint64_t ixn, struct span why, uint64_t now_us);

/* When the play is over: tells the trace of the interactions, as far as only the core knows. */
void bridge_finish(struct bridge *);

/* When the next late answer of a source, or other planned thing, is due; and carries out what is due. */
uint64_t bridge_next(const struct bridge *);
void bridge_advance(struct bridge *, uint64_t now_us);

uint32_t bridge_arrival(struct bridge *, uint64_t conn); /* the arrival of this ConnID; NO_ARRIVAL: none */
uint32_t bridge_arrival_of_ixn(const struct bridge *, uint64_t ixn);
uint64_t bridge_conn(const struct bridge *, uint32_t arrival); /* its ConnID; 0: it never came */
/* Looks at what the core has booked, and who has what was submitted. */
void bridge_booked(struct bridge *, uint64_t now_us);
uint32_t bridge_records_put_off(const struct bridge *); /* how many records are yet to be handed over again */
/* The interaction of the arrival's last call-back; 0: it has none. */
uint64_t bridge_last_ixn(const struct bridge *, uint32_t arrival);

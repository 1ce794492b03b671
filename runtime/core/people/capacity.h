/* runtime/core/people/capacity.h - Capacities: the rules by which agents take several interactions at once.
 *
 * A rule says how many interactions of each medium an agent takes, and which media exclude each other
 * (vm/capacity.h). The images bring the rules, the directory says which agent has which rule. The agents' table owns
 * the rules; a rule keeps its slot for ever. Slot 0 is the rule of agents without any other: one interaction at a
 * time. A rule that no image has brought yet has the same content as slot 0. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"
#include "vm/capacity.h"

enum { CAPACITY_SINGLE = 0, CAPACITIES_MAX = 1u << 12 };

struct capacity {
    uint32_t name;        /* name of the rule; 0: slot 0, which has no name */
    struct media_set all; /* the media that the rule allows */
    struct capacity_rule rule;
};

/* The units that an agent has of each medium, and the set of media of which the agent has any. */
struct media_load {
    struct media_set media;
    uint8_t units[MEDIA_KINDS];
};

struct capacities {
    struct capacity *all;
    uint32_t count, capacity;
    struct lookup by_name;
    uint64_t content; /* part of the digest: hash of the rules that images have brought */
};

void capacities_init(struct capacities *);
void capacities_free(struct capacities *);

/* Returns the slot of the rule of the given name, which is made if needed. CAPACITY_SINGLE: `name` is 0, or there
 * are too many rules. */
uint16_t capacity_named(struct capacities *, uint32_t name);
/* Does the same as capacity_named but makes no rule; CAPACITY_SINGLE: there is none. */
uint16_t capacity_find(const struct capacities *, uint32_t name);
/* Sets a rule that an image has brought. True: the rule differs from the earlier one. */
bool capacity_set(struct capacities *, uint16_t slot, const struct capacity_rule *);
const struct capacity_rule *capacity_rule(const struct capacities *, uint16_t slot);
/* Does the rule allow this number of units of each medium, in whatever order they came? */
bool capacity_holds(const struct capacity_rule *, const uint8_t load[MEDIA_KINDS]);
/* Returns the media of which an agent with the given rule and load may be given one more. `wrap`: media in
 * after-call work; each counts as one unit of the medium. */
struct media_set capacity_room(const struct capacities *, uint16_t slot, const struct media_load *,
                               struct media_set wrap);
/* Writes or reads the rules (vm/keep.h). */
void capacities_keep(struct capacities *, const struct names *, struct keeper *);

/* runtime/core/site/place.h - The directory's DNs, and the places to which they belong.
 *
 * A place has any number of DNs; a DN belongs to at most one place. An agent is at the place of the DN where the
 * agent is logged in, unless the link reports another place; the agent's field `place` follows this rule. At one
 * place an agent may be logged in at several DNs (people/line.h). A place may have a capacity rule: for agents there
 * who have no rule of their own. A place may be in groups: an agent is in these groups while at the place. The
 * directory owns the table; a change is in force from its commit on. A DN keeps its slot for ever. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct directory;

enum { DNS_MAX = 1u << 20, PLACE_END = UINT32_MAX };

struct dn {
    uint32_t name, place; /* names; place 0: the DN belongs to no place */
    uint32_t next;        /* the next DN of its place, in the order of their numbers; PLACE_END: none */
    bool known;           /* the directory has it */
    bool seen, seat_seen; /* true: the present commit names the DN (seen), and its place (seat_seen) */
};

struct place {
    uint32_t name, first, last; /* first, last: DNs of the place; PLACE_END: it has none */
    uint16_t capacity;          /* rule for agents at the place who have no rule of their own; CAPACITY_SINGLE: none */
    bool seen;                  /* true: the present commit names the place */
    uint16_t group_count;
    uint32_t *groups, group_capacity; /* owned: names */
};

struct places {
    struct dn *dns;
    struct place *all;
    uint32_t dn_count, dn_capacity, count, capacity;
    struct lookup by_dn, by_name;
    uint32_t told;    /* how many agents have a place that a link reports */
    uint64_t content; /* sum of hashes: which DN belongs to which place, which DNs are known; capacities, groups */
};

void places_init(struct places *);
void places_free(struct places *);

/* Rows of the directory. places_dn notes whether the directory has the DN. places_seat notes that the DN belongs to
 * the given place; 0: to none. */
void places_dn(struct directory *, uint32_t dn, bool known);
void places_seat(struct directory *, uint32_t dn, uint32_t place);
/* places_capacity sets the rule for agents at the place who have no rule of their own. */
void places_capacity(struct directory *, uint32_t place, uint16_t capacity);
/* places_group notes whether the place is in the group. */
void places_group(struct directory *, uint32_t place, uint32_t group, bool in);
/* Called before and after the rows of a whole directory: drops the DNs that no row has named. */
void places_unsee(struct places *);
void places_drop_unseen(struct directory *);
bool places_check(const struct places *); /* true: lists, ends and `content` agree with the DNs. Slow. */

/* Writes or reads DNs and places (vm/keep.h). places_sound: each DN of a place is in the place's list, and the place's
 * capacity is a rule that exists. */
void places_keep(struct directory *, struct keeper *);
bool places_sound(const struct directory *);

/* true: the directory has a DN, a capacity or a group for this place */
bool places_known(const struct places *, uint32_t place);
bool places_dn_known(const struct places *, uint32_t dn);        /* true: the directory has this DN at present */
uint32_t places_of_dn(const struct places *, uint32_t dn);       /* returns 0 if the DN belongs to no place */
uint32_t places_first_dn(const struct places *, uint32_t place); /* returns 0 if the place has no DN */
/* Finds the next place of the group that has a DN, from the number `at` on, which begins with 0 and is set for the next
 * call. Returns its name; 0: there are no more. The order is that in which the core learnt of the places. */
uint32_t places_next_of_group(const struct places *, uint32_t group, uint32_t *at);
/* Returns the agent who is logged in at the place, at a DN of the link `source` if there is one there; AGENT_NONE:
 * nobody. */
uint32_t places_agent(const struct directory *, unsigned source, uint32_t place);

/* Notes that the agent is at the given DN of the link `source`. `told` is the place that the link reports; 0: none.
 * The caller updates the agent's place in the ready list. */
void places_agent_at(struct directory *, uint32_t agent, unsigned source, uint32_t dn, uint32_t told);
/* The places of DNs, or the capacities or groups of places, have changed: updates the agents there. */
void places_changed(struct directory *);
/* returns CAPACITY_SINGLE if the place has no rule */
uint16_t places_capacity_of(const struct places *, uint32_t place);
/* Sets the agent's rule anew, because its place or its claims may have changed which rule applies. The caller
 * updates the agent's place in the ready list. */
bool places_agent_capacity(struct directory *, uint32_t agent);

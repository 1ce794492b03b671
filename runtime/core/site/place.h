/* runtime/core/site/place.h - The directory's DNs, and the places that they belong to.
 *
 * A place has DNs, a DN one place at most. An agent is at the place of the DN at which it is logged in, but where its
 * link says another one: `place` of the agent is kept so. Owned by the directory, in force at its commits; a DN keeps
 * its slot for good. */
#ifndef CORE_PLACE_H
#define CORE_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct core;

enum { DNS_MAX = 1u << 20, PLACE_END = UINT32_MAX };

struct dn {
    uint32_t name, place; /* names; place 0: it belongs to none */
    uint32_t next;        /* of its place, in the order of their numbers; PLACE_END */
    bool known;           /* the directory has it */
    bool seen, seat_seen; /* the commit at hand names it; and its place */
};

struct place {
    uint32_t name, first, last; /* of its DNs; PLACE_END */
};

struct places {
    struct dn *dns;
    struct place *all;
    uint32_t dn_count, dn_capacity, count, capacity;
    struct lookup by_dn, by_name;
    uint32_t told;    /* agents whose place a link says */
    uint64_t content; /* additive: who belongs where, and which are known */
};

void places_init(struct places *);
void places_free(struct places *);

/* Rows of the directory: that there is such a DN; that it belongs to that place, 0: to none. */
void places_dn(struct core *, uint32_t dn, bool known);
void places_seat(struct core *, uint32_t dn, uint32_t place);
/* Before the rows of a whole directory, and after them: what it does not name is gone. */
void places_unsee(struct places *);
void places_drop_unseen(struct core *);
bool places_check(const struct places *);

bool places_dn_known(const struct places *, uint32_t dn);
uint32_t places_of_dn(const struct places *, uint32_t dn); /* 0: none */
uint32_t places_first_dn(const struct places *, uint32_t place); /* 0: it has none */
/* Who is logged in there; AGENT_NONE. */
uint32_t places_agent(const struct core *, uint32_t place);

/* The agent is where the link says (0: it says nothing), at that DN. */
void places_agent_at(struct core *, uint32_t agent, uint32_t dn, uint32_t told);
/* Other DNs belong to other places now: so do those who are logged in there. */
void places_changed(struct core *);

#endif

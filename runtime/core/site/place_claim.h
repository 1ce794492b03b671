/* runtime/core/site/place_claim.h - Claims of places: while a call rings or talks at a place where nobody is logged in
 * (a porter's telephone, a door, a night telephone), no other call is sent there.
 *
 *     route porter answer 15s     claims the place and sends the call
 *     somebody answers            the claim stays until that telephone leaves the call
 *     nobody answers, the route fails, the caller hangs up: the claim ends
 *
 * Invariant: a place has at most one claim. An agent who is logged in has claims of the agent's own
 * (people/claim.h); the place is then not claimed.
 *
 * The table owns the rows. An interaction has a row for each place where it rings, in the order in which they were
 * claimed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct interaction;
struct interactions;

enum { PLACE_CLAIM_NONE = UINT32_MAX };

struct place_claim {
    uint64_t ixn;       /* id of the interaction; 0: the row is free */
    uint32_t place, dn; /* names: the place, and the telephone there that rings */
    uint32_t next;      /* the next row of the interaction, or the next free row */
    bool talks;         /* true: somebody at the place has answered */
};

struct place_claims {
    const struct names *names;
    const struct interactions *interactions;
    struct place_claim *all;
    uint32_t count, capacity, free;
    struct lookup by_place;
    struct lookup by_ixn; /* the interaction's first row */
    uint64_t content;     /* sum of the rows' hashes */
};

/* Returns the interaction's first row at whose place nobody has answered; PLACE_CLAIM_NONE: the interaction rings at no
 * place. */
uint32_t place_claim_rings(const struct place_claims *, const struct interaction *);
/* Returns the next such row of the same interaction after `row`. */
uint32_t place_claim_rings_after(const struct place_claims *, uint32_t row);
/* Returns the interaction's row with this telephone; PLACE_CLAIM_NONE: it has none. */
uint32_t place_claim_of(const struct place_claims *, const struct interaction *, uint32_t dn);
/* Does the same by the hash of the DN's text. */
uint32_t place_claim_at(const struct place_claims *, const struct interaction *, uint64_t dn);
/* True: another interaction rings or talks at the place. */
bool place_claim_is_others(const struct place_claims *, const struct interaction *, uint32_t place);

/* Returns the row of the place; PLACE_CLAIM_NONE: no call has it. */
uint32_t place_claim_with(const struct place_claims *, uint32_t place);

/* Claims the place for the interaction, which rings at `dn`. False: another interaction has the place. */
bool place_claim_take(struct place_claims *, const struct interaction *, uint32_t place, uint32_t dn);
/* Somebody has answered at the telephone, 0: elsewhere: the interaction's other claims end. */
void place_claim_answered(struct place_claims *, const struct interaction *, uint32_t dn);
void place_claim_end(struct place_claims *, uint32_t row);
/* Ends the claims at which the interaction rings. */
void place_claim_abandon(struct place_claims *, const struct interaction *);

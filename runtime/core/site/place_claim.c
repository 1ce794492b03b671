/* runtime/core/site/place_claim.c - The table of claimed places, by place and by interaction.
 *
 *     interaction --by_ixn--> [porter, rings] -> [lobby, rings]       place "lobby" --by_place--> [lobby, rings]
 */
#include "runtime/core/site/place_claim.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/interactions/interaction.h"

static uint64_t place_claim_key(const void *owner, uint32_t row)
{
    return ((const struct place_claims *)owner)->all[row].place;
}

static uint64_t place_claim_ixn(const void *owner, uint32_t row)
{
    return ((const struct place_claims *)owner)->all[row].ixn;
}

static void place_claims_init(void *self, const struct parts *parts)
{
    struct place_claims *claims = self;
    *claims =
        (struct place_claims){.names = parts->names, .interactions = parts->interactions, .free = PLACE_CLAIM_NONE};
    lookup_init(&claims->by_place, claims, place_claim_key);
    lookup_init(&claims->by_ixn, claims, place_claim_ixn);
}

static void place_claims_free(void *self)
{
    struct place_claims *claims = self;
    free(claims->all);
    lookup_free(&claims->by_place);
    lookup_free(&claims->by_ixn);
}

static uint64_t place_claim_hash(const struct place_claim *claim)
{
    return table_mix64(table_mix64(table_mix64(claim->ixn) + claim->place) + ((uint64_t)claim->dn << 1) + claim->talks);
}

static uint32_t place_claim_first(const struct place_claims *claims, const struct interaction *ix)
{
    uint32_t row;
    return claims->by_ixn.count != 0 && lookup_find(&claims->by_ixn, ix->id, &row) ? row : PLACE_CLAIM_NONE;
}

uint32_t place_claim_rings(const struct place_claims *claims, const struct interaction *ix)
{
    uint32_t row = place_claim_first(claims, ix);
    return row == PLACE_CLAIM_NONE || !claims->all[row].talks ? row : place_claim_rings_after(claims, row);
}

uint32_t place_claim_rings_after(const struct place_claims *claims, uint32_t row)
{
    do row = claims->all[row].next;
    while (row != PLACE_CLAIM_NONE && claims->all[row].talks);
    return row;
}

uint32_t place_claim_of(const struct place_claims *claims, const struct interaction *ix, uint32_t dn)
{
    uint32_t row = place_claim_first(claims, ix);
    while (row != PLACE_CLAIM_NONE && claims->all[row].dn != dn) row = claims->all[row].next;
    return row;
}

uint32_t place_claim_at(const struct place_claims *claims, const struct interaction *ix, uint64_t dn)
{
    uint32_t row = place_claim_first(claims, ix);
    while (row != PLACE_CLAIM_NONE &&
           table_text_hash(claims->names, names_text(claims->names, claims->all[row].dn)) != dn)
        row = claims->all[row].next;
    return row;
}

bool place_claim_is_others(const struct place_claims *claims, const struct interaction *ix, uint32_t place)
{
    uint32_t row;
    return claims->by_place.count != 0 && lookup_find(&claims->by_place, place, &row) && claims->all[row].ixn != ix->id;
}

uint32_t place_claim_with(const struct place_claims *claims, uint32_t place)
{
    uint32_t row;
    return lookup_find(&claims->by_place, place, &row) ? row : PLACE_CLAIM_NONE;
}

bool place_claim_take(struct place_claims *claims, const struct interaction *ix, uint32_t place, uint32_t dn)
{
    uint32_t row, last = place_claim_first(claims, ix);
    assert(place != 0 && dn != 0);
    if (lookup_find(&claims->by_place, place, &row)) {
        if (claims->all[row].ixn != ix->id) return false;
        place_claim_end(claims, row); /* an earlier route of the interaction */
        last = place_claim_first(claims, ix);
    }
    row = POOL_TAKE(claims, next);
    claims->all[row] = (struct place_claim){.ixn = ix->id, .place = place, .dn = dn, .next = PLACE_CLAIM_NONE};
    claims->content += place_claim_hash(&claims->all[row]);
    lookup_add(&claims->by_place, row);
    if (last == PLACE_CLAIM_NONE) {
        lookup_add(&claims->by_ixn, row);
        return true;
    }
    while (claims->all[last].next != PLACE_CLAIM_NONE) last = claims->all[last].next;
    claims->all[last].next = row;
    return true;
}

void place_claim_answered(struct place_claims *claims, const struct interaction *ix, uint32_t dn)
{
    uint32_t row = dn == 0 ? PLACE_CLAIM_NONE : place_claim_of(claims, ix, dn);
    if (row != PLACE_CLAIM_NONE) {
        claims->content -= place_claim_hash(&claims->all[row]);
        claims->all[row].talks = true;
        claims->content += place_claim_hash(&claims->all[row]);
    }
    place_claim_abandon(claims, ix);
}

/* Ends the claim; if the row was the interaction's first one, the lookup by interaction is set to the next row. */
void place_claim_end(struct place_claims *claims, uint32_t row)
{
    const struct place_claim claim = claims->all[row];
    uint32_t before;
    bool found = lookup_find(&claims->by_ixn, claim.ixn, &before);
    assert(claim.ixn != 0 && found);
    claims->content -= place_claim_hash(&claim);
    lookup_remove(&claims->by_place, claim.place);
    if (before == row) {
        lookup_remove(&claims->by_ixn, claim.ixn);
        if (claim.next != PLACE_CLAIM_NONE) lookup_add(&claims->by_ixn, claim.next);
    } else {
        while (claims->all[before].next != row) before = claims->all[before].next;
        claims->all[before].next = claim.next;
    }
    POOL_GIVE(claims, row, next);
}

void place_claim_abandon(struct place_claims *claims, const struct interaction *ix)
{
    for (uint32_t row; (row = place_claim_rings(claims, ix)) != PLACE_CLAIM_NONE;) place_claim_end(claims, row);
}

static void place_claims_forget(void *self, struct interaction *ix)
{
    struct place_claims *claims = self;
    for (uint32_t row; (row = place_claim_first(claims, ix)) != PLACE_CLAIM_NONE;) place_claim_end(claims, row);
}

static uint64_t place_claims_hash(const void *self)
{
    return ((const struct place_claims *)self)->content;
}

static bool place_claims_good(const void *self)
{
    const struct place_claims *claims = self;
    uint64_t content = 0;
    uint32_t count = 0;
    for (uint32_t row = 0; row < claims->count; row++) {
        if (claims->all[row].ixn == 0) continue;
        content += place_claim_hash(&claims->all[row]);
        count++;
    }
    return content == claims->content && count == claims->by_place.count;
}

static void place_claim_keep(struct place_claims *claims, struct keeper *keeper, uint32_t row)
{
    struct place_claim *claim = &claims->all[row];
    claim->ixn = keep_u64(keeper, claim->ixn);
    claim->next = keep_index(keeper, claim->next, claims->count, PLACE_CLAIM_NONE);
    if (claim->ixn == 0) return;
    claim->place = name_keep(claims->names, keeper, claim->place);
    claim->dn = name_keep(claims->names, keeper, claim->dn);
    claim->talks = keep_bool(keeper, claim->talks);
    if (keep_reading(keeper)) claims->content += place_claim_hash(claim);
    lookup_restore(&claims->by_place, keeper, row);
}

/* The first row of each interaction is no other row's next row. */
static void place_claims_keep(void *self, struct keeper *keeper)
{
    struct place_claims *claims = self;
    POOL_KEEP(claims, keeper, UINT32_MAX);
    for (uint32_t row = 0; row < claims->count && keep_good(keeper); row++) place_claim_keep(claims, keeper, row);
    if (!keep_reading(keeper)) return;
    struct marks further = marks_of(claims->count);
    for (uint32_t row = 0; row < claims->count && keep_good(keeper); row++)
        if (claims->all[row].next != PLACE_CLAIM_NONE && !marks_mark(&further, claims->all[row].next))
            keep_fail(keeper, "a claim of a place stands in two lists");
    for (uint32_t row = 0; row < claims->count && keep_good(keeper); row++)
        if (claims->all[row].ixn != 0 && marks_mark(&further, row)) lookup_restore(&claims->by_ixn, keeper, row);
    marks_free(&further);
}

/* True: each row is free, or belongs to a living interaction and has a place and a telephone. */
static bool place_claims_sound(void *self)
{
    const struct place_claims *claims = self;
    struct marks marks = marks_of(claims->count);
    bool good = true;
    POOL_MARK_FREE(claims, next, ixn, 0, &marks, good);
    for (uint32_t at = claims->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(claims->interactions, at)->next) {
        const struct interaction *ix = interaction_at(claims->interactions, at);
        for (uint32_t row = place_claim_first(claims, ix); good && row != PLACE_CLAIM_NONE; row = claims->all[row].next)
            good = marks_mark(&marks, row) && claims->all[row].ixn == ix->id && claims->all[row].place != 0 &&
                   claims->all[row].dn != 0;
    }
    return marks_end(&marks, claims->count) && good;
}

const struct part_ops part_ops_place_claims = {
    .size = sizeof(struct place_claims),
    .since = 18,
    .init = place_claims_init,
    .free = place_claims_free,
    .forget = place_claims_forget,
    .hash = place_claims_hash,
    .check = place_claims_good,
    .keep = place_claims_keep,
    .sound = place_claims_sound,
};

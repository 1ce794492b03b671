/* runtime/twin/rival_calls.c - The table of calls: finds a call by its number in either core, and keeps its lists. */
#include "runtime/twin/rival_state.h"

static uint64_t rival_key_number(const void *owner, uint32_t slot)
{
    const struct rival *r = owner;
    return r->calls[slot].ixn;
}

static uint64_t rival_key_other(const void *owner, uint32_t slot)
{
    const struct rival *r = owner;
    return r->calls[slot].other;
}

void rival_calls_init(struct rival *r)
{
    lookup_init(&r->by_number, r, rival_key_number);
    lookup_init(&r->by_other, r, rival_key_other);
}

struct rival_call *rival_call_named(const struct rival *r, uint64_t ixn)
{
    uint32_t slot;
    return ixn != 0 && lookup_find(&r->by_number, ixn, &slot) ? &r->calls[slot] : NULL;
}

struct rival_call *rival_call_add(struct rival *r, uint64_t ixn)
{
    struct interaction_row row;
    struct rival_call *call = rival_call_named(r, ixn);
    if (call || ixn == 0 || !core_find(r->half[WAS].core, ixn, &row) || row.ixn != ixn) return call;
    r->calls = memory_more(r->calls, r->call_count, sizeof *r->calls);
    call = &r->calls[r->call_count];
    *call = (struct rival_call){.ixn = ixn, .conn = row.conn, .arrived_us = row.arrived_us};
    lookup_add(&r->by_number, (uint32_t)r->call_count++);
    return call;
}

/* A rival's interaction belongs to the call of its ConnID or, without one, to that of its number. */
struct rival_call *rival_call_add_other(struct rival *r, uint64_t other)
{
    struct interaction_row row, old;
    uint32_t slot;
    if (other == 0) return NULL;
    if (lookup_find(&r->by_other, other, &slot)) return &r->calls[slot];
    if (!core_find(r->half[IS].core, other, &row) || row.ixn != other) return NULL;
    uint64_t ixn = row.conn != 0 ? core_ixn_of(r->half[WAS].core, row.conn) : other;
    if (ixn == 0 || !core_find(r->half[WAS].core, ixn, &old) || old.arrived_us != row.arrived_us) return NULL;
    struct rival_call *call = rival_call_add(r, ixn);
    if (!call || call->other != 0) return NULL;
    call->other = other;
    lookup_add(&r->by_other, (uint32_t)(call - r->calls));
    return call;
}

void rival_touch(struct rival *r, struct rival_call *call)
{
    if (call->touched || call->left) return;
    call->touched = true;
    r->touched = memory_more(r->touched, r->touched_count, sizeof *r->touched);
    r->touched[r->touched_count++] = (size_t)(call - r->calls);
}

void rival_pair_add(struct rival_pairs *pairs, uint64_t was, uint64_t is)
{
    pairs->rows = memory_more(pairs->rows, pairs->count, sizeof *pairs->rows);
    pairs->rows[pairs->count].was = was;
    pairs->rows[pairs->count++].is = is;
}

bool rival_mapped(const struct rival_pairs *pairs, uint64_t from, uint64_t *to)
{
    for (size_t i = pairs->count, looked = 0; i > 0 && looked < PAIRS_BACK; i--, looked++) {
        if (pairs->rows[i - 1].was != from) continue;
        *to = pairs->rows[i - 1].is;
        return true;
    }
    return false;
}

void rival_did_add(struct rival_call *call, enum side side, enum did_list list, struct rival_did *did)
{
    did->next = NULL;
    if (call->last[side][list])
        call->last[side][list]->next = did;
    else
        call->first[side][list] = did;
    call->last[side][list] = did;
}

struct rival_did *rival_did_take(struct rival_call *call, enum side side, enum did_list list)
{
    struct rival_did *did = call->first[side][list];
    if (!did) return NULL;
    call->first[side][list] = did->next;
    if (!did->next) call->last[side][list] = NULL;
    did->next = NULL;
    return did;
}

bool rival_did_same(const struct rival_did *was, const struct rival_did *is)
{
    return was->kind == is->kind && was->length == is->length && memcmp(was->bytes, is->bytes, was->length) == 0;
}

void rival_call_forget(struct rival_call *call)
{
    struct rival_did *did;
    for (unsigned side = 0; side < SIDES; side++)
        for (unsigned list = 0; list < DID_LISTS; list++)
            while ((did = rival_did_take(call, side, list))) free(did);
    for (struct rival_question *next; call->questions; call->questions = next) {
        next = call->questions->next;
        free(call->questions->did);
        free(call->questions->answer);
        free(call->questions);
    }
    for (struct rival_did *next; call->asking; call->asking = next) {
        next = call->asking->next;
        free(call->asking);
    }
    free(call->refs.rows);
    call->refs = (struct rival_pairs){0};
}

void rival_calls_free(struct rival *r)
{
    for (size_t i = 0; i < r->call_count; i++) rival_call_forget(&r->calls[i]);
    lookup_free(&r->by_number);
    lookup_free(&r->by_other);
    free(r->calls);
    free(r->touched);
}

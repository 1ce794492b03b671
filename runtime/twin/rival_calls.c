/* runtime/twin/rival_calls.c - The table of calls: finds a call by its number in either core, and keeps its lists. */
#include "runtime/twin/rival_state.h"

static uint64_t rival_key_number(const void *owner, uint32_t slot)
{
    const struct rival *r = owner;
    return r->calls[slot].ixn;
}

void rival_calls_init(struct rival *r)
{
    struct interaction_row row;
    lookup_init(&r->by_number, r, rival_key_number);
    for (uint64_t cursor = 0; core_interaction(r->half[WAS].core, &cursor, &row);)
        if (row.ixn > r->newest) r->newest = row.ixn;
    r->before = r->newest;
}

bool rival_lives(const struct core *core, uint64_t ixn)
{
    struct interaction_row row;
    return core_find(core, ixn, &row) && row.ixn == ixn && row.block_bytes != 0;
}

struct rival_call *rival_call_named(const struct rival *r, uint64_t ixn)
{
    uint32_t slot;
    return ixn != 0 && lookup_find(&r->by_number, ixn, &slot) ? &r->calls[slot] : NULL;
}

static struct rival_call *rival_row(struct rival *r)
{
    if (r->call_free != 0) {
        struct rival_call *call = &r->calls[r->call_free - 1];
        r->call_free = call->next_free;
        return call;
    }
    r->calls = memory_more(r->calls, r->call_count, sizeof *r->calls);
    return &r->calls[r->call_count++];
}

/* A call that has ended before this batch is none any more. */
struct rival_call *rival_call_add(struct rival *r, uint64_t ixn)
{
    struct interaction_row row;
    struct rival_call *call = rival_call_named(r, ixn);
    if (call || ixn == 0 || !core_find(r->half[WAS].core, ixn, &row) || row.ixn != ixn) return call;
    bool lives = row.block_bytes != 0;
    if (!lives && row.changed_us != r->batch.time_us) return NULL;
    call = rival_row(r);
    *call = (struct rival_call){.ixn = ixn, .conn = row.conn, .arrived_us = row.arrived_us, .over = !lives};
    lookup_add(&r->by_number, (uint32_t)(call - r->calls));
    if (!lives) rival_touch(r, call);
    return call;
}

struct rival_call *rival_call_add_other(struct rival *r, uint64_t ixn)
{
    struct interaction_row row;
    struct rival_call *call = rival_call_named(r, ixn);
    if (call && call->there) return call;
    if (ixn == 0 || !core_find(r->half[IS].core, ixn, &row) || row.ixn != ixn) return NULL;
    call = rival_call_add(r, ixn);
    if (call) call->there = true;
    return call;
}

void rival_call_gone(struct rival *r, const struct rival_call *call)
{
    r->gone = memory_more(r->gone, r->gone_count, sizeof *r->gone);
    r->gone[r->gone_count++] = (size_t)(call - r->calls);
}

void rival_calls_settle(struct rival *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->gone_count; i++) {
        struct rival_call *call = &r->calls[r->gone[i]];
        assert(call->over && call->left);
        if (call->touched) {
            r->gone[kept++] = r->gone[i];
            continue;
        }
        lookup_remove(&r->by_number, call->ixn);
        rival_call_forget(call);
        *call = (struct rival_call){.next_free = r->call_free};
        r->call_free = r->gone[i] + 1;
    }
    r->gone_count = kept;
}

size_t rival_kept(const struct rival *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->call_count; i++) kept += r->calls[i].ixn != 0;
    return kept;
}

/* ---- new interactions ---- */

enum { FRESH_AT_ONCE = 1000 }; /* interactions that one batch makes; a larger gap between two ids is none of them */
#define RIVAL_OWN_IDS (UINT64_C(0xff) << 40) /* ids that the rival's core makes, without the partition */

void rival_fresh_note(struct rival *r, uint64_t ixn)
{
    if (ixn <= r->newest) return;
    uint64_t first = ixn - r->newest < FRESH_AT_ONCE ? r->newest + 1 : ixn;
    for (r->newest = ixn; first <= ixn; first++) {
        r->fresh = memory_more(r->fresh, r->fresh_count, sizeof *r->fresh);
        r->fresh[r->fresh_count++] = (struct rival_fresh){.ixn = first};
    }
}

/* A call is found by its ConnID. Other interactions of a medium are made in the same order by both cores. */
uint64_t rival_number(struct rival *r, unsigned media, uint64_t conn)
{
    const struct core *present = r->half[WAS].core;
    const uint64_t named = conn != 0 ? core_ixn_of(present, conn) : 0;
    struct interaction_row row;
    for (size_t i = 0; i < r->fresh_count; i++) {
        struct rival_fresh *fresh = &r->fresh[i];
        bool same = conn != 0 ? fresh->ixn == named
                              : core_find(present, fresh->ixn, &row) && span_is(row.media, enum_name_media(media));
        if (fresh->taken || !same) continue;
        fresh->taken = true;
        return fresh->ixn;
    }
    r->alone[IS]++;
    return (uint64_t)r->core_options.partition << 48 | RIVAL_OWN_IDS | ++r->own;
}

void rival_fresh_settle(struct rival *r)
{
    for (size_t i = 0; i < r->fresh_count; i++) r->alone[WAS] += !r->fresh[i].taken;
    r->fresh_count = 0;
}

uint64_t rival_alone(const struct rival *r, bool candidate)
{
    return r->alone[candidate ? IS : WAS];
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
    if (pairs->count == PAIRS_KEPT) {
        pairs->count = PAIRS_BACK;
        memmove(pairs->rows, pairs->rows + PAIRS_KEPT - PAIRS_BACK, PAIRS_BACK * sizeof *pairs->rows);
    }
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

const char *rival_moment(const struct rival_did *did)
{
    assert(did->kind == KIND_ASK);
    return (const char *)did->bytes + WANTED_TEXT;
}

/* What a selection has computed is compared where both began at the same moment. */
bool rival_did_same(const struct rival_did *was, const struct rival_did *is)
{
    if (was->kind == KIND_ASK && is->kind == KIND_ASK && was->at_us == is->at_us &&
        strcmp(rival_moment(was), rival_moment(is)) != 0)
        return false;
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
    free(r->calls);
    free(r->gone);
    free(r->fresh);
    free(r->touched);
}

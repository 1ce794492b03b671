/* runtime/core/run/follow_up.c - The table of follow-up strategies: one row per interaction
 * that has one.
 *
 *     route ... then survey(x)      the row keeps program, strategy and arguments
 *       |  the agent hangs up
 *       v
 *     pull back asked of the link --ok--> EventRouteRequest --> the follow-up strategy begins
 *       |  refused, or no answer in time: asked once more
 *       v
 *     default destination
 *
 * The row exists while the call is with agents. The row is removed when the follow-up begins, when another strategy
 * takes the call, or when the call ends. */
#include "runtime/core/run/follow_up.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "vm/steps.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/arguments.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_call.h"

enum { PULL_BACK_US = 5000000, PULLS_MAX = 2 };

static uint64_t follow_up_key(const void *owner, uint32_t slot)
{
    const struct follow_ups *follow_ups = owner;
    return follow_ups->all[slot].ixn;
}

static void follow_ups_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    struct follow_ups *follow_ups = core->follow_ups;
    *follow_ups = (struct follow_ups){.free = FOLLOW_UP_NONE};
    lookup_init(&follow_ups->by_ixn, follow_ups, follow_up_key);
}

static void follow_ups_free(void *self)
{
    struct core *core = self;
    struct follow_ups *follow_ups = core->follow_ups;
    for (uint32_t at = 0; at < follow_ups->count; at++) free(follow_ups->all[at].given);
    free(follow_ups->all);
    lookup_free(&follow_ups->by_ixn);
}

static struct follow_up_row *follow_up_of(const struct core *core, const struct interaction *ix)
{
    uint32_t slot;
    return ix->followed && lookup_find(&core->follow_ups->by_ixn, ix->id, &slot) ? &core->follow_ups->all[slot] : NULL;
}

/* Reads the number of the follow-up strategy that the route step names. False: the step names none, or its condition
 * did not hold. */
static bool follow_up_wanted(const struct core *core, const struct interaction *ix, uint32_t *strategy)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t word;
    uint16_t type;
    if (!vm_arg(slab, block, 0, PARAMETER_route_then, &word, &type) ||
        word >= image_count(block_image(slab, block), SECTION_STRATEGIES))
        return false;
    *strategy = (uint32_t)word;
    return true;
}

bool follow_up_is_small(struct core *core, const struct interaction *ix)
{
    uint32_t strategy;
    return !follow_up_wanted(core, ix, &strategy) || arguments_keep(core, ix, 0, strategy, PARAMETER_route_given);
}

bool follow_up_is_wanted(const struct core *core, const struct interaction *ix)
{
    uint32_t strategy;
    return follow_up_wanted(core, ix, &strategy);
}

/* Stores the follow-up strategy. Arguments are evaluated now, while the strategy's block still has them, and stored
 * as pairs. */
void follow_up_keep(struct core *core, struct interaction *ix)
{
    struct follow_ups *follow_ups = core->follow_ups;
    uint32_t strategy;
    follow_up_forget(core, ix);
    if (!follow_up_wanted(core, ix, &strategy) || (!ix->submitted && !link_can(core->links, ix->link, CAP_PULL_BACK)))
        return;
    if (!arguments_keep(core, ix, 0, strategy, PARAMETER_route_given)) return;
    struct span given = kv_span(&core->given);
    uint32_t slot = POOL_TAKE(follow_ups, next);
    struct follow_up_row row = {.ixn = ix->id,
                                .given = memory_zeroed(given.length + 1, 1),
                                .length = given.length,
                                .next = FOLLOW_UP_NONE,
                                .program = ix->program,
                                .strategy = (uint16_t)strategy};
    if (given.length != 0) memcpy(row.given, given.bytes, given.length);
    row.hash = table_mix64(table_mix64(table_text_hash(core->names, given) + strategy) + 1);
    follow_ups->all[slot] = row;
    lookup_add(&follow_ups->by_ixn, slot);
    ix->followed = true;
}

/* True: the call has a party other than the customer. */
static bool somebody_is_there(const struct core *core, const struct interaction *ix)
{
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next)
        if (core->interactions->parties[at].role != party_role_customer) return true;
    return false;
}

/* Asks the link to pull the call back. If the link succeeds it sends EventRouteRequest; otherwise it refuses, or
 * does not answer in time. */
static void follow_up_ask(struct core *core, struct interaction *ix, struct follow_up_row *row)
{
    struct effect effect = {
        .kind = KIND_RequestCallControl, .link = ix->link, .interaction = ix, .timeout_us = PULL_BACK_US};
    row->pulling = true;
    row->asked++;
    row->ref = effect_begin(core->effects, &effect);
    writer_u(&core->effects->writer, RequestCallControl_op, call_op_pull_back);
    writer_bytes(&core->effects->writer, RequestCallControl_dn, core_name(core, row->left));
    writer_u(&core->effects->writer, RequestCallControl_cause, cause_ok);
    effect_end(core->effects);
    effect_await(core->effects, ix, KIND_RequestCallControl, row->ref, ix->link, 0, PULL_BACK_US);
    interaction_tell(core->interactions, ix, FACT_call_controlled, call_op_pull_back, row->left);
    interaction_touch(core->interactions, ix);
}

/* True: only the customer is on the call, and no strategy runs. */
static bool left_alone(const struct core *core, const struct interaction *ix)
{
    return !ix->running && !ix->gone && ix->leg && !somebody_is_there(core, ix);
}

/* A party has left: asks for the call only if the customer is alone on it. */
void follow_up_left(struct core *core, struct interaction *ix, uint32_t dn)
{
    struct follow_up_row *row = follow_up_of(core, ix);
    if (!row || row->pulling || !left_alone(core, ix)) return;
    row->left = dn;
    row->asked = 0;
    interaction_touch(core->interactions, ix);
    if (link_usable(core->links, ix->link)) follow_up_ask(core, ix, row);
}

bool follow_up_is_awaited(const struct core *core, const struct interaction *ix, uint64_t ref)
{
    const struct follow_up_row *row = follow_up_of(core, ix);
    return row && row->pulling && row->ref == ref;
}

/* True: the caller must send the call to the default destination. A call is not sent there if it has ended, or if it
 * has a party that the core does not know. */
bool follow_up_refused(struct core *core, struct interaction *ix, unsigned code)
{
    struct follow_up_row *row = follow_up_of(core, ix);
    assert(row && row->pulling);
    effect_settled(core->effects, ix, row->ref);
    row->pulling = false;
    interaction_touch(core->interactions, ix);
    /* the call has ended; the event about that will follow */
    if (code == code_unknown_conn_id || code == code_gone) return false;
    if (!left_alone(core, ix) || !link_usable(core->links, ix->link)) return false;
    if (row->asked < PULLS_MAX) {
        follow_up_ask(core, ix, row);
        return false;
    }
    if (code == code_invalid_state) return false; /* the call has a party that the core does not know */
    follow_up_forget(core, ix);
    return true;
}

/* The link has reported the call after an interruption: a request that the adapter never saw is sent again. */
void follow_up_observed(struct core *core, struct interaction *ix, uint64_t last_ref)
{
    struct follow_up_row *row = follow_up_of(core, ix);
    if (!row || row->left == 0 || !left_alone(core, ix) || !link_usable(core->links, ix->link)) return;
    if (row->pulling && row->ref <= last_ref && !effect_is_before_skip(ix, row->ref))
        return; /* the adapter has the request and will answer it */
    effect_settled(core->effects, ix, row->ref);
    row->asked = 0;
    follow_up_ask(core, ix, row);
}

bool follow_up_is_pulled(const struct core *core, const struct interaction *ix)
{
    const struct follow_up_row *row = follow_up_of(core, ix);
    return row && !ix->running && (row->pulling || (row->asked != 0 && left_alone(core, ix)));
}

/* Returns the follow-up strategy. The caller owns `given` and frees it; the binding points into it. */
struct binding follow_up_take(struct core *core, struct interaction *ix, uint8_t **given)
{
    struct follow_up_row *row = follow_up_of(core, ix);
    assert(row);
    struct binding binding = {
        .program = row->program, .strategy = row->strategy, .given = {row->given, row->length}, .follows = true};
    *given = row->given;
    row->given = NULL;
    follow_up_forget(core, ix);
    return binding;
}

void follow_up_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    struct follow_ups *follow_ups = core->follow_ups;
    struct follow_up_row *row = follow_up_of(core, ix);
    if (!row) return;
    uint32_t slot = (uint32_t)(row - follow_ups->all);
    if (row->pulling) effect_settled(core->effects, ix, row->ref);
    lookup_remove(&follow_ups->by_ixn, ix->id);
    free(row->given);
    POOL_GIVE(follow_ups, slot, next);
    ix->followed = false;
}

/* Returns the hash of the interaction's row; 0: it has none. */
static uint64_t follow_up_hash(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    const struct follow_up_row *row = follow_up_of(core, ix);
    if (!row) return 0;
    uint64_t left = row->left == 0 ? 0 : table_text_hash(core->names, core_name(core, row->left));
    return row->hash + table_mix64(left + table_mix64(row->ref) + row->pulling + UINT64_C(2) * row->asked);
}

static void follow_up_row_keep(struct core *core, struct keeper *keeper, uint32_t slot)
{
    struct follow_up_row *row = &core->follow_ups->all[slot];
    row->ixn = keep_u64(keeper, row->ixn);
    row->next = keep_index(keeper, row->next, core->follow_ups->count, FOLLOW_UP_NONE);
    if (row->ixn == 0) return;
    row->hash = keep_u64(keeper, row->hash);
    row->given = keep_owned(keeper, row->given, &row->length, BLOCK_BYTES_MAX);
    if (keep_reading(keeper) && !kv_check((struct span){row->given, row->length}, NULL))
        keep_fail(keeper, "the arguments of a follow-up strategy are damaged");
    row->program = program_keep(core->strategies, keeper, row->program);
    row->strategy = keep_u16(keeper, row->strategy);
    row->left = name_keep(core->names, keeper, row->left);
    row->ref = keep_u32(keeper, row->ref);
    row->asked = keep_u8(keeper, row->asked);
    row->pulling = keep_bool(keeper, row->pulling);
    lookup_restore(&core->follow_ups->by_ixn, keeper, slot);
}

static void follow_ups_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct follow_ups *follow_ups = core->follow_ups;
    POOL_KEEP(follow_ups, keeper, UINT32_MAX);
    for (uint32_t slot = 0; slot < follow_ups->count && keep_good(keeper); slot++)
        follow_up_row_keep(core, keeper, slot);
}

/* True: each row belongs to an interaction that has a follow-up strategy, or is free. */
static bool follow_ups_sound(void *self)
{
    struct core *core = self;
    const struct follow_ups *follow_ups = core->follow_ups;
    struct marks marks = marks_of(follow_ups->count);
    bool good = true;
    POOL_MARK_FREE(follow_ups, next, ixn, 0, &marks, good);
    for (uint32_t at = core->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(core->interactions, at)->next) {
        const struct interaction *ix = interaction_at(core->interactions, at);
        const struct follow_up_row *row = follow_up_of(core, ix);
        if (ix->followed) good = row && marks_mark(&marks, (uint32_t)(row - follow_ups->all));
        if (ix->followed && good)
            good = row->program != PROGRAM_NONE &&
                   row->strategy < image_count(core->strategies->programs[row->program].image, SECTION_STRATEGIES);
    }
    return marks_end(&marks, follow_ups->count) && good;
}

const struct part_ops part_ops_follow_ups = {
    .size = sizeof(struct follow_ups),
    .init = follow_ups_init,
    .free = follow_ups_free,
    .forget = follow_up_forget,
    .content = follow_up_hash,
    .keep = follow_ups_keep,
    .sound = follow_ups_sound,
};

/* runtime/core/run/judged.c - The table of judgements. See judged.h. */
#include "runtime/core/run/judged.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "vm/system_words.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/queues/vq.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/media.h"

static uint64_t judgement_key(const void *owner, uint32_t slot)
{
    const struct judgements *judgements = owner;
    return judgements->all[slot].customer;
}

static uint64_t judgement_ixn(const void *owner, uint32_t slot)
{
    const struct judgements *judgements = owner;
    return judgements->all[slot].ixn;
}

static void judgements_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    *core->judgements = (struct judgements){0};
    lookup_init(&core->judgements->by_customer, core->judgements, judgement_key);
    lookup_init(&core->judgements->by_ixn, core->judgements, judgement_ixn);
}

static void judgements_free(void *self)
{
    struct core *core = self;
    free(core->judgements->all);
    lookup_free(&core->judgements->by_customer);
    lookup_free(&core->judgements->by_ixn);
}

/* The rows of names that the texts have are not the same in every core, so the hash is of the texts. */
static uint64_t judgement_hash(const struct core *core, const struct judgement *row)
{
    uint64_t hash = table_mix64(table_text_hash(core->names, core_name(core, row->customer)) + row->ixn);
    hash = table_mix64(hash + table_text_hash(core->names, core_name(core, row->vq)));
    return table_mix64(table_mix64(hash + row->asked_us) + row->until_us);
}

static struct judgement *judgement_of(const struct core *core, uint32_t customer)
{
    uint32_t slot;
    bool found = customer != 0 && lookup_find(&core->judgements->by_customer, customer, &slot);
    return found ? &core->judgements->all[slot] : NULL;
}

/* Returns the text by which the customer is found; `own` has room for the id of an interaction. */
static struct span judged_whom(const struct interaction *ix, struct span customer, char own[IXN_TEXT])
{
    if (customer.length != 0) return customer;
    return (struct span){(const uint8_t *)own, ident_print_ixn(ix->id, own)};
}

/* The row, which is about to be written anew, leaves the lookups and the sum of hashes. */
static void judgement_out(struct core *core, const struct judgement *row)
{
    struct judgements *judgements = core->judgements;
    judgements->content -= judgement_hash(core, row);
    lookup_remove(&judgements->by_customer, row->customer);
    lookup_remove(&judgements->by_ixn, row->ixn);
}

/* Returns the row of the customer; of a new customer a new row, or that of the customer who has had theirs longest. */
static uint32_t judgement_slot(struct core *core, uint32_t customer)
{
    struct judgements *judgements = core->judgements;
    const struct judgement *row = judgement_of(core, customer);
    if (row) {
        judgement_out(core, row);
        return (uint32_t)(row - judgements->all);
    }
    if (judgements->count == JUDGEMENTS_MAX) {
        uint32_t slot = judgements->turn;
        judgements->turn = (slot + 1) % JUDGEMENTS_MAX;
        judgement_out(core, &judgements->all[slot]);
        return slot;
    }
    judgements->all =
        memory_grow(judgements->all, &judgements->capacity, judgements->count + 1, sizeof *judgements->all);
    return judgements->count++;
}

enum code judged_ask(struct core *core, const struct interaction *ix, uint32_t vq, struct span customer,
                     uint64_t within_us, uint64_t every_us)
{
    char own[IXN_TEXT];
    struct judgements *judgements = core->judgements;
    uint64_t now_us = core->now->time_us;
    uint32_t slot, name = names_pass(core->names, judged_whom(ix, customer, own));
    const struct judgement *row = judgement_of(core, name);
    if (name == 0 || vq_open(core->vqs, vq) == VQS_MAX) return code_refused;
    if (row && now_us - row->asked_us < every_us) return code_duplicate;
    if (lookup_find(&judgements->by_ixn, ix->id, &slot)) return code_duplicate;
    slot = judgement_slot(core, name);
    judgements->all[slot] = (struct judgement){name, vq, ix->id, now_us, now_us + within_us};
    lookup_add(&judgements->by_customer, slot);
    lookup_add(&judgements->by_ixn, slot);
    judgements->content += judgement_hash(core, &judgements->all[slot]);
    fact_tell(core->facts, &(struct fact){.what = FACT_csat_asked, .name = vq, .ixn = ix->id});
    return code_ok;
}

/* Closes the question and tells what was answered. */
static void judged_close(struct core *core, const struct interaction *ix, struct judgement *row, unsigned mark)
{
    struct fact fact = {.what = FACT_judged, .value = (uint16_t)mark, .name = row->vq, .ixn = ix->id};
    fact.queue = vq_find(core->vqs, row->vq);
    fact.waited_us = core->now->time_us - row->asked_us;
    fact.about = row->ixn;
    core->judgements->content -= judgement_hash(core, row);
    row->until_us = 0;
    core->judgements->content += judgement_hash(core, row);
    assert(fact.queue != VQS_MAX); /* judged_ask has opened it, and queues stay */
    fact_tell(core->facts, &fact);
    fact.what = FACT_satisfied;
    if (mark >= MARK_SATISFIED) fact_tell(core->facts, &fact);
}

enum code judged_answer(struct core *core, const struct interaction *ix, struct span whom, int64_t mark)
{
    const struct judgements *judgements = core->judgements;
    uint64_t ixn = ix->id;
    uint32_t slot;
    bool number = whom.length == 0 || ident_read_ixn_span(whom, &ixn);
    if (mark < 1 || mark > MARK_BEST) return code_refused;
    if (!(number && lookup_find(&judgements->by_ixn, ixn, &slot)) &&
        !lookup_find(&judgements->by_customer, names_find(core->names, whom), &slot))
        return code_gone;
    if (judgements->all[slot].until_us <= core->now->time_us) return code_gone;
    judged_close(core, ix, &judgements->all[slot], (unsigned)mark);
    return code_ok;
}

bool judged_asks(const struct core *core, const struct interaction *ix)
{
    const struct judgements *judgements = core->judgements;
    uint32_t slot;
    return lookup_find(&judgements->by_ixn, ix->id, &slot) && judgements->all[slot].until_us > core->now->time_us;
}

/* Returns the key under which a later answer of the customer is found: the customer's address. Empty: the customer has
 * typed the address, which may be another person's, so only this interaction can answer. */
static struct span judged_by(const struct core *core, const struct interaction *ix)
{
    struct span nobody = {0};
    return media_types_address(ix->media) ? nobody : interaction_system(core->interactions, ix, SYSTEM_from);
}

bool judged_said(struct core *core, const struct interaction *ix, struct span text, bool sure)
{
    struct answer_mark found = mark_answered(text);
    uint32_t slot;
    if (found.mark == 0 || !(ix->running || sure)) return false;
    if (judged_answer(core, ix, judged_by(core, ix), found.mark) != code_ok) return false;
    return !found.asks && !lookup_find(&core->judgements->by_ixn, ix->id, &slot);
}

/* True: the interaction is a reply to one whose question is closed already. */
static bool judged_twice(const struct core *core, const struct interaction *ix)
{
    uint32_t slot;
    uint64_t parent = submitted_of(core->submissions, ix)->parent;
    const struct judgement *row =
        parent != 0 && lookup_find(&core->judgements->by_ixn, parent, &slot) ? &core->judgements->all[slot] : NULL;
    struct span from = interaction_system(core->interactions, ix, SYSTEM_from);
    return row && row->until_us == 0 && row->customer == names_find(core->names, from);
}

bool judged_sent(struct core *core, const struct interaction *ix, struct span text)
{
    struct answer_mark found = mark_answered(text);
    struct span from = judged_by(core, ix);
    if (found.mark == 0 || from.length == 0) return false;
    if (judged_answer(core, ix, from, found.mark) == code_ok) return !found.asks;
    return found.alone && judged_twice(core, ix);
}

static uint64_t judgements_hash(const void *self)
{
    const struct core *core = self;
    return core->judgements->content;
}

static uint64_t judgements_sum(const struct core *core)
{
    uint64_t content = 0;
    for (uint32_t at = 0; at < core->judgements->count; at++)
        content += judgement_hash(core, &core->judgements->all[at]);
    return content;
}

static bool judgements_check(const void *self)
{
    const struct core *core = self;
    return judgements_sum(core) == core->judgements->content;
}

static void judgements_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct judgements *judgements = core->judgements;
    judgements->all = keep_rows(keeper, judgements->all, &judgements->count, &judgements->capacity, JUDGEMENTS_MAX,
                                sizeof *judgements->all);
    judgements->turn = keep_u32(keeper, judgements->turn);
    if (judgements->turn >= JUDGEMENTS_MAX) keep_fail(keeper, "the turn of the judgements is damaged");
    for (uint32_t at = 0; at < judgements->count && keep_good(keeper); at++) {
        struct judgement *row = &judgements->all[at];
        row->customer = name_keep(core->names, keeper, row->customer);
        row->vq = name_keep(core->names, keeper, row->vq);
        row->ixn = keep_u64(keeper, row->ixn);
        row->asked_us = keep_u64(keeper, row->asked_us);
        row->until_us = keep_u64(keeper, row->until_us);
        lookup_restore(&judgements->by_customer, keeper, at);
        lookup_restore(&judgements->by_ixn, keeper, at);
    }
    if (keep_reading(keeper) && keep_good(keeper)) judgements->content = judgements_sum(core);
}

/* True: an answer that comes now finds the virtual queue of its question. */
static bool judgements_sound(void *self)
{
    struct core *core = self;
    bool good = true;
    for (uint32_t at = 0; at < core->judgements->count && good; at++) {
        const struct judgement *row = &core->judgements->all[at];
        good = row->customer != 0 && vq_find(core->vqs, row->vq) != VQS_MAX && row->asked_us <= core->now->time_us;
    }
    return good;
}

const struct part_ops part_ops_judgements = {
    .size = sizeof(struct judgements),
    .since = 20,
    .init = judgements_init,
    .free = judgements_free,
    .hash = judgements_hash,
    .check = judgements_check,
    .keep = judgements_keep,
    .sound = judgements_sound,
};

/* runtime/core/steps/ask.c - Answers questions of a strategy about agents and other things, in the middle of a
 * slice. Reads only.
 *
 * Questions are, for example: which agent a target has, how many parties a call has, whether a number may be
 * dialled. The tables answer at once, while the slice runs: a strategy never waits here. False: there is no answer. */
#include "runtime/core/steps/ask.h"

#include <string.h>

#include "vm/system_words.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/run/answers.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/program.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/steps/target.h"
#include "runtime/vocabulary/dialled.h"
#include "base/utf8.h"

enum { ADDRESS_MAX = 256 };

/* Makes the value of a name for a strategy. Only names that the image has can be such values. */
static bool ask_name(const struct core *core, const struct interaction *ix, uint16_t type, uint32_t name,
                     uint64_t *word)
{
    struct span text = core_name(core, name);
    if (ix->program == PROGRAM_NONE) return false;
    int32_t at =
        image_name_find(core->strategies->programs[ix->program].image, type, (const char *)text.bytes, text.length);
    *word = (uint64_t)at;
    return at >= 0;
}

/* Answers what a target has apart from its agent; the queue and the line are those of its claim. */
static bool ask_target(const struct core *core, const struct interaction *ix, uint32_t question, uint64_t subject,
                       uint64_t *word)
{
    uint32_t agent, id;
    if (!target_is_claim(subject, &agent, &id) || agent >= core->agents->count) return false;
    if (question == QUESTION_target_place)
        return ask_name(core, ix, TYPE_PLACE, agent_at(core->agents, agent)->place, word);
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    if (claim == CLAIM_NONE || claim_at(core->claims, claim)->vq == 0) return false;
    if (question == QUESTION_target_vq) return ask_name(core, ix, TYPE_VQ, claim_at(core->claims, claim)->vq, word);
    if (question == QUESTION_target_group)
        return ask_name(core, ix, TYPE_GROUP, claim_at(core->claims, claim)->group, word);
    *word = claim_at(core->claims, claim)->line;
    return true;
}

static bool ask_dn(const struct core *core, block_handle handle, uint64_t subject, uint64_t *word)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, handle);
    char inlined[8];
    struct text text = block_text(block_image(slab, block), block, subject, inlined);
    struct span number = {(const uint8_t *)text.bytes, text.length};
    *word = places_dn_known(&core->directory->places, names_find(core->names, number));
    return true;
}

enum { AGENTS_PER_FUEL = 4 };

/* Finds the next agent of a group. Agents keep their slots, so a loop of calls gets each agent once, whoever comes
 * or goes meanwhile. `after`: the agent found before, as a value; no agent: find the first. The fuel of the slice
 * pays for all agents that the search passes. */
static bool ask_group_after(const struct core *core, uint32_t group, uint64_t after, uint64_t *word)
{
    uint64_t from = value_is_none(TYPE_AGENT | TYPE_OPTIONAL, after) ? 0 : after, at = from;
    for (; group != 0 && at < core->agents->count; at++) {
        const struct agent *agent = agent_at(core->agents, (uint32_t)at);
        if (agent->known && agent_in_group(agent, group)) break;
    }
    if (at > from) vm_charge(core->vm, (uint32_t)((at - from) / AGENTS_PER_FUEL));
    if (group == 0 || at >= core->agents->count) return false;
    *word = at + 1;
    return true;
}

static bool ask_dialable(const struct core *core, block_handle handle, uint64_t subject, uint64_t *word)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, handle);
    char inlined[8];
    struct text text = block_text(block_image(slab, block), block, subject, inlined);
    *word = dialled_is_plain(text.bytes, text.length);
    return true;
}

static struct span ask_caller(const struct core *core, const struct interaction *ix)
{
    const struct block *block = block_at(core->slab, ix->block);
    struct text ani = block_system_text(block_image(core->slab, block), block, SYSTEM_ani);
    return (struct span){(const uint8_t *)ani.bytes, ani.length};
}

/* True: no link has reported the caller as a party, so the caller is counted in addition. The caller is the
 * customer, or the agent who consults. Switches report only parties at their own DNs, and some report them only when
 * something changes. */
static bool implies_caller(const struct core *core, const struct interaction *ix, bool consult)
{
    uint64_t dn = table_text_hash(core->names, ask_caller(core, ix));
    if (ix->gone || !ix->leg) return false;
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next) {
        const struct party *party = &core->interactions->parties[at];
        if (party->dn == dn || (!consult && party->role == party_role_customer)) return false;
    }
    return true;
}

/* What the core knows of one party of a call. */
struct told_party {
    struct span number;
    uint32_t agent;
    uint8_t role;
};

static struct told_party caller_told(const struct core *core, const struct interaction *ix, bool consult)
{
    struct told_party told = {.number = ask_caller(core, ix), .agent = AGENT_NONE, .role = party_role_customer};
    if (!consult) return told;
    bool agent = agent_on_dn(core->agents, ix->link, names_find(core->names, told.number), &told.agent);
    if (!agent || !agent_at(core->agents, told.agent)->referred)
        told.agent = AGENT_NONE; /* the agent's slot is about to become a value */
    told.role = agent ? party_role_agent : party_role_other;
    return told;
}

/* Returns the number of parties and finds the party at `place`. A caller whom no link has reported comes first. Both
 * in one walk. */
static uint64_t party_at(const struct core *core, const struct interaction *ix, uint64_t place, struct told_party *told)
{
    bool consult = block_at(core->slab, ix->block)->call_type == call_type_consult;
    uint64_t count = implies_caller(core, ix, consult);
    if (place == 0 && count != 0) *told = caller_told(core, ix, consult);
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next, count++) {
        const struct party *party = &core->interactions->parties[at];
        if (count == place) *told = (struct told_party){{party->number, party->length}, party->agent, party->role};
    }
    return count;
}

static bool ask_party(struct core *core, const struct interaction *ix, uint32_t question, uint64_t place,
                      uint64_t *word)
{
    struct told_party told = {.agent = AGENT_NONE};
    uint64_t count = party_at(core, ix, place, &told);
    char number[ADDRESS_MAX]; /* a copy, since the text may be in the block, which may move */
    uint32_t length = utf8_cut((const char *)told.number.bytes, told.number.length, sizeof number);
    switch (question) {
    case QUESTION_party_count:
        *word = count;
        return true;
    case QUESTION_party_dn:
        if (length != 0) memcpy(number, told.number.bytes, length);
        *word = strategy_text(core->strategies, ix->block, number, length);
        return place < count;
    case QUESTION_party_role:
        *word = told.role;
        return place < count;
    default:
        *word = told.agent != AGENT_NONE ? told.agent + UINT64_C(1) : 0;
        return *word != 0;
    }
}

/* Answers a question. `subject` is what the question is about, in the form that the question needs: a target, a place,
 * a name. */
bool steps_ask(void *self, block_handle block, uint32_t question, uint64_t subject, uint64_t argument, uint64_t *word)
{
    struct core *core = self;
    const struct interaction *ix = interaction_of_block(core->interactions, block);
    uint32_t agent, claim;
    if (question >= QUESTION_party_count && question <= QUESTION_party_agent)
        return ask_party(core, ix, question, subject, word);
    if (question == QUESTION_target_agent) {
        *word = target_is_claim(subject, &agent, &claim) ? agent + UINT64_C(1) : 0;
        return *word != 0 && agent < core->agents->count;
    }
    if (question == QUESTION_target_place || question == QUESTION_target_vq || question == QUESTION_target_line ||
        question == QUESTION_target_group)
        return ask_target(core, ix, question, subject, word);
    if (question == QUESTION_own_vq)
        return ix->visit != VISIT_NONE &&
               ask_name(core, ix, TYPE_VQ, core->vqs->all[visit_at(core->vqs, ix->visit)->vq].name, word);
    if (question == QUESTION_ewt_there || question == QUESTION_ewt_low_there || question == QUESTION_ewt_high_there ||
        question == QUESTION_position_there) {
        *word = answer_vq(core, ix, question, strategy_name(core->strategies, ix, subject));
        return true;
    }
    if (question == QUESTION_group_after)
        return ask_group_after(core, strategy_name(core->strategies, ix, subject), argument, word);
    if (question == QUESTION_dn_known) return ask_dn(core, block, subject, word);
    if (question == QUESTION_number_dialable) return ask_dialable(core, block, subject, word);
    if (question == QUESTION_agent_level)
        return answer_agent(core, ix, question, subject, strategy_name(core->strategies, ix, argument), word);
    if (question != QUESTION_queue_reachable) return answer_agent(core, ix, question, subject, 0, word);
    uint32_t queue = strategy_name(core->strategies, ix, subject);
    *word = queue != 0 && link_usable(core->links, ix->link) && !exclude_has(core->excludes, ix, ROUTE_FAILED, queue);
    return true;
}

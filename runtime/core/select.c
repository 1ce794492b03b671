/* runtime/core/select.c - Matching: a waiter walks the ready list in idle order; an agent who becomes ready meets the
 * waiters in the order of their rank. */
#include "runtime/core/select.h"

#include "runtime/core/memory.h"
#include "runtime/core/session.h"
#include "runtime/core/state.h"
#include "runtime/core/step.h"

enum { RESERVED_US = 10000000, LINES_MAX = 64, LOOKS_MAX = 1 << 22 };
#define TARGET_CLAIM (UINT64_C(1) << 56)
#define TARGET_QUEUE (UINT64_C(2) << 56)

uint64_t select_claim_word(uint64_t claim_id)
{
    return TARGET_CLAIM | (claim_id & ((UINT64_C(1) << 48) - 1));
}

bool select_is_claim(uint64_t word, uint64_t *claim_number)
{
    *claim_number = word & ((UINT64_C(1) << 48) - 1);
    return word >> 48 == TARGET_CLAIM >> 48;
}

bool select_is_queue(uint64_t word, uint32_t *queue)
{
    *queue = (uint32_t)word;
    return word >> 32 == TARGET_QUEUE >> 32;
}

/* The candidate of a leaf function. */
struct candidate {
    const struct core *core;
    const struct interaction *ix;
    const struct agent *agent;
};

static int64_t candidate_level(void *self, uint64_t skill)
{
    const struct candidate *candidate = self;
    return agent_level(candidate->agent, strategy_name(candidate->core, candidate->ix, skill));
}

static bool candidate_member(void *self, uint64_t group)
{
    const struct candidate *candidate = self;
    return agent_in_group(candidate->agent, strategy_name(candidate->core, candidate->ix, group));
}

/* The open lines of a waiter, read once. They are the scratch until the next call. */
static uint32_t open_lines(struct core *core, const struct interaction *ix, const struct visit *visit, int64_t *next_us)
{
    struct strategies *strategies = &core->strategies;
    const struct block *block = block_at(strategies->slab, ix->block);
    uint32_t count = vm_line_count(strategies->slab, block, visit->fiber), open = 0;
    *next_us = INT64_MAX;
    if (count > LINES_MAX) count = LINES_MAX;
    strategies->lines =
        memory_grow(strategies->lines, &strategies->line_capacity, LINES_MAX, sizeof *strategies->lines);
    int64_t age_us = (int64_t)(core->time_us - visit->entered_us);
    for (uint32_t at = 0; at < count; at++) {
        struct vm_line *line = &strategies->lines[open];
        if (!vm_line(strategies->slab, block, visit->fiber, at, line)) continue;
        if (line->after_us > age_us) {
            if (line->after_us < *next_us) *next_us = line->after_us;
            continue;
        }
        open++;
    }
    return open;
}

static bool matches(struct core *core, const struct interaction *ix, const struct agent *agent, uint32_t number,
                    const struct vm_line *line)
{
    struct candidate candidate = {core, ix, agent};
    if (line->kind == LINE_LEAF)
        return vm_leaf(
            core->strategies.vm, core->strategies.programs[ix->program].image, line->function, line->captures,
            line->capture_count,
            &(struct vm_candidate){.self = &candidate, .level = candidate_level, .member = candidate_member});
    if (line->type == TYPE_GROUP) return agent_in_group(agent, strategy_name(core, ix, line->target));
    if (line->type == TYPE_AGENT) return line->target == number + UINT64_C(1);
    return false;
}

/* The first open line that the agent matches; -1. */
static int32_t line_of(struct core *core, const struct interaction *ix, uint32_t agent, uint32_t lines)
{
    for (uint32_t at = 0; at < lines; at++)
        if (matches(core, ix, agent_at(&core->agents, agent), agent, &core->strategies.lines[at])) return (int32_t)at;
    return -1;
}

/* A queue needs nobody who is ready. */
static int32_t queue_line(const struct core *core, uint32_t lines)
{
    for (uint32_t at = 0; at < lines; at++)
        if (core->strategies.lines[at].kind == LINE_TARGET && core->strategies.lines[at].type == TYPE_QUEUE)
            return (int32_t)at;
    return -1;
}

static void decided(struct core *core, const struct interaction *ix, const struct visit *visit, uint32_t chosen,
                    int32_t line, uint32_t looked)
{
    uint32_t busy = core->agents.claimed, in = core->agents.logged_in;
    uint32_t ready = core->agents.ready;
    record_decision(&core->records, &(struct decision){
                                        .at_us = core->time_us,
                                        .ixn = ix->id,
                                        .vq = core->vqs.all[visit->vq].name,
                                        .chosen = chosen,
                                        .candidates = ready,
                                        .not_ready = in > ready + busy ? in - ready - busy : 0,
                                        .not_matching = chosen != 0 ? looked - 1 : looked,
                                        .claimed = busy,
                                        .line = line < 0 ? 0 : (uint32_t)line,
                                    });
}

/* The longest idle who matches is claimed; `word` is then the target. */
static bool try_waiter(struct core *core, struct interaction *ix, struct visit *visit, int64_t *next_us, uint64_t *word)
{
    uint32_t lines = open_lines(core, ix, visit, next_us), looked = 0;
    for (uint32_t agent = core->agents.first; agent != AGENT_NONE; agent = agent_at(&core->agents, agent)->next) {
        looked++;
        int32_t line = line_of(core, ix, agent, lines);
        if (line < 0) continue;
        decided(core, ix, visit, agent_at(&core->agents, agent)->name, line, looked);
        uint32_t claim = session_claim(core, agent, ix, RESERVED_US);
        *word = select_claim_word(claim_at(&core->claims, claim)->id);
        return true;
    }
    int32_t line = queue_line(core, lines);
    uint32_t queue = line < 0 ? 0 : strategy_name(core, ix, core->strategies.lines[line].target);
    if (queue != 0) *word = TARGET_QUEUE | queue;
    decided(core, ix, visit, queue, line, looked);
    return queue != 0;
}

/* Looked at again when the next line opens, or when the wait is over. */
static void wait_until(struct core *core, struct interaction *ix, const struct visit *visit, int64_t next_us)
{
    uint64_t deadline_us = ix->until_us;
    if (next_us != INT64_MAX && visit->entered_us + (uint64_t)next_us < deadline_us)
        deadline_us = visit->entered_us + (uint64_t)next_us;
    step_timer(core, ix, visit->fiber, deadline_us - core->time_us);
}

struct step_outcome select_begin(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->strategies.slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t word;
    uint16_t type;
    if (ix->gone || !vm_arg(slab, block, fiber, PARAMETER_select_vq, &word, &type))
        return step_fails(ix->gone ? code_gone : code_invalid_attribute);
    uint32_t vq = vq_open(&core->vqs, strategy_name(core, ix, word));
    if (vq == VQS_MAX) return step_fails(code_invalid_attribute);
    if (ix->visit != VISIT_NONE && visit_at(&core->vqs, ix->visit)->vq != vq) select_leave(core, ix, VISIT_CLEARED);
    if (ix->visit == VISIT_NONE)
        ix->visit = vq_enter(&core->vqs, vq, ix->id, block->priority, core->time_us);
    else
        vq_return(&core->vqs, ix->visit); /* again: with its place, age and expansion */
    vq_rerank(&core->vqs, ix->visit, block->priority);
    struct visit *visit = visit_at(&core->vqs, ix->visit);
    visit->fiber = fiber;
    int64_t next_us = INT64_MAX;
    if (link_held_for(core, ix)) {
        open_lines(core, ix, visit, &next_us);
    } else if (try_waiter(core, ix, visit, &next_us, &word)) {
        vq_select(&core->vqs, ix->visit);
        return step_done(word);
    }
    int64_t timeout_us = vm_timeout(slab, block_at(slab, ix->block), fiber);
    ix->until_us = timeout_us < 0 ? ix->ends_us : core->time_us + (uint64_t)timeout_us;
    wait_until(core, ix, visit, next_us);
    return step_waits();
}

void select_leave(struct core *core, struct interaction *ix, unsigned end)
{
    if (ix->visit == VISIT_NONE) return;
    vq_leave(&core->vqs, ix->visit, (enum visit_end)end, core->time_us);
    ix->visit = VISIT_NONE;
}

/* Somebody for this waiter? Then it goes on. */
static bool serve(struct core *core, uint32_t number)
{
    struct visit *visit = visit_at(&core->vqs, number);
    struct interaction *ix = interaction_by_id(core, visit->ixn);
    int64_t next_us = INT64_MAX;
    uint64_t word;
    if (link_held_for(core, ix)) return false;
    if (!try_waiter(core, ix, visit, &next_us, &word)) {
        wait_until(core, ix, visit, next_us);
        return false;
    }
    uint8_t fiber = visit->fiber;
    vq_select(&core->vqs, number);
    strategy_step_done(core, ix, fiber, word);
    return true;
}

void select_on_timer(struct core *core, struct interaction *ix, uint8_t fiber)
{
    if (core->time_us >= ix->until_us || ix->visit == VISIT_NONE) {
        select_leave(core, ix, VISIT_CLEARED);
        strategy_step_failed(core, ix, fiber, code_timeout);
        return;
    }
    serve(core, ix->visit);
}

/* The best in rank of those in a queue whom this agent could serve; VISIT_NONE. */
static uint32_t first_for(struct core *core, uint32_t vq, uint32_t agent, const struct visit *better_than)
{
    for (uint32_t at = vq_first(&core->vqs, vq); at != VISIT_NONE; at = vq_after(&core->vqs, at)) {
        const struct visit *visit = visit_at(&core->vqs, at);
        const struct interaction *ix = interaction_by_id(core, visit->ixn);
        int64_t next_us;
        if (better_than != NULL && !visit_before(visit, better_than)) return VISIT_NONE;
        if (link_held_for(core, ix)) continue;
        if (line_of(core, ix, agent, open_lines(core, ix, visit, &next_us)) >= 0) return at;
    }
    return VISIT_NONE;
}

static uint32_t best_for(struct core *core, uint32_t agent)
{
    uint32_t best = VISIT_NONE;
    for (uint32_t vq = 0; vq < core->vqs.count; vq++) {
        if (core->vqs.all[vq].root == VISIT_NONE) continue;
        uint32_t found = first_for(core, vq, agent, best == VISIT_NONE ? NULL : visit_at(&core->vqs, best));
        if (found != VISIT_NONE) best = found;
    }
    return best;
}

/* Everybody who is ready is looked at again, longest idle first. */
static void all_dirty(struct core *core)
{
    struct agents *agents = &core->agents;
    for (uint32_t agent = agents->first; agent != AGENT_NONE; agent = agent_at(agents, agent)->next) {
        if (agent_at(agents, agent)->dirty) continue;
        agent_at(agents, agent)->dirty = true;
        agents->dirty =
            memory_grow(agents->dirty, &agents->dirty_capacity, agents->dirty_count + 1, sizeof *agents->dirty);
        agents->dirty[agents->dirty_count++] = agent;
    }
}

void select_settle(struct core *core)
{
    struct agents *agents = &core->agents;
    if (core->settle_all) all_dirty(core);
    core->settle_all = false;
    for (uint32_t at = 0; at < agents->dirty_count; at++) {
        uint32_t agent = agents->dirty[at];
        agent_at(agents, agent)->dirty = false;
        while (agent_at(agents, agent)->listed) {
            uint32_t best = best_for(core, agent);
            if (best == VISIT_NONE || !serve(core, best)) break;
        }
    }
    agents->dirty_count = 0;
}

bool select_check(struct core *core)
{
    for (uint32_t agent = core->agents.first; agent != AGENT_NONE; agent = agent_at(&core->agents, agent)->next)
        if (best_for(core, agent) != VISIT_NONE) return false;
    return true;
}

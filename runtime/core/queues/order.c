/* runtime/core/queues/order.c - Finds the candidates, longest idle first, and the one that comes first in the
 * selection's order. */
#include "runtime/core/queues/order.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/program.h"

/* The line that names the selection's order; NULL: there is none, and the agent idle longest is taken. */
static const struct vm_line *order_line(const struct selector *want)
{
    uint32_t at = want->count;
    while (at > 0 && want->lines[at - 1].kind == LINE_EXCLUDED) at--;
    return at > 0 && want->lines[at - 1].kind == LINE_ORDER ? &want->lines[at - 1] : NULL;
}

/* A random number from 0 to `below` - 1. */
static uint32_t draw(struct core *core, const struct visit *visit, uint32_t below)
{
    struct interaction *ix = interaction_at(core, visit->slot);
    assert(below > 0);
    struct block *block = block_at(core->slab, ix->block);
    uint64_t drawn = mix64(mix64(core->options.seed ^ ix->id) + ++block->random);
    return (uint32_t)((drawn >> 32) * below >> 32);
}

static uint32_t anybody(struct core *core, const struct visit *visit, uint32_t count)
{
    return core->choice[draw(core, visit, count)];
}

/* The agent who follows the one chosen last, in the order of their slots; after the last agent comes the first. */
static uint32_t next_in_turn(struct core *core, const struct visit *visit, uint32_t count)
{
    assert(count > 0 && visit->vq < core->vqs->count);
    const struct vq *vq = &core->vqs->all[visit->vq];
    uint32_t first = AGENT_NONE, next = AGENT_NONE;
    for (uint32_t at = 0; at < count; at++) {
        uint32_t agent = core->choice[at];
        if (agent < first) first = agent;
        if (agent >= vq->turn && agent < next) next = agent;
    }
    if (next == AGENT_NONE) next = first;
    vq_turn(core->vqs, visit->vq, next + 1);
    return next;
}

/* The figure of the agent at that place in core->choice. A figure that was computed in this batch is used again. */
static bool figure_of(struct core *core, const struct selector *want, const struct vm_line *by, uint32_t at,
                      int64_t *figure)
{
    if (!core->fresh_of) return match_figure(core, want, by, core->choice[at], figure);
    struct contender *one = &core->fresh_of->all[core->fresh_of->places[at]];
    uint64_t rank = agent_at(core->agents, one->agent)->idle_rank;
    if (!one->asked || one->rank != rank) { /* the figure may depend on how long the agent has been idle */
        one->has_figure = match_figure(core, want, by, one->agent, &one->figure);
        one->asked = true;
        one->rank = rank;
    }
    *figure = one->figure;
    return one->has_figure;
}

static void by_figure(struct core *core, const struct selector *want, const struct vm_line *by, struct chosen *chosen)
{
    assert(chosen->among > 0 && by->function != IMAGE_NONE);
    const struct image *image = core->strategies->programs[want->program].image;
    chosen->type = image_function(image, by->function)->result;
    chosen->agent = core->choice[0];
    for (uint32_t at = 0; at < chosen->among; at++) {
        int64_t figure;
        if (!figure_of(core, want, by, at, &figure)) continue; /* an agent without a figure comes last */
        if (chosen->has_figure && (chosen->order == ORDER_min ? figure >= chosen->figure : figure <= chosen->figure))
            continue;
        chosen->has_figure = true;
        chosen->figure = figure;
        chosen->agent = core->choice[at];
    }
}

static void choose(struct core *core, const struct visit *visit, const struct vm_line *by, struct chosen *chosen)
{
    if (chosen->among == 0) return;
    if (chosen->order == ORDER_random)
        chosen->agent = anybody(core, visit, chosen->among);
    else if (chosen->order == ORDER_round_robin)
        chosen->agent = next_in_turn(core, visit, chosen->among);
    else if (by->function != IMAGE_NONE)
        by_figure(core, selector_at(&core->vqs->wants, visit->want), by, chosen);
    else
        chosen->agent = core->choice[0];
}

struct chosen order_first(struct core *core, uint32_t number)
{
    const struct visit *visit = visit_at(core->vqs, number);
    const struct selector *want = selector_at(&core->vqs->wants, visit->want);
    const struct vm_line *by = order_line(want);
    struct chosen chosen = {.agent = AGENT_NONE, .order = by ? (uint8_t)by->type : ORDER_longest_idle};
    if (!by) {
        chosen.agent = match_first(core, want, &chosen.looked);
        chosen.among = chosen.agent != AGENT_NONE;
        return chosen;
    }
    chosen.among = match_all(core, want, &chosen.looked);
    choose(core, visit, by, &chosen);
    return chosen;
}

bool order_by_share(const struct selector *want)
{
    const struct vm_line *by = order_line(want);
    return by && by->type == ORDER_share;
}

/* The agent or queue that each line would take; of several agents the one idle longest. */
struct serving {
    uint32_t agents[IMAGE_LINES_MAX]; /* AGENT_NONE: nobody */
    uint32_t queues[IMAGE_LINES_MAX]; /* names; 0: none */
    uint32_t lines, open;             /* open: those that may still find an agent */
};

/* Gives the agent to each line that has nobody yet and that the agent matches. True: there was such a line. */
static bool offer(struct core *core, const struct selector *want, struct serving *serving, uint32_t agent)
{
    bool any = false;
    for (uint32_t at = 0; at < serving->lines; at++) {
        if (serving->queues[at] != 0 || serving->agents[at] != AGENT_NONE || !match_at(core, want, at, agent)) continue;
        assert(serving->open > 0);
        serving->agents[at] = agent;
        serving->open--;
        any = true;
    }
    return any;
}

/* Looks through all ready agents. A pool would not do, since it knows who matches a line and not which line. */
static struct serving serving_lines(struct core *core, const struct selector *want, bool queues, struct chosen *chosen)
{
    assert(order_line(want));
    struct serving serving = {.lines = (uint32_t)(order_line(want) - want->lines)};
    assert(serving.lines <= IMAGE_LINES_MAX);
    for (uint32_t at = 0; at < serving.lines; at++) {
        serving.agents[at] = AGENT_NONE;
        serving.queues[at] = match_queue(core, want, at);
        serving.open += serving.queues[at] == 0;
    }
    uint32_t agent = queues ? AGENT_NONE : core->agents->first;
    for (; agent != AGENT_NONE && serving.open != 0; agent = agent_at(core->agents, agent)->next) {
        chosen->looked++;
        chosen->among += offer(core, want, &serving, agent);
    }
    return serving;
}

struct chosen order_drawn(struct core *core, uint32_t number, bool queues)
{
    const struct visit *visit = visit_at(core->vqs, number);
    const struct selector *want = selector_at(&core->vqs->wants, visit->want);
    struct chosen chosen = {.agent = AGENT_NONE, .order = ORDER_share, .line = -1};
    struct serving serving = serving_lines(core, want, queues, &chosen);
    uint32_t sum = 0;
    for (uint32_t at = 0; at < serving.lines; at++)
        if (serving.queues[at] != 0 || serving.agents[at] != AGENT_NONE) sum += want->lines[at].share;
    if (sum == 0) return chosen;
    uint32_t drawn = draw(core, visit, sum), at = 0;
    for (;; at++) {
        assert(at < serving.lines); /* `drawn` is below the sum of the shares */
        if (serving.queues[at] == 0 && serving.agents[at] == AGENT_NONE) continue;
        if (drawn < want->lines[at].share) break;
        drawn -= want->lines[at].share;
    }
    chosen.agent = serving.agents[at];
    chosen.queue = serving.queues[at];
    chosen.line = (int32_t)at;
    chosen.has_figure = true;
    chosen.type = TYPE_PERCENT;
    chosen.figure = want->lines[at].share;
    return chosen;
}

/* Adds the contender at `place` to core->choice, longest idle first; its place is nearly always behind the others. */
static void put_in(struct core *core, struct contenders *kept, uint32_t count, uint32_t place)
{
    uint32_t at = count, agent = kept->all[place].agent;
    core->choice = memory_grow(core->choice, &core->choice_capacity, count + 1, sizeof *core->choice);
    kept->places = memory_grow(kept->places, &kept->places_capacity, count + 1, sizeof *kept->places);
    for (; at > 0 && agent_at(core->agents, core->choice[at - 1])->idle_rank > agent_at(core->agents, agent)->idle_rank;
         at--) {
        core->choice[at] = core->choice[at - 1];
        kept->places[at] = kept->places[at - 1];
    }
    core->choice[at] = agent;
    kept->places[at] = place;
}

static struct contenders *contenders_of(struct core *core, uint64_t want, uint32_t from)
{
    assert(want != 0);
    for (unsigned at = 0; at < CONTENDERS_MAX; at++)
        if (core->contenders[at].want == want) return &core->contenders[at];
    struct contenders *kept = &core->contenders[core->contenders_next++ % CONTENDERS_MAX];
    kept->want = want;
    kept->count = 0;
    kept->upto = from;
    return kept;
}

/* The dirty agents from `from` on who match. They are asked once for all visits of the selector. */
static struct contenders *keep(struct core *core, const struct selector *want, uint32_t from)
{
    const struct agents *agents = core->agents;
    struct contenders *kept = contenders_of(core, want->number, from);
    for (; kept->upto < agents->dirty_count; kept->upto++) {
        uint32_t agent = agents->dirty[kept->upto];
        if (kept->upto != from && match_line(core, want, agent) < 0)
            continue; /* the agent at `from` is known to match */
        kept->all = memory_grow(kept->all, &kept->capacity, kept->count + 1, sizeof *kept->all);
        kept->all[kept->count++] = (struct contender){.agent = agent, .dirty = kept->upto};
    }
    return kept;
}

void order_begin(struct core *core)
{
    for (unsigned at = 0; at < CONTENDERS_MAX; at++) core->contenders[at].want = 0;
    core->contenders_next = 0;
}

void order_init(struct core *core)
{
    core->contenders = memory_zeroed(CONTENDERS_MAX, sizeof *core->contenders);
}

void order_free(struct core *core)
{
    for (unsigned at = 0; at < CONTENDERS_MAX; at++) {
        free(core->contenders[at].all);
        free(core->contenders[at].places);
    }
    free(core->choice);
    free(core->contenders);
}

struct chosen order_fresh(struct core *core, uint32_t number, uint32_t from)
{
    const struct agents *agents = core->agents;
    assert(from < agents->dirty_count);
    const struct visit *visit = visit_at(core->vqs, number);
    const struct selector *want = selector_at(&core->vqs->wants, visit->want);
    const struct vm_line *by = order_line(want);
    struct chosen chosen = {
        .agent = agents->dirty[from], .among = 1, .looked = 1, .order = by ? (uint8_t)by->type : ORDER_longest_idle};
    if (!by && agents->dirty_in_order) return chosen;
    struct contenders *kept = keep(core, want, from);
    uint32_t among = 0;
    for (uint32_t at = 0; at < kept->count; at++) {
        const struct agent *agent = agent_at(agents, kept->all[at].agent);
        if (kept->all[at].dirty >= from && agent->listed && agent->dirty) put_in(core, kept, among++, at);
    }
    if (among == 0) return chosen;
    chosen.agent = core->choice[0];
    if (!by) return chosen;
    chosen.among = chosen.looked = among;
    assert(!core->fresh_of);
    core->fresh_of = kept;
    choose(core, visit, by, &chosen);
    core->fresh_of = NULL;
    return chosen;
}

/* runtime/core/order.c - Candidates, longest idle first, and the one of them that comes first in the order. */
#include "runtime/core/order.h"

#include "runtime/core/memory.h"
#include "runtime/core/state.h"

/* The order's line; NULL: the longest idle is taken. */
static const struct vm_line *order_line(const struct want *want)
{
    uint32_t at = want->count;
    while (at > 0 && want->lines[at - 1].kind == LINE_EXCLUDED) at--;
    return at > 0 && want->lines[at - 1].kind == LINE_ORDER ? &want->lines[at - 1] : NULL;
}

static uint32_t anybody(struct core *core, const struct visit *visit, uint32_t count)
{
    struct interaction *ix = interaction_by_id(core, visit->ixn);
    struct block *block = block_at(core->strategies.slab, ix->block);
    uint64_t drawn = mix64(mix64(core->options.seed ^ ix->id) + ++block->random);
    return core->choice[(drawn >> 32) * count >> 32];
}

/* The next one behind the one chosen last, as the directory lists them; behind the last one the first. */
static uint32_t next_in_turn(struct core *core, const struct visit *visit, uint32_t count)
{
    const struct vq *vq = &core->vqs.all[visit->vq];
    uint32_t first = AGENT_NONE, next = AGENT_NONE;
    for (uint32_t at = 0; at < count; at++) {
        uint32_t agent = core->choice[at];
        if (agent < first) first = agent;
        if (agent >= vq->turn && agent < next) next = agent;
    }
    if (next == AGENT_NONE) next = first;
    vq_turn(&core->vqs, visit->vq, next + 1);
    return next;
}

static void by_figure(struct core *core, const struct want *want, const struct vm_line *by, struct chosen *chosen)
{
    const struct image *image = core->strategies.programs[want->program].image;
    chosen->type = image_function(image, by->function)->result;
    chosen->agent = core->choice[0];
    for (uint32_t at = 0; at < chosen->among; at++) {
        int64_t figure;
        if (!match_figure(core, want, by, core->choice[at], &figure)) continue; /* it comes last */
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
        by_figure(core, want_at(&core->vqs.wants, visit->want), by, chosen);
    else
        chosen->agent = core->choice[0];
}

struct chosen order_first(struct core *core, uint32_t number)
{
    const struct visit *visit = visit_at(&core->vqs, number);
    const struct want *want = want_at(&core->vqs.wants, visit->want);
    const struct vm_line *by = order_line(want);
    struct chosen chosen = {.agent = AGENT_NONE, .order = by != NULL ? (uint8_t)by->type : ORDER_longest_idle};
    if (by == NULL) {
        chosen.agent = match_first(core, want, &chosen.looked);
        chosen.among = chosen.agent != AGENT_NONE;
        return chosen;
    }
    chosen.among = match_all(core, want, &chosen.looked);
    choose(core, visit, by, &chosen);
    return chosen;
}

/* In the order of idleness, where they did not become ready in it. */
static void put_in(struct core *core, uint32_t count, uint32_t agent)
{
    uint32_t at = count;
    core->choice = memory_grow(core->choice, &core->choice_capacity, count + 1, sizeof *core->choice);
    for (; at > 0 && agent_at(&core->agents, core->choice[at - 1])->idle_rank > agent_at(&core->agents, agent)->idle_rank;
         at--)
        core->choice[at] = core->choice[at - 1];
    core->choice[at] = agent;
}

struct chosen order_fresh(struct core *core, uint32_t number, uint32_t from)
{
    const struct agents *agents = &core->agents;
    const struct visit *visit = visit_at(&core->vqs, number);
    const struct want *want = want_at(&core->vqs.wants, visit->want);
    const struct vm_line *by = order_line(want);
    struct chosen chosen = {.agent = agents->dirty[from],
                            .among = 1,
                            .looked = 1,
                            .order = by != NULL ? (uint8_t)by->type : ORDER_longest_idle};
    if (by == NULL && agents->dirty_in_order) return chosen;
    put_in(core, 0, agents->dirty[from]); /* of the longest idle only the first is kept */
    for (uint32_t at = from + 1; at < agents->dirty_count; at++) {
        const struct agent *other = agent_at(agents, agents->dirty[at]);
        if (!other->listed || !other->dirty || match_line(core, want, agents->dirty[at]) < 0) continue;
        if (by != NULL)
            put_in(core, chosen.among++, agents->dirty[at]);
        else if (other->idle_rank < agent_at(agents, core->choice[0])->idle_rank)
            core->choice[0] = agents->dirty[at];
        chosen.looked = chosen.among;
    }
    chosen.agent = core->choice[0];
    if (by != NULL) choose(core, visit, by, &chosen);
    return chosen;
}

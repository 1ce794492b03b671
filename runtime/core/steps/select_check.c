/* runtime/core/steps/select_check.c - Checks of the selection: its invariant (select.h), and whether its lists agree
 * with a slow look at all agents and all waiting interactions. Tests and `core_check` call them, and select_sound
 * checks a snapshot that was read. No decision depends on these checks. */
#include "runtime/core/steps/select.h"

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/prefer_best.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/statistics/statistic.h"

/* Returns the visit of best rank that the agent could serve, without lists: the lines' functions of all selectors
 * are called. Sets `right` to false if the clauses of a selector say something different. */
static uint32_t best_slowly(struct core *core, uint32_t agent, bool *right)
{
    uint32_t best = VISIT_NONE;
    uint8_t best_rank = 0, rank;
    for (uint32_t vq = 0; vq < core->vqs->count; vq++) {
        for (uint32_t at = core->vqs->all[vq].wants; at != SELECTOR_NONE;
             at = selector_at(&core->vqs->wants, at)->next) {
            const struct selector *want = selector_at(&core->vqs->wants, at);
            int32_t line = match_line_slowly(core->vqs, want, agent, &rank);
            if (line != match_line(core->vqs, want, agent)) *right = false;
            if (core->vqs->preferred && rank != match_rank(core->vqs, want, agent)) *right = false;
            if (line < 0 || link_held(core->links, want->link) || want->first == VISIT_NONE) continue;
            if (agent_at(core->agents, agent)->listed && !match_open(core->vqs, want, agent)) continue;
            if (best != VISIT_NONE &&
                !prefer_before(core->vqs, visit_at(core->vqs, want->first), rank, visit_at(core->vqs, best), best_rank))
                continue;
            best = want->first;
            best_rank = rank;
        }
    }
    return best;
}

/* True: for all agents, ready or not, the waiters' lists give the same result as the slow look, and no ready agent
 * could serve a waiting interaction. */
static bool index_holds(struct core *core)
{
    bool right = true;
    for (uint32_t agent = 0; agent < core->agents->count; agent++) {
        uint32_t best = best_slowly(core, agent, &right);
        if (!right || prefer_best(core->vqs, agent) != best) return false;
        /* because of passed time the agent may match now; selection looks again within a second */
        bool awaited = statistic_awaits(core->statistics, agent);
        if (agent_at(core->agents, agent)->listed && best != VISIT_NONE && !awaited) return false;
    }
    return true;
}

/* True: each interaction with the given selector waits at a selection with the selector's lines. */
static bool waiters_stand(struct core *core, uint32_t number)
{
    const struct selector *want = selector_at(&core->vqs->wants, number);
    struct vq_walk walk;
    vq_walk_begin(&walk, core->vqs, number);
    for (uint32_t visit; (visit = vq_walk_next(&walk)) != VISIT_NONE;) {
        const struct interaction *ix = interaction_at(core->interactions, visit_at(core->vqs, visit)->slot);
        int64_t next_us;
        if (ix->visit != visit || (ix->leg && ix->link != want->link)) return false;
        if (step_of(core, ix, visit_at(core->vqs, visit)->fiber) == 0) return false; /* it waits for nothing */
        /* a line that has become due opens when the interaction continues */
        if (!link_held(core->links, want->link) && !ix->stands &&
            select_open_lines(core, ix, visit_at(core->vqs, visit), &next_us) != want->count)
            return false;
    }
    return true;
}

/* True: all visits of a waiting interaction have the same age, and began then or later. */
static bool ages_agree(const struct core *core)
{
    EACH_INTERACTION (ix, core->interactions) {
        for (uint32_t visit = ix->visit; visit != VISIT_NONE; visit = vq_further(core->vqs, visit)) {
            const struct visit *there = visit_at(core->vqs, visit);
            if (!ix->has_waited || there->age_us != visit_at(core->vqs, ix->visit)->age_us ||
                there->age_us > visit_entered_us(core->vqs, there))
                return false;
        }
    }
    return true;
}

bool select_check(struct core *core)
{
    if (!ages_agree(core)) return false;
    for (uint32_t vq = 0; vq < core->vqs->count; vq++)
        for (uint32_t at = core->vqs->all[vq].wants; at != SELECTOR_NONE; at = selector_at(&core->vqs->wants, at)->next)
            if (!waiters_stand(core, at)) return false;
    return core->selection->fresh_count == 0;
}

bool select_passes_nobody(struct core *core)
{
    statistic_look_only(core->statistics, true);
    bool holds = index_holds(core);
    statistic_look_only(core->statistics, false);
    return holds;
}

bool select_sound(void *self)
{
    struct core *core = self;
    const struct vqs *vqs = core->vqs;
    bool good = true;
    for (uint32_t at = 0; good && at < vqs->visit_count; at++) {
        const struct visit *visit = &vqs->visits[at];
        good = visit->state != VISIT_WAITING || visit->want == SELECTOR_NONE ||
               step_of(core, interaction_at(core->interactions, visit->slot), visit->fiber) != 0;
    }
    return good;
}

/* runtime/core/steps/select.c - Selection: a waiting interaction chooses among the ready agents in the selection's
 * order; an agent who becomes ready is offered to the waiting interactions in the order of their rank.
 *
 *     select_begin       enters the queues, takes the conditions, joins the selector of the lines that are open, looks
 *       a target         the agent is asked first (invite.c), or the caller is dialled first (kept_place.c), or the
 *                        step is done with the target as its word
 *       no target        the step waits; wait_until sets its timer
 *     select_on_timer    a line opens, the condition that ends the wait is due, or the wait is over
 *     select_again       something has changed: the visit joins anew and is fresh (select_fresh.h)
 *     selection_settle   at an event's end: serves newly ready agents, then one fresh visit, until there is neither
 *     select_leave       the visit ends: distributed, abandoned or cleared
 *
 * A look that has found a target runs the strategy, which may end the visit and the interaction: a function that has
 * called select_found must not read either again. */
#include "runtime/core/steps/select.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/steps.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/order.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/prefer_best.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/statistic.h"
#include "runtime/core/site/table_cursor.h"
#include "runtime/core/steps/condition.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/core/steps/ring.h"
#include "runtime/core/steps/select_fresh.h"
#include "runtime/core/steps/select_scores.h"
#include "runtime/core/steps/target.h"

enum { RESERVED_US = 10000000, LOOK_AGAIN_US = 10000, LISTED_MAX = 100 }; /* LISTED_MAX: manual */
/* Turns a line with a list of agents into one line for each agent, at most LISTED_MAX in a selection. `line` is the
 * first of these lines, and there is room for the further ones after it. Returns the number of lines. */
static uint32_t open_listed(const struct slab *slab, const struct block *block, struct vm_line *line, uint32_t *left)
{
    const struct image *image = block_image(slab, block);
    struct vm_line one = *line;
    uint32_t count = block_count(image, block, one.target);
    if (count > *left) count = *left;
    for (uint32_t at = 0; at < count; at++) {
        line[at] = one;
        line[at].type = TYPE_AGENT;
        line[at].target = block_element(image, block, one.target, at);
    }
    *left -= count;
    return count;
}

uint32_t select_open_lines(struct core *core, const struct interaction *ix, const struct visit *visit, int64_t *next_us)
{
    bool open_by_condition = true; /* of the next line */
    struct strategies *strategies = core->strategies;
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
    uint32_t count = vm_line_count(core->slab, block, visit->fiber), open = 0, left = LISTED_MAX;
    struct score_maps scores = {.count = 0};
    *next_us = INT64_MAX;
    uint8_t order = vm_step(core->slab, block, visit->fiber)->order;
    strategies->lines =
        memory_grow(strategies->lines, &strategies->line_capacity,
                    count + 1 + (uint32_t)LISTED_MAX + (uint32_t)SCORES_LINES + (uint32_t)EXCLUDED_LINES,
                    sizeof *strategies->lines);
    int64_t age_us = (int64_t)(core->now->time_us - visit_entered_us(core->vqs, visit));
    for (uint32_t at = 0; at < count; at++) {
        struct vm_line *line = &strategies->lines[open];
        if (!vm_line(core->slab, block, visit->fiber, at, line) || line->kind == LINE_UNTIL) continue;
        if (line->kind == LINE_IN) {
            open++;
            continue;
        }
        if (line->kind == LINE_VALUE) continue;
        if (line->kind == LINE_WHERE) {
            open_by_condition = condition_holds(core, ix->visit, at);
            continue;
        }
        condition_set_values(core, ix, visit->fiber, ix->visit, line);
        bool holds = open_by_condition;
        open_by_condition = true;
        if (!holds) continue;
        if (order == ORDER_share && line->share == 0) continue; /* a line with the share 0 is never chosen */
        if (line->after_us > age_us) {
            if (line->after_us < *next_us) *next_us = line->after_us;
            continue;
        }
        score_maps_note(&scores, image, line);
        bool listed = line->kind == LINE_TARGET && type_is_list(image, line->type);
        open += listed ? open_listed(core->slab, block, line, &left) : 1;
    }
    if (order != ORDER_longest_idle && !order_numbered(order)->by)
        strategies->lines[open++] = (struct vm_line){.kind = LINE_ORDER, .function = IMAGE_NONE, .type = order};
    open += score_maps_lines(&scores, core, block, strategies->lines + open);
    if (!ix->excludes && !ix->submitted) return open;
    uint64_t lapses_us = UINT64_MAX;
    open += exclude_lines(core->excludes, ix, strategies->lines + open, &lapses_us);
    if (lapses_us != UINT64_MAX && lapses_us - visit_entered_us(core->vqs, visit) < (uint64_t)*next_us)
        *next_us = (int64_t)(lapses_us - visit_entered_us(core->vqs, visit));
    return open;
}

/* Records the decision of a look: the agent or queue that was chosen (`name`; 0: none), by which line, and how many
 * agents there were to choose from. */
static void select_decided(struct core *core, const struct visit *visit, uint32_t name, int32_t line,
                           const struct chosen *chosen)
{
    uint64_t waited_ms = (core->now->time_us - visit_entered_us(core->vqs, visit)) / 1000;
    uint32_t busy = core->agents->claimed - core->agents->ready_claimed, in = core->agents->logged_in,
             ready = core->agents->ready;
    uint64_t ixn = interaction_at(core->interactions, visit->slot)->id;
    const struct selector *want = selector_at(&core->vqs->wants, visit->want);
    uint32_t vq = match_vq(core->vqs, want, line);
    if (core->options.deciding)
        core->options.deciding(core->options.self, core, ixn, name == 0 ? span_of("") : core_name(core, name),
                               core_name(core, vq));
    struct decision decision = {
        .at_us = core->now->time_us,
        .ixn = ixn,
        .vq = vq,
        .chosen = name,
        .candidates = ready,
        .not_ready = in > ready + busy ? in - ready - busy : 0,
        .not_matching = chosen->looked - chosen->among,
        .among = chosen->among,
        .order = chosen->order,
        .figure_type = chosen->has_figure ? (uint8_t)chosen->type : (uint8_t)TYPE_VOID,
        .figure = chosen->figure,
        .equal = chosen->equal,
        .tie = chosen->tie,
        .tie_type = chosen->equal != 0 ? (uint8_t)chosen->tie_type : (uint8_t)TYPE_VOID,
        .tie_figure = chosen->equal != 0 ? chosen->tie_figure : 0,
        .claimed = busy,
        .line = line >= 0 ? want->lines[line].at : 0,
        .waited_ms = waited_ms < UINT32_MAX ? (uint32_t)waited_ms : UINT32_MAX,
        .others = (uint32_t)core->vqs->all[visit->vq].waiting - 1,
    };
    fact_tell(core->facts, &(struct fact){.what = FACT_decided, .ixn = ixn, .decision = &decision});
}

/* Claims the chosen agent for the visit and returns the target. */
static uint64_t select_claim(struct core *core, uint32_t number, const struct chosen *chosen)
{
    const struct visit *visit = visit_at(core->vqs, number);
    int32_t line = chosen->line;
    assert(chosen->agent != AGENT_NONE &&
           match_open(core->vqs, selector_at(&core->vqs->wants, visit->want), chosen->agent));
    if (chosen->order != ORDER_share)
        line = match_line(core->vqs, selector_at(&core->vqs->wants, visit->want), chosen->agent);
    select_decided(core, visit, agent_at(core->agents, chosen->agent)->name, line, chosen);
    const struct selector *want = selector_at(&core->vqs->wants, visit->want);
    uint32_t vq = match_vq(core->vqs, want, line);
    uint16_t line_at = line >= 0 ? (uint16_t)want->lines[line].at : 0;
    struct interaction *ix = interaction_at(core->interactions, visit->slot);
    uint32_t claim = session_claim(core->sessions, chosen->agent, ix, RESERVED_US);
    assert(claim != CLAIM_NONE); /* no capacity rule allows as many claims as can be counted */
    claim_at(core->claims, claim)->vq = vq;
    claim_at(core->claims, claim)->line = line_at;
    claim_at(core->claims, claim)->group = match_group(want, line, agent_at(core->agents, chosen->agent));
    return target_of_claim(claim_at(core->claims, claim)->id, chosen->agent);
}

/* Does the same as select_claim; the visit then loses its rank, unless it may ask more agents. */
static uint64_t select_take(struct core *core, uint32_t number, const struct chosen *chosen)
{
    const struct visit *visit = visit_at(core->vqs, number);
    struct interaction *ix = interaction_at(core->interactions, visit->slot);
    bool more = invite_is_of_all(core, ix, visit->fiber) && invites_out(core, ix) + 1 < INVITED_MAX;
    uint64_t word = select_claim(core, number, chosen);
    if (!more) vq_select(core->vqs, number);
    return word;
}

/* Does the same as select_take for the agent who rings first, and for those who ring along (`ring` of the selection).
 * `fresh` as in order_along. A caller who is called back, and so has no call yet, is put through to one agent. */
static uint64_t select_take_ringing(struct core *core, uint32_t number, const struct chosen *chosen, bool fresh)
{
    const struct visit *visit = visit_at(core->vqs, number);
    struct interaction *ix = interaction_at(core->interactions, visit->slot);
    unsigned most = ring_most(core, ix, visit->fiber);
    if (most <= 1) return select_take(core, number, chosen);
    struct chosen along[RING_MOST];
    uint64_t word = select_claim(core, number, chosen);
    ring_marks(core, ix, visit->fiber, chosen->agent, RINGS_FIRST);
    uint32_t count = order_along(core->choices, number, fresh, most - 1, along);
    for (uint32_t at = 0; at < count; at++) {
        (void)select_claim(core, number, &along[at]);
        ring_marks(core, ix, visit->fiber, along[at].agent, RINGS_ALONG);
    }
    vq_select(core->vqs, number);
    return word;
}

/* Chooses one of the lines by their shares and returns its target. 0: no line has an agent or a queue now. */
static uint64_t shared_for(struct core *core, uint32_t number, bool in_vain)
{
    struct chosen chosen = order_shared(core->choices, number, in_vain);
    if (chosen.agent != AGENT_NONE) return select_take(core, number, &chosen);
    select_decided(core, visit_at(core->vqs, number), chosen.queue, chosen.line, &chosen);
    if (chosen.queue == 0) return 0;
    vq_select(core->vqs, number);
    return target_of_queue(chosen.queue);
}

/* Returns the target for the visit: the first ready agent in its order, else a queue. 0: there is none. `in_vain`:
 * other visits wait with the same selector, so no ready agent matches and only a queue is looked for. */
static uint64_t anybody_for(struct core *core, uint32_t number, bool in_vain)
{
    const struct selector *want = selector_at(&core->vqs->wants, visit_at(core->vqs, number)->want);
    struct chosen chosen = {.agent = AGENT_NONE};
    if (order_by_share(want)) return shared_for(core, number, in_vain);
    if (!in_vain) chosen = order_first(core->choices, number);
    if (chosen.agent != AGENT_NONE) return select_take_ringing(core, number, &chosen, false);
    if (invites_out(core, interaction_at(core->interactions, visit_at(core->vqs, number)->slot)) != 0) return 0;
    order_queue(core->choices, number, &chosen);
    select_decided(core, visit_at(core->vqs, number), chosen.queue, chosen.line, &chosen);
    if (chosen.queue == 0) return 0;
    vq_select(core->vqs, number);
    return target_of_queue(chosen.queue);
}

/* True: the condition that ends the wait holds now. If not, sets the time at which it is evaluated again. */
static bool ends_by_condition(struct core *core, struct interaction *ix, uint8_t fiber)
{
    assert(ix->visit != VISIT_NONE);
    const struct visit_due before = visit_look(core->vqs, ix->visit);
    int64_t again_us;
    if (!visit_at(core->vqs, ix->visit)->ends || before.condition_us > core->now->time_us) return false;
    bool holds = condition_until(core, ix, fiber, &again_us);
    cursor_settle(core->cursors, ix); /* a fault in the condition may have left a table cursor open */
    if (again_us < LOOK_AGAIN_US) again_us = LOOK_AGAIN_US;
    uint64_t look_us = again_us == INT64_MAX ? UINT64_MAX : core->now->time_us + (uint64_t)again_us;
    visit_look_set(core->vqs, ix->visit, look_us, before.due_us);
    return holds;
}

/* Makes the condition that ends the visit's wait be evaluated when timers fire next. */
static void until_again(struct core *core, uint32_t at)
{
    const struct visit *visit = visit_at(core->vqs, at);
    if (!visit->ends) return;
    uint64_t due_us = visit_look(core->vqs, at).due_us;
    visit_look_set(core->vqs, at, core->now->time_us, due_us);
    /* the visit's timer is already due and evaluates the condition, too; a timer set anew would be late */
    if (due_us <= core->now->time_us) return;
    struct interaction *ix = interaction_at(core->interactions, visit->slot);
    bool asks = step_of(core, ix, visit->fiber) == STEP_ID_select && invite_holds(core, ix);
    if (visit->want != SELECTOR_NONE || asks || kept_place_rests(core, ix)) step_timer(core, ix, visit->fiber, 0);
}

void select_settings_changed(struct core *core)
{
    conditions_settings_changed(core);
    for (uint32_t at = 0; at < core->vqs->visit_count; at++)
        if (core->vqs->visits[at].state != VISIT_FREE && condition_is_own(core, at)) until_again(core, at);
}

/* Takes the event Clock: conditions that end waits may depend on the time of day, so they are evaluated again. */
void select_on_clock(struct core *core, const struct message *message)
{
    (void)message;
    select_settings_changed(core);
}

/* A target is found. Ends the step with the target, unless the agent must be asked first or the caller must be
 * dialled. `all`: no visit of better rank waits, so a selection with `by everyone` asks all agents who match. */
static struct step_outcome select_offered(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t word,
                                          bool all)
{
    assert(word != 0 && ix->visit != VISIT_NONE);
    struct step_outcome outcome = invite_turn(core, ix, fiber, word);
    while (outcome.status == STEP_WAITS && all && visit_at(core->vqs, ix->visit)->state == VISIT_WAITING) {
        struct chosen chosen = order_first(core->choices, ix->visit);
        if (chosen.agent == AGENT_NONE) return outcome;
        outcome = invite_turn(core, ix, fiber, select_take(core, ix->visit, &chosen));
    }
    if (outcome.status == STEP_FAILS) select_leave(core, ix, VISIT_CLEARED);
    return outcome.status == STEP_IS_DONE && kept_place_turn(core, ix, fiber, word) ? step_waits() : outcome;
}

/* Sets the step's timer to the earliest of three times: a line opens, the condition that ends the wait is due, the
 * wait is over. */
static void wait_until(struct core *core, struct interaction *ix, struct visit *visit, int64_t next_us)
{
    assert(ix->visit != VISIT_NONE && visit == visit_at(core->vqs, ix->visit));
    uint64_t over_us = *fiber_until(core->forks, ix), deadline_us = over_us;
    uint64_t look_us = visit_look(core->vqs, ix->visit).condition_us;
    if (next_us != INT64_MAX && visit_entered_us(core->vqs, visit) + (uint64_t)next_us < deadline_us)
        deadline_us = visit_entered_us(core->vqs, visit) + (uint64_t)next_us;
    if (fiber_link_held(core->forks, ix))
        deadline_us = core->now->time_us; /* the timer is frozen until the link is up, and is due then */
    visit_look_set(core->vqs, ix->visit, look_us, deadline_us == over_us ? UINT64_MAX : deadline_us);
    if (visit->ends && look_us < deadline_us) deadline_us = look_us;
    step_timer(core, ix, visit->fiber, deadline_us > core->now->time_us ? deadline_us - core->now->time_us : 0);
}

/* True: the interaction may take agents who are kept for a campaign. */
static bool may_have_promised(const struct core *core, const struct interaction *ix, const struct visit *visit)
{
    return campaigns_outranked(core->campaigns, visit->priority) ||
           (ix->media == media_outbound && campaign_promised(core->campaigns, ix->id));
}

/* Returns the longest delay of agents' preferences that is over for the visit, and lowers `next_us` to the age at which
 * the next one is over. Delays count as `after` does, from when the visit began. */
static uint64_t select_ripe(const struct core *core, const struct visit *visit, int64_t *next_us)
{
    uint64_t waited_us = core->now->time_us - visit_entered_us(core->vqs, visit), ripe_us = 0, next = UINT64_MAX;
    for (uint32_t at = (uint32_t)(visit - core->vqs->visits); core->vqs->preferred && at != VISIT_NONE;
         at = vq_further(core->vqs, at)) {
        uint32_t vq = core->vqs->all[visit_at(core->vqs, at)->vq].name;
        prefer_wait(core->preferences, vq, waited_us, &ripe_us, &next);
    }
    if (next < (uint64_t)*next_us) *next_us = (int64_t)next;
    return ripe_us;
}

/* Gives the visit the selector of the lines that are open now. `others`: other visits wait with this selector
 * already, so no ready agent matches. Returns the age of the visit at which the lines change next. */
static int64_t select_join(struct core *core, struct interaction *ix, bool *others)
{
    assert(ix->visit != VISIT_NONE);
    struct visit *visit = visit_at(core->vqs, ix->visit);
    int64_t next_us;
    uint32_t lines = select_open_lines(core, ix, visit, &next_us), before = visit->want;
    uint16_t link = ix->leg || ix->keeps || ix->booked ? ix->link : 0;
    uint64_t goal_us;
    uint16_t type;
    const struct block *block = block_at(core->slab, ix->block);
    bool goal = vm_arg(core->slab, block, visit->fiber, PARAMETER_select_goal, &goal_us, &type);
    uint64_t ripe_us = select_ripe(core, visit, &next_us);
    uint32_t want = vq_want(core->vqs, &(struct wanted){.vq = visit->vq,
                                                        .link = link,
                                                        .program = ix->program,
                                                        .medium = (uint16_t)core->media[ix->media]->capacity(ix),
                                                        .count = (uint16_t)lines,
                                                        .promised = may_have_promised(core, ix, visit),
                                                        .lines = core->strategies->lines,
                                                        .goal_us = goal && (int64_t)goal_us > 0 ? goal_us : 0,
                                                        .ripe_us = ripe_us});
    if (want != before) statistic_selects(core->statistics, selector_at(&core->vqs->wants, want));
    *others = want != before && selector_at(&core->vqs->wants, want)->root != VISIT_NONE;
    vq_join(core->vqs, ix->visit, want);
    return next_us;
}

void select_refresh(struct core *core, struct interaction *ix)
{
    bool others;
    if (ix->visit != VISIT_NONE && visit_at(core->vqs, ix->visit)->want != SELECTOR_NONE)
        select_join(core, ix, &others); /* the timer stays, so that visits are looked at in the order in which they
                                         * were due */
}

/* Gives the visit the selector of its open lines, and looks for a target. 0: there is no target now. */
static uint64_t select_look(struct core *core, struct interaction *ix)
{
    bool others;
    int64_t next_us = select_join(core, ix, &others);
    wait_until(core, ix, visit_at(core->vqs, ix->visit), next_us);
    if (fiber_link_held(core->forks, ix)) return 0;
    if (core->agents->dirty_count != 0 || core->settle_all) {
        select_fresh_add(core, ix);
        return 0;
    }
    return anybody_for(core, ix->visit, others);
}

/* True: another fiber of the interaction waits in a queue. */
static bool waits_for_another(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    if (ix->visit == VISIT_NONE) return false;
    uint8_t other = visit_at(core->vqs, ix->visit)->fiber;
    return other != fiber && step_of(core, ix, other) == STEP_ID_select;
}

static bool vq_is_among(const uint32_t *vqs, uint32_t count, uint32_t vq)
{
    while (count > 0 && vqs[count - 1] != vq) count--;
    return count > 0;
}

/* Adds the further queues of the selection to the list, each once. False: one of the names is no queue. */
static bool further_queues(struct core *core, const struct interaction *ix, uint8_t fiber, uint32_t *vqs,
                           uint32_t *count)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint32_t lines = vm_line_count(core->slab, block, fiber);
    for (uint32_t at = 0; at < lines; at++) {
        struct vm_line line;
        if (vm_line_kind(core->slab, block, fiber, at) != LINE_IN) continue;
        if (!vm_line(core->slab, block, fiber, at, &line)) continue;
        uint32_t vq = vq_open(core->vqs, strategy_name(core->strategies, ix, line.target));
        if (vq == VQS_MAX) return false;
        assert(*count <= IMAGE_LINES_MAX); /* the verifier allows no image with more lines */
        if (!vq_is_among(vqs, *count, vq)) vqs[(*count)++] = vq;
    }
    return true;
}

static struct fact fact_of_end(const struct core *core, const struct interaction *ix, uint32_t number, unsigned end)
{
    static const uint8_t told[] = {[VISIT_DISTRIBUTED] = FACT_distributed,
                                   [VISIT_ABANDONED] = FACT_abandoned_queued,
                                   [VISIT_CLEARED] = FACT_cleared};
    const struct visit *visit = visit_at(core->vqs, number);
    assert(end <= VISIT_CLEARED);
    return (struct fact){.what = told[end],
                         .ixn = ix->id,
                         .queue = visit->vq,
                         .waited_us = core->now->time_us - visit_entered_us(core->vqs, visit)};
}

/* Puts the interaction into those of the queues `vqs` where it is not yet, and removes it from all others. If the
 * interaction begins another selection without having left a queue, it keeps its place there. `fresh`: if the
 * interaction gets a new place, its age begins anew. */
static void enter_all(struct core *core, struct interaction *ix, const uint32_t *vqs, uint32_t count, int64_t priority,
                      bool fresh)
{
    assert(count > 0 && count <= IMAGE_LINES_MAX + 1);
    if (ix->visit != VISIT_NONE && visit_at(core->vqs, ix->visit)->vq != vqs[0]) select_leave(core, ix, VISIT_CLEARED);
    uint64_t entered_us;
    if (!kept_place_began(core, ix, &entered_us)) entered_us = interaction_enters(core->interactions, ix);
    if (ix->visit == VISIT_NONE) {
        uint64_t age_us = interaction_age_enters(core->interactions, ix, entered_us, fresh);
        ix->visit = vq_enter(core->vqs, vqs[0], ix->slot, priority, entered_us, age_us);
        fact_tell(core->facts, &(struct fact){.what = FACT_queued, .ixn = ix->id, .queue = vqs[0]});
    }
    for (uint32_t at = vq_further(core->vqs, ix->visit), next; at != VISIT_NONE; at = next) {
        next = vq_further(core->vqs, at);
        if (vq_is_among(vqs, count, visit_at(core->vqs, at)->vq)) continue;
        struct fact fact = fact_of_end(core, ix, at, VISIT_CLEARED);
        vq_leave(core->vqs, at, VISIT_CLEARED, core->now->time_us);
        fact_tell(core->facts, &fact);
    }
    for (uint32_t at = 1; at < count; at++) {
        if (vq_visit_in(core->vqs, ix->visit, vqs[at]) != VISIT_NONE) continue;
        vq_enter_further(core->vqs, ix->visit, vqs[at], entered_us);
        fact_tell(core->facts, &(struct fact){.what = FACT_queued, .ixn = ix->id, .queue = vqs[at]});
    }
}

/* Notes that the interaction waits although no agent can be reached: this is known only now, since the directory
 * does not say at which switch a DN is. */
static void look_out_of_reach(struct core *core, const struct interaction *ix)
{
    const struct visit *visit = visit_at(core->vqs, ix->visit);
    uint32_t vq = core->vqs->all[visit->vq].name;
    struct unreached *unreached = &core->selection->unreached;
    if (!order_out_of_reach(core->choices, selector_at(&core->vqs->wants, visit->want))) return;
    *unreached = (struct unreached){.ixn = ix->id, .count = unreached->count + 1, .vq = vq};
    fact_tell(core->facts, &(struct fact){.what = FACT_out_of_reach, .ixn = ix->id, .name = vq});
}

/* Notes the names that do not exist, so that lines of the selection add nobody, as far as the VM still knows these
 * names. */
static void note_nobody(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct block *block = block_at(core->slab, ix->block);
    const struct image_wait *wait = vm_step(core->slab, block, fiber);
    struct selection *selection = core->selection;
    for (uint32_t at = 0; at < vm_line_count(core->slab, block, fiber); at++) {
        struct vm_line line;
        if (vm_line_kind(core->slab, block, fiber, at) != LINE_TARGET) continue;
        if (!vm_line(core->slab, block, fiber, at, &line) || line.type != TYPE_VOID) continue;
        uint16_t kind = type_base(image_lines(block_image(core->slab, block), wait->lines)[at].type);
        const struct vm_missed *missed = vm_missed(core->vm, ix->block, kind);
        if (missed)
            selection->nobody[selection->nobody_count++ % NOBODY_KEPT] =
                (struct named_nobody){.ixn = ix->id, .line = at, .name = *missed};
    }
}

const struct vm_missed *select_nobody_named(const struct core *core, uint64_t ixn, uint32_t line)
{
    const struct selection *selection = core->selection;
    for (uint32_t back = 1; back <= NOBODY_KEPT && back <= selection->nobody_count; back++) {
        const struct named_nobody *row = &selection->nobody[(selection->nobody_count - back) % NOBODY_KEPT];
        if (row->ixn == ixn && row->line == line) return &row->name;
    }
    return NULL;
}

/* Begins the selection. A selection that follows another one of the same interaction keeps the
 * place in the queues that both name, but has its own lines, conditions and time limit. */
static struct step_outcome select_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t word;
    uint16_t type;
    /* the caller is gone, and will not be called back */
    bool nobody = ix->gone || (ix->kept && !ix->leg && !ix->keeps);
    if (nobody || !vm_arg(slab, block, fiber, PARAMETER_select_vq, &word, &type))
        return step_fails(nobody ? code_gone : code_invalid_attribute);
    if (ix->leg && !link_usable(core->links, ix->link))
        return step_fails(code_link_down); /* the link is down, so the call could not be routed to a target */
    uint32_t vqs[IMAGE_LINES_MAX + 1], vq_count = 1;
    vqs[0] = vq_open(core->vqs, strategy_name(core->strategies, ix, word));
    if (vqs[0] == VQS_MAX || !further_queues(core, ix, fiber, vqs, &vq_count))
        return step_fails(code_invalid_attribute);
    if (waits_for_another(core, ix, fiber))
        return step_fails(code_unsupported); /* an interaction may have only one place in a queue at a time */
    bool fresh = vm_arg(slab, block, fiber, PARAMETER_select_fresh, &word, &type) && word != 0;
    enter_all(core, ix, vqs, vq_count, block->priority, fresh);
    struct visit *visit = visit_at(core->vqs, ix->visit);
    visit->fiber = fiber;
    vq_rerank(core->vqs, ix->visit, block->priority);
    int64_t timeout_us = vm_timeout(slab, block, fiber);
    *fiber_until(core->forks, ix) = timeout_us < 0 ? ix->ends_us : core->now->time_us + (uint64_t)timeout_us;
    visit->ends = vm_has_until(slab, block, fiber);
    conditions_begin(core, ix, fiber);
    note_nobody(core, ix, fiber);
    visit_look_set(core->vqs, ix->visit, visit->ends ? core->now->time_us : UINT64_MAX, UINT64_MAX);
    ring_forgets(core, ix);
    bool in_vain = invite_in_vain(core, ix, fiber) || ring_in_vain(core, ix, fiber);
    if (in_vain || ends_by_condition(core, ix, fiber)) {
        select_leave(core, ix, VISIT_CLEARED);
        return step_fails(in_vain ? code_unsupported : code_until);
    }
    word = select_look(core, ix);
    if (word != 0) return select_offered(core, ix, fiber, word, true);
    if (ix->leg) look_out_of_reach(core, ix);
    return step_waits();
}

uint32_t select_visit(const struct core *core, const struct interaction *ix)
{
    bool chosen = ix->visit != VISIT_NONE && visit_at(core->vqs, ix->visit)->state == VISIT_SELECTED;
    for (uint32_t at = ix->claims; chosen && at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction) {
        const struct claim *claim = claim_at(core->claims, at);
        uint32_t vq = claim->vq != 0 && claim->state != CLAIM_ACTIVE ? vq_find(core->vqs, claim->vq) : VQS_MAX;
        uint32_t visit = vq != VQS_MAX ? vq_visit_in(core->vqs, ix->visit, vq) : VISIT_NONE;
        if (visit != VISIT_NONE) return visit;
    }
    return ix->visit;
}

void select_nobody(struct core *core, struct interaction *ix)
{
    if (visit_at(core->vqs, ix->visit)->state == VISIT_WAITING) vq_select(core->vqs, ix->visit);
}

void select_hold(struct core *core, struct interaction *ix, uint8_t busy)
{
    if (ix->visit == VISIT_NONE || ix->mandatory) return;
    uint8_t fiber = visit_at(core->vqs, ix->visit)->fiber;
    if (fiber_busy(core->forks, ix, fiber) != busy || step_of(core, ix, fiber) != STEP_ID_select) return;
    ix->mandatory = true;
    select_nobody(core, ix);
}

/* The mandatory part is over: the selection looks for a target again; the place in the queue was kept. */
void select_release(struct core *core, struct interaction *ix, uint8_t fiber)
{
    if (!ix->mandatory || visit_at(core->vqs, ix->visit)->fiber != fiber) return;
    ix->mandatory = false;
    if (!invite_goes_on(core, ix)) select_again(core, ix);
}

void select_again(struct core *core, struct interaction *ix)
{
    bool others;
    if (ix->visit == VISIT_NONE || ix->mandatory || kept_place_holds(core, ix) || invite_holds(core, ix)) return;
    select_join(core, ix, &others);
    select_fresh_add(core, ix);
}

void select_preferences_changed(struct core *core)
{
    prefer_refile(core->vqs);
    EACH_INTERACTION (ix, core->interactions) {
        if (ix->visit == VISIT_NONE) continue;
        select_refresh(core, ix);
        if (visit_at(core->vqs, ix->visit)->want != SELECTOR_NONE) select_again(core, ix);
    }
}

void select_rerank(struct core *core, struct interaction *ix, int64_t priority)
{
    if (ix->visit == VISIT_NONE) return;
    vq_rerank(core->vqs, ix->visit, priority);
    const struct visit *visit = visit_at(core->vqs, ix->visit);
    if (visit->want == SELECTOR_NONE || ix->mandatory || kept_place_holds(core, ix) || invite_holds(core, ix)) return;
    if (selector_at(&core->vqs->wants, visit->want)->promised != may_have_promised(core, ix, visit))
        select_fresh_add(core, ix);
}

/* Takes the interaction out of all queues. Its visit in the queue of the given name, or else its first visit, ends with
 * `end`. The other visits end as cleared if `end` is VISIT_DISTRIBUTED, and otherwise with `end`, too. */
static void select_leave_queue(struct core *core, struct interaction *ix, unsigned end, uint32_t name)
{
    assert(end <= VISIT_CLEARED);
    ix->mandatory = false;
    kept_place_stop(core, ix);
    if (ix->visit == VISIT_NONE) return;
    invite_withdraw(core, ix);
    conditions_end(core, ix->visit);
    struct fact facts[2 * IMAGE_LINES_MAX + 1];
    uint32_t count = 1, chosen = name == 0 ? VISIT_NONE : vq_visit_in(core->vqs, ix->visit, vq_find(core->vqs, name));
    if (chosen == VISIT_NONE) chosen = ix->visit;
    for (uint32_t at = ix->visit; at != VISIT_NONE; at = vq_further(core->vqs, at)) {
        bool other = at != chosen && end == VISIT_DISTRIBUTED;
        struct fact fact = fact_of_end(core, ix, at, other ? VISIT_CLEARED : end);
        facts[at == chosen ? 0 : count++] = fact;
        if (!other) continue;
        fact.what = FACT_served_elsewhere;
        facts[count++] = fact;
    }
    interaction_age_leaves(core->interactions, ix, visit_at(core->vqs, ix->visit)->age_us);
    while (ix->visit != VISIT_NONE) {
        uint32_t further = vq_further(core->vqs, ix->visit), at = further != VISIT_NONE ? further : ix->visit;
        vq_leave(core->vqs, at, at == chosen || end != VISIT_DISTRIBUTED ? (enum visit_end)end : VISIT_CLEARED,
                 core->now->time_us);
        if (further == VISIT_NONE) ix->visit = VISIT_NONE;
    }
    for (uint32_t at = 0; at < count; at++) fact_tell(core->facts, &facts[at]);
}

void select_leave(void *self, struct interaction *ix, unsigned end)
{
    struct core *core = self;
    select_leave_queue(core, ix, end, 0);
}

void select_distributed(struct core *core, struct interaction *ix, uint32_t vq)
{
    select_leave_queue(core, ix, VISIT_DISTRIBUTED, vq);
}

/* Continues with the result of a look; word 0: there was no target, and the step goes on waiting. */
static void select_found(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t word, bool all)
{
    struct step_outcome outcome = word != 0 ? select_offered(core, ix, fiber, word, all) : step_waits();
    if (outcome.status == STEP_IS_DONE) strategy_step_done(core, ix, fiber, word);
    if (outcome.status == STEP_FAILS) strategy_step_failed(core, ix, fiber, outcome.code);
}

void select_taken(struct core *core, struct interaction *ix, uint64_t word)
{
    uint8_t fiber = visit_at(core->vqs, ix->visit)->fiber;
    select_nobody(core, ix);
    if (!kept_place_turn(core, ix, fiber, word)) strategy_step_done(core, ix, fiber, word);
}

static void select_fails(struct core *core, struct interaction *ix, uint8_t fiber, unsigned code)
{
    select_leave(core, ix, VISIT_CLEARED);
    strategy_step_failed(core, ix, fiber, code);
}

/* The step's timer has fired: the wait is over, a line opens, or the condition that ends the wait is due. */
static void select_on_timer(struct core *core, struct interaction *ix, uint8_t fiber)
{
    if (ix->mandatory) { /* select_release looks again; the timer only limits the lifetime */
        if (fiber == 0) step_timer(core, ix, fiber, ix->ends_us - core->now->time_us);
        return;
    }
    if (kept_place_rests(core, ix) && ends_by_condition(core, ix, fiber)) {
        kept_place_release(core, ix);
        select_fails(core, ix, fiber, code_until);
        return;
    }
    if (kept_place_on_timer(core, ix, fiber)) return;
    if (core->now->time_us >= *fiber_until(core->forks, ix) || ix->visit == VISIT_NONE) {
        select_fails(core, ix, fiber, code_timeout);
        return;
    }
    if (ends_by_condition(core, ix, fiber)) {
        select_fails(core, ix, fiber, code_until);
        return;
    }
    const struct visit_due look_at = visit_look(core->vqs, ix->visit);
    uint64_t due_us = look_at.due_us == UINT64_MAX ? *fiber_until(core->forks, ix) : look_at.due_us;
    if (core->now->time_us < due_us) /* only the condition was due, so no decision is recorded */
        step_timer(core, ix, fiber,
                   (look_at.condition_us < due_us ? look_at.condition_us : due_us) - core->now->time_us);
    else if (invite_holds(core, ix))
        wait_until(core, ix, visit_at(core->vqs, ix->visit), INT64_MAX);
    else
        select_found(core, ix, fiber, select_look(core, ix), true);
}

/* Serves a visit when several agents became ready at the same time, `from` being the first: gives the visit the
 * agent whom its order puts first. Agents who were ready before do not match, otherwise the visit would not be
 * waiting. False: all of them are already asked. */
static bool select_serve(struct core *core, uint32_t number, uint32_t from)
{
    const struct visit *visit = visit_at(core->vqs, number);
    struct interaction *ix = interaction_at(core->interactions, visit->slot);
    uint8_t fiber = visit->fiber;
    if (order_by_share(selector_at(&core->vqs->wants, visit->want))) {
        uint64_t word = shared_for(core, number, false);
        assert(word != 0); /* cannot be 0: the agent at `from` matches a line, and open lines have shares */
        select_found(core, ix, fiber, word, false);
        return true;
    }
    struct chosen chosen = order_fresh(core->choices, number, from);
    if (chosen.agent == AGENT_NONE) return false;
    select_found(core, ix, fiber, select_take_ringing(core, number, &chosen, true), false);
    return true;
}

/* Marks all ready agents dirty, longest idle first, so that selection looks at all of them again. */
static void all_dirty(struct core *core)
{
    struct agents *agents = core->agents;
    for (uint32_t at = 0; at < agents->dirty_count; at++) agent_at(agents, agents->dirty[at])->dirty = false;
    agents->dirty_count = 0;
    for (uint32_t agent = agents->first; agent != AGENT_NONE; agent = agent_at(agents, agent)->next) {
        /* a new directory may have removed the agent from the group for which it was kept */
        agent_promise_end(agents, agent);
        agent_dirty(agents, agent);
    }
}

/* For each agent who has just become ready, looks at the visits that wait for such an agent, best rank first, until
 * the agent is chosen or no visit is left. */
static void settle_ready(struct core *core)
{
    struct agents *agents = core->agents;
    order_begin(core->choices);
    for (uint32_t at = 0; at < agents->dirty_count; at++) {
        uint32_t agent = agents->dirty[at];
        bool again = false;
        while (agent_at(agents, agent)->listed) {
            uint32_t best = prefer_best(core->vqs, agent);
            if (best == VISIT_NONE) break;
            uint64_t rank = agent_at(agents, agent)->idle_rank;
            if (!select_serve(core, best, at))
                break; /* the agent is asked now: no visit can have the agent until the question has ended */
            /* An agent who was chosen and can take more is looked at again, after the other agents. */
            again = agent_at(agents, agent)->idle_rank != rank;
            if (again) break;
        }
        agent_at(agents, agent)->dirty = false;
        if (again && agent_at(agents, agent)->listed) agent_dirty(agents, agent);
    }
    agents->dirty_count = 0;
    agents->dirty_in_order = true;
}

/* A line of the visit opens or closes: gives the visit the selector of the lines that are open now. If a line opens,
 * the visit looks for a target again. */
static void line_turned(struct core *core, uint32_t number, bool until, bool opens)
{
    const struct visit *visit = visit_at(core->vqs, number);
    struct interaction *ix = interaction_at(core->interactions, visit->slot);
    if (until) {
        until_again(core, number);
        return;
    }
    if (visit->want == SELECTOR_NONE) return; /* the visit gets its selector when it gets its rank again */
    if (opens)
        select_again(core, ix);
    else
        select_refresh(core, ix);
}

/* Called when an event is over: looks for targets until no agent is newly ready and no visit is fresh. Then the
 * invariant holds again. */
static void selection_settle(void *self)
{
    struct core *core = self;
    conditions_settle(core, line_turned);
    if (core->agents->dirty_count == 0 && core->selection->fresh_count == 0 && !core->settle_all) return;
    /* Serving a visit runs its strategy, which may make agents ready and visits fresh: the loop runs until there are
     * neither. */
    for (;;) {
        if (core->settle_all) all_dirty(core);
        core->settle_all = false;
        settle_ready(core);
        conditions_settle(core, line_turned);
        if (core->selection->fresh_count == 0) {
            if (core->agents->dirty_count == 0 && !core->settle_all) return;
            continue;
        }
        struct interaction *ix = select_fresh_next(core);
        if (!ix) continue;
        uint8_t fiber = visit_at(core->vqs, ix->visit)->fiber;
        select_found(core, ix, fiber, select_look(core, ix), true);
    }
}

static void select_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    (void)fiber;
    select_leave(core, ix, VISIT_CLEARED);
}

/* While a place is kept, the selection dials the caller, so the answers to the dial come to this step
 * (kept_place.h). */
const struct step_ops step_ops_select = {.begin = select_begin,
                                         .cancel = select_cancel,
                                         .timed_out = select_on_timer,
                                         .answered = kept_place_dial_answered,
                                         .lapsed = kept_place_dial_lapsed,
                                         .busy_over = select_release};

static void selection_free(void *self)
{
    struct core *core = self;
    free(core->selection->fresh);
}

/* Nothing is in snapshots: when the parts have settled, no visit is fresh (select_check). */
const struct part_ops part_ops_selection = {
    .size = sizeof(struct selection),
    .free = selection_free,
    .leave = select_leave,
    .settle = selection_settle,
    .sound = select_sound,
};

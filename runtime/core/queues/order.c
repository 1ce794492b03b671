/* runtime/core/queues/order.c - Finds the candidates, longest idle first, and among them the agent who is first in
 * the selection's order.
 *
 *     order_first()   a visit has come: all ready agents  --+
 *     order_fresh()   agents became ready, from one on    --+-> order_gather() -> order_choose()
 *     order_shared()  `by share`: one candidate per line, then the line that is owed most
 *     order_queue()   no agent matches: a queue among the lines
 *     order_preferred()   the same as the first two, where agents prefer queues to others (prefer.h)
 *
 * Without an order the search ends at the first match, because candidates come by idle rank. With an order all
 * matching agents are collected and compared. If the selection has further orders, order_narrow() leaves those whose
 * figure comes first, and the next order decides among them. `choices->all` is scratch memory: it belongs to
 * the part, and the next choice overwrites it. */
#include "runtime/core/queues/order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/candidates.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/prefer_best.h"
#include "runtime/core/queues/reach.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/program.h"

enum { ALL_READY = UINT32_MAX };

/* Returns the line that names the selection's order; NULL: there is none, and the agent idle longest is taken. The
 * line with the order follows the lines that can be chosen. Further orders, scores and exclusions come after it. */
static const struct vm_line *order_line(const struct selector *want)
{
    uint32_t at = want->count;
    while (at > 0 && (want->lines[at - 1].kind == LINE_EXCLUDED || want->lines[at - 1].kind == LINE_SCORES)) at--;
    while (at > 0 && want->lines[at - 1].kind == LINE_TIE) at--;
    return at > 0 && want->lines[at - 1].kind == LINE_ORDER ? &want->lines[at - 1] : NULL;
}

/* Returns the line of the order that decides among those whom the order `by` leaves equal; NULL: there is none. */
static const struct vm_line *order_tie(const struct selector *want, const struct vm_line *by)
{
    return by + 1 < want->lines + want->count && by[1].kind == LINE_TIE ? by + 1 : NULL;
}

/* Returns a random number from 0 to `below` - 1. Increases the interaction's own counter, so the same interaction
 * draws a new number each time and a replay draws the same ones. The product of the upper half and `below` spreads
 * the range evenly without a division. */
static uint32_t order_draw(struct choices *choices, const struct visit *visit, uint32_t below)
{
    struct interaction *ix = interaction_at(choices->interactions, visit->slot);
    assert(below > 0);
    struct block *block = block_at(choices->slab, ix->block);
    uint64_t drawn = table_mix64(table_mix64(choices->options->seed ^ ix->id) + ++block->random);
    return (uint32_t)((drawn >> 32) * below >> 32);
}

/* Returns the agent who follows the one chosen last, in the order of slots; after the last agent comes the first.
 * `turn` is the slot chosen last plus one, so it is also the first slot that may follow. */
static uint32_t next_in_turn(struct choices *choices, const struct visit *visit, const uint32_t *agents, uint32_t count)
{
    assert(count > 0 && visit->vq < choices->vqs->count);
    const struct vq *vq = &choices->vqs->all[visit->vq];
    uint32_t first = AGENT_NONE, next = AGENT_NONE;
    for (uint32_t at = 0; at < count; at++) {
        uint32_t agent = agents[at];
        if (agent < first) first = agent;
        if (agent >= vq->turn && agent < next) next = agent;
    }
    if (next == AGENT_NONE) next = first;
    vq_turn(choices->vqs, visit->vq, next + 1);
    return next;
}

/* Returns a number by which figures can be compared: the bits of floats have another order than the floats. */
static int64_t figure_order(uint16_t type, int64_t figure)
{
    return type_base(type) == TYPE_FLOAT ? value_float_order((uint64_t)figure) : figure;
}

/* The best figure that was compared so far. */
struct figured {
    bool has;
    bool most; /* true: the largest is the best */
    uint16_t type;
    int64_t figure;
};

static const struct image *order_image(const struct choices *choices, const struct selector *want)
{
    return choices->strategies->programs[want->program].image;
}

/* Begins a comparison by the figure of the order's line. */
static struct figured figured_by(const struct choices *choices, const struct selector *want, const struct vm_line *by)
{
    return (struct figured){.most = by->type == ORDER_max || by->type == ORDER_highest_level,
                            .type = image_function(order_image(choices, want), by->function)->result};
}

enum order_place { PLACE_BEHIND, PLACE_EQUAL, PLACE_FIRST };

/* Compares the agent, or a queue (AGENT_NONE), with the best one so far. If the candidate comes first its figure is
 * noted. A candidate without a figure comes last, and is equal to others without one. */
static enum order_place figure_compare(struct choices *choices, const struct selector *want, const struct vm_line *by,
                                       uint32_t agent, int32_t line, struct figured *best)
{
    int64_t figure;
    if (!match_figure(choices->vqs, want, by, agent, line, &figure)) return best->has ? PLACE_BEHIND : PLACE_EQUAL;
    if (best->has) {
        int64_t order = figure_order(best->type, figure), first = figure_order(best->type, best->figure);
        if (order == first) return PLACE_EQUAL;
        if (best->most ? order < first : order > first) return PLACE_BEHIND;
    }
    best->has = true;
    best->figure = figure;
    return PLACE_FIRST;
}

static enum order_place agent_compare(struct choices *choices, const struct selector *want, const struct vm_line *by,
                                      bool of_line, uint32_t agent, struct figured *best)
{
    int32_t line = of_line ? match_line(choices->vqs, want, agent) : -1;
    return figure_compare(choices, want, by, agent, line, best);
}

/* Leaves of the equal agents, in their order, only those whose figure comes first. */
static struct figured order_narrow(struct choices *choices, const struct selector *want, const struct vm_line *by)
{
    assert(choices->equal_count > 0 && by->function != IMAGE_NONE);
    bool of_line = demand_asks_line(order_image(choices, want), by->function);
    struct figured best = figured_by(choices, want, by);
    uint32_t left = 0;
    for (uint32_t at = 0; at < choices->equal_count; at++) {
        uint32_t agent = choices->equal[at];
        enum order_place place = agent_compare(choices, want, by, of_line, agent, &best);
        if (place == PLACE_FIRST) left = 0;
        if (place != PLACE_BEHIND) choices->equal[left++] = agent;
    }
    choices->equal_count = left;
    return best;
}

/* Begins with all matching agents as equal; they stay collected, since more of them may be chosen. */
static void equal_begin(struct choices *choices)
{
    choices->equal = memory_grow(choices->equal, &choices->equal_capacity, choices->count, sizeof *choices->equal);
    memcpy(choices->equal, choices->all, choices->count * sizeof *choices->equal);
    choices->equal_count = choices->count;
}

/* Notes the figure by which the first order compared. */
static void order_note_figure(const struct figured *best, struct chosen *chosen)
{
    chosen->has_figure = best->has;
    chosen->type = best->type;
    chosen->figure = best->figure;
}

/* Notes that a further order had to decide among those who are left. */
static void order_note_tie(const struct choices *choices, const struct vm_line *tie, struct chosen *chosen)
{
    chosen->equal = choices->equal_count;
    chosen->tie = (uint8_t)tie->type;
    chosen->tie_type = TYPE_VOID;
    chosen->tie_figure = 0;
}

/* Chooses among the equal agents by the orders that follow the first one. The agents are sorted by their idle time,
 * longest first, and the first one is taken if no order decides. Round robin remembers whose turn it was even if only
 * one agent is left. */
static void order_ties(struct choices *choices, const struct visit *visit, const struct selector *want,
                       const struct vm_line *tie, struct chosen *chosen)
{
    chosen->agent = choices->equal[0];
    for (; tie; tie = order_tie(want, tie)) {
        uint32_t count = choices->equal_count;
        if (count > 1) order_note_tie(choices, tie, chosen);
        if (tie->type == ORDER_round_robin) {
            chosen->agent = next_in_turn(choices, visit, choices->equal, count);
        } else if (tie->type == ORDER_random && count > 1) {
            chosen->agent = choices->equal[order_draw(choices, visit, count)];
        } else if (tie->function != IMAGE_NONE && count > 1) {
            struct figured best = order_narrow(choices, want, tie);
            if (best.has) chosen->tie_type = best.type;
            chosen->tie_figure = best.figure;
            chosen->agent = choices->equal[0];
        }
    }
}

/* Chooses by figure. Candidates come longest idle first, so among equal figures the agent idle longest wins, unless
 * further orders decide. If no agent has a figure, all are equal. */
static void by_figure(struct choices *choices, const struct visit *visit, const struct selector *want,
                      const struct vm_line *by, struct chosen *chosen)
{
    const struct vm_line *tie = order_tie(want, by);
    if (tie) {
        equal_begin(choices);
        struct figured best = order_narrow(choices, want, by);
        order_note_figure(&best, chosen);
        order_ties(choices, visit, want, tie, chosen);
        return;
    }
    bool of_line = demand_asks_line(order_image(choices, want), by->function);
    struct figured best = figured_by(choices, want, by);
    chosen->agent = choices->all[0];
    for (uint32_t at = 0; at < chosen->among; at++) {
        uint32_t agent = choices->all[at];
        if (agent_compare(choices, want, by, of_line, agent, &best) == PLACE_FIRST) chosen->agent = agent;
    }
    order_note_figure(&best, chosen);
}

/* Removes agents who are already asked: they are not asked again, although they could take more. */
static void drop_asked(struct choices *choices, const struct visit *visit)
{
    const struct interaction *ix = interaction_at(choices->interactions, visit->slot);
    uint32_t count = 0;
    for (uint32_t at = 0; at < choices->count; at++) {
        uint32_t claim = ix->claims;
        while (claim != CLAIM_NONE && claim_at(choices->claims, claim)->agent != choices->all[at])
            claim = claim_at(choices->claims, claim)->next_of_interaction;
        if (claim == CLAIM_NONE) choices->all[count++] = choices->all[at];
    }
    choices->count = count;
}

/* Chooses one agent. `among` is counted after agents who are already asked are removed: a decision record must not
 * count an agent who could not be chosen. */
static void order_choose(struct choices *choices, const struct visit *visit, const struct vm_line *by,
                         struct chosen *chosen)
{
    if (chosen->order == ORDER_everyone) drop_asked(choices, visit);
    chosen->among = choices->count;
    if (choices->count == 0) return;
    if (chosen->order == ORDER_random)
        chosen->agent = choices->all[order_draw(choices, visit, choices->count)];
    else if (chosen->order == ORDER_round_robin)
        chosen->agent = next_in_turn(choices, visit, choices->all, choices->count);
    else if (by && by->function != IMAGE_NONE)
        by_figure(choices, visit, selector_at(&choices->vqs->wants, visit->want), by, chosen);
    else
        chosen->agent = choices->all[0];
}

/* Inserts the agent by idle rank; the place is nearly always at the end. */
static void put_in(struct choices *choices, uint32_t agent)
{
    uint64_t rank = agent_at(choices->agents, agent)->idle_rank;
    choices->all = memory_grow(choices->all, &choices->capacity, choices->count + 1, sizeof *choices->all);
    uint32_t at = choices->count++;
    for (; at > 0 && agent_at(choices->agents, choices->all[at - 1])->idle_rank > rank; at--)
        choices->all[at] = choices->all[at - 1];
    choices->all[at] = agent;
}

/* True: whether an agent matches depends on the clauses alone. An exclusion or `everyone` makes the match depend on the
 * single interaction, and a preference on its queue and wait, so the result cannot be kept for other selectors. */
static bool by_clauses(const struct choices *choices, const struct selector *want)
{
    const struct vm_line *by = order_line(want);
    bool alone = !choices->vqs->preferred && want->lines[want->count - 1].kind != LINE_EXCLUDED &&
                 !(by && by->type == ORDER_everyone);
    for (uint32_t at = 0; alone && at < want->clause_count; at++) alone = !want->clauses[at].open;
    return alone && want->clause_count != 0;
}

void order_begin(struct choices *choices)
{
    for (uint32_t at = 0; at < KEPT_MAX; at++) choices->kept[at].clause_count = 0;
    choices->kept_next = 0;
    choices->relisted = choices->agents->relisted;
}

/* Compares the terms one by one, in their order. Two selectors that say the same in another order lose only the
 * shared work; the result is right in both cases. */
static bool demands_the_same(const struct kept_order *kept, const struct selector *want)
{
    if (kept->clause_count != want->clause_count) return false;
    for (uint32_t at = 0; at < want->clause_count; at++) {
        const struct demand_clause *a = &kept->clauses[at], *b = &want->clauses[at];
        if (a->count != b->count) return false;
        for (uint32_t term = 0; term < a->count; term++)
            if (a->terms[term].type != b->terms[term].type || a->terms[term].name != b->terms[term].name ||
                a->terms[term].least != b->terms[term].least)
                return false;
    }
    return true;
}

/* Finds the row with the given clauses, or overwrites the existing rows in turn. A new row begins at `from`: agents
 * before it were offered already. */
static struct kept_order *kept_of(struct choices *choices, const struct selector *want, uint32_t from)
{
    for (uint32_t at = 0; at < KEPT_MAX; at++)
        if (demands_the_same(&choices->kept[at], want)) return &choices->kept[at];
    struct kept_order *kept = &choices->kept[choices->kept_next++ % KEPT_MAX];
    kept->clauses = memory_grow(kept->clauses, &kept->clause_capacity, want->clause_count, sizeof *kept->clauses);
    memcpy(kept->clauses, want->clauses, want->clause_count * sizeof *kept->clauses);
    kept->clause_count = want->clause_count;
    kept->count = 0;
    kept->upto = from;
    return kept;
}

/* Collects the matching agents among those who became ready together, and checks each once. Agents before `from`
 * were offered already and are dropped, as are agents who are not ready now: if one becomes ready again, all kept
 * rows are discarded. */
static void gather_kept(struct choices *choices, const struct selector *want, uint32_t from)
{
    struct agents *agents = choices->agents;
    if (choices->relisted != agents->relisted) order_begin(choices);
    struct kept_order *kept = kept_of(choices, want, from);
    for (; kept->upto < agents->dirty_count; kept->upto++) {
        if (match_line(choices->vqs, want, agents->dirty[kept->upto]) < 0) continue;
        kept->all = memory_grow(kept->all, &kept->capacity, kept->count + 1, sizeof *kept->all);
        kept->all[kept->count++] = kept->upto;
    }
    uint32_t count = 0;
    for (uint32_t at = 0; at < kept->count; at++) {
        uint32_t dirty = kept->all[at];
        if (dirty < from || !agent_at(agents, agents->dirty[dirty])->listed) continue;
        kept->all[count++] = dirty;
        if (match_open(choices->vqs, want, agents->dirty[dirty])) put_in(choices, agents->dirty[dirty]);
    }
    kept->count = count;
}

/* Collects the matching agents among all ready ones, or among those who became ready together from `from` on;
 * longest idle first, at most so many. Returns how many agents were checked. There are three sources, and the
 * cheapest is taken: agents kept for selectors with the same clauses, a loop over the agents who became ready
 * together, or the merged lists of candidates. put_in() sorts the agents of each source in the same way. */
static uint32_t order_gather(struct choices *choices, const struct selector *want, uint32_t from, uint32_t at_most)
{
    const struct agents *agents = choices->agents;
    bool fresh = from != ALL_READY;
    uint32_t looked = 0, agent, candidates = candidates_begin(choices->candidates, want);
    choices->count = 0;
    if (fresh && at_most != 1 && agents->dirty_count - from > choices->candidates->few && by_clauses(choices, want)) {
        gather_kept(choices, want, from);
        return choices->count;
    }
    if (fresh && agents->dirty_count - from < candidates) {
        for (uint32_t at = from; at < agents->dirty_count; at++, looked++) {
            const struct agent *who = agent_at(agents, agents->dirty[at]);
            if (who->dirty && match_open(choices->vqs, want, agents->dirty[at]) &&
                match_line(choices->vqs, want, agents->dirty[at]) >= 0)
                put_in(choices, agents->dirty[at]);
        }
        return looked;
    }
    while (choices->count < at_most && (agent = candidates_next(choices->candidates)) != AGENT_NONE) {
        looked++;
        if ((!fresh || agent_at(agents, agent)->dirty) && match_open(choices->vqs, want, agent) &&
            match_line(choices->vqs, want, agent) >= 0)
            put_in(choices, agent);
    }
    return looked;
}

/* Finds the agent with the highest level of the order's skill, beginning with the highest level. False: another
 * method is shorter, or no agent with the skill matches. */
static bool by_level(struct choices *choices, const struct visit *visit, const struct vm_line *by, uint32_t from,
                     struct chosen *chosen)
{
    const struct selector *want = selector_at(&choices->vqs->wants, visit->want);
    struct agents *agents = choices->agents;
    uint32_t level = 0, looked = 0;
    /* with few ready agents all of them are compared and counted */
    if (agents->ready <= choices->candidates->few) return false;
    if (want->highest == 0 ||
        candidates_begin(choices->candidates, want) < ability_ready(agents, ABILITY_SKILL, want->highest, 1))
        return false;
    const struct ability_level *levels = ability_levels(agents, ABILITY_SKILL, want->highest, &level);
    const struct vm_line *tie = order_tie(want, by);
    choices->count = 0;
    for (; levels && level > 0 && choices->count == 0; level--) {
        for (uint32_t at = levels[level - 1].first; at != ABILITY_NONE; at = ability_next(agents, at)) {
            uint32_t agent = ability_agent(at);
            looked++;
            if ((from != ALL_READY && !agent_at(agents, agent)->dirty) || !match_open(choices->vqs, want, agent) ||
                match_line(choices->vqs, want, agent) < 0)
                continue;
            chosen->agent = agent;
            chosen->has_figure = true;
            chosen->type = image_function(order_image(choices, want), by->function)->result;
            chosen->figure = level;
            chosen->among = 1;
            chosen->looked = looked;
            if (!tie) return true;
            put_in(choices, agent);
        }
    }
    if (choices->count == 0) return false;
    chosen->among = choices->count;
    chosen->looked = looked;
    equal_begin(choices);
    order_ties(choices, visit, want, tie, chosen);
    return true;
}

/* Returns an empty choice. AGENT_NONE stays if nobody matches; callers test this and not `among`. */
static struct chosen chosen_by(const struct vm_line *by)
{
    return (struct chosen){.agent = AGENT_NONE, .order = by ? (uint8_t)by->type : ORDER_longest_idle};
}

/* True: by the site's order the agent with the best rank of the queue comes first among several ready agents. */
static bool ranks_agents(const struct choices *choices)
{
    return choices->vqs->preferred && prefer_ranks_agents((enum prefer_order)choices->vqs->prefer->order);
}

/* The search for an agent who takes a visit now, where agents have preferences. */
struct preferring {
    const struct selector *want;
    uint32_t at_most; /* this many agents of one rank are enough; UINT32_MAX: all must be compared */
    bool fresh;       /* only agents who became ready together */
    uint32_t looked;
};

/* Returns the agent's rank of the selector's queue; 0: the agent does not take the visit now, or was ready before and
 * the search is only for agents who became ready together. */
static uint8_t preferring_rank(struct choices *choices, struct preferring *search, uint32_t agent)
{
    search->looked++;
    if (search->fresh && !agent_at(choices->agents, agent)->dirty) return 0;
    return match_open(choices->vqs, search->want, agent) ? match_rank(choices->vqs, search->want, agent) : 0;
}

/* Gathers the agents of one rank, or of any (0), from the lists of the profiles that have this rank. */
static void gather_rank(struct choices *choices, struct preferring *search, uint8_t rank)
{
    uint32_t agent;
    choices->count = 0;
    candidates_begin_ranked(choices->candidates, choices->vqs->prefer, search->want, rank);
    while (choices->count < search->at_most && (agent = candidates_next(choices->candidates)) != AGENT_NONE) {
        uint8_t of = preferring_rank(choices, search, agent);
        if (of != 0 && (rank == 0 || of == rank)) put_in(choices, agent);
    }
}

/* Gathers, among all agents who have the abilities, those of the best rank that comes after `behind`, and returns that
 * rank; 0: there is no such agent. */
static uint8_t gather_behind(struct choices *choices, struct preferring *search, uint8_t behind)
{
    uint32_t agent;
    uint8_t best = 0;
    choices->count = 0;
    candidates_begin(choices->candidates, search->want);
    while ((agent = candidates_next(choices->candidates)) != AGENT_NONE) {
        uint8_t of = preferring_rank(choices, search, agent);
        if (of <= behind || (best != 0 && of > best)) continue;
        if (of != best) choices->count = 0;
        best = of;
        if (choices->count < search->at_most) put_in(choices, agent);
        /* no further agent has a better rank, or is idle longer */
        if (choices->count >= search->at_most && best == behind + 1) break;
    }
    return best;
}

/* Chooses an agent for the visit if agents have preferences: among those who take the visit now. If the site's order
 * says so, agents for whom the queue has the best rank come first. Such agents are looked for in the lists of profiles,
 * if there are fewer profiles than agents with the abilities; if none of them matches, each agent with the abilities is
 * looked at. So the cost does not grow with the product of profiles and ranks. `fresh`: only among the agents who
 * became ready together. */
static struct chosen order_preferred(struct choices *choices, const struct visit *visit, bool fresh)
{
    const struct preferences *prefer = choices->vqs->prefer;
    const struct selector *want = selector_at(&choices->vqs->wants, visit->want);
    const struct vm_line *by = order_line(want);
    struct chosen chosen = chosen_by(by);
    struct preferring search = {.want = want, .at_most = by ? UINT32_MAX : 1, .fresh = fresh};
    uint32_t able = candidates_begin(choices->candidates, want);
    uint8_t rank = 0;
    choices->count = 0;
    if (able != 0 && (!ranks_agents(choices) || able > prefer->profile_count)) {
        if (ranks_agents(choices)) rank = candidates_next_rank(choices->candidates, prefer, want, 0);
        if (rank != 0 || !ranks_agents(choices)) gather_rank(choices, &search, rank);
        if (choices->count != 0) order_choose(choices, visit, by, &chosen);
        if (rank == 0) able = 0; /* nobody else takes it */
    }
    while (able != 0 && chosen.agent == AGENT_NONE && (rank = gather_behind(choices, &search, rank)) != 0)
        order_choose(choices, visit, by, &chosen);
    chosen.looked = by || chosen.agent == AGENT_NONE ? choices->agents->ready : search.looked;
    if (chosen.looked < chosen.among) chosen.looked = chosen.among;
    return chosen;
}

/* Chooses among all ready agents. If nobody matched, or if all had to be compared, every ready agent counts as
 * looked at: agents who are no candidates fail a clause. */
struct chosen order_first(struct choices *choices, uint32_t number)
{
    const struct visit *visit = visit_at(choices->vqs, number);
    const struct selector *want = selector_at(&choices->vqs->wants, visit->want);
    const struct vm_line *by = order_line(want);
    struct chosen chosen = chosen_by(by);
    if (choices->vqs->preferred) return order_preferred(choices, visit, false);
    if (by_level(choices, visit, by, ALL_READY, &chosen)) return chosen;
    chosen.looked = order_gather(choices, want, ALL_READY, by ? UINT32_MAX : 1);
    if (by || choices->count == 0) chosen.looked = choices->agents->ready; /* the others cannot match */
    order_choose(choices, visit, by, &chosen);
    return chosen;
}

/* Leaves, of the lines with queues, those whose figure comes first. Returns how many. */
static uint32_t queues_narrow(struct choices *choices, const struct selector *want, const struct vm_line *by,
                              uint16_t *lines, uint32_t count, struct figured *best)
{
    uint32_t left = 0;
    *best = figured_by(choices, want, by);
    for (uint32_t at = 0; at < count; at++) {
        enum order_place place = figure_compare(choices, want, by, AGENT_NONE, lines[at], best);
        if (place == PLACE_FIRST) left = 0;
        if (place != PLACE_BEHIND) lines[left++] = lines[at];
    }
    return left;
}

static bool order_asks_line(const struct choices *choices, const struct selector *want, const struct vm_line *by)
{
    return by->function != IMAGE_NONE && demand_asks_line(order_image(choices, want), by->function);
}

/* Chooses the first queue in the text, unless an order compares a statistic of the line. */
void order_queue(struct choices *choices, uint32_t number, struct chosen *chosen)
{
    const struct selector *want = selector_at(&choices->vqs->wants, visit_at(choices->vqs, number)->want);
    const struct vm_line *first = order_line(want), *by = first;
    uint16_t lines[IMAGE_LINES_MAX];
    uint32_t count = 0;
    for (uint32_t at = 0; at < want->count && count < IMAGE_LINES_MAX; at++)
        if (match_queue(choices->vqs, want, at) != 0) lines[count++] = (uint16_t)at;
    chosen->line = -1;
    for (; by; by = order_tie(want, by)) {
        struct figured best;
        if (!order_asks_line(choices, want, by)) continue;
        count = queues_narrow(choices, want, by, lines, count, &best);
        if (by != first) continue;
        chosen->order = (uint8_t)by->type;
        order_note_figure(&best, chosen);
    }
    if (count == 0) return;
    chosen->line = lines[0];
    chosen->queue = match_queue(choices->vqs, want, lines[0]);
}

bool order_by_share(const struct selector *want)
{
    const struct vm_line *by = order_line(want);
    return by && by->type == ORDER_share;
}

/* For each line, the agent or queue that it would take; of several agents the one idle longest, and before that, if the
 * site's order ranks agents, the one for whom the line's queue has the best rank. */
struct serving {
    /* AGENT_NONE: nobody. twice as many as lines: each line may follow a line of its own with LINE_IN */
    uint32_t agents[2 * IMAGE_LINES_MAX];
    uint32_t queues[2 * IMAGE_LINES_MAX]; /* names; 0: none */
    uint8_t ranks[2 * IMAGE_LINES_MAX];   /* of the agents */
    uint32_t lines, open;                 /* open: how many lines may still find an agent, or a better one */
};

/* Gives the agent to each line that the agent matches, and that has no agent yet, or, where agents are ranked, one of a
 * worse rank. True: at least one line got the agent. */
static bool order_offer(struct choices *choices, const struct selector *want, struct serving *serving, uint32_t agent)
{
    bool any = false, ranked = ranks_agents(choices);
    for (uint32_t at = 0; at < serving->lines; at++) {
        bool taken = serving->agents[at] != AGENT_NONE;
        if (serving->queues[at] != 0 || (taken && (!ranked || serving->ranks[at] == 1))) continue;
        uint8_t rank = match_at(choices->vqs, want, at, agent);
        if (rank == 0 || (taken && rank >= serving->ranks[at])) continue;
        assert(serving->open > 0);
        serving->agents[at] = agent;
        serving->ranks[at] = rank;
        serving->open -= !ranked || rank == 1;
        any = true;
    }
    return any;
}

/* Fills each line with a queue, or with the first candidate that matches. The search ends as soon as every line has
 * an agent or a queue. */
static struct serving serving_lines(struct choices *choices, const struct selector *want, bool queues,
                                    struct chosen *chosen)
{
    assert(order_line(want));
    struct serving serving = {.lines = (uint32_t)(order_line(want) - want->lines)};
    assert(serving.lines <= 2 * IMAGE_LINES_MAX);
    for (uint32_t at = 0; at < serving.lines; at++) {
        serving.agents[at] = AGENT_NONE;
        serving.queues[at] = match_queue(choices->vqs, want, at);
        serving.open += serving.queues[at] == 0 && want->lines[at].kind != LINE_IN;
    }
    if (queues) return serving;
    for (candidates_begin(choices->candidates, want); serving.open != 0; chosen->looked++) {
        uint32_t agent = candidates_next(choices->candidates);
        if (agent == AGENT_NONE) break;
        if (match_open(choices->vqs, want, agent)) chosen->among += order_offer(choices, want, &serving, agent);
    }
    if (serving.open != 0) chosen->looked = choices->agents->ready; /* the others cannot match */
    return serving;
}

/* True: a link other than the given one is up and has calls. Otherwise no agent can have a telephone at another
 * switch. */
static bool has_other_switch(const struct choices *choices, unsigned link)
{
    unsigned at = SOURCE_LINKS;
    while (at < SOURCES_MAX && (at == link || !link_can(choices->links, at, CAP_CALLS))) at++;
    return at < SOURCES_MAX;
}

/* True: some ready agent matches and has room for a call, but has no telephone at the call's link, nor at a link
 * that calls can reach from there. */
static bool is_ready_elsewhere(struct choices *choices, const struct selector *want)
{
    uint32_t agent;
    for (candidates_begin(choices->candidates, want); (agent = candidates_next(choices->candidates)) != AGENT_NONE;)
        if (has_medium(agent_at(choices->agents, agent)->open, media_voice) &&
            !reach_line(choices->agents, choices->accesses, agent, want->link) &&
            match_line(choices->vqs, want, agent) >= 0)
            return true;
    return false;
}

/* True: matching agents exist, but none can be reached. The cheap checks are made first. The loop over all agents
 * runs only if somebody is ready at another switch, and ends at the first agent who can be reached. */
bool order_out_of_reach(struct choices *choices, const struct selector *want)
{
    if (want->link == 0 || want->medium != media_voice || !has_other_switch(choices, want->link)) return false;
    bool elsewhere = is_ready_elsewhere(choices, want);
    for (uint32_t agent = 0; elsewhere && agent < choices->agents->count; agent++)
        if (agent_logged_in(agent_at(choices->agents, agent)) &&
            reach_line(choices->agents, choices->accesses, agent, want->link) &&
            match_line(choices->vqs, want, agent) >= 0)
            elsewhere = false;
    return elsewhere;
}

/* Returns the key of a line's credit: made of its queue, and of its target or its function of the program. A leaf
 * function has no target, so its number in the program is used. Names are those of the core, so two programs that
 * name the same agent or group share one credit. */
static uint64_t credit_of(const struct choices *choices, const struct visit *visit, const struct selector *want,
                          uint32_t at)
{
    const struct vm_line *line = &want->lines[at];
    const struct site_program *program = &choices->strategies->programs[want->program];
    uint64_t target = line->kind == LINE_LEAF                                     ? line->function
                      : line->type == TYPE_AGENT                                  ? line->target
                      : line->target < image_count(program->image, SECTION_NAMES) ? program->names[line->target]
                                                                                  : 0;
    uint64_t kind = line->kind == LINE_LEAF ? UINT64_C(1) << 32 | want->program : line->type;
    return table_mix64(table_mix64(table_mix64(choices->vqs->all[visit->vq].name) + kind) + target);
}

/* Returns the line that is owed most. For each choice, every line that can serve is owed its share of the choice.
 * The line that is owed most is chosen, and its debt is reduced by one choice. So over many choices each line gets
 * its share. For example, two lines of 70 and 30 percent, in millionths: after the first choice they are owed
 * -300,000 and 300,000; before the second, with +700,000 and +300,000, they are owed 400,000 and 600,000, and the
 * second line is chosen. */
static uint32_t line_owed(struct choices *choices, const struct visit *visit, const struct selector *want,
                          const struct serving *serving, uint32_t sum)
{
    uint32_t best = UINT32_MAX;
    int64_t most = 0;
    for (uint32_t at = 0; at < serving->lines; at++) {
        if (serving->queues[at] == 0 && serving->agents[at] == AGENT_NONE) continue;
        uint64_t key = credit_of(choices, visit, want, at);
        int64_t owed = vq_credit_owe(choices->vqs, key, want->program, want->lines[at].share);
        if (best != UINT32_MAX && owed <= most) continue;
        most = owed;
        best = at;
    }
    assert(best != UINT32_MAX);
    vq_credit_owe(choices->vqs, credit_of(choices, visit, want, best), want->program, -(int64_t)sum);
    return best;
}

/* Chooses a line by its share. `sum` has only the shares of lines that can serve now. So a line without ready agents
 * does not block other lines, and gets no extra choices later. */
struct chosen order_shared(struct choices *choices, uint32_t number, bool queues)
{
    const struct visit *visit = visit_at(choices->vqs, number);
    const struct selector *want = selector_at(&choices->vqs->wants, visit->want);
    struct chosen chosen = {.agent = AGENT_NONE, .order = ORDER_share, .line = -1};
    struct serving serving = serving_lines(choices, want, queues, &chosen);
    uint32_t sum = 0;
    for (uint32_t at = 0; at < serving.lines; at++)
        if (serving.queues[at] != 0 || serving.agents[at] != AGENT_NONE) sum += want->lines[at].share;
    if (sum == 0) return chosen;
    uint32_t at = line_owed(choices, visit, want, &serving, sum);
    chosen.agent = serving.agents[at];
    chosen.queue = serving.queues[at];
    chosen.line = (int32_t)at;
    chosen.has_figure = true;
    chosen.type = TYPE_PERCENT;
    chosen.figure = want->lines[at].share;
    return chosen;
}

/* Chooses among the agents who became ready together. If the agents became ready in idle order and the selection names
 * no order, the agent at `from` is the answer: each agent after it has been idle for a shorter time. */
struct chosen order_fresh(struct choices *choices, uint32_t number, uint32_t from)
{
    const struct visit *visit = visit_at(choices->vqs, number);
    const struct selector *want = selector_at(&choices->vqs->wants, visit->want);
    const struct vm_line *by = order_line(want);
    struct chosen chosen = chosen_by(by);
    assert(from < choices->agents->dirty_count);
    if (ranks_agents(choices)) return order_preferred(choices, visit, true);
    if (!by && choices->agents->dirty_in_order) {
        chosen.agent = choices->agents->dirty[from];
        chosen.among = chosen.looked = 1;
        return chosen;
    }
    if (by_level(choices, visit, by, from, &chosen)) return chosen;
    order_gather(choices, want, from, by ? UINT32_MAX : 1);
    assert(choices->count > 0); /* at least one: the agent at `from` matches */
    order_choose(choices, visit, by, &chosen);
    if (!by) chosen.among = 1;
    chosen.looked = chosen.among;
    return chosen;
}

/* True: the agent may ring along: has no claim for the interaction, and has a telephone at the call's switch. */
static bool order_rings_along(struct choices *choices, const struct visit *visit, const struct selector *want,
                              uint32_t agent)
{
    const struct interaction *ix = interaction_at(choices->interactions, visit->slot);
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(choices->claims, at)->next_of_interaction)
        if (claim_at(choices->claims, at)->agent == agent) return false;
    const struct line *line = reach_line(choices->agents, choices->accesses, agent, want->link);
    return line && line->source == want->link && match_open(choices->vqs, want, agent) &&
           match_line(choices->vqs, want, agent) >= 0;
}

/* Adds an agent who may ring along, and for whom the queue has the given rank. The agent is not added if agents of a
 * better rank are there; agents of a worse rank are removed. */
static void along_put(struct choices *choices, uint32_t agent, uint8_t rank, uint8_t *best)
{
    if (*best != 0 && rank > *best) return;
    if (rank != *best) choices->count = 0;
    *best = rank;
    put_in(choices, agent);
}

/* Collects the agents who may ring along: all candidates, or of those who became ready together the ones for whom this
 * visit is the best. If the site's order ranks agents, only those of the best rank that comes after `behind` are
 * collected. Returns their rank; 0: there is nobody. */
static uint8_t order_gather_along(struct choices *choices, uint32_t number, bool fresh, uint32_t at_most,
                                  uint8_t behind)
{
    const struct visit *visit = visit_at(choices->vqs, number);
    const struct selector *want = selector_at(&choices->vqs->wants, visit->want);
    struct agents *agents = choices->agents;
    bool ranked = ranks_agents(choices);
    uint32_t agent, at = 0;
    uint8_t best = 0;
    choices->count = 0;
    if (!ranked && behind != 0) return 0; /* all have been collected */
    if (!fresh) candidates_begin(choices->candidates, want);
    for (;;) {
        /* candidates come longest idle first */
        if (fresh ? at == agents->dirty_count : !ranked && choices->count == at_most) break;
        agent = fresh ? agents->dirty[at++] : candidates_next(choices->candidates);
        if (agent == AGENT_NONE) break;
        const struct agent *who = agent_at(agents, agent);
        if (fresh && !(who->dirty && who->listed)) continue;
        if (!order_rings_along(choices, visit, want, agent)) continue;
        if (fresh && prefer_best(choices->vqs, agent) != number) continue;
        uint8_t rank = ranked ? match_rank(choices->vqs, want, agent) : 1;
        if (rank > behind) along_put(choices, agent, rank, &best);
    }
    return best;
}

uint32_t order_along(struct choices *choices, uint32_t number, bool fresh, uint32_t most,
                     struct chosen along[RING_MOST])
{
    const struct visit *visit = visit_at(choices->vqs, number);
    const struct selector *want = selector_at(&choices->vqs->wants, visit->want);
    const struct vm_line *by = order_line(want);
    uint32_t count = 0;
    uint8_t rank = 0;
    assert(most <= RING_MOST && want->link != 0);
    while (count < most &&
           (rank = order_gather_along(choices, number, fresh, by ? UINT32_MAX : most - count, rank)) != 0) {
        uint32_t looked = choices->count;
        while (count < most && choices->count != 0) {
            struct chosen *chosen = &along[count++];
            *chosen = chosen_by(by);
            order_choose(choices, visit, by, chosen);
            chosen->looked = looked;
            uint32_t at = 0;
            while (choices->all[at] != chosen->agent) at++;
            for (choices->count--; at < choices->count; at++) choices->all[at] = choices->all[at + 1];
        }
    }
    return count;
}

static void choices_init(void *self, const struct parts *parts)
{
    (void)self;
    *parts->choices = (struct choices){
        .options = parts->options,
        .agents = parts->agents,
        .links = parts->links,
        .accesses = parts->accesses,
        .interactions = parts->interactions,
        .claims = parts->claims,
        .slab = parts->slab,
        .strategies = parts->strategies,
        .vqs = parts->vqs,
        .candidates = parts->candidates,
    };
}

static void choices_part_free(void *self)
{
    struct choices *choices = self;
    for (uint32_t at = 0; at < KEPT_MAX; at++) {
        free(choices->kept[at].clauses);
        free(choices->kept[at].all);
    }
    free(choices->all);
    free(choices->equal);
}

/* No agents are kept in a snapshot: order_begin forgets them before agents who became ready together are looked at. */
const struct part_ops part_ops_choices = {
    .size = sizeof(struct choices), .init = choices_init, .free = choices_part_free};

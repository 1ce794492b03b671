/* runtime/core/read/why.c - Evaluates a line of a selection with changed answers, to find which properties of an
 * agent would have to differ.
 *
 *     condition: a.level(French) >= 5 and a.in(sales)      agent: French 3, not in sales
 *     asked:     level(French) -> 3, in(sales) -> 0
 *     all as good as possible:  matches
 *     French alone as it is:    fails, so French is needed, at least 5
 *     sales alone as it is:     fails, so sales is needed
 *
 * The condition is bytecode and cannot be solved backwards, so it is run again and again with a probe in place of the
 * agent. The probe notes each question and gives the answer that it was told to give. The number of runs is bounded.
 * The probe's runs use a second VM (core->beside), so the VM of the strategies keeps its state. */
#include "runtime/core/read/why.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/line.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/reach.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/table_cursor.h"
#include "runtime/core/steps/condition.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/statistics/statistic.h"
#include "vm/compared.h"

enum { QUESTIONS_MAX = 16, LEVEL_MAX = 100, TRIES_MAX = 400 };

struct question {
    uint32_t name; /* name of a skill or group */
    bool group;
    int64_t has;
    int64_t word; /* the answer now: a level from 0 to LEVEL_MAX; for a group 0 or 1 */
};

/* A candidate with the agent's answers, except for changed ones that are tried. */
struct probe {
    struct core *core;
    const struct site_program *program;
    const struct agent *agent;
    const struct block *block; /* block of the interaction that waits */
    struct question asked[QUESTIONS_MAX];
    uint32_t count;
    uint32_t tries;
    bool best; /* true: new questions get the best answer; false: the agent's own */
};

/* Answers a question; the same question gets the same answer again, also a changed one. */
static int64_t probe_answer(struct probe *probe, uint64_t number, bool group)
{
    if (number >= image_count(probe->program->image, SECTION_NAMES)) return 0;
    uint32_t name = probe->program->names[number];
    for (uint32_t at = 0; at < probe->count; at++)
        if (probe->asked[at].name == name && probe->asked[at].group == group) return probe->asked[at].word;
    int64_t has = group ? agent_in_group(probe->agent, name) : agent_level(probe->agent, name);
    int64_t word = !probe->best ? has : group ? 1 : LEVEL_MAX;
    if (probe->count < QUESTIONS_MAX) probe->asked[probe->count++] = (struct question){name, group, has, word};
    return word;
}

static int64_t probe_level(void *self, uint64_t skill)
{
    return probe_answer(self, skill, false);
}

static bool probe_member(void *self, uint64_t group)
{
    return probe_answer(self, group, true) != 0;
}

static bool probe_is(void *self, uint64_t agent)
{
    const struct probe *probe = self;
    return agent == (uint64_t)(probe->agent - probe->core->agents->all) + 1;
}

static bool probe_at(void *self, uint64_t place)
{
    const struct probe *probe = self;
    return place < image_count(probe->program->image, SECTION_NAMES) &&
           probe->agent->place == probe->program->names[place];
}

static int64_t probe_measure(void *self, uint32_t row)
{
    const struct probe *probe = self;
    uint16_t program = (uint16_t)(probe->program - probe->core->strategies->programs);
    return parts_figure(probe->core->parts, program, row, (uint64_t)(probe->agent - probe->core->agents->all) + 1,
                        false);
}

/* Finds a score in the captured map itself, which is in the interaction's block. */
static bool probe_score(void *self, uint64_t map, int64_t *figure)
{
    const struct probe *probe = self;
    struct span name = core_name(probe->core, probe->agent->name);
    uint64_t word;
    bool found = block_map_find(probe->program->image, probe->block, map, (const char *)name.bytes, name.length, &word);
    if (found) *figure = (int64_t)word;
    return found;
}

/* True: the agent of the probe matches; a fault in the condition counts as "does not match". */
static bool probe_leaf_holds(struct core *core, struct probe *probe, const struct vm_line *line)
{
    struct vm_candidate candidate = {.self = probe,
                                     .level = probe_level,
                                     .member = probe_member,
                                     .is_agent = probe_is,
                                     .at_place = probe_at,
                                     .measure = probe_measure,
                                     .score = probe_score};
    probe->tries++;
    return vm_leaf(core->beside, probe->program->image, line->function, line->captures, line->capture_count,
                   &candidate);
}

/* Returns the lowest answer to question `number` with which the line matches while the other answers stay. -1: there
 * is none. */
static int64_t why_least(struct core *core, struct probe *probe, const struct vm_line *line, uint32_t number)
{
    assert(number < probe->count);
    struct question *question = &probe->asked[number];
    int64_t before = question->word, low = question->has, high = question->group ? 1 : LEVEL_MAX;
    question->word = high;
    if (!probe_leaf_holds(core, probe, line)) {
        question->word = before;
        return -1;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        question->word = middle;
        if (probe_leaf_holds(core, probe, line))
            high = middle;
        else
            low = middle;
    }
    question->word = before;
    return high;
}

static void all_answer(struct probe *probe, bool best)
{
    probe->best = best;
    for (uint32_t at = 0; at < probe->count; at++) {
        struct question *question = &probe->asked[at];
        question->word = !best ? question->has : question->group ? 1 : LEVEL_MAX;
    }
}

static void part_add(const struct core *core, const struct question *question, int64_t needs, struct why_match *match)
{
    assert(match->count <= WHY_PARTS_MAX);
    if (match->count == WHY_PARTS_MAX) return;
    match->parts[match->count++] =
        (struct why_part){core_name(core, question->name), question->group, question->has, needs};
}

/* Collects the answers that are needed in any case: with all others as good as possible the line would not match
 * without them. */
static void all_needed(struct core *core, struct probe *probe, const struct vm_line *line, struct why_match *match)
{
    all_answer(probe, true);
    for (uint32_t at = 0; at < probe->count; at++) {
        struct question *question = &probe->asked[at];
        int64_t best = question->word;
        question->word = question->has;
        if (!probe_leaf_holds(core, probe, line)) part_add(core, question, why_least(core, probe, line, at), match);
        question->word = best;
    }
}

/* Returns the answer nearest to the present one with which the line matches; -1: there is none. A level that is too
 * high may also fail. The line is evaluated at most a few hundred times. */
static int64_t why_nearest(struct core *core, struct probe *probe, const struct vm_line *line, uint32_t number)
{
    assert(number < probe->count);
    struct question *question = &probe->asked[number];
    int64_t before = question->word, best = question->group ? 1 : LEVEL_MAX,
            found = why_least(core, probe, line, number);
    for (int64_t far = 1; found < 0 && far <= best && probe->tries < TRIES_MAX; far++) {
        for (int side = -1; found < 0 && side <= 1; side += 2) {
            int64_t word = question->has + side * far;
            if (word < 0 || word > best) continue;
            question->word = word;
            if (probe_leaf_holds(core, probe, line)) found = word;
        }
    }
    question->word = before;
    return found;
}

/* Collects those answers of which each alone would make the line match. */
static void any_needed(struct core *core, struct probe *probe, const struct vm_line *line, struct why_match *match)
{
    all_answer(probe, false);
    for (uint32_t at = 0; at < probe->count; at++) {
        int64_t needs = why_nearest(core, probe, line, at);
        if (needs >= 0) part_add(core, &probe->asked[at], needs, match);
    }
    match->either = match->count > 1;
}

/* The agent is in the group: notes if this is because of the place where the agent sits. */
static void place_note(const struct core *core, const struct agent *agent, uint32_t group, struct why_match *match)
{
    if (!agent_in_group_by_place(agent, group)) return;
    match->group = core_name(core, group);
    match->place = core_name(core, agent->place);
}

/* Evaluates the condition, first with the agent's own answers. If no set of answers makes the line match, the
 * questions are listed without a needed value. */
static void condition_ask(struct core *core, const struct site_program *program, const struct block *block,
                          const struct agent *agent, const struct vm_line *line, struct why_match *match)
{
    struct probe probe = {.core = core, .program = program, .agent = agent, .block = block};
    match->matches = probe_leaf_holds(core, &probe, line);
    for (uint32_t at = 0; match->matches && at < probe.count; at++)
        if (probe.asked[at].group) place_note(core, agent, probe.asked[at].name, match);
    if (match->matches) return;
    all_answer(&probe, true);
    if (probe_leaf_holds(core, &probe, line)) all_needed(core, &probe, line, match);
    if (match->count == 0) any_needed(core, &probe, line, match);
    for (uint32_t at = 0; match->count == 0 && at < probe.count; at++) part_add(core, &probe.asked[at], -1, match);
}

/* Returns the visit of an interaction that waits for an agent. NULL: the interaction does not wait for an agent. */
static const struct visit *visit_of(const struct core *core, uint64_t ixn, const struct interaction **ix)
{
    *ix = interaction_by_id(core->interactions, ixn);
    if (!*ix || (*ix)->visit == VISIT_NONE || (*ix)->program == PROGRAM_NONE) return NULL;
    const struct visit *visit = visit_at(core->vqs, (*ix)->visit);
    return visit->state == VISIT_WAITING ? visit : NULL;
}

static uint32_t line_target_name(const struct core *core, const struct site_program *program,
                                 const struct vm_line *line)
{
    if (line->type == TYPE_AGENT)
        return line->target > 0 && line->target <= core->agents->count ? core->agents->all[line->target - 1].name : 0;
    return line->target < image_count(program->image, SECTION_NAMES) ? program->names[line->target] : 0;
}

/* If the line is a virtual group, a condition that the site has named, writes the group's name. The group has the
 * name of the line's function. */
static void group_of_line(const struct site_program *program, const struct vm_line *line, struct why_line *row)
{
    static const char words[] = "group ";
    struct text name = image_text(program->image, image_function(program->image, line->function)->name);
    if (name.length <= sizeof words - 1 || memcmp(name.bytes, words, sizeof words - 1) != 0) return;
    row->kind = "group";
    row->target =
        (struct span){(const uint8_t *)name.bytes + sizeof words - 1, name.length - (uint32_t)sizeof words + 1};
}

/* Writes the kind of the line, and what it names. */
static void why_kind(struct core *core, const struct site_program *program, const struct vm_line *line,
                     struct why_line *row)
{
    bool named = line->kind == LINE_IN;
    if (line->kind == LINE_LEAF) group_of_line(program, line, row);
    if (line->kind == LINE_UNTIL) row->kind = "until";
    if (line->kind == LINE_WHERE) row->kind = "where";
    if (line->kind == LINE_VALUE) row->kind = "value";
    if (line->kind == LINE_IN) row->kind = "in";
    if (line->kind == LINE_TARGET && !type_is_list(program->image, line->type)) {
        row->kind = line->type == TYPE_GROUP   ? "group"
                    : line->type == TYPE_AGENT ? "agent"
                    : line->type == TYPE_QUEUE ? "queue"
                                               : "nobody";
        named = line->type != TYPE_VOID;
    }
    if (named) row->target = core_name(core, line_target_name(core, program, line));
}

/* Writes the name that does not exist, so that the line adds nobody. */
static void why_missed(const struct core *core, uint64_t ixn, uint32_t index, struct why_line *row)
{
    const struct vm_missed *missed = select_nobody_named(core, ixn, index);
    if (!missed) return;
    row->missed = (struct span){(const uint8_t *)missed->text, missed->length};
    row->missed_kind = missed->kind == TYPE_GROUP   ? "group"
                       : missed->kind == TYPE_AGENT ? "agent"
                       : missed->kind == TYPE_QUEUE ? "queue"
                       : missed->kind == TYPE_PLACE ? "place"
                                                    : "target";
}

/* Reads a line. A line may be closed because its time has not come, because its share is 0, or because the `where`
 * before it does not hold; `barred` marks the last case. */
bool core_why_line(struct core *core, uint64_t ixn, uint32_t index, struct why_line *row)
{
    const struct interaction *ix;
    const struct visit *visit = visit_of(core, ixn, &ix);
    struct vm_line line;
    struct image_place place;
    if (!visit) return false;
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    if (!vm_line(slab, block, visit->fiber, index, &line) || line.kind == LINE_ORDER || line.kind == LINE_TIE)
        return false;
    const struct site_program *program = &core->strategies->programs[ix->program];
    const struct image_wait *wait = vm_step(slab, block, visit->fiber);
    *row = (struct why_line){
        .file = span_of(""), .kind = "condition", .target = span_of(""), .missed = span_of(""), .missed_kind = ""};
    assert(ix->program < core->strategies->program_count && wait); /* the interaction waits at a selection */
    row->opens_us = visit_entered_us(core->vqs, visit) + (uint64_t)line.after_us;
    row->open = row->opens_us <= core->now->time_us && (wait->order != ORDER_share || line.share != 0);
    why_kind(core, program, &line, row);
    if (line.kind == LINE_TARGET && line.type == TYPE_VOID) why_missed(core, ixn, index, row);
    if (line.kind == LINE_WHERE) row->open = condition_holds(core, ix->visit, index);
    struct vm_line before;
    if (line.kind <= LINE_TARGET && index > 0 && vm_line(slab, block, visit->fiber, index - 1, &before))
        row->barred = row->open && before.kind == LINE_WHERE && !condition_holds(core, ix->visit, index - 1);
    row->open = row->open && !row->barred;
    row->agents =
        line.kind == LINE_LEAF || (line.kind == LINE_TARGET && line.type != TYPE_VOID && line.type != TYPE_QUEUE);
    if (line.kind != LINE_TARGET && line.kind != LINE_IN
            ? image_place(program->image, line.function, 0, &place)
            : image_place(program->image, wait->function, wait->pc, &place)) {
        row->file = (struct span){(const uint8_t *)place.file.bytes, place.file.length};
        row->line = place.line;
    }
    uint32_t own = image_line_position(program->image, wait, index);
    if (own != 0) row->line = own;
    return true;
}

static void word_show(const struct core *core, const struct interaction *ix, uint16_t type, uint64_t word,
                      char text[32])
{
    const struct block *block = block_at(core->slab, ix->block);
    uint32_t length = vm_show(core->vm, block, block_image(core->slab, block), type, word, text, 31);
    text[length < 31 ? length : 31] = '\0';
}

/* Reads the figures of a condition; the VM itself compares them. The texts are borrowed from the program's image. */
uint32_t core_why_figures(struct core *core, uint64_t ixn, uint32_t line, struct why_figure rows[WHY_FIGURES_MAX])
{
    const struct interaction *ix;
    const struct visit *visit = visit_of(core, ixn, &ix);
    struct vm_compared compared[WHY_FIGURES_MAX];
    if (!visit) return 0;
    uint32_t count = vm_compared(core->vm, ix->block, visit->fiber, line, compared, WHY_FIGURES_MAX);
    cursor_settle(core->cursors, interaction_by_id(core->interactions,
                                                   /* a fault in the condition may have left a table cursor open */
                                                   ixn));
    for (uint32_t at = 0; at < count; at++) {
        const struct vm_compared *of = &compared[at];
        rows[at] = (struct why_figure){
            .figure = span_of_text(of->figure), .bound = span_of_text(of->bound), .sign = of->sign, .holds = of->holds};
        if (of->type == TYPE_BOOL)
            memcpy(rows[at].is, of->is != 0 ? "set" : "not set", of->is != 0 ? sizeof "set" : sizeof "not set");
        else
            word_show(core, ix, of->type, of->is, rows[at].is);
        if (*of->sign != '\0') word_show(core, ix, of->type, of->than, rows[at].than);
    }
    return count;
}

/* True: the agent is in the line's list. */
static bool line_has_agent(const struct image *image, const struct block *block, const struct vm_line *line,
                           uint32_t number)
{
    bool found = false;
    for (uint32_t at = 0; !found && at < block_count(image, block, line->target); at++)
        found = block_element(image, block, line->target, at) == number + UINT64_C(1);
    return found;
}

/* Returns the virtual queue of the line: that of the nearest LINE_IN before it, else the visit's own. */
static uint32_t why_vq(const struct core *core, const struct interaction *ix, const struct visit *visit, uint32_t index)
{
    const struct block *block = block_at(core->slab, ix->block);
    struct vm_line line;
    for (uint32_t at = index; at > 0; at--)
        if (vm_line_kind(core->slab, block, visit->fiber, at - 1) == LINE_IN &&
            vm_line(core->slab, block, visit->fiber, at - 1, &line))
            return strategy_name(core->strategies, ix, line.target);
    return core->vqs->all[visit->vq].name;
}

/* Returns the row of preferences that the agent has for the queue; NULL: none. */
static const struct preference *preference_of(const struct core *core, const struct agent *agent, uint32_t vq)
{
    return prefer_find(core->preferences, core->preferences->profiles[agent->prefers], vq);
}

/* Notes the agent's rank of the line's queue. An agent whose profile does not let it take from this queue now does not
 * match. */
static void preference_note(const struct core *core, const struct interaction *ix, const struct visit *visit,
                            uint32_t index, const struct agent *agent, struct why_match *match)
{
    if (!core->vqs->preferred) return;
    uint32_t vq = why_vq(core, ix, visit, index);
    uint64_t waited_us = core->now->time_us - visit_entered_us(core->vqs, visit);
    const struct preference *row = preference_of(core, agent, vq);
    match->rank = prefer_rank(core->preferences, agent->prefers, prefer_class_of(core->preferences, vq, waited_us));
    match->never = match->rank == 0 && row && row->rank == 0;
    match->delay_us = match->rank == 0 && row && row->rank != 0 ? row->delay_us : 0;
    if (match->rank == 0) match->matches = false;
}

bool core_why_preference(struct core *core, uint64_t ixn, struct why_preference *told)
{
    const struct interaction *ix;
    const struct visit *visit = visit_of(core, ixn, &ix);
    *told = (struct why_preference){0};
    if (!visit || !core->vqs->preferred || visit->want == SELECTOR_NONE) return false;
    const struct selector *want = selector_at(&core->vqs->wants, visit->want);
    told->waited_us = core->now->time_us - visit_entered_us(core->vqs, visit);
    statistic_look_only(core->statistics, true);
    for (uint32_t at = core->agents->first; at != AGENT_NONE; at = agent_at(core->agents, at)->next) {
        const struct agent *agent = agent_at(core->agents, at);
        if (!match_open(core->vqs, want, at) || !match_plain(core->vqs, want, at)) continue;
        uint8_t rank = match_rank(core->vqs, want, at);
        const struct preference *row = preference_of(core, agent, core->vqs->all[visit->vq].name);
        told->first += rank == 1;
        told->never += rank == 0 && row && row->rank == 0;
        if (rank != 0 || !row || row->rank == 0) continue;
        told->later++;
        if (told->delay_us == 0 || row->delay_us < told->delay_us) told->delay_us = row->delay_us;
    }
    statistic_look_only(core->statistics, false);
    return true;
}

/* Reads how the agent matches the line. Reasons outside the line come first: excluded, cannot be asked, or at
 * another switch. */
bool core_why_match(struct core *core, uint64_t ixn, uint32_t index, uint32_t number, struct why_match *match)
{
    const struct interaction *ix;
    const struct visit *visit = visit_of(core, ixn, &ix);
    struct vm_line line;
    *match = (struct why_match){0};
    if (!visit || number >= core->agents->count) return false;
    const struct agent *agent = agent_at(core->agents, number);
    const struct site_program *program = &core->strategies->programs[ix->program];
    const struct block *block = block_at(core->slab, ix->block);
    if (!vm_line(core->slab, block, visit->fiber, index, &line)) return false;
    condition_set_values(core, ix, visit->fiber, ix->visit, &line);
    match->left_out = exclude_has(core->excludes, ix, TYPE_AGENT, number + UINT64_C(1));
    match->unasked = invite_is_of_all(core, ix, visit->fiber) &&
                     !invite_possible(core, number, core->media[ix->media]->capacity(ix));
    match->elsewhere = route_elsewhere(core, ix, number);
    if (match->left_out || match->unasked || match->elsewhere) return true;
    if (line.kind == LINE_LEAF) {
        condition_ask(core, program, block, agent, &line, match);
    } else if (line.type == TYPE_GROUP) {
        uint32_t group = line_target_name(core, program, &line);
        match->matches = agent_in_group(agent, group);
        place_note(core, agent, group, match);
        if (!match->matches) part_add(core, &(struct question){.name = group, .group = true}, 1, match);
    } else if (line.kind == LINE_TARGET && type_is_list(program->image, line.type)) {
        match->matches = line_has_agent(program->image, block, &line, number);
    } else {
        match->matches = line.type == TYPE_AGENT && line.target == number + UINT64_C(1);
    }
    if (match->matches) preference_note(core, ix, visit, index, agent, match);
    return true;
}

bool core_why_takes(const struct core *core, uint64_t ixn, uint32_t number)
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    if (!ix || number >= core->agents->count) return false;
    return agent_takes(agent_at(core->agents, number), core->media[ix->media]->capacity(ix));
}

uint32_t core_why_takers(const struct core *core, uint64_t ixn)
{
    uint32_t count = 0;
    for (uint32_t at = 0; at < core->agents->count; at++) count += core_why_takes(core, ixn, at);
    return count;
}

/* True: the agent is logged in where the selector's visits can be given to it, and could match. */
static bool nobody_but(const struct core *core, const struct selector *want, uint32_t number)
{
    const struct agent *who = agent_at(core->agents, number);
    enum media medium = (enum media)want->medium;
    if (!agent_logged_in(who) || !agent_is_of_here(who) || has_medium(who->own_out, medium)) return false;
    if (!has_medium(core->agents->capacities.all[who->capacity].all, medium)) return false;
    bool call = want->link != 0 && medium == media_voice;
    if (call ? !reach_line(core->agents, core->accesses, number, want->link)
             : !line_for_agent(core->agents, number, medium))
        return false;
    return match_demand(core->vqs, want, number);
}

/* A site that asks each second shall not wait while a million visits are looked at: of a queue so many are, at most,
 * and so often an agent. */
enum { NOBODY_VISITS = 1000, NOBODY_LOOKS = 20000 };

static bool nobody_for(const struct core *core, const struct selector *want, uint32_t *looks)
{
    for (uint32_t at = 0; at < want->count; at++)
        if (match_queue(core->vqs, want, at) != 0) return false;
    for (uint32_t at = 0; at < core->agents->count; at++)
        if ((*looks)++ >= NOBODY_LOOKS || nobody_but(core, want, at)) return false;
    return true;
}

uint64_t core_why_nobody(const struct core *core, uint32_t queue)
{
    const struct vqs *vqs = core->vqs;
    uint64_t count = 0;
    uint32_t looks = 0, visits = 0;
    if (queue >= vqs->count || vqs->all[queue].waiting == 0) return 0;
    for (uint32_t at = vqs->all[queue].wants; at != SELECTOR_NONE && looks < NOBODY_LOOKS && visits < NOBODY_VISITS;
         at = selector_at(&vqs->wants, at)->next) {
        struct vq_walk walk;
        if (!nobody_for(core, selector_at(&vqs->wants, at), &looks)) continue;
        vq_walk_begin(&walk, vqs, at);
        for (uint32_t visit = vq_walk_next(&walk); visit != VISIT_NONE && visits < NOBODY_VISITS;
             visit = vq_walk_next(&walk), visits++)
            count += visit_look(vqs, visit).due_us == UINT64_MAX;
    }
    return count;
}

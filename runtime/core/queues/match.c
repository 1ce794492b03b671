/* runtime/core/queues/match.c - Whether an agent matches a line: by the line's clauses, and by its leaf function if
 * the clauses are not enough.
 *
 *     line of a selection       clauses that demand_read() makes of it        asked besides
 *     group sales               [group sales]                                 nothing
 *     a.level(French) >= 3      [skill French, 3]                             nothing
 *     a condition with more     [what could be read], open                    the leaf function
 *
 * An agent matches a clause if all its terms hold, and an open clause only if the leaf function also agrees. Terms
 * are integer comparisons; a leaf function runs bytecode. So terms are checked first.
 *
 * A leaf function asks the core through the functions candidate_...(), which are given one agent and the names of one
 * program. A leaf function cannot change anything, so an agent may be matched any number of times. */
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/reach.h"

#include <assert.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/scores.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/program.h"

/* The agent about whom a leaf function asks, and the program whose names the function uses. */
struct candidate {
    const struct now *now;
    const struct part_rows *parts;
    const struct selector *want; /* selector of the line; NULL: none, and no scores */
    const uint32_t *names;       /* the program's */
    uint32_t name_count;
    const struct agent *agent;
    uint32_t number;  /* the agent's */
    uint16_t program; /* its number */
    bool watched;     /* true: the answer decides who may be chosen, so selection must look again when it changes */
};

/* Returns the agent's level of a skill. Numbers of names in the code index the program's own list; `names` turns
 * them into names of the core. No compiler writes a number beyond the list; it gets the answer "no". */
static int64_t candidate_level(void *self, uint64_t skill)
{
    const struct candidate *candidate = self;
    return skill < candidate->name_count ? agent_level(candidate->agent, candidate->names[skill]) : 0;
}

static bool candidate_member(void *self, uint64_t group)
{
    const struct candidate *candidate = self;
    return group < candidate->name_count && agent_in_group(candidate->agent, candidate->names[group]);
}

static bool candidate_is(void *self, uint64_t agent)
{
    const struct candidate *candidate = self;
    return agent == candidate->number + UINT64_C(1);
}

static bool candidate_place(void *self, uint64_t place)
{
    const struct candidate *candidate = self;
    return place < candidate->name_count && candidate->agent->place == candidate->names[place];
}

static int64_t candidate_idle_us(void *self)
{
    const struct candidate *candidate = self;
    return (int64_t)(candidate->now->time_us - candidate->agent->idle_us);
}

/* Returns a measure of the agent. If the answer is watched, selection looks again when the measure crosses the bound
 * that decided. Otherwise a visit could go on waiting although an agent matches by now. */
static int64_t candidate_measure(void *self, uint32_t row)
{
    const struct candidate *candidate = self;
    if (candidate->number == AGENT_NONE) return 0;
    return parts_figure(candidate->parts, candidate->program, row, candidate->number + UINT64_C(1), candidate->watched);
}

static int64_t candidate_measure_of(void *self, uint32_t row, uint64_t object)
{
    const struct candidate *candidate = self;
    return parts_figure(candidate->parts, candidate->program, row, object, false);
}

/* Finds the agent's score. Scores and targets count agents from 1, since 0 means none; slots count from 0. */
static bool candidate_score(void *self, uint64_t set, int64_t *figure)
{
    const struct candidate *candidate = self;
    return candidate->want && scores_find(candidate->want, set, candidate->number + UINT64_C(1), figure);
}

/* Makes a candidate; AGENT_NONE: it stands for a queue, which has none of an agent's properties. */
static struct candidate candidate_of(struct vqs *vqs, const struct site_program *program, const struct selector *want,
                                     uint32_t agent, bool watched)
{
    static const struct agent none;
    return (struct candidate){vqs->now,
                              vqs->parts,
                              want,
                              program->names,
                              image_count(program->image, SECTION_NAMES),
                              agent != AGENT_NONE ? agent_at(vqs->agents, agent) : &none,
                              agent,
                              (uint16_t)(program - vqs->strategies->programs),
                              watched};
}

static struct vm_candidate candidate_asked(struct candidate *candidate)
{
    return (struct vm_candidate){.self = candidate,
                                 .level = candidate_level,
                                 .member = candidate_member,
                                 .is_agent = candidate_is,
                                 .at_place = candidate_place,
                                 .idle_us = candidate_idle_us,
                                 .measure = candidate_measure,
                                 .measure_of = candidate_measure_of,
                                 .score = candidate_score,
                                 .line = -1};
}

/* Reports the fault of a condition as a fact. For the selection the candidate just does not match, so one faulty
 * condition does not prevent a choice by the other lines. */
void match_tell_fault(struct vqs *vqs, uint16_t program, uint64_t ixn)
{
    uint32_t function, pc;
    enum vm_fault fault = vm_condition_fault(vqs->vm, &function, &pc);
    if (fault == FAULT_NONE) return;
    fact_tell(vqs->facts, &(struct fact){.what = FACT_condition_failed,
                                         .value = (uint16_t)fault,
                                         .ixn = ixn,
                                         .image = vqs->strategies->programs[program].image,
                                         .function = function,
                                         .pc = pc});
}

bool match_figure(struct vqs *vqs, const struct selector *want, const struct vm_line *by, uint32_t agent, int32_t line,
                  int64_t *figure)
{
    assert(want->program < vqs->strategies->program_count);
    const struct site_program *program = &vqs->strategies->programs[want->program];
    struct candidate candidate = candidate_of(vqs, program, want, agent, false);
    struct vm_candidate asked = candidate_asked(&candidate);
    if (line >= 0) asked.line = want->lines[line].at;
    bool found = vm_figure(vqs->vm, program->image, by->function, by->captures, by->capture_count, &asked, figure);
    uint32_t function, pc;
    /* A missing figure of an agent is not reported as a fault. */
    if (!found && vm_condition_fault(vqs->vm, &function, &pc) != FAULT_UNEXPECTED_NONE)
        match_tell_fault(vqs, want->program, 0);
    return found;
}

/* True: the line takes the agent. `want` is the line's selector if the answer decides who may be chosen, and else
 * NULL. */
static bool queues_takes(struct vqs *vqs, const struct site_program *program, const struct selector *want,
                         uint32_t number, const struct vm_line *line)
{
    struct candidate candidate = candidate_of(vqs, program, want, number, want != NULL);
    struct vm_candidate asked = candidate_asked(&candidate);
    if (line->kind == LINE_LEAF)
        return vm_leaf(vqs->vm, program->image, line->function, line->captures, line->capture_count, &asked);
    if (line->kind != LINE_TARGET) return false;
    if (line->type == TYPE_GROUP) return candidate_member(&candidate, line->target);
    if (line->type == TYPE_AGENT) return candidate_is(&candidate, line->target);
    if (line->type == TYPE_PLACE) return candidate_place(&candidate, line->target);
    return false;
}

static bool match_matches(struct vqs *vqs, const struct selector *want, uint32_t number, const struct vm_line *line)
{
    bool taken = queues_takes(vqs, &vqs->strategies->programs[want->program], want, number, line);
    if (!taken && line->kind == LINE_LEAF) match_tell_fault(vqs, want->program, 0);
    return taken;
}

/* True: the agent is excluded. Also lowers `count` by the exclusions, so that the caller continues with the other
 * lines. */
static bool left_out(const struct vm_line *lines, uint32_t *count, uint32_t agent)
{
    /* the loop goes over all exclusions, which are the last lines */
    while (*count > 0 && lines[*count - 1].kind == LINE_EXCLUDED)
        if (lines[--*count].type == TYPE_AGENT && lines[*count].target == agent + UINT64_C(1)) return true;
    return false;
}

/* True: the selection asks all agents, and the agent's link cannot ask an agent. The line with the order is after
 * all other lines. */
static bool cannot_be_asked(const struct vqs *vqs, const struct selector *want, uint32_t count, uint32_t agent)
{
    const struct vm_line *lines = want->lines;
    while (count > 0 && lines[count - 1].kind == LINE_SCORES) count--;
    return count > 0 && lines[count - 1].kind == LINE_ORDER && lines[count - 1].type == ORDER_everyone &&
           !link_can(vqs->links, line_link_for_agent(vqs->agents, agent, (enum media)want->medium), CAP_PREVIEW);
}

/* True: the line has no leaf function, or the function says that the agent matches. */
static bool leaf_holds(struct vqs *vqs, const struct selector *want, const struct vm_line *line, uint32_t agent)
{
    return line->kind != LINE_LEAF || match_matches(vqs, want, agent, line);
}

/* True: calls of the selector's link can be given to the agent, who has a telephone there, or at a switch that the
 * calls can reach. Interactions of all other media go to the agent's desk, whatever their own link is. */
static bool match_reaches(const struct vqs *vqs, const struct selector *want, uint32_t agent)
{
    if (want->link == 0 || want->medium != media_voice) return true;
    const struct line *line = reach_line(vqs->agents, vqs->accesses, agent, want->link);
    return line && line_is_open(line);
}

/* True: no comparison of two versions keeps the agent from being chosen. */
static bool match_offered(const struct vqs *vqs, const struct agent *who)
{
    const struct core_options *options = vqs->options;
    return !options || !options->offering || options->offering(options->self, names_text(vqs->names, who->name));
}

/* True: the agent is ready for this medium. An agent who is kept for a campaign takes, of calls, only those that the
 * campaign has dialled. */
bool match_open(const struct vqs *vqs, const struct selector *want, uint32_t agent)
{
    const struct agent *who = agent_at(vqs->agents, agent);
    bool kept = who->promised != 0 && want->medium == media_voice && !want->promised;
    return who->listed && has_medium(who->open, want->medium) && !kept && match_reaches(vqs, want, agent) &&
           match_offered(vqs, who);
}

/* True: the agent fulfils the term. `least` is a level and counts only for skills; terms of other kinds just hold or
 * do not hold. */
static bool match_fulfils(const struct agent *who, uint32_t agent, const struct demand_term *term)
{
    if (term->type == TYPE_SKILL) return agent_level(who, term->name) >= term->least;
    if (term->type == TYPE_GROUP) return agent_in_group(who, term->name);
    return term->type == TYPE_AGENT ? term->name == agent : who->place == term->name;
}

static bool terms_hold(const struct vqs *vqs, const struct demand_clause *clause, uint32_t agent)
{
    const struct agent *who = agent_at(vqs->agents, agent);
    for (uint32_t at = 0; at < clause->count; at++)
        if (!match_fulfils(who, agent, &clause->terms[at])) return false;
    return true;
}

static inline bool clause_holds(struct vqs *vqs, const struct selector *want, const struct demand_clause *clause,
                                uint32_t agent)
{
    return terms_hold(vqs, clause, agent) &&
           (!clause->open || leaf_holds(vqs, want, &want->lines[clause->line], agent));
}

/* True: the line could take the agent. No selector is given and nothing is watched: nothing is looked at again when
 * a figure changes. */
bool match_could(struct vqs *vqs, uint16_t program, const struct vm_line *line, const struct demand_clause *clauses,
                 uint32_t count, uint32_t agent)
{
    for (uint32_t at = 0; at < count; at++)
        if (terms_hold(vqs, &clauses[at], agent) &&
            (!clauses[at].open || queues_takes(vqs, &vqs->strategies->programs[program], NULL, agent, line)))
            return true;
    return false;
}

/* Returns the rank that the clause's virtual queue has in the agent's profile; 0: the agent takes nothing from it now.
 */
static uint8_t clause_rank(const struct vqs *vqs, const struct demand_clause *clause, uint32_t agent)
{
    return prefer_rank(vqs->prefer, agent_at(vqs->agents, agent)->prefers, clause->class);
}

uint8_t match_at(struct vqs *vqs, const struct selector *want, uint32_t line, uint32_t agent)
{
    uint32_t count = want->count;
    if (left_out(want->lines, &count, agent)) return 0;
    for (uint32_t at = 0; at < want->clause_count; at++) {
        if (want->clauses[at].line != line) continue;
        uint8_t rank = vqs->preferred ? clause_rank(vqs, &want->clauses[at], agent) : 1; /* one queue: one rank */
        if (rank != 0 && clause_holds(vqs, want, &want->clauses[at], agent)) return rank;
    }
    return 0;
}

/* Finds the line of the selection whose virtual queue the agent prefers, among the lines that match the agent; of equal
 * ranks the first in the text. */
static int32_t preferred_line(struct vqs *vqs, const struct selector *want, uint32_t agent, uint8_t *best)
{
    int32_t line = -1;
    *best = 0;
    for (uint32_t at = 0; at < want->clause_count; at++) {
        uint8_t rank = clause_rank(vqs, &want->clauses[at], agent);
        if (rank == 0 || (*best != 0 && rank >= *best) || !clause_holds(vqs, want, &want->clauses[at], agent)) continue;
        line = want->clauses[at].line;
        *best = rank;
    }
    return line;
}

bool match_plain(struct vqs *vqs, const struct selector *want, uint32_t agent)
{
    uint32_t count = want->count;
    if (left_out(want->lines, &count, agent) || cannot_be_asked(vqs, want, count, agent)) return false;
    for (uint32_t at = 0; at < want->clause_count; at++)
        if (clause_holds(vqs, want, &want->clauses[at], agent)) return true;
    return false;
}

bool match_demand(const struct vqs *vqs, const struct selector *want, uint32_t agent)
{
    uint32_t count = want->count;
    if (left_out(want->lines, &count, agent) || cannot_be_asked(vqs, want, count, agent)) return false;
    for (uint32_t at = 0; at < want->clause_count; at++)
        if ((!vqs->preferred || clause_rank(vqs, &want->clauses[at], agent) != 0) &&
            terms_hold(vqs, &want->clauses[at], agent))
            return true;
    return false;
}

uint8_t match_rank(struct vqs *vqs, const struct selector *want, uint32_t agent)
{
    uint32_t count = want->count;
    uint8_t rank;
    if (left_out(want->lines, &count, agent) || cannot_be_asked(vqs, want, count, agent)) return 0;
    (void)preferred_line(vqs, want, agent, &rank);
    return rank;
}

/* Returns the first matching line in the order of the text, which is also the order of the clauses. */
int32_t match_line(struct vqs *vqs, const struct selector *want, uint32_t agent)
{
    uint32_t count = want->count;
    if (left_out(want->lines, &count, agent) || cannot_be_asked(vqs, want, count, agent)) return -1;
    if (vqs->preferred) {
        uint8_t rank;
        return preferred_line(vqs, want, agent, &rank);
    }
    for (uint32_t at = 0; at < want->clause_count; at++)
        if (clause_holds(vqs, want, &want->clauses[at], agent)) return want->clauses[at].line;
    return -1;
}

/* Returns the rank of the line's queue for the agent, from the rows of preferences and without classes; 0: the agent
 * takes nothing from there now. */
static uint8_t rank_slowly(const struct vqs *vqs, const struct selector *want, uint32_t line, uint32_t agent)
{
    uint32_t profile = agent_at(vqs->agents, agent)->profile, vq = match_vq(vqs, want, (int32_t)line);
    bool any = false;
    for (uint32_t pass = 0; !any && pass < 2; pass++) { /* a profile without rows counts as none */
        if (pass == 1) profile = 0;
        for (uint32_t at = 0; at < vqs->prefer->count; at++) any = any || vqs->prefer->all[at].profile == profile;
    }
    const struct preference *row = prefer_find(vqs->prefer, profile, vq);
    if (!any) return 1;
    if (!row) return PREFER_LAST;
    return row->delay_us <= want->ripe_us ? row->rank : 0;
}

/* Does the same as match_line() with every line's code, without clauses. The check in select_check.c compares both
 * answers. */
int32_t match_line_slowly(struct vqs *vqs, const struct selector *want, uint32_t agent, uint8_t *rank)
{
    uint32_t count = want->count;
    int32_t line = -1;
    *rank = 0;
    if (left_out(want->lines, &count, agent) || cannot_be_asked(vqs, want, count, agent)) return -1;
    for (uint32_t at = 0; at < count; at++) {
        uint8_t of = vqs->preferred ? rank_slowly(vqs, want, at, agent) : 1;
        if (of == 0 || (line >= 0 && of >= *rank) || !match_matches(vqs, want, agent, &want->lines[at])) continue;
        line = (int32_t)at;
        *rank = of;
    }
    return line;
}

/* Makes the clauses of a line, with names of its program. When the program is watched, every leaf function is run,
 * so that the watcher sees it. */
static uint32_t line_clauses(const struct site_program *program, const struct vm_line *line, bool watched,
                             struct demand_clause *clauses)
{
    if (line->kind == LINE_LEAF && watched) {
        clauses[0] = (struct demand_clause){.open = true};
        return 1;
    }
    if (line->kind == LINE_LEAF)
        return demand_read(program->image, line->function, line->captures, line->capture_count, clauses);
    bool named = line->type == TYPE_GROUP || line->type == TYPE_PLACE || line->type == TYPE_AGENT;
    if (line->kind != LINE_TARGET || !named || line->target > UINT32_MAX) return 0;
    clauses[0] = (struct demand_clause){.terms = {{(uint32_t)line->target, line->type, 1}}, .count = 1};
    return 1;
}

/* Changes the term's name into the core's name. False: no agent can fulfil the term. */
static bool term_known(const struct site_program *program, struct demand_term *term)
{
    if (term->type == TYPE_AGENT) return term->name-- != 0;
    if (term->name >= image_count(program->image, SECTION_NAMES)) return false;
    term->name = program->names[term->name];
    return true;
}

/* Returns how many agents of the directory fulfil the term, ready or not. */
static uint32_t agents_for(const struct vqs *vqs, const struct demand_term *term)
{
    uint32_t count = 0, agents = 0;
    if (term->type != TYPE_SKILL && term->type != TYPE_GROUP) return 0;
    const struct ability_level *levels =
        ability_levels(vqs->agents, term->type == TYPE_SKILL ? ABILITY_SKILL : ABILITY_GROUP, term->name, &count);
    for (uint32_t level = term->least; levels && level <= count; level++) agents += levels[level - 1].agents;
    return agents;
}

/* Puts the term that fewest agents fulfil first, since waiters use the first term. False: no agent matches the
 * clause. Agents of the directory are compared and not ready ones, because a selector keeps its place among the
 * waiters while agents become ready or not. */
static bool clause_known(const struct vqs *vqs, const struct site_program *program, struct demand_clause *clause)
{
    uint32_t fewest = UINT32_MAX;
    for (uint32_t at = 0; at < clause->count; at++) {
        struct demand_term term = clause->terms[at];
        if (!term_known(program, &term)) return false;
        clause->terms[at] = term;
        uint32_t agents = clause->count > 1 ? agents_for(vqs, &term) : 0;
        if (agents >= fewest) continue;
        fewest = agents;
        clause->terms[at] = clause->terms[0];
        clause->terms[0] = term;
    }
    return true;
}

/* Returns the skill whose level the order compares, if the highest comes first; 0: it is another order. */
static uint32_t highest_of(const struct site_program *program, const struct vm_line *line)
{
    uint32_t skill;
    if (line->kind != LINE_ORDER || line->function == IMAGE_NONE || line->type == ORDER_min) return 0;
    if (!demand_is_level(program->image, line->function, line->captures, line->capture_count, &skill)) return 0;
    return skill < image_count(program->image, SECTION_NAMES) ? program->names[skill] : 0;
}

void match_classes(const struct vqs *vqs, struct selector *want)
{
    for (uint32_t at = 0; at < want->clause_count; at++)
        want->clauses[at].class =
            (uint16_t)prefer_class_of(vqs->prefer, match_vq(vqs, want, want->clauses[at].line), want->ripe_us);
}

/* Makes the clauses of a new selector; it is called once per selector. A line that names something unknown to the core
 * gets no clause, so nobody matches it. */
void match_read(const void *owner, struct selector *want)
{
    const struct vqs *vqs = owner;
    const struct site_program *program = &vqs->strategies->programs[want->program];
    want->clause_count = 0;
    for (uint32_t line = 0; line < want->count; line++) {
        if (want->highest == 0) want->highest = highest_of(program, &want->lines[line]);
        struct demand_clause clauses[DEMAND_CLAUSES];
        uint32_t count = line_clauses(program, &want->lines[line], vm_code_is_watched(vqs->vm), clauses);
        want->clauses =
            memory_grow(want->clauses, &want->clause_capacity, want->clause_count + count, sizeof *want->clauses);
        for (uint32_t at = 0; at < count; at++) {
            clauses[at].line = (uint16_t)line;
            if (clause_known(vqs, program, &clauses[at])) want->clauses[want->clause_count++] = clauses[at];
        }
    }
    if (vqs->preferred) match_classes(vqs, want);
}

uint32_t match_group(const struct selector *want, int32_t line, const struct agent *who)
{
    for (uint32_t at = 0; at < want->clause_count; at++) {
        const struct demand_clause *clause = &want->clauses[at];
        for (uint8_t term = 0; clause->line == line && term < clause->count; term++)
            if (clause->terms[term].type == TYPE_GROUP && agent_in_group(who, clause->terms[term].name))
                return clause->terms[term].name;
    }
    return 0;
}

/* Writes a line's clauses. Clauses of a condition with figures do not count as open here: figures change all the
 * time, and the question is which agents could serve the line at all. */
uint32_t match_takes(const struct vqs *vqs, uint16_t number, const struct vm_line *line,
                     struct demand_clause clauses[DEMAND_CLAUSES])
{
    const struct site_program *program = &vqs->strategies->programs[number];
    uint32_t count = line_clauses(program, line, false, clauses), known = 0;
    bool figures = line->kind == LINE_LEAF && demand_asks_figures(program->image, line->function);
    for (uint32_t at = 0; at < count; at++) {
        if (!clause_known(vqs, program, &clauses[at])) continue;
        clauses[known] = clauses[at];
        clauses[known++].open = clauses[at].open && !figures;
    }
    return known;
}

static bool match_excluded(const struct selector *want, uint16_t type, uint64_t target)
{
    for (uint32_t at = want->count; at > 0 && want->lines[at - 1].kind == LINE_EXCLUDED; at--)
        if (want->lines[at - 1].type == type && want->lines[at - 1].target == target) return true;
    return false;
}

/* Returns the queue that the line takes; 0 also for a queue that the interaction excludes. */
uint32_t match_queue(const struct vqs *vqs, const struct selector *want, uint32_t at)
{
    const struct site_program *program = &vqs->strategies->programs[want->program];
    assert(at < want->count);
    const struct vm_line *asked = &want->lines[at];
    if (asked->kind != LINE_TARGET || asked->type != TYPE_QUEUE) return 0;
    if (asked->target >= image_count(program->image, SECTION_NAMES)) return 0;
    uint32_t queue = program->names[asked->target];
    return match_excluded(want, TYPE_QUEUE, queue) ? 0 : queue;
}

/* Returns the virtual queue of a line. A LINE_IN names the queue for the lines that follow it. So the search goes
 * back from the line to the nearest LINE_IN; without one the selector's own queue counts. */
uint32_t match_vq(const struct vqs *vqs, const struct selector *want, int32_t line)
{
    for (; line >= 0; line--)
        if (want->lines[line].kind == LINE_IN)
            return vqs->strategies->programs[want->program].names[want->lines[line].target];
    return vqs->all[want->vq].name;
}

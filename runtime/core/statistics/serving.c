/* runtime/core/statistics/serving.c - Reads which agents the selections' lines take, and counts these agents.
 *
 *     image: a selection for the virtual queue "sales"
 *         --> serving of "sales": lines, each with its clauses
 *         --> `of`: who could serve; `counts`: how many of those are in each state, per medium
 *
 * The question "how many agents could serve this queue" can be answered before anybody waits in the queue. Lines
 * with values that only a running call has are learnt when a call selects with them. */
#include "runtime/core/statistics/serving.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "vm/image.h"
#include "vm/steps.h"

static uint64_t serving_key(const void *owner, uint32_t row)
{
    const struct servings *servings = owner;
    return servings->all[row].vq;
}

void servings_init(struct servings *servings)
{
    lookup_init(&servings->by_vq, servings, serving_key);
}

void servings_free(struct servings *servings)
{
    for (uint32_t at = 0; at < servings->count; at++) {
        free(servings->all[at].lines);
        free(servings->all[at].of);
    }
    free(servings->all);
    lookup_free(&servings->by_vq);
}

/* Returns the row of the virtual queue. Borrowed until the next row is made. */
static struct serving *serving_of(struct servings *servings, uint32_t vq)
{
    uint32_t row;
    if (lookup_find(&servings->by_vq, vq, &row)) return &servings->all[row];
    row = servings->count++;
    servings->all = memory_grow(servings->all, &servings->capacity, servings->count, sizeof *servings->all);
    servings->all[row] = (struct serving){.vq = vq};
    lookup_add(&servings->by_vq, row);
    return &servings->all[row];
}

/* Counting */

static_assert(DEMAND_CLAUSES <= UINT8_MAX, "clause_count is a byte");

static bool could_serve(const struct servings *servings, const struct serving *serving, uint32_t agent)
{
    for (uint32_t at = 0; at < serving->line_count; at++) {
        const struct serving_line *line = &serving->lines[at];
        if (match_could(servings->vqs, line->program, &line->line, line->clauses, line->clause_count, agent))
            return true;
    }
    return false;
}

static void count_states(uint32_t counts[MEDIA_KINDS][SERVING_STATES], struct media_set media,
                         const struct agent_now *now, int change)
{
    EACH_MEDIUM(medium, media)
    for (unsigned state = 0; state < SERVING_STATES; state++)
        if (now->states[medium] >> state & 1u) counts[medium][state] += (uint32_t)change;
}

/* Counts the agent anew: subtracts the agent's earlier states and adds the present ones. */
bool serving_agent_changed(struct servings *servings, struct serving *serving, uint32_t agent,
                           const struct agent_now *before, const struct agent_now *after)
{
    if (media_set_is_empty(serving->counted)) return false;
    serving->of = memory_grow(serving->of, &serving->of_capacity, agent + 1, sizeof *serving->of);
    uint8_t was = serving->of[agent], is = could_serve(servings, serving, agent);
    serving->of[agent] = is;
    if (was) count_states(serving->counts, serving->counted, before, -1);
    if (is) count_states(serving->counts, serving->counted, after, 1);
    return was != is || (is && memcmp(before, after, sizeof *before) != 0);
}

static void count_all(struct servings *servings, struct serving *serving)
{
    if (media_set_is_empty(serving->counted)) return;
    for (uint32_t agent = 0; agent < servings->agents->count; agent++) {
        struct agent_now now = servings->states_of(servings->statistics, agent);
        serving_agent_changed(servings, serving, agent, &now, &now);
    }
}

/* Begins to count for a medium. If another medium is counted already, the agents who could serve are known. */
static void begin_counting(struct servings *servings, struct serving *serving, unsigned medium)
{
    bool known = !media_set_is_empty(serving->counted);
    serving->counted = media_set_with(serving->counted, medium, true);
    if (!known) count_all(servings, serving);
    for (uint32_t agent = 0; known && agent < servings->agents->count && agent < serving->of_capacity; agent++) {
        struct agent_now now = servings->states_of(servings->statistics, agent);
        if (serving->of[agent]) count_states(serving->counts, media_set_one(medium), &now, 1);
    }
}

/* Returns the count. The first question about a medium counts all agents once. */
uint32_t serving_count(struct servings *servings, uint32_t vq, unsigned medium, unsigned state)
{
    assert(servings->wanted && state < SERVING_STATES);
    if (medium >= MEDIA_KINDS) return 0;
    struct serving *serving = serving_of(servings, vq);
    if (!has_medium(serving->counted, medium)) begin_counting(servings, serving, medium);
    return serving->counts[medium][state];
}

bool serving_check(const struct servings *servings, const struct serving *serving)
{
    uint32_t counts[MEDIA_KINDS][SERVING_STATES] = {0};
    bool counted = !media_set_is_empty(serving->counted);
    for (uint32_t agent = 0; counted && agent < servings->agents->count; agent++) {
        bool is = could_serve(servings, serving, agent);
        if (is != (agent < serving->of_capacity && serving->of[agent])) return false;
        struct agent_now now = servings->states_of(servings->statistics, agent);
        if (is) count_states(counts, serving->counted, &now, 1);
    }
    return memcmp(counts, serving->counts, sizeof counts) == 0;
}

/* Lines */

static bool same_line(const struct serving_line *known, uint16_t program, const struct vm_line *line)
{
    const struct vm_line *other = &known->line;
    if (known->program != program || other->kind != line->kind) return false;
    if (line->kind == LINE_TARGET) return other->type == line->type && other->target == line->target;
    return other->function == line->function && other->capture_count == line->capture_count &&
           memcmp(other->captures, line->captures, line->capture_count * sizeof *line->captures) == 0;
}

/* Adds the line, if it takes agents and is not in the list yet. True: it was added. Lines that were learnt from
 * calls are limited in number, since every call could bring another value. */
static bool add_line(struct servings *servings, struct serving *serving, uint16_t program, const struct vm_line *line,
                     bool asked)
{
    if (line->kind != LINE_LEAF && line->kind != LINE_TARGET) return false;
    for (uint32_t at = 0; at < serving->line_count; at++)
        if (same_line(&serving->lines[at], program, line)) return false;
    if (asked && serving->asked == SERVING_ASKED_MAX) return false;
    struct serving_line made = {.program = program, .asked = asked, .line = *line};
    made.clause_count = (uint8_t)match_takes(servings->vqs, program, line, made.clauses);
    if (made.clause_count == 0) return false;
    serving->lines =
        memory_grow(serving->lines, &serving->line_capacity, serving->line_count + 1, sizeof *serving->lines);
    serving->lines[serving->line_count++] = made;
    serving->asked += asked;
    return true;
}

/* Drops lines of programs that are no longer in force, so that there is room for others. */
static void forget_others(struct servings *servings, struct serving *serving)
{
    uint32_t count = 0;
    serving->asked = 0;
    for (uint32_t at = 0; at < serving->line_count; at++) {
        if (!core_directory_in_force(servings->directory, serving->lines[at].program)) continue;
        serving->lines[count++] = serving->lines[at];
        serving->asked += serving->lines[count - 1].asked;
    }
    serving->line_count = count;
}

static bool constant_of(const struct image *image, uint16_t operand, uint64_t *word, uint16_t *type)
{
    if (operand == OPERAND_NONE || !(operand & OPERAND_CONSTANT)) return false;
    const struct image_constant *constant = image_constant(image, operand & (uint16_t)~OPERAND_CONSTANT);
    *word = constant->word;
    *type = constant->type;
    return true;
}

/* Makes the line from what the image says of it. False: the values of the line come from a call. */
static bool line_written(const struct image *image, const struct image_line *row, struct vm_line *line)
{
    uint16_t type;
    *line = (struct vm_line){.kind = (enum line_kind)row->kind, .function = row->function};
    if (row->kind == LINE_TARGET) return constant_of(image, row->operand, &line->target, &line->type);
    if (row->kind != LINE_LEAF) return false;
    line->capture_count = row->captures;
    for (uint32_t at = 0; at < row->captures; at++)
        if (!constant_of(image, image_operands(image, row->operands)[at].operand, &line->captures[at], &type))
            return false;
    return true;
}

/* Returns the agents who could serve the virtual queue that the image names. NULL: the name of the queue comes from
 * a call. */
static struct serving *serving_written(struct servings *servings, const struct site_program *of, uint16_t operand)
{
    uint64_t name;
    uint16_t type;
    if (!constant_of(of->image, operand, &name, &type) || type_base(type) != TYPE_VQ ||
        name >= image_count(of->image, SECTION_NAMES))
        return NULL;
    return serving_of(servings, of->names[name]);
}

/* Reads the lines of a selection, each for the virtual queue to which it belongs. */
static void read_wait(struct servings *servings, uint16_t program, const struct image_wait *wait)
{
    const struct site_program *of = &servings->strategies->programs[program];
    const struct image_operand *arguments = image_operands(of->image, wait->operands);
    struct serving *serving = NULL; /* of the line */
    struct vm_line line;
    for (uint32_t at = 0; at < wait->arguments; at++)
        if (arguments[at].parameter == PARAMETER_select_vq)
            serving = serving_written(servings, of, arguments[at].operand);
    for (uint32_t number = 0; number < wait->line_count; number++) {
        const struct image_line *row = image_lines(of->image, wait->lines) + number;
        if (row->kind == LINE_IN)
            serving = serving_written(servings, of, row->operand);
        else if (serving && line_written(of->image, row, &line))
            add_line(servings, serving, program, &line, false);
    }
}

/* Reads the lines of all programs in force anew; called after each activation. */
bool servings_read(struct servings *servings)
{
    if (!servings->wanted || servings->activated == servings->directory->activated) return false;
    servings->activated = servings->directory->activated;
    for (uint32_t at = 0; at < servings->count; at++) forget_others(servings, &servings->all[at]);
    for (uint32_t program = 0; program < servings->strategies->program_count; program++) {
        const struct image *image = servings->strategies->programs[program].image;
        if (!core_directory_in_force(servings->directory, (uint16_t)program)) continue;
        for (uint32_t at = 0; at < image_count(image, SECTION_WAITS); at++)
            if (image_wait(image, at)->step == STEP_ID_select)
                read_wait(servings, (uint16_t)program, image_wait(image, at));
    }
    for (uint32_t at = 0; at < servings->count; at++) count_all(servings, &servings->all[at]);
    return true;
}

bool serving_asked(struct servings *servings, const struct selector *want, uint32_t line)
{
    if (!servings->wanted || !core_directory_in_force(servings->directory, want->program)) return false;
    struct serving *serving = serving_of(servings, match_vq(servings->vqs, want, (int32_t)line));
    bool added = add_line(servings, serving, want->program, &want->lines[line], true);
    if (added) count_all(servings, serving);
    return added && !media_set_is_empty(serving->counted);
}

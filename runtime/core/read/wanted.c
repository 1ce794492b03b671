/* runtime/core/read/wanted.c - Writes the selection of an interaction as a text that does not depend on its image. */
#include "runtime/core/read/wanted.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/program.h"
#include "vm/instruction.h"
#include "vm/opcode.h"
#include "vm/steps.h"

/* The text being written. */
struct wanted_text {
    char *text;
    size_t length;
    const struct core *core;
    const struct interaction *ix;
    const struct image *image;
};

__attribute__((format(printf, 2, 3))) static void wanted_put(struct wanted_text *w, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(w->text + w->length, WANTED_TEXT - w->length, format, list);
    va_end(list);
    if (length > 0) w->length += (size_t)length;
    if (w->length >= WANTED_TEXT) w->length = WANTED_TEXT - 1;
}

static void wanted_put_name(struct wanted_text *w, const char *kind, uint32_t name)
{
    struct span text = core_name(w->core, name);
    wanted_put(w, "%s %.*s", kind, (int)text.length, (const char *)text.bytes);
}

/* Returns the number of a condition: a hash of its operations, without their operands, which are numbers of the
 * image. */
static uint32_t wanted_number(const struct image *image, uint16_t function)
{
    const struct image_function *row = image_function(image, function);
    const uint32_t *code = image_code(image, row);
    uint32_t hash = 2166136261;
    for (uint32_t at = 0; at < row->code_words; at++) hash = (hash ^ word_op(code[at])) * 16777619;
    return hash;
}

static const char *wanted_kind(uint16_t type)
{
    return type == TYPE_SKILL   ? "skill"
           : type == TYPE_GROUP ? "group"
           : type == TYPE_AGENT ? "agent"
           : type == TYPE_PLACE ? "place"
           : type == TYPE_QUEUE ? "queue"
                                : "target";
}

/* Writes the clauses of a line that takes agents: its skills, groups, agents and places. */
static void wanted_put_clauses(struct wanted_text *w, const struct vm_line *line)
{
    struct demand_clause clauses[DEMAND_CLAUSES];
    uint32_t count = match_takes(w->core->vqs, w->ix->program, line, clauses);
    bool open = false;
    for (uint32_t at = 0; at < count; at++) {
        if (at > 0) wanted_put(w, " or ");
        if (clauses[at].count == 0) wanted_put(w, "agents");
        for (uint8_t n = 0; n < clauses[at].count; n++) {
            const struct demand_term *term = &clauses[at].terms[n];
            if (n > 0) wanted_put(w, " and ");
            wanted_put_name(w, wanted_kind(term->type),
                            term->type == TYPE_AGENT ? agent_at(w->core->agents, term->name)->name : term->name);
            if (term->type == TYPE_SKILL) wanted_put(w, " >= %u", term->least);
        }
        open = open || clauses[at].open;
    }
    if (count == 0) wanted_put(w, "nobody");
    if (open) wanted_put(w, " by condition %08" PRIx32, wanted_number(w->image, line->function));
}

static void wanted_put_target(struct wanted_text *w, const struct vm_line *line)
{
    if (line->type == TYPE_VOID)
        wanted_put(w, "nobody");
    else if (line->type == TYPE_AGENT || type_is_list(w->image, line->type))
        wanted_put_clauses(w, line);
    else
        wanted_put_name(w, wanted_kind(line->type), strategy_name(w->core->strategies, w->ix, line->target));
}

static void wanted_put_line(struct wanted_text *w, const struct vm_line *line)
{
    if (line->kind == LINE_VALUE) return;
    wanted_put(w, "; ");
    if (line->after_us > 0) wanted_put(w, "after %" PRId64 " ms ", line->after_us / 1000);
    if (line->share > 0) wanted_put(w, "share %" PRIu32 " ", line->share);
    switch ((int)line->kind) {
    case LINE_LEAF:
        wanted_put_clauses(w, line);
        return;
    case LINE_TARGET:
        wanted_put_target(w, line);
        return;
    case LINE_IN:
        wanted_put_name(w, "in vq", strategy_name(w->core->strategies, w->ix, line->target));
        return;
    case LINE_ORDER:
    case LINE_TIE:
        wanted_put(w, "by order %u", line->type);
        return;
    default:
        wanted_put(w, "%s %08" PRIx32, line->kind == LINE_WHERE ? "where" : "until",
                   wanted_number(w->image, line->function));
        return;
    }
}

bool core_wanted(const struct core *core, uint64_t ixn, char text[WANTED_TEXT])
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    text[0] = '\0';
    if (!ix || ix->visit == VISIT_NONE || ix->program == PROGRAM_NONE) return false;
    const struct visit *visit = visit_at(core->vqs, ix->visit);
    const struct block *block = block_at(core->slab, ix->block);
    const struct image_wait *wait = vm_step(core->slab, block, visit->fiber);
    if (!wait || wait->step != STEP_ID_select) return false;
    struct wanted_text w = {.text = text, .core = core, .ix = ix, .image = block_image(core->slab, block)};
    int64_t timeout_us = vm_timeout(core->slab, block, visit->fiber);
    wanted_put_name(&w, "vq", core->vqs->all[visit->vq].name);
    wanted_put(&w, ", priority %" PRId64, block->priority);
    if (timeout_us >= 0) wanted_put(&w, ", for %" PRId64 " ms", timeout_us / 1000);
    if (wait->order != 0) wanted_put(&w, ", order %u", wait->order);
    struct vm_line line;
    for (uint32_t at = 0; at < vm_line_count(core->slab, block, visit->fiber); at++)
        if (vm_line(core->slab, block, visit->fiber, at, &line)) wanted_put_line(&w, &line);
    return true;
}

/* runtime/core/read/wanted.c - Writes the selection of an interaction as a text that does not depend on its image. */
#include "runtime/core/read/wanted.h"

#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/condition.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/program.h"
#include "vm/image_data.h"
#include "vm/steps.h"

/* The text being written. */
struct wanted_text {
    char *text;
    size_t length;
    uint32_t hash; /* of all that was written, also of what found no room */
    bool cut, moment;
    const struct core *core;
    const struct interaction *ix;
    const struct image *image;
};

static void wanted_put(struct wanted_text *w, const char *bytes, size_t length)
{
    size_t left = WANTED_TEXT - 1 - w->length;
    for (size_t at = 0; at < length; at++) w->hash = (w->hash ^ (uint8_t)bytes[at]) * 16777619;
    w->cut = w->cut || length > left;
    if (length > left) length = left;
    memcpy(w->text + w->length, bytes, length);
    w->length += length;
    w->text[w->length] = '\0';
}

static void wanted_say(struct wanted_text *w, const char *text)
{
    wanted_put(w, text, strlen(text));
}

static void wanted_put_number(struct wanted_text *w, int64_t number)
{
    char digits[20];
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    size_t count = 0;
    do {
        digits[sizeof digits - ++count] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (number < 0) wanted_say(w, "-");
    wanted_put(w, digits + sizeof digits - count, count);
}

static void wanted_put_hash(struct wanted_text *w, uint32_t hash)
{
    char digits[8];
    for (unsigned at = 0; at < sizeof digits; at++) digits[at] = "0123456789abcdef"[hash >> (28 - 4 * at) & 15];
    wanted_put(w, digits, sizeof digits);
}

static void wanted_put_named(struct wanted_text *w, const char *before, int64_t number, const char *after)
{
    wanted_say(w, before);
    wanted_put_number(w, number);
    wanted_say(w, after);
}

static void wanted_put_name(struct wanted_text *w, const char *kind, uint32_t name)
{
    struct span text = core_name(w->core, name);
    wanted_say(w, kind);
    wanted_say(w, " ");
    wanted_put(w, (const char *)text.bytes, text.length);
}

/* Adds a value by what it says, and not by what stands for it in its image or block. A condition takes no lists. */
static uint32_t wanted_value(const struct wanted_text *w, uint32_t number, uint16_t type, uint64_t word)
{
    const struct block *block = block_at(w->core->slab, w->ix->block);
    const uint16_t base = type_base(type);
    char inlined[8];
    if (value_is_none(type, word)) return condition_add(number, "none", 4);
    if (base == TYPE_STR) {
        struct text text = block_text(w->image, block, word, inlined);
        return condition_add(number, text.bytes, text.length);
    }
    if (type_is_name(type)) {
        struct span name = core_name(w->core, strategy_name(w->core->strategies, w->ix, word));
        return condition_add(number, name.bytes, name.length);
    }
    const bool plain = base == TYPE_INT || base == TYPE_BOOL || base == TYPE_PERCENT || base == TYPE_FLOAT,
               timed = base == TYPE_DURATION || base == TYPE_TIME || base == TYPE_DATE || base == TYPE_CLOCK;
    return plain || (timed && w->moment) ? condition_add(number, &word, sizeof word) : number;
}

/* Returns the number of a condition: what it computes, and from which values. */
static uint32_t wanted_number(const struct wanted_text *w, const struct vm_line *line)
{
    uint32_t number = condition_number(w->image, line->function);
    for (uint32_t i = 0; i < line->capture_count; i++)
        number = wanted_value(w, number, image_register(w->image, line->function, (uint8_t)i), line->captures[i]);
    return number;
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
        if (at > 0) wanted_say(w, " or ");
        if (clauses[at].count == 0) wanted_say(w, "agents");
        for (uint8_t n = 0; n < clauses[at].count; n++) {
            const struct demand_term *term = &clauses[at].terms[n];
            if (n > 0) wanted_say(w, " and ");
            wanted_put_name(w, wanted_kind(term->type),
                            term->type == TYPE_AGENT ? agent_at(w->core->agents, term->name)->name : term->name);
            if (term->type != TYPE_SKILL) continue;
            wanted_say(w, " >= ");
            wanted_put_number(w, term->least);
        }
        open = open || clauses[at].open;
    }
    if (count == 0) wanted_say(w, "nobody");
    if (!open) return;
    wanted_say(w, " by condition ");
    wanted_put_hash(w, wanted_number(w, line));
}

static void wanted_put_target(struct wanted_text *w, const struct vm_line *line)
{
    if (line->type == TYPE_VOID)
        wanted_say(w, "nobody");
    else if (line->type == TYPE_AGENT || type_is_list(w->image, line->type))
        wanted_put_clauses(w, line);
    else
        wanted_put_name(w, wanted_kind(line->type), strategy_name(w->core->strategies, w->ix, line->target));
}

static void wanted_put_line(struct wanted_text *w, const struct vm_line *line)
{
    if (line->kind == LINE_VALUE) return;
    wanted_say(w, "; ");
    if (line->after_us > 0) wanted_put_named(w, "after ", line->after_us / 1000, " ms ");
    if (line->share > 0) wanted_put_named(w, "share ", line->share, " ");
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
        wanted_put_named(w, "by order ", line->type, "");
        return;
    default:
        wanted_say(w, line->kind == LINE_WHERE ? "where " : "until ");
        wanted_put_hash(w, wanted_number(w, line));
        return;
    }
}

/* Ends a text that was cut with the number of the whole: two long selections may differ behind the cut alone. */
static void wanted_end(struct wanted_text *w)
{
    const uint32_t hash = w->hash;
    if (!w->cut) return;
    w->length = WANTED_TEXT - 1 - 8;
    wanted_put_hash(w, hash);
}

bool core_wanted_by(const struct image *image, uint32_t wait)
{
    return image_wait(image, wait)->step == STEP_ID_select;
}

/* Writes the arguments. One that is no constant was computed when the selection began. */
static void wanted_put_arguments(struct wanted_text *w, const struct image_wait *wait, uint8_t fiber)
{
    static const struct {
        uint16_t parameter;
        bool time;
        const char *words;
    } known[] = {
        {PARAMETER_select_goal, true, ", goal "},       {PARAMETER_select_preview, true, ", preview "},
        {PARAMETER_select_exclude, true, ", exclude "}, {PARAMETER_select_fresh, false, ", fresh "},
        {PARAMETER_select_ring, false, ", ring "},
    };
    for (uint32_t i = 0; i < wait->arguments; i++) {
        const struct image_operand *row = &w->image->operands[wait->operands + i];
        uint64_t word;
        uint16_t type;
        if (!(row->operand & OPERAND_CONSTANT) && !w->moment) continue;
        if (!vm_arg(w->core->slab, block_at(w->core->slab, w->ix->block), fiber, row->parameter, &word, &type))
            continue;
        for (uint32_t n = 0; n < sizeof known / sizeof *known; n++)
            if (row->parameter == known[n].parameter && !value_is_none(type, word))
                wanted_put_named(w, known[n].words, known[n].time ? (int64_t)word / 1000 : (int64_t)word,
                                 known[n].time ? " ms" : "");
    }
}

bool core_wanted(const struct core *core, uint64_t ixn, bool moment, char text[WANTED_TEXT])
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    text[0] = '\0';
    if (!ix || ix->visit == VISIT_NONE || ix->program == PROGRAM_NONE) return false;
    const struct visit *visit = visit_at(core->vqs, ix->visit);
    const struct block *block = block_at(core->slab, ix->block);
    const struct image_wait *wait = vm_step(core->slab, block, visit->fiber);
    if (!wait || wait->step != STEP_ID_select) return false;
    struct wanted_text w = {.text = text,
                            .hash = 2166136261,
                            .moment = moment,
                            .core = core,
                            .ix = ix,
                            .image = block_image(core->slab, block)};
    int64_t timeout_us = vm_timeout(core->slab, block, visit->fiber);
    wanted_put_name(&w, "vq", core->vqs->all[visit->vq].name);
    wanted_put_named(&w, ", priority ", block->priority, "");
    if (timeout_us >= 0) wanted_put_named(&w, ", for ", timeout_us / 1000, " ms");
    if (wait->order != 0) wanted_put_named(&w, ", order ", wait->order, "");
    wanted_put_arguments(&w, wait, visit->fiber);
    struct vm_line line;
    for (uint32_t at = 0; at < vm_line_count(core->slab, block, visit->fiber); at++)
        if (vm_line(core->slab, block, visit->fiber, at, &line)) wanted_put_line(&w, &line);
    wanted_end(&w);
    return true;
}

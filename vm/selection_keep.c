/* vm/selection_keep.c - Which instructions of an image reach a selection of agents.
 *
 * The search begins with all steps that select and goes backwards, until nothing more is found: to the sources of what
 * they read, to the conditions that decide whether they are reached, into and out of the functions that are called, and
 * to whatever writes the keys, attributes and counters that are read on the way. */
#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"
#include "vm/selection_slice.h"

static void keep(struct slice *s, uint32_t f, uint32_t node, bool acts);

static void slice_queue(struct slice *s, uint32_t f, uint32_t node)
{
    struct slice_node *row = &s->functions[f].nodes[node];
    if (row->queued) return;
    row->queued = true;
    if (s->queue_count == s->queue_room) {
        s->queue_room = 2 * s->queue_room + 64;
        s->queue = memory_resize(s->queue, s->queue_room * sizeof *s->queue);
    }
    s->queue[s->queue_count++] = (struct slice_item){f, node};
}

/* Keeps each step of the function for which `fits` holds. */
static void keep_steps(struct slice *s, uint32_t f, bool all)
{
    for (uint32_t n = 0; n < s->functions[f].count; n++) {
        const struct image_wait *wait = s->functions[f].nodes[n].reached ? slice_wait(s, f, n) : NULL;
        if (!wait) continue;
        if (all || (!(wait->flags & WAIT_CALL) && slice_class(s, wait) == SLICE_WAITS)) keep(s, f, n, true);
    }
}

/* From now on the times that the function waits matter, and those of its subroutines. */
static void slice_time(struct slice *s, uint32_t f)
{
    if (s->functions[f].timed) return;
    s->functions[f].timed = true;
    keep_steps(s, f, false);
    for (uint32_t n = 0; n < s->functions[f].count; n++) {
        const struct image_wait *wait = slice_wait(s, f, n);
        if (wait && wait->flags & WAIT_CALL) slice_time(s, wait->callee);
    }
}

/* From now on each step of the function matters: it runs against others. */
static void slice_race(struct slice *s, uint32_t f)
{
    if (s->functions[f].raced) return;
    s->functions[f].raced = true;
    keep_steps(s, f, true);
    for (uint32_t n = 0; n < s->functions[f].count; n++) {
        const struct image_wait *wait = slice_wait(s, f, n);
        if (wait && wait->flags & WAIT_CALL) slice_race(s, wait->callee);
    }
}

static void slice_act(struct slice *s, uint32_t f)
{
    struct slice_function *function = &s->functions[f];
    if (function->acts) return;
    function->acts = true;
    for (uint32_t i = 0; i < function->site_count; i++)
        if (!function->sites[i].pure) keep(s, function->sites[i].function, function->sites[i].node, true);
    slice_time(s, f);
}

/* Keeps an instruction; `acts`: it does something, and does not only compute. Functions call only those of a lower
 * number, so the recursion has an end. */
static void keep(struct slice *s, uint32_t f, uint32_t node, bool acts)
{
    struct slice_node *row = &s->functions[f].nodes[node];
    if (!row->reached) return;
    if (!row->kept) {
        row->kept = s->functions[f].dirty = true;
        slice_queue(s, f, node);
    }
    if (acts) slice_act(s, f);
}

static void want(struct slice *s, uint32_t f, uint32_t node, uint64_t wanted)
{
    struct slice_node *row = &s->functions[f].nodes[node];
    keep(s, f, node, false);
    if ((row->wanted | wanted) == row->wanted) return;
    row->wanted |= wanted;
    slice_queue(s, f, node);
}

static void want_parameter(struct slice *s, uint32_t f, uint32_t parameter, uint64_t wanted)
{
    struct slice_function *function = &s->functions[f];
    if ((function->parameters[parameter] | wanted) == function->parameters[parameter]) return;
    function->parameters[parameter] |= wanted;
    for (uint32_t i = 0; i < function->site_count; i++) {
        const struct slice_site *site = &function->sites[i];
        if (s->functions[site->function].nodes[site->node].kept) slice_queue(s, site->function, site->node);
    }
}

static void want_result(struct slice *s, uint32_t f, uint64_t wanted)
{
    struct slice_function *function = &s->functions[f];
    if ((function->result | wanted) == function->result) return;
    function->result |= wanted;
    for (uint32_t n = 0; n < function->count; n++)
        if (function->nodes[n].reached && slice_instruction(s, f, n).op == OP_RETURN) {
            keep(s, f, n, false);
            slice_queue(s, f, n);
        }
}

/* Wants what stands in the register here. */
static void want_register(struct slice *s, uint32_t f, uint32_t node, uint32_t reg, uint64_t wanted)
{
    slice_sources(s, f, node, reg);
    for (uint32_t i = 0; i < s->source_count; i++)
        if (s->sources[i] & SLICE_PARAMETER)
            want_parameter(s, f, s->sources[i] & ~SLICE_PARAMETER, wanted);
        else
            want(s, f, s->sources[i], wanted);
}

/* ---- keys, attributes, counters, sources of data ---- */

/* Gets the text that the register always has here; false: it has not always one. */
static bool memory_names(struct slice *s, uint32_t f, uint32_t node, uint32_t reg, struct slice_memory *memory)
{
    slice_sources(s, f, node, reg);
    memory->any = true;
    if (s->source_count != 1 || s->sources[0] & SLICE_PARAMETER) return false;
    struct instruction i = slice_instruction(s, f, s->sources[0]);
    if (i.op != OP_LOAD || image_constant(s->image, i.operand[1])->type != TYPE_STR) return false;
    uint64_t word = image_constant(s->image, i.operand[1])->word;
    memcpy(memory->inlined, &word, sizeof memory->inlined);
    bool inlined = value_where(word) <= VALUE_INLINE_MAX;
    memory->name = (struct text){inlined ? NULL : s->image->strings + value_offset(word), value_text_length(word)};
    memory->any = false;
    return true;
}

static const char *memory_bytes(const struct slice_memory *memory)
{
    return memory->name.bytes ? memory->name.bytes : memory->inlined;
}

static struct slice_memory memory_slot(const struct slice *s, uint32_t f, uint32_t slot)
{
    uint16_t owner = s->image->functions[f].strategy;
    const struct image_strategy *strategy = &s->image->strategies[owner == IMAGE_NONE ? 0 : owner];
    return (struct slice_memory){.kind = SLICE_KEY,
                                 .name = image_text(s->image, image_slot(s->image, strategy, slot)->name)};
}

/* Returns what the wait point's statement does; -1: it has none. */
static int statement_mode(const struct slice *s, const struct image_wait *wait)
{
    return wait->statement == IMAGE_NONE ? -1 : image_statement(s->image, wait->statement)->mode;
}

/* What the instruction writes, outside of registers. */
static bool memory_written(struct slice *s, uint32_t f, uint32_t node, struct slice_memory *memory)
{
    struct instruction i = slice_instruction(s, f, node);
    const struct image_wait *wait = i.op == OP_STEP ? slice_wait(s, f, node) : NULL;
    switch (i.op) {
    case OP_SLOT_SET:
        *memory = memory_slot(s, f, i.operand[1]);
        return true;
    case OP_SLOT_CLEAR:
        *memory = memory_slot(s, f, i.operand[0]);
        return true;
    case OP_DATA_SET:
        *memory = (struct slice_memory){.kind = SLICE_KEY};
        memory_names(s, f, node, i.operand[0], memory);
        return true;
    case OP_ATTRIBUTE_SET:
        *memory = (struct slice_memory){.kind = SLICE_ATTRIBUTE, .number = i.operand[1]};
        return true;
    case OP_TALLY:
    case OP_TALLY_KEYS:
        *memory = (struct slice_memory){.kind = SLICE_COUNTER};
        memory_names(s, f, node, i.operand[0], memory);
        return true;
    default:
        break;
    }
    if (!wait) return false;
    if (statement_mode(s, wait) == STATEMENT_EXEC) {
        uint32_t source = image_statement(s->image, wait->statement)->source;
        *memory = (struct slice_memory){.kind = SLICE_SOURCE, .number = source};
        return true;
    }
    *memory = (struct slice_memory){.kind = SLICE_ATTRIBUTE, .number = ATTRIBUTE_ID_ced};
    return slice_class(s, wait) == SLICE_TREATS;
}

static bool memory_same(const struct slice_memory *a, const struct slice_memory *b)
{
    if (a->kind != b->kind) return false;
    if (a->kind == SLICE_ATTRIBUTE || a->kind == SLICE_SOURCE) return a->number == b->number;
    return a->any || b->any ||
           (a->name.length == b->name.length && memcmp(memory_bytes(a), memory_bytes(b), a->name.length) == 0);
}

/* A selection reads it: whatever writes it is kept. */
static void want_memory(struct slice *s, struct slice_memory memory)
{
    for (uint32_t i = 0; i < s->memory_count; i++) {
        const struct slice_memory *known = &s->memories[i];
        if (memory_same(known, &memory) && known->any >= memory.any) return;
    }
    s->memories = memory_resize(s->memories, (s->memory_count + 1) * sizeof *s->memories);
    s->memories[s->memory_count++] = memory;
    for (uint32_t f = 0; f < s->count; f++)
        for (uint32_t n = 0; n < s->functions[f].count && s->work <= SLICE_WORK_MAX; n++) {
            struct slice_memory written;
            s->work++;
            if (s->functions[f].nodes[n].reached && memory_written(s, f, n, &written) && memory_same(&written, &memory))
                keep(s, f, n, true);
        }
}

static void want_memories(struct slice *s, uint32_t f, uint32_t node)
{
    struct instruction i = slice_instruction(s, f, node);
    const struct image_wait *wait = i.op == OP_STEP ? slice_wait(s, f, node) : NULL;
    struct slice_memory memory = {.kind = SLICE_KEY};
    int mode = wait ? statement_mode(s, wait) : -1;
    if (i.op == OP_SLOT || i.op == OP_MAIN_SLOT) {
        memory = memory_slot(s, f, i.operand[1]);
    } else if (i.op == OP_DATA) {
        memory_names(s, f, node, i.operand[1], &memory);
    } else if (i.op == OP_ATTRIBUTE || i.op == OP_MAIN_ATTRIBUTE) {
        memory = (struct slice_memory){.kind = SLICE_ATTRIBUTE, .number = i.operand[1]};
    } else if (i.op == OP_TALLIED) {
        memory.kind = SLICE_COUNTER;
        memory_names(s, f, node, i.operand[1], &memory);
    } else if (mode == STATEMENT_FIRST || mode == STATEMENT_ALL || mode == STATEMENT_VALUE) {
        memory.kind = SLICE_SOURCE;
        memory.number = image_statement(s->image, wait->statement)->source;
    } else {
        return;
    }
    want_memory(s, memory);
}

/* ---- the search ---- */

static void keep_wait(struct slice *s, const struct image_wait *wait, uint64_t wanted)
{
    if (wait->flags & WAIT_CALL) {
        if (wanted) want_result(s, wait->callee, wanted);
        return;
    }
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct image_line *line = &s->image->lines[wait->lines + i];
        if (line->kind == LINE_TARGET || line->kind == LINE_IN || line->function == IMAGE_NONE) continue;
        if (line->kind == LINE_CHILD) slice_race(s, line->function);
        if (line->kind != LINE_CHILD || wanted) want_result(s, line->function, SLICE_WHOLE);
    }
}

static void keep_follow(struct slice *s, uint32_t f, uint32_t node)
{
    struct instruction i = slice_instruction(s, f, node);
    uint64_t wanted = s->functions[f].nodes[node].wanted;
    const struct image_wait *wait = slice_wait(s, f, node);
    if (wait) keep_wait(s, wait, wanted);
    if (i.op == OP_CALL && wanted) want_result(s, i.operand[1] | i.operand[2] << 8, wanted);
    if (i.op == OP_LATCH) want_result(s, s->image->latches[i.operand[1]].function, SLICE_WHOLE);
    want_memories(s, f, node);
    slice_reads(s, f, node);
    uint32_t count = s->read_count;
    for (uint32_t n = 0; n < count; n++) {
        struct slice_read read = s->reads[n]; /* following one changes no row of this list */
        if (!(read.operand & OPERAND_CONSTANT)) want_register(s, f, node, read.operand, read.wanted);
    }
}

/* Does the instruction decide between ways of which one passes something kept before they meet? */
static bool node_decides(struct slice *s, const struct slice_function *function, const struct slice_node *node)
{
    if (node->nexts + node->endless < 2) return false;
    for (uint32_t i = 0; i < node->nexts; i++)
        for (uint32_t at = function->nexts[node->next + i]; at != node->meets; at = function->nodes[at].meets) {
            s->work++;
            if (function->nodes[at].kept) return true;
        }
    return false;
}

static void keep_conditions(struct slice *s, uint32_t f)
{
    struct slice_function *function = &s->functions[f];
    while (function->dirty && s->work <= SLICE_WORK_MAX) {
        function->dirty = false;
        for (uint32_t n = 0; n < function->count; n++)
            if (function->nodes[n].reached && !function->nodes[n].kept &&
                node_decides(s, function, &function->nodes[n]))
                keep(s, f, n, false);
    }
}

bool slice_selects(const struct slice *s, uint32_t f, uint32_t node)
{
    struct instruction i = slice_instruction(s, f, node);
    const struct image_wait *wait = slice_wait(s, f, node);
    if (wait && !(wait->flags & WAIT_CALL)) {
        enum slice_class class = slice_class(s, wait);
        return class == SLICE_SELECTS || class == SLICE_PASSES || class == SLICE_HALTS || wait->flags & WAIT_ENDS;
    }
    if (i.op == OP_ATTRIBUTE_SET) return i.operand[1] != ATTRIBUTE_ID_locale;
    return i.op == OP_FAIL || i.op == OP_EXIT;
}

static void slice_site_add(struct slice *s, uint32_t callee, uint32_t f, uint32_t node, bool pure)
{
    struct slice_function *function = &s->functions[callee];
    if ((function->site_count & (function->site_count + 1)) == 0) /* full: doubled */
        function->sites = memory_resize(function->sites, (2 * function->site_count + 1) * sizeof *function->sites);
    function->sites[function->site_count++] = (struct slice_site){f, node, pure};
}

static void sites_of(struct slice *s, uint32_t f, uint32_t node)
{
    struct instruction i = slice_instruction(s, f, node);
    const struct image_wait *wait = slice_wait(s, f, node);
    if (i.op == OP_CALL) slice_site_add(s, i.operand[1] | i.operand[2] << 8, f, node, false);
    if (!wait) return;
    if (wait->flags & WAIT_CALL) slice_site_add(s, wait->callee, f, node, false);
    if (wait->busy != IMAGE_NONE) slice_site_add(s, wait->busy, f, node, false);
    for (uint32_t n = 0; n < wait->line_count; n++) {
        const struct image_line *line = &s->image->lines[wait->lines + n];
        if (line->kind != LINE_TARGET && line->kind != LINE_IN && line->function != IMAGE_NONE)
            slice_site_add(s, line->function, f, node, line->kind != LINE_CHILD);
    }
}

static void slice_all_nodes(struct slice *s, bool selects)
{
    for (uint32_t f = 0; f < s->count; f++)
        for (uint32_t n = 0; n < s->functions[f].count; n++) {
            if (!s->functions[f].nodes[n].reached) continue;
            if (!selects)
                sites_of(s, f, n);
            else if (slice_selects(s, f, n))
                keep(s, f, n, true);
        }
}

bool slice_make(struct slice *s, const struct image *image)
{
    size_t nodes = image->count[SECTION_CODE] + 1u;
    *s = (struct slice){.image = image, .count = image->count[SECTION_FUNCTIONS]};
    s->functions = memory_new((s->count + 1) * sizeof *s->functions);
    s->seen = memory_new(2 * nodes * sizeof *s->seen);
    s->stack = memory_new(2 * nodes * sizeof *s->stack);
    s->sources = memory_new((nodes + 1) * sizeof *s->sources);
    for (uint32_t f = 0; f < s->count; f++) {
        slice_prepare(s, f);
        if (s->work > SLICE_WORK_MAX) return false;
    }
    slice_classes(s);
    slice_all_nodes(s, false);
    slice_all_nodes(s, true);
    do {
        while (s->queue_count > 0 && s->work <= SLICE_WORK_MAX) {
            struct slice_item item = s->queue[--s->queue_count];
            s->functions[item.function].nodes[item.node].queued = false;
            keep_follow(s, item.function, item.node);
        }
        for (uint32_t f = 0; f < s->count; f++) keep_conditions(s, f);
    } while (s->queue_count > 0 && s->work <= SLICE_WORK_MAX);
    return s->work <= SLICE_WORK_MAX;
}

void slice_free(struct slice *s)
{
    for (uint32_t f = 0; f < s->count; f++) {
        free(s->functions[f].nodes);
        free(s->functions[f].nexts);
        free(s->functions[f].befores);
        free(s->functions[f].parameters);
        free(s->functions[f].sites);
    }
    free(s->functions);
    free(s->queue);
    free(s->memories);
    free(s->reads);
    free(s->sources);
    free(s->seen);
    free(s->stack);
}

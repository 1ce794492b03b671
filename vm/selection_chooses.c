/* vm/selection_chooses.c - Does a strategy choose agents at all? All functions that it may run are looked at: those
 * that it calls, its handlers, and those of strategies to which it switches or which it books. */
#include <stdlib.h>

#include "vm/memory.h"
#include "vm/selection_slice.h"

struct choosing { /* what may run; a function is marked before its instructions are looked at */
    const struct slice *slice;
    bool *functions, *strategies;
    bool more;
};

static void choosing_run(struct choosing *c, uint32_t function)
{
    if (function >= c->slice->count || c->functions[function]) return; /* IMAGE_NONE is no function */
    c->functions[function] = c->more = true;
}

static void choosing_begin(struct choosing *c, uint32_t strategy)
{
    const struct image *image = c->slice->image;
    if (c->strategies[strategy]) return;
    c->strategies[strategy] = true;
    choosing_run(c, image->strategies[strategy].function);
    choosing_run(c, image->strategies[strategy].on_abandoned);
    choosing_run(c, image->strategies[strategy].on_error);
    for (uint32_t i = 0; i < image->count[SECTION_HANDLERS]; i++)
        if (image->handlers[i].strategy == strategy) choosing_run(c, image->handlers[i].function);
}

/* Begins the strategies whose numbers the step has; a number that is computed may be any. */
static void choosing_switch(struct choosing *c, const struct image_wait *wait)
{
    const struct image *image = c->slice->image;
    for (uint32_t i = 0; i < wait->arguments; i++) {
        const struct image_operand *row = &image->operands[wait->operands + i];
        if (slice_role(wait, row->parameter) != SLICE_STRATEGY) continue;
        bool constant = (row->operand & OPERAND_CONSTANT) != 0;
        uint64_t number = constant ? image->constants[row->operand & ~(uint32_t)OPERAND_CONSTANT].word : 0;
        for (uint32_t n = 0; n < image->count[SECTION_STRATEGIES]; n++)
            if (!constant || number == n) choosing_begin(c, n);
    }
}

static bool type_is_somebody(uint16_t type)
{
    uint16_t base = type_base(type);
    return base == TYPE_TARGET || base == TYPE_AGENT || base == TYPE_GROUP || base == TYPE_PLACE;
}

static bool wait_names_somebody(const struct image *image, const struct image_wait *wait)
{
    for (uint32_t i = 0; i < wait->arguments; i++) {
        uint16_t operand = image->operands[wait->operands + i].operand;
        uint16_t type = operand & OPERAND_CONSTANT ? image->constants[operand & ~(uint32_t)OPERAND_CONSTANT].type
                                                   : image_register(image, wait->function, (uint8_t)operand);
        if (type_is_somebody(type)) return true;
    }
    return false;
}

/* Looks at one instruction: marks what it runs; true: it may choose an agent. */
static bool node_chooses(struct choosing *c, uint32_t f, uint32_t node)
{
    const struct slice *s = c->slice;
    struct instruction i = slice_instruction(s, f, node);
    const struct image_wait *wait = slice_wait(s, f, node);
    if (i.op == OP_CALL) choosing_run(c, i.operand[1] | i.operand[2] << 8);
    if (!wait) return false;
    choosing_run(c, wait->callee);
    choosing_run(c, wait->busy);
    for (uint32_t n = 0; n < wait->line_count; n++) choosing_run(c, s->image->lines[wait->lines + n].function);
    if (wait->flags & WAIT_CALL) return false;
    choosing_switch(c, wait);
    enum slice_class class = slice_class(s, wait);
    return class == SLICE_SELECTS || (class == SLICE_PASSES && wait_names_somebody(s->image, wait));
}

bool slice_chooses(const struct slice *s, uint32_t strategy)
{
    struct choosing c = {.slice = s,
                         .functions = memory_new((s->count + 1) * sizeof *c.functions),
                         .strategies = memory_new((s->image->count[SECTION_STRATEGIES] + 1) * sizeof *c.strategies)};
    bool *looked = memory_new((s->count + 1) * sizeof *looked), chooses = false;
    choosing_begin(&c, strategy);
    while (c.more && !chooses) {
        c.more = false;
        for (uint32_t f = 0; f < s->count; f++) {
            if (!c.functions[f] || looked[f]) continue;
            looked[f] = true;
            for (uint32_t n = 0; n < s->functions[f].count && !chooses; n++)
                chooses = s->functions[f].nodes[n].reached && node_chooses(&c, f, n);
        }
    }
    free(c.functions);
    free(c.strategies);
    free(looked);
    return chooses;
}

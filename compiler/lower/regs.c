/* compiler/lower/regs.c - Allocates registers: liveness over the basic blocks, then a linear scan over intervals
 * (Poletto and Sarkar 1999), with runs for registers that must be neighbours.
 *
 *     let tier = ivr.digits(...) else "";     0  STEP       r0 ivr.digits(...) else 2
 *                                             2  LOAD       r0 ""
 *     if tier == "1" and ani != "" { ... }    3  JNE_K      r0 "1" -> 11
 *                                             5  ATTRIBUTE  r0 ani       r0 again: a text, and tier is read no more
 *
 * An interval reaches from the first instruction at which a value may be in the register to the last one, gaps
 * included. Units are placed in the order in which they begin, each at the lowest free registers of its types.
 *
 * Why there are runs: CALL, CONCAT, LIST and others take any number of registers from the first one on, so that an
 * instruction fits into one word. The registers of a run are placed together and are reserved together, from the
 * first value to the call:
 *
 *     instruction  10    11    12    13 CALL r4 (2 arguments)
 *     argument 1   [-----------------]          frame r4
 *     argument 2         [-----------]          frame r5
 *
 * A frame's register keeps one type for the whole function, so the VM's verifier and its debugger can read a frame
 * without knowing the current instruction. A function that needs more than REGS_MAX registers is refused and
 * reported as too large; no register is spilled, as there is no memory other than the frame. */
#include "compiler/lower/regs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lower/ir.h"

struct block {
    uint32_t first, end;             /* instructions [first, end) */
    uint64_t *in, *out, *used, *set; /* sets of global registers, a bit each: those live at the begin, live at the end,
                                      * read before they are set, and set */
};

/* Registers that are placed together: a single register, or a run. */
struct unit {
    uint32_t begin, end; /* the first and the last instruction at which the unit's registers are in use */
    uint32_t *registers;
    uint32_t count;
};

struct allocation {
    struct arena *arena; /* the arena for memory that is needed until the function is done */
    struct ir_function *function;
    uint32_t *global;  /* for each register: its bit in the blocks' sets; IR_NONE: only one block uses it */
    uint32_t *globals; /* the registers in the order of their bits */
    uint32_t global_count;
    uint32_t *set_in; /* for each register: the block that set it last, plus 1 */
    uint32_t number;  /* the number of the block being visited */
    struct block *blocks;
    uint32_t block_count, words;
    uint32_t *label_block;
    uint32_t *begin, *end; /* for each register its interval; IR_NONE: it is never used */
    uint32_t at;           /* the instruction looked at */
    struct block *block;
    uint32_t *busy_until; /* for each register of the frame */
};

static bool bits_have(const uint64_t *bits, uint32_t bit)
{
    return bits[bit / 64] >> (bit % 64) & 1;
}

static void bits_put(uint64_t *bits, uint32_t bit)
{
    bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static bool ends_block(const struct ir_instruction *instruction)
{
    return instruction->op != I_LABEL &&
           (instruction->label != IR_NONE || instruction->arm_count || instruction->wait || !ir_falls(instruction));
}

/* A block begins at the first instruction, at a label, and after an instruction that may jump. */
static void make_blocks(struct allocation *a)
{
    const struct ir_function *function = a->function;
    a->blocks = ARENA_ARRAY(a->arena, struct block, function->count + 1);
    a->label_block = ARENA_ARRAY(a->arena, uint32_t, function->labels + 1);
    struct block *block = NULL;
    for (uint32_t i = 0; i < function->count; i++) {
        const struct ir_instruction *instruction = &function->code[i];
        bool label = instruction->op == I_LABEL;
        assert(!label || instruction->label < function->labels);
        if (!block || label) {
            block = &a->blocks[a->block_count++];
            *block = (struct block){.first = i, .end = i};
        }
        if (label) a->label_block[instruction->label] = a->block_count - 1;
        block->end = i + 1;
        if (ends_block(instruction)) block = NULL;
    }
}

static void note_global(uint32_t reg, bool write, void *context)
{
    struct allocation *a = context;
    assert(reg < a->function->register_count);
    if (write) {
        a->set_in[reg] = a->number + 1;
    } else if (a->set_in[reg] != a->number + 1 && a->global[reg] == IR_NONE) {
        a->global[reg] = a->global_count;
        a->globals[a->global_count++] = reg;
    }
}

/* Most registers are set and read within one block: only the remaining ones have bits. */
static void find_globals(struct allocation *a)
{
    const struct ir_function *function = a->function;
    a->global = ARENA_ARRAY(a->arena, uint32_t, function->register_count + 1);
    a->globals = ARENA_ARRAY(a->arena, uint32_t, function->register_count + 1);
    a->set_in = ARENA_ARRAY(a->arena, uint32_t, function->register_count + 1);
    memset(a->global, 0xff, (function->register_count + 1) * sizeof *a->global);
    for (a->number = 0; a->number < a->block_count; a->number++) {
        const struct block *block = &a->blocks[a->number];
        for (uint32_t i = block->first; i < block->end; i++) ir_uses(&function->code[i], note_global, a);
    }
    a->words = (a->global_count + 63) / 64;
    for (uint32_t b = 0; b < a->block_count; b++) {
        a->blocks[b].in = ARENA_ARRAY(a->arena, uint64_t, a->words);
        a->blocks[b].out = ARENA_ARRAY(a->arena, uint64_t, a->words);
        a->blocks[b].used = ARENA_ARRAY(a->arena, uint64_t, a->words);
        a->blocks[b].set = ARENA_ARRAY(a->arena, uint64_t, a->words);
    }
}

static void regs_note_use(uint32_t reg, bool write, void *context)
{
    struct allocation *a = context;
    assert(reg < a->function->register_count);
    uint32_t bit = a->global[reg];
    if (bit == IR_NONE) return;
    assert(bit < a->global_count);
    if (write)
        bits_put(a->block->set, bit);
    else if (!bits_have(a->block->set, bit))
        bits_put(a->block->used, bit);
}

/* Adds the registers that are live at the beginning of block `to` to those that are live at the end of `block`. */
static bool flow_back(struct allocation *a, struct block *block, uint32_t to)
{
    bool changed = false;
    for (uint32_t w = 0; w < a->words; w++) {
        uint64_t out = block->out[w] | a->blocks[to].in[w];
        changed |= out != block->out[w];
        block->out[w] = out;
    }
    return changed;
}

static void live_out(struct allocation *a, uint32_t b)
{
    struct block *block = &a->blocks[b];
    const struct ir_instruction *last = &a->function->code[block->end - 1];
    uint32_t few[8], *labels = few, count = ir_targets(last, few, 8);
    if (count > 8) {
        labels = ARENA_ARRAY(a->arena, uint32_t, count);
        ir_targets(last, labels, count);
    }
    for (uint32_t i = 0; i < count; i++) flow_back(a, block, a->label_block[labels[i]]);
    if (ir_falls(last) && b + 1 < a->block_count) flow_back(a, block, b + 1);
}

/* Finds the registers that are live at each block's beginning: those that the block reads before it sets them, and
 * those that are live at its end and not set in the block. The blocks are visited backwards, as most jumps lead
 * forward: so a few rounds are enough. */
static void find_live(struct allocation *a)
{
    for (uint32_t b = 0; b < a->block_count; b++) {
        a->block = &a->blocks[b];
        for (uint32_t i = a->block->first; i < a->block->end; i++) ir_uses(&a->function->code[i], regs_note_use, a);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t b = a->block_count; b-- > 0;) {
            struct block *block = &a->blocks[b];
            live_out(a, b);
            for (uint32_t w = 0; w < a->words; w++) {
                uint64_t in = block->used[w] | (block->out[w] & ~block->set[w]);
                changed |= in != block->in[w];
                block->in[w] = in;
            }
        }
    }
}

static void regs_extend(struct allocation *a, uint32_t reg, uint32_t at)
{
    if (a->begin[reg] == IR_NONE || at < a->begin[reg]) a->begin[reg] = at;
    if (a->end[reg] == IR_NONE || at > a->end[reg]) a->end[reg] = at;
}

static void note_place(uint32_t reg, bool write, void *context)
{
    struct allocation *a = context;
    regs_extend(a, reg, a->at);
    if (write) regs_extend(a, reg, a->at + 1); /* two registers written by one instruction must not share a place */
}

/* Makes one interval per register from the liveness of the blocks. Gaps in an interval are not used: the frame would
 * be a little smaller, but the allocation no longer a simple scan. */
static void find_intervals(struct allocation *a)
{
    uint32_t count = a->function->register_count;
    a->begin = ARENA_ARRAY(a->arena, uint32_t, count + 1);
    a->end = ARENA_ARRAY(a->arena, uint32_t, count + 1);
    memset(a->begin, 0xff, count * sizeof *a->begin);
    memset(a->end, 0xff, count * sizeof *a->end);
    for (uint32_t b = 0; b < a->block_count; b++) {
        const struct block *block = &a->blocks[b];
        for (uint32_t bit = 0; bit < a->global_count; bit++) {
            if (!((block->in[bit / 64] | block->out[bit / 64]) >> (bit % 64))) {
                bit |= 63; /* skip the rest of this word, which has no more bits */
                continue;
            }
            if (bits_have(block->in, bit)) regs_extend(a, a->globals[bit], block->first);
            if (bits_have(block->out, bit))
                regs_extend(a, a->globals[bit], block->end); /* the value is still needed after the block */
        }
        for (a->at = block->first; a->at < block->end; a->at++) ir_uses(&a->function->code[a->at], note_place, a);
    }
}

/* Notes the registers that are live after each wait, however the wait ends. A wait is the last instruction of its
 * block. */
static void note_live(struct allocation *a, struct arena *arena)
{
    const struct ir_function *function = a->function;
    bool *seen = ARENA_ARRAY(a->arena, bool, function->frame_count + 1);
    for (uint32_t b = 0; b < a->block_count; b++) {
        const struct ir_instruction *last = &function->code[a->blocks[b].end - 1];
        struct ir_wait *wait = last->wait;
        if (!wait) continue;
        uint32_t count = 0;
        memset(seen, 0, function->frame_count);
        for (uint32_t bit = 0; bit < a->global_count; bit++) {
            uint32_t reg = a->globals[bit], frame = function->registers[reg].frame;
            if (!bits_have(a->blocks[b].out, bit) || reg == last->operand[0] || reg == wait->error || frame == IR_NONE)
                continue;
            count += !seen[frame];
            seen[frame] = true;
        }
        wait->live = ARENA_ARRAY(arena, uint32_t, count);
        for (uint32_t frame = 0; frame < function->frame_count; frame++)
            if (seen[frame]) wait->live[wait->live_count++] = frame;
    }
}

static int by_begin(const void *left, const void *right)
{
    const struct unit *a = left, *b = right;
    if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
    return a->registers[0] < b->registers[0] ? -1 : a->registers[0] > b->registers[0];
}

/* Gives the unit a run of free registers of the frame with its types; where there is none, the frame grows. */
static bool place_unit(struct allocation *a, const struct unit *unit)
{
    assert(unit->count && unit->begin <= unit->end);
    struct ir_function *function = a->function;
    for (uint32_t first = 0; first + unit->count <= REGS_MAX; first++) {
        bool good = true;
        for (uint32_t i = 0; good && i < unit->count; i++) {
            uint32_t frame = first + i;
            if (frame >= function->frame_count) break;
            uint32_t type = function->registers[unit->registers[i]].type;
            good = function->frame[frame] == type &&
                   (a->busy_until[frame] == IR_NONE || a->busy_until[frame] <= unit->begin);
        }
        if (!good) continue;
        for (uint32_t i = 0; i < unit->count; i++) {
            uint32_t frame = first + i;
            if (frame >= function->frame_count) {
                function->frame[frame] = function->registers[unit->registers[i]].type;
                function->frame_count = frame + 1;
            }
            a->busy_until[frame] = unit->end;
            function->registers[unit->registers[i]].frame = frame;
        }
        return true;
    }
    return false;
}

/* Makes the units: runs first, then each register that is in no run. The interval of a run reaches from the first of
 * its values to the last. */
static uint32_t make_units(struct allocation *a, struct unit *units)
{
    struct ir_function *function = a->function;
    bool *taken = ARENA_ARRAY(a->arena, bool, function->register_count + 1);
    uint32_t *alone = ARENA_ARRAY(a->arena, uint32_t, function->register_count + 1), count = 0;
    for (uint32_t i = 0; i < function->count; i++) {
        struct ir_instruction *instruction = &function->code[i];
        if (!instruction->argument_count) continue;
        struct unit *unit = &units[count++];
        *unit = (struct unit){
            .begin = i, .end = i, .registers = instruction->arguments, .count = instruction->argument_count};
        for (uint32_t j = 0; j < unit->count; j++) {
            uint32_t reg = unit->registers[j];
            assert(reg < function->register_count);
            taken[reg] = true;
            if (a->begin[reg] < unit->begin) unit->begin = a->begin[reg];
            if (a->end[reg] != IR_NONE && a->end[reg] > unit->end) unit->end = a->end[reg];
        }
    }
    for (uint32_t reg = function->parameters; reg < function->register_count; reg++) {
        if (taken[reg] || a->begin[reg] == IR_NONE) continue;
        alone[reg] = reg;
        units[count++] =
            (struct unit){.begin = a->begin[reg], .end = a->end[reg], .registers = &alone[reg], .count = 1};
    }
    return count;
}

bool regs_allocate(struct arena *arena, struct arena *scratch, struct ir_function *function)
{
    assert(function->count <= REGS_INSTRUCTIONS_MAX && function->parameters <= function->register_count);
    struct allocation a = {.arena = scratch, .function = function};
    make_blocks(&a);
    find_globals(&a);
    find_live(&a);
    find_intervals(&a);
    function->frame = ARENA_ARRAY(scratch, uint32_t, REGS_MAX + 1);
    a.busy_until = ARENA_ARRAY(scratch, uint32_t, REGS_MAX + 1);
    memset(a.busy_until, 0xff, (REGS_MAX + 1) * sizeof *a.busy_until);
    if (function->parameters > REGS_MAX) return false;
    for (uint32_t i = 0; i < function->parameters; i++) {
        function->registers[i].frame = i;
        function->frame[i] = function->registers[i].type;
        a.busy_until[i] = a.end[i] == IR_NONE ? 0 : a.end[i];
    }
    function->frame_count = function->parameters;
    struct unit *units = ARENA_ARRAY(scratch, struct unit, function->register_count + function->count + 1);
    uint32_t count = make_units(&a, units);
    qsort(units, count, sizeof *units, by_begin);
    for (uint32_t i = 0; i < count; i++)
        if (!place_unit(&a, &units[i])) return false;
    note_live(&a, arena);
    size_t size = function->frame_count * sizeof *function->frame;
    function->frame = arena_grow(arena, function->frame, size, size);
    return true;
}

/* vm/selection.c - Compares the slices of two images (selection_slice.h): those of their instructions that reach a
 * selection.
 *
 *     old:  LOAD r3 "gold"           new:  LOAD r5 "gold"          a pair: the same constant
 *           -                              STEP ivr.say(...)       in no slice
 *           STEP select(vq: r3)            STEP select(vq: r5)     a pair: its vq comes from the pair above
 *
 * Two functions are walked at the same time, from one kept instruction to the next one; each of the old function must
 * find always the same partner. So numbers of registers, rows and functions do not count, nor does the order in which
 * they are laid out. Then the sources of what each pair reads must be pairs themselves. */
#include "vm/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"
#include "vm/selection_slice.h"

struct couple { /* two functions, strategies or instructions that must be the same */
    uint32_t old, new;
};
struct couples {
    struct couple *rows;
    uint32_t count, room;
};

struct selecting {
    struct slice old, new;
    struct couples functions, strategies;
    struct couples nodes;   /* of the functions that are being compared */
    uint32_t *forth, *back; /* by instruction: its partner + 1; 0: none yet */
    struct couple at;       /* the functions that are being compared */
    struct selection_difference *difference;
    bool differs;
    bool vague; /* the difference is only where the ways of both part, perhaps long before its cause */
};

static void couple_add(struct couples *couples, uint32_t old, uint32_t new)
{
    if (couples->count == couples->room) {
        couples->room = 2 * couples->room + 16;
        couples->rows = memory_resize(couples->rows, couples->room * sizeof *couples->rows);
    }
    couples->rows[couples->count++] = (struct couple){old, new};
}

static void couple_add_once(struct couples *couples, uint32_t old, uint32_t new)
{
    for (uint32_t i = 0; i < couples->count; i++)
        if (couples->rows[i].old == old && couples->rows[i].new == new) return;
    couple_add(couples, old, new);
}

/* ---- telling ---- */

static const char *selecting_node_words(const struct slice *s, uint32_t f, uint32_t node)
{
    if (node == s->functions[f].count) return "the end";
    const struct image_wait *wait = slice_wait(s, f, node);
    struct instruction i = slice_instruction(s, f, node);
    if (wait && !(wait->flags & WAIT_CALL)) return step_numbered(wait->step)->name;
    if (wait || i.op == OP_CALL) return "a call";
    if (i.op == OP_ATTRIBUTE_SET) return attribute_numbered(i.operand[1])->name;
    if (i.op == OP_FAIL) return "a failure";
    if (i.op == OP_EXIT) return "leaving the wait";
    if (i.op == OP_RETURN) return "a result";
    if (i.op == OP_SLOT_SET || i.op == OP_SLOT_CLEAR || i.op == OP_DATA_SET) return "an attached key";
    return s->functions[f].nodes[node].nexts > 1 ? "a condition" : "a value";
}

static bool node_place(const struct slice *s, uint32_t f, uint32_t node, struct image_place *place)
{
    const struct slice_function *function = &s->functions[f];
    uint32_t pc = node == function->count ? function->nodes[function->count - 1].pc : function->nodes[node].pc;
    return image_place(s->image, f, pc, place);
}

/* Tells the first difference; later ones may only follow from it. */
static void tell_nodes(struct selecting *c, uint32_t a, uint32_t b, const char *why)
{
    struct selection_difference *difference = c->difference;
    if (c->differs) return;
    c->differs = true;
    c->vague = !why;
    const char *old = selecting_node_words(&c->old, c->at.old, a), *new = selecting_node_words(&c->new, c->at.new, b);
    if (why)
        snprintf(difference->reason, sizeof difference->reason, "%s: %s", new, why);
    else
        snprintf(difference->reason, sizeof difference->reason, "the way to a selection has %s, and had %s", new, old);
    difference->old_known = node_place(&c->old, c->at.old, a, &difference->old);
    difference->new_known = node_place(&c->new, c->at.new, b, &difference->new);
}

static void tell_strategy(struct selecting *c, uint32_t a, uint32_t b, const char *why)
{
    if (c->differs) return;
    c->differs = true;
    snprintf(c->difference->reason, sizeof c->difference->reason, "%s", why);
    uint32_t old = c->old.image->strategies[a].function, new = c->new.image->strategies[b].function;
    c->difference->old_known = image_place(c->old.image, old, 0, &c->difference->old);
    c->difference->new_known = image_place(c->new.image, new, 0, &c->difference->new);
}

/* ---- instructions ---- */

static const struct image_slot *node_slot(const struct slice *s, uint32_t f, uint32_t slot)
{
    uint16_t owner = s->image->functions[f].strategy;
    return image_slot(s->image, &s->image->strategies[owner == IMAGE_NONE ? 0 : owner], slot);
}

static bool slots_same(const struct selecting *c, uint32_t a, uint32_t b)
{
    const struct image *old = c->old.image, *new = c->new.image;
    const struct image_slot *x = node_slot(&c->old, c->at.old, a), *y = node_slot(&c->new, c->at.new, b);
    if (!slice_same_text(old, x->name, new, y->name) || !slice_same_type(old, x->type, new, y->type, true) ||
        x->parameter != y->parameter || (x->constant == 0) != (y->constant == 0))
        return false;
    return x->constant == 0 ||
           slice_same_constant(old, x->constant - 1u, SLICE_WHOLE, new, y->constant - 1u, SLICE_WHOLE);
}

static bool fields_same(const struct selecting *c, const struct instruction *x, const struct instruction *y)
{
    const struct image *old = c->old.image, *new = c->new.image;
    uint16_t type = image_register(old, c->at.old, (uint8_t)x->operand[1]);
    uint16_t there = image_register(new, c->at.new, (uint8_t)y->operand[1]);
    const struct image_type *row = image_type(old, type), *row_there = image_type(new, there);
    if (!row || !row_there) return !row && !row_there && type == there && x->operand[2] == y->operand[2];
    return slice_same_text(old, old->fields[row->first + x->operand[2]].name, new,
                           new->fields[row_there->first + y->operand[2]].name);
}

static bool latches_same(struct selecting *c, uint32_t a, uint32_t b)
{
    const struct image_latch *x = image_latch(c->old.image, a), *y = image_latch(c->new.image, b);
    couple_add_once(&c->functions, x->function, y->function);
    return slice_same_text(c->old.image, x->name, c->new.image, y->name) && x->ticks == y->ticks;
}

/* The targets in the tables lead to the same instructions if the ways of both do (selecting_walk_on). */
static bool segments_same(const struct selecting *c, uint32_t a, uint32_t b)
{
    uint32_t words, there;
    const uint32_t *x = slice_table(c->old.image, a, &words), *y = slice_table(c->new.image, b, &there);
    if (words != there || x[0] != y[0]) return false;
    for (uint32_t i = 2; i < words; i++) {
        bool target = slice_table_target(x, i);
        if (target != slice_table_target(y, i)) return false;
        bool whole = target && (i == 3 || x[0] == TABLE_RANGES);
        if (!whole && (target ? x[i] >> 16 != y[i] >> 16 : x[i] != y[i])) return false;
    }
    return true;
}

/* Are both the numbers of strategies of one name? These are compared, too. Other numbers are compared as they are: -1
 * stands for none. */
static bool strategy_numbers_same(struct selecting *c, int64_t a, int64_t b)
{
    const struct image *old = c->old.image, *new = c->new.image;
    bool is = a >= 0 && a < old->count[SECTION_STRATEGIES], is_there = b >= 0 && b < new->count[SECTION_STRATEGIES];
    if (!is || !is_there) return is == is_there && a == b;
    couple_add_once(&c->strategies, (uint32_t)a, (uint32_t)b);
    return slice_same_text(old, old->strategies[a].name, new, new->strategies[b].name);
}

/* Compares what two instructions load, by what is wanted of it. */
static bool loads_same(struct selecting *c, uint32_t a, uint32_t b, const struct instruction *x,
                       const struct instruction *y)
{
    uint64_t wanted = c->old.functions[c->at.old].nodes[a].wanted;
    uint64_t wanted_there = c->new.functions[c->at.new].nodes[b].wanted;
    bool strategies = (wanted & SLICE_STRATEGY_NUMBER) != 0;
    if (strategies != ((wanted_there & SLICE_STRATEGY_NUMBER) != 0)) return false;
    if (x->op == OP_LOAD_INT)
        return strategies ? strategy_numbers_same(c, word_sbc(x->word), word_sbc(y->word))
                          : x->operand[1] == y->operand[1];
    if (!strategies)
        return slice_same_constant(c->old.image, x->operand[1], wanted, c->new.image, y->operand[1], wanted_there);
    return strategy_numbers_same(c, (int64_t)c->old.image->constants[x->operand[1]].word,
                                 (int64_t)c->new.image->constants[y->operand[1]].word);
}

/* Compares an operand that is a number. */
static bool numbers_same(struct selecting *c, const struct instruction *x, const struct instruction *y, unsigned n)
{
    const struct image *old = c->old.image, *new = c->new.image;
    uint32_t i = x->operand[n], j = y->operand[n];
    switch (x->info->operand[n].what) {
    case NUMBER_CONSTANT:
        return slice_same_constant(old, i, SLICE_WHOLE, new, j, SLICE_WHOLE);
    case NUMBER_COUNT: /* the list of reads is as long as what is wanted */
        return true;
    case NUMBER_FIELD:
        return fields_same(c, x, y);
    case NUMBER_SLOT:
        return slots_same(c, i, j);
    case NUMBER_WAIT: /* waits_differ() compares it */
        return true;
    case NUMBER_TABLE:
        return x->op == OP_SEGMENT ? segments_same(c, i, j) : slice_same_zone(old, i, new, j);
    case NUMBER_SETTING:
        return slice_same_setting(old, i, new, j);
    case NUMBER_MEASURE:
        return slice_same_measure(old, i, new, j);
    case NUMBER_LATCH:
        return latches_same(c, i, j);
    default: /* NUMBER_LITERAL, NUMBER_ATTRIBUTE, NUMBER_EXIT */
        return i == j;
    }
}

/* Compares the calls of two functions, or of two natives; their numbers are rows. */
static bool calls_same(struct selecting *c, const struct instruction *x, const struct instruction *y)
{
    uint32_t i = x->operand[1] | x->operand[2] << 8, j = y->operand[1] | y->operand[2] << 8;
    if (x->op == OP_NATIVE) return slice_same_native(c->old.image, i, c->new.image, j);
    couple_add_once(&c->functions, i, j);
    return true;
}

/* Compares the types of the registers; of records only that they are records: their fields are compared where they
 * are wanted. */
static bool registers_same(const struct selecting *c, const struct instruction *x, const struct instruction *y)
{
    const struct image *old = c->old.image, *new = c->new.image;
    for (unsigned n = 0; n < 3; n++) {
        unsigned role = x->info->operand[n].role;
        if ((role != ROLE_READ && role != ROLE_WRITE) || x->operand[n] == REGISTER_NONE) continue;
        if (n == 0 && (instruction_has_no_result(x) || instruction_has_no_result(y))) continue;
        bool run = x->info->operand[2].role == ROLE_NUMBER && x->info->operand[2].what == NUMBER_COUNT;
        if (n > 0 && run) continue; /* a run, perhaps an empty one */
        uint16_t type = image_register(old, c->at.old, (uint8_t)x->operand[n]);
        uint16_t there = image_register(new, c->at.new, (uint8_t)y->operand[n]);
        if (!slice_same_type(old, type, new, there, false)) return false;
    }
    return true;
}

static bool named_same(const struct selecting *c, const struct instruction *x)
{
    if (x->op != OP_NAMED) return true;
    uint16_t kind = type_base(image_register(c->old.image, c->at.old, (uint8_t)x->operand[0]));
    return slice_same_names(c->old.image, c->new.image, kind);
}

/* ---- wait points ---- */

/* Compares the lines of two selections, or the children of two races. */
static bool lines_same(struct selecting *c, const struct image_wait *x, const struct image_wait *y)
{
    if (x->line_count != y->line_count) return false;
    for (uint32_t i = 0; i < x->line_count; i++) {
        const struct image_line *old = &c->old.image->lines[x->lines + i], *new = &c->new.image->lines[y->lines + i];
        if (old->kind != new->kind || (old->function == IMAGE_NONE) != (new->function == IMAGE_NONE)) return false;
        bool target = old->kind == LINE_TARGET || old->kind == LINE_IN;
        if (target ? !slice_same_type(c->old.image, old->type, c->new.image, new->type, true) : old->type != new->type)
            return false;
        if (!target && old->function != IMAGE_NONE) couple_add_once(&c->functions, old->function, new->function);
    }
    return true;
}

/* A busy block matters where it acts: where it may leave the wait, or does something for a selection. */
static bool busy_same(struct selecting *c, const struct image_wait *x, const struct image_wait *y)
{
    if (x->busy != IMAGE_NONE && y->busy != IMAGE_NONE) {
        couple_add_once(&c->functions, x->busy, y->busy);
        return true;
    }
    return !(x->busy != IMAGE_NONE && c->old.functions[x->busy].acts) &&
           !(y->busy != IMAGE_NONE && c->new.functions[y->busy].acts);
}

/* Compares two wait points, all but what they read; returns how they differ, or NULL. */
static const char *waits_differ(struct selecting *c, const struct image_wait *x, const struct image_wait *y)
{
    if (x->step != y->step) return "another step";
    if ((x->failure == IMAGE_NONE) != (y->failure == IMAGE_NONE)) return "its failure is caught otherwise";
    if (x->exits != y->exits) return "it is left in other ways";
    if (x->flags & WAIT_CALL) {
        couple_add_once(&c->functions, x->callee, y->callee);
        return NULL;
    }
    if (!busy_same(c, x, y)) return "something else is done while it waits";
    enum slice_class class = slice_class(&c->old, x);
    if (class == SLICE_SAYS || class == SLICE_HALTS) return NULL;
    if (x->order != y->order) return "another order of candidates";
    if ((x->statement == IMAGE_NONE) != (y->statement == IMAGE_NONE)) return "another statement";
    if (x->statement != IMAGE_NONE && !slice_same_statement(c->old.image, x->statement, c->new.image, y->statement))
        return "another statement";
    if (!lines_same(c, x, y)) return "other lines";
    return NULL;
}

/* ---- what is read ---- */

/* Says which part of an instruction has that tag (selection_reads.c). */
static const char *selecting_read_words(const struct image_wait *wait, uint32_t tag)
{
    static const char *const times[] = {"timeout", "number of tries", "pause between tries", "limit of the answer"};
    static const char *const parts[] = {"time of a line", "target", "share of a line"};
    if (!wait || wait->flags & WAIT_CALL) return "value";
    if (tag >> 16 == 1) return times[tag & 3];
    if (tag >> 16 == 3) return "value that it passes on";
    if (tag >> 16) return (tag & 0xffff) < 3 ? parts[tag & 0xffff] : "value of a condition";
    const struct step *step = step_numbered(wait->step);
    for (uint32_t i = 0; i < step->parameter_count; i++)
        if (step->parameters[i].number == tag) return step->parameters[i].name;
    return "value";
}

static const char *reads_same_why(char *text, size_t size, const struct image_wait *wait, uint32_t tag)
{
    snprintf(text, size, "another %s", selecting_read_words(wait, tag));
    return text;
}

static bool operands_same(struct selecting *c, const struct slice_read *x, const struct slice_read *y)
{
    const struct image *old = c->old.image, *new = c->new.image;
    if (x->tag != y->tag) return false;
    if (x->operand == OPERAND_NONE || y->operand == OPERAND_NONE) return x->operand == y->operand;
    if ((x->operand & OPERAND_CONSTANT) != (y->operand & OPERAND_CONSTANT)) return false;
    if (x->operand & OPERAND_CONSTANT) {
        uint32_t i = x->operand & ~(uint32_t)OPERAND_CONSTANT, j = y->operand & ~(uint32_t)OPERAND_CONSTANT;
        return x->wanted & SLICE_STRATEGY_NUMBER
                   ? strategy_numbers_same(c, (int64_t)old->constants[i].word, (int64_t) new->constants[j].word)
                   : slice_same_constant(old, i, SLICE_WHOLE, new, j, SLICE_WHOLE);
    }
    uint16_t type = image_register(old, c->at.old, (uint8_t)x->operand);
    uint16_t there = image_register(new, c->at.new, (uint8_t)y->operand);
    return slice_same_type(old, type, new, there, (x->wanted & SLICE_WHOLE) != 0);
}

/* Compares what both instructions read, but for where it comes from. */
static bool reads_same(struct selecting *c, uint32_t a, uint32_t b, char *why, size_t size)
{
    const struct image_wait *x = slice_wait(&c->old, c->at.old, a);
    slice_reads(&c->old, c->at.old, a);
    slice_reads(&c->new, c->at.new, b);
    uint32_t count = c->old.read_count < c->new.read_count ? c->old.read_count : c->new.read_count;
    for (uint32_t i = 0; i < count; i++) {
        struct slice_read *old = &c->old.reads[i], *new = &c->new.reads[i];
        if (operands_same(c, old, new)) continue;
        reads_same_why(why, size, x, old->tag < new->tag ? old->tag : new->tag);
        return false;
    }
    if (c->old.read_count == c->new.read_count) return true;
    const struct slice *longer = c->old.read_count > count ? &c->old : &c->new;
    reads_same_why(why, size, x, longer->reads[count].tag);
    return false;
}

/* Compares two instructions that do the same, by what they are; returns how they differ, or NULL. */
static const char *instructions_differ(struct selecting *c, uint32_t a, uint32_t b, const struct instruction *x,
                                       const struct instruction *y)
{
    const struct image_wait *wait = slice_wait(&c->old, c->at.old, a);
    const char *why = wait ? waits_differ(c, wait, slice_wait(&c->new, c->at.new, b)) : NULL;
    bool calls = x->op == OP_CALL || x->op == OP_NATIVE;
    if (why) return why;
    if (calls && !calls_same(c, x, y)) return "another function";
    bool loads = x->op == OP_LOAD || x->op == OP_LOAD_INT;
    if (loads && !loads_same(c, a, b, x, y)) return "another one";
    for (unsigned n = 0; n < 3 && !calls && !loads; n++)
        if (x->info->operand[n].role == ROLE_NUMBER && !numbers_same(c, x, y, n)) return "another one";
    if (x->info->layout == LAYOUT_ABCDX && !slice_same_zone(c->old.image, x->zone, c->new.image, y->zone))
        return "another time zone";
    if (!registers_same(c, x, y)) return "of another type";
    return named_same(c, x) ? NULL : "it is looked for among other names of the site";
}

/* Compares two instructions; tells how they differ. */
static bool nodes_same(struct selecting *c, uint32_t a, uint32_t b)
{
    const struct slice_function *old = &c->old.functions[c->at.old], *new = &c->new.functions[c->at.new];
    char text[100];
    if (a == old->count && b == new->count) return true;
    bool same = a != old->count && b != new->count;
    const char *why = NULL;
    if (same) {
        struct instruction x = slice_instruction(&c->old, c->at.old, a);
        struct instruction y = slice_instruction(&c->new, c->at.new, b);
        const struct image_wait *wait = slice_wait(&c->old, c->at.old, a);
        same = x.op == y.op && (!wait || wait->step == slice_wait(&c->new, c->at.new, b)->step);
        if (same) why = instructions_differ(c, a, b, &x, &y);
        if (same && !why && !reads_same(c, a, b, text, sizeof text)) why = text;
        if (same && !why && old->nodes[a].nexts != new->nodes[b].nexts) why = "it goes on in other ways";
    }
    if (same && !why) return true;
    tell_nodes(c, a, b, why);
    return false;
}

/* ---- functions ---- */

/* Pairs two instructions; false: one of them has another partner. */
static bool pair_nodes(struct selecting *c, uint32_t a, uint32_t b)
{
    if (c->forth[a] == b + 1 && c->back[b] == a + 1) return true;
    if (c->forth[a] || c->back[b]) {
        tell_nodes(c, a, b, NULL);
        return false;
    }
    c->forth[a] = b + 1;
    c->back[b] = a + 1;
    couple_add(&c->nodes, a, b);
    return true;
}

/* Pairs what both instructions go on with. */
static bool selecting_walk_on(struct selecting *c, uint32_t a, uint32_t b)
{
    const struct slice_function *old = &c->old.functions[c->at.old], *new = &c->new.functions[c->at.new];
    if (a == old->count) return true;
    for (uint32_t i = 0; i < old->nodes[a].nexts; i++) {
        uint32_t x = slice_next(old, old->nexts[old->nodes[a].next + i]);
        uint32_t y = slice_next(new, new->nexts[new->nodes[b].next + i]);
        if (!pair_nodes(c, x, y)) return false;
    }
    return true;
}

/* Is a source of the old value one of the new value, too? */
static bool source_there(const struct selecting *c, uint32_t source)
{
    const struct slice_function *old = &c->old.functions[c->at.old], *new = &c->new.functions[c->at.new];
    for (uint32_t i = 0; i < c->new.source_count; i++) {
        uint32_t there = c->new.sources[i];
        if ((source & SLICE_PARAMETER) != (there & SLICE_PARAMETER)) continue;
        if (!(source & SLICE_PARAMETER) && c->forth[source] == there + 1) return true;
        if (source & SLICE_PARAMETER &&
            slice_rank(old, source & ~SLICE_PARAMETER) == slice_rank(new, there & ~SLICE_PARAMETER))
            return true;
    }
    return false;
}

/* Is the same wanted of two values that are read? */
static bool parts_same(const struct selecting *c, const struct slice_read *x, const struct slice_read *y)
{
    const struct image *old = c->old.image, *new = c->new.image;
    return slice_same_wanted(old, image_register(old, c->at.old, (uint8_t)x->operand), x->wanted, new,
                             image_register(new, c->at.new, (uint8_t)y->operand), y->wanted);
}

/* Do the values that both instructions read come from the same places? */
static bool sources_same(struct selecting *c, uint32_t a, uint32_t b)
{
    if (a == c->old.functions[c->at.old].count) return true;
    slice_reads(&c->old, c->at.old, a);
    slice_reads(&c->new, c->at.new, b);
    for (uint32_t i = 0; i < c->old.read_count; i++) {
        const struct slice_read *x = &c->old.reads[i], *y = &c->new.reads[i];
        if (x->operand & OPERAND_CONSTANT) continue;
        if (!parts_same(c, x, y)) {
            tell_nodes(c, a, b, "a selection reads another part of a value");
            return false;
        }
        slice_sources(&c->old, c->at.old, a, x->operand);
        slice_sources(&c->new, c->at.new, b, y->operand);
        bool same = c->old.source_count == c->new.source_count;
        for (uint32_t n = 0; same && n < c->old.source_count; n++) same = source_there(c, c->old.sources[n]);
        if (same) continue;
        char why[100];
        snprintf(why, sizeof why, "its %s comes from elsewhere",
                 selecting_read_words(slice_wait(&c->old, c->at.old, a), x->tag));
        tell_nodes(c, a, b, why);
        return false;
    }
    return true;
}

/* Returns the next instruction that selects by itself, from `node` on. */
static uint32_t selecting_next(const struct slice *s, uint32_t f, uint32_t node)
{
    const struct slice_function *function = &s->functions[f];
    while (node < function->count && !(function->nodes[node].reached && slice_selects(s, f, node))) node++;
    return node;
}

/* Where the ways part is told only vaguely what is wrong: something that decides a step may be gone, and that is far
 * behind. So the steps that select are compared in the order of the text, and the first difference of these is told. */
static void tell_nearer(struct selecting *c)
{
    const struct selection_difference vague = *c->difference;
    uint32_t a = selecting_next(&c->old, c->at.old, 0), b = selecting_next(&c->new, c->at.new, 0);
    uint32_t end = c->old.functions[c->at.old].count;
    c->differs = false;
    while (nodes_same(c, a, b) && a != end) {
        a = selecting_next(&c->old, c->at.old, a + 1);
        b = selecting_next(&c->new, c->at.new, b + 1);
    }
    if (!c->differs) *c->difference = vague;
    c->differs = true;
}

static void compare_functions(struct selecting *c, struct couple functions)
{
    const struct slice_function *old = &c->old.functions[functions.old], *new = &c->new.functions[functions.new];
    c->at = functions;
    c->nodes.count = 0;
    memset(c->forth, 0, (old->count + 1) * sizeof *c->forth);
    memset(c->back, 0, (new->count + 1) * sizeof *c->back);
    uint32_t a = slice_next(old, 0), b = slice_next(new, 0);
    bool same = pair_nodes(c, a, b);
    for (uint32_t i = 0; same && i < c->nodes.count; i++)
        same = nodes_same(c, c->nodes.rows[i].old, c->nodes.rows[i].new) &&
               selecting_walk_on(c, c->nodes.rows[i].old, c->nodes.rows[i].new);
    for (uint32_t i = 0; same && i < c->nodes.count; i++)
        same = sources_same(c, c->nodes.rows[i].old, c->nodes.rows[i].new);
    if (same && slice_rank(old, c->old.image->functions[functions.old].parameters) !=
                    slice_rank(new, c->new.image->functions[functions.new].parameters))
        tell_nodes(c, a, b, "other values are passed on to it");
    if (c->differs && c->vague) tell_nearer(c);
}

/* ---- strategies ---- */

static bool function_acts(const struct slice *s, uint32_t function)
{
    return function != IMAGE_NONE && s->functions[function].acts;
}

/* A handler that only one version has matters where it acts. */
static bool handlers_same(struct selecting *c, uint32_t old, uint32_t new)
{
    if (old != IMAGE_NONE && new != IMAGE_NONE) {
        couple_add_once(&c->functions, old, new);
        return true;
    }
    return !function_acts(&c->old, old) && !function_acts(&c->new, new);
}

static const struct image_handler *handler_alike(const struct image *image, uint32_t strategy, const struct image *of,
                                                 const struct image_handler *handler)
{
    for (uint32_t i = 0; i < image->count[SECTION_HANDLERS]; i++)
        if (image->handlers[i].strategy == strategy && image->handlers[i].event == handler->event &&
            slice_same_text(image, image->handlers[i].name, of, handler->name))
            return &image->handlers[i];
    return NULL;
}

static bool signals_same(struct selecting *c, uint32_t a, uint32_t b)
{
    const struct image *old = c->old.image, *new = c->new.image;
    for (uint32_t i = 0; i < old->count[SECTION_HANDLERS]; i++) {
        const struct image_handler *handler = &old->handlers[i];
        if (handler->strategy != a) continue;
        const struct image_handler *there = handler_alike(new, b, old, handler);
        if (!handlers_same(c, handler->function, there ? there->function : IMAGE_NONE)) return false;
    }
    for (uint32_t i = 0; i < new->count[SECTION_HANDLERS]; i++)
        if (new->handlers[i].strategy == b && !handler_alike(old, a, new, &new->handlers[i]) &&
            !handlers_same(c, IMAGE_NONE, new->handlers[i].function))
            return false;
    return true;
}

static void compare_strategies(struct selecting *c, uint32_t a, uint32_t b)
{
    const struct image_strategy *old = &c->old.image->strategies[a], *new = &c->new.image->strategies[b];
    struct media_set media = image_media(c->old.image, a), there = image_media(c->new.image, b);
    if (memcmp(&media, &there, sizeof media) != 0) tell_strategy(c, a, b, "the strategy is for other media");
    if (old->lifetime_us != new->lifetime_us) tell_strategy(c, a, b, "the strategy may last another time");
    if (!handlers_same(c, old->on_abandoned, new->on_abandoned))
        tell_strategy(c, a, b, "a handler for abandoned interactions is only in one version, and acts");
    if (!handlers_same(c, old->on_error, new->on_error))
        tell_strategy(c, a, b, "a handler for errors is only in one version, and acts");
    if (!signals_same(c, a, b)) tell_strategy(c, a, b, "a handler is only in one version, and acts");
    couple_add_once(&c->functions, old->function, new->function);
}

static enum selection_answer selecting_compare_all(struct selecting *c, uint32_t a, uint32_t b)
{
    uint32_t functions = 0, strategies = 0;
    couple_add(&c->strategies, a, b);
    if (!slice_same_site(c->old.image, c->new.image))
        tell_strategy(c, a, b, "the site's capacities of agents, or the order in which agents take, are others");
    while (!c->differs && (functions < c->functions.count || strategies < c->strategies.count)) {
        if (strategies < c->strategies.count) {
            struct couple both = c->strategies.rows[strategies++];
            compare_strategies(c, both.old, both.new);
        } else {
            compare_functions(c, c->functions.rows[functions++]);
        }
        if (c->old.work > SLICE_WORK_MAX || c->new.work > SLICE_WORK_MAX) return SELECTION_UNKNOWN;
    }
    bool chooses = c->differs && (slice_chooses(&c->old, a) || slice_chooses(&c->new, b));
    if (!chooses) *c->difference = (struct selection_difference){.old_known = false};
    return chooses ? SELECTION_TOUCHED : SELECTION_SAME;
}

enum selection_answer selection_compare(const struct image *old, const struct image *new, struct text strategy,
                                        struct selection_difference *difference)
{
    *difference = (struct selection_difference){.old_known = false};
    const struct image_strategy *a = image_strategy_named(old, strategy.bytes, strategy.length);
    const struct image_strategy *b = image_strategy_named(new, strategy.bytes, strategy.length);
    if (!a || !b) {
        snprintf(difference->reason, sizeof difference->reason, "%s",
                 a ? "the new version has no such strategy" : "the old version has no such strategy");
        return SELECTION_TOUCHED;
    }
    if (memcmp(image_hash(old), image_hash(new), IMAGE_HASH) == 0) return SELECTION_SAME;
    struct selecting c = {.difference = difference};
    enum selection_answer answer = SELECTION_UNKNOWN;
    bool made = slice_make(&c.old, old); /* both, as slice_free() needs them */
    made = slice_make(&c.new, new) && made;
    c.forth = memory_new((old->count[SECTION_CODE] + 2u) * sizeof *c.forth);
    c.back = memory_new((new->count[SECTION_CODE] + 2u) * sizeof *c.back);
    if (made) answer = selecting_compare_all(&c, image_strategy_index(old, a), image_strategy_index(new, b));
    if (answer == SELECTION_UNKNOWN)
        snprintf(difference->reason, sizeof difference->reason, "%s", "the programs are too large to be compared");
    slice_free(&c.old);
    slice_free(&c.new);
    free(c.functions.rows);
    free(c.strategies.rows);
    free(c.nodes.rows);
    free(c.forth);
    free(c.back);
    return answer;
}

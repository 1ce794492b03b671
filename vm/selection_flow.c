/* vm/selection_flow.c - The ways through a function, and the instructions from which a register has its value.
 *
 *     JFALSE r1 -> 7     two ways, which meet at 9: what stands before 9 depends on r1
 *     LOAD r2 "a"        a source of r2 at 9
 *     JUMP 9
 *  7  LOAD r2 "b"        another one
 *  9  STEP select(r2)
 *
 * An instruction that cannot fail goes on behind it, or at its targets; one that can fail is taken not to. A step goes
 * on behind it, at its handler of failures, or at the exits of its busy block. From an endless loop no way leads to the
 * end of its function, so one is added at its last instruction. */
#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"
#include "vm/selection_slice.h"

struct instruction slice_instruction(const struct slice *s, uint32_t f, uint32_t node)
{
    const struct image_function *function = &s->image->functions[f];
    uint32_t pc = s->functions[f].nodes[node].pc;
    const uint32_t *code = s->image->code + function->code + pc;
    struct instruction i = {.function = function, .number = f, .pc = pc, .word = *code, .op = word_op(*code)};
    i.info = opcode_info(i.op);
    i.extension = opcode_layout_words(i.info->layout) == 2 ? code[1] : 0;
    instruction_take(&i); /* the image was verified */
    return i;
}

const struct image_wait *slice_wait(const struct slice *s, uint32_t f, uint32_t node)
{
    if (node >= s->functions[f].count) return NULL;
    uint32_t word = s->image->code[s->image->functions[f].code + s->functions[f].nodes[node].pc];
    return word_op(word) == OP_STEP || word_op(word) == OP_CALL_WAIT ? image_wait(s->image, word_bc(word)) : NULL;
}

const uint32_t *slice_table(const struct image *image, uint32_t number, uint32_t *words)
{
    uint32_t count = image->tables[0], start = image->tables[1 + number];
    *words = (number + 1 < count ? image->tables[2 + number] : image->count[SECTION_TABLES]) - start;
    return image->tables + start;
}

bool slice_table_target(const uint32_t *table, uint32_t word)
{
    uint32_t rows = table[2], at = word - 4;
    if (word == 3) return true;
    if (word < 4) return false;
    if (table[0] == TABLE_RANGES) return at < 5 * rows && at % 5 == 4;
    if (table[0] == TABLE_TEXT) return at < 4 * rows && at % 4 >= 2 && table[word] != TABLE_NO;
    return at > AUTOMATON_CLASS_WORDS && at <= AUTOMATON_CLASS_WORDS + rows && table[word] != TABLE_NO;
}

/* ---- the ways ---- */

struct ways { /* of one function, while they are collected */
    struct slice_function *function;
    const uint32_t *node_at; /* by pc */
    struct buffer nexts;
};

static void way_add(struct ways *ways, struct slice_node *node, uint32_t to)
{
    buffer_put(&ways->nexts, &to, sizeof to);
    node->nexts++;
}

static void ways_of_wait(struct ways *ways, struct slice_node *node, const struct image *image,
                         const struct image_wait *wait, uint32_t behind)
{
    way_add(ways, node, wait->flags & WAIT_ENDS ? ways->function->count : behind);
    if (wait->failure != IMAGE_NONE) way_add(ways, node, ways->node_at[wait->failure]);
    const struct image_operand *exits = image->operands + wait->operands + wait->arguments + wait->captures;
    for (uint32_t i = 0; i < wait->exits; i++) way_add(ways, node, ways->node_at[exits[i].operand]);
}

static void ways_of_table(struct ways *ways, struct slice_node *node, const struct image *image, uint32_t number)
{
    uint32_t words;
    const uint32_t *table = slice_table(image, number, &words);
    for (uint32_t i = 3; i < words; i++)
        if (slice_table_target(table, i)) way_add(ways, node, ways->node_at[table[i] & 0xffff]);
}

static void flow_ways_of(struct slice *s, struct ways *ways, uint32_t f, uint32_t number)
{
    struct slice_node *node = &ways->function->nodes[number];
    struct instruction i = slice_instruction(s, f, number);
    const struct image_wait *wait = slice_wait(s, f, number);
    node->next = (uint32_t)(ways->nexts.length / sizeof(uint32_t));
    if (wait) {
        ways_of_wait(ways, node, s->image, wait, number + 1);
        return;
    }
    if (i.op == OP_SEGMENT) {
        ways_of_table(ways, node, s->image, i.operand[1]);
        return;
    }
    if (i.info->flags & OPCODE_ENDS) {
        way_add(ways, node, ways->function->count);
        return;
    }
    if (i.op != OP_JUMP && i.op != OP_LOOP) way_add(ways, node, number + 1);
    for (unsigned n = 0; n < 3; n++)
        if (i.info->operand[n].role == ROLE_TARGET) way_add(ways, node, ways->node_at[i.operand[n]]);
    if (i.info->layout == LAYOUT_ABCJ) way_add(ways, node, ways->node_at[i.extension & 0xffff]);
}

static void flow_mark_reached(struct slice_function *function, uint32_t *stack)
{
    uint32_t depth = 0;
    function->nodes[0].reached = true;
    stack[depth++] = 0;
    while (depth > 0) {
        const struct slice_node *node = &function->nodes[stack[--depth]];
        for (uint32_t i = 0; i < node->nexts; i++) {
            struct slice_node *next = &function->nodes[function->nexts[node->next + i]];
            if (next->reached) continue;
            next->reached = true;
            stack[depth++] = (uint32_t)(next - function->nodes);
        }
    }
}

/* Turns the ways round. */
static void turn_ways(struct slice_function *function, uint32_t ways)
{
    uint32_t at = 0;
    function->befores = memory_new((ways + 1) * sizeof *function->befores);
    for (uint32_t n = 0; n < function->count; n++)
        for (uint32_t i = 0; function->nodes[n].reached && i < function->nodes[n].nexts; i++)
            function->nodes[function->nexts[function->nodes[n].next + i]].befores++;
    for (uint32_t n = 0; n <= function->count; n++) {
        function->nodes[n].before = at;
        at += function->nodes[n].befores;
        function->nodes[n].befores = 0;
    }
    for (uint32_t n = 0; n < function->count; n++)
        for (uint32_t i = 0; function->nodes[n].reached && i < function->nodes[n].nexts; i++) {
            struct slice_node *next = &function->nodes[function->nexts[function->nodes[n].next + i]];
            function->befores[next->before + next->befores++] = n;
        }
}

/* ---- where ways meet ---- */

struct meeting {
    struct slice_function *function;
    uint32_t *rank;  /* by node: its place in `order` + 1; 0: no way from it leads to the end */
    uint32_t *order; /* nodes, those farther from the end first */
    uint32_t *stack, *at;
    uint32_t ranked;
};

/* Ranks what leads to `from`, which leads to the end. */
static void meeting_rank(struct meeting *m, uint32_t from)
{
    const struct slice_function *function = m->function;
    uint32_t depth = 0;
    m->rank[from] = SLICE_NONE; /* under way */
    m->stack[depth] = from;
    m->at[depth++] = 0;
    while (depth > 0) {
        uint32_t number = m->stack[depth - 1];
        const struct slice_node *node = &function->nodes[number];
        if (m->at[depth - 1] < node->befores) {
            uint32_t before = function->befores[node->before + m->at[depth - 1]++];
            if (m->rank[before]) continue;
            m->rank[before] = SLICE_NONE;
            m->stack[depth] = before;
            m->at[depth++] = 0;
        } else {
            m->order[m->ranked++] = number;
            m->rank[number] = m->ranked;
            depth--;
        }
    }
}

static uint32_t meeting_of(const struct meeting *m, uint32_t a, uint32_t b)
{
    while (a != b)
        if (m->rank[a] < m->rank[b])
            a = m->function->nodes[a].meets;
        else
            b = m->function->nodes[b].meets;
    return a;
}

/* Returns the first meeting of all ways from the node, as far as they are known; SLICE_NONE: none is. */
static uint32_t node_meets(const struct meeting *m, const struct slice_node *node)
{
    const struct slice_function *function = m->function;
    uint32_t found = node->endless ? function->count : SLICE_NONE;
    for (uint32_t i = 0; i < node->nexts; i++) {
        uint32_t next = function->nexts[node->next + i];
        if (function->nodes[next].meets == SLICE_NONE) continue;
        found = found == SLICE_NONE ? next : meeting_of(m, found, next);
    }
    return found;
}

/* The end is ranked last, and so has the highest rank: of two nodes the one with the lower rank is farther from it. */
static void meeting_find(struct slice *s, struct meeting *m)
{
    struct slice_function *function = m->function;
    uint32_t end = function->count;
    function->nodes[end].reached = true;
    for (bool more = true; more;) { /* ranks all; then each loop without an end gets a way to it */
        memset(m->rank, 0, (end + 1) * sizeof *m->rank);
        m->ranked = 0;
        more = false;
        for (uint32_t n = 0; n < end; n++) {
            if (!function->nodes[n].endless) continue;
            if (!m->rank[n]) meeting_rank(m, n);
        }
        if (!m->rank[end]) meeting_rank(m, end);
        s->work += end;
        for (uint32_t n = end; n-- > 0 && !more;)
            if (function->nodes[n].reached && !m->rank[n]) function->nodes[n].endless = more = true;
        if (s->work > SLICE_WORK_MAX) return;
    }
    function->nodes[end].meets = end;
    for (bool more = true; more && s->work <= SLICE_WORK_MAX;) {
        more = false;
        for (uint32_t i = m->ranked; i-- > 0;) {
            struct slice_node *node = &function->nodes[m->order[i]];
            if (m->order[i] == end) continue;
            uint32_t meets = node_meets(m, node);
            more = more || meets != node->meets;
            node->meets = meets;
        }
        s->work += end;
    }
}

void slice_prepare(struct slice *s, uint32_t f)
{
    const struct image_function *row = &s->image->functions[f];
    const uint32_t *code = s->image->code + row->code;
    struct slice_function *function = &s->functions[f];
    uint32_t *node_at = memory_new((row->code_words + 1) * sizeof *node_at);
    for (uint32_t pc = 0; pc < row->code_words; pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout))
        node_at[pc] = function->count++;
    size_t words = (function->count + 1) * sizeof(uint32_t);
    function->nodes = memory_new((function->count + 1) * sizeof *function->nodes);
    function->parameters = memory_new((row->parameters + 1u) * sizeof *function->parameters);
    for (uint32_t pc = 0, n = 0; n < function->count; n++) {
        function->nodes[n].pc = pc;
        function->nodes[n].meets = SLICE_NONE;
        pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout);
    }
    struct ways ways = {.function = function, .node_at = node_at};
    for (uint32_t n = 0; n < function->count; n++) flow_ways_of(s, &ways, f, n);
    function->nexts = (uint32_t *)(void *)ways.nexts.bytes; /* the function owns them from now on */
    struct meeting m = {.function = function,
                        .rank = memory_new(words),
                        .order = memory_new(words),
                        .stack = memory_new(words),
                        .at = memory_new(words)};
    flow_mark_reached(function, m.stack);
    turn_ways(function, (uint32_t)(ways.nexts.length / sizeof(uint32_t)));
    meeting_find(s, &m);
    free(m.rank);
    free(m.order);
    free(m.stack);
    free(m.at);
    free(node_at);
}

uint32_t slice_next(const struct slice_function *function, uint32_t node)
{
    while (node != function->count && !function->nodes[node].kept) node = function->nodes[node].meets;
    return node;
}

/* ---- sources ---- */

enum writes { WRITES_NOT, WRITES_PERHAPS, WRITES };

/* Does the wait point write the register on its way to `next`? On the way of a failure only the error is written. */
static enum writes wait_writes(const struct slice *s, uint32_t f, uint32_t node, uint32_t next, uint32_t reg)
{
    const struct image_wait *wait = slice_wait(s, f, node);
    bool result = wait->result == reg, error = wait->error == reg;
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct image_line *line = &s->image->lines[wait->lines + i];
        result = result || (line->kind == LINE_CHILD && line->operand == reg);
    }
    bool fails = wait->failure != IMAGE_NONE && s->functions[f].nodes[next].pc == wait->failure;
    if (!fails) return result ? WRITES : WRITES_NOT;
    if (next != node + 1) return error ? WRITES : WRITES_NOT;
    return result || error ? WRITES_PERHAPS : WRITES_NOT; /* both ways lead there */
}

static enum writes node_writes(const struct slice *s, uint32_t f, uint32_t node, uint32_t next, uint32_t reg)
{
    struct instruction i = slice_instruction(s, f, node);
    if (slice_wait(s, f, node)) return wait_writes(s, f, node, next, reg);
    bool over = i.info->layout == LAYOUT_ABCJ && next != node + 1; /* a loop that is over has written nothing */
    bool writes = i.info->operand[0].role == ROLE_WRITE && i.operand[0] == reg && !instruction_has_no_result(&i);
    writes = writes || (i.info->flags & OPCODE_COUNTS && i.operand[2] == reg);
    writes = writes || (i.info->flags & OPCODE_PAIR && i.d == reg);
    return writes && !over ? WRITES : WRITES_NOT;
}

/* Marks in this question; false: it was marked already. */
static bool slice_mark(struct slice *s, uint32_t mark)
{
    if (s->seen[mark] == s->stamp) return false;
    s->seen[mark] = s->stamp;
    return true;
}

void slice_sources(struct slice *s, uint32_t f, uint32_t node, uint32_t reg)
{
    const struct slice_function *function = &s->functions[f];
    uint32_t depth = 0, parameters = s->image->functions[f].parameters;
    if (++s->stamp == 0) { /* after so many questions the stamps begin anew */
        memset(s->seen, 0, 2 * (s->image->count[SECTION_CODE] + 1) * sizeof *s->seen);
        s->stamp = 1;
    }
    s->source_count = 0;
    s->stack[depth++] = node;
    bool begun = false; /* has the entry been met? */
    while (depth > 0) {
        uint32_t at = s->stack[--depth];
        const struct slice_node *here = &function->nodes[at];
        if (at == 0 && !begun) {
            begun = true;
            if (reg < parameters) s->sources[s->source_count++] = SLICE_PARAMETER | reg;
        }
        s->work += here->befores + 1;
        for (uint32_t i = 0; i < here->befores; i++) {
            uint32_t before = function->befores[here->before + i];
            enum writes writes = node_writes(s, f, before, at, reg);
            /* a step may write on one way, and not on another: two marks */
            if (writes != WRITES_NOT && slice_mark(s, 2 * before)) s->sources[s->source_count++] = before;
            if (writes != WRITES && slice_mark(s, 2 * before + 1)) s->stack[depth++] = before;
        }
    }
}

/* vm/writer_code.c - Writes a function's part of an image: registers, code, labels, jumps, wait points, debug data.
 *
 * A jump names a label that may be placed later: its word is written with zeros and noted as a `fixup`, and
 * writer_function_end() fills in all targets. A wait point is open from writer_wait_begin() to the instruction that
 * ends it, writer_step() or writer_call_wait(); every register named by one of its operands is live there. */
#include <assert.h>
#include <string.h>

#include "vm/image_data.h"
#include "vm/opcode.h"
#include "vm/writer_data.h"

static struct image_function *function_row(struct image_writer *w, uint32_t number)
{
    return (struct image_function *)(void *)w->section[SECTION_FUNCTIONS].bytes + number;
}

/* Declares a register; beyond the limit the writer returns register 0 and continues: image_writer_finish() then
 * fails. */
uint8_t writer_register(struct image_writer *w, uint16_t type)
{
    assert(w->in_function);
    buffer_put(&w->section[SECTION_REGISTERS], &type, sizeof type);
    writer_limit(w, w->function.register_count < IMAGE_REGISTERS_MAX, "a function needs more than 240 registers");
    return w->function.register_count < IMAGE_REGISTERS_MAX ? w->function.register_count++ : (uint8_t)0;
}

/*     bits   0..7     8..15   16..23   24..31
 *            opcode   A       B        C         (BC and ABC are one number over these bits)
 */
static uint32_t writer_put_code(struct image_writer *w, enum opcode op, uint32_t high)
{
    assert(w->in_function);
    uint32_t here = writer_here(w), word = (uint32_t)op | high << 8;
    writer_limit(w, here < IMAGE_CODE_MAX - 2, "a function has more than 65,535 words of code");
    buffer_put(&w->section[SECTION_CODE], &word, sizeof word);
    return here;
}

static void writer_extend(struct image_writer *w, uint32_t word)
{
    buffer_put(&w->section[SECTION_CODE], &word, sizeof word);
}

uint32_t writer_abc(struct image_writer *w, enum opcode op, unsigned a, unsigned b, unsigned c)
{
    return writer_put_code(w, op, (a & 0xff) | (b & 0xff) << 8 | (c & 0xff) << 16);
}

uint32_t writer_abx(struct image_writer *w, enum opcode op, unsigned a, int bc)
{
    return writer_put_code(w, op, (a & 0xff) | ((uint32_t)bc & 0xffff) << 8);
}

uint32_t writer_abcd(struct image_writer *w, enum opcode op, unsigned a, unsigned b, unsigned c, unsigned d)
{
    uint32_t here = writer_abc(w, op, a, b, c);
    writer_extend(w, d & 0xff);
    return here;
}

uint32_t writer_abcd_zone(struct image_writer *w, enum opcode op, unsigned a, unsigned b, unsigned c, unsigned d,
                          uint32_t zone)
{
    uint32_t here = writer_abc(w, op, a, b, c);
    writer_extend(w, (d & 0xff) | zone << 8);
    return here;
}

uint32_t writer_ab_number(struct image_writer *w, enum opcode op, unsigned a, unsigned b, uint32_t number)
{
    uint32_t here = writer_abc(w, op, a, b, 0);
    writer_extend(w, number);
    return here;
}

/* Notes a call; `below` is the stack that the deepest called function needs. Called functions are written before
 * their callers, so their size is known. */
static void writer_called(struct image_writer *w, uint16_t function)
{
    assert(function < writer_function_count(w));
    uint32_t words = function_row(w, function)->stack_words;
    if (words > w->below) w->below = words;
}

uint32_t writer_call(struct image_writer *w, uint16_t function, uint8_t result, uint8_t first)
{
    writer_called(w, function);
    bool arguments = function_row(w, function)->parameters > 0;
    return writer_abcd(w, OP_CALL, result, function & 0xff, function >> 8, arguments ? first : 0);
}

/* Labels. */

uint32_t writer_label(struct image_writer *w)
{
    uint32_t nowhere = UINT32_MAX;
    buffer_put(&w->labels, &nowhere, sizeof nowhere);
    return rows_of(&w->labels, sizeof nowhere) - 1;
}

/* Places a label, once. Jumps to the label may already have been written: writer_function_end() fills them in. */
void writer_place(struct image_writer *w, uint32_t label)
{
    uint32_t *labels = (uint32_t *)(void *)w->labels.bytes;
    assert(label < rows_of(&w->labels, 4) && labels[label] == UINT32_MAX);
    labels[label] = writer_here(w);
}

uint32_t writer_label_pc(const struct image_writer *w, uint32_t label)
{
    uint32_t pc = ((const uint32_t *)(void *)w->labels.bytes)[label];
    assert(pc != UINT32_MAX);
    return pc;
}

static void fix_later(struct image_writer *w, enum fixup_kind kind, uint32_t at, uint32_t label)
{
    assert(label < rows_of(&w->labels, sizeof label));
    struct fixup fixup = {kind, at, label};
    buffer_put(&w->fixups, &fixup, sizeof fixup);
}

/* Writes a jump; the position of the target depends on the layout: the word's bits ABC or BC, or the extension word
 * after it. */
uint32_t writer_jump(struct image_writer *w, enum opcode op, unsigned a, unsigned b, uint32_t label)
{
    unsigned layout = opcode_info(op)->layout;
    assert(layout == LAYOUT_J || layout == LAYOUT_AJ || layout == LAYOUT_ABJ);
    uint32_t here = writer_abc(w, op, layout == LAYOUT_J ? 0 : a, layout == LAYOUT_ABJ ? b : 0, 0);
    if (layout == LAYOUT_ABJ) writer_extend(w, 0);
    fix_later(w,
              layout == LAYOUT_J    ? FIXUP_ABC
              : layout == LAYOUT_AJ ? FIXUP_BC
                                    : FIXUP_EXTENSION,
              layout == LAYOUT_ABJ ? here + 1 : here, label);
    return here;
}

uint32_t writer_jump_x(struct image_writer *w, enum opcode op, unsigned a, int bc, uint32_t label)
{
    uint32_t here = writer_abx(w, op, a, bc);
    writer_extend(w, 0);
    fix_later(w, FIXUP_EXTENSION, here + 1, label);
    return here;
}

uint32_t writer_jump_abcd(struct image_writer *w, enum opcode op, unsigned a, unsigned b, unsigned c, unsigned d,
                          uint32_t label)
{
    uint32_t here = writer_abc(w, op, a, b, c);
    writer_extend(w, (d & 0xff) << 16);
    fix_later(w, FIXUP_EXTENSION, here + 1, label);
    return here;
}

/* Wait points. */

static struct writer_pending *writer_pending(struct image_writer *w)
{
    assert(w->pending.open);
    return &w->pending;
}

/* Begins a wait point; the writer's buffers for it are emptied and reused; nothing is in the sections until
 * put_wait(). */
void writer_wait_begin(struct image_writer *w, const char *label)
{
    assert(w->in_function && !w->pending.open);
    struct writer_pending *p = &w->pending;
    p->row = (struct image_wait){.callee = IMAGE_NONE,
                                 .failure = IMAGE_NONE,
                                 .result = REGISTER_NONE,
                                 .error = REGISTER_NONE,
                                 .timeout = OPERAND_NONE,
                                 .tries = OPERAND_NONE,
                                 .pause = OPERAND_NONE,
                                 .answer = OPERAND_NONE,
                                 .statement = IMAGE_NONE,
                                 .busy = IMAGE_NONE};
    if (label) p->row.label = writer_string(w, label, (uint32_t)strlen(label));
    p->arguments.length = p->captures.length = p->exits.length = p->lines.length = 0;
    p->failure = UINT32_MAX;
    memset(p->live, 0, sizeof p->live);
    p->open = true;
}

void writer_live(struct image_writer *w, uint8_t reg)
{
    writer_pending(w)->live[reg / 32] |= 1u << reg % 32;
}

/* Marks a register that an operand names as live at the wait point, as it is read during or after the wait. */
static uint16_t writer_used(struct image_writer *w, uint16_t operand)
{
    if (!(operand & OPERAND_CONSTANT)) writer_live(w, (uint8_t)operand);
    return operand;
}

static void add_operand(struct image_writer *w, struct buffer *rows, uint16_t parameter, uint16_t operand)
{
    struct image_operand row = {parameter, writer_used(w, operand)};
    buffer_put(rows, &row, sizeof row);
}

void writer_wait_argument(struct image_writer *w, uint16_t parameter, uint16_t operand)
{
    add_operand(w, &writer_pending(w)->arguments, parameter, operand);
}

void writer_wait_timeout(struct image_writer *w, uint16_t operand)
{
    writer_pending(w)->row.timeout = writer_used(w, operand);
}

void writer_wait_tries(struct image_writer *w, uint16_t tries, uint16_t pause)
{
    writer_pending(w)->row.tries = writer_used(w, tries);
    writer_pending(w)->row.pause = writer_used(w, pause);
}

void writer_wait_answer(struct image_writer *w, uint16_t operand)
{
    writer_pending(w)->row.answer = writer_used(w, operand);
}

void writer_wait_order(struct image_writer *w, enum wait_order order)
{
    writer_pending(w)->row.order = (uint8_t)order;
}

void writer_wait_secret(struct image_writer *w)
{
    writer_pending(w)->row.flags |= WAIT_SECRET;
}

void writer_wait_secret_answer(struct image_writer *w)
{
    writer_pending(w)->row.flags |= WAIT_SECRET_ANSWER;
}

void writer_wait_statement(struct image_writer *w, uint16_t statement)
{
    writer_pending(w)->row.statement = statement;
}

void writer_wait_failure(struct image_writer *w, uint32_t label, uint8_t error)
{
    writer_pending(w)->failure = label;
    writer_pending(w)->row.error = error;
}

/* Adds a line; its captures are written at once, as rows of SECTION_OPERANDS. Its register operands are live at the
 * wait point. */
static void put_leaf(struct image_writer *w, enum line_kind kind, uint16_t after, uint16_t function,
                     const uint16_t *captures, uint32_t count, uint16_t type)
{
    struct buffer *operands = &w->section[SECTION_OPERANDS];
    struct image_line line = {.kind = (uint8_t)kind,
                              .type = type,
                              .after = writer_used(w, after),
                              .function = function,
                              .operand = OPERAND_NONE,
                              .captures = (uint16_t)count,
                              .operands = rows_of(operands, sizeof(struct image_operand))};
    for (uint32_t i = 0; i < count; i++) add_operand(w, operands, (uint16_t)i, captures[i]);
    buffer_put(&writer_pending(w)->lines, &line, sizeof line);
}

void writer_wait_line_leaf(struct image_writer *w, uint16_t after, uint16_t function, const uint16_t *captures,
                           uint32_t count)
{
    put_leaf(w, LINE_LEAF, after, function, captures, count, 0);
}

void writer_wait_order_by(struct image_writer *w, uint16_t function, const uint16_t *captures, uint32_t count)
{
    put_leaf(w, LINE_ORDER, OPERAND_NONE, function, captures, count, 0);
}

void writer_wait_tie(struct image_writer *w, enum wait_order order, uint16_t function, const uint16_t *captures,
                     uint32_t count)
{
    put_leaf(w, LINE_TIE, OPERAND_NONE, function, captures, count, (uint16_t)order);
}

void writer_wait_where(struct image_writer *w, uint16_t function, const uint16_t *captures, uint32_t count,
                       bool each_second)
{
    put_leaf(w, LINE_WHERE, OPERAND_NONE, function, captures, count, each_second);
}

void writer_wait_value(struct image_writer *w, uint16_t function, const uint16_t *captures, uint32_t count,
                       bool each_second, uint32_t capture)
{
    put_leaf(w, LINE_VALUE, OPERAND_NONE, function, captures, count,
             (uint16_t)(each_second | capture << LINE_VALUE_CAPTURE));
}

void writer_wait_until(struct image_writer *w, uint16_t function, const uint16_t *captures, uint32_t count,
                       uint16_t watch)
{
    put_leaf(w, LINE_UNTIL, OPERAND_NONE, function, captures, count, watch);
}

void writer_wait_child(struct image_writer *w, uint16_t function, const uint16_t *captures, uint32_t count,
                       uint8_t result)
{
    struct buffer *operands = &w->section[SECTION_OPERANDS];
    struct image_line line = {.kind = LINE_CHILD,
                              .after = OPERAND_NONE,
                              .function = function,
                              .operand = result == REGISTER_NONE ? OPERAND_NONE : writer_used(w, result),
                              .captures = (uint16_t)count,
                              .operands = rows_of(operands, sizeof(struct image_operand))};
    for (uint32_t i = 0; i < count; i++) add_operand(w, operands, (uint16_t)i, captures[i]);
    buffer_put(&writer_pending(w)->lines, &line, sizeof line);
}

void writer_wait_line_target(struct image_writer *w, uint16_t after, uint16_t type, uint16_t operand)
{
    struct image_line line = {.kind = LINE_TARGET,
                              .after = writer_used(w, after),
                              .function = IMAGE_NONE,
                              .operand = writer_used(w, operand),
                              .type = type};
    buffer_put(&writer_pending(w)->lines, &line, sizeof line);
}

void writer_wait_in(struct image_writer *w, uint16_t operand)
{
    struct image_line line = {.kind = LINE_IN,
                              .after = OPERAND_NONE,
                              .function = IMAGE_NONE,
                              .operand = writer_used(w, operand),
                              .type = TYPE_VQ};
    buffer_put(&writer_pending(w)->lines, &line, sizeof line);
}

/* Adds the share of the last line; it is stored after that line's captures, so this must be called directly after
 * the line was added. */
void writer_wait_line_share(struct image_writer *w, uint16_t operand)
{
    struct buffer *lines = &writer_pending(w)->lines, *operands = &w->section[SECTION_OPERANDS];
    assert(lines->length >= sizeof(struct image_line));
    struct image_line *line = (struct image_line *)(void *)(lines->bytes + lines->length) - 1;
    if (!line->captures) line->operands = rows_of(operands, sizeof(struct image_operand));
    add_operand(w, operands, line->captures, operand);
}

void writer_wait_busy(struct image_writer *w, uint16_t function, const uint16_t *captures, uint32_t count)
{
    writer_pending(w)->row.busy = function;
    for (uint32_t i = 0; i < count; i++) add_operand(w, &writer_pending(w)->captures, (uint16_t)i, captures[i]);
}

uint32_t writer_wait_exit(struct image_writer *w, uint32_t label)
{
    struct buffer *exits = &writer_pending(w)->exits;
    buffer_put(exits, &label, sizeof label);
    return rows_of(exits, sizeof label) - 1;
}

/* Appends the pending wait point; its instruction comes next. */
static uint32_t put_wait(struct image_writer *w, uint8_t result)
{
    struct writer_pending *p = writer_pending(w);
    struct buffer *operands = &w->section[SECTION_OPERANDS];
    uint32_t number = rows_of(&w->section[SECTION_WAITS], sizeof p->row);
    p->row.function = (uint16_t)writer_function_count(w);
    p->row.pc = (uint16_t)writer_here(w);
    p->row.result = result;
    p->row.operands = rows_of(operands, sizeof(struct image_operand));
    p->row.arguments = (uint16_t)rows_of(&p->arguments, sizeof(struct image_operand));
    p->row.captures = (uint16_t)rows_of(&p->captures, sizeof(struct image_operand));
    p->row.exits = (uint16_t)rows_of(&p->exits, sizeof(uint32_t));
    buffer_put(operands, p->arguments.bytes, p->arguments.length);
    buffer_put(operands, p->captures.bytes, p->captures.length);
    for (uint32_t i = 0; i < p->row.exits; i++) {
        fix_later(w, FIXUP_EXIT, rows_of(operands, sizeof(struct image_operand)),
                  ((const uint32_t *)(void *)p->exits.bytes)[i]);
        buffer_add(operands, sizeof(struct image_operand));
    }
    p->row.lines = rows_of(&w->section[SECTION_LINES], sizeof(struct image_line));
    p->row.line_count = (uint16_t)rows_of(&p->lines, sizeof(struct image_line));
    buffer_put(&w->section[SECTION_LINES], p->lines.bytes, p->lines.length);
    if (p->failure != UINT32_MAX) fix_later(w, FIXUP_FAILURE, number, p->failure);
    buffer_put(&w->section[SECTION_WAITS], &p->row, sizeof p->row);
    buffer_put(&w->live, p->live, sizeof p->live);
    writer_limit(w, number < IMAGE_NONE - 1, "there are more than 65,534 wait points");
    p->open = false;
    return number;
}

uint32_t writer_step(struct image_writer *w, uint16_t step, uint8_t result)
{
    const struct step *row = step_numbered(step);
    assert(row);
    writer_pending(w)->row.step = (uint16_t)step;
    writer_pending(w)->row.flags |= (uint8_t)((row->cancellable ? WAIT_CANCEL : 0) | (row->ends ? WAIT_ENDS : 0));
    return writer_abx(w, OP_STEP, result, (int)put_wait(w, result));
}

uint32_t writer_call_wait(struct image_writer *w, uint16_t function, uint8_t result)
{
    writer_called(w, function);
    writer_pending(w)->row.callee = function;
    writer_pending(w)->row.flags = WAIT_CALL;
    return writer_abx(w, OP_CALL_WAIT, result, (int)put_wait(w, result));
}

/* Debug data. */

/* Adds a place; a file's name is stored once in the debug data, and a place equal to that of the instruction before
 * is not repeated. */
void writer_position(struct image_writer *w, const char *file, uint32_t line, uint32_t column)
{
    struct debug_at *at = &w->position;
    uint32_t length = (uint32_t)strlen(file);
    bool same_file = at->file_length == length && memcmp(w->debug_text.bytes + at->file, file, length) == 0;
    if (same_file && at->line == line && at->column == column) return;
    struct debug_place *places = (struct debug_place *)(void *)w->places.bytes;
    uint32_t count = rows_of(&w->places, sizeof *places), function = writer_function_count(w);
    if (!same_file) {
        uint32_t known = count;
        while (known > 0 && !(places[known - 1].file_length == length &&
                              memcmp(w->debug_text.bytes + places[known - 1].file, file, length) == 0))
            known--;
        at->file = known ? places[known - 1].file : (uint32_t)w->debug_text.length;
        at->file_length = length;
        if (!known) buffer_put(&w->debug_text, file, length);
    }
    at->line = line;
    at->column = column;
    struct debug_place place = {
        (uint16_t)function, (uint16_t)writer_here(w), (uint16_t)length, (uint16_t)column, at->file, line};
    if (count && places[count - 1].function == place.function && places[count - 1].pc == place.pc)
        places[count - 1] = place;
    else
        buffer_put(&w->places, &place, sizeof place);
}

static void put_digits(struct buffer *text, uint32_t number)
{
    char digits[10];
    uint32_t count = 0;
    do digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0) buffer_put(text, &digits[--count], 1);
}

/* The source line of a selection's line is stored as a variable without a register, with the name "INDEX LINE". */
void writer_line_position(struct image_writer *w, uint32_t index, uint32_t line)
{
    struct debug_variable row = {(uint16_t)writer_function_count(w), (uint16_t)writer_here(w), REGISTER_NONE, 0, 0,
                                 (uint32_t)w->debug_text.length};
    put_digits(&w->debug_text, index);
    buffer_put(&w->debug_text, " ", 1);
    put_digits(&w->debug_text, line);
    row.name_length = (uint16_t)(w->debug_text.length - row.name);
    buffer_put(&w->variables, &row, sizeof row);
}

void writer_variable(struct image_writer *w, uint8_t reg, const char *name, bool secret)
{
    uint32_t length = (uint32_t)strlen(name);
    struct debug_variable row = {
        (uint16_t)writer_function_count(w), (uint16_t)writer_here(w), reg, secret, (uint16_t)length,
        (uint32_t)w->debug_text.length};
    if (length) buffer_put(&w->debug_text, name, length);
    buffer_put(&w->variables, &row, sizeof row);
}

void writer_source(struct image_writer *w, const char *path, const void *bytes, size_t length)
{
    struct debug_source row = {(uint32_t)w->debug_text.length, (uint32_t)strlen(path), {0}};
    if (bytes) debug_source_hash(bytes, length, row.hash);
    if (row.path_length) buffer_put(&w->debug_text, path, row.path_length);
    buffer_put(&w->sources, &row, sizeof row);
}

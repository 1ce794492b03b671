/* compiler/lower/emit.c - Writes an image by vm/image_writer.h: types and names get their numbers, registers the
 * numbers of the frame.
 *
 * Types, names, constants, zones and measures are stored once in an image, however often code uses them: each gets
 * its number from the writer at its first use, and emit_type() and constant_number() remember those of types and
 * constants. The writer knows the form of the sections; no code here depends on the bytes of a row. */
#include "compiler/lower/emit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/zone.h"
#include "compiler/lower/ir.h"
#include "base/regex.h"
#include "vm/image_writer.h"

/* The instructions, which are the VM's under other names. */
#define OP(name, ...) _Static_assert((int)I_##name == (int)OP_##name, "one table, one order");
#include "vm/opcodes.def"

static const uint16_t base_types[IR_BASES] = {
#define BASE(name) [IR_##name] = TYPE_##name,
    IR_BASE_TYPES(BASE)
#undef BASE
};

struct emitter {
    struct ir_program *program;
    struct image_writer *writer;
    uint16_t *types; /* for each type of the program, its row in the image; 0: not written yet */
    struct ir_function *function;
    uint32_t *labels;
    /* for each register of the frame the variable that it holds at this instruction */
    const char *names[IMAGE_REGISTERS_MAX + 1];
    bool secret[IMAGE_REGISTERS_MAX + 1]; /* for each of these names: does the variable reveal a secret? */
    struct ir_place place;
    bool bare;
};

/* The parts of a composite type are written before it, so an image's type refers only to rows before its own. */
static uint16_t emit_type(struct emitter *e, uint32_t type)
{
    uint32_t row = type & ~IR_OPTIONAL;
    const uint16_t optional = (uint16_t)(type & IR_OPTIONAL ? TYPE_OPTIONAL : 0);
    if (row < IR_BASES) return (uint16_t)(base_types[row] | optional);
    if (e->types[row]) return (uint16_t)(e->types[row] | optional);
    const struct ir_type *own = &e->program->types[row];
    uint16_t made = 0;
    if (own->kind == IR_TYPE_ENUM) {
        made = writer_enum(e->writer, own->name, own->words, own->word_count);
    } else if (own->kind == IR_TYPE_RECORD) {
        struct writer_field *fields = memory_zeroed(own->field_count + 1, sizeof *fields);
        for (uint32_t i = 0; i < own->field_count; i++)
            fields[i] = (struct writer_field){.name = own->fields[i].name,
                                              .length = (uint32_t)strlen(own->fields[i].name),
                                              .type = emit_type(e, own->fields[i].type),
                                              .secret = own->fields[i].secret};
        made = writer_record(e->writer, own->name, fields, own->field_count);
        free(fields);
    } else {
        uint16_t element = emit_type(e, own->element);
        made = own->kind == IR_TYPE_LIST ? writer_list(e->writer, element) : writer_map(e->writer, element);
    }
    e->types[row] = made;
    return (uint16_t)(made | optional);
}

/* Constants */

static uint32_t zone_number(struct emitter *e, const struct zone_rules *zone)
{
    return writer_zone(e->writer, zone->name, zone->from, zone->offsets, zone->count);
}

static uint32_t measure_number(struct emitter *e, const struct ir_measure *measure)
{
    struct image_measure row = {.window_us = measure->window_us,
                                .within_us = measure->within_us,
                                .measure = (uint16_t)measure->measure,
                                .of = (uint16_t)measure->of,
                                .zone = IMAGE_NONE,
                                .medium = (uint16_t)measure->medium};
    if (measure->given)
        row.within_us = writer_name(e->writer, NAME_STATISTIC, measure->given, (uint32_t)strlen(measure->given));
    if (measure->zone) row.zone = (uint16_t)zone_number(e, measure->zone);
    return writer_measure(e->writer, &row);
}

/* The parts of an object are written before the object, which has their numbers. A map's parts are keys and values
 * in turn: it has half as many entries as parts. */
static uint64_t emit_constant_word(struct emitter *e, const struct ir_constant *constant)
{
    assert(constant);
    uint16_t type = emit_type(e, constant->type);
    switch (constant->kind) {
    case IR_CONSTANT_WORD:
        return (uint64_t)constant->word;
    case IR_CONSTANT_NONE:
        return value_none(type);
    case IR_CONSTANT_TEXT:
        return writer_text_word(e->writer, constant->text, (uint32_t)constant->length);
    case IR_CONSTANT_NAME:
        return writer_name(e->writer, type, constant->text, (uint32_t)constant->length);
    case IR_CONSTANT_ZONE:
        return zone_number(e, constant->zone);
    case IR_CONSTANT_OBJECT:
        break;
    }
    uint64_t *words = memory_zeroed(constant->part_count + 1, sizeof *words);
    for (uint32_t i = 0; i < constant->part_count; i++) words[i] = emit_constant_word(e, &constant->parts[i]);
    bool map = e->program->types[constant->type].kind == IR_TYPE_MAP;
    uint64_t word = writer_object(e->writer, type, words, map ? constant->part_count / 2 : constant->part_count);
    free(words);
    return word;
}

/* Returns the constant's number in the image; each constant is written once, however often it is used. */
static uint16_t constant_number(struct emitter *e, const struct ir_constant *constant)
{
    assert(constant);
    if (constant->number) return (uint16_t)(constant->number - 1);
    uint16_t number = constant->kind == IR_CONSTANT_TEXT
                          ? writer_constant_text(e->writer, constant->text, (uint32_t)constant->length)
                          : writer_constant(e->writer, emit_type(e, constant->type), emit_constant_word(e, constant));
    ((struct ir_constant *)constant)->number = number + 1u;
    return number;
}

/* Operands */

/* Returns the frame's register for a register of the function; REGISTER_NONE where it has none. */
static uint8_t frame_register(const struct emitter *e, uint32_t reg)
{
    assert(reg == IR_NONE || reg < e->function->register_count);
    if (reg == IR_NONE || e->function->registers[reg].frame == IR_NONE) return REGISTER_NONE;
    return (uint8_t)e->function->registers[reg].frame;
}

/* Returns a register or a constant as one number: a constant's has the bit OPERAND_CONSTANT, a register's does not. */
static uint16_t operand_of(struct emitter *e, struct ir_operand operand)
{
    if (operand.constant) return (uint16_t)(OPERAND_CONSTANT | constant_number(e, operand.constant));
    return operand.reg == IR_NONE ? OPERAND_NONE : frame_register(e, operand.reg);
}

/* Returns the numbers of the operands, which the caller frees. */
static uint16_t *operands_of(struct emitter *e, const struct ir_operand *operands, uint32_t count)
{
    uint16_t *numbers = memory_zeroed(count + 1, sizeof *numbers);
    for (uint32_t i = 0; i < count; i++) numbers[i] = operand_of(e, operands[i]);
    return numbers;
}

/* Waits */

/* The checker has accepted only the forms in this table, so the search always ends. */
static uint16_t statement_number(struct emitter *e, const struct ir_statement *statement)
{
    static const char *const forms[] = {
        [STATEMENT_FIRST] = "first", [STATEMENT_ALL] = "all",      [STATEMENT_VALUE] = "value",
        [STATEMENT_EXEC] = "exec",   [STATEMENT_GET] = "get",      [STATEMENT_PUT] = "put",
        [STATEMENT_POST] = "post",   [STATEMENT_DELETE] = "delete"};
    enum statement_mode mode = STATEMENT_FIRST;
    while (strcmp(forms[mode], statement->form)) {
        mode++;
        assert((size_t)mode < sizeof forms / sizeof *forms); /* the checker accepts no other form */
    }
    uint16_t source = writer_name(e->writer, TYPE_SOURCE, statement->source, (uint32_t)strlen(statement->source));
    return writer_statement(e->writer, source, mode, emit_type(e, statement->type), (uint16_t)statement->parameters,
                            statement->sql, (uint32_t)statement->length);
}

/* Writes the lines of a wait; the writer has one function per kind of line: a group whose queue is named, a target,
 * a child, a condition of the line or of the wait, an order, and a condition on the candidate. Each line is of
 * exactly one of these kinds. */
static void emit_lines(struct emitter *e, const struct ir_wait *wait)
{
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct ir_line *line = &wait->lines[i];
        uint16_t after = operand_of(e, line->after);
        if (!line->leaf && !line->tie && !e->bare && line->source_line != 0)
            writer_line_position(e->writer, i, line->source_line);
        if (line->in) {
            writer_wait_in(e->writer, operand_of(e, line->target));
            continue;
        }
        if (line->tie && !line->leaf) {
            writer_wait_tie(e->writer, (enum wait_order)line->type, IMAGE_NONE, NULL, 0);
            continue;
        }
        if (!line->leaf) {
            writer_wait_line_target(e->writer, after, emit_type(e, line->type), operand_of(e, line->target));
            if (wait->order == ORDER_share) writer_wait_line_share(e->writer, operand_of(e, line->share));
            continue;
        }
        uint16_t *captures = operands_of(e, line->captures, line->capture_count);
        if (line->child) {
            uint8_t result = frame_register(e, line->target.reg);
            writer_wait_child(e->writer, (uint16_t)line->leaf->number, captures, line->capture_count, result);
            free(captures);
            continue;
        }
        if (line->value)
            writer_wait_value(e->writer, (uint16_t)line->leaf->number, captures, line->capture_count, line->ticks,
                              line->capture);
        else if (line->where)
            writer_wait_where(e->writer, (uint16_t)line->leaf->number, captures, line->capture_count, line->ticks);
        else if (line->until)
            writer_wait_until(e->writer, (uint16_t)line->leaf->number, captures, line->capture_count,
                              (uint16_t)((line->ticks ? LINE_TICKS : 0) | (line->shared ? LINE_SHARED : 0) |
                                         (line->hears ? LINE_HEARS : 0)));
        else if (line->order)
            writer_wait_order_by(e->writer, (uint16_t)line->leaf->number, captures, line->capture_count);
        else if (line->tie)
            writer_wait_tie(e->writer, (enum wait_order)line->type, (uint16_t)line->leaf->number, captures,
                            line->capture_count);
        else
            writer_wait_line_leaf(e->writer, after, (uint16_t)line->leaf->number, captures, line->capture_count);
        if (wait->order == ORDER_share && !line->until && !line->where && !line->value)
            writer_wait_line_share(e->writer, operand_of(e, line->share));
        free(captures);
    }
}

/* The writer gets a wait point part by part; the STEP or CALL_WAIT at the end completes it. */
static void emit_wait(struct emitter *e, const struct ir_instruction *instruction)
{
    const struct ir_wait *wait = instruction->wait;
    assert(wait && (!wait->busy || wait->busy->kind == IR_BUSY));
    uint8_t result = frame_register(e, instruction->operand[0]);
    writer_wait_begin(e->writer, wait->label);
    for (uint32_t i = 0; i < wait->argument_count; i++)
        writer_wait_argument(e->writer, (uint16_t)wait->arguments[i].parameter,
                             operand_of(e, wait->arguments[i].operand));
    writer_wait_timeout(e->writer, operand_of(e, wait->timeout));
    uint16_t tries = operand_of(e, wait->tries), pause = operand_of(e, wait->pause);
    writer_wait_tries(e->writer, tries, pause);
    writer_wait_answer(e->writer, operand_of(e, wait->answer));
    if (wait->failure != IR_NONE)
        writer_wait_failure(e->writer, e->labels[wait->failure], frame_register(e, wait->error));
    if (wait->secret) writer_wait_secret(e->writer);
    if (wait->hidden) writer_wait_secret_answer(e->writer);
    if (wait->statement) writer_wait_statement(e->writer, statement_number(e, wait->statement));
    if (wait->line_count) {
        writer_wait_order(e->writer, (enum wait_order)wait->order);
        emit_lines(e, wait);
    }
    if (wait->busy) {
        uint16_t *captures = operands_of(e, wait->captures, wait->capture_count);
        writer_wait_busy(e->writer, (uint16_t)wait->busy->number, captures, wait->capture_count);
        free(captures);
    }
    for (uint32_t i = 0; i < wait->exit_count; i++) writer_wait_exit(e->writer, e->labels[wait->exits[i]]);
    for (uint32_t i = 0; i < wait->live_count; i++) writer_live(e->writer, (uint8_t)wait->live[i]);
    if (wait->callee)
        writer_call_wait(e->writer, (uint16_t)wait->callee->number, result);
    else
        writer_step(e->writer, (uint16_t)wait->step, result);
}

/* Instructions */

/* Writes a segment with regular expressions: the arms hold the targets, the automaton decides which arm is taken. */
static void emit_automaton(struct emitter *e, const struct ir_instruction *instruction)
{
    const struct automaton *automaton = instruction->automaton;
    writer_segment_begin(e->writer, frame_register(e, instruction->operand[0]), TABLE_AUTOMATON);
    for (uint32_t i = 0; i < instruction->arm_count; i++)
        writer_segment_text(e->writer, "", 0, false, e->labels[instruction->arms[i].label]);
    writer_segment_automaton(e->writer, automaton->classes, automaton->width, automaton->states, automaton->accepts,
                             automaton->next);
    writer_segment_end(e->writer, e->labels[instruction->label]);
}

static void emit_segment(struct emitter *e, const struct ir_instruction *instruction)
{
    if (instruction->automaton) {
        emit_automaton(e, instruction);
        return;
    }
    bool text = instruction->arms[0].text;
    writer_segment_begin(e->writer, frame_register(e, instruction->operand[0]), text ? TABLE_TEXT : TABLE_RANGES);
    for (uint32_t i = 0; i < instruction->arm_count; i++) {
        const struct ir_arm *arm = &instruction->arms[i];
        uint32_t label = e->labels[arm->label];
        if (text)
            writer_segment_text(e->writer, arm->bytes, (uint32_t)arm->length, arm->prefix, label);
        else
            writer_segment_range(e->writer, arm->first, arm->last, label);
    }
    writer_segment_end(e->writer, e->labels[instruction->label]);
}

/* Returns the number to write for an operand: a register of the frame, or the number itself. */
static unsigned emit_number(const struct emitter *e, const struct ir_instruction *instruction, int column)
{
    enum ir_role role = ir_ops[instruction->op].roles[column];
    uint32_t operand = instruction->operand[column];
    if (role == ROLE_READ || role == ROLE_WRITE) {
        if (operand != IR_NONE) return frame_register(e, operand);
        /* A run is named by its first register; an empty run by the register that the instruction names. */
        return frame_register(e, instruction->argument_count ? instruction->arguments[0] : instruction->operand[0]);
    }
    return role == ROLE_NUMBER && operand != IR_NONE ? operand : 0;
}

/* The layout in opcodes.def tells which parts the instruction's word has, and so which of the writer's functions
 * writes it. */
static void emit_plain(struct emitter *e, const struct ir_instruction *i)
{
    struct image_writer *w = e->writer;
    enum opcode op = (enum opcode)i->op;
    uint32_t label = i->label == IR_NONE ? 0 : e->labels[i->label];
    unsigned a = emit_number(e, i, 0), b = emit_number(e, i, 1), c = emit_number(e, i, 2);
    unsigned d = i->d == IR_NONE ? 0 : frame_register(e, i->d);
    switch (ir_ops[i->op].layout) {
    case LAYOUT_0:
    case LAYOUT_A:
    case LAYOUT_AB:
    case LAYOUT_ABC:
        writer_abc(w, op, a, b, c);
        break;
    case LAYOUT_ABN:
        if (i->op == I_ADD_I)
            c = (unsigned)i->literal & 0xff;
        else if (i->op != I_FIELD && i->op != I_FIELD_OPT)
            c = i->op == I_MAP ? i->argument_count / 2 : i->argument_count;
        writer_abc(w, op, a, b, c);
        break;
    case LAYOUT_AN:
        writer_abx(w, op, a,
                   i->constant  ? constant_number(e, i->constant)
                   : i->measure ? (int)measure_number(e, i->measure)
                                : (int)b);
        break;
    case LAYOUT_AI:
        writer_abx(w, op, a, (int)i->literal);
        break;
    case LAYOUT_N:
        writer_abx(w, op, 0, (int)a);
        break;
    case LAYOUT_J:
        writer_jump(w, op, 0, 0, label);
        break;
    case LAYOUT_AJ:
        writer_jump(w, op, a, 0, label);
        break;
    case LAYOUT_ABJ:
        writer_jump(w, op, a, b, label);
        break;
    case LAYOUT_AKJ:
        writer_jump_x(w, op, a, constant_number(e, i->constant), label);
        break;
    case LAYOUT_AIJ:
        writer_jump_x(w, op, a, (int)i->literal, label);
        break;
    case LAYOUT_ABCJ:
        writer_jump_abcd(w, op, a, b, c, d, label);
        break;
    case LAYOUT_ABCD:
        writer_abcd(w, op, a, b, c, d);
        break;
    case LAYOUT_ABCDX:
        writer_abcd_zone(w, op, a, b, c, d, zone_number(e, i->zone));
        break;
    case LAYOUT_ABX:
        writer_ab_number(w, op, a, b,
                         i->measure ? measure_number(e, i->measure)
                         : i->zone  ? zone_number(e, i->zone)
                                    : (uint32_t)i->literal);
        break;
    }
}

/* Notes the name of a register that the instruction writes, where the name changes. */
static void name_register(uint32_t reg, bool write, void *context)
{
    struct emitter *e = context;
    const struct ir_register *row = &e->function->registers[reg];
    if (!write || row->frame == IR_NONE) return;
    const char *name = row->name ? row->name : "";
    assert(row->frame <= IMAGE_REGISTERS_MAX);
    const char *now = e->names[row->frame];
    if (!strcmp(name, now ? now : "") && row->secret == e->secret[row->frame]) return;
    e->names[row->frame] = name;
    e->secret[row->frame] = row->secret;
    writer_variable(e->writer, (uint8_t)row->frame, name, row->secret);
}

/* A place in the source is written only where it differs from that of the previous instruction: most instructions
 * share their statement's place. */
static void emit_place(struct emitter *e, struct ir_place place)
{
    assert(!place.file || place.line > 0);
    if (e->bare || !place.file) return;
    if (e->place.file == place.file && e->place.line == place.line && e->place.column == place.column) return;
    e->place = place;
    writer_position(e->writer, place.file, place.line, place.column);
}

/* A move of a register to itself is left out: both values have the same register of the frame. */
static void emit_instruction(struct emitter *e, const struct ir_instruction *instruction)
{
    if (instruction->op == I_LABEL) {
        writer_place(e->writer, e->labels[instruction->label]);
        return;
    }
    emit_place(e, instruction->place);
    if (instruction->wait) {
        emit_wait(e, instruction);
    } else if (instruction->op == I_SEGMENT) {
        emit_segment(e, instruction);
    } else if (instruction->op == I_CALL) {
        uint32_t first = instruction->argument_count ? instruction->arguments[0] : IR_NONE;
        writer_call(e->writer, (uint16_t)instruction->callee->number, frame_register(e, instruction->operand[0]),
                    first == IR_NONE ? 0 : frame_register(e, first));
    } else if (instruction->op == I_NATIVE) {
        uint32_t native = (uint32_t)instruction->literal;
        uint32_t first = instruction->argument_count ? instruction->arguments[0] : IR_NONE;
        writer_abcd(e->writer, OP_NATIVE, frame_register(e, instruction->operand[0]), native & 0xff, native >> 8,
                    first == IR_NONE ? 0 : frame_register(e, first));
    } else if (instruction->op != I_MOVE || emit_number(e, instruction, 0) != emit_number(e, instruction, 1)) {
        emit_plain(e, instruction);
    }
    if (!e->bare) ir_uses(instruction, name_register, e);
}

/* The function gets its number from the writer here, and its callers, which come later, write that number. Labels of
 * the function have the same order as the writer's. */
static void emit_function(struct emitter *e, struct ir_function *function)
{
    e->function = function;
    memset(e->names, 0, sizeof e->names);
    memset(e->secret, 0, sizeof e->secret);
    memset(&e->place, 0, sizeof e->place);
    uint16_t strategy = function->strategy == IR_NONE ? IMAGE_NONE : (uint16_t)function->strategy;
    function->number = writer_function_begin(e->writer, function->name, (enum function_kind)function->kind, strategy,
                                             function->parameters, emit_type(e, function->result));
    for (uint32_t i = 0; i < function->frame_count; i++) writer_register(e->writer, emit_type(e, function->frame[i]));
    e->labels = memory_zeroed(function->labels + 1, sizeof *e->labels);
    for (uint32_t i = 0; i < function->labels; i++) e->labels[i] = writer_label(e->writer);
    for (uint32_t i = 0; i < function->parameters && !e->bare; i++) name_register(i, true, e);
    for (uint32_t i = 0; i < function->count; i++) emit_instruction(e, &function->code[i]);
    writer_function_end(e->writer);
    free(e->labels);
}

_Static_assert((int)IR_SETTING_TABLE == SETTING_TABLE && (int)IR_SETTING_SCHEDULE == SETTING_SCHEDULE, "one order");

/* Returns the number of the value as a constant of the setting's type: `T?` where the setting has that type. */
static uint16_t setting_constant(struct emitter *e, const struct ir_setting *setting, const struct ir_constant *value)
{
    return value ? writer_constant(e->writer, emit_type(e, setting->type), emit_constant_word(e, value)) : IMAGE_NONE;
}

static void emit_settings(struct emitter *e)
{
    for (uint32_t i = 0; i < e->program->setting_count; i++) {
        const struct ir_setting *row = &e->program->settings[i];
        /* The three constants are made in this order by separate statements, since their order changes the image. */
        uint16_t value = setting_constant(e, row, row->value), low = setting_constant(e, row, row->low);
        uint16_t high = setting_constant(e, row, row->high);
        uint16_t number = writer_setting(e->writer, (enum setting_kind)row->kind, row->name, emit_type(e, row->type),
                                         value, low, high, row->edit);
        if (row->doc) writer_setting_doc(e->writer, number, row->doc);
    }
}

_Static_assert((int)NATIVE_ARGUMENTS_LIMIT == NATIVE_ARGUMENTS_MAX && (int)NATIVE_NAME_LIMIT == NATIVE_NAME_MAX &&
                   (int)IR_NATIVE_HASH == IMAGE_HASH,
               "one size");

static void emit_natives(struct emitter *e)
{
    for (uint32_t i = 0; i < e->program->native_count; i++) {
        const struct ir_native *row = &e->program->natives[i];
        uint16_t parameters[NATIVE_ARGUMENTS_MAX] = {0};
        for (uint32_t n = 0; n < row->parameter_count; n++) parameters[n] = emit_type(e, row->parameters[n]);
        writer_native(e->writer, row->library, row->name, row->hash, emit_type(e, row->result), parameters,
                      row->parameter_count);
    }
}

static void emit_capacities(struct emitter *e)
{
    for (uint32_t i = 0; i < e->program->capacity_count; i++) {
        const struct ir_capacity *capacity = &e->program->capacities[i];
        struct capacity_row *rows = memory_zeroed(capacity->row_count + 1, sizeof *rows);
        /* even a rule for each ordered pair of media, and one for each medium, are fewer than this limit */
        assert(capacity->row_count <= CAPACITY_ROWS_MAX);
        for (uint32_t n = 0; n < capacity->row_count; n++)
            rows[n] = (struct capacity_row){(enum capacity_what)capacity->rows[n].what, capacity->rows[n].medium,
                                            capacity->rows[n].number};
        writer_capacity(e->writer, capacity->name, rows, capacity->row_count);
        free(rows);
    }
}

static void emit_order(struct emitter *e)
{
    const struct ir_program *program = e->program;
    if (!program->preferences) return;
    struct prefer_row *rows = memory_zeroed(program->preference_count + 1, sizeof *rows);
    for (uint32_t at = 0; at < program->preference_count; at++)
        rows[at] = (struct prefer_row){program->preferences[at].name, program->preferences[at].rank,
                                       program->preferences[at].delay_ms};
    writer_prefer(e->writer, program->preference_order, rows, program->preference_count);
    free(rows);
}

static void emit_views(struct emitter *e)
{
    for (uint32_t at = 0; at < e->program->view_count; at++) {
        const struct ir_view *view = &e->program->views[at];
        struct writer_condition *conditions = memory_zeroed(view->condition_count + 1, sizeof *conditions);
        for (uint32_t i = 0; i < view->condition_count; i++) {
            const struct ir_view_condition *one = &view->conditions[i];
            conditions[i] = (struct writer_condition){
                .column = one->column, .text = one->text, .sign = one->sign, .kind = one->kind, .number = one->number};
        }
        writer_view(e->writer, &(struct writer_view){.name = view->name,
                                                     .order = view->order,
                                                     .columns = view->columns,
                                                     .conditions = conditions,
                                                     .bin = view->bin,
                                                     .column_count = view->column_count,
                                                     .condition_count = view->condition_count});
        free(conditions);
    }
}

static void emit_own_slot(struct emitter *e, uint16_t strategy, const struct ir_slot *slot)
{
    uint16_t type = emit_type(e, slot->type);
    if (slot->given)
        writer_parameter(e->writer, strategy, slot->name, type,
                         slot->value ? writer_constant(e->writer, type, emit_constant_word(e, slot->value))
                                     : IMAGE_NONE);
    else
        writer_slot(e->writer, strategy, slot->name, type, slot->secret);
}

/* Writes the names of the site, in the order of their numbers in the image. Names that the site declares come first,
 * so that a name has the same number whether or not some strategy uses it. */
static void emit_declarations(struct emitter *e)
{
    const struct ir_program *program = e->program;
    for (uint32_t i = 0; i < program->name_count; i++)
        writer_name(e->writer, emit_type(e, program->names[i].type), program->names[i].text,
                    (uint32_t)strlen(program->names[i].text));
    if (program->locale) writer_name(e->writer, NAME_LOCALE, program->locale, (uint32_t)strlen(program->locale));
    for (unsigned i = 0; i < MEDIA_OWN_MAX; i++)
        if (program->media[i])
            writer_name(e->writer, image_kind_of_own(i), program->media[i], (uint32_t)strlen(program->media[i]));
    emit_settings(e);
    emit_capacities(e);
    emit_order(e);
    emit_views(e);
    for (uint32_t i = 0; i < program->zone_count; i++) (void)zone_number(e, program->zones[i]);
    emit_natives(e);
    for (uint32_t i = 0; i < program->slot_count; i++)
        writer_slot_common(e->writer, program->slots[i].name, emit_type(e, program->slots[i].type),
                           program->slots[i].secret);
    for (uint32_t i = 0; i < program->strategy_count; i++) {
        const struct ir_strategy *strategy = &program->strategies[i];
        uint16_t number = writer_strategy(e->writer, strategy->name, MEDIUM_ALL, strategy->lifetime_us);
        writer_strategy_media(e->writer, number, strategy->media);
        for (uint32_t j = 0; j < strategy->slot_count; j++) emit_own_slot(e, number, &strategy->slots[j]);
    }
}

static uint16_t function_number(const struct ir_function *function)
{
    return function ? (uint16_t)function->number : IMAGE_NONE;
}

/* The writer may exceed a limit at any time; it continues without harm and reports that at the end. Only the first
 * function that exceeded the limit is reported to the author, as it is the one to make smaller. */
/* `hashed`: the image includes the hashes of the sources, which only a real image needs. */
static struct image_writer *emit_program(struct ir_program *program, const char *tests, size_t tests_length, bool bare,
                                         bool hashed, const struct ir_function **with)
{
    struct emitter e = {.program = program, .writer = image_writer_new(), .bare = bare};
    e.types = memory_zeroed(program->type_count + 1, sizeof *e.types);
    emit_declarations(&e);
    *with = NULL;
    bool over = image_writer_is_over(e.writer);
    for (struct ir_function *function = program->functions; function; function = function->next) {
        emit_function(&e, function);
        if (!over && !*with && image_writer_is_over(e.writer)) *with = function;
    }
    for (const struct ir_latch *latch = program->latches; latch; latch = latch->next)
        writer_latch(e.writer, latch->name, function_number(latch->function), latch->ticks);
    for (uint32_t i = 0; i < program->strategy_count; i++) {
        const struct ir_strategy *strategy = &program->strategies[i];
        writer_strategy_functions(e.writer, (uint16_t)i, function_number(strategy->body),
                                  function_number(strategy->abandoned), function_number(strategy->error));
    }
    for (uint32_t i = 0; i < program->strategy_count; i++)
        for (uint32_t j = 0; j < program->strategies[i].signal_count; j++)
            writer_handler(e.writer, (uint16_t)i, (enum image_event)program->strategies[i].signals[j].event,
                           program->strategies[i].signals[j].name,
                           function_number(program->strategies[i].signals[j].function));
    for (const struct ir_source *source = bare ? NULL : program->sources; source; source = source->next)
        writer_source(e.writer, source->path, hashed ? source->text : NULL, source->length);
    if (tests) writer_scenario(e.writer, tests, (uint32_t)tests_length);
    free(e.types);
    return e.writer;
}

uint8_t *emit_image(struct ir_program *program, const char *tests, size_t tests_length, bool bare, size_t *length,
                    const struct ir_function **with, struct error *error)
{
    struct image_writer *writer = emit_program(program, tests, tests_length, bare, true, with);
    uint8_t *bytes = image_writer_finish(writer, length, error);
    image_writer_free(writer);
    return bytes;
}

bool emit_fits(struct ir_program *program, const char *tests, size_t tests_length, bool bare,
               const struct ir_function **with, struct error *error)
{
    struct image_writer *writer = emit_program(program, tests, tests_length, bare, false, with);
    bool fits = image_writer_fits(writer, error);
    image_writer_free(writer);
    return fits;
}

bool emit_verify(const uint8_t *bytes, size_t length, struct error *error)
{
    struct image *image = image_load(bytes, length, error);
    image_free(image);
    return image != NULL;
}

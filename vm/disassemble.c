/* vm/disassemble.c - Prints an image for people: its declarations, then each function with code, wait points and
 * tables. The same image always gives the same text.
 *
 * An image is printed only after image_load() has verified it, so indices are used without checks. Its texts may
 * come from anyone and are printed so that they cannot control a terminal (print_text).
 *
 *     strategy, keys, settings          what the program declares
 *     function NAME#NUMBER              then line by line: pc, opcode, operands by their roles in opcodes.def
 *        14  STEP   r4 select(...)      a wait point with its lines, busy block and live registers below it
 *
 * A register is printed with the author's name for it, if known at that instruction: r4:who. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/capacity.h"
#include "vm/measure.h"
#include "vm/image_data.h"
#include "vm/memory.h"
#include "vm/native.h"
#include "vm/opcode.h"
#include "vm/bin_view.h"
#include "vm/prefer.h"
#include "vm/show.h"
#include "vm/steps.h"

struct listing {
    const struct image *image;
    const struct image_lines *lines; /* or NULL */
    struct buffer out;
};

static void listing_print(struct listing *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void listing_print(struct listing *l, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_put(&l->out, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

/* Returns how many bytes here a terminal would execute, or would change the direction of writing: C0, DEL, C1, and
 * direction controls. */
static uint32_t control_at(struct text text, uint32_t at)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes + at;
    uint32_t left = text.length - at;
    if ((*bytes < ' ' && *bytes != '\t') || *bytes == 0x7f) return 1;
    if (left >= 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0) return 2;
    if (left < 3 || bytes[0] != 0xe2) return 0;
    bool turns = (bytes[1] == 0x80 && bytes[2] >= 0xaa && bytes[2] <= 0xae) ||
                 (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9);
    return turns ? 3 : 0;
}

/* Prints the text with all such bytes escaped: an image may come from anywhere, and its names may contain anything. */
static void print_text(struct listing *l, struct text text)
{
    for (uint32_t i = 0; i < text.length;) {
        uint32_t control = control_at(text, i);
        if (!control) buffer_put(&l->out, text.bytes + i++, 1);
        for (; control > 0; control--) listing_print(l, "\\x%02x", (unsigned char)text.bytes[i++]);
    }
}

static void print_name(struct listing *l, struct image_text text)
{
    print_text(l, image_text(l->image, text));
}

/* Prints the text on one line, in quotes. */
static void print_quoted(struct listing *l, struct text text)
{
    listing_print(l, "\"");
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.bytes[i];
        if (c == '\n')
            listing_print(l, "\\n");
        else if (c == '"' || c == '\\')
            listing_print(l, "\\%c", c);
        else {
            uint32_t length = control_at(text, i);
            print_text(l, (struct text){text.bytes + i, length ? length : 1});
            if (length) i += length - 1;
        }
    }
    listing_print(l, "\"");
}

const char *show_type_name(uint16_t type)
{
    static const char *const names[TYPE_BUILTIN_END] = {[TYPE_VOID] = "void",         [TYPE_INT] = "int",
                                                        [TYPE_FLOAT] = "float",       [TYPE_BOOL] = "bool",
                                                        [TYPE_STR] = "str",           [TYPE_DURATION] = "duration",
                                                        [TYPE_TIME] = "time",         [TYPE_DATE] = "date",
                                                        [TYPE_PERCENT] = "percent",   [TYPE_VALUE] = "value",
                                                        [TYPE_ERROR] = "error",       [TYPE_TARGET] = "target",
                                                        [TYPE_AGENT] = "agent",       [TYPE_SKILL] = "skill",
                                                        [TYPE_GROUP] = "group",       [TYPE_VQ] = "vq",
                                                        [TYPE_QUEUE] = "queue",       [TYPE_PROMPT] = "prompt",
                                                        [TYPE_SOURCE] = "source",     [TYPE_DN] = "dn",
                                                        [TYPE_PLACE] = "place",       [TYPE_WORKBIN] = "workbin",
                                                        [TYPE_CLOCK] = "clock",       [TYPE_BLOB] = "blob",
                                                        [TYPE_TEMPLATE] = "template", [TYPE_CATEGORY] = "category",
                                                        [TYPE_SCHEDULE] = "schedule", [TYPE_ZONE] = "zone",
                                                        [TYPE_STRATEGY] = "strategy", [TYPE_CAMPAIGN] = "campaign"};
    return type_base(type) < TYPE_BUILTIN_END ? names[type_base(type)] : "own";
}

static void print_type(struct listing *l, uint16_t type)
{
    const struct image_type *row = image_type(l->image, type);
    if (!row) {
        listing_print(l, "%s", show_type_name(type));
    } else if (row->kind == KIND_LIST || row->kind == KIND_MAP) {
        listing_print(l, row->kind == KIND_LIST ? "list<" : "map<");
        print_type(l, row->element);
        listing_print(l, ">");
    } else {
        print_name(l, row->name);
    }
    if (type_is_optional(type)) listing_print(l, "?");
}

/* Prints a constant; a long text is cut at the size of the buffer, as the listing need not show all of it. */
static void print_constant(struct listing *l, uint32_t index)
{
    const struct image_constant *constant = &l->image->constants[index];
    char text[200];
    struct show show = {l->image, NULL, NULL, NULL};
    struct shown shown = {text, sizeof text, 0};
    if (value_is_none(constant->type, constant->word) && type_is_optional(constant->type)) {
        listing_print(l, "none");
        return;
    }
    show_value(&show, &shown, constant->type, constant->word);
    struct text short_text = {text, shown.length < sizeof text ? shown.length : (uint32_t)sizeof text};
    if (type_is_name(constant->type)) {
        print_type(l, type_base(constant->type));
        listing_print(l, " ");
    }
    if (type_base(constant->type) == TYPE_STR)
        print_quoted(l, short_text);
    else
        print_text(l, short_text);
}

static void print_register(struct listing *l, uint32_t function, uint32_t pc, uint32_t reg)
{
    struct text name = image_variable(l->image, function, pc, (uint8_t)reg);
    listing_print(l, "r%u", reg);
    if (!name.length) return;
    listing_print(l, ":");
    print_text(l, name);
}

/* Prints an operand of a wait point: a constant, a register live there, or nothing. */
static void print_operand(struct listing *l, const struct image_wait *wait, uint16_t operand)
{
    if (operand == OPERAND_NONE)
        listing_print(l, "-");
    else if (operand & OPERAND_CONSTANT)
        print_constant(l, operand & (uint16_t)~OPERAND_CONSTANT);
    else
        print_register(l, wait->function, wait->pc, operand);
}

static void print_clause(struct listing *l, const struct image_wait *wait, const char *name, uint16_t operand)
{
    if (operand == OPERAND_NONE) return;
    listing_print(l, " %s ", name);
    print_operand(l, wait, operand);
}

static void print_function_name(struct listing *l, uint32_t function)
{
    print_name(l, l->image->functions[function].name);
    listing_print(l, "#%u", function);
}

static void print_captures(struct listing *l, const struct image_wait *wait, uint32_t first, uint32_t count)
{
    listing_print(l, "(");
    for (uint32_t i = 0; i < count; i++) {
        if (i) listing_print(l, ", ");
        print_operand(l, wait, l->image->operands[first + i].operand);
    }
    listing_print(l, ")");
}

static const char *until_words(uint16_t type)
{
    static const char *const words[] = {"until",          "until, each second,",
                                        "until, shared,", "until, each second, shared,",
                                        "until, told,",   "until, told, each second,"};
    return words[type % (sizeof words / sizeof *words)];
}

/* Prints the lines of a selection in order, or the children of a race or parallel; a child's line begins with the
 * variable for its result. */
static void print_lines(struct listing *l, const struct image_wait *wait)
{
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct image_line *line = &l->image->lines[wait->lines + i];
        listing_print(l, "\n            %s",
                      line->kind == LINE_CHILD   ? "child"
                      : line->kind == LINE_ORDER ? "order"
                      : line->kind == LINE_TIE   ? "then by"
                      : line->kind == LINE_WHERE ? line->type ? "where, each second," : "where"
                      : line->kind == LINE_VALUE ? line->type & LINE_TICKS ? "value, each second," : "value"
                      : line->kind == LINE_UNTIL ? until_words(line->type)
                      : line->kind == LINE_IN    ? "in"
                                                 : "line");
        print_clause(l, wait, "after", line->after);
        listing_print(l, " ");
        if (line->kind == LINE_CHILD && line->operand != OPERAND_NONE) {
            print_operand(l, wait, line->operand);
            listing_print(l, " := ");
        }
        if (line->kind == LINE_TARGET || line->kind == LINE_IN) {
            print_operand(l, wait, line->operand);
        } else {
            bool tie = line->kind == LINE_TIE;
            if (tie) listing_print(l, line->function != IMAGE_NONE ? "%s " : "%s", order_numbered(line->type)->word);
            if (line->function != IMAGE_NONE) {
                print_function_name(l, line->function);
                print_captures(l, wait, line->operands, line->captures);
            }
            if (line->kind == LINE_VALUE) listing_print(l, " -> %u", line->type >> LINE_VALUE_CAPTURE);
        }
        if (wait->order == ORDER_share && line->kind <= LINE_TARGET)
            print_clause(l, wait, "share", l->image->operands[line->operands + line->captures].operand);
    }
}

static void print_live(struct listing *l, const struct image_wait *wait)
{
    const struct image_function *function = &l->image->functions[wait->function];
    listing_print(l, "\n            live");
    for (uint32_t r = 0; r < function->register_count; r++) {
        if (!(l->image->live[wait->live + r / 32] >> r % 32 & 1)) continue;
        listing_print(l, " ");
        print_register(l, wait->function, wait->pc, r);
    }
}

/* Returns the name of the last parameter whose number is not above `number`: all numbers of a STEP_REST parameter
 * have that parameter's name. */
static const char *parameter_name(const struct step *step, uint32_t number)
{
    const char *name = "?";
    for (uint32_t i = 0; i < step->parameter_count; i++)
        if (step->parameters[i].number <= number) name = step->parameters[i].name;
    return name;
}

/* Prints a wait point such as: select(vq: vq service) timeout 5m by longest_idle else 16
 *             line after 30s seniors#4(r2:level)
 *             live r2:level r3
 *
 * Clauses that the wait point does not have are left out. */
static void print_wait(struct listing *l, uint32_t number)
{
    const struct image_wait *wait = &l->image->waits[number];
    const struct step *step = step_numbered(wait->step);
    if (wait->callee != IMAGE_NONE)
        print_function_name(l, wait->callee);
    else
        listing_print(l, "%s", step ? step->name : "?");
    listing_print(l, "(");
    for (uint32_t i = 0; i < wait->arguments; i++) {
        const struct image_operand *row = &l->image->operands[wait->operands + i];
        if (i) listing_print(l, ", ");
        if (step) listing_print(l, "%s: ", parameter_name(step, row->parameter));
        print_operand(l, wait, row->operand);
    }
    listing_print(l, ")");
    print_clause(l, wait, "answer", wait->answer);
    print_clause(l, wait, "tries", wait->tries);
    print_clause(l, wait, "pause", wait->pause);
    print_clause(l, wait, "timeout", wait->timeout);
    if (wait->step == STEP_ID_select) listing_print(l, " by %s", order_numbered(wait->order)->word);
    if (wait->flags & WAIT_SECRET) listing_print(l, " secret");
    if (wait->flags & WAIT_SECRET_ANSWER) listing_print(l, " secret answer");
    if (wait->failure != IMAGE_NONE) listing_print(l, " else %u", wait->failure);
    if (wait->error != REGISTER_NONE) listing_print(l, " error r%u", wait->error);
    if (wait->statement != IMAGE_NONE) {
        const struct image_statement *statement = &l->image->statements[wait->statement];
        listing_print(l, "\n            %s ", statement_is_request(statement->mode) ? "http" : "sql");
        print_name(l, l->image->names[statement->source].text);
        listing_print(l, " ");
        print_quoted(l, image_text(l->image, statement->sql));
    }
    print_lines(l, wait);
    if (wait->busy != IMAGE_NONE) {
        listing_print(l, "\n            busy ");
        print_function_name(l, wait->busy);
        print_captures(l, wait, wait->operands + wait->arguments, wait->captures);
        for (uint32_t i = 0; i < wait->exits; i++)
            listing_print(l, " exit %u",
                          l->image->operands[wait->operands + wait->arguments + wait->captures + i].operand);
    }
    if (wait->label.length) {
        listing_print(l, "\n            label ");
        print_name(l, wait->label);
    }
    if (wait->live_count) print_live(l, wait);
}

/* Prints a trie as the texts that it matches, each with its target. */
static void print_path(struct listing *l, const uint32_t *table, uint32_t node, char *path, uint32_t depth)
{
    const uint32_t *row = table + 4 + 4 * (size_t)node;
    if (row[2] != TABLE_NO) {
        listing_print(l, "\n            ");
        print_quoted(l, (struct text){path, depth});
        listing_print(l, " -> %u", row[2] & 0xffff);
    }
    if (row[3] != TABLE_NO) {
        listing_print(l, "\n            prefix ");
        print_quoted(l, (struct text){path, depth});
        listing_print(l, " -> %u", row[3] & 0xffff);
    }
    for (uint32_t i = 0; i < row[1] >> 16; i++) {
        uint32_t child = table[row[0] + i];
        if (!child || depth >= 100) continue;
        path[depth] = (char)((row[1] & 0xffff) + i);
        print_path(l, table, child, path, depth + 1);
    }
}

/* Prints an automaton, although the image does not have its patterns as texts. The image only has where each of them
 * leads, and how large the automaton is. */
static void print_automaton(struct listing *l, const uint32_t *table)
{
    const uint32_t *accepts = table + 5 + AUTOMATON_CLASS_WORDS;
    listing_print(l, "\n            %u states, %u classes", table[2], table[4]);
    for (uint32_t i = 0; i < table[2]; i++) {
        bool first = accepts[i] != TABLE_NO;
        for (uint32_t j = 0; j < i && first; j++) first = accepts[j] != accepts[i];
        if (first) listing_print(l, "\n            pattern %u -> %u", (accepts[i] >> 16) + 1, accepts[i] & 0xffff);
    }
}

/* Prints a table; its targets are pcs of the function that uses it. */
static void listing_print_table(struct listing *l, uint32_t number)
{
    const uint32_t *table = l->image->tables + l->image->tables[1 + number];
    char path[100];
    if (table[0] == TABLE_ZONE) {
        listing_print(l, "\"%.*s\"", (int)table[3], (const char *)(table + 4 + 3 * (size_t)table[2]));
        return;
    }
    if (table[0] == TABLE_AUTOMATON) print_automaton(l, table);
    if (table[0] == TABLE_TEXT) print_path(l, table, 0, path, 0);
    for (uint32_t i = 0; table[0] == TABLE_RANGES && i < table[2]; i++) {
        const uint32_t *row = table + 4 + 5 * (size_t)i;
        listing_print(l, "\n            %lld..%lld -> %u", (long long)(int64_t)(row[0] | (uint64_t)row[1] << 32),
                      (long long)(int64_t)(row[2] | (uint64_t)row[3] << 32), row[4]);
    }
    listing_print(l, "\n            else -> %u", table[3]);
}

/* Prints a key's name; a function without a strategy can only use keys common to all strategies, so any strategy's
 * row will do. */
static void print_slot_name(struct listing *l, const struct image_function *function, uint32_t slot)
{
    const struct image_strategy *strategy =
        &l->image->strategies[function->strategy == IMAGE_NONE ? 0 : function->strategy];
    print_name(l, image_slot(l->image, strategy, slot)->name);
}

/* Prints a measure: "answered of vq media 1 within 20000000 over 1800000000", with times in microseconds, as in the
 * image. */
static void print_measure(struct listing *l, const struct image_measure *row)
{
    listing_print(l, "%s of ", measure_numbered(row->measure)->name);
    print_type(l, measure_object_type(row->of));
    if (row->medium) listing_print(l, " media %u", row->medium);
    if (row->measure >= MEASURE_GIVEN) {
        listing_print(l, " ");
        print_name(l, l->image->names[row->within_us].text);
        return;
    }
    if (row->within_us >= 0) listing_print(l, " within %lld", (long long)row->within_us);
    if (row->window_us > 0) listing_print(l, " over %lld", (long long)row->window_us);
    if (row->window_us == MEASURE_SINCE_LOGIN) listing_print(l, " since login");
    if (row->window_us >= 0 || row->window_us == MEASURE_SINCE_LOGIN) return;
    listing_print(l, " since %lld ", (long long)-(row->window_us + 1));
    listing_print_table(l, row->zone);
}

/* Prints a number; `number` is the unsigned operand, `literal` the same with its sign. */
static void print_number(struct listing *l, const struct image_function *function, unsigned what, uint32_t number,
                         int32_t literal)
{
    const struct attribute *attribute;
    switch ((enum operand_number)what) {
    case NUMBER_LITERAL:
        listing_print(l, "%d", literal);
        break;
    case NUMBER_CONSTANT:
        print_constant(l, number);
        break;
    case NUMBER_COUNT:
        listing_print(l, "*%u", number);
        break;
    case NUMBER_FIELD:
        listing_print(l, ".%u", number);
        break;
    case NUMBER_SLOT:
        print_slot_name(l, function, number);
        break;
    case NUMBER_ATTRIBUTE:
        attribute = attribute_numbered(number);
        listing_print(l, "%s", attribute ? attribute->name : "?");
        break;
    case NUMBER_WAIT:
        print_wait(l, number);
        break;
    case NUMBER_TABLE:
        listing_print_table(l, number);
        break;
    case NUMBER_EXIT:
        listing_print(l, "exit %u", number);
        break;
    case NUMBER_SETTING:
        print_name(l, l->image->settings[number].name);
        break;
    case NUMBER_MEASURE:
        print_measure(l, &l->image->measures[number]);
        break;
    case NUMBER_LATCH:
        print_name(l, l->image->latches[number].name);
        break;
    }
}

static void print_call(struct listing *l, uint32_t number, uint32_t pc, uint32_t word, uint32_t extension)
{
    uint32_t callee = word >> 16;
    if (word_a(word) != REGISTER_NONE) {
        listing_print(l, " ");
        print_register(l, number, pc, word_a(word));
    }
    listing_print(l, " ");
    print_function_name(l, callee);
    if (l->image->functions[callee].parameters) listing_print(l, " from r%u", extension & 0xff);
}

static void print_native_call(struct listing *l, uint32_t number, uint32_t pc, uint32_t word, uint32_t extension)
{
    const struct image_native *native = &l->image->natives[word >> 16];
    listing_print(l, " ");
    print_register(l, number, pc, word_a(word));
    listing_print(l, " ");
    print_name(l, native->name);
    if (native->parameter_count) listing_print(l, " from r%u", extension & 0xff);
}

/* Returns operand `n` of an instruction, from the bits given by the columns of opcodes.def, as in verify_code.c. */
static uint32_t operand_at(unsigned layout, unsigned n, uint32_t word, uint32_t extension)
{
    switch ((enum layout)layout) {
    case LAYOUT_J:
        return word_abc(word);
    case LAYOUT_N:
        return word_bc(word);
    case LAYOUT_AN:
    case LAYOUT_AI:
    case LAYOUT_AJ:
        return n == 0 ? word_a(word) : word_bc(word);
    case LAYOUT_AKJ:
    case LAYOUT_AIJ:
        return n == 0 ? word_a(word) : n == 1 ? word_bc(word) : extension & 0xffff;
    case LAYOUT_ABJ:
    case LAYOUT_ABX:
        return n == 0 ? word_a(word) : n == 1 ? word_b(word) : extension & 0xffff;
    default:
        return n == 0 ? word_a(word) : n == 1 ? word_b(word) : word_c(word);
    }
}

static void print_instruction(struct listing *l, uint32_t number, uint32_t pc, uint32_t word, uint32_t extension)
{
    const struct image_function *function = &l->image->functions[number];
    const struct opcode_info *info = opcode_info(word_op(word));
    listing_print(l, "    %5u  %-13s", pc, info->name);
    if (word_op(word) == OP_CALL) {
        print_call(l, number, pc, word, extension);
        listing_print(l, "\n");
        return;
    }
    if (word_op(word) == OP_NATIVE) {
        print_native_call(l, number, pc, word, extension);
        listing_print(l, "\n");
        return;
    }
    for (unsigned n = 0; n < 3; n++) {
        unsigned role = info->operand[n].role;
        uint32_t operand = operand_at(info->layout, n, word, extension);
        bool none = operand == REGISTER_NONE && (role == ROLE_WRITE || role == ROLE_READ);
        if (role == ROLE_NONE || none) continue;
        listing_print(l, " ");
        if (role == ROLE_TARGET)
            listing_print(l, "-> %u", operand);
        else if (role == ROLE_NUMBER)
            print_number(l, function, info->operand[n].what, operand,
                         info->layout == LAYOUT_ABN ? word_sc(word) : word_sbc(word));
        else
            print_register(l, number, pc, operand);
    }
    if (info->layout == LAYOUT_ABCD || info->layout == LAYOUT_ABCDX) listing_print(l, " r%u", extension & 0xff);
    if (info->layout == LAYOUT_ABCDX) {
        listing_print(l, " ");
        listing_print_table(l, extension >> 8);
    }
    if (info->flags & OPCODE_PAIR) listing_print(l, " r%u", extension >> 16);
    if (info->layout == LAYOUT_ABCJ) listing_print(l, " -> %u", extension & 0xffff);
    listing_print(l, "\n");
}

/* Prints the source line before the first of its instructions; `*line` is the line printed last, which is not
 * repeated. */
static void print_position(struct listing *l, uint32_t function, uint32_t pc, uint32_t *line)
{
    struct image_place place;
    if (!image_place(l->image, function, pc, &place) || place.line == *line) return;
    *line = place.line;
    listing_print(l, "  ");
    print_text(l, place.file);
    listing_print(l, ":%u\n", place.line);
    struct text shown = l->lines ? l->lines->line(l->lines->self, place.file, place.line) : (struct text){"", 0};
    if (shown.length == 0) return;
    listing_print(l, "  | ");
    print_text(l, shown);
    listing_print(l, "\n");
}

/* Prints a function; the words for its kind are in the order of enum function_kind. */
static void print_function(struct listing *l, uint32_t number)
{
    static const char *const kinds[] = {"function", "subroutine", "strategy", "handler", "busy", "line"};
    const struct image_function *function = &l->image->functions[number];
    const uint32_t *code = l->image->code + function->code;
    uint32_t line = 0;
    listing_print(l, "\n%s ", kinds[function->kind]);
    print_function_name(l, number);
    if (function->result != TYPE_VOID) {
        listing_print(l, ": ");
        print_type(l, function->result);
    }
    listing_print(l, "\n    registers");
    for (uint32_t r = 0; r < function->register_count; r++) {
        listing_print(l, " r%u%s ", r, r < function->parameters ? "(in)" : "");
        print_type(l, l->image->registers[function->registers + r]);
    }
    listing_print(l, "\n");
    for (uint32_t pc = 0; pc < function->code_words;) {
        const struct opcode_info *info = opcode_info(word_op(code[pc]));
        bool wide = opcode_layout_words(info->layout) == 2;
        print_position(l, number, pc, &line);
        print_instruction(l, number, pc, code[pc], wide ? code[pc + 1] : 0);
        pc += wide ? 2 : 1;
    }
}

static void print_declarations(struct listing *l)
{
    const struct image *image = l->image;
    for (uint32_t i = 0; i < image->count[SECTION_TYPES]; i++) {
        const struct image_type *type = &image->types[i];
        if (type->kind != KIND_RECORD && type->kind != KIND_ENUM) continue;
        listing_print(l, type->kind == KIND_RECORD ? "record " : "enum ");
        print_name(l, type->name);
        for (uint32_t f = 0; f < type->count; f++) {
            listing_print(l, f ? ", " : " ");
            print_name(l, image->fields[type->first + f].name);
            if (type->kind == KIND_ENUM) continue;
            listing_print(l, ": ");
            print_type(l, image->fields[type->first + f].type);
            if (image->fields[type->first + f].secret) listing_print(l, " secret");
        }
        listing_print(l, "\n");
    }
    for (uint32_t i = 0; i < image->count[SECTION_NAMES]; i++) {
        listing_print(l, "name %u ", i);
        if (image->names[i].kind == NAME_LOCALE)
            listing_print(l, "locale");
        else if (image->names[i].kind == NAME_STATISTIC)
            listing_print(l, "statistic");
        else if (image_name_own(&image->names[i]) < MEDIA_OWN_MAX)
            listing_print(l, "medium %u", image_name_own(&image->names[i]) + 1);
        else
            print_type(l, image->names[i].kind);
        listing_print(l, " ");
        print_name(l, image->names[i].text);
        listing_print(l, "\n");
    }
}

static void print_setting(struct listing *l, const struct image_setting *setting)
{
    static const char *const kinds[SETTING_KINDS] = {"parameter", "table", "schedule"};
    listing_print(l, "%s ", kinds[setting->kind]);
    print_name(l, setting->name);
    listing_print(l, ": ");
    print_type(l, setting->type);
    listing_print(l, " = ");
    print_constant(l, setting->constant);
    if (setting->low != IMAGE_NONE) {
        listing_print(l, " within ");
        print_constant(l, setting->low);
    }
    if (setting->high != IMAGE_NONE) {
        listing_print(l, "..");
        print_constant(l, setting->high);
    }
    if (setting->edit.length) {
        listing_print(l, " edit ");
        print_name(l, setting->edit);
    }
    listing_print(l, "\n");
}

static void print_native(struct listing *l, const struct image_native *native)
{
    char signature[NATIVE_SIGNATURE_MAX];
    native_signature(native, signature);
    listing_print(l, "native ");
    print_name(l, native->name);
    listing_print(l, " %s from ", signature);
    print_name(l, native->library);
    listing_print(l, " sha256:");
    for (uint32_t i = 0; i < IMAGE_HASH; i++) listing_print(l, "%02x", native->hash[i]);
    listing_print(l, "\n");
}

static void print_strategy(struct listing *l, uint32_t number)
{
    const struct image_strategy *strategy = &l->image->strategies[number];
    listing_print(l, "strategy ");
    print_name(l, strategy->name);
    listing_print(l, " media 0x%x", strategy->media & UINT16_MAX);
    for (uint32_t medium = STRATEGY_MEDIA_BITS; strategy->media != MEDIUM_ALL && medium < MEDIA_KINDS; medium++)
        if (has_medium(image_media(l->image, number), medium)) listing_print(l, "+%u", medium);
    listing_print(l, " lifetime %llds body #%u", (long long)(strategy->lifetime_us / 1000000), strategy->function);
    if (strategy->on_abandoned != IMAGE_NONE) listing_print(l, " abandoned #%u", strategy->on_abandoned);
    if (strategy->on_error != IMAGE_NONE) listing_print(l, " error #%u", strategy->on_error);
    for (uint32_t i = 0; i < l->image->count[SECTION_HANDLERS]; i++) {
        const struct image_handler *row = &l->image->handlers[i];
        if (row->strategy != number) continue;
        static const char *const events[] = {" signal ", " transferred", " main_released"};
        listing_print(l, "%s", events[row->event]);
        if (row->event == EVENT_SIGNAL) print_name(l, row->name);
        listing_print(l, " #%u", row->function);
    }
    listing_print(l, "\n");
    for (uint32_t s = 0; s < image_slot_count(strategy); s++) {
        const struct image_slot *slot = image_slot(l->image, strategy, s);
        listing_print(l, slot->parameter ? "    parameter " : "    attached ");
        print_name(l, slot->name);
        listing_print(l, ": ");
        print_type(l, slot->type);
        listing_print(l, slot->secret ? " secret\n" : "\n");
    }
}

/* Prints a rule: "capacity blended takes 1:1 3:3 blocks 1:3 interrupts 1:2", with media by their numbers. */
static void print_capacity(struct listing *l, uint32_t table)
{
    static const char *const whats[CAPACITY_WHATS] = {" takes", " blocks", " interrupts"};
    const uint32_t *words = l->image->tables + l->image->tables[1 + table];
    if (words[0] != TABLE_CAPACITY) return;
    listing_print(l, "capacity %.*s", (int)words[3], (const char *)(words + 4 + words[2]));
    for (uint32_t i = 0; i < words[2]; i++) {
        const struct capacity_row row = capacity_row_of(words[4 + i]);
        bool first = i == 0 || capacity_row_of(words[3 + i]).what != row.what;
        listing_print(l, "%s %u:%u", first ? whats[row.what] : "", row.medium, row.number);
    }
    listing_print(l, "\n");
}

/* Prints the order for agents: "order by rank sales 1 after 0 ms, others 2 after 60000 ms". */
static void print_prefer(struct listing *l)
{
    static const char *const words[] = {
#define PREFER(id, number, word, first, doc) [number] = word,
#include "vm/prefer_orders.def"
    };
    enum prefer_order order;
    const struct prefer_row *rows;
    uint32_t count;
    if (!prefer_read(l->image, &order, &rows, &count)) return;
    listing_print(l, "order by %s", words[order]);
    for (uint32_t i = 0; i < count; i++) {
        listing_print(l, "%s ", i == 0 ? "" : ",");
        if (rows[i].name == PREFER_OTHERS)
            listing_print(l, "others");
        else
            print_name(l, l->image->names[rows[i].name].text);
        listing_print(l, " %u after %u ms", rows[i].rank, rows[i].delay_ms);
    }
    listing_print(l, "\n");
}

/* Prints the views: "view urgent of mails order by -due columns from, subject where priority >= 50". */
static void print_views(struct listing *l)
{
    static const char *const signs[BIN_SIGNS] = {"==", "!=", "<", "<=", ">", ">=", "has"};
    struct image_view view;
    for (uint32_t table = 0; table < image_view_tables(l->image); table++) {
        if (!image_view_at(l->image, table, &view)) continue;
        listing_print(l, "view %.*s of ", (int)view.name.length, view.name.bytes);
        print_name(l, l->image->names[view.bin].text);
        if (view.order.length > 0) listing_print(l, " order by %.*s", (int)view.order.length, view.order.bytes);
        for (uint32_t i = 0; i < view.columns; i++) {
            struct text word = image_view_column(l->image, &view, i);
            listing_print(l, "%s %.*s", i == 0 ? " columns" : ",", (int)word.length, word.bytes);
        }
        for (uint32_t i = 0; i < view.conditions; i++) {
            struct view_condition one = image_view_condition(l->image, &view, i);
            listing_print(l, "%s %.*s %s ", i == 0 ? " where" : ",", (int)one.column.length, one.column.bytes,
                          signs[one.sign]);
            if (one.kind == BIN_TEXT)
                listing_print(l, "%.*s", (int)one.text.length, one.text.bytes);
            else
                listing_print(l, "%lld", (long long)one.number);
        }
        listing_print(l, "\n");
    }
}

char *image_disassemble(const struct image *image)
{
    return image_disassemble_with(image, NULL);
}

char *image_disassemble_with(const struct image *image, const struct image_lines *lines)
{
    struct listing l = {.image = image, .lines = lines};
    print_declarations(&l);
    for (uint32_t i = 0; i < image->count[SECTION_SETTINGS]; i++) print_setting(&l, &image->settings[i]);
    for (uint32_t i = 0; i < capacity_table_count(image); i++) print_capacity(&l, i);
    print_prefer(&l);
    print_views(&l);
    for (uint32_t i = 0; i < image->count[SECTION_NATIVES]; i++) print_native(&l, &image->natives[i]);
    for (uint32_t i = 0; i < image->count[SECTION_STRATEGIES]; i++) print_strategy(&l, i);
    for (uint32_t i = 0; i < image->count[SECTION_FUNCTIONS]; i++) print_function(&l, i);
    buffer_add(&l.out, 1);
    return (char *)l.out.bytes;
}

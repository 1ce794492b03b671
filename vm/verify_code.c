/* vm/verify_code.c - Checks whether a function's code is well-formed and correctly typed. Each register has one
 * type, and zero is safe for every type, so every instruction is checked by itself.
 *
 *        14  STEP   r4 select(vq: vq service) timeout 5m else 16
 *
 *     find_starts()        where instructions begin: a jump may lead to no other place
 *     instruction_take()   the operands, by the layout in opcodes.def; unused bits are zero
 *     verify_operands()    each register there is, and of the class that the row of opcodes.def wants
 *     check_special()      what the row cannot say: the fields of a record, the parameters of a callee, a slot's type
 *
 * Jumps lead forward and only LOOP leads back, and a call leads to an earlier function: so the depth of the stack is
 * known (`stack_words`), and the interpreter need not check it. */
#include "vm/measure.h"
#include "vm/verify.h"

static const void *verify_code_at(const struct verify *v, const struct instruction *i)
{
    return v->image->code + i->function->code + i->pc;
}

static bool code_wrong(struct verify *v, const struct instruction *i, enum image_rule rule)
{
    return verify_refuse_of(v, verify_code_at(v, i), rule, "%.*s: %s at %u",
                            (int)(i->function->name.length < 40 ? i->function->name.length : 40),
                            v->image->strings + i->function->name.offset, i->info ? i->info->name : "instruction",
                            i->pc);
}

static uint16_t reg_type(const struct verify *v, const struct instruction *i, uint32_t reg)
{
    return verify_register(v, i->function, reg);
}

/* Checks a jump's target: jumps lead forward, and LOOP back or to itself, so every path without a LOOP is finite. */
static bool check_target(struct verify *v, const struct instruction *i, uint32_t target)
{
    if (target > 0xffff || !image_starts(v->image, i->function, target)) return code_wrong(v, i, RULE_TARGET);
    if (i->op == OP_LOOP ? target > i->pc : target <= i->pc) return code_wrong(v, i, RULE_TARGET_WAY);
    return true;
}

/* Checks an instruction's registers, only by their types. A register may be read before it was written, because
 * registers begin as zero, which is valid for each type. */
static bool verify_operands(struct verify *v, struct instruction *i)
{
    for (unsigned n = 0; n < 3; n++) {
        unsigned role = i->info->operand[n].role, what = i->info->operand[n].what;
        if (role == ROLE_READ || role == ROLE_WRITE) {
            if (n == 0 && instruction_has_no_result(i)) continue;
            i->type[n] = reg_type(v, i, i->operand[n]);
            if (i->type[n] == TYPE_VOID) return code_wrong(v, i, RULE_REGISTER);
            if (!instruction_operand_fits(v->image, i, what, i->type[n])) return code_wrong(v, i, RULE_OPERAND_TYPE);
        } else if (role == ROLE_TARGET && !check_target(v, i, i->operand[n])) {
            return false;
        } else if (role == ROLE_NUMBER && what == NUMBER_CONSTANT &&
                   i->operand[n] >= v->image->count[SECTION_CONSTANTS]) {
            return code_wrong(v, i, RULE_OPERAND_CONSTANT);
        }
    }
    if (i->info->layout == LAYOUT_ABCJ) return check_target(v, i, i->extension & 0xffff);
    return true;
}

/* Checks a row of registers, such as the arguments of a call. */
static bool check_registers(struct verify *v, const struct instruction *i, uint32_t first, uint32_t count,
                            uint16_t type)
{
    for (uint32_t n = 0; n < count; n++)
        if (!type_like(type, reg_type(v, i, first + n)) || first + n >= i->function->register_count)
            return code_wrong(v, i, RULE_ARGUMENT_TYPE);
    return true;
}

static bool d_fits(struct verify *v, const struct instruction *i, uint16_t type, bool writes)
{
    uint16_t d = reg_type(v, i, i->d);
    if (d != TYPE_VOID && (writes ? type_like(d, type) : type_like(type, d))) return true;
    return code_wrong(v, i, RULE_OPERAND_TYPE);
}

static bool code_fits(struct verify *v, const struct instruction *i, bool good)
{
    return good || code_wrong(v, i, RULE_OPERAND_TYPE);
}

static bool verify_record(struct verify *v, const struct instruction *i)
{
    const struct image *image = v->image;
    uint16_t type = i->op == OP_RECORD || i->op == OP_FIELD_SET ? i->type[0] : i->type[1];
    uint32_t number = i->operand[2], count = image_field_count(image, type);
    if (!type_is_record(image, type)) return code_wrong(v, i, RULE_RECORD);
    if (i->op == OP_RECORD) {
        if (type < TYPE_OWN) return code_wrong(v, i, RULE_RECORD_MADE);
        if (number != count) return code_wrong(v, i, RULE_RECORD_FIELDS);
        for (uint32_t n = 0; n < count; n++)
            if (!check_registers(v, i, i->operand[1] + n, 1, image_field_type(image, type, n))) return false;
        return true;
    }
    if (number >= count) return code_wrong(v, i, RULE_RECORD_FIELD);
    uint16_t field = image_field_type(image, type, number);
    if (i->op == OP_FIELD) return code_fits(v, i, type_like(i->type[0], field));
    if (i->op == OP_FIELD_OPT) return code_fits(v, i, i->type[0] == (field | TYPE_OPTIONAL));
    return type < TYPE_OWN ? code_wrong(v, i, RULE_RECORD_CHANGED) : d_fits(v, i, field, false);
}

/* Checks instructions of lists and maps: an element must have the register's type; `type_like` also allows a value
 * where an optional one is expected. */
static bool check_sequence(struct verify *v, const struct instruction *i)
{
    const struct image *image = v->image;
    uint16_t optional = TYPE_OPTIONAL;
    uint16_t of_a = image_element(image, i->type[0]), of_b = image_element(image, i->type[1]);
    switch (i->op) {
    case OP_LIST:
        return check_registers(v, i, i->operand[1], i->operand[2], of_a);
    case OP_MAP:
        for (uint32_t n = 0; n < i->operand[2]; n++)
            if (!check_registers(v, i, i->operand[1] + 2 * n, 1, TYPE_STR) ||
                !check_registers(v, i, i->operand[1] + 2 * n + 1, 1, of_a))
                return false;
        return true;
    case OP_LIST_GET:
    case OP_NEXT:
        return code_fits(v, i, type_like(i->type[0], of_b));
    case OP_NEXT_PAIR:
        return d_fits(v, i, of_b, true);
    case OP_LIST_GET_OPT:
    case OP_MAP_GET:
    case OP_MAP_PREFIX:
        return code_fits(v, i, i->type[0] == (of_b | optional));
    case OP_LIST_ADD:
        return code_fits(v, i, type_like(of_a, i->type[2]));
    case OP_LIST_IN:
        return code_fits(v, i, type_base(i->type[1]) == type_base(image_element(image, i->type[2])));
    case OP_MAP_SET:
        return d_fits(v, i, of_a, false);
    default:
        return true;
    }
}

static bool verify_code_boxable(const struct verify *v, uint16_t type)
{
    uint16_t base = type_base(type);
    return (base >= TYPE_INT && base <= TYPE_PERCENT) || base == TYPE_CLOCK || type_is_name(type) ||
           type_is_enum(v->image, type);
}

static bool verify_attribute(struct verify *v, const struct instruction *i)
{
    const struct attribute *attribute = attribute_numbered(i->operand[1]);
    if (!attribute || attribute->number == ATTRIBUTE_ID_user_data || attribute->number == ATTRIBUTE_ID_parties)
        return code_wrong(v, i, RULE_ATTRIBUTE);
    if (i->op == OP_ATTRIBUTE) return code_fits(v, i, type_like(i->type[0], attribute->type));
    if (!attribute->written) return code_wrong(v, i, RULE_ATTRIBUTE_SET);
    return code_fits(v, i, type_like(attribute->type, i->type[0]));
}

/* Checks the targets of an automaton: the words after the classes have a target in the lower half, one per accepting
 * state. */
static bool verify_automaton_code(struct verify *v, const struct instruction *i, const uint32_t *table)
{
    if (i->type[0] != TYPE_STR) return code_wrong(v, i, RULE_OPERAND_TYPE);
    const uint32_t *accepts = table + 5 + AUTOMATON_CLASS_WORDS;
    for (uint32_t n = 0; n < table[2]; n++)
        if (accepts[n] != TABLE_NO && !check_target(v, i, accepts[n] & 0xffff)) return false;
    return check_target(v, i, table[3]);
}

/* Is it a zone's table? It may be used by any function: its rows are verified with the tables. */
bool verify_is_zone(const struct verify *v, uint32_t table)
{
    const uint32_t *tables = v->image->tables;
    return v->image->count[SECTION_TABLES] && table < tables[0] && tables[tables[1 + table]] == TABLE_ZONE;
}

static bool verify_zone_code(struct verify *v, const struct instruction *i)
{
    return verify_is_zone(v, i->operand[2]) || code_wrong(v, i, RULE_USED_ZONE);
}

static bool verify_measure(struct verify *v, const struct instruction *i)
{
    if (i->operand[2] >= v->image->count[SECTION_MEASURES]) return code_wrong(v, i, RULE_USED_MEASURE);
    const struct image_measure *row = &v->image->measures[i->operand[2]];
    return code_fits(v, i,
                     i->type[0] == measure_numbered(row->measure)->unit && i->type[1] == measure_object_type(row->of));
}

static bool check_candidate_is(struct verify *v, const struct instruction *i)
{
    if (i->function->kind != FUNCTION_LEAF) return code_wrong(v, i, RULE_CANDIDATE);
    return code_fits(v, i, i->type[1] == (i->op == OP_IS_AGENT ? TYPE_AGENT : TYPE_PLACE));
}

static bool check_measure_of_it(struct verify *v, const struct instruction *i)
{
    if (i->function->kind != FUNCTION_LEAF) return code_wrong(v, i, RULE_CANDIDATE);
    if (i->operand[1] >= v->image->count[SECTION_MEASURES]) return code_wrong(v, i, RULE_USED_MEASURE);
    const struct image_measure *row = &v->image->measures[i->operand[1]];
    return code_fits(v, i, i->type[0] == measure_numbered(row->measure)->unit && row->of == MEASURED_AGENT);
}

/* Checks that the score of a candidate in a map is read only by a leaf function, and only from a map of numbers. */
static bool verify_score(struct verify *v, const struct instruction *i)
{
    if (i->function->kind != FUNCTION_LEAF) return code_wrong(v, i, RULE_CANDIDATE);
    bool scores = type_is_scores(v->image, i->type[1]);
    bool floats = scores && image_element(v->image, i->type[1]) == TYPE_FLOAT;
    return code_fits(v, i,
                     scores && floats == (i->op == OP_SCORE_FLOAT) &&
                         i->type[0] == (image_element(v->image, i->type[1]) | TYPE_OPTIONAL));
}

static bool verify_table_code(struct verify *v, const struct instruction *i, uint32_t setting)
{
    if (setting >= v->image->count[SECTION_SETTINGS]) return code_wrong(v, i, RULE_SETTING);
    return v->image->settings[setting].kind == SETTING_TABLE || code_wrong(v, i, RULE_SETTING_TABLE);
}

static bool verify_row(struct verify *v, const struct instruction *i)
{
    if (!verify_table_code(v, i, i->operand[2])) return false;
    uint16_t element = image_element(v->image, v->image->settings[i->operand[2]].type);
    return code_fits(v, i, i->type[0] == (element | TYPE_OPTIONAL));
}

static bool verify_schedule(struct verify *v, const struct instruction *i)
{
    if (image_element(v->image, i->type[1]) != TYPE_INT) return code_fits(v, i, false);
    if (i->op == OP_OPEN_AT) return true;
    bool by_zone = i->info->layout == LAYOUT_ABCDX;
    if (by_zone && !verify_is_zone(v, i->zone)) return code_wrong(v, i, RULE_USED_ZONE);
    if (i->op == OP_BETWEEN_OPEN || i->op == OP_BETWEEN_BY) return d_fits(v, i, TYPE_TIME, false);
    if (i->type[0] != (TYPE_TIME | TYPE_OPTIONAL)) return code_fits(v, i, false);
    if (i->op == OP_ADD_OPEN || i->op == OP_ADD_OPEN_BY) return d_fits(v, i, TYPE_DURATION, false);
    return !by_zone || d_fits(v, i, TYPE_TIME, false);
}

static bool is_week(const struct verify *v, uint16_t type)
{
    return type_is_enum(v->image, type) && !type_is_optional(type) && image_type(v->image, type)->count == 7;
}

/* Checks an instruction that reads lists of user data: it takes a `value?`, and gives the value found, or none. */
static bool check_walk(struct verify *v, const struct instruction *i)
{
    const uint16_t value = TYPE_VALUE, optional = TYPE_VALUE | TYPE_OPTIONAL;
    uint16_t base = type_base(i->type[0]);
    bool list = base >= TYPE_OWN && type_is_list(v->image, base) && image_element(v->image, base) == value;
    bool map = base >= TYPE_OWN && type_is_map(v->image, base) && image_element(v->image, base) == value;
    if (i->type[1] != optional) return code_fits(v, i, false);
    return code_fits(v, i, i->op == OP_VALUE_AT ? i->type[0] == optional : i->op == OP_VALUE_LIST ? list : map);
}

/* Checks a SEGMENT: targets of its table must be further on in the function; each table has one user, so the time is
 * linear. */
static bool verify_segment(struct verify *v, const struct instruction *i)
{
    const uint32_t *tables = v->image->tables;
    if (!v->image->count[SECTION_TABLES] || i->operand[1] >= tables[0]) return code_wrong(v, i, RULE_USED_TABLE);
    const uint32_t *table = tables + tables[1 + i->operand[1]];
    if (table[1] != i->number) return code_wrong(v, i, RULE_TABLE_OTHERS);
    if (v->tables_used[i->operand[1]]++) return code_wrong(v, i, RULE_TABLE_TWICE);
    if (table[0] == TABLE_AUTOMATON) return verify_automaton_code(v, i, table);
    bool text = table[0] == TABLE_TEXT;
    if (text ? i->type[0] != TYPE_STR
             : type_is_optional(i->type[0]) || !instruction_operand_fits(v->image, i, CLASS_WORD, i->type[0]))
        return code_wrong(v, i, RULE_OPERAND_TYPE);
    if (!check_target(v, i, table[3])) return false;
    for (uint32_t n = 0; n < table[2]; n++) {
        const uint32_t *row = table + 4 + (text ? 4 : 5) * (size_t)n;
        if (!text && !check_target(v, i, row[4])) return false;
        if (text && row[2] != TABLE_NO && !check_target(v, i, row[2] & 0xffff)) return false;
        if (text && row[3] != TABLE_NO && !check_target(v, i, row[3] & 0xffff)) return false;
    }
    return true;
}

static bool may_wait(const struct image_function *function)
{
    return function->kind != FUNCTION_PLAIN && function->kind != FUNCTION_LEAF;
}

/* Checks a call. A caller changes whatever the called function changes; that function is earlier in the image, so
 * the verifier knows already what it changes. */
static bool verify_call_code(struct verify *v, const struct instruction *i, uint32_t *below, uint8_t *depth)
{
    uint32_t number = i->operand[1] | i->operand[2] << 8;
    if (number >= i->number) return code_wrong(v, i, RULE_CALL_ORDER);
    const struct image_function *callee = &v->image->functions[number];
    if (callee->kind != FUNCTION_PLAIN) return code_wrong(v, i, RULE_CALL_KIND);
    if (callee->strategy != IMAGE_NONE && callee->strategy != i->function->strategy)
        return code_wrong(v, i, RULE_CALL_STRATEGY);
    for (uint32_t n = 0; n < callee->parameters; n++)
        if (!check_registers(v, i, i->d + n, 1, verify_register(v, callee, n))) return false;
    if (!callee->parameters && i->d) return code_wrong(v, i, RULE_UNUSED);
    if (i->operand[0] != REGISTER_NONE && (callee->result == TYPE_VOID || !type_like(i->type[0], callee->result)))
        return code_wrong(v, i, RULE_RESULT_TYPE);
    if (callee->stack_words > *below) *below = callee->stack_words;
    if (v->depths[number] > *depth) *depth = v->depths[number];
    v->changes[i->number] = v->changes[i->number] || v->changes[number];
    v->walks[i->number] = v->walks[i->number] || v->walks[number];
    return true;
}

/* Is the instruction forbidden in a condition that must change nothing? */
static bool op_changes(unsigned op)
{
    return op == OP_ATTRIBUTE_SET || op == OP_SLOT_SET || op == OP_SLOT_CLEAR || op == OP_DATA_SET || op == OP_DRAW ||
           op == OP_TALLY || op == OP_TALLY_KEYS;
}

/* Checks an instruction that waits; the wait point itself is checked when all code is known. */
static bool check_wait(struct verify *v, const struct instruction *i, uint32_t *below, uint8_t *depth)
{
    const struct image *image = v->image;
    if (!may_wait(i->function)) return code_wrong(v, i, RULE_WAIT_FUNCTION);
    if (i->operand[1] >= image->count[SECTION_WAITS]) return code_wrong(v, i, RULE_WAIT);
    const struct image_wait *wait = &image->waits[i->operand[1]];
    if (wait->function != i->number || wait->pc != i->pc || wait->result != i->operand[0])
        return code_wrong(v, i, RULE_WAIT_OTHERS);
    bool call = (wait->flags & WAIT_CALL) != 0;
    if (call != (i->op == OP_CALL_WAIT)) return code_wrong(v, i, RULE_WAIT_KIND);
    if (!call) return true;
    if (wait->callee >= i->number) return code_wrong(v, i, RULE_CALL_ORDER);
    const struct image_function *callee = &image->functions[wait->callee];
    if (callee->kind != FUNCTION_SUBROUTINE) return code_wrong(v, i, RULE_CALL_KIND);
    if (callee->strategy != IMAGE_NONE && callee->strategy != i->function->strategy)
        return code_wrong(v, i, RULE_CALL_STRATEGY);
    if (i->operand[0] != REGISTER_NONE && (callee->result == TYPE_VOID || !type_like(i->type[0], callee->result)))
        return code_wrong(v, i, RULE_RESULT_TYPE);
    if (callee->stack_words > *below) *below = callee->stack_words;
    if (v->depths[wait->callee] > *depth) *depth = v->depths[wait->callee];
    return true;
}

/* Checks JEQ_K and JNE_K, which compare words: a text must be short enough to be in its word. */
static bool check_constant(struct verify *v, const struct instruction *i)
{
    const struct image_constant *constant = &v->image->constants[i->operand[1]];
    if (i->op == OP_LOAD) return code_fits(v, i, type_like(i->type[0], constant->type));
    bool word = instruction_operand_fits(v->image, i, CLASS_WORD, constant->type) ||
                (type_base(constant->type) == TYPE_STR &&
                 (value_where(constant->word) <= VALUE_INLINE_MAX || constant->word == VALUE_NONE));
    return code_fits(v, i, word && type_base(i->type[0]) == type_base(constant->type));
}

/* Checks how a function ends, which depends on its kind. The largest exit number is noted: wait points that use this
 * function must have so many exits. */
static bool verify_end(struct verify *v, const struct instruction *i)
{
    unsigned kind = i->function->kind;
    uint16_t result = i->function->result;
    bool returns = kind == FUNCTION_PLAIN || kind == FUNCTION_SUBROUTINE || kind == FUNCTION_LEAF ||
                   (kind == FUNCTION_BUSY && result != TYPE_VOID);
    switch (i->op) {
    case OP_RETURN:
        if (!returns || result == TYPE_VOID) return code_wrong(v, i, RULE_RETURNS_NOTHING);
        return code_fits(v, i, type_like(result, i->type[0]));
    case OP_RETURN_VOID:
        return (returns && result == TYPE_VOID) || code_wrong(v, i, RULE_RETURNS_SO);
    case OP_END:
        return kind == FUNCTION_HANDLER || (kind == FUNCTION_BUSY && result == TYPE_VOID) ||
               code_wrong(v, i, RULE_ENDS_SO);
    case OP_FAIL:
        return may_wait(i->function) || code_wrong(v, i, RULE_FAILS);
    default: /* OP_EXIT */
        if (kind != FUNCTION_BUSY) return code_wrong(v, i, RULE_NO_BUSY);
        if (i->operand[0] >= v->exits[i->number]) v->exits[i->number] = (uint16_t)(i->operand[0] + 1);
        return i->operand[0] < IMAGE_NONE || code_wrong(v, i, RULE_EXIT);
    }
}

/* Checks an ASK; the argument is in D; without an argument D must be the subject. */
static bool check_question(struct verify *v, const struct instruction *i)
{
    const struct vm_question *question = question_numbered(i->operand[2]);
    if (!question) return code_wrong(v, i, RULE_QUESTION);
    bool argument = question->argument == TYPE_VOID ? i->d == i->operand[1] : d_fits(v, i, question->argument, false);
    return code_fits(v, i, i->type[0] == question->result && i->type[1] == question->of && argument);
}

static bool check_native(struct verify *v, const struct instruction *i)
{
    uint32_t number = i->operand[1] | i->operand[2] << 8;
    if (number >= v->image->count[SECTION_NATIVES]) return code_wrong(v, i, RULE_USED_NATIVE);
    const struct image_native *native = &v->image->natives[number];
    for (uint32_t n = 0; n < native->parameter_count; n++)
        if (!check_registers(v, i, i->d + n, 1, native->parameters[n])) return false;
    if (!native->parameter_count && i->d) return code_wrong(v, i, RULE_UNUSED);
    return code_fits(v, i, type_like(i->type[0], native->result));
}

/* Checks access to keys, attributes and user data, of the interaction itself or of its main interaction. */
static bool check_interaction(struct verify *v, const struct instruction *i)
{
    uint32_t literal = i->operand[1];
    switch (i->op) {
    case OP_SLOT:
    case OP_SLOT_SET: {
        uint16_t slot = verify_slot(v, i->function, literal);
        if (slot == TYPE_VOID) return code_wrong(v, i, RULE_KEY);
        if (i->op == OP_SLOT_SET && verify_is_parameter(v, i->function, literal))
            return code_wrong(v, i, RULE_KEY_PARAMETER);
        return code_fits(v, i, i->op == OP_SLOT ? type_like(i->type[0], slot) : type_like(slot, i->type[0]));
    }
    case OP_SLOT_CLEAR:
        if (verify_slot(v, i->function, i->operand[0]) == TYPE_VOID) return code_wrong(v, i, RULE_KEY);
        return !verify_is_parameter(v, i->function, i->operand[0]) || code_wrong(v, i, RULE_KEY_PARAMETER);
    case OP_ATTRIBUTE:
    case OP_ATTRIBUTE_SET:
        return verify_attribute(v, i);
    case OP_DATA:
        return code_fits(v, i, i->type[0] == (TYPE_VALUE | TYPE_OPTIONAL));
    case OP_DATA_SET:
        return code_fits(v, i, type_base(i->type[1]) == TYPE_VALUE);
    case OP_MAIN_ATTRIBUTE: {
        const struct attribute *attribute = attribute_numbered(literal);
        if (!attribute || attribute->number == ATTRIBUTE_ID_user_data || attribute->number == ATTRIBUTE_ID_parties)
            return code_wrong(v, i, RULE_ATTRIBUTE);
        return code_fits(v, i, i->type[0] == (attribute->type | TYPE_OPTIONAL));
    }
    case OP_MAIN_SLOT: {
        uint16_t slot = verify_slot(v, i->function, literal);
        if (slot == TYPE_VOID) return code_wrong(v, i, RULE_KEY);
        return code_fits(v, i, i->type[0] == (slot | TYPE_OPTIONAL));
    }
    default:
        return true;
    }
}

/* Settings, zones and schedules. */
static bool verify_site(struct verify *v, const struct instruction *i)
{
    uint32_t literal = i->operand[1];
    switch (i->op) {
    case OP_WALL:
    case OP_INSTANT:
        return verify_zone_code(v, i);
    case OP_WEEKDAY_OF:
        return code_fits(v, i, is_week(v, i->type[0]));
    case OP_SETTING:
        if (literal >= v->image->count[SECTION_SETTINGS]) return code_wrong(v, i, RULE_SETTING);
        return code_fits(v, i, type_like(i->type[0], v->image->settings[literal].type));
    case OP_SETTING_ROW:
    case OP_SETTING_PREFIX:
    case OP_SETTING_AT:
        return verify_row(v, i);
    case OP_SETTING_COUNT:
    case OP_SETTING_WALK:
    case OP_SETTING_WALKED:
        return verify_table_code(v, i, literal);
    case OP_SETTING_KEY:
        return code_fits(v, i, i->type[0] == (TYPE_STR | TYPE_OPTIONAL)) && verify_table_code(v, i, i->operand[2]);
    case OP_MAP_PREFIX:
        return check_sequence(v, i);
    case OP_OPEN_AT:
    case OP_OPENS_AFTER:
    case OP_CLOSES_AFTER:
    case OP_ADD_OPEN:
    case OP_BETWEEN_OPEN:
    case OP_OPENS_BY:
    case OP_CLOSES_BY:
    case OP_ADD_OPEN_BY:
    case OP_BETWEEN_BY:
        return verify_schedule(v, i);
    default:
        return true;
    }
}

static bool check_special(struct verify *v, const struct instruction *i, uint32_t *below, uint8_t *depth)
{
    uint32_t literal = i->operand[1];
    switch (i->op) {
    case OP_LOAD_INT:
        if (i->type[0] == TYPE_BOOL) return literal <= 1 || code_wrong(v, i, RULE_LOAD_BOOL);
        if (i->type[0] == TYPE_CLOCK) return literal <= 0x7fff || code_wrong(v, i, RULE_LOAD_CLOCK);
        if (type_is_enum(v->image, i->type[0]))
            return literal < image_type(v->image, i->type[0])->count || code_wrong(v, i, RULE_LOAD_ENUM);
        return true;
    case OP_LOAD:
    case OP_JEQ_K:
    case OP_JNE_K:
        return check_constant(v, i);
    case OP_CONCAT:
        return check_registers(v, i, i->operand[1], i->operand[2], TYPE_STR);
    case OP_STR_SLICE:
        return d_fits(v, i, TYPE_INT, false);
    case OP_TALLIED:
        return d_fits(v, i, TYPE_DURATION, false);
    case OP_TALLY_KEYS:
        return d_fits(v, i, TYPE_INT, false);
    case OP_ASK:
        return check_question(v, i);
    case OP_IT_MEASURE:
        return check_measure_of_it(v, i);
    case OP_SCORE:
    case OP_SCORE_FLOAT:
        return verify_score(v, i);
    case OP_MEASURE:
        return verify_measure(v, i);
    case OP_QUOTIENT:
        return code_fits(v, i, i->type[0] == (TYPE_PERCENT | TYPE_OPTIONAL) && i->type[1] == i->type[2]);
    case OP_LATCH:
        return literal < v->image->count[SECTION_LATCHES] || code_wrong(v, i, RULE_USED_LATCH);
    case OP_NATIVE:
        return check_native(v, i);
    case OP_PARSE_INT:
        return code_fits(v, i, i->type[0] == (TYPE_INT | TYPE_OPTIONAL));
    case OP_NAMED:
        return code_fits(v, i, type_is_name(i->type[0]) || i->type[0] == (TYPE_AGENT | TYPE_OPTIONAL));
    case OP_RECORD:
    case OP_FIELD:
    case OP_FIELD_OPT:
    case OP_FIELD_SET:
        return verify_record(v, i);
    case OP_LIST:
    case OP_LIST_GET:
    case OP_LIST_GET_OPT:
    case OP_LIST_ADD:
    case OP_LIST_IN:
    case OP_MAP:
    case OP_MAP_GET:
    case OP_MAP_SET:
    case OP_NEXT:
    case OP_NEXT_PAIR:
        return check_sequence(v, i);
    case OP_BOX:
        return code_fits(v, i, verify_code_boxable(v, i->type[1]));
    case OP_UNBOX: {
        uint16_t base = type_base(i->type[0]);
        bool plain =
            base == TYPE_INT || base == TYPE_STR || base == TYPE_BOOL || base == TYPE_TIME || base == TYPE_FLOAT;
        return code_fits(v, i, plain && i->type[1] == (TYPE_VALUE | TYPE_OPTIONAL));
    }
    case OP_SEGMENT:
        return verify_segment(v, i);
    case OP_CALL:
        return verify_call_code(v, i, below, depth);
    case OP_STEP:
    case OP_CALL_WAIT:
        return check_wait(v, i, below, depth);
    case OP_RETURN:
    case OP_RETURN_VOID:
    case OP_END:
    case OP_FAIL:
    case OP_EXIT:
        return verify_end(v, i);
    case OP_STR_GET:
        return code_fits(v, i, i->type[0] == (TYPE_STR | TYPE_OPTIONAL));
    case OP_LIST_SLICE:
        return d_fits(v, i, TYPE_INT, false);
    case OP_LIST_STARTS:
        return code_fits(v, i, i->type[1] == i->type[2]);
    case OP_TO_ENUM:
        return code_fits(v, i, type_is_enum(v->image, i->type[0]) && !type_is_optional(i->type[0]));
    case OP_SCALE:
        return d_fits(v, i, TYPE_PERCENT, false);
    case OP_VALUE_AT:
    case OP_VALUE_LIST:
    case OP_VALUE_MAP:
        return check_walk(v, i);
    case OP_IS_AGENT:
    case OP_AT_PLACE:
        return check_candidate_is(v, i);
    case OP_LEVEL:
    case OP_MEMBER:
    case OP_IDLE:
    case OP_IT_LINE:
        return i->function->kind == FUNCTION_LEAF || code_wrong(v, i, RULE_CANDIDATE);
    default:
        return check_interaction(v, i) && verify_site(v, i);
    }
}

static bool find_starts(struct verify *v, struct instruction *i)
{
    const uint32_t *code = v->image->code + i->function->code;
    for (i->pc = 0; i->pc < i->function->code_words;) {
        uint32_t start = i->function->code + i->pc;
        i->info = opcode_info(word_op(code[i->pc]));
        if (!i->info) return code_wrong(v, i, RULE_OPCODE);
        uint32_t words = opcode_layout_words(i->info->layout);
        if (words > i->function->code_words - i->pc) return code_wrong(v, i, RULE_OPCODE_LENGTH);
        v->starts[start / 32] |= 1u << start % 32;
        i->pc += words;
    }
    return true;
}

static bool step_ends(const struct verify *v, const struct instruction *i)
{
    if (i->op != OP_STEP) return false;
    const struct step *step = step_numbered(v->image->waits[i->operand[1]].step);
    return step && step->ends;
}

/* Checks a function in two passes: the first finds where instructions begin, the second checks each. The last
 * instruction must not continue, and the stack size in the function's row must be what its registers and called
 * functions need. */
bool verify_code(struct verify *v, uint32_t number)
{
    const struct image_function *function = &v->image->functions[number];
    const uint32_t *code = v->image->code + function->code;
    struct instruction i = {.function = function, .number = number};
    uint32_t below = 0;
    uint8_t depth = 0;
    bool falls = true;
    if (!find_starts(v, &i)) return false;
    for (uint32_t pc = 0; pc < function->code_words; pc += opcode_layout_words(i.info->layout)) {
        i = (struct instruction){.function = function, .number = number, .pc = pc, .word = code[pc]};
        i.op = word_op(i.word);
        i.info = opcode_info(i.op);
        if (opcode_layout_words(i.info->layout) == 2) i.extension = code[pc + 1];
        if (!instruction_take(&i)) return code_wrong(v, &i, RULE_UNUSED);
        if (function->kind == FUNCTION_LEAF && !(i.info->flags & OPCODE_LEAF))
            return code_wrong(v, &i, RULE_OPCODE_LEAF);
        if (!verify_operands(v, &i) || !check_special(v, &i, &below, &depth)) return false;
        v->changes[number] = v->changes[number] || op_changes(i.op);
        v->walks[number] = v->walks[number] || i.op == OP_SETTING_WALK;
        falls = !(i.info->flags & OPCODE_ENDS) && i.op != OP_JUMP && i.op != OP_LOOP && !step_ends(v, &i);
    }
    if (falls) return code_wrong(v, &i, RULE_FALLS);
    uint32_t words = function->register_count + below;
    v->depths[number] = (uint8_t)(depth + 1);
    if (words > IMAGE_STACK_MAX || depth + 1 > IMAGE_DEPTH_MAX || words != function->stack_words)
        return verify_refuse(v, &function->stack_words, RULE_FUNCTION_STACK);
    return true;
}

/* vm/verify.c - Checks whether an image is valid. The verifier makes one pass over every section, linear in its size;
 * an invalid image is refused with the offset in the file and the reason. Afterwards the interpreter needs no checks.
 *
 *     strings -> types -> names -> data, constants -> keys, settings, statements
 *             -> rows of functions -> strategies, handlers, natives -> tables, measures
 *             -> the code of each function (verify_code.c) -> latches -> wait points (verify_waits.c)
 *
 * A row may only refer to what was checked before, mostly to earlier rows of its own section: so there are no cycles
 * of types, objects or calls. The parts of a section must follow one another without gaps (the fields of types, the
 * code and registers of functions), so that no two share a byte. */
#include "vm/capacity.h"
#include "vm/measure.h"
#include "vm/verify.h"

#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"
#include "vm/native.h"
#include "vm/request.h"
#include "base/utf8.h"

enum { RECORD_WORDS_MAX = 1024 };

/* Checks that no section has more rows than its row numbers allow. */
static bool check_limits(struct verify *v)
{
    static const struct {
        uint32_t section, rows;
    } limits[] = {
        {SECTION_TYPES, OBJECT_USER_DATA - TYPE_OWN},
        {SECTION_NAMES, IMAGE_NONE - 1},
        {SECTION_CONSTANTS, OPERAND_CONSTANT - 2},
        {SECTION_FUNCTIONS, IMAGE_NONE - 1},
        {SECTION_WAITS, IMAGE_NONE - 1},
        {SECTION_NATIVES, IMAGE_NATIVES_MAX},
        {SECTION_MEASURES, IMAGE_NONE - 1},
        {SECTION_LATCHES, IMAGE_LATCHES_MAX},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (v->image->count[limits[i].section] > limits[i].rows)
            return verify_refuse(v, &v->image->header->section[limits[i].section], RULE_SECTION_LIMIT);
    return true;
}

/* Is `type` a type of this image other than void? */
static bool verify_type(const struct verify *v, uint16_t type)
{
    uint16_t base = type_base(type);
    if (base == TYPE_VOID) return false;
    return base < TYPE_BUILTIN_END || (base >= TYPE_OWN && base - TYPE_OWN < (int)v->image->count[SECTION_TYPES]);
}

/* Checks the strings as a whole; texts in them then only need to begin and end between characters. */
static bool check_strings(struct verify *v)
{
    const char *strings = v->image->strings;
    if (utf8_is_text(strings, v->image->count[SECTION_STRINGS])) return true;
    return verify_refuse(v, strings, RULE_UTF8);
}

static uint32_t depth_of(const struct verify *v, uint16_t type)
{
    const struct image_type *row = image_type(v->image, type);
    return row ? row->depth : 0;
}

/* Does the type at `row` refer only to types in earlier rows? */
static bool check_inner(struct verify *v, const void *at, uint16_t type, uint32_t row, uint32_t *depth)
{
    if (!verify_type(v, type) || (type_base(type) >= TYPE_OWN && type_base(type) - TYPE_OWN >= (int)row))
        return verify_refuse(v, at, RULE_TYPE_INNER);
    if (depth_of(v, type) > *depth) *depth = depth_of(v, type);
    return true;
}

/* Checks fields: those of a record have types; the values of an enum are fields without one. */
static bool check_fields(struct verify *v, const struct image_type *type, uint32_t row, uint32_t *depth)
{
    for (uint32_t i = 0; i < type->count; i++) {
        const struct image_field *field = &v->image->fields[type->first + i];
        if (!verify_text(v, &field->name)) return false;
        if (field->secret > 1 || field->zero) return verify_refuse(v, field, RULE_UNUSED);
        if (type->kind == KIND_ENUM && field->type != TYPE_VOID) return verify_refuse(v, field, RULE_TYPE_ENUM);
        if (type->kind == KIND_RECORD && !check_inner(v, &field->type, field->type, row, depth)) return false;
    }
    return true;
}

/* Checks how many fields a value of the type has, including those of inner records. A zero word is a record of
 * zeros, and so are its inner records, so reading all of them must come to an end. */
static bool check_width(struct verify *v, const struct image_type *type, uint32_t row)
{
    uint64_t width = 1;
    for (uint32_t i = 0; type->kind == KIND_RECORD && i < type->count; i++) {
        uint16_t base = type_base(v->image->fields[type->first + i].type);
        width += base >= TYPE_OWN ? v->widths[base - TYPE_OWN] : 1;
    }
    v->widths[row] = (uint32_t)(width < UINT32_MAX ? width : UINT32_MAX);
    return width <= RECORD_WORDS_MAX || verify_refuse(v, type, RULE_TYPE_WIDTH);
}

/* Checks the types; inner types are in earlier rows, so one pass computes depth and width. */
static bool check_types(struct verify *v)
{
    const struct image *image = v->image;
    uint32_t fields = 0;
    for (uint32_t row = 0; row < image->count[SECTION_TYPES]; row++) {
        const struct image_type *type = &image->types[row];
        uint32_t depth = 0;
        bool sequence = type->kind == KIND_LIST || type->kind == KIND_MAP;
        if (!sequence && type->kind != KIND_RECORD && type->kind != KIND_ENUM)
            return verify_refuse(v, type, RULE_TYPE_KIND);
        if (!verify_text(v, &type->name)) return false;
        if (sequence ? type->first || type->count || type->name.length || type->name.offset : type->element)
            return verify_refuse(v, type, RULE_UNUSED);
        if (sequence && !check_inner(v, &type->element, type->element, row, &depth)) return false;
        if (!sequence) {
            if (type->first != fields || type->count > image->count[SECTION_FIELDS] - fields || type->count > 255)
                return verify_refuse(v, &type->first, RULE_FIELDS_PLACE);
            if (!check_fields(v, type, row, &depth)) return false;
            fields += type->count;
        }
        if (!check_width(v, type, row)) return false;
        depth += type->kind == KIND_ENUM ? 0 : 1;
        if (depth > VALUE_DEPTH_MAX || type->depth != depth) return verify_refuse(v, &type->depth, RULE_TYPE_DEPTH);
    }
    return fields == image->count[SECTION_FIELDS] || verify_refuse(v, image->fields + fields, RULE_FIELDS_REST);
}

static bool check_names(struct verify *v)
{
    uint32_t locales = 0;
    for (uint32_t i = 0; i < v->image->count[SECTION_NAMES]; i++) {
        const struct image_name *name = &v->image->names[i];
        if (!verify_text(v, &name->text)) return false;
        bool is_medium = image_name_own(name) < MEDIA_OWN_MAX;
        bool alone = (name->kind == NAME_LOCALE && locales++ == 0) || name->kind == NAME_STATISTIC || is_medium;
        if (!alone && (type_is_optional(name->kind) || !type_is_name(name->kind)))
            return verify_refuse(v, &name->kind, RULE_NAME_KIND);
        if (name->zero || name->zero16) return verify_refuse(v, name, RULE_UNUSED);
    }
    return true;
}

/* Checks a text's word; up to VALUE_INLINE_MAX bytes must be in the word, and longer texts must not: so a text has
 * only one word, and short texts can be compared as words. */
static bool text_word_good(struct verify *v, uint64_t word)
{
    uint32_t length = value_text_length(word);
    if (value_where(word) <= VALUE_INLINE_MAX) {
        char bytes[8];
        memcpy(bytes, &word, sizeof bytes);
        return value_text_inline(bytes, length) == word && utf8_is_text(bytes, length);
    }
    struct image_text text = {value_offset(word), length};
    uint32_t size = v->image->count[SECTION_STRINGS];
    if (value_where(word) != VALUE_IMAGE || length <= VALUE_INLINE_MAX) return false;
    if (text.offset > size || text.length > size - text.offset) return false;
    const char *strings = v->image->strings;
    return (strings[text.offset] & 0xc0) != 0x80 &&
           (text.offset + length == size || (strings[text.offset + length] & 0xc0) != 0x80);
}

/* Does the word refer to an object of this type in SECTION_DATA that begins before `limit`? */
static bool object_word_good(struct verify *v, uint16_t type, uint64_t word, uint32_t limit)
{
    uint32_t offset = value_offset(word);
    return word == value_object_at(VALUE_IMAGE, offset) && offset % 8 == 0 && offset < limit &&
           v->data_types[offset / 8] == type_base(type);
}

/* Is the word a constant that an image may have for this type? `limit`: the offset before which an object
 * must begin. */
static bool verify_word_good(struct verify *v, uint16_t type, uint64_t word, uint32_t limit)
{
    uint16_t base = type_base(type);
    if (type_is_optional(type) && value_is_none(type, word)) return true;
    if (type_is_name(base)) return word < v->image->count[SECTION_NAMES] && v->image->names[word].kind == base;
    if (type_is_enum(v->image, base)) return word < image_type(v->image, base)->count;
    if (base >= TYPE_OWN) return word == 0 || object_word_good(v, type, word, limit);
    switch ((enum value_type)base) {
    case TYPE_BOOL:
        return word <= 1;
    case TYPE_STR:
        return text_word_good(v, word);
    case TYPE_INT:
    case TYPE_DURATION:
    case TYPE_TIME:
    case TYPE_DATE:
    case TYPE_PERCENT:
        return word != VALUE_NONE;
    case TYPE_CLOCK:
        return value_is_clock(word);
    case TYPE_FLOAT:
        return value_is_finite(word);
    default:
        return false; /* words of type value, error, blob, agent and target are only made at run time */
    }
}

static struct text verify_constant_text(struct verify *v, uint64_t word, char inlined[8])
{
    memcpy(inlined, &word, 8);
    uint32_t length = value_text_length(word);
    if (value_where(word) <= VALUE_INLINE_MAX) return (struct text){inlined, length};
    return (struct text){v->image->strings + value_offset(word), length};
}

static bool keys_ascend(struct verify *v, uint64_t before, uint64_t after)
{
    char a[8], b[8];
    struct text first = verify_constant_text(v, before, a), second = verify_constant_text(v, after, b);
    uint32_t shorter = first.length < second.length ? first.length : second.length;
    int order = memcmp(first.bytes, second.bytes, shorter);
    return order < 0 || (order == 0 && first.length < second.length);
}

/* Checks an object; `at` is the limit for inner objects: each must begin before it, so no object contains itself. */
static bool verify_object(struct verify *v, uint32_t at, const struct heap_object *object, uint32_t words)
{
    const struct image *image = v->image;
    uint16_t type = (uint16_t)object->type;
    bool map = type_is_map(image, type);
    uint64_t previous = 0;
    for (uint32_t i = 0; i < words; i++) {
        const uint8_t *here = image->data + at + sizeof *object + 8 * (size_t)i;
        uint64_t word;
        memcpy(&word, here, sizeof word);
        bool key = map && i % 2 == 0;
        uint16_t wanted = key                           ? (uint16_t)TYPE_STR
                          : type_is_record(image, type) ? image_field_type(image, type, i)
                                                        : image_element(image, type);
        if (!verify_word_good(v, wanted, word, at)) return verify_refuse(v, here, RULE_CONSTANT);
        if (key && i && !keys_ascend(v, previous, word)) return verify_refuse(v, here, RULE_OBJECT_KEYS);
        if (key) previous = word;
    }
    return true;
}

/* Checks SECTION_DATA: objects one after another, each of which may only refer to earlier ones. */
static bool check_data(struct verify *v)
{
    const struct image *image = v->image;
    uint32_t size = image->count[SECTION_DATA];
    for (uint32_t at = 0; at < size;) {
        const uint8_t *here = image->data + at;
        struct heap_object object;
        if (size - at < sizeof object) return verify_refuse(v, here, RULE_OBJECT_HALF);
        memcpy(&object, here, sizeof object);
        uint16_t type = (uint16_t)object.type;
        if (object.type >= OBJECT_USER_DATA || type < TYPE_OWN || !verify_type(v, type) || type_is_enum(image, type))
            return verify_refuse(v, here, RULE_OBJECT_TYPE);
        uint64_t words = type_is_map(image, type) ? 2 * (uint64_t)object.count : object.count;
        if (type_is_record(image, type) && object.count != image_field_count(image, type))
            return verify_refuse(v, here, RULE_OBJECT_FIELDS);
        if (words > (size - at - sizeof object) / 8) return verify_refuse(v, here, RULE_OBJECT_LENGTH);
        if (!verify_object(v, at, &object, (uint32_t)words)) return false;
        v->data_types[at / 8] = type;
        at += (uint32_t)(sizeof object + 8 * words);
    }
    return true;
}

static bool verify_constants(struct verify *v)
{
    const struct image *image = v->image;
    for (uint32_t i = 0; i < image->count[SECTION_CONSTANTS]; i++) {
        const struct image_constant *constant = &image->constants[i];
        if (constant->zero || constant->zero16) return verify_refuse(v, constant, RULE_UNUSED);
        if (!verify_type(v, constant->type) ||
            !verify_word_good(v, constant->type, constant->word, image->count[SECTION_DATA]))
            return verify_refuse(v, constant, RULE_CONSTANT);
    }
    return true;
}

static bool verify_slots(struct verify *v)
{
    for (uint32_t i = 0; i < v->image->count[SECTION_SLOTS]; i++) {
        const struct image_slot *slot = &v->image->slots[i];
        if (!verify_text(v, &slot->name)) return false;
        if (!verify_type(v, slot->type)) return verify_refuse(v, &slot->type, RULE_KEY_TYPE);
        if (slot->secret > 1 || slot->parameter > 1 || (slot->constant && !slot->parameter))
            return verify_refuse(v, slot, RULE_UNUSED);
        if (!slot->constant) continue;
        if (slot->constant > v->image->count[SECTION_CONSTANTS] ||
            v->image->constants[slot->constant - 1].type != slot->type)
            return verify_refuse(v, &slot->constant, RULE_KEY_CONSTANT);
    }
    return true;
}

/* May a statement have this result type? It may be a row or a value, which may be none, a list, or a count. */
static bool statement_type_good(const struct verify *v, const struct image_statement *row)
{
    switch ((enum statement_mode)row->mode) {
    case STATEMENT_FIRST:
        return type_is_optional(row->type) && type_is_record(v->image, row->type) && type_base(row->type) >= TYPE_OWN;
    case STATEMENT_ALL:
        return !type_is_optional(row->type) && type_is_list(v->image, row->type);
    case STATEMENT_VALUE:
        return type_is_optional(row->type) && type_base(row->type) != TYPE_BLOB;
    case STATEMENT_EXEC:
        return row->type == TYPE_INT;
    case STATEMENT_GET:
    case STATEMENT_PUT:
    case STATEMENT_POST:
    case STATEMENT_DELETE:
        return type_base(row->type) != TYPE_ERROR && type_base(row->type) != TYPE_BLOB;
    }
    return false;
}

/* Checks the statements. Each hash is computed again: other programs identify a statement by its hash, so the hash
 * must belong to the text. */
static bool check_statements(struct verify *v)
{
    const struct image *image = v->image;
    for (uint32_t i = 0; i < image->count[SECTION_STATEMENTS]; i++) {
        const struct image_statement *row = &image->statements[i];
        if (!verify_text(v, &row->sql)) return false;
        if (row->source >= image->count[SECTION_NAMES] || image->names[row->source].kind != TYPE_SOURCE)
            return verify_refuse(v, &row->source, RULE_STATEMENT_SOURCE);
        if (row->mode > STATEMENT_DELETE) return verify_refuse(v, &row->mode, RULE_STATEMENT_MODE);
        if ((!(statement_is_request(row->mode) && row->type == TYPE_VOID) && !verify_type(v, row->type)) ||
            !statement_type_good(v, row))
            return verify_refuse(v, &row->type, RULE_STATEMENT_TYPE);
        struct http_request request;
        struct text text = image_text(image, row->sql);
        const char *wrong = statement_is_request(row->mode)
                                ? request_read((struct request_text){text.bytes, text.length}, row->parameters,
                                               statement_has_body(row->mode), &request)
                                : NULL;
        if (wrong) return verify_refuse_of(v, &row->sql, RULE_STATEMENT_REQUEST, "%s", wrong);
        uint8_t hash[IMAGE_HASH];
        image_hash_statement(image, row, hash);
        if (memcmp(hash, row->hash, sizeof hash) != 0) return verify_refuse(v, row->hash, RULE_STATEMENT_HASH);
    }
    return true;
}

static bool constant_is(const struct verify *v, uint16_t constant, uint16_t type)
{
    return constant < v->image->count[SECTION_CONSTANTS] && v->image->constants[constant].type == type;
}

static bool setting_type_good(const struct verify *v, const struct image_setting *row)
{
    const struct image *image = v->image;
    if (!verify_type(v, row->type)) return false;
    switch ((enum setting_kind)row->kind) {
    case SETTING_PARAMETER:
        return true;
    case SETTING_TABLE:
        return !type_is_optional(row->type) && type_is_map(image, row->type) &&
               type_is_record(image, image_element(image, row->type));
    case SETTING_SCHEDULE:
        return !type_is_optional(row->type) && type_is_list(image, row->type) &&
               image_element(image, row->type) == TYPE_INT;
    case SETTING_KINDS:
        break;
    }
    return false;
}

/* Checks that a setting's value, and its bounds if there are any, are constants of its type. */
static bool check_settings(struct verify *v)
{
    for (uint32_t i = 0; i < v->image->count[SECTION_SETTINGS]; i++) {
        const struct image_setting *row = &v->image->settings[i];
        if (!verify_text(v, &row->name) || !verify_text(v, &row->edit)) return false;
        if (!setting_type_good(v, row)) return verify_refuse(v, &row->kind, RULE_SETTING_TYPE);
        if (!constant_is(v, row->constant, row->type)) return verify_refuse(v, &row->constant, RULE_SETTING_VALUE);
        if ((row->low != IMAGE_NONE && !constant_is(v, row->low, row->type)) ||
            (row->high != IMAGE_NONE && !constant_is(v, row->high, row->type)))
            return verify_refuse(v, &row->low, RULE_SETTING_BOUNDS);
        const struct image_text doc = {row->doc, row->doc_length};
        if (!verify_text(v, &doc)) return false;
    }
    return true;
}

static bool function_is(struct verify *v, uint16_t function, enum function_kind kind, uint32_t strategy)
{
    return function < v->image->count[SECTION_FUNCTIONS] && v->image->functions[function].kind == kind &&
           v->image->functions[function].strategy == strategy;
}

/* Checks the strategies: each has a body and handlers of its own, and their keys are stored one after another. */
static bool check_strategies(struct verify *v)
{
    const struct image *image = v->image;
    uint32_t slots = image->count[SECTION_STRATEGIES] ? image->strategies[0].common : 0;
    for (uint32_t i = 0; i < image->count[SECTION_STRATEGIES]; i++) {
        const struct image_strategy *row = &image->strategies[i];
        if (!verify_text(v, &row->name)) return false;
        if (!function_is(v, row->function, FUNCTION_STRATEGY, i))
            return verify_refuse(v, &row->function, RULE_STRATEGY_BODY);
        if ((row->on_abandoned != IMAGE_NONE && !function_is(v, row->on_abandoned, FUNCTION_HANDLER, i)) ||
            (row->on_error != IMAGE_NONE && !function_is(v, row->on_error, FUNCTION_HANDLER, i)))
            return verify_refuse(v, &row->on_abandoned, RULE_STRATEGY_HANDLER);
        if (row->on_abandoned != IMAGE_NONE && image->functions[row->on_abandoned].parameters)
            return verify_refuse(v, &row->on_abandoned, RULE_STRATEGY_ABANDONED);
        if (row->on_error != IMAGE_NONE && image->functions[row->on_error].parameters &&
            verify_register(v, &image->functions[row->on_error], 0) != TYPE_ERROR)
            return verify_refuse(v, &row->on_error, RULE_STRATEGY_ERROR);
        if (row->common != image->strategies[0].common || row->slots != slots ||
            row->slot_count > image->count[SECTION_SLOTS] - slots)
            return verify_refuse(v, &row->slots, RULE_STRATEGY_KEYS);
        for (uint32_t key = 0; i == 0 && key < row->common; key++)
            if (image->slots[key].parameter) return verify_refuse(v, &image->slots[key], RULE_STRATEGY_COMMON);
        if (image_slot_count(row) > IMAGE_SLOTS_MAX) return verify_refuse(v, &row->slots, RULE_STRATEGY_SLOTS);
        if (row->lifetime_us < 0) return verify_refuse(v, &row->lifetime_us, RULE_STRATEGY_LIFETIME);
        slots += row->slot_count;
    }
    return slots == image->count[SECTION_SLOTS] || verify_refuse(v, image->slots, RULE_KEYS_REST);
}

/* Checks that the last tables are media, one for each strategy that needs one, in order. */
static bool check_strategy_media(struct verify *v)
{
    const struct image *image = v->image;
    uint32_t tables = capacity_table_count(image), table = tables;
    while (table > 0 && image->tables[image->tables[table]] == TABLE_MEDIA) table--;
    for (uint32_t i = 0; i < image->count[SECTION_STRATEGIES]; i++) {
        const struct image_strategy *row = &image->strategies[i];
        uint32_t more = row->media >> STRATEGY_MEDIA_BITS;
        if (more != 0 && (table == tables || more != ++table))
            return verify_refuse(v, &row->media, RULE_STRATEGY_MEDIA);
    }
    return table == tables || verify_refuse(v, image->tables + 1 + table, RULE_MEDIA_REST);
}

static bool check_handlers(struct verify *v)
{
    const struct image *image = v->image;
    for (uint32_t i = 0; i < image->count[SECTION_HANDLERS]; i++) {
        const struct image_handler *row = &image->handlers[i];
        if (!verify_text(v, &row->name)) return false;
        if (row->zero || row->event >= IMAGE_EVENTS) return verify_refuse(v, row, RULE_UNUSED);
        if (row->strategy >= image->count[SECTION_STRATEGIES] || (i && row->strategy < row[-1].strategy) ||
            !function_is(v, row->function, FUNCTION_HANDLER, row->strategy))
            return verify_refuse(v, row, RULE_STRATEGY_HANDLER);
        const struct image_function *function = &image->functions[row->function];
        if (function->parameters && verify_register(v, function, 0) < TYPE_OWN)
            return verify_refuse(v, row, RULE_HANDLER_PAYLOAD);
        if (row->event != EVENT_SIGNAL && (function->parameters || row->name.length))
            return verify_refuse(v, row, RULE_HANDLER_GIVEN);
    }
    return true;
}

/* May a native function have this name? The name becomes a part of a file's name and of a symbol. */
static bool native_name_good(const struct verify *v, struct image_text name)
{
    const char *at = v->image->strings + name.offset;
    bool good = name.length > 0 && name.length <= NATIVE_NAME_MAX && !(*at >= '0' && *at <= '9');
    for (uint32_t i = 0; i < name.length && good; i++)
        good = (at[i] >= 'a' && at[i] <= 'z') || (at[i] >= 'A' && at[i] <= 'Z') || (at[i] >= '0' && at[i] <= '9') ||
               at[i] == '_';
    return good;
}

static bool verify_same_text(const struct verify *v, struct image_text a, struct image_text b)
{
    return a.length == b.length && memcmp(v->image->strings + a.offset, v->image->strings + b.offset, a.length) == 0;
}

/* Checks the natives: a library must have only one hash in an image, whichever of its functions are used. */
static bool check_natives(struct verify *v)
{
    const struct image *image = v->image;
    for (uint32_t i = 0; i < image->count[SECTION_NATIVES]; i++) {
        const struct image_native *row = &image->natives[i];
        if (!verify_text(v, &row->library) || !verify_text(v, &row->name)) return false;
        if (!native_name_good(v, row->library) || !native_name_good(v, row->name))
            return verify_refuse(v, row, RULE_NATIVE_NAME);
        if (row->parameter_count > NATIVE_ARGUMENTS_MAX)
            return verify_refuse(v, &row->parameter_count, RULE_NATIVE_COUNT);
        if (!native_type_word(row->result)) return verify_refuse(v, &row->result, RULE_NATIVE_TYPE);
        for (uint32_t n = 0; n < NATIVE_ARGUMENTS_MAX; n++)
            if (n < row->parameter_count ? !native_type_word(row->parameters[n]) : row->parameters[n] != 0)
                return verify_refuse(v, &row->parameters[n], RULE_NATIVE_TYPE);
        for (uint32_t other = 0; other < i; other++) {
            const struct image_native *before = &image->natives[other];
            if (!verify_same_text(v, before->library, row->library)) continue;
            if (verify_same_text(v, before->name, row->name)) return verify_refuse(v, row, RULE_NATIVE_TWICE);
            if (memcmp(before->hash, row->hash, IMAGE_HASH) != 0) return verify_refuse(v, row->hash, RULE_NATIVE_HASH);
        }
    }
    return true;
}

/* Checks `within_us`, a time for most measures (-1: none). For values that a test sets it is the number of a name. */
static bool verify_within(struct verify *v, const struct image_measure *row, uint8_t filters)
{
    const struct image *image = v->image;
    if (row->measure < MEASURE_GIVEN)
        return (row->within_us >= -1 && (row->within_us == -1 || filters & MEASURED_WITHIN)) ||
               verify_refuse(v, &row->within_us, RULE_MEASURE_WITHIN);
    return (row->within_us >= 0 && row->within_us < (int64_t)image->count[SECTION_NAMES] &&
            image->names[row->within_us].kind == NAME_STATISTIC) ||
           verify_refuse(v, &row->within_us, RULE_MEASURE_GIVEN);
}

/* Checks the measures, after the tables: a row may refer to a zone's table. */
static bool check_measures(struct verify *v)
{
    const struct image *image = v->image;
    for (uint32_t i = 0; i < image->count[SECTION_MEASURES]; i++) {
        const struct image_measure *row = &image->measures[i];
        const struct measure_row *measure = measure_numbered(row->measure);
        if (!measure) return verify_refuse(v, &row->measure, RULE_MEASURE);
        if (measure_object_type(row->of) == TYPE_VOID || !(measure->objects & row->of))
            return verify_refuse(v, &row->of, RULE_MEASURE_OBJECT);
        if (measure->windowed != (row->window_us != 0)) return verify_refuse(v, &row->window_us, RULE_MEASURE_WINDOWED);
        if (row->window_us > 0 && (row->window_us < MEASURE_OVER_MIN_US || row->window_us > MEASURE_OVER_MAX_US))
            return verify_refuse(v, &row->window_us, RULE_MEASURE_WINDOW);
        bool login = row->window_us == MEASURE_SINCE_LOGIN, clock = row->window_us < 0 && !login;
        if (clock && !value_is_clock(-((uint64_t)row->window_us + 1)))
            return verify_refuse(v, &row->window_us, RULE_MEASURE_CLOCK);
        if (login && row->of != MEASURED_AGENT) return verify_refuse(v, &row->window_us, RULE_MEASURE_LOGIN);
        if (clock ? !verify_is_zone(v, row->zone) : row->zone != IMAGE_NONE)
            return verify_refuse(v, &row->zone, RULE_MEASURE_ZONE);
        if (!verify_within(v, row, measure->filters)) return false;
        if (row->medium >= MEDIA_KINDS || (row->medium && !(measure->filters & MEASURED_MEDIUM)))
            return verify_refuse(v, &row->medium, RULE_MEASURE_MEDIUM);
    }
    return true;
}

/* Checks how many parameters a function has, and what it returns, depending on its kind. A leaf function returns
 * something by which candidates can be selected or ordered. */
static bool check_signature(struct verify *v, const struct image_function *row)
{
    switch ((enum function_kind)row->kind) {
    case FUNCTION_PLAIN:
    case FUNCTION_SUBROUTINE:
        return row->result == TYPE_VOID || verify_type(v, row->result);
    case FUNCTION_STRATEGY:
        return row->result == TYPE_VOID && !row->parameters && row->strategy != IMAGE_NONE;
    case FUNCTION_HANDLER:
        return row->result == TYPE_VOID && row->strategy != IMAGE_NONE &&
               (!row->parameters || (row->parameters == 1 && type_is_record(v->image, verify_register(v, row, 0)) &&
                                     !type_is_optional(verify_register(v, row, 0))));
    case FUNCTION_BUSY: /* a child of parallel may return a value, a busy block's round may not */
        return row->result == TYPE_VOID || verify_type(v, row->result);
    case FUNCTION_LEAF:
        return (row->result == TYPE_BOOL || row->result == TYPE_INT || row->result == TYPE_DURATION ||
                row->result == TYPE_PERCENT || row->result == TYPE_FLOAT) &&
               row->parameters <= IMAGE_CAPTURES_MAX;
    }
    return false;
}

/* Checks the functions' rows first: code may refer to any earlier function. */
static bool check_functions(struct verify *v)
{
    const struct image *image = v->image;
    uint32_t code = 0, registers = 0;
    for (uint32_t i = 0; i < image->count[SECTION_FUNCTIONS]; i++) {
        const struct image_function *row = &image->functions[i];
        if (!verify_text(v, &row->name)) return false;
        if (row->code != code || !row->code_words || row->code_words > IMAGE_CODE_MAX ||
            row->code_words > image->count[SECTION_CODE] - code)
            return verify_refuse(v, &row->code, RULE_FUNCTION_CODE);
        if (row->registers != registers || row->register_count > IMAGE_REGISTERS_MAX ||
            row->register_count > image->count[SECTION_REGISTERS] - registers || row->parameters > row->register_count)
            return verify_refuse(v, &row->registers, RULE_FUNCTION_REGISTERS);
        for (uint32_t r = 0; r < row->register_count; r++)
            if (!verify_type(v, image->registers[registers + r]))
                return verify_refuse(v, image->registers + registers + r, RULE_REGISTER_TYPE);
        if (row->strategy != IMAGE_NONE && row->strategy >= image->count[SECTION_STRATEGIES])
            return verify_refuse(v, &row->strategy, RULE_FUNCTION_STRATEGY);
        if (row->zero || !check_signature(v, row)) return verify_refuse(v, &row->kind, RULE_FUNCTION_SIGNATURE);
        code += row->code_words;
        registers += row->register_count;
    }
    if (code != image->count[SECTION_CODE]) return verify_refuse(v, image->code + code, RULE_CODE_REST);
    return registers == image->count[SECTION_REGISTERS] ||
           verify_refuse(v, image->registers + registers, RULE_REGISTERS_REST);
}

/* Checks the latches, after the code, when it is known what each function changes. A latch's function is run again
 * and again, so it must change nothing and begin no loop over a table. */
static bool check_latches(struct verify *v)
{
    const struct image *image = v->image;
    for (uint32_t i = 0; i < image->count[SECTION_LATCHES]; i++) {
        const struct image_latch *row = &image->latches[i];
        if (!verify_text(v, &row->name)) return false;
        if (row->zero || row->ticks > 1) return verify_refuse(v, row, RULE_UNUSED);
        for (uint32_t before = 0; before < i; before++)
            if (verify_same_text(v, image->latches[before].name, row->name))
                return verify_refuse(v, row, RULE_LATCH_NAME);
        if (!function_is(v, row->function, FUNCTION_PLAIN, IMAGE_NONE))
            return verify_refuse(v, &row->function, RULE_LATCH_FUNCTION);
        const struct image_function *function = &image->functions[row->function];
        if (function->parameters != 1 || verify_register(v, function, 0) != TYPE_BOOL || function->result != TYPE_BOOL)
            return verify_refuse(v, &row->function, RULE_LATCH_CONDITION);
        if (v->changes[row->function]) return verify_refuse(v, &row->function, RULE_LATCH_CHANGES);
        if (v->walks[row->function]) return verify_refuse(v, &row->function, RULE_LATCH_WALKS);
    }
    return true;
}

/* Runs all checks in the order of the picture at the beginning of this file: a check may only use tables that
 * earlier checks have accepted. */
static bool verify_all(struct verify *v)
{
    if (!check_limits(v) || !check_strings(v) || !check_types(v) || !check_names(v) || !check_data(v) ||
        !verify_constants(v))
        return false;
    if (!verify_slots(v) || !check_settings(v) || !check_statements(v) || !check_functions(v) || !check_strategies(v) ||
        !check_handlers(v) || !check_natives(v))
        return false;
    if (!verify_tables(v) || !check_strategy_media(v) || !check_measures(v)) return false;
    for (uint32_t i = 0; i < v->image->count[SECTION_FUNCTIONS]; i++)
        if (!verify_code(v, i)) return false;
    return check_latches(v) && verify_waits(v);
}

/* Verifies the image; the arrays have one element per function, table or type, and one more, so that none has length
 * zero. */
bool image_verify(struct image *image, struct error *error)
{
    struct verify v = {.image = image, .error = error, .starts = image->starts, .data_types = image->data_types};
    v.exits = memory_new((image->count[SECTION_FUNCTIONS] + 1) * sizeof *v.exits);
    v.depths = memory_new(image->count[SECTION_FUNCTIONS] + 1);
    v.changes = memory_new((image->count[SECTION_FUNCTIONS] + 1) * sizeof *v.changes);
    v.walks = memory_new((image->count[SECTION_FUNCTIONS] + 1) * sizeof *v.walks);
    v.tables_used = memory_new(image->count[SECTION_TABLES] + 1);
    v.widths = memory_new((image->count[SECTION_TYPES] + 1) * sizeof *v.widths);
    bool good = verify_all(&v);
    free(v.exits);
    free(v.depths);
    free(v.changes);
    free(v.walks);
    free(v.tables_used);
    free(v.widths);
    return good;
}

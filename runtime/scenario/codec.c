/* runtime/scenario/codec.c - Writes, reads and frees the rows of scenario.def. Numbers, texts and bytes are written
 * as in events (runtime/vocabulary/bytes.h).
 *
 * A number that equals the field's value for `absent` is written as 0, any other number as itself plus one. A text
 * is written as its length with the final NUL, then both; a missing text as 0. A word is written as its place in its
 * list plus one. A value begins with its tag.
 *
 * No code here uses a field's name: scenario.def has for each row its fields, their offsets in the struct and how they
 * are written; writing, reading, clearing and blanking are loops over that table. A new field needs only a new row of
 * scenario.def. The section begins with a hash of the whole table (layout), so that an image made by another gcxc is
 * refused with one sentence, and not misread.
 *
 * Only gcxc writes; but the reader gets the bytes of an image, which anybody may have made. So the reader checks
 * each number, text and depth against its limit, and the first mistake ends it (`bad`): all get_ functions return 0
 * or NULL from then on, and nothing is added. A text is borrowed from the section's bytes, which the scenario owns. */
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/scenario/table.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { VALUE_DEPTH = SCENARIO_DEPTH_MAX + 2, LAYOUT_BYTES = 8 };

enum value_tag { TAG_ABSENT, TAG_NULL, TAG_FALSE, TAG_TRUE, TAG_INTEGER, TAG_REAL, TAG_TEXT, TAG_ARRAY, TAG_OBJECT };

/* The FNV-1a hash of everything on which the layout depends. The byte 0xff, which UTF-8 never contains, ends each
 * text: otherwise "ab", "c" would have the same hash as "a", "bc". */
static uint64_t codec_hash_text(uint64_t hash, const char *text)
{
    for (const char *at = text; *at; at++) hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    return (hash ^ number) * UINT64_C(0x100000001b3);
}

/* The "1" counts changes of this file: raise it after a change in how a field is written, since the table would have
 * the same hash as before. */
static uint64_t codec_layout(void)
{
    uint64_t hash = codec_hash_text(UINT64_C(0xcbf29ce484222325), "1"); /* of the codec itself */
    for (size_t shape = 0; shape < SHAPES; shape++) {
        hash = codec_hash_text(hash, scenario_rows[shape].name);
        for (size_t i = 0; i < scenario_rows[shape].count; i++) {
            const struct scenario_field *field = &scenario_rows[shape].fields[i];
            hash = codec_hash_text(hash, field->name);
            hash = hash_number(hash_number(hash_number(hash, field->type), field->size), field->shape);
            hash = codec_hash_text(hash_number(hash, field->absent), field->text ? field->text : "");
            for (size_t w = 0; w < field->words.count; w++) hash = codec_hash_text(hash, field->words.words[w]);
        }
    }
    for (size_t act = 0; act < ITEM_KINDS; act++) hash = codec_hash_text(hash, scenario_acts[act].name);
    return hash;
}

/* ---- rows ---- */

static void *codec_place(void *row, const struct scenario_field *field)
{
    return (char *)row + field->at;
}

static const void *place_in(const void *row, const struct scenario_field *field)
{
    return (const char *)row + field->at;
}

static uint64_t codec_number(const void *row, const struct scenario_field *field)
{
    assert(field->size == sizeof(bool) || field->size == sizeof(uint32_t) || field->size == sizeof(uint64_t));
    const void *place = place_in(row, field);
    return field->size == sizeof(bool)       ? *(const bool *)place
           : field->size == sizeof(uint32_t) ? *(const uint32_t *)place
                                             : *(const uint64_t *)place;
}

static void set_number(void *row, const struct scenario_field *field, uint64_t number)
{
    assert(field->size == sizeof(bool) || field->size == sizeof(uint32_t) || field->size == sizeof(uint64_t));
    void *place = codec_place(row, field);
    if (field->size == sizeof(bool))
        *(bool *)place = number != 0;
    else if (field->size == sizeof(uint32_t))
        *(uint32_t *)place = (uint32_t)number;
    else
        *(uint64_t *)place = number;
}

static size_t *codec_count(void *row, const struct scenario_field *field)
{
    assert(field->type == FIELD_LIST);
    return (size_t *)(void *)((char *)row + field->count_at);
}

/* Returns how many rows a field has: a single row that may be absent is written as a list of none or one. */
static size_t rows_in(const void *row, const struct scenario_field *field)
{
    assert(field->type == FIELD_LIST || field->type == FIELD_ONE);
    if (field->type == FIELD_ONE) return *(void *const *)place_in(row, field) != NULL;
    return *(const size_t *)(const void *)((const char *)row + field->count_at);
}

/* Sets only the fields of a row: the content of an item depends on its kind. These fields get the values that
 * scenario.def has for absent fields, so that the compiler, a cast of gcxsim and a unit test begin with the same
 * values. */
void scenario_blank(enum scenario_shape shape, void *row)
{
    assert(shape < SHAPES);
    const struct scenario_row *is = &scenario_rows[shape];
    memset(row, 0, is->size);
    for (size_t i = 0; i < is->count; i++) {
        const struct scenario_field *field = &is->fields[i];
        if (field->type <= FIELD_WORD) *(const char **)codec_place(row, field) = field->text;
        if (field->type == FIELD_NUMBER) set_number(row, field, field->absent);
    }
}

struct scenario_item scenario_item(enum item_kind kind)
{
    struct scenario_item item;
    assert((size_t)kind < ITEM_KINDS);
    scenario_blank(SHAPE_item, &item);
    item.kind = kind;
    scenario_blank(scenario_acts[kind].shape, &item.agent);
    return item;
}

void *scenario_add(enum scenario_shape shape, void *list, size_t *count)
{
    assert(shape < SHAPES);
    size_t size = scenario_rows[shape].size;
    void **rows = list;
    *rows = memory_more(*rows, *count, size);
    void *row = (char *)*rows + (*count)++ * size;
    scenario_blank(shape, row);
    return row;
}

void scenario_clear(enum scenario_shape shape, void *row)
{
    assert(shape < SHAPES);
    const struct scenario_row *is = &scenario_rows[shape];
    for (size_t i = 0; i < is->count; i++) {
        const struct scenario_field *field = &is->fields[i];
        void *place = codec_place(row, field);
        if (field->type == FIELD_VALUE) json_decref(*(json_t **)place);
        if (field->type < FIELD_LIST) continue;
        size_t size = scenario_rows[field->shape].size;
        for (size_t at = rows_in(row, field); at > 0; at--)
            scenario_clear(field->shape, *(char **)place + (at - 1) * size);
        free(*(void **)place);
    }
    struct scenario_item *item = row;
    if (shape == SHAPE_item && (size_t)item->kind < ITEM_KINDS)
        scenario_clear(scenario_acts[item->kind].shape, &item->agent);
}

/* ---- writing ---- */

static void codec_put_number(struct scenario_section *out, uint64_t number)
{
    out->length += bytes_put_varint(bytes_room(&out->bytes, &out->capacity, out->length, VARINT_MAX), number);
}

static void put_eight(struct scenario_section *out, uint64_t word)
{
    bytes_put_eight(bytes_room(&out->bytes, &out->capacity, out->length, 8), word);
    out->length += 8;
}

static void put_real(struct scenario_section *out, double number)
{
    uint64_t word;
    memcpy(&word, &number, sizeof word);
    put_eight(out, word);
}

static void codec_put_text(struct scenario_section *out, const char *text)
{
    size_t length = text ? strlen(text) + 1 : 0;
    codec_put_number(out, length);
    if (length == 0) return;
    memcpy(bytes_room(&out->bytes, &out->capacity, out->length, length), text, length);
    out->length += length;
}

static int codec_by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void codec_put_value(struct scenario_section *, json_t *value);

/* Writes an object ordered by its keys, so that a test always becomes the same bytes. */
static void codec_put_object(struct scenario_section *out, json_t *object)
{
    const char **keys = calloc(json_object_size(object) + 1, sizeof *keys), *key;
    size_t count = 0;
    json_t *value;
    if (!keys) abort();
    json_object_foreach(object, key, value) keys[count++] = key;
    qsort(keys, count, sizeof *keys, codec_by_name);
    codec_put_number(out, count);
    for (size_t i = 0; i < count; i++) {
        codec_put_text(out, keys[i]);
        codec_put_value(out, json_object_get(object, keys[i]));
    }
    free(keys);
}

static void codec_put_value(struct scenario_section *out, json_t *value)
{
    static const uint8_t tags[] = {
        [JSON_OBJECT] = TAG_OBJECT, [JSON_ARRAY] = TAG_ARRAY, [JSON_STRING] = TAG_TEXT, [JSON_INTEGER] = TAG_INTEGER,
        [JSON_REAL] = TAG_REAL,     [JSON_TRUE] = TAG_TRUE,   [JSON_FALSE] = TAG_FALSE, [JSON_NULL] = TAG_NULL};
    json_t *child;
    size_t index;
    codec_put_number(out, value ? tags[json_typeof(value)] : TAG_ABSENT);
    if (json_is_integer(value)) codec_put_number(out, bytes_zigzag(json_integer_value(value)));
    if (json_is_real(value)) put_real(out, json_real_value(value));
    if (json_is_string(value)) codec_put_text(out, json_string_value(value));
    if (json_is_object(value)) codec_put_object(out, value);
    if (!json_is_array(value)) return;
    codec_put_number(out, json_array_size(value));
    json_array_foreach(value, index, child) codec_put_value(out, child);
}

/* Returns the word's place in its list plus one; a greater number if the list does not have it. */
static uint64_t number_of_word(const struct scenario_words *words, const char *text)
{
    size_t at = 0;
    while (text && at < words->count && strcmp(words->words[at], text) != 0) at++;
    return text ? at + 1 : 0;
}

static void codec_put_row(struct scenario_section *out, enum scenario_shape shape, const void *row)
{
    const struct scenario_row *is = &scenario_rows[shape];
    const struct scenario_item *item = row;
    if (shape == SHAPE_item) codec_put_number(out, item->kind);
    for (size_t i = 0; i < is->count; i++) {
        const struct scenario_field *field = &is->fields[i];
        const void *place = place_in(row, field);
        switch (field->type) {
        case FIELD_TEXT:
            codec_put_text(out, *(const char *const *)place);
            break;
        case FIELD_WORD:
            codec_put_number(out, number_of_word(&field->words, *(const char *const *)place));
            break;
        case FIELD_NUMBER: {
            uint64_t number = codec_number(row, field);
            codec_put_number(out, number == field->absent ? 0 : number + 1);
            break;
        }
        case FIELD_REAL:
            put_real(out, *(const double *)place);
            break;
        case FIELD_VALUE:
            codec_put_value(out, *(json_t *const *)place);
            break;
        case FIELD_LIST:
        case FIELD_ONE: {
            size_t count = rows_in(row, field), size = scenario_rows[field->shape].size;
            codec_put_number(out, count);
            for (size_t at = 0; at < count; at++)
                codec_put_row(out, field->shape, *(const char *const *)place + at * size);
            break;
        }
        }
    }
    if (shape == SHAPE_item && (size_t)item->kind < ITEM_KINDS)
        codec_put_row(out, scenario_acts[item->kind].shape, &item->agent);
}

/* Rows are compared as they would be written, since a struct has padding, and equal texts may be at different
 * addresses. */
bool scenario_equal(enum scenario_shape shape, const void *row, const void *other)
{
    struct scenario_section one = {0}, two = {0};
    codec_put_row(&one, shape, row);
    codec_put_row(&two, shape, other);
    bool equal = one.length == two.length && (one.length == 0 || !memcmp(one.bytes, two.bytes, one.length));
    free(one.bytes);
    free(two.bytes);
    return equal;
}

void scenario_write(struct scenario_section *out, const struct scenario_test *test)
{
    if (out->length == 0) put_eight(out, codec_layout());
    codec_put_row(out, SHAPE_test, test);
}

/* ---- reading ---- */

/* The section that is read, and the present position: an error names the test and its item. */
struct source {
    struct reader in;
    struct error *error;
    const char *test;
    size_t item;     /* number of the item in the test, from 1 */
    size_t items;    /* items of the test, with those of arrivals */
    size_t arrivals; /* arrivals of the test, repetitions included */
    bool within;     /* an arrival's braces */
    unsigned depth;  /* of expressions */
    bool bad;
};

static bool codec_refuse(struct source *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Notes a mistake; only the first is reported, since later ones follow from it. */
static bool codec_refuse(struct source *s, const char *format, ...)
{
    if (s->bad) return false;
    char text[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!s->test)
        error_set(s->error, ERROR_INPUT, "the image's tests: %s", text);
    else
        error_set(s->error, ERROR_INPUT, "the image's test \"%.60s\", item %zu: %s", s->test, s->item, text);
    s->bad = true;
    return false;
}

static uint64_t get_varint(struct source *s, const char *name)
{
    uint64_t number = reader_varint(&s->in);
    if (s->in.bad) codec_refuse(s, "'%s' is cut short", name);
    return s->bad ? 0 : number;
}

/* Reads how many elements follow; each needs at least one byte. */
static size_t get_count(struct source *s, const char *name, uint64_t most)
{
    uint64_t count = get_varint(s, name);
    if (count > most || count > s->in.length - s->in.at)
        codec_refuse(s, "'%s' is not a list of at most %llu", name, (unsigned long long)most);
    return s->bad ? 0 : (size_t)count;
}

/* Reads a text; NULL if there is none. */
static const char *get_text(struct source *s, const char *name, uint64_t most)
{
    struct span span = reader_bytes(&s->in);
    if (s->in.bad) codec_refuse(s, "'%s' is cut short", name);
    if (s->bad || span.length == 0) return NULL;
    uint32_t length = span.length - 1;
    if (length > most || span.bytes[length] != 0 || !bytes_are_utf8((struct span){span.bytes, length})) {
        codec_refuse(s, "'%s' is not a text of at most %llu bytes", name, (unsigned long long)most);
        return NULL;
    }
    return (const char *)span.bytes;
}

/* Reads a number with which a test calculates: infinite and undefined numbers are refused here. */
static double get_real(struct source *s, const char *name)
{
    uint64_t word = reader_eight(&s->in);
    double number;
    memcpy(&number, &word, sizeof number);
    if (s->in.bad || !isfinite(number)) codec_refuse(s, "'%s' is not a number", name);
    return s->bad ? 0 : number;
}

static json_t *get_value(struct source *, const char *name, unsigned left);

static json_t *get_object(struct source *s, const char *name, unsigned left)
{
    json_t *object = json_object();
    const char *before = NULL;
    for (size_t count = get_count(s, name, SIZE_MAX); count > 0 && !s->bad; count--) {
        const char *key = get_text(s, name, SCENARIO_BYTES_MAX);
        if (!key || (before && strcmp(before, key) >= 0)) codec_refuse(s, "the keys of '%s' are not in order", name);
        json_t *value = get_value(s, name, left);
        if (json_object_set_new(object, key, value) != 0) codec_refuse(s, "'%s' lacks a value", name);
        before = key;
    }
    return object;
}

static json_t *get_array(struct source *s, const char *name, unsigned left)
{
    json_t *array = json_array();
    for (size_t count = get_count(s, name, SIZE_MAX); count > 0 && !s->bad; count--) {
        json_t *value = get_value(s, name, left);
        if (json_array_append_new(array, value) != 0) codec_refuse(s, "'%s' lacks a value", name);
    }
    return array;
}

/* Returns a new reference to a JSON value; NULL if there is none, or if it is refused. */
static json_t *get_value(struct source *s, const char *name, unsigned left)
{
    const char *text;
    uint64_t tag = get_varint(s, name);
    if (left == 0) codec_refuse(s, "'%s' is nested too deeply", name);
    if (s->bad) return NULL;
    switch (tag) {
    case TAG_ABSENT:
        return NULL;
    case TAG_NULL:
        return json_null();
    case TAG_FALSE:
        return json_false();
    case TAG_TRUE:
        return json_true();
    case TAG_INTEGER:
        return json_integer(bytes_unzigzag(get_varint(s, name)));
    case TAG_REAL:
        return json_real(get_real(s, name));
    case TAG_TEXT:
        text = get_text(s, name, SCENARIO_BYTES_MAX);
        if (!text) codec_refuse(s, "'%s' lacks a text", name);
        return text ? json_string_nocheck(text) : NULL;
    case TAG_ARRAY:
        return get_array(s, name, left - 1);
    case TAG_OBJECT:
        return get_object(s, name, left - 1);
    default:
        codec_refuse(s, "'%s' has a value of no kind", name);
        return NULL;
    }
}

static void get_value_of(struct source *s, const struct scenario_field *field, json_t **place)
{
    *place = get_value(s, field->name, VALUE_DEPTH);
    if (s->bad) return;
    if (!*place && field->need == NEED_MUST) codec_refuse(s, "'%s' is missing", field->name);
    if (*place && field->kind == KIND_OBJECT && !json_is_object(*place))
        codec_refuse(s, "'%s' is not an object", field->name);
    if (*place && field->kind == KIND_ARRAY && (!json_is_array(*place) || json_array_size(*place) > SCENARIO_LIST_MAX))
        codec_refuse(s, "'%s' is not a list of at most %d", field->name, SCENARIO_LIST_MAX);
}

static void get_text_of(struct source *s, const struct scenario_field *field, const char **place)
{
    const char *text = get_text(s, field->name, field->most);
    if (s->bad) return;
    if (text) *place = text;
    if (!*place && field->need == NEED_MUST) codec_refuse(s, "'%s' is missing", field->name);
    if (text && !*text && field->need != NEED_ANY) codec_refuse(s, "'%s' is empty", field->name);
}

static void get_word_of(struct source *s, const struct scenario_field *field, const char **place)
{
    uint64_t number = get_varint(s, field->name);
    if (number > field->words.count) codec_refuse(s, "'%s' is none of its words", field->name);
    if (!s->bad && number > 0) *place = field->words.words[number - 1];
    if (!*place && !s->bad) *place = field->text;
}

static uint64_t get_number_of(struct source *s, const struct scenario_field *field)
{
    uint64_t number = get_varint(s, field->name);
    if (number > 0 && number - 1 > field->most)
        codec_refuse(s, "'%s' is not a number of at most %llu", field->name, (unsigned long long)field->most);
    return s->bad || number == 0 ? field->absent : number - 1;
}

static void get_row(struct source *, enum scenario_shape, void *row);

static void get_list_of(struct source *s, const struct scenario_field *field, void **list, size_t *count)
{
    bool items = field->shape == SHAPE_item, within = s->within;
    size_t wanted = get_count(s, field->name, field->most);
    if (items && (s->items += wanted) > SCENARIO_ITEMS_MAX) codec_refuse(s, "more than %d items", SCENARIO_ITEMS_MAX);
    for (size_t i = 0; i < wanted && !s->bad; i++) {
        if (items && !within) s->item = i + 1;
        get_row(s, field->shape, scenario_add(field->shape, list, count));
    }
}

/* Reads an expression within an expression: no other row contains a row of its own kind. */
static void get_one_of(struct source *s, const struct scenario_field *field, void **row)
{
    size_t count = 0;
    if (s->depth == VALUE_DEPTH) codec_refuse(s, "'%s' is nested too deeply", field->name);
    if (get_count(s, field->name, 1) == 0) return;
    s->depth++;
    get_row(s, field->shape, scenario_add(field->shape, row, &count));
    s->depth--;
}

/* ---- what several fields say together ---- */

static void check_agent(struct source *s, const struct scenario_agent *agent)
{
    const char *name;
    json_t *value;
    size_t index;
    json_object_foreach(agent->skills, name, value)
    {
        json_int_t level = json_is_integer(value) ? json_integer_value(value) : 0;
        if (strlen(name) > SCENARIO_NAME_MAX || level < 1 || level > 100)
            codec_refuse(s, "the level of skill '%.64s' is not 1 to 100", name);
    }
    json_array_foreach(agent->groups, index, value)
    {
        if (!json_is_string(value) || json_string_length(value) > SCENARIO_NAME_MAX)
            codec_refuse(s, "a group is not a name");
    }
}

static void check_caller(struct source *s, const struct scenario_caller *caller)
{
    int said = caller->hangs_up + caller->transfers + caller->main_hangs_up + (caller->digits != NULL) +
               (caller->signal != NULL) + (caller->writes != NULL) + (caller->pulled_by != NULL);
    if (said != 1) codec_refuse(s, "a caller does not do one thing");
    if (caller->digits && caller->digits[strspn(caller->digits, SCENARIO_DIGITS)])
        codec_refuse(s, "'%s' are not digits", caller->digits);
}

static void check_event(struct source *s, const struct scenario_event *event)
{
    if (!event->name) {
        codec_refuse(s, "'name' is missing");
        return;
    }
    bool step = !strcmp(event->name, "step");
    if (step && !event->step) codec_refuse(s, "'step' is missing");
    if (!step && (event->step || event->source || event->args)) codec_refuse(s, "'%s' is no step", event->name);
    if (event->kind && (!event->to || !*event->to)) codec_refuse(s, "'to' is empty");
}

/* Checks that an expression has exactly one meaning, with all parts that it needs. */
static void codec_check_expr(struct source *s, const struct scenario_expr *expr)
{
    int said = (expr->op != NULL) + (expr->count > 0) + (expr->lit != NULL) + (expr->vq != NULL) +
               (expr->campaign != NULL) + (expr->view != NULL) + (expr->counter != NULL) + (expr->parameter != NULL);
    bool two = expr->op && strcmp(expr->op, "not") != 0;
    if (said != 1) codec_refuse(s, "an expression has no meaning, or two");
    if ((expr->op && !expr->a) || two != (expr->b != NULL)) codec_refuse(s, "a part of an expression is missing");
    if (((expr->vq || expr->campaign || expr->view) && !expr->measure) || (expr->parameter && !expr->value))
        codec_refuse(s, "an expression lacks a name or value");
}

/* Checks the rules of a row that concern more than one field. */
static void codec_check_row(struct source *s, enum scenario_shape shape, const void *row)
{
    const struct scenario_outcome *outcome = row;
    const struct scenario_answer *answer = row;
    const struct scenario_arrival *arrival = row;
    const struct scenario_expect *expect = row;
    switch (shape) {
    case SHAPE_agent:
        check_agent(s, row);
        break;
    case SHAPE_outcome:
        if (!outcome->fail == !outcome->value) codec_refuse(s, "an outcome is either a value or a failure");
        break;
    case SHAPE_answer:
        if (answer->count == 0) codec_refuse(s, "an answer has no outcome");
        break;
    case SHAPE_arrival:
        s->arrivals += arrival->times;
        if (s->arrivals > SCENARIO_ARRIVALS_MAX) codec_refuse(s, "more than %d arrivals", SCENARIO_ARRIVALS_MAX);
        break;
    case SHAPE_caller:
        check_caller(s, row);
        break;
    case SHAPE_event:
        check_event(s, row);
        break;
    case SHAPE_expr:
        codec_check_expr(s, row);
        break;
    case SHAPE_expect:
        if (!expect->expr && expect->count == 0) codec_refuse(s, "nothing is expected");
        break;
    default:
        break;
    }
}

static void get_act(struct source *s, struct scenario_item *item)
{
    assert((size_t)item->kind < ITEM_KINDS); /* get_row has seen that */
    const struct scenario_act *act = &scenario_acts[item->kind];
    bool within = s->within;
    if (within && !act->own) {
        codec_refuse(s, "%s may not stand within an arrival", act->name);
        return;
    }
    scenario_blank(act->shape, &item->agent);
    s->within = true;
    get_row(s, act->shape, &item->agent);
    s->within = within;
    if (!s->bad && item->kind == ITEM_TABLE && !json_is_object(item->setting.value))
        codec_refuse(s, "a table has no rows");
}

static void get_row(struct source *s, enum scenario_shape shape, void *row)
{
    const struct scenario_row *is = &scenario_rows[shape];
    struct scenario_item *item = row;
    if (shape == SHAPE_item) {
        uint64_t kind = get_varint(s, "kind");
        if (kind >= ITEM_KINDS) codec_refuse(s, "nothing is known of an item %llu", (unsigned long long)kind);
        if (!s->bad) item->kind = (enum item_kind)kind;
    }
    for (size_t i = 0; i < is->count && !s->bad; i++) {
        const struct scenario_field *field = &is->fields[i];
        void *place = codec_place(row, field);
        switch (field->type) {
        case FIELD_TEXT:
            get_text_of(s, field, place);
            break;
        case FIELD_WORD:
            get_word_of(s, field, place);
            break;
        case FIELD_NUMBER:
            set_number(row, field, get_number_of(s, field));
            break;
        case FIELD_REAL:
            *(double *)place = get_real(s, field->name);
            break;
        case FIELD_VALUE:
            get_value_of(s, field, place);
            break;
        case FIELD_LIST:
            get_list_of(s, field, place, codec_count(row, field));
            break;
        case FIELD_ONE:
            get_one_of(s, field, place);
            break;
        }
        if (shape == SHAPE_test && !s->bad) s->test = ((struct scenario_test *)row)->name;
    }
    if (shape == SHAPE_item && !s->bad) get_act(s, item);
    if (!s->bad) codec_check_row(s, shape, row);
}

struct scenario *scenario_read(const void *bytes, size_t length, struct error *error)
{
    if (length > SCENARIO_BYTES_MAX) {
        error_set(error, ERROR_LIMIT, "the image's tests have more than %d bytes", SCENARIO_BYTES_MAX);
        return NULL;
    }
    struct scenario *scenario = calloc(1, sizeof *scenario);
    if (!scenario || !(scenario->bytes = malloc(length + 1))) abort();
    if (length > 0) memcpy(scenario->bytes, bytes, length);
    struct source s = {.in = {.bytes = scenario->bytes, .length = length}, .error = error};
    if (length > 0 && (reader_eight(&s.in) != codec_layout() || s.in.bad))
        codec_refuse(&s, "another version of gcxc wrote them; compile the strategies again");
    while (!s.bad && s.in.at < s.in.length) {
        if (scenario->count == SCENARIO_TESTS_MAX) {
            codec_refuse(&s, "more than %d tests", SCENARIO_TESTS_MAX);
            break;
        }
        s.test = NULL;
        s.item = s.items = s.arrivals = 0;
        get_row(&s, SHAPE_test, scenario_add(SHAPE_test, &scenario->tests, &scenario->count));
    }
    if (!s.bad) return scenario;
    scenario_free(scenario);
    return NULL;
}

void scenario_free(struct scenario *scenario)
{
    if (!scenario) return;
    for (size_t i = 0; i < scenario->count; i++) scenario_clear(SHAPE_test, &scenario->tests[i]);
    free(scenario->tests);
    free(scenario->bytes);
    free(scenario);
}

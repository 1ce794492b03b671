/* tests/unit/scenario_json.c - Between JSON and the rows of scenario.def, by the same table as the codec. */
#include "tests/unit/scenario_json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/scenario/table.h"

/* "arrive" of ITEM_ARRIVE. */
static const char *act_name(enum item_kind kind, char room[16])
{
    size_t at = 0;
    for (const char *from = scenario_acts[kind].name; *from && at < 15; from++) room[at++] = (char)tolower(*from);
    room[at] = '\0';
    return room;
}

static enum item_kind kind_named(const char *name)
{
    char room[16];
    size_t kind = 0;
    while (kind < ITEM_KINDS && (!name || strcmp(act_name((enum item_kind)kind, room), name) != 0)) kind++;
    return (enum item_kind)kind; /* ITEM_KINDS: none, which is written so */
}

static void fill(enum scenario_shape, void *row, json_t *object);

static void fill_field(const struct scenario_field *field, void *row, json_t *value)
{
    void *place = (char *)row + field->at;
    json_t *child;
    size_t index;
    json_int_t number = json_integer_value(value);
    if ((field->type == FIELD_TEXT || field->type == FIELD_WORD) && json_is_string(value))
        *(const char **)place = json_string_value(value);
    if (field->type == FIELD_NUMBER && field->size == sizeof(bool)) *(bool *)place = json_is_true(value);
    if (field->type == FIELD_NUMBER && field->size == 4 && json_is_integer(value))
        *(uint32_t *)place = (uint32_t)number;
    if (field->type == FIELD_NUMBER && field->size == 8 && json_is_integer(value)) *(int64_t *)place = number;
    if (field->type == FIELD_REAL) *(double *)place = json_number_value(value);
    if (field->type == FIELD_VALUE) *(json_t **)place = json_incref(value);
    size_t one = 0;
    if (field->type == FIELD_ONE && json_is_object(value))
        fill(field->shape, scenario_add(field->shape, place, &one), value);
    if (field->type != FIELD_LIST) return;
    size_t *count = (size_t *)(void *)((char *)row + field->count_at);
    json_array_foreach(value, index, child) fill(field->shape, scenario_add(field->shape, place, count), child);
}

static void fill(enum scenario_shape shape, void *row, json_t *object)
{
    for (size_t i = 0; i < scenario_rows[shape].count; i++) {
        const struct scenario_field *field = &scenario_rows[shape].fields[i];
        json_t *value = json_object_get(object, field->name);
        if (value) fill_field(field, row, value);
    }
    struct scenario_item *item = row;
    if (shape != SHAPE_item) return;
    enum item_kind kind = kind_named(json_string_value(json_object_get(object, "do")));
    if ((size_t)kind < ITEM_KINDS) {
        uint64_t at_us = item->at_us;
        uint32_t line = item->line;
        *item = scenario_item(kind);
        item->at_us = at_us;
        item->line = line;
        fill(scenario_acts[kind].shape, &item->agent, object);
    } else {
        item->kind = kind;
    }
}

struct scenario_section section_of_json(json_t *root)
{
    struct scenario_section section = {0};
    json_t *tests = json_object_get(root, "tests"), *object;
    size_t index;
    json_array_foreach(tests, index, object)
    {
        struct scenario_test test;
        scenario_blank(SHAPE_test, &test);
        fill(SHAPE_test, &test, object);
        scenario_write(&section, &test);
        scenario_clear(SHAPE_test, &test);
    }
    return section;
}

struct scenario *scenario_of_text(const char *text, struct error *error)
{
    json_t *root = json_loads(text, 0, NULL);
    if (!root) abort(); /* a test's own mistake */
    struct scenario_section section = section_of_json(root);
    struct scenario *scenario = scenario_read(section.bytes, section.length, error);
    free(section.bytes);
    json_decref(root);
    return scenario;
}

static json_t *json_of(enum scenario_shape, const void *row);

static json_t *json_of_field(const struct scenario_field *field, const void *row)
{
    const void *place = (const char *)row + field->at;
    const char *text = field->type <= FIELD_WORD ? *(const char *const *)place : NULL;
    uint64_t number = field->type != FIELD_NUMBER ? field->absent
                      : field->size == 4          ? *(const uint32_t *)place
                      : field->size == 8          ? *(const uint64_t *)place
                                                  : *(const bool *)place;
    size_t count = field->type == FIELD_LIST ? *(const size_t *)(const void *)((const char *)row + field->count_at) : 0;
    if (text) return !field->text || strcmp(text, field->text) != 0 ? json_string(text) : NULL;
    if (field->type == FIELD_NUMBER && field->size == sizeof(bool)) return number ? json_true() : NULL;
    if (number != field->absent) return json_integer((json_int_t)number);
    if (field->type == FIELD_REAL) return *(const double *)place != 0 ? json_real(*(const double *)place) : NULL;
    if (field->type == FIELD_VALUE) return json_incref(*(json_t *const *)place);
    if (field->type == FIELD_ONE && *(void *const *)place) return json_of(field->shape, *(void *const *)place);
    if (count == 0) return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_of(field->shape, *(const char *const *)place + i * scenario_rows[field->shape].size));
    return list;
}

static json_t *json_of(enum scenario_shape shape, const void *row)
{
    const struct scenario_item *item = row;
    char room[16];
    json_t *object = shape == SHAPE_item ? json_of(scenario_acts[item->kind].shape, &item->agent) : json_object();
    if (shape == SHAPE_item) json_object_set_new(object, "do", json_string(act_name(item->kind, room)));
    for (size_t i = 0; i < scenario_rows[shape].count; i++) {
        const struct scenario_field *field = &scenario_rows[shape].fields[i];
        json_t *value = json_of_field(field, row);
        if (value) json_object_set_new(object, field->name, value);
    }
    return object;
}

json_t *json_of_scenario(const struct scenario *scenario)
{
    json_t *tests = json_array();
    for (size_t i = 0; i < scenario->count; i++) json_array_append_new(tests, json_of(SHAPE_test, &scenario->tests[i]));
    return json_pack("{s:o}", "tests", tests);
}

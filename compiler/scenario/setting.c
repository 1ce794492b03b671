/* compiler/scenario/setting.c - The parameters and tables that a test sets: their values, and rows as in the
 * directory. */
#include <assert.h>
#include <string.h>

#include "base/near.h"
#include "compiler/check/scope.h"
#include "compiler/check/typed.h"
#include "compiler/scenario/maker.h"

/* Returns the symbol of the site's parameter or table of that name. */
static const struct symbol *scenario_setting_named(struct scenario_maker *maker, struct word name, enum node_kind kind)
{
    const char *near = NULL;
    struct source_span where = {0, 0};
    uint32_t closest = UINT32_MAX;
    EACH_NODE (item, names_site(maker)) {
        if (item->kind != kind) continue;
        struct word other = kind == NODE_SITE_TABLE ? item->table.name : item->parameter.name;
        if (other.text == name.text) return item->meaning;
        if (near_is_nearer(name.text, other.text, &closest)) near = other.text, where = other.span;
    }
    diag_did_you_mean(diag_report(maker->diags, UNKNOWN_NAME, name.span, name.text), near, where);
    return NULL;
}

/* Sets the value as a number of its smallest unit; false where values of the type are not compared here. */
static bool setting_measure(const json_t *value, double *number)
{
    const json_t *us = json_object_get(value, "us");
    *number = json_number_value(us ? us : value);
    return json_is_number(us ? us : value);
}

/* Checks a value against the site's bounds: the directory refuses a value outside them, so a test may not set one
 * either. */
static void check_setting_within(struct scenario_maker *maker, const struct node *node, const struct node *declared,
                                 json_t *value)
{
    const struct node *within = declared->parameter.within;
    double number, from, to;
    if (!within || within->kind != NODE_RANGE || !setting_measure(value, &number)) return;
    json_t *least = value_json(maker, within->range.from), *most = value_json(maker, within->range.to);
    if (setting_measure(least, &from) && setting_measure(most, &to) && (number < from || number > to))
        diag_note(diag_report(maker->diags, OUTSIDE_BOUNDS, node->test_parameter.value->span), within->span,
                  "declared here");
    json_decref(least);
    json_decref(most);
}

void scenario_make_parameter(struct scenario_maker *maker, const struct node *node, struct scenario_setting *setting)
{
    assert(node->kind == NODE_TEST_PARAMETER);
    struct word name = node->test_parameter.name;
    const struct symbol *symbol = scenario_setting_named(maker, name, NODE_SITE_PARAMETER);
    size_t errors = maker_errors(maker);
    json_t *value = value_typed(maker, node->test_parameter.value, symbol ? symbol->type : NULL, symbol);
    if (symbol && maker_errors(maker) == errors) check_setting_within(maker, node, symbol->node, value);
    setting->name = name.text;
    setting->value = value;
    int64_t us;
    if (node->test_parameter.lasts && limited_duration(maker, node->test_parameter.lasts, &us))
        setting->for_us = (uint64_t)us;
}

/* Makes a row, by its columns; columns at the end that may be none can be left out. */
static void table_row(struct scenario_maker *maker, json_t *rows, const struct node *row, const struct symbol *symbol)
{
    const struct record *record = symbol->type->of->record;
    const struct node *column = symbol->node->table.columns.first, *value = row->list.items.first;
    json_t *object = json_object();
    const char *key = NULL;
    uint32_t at = 0;
    for (; at < record->count && (value || type_is_option(record->fields[at].type)); at++, column = column->next) {
        const struct type_field *field = &record->fields[at];
        json_object_set_new(object, field->name, value ? value_typed(maker, value, field->type, field) : json_null());
        if (column->column.key) key = json_string_value(json_object_get(object, field->name));
        if (value) value = value->next;
    }
    if (value || at < record->count)
        diag_report(maker->diags, TEST_TABLE_ROW, row->span, row->list.items.count, record->name, record->count)
            ->about = record;
    else if (key && json_object_get(rows, key))
        diag_report(maker->diags, KEY_TWICE, row->span, key);
    if (key)
        json_object_set_new(rows, key, object);
    else
        json_decref(object); /* reported */
}

void scenario_make_table(struct scenario_maker *maker, const struct node *node, struct scenario_setting *setting)
{
    assert(node->kind == NODE_TEST_TABLE);
    struct word name = node->test_table.name;
    const struct symbol *symbol = scenario_setting_named(maker, name, NODE_SITE_TABLE);
    setting->name = name.text;
    setting->value = json_object();
    EACH_NODE (row, node->test_table.rows)
        if (symbol) table_row(maker, setting->value, row, symbol);
}

/* Adds a row. The directory has one row for each virtual queue of a profile, so the same queue is refused a second
 * time. */
static void preference_add(struct scenario_maker *maker, struct source_span where, struct scenario_preference row,
                           struct scenario_profile *profile)
{
    for (size_t i = 0; i < profile->count; i++)
        if (strcmp(profile->rows[i].vq, row.vq) == 0) {
            diag_report(maker->diags, TEST_WANTS, where, "each virtual queue once, and the others");
            return;
        }
    *(struct scenario_preference *)scenario_add(SHAPE_preference, &profile->rows, &profile->count) = row;
}

/* Adds a rule's rows: a rule gives all its virtual queues the same rank. */
static void profile_rule(struct scenario_maker *maker, const struct node *rule, uint32_t rank,
                         struct scenario_profile *profile)
{
    int64_t us = 0;
    if (rule->order_rule.after && !limited_duration(maker, rule->order_rule.after, &us)) return;
    struct scenario_preference row = {.vq = "*", .rank = rank, .delay_s = (uint32_t)(us / 1000000)};
    if (us > INT64_C(86400000000)) diag_report(maker->diags, TEST_WANTS, rule->span, "a delay of at most a day");
    if (rule->order_rule.others.text && strcmp(rule->order_rule.others.text, "others") != 0)
        diag_report(maker->diags, TEST_WANTS, rule->order_rule.others.span, "`vq` with a name, or `others`");
    if (rule->order_rule.others.text) preference_add(maker, rule->order_rule.others.span, row, profile);
    EACH_NODE (vq, rule->order_rule.vqs) {
        if (vq->kind_name.kind != KIND_VQ) diag_report(maker->diags, TEST_WANTS, vq->span, "a virtual queue");
        names_kind(maker, KIND_VQ, vq->kind_name.name);
        row.vq = vq->kind_name.name.text;
        preference_add(maker, vq->span, row, profile);
    }
}

void scenario_make_profile(struct scenario_maker *maker, const struct node *node, struct scenario_profile *profile)
{
    uint32_t rank = 0;
    assert(node->kind == NODE_TEST_PROFILE);
    profile->name = node->test_profile.name.text;
    EACH_NODE (rule, node->test_profile.rules) profile_rule(maker, rule, rule->order_rule.never ? 0 : ++rank, profile);
}

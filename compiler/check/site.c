/* compiler/check/site.c - Declarations of the site whose values may change while it runs: parameters, business
 * tables. The names of parameters and tables are declared with the site's other names; the values are checked when the
 * constants are known.
 *
 * These values are settings: the directory may change them while the program runs, within the bounds that the site
 * declares. So the code reads a setting each time, and the checker knows its type but never its value. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

static void check_add_setting(struct checker *c, struct symbol *symbol)
{
    struct checked *checked = c->checked;
    uint32_t count = checked->setting_count++;
    if ((count & (count + 1)) == 0) /* count is 2^n - 1: the array is full, so its room doubles */
        checked->settings = arena_grow(c->arena, checked->settings, count * sizeof(struct symbol *),
                                       (2 * count + 1) * sizeof(struct symbol *));
    checked->settings[count] = symbol;
    symbol->index = count;
    symbol->node->meaning = symbol;
}

static const struct type *parameter_type(struct checker *c, struct node *node)
{
    const struct type *type = check_type(c, node);
    if (type_is_data(type) && type_bare(type)->kind != LANG_VALUE) return type;
    report(c, NOT_DATA, node->span, type->text);
    return checker_base(c, LANG_POISON);
}

/* Returns the type of a table's row: a record of the columns; rows are found by the key, which is one of the
 * columns. */
static const struct type *table_type(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_TABLE);
    struct record *record = ARENA_NEW(c->arena, struct record);
    struct type_field *fields = ARENA_ARRAY(c->arena, struct type_field, item->table.columns.count + 1);
    const struct node *key = NULL;
    uint32_t count = 0;
    EACH_NODE (column, item->table.columns) {
        struct word name = column->column.name;
        const struct type *type = parameter_type(c, column->column.type);
        for (uint32_t i = 0; i < count; i++)
            if (!strcmp(fields[i].name, name.text)) report(c, NAME_TAKEN, name.span, name.text);
        if (column->column.key && key)
            diag_note(report(c, TABLE_KEY, name.span, item->table.name.text), key->span, "this is one already");
        if (column->column.key && type->kind != LANG_STR && !type_is_poison(type))
            report(c, TYPE_MISMATCH, column->column.type->span, type->text, "str");
        if (column->column.key) key = column;
        if (count < RECORD_WIDEST) fields[count++] = (struct type_field){.name = name.text, .type = type};
    }
    if (count < item->table.columns.count)
        report(c, RECORD_TOO_WIDE, item->table.name.span, item->table.name.text, RECORD_WIDEST);
    if (!key) diag_hint(report(c, TABLE_KEY, item->table.name.span, item->table.name.text), "key number: str");
    *record = (struct record){.name = item->table.name.text, .fields = fields, .count = count};
    return types_map(c->types, types_record(c->types, record));
}

void check_declare_setting(struct checker *c, struct node *item)
{
    struct symbol *symbol;
    if (item->kind == NODE_SITE_PARAMETER) {
        symbol = check_declare(c, SPACE_PLAIN, SYMBOL_SETTING, item->parameter.name, item);
        symbol->type = parameter_type(c, item->parameter.type);
    } else if (item->kind == NODE_SITE_TABLE) {
        symbol = check_declare(c, SPACE_PLAIN, SYMBOL_SETTING, item->table.name, item);
        symbol->type = table_type(c, item);
    } else {
        symbol = check_declare(c, SPACE_PLAIN, SYMBOL_SETTING, item->schedule.name, item);
        symbol->type = checker_base(c, LANG_SCHEDULE);
        check_add_site_name(c, symbol, LANG_SCHEDULE);
    }
    check_add_setting(c, symbol);
}

static void check_bounds(struct checker *c, struct node *within, const struct type *type)
{
    if (within->kind != NODE_RANGE) {
        diag_hint(report(c, BOUNDS_RANGE, within->span), "within 0%%..50%%");
        return;
    }
    if (type_is_poison(type)) return;
    if (!type_is_ordered(type)) {
        report(c, NOT_IN, within->span, type->text, "a range");
        return;
    }
    check_as(c, within->range.from, type);
    check_as(c, within->range.to, type);
}

struct node *site_group_condition(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_KIND_NAME ? node->meaning : NULL;
    const struct node *made = symbol ? symbol->node : NULL;
    return made && made->kind == NODE_SITE_VIRTUAL ? made->site_virtual.value : NULL;
}

void check_declare_virtual(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_VIRTUAL);
    if (item->site_virtual.kind != KIND_GROUP) {
        diag_hint(report(c, VIRTUAL_KIND, item->span, ast_kind_word(item->site_virtual.kind)), "group %s = ...",
                  item->site_virtual.name.text);
        return;
    }
    check_declare(c, scope_space(LANG_GROUP), SYMBOL_NAME, item->site_virtual.name, item)->type =
        checker_base(c, LANG_GROUP);
}

/* Checks a virtual group and gives it its meaning; a later group is not known in its condition yet. A virtual group
 * is a condition on the candidate, so it is checked like the condition of a line, once, where it is declared. */
static void check_virtual(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_VIRTUAL);
    struct state yes, no;
    if (item->site_virtual.kind != KIND_GROUP) return;
    c->in_line = true;
    check_condition(c, item->site_virtual.value, &yes, &no);
    c->in_line = false;
    item->meaning = item;
}

/* Checks that a constant default lies within constant bounds. Bounds and values that are not constant, and floats,
 * are checked later. */
static void check_parameter_within(struct checker *c, const struct node *parameter, const struct type *type)
{
    assert(parameter->kind == NODE_SITE_PARAMETER);
    const struct node *within = parameter->parameter.within, *value = parameter->parameter.value;
    int64_t is, least, most;
    if (within->kind != NODE_RANGE || type_bare(type)->kind == LANG_FLOAT || !segment_node_worth(value, &is)) return;
    if (!segment_node_worth(within->range.from, &least) || !segment_node_worth(within->range.to, &most)) return;
    if (least > most)
        diag_hint(report(c, RANGE_EMPTY, within->span), "the smaller one stands first");
    else if (is < least || is > most)
        diag_note(report(c, OUTSIDE_BOUNDS, value->span), within->span, "these are its bounds");
}

void check_setting(struct checker *c, struct node *item)
{
    if (item->kind == NODE_SITE_VIRTUAL) check_virtual(c, item);

    if (item->kind == NODE_SITE_PARAMETER) {
        const struct type *type = ((struct symbol *)item->meaning)->type;
        size_t errors = diags_errors(c->diags);
        check_as(c, item->parameter.value, type);
        if (item->parameter.within) check_bounds(c, item->parameter.within, type);
        if (item->parameter.within && diags_errors(c->diags) == errors) check_parameter_within(c, item, type);
    } else if (item->kind == NODE_SITE_SCHEDULE) {
        check_schedule(c, item);
    }
}

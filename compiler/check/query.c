/* compiler/check/query.c - Queries: compares the statement with the schema, and checks the values bound to it and
 * the type of its rows.
 *
 * With a schema a statement can be checked: sql_prepare() gives the columns and parameters of the statement, with
 * their types and whether they may be null, and this file compares them with the record on the strategy's side:
 *
 *     query crm first Customer `select name, tier from customers where id = {id}`
 *                 |      |              |     |                               |
 *                 |   a record: each field is a column of that name     bound, never spliced
 *              first, all, value: rows; exec: how many were changed
 *
 * Without a schema nothing is compared here; rows that do not fit are then found when the program runs, and are an
 * exit of the step. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/sql/pulled.h"

/* Can a value of the column become a value of the type? Numbers also become durations and the like, and text becomes
 * names, too. */
static bool column_fits(const struct sql_column *column, const struct type *type)
{
    const struct type *bare = type_bare(type);
    if (type_is_poison(bare)) return true;
    switch (column->type) {
    case SQL_ANY:
        return true;
    case SQL_INTEGER:
        return bare->kind == LANG_INT || bare->kind == LANG_BOOL || bare->kind == LANG_DURATION ||
               bare->kind == LANG_TIME || bare->kind == LANG_FLOAT;
    case SQL_TEXT:
        return bare->kind == LANG_STR || bare->kind == LANG_DN || type_is_site_name(bare);
    case SQL_BOOLEAN:
        return bare->kind == LANG_BOOL;
    case SQL_NUMERIC: /* its digits are a str without loss */
        return bare->kind == LANG_INT || bare->kind == LANG_STR || bare->kind == LANG_FLOAT;
    case SQL_MOMENT:
        return bare->kind == LANG_TIME || bare->kind == LANG_STR;
    case SQL_INTERVAL:
        return bare->kind == LANG_DURATION || bare->kind == LANG_STR;
    case SQL_REAL:
        return bare->kind == LANG_FLOAT;
    case SQL_BLOB:
        break;
    }
    return false;
}

static const char *sql_type_text(const struct sql_column *column)
{
    static const char *const words[] = {"any",     "integer", "real",     "text",       "blob",
                                        "boolean", "numeric", "a moment", "an interval"};
    return column->type_text ? column->type_text : words[column->type];
}

static void check_column(struct checker *c, struct node *query, const struct sql_column *column,
                         const struct type *type, const char *what)
{
    if (!column_fits(column, type)) {
        report(c, COLUMN_TYPE, query->query.sql->span, column->name, sql_type_text(column), what, type->text);
    } else if (column->null == SQL_NULL && column->type != SQL_ANY && !type_is_option(type) && !type_is_poison(type)) {
        diag_hint(report(c, COLUMN_NULL, query->query.sql->span, column->name, what, type->text),
                  "%s?, or `not null` in the schema, also of a primary key", type->text);
    }
}

/* May a value of the type be bound as this parameter of the statement? Only PostgreSQL reports the types of
 * parameters. */
static bool sql_parameter_fits(const struct checker *c, const struct sql_column *parameter, const struct type *type)
{
    const struct type *bare = type_bare(type);
    size_t length = parameter->type_text ? strlen(parameter->type_text) : 0;
    bool array = length > 2 && !strcmp(parameter->type_text + length - 2, "[]");
    if (type_is_poison(bare)) return true;
    if (array && bare->kind == LANG_LIST) {
        struct sql_column element = {.type_text =
                                         arena_printf(c->arena, "%.*s", (int)length - 2, parameter->type_text)};
        element.type = pulled_type(element.type_text);
        return sql_parameter_fits(c, &element, bare->of);
    }
    if (array || bare->kind == LANG_LIST) return false;
    switch (parameter->type) {
    case SQL_ANY:
        return true;
    case SQL_INTEGER:
        return bare->kind == LANG_INT || bare->kind == LANG_BOOL || bare->kind == LANG_DURATION ||
               bare->kind == LANG_TIME || bare->kind == LANG_PERCENT;
    case SQL_NUMERIC:
    case SQL_REAL:
        return bare->kind == LANG_INT || bare->kind == LANG_DURATION || bare->kind == LANG_TIME ||
               bare->kind == LANG_PERCENT || bare->kind == LANG_FLOAT;
    case SQL_BOOLEAN:
        return bare->kind == LANG_BOOL;
    case SQL_MOMENT:
        return bare->kind == LANG_TIME;
    case SQL_INTERVAL:
        return bare->kind == LANG_DURATION;
    case SQL_TEXT:
        return bare->kind == LANG_STR || bare->kind == LANG_DN || type_is_site_name(bare);
    case SQL_BLOB:
        break;
    }
    return false;
}

static void check_parameters(struct checker *c, const struct step_use *use)
{
    for (uint32_t i = 0; use->sql.parameter_types && i < use->rest_count && i < use->sql.parameters; i++) {
        const struct type *type = use->rest[i]->type;
        if (!type || sql_parameter_fits(c, &use->sql.parameter_types[i], type)) continue;
        diag_hint(
            report(c, PARAMETER_TYPE, use->rest[i]->span, sql_type_text(&use->sql.parameter_types[i]), type->text),
            "say what it is: {...}::type");
    }
}

/* Checks the record's fields against the columns; further columns are allowed, and are not read. */
static void check_query_row(struct checker *c, struct node *query, const struct sql_statement *sql,
                            const struct type *type)
{
    const struct record *record = type->record;
    for (uint32_t i = 0; i < record->count; i++) {
        const struct sql_column *found = NULL;
        for (size_t j = 0; j < sql->column_count; j++)
            if (!strcmp(sql->columns[j].name, record->fields[i].name)) found = &sql->columns[j];
        if (found) {
            check_column(c, query, found, record->fields[i].type,
                         arena_printf(c->arena, "%s.%s", record->name, record->fields[i].name));
            continue;
        }
        struct diag *diag = report(c, COLUMN_MISSING, query->query.sql->span, record->fields[i].name, record->name);
        diag_hint(diag, "add it to the select, or take it out of the record");
    }
}

static struct sql_schema *schema_of(const struct checker *c, const char *source)
{
    for (const struct schema_entry *entry = c->program->schemas; entry; entry = entry->next)
        if (!strcmp(entry->source, source)) return entry->schema;
    return NULL;
}

/* Returns the schema of the source that the query names; NULL: there is none. */
static struct sql_schema *check_source(struct checker *c, struct word source)
{
    struct symbol *symbol = scope_find(c->scope, scope_space(LANG_SOURCE), source.text);
    if (symbol) {
        symbol->used = true;
        return schema_of(c, source.text);
    }
    const struct symbol *near = nearest_symbol(c, scope_space(LANG_SOURCE), source.text);
    struct diag *diag = report(c, UNKNOWN_KIND_NAME, source.span, "source", source.text);
    if (near) diag_did_you_mean(diag, near->name, near->where);
    return NULL;
}

/* Checks the values in a query: pieces of the statement and values take turns, and a value may itself be a string. */
static void check_query_values(struct checker *c, const struct node *sql, struct step_use *use)
{
    assert(sql->kind == NODE_SQL);
    bool is_value = false;
    use->rest = ARENA_ARRAY(c->arena, struct node *, sql->sql.parts.count + 1);
    EACH_NODE (part, sql->sql.parts) {
        if (is_value) {
            check_parameter(c, part, PARAM_BOUND, NULL, use);
            check_bound(c, part, use);
            use->rest[use->rest_count++] = part;
        }
        is_value = !is_value;
    }
}

static const struct type *exec_result(struct checker *c, const struct node *node, const struct step_use *use,
                                      bool known)
{
    assert(node->kind == NODE_QUERY);
    if (node->query.type) report(c, QUERY_TYPE_EXEC, node->query.type->span);
    if (known && !use->sql.writes && !use->sql.calls && use->sql.column_count)
        diag_hint(report(c, QUERY_EXEC_READS, node->query.sql->span), "use first, all or value");
    return checker_base(c, LANG_INT);
}

/* Checks the result of `value`: the first column of one row. */
static const struct type *value_result(struct checker *c, struct node *node, const struct step_use *use,
                                       const struct type *type, bool known)
{
    if (!type_is_bindable(type)) {
        report(c, QUERY_VALUE_TYPE, node->query.type->span, type->text);
    } else if (known) {
        struct sql_column column = use->sql.columns[0];
        column.null = SQL_NOT_NULL; /* a missing row gives none already */
        check_column(c, node, &column, type, "the value");
    }
    return types_option(c->types, type);
}

/* Returns the result type of first, all and value, from the type that the query names. */
static const struct type *rows_result(struct checker *c, struct node *node, const struct step_use *use,
                                      const struct type *type, bool known)
{
    if (known && use->sql.writes && use->sql.column_count > 0)
        diag_hint(report(c, QUERY_WRITES, node->query.sql->span, use->form), "use exec, which is asked once");
    if (!type) {
        diag_hint(report(c, QUERY_TYPE_MISSING, node->query.form.span, use->form), "query %s %s Record `...`",
                  use->source, use->form);
        return checker_base(c, LANG_POISON);
    }
    if (type_is_poison(type)) return type;
    if (known && !use->sql.column_count) {
        diag_hint(report(c, QUERY_NO_ROWS, node->query.sql->span, use->form), "use exec");
        known = false;
    }
    if (use->row->id == STEP_ID_query_value) return value_result(c, node, use, type, known);
    if (type->kind != LANG_RECORD) {
        report(c, QUERY_ROW_TYPE, node->query.type->span, type->text);
        return checker_base(c, LANG_POISON);
    }
    if (known) check_query_row(c, node, &use->sql, type);
    return use->row->id == STEP_ID_query_first ? types_option(c->types, type) : types_list(c->types, type);
}

const struct type *check_query(struct checker *c, struct node *node, struct step_use *use)
{
    assert(node->kind == NODE_QUERY);
    use->form = node->query.form.text;
    use->source = node->query.source.text;
    struct sql_schema *schema = check_source(c, node->query.source);
    check_query_values(c, node->query.sql, use);
    const struct type *type = node->query.type ? check_type(c, node->query.type) : NULL;
    bool known = schema && sql_prepare(schema, c->diags, node->query.sql, &use->sql);
    if (known) check_parameters(c, use);
    if (!use->row) return checker_base(c, LANG_POISON); /* the parser reported it: there is no such form of query */
    return use->row->id == STEP_ID_query_exec ? exec_result(c, node, use, known)
                                              : rows_result(c, node, use, type, known);
}

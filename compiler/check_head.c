/* compiler/check_head.c - What stands at the head of a step: its arguments, a statement of SQL, the lines of a
 * selection. */
#include "compiler/checker.h"

#include <string.h>

#include "compiler/pulled.h"

enum { SELECT_LINES_MAX = 64 }; /* vm/image.h: IMAGE_LINES_MAX */

static const struct type *poison(const struct checker *c)
{
    return base(c, LANG_POISON);
}

const struct step_row *head_row(struct checker *c, const struct node *head)
{
    switch (head->kind) {
    case NODE_SELECT:
        return step_row(head->select.connects ? STEP_ID_connect : STEP_ID_select);
    case NODE_DELAY:
        return step_row(STEP_ID_delay);
    case NODE_ROUTE:
        return step_row(STEP_ID_route);
    case NODE_STOP:
        return step_row(STEP_ID_stop);
    case NODE_WAIT:
        return step_row(STEP_ID_wait_for);
    case NODE_REJECT:
        return step_row(STEP_ID_reject);
    case NODE_SWITCH:
        return step_row(STEP_ID_switch);
    case NODE_EXCLUDE:
        return step_row(STEP_ID_exclude);
    case NODE_RACE:
        return step_row(STEP_ID_race);
    case NODE_PARALLEL:
        return step_row(STEP_ID_parallel);
    case NODE_QUERY:
        return step_row_named(arena_printf(c->arena, "query %s", head->query.form.text));
    case NODE_CALL: {
        if (is_endpoint_call(c, head)) return endpoint_row(c, head);
        const char *dotted = node_step_name(c->arena, head->call.callee);
        return dotted ? step_row_named(dotted) : NULL;
    }
    default:
        return NULL;
    }
}

/* Parameters */

static bool is_destination(const struct type *type)
{
    return type->kind == LANG_TARGET || type->kind == LANG_AGENT || type->kind == LANG_QUEUE || type->kind == LANG_DN ||
           type->kind == LANG_PLACE || type->kind == LANG_WORKBIN || type_is_poison(type);
}

static void check_destination(struct checker *c, struct node *node)
{
    const struct type *type = check_expr(c, node, NULL);
    if (is_destination(type)) return;
    struct diag *diag = report(c, NOT_A_DESTINATION, node->span, type->text);
    if (type_is_option(type))
        diag_hint(diag, "it may be none: test it first");
    else if (type->kind == LANG_GROUP)
        diag_hint(diag, "select one of the group first: let who = select in vq ... { ...; };");
    else if (type->kind == LANG_VQ)
        diag_hint(diag, "one waits in a vq by select in vq ...");
}

/* What is read out, one after another, to be chosen from. Returns the type of the elements. */
static const struct type *check_choices(struct checker *c, struct node *value, const struct type *want)
{
    const struct type *list = check_expr(c, value, want ? types_list(c->types, want) : NULL);
    if (type_is_poison(list)) return list;
    if (list->kind != LANG_LIST) {
        diag_hint(report(c, TYPE_MISMATCH, value->span, list->text, "a list"), "[..., ...]");
        return poison(c);
    }
    if (!type_is_bindable(list->of)) report(c, NOT_SHOWN, value->span, list->of->text);
    return list->of;
}

/* A list goes as one value: an array, or for SQLite a text of JSON. */
static bool is_bound_list(const struct type *type)
{
    return type->kind == LANG_LIST && !type_is_option(type->of) && type_is_bindable(type->of);
}

/* Returns the type of the elements where the parameter is a map or list of any. */
static const struct type *check_parameter(struct checker *c, struct node *value, enum param_type type,
                                          const struct type *want, struct step_use *use)
{
    switch (type) {
    case PARAM_INT:
        check_as(c, value, base(c, LANG_INT));
        break;
    case PARAM_STR:
        check_as(c, value, base(c, LANG_STR));
        break;
    case PARAM_DURATION:
        check_as(c, value, base(c, LANG_DURATION));
        break;
    case PARAM_PROMPT:
        check_as(c, value, base(c, LANG_PROMPT));
        break;
    case PARAM_VQ:
        check_as(c, value, base(c, LANG_VQ));
        break;
    case PARAM_TONE:
        check_as(c, value, c->tone_type);
        break;
    case PARAM_TEMPLATE:
        check_as(c, value, base(c, LANG_TEMPLATE));
        break;
    case PARAM_TIME:
        check_as(c, value, base(c, LANG_TIME));
        break;
    case PARAM_BODY: {
        const struct type *body = check_expr(c, value, NULL);
        if (body->kind != LANG_BLOB && body->kind != LANG_STR && !type_is_poison(body))
            report(c, TYPE_MISMATCH, value->span, body->text, "a blob or a str");
        break;
    }
    case PARAM_CATEGORIES:
        check_as(c, value, types_list(c->types, base(c, LANG_CATEGORY)));
        break;
    case PARAM_CAUSE:
        check_as(c, value, c->cause_type);
        break;
    case PARAM_SCHEDULE:
        check_as(c, value, base(c, LANG_SCHEDULE));
        if (!schedule_zone(value) && value->type->kind == LANG_SCHEDULE)
            diag_hint(report(c, TIME_WITHOUT_ZONE, value->span), "one of the site's, by its name");
        break;
    case PARAM_STRATEGY:
        check_booked(c, value, use);
        break;
    case PARAM_ZONE: /* the compiler's own */
    case PARAM_GIVEN:
        break;
    case PARAM_MAP_VALUE:
        check_as(c, value, types_map(c->types, base(c, LANG_VALUE)));
        break;
    case PARAM_LIST_ANY:
        return check_choices(c, value, want);
    case PARAM_DESTINATION:
        check_destination(c, value);
        break;
    case PARAM_SHOWN: {
        const struct type *shown = check_expr(c, value, NULL);
        if (!type_is_bindable(shown)) hint_blob(report(c, NOT_SHOWN, value->span, shown->text), shown);
        break;
    }
    case PARAM_JSON: /* check_endpoint.c */
        break;
    case PARAM_BOUND: {
        const struct type *bound = check_expr(c, value, NULL);
        if (!type_is_bindable(bound) && !is_bound_list(bound))
            hint_blob(report(c, NOT_BOUND, value->span, bound->text), bound);
        break;
    }
    case PARAM_MAP_ANY: {
        const struct type *map = check_expr(c, value, want ? types_map(c->types, want) : NULL);
        if (map->kind == LANG_MAP) return map->of;
        if (type_is_poison(map)) return map;
        struct diag *diag = report(c, TYPE_MISMATCH, value->span, map->text, "a map");
        diag_hint(diag, "[\"1\": ..., \"2\": ...]");
        return poison(c);
    }
    }
    return NULL;
}

/* What a caller's telephone can key, as far as it is written. */
static void check_key(struct checker *c, const struct node *key)
{
    if (!key || key->kind != NODE_STRING) return;
    const char *text = key->string.text.bytes;
    if (key->string.text.length == 1 && strchr("0123456789*#", *text)) return;
    diag_hint(report(c, NO_KEY, key->span, text), "0 to 9, * or #");
}

/* The argument of that name, or NULL. */
static const struct node *argument_named(const struct step_use *use, const char *name)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(use->row, params);
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(params[i]->name, name)) return use->arguments[i];
    return NULL;
}

static void check_keys(struct checker *c, const struct step_use *use)
{
    if (use->row->id == STEP_ID_ivr_menu) {
        const struct node *keys = argument_named(use, "keys");
        if (keys && keys->kind == NODE_MAP)
            for EACH_NODE (entry, keys->map.entries) check_key(c, entry->entry.key);
    }
    if (use->row->id != STEP_ID_ivr_digits) return;
    const struct node *least = argument_named(use, "min"), *most = argument_named(use, "max");
    check_key(c, argument_named(use, "end"));
    long long min = least && least->kind == NODE_INTEGER ? least->integer.value : 0;
    long long max = most && most->kind == NODE_INTEGER ? most->integer.value : INT64_MAX;
    if (max < min || max < 1) report(c, DIGITS_RANGE, most->span, max, min);
}

static const struct type *check_step_call(struct checker *c, struct node *call, struct step_use *use,
                                          const struct type *want)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(use->row, params), at = 0;
    const struct type *element = NULL;
    bool good = true;
    use->rest = ARENA_ARRAY(c->arena, struct node *, call->call.arguments.count + 1);
    for EACH_NODE (argument, call->call.arguments) {
        struct word name = argument->arg.name;
        uint32_t index = at;
        if (name.text)
            for (index = 0; index < count && strcmp(params[index]->name, name.text);) index++;
        if (index >= count) {
            struct diag *diag;
            if (name.text)
                diag = report(c, NO_PARAMETER, name.span, use->row->name, name.text);
            else
                diag = report(c, TOO_MANY_ARGUMENTS, argument->span, use->row->name, count);
            for (uint32_t i = 0; name.text && i < count; i++)
                if (name_distance(name.text, params[i]->name) != UINT32_MAX)
                    diag_did_you_mean(diag, params[i]->name, (struct span){0, 0});
            check_expr(c, argument->arg.value, NULL);
            good = false;
            continue;
        }
        const struct type *of = check_parameter(c, argument->arg.value, params[index]->type, want, use);
        if (of) element = of;
        if (use->row->id != STEP_ID_ivr_verify && params[index]->type != PARAM_STRATEGY)
            check_given_away(c, argument->arg.value, arena_printf(c->arena, "an argument of %s", use->row->name));
        if (params[index]->need == PARAM_REST) {
            use->rest[use->rest_count++] = argument->arg.value;
            continue; /* and the next one too */
        }
        if (use->arguments[index]) report(c, ARGUMENT_TWICE, argument->span, params[index]->name);
        use->arguments[index] = argument->arg.value;
        if (!name.text) at++;
    }
    check_keys(c, use);
    if (use->row->id == STEP_ID_outbound_retry && !use->arguments[0] == !use->arguments[1])
        report(c, ONE_OF_TWO, call->span, use->row->name, params[0]->name, params[1]->name);
    for (uint32_t i = 0; i < count && good; i++)
        if (params[i]->need == PARAM_REQUIRED && !use->arguments[i])
            report(c, STEP_ARGUMENT_MISSING, call->span, use->row->name, params[i]->name);
    return element ? element : poison(c);
}

/* Queries */

/* Can what the column holds become this? Numbers also become durations and so on, text also names. */
static bool column_fits(const struct sql_column *column, const struct type *type)
{
    const struct type *bare = type_bare(type);
    if (type_is_poison(bare)) return true;
    switch (column->type) {
    case SQL_ANY:
        return true;
    case SQL_INTEGER:
        return bare->kind == LANG_INT || bare->kind == LANG_BOOL || bare->kind == LANG_DURATION ||
               bare->kind == LANG_TIME;
    case SQL_TEXT:
        return bare->kind == LANG_STR || type_is_site_name(bare);
    case SQL_BOOLEAN:
        return bare->kind == LANG_BOOL;
    case SQL_NUMERIC: /* as digits it is exact */
        return bare->kind == LANG_INT || bare->kind == LANG_STR;
    case SQL_MOMENT:
        return bare->kind == LANG_TIME || bare->kind == LANG_STR;
    case SQL_INTERVAL:
        return bare->kind == LANG_DURATION || bare->kind == LANG_STR;
    case SQL_REAL:
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
                  "%s?, or `not null` in the schema", type->text);
    }
}

/* May this be bound where the statement takes that? Only PostgreSQL says what it takes. */
static bool parameter_fits(const struct checker *c, const struct sql_column *parameter, const struct type *type)
{
    const struct type *bare = type_bare(type);
    size_t length = parameter->type_text ? strlen(parameter->type_text) : 0;
    bool array = length > 2 && !strcmp(parameter->type_text + length - 2, "[]");
    if (type_is_poison(bare)) return true;
    if (array && bare->kind == LANG_LIST) {
        struct sql_column element = {
            .type_text = arena_printf(c->arena, "%.*s", (int)length - 2, parameter->type_text)};
        element.type = pulled_type(element.type_text);
        return parameter_fits(c, &element, bare->of);
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
               bare->kind == LANG_PERCENT;
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
        if (!type || parameter_fits(c, &use->sql.parameter_types[i], type)) continue;
        diag_hint(
            report(c, PARAMETER_TYPE, use->rest[i]->span, sql_type_text(&use->sql.parameter_types[i]), type->text),
            "say what it is: {...}::type");
    }
}

static void check_row(struct checker *c, struct node *query, const struct sql_statement *sql, const struct type *type)
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

static const struct type *check_query(struct checker *c, struct node *node, struct step_use *use)
{
    struct word source = node->query.source;
    struct symbol *symbol = scope_find(c->scope, scope_space(LANG_SOURCE), source.text);
    use->form = node->query.form.text;
    use->source = source.text;
    if (symbol) {
        symbol->used = true;
    } else {
        const struct symbol *near = near_name(c, scope_space(LANG_SOURCE), source.text);
        struct diag *diag = report(c, UNKNOWN_KIND_NAME, source.span, "source", source.text);
        if (near) diag_did_you_mean(diag, near->name, near->where);
    }
    use->rest = ARENA_ARRAY(c->arena, struct node *, node->query.sql->sql.parts.count + 1);
    bool is_value = false; /* the text's pieces and the values take turns; a value may be a string, too */
    for EACH_NODE (part, node->query.sql->sql.parts) {
        if (is_value) {
            check_parameter(c, part, PARAM_BOUND, NULL, use);
            check_bound(c, part, use);
            use->rest[use->rest_count++] = part;
        }
        is_value = !is_value;
    }
    const struct type *type = node->query.type ? check_type(c, node->query.type) : NULL;
    struct sql_schema *schema = symbol ? schema_of(c, source.text) : NULL;
    bool known = schema && sql_prepare(schema, c->diags, node->query.sql, &use->sql);
    if (known) check_parameters(c, use);
    if (!use->row) return poison(c); /* the parser said it: no such form */
    if (use->row->id == STEP_ID_query_exec) {
        if (type) report(c, QUERY_TYPE_EXEC, node->query.type->span);
        if (known && !use->sql.writes && use->sql.column_count)
            diag_hint(report(c, QUERY_EXEC_READS, node->query.sql->span), "use first, all or value");
        return base(c, LANG_INT);
    }
    if (known && use->sql.writes && use->sql.column_count > 0)
        diag_hint(report(c, QUERY_WRITES, node->query.sql->span, use->form), "use exec, which is asked once");
    if (!type) {
        diag_hint(report(c, QUERY_TYPE_MISSING, node->query.form.span, use->form), "query %s %s Record `...`",
                  source.text, use->form);
        return poison(c);
    }
    if (type_is_poison(type)) return type;
    if (known && !use->sql.column_count) {
        diag_hint(report(c, QUERY_NO_ROWS, node->query.sql->span, use->form), "use exec");
        known = false;
    }
    if (use->row->id == STEP_ID_query_value) {
        if (!type_is_bindable(type))
            report(c, QUERY_VALUE_TYPE, node->query.type->span, type->text);
        else if (known) {
            struct sql_column column = use->sql.columns[0];
            column.null = SQL_NOT_NULL; /* no row is none already */
            check_column(c, node, &column, type, "the value");
        }
        return types_option(c->types, type);
    }
    if (type->kind != LANG_RECORD) {
        report(c, QUERY_ROW_TYPE, node->query.type->span, type->text);
        return poison(c);
    }
    if (known) check_row(c, node, &use->sql, type);
    return use->row->id == STEP_ID_query_first ? types_option(c->types, type) : types_list(c->types, type);
}

/* Selections */

static bool is_target(const struct type *type)
{
    switch (type_bare(type)->kind) {
    case LANG_GROUP:
    case LANG_AGENT:
    case LANG_PLACE:
    case LANG_QUEUE:
    case LANG_TARGET:
    case LANG_POISON:
        return true;
    default:
        return false;
    }
}

static bool is_leaf(struct checker *c, const struct node *node)
{
    if (node->kind == NODE_KIND_NAME && node->kind_name.kind == KIND_GROUP) {
        const struct symbol *symbol = scope_find(c->scope, scope_space(LANG_GROUP), node->kind_name.name.text);
        return symbol && symbol->node->kind == NODE_SITE_VIRTUAL;
    }
    return node->kind == NODE_BINARY || node->kind == NODE_UNARY || node->kind == NODE_BOOL;
}

/* What must hold for what the line takes, which is one of measures.h, or 0: of skills, of whom no more is known. */
static void check_where(struct checker *c, struct node *where, uint32_t of)
{
    struct state yes, no;
    c->in_line = c->in_order = c->in_where = true;
    c->where_of = of;
    check_condition(c, where, &yes, &no);
    c->in_line = c->in_order = c->in_where = false;
}

/* Gives back what the line takes, as in measures.h. */
static uint32_t check_taken(struct checker *c, struct node *target)
{
    if (is_leaf(c, target)) {
        struct state yes, no;
        c->in_line = true;
        check_condition(c, target, &yes, &no);
        c->in_line = false;
        return 0;
    }
    if (target->kind == NODE_KIND_INDEX && target->kind_index.kind == KIND_SKILL) {
        c->in_line = true;
        check_expr(c, target, NULL);
        c->in_line = false;
        diag_hint(report(c, LEVEL_ALONE, target->span), "compare it: >= 1");
        return 0;
    }
    const struct type *type = check_expr(c, target, NULL);
    if (type->kind == LANG_SKILL)
        diag_hint(report(c, LEVEL_ALONE, target->span), "compare its level: >= 1");
    else if (!is_target(type))
        report(c, NOT_A_LINE, target->span, type->text);
    else if (type_is_poison(type))
        return MEASURED_AGENT | MEASURED_GROUP | MEASURED_QUEUE;
    return type_bare(type)->kind == LANG_TARGET || type_bare(type)->kind == LANG_PLACE ? MEASURED_AGENT : measured_of(type_bare(type)->kind);
}

static void check_timing(struct checker *c, struct node *value, const char *as)
{
    check_as(c, value, base(c, LANG_DURATION));
    check_given_away(c, value, as);
}

static void check_line(struct checker *c, struct node *line)
{
    if (line->line.after) check_timing(c, line->line.after, "when a line begins");
    uint32_t taken = check_taken(c, line->line.target);
    if (line->line.where) check_where(c, line->line.where, taken);
}

static void check_select(struct checker *c, struct node *node, struct step_use *use)
{
    check_as(c, node->select.in, base(c, LANG_VQ));
    use->arguments[0] = node->select.in;
    if (!node->select.lines.first) report(c, SELECT_EMPTY, node->span);
    if (node->select.lines.count > SELECT_LINES_MAX)
        report(c, SELECT_TOO_LONG, node->span, (int)node->select.lines.count, SELECT_LINES_MAX);
    for EACH_NODE (line, node->select.lines) check_line(c, line);
    check_shares(c, node, use);
}

/* What is compared: of the candidate, or of it and what the strategy knows as the wait begins. */
static void check_figure(struct checker *c, struct node *value, bool level)
{
    c->in_line = c->in_order = true;
    const struct type *type = check_expr(c, value, NULL);
    c->in_line = c->in_order = false;
    bool skill = (value->kind == NODE_KIND_NAME && value->kind_name.kind == KIND_SKILL) ||
                 (value->kind == NODE_KIND_INDEX && value->kind_index.kind == KIND_SKILL);
    if (type_is_poison(type)) return;
    if (is_statistic(value)) type = type_bare(type); /* of whom there is none, those are behind the others */
    if (level && !skill)
        report(c, TYPE_MISMATCH, value->span, type->text, "a skill");
    else if (type->kind != LANG_INT && type->kind != LANG_DURATION && type->kind != LANG_PERCENT)
        report(c, TYPE_MISMATCH, value->span, type->text, "an int, a duration or a percent");
}

void check_order(struct checker *c, struct node *value, struct step_use *use)
{
    bool call = value->kind == NODE_CALL && value->call.callee->kind == NODE_NAME;
    const struct node *word = call ? value->call.callee : value;
    const char *name = word->kind == NODE_NAME ? word->name.name.text : "", *near = NULL;
    for (uint32_t i = 0; i < order_row_count; i++) {
        const struct order_row *row = &order_rows[i];
        if (i == BY_share) continue; /* it is written at the lines */
        if (name_distance(name, row->word) != UINT32_MAX) near = row->word;
        if (strcmp(row->word, name)) continue;
        bool of_level = !strcmp(name, "highest_level");
        uint32_t given = call ? (uint32_t)value->call.arguments.count : 0;
        if (given != row->by)
            diag_hint(report(c, ARGUMENT_COUNT, value->span, name, row->by ? 1u : 0u, given), "%s",
                      !row->by ? name : of_level ? "highest_level(skill French)" : "max(it.idle_time)");
        use->order = i;
        if (!row->by || given != row->by) return;
        for EACH_NODE (argument, value->call.arguments) {
            if (argument->arg.name.text) report(c, NO_PARAMETER, argument->arg.name.span, name, argument->arg.name.text);
            use->order_by = argument->arg.value;
            check_figure(c, argument->arg.value, of_level);
        }
        return;
    }
    struct diag *diag = report(c, UNKNOWN_ORDER, value->span);
    if (near)
        diag_did_you_mean(diag, near, (struct span){0, 0});
    else
        diag_hint(diag, "longest_idle, round_robin, random, everyone, highest_level(skill), max(...) or min(...)");
}

struct symbol *check_signal(struct checker *c, struct word name)
{
    struct symbol *symbol = scope_find(c->scope, SPACE_SIGNAL, name.text);
    if (symbol) {
        symbol->used = true;
        return symbol;
    }
    struct diag *diag = report(c, UNKNOWN_SIGNAL, name.span, name.text);
    const struct symbol *near = near_name(c, SPACE_SIGNAL, name.text);
    if (near)
        diag_did_you_mean(diag, near->name, near->where);
    else
        diag_hint(diag, "declare it in the site: signal %s(...);", name.text);
    return NULL;
}

static void check_excluded(struct checker *c, struct node *who)
{
    const struct type *type = check_expr(c, who, NULL);
    if (type->kind == LANG_AGENT || type->kind == LANG_TARGET || type->kind == LANG_QUEUE || type_is_poison(type)) return;
    struct diag *diag = report(c, TYPE_MISMATCH, who->span, type->text, "an agent, a target or a queue");
    if (type_is_option(type)) diag_hint(diag, "it may be none: test it first");
}

/* What the step's head is made of; its result without its else. */
const struct type *check_head(struct checker *c, struct node *head, struct step_use *use, const struct type *want)
{
    switch (head->kind) {
    case NODE_QUERY:
        return check_query(c, head, use);
    case NODE_SELECT:
        check_select(c, head, use);
        return base(c, head->select.connects ? LANG_VOID : LANG_TARGET);
    case NODE_DELAY:
        check_timing(c, head->delay.value, "how long one waits");
        use->arguments[0] = head->delay.value;
        return base(c, LANG_VOID);
    case NODE_ROUTE:
        check_destination(c, head->route.target);
        check_given_away(c, head->route.target, "where one is routed to");
        use->arguments[0] = head->route.target;
        return base(c, LANG_VOID);
    case NODE_STOP:
        check_as(c, head->stop.why, base(c, LANG_STR));
        check_told(c, head->stop.why);
        use->arguments[0] = head->stop.why;
        return base(c, LANG_VOID);
    case NODE_WAIT: {
        struct symbol *signal = check_signal(c, head->wait.signal);
        use->signal = signal ? signal->name : "";
        if (!signal) return poison(c);
        return signal->node->signal.params.count ? signal->type : base(c, LANG_VOID);
    }
    case NODE_REJECT:
        check_as(c, head->reject.code, base(c, LANG_INT));
        check_given_away(c, head->reject.code, "the reason of a refusal");
        use->arguments[0] = head->reject.code;
        return base(c, LANG_VOID);
    case NODE_SWITCH:
        check_next(c, head->switching.strategy, use);
        return base(c, LANG_VOID);
    case NODE_EXCLUDE:
        check_excluded(c, head->exclude.who);
        check_timing(c, head->exclude.lasts, "how long one is left out");
        use->arguments[0] = head->exclude.who;
        use->arguments[1] = head->exclude.lasts;
        return base(c, LANG_VOID);
    case NODE_RACE:
    case NODE_PARALLEL:
        return base(c, LANG_VOID); /* its children begin when it waits */
    default:
        break;
    }
    if (!use->row) { /* a subroutine */
        typed(head, poison(c));
        return check_call(c, head, want);
    }
    struct call_use *call = ARENA_NEW(c->arena, struct call_use);
    call->kind = CALL_STEP;
    call->step = use;
    head->meaning = call;
    if (is_endpoint_call(c, head)) return check_endpoint_call(c, head, use, call);
    const struct type *element = check_step_call(c, head, use, want);
    switch (use->row->result) {
    case RESULT_STR:
        return base(c, LANG_STR);
    case RESULT_INT:
        return base(c, LANG_INT);
    case RESULT_TARGET:
        return base(c, LANG_TARGET);
    case RESULT_BOOL:
        return base(c, LANG_BOOL);
    case RESULT_VALUES:
        return types_map(c->types, base(c, LANG_VALUE));
    case RESULT_ELEMENT:
        return element;
    case RESULT_CATEGORY:
        return base(c, LANG_CATEGORY);
    case RESULT_TIMES:
        return types_list(c->types, base(c, LANG_TIME));
    case RESULT_BLOB:
        return base(c, LANG_BLOB);
    case RESULT_CATEGORIES:
        return types_list(c->types, base(c, LANG_CATEGORY));
    default:
        return base(c, LANG_VOID);
    }
}

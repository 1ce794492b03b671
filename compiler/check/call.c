/* compiler/check/call.c - Calls: arguments and parameters, functions, records, methods, built-in functions.
 *
 * The form of the callee decides what is looked for: after a dot a method, a member or a step, else a function, a
 * record or a built-in function. An argument that fits no parameter is still checked, for the mistakes within it.
 * check_arguments() leaves an array in the order of the parameters, with the default values of those that were not
 * given, so that later passes need not know how a call was written. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

/* Enters an argument for its parameter: the first one stays, a second one for the same parameter is an error. */
static bool put_argument(struct checker *c, struct node *argument, struct call_use *use, uint32_t at, const char *name)
{
    if (use->arguments[at]) {
        report(c, ARGUMENT_TWICE, argument->span, name);
        return false;
    }
    use->arguments[at] = argument->arg.value;
    return true;
}

/* The argument is checked without a needed type: mistakes within it are reported in addition to the missing
 * parameter. */
struct diag *call_no_place(struct checker *c, struct node *argument, const char *what, uint32_t count)
{
    assert(argument->kind == NODE_ARG);
    struct word name = argument->arg.name;
    struct diag *diag = name.text ? report(c, NO_PARAMETER, name.span, what, name.text)
                                  : report(c, TOO_MANY_ARGUMENTS, argument->span, what,
                                           diag_count(c->diags, "only ", count, "argument"));
    check_expr(c, argument->arg.value, NULL);
    return diag;
}

struct check_try check_try_begin(struct checker *c)
{
    struct check_try try = {c->diags, c->state};
    assert(!c->trying);
    c->trying = true;
    c->diags = diags_new(c->arena, c->program->sources);
    return try;
}

bool check_try_end(struct checker *c, const struct check_try *try)
{
    bool good = diags_errors(c->diags) == 0;
    c->trying = false;
    c->diags = try->diags;
    c->state = try->state;
    return good;
}

/* Would the argument fit this parameter? */
static bool argument_suits(struct checker *c, struct node *argument, const struct symbol *param)
{
    assert(argument->kind == NODE_ARG);
    if (c->trying) return false;
    struct check_try try = check_try_begin(c);
    check_as(c, argument->arg.value, param->type);
    return check_try_end(c, &try);
}

/* Must each call give the parameter? */
static bool param_is_needed(const struct symbol *param)
{
    bool otherwise = param->node && param->node->kind == NODE_PARAM && param->node->param.value;
    return !otherwise && !type_is_option(param->type) && !type_is_poison(param->type);
}

static bool call_lacks_argument(const struct node *call, struct symbol *const *params, uint32_t count)
{
    assert(call->kind == NODE_CALL);
    size_t needed = 0;
    for (uint32_t i = 0; i < count; i++) needed += param_is_needed(params[i]);
    return call->call.arguments.count < needed;
}

/* True: an argument that does not fit its parameter is one too many, since the next argument fits this parameter and
 * not its own. Then only the first of the two is reported. */
static bool argument_intrudes(struct checker *c, const struct node *argument, struct symbol *const *params,
                              uint32_t count, uint32_t at)
{
    struct node *next = argument->next;
    return next && !next->arg.name.text && argument_suits(c, next, params[at]) &&
           (at + 1 >= count || !argument_suits(c, next, params[at + 1]));
}

static void one_of_params(struct checker *c, struct diag *diag, const char *said, struct symbol *const *params,
                          uint32_t count)
{
    const char **names = ARENA_ARRAY(c->arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) names[i] = params[i]->name;
    one_of_hint(diag, "it takes", said, names, count);
}

/* Checks a call's arguments; afterwards use->arguments has one entry per parameter: the argument, the default value,
 * or NULL where the parameter may be none. Arguments without a name fill the parameters in order; an argument with a
 * name does not change that order. After an earlier error in the call no missing argument is reported: the wrong
 * argument was perhaps meant for that parameter. Where arguments are missing, an argument that does not fit its
 * parameter, but the next one, is taken for the next one. */
bool check_arguments(struct checker *c, struct node *call, struct call_use *use, const char *what,
                     struct symbol *const *params, uint32_t count)
{
    assert(call->kind == NODE_CALL);
    bool good = true, lacks = call_lacks_argument(call, params, count);
    uint32_t at = 0;
    use->arguments = ARENA_ARRAY(c->arena, struct node *, count + 1);
    use->argument_count = count;
    EACH_NODE (argument, call->call.arguments) {
        struct word name = argument->arg.name;
        bool skips = !name.text && lacks && at + 1 < count && !argument_suits(c, argument, params[at]) &&
                     argument_suits(c, argument, params[at + 1]);
        uint32_t index = skips ? ++at : at;
        if (name.text)
            for (index = 0; index < count && strcmp(params[index]->name, name.text);) index++;
        if (index >= count) {
            struct diag *diag = call_no_place(c, argument, what, count);
            if (name.text) one_of_params(c, diag, name.text, params, count);
            good = false;
            continue;
        }
        size_t errors = diags_errors(c->diags);
        check_as(c, argument->arg.value, params[index]->type);
        if (!name.text && diags_errors(c->diags) > errors && argument_intrudes(c, argument, params, count, at))
            continue;
        if (!put_argument(c, argument, use, index, params[index]->name)) good = false;
        if (!name.text) at++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (use->arguments[i]) continue;
        struct node *otherwise =
            params[i]->node && params[i]->node->kind == NODE_PARAM ? params[i]->node->param.value : NULL;
        use->arguments[i] = otherwise;
        if (!param_is_needed(params[i])) continue;
        if (good) report(c, ARGUMENT_MISSING, call->span, what, params[i]->name, params[i]->type->text);
        good = false;
    }
    return good;
}

/* Makes parameters of a record's fields, so that a record is called as a function is: by place or by name. */
static const struct type *check_record_call(struct checker *c, struct node *node, struct call_use *use,
                                            struct symbol *symbol)
{
    symbol->used = true;
    use->kind = CALL_RECORD;
    use->symbol = symbol;
    const struct type *type = symbol->type;
    if (type_is_poison(type)) return type;
    struct symbol **params = ARENA_ARRAY(c->arena, struct symbol *, type->record->count + 1);
    for (uint32_t i = 0; i < type->record->count; i++) {
        params[i] = ARENA_NEW(c->arena, struct symbol);
        params[i]->name = type->record->fields[i].name;
        params[i]->type = type->record->fields[i].type;
    }
    check_arguments(c, node, use, symbol->name, params, type->record->count);
    return type;
}

/* Checks a call of an unknown callee: its result has no known type, but its arguments are checked all the same. */
static const struct type *call_of_nothing(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_CALL);
    EACH_NODE (argument, node->call.arguments) check_expr(c, argument->arg.value, NULL);
    return checker_base(c, LANG_POISON);
}

/* Applies the effects of a callee's body to the call: it fails where the body fails, needs the media that the body
 * needs, attaches what the body attaches. The callee's summary lists these effects; it is complete, because callees
 * are checked first. */
static const struct type *check_function_call(struct checker *c, struct node *node, struct call_use *use,
                                              struct symbol *symbol)
{
    use->kind = CALL_FUNCTION;
    use->symbol = symbol;
    use->callee = symbol->body;
    if (!use->callee) return call_of_nothing(c, node);
    const char *missing = NULL;
    if (!check_medium(c, use->callee->needs, &missing)) report(c, STEP_MEDIUM, node->span, symbol->name, missing);
    check_arguments(c, node, use, symbol->name, use->callee->params, use->callee->param_count);
    check_passed(c, use, symbol->name);
    if (use->callee->attaches && state_is_live(&c->state)) c->state.known_keys &= c->given;
    if (use->callee->attaches && c->body) c->body->attaches = true;
    if (symbol->kind == SYMBOL_FUNCTION) { /* step.c checks a call of a subroutine, which is a step */
        struct state failed = c->state;
        if (state_is_live(&failed)) summary_fails_by_call(c, use->callee);
        summary_call(c, symbol, node->span, &failed);
    }
    return use->callee->result;
}

/* Takes the arguments of a built-in function: its parameters have no names, only a least and a most number. */
bool check_plain_arguments(struct checker *c, struct node *node, struct call_use *use, const char *what, uint32_t least,
                           uint32_t most)
{
    assert(node->kind == NODE_CALL);
    use->arguments = ARENA_ARRAY(c->arena, struct node *, most);
    EACH_NODE (argument, node->call.arguments) {
        if (argument->arg.name.text) report(c, NO_PARAMETER, argument->arg.name.span, what, argument->arg.name.text);
        if (use->argument_count < most) use->arguments[use->argument_count] = argument->arg.value;
        use->argument_count++;
    }
    if (use->argument_count >= least && use->argument_count <= most) return true;
    report(c, ARGUMENT_COUNT, node->span, what,
           diag_count(c->diags, "", use->argument_count > most ? most : least, "argument"), use->argument_count);
    EACH_NODE (argument, node->call.arguments) check_expr(c, argument->arg.value, NULL);
    return false;
}

/* A method of `T?` needs `?.`, and gives none where the object is none. */
static const struct type *check_method_call(struct checker *c, struct node *node, struct call_use *use)
{
    assert(node->kind == NODE_CALL);
    struct node *callee = node->call.callee;
    const struct type *object = check_expr(c, callee->member.object, NULL), *bare = type_bare(object);
    use->kind = CALL_METHOD;
    if (type_is_poison(object)) return call_of_nothing(c, node);
    const struct type *result =
        bare->kind == LANG_SCHEDULE ? check_schedule_call(c, node, use) : built_in_method(c, node, use, bare);
    if (!result) return hint_no_member(c, callee, bare);
    if (!type_is_option(object)) return result;
    use->optional = callee->member.optional;
    if (use->optional) return types_option(c->types, result);
    diag_hint(report(c, MEMBER_OF_OPTION, callee->member.name.span, object->text), "write ?.%s(...), or test it first",
              callee->member.name.text);
    return checker_base(c, LANG_POISON);
}

static const struct type *call_built_in(struct checker *c, struct node *node, struct call_use *use, const char *name)
{
    bool two = !strcmp(name, "min") || !strcmp(name, "max");
    use->kind = two ? (!strcmp(name, "min") ? CALL_MIN : CALL_MAX) : CALL_ABS;
    if (!check_plain_arguments(c, node, use, name, two ? 2 : 1, two ? 2 : 1)) return checker_base(c, LANG_POISON);
    const struct type *type = check_expr(c, use->arguments[0], NULL);
    if (!type_is_poison(type) &&
        (!type_is_ordered(type) || type->kind == LANG_STR ||
         (!two && (type->kind == LANG_TIME || type->kind == LANG_DATE || type->kind == LANG_CLOCK)))) {
        report(c, NO_OPERATION_ONE, use->arguments[0]->span, name, type->text);
        type = checker_base(c, LANG_POISON);
    }
    if (two) check_as(c, use->arguments[1], type);
    return type;
}

/* Checks ewt(vq service): the expected wait of an interaction that joined this virtual queue now, whether or not the
 * own interaction waits there. */
static const struct type *call_of_queue(struct checker *c, struct node *node, struct call_use *use,
                                        struct symbol *symbol)
{
    use->kind = CALL_OF_QUEUE;
    use->symbol = symbol;
    if (check_plain_arguments(c, node, use, symbol->name, 1, 1))
        check_as(c, use->arguments[0], checker_base(c, LANG_VQ));
    return symbol->type;
}

/* Checks skill.named(s) and the like: the site's skill of that name, or none where the text is no such name. */
static const struct type *call_named(struct checker *c, struct node *node, struct call_use *use, enum lang_type kind)
{
    use->kind = CALL_NAMED;
    if (check_plain_arguments(c, node, use, "named", 1, 1))
        check_as(c, use->arguments[0], types_option(c->types, checker_base(c, LANG_STR)));
    return types_option(c->types, checker_base(c, kind));
}

bool check_table_allows(const struct type *table)
{
    uint32_t index;
    const struct type_field *allowed = table->kind == LANG_MAP ? type_field(table->of, "allowed", &index) : NULL;
    return allowed && allowed->type->kind == LANG_BOOL;
}

/* Checks dn.outside(s, numbers): the text s as a number to dial, if the longest row of the site's table with which s
 * begins allows it. The rule belongs to the site, so a map in a strategy is refused. */
static const struct type *call_outside(struct checker *c, struct node *node, struct call_use *use)
{
    const struct type *found = types_option(c->types, checker_base(c, LANG_DN));
    use->kind = CALL_OUTSIDE;
    if (!check_plain_arguments(c, node, use, "outside", 2, 2)) return found;
    struct node *rule = use->arguments[1];
    check_as(c, use->arguments[0], checker_base(c, LANG_STR));
    const struct type *table = check_expr(c, rule, NULL);
    const struct symbol *symbol = rule->kind == NODE_NAME ? rule->meaning : NULL;
    bool is_rule = symbol && symbol->node && symbol->node->kind == NODE_SITE_TABLE && check_table_allows(table);
    if (!is_rule && !type_is_poison(table))
        diag_hint(report(c, TYPE_MISMATCH, rule->span, table->text, "a table of the site that says what is allowed"),
                  "table outside { key prefix number: str; allowed: bool; }");
    return is_rule ? found : checker_base(c, LANG_POISON);
}

static const struct type *call_kind_member(struct checker *c, struct node *node, struct call_use *use)
{
    assert(node->kind == NODE_CALL);
    struct node *callee = node->call.callee;
    enum lang_type kind = kind_type(callee->kind_member.kind);
    const char *name = callee->kind_member.name.text;
    if (kind == LANG_DN && !strcmp(name, "outside")) return call_outside(c, node, use);
    if (strcmp(name, "named")) {
        diag_hint(report(c, NO_MEMBER, callee->kind_member.name.span, ast_kind_word(callee->kind_member.kind), name),
                  "skill.named(s), queue.named(s) and so on");
        return checker_base(c, LANG_POISON);
    }
    return call_named(c, node, use, kind);
}

/* Reports a call of an unknown name that looks like a step's name. Returns false where no step has a similar name. */
static bool report_like_step(struct checker *c, const struct node *callee, const char *dotted)
{
    const char *near = step_row_near(dotted), *like = steps_beside(c->arena, dotted);
    if ((!near && !like) || callee->member.object->kind != NODE_NAME ||
        scope_find(c->scope, SPACE_PLAIN, callee->member.object->name.name.text))
        return false;
    struct diag *diag = report(c, UNKNOWN_STEP, callee->span, dotted);
    if (near)
        diag_did_you_mean(diag, near, (struct source_span){0, 0});
    else
        diag_hint(diag, "there %s %s", strchr(like, ',') ? "are" : "is", like);
    return true;
}

/* Checks `a.b(...)`, which may be a step, an endpoint, a function of a kind or a method; the dotted name decides
 * before any type is known. */
static const struct type *call_member(struct checker *c, struct node *node, struct call_use *use)
{
    assert(node->kind == NODE_CALL);
    struct node *callee = node->call.callee;
    const char *dotted = node_step_name(c->arena, callee);
    if (!dotted) return check_method_call(c, node, use);
    if (step_row_named(dotted) || endpoint_is_call(c, node)) {
        hint_waits(report(c, STEP_IN_EXPRESSION, node->span, dotted));
        return checker_base(c, LANG_POISON);
    }
    if (!strcmp(dotted, "int.parse")) {
        use->kind = CALL_PARSE_INT;
        if (check_plain_arguments(c, node, use, "int.parse", 1, 1))
            check_as(c, use->arguments[0], checker_base(c, LANG_STR));
        return types_option(c->types, checker_base(c, LANG_INT));
    }
    if (!strcmp(dotted, "schedule.named")) return call_named(c, node, use, LANG_SCHEDULE);
    if (!strcmp(dotted, "zone.named") && !scope_find(c->scope, SPACE_PLAIN, "zone"))
        return call_named(c, node, use, LANG_ZONE);
    return report_like_step(c, callee, dotted) ? call_of_nothing(c, node) : check_method_call(c, node, use);
}

static const struct type *call_declared(struct checker *c, struct node *node, struct call_use *use,
                                        struct symbol *symbol)
{
    symbol->used = true;
    if (!c->body) {
        check_report_not_constant(c, node->span);
        return checker_base(c, LANG_POISON);
    }
    if (symbol->kind == SYMBOL_SUBROUTINE && !node->type) { /* step.c has set the type where a subroutine is allowed */
        hint_waits(report(c, STEP_IN_EXPRESSION, node->span, symbol->name));
        return checker_base(c, LANG_POISON);
    }
    return check_function_call(c, node, use, symbol);
}

/* Checks f(...): a record comes before a declared name, and a declared name before a built-in function. */
static const struct type *call_name(struct checker *c, struct node *node, struct call_use *use)
{
    assert(node->kind == NODE_CALL);
    const struct node *callee = node->call.callee;
    const char *name = callee->name.name.text;
    struct symbol *symbol = scope_find(c->scope, SPACE_TYPE, name);
    if (symbol && symbol->kind == SYMBOL_RECORD) return check_record_call(c, node, use, symbol);
    symbol = scope_find(c->scope, SPACE_PLAIN, name);
    if (!symbol) {
        if (!strcmp(name, "sample")) return built_in_sample(c, node, use);
        if (!strcmp(name, "min") || !strcmp(name, "max") || !strcmp(name, "abs"))
            return call_built_in(c, node, use, name);
        hint_unknown_function(c, report(c, UNKNOWN_FUNCTION, callee->span, name), name);
        return call_of_nothing(c, node);
    }
    if (symbol->kind == SYMBOL_STATISTIC && (c->body || c->live)) return check_statistic_call(c, node, use, symbol);
    if (symbol->kind == SYMBOL_FUNCTION || symbol->kind == SYMBOL_SUBROUTINE)
        return call_declared(c, node, use, symbol);
    if (symbol->kind == SYMBOL_ATTRIBUTE && attribute_rows[symbol->index].when == WHEN_WAITING && c->body)
        return call_of_queue(c, node, use, symbol);
    bool reported = symbol->hides && symbol->kind != SYMBOL_LOCAL; /* where it is declared */
    struct diag *diag = reported ? NULL : report(c, NOT_A_FUNCTION, callee->span);
    if (diag && symbol->kind == SYMBOL_SETTING && symbol->type->kind == LANG_MAP)
        diag_hint(diag, "x in %s asks for it, %s[x] is what is there", name, name);
    if (diag && symbol->kind == SYMBOL_COUNTER)
        diag_hint(diag, "%s[x] is how often x was counted, count %s[x]; counts it once more", name, name);
    return call_of_nothing(c, node);
}

const struct type *check_call(struct checker *c, struct node *node, const struct type *want)
{
    assert(node->kind == NODE_CALL);
    struct node *callee = node->call.callee;
    struct call_use *use = ARENA_NEW(c->arena, struct call_use);
    node->meaning = use;
    (void)want;
    if (c->measuring && callee->kind == NODE_NAME) {
        const struct type *measure = check_measure_filtered(c, node);
        use->kind = CALL_MEASURE;
        if (measure) return measure;
    }
    if (!c->body && !c->live && callee->kind != NODE_NAME) report(c, NOT_CONSTANT, node->span);
    if (callee->kind == NODE_KIND_MEMBER) return call_kind_member(c, node, use);
    if (callee->kind == NODE_MEMBER && callee->member.object->kind == NODE_IT && c->in_order)
        return member_call_of_it(c, node, use);
    if (callee->kind == NODE_MEMBER) return call_member(c, node, use);
    if (callee->kind == NODE_NAME) return call_name(c, node, use);
    struct diag *diag = report(c, NOT_A_FUNCTION, callee->span);
    if (callee->kind == NODE_KIND_NAME) diag_hint(diag, "a level is compared: skill French >= 3");
    return checker_base(c, LANG_POISON);
}

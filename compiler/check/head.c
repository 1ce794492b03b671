/* compiler/check/head.c - The head of a step: which step it is, and its arguments.
 *
 * A step's parameters are rows of steps.def with a type of their own (enum param_type), since a destination, a key
 * of the telephone or the text of a prompt is more than a type of the language. Arguments are given by position or
 * by name; the last parameter may take all that are left (PARAM_REST). Mistakes that would always fail when the
 * program runs, such as a moment in the past, are reported here. */
#include "compiler/check/checker.h"
#include "compiler/language/step_ids.h"

#include <assert.h>
#include <string.h>

static const struct type *poisoned_head(const struct checker *c)
{
    return checker_base(c, LANG_POISON);
}

/* True: the target is a workbin: `workbin drafts of owner` or `workbin drafts` */
static bool is_workbin(const struct node *target)
{
    return target->kind == NODE_OF || (target->kind == NODE_KIND_NAME && target->kind_name.kind == KIND_WORKBIN);
}

/* Returns the row of the step; NULL where the head is no step: a value, or a call of something else. */
const struct step_row *head_row(struct checker *c, const struct node *head)
{
    switch (head->kind) {
    case NODE_SELECT:
        return step_row(head->select.connects ? STEP_ID_connect : STEP_ID_select);
    case NODE_DELAY:
        return step_row(STEP_ID_delay);
    case NODE_ROUTE:
        return step_row(is_workbin(head->route.target) ? STEP_ID_route_workbin : STEP_ID_route);
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
        if (endpoint_is_call(c, head)) return endpoint_row(c, head);
        const char *dotted = node_step_name(c->arena, head->call.callee);
        return dotted ? step_row_named(dotted) : NULL;
    }
    default:
        return NULL;
    }
}

/* Parameters */

/* Can an interaction be routed to a value of this type? A value of unknown type counts as a destination, since its
 * mistake has been reported. */
static bool is_destination(const struct type *type)
{
    return type->kind == LANG_TARGET || type->kind == LANG_AGENT || type->kind == LANG_QUEUE || type->kind == LANG_DN ||
           type->kind == LANG_PLACE || type->kind == LANG_WORKBIN || type_is_poison(type);
}

/* Reports a value that is no destination. `routed`: an interaction is routed to the value; false: the value names an
 * agent, target or queue to leave out. `rings`: it is a route that says `answer`, and so may ring a group of places. */
static void check_destination(struct checker *c, struct node *node, bool routed, bool rings)
{
    const struct type *type = check_expr(c, node, NULL);
    if (is_destination(type) || (type->kind == LANG_GROUP && rings)) return;
    struct diag *diag = routed ? report(c, NOT_A_DESTINATION, node->span, type->text)
                               : report(c, TYPE_MISMATCH, node->span, type->text, "an agent, a target or a queue");
    if (type_is_option(type))
        diag_hint(diag, "it may be none: test it first");
    else if (type->kind == LANG_GROUP)
        diag_hint(diag, "select one of the group first: let who = select in vq ... { ...; };%s",
                  routed ? " or write answer 15s, and the telephones of its places ring" : "");
    else if (type->kind == LANG_VQ)
        diag_hint(diag, "one waits in a vq by select in vq ...");
    else if (type->kind == LANG_STR)
        hint_mismatch(c, diag, node, type, checker_base(c, LANG_QUEUE));
}

/* Checks the list of `ivr.choose`, whose elements are read out to the caller. Returns the type of the list's
 * elements. */
static const struct type *check_choices(struct checker *c, struct node *value, const struct type *want)
{
    const struct type *list = check_expr(c, value, want ? types_list(c->types, want) : NULL);
    if (type_is_poison(list)) return list;
    if (list->kind != LANG_LIST) {
        diag_hint(report(c, TYPE_MISMATCH, value->span, list->text, "a list"), "[..., ...]");
        return poisoned_head(c);
    }
    if (!type_is_bindable(list->of)) report(c, NOT_SHOWN, value->span, list->of->text);
    if (type_bare(list->of)->kind == LANG_TIME) check_zone(c, NULL, value->span);
    return list->of;
}

/* Is the value a list that a query binds as one value: an array, or for SQLite a text of JSON? */
static bool is_bound_list(const struct type *type)
{
    return type->kind == LANG_LIST && !type_is_option(type->of) && type_is_bindable(type->of);
}

/* Checks the value for a parameter; returns the type of the elements where the parameter is a map or list of any.
 * There is one case per kind of parameter. Most parameters need one type; the others allow several, and their
 * messages name these in the author's words. */
const struct type *check_parameter(struct checker *c, struct node *value, enum param_type type, const struct type *want,
                                   struct step_use *use)
{
    switch (type) {
    case PARAM_INT:
        check_as(c, value, checker_base(c, LANG_INT));
        break;
    case PARAM_STR:
        check_as(c, value, checker_base(c, LANG_STR));
        break;
    case PARAM_DURATION:
        check_as(c, value, checker_base(c, LANG_DURATION));
        break;
    case PARAM_PROMPT:
        check_as(c, value, checker_base(c, LANG_PROMPT));
        break;
    case PARAM_VQ:
        check_as(c, value, checker_base(c, LANG_VQ));
        break;
    case PARAM_QUEUE:
        check_as(c, value, checker_base(c, LANG_QUEUE));
        break;
    case PARAM_AGENT:
        check_as(c, value, checker_base(c, LANG_AGENT));
        break;
    case PARAM_TONE:
        check_as(c, value, c->tone_type);
        break;
    case PARAM_TEMPLATE:
        check_as(c, value, checker_base(c, LANG_TEMPLATE));
        break;
    case PARAM_TIME:
        check_as(c, value, checker_base(c, LANG_TIME));
        break;
    case PARAM_BODY: {
        const struct type *body = check_expr(c, value, NULL);
        if (body->kind != LANG_BLOB && body->kind != LANG_STR && !type_is_poison(body))
            report(c, TYPE_MISMATCH, value->span, body->text, "a blob or a str");
        break;
    }
    case PARAM_SPOKEN: {
        const struct type *spoken = check_expr(c, value, NULL);
        if (spoken->kind == LANG_PROMPT || spoken->kind == LANG_STR || type_is_poison(spoken)) break;
        hint_mismatch(c, report(c, TYPE_MISMATCH, value->span, spoken->text, "a prompt or a str"), value, spoken,
                      checker_base(c, LANG_PROMPT));
        break;
    }
    case PARAM_RETRIED: {
        const struct type *spoken = check_expr(c, value, NULL), *one = spoken->kind == LANG_LIST ? spoken->of : spoken;
        if (one->kind == LANG_PROMPT || one->kind == LANG_STR || type_is_poison(one)) break;
        hint_mismatch(c, report(c, TYPE_MISMATCH, value->span, spoken->text, "a prompt, a str or a list of these"),
                      value, spoken, checker_base(c, LANG_PROMPT));
        break;
    }
    case PARAM_SUBJECT: {
        const struct type *subject = check_expr(c, value, NULL);
        if (subject->kind == LANG_TEMPLATE || subject->kind == LANG_STR || type_is_poison(subject)) break;
        hint_mismatch(c, report(c, TYPE_MISMATCH, value->span, subject->text, "a template or a str"), value, subject,
                      checker_base(c, LANG_STR));
        break;
    }
    case PARAM_CATEGORIES:
        check_as(c, value, types_list(c->types, checker_base(c, LANG_CATEGORY)));
        break;
    case PARAM_CAUSE:
        check_as(c, value, c->cause_type);
        break;
    case PARAM_MEDIUM:
        check_as(c, value, c->media_type);
        break;
    case PARAM_SCHEDULE:
        check_as(c, value, checker_base(c, LANG_SCHEDULE));
        if (value->type->kind == LANG_SCHEDULE)
            check_schedule_zones(c, value, value->span, "schedule s zone \"Europe/Paris\" { ... }");
        break;
    case PARAM_STRATEGY:
        check_booked(c, value, use);
        break;
    case PARAM_CONTACT_ZONE:
    case PARAM_CLOCKS:
        check_as(c, value, types_option(c->types, checker_base(c, LANG_ZONE)));
        break;
    case PARAM_WORKBIN: /* of route */
    case PARAM_OWNER:
    case PARAM_ZONE: /* the compiler's own */
    case PARAM_GIVEN:
    case PARAM_JUDGED:
        break;
    case PARAM_MAP_VALUE:
        check_as(c, value, types_map(c->types, checker_base(c, LANG_VALUE)));
        break;
    case PARAM_LIST_ANY:
        return check_choices(c, value, want);
    case PARAM_DESTINATION:
        check_destination(c, value, use->row->id == STEP_ID_route || use->row->id == STEP_ID_preview, false);
        break;
    case PARAM_SHOWN: {
        const struct type *shown = check_expr(c, value, NULL);
        if (type_bare(shown)->kind == LANG_TIME) check_zone(c, NULL, value->span);
        if (!type_is_bindable(shown) && type_bare(shown)->kind != LANG_LOCAL)
            hint_blob(report(c, NOT_SHOWN, value->span, shown->text), shown);
        break;
    }
    case PARAM_JSON: /* endpoint.c */
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
        return poisoned_head(c);
    }
    }
    return NULL;
}

/* Reports a key that no telephone has, if it is written as a literal. */
static void check_key(struct checker *c, const struct node *key)
{
    if (!key || key->kind != NODE_STRING) return;
    const char *text = key->string.text.bytes;
    if (key->string.text.length == 1 && strchr("0123456789*#", *text)) return;
    diag_hint(report(c, NO_KEY, key->span, text), "0 to 9, * or #");
}

/* Returns the index of the parameter of that name; `count`: there is none. */
static uint32_t step_param_named(const struct step_param *const *params, uint32_t count, const char *name)
{
    uint32_t at = 0;
    while (at < count && strcmp(params[at]->name, name) != 0) at++;
    return at;
}

/* Returns the argument of that name, or NULL. */
static const struct node *argument_named(const struct step_use *use, const char *name)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(use->row, params), at = step_param_named(params, count, name);
    return at < count ? use->arguments[at] : NULL;
}

bool check_exit_argument(const struct step_use *use)
{
    const char *argument = step_exit_argument(use->row);
    return argument && argument_named(use, argument);
}

/* Reports the moment of a call-back that can only be past or too far ahead: now, now - 5m, now + 400 days. */
static void check_ahead(struct checker *c, const struct node *at)
{
    static const int64_t farthest_us = INT64_C(366) * 86400 * 1000000; /* the limit that the core has, too */
    const struct node *now = at && at->kind == NODE_BINARY ? at->binary.left : at;
    int64_t us = 0;
    if (!now || now->kind != NODE_NAME || strcmp(now->name.name.text, "now") != 0) return;
    const struct symbol *symbol = now->meaning;
    if (!symbol || symbol->kind != SYMBOL_ATTRIBUTE) return;
    if (now != at) {
        if (at->binary.right->kind != NODE_DURATION) return;
        if (at->binary.op != SIGN_ADD && at->binary.op != SIGN_SUB) return;
        us = at->binary.op == SIGN_ADD ? at->binary.right->duration.us : -at->binary.right->duration.us;
    }
    if (us <= 0 || us > farthest_us)
        report(c, VALUE_RANGE, at->span, "a call-back is booked for a time to come, within 366 days");
}

/* Checks the number of a call-back: it comes as data, so the site's table `outside`, where there is one, says which
 * numbers are allowed. */
static void check_called_back(struct checker *c, const struct node *call, struct step_use *use)
{
    const struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, "outside");
    if (use->row->id != STEP_ID_callback_book && use->row->id != STEP_ID_callback_keep_place) return;
    if (!symbol || !symbol->node || symbol->node->kind != NODE_SITE_TABLE) return;
    struct node *rule = ARENA_NEW(c->arena, struct node);
    *rule =
        (struct node){.kind = NODE_NAME, .span = call->span, .name = {.name = {.text = "outside", .span = call->span}}};
    if (check_table_allows(check_expr(c, rule, NULL))) use->outside = rule;
}

/* Checks that the keys that end the digits, abort the step and take digits back are different; `end` is # where it is
 * not given. */
static void check_keys_differ(struct checker *c, const struct step_use *use)
{
    static const char *const names[] = {"end", "clear", "abort"};
    enum { NAMES = sizeof names / sizeof *names };
    for (unsigned i = 1; i < NAMES; i++) {
        const struct node *key = argument_named(use, names[i]);
        if (!key || key->kind != NODE_STRING) continue;
        for (unsigned j = 0; j < i; j++) {
            const struct node *other = argument_named(use, names[j]);
            const char *taken = other    ? (other->kind == NODE_STRING ? other->string.text.bytes : NULL)
                                : j == 0 ? "#"
                                         : NULL;
            if (taken && strcmp(key->string.text.bytes, taken) == 0)
                report(c, VALUE_RANGE, key->span,
                       j == 0 ? "this key ends the digits; write end: \"*\", or another key here"
                              : "this key takes the digits back already");
        }
    }
}

static void check_step_keys(struct checker *c, const struct step_use *use)
{
    if (use->row->id == STEP_ID_ivr_menu) {
        const struct node *keys = argument_named(use, "keys");
        if (keys && keys->kind == NODE_MAP)
            EACH_NODE (entry, keys->map.entries) check_key(c, entry->entry.key);
    }
    const struct node *choices = use->row->id == STEP_ID_ivr_choose ? argument_named(use, "choices") : NULL;
    if (choices && choices->kind == NODE_LIST && (choices->list.items.count < 1 || choices->list.items.count > 9))
        report(c, VALUE_RANGE, choices->span, "one of 1 to 9 is chosen, by the key that is its number");
    const struct node *clocks = choices ? argument_named(use, "zone") : NULL;
    const struct type *of = clocks && choices->type->kind == LANG_LIST ? type_bare(choices->type->of) : NULL;
    if (of && of->kind != LANG_TIME && !type_is_poison(of))
        report(c, VALUE_RANGE, clocks->span, "times are read out by the clocks of a zone, and these are none");
    if (use->row->id == STEP_ID_callback_book) check_ahead(c, argument_named(use, "at"));
    if (use->row->id != STEP_ID_ivr_digits) return;
    const struct node *least = argument_named(use, "min"), *most = argument_named(use, "max");
    check_key(c, argument_named(use, "end"));
    check_key(c, argument_named(use, "abort"));
    check_key(c, argument_named(use, "clear"));
    check_keys_differ(c, use);
    long long min = least && least->kind == NODE_INTEGER ? least->integer.value : 0;
    long long max = most && most->kind == NODE_INTEGER ? most->integer.value : INT64_MAX;
    if (max < min || max < 1) report(c, DIGITS_RANGE, most->span, max, min);
}

/* Checks the subject of an e-mail: a subject needs a text, and a template has its own text. */
static void check_letter(struct checker *c, const struct node *call, const struct step_use *use)
{
    const struct node *subject = argument_named(use, "subject"), *text = argument_named(use, "text");
    if (use->row->id != STEP_ID_email_send || !subject || !subject->type || type_is_poison(subject->type)) return;
    bool template = subject->type->kind == LANG_TEMPLATE;
    if (template && text)
        diag_hint(report(c, TYPE_MISMATCH, subject->span, subject->type->text, "a str"),
                  "a template has the text, too: email.send(to, template thanks)");
    else if (subject->type->kind == LANG_STR && !text)
        report(c, STEP_ARGUMENT_MISSING, call->span, use->row->name, "text");
}

static void take_argument(struct checker *c, struct step_use *use, struct node *argument,
                          const struct step_param *const *params, uint32_t index)
{
    assert(argument->kind == NODE_ARG);
    struct node *value = argument->arg.value;
    if (use->row->id != STEP_ID_ivr_verify && params[index]->type != PARAM_STRATEGY)
        check_given_away(c, value, arena_printf(c->arena, "an argument of %s", use->row->name));
    if (params[index]->need == PARAM_REST) {
        use->rest[use->rest_count++] = value;
        return;
    }
    if (use->arguments[index]) report(c, ARGUMENT_TWICE, argument->span, params[index]->name);
    use->arguments[index] = value;
}

/* Would the argument fit this parameter of the step? */
static bool step_argument_suits(struct checker *c, const struct node *argument, const struct step_param *param,
                                const struct type *want, const struct step_use *use)
{
    assert(argument->kind == NODE_ARG);
    if (c->trying) return false;
    struct step_use tried = *use;
    struct check_try try = check_try_begin(c);
    check_parameter(c, argument->arg.value, param->type, want, &tried);
    return check_try_end(c, &try);
}

/* Returns the parameter for which an argument without a name is meant: the parameter `at`, or the one after it, if
 * arguments are missing and the argument fits only that one. */
static uint32_t step_argument_place(struct checker *c, const struct node *call, const struct node *argument,
                                    const struct step_param *const *params, uint32_t count, uint32_t at,
                                    const struct type *want, const struct step_use *use)
{
    assert(call->kind == NODE_CALL);
    uint32_t needed = 0;
    for (uint32_t i = 0; i < count; i++) needed += params[i]->need == PARAM_REQUIRED;
    bool skips = call->call.arguments.count < needed && at + 1 < count &&
                 !step_argument_suits(c, argument, params[at], want, use) &&
                 step_argument_suits(c, argument, params[at + 1], want, use);
    return skips ? at + 1 : at;
}

/* True: an argument that does not fit its parameter is one too many, since the next argument fits this parameter and
 * not its own. Then only the first of the two is reported. */
static bool step_argument_intrudes(struct checker *c, const struct node *argument,
                                   const struct step_param *const *params, uint32_t count, uint32_t at,
                                   const struct type *want, const struct step_use *use)
{
    const struct node *next = argument->next;
    return next && !next->arg.name.text && step_argument_suits(c, next, params[at], want, use) &&
           (at + 1 >= count || !step_argument_suits(c, next, params[at + 1], want, use));
}

/* Arguments by position and arguments by name may be mixed. All arguments are checked before the first missing one
 * is reported, so that the message speaks of the call as a whole. */
static const struct type *check_step_call(struct checker *c, struct node *call, struct step_use *use,
                                          const struct type *want)
{
    assert(call->kind == NODE_CALL);
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(use->row, params), at = 0;
    const struct type *element = NULL;
    bool good = true;
    use->rest = ARENA_ARRAY(c->arena, struct node *, call->call.arguments.count + 1);
    EACH_NODE (argument, call->call.arguments) {
        struct word name = argument->arg.name;
        if (!name.text) at = step_argument_place(c, call, argument, params, count, at, want, use);
        uint32_t index = name.text ? step_param_named(params, count, name.text) : at;
        bool quoted = name.text && name.span.end - name.span.begin > strlen(name.text);
        if (index >= count && quoted && !good) continue; /* the next pair of the same map */
        if (index >= count) {
            struct diag *diag = call_no_place(c, argument, use->row->name, count);
            if (quoted)
                diag_hint(diag, "a map stands in brackets: [\"%s\": ...]", name.text);
            else if (name.text)
                one_of_hint_params(diag, use->row, name.text);
            good = false;
            continue;
        }
        size_t errors = diags_errors(c->diags);
        const struct type *of = check_parameter(c, argument->arg.value, params[index]->type, want, use);
        if (of) element = of;
        if (!name.text && diags_errors(c->diags) > errors && params[at]->need != PARAM_REST &&
            step_argument_intrudes(c, argument, params, count, at, want, use))
            continue;
        errors = diags_errors(c->diags);
        take_argument(c, use, argument, params, index);
        if (diags_errors(c->diags) > errors) good = false; /* it is given twice: perhaps another one was meant */
        /* the last parameter also takes the next arguments */
        if (!name.text && params[index]->need != PARAM_REST) at++;
    }
    check_step_keys(c, use);
    check_called_back(c, call, use);
    if (good) check_letter(c, call, use);
    bool times = use->row->id == STEP_ID_outbound_retry
                     ? !use->arguments[0] == !use->arguments[1]
                     : use->row->id == STEP_ID_outbound_next && use->arguments[0] && use->arguments[1];
    if (times) report(c, ONE_OF_TWO, call->span, use->row->name, params[0]->name, params[1]->name);
    for (uint32_t i = 0; i < count && good; i++)
        if (params[i]->need == PARAM_REQUIRED && !use->arguments[i])
            report(c, STEP_ARGUMENT_MISSING, call->span, use->row->name, params[i]->name);
    return element ? element : poisoned_head(c);
}

struct symbol *check_signal(struct checker *c, struct word name)
{
    struct symbol *symbol = scope_find(c->scope, SPACE_SIGNAL, name.text);
    if (symbol) {
        symbol->used = true;
        return symbol;
    }
    struct diag *diag = report(c, UNKNOWN_SIGNAL, name.span, name.text);
    const struct symbol *near = nearest_symbol(c, SPACE_SIGNAL, name.text);
    if (near)
        diag_did_you_mean(diag, near->name, near->where);
    else
        diag_hint(diag, "declare it in the site: signal %s(...);", name.text);
    return NULL;
}

static void check_excluded(struct checker *c, struct node *who)
{
    const struct type *type = check_expr(c, who, NULL);
    if (type->kind == LANG_AGENT || type->kind == LANG_TARGET || type->kind == LANG_QUEUE || type_is_poison(type))
        return;
    struct diag *diag = report(c, TYPE_MISMATCH, who->span, type->text, "an agent, a target or a queue");
    if (type_is_option(type)) diag_hint(diag, "it may be none: test it first");
}

/* Checks a step that is written with words of its own; NULL: it is written as a call. Steps with words of their own
 * (`route`, `select`, `delay`) have no list of arguments; each stores its parts as a call of the same row would, so
 * that lowering knows one form only. */
static const struct type *check_worded(struct checker *c, struct node *head, struct step_use *use)
{
    switch (head->kind) {
    case NODE_QUERY:
        return check_query(c, head, use);
    case NODE_SELECT:
        check_select(c, head, use);
        return checker_base(c, head->select.connects ? LANG_VOID : LANG_TARGET);
    case NODE_DELAY:
        check_timing(c, head->delay.value, "how long one waits");
        use->arguments[0] = head->delay.value;
        return checker_base(c, LANG_VOID);
    case NODE_ROUTE:
        check_destination(c, head->route.target, true, use->answer_written);
        check_given_away(c, head->route.target, "where one is routed to");
        use->arguments[0] = head->route.target;
        if (head->route.target->kind == NODE_OF) {
            use->arguments[0] = head->route.target->of.what;
            use->arguments[1] = head->route.target->of.whose;
        }
        return checker_base(c, LANG_VOID);
    case NODE_STOP:
        check_as(c, head->stop.why, checker_base(c, LANG_STR));
        check_told(c, head->stop.why);
        use->arguments[0] = head->stop.why;
        return checker_base(c, LANG_VOID);
    case NODE_WAIT: {
        struct symbol *signal = check_signal(c, head->wait.signal);
        use->signal = signal ? signal->name : "";
        if (!signal) return poisoned_head(c);
        return signal->node->signal.params.count ? signal->type : checker_base(c, LANG_VOID);
    }
    case NODE_REJECT:
        check_as(c, head->reject.code, checker_base(c, LANG_INT));
        check_given_away(c, head->reject.code, "the reason of a refusal");
        use->arguments[0] = head->reject.code;
        return checker_base(c, LANG_VOID);
    case NODE_SWITCH:
        check_next(c, head->switching.strategy, use);
        return checker_base(c, LANG_VOID);
    case NODE_EXCLUDE:
        check_excluded(c, head->exclude.who);
        check_timing(c, head->exclude.lasts, "how long one is left out");
        use->arguments[0] = head->exclude.who;
        use->arguments[1] = head->exclude.lasts;
        return checker_base(c, LANG_VOID);
    case NODE_RACE:
    case NODE_PARALLEL:
        return checker_base(c, LANG_VOID); /* the children are checked after the wait has begun */
    default:
        return NULL;
    }
}

static const struct type *step_result_type(const struct checker *c, const struct step_row *row,
                                           const struct type *element)
{
    static const uint8_t types[] = {
        [RESULT_STR] = LANG_STR,   [RESULT_INT] = LANG_INT,           [RESULT_TARGET] = LANG_TARGET,
        [RESULT_BOOL] = LANG_BOOL, [RESULT_CATEGORY] = LANG_CATEGORY, [RESULT_BLOB] = LANG_BLOB};
    if (row->result == RESULT_VALUES) return types_map(c->types, checker_base(c, LANG_VALUE));
    if (row->result == RESULT_ELEMENT) return element;
    if (row->result == RESULT_TIMES) return types_list(c->types, checker_base(c, LANG_TIME));
    if (row->result == RESULT_CATEGORIES) return types_list(c->types, checker_base(c, LANG_CATEGORY));
    bool known = row->result < sizeof types / sizeof *types && types[row->result];
    return checker_base(c, known ? types[row->result] : LANG_VOID);
}

/* Checks the step's head. Returns the type of the step's result without the `else`. */
const struct type *check_head(struct checker *c, struct node *head, struct step_use *use, const struct type *want)
{
    const struct type *worded = check_worded(c, head, use);
    if (worded) return worded;
    if (!use->row) { /* a subroutine */
        set_node_type(head, poisoned_head(c));
        return check_call(c, head, want);
    }
    struct call_use *call = ARENA_NEW(c->arena, struct call_use);
    call->kind = CALL_STEP;
    call->step = use;
    head->meaning = call;
    if (endpoint_is_call(c, head)) return check_endpoint_call(c, head, use, call);
    const struct type *element = check_step_call(c, head, use, want);
    return step_result_type(c, use->row, element);
}

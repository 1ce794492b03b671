/* tests/differential/evaluate.c - Statements, functions, steps: what a strategy does, one after the other. */
#include "config.h"
#include "tests/differential/evaluate.h"

#include <inttypes.h>
#include <regex.h>
#include <string.h>

enum { WORK_MAX = 4000000, WHOLE = 1000000 };

/* Values */

const struct value *value_none_of(struct evaluator *e)
{
    return ARENA_NEW(e->arena, struct value);
}

const struct value *value_number(struct evaluator *e, int64_t number)
{
    struct value *value = ARENA_NEW(e->arena, struct value);
    *value = (struct value){.worth = WORTH_NUMBER, .number = number};
    return value;
}

const struct value *value_real(struct evaluator *e, double number)
{
    struct value *value = ARENA_NEW(e->arena, struct value);
    *value = (struct value){.worth = WORTH_FLOAT, .real = number};
    return value;
}

const struct value *value_bytes(struct evaluator *e, const char *bytes, size_t length)
{
    struct value *value = ARENA_NEW(e->arena, struct value);
    char *copy = arena_alloc(e->arena, length + 1);
    if (length) memcpy(copy, bytes, length);
    evaluate_work(e, length / 8);
    *value = (struct value){.worth = WORTH_TEXT, .bytes = copy, .length = length};
    return value;
}

const struct value *value_of_items(struct evaluator *e, enum worth worth, const struct value *const *items,
                                   size_t count)
{
    struct value *value = ARENA_NEW(e->arena, struct value);
    const struct value **copy = ARENA_ARRAY(e->arena, const struct value *, count + 1);
    if (count) memcpy(copy, items, count * sizeof *copy);
    evaluate_work(e, count);
    *value = (struct value){.worth = worth, .items = copy, .count = count};
    for (size_t i = 0; i < count; i++) value->holds |= copy[i]->marked || copy[i]->holds;
    return value;
}

int value_order(const struct value *a, const struct value *b)
{
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter ? memcmp(a->bytes, b->bytes, shorter) : 0;
    return order ? order : a->length < b->length ? -1 : a->length > b->length;
}

bool value_equal(struct evaluator *e, const struct value *a, const struct value *b)
{
    evaluate_work(e, 1);
    if (a->worth != b->worth || a->count != b->count) return false;
    if (a->worth == WORTH_FLOAT) return a->real == b->real;
    if (a->worth == WORTH_NUMBER) return a->number == b->number;
    if (a->worth == WORTH_TEXT || a->worth == WORTH_NAME) return value_order(a, b) == 0;
    if (a->worth == WORTH_BOX && (a->boxed == LANG_BOOL) != (b->boxed == LANG_BOOL)) return false;
    if (a->worth == WORTH_BOX && (a->boxed == LANG_TIME) != (b->boxed == LANG_TIME)) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->worth == WORTH_MAP && value_order(a->keys[i], b->keys[i]) != 0) return false;
        if (!value_equal(e, a->items[i], b->items[i])) return false;
    }
    return true;
}

/* Out of everything */

void evaluate_fault(struct evaluator *e, enum fault fault)
{
    e->fault = fault;
    longjmp(e->out, 1);
}

void evaluate_unknown(struct evaluator *e, const char *why)
{
    e->gave_up = why;
    longjmp(e->out, 1);
}

void evaluate_work(struct evaluator *e, size_t units)
{
    e->work += units;
    if (e->work > WORK_MAX) evaluate_unknown(e, "too much work");
}

const struct step_use *evaluate_use(const struct node *head)
{
    if (head->kind == NODE_CALL) return head->meaning ? ((const struct call_use *)head->meaning)->step : NULL;
    switch (head->kind) {
    case NODE_DELAY:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_SELECT:
    case NODE_WAIT:
    case NODE_SWITCH:
    case NODE_EXCLUDE:
    case NODE_QUERY:
    case NODE_RACE:
    case NODE_PARALLEL:
        return head->meaning;
    default:
        return NULL;
    }
}

static enum way run_subroutine(struct evaluator *e, const struct node *head, const struct value **out,
                               const struct value **failure)
{
    const struct call_use *call = head->meaning;
    const struct value *arguments[CALL_ARGUMENTS_MAX + 1];
    for (uint32_t i = 0; i < call->callee->param_count; i++)
        arguments[i] =
            call->arguments[i] ? evaluate_as(e, call->arguments[i], call->callee->params[i]->type) : value_none_of(e);
    return evaluate_function(e, call->callee, arguments, out, failure);
}

/* Right sides */

static enum way run_rhs(struct evaluator *, const struct node *, const struct type *want, const struct value **out);

/* The steps after else. */
static enum way run_otherwise(struct evaluator *e, const struct node *otherwise, const struct type *want,
                              const struct value **out)
{
    const struct node *action = otherwise->otherwise.action;
    e->at = action;
    switch (action->kind) {
    case NODE_GOTO:
    case NODE_FAIL:
    case NODE_RETURN:
    case NODE_BREAK:
    case NODE_CONTINUE:
    case NODE_BLOCK:
        return evaluate_statement(e, action);
    case NODE_STEP:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_SWITCH:
        return run_rhs(e, action, NULL, out);
    default:
        *out = want ? evaluate_as(e, action, want) : evaluate_expr(e, action);
        return WAY_ON;
    }
}

enum way evaluate_after(struct evaluator *e, const struct node *node, const struct type *want, enum way way,
                        const struct value **out, const struct value *failure)
{
    const struct node *head = node->kind == NODE_STEP ? node->step.head : node;
    const struct node *otherwise = node->kind == NODE_STEP ? node->step.otherwise : NULL;
    const struct type *type = want ? want : node->kind == NODE_STEP ? node->type : head->type;
    if (way == WAY_ON && *out && type) *out = evaluate_converted(e, *out, evaluate_use(head)->result, type);
    if (way != WAY_FAIL || !failure) return way; /* what fails behind a race's arrow is not the race's failure */
    if (!otherwise) {
        e->call->failure = failure;
        return WAY_FAIL;
    }
    if (otherwise->meaning) *evaluate_local(e, otherwise->meaning) = failure;
    return run_otherwise(e, otherwise, type, out);
}

static enum way run_rhs(struct evaluator *e, const struct node *node, const struct type *want, const struct value **out)
{
    const struct node *head = node->kind == NODE_STEP ? node->step.head : node;
    const struct node *otherwise = node->kind == NODE_STEP ? node->step.otherwise : NULL;
    const struct step_use *use = evaluate_use(head);
    const struct type *type = want ? want : node->kind == NODE_STEP ? node->type : head->type;
    const struct value *failure = NULL;
    e->at = head;
    *out = NULL;
    if (!use) {
        *out = evaluate_expr(e, head);
        if ((*out)->worth == WORTH_NONE && otherwise) return run_otherwise(e, otherwise, type, out);
        *out = evaluate_converted(e, *out, otherwise ? type_bare(head->type) : head->type, type);
        return WAY_ON;
    }
    enum way way = use->row ? evaluate_step(e, head, use, out, &failure) : run_subroutine(e, head, out, &failure);
    return evaluate_after(e, node, want, way, out, failure);
}

/* let, attach, assignment */

static void set_data(struct evaluator *e, const struct value *key, const struct value *value)
{
    size_t at = 0;
    while (at < e->data_count && value_order(e->data_keys[at], key) != 0) at++;
    if (value->worth == WORTH_NONE && at == e->data_count) return;
    if (value->worth == WORTH_NONE) {
        for (e->data_count--; at < e->data_count; at++)
            e->data_keys[at] = e->data_keys[at + 1], e->data[at] = e->data[at + 1];
        return;
    }
    if (at == 64) evaluate_unknown(e, "too many keys");
    e->data_keys[at] = key;
    e->data[at] = value;
    if (at == e->data_count) e->data_count++;
}

static enum way run_attach(struct evaluator *e, const struct node *node)
{
    const struct node *to = node->attach.target;
    const struct symbol *symbol = node->meaning;
    const struct value *value, *key = to->kind == NODE_INDEX ? evaluate_expr(e, to->index.index) : NULL;
    enum way way = run_rhs(e, node->attach.value, key ? to->type : symbol->type, &value);
    if (way != WAY_ON) return way;
    if (key) evaluate_seen(e, key, "the name of user data");
    if (key || !symbol->secret) evaluate_seen(e, value, "attached for all to see");
    if (key)
        set_data(e, key, value);
    else
        e->keys[symbol->index] = value;
    return way;
}

static enum way assign_element(struct evaluator *e, const struct node *node)
{
    const struct node *object = node->assign.target->index.object;
    const struct value *map = evaluate_expr(e, object), *key = evaluate_expr(e, node->assign.target->index.index),
                       *value;
    enum way way = run_rhs(e, node->assign.value, object->type->of, &value);
    if (way == WAY_ON) *evaluate_local(e, object->meaning) = evaluate_map_set(e, map, key, value);
    return way;
}

static enum way run_assign(struct evaluator *e, const struct node *node)
{
    const struct node *to = node->assign.target, *given = node->assign.value;
    const struct symbol *symbol = node->meaning;
    const struct value *value, *before = NULL;
    if (given->kind == NODE_STEP && clause_of(given, CLAUSE_EVERY)) return evaluate_growth(e, node);
    if (to->kind == NODE_INDEX) return assign_element(e, node);
    bool adds = node->assign.op != SIGN_SET, list = adds && to->type->kind == LANG_LIST;
    if (adds) before = evaluate_expr(e, to);
    enum way way = run_rhs(e, given, !adds ? symbol->type : list ? to->type->of : NULL, &value);
    if (way != WAY_ON) return way;
    const struct type *type = given->kind == NODE_STEP ? given->type : given->type;
    if (list)
        value = evaluate_list_add(e, before, value);
    else if (adds)
        value = value_as_marked(
            e, evaluate_binary(e, (enum operator)node->assign.op, to->type, before, to->type, value, type),
            before->marked || value->marked);
    if (symbol->kind != SYMBOL_LOCAL) evaluate_seen(e, value, "an attribute");
    if (symbol->kind == SYMBOL_LOCAL)
        *evaluate_local(e, symbol) = value;
    else if (!strcmp(symbol->name, "priority"))
        e->priority = value->number;
    else if (!strcmp(symbol->name, "due"))
        e->due = value;
    else if (!strcmp(symbol->name, "locale"))
        e->locale = value;
    else
        evaluate_unknown(e, "an attribute that is set");
    return way;
}

/* Control */

enum way evaluate_block(struct evaluator *e, const struct node *block)
{
    const struct node *statement = block->block.statements.first;
    while (statement) {
        enum way way = evaluate_statement(e, statement);
        statement = statement->next;
        if (way == WAY_ON) continue;
        if (way != WAY_GOTO) return way;
        for (statement = block->block.statements.first; statement && statement != e->call->target;)
            statement = statement->next;
        if (!statement) return way; /* further out */
    }
    return WAY_ON;
}

/* The rest after a round of a loop: WAY_ON: the next one; WAY_BREAK: what follows the loop. */
static enum way run_round(struct evaluator *e, const struct node *loop, const struct node *body)
{
    enum way way = evaluate_block(e, body);
    evaluate_work(e, 1);
    e->at = loop;
    bool own = e->call->target == loop;
    return way == WAY_CONTINUE && own ? WAY_ON : way;
}

static enum way after_loop(struct evaluator *e, const struct node *loop, enum way way)
{
    return way == WAY_BREAK && e->call->target == loop ? WAY_ON : way;
}

static enum way run_while(struct evaluator *e, const struct node *node)
{
    enum way way = WAY_ON;
    while (way == WAY_ON && evaluate_condition(e, node->loop.condition)) way = run_round(e, node, node->loop.body);
    return after_loop(e, node, way);
}

static enum way run_repeat(struct evaluator *e, const struct node *node)
{
    enum way way = WAY_ON;
    int64_t times = node->repeat.times ? evaluate_expr(e, node->repeat.times)->number : INT64_MAX;
    for (; way == WAY_ON && times > 0; times--) way = run_round(e, node, node->repeat.body);
    return after_loop(e, node, way);
}

static enum way run_for(struct evaluator *e, const struct node *node)
{
    struct symbol *const *symbols = node->meaning;
    const struct value *in = evaluate_expr(e, node->each.in);
    bool pairs = node->each.names.count == 2;
    enum way way = WAY_ON;
    for (size_t i = 0; way == WAY_ON && i < in->count; i++) {
        *evaluate_local(e, symbols[0]) = value_as_marked(e, pairs ? in->keys[i] : in->items[i], in->marked);
        if (pairs) *evaluate_local(e, symbols[1]) = value_as_marked(e, in->items[i], in->marked);
        way = run_round(e, node, node->each.body);
    }
    return after_loop(e, node, way);
}

/* segment: the first pattern that takes it. */

static bool expression_takes(struct evaluator *e, const struct literal *pattern, const struct value *text)
{
    regex_t regex;
    if (memchr(text->bytes, 0, text->length)) evaluate_unknown(e, "a NUL in a text");
    if (regcomp(&regex, pattern->bytes, REG_EXTENDED | REG_NOSUB) != 0) evaluate_unknown(e, "an expression");
    bool takes = regexec(&regex, text->bytes, 0, NULL, 0) == 0;
    regfree(&regex);
    return takes;
}

/* Of a time what the pattern looks at: its day, time of day, weekday; else itself. */
static const struct value *view(struct evaluator *e, const struct value *value, const struct type *subject,
                                const struct type *pattern)
{
    bool moment = subject->kind == LANG_TIME || subject->kind == LANG_LOCAL;
    if ((!moment && subject->kind != LANG_DATE) || subject == pattern) return value;
    int64_t wall = value->number;
    if (subject->kind == LANG_TIME) wall = evaluate_wall(e, wall, "Europe/Paris"); /* the programs' site's */
    if (pattern->kind == LANG_CLOCK) return value_number(e, evaluate_clock(wall));
    int64_t days = subject->kind == LANG_DATE ? wall : evaluate_days(wall);
    return value_number(e, pattern->kind == LANG_DATE ? days : evaluate_weekday(days));
}

static bool takes(struct evaluator *e, const struct node *pattern, const struct value *value,
                  const struct type *subject)
{
    if (pattern->kind == NODE_NONE) return value->worth == WORTH_NONE;
    if (value->worth == WORTH_NONE) return false;
    switch (pattern->kind) {
    case NODE_PREFIX:
        return pattern->prefix.text.length <= value->length &&
               memcmp(value->bytes, pattern->prefix.text.bytes, pattern->prefix.text.length) == 0;
    case NODE_MATCH:
        return expression_takes(e, &pattern->match.text, value);
    case NODE_WITHIN: {
        if (evaluate_is_table(pattern->within.what))
            return evaluate_row(e, pattern->within.what, value)->worth != WORTH_NONE;
        if (pattern->within.what->type->kind == LANG_SCHEDULE)
            return evaluate_is_open(e, pattern->within.what, value->number);
        const struct value *list = evaluate_expr(e, pattern->within.what);
        for (size_t i = 0; i < list->count; i++)
            if (value_equal(e, list->items[i], value)) return true;
        return false;
    }
    case NODE_RANGE:
        return evaluate_in_range(e, pattern, view(e, value, subject, pattern->type), pattern->type);
    default:
        return value_equal(e, view(e, value, subject, pattern->type), evaluate_as(e, pattern, pattern->type));
    }
}

static enum way run_segment(struct evaluator *e, const struct node *node)
{
    const struct type *type = type_bare(node->segment.subject->type);
    const struct value *value = evaluate_expr(e, node->segment.subject);
    const struct node *taken = NULL;
    EACH_NODE (arm, node->segment.arms)
        EACH_NODE (pattern, arm->arm.patterns)
            if (!taken && takes(e, pattern, value, type)) taken = arm;
    if (!taken) taken = node->meaning;
    return taken ? evaluate_statement(e, taken->arm.action) : WAY_ON;
}

/* split: where a key falls among the shares is for ever the same (gcx(7)). */

static int64_t point_of(struct evaluator *e, const struct value *key)
{
    char name[256];
    uint64_t hash = 0xcbf29ce484222325;
    if (!e->label) evaluate_unknown(e, "a split without a label");
    int length = snprintf(name, sizeof name, "%s/%s:", e->call->name, e->label);
    for (int i = 0; i < length; i++) hash = (hash ^ (uint8_t)name[i]) * 0x100000001b3;
    for (size_t i = 0; i < key->length; i++) hash = (hash ^ (uint8_t)key->bytes[i]) * 0x100000001b3;
    return (int64_t)((world_mixed(hash) >> 32) * WHOLE >> 32);
}

static enum way run_split(struct evaluator *e, const struct node *node)
{
    int64_t shares[16], all = 0, open = 0, sum = 0;
    size_t count = 0;
    if (node->split.arms.count > 16) evaluate_unknown(e, "a wide split");
    EACH_NODE (arm, node->split.arms) {
        if (!arm->split_arm.share) continue;
        int64_t share = evaluate_expr(e, arm->split_arm.share)->number;
        all += share;
        if (arm->split_arm.where && !evaluate_condition(e, arm->split_arm.where)) share = 0;
        shares[count++] = share;
        open += share;
    }
    int64_t point = node->split.by ? point_of(e, evaluate_expr(e, node->split.by)) : evaluate_drawn(e);
    if (all > WHOLE) point = point * all / WHOLE;
    const struct node *taken = node->meaning;
    bool found = point >= all || open <= 0;
    count = 0;
    EACH_NODE (arm, node->split.arms) {
        if (!arm->split_arm.share) continue;
        sum += shares[count++];
        if (!found && point * open / all < sum) taken = arm, found = true;
    }
    return taken ? evaluate_statement(e, taken->split_arm.action) : WAY_ON;
}

enum way evaluate_statement(struct evaluator *e, const struct node *node)
{
    const struct value *value;
    enum way way;
    evaluate_work(e, 1);
    e->at = node;
    switch (node->kind) {
    case NODE_BLOCK:
        return evaluate_block(e, node);
    case NODE_LABELLED:
        e->label = node->labelled.name.text;
        way = evaluate_statement(e, node->labelled.statement);
        e->label = NULL;
        return way;
    case NODE_LET: {
        const struct symbol *symbol = node->meaning;
        way = run_rhs(e, node->let.value, symbol->type, &value);
        if (way == WAY_ON) *evaluate_local(e, symbol) = value;
        return way;
    }
    case NODE_COUNT:
        evaluate_count(e, node->count.counter);
        return WAY_ON;
    case NODE_MANDATORY:
        return evaluate_mandatory(e, node);
    case NODE_ATTACH:
        return run_attach(e, node);
    case NODE_ASSIGN:
        return run_assign(e, node);
    case NODE_DO:
        return run_rhs(e, node->act.value, NULL, &value);
    case NODE_IF:
        if (evaluate_condition(e, node->choice.condition)) return evaluate_block(e, node->choice.then);
        return node->choice.otherwise ? evaluate_statement(e, node->choice.otherwise) : WAY_ON;
    case NODE_WHILE:
        return run_while(e, node);
    case NODE_REPEAT:
        return run_repeat(e, node);
    case NODE_FOR:
        return run_for(e, node);
    case NODE_SEGMENT:
        return run_segment(e, node);
    case NODE_SPLIT:
        return run_split(e, node);
    case NODE_BREAK:
    case NODE_CONTINUE:
    case NODE_GOTO:
        e->call->target = node->meaning;
        return node->kind == NODE_BREAK ? WAY_BREAK : node->kind == NODE_GOTO ? WAY_GOTO : WAY_CONTINUE;
    case NODE_RETURN:
        e->call->returned = node->result.value ? evaluate_as(e, node->result.value, e->call->result) : NULL;
        return WAY_RETURN;
    case NODE_FAIL:
        e->call->failure =
            evaluate_error(e, CODE_FAILED, evaluate_seen(e, evaluate_expr(e, node->fail.code), "a failure"), NULL);
        return WAY_FAIL;
    default:
        return run_rhs(e, node, NULL, &value);
    }
}

enum way evaluate_function(struct evaluator *e, const struct body *body, const struct value *const *arguments,
                           const struct value **result, const struct value **failure)
{
    struct evaluated_call *outer = e->call, *call = ARENA_NEW(e->arena, struct evaluated_call);
    const struct node *at = e->at;
    const char *label = e->label;
    evaluate_work(e, 20);
    *call = (struct evaluated_call){.name = body->name, .result = body->result, .body = body};
    for (uint32_t i = 0; i < body->param_count; i++) call->locals[body->params[i]->index] = arguments[i];
    e->call = call;
    e->label = NULL;
    enum way way = evaluate_block(e, body->block);
    e->call = outer;
    *result = call->returned;
    *failure = call->failure;
    if (way == WAY_FAIL) return way; /* e->at stays where it failed */
    e->label = label;
    e->at = at;
    return WAY_ON;
}

/* Strategies */

static const struct node *find_strategy(const struct program *program, const char *name)
{
    EACH_NODE (file, program->files)
        EACH_NODE (declaration, file->file.declarations)
            if (declaration->kind == NODE_STRATEGY && !strcmp(declaration->strategy.name.text, name))
                return declaration;
    return NULL;
}

static const char *fault_words(enum fault fault)
{
    static const char *const words[] = {"",
                                        "overflow",
                                        "division by zero",
                                        "not a number",
                                        "no such element",
                                        "unexpected none",
                                        [FAULTS_NATIVE_DATE] = "native's date out of range"};
    return words[fault];
}

/* Runs a body to its end. Returns the error that nothing in it caught, or NULL. */
static const struct value *run_body(struct evaluator *e, const struct body *body, const char *name,
                                    const struct value *error)
{
    struct evaluated_call *call = ARENA_NEW(e->arena, struct evaluated_call);
    *call = (struct evaluated_call){.name = name, .body = body};
    call->locals[0] = error; /* a handler's own is its first */
    e->call = call;
    e->label = NULL;
    e->fault = 0;
    if (setjmp(e->out) == 0) {
        enum way way = evaluate_block(e, body->block);
        if (way != WAY_FAIL) return NULL;
        evaluate_trace_keys(e);
        fprintf(e->trace, "failed %" PRId64 "\n", e->call->failure->number);
        return e->call->failure;
    }
    if (e->gave_up || e->gone || e->signalled) return NULL;
    evaluate_trace_keys(e);
    fprintf(e->trace, "fault %d", (int)e->fault);
    evaluate_trace_place(e);
    const char *words = fault_words(e->fault);
    return evaluate_error(e, CODE_FAULT, value_bytes(e, words, strlen(words)), NULL);
}

/* `locale` as the strategy begins. */
static const struct value *default_locale(struct evaluator *e)
{
    EACH_NODE (item, e->program->site->site.items)
        if (item->kind == NODE_SITE_DEFAULT && !strcmp(item->site_default.name.text, "locale"))
            return evaluate_expr(e, item->site_default.value);
    return value_bytes(e, "", 0);
}

const char *evaluate(struct program *program, const char *name, uint64_t seed, FILE *trace)
{
    const struct node *strategy = find_strategy(program, name);
    struct evaluator *e = ARENA_NEW(program->arena, struct evaluator);
    *e = (struct evaluator){.program = program, .arena = program->arena, .trace = trace, .seed = seed};
    e->data_keys = ARENA_ARRAY(e->arena, const struct value *, 65);
    e->data = ARENA_ARRAY(e->arena, const struct value *, 65);
    e->due = value_none_of(e);
    e->locale = default_locale(e);
    evaluate_bring_data(e);
    const struct strategy *is = strategy->meaning;
    e->strategy = is;
    const struct value *error = run_body(e, is->body, name, NULL);
    const struct body *handler = e->gone ? is->abandoned : e->signalled ? e->signalled : error ? is->error : NULL;
    if (e->signalled) error = e->brought;
    e->signalled = NULL;
    e->handling = true;
    e->gone = false;
    if (handler && !e->gave_up) {
        fprintf(trace, "handler\n");
        run_body(e, handler, handler->name, error);
    }
    if (!e->gave_up) fprintf(trace, "end\n");
    return e->gave_up;
}

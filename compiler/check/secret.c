/* compiler/check/secret.c - Secrets: finds the values that reveal a secret, and reports where others would see such
 * a value.
 *
 * Each use of a value is checked at its place, and again when more is known of its names: at the end of a loop, as
 * the next round begins with the variables that this one set, and where a secret turns out to have been asked of the
 * caller.
 *
 *     attached { secret pin: str }
 *     let entered = ivr.digits(prompt account_number) else "";
 *     attach pin = entered;                              so the digits above are asked for in secret, too,
 *     ivr.say("{entered}");                              and this is an error: it tells the secret
 *
 * The symbol of a variable notes whether its value reveals a secret, and which parameters of its function it reveals
 * (`from`, a bit each). So a function's summary lists the parameters that it shows or gives away, and the error is
 * reported at the call that passes a secret for one. */
#include "compiler/check/checker.h"

#include <assert.h>

#include "compiler/base/array.h"
#include "compiler/language/step_ids.h"

enum use_kind {
    USE_SET,      /* the value is set into the variable `with` */
    USE_TOLD,     /* the value becomes part of a text */
    USE_GIVEN,    /* others get the value; `words` says how */
    USE_PASSED,   /* the value is argument number `index` of the call `with`, of the function `words` */
    USE_RETURNED, /* the value is returned by the function that is checked */
    USE_BOUND,    /* the value is bound to the step `with` */
    USE_COUNTED,  /* the value is the key of a counter */
    USE_KEPT,     /* the value becomes that of a secret key */
};

struct secret_use {
    enum use_kind kind;
    bool reported;
    uint32_t index;
    struct node *node;
    void *with;
    const char *words;
};

struct secret_search {
    const char *name; /* the name of the secret key or field that is read, or NULL */
    uint32_t from;    /* the parameters that are read, a bit each */
    bool unsaid;      /* skip secrets that other checks report: in texts, and in values passed to functions */
    bool carried;     /* the value keeps its secret fields as fields of the new value, whose type marks them */
};

static void find_secret(struct node *node, void *context);

static const char *type_secret(const struct type *);

static const char *record_secret(struct record *record)
{
    for (uint32_t i = 0; i < record->count && !record->secret; i++)
        if (record->fields[i].secret) record->secret = record->fields[i].name;
    if (record->secret || record->secrets_sought) return record->secret;
    record->secrets_sought = true; /* ends the search where a record contains itself, which is an error */
    for (uint32_t i = 0; i < record->count && !record->secret; i++)
        record->secret = type_secret(record->fields[i].type);
    return record->secret;
}

/* Returns the name of a secret field in a value of the type, or NULL. */
static const char *type_secret(const struct type *type)
{
    while (type->of) type = type->of;
    return type->kind == LANG_RECORD ? record_secret((struct record *)type->record) : NULL;
}

static void find_in(struct node *node, struct secret_search *search, bool carried)
{
    bool was = search->carried;
    search->carried = carried;
    find_secret(node, search);
    search->carried = was;
}

/* Searches the result of a call, which reveals the arguments that the function returns and a secret that the
 * function read itself, also in fields of arguments. */
static void find_in_result(const struct call_use *call, struct secret_search *search)
{
    const struct body *callee = call->callee;
    if (callee && callee->summary.secret) search->name = callee->summary.secret;
    for (uint32_t i = 0; i < call->argument_count; i++) {
        if (!call->arguments[i]) continue;
        bool returned = !callee || !callee->done || (callee->summary.returned >> i & 1);
        bool said = callee && search->unsaid && ((callee->summary.tells | callee->summary.stores) >> i & 1);
        if (returned && !said) find_in(call->arguments[i], search, true);
    }
}

/* Searches the arguments for a record: a value in a secret field may be secret, and makes no other field of the
 * record secret. */
static void find_in_record(const struct type *type, const struct call_use *call, struct secret_search *search)
{
    for (uint32_t i = 0; i < call->argument_count; i++)
        if (call->arguments[i] && !type->record->fields[i].secret) find_in(call->arguments[i], search, true);
}

/* Searches a step and the value after its else; a jump there has no value, and clauses are no part of the value. */
static void find_in_step(struct node *node, struct secret_search *search)
{
    assert(node->kind == NODE_STEP);
    find_secret(node->step.head, search);
    if (node->step.otherwise) find_secret(node->step.otherwise->otherwise.action, search);
}

static void find_in_call(struct node *node, struct secret_search *search)
{
    const struct call_use *call = node->meaning;
    if (call && call->kind == CALL_STEP) return;
    if (call && call->kind == CALL_FUNCTION)
        find_in_result(call, search);
    else if (call && call->kind == CALL_RECORD && node->type && node->type->kind == LANG_RECORD)
        find_in_record(node->type, call, search);
    else
        node_children(node, find_secret, search);
}

static void find_in_member(struct node *node, struct secret_search *search)
{
    assert(node->kind == NODE_MEMBER);
    const struct member *member = node->meaning;
    const struct type *object = node->member.object->type ? type_bare(node->member.object->type) : NULL;
    if (member && member->kind == MEMBER_FIELD && object && object->kind == LANG_RECORD &&
        member->index < object->record->count && object->record->fields[member->index].secret)
        search->name = object->record->fields[member->index].name;
    find_in(node->member.object, search, true);
}

static void find_in_value(struct node *node, struct secret_search *search)
{
    switch (node->kind) {
    case NODE_QUERY: /* an answer tells nothing */
    case NODE_SELECT:
    case NODE_WAIT:
    case NODE_RACE:
    case NODE_PARALLEL:
    case NODE_BLOCK: /* after `else`, these nodes jump elsewhere and give no value */
    case NODE_GOTO:
    case NODE_FAIL:
    case NODE_RETURN:
    case NODE_SWITCH:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
        break;
    case NODE_STEP:
        find_in_step(node, search);
        break;
    case NODE_TEMPLATE:
        if (!search->unsaid) node_children(node, find_secret, search);
        break;
    case NODE_CALL:
        find_in_call(node, search);
        break;
    case NODE_MEMBER:
        find_in_member(node, search);
        break;
    default:
        node_children(node, find_secret, search);
        break;
    }
}

static void find_secret(struct node *node, void *context)
{
    struct secret_search *search = context;
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    const char *held = node->type ? type_secret(node->type) : NULL;
    if (symbol && symbol->secret) search->name = symbol->name;
    if (symbol && symbol->kind == SYMBOL_LOCAL) search->from |= symbol->from;
    if (held && !search->carried) search->name = held;
    if (node->type && type_bare(node->type)->kind == LANG_BOOL) return;
    bool was = search->carried;
    if (node->type) search->carried = held != NULL;
    find_in_value(node, search);
    search->carried = was;
}

/* Returns the name of a secret that the value would show, or NULL. A comparison with a secret is allowed, though its
 * result reveals something about the secret. */
static const char *secret_in(struct node *node)
{
    struct secret_search search = {.name = NULL};
    find_secret(node, &search);
    return search.name;
}

static uint32_t parameters_in(struct node *node)
{
    struct secret_search search = {.name = NULL};
    find_secret(node, &search);
    return search.from;
}

/* Notes in a variable's symbol which secrets its new value reveals; secret fields are known from its type. True: the
 * variable shows more secrets than before. */
static bool look_at_set(const struct secret_use *use)
{
    struct symbol *symbol = use->with;
    if (type_bare(symbol->type)->kind == LANG_BOOL) return false;
    struct secret_search search = {.carried = true};
    find_secret(use->node, &search);
    bool more = (search.name && !symbol->secret) || (search.from & ~symbol->from);
    if (search.name) symbol->secret = true;
    symbol->from |= search.from;
    return more;
}

static void look_at_told(struct checker *c, struct secret_use *use)
{
    const char *secret = secret_in(use->node);
    if (use->node->kind == NODE_TEMPLATE) return; /* each part of the template is a use of its own */
    if (secret && !use->reported) report(c, SECRET_SHOWN, use->node->span, secret);
    if (secret)
        use->reported = true;
    else
        summary_tells(c, parameters_in(use->node), 0);
}

static void look_at_given(struct checker *c, struct secret_use *use)
{
    struct secret_search search = {.unsaid = true};
    find_secret(use->node, &search);
    if (search.name && !use->reported) report(c, SECRET_GIVEN_AWAY, use->node->span, search.name, use->words);
    if (search.name)
        use->reported = true;
    else
        summary_tells(c, 0, search.from);
}

/* Checks an argument: it is shown, or given away, where the function does so with its parameter. */
static void look_at_passed(struct checker *c, struct secret_use *use)
{
    const struct call_use *call = use->with;
    const struct summary *summary = &call->callee->summary;
    struct secret_search search = {.carried = true};
    find_secret(use->node, &search);
    bool tells = summary->tells >> use->index & 1, stores = summary->stores >> use->index & 1;
    struct source_span where = call->callee->params[use->index]->where;
    if (search.name) call->callee->params[use->index]->passed_secret = true;
    if (search.name && (tells || stores) && !use->reported) {
        use->reported = true;
        if (tells)
            diag_note(report(c, SECRET_PASSED, use->node->span, search.name, use->words), where,
                      "this comes into a text");
        else
            diag_note(report(c, SECRET_GIVEN_AWAY, use->node->span, search.name,
                             arena_printf(c->arena, "passed to '%s', which gives it away", use->words)),
                      where, "this becomes what others see");
    }
    summary_tells(c, tells ? search.from : 0, stores ? search.from : 0);
}

static void look_at_returned(struct checker *c, struct node *value)
{
    struct secret_search search = {.unsaid = true, .carried = true};
    find_secret(value, &search);
    summary_returned(c, parameters_in(value), search.name);
}

static void look_at_counted(struct checker *c, struct secret_use *use)
{
    const char *secret = secret_in(use->node);
    if (secret && !use->reported) report(c, SECRET_COUNTED, use->node->span, secret);
    if (secret)
        use->reported = true;
    else
        summary_tells(c, 0, parameters_in(use->node));
}

static bool look_at_use(struct checker *c, struct secret_use *use)
{
    switch (use->kind) {
    case USE_SET:
        return look_at_set(use);
    case USE_TOLD:
        look_at_told(c, use);
        break;
    case USE_GIVEN:
        look_at_given(c, use);
        break;
    case USE_PASSED:
        look_at_passed(c, use);
        break;
    case USE_RETURNED:
        look_at_returned(c, use->node);
        break;
    case USE_BOUND:
        if (secret_in(use->node)) ((struct step_use *)use->with)->secret = true;
        break;
    case USE_COUNTED:
        look_at_counted(c, use);
        break;
    case USE_KEPT: /* find_what_was_asked() */
        break;
    }
    return false;
}

static void note_secret_use(struct checker *c, struct secret_use use)
{
    look_at_use(c, &use);
    if (!c->body) return;
    struct secret_uses *uses = &c->secrets;
    ARRAY_GROW(uses->items, uses->count, uses->room);
    uses->items[uses->count++] = use;
}

void check_set(struct checker *c, struct symbol *symbol, struct node *value)
{
    note_secret_use(c, (struct secret_use){.kind = USE_SET, .node = value, .with = symbol});
}

void check_told(struct checker *c, struct node *node)
{
    note_secret_use(c, (struct secret_use){.kind = USE_TOLD, .node = node});
}

void check_given_away(struct checker *c, struct node *node, const char *as)
{
    note_secret_use(c, (struct secret_use){.kind = USE_GIVEN, .node = node, .words = as});
}

void check_passed(struct checker *c, struct call_use *call, const char *function)
{
    for (uint32_t i = 0; i < call->argument_count; i++)
        if (call->arguments[i] && call->arguments[i]->type)
            note_secret_use(
                c, (struct secret_use){
                       .kind = USE_PASSED, .node = call->arguments[i], .with = call, .index = i, .words = function});
}

void check_returned(struct checker *c, struct node *value)
{
    note_secret_use(c, (struct secret_use){.kind = USE_RETURNED, .node = value});
}

void check_bound(struct checker *c, struct node *value, struct step_use *step)
{
    note_secret_use(c, (struct secret_use){.kind = USE_BOUND, .node = value, .with = step});
}

void check_count_key(struct checker *c, struct node *key)
{
    note_secret_use(c, (struct secret_use){.kind = USE_COUNTED, .node = key});
}

/* Checks all uses from this one on again, with what is known of their names now. A secret may move from one name to
 * another in any order of the text. The assignments are gone through forwards and backwards in turn, so that few
 * passes are needed. The uses before an assignment are checked, too: in a loop they run after it. */
static void look_again_from(struct checker *c, uint32_t from)
{
    struct secret_use *uses = c->secrets.items;
    bool more = false;
    do {
        more = false;
        for (uint32_t i = from; i < c->secrets.count; i++)
            if (uses[i].kind == USE_SET) more |= look_at_set(&uses[i]);
        for (uint32_t i = more ? c->secrets.count : from; i > from; i--)
            if (uses[i - 1].kind == USE_SET) look_at_set(&uses[i - 1]);
    } while (more);
    for (uint32_t i = from; i < c->secrets.count; i++)
        if (uses[i].kind != USE_SET) look_at_use(c, &uses[i]);
}

void secrets_begin(struct checker *c)
{
    c->secrets.count = 0;
}

uint32_t secrets_here(const struct checker *c)
{
    return c->secrets.count;
}

void secrets_free(struct checker *c)
{
    free(c->secrets.items);
}

/* Reports a key that one strategy of the image declares secret and another does not. Attached data stay with the
 * interaction when it changes to another strategy, so all strategies of an image must agree. */
void check_secret_keys(struct checker *c, struct node *strategy)
{
    assert(strategy->kind == NODE_STRATEGY);
    EACH_NODE (field, strategy->strategy.attached) {
        struct word name = field->field.name;
        const struct symbol *first = scope_find(c->scope, SPACE_KEY, name.text);
        if (!first) {
            struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
            *symbol = (struct symbol){.kind = SYMBOL_KEY,
                                      .name = name.text,
                                      .where = name.span,
                                      .node = strategy,
                                      .secret = field->field.secret};
            scope_declare(c->scope, SPACE_KEY, symbol);
        } else if (first->secret != field->field.secret && first->node != strategy) {
            struct diag *diag = report(c, SECRET_DISAGREED, name.span, name.text);
            diag_note(diag, first->where, "the strategy '%s' has it %s", first->node->strategy.name.text,
                      first->secret ? "secret" : "open to everybody");
            diag_hint(diag, "write secret in both: what is attached stays with the interaction from one to the other");
        }
    }
}

/* Asking in secret */

static bool ask_in_secret(struct node *value)
{
    struct node *head = value->kind == NODE_STEP ? value->step.head : value;
    const struct call_use *call = head->kind == NODE_CALL ? head->meaning : NULL;
    struct step_use *query = head->kind == NODE_QUERY ? head->meaning : NULL;
    if (call && call->step && call->step->endpoint) query = call->step;
    if (query) query->hidden = true;
    if (query) return true;
    if (!call || call->kind != CALL_STEP || !call->step || !call->step->row) return false;
    if (call->step->row->id != STEP_ID_ivr_digits) return false;
    call->step->secret = true;
    return true;
}

/* Returns the local variable whose value, or a slice of whose value, `value` is; NULL: `value` is computed
 * otherwise. */
static struct symbol *attached_variable(struct node *value)
{
    while (value) {
        const struct call_use *call = value->kind == NODE_CALL ? value->meaning : NULL;
        if (value->kind == NODE_NAME) {
            struct symbol *symbol = value->meaning;
            return symbol && symbol->kind == SYMBOL_LOCAL ? symbol : NULL;
        }
        if (call && call->kind == CALL_METHOD && call->method == METHOD_SLICE)
            value = value->call.callee->member.object;
        else if (value->kind == NODE_FALLBACK)
            value = value->fallback.value;
        else if (value->kind == NODE_STEP)
            value = value->step.head;
        else
            return NULL;
    }
    return NULL;
}

/* A search backwards through the uses for the variables whose value becomes a secret key's value. */
struct asked_search {
    uint32_t round; /* the number of this search; a symbol with it as kept_round has a secret key's value */
    uint32_t first; /* the earliest use at which the search found a secret variable */
};

static void mark_kept(struct asked_search *search, struct node *value)
{
    struct symbol *wanted = attached_variable(value);
    if (wanted) wanted->kept_round = search->round;
}

/* Goes back over the uses, from one assignment of a variable to the earlier one. True: one more variable was found
 * whose value becomes a secret key's, so the search has to be repeated. */
static bool find_what_was_asked(struct checker *c, struct asked_search *search)
{
    bool more = false;
    for (uint32_t i = c->secrets.count; i > 0; i--) {
        const struct secret_use *use = &c->secrets.items[i - 1];
        struct symbol *set = use->kind == USE_SET ? use->with : NULL;
        if (!set || set->kept_round != search->round) continue;
        struct symbol *next = attached_variable(use->node);
        if (ask_in_secret(use->node) && !set->secret) {
            set->secret = true;
            search->first = i - 1;
        }
        if (!next || next->kept_round == search->round) continue;
        next->kept_round = search->round;
        more = true;
    }
    return more;
}

void check_asked_in_secret(struct checker *c, struct node *value)
{
    if (ask_in_secret(value)) return;
    struct asked_search search = {.round = ++c->secrets.round, .first = UINT32_MAX};
    struct symbol *wanted = attached_variable(value);
    mark_kept(&search, value);
    if (wanted && wanted->kept_round == search.round) find_what_was_asked(c, &search);
    if (search.first != UINT32_MAX) look_again_from(c, search.first);
    if (wanted && c->loop) note_secret_use(c, (struct secret_use){.kind = USE_KEPT, .node = value});
}

/* Checks a loop's uses again: the next round begins with the variables as this round set them, also where that
 * happens later in the loop than the use. */
void secrets_come_round(struct checker *c, uint32_t from)
{
    struct asked_search search = {.round = ++c->secrets.round, .first = UINT32_MAX};
    bool kept = false;
    for (uint32_t i = from; i < c->secrets.count; i++) {
        const struct secret_use *use = &c->secrets.items[i];
        if (use->kind == USE_KEPT) mark_kept(&search, use->node);
        kept |= use->kind == USE_KEPT;
    }
    while (kept && find_what_was_asked(c, &search)) continue;
    look_again_from(c, search.first < from ? search.first : from);
}

/* compiler/check_name.c - Names, members and calls: finding what a word stands for, and saying what was perhaps meant.
 */
#include "compiler/checker.h"

#include <string.h>

#include "vm/question.h"

enum lang_type kind_type(enum name_kind kind)
{
    switch (kind) {
    case KIND_SKILL:
        return LANG_SKILL;
    case KIND_GROUP:
        return LANG_GROUP;
    case KIND_VQ:
        return LANG_VQ;
    case KIND_QUEUE:
        return LANG_QUEUE;
    case KIND_AGENT:
        return LANG_AGENT;
    case KIND_DN:
        return LANG_DN;
    case KIND_PROMPT:
        return LANG_PROMPT;
    case KIND_WORKBIN:
        return LANG_WORKBIN;
    case KIND_PLACE:
        return LANG_PLACE;
    case KIND_TEMPLATE:
        return LANG_TEMPLATE;
    case KIND_CATEGORY:
        return LANG_CATEGORY;
    case NAME_KINDS:
        break;
    }
    return LANG_POISON;
}

static void hint_near(struct diag *diag, const struct symbol *near)
{
    if (near) diag_did_you_mean(diag, near->name, near->where);
}

/* Types */

const struct type *check_type(struct checker *c, struct node *node)
{
    if (node->type) return node->type;
    switch (node->kind) {
    case NODE_TYPE_KIND:
        return typed(node, base(c, kind_type(node->type_kind.kind)));
    case NODE_TYPE_OPTION: {
        const struct type *of = check_type(c, node->type_option.of);
        if (type_is_option(of)) diag_hint(report(c, OPTION_TWICE, node->span), "one ? is enough");
        return typed(node, types_option(c->types, of));
    }
    case NODE_TYPE_NAME:
        break;
    default:
        return typed(node, base(c, LANG_POISON));
    }
    const char *name = node->type_name.name.text;
    struct span where = node->type_name.name.span;
    bool is_list = !strcmp(name, "list");
    if (is_list || !strcmp(name, "map")) {
        if (!node->type_name.of) {
            diag_hint(report(c, TYPE_NEEDS_ELEMENT, where, name), "%s<str>", name);
            return typed(node, base(c, LANG_POISON));
        }
        const struct type *of = check_type(c, node->type_name.of);
        return typed(node, is_list ? types_list(c->types, of) : types_map(c->types, of));
    }
    const struct type *type = types_named(c->types, name);
    struct symbol *symbol = type ? NULL : scope_find(c->scope, SPACE_TYPE, name);
    if (symbol) {
        symbol->used = true;
        type = symbol->type;
    }
    if (!type) {
        struct diag *diag = report(c, UNKNOWN_TYPE, where, name);
        const struct symbol *near = near_name(c, SPACE_TYPE, name);
        const char *own = types_near(name);
        if (near && (!own || name_distance(name, near->name) <= name_distance(name, own)))
            hint_near(diag, near);
        else
            diag_did_you_mean(diag, own, (struct span){0, 0});
        return typed(node, base(c, LANG_POISON));
    }
    if (node->type_name.of) report(c, TYPE_WITHOUT_ELEMENT, node->type_name.of->span, name);
    return typed(node, type);
}

/* Names */

/* May a local of the standard library hide `there`? It cannot know how the files are called that import it. */
static bool may_hide(const struct checker *c, const struct symbol *there, struct span where)
{
    const struct source *source = source_set_at(c->program->sources, where.begin);
    if (!source || !source->built_in) return false;
    return there->kind != SYMBOL_LOCAL && source_set_at(c->program->sources, there->where.begin) != source;
}

void check_hiding(struct checker *c, const struct symbol *there, struct word name)
{
    if (there && there->kind != SYMBOL_ATTRIBUTE && !may_hide(c, there, name.span))
        diag_note(report(c, NAME_TAKEN, name.span, name.text), there->where, "declared here");
}

const struct symbol *check_key_name(struct checker *c, struct word name)
{
    const struct symbol *there = scope_find(c->scope, SPACE_PLAIN, name.text);
    if (there && there->kind == SYMBOL_ATTRIBUTE)
        diag_hint(report(c, NAME_TAKEN, name.span, name.text), "it is an attribute of every interaction");
    else if (there)
        diag_note(report(c, NAME_TAKEN, name.span, name.text), there->where, "declared here");
    return there;
}

struct symbol *declare_local(struct checker *c, struct word name, const struct type *type)
{
    struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
    struct body *owner = c->body;
    while (owner->kind == BODY_BUSY && owner->outer) owner = owner->outer; /* one set of numbers for the whole flow */
    *symbol =
        (struct symbol){.kind = SYMBOL_LOCAL, .name = name.text, .type = type, .where = name.span, .body = c->body};
    const struct symbol *there = scope_find(c->scope, SPACE_PLAIN, name.text);
    check_hiding(c, there, name);
    if (owner->local_count < LOCALS_MAX) symbol->index = owner->local_count;
    if (owner->local_count++ == LOCALS_MAX) report(c, TOO_MANY_LOCALS, name.span, LOCALS_MAX); /* once */
    if (there && there->kind == SYMBOL_KEY) symbol->hides = there;
    scope_declare(c->scope, SPACE_PLAIN, symbol);
    return symbol;
}

static void capture(struct checker *c, struct symbol *symbol)
{
    for (struct body *body = c->body; body->kind == BODY_BUSY && symbol->body != body; body = body->outer) {
        for (uint32_t i = 0; i < body->capture_count; i++)
            if (body->captures[i] == symbol) return;
        body->captures = arena_grow(c->arena, body->captures, body->capture_count * sizeof(struct symbol *),
                                    (body->capture_count + 1) * sizeof(struct symbol *));
        body->captures[body->capture_count++] = symbol;
        if (!body->outer) return;
    }
}

static const struct type *check_local(struct checker *c, struct node *node, struct symbol *symbol)
{
    if (!state_has(&c->state, symbol)) {
        struct diag *diag = report(c, NOT_DEFINITE, node->span, symbol->name);
        for (const struct jump *jump = c->jumps; jump; jump = jump->next)
            if (!state_has(&jump->state, symbol)) {
                diag_note(diag, jump->where, "this jump passes over its value");
                break;
            }
        diag_note(diag, symbol->where, "here it gets its value");
        state_set_local(&c->state, symbol); /* said once */
    }
    capture(c, symbol);
    return state_knows(&c->state, symbol) ? type_bare(symbol->type) : symbol->type;
}

bool check_medium(struct checker *c, uint32_t needed, const char **missing)
{
    struct body *body = c->body;
    if (!needed) return true;
    bool anywhere =
        body->kind == BODY_FUNCTION || body->kind == BODY_SUBROUTINE || (body->kind == BODY_BUSY && !body->outer);
    if (!anywhere) return media_allow(body->media, needed, missing);
    *missing = media_set_text(body->needs);
    if (body->needs && !(body->needs & needed)) return false;
    body->needs = body->needs ? body->needs & needed : needed;
    return true;
}

static const struct type *check_attribute(struct checker *c, struct node *node, const struct symbol *symbol)
{
    const struct attribute_row *row = &attribute_rows[symbol->index];
    const char *missing = NULL;
    if (!c->body) {
        report(c, NOT_CONSTANT, node->span);
        return base(c, LANG_POISON);
    }
    if (!check_medium(c, media_set(row->media), &missing)) {
        report(c, ATTRIBUTE_MEDIUM, node->span, row->name, missing);
        return base(c, LANG_POISON);
    }
    if (row->when == WHEN_WAITING && c->body->kind != BODY_BUSY) {
        diag_hint(report(c, ATTRIBUTE_WAITING, node->span, row->name), "it may be read in the busy block of a select");
        return base(c, LANG_POISON);
    }
    return symbol->type;
}

/* `timeout` where the reason of a failure is asked for. */
bool check_word(struct checker *c, struct node *node, const struct type *want)
{
    const struct enumeration *enumeration =
        want && type_bare(want)->kind == LANG_ENUM ? type_bare(want)->enumeration : NULL;
    for (uint32_t i = 0; enumeration && i < enumeration->count; i++) {
        if (strcmp(enumeration->words[i], node->name.name.text)) continue;
        struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
        *symbol = (struct symbol){.kind = SYMBOL_WORD,
                                  .name = enumeration->words[i],
                                  .type = type_bare(want),
                                  .index = enumeration->numbers[i]};
        node->meaning = symbol;
        return true;
    }
    return false;
}

static const char *word_near(const struct enumeration *enumeration, const char *name)
{
    const char *nearest = NULL;
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < enumeration->count; i++) {
        uint32_t distance = name_distance(name, enumeration->words[i]);
        if (distance >= least) continue;
        least = distance;
        nearest = enumeration->words[i];
    }
    return nearest;
}

/* A name of the site without its kind, or a name that is nearly another one. */
static void hint_unknown(struct checker *c, struct diag *diag, const char *name)
{
    for (enum lang_type kind = LANG_SKILL; kind <= LANG_CATEGORY; kind++) {
        const struct symbol *there = scope_find(c->scope, scope_space(kind), name);
        if (!there) continue;
        diag_hint(diag, "write %s %s", base(c, kind)->text, name);
        return;
    }
    hint_near(diag, near_name(c, SPACE_PLAIN, name));
}

/* What the site has, in a value of the site: its conditions are looked at again while it runs. */
static bool is_live(const struct checker *c, const struct symbol *symbol)
{
    if (symbol->kind == SYMBOL_SETTING) return c->live || c->measuring;
    return c->live &&
           (symbol->kind == SYMBOL_STATISTIC || symbol->kind == SYMBOL_LATCH || symbol->kind == SYMBOL_COUNTER);
}

const struct type *check_name(struct checker *c, struct node *node, const struct type *want)
{
    const char *name = node->name.name.text;
    if (check_word(c, node, want)) return type_bare(want);
    const struct type *measure = c->measuring ? check_measure(c, node) : NULL;
    if (measure) return measure;
    struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, name);
    if (is_main(c, node)) {
        diag_hint(report(c, MAIN_ALONE, node->span), "main.ani, main.priority");
        return base(c, LANG_POISON);
    }
    if (!symbol) {
        struct diag *diag = report(c, UNKNOWN_NAME, node->span, name);
        if (want && type_bare(want)->kind == LANG_ENUM)
            diag_did_you_mean(diag, word_near(type_bare(want)->enumeration, name), (struct span){0, 0});
        else
            hint_unknown(c, diag, name);
        return base(c, LANG_POISON);
    }
    symbol->used = true;
    node->meaning = symbol;
    if (!c->body && symbol->kind != SYMBOL_CONST && !is_live(c, symbol)) {
        report(c, NOT_CONSTANT, node->span);
        return base(c, LANG_POISON);
    }
    switch (symbol->kind) {
    case SYMBOL_STATISTIC:
        return check_statistic_name(c, node, symbol);
    case SYMBOL_COUNTER:
        return check_counter_name(c, node, symbol);
    case SYMBOL_LATCH:
        if (symbol->type) return symbol->type;
        report(c, LATCH_CIRCLE, node->span, name);
        break;
    case SYMBOL_CONST:
        if (!symbol->type) { /* in the middle of its own value, or before it */
            report(c, CONST_CIRCLE, node->span, name);
            return base(c, LANG_POISON);
        }
        return symbol->type;
    case SYMBOL_LOCAL:
        return check_local(c, node, symbol);
    case SYMBOL_SETTING:
        return symbol->type;
    case SYMBOL_KEY:
        if (state_knows(&c->state, symbol)) return type_bare(symbol->type);
        return state_has(&c->state, symbol) ? symbol->type : types_option(c->types, symbol->type);
    case SYMBOL_ATTRIBUTE:
        return check_attribute(c, node, symbol);
    case SYMBOL_FUNCTION:
    case SYMBOL_SUBROUTINE:
        report(c, NOT_A_VALUE, node->span, "a function without its arguments");
        break;
    default:
        report(c, NOT_A_VALUE, node->span, "this name");
        break;
    }
    return base(c, LANG_POISON);
}

static struct symbol *find_kind_name(struct checker *c, enum name_kind kind, struct word word)
{
    enum space space = scope_space(kind_type(kind));
    struct symbol *symbol = scope_find(c->scope, space, word.text);
    if (symbol) {
        symbol->used = true;
        return symbol;
    }
    struct diag *diag = report(c, UNKNOWN_KIND_NAME, word.span, kind_word(kind), word.text);
    hint_near(diag, near_name(c, space, word.text));
    return NULL;
}

const struct type *check_kind_name(struct checker *c, struct node *node)
{
    enum name_kind kind = node->kind_name.kind;
    if (kind == KIND_AGENT || kind == KIND_DN) { /* of the directory: only there are they known */
        report(c, KIND_OF_DIRECTORY, node->span, kind_word(kind));
        return base(c, LANG_POISON);
    }
    struct symbol *symbol = find_kind_name(c, kind, node->kind_name.name);
    node->meaning = symbol;
    if (!symbol) return base(c, LANG_POISON);
    if (virtual_group(node)) {
        if (!c->in_line)
            diag_note(report(c, GROUP_OF_CONDITION, node->span, symbol->name), symbol->where, "made here");
        else if (!symbol->node->meaning)
            diag_note(report(c, VIRTUAL_LATER, symbol->where, symbol->name), node->span, "named here before");
        return base(c, c->in_line ? LANG_BOOL : LANG_POISON);
    }
    if (c->in_line && kind == KIND_SKILL) return base(c, LANG_INT);  /* the candidate's level */
    if (c->in_line && kind == KIND_GROUP) return base(c, LANG_BOOL); /* whether the candidate belongs to it */
    return symbol->type;
}

/* Members */

static const struct type *no_member(struct checker *c, struct node *node, const struct type *object)
{
    const char *name = node->member.name.text;
    struct diag *diag = report(c, NO_MEMBER, node->member.name.span, object->text, name);
    if (object->kind == LANG_RECORD && c->names_compared < NAMES_COMPARED_MAX) {
        c->names_compared += object->record->count;
        const char *nearest = NULL;
        uint32_t least = UINT32_MAX;
        for (uint32_t i = 0; i < object->record->count; i++) {
            uint32_t distance = name_distance(name, object->record->fields[i].name);
            if (distance >= least) continue;
            least = distance;
            nearest = object->record->fields[i].name;
        }
        diag_did_you_mean(diag, nearest, (struct span){0, 0});
    }
    uint32_t measured = measured_of(object->kind);
    if (measured) diag_did_you_mean(diag, measure_near(name, measured), (struct span){0, 0});
    return base(c, LANG_POISON);
}

/* What the core is asked, now. */
static const struct type *asked_member(struct checker *c, const char *name, struct member *member,
                                       const struct type *object)
{
    member->kind = MEMBER_ASKED;
    member->index = QUESTION_queue_reachable;
    if (object->kind == LANG_QUEUE && !strcmp(name, "reachable")) return base(c, LANG_BOOL);
    member->index = QUESTION_target_agent;
    if (object->kind == LANG_TARGET && !strcmp(name, "agent")) return types_option(c->types, base(c, LANG_AGENT));
    member->index = QUESTION_target_place;
    if (object->kind == LANG_TARGET && !strcmp(name, "place")) return types_option(c->types, base(c, LANG_PLACE));
    if (object->kind != LANG_AGENT) return NULL;
    member->index = QUESTION_agent_ready;
    if (!strcmp(name, "ready")) return base(c, LANG_BOOL);
    member->index = QUESTION_agent_logged_in;
    if (!strcmp(name, "logged_in")) return base(c, LANG_BOOL);
    member->index = QUESTION_agent_state;
    return strcmp(name, "state") ? NULL : c->agent_state_type;
}

static const struct type *member_of(struct checker *c, struct node *node, struct member *member,
                                    const struct type *object)
{
    const char *name = node->member.name.text;
    uint32_t index = 0;
    const struct field *field = type_field(object, name, &index);
    member->kind = MEMBER_FIELD;
    member->index = index;
    if (field) return field->type;
    const struct type *own = built_in_member(c, node, member, object);
    if (own) return own;
    bool sequence = object->kind == LANG_LIST || object->kind == LANG_MAP || object->kind == LANG_STR;
    member->kind = MEMBER_COUNT;
    if (sequence && !strcmp(name, "count")) return base(c, LANG_INT);
    member->kind = MEMBER_FIRST;
    bool ends = object->kind == LANG_LIST || object->kind == LANG_STR;
    const struct type *element = object->kind == LANG_LIST ? object->of : object;
    if (ends && !strcmp(name, "first")) return types_option(c->types, element);
    member->kind = MEMBER_LAST;
    if (ends && !strcmp(name, "last")) return types_option(c->types, element);
    const struct type *measure = measure_member(c, node, member, object);
    if (measure) return measure;
    const struct type *asked = asked_member(c, name, member, object);
    if (asked) return asked;
    member->kind = MEMBER_NAME_OF;
    bool somebody = object->kind == LANG_AGENT || object->kind == LANG_TARGET;
    bool named = type_is_site_name(object) || somebody || object->kind == LANG_DN;
    if (named && !strcmp(name, "name")) return base(c, LANG_STR);
    if (object->kind == LANG_AGENT && !strcmp(name, "id")) return base(c, LANG_STR);
    return NULL;
}

/* Tier.gold: then it is the name of the word. */
static const struct type *enum_member(struct checker *c, struct node *node)
{
    struct node *object = node->member.object;
    if (object->kind != NODE_NAME || scope_find(c->scope, SPACE_PLAIN, object->name.name.text)) return NULL;
    struct symbol *symbol = scope_find(c->scope, SPACE_TYPE, object->name.name.text);
    if (!symbol || symbol->kind != SYMBOL_ENUMERATION) return NULL;
    struct word word = node->member.name;
    symbol->used = true;
    struct node name = {.kind = NODE_NAME, .span = node->span, .name = {.name = word}};
    if (check_word(c, &name, symbol->type)) {
        node->kind = NODE_NAME;
        node->name.name = word;
        node->meaning = name.meaning;
        return symbol->type;
    }
    diag_did_you_mean(report(c, NO_MEMBER, word.span, symbol->type->text, word.text),
                      word_near(symbol->type->enumeration, word.text), (struct span){0, 0});
    return base(c, LANG_POISON);
}

/* Of the candidate the core knows its idle time and levels by itself; statistics are asked for by their names. */
static const struct type *no_member_of_it(struct checker *c, const struct word *name)
{
    struct diag *diag = report(c, NO_MEMBER, name->span, "`it`", name->text);
    const struct symbol *near = near_name(c, SPACE_PLAIN, name->text);
    const char *measure = measure_near(name->text, MEASURED_AGENT);
    if (near && near->kind == SYMBOL_STATISTIC)
        hint_near(diag, near);
    else if (measure)
        diag_did_you_mean(diag, measure, (struct span){0, 0});
    else
        diag_hint(diag, "it.idle_time, it.level(skill French), or a statistic of agents");
    return base(c, LANG_POISON);
}

static const struct type *member_of_it(struct checker *c, struct node *node, struct member *member)
{
    member->kind = MEMBER_IDLE;
    typed(node->member.object, base(c, LANG_AGENT));
    if (!strcmp(node->member.name.text, "idle_time")) return base(c, LANG_DURATION);
    const struct type *type = statistic_of_it(c, node, member);
    return type ? type : no_member_of_it(c, &node->member.name);
}

static const struct type *call_of_it(struct checker *c, struct node *node, struct call_use *use)
{
    struct node *callee = node->call.callee;
    use->kind = CALL_LEVEL;
    typed(callee->member.object, base(c, LANG_AGENT));
    c->in_line = false; /* the skill itself */
    if (!strcmp(callee->member.name.text, "level") && plain_arguments(c, node, use, "level", 1, 1))
        check_as(c, use->arguments[0], base(c, LANG_SKILL));
    c->in_line = true;
    return strcmp(callee->member.name.text, "level") ? no_member_of_it(c, &callee->member.name) : base(c, LANG_INT);
}

/* contact.number, where nothing here is called contact. */
static bool is_contact(const struct checker *c, const struct node *node)
{
    return node->kind == NODE_NAME && !strcmp(node->name.name.text, "contact") && !scope_find(c->scope, SPACE_PLAIN, "contact");
}

static const struct type *check_contact(struct checker *c, struct node *node, struct member *member)
{
    const char *name = node->member.name.text;
    const struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, arena_printf(c->arena, "contact.%s", name));
    struct symbol *word = ARENA_NEW(c->arena, struct symbol);
    *word = (struct symbol){.kind = SYMBOL_WORD, .name = "contact", .type = base(c, LANG_POISON)};
    node->member.object->meaning = word;
    typed(node->member.object, word->type);
    if (!symbol) {
        diag_hint(report(c, NO_MEMBER, node->member.name.span, "contact", name),
                  "id, number, zone, campaign, attempts, agent, due");
        return base(c, LANG_POISON);
    }
    member->kind = MEMBER_CONTACT;
    member->index = attribute_rows[symbol->index].number;
    return check_attribute(c, node, symbol);
}

const struct type *check_member(struct checker *c, struct node *node)
{
    struct member *member = ARENA_NEW(c->arena, struct member);
    node->meaning = member;
    if (is_main(c, node->member.object)) return check_main(c, node, member);
    if (is_contact(c, node->member.object)) return check_contact(c, node, member);
    if (c->in_order && node->member.object->kind == NODE_IT) return member_of_it(c, node, member);
    const char *dotted = node_step_name(c->arena, node);
    if (dotted && (step_row_named(dotted) || is_endpoint_call(c, node))) {
        report(c, STEP_IN_EXPRESSION, node->span, dotted);
        return base(c, LANG_POISON);
    }
    const struct type *word = enum_member(c, node);
    if (word) return word;
    const struct type *object = check_expr(c, node->member.object, NULL);
    if (type_is_poison(object)) return object;
    member->optional = node->member.optional;
    bool walk = type_bare(object)->kind == LANG_VALUE; /* what is not there is none all the way */
    if (type_is_option(object) && walk) {
        member->optional = true;
    } else if (type_is_option(object) && !member->optional) {
        diag_hint(report(c, MEMBER_OF_OPTION, node->member.name.span, object->text), "write ?.%s",
                  node->member.name.text);
        return base(c, LANG_POISON);
    } else if (!type_is_option(object)) {
        member->optional = false; /* it is allowed, and does nothing */
    }
    const struct type *type = member_of(c, node, member, type_bare(object));
    if (!type) return no_member(c, node, type_bare(object));
    return member->optional ? types_option(c->types, type) : type;
}

/* Calls */

static bool put_argument(struct checker *c, struct node *argument, struct call_use *use, uint32_t at, const char *name)
{
    if (use->arguments[at]) {
        report(c, ARGUMENT_TWICE, argument->span, name);
        return false;
    }
    use->arguments[at] = argument->arg.value;
    return true;
}

bool check_arguments(struct checker *c, struct node *call, struct call_use *use, const char *what,
                     struct symbol *const *params, uint32_t count)
{
    bool good = true;
    uint32_t at = 0;
    use->arguments = ARENA_ARRAY(c->arena, struct node *, count + 1);
    use->argument_count = count;
    for EACH_NODE (argument, call->call.arguments) {
        struct word name = argument->arg.name;
        uint32_t index = at;
        if (name.text)
            for (index = 0; index < count && strcmp(params[index]->name, name.text);) index++;
        if (index >= count) {
            if (name.text)
                report(c, NO_PARAMETER, name.span, what, name.text);
            else
                report(c, TOO_MANY_ARGUMENTS, argument->span, what, count);
            check_expr(c, argument->arg.value, NULL);
            good = false;
            continue;
        }
        if (!put_argument(c, argument, use, index, params[index]->name)) good = false;
        check_as(c, argument->arg.value, params[index]->type);
        if (!name.text) at++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (use->arguments[i]) continue;
        struct node *otherwise =
            params[i]->node && params[i]->node->kind == NODE_PARAM ? params[i]->node->param.value : NULL;
        use->arguments[i] = otherwise;
        if (otherwise || type_is_option(params[i]->type) || type_is_poison(params[i]->type)) continue;
        if (good) report(c, ARGUMENT_MISSING, call->span, what, params[i]->name, params[i]->type->text);
        good = false;
    }
    return good;
}

static const struct type *call_record(struct checker *c, struct node *node, struct call_use *use, struct symbol *symbol)
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

static const struct type *call_function(struct checker *c, struct node *node, struct call_use *use,
                                        struct symbol *symbol)
{
    use->kind = CALL_FUNCTION;
    use->symbol = symbol;
    use->callee = symbol->body;
    if (!use->callee) {
        for EACH_NODE (argument, node->call.arguments) check_expr(c, argument->arg.value, NULL);
        return base(c, LANG_POISON);
    }
    const char *missing = NULL;
    if (!check_medium(c, use->callee->needs, &missing)) report(c, STEP_MEDIUM, node->span, symbol->name, missing);
    check_arguments(c, node, use, symbol->name, use->callee->params, use->callee->param_count);
    check_passed(c, use, symbol->name);
    if (use->callee->attaches && state_is_live(&c->state)) c->state.known_keys &= c->given;
    if (use->callee->attaches && c->body) c->body->attaches = true;
    if (symbol->kind == SYMBOL_FUNCTION) { /* a subroutine is a step: check_step.c */
        struct state failed = c->state;
        if (state_is_live(&failed)) summary_fails_by_call(c, use->callee);
        summary_call(c, symbol, node->span, &failed);
    }
    return use->callee->result;
}

bool plain_arguments(struct checker *c, struct node *node, struct call_use *use, const char *what, uint32_t least,
                     uint32_t most)
{
    use->arguments = ARENA_ARRAY(c->arena, struct node *, most);
    for EACH_NODE (argument, node->call.arguments) {
        if (argument->arg.name.text) report(c, NO_PARAMETER, argument->arg.name.span, what, argument->arg.name.text);
        if (use->argument_count < most) use->arguments[use->argument_count] = argument->arg.value;
        use->argument_count++;
    }
    if (use->argument_count >= least && use->argument_count <= most) return true;
    report(c, ARGUMENT_COUNT, node->span, what, least, use->argument_count);
    for EACH_NODE (argument, node->call.arguments) check_expr(c, argument->arg.value, NULL);
    return false;
}

static const struct type *call_method(struct checker *c, struct node *node, struct call_use *use)
{
    struct node *callee = node->call.callee;
    const struct type *object = check_expr(c, callee->member.object, NULL), *bare = type_bare(object);
    use->kind = CALL_METHOD;
    if (object->kind == LANG_SCHEDULE) return check_schedule_call(c, node, use);
    if (type_is_poison(object)) {
        for EACH_NODE (argument, node->call.arguments) check_expr(c, argument->arg.value, NULL);
        return object;
    }
    const struct type *result = built_in_method(c, node, use, bare);
    if (!result) return no_member(c, callee, bare);
    if (!type_is_option(object)) return result;
    diag_hint(report(c, MEMBER_OF_OPTION, callee->member.name.span, object->text),
              "test it first, or write (... else ...)");
    return base(c, LANG_POISON);
}

static const struct type *call_built_in(struct checker *c, struct node *node, struct call_use *use, const char *name)
{
    bool two = !strcmp(name, "min") || !strcmp(name, "max");
    use->kind = two ? (!strcmp(name, "min") ? CALL_MIN : CALL_MAX) : CALL_ABS;
    if (!plain_arguments(c, node, use, name, two ? 2 : 1, two ? 2 : 1)) return base(c, LANG_POISON);
    const struct type *type = check_expr(c, use->arguments[0], NULL);
    if (!type_is_poison(type) &&
        (!type_is_ordered(type) || type->kind == LANG_STR ||
         (!two && (type->kind == LANG_TIME || type->kind == LANG_DATE || type->kind == LANG_CLOCK)))) {
        report(c, NO_OPERATION_ONE, use->arguments[0]->span, name, type->text);
        type = base(c, LANG_POISON);
    }
    if (two) check_as(c, use->arguments[1], type);
    return type;
}

/* ewt(vq service): as one that came there now would have it, wherever one is. */
static const struct type *call_of_queue(struct checker *c, struct node *node, struct call_use *use,
                                        struct symbol *symbol)
{
    use->kind = CALL_OF_QUEUE;
    use->symbol = symbol;
    if (plain_arguments(c, node, use, symbol->name, 1, 1)) check_as(c, use->arguments[0], base(c, LANG_VQ));
    return symbol->type;
}

static const struct type *call_kind_member(struct checker *c, struct node *node, struct call_use *use)
{
    struct node *callee = node->call.callee;
    enum lang_type kind = kind_type(callee->kind_member.kind);
    const char *name = callee->kind_member.name.text;
    if (strcmp(name, "named")) {
        diag_hint(report(c, NO_MEMBER, callee->kind_member.name.span, kind_word(callee->kind_member.kind), name),
                  "skill.named(s), queue.named(s) and so on");
        return base(c, LANG_POISON);
    }
    use->kind = CALL_NAMED;
    if (plain_arguments(c, node, use, "named", 1, 1))
        check_as(c, use->arguments[0], types_option(c->types, base(c, LANG_STR)));
    return types_option(c->types, base(c, kind));
}

const struct type *check_call(struct checker *c, struct node *node, const struct type *want)
{
    struct node *callee = node->call.callee;
    struct call_use *use = ARENA_NEW(c->arena, struct call_use);
    node->meaning = use;
    (void)want;
    if (c->measuring && callee->kind == NODE_NAME) {
        const struct type *measure = check_measure_within(c, node);
        use->kind = CALL_MEASURE;
        if (measure) return measure;
    }
    if (!c->body && !c->live && callee->kind != NODE_NAME) report(c, NOT_CONSTANT, node->span);
    if (callee->kind == NODE_KIND_MEMBER) return call_kind_member(c, node, use);
    if (callee->kind == NODE_MEMBER && callee->member.object->kind == NODE_IT && c->in_order)
        return call_of_it(c, node, use);
    if (callee->kind == NODE_MEMBER) {
        const char *dotted = node_step_name(c->arena, callee);
        if (dotted && (step_row_named(dotted) || is_endpoint_call(c, node))) {
            report(c, STEP_IN_EXPRESSION, node->span, dotted);
            return base(c, LANG_POISON);
        }
        if (dotted && !strcmp(dotted, "int.parse")) {
            use->kind = CALL_PARSE_INT;
            if (plain_arguments(c, node, use, "int.parse", 1, 1)) check_as(c, use->arguments[0], base(c, LANG_STR));
            return types_option(c->types, base(c, LANG_INT));
        }
        const char *near = dotted ? step_row_near(dotted) : NULL, *like = dotted ? steps_beside(c->arena, dotted) : NULL;
        if ((near || like) && callee->member.object->kind == NODE_NAME &&
            !scope_find(c->scope, SPACE_PLAIN, callee->member.object->name.name.text)) {
            struct diag *diag = report(c, UNKNOWN_STEP, callee->span, dotted);
            if (near)
                diag_did_you_mean(diag, near, (struct span){0, 0});
            else
                diag_hint(diag, "there %s %s", strchr(like, ',') ? "are" : "is", like);
            for EACH_NODE (argument, node->call.arguments) check_expr(c, argument->arg.value, NULL);
            return base(c, LANG_POISON);
        }
        return call_method(c, node, use);
    }
    if (callee->kind != NODE_NAME) {
        report(c, NOT_A_FUNCTION, callee->span);
        return base(c, LANG_POISON);
    }
    const char *name = callee->name.name.text;
    struct symbol *symbol = scope_find(c->scope, SPACE_TYPE, name);
    if (symbol && symbol->kind == SYMBOL_RECORD) return call_record(c, node, use, symbol);
    symbol = scope_find(c->scope, SPACE_PLAIN, name);
    if (symbol && symbol->kind == SYMBOL_STATISTIC && (c->body || c->live)) return call_statistic(c, node, use, symbol);
    if (symbol && (symbol->kind == SYMBOL_FUNCTION || symbol->kind == SYMBOL_SUBROUTINE)) {
        symbol->used = true;
        if (!c->body) {
            report(c, NOT_CONSTANT, node->span);
            return base(c, LANG_POISON);
        }
        if (symbol->kind == SYMBOL_SUBROUTINE && !node->type) { /* check_step.c has set a type where one may stand */
            report(c, STEP_IN_EXPRESSION, node->span, name);
            return base(c, LANG_POISON);
        }
        return call_function(c, node, use, symbol);
    }
    if (!symbol && !strcmp(name, "sample")) return call_sample(c, node, use);
    if (symbol && symbol->kind == SYMBOL_ATTRIBUTE && attribute_rows[symbol->index].when == WHEN_WAITING && c->body)
        return call_of_queue(c, node, use, symbol);
    if (!symbol && (!strcmp(name, "min") || !strcmp(name, "max") || !strcmp(name, "abs")))
        return call_built_in(c, node, use, name);
    if (symbol && symbol->hides && symbol->kind != SYMBOL_LOCAL) {
        /* reported where it is declared */
    } else if (symbol) {
        report(c, NOT_A_FUNCTION, callee->span);
    } else {
        hint_near(report(c, UNKNOWN_FUNCTION, callee->span, name), near_name(c, SPACE_PLAIN, name));
    }
    for EACH_NODE (argument, node->call.arguments) check_expr(c, argument->arg.value, NULL);
    return base(c, LANG_POISON);
}

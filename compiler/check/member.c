/* compiler/check/member.c - Members: a name after a dot is a field, a name of the site, a word of an enumeration, or
 * a question about the candidate.
 *
 *     main.ani          check_main()       the interaction that is consulted about
 *     contact.number    check_contact()    the record of a list
 *     it.idle_time      member_of_it()     in the order or condition of a selection: the candidate
 *     ivr.play          reported           a step, which stands in no expression
 *     Tier.gold         enum_member()      a word of an enumeration; the node becomes a plain name
 *     anything else     member_of()        a field, a count, a measure, a question of the core
 *
 * check_member() tries them in this order. The result is the node's `meaning`, which the lowering turns into an
 * instruction. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "vm/question.h"

/* Checks a member whose value the core gives at the moment, as a queue's `reachable`. */
static const struct type *asked_member(struct checker *c, const char *name, struct member *member,
                                       const struct type *object)
{
    member->kind = MEMBER_ASKED;
    member->index = QUESTION_queue_reachable;
    if (object->kind == LANG_QUEUE && !strcmp(name, "reachable")) return checker_base(c, LANG_BOOL);
    member->index = QUESTION_target_agent;
    if (object->kind == LANG_TARGET && !strcmp(name, "agent"))
        return types_option(c->types, checker_base(c, LANG_AGENT));
    member->index = QUESTION_target_place;
    if (object->kind == LANG_TARGET && !strcmp(name, "place"))
        return types_option(c->types, checker_base(c, LANG_PLACE));
    member->index = QUESTION_target_vq;
    if (object->kind == LANG_TARGET && !strcmp(name, "vq")) return types_option(c->types, checker_base(c, LANG_VQ));
    member->index = QUESTION_target_line;
    if (object->kind == LANG_TARGET && !strcmp(name, "line")) return types_option(c->types, checker_base(c, LANG_INT));
    member->index = QUESTION_target_group;
    if (object->kind == LANG_TARGET && !strcmp(name, "group"))
        return types_option(c->types, checker_base(c, LANG_GROUP));
    if (object->kind != LANG_AGENT) return NULL;
    member->index = QUESTION_agent_ready;
    if (!strcmp(name, "ready")) return checker_base(c, LANG_BOOL);
    member->index = QUESTION_agent_logged_in;
    if (!strcmp(name, "logged_in")) return checker_base(c, LANG_BOOL);
    member->index = QUESTION_agent_state;
    return strcmp(name, "state") ? NULL : c->agent_state_type;
}

/* Finds a member by trying one kind after another; `member->kind` is set before each try. NULL: the type has no such
 * member. */
static const struct type *member_of(struct checker *c, struct node *node, struct member *member,
                                    const struct type *object)
{
    assert(node->kind == NODE_MEMBER);
    const char *name = node->member.name.text;
    uint32_t index = 0;
    const struct type_field *field = type_field(object, name, &index);
    member->kind = MEMBER_FIELD;
    member->index = index;
    if (field) return field->type;
    const struct type *own = built_in_member(c, node, member, object);
    if (own) return own;
    bool sequence = object->kind == LANG_LIST || object->kind == LANG_MAP || object->kind == LANG_STR;
    member->kind = MEMBER_COUNT;
    if (sequence && !strcmp(name, "count")) return checker_base(c, LANG_INT);
    member->kind = MEMBER_FIRST;
    bool ends = object->kind == LANG_LIST || object->kind == LANG_STR;
    const struct type *element = object->kind == LANG_LIST ? object->of : object;
    if (ends && !strcmp(name, "first")) return types_option(c->types, element);
    member->kind = MEMBER_LAST;
    if (ends && !strcmp(name, "last")) return types_option(c->types, element);
    const struct type *measure = check_measure_member(c, node, member, object);
    if (measure) return measure;
    const struct type *asked = asked_member(c, name, member, object);
    if (asked) return asked;
    member->kind = MEMBER_NAME_OF;
    bool somebody = object->kind == LANG_AGENT || object->kind == LANG_TARGET;
    bool named = type_is_site_name(object) || somebody || object->kind == LANG_DN;
    if (named && !strcmp(name, "name")) return checker_base(c, LANG_STR);
    if (object->kind == LANG_AGENT && !strcmp(name, "id")) return checker_base(c, LANG_STR);
    return NULL;
}

/* Checks Tier.gold, where Tier is an enumeration: the member is the name of a word. */
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
        node->name = name.name;
        node->meaning = name.meaning;
        return symbol->type;
    }
    one_of_hint_words(report(c, NO_MEMBER, word.span, symbol->type->text, word.text), symbol->type->enumeration,
                      word.text);
    return checker_base(c, LANG_POISON);
}

/* Reports an unknown member of `it`: a candidate has an idle time and levels, and statistics by their names. */
static const struct type *no_member_of_it(struct checker *c, const struct word *name)
{
    struct diag *diag = report(c, NO_MEMBER, name->span, "`it`", name->text);
    const struct symbol *near = nearest_symbol(c, SPACE_PLAIN, name->text);
    const char *measure = measure_near(name->text, MEASURED_AGENT);
    if (near && near->kind == SYMBOL_STATISTIC)
        hint_near(diag, near);
    else if (measure)
        diag_did_you_mean(diag, measure, (struct source_span){0, 0});
    else
        diag_hint(diag, "it.idle_time, it.level(skill French), scores[it.name] of a map, or a statistic of agents");
    return checker_base(c, LANG_POISON);
}

/* Checks it.group or it.queue: the group or queue of the line through which the candidate comes; allowed where an
 * order compares; NULL: another word. */
static const struct type *taken_by_line(struct checker *c, const struct word *name, struct member *member)
{
    enum lang_type kind = !strcmp(name->text, "group") ? LANG_GROUP : LANG_QUEUE;
    if (c->in_where || (kind == LANG_QUEUE && strcmp(name->text, "queue") != 0)) return NULL;
    member->kind = MEMBER_TAKEN;
    if (c->ordered && select_lines_take(c, c->ordered, kind)) return checker_base(c, kind);
    diag_hint(report(c, NO_MEMBER, name->span, "`it`", name->text),
              "it is known where each line of the select takes a %s", name->text);
    return checker_base(c, LANG_POISON);
}

static const struct type *member_of_it(struct checker *c, struct node *node, struct member *member)
{
    assert(node->kind == NODE_MEMBER);
    const struct type *taken = taken_by_line(c, &node->member.name, member);
    if (!taken) member->kind = MEMBER_IDLE;
    set_node_type(node->member.object, checker_base(c, LANG_AGENT));
    if (taken) return taken;
    if (!c->in_where && !strcmp(node->member.name.text, "idle_time")) return checker_base(c, LANG_DURATION);
    const struct type *type = statistic_of_it(c, node, member);
    return type ? type : no_member_of_it(c, &node->member.name);
}

bool member_is_name_of_it(const struct checker *c, const struct node *node)
{
    if (!c->in_order || node->kind != NODE_MEMBER || node->member.object->kind != NODE_IT) return false;
    return !strcmp(node->member.name.text, "name") || !strcmp(node->member.name.text, "id");
}

/* True: the node is scores[it.name] after its check, when the index has a meaning. */
bool member_is_score(const struct node *node)
{
    const struct node *index = node->kind == NODE_INDEX ? node->index.index : NULL;
    return index && index->kind == NODE_MEMBER && index->member.object->kind == NODE_IT && index->meaning;
}

/* Checks scores[it.name]: the map is read as the wait begins, so it must be a plain name. */
const struct type *check_score(struct checker *c, struct node *node, const struct type *map)
{
    assert(node->kind == NODE_INDEX && member_is_name_of_it(c, node->index.index));
    struct node *name = node->index.index;
    const struct symbol *symbol = node->index.object->kind == NODE_NAME ? node->index.object->meaning : NULL;
    struct member *member = ARENA_NEW(c->arena, struct member);
    *member = (struct member){.kind = MEMBER_NAME_OF};
    set_node_type(name->member.object, checker_base(c, LANG_AGENT));
    set_node_type(name, checker_base(c, LANG_STR));
    name->meaning = member;
    enum lang_type of = map->of->kind;
    if ((of == LANG_INT || of == LANG_DURATION || of == LANG_PERCENT || of == LANG_FLOAT) && symbol &&
        symbol->kind != SYMBOL_SETTING)
        return types_option(c->types, map->of);
    diag_hint(
        report(c, NO_MEMBER, name->span, "`it`", name->member.name.text),
        "let scores = ...; before the select, a map of ints, floats, durations or percents; then scores[it.name]");
    return checker_base(c, LANG_POISON);
}

const struct type *member_call_of_it(struct checker *c, struct node *node, struct call_use *use)
{
    assert(node->kind == NODE_CALL);
    struct node *callee = node->call.callee;
    use->kind = CALL_LEVEL;
    set_node_type(callee->member.object, checker_base(c, LANG_AGENT));
    c->in_line = false; /* the skill itself */
    if (!strcmp(callee->member.name.text, "level") && check_plain_arguments(c, node, use, "level", 1, 1))
        check_as(c, use->arguments[0], checker_base(c, LANG_SKILL));
    c->in_line = true;
    return strcmp(callee->member.name.text, "level") ? no_member_of_it(c, &callee->member.name)
                                                     : checker_base(c, LANG_INT);
}

/* True: the node is `contact` of contact.number, and no declaration has this name. */
static bool is_contact(const struct checker *c, const struct node *node)
{
    return node->kind == NODE_NAME && !strcmp(node->name.name.text, "contact") &&
           !scope_find(c->scope, SPACE_PLAIN, "contact");
}

static const struct type *check_contact(struct checker *c, struct node *node, struct member *member)
{
    assert(node->kind == NODE_MEMBER);
    const char *name = node->member.name.text;
    const struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, arena_printf(c->arena, "contact.%s", name));
    struct symbol *word = ARENA_NEW(c->arena, struct symbol);
    *word = (struct symbol){.kind = SYMBOL_WORD, .name = "contact", .type = checker_base(c, LANG_POISON)};
    node->member.object->meaning = word;
    set_node_type(node->member.object, word->type);
    if (!symbol) {
        diag_hint(report(c, NO_MEMBER, node->member.name.span, "contact", name),
                  "id, number, zone, campaign, attempts, agent, due, verified");
        return checker_base(c, LANG_POISON);
    }
    member->kind = MEMBER_CONTACT;
    member->index = attribute_rows[symbol->index].number;
    return check_attribute(c, node, symbol);
}

/* Checks the object of a member: within a line, too, `group sales.agents_ready` means the group itself, not whether
 * the candidate belongs to it. */
static const struct type *check_member_object(struct checker *c, struct node *object)
{
    bool in_line = c->in_line;
    if (object->kind == NODE_KIND_NAME || object->kind == NODE_KIND_INDEX) c->in_line = false;
    const struct type *type = check_expr(c, object, NULL);
    c->in_line = in_line;
    return type;
}

/* Checks a member: an object that may be none needs `?.` before it. User data may have a plain dot, since there a
 * missing part makes the whole path none. */
const struct type *check_member(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_MEMBER);
    struct member *member = ARENA_NEW(c->arena, struct member);
    node->meaning = member;
    if (main_is_called(c, node->member.object)) return check_main(c, node, member);
    if (is_contact(c, node->member.object)) return check_contact(c, node, member);
    if (c->in_order && node->member.object->kind == NODE_IT) return member_of_it(c, node, member);
    const char *dotted = node_step_name(c->arena, node);
    if (dotted && (step_row_named(dotted) || endpoint_is_call(c, node))) {
        hint_waits(report(c, STEP_IN_EXPRESSION, node->span, dotted));
        return checker_base(c, LANG_POISON);
    }
    const struct type *word = enum_member(c, node);
    if (word) return word;
    const struct type *object = check_member_object(c, node->member.object);
    if (type_is_poison(object)) return object;
    member->optional = node->member.optional;
    bool walk = type_bare(object)->kind == LANG_VALUE; /* a missing part makes the whole path none */
    if (type_is_option(object) && walk) {
        member->optional = true;
    } else if (type_is_option(object) && !member->optional) {
        bool named = node->member.object->kind == NODE_NAME;
        diag_hint(report(c, MEMBER_OF_OPTION, node->member.name.span, object->text), "write ?.%s%s",
                  node->member.name.text, named ? "" : ", or bind it, let x = ..., and test x");
        return checker_base(c, LANG_POISON);
    } else if (!type_is_option(object)) {
        member->optional = false; /* `?.` is allowed on a value that is never none, and means a dot */
    }
    const struct type *type = member_of(c, node, member, type_bare(object));
    if (!type) return hint_no_member(c, node, type_bare(object));
    return member->optional ? types_option(c->types, type) : type;
}

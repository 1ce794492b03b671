/* compiler/syntax/build.c - Makes the tree: a constructor per row of ast.def, and handwritten functions for forms
 * that need more.
 *
 *     parser.y -> MAKE(let, ...), MAKE(call, ...)           made of the rows: the struct of the kind is filled in
 *              -> build_strategy(), build_clauses() ...     by hand
 *
 * A handwritten function either computes fields (a strategy's parts are sorted) or refuses what the grammar accepts
 * (a clause twice, an assignment to a number). The grammar accepts more than the language allows, because a sentence
 * from here tells more than "syntax error". Every node is completed by build_finish(). */
#include "compiler/syntax/build.h"

#include <assert.h>
#include <string.h>

#include "compiler/base/diag.h"

/* Reports code that is nested too deep, once: each node around the first such node would be too deep, too. */
void grammar_too_deep(struct parse *parse, struct source_span span)
{
    if (!parse->too_deep) diag_report(parse->program->diags, NESTED_TOO_DEEP, span, NESTING_LIMIT);
    parse->too_deep = true;
}

static void build_deepest(struct node *child, void *context)
{
    uint16_t *depth = context;
    if (child->depth > *depth) *depth = child->depth;
}

/* Completes a node when its children are set: the limit on depth lets later passes use recursion. */
static struct node *build_finish(struct parse *parse, struct node *node)
{
    uint16_t depth = 0;
    node_children(node, build_deepest, &depth);
    node_apart(node, build_deepest, &depth);
    if (depth < NESTING_LIMIT)
        node->depth = (uint16_t)(depth + 1);
    else {
        node->depth = depth;
        grammar_too_deep(parse, node->span);
    }
    return node;
}

enum name_kind build_kind(struct word word)
{
    assert(word.text);
    enum name_kind kind = 0;
    while (kind < NAME_KINDS - 1 && strcmp(ast_kind_word(kind), word.text) != 0) kind++;
    return kind;
}

struct node *build_node(struct parse *parse, struct source_span span, enum node_kind kind)
{
    assert(kind < NODE_KINDS && span.begin <= span.end);
    return node_new(&parse->program->tree, kind, span);
}

/* clang-format off */
#define NODE(KIND_, member, words, fields)                                                                             \
    struct node *node_make_##member(struct parse *parse, struct source_span span, struct node_##member parts)                      \
    {                                                                                                                  \
        struct node *node = build_node(parse, span, NODE_##KIND_);                                                     \
        node->member = parts;                                                                                          \
        return build_finish(parse, node);                                                                              \
    }
#include "compiler/syntax/ast.def"
/* clang-format on */

struct nodes build_none(void)
{
    return (struct nodes){0};
}

struct nodes build_one(struct node *node)
{
    return build_add(build_none(), node);
}

struct nodes build_add(struct nodes nodes, struct node *node)
{
    nodes_add(&nodes, node);
    return nodes;
}

/* Appends the nodes of `more`; that list must not be used on its own afterwards. */
struct nodes build_joined(struct nodes nodes, struct nodes more)
{
    if (!nodes.first) return more;
    if (!more.first) return nodes;
    nodes.last->next = more.first;
    nodes.last = more.last;
    nodes.count += more.count;
    return nodes;
}

struct word build_unnamed(void)
{
    return (struct word){0};
}

struct word build_quoted(struct parse *parse, struct literal text, struct source_span span)
{
    return (struct word){arena_intern(parse->program->arena, text.bytes, text.length), span};
}

struct word build_quoted_name(struct parse *parse, struct literal text, struct source_span span)
{
    if (strspn(text.bytes, " \t\n") == text.length) diag_report(parse->program->diags, NAME_EMPTY, span);
    return build_quoted(parse, text, span);
}

struct node *build_doc(struct parse *parse, struct node *node)
{
    if (node) node->doc = lexer_doc(&parse->lexer, node->span.begin);
    return node;
}

struct node *build_name(struct parse *parse, struct word name)
{
    return MAKE(name, name.span, name, false);
}

struct word build_dotted(struct parse *parse, struct word one, struct word other)
{
    const char *text = arena_printf(parse->program->arena, "%s.%s", one.text, other.text);
    return (struct word){text, {one.span.begin, other.span.end}};
}

struct node *build_label(struct parse *parse, struct word name)
{
    return MAKE(label, name.span, name);
}

/* Sets the queue in the first line of a further queue; without a line, an empty line is made for it. */
struct nodes build_further(struct parse *parse, struct source_span span, struct node *in, struct nodes lines)
{
    if (!lines.first) lines = build_one(node_new(&parse->program->tree, NODE_LINE, span));
    lines.first->line.in = in;
    return lines;
}

/* Inserts the clause in the order of clauses.def. A clause that is written twice, or after a later one, is reported. */
struct nodes build_clauses(struct parse *parse, struct nodes clauses, struct node *clause)
{
    assert(clause->kind == NODE_CLAUSE && !clause->next);
    const char *word = ast_clause_word((enum clause)clause->clause.which);
    struct nodes sorted = {0};
    struct node *following = NULL, *next;
    EACH_NODE (other, clauses) {
        if (other->clause.which != clause->clause.which) continue;
        diag_report(parse->program->diags, CLAUSE_TWICE, clause->span, word);
        return clauses;
    }
    for (struct node *other = clauses.first; other; other = next) {
        next = other->next;
        other->next = NULL;
        if (other->clause.which > clause->clause.which && !following) {
            following = other;
            nodes_add(&sorted, clause);
        }
        nodes_add(&sorted, other);
    }
    if (!following)
        nodes_add(&sorted, clause);
    else
        diag_report(parse->program->diags, CLAUSE_ORDER, clause->span, word,
                    ast_clause_word((enum clause)following->clause.which));
    return sorted;
}

/* Makes a step of a head, its clauses and its else; a head without clauses and else is returned as it is. */
struct node *build_step(struct parse *parse, struct source_span span, struct node *head, struct nodes clauses,
                        struct node *otherwise)
{
    return clauses.count == 0 && !otherwise ? head : MAKE(step, span, head, clauses, otherwise);
}

struct word build_query_form(struct parse *parse, struct word form)
{
    static const char *const forms[] = {"first", "all", "value", "exec"};
    bool known = false;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) known = known || strcmp(form.text, forms[i]) == 0;
    if (!known) diag_report(parse->program->diags, UNKNOWN_QUERY_FORM, form.span, form.text);
    return form;
}

/* Checks the target of an assignment: a name, or a name with an index. Any other target is reported, and returned
 * all the same, so that the parser continues. */
struct node *build_target(struct parse *parse, struct node *target, enum operator op)
{
    assert(op == SIGN_SET || op == SIGN_ADD || op == SIGN_SUB);
    const char *sign = op == SIGN_SET ? "=" : op == SIGN_ADD ? "+=" : "-=";
    bool indexed = target->kind == NODE_INDEX && target->index.object->kind == NODE_NAME;
    if (target->kind != NODE_NAME && !indexed) diag_report(parse->program->diags, NOT_ASSIGNABLE, target->span, sign);
    return target;
}

/* As keys of a map, `it`, `none` and `true` do not have their usual meaning. */
struct node *build_key(struct parse *parse, struct node *target)
{
    const char *text = target->kind == NODE_IT     ? "it"
                       : target->kind == NODE_NONE ? "none"
                       : target->kind != NODE_BOOL ? NULL
                       : target->boolean.value     ? "true"
                                                   : "false";
    return text ? build_name(parse, (struct word){text, target->span}) : build_target(parse, target, SIGN_SET);
}

struct word build_source_kind(struct parse *parse, struct word kind)
{
    if (strcmp(kind.text, "sqlite") != 0 && strcmp(kind.text, "postgres") != 0 && strcmp(kind.text, "natives") != 0)
        diag_report(parse->program->diags, SOURCE_KIND, kind.span, kind.text);
    return kind;
}

/* Makes a strategy: sorts its parts into keys, statements and handlers, and reports parts that are not in this
 * order. */
struct node *build_strategy(struct parse *parse, struct source_span span, struct word name, struct nodes params,
                            struct nodes media, struct node *within, struct nodes body)
{
    struct node *node = build_node(parse, span, NODE_STRATEGY), *next;
    struct nodes statements = {0};
    struct source_span body_span = {span.end, span.end};
    bool keys = false, misplaced = false; /* reported once, however many statements follow */
    if (body.first) body_span = span_join(body.first->span, body.last->span);
    for (struct node *part = body.first; part; part = next) {
        next = part->next;
        part->next = NULL;
        if (part->kind == NODE_SITE_KEYS) {
            if (keys || statements.count > 0 || node->strategy.handlers.count > 0)
                diag_report(parse->program->diags, BODY_ORDER, part->span,
                            "'attached' stands once, before the statements");
            keys = true;
            node->strategy.attached = part->site_keys.fields;
        } else if (part->kind == NODE_HANDLER) {
            nodes_add(&node->strategy.handlers, part);
        } else {
            if (node->strategy.handlers.first && !misplaced)
                diag_note(diag_report(parse->program->diags, BODY_ORDER, node->strategy.handlers.first->span,
                                      "handlers stand after all statements"),
                          part->span, "it stands behind this and all that follows");
            misplaced = misplaced || node->strategy.handlers.first;
            nodes_add(&statements, part);
        }
    }
    node->strategy.name = name;
    node->strategy.params = params;
    node->strategy.media = media;
    node->strategy.within = within;
    node->strategy.body = MAKE(block, body_span, statements);
    return build_finish(parse, node);
}

struct node *build_binary(struct parse *parse, struct source_span span, enum operator op, struct source_span sign,
                          struct node *left, struct node *right)
{
    assert(left->span.begin <= sign.begin && sign.end <= right->span.end);
    return MAKE(binary, span, (int)op, left, right, {ast_operator_sign(op), sign});
}

/* A pattern has no operators: the number itself becomes negative. */
struct node *build_negative(struct source_span span, struct node *number)
{
    number->span = span;
    switch (number->kind) {
    case NODE_INTEGER:
        number->integer.value = -number->integer.value;
        break;
    case NODE_FLOAT:
        number->real.value = -number->real.value;
        break;
    case NODE_PERCENT:
        number->percent.hundredths = -number->percent.hundredths;
        break;
    default:
        assert(number->kind == NODE_DURATION);
        number->duration.us = -number->duration.us;
        break;
    }
    return number;
}

/* Makes an item of a test; `at later;` has the form of an arrival, but sets the time at which the test begins. */
struct node *build_happening(struct parse *parse, struct source_span span, struct word verb, struct nodes parts)
{
    assert(verb.text);
    bool start = !strcmp(verb.text, "at") && parts.count == 1 && parts.first->kind == NODE_NAME;
    if (start) return MAKE(test_start, span, parts.first);
    return MAKE(test_happening, span, build_unnamed(), verb, parts, build_none(), false);
}

struct node *build_outcome_after(struct parse *parse, struct source_span span, struct node *outcome, struct node *after)
{
    assert(outcome->kind == NODE_TEST_OUTCOME && !outcome->test_outcome.after);
    outcome->span = span;
    outcome->test_outcome.after = after;
    return build_finish(parse, outcome);
}

struct node *build_test_call(struct parse *parse, struct source_span span, struct word family, struct word step,
                             struct nodes arguments)
{
    struct source_span callee = span_join(family.span, step.span);
    struct node *member = MAKE(member, callee, build_name(parse, family), step, false);
    return MAKE(call, span, member, arguments);
}

struct node *build_source_happening(struct parse *parse, struct source_span span, struct word verb, struct word source,
                                    struct nodes parts)
{
    struct nodes all = build_one(build_name(parse, source));
    if (parts.first) {
        all.last->next = parts.first;
        all.last = parts.last;
        all.count += parts.count;
    }
    return MAKE(test_happening, span, build_unnamed(), verb, all, build_none(), false);
}

/* `for_each` is NULL, or a NODE_TEST with only its names and rows; it becomes the whole test. */
struct node *build_test(struct parse *parse, struct source_span span, struct literal title, struct node *for_each,
                        struct nodes items)
{
    struct node *node = for_each ? for_each : build_node(parse, span, NODE_TEST);
    assert(node->kind == NODE_TEST && !node->test.items.first);
    node->span = span;
    node->test.title = title;
    node->test.items = items;
    return build_finish(parse, node);
}

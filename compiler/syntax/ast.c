/* compiler/syntax/ast.c - Makes nodes, names their kinds in words, and visits their children by the table.
 *
 *     struct node: | kind, id, span, depth, type, meaning ... | the struct of the kind |    allocated up to here only
 *
 * So a node may only be copied by node_copy(), never by assignment. Each kind is a row of ast.def; node_children()
 * is made from the rows and visits all fields that are nodes, so a pass that visits all nodes needs no list of
 * kinds. The words for kinds, operators and clauses are those that an author reads in messages. */
#include "compiler/syntax/ast.h"

#include <assert.h>
#include <string.h>

/* A node's memory ends with the member of its kind: most nodes of a program are names and numbers, which are short. */
static size_t node_size(enum node_kind kind)
{
    static const size_t sizes[] = {
#define NODE(KIND_, member, words, fields)                                                                             \
    [NODE_##KIND_] = offsetof(struct node, member) + sizeof((struct node *)NULL)->member,
#include "compiler/syntax/ast.def"
    };
    assert(kind < NODE_KINDS);
    return sizes[kind];
}

struct node *node_copy(struct arena *arena, const struct node *node)
{
    struct node *copy = arena_alloc(arena, node_size(node->kind));
    memcpy(copy, node, node_size(node->kind));
    return copy;
}

struct node *node_new(struct tree *tree, enum node_kind kind, struct source_span span)
{
    struct node *node = arena_alloc(tree->arena, node_size(kind));
    node->kind = kind;
    node->id = ++tree->next_id;
    node->span = span;
    return node;
}

/* Appends a node; a node is in one list at a time, because the link is in the node itself. */
void nodes_add(struct nodes *nodes, struct node *node)
{
    if (!node) return; /* there is no node for a damaged statement */
    assert(!node->next && node != nodes->last);
    if (nodes->last)
        nodes->last->next = node;
    else
        nodes->first = node;
    nodes->last = node;
    nodes->count++;
}

const char *node_words(enum node_kind kind)
{
    static const char *const words[] = {
#define NODE(KIND, member, in_words, fields) in_words,
#include "compiler/syntax/ast.def"
    };
    return words[kind];
}

bool ast_kind_of_site(enum name_kind kind)
{
    return kind <= KIND_WORKBIN || (kind >= KIND_PROMPT && kind <= KIND_ZONE);
}

const char *ast_kind_word(enum name_kind kind)
{
    static const char *const words[NAME_KINDS] = {[KIND_SKILL] = "skill",
                                                  [KIND_GROUP] = "group",
                                                  [KIND_VQ] = "vq",
                                                  [KIND_QUEUE] = "queue",
                                                  [KIND_WORKBIN] = "workbin",
                                                  [KIND_AGENT] = "agent",
                                                  [KIND_PLACE] = "place",
                                                  [KIND_DN] = "dn",
                                                  [KIND_PROMPT] = "prompt",
                                                  [KIND_TEMPLATE] = "template",
                                                  [KIND_CATEGORY] = "category",
                                                  [KIND_ZONE] = "zone",
                                                  [KIND_STRATEGY] = "strategy",
                                                  [KIND_CAMPAIGN] = "campaign"};
    assert(kind < NAME_KINDS);
    return words[kind];
}

const char *ast_operator_sign(enum operator op)
{
    static const char *const signs[OPERATORS] = {
        [SIGN_SET] = "=",   [SIGN_ADD] = "+", [SIGN_SUB] = "-",   [SIGN_MUL] = "*",   [SIGN_DIV] = "/",
        [SIGN_MOD] = "mod", [SIGN_NEG] = "-", [SIGN_NOT] = "not", [SIGN_AND] = "and", [SIGN_OR] = "or",
        [SIGN_EQ] = "==",   [SIGN_NE] = "!=", [SIGN_LT] = "<",    [SIGN_LE] = "<=",   [SIGN_GT] = ">",
        [SIGN_GE] = ">=",   [SIGN_IN] = "in"};
    assert(op < OPERATORS);
    return signs[op];
}

const char *ast_clause_word(enum clause clause)
{
    static const char *const words[] = {
#define CLAUSE(id, word, what, doc) word,
#define LINE_WORD(word, what, doc)
#include "compiler/syntax/clauses.def"
    };
    assert(clause < CLAUSES);
    return words[clause];
}

static void visit_all(struct nodes nodes, void (*visit)(struct node *child, void *context), void *context)
{
    EACH_NODE (child, nodes) visit(child, context);
}

void node_children(const struct node *node, void (*visit)(struct node *child, void *context), void *context)
{
#define ONE(f)                                                                                                         \
    if (part->f) visit(part->f, context);
#define MANY(f) visit_all(part->f, visit, context);
#include "compiler/syntax/each_field.h"
}

void node_apart(const struct node *node, void (*visit)(struct node *child, void *context), void *context)
{
#define APART(f) visit_all(part->f, visit, context);
#include "compiler/syntax/each_field.h"
}

struct node *node_right_side(const struct node *statement)
{
    assert(statement);
    switch (statement->kind) {
    case NODE_LET:
        return statement->let.value;
    case NODE_ATTACH:
        return statement->attach.value;
    case NODE_ASSIGN:
        return statement->assign.value;
    case NODE_DO:
        return statement->act.value;
    default:
        return NULL;
    }
}

const char *node_step_name(struct arena *arena, const struct node *node)
{
    bool two = node->kind == NODE_MEMBER && node->member.object->kind == NODE_NAME;
    return two ? node_dotted(arena, node) : NULL;
}

/* Returns a.b.c as one text, where each part is a plain name; NULL: the expression has another form. */
const char *node_dotted(struct arena *arena, const struct node *node)
{
    if (node->kind == NODE_NAME) return node->name.name.text;
    if (node->kind != NODE_MEMBER || node->member.optional) return NULL;
    const char *object = node_dotted(arena, node->member.object);
    if (!object) return NULL;
    size_t before = strlen(object), behind = strlen(node->member.name.text);
    char *dotted = arena_alloc(arena, before + behind + 2);
    memcpy(dotted, object, before);
    dotted[before] = '.';
    memcpy(dotted + before + 1, node->member.name.text, behind + 1);
    return dotted;
}

enum otherwise_kind ast_otherwise_kind(const struct node *action)
{
    switch (action->kind) {
    case NODE_BLOCK:
        return OTHERWISE_BLOCK;
    case NODE_GOTO:
    case NODE_FAIL:
    case NODE_RETURN:
    case NODE_BREAK:
    case NODE_CONTINUE:
        return OTHERWISE_JUMP;
    case NODE_STEP:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_SWITCH:
        return OTHERWISE_STEP;
    default:
        return OTHERWISE_VALUE;
    }
}

static void look_for_split(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || (node->kind == NODE_SPLIT && node->split.by);
    if (!*found) node_children(node, look_for_split, found);
}

bool node_splits_by(struct node *node)
{
    bool found = false;
    look_for_split(node, &found);
    return found;
}

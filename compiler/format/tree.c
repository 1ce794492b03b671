/* compiler/format/tree.c - Sets the marks for the layout from the tree.
 *
 * The formatter works on tokens, which determine most spaces; but tokens alone do not tell a call's bracket from a
 * grouping one, a minus sign from a subtraction, or where a statement begins. The tree tells that, and tree.c marks
 * the first byte of such a token: there is one byte of marks per byte of the file.
 *
 *      MARK_ITEM      a line of its own begins here           MARK_CLAUSE   a clause: where a long line breaks first
 *      MARK_TIGHT     no space before the next bracket        MARK_IF       an `else` belongs to what ends here
 *      MARK_UNARY     a sign belongs to the number behind it
 */
#include "compiler/format/tree.h"

#include <assert.h>

/* Does a node of this kind begin a line of its own in a block of several lines? */
static const bool is_item[NODE_KINDS] = {
#define NODE(KIND, member, words, fields)
#define LINE_NODE(KIND, member, words, fields) [NODE_##KIND] = true,
#include "compiler/syntax/ast.def"
};

struct marking {
    uint32_t base;
    uint8_t *marks;
};

/* Sets a mark; nodes of an imported file have offsets below `base` and get none. */
static void tree_mark(const struct marking *marking, uint32_t offset, unsigned what)
{
    if (offset >= marking->base) marking->marks[offset - marking->base] |= (uint8_t)what;
}

/* Returns the name in the node that a '(' follows without a space; none where the tokens alone tell it. */
static struct word tree_called(const struct node *node)
{
    struct word none = {NULL, {0, 0}};
    if (node->kind == NODE_FUNCTION) return node->function.name;
    if (node->kind == NODE_NATIVE) return node->native.name;
    if (node->kind == NODE_STRATEGY) return node->strategy.name;
    if (node->kind == NODE_SITE_ENDPOINT) return node->endpoint.name;
    if (node->kind == NODE_SITE_STATISTIC) return node->statistic.name;
    if (node->kind == NODE_SITE_SIGNAL) return node->signal.name;
    if (node->kind == NODE_TEST_STATISTIC) return node->test_statistic.name;
    if (node->kind == NODE_TEST_SIGNAL) return node->test_signal.name;
    if (node->kind == NODE_TEST_QUERY) return node->test_query.source;
    return none;
}

static void tree_mark_node(struct node *node, void *context)
{
    const struct marking *marking = context;
    uint32_t begin = node->span.begin;
    struct word name = tree_called(node);
    if (is_item[node->kind]) tree_mark(marking, begin, MARK_ITEM);
    if (name.text) tree_mark(marking, name.span.end, MARK_TIGHT);
    if (node->kind == NODE_CALL) tree_mark(marking, node->call.callee->span.end, MARK_TIGHT);
    if (node->kind == NODE_TYPE_NAME && node->type_name.of) {
        tree_mark(marking, node->type_name.name.span.end, MARK_TIGHT);
        tree_mark(marking, node->span.end - 1, MARK_TIGHT);
    }
    if (node->kind == NODE_SITE_PARAMETER && node->parameter.within &&
        node->parameter.within->span.begin < node->parameter.value->span.begin)
        tree_mark(marking, node->parameter.type->span.end, MARK_TIGHT); /* duration(10s..5m) */
    if (node->kind == NODE_UNARY || node->kind == NODE_INTEGER || node->kind == NODE_FLOAT ||
        node->kind == NODE_DURATION || node->kind == NODE_PERCENT)
        tree_mark(marking, begin, MARK_UNARY);
    if (node->kind == NODE_CLAUSE || node->kind == NODE_OTHERWISE) tree_mark(marking, begin, MARK_CLAUSE);
    if (node->kind == NODE_IF && node->choice.otherwise) tree_mark(marking, node->choice.then->span.end, MARK_IF);
    node_children(node, tree_mark_node, context);
    node_apart(node, tree_mark_node, context);
}

void format_marks(const struct node *file, uint32_t base, uint8_t *marks)
{
    assert(file->kind == NODE_FILE && marks);
    struct marking marking = {base, marks};
    tree_mark_node((struct node *)(uintptr_t)file, &marking);
}

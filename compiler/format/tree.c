/* compiler/format/tree.c - Sets the layout's marks from the tree. The switch names every kind of node, so that the C
 * compiler asks where a new one belongs. */
#include "compiler/format/tree.h"

#include <assert.h>

/* Does a node of this kind begin a line of its own in a block of several lines? */
static bool is_item(enum node_kind kind)
{
    switch (kind) {
    case NODE_IMPORT:
    case NODE_CONST:
    case NODE_RECORD:
    case NODE_ENUM:
    case NODE_FUNCTION:
    case NODE_NATIVE:
    case NODE_STRATEGY:
    case NODE_HANDLER:
    case NODE_FIELD:
    case NODE_SITE:
    case NODE_SITE_NAMES:
    case NODE_SITE_VIRTUAL:
    case NODE_SITE_DEFAULT:
    case NODE_SITE_SOURCE:
    case NODE_SITE_KEYS:
    case NODE_SITE_ENDPOINT:
    case NODE_SITE_PARAMETER:
    case NODE_SITE_TABLE:
    case NODE_COLUMN:
    case NODE_SITE_SCHEDULE:
    case NODE_SCHEDULE_LINE:
    case NODE_SITE_STATISTIC:
    case NODE_SITE_LATCH:
    case NODE_SITE_COUNTER:
    case NODE_SITE_CAPACITY:
    case NODE_CAPACITY_RULE:
    case NODE_SITE_SIGNAL:
    case NODE_LABELLED:
    case NODE_LET:
    case NODE_ATTACH:
    case NODE_ASSIGN:
    case NODE_DO:
    case NODE_IF:
    case NODE_WHILE:
    case NODE_FOR:
    case NODE_REPEAT:
    case NODE_SEGMENT:
    case NODE_SPLIT:
    case NODE_SPLIT_ARM:
    case NODE_MANDATORY:
    case NODE_COUNT:
    case NODE_EXCLUDE:
    case NODE_ARM:
    case NODE_BREAK:
    case NODE_CONTINUE:
    case NODE_RETURN:
    case NODE_GOTO:
    case NODE_FAIL:
    case NODE_SWITCH:
    case NODE_LINE:
    case NODE_RACE_ARM:
    case NODE_TEST:
    case NODE_TEST_START:
    case NODE_TEST_SET:
    case NODE_TEST_ANSWER:
    case NODE_TEST_HAPPENING:
    case NODE_TEST_AFTER:
    case NODE_TEST_EXPECT:
    case NODE_TEST_PARAMETER:
    case NODE_TEST_STATISTIC:
    case NODE_TEST_TABLE:
    case NODE_TEST_SIGNAL:
        return true;
    case NODE_FILE:
    case NODE_PARAM:
    case NODE_LABEL:
    case NODE_HOLIDAYS:
    case NODE_WINDOW:
    case NODE_TYPE_NAME:
    case NODE_TYPE_KIND:
    case NODE_TYPE_OPTION:
    case NODE_BLOCK:
    case NODE_PREFIX:
    case NODE_MATCH:
    case NODE_WITHIN:
    case NODE_STEP:
    case NODE_CLAUSE:
    case NODE_OTHERWISE:
    case NODE_QUERY:
    case NODE_SQL:
    case NODE_SELECT:
    case NODE_RACE:
    case NODE_PARALLEL:
    case NODE_WAIT:
    case NODE_DELAY:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_NAME:
    case NODE_INTEGER:
    case NODE_FLOAT:
    case NODE_DURATION:
    case NODE_INSTANT:
    case NODE_DATE:
    case NODE_CLOCK:
    case NODE_PERCENT:
    case NODE_STRING:
    case NODE_TEMPLATE:
    case NODE_BOOL:
    case NODE_NONE:
    case NODE_KIND_NAME:
    case NODE_IT:
    case NODE_OF:
    case NODE_KIND_INDEX:
    case NODE_KIND_MEMBER:
    case NODE_MEMBER:
    case NODE_INDEX:
    case NODE_CALL:
    case NODE_ARG:
    case NODE_UNARY:
    case NODE_BINARY:
    case NODE_RANGE:
    case NODE_FALLBACK:
    case NODE_LIST:
    case NODE_MAP:
    case NODE_ENTRY:
    case NODE_TEST_QUERY:
    case NODE_TEST_OUTCOME:
    case NODE_TEST_EVENT:
    case NODE_TEST_LIMIT:
    case NODE_TEST_IN:
    case NODE_TEST_WITH:
    case NODE_TEST_CAPACITY:
    case NODE_KINDS:
        break;
    }
    return false;
}

struct marking {
    uint32_t base;
    uint8_t *marks;
};

static void tree_mark(const struct marking *marking, uint32_t offset, unsigned what)
{
    if (offset >= marking->base) marking->marks[offset - marking->base] |= (uint8_t)what;
}

/* The name in the node that a '(' follows without a space; none where the tokens alone tell it. */
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
    if (is_item(node->kind)) tree_mark(marking, begin, MARK_ITEM);
    if (name.text) tree_mark(marking, name.span.end, MARK_TIGHT);
    if (node->kind == NODE_CALL) tree_mark(marking, node->call.callee->span.end, MARK_TIGHT);
    if (node->kind == NODE_TYPE_NAME && node->type_name.of) {
        tree_mark(marking, node->type_name.name.span.end, MARK_TIGHT);
        tree_mark(marking, node->span.end - 1, MARK_TIGHT);
    }
    if (node->kind == NODE_UNARY || node->kind == NODE_INTEGER || node->kind == NODE_FLOAT ||
        node->kind == NODE_DURATION || node->kind == NODE_PERCENT)
        tree_mark(marking, begin, MARK_UNARY);
    if (node->kind == NODE_CLAUSE || node->kind == NODE_OTHERWISE) tree_mark(marking, begin, MARK_CLAUSE);
    if (node->kind == NODE_IF && node->choice.otherwise) tree_mark(marking, node->choice.then->span.end, MARK_IF);
    node_children(node, tree_mark_node, context);
}

void format_marks(const struct node *file, uint32_t base, uint8_t *marks)
{
    assert(file->kind == NODE_FILE && marks);
    struct marking marking = {base, marks};
    tree_mark_node((struct node *)(uintptr_t)file, &marking);
}

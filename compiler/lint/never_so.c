/* compiler/lint/never_so.c - Finds comparisons of one value that cannot go together: both can never hold, one of them
 * always does, or an earlier condition of the same `if` has taken what a later one asks for.
 *
 *     if waited > 1m { ... } else if waited > 5m { ... }
 *     if language != "fr" or language != "en" { ... }
 */
#include <string.h>

#include "compiler/lint/lint.h"

/* A comparison with a constant, as an interval of numbers or one text. */
struct never_claim {
    const struct node *node, *of;
    const char *text; /* the constant where it is a text, else NULL */
    enum node_kind kind;
    int64_t worth;
    int op;
};

/* x.starts("+33"): as a comparison, with the operator SIGN_IN. */
static bool never_read_start(const struct node *node, struct never_claim *claim)
{
    const struct call_use *use = node->meaning;
    if (!use || use->kind != CALL_METHOD || use->method != METHOD_STARTS || node->call.arguments.count != 1)
        return false;
    const struct node *constant = segment_node_constant(node->call.arguments.first->arg.value);
    *claim = (struct never_claim){.node = node,
                                  .of = node->call.callee->member.object,
                                  .kind = NODE_STRING,
                                  .op = SIGN_IN,
                                  .text = constant->kind == NODE_STRING ? constant->string.text.bytes : NULL};
    return claim->text && lint_is_pure(claim->of);
}

static bool never_read(const struct node *node, struct never_claim *claim)
{
    if (node->kind == NODE_CALL) return never_read_start(node, claim);
    if (node->kind != NODE_BINARY || node->binary.op < SIGN_EQ || node->binary.op > SIGN_GE) return false;
    const struct node *constant = segment_node_constant(node->binary.right);
    *claim = (struct never_claim){.node = node, .of = node->binary.left, .kind = constant->kind, .op = node->binary.op};
    if (!lint_is_pure(claim->of) || segment_node_constant(claim->of) != claim->of) return false;
    if (constant->kind == NODE_STRING) {
        claim->text = constant->string.text.bytes;
        return claim->op == SIGN_EQ || claim->op == SIGN_NE;
    }
    int64_t own;
    return segment_node_worth(constant, &claim->worth) && !segment_node_worth(claim->of, &own);
}

static bool never_alike(const struct lint *lint, const struct never_claim *a, const struct never_claim *b)
{
    return a->kind == b->kind && lint_same(lint, a->of, b->of);
}

static bool never_begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Is there no text that meets both comparisons? At least one of them is a comparison with the beginning of the text. */
static bool never_both_start(const struct never_claim *a, const struct never_claim *b)
{
    bool equal = a->op == SIGN_EQ || b->op == SIGN_EQ;
    if (a->op == SIGN_NE || b->op == SIGN_NE) return false;
    if (equal) return !never_begins(a->op == SIGN_EQ ? a->text : b->text, a->op == SIGN_EQ ? b->text : a->text);
    return !never_begins(a->text, b->text) && !never_begins(b->text, a->text);
}

static bool never_same_worth(const struct never_claim *a, const struct never_claim *b)
{
    return a->text ? strcmp(a->text, b->text) == 0 : a->worth == b->worth;
}

/* Does the first comparison never hold for the one number or text of the second? */
static bool never_misses(const struct never_claim *a, const struct never_claim *b)
{
    bool same = never_same_worth(a, b);
    switch (a->op) {
    case SIGN_EQ:
        return !same;
    case SIGN_NE:
        return same;
    case SIGN_GT:
        return same || a->worth > b->worth;
    case SIGN_GE:
        return a->worth > b->worth;
    case SIGN_LT:
        return same || a->worth < b->worth;
    default:
        return a->worth < b->worth;
    }
}

/* Is every value that meets the first comparison one that meets the second? */
static bool never_implies(const struct never_claim *a, const struct never_claim *b)
{
    if (a->op == SIGN_IN || b->op == SIGN_IN)
        return b->op == SIGN_IN && (a->op == SIGN_IN || a->op == SIGN_EQ) && never_begins(a->text, b->text);
    bool same = never_same_worth(a, b), up = b->op == SIGN_GT || b->op == SIGN_GE;
    if (b->op == SIGN_EQ) return a->op == SIGN_EQ && same;
    if (b->op == SIGN_NE) return never_misses(a, b);
    bool beyond = up ? a->worth > b->worth : a->worth < b->worth;
    bool strict = a->op == (up ? SIGN_GT : SIGN_LT), loose = a->op == (up ? SIGN_GE : SIGN_LE),
         takes_end = b->op == SIGN_GE || b->op == SIGN_LE;
    if (a->op == SIGN_EQ) return beyond || (same && takes_end);
    return (strict || loose) && (beyond || (same && (takes_end || strict)));
}

static struct never_claim never_turned(struct never_claim claim)
{
    static const int others[] = {SIGN_NE, SIGN_EQ, SIGN_GE, SIGN_GT, SIGN_LE, SIGN_LT};
    if (claim.op != SIGN_IN) claim.op = others[claim.op - SIGN_EQ];
    return claim;
}

enum { NEVER_CLAIMS = 16 };

/* Reads the comparisons that stand beside each other with `and`, or with `or`. */
static size_t never_beside(const struct node *node, int op, struct never_claim *claims, size_t count)
{
    if (node->kind == NODE_BINARY && node->binary.op == op) {
        count = never_beside(node->binary.left, op, claims, count);
        return never_beside(node->binary.right, op, claims, count);
    }
    return count < NEVER_CLAIMS && never_read(node, &claims[count]) ? count + 1 : count;
}

static void never_tell(struct lint *lint, const struct never_claim *claim, const struct never_claim *other,
                       const char *what, const char *note)
{
    struct diag *diag = lint_report(lint, NEVER_SO, claim->node->span, what);
    diag_note(diag, other->node->span, "%s", note);
}

static void look_beside(struct lint *lint, const struct node *node)
{
    struct never_claim claims[NEVER_CLAIMS];
    int op = node->binary.op;
    size_t count = never_beside(node, op, claims, 0);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            struct never_claim turned = never_turned(op == SIGN_OR ? claims[i] : claims[j]);
            const struct never_claim *from = op == SIGN_OR ? &turned : &claims[i],
                                     *to = op == SIGN_OR ? &claims[j] : &turned;
            bool starts = claims[i].op == SIGN_IN || claims[j].op == SIGN_IN;
            if (starts && (op == SIGN_OR || !never_both_start(&claims[i], &claims[j]))) continue;
            if (!never_alike(lint, &claims[i], &claims[j]) || (!starts && !never_implies(from, to))) continue;
            never_tell(lint, &claims[j], &claims[i], op == SIGN_OR ? "always true" : "never true",
                       op == SIGN_OR ? "one of both always holds: is `and` meant?" : "both never hold");
            return;
        }
}

/* An `else if` is asked only where the conditions before it did not hold. */
static void look_behind(struct lint *lint, const struct node *choice)
{
    struct never_claim own[NEVER_CLAIMS], before[NEVER_CLAIMS];
    size_t count = never_beside(choice->choice.condition, SIGN_AND, own, 0);
    const struct node *above = lint_up(lint, choice);
    for (const struct node *at = choice; above && above->kind == NODE_IF && above->choice.otherwise == at;
         at = above, above = lint_up(lint, above)) {
        size_t earlier = never_beside(above->choice.condition, SIGN_OR, before, 0);
        for (size_t i = 0; i < earlier; i++)
            for (size_t j = 0; j < count; j++)
                if (never_alike(lint, &before[i], &own[j]) && never_implies(&own[j], &before[i])) {
                    never_tell(lint, &own[j], &before[i], "never true", "where it would hold, this has held before");
                    return;
                }
    }
}

void lint_never_so(struct lint *lint)
{
    EACH_OF (lint, binary, NODE_BINARY) {
        const struct node *up = lint_up(lint, binary);
        bool joins = binary->binary.op == SIGN_AND || binary->binary.op == SIGN_OR;
        bool within = up && up->kind == NODE_BINARY && up->binary.op == binary->binary.op;
        if (joins && !within) look_beside(lint, binary);
    }
    EACH_OF (lint, choice, NODE_IF) look_behind(lint, choice);
}

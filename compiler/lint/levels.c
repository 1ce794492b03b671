/* compiler/lint/levels.c - Computes the levels that a line accepts: conditions such as skill X >= n, joined with
 * `and`. */
#include <assert.h>
#include <string.h>

#include "compiler/lint/lint.h"

enum { LEVEL_MAX = 100 };

static struct lint_level *lint_level_of(struct lint_levels *levels, const char *skill)
{
    for (size_t i = 0; i < levels->count; i++)
        if (strcmp(levels->of[i].skill, skill) == 0) return &levels->of[i];
    if (levels->count == LINT_LEVELS) return NULL;
    levels->of[levels->count] = (struct lint_level){skill, 1, LEVEL_MAX};
    return &levels->of[levels->count++];
}

static int comparison_turned(int op)
{
    static const uint8_t turned[OPERATORS] = {
        [SIGN_LT] = SIGN_GT, [SIGN_LE] = SIGN_GE, [SIGN_GT] = SIGN_LT, [SIGN_GE] = SIGN_LE};
    return turned[op] ? turned[op] : op;
}

/* Adds a comparison of a skill's level; a candidate without the skill fails every comparison. */
static bool take_comparison(struct lint_levels *levels, const struct node *node)
{
    assert(node->kind == NODE_BINARY);
    const struct node *skill = node->binary.left, *number = node->binary.right;
    int op = node->binary.op;
    if (skill->kind == NODE_INTEGER) {
        skill = node->binary.right;
        number = node->binary.left;
        op = comparison_turned(op);
    }
    if (skill->kind != NODE_KIND_NAME || skill->kind_name.kind != KIND_SKILL || number->kind != NODE_INTEGER)
        return false;
    struct lint_level *level = lint_level_of(levels, skill->kind_name.name.text);
    int64_t n = number->integer.value;
    if (!level) return false;
    if (op == SIGN_GT && n < INT64_MAX) n++;
    if (op == SIGN_LT && n > INT64_MIN) n--;
    if ((op == SIGN_GE || op == SIGN_GT || op == SIGN_EQ) && n > level->least) level->least = n;
    if ((op == SIGN_LE || op == SIGN_LT || op == SIGN_EQ) && n < level->most) level->most = n;
    if (level->least > level->most) levels->impossible = level->skill;
    return op >= SIGN_EQ && op <= SIGN_GE && op != SIGN_NE;
}

static void levels_take(struct lint_levels *levels, const struct node *node)
{
    if (node->kind == NODE_BINARY && node->binary.op == SIGN_AND) {
        levels_take(levels, node->binary.left);
        levels_take(levels, node->binary.right);
    } else if (node->kind != NODE_BINARY || !take_comparison(levels, node)) {
        levels->whole = false;
    }
}

struct lint_levels lint_levels(const struct node *condition)
{
    struct lint_levels levels = {.whole = true};
    levels_take(&levels, condition);
    return levels;
}

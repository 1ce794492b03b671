/* compiler/lint/values.c - Computes which values a variable or a key can have, if it is only set to literals and by
 * menus.
 *
 *     let wanted = ivr.menu(prompt subject, ["1": "sales", "2": "billing"]) else "sales";
 *
 * Rules find comparisons with impossible values, and values that no arm takes. */
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

enum { CONSTANTS_DEEP = 32 };

const struct node *lint_literal(const struct node *node)
{
    for (int i = 0; node && i < CONSTANTS_DEEP; i++) {
        const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
        if (!symbol || symbol->kind != SYMBOL_CONST || !symbol->node) break;
        node = symbol->node->constant.value;
    }
    if (!node) return NULL;
    switch (node->kind) {
    case NODE_STRING:
    case NODE_INTEGER:
    case NODE_BOOL:
    case NODE_NONE:
    case NODE_KIND_NAME:
        return node;
    case NODE_NAME: {
        const struct symbol *symbol = node->meaning;
        return symbol && symbol->kind == SYMBOL_WORD ? node : NULL;
    }
    default:
        return NULL;
    }
}

static bool is_same_word(const struct symbol *one, const struct symbol *other)
{
    return strcmp(one->name, other->name) == 0;
}

bool lint_equal(const struct node *one, const struct node *other)
{
    if (one->kind != other->kind) return false;
    switch (one->kind) {
    case NODE_STRING:
        return one->string.text.length == other->string.text.length &&
               memcmp(one->string.text.bytes, other->string.text.bytes, one->string.text.length) == 0;
    case NODE_INTEGER:
        return one->integer.value == other->integer.value;
    case NODE_BOOL:
        return one->boolean.value == other->boolean.value;
    case NODE_NONE:
        return true;
    case NODE_KIND_NAME:
        return one->kind_name.kind == other->kind_name.kind &&
               strcmp(one->kind_name.name.text, other->kind_name.name.text) == 0;
    case NODE_NAME:
        return is_same_word(one->meaning, other->meaning);
    default:
        return false;
    }
}

bool lint_values_have(const struct lint_values *values, const struct node *literal)
{
    for (size_t i = 0; i < values->count; i++)
        if (lint_equal(values->of[i], literal)) return true;
    return false;
}

static bool values_add(struct lint_values *values, const struct node *value)
{
    const struct node *literal = lint_literal(value);
    if (!literal) return false;
    if (lint_values_have(values, literal)) return true;
    if (values->count == LINT_VALUES) return false;
    values->of[values->count++] = literal;
    return true;
}

/* Does the action of an `else` always leave, so that it gives no value? A block in the place of a value must leave: its
 * end is never reached. */
static bool values_go_elsewhere(const struct node *action)
{
    while (action->kind == NODE_STEP) action = action->step.head;
    return ast_otherwise_kind(action) != OTHERWISE_VALUE;
}

/* Adds what the right side can give; false: something is not known. */
static bool values_of_side(struct lint_values *values, const struct node *side)
{
    const struct node *head = lint_head(side);
    const struct node *otherwise = side->kind == NODE_STEP ? side->step.otherwise : NULL;
    if (otherwise && !values_go_elsewhere(otherwise->otherwise.action) &&
        !values_add(values, otherwise->otherwise.action))
        return false;
    if (head->kind == NODE_FALLBACK)
        return values_of_side(values, head->fallback.value) && values_of_side(values, head->fallback.otherwise);
    const struct step_use *use = lint_step(side);
    if (!use || use->row->id != STEP_ID_ivr_menu) return values_add(values, head);
    const struct node *keys = lint_argument(use, "keys");
    if (!keys || keys->kind != NODE_MAP) return false;
    EACH_NODE (entry, keys->map.entries)
        if (!values_add(values, entry->entry.value)) return false;
    values->menu = head;
    return true;
}

static bool values_of_local(const struct lint *lint, const struct symbol *symbol, struct lint_values *values)
{
    bool known = false;
    EACH_OF (lint, let, NODE_LET) {
        if (let->let.name.span.begin != symbol->where.begin) continue;
        if (!values_of_side(values, let->let.value)) return false;
        known = true;
    }
    EACH_OF (lint, set, NODE_ASSIGN) {
        const struct node *target = set->assign.target;
        while (target->kind == NODE_INDEX) target = target->index.object;
        if (target->kind != NODE_NAME || target->meaning != symbol) continue;
        if (target != set->assign.target || set->assign.op != SIGN_SET || !values_of_side(values, set->assign.value))
            return false;
    }
    return known;
}

/* Collects the values of a key that this strategy declares, that a menu sets and that is attached on every path to this
 * place: only then its type here is no option. Others may set the key, too, but for a key that a menu sets this is not
 * expected. */
static bool values_of_key(const struct lint *lint, const struct node *name, struct lint_values *values)
{
    const struct symbol *symbol = name->meaning;
    const struct node *strategy = lint_around(lint, name, NODE_STRATEGY);
    bool known = false;
    if (!strategy || symbol->given || !lint_fields_name(&strategy->strategy.attached, symbol->name)) return false;
    if (!name->type || type_is_option(name->type)) return false;
    EACH_OF (lint, attach, NODE_ATTACH) {
        const struct node *target = attach->attach.target;
        if (target->kind != NODE_NAME || strcmp(target->name.name.text, symbol->name) != 0) continue;
        if (!values_of_side(values, attach->attach.value)) return false;
        known = known || target->meaning == symbol;
    }
    return known && values->menu;
}

bool lint_values_of(const struct lint *lint, const struct node *name, struct lint_values *values)
{
    const struct symbol *symbol = name->kind == NODE_NAME ? name->meaning : NULL;
    *values = (struct lint_values){0};
    if (!symbol) return false;
    if (symbol->kind == SYMBOL_LOCAL)
        return values_of_local(lint, symbol, values) && (values->menu || values->count > 1);
    return symbol->kind == SYMBOL_KEY && values_of_key(lint, name, values);
}

static const char *literal_text(const struct lint *lint, const struct node *literal)
{
    if (literal->kind == NODE_STRING) return arena_printf(lint->arena, "'%s'", literal->string.text.bytes);
    return lint_text(lint, literal->span);
}

const char *lint_values_text(const struct lint *lint, const struct node *const *values, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        const char *between = i == 0 ? "" : i + 1 < count ? ", " : ", and ";
        text = arena_printf(lint->arena, "%s%s%s", text, between, literal_text(lint, values[i]));
    }
    return text;
}

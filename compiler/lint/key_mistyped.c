/* compiler/lint/key_mistyped.c - Finds user data whose name is nearly that of a declared key, and which nothing in the
 * files attaches.
 *
 *     attached { language: str }
 *     if user_data["langauge"].str == "fr" { ... }
 */
#include <string.h>

#include "base/near.h"
#include "compiler/lint/lint.h"

/* Returns the text that names the user data that is read or attached; NULL: the node is no user data. */
static const struct node *data_name(const struct node *index)
{
    const struct node *object = index->index.object;
    const struct symbol *symbol = object->kind == NODE_NAME ? object->meaning : NULL;
    bool data = symbol && symbol->kind == SYMBOL_ATTRIBUTE && strcmp(symbol->name, "user_data") == 0;
    return data && index->index.index->kind == NODE_STRING ? index->index.index : NULL;
}

static bool is_attached(const struct lint *lint, const char *name)
{
    EACH_OF (lint, attach, NODE_ATTACH) {
        const struct node *target = attach->attach.target;
        const struct node *other = target->kind == NODE_INDEX ? data_name(target) : NULL;
        if (other && strcmp(other->string.text.bytes, name) == 0) return true;
    }
    return false;
}

static bool is_nearly(const char *name, const char *key)
{
    size_t length = strlen(name);
    bool begins = length >= 4 && strlen(key) > length && strncmp(name, key, length) == 0 && key[length] != '_';
    return strcmp(name, key) != 0 && (begins || near_distance(name, key) <= 2);
}

static void look_for_keys(struct lint *lint, const struct node *name, const struct nodes *fields)
{
    EACH_NODE (field, *fields) {
        const char *key = field->field.name.text;
        if (strlen(key) < 4 || !is_nearly(name->string.text.bytes, key)) continue;
        diag_hint(lint_report(lint, KEY_MISTYPED, name->span, name->string.text.bytes), "did you mean '%s'?", key);
        return;
    }
}

void lint_key_mistyped(struct lint *lint)
{
    EACH_OF (lint, index, NODE_INDEX) {
        const struct node *name = data_name(index), *strategy = lint_around(lint, index, NODE_STRATEGY);
        if (!name || !strategy || is_attached(lint, name->string.text.bytes)) continue;
        if (lint_fields_name(&strategy->strategy.attached, name->string.text.bytes)) continue;
        look_for_keys(lint, name, &strategy->strategy.attached);
    }
}

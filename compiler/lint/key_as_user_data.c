/* compiler/lint/key_as_user_data.c - Finds user data with the name of a declared key: the key has a type, is
 * checked, and was probably meant.
 *
 *     attached { account: str }
 *     attach user_data["account"] = "none";    // attach account = "none";
 */
#include <string.h>

#include "compiler/lint/lint.h"

static bool is_key(const struct lint *lint, const struct node *at, const char *name)
{
    const struct node *strategy = lint_around(lint, at, NODE_STRATEGY);
    if (strategy && lint_fields_name(&strategy->strategy.attached, name)) return true;
    if (!lint->program->site) return false;
    EACH_NODE (item, lint->program->site->site.items)
        if (item->kind == NODE_SITE_KEYS && lint_fields_name(&item->site_keys.fields, name)) return true;
    return false;
}

void lint_key_as_user_data(struct lint *lint)
{
    EACH_OF (lint, index, NODE_INDEX) {
        const struct node *object = index->index.object, *key = index->index.index;
        const struct symbol *symbol = object->kind == NODE_NAME ? object->meaning : NULL;
        if (!symbol || symbol->kind != SYMBOL_ATTRIBUTE || key->kind != NODE_STRING) continue;
        const char *name = key->string.text.bytes;
        if (strcmp(symbol->name, "user_data") == 0 && is_key(lint, index, name))
            lint_report(lint, KEY_AS_USER_DATA, index->span, name);
    }
}

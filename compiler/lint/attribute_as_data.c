/* compiler/lint/attribute_as_data.c - Finds a key after `with` that has the name of an attribute and that no strategy
 * declares: it becomes user data, but the attribute was probably meant, which the arrival's own words set.
 *
 *     email s from "a@b.example" with (subject: "An order");    // email s from "a@b.example" subject "An order";
 */
#include <string.h>

#include "compiler/language/steps.h"
#include "compiler/lint/lint.h"

static bool names_user_data(const struct node *node)
{
    return node->kind == NODE_NAME && strcmp(node->name.name.text, "user_data") == 0;
}

/* Does any strategy or the site declare the key, or a named file contain it as a text, as in user_data["key"]? A key
 * that is computed at run time, as user_data[key] in a loop, may be any key, so it counts as well. */
static bool data_are_known(const struct lint *lint, const char *name)
{
    EACH_NODE (file, lint->program->files)
        EACH_NODE (declaration, file->file.declarations)
            if (declaration->kind == NODE_STRATEGY && lint_fields_name(&declaration->strategy.attached, name))
                return true;
    const struct node *site = lint->program->site;
    if (site)
        EACH_NODE (item, site->site.items)
            if (item->kind == NODE_SITE_KEYS && lint_fields_name(&item->site_keys.fields, name)) return true;
    EACH_OF (lint, text, NODE_STRING)
        if (strcmp(text->string.text.bytes, name) == 0) return true;
    EACH_OF (lint, index, NODE_INDEX)
        if (index->index.index->kind != NODE_STRING && names_user_data(index->index.object)) return true;
    return false;
}

static bool name_is_of_attribute(const char *name)
{
    for (uint32_t i = 0; i < attribute_row_count; i++)
        if (strcmp(name, attribute_rows[i].name) == 0) return true;
    return false;
}

void lint_attribute_as_data(struct lint *lint)
{
    EACH_OF (lint, happening, NODE_TEST_HAPPENING)
        EACH_NODE (part, happening->test_happening.parts) {
            bool with = part->kind == NODE_NAME && strcmp(part->name.name.text, "with") == 0;
            if (!with || !part->next || part->next->kind != NODE_TEST_WITH) continue;
            EACH_NODE (argument, part->next->test_with.arguments) {
                struct word key = argument->arg.name;
                if (key.text && name_is_of_attribute(key.text) && !data_are_known(lint, key.text))
                    lint_report(lint, ATTRIBUTE_AS_DATA, key.span, key.text);
            }
        }
}

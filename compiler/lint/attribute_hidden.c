/* compiler/lint/attribute_hidden.c - Finds a variable with the name of an attribute of its strategy's media: a later
 * assignment sets the variable, and the interaction's attribute, such as its priority, does not change.
 *
 *     let priority = 3;
 *     if ani == "" { priority += 50; }    // the variable grows, the interaction stays where it is
 */
#include "compiler/language/media.h"
#include "compiler/language/steps.h"
#include "compiler/lint/lint.h"

#include <string.h>

static void look_for_hidden_attribute(struct lint *lint, const struct node *node, struct word name)
{
    const struct node *around = lint_around(lint, node, NODE_STRATEGY);
    const struct strategy *strategy = around ? around->meaning : NULL;
    if (!strategy) return;
    for (uint32_t i = 0; i < attribute_row_count; i++) {
        const struct attribute_row *row = &attribute_rows[i];
        if (strcmp(row->name, name.text) || !media_allow(strategy->media, media_set(row->media), &(const char *){NULL}))
            continue;
        struct diag *diag = lint_report(lint, ATTRIBUTE_HIDDEN, name.span, name.text);
        if (row->written) diag_hint(diag, "to set the attribute, without let: %s = ...", name.text);
    }
}

void lint_attribute_hidden(struct lint *lint)
{
    EACH_OF (lint, let, NODE_LET) look_for_hidden_attribute(lint, let, let->let.name);
    EACH_OF (lint, loop, NODE_FOR)
        EACH_NODE (name, loop->each.names) look_for_hidden_attribute(lint, name, name->label.name);
}

/* compiler/lint/name_style.c - Finds names that are not written like_this, and records that are not written
 * LikeThis. The rule is off by default: an installation may have a style of its own.
 *
 *     let theCaller = ani;
 */
#include <ctype.h>
#include <string.h>

#include "compiler/lint/lint.h"

static bool is_small(const char *name)
{
    for (; *name; name++)
        if (isupper((unsigned char)*name)) return false;
    return true;
}

static void look_at_name(struct lint *lint, struct word name)
{
    if (!is_small(name.text)) lint_report(lint, NAME_STYLE, name.span, name.text, "like_this");
}

void lint_name_style(struct lint *lint)
{
    EACH_OF (lint, strategy, NODE_STRATEGY) look_at_name(lint, strategy->strategy.name);
    EACH_OF (lint, function, NODE_FUNCTION) look_at_name(lint, function->function.name);
    EACH_OF (lint, native, NODE_NATIVE) look_at_name(lint, native->native.name);
    EACH_OF (lint, constant, NODE_CONST) look_at_name(lint, constant->constant.name);
    EACH_OF (lint, let, NODE_LET) look_at_name(lint, let->let.name);
    EACH_OF (lint, record, NODE_RECORD) {
        const char *name = record->record.name.text;
        if (islower((unsigned char)*name) || strchr(name, '_'))
            lint_report(lint, NAME_STYLE, record->record.name.span, name, "LikeThis");
    }
}

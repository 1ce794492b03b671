/* compiler/lint/unused_site_name.c - A name of the site that none of the files says. It is off as it is right only where
 * all files of the site are named. */
#include <string.h>

#include "compiler/lint/lint.h"

static bool is_asked(const struct lint *lint, const char *source)
{
    for EACH_OF(lint, node, NODE_QUERY)
        if (strcmp(node->query.source.text, source) == 0) return true;
    return false;
}

void lint_unused_site_name(struct lint *lint)
{
    for EACH_OF(lint, names, NODE_SITE_NAMES)
        for EACH_NODE (label, names->site_names.labels)
            if (!lint_is_read(lint, label->label.name))
                lint_report(lint, UNUSED_SITE_NAME, label->span, kind_word(names->site_names.kind), label->label.name.text);
    for EACH_OF(lint, source, NODE_SITE_SOURCE)
        if (!is_asked(lint, source->site_source.name.text))
            lint_report(lint, UNUSED_SITE_NAME, source->site_source.name.span, "source", source->site_source.name.text);
}

/* compiler/lint/unused_site_name.c - A name of the site that none of the files says. It is off as it is right only where
 * all files of the site are named. */
#include <string.h>

#include "compiler/lint/lint.h"
#include "compiler/names.h"

static bool is_asked(const struct lint *lint, const char *source)
{
    for EACH_OF(lint, node, NODE_QUERY)
        if (strcmp(node->query.source.text, source) == 0) return true;
    return false;
}

static const struct {
    enum node_kind kind;
    const char *words;
} counted[] = {{NODE_SITE_STATISTIC, "statistic"},
               {NODE_SITE_LATCH, "latch"},
               {NODE_SITE_COUNTER, "counter"},
               {NODE_SITE_CAPACITY, "capacity"}};

void lint_unused_site_name(struct lint *lint)
{
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
        for EACH_OF(lint, item, counted[i].kind)
            if (!lint_is_read(lint, node_declares(item)))
                lint_report(lint, UNUSED_SITE_NAME, node_declares(item).span, counted[i].words, node_declares(item).text);
    for EACH_OF(lint, names, NODE_SITE_NAMES)
        for EACH_NODE (label, names->site_names.labels)
            if (!lint_is_read(lint, label->label.name))
                lint_report(lint, UNUSED_SITE_NAME, label->span, kind_word(names->site_names.kind), label->label.name.text);
    for EACH_OF(lint, source, NODE_SITE_SOURCE)
        if (!is_asked(lint, source->site_source.name.text))
            lint_report(lint, UNUSED_SITE_NAME, source->site_source.name.span, "source", source->site_source.name.text);
}

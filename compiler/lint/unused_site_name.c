/* compiler/lint/unused_site_name.c - Finds a name of the site that no file uses. The rule is off by default, as its
 * findings are right only where all files of the site are named.
 *
 *     site { queue desk, old_desk; }
 *     strategy s on voice { route queue desk; }
 */
#include <string.h>

#include "compiler/check/names.h"
#include "compiler/lint/lint.h"

static bool source_is_asked(const struct lint *lint, const char *source)
{
    EACH_OF (lint, node, NODE_QUERY)
        if (strcmp(node->query.source.text, source) == 0) return true;
    return false;
}

static bool endpoint_is_called(const struct lint *lint, const char *endpoint)
{
    EACH_OF (lint, node, NODE_CALL) {
        const struct step_use *use = lint_step(node);
        if (use && use->endpoint && strcmp(use->endpoint->name, endpoint) == 0) return true;
    }
    return false;
}

/* Does a strategy wait for the signal or handle it? A test that sends the signal is no use. */
static bool is_awaited(const struct lint *lint, const char *signal)
{
    EACH_OF (lint, node, NODE_WAIT)
        if (strcmp(node->wait.signal.text, signal) == 0) return true;
    EACH_OF (lint, node, NODE_HANDLER)
        if (node->handler.signal.text && strcmp(node->handler.signal.text, signal) == 0) return true;
    return false;
}

static const struct {
    enum node_kind kind;
    const char *words;
    bool (*used)(const struct lint *, const char *name); /* NULL: the names count as used when they are read */
} declared[] = {{NODE_SITE_STATISTIC, "statistic", NULL},
                {NODE_SITE_LATCH, "latch", NULL},
                {NODE_SITE_COUNTER, "counter", NULL},
                {NODE_SITE_PARAMETER, "parameter", NULL},
                {NODE_SITE_TABLE, "table", NULL},
                {NODE_SITE_SCHEDULE, "schedule", NULL},
                {NODE_SITE_VIRTUAL, "group", NULL},
                {NODE_SITE_SOURCE, "source", source_is_asked},
                {NODE_SITE_ENDPOINT, "endpoint", endpoint_is_called},
                {NODE_SITE_SIGNAL, "signal", is_awaited}};

void lint_unused_site_name(struct lint *lint)
{
    for (size_t i = 0; i < sizeof declared / sizeof *declared; i++)
        EACH_OF (lint, item, declared[i].kind) {
            struct word name = names_declared_by(item);
            if (!(declared[i].used ? declared[i].used(lint, name.text) : lint_is_read(lint, name)))
                lint_report(lint, UNUSED_SITE_NAME, name.span, declared[i].words, name.text);
        }
    EACH_OF (lint, names, NODE_SITE_NAMES)
        if (names->site_names.kind != KIND_ZONE) /* data may name these, so they are never reported */
            EACH_NODE (label, names->site_names.labels)
                if (!lint_is_read(lint, label->label.name))
                    lint_report(lint, UNUSED_SITE_NAME, label->span, ast_kind_word(names->site_names.kind),
                                label->label.name.text);
}

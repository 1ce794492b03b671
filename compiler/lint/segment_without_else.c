/* compiler/lint/segment_without_else.c - Finds a segment where no arm may fit: the interaction then continues after
 * it without notice. A segment that names all values of an enumeration or of bool needs no else.
 *
 *     segment dnis { "1800" -> priority = 5; "1801" -> priority = 9; }
 * */
#include "compiler/lint/lint.h"

void lint_segment_without_else(struct lint *lint)
{
    EACH_OF (lint, node, NODE_SEGMENT) {
        if (node->meaning || !node->segment.subject->type) continue;
        const struct type *type = type_bare(node->segment.subject->type);
        bool total = false;
        EACH_NODE (arm, node->segment.arms) total = total || arm->arm.otherwise;
        if (total || type->kind == LANG_ENUM || type->kind == LANG_BOOL) continue;
        struct source_span word = {node->span.begin, node->segment.subject->span.end};
        diag_hint(lint_report(lint, SEGMENT_WITHOUT_ELSE, word), "else -> {} says that it is meant");
    }
}

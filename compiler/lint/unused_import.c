/* compiler/lint/unused_import.c - An import of which nothing is used: none of its functions, constants, records. A file
 * of strategies is imported for its tests. */
#include <string.h>

#include "compiler/lint/lint.h"

static bool is_used(const struct lint *lint, const struct node *file)
{
    for EACH_NODE (node, file->file.declarations) {
        if (node->kind == NODE_FUNCTION && lint_is_read(lint, node->function.name)) return true;
        if (node->kind == NODE_NATIVE && lint_is_read(lint, node->native.name)) return true;
        if (node->kind == NODE_CONST && lint_is_read(lint, node->constant.name)) return true;
        if (node->kind == NODE_RECORD &&
            (lint_is_read(lint, node->record.name) || lint_names_type(lint, node->record.name.text)))
            return true;
        if (node->kind != NODE_FUNCTION && node->kind != NODE_NATIVE && node->kind != NODE_CONST &&
            node->kind != NODE_RECORD)
            return true;
    }
    return false;
}

/* Does the path end in the parts of the import, "lib/hours.gcx"? */
static bool is_of(const struct lint *lint, const struct node *file, const struct node *import)
{
    const char *name = "";
    for EACH_NODE (part, import->import.path)
        name = arena_printf(lint->arena, "%s%s%s", name, *name ? "/" : "", part->name.name.text);
    name = arena_printf(lint->arena, "%s.gcx", name);
    const struct source *source = source_set_at(lint->program->sources, file->span.begin);
    size_t length = source ? strlen(source->path) : 0, wanted = strlen(name);
    return length >= wanted && strcmp(source->path + length - wanted, name) == 0 &&
           (length == wanted || source->path[length - wanted - 1] == '/');
}

void lint_unused_import(struct lint *lint)
{
    for EACH_OF(lint, import, NODE_IMPORT)
        for EACH_NODE (file, lint->program->files)
            if (is_of(lint, file, import) && !is_used(lint, file)) lint_report(lint, UNUSED_IMPORT, import->span);
}

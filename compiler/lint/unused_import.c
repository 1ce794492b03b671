/* compiler/lint/unused_import.c - Finds an import of which other files use nothing: no function, constant, record or
 * enumeration. Two kinds of files are left out: a file with strategies, which may be imported for its tests, and a file
 * that imports others, which may be imported for their sake.
 *
 *     import levels;    // levels.gcx: const limit = 5;
 *     strategy s on voice { route queue desk; }
 */
#include <assert.h>
#include <string.h>

#include "compiler/lint/lint.h"
#include "compiler/syntax/library.h"

/* Does a type or a value of the named files use the declared name? */
static bool is_type_used(const struct lint *lint, struct word declared)
{
    if (lint_is_read_abroad(lint, declared)) return true;
    EACH_OF (lint, type, NODE_TYPE_NAME)
        if (type->type_name.name.text == declared.text) return true;
    EACH_OF (lint, name, NODE_NAME) {
        const struct symbol *word = name->meaning;
        bool is_word = word && word->kind == SYMBOL_WORD && word->type && word->type->kind == LANG_ENUM;
        if (is_word && word->type->enumeration->name == declared.text) return true;
    }
    return false;
}

static bool is_declaration_used(const struct lint *lint, const struct node *node)
{
    switch (node->kind) {
    case NODE_FUNCTION:
        return lint_is_read_abroad(lint, node->function.name);
    case NODE_NATIVE:
        return lint_is_read_abroad(lint, node->native.name);
    case NODE_CONST:
        return lint_is_read_abroad(lint, node->constant.name);
    case NODE_RECORD:
        return is_type_used(lint, node->record.name);
    case NODE_ENUM:
        return is_type_used(lint, node->enumeration.name);
    default:
        return true;
    }
}

/* Is anything of the import used? Imports of the library's own modules are not checked. */
static bool import_is_used(const struct lint *lint, const struct node *file, const char *path)
{
    assert(file->kind == NODE_FILE);
    bool library = library_owns(path, strlen(path));
    EACH_NODE (node, file->file.declarations)
        if (!(library && node->kind == NODE_IMPORT) && is_declaration_used(lint, node)) return true;
    return false;
}

/* Does the path end with the parts of the import, as "lib/hours.gcx"? */
static bool import_is_of(const struct lint *lint, const char *path, const struct node *import)
{
    assert(import->kind == NODE_IMPORT);
    const char *name = "";
    EACH_NODE (part, import->import.path)
        name = arena_printf(lint->arena, "%s%s%s", name, *name ? "/" : "", part->name.name.text);
    name = arena_printf(lint->arena, "%s.gcx", name);
    size_t length = strlen(path), wanted = strlen(name);
    return length >= wanted && strcmp(path + length - wanted, name) == 0 &&
           (length == wanted || path[length - wanted - 1] == '/');
}

void lint_unused_import(struct lint *lint)
{
    EACH_OF (lint, import, NODE_IMPORT)
        EACH_NODE (file, lint->program->files) {
            const struct source *source = source_set_at(lint->program->sources, file->span.begin);
            if (source && import_is_of(lint, source->path, import) && !import_is_used(lint, file, source->path))
                lint_report(lint, UNUSED_IMPORT, import->span);
        }
}

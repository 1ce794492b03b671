/* compiler/import/files.c - The flows that an import has, and the files that it makes. */
#include "compiler/import/import.h"
#include "compiler/import/writer.h"

void import_file_add(struct importer *import, const char *name, char *text)
{
    struct import_text *file = ARENA_NEW(import->arena, struct import_text);
    *file = (struct import_text){name, text, NULL};
    *import->files_end = file;
    import->files_end = &file->next;
}

bool import_written_file(const struct importer *import, size_t number, const char **name, const char **text)
{
    const struct import_text *file = import->files;
    while (file && number > 0) file = file->next, number--;
    if (!file) return false;
    *name = file->name, *text = file->text;
    return true;
}

void import_flow_add(struct importer *import, struct flow *flow, const char *name)
{
    bool strategy = flow->sort != FLOW_PROCESS && flow->sort != FLOW_TOLD;
    flow->ident = strategy ? name_fresh(import->arena, &import->names, NULL, name) : "";
    *import->flows_end = flow;
    import->flows_end = &flow->next;
}

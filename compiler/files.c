/* compiler/files.c - Reads files, follows imports, finds the site. */
#include "compiler/files.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/inside.h"
#include "base/near.h"
#include "compiler/sql/sql.h"
#include "compiler/syntax/library.h"
#include "compiler/recovery/parse.h"

static const char SITE_NAME[] = "site.gcx";

/* Returns the folder of a path with a '/' at its end; "" for the current folder. */
static const char *folder_of_file(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_copy(arena, path, (size_t)(slash - path) + 1) : "";
}

/* True: the folder is shared, as /tmp is: everybody may write into it, but remove only their own files (the sticky
 * bit), so a site there may be another author's. Without the sticky bit a folder is not taken as shared, since some
 * file systems let everybody write into all folders. */
static bool is_shared(const char *folder)
{
    struct stat found;
    return stat(folder, &found) != 0 || ((found.st_mode & S_IWOTH) && (found.st_mode & S_ISVTX));
}

const char *files_site(struct arena *arena, const char *path)
{
    const char *folder = folder_of_file(arena, path);
    char whole[PATH_MAX];
    if (!realpath(*folder ? folder : ".", whole)) return NULL;
    const char *up = folder; /* the path to that folder as it is shown: "", "../", "x/", "x/../" */
    for (;;) {
        const char *there = arena_printf(arena, "%s%s%s", whole, whole[1] ? "/" : "", SITE_NAME);
        if (!inside_allows(there)) return NULL;
        if (access(there, F_OK) == 0) return arena_printf(arena, "%s%s", up, SITE_NAME);
        char *slash = strrchr(whole, '/');
        if (!whole[1] || !slash) return NULL;
        slash[slash == whole] = '\0'; /* "/" stays */
        if (is_shared(whole)) return NULL;
        size_t length = strlen(up);
        /* the path ends with a folder's name, which can be removed */
        bool named = length > 1 && strcmp(up + length - 2, "./") != 0;
        if (named) {
            char *shorter = arena_copy(arena, up, length - 1);
            up = folder_of_file(arena, shorter);
        } else {
            up = arena_printf(arena, "%s../", up);
        }
    }
}

static void program_read_file(struct program *, const char *path, struct source_span wanted_at, const char *wanted_as);
static void program_take_in(struct program *, const struct source *, bool imported);

/* Adds a module of the standard library, once; NULL where there is none of that name. */
static const struct source *read_module(struct program *program, const char *name)
{
    size_t length;
    const char *text = library_text(name, &length);
    if (!text) return NULL;
    const char *path = arena_printf(program->arena, LIBRARY_FOLDER "%s.gcx", name);
    EACH_NODE (file, program->files) {
        const struct source *source = source_set_at(program->sources, file->span.begin);
        if (source && source->built_in && strcmp(source->path, path) == 0) return source;
    }
    struct source *source = source_set_add(program->sources, path, text, length);
    source->built_in = true;
    program_take_in(program, source, true);
    return source;
}

/* Returns the module that was perhaps meant; NULL: no module has a near name. */
static const char *module_near(const char *name)
{
    const char *near = NULL, *module;
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; (module = library_module(i)); i++)
        if (near_is_nearer(name, module, &least)) near = module;
    return near;
}

/* Reads an imported file: one in the folder of the importing file, else a module of the library; modules import
 * modules only. The meaning of an import node is the source. */
static void follow_import(struct program *program, const struct source *importer, struct node *import)
{
    const char *name = "";
    EACH_NODE (part, import->import.path)
        name = arena_printf(program->arena, "%s%s%s", name, *name ? "/" : "", part->name.name.text);
    const char *path = arena_printf(program->arena, "%s%s.gcx", folder_of_file(program->arena, importer->path), name);
    bool beside = !importer->built_in && access(path, F_OK) == 0;
    const struct source *module = beside ? NULL : read_module(program, name);
    if (!module) program_read_file(program, path, import->span, name);
    import->meaning = (void *)(module ? module : source_set_find(program->sources, path));
}

static bool is_of_statistics(const struct node *site)
{
    assert(site->kind == NODE_SITE);
    EACH_NODE (item, site->site.items)
        if (item->kind != NODE_SITE_STATISTIC) return false;
    return site->site.items.first;
}

/* Adds a site file to the program; a file that declares statistics, and nothing else of a site, adds them to the
 * site of the files that import it. */
static void add_site(struct program *program, const struct source *source, struct node *site, bool imported)
{
    bool adds = is_of_statistics(site);
    if (adds && (imported || program->site)) return;
    if (program->site && !is_of_statistics(program->site)) {
        const struct source *first = source_set_at(program->sources, program->site->span.begin);
        diag_report(program->diags, SEVERAL_SITES, site->span, source->path, first->path);
    } else {
        program->site = site;
    }
}

/* Notes that a file which another one imported before is also on the command line. */
static void was_named(struct program *program, const struct source *source)
{
    EACH_NODE (file, program->files)
        if (file->span.begin >= source->base && file->span.begin <= source->base + source->length)
            file->file.imported = false;
}

/* Reads a file that has not been read yet. `wanted_as`: its name in the import at `wanted_at`; NULL: it is named on
 * the command line. */
static void program_read_file(struct program *program, const char *path, struct source_span wanted_at,
                              const char *wanted_as)
{
    const struct source *known = source_set_find(program->sources, path);
    if (known) {
        if (!wanted_as) was_named(program, known);
        return;
    }
    const char *why = NULL;
    if (wanted_as && access(path, F_OK) != 0) {
        struct diag *diag = diag_report(program->diags, IMPORT_UNKNOWN, wanted_at, wanted_as, path);
        const char *near = module_near(wanted_as);
        if (near) diag_hint(diag, "did you mean '%s', of the standard library?", near);
        return;
    }
    const struct source *source = source_set_read(program->sources, path, &why);
    if (!source) {
        diag_report(program->diags, FILE_UNREADABLE, wanted_at, path, why);
        return;
    }
    program_take_in(program, source, wanted_as != NULL);
}

static void program_take_in(struct program *program, const struct source *source, bool imported)
{
    struct node *file = parse_source(program, source);
    file->file.imported = imported;
    EACH_NODE (declaration, file->file.declarations) {
        if (declaration->kind == NODE_IMPORT) follow_import(program, source, declaration);
        if (declaration->kind == NODE_SITE) add_site(program, source, declaration, imported);
    }
    nodes_add(&program->files, file);
}

struct ordered {
    struct node *file;
    const struct source *source;
    bool placed;
};

static int compare_paths(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    return strcmp(x->source->path, y->source->path);
}

/* Puts a file after the files that it imports. */
static void place_before_importers(struct program *program, struct ordered *all, size_t count, struct ordered *one)
{
    if (one->placed) return;
    one->placed = true;
    EACH_NODE (declaration, one->file->file.declarations) {
        if (declaration->kind != NODE_IMPORT || !declaration->meaning) continue;
        struct ordered wanted = {.source = declaration->meaning};
        struct ordered *imported = bsearch(&wanted, all, count, sizeof *all, compare_paths);
        if (imported) place_before_importers(program, all, count, imported);
    }
    one->file->next = NULL;
    nodes_add(&program->files, one->file);
}

/* Orders the files: the site's file first, then by their paths, so that the image does not depend on the order of
 * the command line. The messages do depend on that order, as they are sorted by the places of their texts. */
static void order_files(struct program *program)
{
    size_t count = program->files.count, i = 0;
    struct ordered *all = ARENA_ARRAY(program->arena, struct ordered, count + 1), *site = NULL;
    EACH_NODE (file, program->files) {
        const struct source *source = source_set_at(program->sources, file->span.begin);
        if (!source) return;
        all[i++] = (struct ordered){.file = file, .source = source};
    }
    qsort(all, count, sizeof *all, compare_paths);
    program->files = (struct nodes){NULL, NULL, 0};
    for (i = 0; i < count; i++)
        EACH_NODE (declaration, all[i].file->file.declarations)
            if (declaration == program->site) site = &all[i];
    if (site) place_before_importers(program, all, count, site);
    for (int imported = 0; imported <= 1; imported++)
        for (i = 0; i < count; i++)
            if (all[i].file->file.imported == (imported == 1)) place_before_importers(program, all, count, &all[i]);
}

void files_schemas(struct program *program)
{
    if (!program->site) return;
    EACH_NODE (item, program->site->site.items) {
        if (item->kind != NODE_SITE_SOURCE) continue;
        struct schema_entry *entry = ARENA_NEW(program->arena, struct schema_entry);
        entry->source = item->site_source.name.text;
        entry->schema = sql_schema_load(program->arena, program->diags, program->sources, item, program->pull != NULL);
        entry->next = program->schemas;
        program->schemas = entry;
    }
}

/* Notes that a file of the site stands beside those that were named. */
static void is_beside(struct program *program, const char *path)
{
    const struct source *source = source_set_find(program->sources, path);
    EACH_NODE (file, program->files)
        if (source && file->span.begin >= source->base && file->span.begin <= source->base + source->length)
            file->file.imported = file->file.beside = true;
}

void files_read(struct program *program, const char *const *paths, size_t count, size_t named, const char *site)
{
    struct source_span nowhere = {0, 0};
    const char *site_path = site ? site : count > 0 ? files_site(program->arena, paths[0]) : NULL;
    if (site_path) {
        size_t before = diags_errors(program->diags);
        program_read_file(program, site_path, nowhere, NULL);
        if (!program->site && diags_errors(program->diags) == before)
            diag_report(program->diags, NOT_A_SITE, nowhere, site_path);
    }
    for (size_t i = 0; i < count; i++) program_read_file(program, paths[i], nowhere, NULL);
    for (size_t i = named; i < count; i++) is_beside(program, paths[i]);
    order_files(program);
}

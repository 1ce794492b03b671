/* compiler/lsp/around.c - Walks the folder of a site, and compiles its files together. */
#include "compiler/lsp/around.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/files.h"
#include "compiler/base/below.h"
#include "base/memory.h"

enum { AROUND_FILES = 5000, AROUND_ENTRIES = 100000 }; /* how many files and folder entries are looked at */

static char *around_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = strndup(path, slash && slash > path ? (size_t)(slash - path) : 1);
    if (!folder) abort();
    return folder;
}

char *around_folder(const struct document *document)
{
    const struct program *program = document->analysis->program;
    const struct source *source = program->site ? source_set_at(program->sources, program->site->span.begin) : NULL;
    char *whole = source ? document_whole_path(source->path) : NULL;
    char *folder = around_folder_of(whole ? whole : document->path);
    free(whole);
    return folder;
}

struct around {
    const char *folder; /* its real path */
    around_visit *visit;
    void *self;
    size_t files;
};

/* A link to a file below the same folder is left out: that file is looked at itself. */
static bool around_found(void *self, enum below_found found, const char *path, int why)
{
    struct around *around = self;
    (void)why;
    if (found == BELOW_LINK) {
        char *real = realpath(path, NULL);
        size_t length = strlen(around->folder);
        bool twice = real && strncmp(real, around->folder, length) == 0 && real[length] == '/';
        free(real);
        if (twice) return true;
    }
    if (found != BELOW_SOURCE && found != BELOW_LINK) return true;
    around->visit(around->self, path);
    return ++around->files < AROUND_FILES;
}

bool around_each(const char *folder, around_visit *visit, void *self)
{
    char *real = realpath(folder, NULL);
    struct around around = {real ? real : folder, visit, self, 0};
    bool all = below_walk(folder, AROUND_ENTRIES, around_found, &around);
    free(real);
    return all;
}

struct around_paths {
    const char **of, **site; /* the files, and the site of each; NULL: it has none */
    size_t count;
    struct arena *arena;
};

static void around_add(void *self, const char *path)
{
    struct around_paths *paths = self;
    paths->of = memory_more(paths->of, paths->count, sizeof *paths->of);
    paths->site = memory_more(paths->site, paths->count, sizeof *paths->site);
    paths->of[paths->count] = arena_copy(paths->arena, path, strlen(path));
    const char *site = files_site(paths->arena, path);
    char *whole = site ? document_whole_path(site) : NULL;
    paths->site[paths->count++] = whole ? arena_copy(paths->arena, whole, strlen(whole)) : NULL;
    free(whole);
}

/* Open documents that were not stored yet are below the folder, too. */
static void around_add_open(struct around_paths *paths, const struct documents *documents, const char *folder)
{
    size_t length = strlen(folder);
    for (const struct document *document = documents->first; document; document = document->next) {
        bool below = !document->apart && strncmp(document->path, folder, length) == 0 && document->path[length] == '/';
        for (size_t i = 0; below && i < paths->count; i++) below = strcmp(paths->of[i], document->path) != 0;
        if (below) around_add(paths, document->path);
    }
}

/* A file without a site is a program of its own. */
void around_programs(const struct documents *documents, const char *folder, around_program *each, void *self)
{
    struct around_paths paths = {.arena = arena_new()};
    around_each(folder, around_add, &paths);
    around_add_open(&paths, documents, folder);
    const char **of = memory_zeroed(paths.count + 1, sizeof *of);
    for (size_t i = 0; i < paths.count; i++) {
        size_t count = 0;
        if (!paths.of[i]) continue;
        of[count++] = paths.of[i];
        for (size_t j = i + 1; paths.site[i] && j < paths.count; j++) {
            if (!paths.of[j] || !paths.site[j] || strcmp(paths.site[i], paths.site[j]) != 0) continue;
            of[count++] = paths.of[j];
            paths.of[j] = NULL; /* the file is part of this program already */
        }
        struct analysis *analysis = analysis_make_all(documents, of, count, 0);
        each(self, analysis);
        analysis_free(analysis);
    }
    free(of);
    free(paths.of);
    free(paths.site);
    arena_free(paths.arena);
}

struct analysis *around_beside(const struct documents *documents, const struct document *document)
{
    struct around_paths paths = {.arena = arena_new()};
    char *folder = around_folder(document);
    around_add(&paths, document->path);
    around_each(folder, around_add, &paths);
    around_add_open(&paths, documents, folder);
    const char **of = memory_zeroed(paths.count, sizeof *of), *site = paths.site[0];
    size_t count = 0;
    for (size_t i = 0; i < paths.count; i++) {
        bool same = i == 0 || (site && paths.site[i] && strcmp(site, paths.site[i]) == 0 &&
                               strcmp(paths.of[i], document->path) != 0);
        if (same) of[count++] = paths.of[i];
    }
    struct analysis *analysis = analysis_make_all(documents, of, count, 1);
    free(of);
    free(folder);
    free(paths.of);
    free(paths.site);
    arena_free(paths.arena);
    return analysis;
}

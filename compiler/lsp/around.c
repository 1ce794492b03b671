/* compiler/lsp/around.c - Walks the folder of a site, and compiles its files together. */
#include "compiler/lsp/around.h"

#include <stdlib.h>
#include <string.h>

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
    char **of;
    size_t count;
};

static void around_add(void *self, const char *path)
{
    struct around_paths *paths = self;
    paths->of = memory_grown(paths->of, paths->count + 1, sizeof *paths->of);
    paths->of[paths->count++] = memory_text(path);
}

/* Open documents that were not stored yet are below the folder, too. */
struct analysis *around_analysis(const struct documents *documents, const char *folder)
{
    struct around_paths paths = {0};
    size_t length = strlen(folder);
    around_each(folder, around_add, &paths);
    for (const struct document *document = documents->first; document; document = document->next) {
        bool below = !document->apart && strncmp(document->path, folder, length) == 0 && document->path[length] == '/';
        for (size_t i = 0; below && i < paths.count; i++) below = strcmp(paths.of[i], document->path) != 0;
        if (below) around_add(&paths, document->path);
    }
    struct analysis *analysis =
        paths.count ? analysis_make_all(documents, (const char *const *)paths.of, paths.count) : NULL;
    for (size_t i = 0; i < paths.count; i++) free(paths.of[i]);
    free(paths.of);
    return analysis;
}

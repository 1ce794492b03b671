/* compiler/lsp/shelf.c - Finds or writes the files of the standard library. */
#include "compiler/lsp/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/inside.h"
#include "compiler/syntax/library.h"

enum { LONGEST = 4096 }; /* a longer path counts as missing */

static bool shelf_holds(const char *path, const struct source *source)
{
    FILE *file = inside_open(path, "rb");
    char *text = file ? malloc((size_t)source->length + 2) : NULL;
    size_t length = text ? fread(text, 1, (size_t)source->length + 1, file) : 0;
    bool same = text && length == source->length && memcmp(text, source->text, length) == 0;
    free(text);
    if (file) fclose(file);
    return same;
}

/* Writes the file under another name and then renames it, so that nobody reads an incomplete file. */
static bool write_copy(const char *path, const struct source *source)
{
    char beside[LONGEST + 16];
    snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    int fd = mkstemp(beside);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!file) {
        if (fd >= 0) close(fd), unlink(beside);
        return false;
    }
    bool good = fwrite(source->text, 1, source->length, file) == source->length && fchmod(fd, 0444) == 0;
    good = fclose(file) == 0 && good && rename(beside, path) == 0;
    if (!good) unlink(beside);
    return good;
}

static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700); /* an existing folder is used; one that cannot be made is noticed later */
        *slash = '/';
    }
    return mkdir(path, 0700) == 0 || access(path, W_OK) == 0;
}

char *shelf_path(const struct source *source)
{
    if (!source->built_in || !library_owns(source->path, strlen(source->path))) return NULL;
    const char *name = source->path + sizeof LIBRARY_FOLDER - 1, *cache = getenv("XDG_CACHE_HOME");
    bool said = cache && *cache == '/';
    const char *home = said ? cache : getenv("HOME");
    char folder[LONGEST], path[LONGEST];
    if (snprintf(path, sizeof path, "%s/%s", STDLIB_FOLDER, name) < LONGEST && shelf_holds(path, source))
        return strdup(path);
    if (!home || *home != '/') return NULL;
    if (snprintf(folder, sizeof folder, "%s%s/gcx/stdlib", home, said ? "" : "/.cache") >= LONGEST) return NULL;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= LONGEST) return NULL;
    if (shelf_holds(path, source)) return strdup(path);
    return make_folders(folder) && write_copy(path, source) ? strdup(path) : NULL;
}

/* base/inside.c - Which files gcxc and gcxdb may open. See inside.h. */
#include "base/inside.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool inside_is_below(const char *folder, const char *path)
{
    size_t length = strlen(folder);
    return strncmp(folder, path, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool inside_allows(const char *path)
{
    const char *named = getenv("GCX_INSIDE");
    char folder[PATH_MAX], real[PATH_MAX];
    if (!named) return true;
    if (!realpath(named, folder)) return false;
    if (realpath(path, real)) return inside_is_below(folder, real);
    return !strstr(path, "..") && (*path != '/' || inside_is_below(folder, path));
}

FILE *inside_open(const char *path, const char *mode)
{
    if (inside_allows(path)) return fopen(path, mode);
    errno = EACCES;
    return NULL;
}

int inside_scan(const char *folder, struct dirent ***all, int (*takes)(const struct dirent *))
{
    if (inside_allows(folder)) return scandir(folder, all, takes, alphasort);
    errno = EACCES;
    return -1;
}

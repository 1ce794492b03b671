/* compiler/base/inside.c - Which files gcxc may read. See inside.h. */
#include "compiler/base/inside.h"

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

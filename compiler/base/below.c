/* compiler/base/below.c - The sources below a folder. */
#include "compiler/base/below.h"

#include <sys/stat.h>

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "base/inside.h"
#include "base/memory.h"

struct below {
    below_each *each;
    void *self;
};

static int below_by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool below_is_named(const FTSENT *entry)
{
    return entry->fts_namelen > 4 && strcmp(entry->fts_name + entry->fts_namelen - 4, ".gcx") == 0;
}

static bool below_tell_link(struct below *below, const FTSENT *entry, const char *path)
{
    struct stat status;
    bool found = stat(entry->fts_accpath, &status) == 0;
    if (found && S_ISDIR(status.st_mode)) return below->each(below->self, BELOW_UNFOLLOWED, path, 0);
    if (!below_is_named(entry)) return true;
    if (!found) return below->each(below->self, BELOW_UNREADABLE, path, errno);
    return !S_ISREG(status.st_mode) || below->each(below->self, BELOW_LINK, path, 0);
}

static bool below_tell(struct below *below, FTS *walk, FTSENT *entry, bool dotted)
{
    const char *path = entry->fts_path + (dotted && entry->fts_level > 0 ? 2 : 0); /* a leading "./" is left out */
    if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
        fts_set(walk, entry, FTS_SKIP);
        return true;
    }
    switch (entry->fts_info) {
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return below->each(below->self, BELOW_UNREADABLE, path, entry->fts_errno);
    case FTS_SL:
    case FTS_SLNONE:
        return below_tell_link(below, entry, path);
    case FTS_F:
        return !below_is_named(entry) || below->each(below->self, BELOW_SOURCE, path, 0);
    default:
        return true;
    }
}

bool below_walk(const char *folder, size_t entries, below_each *each, void *self)
{
    struct below below = {.each = each, .self = self};
    char *root = memory_text(folder);
    for (size_t end = strlen(root); end > 1 && root[end - 1] == '/'; end--) root[end - 1] = '\0';
    char *roots[] = {root, NULL};
    FTS *walk =
        !inside_allows(folder) ? NULL : fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, below_by_name);
    bool whole = walk != NULL, dotted = strcmp(root, ".") == 0;
    size_t seen = 0;
    for (FTSENT *entry; whole && (entry = fts_read(walk));)
        whole = (entries == 0 || ++seen <= entries) && below_tell(&below, walk, entry, dotted);
    if (walk) fts_close(walk);
    free(root);
    return whole;
}

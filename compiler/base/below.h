/* compiler/base/below.h - The sources below a folder: which files a folder stands for, the same for every command and
 * for the language server.
 *
 *     a file NAME.gcx             is a source
 *     a link NAME.gcx to a file   is a source, in the folder where the link lies
 *     a link to a folder          is not followed, and that is told: it could lead round in a circle
 *     what begins with a dot      is left out: editors and tools keep copies there
 *
 * Names come in their order, so that results do not depend on the file system. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum below_found {
    BELOW_SOURCE,     /* a source */
    BELOW_LINK,       /* a link to a source, which may also lie below the folder itself */
    BELOW_UNREADABLE, /* a folder that cannot be read, or a link NAME.gcx to nothing: it may hold sources */
    BELOW_UNFOLLOWED, /* a link to a folder */
};

/* Called for each thing that was found. `path` is valid during the call. `why`: for BELOW_UNREADABLE an errno, else 0.
 * True: the search goes on. */
typedef bool below_each(void *self, enum below_found, const char *path, int why);

/* Calls `each` for each thing that is found below the folder. A folder that is itself a link is followed. `entries`:
 * the most entries of folders to look at, 0: all. Returns false if the search ended early: `each` returned false, or
 * there were more entries than `entries`. */
bool below_walk(const char *folder, size_t entries, below_each *each, void *self);

/* runtime/studio/check.h - What gcxc says of a version of the site's files: they are written to a folder of their own,
 * which is gone afterwards. To be called in a thread that may wait. */
#pragma once

#include "runtime/studio/repository.h"

/* A file with a text that the person has not saved. */
struct studio_unsaved {
    const char *path, *text; /* NULL: there is none */
};

/* A folder with all files of the tree (NULL: none); g_free. NULL with the reason. studio_folder_end() removes it. */
char *studio_folder(git_repository *, const git_tree *, const struct studio_unsaved *, struct error *);
void studio_folder_end(char *folder);

/* {diagnostics: [{code, severity, file, line, column, end_line, end_column, message, hint}], errors, warnings}, as
 * `gcxc check --format json` tells them, and where there is no error those of `gcxc lint`, too. NULL with the reason.
 */
json_t *studio_check(git_repository *, const git_tree *, const struct studio_unsaved *, struct error *);
/* What changes for callers from one tree to the other, as `gcxc diff --format json`: {changes: [...]}; {changes: [],
 * why}: it cannot be said, as one of them has errors. NULL with the reason. */
json_t *studio_callers(git_repository *, const git_tree *from, const git_tree *to, struct error *);

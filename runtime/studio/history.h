/* runtime/studio/history.h - What has become of the site's files: commits, and what differs between two versions. */
#pragma once

#include "runtime/studio/repository.h"

enum { STUDIO_COMMITS_MAX = 100, STUDIO_PATCH_MAX = 512 * 1024 };

/* The commits up to `commit`, newest first, at most STUDIO_COMMITS_MAX: {commit, parent, by, address, at_ms, message}.
 * `path`: only those that have changed this file; NULL: all. `from`: so many are left out first. NULL with the reason.
 */
json_t *studio_history(git_repository *, const git_commit *, const char *path, unsigned from, struct error *);
/* The files that differ: {path, old_path, change, patch}. `change`: added, deleted, modified or renamed; `patch`: the
 * lines, as `git diff` has them; not there where all of them together would be longer than STUDIO_PATCH_MAX.
 * `path`: only this file; NULL: all. A tree may be NULL: it has no file. */
json_t *studio_difference(git_repository *, git_tree *from, git_tree *to, const char *path, struct error *);

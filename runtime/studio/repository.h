/* runtime/studio/repository.h - The git repository with the site's strategies: its versions, files, drafts.
 *
 * People with editors push to the same bare repository. Of a person at the console it has
 *
 *     refs/heads/drafts/NAME     what the person has saved and nobody else is asked about yet
 *     refs/heads/reviews/NAME    what the person asks others to publish
 *
 * and HEAD's branch is what is published. A part of a reference is written as letters, digits, - and _, and each other
 * byte as %XX. No hook is run, no filter, and no configuration but the repository's own is read. Links and submodules
 * are no files here. All functions may be called by several threads, each with a repository that it has opened. */
#pragma once

#include <git2.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

enum { STUDIO_TEXT_MAX = 1024 * 1024, STUDIO_PATH_MAX = 256, STUDIO_FILES_MAX = 2000, STUDIO_REF_MAX = 512 };

struct studio_person { /* who asks; the texts are borrowed */
    const char *name;  /* the user's */
    const char *shown; /* how people call them */
};

/* Opens a bare repository; NULL with the reason. git_repository_free() closes it. */
git_repository *studio_open(const char *folder, struct error *);
/* Sets the error to what libgit2 has said, and returns false: there is none, somebody else has changed it, or it fails.
 */
bool studio_git_failed(int code, const char *what, struct error *);
/* May a file have this path? False with a sentence. */
bool studio_path_good(const char *path, struct error *);

/* The name of the person's reference, of `kind` drafts or reviews. */
void studio_ref(const char *kind, const char *name, char ref[STUDIO_REF_MAX]);
/* The person's name of a reference; g_free. NULL: it is none of this kind. */
char *studio_ref_person(const char *kind, const char *ref);
/* Finds the commit of a reference. True with NULL in `*commit`: there is no such reference. */
bool studio_commit_of(git_repository *, const char *ref, git_commit **commit, struct error *);
/* Finds a version: `head`, `draft`, or the 40 digits of a commit. `draft` is `head` where the person has no draft.
 * True with NULL in `*commit`: nothing has been published yet. */
bool studio_version(git_repository *, const char *version, const char *person, git_commit **commit, struct error *);
/* The tree of a commit; NULL: the commit is NULL, or its tree cannot be read. */
git_tree *studio_tree(const git_commit *);

/* All files of the tree, sorted by path: {path, id, bytes}. NULL with the reason. */
json_t *studio_files(git_repository *, const git_tree *, struct error *);
/* {path, id, text} of one file. NULL with the reason. */
json_t *studio_file(git_repository *, const git_tree *, const char *path, struct error *);
/* Writes all files of the tree below an existing folder, of which nobody else may have the way. */
bool studio_export(git_repository *, const git_tree *, const char *folder, struct error *);
/* Writes one file there. */
bool studio_export_text(const char *folder, const char *path, const void *text, size_t length, struct error *);

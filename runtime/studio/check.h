/* runtime/studio/check.h - What gcxc says of a version of the site's files: they are written to a folder of their own,
 * which is gone afterwards. To be called in a thread that may wait. `stop`: a descriptor as tool_run() has it; -1:
 * none, and the owner's end waits for the child. */
#pragma once

#include "base/out.h"
#include "runtime/studio/repository.h"

/* A file with a text that the person has not saved. */
struct studio_unsaved {
    const char *path, *text; /* NULL: there is none */
};

/* A folder with all files of the tree (NULL: none); g_free. NULL with the reason. studio_folder_end() removes it. */
char *studio_folder(git_repository *, const git_tree *, const struct studio_unsaved *, struct error *);
void studio_folder_end(char *folder);

/* Runs a program of ours in the folder, confined (runtime/adapter/tool.h), and appends what it prints to `out`.
 * `joined`: its complaints, too. Returns its exit code. -1 with the reason: it could not be run, or was ended. */
int studio_tool(const char *folder, const char *const *arguments, bool joined, unsigned seconds, size_t most, int stop,
                struct out *out, struct error *);

/* Sets the error to the first line of what a program of ours has complained about; `text` may be NULL. */
void studio_complained(const char *text, size_t length, struct error *);

/* {diagnostics: [{code, severity, file, line, column, end_line, end_column, message, hint}], errors, warnings}, as
 * `gcxc check --format json` tells them, and where there is no error those of `gcxc lint`, too. NULL with the reason.
 */
json_t *studio_check(git_repository *, const git_tree *, const struct studio_unsaved *, int stop, struct error *);
/* What changes for callers from one tree to the other, as `gcxc diff --format json`: {changes: [...], picture}. The
 * picture is an SVG of both versions; without changes, and where it cannot be drawn, there is none. {changes: [], why}:
 * it cannot be said, as one of them has errors. NULL with the reason. */
json_t *studio_callers(git_repository *, const git_tree *from, const git_tree *to, int stop, struct error *);
/* The strategies as pictures, with the lines of each box, as `gcxc graph --format json` has them. With `play` the tests
 * are played first: {frames, boxes, edges, tests}; boxes have `runs` then, and `tests` is what gcxc said. NULL with the
 * reason: there are errors, or gcxc could not be run. */
json_t *studio_diagram(git_repository *, const git_tree *, const struct studio_unsaved *, bool play, int stop,
                       struct error *);

/* runtime/studio/edit.h - A change of one statement, as it is made in the diagram. To be called as check.h says. */
#pragma once

#include "runtime/studio/check.h"

struct studio_edit {
    unsigned line, column;
    const json_t *set;  /* texts WORD=VALUE; NULL: none */
    const char *insert; /* a statement behind it; NULL: none */
    bool remove;
};

/* What `gcxc edit --format json` says of the file: without a change {line, statement, values, more}, with one {text},
 * the file's new text. NULL with the reason: the program would have an error. */
json_t *studio_edit(git_repository *, const git_tree *, const struct studio_unsaved *, const struct studio_edit *,
                    int stop, struct error *);

/* compiler/lsp/shelf.h - The standard library as files that an editor can open: the installed ones where they hold what
 * this compiler carries, else read-only copies in the user's cache. */
#pragma once

#include "compiler/base/source.h"

/* The file that holds what a built-in source does: malloc'ed; NULL where none can be had. */
char *shelf_path(const struct source *);

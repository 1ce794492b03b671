/* compiler/lsp/shelf.h - The standard library as files that an editor can open: the installed ones where they hold what
 * this compiler carries, else read-only copies in the user's cache. */
#ifndef COMPILER_LSP_SHELF_H
#define COMPILER_LSP_SHELF_H

#include "compiler/base/source.h"

/* The file that holds what a built-in source does: malloc'ed; NULL where none can be had. */
char *shelf_path(const struct source *);

#endif

/* compiler/lsp/shelf.h - The standard library as files that an editor can open: the installed files where they have
 * the texts of this compiler, else read-only copies in the user's cache. */
#pragma once

#include "compiler/base/source.h"

/* Returns the path of a file with the same text as a built-in source, malloc'ed; NULL where no file can be had. */
char *shelf_path(const struct source *);

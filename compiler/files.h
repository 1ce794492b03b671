/* compiler/files.h - The files of a program: the named ones, their imports, and the site. */
#pragma once

#include <stddef.h>

#include "compiler/syntax/program.h"

/* Reads and parses everything into program->files and program->site. Trouble is reported. `site`: the site's file,
 * or NULL: the nearest site.gcx in the folder of the first file or above. The first `named` files are those that the
 * user asks about, the others stand beside them, as if they were imported. */
void files_read(struct program *, const char *const *paths, size_t count, size_t named, const char *site);

/* Returns the shortest path of the nearest site.gcx in the folder of `path` or above; NULL where there is none. The
 * search ends below a folder that people share, as /tmp. */
const char *files_site(struct arena *, const char *path);

/* Reads the schemas of the site's sources; files_read() must be called before. */
void files_schemas(struct program *);

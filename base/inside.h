/* base/inside.h - Which files gcxc and gcxdb may open.
 *
 * The environment variable GCX_INSIDE names a folder. Where it is set, files are opened that lie below that folder, and
 * no others: neither by an absolute path, nor by `..`, nor through a link. gcxvm sets it where the sources are those of
 * a person of the page Strategies, who must not read gcxvm's own files. Files that come with gcxc or with the system,
 * such as the zones, are no concern of this.
 *
 * The compiler, the simulation and the debugger open each file by a function of this header, or by file_open()
 * (base/file.h), which asks, too (tests/checks/dialect.sh). */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>

#define INSIDE_REFUSES "the path leads out of the site's folder"

/* May the file or folder be opened? A file that is not there is judged by its path alone, so that nobody learns which
 * files there are outside. */
bool inside_allows(const char *path);
/* fopen(3), also of a pipe. NULL with errno EACCES where the path leads out. */
FILE *inside_open(const char *path, const char *mode);
/* scandir(3) in the order of alphasort(3). -1 with errno EACCES where the path leads out. */
int inside_scan(const char *folder, struct dirent ***all, int (*takes)(const struct dirent *));

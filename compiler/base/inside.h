/* compiler/base/inside.h - Which files gcxc may read.
 *
 * The environment variable GCX_INSIDE names a folder. Where it is set, gcxc reads what lies below that folder, and
 * nothing else: neither by an absolute path, nor by `..`, nor through a link. gcxvm sets it where the sources are those
 * of a person of the page Strategies, who must not read gcxvm's own files. Files that come with gcxc or with the
 * system, such as the zones, are no concern of this. */
#pragma once

#include <stdbool.h>

#define INSIDE_REFUSES "the path leads out of the site's folder"

/* May the file or folder be read? What is not there is judged by its path alone, so that nobody learns what there is
 * outside. */
bool inside_allows(const char *path);

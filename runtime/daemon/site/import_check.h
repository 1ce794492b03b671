/* runtime/daemon/site/import_check.h - What the directory says of parameters and business tables, held against the
 * sites of the images: names, columns, types, bounds. */
#ifndef DAEMON_IMPORT_CHECK_H
#define DAEMON_IMPORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/daemon/site/import.h"
#include "vm/image.h"

/* Is each setting one of a site, and what each site that has it takes? Else with the file's line. */
bool import_check(const struct import *, const char *file, const struct image *const *images, size_t count,
                  struct error *);

#endif

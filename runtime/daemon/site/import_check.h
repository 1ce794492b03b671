/* runtime/daemon/site/import_check.h - Checks the directory's parameters and business tables against the sites of
 * the images: names, columns, types, bounds.
 *
 * Owns nothing, and changes neither. */
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

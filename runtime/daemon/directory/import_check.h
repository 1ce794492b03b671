/* runtime/daemon/directory/import_check.h - Checks the directory's parameters and business tables against the sites of
 * the images: names, columns, types, bounds.
 *
 * Owns nothing, and changes neither the directory nor the images. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/daemon/directory/import.h"
#include "vm/image.h"

/* Checks that a site has each setting, and that each such site accepts its value. False with the reason and the
 * file's line. */
bool import_check(const struct directory_import *, const char *file, const struct image *const *images, size_t count,
                  struct error *);

/* Finds the setting of that name and kind; NULL: the site has none. */
const struct image_setting *import_declared(const struct image *, enum setting_kind, const char *name);

enum { IMPORT_WHAT_MAX = 256 };
/* True: the value, or the row of a table, is wrong. `what` then says why, as the rest of a sentence that begins with
 * its name. */
bool import_value_fault(const struct image *, const struct image_setting *, const struct kv_value *,
                        char what[IMPORT_WHAT_MAX]);
bool import_row_fault(const struct image *, uint16_t record, const struct kv_value *row, char what[IMPORT_WHAT_MAX]);

/* compiler/check/holidays.h - The days that `holidays FR` means: a file holidays/FR.txt in the site's folder, one
 * date per line. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "compiler/base/diag.h"
#include "compiler/syntax/ast.h"

struct holidays {
    int64_t *days; /* days since 1970-01-01 */
    size_t count;
};

/* Reads the dates of a NODE_HOLIDAYS; returns NULL where a mistake was reported. */
struct holidays *holidays_read(struct arena *, struct diags *, const struct source_set *, const struct node *);

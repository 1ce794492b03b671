/* compiler/recovery/mend.h - Makes the edits of diagnostics in the sources (gcxc lint --fix, gcxc check --fix). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/source.h"

struct diag;
struct diag_edit;
struct program;

/* Passes the mended text of each named file with edits to `write`; imported files stay as they are. A diagnostic
 * whose edits overlap those of another is left for the next round. Returns how many diagnostics were mended;
 * SIZE_MAX where `write` fails. */
size_t mend_files(struct program *, source_write *);

/* Returns the edits that mend_files() would make in that file, in the order of the text. */
const struct diag_edit **mend_edits(struct program *, const struct source *, size_t *count);

/* Returns the named file that all edits of the diagnostic are for; NULL: it has none, or they are for a file that is
 * only imported. */
const struct source *mend_source(const struct program *, const struct diag *);
/* Returns the text of that file with the edits of this diagnostic alone, in the program's memory; NULL where there is
 * none, or where the edits are for several files. */
char *mend_alone(struct program *, const struct diag *, size_t *length);

/* compiler/recovery/mend.h - Makes the edits of diagnostics in the sources (gcxc lint --fix). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diag_edit;
struct program;
struct source;

/* Passes the mended text of each named file with edits to `write`; imported files stay as they are. A diagnostic
 * whose edits overlap those of another is left for the next round. Returns how many diagnostics were mended;
 * SIZE_MAX where `write` fails. */
size_t mend_files(struct program *, bool (*write)(const char *path, const uint8_t *text, size_t length));

/* Returns the edits that mend_files() would make in that file, in the order of the text. */
const struct diag_edit **mend_edits(struct program *, const struct source *, size_t *count);

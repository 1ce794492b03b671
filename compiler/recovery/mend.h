/* compiler/recovery/mend.h - Sources as they would be once the edits of the diagnostics are made. */
#ifndef COMPILER_MEND_H
#define COMPILER_MEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct program;

/* Of every file that was named and has something to mend; edits that meet others wait for another round. Returns how
 * many diagnostics were mended, SIZE_MAX where `write` fails. */
size_t mend_files(struct program *, bool (*write)(const char *path, const uint8_t *text, size_t length));

#endif

/* tests/differential/oracles.h - What must hold of any program that compiles, whatever it does. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct compilation;
struct source_overlay;

/* NULL where all holds of the program and its image, else what does not:
 *   - made twice, it has the same bytes; as several files, in whatever order these are named, too, and
 *     it does the same;
 *   - laid out by `fmt` it means the same, and laid out again it stays as it is;
 *   - `diff` of the program and itself finds nothing; `graph` draws and `dis` lists all of it;
 *   - its image with bits that are others is refused, or runs safely. */
const char *oracles_fail(const char *text, size_t length, uint64_t seed);

/* Of its image: it is listed whole, and with other bits it is refused or runs safely. */
const char *oracles_image_fail(const uint8_t *bytes, size_t length, uint64_t seed);
/* Is all that decides the same? Places of lines may be others. */
bool oracles_mean_same(const uint8_t *image, const uint8_t *other);

/* The program as differ.c compiles it: nobody opens its library. */
struct compilation *oracles_compiled(const char *const *files, size_t count, const char *site,
                                     const struct source_overlay *);

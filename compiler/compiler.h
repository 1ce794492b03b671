/* compiler/compiler.h - From source files to an image: the compiler as its command line sees it.
 *
 * compile() always gives a compilation, which owns everything in it: the diagnostics and, where there are no errors,
 * the image's bytes. */
#ifndef COMPILER_COMPILER_H
#define COMPILER_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct compile_options {
    const char *site; /* the site's file; NULL: the nearest site.gcx beside or above the first file */
    bool check_only;  /* nobody wants the bytes: there are none then */
};

struct compilation;

struct compilation *compile(const char *const *files, size_t count, const struct compile_options *);
void                compilation_free(struct compilation *); /* NULL is allowed */

/* NULL where there were errors or only a check was asked for. */
const uint8_t *compilation_image(const struct compilation *, size_t *length);

/* Prints what was found; returns how many errors there are. */
size_t compilation_print(struct compilation *, FILE *);

/* How many `test` blocks the files hold, imported ones left out. */
size_t compilation_tests(const struct compilation *);

/* Prints line `line` of a source that the compilation read, with its number; nothing where there is none. */
void compilation_quote(const struct compilation *, FILE *, const char *path, uint32_t line);

#endif

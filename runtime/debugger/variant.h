/* runtime/debugger/variant.h - The program that is debugged, compiled once more with another text for one of its files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;
struct compile_natives;
struct sim_binding;

/* The files that a program was compiled of, and what it takes to compile them again. */
struct sources { /* all of it is borrowed */
    const char *const *paths;
    size_t count;
    const char *site;                      /* or NULL: the nearest site.gcx */
    const struct compile_natives *natives; /* the libraries of natives that --native allows; NULL: none */
    const struct sim_binding *binding;     /* of the natives in what was compiled; NULL: they are faults */
};

struct variant {
    struct sources sources;
    const char *path;   /* the file, as the image names it */
    const char *behind; /* text that is added to the end of the file */
};

enum { VARIANT_SOURCES = 256 };

/* The files that the image was made of, without that of the site and those of the standard library, which is built in;
 * how many, each malloc'ed. */
size_t variant_sources(const struct image *, char **paths);
/* The whole text of a source; malloc'ed. NULL: it cannot be read. */
char *variant_read(const char *path, size_t *length);
/* How many lines the file has: `behind` begins on the next one. 0: it cannot be read. */
uint32_t variant_lines(const char *path);
/* Compiles the variant into an image, which the caller frees. NULL: `why` is the first complaint. */
struct image *variant_image(const struct variant *, char *why, size_t size);
/* Does the variant still compile to this program? Tests are no part of it. */
bool variant_is(const struct variant *, const struct image *);
/* Compiles the variant for playing its tests, which may set statistics; the caller frees it. NULL as in
 * variant_image(). */
struct sim_tests;
struct sim_tests *variant_tests(const struct variant *, char *why, size_t size);

/* runtime/debugger/variant.h - Compiles the debugged program once more with one of its files changed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/value.h"

struct image;
struct compile_natives;
struct sim_binding;

/* The source files of a program, and what else is needed to compile them again. */
struct sources { /* all pointers are borrowed */
    const char *const *paths;
    size_t count;
    const char *site;                      /* the site's file, or NULL: the nearest site.gcx */
    const struct compile_natives *natives; /* the libraries of natives that --native allows; NULL: none */
    const struct sim_binding *binding;     /* the native functions used in the program; NULL: they are errors */
};

struct variant {
    struct sources sources;
    const char *path;   /* the file, as the image names it */
    const char *behind; /* text to add at the end of the file */
};

enum { VARIANT_SOURCES = 256 };

/* Lists the files that the image was compiled from, without the site's file and the built-in standard library;
 * returns how many there are, each malloc'ed. */
size_t variant_sources(const struct image *, char **paths);
/* Returns the whole text of a source; malloc'ed. NULL: the file cannot be read. */
char *variant_read(const char *path, size_t *length);
/* Writes the path of the file to which a text is added that is about this place: the file of the place, or the first
 * one of the program where the place is in the standard library, to which nothing can be added. */
void variant_home(const struct sources *, struct text file, char *path, size_t size);
/* Returns how many lines the file has; the added text `behind` begins on the next line. 0: the file cannot be read. */
uint32_t variant_lines(const char *path);
/* Compiles the variant into an image, which the caller frees. NULL: `why` is the first error. */
struct image *variant_image(const struct variant *, char *why, size_t size);
/* Does the variant still compile to this program? The program's tests are not compared. */
bool variant_is(const struct variant *, const struct image *);
/* Compiles the variant with its tests for playing them, which may set statistics; the caller frees the result. NULL
 * as in variant_image(). */
struct sim_tests;
struct sim_tests *variant_tests(const struct variant *, char *why, size_t size);

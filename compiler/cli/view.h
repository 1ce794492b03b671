/* compiler/cli/view.h - Shared by the commands that describe a program rather than make something of it. */
#pragma once

#include <stdio.h>

#include "compiler/cli/command.h"
#include "compiler/compilation.h"
#include "compiler/view/graph.h"

/* The files, or those of a folder, as they are checked; NULL and said what is wrong with them. */
struct compilation *view_open(const char *const *files, size_t count, const char *site);

/* The picture by Graphviz's dot, malloc'ed and ended by a NUL; NULL and said why otherwise. *large: it is too large to
 * be drawn. */
char *view_svg(const struct graph *, size_t *length, bool *large);

/* The graph in a format, svg, dot or mermaid, malloc'ed; NULL after an error, which is printed. Or into a file, which
 * is no other thing than such a picture: false, and said why. */
char *view_picture(const struct graph *, const char *format, size_t *length);
bool view_write_picture(const struct graph *, const char *format, const char *path);

/* lcov's tracefile at `path`: how often the lines of each box were run. False and said why where it cannot be read. Of
 * a stream likewise; false: it is no such tracefile. */
bool view_heat(struct graph *, const struct program *, const char *path);
bool view_heat_of(struct graph *, const struct program *, FILE *);

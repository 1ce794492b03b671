/* compiler/cli/view.h - Shared by the commands that describe a program and do not change it. */
#pragma once

#include <stdio.h>

#include "compiler/cli/command.h"
#include "compiler/compilation.h"
#include "compiler/view/graph.h"

/* Checks the files, or those of a folder, and returns their compilation; NULL: there were errors, which were
 * printed. */
struct compilation *view_open(const char *const *files, size_t count, const char *site);

/* Draws the graph as SVG by Graphviz's dot, malloc'ed and ended by a NUL; NULL, with the reason printed, where that
 * fails. *large: the graph is too large to be drawn. */
char *view_svg(const struct graph *, size_t *length, bool *large);
/* As view_svg(), but a picture for each strategy and subroutine, one after another. */
char *view_frames_svg(const struct graph *, size_t *length);

/* Returns a diagram's format by the end of its file's name; NULL: that is not the end of a diagram. */
const char *view_format(const char *path);

/* view_picture() returns the graph in a format (svg, dot or mermaid), malloc'ed; NULL after an error, which is
 * printed. view_write_picture() writes the picture to a file, and only over an earlier picture; false after an
 * error, which is printed. */
char *view_picture(const struct graph *, const char *format, size_t *length);
bool view_write_picture(const struct graph *, const char *format, const char *path);

/* view_heat() reads from lcov's tracefile at `path` how often the lines of each box were run; false, with the reason
 * printed, where it cannot be read. view_heat_of() reads the counts from a stream; false: the stream is no such
 * tracefile. */
bool view_heat(struct graph *, const struct program *, const char *path);
bool view_heat_of(struct graph *, const struct program *, FILE *);

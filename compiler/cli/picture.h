/* compiler/cli/picture.h - A graph as a picture, by Graphviz's dot. */
#pragma once

#include <stddef.h>

struct graph;

/* SVG, malloc'ed and ended by a NUL. NULL: `*why` is E2BIG where it is too large to be drawn, ENOENT where dot is not
 * installed, or another errno, of which EIO and 0 say nothing more. */
char *picture_svg(const struct graph *, size_t *length, int *why);

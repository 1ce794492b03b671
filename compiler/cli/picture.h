/* compiler/cli/picture.h - Draws a graph as a picture, by Graphviz's dot. */
#pragma once

#include <stddef.h>

struct graph;

/* Returns SVG, malloc'ed, with a NUL at its end. NULL: `*why` is E2BIG where the graph is too large to be drawn,
 * ENOENT where dot is not installed, or another errno, where EIO and 0 mean an unknown reason. */
char *picture_svg(const struct graph *, size_t *length, int *why);
/* As picture_svg(), but a picture for each frame that is in no other, one after another. */
char *picture_frames_svg(const struct graph *, size_t *length, int *why);

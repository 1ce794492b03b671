/* runtime/debugger/boxes.h - The diagram that gcxc draws of a program, with the boxes and edges that a play has used
 * marked.
 *
 * A box may show nothing that runs, such as the beginning of a frame: such a box was passed if it is between two
 * boxes that were visited. This header has only plain types, as the compiler and the core both have a `struct span`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct boxes;
struct sources;

enum { BOXES_NONE = UINT32_MAX };

/* Draws the named strategy of the program of the given source files; with NULL, all of its strategies. NULL: the
 * program does not compile. */
struct boxes *boxes_new(const struct sources *, const char *strategy);
void boxes_free(struct boxes *);

/* Returns the smallest box that shows this place of a source; BOXES_NONE: no box shows it. */
uint32_t boxes_at(const struct boxes *, const char *file, size_t file_length, uint32_t line, uint32_t column);
const char *boxes_text(const struct boxes *, uint32_t box);
/* Where the box's text is. The file's path is borrowed from the boxes. */
struct boxes_place {
    const char *file;
    uint32_t first, column, last; /* lines, and the column of the first one */
};
struct boxes_place boxes_place_of(const struct boxes *, uint32_t box);

/* The box is visited. Marks the edge from one box to the next as taken; `failed`: the first box was left by an exit
 * of its step. Returns the label of the edge, "" if it has none; NULL: no edge leads from `from` to `to`. */
const char *boxes_go(struct boxes *, uint32_t from, uint32_t to, bool failed);
/* Notes that the box is visited as the first one of a frame. */
void boxes_enter(struct boxes *, uint32_t box);
/* Finishes the marks: boxes that nobody visited are drawn as such, and `here` as the box where the play is. */
void boxes_end(struct boxes *, uint32_t here);

/* Returns the diagram as a picture, or as text for Graphviz or Mermaid; malloc'ed. NULL: `*why` is set as
 * picture_svg() does. */
enum boxes_form { BOXES_SVG, BOXES_DOT, BOXES_MERMAID };
char *boxes_draw(const struct boxes *, enum boxes_form, size_t *length, int *why);

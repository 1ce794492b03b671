/* runtime/debugger/boxes.h - gcxc's diagram of a program, and which of its boxes and edges a way leads through.
 *
 * A box may show nothing that runs, as the beginning of a frame: it was passed where it stands between two that were
 * visited. This header has only plain
 * types: the compiler and the core both have a `struct span`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct boxes;
struct sources;

enum { BOXES_NONE = UINT32_MAX };

/* Draws the named strategy of the program of these files, or all with NULL. NULL: it does not compile. */
struct boxes *boxes_new(const struct sources *, const char *strategy);
void boxes_free(struct boxes *);

/* The smallest box that shows this place of a source; BOXES_NONE: none does. */
uint32_t boxes_at(const struct boxes *, const char *file, size_t file_length, uint32_t line, uint32_t column);
const char *boxes_text(const struct boxes *, uint32_t box);

/* The box is visited. `failed`: the one before it was left by an exit of its step. Gives the label of the edge that was
 * taken, "" where it has none; NULL: no edge leads from there to here. */
const char *boxes_go(struct boxes *, uint32_t from, uint32_t to, bool failed);
/* Notes that the box is visited as the first one of a frame. */
void boxes_enter(struct boxes *, uint32_t box);
/* No box is left out: those that nobody visited are drawn so, and `here` as the one where somebody stands. */
void boxes_end(struct boxes *, uint32_t here);

/* The diagram as a picture, or as Graphviz or Mermaid reads it; malloc'ed. NULL: `*why` is set as picture_svg()
 * does. */
enum boxes_form { BOXES_SVG, BOXES_DOT, BOXES_MERMAID };
char *boxes_draw(const struct boxes *, enum boxes_form, size_t *length, int *why);

/* compiler/lsp/focus.h - The one strategy in which someone types, compiled without the statements of all others: a
 * large site answers as soon as a small one.
 *
 * A strategy uses what others declare and nothing that stands in their statements. So what a compilation finds within
 * it holds also where the others have lost their statements. Their lines stay, so that places do. A whole compilation
 * follows when nobody types (server.c): it finds what the strategy changes for the rest. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/source.h"

struct analysis;
struct documents;
struct focus;

/* The texts of an analysis as the base of later ones, copied; NULL where the site is small or did not parse. */
struct focus *focus_new(const struct analysis *, const struct documents *);
void focus_free(struct focus *); /* NULL is allowed */

/* Sets the focus to the strategy in which the document's new text differs from that of the base; false where the texts
 * differ in more than the statements of one strategy, or not at all. */
bool focus_set(struct focus *, const char *text, size_t length);

/* The new text and those of the other files, as far as they are kept; borrowed. */
const struct source_overlay *focus_overlay(const struct focus *);

/* Returns the strategy's place, in bytes of that new text that focus_overlay() gives. */
struct source_span focus_span(const struct focus *);

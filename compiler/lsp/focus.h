/* compiler/lsp/focus.h - Compiles only the strategy in which the user types, without the statements of all others:
 * so a large site answers as fast as a small one.
 *
 * A strategy uses declarations of other parts and nothing from the statements of other strategies. So what a
 * compilation finds within it is right even if the others have no statements. The lines of these statements stay as
 * empty ones, so that line numbers do not change. A whole compilation follows when the user pauses (server.c): it finds
 * errors that the edit causes elsewhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/source.h"

struct analysis;
struct documents;
struct focus;

/* Makes the base of later compilations from the texts of an analysis, copied; returns NULL where the site is small
 * or did not parse. */
struct focus *focus_new(const struct analysis *, const struct documents *);
void focus_free(struct focus *); /* NULL is allowed */

/* Sets the focus to the strategy in which the document's new text differs from the base; false where the texts
 * differ in more than the statements of one strategy, or not at all. */
bool focus_set(struct focus *, const char *text, size_t length);

/* Returns the new text and those of the other files, all shortened; they belong to the focus. */
const struct source_overlay *focus_overlay(const struct focus *);

/* Returns the strategy's span, in bytes of the new text that focus_overlay() gives. */
struct source_span focus_span(const struct focus *);

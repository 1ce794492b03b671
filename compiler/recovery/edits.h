/* compiler/recovery/edits.h - Gives errors the edit that mends them, from the table edits.def. */
#pragma once

struct program;

/* Adds an edit to each error that has none, where a row of the table fits its text. A word that differs from the one
 * which was perhaps meant in the size of its letters alone gets it as an edit, too. */
void edits_add(struct program *);

/* compiler/recovery/edits.h - Gives errors the edit that mends them, from the table edits.def. */
#pragma once

struct program;

/* Adds an edit to each error that has none, where a row of the table fits its text. If a word and the word that
 * was perhaps meant differ in capital and small letters alone, replacing the word is such an edit, too. */
void edits_add(struct program *);

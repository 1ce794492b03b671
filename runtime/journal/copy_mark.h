/* runtime/journal/copy_mark.h - STATE/journal.copy marks a folder as a copy; it contains the number of the journal's
 * last batch when the copy was made.
 *
 * Whatever the original gcxvm did after the copy is not in it: ids of interactions and effects sent to switches,
 * mail servers and databases since then would be used a second time. So a start from a copy raises the ids (event
 * Epoch). The mark is valid until the copy's journal continues: a batch after the marked one comes from a core that
 * has raised the ids. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

bool copy_mark_make(const char *folder, uint64_t last, struct error *);
/* Is the folder a copy whose journal has not continued since? `last`: the journal's last batch now. */
bool copy_mark_holds(const char *folder, uint64_t last);

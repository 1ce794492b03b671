/* runtime/journal/copy_mark.h - STATE/journal.copy: this folder is a copy, and its journal ended with that batch when
 * it was made.
 *
 * Whatever a gcxvm has done after the copy is not in it: ids of interactions and effects that went out to switches,
 * mail servers and databases meanwhile would be given a second time. So a start from a copy raises them (event Epoch).
 * The mark holds until the copy's journal goes on: a batch after the one that it names is of a core that has raised
 * them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

bool copy_mark_make(const char *folder, uint64_t last, struct error *);
/* Is the folder a copy whose journal has not gone on since? `last`: the journal's last batch now. */
bool copy_mark_holds(const char *folder, uint64_t last);

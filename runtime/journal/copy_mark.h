/* runtime/journal/copy_mark.h - STATE/journal.copy: the mark of a folder that is a copy: the number of its journal's
 * last batch when it was made.
 *
 * Whatever a gcxvm has done after the copy is not in it: ids of interactions and effects that went out to switches,
 * mail servers and databases meanwhile would be given a second time. So a start from a copy raises the ids (event
 * Epoch). The mark holds until the copy's journal goes on: a later batch than the marked one is of a core that has
 * raised the ids. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

bool copy_mark_make(const char *folder, uint64_t last, struct error *);
/* Is the folder a copy whose journal has not gone on since? `last`: the journal's last batch now. */
bool copy_mark_holds(const char *folder, uint64_t last);

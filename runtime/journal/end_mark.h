/* runtime/journal/end_mark.h - STATE/journal.end: the number of the last batch that was acknowledged.
 *
 * A follower writes it, too: the last batch that it has seen in the database. So it does not lead a database that was
 * put back, or that lagged, as if nothing were lost.
 *
 * It is written after the sync of each batch, and is not synced itself: after a loss of power it may be behind the
 * journal, but it is never ahead. So a journal that ends before it has lost batches that were acknowledged: they were
 * cut off, the journal was emptied, removed, or replaced by an older copy. It cannot tell two things: a folder that was
 * put back together with its mark, and a journal of equal length that is another's (the snapshots tell that). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct end_mark;

/* Opens the folder's mark to write it, and makes it where there is none. NULL: that failed. */
struct end_mark *end_mark_open(const char *directory, struct error *);
/* Writes the number of the last batch that was acknowledged. False, with the reason in errno: the mark keeps an older
 * number. */
bool end_mark_write(struct end_mark *, uint64_t number);
void end_mark_close(struct end_mark *);

/* Reads the number in the mark. False and ERROR_UNKNOWN: there is none; ERROR_INPUT: it is damaged. */
bool end_mark_read(const char *directory, uint64_t *number, struct error *);
/* The same, but a missing mark is read as 0. False: the mark is damaged. */
bool end_mark_said(const char *directory, uint64_t *number, struct error *);
/* Does a journal whose last batch is `last` have all that the folder's mark says was acknowledged? True, too, where
 * there is no mark. */
bool end_mark_check(const char *directory, uint64_t last, struct error *);
/* The same for a mark of `number` that was read before the journal: a journal that grows meanwhile has lost nothing. */
bool end_mark_holds(uint64_t number, uint64_t last, struct error *);
/* Removes the mark, as an administrator accepts the loss. `number` becomes the number in it; 0: it cannot be read. */
bool end_mark_drop(const char *directory, uint64_t *number, struct error *);

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

/* The mark of the folder, to be written; it is made where there is none. NULL: it cannot be. */
struct end_mark *end_mark_open(const char *directory, struct error *);
/* False, with the reason in errno: the mark stays behind. */
bool end_mark_write(struct end_mark *, uint64_t number);
void end_mark_close(struct end_mark *);

/* The contents of the mark. False and ERROR_UNKNOWN: there is none; ERROR_INPUT: it is damaged. */
bool end_mark_read(const char *directory, uint64_t *number, struct error *);
/* The same, and 0 where there is none; so false is a mark that is damaged. */
bool end_mark_said(const char *directory, uint64_t *number, struct error *);
/* Does the journal, which ends there, have all that was acknowledged? Where there is no mark, nobody knows: true. */
bool end_mark_check(const char *directory, uint64_t last, struct error *);
/* The same, of a mark that was read before: a journal that grows meanwhile has lost nothing. */
bool end_mark_holds(uint64_t number, uint64_t last, struct error *);
/* An administrator accepts the loss: the mark is removed. `number` is what it said; 0: nothing that can be read. */
bool end_mark_drop(const char *directory, uint64_t *number, struct error *);

/* runtime/journal/end_mark.h - STATE/journal.end has the number of the last acknowledged batch.
 *
 * A follower also writes it: the last batch that it has seen in the database. So a follower will not lead a database
 * that was restored from a backup, or that is behind, as if nothing were lost.
 *
 * The mark is written after the sync of each batch and not synced itself: after a loss of power it may be behind the
 * journal, but never ahead. So a journal that ends before the mark has lost acknowledged batches: they were cut off,
 * or the journal was emptied, removed, or replaced by an older copy. Two things are not noticed: a folder that was
 * restored together with its mark, and another journal of equal length (the snapshots notice that). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct end_mark;

/* Opens the folder's mark for writing, and creates it if it is missing. NULL: that failed. */
struct end_mark *end_mark_open(const char *directory, struct error *);
/* Writes the number of the last acknowledged batch. False, with the reason in errno: the mark still has an older
 * number. */
bool end_mark_write(struct end_mark *, uint64_t number);
void end_mark_close(struct end_mark *);

/* Reads the number in the mark. False with ERROR_UNKNOWN: there is no mark; with ERROR_INPUT: it is damaged. */
bool end_mark_read(const char *directory, uint64_t *number, struct error *);
/* Reads the number in the mark, as end_mark_read() does, but a missing mark gives 0. False: the mark is damaged. */
bool end_mark_said(const char *directory, uint64_t *number, struct error *);
/* Has a journal whose last batch is `last` everything that the folder's mark says was acknowledged? Without a mark
 * this is true. */
bool end_mark_check(const char *directory, uint64_t last, struct error *);
/* Has a journal whose last batch is `last` everything up to `number`, read from the mark before the journal was
 * looked at, so that a journal that grows meanwhile is no loss? */
bool end_mark_holds(uint64_t number, uint64_t last, struct error *);
/* Removes the mark, when an administrator accepts the loss. `number` is set to the number in it; 0: it cannot be
 * read. */
bool end_mark_drop(const char *directory, uint64_t *number, struct error *);

/* runtime/journal/reach.h - How far a folder's journal must reach: to the last acknowledged batch (end_mark.h), and
 * to the one after which its newest snapshot was cut.
 *
 * A journal that ends before that has lost its end, and programs report this before they do anything else. The
 * required end is read before the journal is opened: if the journal grows meanwhile, nothing is lost. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct reach {
    uint64_t acknowledged; /* the last batch that the end mark names; 0: there is no end mark */
    uint64_t snapshot;     /* the batch after which the newest snapshot was cut; 0: there is none */
};

/* Returns the batch after which the newest good snapshot was cut, even if its keys are gone; 0: there is none. */
uint64_t reach_snapshot(const char *state);
/* Reads both numbers. False: the end mark is damaged. */
bool reach_read(const char *state, struct reach *, struct error *);
/* Does a journal whose last batch is `last` reach the end that the mark and the snapshot require? `last` 0: the
 * journal is empty or missing. */
bool reach_holds(const struct reach *, uint64_t last, struct error *);
bool reach_journal_is_there(const char *state);

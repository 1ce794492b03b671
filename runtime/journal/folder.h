/* runtime/journal/folder.h - The lock, the keys and the end mark of a state folder, which a journal has wherever its
 * batches are. Internal to the room.
 *
 * One process has DIRECTORY/lock, which is held with flock(2) and ends with the process however that ends. */
#pragma once

#include "runtime/journal/batches.h"
#include "runtime/journal/end_mark.h"

struct journal_folder {
    int lock; /* -1: not held */
    struct keys *keys;
    struct end_mark *mark; /* the end mark, which is written; NULL: the folder is only read */
    bool mark_behind;      /* the mark could not be written last time, and that was told */
    struct batches_watch watch;
};

/* Gives a sentence to the folder's watch. */
void folder_note(const struct journal_folder *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes the folder's lock and opens its keys to write them. The folder is made where it is missing. */
bool folder_own(struct journal_folder *, const char *directory, const struct batches_watch *, struct error *);
/* Opens the folder's keys to read only, and takes no lock. False: there are keys, and they cannot be opened. */
bool folder_follow(struct journal_folder *, const char *directory, struct error *);
/* Does a journal whose last batch is `last` still have all batches from before its encryption began? */
bool folder_older_there(const struct journal_folder *, uint64_t last, struct error *);
/* Does the journal, which ends with batch `last`, have all that was acknowledged? If so the end mark is open from now
 * on, for folder_mark(). */
bool folder_mark_begin(struct journal_folder *, const char *directory, uint64_t last, struct error *);
void folder_mark(struct journal_folder *, uint64_t number);
/* Returns the keys, which are the caller's now. */
struct keys *folder_keys(struct journal_folder *);
void folder_close(struct journal_folder *);

/* runtime/journal/folder.h - The lock, the keys and the end mark of a state folder, which exist wherever the
 * journal's batches are stored. Internal to the room.
 *
 * One process holds DIRECTORY/lock with flock(2); the lock ends with the process in any case. */
#pragma once

#include "runtime/journal/batches.h"
#include "runtime/journal/end_mark.h"

struct journal_folder {
    int lock; /* -1: not held */
    struct keys *keys;
    struct end_mark *mark; /* the end mark, open for writing; NULL: the folder is only read */
    bool mark_behind;      /* the last write of the mark failed, and that was reported */
    struct batches_watch watch;
};

/* Passes a message, such as that it waits for a lock, to the `note` callback of whoever opened the store. */
void folder_note(const struct journal_folder *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes the folder's lock and opens its keys for writing. A missing folder is created. */
bool folder_own(struct journal_folder *, const char *directory, const struct batches_watch *, struct error *);
/* Opens the folder's keys for reading, and takes no lock. False: there are keys that cannot be opened. */
bool folder_follow(struct journal_folder *, const char *directory, struct error *);
/* Does a journal whose last batch is `last` still have all batches from before its encryption began? */
bool folder_older_there(const struct journal_folder *, uint64_t last, struct error *);
/* Has the journal, which ends with batch `last`, everything that was acknowledged? If so the end mark is open from
 * now on, for folder_mark(). */
bool folder_mark_begin(struct journal_folder *, const char *directory, uint64_t last, struct error *);
void folder_mark(struct journal_folder *, uint64_t number);
/* Returns the keys, which the caller now owns. */
struct keys *folder_keys(struct journal_folder *);
void folder_close(struct journal_folder *);

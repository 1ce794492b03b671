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
    struct end_mark *mark; /* how far it was acknowledged; NULL: it is read only */
    bool mark_behind;      /* it cannot be written, and that was told */
    struct batches_watch watch;
};

/* Tells the watch. */
void folder_note(const struct journal_folder *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The lock, and the keys to be written. The folder is made where it is missing. */
bool folder_own(struct journal_folder *, const char *directory, const struct batches_watch *, struct error *);
/* The keys only, to read. False: there are some, and they cannot be opened. */
bool folder_follow(struct journal_folder *, const char *directory, struct error *);
/* Does the journal, which ends with batch `last`, have all that it had when its encryption began? */
bool folder_older_there(const struct journal_folder *, uint64_t last, struct error *);
/* For the owner: has it all that was acknowledged? Then the end mark is kept from now on. */
bool folder_mark_begin(struct journal_folder *, const char *directory, uint64_t last, struct error *);
void folder_mark(struct journal_folder *, uint64_t number);
/* The keys, which are the caller's now. */
struct keys *folder_keys(struct journal_folder *);
void folder_close(struct journal_folder *);

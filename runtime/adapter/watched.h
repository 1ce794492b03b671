/* runtime/adapter/watched.h - Files that may change while the process runs: finds whether one has changed, whether
 * only we may read it, and keeps a table of an adapter's files, each with the function that reads it again. An
 * adapter's process may outlive many starts of gcxvm, so a file that was read only at the adapter's own start would
 * stay old even when gcxvm is restarted.
 *
 * A changed file is read after it has been the same for a second, since its writer may not have finished. Errors in a
 * changed file are logged, and the content read before stays in use. A file that lacks earlier entries counts at once
 * if it looks whole: it ends with the end of a line, and lacks at most half of the entries. Any other file, such as an
 * empty or half written one, counts after it has been the same for a minute. For a file that is read only at the
 * start, the change is logged. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct gcx_link;
struct gcx_services;
struct secret;
struct setting_row;

struct watched {
    const char *path; /* NULL: none */
    struct timespec changed;
    unsigned long long inode, size;
};

/* True: the file has changed, or is gone, since the last call. At the first call, true: the file exists. */
bool watched_changed(struct watched *);

/* How many of the entries read before are missing in the changed file. */
struct watched_lost {
    /* number of entries that are missing, and of entries read before; set by the function that reads the file */
    unsigned gone, of;
    bool whole, meant; /* whole: the file ends with the end of a line; meant: it has been the same for a minute */
};

/* True: the file may count now, although entries are missing. The function that reads the file calls this, once it
 * has counted the missing entries. */
bool watched_counts(const struct watched_lost *);

/* Reads the file again and uses it, or leaves everything as it was. False with the reason. */
typedef bool watched_again(void *self, struct watched_lost *, char *why, size_t why_size);

enum { WATCHED_FILES = 8 };

struct watched_file {
    const char *what;     /* the file's name in the log */
    watched_again *again; /* NULL: the file is read only at the start */
    void *self;           /* what `again` gets */
    struct watched file;
    bool due;          /* the file has changed, and is read once it stays the same */
    uint64_t loses_us; /* when the file counts although it lacks many entries; 0: it lacks none */
};

struct watched_files {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct watched_file all[WATCHED_FILES];
    unsigned count;
    uint64_t looked_us;
};

/* watched_add() begins to watch a file; it must be called before the file is read for the first time, so that no
 * change is missed. If `path` is empty, or NULL, nothing is watched. */
void watched_begin(struct watched_files *, struct gcx_link *, const struct gcx_services *);
void watched_add(struct watched_files *, const char *what, const char *path, watched_again *, void *self);
/* Begins to watch the files of those settings in `of` whose kind is `again`, `secret` or `start`; watched_by() sets
 * the function that reads the file of one setting. */
void watched_settings(struct watched_files *, const struct setting_row *, size_t count, const void *of);
/* A setting_get that reads the settings of the table's link. A plugin that reads its settings with this function can
 * watch their files by the table. */
const char *watched_setting(void *watched_files, const char *key);
void watched_by(struct watched_files *, const char *name, watched_again *, void *self);
void watched_secret(struct watched_files *, struct secret *); /* has the secret read again when its file has changed */
void watched_tick(
    struct watched_files *); /* looks for changes, and reads the files that are due; may be called at any rate */

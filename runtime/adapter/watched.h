/* runtime/adapter/watched.h - Files that may change while we run: has one changed, may only we read it, and the table
 * of an adapter's, each with the function that reads it again. An adapter's process may outlive many starts of gcxvm,
 * so a file that counts only at its own start would count at no start that people see.
 *
 * A file is read once it has been the same for a second, since whoever writes it may not be done. What is wrong in it
 * is logged, and what was read before goes on. One that lacks somebody of before counts at once where it is whole: it
 * ends with the end of a line, and lacks at most half of them. Any other, as one that is empty or half written, counts
 * once it has been the same for a minute. That a file has changed which is read at the start alone is logged. */
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

/* Has the file changed, or gone, since the last call? At the first call: is the file there? */
bool watched_changed(struct watched *);

/* How many of the entries that were read before the changed file lacks. */
struct watched_lost {
    unsigned gone, of; /* entries that are lost, and entries of before; set by the function that reads the file */
    bool whole, meant; /* whole: the file ends with the end of a line; meant: it has been the same for a minute */
};

/* May the file count now? Asked by the function that reads it, once it has said who is lost. */
bool watched_counts(const struct watched_lost *);

/* Reads the file again and takes it, or leaves everything as it was. False with the reason. */
typedef bool watched_again(void *self, struct watched_lost *, char *why, size_t why_size);

enum { WATCHED_FILES = 8 };

struct watched_file {
    const char *what;     /* the file's name in the log */
    watched_again *again; /* NULL: it is read at the start alone */
    void *self;           /* what `again` gets */
    struct watched file;
    bool due;          /* it has changed, and is read once it stays the same */
    uint64_t loses_us; /* when the file counts although it lacks much of before; 0: it lacks nothing */
};

struct watched_files {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct watched_file all[WATCHED_FILES];
    unsigned count;
    uint64_t looked_us;
};

/* watched_add() begins to watch a file; to be called before the file is read for the first time, so that no change is
 * missed. If `path` is empty, or NULL, there is no file. */
void watched_begin(struct watched_files *, struct gcx_link *, const struct gcx_services *);
void watched_add(struct watched_files *, const char *what, const char *path, watched_again *, void *self);
/* Begins to watch the files of the settings of the kinds `again`, `secret` and `start` that are in `of`; watched_by()
 * gives a function to the setting of that name. */
void watched_settings(struct watched_files *, const struct setting_row *, size_t count, const void *of);
/* A setting_get that reads the settings of the table's link. A plugin that reads its settings by it has their files in
 * the table. */
const char *watched_setting(void *watched_files, const char *key);
void watched_by(struct watched_files *, const char *name, watched_again *, void *self);
void watched_secret(struct watched_files *, struct secret *); /* has the secret read again when its file has changed */
void watched_tick(
    struct watched_files *); /* looks for changes, and reads what is due; may be called as often as one likes */

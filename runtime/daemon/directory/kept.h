/* runtime/daemon/directory/kept.h - The directory in force as the state folder keeps it, in directory.sqlite: each
 * table in the order of its keys, and from where, by whom and why it was imported.
 *
 * A load writes a new copy beside it (directory.new), which takes its place when the core has accepted all of it. So it
 * is known what is in force though the files that were read have changed since, and what was imported by hand is read
 * from it at the next start. Only one load writes at a time. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/directory/import.h"

/* The facts about an import. kept_about() makes texts of the caller's, which kept_forget() frees. */
struct kept_import {
    uint64_t version, at_us;
    char *source;      /* the file or folder that was read */
    bool by_hand;      /* it was imported by an administrator, and not by the configuration */
    char *actor, *why; /* why: NULL where none was given */
};
void kept_forget(struct kept_import *);

char *kept_file(const char *state); /* the path of directory.sqlite; the caller frees it */
/* Writes the import as the new copy. From any thread. */
bool kept_write(const struct directory_import *, const char *state, const struct kept_import *, struct error *);
/* Puts the new copy in force that the core has accepted, or removes the one that it has refused. An accepted import
 * without a copy leaves none. Does not wait for the disk: after a crash kept_recover() does the same, and the next
 * kept_write() makes it durable first. */
void kept_settle(const char *state, bool accepted);
/* After a crash: puts the new copy in force, if there is one, where the core has its version; else removes it. */
void kept_recover(const char *state, uint64_t version);
/* Reads the facts about the kept import. False: none is kept, or it cannot be read. */
bool kept_about(const char *state, struct kept_import *);

/* Is a directory in force that was imported by hand? True without `source` where its copy is damaged or gone. */
bool kept_by_hand(const char *state, struct kept_import *);
/* False with the reason: a directory was imported by hand, and its copy is not whole. */
bool kept_check(const char *state, struct error *);

/* The lines of a schedule, with the days of the calendars that are kept in place of their names; the caller's. NULL
 * with the reason: there is no such calendar. */
char *kept_schedule(const char *state, const char *text, struct error *);

/* Calls `each` with the name of each schedule of the directory that names the calendar, and with the lines of one more
 * date of it there. */
void kept_calendar(const char *state, const char *calendar, const char *date,
                   void (*each)(void *self, const char *schedule, const char *lines), void *self);

/* Opens the kept copy for reading; the caller closes it. NULL: none is kept. */
sqlite3 *kept_open(const char *state);
/* The column that is the key of a business table; the caller's. NULL: the directory does not have the table. */
char *kept_key(const char *state, const char *table);
bool kept_has(sqlite3 *, const char *table, const char *name); /* does the table have a row of that name? */

/* runtime/daemon/directory/kept.h - The copy of the directory in force in the state folder, directory.sqlite: each
 * table in the order of its keys, and from where, by whom and why it was imported.
 *
 * A load writes a new copy next to it (directory.new), which takes its place when the core has accepted all of it.
 * So the directory in force is known even if the files that were read have changed since, and a directory that was
 * imported by hand is read from the copy at the next start. Only one load writes at a time. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/directory/import.h"

/* The facts about an import. kept_about() allocates their texts, which kept_forget() frees. */
struct kept_import {
    uint64_t version, at_us;
    char *source;      /* the file or folder that was read */
    bool by_hand;      /* true: an administrator imported it; false: the configuration names it */
    char *actor, *why; /* why: NULL if no reason was given */
};
void kept_forget(struct kept_import *);

char *kept_file(const char *state); /* returns the path of directory.sqlite; the caller frees it */
/* Writes the import as the new copy. From any thread. */
bool kept_write(const struct directory_import *, const char *state, const struct kept_import *, struct error *);
/* Puts the new copy in force, if the core has accepted the import, or removes it, if the core has refused it. If an
 * accepted import has no copy, no copy is left. Does not wait for the disk: after a crash kept_recover() does the
 * same, and the next kept_write() first makes it durable. */
void kept_settle(const char *state, bool accepted);
/* After a crash: puts the new copy in force, if there is one and the core has its version; else removes it. */
void kept_recover(const char *state, uint64_t version);
/* Reads the facts about the kept import. False: no copy is kept, or it cannot be read. */
bool kept_about(const char *state, struct kept_import *);

/* True: a directory that was imported by hand is in force. True without `source`: its copy is damaged or gone. */
bool kept_by_hand(const char *state, struct kept_import *);
/* False with the reason: a directory was imported by hand, and its copy is not complete. */
bool kept_check(const char *state, struct error *);

/* Returns the lines of a schedule, in which the days of the kept calendars replace their names; owned by the caller.
 * NULL with the reason: there is no such calendar. */
char *kept_schedule(const char *state, const char *text, struct error *);

/* Calls `each` with each calendar that the directory's lines of this schedule name, and with the hours of its days. */
void kept_calendars(const char *state, const char *schedule,
                    void (*each)(void *self, struct span calendar, struct span hours), void *self);

/* Calls `each` with the name of each schedule of the directory that names the calendar, and with its lines for one
 * more date of the calendar. */
void kept_calendar(const char *state, const char *calendar, const char *date,
                   void (*each)(void *self, const char *schedule, const char *lines), void *self);

/* Opens the kept copy for reading; the caller closes it. NULL: none is kept. */
sqlite3 *kept_open(const char *state);
/* Returns the name of the key column of a business table; owned by the caller. NULL: the directory does not have the
 * table. */
char *kept_key(const char *state, const char *table);
bool kept_has(sqlite3 *, const char *table, const char *name); /* true: the table has a row with that key */

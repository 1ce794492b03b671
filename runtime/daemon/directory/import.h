/* runtime/daemon/directory/import.h - The directory's import: people, their skills, and where calls arrive, read
 * from a file of SQL or another source.
 *
 * The import owns what it has read; all texts that it returns are borrowed from it. The file is run in an empty
 * database in memory; its tables then become DirectoryRow events, closed by a DirectoryCommit, so that the core
 * always sees a whole directory: the new one or the one before. If the core's rows are known, only rows that differ
 * become events. A complaint names file, line, table and row. An import is read on any thread and never changes
 * afterwards. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"

struct directory_import;

enum { IMPORT_ROWS_MAX = 2000000, IMPORT_HASH = 32 };

/* Reads a directory, for at most so many seconds. NULL with the reason, which names the file's line, or table and
 * row. May be called from any thread; another thread ends it by setting `stop`, which may be NULL. */
struct directory_import *import_read(const char *file, unsigned seconds, const atomic_bool *stop, struct error *);
void import_free(struct directory_import *);

size_t import_count(const struct directory_import *); /* rows in all */

/* Returns a doubt about the import, as a sentence: it can be in force but may be a mistake, such as a column that
 * nobody reads. NULL past the last. Borrowed. */
const char *import_doubt(const struct directory_import *, size_t index);

/* Reads a routing point, its strategy, and the parameters that the strategy gets; false after the last. Borrowed. */
struct import_point {
    const char *dn, *strategy;
    const char *defaults; /* DNs with commas between */
    struct span given;    /* parameters of the strategy: a list of texts */
};
bool import_point(const struct directory_import *, size_t index, struct import_point *);
/* Writes to `error` a complaint about this routing point's row, with the file's line. */
void import_point_wrong(const char *file, const char *dn, const char *what, struct error *);

bool import_has(const struct directory_import *, enum table, const char *key);
/* True: the number is missing in the directory: it has only digits, exactly as many as some extension or position
 * that is listed, and is not listed itself. Also true for the name of a queue that is no DN's name. Any other number
 * may be the switch's own, or outside, and does not count as missing. */
bool import_lacks_dn(const struct directory_import *, const char *dn);
/* True: the name is that of a DN of type queue, or of a queue. E-mails and chats are put into such queues. */
bool import_is_queue(const struct directory_import *, const char *dn);

/* Reads a row of one of the core's tables; false after the last. Borrowed. */
struct import_entry {
    const char *key;
    struct span values;
};
bool import_entry(const struct directory_import *, enum table, size_t index, struct import_entry *);
/* Writes the place of this routing point's row, such as "directory.sql:9"; the file alone if the line cannot be
 * found. */
void import_point_place(const char *file, const char *dn, char *place, size_t size);

/* Reads a row of table access, which says how calls may go from one switch to another. False past the last.
 * Borrowed. */
struct import_access {
    struct span from, to; /* names of adapters */
};
bool import_access(const struct directory_import *, size_t index, struct import_access *);

/* A setting that the directory gives instead of the site: a parameter's value, the rows of a business table by their
 * keys (`key`: the key column, else NULL), or the numbers of a schedule. Whether a site has such a setting is
 * checked elsewhere. False past the last. Borrowed. */
struct import_setting {
    const char *name, *key;
    struct kv_value value;
    enum table table;
};
bool import_setting(const struct directory_import *, size_t index, struct import_setting *);
/* Writes to `error` what is wrong with a setting, with its line. `row`: the key of the wrong row (of a parameter,
 * its name); NULL: the setting as a whole is wrong. Always returns false. */
bool import_setting_wrong(const char *file, const struct import_setting *, const char *row, const char *what,
                          struct error *);

/* Calls `event` with an event for each row, in the name of `actor`, and then with the commit, all without source and
 * seq; each frame is valid during its call. */
void import_events(const struct directory_import *, uint64_t version, const char *actor,
                   void (*event)(void *self, struct span frame), void *self);
/* The commit: if `whole`, the core removes all rows that were not in the events. `hash`: import_hash() of all rows. */
struct import_commit {
    uint64_t version;
    const char *actor, *why; /* why: NULL: none */
    bool whole;
    uint8_t hash[IMPORT_HASH];
};
void import_commit(const struct import_commit *, void (*event)(void *self, struct span frame), void *self);

/* Writes a hash of all rows' events, by which the rows of two directories can be compared. */
void import_hash(const struct directory_import *, uint8_t hash[IMPORT_HASH]);
/* True: it is enough to send the core only the rows that differ between the two imports. False if keys of several
 * columns could be confused. */
bool import_may_differ(const struct directory_import *before, const struct directory_import *);
/* Like import_events(), but only for rows that differ from those of `before`; removed rows come first. */
void import_differing_events(const struct directory_import *before, const struct directory_import *, uint64_t version,
                             const char *actor, void (*event)(void *self, struct span frame), void *self);

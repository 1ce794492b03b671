/* runtime/journal/batches_sqlite.c - The journal in one SQLite file: one row per batch, one transaction per append.
 *
 * DIRECTORY/journal.db is in WAL mode with synchronous FULL: a commit has reached the disk before append() returns. One
 * process owns the journal, by the lock of the folder (folder.h), not by one of SQLite: so an operator may still read
 * the file with SQL. A lock of SQLite that another process holds is waited for. Whatever has failed once is never tried
 * again (a COMMIT after a failed fsync succeeds as if nothing had been lost): the process must end, and recovery reads
 * what is really stored. */
#include "runtime/host/real.h"
#include "runtime/journal/folder.h"
#include "runtime/journal/reserve.h"
#include "runtime/journal/batches_kind.h"
#include "base/file.h"
#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { APPLICATION_ID = 0x4743584a, FORMAT = 1 }; /* "GCXJ" */

/* Files of the journal, by the ends of their names. Both hold batches. */
static const char *const suffixes[] = {"", "-wal"};
enum { FILES = sizeof suffixes / sizeof *suffixes, PATH_SIZE = 4096 };

struct batches_file {
    sqlite3 *db;
    sqlite3_stmt *append, *read, *put_image, *get_image, *image_at, *look, *prune;
    struct journal_folder own;
    char folder[PATH_SIZE];
    int waited_ms;      /* how long another process's lock has been waited for; 0: no wait */
    struct named_file { /* identity of the file that had this name when the journal was opened */
        char path[PATH_SIZE];
        struct file_identity identity;
    } files[FILES];
    /* A copy of the blob read last. Images have another copy, as one is read while a batch that names it is being
     * replayed. */
    struct fetched {
        uint8_t *bytes;
        size_t capacity;
    } batch, image;
};

static bool batches_sqlite_refuse(struct batches_file *store, struct error *error, const char *what)
{
    int code = store->db ? sqlite3_errcode(store->db) : SQLITE_OK;
    bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return error_set(error, damaged ? ERROR_INPUT : ERROR_SYSTEM, "journal: %s: %s%s", what,
                     store->db ? sqlite3_errmsg(store->db) : "no memory",
                     damaged               ? " (the file is damaged)"
                     : code == SQLITE_BUSY ? " (by another process, for too long; end what copies or reads the journal)"
                                           : "");
}

/* SQLite's busy handler, called while a lock is not available: waits and returns 1, or returns 0 to give up.
 * `before`: how many times it was called for this lock. */
static int batches_sqlite_on_busy(void *self, int before)
{
    enum { PAUSE_MS = 10 };
    struct batches_file *store = self;
    if (before == 0) store->waited_ms = 0;
    if (store->waited_ms == 0)
        folder_note(&store->own, "another process has locked the journal; waits for it, %d ms at most",
                    BATCHES_WAIT_MS);
    if (store->waited_ms >= BATCHES_WAIT_MS) return 0;
    nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    store->waited_ms += PAUSE_MS;
    return 1;
}

/* Reports that the wait for a lock is over; called after a statement has succeeded that may have waited. */
static void wait_over(struct batches_file *store)
{
    if (store->waited_ms > 0)
        folder_note(&store->own, "the journal is no longer locked; that took about %d ms", store->waited_ms);
    store->waited_ms = 0;
}

/* Remembers which files are the journal's. */
static bool files_remember(struct batches_file *store, struct error *error)
{
    for (size_t i = 0; i < FILES; i++) {
        struct named_file *file = &store->files[i];
        struct stat found;
        if (stat(file->path, &found) != 0) return file_failed(file->path, error);
        file->identity = file_identity(&found);
    }
    return true;
}

/* Do the journal's files still have their names, so that the next start will find them? */
static bool files_there(const void *self, struct error *error)
{
    const struct batches_file *store = self;
    for (size_t i = 0; i < FILES; i++) {
        const struct named_file *file = &store->files[i];
        bool there;
        if (file_still(file->path, &file->identity, &there)) continue;
        return error_set(error, ERROR_STATE,
                         "journal: %.140s %s while it was in use; keep the state folder in its place while gcxvm runs",
                         file->path, there ? "was replaced" : "was removed");
    }
    return true;
}

static bool batches_sqlite_run(struct batches_file *store, const char *sql, struct error *error)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
    return batches_sqlite_refuse(store, error, sql);
}

/* Runs a pragma or a query and writes the answer as text. */
static bool batches_sqlite_ask(struct batches_file *store, const char *sql, char *answer, size_t size,
                               struct error *error)
{
    assert(size > 0);
    sqlite3_stmt *statement = NULL;
    bool good =
        sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
    if (good) {
        const unsigned char *text = sqlite3_column_text(statement, 0);
        snprintf(answer, size, "%s", text ? (const char *)text : "");
    } else {
        batches_sqlite_refuse(store, error, sql);
    }
    sqlite3_finalize(statement);
    return good;
}

/* Checks that SQLite has taken a setting; without it, batches might be lost at a power failure without notice. */
static bool must_be(struct batches_file *store, const char *sql, const char *expected, struct error *error)
{
    char answer[64];
    if (!batches_sqlite_ask(store, sql, answer, sizeof answer, error)) return false;
    if (strcmp(answer, expected) == 0) return true;
    return error_set(error, ERROR_SYSTEM, "journal: %s says %s, not %s: what is written might be lost", sql, answer,
                     expected);
}

/* An empty file is made a journal in one transaction; any other must have the right marks. */
static bool check_format(struct batches_file *store, struct error *error)
{
    char id[32], format[32], expected[32];
    if (!batches_sqlite_ask(store, "PRAGMA application_id", id, sizeof id, error)) return false;
    if (!batches_sqlite_ask(store, "PRAGMA user_version", format, sizeof format, error)) return false;
    if (strcmp(id, "0") == 0 && strcmp(format, "0") == 0) {
        char tables[32];
        if (!batches_sqlite_ask(store, "SELECT count(*) FROM sqlite_schema", tables, sizeof tables, error))
            return false;
        if (strcmp(tables, "0") == 0)
            return batches_sqlite_run(store,
                                      "BEGIN IMMEDIATE; PRAGMA application_id = 1195595850; PRAGMA user_version = 1;"
                                      "CREATE TABLE batch(number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
                                      "CREATE TABLE image(hash BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT; COMMIT",
                                      error);
    }
    snprintf(expected, sizeof expected, "%d", APPLICATION_ID);
    if (strcmp(id, expected) == 0 && strcmp(format, "1") == 0) return true;
    return error_set(error, ERROR_VERSION,
                     "journal.db is not a journal of this program (id %s, format %s; expected %s, %d)", id, format,
                     expected, FORMAT);
}

static bool batches_sqlite_prepare(struct batches_file *store, sqlite3_stmt **statement, const char *sql,
                                   struct error *error)
{
    if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK) return true;
    return batches_sqlite_refuse(store, error, sql);
}

static void files_name(struct batches_file *store, const char *directory)
{
    for (size_t i = 0; i < FILES; i++)
        snprintf(store->files[i].path, PATH_SIZE, "%s/journal.db%s", directory, suffixes[i]);
}

/* Opens the database; settings are made before statements are prepared, and are read back. */
static bool open_database(struct batches_file *store, const char *directory, struct error *error)
{
    const char *path = store->files[0].path;
    files_name(store, directory);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX; /* batches.c has the lock */
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) return batches_sqlite_refuse(store, error, path);
    sqlite3_extended_result_codes(store->db, 0);
    sqlite3_busy_handler(store->db, batches_sqlite_on_busy, store);
    return must_be(store, "PRAGMA journal_mode = WAL", "wal", error) &&
           batches_sqlite_run(store, "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF", error) &&
           must_be(store, "PRAGMA synchronous", "2", error) && check_format(store, error) &&
           batches_sqlite_prepare(store, &store->append, "INSERT INTO batch(number, bytes) VALUES(?, ?)", error) &&
           batches_sqlite_prepare(store, &store->read, "SELECT bytes FROM batch WHERE number = ?", error) &&
           batches_sqlite_prepare(store, &store->put_image, "INSERT OR IGNORE INTO image(hash, bytes) VALUES(?, ?)",
                                  error) &&
           batches_sqlite_prepare(store, &store->get_image, "SELECT bytes FROM image WHERE hash = ?", error) &&
           batches_sqlite_prepare(store, &store->image_at, "SELECT hash FROM image ORDER BY rowid LIMIT 1 OFFSET ?",
                                  error) &&
           batches_sqlite_prepare(store, &store->prune, "DELETE FROM batch WHERE number = ?", error);
}

/* Inserts the row; if the disk is full, nothing of it was synced and SQLite has taken the row back, so it may be
 * written once more into the space of the reserve. */
static int append_row(struct batches_file *store, bool *gave_up)
{
    int result = sqlite3_step(store->append);
    if (result != SQLITE_FULL || !reserve_give_up(store->folder)) return result;
    *gave_up = true;
    sqlite3_reset(store->append);
    return sqlite3_step(store->append);
}

/* Appends a batch; the file's identity is checked after the commit, as a file that was moved away took the row with
 * it. */
static enum append_result sqlite_append(void *self, uint64_t number, struct span batch, bool *gave_up,
                                        struct error *error)
{
    struct batches_file *store = self;
    assert(number > 0 && batch.length > 0);
    sqlite3_bind_int64(store->append, 1, (sqlite3_int64)number);
    sqlite3_bind_blob(store->append, 2, batch.bytes, (int)batch.length, SQLITE_STATIC);
    int result = append_row(store, gave_up);
    if (result != SQLITE_DONE) batches_sqlite_refuse(store, error, "append");
    sqlite3_reset(store->append);
    sqlite3_clear_bindings(store->append);
    if (result == SQLITE_DONE) {
        wait_over(store);
        if (!files_there(store, error)) return APPEND_UNKNOWN;
        folder_mark(&store->own, number);
        return APPEND_OK;
    }
    /* Another gcxvm has written a batch with this number, and so leads. */
    return (result & 0xff) == SQLITE_CONSTRAINT ? APPEND_DEPOSED : APPEND_UNKNOWN;
}

/* Copies the blob of the statement's row, so that it stays valid when the statement is reset. */
static bool batches_sqlite_fetch(struct batches_file *store, sqlite3_stmt *statement, struct fetched *fetched,
                                 struct span *out, struct error *error, const char *what)
{
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        const void *bytes = sqlite3_column_blob(statement, 0);
        size_t length = (size_t)sqlite3_column_bytes(statement, 0);
        if (length > fetched->capacity) {
            fetched->bytes = memory_grown(fetched->bytes, length, 1);
            fetched->capacity = length;
        }
        if (length) memcpy(fetched->bytes, bytes, length);
        *out = (struct span){fetched->bytes, (uint32_t)length};
    } else if (result == SQLITE_DONE) {
        error_set(error, ERROR_UNKNOWN, "%s is missing", what);
    } else {
        batches_sqlite_refuse(store, error, what);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result == SQLITE_ROW;
}

static bool journal_sqlite_read(void *self, uint64_t number, struct span *batch, struct error *error)
{
    struct batches_file *store = self;
    char what[64];
    snprintf(what, sizeof what, "batch %" PRIu64, number);
    sqlite3_bind_int64(store->read, 1, (sqlite3_int64)number);
    return batches_sqlite_fetch(store, store->read, &store->batch, batch, error, what);
}

static bool sqlite_put_image(void *self, const uint8_t hash[32], struct span bytes, struct error *error)
{
    struct batches_file *store = self;
    sqlite3_bind_blob(store->put_image, 1, hash, 32, SQLITE_STATIC);
    sqlite3_bind_blob(store->put_image, 2, bytes.bytes, (int)bytes.length, SQLITE_STATIC);
    bool good =
        sqlite3_step(store->put_image) == SQLITE_DONE || batches_sqlite_refuse(store, error, "storing an image");
    sqlite3_reset(store->put_image);
    sqlite3_clear_bindings(store->put_image);
    if (good) wait_over(store);
    return good;
}

static bool sqlite_get_image(void *self, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    struct batches_file *store = self;
    sqlite3_bind_blob(store->get_image, 1, hash, 32, SQLITE_STATIC);
    return batches_sqlite_fetch(store, store->get_image, &store->image, bytes, error, "the image");
}

static bool sqlite_image_at(void *self, uint64_t index, uint8_t hash[32])
{
    struct batches_file *store = self;
    struct span found;
    sqlite3_bind_int64(store->image_at, 1, (sqlite3_int64)index);
    if (!batches_sqlite_fetch(store, store->image_at, &store->image, &found, NULL, "the image") || found.length != 32)
        return false;
    memcpy(hash, found.bytes, 32);
    return true;
}

/* Deletes rows one by one while there is time. Returns the number of the oldest row left. */
static uint64_t prune_rows(struct batches_file *store, uint64_t first, uint64_t below, uint64_t until_us, bool *good)
{
    assert(first < below);
    do {
        sqlite3_bind_int64(store->prune, 1, (sqlite3_int64)first);
        *good = sqlite3_step(store->prune) == SQLITE_DONE;
        sqlite3_reset(store->prune);
        if (*good) first++;
    } while (*good && first < below && host_monotonic_us() < until_us);
    return first;
}

/* Deletes rows without syncing: the next append syncs the deletion, too, and a loss of power only undoes the work. The
 * check at the function's end makes sure that appends sync again; if they would not, the store has failed. */
static bool sqlite_prune(void *self, uint64_t *first, uint64_t below, uint64_t within_us, struct error *error)
{
    struct batches_file *store = self;
    bool good = batches_sqlite_run(store, "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE", error);
    if (good) {
        uint64_t left = prune_rows(store, *first, below, host_monotonic_us() + within_us, &good);
        if (!good) batches_sqlite_refuse(store, error, "pruning");
        good = good && batches_sqlite_run(store, "COMMIT", error);
        if (good) *first = left;
    }
    if (!sqlite3_get_autocommit(store->db)) batches_sqlite_run(store, "ROLLBACK", NULL);
    wait_over(store);
    return batches_sqlite_run(store, "PRAGMA synchronous = FULL", error) &&
           must_be(store, "PRAGMA synchronous", "2", error) && good;
}

/* Stores an event that replays skip; the table for these is only made when the first one is stored. */
static bool sqlite_pass(void *self, const struct batches_pass *pass, struct error *error)
{
    struct batches_file *store = self;
    char sql[400];
    snprintf(sql, sizeof sql,
             "BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS passed(batch INTEGER, place INTEGER, until INTEGER NOT NULL, "
             "PRIMARY KEY(batch, place)) STRICT; INSERT OR IGNORE INTO passed VALUES(%" PRIu64 ", %" PRIu32 ", %" PRIu64
             "); COMMIT",
             pass->batch, pass->place, pass->until);
    bool good = batches_sqlite_run(store, sql, error);
    if (!sqlite3_get_autocommit(store->db)) batches_sqlite_run(store, "ROLLBACK", NULL);
    wait_over(store);
    return good;
}

static uint32_t sqlite_passes(void *self, struct batches_pass rows[BATCHES_PASSES_MAX])
{
    struct batches_file *store = self;
    sqlite3_stmt *statement = NULL;
    uint32_t count = 0;
    if (sqlite3_prepare_v2(store->db, "SELECT batch, place, until FROM passed ORDER BY batch, place", -1, &statement,
                           NULL) == SQLITE_OK)
        while (count < BATCHES_PASSES_MAX && sqlite3_step(statement) == SQLITE_ROW)
            rows[count++] = (struct batches_pass){.batch = (uint64_t)sqlite3_column_int64(statement, 0),
                                                  .place = (uint32_t)sqlite3_column_int64(statement, 1),
                                                  .until = (uint64_t)sqlite3_column_int64(statement, 2)};
    sqlite3_finalize(statement);
    return count;
}

/* Rewrites the file; this needs space for a second copy while it runs. */
static bool sqlite_shrink(void *self, struct error *error)
{
    return batches_sqlite_run(self, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", error);
}

static void sqlite_size(void *self, uint64_t *bytes, uint64_t *free)
{
    struct batches_file *store = self;
    char page[32], unused[32];
    for (size_t i = 0; i < FILES; i++) {
        struct stat found;
        if (stat(store->files[i].path, &found) == 0) *bytes += (uint64_t)found.st_size;
    }
    if (batches_sqlite_ask(store, "PRAGMA page_size", page, sizeof page, NULL) &&
        batches_sqlite_ask(store, "PRAGMA freelist_count", unused, sizeof unused, NULL))
        *free = strtoull(page, NULL, 10) * strtoull(unused, NULL, 10);
}

static void journal_sqlite_close(void *self)
{
    struct batches_file *store = self;
    sqlite3_stmt *statements[] = {store->append,   store->read, store->put_image, store->get_image,
                                  store->image_at, store->look, store->prune};
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) sqlite3_finalize(statements[i]);
    sqlite3_close(store->db);
    folder_close(&store->own);
    free(store->batch.bytes);
    free(store->image.bytes);
    free(store);
}

/* Is journal.db there if journal.db-wal is? Without journal.db, SQLite would remove journal.db-wal, which has the last
 * batches. */
static bool wal_has_its_file(const char *directory, struct error *error)
{
    char path[PATH_SIZE];
    struct stat file, wal;
    snprintf(path, sizeof path, "%.4000s/journal.db", directory);
    if (stat(path, &file) == 0 && file.st_size > 0) return true;
    snprintf(path, sizeof path, "%.4000s/journal.db-wal", directory);
    if (stat(path, &wal) != 0 || wal.st_size == 0) return true;
    return error_set(
        error, ERROR_INPUT,
        "journal.db is gone or empty, and journal.db-wal, which belongs to it, is there: put journal.db back, or "
        "move journal.db-wal away");
}

/* Opens the journal; the folder's lock comes first, so that no two processes write the file. */
struct batches *batches_open_sqlite(const char *directory, const struct batches_watch *watch, struct error *error)
{
    static const struct batches_kind kind = {.append = sqlite_append,
                                             .read = journal_sqlite_read,
                                             .put_image = sqlite_put_image,
                                             .get_image = sqlite_get_image,
                                             .image_at = sqlite_image_at,
                                             .prune = sqlite_prune,
                                             .pass = sqlite_pass,
                                             .passes = sqlite_passes,
                                             .shrink = sqlite_shrink,
                                             .size = sqlite_size,
                                             .there = files_there,
                                             .close = journal_sqlite_close};
    struct batches_file *store = memory_zeroed(1, sizeof *store);
    snprintf(store->folder, sizeof store->folder, "%.4000s", directory);
    char first[32], last[32];
    if (!folder_own(&store->own, directory, watch, error) || !wal_has_its_file(directory, error) ||
        !open_database(store, directory, error) ||
        !batches_sqlite_ask(store, "SELECT coalesce(min(number), 0) FROM batch", first, sizeof first, error) ||
        !batches_sqlite_ask(store, "SELECT coalesce(max(number), 0) FROM batch", last, sizeof last, error) ||
        !files_remember(store, error) || !folder_mark_begin(&store->own, directory, strtoull(last, NULL, 10), error)) {
        journal_sqlite_close(store);
        return NULL;
    }
    wait_over(store);
    return batches_new(&kind, store, strtoull(first, NULL, 10), strtoull(last, NULL, 10), folder_keys(&store->own));
}

/* Copies the journal; opening and closing the copy once gives it SQLite's WAL mode and a journal.end. */
static bool sqlite_copy(void *self, const char *folder, struct error *error)
{
    struct batches_file *store = self;
    sqlite3_stmt *statement = NULL;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%.4000s/journal.db", folder);
    bool good = sqlite3_prepare_v2(store->db, "VACUUM INTO ?", -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_DONE;
    if (!good) batches_sqlite_refuse(store, error, "copying");
    sqlite3_finalize(statement);
    if (!good || !(file_synced(path) || file_failed(path, error))) return false;
    struct batches *copy = batches_open_sqlite(folder, NULL, error);
    batches_close(copy);
    return copy && (file_synced(folder) || file_failed(folder, error));
}

static bool fill_batches(struct batches_file *store, const struct batches_kind *from, void *self, uint64_t first,
                         uint64_t last, struct error *error)
{
    bool good = true, gave_up = false;
    struct span row;
    for (uint64_t number = first; good && number > 0 && number <= last; number++) {
        good = from->read(self, number, &row, error);
        if (!good) break;
        sqlite3_bind_int64(store->append, 1, (sqlite3_int64)number);
        sqlite3_bind_blob(store->append, 2, row.bytes, (int)row.length, SQLITE_STATIC);
        good = append_row(store, &gave_up) == SQLITE_DONE || batches_sqlite_refuse(store, error, "copying");
        sqlite3_reset(store->append);
    }
    return good;
}

/* Copies images after the batches, as these may name an image only once that is stored at its source. */
static bool fill_beside(struct batches_file *store, const struct batches_kind *from, void *self, struct error *error)
{
    struct batches_pass passes[BATCHES_PASSES_MAX];
    uint32_t passed = from->passes ? from->passes(self, passes) : 0;
    uint8_t hash[32];
    struct span bytes;
    bool good = true;
    for (uint64_t at = 0; good && from->image_at(self, at, hash); at++)
        good = from->get_image(self, hash, &bytes, error) && sqlite_put_image(store, hash, bytes, error);
    for (uint32_t at = 0; good && at < passed; at++) good = sqlite_pass(store, &passes[at], error);
    return good;
}

/* Makes a journal file of another store's rows, such as for a backup of a database. */
bool batches_fill_sqlite(const char *folder, const struct batches_kind *from, void *self, uint64_t first, uint64_t last,
                         struct error *error)
{
    struct batches_file *store = memory_zeroed(1, sizeof *store);
    store->own.lock = -1;
    snprintf(store->folder, sizeof store->folder, "%.4000s", folder);
    bool good = open_database(store, folder, error) && batches_sqlite_run(store, "BEGIN IMMEDIATE", error) &&
                fill_batches(store, from, self, first, last, error) && batches_sqlite_run(store, "COMMIT", error) &&
                fill_beside(store, from, self, error);
    journal_sqlite_close(store);
    struct batches *copy = good ? batches_open_sqlite(folder, NULL, error) : NULL;
    batches_close(copy);
    return copy && (file_synced(folder) || file_failed(folder, error));
}

/* Is the followed file still the one under its name? Only journal.db is checked: the write-ahead log comes and goes
 * with the processes that open the journal. */
static bool followed_is_there(const struct batches_file *store, struct error *error)
{
    const struct named_file *file = &store->files[0];
    bool there;
    if (file_still(file->path, &file->identity, &there)) return true;
    return error_set(error, ERROR_STATE, "journal: %.140s was %s", file->path, there ? "replaced" : "removed");
}

static bool sqlite_look(void *self, uint64_t *first, uint64_t *last, struct error *error)
{
    struct batches_file *store = self;
    assert(store->look); /* only a followed journal is looked at */
    int result = sqlite3_step(store->look);
    if (result == SQLITE_ROW) {
        *first = (uint64_t)sqlite3_column_int64(store->look, 0);
        *last = (uint64_t)sqlite3_column_int64(store->look, 1);
    }
    sqlite3_reset(store->look);
    if (result != SQLITE_ROW) return batches_sqlite_refuse(store, error, "cannot be read");
    return followed_is_there(store, error);
}

static bool follow_database(struct batches_file *store, const char *directory, struct error *error)
{
    struct named_file *file = &store->files[0];
    struct stat found;
    files_name(store, directory);
    if (stat(file->path, &found) != 0)
        return error_set(error, ERROR_UNKNOWN, "%.200s: %s", file->path, strerror(errno));
    file->identity = file_identity(&found);
    if (sqlite3_open_v2(file->path, &store->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return batches_sqlite_refuse(store, error, file->path);
    sqlite3_busy_handler(store->db, batches_sqlite_on_busy, store);
    char id[32], expected[32];
    snprintf(expected, sizeof expected, "%d", APPLICATION_ID);
    if (!batches_sqlite_ask(store, "PRAGMA application_id", id, sizeof id, error)) return false;
    if (strcmp(id, expected) != 0)
        return error_set(error, ERROR_VERSION,
                         "%.200s is not a journal of this program, or nothing was written to it yet", file->path);
    return batches_sqlite_prepare(store, &store->read, "SELECT bytes FROM batch WHERE number = ?", error) &&
           batches_sqlite_prepare(store, &store->get_image, "SELECT bytes FROM image WHERE hash = ?", error) &&
           batches_sqlite_prepare(
               store, &store->look,
               "SELECT coalesce((SELECT min(number) FROM batch), 0), coalesce((SELECT max(number) FROM batch), 0)",
               error);
}

/* Opens the journal read-only, while another process leads. Locks are held no longer than a query. */
struct batches *batches_follow_sqlite(const char *directory, struct error *error)
{
    static const struct batches_kind kind = {.read = journal_sqlite_read,
                                             .get_image = sqlite_get_image,
                                             .look = sqlite_look,
                                             .copy = sqlite_copy,
                                             .passes = sqlite_passes,
                                             .size = sqlite_size,
                                             .close = journal_sqlite_close};
    struct batches_file *store = memory_zeroed(1, sizeof *store);
    uint64_t first = 0, last = 0;
    store->own.lock = -1;
    if (wal_has_its_file(directory, error) && follow_database(store, directory, error) &&
        sqlite_look(store, &first, &last, error) && folder_follow(&store->own, directory, error) &&
        folder_older_there(&store->own, last, error))
        return batches_new(&kind, store, first, last, folder_keys(&store->own));
    journal_sqlite_close(store);
    return NULL;
}

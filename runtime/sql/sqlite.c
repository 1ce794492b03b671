/* runtime/sql/sqlite.c - A SQLite database for the stores. Other processes may have the file open, so each access waits
 * for their locks.
 *
 * When a file is replaced, the old file's log (FILE-wal) and log index (FILE-shm) are still in the folder, and SQLite
 * would take them for those of the new file. So before the new file is opened, the log is written into the old file,
 * wherever that is, and log and index are removed unless they belong to the new file: every commit is in the file it
 * was made to, and a program that still has the old file open cannot change the new one. Another program may have
 * opened the new file meanwhile and be writing to that log. As long as another program writes to that log, nothing is
 * emptied or removed, and we refuse to use the new file. A program that has opened the new file holds a shared lock on
 * that file since before it opened the log; so if we get the exclusive lock, there is no such program.
 *
 * After waiting for a lock in vain, the next statements wait only briefly, until a write succeeds: else a caller with
 * several questions would wait the full time for each. */
#include <assert.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/sql/kind.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/out.h"

enum { BUSY_MS = 8000, BUSY_AGAIN_MS = 500, BESIDE = 2, PAGE_LEAST = 512 };

static const char *const sqlite_beside[BESIDE] = {"-wal", "-shm"};

struct sqlite {
    struct sql sql;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS_MAX];
    char *file;
    struct file_identity identity;       /* identity of the file that was opened */
    struct file_identity beside[BESIDE]; /* identities of the file's log and log index */
    unsigned rows;                       /* answers that are being read */
    bool unfit;                          /* true: the file was reopened, and the program cannot use it yet */
    bool asked;                          /* true: the program is being asked whether it can use the file */
    bool in_vain;                        /* true: we waited for a lock in vain, and have not written since */
};

struct sqlite_rows {
    struct sql_rows rows;
    struct sqlite *sqlite;
    sqlite3_stmt *statement;
    int result, first; /* result codes: of the last step; of the first step, made before sql_next() */
};

/* Sets the time to wait for locks: short after a wait in vain, long again after a write that succeeded. */
static void sql_sqlite_patience(struct sqlite *sqlite, bool in_vain)
{
    if (sqlite->in_vain != in_vain) sqlite3_busy_timeout(sqlite->db, in_vain ? BUSY_AGAIN_MS : BUSY_MS);
    sqlite->in_vain = in_vain;
}

static bool sql_sqlite_refuse(struct sqlite *sqlite, struct error *error, const char *what)
{
    int code = sqlite->db ? sqlite3_errcode(sqlite->db) : SQLITE_NOMEM;
    if (code == SQLITE_BUSY) sql_sqlite_patience(sqlite, true);
    return error_set(error, code == SQLITE_BUSY || code == SQLITE_LOCKED ? ERROR_TIMEOUT : ERROR_UNAVAILABLE,
                     "%s: %.90s: %.140s", sqlite->sql.what, what,
                     sqlite->db ? sqlite3_errmsg(sqlite->db) : "no memory");
}

static bool sql_sqlite_run(struct sql *self, const char *text, struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    return sqlite3_exec(sqlite->db, text, NULL, NULL, NULL) == SQLITE_OK || sql_sqlite_refuse(sqlite, error, text);
}

static bool sql_sqlite_prepare(struct sql *self, unsigned number, const char *text, struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    return sqlite3_prepare_v3(sqlite->db, text, -1, SQLITE_PREPARE_PERSISTENT, &sqlite->statements[number], NULL) ==
               SQLITE_OK ||
           sql_sqlite_refuse(sqlite, error, text);
}

static bool sql_sqlite_forget(struct sql *self, unsigned number)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    sqlite3_finalize(sqlite->statements[number]);
    sqlite->statements[number] = NULL;
    return true;
}

/* Which value is that of the parameter at `place`? SQLite counts $3 by where it first stands, not by its number. */
static size_t value_at(sqlite3_stmt *statement, int place, size_t count)
{
    const char *name = sqlite3_bind_parameter_name(statement, place);
    unsigned long number = name && *name == '$' ? strtoul(name + 1, NULL, 10) : (unsigned long)place;
    assert(number >= 1 && number <= count);
    return number - 1;
}

static void sql_sqlite_bind(sqlite3_stmt *statement, int place, const struct sql_value *value)
{
    const void *bytes = value->span.bytes ? (const void *)value->span.bytes : "";
    switch (value->type) {
    case SQL_NULL:
        sqlite3_bind_null(statement, place);
        break;
    case SQL_NUMBER:
        sqlite3_bind_int64(statement, place, value->number);
        break;
    case SQL_TEXT:
        sqlite3_bind_text(statement, place, bytes, (int)value->span.length, SQLITE_STATIC);
        break;
    case SQL_BYTES:
        sqlite3_bind_blob(statement, place, bytes, (int)value->span.length, SQLITE_STATIC);
        break;
    }
}

/* Binds the parameters and makes the statement's first step at once, so that a statement that fails is reported
 * here. */
static struct sql_rows *sql_sqlite_ask(struct sql *self, unsigned number, const struct sql_value *values, size_t count,
                                       struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    if (!sqlite->statements[number] && !sql_sqlite_prepare(self, number, self->kept[number], error)) return NULL;
    sqlite3_stmt *statement = sqlite->statements[number];
    assert(!sqlite3_stmt_busy(statement) && (int)count == sqlite3_bind_parameter_count(statement));
    for (int place = 1; place <= (int)count; place++)
        sql_sqlite_bind(statement, place, &values[value_at(statement, place, count)]);
    int result = sqlite3_step(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        sql_sqlite_refuse(sqlite, error, sqlite->sql.kept[number]);
        sqlite3_reset(statement);
        return NULL;
    }
    self->changes = sqlite3_changes64(sqlite->db);
    if (!sqlite3_stmt_readonly(statement) && sqlite3_get_autocommit(sqlite->db)) sql_sqlite_patience(sqlite, false);
    struct sqlite_rows *rows = memory_zeroed(1, sizeof *rows);
    sqlite->rows++;
    *rows = (struct sqlite_rows){{self}, sqlite, statement, result, true};
    return &rows->rows;
}

static bool sql_sqlite_next(struct sql_rows *self)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)self;
    if (!rows->first && rows->result == SQLITE_ROW) rows->result = sqlite3_step(rows->statement);
    rows->first = false;
    return rows->result == SQLITE_ROW;
}

static bool sql_sqlite_end(struct sql_rows *self, struct error *error)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)self;
    /* sqlite3_reset() also returns the error of the last step */
    bool good = sqlite3_reset(rows->statement) == SQLITE_OK;
    if (!good) sql_sqlite_refuse(rows->sqlite, error, sqlite3_sql(rows->statement));
    sqlite3_clear_bindings(rows->statement);
    assert(rows->sqlite->rows > 0);
    rows->sqlite->rows--;
    free(rows);
    return good;
}

static bool sql_sqlite_is_null(const struct sql_rows *self, int column)
{
    return sqlite3_column_type(((const struct sqlite_rows *)self)->statement, column) == SQLITE_NULL;
}

static int64_t sql_sqlite_number_of(const struct sql_rows *self, int column)
{
    return sqlite3_column_int64(((const struct sqlite_rows *)self)->statement, column);
}

static struct span sql_sqlite_string_of(const struct sql_rows *self, int column)
{
    sqlite3_stmt *statement = ((const struct sqlite_rows *)self)->statement;
    const unsigned char *text = sqlite3_column_text(statement, column);
    if (!text) return span_of("");
    return (struct span){text, (uint32_t)sqlite3_column_bytes(statement, column)};
}

static struct span sql_sqlite_blob_of(struct sql_rows *self, int column)
{
    sqlite3_stmt *statement = ((struct sqlite_rows *)self)->statement;
    const void *bytes = sqlite3_column_blob(statement, column);
    if (!bytes) return span_of("");
    return (struct span){bytes, (uint32_t)sqlite3_column_bytes(statement, column)};
}

static bool sql_sqlite_begin(struct sql *self, bool writes, struct error *error)
{
    return sql_sqlite_run(self, writes ? "BEGIN IMMEDIATE" : "BEGIN", error);
}

/* Commits; refuses if the file was removed or replaced, since what is committed to it could not be found any more. */
static bool sql_sqlite_commit(struct sql *self, struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    if (file_still(sqlite->file, &sqlite->identity, NULL)) {
        bool wrote = sqlite3_txn_state(sqlite->db, NULL) == SQLITE_TXN_WRITE;
        if (!sql_sqlite_run(self, "COMMIT", error)) return false;
        if (wrote) sql_sqlite_patience(sqlite, false);
        return true;
    }
    return error_set(error, ERROR_STATE,
                     self->anew ? "%s: the file %.120s was removed or replaced since it was opened: put it back"
                                : "%s: the file %.120s was removed or replaced since it was opened: put it back, and "
                                  "start again",
                     self->what, sqlite->file);
}

static void sqlite_leave(struct sqlite *sqlite)
{
    for (unsigned i = 0; i < sqlite->sql.count; i++) {
        sqlite3_finalize(sqlite->statements[i]);
        sqlite->statements[i] = NULL;
    }
    sqlite3_close(sqlite->db); /* closing rolls back an open transaction */
    sqlite->db = NULL;
}

static void sql_sqlite_close_all(struct sql *self)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    sqlite_leave(sqlite);
    free(sqlite->file);
    free(sqlite);
}

/* In WAL mode readers do not make the writer wait; a commit survives a crash of the machine. Deleted bytes are
 * overwritten. */
static bool sql_sqlite_ready(struct sqlite *sqlite, struct error *error)
{
    struct stat info;
    sqlite3_busy_timeout(sqlite->db, BUSY_MS);
    if (sqlite3_exec(sqlite->db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                     "SELECT 1 FROM sqlite_schema LIMIT 1", /* this first read creates the log and its index */
                     NULL, NULL, NULL) != SQLITE_OK ||
        stat(sqlite->file, &info) != 0)
        return sql_sqlite_refuse(sqlite, error, sqlite->file);
    sqlite->identity = file_identity(&info);
    for (unsigned i = 0; i < BESIDE; i++) {
        char *path = memory_format("%s%s", sqlite->file, sqlite_beside[i]);
        sqlite->beside[i] = stat(path, &info) == 0 ? file_identity(&info) : (struct file_identity){0};
        free(path);
    }
    return true;
}

static bool sqlite_enter(struct sqlite *sqlite, struct error *error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    bool good = sqlite3_open_v2(sqlite->file, &sqlite->db, flags, NULL) == SQLITE_OK ||
                sql_sqlite_refuse(sqlite, error, sqlite->file);
    good = good && sql_sqlite_ready(sqlite, error);
    if (!good) sqlite_leave(sqlite);
    return good;
}

/* Locks the folder, so that only one program at a time changes over to a new file in it; -1: no lock. Opening a file
 * does not take the lock. */
static int sqlite_turn(const struct sqlite *sqlite)
{
    char *folder = memory_text(sqlite->file), *slash = strrchr(folder, '/');
    if (slash) slash[1] = '\0';
    int turn = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (turn >= 0) flock(turn, LOCK_EX);
    free(folder);
    return turn;
}

static void sqlite_turn_ends(int turn)
{
    if (turn >= 0) close(turn);
}

/* Takes the exclusive lock on a file that was opened but not read yet: no other program has it open or can begin to
 * use it. The SQLite library takes the lock: one of our own would release its locks when we close the file. NULL:
 * the lock is not available. */
static sqlite3_file *sqlite_alone(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file || !file->pMethods)
        return NULL;
    if (file->pMethods->xLock(file, SQLITE_LOCK_SHARED) == SQLITE_OK &&
        file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE) == SQLITE_OK)
        return file;
    file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
    return NULL;
}

static void sqlite_alone_ends(sqlite3_file *file)
{
    if (file) file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
}

/* Is the log (or its index) at its path still the one that this connection has open? While this connection has the
 * file open, no other file can have its inode. */
static bool sqlite_beside_is_ours(const struct sqlite *sqlite, unsigned which)
{
    char *path = memory_format("%s%s", sqlite->file, sqlite_beside[which]);
    bool ours = sqlite->db && file_still(path, &sqlite->beside[which], NULL);
    free(path);
    return ours;
}

/* Writes the old file's log into the old file, then removes the log and its index, so that no other program takes
 * them for the new file's. */
static bool sqlite_old_goes(struct sqlite *sqlite, struct error *error)
{
    if (sqlite->db && sqlite3_wal_checkpoint_v2(sqlite->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
        return sql_sqlite_refuse(sqlite, error, "the file was replaced; the log goes into the one before");
    for (unsigned i = 0; i < BESIDE; i++) {
        char *path = memory_format("%s%s", sqlite->file, sqlite_beside[i]);
        if (sqlite_beside_is_ours(sqlite, i)) unlink(path);
        free(path);
    }
    return true;
}

/* The order matters: lock the new file exclusively, write the old log into the old file, remove the log and its
 * index, release the lock, and only then open the new file. */
static bool sqlite_change(struct sqlite *sqlite, struct error *error)
{
    sqlite3 *next = NULL;
    sqlite3_file *alone = NULL;
    bool good = true;
    if (sqlite_beside_is_ours(sqlite, 0) || sqlite_beside_is_ours(sqlite, 1)) {
        if (sqlite3_open_v2(sqlite->file, &next, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
            alone = sqlite_alone(next);
        good = alone || error_set(error, ERROR_STATE,
                                  "%s: the file %.120s was replaced, and another program has opened it with the log of "
                                  "the one before: end that program",
                                  sqlite->sql.what, sqlite->file);
    }
    good = good && sqlite_old_goes(sqlite, error);
    sqlite_alone_ends(alone);
    sqlite3_close(next);
    if (!good) return false;
    sqlite->unfit = true;
    sqlite_leave(sqlite);
    return sqlite_enter(sqlite, error);
}

/* Opens the new file that is now at the path, or tries again after a failure. A file that is being copied to the
 * path is empty at first, and SQLite refuses it until it has all the pages that its header states. */
static bool sqlite_follow(struct sqlite *sqlite, struct error *error)
{
    struct stat info;
    if (stat(sqlite->file, &info) != 0 || info.st_size < PAGE_LEAST)
        return error_set(error, ERROR_STATE, "%s: the file %.120s was replaced, and is no database yet",
                         sqlite->sql.what, sqlite->file);
    int turn = sqlite_turn(sqlite);
    bool good = sqlite_change(sqlite, error);
    sqlite_turn_ends(turn);
    return good;
}

/* Follows a replaced file; called before each transaction and each question outside one, but not while answers are
 * being read, since their statements would be closed. */
static bool sql_sqlite_awake(struct sql *self, struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    bool there = true;
    if (!self->anew || sqlite->asked || sqlite->rows > 0) return true;
    bool still = sqlite->db && file_still(sqlite->file, &sqlite->identity, &there);
    if (!still && sqlite->db && !there) return true; /* the file was removed: writing to it is refused */
    if (!still && !sqlite_follow(sqlite, error)) {
        /* With another error code the caller would open the file by its path, and take the old log for the new
         * file's. */
        if (error) error->code = ERROR_STATE;
        return false;
    }
    if (!sqlite->unfit) return true;
    sqlite->asked = true;
    sqlite->unfit = !self->anew(self->self, error);
    sqlite->asked = false;
    return !sqlite->unfit;
}

static struct sqlite *sqlite_make(const char *file, const char *what)
{
    static const struct sql_kind kind = {
        SQL_SQLITE,           sql_sqlite_awake,   sql_sqlite_run,   sql_sqlite_prepare, sql_sqlite_forget,
        sql_sqlite_ask,       sql_sqlite_next,    sql_sqlite_end,   sql_sqlite_is_null, sql_sqlite_number_of,
        sql_sqlite_string_of, sql_sqlite_blob_of, sql_sqlite_begin, sql_sqlite_commit,  sql_sqlite_close_all};
    struct sqlite *sqlite = memory_zeroed(1, sizeof *sqlite);
    sqlite->sql = (struct sql){.kind = &kind, .what = what};
    sqlite->file = memory_text(file);
    return sqlite;
}

struct sql *sql_open_sqlite(const char *file, const char *what, struct error *error)
{
    struct sqlite *sqlite = sqlite_make(file, what);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(file, &sqlite->db, flags, NULL) != SQLITE_OK)
        sql_sqlite_refuse(sqlite, error, file);
    else if (sql_sqlite_ready(sqlite, error))
        return &sqlite->sql;
    sql_sqlite_close_all(&sqlite->sql);
    return NULL;
}

/* The file's name as a URI, in which some signs stand for something else. */
static char *sqlite_still_name(const char *file)
{
    struct out name = {0};
    out_text(&name, "file:");
    for (; *file != '\0'; file++)
        if (strchr("?#%", *file))
            out_format(&name, "%%%02x", (unsigned)*file);
        else
            out_format(&name, "%c", *file);
    out_text(&name, "?immutable=1");
    return name.bytes;
}

struct sql *sql_open_sqlite_still(const char *file, const char *what, struct error *error)
{
    struct sqlite *sqlite = sqlite_make(file, what);
    char *name = sqlite_still_name(file);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    bool good = sqlite3_open_v2(name, &sqlite->db, flags, NULL) == SQLITE_OK || sql_sqlite_refuse(sqlite, error, file);
    free(name);
    if (good) return &sqlite->sql;
    sql_sqlite_close_all(&sqlite->sql);
    return NULL;
}

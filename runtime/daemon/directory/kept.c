/* runtime/daemon/directory/kept.c - Writes the copy of the directory in force, and puts it into its place.
 *
 *     kept_write     directory.new: all tables, with who loaded it and when; synced, and nobody's yet
 *     kept_settle    the core has accepted the load: directory.new becomes directory.sqlite; refused: it goes
 *
 * A file of one word, directory.from, says whether the directory in force was imported by hand: so a damaged or
 * missing copy is noticed, and no other directory is used in its place.
 *
 * If gcxvm crashes while there is a directory.new, kept_recover compares that file's version with the core's at the
 * next start to know whether the load was accepted. */
#include "runtime/daemon/directory/kept.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/daemon/directory/import_state.h"
#include "base/file.h"
#include "base/memory.h"

static char *kept_path_of(const char *state, const char *name)
{
    return memory_format("%s/%s", state, name);
}

char *kept_file(const char *state)
{
    return kept_path_of(state, "directory.sqlite");
}

void kept_forget(struct kept_import *kept)
{
    free(kept->source);
    free(kept->actor);
    free(kept->why);
    *kept = (struct kept_import){0};
}

/* Makes `create table T (columns, primary key (keys))`, and the statement that inserts a row. NULL with the
 * database's error. */
static sqlite3_stmt *kept_table_make(sqlite3 *db, const char *name, const struct import_rows *rows)
{
    sqlite3_str *create = sqlite3_str_new(NULL), *insert = sqlite3_str_new(NULL);
    sqlite3_str_appendf(create, "create table \"%w\" (", name);
    sqlite3_str_appendf(insert, "insert into \"%w\" values (", name);
    for (int i = 0; i < sqlite3_column_count(rows->statement); i++) {
        sqlite3_str_appendf(create, "\"%w\", ", sqlite3_column_name(rows->statement, i));
        sqlite3_str_appendf(insert, i > 0 ? ", ?" : "?");
    }
    sqlite3_str_appendall(create, "primary key (");
    for (int i = 0; i < rows->keys; i++)
        sqlite3_str_appendf(create, "%s\"%w\"", i > 0 ? ", " : "", sqlite3_column_name(rows->statement, i));
    sqlite3_str_appendall(create, "))");
    sqlite3_str_appendchar(insert, 1, ')');
    bool made = lite_do(db, "%z", sqlite3_str_finish(create));
    char *text = sqlite3_str_finish(insert);
    if (made) return lite_ask(db, "%z", text);
    sqlite3_free(text);
    return NULL;
}

static bool table_copy(sqlite3 *to, sqlite3 *from, const char *name)
{
    struct import_rows rows;
    if (!import_rows_open(from, name, &rows)) return false;
    sqlite3_stmt *insert = kept_table_make(to, name, &rows);
    bool good = insert != NULL;
    while (good && lite_next(rows.statement)) {
        for (int i = 0; i < sqlite3_column_count(rows.statement); i++)
            sqlite3_bind_value(insert, i + 1, sqlite3_column_value(rows.statement, i));
        good = sqlite3_step(insert) == SQLITE_DONE;
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    sqlite3_finalize(rows.statement);
    return good;
}

static bool about_write(sqlite3 *db, const struct kept_import *kept)
{
    return lite_do(db,
                   "create table " IMPORT_ABOUT " (version, at_us, source, by_hand, actor, why);"
                   "insert into " IMPORT_ABOUT " values (%lld, %lld, %Q, %d, %Q, %Q)",
                   (long long)kept->version, (long long)kept->at_us, kept->source, kept->by_hand, kept->actor,
                   kept->why);
}

/* Writes the whole database without a rollback journal of SQLite: nobody reads the file before it is complete. */
static bool whole_write(sqlite3 *db, sqlite3 *from, const struct kept_import *kept)
{
    struct import_names tables;
    bool good = lite_do(db, "pragma journal_mode = off; pragma synchronous = off; begin");
    import_names_list(from, &tables);
    for (size_t i = 0; good && i < tables.count; i++) good = table_copy(db, from, tables.all[i]);
    import_names_free(&tables);
    return good && about_write(db, kept) && lite_do(db, "commit");
}

/* Writes the new copy next to the one in force. */
bool kept_write(const struct directory_import *directory, const char *state, const struct kept_import *kept,
                struct error *error)
{
    assert(directory && state && kept && kept->source && kept->actor);
    char *path = kept_path_of(state, "directory.new");
    sqlite3 *db = NULL;
    (void)file_synced(state); /* makes sure that the earlier copy is in its place durably */
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0;
    if (!good) error_set(error, ERROR_SYSTEM, "%s cannot be written: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    if (good) {
        good = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
               whole_write(db, directory->db, kept);
        if (!good) error_set(error, ERROR_SYSTEM, "%s cannot be written: %s", path, sqlite3_errmsg(db));
        /* a statement of this database was not finalized, which is a mistake of this program */
        if (sqlite3_close(db) != SQLITE_OK) abort();
        if (good && (!file_synced(path) || !file_synced(state)))
            good = error_set(error, ERROR_SYSTEM, "%s cannot be written: %s", path, strerror(errno));
    }
    if (!good) unlink(path);
    free(path);
    return good;
}

static sqlite3 *open_read(const char *path)
{
    sqlite3 *db = NULL;
    if (access(path, R_OK) != 0) return NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) return db;
    sqlite3_close(db);
    return NULL;
}

static char *kept_text_at(sqlite3_stmt *statement, int column)
{
    const char *text = lite_text(statement, column);
    return text ? memory_text(text) : NULL;
}

static bool about_read(const char *path, struct kept_import *kept)
{
    sqlite3 *db = open_read(path);
    sqlite3_stmt *statement =
        db ? lite_ask(db, "select version, at_us, source, by_hand, actor, why from " IMPORT_ABOUT) : NULL;
    *kept = (struct kept_import){0};
    if (lite_next(statement))
        *kept = (struct kept_import){.version = (uint64_t)sqlite3_column_int64(statement, 0),
                                     .at_us = (uint64_t)sqlite3_column_int64(statement, 1),
                                     .source = kept_text_at(statement, 2),
                                     .by_hand = sqlite3_column_int(statement, 3) != 0,
                                     .actor = kept_text_at(statement, 4),
                                     .why = kept_text_at(statement, 5)};
    sqlite3_finalize(statement);
    sqlite3_close(db);
    if (kept->source && kept->actor) return true;
    kept_forget(kept);
    return false;
}

bool kept_about(const char *state, struct kept_import *kept)
{
    assert(state && kept);
    char *path = kept_file(state);
    bool good = about_read(path, kept);
    free(path);
    return good;
}

/* The content of directory.from: where the directory in force is from, if its copy cannot tell that any more. */
static const char kept_imported[] = "imported\n", kept_configured[] = "configured\n";

static bool kept_from_is(const char *state, const char *whose)
{
    size_t length;
    const char *why;
    char *path = kept_path_of(state, "directory.from"), *text = file_read(path, sizeof kept_configured, &length, &why);
    bool same = text && length == strlen(whose) && memcmp(text, whose, length) == 0;
    free(text);
    free(path);
    return same;
}

static void kept_from_drop(const char *state)
{
    char *path = kept_path_of(state, "directory.from");
    unlink(path);
    free(path);
}

/* Writes directory.from; if that fails, the next start does it (kept_recover). */
static void kept_from_write(const char *state, bool by_hand)
{
    const char *whose = by_hand ? kept_imported : kept_configured;
    if (kept_from_is(state, whose)) return;
    char *path = kept_path_of(state, "directory.from");
    (void)file_install(path, whose, strlen(whose));
    free(path);
}

void kept_settle(const char *state, bool accepted)
{
    struct kept_import kept;
    char *path = kept_file(state), *fresh = kept_path_of(state, "directory.new");
    if (!accepted) {
        unlink(fresh);
    } else {
        bool known = about_read(fresh, &kept);
        /* if the rename fails, the old copy is removed: it is not the directory in force any more */
        if (rename(fresh, path) != 0) unlink(path);
        if (known)
            kept_from_write(state, kept.by_hand);
        else
            kept_from_drop(state); /* the copy cannot be read: nothing is known of the directory now in force */
        kept_forget(&kept);
    }
    free(path);
    free(fresh);
}

void kept_recover(const char *state, uint64_t version)
{
    struct kept_import kept;
    char *fresh = kept_path_of(state, "directory.new");
    if (access(fresh, F_OK) == 0) {
        kept_settle(state, about_read(fresh, &kept) && kept.version == version);
        kept_forget(&kept);
    }
    if (kept_about(state, &kept)) kept_from_write(state, kept.by_hand);
    kept_forget(&kept);
    free(fresh);
}

bool kept_by_hand(const char *state, struct kept_import *kept)
{
    if (kept_about(state, kept)) return kept->by_hand;
    char *path = kept_file(state);
    bool there = access(path, F_OK) == 0;
    free(path);
    return kept_from_is(state, kept_imported) || (there && !kept_from_is(state, kept_configured));
}

/* True: all pages of the database can be read. */
static bool kept_whole(const char *state)
{
    sqlite3 *db = kept_open(state);
    sqlite3_stmt *check = db ? lite_ask(db, "pragma quick_check(1)") : NULL;
    const char *text = lite_next(check) ? lite_text(check, 0) : NULL;
    bool whole = text && strcmp(text, "ok") == 0;
    sqlite3_finalize(check);
    sqlite3_close(db);
    return whole;
}

bool kept_check(const char *state, struct error *error)
{
    struct kept_import kept;
    bool by_hand = kept_by_hand(state, &kept), good = !by_hand || (kept.source && kept_whole(state));
    kept_forget(&kept);
    return good || error_set(error, ERROR_STATE,
                             "%.160s/directory.sqlite is damaged or gone, the copy of the directory that was imported "
                             "by hand: import it again (gcxctl directory import FILE; without a file, or where "
                             "directory.from is removed, the configuration's is read)",
                             state);
}

sqlite3 *kept_open(const char *state)
{
    assert(state);
    char *path = kept_file(state);
    sqlite3 *db = open_read(path);
    free(path);
    return db;
}

char *kept_schedule(const char *state, const char *text, struct error *error)
{
    sqlite3 *db = kept_open(state);
    char *lines = db ? import_schedule_expand(db, text) : NULL;
    char *copy = lines ? memory_text(lines) : NULL;
    if (!lines)
        error_set(error, ERROR_UNKNOWN, "`%.120s` names a calendar of which the directory has no row in table holiday",
                  text);
    sqlite3_free(lines);
    sqlite3_close(db);
    return copy;
}

void kept_calendars(const char *state, const char *schedule,
                    void (*each)(void *self, struct span calendar, struct span hours), void *self)
{
    sqlite3 *db = kept_open(state);
    sqlite3_stmt *rows = db ? lite_ask(db, "select value from schedule where name = %Q", schedule) : NULL;
    if (lite_next(rows)) import_schedule_calendars(lite_text(rows, 0), each, self);
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

void kept_calendar(const char *state, const char *calendar, const char *date,
                   void (*each)(void *self, const char *schedule, const char *lines), void *self)
{
    sqlite3 *db = kept_open(state);
    sqlite3_stmt *rows = db ? lite_ask(db, "select name, value from schedule") : NULL;
    while (lite_next(rows)) {
        char *lines = import_schedule_date(lite_text(rows, 1), calendar, date);
        if (lines) each(self, lite_text(rows, 0), lines);
        sqlite3_free(lines);
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

bool kept_has(sqlite3 *db, const char *table, const char *name)
{
    return lite_has(db, NULL, "select 1 from \"%w\" where name = %Q", table, name);
}

char *kept_key(const char *state, const char *table)
{
    char name[NAME_MAX_BYTES + sizeof IMPORT_SHEET];
    sqlite3 *db = kept_open(state);
    snprintf(name, sizeof name, IMPORT_SHEET "%.*s", NAME_MAX_BYTES, table);
    char *key = db && import_table_there(db, name) ? import_key_of(db, name) : NULL;
    sqlite3_close(db);
    return key;
}

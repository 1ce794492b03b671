/* runtime/daemon/backup.c - Makes and restores a backup, which is a folder: `state`, a file per database, and the
 * file `backup`, which is written last, so that a folder without it is not a whole backup.
 *
 * To make a backup: copies journal, snapshots and keys by the code that knows their format, and all other files of the
 * state folder as files; dumps each database by its own tool; writes `backup`, the list of all this, last. The keys are
 * copied after the journal. To restore one: checks the copy as a start would check it, and completes it next to the
 * state folder; only then are the old files moved aside. Nothing of the old state is removed, so a restore of the wrong
 * backup can be undone by hand.
 *
 * In a backup of a busy system each part is of one moment, but not all parts of the same: the reconciliation after a
 * restore (reconcile.c) finds the rows of stores and lists that the journal does not know. */
#include "runtime/daemon/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/links/guard.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/journal/place.h"
#include "runtime/sql/sql.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/target.h"

enum { NAME = 160 };
#define MANIFEST "backup"
#define FIRST    "gcx backup 1"

struct database {
    char name[NAME]; /* name of the database's file in the backup: ADAPTER.SETTING.sqlite or .pgdump */
    const char *target;
    bool sqlite, lists;
};

struct databases {
    struct database *all;
    size_t count;
};

static bool database_known(const struct databases *databases, const char *target)
{
    for (size_t i = 0; i < databases->count; i++)
        if (strcmp(databases->all[i].target, target) == 0) return true;
    return false;
}

static void databases_of(const struct conf *conf, struct databases *databases)
{
    *databases = (struct databases){0};
    for (size_t i = 0; i < conf->adapter_count; i++) {
        const struct conf_adapter *adapter = &conf->adapters[i];
        for (size_t k = 0; k < adapter->setting_count; k++) {
            const struct conf_setting *setting = &adapter->settings[k];
            bool lists = strcmp(setting->key, "lists") == 0;
            if (!lists && strcmp(setting->key, "store") != 0) continue;
            if (!setting->value[0] || database_known(databases, setting->value)) continue;
            databases->all = memory_more(databases->all, databases->count, sizeof *databases->all);
            struct database *database = &databases->all[databases->count++];
            *database =
                (struct database){.target = setting->value, .sqlite = sql_names_sqlite(setting->value), .lists = lists};
            snprintf(database->name, sizeof database->name, "%.64s.%.64s.%s", adapter->name, setting->key,
                     database->sqlite ? "sqlite" : "pgdump");
        }
    }
}

/* ---- files ---- */

static void path_join(char path[PATH_MAX], const char *folder, const char *name)
{
    snprintf(path, PATH_MAX, "%.3000s/%.1000s", folder, name);
}

static bool path_sync(const char *path, struct error *error)
{
    return file_synced(path) || file_failed(path, error);
}

static bool backup_begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool backup_ends(const char *text, const char *with)
{
    size_t length = strlen(text), more = strlen(with);
    return length >= more && strcmp(text + length - more, with) == 0;
}

/* Journal, snapshots and keys are copied by the code that knows their format; locks and half-written files belong to
 * processes and are left out. */
static bool is_beside_journal(const char *name)
{
    return !backup_begins(name, "journal.") && strcmp(name, "keys") != 0 && strcmp(name, "lock") != 0 &&
           strcmp(name, "kept") != 0 && strcmp(name, "working") != 0 && !backup_ends(name, ".lock") &&
           !backup_ends(name, ".new");
}

/* Calls `one` for each entry of the folder. Entries that vanish meanwhile are skipped; a folder that cannot be read
 * to its end is an error. */
static bool each_entry(const char *folder,
                       bool (*one)(const char *folder, const char *name, void *self, struct error *), void *self,
                       struct error *error)
{
    DIR *open = opendir(folder);
    struct dirent *entry;
    bool good = open || file_failed(folder, error);
    while (good && (entry = file_next(open))) good = one(folder, entry->d_name, self, error);
    good = good && (errno == 0 || file_failed(folder, error));
    if (open) closedir(open);
    return good;
}

static bool beside_copy(const char *folder, const char *name, void *to, struct error *error)
{
    char from[PATH_MAX], path[PATH_MAX];
    struct stat found;
    path_join(from, folder, name);
    path_join(path, to, name);
    if (lstat(from, &found) != 0 || !S_ISREG(found.st_mode) || !is_beside_journal(name)) return true;
    return access(path, F_OK) == 0 || keeping_file_copy(from, path, error);
}

/* Copies an entry of the folder, with everything in it if it is a folder; sockets are left out, as nobody would
 * listen at a copy. */
static bool entry_copy(const char *folder, const char *name, void *to, struct error *error)
{
    char from[PATH_MAX], path[PATH_MAX];
    struct stat found;
    path_join(from, folder, name);
    path_join(path, to, name);
    if (lstat(from, &found) != 0) return file_failed(from, error);
    if (S_ISREG(found.st_mode)) return keeping_file_copy(from, path, error);
    if (!S_ISDIR(found.st_mode)) return true;
    return (mkdir(path, 0700) == 0 || file_failed(path, error)) && each_entry(from, entry_copy, path, error) &&
           path_sync(path, error);
}

/* ---- databases ---- */

static const char *sqlite_file(const struct database *database)
{
    return target_file(database->target);
}

/* Runs a program of PostgreSQL. The connection's parameters are in the program's environment: other users could see
 * its arguments, and there may be a password. */
static bool pg_run(const struct database *database, const char *program, const char *const *arguments,
                   struct error *error)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(database->target, &why);
    if (!options) {
        error_set(error, ERROR_INPUT, "%.60s: %.150s", database->name, why ? why : "no connection string");
        PQfreemem(why);
        return false;
    }
    /* The database's name is given even if the connection string has none (then it comes from the service, or is the
     * user's name): pg_restore does nothing without this argument. */
    char dbname[NAME + 16] = "--dbname=";
    pid_t pid = fork();
    int status = -1;
    if (pid == 0) {
        const char *argv[16] = {program};
        size_t count = 1;
        for (const PQconninfoOption *one = options; one->keyword; one++) {
            if (one->val && one->envvar) setenv(one->envvar, one->val, 1);
            if (one->val && strcmp(one->keyword, "dbname") == 0)
                snprintf(dbname, sizeof dbname, "--dbname=%.*s", NAME, one->val);
        }
        while (*arguments && count < 13) argv[count++] = *arguments++;
        argv[count++] = dbname;
        argv[count] = NULL;
        execvp(program, (char *const *)(uintptr_t)argv);
        shown_print(stdout, "%s: %s: install PostgreSQL's client programs\n", program, strerror(errno));
        fflush(stdout);
        _exit(127);
    }
    PQconninfoFree(options);
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    return error_set(error, ERROR_SYSTEM, "%s of %.100s has failed", program, database->name);
}

static bool pg_dump(const struct database *database, const char *path, struct error *error)
{
    char file[PATH_MAX + 8];
    snprintf(file, sizeof file, "--file=%s", path);
    return pg_run(database, "pg_dump", (const char *const[]){"--format=custom", file, NULL}, error) &&
           path_sync(path, error);
}

/* Dumps an SQLite database as it is at one moment, while others may write it. */
static bool sqlite_dump(const struct database *database, const char *path, struct error *error)
{
    char text[2 * PATH_MAX + 32] = "VACUUM INTO '";
    size_t at = strlen(text);
    for (const char *from = path; *from && at < sizeof text - 4; from++) {
        if (*from == '\'') text[at++] = '\'';
        text[at++] = *from;
    }
    memcpy(text + at, "'", 2);
    struct sql *sql = sql_open(database->target, database->name, error);
    bool good = sql && sql_run(sql, text, error);
    sql_close(sql);
    return good && path_sync(path, error);
}

static bool database_is_there(const struct database *database, bool *there, struct error *error)
{
    *there = false;
    if (database->sqlite) {
        *there = access(sqlite_file(database), F_OK) == 0;
        return true;
    }
    struct sql *sql = sql_open(database->target, database->name, error);
    int64_t count = 0;
    bool row;
    bool good = sql && sql_find(sql, error, &count, &row, "SELECT count(*) FROM pg_tables WHERE tablename = $1",
                                SQL_WITH(sql_text(database->lists ? "gcx_lists" : "gcx_store")));
    sql_close(sql);
    *there = count > 0;
    return good;
}

static bool database_copy(const struct database *database, const char *folder, struct error *error)
{
    char path[PATH_MAX];
    bool there;
    path_join(path, folder, database->name);
    if (!database_is_there(database, &there, error)) return false;
    if (!there) {
        shown_print(stdout, "%s: it is not there yet\n", database->name);
        return true;
    }
    return database->sqlite ? sqlite_dump(database, path, error) : pg_dump(database, path, error);
}

/* ---- making ---- */

static bool manifest_write(const struct conf *conf, const struct databases *databases, const char *folder,
                           struct error *error)
{
    char path[PATH_MAX];
    path_join(path, folder, MANIFEST);
    FILE *file = fopen(path, "wxe");
    if (!file) return file_failed(path, error);
    char *whole = realpath(conf->file, NULL);
    fprintf(file, FIRST "\nconfiguration %s\n", whole ? whole : conf->file);
    free(whole);
    for (size_t i = 0; i < databases->count; i++) fprintf(file, "database %s\n", databases->all[i].name);
    bool good = fflush(file) == 0 && fsync(fileno(file)) == 0;
    good = fclose(file) == 0 && good;
    return (good || file_failed(path, error)) && path_sync(folder, error);
}

static bool backup_write(const struct conf *conf, const struct databases *databases, const char *folder,
                         struct error *error)
{
    char state[PATH_MAX];
    path_join(state, folder, "state");
    if (mkdir(folder, 0700) != 0) return file_failed(folder, error);
    if (!keeping_export_to(conf->state, state, error) || !each_entry(conf->state, beside_copy, state, error))
        return false;
    for (size_t i = 0; i < databases->count; i++)
        if (!database_copy(&databases->all[i], folder, error)) return false;
    if (!manifest_write(conf, databases, folder, error)) return false;
    shown_print(stdout, "the backup is whole: state folder%s", databases->count > 0 ? "" : ", and no database");
    for (size_t i = 0; i < databases->count; i++) shown_print(stdout, ", %s", databases->all[i].name);
    shown_print(stdout, "; %s\n",
                conf->key_file[0] ? "the site's key file is not in it"
                                  : "its site.key is in it: keep it as you keep that");
    return true;
}

bool backup_make(const struct conf *conf, const char *folder)
{
    struct error error = {0};
    struct databases databases;
    umask(077);
    databases_of(conf, &databases);
    bool good = keeping_as_owner(conf, &error) && backup_write(conf, &databases, folder, &error);
    free(databases.all);
    if (!good) shown_print(stdout, "no backup: %s\n", error.text);
    return good;
}

/* ---- putting back ---- */

char *backup_configuration(const char *folder)
{
    char path[PATH_MAX], line[PATH_MAX + 32], *file = NULL;
    path_join(path, folder, MANIFEST);
    FILE *open = fopen(path, "re");
    if (open && fgets(line, sizeof line, open) && strcmp(line, FIRST "\n") == 0 && fgets(line, sizeof line, open) &&
        backup_begins(line, "configuration ")) {
        line[strcspn(line, "\n")] = '\0';
        file = memory_text(line + strlen("configuration "));
    }
    if (open) fclose(open);
    if (!file) shown_print(stderr, "gcxvm: %s is no whole backup: it has no good file `" MANIFEST "`\n", folder);
    return file;
}

/* Takes the lock of the state folder: no daemon is running there, and none starts while this process lives. */
static bool backup_state_take(const struct conf *conf, struct error *error)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[PATH_MAX];
    if (mkdir(conf->state, 0700) != 0 && errno != EEXIST) return file_failed(conf->state, error);
    path_join(path, conf->state, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return file_failed(path, error);
    if (fcntl(fd, F_SETLK, &whole) != 0)
        return error_set(error, ERROR_STATE, "a gcxvm works on %.180s: stop it first", conf->state);
    for (size_t i = 0; i < conf->adapter_count; i++) {
        char *const none[] = {NULL};
        path_join(path, conf->state, conf->adapters[i].name);
        memcpy(path + strlen(path), ".lock", 6);
        pid_t pid = conf->adapters[i].remote ? 0 : guard_holder(path, none).pid;
        if (pid == 0) continue;
        return error_set(error, ERROR_STATE, "adapter %.64s of a gcxvm before still runs, process %ld: end it first",
                         conf->adapters[i].name, (long)pid);
    }
    return true;
}

static bool entry_aside(const char *folder, const char *name, void *aside, struct error *error)
{
    char from[PATH_MAX], to[PATH_MAX];
    if (strcmp(name, "lock") == 0 || backup_begins(name, "before-") || strcmp(name, BACKUP_MOVES) == 0) return true;
    path_join(from, folder, name);
    path_join(to, aside, name);
    return rename(from, to) == 0 || file_failed(from, error);
}

static bool entry_move(const char *folder, const char *name, void *to, struct error *error)
{
    char from[PATH_MAX], path[PATH_MAX];
    path_join(from, folder, name);
    path_join(path, to, name);
    return rename(from, path) == 0 || file_failed(from, error);
}

static bool entry_remove(const char *folder, const char *name, void *self, struct error *error)
{
    char path[PATH_MAX];
    struct stat found;
    path_join(path, folder, name);
    if (lstat(path, &found) == 0 && S_ISDIR(found.st_mode))
        return each_entry(path, entry_remove, self, error) && (rmdir(path) == 0 || file_failed(path, error));
    return unlink(path) == 0 || file_failed(path, error);
}

static bool folder_remove(const char *folder, struct error *error)
{
    if (access(folder, F_OK) != 0) return true;
    return each_entry(folder, entry_remove, NULL, error) && (rmdir(folder) == 0 || file_failed(folder, error));
}

/* Moves the old files aside; not before the copy is complete. While the files of the copy are moved in, the state
 * folder has only some of them, and a gcxvm could take these for the whole state. While the folder BACKUP_MOVES exists,
 * from which the files come, gcxvm does not start. */
static bool state_back(const struct conf *conf, const char *from, char *aside, struct error *error)
{
    char fresh[PATH_MAX], moves[PATH_MAX], lock[PATH_MAX];
    path_join(lock, conf->state, "lock");
    path_join(fresh, conf->state, "restored.new");
    path_join(moves, conf->state, BACKUP_MOVES);
    if (!folder_remove(fresh, error)) return false;
    if (mkdir(fresh, 0700) != 0) return file_failed(fresh, error);
    if (!each_entry(from, entry_copy, fresh, error)) return false;
    if (mkdir(aside, 0700) != 0) return file_failed(aside, error);
    /* Removes files that an interrupted restore has left: they are a part of a copy, and are not needed once this
     * copy is complete. */
    if (access(moves, F_OK) == 0 && !each_entry(moves, entry_remove, NULL, error)) return false;
    if (rename(fresh, moves) != 0) return file_failed(fresh, error);
    return path_sync(conf->state, error) && each_entry(conf->state, entry_aside, aside, error) &&
           (truncate(lock, 0) == 0 || file_failed(lock, error)) && /* the lock's file names files that were just moved
                                                                    * aside, so it is emptied */
           each_entry(moves, entry_move, conf->state, error) && path_sync(conf->state, error) &&
           (rmdir(moves) == 0 || file_failed(moves, error)) && path_sync(conf->state, error);
}

static bool sqlite_back(const struct database *database, const char *copy, const char *stamp, struct error *error)
{
    static const char *const with[] = {"", "-wal", "-shm"};
    char from[PATH_MAX], to[PATH_MAX];
    for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
        snprintf(from, sizeof from, "%.3900s%s", sqlite_file(database), with[i]);
        snprintf(to, sizeof to, "%.3900s.%s%s", sqlite_file(database), stamp, with[i]);
        if (rename(from, to) != 0 && errno != ENOENT) return file_failed(from, error);
    }
    return keeping_file_copy(copy, sqlite_file(database), error);
}

/* The existing database is dumped first, since restoring overwrites it. */
static bool pg_back(const struct database *database, const char *copy, const char *aside, bool there,
                    struct error *error)
{
    char before[PATH_MAX];
    path_join(before, aside, database->name);
    if (there && !pg_dump(database, before, error)) return false;
    return pg_run(database, "pg_restore",
                  (const char *const[]){"--clean", "--if-exists", "--no-owner", "--single-transaction", copy, NULL},
                  error);
}

static bool database_back(const struct database *database, const char *folder, const char *aside, const char *stamp,
                          bool all, struct error *error)
{
    char copy[PATH_MAX];
    bool there;
    path_join(copy, folder, database->name);
    if (!database_is_there(database, &there, error)) return false;
    if (there && !all) {
        shown_print(stdout, "%s: it is there, and stays, with what came after the backup (--all puts it back, too)\n",
                    database->name);
        return true;
    }
    if (access(copy, F_OK) != 0) {
        shown_print(stdout, "%s: the backup has none\n", database->name);
        return true;
    }
    bool good =
        database->sqlite ? sqlite_back(database, copy, stamp, error) : pg_back(database, copy, aside, there, error);
    if (good) shown_print(stdout, "%s: put back\n", database->name);
    return good;
}

/* Checks the state folder of the backup, as a start with it would. */
static bool copy_is_good(const struct conf *conf, const char *state, struct error *error)
{
    struct conf other = *conf;
    other.state = memory_text(state);
    bool good = keeping_verify(&other);
    free(other.state);
    return good || error_set(error, ERROR_INPUT, "%.200s is not good: nothing was changed", state);
}

/* Checks the target: the journal of the copy is put into the database that `journal` names, which must answer. A
 * journal that already exists there is newer than a backup, and another machine may be writing to it. */
static bool journal_has_room(const struct conf *conf, bool all, struct error *error)
{
    const struct journal_place place = keeping_place(conf);
    bool there = false, led = false;
    struct error why = {0};
    if (conf->journal[0] == '\0') return true;
    if (!place_taken(&place, &there, &led, &why))
        return error_set(error, ERROR_SYSTEM,
                         "the database that `journal` names cannot take the journal (%.150s): begin it first, an empty "
                         "one will do; nothing was changed",
                         why.text);
    if (led)
        return error_set(error, ERROR_STATE,
                         "the journal of %.150s is in a database, and another gcxvm leads it: end that one first, or "
                         "begin with an empty folder to follow it; nothing was changed",
                         conf->state);
    if (!there || all) return true;
    return error_set(error, ERROR_STATE,
                     "the database that `journal` names has this partition's journal, with what came after the backup: "
                     "start gcxvm --follow with an empty state folder and the site's key to go on with it, or restore "
                     "with --all, which sets it aside; nothing was changed");
}

/* Moves the copy's journal from the folder to the place that `journal` names. If the process is killed before the
 * end, the folder still has the journal, and gcxvm --move-journal completes the move. */
static bool journal_back(const struct conf *conf, struct error *error)
{
    const struct journal_place place = keeping_place(conf);
    uint64_t aside, last;
    if (conf->journal[0] == '\0') return true;
    if (!place_aside(&place, &aside, error) || !place_move(conf->state, &place, &last, error)) return false;
    if (aside > 0)
        shown_print(stdout,
                    "the journal that the database had is set aside: the rows of gcx_domain, gcx_batch, gcx_image, "
                    "gcx_passed, gcx_key and gcx_file with domain = -%" PRIu64 "\n",
                    aside);
    shown_print(stdout,
                "the journal, up to batch %" PRIu64 ", is put back into the database: start gcxvm here first; others "
                "that followed begin with an empty state folder\n",
                last);
    return true;
}

static bool backup_put_back(const struct conf *conf, const struct databases *databases, const char *folder, bool all,
                            struct error *error)
{
    char state[PATH_MAX], aside[PATH_MAX], stamp[40];
    time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    size_t length = strftime(stamp, sizeof stamp, "before-%Y%m%dT%H%M%S", &parts);
    path_join(state, folder, "state");
    path_join(aside, conf->state, stamp);
    for (unsigned again = 2; access(aside, F_OK) == 0 && again < 100; again++) { /* in one second */
        snprintf(stamp + length, sizeof stamp - length, "-%u", again);
        path_join(aside, conf->state, stamp);
    }
    if (!backup_state_take(conf, error) || !journal_has_room(conf, all, error) || !copy_is_good(conf, state, error) ||
        !state_back(conf, state, aside, error))
        return false;
    shown_print(stdout, "%s: put back; what was there is in %s\n", conf->state, aside);
    if (!journal_back(conf, error)) return false;
    for (size_t i = 0; i < databases->count; i++)
        if (!database_back(&databases->all[i], folder, aside, stamp, all, error)) return false;
    printf("start gcxvm: the adapters submit what came after the backup, and gcxctl reconcile lists it\n");
    return true;
}

bool backup_restore(const struct conf *conf, const char *folder, bool all)
{
    struct error error = {0};
    umask(077);
    char state[PATH_MAX];
    struct conf copy = {.state = state}; /* the state folder in the backup: its owner is to own the restored files,
                                          * too */
    struct databases databases;
    path_join(state, folder, "state");
    databases_of(conf, &databases);
    bool good = keeping_as_owner(conf, &error) && keeping_as_owner(&copy, &error) &&
                backup_put_back(conf, &databases, folder, all, &error);
    free(databases.all);
    if (good) return true;
    fflush(stdout);
    return shown_refuse("gcxvm: not restored: %s\n", error.text);
}

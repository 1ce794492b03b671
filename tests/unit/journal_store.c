/* tests/unit/journal_store.c - What was appended is there again; what is damaged or in use is refused in words. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/journal/end_mark.h"
#include "runtime/journal/reserve.h"
#include "runtime/journal/batches.h"
#include "tests/unit/disk_faults.h"

static char directory[64], path[96];

static void make_directory(void)
{
    strcpy(directory, "/tmp/gcx-journal-XXXXXX");
    cr_assert(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/journal.db", directory);
}

static void remove_directory(void)
{
    static const char *const files[] = {"journal.db", "journal.db-wal", "journal.db-shm", "journal.end", "lock"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char file[128];
        snprintf(file, sizeof file, "%s/%s", directory, files[i]);
        unlink(file);
    }
    rmdir(directory);
}

static struct batches *open_store(void)
{
    struct error error = {0};
    struct batches *store = batches_open_sqlite(directory, NULL, &error);
    cr_assert(store, "%s", error.text);
    return store;
}

static const uint8_t hash[32] = {1, 2, 3};

static void fill_and_check(struct batches *store)
{
    struct error error = {0};
    struct span bytes;
    cr_assert_eq(batches_last(store), 0);
    cr_assert_not(batches_read(store, 1, &bytes, &error));
    for (uint64_t number = 1; number <= 20; number++) {
        char text[32];
        snprintf(text, sizeof text, "batch %d", (int)number);
        cr_assert_eq(batches_append(store, number, span_of(text), &error), APPEND_OK, "%s", error.text);
    }
    cr_assert_eq(batches_last(store), 20);
    cr_assert(batches_read(store, 7, &bytes, &error));
    cr_assert(span_is(bytes, "batch 7"));
    cr_assert_not(batches_get_image(store, hash, &bytes, &error));
    cr_assert(batches_put_image(store, hash, span_of("image"), &error));
    cr_assert(batches_put_image(store, hash, span_of("image"), &error), "again");
    uint8_t at[32];
    cr_assert(batches_image_at(store, 0, at) && memcmp(at, hash, sizeof at) == 0);
    cr_assert_not(batches_image_at(store, 1, at), "it is there once");
    cr_assert(batches_get_image(store, hash, &bytes, &error));
    cr_assert(span_is(bytes, "image"));
}

Test(store, memory_keeps_batches_and_images, .timeout = 10)
{
    struct batches *store = batches_open_memory();
    fill_and_check(store);
    batches_close(store);
}

Test(store, sqlite_keeps_them_over_a_restart, .timeout = 20, .init = make_directory, .fini = remove_directory)
{
    struct batches *store = open_store();
    fill_and_check(store);
    batches_close(store);
    store = open_store();
    struct span bytes;
    cr_assert_eq(batches_last(store), 20);
    cr_assert(batches_read(store, 20, &bytes, NULL));
    cr_assert(span_is(bytes, "batch 20"));
    cr_assert(batches_get_image(store, hash, &bytes, NULL));
    cr_assert_eq(batches_append(store, 21, span_of("next"), NULL), APPEND_OK);
    batches_close(store);
}

Test(store, what_is_pruned_is_told_by_its_number_and_appends_go_on, .timeout = 20, .init = make_directory,
     .fini = remove_directory)
{
    struct error error = {0};
    struct span bytes;
    struct batches *store = open_store();
    fill_and_check(store);
    struct batches *reader = batches_follow_sqlite(directory, &error);
    cr_assert(reader, "%s", error.text);
    cr_assert(batches_prune(store, 9, 0, &error), "%s", error.text);
    cr_assert_eq(batches_first(store), 2, "a portion has one batch at least");
    cr_assert(batches_prune(store, 9, 1000000, &error), "%s", error.text);
    cr_assert_eq(batches_first(store), 9);
    cr_assert_eq(batches_append(store, 21, span_of("next"), &error), APPEND_OK);
    cr_assert(batches_read(store, 9, &bytes, &error) && span_is(bytes, "batch 9"));
    cr_assert_not(batches_read(reader, 8, &bytes, &error));
    cr_assert_str_eq(error.text, "the journal begins at batch 9; those before were pruned");
    cr_assert_eq(batches_first(reader), 9);
    batches_close(reader);
    batches_close(store);
    store = open_store();
    cr_assert(batches_first(store) == 9 && batches_last(store) == 21);
    cr_assert(batches_prune(store, 100, 1000000, &error), "%s", error.text);
    cr_assert_eq(batches_first(store), 21, "the last one stays");
    batches_close(store);
}

Test(store, two_cannot_have_the_same_journal, .timeout = 20, .init = make_directory, .fini = remove_directory)
{
    struct batches *store = open_store();
    struct error error = {0};
    cr_assert_null(batches_open_sqlite(directory, NULL, &error));
    cr_assert_eq(error.code, ERROR_STATE);
    char pid[48];
    snprintf(pid, sizeof pid, "is in use by another process, %d", (int)getpid());
    cr_assert(strstr(error.text, pid), "%s", error.text);
    batches_close(store);
    batches_close(open_store());
}

Test(store, the_last_batches_stay_where_the_file_is_gone, .timeout = 20, .init = make_directory,
     .fini = remove_directory)
{
    struct error error = {0};
    char wal[sizeof path + 8], away[sizeof path + 8];
    struct stat found;
    snprintf(wal, sizeof wal, "%s-wal", path);
    snprintf(away, sizeof away, "%s.away", path);
    batches_close(open_store());
    cr_assert_eq(rename(path, away), 0);
    FILE *file = fopen(wal, "w");
    cr_assert(file && fputs("batches", file) >= 0 && fclose(file) == 0);
    cr_assert_null(batches_open_sqlite(directory, NULL, &error));
    cr_assert(error.code == ERROR_INPUT && strstr(error.text, "put journal.db back"), "%s", error.text);
    cr_assert(stat(wal, &found) == 0 && found.st_size == 7 && stat(path, &found) != 0);
    cr_assert((file = fopen(path, "w")) && fclose(file) == 0);
    cr_assert_null(batches_follow_sqlite(directory, &error));
    cr_assert(stat(wal, &found) == 0 && found.st_size == 7, "who only reads leaves it, too");
}

Test(store, what_is_no_journal_is_refused, .timeout = 20, .init = make_directory, .fini = remove_directory)
{
    struct error error = {0};
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 2000; i++) fputs("this is not a database. ", file);
    fclose(file);
    cr_assert_null(batches_open_sqlite(directory, NULL, &error));
    cr_assert_eq(error.code, ERROR_INPUT, "%s", error.text);
    cr_assert(strstr(error.text, "damaged"));

    unlink(path);
    sqlite3 *db;
    sqlite3_open(path, &db);
    sqlite3_exec(db, "CREATE TABLE customer(name)", NULL, NULL, NULL);
    sqlite3_close(db);
    cr_assert_null(batches_open_sqlite(directory, NULL, &error));
    cr_assert_eq(error.code, ERROR_VERSION, "%s", error.text);
    cr_assert_null(batches_open_sqlite("/nonexistent/directory", NULL, &error));
    cr_assert_eq(error.code, ERROR_SYSTEM);
}

Test(store, another_writer_deposes_and_nothing_is_tried_again, .timeout = 20, .init = make_directory,
     .fini = remove_directory)
{
    struct batches *store = open_store();
    struct error error = {0};
    cr_assert_eq(batches_append(store, 1, span_of("mine"), &error), APPEND_OK);
    sqlite3 *db;
    sqlite3_open(path, &db);
    cr_assert_eq(sqlite3_exec(db, "INSERT INTO batch VALUES(2, x'00')", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    cr_assert_eq(batches_append(store, 2, span_of("mine"), &error), APPEND_DEPOSED);
    cr_assert_eq(batches_append(store, 2, span_of("mine"), &error), APPEND_UNKNOWN);
    cr_assert(strstr(error.text, "failed before"));
    batches_close(store);
}

static void batches_remove(const char *sql)
{
    sqlite3 *db;
    sqlite3_open(path, &db);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void expect_refused(const char *text)
{
    struct error error = {0};
    cr_assert_null(batches_open_sqlite(directory, NULL, &error));
    cr_assert_eq(error.code, ERROR_INPUT);
    cr_assert(strstr(error.text, text), "%s", error.text);
}

Test(store, an_end_that_was_cut_off_is_told_until_the_loss_is_accepted, .timeout = 20, .init = make_directory,
     .fini = remove_directory)
{
    struct batches *store = open_store();
    uint64_t number;
    for (number = 1; number <= 20; number++)
        cr_assert_eq(batches_append(store, number, span_of("batch"), NULL), APPEND_OK);
    batches_close(store);
    batches_remove("DELETE FROM batch WHERE number > 18");
    expect_refused("the journal ends at batch 18, but batch 20 was acknowledged: the 2 at its end were lost");
    batches_remove("DELETE FROM batch");
    expect_refused("the journal ends at batch 0, but batch 20 was acknowledged");
    unlink(path);
    expect_refused("the journal ends at batch 0, but batch 20 was acknowledged");
    cr_assert(end_mark_drop(directory, &number, NULL));
    cr_assert_eq(number, 20);
    store = open_store();
    cr_assert_eq(batches_append(store, 1, span_of("anew"), NULL), APPEND_OK);
    batches_close(store);
    cr_assert(end_mark_read(directory, &number, NULL) && number == 1);
}

Test(store, a_mark_of_the_end_is_half_written_at_worst, .timeout = 20, .init = make_directory, .fini = remove_directory)
{
    struct batches *store = open_store();
    struct error error = {0};
    char mark[96];
    uint64_t number;
    snprintf(mark, sizeof mark, "%s/journal.end", directory);
    for (number = 1; number <= 3; number++)
        cr_assert_eq(batches_append(store, number, span_of("batch"), NULL), APPEND_OK);
    batches_close(store);
    FILE *file = fopen(mark, "r+");
    fseek(file, 512 + 9, SEEK_SET); /* where odd numbers are */
    fputc('x', file);
    fclose(file);
    cr_assert(end_mark_read(directory, &number, &error) && number == 2, "%s", error.text);
    batches_close(open_store());
    cr_assert(end_mark_read(directory, &number, &error) && number == 3,
              "the journal has more than the mark: it follows");
    file = fopen(mark, "w");
    fclose(file);
    expect_refused("is damaged: whether the journal has lost its end cannot be told");
}

/* Another process that locks the journal so until something is written to `ends[1]`. */
static pid_t lock_until_told(const char *sql, int ends[2])
{
    int locked[2];
    char byte;
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(pipe(locked), 0);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *db;
        bool good = sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK &&
                    write(locked[1], "", 1) == 1 && read(ends[0], &byte, 1) == 1 &&
                    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK;
        sqlite3_close(db);
        _exit(good ? 0 : 1);
    }
    cr_assert_eq(read(locked[0], &byte, 1), 1);
    close(locked[0]), close(locked[1]);
    return child;
}

struct waiter {
    int tell; /* the other process: it may let go */
    int notes;
    char last[160];
};

static void on_note(void *self, const char *text)
{
    struct waiter *waiter = self;
    snprintf(waiter->last, sizeof waiter->last, "%s", text);
    if (waiter->notes++ == 0) cr_assert_eq(write(waiter->tell, "", 1), 1);
}

Test(store, a_lock_of_another_process_is_waited_for_and_told, .timeout = 30, .init = make_directory,
     .fini = remove_directory)
{
    struct waiter waiter = {0};
    struct batches_watch watch = {.note = on_note, .self = &waiter};
    struct error error = {0};
    int ends[2], status;
    struct batches *store = batches_open_sqlite(directory, &watch, &error);
    cr_assert(store, "%s", error.text);
    pid_t child = lock_until_told("BEGIN IMMEDIATE; CREATE TABLE other(x)", ends);
    waiter.tell = ends[1];
    cr_assert_eq(batches_append(store, 1, span_of("waits"), &error), APPEND_OK, "%s", error.text);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_eq(waiter.notes, 2);
    cr_assert(strstr(waiter.last, "no longer locked"), "%s", waiter.last);
    cr_assert_eq(batches_append(store, 2, span_of("does not"), &error), APPEND_OK);
    cr_assert_eq(waiter.notes, 2);
    batches_close(store);
}

Test(store, a_lock_is_waited_for_when_it_opens, .timeout = 30, .init = make_directory, .fini = remove_directory)
{
    struct waiter waiter = {0};
    struct batches_watch watch = {.note = on_note, .self = &waiter};
    struct error error = {0};
    int ends[2], status;
    batches_close(open_store());
    pid_t child = lock_until_told("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE other(x)", ends);
    waiter.tell = ends[1];
    struct batches *store = batches_open_sqlite(directory, &watch, &error);
    cr_assert(store, "%s", error.text);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_eq(waiter.notes, 2);
    cr_assert_eq(batches_append(store, 1, span_of("batch"), &error), APPEND_OK, "%s", error.text);
    batches_close(store);
}

Test(store, a_journal_that_was_removed_or_replaced_is_written_no_more, .timeout = 30, .init = make_directory,
     .fini = remove_directory)
{
    static const char *const files[] = {"journal.db", "journal.db-wal"};
    for (int replaced = 0; replaced < 2; replaced++)
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
            struct batches *store = open_store();
            struct error error = {0};
            char file[128];
            cr_assert_eq(batches_append(store, batches_last(store) + 1, span_of("there"), &error), APPEND_OK);
            cr_assert(batches_there(store, &error));
            snprintf(file, sizeof file, "%s/%s", directory, files[i]);
            cr_assert_eq(unlink(file), 0);
            if (replaced) fclose(fopen(file, "w"));
            cr_assert_not(batches_there(store, &error));
            cr_assert_eq(batches_append(store, batches_last(store) + 1, span_of("gone"), &error), APPEND_UNKNOWN);
            cr_assert(strstr(error.text, files[i]), "%s", error.text);
            cr_assert(strstr(error.text, replaced ? "was replaced" : "was removed"), "%s", error.text);
            batches_close(store);
            remove_directory();
            cr_assert_eq(mkdir(directory, 0700), 0);
        }
}

/* Appends without end, and says after each how far it is. */
static void append_until_killed(int out)
{
    struct batches *store = batches_open_sqlite(directory, NULL, NULL);
    char text[200] = "batch";
    for (uint64_t number = 1; store; number++) {
        struct span batch = {(uint8_t *)text, sizeof text};
        if (batches_append(store, number, batch, NULL) != APPEND_OK) break;
        if (write(out, &number, sizeof number) != sizeof number) break;
    }
    _exit(1);
}

Test(store, what_was_acknowledged_survives_kill_9, .timeout = 30, .init = make_directory, .fini = remove_directory)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) append_until_killed(ends[1]);
    close(ends[1]);
    uint64_t number = 0, last = 0;
    while (last < 100 && read(ends[0], &number, sizeof number) == sizeof number) last = number;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &number, sizeof number) == sizeof number) last = number;
    close(ends[0]);
    cr_assert_geq(last, 100);
    struct batches *store = open_store();
    cr_assert(batches_last(store) == last || batches_last(store) == last + 1);
    struct span bytes;
    for (number = 1; number <= last; number++) cr_assert(batches_read(store, number, &bytes, NULL));
    cr_assert_eq(batches_append(store, batches_last(store) + 1, span_of("next"), NULL), APPEND_OK);
    batches_close(store);
}

/* A disk whose syncs fail when they are told to: SQLite's own file system with another xSync of the log. */
static sqlite3_vfs failing_vfs;
static sqlite3_io_methods failing_methods;
static const sqlite3_io_methods *real_methods;
static bool sync_fails;
static unsigned writes_full; /* so many find no room */

static int failing_sync(sqlite3_file *file, int flags)
{
    return sync_fails ? SQLITE_IOERR_FSYNC : real_methods->xSync(file, flags);
}

static int failing_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    if (writes_full == 0) return real_methods->xWrite(file, bytes, length, at);
    writes_full--;
    return SQLITE_FULL;
}

static int failing_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    sqlite3_vfs *real = vfs->pAppData;
    int result = real->xOpen(real, name, file, flags, out);
    if (result != SQLITE_OK || !(flags & SQLITE_OPEN_WAL)) return result;
    real_methods = file->pMethods;
    failing_methods = *real_methods;
    failing_methods.xSync = failing_sync;
    failing_methods.xWrite = failing_write;
    file->pMethods = &failing_methods;
    return result;
}

static void disk_fails(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    failing_vfs = *real;
    failing_vfs.zName = "failing";
    failing_vfs.pAppData = real;
    failing_vfs.xOpen = failing_open;
    sqlite3_vfs_register(&failing_vfs, 1);
}

Test(store, a_batch_without_room_takes_that_of_the_reserve_once, .timeout = 20, .init = make_directory,
     .fini = remove_directory)
{
    struct error error = {0};
    struct span bytes;
    disk_fails();
    struct batches *store = open_store();
    cr_assert_eq(batches_append(store, 1, span_of("one"), &error), APPEND_OK);
    cr_assert(reserve_take(directory, 100000, &error), "%s", error.text);
    cr_assert(reserve_take(directory, 100000, &error), "it is there already");
    writes_full = 1;
    cr_assert_eq(batches_append(store, 2, span_of("two"), &error), APPEND_OK, "%s", error.text);
    cr_assert(batches_gave_up(store));
    cr_assert_not(reserve_give_up(directory), "it was given up");
    cr_assert(batches_read(store, 2, &bytes, &error) && span_is(bytes, "two"));
    writes_full = 1;
    cr_assert_eq(batches_append(store, 3, span_of("three"), &error), APPEND_UNKNOWN, "there is no other reserve");
    cr_assert(strstr(error.text, "full"), "%s", error.text);
    batches_close(store);
    store = open_store();
    cr_assert_eq(batches_last(store), 2);
    batches_close(store);
}

Test(store, a_sync_that_failed_is_not_tried_again, .timeout = 20, .init = make_directory, .fini = remove_directory)
{
    disk_fails();
    struct batches *store = open_store();
    struct error error = {0};
    cr_assert_eq(batches_append(store, 1, span_of("one"), &error), APPEND_OK);
    sync_fails = true;
    cr_assert_eq(batches_append(store, 2, span_of("two"), &error), APPEND_UNKNOWN);
    cr_assert_eq(error.code, ERROR_SYSTEM, "%s", error.text);
    sync_fails = false;
    cr_assert_eq(batches_append(store, 2, span_of("two"), &error), APPEND_UNKNOWN, "though the disk would take it");
    cr_assert_not(batches_put_image(store, hash, span_of("image"), &error));
    batches_close(store);
    store = open_store(); /* another process finds out what is there */
    cr_assert(batches_last(store) == 1 || batches_last(store) == 2);
    batches_close(store);
}

/* Removes old batches and appends new ones, and says after each how far it is; its calls fail from `at` on. */
static void work_until_it_fails(int out, unsigned at, int error)
{
    disk_faults = (struct disk_faults){.at = at, .error = error};
    struct batches *store = batches_open_sqlite(directory, NULL, NULL);
    for (uint64_t number = 4; store && number <= 6; number++) {
        struct disk_faults before = disk_faults;
        batches_prune(store, 3, 0, NULL);
        bool good = batches_append(store, number, span_of("more"), NULL) == APPEND_OK;
        if (!good && batches_append(store, number, span_of("again"), NULL) == APPEND_OK) _exit(3);
        if (!good) break;
        before.calls = disk_faults.calls;
        disk_faults.at = 0;
        if (write(out, &number, sizeof number) != sizeof number) _exit(4);
        disk_faults = before;
    }
    if (store) batches_close(store);
    _exit(disk_faults.calls >= at ? 1 : 0);
}

/* Returns whether it came to its end, and checks what is there then. */
static bool work_checked(unsigned at, int error)
{
    int ends[2], status;
    uint64_t number, acknowledged = 3;
    struct span bytes;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) work_until_it_fails(ends[1], at, error);
    close(ends[1]);
    while (read(ends[0], &number, sizeof number) == sizeof number) acknowledged = number;
    close(ends[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    int code = WEXITSTATUS(status);
    cr_assert(WIFEXITED(status) && (code <= 1 || code == DISK_KILLED), "call %u, errno %d: %d", at, error, code);
    struct batches *store = open_store();
    cr_assert(batches_last(store) == acknowledged || batches_last(store) == acknowledged + 1, "call %u, errno %d", at,
              error);
    cr_assert(batches_first(store) >= 1 && batches_first(store) <= 3);
    for (number = batches_first(store); number <= batches_last(store); number++)
        cr_assert(batches_read(store, number, &bytes, NULL), "call %u: batch %d", at, (int)number);
    batches_close(store);
    return code == 0;
}

Test(store, whatever_write_fails_or_is_the_last_what_was_acknowledged_is_there, .timeout = 120, .init = make_directory,
     .fini = remove_directory)
{
    for (size_t mode = 0; mode < DISK_MODES; mode++) {
        bool over = false;
        for (unsigned at = 1; !over; at++) {
            struct batches *store = open_store();
            for (uint64_t number = 1; number <= 3; number++)
                cr_assert_eq(batches_append(store, number, span_of("batch"), NULL), APPEND_OK);
            batches_close(store);
            over = work_checked(at, disk_modes[mode]);
            cr_assert(!over || at > 10, "the work takes some calls");
            remove_directory();
            cr_assert_eq(mkdir(directory, 0700), 0);
        }
    }
}

/* runtime/journal/place_move.c - Moves a journal from its state folder into a database, while no gcxvm runs.
 *
 * STATE/moving is a temporary state folder for the move: it has a copy of the keys, and the note which journal of
 * the database is being filled; so an interrupted move continues where it was. The note is put into STATE last:
 * before that the folder has the whole journal, and afterwards the database has. The old file is kept next to it for
 * an administrator. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/journal/batches_postgres.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/place.h"
#include "base/file.h"
#include "base/memory.h"

struct move_paths {
    char *note, *journal, *moved, *folder, *filled;
};

static struct move_paths move_paths_of(const char *state)
{
    return (struct move_paths){.note = memory_format("%s/journal.postgres", state),
                               .journal = memory_format("%s/journal.db", state),
                               .moved = memory_format("%s/journal.db.moved", state),
                               .folder = memory_format("%s/moving", state),
                               .filled = memory_format("%s/moving/journal.postgres", state)};
}

static void move_paths_free(struct move_paths *paths)
{
    free(paths->note);
    free(paths->journal);
    free(paths->moved);
    free(paths->folder);
    free(paths->filled);
}

static bool move_may_be(const struct move_paths *paths, const struct journal_place *place, struct error *error)
{
    if (place->database[0] == '\0')
        return error_set(error, ERROR_INPUT, "`journal` in gcxvm.conf names no database to move to");
    if (access(paths->note, F_OK) == 0)
        return error_set(error, ERROR_STATE, "the journal is in a database already: %.150s says in which", paths->note);
    if (access(paths->journal, F_OK) != 0)
        return error_set(error, ERROR_UNKNOWN, "there is no %.200s to be moved", paths->journal);
    return true;
}

/* Has the database no other journal of the partition? The database is checked before anything is written, because
 * opening a journal also copies its keys into the database. */
static bool move_has_room(const struct move_paths *paths, const struct journal_place *place, struct error *error)
{
    static const uint8_t any[POSTGRES_ID];
    struct error why = {0};
    if (access(paths->filled, F_OK) == 0) return true; /* it was begun */
    struct batches *there = batches_follow_postgres(paths->folder, place, any, &why);
    uint64_t has = there ? batches_last(there) : 0;
    batches_close(there);
    if (has > 0)
        return error_set(error, ERROR_STATE,
                         "the database has a journal of this partition already: gcxctl restore "
                         "--all puts a backup in its place, and sets it aside");
    if (there || why.code == ERROR_UNKNOWN) return true;
    *error = why;
    return false;
}

/* Copies all batches into the database; true: the database has all of them. */
static bool move_fill(struct batches *from, const struct move_paths *paths, const struct journal_place *place,
                      uint64_t *last, struct error *error)
{
    struct batches *to = place_open(paths->folder, place, NULL, error);
    bool good = to && batches_pour(from, to, error) && batches_leave(to, error);
    *last = good ? batches_last(to) : 0;
    batches_close(to);
    return good;
}

/* Removes the files of the move, after the database has everything. */
static bool move_clear(const struct move_paths *paths, struct error *error)
{
    static const char *const rest[] = {"keys", "journal.end", "lock"};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        char *path = memory_format("%s/%s", paths->folder, rest[i]);
        unlink(path);
        free(path);
    }
    rmdir(paths->folder);
    return rename(paths->journal, paths->moved) == 0 || file_failed(paths->moved, error);
}

static bool move_end(const char *state, const struct move_paths *paths, struct error *error)
{
    if (rename(paths->filled, paths->note) != 0) return file_failed(paths->note, error);
    return (file_synced(state) || file_failed(state, error)) && move_clear(paths, error);
}

/* Was an earlier move killed during move_end? If so, the database has everything, but the old file is still there. */
static bool move_ended(const struct move_paths *paths)
{
    return access(paths->note, F_OK) == 0 && access(paths->journal, F_OK) == 0;
}

static bool move_end_again(const char *state, const struct move_paths *paths, uint64_t *last, struct error *error)
{
    struct batches *store = place_follow(state, error);
    if (store) *last = batches_last(store);
    batches_close(store);
    return store && move_clear(paths, error);
}

static bool move_all(const char *state, const struct move_paths *paths, const struct journal_place *place,
                     uint64_t *last, struct error *error)
{
    struct batches *from = move_may_be(paths, place, error) ? batches_open_sqlite(state, NULL, error) : NULL;
    bool good = from && (mkdir(paths->folder, 0700) == 0 || errno == EEXIST || file_failed(paths->folder, error)) &&
                keys_copy(state, paths->folder, error) && move_has_room(paths, place, error) &&
                move_fill(from, paths, place, last, error);
    batches_close(from);
    return good && move_end(state, paths, error);
}

bool place_move(const char *state, const struct journal_place *place, uint64_t *last, struct error *error)
{
    struct move_paths paths = move_paths_of(state);
    bool good =
        move_ended(&paths) ? move_end_again(state, &paths, last, error) : move_all(state, &paths, place, last, error);
    move_paths_free(&paths);
    return good;
}

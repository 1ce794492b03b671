/* runtime/journal/place.c - Reads and writes STATE/journal.postgres, one line: "DOMAIN MARK CONNECTION-STRING".
 *
 *     no such file, no `journal` in gcxvm.conf     the journal is STATE/journal.db
 *     both name the database                       the journal is there
 *     the file is there, `journal` is not set      refused: a start must not begin a second journal
 *     journal.db is there, `journal` is set        refused: it has to be moved first
 *
 * MARK is the id of the journal. Another journal in a database of the same name has another mark, and so is not
 * mistaken for this one. */
#include "runtime/journal/place.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/journal/batch.h"
#include "runtime/journal/batches_postgres.h"
#include "runtime/journal/postgres_line.h"
#include "runtime/journal/reach.h"
#include "base/file.h"
#include "base/memory.h"

enum { PLACE_MAX = 4096 };

struct place_note {
    bool there;
    uint64_t domain;
    uint8_t id[POSTGRES_ID];
    char database[PLACE_MAX];
};

static char *place_path(const char *state, const char *name)
{
    return memory_format("%s/%s", state, name);
}

/* Reads the note; a damaged one is refused and never guessed, as using the wrong journal would be worse than using
 * none. */
static bool place_read_line(const char *path, char *line, struct place_note *note, struct error *error)
{
    char digits[2 * POSTGRES_ID + 1] = "";
    int at = 0;
    size_t length = 0;
    line[strcspn(line, "\n")] = '\0';
    note->there = sscanf(line, "%" SCNu64 " %32[0-9a-f] %n", &note->domain, digits, &at) == 2 && line[at] != '\0' &&
                  sodium_hex2bin(note->id, sizeof note->id, digits, strlen(digits), NULL, &length, NULL) == 0 &&
                  length == sizeof note->id;
    snprintf(note->database, sizeof note->database, "%s", line + at);
    if (note->there) return true;
    return error_set(error, ERROR_INPUT,
                     "%.200s is damaged: where the journal is cannot be told; put it back, or, where `journal` in "
                     "gcxvm.conf names its database, remove it",
                     path);
}

/* Reads the folder's note if there is one; false: it cannot be read. */
static bool place_read(const char *state, struct place_note *note, struct error *error)
{
    const char *why;
    char *path = place_path(state, "journal.postgres");
    *note = (struct place_note){0};
    bool none = access(path, F_OK) != 0 && errno == ENOENT;
    size_t length;
    char *line = none ? NULL : file_read(path, PLACE_MAX, &length, &why);
    bool good = none || (line && place_read_line(path, line, note, error));
    if (!none && !line) error_set(error, ERROR_SYSTEM, "%.200s: %s", path, why);
    free(line);
    free(path);
    return good;
}

static bool place_note_write(const char *state, const struct place_note *note, struct error *error)
{
    char digits[2 * POSTGRES_ID + 1];
    sodium_bin2hex(digits, sizeof digits, note->id, sizeof note->id);
    char *path = place_path(state, "journal.postgres"),
         *line = memory_format("%" PRIu64 " %s %s\n", note->domain, digits, note->database);
    bool good = file_install(path, line, strlen(line)) || file_failed(path, error);
    free(line);
    free(path);
    return good;
}

bool place_database_check(const char *database, struct error *error)
{
    return database[0] == '\0' || postgres_line_check(database, error);
}

/* Notes the place in the folder, before the store is opened. So after a crash the folder always says where its
 * journal is. */
bool place_begin(const char *state, const struct journal_place *place, struct error *error)
{
    struct place_note note;
    if (!place_read(state, &note, error)) return false;
    if (place->database[0] == '\0' && !note.there) return true;
    if (place->database[0] == '\0')
        return error_set(error, ERROR_INPUT,
                         "the journal of %.80s is in PostgreSQL (journal.postgres in it says where), and `journal` in "
                         "gcxvm.conf is not set",
                         state);
    if (!place_database_check(place->database, error)) return false;
    if (strlen(place->database) >= PLACE_MAX - 80 || strchr(place->database, '\n'))
        return error_set(error, ERROR_INPUT, "`journal` is too long, or has more than a line");
    char *file = place_path(state, "journal.db");
    bool in_folder = access(file, F_OK) == 0;
    free(file);
    if (in_folder && !note.there)
        return error_set(error, ERROR_INPUT,
                         "%.80s has a journal of its own, journal.db, and `journal` names a database: move it "
                         "there (gcxvm --move-journal FILE), or take `journal` out of gcxvm.conf",
                         state);
    if (note.there && note.domain != place->domain)
        return error_set(error, ERROR_INPUT, "the journal of %.80s is of partition %" PRIu64 ", not of %" PRIu64, state,
                         note.domain, place->domain);
    if (note.there && strcmp(note.database, place->database) == 0) return true;
    note.domain = place->domain;
    snprintf(note.database, sizeof note.database, "%s", place->database);
    return place_note_write(state, &note, error);
}

/* Opens the database's journal; the first time, the folder notes which journal it is. */
static struct batches *place_open_noted(const char *state, const struct journal_place *place, struct place_note *note,
                                        const struct batches_watch *watch, bool leads, struct error *error)
{
    bool known = !sodium_is_zero(note->id, sizeof note->id);
    struct batches *store =
        (leads ? batches_open_postgres : batches_stand_by_postgres)(state, place, note->id, watch, error);
    if (!store || known || place_note_write(state, note, error)) return store;
    batches_close(store);
    return NULL;
}

struct batches *place_open(const char *state, const struct journal_place *place, const struct batches_watch *watch,
                           struct error *error)
{
    struct place_note note;
    if (!place_begin(state, place, error) || !place_read(state, &note, error)) return NULL;
    if (!note.there) return batches_open_sqlite(state, watch, error);
    return place_open_noted(state, place, &note, watch, true, error);
}

bool place_fetch(const char *state, const struct journal_place *place, struct error *error)
{
    struct place_note note;
    if (!place_begin(state, place, error) || !place_read(state, &note, error)) return false;
    return postgres_fetch(state, place, note.id, error);
}

struct batches *place_stand_by(const char *state, const struct journal_place *place, const struct batches_watch *watch,
                               struct error *error)
{
    struct place_note note;
    if (!place_begin(state, place, error) || !place_read(state, &note, error)) return NULL;
    assert(note.there);
    return place_open_noted(state, place, &note, watch, false, error);
}

static struct journal_place place_of(const struct place_note *note)
{
    enum { AGAIN_S = 10 };
    return (struct journal_place){.database = note->database, .domain = note->domain, .wait_s = AGAIN_S};
}

struct batches *place_open_again(const char *state, struct error *error)
{
    struct place_note note;
    if (!place_read(state, &note, error)) return NULL;
    struct journal_place place = place_of(&note);
    return place_open(state, &place, NULL, error);
}

bool place_share_snapshot(const char *state, struct error *error)
{
    struct place_note note;
    if (!place_read(state, &note, error)) return false;
    struct journal_place place = place_of(&note);
    return !note.there || postgres_share_snapshot(state, &place, note.id, error);
}

bool place_term(const char *state, uint64_t *term, bool *led, struct error *error)
{
    struct place_note note;
    *term = 0;
    *led = false;
    if (!place_read(state, &note, error)) return false;
    struct journal_place place = place_of(&note);
    return !note.there || postgres_term(&place, note.id, term, led, error);
}

/* Has the database a journal of this partition, and does a gcxvm lead it now? */
bool place_taken(const struct journal_place *place, bool *there, bool *led, struct error *error)
{
    static const uint8_t any[POSTGRES_ID];
    struct error why = {0};
    uint64_t term;
    *led = false;
    *there = postgres_term(place, any, &term, led, &why);
    if (*there || why.code == ERROR_UNKNOWN) return true;
    *error = why;
    return false;
}

bool place_aside(const struct journal_place *place, uint64_t *number, struct error *error)
{
    bool there, led;
    *number = 0;
    if (!place_taken(place, &there, &led, error)) return false;
    if (led) return error_set(error, ERROR_STATE, "a gcxvm leads the journal that is to be set aside");
    return !there || postgres_aside(place, number, error);
}

bool place_keys_erase(const char *state, uint64_t term, struct error *error)
{
    struct place_note note;
    if (!place_read(state, &note, error)) return false;
    struct journal_place place = place_of(&note);
    return !note.there || postgres_keys_erase(state, &place, note.id, term, error);
}

struct batches *place_follow(const char *state, struct error *error)
{
    struct place_note note;
    if (!place_read(state, &note, error)) return NULL;
    struct journal_place place = place_of(&note);
    return note.there ? batches_follow_postgres(state, &place, note.id, error) : batches_follow_sqlite(state, error);
}

/* Opens the journal for reading; NULL also if it ends earlier than it is known to have reached (reach.c). */
struct batches *place_follow_whole(const char *state, struct error *error)
{
    struct reach reach;
    if (!reach_read(state, &reach, error)) return NULL;
    if (!reach_journal_is_there(state) && !reach_holds(&reach, 0, error)) return NULL;
    struct batches *store = place_follow(state, error);
    if (!store || reach_holds(&reach, batches_last(store), error)) return store;
    batches_close(store);
    return NULL;
}

/* Decides whether an unencrypted journal may be continued with keys. `older` then says up to which batch rows may be
 * unencrypted. */
bool place_older(const char *directory, bool accept, struct keys_plain *older, struct error *error)
{
    struct error why = {0};
    struct span bytes;
    struct batch batch;
    *older = (struct keys_plain){0};
    struct place_note note;
    if (keys_are_there(directory)) return true;
    if (!place_read(directory, &note, error)) return false;
    struct batches *store = place_follow(directory, &why);
    uint64_t last = store ? batches_last(store) : 0;
    bool good = store || why.code == ERROR_UNKNOWN;
    if (last > 0 && note.there && !accept) {
        good = error_set(error, ERROR_DENIED,
                         "the journal is in the database, and %.80s has no file `keys` of it: start gcxvm there with "
                         "--follow, which brings it and leads when nobody else does; without --follow it starts only "
                         "in the folder of a machine that has led or followed",
                         directory);
    } else if (last > 0 &&
               (!batches_read(store, last, &bytes, &why) || !batch_decode(&batch, bytes, older->hash, &why))) {
        good = error_set(error, why.code, "journal, batch %" PRIu64 ": %s", last, why.text);
    } else if (last > 0 && batches_first(store) > 1) {
        good = error_set(error, ERROR_DENIED,
                         "the journal in %.80s is not encrypted, and no file `keys` is there: put it back; older than "
                         "encryption it cannot be gone on with, as it begins at batch %" PRIu64
                         ", and nobody vouches for its "
                         "snapshots",
                         directory, batches_first(store));
    } else if (last > 0 && !accept) {
        good =
            error_set(error, ERROR_DENIED,
                      "the journal in %.80s is not encrypted, and no file `keys` is there: put it back, or, where the "
                      "journal is older than encryption, start gcxvm once with --accept-plain",
                      directory);
    } else if (!good) {
        *error = why;
    }
    older->number = last;
    batches_close(store);
    return good;
}

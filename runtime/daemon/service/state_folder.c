/* runtime/daemon/service/state_folder.c - Checks the files of the state folder, with one stat(2) per file.
 * STATE/kept and the lock have a line for each name that was seen, so a start can find out what was removed while no
 * gcxvm ran. */
#include "runtime/daemon/service/state_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/service/adapter_files.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/snapshots.h"
#include "base/file.h"
#include "base/memory.h"

struct state_kept {
    const char *name, *gone;
    bool runs; /* true: the file exists only while the process runs */
};

static const struct state_kept state_kept[] = {
#define STATE_GONE(name, doc) "its file `" name "` was removed or moved away: " doc
#define STATE_OWN(name, doc)
#define STATE_KEPT(name, doc) {name, STATE_GONE(name, doc), false},
#define STATE_RUNS(name, doc) {name, STATE_GONE(name, doc), true},
#define STATE_FREE(name, doc)
#include "runtime/daemon/service/state_folder.def"
};
#undef STATE_GONE
enum { STATE_KEPT_COUNT = sizeof state_kept / sizeof *state_kept };

static bool lock_is_there(const struct state_folder *folder)
{
    struct stat own, there;
    char *path = memory_format("%s/lock", folder->conf->state);
    bool good = fstat(folder->lock, &own) != 0 ||
                (stat(path, &there) == 0 && there.st_dev == own.st_dev && there.st_ino == own.st_ino);
    free(path);
    return good;
}

/* If the file of keys is missing, the next start cannot read the journal. A follower may not have keys yet. */
static const char *keys_gone(const struct state_folder *folder)
{
    const struct keys *keys = folder->store ? batches_keys(folder->store) : NULL;
    bool there;
    if (!keys || keys_still(keys, &there)) return NULL;
    return there
               ? "its file `keys` was replaced, and nothing of the journal can be read with another one: put the file "
                 "itself back (no copy of it)"
               : "its file `keys` was removed or moved away, and nothing of the journal can be read without it: put it "
                 "back";
}

/* Returns the path of a kept file, which the configuration may set; for --verify FOLDER there is none. */
static char *kept_path(const struct conf *conf, const char *name)
{
    const char *told = NULL;
    /* GCX_KEY_FILE counts before the setting, as for keys_start() */
    if (strcmp(name, "site.key") == 0) told = getenv("GCX_KEY_FILE");
    if (strcmp(name, "site.key") == 0 && !(told && *told)) told = conf->key_file;
    if (strcmp(name, "admin.sock") == 0) told = conf->admin;
    if (strcmp(name, "links.sock") == 0) told = conf->links;
    return told && *told ? memory_text(told) : memory_format("%s/%s", conf->state, name);
}

static bool a_snapshot_is_there(const char *state)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    bool good = snapshots_list(state, rows) > 0;
    free(rows);
    return good;
}

static bool kept_is_there(const struct conf *conf, const char *name)
{
    struct stat there;
    if (strcmp(name, "snapshots") == 0) return a_snapshot_is_there(conf->state);
    char *path = kept_path(conf, name);
    bool good = stat(path, &there) == 0;
    free(path);
    return good;
}

/* ---- names that are written down ---- */

static bool state_names_have(const char *names, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = names; (at = strstr(at, name)); at += length)
        if ((at == names || at[-1] == '\n') && at[length] == '\n') return true;
    return false;
}

static void state_names_add(char names[STATE_NAMES_SIZE], const char *name)
{
    size_t length = strlen(names);
    if (length + strlen(name) + 2 > STATE_NAMES_SIZE || state_names_have(names, name)) return;
    snprintf(names + length, STATE_NAMES_SIZE - length, "%s\n", name);
}

/* Reads the names from STATE/kept and from the lock. The lock is read by the descriptor that holds it: closing
 * another descriptor of the file would release the lock. */
static void noted_read(const struct state_folder *folder, char noted[2 * STATE_NAMES_SIZE])
{
    size_t length;
    const char *why;
    char *path = memory_format("%s/kept", folder->conf->state),
         *text = file_read(path, STATE_NAMES_SIZE, &length, &why);
    snprintf(noted, STATE_NAMES_SIZE, "%s", text ? text : "");
    length = strlen(noted);
    ssize_t more = folder->lock < 0 ? 0 : pread(folder->lock, noted + length, STATE_NAMES_SIZE - 1, 0);
    noted[length + (more > 0 ? (size_t)more : 0)] = '\0';
    free(text);
    free(path);
}

static bool state_runs(const char *name, size_t length)
{
    for (size_t i = 0; i < STATE_KEPT_COUNT; i++)
        if (state_kept[i].runs && strlen(state_kept[i].name) == length && memcmp(state_kept[i].name, name, length) == 0)
            return true;
    return false;
}

/* Writes the names; if that fails, the next check tries again. */
static void noted_write(struct state_folder *folder)
{
    char text[STATE_NAMES_SIZE], *path = memory_format("%s/kept", folder->conf->state);
    size_t length = 0;
    for (const char *name = folder->seen, *end; (end = strchr(name, '\n')); name = end + 1) {
        if (state_runs(name, (size_t)(end - name))) continue;
        memcpy(text + length, name, (size_t)(end - name) + 1);
        length += (size_t)(end - name) + 1;
    }
    bool good = file_install(path, text, length);
    if (folder->lock >= 0)
        good = ftruncate(folder->lock, 0) == 0 && pwrite(folder->lock, text, length, 0) == (ssize_t)length && good;
    if (good) folder->noted = strlen(folder->seen);
    free(path);
}

/* ---- which files exist ---- */

struct state_look {
    struct state_folder *folder;
    const char *before; /* names that were there */
    bool sees;          /* names of files that exist are added to `seen` */
    void (*gone)(void *self, const char *why);
    void *self;
};

static void state_look_at(const struct state_look *look, const char *name, bool there, const char *why)
{
    bool known = state_names_have(look->before, name);
    if (known || (there && look->sees)) state_names_add(look->folder->seen, name);
    if (!there && known) look->gone(look->self, why);
}

static void state_look_at_own(void *self, const char *name, const struct state_file *file)
{
    const struct state_look *look = self;
    struct stat found;
    if (!file->gone) return;
    char *path = memory_format("%s/%s", look->folder->conf->state, name),
         *why = memory_format("its file `%s` was removed or moved away: %s", name, file->gone);
    state_look_at(look, name, stat(path, &found) == 0 && (!file->full || found.st_size > 0), why);
    free(path), free(why);
}

static void state_look_at_all(struct state_look *look)
{
    const struct conf *conf = look->folder->conf;
    for (size_t i = 0; i < STATE_KEPT_COUNT; i++)
        state_look_at(look, state_kept[i].name, kept_is_there(conf, state_kept[i].name), state_kept[i].gone);
    adapter_files_each(conf, state_look_at_own, look);
}

void state_folder_missed(struct state_folder *folder, void (*gone)(void *self, const char *why), void *self)
{
    char noted[2 * STATE_NAMES_SIZE];
    noted_read(folder, noted);
    state_look_at_all(&(struct state_look){folder, noted, false, gone, self});
}

/* Keeps the first reason, in a text that stays valid. */
static void on_state_gone(void *self, const char *why)
{
    struct state_folder *folder = self;
    if (folder->gone) return;
    if (strcmp(folder->why[folder->second], why) != 0) {
        folder->second = !folder->second;
        snprintf(folder->why[folder->second], STATE_WHY_SIZE, "%s", why);
    }
    folder->gone = folder->why[folder->second];
}

const char *state_folder_gone(struct state_folder *folder, bool *ends)
{
    struct error error;
    *ends = true;
    if (!lock_is_there(folder)) return "it was removed, moved away or replaced: put it back";
    if (folder->store && !batches_there(folder->store, &error))
        return "a file of the journal was removed, moved away or replaced in it: put the file back";
    const char *gone = keys_gone(folder);
    if (gone) return gone;
    *ends = false;
    folder->gone = NULL;
    state_look_at_all(&(struct state_look){folder, folder->seen, true, on_state_gone, folder});
    if (strlen(folder->seen) != folder->noted) noted_write(folder);
    return folder->gone;
}

/* runtime/daemon/service/state_folder.c - One stat(2) per file and look. The file STATE/kept has a line for each name
 * that was seen, by which a start knows what was taken away while no gcxvm ran. */
#include "runtime/daemon/service/state_folder.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/journal/keys.h"
#include "runtime/journal/snapshots.h"
#include "base/file.h"
#include "base/memory.h"

struct state_kept {
    const char *name, *gone;
    bool runs; /* only while the process does */
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
enum { STATE_KEPT_COUNT = sizeof state_kept / sizeof *state_kept, KEPT_NAMES_MAX = 1024 };
static_assert(STATE_KEPT_COUNT <= 32, "struct state_folder has a bit for each");

static bool lock_is_there(const struct state_folder *folder)
{
    struct stat own, there;
    char *path = memory_format("%s/lock", folder->conf->state);
    bool good = fstat(folder->lock, &own) != 0 ||
                (stat(path, &there) == 0 && there.st_dev == own.st_dev && there.st_ino == own.st_ino);
    free(path);
    return good;
}

/* Without its file of keys the next start reads nothing of the journal. A follower may have none yet. */
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

/* The path of a kept file, which the configuration may name elsewhere. */
static char *kept_path(const struct conf *conf, const char *name)
{
    const char *told = getenv("GCX_KEY_FILE"); /* before the configuration, as keys_start() reads it */
    if (strcmp(name, "site.key") == 0 && told && *told) return memory_text(told);
    if (strcmp(name, "site.key") == 0 && conf->key_file[0]) return memory_text(conf->key_file);
    if (strcmp(name, "admin.sock") == 0) return memory_text(conf->admin);
    if (strcmp(name, "links.sock") == 0) return memory_text(conf->links);
    return memory_format("%s/%s", conf->state, name);
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

/* The bits of the names that STATE/kept has. */
static uint32_t noted_read(const char *state)
{
    size_t length;
    const char *why;
    uint32_t noted = 0;
    char *path = memory_format("%s/kept", state), *text = file_read(path, KEPT_NAMES_MAX, &length, &why), *rest = text;
    for (char *name; text && (name = strsep(&rest, "\n"));)
        for (size_t i = 0; i < STATE_KEPT_COUNT; i++)
            if (strcmp(name, state_kept[i].name) == 0) noted |= UINT32_C(1) << i;
    free(text);
    free(path);
    return noted;
}

/* Where it cannot be written, the next change tries again. */
static void noted_write(struct state_folder *folder)
{
    char text[KEPT_NAMES_MAX] = "", *path = memory_format("%s/kept", folder->conf->state);
    size_t length = 0;
    for (size_t i = 0; i < STATE_KEPT_COUNT; i++)
        if ((folder->seen >> i & 1) != 0 && !state_kept[i].runs)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s\n", state_kept[i].name);
    if (file_install(path, text, length)) folder->noted = folder->seen;
    free(path);
}

void state_folder_missed(struct state_folder *folder, void (*gone)(void *self, const char *why), void *self)
{
    folder->seen = folder->noted = noted_read(folder->conf->state);
    for (size_t i = 0; i < STATE_KEPT_COUNT; i++)
        if ((folder->seen >> i & 1) != 0 && !kept_is_there(folder->conf, state_kept[i].name))
            gone(self, state_kept[i].gone);
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
    for (size_t i = 0; i < STATE_KEPT_COUNT; i++) {
        bool there = kept_is_there(folder->conf, state_kept[i].name);
        if (there) folder->seen |= UINT32_C(1) << i;
        if (!there && (folder->seen >> i & 1) != 0 && !gone) gone = state_kept[i].gone;
    }
    if (folder->seen != folder->noted) noted_write(folder);
    return gone;
}

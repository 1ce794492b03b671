/* runtime/daemon/service/state_folder.c - One stat(2) per file and look. */
#include "runtime/daemon/service/state_folder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/journal/keys.h"
#include "runtime/journal/snapshots.h"
#include "base/memory.h"

struct state_kept {
    const char *name, *gone;
};

static const struct state_kept state_kept[] = {
#define STATE_OWN(name, doc)
#define STATE_KEPT(name, doc) {name, "its file `" name "` was removed or moved away: " doc},
#define STATE_FREE(name, doc)
#include "runtime/daemon/service/state_folder.def"
};
enum { STATE_KEPT_COUNT = sizeof state_kept / sizeof *state_kept };
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
    return gone;
}

/* compiler/cli/watch.c - Looks at the sources' sizes and times, five times a second. */
#include "compiler/cli/watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "compiler/base/below.h"
#include "compiler/files.h"

enum { WATCH_PAUSE_NS = 200000000 };

static void watch_mix(uint64_t *hash, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) *hash = (*hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
}

static void watch_file(uint64_t *hash, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) return;
    watch_mix(hash, path, strlen(path) + 1);
    watch_mix(hash, &status.st_mtim.tv_sec, sizeof status.st_mtim.tv_sec);
    watch_mix(hash, &status.st_mtim.tv_nsec, sizeof status.st_mtim.tv_nsec);
    watch_mix(hash, &status.st_size, sizeof status.st_size);
    watch_mix(hash, &status.st_ino, sizeof status.st_ino);
}

static bool watch_found(void *self, enum below_found found, const char *path, int why)
{
    (void)why;
    if (found == BELOW_SOURCE || found == BELOW_LINK) watch_file(self, path);
    return true;
}

static void watch_path(uint64_t *hash, const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        below_walk(path, 0, watch_found, hash);
    else
        watch_file(hash, path);
}

uint64_t watch_stamp(const struct options *options)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    struct arena *arena = arena_new();
    const char *last = "";
    for (size_t i = 0; i < options->path_count; i++) {
        watch_path(&hash, options->paths[i]);
        const char *site = options->site ? options->site : files_site(arena, options->paths[i]);
        if (!site || strcmp(site, last) == 0) continue;
        const char *slash = strrchr(last = site, '/');
        watch_path(&hash, slash ? arena_copy(arena, site, (size_t)(slash - site) + 1) : ".");
    }
    arena_free(arena);
    return hash;
}

void watch_wait(const struct options *options, uint64_t stamp)
{
    const struct timespec pause = {.tv_nsec = WATCH_PAUSE_NS};
    fputs("gcxc: waiting for a change; Ctrl-C ends it\n", stderr);
    fflush(stdout);
    while (watch_stamp(options) == stamp) nanosleep(&pause, NULL);
}

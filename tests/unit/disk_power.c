/* tests/unit/disk_power.c - What is durable stands in a folder of its own: bytes of the file with inode 7 in `7`, names
 * of the folder with inode 8 in `8.names`. */
#include "tests/unit/disk_power.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 512 };

static char watched[128], kept[] = "/tmp/gcx-power-XXXXXX";
static bool on;

static void copy(const char *from, const char *to)
{
    char bytes[8192];
    size_t got;
    FILE *in = fopen(from, "re"), *out = fopen(to, "we");
    assert(out);
    while (in && (got = fread(bytes, 1, sizeof bytes, in)) > 0) assert(fwrite(bytes, 1, got, out) == got);
    if (in) (void)fclose(in);
    assert(fclose(out) == 0);
}

static void kept_name(char path[PATH], unsigned long inode, bool names)
{
    snprintf(path, PATH, "%s/%lu%s", kept, inode, names ? ".names" : "");
}

static void names_note(const char *folder, const char *to)
{
    char path[PATH];
    struct stat found;
    DIR *directory = opendir(folder);
    FILE *out = fopen(to, "we");
    assert(directory && out);
    for (struct dirent *entry; (entry = readdir(directory));) {
        snprintf(path, sizeof path, "%.200s/%.200s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || lstat(path, &found) != 0) continue;
        fprintf(out, "%lu %c %s\n", (unsigned long)found.st_ino, S_ISDIR(found.st_mode) ? 'd' : 'f', entry->d_name);
    }
    closedir(directory);
    assert(fclose(out) == 0);
}

static void note(const char *path)
{
    char to[PATH];
    struct stat found;
    if (!on || stat(path, &found) != 0) return;
    kept_name(to, found.st_ino, S_ISDIR(found.st_mode));
    if (S_ISDIR(found.st_mode))
        names_note(path, to);
    else if (S_ISREG(found.st_mode))
        copy(path, to);
}

struct name {
    unsigned long inode;
    char kind, name[128];
};

static size_t names_read(const char *list, struct name names[64])
{
    size_t count = 0;
    FILE *in = fopen(list, "re");
    while (in && count < 64 &&
           fscanf(in, "%lu %c %127s", &names[count].inode, &names[count].kind, names[count].name) == 3)
        count++;
    if (in) (void)fclose(in);
    return count;
}

static void note_all(const char *folder)
{
    char path[PATH];
    struct stat found;
    struct name names[64];
    note(folder);
    assert(stat(folder, &found) == 0);
    kept_name(path, found.st_ino, true);
    for (size_t i = 0, count = names_read(path, names); i < count; i++) {
        snprintf(path, sizeof path, "%.200s/%.200s", folder, names[i].name);
        if (names[i].kind == 'd')
            note_all(path);
        else
            note(path);
    }
}

void disk_power_on(const char *folder)
{
    snprintf(watched, sizeof watched, "%s", folder);
    strcpy(kept + strlen(kept) - 6, "XXXXXX");
    assert(mkdtemp(kept));
    on = true;
    note_all(folder);
}

void disk_power_synced(int fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    note(path);
}

void disk_power_msynced(const void *at)
{
    char line[PATH], path[PATH];
    unsigned long begin, end, place = (unsigned long)at;
    FILE *maps = on ? fopen("/proc/self/maps", "re") : NULL;
    while (maps && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %500s", &begin, &end, path) == 3 && begin <= place && place < end)
            note(path);
    if (maps) (void)fclose(maps);
}

/* Its number stays its own. */
void disk_power_unlinks(const char *path)
{
    if (on) (void)!open(path, O_PATH | O_CLOEXEC);
}

/* The path where the file is now; false: it has no name. */
static bool find(const char *folder, unsigned long inode, char path[PATH])
{
    char below[PATH];
    struct stat found;
    bool there = false;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && !there && (entry = readdir(directory));) {
        snprintf(below, sizeof below, "%.200s/%.200s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || lstat(below, &found) != 0) continue;
        there = found.st_ino == inode;
        if (there) memcpy(path, below, PATH);
        if (!there && S_ISDIR(found.st_mode)) there = find(below, inode, path);
    }
    if (directory) closedir(directory);
    return there;
}

static void rebuild(unsigned long inode, const char *to, enum disk_loss loss)
{
    char path[PATH], list[PATH], now[PATH];
    struct stat found;
    struct name names[64];
    kept_name(list, inode, true);
    bool whole = stat(watched, &found) == 0 && found.st_ino == inode;
    if (loss == DISK_HAS_NAMES && (whole || find(watched, inode, now))) names_note(whole ? watched : now, list);
    assert(mkdir(to, 0700) == 0);
    for (size_t i = 0, count = names_read(list, names); i < count; i++) {
        snprintf(path, sizeof path, "%.200s/%.200s", to, names[i].name);
        if (names[i].kind == 'd') {
            rebuild(names[i].inode, path, loss);
            continue;
        }
        if (loss != DISK_HAS_BYTES || !find(watched, names[i].inode, now)) kept_name(now, names[i].inode, false);
        copy(now, path); /* of one that was never synced, nothing */
        assert(chmod(path, 0600) == 0);
    }
}

void disk_power_off(enum disk_loss loss)
{
    char lost[PATH], command[3 * PATH];
    struct stat found;
    assert(stat(watched, &found) == 0);
    on = false;
    snprintf(lost, sizeof lost, "%s.disk", watched);
    rebuild(found.st_ino, lost, loss);
    snprintf(command, sizeof command, "rm -rf %s %s && mv %s %s", watched, kept, lost, watched);
    assert(system(command) == 0);
}

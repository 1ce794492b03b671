/* compiler/cli/sites.c - The sources that a command names, grouped by their sites.
 *
 * A program is the files of a folder with the site file that applies to it: the nearest one in the folder or above
 * it. A command may name files of several sites; they are grouped by site, each group is compiled as one program.
 * Folders are searched in the order of names, so that results do not depend on the file system. */
#include "compiler/cli/sites.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/arena.h"
#include "compiler/base/below.h"
#include "compiler/files.h"
#include "base/shown.h"

/* ---- folders ---- */

struct each_below {
    void (*each)(void *self, const char *file, bool below);
    void *self;
    bool any, good;
};

static bool each_found(void *self, enum below_found found, const char *path, int why)
{
    struct each_below *below = self;
    switch (found) {
    case BELOW_SOURCE:
    case BELOW_LINK:
        below->each(below->self, path, true);
        below->any = true;
        break;
    case BELOW_UNREADABLE: /* it may hold sources */
        shown_print(stderr, "gcxc: cannot read %s: %s\n", path, strerror(why));
        below->good = false;
        break;
    case BELOW_UNFOLLOWED:
        shown_print(stderr, "gcxc: %s is a link to a folder, and left out; name it, too, if its files are meant\n",
                    path);
        break;
    }
    return true;
}

bool sites_each_source(const char *path, void (*each)(void *self, const char *file, bool below), void *self)
{
    struct stat status;
    struct each_below below = {each, self, .good = true};
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        each(self, path, false);
        return true;
    }
    below_walk(path, 0, each_found, &below);
    if (!below.any && below.good) shown_print(stderr, "gcxc: there is no .gcx file in %s or below it\n", path);
    return below.any && below.good;
}

/* ---- grouping by site ---- */

struct sorting {
    struct sites *sites;
    const char *site;  /* --site, or NULL */
    const char *whole; /* the site whose files are added; NULL: those of the command line are sorted in */
};

static char *site_of(const char *path)
{
    struct arena *arena = arena_new();
    const char *site = files_site(arena, path);
    char *real = site ? realpath(site, NULL) : NULL;
    arena_free(arena);
    return real;
}

static struct site_files *site_files_of(struct sites *sites, char *site, bool below)
{
    for (size_t i = 0; i < sites->count; i++) {
        struct site_files *one = &sites->all[i];
        bool same = site && one->site ? strcmp(one->site, site) == 0 : !site && (!below || !one->site);
        if (!same) continue;
        free(site);
        return one;
    }
    sites->all = memory_more(sites->all, sites->count, sizeof *sites->all);
    sites->all[sites->count] = (struct site_files){.site = site};
    return &sites->all[sites->count++];
}

/* Adds a file to the group of its site. If the file is already there under another name, by a link or as ./NAME, it is
 * not added again. */
static void sort_in(void *self, const char *path, bool below)
{
    struct sorting *sorting = self;
    char *found = sorting->whole ? site_of(path) : NULL;
    bool other = sorting->whole && (!found || strcmp(found, sorting->whole) != 0);
    free(found);
    if (other) return;
    struct site_files *files = site_files_of(sorting->sites, sorting->site ? NULL : site_of(path), below);
    struct stat status = {0};
    bool there = stat(path, &status) == 0;
    for (size_t i = 0; there && i < files->count; i++)
        if (files->same[i].number == status.st_ino && files->same[i].device == status.st_dev) return;
    files->paths = memory_more(files->paths, files->count, sizeof *files->paths);
    files->same = memory_more(files->same, files->count, sizeof *files->same);
    files->named += !sorting->whole;
    files->same[files->count] = (struct site_same){status.st_dev, status.st_ino};
    files->paths[files->count++] = memory_text(path);
}

struct sites sites_open(const char *const *paths, size_t count, const char *site)
{
    struct sites sites = {.good = true};
    struct sorting sorting = {&sites, site, NULL};
    for (size_t i = 0; i < count; i++) sites.good = sites_each_source(paths[i], sort_in, &sorting) && sites.good;
    return sites;
}

/* Adds to each group the files that lie below its site's folder, and have that site. */
static void add_whole(struct sites *sites)
{
    for (size_t i = 0; i < sites->count; i++) {
        struct sorting sorting = {sites, NULL, sites->all[i].site};
        struct arena *arena = arena_new();
        const char *site = sorting.whole ? files_site(arena, sites->all[i].paths[0]) : NULL;
        const char *slash = site ? strrchr(site, '/') : NULL;
        const char *folder = slash ? arena_copy(arena, site, (size_t)(slash - site) + 1) : ".";
        if (site) sites->good = sites_each_source(folder, sort_in, &sorting) && sites->good;
        arena_free(arena);
    }
}

struct sites sites_named(const struct options *options)
{
    if (options->whole_site && options->site) {
        shown_refuse("gcxc: --whole-site adds the files that find their site.gcx by themselves, and --site FILE names "
                     "another one: name the files, or leave out --site\n");
        return (struct sites){0};
    }
    struct sites sites = sites_open(options->paths, options->path_count, options->site);
    if (options->whole_site) add_whole(&sites);
    return sites;
}

void sites_close(struct sites *sites)
{
    for (size_t i = 0; i < sites->count; i++) {
        for (size_t n = 0; n < sites->all[i].count; n++) free(sites->all[i].paths[n]);
        free(sites->all[i].paths);
        free(sites->all[i].same);
        free(sites->all[i].site);
    }
    free(sites->all);
}

static void say_site(const struct site_files *files)
{
    struct arena *arena = arena_new();
    const char *site = files_site(arena, files->paths[0]);
    shown_print(stderr, site ? "  of %s: %s" : "  of no site%s: %s", site ? site : "", files->paths[0]);
    if (files->count > 1) shown_print(stderr, " and %zu more", files->count - 1);
    fputc('\n', stderr);
    arena_free(arena);
}

const struct site_files *sites_one(const struct sites *sites)
{
    if (!sites->good || sites->count == 0) return NULL;
    if (sites->count == 1) return &sites->all[0];
    shown_print(stderr, "gcxc: these are files of %zu sites, each of which is a program of its own:\n", sites->count);
    for (size_t i = 0; i < sites->count; i++) say_site(&sites->all[i]);
    fputs("name the files of one site at a time, or its folder; --site FILE says which site is meant for all of them\n",
          stderr);
    return NULL;
}

struct report *sites_report(const struct options *options)
{
    enum report_format format = report_format_named(options->format);
    return report_begin(format == REPORT_TEXT ? stderr : stdout, format, options->help_uri);
}

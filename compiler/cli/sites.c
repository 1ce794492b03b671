/* compiler/cli/sites.c - The files that a command names, by the sites that they belong to. */
#include "compiler/cli/sites.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/arena.h"
#include "compiler/files.h"

static char *site_of(const struct options *options, const char *path)
{
    if (options->site) return NULL;
    struct arena *arena = arena_new();
    const char *site = files_site(arena, path);
    char *real = site ? realpath(site, NULL) : NULL;
    arena_free(arena);
    return real;
}

static struct site_files *files_of(struct sites *sites, char *site, size_t room)
{
    for (size_t i = 0; i < sites->count; i++) {
        struct site_files *one = &sites->all[i];
        if (site && (!one->site || strcmp(one->site, site) != 0)) continue;
        free(site);
        return one;
    }
    struct site_files *files = &sites->all[sites->count++];
    *files = (struct site_files){calloc(room, sizeof *files->paths), 0, site};
    if (!files->paths) abort();
    return files;
}

struct sites sites_open(const struct options *options)
{
    struct sites sites = {calloc(options->path_count + 1, sizeof *sites.all), 0};
    if (!sites.all) abort();
    for (size_t i = 0; i < options->path_count; i++) {
        struct site_files *files = files_of(&sites, site_of(options, options->paths[i]), options->path_count - i);
        files->paths[files->count++] = options->paths[i];
    }
    return sites;
}

void sites_close(struct sites *sites)
{
    for (size_t i = 0; i < sites->count; i++) {
        free(sites->all[i].paths);
        free(sites->all[i].site);
    }
    free(sites->all);
}

struct report *sites_report(const struct options *options)
{
    enum report_format format = report_format_named(options->format);
    return report_begin(format == REPORT_TEXT ? stderr : stdout, format);
}

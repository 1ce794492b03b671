/* compiler/cli/sites.h - The sources that a command names, grouped by their sites, of which there may be many.
 *
 * A folder means all .gcx files in it and below it. The groups own their paths. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "compiler/base/report.h"
#include "compiler/cli/command.h"

/* Calls `each` for the file at the path, or for each .gcx file below the folder, in the order of names. Returns
 * false after an error, which is printed: the file does not exist, or a part of the folder cannot be read. */
bool sites_each_source(const char *path, void (*each)(void *self, const char *file, bool below), void *self);

struct site_same { /* what identifies a file, whatever its name */
    dev_t device;
    ino_t number;
};
struct site_files {
    char **paths;
    struct site_same *same; /* as many as paths */
    size_t count;
    size_t named; /* the first ones, which the command line names or stands for; the others are of their site */
    char *site;   /* the real path of the group's site.gcx; NULL: none, or --site names it */
};
struct sites {
    struct site_files *all;
    size_t count;
    bool good; /* false: a folder had no sources or could not be read, which was printed */
};

/* Groups the files in the order of the command line; `site` is the file of --site, or NULL. A file without a site
 * joins the first group; one found in a folder joins the group of that folder's files. */
struct sites sites_open(const char *const *paths, size_t count, const char *site);
/* Groups the files that the options name, with --site and --whole-site. */
struct sites sites_named(const struct options *);
void sites_close(struct sites *);

/* Returns the files of a command that makes one program. NULL, with advice printed, where they belong to several
 * sites or there are none. */
const struct site_files *sites_one(const struct sites *);

/* Begins the report in the format of --format: text goes to standard error, other formats to standard output. */
struct report *sites_report(const struct options *);

/* compiler/cli/sites.h - The sources that a command names, grouped by their sites, of which there may be many.
 *
 * A folder stands for all .gcx files below it. The groups own their paths. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/report.h"
#include "compiler/cli/command.h"

/* Calls `each` for the path, or for each .gcx file below a folder, by name. False after an error, which is printed:
 * there is no file, or a part of the folder cannot be read. */
bool sites_each_source(const char *path, void (*each)(void *self, const char *file, bool below), void *self);

struct site_files {
    char **paths;
    size_t count;
    char *site; /* the real path of its site.gcx; NULL: it has none, or --site says which */
};
struct sites {
    struct site_files *all;
    size_t count;
    bool good; /* false: a folder had no sources or could not be read, and that was printed */
};

/* Groups the files in the order in which they are named; `site` is --site, or NULL. A file without a site joins the
 * first group; such a file of a folder joins the others of that folder. */
struct sites sites_open(const char *const *paths, size_t count, const char *site);
void sites_close(struct sites *);

/* The files of a command that makes one program. NULL, with advice printed, where they belong to several sites or there
 * are none. */
const struct site_files *sites_one(const struct sites *);

/* The report in the format of --format: text goes to standard error, the others to standard output. */
struct report *sites_report(const struct options *);

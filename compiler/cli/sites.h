/* compiler/cli/sites.h - The sources that a command names, by the sites that they belong to: there may be many.
 *
 * A folder stands for all .gcx files below it. What is made owns its paths. */
#ifndef COMPILER_CLI_SITES_H
#define COMPILER_CLI_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compiler/base/report.h"
#include "compiler/cli/command.h"

/* The path, or of a folder each .gcx file below it, by name. False and said why where there is none, or not all of
 * it can be read. */
bool sources_each(const char *path, void (*each)(void *self, const char *file, bool below), void *self);

struct site_files {
    char **paths;
    size_t count;
    char *site; /* the real path of its site.gcx; NULL: it has none, or --site says which */
};
struct sites {
    struct site_files *all;
    size_t count;
    bool good; /* false: a folder had nothing, or could not be read, which has been said */
};

/* In the order in which they are named; `site`: --site, or NULL. A file without a site is with the first one's; of a
 * folder, with others of that kind. */
struct sites sites_open(const char *const *paths, size_t count, const char *site);
void sites_close(struct sites *);

/* Those of a command that makes one program: NULL, and said what to do, where they are of several sites, or none. */
const struct site_files *sites_one(const struct sites *);

/* As --format says: text to standard error, the others to standard output. */
struct report *sites_report(const struct options *);

#endif

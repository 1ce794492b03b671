/* compiler/cli/sites.h - The files that a command names, by the sites that they belong to: a repository may have many.
 */
#ifndef COMPILER_CLI_SITES_H
#define COMPILER_CLI_SITES_H

#include <stddef.h>
#include <stdio.h>

#include "compiler/cli/command.h"
#include "compiler/report.h"

struct site_files {
    const char **paths; /* the options' */
    size_t count;
    char *site; /* the real path of its site.gcx; NULL: it has none, or --site says which */
};
struct sites {
    struct site_files *all;
    size_t count;
};

/* In the order in which they are named. A file without a site is with the first one's. */
struct sites sites_open(const struct options *);
void         sites_close(struct sites *);

/* As --format says: text to standard error, the others to standard output. */
struct report *sites_report(const struct options *);

#endif

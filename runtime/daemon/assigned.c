/* runtime/daemon/assigned.c - The directory of domains, read and written for people. */
#include "config.h"
#include "runtime/daemon/assigned.h"

#include <stdio.h>

#include "runtime/domains/domains.h"
#include "runtime/vocabulary/shown.h"

static void assigned_print(void *self, struct span kind, struct span name, uint64_t domain)
{
    (void)self;
    shown_print(stdout, "%.*s:%.*s=%llu\n", (int)kind.length, (const char *)kind.bytes, (int)name.length,
                (const char *)name.bytes, (unsigned long long)domain);
}

bool assigned_run(const struct conf *conf, const char *item)
{
    struct error error = {0};
    if (conf->journal[0] == '\0') {
        shown_print(stderr, "%s: `journal` is not set: domains meet in the database that it names\n", conf->file);
        return false;
    }
    struct domains *domains = domains_open(conf->journal, &error);
    bool good =
        domains && (item ? domains_assign(domains, item, &error) : domains_list(domains, assigned_print, NULL, &error));
    domains_close(domains);
    if (!good) shown_print(stderr, "gcxvm: %s\n", error.text);
    return good;
}

/* runtime/daemon/assigned.c - Reads and writes the directory of domains for gcxvm's options --assign and --assigned. */
#include "runtime/daemon/assigned.h"

#include <stdio.h>
#include <string.h>

#include "runtime/domains/domains.h"
#include "base/shown.h"

static void assigned_print(void *self, struct span kind, struct span name, uint64_t domain)
{
    (void)self;
    shown_print(stdout, "%.*s:%.*s=%llu\n", (int)kind.length, (const char *)kind.bytes, (int)name.length,
                (const char *)name.bytes, (unsigned long long)domain);
}

static bool assigned_is_domains(const struct conf_adapter *adapter)
{
    const char *slash = strrchr(adapter->plugin, '/');
    return strcmp(slash ? slash + 1 : adapter->plugin, "domains.so") == 0;
}

/* Returns the database that the domains share: the one in the adapter's settings, else the journal's. "": none. */
static const char *assigned_where(const struct conf *conf)
{
    for (const struct conf_adapter *adapter = conf->adapters; adapter < conf->adapters + conf->adapter_count; adapter++)
        for (size_t i = 0; assigned_is_domains(adapter) && i < adapter->setting_count; i++)
            if (strcmp(adapter->settings[i].key, "database") == 0) return adapter->settings[i].value;
    return conf->journal;
}

bool assigned_run(const struct conf *conf, const char *item)
{
    struct error error = {0};
    const char *where = assigned_where(conf);
    if (where[0] == '\0') {
        shown_print(stderr,
                    "%s: neither `journal` is set nor `database` of the adapter `domains`: in which database do the "
                    "domains meet?\n",
                    conf->file);
        return false;
    }
    struct domains *domains = domains_open(where, &error);
    bool good =
        domains && (item ? domains_assign(domains, item, &error) : domains_list(domains, assigned_print, NULL, &error));
    domains_close(domains);
    if (!good) shown_print(stderr, "gcxvm: %s\n", error.text);
    return good;
}

/* runtime/daemon/check/check_stores.c - Have the adapters of a site one contact store, and one place of calling lists?
 * An opt-out that one of them keeps is then known to the others. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/check/check_state.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/target.h"

/* One name for a database: a file by its whole path, whether it is there or not; a server as it is written. */
static void target_place(const char *target, char place[PATH_MAX])
{
    const char *file = target_file(target), *base = file ? strrchr(file, '/') : NULL;
    char folder[PATH_MAX], whole[PATH_MAX];
    look_folder_of(file ? file : "", folder, sizeof folder);
    if (file && realpath(file, whole))
        snprintf(place, PATH_MAX, "%s", whole);
    else if (file && realpath(folder, whole))
        snprintf(place, PATH_MAX, "%.2000s/%.2000s", whole, base ? base + 1 : file);
    else
        snprintf(place, PATH_MAX, "%s", target);
}

/* The setting of an adapter of this tree that runs here; "": it is not set. */
static const char *adapter_target(const struct conf_adapter *adapter, const char *setting)
{
    char plugin[CONF_PLUGIN];
    conf_plugin(adapter, plugin);
    const char *value = contract_named(plugin) && !adapter->remote ? conf_value(adapter, setting) : NULL;
    return value ? value : "";
}

/* Tells of the first other place of a setting that names one database in the whole site. */
static void place_look(struct checking *checking, const char *setting, enum look_check other)
{
    const struct conf *conf = checking->conf;
    const struct conf_adapter *first = NULL;
    char places[2][PATH_MAX], tenants[2][64];
    for (size_t i = 0; i < conf->adapter_count; i++) {
        const struct conf_adapter *adapter = &conf->adapters[i];
        const char *target = adapter_target(adapter, setting), *tenant = adapter_target(adapter, "tenant");
        if (!*target) continue;
        target_place(target, places[first != NULL]);
        snprintf(tenants[first != NULL], sizeof *tenants, "%.63s", tenant);
        if (!first) {
            first = adapter;
            continue;
        }
        if (strcmp(places[0], places[1]) != 0) {
            checking_tell(checking, other, adapter->line,
                          LOOK_WORDS(target, adapter_target(first, setting), first->name));
            return;
        }
        if (other == CHECK_lists_other && strcmp(tenants[0], tenants[1]) != 0)
            checking_tell(checking, CHECK_lists_tenant, adapter->line, LOOK_WORDS(tenants[1], tenants[0], first->name));
    }
}

/* The contact store has the opt-outs of customers who wrote STOP. */
static void store_asked_look(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    const struct conf_adapter *keeps = NULL;
    for (size_t i = 0; i < conf->adapter_count && !keeps; i++)
        if (*adapter_target(&conf->adapters[i], "store")) keeps = &conf->adapters[i];
    for (size_t i = 0; i < conf->adapter_count && keeps; i++) {
        char plugin[CONF_PLUGIN];
        conf_plugin(&conf->adapters[i], plugin);
        const struct contract *contract = contract_named(plugin);
        bool dials = contract && (contract->caps & CAP_RECORDS) != 0 && *adapter_target(&conf->adapters[i], "lists");
        if (dials && !*adapter_target(&conf->adapters[i], "store"))
            checking_tell(checking, CHECK_store_unasked, conf->adapters[i].line,
                          LOOK_WORDS(adapter_target(keeps, "store"), keeps->name));
    }
}

void checking_stores(struct checking *checking)
{
    store_asked_look(checking);
    place_look(checking, "store", CHECK_store_other);
    place_look(checking, "lists", CHECK_lists_other);
}

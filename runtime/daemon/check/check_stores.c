/* runtime/daemon/check/check_stores.c - Checks that the adapters of a site share one contact store, and one place of
 * calling lists. An opt-out that one adapter stores is then known to the others. */
#include <libpq-fe.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/check/check_state.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/target.h"

/* The words of a connection string that say which database it names. The user's name is not one of these words. */
static bool server_place(const char *target, char place[PATH_MAX])
{
    static const char *const told[] = {"service", "host", "hostaddr", "port", "dbname"};
    PQconninfoOption *options = PQconninfoParse(target, NULL);
    int length = 0;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        for (const PQconninfoOption *one = options; one && one->keyword; one++)
            if (strcmp(one->keyword, told[i]) == 0)
                length += snprintf(place + length, 520, "%s=%.500s ", told[i], one->val ? one->val : "");
    PQconninfoFree(options);
    return options != NULL;
}

/* Writes one name for a database: a file by its whole path, whether it exists or not; a server as libpq parses it. */
static void target_place(const char *target, char place[PATH_MAX])
{
    const char *file = target_file(target), *base = file ? strrchr(file, '/') : NULL;
    char folder[PATH_MAX], whole[PATH_MAX];
    look_folder_of(file ? file : "", folder, sizeof folder);
    if (file && realpath(file, whole))
        snprintf(place, PATH_MAX, "%s", whole);
    else if (file && realpath(folder, whole))
        snprintf(place, PATH_MAX, "%.2000s/%.2000s", whole, base ? base + 1 : file);
    else if (file || !server_place(target, place))
        snprintf(place, PATH_MAX, "%s", target);
}

/* The value of the setting, if the adapter is of this tree and runs here; "": it is not set. */
static const char *adapter_target(const struct conf_adapter *adapter, const char *setting)
{
    char plugin[CONF_PLUGIN];
    conf_plugin(adapter, plugin);
    const char *value = contract_named(plugin) && !adapter->remote ? conf_value(adapter, setting) : NULL;
    return value ? value : "";
}

static bool same_place(const struct conf_adapter *one, const struct conf_adapter *other, const char *setting)
{
    char places[2][PATH_MAX];
    target_place(adapter_target(one, setting), places[0]);
    target_place(adapter_target(other, setting), places[1]);
    return strcmp(places[0], places[1]) == 0;
}

static bool same_tenant(const struct conf_adapter *one, const struct conf_adapter *other)
{
    return strcmp(adapter_target(one, "tenant"), adapter_target(other, "tenant")) == 0;
}

static bool adapter_dials(const struct conf_adapter *adapter)
{
    char plugin[CONF_PLUGIN];
    conf_plugin(adapter, plugin);
    const struct contract *contract = contract_named(plugin);
    return contract && (contract->caps & CAP_RECORDS) != 0 && *adapter_target(adapter, "lists");
}

/* True: a desk uses the adapter's store. Two stores with a desk each belong to two organisations, whose people need
 * only their own customers. */
static bool store_has_desk(const struct conf *conf, const struct conf_adapter *adapter)
{
    char plugin[CONF_PLUGIN];
    for (size_t i = 0; i < conf->adapter_count; i++) {
        conf_plugin(&conf->adapters[i], plugin);
        if (strcmp(plugin, "desk") == 0 && same_place(&conf->adapters[i], adapter, "store")) return true;
    }
    return false;
}

/* True: two adapters should name one database, and do not. Two tenants may have two places of calling lists. */
static bool places_contradict(const struct conf *conf, const struct conf_adapter *one, const struct conf_adapter *other,
                              const char *setting)
{
    if (!*adapter_target(one, setting) || same_place(one, other, setting)) return false;
    if (strcmp(setting, "lists") == 0) return same_tenant(one, other);
    return !store_has_desk(conf, one) || !store_has_desk(conf, other);
}

/* Reports the first adapter whose database differs from that of an adapter before it. */
static void place_look(struct checking *checking, const char *setting, enum look_check check)
{
    const struct conf *conf = checking->conf;
    for (size_t i = 0; i < conf->adapter_count; i++) {
        const struct conf_adapter *adapter = &conf->adapters[i], *first = conf->adapters;
        if (!*adapter_target(adapter, setting)) continue;
        while (first < adapter && !places_contradict(conf, first, adapter, setting)) first++;
        if (first == adapter) continue;
        checking_tell(checking, check, adapter->line,
                      LOOK_WORDS(adapter_target(adapter, setting), adapter_target(first, setting), first->name));
        return;
    }
}

/* Reports an adapter that stores the senders of STOP in the lists of a tenant for whom no dialer works, although the
 * site dials. */
static void tenant_look(struct checking *checking, const struct conf_adapter *adapter)
{
    const struct conf *conf = checking->conf;
    const struct conf_adapter *dialer = NULL;
    if (!*adapter_target(adapter, "lists") || adapter_dials(adapter)) return;
    for (size_t i = 0; i < conf->adapter_count; i++) {
        if (!adapter_dials(&conf->adapters[i])) continue;
        dialer = &conf->adapters[i];
        if (same_tenant(adapter, dialer)) return;
    }
    if (dialer)
        checking_tell(checking, CHECK_lists_tenant, adapter->line,
                      LOOK_WORDS(adapter_target(adapter, "tenant"), adapter_target(dialer, "tenant"), dialer->name));
}

/* Reports a dialer that does not ask the contact store, which has the opt-outs of customers who wrote STOP. */
static void store_asked_look(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    const struct conf_adapter *keeps = NULL;
    for (size_t i = 0; i < conf->adapter_count && !keeps; i++)
        if (*adapter_target(&conf->adapters[i], "store")) keeps = &conf->adapters[i];
    for (size_t i = 0; i < conf->adapter_count && keeps; i++) {
        if (adapter_dials(&conf->adapters[i]) && !*adapter_target(&conf->adapters[i], "store"))
            checking_tell(checking, CHECK_store_unasked, conf->adapters[i].line,
                          LOOK_WORDS(adapter_target(keeps, "store"), keeps->name));
    }
}

void checking_stores(struct checking *checking)
{
    store_asked_look(checking);
    place_look(checking, "store", CHECK_store_other);
    place_look(checking, "lists", CHECK_lists_other);
    for (size_t i = 0; i < checking->conf->adapter_count; i++) tenant_look(checking, &checking->conf->adapters[i]);
}

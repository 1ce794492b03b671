/* runtime/daemon/reload/reload_adapters.c - Checks switches between which calls go: table access and the adapters of
 * the configuration must name each other.
 *
 * `gcxvm --check` refuses a configuration in which one of them is missing. A running gcxvm accepts it, since the
 * directory may get the missing row while it runs. */
#include "runtime/daemon/reload/reload_state.h"

#include <assert.h>
#include <string.h>

static const struct conf_adapter *adapter_named(const struct conf *conf, struct span name)
{
    for (size_t i = 0; i < conf->adapter_count; i++)
        if (strlen(conf->adapters[i].name) == name.length &&
            memcmp(conf->adapters[i].name, name.bytes, name.length) == 0)
            return &conf->adapters[i];
    return NULL;
}

/* True: table access has a row for the two switches, in either direction. */
static bool access_between_adapters(const struct directory_import *directory, const char *one, const char *other)
{
    struct import_access access;
    for (size_t i = 0; import_access(directory, i, &access); i++)
        if ((span_is(access.from, one) && span_is(access.to, other)) ||
            (span_is(access.from, other) && span_is(access.to, one)))
            return true;
    return false;
}

/* A directory without table access keeps its switches separate; one that has the table must name only adapters that
 * exist, and leave none out. */
static bool reading_accesses(const struct site_reading *reading, struct error *error)
{
    const struct conf *conf = reading->conf;
    struct import_access access;
    for (size_t i = 0; import_access(reading->directory, i, &access); i++) {
        struct span unknown = adapter_named(conf, access.from) ? access.to : access.from;
        if (!adapter_named(conf, unknown))
            return error_set(
                error, ERROR_UNKNOWN,
                "%.60s: table access, row %.*s/%.*s: `%.*s` is no adapter of %.60s; expected the name of a "
                "section adapter",
                reading->file, (int)access.from.length, (const char *)access.from.bytes, (int)access.to.length,
                (const char *)access.to.bytes, (int)unknown.length, (const char *)unknown.bytes, conf->file);
    }
    for (size_t i = 0; import_access(reading->directory, 0, &access) && i < conf->adapter_count; i++)
        for (size_t k = 0; k < i; k++)
            if (conf_plugin_can(&conf->adapters[i], CAP_CALLS) && conf_plugin_can(&conf->adapters[k], CAP_CALLS) &&
                !access_between_adapters(reading->directory, conf->adapters[k].name, conf->adapters[i].name))
                return error_set(
                    error, ERROR_UNKNOWN,
                    "%.60s: no call can go between `%.30s` and `%.30s`: table access has no row of these two; "
                    "insert one, with the code that is dialled",
                    reading->file, conf->adapters[k].name, conf->adapters[i].name);
    return true;
}

bool reading_adapters(const struct site_reading *reading, struct error *error)
{
    assert(reading->directory && reading->place);
    return reading_accesses(reading, error);
}

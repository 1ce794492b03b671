/* runtime/daemon/reload/reload_adapters.c - Queues and routing points that settings of adapters name, and switches
 * between which calls are to go.
 *
 * The core refuses what is handed in at a place that it does not know, one by one, perhaps days after the setting was
 * written: so `gcxvm --check` refuses such a setting. A gcxvm that runs does not, for a directory may get the place
 * while it runs. */
#include "config.h"
#include "runtime/daemon/reload/reload_state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vocabulary/rows.h"

enum place_need { PLACE_QUEUE, PLACE_QUEUE_OF, PLACE_CALLBACKS, PLACE_POINT };

static const struct place_setting {
    const char *plugin, *key;
    enum place_need need;
} place_settings[] = {
#define PLACE(plugin, key, what) {#plugin, #key, PLACE_##what},
#include "runtime/daemon/reload/reload_adapters.def"
};

/* "chat" of "/usr/lib/gcx/chat.so". */
static bool adapter_plugin_is(const struct conf_adapter *adapter, const char *plugin)
{
    const char *slash = strrchr(adapter->plugin, '/'), *name = slash ? slash + 1 : adapter->plugin;
    size_t length = strcspn(name, ".");
    return strlen(plugin) == length && strncmp(name, plugin, length) == 0;
}

/* Has the directory this routing point, with a strategy of such a medium? `media` 0: of any. */
static bool point_is_there(const struct site_reading *reading, const char *dn, unsigned media)
{
    struct import_point point;
    for (size_t i = 0; import_point(reading->directory, i, &point); i++) {
        if (strcmp(point.dn, dn) != 0) continue;
        const struct image_strategy *strategy =
            image_strategy_named(reading->images[reading->place[i]], point.strategy, (uint32_t)strlen(point.strategy));
        assert(strategy); /* strategy_find() has it from there */
        return media == 0 || (strategy->media & media) != 0;
    }
    return false;
}

struct place_lack {
    const char *what, *cure;
};

/* NULL: the place is there. */
static const struct place_lack *place_lacks(const struct site_reading *reading, enum place_need need, const char *name)
{
    static const struct place_lack lacks[] = {
        [PLACE_QUEUE] = {"no queue", "insert it into table queue"},
        [PLACE_QUEUE_OF] = {"no queue", "insert it into table queue"},
        [PLACE_CALLBACKS] = {"no routing point that calls back",
                             "insert it into table routing_point with a strategy `on callback`"},
        [PLACE_POINT] = {"no routing point", "insert it into table routing_point"},
    };
    bool queue = need == PLACE_QUEUE || need == PLACE_QUEUE_OF;
    bool there = queue                     ? import_is_queue(reading->directory, name)
                 : need == PLACE_CALLBACKS ? point_is_there(reading, name, 1u << media_callback)
                                           : point_is_there(reading, name, 0);
    return there ? NULL : &lacks[need];
}

/* The next name of a list, without the spaces around it; false at its end. For QUEUE_OF it is the one behind the `=`,
 * and empty where there is none: the plugin itself refuses that. */
static bool next_listed_place(const char **list, enum place_need need, char name[NAME_MAX_BYTES + 1])
{
    *list += strspn(*list, ", \t\n");
    size_t length = strcspn(*list, ","), from = 0;
    const char *one = *list;
    *list += length;
    if (length == 0) return false;
    if (need == PLACE_QUEUE_OF) {
        const char *sign = memchr(one, '=', length);
        from = sign ? (size_t)(sign - one) + 1 : length;
    }
    while (from < length && strchr(" \t\n", one[from])) from++;
    while (length > from && strchr(" \t\n", one[length - 1])) length--;
    snprintf(name, NAME_MAX_BYTES + 1, "%.*s", (int)(length - from), one + from);
    return true;
}

static bool adapter_places(const struct site_reading *reading, const struct conf_adapter *adapter,
                           const struct place_setting *places, struct error *error)
{
    char name[NAME_MAX_BYTES + 1];
    for (size_t i = 0; i < adapter->setting_count; i++) {
        const struct conf_setting *setting = &adapter->settings[i];
        const char *list = setting->value;
        if (strcmp(setting->key, places->key) != 0) continue;
        while (next_listed_place(&list, places->need, name)) {
            const struct place_lack *lack = *name ? place_lacks(reading, places->need, name) : NULL;
            if (lack)
                return error_set(error, ERROR_UNKNOWN, "%.60s:%d: adapter `%.30s`: %s: `%.40s` is %s of %.60s; %s",
                                 reading->conf->file, setting->line, adapter->name, setting->key, name, lack->what,
                                 reading->file, lack->cure);
        }
    }
    return true;
}

static const struct conf_adapter *adapter_named(const struct conf *conf, struct span name)
{
    for (size_t i = 0; i < conf->adapter_count; i++)
        if (strlen(conf->adapters[i].name) == name.length &&
            memcmp(conf->adapters[i].name, name.bytes, name.length) == 0)
            return &conf->adapters[i];
    return NULL;
}

/* Has table access a row between the two, in either direction? */
static bool access_between_adapters(const struct import *directory, const char *one, const char *other)
{
    struct import_access access;
    for (size_t i = 0; import_access(directory, i, &access); i++)
        if ((span_is(access.from, one) && span_is(access.to, other)) ||
            (span_is(access.from, other) && span_is(access.to, one)))
            return true;
    return false;
}

static bool adapter_is_switch(const struct conf_adapter *adapter)
{
    return adapter_plugin_is(adapter, "tserver") || adapter_plugin_is(adapter, "sip");
}

/* A directory without table access has switches apart; one that has it is to name what there is, and to leave none out.
 */
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
            if (adapter_is_switch(&conf->adapters[i]) && adapter_is_switch(&conf->adapters[k]) &&
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
    const struct conf *conf = reading->conf;
    assert(reading->directory && reading->place);
    for (size_t i = 0; i < conf->adapter_count; i++)
        for (size_t k = 0; k < sizeof place_settings / sizeof *place_settings; k++)
            if (adapter_plugin_is(&conf->adapters[i], place_settings[k].plugin) &&
                !adapter_places(reading, &conf->adapters[i], &place_settings[k], error))
                return false;
    return reading_accesses(reading, error);
}

/* compiler/cli/site_conf.c - Reads gcxvm.conf by the daemon's own reader, and the directory that it names.
 *
 * An adapter has the media, abilities and limits of its rows in contract.def, and its network's file may say another
 * limit of texts. A directory in PostgreSQL or of sheets is not
 * read: that is said, and tests are held to the adapters alone. */
#include "compiler/cli/site_conf.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/sql/lite.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/file.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/out.h"
#include "runtime/vocabulary/shown.h"

enum { DIRECTORY_MOST = 64 * 1024 * 1024 };

static void site_conf_complain(void *self, const char *text)
{
    (void)self;
    shown_print(stderr, "gcxc: %s\n", text);
}

/* The words of the plugin `sms`: those of its settings. */
static void take_words(struct sim_site *site, struct out *languages, const struct conf_adapter *adapter)
{
    for (size_t i = 0; i < adapter->setting_count; i++) {
        const struct conf_setting *setting = &adapter->settings[i];
        if (strcmp(setting->key, "languages") == 0)
            out_format(languages, "%s%s", languages->length == 0 ? "" : ",", setting->value);
        site->helps |= strcmp(setting->key, "help") == 0 && setting->value[0] != '\0';
    }
}

static const char *site_conf_setting(const struct conf_adapter *adapter, const char *key)
{
    for (size_t i = 0; i < adapter->setting_count; i++)
        if (strcmp(adapter->settings[i].key, key) == 0 && adapter->settings[i].value[0] != '\0')
            return adapter->settings[i].value;
    return NULL;
}

/* The limit in characters that the network's file says, and whether short messages come by it. A file that cannot be
 * read is told, and then all texts pass. */
static uint32_t network_text(const char *path, bool *texts)
{
    json_error_t wrong;
    json_t *file = json_load_file(path, 0, &wrong);
    const char *medium = json_string_value(json_object_get(file, "medium"));
    const json_t *said = json_object_get(json_object_get(file, "limits"), "text");
    json_int_t most = json_is_integer(said) ? json_integer_value(said) : LIMIT_webhook_TEXT;
    if (!file)
        shown_print(stderr, "gcxc: %s: this network's file is not read: texts are held to no limit of it\n", path);
    *texts = medium && strcmp(medium, "sms") == 0;
    most = !file || most < 0 || most > UINT32_MAX ? 0 : most;
    json_decref(file);
    return (uint32_t)most;
}

/* The way of a medium that takes most counts: the play does not know by which a text goes. 0, no limit, is more than
 * any other. */
static uint32_t texts_more(bool first, uint32_t one, uint32_t other)
{
    if (first) return other;
    return one == 0 || other == 0 ? 0 : one > other ? one : other;
}

static void take_texts(struct site_conf *s)
{
    struct sim_texts *most = &s->site.texts;
    bool any_sms = false, any_social = false;
    char plugin[CONF_PLUGIN];
    for (size_t i = 0; i < s->conf->adapter_count; i++) {
        const struct conf_adapter *adapter = &s->conf->adapters[i];
        bool texts = true;
        conf_plugin(adapter, plugin);
        bool sms = strcmp(plugin, "sms") == 0;
        if (!sms && strcmp(plugin, "webhook") != 0) continue;
        const char *file = site_conf_setting(adapter, "network");
        uint32_t text = file ? network_text(file, &texts) : 0; /* by SMPP all that the core sends */
        if (sms || texts)
            most->sms = texts_more(!any_sms, most->sms, text), any_sms = true;
        else
            most->social = texts_more(!any_social, most->social, text), any_social = true;
    }
    if (s->site.any) *most = (struct sim_texts){0};
}

static void take_adapters(struct site_conf *s)
{
    struct out names = {0}, languages = {0};
    char plugin[CONF_PLUGIN];
    for (size_t i = 0; i < s->conf->adapter_count; i++) {
        const struct conf_adapter *adapter = &s->conf->adapters[i];
        conf_plugin(adapter, plugin);
        const struct contract *contract = contract_named(plugin);
        out_format(&names, "%s%s", i == 0 ? "" : ", ", adapter->name);
        s->site.any |= !contract;
        if (!contract) continue;
        s->site.caps |= contract->caps;
        for (enum media medium = media_none + 1; contract->brings && medium <= media_own4; medium++)
            if (media_are(contract->media, medium)) s->site.media |= 1u << medium;
        if (strcmp(plugin, "sms") == 0) take_words(&s->site, &languages, adapter);
    }
    s->adapters = memory_text(names.bytes);
    s->languages = memory_text(languages.bytes);
    s->site.adapters = s->adapters;
    s->site.languages = s->languages;
    take_texts(s);
    out_free(&names);
    out_free(&languages);
}

static void take_rows(struct sim_site *site, sqlite3 *people)
{
    sqlite3_stmt *rows =
        lite_ask(people, "select dn, strategy from routing_point where dn is not null and strategy is not null");
    while (lite_next(rows)) {
        site->points = memory_more(site->points, site->point_count, sizeof *site->points);
        site->points[site->point_count++] =
            (struct sim_site_point){memory_text(lite_text(rows, 0)), memory_text(lite_text(rows, 1))};
    }
    sqlite3_finalize(rows);
    rows = lite_ask(people, "select name from queue where name is not null");
    while (lite_next(rows)) {
        site->queues = memory_more(site->queues, site->queue_count, sizeof *site->queues);
        site->queues[site->queue_count++] = memory_text(lite_text(rows, 0));
    }
    sqlite3_finalize(rows);
}

/* A file of SQL is played into a database in memory; a database of SQLite is opened to read. */
static bool directory_opened(const char *path, sqlite3 **people)
{
    static const char magic[] = "SQLite format 3";
    const char *why = "";
    size_t length;
    char *text = file_read(path, DIRECTORY_MOST, &length, &why);
    bool database = text && length >= sizeof magic && memcmp(text, magic, sizeof magic) == 0;
    *people = NULL;
    if (text && sqlite3_open_v2(database ? path : ":memory:", people,
                                database ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        why = sqlite3_errmsg(*people);
    if (text && !*why) sqlite3_limit(*people, SQLITE_LIMIT_ATTACHED, 0); /* it is read, and writes nowhere */
    if (text && !*why &&
        (!(database || lite_do(*people, "%s", text)) || !lite_do(*people, "select dn, strategy from routing_point")))
        why = sqlite3_errmsg(*people);
    if (*why) shown_print(stderr, "gcxc: %s: %s\n", path, why);
    free(text);
    return !*why;
}

static bool take_directory(struct site_conf *s)
{
    sqlite3 *people;
    struct stat status;
    const char *path = s->conf->directory;
    bool source = conf_directory_source(s->conf) != NULL;
    if (source || (stat(path, &status) == 0 && S_ISDIR(status.st_mode))) {
        shown_print(stderr,
                    "gcxc: %s: its directory is %s, which tests do not read: they are held to the adapters alone\n",
                    s->site.file, source ? "in PostgreSQL" : "a folder of sheets");
        return true;
    }
    bool good = directory_opened(path, &people);
    if (good) take_rows(&s->site, people);
    sqlite3_close(people);
    s->site.directory = path;
    return good;
}

bool site_conf_open(struct site_conf *s, const char *file)
{
    *s = (struct site_conf){.conf = conf_read(file, NULL, site_conf_complain, NULL), .site.file = file};
    if (!s->conf) return false;
    take_adapters(s);
    if (take_directory(s)) return true;
    site_conf_close(s);
    return false;
}

void site_conf_close(struct site_conf *s)
{
    for (size_t i = 0; i < s->site.point_count; i++) {
        free(s->site.points[i].dn);
        free(s->site.points[i].strategy);
    }
    for (size_t i = 0; i < s->site.queue_count; i++) free(s->site.queues[i]);
    free(s->site.points);
    free(s->site.queues);
    free(s->adapters);
    free(s->languages);
    conf_free(s->conf);
    *s = (struct site_conf){0};
}

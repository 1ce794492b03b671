/* compiler/cli/site_conf.c - Reads gcxvm.conf by the daemon's own reader, and the directory file named there.
 *
 * An adapter has the media, abilities and limits of its rows in contract.def, except those that its settings leave
 * out, and the file of its network may set other limits. A directory in PostgreSQL or in sheets is not read: this is
 * reported, and tests are checked against the adapters alone. */
#include "compiler/cli/site_conf.h"

#include <dirent.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/cli/file.h"
#include "runtime/adapter/settings.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/sql/lite.h"
#include "runtime/vocabulary/contract.h"
#include "base/file.h"
#include "base/inside.h"
#include "base/memory.h"
#include "base/out.h"
#include "base/shown.h"
#include "vm/image.h"
#include "vm/reads.h"
#include "vm/value.h"

enum { DIRECTORY_MOST = 64 * 1024 * 1024 };

static void site_conf_complain(void *self, const char *text)
{
    (void)self;
    shown_print(stderr, "gcxc: %s\n", text);
}

static void link_places_take(char ***names, size_t *count, const char *list)
{
    struct span place;
    while (contract_place_next(&list, &place)) {
        *names = memory_more(*names, *count, sizeof **names);
        (*names)[(*count)++] = memory_format("%.*s", (int)place.length, (const char *)place.bytes);
    }
}

static void link_own_take(struct sim_link *link, const char *before, const char *list)
{
    while (list && *list) {
        list += strspn(list, ", \t\n");
        size_t length = strcspn(list, ","), own = strcspn(list, "=,");
        while (own > 0 && strchr(" \t\n", list[own - 1])) own--;
        if (own > 0 && strncmp(list, "*", own) != 0) {
            link->own = memory_more(link->own, link->own_count, sizeof *link->own);
            link->own[link->own_count++] = memory_format("%s%.*s", before, (int)own, list);
        }
        list += length;
    }
}

/* Reads the limits from the network's file. Returns true where the network carries short messages. The file is
 * looked for in the folder of the configuration, then in the working directory of gcxc. A file that cannot be read
 * is reported, and then texts of any length are allowed. */
static bool network_limits(const char *conf, const char *path, struct sim_link *link)
{
    json_error_t wrong;
    const char *slash = strrchr(conf, '/');
    char *beside = slash && path[0] != '/' ? memory_format("%.*s/%s", (int)(slash - conf), conf, path) : NULL;
    json_t *file = beside ? file_read_json(beside, &wrong) : NULL;
    free(beside);
    if (!file) file = file_read_json(path, &wrong);
    const char *medium = json_string_value(json_object_get(file, "medium"));
    const json_t *limits = json_object_get(file, "limits"), *said = json_object_get(limits, "text");
    json_int_t most = json_is_integer(said) ? json_integer_value(said) : LIMIT_webhook_TEXT,
               window_s = json_integer_value(json_object_get(limits, "window_s"));
    if (!file)
        shown_print(stderr, "gcxc: %s: this network's file is not read: texts are held to no limit of it\n", path);
    bool texts = medium && strcmp(medium, "sms") == 0;
    link->text = !file || most < 0 || most > UINT32_MAX ? 0 : (uint32_t)most;
    link->window_s = window_s > 0 ? (uint64_t)window_s : 0;
    json_decref(file);
    return texts;
}

/* Returns the larger one of two limits, where 0 means no limit; with `first` there is no earlier limit, and `other`
 * is returned. */
static uint32_t texts_more(bool first, uint32_t one, uint32_t other)
{
    if (first) return other;
    return one == 0 || other == 0 ? 0 : one > other ? one : other;
}

/* Sets the link's limits of texts from the file of its network, which also says whether the link carries short
 * messages or the network's own messages. A link by SMPP carries any text that the core sends. */
static void link_text_take(struct site_conf *s, struct sim_link *link, const char *file)
{
    bool texts = file && network_limits(s->site.file, file, link);
    if (has_medium(link->media, media_social))
        link->media = media_set_with(link->media, texts ? media_social : media_sms, false);
}

/* Sets the limits of texts for interactions whose link is not known: those of the link that allows most. */
static void take_texts(struct sim_site *site)
{
    bool any_sms = false, any_social = false;
    for (size_t i = 0; i < site->link_count; i++) {
        const struct sim_link *link = &site->links[i];
        if (has_medium(link->media, media_sms))
            site->texts.sms = texts_more(!any_sms, site->texts.sms, link->text), any_sms = true;
        if (has_medium(link->media, media_social))
            site->texts.social = texts_more(!any_social, site->texts.social, link->text), any_social = true;
    }
}

static void names_drop(char ***names, size_t *count)
{
    for (size_t i = 0; i < *count; i++) free((*names)[i]);
    free(*names);
    *names = NULL;
    *count = 0;
}

static void links_drop(struct sim_site *site)
{
    for (size_t i = 0; i < site->link_count; i++) {
        struct sim_link *link = &site->links[i];
        names_drop(&link->places, &link->place_count);
        names_drop(&link->own, &link->own_count);
        names_drop(&link->reaches, &link->reach_count);
        names_drop(&link->responses, &link->response_count);
        free(link->leads);
    }
    free(site->links);
    site->links = NULL;
    site->link_count = 0;
}

/* Returns the value of the adapter's setting of that kind; NULL: the adapter has no such setting, or it is not set. */
static const char *link_says(const struct conf_adapter *adapter, const struct contract *contract,
                             enum contract_says what)
{
    const char *setting = contract_says(contract, what, 0);
    return setting ? conf_value(adapter, setting) : NULL;
}

/* Reads the numbers that are internal to the link's switch. The file has passwords: where gcxc has no right to read
 * it, the numbers stay unknown. */
static void link_reaches_take(struct sim_link *link, const char *path)
{
    const char *why = "";
    size_t length = 0;
    char *file = path ? file_read(path, DIRECTORY_MOST, &length, &why) : NULL, *rest = file, *line;
    link->reaches_known = !path || file;
    while ((line = strsep(&rest, "\n"))) {
        line += strspn(line, " \t");
        line[strcspn(line, " \t\r")] = '\0';
        if (*line == '\0' || *line == '#') continue;
        link->reaches = memory_more(link->reaches, link->reach_count, sizeof *link->reaches);
        link->reaches[link->reach_count++] = memory_text(line);
    }
    if (file) explicit_bzero(file, length);
    free(file);
}

/* Notes the queues into which the adapter's settings put interactions of other adapters. */
static void link_leads_take(struct sim_link *link, const struct conf_adapter *adapter, const struct contract *contract)
{
    struct out leads = {0};
    const char *setting;
    for (size_t i = 0; (setting = contract_says(contract, SAYS_LEADS, i)); i++) {
        link->leads_any |= adapter->remote;
        if (conf_value(adapter, setting)) out_format(&leads, "%s,", conf_value(adapter, setting));
    }
    link->leads = leads.bytes ? memory_text(leads.bytes) : NULL;
    out_free(&leads);
}

/* Does the folder of the voice link's number recordings lack them all? Each language has a folder of its own with a
 * recording of the number one. A folder that is not on this machine may be on another one, and is taken to have
 * them. */
static bool link_is_wordless(const char *folder)
{
    char path[4096];
    DIR *listed = folder && inside_allows(folder) ? opendir(folder) : NULL;
    bool some = !listed;
    for (struct dirent *entry; !some && (entry = readdir(listed));) {
        snprintf(path, sizeof path, "%s/%s/say_1.wav", folder, entry->d_name); /* the entry "." is the folder itself */
        some = access(path, F_OK) == 0;
    }
    if (listed) closedir(listed);
    return !some;
}

/* Notes the words that the adapter's short messages reserve, and at which numbers. */
static void link_words_take(struct sim_link *link, const struct conf_adapter *adapter, const struct contract *contract)
{
    const char *languages = link_says(adapter, contract, SAYS_LANGUAGES);
    link->words = (struct reserved_rules){languages ? languages : "", link_says(adapter, contract, SAYS_WORDS)};
    link->numbers = adapter->remote ? NULL : link_says(adapter, contract, SAYS_POINTS);
}

static struct sim_link link_taken(struct site_conf *s, const struct conf_adapter *adapter,
                                  const struct contract *contract)
{
    struct sim_link link = {.adapter = adapter->name, .words = {.languages = ""}};
    const char *setting, *media = link_says(adapter, contract, SAYS_MEDIUM);
    /* The settings of a remote adapter are on the machine where it runs. */
    link.caps = adapter->remote ? contract->caps : contract_caps_set(contract, conf_value, adapter);
    link.lacks = contract_lacks(contract, adapter->remote ? NULL : conf_value, adapter);
    for (unsigned medium = media_none + 1; medium < MEDIA_KINDS; medium++)
        if (contract_brings(contract, (enum media)medium, adapter->remote ? NULL : conf_value, adapter))
            link.media = media_set_with(link.media, medium, true);
    for (size_t i = 0; (setting = contract_says(contract, SAYS_POINTS, i)); i++) {
        link.places_of = setting;
        link_places_take(&link.places, &link.place_count, conf_value(adapter, setting));
    }
    link_leads_take(&link, adapter, contract);
    if (!adapter->remote && contract_says(contract, SAYS_REACHES, 0))
        link_reaches_take(&link, link_says(adapter, contract, SAYS_REACHES));
    link_places_take(&link.reaches, &link.reach_count, link_says(adapter, contract, SAYS_EMERGENCY));
    if (contract_says(contract, SAYS_NETWORK, 0)) link_text_take(s, &link, link_says(adapter, contract, SAYS_NETWORK));
    /* Only the contact store knows which texts are templates. */
    if (link_says(adapter, contract, SAYS_TEMPLATES)) link.window_s = 0;
    if (has_medium(link.media, media_sms)) link_words_take(&link, adapter, contract);
    if (!adapter->remote && contract_says(contract, SAYS_MEDIUM, 0)) link.said = media ? media : "";
    if (!adapter->remote) link.wordless = link_is_wordless(link_says(adapter, contract, SAYS_PIECES));
    link.decides = link_says(adapter, contract, SAYS_DECIDES);
    const char *dials = link_says(adapter, contract, SAYS_DIALS);
    if (!adapter->remote && contract_says(contract, SAYS_DIALS, 0)) link.dials = dials ? dials : "";
    const char *outlets = link_says(adapter, contract, SAYS_OUTLETS);
    if (!adapter->remote && contract_says(contract, SAYS_OUTLETS, 0)) link.outlets = outlets ? outlets : "";
    link.helps = link_says(adapter, contract, SAYS_HELP) != NULL;
    if (contract_says(contract, SAYS_OFFERS, 0)) {
        const char *offers = link_says(adapter, contract, SAYS_OFFERS);
        link.offers = adapter->remote ? "" : offers ? offers : MEDIA_AT_DESKS;
    }
    return link;
}

/* Opens the database of SQLite that a setting names; NULL: the setting names none, or it cannot be read. */
static sqlite3 *site_database(const char *target)
{
    sqlite3 *database = NULL;
    const char *path = target && strncmp(target, "sqlite:", 7) == 0 ? target + 7 : NULL;
    bool good =
        path && inside_allows(path) && sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
    if (!good) sqlite3_close(database);
    return good ? database : NULL;
}

/* Reads the names of the standard responses from the contact store in the link's setting. A store that cannot be
 * read is reported: it may be on another machine. */
static void link_responses_take(struct site_conf *s, struct sim_link *link, const char *target)
{
    sqlite3 *store = site_database(target);
    sqlite3_stmt *rows = store ? lite_ask(store, "select distinct name from responses where tenant = ''") : NULL;
    while (lite_next(rows)) {
        link->responses = memory_more(link->responses, link->response_count, sizeof *link->responses);
        link->responses[link->response_count++] = memory_text(lite_text(rows, 0));
    }
    link->responses_known = lite_end(rows) && store;
    sqlite3_close(store);
    if (target && !link->responses_known)
        shown_print(stderr, "gcxc: %s: the standard responses of adapter %s are not read: tests send any\n",
                    s->site.file, link->adapter);
}

static const char *adapter_setting(void *adapter, const char *setting)
{
    return conf_value(adapter, setting);
}

/* Reads from the adapter's settings its own addresses, how often machines may write to one customer, and its
 * country, as the adapter itself does. The settings of a remote adapter are not known. False: the adapter would
 * refuse one of these settings. */
static bool link_writing_take(struct site_conf *s, struct sim_link *link, struct conf_adapter *adapter,
                              const struct contract *contract)
{
    struct writing {
        const char *country;
        uint64_t answers;
    } said;
    const struct setting_row rows[] = {
        {.name = "country", .usual = s->conf->country, .at = offsetof(struct writing, country)},
        {.name = "answers",
         .usual_number = contract_limit(contract->name, "ANSWERS"),
         .least = 1,
         .most = 1000000,
         .at = offsetof(struct writing, answers)}};
    const char *setting, *before;
    char why[200];
    link->plugin = contract->name;
    link->country = s->conf->country;
    if (adapter->remote) return true;
    bool good = settings_read(rows, sizeof rows / sizeof *rows, &said, adapter_setting, adapter, why, sizeof why) &&
                settings_store("country", "none", said.country, why, sizeof why);
    if (!good) shown_print(stderr, "gcxc: %s: adapter `%s`: %s\n", s->site.file, adapter->name, why);
    if (!good) return false;
    link->country = said.country;
    link->answers = (uint32_t)said.answers;
    for (size_t i = 0; (setting = contract_owns(contract, i, &before)); i++)
        link_own_take(link, before, conf_value(adapter, setting));
    link_responses_take(s, link, link_says(adapter, contract, SAYS_RESPONSES));
    return true;
}

/* Reads the names of the calling lists in the database that a record-keeping adapter's setting `lists` names. False:
 * nobody knows them. */
static bool lists_taken(struct sim_site *site, const char *target, const char *tenant)
{
    sqlite3 *lists = site_database(target);
    sqlite3_stmt *rows = !lists ? NULL
                                : lite_ask(lists,
                                           "select l.id, l.name, f.name, f.kind from lists l left join list_fields f on"
                                           " f.list = l.id where l.tenant = %Q order by l.id",
                                           tenant ? tenant : "");
    sqlite3_int64 last = -1;
    while (lite_next(rows)) {
        if (sqlite3_column_int64(rows, 0) != last) {
            last = sqlite3_column_int64(rows, 0);
            site->lists = memory_more(site->lists, site->list_count, sizeof *site->lists);
            site->lists[site->list_count++] = (struct sim_list){.name = memory_text(lite_text(rows, 1))};
        }
        struct sim_list *list = &site->lists[site->list_count - 1];
        if (!lite_text(rows, 2)) continue;
        list->fields = memory_more(list->fields, list->field_count, sizeof *list->fields);
        list->fields[list->field_count++] = (struct sim_field){.name = memory_text(lite_text(rows, 2)),
                                                               .number = strcmp(lite_text(rows, 3), "number") == 0};
    }
    bool good = lite_end(rows) && lists;
    sqlite3_close(lists);
    return good;
}

/* Either all of the site's lists are known, or none: a strategy may add to the lists of any dialer. */
static void take_lists(struct site_conf *s)
{
    struct sim_site *site = &s->site;
    bool any = false, all = !site->any;
    for (size_t i = 0; i < s->conf->adapter_count && all; i++) {
        const struct conf_adapter *adapter = &s->conf->adapters[i];
        char plugin[CONF_PLUGIN];
        conf_plugin(adapter, plugin);
        const struct contract *contract = contract_named(plugin);
        if (!contract || (contract->caps & CAP_RECORDS) == 0) continue;
        any = true;
        site->links[i].lists = !adapter->remote;
        all = !adapter->remote && lists_taken(site, conf_value(adapter, "lists"), conf_value(adapter, "tenant"));
    }
    site->lists_known = any && all;
    if (any && !all)
        shown_print(stderr, "gcxc: %s: its calling lists are not read: tests add to any list\n", site->file);
}

static bool take_adapters(struct site_conf *s)
{
    bool good = true;
    struct out names = {0}, languages = {0};
    struct sim_site *site = &s->site;
    char plugin[CONF_PLUGIN];
    for (size_t i = 0; i < s->conf->adapter_count; i++) {
        struct conf_adapter *adapter = &s->conf->adapters[i];
        conf_plugin(adapter, plugin);
        const struct contract *contract = contract_named(plugin);
        out_format(&names, "%s%s", i == 0 ? "" : ", ", adapter->name);
        site->any |= !contract;
        if (!contract) continue;
        site->links = memory_more(site->links, site->link_count, sizeof *site->links);
        struct sim_link *link = &site->links[site->link_count++];
        *link = link_taken(s, adapter, contract);
        good = link_writing_take(s, link, adapter, contract) && good;
        site->caps |= link->caps;
        site->helps |= link->helps;
        if (*link->words.languages)
            out_format(&languages, "%s%s", languages.length == 0 ? "" : ",", link->words.languages);
    }
    s->adapters = memory_text(names.bytes);
    s->languages = memory_text(languages.bytes);
    site->adapters = s->adapters;
    site->languages = s->languages;
    take_texts(site);
    if (site->any) links_drop(site), site->texts = (struct sim_texts){0};
    take_lists(s);
    out_free(&names);
    out_free(&languages);
    return good;
}

static void take_sources(struct site_conf *s)
{
    struct sim_site *site = &s->site;
    for (size_t i = 0; i < s->conf->source_count; i++) {
        const struct conf_source *source = &s->conf->sources[i];
        /* the same condition as in source_may_write() */
        if (source->write || (source->natives && *source->natives)) continue;
        site->unwritten = memory_more(site->unwritten, site->unwritten_count, sizeof *site->unwritten);
        site->unwritten[site->unwritten_count++] = source->name;
    }
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
    rows = lite_ask(people, "select name, dn from queue where name is not null");
    if (!rows) rows = lite_ask(people, "select name, null from queue where name is not null");
    while (lite_next(rows)) {
        site->queues = memory_more(site->queues, site->queue_count, sizeof *site->queues);
        const char *dn = lite_text(rows, 1);
        struct sim_site_queue queue = {.dn = dn ? memory_text(dn) : NULL};
        queue.name = memory_text(lite_text(rows, 0));
        site->queues[site->queue_count++] = queue;
    }
    sqlite3_finalize(rows);
}

/* Collects the queues that the images of the site's strategies name. At a site with one image its file may be
 * missing: the tested program then replaces that image. */
static void take_routed(struct site_conf *s)
{
    struct sim_site *site = &s->site;
    for (size_t i = 0; i < s->conf->strategy_count; i++) {
        struct error error = {0};
        const char *why = "";
        size_t length;
        char *bytes = file_read(s->conf->strategies[i], DIRECTORY_MOST, &length, &why);
        struct image *image = bytes ? image_load((const uint8_t *)bytes, length, &error) : NULL;
        site->routed_to_any |= !image && s->conf->strategy_count > 1;
        for (uint32_t n = 0; image && n < image_count(image, SECTION_NAMES); n++) {
            struct text name = image_text(image, image_name(image, n)->text);
            if (image_name(image, n)->kind != TYPE_QUEUE || !image_says_name(image, n)) continue;
            site->routed = memory_more(site->routed, site->routed_count, sizeof *site->routed);
            site->routed[site->routed_count++] = memory_format("%.*s", (int)name.length, name.bytes);
        }
        image_free(image);
        free(bytes);
    }
}

/* Opens a directory: a file of SQL is executed in a database in memory; a database of SQLite is opened for reading. */
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
    /* the file can attach no other database, so it writes nowhere else */
    if (text && !*why) sqlite3_limit(*people, SQLITE_LIMIT_ATTACHED, 0);
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
    take_sources(s);
    take_routed(s);
    if (take_adapters(s) && take_directory(s)) return true;
    site_conf_close(s);
    return false;
}

void site_conf_close(struct site_conf *s)
{
    for (size_t i = 0; i < s->site.point_count; i++) {
        free(s->site.points[i].dn);
        free(s->site.points[i].strategy);
    }
    for (size_t i = 0; i < s->site.queue_count; i++) {
        free(s->site.queues[i].name);
        free(s->site.queues[i].dn);
    }
    names_drop(&s->site.routed, &s->site.routed_count);
    for (size_t i = 0; i < s->site.list_count; i++) {
        for (size_t k = 0; k < s->site.lists[i].field_count; k++) free(s->site.lists[i].fields[k].name);
        free(s->site.lists[i].fields);
        free(s->site.lists[i].name);
    }
    free(s->site.lists);
    free(s->site.unwritten);
    links_drop(&s->site);
    free(s->site.points);
    free(s->site.queues);
    free(s->adapters);
    free(s->languages);
    conf_free(s->conf);
    *s = (struct site_conf){0};
}

/* runtime/daemon/site/conf_take.c - Turns the values that the parser has read into the daemon's configuration.
 *
 *     conf_parsed() -> conf_take(): top level -> defaults -> log, roles -> arrays of sections
 *
 * A row of conf.def has the offset of its value in a struct, so one loop takes most values. For a setting whose
 * default is no constant, or that depends on another setting, there is a function here. All complaints are
 * collected, and after a single one no configuration is returned. Every text is a copy, and conf_free() frees it. */
#include "runtime/daemon/site/conf_parse.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/core/core.h"
#include "runtime/daemon/protocol/socket.h"
#include "runtime/daemon/protocol/words.h"
#include "base/memory.h"
#include "runtime/vocabulary/person.h"

/* Resolves a path: a relative path begins at the folder of the configuration file. */
static char *conf_path_of(const char *file, const char *path)
{
    assert(file);
    const char *slash = strrchr(file, '/');
    if (!path || path[0] == '\0') return memory_text("");
    if (path[0] == '/' || !slash) return memory_text(path);
    return memory_format("%.*s/%s", (int)(slash - file), file, path);
}

/* Reads a number, which is never negative: conf.def has lower bounds. */
static uint64_t conf_whole(cfg_t *cfg, const char *key)
{
    long value = cfg_getint(cfg, key);
    return value < 0 ? 0 : (uint64_t)value;
}

/* True: the path is of the form "source:crm", the database of a section, and not a file. */
static bool is_source(const char *path)
{
    return path && strncmp(path, CONF_SOURCE, sizeof CONF_SOURCE - 1) == 0;
}

/* Copies each setting of a section whose row has an offset for the value. `into` is the section's struct. */
static void section_take(const struct conf_parse *parse, cfg_t *cfg, enum conf_section section, void *into)
{
    const struct conf_row *row;
    assert(cfg && into);
    for (size_t i = 0; (row = conf_row_at(i)); i++) {
        if (row->section != section || row->field == CONF_NO_FIELD) continue;
        void *at = (char *)into + row->field;
        if (row->type == CONF_TYPE_INT)
            *(uint64_t *)at = conf_whole(cfg, row->key);
        else if (row->type == CONF_TYPE_BOOL)
            *(bool *)at = cfg_getbool(cfg, row->key) == cfg_true;
        else if (row->type == CONF_TYPE_PATH)
            *(char **)at = is_source(cfg_getstr(cfg, row->key)) ? memory_text(cfg_getstr(cfg, row->key))
                                                                : conf_path_of(parse->file, cfg_getstr(cfg, row->key));
        else
            *(char **)at = memory_text(cfg_getstr(cfg, row->key));
    }
}

/* Frees the texts that section_take() has made. */
static void section_free(enum conf_section section, void *from)
{
    assert(from);
    const struct conf_row *row;
    for (size_t i = 0; (row = conf_row_at(i)); i++)
        if (row->section == section && row->field != CONF_NO_FIELD &&
            (row->type == CONF_TYPE_PATH || row->type == CONF_TYPE_STR))
            free(*(char **)((char *)from + row->field));
}

static void source_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    struct conf_source *source = &conf->sources[place];
    section_take(parse, cfg, SECTION_source, source);
    source->name = memory_text(cfg_title(cfg));
    source->line = conf_line_of(parse, source->name, "postgres", cfg->line);
}

static void endpoint_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    struct conf_endpoint *endpoint = &conf->endpoints[place];
    section_take(parse, cfg, SECTION_endpoint, endpoint);
    endpoint->name = memory_text(cfg_title(cfg));
    endpoint->line = conf_line_of(parse, endpoint->name, "url", cfg->line);
}

static void native_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    struct conf_native *native = &conf->natives[place];
    native->name = memory_text(cfg_title(cfg));
    native->library_count = cfg_size(cfg, "libraries");
    native->libraries = memory_zeroed(native->library_count, sizeof *native->libraries);
    for (size_t i = 0; i < native->library_count; i++)
        native->libraries[i] = conf_path_of(parse->file, cfg_getnstr(cfg, "libraries", (unsigned)i));
}

/* Returns the plugin's path: a name without a slash is a file in the folder of plugins; malloc'ed. */
static char *plugin_path(const struct conf_parse *parse, const char *folder, const char *plugin, const char *name)
{
    size_t length;
    if (plugin[0] == '\0') plugin = name;
    if (strchr(plugin, '/')) return conf_path_of(parse->file, plugin);
    length = strlen(plugin);
    return memory_format("%s/%s%s", folder, plugin, length > 3 && strcmp(plugin + length - 3, ".so") == 0 ? "" : ".so");
}

/* Reads the plugin's settings: the keys of a section that conf.def does not have. */
static void conf_settings_take(struct conf_parse *parse, cfg_t *cfg, struct conf_adapter *adapter)
{
    adapter->settings = memory_zeroed(CONF_LINES_MAX, sizeof *adapter->settings);
    for (cfg_opt_t *option = cfg->opts; option->name; option++) {
        struct conf_setting *setting = &adapter->settings[adapter->setting_count];
        if (option->type != CFGT_STR || conf_row(SECTION_adapter, option->name)) continue;
        if (adapter->setting_count == CONF_LINES_MAX) {
            conf_complain(parse, cfg->line, "adapter `%.64s` has more than %d settings", adapter->name, CONF_LINES_MAX);
            return;
        }
        *setting = (struct conf_setting){memory_text(option->name), memory_text(cfg_opt_getstr(option)), cfg->line};
        setting->line = conf_line_of(parse, adapter->name, setting->key, cfg->line);
        adapter->setting_count++;
    }
}

/* Frees the text and replaces it by `by`. */
static void conf_replace(char **text, char *by)
{
    assert(text && by);
    free(*text);
    *text = by;
}

/* Reads the adapters, after the top level, because that has the folder of plugins. */
static void adapter_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    struct conf_adapter *adapter = &conf->adapters[place];
    section_take(parse, cfg, SECTION_adapter, adapter);
    adapter->name = memory_text(cfg_title(cfg));
    adapter->line = cfg->line;
    conf_replace(&adapter->plugin, plugin_path(parse, conf->plugins, adapter->plugin, adapter->name));
    if (adapter->certificate_name[0] == '\0') conf_replace(&adapter->certificate_name, memory_text(adapter->name));
    conf_settings_take(parse, cfg, adapter);
}

/* Checks a name: names become parts of paths, of log lines and of metrics' labels, so only letters, digits, `_` and
 * `-` are allowed. */
static void name_check(struct conf_parse *parse, cfg_t *cfg)
{
    const char *title = cfg_title(cfg);
    size_t length = strlen(title);
    if (length == 0 || length > 63 ||
        strspn(title, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != length)
        conf_complain(parse, cfg->line, "`%.64s` is no name; expected 1 to 63 letters, digits, `_` or `-`", title);
}

/* Sets the path of a socket, by default `name` in the state folder: it must be short enough for an address. */
static void socket_place(struct conf_parse *parse, const char *key, char **path, const char *state, const char *name)
{
    char *made;
    if ((*path)[0] == '\0') {
        made = memory_format("%s/%s", state, name);
        conf_replace(path, made);
    }
    if (strlen(*path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        conf_complain(parse, conf_line_of(parse, CONF_TOP, key, 0),
                      "`%s`: the path %s is too long for a socket; expected less than %zu bytes", key, *path,
                      sizeof((struct sockaddr_un *)0)->sun_path);
}

/* Reads the rules of one setting, all for the same role. */
static void roles_take(cfg_t *cfg, const char *key, enum role role, unsigned edit, struct conf *conf)
{
    unsigned count = cfg_size(cfg, key);
    conf->roles = memory_grown(conf->roles, conf->role_count + count, sizeof *conf->roles);
    for (unsigned i = 0; i < count; i++) /* cannot fail: the rule was read once before, when it was checked */
        if (role_rule_read(cfg_getnstr(cfg, key, i), role, &conf->roles[conf->role_count], NULL))
            conf->roles[conf->role_count++].edit = edit;
}

/* Reads a role for `edit`: its members see what a monitor sees, and change what the site lets this role change. */
static void role_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    conf->edit_roles[place].name = memory_text(cfg_title(cfg));
    if (place < ROLE_EDITS_MAX)
        roles_take(cfg, "members", ROLE_MONITOR, (unsigned)place + 1, conf);
    else
        conf_complain(parse, cfg->line, "role `%.64s` is one too many: there may be %d", cfg_title(cfg),
                      ROLE_EDITS_MAX);
}

/* True: a part of the daemon that writes to the log has this name. */
static bool is_part(const char *name)
{
    return word_place("log_room", name) >= 0;
}

/* True: a part of the daemon, an adapter or a source with this name writes to the log, so a level may be set for it. */
static bool room_known(cfg_t *top, const char *name)
{
    if (is_part(name)) return true;
    for (unsigned i = 0; i < cfg_size(top, "adapter"); i++)
        if (strcmp(cfg_title(cfg_getnsec(top, "adapter", i)), name) == 0) return true;
    for (unsigned i = 0; i < cfg_size(top, "source"); i++)
        if (strcmp(cfg_title(cfg_getnsec(top, "source", i)), name) == 0) return true;
    return false;
}

/* Reads a key of the section `log` that is no setting: it is a room, and its value a level. */
static void room_take(struct conf_parse *parse, cfg_t *top, cfg_opt_t *option, struct conf *conf)
{
    struct conf_room *room = &conf->rooms[conf->room_count];
    int line = conf_line_of(parse, "", option->name, cfg_getsec(top, "log")->line);
    char keys[128], words[WORDS_TEXT];
    if (!room_known(top, option->name)) {
        conf_keys_print(SECTION_log, keys, sizeof keys);
        words_say("log_room", ", ", words);
        conf_complain(parse, line, "unknown room `%.64s` of the log; expected %s, %s, or an adapter's or source's name",
                      option->name, keys, words);
    } else if (!log_level_of(cfg_opt_getstr(option), &room->level)) {
        words_say("log_level", " or ", words);
        conf_complain(parse, line, "`%.64s` is \"%.64s\"; expected %s", option->name, cfg_opt_getstr(option), words);
    } else if (conf->room_count == LOG_ROOMS_MAX - 1) {
        conf_complain(parse, line, "the log has more than %d rooms", LOG_ROOMS_MAX - 1);
    } else {
        conf->rooms[conf->room_count++].name = memory_text(option->name);
    }
}

/* Reads the section `log`, after the names of adapters and sources are known, each of which is a room, too. */
static void log_take(struct conf_parse *parse, cfg_t *top, struct conf *conf)
{
    cfg_t *cfg = cfg_getsec(top, "log");
    char words[WORDS_TEXT];
    section_take(parse, cfg, SECTION_log, &conf->log);
    words_say("log_format", " or ", words);
    if (!log_format_of(conf->log.format, &conf->log_format))
        conf_complain(parse, cfg->line, "`format` is \"%.64s\"; expected %s", conf->log.format, words);
    int personal = word_place("log_personal", conf->log.personal);
    conf->log_personal = personal == 1;
    words_say("log_personal", " or ", words);
    if (personal < 0)
        conf_complain(parse, conf_line_of(parse, "log", "personal", cfg->line), "`personal` is \"%.64s\"; expected %s",
                      conf->log.personal, words);
    conf->rooms = memory_zeroed(LOG_ROOMS_MAX, sizeof *conf->rooms);
    for (cfg_opt_t *option = cfg->opts; option->name; option++)
        if (option->type == CFGT_STR && !conf_row(SECTION_log, option->name)) room_take(parse, top, option, conf);
}

typedef void section_taker(struct conf_parse *, cfg_t *, struct conf *, size_t place);

/* Reads every section of a kind: its name, its mandatory keys, and by `take` its values, into an array with `size`
 * bytes each. */
static void sections_take(struct conf_parse *parse, cfg_t *top, enum conf_section section, struct conf *conf,
                          void **array, size_t size, size_t *count, section_taker *take)
{
    const char *kind = conf_section_name(section);
    *count = cfg_size(top, kind);
    *array = memory_zeroed(*count, size);
    for (unsigned i = 0; i < *count; i++) {
        cfg_t *cfg = cfg_getnsec(top, kind, i);
        char what[96];
        snprintf(what, sizeof what, "%s `%.64s`", kind, cfg_title(cfg));
        name_check(parse, cfg);
        conf_section_check(parse, cfg, section, what);
        take(parse, cfg, conf, i);
    }
}

/* Finds the folder of plugins if the configuration's has no slash: that of the build, if this program is run from a
 * build (libtool's files are next to it), else that of the installation. */
static char *plugins_default(void)
{
    char program[PATH_MAX];
    char *libtool, *folder = NULL;
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return memory_text(PKGLIBDIR);
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    libtool = memory_format("%s/tserver.la", program);
    if (access(libtool, F_OK) == 0 && asprintf(&folder, "%s/.libs", program) < 0) abort();
    free(libtool);
    return folder ? folder : memory_text(PKGLIBDIR);
}

int conf_line(const struct conf *conf, const char *key)
{
    for (size_t i = 0; i < conf->line_count; i++)
        if (strcmp(conf->lines[i].key, key) == 0) return conf->lines[i].line;
    return 0;
}

/* Sets the settings whose default depends on others, or on the command line. Lines are copied out of the parser, as
 * later checks still report them. */
static void defaults_take(struct conf_parse *parse, struct conf *conf)
{
    for (size_t i = 0; i < parse->line_count; i++) {
        if (strcmp(parse->lines[i].section, CONF_TOP) != 0) continue;
        conf->lines = memory_more(conf->lines, conf->line_count, sizeof *conf->lines);
        conf->lines[conf->line_count++] = (struct conf_line){memory_text(parse->lines[i].key), parse->lines[i].line};
    }
    conf->directory_line = conf_line(conf, "directory");
    socket_place(parse, "admin", &conf->admin, conf->state, "admin.sock");
    socket_place(parse, "links", &conf->links, conf->state, "links.sock");
    if (parse->plugins)
        conf_replace(&conf->plugins, memory_text(parse->plugins));
    else if (conf->plugins[0] == '\0')
        conf_replace(&conf->plugins, plugins_default());
    log_level_of(conf->log_level, &conf->level);
}

/* "10%" or "300MB". Checks the size of a setting: a share must be below 100 %, a size at most about a petabyte. */
static bool space_read(const char *text, struct conf_space *space)
{
    char *end;
    if (text[0] < '0' || text[0] > '9') return false;
    space->amount = strtoull(text, &end, 10);
    end += strspn(end, " ");
    space->percent = strcmp(end, "%") == 0;
    return space->percent ? space->amount < 100 : strcmp(end, "MB") == 0 && space->amount <= 1073741824;
}

/* Checks that each threshold is below the one before, if both are of one kind. As the disk fills, arrivals are
 * refused first, then only events that end interactions are taken, then gcxvm ends. In any other order a step could
 * never be reached. A share and a size cannot be compared before the disk is known. */
static void space_take(struct conf_parse *parse, struct conf *conf)
{
    static const char *const keys[] = {"space_arrivals", "space_relief", "space_stop"};
    const char *const texts[] = {conf->space_arrivals, conf->space_relief, conf->space_stop};
    for (size_t i = 0; i < CONF_SPACES; i++) {
        const struct conf_space *before = &conf->space[i > 0 ? i - 1 : 0], *space = &conf->space[i];
        int line = conf_line_of(parse, CONF_TOP, keys[i], 0);
        if (!space_read(texts[i], &conf->space[i]))
            conf_complain(parse, line,
                          "`%s` is \"%.64s\"; expected a share, such as \"10%%\", or a size, such as \"300MB\"",
                          keys[i], texts[i]);
        else if (i > 0 && before->percent == space->percent && before->amount <= space->amount)
            conf_complain(parse, line, "`%s` is %s, and must be less than `%s`, which is %s", keys[i], texts[i],
                          keys[i - 1], texts[i - 1]);
    }
}

/* Reads the windows in which no version changes. */
static void freeze_take(struct conf_parse *parse, struct conf *conf)
{
    struct error why = {0};
    if (freeze_read(conf->freeze, conf->freeze_zone, &conf->frozen, &why)) return;
    bool is_zone = conf->freeze_zone[0] != '\0' && conf->frozen.zone[0] == '\0';
    const char *key = is_zone ? "freeze_zone" : "freeze";
    conf_complain(parse, conf_line_of(parse, CONF_TOP, key, 0), "`%s`: %s", key, why.text);
}

/* True: the address is remote; an address that cannot be read counts as remote, and is refused for that. */
bool conf_http_is_remote(const struct conf *conf)
{
    return conf->http[0] != '\0' && !socket_loopback(conf->http, &(struct sockaddr_storage){0}, &(socklen_t){0});
}

/* Checks `http`: another machine must show a certificate; on this machine everybody may read. */
static void http_check(struct conf_parse *parse, const struct conf *conf)
{
    int line = conf_line_of(parse, CONF_TOP, "http", 0);
    if (!conf_http_is_remote(conf)) return;
    if (!socket_address(conf->http, &(struct sockaddr_storage){0}, &(socklen_t){0}))
        conf_complain(parse, line,
                      "`http` is \"%.64s\"; expected an address in numbers and a port, such as \"127.0.0.1:9464\"",
                      conf->http);
    else if (conf->remote_certificate[0] == '\0' || conf->remote_key[0] == '\0' || conf->remote_ca[0] == '\0')
        conf_complain(parse, line,
                      "`http` is \"%.64s\", and other machines come there: give `remote_certificate`, `remote_key` and "
                      "`remote_ca`, or a loopback address, such as \"127.0.0.1:9464\"",
                      conf->http);
}

static void country_check(struct conf_parse *parse, const struct conf *conf)
{
    if (conf->country[0] != '\0' && !person_country(conf->country))
        conf_complain(parse, conf_line_of(parse, CONF_TOP, "country", 0),
                      "`country` is \"%.20s\"; expected ISO 3166, such as \"DE\", of a country of which the standard "
                      "library's module phone knows how it dials",
                      conf->country);
}

/* Reads the list of images, each with its line. */
static void strategies_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf)
{
    conf->strategy_count = cfg_size(cfg, "strategies");
    conf->strategies = memory_zeroed(conf->strategy_count, sizeof *conf->strategies);
    conf->strategy_lines = memory_zeroed(conf->strategy_count, sizeof *conf->strategy_lines);
    for (size_t i = 0; i < conf->strategy_count; i++) {
        char place[24];
        snprintf(place, sizeof place, "%zu", i);
        conf->strategies[i] = conf_path_of(parse->file, cfg_getnstr(cfg, "strategies", (unsigned)i));
        conf->strategy_lines[i] = conf_line_of(parse, "strategies", place, 0);
    }
}

const struct conf_source *conf_directory_source(const struct conf *conf)
{
    const char *name = is_source(conf->directory) ? conf->directory + sizeof CONF_SOURCE - 1 : NULL;
    for (size_t i = 0; name && i < conf->source_count; i++)
        if (strcmp(conf->sources[i].name, name) == 0) return &conf->sources[i];
    return NULL;
}

/* Checks that a directory in a database has the section of that database. */
static void directory_check(struct conf_parse *parse, const struct conf *conf)
{
    if (is_source(conf->directory) && !conf_directory_source(conf))
        conf_complain(parse, conf->directory_line, "`directory` is %.64s, and there is no `source %.64s { ... }`",
                      conf->directory, conf->directory + sizeof CONF_SOURCE - 1);
}

/* Reads all sections. The order matters: defaults need the top level, adapters need the folder of plugins. */
static void conf_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf)
{
#define TAKE(section, array, count, take)                                                                              \
    sections_take(parse, cfg, SECTION_##section, conf, (void **)&conf->array, sizeof *conf->array, &conf->count, take)
    conf_section_check(parse, cfg, SECTION_top, "the configuration");
    section_take(parse, cfg, SECTION_top, conf);
    defaults_take(parse, conf);
    http_check(parse, conf);
    country_check(parse, conf);
    space_take(parse, conf);
    freeze_take(parse, conf);
    log_take(parse, cfg, conf);
    strategies_take(parse, cfg, conf);
    roles_take(cfg, "admins", ROLE_ADMIN, 0, conf);
    roles_take(cfg, "operators", ROLE_OPERATOR, 0, conf);
    roles_take(cfg, "monitors", ROLE_MONITOR, 0, conf);
    TAKE(role, edit_roles, edit_role_count, role_take);
    TAKE(source, sources, source_count, source_take);
    TAKE(endpoint, endpoints, endpoint_count, endpoint_take);
    TAKE(native, natives, native_count, native_take);
    TAKE(adapter, adapters, adapter_count, adapter_take);
#undef TAKE
    for (size_t i = LINKS_MAX; i < conf->adapter_count; i++)
        conf_complain(parse, conf->adapters[i].line, "adapter `%.64s` is one too many: there may be %d",
                      conf->adapters[i].name, LINKS_MAX);
    directory_check(parse, conf);
}

/* Frees the members of a section `native` that have no row of their own. */
static void native_free(struct conf_native *native)
{
    for (size_t k = 0; k < native->library_count; k++) free(native->libraries[k]);
    free(native->libraries);
    free(native->name);
}

static void adapter_free(struct conf_adapter *adapter)
{
    for (size_t k = 0; k < adapter->setting_count; k++) {
        free(adapter->settings[k].key);
        free(adapter->settings[k].value);
    }
    free(adapter->settings);
    free(adapter->name);
    section_free(SECTION_adapter, adapter);
}

void conf_free(struct conf *conf)
{
    if (!conf) return;
    for (size_t i = 0; i < conf->strategy_count; i++) free(conf->strategies[i]);
    for (size_t i = 0; i < conf->source_count; i++) {
        free(conf->sources[i].name);
        section_free(SECTION_source, &conf->sources[i]);
    }
    for (size_t i = 0; i < conf->endpoint_count; i++) {
        free(conf->endpoints[i].name);
        section_free(SECTION_endpoint, &conf->endpoints[i]);
    }
    for (size_t i = 0; i < conf->native_count; i++) native_free(&conf->natives[i]);
    for (size_t i = 0; i < conf->adapter_count; i++) adapter_free(&conf->adapters[i]);
    for (size_t i = 0; i < conf->edit_role_count; i++) free(conf->edit_roles[i].name);
    for (size_t i = 0; i < conf->room_count; i++) free(conf->rooms[i].name);
    section_free(SECTION_log, &conf->log);
    section_free(SECTION_top, conf);
    free(conf->strategies);
    free(conf->strategy_lines);
    for (size_t i = 0; i < conf->line_count; i++) free(conf->lines[i].key);
    free(conf->lines);
    free(conf->sources);
    free(conf->endpoints);
    free(conf->natives);
    free(conf->adapters);
    free(conf->rooms);
    free(conf->roles);
    free(conf->edit_roles);
    free(conf->file);
    free(conf->own_media);
    free(conf);
}

/* NULL: there were complaints, each of which has been reported to `complaint`. */
struct conf *conf_read(const char *file, const char *plugins, conf_complaint *complaint, void *self)
{
    assert(file && complaint);
    struct conf_parse *parse = memory_zeroed(1, sizeof *parse);
    struct conf *conf = NULL;
    *parse = (struct conf_parse){.file = file, .plugins = plugins, .complain = complaint, .self = self};
    cfg_t *cfg = conf_parsed(parse);
    if (cfg) {
        conf = memory_zeroed(1, sizeof *conf);
        conf->file = memory_text(file);
        conf_take(parse, cfg, conf);
        cfg_free(cfg);
    }
    if (parse->complaints > 0) {
        conf_free(conf);
        conf = NULL;
    }
    free(parse);
    return conf;
}

bool conf_has_room(const struct conf *conf, const char *name)
{
    assert(conf && name);
    for (size_t i = 0; i < conf->adapter_count; i++)
        if (strcmp(conf->adapters[i].name, name) == 0) return true;
    for (size_t i = 0; i < conf->source_count; i++)
        if (strcmp(conf->sources[i].name, name) == 0) return true;
    return is_part(name);
}

/* A room without a level of its own has that of the whole log. */
enum log_level conf_level(const struct conf *conf, const char *room)
{
    assert(conf && room);
    for (size_t i = 0; i < conf->room_count; i++)
        if (strcmp(conf->rooms[i].name, room) == 0) return conf->rooms[i].level;
    return conf->level;
}

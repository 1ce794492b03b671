/* runtime/daemon/site/conf_take.c - What the parser has read of the configuration becomes what the daemon needs. */
#include "config.h"
#include "runtime/daemon/site/conf_parse.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/core/core.h"
#include "runtime/daemon/protocol/socket.h"
#include "runtime/vocabulary/memory.h"

/* A path as it is meant: relative ones from the folder of the configuration file. */
static char *path_of(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    char *made;
    if (path == NULL || path[0] == '\0') return memory_text("");
    if (path[0] == '/' || slash == NULL) return memory_text(path);
    if (asprintf(&made, "%.*s/%s", (int)(slash - file), file, path) < 0) abort();
    return made;
}

static uint64_t whole(cfg_t *cfg, const char *key)
{
    long value = cfg_getint(cfg, key);
    return value < 0 ? 0 : (uint64_t)value;
}

static void source_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    struct conf_source *source = &conf->sources[place];
    source->name = memory_text(cfg_title(cfg));
    source->database = path_of(parse->file, cfg_getstr(cfg, "database"));
    source->write = cfg_getbool(cfg, "write") == cfg_true;
    source->timeout_ms = whole(cfg, "timeout_ms");
    source->busy_ms = whole(cfg, "busy_ms");
    source->rows = whole(cfg, "rows");
    source->bytes = whole(cfg, "bytes");
    source->waiting = whole(cfg, "waiting");
    source->waiting_bytes = whole(cfg, "waiting_bytes");
    source->postgres = memory_text(cfg_getstr(cfg, "postgres"));
    source->password_file = path_of(parse->file, cfg_getstr(cfg, "password_file"));
    source->connections = whole(cfg, "connections");
    source->pipeline = whole(cfg, "pipeline");
    source->connect_ms = whole(cfg, "connect_ms");
    source->statement_ms = whole(cfg, "statement_ms");
    source->retry_ms = whole(cfg, "retry_ms");
    source->retry_max_ms = whole(cfg, "retry_max_ms");
    source->failures = whole(cfg, "failures");
    source->line = conf_line_of(parse, source->name, "postgres", cfg->line);
}

static void endpoint_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    struct conf_endpoint *endpoint = &conf->endpoints[place];
    endpoint->name = memory_text(cfg_title(cfg));
    endpoint->url = memory_text(cfg_getstr(cfg, "url"));
    endpoint->header_file = path_of(parse->file, cfg_getstr(cfg, "header_file"));
    endpoint->ca_file = path_of(parse->file, cfg_getstr(cfg, "ca_file"));
    endpoint->timeout_ms = whole(cfg, "timeout_ms");
    endpoint->connect_ms = whole(cfg, "connect_ms");
    endpoint->bytes = whole(cfg, "bytes");
    endpoint->connections = whole(cfg, "connections");
    endpoint->waiting = whole(cfg, "waiting");
    endpoint->failures = whole(cfg, "failures");
    endpoint->retry_ms = whole(cfg, "retry_ms");
    endpoint->retry_max_ms = whole(cfg, "retry_max_ms");
    endpoint->line = conf_line_of(parse, endpoint->name, "url", cfg->line);
}

static void native_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    struct conf_native *native = &conf->natives[place];
    native->name = memory_text(cfg_title(cfg));
    native->library_count = cfg_size(cfg, "libraries");
    native->libraries = memory_zeroed(native->library_count, sizeof *native->libraries);
    for (size_t i = 0; i < native->library_count; i++)
        native->libraries[i] = path_of(parse->file, cfg_getnstr(cfg, "libraries", (unsigned)i));
}

static char *plugin_path(const struct conf_parse *parse, const char *folder, const char *plugin, const char *name)
{
    size_t length;
    char *made;
    if (plugin == NULL || plugin[0] == '\0') plugin = name;
    if (strchr(plugin, '/') != NULL) return path_of(parse->file, plugin);
    length = strlen(plugin);
    if (asprintf(&made, "%s/%s%s", folder, plugin, length > 3 && strcmp(plugin + length - 3, ".so") == 0 ? "" : ".so") <
        0)
        abort();
    return made;
}

/* What a section has beyond conf.def is the plugin's. */
static void settings_take(struct conf_parse *parse, cfg_t *cfg, struct conf_adapter *adapter)
{
    adapter->settings = memory_zeroed(CONF_LINES_MAX, sizeof *adapter->settings);
    for (cfg_opt_t *option = cfg->opts; option->name != NULL; option++) {
        struct conf_setting *setting = &adapter->settings[adapter->setting_count];
        if (option->type != CFGT_STR || conf_row(SECTION_adapter, option->name) != NULL) continue;
        if (adapter->setting_count == CONF_LINES_MAX) {
            conf_complain(parse, cfg->line, "adapter `%.64s` has more than %d settings", adapter->name, CONF_LINES_MAX);
            return;
        }
        *setting = (struct conf_setting){memory_text(option->name), memory_text(cfg_opt_getstr(option)), cfg->line};
        setting->line = conf_line_of(parse, adapter->name, setting->key, cfg->line);
        adapter->setting_count++;
    }
}

static void adapter_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf, size_t place)
{
    struct conf_adapter *adapter = &conf->adapters[place];
    adapter->name = memory_text(cfg_title(cfg));
    adapter->line = cfg->line;
    adapter->plugin = plugin_path(parse, conf->plugins, cfg_getstr(cfg, "plugin"), adapter->name);
    adapter->restart_ms = whole(cfg, "restart_ms");
    adapter->restart_max_ms = whole(cfg, "restart_max_ms");
    adapter->outlive_s = whole(cfg, "outlive_s");
    adapter->remote = cfg_getbool(cfg, "remote") == cfg_true;
    const char *shown = cfg_getstr(cfg, "certificate_name");
    adapter->certificate_name = memory_text(shown[0] == '\0' ? adapter->name : shown);
    adapter->linkless_s = whole(cfg, "linkless_s");
    adapter->arrivals = whole(cfg, "arrivals");
    adapter->silent_s = whole(cfg, "silent_s");
    adapter->link_grace_s = whole(cfg, "link_grace_s");
    adapter->resync_s = whole(cfg, "resync_s");
    settings_take(parse, cfg, adapter);
}

static void name_check(struct conf_parse *parse, cfg_t *cfg)
{
    const char *title = cfg_title(cfg);
    size_t length = strlen(title);
    if (length == 0 || length > 63 ||
        strspn(title, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != length)
        conf_complain(parse, cfg->line, "`%.64s` is no name; expected 1 to 63 letters, digits, `_` or `-`", title);
}

/* Where a socket goes: its path has to fit into an address. */
static char *socket_path(struct conf_parse *parse, cfg_t *cfg, const char *key, const char *state, const char *name)
{
    const char *given = cfg_getstr(cfg, key);
    char *path;
    if (given != NULL && given[0] != '\0')
        path = path_of(parse->file, given);
    else if (asprintf(&path, "%s/%s", state, name) < 0)
        abort();
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        conf_complain(parse, conf_line_of(parse, CONF_TOP, key, 0),
                      "`%s`: the path %s is too long for a socket; expected less than %zu bytes", key, path,
                      sizeof((struct sockaddr_un *)0)->sun_path);
    return path;
}

static void roles_take(cfg_t *cfg, const char *key, enum role role, struct conf *conf)
{
    unsigned count = cfg_size(cfg, key);
    conf->roles = memory_grown(conf->roles, conf->role_count + count, sizeof *conf->roles);
    for (unsigned i = 0; i < count; i++) /* it has been read before, when it was checked */
        if (role_rule_read(cfg_getnstr(cfg, key, i), role, &conf->roles[conf->role_count], NULL)) conf->role_count++;
}

/* A part of the daemon that writes lines. */
static bool is_part(const char *name)
{
    static const char *const rooms[] = {"core", "host", "admin", "journal", "links", "intake", "gcxvm", "log"};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        if (strcmp(rooms[i], name) == 0) return true;
    return false;
}

/* Whose level may be set: who writes lines. */
static bool room_known(cfg_t *top, const char *name)
{
    if (is_part(name)) return true;
    for (unsigned i = 0; i < cfg_size(top, "adapter"); i++)
        if (strcmp(cfg_title(cfg_getnsec(top, "adapter", i)), name) == 0) return true;
    for (unsigned i = 0; i < cfg_size(top, "source"); i++)
        if (strcmp(cfg_title(cfg_getnsec(top, "source", i)), name) == 0) return true;
    return false;
}

static void log_take(struct conf_parse *parse, cfg_t *top, struct conf *conf)
{
    cfg_t *cfg = cfg_getsec(top, "log");
    conf->log_rate = whole(cfg, "rate");
    if (!log_format_of(cfg_getstr(cfg, "format"), &conf->log_format))
        conf_complain(parse, cfg->line, "`format` is \"%.64s\"; expected text or json", cfg_getstr(cfg, "format"));
    const char *personal = cfg_getstr(cfg, "personal");
    conf->log_personal = strcmp(personal, "shown") == 0;
    if (!conf->log_personal && strcmp(personal, "masked") != 0)
        conf_complain(parse, conf_line_of(parse, "log", "personal", cfg->line),
                      "`personal` is \"%.64s\"; expected masked or shown", personal);
    conf->rooms = memory_zeroed(LOG_ROOMS_MAX, sizeof *conf->rooms);
    for (cfg_opt_t *option = cfg->opts; option->name != NULL; option++) {
        struct conf_room *room = &conf->rooms[conf->room_count];
        int line = conf_line_of(parse, "", option->name, cfg->line);
        if (option->type != CFGT_STR || conf_row(SECTION_log, option->name) != NULL) continue;
        if (!room_known(top, option->name))
            conf_complain(parse, line,
                          "unknown room `%.64s` of the log; expected `format`, `personal`, `rate`, core, host, admin, "
                          "journal, links, "
                          "intake, gcxvm, or an adapter's or source's name",
                          option->name);
        else if (!log_level_of(cfg_opt_getstr(option), &room->level))
            conf_complain(parse, line, "`%.64s` is \"%.64s\"; expected debug, info, warning or error", option->name,
                          cfg_opt_getstr(option));
        else if (conf->room_count == LOG_ROOMS_MAX - 1)
            conf_complain(parse, line, "the log has more than %d rooms", LOG_ROOMS_MAX - 1);
        else
            conf->rooms[conf->room_count++].name = memory_text(option->name);
    }
}

/* Every section of a kind: its name, its keys, and by `take` what they say. */
static void sections_take(struct conf_parse *parse, cfg_t *top, const char *kind, enum conf_section section,
                          struct conf *conf, void (*take)(struct conf_parse *, cfg_t *, struct conf *, size_t place))
{
    for (unsigned i = 0; i < cfg_size(top, kind); i++) {
        cfg_t *cfg = cfg_getnsec(top, kind, i);
        char what[96];
        snprintf(what, sizeof what, "%s `%.64s`", kind, cfg_title(cfg));
        name_check(parse, cfg);
        conf_section_check(parse, cfg, section, what);
        take(parse, cfg, conf, i);
    }
}

/* Where plugins are that the configuration names without a slash: those of the build that this program is run from,
 * which has libtool's files beside it, else the installed ones. */
static char *plugins_default(void)
{
    char program[PATH_MAX];
    char *libtool, *folder = NULL;
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return memory_text(PKGLIBDIR);
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    if (asprintf(&libtool, "%s/tserver.la", program) < 0) abort();
    if (access(libtool, F_OK) == 0 && asprintf(&folder, "%s/.libs", program) < 0) abort();
    free(libtool);
    return folder != NULL ? folder : memory_text(PKGLIBDIR);
}

static void paths_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf)
{
    const char *plugins = cfg_getstr(cfg, "plugins");
    conf->directory = path_of(parse->file, cfg_getstr(cfg, "directory"));
    conf->directory_line = conf_line_of(parse, CONF_TOP, "directory", 0);
    conf->state = path_of(parse->file, cfg_getstr(cfg, "state"));
    conf->admin = socket_path(parse, cfg, "admin", conf->state, "admin.sock");
    conf->links = socket_path(parse, cfg, "links", conf->state, "links.sock");
    if (parse->plugins != NULL)
        conf->plugins = memory_text(parse->plugins);
    else
        conf->plugins = plugins != NULL && plugins[0] != '\0' ? path_of(parse->file, plugins) : plugins_default();
    conf->remote_listen = memory_text(cfg_getstr(cfg, "remote_listen"));
    conf->remote_port_file = path_of(parse->file, cfg_getstr(cfg, "remote_port_file"));
    conf->remote_certificate = path_of(parse->file, cfg_getstr(cfg, "remote_certificate"));
    conf->remote_key = path_of(parse->file, cfg_getstr(cfg, "remote_key"));
    conf->remote_ca = path_of(parse->file, cfg_getstr(cfg, "remote_ca"));
    conf->traces = path_of(parse->file, cfg_getstr(cfg, "traces"));
}

static void bounds_take(cfg_t *cfg, struct conf *conf)
{
    conf->partition = whole(cfg, "partition");
    conf->interactions = whole(cfg, "interactions");
    conf->drain_s = whole(cfg, "drain_s");
    conf->trace_one_in = whole(cfg, "trace_one_in");
    conf->arrivals_per_s = whole(cfg, "arrivals_per_s");
    conf->lag_ms = whole(cfg, "lag_ms");
    conf->memory_mb = whole(cfg, "memory_mb");
    conf->space_mb = whole(cfg, "space_mb");
    conf->admin_idle_s = whole(cfg, "admin_idle_s");
    conf->admin_share = whole(cfg, "admin_share");
}

static void http_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf)
{
    conf->http = memory_text(cfg_getstr(cfg, "http"));
    if (conf->http[0] != '\0' && !socket_loopback(conf->http, &(struct sockaddr_storage){0}, &(socklen_t){0}))
        conf_complain(parse, conf_line_of(parse, CONF_TOP, "http", 0),
                      "`http` is \"%.64s\"; expected a loopback address and port, such as \"127.0.0.1:9464\"",
                      conf->http);
}

static void strategies_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf)
{
    conf->strategy_count = cfg_size(cfg, "strategies");
    conf->strategies = memory_zeroed(conf->strategy_count, sizeof *conf->strategies);
    conf->strategy_lines = memory_zeroed(conf->strategy_count, sizeof *conf->strategy_lines);
    for (size_t i = 0; i < conf->strategy_count; i++) {
        char place[24];
        snprintf(place, sizeof place, "%zu", i);
        conf->strategies[i] = path_of(parse->file, cfg_getnstr(cfg, "strategies", (unsigned)i));
        conf->strategy_lines[i] = conf_line_of(parse, "strategies", place, 0);
    }
}

void conf_take(struct conf_parse *parse, cfg_t *cfg, struct conf *conf)
{
    conf_section_check(parse, cfg, SECTION_top, "the configuration");
    paths_take(parse, cfg, conf);
    bounds_take(cfg, conf);
    http_take(parse, cfg, conf);
    log_level_of(cfg_getstr(cfg, "log_level"), &conf->log_level);
    log_take(parse, cfg, conf);
    strategies_take(parse, cfg, conf);
    roles_take(cfg, "admins", ROLE_ADMIN, conf);
    roles_take(cfg, "operators", ROLE_OPERATOR, conf);
    roles_take(cfg, "monitors", ROLE_MONITOR, conf);
    conf->source_count = cfg_size(cfg, "source");
    conf->sources = memory_zeroed(conf->source_count, sizeof *conf->sources);
    sections_take(parse, cfg, "source", SECTION_source, conf, source_take);
    conf->endpoint_count = cfg_size(cfg, "endpoint");
    conf->endpoints = memory_zeroed(conf->endpoint_count, sizeof *conf->endpoints);
    sections_take(parse, cfg, "endpoint", SECTION_endpoint, conf, endpoint_take);
    conf->native_count = cfg_size(cfg, "native");
    conf->natives = memory_zeroed(conf->native_count, sizeof *conf->natives);
    sections_take(parse, cfg, "native", SECTION_native, conf, native_take);
    conf->adapter_count = cfg_size(cfg, "adapter");
    conf->adapters = memory_zeroed(conf->adapter_count, sizeof *conf->adapters);
    sections_take(parse, cfg, "adapter", SECTION_adapter, conf, adapter_take);
    for (size_t i = LINKS_MAX; i < conf->adapter_count; i++)
        conf_complain(parse, conf->adapters[i].line, "adapter `%.64s` is one too many: there may be %d",
                      conf->adapters[i].name, LINKS_MAX);
}

static void source_free(struct conf_source *source)
{
    free(source->name);
    free(source->database);
    free(source->postgres);
    free(source->password_file);
}

static void endpoint_free(struct conf_endpoint *endpoint)
{
    free(endpoint->name);
    free(endpoint->url);
    free(endpoint->header_file);
    free(endpoint->ca_file);
}

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
    free(adapter->plugin);
    free(adapter->certificate_name);
}

void conf_free(struct conf *conf)
{
    if (conf == NULL) return;
    for (size_t i = 0; i < conf->strategy_count; i++) free(conf->strategies[i]);
    for (size_t i = 0; i < conf->source_count; i++) source_free(&conf->sources[i]);
    for (size_t i = 0; i < conf->endpoint_count; i++) endpoint_free(&conf->endpoints[i]);
    for (size_t i = 0; i < conf->native_count; i++) native_free(&conf->natives[i]);
    for (size_t i = 0; i < conf->adapter_count; i++) adapter_free(&conf->adapters[i]);
    for (size_t i = 0; i < conf->room_count; i++) free(conf->rooms[i].name);
    void *owned[] = {conf->strategies,
                     conf->strategy_lines,
                     conf->sources,
                     conf->endpoints,
                     conf->natives,
                     conf->adapters,
                     conf->rooms,
                     conf->roles,
                     conf->file,
                     conf->directory,
                     conf->state,
                     conf->admin,
                     conf->links,
                     conf->plugins,
                     conf->http,
                     conf->traces,
                     conf->remote_listen,
                     conf->remote_port_file,
                     conf->remote_certificate,
                     conf->remote_key,
                     conf->remote_ca};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
    free(conf);
}

bool conf_has_room(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->adapter_count; i++)
        if (strcmp(conf->adapters[i].name, name) == 0) return true;
    for (size_t i = 0; i < conf->source_count; i++)
        if (strcmp(conf->sources[i].name, name) == 0) return true;
    return is_part(name);
}

enum log_level conf_level(const struct conf *conf, const char *room)
{
    for (size_t i = 0; i < conf->room_count; i++)
        if (strcmp(conf->rooms[i].name, room) == 0) return conf->rooms[i].level;
    return conf->log_level;
}

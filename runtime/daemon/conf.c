/* runtime/daemon/conf.c - The configuration: libconfuse's parser, told by conf.def what may stand where.
 *
 * libconfuse finds line and kind of a mistake; the sentence about what is expected is made here, from the table. */
#include "config.h"
#include "runtime/daemon/conf.h"

#include <assert.h>
#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/daemon/socket.h"
#include "runtime/vocabulary/memory.h"

enum section { SECTION_top, SECTION_log, SECTION_source, SECTION_adapter, SECTIONS };
enum type { TYPE_STR, TYPE_PATH, TYPE_INT, TYPE_BOOL, TYPE_LIST, TYPE_PEERS };
/* Ours, among an option's flags: it has had its value; the list has ended. */
enum { CFGF_SEEN = 1 << 30, CFGF_LISTED = 1 << 29 };
enum { ROWS_MAX = 64, LINES_MAX = 256, TEXT_MAX = 1024, FILE_MAX = 1 << 20 };

static const struct row {
    enum section section;
    const char *key;
    enum type type;
    const char *fallback;
    long lowest, highest;
} rows[] = {
#define SETTING(section, key, type, fallback, lowest, highest, doc)                                                    \
    {SECTION_##section, #key, TYPE_##type, fallback, lowest, highest},
#include "runtime/daemon/conf.def"
};
enum { ROWS = sizeof rows / sizeof *rows };

struct parse {
    const char *file;
    const char *plugins; /* given on the command line */
    conf_complaint *complain;
    void *self;
    unsigned complaints;
    /* Where settings stand that are looked at later: the parser tells it only while it reads. */
    struct {
        char section[64], key[64];
        int line;
    } lines[LINES_MAX];
    size_t line_count;
    unsigned listed; /* values of the list that is being read */
};

/* libconfuse's error callback has no argument of the caller's. Set while cfg_parse() runs, and only then. */
static _Thread_local struct parse *parsing;

static void complain(struct parse *parse, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void complain(struct parse *parse, int line, const char *format, ...)
{
    char text[TEXT_MAX];
    size_t at = 0;
    va_list arguments;
    if (line > 0)
        at = (size_t)snprintf(text, sizeof text, "%.256s:%d: ", parse->file, line);
    else
        at = (size_t)snprintf(text, sizeof text, "%.256s: ", parse->file);
    va_start(arguments, format);
    vsnprintf(text + at, sizeof text - at, format, arguments);
    va_end(arguments);
    parse->complaints++;
    parse->complain(parse->self, text);
}

static enum section section_of(const char *name)
{
    if (strcmp(name, "source") == 0) return SECTION_source;
    if (strcmp(name, "log") == 0) return SECTION_log;
    return strcmp(name, "adapter") == 0 ? SECTION_adapter : SECTION_top;
}

static const struct row *row_find(enum section section, const char *key)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].section == section && strcmp(rows[i].key, key) == 0) return &rows[i];
    return NULL;
}

/* "directory, strategies, ..." */
static void keys_print(enum section section, char *text, size_t size)
{
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < ROWS && at < size; i++)
        if (rows[i].section == section)
            at += (size_t)snprintf(text + at, size - at, "%s`%s`", at == 0 ? "" : ", ", rows[i].key);
    if (section == SECTION_top && at < size)
        snprintf(text + at, size - at, ", or a section `log`, `source` or `adapter`");
}

static void expected_print(const struct row *row, char *text, size_t size)
{
    switch (row->type) {
    case TYPE_INT:
        snprintf(text, size, "a whole number from %ld to %ld", row->lowest, row->highest);
        break;
    case TYPE_BOOL:
        snprintf(text, size, "true or false");
        break;
    case TYPE_LIST:
        snprintf(text, size, "texts in braces, {\"a\", \"b\"}");
        break;
    case TYPE_PEERS:
        snprintf(text, size, "users, or groups as \"group:NAME\", in braces");
        break;
    case TYPE_PATH:
    case TYPE_STR:
        snprintf(text, size, "a text in quotes");
        break;
    }
}

static bool is_list(const struct row *row)
{
    return row->type == TYPE_LIST || row->type == TYPE_PEERS;
}

static void line_keep(struct parse *parse, const char *section, const char *key, int line)
{
    if (parse->line_count == LINES_MAX) return;
    snprintf(parse->lines[parse->line_count].section, sizeof parse->lines->section, "%s", section);
    snprintf(parse->lines[parse->line_count].key, sizeof parse->lines->key, "%s", key);
    parse->lines[parse->line_count++].line = line;
}

static int line_of(const struct parse *parse, const char *section, const char *key, int otherwise)
{
    for (size_t i = 0; i < parse->line_count; i++)
        if (strcmp(parse->lines[i].section, section) == 0 && strcmp(parse->lines[i].key, key) == 0)
            return parse->lines[i].line;
    return otherwise;
}

/* The parser's complaint in our words. An adapter's unknown key is none: it is kept, with its line. */
static void on_error(cfg_t *cfg, const char *format, va_list arguments)
{
    static const char unknown[] = "no such option '%s'";
    struct parse *parse = parsing;
    char said[256], expected[512], key[64] = "";
    enum section section = section_of(cfg_name(cfg));
    const struct row *row;
    const char *quote;
    assert(parse != NULL);
    vsnprintf(said, sizeof said, format, arguments);
    quote = strchr(said, '\'');
    if (quote != NULL) snprintf(key, sizeof key, "%.*s", (int)strcspn(quote + 1, "'"), quote + 1);
    if (strcmp(format, unknown) == 0 && (section == SECTION_adapter || section == SECTION_log)) {
        line_keep(parse, section == SECTION_log ? "" : cfg_title(cfg), key, cfg->line);
        return;
    }
    if (strcmp(format, unknown) == 0) {
        keys_print(section, expected, sizeof expected);
        complain(parse, cfg->line, "unknown setting `%s`; expected %s", key, expected);
        return;
    }
    row = row_find(section, key);
    if (row != NULL) {
        expected_print(row, expected, sizeof expected);
        complain(parse, cfg->line, "`%s` takes %s (%s)", key, expected, said);
        return;
    }
    complain(parse, cfg->line, "%s; expected `setting = value`, or `section name { ... }`", said);
}

/* What the parser has put into an option, at the line where it stands. Another than 0 ends the reading. */
static int on_value(cfg_t *cfg, cfg_opt_t *option)
{
    struct parse *parse = parsing;
    const struct row *row = row_find(section_of(cfg_name(cfg)), cfg_opt_name(option));
    unsigned count = cfg_opt_size(option);
    char expected[128];
    bool good = true;
    assert(parse != NULL && row != NULL);
    expected_print(row, expected, sizeof expected);
    if ((option->flags & (is_list(row) ? CFGF_LISTED : CFGF_SEEN)) != 0) {
        complain(parse, cfg->line, "`%s` stands twice", row->key);
        return -1;
    }
    /* A list is told value by value, and once more at its end. */
    if (is_list(row) && count == parse->listed) {
        option->flags |= CFGF_LISTED;
        parse->listed = 0;
        return 0;
    }
    parse->listed = is_list(row) ? count : 0;
    option->flags |= CFGF_SEEN;
    if (row->type == TYPE_INT) {
        long number = cfg_opt_getnint(option, 0);
        good = number >= row->lowest && number <= row->highest;
        if (!good) complain(parse, cfg->line, "`%s` is %ld; expected %s", row->key, number, expected);
    } else if (row->type == TYPE_PEERS) {
        struct error why = {0};
        struct role_rule rule;
        good = role_rule_read(cfg_opt_getnstr(option, count - 1), ROLE_NONE, &rule, &why);
        if (!good) complain(parse, cfg->line, "`%s`: %s; expected %s", row->key, why.text, expected);
    } else if (row->type == TYPE_PATH || row->type == TYPE_LIST) {
        const char *path = cfg_opt_getnstr(option, count - 1);
        bool empty = path[0] == '\0', number = !empty && path[strspn(path, "0123456789")] == '\0';
        good = !number && (!empty || (row->type == TYPE_PATH && row->fallback != NULL));
        if (!good) complain(parse, cfg->line, "`%s` is \"%.64s\", no path; expected %s", row->key, path, expected);
    } else if (strcmp(row->key, "postgres") == 0) {
        line_keep(parse, cfg_title(cfg), row->key, cfg->line);
    } else if (strcmp(row->key, "log_level") == 0) {
        enum log_level level;
        good = log_level_of(cfg_opt_getnstr(option, 0), &level);
        if (!good)
            complain(parse, cfg->line, "`log_level` is \"%.64s\"; expected debug, info, warning or error",
                     cfg_opt_getnstr(option, 0));
    }
    return good ? 0 : -1;
}

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

static void options_fill(enum section section, cfg_opt_t *options)
{
    size_t n = 0;
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        if (row->section != section) continue;
        assert(n < ROWS_MAX - 3);
        switch (row->type) {
        case TYPE_INT:
            options[n++] = (cfg_opt_t)CFG_INT(row->key, strtol(row->fallback, NULL, 10), CFGF_NONE);
            break;
        case TYPE_BOOL:
            options[n++] = (cfg_opt_t)CFG_BOOL(row->key, row->fallback[0] == 't' ? cfg_true : cfg_false, CFGF_NONE);
            break;
        case TYPE_LIST:
        case TYPE_PEERS:
            options[n++] = (cfg_opt_t)CFG_STR_LIST(row->key, NULL, CFGF_NODEFAULT);
            break;
        case TYPE_PATH:
        case TYPE_STR:
            if (row->fallback == NULL)
                options[n++] = (cfg_opt_t)CFG_STR(row->key, NULL, CFGF_NODEFAULT);
            else
                options[n++] = (cfg_opt_t)CFG_STR(row->key, row->fallback, CFGF_NONE);
            break;
        }
        options[n - 1].validcb = on_value;
    }
    options[n] = (cfg_opt_t)CFG_END();
}

/* Mandatory settings of one section. */
static void section_check(struct parse *parse, cfg_t *cfg, enum section section, const char *what)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        char expected[128];
        if (row->section != section) continue;
        expected_print(row, expected, sizeof expected);
        if (row->fallback == NULL && (cfg_getopt(cfg, row->key)->flags & CFGF_MODIFIED) == 0)
            complain(parse, section == SECTION_top ? 0 : cfg->line, "%s lacks `%s = ...`: %s", what, row->key,
                     expected);
    }
}

static uint64_t whole(cfg_t *cfg, const char *key)
{
    long value = cfg_getint(cfg, key);
    return value < 0 ? 0 : (uint64_t)value;
}

static void source_take(struct parse *parse, cfg_t *cfg, struct conf_source *source)
{
    char what[96];
    snprintf(what, sizeof what, "source `%.64s`", cfg_title(cfg));
    section_check(parse, cfg, SECTION_source, what);
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
    source->line = line_of(parse, source->name, "postgres", cfg->line);
}

static char *plugin_path(const struct parse *parse, const char *folder, const char *plugin, const char *name)
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

static void adapter_take(struct parse *parse, cfg_t *cfg, const char *plugins, struct conf_adapter *adapter)
{
    char what[96];
    snprintf(what, sizeof what, "adapter `%.64s`", cfg_title(cfg));
    section_check(parse, cfg, SECTION_adapter, what);
    adapter->name = memory_text(cfg_title(cfg));
    adapter->line = cfg->line;
    adapter->plugin = plugin_path(parse, plugins, cfg_getstr(cfg, "plugin"), adapter->name);
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
    adapter->settings = memory_zeroed(LINES_MAX, sizeof *adapter->settings);
    for (cfg_opt_t *option = cfg->opts; option->name != NULL; option++) {
        struct conf_setting *setting = &adapter->settings[adapter->setting_count];
        if (option->type != CFGT_STR || row_find(SECTION_adapter, option->name) != NULL) continue;
        if (adapter->setting_count == LINES_MAX) {
            complain(parse, cfg->line, "%s has more than %d settings", what, LINES_MAX);
            return;
        }
        *setting = (struct conf_setting){memory_text(option->name), memory_text(cfg_opt_getstr(option)), cfg->line};
        setting->line = line_of(parse, adapter->name, setting->key, cfg->line);
        adapter->setting_count++;
    }
}

static void name_check(struct parse *parse, cfg_t *cfg)
{
    const char *title = cfg_title(cfg);
    size_t length = strlen(title);
    if (length == 0 || length > 63 ||
        strspn(title, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != length)
        complain(parse, cfg->line, "`%.64s` is no name; expected 1 to 63 letters, digits, `_` or `-`", title);
}

/* Where a socket goes: its path has to fit into an address. */
static char *socket_path(struct parse *parse, cfg_t *cfg, const char *key, const char *state, const char *name)
{
    const char *given = cfg_getstr(cfg, key);
    char *path;
    if (given != NULL && given[0] != '\0')
        path = path_of(parse->file, given);
    else if (asprintf(&path, "%s/%s", state, name) < 0)
        abort();
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        complain(parse, 0, "`%s`: the path %s is too long for a socket; expected less than %zu bytes", key, path,
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

/* Whose level may be set: who writes lines. */
static bool room_known(cfg_t *top, const char *name)
{
    static const char *const rooms[] = {"core", "host", "admin", "journal", "links", "intake", "gcxvm", "log"};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        if (strcmp(rooms[i], name) == 0) return true;
    for (unsigned i = 0; i < cfg_size(top, "adapter"); i++)
        if (strcmp(cfg_title(cfg_getnsec(top, "adapter", i)), name) == 0) return true;
    for (unsigned i = 0; i < cfg_size(top, "source"); i++)
        if (strcmp(cfg_title(cfg_getnsec(top, "source", i)), name) == 0) return true;
    return false;
}

static void log_take(struct parse *parse, cfg_t *top, struct conf *conf)
{
    cfg_t *cfg = cfg_getsec(top, "log");
    conf->log_rate = whole(cfg, "rate");
    if (!log_format_of(cfg_getstr(cfg, "format"), &conf->log_format))
        complain(parse, cfg->line, "`format` is \"%.64s\"; expected text or json", cfg_getstr(cfg, "format"));
    conf->rooms = memory_zeroed(LOG_ROOMS_MAX, sizeof *conf->rooms);
    for (cfg_opt_t *option = cfg->opts; option->name != NULL; option++) {
        struct conf_room *room = &conf->rooms[conf->room_count];
        int line = line_of(parse, "", option->name, cfg->line);
        if (option->type != CFGT_STR || row_find(SECTION_log, option->name) != NULL) continue;
        if (!room_known(top, option->name))
            complain(parse, line,
                     "unknown room `%.64s` of the log; expected `format`, `rate`, core, host, admin, journal, links, "
                     "intake, gcxvm, or an adapter's or source's name",
                     option->name);
        else if (!log_level_of(cfg_opt_getstr(option), &room->level))
            complain(parse, line, "`%.64s` is \"%.64s\"; expected debug, info, warning or error", option->name,
                     cfg_opt_getstr(option));
        else if (conf->room_count == LOG_ROOMS_MAX - 1)
            complain(parse, line, "the log has more than %d rooms", LOG_ROOMS_MAX - 1);
        else
            conf->rooms[conf->room_count++].name = memory_text(option->name);
    }
}

static void top_take(struct parse *parse, cfg_t *cfg, struct conf *conf)
{
    const char *plugins = cfg_getstr(cfg, "plugins");
    section_check(parse, cfg, SECTION_top, "the configuration");
    conf->directory = path_of(parse->file, cfg_getstr(cfg, "directory"));
    conf->state = path_of(parse->file, cfg_getstr(cfg, "state"));
    conf->admin = socket_path(parse, cfg, "admin", conf->state, "admin.sock");
    conf->links = socket_path(parse, cfg, "links", conf->state, "links.sock");
    if (parse->plugins != NULL)
        conf->plugins = memory_text(parse->plugins);
    else
        conf->plugins = plugins != NULL && plugins[0] != '\0' ? path_of(parse->file, plugins) : memory_text(PKGLIBDIR);
    conf->remote_listen = memory_text(cfg_getstr(cfg, "remote_listen"));
    conf->remote_port_file = path_of(parse->file, cfg_getstr(cfg, "remote_port_file"));
    conf->remote_certificate = path_of(parse->file, cfg_getstr(cfg, "remote_certificate"));
    conf->remote_key = path_of(parse->file, cfg_getstr(cfg, "remote_key"));
    conf->remote_ca = path_of(parse->file, cfg_getstr(cfg, "remote_ca"));
    conf->partition = whole(cfg, "partition");
    conf->interactions = whole(cfg, "interactions");
    conf->drain_s = whole(cfg, "drain_s");
    conf->traces = path_of(parse->file, cfg_getstr(cfg, "traces"));
    conf->trace_one_in = whole(cfg, "trace_one_in");
    conf->arrivals_per_s = whole(cfg, "arrivals_per_s");
    conf->lag_ms = whole(cfg, "lag_ms");
    conf->memory_mb = whole(cfg, "memory_mb");
    conf->space_mb = whole(cfg, "space_mb");
    conf->http = memory_text(cfg_getstr(cfg, "http"));
    if (conf->http[0] != '\0' && !socket_loopback(conf->http, &(struct sockaddr_storage){0}, &(socklen_t){0}))
        complain(parse, 0, "`http` is \"%.64s\"; expected a loopback address and port, such as \"127.0.0.1:9464\"",
                 conf->http);
    log_level_of(cfg_getstr(cfg, "log_level"), &conf->log_level);
    log_take(parse, cfg, conf);
    conf->strategy_count = cfg_size(cfg, "strategies");
    conf->strategies = memory_zeroed(conf->strategy_count, sizeof *conf->strategies);
    for (size_t i = 0; i < conf->strategy_count; i++)
        conf->strategies[i] = path_of(parse->file, cfg_getnstr(cfg, "strategies", (unsigned)i));
    roles_take(cfg, "admins", ROLE_ADMIN, conf);
    roles_take(cfg, "operators", ROLE_OPERATOR, conf);
    roles_take(cfg, "monitors", ROLE_MONITOR, conf);
    conf->source_count = cfg_size(cfg, "source");
    conf->sources = memory_zeroed(conf->source_count, sizeof *conf->sources);
    for (size_t i = 0; i < conf->source_count; i++) {
        name_check(parse, cfg_getnsec(cfg, "source", (unsigned)i));
        source_take(parse, cfg_getnsec(cfg, "source", (unsigned)i), &conf->sources[i]);
    }
    conf->adapter_count = cfg_size(cfg, "adapter");
    conf->adapters = memory_zeroed(conf->adapter_count, sizeof *conf->adapters);
    for (size_t i = 0; i < conf->adapter_count; i++) {
        name_check(parse, cfg_getnsec(cfg, "adapter", (unsigned)i));
        adapter_take(parse, cfg_getnsec(cfg, "adapter", (unsigned)i), conf->plugins, &conf->adapters[i]);
    }
}

/* Spaces for comments: libconfuse 3.3 counts the lines of a comment more than once, and its messages would name the
 * wrong line. A comment begins where a word could. It says nothing of a brace that is never closed, either: returns the
 * line of one, or 0. */
static int comments_blank(char *text)
{
    static const char separators[] = " \t\r\n={}()+,\"'";
    char quote = '\0', before = '\n';
    int line = 1, depth = 0, opened = 0;
    while (*text != '\0') {
        if (quote != '\0') {
            if (*text == '\\' && text[1] != '\0')
                text++;
            else if (*text == quote)
                quote = '\0';
            if (*text == '\n') line++;
            before = *text++;
        } else if (strchr(separators, before) != NULL && (*text == '#' || strncmp(text, "//", 2) == 0)) {
            while (*text != '\0' && *text != '\n') *text++ = ' ';
        } else if (strchr(separators, before) != NULL && strncmp(text, "/*", 2) == 0) {
            const char *end = strstr(text + 2, "*/");
            for (; *text != '\0' && (end == NULL || text < end + 2); text++)
                if (*text == '\n')
                    line++;
                else
                    *text = ' ';
        } else {
            if (*text == '"' || *text == '\'') quote = *text;
            if (*text == '{' && depth++ == 0) opened = line;
            if (*text == '}') depth--;
            if (*text == '\n') line++;
            before = *text++;
        }
    }
    return depth > 0 && quote == '\0' ? opened : 0;
}

/* The file's text, or NULL. What is no file ends the process in libconfuse. */
static char *file_text(struct parse *parse)
{
    struct stat info;
    char *text = NULL;
    size_t length;
    FILE *file = fopen(parse->file, "re");
    if (file == NULL || fstat(fileno(file), &info) != 0)
        complain(parse, 0, "cannot be read: %s", strerror(errno));
    else if (!S_ISREG(info.st_mode))
        complain(parse, 0, "is no file; expected the path of a configuration file");
    else if (info.st_size > FILE_MAX)
        complain(parse, 0, "is longer than %d bytes", FILE_MAX);
    else {
        text = memory_zeroed(FILE_MAX + 1, 1);
        length = fread(text, 1, FILE_MAX, file);
        if (strlen(text) != length) {
            complain(parse, 0, "is no text: byte %zu is zero", strlen(text));
            free(text);
            text = NULL;
        }
    }
    if (file != NULL) fclose(file);
    return text;
}

static bool parse_text(struct parse *parse, cfg_t *cfg, char *text)
{
    int result = CFG_SUCCESS;
    FILE *file;
    int opened = comments_blank(text);
    if (text[0] == '\0') return true;
    file = fmemopen(text, strlen(text), "r");
    if (file == NULL) abort();
    parsing = parse;
    cfg_set_error_function(cfg, on_error);
    result = cfg_parse_fp(cfg, file);
    parsing = NULL;
    fclose(file);
    if (result != CFG_SUCCESS && parse->complaints == 0) complain(parse, 0, "cannot be read");
    if (parse->complaints == 0 && opened != 0)
        complain(parse, opened, "the brace that is opened here is not closed; expected `}`");
    return parse->complaints == 0;
}

struct conf *conf_read(const char *file, const char *plugins, conf_complaint *complaint, void *self)
{
    struct parse *parse = memory_zeroed(1, sizeof *parse);
    cfg_opt_t options[SECTIONS][ROWS_MAX];
    struct conf *conf = NULL;
    char *text;
    cfg_t *cfg;
    size_t n;
    *parse = (struct parse){.file = file, .plugins = plugins, .complain = complaint, .self = self};
    for (enum section i = 0; i < SECTIONS; i++) options_fill(i, options[i]);
    for (n = 0; options[SECTION_top][n].name != NULL; n++) continue;
    options[SECTION_top][n++] = (cfg_opt_t)CFG_SEC("log", options[SECTION_log], CFGF_KEYSTRVAL);
    options[SECTION_top][n++] =
        (cfg_opt_t)CFG_SEC("source", options[SECTION_source], CFGF_TITLE | CFGF_MULTI | CFGF_NO_TITLE_DUPES);
    options[SECTION_top][n++] = (cfg_opt_t)CFG_SEC("adapter", options[SECTION_adapter],
                                                   CFGF_TITLE | CFGF_MULTI | CFGF_NO_TITLE_DUPES | CFGF_KEYSTRVAL);
    options[SECTION_top][n] = (cfg_opt_t)CFG_END();
    cfg = cfg_init(options[SECTION_top], CFGF_NONE);
    if (cfg == NULL) abort();
    text = file_text(parse);
    if (text != NULL && parse_text(parse, cfg, text)) {
        conf = memory_zeroed(1, sizeof *conf);
        conf->file = memory_text(file);
        top_take(parse, cfg, conf);
    }
    cfg_free(cfg);
    free(text);
    if (parse->complaints > 0) {
        conf_free(conf);
        conf = NULL;
    }
    free(parse);
    return conf;
}

void conf_free(struct conf *conf)
{
    if (conf == NULL) return;
    for (size_t i = 0; i < conf->strategy_count; i++) free(conf->strategies[i]);
    for (size_t i = 0; i < conf->source_count; i++) {
        free(conf->sources[i].name);
        free(conf->sources[i].database);
        free(conf->sources[i].postgres);
        free(conf->sources[i].password_file);
    }
    for (size_t i = 0; i < conf->adapter_count; i++) {
        struct conf_adapter *adapter = &conf->adapters[i];
        for (size_t k = 0; k < adapter->setting_count; k++) {
            free(adapter->settings[k].key);
            free(adapter->settings[k].value);
        }
        free(adapter->settings);
        free(adapter->name);
        free(adapter->plugin);
        free(adapter->certificate_name);
    }
    for (size_t i = 0; i < conf->room_count; i++) free(conf->rooms[i].name);
    free(conf->rooms);
    free(conf->strategies);
    free(conf->roles);
    free(conf->sources);
    free(conf->adapters);
    free(conf->file);
    free(conf->directory);
    free(conf->state);
    free(conf->admin);
    free(conf->links);
    free(conf->plugins);
    free(conf->http);
    free(conf->traces);
    free(conf->remote_listen);
    free(conf->remote_port_file);
    free(conf->remote_certificate);
    free(conf->remote_key);
    free(conf->remote_ca);
    free(conf);
}

enum log_level conf_level(const struct conf *conf, const char *room)
{
    for (size_t i = 0; i < conf->room_count; i++)
        if (strcmp(conf->rooms[i].name, room) == 0) return conf->rooms[i].level;
    return conf->log_level;
}

static const char *key_name(const char *key)
{
    return key[0] == '*' ? key + 1 : key;
}

static bool setting_known(const char *key, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        if (strcmp(key_name(*keys), key) == 0) return true;
    return false;
}

static bool setting_given(const struct conf_adapter *adapter, const char *key)
{
    for (size_t i = 0; i < adapter->setting_count; i++)
        if (strcmp(adapter->settings[i].key, key) == 0) return true;
    return false;
}

bool conf_check_adapter(const struct conf *conf, const struct conf_adapter *adapter, const char *const *keys,
                        conf_complaint *complaint, void *self)
{
    struct parse parse = {.file = conf->file, .complain = complaint, .self = self};
    char expected[512];
    size_t at = 0;
    keys_print(SECTION_adapter, expected, sizeof expected);
    at = strlen(expected);
    for (size_t i = 0; keys[i] != NULL && at < sizeof expected; i++)
        at += (size_t)snprintf(expected + at, sizeof expected - at, ", `%s`", key_name(keys[i]));
    for (size_t i = 0; i < adapter->setting_count; i++)
        if (!setting_known(adapter->settings[i].key, keys))
            complain(&parse, adapter->settings[i].line, "unknown setting `%s` of adapter `%s`; expected %s",
                     adapter->settings[i].key, adapter->name, expected);
    for (; *keys != NULL; keys++)
        if (**keys == '*' && !setting_given(adapter, key_name(*keys)))
            complain(&parse, adapter->line, "adapter `%s` lacks `%s = ...`", adapter->name, key_name(*keys));
    return parse.complaints == 0;
}

/* runtime/daemon/main.c - gcxvm: reads the command line, and does one of its three tasks.
 *
 *     gcxvm CONF                       the core, which starts its adapters
 *     gcxvm --check CONF               everything that can be wrong in configuration, strategies and directory; ends
 *     gcxvm, started by gcxvm itself   one adapter: its plugin, its lock, its connection to the core
 *
 * An adapter is a process of its own, from the same program: a plugin that crashes takes its link with it, not the
 * core. For the same reason the settings of plugins are checked in child processes, where a plugin can do no harm. */
#include <assert.h>
#include <dlfcn.h>
#include <getopt.h>
#include <link.h>
#include <signal.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/look.h"
#include "runtime/adapter/plugin.h"
#include "runtime/adapter/runner.h"
#include "runtime/daemon/check/check.h"
#include "runtime/daemon/links/guard.h"
#include "runtime/daemon/assigned.h"
#include "runtime/daemon/backup.h"
#include "runtime/daemon/erasing.h"
#include "runtime/daemon/keeping.h"
#include "runtime/daemon/past.h"
#include "runtime/daemon/password.h"
#include "runtime/daemon/reconcile.h"
#include "runtime/daemon/run.h"
#include "runtime/daemon/upgrade.h"
#include "runtime/natives/serve.h"
#include "base/dumps.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/piped.h"
#include "base/shown.h"
#include "base/usage.h"

enum { SETTINGS_MAX = 256, NATIVES_MEMORY = 512 * 1024 * 1024 };

struct command_line { /* the command line, read */
    const char *file, *plugins, *adapter, *natives, *name, *link, *lock, *core, *connect, *past, *export, *state,
        *backup, *restore;
    struct tls_settings tls;
    uint64_t outlive_s, log_rate;
    const char *rotate_key;
    char *erase;
    const char *assign;
    bool assigned;
    bool hash_password, check, look, settings, level_given, format_given, snapshot, verify, prune, upgrade_check,
        days_given, report, move_journal, accept_loss, accept_plain, depose, follow, all, reconcile;
    uint64_t days;
    enum log_level level;
    enum log_format format;
    struct adapter_setting set[SETTINGS_MAX + 1];
    size_t set_count;
    char *set_text[SETTINGS_MAX];
};

#define OPTIONS_DEF  "runtime/daemon/options.def"
#define OPTIONS_LINE struct command_line
#define EXITS_DEF    "runtime/daemon/service/exits.def"
#include "base/usage_rows.h"

static void gcxvm_help_more(void)
{
    puts("\n"
         "SIGHUP reads strategies and directory again, without touching calls. SIGTERM and SIGINT drain (drain_s of "
         "the\n"
         "configuration), then end in order; the second one ends at once.");
}

/* Adds a setting of the plugin, KEY=VALUE. False: the text is no setting, or there are too many. */
static bool setting_add(struct command_line *line, const char *text)
{
    assert(line->set_count <= SETTINGS_MAX && text);
    char *equals, *made;
    if (line->set_count == SETTINGS_MAX || !strchr(text, '=') || text[0] == '=') return false;
    made = memory_text(text);
    equals = strchr(made, '=');
    *equals = '\0';
    line->set_text[line->set_count] = made;
    line->set[line->set_count++] = (struct adapter_setting){made, equals + 1};
    return true;
}

/* Takes an option whose value has to be parsed. Returns NULL, or a text that says which values the option takes. */
static const char *gcxvm_option(void *self, int option, const char *text)
{
    struct command_line *line = self;
    switch (option) {
    case OPTION_set:
        return setting_add(line, text) ? NULL : "--set takes KEY=VALUE";
    case OPTION_log_level:
        line->level_given = log_level_of(text, &line->level);
        return line->level_given ? NULL : "--log-level takes debug, info, warning or error";
    case OPTION_log_format:
        line->format_given = log_format_of(text, &line->format);
        return line->format_given ? NULL : "--log-format takes text or json";
    case OPTION_log_rate:
        return usage_number(text, UINT64_MAX, &line->log_rate) ? NULL : "--log-rate takes a number of lines a second";
    case OPTION_days:
        line->days_given = usage_number(text, UINT64_MAX, &line->days);
        return line->days_given ? NULL : "--days takes a number";
    case OPTION_outlive:
        return usage_number(text, UINT64_MAX, &line->outlive_s) ? NULL : "--outlive takes a number of seconds";
    default:
        return "unknown option";
    }
}

static const struct usage usage = {
    .program = "gcxvm",
    .head = "Usage: gcxvm [--follow] [--plugins FOLDER] [--log-level LEVEL] [--log-format FORMAT] FILE\n"
            "       gcxvm --check | --snapshot | --verify | --prune | --upgrade-check | --reconcile | --export FOLDER "
            "FILE\n"
            "       gcxvm --move-journal FILE\n"
            "       gcxvm --backup FOLDER FILE\n"
            "       gcxvm --restore FOLDER [--all] [FILE]\n"
            "       gcxvm --adapter PLUGIN --name NAME --link SOCKET [--set KEY=VALUE]...\n"
            "       gcxvm --adapter PLUGIN --name NAME --connect HOST:PORT --certificate FILE --key FILE --ca FILE\n"
            "             [--server-name NAME] [--set KEY=VALUE]...\n"
            "       gcxvm --adapter PLUGIN --settings\n"
            "       gcxvm --adapter PLUGIN --check [--set KEY=VALUE]...\n"
            "       gcxvm --hash-password\n"
            "\n"
            "Routes calls by the strategies and the directory that the configuration FILE names.\n\n",
    .options = usage_options,
    .exits = usage_exits,
    .more = gcxvm_help_more,
    .foot =
        "An adapter's process: 0 ended in order, 1 the plugin cannot work, 3 the core refused it or it runs already.",
    .read = gcxvm_option,
};

/* True: the options fit together. */
static bool gcxvm_line_good(const struct command_line *line, int rest)
{
    bool peer = line->name && (line->link != NULL) != (line->connect != NULL);
    if (line->natives && rest == 0) return true;
    if (line->adapter && rest == 0 && (line->settings || line->check || line->look || peer)) return true;
    if (line->state && !line->verify && !line->upgrade_check) {
        usage_wrong(
            &usage,
            "--state is for --verify and --upgrade-check: a gcxvm that serves has its own in the configuration");
        return false;
    }
    if (line->follow && (line->depose || line->accept_loss || line->accept_plain)) {
        usage_wrong(&usage,
                    "--follow waits until the journal is free: --depose, --accept-loss and --accept-plain do not "
                    "go with it; start gcxvm once with them and without --follow");
        return false;
    }
    if (!line->adapter && (rest == 1 || (rest == 0 && line->restore))) return true;
    usage_wrong(&usage, "%s",
                line->adapter ? "--adapter needs --name and --link or --connect, or --settings, or --check"
                              : "expected one configuration file");
    return false;
}

/* Reads the command line; returns -1 if gcxvm goes on, else the code with which it ends. */
static int gcxvm_line_read(struct command_line *line, int argc, char **argv)
{
    int end;
    if (!usage_read(&usage, line, argc, argv, &end)) return end;
    if (line->hash_password) return password_hash() ? EXIT_ok : EXIT_usage;
    if (!gcxvm_line_good(line, argc - optind)) return EXIT_usage;
    line->file = !line->adapter && optind < argc ? argv[optind] : NULL;
    return -1;
}

/* Opens the plugin and returns its interface. The plugin is never closed: the process ends together with its
 * adapter. NULL: told why. */
static const struct gcx_adapter *gcxvm_plugin_open(const char *plugin)
{
    const char *why;
    if (strchr(plugin, '/') && !file_may_be_read(plugin, &why)) {
        shown_print(stderr, "gcxvm: %s: %s\n", plugin, why);
        return NULL;
    }
    void *library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
    const struct gcx_adapter *adapter = library ? dlsym(library, "gcx_adapter") : NULL;
    if (!adapter)
        shown_print(stderr, "gcxvm: %s\n", !library ? dlerror() : "it is no plugin: it exports no gcx_adapter");
    return adapter;
}

/* Returns the value that the command line has for a setting; NULL: none. */
static const char *gcxvm_setting_find(void *self, const char *key)
{
    const struct command_line *line = self;
    const char *of_all = NULL;
    for (size_t i = 0; i < line->set_count; i++) {
        const char *given = line->set[i].key;
        if (strcmp(given, key) == 0) return line->set[i].value;
        if (strncmp(given, GCX_OF_ALL, strlen(GCX_OF_ALL)) == 0 && strcmp(given + strlen(GCX_OF_ALL), key) == 0)
            of_all = line->set[i].value;
    }
    return of_all;
}

/* Prints the plugin's complaint about its settings, if it has one. */
static int gcxvm_settings_check(struct command_line *line)
{
    const struct gcx_adapter *adapter = gcxvm_plugin_open(line->adapter);
    char why[512] = "";
    if (!adapter) return EXIT_config;
    struct error error;
    if (!plugin_good(adapter, &error))
        snprintf(why, sizeof why, "%s", error.text);
    else if (!adapter->check || adapter->check(gcxvm_setting_find, line, why, sizeof why))
        return EXIT_ok;
    puts(why);
    return EXIT_config;
}

/* A plugin that was built before a member existed has a shorter struct gcx_adapter. */
static bool descriptor_has_look(const struct gcx_adapter *adapter)
{
    Dl_info found;
    const ElfW(Sym) *symbol = NULL;
    return dladdr1(adapter, &found, (void **)&symbol, RTLD_DL_SYMENT) != 0 && symbol &&
           symbol->st_size >= offsetof(struct gcx_adapter, look) + sizeof adapter->look;
}

/* Asks the plugin about its settings, and with --check about the site whose names are on standard input;
 * children_ask() reads the answer. */
static int gcxvm_look(struct command_line *line)
{
    const struct gcx_adapter *adapter = gcxvm_plugin_open(line->adapter);
    struct error error;
    if (!adapter) return EXIT_config;
    if (!plugin_good(adapter, &error)) {
        printf("%c \t%s\n", LOOK_FAILS, error.text);
        return EXIT_config;
    }
    look_run(adapter, descriptor_has_look(adapter), gcxvm_setting_find, line, line->check ? stdin : NULL, stdout);
    return EXIT_ok;
}

/* Prints the plugin's keys, a line each. */
static int settings_list(const char *plugin)
{
    const struct gcx_adapter *adapter = gcxvm_plugin_open(plugin);
    struct error error;
    if (!adapter) return EXIT_config;
    if (!plugin_good(adapter, &error)) {
        shown_print(stderr, "gcxvm: %s: %s\n", plugin, error.text);
        return EXIT_config;
    }
    for (const char *const *key = adapter->settings; key && *key; key++) puts(*key);
    return EXIT_ok;
}

struct adapter_log {
    struct log *log;
    const char *name;
};

/* Turns a plugin's log level, which is a number, into one of ours; a number out of range becomes the nearest level. */
static void on_adapter_log(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    const struct adapter_log *to = self;
    static const enum log_level levels[] = {LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR};
    log_line(to->log, levels[level < 0 ? 0 : level > 3 ? 3 : level], to->name, ixn, conn, "%s", text);
}

static void on_adapter_stay(void *self, bool stays)
{
    (void)self;
    guard_stay(stays);
}

static void on_adapter_hold(void *self, unsigned conversations, bool ends)
{
    (void)self;
    guard_hold(conversations, ends);
}

/* The lock's path is NAME.lock in the state folder, so the adapter may keep files there that begin with NAME.
 * malloc'ed. */
static char *own_files_of(const char *lock)
{
    char *own = !lock ? NULL : strdup(lock), *end = !own ? NULL : strrchr(own, '.');
    if (end && !strchr(end, '/')) *end = '\0';
    return own;
}

/* Runs the process of one adapter. The lock is taken first: two processes of one adapter would answer the same
 * calls. */
static int adapter_main(struct command_line *line, char **argv)
{
    struct log_options log = {
        .fd = STDERR_FILENO, .level = LOG_LEVEL_INFO, .format = line->format, .rate = (unsigned)line->log_rate};
    struct adapter_log to = {.name = line->name};
    struct adapter_options run = {.plugin = line->adapter,
                                  .socket = line->link,
                                  .connect = line->connect,
                                  .tls = line->tls,
                                  .name = line->name,
                                  .settings = line->set,
                                  .log = on_adapter_log,
                                  .stay = on_adapter_stay,
                                  .hold = on_adapter_hold,
                                  .self = &to};
    struct error error;
    int result = ADAPTER_REFUSED;
    if (sodium_init() < 0) abort();
    run.tls.certificate_setting = "--certificate";
    run.tls.key_setting = "--key";
    run.tls.ca_setting = "--ca";
    if (line->settings) return settings_list(line->adapter);
    if (line->look) return gcxvm_look(line);
    if (line->check) return gcxvm_settings_check(line);
    if (line->level_given) log.level = line->level;
    to.log = log_new(&log);
    if (line->lock && !guard_take(line->lock, argv, &error)) {
        log_line(to.log, LOG_LEVEL_ERROR, line->name, 0, 0, "%s", error.text);
    } else {
        if (line->core) guard_watch(line->core, line->lock, line->outlive_s);
        char *own_files = own_files_of(line->lock);
        run.own_files = own_files;
        result = adapter_run(&run);
        free(own_files);
    }
    log_free(to.log);
    return result;
}

/* Raises the number of open files as far as the system allows, here and in the adapters, which inherit it: each
 * desktop needs a connection. */
static void files_allow(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static void gcxvm_on_complaint(void *self, const char *text)
{
    (void)self;
    shown_print(stderr, "%s\n", text);
}

/* Runs the core's process until its end. */
static int gcxvm_serve(const struct conf *conf, const struct command_line *line)
{
    struct log *log = log_new(&(struct log_options){.fd = STDERR_FILENO,
                                                    .level = conf->level,
                                                    .format = conf->log_format,
                                                    .rate = (unsigned)conf->log.rate,
                                                    .personal = conf->log_personal});
    int result;
    for (size_t i = 0; i < conf->room_count; i++) log_set(log, conf->rooms[i].name, conf->rooms[i].level);
    files_allow();
    const struct daemon_how how = {line->accept_loss, line->accept_plain, line->depose, line->follow};
    result = (int)daemon_run(conf, log, &how);
    log_free(log);
    return result;
}

/* Replaces the state folder, to check another one with the same configuration. */
static void gcxvm_state_take(struct conf *conf, const char *state)
{
    free(conf->state);
    conf->state = memory_text(state);
}

/* Erases the person whom the command line names, or the first line of standard input. */
static bool gcxvm_erases(const struct conf *conf, char *person)
{
    if (piped_words(&person, 1)) return erasing_run(conf, person);
    shown_print(stderr, "gcxvm: whom to erase: the standard input has no line\n");
    return false;
}

/* Makes a snapshot, or verifies, exports or prunes the journal. */
static bool gcxvm_keeps(const struct conf *conf, const struct command_line *line)
{
    uint64_t days = conf->journal_days == 0 ? KEEPING_FOR_EVER : conf->journal_days;
    if (line->days_given) days = line->days;
    if (line->snapshot) return keeping_cut(conf, days, line->report);
    if (line->verify) return keeping_verify(conf);
    return line->export ? keeping_export(conf, line->export) : keeping_prune(conf, days);
}

/* Does a task of the command line on a state folder, without serving calls; -1: the command line asks for no such
 * task. */
static int gcxvm_offline(struct conf *conf, const struct command_line *line)
{
    if (line->past) return past_why(conf, line->past) ? EXIT_ok : EXIT_config;
    if (line->rotate_key) return keeping_rotate(conf, line->rotate_key) ? EXIT_ok : EXIT_replay;
    if (line->erase) return gcxvm_erases(conf, line->erase) ? EXIT_ok : EXIT_replay;
    if (line->move_journal) return keeping_move(conf) ? EXIT_ok : EXIT_replay;
    if (line->assign || line->assigned) return assigned_run(conf, line->assign) ? EXIT_ok : EXIT_config;
    if (line->reconcile) return reconcile_list(conf, line->report) ? EXIT_ok : EXIT_replay;
    if (line->backup) return backup_make(conf, line->backup) ? EXIT_ok : EXIT_replay;
    if (line->restore) return backup_restore(conf, line->restore, line->all) ? EXIT_ok : EXIT_replay;
    if (line->snapshot || line->verify || line->prune || line->export)
        return gcxvm_keeps(conf, line) ? EXIT_ok : EXIT_replay;
    return -1;
}

/* Serves, or with --check or --upgrade-check says whether gcxvm could serve. All mistakes of the configuration are
 * reported before anything is opened. */
static int gcxvm_start(struct conf *conf, const struct command_line *line)
{
    if (line->follow && conf->journal[0] == '\0') {
        shown_print(stderr, "%s: --follow needs a journal that two machines reach: set `journal`\n", line->file);
        return EXIT_config;
    }
    if (line->level_given) conf->level = line->level;
    if (line->format_given) conf->log_format = line->format;
    conf->own_media = programs_own_media(conf);
    /* for another state folder plugins are not asked: a package checks it before it replaces them */
    bool plugins = !line->state;
    if (line->check && !line->upgrade_check) return check_site(conf) ? EXIT_ok : EXIT_config;
    if (!check_start(conf, plugins)) return EXIT_config;
    if (line->upgrade_check) return upgrade_check(conf) ? EXIT_ok : EXIT_replay;
    return gcxvm_serve(conf, line);
}

static int gcxvm_main(const struct command_line *line)
{
    struct stat found;
    if (line->verify && line->file && stat(line->file, &found) == 0 && S_ISDIR(found.st_mode))
        return keeping_verify_folder(line->file) ? EXIT_ok : EXIT_replay;
    char *of_backup = line->restore && !line->file ? backup_configuration(line->restore) : NULL;
    if (line->restore && !line->file && !of_backup) return EXIT_config;
    struct conf *conf = conf_read(of_backup ? of_backup : line->file, line->plugins, gcxvm_on_complaint, NULL);
    free(of_backup);
    if (!conf) return EXIT_config;
    if (line->state) gcxvm_state_take(conf, line->state);
    int result = gcxvm_offline(conf, line);
    if (result < 0) result = gcxvm_start(conf, line);
    conf_free(conf);
    return result;
}

int main(int argc, char **argv)
{
    struct command_line line = {0};
    /* in every process a write beyond the limit of a file's size fails, and does not kill it */
    signal(SIGXFSZ, SIG_IGN);
    bool limited = dumps_forbid(); /* no limit of memory for a sanitizer, which needs more than any */
    int result = gcxvm_line_read(&line, argc, argv);
    if (result < 0 && line.natives) result = natives_serve(line.natives, limited ? NATIVES_MEMORY : 0);
    if (result < 0) result = line.adapter ? adapter_main(&line, argv) : gcxvm_main(&line);
    for (size_t i = 0; i < line.set_count; i++) free(line.set_text[i]);
    return result;
}

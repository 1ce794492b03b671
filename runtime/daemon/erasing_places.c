/* runtime/daemon/erasing_places.c - Erases a person in the running gcxvm, by its admin socket, and in databases, by
 * the tools next to this program.
 *
 * A person is erased from several places, one after the other, and for each a line is printed with what was done and
 * what is left. The core is asked twice to forget the person and to make a snapshot, so that neither of the two
 * newest snapshots has the data. Each database is changed by the tool that writes it. */
#include "runtime/daemon/erasing_places.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/daemon/protocol/socket.h"
#include "runtime/daemon/service/lead.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/sql/sql.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "base/piped.h"
#include "base/shown.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/state_files.h"

enum { ANSWER_S = 120 };

/* ---- the core ---- */

/* The answer. NULL: the core has refused the request, or nobody answers. Takes the request over. */
static json_t *erasing_answer(FILE *stream, json_t *request, struct error *error)
{
    char *line = request ? json_dumps(request, JSON_COMPACT) : NULL, *answer = NULL;
    size_t size = 0;
    bool good = line && socket_send_line(fileno(stream), line) && getline(&answer, &size, stream) > 0;
    json_t *said = good ? json_loads(answer, 0, NULL) : NULL;
    const char *why = json_string_value(json_object_get(said, "error"));
    good = json_is_true(json_object_get(said, "ok"));
    if (!good) error_set(error, ERROR_STATE, "%.200s", why ? why : "gcxvm has not answered");
    if (!good) json_decref(said);
    json_decref(request);
    free(line);
    free(answer);
    return good ? said : NULL;
}

static bool erasing_asked(FILE *stream, json_t *request, struct error *error)
{
    json_t *answer = erasing_answer(stream, request, error);
    json_decref(answer);
    return answer != NULL;
}

/* Connects to the admin socket of the running gcxvm; NULL with the reason: nobody listens, or we are not let in. */
static FILE *erasing_connect(const struct conf *conf, struct error *error)
{
    int fd = socket_connect_within(conf->admin, ANSWER_S, error);
    FILE *stream = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (fd >= 0 && !stream) abort();
    return stream;
}

enum places_role places_role(const struct conf *conf)
{
    struct error ignored;
    FILE *stream = erasing_connect(conf, &ignored);
    if (!stream) return PLACES_NOBODY;
    json_t *answer = erasing_answer(stream, json_pack("{s:i,s:s}", "id", 1, "command", "cluster"), &ignored);
    const char *role = json_string_value(json_object_get(answer, "role"));
    bool follows = role && strcmp(role, lead_role_name(LEAD_FOLLOWER)) == 0;
    json_decref(answer);
    fclose(stream);
    return follows ? PLACES_FOLLOWS : PLACES_LEADS;
}

/* True: at least one interaction was forgotten. An interaction that the core does not know any more is no error. */
static bool erasing_places_forgets(FILE *stream, const uint64_t *ixns, uint32_t count)
{
    struct error ignored;
    char id[IXN_TEXT];
    uint32_t done = 0;
    for (uint32_t at = 0; at < count; at++) {
        ident_print_ixn(ixns[at], id);
        done += erasing_asked(stream, json_pack("{s:i,s:s,s:s}", "id", 1, "command", "forget", "ixn", id), &ignored);
    }
    return done > 0;
}

bool places_core(const struct conf *conf, const uint64_t *ixns, uint32_t count, struct error *error)
{
    FILE *stream = erasing_connect(conf, error);
    if (!stream) return false;
    bool good = true;
    /* Asks the core twice to forget and make a snapshot: so there are events between the two snapshots, and the data
     * is in neither. */
    for (unsigned cut = 0; cut < 2 && good; cut++) {
        erasing_places_forgets(stream, ixns, count);
        good = erasing_asked(stream, json_pack("{s:i,s:s}", "id", 1, "command", "snapshot"), error);
    }
    fclose(stream);
    return good;
}

/* ---- databases ---- */

/* Runs a tool from the folder of this program. `lines` are piped in for the arguments that are `-`. The person's number
 * is piped in and is not an argument, since other users of the machine can see the arguments of a process. */
static bool tool_runs(const char *const *arguments, const char *const *lines, size_t count)
{
    char path[PATH_MAX];
    int status = -1;
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 16);
    char *slash = length > 0 ? (path[length] = '\0', strrchr(path, '/')) : NULL;
    if (!slash) return false;
    snprintf(slash + 1, 16, "%s", arguments[0]);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        /* the tool's errors go to standard output, as a part of the report of the place */
        dup2(STDOUT_FILENO, STDERR_FILENO);
        if (piped_lines(lines, count)) execv(path, (char *const *)(uintptr_t)arguments);
        shown_print(stdout, "%s: %s\n", path, strerror(errno));
        fflush(stdout);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* True: an adapter earlier in the configuration has the same setting. */
static bool was_done(const struct conf *conf, size_t adapter, const char *key, const char *value)
{
    for (size_t i = 0; i < adapter; i++)
        for (size_t k = 0; k < conf->adapters[i].setting_count; k++)
            if (strcmp(conf->adapters[i].settings[k].key, key) == 0 &&
                strcmp(conf->adapters[i].settings[k].value, value) == 0)
                return true;
    return false;
}

static void erasing_place_print(const char *what, const char *target)
{
    shown_print(stdout, "%s %s: ", what, sql_names_sqlite(target) ? target : "of PostgreSQL");
    if (sql_names_postgres(target))
        puts(
            "left: its log (WAL), what replicas and archives have of it, and bytes in pages until they are used again");
}

static bool place_erase(const struct conf *conf, const struct conf_setting *setting, const char *person)
{
    bool lists = strcmp(setting->key, "lists") == 0;
    erasing_place_print(lists ? "calling lists" : "contact store", setting->value);
    const char *const of_store[] = {"gcxstore", "forget", "-", "-", NULL};
    const char *const of_lists[] = {"gcxlists", "forget", "-", "-", NULL};
    const char *const of_country[] = {"gcxlists", "--country", conf->country, "forget", "-", "-", NULL};
    return tool_runs(!lists             ? of_store
                     : conf->country[0] ? of_country
                                        : of_lists,
                     (const char *const[]){setting->value, person}, 2);
}

/* Goes on after a failure, and erases whatever can be erased. */
bool places_databases(const struct conf *conf, const char *person)
{
    bool good = true;
    for (size_t i = 0; i < conf->adapter_count; i++)
        for (size_t k = 0; k < conf->adapters[i].setting_count; k++) {
            const struct conf_setting *setting = &conf->adapters[i].settings[k];
            bool here = strcmp(setting->key, "lists") == 0 || strcmp(setting->key, "store") == 0;
            if (!here || !setting->value[0] || was_done(conf, i, setting->key, setting->value)) continue;
            good = place_erase(conf, setting, person) && good;
        }
    if (conf->records[0] == '\0') {
        puts("records: not looked at: `records` of the configuration does not name where gcxrecords writes");
        return good;
    }
    erasing_place_print("records", conf->records);
    const char *const of_records[] = {"gcxrecords", "--erase", "-", conf->file, "-", NULL};
    return tool_runs(of_records, (const char *const[]){person, conf->records}, 2) && good;
}

/* ---- call-backs ---- */

static const char *setting_of_adapter(const struct conf_adapter *adapter, const char *key)
{
    for (size_t i = 0; i < adapter->setting_count; i++)
        if (strcmp(adapter->settings[i].key, key) == 0) return adapter->settings[i].value;
    return "";
}

/* True: there is no file of callbacks from an earlier version; an adapter moves its content to the store at its
 * first start. */
static bool callbacks_file_gone(const char *state)
{
    char *path = memory_format("%s%s", state, state_endings.callbacks);
    bool gone = !*state || access(path, F_OK) != 0;
    if (!gone)
        shown_print(stdout, "left: call-backs %s: start gcxvm, which takes them over, and do the same again\n", path);
    free(path);
    return gone;
}

/* "": none are there. */
static const char *store_of_callbacks(const struct conf_adapter *adapter)
{
    return *setting_of_adapter(adapter, "callbacks") ? setting_of_adapter(adapter, "store") : "";
}

/* True: an adapter earlier in the configuration has its callbacks in the same contact store. */
static bool callbacks_were_done(const struct conf *conf, size_t adapter, const char *store)
{
    for (size_t i = 0; i < adapter; i++)
        if (strcmp(store_of_callbacks(&conf->adapters[i]), store) == 0) return true;
    return false;
}

/* A national number is taken as one of the site's country, whichever country a store was made with. */
bool places_callbacks(const struct conf *conf, const char *person)
{
    static const char *const withdraw[] = {"gcxstore", "withdraw", "-", "-", NULL};
    char number[PERSON_NUMBER];
    bool good = true, phone = person_number(span_of(person), conf->country[0] ? conf->country : NULL, number);
    for (size_t i = 0; i < conf->adapter_count; i++) {
        const char *store = store_of_callbacks(&conf->adapters[i]);
        if (!*store) continue;
        good = callbacks_file_gone(setting_of_adapter(&conf->adapters[i], "state")) && good;
        if (callbacks_were_done(conf, i, store)) continue;
        erasing_place_print("call-backs", store);
        good = tool_runs(withdraw, (const char *const[]){store, phone ? number : person}, 2) && good;
    }
    return good;
}

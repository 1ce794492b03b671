/* runtime/daemon/protocol/commands.c - Keeps the table of commands, and checks requests against it.
 *
 * The table has for each command who may use it, and which arguments it takes. A request is an object:
 *
 *     {"command": "campaign", "id": 7, "op": "start", "name": "spring", "why": "asked by phone"}
 *
 * Each of its members except `id` and `command` must be an argument of the command. An unknown member is an error: if a
 * misspelt option were ignored, the command would do something else than was wanted. */
#include "runtime/daemon/protocol/commands.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
#define COMMAND(id, name, role, kind, doc) {name, ROLE_##role, COMMAND_##kind, doc},
#include "runtime/daemon/protocol/commands.def"
};

enum { KEPT = false, SENT = true };
static const struct command_argument arguments[] = {
#define ARGUMENT(id, member, word, type, need, doc)                                                                    \
    {COMMAND_##id, #member, word, ARGUMENT_##type, NEED_##need, SENT, doc},
#define OPTION(id, member, word, type, where, doc)                                                                     \
    {COMMAND_##id, #member, word, ARGUMENT_##type, NEED_OPTION, where, doc},
#include "runtime/daemon/protocol/commands.def"
};
enum { ARGUMENTS = sizeof arguments / sizeof *arguments };

const struct command *command_at(enum command_id id)
{
    assert(id < COMMANDS);
    return &commands[id];
}

enum command_id command_id_named(const char *name)
{
    assert(name);
    size_t i = 0;
    while (i < COMMANDS && strcmp(commands[i].name, name) != 0) i++;
    return (enum command_id)i;
}

/* Returns an argument by its index among those of this command, although the arguments of all commands are in one
 * array. */
const struct command_argument *command_argument(enum command_id id, size_t index)
{
    assert(id < COMMANDS);
    for (size_t i = 0; i < ARGUMENTS; i++)
        if (arguments[i].of == id && index-- == 0) return &arguments[i];
    return NULL;
}

void command_option(const struct command_argument *row, char name[COMMAND_OPTION])
{
    assert(row && strlen(row->member) < COMMAND_OPTION);
    size_t i = 0;
    for (; row->member[i] != '\0'; i++) name[i] = row->member[i] == '_' ? '-' : row->member[i];
    name[i] = '\0';
}

/* Lists the commands that the role may send to the daemon; commands that gcxctl does by itself are left out. */
void command_names(enum role role, char *text, size_t size)
{
    assert(text && size > 0);
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < COMMANDS && at < size; i++)
        if (commands[i].kind != COMMAND_LOCAL && commands[i].role <= role)
            at += (size_t)snprintf(text + at, size - at, "%s%s", at > 0 ? ", " : "", commands[i].name);
}

/* True: the value has the type that its row says. Only limits of the protocol are checked: whether an agent or a
 * queue of that name exists, the core finds out. */
static bool value_check(const struct command_argument *row, const json_t *value, struct error *error)
{
    json_int_t number = json_integer_value(value);
    bool several = row->need == NEED_SOME || row->need == NEED_ANY || row->type == ARGUMENT_TEXTS;
    if (row->type == ARGUMENT_FLAG) {
        if (json_is_boolean(value)) return true;
        error_set(error, ERROR_INPUT, "`%s` is true or false", row->member);
    } else if (row->type == ARGUMENT_NUMBER) {
        if (json_is_integer(value) && number >= 0 && number <= COMMAND_NUMBER_MAX) return true;
        error_set(error, ERROR_INPUT, "`%s` is a number from 0 to %d", row->member, COMMAND_NUMBER_MAX);
    } else if (several) {
        bool good = json_is_array(value) && json_array_size(value) <= COMMAND_FILES_MAX;
        for (size_t i = 0; good && i < json_array_size(value); i++) good = json_is_string(json_array_get(value, i));
        if (good) return true;
        error_set(error, ERROR_INPUT, "`%s` is an array of at most %d texts", row->member, COMMAND_FILES_MAX);
    } else {
        if (json_is_string(value)) return true;
        error_set(error, ERROR_INPUT, "`%s` is a text", row->member);
    }
    return false;
}

/* Finds the row for a member of the request; an interaction is named by `ixn` or by `conn`. */
static const struct command_argument *command_argument_row(enum command_id id, const char *member)
{
    const struct command_argument *row;
    for (size_t i = 0; (row = command_argument(id, i)); i++) {
        if (!row->sent) continue;
        if (strcmp(row->member, member) == 0 || (row->type == ARGUMENT_IXN && strcmp(member, "conn") == 0)) return row;
    }
    return NULL;
}

/* An empty reason is none; one of blanks alone would look like one and say nothing. */
static bool why_check(const json_t *value, struct error *error)
{
    const char *text = json_string_value(value);
    if (!text || json_string_length(value) > COMMAND_WHY_MAX)
        return error_set(error, ERROR_INPUT, "`why` is a text of at most %d bytes", COMMAND_WHY_MAX);
    if (*text != '\0' && text[strspn(text, " \t\r\n")] == '\0')
        return error_set(error, ERROR_INPUT, "`why` says nothing: it has only blanks");
    return true;
}

/* Checks first that each member of the request has a row of the table, then that each mandatory row has its member.
 * Every act may have a reason; every request may have the person for whom it is asked. */
bool command_request_good(enum command_id id, const json_t *request, struct error *error)
{
    assert(id < COMMANDS && json_is_object(request));
    const struct command_argument *row;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)request, key, value)
    { /* the cast is for jansson, whose iterator takes no const object */
        if (strcmp(key, "id") == 0 || strcmp(key, "command") == 0) continue;
        if (strcmp(key, "why") == 0 && commands[id].kind == COMMAND_ACT) {
            if (why_check(value, error)) continue;
            return false;
        }
        if (strcmp(key, "person") == 0) {
            if (json_is_string(value) && *json_string_value(value) && json_string_length(value) <= COMMAND_PERSON_MAX)
                continue;
            return error_set(error, ERROR_INPUT, "`person` is a name, of at most %d bytes", COMMAND_PERSON_MAX);
        }
        row = command_argument_row(id, key);
        if (!row) return error_set(error, ERROR_INPUT, "%s does not take `%.40s`", commands[id].name, key);
        if (!value_check(row, value, error)) return false;
    }
    for (size_t i = 0; (row = command_argument(id, i)); i++) {
        if (row->need != NEED_ONE && row->need != NEED_SOME) continue;
        if (json_object_get(request, row->member)) continue;
        if (row->type == ARGUMENT_IXN && json_object_get(request, "conn")) continue;
        if (row->type == ARGUMENT_IXN)
            error_set(error, ERROR_INPUT,
                      "expected `ixn`, such as \"1-00000000002a\", or `conn`, 16 hexadecimal digits");
        else
            error_set(error, ERROR_INPUT, "%s needs `%s`", commands[id].name, row->member);
        return false;
    }
    return true;
}

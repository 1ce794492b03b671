/* runtime/daemon/protocol/commands.h - commands.def as data: the commands that a running gcxvm answers, their roles
 * and arguments.
 *
 * Two programs share the table: the admin socket checks requests against it, and gcxctl makes its parser, its help and
 * its completion from it. All constant. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/daemon/protocol/roles.h"
#include "base/error.h"

enum command_id {
#define COMMAND(id, name, role, kind, doc) COMMAND_##id,
#include "runtime/daemon/protocol/commands.def"
    COMMANDS,
};

enum command_kind { COMMAND_READ, COMMAND_ACT, COMMAND_LOCAL };
enum argument_type {
    ARGUMENT_FLAG,
    ARGUMENT_NUMBER,
    ARGUMENT_TEXT,
    ARGUMENT_TEXTS,
    ARGUMENT_IXN,
    ARGUMENT_FILE,
    ARGUMENT_AGENT,
    ARGUMENT_QUEUE,
    ARGUMENT_POINT,
    ARGUMENT_STRATEGY,
    ARGUMENT_SETTING,
    ARGUMENT_STATE,
    ARGUMENT_MEDIUM,
    ARGUMENT_IMAGE,
    ARGUMENT_ROOM,
    ARGUMENT_LEVEL,
    ARGUMENT_FORMAT,
    ARGUMENT_CAMPAIGN,
    ARGUMENT_CAMPAIGN_OP,
    ARGUMENT_CAMPAIGN_MODE,
};
enum argument_need { NEED_ONE, NEED_MAYBE, NEED_SOME, NEED_ANY, NEED_OPTION };

struct command_argument {
    enum command_id of;
    const char *member, *word;
    enum argument_type type;
    enum argument_need need; /* NEED_OPTION: --member */
    bool sent;               /* true: the argument is a member of the request */
    const char *doc;
};

struct command {
    const char *name;
    enum role role;
    enum command_kind kind;
    const char *doc;
};

enum { COMMAND_NUMBER_MAX = 1000000000, COMMAND_FILES_MAX = 100, COMMAND_WHY_MAX = 1000, COMMAND_PERSON_MAX = 64 };

const struct command *command_at(enum command_id);
/* Finds the command of this name; COMMANDS: there is none. */
enum command_id command_id_named(const char *name);
/* Returns the command's arguments in their order, then its options; NULL after the last. */
const struct command_argument *command_argument(enum command_id, size_t index);
enum { COMMAND_OPTION = 32 };
/* Writes the name of an option as it is typed behind `--`: its member with hyphens for underscores. */
void command_option(const struct command_argument *, char name[COMMAND_OPTION]);

/* Checks that a request has the members that commands.def demands. False with the mistake, and what is expected. */
bool command_request_good(enum command_id, const json_t *request, struct error *);
/* Lists the commands that `role` may give, as in a sentence: "version, status and load". */
void command_names(enum role, char *text, size_t size);

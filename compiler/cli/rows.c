/* compiler/cli/rows.c - The rows of commands.def as data. */
#include <string.h>

#include "compiler/cli/command.h"

enum {
#define OPTION(id, letter, name, word, type, doc) OPTION_##id,
#include "compiler/cli/commands.def"
    OPTIONS
};

enum {
#define COMMAND(id, arguments, need, doc) COMMAND_##id,
#include "compiler/cli/commands.def"
    COMMANDS
};

static const struct option_row options[] = {
#define OPTION(id, letter, name, word, type, doc) {letter, name, word, TYPE_##type, offsetof(struct options, id), doc},
#include "compiler/cli/commands.def"
};

static const struct command_row commands[] = {
#define COMMAND(id, arguments, need, doc) {#id, arguments, NEED_##need, doc, cli_##id},
#include "compiler/cli/commands.def"
};

static const struct {
    int command, option;
    const char *choices;
} takes[] = {
#define TAKES(command, option, choices) {COMMAND_##command, OPTION_##option, choices},
#include "compiler/cli/commands.def"
};

const struct option_row *option_row(size_t i)
{
    return i < OPTIONS ? &options[i] : NULL;
}

const struct command_row *command_row(size_t i)
{
    return i < COMMANDS ? &commands[i] : NULL;
}

const struct command_row *command_named(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

const char *command_takes(const struct command_row *command, const struct option_row *option)
{
    for (size_t i = 0; i < sizeof takes / sizeof *takes; i++)
        if (&commands[takes[i].command] == command && &options[takes[i].option] == option) return takes[i].choices;
    return NULL;
}

bool command_choice_has(const char *choices, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = choices; *at; at += strcspn(at, "|"), at += *at == '|')
        if (strcspn(at, "|") == length && strncmp(at, word, length) == 0) return true;
    return false;
}

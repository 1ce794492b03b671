/* runtime/lists/cli/main.c - gcxlists: reads the command line, and prints messages.
 *
 * The tables of commands and options, and the usage text, are made from commands.def and options.def. Core dumps are
 * forbidden first, because a command may contain a password or a customer's data. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/lists/cli/cli.h"
#include "base/dumps.h"
#include "base/memory.h"
#include "base/piped.h"
#include "base/shown.h"
#include "base/usage.h"

#define OPTIONS_DEF  "runtime/lists/cli/options.def"
#define OPTIONS_LINE struct lists_cli
#define EXITS_DEF    "runtime/lists/cli/exits.def"
#define COMMANDS_DEF "runtime/lists/cli/commands.def"
#include "base/usage_rows.h"

static enum cli_exit (*const runs[])(struct lists_cli *) = {
#define COMMAND(name, words, least, most, database, doc) lists_cli_##name,
#include COMMANDS_DEF
};

/* Reads a number above 0, and at most `most`. */
static bool lists_cli_number_read(int64_t *number, const char *text, uint64_t most)
{
    uint64_t value = 0;
    bool good = usage_number(text, most, &value);
    *number = (int64_t)value;
    return good && value > 0;
}

static const char *lists_cli_option(void *self, int option, const char *text)
{
    struct lists_cli *cli = self;
    if (option == OPTION_days)
        return lists_cli_number_read(&cli->days, text, 99999) ? NULL : "--days is a number above 0";
    if (option == OPTION_pause)
        return lists_cli_number_read(&cli->pause_s, text, 99999999) ? NULL : "--pause is a number of seconds above 0";
    cli->map = memory_grown(cli->map, cli->map_count + 1, sizeof *cli->map);
    cli->map[cli->map_count++] = text;
    return strchr(text, '=') ? NULL : "--map takes HEADER=TO";
}

static const struct usage usage = {
    .program = "gcxlists",
    .head = "Usage: gcxlists [OPTIONS] COMMAND DATABASE [WORDS]\n"
            "\n"
            "Takes records into calling lists and keeps them in order. DATABASE is sqlite:FILE, postgresql://..., or a "
            "connection string\nof libpq.\n\n",
    .options = usage_options,
    .commands = usage_commands,
    .exits = usage_exits,
    .own = true,
    .read = lists_cli_option,
};

/* If the database is away, or too slow, the exit code is another than for a refusal: a script may try again. */
enum cli_exit lists_cli_end(const struct lists_cli *cli, bool good)
{
    if (good) return CLI_ok;
    shown_print(stderr, "gcxlists: %s\n", cli->error.text);
    return cli->error.code == ERROR_UNAVAILABLE || cli->error.code == ERROR_TIMEOUT ? CLI_database : CLI_refused;
}

/* Output that could not be written makes the command fail, even if its work was done. */
static enum cli_exit lists_cli_run(struct lists_cli *cli, int count, char **words)
{
    const struct usage_command *command = usage_command(&usage, "database", count, words);
    if (!command) return CLI_usage;
    cli->words = words + 2;
    enum cli_exit (*run)(struct lists_cli *) = runs[command - usage_commands];
    if (run == lists_cli_forget && !piped_words(words + 1, (size_t)count - 1))
        return (enum cli_exit)usage_wrong(&usage, "a word that is - is a line of the standard input, which has ended");
    cli->lists = lists_open(words[1], !command->makes, &cli->error);
    if (!cli->lists) {
        shown_print(stderr, "gcxlists: %s\n", cli->error.text);
        return CLI_database;
    }
    enum cli_exit result = run(cli);
    lists_close(cli->lists);
    return usage_printed(&usage, "what was asked for") ? result : CLI_refused;
}

int main(int argc, char **argv)
{
    struct lists_cli cli = {.tenant = ""};
    int end;
    dumps_forbid();
    if (usage_read(&usage, &cli, argc, argv, &end)) end = (int)lists_cli_run(&cli, argc - optind, argv + optind);
    free(cli.map);
    return end;
}

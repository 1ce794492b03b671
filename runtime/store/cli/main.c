/* runtime/store/cli/main.c - gcxstore: reads the command line, and prints messages.
 *
 * The tables of commands and options, and the usage text, are made from commands.def and options.def. */
#include <assert.h>
#include <getopt.h>
#include <stdio.h>

#include "runtime/store/cli/cli.h"
#include "base/dumps.h"
#include "base/piped.h"
#include "base/shown.h"
#include "base/usage.h"

#define OPTIONS_DEF  "runtime/store/cli/options.def"
#define OPTIONS_LINE struct store_cli
#define EXITS_DEF    "runtime/store/cli/exits.def"
#define COMMANDS_DEF "runtime/store/cli/commands.def"
#include "base/usage_rows.h"

static enum cli_exit (*const runs[])(struct store_cli *) = {
#define COMMAND(name, words, least, most, store, doc) store_cli_##name,
#include COMMANDS_DEF
};

static const char *store_cli_option(void *self, int option, const char *text)
{
    struct store_cli *cli = self;
    uint64_t number;
    assert(option == OPTION_limit);
    (void)option;
    if (!usage_number(text, STORE_ROWS_MAX, &number) || number == 0) return "--limit is a number up to 1000";
    cli->limit = (unsigned)number;
    return NULL;
}

static const struct usage usage = {
    .program = "gcxstore",
    .head = "Usage: gcxstore [OPTIONS] COMMAND STORE [WORDS]\n"
            "\n"
            "Looks into the contact store and keeps it in order. STORE is sqlite:FILE, postgresql://..., or a "
            "connection string\nof libpq.\n\n",
    .options = usage_options,
    .commands = usage_commands,
    .exits = usage_exits,
    .own = true,
    .read = store_cli_option,
};

bool store_cli_number(struct store_cli *cli, int word, int64_t *number)
{
    uint64_t value;
    if (usage_number(cli->words[word], INT64_C(999999999999999999), &value) && value > 0) {
        *number = (int64_t)value;
        return true;
    }
    return error_set(&cli->error, ERROR_INPUT, "'%.60s' is no number above 0", cli->words[word]);
}

/* A number of another tenant counts as unknown: the answer must not tell that it exists. */
bool store_cli_owned(struct store_cli *cli, int word, enum store_of what, int64_t *number)
{
    return store_cli_number(cli, word, number) && store_owns(cli->store, cli->tenant, what, *number, &cli->error);
}

/* If the store is away the exit code is another than for a refusal, so that a script may try again. */
enum cli_exit store_cli_end(const struct store_cli *cli, bool good)
{
    if (good) return CLI_ok;
    shown_print(stderr, "gcxstore: %s\n", cli->error.text);
    return store_again(&cli->error) && cli->error.code != ERROR_STATE ? CLI_database : CLI_refused;
}

static enum cli_exit store_cli_run(struct store_cli *cli, int count, char **words)
{
    const struct usage_command *command = usage_command(&usage, "store", count, words);
    if (!command) return CLI_usage;
    cli->words = words + 2;
    cli->count = count - 2;
    enum cli_exit (*run)(struct store_cli *) = runs[command - usage_commands];
    if ((run == store_cli_forget || run == store_cli_withdraw) && !piped_words(words + 1, (size_t)count - 1))
        return (enum cli_exit)usage_wrong(&usage, "a word that is - is a line of the standard input, which has ended");
    cli->store = store_open(words[1], &(struct store_options){.there = !command->makes}, &cli->error);
    if (!cli->store) {
        shown_print(stderr, "gcxstore: %s\n", cli->error.text);
        return CLI_database;
    }
    enum cli_exit result = run(cli);
    store_close(cli->store);
    return usage_printed(&usage, "what was asked for") ? result : CLI_refused;
}

int main(int argc, char **argv)
{
    struct store_cli cli = {.tenant = ""};
    int end;
    dumps_forbid();
    return usage_read(&usage, &cli, argc, argv, &end) ? (int)store_cli_run(&cli, argc - optind, argv + optind) : end;
}

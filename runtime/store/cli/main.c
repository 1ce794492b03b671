/* runtime/store/cli/main.c - gcxstore: command line, messages. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/store/cli/cli.h"
#include "runtime/vocabulary/dumps.h"
#include "runtime/vocabulary/piped.h"
#include "runtime/vocabulary/shown.h"

enum {
    OPTION_FIRST = 1000, /* above every letter of getopt */
#define OPTION(id, name, word, doc) OPTION_##id,
#include "runtime/store/cli/options.def"
#undef OPTION
};

static const struct option options[] = {
#define OPTION(id, name, word, doc) {name, sizeof word > 1 ? required_argument : no_argument, NULL, OPTION_##id},
#include "runtime/store/cli/options.def"
#undef OPTION
    {0},
};

static const struct command {
    const char *name;
    int least, most;
    enum { MAKES, NEEDS } store;
    enum cli_exit (*run)(struct cli *);
} commands[] = {
#define COMMAND(name, words, least, most, store, doc) {#name, least, most, store, store_cli_##name},
#include "runtime/store/cli/commands.def"
#undef COMMAND
};

static void store_cli_help(void)
{
    puts("Usage: gcxstore [OPTIONS] COMMAND STORE [WORDS]\n"
         "\n"
         "Looks into the contact store and keeps it in order. STORE is sqlite:FILE, postgresql://..., or a connection "
         "string\nof libpq.\n");
#define COMMAND(name, words, least, most, store, doc) printf("  %-24s %s\n", *words ? #name " " words : #name, doc);
#include "runtime/store/cli/commands.def"
#undef COMMAND
    puts("");
#define OPTION(id, name, word, doc) printf("  --%-16s %s\n", word[0] ? name " " word : name, doc);
#include "runtime/store/cli/options.def"
#undef OPTION
    puts("\nExit codes:");
#define EXIT(name, number, doc) printf("  %d  %s\n", number, doc);
#include "runtime/store/cli/exits.def"
#undef EXIT
}

static enum cli_exit store_cli_usage(const char *text)
{
    shown_print(stderr, "gcxstore: %s; try gcxstore --help\n", text);
    return CLI_usage;
}

static enum cli_exit store_cli_lacks_value(int letter)
{
    char text[64] = "an option lacks its value";
    for (const struct option *option = options; option->name; option++)
        if (option->val == letter) snprintf(text, sizeof text, "--%s lacks its value", option->name);
    return store_cli_usage(text);
}

int64_t store_cli_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool store_cli_number_of(const char *text, int64_t *number)
{
    char *end;
    if (*text < '0' || *text > '9' || strlen(text) > 18) return false;
    *number = strtoll(text, &end, 10);
    return *end == '\0' && *number > 0;
}

bool store_cli_number(struct cli *cli, int word, int64_t *number)
{
    if (store_cli_number_of(cli->words[word], number)) return true;
    error_set(&cli->error, ERROR_INPUT, "'%.60s' is no number above 0", cli->words[word]);
    return false;
}

bool store_cli_owned(struct cli *cli, int word, enum store_of what, int64_t *number)
{
    return store_cli_number(cli, word, number) && store_owns(cli->store, cli->tenant, what, *number, &cli->error);
}

enum cli_exit store_cli_end(const struct cli *cli, bool good)
{
    if (good) return CLI_ok;
    shown_print(stderr, "gcxstore: %s\n", cli->error.text);
    return store_again(&cli->error) && cli->error.code != ERROR_STATE ? CLI_database : CLI_refused;
}

static enum cli_exit store_cli_run(struct cli *cli, const struct command *command, const char *target)
{
    cli->store = store_open(target, &(struct store_options){.there = command->store == NEEDS}, &cli->error);
    if (!cli->store) {
        shown_print(stderr, "gcxstore: %s\n", cli->error.text);
        return CLI_database;
    }
    enum cli_exit result = command->run(cli);
    store_close(cli->store);
    if (fflush(stdout) == 0 && !ferror(stdout)) return result;
    shown_print(stderr, "gcxstore: what was asked for cannot be written out\n");
    return CLI_refused;
}

static enum cli_exit store_cli_dispatch(struct cli *cli, int count, char **words)
{
    if (count < 2) return store_cli_usage("expected a command and a store");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct command *command = &commands[i];
        if (strcmp(words[0], command->name) != 0) continue;
        if (strcmp(command->name, "forget") == 0 && !piped_words(words + 1, (size_t)count - 1))
            return store_cli_usage("a word that is - is a line of the standard input, which has ended");
        cli->words = words + 2;
        cli->count = count - 2;
        if (cli->count < command->least || cli->count > command->most)
            return store_cli_usage("too few or too many words");
        return store_cli_run(cli, command, words[1]);
    }
    return store_cli_usage("there is no such command");
}

int main(int argc, char **argv)
{
    struct cli cli = {.tenant = ""};
    int64_t number = 0;
    int letter;
    dumps_forbid();
    opterr = 0; /* the sentences are ours */
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (letter) {
        case OPTION_tenant:
            cli.tenant = optarg;
            break;
        case OPTION_parts:
            cli.parts = optarg;
            break;
        case OPTION_yes:
            cli.yes = true;
            break;
        case OPTION_limit:
            if (!store_cli_number_of(optarg, &number) || number > STORE_ROWS_MAX)
                return (int)store_cli_usage("--limit is a number up to 1000");
            cli.limit = (unsigned)number;
            break;
        case OPTION_help:
            store_cli_help();
            return CLI_ok;
        case OPTION_version:
            puts("gcxstore " PACKAGE_VERSION);
            return CLI_ok;
        case ':':
            return (int)store_cli_lacks_value(optopt);
        default:
            return (int)store_cli_usage(
                "there is no such option; a word that begins with - stands behind --, which ends the options");
        }
    }
    return (int)store_cli_dispatch(&cli, argc - optind, argv + optind);
}

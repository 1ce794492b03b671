/* runtime/lists/cli/main.c - gcxlists: command line, messages. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/lists/cli/cli.h"
#include "runtime/vocabulary/dumps.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/piped.h"
#include "runtime/vocabulary/shown.h"

enum {
    OPTION_FIRST = 1000, /* above every letter of getopt */
#define OPTION(id, name, word, doc) OPTION_##id,
#include "runtime/lists/cli/options.def"
};

static const struct option options[] = {
#define OPTION(id, name, word, doc) {name, sizeof word > 1 ? required_argument : no_argument, NULL, OPTION_##id},
#include "runtime/lists/cli/options.def"
    {0},
};

static const struct command {
    const char *name;
    int least, most;
    enum { MAKES, NEEDS } database;
    enum cli_exit (*run)(struct cli *);
} commands[] = {
#define COMMAND(name, words, least, most, database, doc) {#name, least, most, database, lists_cli_##name},
#include "runtime/lists/cli/commands.def"
};

static void lists_cli_help(void)
{
    puts("Usage: gcxlists [OPTIONS] COMMAND DATABASE [WORDS]\n"
         "\n"
         "Takes records into calling lists and keeps them in order. DATABASE is sqlite:FILE, postgresql://..., or a "
         "connection string\nof libpq.\n");
#define COMMAND(name, words, least, most, database, doc) printf("  %-28s %s\n", *words ? #name " " words : #name, doc);
#include "runtime/lists/cli/commands.def"
    puts("");
#define OPTION(id, name, word, doc) printf("  --%-16s %s\n", word[0] ? name " " word : name, doc);
#include "runtime/lists/cli/options.def"
    puts("\nExit codes:");
#define EXIT(name, number, doc) printf("  %d  %s\n", number, doc);
#include "runtime/lists/cli/exits.def"
#undef EXIT
}

static enum cli_exit lists_cli_usage(const char *text)
{
    shown_print(stderr, "gcxlists: %s; try gcxlists --help\n", text);
    return CLI_usage;
}

static enum cli_exit lacks_value(int letter)
{
    char text[64] = "an option lacks its value";
    for (const struct option *option = options; option->name; option++)
        if (option->val == letter) snprintf(text, sizeof text, "--%s lacks its value", option->name);
    return lists_cli_usage(text);
}

int64_t lists_cli_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

enum cli_exit lists_cli_end(const struct cli *cli, bool good)
{
    if (good) return CLI_ok;
    shown_print(stderr, "gcxlists: %s\n", cli->error.text);
    return cli->error.code == ERROR_UNAVAILABLE || cli->error.code == ERROR_TIMEOUT ? CLI_database : CLI_refused;
}

static enum cli_exit lists_cli_run(struct cli *cli, const struct command *command, const char *target)
{
    cli->lists = lists_open(target, command->database == NEEDS, &cli->error);
    if (!cli->lists) {
        shown_print(stderr, "gcxlists: %s\n", cli->error.text);
        return CLI_database;
    }
    enum cli_exit result = command->run(cli);
    lists_close(cli->lists);
    if (fflush(stdout) == 0 && !ferror(stdout)) return result;
    shown_print(stderr, "gcxlists: what was asked for cannot be written out\n");
    return CLI_refused;
}

static enum cli_exit lists_cli_dispatch(struct cli *cli, int count, char **words)
{
    if (count < 2) return lists_cli_usage("expected a command and a database");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct command *command = &commands[i];
        if (strcmp(words[0], command->name) != 0) continue;
        if (strcmp(command->name, "forget") == 0 && !piped_words(words + 1, (size_t)count - 1))
            return lists_cli_usage("a word that is - is a line of the standard input, which has ended");
        cli->words = words + 2;
        if (count - 2 < command->least || count - 2 > command->most)
            return lists_cli_usage("too few or too many words");
        return lists_cli_run(cli, command, words[1]);
    }
    return lists_cli_usage("there is no such command");
}

/* A number above 0, of so many digits at most. */
static bool lists_cli_number_read(int64_t *number, const char *text, size_t digits)
{
    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > digits) return false;
    return (*number = atoi(text)) > 0;
}

/* The text that an option sets; NULL: its value is no text, or it has none. */
static const char **lists_cli_text(struct cli *cli, int letter)
{
    switch (letter) {
    case OPTION_tenant:
        return &cli->tenant;
    case OPTION_country:
        return &cli->form.country;
    case OPTION_zone:
        return &cli->form.zone;
    case OPTION_from:
        return &cli->form.day_from;
    case OPTION_till:
        return &cli->form.day_till;
    case OPTION_reason:
        return &cli->reason;
    default:
        return NULL;
    }
}

/* Whether the program goes on; else it ends so. */
static bool lists_cli_option_take(struct cli *cli, int letter, enum cli_exit *end)
{
    const char **text = lists_cli_text(cli, letter);
    *end = CLI_ok;
    if (text)
        *text = optarg;
    else if (letter == OPTION_map) {
        cli->map = memory_grown(cli->map, cli->map_count + 1, sizeof *cli->map);
        cli->map[cli->map_count++] = optarg;
        if (!strchr(optarg, '=')) *end = lists_cli_usage("--map takes HEADER=TO");
    } else if (letter == OPTION_days)
        *end = lists_cli_number_read(&cli->days, optarg, 5) ? CLI_ok : lists_cli_usage("--days is a number above 0");
    else if (letter == OPTION_pause)
        *end = lists_cli_number_read(&cli->pause_s, optarg, 8)
                   ? CLI_ok
                   : lists_cli_usage("--pause is a number of seconds above 0");
    else if (letter == OPTION_chain)
        cli->chain = true;
    else if (letter == OPTION_customer)
        cli->customer = true;
    else if (letter == OPTION_quiet)
        cli->quiet = true;
    else if (letter == OPTION_help || letter == OPTION_version) {
        letter == OPTION_help ? lists_cli_help() : (void)puts("gcxlists " PACKAGE_VERSION);
        return false;
    } else
        *end = letter == ':'
                   ? lacks_value(optopt)
                   : lists_cli_usage("there is no such option; a word that begins with - stands behind --, which ends "
                                     "the options");
    return *end == CLI_ok;
}

int main(int argc, char **argv)
{
    struct cli cli = {.tenant = "", .pause_s = 300};
    enum cli_exit end;
    int letter;
    bool goes_on = true;
    dumps_forbid();
    opterr = 0; /* the sentences are ours */
    while (goes_on && (letter = getopt_long(argc, argv, ":", options, NULL)) != -1)
        goes_on = lists_cli_option_take(&cli, letter, &end);
    if (goes_on) end = lists_cli_dispatch(&cli, argc - optind, argv + optind);
    free(cli.map);
    return (int)end;
}

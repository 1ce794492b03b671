/* compiler/cli/main.c - gcxc: reading the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/command.h"
#include "config.h"

static const char HELP[] =
    "usage: gcxc build FILE... -o X.gcxb   compile strategies into an image\n"
    "       gcxc check FILE...             only say what is wrong\n"
    "       gcxc dis X.gcxb                show what is in an image\n"
    "       gcxc test PATH...              play the tests in files, and in all .gcx files below folders\n"
    "       gcxc schema pull --source NAME --connect CONNINFO FILE...\n"
    "                                      store what PostgreSQL says of the source's statements\n"
    "\n"
    "  -o, --output FILE   where build writes the image, and schema pull the description (else: as the site says)\n"
    "  -s, --site FILE     the site; else the nearest site.gcx beside or above the first file\n"
    "  -f, --filter TEXT   only tests whose name contains TEXT\n"
    "      --seed N        the seed of tests that name none\n"
    "      --source NAME   the source of the site whose statements are asked for\n"
    "      --connect TEXT  how libpq connects, \"host=/run/postgresql dbname=crm\"; a password by PGPASSFILE\n"
    "  -v, --verbose       show the timeline also of tests that pass\n"
    "      --help, --version\n"
    "\n"
    "Exit status: 0 all is good, 1 there is something wrong in the sources or the input, 2 wrong use.\n";

enum { OPTION_SEED = 256, OPTION_SOURCE, OPTION_CONNECT, OPTION_HELP, OPTION_VERSION };

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"site", required_argument, NULL, 's'},
    {"filter", required_argument, NULL, 'f'},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"source", required_argument, NULL, OPTION_SOURCE},
    {"connect", required_argument, NULL, OPTION_CONNECT},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {0},
};

struct command {
    const char *name;
    enum exit_code (*run)(const struct options *);
    const char *options; /* the short ones it takes; OPTION_SEED goes with f, OPTION_SOURCE and OPTION_CONNECT with p */
};

static const struct command commands[] = {
    {"build", command_build, "os"},
    {"check", command_check, "s"},
    {"dis", command_dis, ""},
    {"schema", command_schema, "osp"},
    {"test", command_test, "sfv"},
};

static enum exit_code wrong(const char *what, const char *which)
{
    fprintf(stderr, "gcxc: %s%s%s%s; see gcxc --help\n", what, which ? " '" : "", which ? which : "", which ? "'" : "");
    return EXIT_USAGE;
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0';
}

/* Sets one option; false where the command does not take it or its value is none. */
static bool set_option(const struct command *command, int option, const char *value, struct options *options)
{
    int letter = option == OPTION_SEED                                  ? 'f'
                 : option == OPTION_SOURCE || option == OPTION_CONNECT ? 'p'
                                                                       : option;
    if (!strchr(command->options, letter)) return false;
    switch (option) {
    case 'o':
        options->output = value;
        return true;
    case 's':
        options->site = value;
        return true;
    case 'f':
        options->filter = value;
        return true;
    case 'v':
        options->verbose = true;
        return true;
    case OPTION_SOURCE:
        options->source = value;
        return true;
    case OPTION_CONNECT:
        options->connect = value;
        return true;
    case OPTION_SEED:
        return read_number(value, &options->seed);
    default:
        return false;
    }
}

static enum exit_code run(const struct command *command, int count, char **arguments)
{
    struct options options = {0};
    int option;
    while ((option = getopt_long(count, arguments, "o:s:f:v", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            fputs(HELP, stdout);
            return EXIT_GOOD;
        }
        if (option == '?') {
            fputs("see gcxc --help\n", stderr); /* getopt has said what is wrong */
            return EXIT_USAGE;
        }
        if (!set_option(command, option, optarg, &options))
            return wrong("this option, or its value, does not go with", command->name);
    }
    options.paths = (const char *const *)arguments + optind;
    options.path_count = (size_t)(count - optind);
    if (options.path_count == 0) return wrong("no file is named for", command->name);
    enum exit_code code = command->run(&options);
    if ((fflush(stdout) == 0 && !ferror(stdout)) || code != EXIT_GOOD) return code;
    fputs("gcxc: what was to be said could not be written\n", stderr);
    return EXIT_PROBLEMS;
}

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : NULL;
    if (!name) {
        fputs(HELP, stderr);
        return EXIT_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        fputs(HELP, stdout);
        return EXIT_GOOD;
    }
    if (strcmp(name, "--version") == 0) {
        puts("gcxc " PACKAGE_VERSION);
        return EXIT_GOOD;
    }
    arguments[1] = arguments[0]; /* whose name getopt begins with */
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, name) == 0) return (int)run(&commands[i], count - 1, arguments + 1);
    return (int)wrong("there is no command", name);
}

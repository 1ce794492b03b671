/* base/usage.h - The command line of a program: its options and commands as rows. They make its help,
 * read the line, and name what is wrong in it.
 *
 * Every program has --help and --version, which stand in no row. In gcxc and gcxctl the options depend on the command:
 * these two read their own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TEXT puts the value into its field as it is, FLAG sets its field, READ and TIME are what the program's `read` is
 * asked for. */
enum usage_kind { USAGE_TEXT, USAGE_FLAG, USAGE_READ, USAGE_TIME };

struct usage_option {
    const char *name, *word, *doc; /* `word`: its value; empty: it takes none. `doc` empty: help does not show it */
    enum usage_kind kind;
    size_t field; /* its offset in what the options are read into */
};

struct usage_command {
    const char *name, *words, *doc;
    int least, most; /* words behind the database */
    bool makes;      /* the database, where it is missing */
};

struct usage_exit {
    int number;
    const char *doc;
};

struct usage {
    const char *program, *head; /* help begins with `head` */
    const struct usage_option *options;
    const struct usage_command *commands; /* NULL: there are none */
    const struct usage_exit *exits;       /* NULL: all of the help is in `head` */
    void (*more)(void);                   /* prints what help says before the exits; NULL: nothing */
    const char *foot;                     /* NULL: nothing */
    bool own; /* about an option that is none only our sentence is said, and not getopt's before it */
    /* Reads the value of a row. NULL, or the sentence that says what it takes. */
    const char *(*read)(void *line, int option, const char *text);
};

/* Reads the options into `line`; `optind` of getopt is the first word behind them. False: the program ends with `*end`,
 * as all is said. */
bool usage_read(const struct usage *, void *line, int argc, char **argv, int *end);
/* The command that the words, COMMAND DATABASE..., name; NULL: told why there is none. `database`: how it is called. */
const struct usage_command *usage_command(const struct usage *, const char *database, int count, char **words);
/* Says what is wrong, and is the exit code for it. */
int usage_wrong(const struct usage *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Was all that was printed written, with no full disk or closed pipe? If not, says that `what` was not. */
bool usage_printed(const struct usage *, const char *what);
/* Reads a whole number in decimal digits. */
bool usage_number(const char *text, uint64_t most, uint64_t *number);

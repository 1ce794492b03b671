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
    size_t field; /* the offset of its field in the struct that the options are read into */
};

struct usage_command {
    const char *name, *words, *doc;
    int least, most; /* how many words may follow the database */
    bool makes;      /* the command makes the database where that is missing */
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
    /* Of an unknown option only our own sentence is printed, without getopt's before it. */
    bool own;
    /* Reads the value of an option. NULL: it is good; else the sentence that says what the option takes. */
    const char *(*read)(void *line, int option, const char *text);
};

/* Reads the options into `line`; `optind` of getopt is the first word behind them. False: the program ends with `*end`,
 * as all is said. */
bool usage_read(const struct usage *, void *line, int argc, char **argv, int *end);
/* The command that the words, COMMAND DATABASE..., name; NULL: told why there is none. `database`: how it is called. */
const struct usage_command *usage_command(const struct usage *, const char *database, int count, char **words);
/* Prints what is wrong with the command line, and returns the exit code for that. */
int usage_wrong(const struct usage *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Was all output of the program written, with no full disk or closed pipe? If not, prints that `what` was not. */
bool usage_printed(const struct usage *, const char *what);
/* Reads a whole number in decimal digits, `most` at the most; false: the text is none. */
bool usage_number(const char *text, uint64_t most, uint64_t *number);

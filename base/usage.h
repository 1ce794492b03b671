/* base/usage.h - The command line of a program: its options and commands as tables. From these tables the help is
 * printed, the command line parsed, and its mistakes reported.
 *
 * Every program has --help and --version, which are in no table. In gcxc and gcxctl the options depend on the
 * command: these two programs parse their own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TEXT stores the value in its field as it is, FLAG sets its field to true, READ and TIME call the program's `read`. */
enum usage_kind { USAGE_TEXT, USAGE_FLAG, USAGE_READ, USAGE_TIME };

struct usage_option {
    /* `word`: the name of its value in help; empty: it takes no value. `doc` empty: help does not show it */
    const char *name, *word, *doc;
    enum usage_kind kind;
    size_t field; /* offset of the option's field in the struct into which the options are read */
};

struct usage_command {
    const char *name, *words, *doc;
    int least, most; /* how many words may follow the database on the command line */
    bool makes;      /* the command creates the database if it is missing */
};

struct usage_exit {
    int number;
    const char *doc;
};

struct usage {
    const char *program, *head; /* help begins with `head` */
    const struct usage_option *options;
    const struct usage_command *commands; /* NULL: there are none */
    const struct usage_exit *exits;       /* the exit codes; NULL: all of the help is in `head` */
    void (*more)(void);                   /* prints further help before the exit codes; NULL: there is none */
    const char *foot;                     /* NULL: nothing */
    /* For an unknown option only our own sentence is printed, not that of getopt. */
    bool own;
    /* Stores the value of an option. Returns NULL if it is good, else the sentence that says what the option takes. */
    const char *(*read)(void *line, int option, const char *text);
};

/* Reads the options into `line`; afterwards `optind` of getopt is the index of the first word after them. False: the
 * program ends with the exit code `*end`, and its messages are already printed. */
bool usage_read(const struct usage *, void *line, int argc, char **argv, int *end);
/* Returns the command that the words COMMAND DATABASE... begin with; NULL: they name no command, and the reason was
 * printed. `database`: the word for the database in that message. */
const struct usage_command *usage_command(const struct usage *, const char *database, int count, char **words);
/* Prints what is wrong with the command line, and returns the exit code for wrong use. */
int usage_wrong(const struct usage *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Was all output of the program written, with no full disk or closed pipe? If not, prints an error that `what` was
 * not written. */
bool usage_printed(const struct usage *, const char *what);
/* Reads a whole number in decimal digits, at most `most`; false: the text is no such number. */
bool usage_number(const char *text, uint64_t most, uint64_t *number);

/* compiler/cli/command.h - The commands of gcxc: their options as main.c passes them, and their exit codes.
 *
 * commands.def lists the commands and their options. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_code { EXIT_GOOD = 0, EXIT_PROBLEMS = 1, EXIT_USAGE = 2 };

enum { OPTION_TEXTS = 64 };

#define MEMBER_FLAG(id)   bool id;
#define MEMBER_NUMBER(id) uint64_t id;
#define MEMBER_COUNT(id)  uint64_t id;    /* 0 where the option is not given */
#define MEMBER_TEXT(id)   const char *id; /* NULL where the option is not given */
#define MEMBER_FILE(id)   const char *id;
#define MEMBER_CHOICE(id) const char *id; /* one of the command's choices, the first where the option is not given */
#define MEMBER_LIST(id)   struct option_texts id;
struct option_texts { /* the texts of an option, in the order of the command line */
    const char *of[OPTION_TEXTS];
    size_t count;
};
struct options {
    const char *const *paths;
    size_t path_count;
#define OPTION(id, letter, name, word, type, doc) MEMBER_##type(id)
#include "compiler/cli/commands.def"
};

#define COMMAND(id, arguments, need, doc) enum exit_code cli_##id(const struct options *);
#include "compiler/cli/commands.def"

/* The rows of commands.def, as help and completion read them. */
enum option_type { TYPE_FLAG, TYPE_NUMBER, TYPE_COUNT, TYPE_TEXT, TYPE_FILE, TYPE_CHOICE, TYPE_LIST };
enum argument_need { NEED_FILES, NEED_MAYBE_FILES, NEED_CODES, NEED_NOTHING };

struct option_row {
    int letter;
    const char *name, *word;
    enum option_type type;
    size_t offset; /* in struct options */
    const char *doc;
};

struct command_row {
    const char *name, *arguments;
    enum argument_need need;
    const char *doc;
    enum exit_code (*run)(const struct options *);
};

enum {
    OPTION_ROWS = 0 /* how many rows of options there are */
#define OPTION(...) +1
#include "compiler/cli/commands.def"
};

/* rows.c: the i-th row; NULL after the last one. */
const struct option_row *option_row(size_t i);
const struct command_row *command_row(size_t i);
const struct command_row *command_named(const char *name); /* NULL: none */
/* Returns the choices of an option for this command, "" where the option has none; NULL where the command has no
 * such option. */
const char *command_takes(const struct command_row *, const struct option_row *);
/* Is `word` one of the choices "a|b|c"? */
bool command_choice_has(const char *choices, const char *word);

/* help.c: prints the help of gcxc (NULL), or of one command. */
void help_print(const struct command_row *);
/* gcxc --complete WORD...: prints the words that could replace the last one, one per line, each followed by a tab
 * and its description. */
void help_complete(int count, char **words);

/* offers.c, for completion: print the possible last words, or the values of an option. False where names of files
 * are possible as well. */
bool offer_arguments(const char *command, int count, char **words);
void offer_value(const char *option, int count, char **words);

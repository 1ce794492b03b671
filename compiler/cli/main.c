/* compiler/cli/main.c - gcxc: reads the command line by the rows of commands.def.
 *
 *     gcxc build -o x.gcxb a.gcx
 *          |     |         paths: what getopt leaves
 *          |     set_option(): the row's type says how it is read, its offset where it goes in struct options
 *          command_named(): the row of the command
 *
 * This file knows no option by its name. A new row is parsed, shown in the help and completed without a change in
 * this file. Exit status: that of the command; 2 for wrong use; 1 where the output could not be written, because a
 * full disk must not look like success. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "compiler/cli/command.h"
#include "config.h"
#include "base/shown.h"

enum { OPTION_FIRST = 256, OPTION_HELP = OPTION_FIRST + OPTION_ROWS };

struct reader { /* the rows in the form that getopt_long() needs */
    struct option long_options[OPTION_ROWS + 2];
    char letters[2 * OPTION_ROWS + 1];
};

/* Two commands may use one name for different options: then the command's own row is taken. */
static bool option_is_hidden(const struct command_row *command, const struct option_row *row)
{
    const struct option_row *other;
    if (command_takes(command, row)) return false;
    for (size_t i = 0; (other = option_row(i)); i++)
        if (strcmp(other->name, row->name) == 0 && command_takes(command, other)) return true;
    return false;
}

/* Options of other commands are parsed, too, so that set_option() can report that the option does not belong to this
 * command. */
static struct reader reader_make(const struct command_row *command)
{
    struct reader reader = {0};
    const struct option_row *row;
    size_t count = 0, letters = 0;
    for (size_t i = 0; (row = option_row(i)); i++) {
        if (option_is_hidden(command, row)) continue;
        bool value = row->type != TYPE_FLAG;
        reader.long_options[count++] = (struct option){row->name, value, NULL, OPTION_FIRST + (int)i};
        if (!row->letter) continue;
        reader.letters[letters++] = (char)row->letter;
        if (value) reader.letters[letters++] = ':';
    }
    reader.long_options[count] = (struct option){"help", no_argument, NULL, OPTION_HELP};
    return reader;
}

/* Returns the row of the option that getopt_long() found. */
static const struct option_row *main_option_row(int found)
{
    if (found >= OPTION_FIRST) return option_row((size_t)(found - OPTION_FIRST));
    for (size_t i = 0; option_row(i); i++)
        if (option_row(i)->letter == found) return option_row(i);
    abort(); /* the option letters in the rows */
}

/* Prints what is wrong with the command line; returns false. */
static bool wrong_usage(const struct command_row *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool wrong_usage(const struct command_row *command, const char *format, ...)
{
    va_list arguments;
    fputs("gcxc: ", stderr);
    va_start(arguments, format);
    shown_vprint(stderr, format, arguments);
    va_end(arguments);
    return shown_refuse("; see gcxc %s --help\n", command->name);
}

static enum exit_code no_command(const char *name)
{
    const struct command_row *row, *near = NULL;
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; (row = command_row(i)); i++)
        if (near_is_nearer(name, row->name, &least)) near = row;
    shown_print(stderr, "gcxc: there is no command '%s'", name);
    if (near)
        shown_print(stderr, "; did you mean '%s'?\n", near->name);
    else
        fputs("; see gcxc --help\n", stderr);
    return EXIT_USAGE;
}

/* Reads a number: it must begin with a digit and end with the text, since strtoull() would allow signs and blanks. */
static bool option_read_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0';
}

/* Sets one option; false, with the reason printed, where the command does not have the option or its value is wrong. */
static bool set_option(const struct command_row *command, const struct option_row *row, const char *value,
                       struct options *options)
{
    const char *choices = command_takes(command, row);
    if (!choices) return wrong_usage(command, "--%s does not go with '%s'", row->name, command->name);
    void *member = (char *)options + row->offset;
    switch (row->type) {
    case TYPE_FLAG:
        *(bool *)member = true;
        return true;
    case TYPE_NUMBER:
        return option_read_number(value, member) ||
               wrong_usage(command, "--%s takes a number, not '%s'", row->name, value);
    case TYPE_COUNT:
        return (option_read_number(value, member) && *(const uint64_t *)member > 0) ||
               wrong_usage(command, "--%s takes a number of 1 or more, not '%s'", row->name, value);
    case TYPE_CHOICE:
        if (!command_choice_has(choices, value))
            return wrong_usage(command, "--%s is one of %s, not '%s'", row->name, choices, value);
        break;
    case TYPE_LIST: {
        struct option_texts *texts = member;
        if (texts->count == OPTION_TEXTS)
            return wrong_usage(command, "--%s may be said %d times", row->name, OPTION_TEXTS);
        texts->of[texts->count++] = value;
        return true;
    }
    default:
        break;
    }
    *(const char **)member = value;
    return true;
}

/* Sets each choice that was not given to the first of its words, which is stored in `first`. */
static void set_defaults(const struct command_row *command, struct options *options, char (*first)[32])
{
    const struct option_row *row;
    for (size_t i = 0; (row = option_row(i)); i++) {
        const char *choices = row->type == TYPE_CHOICE ? command_takes(command, row) : NULL;
        if (!choices) continue;
        snprintf(first[i], sizeof first[i], "%.*s", (int)strcspn(choices, "|"), choices);
        *(const char **)(void *)((char *)options + row->offset) = first[i];
    }
}

/* `first` must stay valid as long as the options: the defaults of choices point into it. */
static enum exit_code run_command(const struct command_row *command, int count, char **arguments)
{
    struct reader reader = reader_make(command);
    struct options options = {0};
    char first[OPTION_ROWS][32];
    int found;
    set_defaults(command, &options, first);
    while ((found = getopt_long(count, arguments, reader.letters, reader.long_options, NULL)) != -1) {
        if (found == OPTION_HELP) {
            help_print(command);
            return EXIT_GOOD;
        }
        if (found == '?') {
            shown_print(stderr, "see gcxc %s --help\n", command->name); /* getopt_long() has printed the mistake */
            return EXIT_USAGE;
        }
        if (!set_option(command, main_option_row(found), optarg, &options)) return EXIT_USAGE;
    }
    options.paths = (const char *const *)arguments + optind;
    options.path_count = (size_t)(count - optind);
    bool good = options.path_count > 0
                    ? command->need != NEED_NOTHING || wrong_usage(command, "no argument goes with '%s'", command->name)
                    : command->need != NEED_FILES || wrong_usage(command, "no file is named for '%s'", command->name);
    return good ? command->run(&options) : EXIT_USAGE;
}

/* Returns the exit status; output that could not be written is an error. */
static int exit_after_output(enum exit_code code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return (int)code;
    fputs("gcxc: the output could not be written\n", stderr);
    return code == EXIT_GOOD ? EXIT_PROBLEMS : (int)code;
}

/* gcxc help, gcxc help COMMAND */
static enum exit_code main_help(int count, char **arguments)
{
    const struct command_row *command = count > 0 ? command_named(arguments[0]) : NULL;
    if (count > 1) fputs("gcxc: help takes one command\n", stderr);
    if (count > 1) return EXIT_USAGE;
    if (count == 1 && !command) return no_command(arguments[0]);
    help_print(command);
    return EXIT_GOOD;
}

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : NULL;
    signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit on a file's size then fails with EFBIG, is reported, and its
                                 draft is removed */
    if (!name) {
        fputs("usage: gcxc COMMAND [OPTION]... [ARGUMENT]...; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        help_print(NULL);
        return exit_after_output(EXIT_GOOD);
    }
    if (strcmp(name, "help") == 0) return exit_after_output(main_help(count - 2, arguments + 2));
    if (strcmp(name, "--version") == 0) {
        puts("gcxc " PACKAGE_VERSION);
        return exit_after_output(EXIT_GOOD);
    }
    if (strcmp(name, "--complete") == 0) { /* called by the completion of shells */
        help_complete(count - 2, arguments + 2);
        return EXIT_GOOD;
    }
    const struct command_row *command = command_named(name);
    arguments[1] = arguments[0]; /* getopt_long() prints this name before its messages */
    return exit_after_output(command ? run_command(command, count - 1, arguments + 1) : no_command(name));
}

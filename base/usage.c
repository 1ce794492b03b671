/* base/usage.c - Prints help, and parses options and commands of a program.
 *
 * A program describes each option by a row, `struct usage_option`, with the offset of its field in the program's own
 * struct. Parsing, help and completion all use these rows, so none of them can know an option that the others do not
 * know.
 *
 *     --seed 7   ->   row seed, kind USAGE_TEXT: the pointer goes into the field
 *                     kind USAGE_FLAG: true
 *                     any other kind: usage->read() stores the value; it returns the fault as a sentence, or NULL
 */
#include "config.h"
#include "base/usage.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"

enum { USAGE_WRONG = 2, OPTIONS_MAX = 64, OPTION_FIRST = 256, LETTER_HELP, LETTER_VERSION, LETTER_ROWS };

int usage_wrong(const struct usage *usage, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s: ", usage->program);
    va_start(arguments, format);
    shown_vprint(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; try %s --help\n", usage->program);
    return USAGE_WRONG;
}

bool usage_printed(const struct usage *usage, const char *what)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return true;
    return shown_refuse("%s: %s cannot be written out\n", usage->program, what);
}

bool usage_number(const char *text, uint64_t most, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *number <= most;
}

static void usage_option(const char *name, const char *word, const char *doc)
{
    char text[64];
    snprintf(text, sizeof text, "--%s%s%s", name, *word ? " " : "", word);
    printf("  %-18s %s\n", text, doc);
}

static void print_command(const struct usage_command *row)
{
    char text[64];
    snprintf(text, sizeof text, "%s%s%s", row->name, *row->words ? " " : "", row->words);
    printf("  %-28s %s\n", text, row->doc);
}

static void usage_help(const struct usage *usage)
{
    char version[64];
    fputs(usage->head, stdout);
    if (!usage->exits) return;
    for (const struct usage_command *row = usage->commands; row && row->name; row++) print_command(row);
    if (usage->commands) puts("");
    for (const struct usage_option *row = usage->options; row->name; row++)
        if (*row->doc) usage_option(row->name, row->word, row->doc);
    usage_option("help", "", "this text");
    snprintf(version, sizeof version, "the version of this %s", usage->program);
    usage_option("version", "", version);
    if (usage->more) usage->more();
    puts("\nExit codes:");
    for (const struct usage_exit *row = usage->exits; row->doc; row++) printf("  %d  %s\n", row->number, row->doc);
    if (usage->foot) puts(usage->foot);
}

/* Stores the value of one option in its field. Returns NULL, or the sentence that says what the option takes. */
static const char *usage_take(const struct usage *usage, void *line, int option, const char *text)
{
    const struct usage_option *row = &usage->options[option];
    char *field = (char *)line + row->field;
    if (row->kind == USAGE_TEXT)
        memcpy(field, &text, sizeof text);
    else if (row->kind == USAGE_FLAG)
        *(bool *)field = true;
    else
        return usage->read(line, option, text);
    return NULL;
}

/* Handles a letter from getopt that is in no row. */
static int not_taken(const struct usage *usage, int letter)
{
    if (letter == LETTER_HELP)
        usage_help(usage);
    else if (letter == LETTER_VERSION)
        printf("%s " PACKAGE_VERSION "\n", usage->program);
    else if (letter == ':')
        return usage_wrong(usage, "--%s lacks its value", usage->options[optopt - LETTER_ROWS].name);
    else if (usage->own)
        return usage_wrong(usage, "there is no such option; a word that begins with - stands behind --, which ends the "
                                  "options");
    else
        return usage_wrong(usage, "unknown option");
    return 0;
}

/* Reads the command line; false: the program ends with the exit code `*end`, which is 0 after --help and --version. */
bool usage_read(const struct usage *usage, void *line, int argc, char **argv, int *end)
{
    struct option options[OPTIONS_MAX + 3] = {{"help", no_argument, NULL, LETTER_HELP},
                                              {"version", no_argument, NULL, LETTER_VERSION}};
    int letter;
    for (int i = 0; usage->options[i].name; i++) {
        assert(i < OPTIONS_MAX);
        const struct usage_option *row = &usage->options[i];
        options[i + 2] =
            (struct option){row->name, *row->word ? required_argument : no_argument, NULL, LETTER_ROWS + i};
    }
    opterr = !usage->own;
    while ((letter = getopt_long(argc, argv, usage->own ? ":" : "", options, NULL)) != -1) {
        if (letter < LETTER_ROWS) {
            *end = not_taken(usage, letter);
            return false;
        }
        const char *wrong = usage_take(usage, line, letter - LETTER_ROWS, optarg);
        if (!wrong) continue;
        *end = usage_wrong(usage, "%s", wrong);
        return false;
    }
    return true;
}

const struct usage_command *usage_command(const struct usage *usage, const char *database, int count, char **words)
{
    if (count < 2) usage_wrong(usage, "expected a command and a %s", database);
    if (count < 2) return NULL;
    for (const struct usage_command *row = usage->commands; row->name; row++) {
        if (strcmp(words[0], row->name) != 0) continue;
        if (count - 2 >= row->least && count - 2 <= row->most) return row;
        usage_wrong(usage, "too few or too many words");
        return NULL;
    }
    usage_wrong(usage, "there is no such command");
    return NULL;
}

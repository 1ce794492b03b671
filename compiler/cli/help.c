/* compiler/cli/help.c - Help and completion, from the rows of commands.def.
 *
 * All that a user may type is a row of a table: help, completion and the parser of options (main.c) read the same
 * rows, so no option can be missing in one of them. Completion also offers names of programs, which offers.c finds. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/base/explain.h"
#include "compiler/cli/command.h"

enum { COLUMN = 26, HELP_WIDTH = 110 };

/* Prints words in lines that begin at a column; the cursor is at that column already. */
static void help_print_wrapped(const char *text, int column, int width)
{
    int at = column;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (at > column && at + length > width) {
            printf("\n%*s", column, "");
            at = column;
        } else if (at > column) {
            putchar(' ');
            at++;
        }
        printf("%.*s", length, text);
        at += length;
        text += length;
        text += *text == ' ';
    }
    putchar('\n');
}

static void help_print_row(const char *head, const char *doc)
{
    int length = printf("  %s", head);
    if (length >= COLUMN - 1) {
        putchar('\n');
        length = 0;
    }
    printf("%*s", COLUMN - length, "");
    help_print_wrapped(doc, COLUMN, HELP_WIDTH);
}

/* Sets `doc` to an option's description. A description like "where it goes: build's image; doc's folder" has a part per
 * command, and the help of a command shows only its own part. */
static void doc_of(char *doc, size_t size, const struct option_row *option, const struct command_row *command)
{
    const char *colon = command ? strstr(option->doc, ": ") : NULL;
    for (const char *part = colon ? colon + 2 : NULL; part; part = strstr(part, "; ") ? strstr(part, "; ") + 2 : NULL) {
        if (strncmp(part, command->name, strlen(command->name)) != 0) continue;
        const char *end = strstr(part, "; ");
        snprintf(doc, size, "%.*s%.*s", (int)(colon + 2 - option->doc), option->doc,
                 end ? (int)(end - part) : (int)strlen(part), part);
        return;
    }
    snprintf(doc, size, "%s", option->doc);
}

static void print_option(const struct option_row *option, const struct command_row *command, const char *choices)
{
    char head[128], whole[512], doc[640];
    doc_of(whole, sizeof whole, option, command);
    char letter[8] = "    ";
    if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(head, sizeof head, "%s--%s%s%s", letter, option->name, *option->word ? " " : "", option->word);
    snprintf(doc, sizeof doc, "%s%s%s", whole, choices && *choices ? ": " : "", choices ? choices : "");
    help_print_row(head, doc);
}

void help_print(const struct command_row *command)
{
    const struct option_row *option;
    if (command) {
        printf("usage: gcxc %s [OPTION]...%s%s\n\n", command->name, *command->arguments ? " " : "", command->arguments);
        printf("  %c", command->doc[0] - 'a' + 'A');
        help_print_wrapped(command->doc + 1, 2, HELP_WIDTH);
        putchar('\n');
    } else {
        fputs("usage: gcxc COMMAND [OPTION]... [ARGUMENT]...\n\n", stdout);
        for (size_t i = 0; command_row(i); i++) {
            char head[128];
            snprintf(head, sizeof head, "%s %s", command_row(i)->name, command_row(i)->arguments);
            help_print_row(head, command_row(i)->doc);
        }
        putchar('\n');
    }
    for (size_t i = 0; (option = option_row(i)); i++) {
        const char *choices = command ? command_takes(command, option) : "";
        if (choices) print_option(option, command, choices);
    }
    if (!command) fputs("  --help, --version; gcxc COMMAND --help says what a command takes\n", stdout);
    if (!command || strstr(command->arguments, "PATH"))
        fputs("\nA PATH is a file, or a folder, which stands for all .gcx files below it.\n", stdout);
    fputs("\nExit status: 0 all is good, 1 there is something wrong in the sources or the input, 2 wrong use.\n",
          stdout);
}

static void help_offer_word(const char *begun, const char *prefix, const char *word, size_t length, const char *doc)
{
    char whole[96];
    int size = snprintf(whole, sizeof whole, "%s%.*s", prefix, (int)length, word);
    if (size > 0 && strncmp(whole, begun, strlen(begun)) == 0) printf("%s\t%s\n", whole, doc);
}

static void offer_choices(const char *choices, const char *begun)
{
    for (const char *at = choices; *at; at += strcspn(at, "|"), at += *at == '|')
        help_offer_word(begun, "", at, strcspn(at, "|"), "");
}

static void offer_codes(const char *begun)
{
    struct arena *arena = arena_new();
    for (int i = 0; i < DIAG_CODES; i++) {
        const char *code = diag_code_text((enum diag_code)i);
        help_offer_word(begun, "", code, strlen(code), explain_title(arena, (enum diag_code)i));
    }
    arena_free(arena);
}

/* Returns the option that `word` names and whose value is the next word, or NULL. */
static const struct option_row *help_option(const char *word)
{
    const struct option_row *option;
    for (size_t i = 0; (option = option_row(i)); i++) {
        bool is_long = strncmp(word, "--", 2) == 0 && strcmp(word + 2, option->name) == 0;
        bool is_short = option->letter && word[0] == '-' && word[1] == option->letter && !word[2];
        if (is_long || is_short) return option->type == TYPE_FLAG ? NULL : option;
    }
    return NULL;
}

/* Prints lines for the completion of shells: a word, a tab, its description; ":files" means names of files. */
void help_complete(int count, char **words)
{
    const char *last = count > 0 ? words[count - 1] : "";
    const struct command_row *command = count > 1 ? command_named(words[0]) : NULL;
    const struct option_row *option = command && count > 2 ? help_option(words[count - 2]) : NULL;
    if (count <= 1) {
        for (size_t i = 0; command_row(i); i++)
            help_offer_word(last, "", command_row(i)->name, strlen(command_row(i)->name), command_row(i)->doc);
        help_offer_word(last, "", "--help", 6, "what gcxc can do");
        help_offer_word(last, "", "--version", 9, "which one this is");
        return;
    }
    if (!command) return;
    if (option) {
        const char *choices = command_takes(command, option);
        if (option->type == TYPE_FILE) puts(":files");
        if (choices) offer_choices(choices, last);
        if (choices) offer_value(option->name, count, words);
        return;
    }
    if (last[0] == '-') {
        for (size_t i = 0; (option = option_row(i)); i++)
            if (command_takes(command, option))
                help_offer_word(last, "--", option->name, strlen(option->name), option->doc);
        help_offer_word(last, "", "--help", 6, "what the command takes");
        return;
    }
    if (offer_arguments(command->name, count, words)) return;
    if (strcmp(command->name, "schema") == 0 && count == 2)
        help_offer_word(last, "", "pull", 4, "ask PostgreSQL");
    else if (command->need == NEED_CODES)
        offer_codes(last);
    else if (command->need == NEED_NOTHING)
        return;
    else
        puts(":files");
}

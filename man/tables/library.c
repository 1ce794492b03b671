/* man/tables/library.c - Prints the modules of the standard library, from the comments in them. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The documentation comment read last, and the text of the declaration it belongs to: a function up to its body, a
 * type as a whole. */
struct declared {
    char doc[1024], head[512];
    bool heading, open; /* only the module's own documentation was read yet; `head` is not complete */
};

/* Appends a line to the words, with a blank between them. Text that does not fit is cut: a declaration has 512
 * bytes. */
static void more(char *words, size_t room, const char *line, size_t length)
{
    size_t used = strlen(words);
    snprintf(words + used, room - used, "%s%.*s", used > 0 ? " " : "", (int)length, line);
}

static bool line_begins_with(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

static void put_library_declaration(struct declared *d, const char *line, size_t length)
{
    while (d->open && length > 0 && *line == ' ') line++, length--;
    more(d->head, sizeof d->head, line, length);
    char last = d->head[strlen(d->head) - 1];
    d->open = last != '{' && last != '}' && last != ';';
    if (d->open) return;
    if (last == ';') d->head[strlen(d->head) - 1] = '\0';
    if (last == '{') d->head[strlen(d->head) - 2] = '\0';
    printf(".It Li \"%s\\&\"\n", d->head); /* the declaration is printed on one line, however long it is */
    text(d->doc);
    putchar('\n');
    *d->head = *d->doc = '\0';
}

/* Reads one line of a module; documentation belongs to the declaration that follows it. Any other line between them,
 * even an empty one, discards the documentation. */
static void library_line(struct declared *d, const char *line, size_t length)
{
    if (line_begins_with(line, "    ///") || line_begins_with(line, "    statistic "))
        line += 4, length -= 4; /* of the module's site */
    if (line_begins_with(line, "/// ")) {
        more(d->doc, sizeof d->doc, line + 4, length - 4);
        return;
    }
    if (d->heading) {
        text(d->doc);
        puts("\n.Bl -tag -width Ds -compact");
        *d->doc = '\0';
        d->heading = false;
    }
    if (d->open || line_begins_with(line, "function ") || line_begins_with(line, "subroutine ") ||
        line_begins_with(line, "enum ") || line_begins_with(line, "record ") || line_begins_with(line, "statistic "))
        put_library_declaration(d, line, length);
    else
        *d->doc = '\0';
}

static void put_library_module(const char *name, const char *source)
{
    struct declared d = {.heading = true};
    printf(".Ss import %s\n", name);
    for (const char *line = source; *line;) {
        size_t length = strcspn(line, "\n");
        library_line(&d, line, length);
        line += length + (line[length] == '\n');
    }
    list_end();
}

/* Prints the modules of the standard library, from the comments in them. */
void library(void)
{
#define MODULE(name, source) put_library_module(name, source);
#include "compiler/syntax/library_texts.def"
#undef MODULE
}

/* man/tables/page.c - A page's text, rows and lists in mdoc. */
#include "man/tables/page.h"

#include <stdio.h>

void text(const char *words)
{
    unsigned column = 0;
    for (; *words; words++, column++) {
        if (column == 0 && (*words == '.' || *words == '\'')) fputs("\\&", stdout);
        /* each sentence begins on a new line */
        if (*words == ' ' && (column > 60 || (column > 0 && words[-1] == '.'))) {
            putchar('\n');
            column = ~0u;
        } else if (*words == '\\')
            fputs("\\e", stdout);
        else if (*words == '"')
            fputs("\\(dq", stdout), column += 3;
        else
            putchar(*words);
    }
}

void row(const char *name, const char *aside, const char *doc)
{
    fputs(".It Sy \"", stdout);
    text(name);
    putchar('"');
    if (*aside) {
        fputs(" Pq \"", stdout);
        text(aside);
        putchar('"');
    }
    putchar('\n');
    if (!*doc) return;
    text(doc);
    putchar('\n');
}

void number_row(long number, const char *aside, const char *doc)
{
    char name[24];
    snprintf(name, sizeof name, "%ld", number);
    row(name, aside, doc);
}

void list_begin(void)
{
    puts(".Bl -tag -width Ds -compact");
}

void list_end(void)
{
    puts(".El");
}

void option_line(const char *name, const char *word, const char *doc)
{
    printf(".It Fl -%s", name);
    if (*word) printf(" Ar %s", word);
    puts("");
    text(doc);
    puts(".");
}

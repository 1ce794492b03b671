/* man/tables/tables.c - Fills the manual's pages from the tables: a line `.\"@table NAME` of the template on standard
 * input is replaced by the rows of NAME as an mdoc list. So the manual cannot lag behind the code. */
#include "man/tables/tables.h"
#include "man/tables/page.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum table_frame { OWN, LIST };

static const struct filler {
    const char *word;
    void (*print)(void);
    enum table_frame frame;
} fillers[] = {
#define FILLER(word, print, frame) {word, print, frame},
#include "man/tables/tables.def"
#undef FILLER
};

/* Prints the table of the given name; false: there is no such table. */
static bool fill_table(const char *word)
{
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
        if (strcmp(fillers[i].word, word) != 0) continue;
        if (fillers[i].frame == LIST) list_begin();
        fillers[i].print();
        if (fillers[i].frame == LIST) list_end();
        return true;
    }
    return false;
}

int main(int count, char **arguments)
{
    static const char mark[] = ".\\\"@table ";
    char line[4096];
    if (count == 2 && strcmp(arguments[1], "example") == 0) { /* the file itself */
        example();
        return fflush(stdout) ? 1 : 0;
    }
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, mark, sizeof mark - 1) != 0) {
            fputs(line, stdout);
            continue;
        }
        char *word = line + sizeof mark - 1;
        word[strcspn(word, "\n")] = 0;
        if (fill_table(word)) continue;
        fprintf(stderr, "tables: there is no table '%s'\n", word);
        return 1;
    }
    return ferror(stdin) || fflush(stdout) ? 1 : 0;
}

/* man/tables/page.h - A page's text, rows and lists in mdoc, to standard output. */
#pragma once

/* Prints words as plain text, with escapes where mdoc or roff would take them for a request or an escape. */
void text(const char *words);
/* Prints one item of a list: its name, `aside` in parentheses, and what it is. An empty `aside` or `doc` is not
 * printed. */
void row(const char *name, const char *aside, const char *doc);
void number_row(long number, const char *aside, const char *doc); /* prints an item whose name is a number */
/* Prints an item for an option of a command line: its name without dashes, and the word for its value; mdoc's Fl
 * writes the first dash. */
void option_line(const char *name, const char *word, const char *doc);
void list_begin(void);
void list_end(void);

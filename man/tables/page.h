/* man/tables/page.h - A page's text, rows and lists in mdoc, to standard output. */
#pragma once

/* Text that mdoc and roff would take for a request or an escape is written so that it is only text. */
void text(const char *words);
/* One item: its name, `aside` in parentheses behind it, and what it is. "" stands for no aside, no doc. */
void row(const char *name, const char *aside, const char *doc);
void number_row(long number, const char *aside, const char *doc); /* its name is the number */
/* An option of a command line, without its dashes, and the word behind it; mdoc's Fl writes the first dash. */
void option_line(const char *name, const char *word, const char *doc);
void list_begin(void);
void list_end(void);

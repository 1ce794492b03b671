/* compiler/lsp/before.h - The words before the cursor, read as text, since the line that is being typed seldom
 * parses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { WORD_LENGTH = 128 };

struct typed_before {
    char word[2][WORD_LENGTH]; /* the last word before the one being typed, and the word before that; "": none */
    char chain[WORD_LENGTH];   /* the path `a.b` before a dot that is right before the cursor */
    bool dot, colon;
    bool begins;        /* a statement begins at the cursor */
    bool further_order; /* an order of a selection stands before the cursor, and a comma */
    bool ends;          /* an expression may end before the cursor, so that a clause can follow */
    bool quiet;         /* the cursor is inside a remark, or in a text and not in a value of it */
    bool in_sql;        /* the cursor is in an SQL, and not in a value of it */
    bool in_value;      /* the cursor is in a value, in braces, of a text or an SQL */
    size_t sql_begin;   /* the offset of the back quote that opens the SQL around the cursor */
};

struct typed_before before_read(const char *text, size_t at);
bool before_is_name_byte(char);

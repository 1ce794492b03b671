/* compiler/lsp/before.h - The words before the place where one types, read as text: the line seldom parses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { WORD_LENGTH = 128 };

struct typed_before {
    char word[2][WORD_LENGTH]; /* the last word before the one being typed, and the word before that; "": none */
    char chain[WORD_LENGTH];   /* `a.b` before a dot that is there */
    bool dot, colon;
    bool begins; /* a statement */
    bool ends;   /* an expression may have ended: a clause can follow */
    bool quiet;  /* in a remark */
};

struct typed_before before_read(const char *text, size_t at);
bool before_is_name_byte(char);

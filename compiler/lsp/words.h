/* compiler/lsp/words.h - The words of the language, as an editor's user types them. */
#pragma once

#include <stdbool.h>

#include "compiler/syntax/lexer.h"

bool word_can_be_name(const char *name);  /* does it consist of letters, digits and _, without a digit at the
                                           * beginning? */
enum word_use word_use(const char *word); /* USE_NAME for a word that the language does not have */

struct known_word {
    const char *text;
    enum word_use use;
    int token;
};
const struct known_word *known_word(int i); /* returns the i-th word; NULL after the last one */

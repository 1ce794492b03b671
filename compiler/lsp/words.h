/* compiler/lsp/words.h - The words of the language, as an editor's user types them. */
#pragma once

#include <stdbool.h>

#include "compiler/syntax/lexer.h"

bool word_can_be_name(const char *name);  /* has it only letters, digits and _, no digit first? */
enum word_use word_use(const char *word); /* USE_NAME for what the language does not know */

struct known_word {
    const char *text;
    enum word_use use;
};
const struct known_word *known_word(int i); /* NULL behind the last one */

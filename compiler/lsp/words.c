/* compiler/lsp/words.c - The words of words.def with their meanings, for completion. */
#include "compiler/lsp/words.h"

#include <string.h>

static const struct known_word words[] = {
#define WORD(text, token, use) {text, USE_##use, token},
#include "compiler/syntax/words.def"
};

const struct known_word *known_word(int i)
{
    return i < (int)(sizeof words / sizeof *words) ? &words[i] : NULL;
}

enum word_use word_use(const char *word)
{
    for (int i = 0; known_word(i); i++)
        if (strcmp(words[i].text, word) == 0) return words[i].use;
    return USE_NAME;
}

bool word_can_be_name(const char *name)
{
    for (const char *at = name; *at; at++) {
        unsigned char c = (unsigned char)*at;
        bool letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        if (!letter && (at == name || c < '0' || c > '9')) return false;
    }
    return *name != '\0';
}

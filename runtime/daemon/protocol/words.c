/* runtime/daemon/protocol/words.c - Keeps all lists of words in one table, which is searched from its beginning: the
 * lists are short. */
#include "runtime/daemon/protocol/words.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *list, *word;
    int number; /* value in enums.def; 1 for the words of words.def */
} words[] = {
#define LOG_LEVEL(NAME, word)  {"log_level", #word, 1},
#define LOG_FORMAT(NAME, word) {"log_format", #word, 1},
#define WORD(list, word)       {#list, #word, 1},
#include "runtime/daemon/protocol/words.def"
#define ENUM(name)
#define V(name, value, number) {#name, #value, number},
#define END_ENUM(name)
#include "runtime/vocabulary/enums.def"
};
enum { WORDS = sizeof words / sizeof *words };

const char *word_of_list(const char *list, size_t place)
{
    assert(list);
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].number != 0 && strcmp(words[i].list, list) == 0 && place-- == 0) return words[i].word;
    return NULL;
}

int word_place(const char *list, const char *word)
{
    const char *known;
    assert(word && word_of_list(list, 0)); /* a list without words means that its name is misspelt */
    for (size_t i = 0; (known = word_of_list(list, i)); i++)
        if (strcmp(known, word) == 0) return (int)i;
    return -1;
}

void words_say(const char *list, const char *last, char text[WORDS_TEXT])
{
    const char *word;
    size_t at = 0;
    assert(word_of_list(list, 0));
    text[0] = '\0';
    for (size_t i = 0; (word = word_of_list(list, i)); i++) {
        const char *before = i == 0 ? "" : word_of_list(list, i + 1) ? ", " : last;
        at += (size_t)snprintf(text + at, WORDS_TEXT - at, "%s%s", before, word);
        assert(at < WORDS_TEXT);
    }
}

/* runtime/adapters/conversation/words.c - Looks a message up among the words of words.def. */
#include "runtime/adapters/conversation/words.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

enum { WORDS_LONGEST = 120 }; /* bytes: a longer message is a sentence */

static const struct {
    enum words_meaning meaning;
    const char *language, *word;
} words[] = {
#define WORD(meaning, language, word) {WORDS_##meaning, language, word},
#include "runtime/adapters/conversation/words.def"
};

enum { WORDS = sizeof words / sizeof *words };

static bool languages_have(const char *languages, const char *language)
{
    size_t length = strlen(language);
    for (const char *at = languages; *at;) {
        at += strspn(at, ", ");
        size_t count = strcspn(at, ", ");
        if (count == length && g_ascii_strncasecmp(at, language, length) == 0) return true;
        at += count;
    }
    return false;
}

static bool language_known(const char *name, size_t length)
{
    for (size_t i = 0; i < WORDS; i++)
        if (strlen(words[i].language) == length && g_ascii_strncasecmp(words[i].language, name, length) == 0)
            return true;
    return false;
}

bool words_languages_good(const char *languages)
{
    for (const char *at = languages; *at;) {
        size_t count = strcspn(at, ", ");
        if (count > 0 && !language_known(at, count)) return false;
        at += count;
        at += strspn(at, ", ");
    }
    return true;
}

/* Small letters, composed, one space between words, nothing around but letters and digits. Freed by g_free(). */
static char *words_bare(const char *text)
{
    char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
    GString *bare = g_string_new(NULL);
    size_t last = 0;
    for (const char *at = composed ? composed : ""; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool letter = g_unichar_isalnum(c);
        if (!letter && bare->len == 0) continue;
        if (g_unichar_isspace(c) && bare->len > 0 && bare->str[bare->len - 1] == ' ') continue;
        g_string_append_unichar(bare, g_unichar_isspace(c) ? ' ' : g_unichar_tolower(c));
        if (letter) last = bare->len;
    }
    g_string_truncate(bare, last);
    g_free(composed);
    return g_string_free(bare, FALSE);
}

enum words_meaning sms_words_read(const char *text, const char *languages)
{
    assert(g_utf8_validate(text, -1, NULL));
    if (strlen(text) > WORDS_LONGEST) return WORDS_NONE;
    char *bare = words_bare(text);
    enum words_meaning meaning = WORDS_NONE;
    for (size_t i = 0; i < WORDS && meaning == WORDS_NONE; i++)
        if (strcmp(words[i].word, bare) == 0 &&
            (strcmp(words[i].language, "en") == 0 || languages_have(languages, words[i].language)))
            meaning = words[i].meaning;
    g_free(bare);
    return meaning;
}

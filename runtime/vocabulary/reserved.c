/* runtime/vocabulary/reserved.c - Looks for a message among the words of reserved.def.
 *
 *     "STOP", "stop!", " Arrêt " --reserved_bare()--> "stop", "arret" --> its meaning
 *
 * A customer who sends a word of reserved.def, and nothing else, makes a request. The English words always count,
 * those of other languages if the site names the language. A longer message is a sentence, and no request. */
#include "runtime/vocabulary/reserved.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 120 }; /* bytes of a message that may be a reserved word; a longer message is a sentence */

static const struct {
    enum words_meaning meaning;
    const char *language, *word;
} reserved[] = {
#define WORD(meaning, language, word) {WORDS_##meaning, language, word},
#include "runtime/vocabulary/reserved.def"
};

enum { RESERVED = sizeof reserved / sizeof *reserved };

static bool languages_have(const char *languages, const char *language)
{
    size_t length = strlen(language);
    for (const char *at = languages; *at;) {
        at += strspn(at, ", ");
        size_t count = strcspn(at, ", ");
        if (count == length && strncasecmp(at, language, length) == 0) return true;
        at += count;
    }
    return false;
}

static bool language_known(const char *name, size_t length)
{
    for (size_t i = 0; i < RESERVED; i++)
        if (strlen(reserved[i].language) == length && strncasecmp(reserved[i].language, name, length) == 0) return true;
    return false;
}

/* True: the table has words of each language; a setting with any other language is a mistake. */
bool reserved_languages_good(const char *languages)
{
    for (const char *at = languages; *at;) {
        size_t count = strcspn(at, ", ");
        if (count > 0 && !language_known(at, count)) return false;
        at += count;
        at += strspn(at, ", ");
    }
    return true;
}

/* Reads the first character of a UTF-8 text; moves `at` after it. */
static uint32_t reserved_next(const char **at)
{
    const uint8_t *bytes = (const uint8_t *)*at;
    uint32_t more = bytes[0] < 0xc0 ? 0 : bytes[0] < 0xe0 ? 1 : bytes[0] < 0xf0 ? 2 : 3, c = bytes[0];
    if (more > 0) c &= 0x3fu >> more;
    for (uint32_t i = 1; i <= more && bytes[i] != 0; i++) c = c << 6 | (bytes[i] & 0x3fu);
    for (uint32_t i = 0; i <= more && **at; i++) ++*at;
    return c;
}

/* True: the character is a letter of the words' alphabets, or a digit; the table has no words in other scripts. */
static bool is_letter(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= 0xc0 && c < 0x2000 && c != 0xd7 && c != 0xf7) || (c >= 0x3040 && c < 0xe000);
}

static bool is_space_between(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x3000;
}

/* Returns the letter in small form without accents, for the letters of Latin 1, however the accent is encoded.
 * */
static char plain_letter(uint32_t c)
{
    static const char latin[] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo*ouuuuypy"; /* from U+00C0 */
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    if (c < 0x80) return (char)c;
    return c >= 0xc0 && c <= 0xff ? latin[c - 0xc0] : '*';
}

/* Normalises a text: small letters without accents, one space between words, and only letters and digits at both
 * ends. Both the message and the words of the table are normalised in this way, so they are compared alike. */
static void reserved_bare(const char *text, char bare[LONGEST + 1])
{
    size_t length = 0, last = 0;
    for (const char *at = text; *at;) {
        uint32_t c = reserved_next(&at);
        bool letter = is_letter(c), mark = c >= 0x300 && c < 0x370; /* an accent that follows its letter */
        if (mark || (!letter && length == 0)) continue;
        if (is_space_between(c) && bare[length - 1] == ' ') continue;
        assert(length < LONGEST);
        bare[length++] = is_space_between(c) ? ' ' : plain_letter(c);
        if (letter) last = length;
    }
    bare[last] = '\0';
}

enum words_meaning reserved_read(const char *text, const char *languages)
{
    char bare[LONGEST + 1], word[LONGEST + 1];
    if (strlen(text) > LONGEST) return WORDS_NONE;
    reserved_bare(text, bare);
    for (size_t i = 0; i < RESERVED; i++) {
        reserved_bare(reserved[i].word, word);
        if (strcmp(word, bare) == 0 &&
            (strcmp(reserved[i].language, "en") == 0 || languages_have(languages, reserved[i].language)))
            return reserved[i].meaning;
    }
    return WORDS_NONE;
}

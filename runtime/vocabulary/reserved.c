/* runtime/vocabulary/reserved.c - Looks for a message among the words of reserved.def.
 *
 *     "STOP", "stop!", " Arrêt " --reserved_bare()--> "stop", "arret" --> its meaning
 *
 * A customer who sends a word of reserved.def, and nothing else, makes a request. The English words count if the site
 * does not make one of them an answer, those of other languages if the site names the language. A longer message is a
 * sentence, and no request. */
#include "runtime/vocabulary/reserved.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "runtime/vocabulary/denied.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/why.h"

enum { LONGEST = 120 }; /* bytes of a message that may be a reserved word; a longer message is a sentence */

static const struct {
    enum words_meaning meaning;
    const char *language, *word;
} reserved[] = {
#define WORD(meaning, language, word) {WORDS_##meaning, language, word},
#include "runtime/vocabulary/reserved.def"
};

enum { RESERVED = sizeof reserved / sizeof *reserved };

/* One entry of a setting, without the number before it. */
struct reserved_entry {
    struct span number; /* the site's number to which the entry applies; empty: it applies to all */
    struct span text;
};

/* Reads the next entry; entries are separated by the characters of `between`. False: there is none. */
static bool entry_next(const char **at, const char *between, struct reserved_entry *entry)
{
    if (!*at) return false;
    *at += strspn(*at, ", ");
    size_t length = strcspn(*at, between);
    if (length == 0) return false;
    const char *colon = memchr(*at, ':', length);
    size_t before = colon ? (size_t)(colon - *at) : 0;
    entry->number = (struct span){(const uint8_t *)*at, (uint32_t)before};
    if (colon) before++;
    entry->text = (struct span){(const uint8_t *)*at + before, (uint32_t)(length - before)};
    *at += length;
    return true;
}

/* True: the entry applies to messages to the site's number `own`; `own` NULL: every entry applies. */
static bool entry_holds(const struct reserved_entry *entry, const char *own)
{
    return entry->number.length == 0 || !own || denied_is_ours(own, entry->number);
}

static bool entry_names(const struct reserved_entry *entry, const char *language)
{
    return entry->text.length == strlen(language) &&
           strncasecmp((const char *)entry->text.bytes, language, entry->text.length) == 0;
}

static bool languages_have(const char *languages, const char *language, const char *own)
{
    struct reserved_entry entry;
    while (entry_next(&languages, ", ", &entry))
        if (entry_names(&entry, language) && entry_holds(&entry, own)) return true;
    return false;
}

static bool language_known(const struct reserved_entry *entry)
{
    for (size_t i = 0; i < RESERVED; i++)
        if (entry_names(entry, reserved[i].language)) return true;
    return false;
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

/* Returns the letter in small form without accents, for the letters of Latin 1, however the accent is encoded. */
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
        if (mark || c == ',' || (!letter && length == 0)) continue; /* "somebody, please" */
        if (is_space_between(c) && bare[length - 1] == ' ') continue;
        assert(length < LONGEST);
        bare[length++] = is_space_between(c) ? ' ' : plain_letter(c);
        if (letter) last = length;
    }
    bare[last] = '\0';
}

/* A word of the setting, and what it means. */
struct reserved_word {
    char bare[LONGEST + 1];
    enum words_meaning meaning; /* WORDS_NONE: the setting says `answer`, so the word is an ordinary text */
};

/* Reads an entry of the form WORD=MEANING. Returns NULL, or what is wrong with the entry. */
static const char *word_read(const struct reserved_entry *entry, struct reserved_word *word)
{
    static const char *const meanings[] = {[WORDS_NONE] = "answer",
                                           [WORDS_STOP] = "stop",
                                           [WORDS_START] = "start",
                                           [WORDS_HELP] = "help",
                                           [WORDS_PERSON] = "person"};
    char text[LONGEST + 1];
    const char *sign = memchr(entry->text.bytes, '=', entry->text.length);
    if (!sign) return "it is not WORD=MEANING";
    size_t length = (size_t)(sign - (const char *)entry->text.bytes), behind = entry->text.length - length - 1;
    if (length > LONGEST) return "the word is too long";
    memcpy(text, entry->text.bytes, length);
    text[length] = '\0';
    reserved_bare(text, word->bare);
    if (!*word->bare) return "the word has no letter";
    for (sign++; behind > 0 && *sign == ' '; behind--) sign++;
    while (behind > 0 && sign[behind - 1] == ' ') behind--;
    for (unsigned i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        word->meaning = (enum words_meaning)i;
        if (strlen(meanings[i]) == behind && strncasecmp(sign, meanings[i], behind) == 0) return NULL;
    }
    return "its meaning is none of stop, start, help, person and answer";
}

/* Looks for the message among the words of the setting. False: the message is none of them. */
static bool words_have(const struct reserved_rules *rules, const char *bare, const char *own,
                       enum words_meaning *meaning)
{
    const char *at = rules->words;
    struct reserved_entry entry;
    struct reserved_word word;
    bool found = false;
    while (entry_next(&at, ",", &entry)) {
        if (!entry_holds(&entry, own) || word_read(&entry, &word) || strcmp(word.bare, bare) != 0) continue;
        bool numbered = entry.number.length != 0;
        if (numbered && !own && word.meaning == WORDS_NONE) continue;
        if (!found || numbered) *meaning = word.meaning;
        found = true;
        if (numbered) return true;
    }
    return found;
}

enum words_meaning reserved_read(const char *text, const struct reserved_rules *rules, const char *own)
{
    char bare[LONGEST + 1], word[LONGEST + 1];
    enum words_meaning meaning;
    if (strlen(text) > LONGEST) return WORDS_NONE;
    reserved_bare(text, bare);
    if (words_have(rules, bare, own, &meaning)) return meaning;
    for (size_t i = 0; i < RESERVED; i++) {
        reserved_bare(reserved[i].word, word);
        if (strcmp(word, bare) == 0 &&
            (strcmp(reserved[i].language, "en") == 0 || languages_have(rules->languages, reserved[i].language, own)))
            return reserved[i].meaning;
    }
    return WORDS_NONE;
}

/* ---- answers ---- */

/* An answer of a setting: for which of the site's numbers, and in which language; empty: for all. */
struct reserved_told {
    struct span number, language, text;
};

static struct span told_trimmed(struct span text)
{
    while (text.length > 0 && text.bytes[0] == ' ') text.bytes++, text.length--;
    while (text.length > 0 && text.bytes[text.length - 1] == ' ') text.length--;
    return text;
}

static bool told_is_number(struct span word)
{
    return word.length > 0 && (word.bytes[0] == '+' || (word.bytes[0] >= '0' && word.bytes[0] <= '9'));
}

static bool told_is_language(struct span word)
{
    return language_known(&(struct reserved_entry){.text = word});
}

/* Reads the next answer: the first has no head, each later one NUMBER, LANGUAGE, or both, and a colon. `*good`: its
 * head can be read. False: there is none. */
static bool told_next(const char **at, bool first, struct reserved_told *told, bool *good)
{
    if (!*at || (!first && **at != '|')) return false;
    if (!first) ++*at;
    struct span rest = {(const uint8_t *)*at, (uint32_t)strcspn(*at, "|")};
    *at += rest.length;
    *told = (struct reserved_told){.text = told_trimmed(rest)};
    *good = true;
    if (first) return true;
    const uint8_t *colon = rest.length > 0 ? memchr(rest.bytes, ':', rest.length) : NULL;
    uint32_t before = colon ? (uint32_t)(colon - rest.bytes) : 0;
    struct span head = told_trimmed((struct span){rest.bytes, before});
    for (unsigned words = 0; head.length > 0; words++) {
        uint32_t length = 0;
        while (length < head.length && head.bytes[length] != ' ') length++;
        struct span word = {head.bytes, length};
        bool number = words == 0 && told_is_number(word),
             language = told->language.length == 0 && told_is_language(word);
        *good = *good && (number || language);
        if (number) told->number = word;
        if (!number && language) told->language = word;
        head = told_trimmed((struct span){head.bytes + length, head.length - length});
    }
    *good = *good && (told->number.length != 0 || told->language.length != 0);
    if (colon) told->text = told_trimmed((struct span){colon + 1, rest.length - before - 1});
    return true;
}

/* Returns the language of the word that the customer has sent. */
static struct span answer_language(const char *bare, const struct reserved_rules *rules, const char *own)
{
    char word[LONGEST + 1];
    const char *language = "en", *at = rules->languages;
    struct reserved_entry entry;
    for (size_t i = 0; i < RESERVED; i++) {
        reserved_bare(reserved[i].word, word);
        if (strcmp(word, bare) == 0 && languages_have(rules->languages, reserved[i].language, own))
            language = reserved[i].language;
    }
    if (strcmp(language, "en") != 0) return span_of(language);
    while (own && entry_next(&at, ", ", &entry))
        if (entry.number.length != 0 && entry_holds(&entry, own)) return entry.text;
    return span_of(language);
}

struct span reserved_answer(const char *answers, const char *text, const struct reserved_rules *rules, const char *own)
{
    char bare[LONGEST + 1] = "";
    struct reserved_told told;
    struct span answer = {0};
    int best = -1;
    bool good;
    if (strlen(text) <= LONGEST) reserved_bare(text, bare);
    struct span language = answer_language(bare, rules, own);
    for (const char *at = answers; told_next(&at, best < 0, &told, &good);) {
        bool named = told.language.length != 0, numbered = told.number.length != 0;
        bool holds = (!numbered || (own && denied_is_ours(own, told.number))) &&
                     (!named || (told.language.length == language.length &&
                                 strncasecmp((const char *)told.language.bytes, (const char *)language.bytes,
                                             language.length) == 0));
        int rank = 2 * numbered + named;
        if (!holds || !good || rank <= best) continue;
        best = rank;
        answer = told.text;
    }
    return answer;
}

/* Checks the number of an entry. `setting`: the setting in which it stands. */
static bool number_good(const char *setting, const struct reserved_entry *entry,
                        bool (*ours)(const void *self, const char *number), const void *self, char *why, size_t size)
{
    char number[LONGEST + 1] = "";
    bool named = entry->text.bytes != entry->number.bytes, fits = entry->number.length <= LONGEST;
    if (!named) return true;
    if (fits && entry->number.length > 0) memcpy(number, entry->number.bytes, entry->number.length);
    if (fits) number[entry->number.length] = '\0';
    return (*number && ours && ours(self, number)) ||
           why_set(why, size, "%s: `%s` before a colon is %s", setting, number,
                   ours ? "none of `numbers`" : "a number, and no number stands in this setting of this plugin");
}

bool reserved_rules_good(const struct reserved_rules *rules, bool (*ours)(const void *self, const char *number),
                         const void *self, char *why, size_t size)
{
    struct reserved_entry entry;
    struct reserved_word word;
    const char *at = rules->languages, *wrong;
    while (entry_next(&at, ", ", &entry)) {
        if (!language_known(&entry))
            return why_set(why, size, "languages: `%.*s`: no words of that language are known; as de,fr",
                           (int)(entry.text.length < LONGEST ? entry.text.length : LONGEST),
                           (const char *)entry.text.bytes);
        if (!number_good("languages", &entry, ours, self, why, size)) return false;
    }
    at = rules->words;
    while (entry_next(&at, ",", &entry)) {
        wrong = word_read(&entry, &word);
        if (!wrong && strcmp(word.bare, "stop") == 0 && word.meaning != WORDS_STOP)
            wrong = "`stop` is always a word by which customers leave";
        if (wrong)
            return why_set(why, size, "words: `%.*s`: %s",
                           (int)(entry.text.length < LONGEST ? entry.text.length : LONGEST),
                           (const char *)entry.text.bytes, wrong);
        if (!number_good("words", &entry, ours, self, why, size)) return false;
    }
    return true;
}

bool reserved_answers_good(const char *setting, const char *answers, bool (*ours)(const void *self, const char *number),
                           const void *self, char *why, size_t size)
{
    struct reserved_told told;
    bool good, first = true;
    for (const char *at = answers; told_next(&at, first, &told, &good); first = false) {
        if (!good)
            return why_set(
                why, size, "%s: `%.*s` behind a bar is not NUMBER: TEXT, LANGUAGE: TEXT or NUMBER LANGUAGE: TEXT",
                setting, (int)(told.text.length < LONGEST ? told.text.length : LONGEST), (const char *)told.text.bytes);
        struct reserved_entry entry = {.number = told.number, .text = told.text};
        if (told.number.length != 0 && !number_good(setting, &entry, ours, self, why, size)) return false;
    }
    return true;
}

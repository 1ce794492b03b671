/* runtime/core/run/mark.c - Reads a customer's mark. See mark.h. */
#include "runtime/core/run/mark.h"

#include <string.h>

static const struct mark_word {
    unsigned mark;
    const char *word;
} mark_words[] = {
#define MARK(mark, word) {mark, word},
#include "runtime/core/run/marks.def"
};
static const char *const mark_of[] = {
#define OF(word) word,
#include "runtime/core/run/marks.def"
};
static const char *const mark_stars[] = {
#define STARS(word) word,
#include "runtime/core/run/marks.def"
};
static const char *const star_signs[] = {"\xe2\x98\x85", "\xe2\xad\x90"}; /* U+2605, U+2B50 */
static const char *const mark_dashes[] = {"\xe2\x80\x93", "\xe2\x80\x94"};
static const char star_empty[] = "\xe2\x98\x86", as_picture[] = "\xef\xb8\x8f", as_key[] = "\xe2\x83\xa3";

static void mark_skip(struct span *text, uint32_t length)
{
    text->bytes += length, text->length -= length;
}

static void skip_blanks(struct span *text)
{
    while (text->length > 0 && (*text->bytes == ' ' || *text->bytes == '\t')) mark_skip(text, 1);
}

/* True: the text begins with these bytes, which are then skipped. Letters of ASCII may be large. */
static bool mark_takes(struct span *text, const char *word)
{
    uint32_t length = (uint32_t)strlen(word);
    if (text->length < length) return false;
    for (uint32_t at = 0; at < length; at++) {
        uint8_t byte = text->bytes[at];
        if (byte >= 'A' && byte <= 'Z') byte = (uint8_t)(byte + ('a' - 'A'));
        if (byte != (uint8_t)word[at]) return false;
    }
    mark_skip(text, length);
    return true;
}

/* True: the text goes on with a letter, a digit, or a sign that is not of ASCII, so a word before it is not over. */
static bool word_goes_on(struct span text)
{
    if (text.length == 0) return false;
    uint8_t byte = *text.bytes, small = byte | 32;
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (small >= 'a' && small <= 'z');
}

/* As mark_takes, for one of the words, which must be whole. */
static bool takes_word(struct span *text, const char *word)
{
    struct span rest = *text;
    if (!mark_takes(&rest, word) || word_goes_on(rest)) return false;
    *text = rest;
    return true;
}

static bool takes_any(struct span *text, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (takes_word(text, words[i])) return true;
    return false;
}

/* Takes signs of stars; returns how many. */
static unsigned takes_signs(struct span *text)
{
    unsigned count = 0;
    while (mark_takes(text, star_signs[0]) || mark_takes(text, star_signs[1])) {
        (void)mark_takes(text, as_picture);
        skip_blanks(text);
        count++;
    }
    while (count > 0 && mark_takes(text, star_empty)) continue;
    return count;
}

/* Takes the mark itself; 0: there is none. `*whole`: a comment may follow at once. */
static unsigned takes_mark(struct span *text, bool *whole)
{
    unsigned mark = takes_signs(text);
    *whole = mark > 0;
    if (mark > 0) return mark > MARK_BEST ? 0 : mark;
    for (size_t i = 0; i < sizeof mark_words / sizeof *mark_words; i++)
        if (takes_word(text, mark_words[i].word)) return mark_words[i].mark;
    if (text->length == 0 || *text->bytes < '1' || *text->bytes > '0' + MARK_BEST) return 0;
    mark = (unsigned)(*text->bytes - '0');
    mark_skip(text, 1);
    (void)mark_takes(text, as_picture);
    (void)mark_takes(text, as_key);
    struct span rest = *text, stars = rest;
    bool point = mark_takes(&rest, ".") || mark_takes(&rest, ",");
    bool number = point && rest.length > 0 && *rest.bytes >= '0' && *rest.bytes <= '9';
    return number || (word_goes_on(*text) && takes_signs(&stars) == 0) ? 0 : mark;
}

/* Takes "/5" or "out of five", if that follows. */
static void takes_best(struct span *text)
{
    struct span rest = *text;
    bool whole = false, slash = mark_takes(&rest, mark_of[0]);
    if (!slash && !takes_any(&rest, mark_of, sizeof mark_of / sizeof *mark_of)) return;
    skip_blanks(&rest);
    if (takes_mark(&rest, &whole) == MARK_BEST) *text = rest;
}

/* True: the text goes on behind the mark as a comment does. Before a digit such a sign stands within a range, a time or
 * a list: 3-4 weeks, 1:30, 1, 2 and 4. */
static bool mark_divided(struct span text)
{
    static const char *const between[] = {",", ";", ":", "!", "-"};
    if (text.length > 0 && (*text.bytes == '\r' || *text.bytes == '\n')) return true;
    bool sign = mark_takes(&text, mark_dashes[0]) || mark_takes(&text, mark_dashes[1]);
    for (size_t i = 0; !sign && i < sizeof between / sizeof *between; i++) sign = mark_takes(&text, between[i]);
    skip_blanks(&text);
    return sign && !(text.length > 0 && *text.bytes >= '0' && *text.bytes <= '9');
}

/* Is the text, which stands behind the digit 1, the first item of a numbered list? The list then has a line that begins
 * with 2. */
static bool mark_lists(struct span text)
{
    for (uint32_t at = 0; at + 2 < text.length; at++) {
        uint8_t sign = text.bytes[at + 2];
        if (text.bytes[at] == '\n' && text.bytes[at + 1] == '2' &&
            (sign == '-' || sign == '.' || sign == ')' || sign == ':'))
            return true;
    }
    return false;
}

struct answer_mark mark_answered(struct span text)
{
    struct answer_mark none = {0}, found = {.alone = true};
    bool whole;
    while (text.length > 0 && *text.bytes <= ' ') mark_skip(&text, 1);
    found.mark = takes_mark(&text, &whole);
    if (found.mark == 0 || (found.mark == 1 && mark_lists(text))) return none;
    skip_blanks(&text);
    takes_best(&text);
    skip_blanks(&text);
    whole = whole || takes_signs(&text) > 0 || takes_any(&text, mark_stars, sizeof mark_stars / sizeof *mark_stars);
    (void)mark_takes(&text, ".");
    skip_blanks(&text);
    for (uint32_t at = 0; at < text.length; at++) {
        found.alone = found.alone && text.bytes[at] <= ' ';
        found.asks = found.asks || text.bytes[at] == '?';
    }
    return found.alone || whole || mark_divided(text) ? found : none;
}

bool mark_pressed(struct span msg_id)
{
    static const char before[] = "c:mark:";
    uint32_t length = sizeof before - 1;
    return msg_id.length > length && span_is((struct span){msg_id.bytes, length}, before);
}

/* runtime/adapters/sip/say.c - Turns a value into the names of sounds by the rules of say.def.
 *
 *     2350 in French, by the rules of say.def
 *       from 2000, divisor 1000   "<number 1000 [>]"   say_2 say_1000, then the rest, 350:
 *       from 200,  divisor 100    "<number 100 [>]"    say_3 say_100, then the rest, 50:
 *       from 50,   divisor 10     "50 [>]"             say_50; the rest is 0, and [>] is left out
 *
 * For a number the rule with the largest `low` that is not above the number is used. Rules may use each other, so
 * the depth is bounded: rules that never end are refused before they use up the stack. */
#include "runtime/adapters/sip/say.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/sip/sound_fault.h"

struct say_rule {
    const char *language, *set;
    uint64_t low, high, divisor; /* high 0 and divisor not 0: the rule has no upper end */
    const char *words;
    const char *like; /* NULL: this row is a rule; else the set whose rules this set uses, too */
};

static const struct say_rule say_rules[] = {
#define SAY(language, set, low, high, divisor, words) {#language, set, low, high, divisor, words, NULL},
#define LIKE(language, set, other)                    {#language, set, 0, 0, 0, "", other},
#include "runtime/adapters/sip/say.def"
};
enum { SAY_RULES = sizeof say_rules / sizeof *say_rules, SAY_DEPTH = 16, DIGITS_MOST = 15 };

struct saying {
    const char *language;
    struct pieces *pieces;
    unsigned depth;
};

/* --- Rules --- */

static bool say_rule_fits(const struct say_rule *rule, const char *language, const char *set, uint64_t number)
{
    bool ends = rule->high > 0 || rule->divisor == 0;
    return !rule->like && strcmp(rule->language, language) == 0 && strcmp(rule->set, set) == 0 && rule->low <= number &&
           (!ends || number <= rule->high);
}

/* The rule for a number in a set of rules: the set's own rule counts before a rule with the same `low` of another
 * set that this set uses, too. */
static const struct say_rule *rule_for(const char *language, const char *set, uint64_t number)
{
    const struct say_rule *best = NULL, *other = NULL;
    for (unsigned i = 0; i < SAY_RULES; i++) {
        const struct say_rule *rule = &say_rules[i];
        if (say_rule_fits(rule, language, set, number) && (!best || rule->low > best->low)) best = rule;
        if (rule->like && strcmp(rule->language, language) == 0 && strcmp(rule->set, set) == 0)
            other = rule_for(language, rule->like, number);
    }
    return other && (!best || other->low > best->low) ? other : best;
}

static bool piece_add(struct pieces *pieces, const char *start, const char *name, size_t length)
{
    if (pieces->count == PIECES_MAX) return false;
    char *to = pieces->names[pieces->count++];
    int whole = snprintf(to, PIECE_SIZE, "%s%.*s", start, (int)length, name);
    return whole > 0 && whole < PIECE_SIZE;
}

/* Adds the piece that a word of a rule names; `=` in the word stands for the number. */
static bool say_word(struct saying *saying, const char *word, size_t length, uint64_t number)
{
    char name[PIECE_SIZE];
    const char *equal = memchr(word, '=', length);
    if (!equal) return piece_add(saying->pieces, "say_", word, length);
    int whole = snprintf(name, sizeof name, "%.*s%llu", (int)(equal - word), word, (unsigned long long)number);
    return piece_add(saying->pieces, "say_", name, (size_t)whole);
}

static bool say_by_set(struct saying *, const char *set, uint64_t number);

/* Does one word of a rule: `<` says the number divided by the divisor, `>` the rest, by the set named after the
 * sign, if any; another word names a piece. */
static bool say_part(struct saying *saying, const char *set, const char *word, size_t length, uint64_t number,
                     uint64_t divisor)
{
    char name[PIECE_SIZE];
    if (*word != '<' && *word != '>') return say_word(saying, word, length, number);
    if (!SOUND_HOLDS(divisor > 0 && length <= sizeof name)) return false;
    snprintf(name, sizeof name, "%.*s", (int)length - 1, word + 1);
    return say_by_set(saying, *name ? name : set, *word == '<' ? number / divisor : number % divisor);
}

/* Says the number by the words of its rule; brackets are not nested. Words in brackets are left out if the divisor
 * divides the number without rest. */
static bool say_by_set(struct saying *saying, const char *set, uint64_t number)
{
    const struct say_rule *rule = rule_for(saying->language, set, number);
    if (!rule || ++saying->depth > SAY_DEPTH) return false;
    bool skips = false, good = true;
    for (const char *word = rule->words; good && *word;) {
        bool opens = *word == '[', closes = false;
        if (opens) skips = number % rule->divisor == 0, word++;
        size_t length = strcspn(word, " ]");
        closes = word[length] == ']';
        if (!skips) good = say_part(saying, set, word, length, number, rule->divisor);
        if (closes) skips = false;
        word += length + closes;
        word += strspn(word, " ");
    }
    saying->depth--;
    return good;
}

/* --- Forms of values --- */

/* Reads a number of `least` to `most` digits, and moves `text` past it; false: it has fewer or more. */
static bool form_number(const char **text, unsigned least, unsigned most, uint64_t *number)
{
    unsigned count = 0;
    for (*number = 0; isdigit((unsigned char)**text) && count < most; count++, (*text)++)
        *number = *number * 10 + (uint64_t)(**text - '0');
    return count >= least && !isdigit((unsigned char)**text);
}

static bool form_sign(const char **text, char sign)
{
    if (**text != sign) return false;
    (*text)++;
    return true;
}

static bool form_date(const char **text, uint64_t *date)
{
    uint64_t year, month, day;
    bool good = form_number(text, 4, 4, &year) && form_sign(text, '-') && form_number(text, 2, 2, &month) &&
                form_sign(text, '-') && form_number(text, 2, 2, &day);
    if (!good || month < 1 || month > 12 || day < 1 || day > 31) return false;
    *date = year * 10000 + month * 100 + day;
    return true;
}

/* Seconds are not said. */
static bool form_time(const char **text, uint64_t *time)
{
    uint64_t hour, minute, second = 0;
    bool good = form_number(text, 1, 2, &hour) && form_sign(text, ':') && form_number(text, 2, 2, &minute) &&
                (!form_sign(text, ':') || form_number(text, 2, 2, &second));
    if (!good || hour > 23 || minute > 59 || second > 59) return false;
    *time = hour * 100 + minute;
    return true;
}

/* Reads a duration such as 1h30m, 20s or 250ms, as seconds, rounded. */
static bool form_duration(const char *text, uint64_t *seconds)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"ms", 1}, {"m", 60000}, {"s", 1000}};
    uint64_t ms = 0, part;
    if (!*text) return false;
    while (*text) {
        unsigned unit = 0;
        if (!form_number(&text, 1, 6, &part)) return false;
        if (form_sign(&text, '.')) text += strspn(text, "0123456789"); /* of a millisecond */
        while (unit < 5 && strncmp(text, units[unit].unit, strlen(units[unit].unit)) != 0) unit++;
        if (unit == 5) return false;
        ms += part * units[unit].ms;
        text += strlen(units[unit].unit);
    }
    *seconds = (ms + 500) / 1000;
    return true;
}

static bool say_digits(struct saying *saying, const char *text)
{
    bool good = *text != '\0';
    for (; good && *text; text++)
        good = *text == ' '                    ? true
               : isdigit((unsigned char)*text) ? piece_add(saying->pieces, "say_", text, 1)
               : *text == '+'                  ? piece_add(saying->pieces, "say_", "plus", 4)
               : *text == '*'                  ? piece_add(saying->pieces, "say_", "star", 4)
               : *text == '#'                  ? piece_add(saying->pieces, "say_", "hash", 4)
                                               : false;
    return good;
}

/* Says an amount such as 12.5 EUR: the numbers of a currency's set are cents. */
static bool say_money(struct saying *saying, uint64_t whole, const char *fraction, const char *currency)
{
    char set[4];
    size_t places = strspn(fraction, "0123456789");
    if (places > 2 || strlen(currency) != 3) return false;
    for (unsigned i = 0; i < 4; i++) set[i] = (char)tolower((unsigned char)currency[i]);
    uint64_t cents = places > 0 ? (uint64_t)(fraction[0] - '0') * 10 : 0;
    if (places > 1) cents += (uint64_t)(fraction[1] - '0');
    return say_by_set(saying, set, whole * 100 + cents);
}

/* Says a number with or without a decimal part; the digits after the point are said one by one: 3.14 is "three point
 * one four". */
static bool say_decimal(struct saying *saying, const char *text)
{
    uint64_t whole;
    const char *fraction = "";
    if (form_sign(&text, '-') && !piece_add(saying->pieces, "say_", "minus", 5)) return false;
    if (!form_number(&text, 1, DIGITS_MOST, &whole)) return false;
    if (form_sign(&text, '.')) {
        fraction = text;
        text += strspn(text, "0123456789");
        if (text == fraction) return false;
    }
    if (*text == ' ') return say_money(saying, whole, fraction, text + 1);
    bool percent = form_sign(&text, '%');
    if (*text || !say_by_set(saying, "number", whole)) return false;
    if (*fraction && !piece_add(saying->pieces, "say_", "point", 5)) return false;
    for (; isdigit((unsigned char)*fraction); fraction++)
        if (!piece_add(saying->pieces, "say_", fraction, 1)) return false;
    return !percent || piece_add(saying->pieces, "say_", "percent", 7);
}

static bool say_moment(struct saying *saying, const char *text)
{
    uint64_t date, time;
    if (!form_date(&text, &date) || !say_by_set(saying, "date", date)) return false;
    if (!*text) return true;
    return form_sign(&text, ' ') && form_time(&text, &time) && !*text && say_by_set(saying, "time", time);
}

/* --- Values --- */

static bool form_is_word(const char *text)
{
    size_t length = strlen(text);
    if (!isalpha((unsigned char)*text) || length >= PIECE_SIZE) return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && *text != '-') return false;
    return true;
}

/* Says a value by the form that it has. The order matters: a number with a leading zero or plus is read as single
 * digits, like a telephone number; a date is tried before a plain number because both begin with digits. */
static bool say_form(struct saying *saying, const char *value)
{
    const char *at = value, *colon = strchr(value, ':');
    uint64_t number;
    if (strncmp(value, "digits:", 7) == 0) return say_digits(saying, value + 7);
    if (value[0] == '+' || (value[0] == '0' && isdigit((unsigned char)value[1]) && !colon))
        return say_digits(saying, value);
    if (form_is_word(value)) return piece_add(saying->pieces, "", value, strlen(value));
    if (form_date(&at, &number)) return say_moment(saying, value);
    at = value;
    if (colon) return form_time(&at, &number) && !*at && say_by_set(saying, "time", number);
    if (form_duration(value, &number)) return say_by_set(saying, "duration", number);
    return say_decimal(saying, value);
}

const char *say_language(const char *language)
{
    size_t length = strcspn(language, "-_");
    for (unsigned i = 0; i < SAY_RULES; i++)
        if (strlen(say_rules[i].language) == length && strncmp(say_rules[i].language, language, length) == 0)
            return say_rules[i].language;
    return NULL;
}

bool say_add_value(const char *language, const char *value, struct pieces *pieces, char *why, size_t why_size)
{
    struct saying saying = {say_language(language), pieces, 0};
    bool good = saying.language && say_form(&saying, value);
    if (good) return true;
    if (!saying.language)
        snprintf(why, why_size, "how values are said in `%.20s` is not known", language);
    else
        snprintf(why, why_size, "`%.60s` is no value that can be said in `%s`", value, saying.language);
    return false;
}

/* Adds the pieces of a choice; the words before and after the value, as in "for sales, press one", come from the
 * sets `before` and `after` of the language. */
bool say_add_choice(const char *language, const char *value, unsigned key, struct pieces *pieces, char *why,
                    size_t why_size)
{
    struct saying saying = {say_language(language), pieces, 0};
    if (!SOUND_HOLDS(key >= 1 && key <= 9)) saying.language = NULL;
    if (saying.language && !say_by_set(&saying, "before", 0)) saying.language = NULL;
    if (!say_add_value(language, value, pieces, why, why_size)) return false;
    if (saying.language && say_by_set(&saying, "after", key)) return true;
    snprintf(why, why_size, "it has more than %d pieces", PIECES_MAX);
    return false;
}

/* runtime/adapters/email/rules.c - Reads the file of categories and finds their words in a text.
 *
 * A text is converted once for all rules: `words` for words and phrases, which are searched with a space before and
 * after them, and `lower` for expressions. Each rule that matches adds its points to its category once, however
 * often it matches. The category with the most points is chosen; if two have as many, none is. */
#include "runtime/adapters/email/rules.h"

#include <assert.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "base/arena.h"
#include "base/regex.h"
#include "base/memory.h"

struct rule {
    unsigned category;
    int points;
    /* " give back ", or "refund" without the last space, if more letters may follow */
    char *words;
    const struct automaton *expression; /* instead of words */
};

struct rules {
    struct arena *arena;
    GPtrArray *categories; /* of char */
    GArray *all;           /* of struct rule */
    uint64_t work;         /* work that further expressions may still cost */
};

/* A text in the forms that are compared. */
struct folded {
    char *lower; /* for expressions: each letter in lower case */
    char *words; /* for words: the words in folded case, with a space before and after each */
};

/* ---- texts ---- */

static char *rules_words(const char *plain)
{
    GString *out = g_string_new(" ");
    for (const char *at = plain; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (g_unichar_isalnum(c) || g_unichar_ismark(c))
            g_string_append_unichar(out, c);
        else if (out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    if (out->str[out->len - 1] != ' ') g_string_append_c(out, ' ');
    return g_string_free(out, FALSE);
}

/* Returns the text with each letter in lower case, for expressions; unlike with case folding, the number of
 * characters stays. */
static char *lower_of(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at; at = g_utf8_next_char(at))
        g_string_append_unichar(out, g_unichar_tolower(g_utf8_get_char(at)));
    return g_string_free(out, FALSE);
}

static struct folded rules_folded(const char *text, size_t length)
{
    char *good = g_utf8_make_valid(text, (gssize)length), *normal = g_utf8_normalize(good, -1, G_NORMALIZE_ALL_COMPOSE);
    char *plain = g_utf8_casefold(normal ? normal : good, -1);
    struct folded folded = {.lower = lower_of(normal ? normal : good), .words = rules_words(plain)};
    g_free(plain);
    g_free(good);
    g_free(normal);
    return folded;
}

static void folded_free(struct folded *folded)
{
    g_free(folded->lower);
    g_free(folded->words);
}

static bool automaton_fits(const struct automaton *automaton, const char *text)
{
    uint32_t state = 0;
    for (const uint8_t *at = (const uint8_t *)text; *at; at++) {
        state = automaton->next[state * automaton->width + automaton->classes[*at]];
        if (state == AUTOMATON_DEAD) return false;
    }
    return automaton->accepts[state] >= 0;
}

static bool rule_found(const struct rule *rule, const struct folded *text)
{
    assert(rule->words || rule->expression);
    return rule->words ? strstr(text->words, rule->words) != NULL : automaton_fits(rule->expression, text->lower);
}

/* ---- the file ---- */

static bool rules_say_wrong(char *why, size_t why_size, unsigned line, const char *what, const char *of)
{
    return why_set(why, why_size, "line %u: %s%s", line, what, of);
}

/* "[complaint]" */
static bool rules_read_category(struct rules *rules, char *text, unsigned line, char *why, size_t why_size)
{
    size_t length = strlen(text);
    if (length < 3 || text[length - 1] != ']') return rules_say_wrong(why, why_size, line, "expected [CATEGORY]", "");
    text[length - 1] = 0;
    const char *name = g_strstrip(text + 1);
    if (!*name || strlen(name) > 64)
        return rules_say_wrong(why, why_size, line, "the name of a category has 1 to 64 bytes", "");
    for (guint i = 0; i < rules->categories->len; i++)
        if (strcmp(rules->categories->pdata[i], name) == 0)
            return rules_say_wrong(why, why_size, line, "there is this category already: ", name);
    if (rules->categories->len == RULES_CATEGORIES_MAX)
        return rules_say_wrong(why, why_size, line, "too many categories", "");
    g_ptr_array_add(rules->categories, g_strdup(name));
    return true;
}

static void add_range(GString *out, gunichar low, gunichar high)
{
    g_string_append_unichar(out, low);
    if (high == low) return;
    g_string_append_c(out, '-');
    g_string_append_unichar(out, high);
}

/* Adds the lower-case letters of the upper-case ones in the range, as a text is in lower case when it is compared. */
static void add_lower(GString *out, gunichar low, gunichar high)
{
    gunichar first = low, last = high;
    if (low < 0x80) first = MAX(low, 'A'), last = MIN(high, 'Z');
    if (first > last) return;
    gunichar lower_first = g_unichar_tolower(first), lower_last = g_unichar_tolower(last);
    if (lower_first <= lower_last && (lower_first != low || lower_last != high))
        add_range(out, lower_first, lower_last);
}

/* Copies a class: "[:upper:]" becomes the class of lower-case letters, as the text is in lower case. */
static const char *add_class(GString *out, const char *at)
{
    const char *end = strstr(at + 2, ":]"), *behind = end ? end + 2 : at + strlen(at);
    if (g_str_has_prefix(at, "[:upper:]"))
        g_string_append(out, "[:lower:]");
    else
        g_string_append_len(out, at, behind - at);
    return behind;
}

/* Copies an expression in brackets with the lower-case letters added; returns the place after it. */
static const char *add_brackets(GString *out, const char *at)
{
    g_string_append_c(out, *at++);
    if (*at == '^') g_string_append_c(out, *at++);
    for (bool first = true; *at && (first || *at != ']'); first = false) {
        if (g_str_has_prefix(at, "[:")) {
            at = add_class(out, at);
            continue;
        }
        gunichar low = g_utf8_get_char(at), high = low;
        at = g_utf8_next_char(at);
        if (at[0] == '-' && at[1] && at[1] != ']') {
            high = g_utf8_get_char(at + 1);
            at = g_utf8_next_char(at + 1);
        }
        add_range(out, low, high);
        add_lower(out, low, high);
    }
    if (*at) g_string_append_c(out, *at++);
    return at;
}

/* Returns the expression that finds in a text in lower case what the given one finds in any text. */
static char *in_any_case(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at;) {
        if (*at == '[') {
            at = add_brackets(out, at);
            continue;
        }
        bool escaped = *at == '\\' && at[1];
        if (escaped) g_string_append_c(out, *at++);
        gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(out, escaped ? c : g_unichar_tolower(c));
        at = g_utf8_next_char(at);
    }
    return g_string_free(out, FALSE);
}

/* "/money +back/" */
static bool read_expression(struct rules *rules, struct rule *rule, const char *text, unsigned line, char *why,
                            size_t why_size)
{
    size_t length = strlen(text);
    if (length < 3 || text[length - 1] != '/') return rules_say_wrong(why, why_size, line, "expected /EXPRESSION/", "");
    char *plain = g_strndup(text + 1, length - 2), *normal = g_utf8_normalize(plain, -1, G_NORMALIZE_ALL_COMPOSE);
    char *low = in_any_case(normal);
    struct regex_arm arm = {REGEX_MATCH, arena_copy(rules->arena, low, strlen(low)), strlen(low)};
    struct regex_error error = {0};
    rule->expression = automaton_build(rules->arena, &arm, 1, &rules->work, &error);
    g_free(plain);
    g_free(normal);
    g_free(low);
    if (rule->expression) return true;
    return rules_say_wrong(why, why_size, line, error.text ? error.text : "this is too large an expression", "");
}

/* Reads words: "give back", or "refund*", after which more letters may follow. */
static bool read_words(struct rule *rule, const char *text, unsigned line, char *why, size_t why_size)
{
    size_t length = strlen(text);
    assert(length > 0); /* rules_read_line() skips empty lines */
    bool open = text[length - 1] == '*';
    struct folded words = rules_folded(text, length - open);
    rule->words = g_strdup(words.words);
    folded_free(&words);
    if (strlen(rule->words) < 3) {
        g_free(rule->words);
        return rules_say_wrong(why, why_size, line, "there is no word in it", "");
    }
    if (open) rule->words[strlen(rule->words) - 1] = 0;
    return true;
}

/* Reads the points in front of a rule: 3 in "3 lawyer". */
static int points_of(char **text)
{
    char *end = *text;
    bool minus = *end == '-';
    long points = strtol(*text + minus, &end, 10);
    if (end == *text + minus || (*end != ' ' && *end != '\t') || points < 1 || points > 1000) return 1;
    *text = end + strspn(end, " \t");
    return (int)(minus ? -points : points);
}

static bool read_rule(struct rules *rules, char *text, unsigned line, char *why, size_t why_size)
{
    struct rule rule = {.category = rules->categories->len - 1, .points = points_of(&text)};
    if (rules->categories->len == 0)
        return rules_say_wrong(why, why_size, line, "expected [CATEGORY] before words", "");
    if (rules->all->len == RULES_LINES_MAX) return rules_say_wrong(why, why_size, line, "too many words", "");
    bool good = *text == '/' ? read_expression(rules, &rule, text, line, why, why_size)
                             : read_words(&rule, text, line, why, why_size);
    if (good) g_array_append_val(rules->all, rule);
    return good;
}

static bool rules_read_line(struct rules *rules, char *text, unsigned line, char *why, size_t why_size)
{
    text = g_strstrip(text);
    if (!*text || *text == '#') return true;
    if (strlen(text) > RULES_LINE_MAX) return rules_say_wrong(why, why_size, line, "it is too long", "");
    if (!g_utf8_validate(text, -1, NULL)) return rules_say_wrong(why, why_size, line, "it is no UTF-8", "");
    return *text == '[' ? rules_read_category(rules, text, line, why, why_size)
                        : read_rule(rules, text, line, why, why_size);
}

struct rules *rules_read(const char *text, size_t length, char *why, size_t why_size)
{
    struct rules *rules = memory_zeroed(1, sizeof *rules);
    rules->arena = arena_new();
    rules->categories = g_ptr_array_new_with_free_func(g_free);
    rules->all = g_array_new(FALSE, FALSE, sizeof(struct rule));
    rules->work = REGEX_WORK;
    bool good = length <= RULES_FILE_MAX;
    if (!good) snprintf(why, why_size, "it is larger than %d bytes", RULES_FILE_MAX);
    char *copy = g_strndup(text, length), **lines = g_strsplit(copy, "\n", -1);
    for (unsigned i = 0; lines[i] && good; i++) good = rules_read_line(rules, lines[i], i + 1, why, why_size);
    g_strfreev(lines);
    g_free(copy);
    if (good) return rules;
    rules_free(rules);
    return NULL;
}

void rules_free(struct rules *rules)
{
    if (!rules) return;
    for (guint i = 0; i < rules->all->len; i++) g_free(g_array_index(rules->all, struct rule, i).words);
    g_array_free(rules->all, TRUE);
    g_ptr_array_free(rules->categories, TRUE);
    arena_free(rules->arena);
    free(rules);
}

/* ---- questions ---- */

const char *rules_category(const struct rules *rules, size_t index, bool *words)
{
    *words = false;
    for (guint i = 0; i < rules->all->len; i++)
        *words = *words || g_array_index(rules->all, struct rule, i).category == index;
    return index < rules->categories->len ? rules->categories->pdata[index] : NULL;
}

const char *rules_classify(const struct rules *rules, const char *text)
{
    assert(rules->categories->len <= RULES_CATEGORIES_MAX);
    struct folded read = rules_folded(text, strnlen(text, RULES_TEXT_MAX));
    int points[RULES_CATEGORIES_MAX] = {0}, most = 0;
    unsigned best = 0, count = 0;
    for (guint i = 0; i < rules->all->len; i++) {
        const struct rule *rule = &g_array_index(rules->all, struct rule, i);
        assert(rule->category < rules->categories->len);
        if (rule_found(rule, &read)) points[rule->category] += rule->points;
    }
    for (unsigned i = 0; i < rules->categories->len; i++) {
        if (points[i] > most) count = 0, best = i, most = points[i];
        if (most > 0 && points[i] == most) count++;
    }
    folded_free(&read);
    return count == 1 ? rules->categories->pdata[best] : NULL;
}

bool rules_found(const struct rules *rules, const char *category, const char *text)
{
    struct folded read = rules_folded(text, strnlen(text, RULES_TEXT_MAX));
    bool is = false;
    for (guint i = 0; i < rules->all->len && !is; i++) {
        const struct rule *rule = &g_array_index(rules->all, struct rule, i);
        is = strcmp(rules->categories->pdata[rule->category], category) == 0 && rule->points > 0 &&
             rule_found(rule, &read);
    }
    folded_free(&read);
    return is;
}

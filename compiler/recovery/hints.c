/* compiler/recovery/hints.c - Finds the hint for a mistake in the rows of hints.def. */
#include "compiler/recovery/hints.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

enum { NAME_OR_CLAUSE = -1, TEXT = -2, COMPARISON = -3, STATEMENT = -4, LISTED = 3 };

static const struct {
    const char *word, *meant, *write;
} words[] = {
#define FIRST_TWO(a, b, ...) a, b
#define WORD(word, ...)      {word, FIRST_TWO(__VA_ARGS__, NULL, NULL)},
#define HINT(...)
#include "compiler/recovery/hints.def"
};

static const struct hint {
    const char *meant;
    int at, after;
    const char *word, *before, *behind, *begins;
    int can[LISTED], cannot[LISTED];
    bool no_typo, words;
    const char *write;
} hints[] = {
#define WORD(...)
#define HINT(...) {__VA_ARGS__},
#include "compiler/recovery/hints.def"
};

/* The objects and functions of IRD, with the line of gcx that gcx-ird(7) has for each. */
static const struct {
    const char *name, *meant;
} ird[] = {
#define IRD(name, meant) {name, meant},
#include "compiler/recovery/ird_names.def"
#undef IRD
};

static const char *hint_ird(const char *word, size_t length)
{
    static const char *const own[] = {
#define WORD(text, token, use) text,
#include "compiler/syntax/words.def"
#undef WORD
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) /* `If` is a word of this language, mistyped */
        if (strlen(own[i]) == length && strncasecmp(own[i], word, length) == 0) return NULL;
    for (size_t i = 0; i < sizeof ird / sizeof *ird; i++)
        if (strlen(ird[i].name) == length && memcmp(ird[i].name, word, length) == 0) return ird[i].meant;
    return NULL;
}

struct hint_given hint_word(const char *word, size_t length)
{
    assert(word);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == length && memcmp(words[i].word, word, length) == 0)
            return (struct hint_given){.meant = words[i].meant, .write = words[i].write, .of_word = true};
    return (struct hint_given){.meant = hint_ird(word, length), .of_word = true};
}

/* Does the text begin with the pattern? A # in the pattern means any digit. */
static bool hint_fits(const char *pattern, size_t length, const char *text)
{
    for (size_t i = 0; i < length; i++)
        if (pattern[i] == '#' ? text[i] < '0' || text[i] > '9' : text[i] != pattern[i]) return false;
    return true;
}

/* Is the whole text one of the alternatives, separated by | in the row? */
static bool is_one(const char *alternatives, const char *text, size_t length)
{
    for (const char *one = alternatives; one; one = strchr(one, '|') ? strchr(one, '|') + 1 : NULL)
        if (strcspn(one, "|") == length && hint_fits(one, length, text)) return true;
    return false;
}

/* Does the statement begin with one of the alternatives, as a whole word? */
static bool hint_begins(const char *alternatives, const char *line)
{
    for (const char *one = alternatives; one; one = strchr(one, '|') ? strchr(one, '|') + 1 : NULL) {
        size_t length = strcspn(one, "|");
        if (strncmp(line, one, length) == 0 && strchr(" \n(", line[length])) return true;
    }
    return false;
}

static bool hint_is_token(int row, int token)
{
    switch (row) {
    case 0:
        return true;
    case NAME_OR_CLAUSE:
        return token == T_NAME || lexer_token_use(token) == USE_CLAUSE;
    case TEXT:
        return token == T_STRING || token == T_STR_HEAD;
    case COMPARISON:
        return token == T_EQ || token == T_NE || token == '<' || token == T_LE || token == '>' || token == T_GE ||
               token == T_IN;
    case STATEMENT:
        return lexer_token_use(token) == USE_STATEMENT;
    default:
        return token == row;
    }
}

static bool hint_holds(struct arena *arena, const struct hint *hint, const struct hint_place *place)
{
    const bool *can = place->expected->token;
    if (!hint_is_token(hint->at, place->token) || !hint_is_token(hint->after, place->previous)) return false;
    for (int i = 0; i < LISTED; i++)
        if ((hint->can[i] && !can[hint->can[i]]) || (hint->cannot[i] && can[hint->cannot[i]])) return false;
    if (hint->word && !is_one(hint->word, place->text, place->length)) return false;
    if (hint->before && !is_one(hint->before, place->before, place->before_length)) return false;
    if (hint->behind && !hint_fits(hint->behind, strlen(hint->behind), place->text + place->length)) return false;
    if (hint->begins && !hint_begins(hint->begins, place->line)) return false;
    return !hint->no_typo || place->token != T_NAME ||
           !lexer_near_word(arena, place->text, place->length, USE_CLAUSE, can);
}

/* Returns the hint for a word that was read as a name: the token, or the name before it, which was read as a label
 * or as the target of an assignment. */
static struct hint_given hint_place_word(const struct hint_place *place)
{
    struct hint_given given = {0};
    bool named = place->previous == T_NAME || lexer_token_use(place->previous) == USE_CLAUSE;
    if (named && (place->expected->token[':'] || place->token == T_NAME))
        given = hint_word(place->before, place->before_length);
    given.of_before = given.meant != NULL;
    return given.meant || place->token != T_NAME ? given : hint_word(place->text, place->length);
}

struct hint_given hint_of(struct arena *arena, const struct hint_place *place)
{
    assert(place->text && place->before && place->line && place->expected);
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        const struct hint *hint = &hints[i];
        struct hint_given given = {0};
        if (hint->words)
            given = hint_place_word(place);
        else if (hint_holds(arena, hint, place))
            return (struct hint_given){.meant = hint->meant,
                                       .write = hint->write,
                                       .over = place->length + (hint->behind ? strlen(hint->behind) : 0)};
        if (given.meant) return given;
    }
    return (struct hint_given){0};
}

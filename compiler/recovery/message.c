/* compiler/recovery/message.c - The sentence of a syntax error.
 *
 * The sentence names the largest form that could have stood there (a declaration, a statement, an expression), and then
 * single marks. It leaves operators and clauses out, for they could always follow. */
#include "compiler/recovery/message.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "compiler/syntax/lexer.h"
#include "base/utf8.h"

enum { SHOWN_TOKENS = 4, SHOWN_TEXT = 32 };

struct wording {
    const char *items[SHOWN_TOKENS];
    int count;
};

static const struct {
    int token;
    const char *words;
} marks[] = {
    {';', "';'"},
    {',', "','"},
    {')', "')'"},
    {']', "']'"},
    {'}', "'}'"},
    {':', "':'"},
    {'{', "'{'"},
    {'=', "'='"},
    {T_ARROW, "'->'"},
    {'(', "'('"},
    {'>', "'>'"},
    {'.', "'.'"},
    {'[', "'['"},
    {T_DOTDOT, "'..'"},
    {T_ON, "'on'"},
    {T_IN, "'in'"},
    {T_FOR, "'for'"},
    {T_EACH, "'each'"},
    {T_SCHEMA, "'schema'"},
    {T_FROM, "'from'"},
    {T_CLOSED, "'closed'"},
    {T_TO, "'to'"},
    {T_FUNCTION, "'function'"},
    {T_ELSE, "'else'"},
    {T_STRING, "a string"},
    {T_TIME, "a time of day"},
    {T_DATE, "a date"},
    {T_SQL, "SQL in back quotes"},
    {T_INTEGER, "a number"},
    {T_STR_TAIL, "the '}' of the value"},
    {T_SQL_TAIL, "the '}' of the value"},
};

static void wording_say(struct wording *wording, const char *item)
{
    if (wording->count < SHOWN_TOKENS) wording->items[wording->count++] = item;
}

/* Can the token stand after any expression? Such tokens would only lengthen the list. */
static bool follows_expressions(int token)
{
    static const bool following[] = {['='] = true, ['('] = true,  ['['] = true,  ['.'] = true,      ['<'] = true,
                                     ['>'] = true, [T_IN] = true, [T_TO] = true, [T_DOTDOT] = true, [T_ELSE] = true};
    return token >= 0 && (size_t)token < sizeof following / sizeof *following && following[token];
}

static bool begins_expressions(int token)
{
    return token == T_STRING || token == T_INTEGER || token == '(' || token == '[' || token == T_DATE ||
           token == T_TIME || token == T_PERCENT;
}

/* Chooses the items of the list from the expected tokens. */
static struct wording wording_choose(const struct expected *expected)
{
    const bool *can = expected->token;
    struct wording wording = {0};
    bool after_expression = can['+'] || can[T_OPTDOT];
    bool any_word = can[T_IF] && can[T_RECORD];
    bool statement = can[T_LET] && can[T_IF] && !any_word, expression = can[T_INTEGER] && can['('] && can['-'];
    bool test_line = can[T_EXPECT] && !any_word;
    if (statement)
        wording_say(&wording, "a statement");
    else if (test_line)
        wording_say(&wording, "a line of a test");
    else if (can[T_RECORD] && can[T_STRATEGY] && !any_word)
        wording_say(&wording, "a declaration");
    else if (can[T_DEFAULT] && can[T_SOURCE] && !any_word)
        wording_say(&wording, "a name of the site");
    else if (expression)
        wording_say(&wording, "an expression");
    else if (any_word)
        wording_say(&wording, "a word");
    else if (can[T_NAME] && can[T_KIND] && !after_expression)
        wording_say(&wording, "a name or a kind");
    else if (can[T_NAME])
        wording_say(&wording, "a name");
    else if (can[T_KIND] && !can[';'])
        wording_say(&wording, "a kind");
    bool more = wording.count == 0 || strcmp(wording.items[0], "a declaration") != 0;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && more; i++) {
        int token = marks[i].token;
        assert(token > 0 && token < TOKEN_LIMIT);
        if (!can[token] || (after_expression && follows_expressions(token))) continue;
        if (expression && begins_expressions(token)) continue;
        if (token == T_TO && can[T_BY]) continue; /* `to` begins a clause here, as `by` does */
        if (can[T_NAME] && can[T_BY] && token_use(token) == USE_CLAUSE) continue; /* "a name" covers the word */
        if ((statement || test_line || can[T_DEFAULT] || any_word) && token != '}' && token != ')') continue;
        wording_say(&wording, marks[i].words);
    }
    return wording;
}

bool syntax_wants_name(const struct expected *expected)
{
    const bool *can = expected->token;
    return can[T_NAME] && !can[T_KIND] && !can[T_MOD] && !can[T_INTEGER] && !can[T_LET];
}

/* The token that stands there, as a person would name it. */
static const char *token_found(struct arena *arena, int token, const char *text, size_t length)
{
    switch (token) {
    case T_END:
        return "end of the file";
    case T_STRING:
    case T_STR_HEAD:
        return "string";
    case T_STR_MID:
    case T_STR_TAIL:
    case T_SQL_MID:
    case T_SQL_TAIL:
        return "end of the value";
    case T_SQL:
    case T_SQL_HEAD:
        if (length > 1) return "SQL";
        break; /* only the back quote behind an open value */
    default:
        break;
    }
    const char *more = "";
    if (length > SHOWN_TEXT) {
        length = utf8_cut(text, length, SHOWN_TEXT);
        more = "...";
    }
    return arena_printf(arena, "'%.*s%s'", (int)length, text, more);
}

/* Is a text without values expected: a name, a path or a pattern? */
static bool wants_plain_text(const struct expected *expected)
{
    return expected->token[T_STRING] && !expected->token[T_STR_HEAD];
}

const char *syntax_message(struct arena *arena, int token, const char *text, size_t length,
                           const struct expected *expected)
{
    assert(text && expected);
    if (token == T_STR_HEAD && wants_plain_text(expected))
        return "this text is known as it stands, and no value is put into it: a brace in it is written '{{' or '}}'";
    const char *message = arena_printf(arena, "unexpected %s", token_found(arena, token, text, length));
    struct wording wording = wording_choose(expected);
    for (int i = 0; i < wording.count; i++) {
        const char *join = i == 0 ? "; expected" : i == wording.count - 1 ? " or" : ",";
        message = arena_printf(arena, "%s%s %s", message, join, wording.items[i]);
    }
    return message;
}

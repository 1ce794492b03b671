/* compiler/recovery/message.c - Makes the sentence of a syntax error.
 *
 * The sentence names the largest form that is allowed at the place (a declaration, a statement, an expression), and
 * then single tokens. The sentence leaves out operators and clauses, which could nearly always follow. */
#include "compiler/recovery/message.h"

#include <assert.h>
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

/* Is the token allowed after any expression? Such tokens would only make the list longer. */
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

/* The groups to which the allowed tokens belong. */
struct expected_kinds {
    bool after_expression, any_word, statement, test_line, expression;
};

static struct expected_kinds wording_wanted(const bool *can)
{
    struct expected_kinds wanted = {.after_expression = can['+'] || can[T_OPTDOT],
                                    .any_word = can[T_IF] && can[T_RECORD]};
    wanted.statement = can[T_LET] && can[T_IF] && !wanted.any_word;
    wanted.test_line = can[T_EXPECT] && !wanted.any_word;
    wanted.expression = can[T_INTEGER] && can['('] && can['-'];
    return wanted;
}

/* One word for many tokens; NULL: there is none. */
static const char *wording_kind(const bool *can, const struct expected_kinds *wanted)
{
    const struct {
        bool is;
        const char *words;
    } kinds[] = {
        {wanted->statement, "a statement"},
        {wanted->test_line, "a line of a test"},
        {can[T_RECORD] && can[T_STRATEGY] && !wanted->any_word, "a declaration"},
        {can[T_DEFAULT] && can[T_SOURCE] && !wanted->any_word, "a name of the site"},
        {wanted->expression, "an expression"},
        {wanted->any_word, "a word"},
        {can[T_NAME] && can[T_KIND] && !wanted->after_expression, "a name or a kind"},
        {can[T_NAME], "a name"},
        {can[T_KIND] && !can[';'], "a kind"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].is) return kinds[i].words;
    return NULL;
}

/* Is the token listed as an item of its own? False: another item of the list covers the token. */
static bool wording_marks(const bool *can, const struct expected_kinds *wanted, int token)
{
    if (!can[token] || (wanted->after_expression && follows_expressions(token))) return false;
    if (wanted->expression && begins_expressions(token)) return false;
    if (token == T_TO && can[T_BY]) return false; /* `to` begins a clause here, as `by` does, and is not listed */
    /* "a name" includes this word */
    if (can[T_NAME] && can[T_BY] && lexer_token_use(token) == USE_CLAUSE) return false;
    bool covered = wanted->statement || wanted->test_line || can[T_DEFAULT] || wanted->any_word;
    return !covered || token == '}' || token == ')';
}

/* Chooses the items of the list from the allowed tokens. */
static struct wording wording_choose(const struct expected *expected)
{
    const bool *can = expected->token;
    const struct expected_kinds wanted = wording_wanted(can);
    const char *kind = wording_kind(can, &wanted);
    struct wording wording = {0};
    if (kind) wording_say(&wording, kind);
    bool more = !kind || strcmp(kind, "a declaration") != 0;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && more; i++) {
        assert(marks[i].token > 0 && marks[i].token < TOKEN_LIMIT);
        if (wording_marks(can, &wanted, marks[i].token)) wording_say(&wording, marks[i].words);
    }
    return wording;
}

bool recovery_wants_name(const struct expected *expected)
{
    const bool *can = expected->token;
    return can[T_NAME] && !can[T_KIND] && !can[T_MOD] && !can[T_INTEGER] && !can[T_LET];
}

/* Returns the token at the place in the words of a person. */
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
        break; /* after an open value only the back quote is allowed */
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

/* Is a literal text expected: a name, a path or a pattern? */
static bool wants_plain_text(const struct expected *expected)
{
    return expected->token[T_STRING] && !expected->token[T_STR_HEAD];
}

const char *recovery_message(struct arena *arena, int token, const char *text, size_t length,
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

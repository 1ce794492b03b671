/* compiler/recovery/hints.c - The words of habits.def, and mistakes that are known by the token that could not stand there. */
#include "compiler/recovery/hints.h"

#include <string.h>

#include "compiler/syntax/lexer.h"

static const struct {
    const char *word, *meant;
} words[] = {
#define HABIT(word, meant) {word, meant},
#include "compiler/recovery/hints.def"
#undef HABIT
};

const char *habit_word(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == length && memcmp(words[i].word, word, length) == 0) return words[i].meant;
    return NULL;
}

static bool is(const char *text, size_t length, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == length && memcmp(*list, text, length) == 0) return true;
    return false;
}

static bool line_begins(const struct habit_place *place, const char *word)
{
    size_t length = strlen(word);
    return strncmp(place->line, word, length) == 0 && (place->line[length] == ' ' || place->line[length] == '\n');
}

/* A word that stands where a statement begins was read as its own: a label, a name that is set. */
static const char *after_word(struct arena *arena, const struct habit_place *place)
{
    static const char *const types[] = {"str", "int", "bool", "float", "duration", "time", "date", "percent", NULL};
    static const char *const units[] = {"ms", "s", "sec", "second", "seconds", "m", "min", "minute", "minutes",
                                        "h", "hour", "hours", "d", "day", "days", NULL};
    const bool *can = place->expected->token;
    if (place->previous == T_NAME && (can[':'] || place->token == T_NAME)) {
        const char *meant = habit_word(place->before, place->before_length);
        if (meant) return meant;
    }
    if (place->token != T_NAME) return NULL;
    if (is(place->before, place->before_length, types) && (can['='] || can[':']))
        return arena_printf(arena, "the type stands behind the name: let %.*s: %.*s = ...", (int)place->length,
                            place->text, (int)place->before_length, place->before);
    if (place->previous == T_INTEGER && is(place->text, place->length, units))
        return "a duration is one word: 250ms, 20s, 3m, 8h, 2d";
    return habit_word(place->text, place->length);
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *text)
{
    size_t count = 0;
    while (digit(text[count])) count++;
    return count;
}

/* 02.03.2026: the scanner took the first two for a number; the parser stumbles over the year, or the point before. */
static const char *written_date(struct arena *arena, const struct habit_place *place)
{
    bool point = place->token == '.' && place->previous == T_FLOAT;
    if (!point && (place->token != T_INTEGER || place->previous != '.')) return NULL;
    const char *year = place->text + point, *number = place->before, *end = point ? place->text : place->before;
    while (number > place->line && (digit(number[-1]) || number[-1] == '.')) number--;
    size_t day = digits(number), month = number[day] == '.' ? digits(number + day + 1) : 0;
    if (day < 1 || day > 2 || month < 1 || month > 2 || number + day + 1 + month != end) return NULL;
    if (digits(year) != 4) return NULL;
    return arena_printf(arena, "a date is written %.4s-%s%.*s-%s%.*s", year, month < 2 ? "0" : "", (int)month,
                        number + day + 1, day < 2 ? "0" : "", (int)day, number);
}

/* Behind the condition of a line of a selection. A `;` would make another line there, and lines add up. */
static bool is_in_line(const bool *can)
{
    return can[';'] && can[T_SHARE] && can[T_WHERE];
}

static const char line_joined[] = "both must hold: skill Sales >= 5 and skill French >= 1; a line of its own adds others";

static const char *at_mark(const struct habit_place *place)
{
    const bool *can = place->expected->token;
    char next = *place->text ? place->text[1] : '\0';
    bool name = place->previous == T_NAME || token_use(place->previous) == USE_CLAUSE;
    switch (place->token) {
    case '=':
        if (next == '>') return can[T_GE] && !can[T_ARROW] ? ">= compares" : "an arm is written with ->";
        if (name && can[':'] && can[')']) return "an argument is given by its name so: min: 3";
        return can[T_EQ] ? "== compares" : NULL;
    case '.':
        if (place->previous == T_FLOAT) return NULL; /* written_date */
        return digit(next) && can[T_FLOAT] ? "a nought stands before it: 0.5" : NULL;
    case ':':
        if (place->previous == T_INTEGER && digit(next)) return "a time of day has two digits: 08:00";
        if (can[T_ARROW]) return "an arm is written with ->";
        return can['{'] ? "a block stands in braces: { ... }" : NULL;
    case '?':
        if (next == '[') return "m[\"a\"] is none where the key is missing; where m itself may be none, test it first";
        if (next == '?') return "(x else y) is y where x is none";
        return can[';'] ? "an if chooses: let x = 4; if c { x = 3; }" : NULL;
    case ',':
        if (is_in_line(can)) return line_joined;
        return can[';'] && can['}'] ? "each of them ends with ;" : NULL;
    case ';':
        if (place->previous == '}' && (can[T_LET] || can[T_STRATEGY]))
            return can[T_LET] ? "no ; stands after the } of if, while, for, segment and so on"
                              : "no ; stands after the } of a declaration";
        if (line_begins(place, "expect") && place->before_length == 5 && strncmp(place->before, "never", 5) == 0)
            return "never stands before it: expect never abandoned";
        return can[','] && can['}'] ? "commas stand between them" : NULL;
    case '{':
        if (place->previous == T_SELECT && can[T_IN]) return "it says where one waits: select in vq service { ... }";
        if (place->previous == T_ATTACH) return "what is attached is declared so: attached { key: str; }";
        if (line_begins(place, "default")) return NULL; /* a clause that is mistyped */
        if (can[T_ON] && line_begins(place, "strategy")) return "it says for which medium: strategy s on voice { ... }";
        return can[T_INTEGER] ? "a map stands in brackets: [\"1\": \"a\"]" : NULL;
    case '>':
        return place->previous == '<' && can[T_INTEGER] ? "!= asks whether they differ" : NULL;
    case '/':
        return next == '*' ? "a remark begins with //, on each of its lines" : NULL;
    case '[':
        return place->previous == T_IN && can[T_NAME]
                   ? "values stand by themselves: \"a\", \"b\" -> ...; behind in stands a name"
                   : NULL;
    case '+':
    case '-':
        if (place->previous == T_TIME && can[T_DOTDOT]) return "from one to the other: 08:00..18:00";
        return place->previous == place->token && place->before + 1 == place->text ? "n += 1 and n -= 1 count" : NULL;
    case '(':
        return place->previous == T_FOR ? "for x in xs { ... }, repeat 3 { ... }, while c { ... }" : NULL;
    case ')':
        return place->previous == T_NAME && can[':'] && !can[','] ? "a parameter has a type: (x: str)" : NULL;
    default:
        return NULL;
    }
}

/* secret stands before the name of a key or a field, and nowhere else. */
static const char *after_secret(struct arena *arena, const struct habit_place *place)
{
    const bool *can = place->expected->token;
    if (!can[':'] && !can['='])
        return arena_printf(arena, "it stands before the name: secret card: %.*s", (int)place->length, place->text);
    return "a key or a field is secret: attached { secret card: str }; what is made of it is secret by itself";
}

static bool compares(int token)
{
    return token == T_EQ || token == T_NE || token == '<' || token == T_LE || token == '>' || token == T_GE ||
           token == T_IN;
}

/* Words of declarations, where something else was to follow. */
static const char *in_declaration(struct arena *arena, const struct habit_place *place)
{
    const bool *can = place->expected->token;
    if (place->previous == T_NATIVE && can[T_FUNCTION])
        return "a native computes, and does not wait: native function f(x: str): bool from \"library\";";
    if (place->token == T_FROM && can['{'] && line_begins(place, "function"))
        return "what a library computes is a native function";
    if (place->previous == T_SITE && can['{'] && place->token != '[' && place->token != '(')
        return "a site has no name: there is one an image";
    if (place->previous == T_SITE && can['{']) return "it stands in braces: site { ... }";
    if (place->previous == T_SECRET && place->token == T_NAME) return after_secret(arena, place);
    if (can[T_FOR] && line_begins(place, "test") && place->length == 7 && !strncmp(place->text, "foreach", 7))
        return "its rows stand behind the title: for each x { 1; 2; }";
    if (place->previous == T_ZONE && can[T_STRING]) return "a zone is a text: zone \"Europe/Paris\"";
    if (place->token != ';') return NULL;
    if (can[T_CLOSED] && can[T_TIME] && can[',']) return "the hours of these days: mon..fri 08:00..18:00; or closed";
    if (can['='] && line_begins(place, "let")) return "a variable is made with its value: let x: int = 0;";
    if (can['('] && line_begins(place, "signal")) return "what it brings stands in parentheses: signal bell();";
    return can[T_SCHEMA] && line_begins(place, "source") ? "its tables stand in a file: source crm schema \"crm.sql\";"
                                                         : NULL;
}

/* Expects a block and little else; clauses and operators could go on, too. */
static bool wants_block(const struct expected *expected)
{
    const bool *can = expected->token;
    return can['{'] && !can[';'] && !can[T_ON] && !can[T_INTEGER];
}

const char *habit_meant(struct arena *arena, const struct habit_place *place)
{
    const bool *can = place->expected->token;
    const char *meant = at_mark(place);
    if (!meant) meant = written_date(arena, place);
    if (!meant) meant = in_declaration(arena, place);
    if (!meant) meant = after_word(arena, place);
    if (meant) return meant;
    switch (place->token) {
    case T_RACE:
        return can[T_INTEGER]
                   ? "it stands alone, and its arms say what comes of it: race { let a = ... -> attach k = a; }"
                   : NULL;
    case T_PARALLEL:
        return can[T_INTEGER] ? "it stands alone, and what it names is known behind it: parallel { let a = ...; }"
                              : NULL;
    case T_DOTDOT:
        return line_begins(place, "for") ? "repeat 5 { ... }, or for x in [1, 2, 3] { ... }"
                                         : "a range stands behind in, and in a segment: x in 1..5";
    case T_DURATION:
        if (place->previous == T_DURATION) return "a duration is written in one piece: 1h30m";
        break;
    case T_INTEGER:
        if (can[T_TIME] && place->text[place->length] == ':') return "a time of day has two digits: 08:00";
        break;
    case T_IF:
        return can[T_INTEGER] ? "it is a statement: let x = 4; if c { x = 3; }" : NULL;
    case T_ELSE:
        if (can[T_ARROW]) return "a step that fails leaves it to the others; else stands behind the } of the race";
        if (line_begins(place, "switch")) return "what becomes of it where it fails stands in on error";
        if (can[T_STR_TAIL] || can[T_SQL_TAIL])
            return "what stands for none stands in parentheses: {(x else \"none\")}";
        return line_begins(place, "return") ? "let x = ... else ...; then return x;" : NULL;
    case T_STRING:
    case T_STR_HEAD:
        if (place->previous == T_IMPORT) return "a module is a word: import hours;";
        if (can[T_SQL]) return "a statement stands in back quotes: `select ...`";
        return place->previous == T_NAME && place->before_length == 1 && place->before + 1 == place->text
                   ? "a string shows values in braces by itself: \"{x}\""
                   : NULL;
    default:
        break;
    }
    if (place->token == T_NAME && place->text[place->length] == ':' && can[','] && can[')'])
        return "a comma stands between arguments";
    if (is_in_line(can) && place->token == T_KIND) return line_joined;
    if (line_begins(place, "expect not")) return "never stands before it: expect never abandoned";
    if (compares(place->token) && can[T_AND]) return "comparisons are put together so: a < b and b < c";
    if (place->previous == '}' && can[';'] && token_use(place->token) == USE_STATEMENT)
        return "a ; ends what is before it, after a } too";
    if (place->previous == T_WAIT) return "delay 5s; waits so long, wait for a signal of the site";
    if (place->token == T_WAIT && can[T_EXPECT]) return "what happens later stands behind its time: after 5s: ...";
    if (place->previous == T_SWITCH && can[T_TO])
        return "segment x { ... } tells values apart; switch to s goes on with another strategy";
    if (line_begins(place, "on") && can['('] && place->token == T_NAME)
        return "its name stands in parentheses: on error (e) { ... }";
    bool control = line_begins(place, "if") || line_begins(place, "while") || line_begins(place, "repeat");
    if (!control || !wants_block(place->expected)) return NULL;
    bool word = place->token == T_NAME && lexer_near_word(arena, place->text, place->length, USE_CLAUSE, can);
    return word ? NULL : "a block stands in braces: if c { ... }";
}

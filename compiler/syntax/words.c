/* compiler/syntax/words.c - The actions of the scanner's rules: words, numbers, and the pieces of strings and SQL.
 *
 * The scanner's rules (lexer.l) only recognise forms; the actions here give tokens their values. Words of the
 * language are rows of words.def, sorted, and found by binary search; all other words are names, interned so that
 * equal names have one pointer.
 *
 * A string with values in it becomes several tokens, as the parser needs the expressions between its pieces:
 *
 *     "Hello {name}, you are {n}."    STR_HEAD "Hello "  name  STR_MID ", you are "  n  STR_TAIL "."
 *     "Hello."                        STRING
 *
 * `depth` counts the texts that are open around the current place. A wrong token keeps its kind and gets a harmless
 * value, and marks the lexer as damaged, so that the parser continues without a second report. */
#include "compiler/syntax/lexer_rules.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/written.h"
#include "compiler/base/unseen.h"
#include "compiler/syntax/literal.h"

static const struct known_word {
    const char *text;
    int token;
    enum word_use use;
} words[] = {
#define WORD(text, token, use) {text, token, USE_##use},
#include "compiler/syntax/words.def"
};

struct word_search { /* the word that is searched; its text has no NUL at its end */
    const char *text;
    size_t length;
};

static int compare_word(const void *key, const void *row)
{
    const struct word_search *sought = key;
    const char *text = ((const struct known_word *)row)->text;
    if (*sought->text != *text) return (unsigned char)*sought->text - (unsigned char)*text;
    int order = strncmp(sought->text, text, sought->length);
    return order != 0 ? order : -(text[sought->length] != '\0'); /* a prefix sorts first */
}

/* The use of each token, since readers need it for every token. Several words may be one token, and all have one use
 * then. */
enum { TOKENS_BEGIN = 256 }; /* before it are characters */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const uint8_t token_uses[] = {
#define WORD(text, token, use) [(token)-TOKENS_BEGIN] = USE_##use,
#include "compiler/syntax/words.def"
};
#pragma GCC diagnostic pop
static_assert(USE_NAME == 0, "what is no word of the language is a name");

enum word_use lexer_token_use(int token)
{
    size_t at = (size_t)(token - TOKENS_BEGIN);
    return token >= TOKENS_BEGIN && at < sizeof token_uses ? (enum word_use)token_uses[at] : USE_NAME;
}

bool lexer_is_reserved(const char *text, size_t length)
{
    struct word_search sought = {text, length};
    const struct known_word *word = bsearch(&sought, words, sizeof words / sizeof *words, sizeof *words, compare_word);
    return word && word->use >= USE_RESERVED;
}

const char *lexer_near_word(struct arena *arena, const char *text, size_t length, enum word_use least, const bool *can)
{
    char *wanted = arena_copy(arena, text, length);
    const char *near = NULL;
    uint32_t closest = UINT32_MAX;
    for (char *c = wanted; *c; c++) *c = (char)tolower((unsigned char)*c);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].use < least || (can && !can[words[i].token])) continue;
        if (near_is_nearer(wanted, words[i].text, &closest)) near = words[i].text;
    }
    return near;
}

void rule_doc(struct lexer *lexer, const struct source_span *span)
{
    if (lexer->doc_count == lexer->doc_room) {
        size_t room = lexer->doc_room ? lexer->doc_room * 2 : 16, size = sizeof *lexer->docs;
        lexer->docs = arena_grow(lexer->arena, lexer->docs, lexer->doc_room * size, room * size);
        lexer->doc_room = room;
    }
    lexer->docs[lexer->doc_count++] = *span;
}

/* Is there only white space from `begin` to `end`? */
static bool lexer_is_blank(const struct lexer *lexer, uint32_t begin, uint32_t end)
{
    const char *text = lexer->source->text;
    assert(lexer->source->base <= begin && begin <= end);
    for (uint32_t i = begin - lexer->source->base; i < end - lexer->source->base; i++)
        if (!isspace((unsigned char)text[i])) return false;
    return true;
}

const char *lexer_doc(const struct lexer *lexer, uint32_t offset)
{
    /* Finds the lines that belong to the offset: docs[begin] to docs[end - 1], with only spaces between them. */
    size_t end = lexer->doc_count;
    while (end > 0 && lexer->docs[end - 1].end > offset) end--;
    size_t begin = end;
    while (begin > 0 &&
           lexer_is_blank(lexer, lexer->docs[begin - 1].end, begin == end ? offset : lexer->docs[begin].begin))
        begin--;
    if (begin == end) return NULL;
    char *doc = arena_alloc(lexer->arena, lexer->docs[end - 1].end - lexer->docs[begin].begin), *at = doc;
    for (size_t i = begin; i < end; i++) {
        const char *line = lexer->source->text + (lexer->docs[i].begin - lexer->source->base) + 3;
        size_t length = lexer->docs[i].end - lexer->docs[i].begin - 3;
        if (length > 0 && *line == ' ') line++, length--;
        while (length > 0 && isspace((unsigned char)line[length - 1])) length--;
        if (i > begin) *at++ = '\n';
        memcpy(at, line, length);
        at += length;
    }
    return doc; /* there is room for the NUL, since the slashes are not copied */
}

/* Returns the word without its characters of no width: these were reported before, and two names that look the same are
 * then the same. */
static const char *word_seen(struct lexer *lexer, const char *text, size_t *length)
{
    enum unseen_kind kind;
    unsigned code_point;
    char *seen = arena_copy(lexer->arena, text, *length);
    size_t kept = 0;
    for (size_t at = 0; at < *length; at++) {
        size_t unseen = unseen_here(text + at, *length - at, &kind, &code_point);
        if (unseen > 0 && kind == UNSEEN_NO_WIDTH)
            at += unseen - 1;
        else
            seen[kept++] = text[at];
    }
    *length = kept;
    return seen;
}

int rule_word(struct lexer *lexer, const char *text, size_t length, PARSER_STYPE *value, const struct source_span *span)
{
    if (memchr(text, 0xC2, length) || memchr(text, 0xE2, length) || memchr(text, 0xEF, length))
        text = word_seen(lexer, text, &length);
    value->word = (struct word){arena_intern(lexer->arena, text, length), *span};
    struct word_search sought = {text, length};
    const struct known_word *row = bsearch(&sought, words, sizeof words / sizeof *words, sizeof *words, compare_word);
    return row ? row->token : T_NAME;
}

/* Marks the token as damaged, so that the parser reports no other error at it. */
static struct diag *words_damage(struct lexer *lexer, struct diag *diag)
{
    lexer->damaged = true;
    return diag;
}

#define DAMAGE(lexer, NAME, span, ...) words_damage((lexer), diag_report((lexer)->diags, NAME, (span), ##__VA_ARGS__))

/* Returns the beginning of a word, for a message. */
static const char *lexer_quoted(struct lexer *lexer, const char *text, size_t length)
{
    return arena_copy(lexer->arena, text, length < 40 ? length : 40);
}

int rule_integer(struct lexer *lexer, const char *text, size_t length, PARSER_STYPE *value,
                 const struct source_span *span)
{
    if (!written_integer(text, length, &value->number))
        DAMAGE(lexer, NUMBER_TOO_LARGE, *span, lexer_quoted(lexer, text, length));
    return T_INTEGER;
}

/* Are the units of a wrong duration in order, so that only its numbers are too large? To test this, each number is
 * replaced by 1. */
static bool units_in_order(const struct lexer *lexer, const char *text, size_t length)
{
    char *ones = arena_copy(lexer->arena, text, length);
    size_t written = 0;
    int64_t us;
    for (size_t i = 0; i < length; i++) {
        bool digit = isdigit((unsigned char)text[i]);
        if (!digit)
            ones[written++] = text[i];
        else if (i + 1 == length || !isdigit((unsigned char)text[i + 1]))
            ones[written++] = '1';
    }
    return written_duration(ones, written, &us);
}

int rule_duration(struct lexer *lexer, const char *text, size_t length, PARSER_STYPE *value,
                  const struct source_span *span)
{
    if (written_duration(text, length, &value->number)) return T_DURATION;
    if (units_in_order(lexer, text, length))
        diag_hint(DAMAGE(lexer, NUMBER_TOO_LARGE, *span, lexer_quoted(lexer, text, length)),
                  "a duration is 106751991d at most");
    else
        diag_hint(DAMAGE(lexer, BAD_DURATION, *span, lexer_quoted(lexer, text, length)), "as in 1m30s");
    return T_DURATION;
}

int rule_percent(struct lexer *lexer, const char *text, size_t length, PARSER_STYPE *value,
                 const struct source_span *span)
{
    if (!literal_percent(text, length, &value->number))
        DAMAGE(lexer, NUMBER_TOO_LARGE, *span, lexer_quoted(lexer, text, length));
    return T_PERCENT;
}

int rule_float(struct lexer *lexer, const char *text, size_t length, PARSER_STYPE *value,
               const struct source_span *span)
{
    if (!literal_float(lexer->arena, text, length, &value->real))
        DAMAGE(lexer, NUMBER_TOO_LARGE, *span, lexer_quoted(lexer, text, length));
    return T_FLOAT;
}

int rule_date(struct lexer *lexer, const char *text, size_t length, PARSER_STYPE *value, const struct source_span *span)
{
    if (!literal_date(text, &value->number)) {
        value->number = 0;
        DAMAGE(lexer, BAD_DATE, *span, lexer_quoted(lexer, text, length));
    }
    return T_DATE;
}

int rule_time(struct lexer *lexer, const char *text, size_t length, PARSER_STYPE *value, const struct source_span *span)
{
    if (!written_clock(text, length, &value->number)) {
        value->number = 0;
        struct diag *diag = DAMAGE(lexer, BAD_DATE, *span, lexer_quoted(lexer, text, length));
        if (text[0] == '2' && text[1] == '4')
            diag_hint(diag,
                      "a span until midnight ends at 00:00, as 09:00..00:00; a schedule's whole day is 00:00..00:00");
    }
    return T_TIME;
}

/* Returns the duration that somebody meant by a number with a unit of another form, as it is written here: `1.5h` is
 * 1h30m, `3min` is 3m; NULL where it is none. */
static const char *meant_duration(struct lexer *lexer, const char *text, size_t length)
{
    static const struct {
        const char *word;
        int64_t ms;
    } units[] = {{"ms", 1},         {"msec", 1},       {"millis", 1},      {"s", 1000},     {"sec", 1000},
                 {"secs", 1000},    {"second", 1000},  {"seconds", 1000},  {"m", 60000},    {"min", 60000},
                 {"mins", 60000},   {"minute", 60000}, {"minutes", 60000}, {"h", 3600000},  {"hr", 3600000},
                 {"hrs", 3600000},  {"hour", 3600000}, {"hours", 3600000}, {"d", 86400000}, {"day", 86400000},
                 {"days", 86400000}};
    size_t number = strspn(lexer_quoted(lexer, text, length), "0123456789.");
    if (number == 0 || number > 6 || number >= length) return NULL;
    double value = strtod(arena_copy(lexer->arena, text, number), NULL);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].word) != length - number || memcmp(units[i].word, text + number, length - number) != 0)
            continue;
        int64_t ms = (int64_t)(value * (double)units[i].ms + 0.5);
        const char *written = "";
        static const struct {
            const char *word;
            int64_t ms;
        } own[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
        for (size_t j = 0; j < sizeof own / sizeof *own; j++) {
            if (ms / own[j].ms > 0)
                written = arena_printf(lexer->arena, "%s%lld%s", written, (long long)(ms / own[j].ms), own[j].word);
            ms %= own[j].ms;
        }
        return *written ? written : NULL;
    }
    return NULL;
}

/* Returns a number without the marks that other languages put between its digits; NULL where it is none. */
static const char *meant_number(struct lexer *lexer, const char *text, size_t length)
{
    char *digits = arena_copy(lexer->arena, text, length);
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '_' && !isdigit((unsigned char)text[i])) return NULL;
        if (text[i] != '_') digits[written++] = text[i];
    }
    digits[written] = '\0';
    return digits;
}

/* Says what is written in the place of the span, and makes that an edit. */
static void words_write(struct diag *diag, struct source_span span, const char *meant)
{
    diag_hint(diag, "write %s", meant);
    diag_edit(diag, span, meant);
}

int rule_bad_number(struct lexer *lexer, const char *text, size_t length, PARSER_STYPE *value,
                    const struct source_span *span)
{
    assert(length > 0);
    struct diag *diag = DAMAGE(lexer, BAD_NUMBER, *span, lexer_quoted(lexer, text, length));
    const char *meant = meant_duration(lexer, text, length);
    if (!meant) meant = meant_number(lexer, text, length);
    if (text[length - 1] == '%')
        diag_hint(diag, "two digits behind the point at most: 0.12%%");
    else if (meant)
        words_write(diag, *span, meant);
    value->number = 0;
    return T_INTEGER;
}

/* A text in single quotes. */
void rule_quoted(struct lexer *lexer, const char *text, size_t length, const struct source_span *span)
{
    lexer->damaged = true;
    struct diag *diag = diag_report(lexer->diags, STRAY_CHARACTER, *span, "'");
    diag_hint(diag, "a string stands in double quotes");
    if (!memchr(text, '"', length) && !memchr(text, '{', length) && !memchr(text, '\\', length))
        diag_edit(diag, *span, arena_printf(lexer->arena, "\"%.*s\"", (int)length - 2, text + 1));
}

/* A sign of another language whose meaning is sure: the parser gets the token that was meant. */
int rule_foreign(struct lexer *lexer, const char *text, const char *meant, int token, const struct source_span *span)
{
    words_write(diag_report(lexer->diags, STRAY_CHARACTER, *span, text), *span, meant);
    return token;
}

/* Does a string end right before the place? Then the sign there was meant to join strings. */
static bool behind_string(const struct lexer *lexer, uint32_t at)
{
    const char *text = lexer->source->text;
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) at--;
    if (at == 0 || text[at - 1] != '"') return false;
    while (at > 0 && !strchr(";{}\n", text[at - 1])) at--;
    at += (uint32_t)strspn(text + at, " \t");
    /* in a condition the sign compares or combines, and joins no strings */
    return strncmp(text + at, "if ", 3) != 0 && strncmp(text + at, "while ", 6) != 0;
}

static bool stray_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1'000 */
static bool stray_between_digits(const char *text, uint32_t at)
{
    return at > 0 && stray_is_digit(text[at - 1]) && stray_is_digit(text[at + 1]);
}

/* Is this `%` a percent sign, as in `50 %)`? Behind the operator % (the remainder) a value follows, behind a percent
 * sign none. */
static bool stray_is_percent(const char *text, uint32_t at)
{
    const char *behind = text + at + 1 + strspn(text + at + 1, " \t");
    while (at > 0 && text[at - 1] == ' ') at--;
    return at > 0 && stray_is_digit(text[at - 1]) && strchr("),;}]", *behind);
}

/* Does `| none` follow a type, as others say that a value may be missing? */
static bool stray_is_option(const char *text)
{
    static const char *const nones[] = {"none", "None", "null", "nil", "undefined"};
    assert(*text == '|');
    const char *word = text + 1 + strspn(text + 1, " ");
    for (size_t i = 0; i < sizeof nones / sizeof *nones; i++)
        if (strncmp(word, nones[i], strlen(nones[i])) == 0) return true;
    return false;
}

/* Returns what is to be written for a character that has no meaning, or NULL. */
static const char *stray_means(const struct lexer *lexer, const char *text, uint32_t at)
{
    switch (*text) {
    case '&':
        return behind_string(lexer, at) ? "strings are put together so: \"{a} {b}\"" : "write and";
    case '|':
        return stray_is_option(lexer->source->text + at) ? "what may be none is written int?" : "write or";
    case '!':
        return "write not; != compares";
    case '%':
        if (stray_is_percent(lexer->source->text, at)) return "a percent is one word: 50%";
        return behind_string(lexer, at) ? "values stand in the text: \"n is {n}\"" : "write mod; a share is 5%";
    case '\'':
        if (stray_between_digits(lexer->source->text, at)) return "digits stand together: 1000000";
        return "a string stands in double quotes, and a remark begins with //";
    case '#':
        if (strncmp(lexer->source->text + at, "#define", 7) == 0) return "const limit: int = 3; is known everywhere";
        return strncmp(lexer->source->text + at, "#include", 8) == 0 ||
                       strncmp(lexer->source->text + at, "#import", 7) == 0
                   ? "import text; brings what the module declares; a remark begins with //"
                   : "a remark begins with //";
    case '$':
        return "a name stands by itself: x, and in a text {x}";
    case '@':
        return "a level is compared: skill French >= 3; a group is named: group sales";
    case '~':
        return "x.contains(\"a\"), x.starts(\"a\"), and segment x { match \"...\" -> ... } look into a text";
    default:
        return NULL;
    }
}

/* Adds the edit of a character whose cure is one word. */
static void stray_edit(struct lexer *lexer, struct diag *diag, char c, uint32_t at)
{
    const char *text = lexer->source->text;
    struct source_span span = diag->span;
    if (c == '|' && stray_is_option(text + at)) return;
    if ((c == '&' || c == '|') && !behind_string(lexer, at)) {
        bool twice = text[at + 1] == c;
        bool before = at > 0 && text[at - 1] == ' ', behind = text[at + 1 + twice] == ' ';
        span.end += twice;
        diag_edit(diag, span,
                  arena_printf(lexer->arena, "%s%s%s", before ? "" : " ", c == '&' ? "and" : "or", behind ? "" : " "));
    } else if (c == '!') {
        diag_edit(diag, span, "not ");
    } else if (c == '#' && strncmp(text + at, "#define", 7) != 0 && strncmp(text + at, "#include", 8) != 0) {
        diag_edit(diag, span, "//");
    }
}

void rule_stray(struct lexer *lexer, const char *text, const struct source_span *span)
{
    unsigned char c = (unsigned char)*text;
    const char *shown = c < 0x20 || c == 0x7F ? arena_printf(lexer->arena, "\\x%02x", c) : lexer_quoted(lexer, text, 1);
    uint32_t at = span->begin - lexer->source->base;
    bool again = at > 0 && lexer->source->text[at - 1] == (char)c;
    if (again && (c == '&' || c == '|')) return; /* the first && or || was reported */
    lexer->damaged = true;
    struct diag *diag = diag_report(lexer->diags, STRAY_CHARACTER, *span, shown);
    const char *means = stray_means(lexer, text, at);
    if (means) diag_hint(diag, "%s", means);
    stray_edit(lexer, diag, (char)c, at);
}

void rule_text_open(struct lexer *lexer, const struct source_span *span)
{
    assert(lexer->depth >= 0 && lexer->depth <= INTERPOLATION_LIMIT);
    lexer->piece_length = 0;
    lexer->piece_begin = span->begin;
    lexer->piece_is_first = true;
    lexer->text_begin[lexer->depth] = span->begin;
}

void rule_text_go_on(struct lexer *lexer, const struct source_span *span)
{
    assert(lexer->depth > 0);
    lexer->piece_length = 0;
    lexer->piece_begin = span->begin;
    lexer->piece_is_first = false;
    lexer->depth--;
}

void rule_text(struct lexer *lexer, const char *bytes, size_t length)
{
    if (lexer->piece_room - lexer->piece_length < length) {
        size_t room = (lexer->piece_room + length) * 2;
        lexer->piece = arena_grow(lexer->arena, lexer->piece, lexer->piece_length, room);
        lexer->piece_room = room;
    }
    if (length) memcpy(lexer->piece + lexer->piece_length, bytes, length);
    lexer->piece_length += length;
}

void rule_stray_brace(struct lexer *lexer, const struct source_span *span)
{
    words_damage(lexer, diag_report(lexer->withheld, STRAY_BRACE, *span));
}

void rule_code_point(struct lexer *lexer, const char *text, size_t length, const struct source_span *span)
{
    char bytes[4];
    assert(length > 4); /* longer than \u{ and }, so there are digits between them */
    size_t count = literal_code_point((uint32_t)strtoul(text + 3, NULL, 16), bytes);
    if (count == 0) DAMAGE(lexer, BAD_CODE_POINT, *span, lexer_quoted(lexer, text, length));
    rule_text(lexer, bytes, count);
}

void rule_escape(struct lexer *lexer, const char *text, size_t length, const struct source_span *span)
{
    char c = length > 1 ? text[1] : '\0';
    switch (c) {
    case 'n':
        rule_text(lexer, "\n", 1);
        return;
    case 't':
        rule_text(lexer, "\t", 1);
        return;
    case '"':
        rule_text(lexer, "\"", 1);
        return;
    case '\\':
        rule_text(lexer, "\\", 1);
        return;
    default:
        break;
    }
    /* A message never shows a part of a character: where the character has several bytes only the backslash is
     * shown. */
    const char *shown = (unsigned char)c < 0x20 || (unsigned char)c >= 0x7F ? "\\" : lexer_quoted(lexer, text, length);
    diag_hint(DAMAGE(lexer, BAD_ESCAPE, *span, shown), "there are \\n \\t \\\" \\\\ and \\u{1F600}");
}

bool rule_can_nest(struct lexer *lexer, const struct source_span *span)
{
    if (lexer->depth < INTERPOLATION_LIMIT) return true;
    DAMAGE(lexer, NESTED_TOO_DEEP, *span, INTERPOLATION_LIMIT);
    return false;
}

/* Makes the piece that ends with `span` the token's value, and extends the token's span back to the beginning of the
 * piece. */
static void lexer_take_piece(struct lexer *lexer, PARSER_STYPE *value, struct source_span *span)
{
    span->begin = lexer->piece_begin;
    value->text = (struct literal){arena_copy(lexer->arena, lexer->piece, lexer->piece_length), lexer->piece_length};
}

int rule_text_value(struct lexer *lexer, bool sql, PARSER_STYPE *value, struct source_span *span)
{
    assert(lexer->depth < INTERPOLATION_LIMIT); /* rule_can_nest() said so */
    lexer_take_piece(lexer, value, span);
    lexer->open_is_sql[lexer->depth++] = sql;
    if (sql) return lexer->piece_is_first ? T_SQL_HEAD : T_SQL_MID;
    return lexer->piece_is_first ? T_STR_HEAD : T_STR_MID;
}

int rule_text_close(struct lexer *lexer, bool sql, PARSER_STYPE *value, struct source_span *span)
{
    lexer_take_piece(lexer, value, span);
    if (sql) return lexer->piece_is_first ? T_SQL : T_SQL_TAIL;
    return lexer->piece_is_first ? T_STRING : T_STR_TAIL;
}

int rule_broken_text(struct lexer *lexer, bool sql, PARSER_STYPE *value, struct source_span *span)
{
    int token = rule_text_close(lexer, sql, value, span);
    struct source_span whole = {lexer->text_begin[lexer->depth], span->end};
    lexer->damaged = true;
    lexer->open_text = span->end;
    /* A string around this one, of which it is a value, ends as well, and is reported in its place. */
    bool within_string = lexer->depth > 0 && !lexer->open_is_sql[lexer->depth - 1];
    if (sql)
        DAMAGE(lexer, SQL_OPEN, whole);
    else if (!within_string)
        DAMAGE(lexer, STRING_OPEN, whole);
    return token;
}

int rule_broken_value(struct lexer *lexer, PARSER_STYPE *value, struct source_span *span)
{
    assert(lexer->depth > 0);
    lexer->depth--;
    struct source_span whole = {lexer->text_begin[lexer->depth], span->end};
    DAMAGE(lexer, STRING_OPEN, whole);
    lexer->open_text = span->end;
    value->text = (struct literal){"", 0};
    return T_STR_TAIL;
}

bool rule_end(struct lexer *lexer, const struct source_span *span)
{
    if (lexer->depth == 0) return false;
    struct source_span whole = {lexer->text_begin[0], span->end};
    if (lexer->open_is_sql[0])
        DAMAGE(lexer, SQL_OPEN, whole);
    else
        DAMAGE(lexer, STRING_OPEN, whole);
    lexer->depth = 0;
    return true;
}

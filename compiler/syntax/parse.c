/* compiler/syntax/parse.c - The tokens between scanner and parser, and the way on after a syntax error. */
#include "compiler/syntax/parse.h"

#include <assert.h>
#include <string.h>

#include "compiler/syntax/braces.h"
#include "compiler/syntax/habits.h"
#include "compiler/syntax/lexer.h"
#include "compiler/syntax/syntax_error.h"

enum {
    BRACES_KEPT = 64,
    ODD_BRACES_SOUGHT = 32, /* more than are shown; each is a walk to the end */
    SQL_NEAR = 4096         /* bytes that are looked through for the end of an SQL */
};

struct token {
    int kind;
    PARSER_STYPE value;
    struct span span;
    bool damaged;   /* reported already: no reason to complain */
    bool unwritten; /* a '}' that is given so that the parser gets out of its braces */
};

struct parse {
    struct program *program;
    struct lexer lexer;
    struct node *file;
    struct token last, pending; /* given to the parser last; given back, to be given again */
    bool has_pending;
    uint32_t sql_error, sql_begin; /* the first one in an SQL or right behind it, and where that begins; 0: none */
    bool end_taken;        /* by a text that is not closed: what is missing at the file's end may stand in it */
    uint32_t previous_end; /* of the token before the last one */
    struct span previous;
    int previous_kind;
    bool previous_damaged;
    struct span first_word, before_in; /* names in the statement: it begins with, `in` stands behind; or none */
    int depth;        /* of braces, as the parser has seen them */
    int depth_before; /* the last token */
    uint32_t braces[BRACES_KEPT];
    uint32_t crooked;     /* the first '{' whose '}' begins a line that is less far in than its own; 0: none */
    struct odd_brace odd; /* what it alone makes of the text behind it is told once: */
    bool odd_told;        /* that has been done */
    int odd_sought;
    int closers;         /* how many '}' that nobody wrote are to be given next */
    bool panic;          /* the parser has just met an error: `last` is what it stumbled over */
    bool complete;       /* it had all that a statement needs, but its ';' */
    uint32_t resumed_at; /* where the last recovery ended, */
    int stuck;           /* and how often another one has begun there */
    bool too_deep;
};

struct tree *parse_tree(struct parse *parse)
{
    return &parse->program->tree;
}

struct diags *parse_diags(struct parse *parse)
{
    return parse->program->diags;
}

const char *parse_doc(struct parse *parse, uint32_t offset)
{
    return lexer_doc(&parse->lexer, offset);
}

/* The next token, whoever it is for. */
static struct token fetch(struct parse *parse)
{
    if (parse->has_pending) {
        parse->has_pending = false;
        return parse->pending;
    }
    struct token token = {0};
    token.kind = lexer_next(&parse->lexer, &token.value, &token.span);
    token.damaged = parse->lexer.damaged || (token.kind == T_END && parse->end_taken);
    parse->end_taken = token.damaged && token.span.end == parse->lexer.source->base + parse->lexer.source->length;
    return token;
}

static void give_back(struct parse *parse, struct token token)
{
    assert(!parse->has_pending);
    parse->pending = token;
    parse->has_pending = true;
}

static bool first_on_line(const struct parse *parse, const struct token *token, bool at_margin)
{
    const struct source *source = parse->lexer.source;
    uint32_t at = token->span.begin - source->base;
    while (!at_margin && at > 0 && (source->text[at - 1] == ' ' || source->text[at - 1] == '\t')) at--;
    return at == 0 || source->text[at - 1] == '\n';
}

/* With this token no statement begins. */
static bool begins_nothing(int kind)
{
    switch (kind) {
    case '{':
    case T_ELSE:
    case ';':
    case ',':
    case ')':
    case ']':
    case '.':
    case T_OPTDOT:
    case '+':
    case '*':
    case '/':
    case T_AND:
    case T_OR:
    case T_STR_MID:
    case T_STR_TAIL:
    case T_ARROW:
        return true;
    default:
        return false;
    }
}

/* Could a statement go on with this token after a block within it? */
static bool goes_on(const struct token *token)
{
    return begins_nothing(token->kind) || token_use(token->kind) == USE_CLAUSE;
}

/* Past the group that a '{' opened. A declaration at the left margin ends it too: the '}' is missing. */
static void skip_group(struct parse *parse)
{
    for (int depth = 1; depth > 0;) {
        struct token token = fetch(parse);
        if (token.kind == '{') depth++;
        if (token.kind == '}') depth--;
        bool outside = token_use(token.kind) == USE_DECLARATION && first_on_line(parse, &token, true);
        if (token.kind == T_END || outside) {
            give_back(parse, token);
            return;
        }
    }
}

static bool begins_declaration(const struct token *token)
{
    return token->kind == T_END || token_use(token->kind) == USE_DECLARATION;
}

static bool declares_next(struct parse *parse)
{
    struct token next = fetch(parse);
    give_back(parse, next);
    return begins_declaration(&next);
}

/* How far in the line begins that holds the place. */
static uint32_t indentation(const struct source *source, uint32_t at)
{
    uint32_t begin = at - source->base;
    while (begin > 0 && source->text[begin - 1] != '\n') begin--;
    return (uint32_t)strspn(source->text + begin, " \t");
}

/* Within braces no declaration can stand at the left margin, but for a name (`site: str`): it is told there, and not
 * where what follows it does not follow a name. */
static bool stands_outside(const struct parse *parse, const struct token *token)
{
    int before = parse->last.kind;
    if (token_use(token->kind) != USE_DECLARATION || !first_on_line(parse, token, true)) return false;
    if (parse->depth == 0 && before != T_IMPORT) return false;
    if (before == '.' || before == T_OPTDOT || before == T_ON) return false;
    const char *behind = parse->lexer.source->text + (token->span.end - parse->lexer.source->base);
    return behind[strspn(behind, " \t\r\n")] != ':';
}

/* A handler stands in no block of a strategy. One that begins no further in than such a block does tells how many '}'
 * are missing before it; 0: none. */
static int unclosed_at(const struct parse *parse, const struct token *token, int depth)
{
    if (token->kind != T_ON || depth > BRACES_KEPT || !first_on_line(parse, token, false)) return 0;
    const struct source *source = parse->lexer.source;
    uint32_t handler = indentation(source, token->span.begin);
    for (int inner = depth; inner > 1; inner--)
        if (indentation(source, parse->braces[inner - 1]) < handler) return 0;
    return depth > 1 ? depth - 1 : 0;
}

/* An else no further in than a block that could have one: the block's '}' is missing, and a space where it stood. */
static bool leaves_if(const struct parse *parse, const struct token *token)
{
    static const char *const words[] = {"if ", "else ", "} else ", "busy "};
    if (token->kind != T_ELSE || parse->depth == 0 || parse->depth > BRACES_KEPT) return false;
    const struct source *source = parse->lexer.source;
    uint32_t brace = parse->braces[parse->depth - 1];
    if (!first_on_line(parse, token, false)) return false;
    if (indentation(source, token->span.begin) > indentation(source, brace) + 1) return false;
    const char *line = source->text + (brace - source->base);
    while (line > source->text && line[-1] != '\n') line--;
    line += strspn(line, " \t");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strncmp(line, words[i], strlen(words[i]))) return true;
    return false;
}

/* What stands behind it at a line's beginning is a part of the same statement. */
static bool wants_more(int kind)
{
    return kind == ',' || kind == T_ARROW || kind == T_ELSE || kind == '=';
}

/* Skips tokens until the end of the damaged statement; the first one is what the parser stumbled over. */
static void skip_statement(struct parse *parse)
{
    bool stuck = parse->last.span.begin == parse->resumed_at; /* the same place again: go past it */
    parse->stuck = stuck ? parse->stuck + 1 : 0;
    int parens = 0;
    if (parse->complete && !stuck) return;
    int before = parse->previous_kind;
    for (bool first = true;; first = false) {
        struct token token = fetch(parse);
        enum word_use use = token_use(token.kind);
        bool past = first && parse->stuck > 1 && parse->depth == 0; /* once it was what a '}' that is missing hid */
        bool declares = use == USE_DECLARATION && first_on_line(parse, &token, true) && !past;
        if (token.kind == T_END || declares) {
            parse->closers = parse->depth;
            give_back(parse, token);
            return;
        }
        int unclosed = first && stuck ? 0 : unclosed_at(parse, &token, parse->depth);
        if (first && !stuck && leaves_if(parse, &token)) unclosed = 1;
        if (unclosed) {
            parse->closers = unclosed;
            give_back(parse, token);
            return;
        }
        if (token.kind == '(' && (first || parens > 0)) parens++; /* what could not stand there is one thing */
        if (token.kind == ')' && parens > 0) parens--;
        if (token.kind == ';' && parens == 0 && (parse->depth > 0 || (!first && declares_next(parse)))) return;
        if (token.kind == '}' && parse->depth == 0 && !declares_next(parse)) continue; /* what follows is lost, too */
        if (token.kind == '}') {
            if (first && stuck && parse->depth > 0)
                parse->depth--; /* it fits nowhere, and would be given back for ever */
            else if (parse->depth > 0)
                give_back(parse, token);
            return;
        }
        if (token.kind == '{') {
            skip_group(parse);
            struct token next = fetch(parse);
            give_back(parse, next);
            if (token_use(next.kind) == USE_DECLARATION && first_on_line(parse, &next, true)) {
                parse->closers = parse->depth; /* the group took the '}' that was another one's */
                return;
            }
            if (parse->depth > 0 ? !goes_on(&next) : begins_declaration(&next)) return;
            continue;
        }
        bool begins = use == USE_STATEMENT && parse->depth > 0 && first_on_line(parse, &token, false);
        if (begins && !first && !wants_more(before)) {
            give_back(parse, token);
            return;
        }
        before = token.kind;
    }
}

static void count_brace(struct parse *parse, const struct token *token)
{
    if (token->kind == '{') {
        if (parse->depth < BRACES_KEPT) parse->braces[parse->depth] = token->span.begin;
        parse->depth++;
    } else if (token->kind == '}' && parse->depth > 0) {
        parse->depth--;
        if (parse->crooked || parse->depth >= BRACES_KEPT || !first_on_line(parse, token, false)) return;
        const struct source *source = parse->lexer.source;
        uint32_t opened = parse->braces[parse->depth];
        if (indentation(source, token->span.begin) < indentation(source, opened)) parse->crooked = opened;
    }
}

static struct token recover(struct parse *parse)
{
    parse->panic = false;
    struct token token = {.kind = T_RECOVER, .span = parse->last.span, .damaged = true};
    parse->depth = parse->depth_before; /* the parser did not take the last token: neither does its brace count */
    if (parse->last.unwritten) {        /* a '}' that does not fit yet: end the statement in front of it first */
        parse->closers++;
        return token;
    }
    give_back(parse, parse->last);
    skip_statement(parse);
    parse->resumed_at = parse->has_pending ? parse->pending.span.begin : parse->lexer.at;
    return token;
}

/* Names of the statement that may have been meant as words with a block. */
static void note_names(struct parse *parse, const struct token *token)
{
    static const struct span none = {0, 0};
    int before = parse->previous_kind;
    bool begins = before == ';' || before == '{' || before == '}' || before == T_RECOVER;
    if (begins) parse->first_word = token->kind == T_NAME ? token->span : none;
    if (begins || token->kind == T_IN) parse->before_in = before == T_NAME ? parse->previous : none;
}

static void seek_odd_brace(struct parse *parse, size_t from)
{
    const struct source *source = parse->lexer.source;
    parse->odd_told = false;
    parse->odd = (struct odd_brace){0};
    if (parse->odd_sought++ < ODD_BRACES_SOUGHT) parse->odd = braces_odd(source->text, source->length, from);
}

/* Where a declaration begins outside of all braces everything is in order again. */
static void note_order(struct parse *parse, const struct token *token)
{
    if (parse->odd_told && parse->depth == 0 && token_use(token->kind) == USE_DECLARATION &&
        first_on_line(parse, token, true))
        seek_odd_brace(parse, token->span.begin - parse->lexer.source->base);
}

int parse_token(struct parse *parse, PARSER_STYPE *value, struct span *span)
{
    struct token token = {0};
    bool outside = false;
    uint32_t end = parse->last.span.end;
    bool damaged = parse->last.damaged;
    parse->previous = parse->last.span;
    parse->previous_kind = parse->last.kind;
    if (parse->panic) {
        token = recover(parse);
    } else if (parse->last.kind == T_END) {
        token.kind = T_EOF;
    } else if (parse->closers > 0) {
        parse->closers--;
        token = (struct token){.kind = '}', .span = {end, end}, .damaged = true, .unwritten = true};
    } else {
        token = fetch(parse);
        note_order(parse, &token);
        outside = stands_outside(parse, &token);
    }
    parse->previous_end = end;
    parse->previous_damaged = damaged;
    parse->depth_before = parse->depth;
    note_names(parse, &token);
    count_brace(parse, &token);
    parse->last = token;
    *value = token.value;
    *span = token.span;
    return outside ? T_PARSER_UNDEF : token.kind;
}

static bool on_later_line(const struct parse *parse, uint32_t before, uint32_t after)
{
    const struct source *source = parse->lexer.source;
    return memchr(source->text + (before - source->base), '\n', after - before) != NULL;
}

/* Where the statement begins that holds the place: behind what ended the one before. */
static const char *statement_begin(const struct source *source, uint32_t at)
{
    size_t begin = at - source->base;
    while (begin > 0 && !strchr(";{}\n", source->text[begin - 1])) begin--;
    begin += strspn(source->text + begin, " \t");
    return source->text + begin;
}

static const char *meant_by_habit(const struct parse *parse, const struct expected *expected)
{
    const struct source *source = parse->lexer.source;
    const struct token *at = &parse->last;
    bool first = parse->previous.begin < source->base || parse->previous.end <= parse->previous.begin;
    struct habit_place place = {.token = at->kind,
                                .previous = first ? 0 : parse->previous_kind,
                                .text = source->text + (at->span.begin - source->base),
                                .before = first ? "" : source->text + (parse->previous.begin - source->base),
                                .line = statement_begin(source, at->span.begin),
                                .length = at->span.end - at->span.begin,
                                .before_length = first ? 0 : parse->previous.end - parse->previous.begin,
                                .expected = expected};
    return habit_meant(parse->program->arena, &place);
}

/* The known word that was perhaps meant by the one at that place, and that `can` stand there; or NULL. */
static const char *near_word(const struct parse *parse, struct span span, enum word_use least, const bool *can)
{
    const struct source *source = parse->lexer.source;
    if (span.begin < source->base) return NULL;
    const char *text = source->text + (span.begin - source->base);
    return lexer_near_word(parse->program->arena, text, span.end - span.begin, least, can);
}

/* `key prefx number: str`: the statement begins with `key`, and two names follow it. */
static bool is_key_of_table(const struct parse *parse)
{
    const char *begin = statement_begin(parse->lexer.source, parse->last.span.begin);
    const struct source *source = parse->lexer.source;
    size_t between = parse->previous.begin < source->base ? 0 : parse->previous.begin - source->base;
    const char *before = source->text + between;
    return strncmp(begin, "key ", 4) == 0 && begin + 4 + strspn(begin + 4, " \t") == before;
}

/* A word before the place that was taken for a name, where the one that was meant could have what stands here behind
 * it: `If x`, what could have been a label; `quue desk`, `nto open`, `-> retrun 5`; `slect in vq x {`, `whlie (x) {` */
static const char *near_before(const struct parse *parse, const struct expected *expected, struct span *span)
{
    int kind = parse->last.kind;
    struct expected leads = {0};
    bool beside = kind == '{' || (kind >= T_NAME && kind <= T_SQL_TAIL && expected->token['.']);
    *span = parse->previous;
    if (parse->previous_kind == T_NAME && kind == T_NAME && is_key_of_table(parse)) {
        leads.token[T_PREFIX] = true;
        return near_word(parse, *span, USE_CLAUSE, leads.token);
    }
    if (parse->previous_kind == T_NAME && expected->token[':']) return near_word(parse, *span, USE_RESERVED, NULL);
    if (!beside || (kind != '{' && parse->previous_kind != T_NAME)) return NULL;
    for (int token = T_NAME; token < T_INTEGER; token++)
        leads.token[token] = token_use(token) == USE_STATEMENT || token == T_SELECT ||
                             (kind != '{' && (token == T_KIND || token == T_NOT || token == T_QUERY)) ||
                             (kind == T_DURATION && token == T_AFTER);
    if (kind != '{') return near_word(parse, *span, USE_RESERVED, leads.token);
    *span = parse->before_in;
    const char *near = near_word(parse, *span, USE_RESERVED, leads.token);
    if (near) return near;
    *span = parse->first_word;
    return near_word(parse, *span, USE_RESERVED, leads.token);
}

/* What was meant: by a habit, by a word before, or by the word itself. */
static void hint_word(struct parse *parse, struct diag *diag, const struct expected *expected)
{
    const struct token *at = &parse->last;
    struct span span;
    const char *meant = meant_by_habit(parse, expected);
    const char *before = meant ? NULL : near_before(parse, expected, &span);
    if (meant)
        diag_hint(diag, "%s", meant);
    else if (before)
        diag_note(diag, span, "did you mean '%s'?", before);
    else if (at->kind == T_NAME)
        diag_did_you_mean(diag, near_word(parse, at->span, USE_CLAUSE, expected->token), (struct span){0, 0});
}

/* Is `attach` the word before the target of what stands there? */
static bool parse_in_attach(const struct parse *parse, const struct token *at)
{
    static const char word[] = "attach";
    return strncmp(statement_begin(parse->lexer.source, at->span.begin), word, sizeof word - 1) == 0;
}

/* `tiemout 3s`: a clause that goes on with the statement, and no name that begins one. */
static bool is_mistyped(const struct parse *parse, const struct expected *expected)
{
    const struct token *at = &parse->last;
    if (at->kind != T_NAME) return false;
    const char *text = parse->lexer.source->text + (at->span.begin - parse->lexer.source->base);
    size_t length = at->span.end - at->span.begin;
    const char *behind = text + length + strspn(text + length, " \t");
    if (strchr("=+-(.[:;\r\n", *behind)) return false; /* NUL, too */
    return near_word(parse, at->span, USE_CLAUSE, expected->token) != NULL;
}

static void note_stumble(struct program *program, uint32_t at, bool nameless)
{
    struct stumble *stumble = ARENA_NEW(program->arena, struct stumble);
    *stumble = (struct stumble){at, nameless, program->stumbles};
    program->stumbles = stumble;
}

/* `record {`, `prompt hold, ;`, `{ : str }`; and `source schema "x.sql"`, which made a name of its next word. */
static bool lacks_name(const struct parse *parse, const struct expected *expected)
{
    const bool *can = expected->token;
    int previous = parse->previous_kind, kind = parse->last.kind;
    if (can[T_IF] && can[T_RECORD]) return kind == ':'; /* any word can be a field */
    if (token_use(previous) == USE_CLAUSE && can[previous] && !can[T_INTEGER]) return true;
    return syntax_wants_name(expected) && !can[T_DATE] && (kind == T_ON || (kind < T_NAME && kind != T_END));
}

static bool is_text(int kind)
{
    return kind >= T_STRING && kind <= T_SQL_TAIL;
}

/* Where a quote is missing, what was to be text stands outside, beside what was to be outside; or as a value in it. */
static struct diags *diags_for(struct parse *parse)
{
    bool beside = parse->lexer.depth > 0 || is_text(parse->last.kind) || is_text(parse->previous_kind);
    return beside ? parse->lexer.withheld : parse_diags(parse);
}

/* Where an SQL is not closed, the next back quote closes it: what is wrong first is a value in it, or right behind. */
static void note_sql(struct parse *parse)
{
    const struct lexer *lexer = &parse->lexer;
    bool within = lexer->depth > 0 && lexer->open_is_sql[lexer->depth - 1];
    bool behind = (parse->previous_kind == T_SQL || parse->previous_kind == T_SQL_TAIL) && !is_text(parse->last.kind);
    if (parse->sql_error || !(within || behind)) return;
    parse->sql_error = parse->last.span.begin;
    parse->sql_begin = lexer->text_begin[within ? lexer->depth - 1 : lexer->depth];
}

/* The next text of this source that is not closed, from that diagnostic on. */
static struct diag *next_open(const struct parse *parse, struct diag *diag)
{
    while (diag && ((diag->code != DIAG_STRING_OPEN && diag->code != DIAG_SQL_OPEN) ||
                    diag->span.begin < parse->lexer.source->base))
        diag = diag->next;
    return diag;
}

/* What a text has caused that is not closed, a string on its line or SQL to the file's end, is told with it. */
static void tell_withheld(struct parse *parse)
{
    const struct source *source = parse->lexer.source;
    struct diag *open = next_open(parse, diags_first(parse->program->diags)), *sql = open;
    while (sql && sql->code != DIAG_SQL_OPEN) sql = next_open(parse, sql->next);
    uint32_t line_end = source->base;
    for (struct diag *diag = diags_first(parse->lexer.withheld), *next; diag; diag = next) {
        next = diag->next;
        uint32_t at = diag->span.begin;
        if (at >= line_end) line_end = at + (uint32_t)strcspn(source->text + (at - source->base), "\n");
        while (open && open->span.end < at && on_later_line(parse, open->span.end, at))
            open = next_open(parse, open->next);
        struct diag *cause = open && open->span.end <= line_end ? open : sql;
        if (!cause) {
            diags_take(parse->program->diags, diag);
            continue;
        }
        note_stumble(parse->program, at, false);
        if (cause == sql && !cause->first_note && at == parse->sql_error) cause->span.begin = parse->sql_begin;
        if (diag->code == DIAG_SYNTAX && !cause->first_note) diag_note(cause, diag->span, "%s", diag->text);
    }
}

/* The back quote behind an SQL that none stands before, where it would open another one; 0: it is not so. */
static uint32_t unopened_sql(const struct parse *parse, const struct expected *expected)
{
    static const char *const behind_sql[] = {";", ",", ")", "}", "else", "timeout"};
    const struct source *source = parse->lexer.source;
    if (!expected->token[T_SQL] || parse->lexer.depth > 0 || parse->has_pending || is_text(parse->last.kind)) return 0;
    const char *quote = source->text + (parse->last.span.end - source->base);
    for (size_t left = SQL_NEAR; left > 0 && !strchr("`;", *quote); left--) quote++; /* NUL ends it, too */
    const char *behind = *quote == '`' ? quote + 1 + strspn(quote + 1, " \t\r\n") : "";
    for (size_t i = 0; i < sizeof behind_sql / sizeof *behind_sql; i++)
        if (!strncmp(behind, behind_sql[i], strlen(behind_sql[i])))
            return source->base + (uint32_t)(quote - source->text);
    return 0;
}

void parse_error(struct parse *parse, const struct expected *expected)
{
    const struct token *at = &parse->last;
    uint32_t before = parse->previous_end ? parse->previous_end : parse->lexer.source->base;
    bool later = at->kind == '}' || at->kind == T_END ||
                 (before <= at->span.begin && on_later_line(parse, before, at->span.begin));
    parse->panic = true;
    parse->complete = expected->token[';'] && later && !begins_nothing(at->kind) && !is_mistyped(parse, expected);
    /* A string that was not closed took the rest of its line along. */
    bool cut = later && (parse->previous_kind == T_STRING || parse->previous_kind == T_STR_TAIL);
    bool behind_unwritten = parse->previous_kind == '}' && parse->previous_damaged; /* which made it stand there */
    bool again = parse->previous_kind == T_RECOVER && at->span.begin == parse->resumed_at;
    /* What was opened by a bracket of that kind, in place of a brace, has been told inside it. */
    again = again || (parse->previous_kind == T_RECOVER && (at->kind == ')' || at->kind == ']'));
    uint32_t open_text = parse->lexer.open_text; /* what is missing behind it may stand in it */
    bool behind_text = open_text && open_text <= before && !on_later_line(parse, open_text, before);
    bool ends_wrong = (parse->complete || cut) && (parse->previous_damaged || behind_text);
    if (at->damaged || behind_unwritten || again || ends_wrong) {
        note_stumble(parse->program, at->span.begin, false);
        return;
    }
    struct arena *arena = parse->program->arena;
    const struct source *source = parse->lexer.source;
    uint32_t unopened = unopened_sql(parse, expected);
    if (unopened) parse->odd.found = false; /* that back quote took the braces behind it along */
    bool odd = parse->odd.found && at->span.begin - source->base >= parse->odd.at;
    uint32_t odd_brace = odd && parse->odd.open ? source->base + (uint32_t)parse->odd.at : 0;
    if (odd && parse->odd_told) {
        note_stumble(parse->program, at->span.begin, false);
        return;
    }
    parse->odd_told = odd || unopened;
    if (parse->complete) {
        struct diag *missing =
            diag_report(parse_diags(parse), SYNTAX, ((struct span){before, before}), "a ';' is missing here");
        if (odd_brace) diag_note(missing, (struct span){odd_brace, odd_brace + 1}, "this '{' is not closed");
        return;
    }
    if (lacks_name(parse, expected)) note_stumble(parse->program, at->span.begin, true);
    const char *text = source->text + (at->span.begin - source->base);
    int depth = parse->depth_before;
    bool outside = at->kind == T_END || (token_use(at->kind) == USE_DECLARATION && first_on_line(parse, at, true)) ||
                   unclosed_at(parse, at, depth);
    note_sql(parse);
    struct diag *diag = diag_report(diags_for(parse), SYNTAX, at->span,
                                    syntax_message(arena, at->kind, text, at->span.end - at->span.begin, expected));
    if (unopened) {
        diag_note(diag, (struct span){unopened, unopened + 1}, "no back quote opens the SQL that this one closes");
        lexer_skip(&parse->lexer, unopened + 1);
    } else if (odd_brace) {
        diag_note(diag, (struct span){odd_brace, odd_brace + 1}, "this '{' is not closed");
    } else if (outside && depth > 0 && depth <= BRACES_KEPT) {
        uint32_t brace = parse->braces[depth - 1];
        if (parse->crooked > brace) brace = parse->crooked; /* its '}' was meant for another one */
        diag_note(diag, (struct span){brace, brace + 1}, "this '{' is not closed");
    } else if (token_use(at->kind) >= USE_RESERVED && syntax_wants_name(expected)) {
        diag_hint(diag, "a reserved word is no name");
    } else if ((at->kind == T_ADD_SET || at->kind == T_SUB_SET) && parse_in_attach(parse, at)) {
        diag_hint(diag, "attach gives a key its whole value: attach n = (n else 0) %c 1", *text);
    } else {
        hint_word(parse, diag, expected);
    }
}

void parse_too_deep(struct parse *parse, struct span span)
{
    if (!parse->too_deep) diag_report(parse_diags(parse), NESTED_TOO_DEEP, span, NESTING_LIMIT);
    parse->too_deep = true;
}

struct span parse_begin(const struct parse *parse)
{
    uint32_t base = parse->lexer.source->base;
    return (struct span){base, base};
}

void parse_done(struct parse *parse, struct nodes declarations, struct span span)
{
    parse->file->span = span;
    parse->file->file.declarations = declarations;
}

/* What a reader sees must be what is compiled, in strings and remarks too. */
static void refuse_bidi(struct diags *diags, const struct source *source)
{
    unsigned code_point;
    bool remark =
        false; /* `//` stands before it on its line: elsewhere the words are told what they are, or are strings */
    for (size_t at = 0; at < source->length; at++) {
        size_t length = utf8_bidi(source->text + at, source->length - at, &code_point);
        uint32_t begin = source->base + (uint32_t)at;
        unsigned char c = (unsigned char)source->text[at];
        bool control = (c < ' ' && !strchr("\t\n\r\f", c)) || c == 0x7f;
        remark = c != '\n' && (remark || (c == '/' && source->text[at + 1] == '/'));
        if (control && remark)
            diag_hint(diag_report(diags, SOURCE_CONTROL, ((struct span){begin, begin + 1}), c), "take it out");
        if (!length) continue;
        struct diag *diag =
            diag_report(diags, BIDI_CONTROL, ((struct span){begin, begin + (uint32_t)length}), code_point);
        diag_hint(diag, "take it out; a string that needs it has \\u{%04X}", code_point);
    }
}

/* The first carriage return with more of its line behind it, which looks like another line; else the length. */
static size_t lone_return(const struct source *source)
{
    for (size_t at = 0; at < source->length; at++) {
        if (source->text[at] != '\r') continue;
        size_t behind = at + strspn(source->text + at, "\r");
        if (behind < source->length && source->text[behind] != '\n') return at;
        at = behind;
    }
    return source->length;
}

struct node *parse_source(struct program *program, const struct source *source)
{
    struct parse parse = {
        .program = program,
        .lexer = {.arena = program->arena, .diags = program->diags, .source = source},
    };
    parse.file = node_new(&program->tree, NODE_FILE, parse_begin(&parse));
    size_t good = utf8_check(source->text, source->length);
    const char *nul = memchr(source->text, '\0', good); /* ends strings elsewhere, and is in no text */
    if (nul) {
        uint32_t at = source->base + (uint32_t)(nul - source->text);
        diag_report(program->diags, STRAY_CHARACTER, ((struct span){at, at + 1}), "\\x00");
        note_stumble(program, at, false);
        return parse.file;
    }
    if (good < source->length) {
        uint32_t at = source->base + (uint32_t)good;
        diag_report(program->diags, NOT_UTF8, ((struct span){at, at + 1}));
        return parse.file;
    }
    size_t lone = lone_return(source);
    if (lone < source->length) {
        uint32_t at = source->base + (uint32_t)lone;
        diag_hint(diag_report(program->diags, SOURCE_CONTROL, ((struct span){at, at + 1}), '\r'),
                  "a line ends with a line feed, whether a carriage return stands before it or not");
        note_stumble(program, at, false);
        return parse.file;
    }
    refuse_bidi(program->diags, source);
    seek_odd_brace(&parse, 0);
    lexer_begin(&parse.lexer);
    parse.last.span = parse_begin(&parse);
    parse.lexer.withheld = diags_new(program->arena, program->sources);
    (void)parser_parse(&parse); /* what it returns, the diagnostics tell better */
    tell_withheld(&parse);
    lexer_end(&parse.lexer);
    if (parse.too_deep) parse.file->file.declarations = (struct nodes){0}; /* who walks a tree may recurse */
    return parse.file;
}

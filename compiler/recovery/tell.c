/* compiler/recovery/tell.c - Reports a syntax error: its place, its sentence, and a hint at the intended form. */
#include "compiler/recovery/reader.h"

#include <assert.h>
#include <string.h>

#include "compiler/recovery/hints.h"
#include "compiler/recovery/message.h"

enum {
    SQL_NEAR = 4096, /* how many bytes are searched for the end of an SQL */
    LIST_NEAR = 4096 /* and for the end of a list */
};

static bool on_later_line(const struct recovery_reader *reader, uint32_t before, uint32_t after)
{
    const struct source *source = reader->parse.lexer.source;
    assert(source->base <= before && before <= after);
    return memchr(source->text + (before - source->base), '\n', after - before) != NULL;
}

/* Returns the beginning of the statement that contains the place, or of its line: after the last ';', brace or line
 * end. */
static const char *recovery_statement_begin(const struct source *source, uint32_t at)
{
    assert(at >= source->base);
    size_t begin = at - source->base;
    while (begin > 0 && !strchr(";{}\n", source->text[begin - 1])) begin--;
    begin += strspn(source->text + begin, " \t");
    return source->text + begin;
}

/* Returns the hint of hints.def for the last token. */
static struct hint_given hint_here(const struct recovery_reader *reader, const struct expected *expected)
{
    const struct source *source = reader->parse.lexer.source;
    const struct token *at = &reader->last;
    bool first = reader->previous.begin < source->base || reader->previous.end <= reader->previous.begin;
    struct hint_place place = {.token = at->kind,
                               .previous = first ? 0 : reader->previous_kind,
                               .text = source->text + (at->span.begin - source->base),
                               .before = first ? "" : source->text + (reader->previous.begin - source->base),
                               .line = recovery_statement_begin(source, at->span.begin),
                               .length = at->span.end - at->span.begin,
                               .before_length = first ? 0 : reader->previous.end - reader->previous.begin,
                               .expected = expected};
    return hint_of(reader->parse.program->arena, &place);
}

/* Returns the known word nearest to the word at a place, among those that `can` marks as allowed; or NULL. */
static const char *near_word(const struct recovery_reader *reader, struct source_span span, enum word_use least,
                             const bool *can)
{
    const struct source *source = reader->parse.lexer.source;
    if (span.begin < source->base) return NULL;
    const char *text = source->text + (span.begin - source->base);
    return lexer_near_word(reader->parse.program->arena, text, span.end - span.begin, least, can);
}

/* Returns the known word nearest to a name before the last token, or NULL; *span is the place of that name. The word
 * must be allowed before the last token: `If x` (read as a label), `quue desk`, `nto open`, `-> retrun 5`, `slect in
 * vq x {`, `whlie (x) {`. */
static const char *near_before(const struct recovery_reader *reader, const struct expected *expected,
                               struct source_span *span)
{
    int kind = reader->last.kind;
    struct expected leads = {0};
    bool beside = kind == '{' || (kind >= T_NAME && kind <= T_SQL_TAIL && expected->token['.']);
    *span = reader->previous;
    if (reader->previous_kind == T_NAME && expected->token[':']) return near_word(reader, *span, USE_RESERVED, NULL);
    if (!beside || (kind != '{' && reader->previous_kind != T_NAME)) return NULL;
    for (int token = T_NAME; token < T_INTEGER; token++)
        leads.token[token] = lexer_token_use(token) == USE_STATEMENT || token == T_SELECT ||
                             (kind != '{' && (token == T_KIND || token == T_NOT || token == T_QUERY)) ||
                             (kind == T_DURATION && token == T_AFTER);
    if (kind != '{') return near_word(reader, *span, USE_RESERVED, leads.token);
    *span = reader->before_in;
    const char *near = near_word(reader, *span, USE_RESERVED, leads.token);
    if (near) return near;
    *span = reader->first_word;
    return near_word(reader, *span, USE_RESERVED, leads.token);
}

/* Moves a report to the word before the token: that word is the mistake, and the token only shows it. */
static void tell_word(const struct recovery_reader *reader, struct diag *diag, struct source_span span)
{
    static const struct expected nothing = {0};
    const char *text = reader->parse.lexer.source->text + (span.begin - reader->parse.lexer.source->base);
    diag->text = recovery_message(reader->parse.program->arena, T_NAME, text, span.end - span.begin, &nothing);
    diag->span = span;
}

/* Adds one hint: that of hints.def, or a word near to a name before the token, or a word near to the token itself. */
static void add_hint(struct recovery_reader *reader, struct diag *diag, const struct expected *expected)
{
    const struct token *at = &reader->last;
    struct source_span span;
    struct hint_given given = hint_here(reader, expected);
    const char *before = given.meant ? NULL : near_before(reader, expected, &span);
    if (given.meant) {
        if (given.of_before) tell_word(reader, diag, reader->previous);
        span = diag->span;
        if (!given.of_word) span.end = span.begin + (uint32_t)given.over;
        diag_hint(diag, "%s", given.meant);
        if (given.write) diag_edit(diag, span, given.write);
    } else if (before) {
        tell_word(reader, diag, span);
        diag_did_you_mean(diag, before, (struct source_span){0, 0});
    } else if (at->kind == T_NAME) {
        diag_did_you_mean(diag, near_word(reader, at->span, USE_CLAUSE, expected->token), (struct source_span){0, 0});
    }
}

/* Is the name at the token a mistyped clause of the same statement (`tiemout 3s`), and not the beginning of another
 * statement? */
static bool is_mistyped(const struct recovery_reader *reader, const struct expected *expected)
{
    const struct token *at = &reader->last;
    if (at->kind != T_NAME) return false;
    const char *text = reader->parse.lexer.source->text + (at->span.begin - reader->parse.lexer.source->base);
    size_t length = at->span.end - at->span.begin;
    const char *behind = text + length + strspn(text + length, " \t");
    if (strchr("=+-(.[:;\r\n", *behind)) return false; /* NUL, too */
    return near_word(reader, at->span, USE_CLAUSE, expected->token) != NULL;
}

void reader_note_stumble(struct program *program, uint32_t at, bool nameless)
{
    struct stumble *stumble = ARENA_NEW(program->arena, struct stumble);
    *stumble = (struct stumble){at, nameless, program->stumbles};
    program->stumbles = stumble;
}

/* Is a name missing before the token? True in `record {`, `prompt hold, ;`, `{ : str }`; and in `source schema
 * "x.sql"`, where the next word was read as the name. */
static bool lacks_name(const struct recovery_reader *reader, const struct expected *expected)
{
    const bool *can = expected->token;
    int previous = reader->previous_kind, kind = reader->last.kind;
    if (can[T_IF] && can[T_RECORD]) return kind == ':'; /* any word may be the name of a field */
    if (lexer_token_use(previous) == USE_CLAUSE && can[previous] && !can[T_INTEGER]) return true;
    return recovery_wants_name(expected) && !can[T_DATE] && (kind == T_ON || (kind < T_NAME && kind != T_END));
}

static bool token_is_text(int kind)
{
    return kind >= T_STRING && kind <= T_SQL_TAIL;
}

/* Withholds an error in or next to a text: a missing quote may have caused it, as it turns text into words and words
 * into text. */
static struct diags *diags_for(struct recovery_reader *reader)
{
    bool beside =
        reader->parse.lexer.depth > 0 || token_is_text(reader->last.kind) || token_is_text(reader->previous_kind);
    return beside ? reader->parse.lexer.withheld : reader->parse.program->diags;
}

/* Notes the first error within an SQL or right after it. An SQL without its last quote ends at the next back quote,
 * and the first error is then at one of these places. */
static void note_sql(struct recovery_reader *reader)
{
    const struct lexer *lexer = &reader->parse.lexer;
    bool within = lexer->depth > 0 && lexer->open_is_sql[lexer->depth - 1];
    bool behind =
        (reader->previous_kind == T_SQL || reader->previous_kind == T_SQL_TAIL) && !token_is_text(reader->last.kind);
    if (reader->sql_error || !(within || behind)) return;
    reader->sql_error = reader->last.span.begin;
    reader->sql_begin = lexer->text_begin[within ? lexer->depth - 1 : lexer->depth];
}

/* Returns the first report of an open string or SQL in this source, from `diag` on; or NULL. */
static struct diag *next_open(const struct recovery_reader *reader, struct diag *diag)
{
    while (diag && ((diag->code != DIAG_STRING_OPEN && diag->code != DIAG_SQL_OPEN) ||
                    diag->span.begin < reader->parse.lexer.source->base))
        diag = diag->next;
    return diag;
}

/* Where the first quote of a text was forgotten, its last one opens a string: the error of the grammar before it in the
 * line is told, and the open string is not. */
static void leave_out_opened(struct recovery_reader *reader, struct diag *open)
{
    for (const struct diag *diag = diags_first(reader->parse.program->diags); diag; diag = diag->next)
        if (open->code == DIAG_STRING_OPEN && diag->code == DIAG_SYNTAX && diag->span.begin < open->span.begin &&
            diag->span.begin >= reader->parse.lexer.source->base &&
            !on_later_line(reader, diag->span.begin, open->span.begin))
            open->dropped = true;
}

/* An open string can cause errors up to the end of its line, an open SQL errors up to the file's end: such a
 * withheld error becomes a note of its cause, or is dropped. The others are reported. */
void reader_tell_withheld(struct recovery_reader *reader)
{
    const struct source *source = reader->parse.lexer.source;
    struct diag *open = next_open(reader, diags_first(reader->parse.program->diags)), *sql = open;
    while (sql && sql->code != DIAG_SQL_OPEN) sql = next_open(reader, sql->next);
    for (struct diag *each = open; each; each = next_open(reader, each->next)) leave_out_opened(reader, each);
    uint32_t line_end = source->base;
    for (struct diag *diag = diags_first(reader->parse.lexer.withheld), *next; diag; diag = next) {
        next = diag->next;
        uint32_t at = diag->span.begin;
        if (at >= line_end) line_end = at + (uint32_t)strcspn(source->text + (at - source->base), "\n");
        while (open && open->span.end < at && on_later_line(reader, open->span.end, at))
            open = next_open(reader, open->next);
        struct diag *cause = open && open->span.end <= line_end ? open : sql;
        if (!cause) {
            diags_take(reader->parse.program->diags, diag);
            continue;
        }
        reader_note_stumble(reader->parse.program, at, false);
        if (cause == sql && !cause->first_note && at == reader->sql_error) cause->span.begin = reader->sql_begin;
        if (diag->code == DIAG_SYNTAX && !cause->first_note) diag_note(cause, diag->span, "%s", diag->text);
    }
}

/* Returns the offset of the closing back quote of an SQL that lacks its opening one; 0 where there is none. */
static uint32_t unopened_sql(const struct recovery_reader *reader, const struct expected *expected)
{
    static const char *const behind_sql[] = {";", ",", ")", "}", "else", "timeout"};
    const struct source *source = reader->parse.lexer.source;
    if (!expected->token[T_SQL] || reader->parse.lexer.depth > 0 || reader->has_pending ||
        token_is_text(reader->last.kind))
        return 0;
    const char *quote = source->text + (reader->last.span.end - source->base);
    for (size_t left = SQL_NEAR; left > 0 && !strchr("`;", *quote); left--) quote++; /* NUL ends it, too */
    const char *behind = *quote == '`' ? quote + 1 + strspn(quote + 1, " \t\r\n") : "";
    for (size_t i = 0; i < sizeof behind_sql / sizeof *behind_sql; i++)
        if (!strncmp(behind, behind_sql[i], strlen(behind_sql[i])))
            return source->base + (uint32_t)(quote - source->text);
    return 0;
}

/* Is the error after a recovery the same that was reported before it? A bracket that closes a block was opened in
 * place of a brace; that error was reported inside the block. */
static bool is_told_of(const struct recovery_reader *reader, const struct token *at)
{
    return at->span.begin == reader->resumed_at || at->kind == ')' || at->kind == ']';
}

/* Returns the bracket that closes the list in which a ';' stands in place of a ','; 0: the ';' ends a statement whose
 * bracket is missing. */
static char list_closer(const struct recovery_reader *reader, const struct expected *expected)
{
    const struct source *source = reader->parse.lexer.source;
    const char *at = source->text + (reader->last.span.end - source->base);
    if (reader->last.kind != ';' || !expected->token[',']) return 0;
    for (int depth = 0, left = LIST_NEAR; left > 0; left--, at++) {
        if (*at == '"') at += 1 + strcspn(at + 1, "\"\n");
        if (!*at || (*at == ';' && depth == 0)) return 0;
        if (strchr(")]}", *at) && depth-- == 0) return expected->token[(unsigned char)*at] ? *at : 0;
        if (strchr("([{", *at)) depth++;
    }
    return 0;
}

/* Is the last token a '}' in whose block something is expected that begins with '{', and does a ';' follow? */
static bool lacks_opener(const struct recovery_reader *reader, const struct expected *expected)
{
    const struct source *source = reader->parse.lexer.source;
    return reader->last.kind == '}' && expected->token['{'] &&
           source->text[reader->last.span.end - source->base] == ';';
}

/* Reports a syntax error by its probable cause: SQL without its first quote (`unopened`), a brace that is not closed
 * (`odd_brace`), a reserved word in place of a name. */
static void note_cause(struct recovery_reader *reader, struct diag *diag, const struct expected *expected,
                       uint32_t unopened, uint32_t odd_brace)
{
    const struct token *at = &reader->last;
    int depth = reader->depth_before;
    bool outside =
        at->kind == T_END || (lexer_token_use(at->kind) == USE_DECLARATION && reader_first_on_line(reader, at, true));
    if (unopened) {
        diag_note(diag, (struct source_span){unopened, unopened + 1},
                  "no back quote opens the SQL that this one closes");
        lexer_skip(&reader->parse.lexer, unopened + 1);
    } else if (odd_brace) {
        diag_note(diag, (struct source_span){odd_brace, odd_brace + 1}, "this '{' is not closed");
    } else if (outside && depth > 0 && depth <= BRACES_KEPT) {
        uint32_t brace = reader->braces[depth - 1];
        diag_note(diag, (struct source_span){brace, brace + 1}, "this '{' is not closed");
    } else if (expected->token[T_STRATEGY] && reader->previous_kind == '}' && !reader_first_on_line(reader, at, true) &&
               lexer_token_use(at->kind) == USE_STATEMENT) {
        tell_word(reader, diag, reader->previous);
        diag_hint(diag, "here is one '}' too many: statements follow, and this one has ended the strategy");
    } else if (reader->listed) {
        add_hint(reader, diag, expected);
        if (!diag->hint) diag_hint(diag, "write a comma");
        if (!diag->first_edit) diag_edit(diag, at->span, ",");
    } else if (lexer_token_use(at->kind) >= USE_RESERVED && recovery_wants_name(expected)) {
        diag_hint(diag, "a reserved word is no name");
    } else {
        add_hint(reader, diag, expected);
    }
}

/* Does the statement begin with one of the words, which stand between blanks in `words`? */
static bool statement_is_of(const struct recovery_reader *reader, uint32_t at, const char *words)
{
    const char *line = recovery_statement_begin(reader->parse.lexer.source, at);
    size_t length = strcspn(line, " ({;\n");
    for (const char *word = words; *word; word += strcspn(word, " "), word += *word == ' ')
        if (strcspn(word, " ") == length && !strncmp(word, line, length)) return true;
    return false;
}

/* Does the error belong to a form of another language of which the beginning was reported: `try { } catch (e) { }`? */
static bool tell_goes_on(struct recovery_reader *reader, uint32_t before)
{
    const struct token *at = &reader->last;
    uint32_t place = reader->complete ? before : at->span.begin;
    if (reader->foreign && statement_is_of(reader, place, "catch except finally while until end done fi")) return true;
    reader->foreign = statement_is_of(reader, place, "try do begin repeat loop if while for");
    return false;
}

void reader_tell(struct parse *parse, const struct expected *expected)
{
    struct recovery_reader *reader = reader_of(parse);
    assert(expected);
    const struct token *at = &reader->last;
    uint32_t before = reader->previous_end ? reader->previous_end : reader->parse.lexer.source->base;
    bool later = at->kind == '}' || at->kind == T_END ||
                 (before <= at->span.begin && on_later_line(reader, before, at->span.begin));
    reader->panic = true;
    reader->listed = list_closer(reader, expected);
    reader->unopened = lacks_opener(reader, expected);
    reader->complete =
        expected->token[';'] && later && !reader_begins_nothing(at->kind) && !is_mistyped(reader, expected);
    /* the inserted '}' is the cause */
    bool behind_unwritten = reader->previous_kind == '}' && reader->previous_damaged;
    bool again = reader->previous_kind == T_RECOVER && is_told_of(reader, at);
    uint32_t open_text = reader->parse.lexer.open_text; /* the open text may contain the missing tokens */
    bool behind_text = open_text && open_text <= before && !on_later_line(reader, open_text, before);
    bool ends_wrong = reader->complete && (reader->previous_damaged || behind_text);
    if (at->damaged || behind_unwritten || again || ends_wrong || tell_goes_on(reader, before)) {
        reader_note_stumble(reader->parse.program, at->span.begin, false);
        return;
    }
    struct arena *arena = reader->parse.program->arena;
    const struct source *source = reader->parse.lexer.source;
    uint32_t unopened = unopened_sql(reader, expected);
    reader_seek_odd(reader);
    if (unopened) reader->odd.found = false; /* the back quote made the later braces a part of the SQL */
    bool odd = reader->odd.found && at->span.begin - source->base >= reader->odd.at;
    uint32_t odd_brace = odd && reader->odd.open ? source->base + (uint32_t)reader->odd.at : 0;
    if (odd && reader->odd_told) {
        reader_note_stumble(reader->parse.program, at->span.begin, false);
        return;
    }
    reader->odd_told = odd || unopened;
    if (reader->complete) {
        struct diag *missing = diag_report(reader->parse.program->diags, SYNTAX, ((struct source_span){before, before}),
                                           "a ';' is missing here");
        if (!odd_brace) diag_edit(missing, missing->span, ";");
        if (odd_brace) diag_note(missing, (struct source_span){odd_brace, odd_brace + 1}, "this '{' is not closed");
        return;
    }
    if (lacks_name(reader, expected)) reader_note_stumble(reader->parse.program, at->span.begin, true);
    const char *text = source->text + (at->span.begin - source->base);
    note_sql(reader);
    struct diag *diag = diag_report(diags_for(reader), SYNTAX, at->span,
                                    recovery_message(arena, at->kind, text, at->span.end - at->span.begin, expected));
    note_cause(reader, diag, expected, unopened, odd_brace);
}

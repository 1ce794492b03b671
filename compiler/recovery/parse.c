/* compiler/recovery/parse.c - Makes the NODE_FILE of a source's text: it passes the scanner's tokens to the grammar.
 *
 *     text -> refuse_source() -> scanner -> next_token() -> grammar -> NODE_FILE
 *                                           ^ notes braces, names and places, from which an error is explained
 *
 * A source with a NUL, with bytes that are not UTF-8, or with a lone carriage return is refused first, and is not
 * parsed at all. After an error the reader skips to a place where reading can continue, so that one run reports many
 * errors. The tree of such a text lacks the skipped parts. */
#include "compiler/recovery/parse.h"

#include <assert.h>
#include <string.h>

#include "compiler/base/unseen.h"
#include "compiler/recovery/reader.h"

/* Is there a declaration at the left margin within braces? Then a missing '}' is reported there. The word may still
 * be a name (as in `site: str`). */
static bool stands_outside(const struct recovery_reader *reader, const struct token *token)
{
    int before = reader->last.kind;
    if (lexer_token_use(token->kind) != USE_DECLARATION || !reader_first_on_line(reader, token, true)) return false;
    if (reader->depth == 0 && before != T_IMPORT) return false;
    if (before == '.' || before == T_OPTDOT || before == T_ON) return false;
    const char *behind = reader->parse.lexer.source->text + (token->span.end - reader->parse.lexer.source->base);
    return behind[strspn(behind, " \t\r\n")] != ':';
}

static void count_brace(struct recovery_reader *reader, const struct token *token)
{
    assert(reader->depth >= 0);
    if (token->kind == '{') {
        if (reader->depth < BRACES_KEPT) reader->braces[reader->depth] = token->span.begin;
        reader->depth++;
    } else if (token->kind == '}' && reader->depth > 0) {
        reader->depth--;
    }
}

/* Notes names of the statement that may be mistyped words before a block; tell.c makes a hint of them. */
static void note_names(struct recovery_reader *reader, const struct token *token)
{
    static const struct source_span none = {0, 0};
    int before = reader->previous_kind;
    bool begins = before == ';' || before == '{' || before == '}' || before == T_RECOVER;
    if (begins) reader->first_word = token->kind == T_NAME ? token->span : none;
    if (begins || token->kind == T_IN) reader->before_in = before == T_NAME ? reader->previous : none;
}

/* At a declaration outside of all braces an odd brace has no more effect: the search for the next one begins there. */
static void note_order(struct recovery_reader *reader, const struct token *token)
{
    if (reader->odd_told && reader->depth == 0 && lexer_token_use(token->kind) == USE_DECLARATION &&
        reader_first_on_line(reader, token, true)) {
        reader->odd_told = false;
        reader->odd_unsought = true;
        reader->odd_from = token->span.begin - reader->parse.lexer.source->base;
    }
}

/* Returns the grammar's next token: T_RECOVER after an error, then missing '}', else the next token of the source. */
static int next_token(struct parse *parse, PARSER_STYPE *value, struct source_span *span)
{
    struct recovery_reader *reader = reader_of(parse);
    struct token token = {0};
    bool outside = false;
    uint32_t end = reader->last.span.end;
    bool damaged = reader->last.damaged;
    reader->previous = reader->last.span;
    reader->previous_kind = reader->last.kind;
    if (reader->panic) {
        token = reader_resume(reader);
    } else if (reader->last.kind == T_END) {
        token.kind = T_EOF;
    } else if (reader->closers > 0) {
        reader->closers--;
        token = (struct token){.kind = '}', .span = {end, end}, .damaged = true, .unwritten = true};
    } else {
        token = reader_fetch(reader);
        note_order(reader, &token);
        outside = stands_outside(reader, &token);
    }
    reader->previous_end = end;
    reader->previous_damaged = damaged;
    reader->depth_before = reader->depth;
    note_names(reader, &token);
    count_brace(reader, &token);
    reader->last = token;
    *value = token.value;
    *span = token.span;
    return outside ? T_PARSER_UNDEF : token.kind;
}

struct unseen_told {
    struct diags *diags;
    const struct source *source;
    size_t behind; /* the last one */
};

static void tell_unseen_word(struct diag *diag, bool blank)
{
    diag_hint(diag, blank ? "write a blank in its place" : "take it out");
    diag_edit(diag, diag->span, blank ? " " : "");
}

/* Reports an unseen character; of several in a row, such as an indentation, only the first. */
static void tell_unseen(void *self, const struct unseen *unseen)
{
    struct unseen_told *told = self;
    bool first = unseen->at == 0 || unseen->at != told->behind;
    told->behind = unseen->at + unseen->length;
    uint32_t begin = told->source->base + (uint32_t)unseen->at;
    struct source_span span = {begin, begin + (uint32_t)unseen->length};
    unsigned number = unseen->code_point;
    if (unseen->kind == UNSEEN_TURN)
        diag_hint(diag_report(told->diags, BIDI_CONTROL, span, number),
                  "take it out; a string that needs it has \\u{%04X}", number);
    else if (unseen->place == UNSEEN_CODE && first)
        tell_unseen_word(diag_report(told->diags, UNSEEN_CHARACTER, span, number), unseen->kind == UNSEEN_BLANK);
    else if (unseen->place == UNSEEN_STRING && unseen->kind == UNSEEN_NO_WIDTH && !unseen_joins(number))
        diag_hint(diag_report(told->diags, UNSEEN_IN_STRING, span, number),
                  "take it out; a string that needs it has \\u{%04X}", number);
}

/* Reports control characters in remarks: a person must see the same text as the compiler. The scanner reports those
 * outside of remarks. */
static void refuse_controls(struct diags *diags, const struct source *source)
{
    bool remark = false; /* the place is in a remark */
    for (size_t at = 0; at < source->length; at++) {
        unsigned char c = (unsigned char)source->text[at];
        if (c > '/' && c != 0x7f) continue; /* most are such */
        uint32_t begin = source->base + (uint32_t)at;
        bool control = (c < ' ' && !strchr("\t\n\r\f", c)) || c == 0x7f;
        remark = c != '\n' && (remark || (c == '/' && source->text[at + 1] == '/'));
        if (control && remark)
            diag_hint(diag_report(diags, SOURCE_CONTROL, ((struct source_span){begin, begin + 1}), c), "take it out");
    }
}

/* Returns the first carriage return that is not at a line's end, or the length: many editors show a new line after
 * it. */
static size_t lone_return(const struct source *source)
{
    const char *text = source->text, *end = text + source->length;
    for (const char *at = text; (at = memchr(at, '\r', (size_t)(end - at)));) {
        const char *behind = at + strspn(at, "\r");
        if (behind < end && *behind != '\n') return (size_t)(at - text);
        at = behind;
    }
    return source->length;
}

/* Refuses a source with a NUL, with bytes that are not UTF-8, or with a lone carriage return; returns true where it
 * did. */
static bool refuse_source(struct program *program, const struct source *source)
{
    size_t good = source_utf8_check(source->text, source->length);
    const char *nul = memchr(source->text, '\0', good); /* functions for strings would end at a NUL */
    if (nul) {
        uint32_t at = source->base + (uint32_t)(nul - source->text);
        diag_report(program->diags, STRAY_CHARACTER, ((struct source_span){at, at + 1}), "\\x00");
        reader_note_stumble(program, at, false);
        return true;
    }
    if (good < source->length) {
        uint32_t at = source->base + (uint32_t)good;
        diag_report(program->diags, NOT_UTF8, ((struct source_span){at, at + 1}));
        return true;
    }
    size_t lone = lone_return(source);
    if (lone < source->length) {
        uint32_t at = source->base + (uint32_t)lone;
        diag_hint(diag_report(program->diags, SOURCE_CONTROL, ((struct source_span){at, at + 1}), '\r'),
                  "a line ends with a line feed, whether a carriage return stands before it or not");
        reader_note_stumble(program, at, false);
        return true;
    }
    struct unseen_told told = {program->diags, source, 0};
    refuse_controls(program->diags, source);
    unseen_each(source->text, source->length, tell_unseen, &told);
    return false;
}

/* Runs the grammar over the text. */
static void parse_run(struct recovery_reader *reader)
{
    lexer_begin(&reader->parse.lexer);
    reader->parse.lexer.withheld = diags_new(reader->parse.program->arena, reader->parse.program->sources);
    (void)parser_parse(&reader->parse); /* the result is not needed: errors are in the diagnostics */
    reader_tell_withheld(reader);
    lexer_end(&reader->parse.lexer);
}

struct node *parse_source(struct program *program, const struct source *source)
{
    assert(program->arena && program->diags && source->text);
    const struct source_span begin = {source->base, source->base};
    struct recovery_reader reader = {
        .parse = {.program = program,
                  .lexer = {.arena = program->arena, .diags = program->diags, .source = source},
                  .file = node_new(&program->tree, NODE_FILE, begin),
                  .next = next_token,
                  .stumble = reader_tell},
        .last = {.span = begin},
        .odd_unsought = true,
    };
    struct node *file = reader.parse.file;
    if (refuse_source(program, source)) return file;
    parse_run(&reader);
    /* later passes visit the tree by recursion */
    if (reader.parse.too_deep) file->file.declarations = (struct nodes){0};
    return file;
}

struct follow {
    struct recovery_reader reader; /* must be first */
    struct expected *expected;
    bool asked; /* the grammar has been given a token that it never takes, in place of the text's end */
};

static int follow_next(struct parse *parse, PARSER_STYPE *value, struct source_span *span)
{
    struct follow *follow = (struct follow *)parse;
    int kind = next_token(parse, value, span);
    if (follow->asked || follow->reader.last.kind != T_END) return kind;
    follow->asked = true;
    return T_PARSER_UNDEF;
}

static void follow_stumble(struct parse *parse, const struct expected *expected)
{
    struct follow *follow = (struct follow *)parse;
    if (follow->asked && follow->reader.last.kind == T_END && follow->expected) {
        *follow->expected = *expected;
        follow->expected = NULL;
    }
    reader_tell(parse, expected);
}

void parse_follow(const char *text, size_t length, struct expected *expected)
{
    struct arena *arena = arena_new();
    struct program program = {.arena = arena, .tree = {.arena = arena}};
    program.sources = source_set_new(arena);
    program.diags = diags_new(arena, program.sources);
    const struct source *source = source_set_add(program.sources, "", text, length);
    const struct source_span begin = {source->base, source->base};
    struct follow follow = {
        .reader = {.parse = {.program = &program,
                             .lexer = {.arena = arena, .diags = program.diags, .source = source},
                             .file = node_new(&program.tree, NODE_FILE, begin),
                             .next = follow_next,
                             .stumble = follow_stumble},
                   .last = {.span = begin},
                   .odd_unsought = true},
        .expected = expected,
    };
    *expected = (struct expected){0};
    if (!refuse_source(&program, source)) parse_run(&follow.reader);
    arena_free(arena);
}

/* compiler/recovery/resume.c - Finds the end of the damaged statement, where the grammar continues after a syntax
 * error. */
#include "compiler/recovery/reader.h"

#include <assert.h>
#include <string.h>

bool reader_begins_nothing(int kind)
{
    static const bool nothing[] = {
        ['{'] = true,  [T_ELSE] = true,    [';'] = true,        [','] = true,    [')'] = true, [']'] = true,
        ['.'] = true,  [T_OPTDOT] = true,  ['+'] = true,        ['*'] = true,    ['/'] = true, [T_AND] = true,
        [T_OR] = true, [T_STR_MID] = true, [T_STR_TAIL] = true, [T_ARROW] = true};
    return kind >= 0 && (size_t)kind < sizeof nothing / sizeof *nothing && nothing[kind];
}

/* Could a statement continue with this token after a block within it? */
static bool statement_goes_on(const struct token *token)
{
    return reader_begins_nothing(token->kind) || lexer_token_use(token->kind) == USE_CLAUSE;
}

/* Skips the group that a '{' opened. A declaration at the left margin ends the group, too: its '}' is missing. */
static void skip_group(struct recovery_reader *reader)
{
    for (int depth = 1; depth > 0;) {
        struct token token = reader_fetch(reader);
        if (token.kind == '{') depth++;
        if (token.kind == '}') depth--;
        bool outside = lexer_token_use(token.kind) == USE_DECLARATION && reader_first_on_line(reader, &token, true);
        if (token.kind == T_END || outside) {
            reader_give_back(reader, token);
            return;
        }
    }
}

static bool begins_declaration(const struct token *token)
{
    return token->kind == T_END || lexer_token_use(token->kind) == USE_DECLARATION;
}

static bool declares_next(struct recovery_reader *reader)
{
    struct token next = reader_fetch(reader);
    reader_give_back(reader, next);
    return begins_declaration(&next);
}

/* Returns the indentation of the line that contains the place. */
static uint32_t resume_indentation(const struct source *source, uint32_t at)
{
    assert(at >= source->base);
    uint32_t begin = at - source->base;
    while (begin > 0 && source->text[begin - 1] != '\n') begin--;
    return (uint32_t)strspn(source->text + begin, " \t");
}

/* Does the token, an else, show that the '}' before it is missing? True: the else is indented no further than a
 * block that can have an else; where the '}' was, a space may be left. */
static bool leaves_if(const struct recovery_reader *reader, const struct token *token)
{
    static const char *const words[] = {"if ", "else ", "} else ", "busy "};
    if (token->kind != T_ELSE || reader->depth == 0 || reader->depth > BRACES_KEPT) return false;
    const struct source *source = reader->parse.lexer.source;
    uint32_t brace = reader->braces[reader->depth - 1];
    if (!reader_first_on_line(reader, token, false)) return false;
    if (resume_indentation(source, token->span.begin) > resume_indentation(source, brace) + 1) return false;
    const char *line = source->text + (brace - source->base);
    while (line > source->text && line[-1] != '\n') line--;
    line += strspn(line, " \t");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strncmp(line, words[i], strlen(words[i]))) return true;
    return false;
}

/* Does a statement continue after this token, even on another line? */
static bool wants_more(int kind)
{
    return kind == ',' || kind == T_ARROW || kind == T_ELSE || kind == '=';
}

/* Does the token begin a declaration? If it is the first token skipped, a missing '}' may be the cause. */
static bool skip_declares(struct recovery_reader *reader, const struct token *token, bool first)
{
    bool past = first && reader->stuck > 1 && reader->depth == 0;
    return lexer_token_use(token->kind) == USE_DECLARATION && reader_first_on_line(reader, token, true) && !past;
}

/* Does the statement end before the token, which is then given back? `before`: the kind of the token before it. */
static bool skip_gives_back(struct recovery_reader *reader, struct token token, bool first, bool stuck, int before)
{
    bool begins = lexer_token_use(token.kind) == USE_STATEMENT && reader->depth > 0 && !first && !wants_more(before) &&
                  reader_first_on_line(reader, &token, false);
    if (token.kind == T_END || skip_declares(reader, &token, first))
        reader->closers = reader->depth;
    else if (first && !stuck && leaves_if(reader, &token))
        reader->closers = 1;
    else if (!begins)
        return false;
    reader_give_back(reader, token);
    return true;
}

/* Handles a '}': does the statement end with it? The text after an odd '}' is lost, too. */
static bool skip_closes(struct recovery_reader *reader, struct token token, bool first, bool stuck)
{
    if (reader->depth == 0) return declares_next(reader);
    if (first && reader->unopened) {
        (void)reader_fetch(reader); /* the ';' behind the block that nothing opens */
        return true;
    }
    if (first && stuck)
        reader->depth--; /* the '}' fits nowhere; given back, it would be read again and again */
    else
        reader_give_back(reader, token);
    return true;
}

/* Skips from a '{' to its '}'. True: the statement ends with this '}'. */
static bool skip_opens(struct recovery_reader *reader)
{
    skip_group(reader);
    struct token next = reader_fetch(reader);
    reader_give_back(reader, next);
    if (lexer_token_use(next.kind) == USE_DECLARATION && reader_first_on_line(reader, &next, true)) {
        reader->closers = reader->depth; /* the group has used the '}' of the block around it */
        return true;
    }
    return reader->depth > 0 ? !statement_goes_on(&next) : begins_declaration(&next);
}

/* Skips tokens until the end of the damaged statement. The first token is the one that the parser refused. */
static void skip_statement(struct recovery_reader *reader)
{
    /* the last recovery ended here: the token must be skipped */
    bool stuck = reader->last.span.begin == reader->resumed_at;
    reader->stuck = stuck ? reader->stuck + 1 : 0;
    int parens = 0, before = reader->previous_kind;
    if (reader->complete && !stuck) return;
    if (reader->listed) {
        (void)reader_fetch(reader); /* the ';' in place of a ',' */
        parens = reader->listed != '}';
    }
    for (bool first = true;; first = false) {
        struct token token = reader_fetch(reader);
        if (skip_gives_back(reader, token, first, stuck, before)) return;
        if (token.kind == '{' || token.kind == '}') {
            if (token.kind == '{' ? skip_opens(reader) : skip_closes(reader, token, first, stuck)) return;
            continue;
        }
        /* a group in brackets is skipped as a whole */
        if ((token.kind == '(' || token.kind == '[') && (first || parens > 0)) parens++;
        if ((token.kind == ')' || token.kind == ']') && parens > 0) parens--;
        if (token.kind == ';' && parens == 0 && (reader->depth > 0 || (!first && declares_next(reader)))) return;
        before = token.kind;
    }
}

struct token reader_resume(struct recovery_reader *reader)
{
    assert(reader->panic && reader->depth_before >= 0);
    reader->panic = false;
    struct token token = {.kind = T_RECOVER, .span = reader->last.span, .damaged = true};
    reader->depth = reader->depth_before; /* the parser refused the last token, so its brace does not count */
    if (reader->last.unwritten) {         /* the '}' is not allowed yet: the statement before it must end first */
        reader->closers++;
        return token;
    }
    reader_give_back(reader, reader->last);
    skip_statement(reader);
    reader->resumed_at = reader->has_pending ? reader->pending.span.begin : reader->parse.lexer.at;
    return token;
}

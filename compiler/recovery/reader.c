/* compiler/recovery/reader.c - Reads the tokens of a source, takes at most one back, and finds their places on
 * lines. */
#include "compiler/recovery/reader.h"

#include <assert.h>

enum { ODD_BRACES_SOUGHT = 32 }; /* more than are shown; each search may read to the end of the text */

struct token reader_fetch(struct recovery_reader *reader)
{
    if (reader->has_pending) {
        reader->has_pending = false;
        return reader->pending;
    }
    struct token token = {0};
    token.kind = lexer_next(&reader->parse.lexer, &token.value, &token.span);
    token.damaged = reader->parse.lexer.damaged || (token.kind == T_END && reader->end_taken);
    reader->end_taken =
        token.damaged && token.span.end == reader->parse.lexer.source->base + reader->parse.lexer.source->length;
    return token;
}

void reader_give_back(struct recovery_reader *reader, struct token token)
{
    assert(!reader->has_pending);
    reader->pending = token;
    reader->has_pending = true;
}

bool reader_first_on_line(const struct recovery_reader *reader, const struct token *token, bool at_margin)
{
    const struct source *source = reader->parse.lexer.source;
    assert(token->span.begin >= source->base);
    uint32_t at = token->span.begin - source->base;
    while (!at_margin && at > 0 && (source->text[at - 1] == ' ' || source->text[at - 1] == '\t')) at--;
    return at == 0 || source->text[at - 1] == '\n';
}

void reader_seek_odd(struct recovery_reader *reader)
{
    const struct source *source = reader->parse.lexer.source;
    assert(reader->odd_from <= source->length);
    if (!reader->odd_unsought) return;
    reader->odd_unsought = false;
    reader->odd = (struct odd_brace){0};
    if (reader->odd_sought++ < ODD_BRACES_SOUGHT)
        reader->odd = braces_odd(source->text, source->length, reader->odd_from);
}

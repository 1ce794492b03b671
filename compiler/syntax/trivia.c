/* compiler/syntax/trivia.c - Reads the tokens of a source with their places in the text. */
#include "compiler/syntax/trivia.h"

#include <assert.h>

#include "compiler/syntax/lexer.h"

bool trivia_tokens(struct arena *arena, const struct source *source, struct raw_token **tokens, size_t *count)
{
    struct diags *unheard = diags_new(arena, NULL);
    struct lexer lexer = {.arena = arena, .diags = unheard, .withheld = unheard, .source = source};
    size_t room = source->length / 4 + 16;
    *tokens = ARENA_ARRAY(arena, struct raw_token, room);
    *count = 0;
    if (source_utf8_check(source->text, source->length) < source->length) return false;
    lexer_begin(&lexer);
    bool good = true;
    for (int kind = 1; kind != T_END && good;) {
        PARSER_STYPE value;
        struct source_span span;
        kind = lexer_next(&lexer, &value, &span);
        good = !lexer.damaged;
        if (kind == T_END)
            span.begin = span.end = source->base + source->length; /* T_END comes after the last remark */
        if (*count == room) {
            *tokens = arena_grow(arena, *tokens, room * sizeof **tokens, 2 * room * sizeof **tokens);
            room *= 2;
        }
        (*tokens)[(*count)++] = (struct raw_token){kind, span};
    }
    lexer_end(&lexer);
    return good;
}

struct source_span trivia_remark(const struct source *source, uint32_t at, uint32_t end)
{
    const char *text = source->text;
    assert(source->base <= at && end <= source->base + source->length);
    for (uint32_t i = at - source->base; i + 1 < end - source->base; i++) {
        if (text[i] != '/' || text[i + 1] != '/') continue;
        uint32_t stop = i;
        while (stop < end - source->base && text[stop] != '\n') stop++;
        return (struct source_span){source->base + i, source->base + stop};
    }
    return (struct source_span){end, end};
}

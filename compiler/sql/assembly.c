/* compiler/sql/assembly.c - Makes one text for the database from a statement of a source, with the place of each
 * byte in the source. */
#include "compiler/sql/schema.h"

#include <assert.h>
#include <ctype.h>

struct source_span sql_word_at(uint32_t base, const char *text, size_t length, size_t offset)
{
    size_t end = offset;
    while (end < length && (isalnum((unsigned char)text[end]) || text[end] == '_' || (text[end] & 0x80))) end++;
    return (struct source_span){base + (uint32_t)offset, base + (uint32_t)(end > offset ? end : offset + 1)};
}

static void assembly_put(struct assembly *assembly, char c, uint32_t place)
{
    assembly->places[assembly->length] = place;
    assembly->text[assembly->length++] = c;
}

static void assemble_piece(struct assembly *assembly, const struct node *piece, const struct source *source)
{
    assert(piece->kind == NODE_STRING);
    uint32_t place = piece->span.begin + 1; /* the place after the back quote, or after the brace of a value */
    for (size_t i = 0; i < piece->string.text.length; i++) {
        char c = piece->string.text.bytes[i];
        assembly_put(assembly, c, place);
        place += c == '{' && source->text[place - source->base + 1] == '{' ? 2 : 1; /* written {{ */
    }
}

struct assembly sql_assemble(struct arena *arena, const struct node *sql, const struct source *source, char mark)
{
    assert(sql->kind == NODE_SQL);
    size_t room = 16, values = 0;
    EACH_NODE (part, sql->sql.parts) room += part->kind == NODE_STRING ? part->string.text.length + 1 : 0;
    room += sql->sql.parts.count * 12; /* ?N */
    struct assembly assembly = {.text = arena_alloc(arena, room),
                                .places = ARENA_ARRAY(arena, uint32_t, room),
                                .marks = ARENA_ARRAY(arena, size_t, sql->sql.parts.count + 1)};
    bool is_piece = true; /* pieces of text and values take turns */
    EACH_NODE (part, sql->sql.parts) {
        if (is_piece) {
            assemble_piece(&assembly, part, source);
        } else {
            assembly.marks[values] = assembly.length;
            const char *text = arena_printf(arena, "%c%zu", mark, ++values);
            for (; *text; text++) assembly_put(&assembly, *text, part->span.begin);
        }
        is_piece = !is_piece;
    }
    assembly.parameters = values;
    assembly.places[assembly.length] = sql->span.end - 1; /* the closing back quote */
    assembly.text[assembly.length] = '\0';
    return assembly;
}

struct source_span assembly_span(const struct assembly *assembly, size_t offset)
{
    size_t end = sql_word_at(0, assembly->text, assembly->length, offset).end;
    if (end > assembly->length) end = assembly->length;
    uint32_t last = end > offset ? assembly->places[end - 1] : assembly->places[offset];
    return (struct source_span){assembly->places[offset], last + 1};
}

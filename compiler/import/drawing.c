/* compiler/import/drawing.c - Draws the source's diagram in Mermaid, to be compared with that of the strategy. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"

enum { DRAWING_BLOCKS = 500 /* larger flows are not drawn, since nobody could read the picture */ };

/* Writes a label, of 60 bytes at most. A character that may mean something to Mermaid is written as its number:
 * "#34;". */
static void drawing_text(FILE *out, const char *text)
{
    for (unsigned length = 0; *text && length < 60; text++, length++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || c >= 0x80 || c == ' ' || c == '_' || c == '-' || c == '.')
            fputc(c, out);
        else if (c > ' ')
            fprintf(out, "#%u;", c);
    }
}

static void drawing_block(FILE *out, const struct flow_block *block, uint32_t number)
{
    const char *colon = strrchr(block->type, ':');
    fprintf(out, flow_kind_ends(block->kind) ? "    b%u([\"" : "    b%u[\"", number);
    drawing_text(out, block->name);
    fputs("<br>", out);
    drawing_text(out, colon ? colon + 1 : block->type);
    fprintf(out, flow_kind_ends(block->kind) ? "\"])%s\n" : "\"]%s\n", block->written ? "" : ":::gone");
}

static uint32_t drawing_ways(const struct flow_block *block)
{
    return block->drawn ? block->drawn_count : block->exit_count;
}

void import_write_drawing(struct importer *import, const struct flow *flow)
{
    char *text = NULL;
    size_t length;
    if (flow->block_count > DRAWING_BLOCKS || flow->sort == FLOW_PROCESS || flow->sort == FLOW_TOLD) return;
    FILE *out = open_memstream(&text, &length);
    if (!out) abort();
    fputs("flowchart TD\n    classDef gone stroke-dasharray: 4\n", out);
    for (uint32_t i = 0; i < flow->block_count; i++) drawing_block(out, &flow->blocks[i], i);
    for (uint32_t i = 0, edge = 0; i < flow->block_count; i++)
        for (uint32_t j = 0; j < drawing_ways(&flow->blocks[i]); j++, edge++) {
            const struct flow_block *block = &flow->blocks[i];
            const struct flow_exit *exit = block->drawn ? &block->drawn[j] : &block->exits[j];
            fprintf(out, "    b%u -->", i);
            if (*exit->name) {
                fputs("|\"", out);
                drawing_text(out, exit->name);
                fputs("\"|", out);
            }
            fprintf(out, " b%u\n", exit->to);
            if (exit->failure) fprintf(out, "    linkStyle %u stroke:#c00,color:#c00\n", edge);
        }
    if (fclose(out) != 0) abort();
    import_file_add(import, arena_printf(import->arena, "%s.mmd", flow->ident), text);
}

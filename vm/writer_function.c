/* vm/writer_function.c - Writes a function of an image: everything except its code (writer_code.c) and tables
 * (writer_table.c).
 *
 *     writer_function_begin, writer_register ..., code, writer_function_end
 *
 * The end of a function fills in everything that depends on a label or on the number of registers. */
#include <assert.h>
#include <string.h>

#include "vm/bits.h"
#include "vm/writer_data.h"

static uint32_t *code_at(struct image_writer *w, uint32_t pc)
{
    return (uint32_t *)(void *)w->section[SECTION_CODE].bytes + w->code_start + pc;
}

uint16_t writer_function_begin(struct image_writer *w, const char *name, enum function_kind kind, uint16_t strategy,
                               uint32_t parameters, uint16_t result)
{
    assert(!w->in_function);
    w->in_function = true;
    w->function = (struct image_function){.name = writer_string(w, name, (uint32_t)strlen(name)),
                                          .kind = (uint8_t)kind,
                                          .parameters = (uint8_t)parameters,
                                          .result = result,
                                          .strategy = strategy};
    writer_limit(w, parameters <= IMAGE_REGISTERS_MAX, "a function has more than 240 parameters");
    w->code_start = w->function.code = rows_of(&w->section[SECTION_CODE], 4);
    w->function.registers = rows_of(&w->section[SECTION_REGISTERS], 2);
    w->below = 0;
    w->first_wait = rows_of(&w->section[SECTION_WAITS], sizeof(struct image_wait));
    w->position = (struct debug_at){0};
    writer_limit(w, writer_function_count(w) < IMAGE_NONE - 1, "there are more than 65,534 functions");
    return (uint16_t)writer_function_count(w);
}

static void writer_apply(struct image_writer *w, const struct fixup *fixup)
{
    uint32_t pc = writer_label_pc(w, fixup->label);
    struct image_wait *waits = (struct image_wait *)(void *)w->section[SECTION_WAITS].bytes;
    struct image_operand *operands = (struct image_operand *)(void *)w->section[SECTION_OPERANDS].bytes;
    switch (fixup->kind) {
    case FIXUP_ABC:
        *code_at(w, fixup->at) |= pc << 8;
        break;
    case FIXUP_BC:
        *code_at(w, fixup->at) |= pc << 16;
        break;
    case FIXUP_EXTENSION:
        *code_at(w, fixup->at) |= pc & 0xffff;
        break;
    case FIXUP_FAILURE:
        waits[fixup->at].failure = (uint16_t)pc;
        break;
    case FIXUP_EXIT:
        operands[fixup->at].operand = (uint16_t)pc;
        break;
    }
}

static void put_live(struct image_writer *w)
{
    uint32_t count = rows_of(&w->live, 32), words = (w->function.register_count + 31u) / 32;
    if (count == 0) return; /* without a wait point in the function the section may not exist yet */
    struct image_wait *waits = (struct image_wait *)(void *)w->section[SECTION_WAITS].bytes + w->first_wait;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *live = (const uint32_t *)(void *)w->live.bytes + 8 * (size_t)i;
        waits[i].live = rows_of(&w->section[SECTION_LIVE], 4);
        for (uint32_t n = 0; n < words; n++)
            waits[i].live_count = (uint16_t)(waits[i].live_count + bits_count(live[n]));
        buffer_put(&w->section[SECTION_LIVE], live, words * sizeof *live);
    }
}

void writer_function_end(struct image_writer *w)
{
    assert(w->in_function && !w->pending.open);
    if (!w->over) {
        for (uint32_t i = 0; i < rows_of(&w->fixups, sizeof(struct fixup)); i++)
            writer_apply(w, (const struct fixup *)(void *)w->fixups.bytes + i);
        put_live(w);
        for (uint32_t i = 0; i < rows_of(&w->segments, sizeof(struct segment)); i++)
            writer_table_build(w, (const struct segment *)(void *)w->segments.bytes + i);
    }
    w->function.code_words = writer_here(w);
    w->function.stack_words = w->function.register_count + w->below;
    writer_limit(w, w->function.stack_words <= IMAGE_STACK_MAX, "calls are nested too deep");
    buffer_put(&w->section[SECTION_FUNCTIONS], &w->function, sizeof w->function);
    w->fixups.length = w->labels.length = w->live.length = w->segments.length = w->arms.length = w->arm_text.length = 0;
    w->blob.length = 0;
    w->in_function = false;
}

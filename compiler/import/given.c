/* compiler/import/given.c - Blocks whose statements their reader has made.
 *
 * A mark is the byte 1, a letter for its form, the number of the target block and a point. The letters: g a jump, f the
 * last statement, e the `else` of a step, x a jump after a failure. No text of the source has the byte 1: name_quoted()
 * and the remarks replace control characters. */
#include "compiler/import/given.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "compiler/import/writer.h"

enum { GIVEN_MARK = 1, GIVEN_REMARK_BYTES = 1200 };

struct flow_given *given_new(struct arena *arena, struct flow_block *block, enum flow_grade grade, const char *remark)
{
    struct flow_given *given = ARENA_NEW(arena, struct flow_given);
    given->arena = arena, given->grade = grade, given->remark = remark;
    given->out = memory_stream(&given->bytes, &given->length);
    block->kind = FLOW_given;
    block->given = given;
    return given;
}

void given_close(struct flow_block *block)
{
    struct flow_given *given = block->given;
    if (fclose(given->out) != 0) abort();
    given->text = arena_copy(given->arena, given->bytes, given->length);
    given->out = NULL;
    free(given->bytes);
}

void given_remark(struct flow_block *block, enum flow_grade grade, const char *format, ...)
{
    char text[500];
    struct flow_given *given = block->given;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (grade > given->grade) given->grade = grade;
    if (strlen(given->remark) < GIVEN_REMARK_BYTES && !strstr(given->remark, text))
        given->remark = arena_printf(given->arena, "%s%s%s", given->remark, *given->remark ? "; " : "", text);
}

void given_say(struct flow_block *block, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(block->given->out, format, arguments);
    va_end(arguments);
}

static void given_mark(struct flow_block *block, const char *exit, uint32_t to, char form)
{
    struct flow_given *given = block->given;
    if (to != FLOW_NOWHERE) {
        uint32_t at = 0;
        while (at < block->exit_count && (block->exits[at].to != to || strcmp(block->exits[at].name, exit) != 0)) at++;
        if (at == block->exit_count) {
            if (block->exit_count == given->room) {
                uint32_t room = given->room ? 2 * given->room : 4;
                block->exits = arena_grow(given->arena, block->exits, given->room * sizeof *block->exits,
                                          room * sizeof *block->exits);
                given->room = room;
            }
            block->exits[block->exit_count++] = (struct flow_exit){.name = exit, .to = to};
        }
    }
    fprintf(given->out, "%c%c%u.", GIVEN_MARK, form, to);
}

void given_way(struct flow_block *block, const char *exit, uint32_t to)
{
    given_mark(block, exit, to, 'g');
}

void given_fall(struct flow_block *block, const char *exit, uint32_t to)
{
    given_mark(block, exit, to, 'f');
    fputc('\n', block->given->out);
}

bool given_fails_to(const struct flow_block *block, uint32_t to)
{
    bool fails = false;
    for (const char *at = strchr(block->given->text, GIVEN_MARK); at; at = strchr(at + 1, GIVEN_MARK)) {
        if ((uint32_t)strtoul(at + 2, NULL, 10) != to) continue;
        if (at[1] != 'x' && at[1] != 'e') return false;
        fails = true;
    }
    return fails;
}

void given_on(struct flow_block *block, enum given_form form, const char *exit, uint32_t to, const char *end)
{
    if (to != FLOW_NOWHERE) {
        given_mark(block, exit, to, "gfex"[form]);
        if (form == GIVEN_FALL) given_say(block, "\n");
        return;
    }
    given_say(block, form == GIVEN_ELSE ? "else { %s }" : form == GIVEN_FALL ? "%s\n" : "%s", end);
    block->given->ends = true;
}

void given_begin(struct flow_block *block)
{
    block->grade = block->given->grade;
    block->remark = block->given->remark;
}

void import_write_given_block(struct flow_writer *w, struct flow_block *block)
{
    const char *at = block->given->text;
    w->ends = w->ends || block->given->ends;
    while (*at) {
        size_t plain = strcspn(at, "\001");
        fwrite(at, 1, plain, w->out);
        at += plain;
        if (!*at) break;
        char *end, form = at[1];
        uint32_t to = (uint32_t)strtoul(at + 2, &end, 10);
        fputs(form == 'e' ? way_else(w, to, true) : way_to(w, to, form != 'f'), w->out);
        at = end + 1;
    }
    block->played = block->given->first;
}

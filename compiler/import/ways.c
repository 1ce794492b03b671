/* compiler/import/ways.c - Writes the jumps from a block, the calls of other flows, and the remarks about a block.
 *
 *     the block that stands next      nothing is written
 *     another one behind it           goto LABEL;
 *     the head of a loop around       continue;  or  goto again_N;  from further within
 *     a loop with several heads       turn_N = K; before that
 *     nothing                         the end of the flow: fail, stop or the default
 *
 * way_to() chooses one of these forms of a jump by the shape of the flow. While the exits of a block are only collected
 * (`w->ways`), way_to() notes the target instead of writing a jump. */
#include "compiler/import/writer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { REMARK_BYTES = 1200 };

/* Returns a `fail` that leads to the default, and notes its text, so that `on error` does not take this end for a
 * failure. */
const char *way_default(struct flow_writer *w, const char *why)
{
    static char there[] = "";
    const char *text = name_quoted(w->arena, why, true);
    flow_names_add(w->arena, &w->defaults, text, there);
    return arena_printf(w->arena, "fail %s;", text);
}

const char *way_end(struct flow_writer *w, const char *why)
{
    if (w->linear) return "";
    if (!w->subroutine && w->flow->sort == FLOW_WORKFLOW) return way_default(w, why);
    w->ends = w->ends || !w->subroutine;
    return arena_printf(w->arena, w->subroutine ? "fail %s;" : "stop %s;", name_quoted(w->arena, why, true));
}

static bool way_is_head(const struct shape *loop, uint32_t block, uint32_t *number)
{
    for (uint32_t i = 0; i < loop->head_count; i++)
        if (loop->heads[i] == block) {
            *number = i + 1;
            return true;
        }
    return false;
}

/* Returns the jump to the head of a loop around the block: it begins the next round. */
static const char *way_round(struct flow_writer *w, struct shape *loop, uint32_t number)
{
    const char *turn = loop->head_count > 1 ? arena_printf(w->arena, "turn_%u = %u; ", loop->number, number) : "";
    if (loop == w->shape) {
        bool last = w->index + 1 == loop->count && !w->again[loop->number];
        return last && !*turn ? "continue;" : arena_printf(w->arena, "%scontinue;", turn);
    }
    w->again[loop->number] = true;
    return arena_printf(w->arena, "%sgoto again_%u;", turn, loop->number);
}

/* Returns the jump to a place. Blocks that write no statement are skipped, since a label must stand before a
 * statement. */
const char *way_place(struct flow_writer *w, struct shape_place place, const char *turns)
{
    const struct shape_item *items = place.in->items;
    while (place.index < place.in->count && !items[place.index].loop && w->silent[items[place.index].block])
        place.index++;
    if (place.index == place.in->count) { /* all blocks that follow write nothing: the next round begins */
        assert(place.in->outer);
        if (place.in == w->shape) return arena_printf(w->arena, "%scontinue;", turns);
        w->again[place.in->number] = true;
        return arena_printf(w->arena, "%sgoto again_%u;", turns, place.in->number);
    }
    const struct shape_item *item = &items[place.index];
    if (item->loop) {
        w->loop_labelled[item->loop->number] = true;
        return arena_printf(w->arena, "%sgoto loop_%u;", turns, item->loop->number);
    }
    w->labelled[item->block] = true;
    return arena_printf(w->arena, "%sgoto %s;", turns, w->flow->blocks[item->block].label);
}

/* `must`: a statement is needed even if the block comes next in the text, because this jump is within braces. */
const char *way_to(struct flow_writer *w, uint32_t block, bool must)
{
    uint32_t number;
    const char *turns = "";
    if (w->linear) return "";
    if (block == FLOW_NOWHERE) return way_end(w, arena_printf(w->arena, "%s: nothing follows", w->block->name));
    if (w->ways) {
        uint32_t at = 0; /* each target is noted once, at the place of its last jump */
        while (at < w->way_count && w->ways[at] != block) at++;
        if (at < w->way_count) memmove(&w->ways[at], &w->ways[at + 1], (--w->way_count - at) * sizeof *w->ways);
        assert(w->way_count < w->way_room);
        w->ways[w->way_count++] = block;
        return must ? "goto x;" : "";
    }
    for (struct shape *loop = w->shape; loop->outer; loop = loop->outer)
        if (way_is_head(loop, block, &number)) return way_round(w, loop, number);
    struct shape_place place = w->places[block];
    for (;;) {
        struct shape *around = w->shape;
        while (around && around != place.in) around = around->outer;
        if (around) break;
        if (way_is_head(place.in, block, &number) && place.in->head_count > 1)
            turns = arena_printf(w->arena, "%sturn_%u = %u; ", turns, place.in->number, number);
        place = (struct shape_place){place.in->outer, place.in->place};
    }
    bool next = place.in == w->shape && place.index == w->index + 1;
    if (next && !must) return turns;
    return way_place(w, place, turns);
}

/* Returns the jump to a block in the form of a step's `else`. */
const char *way_else(struct flow_writer *w, uint32_t block, bool must)
{
    const char *way = way_to(w, block, must), *semicolon = strchr(way, ';');
    if (!*way) return "else {}";
    if (strncmp(way, "goto ", 5) == 0 && !semicolon[1])
        return arena_printf(w->arena, "else %.*s", (int)(semicolon - way), way);
    return arena_printf(w->arena, "else { %s }", way);
}

const char *way_error(struct flow_writer *w)
{
    uint32_t failure = flow_failure(w->block, "error");
    return failure != FLOW_NOWHERE ? way_to(w, failure, true)
                                   : arena_printf(w->arena, "fail %s;", name_quoted(w->arena, w->block->name, true));
}

void import_remark(struct flow_writer *w, struct flow_block *block, enum flow_grade grade, const char *format, ...)
{
    char text[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (grade > block->grade) block->grade = grade;
    if (strlen(block->remark) < REMARK_BYTES && !strstr(block->remark, text))
        block->remark = arena_printf(w->arena, "%s%s%s", block->remark, *block->remark ? "; " : "", text);
}

static bool path_is(const char *path, const char *resource)
{
    const char *a = strrchr(path, '/'), *b = strrchr(resource, '/');
    a = a ? a + 1 : path, b = b ? b + 1 : resource;
    return *b && strcmp(a, b) == 0;
}

struct flow *import_called_flow(struct importer *import, const struct flow *from, const struct flow_block *block)
{
    bool expression;
    const char *resource = flow_text(import->arena, block->values, "resource", &expression);
    if (!*resource) resource = flow_text(import->arena, block->values, "uri", &expression);
    for (struct flow *flow = import->flows; flow && !expression; flow = flow->next)
        if (flow != from && path_is(flow->path, resource)) return flow;
    return NULL;
}

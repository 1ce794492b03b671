/* runtime/debugger/flow.c - Turns the places that an interaction has passed into visits of the boxes of a diagram.
 *
 * Places come in order of time, with all fibers mixed. A box may contain many places (a condition, a step and its
 * arguments), so another place in the box where its fiber already is does not make a new visit. Boxes of a
 * subroutine are visits one level deeper, and after it the fiber's last visit is found again at its own level
 * (flow_visit_before). */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/boxes.h"
#include "runtime/debugger/commands.h"
#include "runtime/debugger/show.h"
#include "base/memory.h"
#include "base/shown.h"

enum { TEXT_MAX = 100, FLOW_NAME_BYTES = 128, FLOW_LINES_MAX = 500, FLOW_VISITS_MAX = 2000 };

struct visit {
    const struct taken_place *first;
    uint32_t box, pc; /* pc: that of the last place in the box */
    const char *exit; /* the exit by which the box's step failed; NULL: it did not */
    const char *left; /* the label of the edge by which the box was left; "": no label */
};

struct flow {
    const struct taken_places *taken;
    uint64_t interaction;
    struct boxes *boxes;
    struct visit *visits;
    size_t count;
};

/* ---- visits ---- */

/* Returns the visit from which this fiber came at this depth; NULL: the fiber begins there. */
static struct visit *flow_visit_before(const struct flow *flow, const struct taken_place *place)
{
    for (size_t i = flow->count; i > 0; i--) {
        struct visit *visit = &flow->visits[i - 1];
        if (visit->first->fiber != place->fiber || visit->first->depth > place->depth) continue;
        return visit->first->depth == place->depth ? visit : NULL;
    }
    return NULL;
}

/* Begins a fiber (beside a wait, or as a child of race or parallel): the edge comes from the last visited box that
 * leads to it. */
static bool begin_fiber(struct flow *flow, uint32_t box)
{
    assert(box != BOXES_NONE);
    for (size_t i = flow->count; i > 0; i--)
        if (boxes_go(flow->boxes, flow->visits[i - 1].box, box, false)) return true;
    return false;
}

static void enter_box(struct flow *flow, struct visit *from, const struct taken_place *place, uint32_t box)
{
    assert(box != BOXES_NONE && place->interaction == flow->interaction);
    const char *label = from ? boxes_go(flow->boxes, from->box, box, from->exit != NULL) : NULL;
    bool begun = label || (!from && place->fiber > 0 && place->depth == 1 && begin_fiber(flow, box));
    assert(!from || from < flow->visits + flow->count);
    if (label) from->left = label;
    if (!begun) boxes_enter(flow->boxes, box);
    flow->visits = memory_more(flow->visits, flow->count, sizeof *flow->visits);
    flow->visits[flow->count++] = (struct visit){place, box, place->pc, NULL, ""};
}

static void flow_visit(struct flow *flow, const struct taken_place *place)
{
    struct image_place at;
    struct visit *from = flow_visit_before(flow, place);
    if (place->kind == TAKEN_EXIT && from) from->exit = place->what;
    if (place->kind != TAKEN_PLACE || !image_place(place->image, place->function, place->pc, &at)) return;
    uint32_t box = boxes_at(flow->boxes, at.file.bytes, at.file.length, at.line, at.column);
    if (box == BOXES_NONE) return;
    if (from && from->box == box && from->first->function == place->function && place->pc > from->pc)
        from->pc = place->pc;
    else
        enter_box(flow, from, place, box);
}

static void flow_walk(struct flow *flow)
{
    for (size_t i = 0; i < flow->taken->count; i++)
        if (flow->taken->places[i].interaction == flow->interaction) flow_visit(flow, &flow->taken->places[i]);
    boxes_end(flow->boxes, flow->count > 0 ? flow->visits[flow->count - 1].box : (uint32_t)BOXES_NONE);
}

/* Finds the only strategy in which the interaction has been; false: none, or several. */
static bool only_strategy(const struct flow *flow, char *name, size_t size)
{
    *name = '\0';
    for (size_t i = 0; i < flow->taken->count; i++) {
        const struct taken_place *place = &flow->taken->places[i];
        if (place->interaction != flow->interaction) continue;
        for (uint32_t s = 0; s < image_count(place->image, SECTION_STRATEGIES); s++) {
            const struct image_strategy *strategy = image_strategy(place->image, s);
            struct text text = image_text(place->image, strategy->name);
            if (strategy->function != place->function) continue;
            if (*name && (strlen(name) != text.length || memcmp(name, text.bytes, text.length) != 0)) return false;
            (void)snprintf(name, size, "%.*s", (int)text.length, text.bytes);
        }
    }
    return *name != '\0';
}

/* ---- telling ---- */

static void tell_visit(const struct flow *flow, const struct visit *visit, bool here)
{
    const struct taken_place *first = visit->first;
    char text[TEXT_MAX + 1];
    (void)snprintf(text, sizeof text, "%s", boxes_text(flow->boxes, visit->box));
    for (char *at = text; *at; at++)
        if (*at == '\n') *at = ' ';
    shown_print(stdout, "%s%4" PRIu64 ".%03" PRIu64 "s %*s%s%s", here ? "> " : "  ", first->at_us / 1000000,
                first->at_us / 1000 % 1000, 2 * (int)(first->depth - 1), "", first->fiber > 0 ? "| " : "", text);
    if (visit->exit)
        shown_print(stdout, "  -> %s", visit->exit);
    else if (*visit->left)
        shown_print(stdout, "  -> %.*s", (int)strcspn(visit->left, "\n"), visit->left);
    putchar('\n');
}

static bool form_of(const char *file, enum boxes_form *form)
{
    static const char *const ends[] = {[BOXES_SVG] = ".svg", [BOXES_DOT] = ".dot", [BOXES_MERMAID] = ".mmd"};
    const char *end = strrchr(file, '.');
    for (unsigned i = 0; end && i < sizeof ends / sizeof *ends; i++) {
        *form = (enum boxes_form)i;
        if (strcmp(end, ends[i]) == 0) return true;
    }
    return false;
}

static bool flow_draw_boxes(const struct flow *flow, enum boxes_form form, const char *file)
{
    static const char *const begins[] = {[BOXES_SVG] = "<?xml", [BOXES_DOT] = "digraph", [BOXES_MERMAID] = "flowchart"};
    size_t length = 0;
    int why;
    char *text = boxes_draw(flow->boxes, form, &length, &why);
    if (!text)
        printf("Graphviz's dot %s; a .dot or .mmd can be written.\n",
               why == ENOENT ? "draws pictures, and is not installed" : "cannot draw it");
    bool good = text && lines_write(file, begins[form], text, length);
    free(text);
    return good;
}

/* ---- for programs ---- */

static json_t *flow_visit_json(const struct flow *flow, const struct visit *visit)
{
    const struct taken_place *first = visit->first;
    struct boxes_place at = boxes_place_of(flow->boxes, visit->box);
    return json_pack("{s:I, s:s, s:I, s:I, s:I, s:s, s:I, s:b, s:s?, s:s}", "at_us", (json_int_t)first->at_us, "file",
                     at.file, "first", (json_int_t)at.first, "column", (json_int_t)at.column, "last",
                     (json_int_t)at.last, "text", boxes_text(flow->boxes, visit->box), "depth",
                     (json_int_t)first->depth - 1, "beside", first->fiber > 0, "exit", visit->exit, "left",
                     visit->left);
}

/* The last lines of the timeline, each as it is shown. */
static json_t *flow_timeline_json(struct debugger *d)
{
    json_t *lines = json_array();
    if (d->timeline_file) fflush(d->timeline_file);
    for (const char *at = d->timeline; at && *at;) {
        size_t length = strcspn(at, "\n");
        json_t *line = json_stringn(at, length); /* NULL: its words are no UTF-8 */
        if (line) json_array_append_new(lines, line);
        at += length + (at[length] != '\0');
        if (json_array_size(lines) > FLOW_LINES_MAX) json_array_remove(lines, 0);
    }
    return lines;
}

/* Is nothing left of what has come? */
static bool flow_is_over(const struct debugger *d, const struct flow *flow)
{
    struct interaction_row row;
    uint64_t cursor = 0;
    if (d->over || flow->count == 0 || !d->core) return d->over;
    /* Those that live come first, and of these alone the number is the cursor. */
    return !core_interaction(d->core, &cursor, &row) || cursor != row.ixn;
}

/* {"at_us", "over", "asks": the step that waits for an answer, or null, "way": the last boxes in their order,
 * "left_out": how many were before them, "timeline"} */
static bool flow_write_json(struct debugger *d, const struct flow *flow, const char *file)
{
    json_t *way = json_array();
    const size_t left_out = flow->count > FLOW_VISITS_MAX ? flow->count - FLOW_VISITS_MAX : 0;
    for (size_t i = left_out; i < flow->count; i++) {
        json_t *visit = flow_visit_json(flow, &flow->visits[i]);
        if (visit) json_array_append_new(way, visit);
    }
    json_t *all =
        json_pack("{s:I, s:b, s:s?, s:o, s:I, s:o}", "at_us", (json_int_t)d->now_us, "over", flow_is_over(d, flow),
                  "asks", d->asked, "way", way, "left_out", (json_int_t)left_out, "timeline", flow_timeline_json(d));
    char *text = json_dumps(all, JSON_INDENT(1));
    bool good = text && lines_write(file, "{", text, strlen(text));
    free(text);
    json_decref(all);
    return good;
}

void flow_show(struct debugger *d, const char *file)
{
    struct flow flow = {.taken = &d->taken, .interaction = show_looked_at(d)};
    char strategy[FLOW_NAME_BYTES];
    enum boxes_form form = BOXES_SVG;
    const char *end = strrchr(file, '.');
    bool json = end && strcmp(end, ".json") == 0;
    if (*file && !json && !form_of(file, &form)) {
        shown_print(stdout, "What is '%s'? The name of a picture ends in .svg, .dot or .mmd, else in .json.\n", file);
        d->troubles++;
        return;
    }
    bool one = only_strategy(&flow, strategy, sizeof strategy);
    flow.boxes = *strategy ? boxes_new(&d->sources, one ? strategy : NULL) : NULL;
    if (flow.boxes) flow_walk(&flow);
    if (*strategy && !flow.boxes)
        puts("The sources do not compile any more.");
    else if (!*strategy && !json)
        puts("No strategy has run so far.");
    else if (*file && !(json ? flow_write_json(d, &flow, file) : flow_draw_boxes(&flow, form, file)))
        d->troubles++;
    else if (!*file)
        for (size_t i = 0; i < flow.count; i++) tell_visit(&flow, &flow.visits[i], i + 1 == flow.count);
    free(flow.visits);
    boxes_free(flow.boxes);
}

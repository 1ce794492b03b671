/* compiler/cli/graph_json.c - Writes a graph as JSON, with a picture for each strategy and subroutine.
 *
 *     {"frames": [{"title": "strategy day", "kind": "strategy", "outer": null, "svg": "<svg ..."}],
 *      "boxes": [{"id": "b3", "kind": "step", "text": "...", "frame": 0, "file": "day.gcx", "first": 12, "last": 14,
 *                 "column": 5}],
 *      "edges": [{"from": "b3", "to": "b4", "kind": "failure", "label": "no answer"}]}
 *
 * A box is an element of the picture with the same id, and a page leads from there to the lines. */
#include "compiler/cli/graph_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/view.h"

enum { BOX_ID_SIZE = 16 };

static const char *const box_words[] = {
    [BOX_BEGIN] = "begin", [BOX_STEP] = "step", [BOX_DO] = "do",         [BOX_CALL] = "call", [BOX_CHOICE] = "choice",
    [BOX_FORK] = "fork",   [BOX_END] = "end",   [BOX_RETURN] = "return", [BOX_FAIL] = "fail"};
static const char *const edge_words[] = {[EDGE_ON] = "on", [EDGE_FAILURE] = "failure", [EDGE_BESIDE] = "beside"};
static const char *const frame_words[] = {[FRAME_STRATEGY] = "strategy",
                                          [FRAME_SUBROUTINE] = "subroutine",
                                          [FRAME_HANDLER] = "handler",
                                          [FRAME_BUSY] = "busy",
                                          [FRAME_MANDATORY] = "mandatory"};

static json_t *box_id(uint32_t number)
{
    char id[BOX_ID_SIZE];
    snprintf(id, sizeof id, "b%" PRIu32, number);
    return json_string(id);
}

/* Returns the next picture of `*drawn`, which dot has written one after another, and moves behind it; null where no
 * more is there. */
static json_t *next_picture(const char **drawn)
{
    const char *begin = *drawn ? strstr(*drawn, "<svg") : NULL, *end = begin ? strstr(begin, "</svg>") : NULL;
    if (!end) return json_null();
    *drawn = end + strlen("</svg>");
    json_t *picture = json_stringn(begin, (size_t)(*drawn - begin));
    return picture ? picture : json_null();
}

static json_t *frames_json(const struct graph *graph)
{
    size_t length;
    char *pictures = view_frames_svg(graph, &length);
    const char *drawn = pictures;
    json_t *all = json_array();
    for (uint32_t i = 0; i < graph->frame_count; i++) {
        const struct graph_frame *frame = &graph->frames[i];
        bool inner = frame->outer != FRAME_NONE;
        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:o, s:o}", "title", frame->title, "kind", frame_words[frame->kind],
                                        "outer", inner ? json_integer(frame->outer) : json_null(), "svg",
                                        inner ? json_null() : next_picture(&drawn)));
    }
    free(pictures);
    return all;
}

static json_t *box_json(const struct graph_box *box, uint32_t number, const struct program *program)
{
    json_t *all = json_pack("{s:o, s:s, s:s, s:o}", "id", box_id(number), "kind", box_words[box->kind], "text",
                            box->text, "frame", box->frame == FRAME_NONE ? json_null() : json_integer(box->frame));
    struct position first = source_set_position(program->sources, box->span.begin), last = first;
    if (box->span.end > box->span.begin) last = source_set_position(program->sources, box->span.end - 1);
    bool there = first.source && box->span.begin > 0;
    json_object_set_new(all, "file", there ? json_string(first.source->path) : json_null());
    json_object_set_new(all, "first", there ? json_integer(first.line) : json_null());
    json_object_set_new(all, "last", there ? json_integer(last.line) : json_null());
    json_object_set_new(all, "column", there ? json_integer(first.column) : json_null());
    if (box->counted) json_object_set_new(all, "runs", json_integer((json_int_t)box->runs));
    return all;
}

json_t *graph_json(const struct graph *graph, const struct program *program)
{
    json_t *boxes = json_array(), *edges = json_array();
    for (uint32_t i = 0; i < graph->box_count; i++)
        json_array_append_new(boxes, box_json(&graph->boxes[i], i, program));
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        json_array_append_new(edges, json_pack("{s:o, s:o, s:s, s:s}", "from", box_id(edge->from), "to",
                                               box_id(edge->to), "kind", edge_words[edge->kind], "label", edge->label));
    }
    return json_pack("{s:o, s:o, s:o}", "frames", frames_json(graph), "boxes", boxes, "edges", edges);
}

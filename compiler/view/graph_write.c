/* compiler/view/graph_write.c - Writes a graph as Graphviz's DOT and as Mermaid's text.
 *
 *     DOT       b17 [shape=hexagon ... label=<...>];     b17 -> b18 [weight=8 label=<...>];
 *     Mermaid   b17{{"..."}}:::choice                    b17 -->|"..."| b18
 *
 * Both forms have the same boxes, frames and edges, and the same colours for counts. Boxes are named by their
 * numbers, b17, never by their text, so no text of a source can become syntax; texts are escaped as each form needs
 * it (HTML labels in DOT, character numbers in Mermaid). Frames are written recursively: a box is written in the
 * innermost frame that has it, and edges come last, since Mermaid's linkStyle counts them in the order in which they
 * were written. */
#include <inttypes.h>
#include <string.h>

#include "compiler/view/graph.h"
#include "compiler/view/graph_plan.h"
#include "base/utf8.h"

enum { BOX_WIDTH = 46, LABEL_WIDTH = 26, HEATS = 6, PLACE_MOST = 34 };

/* The look of a kind of box: in DOT, and in Mermaid (the signs around its text, its class). */
struct box_style {
    const char *dot, *open, *close, *class;
};

static struct box_style box_look(enum box_kind kind)
{
    switch (kind) {
    case BOX_BEGIN:
        return (struct box_style){"shape=ellipse fillcolor=\"#eeeeee\" color=\"#888888\"", "([", "])", "begin"};
    case BOX_STEP:
        return (struct box_style){"fillcolor=\"#eaf2fb\" color=\"#4a78a8\"", "[", "]", "step"};
    case BOX_DO:
        return (struct box_style){"fillcolor=\"#ffffff\" color=\"#999999\"", "[", "]", "small"};
    case BOX_CALL:
        return (struct box_style){"shape=component fillcolor=\"#eaf2fb\" color=\"#4a78a8\"", "[[", "]]", "step"};
    case BOX_CHOICE:
        return (struct box_style){
            "shape=hexagon style=filled margin=\"0.02,0.04\" fillcolor=\"#fff8e1\" color=\"#b08d2e\"", "{{", "}}",
            "choice"};
    case BOX_FORK:
        return (struct box_style){"fillcolor=\"#ede7f6\" color=\"#6a5aa0\"", "[/", "/]", "fork"};
    case BOX_END:
        return (struct box_style){"peripheries=2 fillcolor=\"#e3f4e3\" color=\"#3c8d40\"", "([", "])", "good"};
    case BOX_RETURN:
        return (struct box_style){"shape=ellipse fillcolor=\"#eeeeee\" color=\"#888888\"", "([", "])", "begin"};
    case BOX_FAIL:
        return (struct box_style){"peripheries=2 fillcolor=\"#fdecea\" color=\"#c62828\" fontcolor=\"#c62828\"", "([",
                                  "])", "bad"};
    }
    return (struct box_style){"", "[", "]", "step"};
}

static const char *frame_look(enum frame_kind kind)
{
    switch (kind) {
    case FRAME_STRATEGY:
        return "style=rounded color=\"#555555\" penwidth=1.4 fontsize=15";
    case FRAME_SUBROUTINE:
        return "style=rounded color=\"#4a78a8\" penwidth=1.2 fontsize=13";
    case FRAME_HANDLER:
        return "style=\"rounded,filled\" fillcolor=\"#f7f7f7\" color=\"#aaaaaa\" fontsize=12";
    case FRAME_BUSY:
        return "style=\"rounded,dashed,filled\" fillcolor=\"#fafcff\" color=\"#4a78a8\" fontcolor=\"#4a78a8\" "
               "fontsize=11";
    case FRAME_MANDATORY:
        return "style=\"rounded,filled\" fillcolor=\"#f3f0fa\" color=\"#6a5aa0\" fontcolor=\"#6a5aa0\" fontsize=11";
    }
    return "";
}

/* ---- texts divided into lines ---- */

/* Returns how many bytes of `text` the next line of that many characters takes: up to the text's own line end, or a
 * space. A word that is longer than the width is not cut: a cut name would be another name. */
static size_t line_length(const char *text, size_t width)
{
    size_t characters = 0, space = 0, i = 0;
    for (; text[i] && text[i] != '\n'; i++) {
        if (((unsigned char)text[i] & 0xc0) == 0x80) continue;
        if (text[i] == ' ') space = i;
        if (characters++ == width && space > 0) return space;
    }
    return i;
}

/* Writes text for XML; control characters become spaces, as XML does not even allow their numbers. */
static void graph_put_xml(FILE *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '<' || c == '>' || c == '&' || c == '"')
            fprintf(out, "&#%d;", c);
        else
            fputc(c < ' ' || c == 0x7f ? ' ' : c, out);
    }
}

/* Writes a label as DOT's HTML: where `head` is true the first line is large, all others are smaller. */
static void graph_put_lines(FILE *out, const char *text, size_t width, bool head)
{
    for (bool first = true; *text || first;) {
        size_t length = line_length(text, width);
        bool whole = text[length] != ' ';
        if (!first || !head) fputs("<font point-size=\"9\">", out);
        if (!head) fputs("&#160;", out); /* spaces keep a label away from its edge */
        graph_put_xml(out, text, length);
        if (!head) fputs("&#160;", out);
        if (!first || !head) fputs("</font>", out);
        fputs(head ? "<br align=\"left\"/>" : "<br/>", out);
        text += length;
        if (*text) text++;
        if (whole) first = false;
        if (!*text) break;
    }
}

/* ---- DOT ---- */

/* Returns the class of a colour: 0: never run; higher classes for more runs. */
static unsigned heat_of(uint64_t runs)
{
    static const uint64_t from[HEATS] = {1, 3, 10, 30, 100, 1000};
    unsigned heat = 0;
    while (heat < HEATS && runs >= from[heat]) heat++;
    return heat;
}

/* A box that never ran is dashed as well as white, so that it is seen in print and by people who cannot tell the
 * colours apart. */
static void dot_heat(const struct graph_box *box, FILE *out)
{
    static const char *const heats[HEATS + 1] = {"#ffffff", "#fff3d6", "#ffe3a8", "#ffcf7a",
                                                 "#ffb74d", "#ff9d2e", "#f57f17"};
    if (!box->counted) return;
    fprintf(out, " fillcolor=\"%s\"", heats[heat_of(box->runs)]);
    if (box->runs == 0) fputs(" style=\"filled,dashed\" fontcolor=\"#999999\"", out);
    if (box->here) fputs(" color=\"#c62828\" penwidth=3", out);
}

/* The looks of two versions in one diagram. A line that is gone is dashed, and one that is new is thick, so both are
 * seen without colours, too. */
static const char *const changed_boxes[] = {
    [GRAPH_ONE_VERSION] = "",
    [GRAPH_KEPT] = " fillcolor=\"#f5f5f5\" color=\"#9e9e9e\" fontcolor=\"#555555\"",
    [GRAPH_GONE] = " style=\"filled,dashed\" fillcolor=\"#fdecea\" color=\"#c62828\" fontcolor=\"#8e1b1b\"",
    [GRAPH_NEW] = " fillcolor=\"#e3f4e3\" color=\"#2e7d32\" fontcolor=\"#1b5e20\" penwidth=2.5",
};
static const char *const changed_edges[] = {
    [GRAPH_ONE_VERSION] = "",
    [GRAPH_KEPT] = " color=\"#9e9e9e\" fontcolor=\"#555555\"",
    [GRAPH_GONE] = " style=dashed color=\"#c62828\" fontcolor=\"#8e1b1b\"",
    [GRAPH_NEW] = " color=\"#2e7d32\" fontcolor=\"#1b5e20\" penwidth=2.5",
};
static const char *const changed_words[] = {
    [GRAPH_ONE_VERSION] = "", [GRAPH_KEPT] = "", [GRAPH_GONE] = "gone", [GRAPH_NEW] = "new"};

/* Writes the first line of a box's text, which names it elsewhere. */
static void dot_place(const struct graph *graph, uint32_t number, FILE *out)
{
    const char *text = graph->boxes[number].text;
    size_t length = strcspn(text, "\n");
    uint32_t kept = utf8_cut(text, length, PLACE_MOST);
    graph_put_xml(out, text, kept);
    if (kept < length) fputs("...", out);
}

/* Returns the first exit from `at` on that is named and not drawn as a line, and has the kind and the target of `like`
 * (NULL: any); GRAPH_NO_EDGE: there is none. */
static uint32_t dot_named(const struct graph *graph, const struct graph_plan *plan, uint32_t at,
                          const struct graph_edge *like)
{
    for (; at != GRAPH_NO_EDGE; at = plan->next_edge[at]) {
        const struct graph_edge *edge = &graph->edges[at];
        if (plan->named[at] &&
            (!like || (edge->to == like->to && edge->kind == like->kind && edge->change == like->change)))
            break;
    }
    return at;
}

/* Writes the exits that are named and not drawn: exits of one kind to one place share a line of text, which is red for
 * failures. */
static void dot_exits(const struct graph *graph, const struct graph_plan *plan, uint32_t number, const char *end,
                      FILE *out)
{
    uint32_t first = plan->first_edge[number];
    for (uint32_t i = dot_named(graph, plan, first, NULL); i != GRAPH_NO_EDGE;
         i = dot_named(graph, plan, plan->next_edge[i], NULL)) {
        const struct graph_edge *edge = &graph->edges[i];
        bool taken = false;
        const char *between = "";
        if (dot_named(graph, plan, first, edge) != i) continue; /* written with an earlier exit */
        fprintf(out, "<font point-size=\"9\" color=\"%s\">", edge->kind == EDGE_FAILURE ? "#c62828" : "#1b5e20");
        if (*changed_words[edge->change]) fprintf(out, "<b>%s:</b> ", changed_words[edge->change]);
        for (uint32_t j = i; j != GRAPH_NO_EDGE; j = dot_named(graph, plan, plan->next_edge[j], edge)) {
            const char *label = graph->edges[j].label;
            taken = taken || graph->edges[j].taken;
            if (!*label) continue;
            fputs(between, out);
            graph_put_xml(out, label, strcspn(label, "\n"));
            between = ", ";
        }
        fputs(taken ? " <b>&#8594;</b> " : " &#8594; ", out);
        dot_place(graph, edge->to, out);
        fprintf(out, "</font>%s", end);
    }
}

/* Writes what stands below a box's text: how often it ran, exits, and from how many places it is come to. */
static void dot_box_notes(const struct graph *graph, const struct graph_plan *plan, uint32_t number, const char *end,
                          FILE *out)
{
    const struct graph_box *box = &graph->boxes[number];
    if (*changed_words[box->change])
        fprintf(out, "<font point-size=\"9\"><b>%s</b></font>%s", changed_words[box->change], end);
    if (box->counted)
        fprintf(out, "<font point-size=\"8\" color=\"#444444\">%" PRIu64 "%s</font>%s", box->runs,
                graph->unit ? graph->unit : "x", end);
    dot_exits(graph, plan, number, end, out);
    if (plan->from[number] > 0)
        fprintf(out, "<font point-size=\"8\" color=\"#666666\">&#8592; from %" PRIu32 " %s</font>%s",
                plan->from[number], plan->from[number] == 1 ? "place" : "places", end);
}

static void dot_box(const struct graph *graph, const struct graph_plan *plan, uint32_t number, FILE *out, int depth)
{
    const struct graph_box *box = &graph->boxes[number];
    bool centred = box->kind == BOX_CHOICE || box->kind == BOX_BEGIN || box->kind == BOX_RETURN;
    fprintf(out, "%*sb%" PRIu32 " [id=b%" PRIu32 " %s", depth, "", number, number, box_look(box->kind).dot);
    dot_heat(box, out);
    fputs(changed_boxes[box->change], out);
    fputs(" label=<", out);
    graph_put_lines(out, box->text, centred ? LABEL_WIDTH : BOX_WIDTH, !centred);
    dot_box_notes(graph, plan, number, centred ? "<br/>" : "<br align=\"left\"/>", out);
    fputs(">];\n", out);
}

/* Puts the heads of the columns of a frame side by side, in their order; the places that no line leads to follow. */
static void dot_columns(const struct graph *graph, const struct graph_plan *plan, uint32_t frame, FILE *out)
{
    uint32_t last = GRAPH_NO_EDGE;
    for (uint32_t i = 0; i < graph->box_count; i++) {
        if (graph->boxes[i].frame != frame || plan->drawn_to[i] > 0) continue;
        if (last != GRAPH_NO_EDGE)
            fprintf(out, "    { rank=same; b%" PRIu32 " -> b%" PRIu32 " [style=invis]; }\n", last, i);
        last = i;
    }
}

/* Writes a frame of DOT, a subgraph; only one whose name begins with `cluster` is drawn as a box around its parts. */
static void dot_frame(const struct graph *graph, const struct graph_plan *plan, uint32_t frame, FILE *out, int depth)
{
    const struct graph_frame *this = &graph->frames[frame];
    fprintf(out, "%*ssubgraph cluster_%" PRIu32 " {\n%*s%s labeljust=l label=<", depth, "", frame, depth + 2, "",
            frame_look(this->kind));
    graph_put_xml(out, this->title, strlen(this->title));
    if (*changed_words[this->change]) fprintf(out, " <b>(%s)</b>", changed_words[this->change]);
    fputs(">;\n", out);
    for (uint32_t i = 0; i < graph->box_count; i++)
        if (graph->boxes[i].frame == frame) dot_box(graph, plan, i, out, depth + 2);
    for (uint32_t i = 0; i < graph->frame_count; i++)
        if (graph->frames[i].outer == frame) dot_frame(graph, plan, i, out, depth + 2);
    if (this->outer == FRAME_NONE) dot_columns(graph, plan, frame, out);
    fprintf(out, "%*s}\n", depth, "");
}

static void dot_edge(const struct graph_edge *edge, FILE *out)
{
    static const char *const looks[] = {
        [EDGE_ON] = "weight=8",
        [EDGE_FAILURE] = "color=\"#c62828\" fontcolor=\"#c62828\" weight=1",
        [EDGE_BESIDE] = "style=dashed color=\"#4a78a8\" weight=2",
    };
    fprintf(out, "  b%" PRIu32 " -> b%" PRIu32 " [%s", edge->from, edge->to, looks[edge->kind]);
    if (edge->kind == EDGE_FAILURE && !*edge->label) fputs(" style=dotted", out);
    if (edge->taken) fputs(" penwidth=3", out);
    fputs(changed_edges[edge->change], out);
    if (*edge->label) {
        fputs(" label=<", out);
        graph_put_lines(out, edge->label, LABEL_WIDTH, false);
        fputc('>', out);
    }
    fputs("];\n", out);
}

static void dot_legend(FILE *out)
{
    fputs("  subgraph cluster_legend {\n    style=rounded color=\"#bbbbbb\" fontsize=11 labeljust=l label=<legend>;\n",
          out);
    for (int change = GRAPH_KEPT; change <= GRAPH_NEW; change++)
        fprintf(out, "    legend%d [fontsize=10%s label=<%s>];\n", change, changed_boxes[change],
                change == GRAPH_KEPT ? "in both versions" : changed_words[change]);
    fputs("  }\n", out);
}

/* Writes one frame that is in no other, or (FRAME_NONE) all of them, as one graph. */
static void dot_graph(const struct graph *graph, const struct graph_plan *plan, uint32_t only, FILE *out)
{
    fputs("digraph gcx {\n"
          "  graph [rankdir=TB nodesep=0.35 ranksep=0.35 fontname=\"Helvetica\" compound=true];\n"
          "  node [shape=box style=\"filled,rounded\" fontname=\"Helvetica\" fontsize=11 margin=\"0.14,0.07\"];\n"
          "  edge [fontname=\"Helvetica\" fontsize=9 arrowsize=0.7 color=\"#444444\"];\n",
          out);
    for (uint32_t i = 0; i < graph->frame_count; i++)
        if (graph->frames[i].outer == FRAME_NONE && (only == FRAME_NONE || only == i))
            dot_frame(graph, plan, i, out, 2);
    for (uint32_t i = 0; only == FRAME_NONE && i < graph->box_count; i++)
        if (graph->boxes[i].frame == FRAME_NONE) dot_box(graph, plan, i, out, 2);
    for (uint32_t i = 0; i < graph->edge_count; i++)
        if (!plan->named[i] && (only == FRAME_NONE || graph_top_frame(graph, graph->edges[i].from) == only))
            dot_edge(&graph->edges[i], out);
    if (graph->compared) dot_legend(out);
    fputs("}\n", out);
}

void graph_dot(const struct graph *graph, FILE *out)
{
    struct graph_plan plan;
    graph_plan_make(graph, &plan);
    dot_graph(graph, &plan, FRAME_NONE, out);
    graph_plan_free(&plan);
}

void graph_dot_frames(const struct graph *graph, FILE *out)
{
    struct graph_plan plan;
    graph_plan_make(graph, &plan);
    for (uint32_t i = 0; i < graph->frame_count; i++)
        if (graph->frames[i].outer == FRAME_NONE) dot_graph(graph, &plan, i, out);
    graph_plan_free(&plan);
}

/* ---- Mermaid ---- */

/* Writes a text in quotes; characters with a meaning in Mermaid become character numbers. The word, unless it is empty,
 * stands before it. */
static void put_mermaid(FILE *out, const char *word, const char *text, size_t width)
{
    fprintf(out, *word ? "\"%s: " : "\"", word);
    while (*text) {
        size_t length = line_length(text, width);
        for (size_t i = 0; i < length; i++) {
            unsigned char c = (unsigned char)text[i];
            if (c > ' ' && c < 0x7f && strchr("\"#<>&`{}[]()|;\\*_~", c))
                fprintf(out, "#%d;", c);
            else
                fputc(c < ' ' || c == 0x7f ? ' ' : c, out);
        }
        text += length;
        if (!*text) break;
        fputs("<br/>", out);
        text++;
    }
    fputc('"', out);
}

static void mermaid_frame(const struct graph *graph, uint32_t frame, FILE *out, int depth)
{
    for (uint32_t i = 0; i < graph->box_count; i++) {
        const struct graph_box *box = &graph->boxes[i];
        if (box->frame != frame) continue;
        struct box_style look = box_look(box->kind);
        fprintf(out, "%*sb%" PRIu32 "%s", depth, "", i, look.open);
        put_mermaid(out, changed_words[box->change], box->text, BOX_WIDTH);
        if (box->change != GRAPH_ONE_VERSION)
            fprintf(out, "%s:::%s\n", look.close, box->change == GRAPH_KEPT ? "kept" : changed_words[box->change]);
        else if (box->counted)
            fprintf(out, "%s:::heat%u\n", look.close, heat_of(box->runs));
        else
            fprintf(out, "%s:::%s\n", look.close, look.class);
    }
    for (uint32_t i = 0; i < graph->frame_count; i++) {
        if (graph->frames[i].outer != frame) continue;
        fprintf(out, "%*ssubgraph f%" PRIu32 " [", depth, "", i);
        put_mermaid(out, changed_words[graph->frames[i].change], graph->frames[i].title, BOX_WIDTH);
        fputs("]\n", out);
        mermaid_frame(graph, i, out, depth + 2);
        fprintf(out, "%*send\n", depth, "");
    }
}

/* Edges have no names in Mermaid: linkStyle names them by their index in the written order, from 0 on. So this
 * function must write every edge of the graph, in the graph's order. */
static void mermaid_edges(const struct graph *graph, FILE *out)
{
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        fprintf(out, "  b%" PRIu32 " %s", edge->from, edge->kind == EDGE_BESIDE ? "-.->" : "-->");
        if (*edge->label) {
            fputc('|', out);
            put_mermaid(out, changed_words[edge->change], edge->label, LABEL_WIDTH);
            fputc('|', out);
        }
        fprintf(out, " b%" PRIu32 "\n", edge->to);
    }
    const char *between = "  linkStyle ";
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        if (graph->edges[i].kind != EDGE_FAILURE || graph->compared) continue;
        fprintf(out, "%s%" PRIu32, between, i);
        between = ",";
    }
    if (*between == ',') fputs(" stroke:#c62828,color:#c62828\n", out);
    for (uint32_t i = 0; i < graph->edge_count; i++)
        if (graph->edges[i].taken) fprintf(out, "  linkStyle %" PRIu32 " stroke-width:4px\n", i);
    for (uint32_t i = 0; i < graph->box_count; i++)
        if (graph->boxes[i].here) fprintf(out, "  style b%" PRIu32 " stroke:#c62828,stroke-width:4px\n", i);
}

/* Two versions: the looks of lines, the classes of boxes, and a legend. */
static void mermaid_compared(const struct graph *graph, FILE *out)
{
    for (uint32_t i = 0; i < graph->edge_count; i++)
        if (graph->edges[i].change != GRAPH_KEPT)
            fprintf(out, "  linkStyle %" PRIu32 " %s\n", i,
                    graph->edges[i].change == GRAPH_GONE ? "stroke:#c62828,stroke-dasharray:4"
                                                         : "stroke:#2e7d32,stroke-width:3px");
    fputs("  subgraph legend\n    legend1[\"in both versions\"]:::kept\n    legend2[\"gone\"]:::gone\n"
          "    legend3[\"new\"]:::new\n  end\n"
          "  classDef kept fill:#f5f5f5,stroke:#9e9e9e,color:#555555\n"
          "  classDef gone fill:#fdecea,stroke:#c62828,color:#8e1b1b,stroke-dasharray:4\n"
          "  classDef new fill:#e3f4e3,stroke:#2e7d32,color:#1b5e20,stroke-width:3px\n",
          out);
}

void graph_mermaid(const struct graph *graph, FILE *out)
{
    fputs("flowchart TB\n", out);
    mermaid_frame(graph, FRAME_NONE, out, 2);
    mermaid_edges(graph, out);
    if (graph->compared) {
        mermaid_compared(graph, out);
        return;
    }
    fputs("  classDef begin fill:#eeeeee,stroke:#888888\n"
          "  classDef step fill:#eaf2fb,stroke:#4a78a8\n"
          "  classDef small fill:#ffffff,stroke:#999999\n"
          "  classDef choice fill:#fff8e1,stroke:#b08d2e\n"
          "  classDef fork fill:#ede7f6,stroke:#6a5aa0\n"
          "  classDef good fill:#e3f4e3,stroke:#3c8d40,stroke-width:3px\n"
          "  classDef bad fill:#fdecea,stroke:#c62828,color:#c62828,stroke-width:3px\n",
          out);
    bool counted = false;
    for (uint32_t i = 0; i < graph->box_count; i++) counted = counted || graph->boxes[i].counted;
    if (!counted) return;
    fputs("  classDef heat0 fill:#ffffff,stroke:#999999,stroke-dasharray:4\n  classDef heat1 fill:#fff3d6\n"
          "  classDef heat2 fill:#ffe3a8\n  classDef heat3 fill:#ffcf7a\n  classDef heat4 fill:#ffb74d\n"
          "  classDef heat5 fill:#ff9d2e\n  classDef heat6 fill:#f57f17\n",
          out);
}

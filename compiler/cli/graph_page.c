/* compiler/cli/graph_page.c - Writes the page: a picture per strategy and subroutine, by Graphviz, then the sources.
 *
 *     <details open> strategy  <svg> ... <g id="b17"> ...        subroutines are folded until somebody opens them
 *     <table id="f0"> <tr id="f0l12"> <td>12 <td>the line
 *     const at = [[0,12,14], ...]                                the lines of each box: file, first, last
 *
 * Names and texts come from whoever wrote the strategies. Names and texts are written as characters of HTML, and the
 * script has only numbers from here: so no text becomes a tag or a word of the script. */
#include "compiler/cli/graph_page.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/view.h"
#include "base/memory.h"

const char graph_page_begin[] = "<!-- gcxc graph -->\n";

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>Strategies</title>\n<style>\n"
    "body { margin: 0; font: 14px/1.4 sans-serif; color: #222; background: #fff; display: flex; height: 100vh; "
    "flex-direction: column; }\n"
    "header { padding: .4em 1em; border-bottom: 1px solid #bbb; display: flex; gap: .6em; align-items: center; }\n"
    "header input { font: inherit; width: 22em; max-width: 50vw; } header button { font: inherit; min-width: 2.2em; }\n"
    "main { flex: 1; display: flex; min-height: 0; }\n"
    "#pictures { flex: 1; overflow: auto; padding: .5em 1em; }\n"
    "#sources { width: 34%; overflow: auto; border-left: 1px solid #bbb; }\n"
    "#sources h2 { font-size: 1em; margin: .6em; } #sources table { border-collapse: collapse; }\n"
    "#sources td { font: 12px/1.35 monospace; white-space: pre; padding: 0 .5em; }\n"
    "#sources td:first-child { color: #666; text-align: right; user-select: none; }\n"
    "#sources tr.has { cursor: pointer; } #sources tr.on { background: #fff1b8; }\n"
    "summary { font-weight: bold; cursor: pointer; padding: .2em 0; }\n"
    "g.node { cursor: pointer; } g.node.dim, g.edge.dim { opacity: .18; }\n"
    "g.node.on > path, g.node.on > polygon, g.node.on > ellipse { stroke: #d84315; stroke-width: 3; }\n"
    "@media (max-width: 50em) { main { flex-direction: column; } #sources { width: auto; height: 40%; "
    "border-top: 1px solid #bbb; border-left: 0; } }\n"
    "@media print { header, #sources { display: none; } body { display: block; } #pictures { overflow: visible; } }\n"
    "</style></head>\n<body>\n<header><label>Search <input id=\"search\" type=\"search\"></label>\n"
    "<button id=\"next\">next</button><span id=\"found\" role=\"status\"></span>\n"
    "<button id=\"less\" aria-label=\"smaller\">&#8722;</button><button id=\"more\" aria-label=\"larger\">+</button>"
    "<button id=\"whole\">whole</button></header>\n<main>\n<div id=\"pictures\">\n";

/* The script reads `at`, and elements of the page; it writes no HTML. */
static const char page_script[] =
    "const all = [...document.querySelectorAll('g.node')], pictures = document.getElementById('pictures');\n"
    "const box = n => document.getElementById('b' + n), number = g => +g.id.slice(1);\n"
    "let zoom = 1, hits = [], hit = -1;\n"
    "for (const svg of document.querySelectorAll('svg')) svg.base = svg.viewBox.baseVal.width * 4 / 3;\n"
    "function scale(to) { zoom = Math.min(8, Math.max(.05, to));\n"
    "  for (const svg of document.querySelectorAll('svg')) {\n"
    "    svg.style.width = svg.base * zoom + 'px'; svg.style.height = 'auto'; } }\n"
    "function whole() { const svg = document.querySelector('details[open] svg');\n"
    "  if (svg) scale(Math.min(1, (pictures.clientWidth - 40) / svg.base)); }\n"
    "function clear() { for (const one of document.querySelectorAll('.on')) one.classList.remove('on'); }\n"
    "function lines(n) { const [file, first, last] = at[n]; let row;\n"
    "  for (let i = last; file >= 0 && i >= first; i--) {\n"
    "    row = document.getElementById('f' + file + 'l' + i); if (row) row.classList.add('on'); }\n"
    "  if (row) row.scrollIntoView({block: 'center'}); }\n"
    "function show(g) { clear(); g.classList.add('on'); g.closest('details').open = true; lines(number(g));\n"
    "  g.scrollIntoView({block: 'center', inline: 'center'}); }\n"
    "for (const g of all) g.addEventListener('click', () => { clear(); g.classList.add('on'); lines(number(g));\n"
    "  if (calls.includes(number(g))) {\n"
    "    const words = [...g.querySelectorAll('text')].map(t => t.textContent).join(' ');\n"
    "    for (const part of document.querySelectorAll('details')) {\n"
    "      const name = part.firstElementChild.textContent.replace('subroutine ', '');\n"
    "      if (words.includes(name + '(')) part.open = true; } } });\n"
    "at.forEach(([file, first, last], n) => { for (let i = first; file >= 0 && i <= last; i++) {\n"
    "  const row = document.getElementById('f' + file + 'l' + i); if (!row || row.box !== undefined) continue;\n"
    "  row.box = n; row.classList.add('has'); row.addEventListener('click', () => { if (box(n)) show(box(n)); }); } "
    "});\n"
    "function search() { const word = document.getElementById('search').value.trim().toLowerCase();\n"
    "  hits = []; hit = -1;\n"
    "  for (const g of all) { const has = !word || [...g.querySelectorAll('text')].map(t => t.textContent).join(' ')"
    ".toLowerCase().includes(word);\n"
    "    g.classList.toggle('dim', !has); if (word && has) hits.push(g); }\n"
    "  for (const e of document.querySelectorAll('g.edge')) e.classList.toggle('dim', !!word);\n"
    "  document.getElementById('found').textContent = word ? hits.length + ' found' : ''; }\n"
    "function next() { if (hits.length) { hit = (hit + 1) % hits.length; show(hits[hit]); } }\n"
    "document.getElementById('search').addEventListener('input', search);\n"
    "document.getElementById('search').addEventListener('keydown', e => { if (e.key === 'Enter') next(); });\n"
    "document.getElementById('next').onclick = next;\n"
    "document.getElementById('more').onclick = () => scale(zoom * 1.25);\n"
    "document.getElementById('less').onclick = () => scale(zoom / 1.25);\n"
    "document.getElementById('whole').onclick = whole;\n"
    "pictures.addEventListener('wheel', e => { if (e.ctrlKey) { e.preventDefault(); "
    "scale(zoom * (e.deltaY < 0 ? 1.1 : 1 / 1.1)); } }, {passive: false});\n"
    "scale(1); whole(); if (zoom < .4) scale(.6);\n";

static void page_put_text(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
            fprintf(out, "&#%d;", c);
        else
            fputc((c < ' ' && c != '\t') || c == 0x7f ? ' ' : c, out);
    }
}

/* Writes the pictures of the frames: dot has written one after another, each with a head that pages do not need. */
static void page_pictures(const struct graph *graph, const char *drawn, FILE *out)
{
    for (uint32_t i = 0; i < graph->frame_count; i++) {
        const struct graph_frame *frame = &graph->frames[i];
        if (frame->outer != FRAME_NONE) continue;
        const char *begin = strstr(drawn, "<svg"), *end = begin ? strstr(begin, "</svg>") : NULL;
        if (!end) return;
        fprintf(out, "<details%s><summary>", frame->kind == FRAME_SUBROUTINE && i > 0 ? "" : " open");
        page_put_text(out, frame->title, strlen(frame->title));
        fputs("</summary>\n", out);
        drawn = end + strlen("</svg>");
        fwrite(begin, 1, (size_t)(drawn - begin), out);
        fputs("\n</details>\n", out);
    }
}

/* Writes the sources of which a box shows something; `number` gets for each its number on the page. */
static void page_source(const struct source *source, uint32_t number, FILE *out)
{
    const char *at = source->text, *end = at + source->length;
    fputs("<h2>", out);
    page_put_text(out, source->path, strlen(source->path));
    fputs("</h2>\n<table>\n", out);
    for (uint32_t line = 1; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        fprintf(out, "<tr id=\"f%" PRIu32 "l%" PRIu32 "\"><td>%" PRIu32 "</td><td>", number, line, line);
        page_put_text(out, at, (size_t)(stop - at));
        fputs("</td></tr>\n", out);
        at = stop + 1;
    }
    fputs("</table>\n", out);
}

/* Writes the sources, and into `numbers` where the lines of each box are. */
static void page_sources(const struct graph *graph, const struct program *program, FILE *out, FILE *numbers)
{
    const struct source **shown = memory_zeroed(graph->box_count + 1u, sizeof(struct source *));
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->box_count; i++) {
        struct source_span span = graph->boxes[i].span;
        struct position first = source_set_position(program->sources, span.begin), last = first;
        uint32_t number = 0;
        if (span.end > span.begin) last = source_set_position(program->sources, span.end - 1);
        bool there = first.source && span.begin > 0;
        while (there && number < count && shown[number] != first.source) number++;
        if (there && number == count) {
            shown[count] = first.source;
            page_source(first.source, count++, out);
        }
        if (there)
            fprintf(numbers, "[%" PRIu32 ",%" PRIu32 ",%" PRIu32 "],", number, first.line, last.line);
        else
            fputs("[-1,0,0],", numbers);
    }
    free(shown);
}

char *graph_page(const struct graph *graph, const struct program *program, size_t *length)
{
    size_t drawn_length, numbers_length;
    char *drawn = view_frames_svg(graph, &drawn_length), *page = NULL, *numbers = NULL;
    if (!drawn) return NULL;
    FILE *out = memory_stream(&page, length), *lines = memory_stream(&numbers, &numbers_length);
    fprintf(out, "%s%s", graph_page_begin, page_head);
    page_pictures(graph, drawn, out);
    fputs("</div>\n<div id=\"sources\">\n", out);
    page_sources(graph, program, out, lines);
    if (fclose(lines) != 0) abort();
    fprintf(out, "</div>\n</main>\n<script>\nconst at = [%s], calls = [", numbers);
    for (uint32_t i = 0; i < graph->box_count; i++)
        if (graph->boxes[i].kind == BOX_CALL) fprintf(out, "%" PRIu32 ",", i);
    fprintf(out, "];\n%s</script>\n</body></html>\n", page_script);
    if (fclose(out) != 0) abort();
    free(numbers);
    free(drawn);
    return page;
}

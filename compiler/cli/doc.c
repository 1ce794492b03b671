/* compiler/cli/doc.c - gcxc doc: writes the site's strategies as a small static HTML site.
 *
 * There is one page per strategy and per name of the site, with links to what it uses and what uses it (uses.c), and
 * an index. Pages have no scripts and no dates: the same sources give the same bytes, so the folder can be kept in
 * version control. All texts written by authors go through doc_put_html(). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/cli/file.h"
#include "compiler/cli/view.h"
#include "compiler/view/phrase.h"
#include "compiler/view/uses.h"
#include "base/memory.h"
#include "base/shown.h"

struct site { /* the pages, and the folder to which they are written */
    struct program *program;
    const char *folder;
    FILE *page; /* the page that is being written, into `text` */
    char *text;
    size_t length;
    bool good;
};

static const char STYLE[] =
    "body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; "
    "background: #fff; }\n"
    "table { border-collapse: collapse; } th, td { padding: .2em 1em .2em 0; text-align: left; vertical-align: top; "
    "border-bottom: 1px solid #ddd; } code { font: 14px monospace; overflow-wrap: anywhere; }\n"
    "figure { margin: 1em 0; overflow-x: auto; }\n"
    "@media (min-width: 66em) { figure { width: calc(100vw - 4em); margin-left: calc(50% - 50vw + 2em); } }\n"
    "figure svg { display: block; margin: 0 auto; } figcaption { font-size: 14px; color: #444; }\n";

/* ---- HTML ---- */

static void doc_put_html(struct site *site, const char *text)
{
    for (const char *at = text ? text : ""; *at; at++)
        if (strchr("<>&\"'", *at))
            fprintf(site->page, "&#%d;", *at);
        else
            fputc((unsigned char)*at < ' ' && *at != '\n' ? ' ' : *at, site->page);
}

static void doc_put_element(struct site *site, const char *name, const char *text)
{
    fprintf(site->page, "<%s>", name);
    doc_put_html(site, text);
    fprintf(site->page, "</%s>", name);
}

/* Returns the file name of a page: letters and digits of the name stay, other bytes are written as numbers. So two
 * names that differ only in bytes that a file name cannot have still get different pages. */
static const char *page_name(struct site *site, const char *kind, const char *name)
{
    struct arena *arena = site->program->arena;
    const char *text = arena_printf(arena, "%s-", kind);
    for (const char *at = name; *at; at++) {
        bool plain =
            (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-';
        text =
            plain ? arena_printf(arena, "%s%c", text, *at) : arena_printf(arena, "%s_%02x", text, (unsigned char)*at);
    }
    return arena_printf(arena, "%.200s.html", text);
}

static void page_begin(struct site *site, const char *title)
{
    site->text = NULL;
    site->page = memory_stream(&site->text, &site->length);
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width\" />",
          site->page);
    doc_put_element(site, "title", title);
    fprintf(site->page, "\n<style>\n%s</style></head><body>\n", STYLE);
    doc_put_element(site, "h1", title);
    fputc('\n', site->page);
}

/* Ends a page and writes it: the folder may hold other people's files, so a file is only replaced if it was such a
 * page before. */
static void page_end(struct site *site, const char *name)
{
    const char *path = arena_printf(site->program->arena, "%s/%s", site->folder, name);
    fputs("</body></html>\n", site->page);
    if (fclose(site->page) != 0) abort();
    site->good = site->good && file_may_replace(path, "<!DOCTYPE html", "page") &&
                 file_write(path, (const uint8_t *)site->text, site->length);
    free(site->text);
}

static void doc_documented(struct site *site, const char *doc)
{
    if (!doc || !*doc) return;
    doc_put_element(site, "p", doc);
    fputc('\n', site->page);
}

static void link_to(struct site *site, const char *kind, const char *name)
{
    fprintf(site->page, "<a href=\"%s\">", page_name(site, kind, name));
    doc_put_html(site, name);
    fputs("</a>", site->page);
}

static const char *doc_place(struct site *site, struct source_span span)
{
    struct position at = source_set_position(site->program->sources, span.begin);
    return at.source ? arena_printf(site->program->arena, "%s:%u", at.source->path, at.line) : "";
}

/* ---- pages ---- */

static void doc_put_keys(struct site *site, struct nodes keys)
{
    if (!keys.first) return;
    fputs("<h2>Attached keys</h2>\n<table><tr><th>key</th><th>type</th><th></th></tr>\n", site->page);
    EACH_NODE (field, keys) {
        fputs("<tr><td>", site->page);
        doc_put_element(site, "code", field->field.name.text);
        fputs("</td><td>", site->page);
        doc_put_element(site, "code",
                        view_phrase(site->program->arena, site->program->sources, field->field.type->span));
        fprintf(site->page, "</td><td>%s", field->field.secret ? "secret. " : "");
        doc_put_html(site, field->doc);
        fputs("</td></tr>\n", site->page);
    }
    fputs("</table>\n", site->page);
}

/* Writes the failures of a strategy's steps, and where each leads. */
static void exits_of(struct site *site, const struct graph *graph)
{
    fputs("<h2>Exits</h2>\n<table><tr><th>step</th><th>fails by</th><th>then</th></tr>\n", site->page);
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        if (edge->kind != EDGE_FAILURE) continue;
        fputs("<tr><td>", site->page);
        doc_put_element(site, "code", graph->boxes[edge->from].text);
        fputs("</td><td>", site->page);
        doc_put_html(site, *edge->label ? edge->label : "any failure: nothing catches it");
        fputs("</td><td>", site->page);
        doc_put_element(site, "code", graph->boxes[edge->to].text);
        fputs("</td></tr>\n", site->page);
    }
    fputs("</table>\n", site->page);
}

/* Writes the uses of a name; with `tests` only those in tests, else all, each with what uses it. */
static void uses_of(struct site *site, const struct use *uses, bool tests)
{
    const char *last = "";
    bool any = false;
    for (; uses; uses = uses->next) {
        if (tests && (strncmp(uses->in, "test ", 5) != 0 || strcmp(uses->in, last) == 0)) continue;
        last = uses->in;
        fputs(any ? "<li>" : "<ul>\n<li>", site->page);
        any = true;
        doc_put_html(site, uses->in);
        if (!tests) doc_put_html(site, arena_printf(site->program->arena, ", for %s", uses->what));
        fputs(" (", site->page);
        doc_put_html(site, doc_place(site, uses->where));
        fputs(")</li>\n", site->page);
    }
    fputs(any ? "</ul>\n" : "<p>Nowhere.</p>\n", site->page);
}

/* Writes the page of a strategy; its picture is drawn first. If Graphviz is not installed, no page is begun, and the
 * command fails; a strategy that is too large to be drawn gets a page without a picture. */
static void strategy_page(struct site *site, const struct node *node)
{
    const char *name = node->strategy.name.text;
    const struct graph *graph = graph_make(site->program, name);
    size_t length = 0;
    bool large;
    char *svg = view_svg(graph, &length, &large), *picture = svg ? strstr(svg, "<svg") : NULL;
    if (!picture && !large) {
        free(svg);
        site->good = false;
        return;
    }
    page_begin(site, arena_printf(site->program->arena, "Strategy %s", name));
    doc_documented(site, node->doc);
    fputs("<p>", site->page);
    doc_put_html(site, doc_place(site, node->span));
    fputs(" &#183; <a href=\"index.html\">all strategies</a></p>\n", site->page);
    doc_put_keys(site, node->strategy.attached);
    fputs("<h2>Flow</h2>\n", site->page);
    if (large)
        fputs("<p>It is too large to be drawn.</p>\n", site->page);
    else
        fprintf(site->page,
                "<figure><figcaption>Blue boxes wait, yellow ones decide, green ones end the strategy. A red arrow is "
                "a failure, a dashed one what happens meanwhile.</figcaption>\n%s</figure>\n",
                picture);
    free(svg);
    exits_of(site, graph);
    fputs("<h2>Tests</h2>\n", site->page);
    uses_of(site, uses_find(site->program, "strategy", name), true);
    page_end(site, page_name(site, "strategy", name));
}

static void name_page(struct site *site, const char *kind, const char *name, const char *doc)
{
    page_begin(site, arena_printf(site->program->arena, "%s %s", kind, name));
    doc_documented(site, doc);
    fputs("<p><a href=\"index.html\">all strategies</a></p>\n<h2>Where it is used</h2>\n", site->page);
    uses_of(site, uses_find(site->program, kind, name), false);
    page_end(site, page_name(site, kind, name));
}

/* Calls `each` for every name that the site declares. */
static void each_name(struct site *site,
                      void (*each)(struct site *, const char *kind, const char *name, const char *doc))
{
    if (!site->program->site) return;
    EACH_NODE (item, site->program->site->site.items) {
        struct declared declared = declared_by(item);
        if (declared.kind) each(site, declared.kind, declared.name.text, item->doc);
        if (item->kind != NODE_SITE_NAMES) continue;
        EACH_NODE (label, item->site_names.labels)
            each(site, ast_kind_word(item->site_names.kind), label->label.name.text,
                 label->doc ? label->doc : item->doc);
    }
}

static void name_row(struct site *site, const char *kind, const char *name, const char *doc)
{
    fputs("<tr><td>", site->page);
    doc_put_html(site, kind);
    fputs("</td><td>", site->page);
    link_to(site, kind, name);
    fputs("</td><td>", site->page);
    doc_put_html(site, doc);
    fputs("</td></tr>\n", site->page);
}

/* Writes the functions and subroutines of a file, also of the standard library: how they are called, and their
 * descriptions. */
static void functions_of(struct site *site, const struct node *file)
{
    struct arena *arena = site->program->arena;
    const struct source *source = source_set_at(site->program->sources, file->span.begin);
    bool any = false;
    EACH_NODE (node, file->file.declarations) {
        bool native = node->kind == NODE_NATIVE;
        if ((node->kind != NODE_FUNCTION && !native) || !source) continue;
        if (!any) {
            doc_put_element(site, "h2", arena_printf(arena, "Functions of %s", source->path));
            fputs("\n<table><tr><th>function</th><th></th></tr>\n", site->page);
        }
        any = true;
        struct source_span head = {node->span.begin, native ? node->span.end : node->function.body->span.begin};
        fputs("<tr><td>", site->page);
        doc_put_element(site, "code", view_phrase(arena, site->program->sources, head));
        fputs("</td><td>", site->page);
        doc_put_html(site, node->doc);
        fputs("</td></tr>\n", site->page);
    }
    if (any) fputs("</table>\n", site->page);
}

/* Writes the site's defaults for steps, such as default timeout 10m. A default that is a block is left out. */
static void defaults_of(struct site *site)
{
    bool any = false;
    if (!site->program->site) return;
    EACH_NODE (item, site->program->site->site.items) {
        if (item->kind != NODE_SITE_DEFAULT || item->site_default.value->kind == NODE_BLOCK) continue;
        if (!any) fputs("<h2>What holds where a step says nothing</h2>\n", site->page);
        any = true;
        fputs("<p>", site->page);
        doc_put_element(site, "code", view_phrase(site->program->arena, site->program->sources, item->span));
        fputs("</p>\n", site->page);
        doc_documented(site, item->doc);
    }
}

/* Writes the site's order for agents as the site's file has it. */
static void doc_order(struct site *site)
{
    if (!site->program->site) return;
    EACH_NODE (item, site->program->site->site.items) {
        if (item->kind != NODE_SITE_ORDER) continue;
        fputs("<h2>From which virtual queues agents take first</h2>\n<p>", site->page);
        doc_put_element(site, "code", view_phrase(site->program->arena, site->program->sources, item->span));
        fputs("</p>\n", site->page);
        doc_documented(site, item->doc);
    }
}

/* Writes the site's views of queues and workbins as the site's file has them. */
static void doc_views(struct site *site)
{
    bool any = false;
    if (!site->program->site) return;
    EACH_NODE (item, site->program->site->site.items) {
        if (item->kind != NODE_SITE_VIEW) continue;
        if (!any) fputs("<h2>Views of queues and workbins</h2>\n", site->page);
        any = true;
        fputs("<p>", site->page);
        doc_put_element(site, "code", view_phrase(site->program->arena, site->program->sources, item->span));
        fputs("</p>\n", site->page);
        doc_documented(site, item->doc);
    }
}

/* Writes what the site's own rules say, without their examples. */
static void doc_rules(struct site *site)
{
    bool any = false;
    if (!site->program->site) return;
    EACH_NODE (item, site->program->site->site.items) {
        if (item->kind != NODE_SITE_RULE) continue;
        if (!any) fputs("<h2>Rules for strategies</h2>\n", site->page);
        any = true;
        fputs("<p>", site->page);
        doc_put_element(site, "code", item->site_rule.name.text);
        EACH_NODE (line, item->site_rule.lines) {
            if (line->kind != NODE_RULE_LINE) continue;
            fputs("<br>", site->page);
            doc_put_element(site, "code", view_phrase(site->program->arena, site->program->sources, line->span));
        }
        fputs("</p>\n", site->page);
        doc_documented(site, item->doc);
    }
}

static void all_pages(struct site *site)
{
    EACH_NODE (file, site->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_STRATEGY) strategy_page(site, node);
    each_name(site, name_page);
    page_begin(site, "Strategies");
    if (site->program->site) doc_documented(site, site->program->site->doc);
    fputs("<table><tr><th>kind</th><th>name</th><th></th></tr>\n", site->page);
    EACH_NODE (file, site->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_STRATEGY) name_row(site, "strategy", node->strategy.name.text, node->doc);
    each_name(site, name_row);
    fputs("</table>\n", site->page);
    defaults_of(site);
    doc_order(site);
    doc_views(site);
    doc_rules(site);
    EACH_NODE (file, site->program->files) functions_of(site, file);
    page_end(site, "index.html");
}

enum exit_code cli_doc(const struct options *options)
{
    if (!options->output) {
        fputs("gcxc: doc needs -o DIR, the folder of its pages; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    struct compilation *compilation = view_open(options->paths, options->path_count, options->site);
    if (!compilation) return EXIT_PROBLEMS;
    if (mkdir(options->output, 0777) != 0 && errno != EEXIST) {
        shown_print(stderr, "gcxc: cannot make %s: %s\n", options->output, strerror(errno));
        compilation_free(compilation);
        return EXIT_PROBLEMS;
    }
    struct site site = {.program = compilation_program(compilation), .folder = options->output, .good = true};
    all_pages(&site);
    compilation_free(compilation);
    return site.good ? EXIT_GOOD : EXIT_PROBLEMS;
}

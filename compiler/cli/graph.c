/* compiler/cli/graph.c - gcxc graph: draws strategies as diagrams. */
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/file.h"
#include "compiler/cli/graph_json.h"
#include "compiler/cli/graph_page.h"
#include "compiler/cli/progress.h"
#include "compiler/cli/view.h"
#include "base/shown.h"

static bool graph_put_page(const struct graph *graph, const struct program *program, const char *path)
{
    size_t length = 0;
    if (path && !file_may_replace(path, graph_page_begin, "page of gcxc graph")) return false;
    char *page = graph_page(graph, program, &length);
    bool good =
        page && (path ? file_write(path, (const uint8_t *)page, length) : fwrite(page, 1, length, stdout) == length);
    free(page);
    return good;
}

static bool graph_put_json(const struct graph *graph, const struct program *program, const char *path)
{
    json_t *whole = graph_json(graph, program);
    char *text = json_dumps(whole, JSON_INDENT(1));
    bool good = text && (!path || file_may_replace(path, "{", "diagram")) &&
                (path ? file_write(path, (const uint8_t *)text, strlen(text)) : puts(text) >= 0);
    free(text);
    json_decref(whole);
    return good;
}

/* Returns the format that is named; where none is, that of the file's name, else dot. */
static const char *graph_format(const struct options *options)
{
    if (strcmp(options->format, "auto") != 0) return options->format;
    const char *named = options->output ? view_format(options->output) : NULL;
    return named ? named : "dot";
}

static bool graph_draw(const struct options *options, struct program *program, const char *strategy)
{
    struct graph *graph = graph_make(program, strategy);
    size_t length = 0;
    if (graph->box_count == 0) {
        shown_print(stderr,
                    strategy ? "gcxc: there is no strategy '%s' in %s\n" : "gcxc: there is no strategy%s in %s\n",
                    strategy ? strategy : "", options->paths[0]);
        return false;
    }
    if (options->lcov && !view_heat(graph, program, options->lcov)) return false;
    const char *format = graph_format(options);
    if (strcmp(format, "html") == 0) return graph_put_page(graph, program, options->output);
    if (strcmp(format, "json") == 0) return graph_put_json(graph, program, options->output);
    if (options->output) return view_write_picture(graph, format, options->output);
    char *text = view_picture(graph, format, &length);
    bool good = text && fwrite(text, 1, length, stdout) == length;
    free(text);
    return good;
}

enum exit_code cli_graph(const struct options *options)
{
    if (options->path_count > 2) {
        fputs("gcxc: graph takes a folder or a file and perhaps a strategy; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    struct compilation *compilation = view_open(options->paths, 1, options->site);
    if (!compilation) return EXIT_PROBLEMS;
    const char *strategy = options->path_count == 2 ? options->paths[1] : NULL;
    progress_lasts("drawing", 1, 1);
    bool good = graph_draw(options, compilation_program(compilation), strategy);
    progress_rests();
    compilation_free(compilation);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}

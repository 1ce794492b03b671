/* compiler/cli/graph.c - gcxc graph: draws strategies as diagrams. */
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/file.h"
#include "compiler/cli/view.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/shown.h"

/* The graph in a format, malloc'ed; NULL after an error, which is printed. */
static char *graph_picture(const struct graph *graph, const char *format, size_t *length)
{
    bool large;
    if (strcmp(format, "svg") == 0) return view_svg(graph, length, &large);
    char *text = NULL;
    FILE *out = memory_stream(&text, length);
    if (strcmp(format, "dot") == 0)
        graph_dot(graph, out);
    else
        graph_mermaid(graph, out);
    if (fclose(out) != 0) abort();
    return text;
}

static bool graph_give(const struct options *options, const char *text, size_t length)
{
    static const char *const begins[][2] = {{"svg", "<?xml"}, {"dot", "digraph"}, {"mermaid", "flowchart"}};
    if (!options->output) return fwrite(text, 1, length, stdout) == length;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strcmp(options->format, begins[i][0]) == 0 && !file_may_replace(options->output, begins[i][1], "diagram"))
            return false;
    return file_write(options->output, (const uint8_t *)text, length);
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
    char *text = graph_picture(graph, options->format, &length);
    bool good = text && graph_give(options, text, length);
    free(text);
    return good;
}

enum exit_code command_graph(const struct options *options)
{
    if (options->path_count > 2) {
        fputs("gcxc: graph takes a folder or a file and perhaps a strategy; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    struct compilation *compilation = view_open(options->paths, 1, options->site);
    if (!compilation) return EXIT_PROBLEMS;
    const char *strategy = options->path_count == 2 ? options->paths[1] : NULL;
    bool good = graph_draw(options, compilation_program(compilation), strategy);
    compilation_free(compilation);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}

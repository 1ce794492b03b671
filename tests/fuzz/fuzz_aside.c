/* tests/fuzz/fuzz_aside.c - Any bytes as the small files that stand beside sources and come from elsewhere: the first
 * one says which. Days on which it is closed (holidays/NAME.txt): refused with a reason, or part of an image that is
 * good. lcov's tracefile, by which gcxc graph colours: whatever it counts, the graph is drawn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/cli/view.h"
#include "compiler/compilation.h"
#include "tests/fuzz/aside.h"
#include "tests/fuzz/fuzz.h"

static const char text[] =
    "site {\n    default zone \"Europe/Paris\"; default timeout 1m; queue desk;\n"
    "    schedule hours zone \"Europe/Paris\" { mon..sun 08:00..19:00; holidays XX closed; }\n}\n"
    "strategy s on voice {\n    if hours.open() { route queue desk; }\n    attach user_data[\"n\"] = 1;\n"
    "    while ani == \"1\" { delay 1s; }\n    stop \"{hours.opens()}\";\n}\n";

static char folder[] = "/tmp/gcx-fuzz-XXXXXX", site[sizeof folder + 16], days[sizeof folder + 32];

static void leave(void)
{
    unlink(days);
    *strrchr(days, '/') = '\0';
    rmdir(days);
    unlink(site);
    rmdir(folder);
}

static void write_file(const char *path, const void *bytes, size_t length)
{
    FILE *out = fopen(path, "w");
    MUST(out && fwrite(bytes, 1, length, out) == length && fclose(out) == 0);
}

static void begin(void)
{
    if (*site) return;
    MUST(mkdtemp(folder));
    snprintf(site, sizeof site, "%s/site.gcx", folder);
    snprintf(days, sizeof days, "%s/holidays", folder);
    MUST(mkdir(days, 0700) == 0);
    snprintf(days, sizeof days, "%s/holidays/XX.txt", folder);
    write_file(site, text, sizeof text - 1);
    atexit(leave);
}

static void take_trace(const uint8_t *bytes, size_t length)
{
    static const char own[] = "SF:%s\n";
    char *drawn = NULL, *trace = NULL;
    size_t drawn_length, trace_length;
    write_file(days, "", 0);
    FILE *out = open_memstream(&trace, &trace_length);
    fprintf(out, own, site);
    fwrite(bytes, 1, length, out);
    fclose(out);
    struct compilation *compilation = aside_compiled(site);
    MUST(compilation_errors(compilation) == 0);
    struct graph *graph = graph_make(compilation_program(compilation), NULL);
    MUST(view_heat(graph, compilation_program(compilation), fuzz_file(trace, trace_length)));
    out = open_memstream(&drawn, &drawn_length);
    graph_dot(graph, out);
    graph_mermaid(graph, out);
    fclose(out);
    MUST(graph->box_count > 0 && drawn_length > 0);
    compilation_free(compilation);
    free(drawn);
    free(trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    begin();
    if (length == 0) return 0;
    if (bytes[0] % 2) {
        take_trace(bytes + 1, length - 1);
    } else {
        write_file(days, bytes + 1, length - 1);
        aside_built(site);
    }
    return 0;
}

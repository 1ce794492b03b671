/* tests/fuzz/fuzz_debugger.c - Any lines as what an editor asks gcxdb --dap: a line with a brace in front is a message,
 * another one a command at the debug console. A first line "world" lets the editor be the world. Each session ends, and
 * leaves nothing open. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/picture.h"
#include "compiler/compilation.h"
#include "runtime/debugger/commands.h"
#include "runtime/debugger/dap.h"
#include "runtime/debugger/session.h"
#include "runtime/sim/sim.h"
#include "tests/fuzz/fuzz.h"

enum { LINES_MAX = 30 };

static struct sim_tests *tests;
static const char *paths[1];
static uint32_t chosen;

/* ---- instead of lines.c: no file is read or written ---- */

void lines_open(const struct completion *of)
{
    (void)of;
}

void lines_close(void) {}

const char *lines_next(struct debugger *d, const char *prompt)
{
    (void)d, (void)prompt;
    return NULL;
}

bool lines_source(const char *file)
{
    (void)file;
    return false;
}

bool lines_given(const char *commands)
{
    (void)commands;
    return false;
}

bool lines_is_batch(void)
{
    return false;
}

bool lines_record(const char *file)
{
    (void)file;
    return false;
}

bool lines_write(const char *file, const char *begins, const char *text, size_t length)
{
    (void)file, (void)begins, (void)text, (void)length;
    return false;
}

/* ---- instead of picture.c: no dot is begun ---- */

char *picture_svg(const struct graph *graph, size_t *length, int *why)
{
    (void)graph, (void)length;
    *why = EIO;
    return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct error error;
    size_t length;
    paths[0] = fuzz_path("tests/debugger/shop.gcx");
    const struct compile_options how = {.testing = true};
    struct compilation *compilation = compiler_compile(paths, 1, &how);
    const uint8_t *image = compilation_image(compilation, &length);
    MUST(image != NULL);
    tests = sim_tests_open(image, length, NULL, &error);
    MUST(tests != NULL);
    compilation_free(compilation);
    return 0;
}

static bool play(const struct dap_launch *launch)
{
    (void)launch;
    const struct debugger_session session = {
        .front = dap_front, .tests = tests, .test = chosen, .sources = {.paths = paths, .count = 1}, .seed = 1};
    return session_run(&session);
}

static void add_message(FILE *out, const char *text)
{
    fprintf(out, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
}

static void add_command(FILE *out, const char *line)
{
    json_t *command = json_string(line);
    json_t *message = json_pack("{s:s, s:i, s:s, s:{s:o, s:s}}", "type", "request", "seq", 1, "command", "evaluate",
                                "arguments", "expression", command ? command : json_null(), "context", "repl");
    char *text = json_dumps(message, JSON_COMPACT);
    add_message(out, text);
    free(text);
    json_decref(message);
}

/* The session of an editor: the greeting, then the lines. */
static char *dialogue(char *lines, size_t *length)
{
    static const char *const greeting[] = {
        "{\"type\":\"request\",\"seq\":1,\"command\":\"initialize\",\"arguments\":{}}",
        "{\"type\":\"request\",\"seq\":2,\"command\":\"launch\",\"arguments\":{\"stopOnEnd\":true}}",
        "{\"type\":\"request\",\"seq\":3,\"command\":\"configurationDone\"}",
    };
    char *text = NULL, *rest = lines, *line;
    FILE *out = open_memstream(&text, length);
    if (!out) abort();
    for (size_t i = 0; i < sizeof greeting / sizeof *greeting; i++) add_message(out, greeting[i]);
    for (unsigned i = 0; i < LINES_MAX && (line = strsep(&rest, "\n")); i++)
        if (*line == '{')
            add_message(out, line);
        else
            add_command(out, line);
    fclose(out);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static FILE *nowhere;
    FILE *out = stdout, *in = stdin;
    char *lines = strndup((const char *)bytes, length);
    if (!lines) abort();
    bool world = strncmp(lines, "world\n", 6) == 0;
    chosen = world ? SESSION_WORLD : 0;
    size_t size;
    char *text = dialogue(world ? lines + 6 : lines, &size);
    if (!nowhere) nowhere = fopen("/dev/null", "w");
    stdin = fmemopen(text, size, "r");
    MUST(nowhere && stdin);
    stdout = nowhere;
    (void)dap_serve(play);
    fclose(stdin);
    stdout = out;
    stdin = in;
    free(text);
    free(lines);
    return 0;
}

/* tests/differential/differ.c - One random program, run by the interpreter and by the evaluator. */
#include "config.h"
#include "tests/differential/differ.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/diag.h"
#include "compiler/base/source.h"
#include "compiler/compilation.h"
#include "compiler/syntax/program.h"
#include "tests/differential/evaluate.h"
#include "tests/differential/oracles.h"
#include "tests/differential/program.h"
#include "tests/differential/world.h"
#include "tests/fuzz/fuzz.h"

static void number_lines(FILE *report, const char *text)
{
    for (unsigned line = 1; *text; line++) {
        size_t length = strcspn(text, "\n");
        fprintf(report, "%4u  %.*s\n", line, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static struct compilation *compiled(const char *text, size_t length)
{
    const char *path = fuzz_file(text, length);
    return oracles_compiled(&path, 1, path, NULL);
}

/* Of one that stopped in the midst of it: what it told before, in whole lines. */
static bool same_until(const char *stopped, const char *other)
{
    const char *last = strrchr(stopped, '\n'), *theirs = strrchr(other, '\n');
    size_t length = last ? (size_t)(last - stopped) : 0, other_length = theirs ? (size_t)(theirs - other) : 0;
    return memcmp(stopped, other, length < other_length ? length : other_length) == 0;
}

/* The program runs in both. The compilation is taken over. */
static enum difference runs_differ(const char *text, struct compilation *compilation, uint64_t seed, FILE *report,
                                   struct differ_told *told)
{
    size_t image_length, trace_lengths[2];
    struct differ_told tells = {0};
    char *traces[2] = {NULL, NULL};
    const uint8_t *image = compilation_image(compilation, &image_length);
    enum difference found = DIFFER_REFUSED;
    if (!image) {
        number_lines(report, text);
        compilation_print(compilation, report);
    } else {
        FILE *trace = open_memstream(&traces[0], &trace_lengths[0]);
        const char *stopped = interpret(image, image_length, seed, false, trace, &tells.waits);
        fclose(trace);
        trace = open_memstream(&traces[1], &trace_lengths[1]);
        const char *gave_up = evaluate(compilation_program(compilation), "s", seed, trace);
        fclose(trace);
        tells.unknown = gave_up ? gave_up : stopped;
        found = tells.unknown ? DIFFER_UNKNOWN : DIFFER_SAME;
        bool same = !stopped && !gave_up ? !strcmp(traces[0], traces[1])
                    : !stopped           ? same_until(traces[1], traces[0])
                                         : same_until(traces[0], traces[1]);
        if (!same) found = DIFFER_FOUND;
    }
    if (found == DIFFER_FOUND) {
        number_lines(report, text);
        fprintf(report, "the interpreter:\n%sthe evaluator:\n%s", traces[0], traces[1]);
    }
    if (told) *told = tells;
    compilation_free(compilation);
    free(traces[0]);
    free(traces[1]);
    return found;
}

enum difference differ(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told)
{
    struct input in = {bytes, length, 0};
    uint64_t seed = input_number(&in, 4);
    size_t text_length;
    char *text = program_random(&in, &text_length);
    enum difference found = runs_differ(text, compiled(text, text_length), seed, report, told);
    free(text);
    return found;
}

/* Leaves out the lines with uses of secrets that the checker refuses. False: there are none. */
static bool leave_refused_out(char *text, struct compilation *compilation)
{
    const struct program *program = compilation_program(compilation);
    bool some = false;
    for (const struct diag *diag = diags_first(program->diags); diag; diag = diag->next) {
        if (diag->code != DIAG_SECRET_SHOWN && diag->code != DIAG_SECRET_GIVEN_AWAY &&
            diag->code != DIAG_SECRET_PASSED && diag->code != DIAG_SECRET_COUNTED)
            continue;
        char *line = text;
        for (uint32_t i = source_set_position(program->sources, diag->span.begin).line; i > 1; i--)
            line = strchr(line, '\n') + 1;
        memset(line, ' ', strcspn(line, "\n"));
        some = true;
    }
    return some;
}

enum difference differ_secrets(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told)
{
    struct input in = {bytes, length, 0};
    uint64_t seed = input_number(&in, 4);
    size_t text_length, image_length;
    char *text = program_secret(&in, &text_length);
    struct compilation *compilation = compiled(text, text_length);
    while (!compilation_image(compilation, &image_length) && leave_refused_out(text, compilation)) {
        compilation_free(compilation);
        compilation = compiled(text, text_length);
    }
    enum difference found = runs_differ(text, compilation, seed, report, told);
    free(text);
    return found;
}

enum difference differ_oracles(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told)
{
    struct input in = {bytes, length, 0};
    uint64_t seed = input_number(&in, 4);
    size_t text_length;
    char *text = program_random(&in, &text_length);
    const char *wrong = oracles_fail(text, text_length, seed);
    if (wrong) number_lines(report, text);
    if (wrong) fprintf(report, "%s\n", wrong);
    if (told) *told = (struct differ_told){0};
    free(text);
    return wrong ? DIFFER_FOUND : DIFFER_SAME;
}

void differ_show(const uint8_t *bytes, size_t length, FILE *out)
{
    struct input in = {bytes, length, 4};
    size_t text_length;
    char *text = program_random(&in, &text_length);
    fwrite(text, 1, text_length, out);
    free(text);
}

void differ_trace(const uint8_t *bytes, size_t length, const char *path, FILE *out)
{
    struct input in = {bytes, length, 0};
    uint64_t seed = input_number(&in, 4);
    size_t text_length, image_length;
    unsigned count;
    char *text = path ? NULL : program_random(&in, &text_length);
    struct compilation *compilation = path ? oracles_compiled(&path, 1, path, NULL) : compiled(text, text_length);
    const uint8_t *image = compilation_image(compilation, &image_length);
    if (image)
        interpret(image, image_length, seed, false, out, &count);
    else
        compilation_print(compilation, out);
    compilation_free(compilation);
    free(text);
}

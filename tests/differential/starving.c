/* tests/differential/starving.c - Each allocation of a compilation, a load and a run is refused in turn (starved.h). */
#include "config.h"
#include "tests/differential/starving.h"

#include <execinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/compilation.h"
#include "tests/proving/starved.h"
#include "tests/differential/oracles.h"
#include "tests/differential/program.h"
#include "tests/differential/world.h"
#include "tests/fuzz/fuzz.h"

/* Parts of the compiler end with codes of their own: the arena, flex. CHILD_DIFFERS is none of these. */
enum { CHILD_SAME = 0, CHILD_DIFFERS = 99, FRAMES = 30 };

struct starving {
    unsigned asked, strange; /* allocations that were refused; those whose child ended otherwise than it should */
    uint64_t every;          /* so many are not asked between two that are */
    FILE *report;
};

static uint64_t starving_ended(void *self, int status)
{
    struct starving *s = self;
    void *frames[FRAMES];
    s->asked++;
    if (WIFEXITED(status) ? WEXITSTATUS(status) != CHILD_DIFFERS : starved_as_promised(status)) return s->every;
    if (s->strange++ > 0) return s->every;
    fprintf(s->report, "allocation %u: refused, the child ends with status %#x\n", s->asked, (unsigned)status);
    int count = backtrace(frames, FRAMES);
    char **names = backtrace_symbols(frames, count);
    for (int i = 0; names && i < count; i++) fprintf(s->report, "    %s\n", names[i]);
    free(names);
    return s->every;
}

static char *starving_trace(const uint8_t *image, size_t length, uint64_t seed)
{
    char *text = NULL;
    size_t text_length;
    unsigned waits;
    FILE *trace = open_memstream(&text, &text_length);
    MUST(trace);
    interpret(image, length, seed, false, trace, &waits);
    fclose(trace);
    return text;
}

/* A child that is here has refused the program, or has made what its parent made. */
static void starving_child(bool same)
{
    if (starved_here()) _exit(same ? CHILD_SAME : CHILD_DIFFERS);
}

/* The text is compiled again; `image`: what came of it before, or NULL. */
static void starving_compiles(struct starving *s, const char *text, size_t length, const uint8_t *image,
                              size_t image_length)
{
    size_t again_length;
    const char *path = fuzz_file(text, length);
    starved_from(s->every, starving_ended, s);
    struct compilation *again = oracles_compiled(&path, 1, path, NULL);
    starved_until();
    const uint8_t *other = compilation_image(again, &again_length);
    starving_child(!other || (image && again_length == image_length && memcmp(image, other, image_length) == 0));
    compilation_free(again);
}

enum difference differ_starving(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told)
{
    struct input in = {bytes, length, 0};
    struct starving s = {.report = report};
    uint64_t seed = input_number(&in, 4);
    size_t text_length, image_length = 0;
    char *text = program_random(&in, &text_length);
    const char *path = fuzz_file(text, text_length);
    struct compilation *compilation = oracles_compiled(&path, 1, path, NULL);
    const uint8_t *image = compilation_image(compilation, &image_length);
    starving_compiles(&s, text, text_length, image, image_length);
    starving_compiles(&s, text, seed % text_length, NULL, 0); /* in the midst of something */
    if (image) {
        char *trace = starving_trace(image, image_length, seed);
        starved_from(s.every, starving_ended, &s);
        char *other = starving_trace(image, image_length, seed);
        starved_until();
        starving_child(strcmp(trace, other) == 0);
        starved_from(s.every, starving_ended, &s);
        const char *wrong = oracles_image_fail(image, image_length, seed);
        starved_until();
        starving_child(!wrong);
        free(trace);
        free(other);
    }
    compilation_free(compilation);
    free(text);
    if (told) *told = (struct differ_told){.waits = s.asked};
    return s.strange ? DIFFER_FOUND : DIFFER_SAME;
}

/* tests/debugger/reverse.c - Forwards through a journal once, with the digest at each line; then back: a step back is
 * the line before, a step forward from there the line after it, with the same digests. reverse FOLDER SAMPLES EACH:
 * places spread over the journal, and events between two checkpoints. Says how long steps took. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/core.h"
#include "runtime/debugger/debugger.h"
#include "runtime/debugger/past_state.h"

static struct {
    uint64_t moment, digest;
} * lines;
static size_t line_count, line_room;
static size_t at;      /* the line at which it should stand next */
static size_t samples; /* that are left */
static size_t stride;
static uint64_t steps, wrong;
static double begun, longest, all;
static enum { FORWARDS, BACK, FORTH, JUMPED } phase;

static double seconds_now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* On to the next line, whosever it is. */
static void step(struct debugger *d)
{
    d->going = GOING_STEP;
    d->count = 1;
    d->from = (struct fiber_place){0};
}

static void back(struct debugger *d, uint64_t count)
{
    begun = seconds_now();
    debugger_look_back(d, GOING_STEP, count);
    d->from = (struct fiber_place){0};
    at -= count;
}

static void note(const struct debugger *d)
{
    if (line_count == line_room) {
        line_room = line_room ? 2 * line_room : 1024;
        lines = realloc(lines, line_room * sizeof *lines);
        if (!lines) abort();
    }
    lines[line_count].moment = d->moment;
    lines[line_count++].digest = core_digest(d->core);
}

static void check(const struct debugger *d, const char *how)
{
    if (lines[at].moment == d->moment && lines[at].digest == core_digest(d->core)) return;
    printf("%s to line %zu: moment %" PRIu64 ", not %" PRIu64 "; or another digest\n", how, at, d->moment,
           lines[at].moment);
    wrong++;
}

static void took(void)
{
    double seconds = seconds_now() - begun;
    all += seconds;
    if (seconds > longest) longest = seconds;
    steps++;
}

static void front(struct debugger *d, const char *why)
{
    (void)why;
    if (phase == FORWARDS && !d->over) {
        if (d->moment > 0) note(d);
        step(d);
        return;
    }
    if (phase == FORWARDS) {
        at = line_count;
        stride = line_count / (samples + 1);
        phase = BACK;
        back(d, 1);
    } else if (phase == BACK) {
        took();
        check(d, "a step back");
        phase = FORTH;
        if (at + 1 < line_count) {
            at++;
            step(d);
        } else {
            front(d, NULL);
        }
    } else if (phase == FORTH) {
        check(d, "a step forward");
        if (samples-- == 0 || stride == 0 || at <= stride) {
            d->quit = d->leaving = true;
            return;
        }
        phase = JUMPED;
        back(d, stride);
    } else {
        check(d, "many steps back");
        phase = BACK;
        back(d, 1);
    }
}

int main(int count, char **words)
{
    struct error error = {0};
    struct debugger d;
    if (count != 4) return 2;
    struct past *past = past_open_at(words[1], 0, NULL, &error);
    if (!past) {
        printf("%s\n", error.text);
        return 1;
    }
    samples = strtoul(words[2], NULL, 10);
    past->each = strtoul(words[3], NULL, 10);
    debugger_init_past(&d, front, past, (struct moment_sought){.what = SOUGHT_NOTHING}, 0);
    (void)debugger_play(&d);
    debugger_free(&d);
    size_t kept = past->checkpoint_count;
    printf("reverse: %" PRIu64 " batches, %zu lines; %" PRIu64 " single steps back, mean %.1f ms, longest %.1f ms; %zu "
           "checkpoints, %zu KiB\n",
           past_batches(past), line_count, steps, steps > 0 ? all / (double)steps * 1e3 : 0, longest * 1e3, kept,
           past->checkpoint_bytes / 1024);
    past_close(past);
    free(lines);
    if (kept == 0) printf("no checkpoint was taken, or none could be loaded\n");
    return wrong > 0 || steps == 0 || kept == 0;
}

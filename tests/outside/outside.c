/* tests/outside/outside.c - Plays hostile events to a core whose compiler follows their bytes (DataFlowSanitizer), and
 * tells which assertions had a condition that was computed from them: `FILE: CONDITION`, one per line.
 *
 * An assertion about our own state may stand there, since what a peer says leads to a row of ours. It must hold
 * whatever is said: the program ends where one does not. */
#include <sanitizer/dfsan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/outside/assert.h"
#include "tests/unit/core_hostile_frames.h"

enum { SITES = 4096, EVENTS = 400 };

static struct site {
    const char *file, *text;
    int line;
    unsigned long asked, outside;
} sites[SITES];
static unsigned site_count;

void outside_asserts(long holds, const char *file, int line, const char *text)
{
    dfsan_label label = dfsan_get_label(holds);
    unsigned at = 0;
    if (!holds) {
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, text);
        abort();
    }
    while (at < site_count && (sites[at].line != line || sites[at].file != file)) at++;
    if (at == SITES) abort();
    if (at == site_count) sites[site_count++] = (struct site){.file = file, .text = text, .line = line};
    sites[at].asked++;
    sites[at].outside += label != 0;
}

static void played(uint64_t round)
{
    struct core_world *world = hostile_world();
    struct hostile hostile = {.seed = round * 104729 + 7, .world = world};
    for (int step = 0; step < EVENTS; step++) {
        struct span frame = hostile_frame(&hostile);
        void *bytes = (void *)(uintptr_t)frame.bytes;
        dfsan_set_label(1, bytes, frame.length);
        world_post_raw(world, frame.bytes, frame.length);
        dfsan_set_label(0, bytes, frame.length);
        if (step % 16 == 0) world_advance(world, 1000000);
        world_forget(world);
    }
    world_free(world);
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, rounds = argc > 2 ? strtoull(argv[2], NULL, 10) : 20;
    unsigned outside = 0;
    for (uint64_t round = first; round < first + rounds; round++) played(round);
    for (unsigned at = 0; at < site_count; at++) {
        outside += sites[at].outside != 0;
        if (sites[at].outside != 0) printf("%s: %s\n", sites[at].file, sites[at].text);
    }
    fprintf(stderr, "%u assertions were asked, %u of them about what came from outside; all have held for %u events\n",
            site_count, outside, (unsigned)rounds * EVENTS);
    return 0;
}

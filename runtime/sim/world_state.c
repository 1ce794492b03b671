/* runtime/sim/world_state.c - The basic functions of a world: its arrays, its problems, and the arrival of a call. */
#include "runtime/sim/world_state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

void *world_array(size_t count, size_t size)
{
    void *array = memory_zeroed(count == 0 ? 1 : count, size);
    return array;
}

void world_problem(struct world *w, uint32_t line, const char *format, ...)
{
    struct problem problem = {.line = line};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(problem.text, sizeof problem.text, format, args);
    va_end(args);
    for (uint32_t i = 0; i < w->problem_count; i++)
        if (w->problems[i].line == line && strcmp(w->problems[i].text, problem.text) == 0) return; /* once is enough */
    if (w->problem_count < 20) {
        w->problems = memory_grown(w->problems, w->problem_count + 1, sizeof *w->problems);
        w->problems[w->problem_count++] = problem;
    }
}

/* Reports problems of the world first, as they are usually the reason for a failed expectation. */
unsigned world_judge(const struct world *w, const struct expect_view *view,
                     void (*failure)(void *self, uint32_t line, const char *text), void *self)
{
    unsigned failures = w->problem_count;
    char why[1000];
    for (uint32_t i = 0; i < w->problem_count; i++) failure(self, w->problems[i].line, w->problems[i].text);
    for (size_t i = 0; i < w->test->count; i++) {
        const struct scenario_item *item = &w->test->items[i];
        if (item->kind != ITEM_EXPECT || item->at_us != 0) continue; /* it is judged at its own time: expected_item() */
        if (expect_holds(&item->expect, view, why, sizeof why)) continue;
        failure(self, item->line, why);
        failures++;
    }
    return failures;
}

/* Returns the arrival of a call; the slot in a call's number (modulo SWITCH_SLOTS) is reused, so the arrival found
 * there must still have this call. */
uint32_t world_arrival_of(const struct world *w, uint64_t call)
{
    uint64_t index = call % SWITCH_SLOTS;
    uint32_t arrival = call != 0 && index < w->of_call_size ? w->of_call[index] : 0;
    return arrival != 0 && w->arrivals[arrival - 1].call == call ? arrival - 1 : NO_ARRIVAL;
}

void world_remember_call(struct world *w, uint32_t arrival, uint64_t call)
{
    assert(call != 0 && arrival < w->count);
    uint64_t index = call % SWITCH_SLOTS;
    if (index >= w->of_call_size) {
        uint32_t size = w->of_call_size == 0 ? 64 : w->of_call_size;
        while (size <= index) size *= 2;
        w->of_call = memory_grown(w->of_call, size, sizeof *w->of_call);
        memset(w->of_call + w->of_call_size, 0, (size - w->of_call_size) * sizeof *w->of_call);
        w->of_call_size = size;
    }
    w->of_call[index] = arrival + 1;
    w->arrivals[arrival].call = call;
}

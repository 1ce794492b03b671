/* runtime/core/queues/scores.c - Scores: stored in lines, and found by binary search.
 *
 *     scores of agents 3, 8, 9 ... -> line {set 1: 3, 0.5; 8, 0.9; ...} line {set 1: 21, 0.1; ...}
 *
 * A line has a fixed number of captures, and two captures hold one score. The lines are sorted by set and then by
 * agent, so an agent's line is found by binary search over first agents, and the agent by a loop in that line. */
#include "runtime/core/queues/scores.h"

#include <assert.h>

#include "runtime/core/queues/selector.h"

/* Sorts with Shell's sort: the scores are few, and the result is the same everywhere. */
static void scores_sort(struct score *scores, uint32_t count)
{
    for (uint32_t gap = count / 2; gap > 0; gap /= 2)
        for (uint32_t at = gap; at < count; at++) {
            struct score moved = scores[at];
            uint32_t to = at;
            for (; to >= gap && scores[to - gap].agent > moved.agent; to -= gap) scores[to] = scores[to - gap];
            scores[to] = moved;
        }
}

uint32_t scores_lines(uint32_t set, struct score *scores, uint32_t count, struct vm_line *lines)
{
    uint32_t made = 0;
    assert(count <= SCORES_MAX);
    scores_sort(scores, count);
    for (uint32_t at = 0; at < count; at++) {
        if (at % SCORES_LINE == 0)
            lines[made++] = (struct vm_line){.kind = LINE_SCORES, .function = IMAGE_NONE, .target = set};
        struct vm_line *line = &lines[made - 1];
        line->captures[line->capture_count++] = scores[at].agent;
        line->captures[line->capture_count++] = (uint64_t)scores[at].figure;
    }
    return made;
}

/* True: the line belongs to a later set, or its first agent comes later, or it follows all scores. */
static bool stands_behind(const struct vm_line *line, uint64_t set, uint64_t agent)
{
    if (line->kind != LINE_SCORES) return line->kind == LINE_EXCLUDED;
    return line->target > set || (line->target == set && line->captures[0] > agent);
}

bool scores_find(const struct selector *want, uint64_t set, uint64_t agent, int64_t *figure)
{
    uint32_t low = 0, high = want->count;
    while (low < high) { /* finds the first line that comes later */
        uint32_t middle = low + (high - low) / 2;
        if (stands_behind(&want->lines[middle], set, agent))
            high = middle;
        else
            low = middle + 1;
    }
    if (low == 0 || want->lines[low - 1].kind != LINE_SCORES || want->lines[low - 1].target != set) return false;
    const struct vm_line *line = &want->lines[low - 1];
    for (uint32_t at = 0; at + 1 < line->capture_count; at += 2)
        if (line->captures[at] == agent) {
            *figure = (int64_t)line->captures[at + 1];
            return true;
        }
    return false;
}

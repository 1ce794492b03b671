/* compiler/view/matched.c - Finds the nodes that two lists have in common.
 *
 *     old   a  b  c  d          b, c are the longest part in the same order: they stayed
 *     new   b  c  a  e          a is in both, but outside that part: it moved; d and e are perhaps alike, else
 *                               d was removed and e is new
 *
 * Pairs are found in four rounds, the most certain first: equal nodes at the beginning and at the end; the longest
 * common part of the middle; equal nodes anywhere; and nodes that the caller's `alike` takes for two versions of one
 * node. Each node has at most one partner, and a pair is never undone. Tables grow with the product of both lengths:
 * where that is more than PAIRS_MAX, the round is left out, and the result is less exact but found at once. */
#include "compiler/view/matched.h"

#include <stdint.h>
#include <stdlib.h>

#include "compiler/view/phrase.h"
#include "base/memory.h"

enum { PAIRS_MAX = 4000000 };

/* A label is not compared: the statement after the label is compared, and the label is stored separately. */
static struct list_side matched_side(struct arena *arena, struct nodes nodes)
{
    size_t room = nodes.count + 1;
    struct list_side side = {ARENA_ARRAY(arena, const struct node *, room),
                             ARENA_ARRAY(arena, const struct node *, room), ARENA_ARRAY(arena, int, room), 0};
    EACH_NODE (node, nodes) {
        bool labelled = node->kind == NODE_LABELLED;
        side.nodes[side.count] = labelled ? node->labelled.statement : node;
        side.labels[side.count] = labelled ? node : NULL;
        side.partner[side.count++] = MATCHED_NONE;
    }
    return side;
}

static void matched_join(struct matched *m, int old, int new)
{
    m->old.partner[old] = new;
    m->new.partner[new] = old;
}

static bool matched_same(const struct matched *m, int old, int new)
{
    return phrase_node_same(m->old.nodes[old], m->new.nodes[new]);
}

/* Pairs the longest common part of the nodes between `from` and the ends. length[i][j] is the length of that part
 * for the old nodes from i on and the new ones from j on: the table is filled from its end, and then read from its
 * beginning. */
static void match_between(struct matched *m, int from, int old_end, int new_end)
{
    size_t rows = (size_t)(old_end - from), columns = (size_t)(new_end - from), wide = columns + 1;
    if (rows == 0 || columns == 0 || columns > PAIRS_MAX / rows) return; /* then later rounds pair the nodes */
    uint32_t *length = memory_zeroed((rows + 1) * wide, sizeof *length);
    for (size_t i = rows; i-- > 0;)
        for (size_t j = columns; j-- > 0;) {
            uint32_t down = length[(i + 1) * wide + j], right = length[i * wide + j + 1];
            length[i * wide + j] = matched_same(m, from + (int)i, from + (int)j) ? length[(i + 1) * wide + j + 1] + 1
                                   : down > right                                ? down
                                                                                 : right;
        }
    for (size_t i = 0, j = 0; i < rows && j < columns;)
        if (matched_same(m, from + (int)i, from + (int)j))
            matched_join(m, from + (int)i++, from + (int)j++);
        else if (length[(i + 1) * wide + j] >= length[i * wide + j + 1])
            i++;
        else
            j++;
    free(length);
}

/* Pairs equal nodes at both ends: most of two versions is the same there. Taking these pairs first makes the table
 * for the middle small. */
static void match_same(struct matched *m)
{
    int from = 0, old_end = m->old.count, new_end = m->new.count;
    while (from < old_end && from < new_end && matched_same(m, from, from)) {
        matched_join(m, from, from);
        from++;
    }
    while (old_end > from && new_end > from && matched_same(m, old_end - 1, new_end - 1))
        matched_join(m, --old_end, --new_end);
    match_between(m, from, old_end, new_end);
}

/* Pairs the remaining nodes where `alike` allows it: with the first one after the last pair, or (`anywhere`) with
 * any. */
static void matched_pair(struct matched *m, alike_fn *alike, bool anywhere)
{
    int next = 0, left = 0, open = 0;
    for (int i = 0; i < m->old.count; i++) left += m->old.partner[i] == MATCHED_NONE;
    for (int j = 0; j < m->new.count; j++) open += m->new.partner[j] == MATCHED_NONE;
    if (left == 0 || open == 0 || m->new.count > PAIRS_MAX / left) return;
    for (int i = 0; i < m->old.count; i++) {
        if (m->old.partner[i] != MATCHED_NONE) {
            if (m->old.partner[i] > next) next = m->old.partner[i];
            continue;
        }
        for (int at = 0; at < m->new.count; at++) {
            int j = (next + at) % m->new.count;
            if (j < next && !anywhere) break;
            if (m->new.partner[j] != MATCHED_NONE || !alike(m->old.nodes[i], m->new.nodes[j])) continue;
            matched_join(m, i, j);
            break;
        }
    }
}

/* Finds the nodes that have moved: those outside the longest part with the same order on both sides. This part is
 * the longest rising sequence of partners: last[n] is the old node with the least partner in which a sequence of n +
 * 1 nodes ends. */
static void find_moved(struct arena *arena, struct matched *m)
{
    int *last = ARENA_ARRAY(arena, int, (size_t)m->old.count + 1),
        length = 0; /* for each length the best last node of such a sequence */
    int *before = ARENA_ARRAY(arena, int, (size_t)m->old.count + 1);
    for (int i = 0; i < m->old.count; i++) {
        if (m->old.partner[i] == MATCHED_NONE) continue;
        m->moved[i] = true;
        int low = 0, high = length;
        while (low < high) {
            int middle = low + (high - low) / 2;
            if (m->old.partner[last[middle]] < m->old.partner[i])
                low = middle + 1;
            else
                high = middle;
        }
        before[i] = low > 0 ? last[low - 1] : MATCHED_NONE;
        last[low] = i;
        if (low == length) length++;
    }
    for (int i = length > 0 ? last[length - 1] : MATCHED_NONE; i != MATCHED_NONE; i = before[i]) m->moved[i] = false;
}

struct matched matched_lists(struct arena *arena, struct nodes old, struct nodes new, alike_fn *alike)
{
    struct matched m = {matched_side(arena, old), matched_side(arena, new), NULL};
    m.moved = ARENA_ARRAY(arena, bool, old.count + 1);
    match_same(&m);
    matched_pair(&m, phrase_node_same, true);
    matched_pair(&m, alike, false);
    find_moved(arena, &m);
    return m;
}

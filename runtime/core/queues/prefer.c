/* runtime/core/queues/prefer.c - Rows of preferences, sorted by profile and queue, and what follows from them.
 *
 *     rows                        classes                     ranks
 *     early   sales    1   0 s    0: queues without a row           0  1  2  3
 *     early   service  2  60 s    1: sales    from  0 s    (none)   1  1  1  1
 *                                 2: service  from  0 s    early  101  1  -  2
 *                                 3: service  from 60 s
 *
 * A change of a row makes all of it anew: supervisors change rows a few times an hour, and the core asks for ranks
 * thousands of times a second. */
#include "runtime/core/queues/prefer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/program.h"
#include "runtime/core/queues/waiters.h"

static uint64_t prefer_row_hash(const struct preference *row)
{
    uint64_t hash = table_mix64((uint64_t)row->profile << 32 | row->vq);
    return table_mix64(table_mix64(hash + row->delay_us) + row->rank) | 1;
}

static uint64_t prefer_content(const struct preferences *prefer)
{
    uint64_t content = 0;
    for (uint32_t at = 0; at < prefer->count; at++) content += prefer_row_hash(&prefer->all[at]);
    return prefer->order == PREFER_rank ? content : content + table_mix64(prefer->order);
}

/* Returns the place of the row, or the place where it would be. */
static uint32_t prefer_place(const struct preferences *prefer, uint32_t profile, uint32_t vq)
{
    uint32_t low = 0, high = prefer->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct preference *row = &prefer->all[middle];
        if (row->profile != profile ? row->profile < profile : row->vq < vq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct preference *prefer_exact(const struct preferences *prefer, uint32_t profile, uint32_t vq)
{
    uint32_t at = prefer_place(prefer, profile, vq);
    bool found = at < prefer->count && prefer->all[at].profile == profile && prefer->all[at].vq == vq;
    return found ? &prefer->all[at] : NULL;
}

bool prefer_has(const struct preferences *prefer, uint32_t profile, uint32_t vq)
{
    return prefer_exact(prefer, profile, vq) != NULL;
}

const struct preference *prefer_find(const struct preferences *prefer, uint32_t profile, uint32_t vq)
{
    const struct preference *row = prefer_exact(prefer, profile, vq);
    return row ? row : prefer_exact(prefer, profile, 0);
}

uint32_t prefer_directory_rows(const struct preferences *prefer)
{
    return prefer->count - prefer_place(prefer, 1, 0);
}

/* Inserts a row, or changes the one that is there. A commit with more than PREFER_ROWS_MAX rows is refused before. */
void prefer_row(struct preferences *prefer, uint32_t profile, uint32_t vq, uint8_t rank, uint64_t delay_us)
{
    uint32_t at = prefer_place(prefer, profile, vq);
    if (!prefer_exact(prefer, profile, vq)) {
        if (prefer->count >= PREFER_ALL_MAX) return;
        prefer->all = memory_grow(prefer->all, &prefer->capacity, prefer->count + 1, sizeof *prefer->all);
        memmove(&prefer->all[at + 1], &prefer->all[at], (prefer->count - at) * sizeof *prefer->all);
        prefer->count++;
        prefer->all[at] = (struct preference){.profile = profile, .vq = vq, .rank = PREFER_RANK_MAX + 1};
    }
    struct preference *row = &prefer->all[at];
    prefer->stale = prefer->stale || row->rank != rank || row->delay_us != delay_us;
    *row = (struct preference){.profile = profile, .vq = vq, .delay_us = delay_us, .rank = rank, .seen = true};
}

static void prefer_remove(struct preferences *prefer, uint32_t at)
{
    memmove(&prefer->all[at], &prefer->all[at + 1], (prefer->count - at - 1) * sizeof *prefer->all);
    prefer->count--;
    prefer->stale = true;
}

void prefer_row_gone(struct preferences *prefer, uint32_t profile, uint32_t vq)
{
    if (prefer_exact(prefer, profile, vq)) prefer_remove(prefer, prefer_place(prefer, profile, vq));
}

void prefer_site_forget(struct preferences *prefer)
{
    while (prefer->count > 0 && prefer->all[0].profile == 0) prefer_remove(prefer, 0);
}

void prefer_set_order(struct preferences *prefer, enum prefer_order order)
{
    prefer->stale = prefer->stale || prefer->order != order;
    prefer->order = (uint8_t)order;
}

void prefer_unsee(struct preferences *prefer)
{
    for (uint32_t at = 0; at < prefer->count; at++) prefer->all[at].seen = prefer->all[at].profile == 0;
}

void prefer_drop_unseen(struct preferences *prefer)
{
    for (uint32_t at = prefer->count; at-- > 0;)
        if (!prefer->all[at].seen) prefer_remove(prefer, at);
}

/* ---- classes ---- */

/* Both numbers include the rows of the site's order. */
enum { STARS_MAX = PREFER_STARS_MAX + 1, ROWS_MAX = PREFER_ROWS_MAX + PREFER_RULES_MAX };

_Static_assert((ROWS_MAX + 1) * (1 + STARS_MAX) + ROWS_MAX < UINT16_MAX, "a key of waiters.h has 16 bits for a class");

/* Adds a class with this delay for the queue, unless there is one. The classes of the queue begin at `first`, and no
 * other classes come after them. */
static void class_add(struct preferences *prefer, uint32_t first, uint32_t vq, uint64_t delay_us)
{
    uint32_t at = prefer->class_count;
    while (at > first && prefer->classes[at - 1].delay_us > delay_us) at--;
    if (at > first && prefer->classes[at - 1].delay_us == delay_us) return;
    prefer->classes =
        memory_grow(prefer->classes, &prefer->class_capacity, prefer->class_count + 1, sizeof *prefer->classes);
    memmove(&prefer->classes[at + 1], &prefer->classes[at], (prefer->class_count - at) * sizeof *prefer->classes);
    prefer->classes[at] = (struct prefer_class){.delay_us = delay_us, .vq = vq};
    prefer->class_count++;
}

/* Adds the classes of a queue: one for no delay, and one for each delay that a row for this queue names, or a row for
 * all other queues (`stars`). */
static void class_add_queue(struct preferences *prefer, uint32_t vq, const uint64_t *stars, uint32_t star_count)
{
    uint32_t first = prefer->class_count;
    class_add(prefer, first, vq, 0);
    for (uint32_t at = 0; at < star_count; at++) class_add(prefer, first, vq, stars[at]);
    for (uint32_t at = 0; vq != 0 && at < prefer->count; at++)
        if (prefer->all[at].vq == vq && prefer->all[at].rank != 0)
            class_add(prefer, first, vq, prefer->all[at].delay_us);
}

/* Returns the first class of the queue; the classes are sorted by queue. If no row names the queue, this is class 0. */
static uint32_t class_first(const struct preferences *prefer, uint32_t vq)
{
    uint32_t low = 0, high = prefer->class_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (prefer->classes[middle].vq < vq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < prefer->class_count && prefer->classes[low].vq == vq ? low : 0;
}

uint32_t prefer_class_of(const struct preferences *prefer, uint32_t vq, uint64_t ripe_us)
{
    uint32_t at = class_first(prefer, vq), of = prefer->classes[at].vq;
    while (at + 1 < prefer->class_count && prefer->classes[at + 1].vq == of &&
           prefer->classes[at + 1].delay_us <= ripe_us)
        at++;
    return at;
}

void prefer_wait(const struct preferences *prefer, uint32_t vq, uint64_t waited_us, uint64_t *ripe_us,
                 uint64_t *next_us)
{
    uint32_t at = prefer_class_of(prefer, vq, waited_us);
    if (prefer->classes[at].delay_us > *ripe_us) *ripe_us = prefer->classes[at].delay_us;
    if (at + 1 < prefer->class_count && prefer->classes[at + 1].vq == prefer->classes[at].vq &&
        prefer->classes[at + 1].delay_us < *next_us)
        *next_us = prefer->classes[at + 1].delay_us;
}

/* Collects the different delays of the rows for all other queues. The import refuses more than STARS_MAX; here any
 * further delay counts as 0. */
static uint32_t star_delays(struct preferences *prefer, uint64_t stars[STARS_MAX])
{
    uint32_t count = 0;
    for (uint32_t row = 0; row < prefer->count; row++) {
        struct preference *star = &prefer->all[row];
        uint32_t at = 0;
        if (star->vq != 0 || star->rank == 0 || star->delay_us == 0) continue;
        while (at < count && stars[at] != star->delay_us) at++;
        if (at == count && count < STARS_MAX) stars[count++] = star->delay_us;
        if (at == STARS_MAX) star->delay_us = 0;
    }
    return count;
}

/* Makes the classes: first those of all queues that no row names, then those of each named queue, in the order of the
 * names' numbers. */
static void classes_build(struct preferences *prefer)
{
    uint64_t stars[STARS_MAX];
    uint32_t star_count = star_delays(prefer, stars);
    prefer->class_count = 0;
    class_add_queue(prefer, 0, stars, star_count);
    for (uint32_t last = 0, next;; last = next) {
        next = UINT32_MAX;
        for (uint32_t at = 0; at < prefer->count; at++)
            if (prefer->all[at].vq > last && prefer->all[at].vq < next) next = prefer->all[at].vq;
        if (next == UINT32_MAX) return;
        class_add_queue(prefer, next, stars, star_count);
    }
}

static void profiles_build(struct preferences *prefer)
{
    prefer->profile_count = 0;
    for (uint32_t at = 0; at <= prefer->count; at++) {
        uint32_t profile = at == 0 ? 0 : prefer->all[at - 1].profile;
        if (at != 0 && profile == prefer->profiles[prefer->profile_count - 1]) continue;
        prefer->profiles = memory_grow(prefer->profiles, &prefer->profile_capacity, prefer->profile_count + 1,
                                       sizeof *prefer->profiles);
        prefer->profiles[prefer->profile_count++] = profile;
    }
}

/* Returns the rank that the row gives a class, which is a queue and how long its interactions have waited at least; 0:
 * the row asks for a longer wait. `row` NULL: no row applies to the queue. */
static uint8_t row_rank(const struct preference *row, const struct prefer_class *class)
{
    if (!row) return PREFER_LAST;
    return row->delay_us <= class->delay_us ? row->rank : 0;
}

/* Sets the ranks of all classes for a profile: first by its row for all other queues, then by each row for a single
 * queue. Agents without a profile, at a site without an order, prefer nothing: each queue is their first choice. */
static void profile_rank(const struct preferences *prefer, uint32_t profile, uint8_t *ranks)
{
    uint32_t row = prefer_place(prefer, profile, 0);
    bool any = row < prefer->count && prefer->all[row].profile == profile;
    const struct preference *others = prefer_exact(prefer, profile, 0);
    for (uint32_t class = 0; class < prefer->class_count; class ++)
        ranks[class] = any ? row_rank(others, &prefer->classes[class]) : 1;
    for (; row < prefer->count && prefer->all[row].profile == profile; row++) {
        uint32_t vq = prefer->all[row].vq, class = vq == 0 ? prefer->class_count : class_first(prefer, vq);
        for (; class < prefer->class_count && prefer->classes[class].vq == vq; class ++)
            ranks[class] = row_rank(&prefer->all[row], &prefer->classes[class]);
    }
}

static void ranks_build(struct preferences *prefer)
{
    uint32_t count = prefer->profile_count * prefer->class_count;
    prefer->ranks = memory_grow(prefer->ranks, &prefer->rank_capacity, count, sizeof *prefer->ranks);
    prefer->indifferent = memory_grow(prefer->indifferent, &prefer->indifferent_capacity, prefer->profile_count,
                                      sizeof *prefer->indifferent);
    for (uint32_t place = 0; place < prefer->profile_count; place++) {
        uint8_t *ranks = &prefer->ranks[(size_t)place * prefer->class_count];
        profile_rank(prefer, prefer->profiles[place], ranks);
        prefer->indifferent[place] = ranks[0] != 0;
        for (uint32_t class = 1; class < prefer->class_count; class ++)
            prefer->indifferent[place] = prefer->indifferent[place] && ranks[class] == ranks[0];
    }
}

/* Gives each agent the place of its profile. A profile without rows counts as none. */
static void agents_build(struct preferences *prefer)
{
    for (uint32_t agent = 0; agent < prefer->agents->count; agent++) {
        struct agent *who = agent_at(prefer->agents, agent);
        uint32_t low = 0, high = prefer->profile_count;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (prefer->profiles[middle] < who->profile)
                low = middle + 1;
            else
                high = middle;
        }
        bool found = low < prefer->profile_count && prefer->profiles[low] == who->profile;
        who->prefers = found ? (uint16_t)low : 0;
    }
    abilities_change(prefer->agents);
    prefer->agents->profiled = prefer->count != 0;
}

void prefer_unused(struct preferences *prefer)
{
    prefer->stale = false;
    prefer->content = prefer_content(prefer);
}

void prefer_build(struct preferences *prefer)
{
    prefer->stale = false;
    profiles_build(prefer);
    classes_build(prefer);
    ranks_build(prefer);
    agents_build(prefer);
    prefer->content = prefer_content(prefer);
    prefer->vqs->preferred = prefer->count != 0;
}

bool prefer_before(const struct vqs *vqs, const struct visit *a, uint8_t rank, const struct visit *b,
                   uint8_t other_rank)
{
    enum prefer_order order = (enum prefer_order)vqs->prefer->order;
    if (order == PREFER_rank && rank != other_rank) return rank < other_rank;
    if (a->priority != b->priority) return a->priority > b->priority;
    if (order == PREFER_priority && rank != other_rank) return rank < other_rank;
    uint64_t a_us = visit_goal_us(vqs, a), b_us = visit_goal_us(vqs, b);
    if (a_us != b_us) return a_us < b_us;
    if (rank != other_rank) return rank < other_rank;
    return visit_before(vqs, a, b);
}

/* ---- the part ---- */

static void prefer_init(void *self, const struct parts *parts)
{
    struct preferences *prefer = self;
    prefer->vqs = parts->vqs;
    prefer->agents = parts->agents;
    prefer->names = parts->names;
    prefer->program = PROGRAM_NONE;
}

static void prefer_free(void *self)
{
    struct preferences *prefer = self;
    free(prefer->all);
    free(prefer->profiles);
    free(prefer->classes);
    free(prefer->ranks);
    free(prefer->indifferent);
}

static uint64_t prefer_hash(const void *self)
{
    const struct preferences *prefer = self;
    return prefer->content;
}

static bool prefer_check(const void *self)
{
    const struct preferences *prefer = self;
    uint32_t posted = 0, counted = 0;
    for (uint32_t at = 0; at < prefer->class_count; at++) counted += prefer->classes[at].posted;
    for (uint32_t row = 0; row < prefer->vqs->waiters.row_count; row++)
        for (uint32_t level = 0; level < prefer->vqs->waiters.rows[row].level_count; level++)
            if (waiters_class(prefer->vqs->waiters.rows[row].key) != 0)
                posted += prefer->vqs->waiters.rows[row].levels[level].count;
    for (uint32_t at = 1; at < prefer->count; at++) {
        const struct preference *a = &prefer->all[at - 1], *b = &prefer->all[at];
        if (a->profile != b->profile ? a->profile > b->profile : a->vq >= b->vq) return false;
    }
    return !prefer->stale && posted == counted && prefer->content == prefer_content(prefer) &&
           prefer->vqs->preferred == (prefer->count != 0);
}

static void prefer_keep(void *self, struct keeper *keeper)
{
    struct preferences *prefer = self;
    prefer->all = keep_rows(keeper, prefer->all, &prefer->count, &prefer->capacity, ROWS_MAX, sizeof *prefer->all);
    for (uint32_t at = 0; at < prefer->count && keep_good(keeper); at++) {
        struct preference *row = &prefer->all[at];
        row->profile = name_keep(prefer->names, keeper, row->profile);
        row->vq = name_keep(prefer->names, keeper, row->vq);
        row->delay_us = keep_u64(keeper, row->delay_us);
        row->rank = keep_u8(keeper, row->rank);
        row->seen = keep_bool(keeper, row->seen);
        bool sorted = at == 0 ||
                      prefer_place(&(struct preferences){.all = prefer->all, .count = at}, row->profile, row->vq) == at;
        if (!sorted || row->rank > PREFER_RANK_MAX) keep_fail(keeper, "preferences of agents are out of order");
    }
    prefer->order = (uint8_t)keep_index(keeper, prefer->order, PREFER_ORDERS, PREFER_rank);
    prefer->program = program_keep(prefer->vqs->strategies, keeper, prefer->program);
}

const struct part_ops part_ops_preferences = {
    .size = sizeof(struct preferences),
    .since = 16,
    .init = prefer_init,
    .free = prefer_free,
    .hash = prefer_hash,
    .check = prefer_check,
    .keep = prefer_keep,
};

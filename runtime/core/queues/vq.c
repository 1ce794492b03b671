/* runtime/core/queues/vq.c - Virtual queues: one treap of visits per selector. Each subtree has its size, so a
 * position is found by one descent in each treap.
 *
 *     vq "sales" -- wants --> selector A -- root --> treap of the first visits with selector A
 *           |                     | next
 *           |                 selector B -- root --> treap of those with selector B
 *           +-- further --------- root --> treap of visits whose selector is another queue's
 *
 *     position of a visit = 1 + how many stand before it, summed over all treaps of its queue
 *
 * A treap is a search tree by rank and a heap by a second key. The second key is computed from the interaction's
 * slot and is not random, so the same visits give the same tree after a replay or a restored snapshot.
 *
 * `vqs->content` is a hash that is kept up to date by subtracting the old hash of a row and adding the new one. So each
 * function that changes a hashed field does three steps: subtract, change, add. vqs_check() finds a change that was
 * made without these steps. */
#include "runtime/core/queues/vq.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/vq_keep.h"

enum { LOOK_NONE = UINT32_MAX };

static uint64_t vq_key(const void *owner, uint32_t slot)
{
    const struct vqs *vqs = owner;
    return vqs->all[slot].name;
}

static uint64_t look_key(const void *owner, uint32_t row)
{
    const struct visits_due *looks = owner;
    return looks->all[row].visit;
}

static uint64_t credit_key(const void *owner, uint32_t row)
{
    const struct vqs *vqs = owner;
    return vqs->credits[row].key;
}

void vqs_init(struct vqs *vqs, const void *owner, uint64_t (*id)(const void *owner, uint32_t slot))
{
    *vqs = (struct vqs){.owner = owner, .id = id, .free = VISIT_NONE, .looks.free = LOOK_NONE};
    lookup_init(&vqs->looks.by_visit, &vqs->looks, look_key);
    selectors_init(&vqs->wants);
    waiters_init(&vqs->waiters);
    lookup_init(&vqs->by_name, vqs, vq_key);
    lookup_init(&vqs->credit_by_key, vqs, credit_key);
}

void vqs_free(struct vqs *vqs)
{
    for (uint32_t at = 0; at < vqs->count; at++) ages_free(&vqs->all[at].ages);
    free(vqs->all);
    free(vqs->visits);
    free(vqs->looks.all);
    lookup_free(&vqs->looks.by_visit);
    selectors_free(&vqs->wants);
    waiters_free(&vqs->waiters);
    lookup_free(&vqs->by_name);
    free(vqs->credits);
    lookup_free(&vqs->credit_by_key);
}

/* Returns the hash of a queue: only fields on which decisions depend. How many visits wait and which selectors exist
 * follow from the visits, which have hashes of their own. */
static uint64_t vq_hash(const struct vq *vq)
{
    uint64_t hash = table_mix64((uint64_t)vq->name << 32 | vq->turn);
    return pace_hash(&vq->pace, hash);
}

/* Returns the hash of a visit, with the interaction's id and not its slot, which only says where it is in memory.
 * The place in the treap is left out, because it follows from priority, age and id. */
static uint64_t visit_hash(const struct vqs *vqs, const struct visit *visit)
{
    uint64_t hash = table_mix64(table_mix64(vqs->id(vqs->owner, visit->slot)) + visit->age_us);
    return table_mix64(table_mix64(hash + (uint64_t)visit->priority) + ((uint64_t)visit->vq << 8 | visit->state));
}

/* Finds or makes a queue. A queue is never closed: its number stays valid, so visits, selectors and totals may keep
 * it. */
uint32_t vq_open(struct vqs *vqs, uint32_t name)
{
    uint32_t vq;
    if (lookup_find(&vqs->by_name, name, &vq)) return vq;
    if (name == 0 || vqs->count >= VQS_MAX) return VQS_MAX;
    vqs->all = memory_grow(vqs->all, &vqs->capacity, vqs->count + 1, sizeof *vqs->all);
    vqs->all[vqs->count] = (struct vq){.name = name, .wants = SELECTOR_NONE, .further = VISIT_NONE};
    vqs->content += vq_hash(&vqs->all[vqs->count]);
    lookup_add(&vqs->by_name, vqs->count);
    return vqs->count++;
}

uint32_t vq_find(const struct vqs *vqs, uint32_t name)
{
    uint32_t vq;
    return lookup_find(&vqs->by_name, name, &vq) ? vq : VQS_MAX;
}

void vq_turn(struct vqs *vqs, uint32_t vq, uint32_t turn)
{
    assert(vq < vqs->count);
    vqs->content -= vq_hash(&vqs->all[vq]);
    vqs->all[vq].turn = turn;
    vqs->content += vq_hash(&vqs->all[vq]);
}

/* Returns the hash of a credit; 0 if the line is owed nothing. So a row with nothing owed is the same state as no
 * row, and rows may be dropped early or late. */
static uint64_t credit_hash(const struct credit *credit)
{
    return credit->owed == 0 ? 0 : table_mix64(table_mix64(credit->key) + (uint64_t)credit->owed) + credit->program;
}

static struct credit *credit_under(struct vqs *vqs, uint64_t key)
{
    uint32_t row;
    if (lookup_find(&vqs->credit_by_key, key, &row)) return &vqs->credits[row];
    row = vqs->credit_count++;
    vqs->credits = memory_grow(vqs->credits, &vqs->credit_capacity, vqs->credit_count, sizeof *vqs->credits);
    vqs->credits[row] = (struct credit){.key = key};
    lookup_add(&vqs->credit_by_key, row);
    return &vqs->credits[row];
}

/* Changes what the line is owed; `more` is negative for the line that was chosen. If another program uses the same
 * key later, it becomes the owner of the row. */
int64_t vq_credit_owe(struct vqs *vqs, uint64_t key, uint16_t program, int64_t more)
{
    struct credit *credit = credit_under(vqs, key);
    vqs->content -= credit_hash(credit);
    credit->owed += more;
    credit->program = program;
    vqs->content += credit_hash(credit);
    return credit->owed;
}

/* Drops a row; the last row takes its place. */
static void credit_drop(struct vqs *vqs, uint32_t row)
{
    uint32_t last = vqs->credit_count - 1;
    vqs->content -= credit_hash(&vqs->credits[row]);
    lookup_remove(&vqs->credit_by_key, vqs->credits[row].key);
    if (row != last) {
        lookup_remove(&vqs->credit_by_key, vqs->credits[last].key);
        vqs->credits[row] = vqs->credits[last];
        lookup_add(&vqs->credit_by_key, row);
    }
    vqs->credit_count--;
}

/* True: the program is used: interactions are in it, or the directory has it in force. */
static bool is_used(const struct vqs *vqs, uint16_t program)
{
    return vqs->strategies->programs[program].interactions != 0 || core_directory_in_force(vqs->directory, program);
}

/* Drops the program's credits, from the last row on: credit_drop() moves the last row into the gap, and that row was
 * checked already. */
void vqs_program_left(struct vqs *vqs, uint16_t program)
{
    if (program == PROGRAM_NONE || vqs->credit_count == 0 || is_used(vqs, program)) return;
    for (uint32_t row = vqs->credit_count; row-- > 0;)
        if (vqs->credits[row].program == program) credit_drop(vqs, row);
}

static const struct visit_due no_look = {.condition_us = UINT64_MAX, .due_us = UINT64_MAX, .further = VISIT_NONE};

static uint32_t look_row(const struct vqs *vqs, uint32_t visit)
{
    uint32_t row = LOOK_NONE;
    bool found = lookup_find(&vqs->looks.by_visit, visit, &row);
    assert(found && vqs->visits[visit].look);
    (void)found;
    return row;
}

/* Returns when the visit is looked at again. Most visits have no row. For a visit without a row, one with "never" is
 * returned, so that callers need not ask whether there is a row. */
struct visit_due visit_look(const struct vqs *vqs, uint32_t visit)
{
    if (visit_at(vqs, visit)->look) return vqs->looks.all[look_row(vqs, visit)];
    struct visit_due look = no_look;
    look.visit = visit;
    return look;
}

uint64_t visit_entered_us(const struct vqs *vqs, const struct visit *visit)
{
    uint64_t entered_us = visit->look ? visit_look(vqs, (uint32_t)(visit - vqs->visits)).entered_us : 0;
    return entered_us != 0 ? entered_us : visit->age_us;
}

/* Gives the visit its row, changes the row, or removes it if it would say nothing. */
static void look_set(struct vqs *vqs, uint32_t visit, const struct visit_due *look)
{
    struct visits_due *looks = &vqs->looks;
    struct visit *who = visit_at(vqs, visit);
    bool wanted = look->condition_us != UINT64_MAX || look->due_us != UINT64_MAX || look->entered_us != 0 ||
                  look->further != VISIT_NONE;
    uint32_t row = who->look ? look_row(vqs, visit) : LOOK_NONE;
    if (row == LOOK_NONE && !wanted) return;
    if (!wanted) {
        lookup_remove(&looks->by_visit, visit);
        POOL_GIVE(looks, row, visit);
        who->look = false;
        return;
    }
    if (row == LOOK_NONE) {
        row = POOL_TAKE(looks, visit);
        looks->all[row].visit = visit;
        lookup_add(&looks->by_visit, row);
        who->look = true;
    }
    looks->all[row] = *look;
}

/* Reads the whole row first, because `entered_us` and `further` of the same row must stay. */
void visit_look_set(struct vqs *vqs, uint32_t visit, uint64_t condition_us, uint64_t due_us)
{
    struct visit_due look = visit_look(vqs, visit);
    look.condition_us = condition_us;
    look.due_us = due_us;
    look_set(vqs, visit, &look);
}

uint32_t vq_further(const struct vqs *vqs, uint32_t visit)
{
    return visit_look(vqs, visit).further;
}

static void further_set(struct vqs *vqs, uint32_t visit, uint32_t further)
{
    struct visit_due look = visit_look(vqs, visit);
    look.further = further;
    look_set(vqs, visit, &look);
}

uint32_t vq_visit_in(const struct vqs *vqs, uint32_t visit, uint32_t vq)
{
    while (visit != VISIT_NONE && visit_at(vqs, visit)->vq != vq) visit = vq_further(vqs, visit);
    return visit;
}

static uint32_t size_of(const struct vqs *vqs, uint32_t at)
{
    return at == VISIT_NONE ? 0 : vqs->visits[at].size;
}

/* Computes a visit's size from the sizes of its children, which must be right. */
static void vq_resize(const struct vqs *vqs, uint32_t at)
{
    struct visit *visit = &vqs->visits[at];
    visit->size = 1 + size_of(vqs, visit->left) + size_of(vqs, visit->right);
}

/* Counts the visits of a better rank in one descent from the root. Where the descent goes to the right, the visit
 * there and its whole left part come before. */
static uint32_t count_before(const struct vqs *vqs, uint32_t root, const struct visit *who)
{
    uint32_t before = 0;
    for (uint32_t at = root; at != VISIT_NONE;) {
        if (visit_before(vqs, &vqs->visits[at], who)) {
            before += 1 + size_of(vqs, vqs->visits[at].left);
            at = vqs->visits[at].right;
        } else {
            at = vqs->visits[at].left;
        }
    }
    return before;
}

/* Joins two treaps and returns the root; all visits of `left` are of better rank. Like vq_split it uses no stack: a
 * treap with maliciously chosen slots and ranks may be as deep as it is large. */
static uint32_t visits_merge(const struct vqs *vqs, uint32_t left, uint32_t right)
{
    uint32_t root, *to = &root;
    while (left != VISIT_NONE && right != VISIT_NONE) {
        bool higher = table_mix64(vqs->visits[left].slot) > table_mix64(vqs->visits[right].slot);
        struct visit *top = &vqs->visits[higher ? left : right];
        top->size += size_of(vqs, higher ? right : left);
        *to = higher ? left : right;
        to = higher ? &top->right : &top->left;
        *(higher ? &left : &right) = *to;
    }
    *to = left == VISIT_NONE ? right : left;
    return root;
}

/* Splits the treap `at`: visits of better rank than `rank` go to `left`, the others to `right`. */
static void vq_split(const struct vqs *vqs, uint32_t at, const struct visit *rank, uint32_t *left, uint32_t *right)
{
    uint32_t before = count_before(vqs, at, rank); /* how many of the visits below `at` have a better rank */
    while (at != VISIT_NONE) {
        struct visit *visit = &vqs->visits[at];
        if (visit_before(vqs, visit, rank)) {
            uint32_t apart = 1 + size_of(vqs, visit->left);
            visit->size = before;
            before -= apart;
            *left = at;
            left = &visit->right;
            at = visit->right;
        } else {
            visit->size -= before;
            *right = at;
            right = &visit->left;
            at = visit->left;
        }
    }
    *left = *right = VISIT_NONE;
}

static uint32_t vq_leftmost(const struct vqs *vqs, uint32_t at)
{
    while (at != VISIT_NONE && vqs->visits[at].left != VISIT_NONE) at = vqs->visits[at].left;
    return at;
}

/* Returns the root of the treap to which the visit belongs. */
static uint32_t *root_of(const struct vqs *vqs, const struct visit *visit)
{
    if (visit->state == VISIT_FURTHER) return &vqs->all[visit->vq].further;
    return &selector_at(&vqs->wants, visit->want)->root;
}

/* Descends to the first visit with a lower second key, splits the part below it, and puts the new visit in its place.
 * The sizes of the visits above it are increased on the way down, so the tree need not be climbed again. The waiters
 * are updated if the new visit is the first of its selector. */
static void rank_one_in(struct vqs *vqs, uint32_t visit)
{
    struct visit *who = &vqs->visits[visit];
    uint32_t *at = root_of(vqs, who);
    while (*at != VISIT_NONE && table_mix64(vqs->visits[*at].slot) > table_mix64(who->slot)) {
        vqs->visits[*at].size++;
        at = visit_before(vqs, who, &vqs->visits[*at]) ? &vqs->visits[*at].left : &vqs->visits[*at].right;
    }
    vq_split(vqs, *at, who, &who->left, &who->right);
    *at = visit;
    vq_resize(vqs, visit);
    if (who->state == VISIT_FURTHER) return;
    uint32_t first = selector_at(&vqs->wants, who->want)->first;
    if (first == VISIT_NONE || visit_before(vqs, who, &vqs->visits[first])) waiters_first(vqs, who->want, visit);
}

/* Takes a visit out. The visit's rank must be the one with which it was put in, otherwise the search misses the visit
 * and an assertion ends the process. Therefore vq_rerank() takes visits out before their priority changes. */
static void rank_one_out(struct vqs *vqs, uint32_t visit)
{
    struct visit *who = &vqs->visits[visit];
    uint32_t *at = root_of(vqs, who);
    while (*at != visit) {
        assert(*at != VISIT_NONE);
        vqs->visits[*at].size--;
        at = visit_before(vqs, who, &vqs->visits[*at]) ? &vqs->visits[*at].left : &vqs->visits[*at].right;
    }
    *at = visits_merge(vqs, who->left, who->right);
    if (who->state != VISIT_FURTHER && selector_at(&vqs->wants, who->want)->first == visit)
        waiters_first(vqs, who->want, vq_leftmost(vqs, *root_of(vqs, who)));
}

/* Puts the first visit and the further ones into their treaps. */
static void rank_in(struct vqs *vqs, uint32_t visit)
{
    for (; visit != VISIT_NONE; visit = vq_further(vqs, visit)) rank_one_in(vqs, visit);
}

static void rank_out(struct vqs *vqs, uint32_t visit)
{
    for (; visit != VISIT_NONE; visit = vq_further(vqs, visit)) rank_one_out(vqs, visit);
}

/* Appends the visit to its treap. While all visits are ranked, the root of a treap is its last visit, and the size
 * of a visit on the path from there to the real root contains the visit above it. False: the visit does not come
 * after the last one of its treap. */
static bool rank_last_in(struct vqs *vqs, uint32_t visit)
{
    struct visit *who = &vqs->visits[visit];
    uint32_t *last = root_of(vqs, who), above = *last, below = VISIT_NONE;
    if (above == VISIT_NONE && who->state != VISIT_FURTHER)
        waiters_first(vqs, who->want, visit);
    else if (above != VISIT_NONE && !visit_before(vqs, &vqs->visits[above], who))
        return false;
    uint64_t height = table_mix64(who->slot);
    while (above != VISIT_NONE && table_mix64(vqs->visits[above].slot) <= height) {
        uint32_t next = vqs->visits[above].size;
        vq_resize(vqs, above);
        below = above;
        above = next;
    }
    who->left = below;
    who->right = VISIT_NONE;
    who->size = above;
    if (above != VISIT_NONE) vqs->visits[above].right = visit;
    *last = visit;
    return true;
}

/* Sets the treap's root from its last visit to the real root. */
static void root_find(struct vqs *vqs, uint32_t *root)
{
    for (uint32_t at = *root, above; at != VISIT_NONE; at = above) {
        above = vqs->visits[at].size;
        vq_resize(vqs, at);
        *root = at;
    }
}

/* Ranks all visits. Most visits come in the order of their ranks and are appended to their treap; the others are put in
 * afterwards. */
void vqs_rank(struct vqs *vqs)
{
    uint32_t others = VISIT_NONE;
    EACH_INTERACTION (ix, vqs->interactions)
        for (uint32_t at = ix->visit; at != VISIT_NONE; at = vq_further(vqs, at)) {
            if (visit_want(vqs, &vqs->visits[at]) == SELECTOR_NONE || rank_last_in(vqs, at)) continue;
            vqs->visits[at].left = others;
            others = at;
        }
    for (uint32_t at = 0; at < vqs->wants.count; at++)
        if (vqs->wants.all[at].number != 0) root_find(vqs, &vqs->wants.all[at].root);
    for (uint32_t at = 0; at < vqs->count; at++) root_find(vqs, &vqs->all[at].further);
    for (uint32_t next; others != VISIT_NONE; others = next) {
        next = vqs->visits[others].left;
        rank_one_in(vqs, others);
    }
}

/* Takes the selector from the visit. The visit leaves the treap first: the last release frees the selector, whose
 * root must be empty by then. */
static void want_none(struct vqs *vqs, uint32_t visit)
{
    struct visit *who = &vqs->visits[visit];
    if (who->want == SELECTOR_NONE) return;
    rank_out(vqs, visit);
    selector_release(&vqs->wants, who->want, &vqs->all[who->vq].wants);
    who->want = SELECTOR_NONE;
}

/* Returns the oldest age. Sites that never ask for the oldest age pay nothing: heaps of ages are made at the first
 * question, from all visits, and later visits are added. */
uint64_t vq_oldest_us(struct vqs *vqs, uint32_t vq)
{
    assert(vq < vqs->count);
    for (uint32_t visit = 0; !vqs->aged && visit < vqs->visit_count; visit++)
        if (vqs->visits[visit].state != VISIT_FREE) ages_add(vqs, visit);
    vqs->aged = true;
    return ages_oldest_us(vqs, vq);
}

/* Makes a visit in a free row or a new one. `vqs->visits` may move here, so earlier pointers to visits are no longer
 * valid. */
static uint32_t queues_enter(struct vqs *vqs, uint32_t vq, const struct visit *as, uint64_t entered_us)
{
    uint32_t visit = vqs->free;
    assert(vq < vqs->count);
    if (visit != VISIT_NONE) {
        vqs->free = vqs->visits[visit].left;
    } else {
        visit = vqs->visit_count++;
        vqs->visits = memory_grow(vqs->visits, &vqs->visit_capacity, vqs->visit_count, sizeof *vqs->visits);
    }
    vqs->visits[visit] = *as;
    vqs->visits[visit].vq = (uint16_t)vq;
    vqs->content += visit_hash(vqs, &vqs->visits[visit]);
    vqs->all[vq].waiting++;
    if (vqs->aged) ages_add(vqs, visit);
    if (entered_us != as->age_us) {
        struct visit_due look = visit_look(vqs, visit);
        look.entered_us = entered_us;
        look_set(vqs, visit, &look);
    }
    return visit;
}

uint32_t vq_enter(struct vqs *vqs, uint32_t vq, uint32_t slot, int64_t priority, uint64_t entered_us, uint64_t age_us)
{
    const struct visit as = {
        .slot = slot, .priority = priority, .age_us = age_us, .want = SELECTOR_NONE, .state = VISIT_WAITING};
    return queues_enter(vqs, vq, &as, entered_us);
}

/* Makes a further visit with slot, priority and age of the first one, so both have the same rank in their queues. The
 * field `want` of a further visit holds the number of the first visit, not that of a selector. */
uint32_t vq_enter_further(struct vqs *vqs, uint32_t visit, uint32_t vq, uint64_t entered_us)
{
    assert(visit_at(vqs, visit)->state != VISIT_FURTHER && vq_visit_in(vqs, visit, vq) == VISIT_NONE);
    struct visit as = {.slot = visit_at(vqs, visit)->slot,
                       .priority = visit_at(vqs, visit)->priority,
                       .age_us = visit_at(vqs, visit)->age_us,
                       .want = visit,
                       .state = VISIT_FURTHER};
    uint32_t further = queues_enter(vqs, vq, &as, entered_us), last = visit;
    vqs->further_count++;
    while (vq_further(vqs, last) != VISIT_NONE) last = vq_further(vqs, last);
    further_set(vqs, last, further);
    if (visit_at(vqs, visit)->want != SELECTOR_NONE) rank_one_in(vqs, further);
    return further;
}

/* Finds or makes a selector. The clauses of a new selector are made at once. A selector that exists already has its
 * clauses. */
uint32_t vq_want(struct vqs *vqs, const struct wanted *wanted)
{
    assert(wanted->vq < vqs->count);
    bool made;
    uint32_t want = selector_of(&vqs->wants, wanted, &vqs->all[wanted->vq].wants, &made);
    if (made && vqs->read) vqs->read(vqs->owner, selector_at(&vqs->wants, want));
    return want;
}

static void visit_becomes(struct vqs *vqs, struct visit *visit, enum visit_state state)
{
    vqs->content -= visit_hash(vqs, visit);
    visit->state = state & 3u;
    vqs->content += visit_hash(vqs, visit);
}

/* Gives the visit its selector and rank. The new selector is held before the old one is released. If the new selector
 * is the old one, the visit keeps its rank. */
void vq_join(struct vqs *vqs, uint32_t visit, uint32_t want)
{
    struct visit *who = visit_at(vqs, visit);
    assert(selector_at(&vqs->wants, want)->vq == who->vq);
    visit_becomes(vqs, who, VISIT_WAITING);
    if (who->want == want) return;
    selector_hold(&vqs->wants, want);
    want_none(vqs, visit);
    who->want = want;
    rank_in(vqs, visit);
}

/* Takes a chosen visit out of the ranks; the queue still counts it in `waiting`. vq_leave() or vq_join() must
 * follow, depending on whether the agent takes the interaction. */
void vq_select(struct vqs *vqs, uint32_t visit)
{
    assert(visit_at(vqs, visit)->state == VISIT_WAITING);
    want_none(vqs, visit);
    visit_becomes(vqs, &vqs->visits[visit], VISIT_SELECTED);
}

/* Gives all visits of the interaction the new priority, then ranks them again. */
void vq_rerank(struct vqs *vqs, uint32_t visit, int64_t priority)
{
    struct visit *who = visit_at(vqs, visit);
    if (who->priority == priority) return;
    /* the visit is taken out while it has the old priority, by which it is found */
    if (who->want != SELECTOR_NONE) rank_out(vqs, visit);
    for (uint32_t at = visit; at != VISIT_NONE; at = vq_further(vqs, at)) {
        vqs->content -= visit_hash(vqs, &vqs->visits[at]);
        vqs->visits[at].priority = priority;
        vqs->content += visit_hash(vqs, &vqs->visits[at]);
    }
    if (who->want != SELECTOR_NONE) rank_in(vqs, visit);
}

/* Takes the further visit out of the treap and out of its interaction's list of visits. */
static void forget_further(struct vqs *vqs, uint32_t visit)
{
    uint32_t first = vqs->visits[visit].want, before = first;
    if (vqs->visits[first].want != SELECTOR_NONE) rank_one_out(vqs, visit);
    while (vq_further(vqs, before) != visit) before = vq_further(vqs, before);
    further_set(vqs, before, vq_further(vqs, visit));
    further_set(vqs, visit, VISIT_NONE);
    vqs->further_count--;
}

/* Ends a visit. A first visit may end only when it has no further ones (asserted): they would point to a row that is
 * used again. A clearing of a queue does not count as movement, so it does not shorten the expected wait of the
 * others. */
void vq_leave(struct vqs *vqs, uint32_t visit, enum visit_end end, uint64_t now_us)
{
    struct visit *who = visit_at(vqs, visit);
    struct vq *vq = &vqs->all[who->vq];
    if (who->state == VISIT_FURTHER)
        forget_further(vqs, visit);
    else
        want_none(vqs, visit);
    assert(vq_further(vqs, visit) == VISIT_NONE);
    look_set(vqs, visit, &no_look);
    assert(vq->waiting > 0);
    vqs->content -= visit_hash(vqs, who) + vq_hash(vq);
    vq->waiting--;
    pace_leave(&vq->pace, end != VISIT_CLEARED, vq->waiting != 0, now_us);
    vqs->content += vq_hash(vq);
    *who = (struct visit){.state = VISIT_FREE, .left = vqs->free};
    vqs->free = visit;
}

/* Descends to the first visit of the treap at `at`; the visits on the path come after it. */
static void walk_down(struct vq_walk *walk, uint32_t at)
{
    for (; at != VISIT_NONE; at = walk->vqs->visits[at].left) {
        walk->deeper = walk->deeper || walk->depth == VQ_DEPTH;
        if (walk->deeper) return;
        walk->above[walk->depth++] = at;
    }
}

static void walk_begin(struct vq_walk *walk, const struct vqs *vqs, uint32_t root)
{
    walk->vqs = vqs;
    walk->depth = 0;
    walk->deeper = false;
    walk_down(walk, root);
}

void vq_walk_begin(struct vq_walk *walk, const struct vqs *vqs, uint32_t want)
{
    walk_begin(walk, vqs, selector_at(&vqs->wants, want)->root);
}

/* Returns the visit on top of the stack and removes it, then descends the left side of its right child. So the stack
 * always has exactly the visits that come later and are above the current place. */
uint32_t vq_walk_next(struct vq_walk *walk)
{
    if (walk->depth == 0 || walk->deeper) return VISIT_NONE;
    uint32_t visit = walk->above[--walk->depth];
    walk_down(walk, walk->vqs->visits[visit].right);
    return visit;
}

/* Returns a position, counted over every treap of the queue: those of its selectors, and the one of further visits. */
static uint32_t position_of(const struct vqs *vqs, uint32_t vq, const struct visit *who)
{
    uint32_t before = count_before(vqs, vqs->all[vq].further, who);
    for (uint32_t want = vqs->all[vq].wants; want != SELECTOR_NONE; want = selector_at(&vqs->wants, want)->next)
        before += count_before(vqs, selector_at(&vqs->wants, want)->root, who);
    return before + 1;
}

uint32_t vq_position(const struct vqs *vqs, uint32_t visit)
{
    const struct visit *who = visit_at(vqs, visit);
    return position_of(vqs, who->vq, who);
}

uint32_t vq_position_of_new(const struct vqs *vqs, uint32_t vq, uint32_t slot, int64_t priority, uint64_t age_us)
{
    struct visit who = {.slot = slot, .priority = priority, .age_us = age_us, .want = SELECTOR_NONE};
    return position_of(vqs, vq, &who);
}

uint64_t vq_expected_us(const struct vqs *vqs, uint32_t vq, uint32_t position)
{
    assert(vq < vqs->count && position > 0);
    return pace_expected_us(&vqs->all[vq].pace, position);
}

bool vq_range_us(const struct vqs *vqs, uint32_t vq, uint32_t position, uint64_t *low_us, uint64_t *high_us)
{
    assert(vq < vqs->count && position > 0);
    return pace_range_us(&vqs->all[vq].pace, position, low_us, high_us);
}

static bool size_check(const struct vqs *vqs, const struct visit *visit)
{
    return visit->size == 1 + size_of(vqs, visit->left) + size_of(vqs, visit->right);
}

/* True: in each treap, each visit comes after the one before it. The count must agree with the root's size and with
 * the number of visits that have the selector. */
static bool ranks_check(const struct vqs *vqs, uint32_t number, uint32_t *waiting)
{
    const struct selector *want = selector_at(&vqs->wants, number);
    uint32_t count = 0, before = VISIT_NONE;
    struct vq_walk walk;
    vq_walk_begin(&walk, vqs, number);
    for (uint32_t at; (at = vq_walk_next(&walk)) != VISIT_NONE; before = at, count++) {
        const struct visit *visit = &vqs->visits[at];
        if (visit->state != VISIT_WAITING || visit->vq != want->vq || visit->want != number) return false;
        if (!size_check(vqs, visit)) return false;
        if (before == VISIT_NONE ? at != want->first : !visit_before(vqs, &vqs->visits[before], visit)) return false;
    }
    *waiting += count;
    return !walk.deeper && count == size_of(vqs, want->root) && count == want->held;
}

/* Returns the number of further visits of the queue, if they are in order and belong to this queue; else UINT32_MAX. */
static uint32_t further_ranked(const struct vqs *vqs, uint32_t vq)
{
    uint32_t count = 0, before = VISIT_NONE;
    struct vq_walk walk;
    walk_begin(&walk, vqs, vqs->all[vq].further);
    for (uint32_t at; (at = vq_walk_next(&walk)) != VISIT_NONE; before = at, count++) {
        const struct visit *visit = &vqs->visits[at];
        bool holds = visit->state == VISIT_FURTHER && visit->vq == vq && visit_want(vqs, visit) != SELECTOR_NONE &&
                     size_check(vqs, visit) && (before == VISIT_NONE || visit_before(vqs, &vqs->visits[before], visit));
        if (!holds) return UINT32_MAX;
    }
    return walk.deeper ? UINT32_MAX : count;
}

/* How many visits of a queue are in no selector's treap. */
struct tally {
    uint32_t further, ranked, selected;
};

/* True: each further visit is in the list of its interaction's first visit. */
static bool further_check(const struct vqs *vqs, uint32_t number, struct tally *tally)
{
    const struct visit *visit = &vqs->visits[number], *first = visit_at(vqs, visit->want);
    tally->further++;
    tally->ranked += first->want != SELECTOR_NONE;
    return first->state != VISIT_FURTHER && first->slot == visit->slot && first->priority == visit->priority &&
           vq_visit_in(vqs, visit->want, visit->vq) == number;
}

static bool vq_check(const struct vqs *vqs, uint32_t number, const struct tally *tally)
{
    const struct vq *vq = &vqs->all[number];
    uint32_t waiting = 0;
    for (uint32_t want = vq->wants; want != SELECTOR_NONE; want = selector_at(&vqs->wants, want)->next)
        if (!ranks_check(vqs, want, &waiting)) return false;
    return further_ranked(vqs, number) == tally->ranked && vq->waiting == waiting + tally->further + tally->selected &&
           (!vqs->aged || ages_check(vqs, number));
}

/* True: the visits are consistent; adds their hashes to `content`. */
static bool visits_check(const struct vqs *vqs, struct tally *tallies, uint64_t *content)
{
    uint32_t looks = 0, further = 0;
    for (uint32_t at = 0; at < vqs->visit_count; at++) {
        const struct visit *visit = &vqs->visits[at];
        if (visit->state == VISIT_FREE) continue;
        *content += visit_hash(vqs, visit);
        if (visit->look && visit_look(vqs, at).visit != at) return false;
        if (visit->state == VISIT_FURTHER && !further_check(vqs, at, &tallies[visit->vq])) return false;
        looks += visit->look;
        further += visit->state == VISIT_FURTHER;
        tallies[visit->vq].selected += visit->state == VISIT_SELECTED;
    }
    return further == vqs->further_count && looks == vqs->looks.by_visit.count;
}

/* True: every total agrees with the one computed anew from the visits alone. The time grows with the number of
 * visits. */
bool vqs_check(const struct vqs *vqs)
{
    uint64_t content = 0;
    struct tally *tallies = memory_zeroed(vqs->count + 1, sizeof *tallies);
    for (uint32_t at = 0; at < vqs->count; at++) content += vq_hash(&vqs->all[at]);
    for (uint32_t at = 0; at < vqs->credit_count; at++) content += credit_hash(&vqs->credits[at]);
    bool good = visits_check(vqs, tallies, &content) && content == vqs->content;
    for (uint32_t at = 0; good && at < vqs->count; at++) good = vq_check(vqs, at, &tallies[at]);
    free(tallies);
    return good && waiters_check(vqs);
}

/* Returns the id of the interaction in a slot; the owner of the core's table is the table of interactions itself. */
static uint64_t id_of_slot(const void *owner, uint32_t slot)
{
    const struct vqs *vqs = owner;
    return interaction_at(vqs->interactions, slot)->id;
}

static void vqs_part_init(void *self, const struct parts *parts)
{
    struct vqs *vqs = parts->vqs;
    (void)self;
    vqs_init(vqs, vqs, id_of_slot);
    vqs->now = parts->now;
    vqs->facts = parts->facts;
    vqs->parts = parts->rows;
    vqs->names = parts->names;
    vqs->agents = parts->agents;
    vqs->links = parts->links;
    vqs->accesses = parts->accesses;
    vqs->interactions = parts->interactions;
    vqs->directory = parts->directory;
    vqs->strategies = parts->strategies;
    vqs->options = parts->options;
    vqs->prefer = parts->preferences;
    vqs->read = match_read;
}

static void vqs_part_free(void *self)
{
    struct vqs *vqs = self;
    vqs_free(vqs);
}

static uint64_t vqs_hash(const void *self)
{
    const struct vqs *vqs = self;
    return vqs->content;
}

/* True: the queues are consistent. A credit of a program that nobody uses would stay for ever, and would change the
 * digest. */
static bool vqs_good(const void *self)
{
    const struct vqs *vqs = self;
    for (uint32_t at = 0; at < vqs->credit_count; at++)
        if (!is_used(vqs, vqs->credits[at].program)) return false;
    return vqs_check(vqs);
}

const struct part_ops part_ops_vqs = {
    .check = vqs_good,
    .size = sizeof(struct vqs),
    .init = vqs_part_init,
    .free = vqs_part_free,
    .hash = vqs_hash,
    .keep = vqs_keep,
    .sound = vqs_sound,
};

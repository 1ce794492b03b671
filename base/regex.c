/* base/regex.c - Thompson's construction (1968) over bytes, then the subsets of its nodes that can be reached,
 * in breadth-first order: so the same patterns always give the same automaton.
 *
 *     expression --regex_read--> tree --build--> nodes that read bytes --determine--> states, and classes of bytes
 *
 * A node reads one byte of a range (BYTES), continues at two nodes without reading (FORK), continues only at the
 * beginning or the end of the text (BEGIN, END), or says that an arm matches (FITS). A state of the automaton is the
 * set of nodes that can be reached by the same bytes: it gets its number when it is first found, and then its
 * transitions are computed. Everything is built in a scratch arena and copied out at the end. Sizes are limited by
 * NODES_MAX and AUTOMATON_STATES_MAX; time is limited by `work`, which is reduced with every node that is visited. */
#include "base/regex.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/regex_tree.h"

enum { NODES_MAX = 50000, LENGTH_MAX = 1000 };

enum node_kind { NODE_BYTES, NODE_FORK, NODE_BEGIN, NODE_END, NODE_FITS };

struct nfa_node {
    enum node_kind kind;
    uint8_t low, high;
    uint32_t out, other; /* next nodes; FORK uses both; FITS: `out` is the number of the arm */
};

struct nfa {
    struct arena *arena;
    struct nfa_node *nodes;
    uint32_t count, room;
    const char *wrong;
    bool large;
};

static const uint32_t NOWHERE = UINT32_MAX;

static uint32_t nfa_add(struct nfa *n, struct nfa_node node)
{
    if (n->count == NODES_MAX) {
        n->large = true;
        return 0;
    }
    if (n->count == n->room) {
        uint32_t room = n->room ? 2 * n->room : 256;
        n->nodes = arena_grow(n->arena, n->nodes, n->room * sizeof *n->nodes, room * sizeof *n->nodes);
        n->room = room;
    }
    n->nodes[n->count] = node;
    return n->count++;
}

/* Writes the character as UTF-8 and returns the number of its bytes. */
static uint32_t regex_utf8(uint32_t point, uint8_t bytes[4])
{
    if (point < 0x80) {
        bytes[0] = (uint8_t)point;
        return 1;
    }
    uint32_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (uint32_t i = length - 1; i > 0; i--, point >>= 6) bytes[i] = (uint8_t)(0x80 | (point & 0x3F));
    bytes[0] = (uint8_t)((0xF00U >> length & 0xF0U) | point);
    return length;
}

static uint32_t nfa_add_bytes(struct nfa *n, const uint8_t *low, const uint8_t *high, uint32_t length, uint32_t out)
{
    for (uint32_t i = length; i-- > 0;)
        out = nfa_add(n, (struct nfa_node){.kind = NODE_BYTES, .low = low[i], .high = high[i], .out = out});
    return out;
}

/* Adds nodes for the characters from `low` to `high`, and returns the first node. The range is cut into ranges whose
 * UTF-8 bytes can each be chosen independently; such a range needs one node per byte. */
static uint32_t nfa_add_range(struct nfa *n, uint32_t low, uint32_t high, uint32_t out)
{
    static const uint32_t lasts[] = {0x7F, 0x7FF, 0xFFFF};
    assert(low <= high);
    for (int i = 0; i < 3; i++)
        if (low <= lasts[i] && high > lasts[i]) {
            uint32_t first = nfa_add_range(n, low, lasts[i], out), rest = nfa_add_range(n, lasts[i] + 1, high, out);
            return nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = first, .other = rest});
        }
    uint8_t from[4], to[4];
    uint32_t length = regex_utf8(low, from);
    for (uint32_t i = 1; i < length; i++) {
        uint32_t mask = (1U << 6 * i) - 1; /* mask for the bits of the last i bytes */
        if ((low & ~mask) == (high & ~mask)) continue;
        if (low & mask) {
            uint32_t first = nfa_add_range(n, low, low | mask, out),
                     rest = nfa_add_range(n, (low | mask) + 1, high, out);
            return nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = first, .other = rest});
        }
        if ((high & mask) != mask) {
            uint32_t first = nfa_add_range(n, low, (high & ~mask) - 1, out),
                     rest = nfa_add_range(n, high & ~mask, high, out);
            return nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = first, .other = rest});
        }
    }
    regex_utf8(high, to);
    return nfa_add_bytes(n, from, to, length, out);
}

/* Builds nodes for a tree, from its end to its beginning: `out` is the node that follows, and the first node is
 * returned. */
static uint32_t regex_build(struct nfa *n, const struct regex_tree *t, uint32_t out);

static uint32_t build_repeat(struct nfa *n, const struct regex_tree *t, uint32_t out)
{
    assert(t->kind == TREE_REPEAT && t->left);
    if (t->most == NOWHERE) {
        uint32_t again = nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = NOWHERE, .other = out});
        uint32_t inner = regex_build(n, t->left, again);
        n->nodes[again].out = inner;
        out = again;
    } else {
        uint32_t end = out;
        for (uint32_t i = t->least; i < t->most && !n->large; i++)
            out = nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = regex_build(n, t->left, out), .other = end});
    }
    for (uint32_t i = 0; i < t->least && !n->large; i++) {
        uint32_t begin = regex_build(n, t->left, out);
        if (begin == out) break; /* a repeat of something empty adds nothing, and nested ones would never end */
        out = begin;
    }
    return out;
}

static uint32_t regex_build(struct nfa *n, const struct regex_tree *t, uint32_t out)
{
    assert(t);
    if (n->large) return 0;
    switch (t->kind) {
    case TREE_EMPTY:
        return out;
    case TREE_BEGIN:
    case TREE_END:
        return nfa_add(n, (struct nfa_node){.kind = t->kind == TREE_BEGIN ? NODE_BEGIN : NODE_END, .out = out});
    case TREE_THEN: {
        uint32_t rest = regex_build(n, t->right, out);
        return regex_build(n, t->left, rest);
    }
    case TREE_OR: {
        uint32_t left = regex_build(n, t->left, out), right = regex_build(n, t->right, out);
        return nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = left, .other = right});
    }
    case TREE_REPEAT:
        return build_repeat(n, t, out);
    case TREE_SET:
        break;
    }
    /* An empty set matches no character: 0xFF is a byte that no text contains. */
    if (!t->count) return nfa_add(n, (struct nfa_node){.kind = NODE_BYTES, .low = 0xFF, .high = 0xFF, .out = out});
    uint32_t all = nfa_add_range(n, t->ranges[0].low, t->ranges[0].high, out);
    for (uint32_t i = 1; i < t->count && !n->large; i++) {
        uint32_t next = nfa_add_range(n, t->ranges[i].low, t->ranges[i].high, out);
        all = nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = next, .other = all});
    }
    return all;
}

/* Builds an arm and returns its first node. An expression may match anywhere in the text, and once it has matched,
 * the rest of the text does not matter. */
static uint32_t build_arm(struct nfa *n, const struct regex_arm *arm, uint32_t number)
{
    uint32_t fits = nfa_add(n, (struct nfa_node){.kind = NODE_FITS, .out = number});
    const uint8_t *bytes = (const uint8_t *)arm->bytes;
    if (arm->kind == REGEX_TEXT) return nfa_add_bytes(n, bytes, bytes, (uint32_t)arm->length, fits);
    uint32_t rest = nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = NOWHERE, .other = fits});
    uint32_t any = nfa_add(n, (struct nfa_node){.kind = NODE_BYTES, .low = 1, .high = 0xFF, .out = rest});
    n->nodes[rest].out = any;
    if (arm->kind == REGEX_PREFIX) return nfa_add_bytes(n, bytes, bytes, (uint32_t)arm->length, rest);
    if (arm->length > LENGTH_MAX) {
        n->wrong = "an expression has at most 1,000 bytes";
        return 0;
    }
    struct regex_reading reading = {.arena = n->arena, .at = arm->bytes, .end = arm->bytes + arm->length};
    const struct regex_tree *read = regex_read(&reading);
    n->wrong = reading.wrong;
    uint32_t inner = regex_build(n, read, rest);
    uint32_t begin = nfa_add(n, (struct nfa_node){.kind = NODE_FORK, .out = inner, .other = NOWHERE});
    uint32_t skip = nfa_add(n, (struct nfa_node){.kind = NODE_BYTES, .low = 1, .high = 0xFF, .out = begin});
    n->nodes[begin].other = skip;
    return begin;
}

/* Subsets */

struct subset {
    uint32_t *nodes; /* node numbers, ascending: nodes that read bytes, END and FITS */
    uint32_t count, hash;
};

struct subsets {
    struct nfa *nfa;
    struct subset *all;
    uint32_t count, room;
    uint32_t *table, table_room; /* hash table of states: each entry is the state + 1, 0 is free */
    uint32_t *stack, *marks, mark;
    uint32_t *found, found_count;
    uint64_t *work;
};

static void subsets_spend(struct subsets *s, uint32_t nodes)
{
    *s->work -= *s->work > nodes ? nodes + 1 : *s->work;
}

/* Adds to `found` the nodes that can be reached from this one without reading a byte. `begin`, `end`: the reader is
 * at the beginning or the end of the text, so that nodes BEGIN or END are passed. */
static void subsets_visit(struct subsets *s, uint32_t node, bool begin, bool end)
{
    uint32_t depth = 0;
    s->stack[depth++] = node;
    while (depth) {
        uint32_t at = s->stack[--depth];
        if (at == NOWHERE || s->marks[at] == s->mark) continue;
        assert(at < s->nfa->count);
        s->marks[at] = s->mark;
        const struct nfa_node *n = &s->nfa->nodes[at];
        if (n->kind == NODE_FORK) {
            s->stack[depth++] = n->other;
            s->stack[depth++] = n->out;
        } else if (n->kind == NODE_BEGIN) {
            if (begin) s->stack[depth++] = n->out;
        } else {
            if (n->kind == NODE_END && end) s->stack[depth++] = n->out;
            s->found[s->found_count++] = at;
        }
    }
}

static void visit_begin(struct subsets *s)
{
    s->mark++;
    s->found_count = 0;
}

static int nodes_by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static uint32_t subsets_place(const struct subsets *s, const uint32_t *nodes, uint32_t count, uint32_t hash)
{
    assert(s->count < s->table_room); /* the table is never full, so a search always reaches a free slot */
    uint32_t at = hash & (s->table_room - 1);
    for (; s->table[at]; at = (at + 1) & (s->table_room - 1)) {
        const struct subset *other = &s->all[s->table[at] - 1];
        if (other->hash == hash && other->count == count && !memcmp(other->nodes, nodes, count * sizeof *nodes)) break;
    }
    return at;
}

/* Returns the state for the set of nodes in `found`, and adds the state if it is new; AUTOMATON_DEAD for an empty
 * set, or if there are too many states. */
static uint32_t subsets_state(struct subsets *s)
{
    if (!s->found_count) return AUTOMATON_DEAD;
    qsort(s->found, s->found_count, sizeof *s->found, nodes_by_number);
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < s->found_count; i++) hash = (hash ^ s->found[i]) * 16777619u;
    uint32_t at = subsets_place(s, s->found, s->found_count, hash);
    if (s->table[at]) return s->table[at] - 1;
    if (s->count == s->room) return AUTOMATON_DEAD; /* too many states: the caller checks for it */
    struct subset *made = &s->all[s->count];
    *made = (struct subset){ARENA_ARRAY(s->nfa->arena, uint32_t, s->found_count), s->found_count, hash};
    memcpy(made->nodes, s->found, s->found_count * sizeof *made->nodes);
    s->table[at] = s->count + 1;
    return s->count++;
}

/* Returns the first of the arms that match if the text ends in the given state. */
static int32_t taken_at(struct subsets *s, uint32_t state, uint32_t arms, uint32_t *taken_by)
{
    assert(state < s->count);
    const struct subset subset = s->all[state];
    uint32_t first = NOWHERE;
    subsets_spend(s, subset.count);
    visit_begin(s);
    for (uint32_t i = 0; i < subset.count; i++) {
        s->marks[subset.nodes[i]] = 0; /* a node that an END of this loop has led to is found a second time */
        subsets_visit(s, subset.nodes[i], false, true);
    }
    for (uint32_t i = 0; i < s->found_count; i++) {
        const struct nfa_node *node = &s->nfa->nodes[s->found[i]];
        if (node->kind == NODE_FITS && node->out < first) first = node->out;
    }
    for (uint32_t i = 0; i < s->found_count; i++) {
        const struct nfa_node *node = &s->nfa->nodes[s->found[i]];
        if (node->kind != NODE_FITS || taken_by[node->out] == node->out) continue;
        if (first == node->out || taken_by[node->out] == NOWHERE) taken_by[node->out] = first;
    }
    return first < arms ? (int32_t)first : -1;
}

/* Divides the bytes into classes: bytes that every node treats alike are in one class; returns how many classes
 * there are. */
static uint32_t make_classes(const struct nfa *n, uint8_t classes[256], uint8_t firsts[256])
{
    bool begins[257] = {true};
    for (uint32_t i = 0; i < n->count; i++) {
        if (n->nodes[i].kind != NODE_BYTES) continue;
        begins[n->nodes[i].low] = true;
        begins[n->nodes[i].high + 1] = true;
    }
    uint32_t width = 0;
    for (uint32_t byte = 0; byte < 256; byte++) {
        if (begins[byte]) firsts[width++] = (uint8_t)byte;
        classes[byte] = (uint8_t)(width - 1);
    }
    return width;
}

/* Finds the nodes that are reached from the state by the given byte. */
static void regex_step(struct subsets *s, uint32_t state, uint8_t byte)
{
    assert(state < s->count);
    const struct subset subset = s->all[state];
    subsets_spend(s, subset.count);
    visit_begin(s);
    for (uint32_t i = 0; i < subset.count; i++) {
        const struct nfa_node *node = &s->nfa->nodes[subset.nodes[i]];
        if (node->kind == NODE_BYTES && byte >= node->low && byte <= node->high)
            subsets_visit(s, node->out, false, false);
    }
}

static struct subsets subsets_new(struct nfa *n)
{
    struct subsets s = {.nfa = n, .room = AUTOMATON_STATES_MAX + 1, .table_room = 16384};
    s.all = ARENA_ARRAY(n->arena, struct subset, s.room);
    s.table = ARENA_ARRAY(n->arena, uint32_t, s.table_room);
    s.stack = ARENA_ARRAY(n->arena, uint32_t, 2 * n->count + 2);
    s.marks = ARENA_ARRAY(n->arena, uint32_t, n->count + 1);
    s.found = ARENA_ARRAY(n->arena, uint32_t, n->count + 1);
    return s;
}

/* Copies the automaton from the scratch arena into `arena`. */
static const struct automaton *automaton_kept(struct arena *arena, const struct automaton *found, uint32_t arms)
{
    struct automaton *made = ARENA_NEW(arena, struct automaton);
    size_t cells = (size_t)found->states * found->width;
    int32_t *accepts = ARENA_ARRAY(arena, int32_t, found->states + 1);
    uint16_t *next = ARENA_ARRAY(arena, uint16_t, cells + 1);
    uint32_t *taken_by = ARENA_ARRAY(arena, uint32_t, arms + 1);
    memcpy(accepts, found->accepts, found->states * sizeof *accepts);
    memcpy(next, found->next, cells * sizeof *next);
    memcpy(taken_by, found->taken_by, arms * sizeof *taken_by);
    *made = *found;
    made->accepts = accepts;
    made->next = next;
    made->taken_by = taken_by;
    return made;
}

/* Makes the states and their transitions, and finds for each state which arm is taken if the text ends there. False:
 * there are too many states, or `work` is used up. */
static bool regex_determine(struct nfa *n, const uint32_t *starts, uint32_t arms, uint64_t *work,
                            struct automaton *made)
{
    struct subsets s = subsets_new(n);
    uint8_t firsts[256];
    uint32_t *taken_by = ARENA_ARRAY(n->arena, uint32_t, arms + 1);
    for (uint32_t i = 0; i < arms; i++) taken_by[i] = NOWHERE;
    s.work = work;
    made->width = make_classes(n, made->classes, firsts);
    uint16_t *next = ARENA_ARRAY(n->arena, uint16_t, (size_t)s.room * made->width);
    int32_t *accepts = ARENA_ARRAY(n->arena, int32_t, s.room);
    visit_begin(&s);
    for (uint32_t i = 0; i < arms; i++) subsets_visit(&s, starts[i], true, false);
    subsets_state(&s);
    for (uint32_t state = 0; state < s.count; state++) {
        accepts[state] = taken_at(&s, state, arms, taken_by);
        for (uint32_t class = 0; class < made->width; class ++) {
            regex_step(&s, state, firsts[class]);
            next[state * made->width + class] = (uint16_t)subsets_state(&s);
        }
        if (s.count > AUTOMATON_STATES_MAX || !*work) return false;
    }
    made->states = s.count;
    made->accepts = accepts;
    made->next = next;
    made->taken_by = taken_by;
    return true;
}

const struct automaton *automaton_build(struct arena *arena, const struct regex_arm *arms, uint32_t count,
                                        uint64_t *work, struct regex_error *error)
{
    struct arena *scratch = arena_new();
    struct nfa n = {.arena = scratch};
    struct automaton made = {.width = 0};
    uint32_t *starts = ARENA_ARRAY(scratch, uint32_t, count + 1);
    bool good = true;
    *error = (struct regex_error){0};
    for (uint32_t i = 0; i < count && good; i++) {
        starts[i] = build_arm(&n, &arms[i], i);
        *error = (struct regex_error){.arm = i, .text = n.wrong};
        good = !n.wrong && !n.large;
    }
    good = good && regex_determine(&n, starts, count, work, &made);
    const struct automaton *automaton = good ? automaton_kept(arena, &made, count) : NULL;
    arena_free(scratch);
    return automaton;
}

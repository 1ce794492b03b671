/* vm/writer_table.c - Writes tables of an image: for SEGMENT, where ranges become ascending and disjoint, and texts
 * a trie; and for zones and capacities.
 *
 *     segment priority { 1..5 -> A; 3..9 -> B; else -> C }        pieces: 1..5 A, 6..9 B
 *
 * The first arm that takes a number applies, so a later range is reduced to the pieces that no earlier one covers;
 * the interpreter then finds a piece by binary search. Texts become a trie, which is searched byte by byte. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/writer_data.h"
#include "base/regex.h"

static struct segment *last_segment(struct image_writer *w)
{
    assert(w->segments.length);
    return (struct segment *)(void *)(w->segments.bytes + w->segments.length) - 1;
}

void writer_segment_begin(struct image_writer *w, unsigned a, enum table_kind kind)
{
    assert(w->in_function && kind != TABLE_ZONE && kind != TABLE_CAPACITY && kind != TABLE_PREFER &&
           kind != TABLE_VIEW);
    struct segment segment = {.kind = (uint32_t)kind, .arms = rows_of(&w->arms, sizeof(struct arm)), .reg = a};
    buffer_put(&w->segments, &segment, sizeof segment);
}

static void writer_add_arm(struct image_writer *w, const struct arm *arm)
{
    buffer_put(&w->arms, arm, sizeof *arm);
    if (++last_segment(w)->count > 0xfffe && !w->over) w->over = "a segment has more than 65,534 patterns";
}

void writer_segment_text(struct image_writer *w, const char *bytes, uint32_t length, bool prefix, uint32_t label)
{
    struct arm arm = {.text = (uint32_t)w->arm_text.length, .length = length, .prefix = prefix, .label = label};
    buffer_put(&w->arm_text, bytes, length);
    writer_add_arm(w, &arm);
}

void writer_segment_range(struct image_writer *w, int64_t first, int64_t last, uint32_t label)
{
    struct arm arm = {.first = first, .last = last, .label = label};
    writer_add_arm(w, &arm);
}

static uint32_t writer_put_blob(struct image_writer *w, const void *words, uint32_t count)
{
    uint32_t at = rows_of(&w->blob, 4);
    buffer_put(&w->blob, words, count * sizeof(uint32_t));
    return at;
}

/* layout of `blob`: | states | width | classes of the 256 bytes | accepts, one per state | next, two states per word
 * |
 *
 * `accepts` contains numbers of arms here; build_automaton() adds the arms' targets. */
void writer_segment_automaton(struct image_writer *w, const uint8_t classes[256], uint32_t width, uint32_t states,
                              const int32_t *accepts, const uint16_t *next)
{
    struct segment *segment = last_segment(w);
    assert(segment->kind == TABLE_AUTOMATON && width > 0);
    uint32_t halves = states * width, *words = memory_new((halves + 1) / 2 * sizeof *words + 4);
    for (uint32_t i = 0; i < halves; i++) words[i / 2] |= (uint32_t)next[i] << 16 * (i % 2);
    segment->blob = writer_put_blob(w, (const uint32_t[]){states, width}, 2);
    writer_put_blob(w, classes, AUTOMATON_CLASS_WORDS);
    writer_put_blob(w, accepts, states);
    writer_put_blob(w, words, (halves + 1) / 2);
    segment->blob_words = rows_of(&w->blob, 4) - segment->blob;
    if (states > AUTOMATON_STATES_MAX && !w->over) w->over = "the patterns of a segment have more than 4,096 states";
    free(words);
}

/* Adds a zone's table; it is stored once in an image, whatever function uses it first. Its number is assigned when
 * it is made, and it is written with the tables of the segments, in the order of their numbers. */
uint32_t writer_zone(struct image_writer *w, const char *name, const int64_t *from, const int32_t *offsets,
                     uint32_t count)
{
    uint32_t length = (uint32_t)strlen(name), padded[(ZONE_NAME_MAX + 3) / 4] = {0};
    assert(length <= ZONE_NAME_MAX);
    const struct zone_row *rows = (const struct zone_row *)(void *)w->zones.bytes;
    for (uint32_t i = 0; i < rows_of(&w->zones, sizeof *rows); i++)
        if (rows[i].length == length && memcmp(w->zone_text.bytes + rows[i].name, name, length) == 0)
            return rows[i].table;
    struct segment segment = {.kind = TABLE_ZONE, .blob = writer_put_blob(w, (const uint32_t[]){count, length}, 2)};
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = (uint64_t)from[i];
        writer_put_blob(w, (const uint32_t[]){(uint32_t)at, (uint32_t)(at >> 32), (uint32_t)offsets[i]}, 3);
    }
    memcpy(padded, name, length);
    writer_put_blob(w, padded, (length + 3) / 4);
    segment.blob_words = rows_of(&w->blob, 4) - segment.blob;
    struct zone_row row = {(uint32_t)w->zone_text.length, length, w->table_count++};
    buffer_put(&w->segments, &segment, sizeof segment);
    buffer_put(&w->zone_text, name, length);
    buffer_put(&w->zones, &row, sizeof row);
    return row.table;
}

void writer_capacity(struct image_writer *w, const char *name, const struct capacity_row *rows, uint32_t count)
{
    uint32_t length = (uint32_t)strlen(name), padded[(CAPACITY_NAME_MAX + 3) / 4] = {0};
    assert(count <= CAPACITY_ROWS_MAX);
    if (length > CAPACITY_NAME_MAX) {
        if (!w->over) w->over = "the name of a capacity has more than 64 bytes";
        return;
    }
    struct segment segment = {.kind = TABLE_CAPACITY, .blob = writer_put_blob(w, (const uint32_t[]){count, length}, 2)};
    for (uint32_t i = 0; i < count; i++) writer_put_blob(w, (const uint32_t[]){capacity_word(rows[i])}, 1);
    memcpy(padded, name, length);
    writer_put_blob(w, padded, (length + 3) / 4);
    segment.blob_words = rows_of(&w->blob, 4) - segment.blob;
    buffer_put(&w->segments, &segment, sizeof segment);
    w->table_count++;
}

void writer_prefer(struct image_writer *w, uint32_t order, const struct prefer_row *rows, uint32_t count)
{
    struct segment segment = {.kind = TABLE_PREFER, .blob = writer_put_blob(w, (const uint32_t[]){count, order}, 2)};
    if (count > PREFER_RULES_MAX && !w->over) w->over = "the order for agents names more than 2,000 virtual queues";
    for (uint32_t i = 0; i < count; i++)
        writer_put_blob(w, (const uint32_t[]){rows[i].name, rows[i].rank, rows[i].delay_ms}, 3);
    segment.blob_words = rows_of(&w->blob, 4) - segment.blob;
    buffer_put(&w->segments, &segment, sizeof segment);
    w->table_count++;
}

static void view_put_text(struct image_writer *w, const char *text)
{
    struct image_text row = writer_string(w, text ? text : "", text ? (uint32_t)strlen(text) : 0);
    writer_put_blob(w, (const uint32_t[]){row.offset, row.length}, 2);
}

void writer_view(struct image_writer *w, const struct writer_view *view)
{
    struct segment segment = {.kind = TABLE_VIEW};
    segment.blob = writer_put_blob(w, (const uint32_t[]){view->column_count, view->condition_count}, 2);
    view_put_text(w, view->name);
    writer_put_blob(w, &view->bin, 1);
    view_put_text(w, view->order);
    for (uint32_t i = 0; i < view->column_count; i++) view_put_text(w, view->columns[i]);
    for (uint32_t i = 0; i < view->condition_count; i++) {
        const struct writer_condition *one = &view->conditions[i];
        uint64_t number = (uint64_t)one->number;
        view_put_text(w, one->column);
        writer_put_blob(w, (const uint32_t[]){one->sign | one->kind << 8}, 1);
        view_put_text(w, one->text);
        writer_put_blob(w, (const uint32_t[]){(uint32_t)number, (uint32_t)(number >> 32)}, 2);
    }
    segment.blob_words = rows_of(&w->blob, 4) - segment.blob;
    buffer_put(&w->segments, &segment, sizeof segment);
    w->table_count++;
}

uint32_t writer_segment_end(struct image_writer *w, uint32_t default_label)
{
    struct segment *segment = last_segment(w);
    segment->fallback = default_label;
    return writer_abx(w, OP_SEGMENT, segment->reg, (int)w->table_count++);
}

static void writer_put_word(struct image_writer *w, uint32_t word)
{
    buffer_put(&w->section[SECTION_TABLES], &word, sizeof word);
}

/* Ranges are divided into pieces, ascending and disjoint: the parts that an arm covers and no earlier arm does. */
struct piece {
    int64_t first, last;
    uint32_t label;
};

/* Merges two lists of pieces: where both cover a number, the piece of `before` is kept. Both lists ascend and are
 * disjoint, so one pass is enough; a piece of `behind` may be cut into several.
 *
 *     before:    3..5            9..12
 *     behind: 1........7      8....10
 *     result: 1..2 3..5 6..7  8 9..12
 */
static struct buffer both_pieces(const struct buffer *before, const struct buffer *behind)
{
    const struct piece *over = (const struct piece *)(const void *)before->bytes;
    const struct piece *under = (const struct piece *)(const void *)behind->bytes;
    uint32_t at = 0, count = rows_of(before, sizeof *over);
    struct buffer pieces = {0};
    for (uint32_t i = 0; i < rows_of(behind, sizeof *under); i++) {
        struct piece rest = under[i];
        bool covered = at > 0 && over[at - 1].last >= rest.last;
        if (!covered && at > 0 && over[at - 1].last >= rest.first) rest.first = over[at - 1].last + 1;
        for (; !covered && at < count && over[at].first <= rest.last; at++) {
            if (over[at].first > rest.first) {
                struct piece until = {rest.first, over[at].first - 1, rest.label};
                buffer_put(&pieces, &until, sizeof until);
            }
            buffer_put(&pieces, &over[at], sizeof *over);
            covered = over[at].last >= rest.last;
            if (!covered && over[at].last >= rest.first) rest.first = over[at].last + 1;
        }
        if (!covered) buffer_put(&pieces, &rest, sizeof rest);
    }
    if (at < count) buffer_put(&pieces, &over[at], (count - at) * sizeof *over);
    return pieces;
}

/* Divides the arms into halves and merges their pieces, so that the cost for many arms does not grow with the square
 * of their number. An arm whose first number is above its last covers nothing. */
static struct buffer pieces_of(const struct arm *arms, uint32_t count)
{
    struct buffer pieces = {0};
    if (count > 1) {
        struct buffer before = pieces_of(arms, count / 2), behind = pieces_of(arms + count / 2, count - count / 2);
        pieces = both_pieces(&before, &behind);
        buffer_free(&before);
        buffer_free(&behind);
    } else if (count == 1 && arms->first <= arms->last) {
        struct piece one = {arms->first, arms->last, arms->label};
        buffer_put(&pieces, &one, sizeof one);
    }
    return pieces;
}

/* Writes ranges; 64-bit numbers take two words, the lower half first. */
static void build_ranges(struct image_writer *w, const struct arm *arms, const struct segment *segment)
{
    struct buffer pieces = pieces_of(arms, segment->count);
    const struct piece *rows = (const struct piece *)(void *)pieces.bytes;
    uint32_t count = rows_of(&pieces, sizeof *rows);
    writer_put_word(w, count);
    writer_put_word(w, writer_label_pc(w, segment->fallback));
    for (uint32_t i = 0; i < count; i++) {
        writer_put_word(w, (uint32_t)(uint64_t)rows[i].first);
        writer_put_word(w, (uint32_t)((uint64_t)rows[i].first >> 32));
        writer_put_word(w, (uint32_t)(uint64_t)rows[i].last);
        writer_put_word(w, (uint32_t)((uint64_t)rows[i].last >> 32));
        writer_put_word(w, writer_label_pc(w, rows[i].label));
    }
    buffer_free(&pieces);
}

/* For texts: arms are sorted by their bytes, and nodes are in breadth-first order, each a run of arms with the same
 * first bytes. */
struct node {
    uint32_t first, count, depth;
};

static int arm_order(const struct image_writer *w, const struct arm *a, const struct arm *b)
{
    uint32_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter ? memcmp(w->arm_text.bytes + a->text, w->arm_text.bytes + b->text, shorter) : 0;
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Sorts the numbers of the arms by a stable merge sort. */
static void sort_arms(const struct image_writer *w, const struct arm *arms, uint32_t *order, uint32_t count)
{
    uint32_t *spare = memory_new((size_t)(count + 1) * sizeof *spare);
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t start = 0; start < count; start += 2 * width) {
            uint32_t middle = start + width < count ? start + width : count;
            uint32_t end = start + 2 * width < count ? start + 2 * width : count;
            uint32_t a = start, b = middle;
            for (uint32_t i = start; i < end; i++) {
                bool left = b == end || (a < middle && arm_order(w, &arms[order[a]], &arms[order[b]]) <= 0);
                spare[i] = left ? order[a++] : order[b++];
            }
        }
        memcpy(order, spare, count * sizeof *order);
    }
    free(spare);
}

struct trie {
    struct image_writer *w;
    const struct arm *arms;
    uint32_t *order;
    struct buffer nodes;    /* struct node */
    struct buffer rows;     /* u32[4] each */
    struct buffer children; /* u32 */
};

static uint8_t byte_at(const struct trie *t, uint32_t position, uint32_t depth)
{
    return t->w->arm_text.bytes[t->arms[t->order[position]].text + depth];
}

/* Takes the arms that end at this node, which come first in its run. The lowest rank is stored: rank << 16 | target. */
static uint32_t take_ends(struct trie *t, const struct node *node, uint32_t row[4])
{
    uint32_t taken = 0;
    row[2] = row[3] = TABLE_NO;
    for (; taken < node->count; taken++) {
        uint32_t rank = t->order[node->first + taken];
        const struct arm *arm = &t->arms[rank];
        if (arm->length > node->depth) break;
        uint32_t word = rank << 16 | writer_label_pc(t->w, arm->label), *place = arm->prefix ? &row[3] : &row[2];
        if (word < *place) *place = word;
    }
    return taken;
}

/* Adds a node's children, with an entry per byte from the lowest to the highest that occurs; 0: no arm has that
 * byte. A child's number is that of the next node, because nodes are made in breadth-first order. */
static void add_children(struct trie *t, const struct node *node, uint32_t taken, uint32_t row[4])
{
    uint32_t at = node->first + taken, end = node->first + node->count;
    if (at == end) return;
    uint32_t low = byte_at(t, at, node->depth), span = byte_at(t, end - 1, node->depth) - low + 1u;
    /* the child's offset is relative; it is corrected at the end, when the number of nodes is known */
    row[0] = rows_of(&t->children, 4);
    row[1] = low | span << 16;
    buffer_add(&t->children, span * sizeof(uint32_t));
    while (at < end) {
        uint32_t run = at, byte = byte_at(t, at, node->depth);
        while (at < end && byte_at(t, at, node->depth) == byte) at++;
        struct node child = {run, at - run, node->depth + 1};
        ((uint32_t *)(void *)t->children.bytes)[row[0] + byte - low] = rows_of(&t->nodes, sizeof child);
        buffer_put(&t->nodes, &child, sizeof child);
    }
}

/* Builds a trie; `nodes` grows during the loop over it: each node appends its children. Offsets of children are
 * relative to a separate buffer until the number of nodes is known. */
static void build_trie(struct image_writer *w, const struct arm *arms, const struct segment *segment)
{
    struct trie t = {.w = w, .arms = arms};
    t.order = memory_new((size_t)(segment->count + 1) * sizeof *t.order);
    for (uint32_t i = 0; i < segment->count; i++) t.order[i] = i;
    sort_arms(w, arms, t.order, segment->count);
    struct node root = {0, segment->count, 0};
    buffer_put(&t.nodes, &root, sizeof root);
    for (uint32_t i = 0; i < rows_of(&t.nodes, sizeof root); i++) {
        struct node node = ((const struct node *)(void *)t.nodes.bytes)[i];
        uint32_t row[4] = {0};
        add_children(&t, &node, take_ends(&t, &node, row), row);
        buffer_put(&t.rows, row, sizeof row);
    }
    uint32_t count = rows_of(&t.nodes, sizeof root), *rows = (uint32_t *)(void *)t.rows.bytes;
    writer_put_word(w, count);
    writer_put_word(w, writer_label_pc(w, segment->fallback));
    for (uint32_t i = 0; i < count; i++)
        if (rows[4 * i + 1]) rows[4 * i] += 4 + 4 * count;
    buffer_put(&w->section[SECTION_TABLES], t.rows.bytes, t.rows.length);
    buffer_put(&w->section[SECTION_TABLES], t.children.bytes, t.children.length);
    buffer_free(&t.nodes);
    buffer_free(&t.rows);
    buffer_free(&t.children);
    free(t.order);
}

static const uint32_t *writer_blob_of(const struct image_writer *w, const struct segment *segment)
{
    return (const uint32_t *)(void *)w->blob.bytes + segment->blob;
}

/* Builds an automaton; in the image a state has the target itself instead of an arm's number. */
static void build_automaton(struct image_writer *w, const struct arm *arms, const struct segment *segment)
{
    const uint32_t *blob = writer_blob_of(w, segment);
    uint32_t states = blob[0], accepts = 2 + AUTOMATON_CLASS_WORDS;
    writer_put_word(w, states);
    writer_put_word(w, writer_label_pc(w, segment->fallback));
    for (uint32_t i = 1; i < segment->blob_words; i++) {
        bool accept = i >= accepts && i < accepts + states;
        uint32_t word = writer_blob_of(w, segment)[i];
        writer_put_word(w, accept && word != TABLE_NO ? word << 16 | writer_label_pc(w, arms[word].label) : word);
    }
}

/* Writes a zone or a capacity, as it was collected in `blob`. */
static void build_blob(struct image_writer *w, const struct segment *segment)
{
    for (uint32_t i = 0; i < segment->blob_words; i++) writer_put_word(w, writer_blob_of(w, segment)[i]);
}

void writer_table_build(struct image_writer *w, const struct segment *segment)
{
    const struct arm *arms = (const struct arm *)(void *)w->arms.bytes; /* NULL if no segment has arms */
    if (arms) arms += segment->arms;
    uint32_t start = rows_of(&w->section[SECTION_TABLES], 4);
    buffer_put(&w->table_starts, &start, sizeof start);
    bool own = segment->kind == TABLE_ZONE || segment->kind == TABLE_CAPACITY || segment->kind == TABLE_PREFER ||
               segment->kind == TABLE_VIEW; /* such a table belongs to no function */
    writer_put_word(w, segment->kind);
    writer_put_word(w, own ? (uint32_t)IMAGE_NONE
                           : rows_of(&w->section[SECTION_FUNCTIONS], sizeof(struct image_function)));
    if (own)
        build_blob(w, segment);
    else if (segment->kind == TABLE_AUTOMATON)
        build_automaton(w, arms, segment);
    else if (segment->kind == TABLE_RANGES)
        build_ranges(w, arms, segment);
    else
        build_trie(w, arms, segment);
}

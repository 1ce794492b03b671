/* runtime/core/interactions/hand_over.c - Hand-overs of calls between switches: rows in a pool, found by the legs of
 * the calls and by the external routing points that the calls hold.
 *
 *     switch A: leg from_conn ---- dialled: code + number ----> switch B: leg conn
 *
 *     BEGUN     the call was sent to B; B has not told of it     found by from_conn
 *     CLAIMED   B tells of a call that says it came from A       found by from_conn and conn
 *     ARRIVED   both legs are known to be one call               found by from_conn and conn
 *     RESTS     given up; the number is held for a while         found by conn and by the point
 *     FREE
 *
 * A call that comes in at an external routing point brings no ConnID. The point itself tells which call it is, so
 * only one call may hold a point at a time. Rows end by time, and each new row checks a few old ones, so no timer is
 * needed. */
#include "runtime/core/interactions/hand_over.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/source.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/vocabulary/rows.h"

enum {
    ENDED_US = 60000000,   /* how long the legs of a call that has ended stay known */
    CLAIMED_US = 10000000, /* how long the switch from which a call came has to report it */
    SWEEP_ROWS = 8,
};

static uint64_t hand_over_from_key(const void *owner, uint32_t slot)
{
    return ((const struct hand_overs *)owner)->all[slot].from_conn;
}

static uint64_t hand_over_conn_key(const void *owner, uint32_t slot)
{
    return ((const struct hand_overs *)owner)->all[slot].conn;
}

static uint64_t hand_over_point(unsigned link, uint32_t number)
{
    return (uint64_t)link << 32 | number;
}

static uint64_t hand_over_number_key(const void *owner, uint32_t slot)
{
    const struct hand_over *row = &((const struct hand_overs *)owner)->all[slot];
    return hand_over_point(row->to, row->number);
}

static void hand_overs_init(void *self, const struct parts *parts)
{
    struct hand_overs *hand_overs = self;
    *hand_overs = (struct hand_overs){
        .now = parts->now, .names = parts->names, .accesses = parts->accesses, .free = HAND_OVER_NONE};
    lookup_init(&hand_overs->by_from, hand_overs, hand_over_from_key);
    lookup_init(&hand_overs->by_conn, hand_overs, hand_over_conn_key);
    lookup_init(&hand_overs->by_number, hand_overs, hand_over_number_key);
}

static void hand_overs_free(void *self)
{
    struct hand_overs *hand_overs = self;
    free(hand_overs->all);
    lookup_free(&hand_overs->by_from);
    lookup_free(&hand_overs->by_conn);
    lookup_free(&hand_overs->by_number);
}

static uint64_t hand_over_row_hash(const struct hand_over *row)
{
    uint64_t hash = table_mix64(table_mix64(table_mix64(row->ixn + row->from_conn) + row->conn) + row->until_us);
    hash = table_mix64(hash + ((uint64_t)row->number << 32 | row->dest));
    return table_mix64(hash + ((uint64_t)row->from << 48 | (uint64_t)row->to << 32 | (uint64_t)row->state << 16 |
                               (uint64_t)row->type << 8 | (uint64_t)row->nth << 2 | (uint64_t)row->holds << 1 |
                               row->sent_on));
}

/* Takes the row, which is about to change, out of the sum of the digest. */
static void row_changes(struct hand_overs *hand_overs, const struct hand_over *row)
{
    hand_overs->content -= hand_over_row_hash(row);
}

static void row_changed(struct hand_overs *hand_overs, const struct hand_over *row)
{
    hand_overs->content += hand_over_row_hash(row);
}

/* True: the row is found by the leg that its call has left or will leave. */
static bool hand_over_under_way(const struct hand_over *row)
{
    return row->state != HAND_OVER_FREE && row->state != HAND_OVER_RESTS;
}

static void point_release(struct hand_overs *hand_overs, struct hand_over *row)
{
    if (row->holds) lookup_remove(&hand_overs->by_number, hand_over_point(row->to, row->number));
    row->holds = false;
}

/* Takes the row out of each lookup in which its state puts it, then frees the row. */
static void hand_over_drop(struct hand_overs *hand_overs, struct hand_over *row)
{
    assert(row->state != HAND_OVER_FREE);
    row_changes(hand_overs, row);
    if (hand_over_under_way(row)) lookup_remove(&hand_overs->by_from, row->from_conn);
    if (row->conn != 0) lookup_remove(&hand_overs->by_conn, row->conn);
    point_release(hand_overs, row);
    POOL_GIVE(hand_overs, (uint32_t)(row - hand_overs->all), next);
}

static bool hand_over_lapsed(const struct hand_overs *hand_overs, const struct hand_over *row)
{
    return row->state != HAND_OVER_FREE && row->until_us != 0 && row->until_us <= hand_overs->now->time_us;
}

/* Frees a few rows whose time is over; it is called for each new row and frees more than one, so the table stays
 * small. */
static void hand_overs_sweep(struct hand_overs *hand_overs)
{
    for (uint32_t rows = 0; rows < SWEEP_ROWS && rows < hand_overs->count; rows++) {
        if (++hand_overs->swept >= hand_overs->count) hand_overs->swept = 0;
        struct hand_over *row = &hand_overs->all[hand_overs->swept];
        if (hand_over_lapsed(hand_overs, row)) hand_over_drop(hand_overs, row);
    }
}

static struct hand_over *row_by(const struct hand_overs *hand_overs, const struct lookup *lookup, uint64_t key)
{
    uint32_t slot;
    return key != 0 && lookup_find(lookup, key, &slot) ? &hand_overs->all[slot] : NULL;
}

struct hand_over *hand_over_from(const struct hand_overs *hand_overs, uint64_t from_conn)
{
    struct hand_over *row = row_by(hand_overs, &hand_overs->by_from, from_conn);
    return row && row->state == HAND_OVER_BEGUN ? row : NULL;
}

struct hand_over *hand_over_by(const struct hand_overs *hand_overs, uint64_t conn)
{
    struct hand_over *row = row_by(hand_overs, &hand_overs->by_conn, conn);
    return row && row->state == HAND_OVER_ARRIVED ? row : NULL;
}

struct hand_over *hand_over_left(const struct hand_overs *hand_overs, uint64_t from_conn)
{
    struct hand_over *row = row_by(hand_overs, &hand_overs->by_from, from_conn);
    return row && row->state == HAND_OVER_ARRIVED ? row : NULL;
}

/* Frees the ConnID, which another row gets now. A switch may use a ConnID again for another call: the earlier call
 * has ended then, whatever its row still waits for. */
static void hand_over_conn_free(struct hand_overs *hand_overs, uint64_t conn)
{
    struct hand_over *before = row_by(hand_overs, &hand_overs->by_conn, conn);
    if (before) hand_over_drop(hand_overs, before);
}

/* Returns an external routing point that no call holds; 0: none. */
static uint32_t point_free(struct hand_overs *hand_overs, const struct access *access, unsigned to)
{
    for (unsigned at = 0; at < access->point_count; at++) {
        struct hand_over *row = row_by(hand_overs, &hand_overs->by_number, hand_over_point(to, access->points[at]));
        if (row && hand_over_lapsed(hand_overs, row)) {
            hand_over_drop(hand_overs, row);
            row = NULL;
        }
        if (!row && access->points[at] != 0) return access->points[at];
    }
    return 0;
}

/* Returns the name of the text that is dialled: the code, then the number; 0: it is too long. */
static uint32_t number_dialled(struct hand_overs *hand_overs, const struct access *access, uint32_t number)
{
    struct span code = names_text(hand_overs->names, access->code), text = names_text(hand_overs->names, number);
    uint8_t dialled[2 * NAME_BYTES_MAX];
    assert(code.length <= NAME_BYTES_MAX && text.length <= NAME_BYTES_MAX);
    if (code.length != 0) memcpy(dialled, code.bytes, code.length);
    if (text.length != 0) memcpy(dialled + code.length, text.bytes, text.length);
    return names_pass(hand_overs->names, (struct span){dialled, code.length + text.length});
}

static struct hand_over *row_new(struct hand_overs *hand_overs, const struct hand_over *as)
{
    hand_over_conn_free(hand_overs, as->conn);
    if (hand_overs->free == HAND_OVER_NONE && hand_overs->count >= HAND_OVERS_MAX) return NULL;
    uint32_t slot = POOL_TAKE(hand_overs, next);
    hand_overs->all[slot] = *as;
    lookup_add(&hand_overs->by_from, slot);
    if (as->conn != 0) lookup_add(&hand_overs->by_conn, slot);
    if (as->holds) lookup_add(&hand_overs->by_number, slot);
    row_changed(hand_overs, &hand_overs->all[slot]);
    return &hand_overs->all[slot];
}

/* Begins a hand-over. If the call has begun this route already, the same row is returned: a repeated effect must not
 * hold a second point. Route types are tried in the order of the access, from `nth` on; a type without a free point,
 * or with a number too long to dial, is skipped. */
struct hand_over *hand_over_begin(struct hand_overs *hand_overs, const struct hand_over_wanted *wanted)
{
    const struct access *access = access_between(hand_overs->accesses, wanted->from, wanted->to);
    struct hand_over *before = row_by(hand_overs, &hand_overs->by_from, wanted->from_conn);
    if (before && before->state != HAND_OVER_BEGUN) {
        hand_over_drop(hand_overs, before);
        before = NULL;
    }
    if (before && before->to == wanted->to && before->dest == wanted->dest && before->nth >= wanted->nth) return before;
    if (before) hand_over_rests(hand_overs, before);
    hand_overs_sweep(hand_overs);
    for (uint8_t nth = wanted->nth; access && nth < access->type_count; nth++) {
        bool by_point = access->types[nth] == access_type_point;
        uint32_t number = by_point ? point_free(hand_overs, access, wanted->to) : wanted->dest;
        uint32_t dialled = number != 0 ? number_dialled(hand_overs, access, number) : 0;
        if (dialled == 0) continue;
        return row_new(hand_overs, &(struct hand_over){.ixn = wanted->ixn,
                                                       .from_conn = wanted->from_conn,
                                                       .number = number,
                                                       .dialled = dialled,
                                                       .dest = wanted->dest,
                                                       .from = (uint16_t)wanted->from,
                                                       .to = (uint16_t)wanted->to,
                                                       .state = HAND_OVER_BEGUN,
                                                       .type = access->types[nth],
                                                       .nth = nth,
                                                       .holds = by_point});
    }
    return NULL;
}

/* True: the number is one of those that the switch reported with the call. */
static bool is_among(uint32_t number, const uint32_t numbers[], uint32_t count)
{
    for (uint32_t at = 0; at < count; at++)
        if (numbers[at] == number) return true;
    return false;
}

/* Returns the row whose point is awaited at the number: the point's own number, or the number with the code still in
 * front, where nothing between the two switches removes the code. */
static struct hand_over *held_at(const struct hand_overs *hand_overs, unsigned link, uint32_t number)
{
    if (number == 0 || hand_overs->by_number.count == 0) return NULL;
    struct hand_over *row = row_by(hand_overs, &hand_overs->by_number, hand_over_point(link, number));
    uint32_t at = 0, behind;
    while (!row && (behind = accesses_behind(hand_overs->accesses, link, number, &at)) != 0) {
        row = row_by(hand_overs, &hand_overs->by_number, hand_over_point(link, behind));
        if (row && row->dialled != number) row = NULL;
    }
    return row;
}

/* Returns the row that awaits the call. `stray`: the call belongs to a hand-over that has arrived already. A leg of
 * such a call must not become a new interaction. */
struct hand_over *hand_over_awaits(const struct hand_overs *hand_overs, unsigned link, uint64_t brought,
                                   const uint32_t numbers[], uint32_t count, bool *stray)
{
    struct hand_over *row = hand_over_from(hand_overs, brought), *held = NULL;
    for (uint32_t at = 0; !held && at < count; at++) held = held_at(hand_overs, link, numbers[at]);
    if (held && hand_over_lapsed(hand_overs, held)) held = NULL;
    bool comes = row && (is_among(row->number, numbers, count) || is_among(row->dialled, numbers, count));
    if (row && (row->to != link || !comes)) row = NULL;
    if (!row && brought == 0 && held && held->state == HAND_OVER_BEGUN) row = held;
    *stray = !row && (held || hand_over_left(hand_overs, brought)); /* a stray: the awaited call has arrived already */
    return row;
}

/* Sets the row to ARRIVED. If the ConnID belonged to an older row, the older call is over: switches use ConnIDs
 * again. */
void hand_over_arrives(struct hand_overs *hand_overs, struct hand_over *row, uint64_t conn)
{
    assert(row->state == HAND_OVER_BEGUN && conn != 0);
    hand_over_conn_free(hand_overs, conn);
    row_changes(hand_overs, row);
    row->state = HAND_OVER_ARRIVED;
    row->conn = conn;
    row_changed(hand_overs, row);
    lookup_add(&hand_overs->by_conn, (uint32_t)(row - hand_overs->all));
}

/* Makes a CLAIMED row. The two switches may report a call in either order. Here the receiving switch was first. The
 * row is dropped if the other switch does not confirm it in time. */
struct hand_over *hand_over_claims(struct hand_overs *hand_overs, const struct hand_over *as)
{
    struct hand_over *before = row_by(hand_overs, &hand_overs->by_from, as->from_conn);
    const struct access *access = access_between(hand_overs->accesses, as->from, as->to);
    bool may = access && access_has(access, access_type_direct) && (!before || before->state == HAND_OVER_CLAIMED);
    uint32_t dialled = may ? number_dialled(hand_overs, access, as->number) : 0;
    if (dialled == 0) return NULL;
    if (before) hand_over_drop(hand_overs, before); /* of two reports of the call, the later one is right */
    hand_overs_sweep(hand_overs);
    struct hand_over claimed = *as;
    claimed.state = HAND_OVER_CLAIMED;
    claimed.type = access_type_direct;
    claimed.dialled = dialled;
    claimed.until_us = hand_overs->now->time_us + CLAIMED_US;
    return row_new(hand_overs, &claimed);
}

struct hand_over *hand_over_claimed(const struct hand_overs *hand_overs, uint64_t from_conn)
{
    struct hand_over *row = row_by(hand_overs, &hand_overs->by_from, from_conn);
    return row && row->state == HAND_OVER_CLAIMED && !hand_over_lapsed(hand_overs, row) ? row : NULL;
}

struct hand_over *hand_over_claiming(const struct hand_overs *hand_overs, uint64_t conn)
{
    struct hand_over *row = row_by(hand_overs, &hand_overs->by_conn, conn);
    return row && row->state == HAND_OVER_CLAIMED ? row : NULL;
}

void hand_over_granted(struct hand_overs *hand_overs, struct hand_over *row)
{
    assert(row->state == HAND_OVER_CLAIMED);
    row_changes(hand_overs, row);
    row->state = HAND_OVER_ARRIVED;
    row->sent_on = true; /* the call is at its destination */
    row->until_us = 0;
    row_changed(hand_overs, row);
}

/* Joins the call to the interaction; the row is made anew because both of its keys change. */
void hand_over_joins(struct hand_overs *hand_overs, struct hand_over *row, uint64_t ixn, uint64_t from_conn)
{
    assert(row->state == HAND_OVER_ARRIVED);
    struct hand_over *before = row_by(hand_overs, &hand_overs->by_from, from_conn);
    struct hand_over joined = *row;
    if (before && before != row) hand_over_drop(hand_overs, before);
    hand_over_drop(hand_overs, row);
    joined.ixn = ixn;
    joined.from_conn = from_conn;
    joined.until_us = 0;
    joined.next = 0;
    (void)row_new(hand_overs, &joined);
}

void hand_over_sent_on(struct hand_overs *hand_overs, struct hand_over *row)
{
    assert(row->state == HAND_OVER_ARRIVED);
    row_changes(hand_overs, row);
    row->sent_on = true;
    point_release(hand_overs, row);
    row_changed(hand_overs, row);
}

/* Sets the row to RESTS. A row that holds no point and has no leg is freed at once. For any other row the call may
 * still arrive, and until then its point must not be given to another call. */
void hand_over_rests(struct hand_overs *hand_overs, struct hand_over *row)
{
    assert(hand_over_under_way(row));
    const struct access *access = access_between(hand_overs->accesses, row->from, row->to);
    if (!row->holds && row->conn == 0) {
        hand_over_drop(hand_overs, row);
        return;
    }
    lookup_remove(&hand_overs->by_from, row->from_conn);
    row_changes(hand_overs, row);
    row->state = HAND_OVER_RESTS;
    row->until_us = hand_overs->now->time_us + (access ? access->arrive_us : UINT64_C(1000000) * ACCESS_ARRIVE_S);
    row_changed(hand_overs, row);
}

bool hand_over_is_other_leg(const struct hand_overs *hand_overs, uint64_t conn)
{
    const struct hand_over *left = row_by(hand_overs, &hand_overs->by_from, conn),
                           *back = row_by(hand_overs, &hand_overs->by_conn, conn);
    return (left && left->state == HAND_OVER_ARRIVED && !hand_over_lapsed(hand_overs, left)) ||
           (back && back->state == HAND_OVER_RESTS && !hand_over_lapsed(hand_overs, back));
}

/* Notes that the leg has ended: it may be the leg that a call has left, or the one by which it arrived; the rows of
 * both are looked up. */
void hand_over_leg_ended(struct hand_overs *hand_overs, uint64_t conn)
{
    struct hand_over *left = row_by(hand_overs, &hand_overs->by_from, conn),
                     *back = row_by(hand_overs, &hand_overs->by_conn, conn);
    if (left && left->state == HAND_OVER_ARRIVED) hand_over_drop(hand_overs, left);
    if (!back || back->state != HAND_OVER_RESTS) return;
    if (back->holds) {
        lookup_remove(&hand_overs->by_conn, conn);
        row_changes(hand_overs, back);
        back->conn = 0;
        row_changed(hand_overs, back);
    } else {
        hand_over_drop(hand_overs, back);
    }
}

/* The interaction ends. Switches may report the legs that its call has left for a while. The legs that a call has left
 * are kept for that time, so that their late events are not taken as new calls. */
static void hand_over_forget(void *self, struct interaction *ix)
{
    struct hand_overs *hand_overs = self;
    struct hand_over *row = hand_over_from(hand_overs, ix->conn);
    if (row && row->ixn == ix->id) hand_over_rests(hand_overs, row);
    for (row = hand_over_by(hand_overs, ix->conn); row && row->ixn == ix->id && row->until_us == 0;
         row = hand_over_by(hand_overs, row->from_conn)) {
        row_changes(hand_overs, row);
        row->until_us = hand_overs->now->time_us + ENDED_US;
        row_changed(hand_overs, row);
    }
}

static uint64_t hand_overs_hash(const void *self)
{
    return ((const struct hand_overs *)self)->content;
}

/* True: the lookups find each hand-over's row as its state demands. */
static bool hand_overs_check(const void *self)
{
    const struct hand_overs *hand_overs = self;
    uint32_t from = 0, conns = 0, numbers = 0;
    uint64_t content = 0;
    for (uint32_t at = 0; at < hand_overs->count; at++) {
        const struct hand_over *row = &hand_overs->all[at];
        if (row->state == HAND_OVER_FREE) continue;
        if (hand_over_under_way(row) && row_by(hand_overs, &hand_overs->by_from, row->from_conn) != row) return false;
        if (row->conn != 0 && row_by(hand_overs, &hand_overs->by_conn, row->conn) != row) return false;
        if (row->state == HAND_OVER_RESTS && row->until_us == 0) return false;
        from += hand_over_under_way(row);
        conns += row->conn != 0;
        numbers += row->holds;
        content += hand_over_row_hash(row);
    }
    return content == hand_overs->content && from == hand_overs->by_from.count && conns == hand_overs->by_conn.count &&
           numbers == hand_overs->by_number.count;
}

static void hand_over_keep(struct hand_overs *hand_overs, struct keeper *keeper, uint32_t slot)
{
    struct hand_over *row = &hand_overs->all[slot];
    row->state = (uint8_t)keep_index(keeper, row->state, HAND_OVER_CLAIMED + 1, HAND_OVER_FREE);
    row->next = keep_index(keeper, row->next, hand_overs->count, HAND_OVER_NONE);
    if (row->state == HAND_OVER_FREE) return;
    row->ixn = keep_u64(keeper, row->ixn);
    row->from_conn = keep_u64(keeper, row->from_conn);
    row->conn = keep_u64(keeper, row->conn);
    row->until_us = keep_u64(keeper, row->until_us);
    row->number = name_keep(hand_overs->names, keeper, row->number);
    row->dialled = name_keep(hand_overs->names, keeper, row->dialled);
    row->dest = name_keep(hand_overs->names, keeper, row->dest);
    row->from = (uint16_t)keep_index(keeper, row->from, SOURCES_MAX, 0);
    row->to = (uint16_t)keep_index(keeper, row->to, SOURCES_MAX, 0);
    row->type = (uint8_t)keep_index(keeper, row->type, access_type_direct + 1, access_type_other);
    row->nth = keep_u8(keeper, row->nth);
    row->holds = keep_bool(keeper, row->holds);
    row->sent_on = keep_bool(keeper, row->sent_on);
    bool whole = row->from_conn != 0 &&
                 ((row->state != HAND_OVER_ARRIVED && row->state != HAND_OVER_CLAIMED) || row->conn != 0) &&
                 (row->state != HAND_OVER_BEGUN || row->conn == 0);
    if (!whole) keep_fail(keeper, "a hand-over has no leg, or one too many");
    if (hand_over_under_way(row)) lookup_restore(&hand_overs->by_from, keeper, slot);
    if (row->conn != 0) lookup_restore(&hand_overs->by_conn, keeper, slot);
    if (row->holds) lookup_restore(&hand_overs->by_number, keeper, slot);
    if (keep_reading(keeper)) row_changed(hand_overs, row);
}

static void hand_overs_keep(void *self, struct keeper *keeper)
{
    struct hand_overs *hand_overs = self;
    POOL_KEEP(hand_overs, keeper, HAND_OVERS_MAX);
    for (uint32_t at = 0; at < hand_overs->count && keep_good(keeper); at++) hand_over_keep(hand_overs, keeper, at);
    hand_overs->swept = keep_u32(keeper, hand_overs->swept);
}

static bool hand_overs_sound(void *self)
{
    struct hand_overs *hand_overs = self;
    struct marks marks = marks_of(hand_overs->count);
    bool good = hand_overs->swept <= hand_overs->count;
    POOL_MARK_FREE(hand_overs, next, state, HAND_OVER_FREE, &marks, good);
    for (uint32_t at = 0; good && at < hand_overs->count; at++) {
        const struct hand_over *row = &hand_overs->all[at];
        if (row->state != HAND_OVER_FREE) good = row->from >= SOURCE_LINKS && row->to >= SOURCE_LINKS && row->ixn != 0;
    }
    marks_free(&marks);
    return good;
}

const struct part_ops part_ops_hand_overs = {
    .size = sizeof(struct hand_overs),
    .since = 4,
    .init = hand_overs_init,
    .free = hand_overs_free,
    .forget = hand_over_forget,
    .hash = hand_overs_hash,
    .check = hand_overs_check,
    .keep = hand_overs_keep,
    .sound = hand_overs_sound,
};

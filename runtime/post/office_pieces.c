/* runtime/post/office_pieces.c - The queue of pieces: each waits until there is room on a connection, the rate
 * allows it, and its item is begun in the book.
 *
 * If the other side reports too many messages, the rate is halved. The same piece is sent again after a pause, which
 * doubles each time; the rate grows by one for every ten seconds without such a refusal. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/post/office_state.h"
#include "base/memory.h"

#define RETRY_MAX_US UINT64_C(3600000000)
enum { GROWS_US = 10000000, PAUSE_MAX_US = 64000000 };

/* The place of a piece in the queue; a notice goes before all other pieces, because what it says is true already. */
static gint piece_place(const struct office *office, bool notice)
{
    gint place = 0;
    if (!notice) return -1;
    for (GList *at = office->pieces.head; at && ((struct post_piece *)at->data)->sending->notice; at = at->next)
        place++;
    return place;
}

void pieces_queue(struct office *office, struct post_sending *sending)
{
    for (unsigned n = 1; n <= sending->pieces; n++) {
        struct post_piece *piece = memory_zeroed(1, sizeof *piece);
        *piece = (struct post_piece){sending, n, ++office->place};
        g_queue_push_nth(&office->pieces, piece, piece_place(office, sending->notice));
    }
    sending->left = sending->pieces;
    office_pump(office);
}

/* Puts a piece back into the queue, before the pieces that were queued after it. */
static void piece_back(struct office *office, struct post_piece *piece)
{
    GList *at = office->pieces.head;
    for (; at; at = at->next) {
        const struct post_piece *other = at->data;
        bool same = other->sending->notice == piece->sending->notice;
        if (same ? other->place > piece->place : piece->sending->notice) break;
    }
    g_queue_insert_before(&office->pieces, at, piece);
}

/* The piece is freed. */
static void piece_over(struct office *office, struct post_piece *piece, enum post_answer answer, const char *why)
{
    struct post_sending *sending = piece->sending;
    assert(sending->left > 0 && !sending->in_thread);
    free(piece);
    if (answer != POST_GIVEN && sending->worst != POST_NO_ANSWER) {
        sending->worst = answer;
        if (why != sending->why) snprintf(sending->why, sizeof sending->why, "%s", why);
    }
    if (sending->worst == POST_GIVEN) sending->why[0] = 0; /* of an earlier time */
    if (--sending->left == 0) sending_settle(office, sending);
}

/* Pauses the items to this customer, because the other side wants fewer; it may mean all customers, so all wait for
 * a second. */
static void pieces_limit(struct office *office, const char *customer, uint64_t wait_us)
{
    uint64_t now_us = office_now(office), *then_us = g_new(uint64_t, 1);
    *then_us = now_us + wait_us;
    g_hash_table_replace(office->limited, g_strdup(customer), then_us);
    office->paused_until_us = MAX(office->paused_until_us, now_us + MIN(wait_us, (uint64_t)OFFICE_SECOND_US));
}

static bool piece_is_limited(const struct office *office, const char *customer)
{
    const uint64_t *then_us = g_hash_table_lookup(office->limited, customer);
    return then_us && office_now(office) < *then_us;
}

/* Halves the rate and stops all sending for a while, because the other side reports too many messages. */
static void pieces_slower(struct office *office)
{
    uint64_t now_us = office_now(office);
    if (now_us >= office->paused_until_us) { /* several refusals at once count as one */
        office->pause_us = office->pause_us == 0 ? OFFICE_SECOND_US : MIN(office->pause_us * 2, (uint64_t)PAUSE_MAX_US);
        office->rate = MAX(1.0, office->rate / 2);
        office->paused_until_us = now_us + office->pause_us;
        office->services->log(office->link, GCX_LOG_WARNING, 0, 0,
                              "the other side asks for less: %.0f a second, after %llu s", office->rate,
                              (unsigned long long)(office->pause_us / OFFICE_SECOND_US));
    }
    office->grown_us = now_us;
    office->tokens = 0;
}

/* Sets the pause after which the item is sent again; it doubles each time. */
static void pieces_put_off(struct office *office, struct post_sending *sending, const char *why)
{
    char what[40];
    uint64_t first_us = office->rules->retry_s * OFFICE_SECOND_US;
    sending->pause_us = sending->pause_us == 0 ? first_us : MIN(sending->pause_us * 2, RETRY_MAX_US);
    sending->next_us = office_now(office) + sending->pause_us;
    snprintf(sending->why, sizeof sending->why, "%s", why);
    snprintf(what, sizeof what, "again in %llu s", (unsigned long long)(sending->pause_us / OFFICE_SECOND_US));
    sending_log(office, GCX_LOG_WARNING, sending, what, why);
}

void office_hurry(struct office *office)
{
    for (GList *at = office->pieces.head; at; at = at->next) {
        struct post_sending *sending = ((struct post_piece *)at->data)->sending;
        sending->next_us = sending->pause_us = 0;
    }
    office_pump(office);
}

/* Queues a piece that must be sent again, at its old place, because several pieces may be out and come back one by
 * one. */
static void piece_again(struct office *office, struct post_piece *piece, const struct post_answered *answered)
{
    if (answered->answer == POST_NOT_YET)
        pieces_put_off(office, piece->sending, answered->why);
    else if (answered->wait_us > 0)
        pieces_limit(office, piece->sending->customer, answered->wait_us);
    else
        pieces_slower(office);
    piece_back(office, piece);
    office_pump(office);
}

void office_answered(struct office *office, void *data, const struct post_answered *answered)
{
    struct post_piece *piece = data;
    struct post_sending *sending = piece->sending;
    assert(sending->out > 0);
    sending->out--;
    if (answered->answer == POST_LESS || answered->answer == POST_NOT_YET) {
        piece_again(office, piece, answered);
        return;
    }
    if (answered->answer == POST_REFUSED || answered->answer == POST_WRONG_ADDRESS)
        sending_refusal(office, sending, office->way->by_peer, answered->why);
    sending->touched = true;
    office->pause_us = 0;
    if (answered->answer == POST_GIVEN) {
        g_free(sending->peer_ids[piece->n - 1]);
        sending->peer_ids[piece->n - 1] = g_strdup(answered->peer_id);
    }
    piece_over(office, piece, answered->answer, answered->why);
    office_pump(office); /* there is room for another piece */
}

void office_unanswered(void *piece)
{
    free(piece);
}

/* ---- how many ---- */

uint64_t pieces_may(const struct office *office, uint64_t *where)
{
    *where = 0;
    if (office_now(office) < office->paused_until_us) return 0;
    uint64_t room = MIN(office->way->room(office->self, where), (uint64_t)office->tokens);
    return room - MIN(room, office->ahead);
}

static void pieces_fill(struct office *office, uint64_t now_us)
{
    double most = 1 + office->rate / 5;
    office->tokens += office->rate * (double)(now_us - office->filled_us) / OFFICE_SECOND_US;
    if (office->tokens > most) office->tokens = most;
    office->filled_us = now_us;
    if (office->rate >= (double)office->rules->rate || now_us - office->grown_us < GROWS_US) return;
    office->rate = MIN(office->rate + 1, (double)office->rules->rate);
    office->grown_us = now_us;
}

/* ---- going ---- */

/* Writes to the book that the item is going, or, with `begun` false, that it waits again. */
static void pieces_mark(struct office *office, struct post_sending *sending, bool begun)
{
    sending->begun = begun;
    sending_job(office, sending, OFFICE_BEGIN);
}

/* Counts a piece as accepted, for a protocol without answers: what was written is with the other side. */
static void piece_given(struct office *office, struct post_piece *piece)
{
    struct post_sending *sending = piece->sending;
    char name[POST_ADDRESS];
    office->way->given(sending, name);
    g_free(sending->peer_ids[piece->n - 1]);
    sending->peer_ids[piece->n - 1] = g_strdup(name);
    sending->touched = true;
    piece_over(office, piece, POST_GIVEN, "");
}

/* Sends a piece, and takes it out of the queue. */
static void piece_go(struct office *office, GList *at, uint64_t where)
{
    struct post_piece *piece = at->data;
    struct post_sending *sending = piece->sending;
    g_queue_delete_link(&office->pieces, at);
    office->tokens -= 1;
    bool sent = office->way->send(office->self, sending, piece->n, where, piece);
    if (sent && office->way->given)
        piece_given(office, piece);
    else if (sent)
        sending->out++;
    else if (office->way->given)
        piece_back(office, piece);
    else
        piece_over(office, piece, POST_REFUSED, "it cannot be written as the other side wants it");
}

/* Must the item wait, because another one to the same customer goes first? In a conversation, and if the way wants
 * it, a customer's items are sent one after the other; `before`: customers with such an earlier item. */
static bool piece_is_behind(const struct office *office, GHashTable *before, const struct post_sending *sending)
{
    bool in_turn = office->rules->in_turn;
    return ((in_turn || sending->conn != 0) && g_hash_table_contains(before, sending->customer)) ||
           (in_turn && office->way->busy(office->self, sending->customer));
}

/* Must the item be noted as waiting again? True for an item that was noted as going and of which nothing was sent. */
static bool waits_again(const struct post_sending *sending)
{
    return sending->begun && !sending->in_thread && !sending->touched && sending->out == 0;
}

/* The process ends and nothing more is sent: items that are noted as going, but were not sent, are left to the next
 * process. */
static void pieces_take_back(struct office *office)
{
    for (GList *at = office->pieces.head; at; at = at->next) {
        struct post_sending *sending = ((struct post_piece *)at->data)->sending;
        if (waits_again(sending)) pieces_mark(office, sending, false);
    }
}

/* Gets an item ready to be sent: it may have to be written to the book first, or never. */
static void piece_begins(struct office *office, struct post_sending *sending)
{
    if (sending->unkept)
        sending->begun = true;
    else if (sending->item == 0 || sending->doubt)
        sending_job(office, sending, OFFICE_SEND);
    else
        pieces_mark(office, sending, true);
}

/* Sends pieces in their order, as many as are allowed; an item's first piece only once the book has the item as
 * begun. If the process ends, items that were not sent are noted as waiting again. */
void office_pump(struct office *office)
{
    uint64_t where;
    if (office->ends) {
        pieces_take_back(office);
        return;
    }
    uint64_t now_us = office_now(office);
    pieces_fill(office, now_us);
    uint64_t may = pieces_may(office, &where);
    GHashTable *before = g_hash_table_new(g_str_hash, g_str_equal);
    bool waits = false;
    for (GList *at = office->pieces.head, *next; at && may > 0; at = next) {
        struct post_piece *piece = at->data;
        struct post_sending *sending = piece->sending;
        next = at->next;
        if (now_us < sending->next_us || piece_is_limited(office, sending->customer) ||
            piece_is_behind(office, before, sending)) {
            g_hash_table_add(before, sending->customer);
            continue;
        }
        if (sending->cancelled && !sending->in_thread) {
            g_queue_delete_link(&office->pieces, at);
            piece_over(office, piece, POST_REFUSED, "");
            continue;
        }
        may--;
        if (!sending->begun && !sending->in_thread) piece_begins(office, sending);
        waits = waits || sending->in_thread;
        if (sending->in_thread)
            g_hash_table_add(before, sending->customer);
        else if (!waits) {
            piece_go(office, at, where);
            may = MIN(may, pieces_may(office, &where));
        }
    }
    g_hash_table_destroy(before);
}

void pieces_drop(struct office *office, struct post_sending *sending)
{
    for (GList *at = office->pieces.head, *next; at; at = next) {
        struct post_piece *piece = at->data;
        next = at->next;
        if (piece->sending != sending) continue;
        g_queue_delete_link(&office->pieces, at);
        free(piece);
    }
    assert(sending->out == 0);
    sending->left = 0;
}

static gboolean limit_is_over(gpointer customer, gpointer then_us, gpointer now_us)
{
    (void)customer;
    return *(const uint64_t *)then_us <= *(const uint64_t *)now_us;
}

/* Gives up pieces for which no connection had room in time. */
void pieces_tick(struct office *office)
{
    uint64_t now_us = office_now(office);
    guint count = g_queue_get_length(&office->pieces);
    g_hash_table_foreach_remove(office->limited, limit_is_over, &now_us);
    while (count-- > 0) {
        struct post_piece *piece = g_queue_pop_head(&office->pieces);
        struct post_sending *sending = piece->sending;
        uint64_t most_us = office->rules->give_up_s * OFFICE_SECOND_US;
        bool old = now_us - sending->begun_us > (sending->expires_us > 0 ? sending->expires_us : most_us);
        if ((sending->cancelled || old) && !sending->in_thread) {
            piece_over(office, piece, *sending->why ? POST_REFUSED : POST_LESS,
                       *sending->why ? sending->why : "no connection had room for it in time");
            continue;
        }
        if (waits_again(sending)) pieces_mark(office, sending, false);
        g_queue_push_tail(&office->pieces, piece);
    }
    office->services->figure(office->link, office->waiting, office->behind + (int64_t)g_hash_table_size(office->going));
}

void pieces_free(struct office *office)
{
    g_queue_clear_full(&office->pieces, free);
    g_hash_table_destroy(office->limited);
}

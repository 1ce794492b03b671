/* runtime/adapters/cti/call.c - The table of calls and what a call holds.
 *
 *     calls.first --> call <--> call <--> call <-- calls.last       in the order of their begin
 *     by_id      call->id        --> call      the keys of both indexes are
 *     by_conn    call->conn_text --> call      texts within the call itself
 *
 * A call is removed from both indexes before it is freed. A call's parties are in one array, which moves when a
 * party is added: no pointer to a party may be kept over call_set_party(). */
#include "runtime/adapters/cti/call.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/vocabulary/message.h"

/* Adds a call. The call has copies of its CallID and ConnID, which are its keys in the two indexes. */
struct call *calls_add(struct calls *calls, const char *call_id, uint64_t conn)
{
    char text[CONN_TEXT];
    ident_print_conn(conn, text);
    if (index_find(&calls->by_id, call_id) || index_find(&calls->by_conn, text)) return NULL;
    struct call *call = memory_zeroed(1, sizeof *call);
    bool fits = text_set(call->id, sizeof call->id, call_id);
    assert(fits);
    call->conn = conn;
    memcpy(call->conn_text, text, sizeof text);
    call->previous = calls->last;
    *(calls->last ? &calls->last->next : &calls->first) = call;
    calls->last = call;
    calls->count++;
    index_add(&calls->by_id, call->id, call);
    index_add(&calls->by_conn, call->conn_text, call);
    return call;
}

static void call_free(struct call *call)
{
    for (unsigned i = 0; i < call->done_count; i++) free(call->done[i].answer);
    free(call->done);
    free(call->parties);
    free(call->tried);
    free(call->unsaid);
    kv_free(&call->data);
    free(call);
}

void calls_remove(struct calls *calls, struct call *call)
{
    assert(calls->count > 0 && (call->previous || calls->first == call));
    index_remove(&calls->by_id, call->id);
    index_remove(&calls->by_conn, call->conn_text);
    *(call->previous ? &call->previous->next : &calls->first) = call->next;
    *(call->next ? &call->next->previous : &calls->last) = call->previous;
    calls->count--;
    assert(!calls->first == (calls->count == 0));
    call_free(call);
}

void calls_free(struct calls *calls)
{
    while (calls->first) calls_remove(calls, calls->first);
    index_free(&calls->by_id);
    index_free(&calls->by_conn);
}

struct call *calls_by_id(const struct calls *calls, const char *call_id)
{
    return index_find(&calls->by_id, call_id);
}

struct call *calls_by_conn(const struct calls *calls, uint64_t conn)
{
    char text[CONN_TEXT];
    ident_print_conn(conn, text);
    return index_find(&calls->by_conn, text);
}

struct call_party *call_party(const struct call *call, const char *dn)
{
    for (unsigned i = 0; i < call->party_count; i++)
        if (strcmp(call->parties[i].dn, dn) == 0) return &call->parties[i];
    return NULL;
}

/* NULL: the call has the most parties that are allowed, or `dn` is no good name. */
struct call_party *call_set_party(struct call *call, const char *dn, enum party_state state, int64_t now_us)
{
    struct call_party *party = call_party(call, dn);
    assert(call->party_count <= CALL_PARTIES_MAX);
    if (!party) {
        if (call->party_count == CALL_PARTIES_MAX) return NULL;
        call->parties = memory_grown(call->parties, call->party_count + 1, sizeof *party);
        party = &call->parties[call->party_count];
        *party = (struct call_party){.since_us = now_us};
        if (!text_set(party->dn, sizeof party->dn, dn) || party->dn[0] == 0) return NULL;
        call->party_count++;
    }
    if (party->state != state) party->since_us = now_us;
    party->state = state;
    if (state == PARTY_ESTABLISHED && strcmp(dn, call->ani) != 0) call->talked = true;
    party->seen = true;
    return party;
}

void call_remove_party(struct call *call, const char *dn)
{
    assert(call->party_count <= CALL_PARTIES_MAX);
    struct call_party *party = call_party(call, dn);
    if (party) {
        call->party_count--;
        memmove(party, party + 1, (size_t)(call->parties + call->party_count - party) * sizeof *party);
    }
}

/* Returns who is at the other side of the call, for a desktop: routing points and queues do not count, and a caller
 * from outside is named by number. */
const char *call_other(const struct call *call, const char *dn)
{
    for (unsigned i = 0; i < call->party_count; i++) {
        const struct call_party *party = &call->parties[i];
        bool device = party->state == PARTY_ROUTING || party->state == PARTY_QUEUED;
        if (!device && !party->monitors && strcmp(party->dn, dn) != 0) return party->dn;
    }
    bool out = call->type == call_type_outbound; /* the ANI of an outbound call is our own number */
    return out || strcmp(call->ani, dn) == 0
               ? call->dnis
               : call->ani; /* for the party that dials, the other side is the dialled number */
}

void call_set_data(struct call *call, struct span data)
{
    struct kv_pair pair;
    kv_clear(&call->data);
    for (uint32_t at = 0; kv_next(data, &at, &pair);) kv_put(&call->data, pair.key, &pair.value);
}

static void put_all_of(struct kv *out, struct span list, struct span key)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(list, &at, &pair);)
        if (span_equal(pair.key, key)) kv_put(out, pair.key, &pair.value);
}

/* Example: data a=1 b=2 a=3, changed a=7: then a=7 b=2. A key that is both deleted and changed: its old pairs go,
 * and its new ones are added at the end. */
void call_change_data(struct call *call, struct span changed, struct span deleted_texts)
{
    /* A changed key keeps its place; if there are several pairs of the key, all the new ones go to the place of the
     * first. */
    struct kv merged;
    struct kv_pair pair;
    struct span old = kv_span(&call->data);
    kv_init(&merged);
    for (uint32_t at = 0; kv_next(old, &at, &pair);) {
        if (message_lists_text(deleted_texts, pair.key) || kv_has(kv_span(&merged), pair.key)) {
            if (!kv_has(changed, pair.key) && !message_lists_text(deleted_texts, pair.key))
                kv_put(&merged, pair.key, &pair.value); /* the key has several pairs, and did not change */
        } else if (kv_has(changed, pair.key)) {
            put_all_of(&merged, changed, pair.key);
        } else {
            kv_put(&merged, pair.key, &pair.value);
        }
    }
    for (uint32_t at = 0; kv_next(changed, &at, &pair);)
        if (!kv_has(old, pair.key) || message_lists_text(deleted_texts, pair.key))
            kv_put(&merged, pair.key, &pair.value);
    kv_free(&call->data);
    call->data = merged;
}

void call_end_visit(struct call *call)
{
    memcpy(call->last_visit, call->visit.id, sizeof call->last_visit);
    call->visit = (struct call_visit){0};
}

bool call_tried(const struct call *call, const char *dn)
{
    for (unsigned i = 0; i < call->tried_count; i++)
        if (strcmp(call->tried[i], dn) == 0) return true;
    return false;
}

void call_add_tried(struct call *call, const char *dn)
{
    if (dn[0] != 0 && call->tried_count < CALL_TRIED_MAX && !call_tried(call, dn)) {
        call->tried = memory_grown(call->tried, call->tried_count + 1, sizeof *call->tried);
        if (text_set(call->tried[call->tried_count], NAME_SIZE, dn)) call->tried_count++;
    }
}

static struct done *find_done(const struct call *call, uint64_t ixn, uint64_t ref)
{
    for (unsigned i = 0; i < call->done_count; i++)
        if (call->done[i].ref == ref && call->done[i].ixn == ixn) return &call->done[i];
    return NULL;
}

/* Begins an effect on the call. The last CALL_DONE_MAX effects are remembered; a new one replaces the oldest. False:
 * this effect was begun before, and the core has sent it again after a break. If false, `answer` is the frame that
 * answered the effect, empty if it is not answered yet; the call owns the bytes. */
bool call_begin(struct call *call, uint64_t ixn, uint64_t ref, struct span *answer)
{
    assert(call->done_count <= CALL_DONE_MAX && call->done_next < CALL_DONE_MAX);
    *answer = (struct span){0};
    struct done *done = find_done(call, ixn, ref);
    if (done) {
        *answer = (struct span){done->answer, done->length};
        return false;
    }
    if (call->done_count < CALL_DONE_MAX) {
        call->done = memory_grown(call->done, call->done_count + 1, sizeof *done);
        done = &call->done[call->done_count++];
    } else {
        done = &call->done[call->done_next];
        call->done_next = (call->done_next + 1) % CALL_DONE_MAX;
        free(done->answer);
    }
    *done = (struct done){.ixn = ixn, .ref = ref};
    call->last_ref = ref > call->last_ref ? ref : call->last_ref;
    return true;
}

/* Remembers the answer to an effect; if the effect is forgotten already, nothing happens. */
void call_answered(struct call *call, uint64_t ixn, uint64_t ref, struct span answer)
{
    assert(answer.length > 0);
    struct done *done = find_done(call, ixn, ref);
    if (done) {
        done->answer = memory_grown(done->answer, answer.length, 1);
        memcpy(done->answer, answer.bytes, answer.length);
        done->length = answer.length;
    }
}

/* Drops what a core that is gone has said: a new core's effect with the same numbers is a different one. Parties and
 * data stay, as the switch still has the call. */
void call_forget_core(struct call *call)
{
    for (unsigned i = 0; i < call->done_count; i++) free(call->done[i].answer);
    call->done_count = call->done_next = 0;
    free(call->unsaid);
    call->unsaid = NULL;
    call->ixn = call->dial_ixn = call->dial_ref = 0;
    call->visit.default_ixn = call->visit.default_ref = call->visit.posted = 0;
    call->announced = call->instructed = false;
}

/* Forgets an effect that was refused before anything was done. If the core sends the effect again, it is performed. */
void call_not_done(struct call *call, uint64_t ref)
{
    for (unsigned i = 0; i < call->done_count; i++) /* ref 0: the entry names no effect any more */
        if (call->done[i].ref == ref && call->done[i].ixn == call->ixn) call->done[i].ref = 0;
    call->last_ref = call->last_ref == ref ? ref - 1 : call->last_ref;
}

/* Moves the consultation's parties to the main call, with its stay and treatment. Afterwards `consult` has no party,
 * but is still in the table: the caller removes it. */
void call_take_over(struct call *main, struct call *consult, int64_t now_us)
{
    assert(main != consult); /* a call that takes over itself would make the loop endless */
    while (consult->party_count > 0) {
        struct call_party party = consult->parties[0];
        call_remove_party(consult, party.dn);
        struct call_party *to = call_set_party(main, party.dn, party.state, now_us);
        if (to) *to = party;
    }
    main->visit = consult->visit;
    main->treatment = consult->treatment;
    main->treatment_type = consult->treatment_type;
    main->treatment_secret = consult->treatment_secret;
    main->treatment_running = consult->treatment_running;
    main->treatment_started = consult->treatment_started;
    main->treatment_deadline_us = consult->treatment_deadline_us;
    main->ixn = consult->ixn != 0 ? consult->ixn : main->ixn;
    memcpy(main->last_point, consult->last_point, sizeof main->last_point);
    consult->visit = (struct call_visit){.since_us = now_us};
    consult->treatment_running = 0;
    consult->treatment_deadline_us = 0;
}

const char *party_state_word(enum party_state state)
{
    static const char *const words[] = {"Dialing", "Queued", "Queued", "Ringing", "Established", "Held", "Busy"};
    return words[(size_t)state < sizeof words / sizeof *words ? state : 0];
}

/* runtime/twin/rival_compare.c - Compares the decisions of the two cores, and answers the rival's questions.
 *
 *     present:  query A   treatment  query B   route 7001
 *     rival:    query B   treatment            route 7002
 *                  |          =                   differs
 *                  '- gets the answer that query B gets in the present core, whenever that is
 *
 * The decisions of both wait in lists, of which the first ones are compared. A rival that is ahead, since it asks less,
 * waits for the present core's next decision. A rival that is behind although it has all answers does something else.
 */
#include "runtime/twin/rival_state.h"

#include <inttypes.h>
#include <stdio.h>

#include "runtime/vocabulary/compared.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"

/* ---- what is compared ---- */

/* Makes what is compared of a message. */
static struct rival_did *rival_did_of(struct rival_half *half, const struct message *message)
{
    struct writer *writer = &half->rival->scratch;
    writer_clear(writer);
    writer_begin(writer, message->kind);
    for (unsigned i = 0; i < message->count; i++)
        if (compared_field(message->kind, message->fields[i].number)) writer_field(writer, &message->fields[i]);
    struct span frame = writer_end(writer);
    struct rival_did *did = memory_grown(NULL, sizeof *did + frame.length, 1);
    *did = (struct rival_did){
        .kind = message->kind, .ref = (uint32_t)message_u(message, ENVELOPE_ref), .length = frame.length};
    memcpy(did->bytes, frame.bytes, frame.length);
    if (message->kind == KIND_RequestRouteCall) did->claim = message_u(message, RequestRouteCall_claim);
    if (message->kind == KIND_Invite) did->claim = message_u(message, Invite_claim);
    if (half->at_wait == message_u(message, ENVELOPE_ixn) && half->at_wait != 0) {
        did->file = half->place.file;
        did->line = half->place.line;
        did->by = half->by;
    }
    return did;
}

/* ---- selections ---- */

void rival_on_ask(struct rival_half *half, struct rival_call *call)
{
    enum side side = half == &half->rival->half[IS] ? IS : WAS;
    struct rival_did *did = memory_zeroed(1, sizeof *did + 2 * WANTED_TEXT);
    did->open = true;
    did->at_us = core_time(half->core);
    did->file = half->place.file;
    did->line = half->place.line;
    did->by = half->by;
    half->asks = memory_more(half->asks, half->ask_count, sizeof *half->asks);
    half->asks[half->ask_count++] = (struct rival_ask){call->ixn, did};
    rival_did_add(call, side, DID_DECISIONS, did);
    call->chosen[side] = false;
    rival_touch(half->rival, call);
}

/* Writes the texts of the interaction's selections (0: of all). At the moment when the interaction comes to the step
 * the selection does not exist yet; here it does, or was over at once, and then its text stays empty. */
void rival_asks_write(struct rival_half *half, uint64_t ixn)
{
    for (size_t i = 0; i < half->ask_count; i++) {
        struct rival_did *did = half->asks[i].did;
        if (!did->open || (ixn != 0 && half->asks[i].ixn != ixn)) continue;
        (void)core_wanted(half->core, half->asks[i].ixn, false, (char *)did->bytes);
        (void)core_wanted(half->core, half->asks[i].ixn, true, (char *)did->bytes + WANTED_TEXT);
        did->length = (uint32_t)strlen((char *)did->bytes);
        did->open = false;
    }
    if (ixn == 0) half->ask_count = 0;
}

/* ---- questions ---- */

static void rival_deliver(struct rival *r, const struct rival_call *call, const struct rival_question *question,
                          uint32_t other_ref)
{
    r->deliveries = memory_more(r->deliveries, r->delivery_count, sizeof *r->deliveries);
    r->deliveries[r->delivery_count++] =
        (struct rival_delivery){(size_t)(call - r->calls), question->did->ref, other_ref};
}

/* The present core has asked. If the rival has asked the same before, it waits for this answer. */
static void rival_present_asks(struct rival_call *call, struct rival_did *did)
{
    struct rival_question **end = &call->questions;
    for (; *end; end = &(*end)->next)
        if ((*end)->did->ref == did->ref) { /* it is asked again after a restart */
            free(did);
            return;
        }
    struct rival_question *question = memory_zeroed(1, sizeof *question);
    question->did = did;
    *end = question;
    for (struct rival_did **at = &call->asking; *at; at = &(*at)->next) {
        if (!rival_did_same(did, *at)) continue;
        struct rival_did *answered = *at;
        *at = answered->next;
        question->other_ref = answered->ref;
        question->used = true;
        free(answered);
        return;
    }
}

/* The rival has asked: it gets the answer to the first equal question that it has not had yet, else the last answer
 * that there is. */
static void rival_asks(struct rival *r, struct rival_call *call, struct rival_did *did)
{
    struct rival_question *found = NULL;
    for (struct rival_question *at = call->questions; at; at = at->next) {
        if (!rival_did_same(at->did, did)) continue;
        if (!at->used) {
            found = at;
            break;
        }
        if (at->answer) found = at;
    }
    if (!found) {
        struct rival_did **end = &call->asking;
        while (*end) end = &(*end)->next;
        did->next = NULL;
        *end = did;
        return;
    }
    found->used = true;
    if (found->answer)
        rival_deliver(r, call, found, did->ref);
    else
        found->other_ref = did->ref;
    free(did);
}

/* ---- effects ---- */

static void rival_own_effect(struct rival_half *half, const struct message *message)
{
    half->own = memory_more(half->own, half->own_count, sizeof *half->own);
    half->own[half->own_count++] = rival_did_of(half, message);
}

void rival_on_effect(struct rival_half *half, struct span frame)
{
    struct rival *r = half->rival;
    enum side side = half == &r->half[IS] ? IS : WAS;
    struct message message;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    uint64_t ixn = message_u(&message, ENVELOPE_ixn);
    enum compared_kind as = compared_as(message.kind);
    if (ixn == 0 || as == COMPARED_partition) {
        rival_own_effect(half, &message);
        return;
    }
    if (as != COMPARED_decision && as != COMPARED_question && as != COMPARED_data) return;
    struct rival_call *call = side == IS ? rival_call_add_other(r, ixn) : rival_call_add(r, ixn);
    if (!call || call->left) return;
    rival_touch(r, call);
    struct rival_did *did = rival_did_of(half, &message);
    if (as != COMPARED_question)
        rival_did_add(call, side, as == COMPARED_data ? DID_DATA : DID_DECISIONS, did);
    else if (side == WAS)
        rival_present_asks(call, did);
    else
        rival_asks(r, call, did);
}

/* ---- outcomes ---- */

#define WHY_ASKS "asks what the present version did not ask"

/* Adds the last condition on the way to the step, where it was tested. */
static void rival_say_by(const struct rival_branch *by, struct rival_side *said)
{
    struct image_place place;
    size_t length = strlen(said->what);
    if (!by->image || !image_place(by->image, by->function, by->pc, &place) || place.line == 0) return;
    (void)snprintf(said->what + length, sizeof said->what - length, "; after the condition at %.*s:%" PRIu32,
                   (int)place.file.length, place.file.bytes, place.line);
}

static void rival_say(const struct rival_half *half, const struct rival_did *did, struct rival_side *said)
{
    struct message message;
    if (did->line != 0)
        (void)snprintf(said->place, sizeof said->place, "%.*s:%" PRIu32, (int)did->file.length,
                       (const char *)did->file.bytes, did->line);
    if (did->kind == KIND_ASK)
        (void)snprintf(said->what, sizeof said->what, "asks for %.180s", rival_moment(did));
    else if (message_read(&message, did->bytes, did->length, NULL))
        (void)message_print_bare(&message, core_mask(half->core), said->what, sizeof said->what);
    rival_say_by(&did->by, said);
}

/* Describes a side that does nothing now: where the interaction waits. */
static void rival_say_waits(const struct rival_half *half, uint64_t ixn, struct rival_side *said)
{
    struct where_row where;
    if (!core_where(half->core, ixn, false, &where)) {
        (void)snprintf(said->what, sizeof said->what, "nothing: its strategy is over");
        return;
    }
    (void)snprintf(said->what, sizeof said->what, "waits at %.*s", (int)where.step.length,
                   (const char *)where.step.bytes);
    if (where.line == 0) return;
    (void)snprintf(said->place, sizeof said->place, "%.*s:%" PRIu32, (int)where.file.length,
                   (const char *)where.file.bytes, where.line);
}

static const char *rival_kind(const struct rival_did *did)
{
    static char name[64];
    struct message message;
    if (!did) return "";
    if (did->kind == KIND_ASK) return "selection";
    if (!message_read(&message, did->bytes, did->length, NULL)) return "";
    name[message_name(&message, name, sizeof name - 1)] = '\0';
    return name;
}

/* The call is compared no more: its interaction leaves its strategy in the rival's core, and its outcome is told. */
static void rival_leave(struct rival *r, struct rival_call *call, struct rival_outcome *outcome)
{
    assert(!call->left);
    call->left = true;
    if (call->over) rival_call_gone(r, call);
    if (call->there && rival_lives(r->half[IS].core, call->ixn)) {
        r->leaving = memory_more(r->leaving, r->leaving_count, sizeof *r->leaving);
        r->leaving[r->leaving_count++] = call->ixn;
    }
    outcome->ixn = call->ixn;
    outcome->conn = call->conn;
    outcome->arrived_us = call->arrived_us;
    outcome->strategy = call->strategy;
    outcome->decisions = call->decisions;
    outcome->open = r->ends && !call->over;
    outcome->partly = call->partly;
    outcome->data = call->data || call->first[WAS][DID_DATA] || call->first[IS][DID_DATA];
    if (!outcome->kind) outcome->kind = "";
    if (!outcome->why) outcome->why = "";
    if (call->renewed) r->options.outcome(r->options.self, outcome);
    rival_call_forget(call);
}

static const char *rival_why(const struct rival_did *was, const struct rival_did *is)
{
    if (!was) return "acts where the present version does nothing";
    if (!is) return "waits where the present version acts";
    if (was->kind != is->kind) return "does something else";
    if (was->kind == KIND_ASK) return "asks for other agents or times";
    return was->line == is->line ? "the same step, with other values" : "the same step elsewhere, with other values";
}

/* Returns where the rival's strategy has had a fault; empty: it has had none. The history of all interactions is only
 * looked through where some strategy has had one. */
static struct span rival_fault(const struct rival *r, const struct rival_call *call)
{
    struct last_row last;
    if (!call->there || !core_strategy_fault(r->half[IS].core, &last) || last.count == 0) return span_of("");
    return core_fault(r->half[IS].core, call->ixn);
}

/* The two do different things; the one that is NULL does nothing. */
static void rival_part(struct rival *r, struct rival_call *call, const struct rival_did *was,
                       const struct rival_did *is)
{
    struct rival_outcome outcome = {.how = RIVAL_DIFFERS, .parted_us = core_time(r->half[IS].core)};
    struct span fault = rival_fault(r, call);
    assert(was || is);
    if (was)
        rival_say(&r->half[WAS], was, &outcome.was);
    else
        rival_say_waits(&r->half[WAS], call->ixn, &outcome.was);
    if (is)
        rival_say(&r->half[IS], is, &outcome.is);
    else
        rival_say_waits(&r->half[IS], call->ixn, &outcome.is);
    outcome.kind = rival_kind(is ? is : was);
    outcome.why = rival_why(was, is);
    if (fault.length > 0 && core_fault(r->half[WAS].core, call->ixn).length == 0) {
        outcome.how = RIVAL_FAILS;
        outcome.why = "its strategy has a fault";
        (void)snprintf(outcome.is.place, sizeof outcome.is.place, "%.*s", (int)fault.length, (const char *)fault.bytes);
    }
    rival_leave(r, call, &outcome);
}

static bool rival_runs(const struct rival *r, const struct rival_call *call)
{
    struct fiber_row row;
    return call->there && core_fiber(r->half[IS].core, call->ixn, 0, &row);
}

/* Is the rival's strategy at no step, because it has used up the fuel of its turn and goes on later? */
static bool rival_computes(struct rival *r, struct rival_call *call)
{
    struct fiber_row row;
    if (!call->there || !core_fiber(r->half[IS].core, call->ixn, 0, &row)) return false;
    if (row.fiber != 0 || row.where.step.length > 0) return false;
    if (++call->thought == THOUGHT_LONG) r->runaways++;
    return true;
}

/* The present version is done with the interaction, and the rival has not come to its next step in all that time. */
static void rival_runs_away(struct rival *r, struct rival_call *call)
{
    struct rival_outcome outcome = {.how = RIVAL_FAILS,
                                    .parted_us = core_time(r->half[IS].core),
                                    .why = "goes on without waiting, as a loop does",
                                    .kind = rival_kind(call->first[WAS][DID_DECISIONS])};
    if (call->first[WAS][DID_DECISIONS]) rival_say(&r->half[WAS], call->first[WAS][DID_DECISIONS], &outcome.was);
    (void)snprintf(outcome.is.what, sizeof outcome.is.what, "computes");
    rival_leave(r, call, &outcome);
}

void rival_unknown(struct rival *r, struct rival_call *call, const char *why)
{
    struct rival_outcome outcome = {
        .how = RIVAL_UNKNOWN, .parted_us = core_time(r->half[IS].core), .why = why, .kind = rival_kind(call->asking)};
    if (call->asking) rival_say(&r->half[IS], call->asking, &outcome.is);
    rival_leave(r, call, &outcome);
}

void rival_close(struct rival *r, struct rival_call *call)
{
    const struct rival_did *is = call->first[IS][DID_DECISIONS], *was = call->first[WAS][DID_DECISIONS];
    if (call->left) return;
    if (call->asking)
        rival_unknown(r, call, WHY_ASKS);
    else if (was || is)
        rival_part(r, call, was, is);
    else
        rival_leave(r, call, &(struct rival_outcome){.how = RIVAL_SAME});
}

/* ---- comparing ---- */

/* Both have done the same: notes refs and claims of both, by which later events are translated. */
static void rival_paired(struct rival *r, struct rival_pairs *refs, const struct rival_did *was,
                         const struct rival_did *is)
{
    if (was->ref != 0) rival_pair_add(refs, was->ref, is->ref);
    if (was->claim != 0) rival_pair_add(&r->claims, was->claim, is->claim);
}

/* Compares the changes of user data; different ones do not count as doing something else. */
static void rival_compare_data(struct rival_call *call)
{
    while (call->first[WAS][DID_DATA] && call->first[IS][DID_DATA]) {
        struct rival_did *was = rival_did_take(call, WAS, DID_DATA), *is = rival_did_take(call, IS, DID_DATA);
        call->data = call->data || !rival_did_same(was, is);
        free(was);
        free(is);
    }
}

/* Does an effect name an agent whom a selection of the interaction has chosen? */
static bool rival_is_choice(const struct rival_call *call, enum side side, const struct rival_did *did)
{
    return did && did->claim != 0 && call->chosen[side];
}

/* Have both asked for the same, and only the agents differ? Then one of the cores could not give the agent that the
 * other gave, since other interactions differ: no difference of the versions themselves. */
static bool rival_only_agents_differ(const struct rival_call *call, const struct rival_did *was,
                                     const struct rival_did *is)
{
    bool ours = rival_is_choice(call, WAS, was), theirs = rival_is_choice(call, IS, is);
    struct message one, other;
    if (!ours && !theirs) return false;
    if (!ours || !theirs) return call->chosen[WAS] != call->chosen[IS];
    if (was->kind != is->kind || was->kind != KIND_RequestRouteCall) return was->kind == is->kind;
    return message_read(&one, was->bytes, was->length, NULL) && message_read(&other, is->bytes, is->length, NULL) &&
           !span_equal(message_text(&one, RequestRouteCall_dest), message_text(&other, RequestRouteCall_dest));
}

static void rival_cut(struct rival *r, struct rival_call *call)
{
    rival_leave(r, call, &(struct rival_outcome){.how = RIVAL_SAME, .cut = true});
}

static void rival_compare_call(struct rival *r, struct rival_call *call)
{
    rival_compare_data(call);
    if (call->lapsed && call->asking) {
        rival_unknown(r, call, WHY_ASKS);
        return;
    }
    const struct rival_did *was, *is;
    while ((was = call->first[WAS][DID_DECISIONS]) && (is = call->first[IS][DID_DECISIONS])) {
        if (!rival_did_same(was, is)) {
            if (rival_only_agents_differ(call, was, is))
                rival_cut(r, call);
            else
                rival_part(r, call, was, is);
            return;
        }
        call->decisions++;
        if (was->kind == KIND_ASK && was->at_us != is->at_us && strcmp(rival_moment(was), rival_moment(is)) != 0)
            call->partly = true;
        if (was->claim != 0) call->chosen[WAS] = call->chosen[IS] = false;
        rival_paired(r, &call->refs, was, is);
        free(rival_did_take(call, WAS, DID_DECISIONS));
        free(rival_did_take(call, IS, DID_DECISIONS));
    }
    is = call->first[IS][DID_DECISIONS];
    /* where the call went, or its end, ends the strategy in the rival's core, too: by then only the note says that the
     * rival was computing */
    bool lives = !call->over && rival_runs(r, call);
    if (lives) call->computes = was && !is && rival_computes(r, call);
    if (call->computes && !is) {
        if (!lives)
            rival_runs_away(r, call);
        else
            rival_touch(r, call);
        return;
    }
    bool cut = rival_only_agents_differ(call, was, is);
    if (!was && !cut && !call->over) return; /* the rival is ahead, or both wait */
    if (cut)
        rival_cut(r, call);
    else
        rival_close(r, call);
}

/* Effects of the partition have no order: equal ones are paired. */
static void rival_compare_own(struct rival *r)
{
    struct rival_half *was = &r->half[WAS], *is = &r->half[IS];
    for (size_t i = 0; i < was->own_count; i++)
        for (size_t n = 0; n < is->own_count; n++) {
            if (!is->own[n] || !rival_did_same(was->own[i], is->own[n])) continue;
            rival_paired(r, &r->refs, was->own[i], is->own[n]);
            free(is->own[n]);
            is->own[n] = NULL;
            break;
        }
    for (size_t i = 0; i < was->own_count; i++) free(was->own[i]);
    for (size_t n = 0; n < is->own_count; n++) free(is->own[n]);
    was->own_count = is->own_count = 0;
}

void rival_compare(struct rival *r)
{
    rival_asks_write(&r->half[WAS], 0);
    rival_asks_write(&r->half[IS], 0);
    rival_compare_own(r);
    size_t count = r->touched_count, kept = 0;
    for (size_t i = 0; i < count; i++) r->calls[r->touched[i]].touched = false;
    for (size_t i = 0; i < count; i++) {
        struct rival_call *call = &r->calls[r->touched[i]];
        if (!call->left) rival_compare_call(r, call);
    }
    /* a call that was touched meanwhile is compared with the next batch */
    for (size_t i = count; i < r->touched_count; i++) r->touched[kept++] = r->touched[i];
    r->touched_count = kept;
}

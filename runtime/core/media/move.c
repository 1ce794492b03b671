/* runtime/core/media/move.c - Requests of agents and supervisors about interactions that were
 * submitted.
 *
 *     pull     takes interactions out of a queue or workbin
 *     place    puts one into a queue or workbin          transfer    gives one to another agent
 *     conference, consult, monitor                       one more agent joins
 *     leave, hold, revise, stop
 *
 * Each request is checked in the same order: does the interaction exist, can it be moved, does a strategy work on
 * it, who asks, and may the asker do this. The first check that fails gives the answer. The reply is sent before the
 * change, because the change sends effects of its own, and may end the interaction. */
#include "runtime/core/media/move.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/directory/may.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/links/link.h"
#include "runtime/core/media/chat.h"
#include "runtime/core/media/open.h"
#include "runtime/core/media/pass_on.h"
#include "runtime/core/media/register.h"
#include "runtime/core/media/voice.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/listening.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/invite.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/rows.h"

enum { PULLED_MAX = 100, LOOKED_MAX = 4096 };

/* Replies with a code; `why`: a sentence; NULL: the name of the code. */
static void reply_why(struct core *core, const struct message *message, const struct interaction *ix, enum code code,
                      const char *why)
{
    enum outcome outcome = code == code_ok ? outcome_ok : code == code_locked ? outcome_locked : outcome_error;
    if (!why && code != code_ok) why = enum_name_code(code);
    effect_reply_about(core->effects, message, ix ? ix->id : 0, outcome, code, code == code_ok ? NULL : why, NULL);
}

static void move_reply(struct core *core, const struct message *message, const struct interaction *ix, enum code code)
{
    reply_why(core, message, ix, code, NULL);
}

/* Replies about the interaction; if the asker's part in it does not allow the request, the reply says so. */
static void reply_about(struct core *core, const struct message *message, const struct interaction *ix, uint32_t agent,
                        enum code code)
{
    bool refused = code == code_no_privilege && ix && agent != AGENT_NONE;
    reply_why(core, message, ix, code, refused ? authority_why(core->interactions, ix, agent) : NULL);
}

/* Returns the claim by which the agent has the interaction. CLAIM_NONE: the agent does not have it. */
static uint32_t had_by(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    uint32_t claim = agent == AGENT_NONE ? CLAIM_NONE : session_claim_of(core->claims, ix, agent);
    return claim != CLAIM_NONE && claim_at(core->claims, claim)->state == CLAIM_ACTIVE ? claim : CLAIM_NONE;
}

static bool is_administration(const struct message *message)
{
    return message_u(message, ENVELOPE_source) == SOURCE_ADMIN;
}

/* May the asker move interactions that other agents have, as the administration and supervisors may? */
static bool move_rules(const struct message *message)
{
    return is_administration(message) || message_u(message, RequestMove_supervises) != 0;
}

/* Is the agent logged in for the medium of the interaction? */
static bool move_serves(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    return agent_serves(core->agents, agent, core->media[ix->media]->capacity(ix));
}

/* ---- pull ---- */

struct pull {
    struct interaction *found[PULLED_MAX];
    uint32_t claims[PULLED_MAX]; /* the claims by which the agent gets the pulled interactions */
    uint32_t count, most;
    bool locked;    /* true: a strategy works on one of the interactions */
    enum code why;  /* why a named one is not taken; code_ok: the agent has it already, or nothing is refused */
    uint32_t owner; /* the agent who has it; 0: nobody has */
};

static int64_t rank_of(const struct core *core, const struct interaction *ix)
{
    return block_at(core->slab, ix->block)->priority;
}

/* Keeps the interactions of the highest priority, and among equal priorities the oldest. The interaction is put into
 * a short sorted array; one that no longer fits is not taken. */
static void move_consider(const struct core *core, struct pull *pull, struct interaction *ix)
{
    assert(pull->count <= pull->most && pull->most <= PULLED_MAX);
    uint32_t at = pull->count;
    while (at > 0 && rank_of(core, pull->found[at - 1]) < rank_of(core, ix)) at--;
    if (at >= pull->most) return;
    if (pull->count < pull->most) pull->count++;
    for (uint32_t to = pull->count - 1; to > at; to--) pull->found[to] = pull->found[to - 1];
    pull->found[at] = ix;
}

/* Is the interaction in the queue or workbin that the request also names? */
static bool stands_there(const struct core *core, const struct interaction *ix, const struct message *message,
                         uint32_t agent)
{
    struct span queue = message_text(message, RequestPull_queue), workbin = message_text(message, RequestPull_workbin);
    struct span whose = message_text(message, RequestPull_whose);
    if (ix->state != IX_QUEUED || (queue.length == 0 && workbin.length == 0)) return true;
    const struct bin *bin = &core->submissions->bins[submitted_of(core->submissions, ix)->bin];
    if (!span_equal(core_name(core, bin->name), queue.length != 0 ? queue : workbin)) return false;
    if (queue.length != 0) return bin->whose == 0;
    if (whose.length == 0) return bin->whose == agent_at(core->agents, agent)->name;
    return span_equal(core_name(core, bin->whose), whose);
}

/* Notes why the interaction cannot be taken. Of several reasons the answer has the first; another agent who has one
 * comes before all. */
static void refuse_named(const struct core *core, struct pull *pull, const struct interaction *ix, bool there,
                         uint32_t agent)
{
    bool had = ix && ix->owner_kind == OWNER_AGENT;
    if (had && ix->owner == agent_at(core->agents, agent)->name) return;
    if (had && pull->owner == 0) {
        pull->owner = ix->owner;
        pull->why = code_taken;
    } else if (pull->why == code_ok) {
        pull->why = !ix || ix->state == IX_ENDED                                  ? code_gone
                    : there && ix->state == IX_QUEUED && ix->claims == CLAIM_NONE ? code_no_privilege
                                                                                  : code_not_waiting;
    }
}

/* Finds the interactions that the request names; an interaction that is named twice is taken once. */
static void find_named(struct core *core, struct pull *pull, const struct message *message, uint32_t agent)
{
    struct span ids = message_text(message, RequestPull_ids);
    uint64_t id;
    uint32_t at = 0;
    while (pull->count < PULLED_MAX && message_next_u(ids, &at, &id)) {
        struct interaction *ix = interaction_by_id(core->interactions, id);
        bool there = ix && ix->submitted && stands_there(core, ix, message, agent);
        if (!there || !authority_is_free(core->interactions, ix, agent)) refuse_named(core, pull, ix, there, agent);
        if (!there) continue;
        pull->locked = pull->locked || ix->state == IX_ROUTING;
        bool again = false;
        for (uint32_t i = 0; i < pull->count; i++) again = again || pull->found[i] == ix;
        if (authority_is_free(core->interactions, ix, agent) && !again) pull->found[pull->count++] = ix;
    }
}

/* Returns the owner that the text names; without a text, the agent. 0: there is none. */
static uint32_t whose_workbin(struct core *core, struct span text, uint32_t agent)
{
    if (text.length != 0) return workbin_owner(core->interactions, text);
    return agent == AGENT_NONE ? 0 : agent_at(core->agents, agent)->name;
}

/* Finds the oldest interactions of a workbin; in a large workbin only those are looked at. False: the workbin is not
 * open to the agent. */
static bool find_first(struct core *core, struct pull *pull, const struct message *message, uint32_t agent)
{
    uint32_t name = names_find(core->names, message_text(message, RequestPull_queue)), whose = 0;
    uint64_t count = message_u(message, RequestPull_count);
    if (name == 0) {
        name = names_find(core->names, message_text(message, RequestPull_workbin));
        whose = whose_workbin(core, message_text(message, RequestPull_whose), agent);
        if (whose == 0 || !workbin_open_to(core->interactions, whose, agent)) return false;
    }
    const struct bin *bin = submitted_bin(core->submissions, name, whose);
    pull->most = count == 0 ? 1 : count < PULLED_MAX ? (uint32_t)count : PULLED_MAX;
    uint32_t row = SUBMITTED_NONE, looked = 0;
    for (struct interaction *ix; bin && looked < LOOKED_MAX && (ix = submitted_next(core->submissions, bin, &row));
         looked++)
        if (authority_is_free(core->interactions, ix, AGENT_NONE)) move_consider(core, pull, ix);
    return true;
}

/* Leaves out interactions of media that no login of the agent serves, since no desk could show them. False: that
 * were all. */
static bool keep_served(const struct core *core, struct pull *pull, uint32_t agent)
{
    uint32_t count = 0, found = pull->count;
    for (uint32_t at = 0; at < found; at++)
        if (move_serves(core, pull->found[at], agent)) pull->found[count++] = pull->found[at];
    pull->count = count;
    return count != 0 || found == 0;
}

/* Makes the claims, but not more than an agent may have. The list is shortened in place. */
static void claim_found(struct core *core, struct pull *pull, uint32_t agent)
{
    assert(agent < core->agents->count && pull->count <= PULLED_MAX);
    uint32_t count = 0;
    for (uint32_t at = 0; at < pull->count; at++) {
        uint32_t claim = session_claim(core->sessions, agent, pull->found[at], 0);
        if (claim == CLAIM_NONE) continue;
        pull->found[count] = pull->found[at];
        pull->claims[count++] = claim;
    }
    pull->count = count;
}

static void reply_pulled(struct core *core, const struct message *message, const struct pull *pull)
{
    assert(pull->count <= PULLED_MAX);
    char text[IXN_TEXT];
    kv_clear(&core->scratch);
    for (uint32_t at = 0; at < pull->count; at++) {
        uint32_t length = ident_print_ixn(pull->found[at]->id, text);
        kv_put_text(&core->scratch, "id", (struct span){(const uint8_t *)text, length});
    }
    effect_reply_about(core->effects, message, 0, outcome_ok, code_ok, NULL, &core->scratch);
}

/* Refuses a request whose interactions are not there to be taken. The answer names the agent who has one. */
static void refuse_pull(struct core *core, const struct message *message, const struct pull *pull)
{
    kv_clear(&core->scratch);
    if (pull->owner != 0) kv_put_text(&core->scratch, "agent", core_name(core, pull->owner));
    const char *text = pull->owner != 0 ? "another agent has it" : enum_name_code(pull->why);
    effect_reply_about(core->effects, message, 0, outcome_error, pull->why, text, &core->scratch);
}

/* Gives the agent interactions. There are several reasons to give none: strategies work on all interactions found, the
 * agent is full, or those that are named are another agent's or wait there no more. An empty queue is no error, nor are
 * interactions that the agent has already: the answer is an empty list. */
void move_on_pull(struct core *core, const struct message *message)
{
    struct pull pull = {.most = PULLED_MAX, .why = code_ok};
    uint32_t agent = session_asker(core->sessions, message);
    if (agent == AGENT_NONE) {
        move_reply(core, message, NULL, code_not_logged_in);
        return;
    }
    if (message_text(message, RequestPull_ids).length != 0) {
        find_named(core, &pull, message, agent);
    } else if (!find_first(core, &pull, message, agent)) {
        move_reply(core, message, NULL, code_no_privilege);
        return;
    }
    if (!keep_served(core, &pull, agent)) {
        move_reply(core, message, NULL, code_not_logged_in);
        return;
    }
    bool found = pull.count != 0;
    claim_found(core, &pull, agent);
    if (pull.count == 0 && (found || pull.locked)) {
        move_reply(core, message, NULL, found ? code_busy : code_locked);
        return;
    }
    if (pull.count == 0 && pull.why != code_ok) {
        refuse_pull(core, message, &pull);
        return;
    }
    reply_pulled(core, message, &pull);
    for (uint32_t at = 0; at < pull.count; at++) {
        struct interaction *ix = pull.found[at];
        invite_show(core, ix, pull.claims[at]);
        interaction_tell(core->interactions, ix, FACT_pulled, 0, agent_at(core->agents, agent)->name);
        open_given(core, ix, agent);
        open_joins(core, ix, pull.claims[at], true);
    }
}

/* ---- moves ---- */

struct moving { /* a request about one interaction */
    const struct message *message;
    struct interaction *ix;
    /* the agent who asks, and this agent's claim on the interaction; or AGENT_NONE, CLAIM_NONE */
    uint32_t agent, claim;
    enum move how;
    enum move_to to;
    struct span name, whose, data, why;
    bool supervises;
};

static bool moving_may(const struct core *core, const struct moving *moving, enum act act)
{
    return authority_may(core->interactions, moving->message, moving->ix, moving->agent, moving->supervises, act);
}

/* Attaches the data in the request. True: they are attached. False: they are refused. */
static bool move_attached(struct core *core, struct interaction *ix, struct span data)
{
    if (data.length == 0) return true;
    if (!userdata_attach(core->interactions, ix, data)) return false;
    interaction_touch(core->interactions, ix);
    return true;
}

/* True: a supervisor may take the interaction out of its strategy, which only waits: no agent is chosen or asked,
 * and no answer is awaited. */
static bool only_waits(const struct moving *moving)
{
    const struct interaction *ix = moving->ix;
    bool places = (moving->how == move_Place || moving->how == move_Transfer) &&
                  (moving->to == move_to_queue || moving->to == move_to_workbin);
    return places && (moving->supervises || is_administration(moving->message)) && ix->state == IX_ROUTING &&
           ix->claims == CLAIM_NONE && !interaction_awaits(ix);
}

/* Notes for the audit that a supervisor has placed the interaction, and why. */
static void move_note(struct core *core, const struct moving *moving)
{
    char now[sizeof "workbin " + NAME_MAX_BYTES];
    bool asked = is_administration(moving->message), bin = moving->to == move_to_workbin;
    const char *to = bin ? "workbin " : "queue ";
    size_t length = strlen(to);
    if ((!asked && !moving->supervises) || moving->name.length > NAME_MAX_BYTES) return;
    memcpy(now, to, length);
    memcpy(now + length, moving->name.bytes, moving->name.length);
    now[length + moving->name.length] = '\0';
    change_work(core, moving->message, moving->ix->id, moving->why, "", now);
}

/* Places the interaction; all checks come before the reply, and all changes after it. */
static enum code move_place(struct core *core, const struct moving *moving)
{
    uint32_t name = names_find(core->names, moving->name), whose = 0;
    if (!moving_may(core, moving, ACT_place)) return code_no_privilege;
    /* An interaction that is closing only waits for its end, and an interaction that only devices have belongs to no
     * agent. */
    if (moving->ix->state != IX_HANDLING && moving->ix->state != IX_QUEUED && !moving->ix->running)
        return code_invalid_state;
    if (moving->to == move_to_workbin) {
        name = names_pass(core->names, moving->name);
        whose = whose_workbin(core, moving->whose, moving->agent);
        if (name == 0 || whose == 0) return code_invalid_destination;
    } else if (moving->to != move_to_queue || !core_directory_has_queue(core->directory, name) ||
               (moving->ix->leg && core_directory_queue(core->directory, name).elsewhere)) {
        return code_invalid_destination; /* a session with a leg stays in its domain */
    }
    if (submitted_bins_full(core->submissions) && !submitted_bin(core->submissions, name, whose)) return code_overload;
    if (!move_attached(core, moving->ix, moving->data)) return code_invalid_attribute;
    move_reply(core, moving->message, moving->ix, code_ok);
    move_note(core, moving);
    if (moving->claim != CLAIM_NONE) open_joins(core, moving->ix, moving->claim, false);
    open_dismiss_all(core, moving->ix, moving->agent, cause_redirected);
    if (moving->ix->running) activation_drop(core, moving->ix, ENDED_QUEUED); /* only_waits() */
    open_placed(core, moving->ix, name, whose);
    return code_ok;
}

/* Returns the agent whom the request names, or who is logged in at the place that it names. */
static uint32_t move_invited(const struct core *core, const struct interaction *ix, const struct message *message)
{
    uint32_t name = names_find(core->names, message_text(message, RequestMove_name)), agent = AGENT_NONE;
    if (message_u(message, RequestMove_to) == move_to_place) return places_agent(core->directory, ix->link, name);
    if (message_u(message, RequestMove_to) == move_to_agent && agent_find(core->agents, name, &agent)) return agent;
    return AGENT_NONE;
}

/* Invites the agent, who gets a claim at once, so that no other agent is chosen meanwhile. The mover keeps the claim
 * until the invited agent accepts. */
static enum code move_invite(struct core *core, const struct moving *moving)
{
    uint32_t agent = move_invited(core, moving->ix, moving->message);
    enum act act = moving->how == move_Conference ? ACT_conference
                   : moving->how == move_Consult  ? ACT_consult
                                                  : ACT_transfer;
    enum claim_kind kind = authority_kind(core->interactions, moving->ix, moving->agent);
    /* true: the agent has the interaction and works on it */
    bool works = authority_allows(ACT_hold, kind, AUTHORITY_agent);
    bool taken = move_rules(moving->message) && moving->ix->state == IX_HANDLING && act == ACT_transfer;
    if (!moving_may(core, moving, act)) return code_no_privilege;
    if (!works && !taken && !authority_is_free(core->interactions, moving->ix, AGENT_NONE)) return code_invalid_state;
    if (agent == AGENT_NONE) return code_invalid_destination;
    enum media medium = core->media[moving->ix->media]->capacity(moving->ix);
    if (!move_serves(core, moving->ix, agent))
        return session_actor(core->sessions, moving->message) == agent ? code_not_logged_in : code_out_of_service;
    if (!agent_reachable_for(agent_at(core->agents, agent), medium) || !invite_possible(core, agent, medium))
        return code_out_of_service;
    uint32_t present = session_claim_of(core->claims, moving->ix, agent);
    bool looks_on = present != CLAIM_NONE && claim_looks_on(claim_at(core->claims, present));
    if (present != CLAIM_NONE && !(looks_on && moving->how == move_Transfer)) return code_busy;
    if (!move_attached(core, moving->ix, message_text(moving->message, RequestMove_data)))
        return code_invalid_attribute;
    if (looks_on) open_dismiss(core, moving->ix, present, cause_redirected);
    uint32_t claim = session_claim(core->sessions, agent, moving->ix, 0);
    if (claim == CLAIM_NONE) return code_busy;
    claim_at(core->claims, claim)->move = (uint8_t)moving->how;
    claim_at(core->claims, claim)->ruled = taken && !works;
    if (moving->agent != AGENT_NONE) claim_at(core->claims, claim)->mover = agent_at(core->agents, moving->agent)->name;
    interaction_touch(core->interactions, moving->ix);
    move_reply(core, moving->message, moving->ix, code_ok);
    open_offered(core, moving->ix);
    invite_agent(core, moving->ix, claim, open_queue(core, moving->ix).offer_us);
    return code_ok;
}

/* Lets the supervisor, or the agent whom the administration names as the asker, watch the interaction, without
 * asking anybody. */
static enum code move_monitor(struct core *core, const struct moving *moving)
{
    uint32_t agent = session_actor(core->sessions, moving->message);
    if (!moving_may(core, moving, ACT_monitor)) return code_no_privilege;
    if (agent == AGENT_NONE || !move_serves(core, moving->ix, agent)) return code_not_logged_in;
    if (moving->ix->state != IX_HANDLING) return code_invalid_state;
    if (session_claim_of(core->claims, moving->ix, agent) != CLAIM_NONE) return code_busy;
    uint32_t claim = session_claim(core->sessions, agent, moving->ix, 0);
    if (claim == CLAIM_NONE) return code_busy;
    claim_at(core->claims, claim)->move = move_Monitor;
    assert(claim_at(core->claims, claim)->interaction == moving->ix->slot);
    move_reply(core, moving->message, moving->ix, code_ok);
    invite_show(core, moving->ix, claim);
    open_joins(core, moving->ix, claim, true);
    return code_ok;
}

/* The agent leaves the interaction. The claim is released before the next owner is found, otherwise the leaving
 * agent might be found. */
static enum code move_leave(struct core *core, const struct moving *moving)
{
    if (!moving_may(core, moving, ACT_leave) || moving->claim == CLAIM_NONE) return code_no_privilege;
    move_reply(core, moving->message, moving->ix, code_ok);
    open_joins(core, moving->ix, moving->claim, false);
    session_release(core->sessions, moving->claim, true);
    open_left(core, moving->ix, cause_ok);
    return code_ok;
}

/* Keeps the interaction with the agent: without the timer it does not go back to its queue. */
static enum code move_hold(struct core *core, const struct moving *moving)
{
    if (!moving_may(core, moving, ACT_hold)) return code_no_privilege;
    if (moving->ix->state == IX_HANDLING) /* no timer runs until the agent sends another request */
        timer_cancel(core->timers, &moving->ix->timer[0]);
    move_reply(core, moving->message, moving->ix, code_ok);
    return code_ok;
}

static enum code move_moved(struct core *core, const struct moving *moving)
{
    assert(moving->ix && moving->ix->submitted);
    assert(!moving->ix->running || only_waits(moving)); /* move_on_move() has looked */
    switch (moving->how) {
    case move_Place:
        return move_place(core, moving);
    case move_Transfer:
        return moving->to == move_to_queue || moving->to == move_to_workbin ? move_place(core, moving)
                                                                            : move_invite(core, moving);
    case move_Conference:
    case move_Consult:
        return move_invite(core, moving);
    case move_Monitor:
        return move_monitor(core, moving);
    case move_Leave:
        return move_leave(core, moving);
    case move_Hold:
        return move_hold(core, moving);
    case move_other:
    default:
        return code_unsupported;
    }
}

/* Returns the sentence for an administrator whose move is refused; NULL: the name of the code says enough. */
static const char *move_why(enum code code, const struct interaction *ix)
{
    bool call = ix && !ix->submitted;
    return code == code_gone     ? "no such interaction: it has ended, or never was"
           : code == code_locked ? "its strategy does more than wait, or an agent is asked: try again later"
           : code != code_invalid_destination ? NULL
           : call ? "there is no such queue; a call goes to a routing point that takes calls"
                  : "the directory has no such queue";
}

/* Gives a call that waits at a routing point to the strategy of another point. */
static enum code move_call(struct core *core, const struct moving *moving)
{
    struct binding binding;
    enum code code = voice_may_move(core, moving->ix, names_find(core->names, moving->name), &binding);
    if (code != code_ok) return code;
    move_reply(core, moving->message, moving->ix, code_ok);
    interaction_tell(core->interactions, moving->ix, FACT_moved, move_Place, 0);
    move_note(core, moving);
    voice_move(core, moving->ix, binding);
    return code_ok;
}

/* Moves an interaction that was submitted, unless its strategy does more than wait. */
static enum code move_submitted(struct core *core, const struct moving *moving)
{
    struct interaction *ix = moving->ix;
    if (ix->running && !only_waits(moving)) return code_locked;
    if (moving->agent == AGENT_NONE && !is_administration(moving->message)) return code_not_logged_in;
    interaction_tell(core->interactions, ix, FACT_moved, moving->how, 0);
    if (!ix->running) open_handled(core, ix);
    if (!ix->running && moving->agent != AGENT_NONE) reply_look(core, ix);
    return move_moved(core, moving);
}

/* A client at the switch asks whether a supervisor may listen to a call there. The audit has it once they may. */
static void move_listens(struct core *core, const struct message *message, const struct interaction *ix)
{
    struct listen_ask ask = {.agent = message_text(message, RequestMove_name),
                             .dn = message_text(message, RequestMove_reason),
                             .how = (enum party_op)message_u(message, RequestMove_watch)};
    char why[MAY_TEXT], words[LISTENS_WORDS];
    uint32_t agent;
    const char *against = listening_against(core, message, ix, &ask, &agent);
    if (agent != AGENT_NONE && !may_on_agent(core, message_text(message, ENVELOPE_actor), agent, why)) {
        reply_why(core, message, ix, code_no_privilege, why);
        return;
    }
    change_listens(ask.how, ask.dn, words);
    if (!against) change_work(core, message, ix->id, (struct span){0}, "", words);
    reply_why(core, message, ix, against ? code_invalid_state : code_ok, against);
}

/* Carries out a request to move; its checks are made in order, and the first that fails gives the code. */
void move_on_move(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    struct moving moving = {.message = message, .ix = ix, .agent = session_asker(core->sessions, message)};
    moving.how = (enum move)message_u(message, RequestMove_how);
    moving.to = (enum move_to)message_u(message, RequestMove_to);
    moving.name = message_text(message, RequestMove_name);
    moving.whose = message_text(message, RequestMove_whose);
    moving.data = message_text(message, RequestMove_data);
    moving.why = message_text(message, RequestMove_reason);
    moving.supervises = message_u(message, RequestMove_supervises) != 0;
    moving.claim = ix && ix->submitted ? had_by(core, ix, moving.agent) : CLAIM_NONE;
    if (may_refuses(core, message, moving.supervises, ix)) return;
    if (ix && ix->leg && !ix->submitted && moving.supervises && moving.how == move_Monitor) {
        move_listens(core, message, ix);
        return;
    }
    enum code code = !ix ? code_gone : !ix->submitted ? code_unsupported : move_submitted(core, &moving);
    if (code != code_ok) reply_about(core, message, ix, moving.agent, code);
}

void move_by_hand(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_named(core->interactions, message_text(message, AdminRequest_name));
    const struct moving moving = {.message = message,
                                  .ix = ix,
                                  .agent = AGENT_NONE,
                                  .claim = CLAIM_NONE,
                                  .how = move_Place,
                                  .to = move_to_queue,
                                  .name = message_text(message, AdminRequest_reason),
                                  .why = message_text(message, AdminRequest_why)};
    enum code code = !ix ? code_gone : ix->submitted ? move_submitted(core, &moving) : move_call(core, &moving);
    if (code != code_ok) reply_why(core, message, ix, code, move_why(code, ix));
}

/* ---- another version ---- */

void move_on_revise(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    uint32_t agent = session_asker(core->sessions, message);
    enum code code = !ix                                                                         ? code_gone
                     : !ix->submitted                                                            ? code_unsupported
                     : ix->running                                                               ? code_locked
                     : agent == AGENT_NONE                                                       ? code_not_logged_in
                     : !authority_may(core->interactions, message, ix, agent, false, ACT_revise) ? code_no_privilege
                     : submitted_of(core->submissions, ix)->author == 0                          ? code_invalid_state
                     : !open_revise(core, ix, message_text(message, RequestRevise_subject),
                                    message_text(message, RequestRevise_body))
                         ? code_overload
                         : code_ok;
    if (code == code_ok) {
        interaction_tell(core->interactions, ix, FACT_revised, 0, agent_at(core->agents, agent)->name);
        open_handled(core, ix);
    }
    reply_about(core, message, ix, agent, code);
}

/* ---- answers ---- */

/* Tells the mover how the move ended. */
static void tell_mover(struct core *core, const struct interaction *ix, const struct claim *claim, enum notify change,
                       unsigned code)
{
    uint32_t mover;
    if (!agent_find(core->agents, claim->mover, &mover)) return;
    const struct agent *who = agent_at(core->agents, mover);
    unsigned link = line_link_for_agent(core->agents, mover, core->media[ix->media]->capacity(ix));
    if (!link_usable(core->links, link)) return;
    effect_begin(core->effects, &(struct effect){.kind = KIND_Notify, .link = link, .about = ix->id});
    struct writer *writer = &core->effects->writer;
    writer_u(writer, Notify_change, change);
    writer_u(writer, Notify_object, object_agent);
    writer_bytes(writer, Notify_name, core_name(core, who->name));
    kv_clear(&core->scratch);
    kv_put_text(&core->scratch, "agent", core_name(core, agent_at(core->agents, claim->agent)->name));
    if (code != code_ok) kv_put_text(&core->scratch, "reason", span_of(enum_name_code(code)));
    writer_kv(writer, Notify_value, &core->scratch);
    effect_end(core->effects);
}

/* The asked agent has accepted. A transfer takes the interaction from the mover; after any other move both have it. */
void move_accepted(struct core *core, struct interaction *ix, uint32_t slot)
{
    if (ix->running) {
        deliver_accepted(core, ix, slot);
        return;
    }
    session_answered(core->sessions, slot);
    const struct claim claim = *claim_at(core->claims, slot);
    assert(claim.interaction == ix->slot);
    uint32_t mover, theirs = CLAIM_NONE;
    open_joins(core, ix, slot, true);
    if (claim.move != move_Transfer) {
        tell_mover(core, ix, &claim, notify_PartyAdded, code_ok);
        return;
    }
    /* If the mover is also the new agent, there was no other claim. */
    if (agent_find(core->agents, claim.mover, &mover) && mover != claim.agent) theirs = had_by(core, ix, mover);
    if (theirs != CLAIM_NONE && claim_at(core->claims, theirs)->move == move_Monitor) theirs = CLAIM_NONE;
    if (theirs != CLAIM_NONE)
        open_dismiss(core, ix, theirs, cause_transferred);
    else if (claim.ruled)
        open_dismiss_others(core, ix, claim.agent, cause_redirected); /* a supervisor has given the interaction to
                                                                       * the agent */
    open_given(core, ix, claim.agent);
    if (reply_handed(core, ix)) register_tell_reply(core, ix, false);
}

void move_refused(struct core *core, struct interaction *ix, const struct claim *claim, unsigned code)
{
    tell_mover(core, ix, claim, notify_OfferRefused, code);
    open_begin_soon(core, ix); /* begins the strategy of the queue, which had offered the interaction */
}

/* ---- stop ---- */

/* Returns the interaction that the request names: by its id, by its session, or by its external id. */
static struct interaction *move_stopped(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    struct span external = message_text(message, RequestStop_external_id);
    struct span tenant = message_text(message, ENVELOPE_tenant);
    for (unsigned medium = 1; !ix && external.length != 0 && medium < MEDIA_KINDS; medium++)
        ix = interaction_by_id(
            core->interactions,
            submitted_before(core->submissions, submitted_key(core->submissions, external, tenant, medium)));
    return ix;
}

/* Returns why the mail does not become a part of the one that the request names; code_ok: it does, or none is named.
 * An agent who does not have the mail has not read it, and its text would stand nowhere: only what was split off from
 * the other one becomes a part of it again. */
static enum code merge_refused(const struct core *core, const struct message *message, const struct interaction *ix,
                               uint32_t agent)
{
    uint64_t into = message_u(message, RequestStop_into);
    const struct interaction *other = interaction_by_id(core->interactions, into);
    if (into == 0) return code_ok;
    if (!other || other == ix || !other->submitted || interaction_has_ended(other)) return code_gone;
    if (!media_is_mail((enum media)ix->media) || other->media != ix->media) return code_unsupported;
    if (ix->running) return code_locked;
    const struct submitted *row = submitted_of(core->submissions, ix);
    bool part = row->split && row->parent == into;
    if (!part && had_by(core, ix, agent) == CLAIM_NONE) return code_no_privilege;
    return authority_may(core->interactions, message, other, agent, false, ACT_answer) ? code_ok : code_no_privilege;
}

/* Cancels a call-back that the customer no longer wants; its adapter names it by the external id. */
static bool takes_back(struct core *core, const struct message *message)
{
    struct span name = message_text(message, RequestStop_external_id);
    if (!booking_named(core, name)) return false;
    uint64_t ixn;
    enum code code = booking_withdraw(core, name, &ixn);
    effect_reply_about(core->effects, message, ixn, code == code_ok ? outcome_ok : outcome_error, code,
                       code == code_ok ? NULL : enum_name_code(code), NULL);
    return true;
}

void move_on_stop(struct core *core, const struct message *message)
{
    struct interaction *ix = move_stopped(core, message);
    uint32_t agent = session_asker(core->sessions, message);
    if (!ix && agent == AGENT_NONE && takes_back(core, message)) return;
    bool supervises = message_u(message, RequestStop_supervises) != 0;
    if (may_refuses(core, message, supervises, ix)) return;
    bool agents = !is_administration(message) && authority_of(message, ix, agent, supervises) != AUTHORITY_home;
    enum code code = !ix                                                                            ? code_gone
                     : !ix->submitted                                                               ? code_unsupported
                     : agents && agent == AGENT_NONE                                                ? code_no_privilege
                     : pass_on_is_under_way(ix) || (agents && ix->running)                          ? code_locked
                     : !authority_may(core->interactions, message, ix, agent, supervises, ACT_stop) ? code_no_privilege
                                                                                                    : code_ok;
    if (code == code_ok) code = merge_refused(core, message, ix, agent);
    if (code == code_ok && !move_attached(core, ix, message_text(message, RequestStop_data)))
        code = code_invalid_attribute;
    reply_about(core, message, ix, agent, code);
    if (code != code_ok) return;
    fact_tell(core->facts, &(struct fact){.what = FACT_stop_asked, .ixn = ix->id, .message = message});
    if (is_administration(message) || supervises)
        change_work(core, message, ix->id, message_text(message, RequestStop_reason), "", "ended");
    if (message_u(message, RequestStop_into) != 0) {
        ix->outcome = ENDED_MERGED;
        fact_tell(core->facts,
                  &(struct fact){.what = FACT_merged, .ixn = ix->id, .other = message_u(message, RequestStop_into)});
    }
    chat_stop(core, ix, agent);
}

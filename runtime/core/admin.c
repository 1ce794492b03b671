/* runtime/core/admin.c - Carries out requests of administrators, and what the host lets in: new calls and new
 * dialling. */
#include "runtime/core/admin.h"

#include <string.h>

#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/media/chat.h"
#include "runtime/core/media/move.h"
#include "runtime/core/media/pass_on.h"
#include "runtime/core/media/resync.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/listening.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/ident.h"
#include "base/utf8.h"

enum { STATE_WORDS = 160 }; /* room for a state and its reason */

/* Ends a call, and answers the request: the link hangs up if it can. */
static void call_end(struct core *core, const struct message *message, struct interaction *ix)
{
    list_record_ended_by_person(core->list_records, ix);
    kept_place_given_up(core, ix);
    if (ix->running) activation_drop(core, ix, ENDED_STOPPED);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    if (!ix->leg || !link_usable(core->links, ix->link)) {
        strategy_end_interaction(core, ix);
        return;
    }
    interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, ix->dn);
    effect_begin(core->effects, &(struct effect){.kind = KIND_RequestCallControl, .link = ix->link, .interaction = ix});
    /* no DN is named: the switch ends the call at whatever DN it is */
    writer_u(&core->effects->writer, RequestCallControl_op, call_op_disconnect);
    effect_end(core->effects); /* the link answers the request with EventCallDeleted, which ends the interaction */
}

/* Ends an interaction. Who ends the interaction depends on who has it:
 *
 *     on its way to another domain    the other domain has it already, or the way is stopped
 *     a submitted one                 the core ends it at once
 *     a call with a usable link       the switch hangs up, and its event ends the interaction
 *     a call whose link is gone       the core ends it at once: no event would come
 *
 * The reply tells the administrator what was begun. The reply is sent before the interaction ends, because the end
 * may remove the interaction. */
static void admin_end(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_named(core->interactions, message_text(message, AdminRequest_name));
    if (!ix) ix = interaction_of(core->interactions, message);
    if (!ix) {
        effect_reply(core->effects, message, outcome_error, code_gone,
                     "no such interaction: it has ended, or never was", NULL);
        return;
    }
    interaction_tell(core->interactions, ix, FACT_ended_by_administrator, 0, 0);
    change_work(core, message, ix->id, message_text(message, AdminRequest_why), "", "ended");
    if (pass_on_is_under_way(ix)) {
        pass_on_stop(core, ix);
        effect_reply(core->effects, message, outcome_ok, code_ok,
                     "it is on its way to another domain, and ends there if that one has it already", NULL);
        return;
    }
    if (ix->submitted) {
        effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
        chat_stop(core, ix, AGENT_NONE);
        return;
    }
    call_end(core, message, ix);
}

/* Finds the agent of the request, who must be logged in. False: the request is refused, and answered. */
static bool agent_asked(struct core *core, const struct message *message, uint32_t *agent)
{
    if (!agent_find(core->agents, names_find(core->names, message_text(message, AdminRequest_name)), agent)) {
        effect_reply(core->effects, message, outcome_error, code_gone, "there is no such agent", NULL);
        return false;
    }
    if (!agent_logged_in(agent_at(core->agents, *agent))) {
        effect_reply(core->effects, message, outcome_error, code_not_logged_in, "the agent is not logged in", NULL);
        return false;
    }
    return true;
}

/* Adds as much of the text as there is room for, and ends the words. Returns their length. */
static uint32_t words_add(char words[STATE_WORDS], uint32_t length, struct span text)
{
    uint32_t taken = utf8_cut((const char *)text.bytes, text.length, STATE_WORDS - 1 - length);
    memcpy(words + length, text.bytes, taken);
    words[length + taken] = '\0';
    return length + taken;
}

/* Writes the agent's state, and behind it its reason: of the telephone, else of the first medium in which the agent is
 * logged in. */
static void state_words(const struct core *core, uint32_t agent, char words[STATE_WORDS])
{
    const struct agent *who = agent_at(core->agents, agent);
    enum media medium = media_none;
    if (!session_is_main(core->sessions, agent)) EACH_MEDIUM(each, who->own)
    if (medium == media_none && !has_medium(who->own_out, each)) medium = (enum media)each;
    struct span reason = core_name(core, session_reason(who, medium));
    uint32_t length = words_add(words, 0, span_of(enum_name_agent_state(session_state(who, medium))));
    if (reason.length != 0) words_add(words, words_add(words, length, span_of(" ")), reason);
}

/* Sets the state for the agent, and notes it in the audit. */
static void admin_put_state(struct core *core, const struct message *message, uint32_t agent, enum agent_state state,
                            struct span reason)
{
    char before[STATE_WORDS], now[STATE_WORDS];
    state_words(core, agent, before);
    session_set(core->sessions, agent, state,
                &(struct state_by){.reason = reason,
                                   .by = message_text(message, ENVELOPE_actor),
                                   .why = message_text(message, AdminRequest_why)});
    state_words(core, agent, now);
    change_agent_state(core, message, agent_at(core->agents, agent)->name, before, now);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

static void log_out(struct core *core, const struct message *message)
{
    uint32_t agent;
    if (agent_asked(core, message, &agent))
        admin_put_state(core, message, agent, agent_state_logged_out, span_of("log_out"));
}

/* Makes an agent ready or not ready, as the agent's own request would. */
static void set_state(struct core *core, const struct message *message)
{
    uint32_t agent;
    enum agent_state state = (enum agent_state)message_u(message, AdminRequest_state);
    struct span reason = message_text(message, AdminRequest_reason);
    const char *wrong = NULL;
    if (!agent_asked(core, message, &agent)) return;
    if (state != agent_state_ready && state != agent_state_not_ready)
        wrong = "an agent is set to ready or not_ready; log-out logs an agent out";
    else if (state == agent_state_ready && reason.length != 0)
        wrong = "a reason is for not_ready alone";
    else if (!session_knows_reason(core->sessions, reason))
        wrong = "the directory has no such reason: choose one of its list";
    if (wrong)
        effect_reply(core->effects, message, outcome_error, code_invalid_attribute, wrong, NULL);
    else
        admin_put_state(core, message, agent, state, reason);
}

/* A claim on the agent ends in one of three ways: an invitation is taken back, submitted work loses its agent, and
 * the claim of a call is released. Each end of a claim may run a strategy, so the list of the agent's claims is read
 * anew after each. */
static void admin_release_claims(struct core *core, const struct message *message)
{
    uint32_t agent;
    if (!agent_find(core->agents, names_find(core->names, message_text(message, AdminRequest_name)), &agent)) {
        effect_reply(core->effects, message, outcome_error, code_invalid_attribute, "there is no such agent", NULL);
        return;
    }
    if (agent_at(core->agents, agent)->claims == CLAIM_NONE) {
        effect_reply(core->effects, message, outcome_error, code_invalid_state, "the agent has no claims", NULL);
        return;
    }
    uint64_t last_id = core->claims->last_id; /* claims made later are kept: a strategy may claim the agent again while
                                               * this loop ends claims */
    for (;;) {
        uint32_t claim = agent_at(core->agents, agent)->claims;
        while (claim != CLAIM_NONE && claim_at(core->claims, claim)->id > last_id)
            claim = claim_at(core->claims, claim)->next_of_agent;
        if (claim == CLAIM_NONE) break;
        unsigned state = claim_at(core->claims, claim)->state;
        struct interaction *ix = interaction_at(core->interactions, claim_at(core->claims, claim)->interaction);
        if (state == CLAIM_INVITED)
            invite_ended(core, claim);
        else if (ix->submitted && state == CLAIM_ACTIVE)
            core->media[ix->media]->agent_gone(core, ix, claim);
        else
            session_release(core->sessions, claim, true);
    }
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

/* A supervisor listens to an agent's call. The audit has it once the link is asked. */
static void admin_listen(struct core *core, const struct message *message)
{
    struct listen_ask ask = {.agent = message_text(message, AdminRequest_name),
                             .dn = message_text(message, AdminRequest_reason),
                             .how = (enum party_op)message_u(message, AdminRequest_watch)};
    char words[LISTENS_WORDS];
    uint64_t ixn = listening_ask(core, message, &ask);
    if (ixn == 0 || ask.how == party_op_remove) return;
    change_listens(ask.how, ask.dn, words);
    change_work(core, message, ixn, message_text(message, AdminRequest_why), "", words);
}

/* Notes a review of an agent's work. The agent may be one whom nobody knows any more: the records note it then. */
static void admin_reviewed(struct core *core, const struct message *message)
{
    uint32_t agent;
    if (agent_find(core->agents, names_find(core->names, message_text(message, AdminRequest_name)), &agent))
        change_agent_state(core, message, agent_at(core->agents, agent)->name, "", "reviewed");
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

/* Forgets what the core remembers of an ended interaction, for a person whose data must be erased. The names that
 * the interaction held are freed by the sweep of names after this batch. */
static void admin_forget(struct core *core, const struct message *message)
{
    uint64_t id = 0;
    (void)ident_read_ixn_span(message_text(message, AdminRequest_name), &id);
    if (interaction_by_id(core->interactions, id)) {
        effect_reply(core->effects, message, outcome_error, code_invalid_state,
                     "it goes on: the core forgets an interaction when it has ended", NULL);
        return;
    }
    core->names->sweep_due = 0;
    if (record_forget(core->records, id))
        effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    else
        effect_reply(core->effects, message, outcome_error, code_gone, "the core remembers nothing of it", NULL);
}

static const char *call_back_why(enum code code)
{
    return code == code_gone             ? "no such interaction: it has ended, or never was"
           : code == code_unsupported    ? "only the caller of a call that still waits is called back"
           : code == code_invalid_dn     ? "no strategy for call-backs runs at this routing point"
           : code == code_invalid_number ? "the caller's number is unknown, or may not be called"
           : code == code_duplicate      ? "a call-back to this caller is booked already"
           : code == code_overload       ? "too many call-backs are booked"
           : code == code_unavailable    ? "no link can dial"
                                         : "a call-back is at most 366 days ahead";
}

/* Books a call-back to the caller of a call that waits, and ends the call. */
static void admin_call_back(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_named(core->interactions, message_text(message, AdminRequest_name));
    bool waits = ix && !ix->submitted && ix->leg && ix->running && ix->claims == CLAIM_NONE;
    enum code code = !ix ? code_gone : code_unsupported;
    char now[STATE_WORDS];
    if (waits)
        code = booking_of_caller(core, ix, message_text(message, AdminRequest_reason),
                                 message_i(message, AdminRequest_lasts));
    if (code != code_ok) {
        effect_reply(core->effects, message, outcome_error, code, call_back_why(code), NULL);
        return;
    }
    (void)words_add(now, words_add(now, 0, span_of("call-back by ")), message_text(message, AdminRequest_reason));
    change_work(core, message, ix->id, message_text(message, AdminRequest_why), "", now);
    call_end(core, message, ix);
}

/* Cancels the call-back whose id the request names, as a decimal number. The name may have at most 18 digits, so the
 * number cannot overflow. */
static void cancel_callback(struct core *core, const struct message *message)
{
    struct span name = message_text(message, AdminRequest_name);
    uint64_t id = 0;
    bool good = name.length > 0 && name.length <= 18;
    for (uint32_t at = 0; good && at < name.length; at++) {
        good = name.bytes[at] >= '0' && name.bytes[at] <= '9';
        id = id * 10 + (uint64_t)(name.bytes[at] - '0');
    }
    if (good && booking_cancel(core, id))
        effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    else
        effect_reply(core->effects, message, outcome_error, code_gone, "there is no such call-back, or it has begun",
                     NULL);
}

/* Begins bookings and records that have waited until the core dials again: after a drain, or when the host opens the
 * intake. */
static void admin_look_again(struct core *core)
{
    if (core_dials_nothing(core)) return;
    bookings_look_again(core);
    list_records_look_again(core->list_records, 0);
    campaigns_look_again(core->campaigns, 0);
}

void admin_on_intake(struct core *core, const struct message *message)
{
    core->gated = message_u(message, Intake_gate) != gate_open;
    admin_look_again(core);
}

/* Drains the core (arrivals go to their default destinations), or holds its dialling, or lets it serve everything
 * again, as the administrator asks. Calls in progress go on. */
static void admin_closes(struct core *core, const struct message *message, unsigned op)
{
    core->draining = op == admin_op_drain || (core->draining && op != admin_op_serve);
    core->dials_held = op == admin_op_hold_dials || (core->dials_held && op != admin_op_serve);
    admin_look_again(core);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

void admin_on_request(struct core *core, const struct message *message)
{
    fact_tell(core->facts, &(struct fact){.what = FACT_administered, .message = message});
    switch (message_u(message, AdminRequest_op)) {
    case admin_op_end:
        admin_end(core, message);
        break;
    case admin_op_log_out:
        log_out(core, message);
        break;
    case admin_op_set_state:
        set_state(core, message);
        break;
    case admin_op_release_claim:
        admin_release_claims(core, message);
        break;
    case admin_op_cancel_callback:
        cancel_callback(core, message);
        break;
    case admin_op_call_back:
        admin_call_back(core, message);
        break;
    case admin_op_move:
        move_by_hand(core, message);
        break;
    case admin_op_listen:
        admin_listen(core, message);
        break;
    case admin_op_forget:
        admin_forget(core, message);
        break;
    case admin_op_reviewed:
        admin_reviewed(core, message);
        break;
    case admin_op_prompt_changed:
        change_prompt(core, message);
        effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
        break;
    case admin_op_opened: /* that it was asked for is all: the records note it */
        effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
        break;
    case admin_op_reconcile:
        resync_reconcile(core);
        effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
        break;
    case admin_op_drain:
    case admin_op_serve:
    case admin_op_hold_dials:
        admin_closes(core, message, (unsigned)message_u(message, AdminRequest_op));
        break;
    case admin_op_lend:
        loan_lend(core->loans, message);
        break;
    case admin_op_recall:
        loan_recall(core->loans, message);
        break;
    default:
        effect_reply(core->effects, message, outcome_unsupported, code_unsupported, "not in this version", NULL);
    }
}

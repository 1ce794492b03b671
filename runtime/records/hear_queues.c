/* runtime/records/hear_queues.c - Records visits of virtual queues, decisions, and routing by default.
 *
 * An interaction may wait in several queues at a time. A decision is noted in `struct open` until the interaction
 * has left all queues, and is written in the row of the visit whose queue chose the agent. */
#include <assert.h>

#include "runtime/core/base/facts_queue.h"
#include "runtime/records/recorder_state.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"

void record_entered(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    if (open->queues++ == 0) open->vq = recorder_named(r, core_queue_name(r->core, fact->queue));
    open->chosen = (struct named){0};
    open->line = 0;
    event_tell(r, &(struct told_event){.event = EVENT_queued,
                                       .ixn = fact->ixn,
                                       .vq = core_text(r->core, core_queue_name(r->core, fact->queue))});
}

/* A visit is over: writes its row. */
void record_left(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct record_value values[vq_visits_COLUMNS] = {0};
    struct moment entered = recorder_ago(r, fact->waited_us);
    char ixn[IXN_TEXT];
    const char *outcome = fact->what == FACT_distributed        ? "distributed"
                          : fact->what == FACT_abandoned_queued ? "abandoned"
                                                                : "cleared";
    values[vq_visits_ixn] = ixn_in(fact->ixn, ixn);
    values[vq_visits_quarter] = recorder_quarter(entered);
    values[vq_visits_vq] = recorder_name(r, core_queue_name(r->core, fact->queue));
    values[vq_visits_entered] = recorder_moment(entered);
    values[vq_visits_ended] = recorder_moment(recorder_now(r));
    values[vq_visits_waited_ms] = recorder_number((int64_t)(fact->waited_us / 1000));
    values[vq_visits_outcome] = recorder_word(outcome);
    bool chose = open->chosen.text[0] && is_named(r, &open->vq, core_queue_name(r->core, fact->queue));
    if (chose) values[vq_visits_line] = recorder_number(open->line);
    values[vq_visits_agent] = recorder_word(chose ? open->chosen.text : "");
    values[vq_visits_team] = recorder_team(r, span_of(chose ? open->chosen.text : ""));
    r->row(r->self, TABLE_vq_visits, values);
    if (open->queues != 0 && --open->queues != 0) return;
    open->vq = open->chosen = (struct named){0};
    open->line = 0;
}

/* Writes the decision, and notes the agent chosen for the rows of the visit and of the offer. */
void record_decided(struct recorder *r, const struct fact *fact)
{
    const struct decision *decision = fact->decision;
    struct open *open = open_of(r, fact->ixn);
    assert(decision);
    struct record_value values[decisions_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    if (decision->chosen != 0) {
        open->vq = recorder_named(r, decision->vq);
        open->chosen = recorder_named(r, decision->chosen);
        open->line = decision->line;
    }
    values[decisions_ixn] = ixn_in(fact->ixn, ixn);
    values[decisions_vq] = recorder_name(r, decision->vq);
    values[decisions_at] = recorder_moment(recorder_now(r));
    values[decisions_waited_ms] = recorder_number(decision->waited_ms);
    if (decision->chosen != 0) values[decisions_line] = recorder_number(decision->line);
    values[decisions_chosen] = recorder_name(r, decision->chosen);
    values[decisions_ready] = recorder_number(decision->candidates);
    values[decisions_not_ready] = recorder_number(decision->not_ready);
    values[decisions_not_matching] = recorder_number(decision->not_matching);
    values[decisions_claimed] = recorder_number(decision->claimed);
    values[decisions_among] = recorder_number(decision->among);
    r->row(r->self, TABLE_decisions, values);
}

/* ---- routing by default ---- */

/* Writes that the call went to its default destination, `to` (0: the link did not say which). */
void recorder_default_route(struct recorder *r, struct open *open, struct moment at, uint32_t to, unsigned code)
{
    struct record_value values[default_routes_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    values[default_routes_ixn] = ixn_in(open->ixn, ixn);
    values[default_routes_quarter] = recorder_quarter(at);
    values[default_routes_at] = recorder_moment(at);
    values[default_routes_destination] = recorder_name(r, to);
    values[default_routes_reason] = recorder_word(enum_name_code(code));
    r->row(r->self, TABLE_default_routes, values);
    open->defaulted = (struct moment){0};
}

/* A customer has judged an interaction, perhaps one that has ended long ago. */
void record_judged(struct recorder *r, const struct fact *fact)
{
    struct record_value values[judgements_COLUMNS] = {0};
    char ixn[IXN_TEXT], answer[IXN_TEXT];
    values[judgements_ixn] = ixn_in(fact->about, ixn);
    values[judgements_quarter] = recorder_quarter(recorder_now(r));
    values[judgements_at] = recorder_moment(recorder_now(r));
    values[judgements_answer] = ixn_in(fact->ixn, answer);
    values[judgements_vq] = recorder_name(r, fact->name);
    values[judgements_mark] = recorder_number(fact->value);
    values[judgements_ms] = recorder_number((int64_t)(fact->waited_us / 1000));
    r->row(r->self, TABLE_judgements, values);
}

/* A row of what the message's agent says came of an interaction (0: none that is known), or of a call (0: it is none).
 */
static void wrapup_put(struct recorder *r, const struct message *message, uint64_t about, uint64_t call,
                       struct span code, struct record_value note)
{
    struct record_value values[wrapups_COLUMNS] = {0};
    char ixn[IXN_TEXT], conn[CONN_TEXT];
    ident_print_conn(call, conn);
    values[wrapups_ixn] = about != 0 ? ixn_in(about, ixn) : recorder_word("");
    values[wrapups_quarter] = recorder_quarter(recorder_now(r));
    values[wrapups_at] = recorder_moment(recorder_now(r));
    values[wrapups_conn] = recorder_word(call != 0 ? conn : "");
    values[wrapups_agent] = recorder_span(message_text(message, ENVELOPE_actor));
    values[wrapups_team] = recorder_team(r, message_text(message, ENVELOPE_actor));
    values[wrapups_code] = recorder_span(code);
    values[wrapups_note] = note;
    r->row(r->self, TABLE_wrapups, values);
}

/* An agent has said what came of a call, or of a conversation that its customer has ended. A note without its
 * interaction is left out: nobody who erases the caller would find it. */
void record_wrapped_up(struct recorder *r, const struct fact *fact)
{
    const struct message *message = fact->message;
    wrapup_put(r, message, fact->ixn, message_u(message, RequestWrapUp_call), message_text(message, RequestWrapUp_code),
               fact->ixn != 0 ? recorder_span(message_text(message, RequestWrapUp_note)) : recorder_word(""));
}

/* An agent is done with written work, and may say in its user data what came of it. */
void record_done_with(struct recorder *r, const struct fact *fact)
{
    struct kv_value code;
    if (fact->message && message_text(fact->message, ENVELOPE_actor).length != 0 &&
        kv_get(message_text(fact->message, RequestStop_data), "wrapup", &code) && code.tag == KV_TEXT &&
        code.span.length != 0)
        wrapup_put(r, fact->message, fact->ixn, 0, code.span, recorder_word(""));
}

/* A supervisor has taken an agent's place in a call: the audit has it. */
void record_taken_over(struct recorder *r, const struct fact *fact)
{
    struct record_value values[audit_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    values[audit_at] = recorder_moment(recorder_now(r));
    values[audit_actor] = recorder_name(r, fact->name);
    values[audit_what] = recorder_word("take_over");
    values[audit_object] = recorder_word(enum_name_object(object_interaction));
    values[audit_name] = ixn_in(fact->ixn, ixn);
    values[audit_key] = recorder_span(message_text(fact->message, EventParty_agent));
    r->row(r->self, TABLE_audit, values);
}

void record_default_asked(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    if (open->defaulted.us != 0) return; /* the default was asked for once more after a resync */
    open->defaulted = recorder_now(r);
    open->default_code = fact->value;
}

void record_default_destination(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    if (open->defaulted.us != 0)
        recorder_default_route(r, open, open->defaulted, fact->name, open->default_code);
    else if (fact->value == route_how_default)
        recorder_default_route(r, open, recorder_now(r), fact->name, code_other);
}

/* runtime/core/media/resync.c - Effects and events while a link comes up again, and what happens to its calls.
 *
 *                  LinkUp, peer up                 ResyncEnd, or its time is over
 *     LINK_DOWN ------------------> LINK_RESYNC ------------------------------> LINK_UP
 *         ^                            |    ^                                      |
 *         | grace is over              |    | LinkUp, peer up                      |
 *         |                            v    |                                      |
 *         +----------------------- LINK_GRACE <---- LinkDown, peer down -----------+
 *
 * While a link is in grace or resync its calls are held: their timers are frozen, no agents are chosen for them, and
 * its agents get no work. In a resync the adapter reports the calls and agents that it has; those that it does not
 * report are over. An adapter that never begins its report has lost its switch: the link is down. */
#include "runtime/core/media/resync.h"

#include <assert.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/directory/import.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/media/chat.h"
#include "runtime/core/media/open.h"
#include "runtime/core/media/pass_on.h"
#include "runtime/core/media/register.h"
#include "runtime/core/media/sending.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/core/steps/select.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/rows.h"

enum { GRACE_US = 15000000, RESYNC_US = 30000000 };

static void thaw_all(struct core *core, unsigned source)
{
    EACH_INTERACTION (ix, core->interactions)
        if (ix->link == source) fiber_timers_thaw(core->forks, ix);
}

static void resync_set_timer(struct core *core, struct link *link, unsigned source, uint64_t in_us)
{
    assert(link == link_at(core->links, source));
    timer_cancel(core->timers, &link->timer);
    if (in_us != 0)
        timer_set(core->timers,
                  &(struct timer){.deadline_us = core->now->time_us + in_us, .kind = TIMER_LINK, .data = source});
}

/* Begins a resync: the adapter reports all its calls and agents; until then the core does not rely on what it knew
 * before. */
static void find_out(struct core *core, struct link *link, unsigned source)
{
    assert(link == link_at(core->links, source));
    link->state = LINK_RESYNC;
    link->begun = link->audited = false;
    resync_set_timer(core, link, source, link->resync_us);
    session_hold(core->sessions, source, true);
}

/* Marks the link's calls as not yet reported, dials too if `dials`. Effects reach a link in order: its reports after
 * a Resync include all dials that were sent before. A dial that was sent later may be on its way while the link
 * reports, so it is not doubted just because a resync begins. */
static void calls_unobserved(struct core *core, unsigned source, bool dials)
{
    EACH_INTERACTION (ix, core->interactions)
        if (ix->link == source && ix->observed && (ix->leg || dials)) ix->observed = false;
}

void resync_ask(struct core *core, unsigned source)
{
    calls_unobserved(core, source, true);
    effect_begin(core->effects, &(struct effect){.kind = KIND_Resync, .link = source, .timeout_us = RESYNC_US});
    effect_end(core->effects);
}

/* Sets the link to grace: it may be back soon, so nothing ends yet. */
static void into_grace(struct core *core, struct link *link, unsigned source, uint64_t grace_us)
{
    assert(link == link_at(core->links, source));
    link->state = LINK_GRACE;
    link->audited = false;
    resync_set_timer(core, link, source, grace_us);
    session_hold(core->sessions, source, true);
}

static void begin_resync(struct core *core, unsigned source)
{
    assert(source < SOURCES_MAX);
    session_resync_began(core->agents, source);
    if (link_is_desk(core->links, source)) session_desktops_asked(core->sessions, source);
    calls_unobserved(core, source, false);
}

/* Returns a time from a second to a day; a shorter one would fill the journal with batches for nothing else. */
static uint64_t resync_duration(const struct message *message, unsigned field, uint64_t usual_us)
{
    const int64_t least_us = 1000000, most_us = INT64_C(86400) * 1000000;
    int64_t us = message_i(message, field);
    return us >= least_us && us <= most_us ? (uint64_t)us : usual_us;
}

/* Takes a LinkUp: capabilities, times and name may differ from those before the interruption. */
void resync_on_link_up(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, LinkUp_link);
    struct link *link = link_at(core->links, source);
    if (!link) return;
    link->name = names_intern(core->names, message_text(message, LinkUp_name));
    link_announces(link, message_text(message, LinkUp_caps), message_text(message, LinkUp_media));
    link->instance = message_u(message, LinkUp_instance);
    link->grace_us = resync_duration(message, LinkUp_grace, GRACE_US);
    link->resync_us = resync_duration(message, LinkUp_resync, RESYNC_US);
    link->audit_us = resync_duration(message, LinkUp_audit, 0);
    link->connected = true;
    link->peer_down = false;
    register_forget_link(core, source);
    find_out(core, link, source);
    core_directory_configure_link(core, source);
    resync_ask(core, source);
    begin_resync(core, source);
}

/* Takes a ResyncBegin, which may come without a request: an adapter whose switch was away when the core asked begins
 * when the switch is back. */
void resync_on_begin(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    struct link *link = link_at(core->links, source);
    if (!link || !link->connected) return;
    if (link->state != LINK_RESYNC) find_out(core, link, source);
    link->peer_down = false;
    link->begun = true;
    begin_resync(core, source);
}

/* Asks for the agents only, while everything goes on. The link must be able to tell its switch each state that the
 * core has set itself; otherwise the audit would undo it. Unlike a resync, an audit holds no calls. */
static void resync_audit(struct core *core, struct link *link, unsigned source)
{
    resync_set_timer(core, link, source, link->audit_us);
    if (link->begun || !link_can(core->links, source, CAP_SET_AGENT)) return;
    link->audited = true;
    session_resync_began(core->agents, source);
    effect_begin(core->effects, &(struct effect){.kind = KIND_Resync, .link = source, .timeout_us = RESYNC_US});
    writer_u(&core->effects->writer, Resync_what, object_agent);
    effect_end(core->effects);
}

/* Sends awaited effects again under the same ids, since effects may be lost with the link. Effects about the link's
 * own calls and sessions were sent again when the link reported these. */
static void resync_asks_again(struct core *core, unsigned source)
{
    for (uint32_t at = core->interactions->first, next; at != INTERACTION_NONE; at = next) {
        struct interaction *ix = interaction_at(core->interactions, at);
        next = ix->next; /* it may end */
        if (ix->link == source && sending_reaches(ix)) chat_send_again(core, ix);
        if (ix->running && interaction_awaits(ix) && (ix->link != source || (ix->submitted && !ix->leg)))
            step_send_again(core, ix, source, 0);
    }
}

/* The link is up: frozen timers run again, and waiting interactions may get its ready agents. The order matters:
 * timers and agents first, then parts that may choose agents, then parts that dial anew. */
static void resync_up(struct core *core, struct link *link, unsigned source)
{
    assert(link == link_at(core->links, source));
    link->state = LINK_UP;
    resync_set_timer(core, link, source, link->audit_us);
    session_hold(core->sessions, source, false);
    thaw_all(core, source);
    EACH_INTERACTION (ix, core->interactions) {
        /* An interaction that waits without a leg was not held, and its lines were opened when they were due. */
        if (ix->link == source && (ix->leg || ix->keeps || ix->booked)) select_refresh(core, ix);
    }
    invite_again(core, source);
    /* True for a leader that has begun with a journal that was put back. */
    if (core->now->restored_s != 0 && core->now->restored_s == core->now->epoch) open_tell_living(core, source);
    if (link_is_desk(core->links, source)) register_tell_shown(core, source);
    resync_asks_again(core, source);
    if (link_can(core->links, source, CAP_DOMAINS)) {
        pass_on_again(core, source);
        loans_tell(core->loans, source);
    }
    core->settle_all = true;
    bookings_look_again(core);
    list_records_look_again(core->list_records, source);
    campaigns_look_again(core->campaigns, source);
}

void resync_reconcile(struct core *core)
{
    for (unsigned source = SOURCE_LINKS; source < SOURCES_MAX; source++) {
        const struct link *link = link_at(core->links, source);
        if (link->state != LINK_UP) continue;
        open_tell_living(core, source);
        if (link->caps & (CAP_MAIL | CAP_RECORDS)) resync_ask(core, source);
    }
}

/* Ends the calls that the adapter has not reported. */
static void unreported_end(struct core *core, unsigned source)
{
    EACH_INTERACTION (ix, core->interactions)
        if (!kept_place_at_link(core, ix, source) || ix->observed)
            continue;
        else if (!ix->leg)
            kept_place_unknown(core, ix, code_outcome_unknown);
        else
            core->media[ix->media]->leg_ended(core, ix, cause_lost);
}

void resync_on_end(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    struct link *link = link_at(core->links, source);
    /* True: the resync ends only now, after its time was over. The reports of the link were taken already; only now
     * does the core know which calls the link has not reported. */
    bool late = link && link->state == LINK_UP && link->begun;
    if (link && link->audited) {
        link->audited = false;
        session_resync_ended(core->sessions, source, true);
        return;
    }
    if (!link || (link->state != LINK_RESYNC && !late)) return;
    link->begun = false;
    session_resync_ended(core->sessions, source, false);
    unreported_end(core, source);
    resync_up(core, link, source);
}

/* Takes a LinkDown. A removed link whose grace is over does not come back: its calls end now. */
void resync_on_link_down(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, LinkDown_link);
    struct link *link = link_at(core->links, source);
    if (!link) return;
    link->connected = false;
    if (link->state == LINK_DOWN && message_u(message, LinkDown_reason) == down_reason_removed) {
        link->caps = 0; /* the adapter does not come back, so the link can do nothing */
        calls_unobserved(core, source, true);
        unreported_end(core, source);
    }
    if (link->state == LINK_RESYNC || link->state == LINK_UP) into_grace(core, link, source, link->grace_us);
}

/* Takes a Recovered: the core did not run for a time, and had no links in it. All links are held until their adapters
 * report again. The grace of the links begins when the gap is over. Before that, logical time runs through the gap in
 * steps, with the events that adapters kept and the timers between, if a timer is overdue and the gap is at most a
 * minute (partition.c); else logical time skips the gap. */
void resync_on_recovered(struct core *core, const struct message *message)
{
    const int64_t most_us = INT64_C(1) << 60;
    int64_t gap_us = message_i(message, Recovered_gap);
    gap_us = gap_us < 0 ? 0 : gap_us > most_us ? most_us : gap_us;
    for (unsigned source = SOURCE_LINKS; source < SOURCES_MAX; source++) {
        struct link *link = link_at(core->links, source);
        link->connected = false;
        if (link->state != LINK_DOWN) into_grace(core, link, source, (uint64_t)gap_us + link->grace_us);
    }
}

/* The adapter has lost its switch or found it again. Without its switch the link is held, as if the adapter were
 * lost. */
void resync_on_peer(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    struct link *link = link_at(core->links, source);
    if (!link || !link->connected) return;
    bool is_up = message_u(message, PeerLink_up) != 0, was_down = link->peer_down;
    link->peer_down = !is_up;
    if (!is_up) {
        if (link->state == LINK_RESYNC || link->state == LINK_UP) into_grace(core, link, source, link->grace_us);
    } else if (was_down) {
        find_out(core, link, source);
        resync_ask(core, source);
        begin_resync(core, source);
    }
}

/* The grace is over: the calls of this link cannot be served any more. Strategies that work on such a call fail with
 * link_down, and may still save data. Calls without a strategy stay until the link reports them, or their lifetime
 * is over. */
static void resync_lost(struct core *core, struct link *link, unsigned source)
{
    link->state = LINK_DOWN;
    session_lost(core->sessions, source);
    session_hold(core->sessions, source, false);
    thaw_all(core, source);
    EACH_INTERACTION (ix, core->interactions) {
        if (ix->link != source || !ix->running) continue;
        if (ix->keeps && kept_place_dials(core, ix))
            kept_place_unknown(core, ix, code_outcome_unknown);
        else if (ix->leg)
            strategy_failed(core, ix, code_link_down);
    }
}

static uint32_t *resync_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &link_at(core->links, timer->data)->timer;
}

static uint64_t resync_timer_number(const void *self, const struct timer *timer)
{
    (void)self;
    return timer->data;
}

/* The link's timer has fired; its meaning depends on the state of the link. */
static void resync_timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    uint32_t source = timer->data;
    struct link *link = link_at(core->links, source);
    if (link->state == LINK_UP)
        resync_audit(core, link, source);
    else if (link->state == LINK_GRACE)
        resync_lost(core, link, source);
    else if (link->state == LINK_RESYNC && link->begun)
        resync_up(core, link, source); /* the adapter has not ended its resync in time; its reports are valid */
    else if (link->state == LINK_RESYNC)
        resync_lost(core, link, source); /* without its switch the adapter has nothing to report */
}

const struct timer_ops timer_ops_link = {
    .handle = resync_timer_handle, .number = resync_timer_number, .fired = resync_timer_fired};

static bool link_is_audited(struct core *core, unsigned source)
{
    const struct link *link = link_at(core->links, source);
    return link && link->audited;
}

void resync_on_observed(struct core *core, const struct message *message)
{
    switch (message_u(message, Observed_what)) {
    case object_call:
        core->media[message_u(message, Observed_media)]->observed(core, message);
        break;
    case object_agent:
        if (link_is_audited(core, (unsigned)message_u(message, ENVELOPE_source)))
            session_audited(core->sessions, message);
        else
            session_observed(core->sessions, message);
        break;
    case object_dn:
        session_dn(core->sessions, (unsigned)message_u(message, ENVELOPE_source), message_text(message, Observed_dn),
                   (unsigned)message_u(message, Observed_dn_state));
        break;
    default:
        break;
    }
}

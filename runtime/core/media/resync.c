/* runtime/core/media/resync.c - The effects and events while a link comes up again, and the fate of its calls. */
#include "runtime/core/media/resync.h"

#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/directory/import.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/core/steps/select.h"
#include "runtime/vocabulary/rows.h"

enum { GRACE_US = 15000000, RESYNC_US = 30000000 };

static uint32_t caps_of(struct span list)
{
    static const struct {
        const char *name;
        enum cap cap;
    } known[] = {
        {"calls", CAP_CALLS},
        {"sessions", CAP_SESSIONS},
        {"treatments", CAP_TREATMENTS},
        {"pull_back", CAP_PULL_BACK},
        {"set_agent", CAP_SET_AGENT},
        {"desktops", CAP_DESKTOPS},
        {"agent_master", CAP_AGENT_MASTER},
        {"recording", CAP_RECORDING},
        {"dial", CAP_DIAL},
        {"preview", CAP_PREVIEW},
    };
    uint32_t caps = 0, at = 0;
    struct span cap;
    while (message_next_text(list, &at, &cap))
        for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
            if (span_is(cap, known[i].name)) caps |= known[i].cap;
    return caps;
}

static void thaw_all(struct core *core, unsigned source)
{
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next)
        if (interaction_at(core, at)->link == source) link_thaw(core, interaction_at(core, at));
}

static void set_timer(struct core *core, struct link *link, unsigned source, uint64_t in_us)
{
    timer_cancel(core->timers, &link->timer);
    if (in_us != 0)
        timer_set(core->timers,
                  &(struct timer){.deadline_us = core->time_us + in_us, .kind = TIMER_LINK, .data = source});
}

/* What is there is told anew: whatever the link knew before is not certain until then. */
static void find_out(struct core *core, struct link *link, unsigned source)
{
    link->state = LINK_RESYNC;
    link->begun = false;
    set_timer(core, link, source, link->resync_us);
    session_hold(core, source, true);
}

static void ask_for_resync(struct core *core, unsigned source)
{
    effect_begin(core, &(struct effect){.kind = KIND_Resync, .link = source, .timeout_us = RESYNC_US});
    effect_end(core);
}

static void into_grace(struct core *core, struct link *link, unsigned source, uint64_t grace_us)
{
    link->state = LINK_GRACE;
    set_timer(core, link, source, grace_us);
    session_hold(core, source, true);
}

static void begin_resync(struct core *core, unsigned source)
{
    session_resync_began(core, source);
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next)
        if (interaction_at(core, at)->link == source) interaction_at(core, at)->observed = false;
}

static uint64_t duration(const struct message *message, unsigned field, uint64_t usual_us)
{
    const int64_t most_us = INT64_C(86400) * 1000000;
    int64_t us = message_i(message, field);
    return us > 0 && us <= most_us ? (uint64_t)us : usual_us;
}

void link_on_up(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, LinkUp_link);
    struct link *link = link_at(core, source);
    if (link == NULL) return;
    link->name = names_intern(core->names, message_text(message, LinkUp_name));
    link->caps = caps_of(message_text(message, LinkUp_caps));
    link->instance = message_u(message, LinkUp_instance);
    link->grace_us = duration(message, LinkUp_grace, GRACE_US);
    link->resync_us = duration(message, LinkUp_resync, RESYNC_US);
    link->connected = true;
    link->peer_down = false;
    find_out(core, link, source);
    core_directory_configure_link(core, source);
    ask_for_resync(core, source);
    begin_resync(core, source);
}

/* Asked for, or not: an adapter whose switch was away when it was asked tells when the switch is there. */
void link_on_resync_begin(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    struct link *link = link_at(core, source);
    if (link == NULL || !link->connected) return;
    if (link->state != LINK_RESYNC) find_out(core, link, source);
    link->peer_down = false;
    link->begun = true;
    begin_resync(core, source);
}

/* The link is as usual again: what was frozen goes on, and whoever is ready meets whoever waits. */
static void up(struct core *core, struct link *link, unsigned source)
{
    link->state = LINK_UP;
    set_timer(core, link, source, 0);
    session_hold(core, source, false);
    thaw_all(core, source);
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next)
        if (interaction_at(core, at)->link == source) select_refresh(core, interaction_at(core, at));
    invite_again(core, source);
    core->settle_all = true;
    bookings_look_again(core);
}

void link_on_resync_end(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    struct link *link = link_at(core, source);
    /* Later than it may, but after all: what it said counted meanwhile, what it did not say is known only now. */
    bool late = link != NULL && link->state == LINK_UP && link->begun;
    if (link == NULL || (link->state != LINK_RESYNC && !late)) return;
    link->begun = false;
    session_resync_ended(core, source);
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next) {
        struct interaction *ix = interaction_at(core, at);
        if (ix->link == source && ix->conn != 0 && !ix->observed) interaction_gone(core, ix, cause_lost);
        else if (ix->link == source && ix->conn == 0 && ix->keeps) kept_place_unknown(core, ix, code_outcome_unknown);
    }
    up(core, link, source);
}

void link_on_down(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, LinkDown_link);
    struct link *link = link_at(core, source);
    if (link == NULL) return;
    link->connected = false;
    if (link->state == LINK_RESYNC || link->state == LINK_UP) into_grace(core, link, source, link->grace_us);
}

/* This core was away for so long, and every link with it: all that hangs on one is held until it is found again. Time
 * goes on by the gap after this event, and the grace begins then. */
void link_on_recovered(struct core *core, const struct message *message)
{
    const int64_t most_us = INT64_C(1) << 60;
    int64_t gap_us = message_i(message, Recovered_gap);
    gap_us = gap_us < 0 ? 0 : gap_us > most_us ? most_us : gap_us;
    for (unsigned source = SOURCE_LINKS; source < SOURCES_MAX; source++) {
        struct link *link = link_at(core, source);
        link->connected = false;
        if (link->state != LINK_DOWN) into_grace(core, link, source, (uint64_t)gap_us + link->grace_us);
    }
}

/* The adapter is there, its switch is not: the same, until it says that it is, however long that takes. */
void link_on_peer(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    struct link *link = link_at(core, source);
    if (link == NULL || !link->connected) return;
    bool is_up = message_u(message, PeerLink_up) != 0, was_down = link->peer_down;
    link->peer_down = !is_up;
    if (!is_up) {
        if (link->state == LINK_RESYNC || link->state == LINK_UP) into_grace(core, link, source, link->grace_us);
    } else if (was_down) {
        find_out(core, link, source);
        ask_for_resync(core, source);
        begin_resync(core, source);
    }
}

/* The grace is over: whoever waits at this link cannot be served. */
static void lost(struct core *core, struct link *link, unsigned source)
{
    link->state = LINK_DOWN;
    session_lost(core, source);
    session_hold(core, source, false);
    thaw_all(core, source);
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next) {
        struct interaction *ix = interaction_at(core, at);
        if (ix->link != source || !ix->running) continue;
        if (ix->keeps && kept_place_dials(core, ix))
            kept_place_unknown(core, ix, code_outcome_unknown);
        else if (ix->conn != 0)
            strategy_failed(core, ix, code_link_down);
    }
}

static uint32_t *timer_handle(struct core *core, const struct timer *timer)
{
    return &link_at(core, timer->data)->timer;
}

static uint64_t timer_number(const struct core *core, const struct timer *timer)
{
    (void)core;
    return timer->data;
}

static void timer_fired(struct core *core, const struct timer *timer)
{
    uint32_t source = timer->data;
    struct link *link = link_at(core, source);
    if (link->state == LINK_GRACE)
        lost(core, link, source);
    else if (link->state == LINK_RESYNC && link->begun)
        up(core, link, source); /* it never said that it is done: what it said counts */
    else if (link->state == LINK_RESYNC)
        lost(core, link, source); /* it has nothing to tell: its switch is not there */
}

const struct timer_ops timer_ops_link = {timer_handle, timer_number, timer_fired};

static void answered(struct core *core, uint64_t conn)
{
    uint32_t kept = core->links->asked_count < ASKED_MAX ? core->links->asked_count : ASKED_MAX;
    for (uint32_t at = 0; at < kept; at++)
        if (core->links->asked[at] == conn) core->links->asked[at] = 0;
}

void link_restore(struct core *core, struct interaction *ix)
{
    effect_begin(core, &(struct effect){.kind = KIND_Restore, .link = ix->link, .interaction = ix});
    struct writer *writer = &core->effects->writer;
    kv_clear(&core->scratch);
    userdata_all(core, ix, &core->scratch);
    writer_u(writer, Restore_revision, ix->revision);
    effect_kv(core, Restore_data);
    writer_list_begin(writer, Restore_claims);
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        writer_list_u(writer, core->claims->all[at].id);
    writer_list_end(writer);
    writer_u(writer, Restore_instructed, ix->instructed);
    effect_end(core);
}

static void observed_parties(struct core *core, struct interaction *ix, struct span parties)
{
    uint32_t at = 0;
    struct span record;
    while (message_next_text(parties, &at, &record)) {
        struct message party;
        message_record(&party, row_of_record(TYPE_LIST_PARTY), record);
        interaction_party_is(core, ix, message_text(&party, Party_dn), message_text(&party, Party_agent),
                             (unsigned)message_u(&party, Party_role), (unsigned)message_u(&party, Party_change), 0);
    }
}

static void observed_call(struct core *core, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    bool at_point = message_u(message, Observed_at_routing_point) != 0;
    struct span dn = message_text(message, Observed_dn);
    if (conn == 0) return;
    answered(core, conn);
    struct interaction *ix = interaction_by_conn(core, conn);
    bool known = ix != NULL;
    if (known && ix->link != message_u(message, ENVELOPE_source)) return; /* another link's call */
    if (!known && !link_gave((unsigned)message_u(message, ENVELOPE_source), conn)) {
        core->refused++;
        return;
    }
    if (!known) ix = interaction_adopt(core, message);
    if (ix == NULL) return;
    ix->observed = true;
    observed_parties(core, ix, message_text(message, Observed_parties));
    if (known) {
        interaction_note(core, ix, KIND_Observed, at_point, ix->dn);
        if (kept_place_dials(core, ix)) {
            if (at_point) kept_place_answered(core, ix);
        } else if (ix->running && at_point && ix->route_phase >= ROUTE_OUT && ix->route_phase <= ROUTE_PULLING)
            route_returned(core, ix);
        else if (ix->running && at_point)
            step_send_again(core, ix, message_u(message, Observed_last_ref));
        else if (ix->running && ix->route_phase == ROUTE_ASKED)
            route_relieved(core, ix); /* what is observed is the answer */
        else if (ix->running && (ix->route_phase == ROUTE_IDLE || ix->route_phase == ROUTE_DEFAULTING)) {
            core->defaulted++;
            strategy_drop(core, ix, ENDED_DEFAULTED); /* routed elsewhere: as asked, or while nobody instructed it */
            interaction_own(core, ix, IX_OBSERVED, OWNER_DEVICE, names_pass(core->names, dn));
        }
        else if (at_point && follow_up_is_pulled(core, ix))
            interaction_pulled(core, ix, dn);
        else if (!at_point && ix->followed) {
            follow_up_observed(core, ix, message_u(message, Observed_last_ref));
            interaction_parties_left(core, ix, message_text(message, Observed_parties));
        }
        if (interaction_has_ended(ix)) return;
    }
    if (!ix->running && at_point && ix->state == IX_OBSERVED) interaction_at_routing_point(core, ix, message, dn);
    if (ix->conn != 0 && known) link_restore(core, ix);
}

void link_on_observed(struct core *core, const struct message *message)
{
    switch (message_u(message, Observed_what)) {
    case object_call:
        observed_call(core, message);
        break;
    case object_agent:
        session_observed(core, message);
        break;
    case object_dn:
        session_dn(core, message_text(message, Observed_dn), (unsigned)message_u(message, Observed_dn_state));
        break;
    default:
        break;
    }
}


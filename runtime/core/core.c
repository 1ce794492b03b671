/* runtime/core/core.c - Applies batches: sets the time, fires due timers, then takes the events in their order;
 * selection follows each of them. */
#include "runtime/core/core.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/admin.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/directory/import.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/media/resync.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/ageing.h"
#include "runtime/core/queues/order.h"
#include "runtime/core/run/signal.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/select.h"

/* In one batch: more that are due wait for the next, so that after an absence there is never too much at once, and what
 * happens meanwhile is heard in between. */
enum { TIMERS_MAX = 1000 };

#define TIMER(KIND, kind) extern const struct timer_ops timer_ops_##kind;
#include "runtime/core/base/timers.def"
#undef TIMER

static const struct timer_ops *const timer_ops[] = {
#define TIMER(KIND, kind) [TIMER_##KIND] = &timer_ops_##kind,
#include "runtime/core/base/timers.def"
#undef TIMER
};

static uint32_t *timer_handle(void *self, const struct timer *timer)
{
    return timer_ops[timer->kind]->handle(self, timer);
}

static uint64_t timer_number(void *self, const struct timer *timer)
{
    return timer_ops[timer->kind]->number(self, timer);
}

#define PART(name, type) extern const struct part_ops part_ops_##name;
#include "runtime/core/base/parts.def"
#undef PART

static const struct part_row parts[] = {
#define PART(name, type) {#name, &part_ops_##name},
#include "runtime/core/base/parts.def"
#undef PART
    {NULL, NULL},
};

static void parts_init(struct core *core)
{
    core->parts = parts;
    core->part_count = sizeof parts / sizeof parts[0] - 1;
#define PART(name, type) core->name = memory_zeroed(1, part_ops_##name.size);
#include "runtime/core/base/parts.def"
#undef PART
    for (const struct part_row *part = parts; part->ops != NULL; part++)
        if (part->ops->init != NULL) part->ops->init(core);
}

static void parts_free(struct core *core)
{
    for (unsigned at = core->part_count; at-- > 0;)
        if (parts[at].ops->free != NULL) parts[at].ops->free(core);
#define PART(name, type) free(core->name);
#include "runtime/core/base/parts.def"
#undef PART
}

struct core *core_new(const struct core_options *options)
{
    struct core *core = memory_zeroed(1, sizeof *core);
    core->options = *options;
    core->names = memory_zeroed(1, sizeof *core->names);
    names_init(core->names, options->seed);
    core->timers = timers_new(&(struct timer_objects){core, timer_handle, timer_number});
    kv_init(&core->scratch);
    kv_init(&core->given);
    order_init(core);
    core->step_ops = steps_ops(&core->step_count);
    parts_init(core);
    return core;
}

void core_free(struct core *core)
{
    if (core == NULL) return;
    parts_free(core);
    kv_free(&core->scratch);
    kv_free(&core->given);
    timers_free(core->timers);
    order_free(core);
    free(core->kept);
    names_free(core->names);
    free(core->names);
    free(core);
}

static void unsupported(struct core *core, const struct message *message)
{
    effect_reply(core, message, outcome_unsupported, code_unsupported, "not in this version", NULL);
}

static void dispatch_call(struct core *core, const struct message *message)
{
    switch (message->kind) {
    case KIND_EventCallCreated:
        interaction_on_created(core, message);
        break;
    case KIND_EventRouteRequest:
        interaction_on_route_request(core, message);
        break;
    case KIND_EventRouteUsed:
        interaction_on_route_used(core, message);
        break;
    case KIND_EventParty:
        interaction_on_party(core, message);
        break;
    case KIND_EventPartyChanged:
        interaction_on_party_changed(core, message);
        break;
    case KIND_EventCallProgress:
        interaction_on_progress(core, message);
        break;
    case KIND_EventCallDeleted:
        interaction_on_deleted(core, message);
        break;
    case KIND_EventTreatment:
        ivr_on_treatment(core, message);
        break;
    case KIND_Submit:
        booking_on_submit(core, message);
        break;
    case KIND_EventDone:
        step_on_done(core, message);
        break;
    default:
        unsupported(core, message);
    }
}

static void dispatch(struct core *core, const struct message *message)
{
    switch (message->kind) {
    case KIND_LinkUp:
        link_on_up(core, message);
        break;
    case KIND_LinkDown:
        link_on_down(core, message);
        break;
    case KIND_PeerLink:
        link_on_peer(core, message);
        break;
    case KIND_ResyncBegin:
        link_on_resync_begin(core, message);
        break;
    case KIND_ResyncEnd:
        link_on_resync_end(core, message);
        break;
    case KIND_Observed:
        link_on_observed(core, message);
        break;
    case KIND_EventAgentState:
        session_on_state(core, message);
        break;
    case KIND_EventDN:
        session_on_dn(core, message);
        break;
    case KIND_EventClient:
        session_on_client(core, message);
        break;
    case KIND_RequestAgentState:
        session_on_request(core, message);
        break;
    case KIND_RequestAccept:
        invite_on_accept(core, message);
        break;
    case KIND_RequestReject:
        invite_on_reject(core, message);
        break;
    case KIND_RequestUserData:
        userdata_on_request(core, message);
        break;
    case KIND_Activate:
        core_directory_on_activate(core, message);
        break;
    case KIND_DirectoryRow:
        core_directory_on_row(core, message);
        break;
    case KIND_DirectoryCommit:
        core_directory_on_commit(core, message);
        break;
    case KIND_AdminRequest:
        admin_on_request(core, message);
        break;
    case KIND_Signal:
        signal_on(core, message);
        break;
    case KIND_Clock:
        core->wall_offset_us = message_i(message, Clock_offset);
        bookings_look_again(core);
        select_settings_changed(core); /* another time of day is another answer, too */
        break;
    case KIND_Recovered:
        link_on_recovered(core, message);
        query_ask_again(core);
        break;
    case KIND_Epoch:
        core->draining = false; /* who leads anew serves anew */
        bookings_look_again(core);
        break;
    case KIND_Quarantined:
    case KIND_ZoneRules:
        break; /* the batch has the epoch; zones come with schedules */
    default:
        dispatch_call(core, message);
    }
}

static void apply_event(struct core *core, const uint8_t *frame, size_t size)
{
    struct message message;
    core->events++;
    if (!message_read(&message, frame, size, NULL) || !kind_is_event(message.kind)) {
        core->refused++;
        return;
    }
    uint64_t source = message_u(&message, ENVELOPE_source), seq = message_u(&message, ENVELOPE_seq);
    /* The poster's link has checked this, too; a frame's own source is not to be trusted beyond that. */
    if (source >= SOURCES_MAX || !kind_posted_by(message.kind, (unsigned)source)) {
        core->refused++;
        return;
    }
    if (seq != 0) {
        if (seq <= core->last_seq[source]) return; /* repeated */
        core->last_seq[source] = seq;
    }
    dispatch(core, &message);
    parts_settle(core);
}

void core_apply(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    assert(batch->number == core->number + 1);
    assert(batch->time_us >= core->time_us);
    core->number = batch->number;
    core->epoch = batch->epoch;
    core->time_us = batch->time_us;
    core->sink = sink;
    struct timer timer;
    for (uint32_t fired = 0; fired < TIMERS_MAX && timer_take(core->timers, core->time_us, &timer); fired++) {
        timer_ops[timer.kind]->fired(core, &timer);
        parts_settle(core);
    }
    for (uint32_t at = 0, count = 0; count < batch->count && at < batch->events.length; count++) {
        const uint8_t *frame = batch->events.bytes + at;
        size_t size = message_frame_size(frame, batch->events.length - at);
        if (size == 0 || size > batch->events.length - at) break;
        apply_event(core, frame, size);
        at += (uint32_t)size;
    }
    core->sink = NULL;
}

uint64_t core_digest(const struct core *core)
{
    return mix64(mix64(core->content) + parts_hash(core));
}

uint64_t core_next_timer(const struct core *core)
{
    uint64_t next_us = timers_next(core->timers);
    return next_us > core->time_us ? next_us : core->time_us;
}

uint64_t core_time(const struct core *core)
{
    return core->time_us;
}

uint64_t core_last_seq(const struct core *core, unsigned source)
{
    return source < SOURCES_MAX ? core->last_seq[source] : 0;
}

uint64_t core_last_conn(const struct core *core, unsigned source)
{
    return source < SOURCES_MAX ? core->last_conn[source] : 0;
}

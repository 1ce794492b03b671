/* runtime/core/media/pass_on.c - Gives a submitted interaction to the other domain that has its queue. */
#include "runtime/core/media/pass_on.h"

#include <assert.h>

#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/ident.h"

#define REFUSED_US     UINT64_C(60000000)
#define REFUSED_MAX_US UINT64_C(3600000000)

bool pass_on_is_due(const struct core *core, const struct interaction *ix)
{
    return ix->submitted && !ix->leg && ix->state == IX_QUEUED && ix->owner_kind == OWNER_QUEUE &&
           ix->claims == CLAIM_NONE && core_directory_queue(core->directory, ix->owner).elsewhere;
}

/* True: the interaction is being passed on: PassOn is the only effect that an interaction awaits while no strategy
 * works on it and its state is CLOSING. */
bool pass_on_is_under_way(const struct interaction *ix)
{
    return !ix->running && ix->pending.ref != 0 && ix->pending.kind == KIND_PassOn;
}

/* Returns when the interaction's age began; the wait in other domains is included. */
static int64_t began_us(const struct core *core, const struct interaction *ix)
{
    const struct extra *extra = interaction_extra(core->interactions, ix);
    uint64_t arrived_us = interaction_arrived(core->interactions, ix);
    return (int64_t)(ix->has_waited ? extra->age_us : arrived_us - extra->late_us);
}

static void pass_on_put(struct core *core, const struct interaction *ix, uint32_t ref)
{
    const struct submitted *row = submitted_of(core->submissions, ix);
    struct writer *writer = &core->effects->writer;
    uint64_t due = block_system(block_at(core->slab, ix->block), SYSTEM_due);
    char id[EFFECT_TEXT];
    writer_bytes(writer, PassOn_id, (struct span){(const uint8_t *)id, ident_print_effect(ix->id, ref, id)});
    writer_bytes(writer, PassOn_queue, core_name(core, ix->owner));
    writer_bytes(writer, PassOn_dn, core_name(core, core_directory_queue_dn(core->directory, ix->owner)));
    writer_u(writer, PassOn_media, ix->media);
    writer_u(writer, PassOn_type, row->author != 0 ? submit_type_outbound : submit_type_inbound);
    writer_bytes(writer, PassOn_external_id, submitted_external_id(row));
    writer_bytes(writer, PassOn_from, interaction_system(core->interactions, ix, SYSTEM_from));
    writer_bytes(writer, PassOn_to, interaction_system(core->interactions, ix, SYSTEM_to));
    writer_bytes(writer, PassOn_subject, interaction_system(core->interactions, ix, SYSTEM_subject));
    writer_bytes(writer, PassOn_body, submitted_body(row));
    writer_i(writer, PassOn_received, began_us(core, ix) + core->now->wall_offset_us);
    if (due != VALUE_NONE) writer_i(writer, PassOn_due, (int64_t)due);
    effect_kv(core->effects, PassOn_data);
    writer_u(writer, PassOn_online, row->online);
    if (ix->outcome == ENDED_STOPPED) writer_u(writer, PassOn_back, 1);
}

/* Sends PassOn; `ref` 0: for the first time. */
static void pass_on_send(struct core *core, struct interaction *ix, unsigned link, uint32_t ref)
{
    assert(submitted_of(core->submissions, ix) && ix->state == IX_CLOSING);
    if (ref != 0) effect_settled(core->effects, ix, ref);
    kv_clear(&core->scratch);
    userdata_all(core->interactions, ix, &core->scratch);
    ref =
        effect_begin(core->effects, &(struct effect){.kind = KIND_PassOn, .link = link, .interaction = ix, .ref = ref});
    pass_on_put(core, ix, ref);
    effect_end(core->effects);
    effect_await(core->effects, ix, KIND_PassOn, ref, link, 0, 0);
}

static void pass_on_by(struct core *core, struct interaction *ix, unsigned link)
{
    timer_cancel(core->timers, &ix->timer[0]);
    submitted_take(core->submissions, ix);
    interaction_own(core->interactions, ix, IX_CLOSING, OWNER_DEVICE, ix->owner); /* the queue, by name */
    pass_on_send(core, ix, link, 0);
}

void pass_on_begin(struct core *core, struct interaction *ix)
{
    unsigned link = link_that_can(core->links, 0, CAP_DOMAINS);
    if (link != 0) pass_on_by(core, ix, link);
}

void pass_on_again(struct core *core, unsigned link)
{
    EACH_INTERACTION (ix, core->interactions)
        if (pass_on_is_under_way(ix))
            pass_on_send(core, ix, link, ix->pending.ref);
        else if (pass_on_is_due(core, ix))
            pass_on_by(core, ix, link);
}

void pass_on_stop(struct core *core, struct interaction *ix)
{
    unsigned link = ix->pending.link;
    assert(pass_on_is_under_way(ix));
    ix->outcome = ENDED_STOPPED;
    interaction_touch(core->interactions, ix);
    if (link_usable(core->links, link)) pass_on_send(core, ix, link, ix->pending.ref);
}

/* Tries again after a pause. Each try leaves a row in the database for a day, so the pause grows with the
 * interaction's age. */
void pass_on_later(struct core *core, struct interaction *ix)
{
    uint64_t eighth_us = (core->now->time_us - interaction_arrived(core->interactions, ix)) / 8;
    uint64_t pause_us = eighth_us < REFUSED_US ? REFUSED_US : eighth_us < REFUSED_MAX_US ? eighth_us : REFUSED_MAX_US;
    interaction_timer(core->interactions, ix, TIMER_LIFETIME, 0, core->now->time_us + pause_us);
}

void pass_on_committed(struct core *core, const struct message *message)
{
    (void)message;
    EACH_INTERACTION (ix, core->interactions)
        if (pass_on_is_due(core, ix)) pass_on_begin(core, ix);
}

struct interaction *pass_on_done(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_by_id(core->interactions, message_u(message, ENVELOPE_ixn));
    if (!ix || !pass_on_is_under_way(ix) || message_u(message, ENVELOPE_ref) != ix->pending.ref ||
        message_u(message, ENVELOPE_source) != ix->pending.link)
        return NULL;
    unsigned code = effect_code_of(message);
    effect_settled(core->effects, ix, ix->pending.ref);
    if (code == code_ok) {
        interaction_tell(core->interactions, ix, FACT_passed_on, 0, ix->owner);
        ix->outcome = ENDED_PASSED_ON;
        strategy_end_interaction(core, ix);
        return NULL;
    }
    interaction_tell(core->interactions, ix, FACT_pass_refused, code, ix->owner);
    if (ix->outcome == ENDED_STOPPED) {
        strategy_end_interaction(core, ix);
        return NULL;
    }
    submitted_return(core->submissions, ix);
    return ix;
}

/* runtime/core/run/ending.c - The end of an interaction: every part gives up what it holds for it.
 *
 * The order is: the consultations, the strategy, the visits, the claims, the other parts, the timers, the parties.
 * Then the fact of the end is reported, while data and attributes can still be read. Last, the row is removed from
 * the table. */
#include "runtime/core/run/ending.h"

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/consult.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/hidden.h"

static void secret_overwrite(void *self, const uint8_t *bytes, uint32_t length, bool word)
{
    (void)self;
    hidden_overwrite((uint8_t *)(uintptr_t)bytes, length, word);
}

/* Removes secrets: the data of an ended interaction are kept for people, who may not see secrets. */
static void secrets_leave(struct kv *data)
{
    const struct hidden_walk walk = {.each = secret_overwrite};
    hidden_each(&walk, kv_span(data), false);
}

static void tell_ended(struct core *core, const struct interaction *ix)
{
    struct ended ended = {
        .ixn = ix->id,
        .conn = ix->conn,
        .arrived_us = interaction_arrived(core->interactions, ix),
        .changed_us = core->now->time_us,
        .priority = block_at(core->slab, ix->block)->priority,
        .strategy = names_intern(core->names, strategy_title(core->strategies, ix)),
        .owner = ix->owner,
        .owner_kind = ix->owner_kind,
        .media = ix->media,
        .outcome = ix->outcome,
    };
    kv_clear(&core->scratch);
    interaction_data(core->interactions, ix, &core->scratch);
    if (!core->options.secrets_stay) secrets_leave(&core->scratch);
    fact_tell(core->facts,
              &(struct fact){.what = FACT_ended, .ixn = ix->id, .ended = &ended, .data = kv_span(&core->scratch)});
}

/* Gives up all claims; session_release() takes the first claim out of the list, so the loop ends. */
void ending_give_up(struct core *core, struct interaction *ix)
{
    consult_over(core, ix);
    if (ix->running) activation_drop(core, ix, ENDED_OTHER);
    parts_leave(core->parts, ix, VISIT_CLEARED);
    while (ix->claims != CLAIM_NONE)
        session_release(core->sessions, ix->claims, claim_at(core->claims, ix->claims)->state == CLAIM_ACTIVE);
    parts_forget(core->parts, ix);
    timer_cancel(core->timers, &ix->timer[0]);
    timer_cancel(core->timers, &ix->timer[1]);
    while (ix->parties != PARTY_NONE)
        interaction_party_remove(core->interactions, ix, core->interactions->parties[ix->parties].dn);
    userdata_draft_forget(core->interactions, ix);
    tell_ended(core, ix);
    uint16_t program = ix->program;
    strategy_enter(core->strategies, ix, PROGRAM_NONE);
    vqs_program_left(core->vqs, program);
    interaction_remove(core->interactions, ix);
}

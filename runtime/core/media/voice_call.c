/* runtime/core/media/voice_call.c - What voice.c and voice_merge.c both do with a call: find it, set its texts, note
 * an agent on it, tell its link what the core knows. */
#include "runtime/core/media/voice.h"

#include <assert.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/hand_over.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/invite.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"

struct interaction *voice_call_of(struct core *core, const struct message *message)
{
    if (hand_over_is_other_leg(core->hand_overs, message_u(message, ENVELOPE_conn))) return NULL;
    struct interaction *ix = interaction_of(core->interactions, message);
    if (!ix) effect_ask_link(core->effects, message);
    if (!ix || (ix->leg && ix->link != message_u(message, ENVELOPE_source))) return NULL;
    ix->observed = true; /* an event during a resync shows that the call exists */
    return ix;
}

void voice_set_system(struct core *core, struct interaction *ix, unsigned number, struct span text)
{
    uint64_t word;
    if (text.length != 0 && block_make_text(core->slab, ix->block, (const char *)text.bytes, text.length, &word))
        block_system_set(core->slab, ix->block, number, word);
}

bool voice_talks(struct core *core, struct interaction *ix, uint32_t agent, bool *asked)
{
    assert(agent < core->agents->count);
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    if (claim == CLAIM_NONE) claim = session_claim(core->sessions, agent, ix, 0);
    if (claim == CLAIM_NONE) return false;
    *asked = invite_overtaken(core, claim);
    session_answered(core->sessions, claim);
    agent_at(core->agents, agent)->ixn = ix->id;
    return true;
}

void voice_restore(struct core *core, struct interaction *ix)
{
    effect_begin(core->effects, &(struct effect){.kind = KIND_Restore, .link = ix->link, .interaction = ix});
    struct writer *writer = &core->effects->writer;
    kv_clear(&core->scratch);
    userdata_all(core->interactions, ix, &core->scratch);
    writer_u(writer, Restore_revision, ix->revision);
    effect_kv(core->effects, Restore_data);
    writer_list_begin(writer, Restore_claims);
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        writer_list_u(writer, core->claims->all[at].id);
    writer_list_end(writer);
    writer_u(writer, Restore_instructed, ix->instructed);
    effect_end(core->effects);
}

void voice_bring(struct core *core, struct interaction *ix)
{
    const struct hand_over *row = hand_over_by(core->hand_overs, ix->conn);
    voice_restore(core, ix);
    if (!row || row->type != access_type_direct) return; /* the route that follows contains the data */
    effect_begin(core->effects,
                 &(struct effect){.kind = KIND_EventAttachedDataChanged, .link = ix->link, .interaction = ix});
    kv_clear(&core->scratch);
    userdata_all(core->interactions, ix, &core->scratch);
    writer_u(&core->effects->writer, EventAttachedDataChanged_revision, ix->revision);
    effect_kv(core->effects, EventAttachedDataChanged_changed);
    effect_end(core->effects);
}

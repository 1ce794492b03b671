/* runtime/core/media/voice_place.c - Agents who log in or out at a telephone that a call has: still one call.
 *
 *     a call rings or talks at a place, an agent logs in there     the agent is claimed for it, too
 *     an agent who talks logs out                                  the place is claimed for it
 *
 * Otherwise the next selection would send a second call to the agent's telephone, or the next route to the place. */
#include "runtime/core/media/voice.h"

#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/place_claim.h"
#include "runtime/core/steps/invite.h"
#include "runtime/vocabulary/events_agent.h"

/* The longest time for which a telephone that does not ring yet keeps an agent who has logged in there. */
enum { PLACE_RINGS_US = 20000000 };

static void voice_place_in(struct core *core, uint32_t agent, unsigned link, uint32_t dn, uint32_t place)
{
    uint32_t row = place_claim_with(core->place_claims, place);
    if (row == PLACE_CLAIM_NONE || core->place_claims->all[row].dn != dn) return;
    struct interaction *ix = interaction_by_id(core->interactions, core->place_claims->all[row].ixn);
    if (!ix || ix->link != link || session_claim_of(core->claims, ix, agent) != CLAIM_NONE) return;
    bool talks = core->place_claims->all[row].talks, asked = false;
    uint64_t hash = table_text_hash(core->names, core_name(core, dn));
    struct party *party = talks ? interaction_party_add(core->interactions, ix, hash, core_name(core, dn))
                                : interaction_party(core->interactions, ix, hash);
    if (talks && !party) return; /* the call has too many parties */
    if (party)
        interaction_party_told(core->interactions, ix, party, agent, party_role_agent,
                               party->state != 0 ? party->state : (unsigned)party_change_Established);
    if (talks) {
        if (voice_talks(core, ix, agent, &asked) && !ix->running)
            interaction_own(core->interactions, ix, IX_HANDLING, OWNER_AGENT, agent_at(core->agents, agent)->name);
    } else if (party || agent_takes(agent_at(core->agents, agent), media_voice)) {
        uint32_t claim = session_claim(core->sessions, agent, ix, party ? 0 : PLACE_RINGS_US);
        if (claim != CLAIM_NONE && party) claim_at(core->claims, claim)->state = CLAIM_CONFIRMED;
    }
}

/* The agent's talk at the telephone goes on without the agent; what only rings there is not the agent's any more. */
static void voice_place_out(struct core *core, uint32_t agent, unsigned link, uint32_t dn, uint32_t place)
{
    uint64_t hash = table_text_hash(core->names, core_name(core, dn));
    for (uint32_t at = agent_at(core->agents, agent)->claims, next; at != CLAIM_NONE; at = next) {
        const struct claim *claim = claim_at(core->claims, at);
        struct interaction *ix = interaction_at(core->interactions, claim->interaction);
        next = claim->next_of_agent;
        if (claim->state < CLAIM_ACTIVE && !claim->routed_by_us && ix->link == link &&
            place_claim_of(core->place_claims, ix, dn) != PLACE_CLAIM_NONE) {
            session_release(core->sessions, at, false);
            continue;
        }
        if (claim->state != CLAIM_ACTIVE || ix->link != link || ix->running ||
            !interaction_party(core->interactions, ix, hash))
            continue;
        if (place_claim_take(core->place_claims, ix, place, dn)) place_claim_answered(core->place_claims, ix, dn);
        return;
    }
}

void voice_place_on_agent_state(struct core *core, const struct message *message)
{
    bool out = message_u(message, EventAgentState_state) == agent_state_logged_out;
    if (!out && core->place_claims->by_place.count == 0) return;
    unsigned link = (unsigned)message_u(message, ENVELOPE_source);
    uint32_t dn = names_find(core->names, message_text(message, EventAgentState_dn)), at;
    uint32_t place = dn != 0 ? places_of_dn(&core->directory->places, dn) : 0;
    if (place == 0) return;
    if (agent_on_dn(core->agents, link, dn, &at) && agent_logged_in(agent_at(core->agents, at))) {
        voice_place_in(core, at, link, dn, place);
    } else if (out) {
        at = session_who(core->sessions, message_text(message, EventAgentState_agent), link, (struct span){NULL, 0});
        if (at != AGENT_NONE) voice_place_out(core, at, link, dn, place);
    }
}

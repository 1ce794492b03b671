/* runtime/core/media/voice_merge.c - Makes one call of two, when a transfer or a conference is completed.
 *
 *     before    main          customer --- agent A (on hold)            the ConnID that stays
 *               consultation  agent A  --- agent B                      prev_conn of EventPartyChanged
 *     after     main          customer --- agent B (and A, in a conference)
 *
 * The calls may be at two switches: the consultation, or the call that a person has sent, has gone on to the other
 * switch; its leg there stays. Of the two interactions that become one, one stays, under the main call's ConnID, and is
 * also found by the id of the other. The main interaction stays, except if a strategy works on the consultation
 * only. */
#include "runtime/core/media/voice.h"

#include <assert.h>
#include <string.h>

#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/hand_over.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/access.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/consult.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/telephone.h"
#include "runtime/vocabulary/events_call.h"
#include "base/utf8.h"

enum { ADDRESS_MAX = 256 };

/* Makes a party of the call that ends a party of the call that stays. `asked`: the party's agent was just asked
 * about this interaction. */
static void voice_merge_joins(struct core *core, struct interaction *ix, const struct party *other, bool *asked)
{
    bool was_asked;
    bool talking = other->state == party_change_Established || other->state == party_change_Held;
    struct party *party =
        interaction_party_add(core->interactions, ix, other->dn, (struct span){other->number, other->length});
    if (!party) return;
    interaction_party_told(core->interactions, ix, party, other->agent,
                           other->agent != AGENT_NONE ? (unsigned)party_role_agent : other->role, other->state);
    if (other->agent == AGENT_NONE || !talking || !voice_talks(core, ix, other->agent, &was_asked)) return;
    *asked = *asked || was_asked;
    if (!ix->running)
        interaction_own(core->interactions, ix, IX_HANDLING, OWNER_AGENT, agent_at(core->agents, other->agent)->name);
}

/* Gives the consultation, which stays, what the main call has: its data, which replace the consultation's, the
 * caller, and the number of attempts. */
static void voice_merge_bring(struct core *core, struct interaction *main, struct interaction *consult)
{
    struct slab *slab = core->slab;
    const struct block *block = block_at(slab, main->block);
    struct text ani = block_system_text(block_image(slab, block), block, SYSTEM_ani);
    char copy[ADDRESS_MAX];
    uint32_t length = utf8_cut(ani.bytes, ani.length, sizeof copy);
    memcpy(copy, ani.bytes, length);
    unsigned attempts = (unsigned)block->attempt + block_at(slab, consult->block)->attempt;
    block_at(slab, consult->block)->attempt = (uint16_t)(attempts < UINT16_MAX ? attempts : UINT16_MAX);
    block_at(slab, consult->block)->call_type = block->call_type;
    voice_set_system(core, consult, SYSTEM_ani, (struct span){(const uint8_t *)copy, length});
    struct kv data;
    kv_init(&data);
    userdata_all(core->interactions, main, &data);
    userdata_take(core->interactions, consult, kv_span(&data));
    kv_free(&data);
}

/* True: the party of the consultation becomes one of the main call: an agent who talks, or a number of another
 * switch, which may report its leg only later. If a follow-up strategy is kept, each party but the customer is taken
 * over, so that the customer does not count as left alone. */
static bool comes_along(const struct core *core, const struct interaction *main, const struct interaction *consult,
                        const struct party *party)
{
    if (main->followed && party->role != party_role_customer) return true;
    if (party->agent != AGENT_NONE) return party->state == party_change_Established;
    return party->role != party_role_customer &&
           accesses_lead(core->accesses, consult->link, (struct span){party->number, party->length});
}

void voice_merge(struct core *core, struct interaction *main, struct interaction *consult)
{
    struct hand_over *crossed = hand_over_by(core->hand_overs, consult->conn);
    unsigned link = crossed ? consult->link : main->link;
    uint64_t from_conn = main->conn;
    bool strategy = consult->running && !consult->gone && !main->running;
    struct interaction *stays = strategy ? consult : main, *ends = strategy ? main : consult;
    telephone_unsure(core, stays);
    struct party parties[PARTIES_MAX];
    uint32_t count = 0;
    uint64_t conn = crossed ? consult->conn : main->leg ? main->conn : 0;
    for (uint32_t at = ends->parties; at != PARTY_NONE && count < PARTIES_MAX;
         at = core->interactions->parties[at].next)
        if (strategy || comes_along(core, main, consult, &core->interactions->parties[at]))
            parties[count++] = core->interactions->parties[at];
    bool asked = false;
    /* Copies are used, since a new party may move the array of parties. */
    for (uint32_t at = 0; at < count; at++) voice_merge_joins(core, stays, &parties[at], &asked);
    if (strategy) voice_merge_bring(core, main, consult);
    consult_over(core, consult);
    consult_main_becomes(core, ends, stays);
    uint64_t ended = ends->id;
    ends->outcome = ENDED_MERGED;
    if (ends->running) activation_drop(core, ends, ENDED_MERGED);
    fact_tell(core->facts, &(struct fact){.what = FACT_merged, .ixn = ended, .other = stays->id});
    strategy_end_interaction(core, ends);
    interaction_answers_to(core->interactions, stays, ended);
    if (crossed) hand_over_joins(core->hand_overs, crossed, stays->id, from_conn);
    if (strategy || crossed) {
        interaction_conn(core->interactions, stays, conn);
        stays->link = (uint8_t)link;
        stays->observed = true;
        interaction_touch(core->interactions, stays);
        voice_bring(core, stays);
    }
    if (strategy) strategy_consult_event(core, stays, EVENT_TRANSFERRED);
    if (asked && stays->running) invite_passed(core, stays);
}

/* Reports who hands the call over: the agent who has it on hold, or is on both calls. */
static void handed_on(struct core *core, const struct interaction *main, const struct interaction *consult)
{
    for (uint32_t at = main->parties; at != PARTY_NONE; at = core->interactions->parties[at].next) {
        const struct party *party = &core->interactions->parties[at];
        bool hands_on = party->state == party_change_Held || interaction_party(core->interactions, consult, party->dn);
        if (party->agent == AGENT_NONE || !hands_on) continue;
        uint32_t claim = session_claim_of(core->claims, main, party->agent);
        if (claim != CLAIM_NONE) session_tell_claim(core->sessions, claim, FACT_handed_on, 0);
    }
}

/* Returns the consultation with the given leg, which may have gone on to another switch. */
static struct interaction *voice_merge_consultation(const struct core *core, uint64_t conn)
{
    const struct hand_over *left = hand_over_left(core->hand_overs, conn);
    return left ? interaction_by_id(core->interactions, left->ixn) : interaction_by_conn(core->interactions, conn);
}

void voice_crossed(struct core *core, struct interaction *main, struct interaction *other)
{
    struct hand_over *row = hand_over_claiming(core->hand_overs, other->conn);
    assert(row && main != other);
    /* the strategy of the main call has sent it elsewhere */
    if (main->running && main->route_phase != ROUTE_ASKED) return;
    uint64_t dialled = table_text_hash(core->names, core_name(core, row->dialled));
    uint32_t number = row->number;
    if (main->running) route_relieved(core, main);
    hand_over_granted(core->hand_overs, row);
    interaction_party_remove(core->interactions, main, dialled);
    uint64_t id = main->id;
    voice_merge(core, main, other);
    interaction_tell(core->interactions, interaction_by_id(core->interactions, id), FACT_hand_over_arrived, 0, number);
}

void voice_on_party_changed(struct core *core, const struct message *message)
{
    struct interaction *main = voice_call_of(core, message);
    struct interaction *consult = voice_merge_consultation(core, message_u(message, EventPartyChanged_prev_conn));
    if (!main) return;
    telephone_unsure(core, main);
    unsigned how = (unsigned)message_u(message, EventPartyChanged_how);
    interaction_tell(core->interactions, main, FACT_calls_merged, how, 0);
    if (!consult || consult == main || consult->submitted || main->submitted) return;
    if (consult->link != main->link && !hand_over_by(core->hand_overs, consult->conn)) return;
    interaction_tell(core->interactions, consult, FACT_calls_merged, how, 0);
    if (how == party_how_transfer) handed_on(core, main, consult);
    voice_merge(core, main, consult);
}

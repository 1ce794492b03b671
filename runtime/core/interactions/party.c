/* runtime/core/interactions/party.c - The parties of calls: who is on which call, in which role, as its link has
 * reported.
 *
 * The rows of all calls are in one array; those of one interaction are linked, and so are the free rows. The digest
 * contains the sum of all parties: to change a party, its old hash is subtracted and its new one added. */
#include "runtime/core/interactions/interaction_table.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/people/agent.h"
#include "base/utf8.h"

struct party *interaction_party(const struct interactions *interactions, const struct interaction *ix, uint64_t dn)
{
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = interactions->parties[at].next)
        if (interactions->parties[at].dn == dn) return &interactions->parties[at];
    return NULL;
}

uint64_t party_content(const struct interaction *ix, const struct party *party)
{
    uint64_t content = table_mix64(table_mix64(ix->id) + party->dn);
    return table_mix64(content + ((uint64_t)party->agent << 16 | (uint64_t)party->role << 8 | party->state));
}

static void tell_party(struct interactions *interactions, const struct interaction *ix, const struct party *party,
                       unsigned what)
{
    struct fact fact = {
        .what = (uint16_t)what,
        .value = party->state,
        .name = party->agent != AGENT_NONE ? agent_at(interactions->agents, party->agent)->name : 0,
        .ixn = ix->id,
    };
    fact.number = (struct span){party->number, party->length};
    fact.role = party->role;
    fact.whom = party->agent;
    fact_tell(interactions->facts, &fact);
}

/* Only this function changes a party, so that neither the sum nor the fact is forgotten. */
void interaction_party_told(struct interactions *interactions, const struct interaction *ix, struct party *party,
                            uint32_t agent, unsigned role, unsigned state)
{
    assert(agent == AGENT_NONE || agent < interactions->agents->count);
    interactions->party_content -= party_content(ix, party);
    party->agent = agent;
    if (agent != AGENT_NONE) agent_refer(interactions->agents, agent);
    party->role = (uint8_t)role;
    party->state = (uint8_t)state;
    interactions->party_content += party_content(ix, party);
    tell_party(interactions, ix, party, FACT_party_told);
}

/* Adds a party, or returns the party if it exists already. The number is cut at a whole character if it is too long. */
struct party *interaction_party_add(struct interactions *interactions, struct interaction *ix, uint64_t dn,
                                    struct span number)
{
    assert(ix->state != IX_FREE && !interaction_has_ended(ix));
    uint32_t *at = &ix->parties, count = 0;
    for (; *at != PARTY_NONE; at = &interactions->parties[*at].next, count++)
        if (interactions->parties[*at].dn == dn) return &interactions->parties[*at];
    if (count >= PARTIES_MAX) return NULL;
    uint32_t slot = interactions->party_free;
    if (slot != PARTY_NONE) {
        interactions->party_free = interactions->parties[slot].next;
        *at = slot;
    } else {
        /* the slot is written before the array grows, because `at` may point into the array */
        slot = *at = interactions->party_count++;
        interactions->parties = memory_grow(interactions->parties, &interactions->party_capacity,
                                            interactions->party_count, sizeof *interactions->parties);
    }
    struct party *party = &interactions->parties[slot];
    *party = (struct party){.dn = dn, .agent = AGENT_NONE, .next = PARTY_NONE};
    party->length = (uint8_t)utf8_cut((const char *)number.bytes, number.length, sizeof party->number);
    if (party->length != 0) memcpy(party->number, number.bytes, party->length);
    interactions->party_content += party_content(ix, party);
    return party;
}

void interaction_party_remove(struct interactions *interactions, struct interaction *ix, uint64_t dn)
{
    for (uint32_t *at = &ix->parties; *at != PARTY_NONE; at = &interactions->parties[*at].next) {
        if (interactions->parties[*at].dn != dn) continue;
        uint32_t slot = *at;
        *at = interactions->parties[slot].next;
        tell_party(interactions, ix, &interactions->parties[slot], FACT_party_gone);
        interactions->party_content -= party_content(ix, &interactions->parties[slot]);
        interactions->parties[slot] = (struct party){.next = interactions->party_free};
        interactions->party_free = slot;
        return;
    }
}

/* runtime/core/run/listening.c - The table of supervisors who listen, and the rules of who may. See listening.h. */
#include "runtime/core/run/listening.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/rows.h"
#include "vm/keep.h"

enum { LISTEN_ANSWER_US = 10000000 };

struct span listening_word(const struct listener_word *word)
{
    return (struct span){word->bytes, word->length};
}

static struct listener_word listener_word_of(struct span text)
{
    struct listener_word word = {.length = (uint8_t)utf8_cut((const char *)text.bytes, text.length, NAME_BYTES_MAX)};
    if (word.length != 0) memcpy(word.bytes, text.bytes, word.length);
    return word;
}

static bool listener_word_is(const struct listener_word *word, struct span text)
{
    return word->length == text.length && (text.length == 0 || memcmp(word->bytes, text.bytes, text.length) == 0);
}

const struct listener *listening_next(const struct listeners *listeners, uint64_t ixn, uint32_t *at)
{
    while (*at < listeners->count)
        if (listeners->all[(*at)++].ixn == ixn) return &listeners->all[*at - 1];
    return NULL;
}

static struct listener *listener_at(const struct listeners *listeners, uint64_t ixn, struct span dn)
{
    for (uint32_t at = 0; at < listeners->count; at++)
        if ((ixn == 0 || listeners->all[at].ixn == ixn) && listener_word_is(&listeners->all[at].dn, dn))
            return &listeners->all[at];
    return NULL;
}

/* ---- requests ---- */

/* Returns the name of who asks, without the place behind " by ". */
static struct span listening_asker(const struct message *request)
{
    static const char by[] = " by ";
    struct span actor = message_text(request, ENVELOPE_actor);
    for (uint32_t at = 0; at + sizeof by - 1 <= actor.length; at++)
        if (memcmp(actor.bytes + at, by, sizeof by - 1) == 0) actor.length = at;
    return actor;
}

/* Returns the newest call that the agent talks in, and where the agent is in it; NULL: there is none. */
static struct interaction *listening_call(const struct core *core, uint32_t agent, const struct party **party)
{
    struct interaction *found = NULL;
    for (uint32_t at = agent_at(core->agents, agent)->claims; at != CLAIM_NONE;
         at = claim_at(core->claims, at)->next_of_agent) {
        struct interaction *ix = interaction_at(core->interactions, claim_at(core->claims, at)->interaction);
        if (!ix->leg || ix->submitted || (found && found->id > ix->id)) continue;
        for (uint32_t of = ix->parties; of != PARTY_NONE; of = core->interactions->parties[of].next)
            if (core->interactions->parties[of].agent == agent) {
                found = ix;
                *party = &core->interactions->parties[of];
            }
    }
    return found;
}

/* Returns the next row, from `*at` on, of a telephone of the supervisor at a call of the agent: the telephone `dn`, or,
 * if that is empty, any one. NULL: there is none. */
static const struct listener *listens_to(const struct core *core, uint32_t agent, struct span asker, struct span dn,
                                         uint32_t *at)
{
    while (*at < core->listeners->count) {
        const struct listener *row = &core->listeners->all[(*at)++];
        const struct interaction *ix = interaction_by_id(core->interactions, row->ixn);
        if (!ix || (dn.length != 0 ? !listener_word_is(&row->dn, dn) : !listener_word_is(&row->by, asker))) continue;
        if (session_who(core->sessions, (struct span){0}, ix->link, listening_word(&row->of)) == agent) return row;
    }
    return NULL;
}

/* Returns why nobody may listen at this telephone for the asker; NULL: nothing is against it. */
static const char *listening_why(const struct core *core, struct span asker, const struct interaction *ix,
                                 const struct party *of, struct span dn)
{
    uint32_t there = session_who(core->sessions, (struct span){0}, ix->link, dn);
    const struct listener *other = listener_at(core->listeners, 0, dn);
    if (dn.length == 0) return "say at which telephone: its number";
    if (span_equal(dn, (struct span){of->number, of->length}))
        return "the agent talks at that telephone: name one of your own";
    if (there != AGENT_NONE && !span_equal(core_name(core, agent_at(core->agents, there)->name), asker))
        return "another agent is logged in at that telephone";
    if (there != AGENT_NONE && session_state(agent_at(core->agents, there), media_none) == agent_state_ready)
        return "you are logged in there and ready: be not ready first, so that no call comes meanwhile";
    if (other && !listener_word_is(&other->by, asker)) return "somebody else listens at that telephone";
    if (other && other->ixn != ix->id) return "that telephone listens to another call: hang it up first";
    if (!other && core->listeners->count >= LISTENERS_MAX) return "too many listen now";
    return NULL;
}

struct party_request {
    enum party_op how;
    struct span dn, of;
};

/* Asks the link of the call for it. The link's answer replies to the request of who asked for this agent; NULL: another
 * answer does. */
static uint64_t listening_asked_link(struct core *core, const struct message *request, const uint32_t *agent,
                                     const struct interaction *ix, const struct party_request *ask)
{
    struct effect effect = {
        .kind = KIND_RequestParty, .link = ix->link, .conn = ix->conn, .timeout_us = LISTEN_ANSWER_US / 2};
    const uint64_t ixn = ix->id;
    uint32_t ref = effect_begin(core->effects, &effect);
    struct writer *writer = &core->effects->writer;
    writer_u(writer, RequestParty_change, ask->how);
    writer_bytes(writer, RequestParty_dn, ask->dn);
    writer_u(writer, RequestParty_role, party_role_supervisor);
    writer_bytes(writer, RequestParty_agent, listening_asker(request));
    writer_bytes(writer, RequestParty_of, ask->of);
    effect_end(core->effects);
    if (agent)
        effect_await_reply(core->effects, request, *agent, KIND_RequestParty, ref, effect.link, LISTEN_ANSWER_US);
    return ixn;
}

static uint64_t listening_refused(struct core *core, const struct message *request, enum code code, const char *why)
{
    effect_reply(core->effects, request, outcome_error, code, why, NULL);
    return 0;
}

/* Ends the listening at the telephone `dn`, or, if that is empty, at each telephone of the asker. The link's answer to
 * the last of these replies to the request. */
static uint64_t listening_stops(struct core *core, const struct message *request, uint32_t agent, struct span dn)
{
    const struct span asker = listening_asker(request);
    uint32_t at = 0;
    uint64_t ixn = 0;
    const struct listener *row = listens_to(core, agent, asker, dn, &at);
    if (!row) return listening_refused(core, request, code_invalid_state, "nobody listens there");
    while (row) {
        struct listener copy = *row;
        const struct interaction *ix = interaction_by_id(core->interactions, copy.ixn);
        row = listens_to(core, agent, asker, dn, &at);
        if (!link_usable(core->links, ix->link))
            return listening_refused(core, request, code_link_down, "the link to the switch is down");
        struct party_request ask = {party_op_remove, listening_word(&copy.dn), listening_word(&copy.of)};
        ixn = listening_asked_link(core, request, row ? NULL : &agent, ix, &ask);
    }
    return ixn;
}

bool listening_can(const struct core *core, const struct interaction *ix, enum party_op how)
{
    return link_can(core->links, ix->link, how == party_op_take_over ? CAP_TAKE_OVER : CAP_LISTEN);
}

uint64_t listening_ask(struct core *core, const struct message *request, const struct listen_ask *ask)
{
    struct span asker = listening_asker(request);
    const struct party *party = NULL;
    uint32_t agent;
    if (!agent_find(core->agents, names_find(core->names, ask->agent), &agent))
        return listening_refused(core, request, code_gone, "there is no such agent");
    if (ask->how == party_op_remove) return listening_stops(core, request, agent, ask->dn);
    if (ask->how < party_op_listen || ask->how > party_op_take_over)
        return listening_refused(core, request, code_invalid_attribute, "one listens, whispers, joins or takes over");
    if (span_equal(ask->agent, asker))
        return listening_refused(core, request, code_invalid_attribute, "nobody listens to their own call");
    const struct interaction *ix = listening_call(core, agent, &party);
    if (!ix) return listening_refused(core, request, code_invalid_state, "the agent talks to nobody by telephone");
    if (!link_usable(core->links, ix->link))
        return listening_refused(core, request, code_link_down, "the link to the switch is down");
    if (!listening_can(core, ix, ask->how))
        return listening_refused(core, request, code_unsupported, "the switch of this call cannot");
    const char *why = listening_why(core, asker, ix, party, ask->dn);
    if (why) return listening_refused(core, request, code_invalid_dn, why);
    struct party_request asked = {ask->how, ask->dn, {party->number, party->length}};
    return listening_asked_link(core, request, &agent, ix, &asked);
}

/* Returns where the telephone is in the call; NULL: it is in none of its parties. */
static const struct party *listening_party(const struct core *core, const struct interaction *ix, struct span number)
{
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next) {
        const struct party *party = &core->interactions->parties[at];
        if (span_equal(number, (struct span){party->number, party->length})) return party;
    }
    return NULL;
}

const char *listening_against(const struct core *core, const struct message *request, const struct interaction *ix,
                              const struct listen_ask *ask, uint32_t *agent)
{
    const struct party *party = listening_party(core, ix, ask->agent);
    *agent = party ? party->agent : AGENT_NONE;
    if (ask->how < party_op_listen || ask->how > party_op_take_over)
        return "one listens, whispers, joins or takes over";
    return party ? listening_why(core, listening_asker(request), ix, party, ask->dn) : "nobody talks there";
}

/* ---- reports of the link ---- */

static void listening_tell(struct core *core, const struct listener *row, unsigned what, unsigned change)
{
    struct fact fact = {.what = (uint16_t)what,
                        .ixn = row->ixn,
                        .value = (uint16_t)change,
                        .name = names_pass(core->names, listening_word(&row->by))};
    fact.number = listening_word(&row->dn);
    fact.role = party_role_supervisor;
    fact.whom = AGENT_NONE;
    fact_tell(core->facts, &fact);
}

static void listener_ends(struct core *core, struct listener *row)
{
    struct listeners *listeners = core->listeners;
    struct listener over = *row;
    uint32_t at = (uint32_t)(row - listeners->all);
    memmove(row, row + 1, (listeners->count - at - 1) * sizeof *row);
    listeners->count--;
    listening_tell(core, &over, FACT_listened_over, over.how);
}

static struct listener *listener_made(struct core *core, uint64_t ixn, struct span dn)
{
    struct listeners *listeners = core->listeners;
    if (listeners->count >= LISTENERS_MAX) return NULL;
    listeners->all = memory_grow(listeners->all, &listeners->capacity, listeners->count + 1, sizeof *listeners->all);
    struct listener *row = &listeners->all[listeners->count++];
    *row = (struct listener){.ixn = ixn, .since_us = core->now->time_us, .dn = listener_word_of(dn)};
    return row;
}

/* True: the telephone is still at the call, and `state` says how: it is called, it hears, or it has put the call on
 * hold, from which it comes back by itself. */
static bool listener_stays(unsigned change, unsigned *state)
{
    *state = change;
    switch (change) {
    case party_change_Dialing:
    case party_change_NetworkReached:
    case party_change_Ringing:
    case party_change_Established:
    case party_change_Held:
        return true;
    case party_change_Retrieved:
    case party_change_PartyAdded:
        *state = party_change_Established;
        return true;
    default:
        return false;
    }
}

void listening_on_party(struct core *core, struct interaction *ix, const struct message *message)
{
    struct span dn = message_text(message, EventParty_dn);
    unsigned change = (unsigned)message_u(message, EventParty_change);
    unsigned how = (unsigned)message_u(message, EventParty_watches), state;
    struct listener *row = listener_at(core->listeners, ix->id, dn);
    if (!listener_stays(change, &state)) {
        if (row) listener_ends(core, row);
        return;
    }
    if (!row) row = listener_made(core, ix->id, dn);
    if (!row) return;
    row->how = (uint8_t)(how >= party_op_listen && how <= party_op_take_over ? how : party_op_listen);
    row->state = (uint8_t)state;
    row->of = listener_word_of(message_text(message, EventParty_other_dn));
    row->by = listener_word_of(message_text(message, EventParty_agent));
    listening_tell(core, row, FACT_listened, change);
}

static bool listener_is_among(struct span parties, const struct listener *row)
{
    uint32_t at = 0;
    struct span record;
    struct message party;
    while (message_next_text(parties, &at, &record)) {
        message_record(&party, row_of_record(TYPE_LIST_PARTY), record);
        if (message_u(&party, Party_role) == party_role_supervisor &&
            listener_word_is(&row->dn, message_text(&party, Party_dn)))
            return true;
    }
    return false;
}

void listening_observed(struct core *core, const struct interaction *ix, struct span parties)
{
    for (uint32_t at = 0; at < core->listeners->count;) {
        struct listener *row = &core->listeners->all[at];
        if (row->ixn == ix->id && !listener_is_among(parties, row))
            listener_ends(core, row);
        else
            at++;
    }
}

/* ---- the part ---- */

static void listeners_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    listening_observed(core, ix, (struct span){0});
}

static uint64_t listener_hash(const struct core *core, const struct listener *row)
{
    uint64_t hash = table_mix64(table_text_hash(core->names, listening_word(&row->dn)) + row->ixn);
    hash = table_mix64(hash + table_text_hash(core->names, listening_word(&row->of)));
    hash = table_mix64(hash + table_text_hash(core->names, listening_word(&row->by)));
    return table_mix64(table_mix64(hash + row->since_us) + ((uint64_t)row->how << 8 | row->state));
}

static uint64_t listeners_hash(const void *self)
{
    const struct core *core = self;
    uint64_t hash = 0;
    for (uint32_t at = 0; at < core->listeners->count; at++) hash += listener_hash(core, &core->listeners->all[at]);
    return hash;
}

static struct listener_word listener_word_keep(struct keeper *keeper, struct listener_word word)
{
    const uint8_t *bytes = word.bytes;
    uint32_t length = word.length;
    keep_bytes(keeper, &bytes, &length, NAME_BYTES_MAX);
    return keep_reading(keeper) ? listener_word_of((struct span){bytes, length}) : word;
}

static void listeners_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct listeners *listeners = core->listeners;
    listeners->all = keep_rows(keeper, listeners->all, &listeners->count, &listeners->capacity, LISTENERS_MAX,
                               sizeof *listeners->all);
    for (uint32_t at = 0; at < listeners->count && keep_good(keeper); at++) {
        struct listener *row = &listeners->all[at];
        row->ixn = keep_u64(keeper, row->ixn);
        row->since_us = keep_u64(keeper, row->since_us);
        row->how = (uint8_t)keep_index(keeper, row->how, party_op_take_over + 1, party_op_listen);
        row->state = keep_u8(keeper, row->state);
        row->dn = listener_word_keep(keeper, row->dn);
        row->of = listener_word_keep(keeper, row->of);
        row->by = listener_word_keep(keeper, row->by);
    }
}

static bool listeners_sound(void *self)
{
    struct core *core = self;
    bool good = true;
    for (uint32_t at = 0; at < core->listeners->count && good; at++)
        good = interaction_by_id(core->interactions, core->listeners->all[at].ixn) != NULL;
    return good;
}

static void listeners_free(void *self)
{
    struct core *core = self;
    free(core->listeners->all);
}

const struct part_ops part_ops_listeners = {
    .size = sizeof(struct listeners),
    .since = 24,
    .free = listeners_free,
    .forget = listeners_forget,
    .hash = listeners_hash,
    .keep = listeners_keep,
    .sound = listeners_sound,
};

/* runtime/core/media/properties.c - Changes priority, due time and data of an interaction for a supervisor. */
#include "runtime/core/media/properties.h"

#include <string.h>

#include "vm/system_words.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/state.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/steps/select.h"
#include "runtime/vocabulary/events_agent.h"

struct properties {
    bool priority, due; /* they are changed */
    int64_t to, due_us; /* the new priority; due_us: the new due time by the wall clock */
    struct kv data;
};

/* Reads a pair of the request. False: a property has a value of another type. */
static bool pair_read(struct properties *properties, const struct kv_pair *pair)
{
    if (span_is(pair->key, "priority")) {
        properties->priority = true;
        properties->to = pair->value.word;
        return pair->value.tag == KV_INT;
    }
    if (span_is(pair->key, "due")) {
        properties->due = true;
        properties->due_us = pair->value.word;
        return pair->value.tag == KV_TIME;
    }
    kv_put(&properties->data, pair->key, &pair->value);
    return true;
}

static bool properties_read(struct properties *properties, struct span pairs)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);)
        if (!pair_read(properties, &pair)) return false;
    return true;
}

/* Sets the properties. False: there is no room, or the data are refused. The due time, which is refused more rarely,
 * is set first; if the data are refused, it is put back, so that nothing has changed. */
static bool properties_put(struct interactions *interactions, struct interaction *ix,
                           const struct properties *properties)
{
    uint64_t due = block_system(block_at(interactions->slab, ix->block), SYSTEM_due);
    if (properties->due && !block_system_set(interactions->slab, ix->block, SYSTEM_due, (uint64_t)properties->due_us))
        return false;
    if (properties->data.length != 0 && !userdata_attach(interactions, ix, kv_span(&properties->data))) {
        if (properties->due) (void)block_system_set(interactions->slab, ix->block, SYSTEM_due, due);
        return false;
    }
    if (properties->priority) block_at(interactions->slab, ix->block)->priority = properties->to;
    return true;
}

static enum code properties_refused(const struct interaction *ix, const struct message *message)
{
    enum authority asker = authority_of(message, ix, AGENT_NONE, message_u(message, RequestUserData_supervises) != 0);
    return authority_allows(ACT_properties, claim_kind_none, asker) ? code_ok : code_no_privilege;
}

/* True: properties other than the priority are to change while a strategy works on the interaction: it may have read
 * them already. */
static bool properties_locked(const struct interaction *ix, const struct properties *properties)
{
    return ix->running && (properties->due || properties->data.length != 0);
}

enum { PRIORITY_WORDS = 32 }; /* room for "priority ", a sign and 19 digits */

/* Writes "priority 5". */
static void priority_words(int64_t priority, char words[PRIORITY_WORDS])
{
    char digits[PRIORITY_WORDS];
    uint32_t at = PRIORITY_WORDS - 1, length = sizeof "priority " - 1;
    uint64_t left = priority < 0 ? 0 - (uint64_t)priority : (uint64_t)priority;
    digits[at] = '\0';
    do digits[--at] = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    if (priority < 0) digits[--at] = '-';
    memcpy(words, "priority ", length);
    memcpy(words + length, digits + at, PRIORITY_WORDS - at);
}

static void properties_note(struct core *core, const struct interaction *ix, const struct message *message,
                            int64_t before, int64_t now)
{
    char words[2][PRIORITY_WORDS];
    priority_words(before, words[0]);
    priority_words(now, words[1]);
    change_work(core, message, ix->id, message_text(message, RequestUserData_why), words[0], words[1]);
}

static enum code properties_change(struct core *core, struct interaction *ix, const struct message *message,
                                   struct properties *properties)
{
    enum code code = properties_refused(ix, message);
    int64_t before = block_at(core->slab, ix->block)->priority;
    if (code != code_ok) return code;
    if (!properties_read(properties, message_text(message, RequestUserData_pairs))) return code_invalid_attribute;
    if (properties_locked(ix, properties)) return code_locked;
    if (!properties_put(core->interactions, ix, properties)) return code_invalid_attribute;
    if (properties->priority) select_rerank(core, ix, properties->to);
    if (properties->priority && before != properties->to) properties_note(core, ix, message, before, properties->to);
    return code_ok;
}

static const char *properties_why(enum code code)
{
    return code == code_ok             ? NULL
           : code == code_locked       ? "a strategy works on it: only its priority may be changed"
           : code == code_no_privilege ? "only supervisors change properties"
                                       : "priority is a number, due a time; or the data are refused";
}

void properties_on_request(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    if (!ix) {
        effect_reply(core->effects, message, outcome_error, code_unknown_conn_id, "there is no such interaction", NULL);
        return;
    }
    struct properties properties = {0};
    kv_init(&properties.data);
    enum code code = properties_change(core, ix, message, &properties);
    enum outcome outcome = code == code_ok ? outcome_ok : code == code_locked ? outcome_locked : outcome_error;
    interaction_touch(core->interactions, ix);
    effect_reply_about(core->effects, message, ix->id, outcome, code, properties_why(code), NULL);
    if (code == code_ok && properties.data.length != 0)
        userdata_changed(core->interactions, ix, kv_span(&properties.data), message_text(message, ENVELOPE_actor));
    kv_free(&properties.data);
}

/* runtime/core/interactions/userdata.c - Changes the user data of an interaction and tells the links about it.
 *
 * A pair is in one of two places of the block: in the slot of its key if the running strategy declares the key,
 * otherwise among the undeclared pairs, of which several may have one key. In addition to the value in a slot there
 * may be undeclared pairs with the same key: further values from the same list, and a secret value, which the
 * strategy may not read. */
#include "runtime/core/interactions/userdata.h"

#include <assert.h>
#include <string.h>

#include "vm/system_words.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/now.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/vocabulary/draft.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/ident.h"

static int32_t slot_named(const struct interactions *interactions, const struct interaction *ix, struct span key)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    return image_slot_find(userdata_image(interactions, ix), block_strategy(interactions->slab, block),
                           (const char *)key.bytes, key.length);
}

/* True: an earlier strategy declared the key secret. The key's pair, marked secret, is then still among the undeclared
 * pairs. */
static bool kept_secret(const struct interactions *interactions, const struct interaction *ix, struct span key)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    int32_t at = block_data_find(userdata_image(interactions, ix), block, (const char *)key.bytes, key.length);
    uint64_t word, payload;
    unsigned tag = 0;
    if (at >= 0) block_data_at(block, (uint32_t)at, &word, &tag, &payload);
    return (tag & VALUE_TAG_SECRET) != 0;
}

/* True: the value under the key is secret. `slot` -1: the key is not declared. */
static bool is_hidden(const struct interactions *interactions, const struct interaction *ix, struct span key,
                      int32_t slot)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    const struct image *image = userdata_image(interactions, ix);
    if (slot >= 0 && image_slot(image, block_strategy(interactions->slab, block), (uint32_t)slot)->secret) return true;
    return kept_secret(interactions, ix, key) ||
           (slot < 0 && image_key_secret(image, (const char *)key.bytes, key.length));
}

static void put_slot(const struct interactions *interactions, const struct interaction *ix, struct kv *kv,
                     uint32_t slot)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    const struct image_slot *row =
        image_slot(userdata_image(interactions, ix), block_strategy(interactions->slab, block), slot);
    struct text name = image_text(userdata_image(interactions, ix), row->name);
    uint64_t word;
    struct span key = {(const uint8_t *)name.bytes, name.length};
    if (!row->parameter && block_slot(block, slot, &word))
        userdata_put(interactions, ix, kv, key, row->type, word, row->secret || kept_secret(interactions, ix, key));
}

static void put_others(const struct interactions *interactions, const struct interaction *ix, struct kv *kv)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    uint32_t count = block_data_count(block);
    for (uint32_t at = 0; at < count; at++) {
        uint64_t key, payload;
        unsigned tag;
        char key_inlined[8], inlined[8];
        block_data_at(block, at, &key, &tag, &payload);
        struct kv_value value = userdata_unboxed(interactions, ix, tag, payload, inlined);
        struct span name = userdata_text(interactions, ix, key, key_inlined);
        int32_t slot = value.secret ? slot_named(interactions, ix, name) : -1;
        uint64_t word;
        if (slot < 0 || !block_slot(block, (uint32_t)slot, &word))
            kv_put(kv, name, &value); /* a secret pair is left out if its declared key has a value, which replaces it */
    }
}

/* Appends all user data: declared values first, then the others. A declared key that has a value hides its secret
 * pair. */
void userdata_all(const struct interactions *interactions, const struct interaction *ix, struct kv *kv)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    uint32_t count = image_slot_count(block_strategy(interactions->slab, block));
    for (uint32_t slot = 0; slot < count; slot++) put_slot(interactions, ix, kv, slot);
    put_others(interactions, ix, kv);
}

void userdata_one(const struct interactions *interactions, const struct interaction *ix, struct span key, struct kv *kv)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    const struct image *image = userdata_image(interactions, ix);
    int32_t slot = slot_named(interactions, ix, key), at;
    uint64_t word, payload;
    unsigned tag;
    char inlined[8];
    if (is_hidden(interactions, ix, key, slot)) return;
    if (slot >= 0 && block_slot(block, (uint32_t)slot, &word)) {
        const struct image_slot *row = image_slot(image, block_strategy(interactions->slab, block), (uint32_t)slot);
        if (!row->parameter) userdata_put(interactions, ix, kv, key, row->type, word, false);
        return;
    }
    at = block_data_find(image, block, (const char *)key.bytes, key.length);
    if (at < 0) return;
    block_data_at(block, (uint32_t)at, &word, &tag, &payload);
    struct kv_value value = userdata_unboxed(interactions, ix, tag, payload, inlined);
    kv_put(kv, key, &value);
}

/* True: the value is secret, or is a list that contains a secret value. */
static bool holds_secret(const struct kv_value *value)
{
    uint32_t at = 0;
    struct kv_pair pair;
    bool found = value->secret;
    while (!found && value->tag == KV_LIST && kv_next(value->span, &at, &pair)) found = holds_secret(&pair.value);
    return found;
}

/* Puts one pair into the block. `slot` is the declared key's slot; -1: the key is not declared. A secret value goes
 * into a declared key only if the key is secret, too; otherwise it is put among the undeclared pairs, where the
 * strategy cannot read it. `another`: adds the pair to the pairs that have the same key. Making the word may move
 * the block, so the block's address is read again afterwards. */
static bool put_pair(struct interactions *interactions, struct interaction *ix, const struct kv_pair *pair,
                     int32_t slot, bool another)
{
    struct slab *slab = interactions->slab;
    struct kv_value value = pair->value;
    const struct block *block = block_at(slab, ix->block);
    const struct image_slot *row =
        slot < 0 ? NULL : image_slot(userdata_image(interactions, ix), block_strategy(slab, block), (uint32_t)slot);
    value.secret = holds_secret(&value);
    if (row && (row->secret || !value.secret)) {
        uint64_t word;
        if (!userdata_word(interactions, ix, row->type, &value, &word)) return false;
        block_slot_set(block_at(slab, ix->block), (uint32_t)slot, word);
        return true;
    }
    value.secret = value.secret || is_hidden(interactions, ix, pair->key, slot);
    const struct boxed boxed = userdata_boxed(&value);
    return (another ? block_data_add : block_data_set)(slab, ix->block, (const char *)pair->key.bytes, pair->key.length,
                                                       boxed.tag, boxed.bytes, boxed.length, boxed.payload);
}

static int32_t pair_named(const struct interactions *interactions, const struct interaction *ix, struct span key)
{
    return block_data_find(userdata_image(interactions, ix), block_at(interactions->slab, ix->block),
                           (const char *)key.bytes, key.length);
}

/* True: the same key has come earlier in the list `before`. The list is searched only if the key is attached
 * already; otherwise it cannot have come before. */
static bool is_another(const struct interactions *interactions, const struct interaction *ix,
                       const struct kv_pair *pair, int32_t slot, struct span before)
{
    struct kv_value first;
    uint64_t word;
    const struct block *block = block_at(interactions->slab, ix->block);
    bool attached =
        (slot >= 0 && block_slot(block, (uint32_t)slot, &word)) || pair_named(interactions, ix, pair->key) >= 0;
    return attached && kv_find(before, pair->key, &first);
}

/* Removes the pairs that a new value of the key replaces: for an undeclared key all but the first, which is
 * overwritten; for a declared key all undeclared pairs with the key. The first pair that is marked secret stays, so
 * that the key stays secret. */
static void give_way(struct interactions *interactions, struct interaction *ix, struct span key, int32_t slot)
{
    struct block *block = block_at(interactions->slab, ix->block);
    int32_t first = pair_named(interactions, ix, key);
    bool kept = false;
    for (uint32_t at = first < 0 ? UINT32_MAX : (uint32_t)first; at < block_data_count(block);) {
        uint64_t word, payload;
        unsigned tag;
        char inlined[8];
        block_data_at(block, at, &word, &tag, &payload);
        bool named = span_equal(userdata_text(interactions, ix, word, inlined), key);
        bool stays = !named || (!kept && (slot < 0 || (tag & VALUE_TAG_SECRET) != 0));
        kept = kept || (named && stays);
        if (stays)
            at++;
        else
            block_data_delete(block, at); /* the loop stays at this place, to which the next pair has moved */
    }
}

/* Puts all pairs into the block. A pair replaces earlier values of its key. If a key comes twice in `pairs`, both
 * values are kept, and the first counts as the key's value. `beside`: a value that does not fit its declared key is
 * kept as an undeclared pair; without it such a value makes the function return false. */
static bool put_all(struct interactions *interactions, struct interaction *ix, struct span pairs, bool beside)
{
    uint32_t at = 0;
    struct kv_pair pair;
    for (uint32_t from = 0; kv_next(pairs, &at, &pair); from = at) {
        int32_t slot = slot_named(interactions, ix, pair.key);
        bool another = is_another(interactions, ix, &pair, slot, (struct span){pairs.bytes, from});
        if (!another) give_way(interactions, ix, pair.key, slot);
        if (put_pair(interactions, ix, &pair, another ? -1 : slot, another)) continue;
        if (!beside) return false;
        if (slot >= 0 && !another) put_pair(interactions, ix, &pair, -1, false);
    }
    return true;
}

/* Puts the pairs of an arrival into the block; values that do not fit their declared key are kept as undeclared
 * pairs, so nothing is lost. */
void userdata_take(struct interactions *interactions, struct interaction *ix, struct span pairs)
{
    assert(!interaction_has_ended(ix));
    put_all(interactions, ix, pairs, true);
    interaction_touch(interactions, ix);
}

/* True: when the block's data move to that strategy, no pair has to be converted, replaced or hidden, so that the
 * pairs may be copied unchanged. */
static bool moves_as_is(const struct interactions *interactions, const struct block *from, const struct image *image,
                        uint16_t strategy)
{
    uint64_t word, key, payload;
    for (uint32_t slot = 0; slot < from->slots; slot++)
        if (block_slot(from, slot, &word)) return false;
    for (uint32_t at = 0; at < block_data_count(from); at++) {
        unsigned tag;
        char inlined[8];
        block_data_at(from, at, &key, &tag, &payload);
        if ((tag & VALUE_TAG_SECRET) != 0 || tag == VALUE_TAG_LIST) return false;
        struct text name = block_text(block_image(interactions->slab, from), from, key, inlined);
        if (image_slot_find(image, image_strategy(image, strategy), name.bytes, name.length) >= 0) return false;
        if (image_key_secret(image, name.bytes, name.length)) return false;
    }
    return true;
}

/* Moves the data to the block of another strategy, which declares other keys. If the data are the same under both
 * declarations, the pairs are copied as bytes; otherwise all data are read and put in again one by one. */
void userdata_move(struct interactions *interactions, struct interaction *ix, block_handle fresh)
{
    assert(fresh != BLOCK_HANDLE_NONE && fresh != ix->block);
    const struct block *to = block_at(interactions->slab, fresh);
    const struct image *image = block_image(interactions->slab, to);
    bool moved = moves_as_is(interactions, block_at(interactions->slab, ix->block), image, to->strategy) &&
                 block_data_copy(interactions->slab, ix->block, fresh);
    struct kv data;
    kv_init(&data);
    if (!moved) userdata_all(interactions, ix, &data);
    block_replace(interactions->slab, ix->block, fresh);
    put_all(interactions, ix, kv_span(&data), true);
    kv_free(&data);
    interaction_touch(interactions, ix);
}

/* Returns the bytes that the pairs take in a message and, packed, in the block; adds the number of pairs to `count`. */
static uint32_t userdata_packed(struct span pairs, uint32_t *count)
{
    enum { HEAD = 8, NUMBER = 8 };
    uint32_t bytes = 0, at = 0;
    struct kv_pair pair;
    for (; kv_next(pairs, &at, &pair); ++*count)
        bytes += pair.key.length + HEAD + (pair.value.span.length > NUMBER ? pair.value.span.length : NUMBER);
    return bytes;
}

/* True: with the given pairs all data still fit into one message and into the block. Called before anything is
 * changed. */
static bool interactions_fits(struct interactions *interactions, const struct interaction *ix, struct span pairs)
{
    kv_clear(interactions->scratch);
    userdata_all(interactions, ix, interactions->scratch);
    if (interactions->scratch->length + pairs.length > KV_BYTES_MAX) return false;
    uint32_t count = 0,
             bytes = userdata_packed(kv_span(interactions->scratch), &count) + userdata_packed(pairs, &count);
    return count <= USERDATA_ELEMENTS_MAX && bytes <= DATA_BYTES_MAX;
}

/* Puts all pairs into the block, or restores the block if the strategy's own values leave no room. */
static bool put_all_or_none(struct interactions *interactions, struct interaction *ix, struct span pairs)
{
    struct slab *slab = interactions->slab;
    const struct block *block = block_at(slab, ix->block);
    struct error error;
    uint32_t size = block_size(block);
    interactions->kept = memory_grow(interactions->kept, &interactions->kept_capacity, size, 1);
    memcpy(interactions->kept, block, size);
    if (put_all(interactions, ix, pairs, false)) return true;
    block_handle before = block_adopt(slab, userdata_image(interactions, ix), interactions->kept, size, &error);
    assert(before != BLOCK_HANDLE_NONE);
    block_replace(slab, ix->block, before);
    return false;
}

/* First every declared value is tried, then the total size is checked, then the block is changed. So a refused
 * change has changed nothing that anybody can see. */
bool userdata_attach(struct interactions *interactions, struct interaction *ix, struct span pairs)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(pairs, &at, &pair)) {
        int32_t slot = slot_named(interactions, ix, pair.key);
        if (slot < 0) continue;
        const struct block *block = block_at(interactions->slab, ix->block);
        const struct image_slot *row =
            image_slot(userdata_image(interactions, ix), block_strategy(interactions->slab, block), (uint32_t)slot);
        uint64_t word;
        if (!userdata_word(interactions, ix, row->type, &pair.value, &word)) return false;
    }
    return interactions_fits(interactions, ix, pairs) && put_all_or_none(interactions, ix, pairs);
}

/* ---- drafts ---- */

static const char *const draft_keys[] = {DATA_DRAFT, DATA_DRAFT_BY};

static bool is_draft_key(struct span key)
{
    return span_is(key, DATA_DRAFT) || span_is(key, DATA_DRAFT_BY);
}

/* True: the pairs in the scratch and the deleted keys are only those of an answer that an agent has begun. A desk
 * reports such a draft every few seconds while the agent writes, so it gets no line in the history. */
static bool is_draft_alone(const struct interactions *interactions, struct span deleted)
{
    uint32_t at = 0, others = 0, drafts = 0;
    struct kv_pair pair;
    struct span key;
    while (kv_next(kv_span(interactions->scratch), &at, &pair)) *(is_draft_key(pair.key) ? &drafts : &others) += 1;
    for (at = 0; message_next_text(deleted, &at, &key);) *(is_draft_key(key) ? &drafts : &others) += 1;
    return drafts != 0 && others == 0;
}

static void tell_link(struct interactions *interactions, struct interaction *ix, unsigned link, struct span deleted,
                      struct span by, bool quiet)
{
    effect_begin(interactions->effects,
                 &(struct effect){.kind = KIND_EventAttachedDataChanged, .link = link, .interaction = ix});
    struct writer *writer = &interactions->effects->writer;
    writer_u(writer, EventAttachedDataChanged_revision, ix->revision);
    effect_kv(interactions->effects, EventAttachedDataChanged_changed);
    writer_bytes(writer, EventAttachedDataChanged_deleted, deleted);
    writer_bytes(writer, EventAttachedDataChanged_by, by);
    effect_end(interactions->effects);
    if (!quiet) interaction_tell(interactions, ix, FACT_data_changed, 0, 0);
}

/* Sends EventAttachedDataChanged with the pairs in the scratch and the deleted keys: to the link of the leg, and for
 * submitted interactions to the links of the agents who have them. */
static void interactions_tell(struct interactions *interactions, struct interaction *ix, struct span deleted,
                              struct span by)
{
    bool quiet = is_draft_alone(interactions, deleted);
    ix->revision++;
    struct fact fact = {.what = FACT_data_attached, .ixn = ix->id};
    fact.changed = kv_span(interactions->scratch);
    fact.deleted = deleted;
    fact.by = by;
    fact.revision = ix->revision;
    if (!quiet) fact_tell(interactions->facts, &fact);
    uint64_t links = ix->submitted ? interaction_agents_links(interactions, ix) : 0;
    if (ix->leg) links |= UINT64_C(1) << (ix->link - SOURCE_LINKS);
    for (unsigned link = SOURCE_LINKS; links != 0; link++, links >>= 1)
        if ((links & 1) != 0 && link_usable(interactions->links, link))
            tell_link(interactions, ix, link, deleted, by, quiet);
}

/* Reports the keys to the links; `slots` is a set of slots as bits. False: a pair was too large for the wire and was
 * left out. */
bool userdata_tell(struct interactions *interactions, struct interaction *ix, uint64_t slots, bool others,
                   struct span by)
{
    kv_clear(interactions->scratch);
    for (uint32_t slot = 0; slot < IMAGE_SLOTS_MAX; slot++)
        if ((slots >> slot & 1) != 0) put_slot(interactions, ix, interactions->scratch, slot);
    if (others) put_others(interactions, ix, interactions->scratch);
    size_t length = interactions->scratch->length;
    interactions_tell(interactions, ix, (struct span){NULL, 0}, by);
    return interactions->scratch->length == length; /* effect_kv shortens it */
}

static void delete_key(struct interactions *interactions, struct interaction *ix, struct span key)
{
    struct slab *slab = interactions->slab;
    int32_t slot = slot_named(interactions, ix, key);
    if (slot >= 0) block_slot_clear(block_at(slab, ix->block), (uint32_t)slot);
    struct block *block = block_at(slab, ix->block);
    int32_t at;
    while ((at = block_data_find(userdata_image(interactions, ix), block, (const char *)key.bytes, key.length)) >= 0)
        block_data_delete(block, (uint32_t)at);
}

/* True: the interaction has the key, declared or not. */
static bool has_key(const struct interactions *interactions, const struct interaction *ix, const char *key)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    uint32_t length = (uint32_t)strlen(key);
    uint64_t word;
    int32_t slot = slot_named(interactions, ix, span_of(key));
    return (slot >= 0 && block_slot(block, (uint32_t)slot, &word)) ||
           block_data_find(userdata_image(interactions, ix), block, key, length) >= 0;
}

bool userdata_draft_forget(struct interactions *interactions, struct interaction *ix)
{
    bool there = !ix->running && has_key(interactions, ix, DATA_DRAFT) && has_key(interactions, ix, DATA_DRAFT_BY);
    for (size_t i = 0; there && i < sizeof draft_keys / sizeof draft_keys[0]; i++)
        delete_key(interactions, ix, span_of(draft_keys[i]));
    if (there) interaction_touch(interactions, ix);
    return there;
}

void userdata_draft_sent(struct interactions *interactions, struct interaction *ix, struct span by)
{
    if (!userdata_draft_forget(interactions, ix)) return;
    kv_clear(interactions->scratch);
    interactions_tell(interactions, ix, (struct span){(const uint8_t *)DATA_DRAFT_LIST, sizeof DATA_DRAFT_LIST - 1},
                      by);
}

/* True: all keys may be deleted; false: the running strategy declares one of them and relies on its value. */
static bool may_delete(const struct interactions *interactions, const struct interaction *ix, struct span keys)
{
    uint32_t at = 0;
    struct span key;
    while (ix->running && message_next_text(keys, &at, &key))
        if (slot_named(interactions, ix, key) >= 0) return false;
    return true;
}

static void delete_keys(struct interactions *interactions, struct interaction *ix, const struct message *message,
                        unsigned op)
{
    struct span keys = message_text(message, RequestUserData_keys), key, deleted = keys;
    struct span by = message_text(message, ENVELOPE_actor);
    uint32_t at = 0;
    if (op == data_op_DeleteUserData) {
        struct block *block = block_at(interactions->slab, ix->block);
        while (block_data_count(block) > 0) block_data_delete(block, 0);
        for (uint32_t slot = 0; !ix->running && slot < block->slots; slot++) block_slot_clear(block, slot);
        deleted = (struct span){NULL, 0};
    }
    while (message_next_text(keys, &at, &key)) delete_key(interactions, ix, key);
    interaction_touch(interactions, ix);
    kv_clear(interactions->scratch);
    effect_reply(interactions->effects, message, outcome_ok, code_ok, NULL, NULL);
    interactions_tell(interactions, ix, deleted, by);
}

void userdata_changed(struct interactions *interactions, struct interaction *ix, struct span pairs, struct span by)
{
    uint32_t at = 0;
    struct kv_pair pair;
    kv_clear(interactions->scratch);
    while (kv_next(pairs, &at, &pair)) {
        pair.value.secret = is_hidden(interactions, ix, pair.key, slot_named(interactions, ix, pair.key));
        kv_put(interactions->scratch, pair.key, &pair.value);
    }
    interactions_tell(interactions, ix, (struct span){NULL, 0}, by);
}

/* Returns the agent who asks for a change; AGENT_NONE: the link names nobody whom the core knows as an agent. */
static uint32_t changer_of(const struct interactions *interactions, const struct message *message)
{
    uint32_t agent;
    bool known = agent_find(interactions->agents,
                            names_find(interactions->names, message_text(message, ENVELOPE_actor)), &agent);
    return known && line_agent_on_link(interactions->agents, agent, (unsigned)message_u(message, ENVELOPE_source))
               ? agent
               : AGENT_NONE;
}

/* May the sender change the data? The link that has the leg has checked its own rules already (cti/roles.def), which
 * know calls and no claims. */
static bool may_change(const struct interactions *interactions, const struct message *message,
                       const struct interaction *ix, uint32_t agent)
{
    bool supervises = message_u(message, RequestUserData_supervises) != 0;
    if (ix->link == message_u(message, ENVELOPE_source)) agent = AGENT_NONE;
    return authority_may(interactions, message, ix, agent, supervises, ACT_data);
}

/* Carries out a RequestUserData. Errors are looked for in the order: interaction unknown, not allowed, wrong data. */
void userdata_on_request(struct interactions *interactions, const struct message *message)
{
    struct interaction *ix = interaction_of(interactions, message);
    unsigned op = (unsigned)message_u(message, RequestUserData_op);
    struct span pairs = message_text(message, RequestUserData_pairs);
    if (!ix) {
        effect_reply(interactions->effects, message, outcome_error, code_unknown_conn_id,
                     "there is no such interaction", NULL);
        return;
    }
    uint32_t agent = changer_of(interactions, message);
    if (!may_change(interactions, message, ix, agent)) {
        effect_reply(interactions->effects, message, outcome_error, code_no_privilege,
                     authority_why(interactions, ix, agent), NULL);
        return;
    }
    switch (op) {
    case data_op_Attach:
    case data_op_Update:
        if (!userdata_attach(interactions, ix, pairs)) {
            interaction_touch(interactions, ix);
            effect_reply(interactions->effects, message, outcome_error, code_invalid_attribute,
                         "a declared key has another type, or the data are too large", NULL);
            return;
        }
        interaction_touch(interactions, ix);
        effect_reply(interactions->effects, message, outcome_ok, code_ok, NULL, NULL);
        userdata_changed(interactions, ix, pairs, message_text(message, ENVELOPE_actor));
        return;
    case data_op_DeletePair:
    case data_op_DeleteUserData:
        if (!may_delete(interactions, ix, message_text(message, RequestUserData_keys))) {
            effect_reply(interactions->effects, message, outcome_error, code_invalid_state,
                         "a strategy counts on a declared key", NULL);
            return;
        }
        delete_keys(interactions, ix, message, op);
        return;
    default:
        effect_reply(interactions->effects, message, outcome_unsupported, code_unsupported,
                     "no such operation on user data", NULL);
    }
}

struct span interaction_system(const struct interactions *interactions, const struct interaction *ix, unsigned number)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    struct text text = block_system_text(block_image(interactions->slab, block), block, number);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

void interaction_system_set(struct interactions *interactions, struct interaction *ix, unsigned number,
                            struct span text)
{
    uint64_t word = 0;
    if (!block_make_text(interactions->slab, ix->block, (const char *)text.bytes, text.length, &word)) word = 0;
    block_system_set(interactions->slab, ix->block, number, word);
}

/* Appends the attributes; their keys are the names that the language has for them. */
void interaction_data(const struct interactions *interactions, const struct interaction *ix, struct kv *data)
{
    char id[24];
    const struct block *block = block_at(interactions->slab, ix->block);
    struct span said = interaction_system(interactions, ix, SYSTEM_subject);
    kv_put_text(data, "id", (struct span){(const uint8_t *)id, ident_print_ixn(ix->id, id)});
    kv_put_text(data, "media", span_of(interactions_medium(interactions, ix->media)));
    kv_put_text(data, "this_dn", interaction_system(interactions, ix, SYSTEM_this_dn));
    kv_put_text(data, "ani", interaction_system(interactions, ix, SYSTEM_ani));
    kv_put_text(data, "dnis", interaction_system(interactions, ix, SYSTEM_dnis));
    bool called = ix->media == media_voice || ix->media == media_outbound || ix->media == media_callback;
    if (said.length != 0) kv_put_text(data, called ? "ced" : "subject", said);
    if (!called) kv_put_text(data, "from", interaction_system(interactions, ix, SYSTEM_from));
    if (!called) kv_put_text(data, "to", interaction_system(interactions, ix, SYSTEM_to));
    kv_put_int(data, "priority", block->priority);
    kv_put_int(data, "attempt", block->attempt);
    kv_put_time(data, "arrived", (int64_t)interaction_arrived(interactions, ix) + interactions->now->wall_offset_us);
    kv_put_int(data, "waited", (int64_t)(interactions->now->time_us - interaction_arrived(interactions, ix)));
    uint64_t due = block_system(block, SYSTEM_due);
    if (due != VALUE_NONE) kv_put_time(data, "due", (int64_t)due);
    kv_put_text(data, "call_type", span_of(enum_name_call_type(block->call_type)));
    kv_put_text(data, "locale", interaction_system(interactions, ix, SYSTEM_locale));
    kv_put(data, span_of("kept_place"), &(struct kv_value){.tag = KV_BOOL, .word = ix->kept});
    userdata_all(interactions, ix, data);
}

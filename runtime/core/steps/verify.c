/* runtime/core/steps/verify.c - The step `contact.verify`: a code is sent to the customer of a chat, who types it
 * there.
 *
 * The core never has the code. It asks a link to send a message and names the chat by its number in the contact store;
 * the link makes the code, the contact store keeps its digest, and the code takes the place of VERIFY_DIGITS in the
 * text. The chat's home compares what the customer types with the digest, and reports it by user data:
 *
 *     address_verified   true: the code was typed
 *     code_wrong         how many other codes were typed since the last one was sent */
#include "runtime/core/steps/verify.h"

#include "vm/steps.h"
#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/media.h"

enum { VERIFY_TRIES = 3, VERIFY_TEXT_MAX = 500, VERIFY_ADDRESS_MAX = 254 };
static const char verify_text[] =
    "Your code is " VERIFY_DIGITS
    ". Please type it into the chat. If you are in no chat with us, somebody else has typed "
    "your address, and you need do nothing.";
static const char verify_subject[] = "Your code";

/* Reads one of the interaction's user data. False: there is none. */
static bool verify_value(struct core *core, const struct interaction *ix, const char *key, struct kv_value *value)
{
    kv_clear(core->interactions->scratch);
    userdata_one(core->interactions, ix, span_of(key), core->interactions->scratch);
    return kv_get(kv_span(core->interactions->scratch), key, value);
}

static int64_t verify_count(struct core *core, const struct interaction *ix, const char *key)
{
    struct kv_value value;
    return verify_value(core, ix, key, &value) && value.tag == KV_INT ? (int64_t)value.word : 0;
}

bool verify_is(struct core *core, const struct interaction *ix)
{
    struct kv_value value;
    return !media_types_address(ix->media) ||
           (verify_value(core, ix, "address_verified", &value) && value.tag == KV_BOOL && value.word != 0);
}

/* Returns a text argument of the step; `absent` where it is not given. `inlined` has room for a short text. */
static struct span verify_arg(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                              struct span absent, char inlined[8])
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    if (!vm_arg(core->slab, block, fiber, parameter, &word, &type) || value_is_none(type, word)) return absent;
    return span_of_text(block_text(block_image(core->slab, block), block, word, inlined));
}

static struct span verify_to(const struct core *core, const struct interaction *ix, uint8_t fiber, char inlined[8])
{
    return verify_arg(core, ix, fiber, PARAMETER_contact_verify_to,
                      interaction_system(core->interactions, ix, SYSTEM_from), inlined);
}

static bool verify_has(struct span text, const char *part)
{
    uint32_t length = span_of(part).length;
    for (uint32_t at = 0; at + length <= text.length; at++)
        if (span_is((struct span){text.bytes + at, length}, part)) return true;
    return false;
}

/* True: a code can be sent there. `*link`: by this link. */
static enum code verify_may(struct core *core, const struct interaction *ix, uint8_t fiber, unsigned *link)
{
    char inlined[8], other[8];
    struct span to = verify_to(core, ix, fiber, inlined);
    struct span text = verify_arg(core, ix, fiber, PARAMETER_contact_verify_text, span_of(verify_text), other);
    if (!ix->submitted || !ix->leg || ix->gone) return code_gone;
    if (to.length == 0 || to.length > VERIFY_ADDRESS_MAX || text.length > VERIFY_TEXT_MAX ||
        !verify_has(text, VERIFY_DIGITS) || verify_count(core, ix, "stored") <= 0)
        return code_refused;
    *link = link_that_can(core->links, ix->link, verify_has(to, "@") ? CAP_MAIL : CAP_TEXTS);
    if (*link == 0) return code_unavailable;
    return link_usable(core->links, *link) ? code_ok : code_link_down;
}

static void verify_write(struct core *core, const struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    struct writer *writer = &core->effects->writer;
    char id[EFFECT_TEXT], inlined[8], other[8];
    uint32_t length = ident_print_effect(ix->id, ref, id);
    struct span to = verify_to(core, ix, fiber, inlined);
    writer_bytes(writer, SendMessage_msg_id, (struct span){(const uint8_t *)id, length});
    writer_u(writer, SendMessage_kind, message_kind_text);
    writer_list_begin(writer, SendMessage_to);
    writer_list_text(writer, to);
    writer_list_end(writer);
    if (verify_has(to, "@"))
        writer_bytes(writer, SendMessage_subject,
                     verify_arg(core, ix, fiber, PARAMETER_contact_verify_subject, span_of(verify_subject), other));
    writer_bytes(writer, SendMessage_text,
                 verify_arg(core, ix, fiber, PARAMETER_contact_verify_text, span_of(verify_text), other));
    int64_t stored = verify_count(core, ix, "stored");
    kv_clear(&core->scratch);
    kv_put_text(&core->scratch, "automatic", span_of("code"));
    kv_put_int(&core->scratch, VERIFY_CODE_OF, stored);
    writer_kv(writer, SendMessage_headers, &core->scratch);
}

static struct step_outcome verify_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    unsigned link = 0;
    if (verify_is(core, ix)) return step_done(0);
    enum code code = verify_may(core, ix, fiber, &link);
    if (code != code_ok) return step_fails(code);
    int64_t timeout_us = tries_left(core, ix, fiber);
    ref = step_effect(core, ix, KIND_SendMessage, link, ref, timeout_us);
    verify_write(core, ix, fiber, ref);
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_SendMessage, ref, link, timeout_us);
    interaction_tell(core->interactions, ix, FACT_message_sent, 0, 0);
    return step_waits();
}

/* The code is sent, and the step waits until it is typed; or it cannot be sent. */
static void verify_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                            const struct message *message)
{
    unsigned code = effect_code_of(message);
    if (code != code_ok) strategy_step_failed(core, ix, pending->fiber, code);
}

/* Looks whether the fiber's step is over. */
static void verify_look(struct core *core, struct interaction *ix, uint8_t fiber, int64_t wrong)
{
    uint64_t word;
    uint16_t type;
    if (step_of(core, ix, fiber) != STEP_ID_contact_verify) return;
    bool given =
        vm_arg(core->slab, block_at(core->slab, ix->block), fiber, PARAMETER_contact_verify_tries, &word, &type);
    int64_t tries = given && !value_is_none(type, word) ? (int64_t)word : VERIFY_TRIES;
    if (tries > VERIFY_TRIES_MAX) tries = VERIFY_TRIES_MAX;
    if (verify_is(core, ix))
        strategy_step_done(core, ix, fiber, 0);
    else if (wrong > 0 && wrong >= tries)
        strategy_step_failed(core, ix, fiber, code_rejected);
}

void verify_heard(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    struct kv_value value;
    uint8_t fibers[PARTS];
    if (!ix || !ix->running || message_u(message, ENVELOPE_source) != ix->link) return;
    bool counted = kv_get(message_text(message, RequestUserData_pairs), VERIFY_WRONG, &value) && value.tag == KV_INT;
    unsigned count = fibers_of(core->forks, ix, fibers);
    for (unsigned at = 0; at < count && ix->running && !interaction_has_ended(ix); at++)
        verify_look(core, ix, fibers[at], counted ? (int64_t)value.word : 0);
}

const struct step_ops step_ops_verify = {.begin = verify_begin, .answered = verify_answered, .again = KIND_SendMessage};

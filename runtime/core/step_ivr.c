/* runtime/core/step_ivr.c - Treatments: what the IVR plays and asks. The newest one counts. */
#include "runtime/core/state.h"
#include "runtime/core/step.h"
#include "runtime/core/userdata.h"

enum { SHOWN_MAX = 4096, INTERRUPTED_US = 2000000 };

/* An argument's word; false where it was not given. */
static bool argument(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                     uint64_t *word, uint16_t *type)
{
    const struct slab *slab = core->strategies.slab;
    return vm_arg(slab, block_at(slab, ix->block), fiber, parameter, word, type) && !value_is_none(*type, *word);
}

static struct text text_of(const struct core *core, const struct interaction *ix, uint64_t word, char inlined[8])
{
    const struct block *block = block_at(core->strategies.slab, ix->block);
    return block_text(block_image(core->strategies.slab, block), block, word, inlined);
}

static void put_prompt(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter)
{
    uint64_t word;
    uint16_t type;
    if (argument(core, ix, fiber, parameter, &word, &type))
        kv_put_text(&core->scratch, "prompt", core_name(core, strategy_name(core, ix, word)));
}

static void put_int(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter, const char *key)
{
    uint64_t word;
    uint16_t type;
    if (argument(core, ix, fiber, parameter, &word, &type)) kv_put_int(&core->scratch, key, (int64_t)word);
}

static void put_text(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                     const char *key)
{
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!argument(core, ix, fiber, parameter, &word, &type)) return;
    struct text text = text_of(core, ix, word, inlined);
    kv_put_text(&core->scratch, key, (struct span){(const uint8_t *)text.bytes, text.length});
}

/* The keys that a menu takes, "12". */
static void put_keys(struct core *core, const struct interaction *ix, uint64_t map)
{
    const struct block *block = block_at(core->strategies.slab, ix->block);
    const struct image *image = block_image(core->strategies.slab, block);
    uint8_t keys[64];
    uint32_t length = 0;
    uint64_t key, value;
    for (uint32_t at = 0; block_pair(image, block, map, at, &key, &value); at++) {
        char inlined[8];
        struct text text = block_text(image, block, key, inlined);
        if (text.length == 1 && length < sizeof keys) keys[length++] = (uint8_t)text.bytes[0];
    }
    kv_put_text(&core->scratch, "keys", (struct span){keys, length});
    kv_put_int(&core->scratch, "max", 1);
}

/* What stands in the gaps of a prompt, in order. */
static void put_values(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct block *block = block_at(core->strategies.slab, ix->block);
    const struct image *image = block_image(core->strategies.slab, block);
    uint64_t word;
    uint16_t type;
    if (!argument(core, ix, fiber, PARAMETER_ivr_play_values, &word, &type)) return;
    kv_list_begin(&core->scratch, span_of("values"));
    for (uint16_t at = PARAMETER_ivr_play_values; argument(core, ix, fiber, at, &word, &type) && at < 16; at++) {
        char shown[SHOWN_MAX], key[2] = {(char)('0' + at % 10), 0};
        uint32_t length = vm_show(core->strategies.vm, block, image, type, word, shown, sizeof shown);
        kv_put_text(&core->scratch, key, (struct span){(const uint8_t *)shown, text_cut(shown, length, SHOWN_MAX - 1)});
    }
    kv_list_end(&core->scratch);
}

static enum treatment prepare(struct core *core, struct interaction *ix, uint8_t fiber, unsigned step)
{
    uint64_t word;
    uint16_t type;
    kv_clear(&core->scratch);
    switch (step) {
    case STEP_ID_ivr_digits:
        put_prompt(core, ix, fiber, PARAMETER_ivr_digits_prompt);
        put_int(core, ix, fiber, PARAMETER_ivr_digits_min, "min");
        put_int(core, ix, fiber, PARAMETER_ivr_digits_max, "max");
        put_text(core, ix, fiber, PARAMETER_ivr_digits_end, "end");
        put_int(core, ix, fiber, PARAMETER_ivr_digits_gap, "gap");
        return treatment_PlayAnnouncementAndDigits;
    case STEP_ID_ivr_menu:
        put_prompt(core, ix, fiber, PARAMETER_ivr_menu_prompt);
        if (argument(core, ix, fiber, PARAMETER_ivr_menu_keys, &word, &type)) put_keys(core, ix, word);
        return treatment_PlayAnnouncementAndDigits;
    case STEP_ID_ivr_play:
        put_prompt(core, ix, fiber, PARAMETER_ivr_play_prompt);
        put_values(core, ix, fiber);
        return treatment_PlayAnnouncement;
    case STEP_ID_ivr_say:
        put_text(core, ix, fiber, PARAMETER_ivr_say_text, "text");
        return treatment_Say;
    default:
        put_prompt(core, ix, fiber, PARAMETER_ivr_music_prompt);
        put_int(core, ix, fiber, PARAMETER_ivr_music_duration, "duration_us");
        return treatment_Music;
    }
}

struct step_outcome ivr_begin(struct core *core, struct interaction *ix, uint8_t fiber, unsigned step, uint32_t ref)
{
    if (ix->conn == 0 || ix->gone) return step_fails(code_gone);
    if (!link_usable(core, ix->link)) return step_fails(code_link_down);
    if (!link_can(core, ix->link, CAP_TREATMENTS)) return step_fails(code_unsupported);
    const struct slab *slab = core->strategies.slab;
    int64_t timeout_us = vm_timeout(slab, block_at(slab, ix->block), fiber);
    enum treatment type = prepare(core, ix, fiber, step);
    if (core->scratch.length > KV_BYTES_MAX) return step_fails(code_too_large);
    char inlined[8];
    struct text locale = text_of(core, ix, block_system(block_at(slab, ix->block), 5), inlined);
    ref = effect_begin(core, &(struct effect){
                                 .kind = KIND_RequestApplyTreatment,
                                 .link = ix->link,
                                 .interaction = ix,
                                 .ref = ref,
                                 .timeout_us = timeout_us < 0 ? 0 : timeout_us,
                             });
    struct writer *writer = &core->effects.writer;
    writer_u(writer, RequestApplyTreatment_type, type);
    effect_kv(core, RequestApplyTreatment_params);
    writer_bytes(writer, RequestApplyTreatment_language,
                 (struct span){(const uint8_t *)locale.bytes, locale.length <= NAME_BYTES_MAX ? locale.length : 0});
    effect_end(core);
    ix->treatment = 0; /* the one before has ended with it */
    ix->instructed = true;
    effect_await(core, ix, KIND_RequestApplyTreatment, ref, ix->link, fiber, 0);
    if (timeout_us >= 0 && *part_timer(core, ix, fiber_part(core, ix, fiber)) == 0)
        step_timer(core, ix, fiber, (uint64_t)timeout_us);
    interaction_note(core, ix, KIND_RequestApplyTreatment, type, 0);
    return step_waits();
}

/* What the caller entered, as the step's result. */
static void entered(struct core *core, struct interaction *ix, uint8_t fiber, unsigned step, struct span digits)
{
    struct slab *slab = core->strategies.slab;
    const char *bytes = (const char *)digits.bytes;
    uint64_t word, map;
    uint16_t type;
    if (digits.length == 0) {
        strategy_step_failed(core, ix, fiber, code_no_input);
        return;
    }
    if (!block_make_text(slab, ix->block, bytes, digits.length, &word)) {
        strategy_step_failed(core, ix, fiber, code_too_large);
        return;
    }
    block_system_set(block_at(slab, ix->block), 3, word); /* ced */
    if (step == STEP_ID_ivr_menu) {
        const struct block *block = block_at(slab, ix->block);
        if (!argument(core, ix, fiber, PARAMETER_ivr_menu_keys, &map, &type) ||
            !block_map_find(block_image(slab, block), block, map, bytes, digits.length, &word)) {
            strategy_step_failed(core, ix, fiber, code_invalid);
            return;
        }
        strategy_step_done(core, ix, fiber, word);
        return;
    }
    uint64_t least, most;
    if ((argument(core, ix, fiber, PARAMETER_ivr_digits_min, &least, &type) && digits.length < least) ||
        (argument(core, ix, fiber, PARAMETER_ivr_digits_max, &most, &type) && digits.length > most)) {
        strategy_step_failed(core, ix, fiber, code_invalid);
        return;
    }
    strategy_step_done(core, ix, fiber, word);
}

static void ended(struct core *core, struct interaction *ix, uint8_t fiber, const struct message *message)
{
    unsigned step = step_of(core, ix, fiber);
    unsigned cause = (unsigned)message_u(message, EventTreatment_cause);
    if (cause == cause_interrupted) {
        /* The call is being taken away, which is told next: nothing may be done as if the caller had heard it all. */
        step_timer(core, ix, fiber, INTERRUPTED_US);
        return;
    }
    if (step != STEP_ID_ivr_digits && step != STEP_ID_ivr_menu)
        strategy_step_done(core, ix, fiber, 0);
    else if (cause == cause_invalid_input)
        strategy_step_failed(core, ix, fiber, code_invalid);
    else
        entered(core, ix, fiber, step, message_text(message, EventTreatment_digits));
}

void ivr_on_treatment(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core, message);
    if (ix == NULL) {
        link_ask(core, message);
        return;
    }
    unsigned change = (unsigned)message_u(message, EventTreatment_change);
    interaction_note(core, ix, KIND_EventTreatment, change, 0);
    const struct pending *pending = effect_pending(core, ix, message_u(message, ENVELOPE_ref));
    if (!ix->running || pending == NULL || pending->kind != KIND_RequestApplyTreatment ||
        pending->link != message_u(message, ENVELOPE_source))
        return; /* late, or not the newest */
    uint8_t fiber = pending->fiber;
    if (change == treatment_change_End)
        ended(core, ix, fiber, message);
    else if (change == treatment_change_NotApplied)
        strategy_step_failed(core, ix, fiber, code_not_applied);
}

/* runtime/core/steps/ivr.c - Treatments: the steps in which the IVR plays something or asks the caller for input.
 * Only the newest treatment of a call counts.
 *
 * A step is one RequestApplyTreatment, whose parameters are pairs (prepare). EventTreatment with the same ref
 * reports that it has ended; its cause and data decide whether the step is done or fails (ended). A treatment may
 * play on after its step has ended, since the next treatment or the routing ends it anyway: the interaction only
 * notes its ref. */

#include <assert.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/blob.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/dialled.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/rows.h"
#include "base/utf8.h"
#include "vm/clock.h"
#include "vm/show.h"
#include "vm/steps.h"
#include "vm/system_words.h"

enum { SHOWN_MAX = 4096, INTERRUPTED_US = 2000000, CHOICES_MAX = 9 };

static const int64_t SECOND_US = 1000000, DAY_US = 86400 * INT64_C(1000000);

/* Reads the word of an argument; false if it is not given. */
static bool ivr_argument(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                         uint64_t *word, uint16_t *type)
{
    const struct slab *slab = core->slab;
    return vm_arg(slab, block_at(slab, ix->block), fiber, parameter, word, type) && !value_is_none(*type, *word);
}

static struct text ivr_text_of(const struct core *core, const struct interaction *ix, uint64_t word, char inlined[8])
{
    const struct block *block = block_at(core->slab, ix->block);
    return block_text(block_image(core->slab, block), block, word, inlined);
}

static void put_int(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter, const char *key)
{
    uint64_t word;
    uint16_t type;
    if (ivr_argument(core, ix, fiber, parameter, &word, &type)) kv_put_int(&core->scratch, key, (int64_t)word);
}

static void ivr_put_text(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                         const char *key)
{
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!ivr_argument(core, ix, fiber, parameter, &word, &type)) return;
    struct text text = ivr_text_of(core, ix, word, inlined);
    kv_put_text(&core->scratch, key, (struct span){(const uint8_t *)text.bytes, text.length});
}

/* Writes the key that ends the input of digits. Only this function decides which key ends the input if the strategy
 * names none: links and simulated callers use what they are told. */
static void put_end(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    uint64_t word;
    uint16_t type;
    if (ivr_argument(core, ix, fiber, PARAMETER_ivr_digits_end, &word, &type))
        ivr_put_text(core, ix, fiber, PARAMETER_ivr_digits_end, "end");
    else
        kv_put_text(&core->scratch, "end", span_of("#"));
}

/* Writes the prompt, or the text to be spoken instead. */
static void put_spoken(struct core *core, const struct interaction *ix, uint16_t type, uint64_t word)
{
    char inlined[8];
    if (type_base(type) != TYPE_STR) {
        kv_put_text(&core->scratch, "prompt", core_name(core, strategy_name(core->strategies, ix, word)));
        return;
    }
    struct text text = ivr_text_of(core, ix, word, inlined);
    kv_put_text(&core->scratch, "text", (struct span){(const uint8_t *)text.bytes, text.length});
}

static void put_prompt(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter)
{
    uint64_t word;
    uint16_t type;
    if (ivr_argument(core, ix, fiber, parameter, &word, &type)) put_spoken(core, ix, type, word);
}

/* Writes the prompt of this try; for tries after the first it is that of the argument `retry`. The argument `retry` may
 * be a list: the first element is of the second try, and so on; the last one is of all further tries. */
static void put_prompt_of_try(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                              uint16_t retry)
{
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
    uint16_t attempt = vm_attempt(core->slab, block, fiber), type;
    uint64_t word;
    bool again = attempt > 0 && ivr_argument(core, ix, fiber, retry, &word, &type);
    bool list = again && type_is_list(image, type);
    uint32_t count = list ? block_count(image, block, word) : 0;
    if (list && count > 0)
        put_spoken(core, ix, image_element(image, type),
                   block_element(image, block, word, attempt < count ? attempt - 1u : count - 1));
    else if (again && !list)
        put_spoken(core, ix, type, word);
    else
        put_prompt(core, ix, fiber, parameter);
}

/* Writes the keys that a menu accepts, such as "12". Each key of the map has one character; a longer key cannot be a
 * key of a telephone. */
static void put_keys(struct core *core, const struct interaction *ix, uint64_t map)
{
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
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

/* Writes a value for a prompt, under the number of its gap. */
static void put_shown(struct core *core, const struct interaction *ix, char number, uint16_t type, uint64_t word)
{
    const struct block *block = block_at(core->slab, ix->block);
    char shown[SHOWN_MAX], key[2] = {number, 0};
    uint32_t length = vm_show(core->vm, block, block_image(core->slab, block), type, word, shown, sizeof shown);
    kv_put_text(&core->scratch, key, (struct span){(const uint8_t *)shown, utf8_cut(shown, length, SHOWN_MAX - 1)});
}

/* Writes where a recording is stored: its store and key. */
static void put_recording(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char shown[SHOWN_MAX];
    if (!ivr_argument(core, ix, fiber, parameter, &word, &type)) return;
    uint32_t length = vm_show(core->vm, block, block_image(core->slab, block), type, word, shown, sizeof shown);
    kv_put_text(&core->scratch, "recording",
                (struct span){(const uint8_t *)shown, utf8_cut(shown, length, SHOWN_MAX - 1)});
}

/* Writes the values for the gaps of a prompt, in their order. */
static void put_values(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    uint64_t word;
    uint16_t type;
    if (!ivr_argument(core, ix, fiber, PARAMETER_ivr_play_values, &word, &type)) return;
    kv_list_begin(&core->scratch, span_of("values"));
    for (uint16_t at = PARAMETER_ivr_play_values; ivr_argument(core, ix, fiber, at, &word, &type) && at < 16; at++)
        put_shown(core, ix, (char)('0' + at % 10), type, word);
    kv_list_end(&core->scratch);
}

/* Writes a time as the clocks of the zone show it, "2026-03-02 10:00". */
static void put_moment(struct core *core, char number, const uint32_t *zone, int64_t us)
{
    assert(zone);
    char shown[SHOWN_MAX], key[2] = {number, 0};
    struct shown text = {shown, SHOWN_MAX - 1, 0};
    const struct show plain = {0};
    int64_t local = us + clock_zone_offset(zone, floor_to(us, SECOND_US) / SECOND_US) * SECOND_US;
    int64_t midnight = floor_to(local, DAY_US);
    show_value(&plain, &text, TYPE_DATE, (uint64_t)(midnight / DAY_US));
    shown_put(&text, " ", 1);
    show_value(&plain, &text, TYPE_CLOCK, (uint64_t)(local - midnight));
    kv_put_text(&core->scratch, key, (struct span){(const uint8_t *)shown, text.length});
}

/* Writes the elements of a list from which the caller chooses, each with its key, from 1 on; times by the clocks of
 * the zone, if one is given. */
static void put_choices(struct core *core, const struct interaction *ix, uint16_t type, uint64_t list,
                        const uint32_t *zone)
{
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
    uint32_t count = block_count(image, block, list);
    assert(count >= 1 && count <= CHOICES_MAX); /* can_be_asked has said so */
    kv_put_text(&core->scratch, "keys", (struct span){(const uint8_t *)"123456789", count});
    kv_put_int(&core->scratch, "max", 1);
    kv_list_begin(&core->scratch, span_of("choices"));
    uint16_t element = image_element(image, type);
    for (uint32_t at = 0; at < count; at++) {
        uint64_t word = block_element(image, block, list, at);
        if (zone && type_base(element) == TYPE_TIME && !value_is_none(element, word))
            put_moment(core, (char)('1' + at), zone, (int64_t)word);
        else
            put_shown(core, ix, (char)('1' + at), element, word);
    }
    kv_list_end(&core->scratch);
}

/* Writes only how many digits the secret has; the digits stay in the core. */
static void put_length(struct core *core, const struct interaction *ix, uint64_t secret)
{
    char inlined[8];
    uint32_t length = ivr_text_of(core, ix, secret, inlined).length;
    kv_put_int(&core->scratch, "min", (int64_t)length);
    kv_put_int(&core->scratch, "max", (int64_t)length);
}

static void ivr_put_arguments(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    uint64_t word;
    uint16_t type;
    ivr_put_text(core, ix, fiber, PARAMETER_ivr_application_name, "name");
    if (ivr_argument(core, ix, fiber, PARAMETER_ivr_application_arguments, &word, &type))
        userdata_put(core->interactions, ix, &core->scratch, span_of("arguments"), type, word, false);
}

/* False: the treatment would be impossible. A choice needs elements, but not more than there are keys; a secret to
 * verify must consist of digits; a recording needs a length. */
static bool can_be_asked(const struct core *core, const struct interaction *ix, uint8_t fiber, unsigned step)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (step == STEP_ID_ivr_choose) {
        if (!ivr_argument(core, ix, fiber, PARAMETER_ivr_choose_choices, &word, &type)) return false;
        uint32_t count = block_count(block_image(core->slab, block), block, word);
        return count >= 1 && count <= CHOICES_MAX;
    }
    if (step == STEP_ID_ivr_record)
        return ivr_argument(core, ix, fiber, PARAMETER_ivr_record_max, &word, &type) && (int64_t)word > 0;
    if (step != STEP_ID_ivr_verify) return true;
    if (!ivr_argument(core, ix, fiber, PARAMETER_ivr_verify_secret, &word, &type)) return false;
    struct text secret = ivr_text_of(core, ix, word, inlined);
    for (uint32_t at = 0; at < secret.length; at++)
        if (secret.bytes[at] < '0' || secret.bytes[at] > '9') return false;
    return secret.length >= 1 && secret.length <= KEYED_MAX;
}

/* True: the digits that the caller enters are secret. */
static bool keeps_secret(const struct core *core, const struct interaction *ix, uint8_t fiber, unsigned step)
{
    const struct slab *slab = core->slab;
    const struct image_wait *wait = vm_step(slab, block_at(slab, ix->block), fiber);
    return step == STEP_ID_ivr_verify || (wait && (wait->flags & WAIT_SECRET) != 0);
}

static enum treatment treatment_of_tone(uint64_t tone)
{
    static const enum treatment treatments[] = {[tone_ringback] = treatment_RingBack,
                                                [tone_busy] = treatment_Busy,
                                                [tone_fast_busy] = treatment_FastBusy,
                                                [tone_silence] = treatment_Silence,
                                                [tone_beep] = treatment_Beep};
    return tone < sizeof treatments / sizeof *treatments ? treatments[tone] : treatment_Silence;
}

/* Writes the parameters of the treatment into the scratch, and returns which treatment the link must apply. There is
 * a row for each step: its parameters, their names for the link, and the treatment. */
static enum treatment ivr_prepare(struct core *core, struct interaction *ix, uint8_t fiber, unsigned step)
{
    uint64_t word;
    uint16_t type;
    const uint32_t *zone;
    kv_clear(&core->scratch);
    switch (step) {
    case STEP_ID_ivr_digits:
        put_prompt_of_try(core, ix, fiber, PARAMETER_ivr_digits_prompt, PARAMETER_ivr_digits_retry);
        put_int(core, ix, fiber, PARAMETER_ivr_digits_min, "min");
        put_int(core, ix, fiber, PARAMETER_ivr_digits_max, "max");
        put_end(core, ix, fiber);
        put_int(core, ix, fiber, PARAMETER_ivr_digits_gap, "gap");
        put_int(core, ix, fiber, PARAMETER_ivr_digits_first_key, "first_key");
        ivr_put_text(core, ix, fiber, PARAMETER_ivr_digits_abort, "abort");
        ivr_put_text(core, ix, fiber, PARAMETER_ivr_digits_clear, "clear");
        return treatment_PlayAnnouncementAndDigits;
    case STEP_ID_ivr_menu:
        put_prompt_of_try(core, ix, fiber, PARAMETER_ivr_menu_prompt, PARAMETER_ivr_menu_retry);
        put_int(core, ix, fiber, PARAMETER_ivr_menu_first_key, "first_key");
        if (ivr_argument(core, ix, fiber, PARAMETER_ivr_menu_keys, &word, &type)) put_keys(core, ix, word);
        return treatment_PlayAnnouncementAndDigits;
    case STEP_ID_ivr_play:
        put_prompt(core, ix, fiber, PARAMETER_ivr_play_prompt);
        put_values(core, ix, fiber);
        return treatment_PlayAnnouncement;
    case STEP_ID_ivr_choose:
        put_prompt(core, ix, fiber, PARAMETER_ivr_choose_prompt);
        zone = ivr_argument(core, ix, fiber, PARAMETER_ivr_choose_zone, &word, &type)
                   ? clock_zone(block_image(core->slab, block_at(core->slab, ix->block)), word)
                   : NULL;
        if (ivr_argument(core, ix, fiber, PARAMETER_ivr_choose_choices, &word, &type))
            put_choices(core, ix, type, word, zone);
        return treatment_PlayAnnouncementAndDigits;
    case STEP_ID_ivr_verify:
        put_prompt(core, ix, fiber, PARAMETER_ivr_verify_prompt);
        if (ivr_argument(core, ix, fiber, PARAMETER_ivr_verify_secret, &word, &type)) put_length(core, ix, word);
        return treatment_VerifyDigits;
    case STEP_ID_ivr_record:
        put_prompt(core, ix, fiber, PARAMETER_ivr_record_prompt);
        put_int(core, ix, fiber, PARAMETER_ivr_record_max, "duration_us");
        return treatment_RecordUserAnnouncement;
    case STEP_ID_ivr_replay:
        put_recording(core, ix, fiber, PARAMETER_ivr_replay_recording);
        return treatment_PlayUserAnnouncement;
    case STEP_ID_ivr_delete:
        put_recording(core, ix, fiber, PARAMETER_ivr_delete_recording);
        return treatment_DeleteUserAnnouncement;
    case STEP_ID_ivr_application:
        ivr_put_arguments(core, ix, fiber);
        return treatment_PlayApplication;
    case STEP_ID_ivr_tone:
        put_int(core, ix, fiber, PARAMETER_ivr_tone_duration, "duration_us");
        return treatment_of_tone(ivr_argument(core, ix, fiber, PARAMETER_ivr_tone_tone, &word, &type) ? word : 0);
    case STEP_ID_ivr_say:
        ivr_put_text(core, ix, fiber, PARAMETER_ivr_say_text, "text");
        return treatment_Say;
    default:
        put_prompt(core, ix, fiber, PARAMETER_ivr_music_prompt);
        put_int(core, ix, fiber, PARAMETER_ivr_music_duration, "duration_us");
        return treatment_Music;
    }
}

/* Writes the site's language, in which a prompt is looked for last. */
static void put_site_language(struct core *core, const struct interaction *ix, struct text own)
{
    if (ix->program == PROGRAM_NONE) return;
    struct span site = core_name(core, core->strategies->programs[ix->program].locale);
    if (site.length != 0 && !span_equal(site, (struct span){(const uint8_t *)own.bytes, own.length}))
        kv_put_text(&core->scratch, "site_language", site);
}

/* Asks the link for the treatment. The step waits until the treatment ends, at most for the time that its tries have
 * left. */
static struct step_outcome ivr_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    unsigned step = step_of(core, ix, fiber);
    if (!ix->leg || ix->gone) return step_fails(code_gone);
    if (!link_usable(core->links, ix->link)) return step_fails(code_link_down);
    if (!link_can(core->links, ix->link, CAP_TREATMENTS)) return step_fails(code_unsupported);
    if (!can_be_asked(core, ix, fiber, step))
        return step_fails(step == STEP_ID_ivr_record ? code_not_applied : code_invalid);
    const struct slab *slab = core->slab;
    int64_t timeout_us = tries_left(core, ix, fiber);
    enum treatment type = ivr_prepare(core, ix, fiber, step);
    char inlined[8];
    struct text locale = ivr_text_of(core, ix, block_system(block_at(slab, ix->block), SYSTEM_locale), inlined);
    put_site_language(core, ix, locale);
    if (core->scratch.length > KV_BYTES_MAX) return step_fails(code_too_large);
    ref = step_effect(core, ix, KIND_RequestApplyTreatment, ix->link, ref, timeout_us);
    struct writer *writer = &core->effects->writer;
    writer_u(writer, RequestApplyTreatment_type, type);
    effect_kv(core->effects, RequestApplyTreatment_params);
    writer_bytes(writer, RequestApplyTreatment_language,
                 (struct span){(const uint8_t *)locale.bytes, locale.length <= NAME_BYTES_MAX ? locale.length : 0});
    writer_u(writer, RequestApplyTreatment_secret, keeps_secret(core, ix, fiber, step));
    effect_end(core->effects);
    interaction_treatment(core->interactions, ix, 0); /* this treatment ends the previous one */
    ix->instructed = true;
    step_awaits(core, ix, fiber, KIND_RequestApplyTreatment, ref, ix->link, timeout_us);
    interaction_tell(core->interactions, ix, FACT_treatment_begun, type, 0);
    return step_waits();
}

/* Returns the digits that the caller has entered. Secret digits come in the result, which is not shown. */
static struct span digits_of(const struct message *message)
{
    struct kv_value value;
    struct span digits = message_text(message, EventTreatment_digits);
    if (digits.length != 0 || !kv_get(message_text(message, EventTreatment_result), "digits", &value)) return digits;
    return value.tag == KV_TEXT ? value.span : digits;
}

/* Makes the step's result from the key that the caller pressed: the value that the menu has for it. */
static void ivr_pressed(struct core *core, struct interaction *ix, uint8_t fiber, struct span digits)
{
    assert(ix->running);
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t map, word;
    uint16_t type;
    if (ivr_argument(core, ix, fiber, PARAMETER_ivr_menu_keys, &map, &type) &&
        block_map_find(block_image(core->slab, block), block, map, (const char *)digits.bytes, digits.length, &word))
        strategy_step_done(core, ix, fiber, word);
    else
        strategy_step_failed(core, ix, fiber, code_invalid);
}

/* Makes the step's result from the key that the caller pressed: the element of the list with that number. */
static void ivr_chosen(struct core *core, struct interaction *ix, uint8_t fiber, struct span digits)
{
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
    uint32_t number =
        digits.length == 1 && digits.bytes[0] > '0' && digits.bytes[0] <= '9' ? digits.bytes[0] - (uint32_t)'0' : 0;
    uint64_t list;
    uint16_t type;
    if (number > 0 && ivr_argument(core, ix, fiber, PARAMETER_ivr_choose_choices, &list, &type) &&
        number <= block_count(image, block, list))
        strategy_step_done(core, ix, fiber, block_element(image, block, list, number - 1));
    else
        strategy_step_failed(core, ix, fiber, code_invalid);
}

/* Compares the digits with the secret here, so that it does not leave the core. */
static void ivr_verified(struct core *core, struct interaction *ix, uint8_t fiber, struct span digits)
{
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!ivr_argument(core, ix, fiber, PARAMETER_ivr_verify_secret, &word, &type)) {
        strategy_step_failed(core, ix, fiber, code_invalid);
        return;
    }
    struct text secret = ivr_text_of(core, ix, word, inlined);
    bool same = span_equal(digits, (struct span){(const uint8_t *)secret.bytes, secret.length});
    strategy_step_done(core, ix, fiber, same);
}

/* Returns the key that an argument names; 0: it is not given. */
static char ivr_key(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter)
{
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!ivr_argument(core, ix, fiber, parameter, &word, &type)) return '\0';
    struct text text = ivr_text_of(core, ix, word, inlined);
    return text.length == 0 ? '\0' : text.bytes[0];
}

/* Leaves out the digits that the caller has taken back with the key `clear`. False: the caller has pressed `abort`. If
 * the link knows these keys, it has acted on them itself; if not, it reports them among the digits. */
static bool ivr_keeps(const struct core *core, const struct interaction *ix, uint8_t fiber, struct span *digits)
{
    char abort = ivr_key(core, ix, fiber, PARAMETER_ivr_digits_abort);
    char clear = ivr_key(core, ix, fiber, PARAMETER_ivr_digits_clear);
    struct span kept = *digits;
    for (uint32_t at = 0; at < digits->length; at++) {
        char key = (char)digits->bytes[at];
        if (key == abort) return false;
        if (key == clear) kept = (struct span){digits->bytes + at + 1, digits->length - at - 1};
    }
    *digits = kept;
    return true;
}

/* Checks the limits of the digits here, although the link was told them. */
static void ivr_collected(struct core *core, struct interaction *ix, uint8_t fiber, struct span digits, uint64_t word)
{
    uint64_t least, most;
    uint16_t type;
    if ((ivr_argument(core, ix, fiber, PARAMETER_ivr_digits_min, &least, &type) && digits.length < least) ||
        (ivr_argument(core, ix, fiber, PARAMETER_ivr_digits_max, &most, &type) && digits.length > most))
        strategy_step_failed(core, ix, fiber, code_invalid);
    else
        strategy_step_done(core, ix, fiber, word);
}

/* Makes the step's result from the digits that the caller entered. */
static void ivr_entered(struct core *core, struct interaction *ix, uint8_t fiber, unsigned step, struct span digits)
{
    uint64_t word;
    if (step == STEP_ID_ivr_digits && !ivr_keeps(core, ix, fiber, &digits)) {
        strategy_step_failed(core, ix, fiber, code_aborted);
        return;
    }
    if (digits.length == 0) {
        strategy_step_failed(core, ix, fiber, code_no_input);
        return;
    }
    if (step == STEP_ID_ivr_verify) {
        ivr_verified(core, ix, fiber, digits);
        return;
    }
    if (!block_make_text(core->slab, ix->block, (const char *)digits.bytes, digits.length, &word)) {
        strategy_step_failed(core, ix, fiber, code_too_large);
        return;
    }
    if (!keeps_secret(core, ix, fiber, step)) block_system_set(core->slab, ix->block, SYSTEM_ced, word);
    if (step == STEP_ID_ivr_menu)
        ivr_pressed(core, ix, fiber, digits);
    else if (step == STEP_ID_ivr_choose)
        ivr_chosen(core, ix, fiber, digits);
    else
        ivr_collected(core, ix, fiber, digits, word);
}

/* Makes the step's result from the values of the application, as a map of `value`. */
static void ivr_returned(struct core *core, struct interaction *ix, uint8_t fiber, unsigned cause, struct span result)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    uint16_t type = vm_result_type(slab, block, fiber);
    uint64_t word = 0;
    if (cause != cause_ok && cause != cause_other)
        strategy_step_failed(core, ix, fiber, code_failed);
    else if (type != TYPE_VOID &&
             !userdata_word(core->interactions, ix, type, &(struct kv_value){.tag = KV_LIST, .span = result}, &word))
        strategy_step_failed(core, ix, fiber, code_failed); /* a map cannot contain these data */
    else
        strategy_step_done(core, ix, fiber, word);
}

static void ivr_recorded(struct core *core, struct interaction *ix, uint8_t fiber, struct span recording)
{
    struct message blob;
    uint64_t word;
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), recording);
    uint64_t length = message_u(&blob, Blob_length);
    if (length == 0) /* none, too */
        strategy_step_failed(core, ix, fiber, code_no_input);
    else if (!message_has(&blob, Blob_key) || length > INT64_MAX)
        strategy_step_failed(core, ix, fiber, code_not_applied); /* it refers to nothing */
    else if (!blob_word(core->interactions, ix, &blob, &word))
        strategy_step_failed(core, ix, fiber, code_too_large);
    else
        strategy_step_done(core, ix, fiber, word);
}

/* The treatment has ended: its step is done or fails, as its cause says. */
static void ivr_ended(struct core *core, struct interaction *ix, uint8_t fiber, const struct message *message)
{
    unsigned step = step_of(core, ix, fiber);
    unsigned cause = (unsigned)message_u(message, EventTreatment_cause);
    if (cause == cause_interrupted) {
        /* The call is being taken away, which is reported next: nothing may be done as if the caller had heard
         * everything. */
        step_timer(core, ix, fiber, INTERRUPTED_US);
        return;
    }
    switch (step) {
    case STEP_ID_ivr_digits:
    case STEP_ID_ivr_menu:
    case STEP_ID_ivr_choose:
    case STEP_ID_ivr_verify:
        if (cause == cause_invalid_input)
            strategy_step_failed(core, ix, fiber, code_invalid);
        else
            ivr_entered(core, ix, fiber, step, digits_of(message));
        break;
    case STEP_ID_ivr_record:
        ivr_recorded(core, ix, fiber, message_text(message, EventTreatment_recording));
        break;
    case STEP_ID_ivr_application:
        ivr_returned(core, ix, fiber, cause, message_text(message, EventTreatment_result));
        break;
    default:
        strategy_step_done(core, ix, fiber, 0);
    }
}

/* Takes a report. Only the treatment for which a step waits counts, and only from the link that was asked. */
void ivr_on_treatment(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    if (!ix) {
        effect_ask_link(core->effects, message);
        return;
    }
    unsigned change = (unsigned)message_u(message, EventTreatment_change);
    interaction_tell(core->interactions, ix, FACT_treatment_changed, change, 0);
    const struct pending *pending = effect_pending(core->effects, ix, message_u(message, ENVELOPE_ref));
    if (!ix->running || !pending || pending->kind != KIND_RequestApplyTreatment ||
        pending->link != message_u(message, ENVELOPE_source))
        return; /* the report is too late, or not about the newest treatment */
    uint8_t fiber = pending->fiber;
    if (change == treatment_change_End)
        ivr_ended(core, ix, fiber, message);
    else if (change == treatment_change_NotApplied)
        strategy_step_failed(core, ix, fiber, code_not_applied);
}

/* Cancels the step: the next treatment, or the routing, ends the treatment at the switch; otherwise the link is told
 * to end it. */
static void ivr_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct pending *pending = effect_of_fiber(core->effects, ix, fiber);
    if (pending && pending->kind == KIND_RequestApplyTreatment)
        interaction_treatment(core->interactions, ix, pending->ref);
}

/* Accepted: EventTreatment ends it. */
static void ivr_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                         const struct message *message)
{
    unsigned code = effect_code_of(message);
    if (code != code_ok) strategy_step_failed(core, ix, pending->fiber, code);
}

const struct step_ops step_ops_ivr = {
    .begin = ivr_begin, .cancel = ivr_cancel, .answered = ivr_answered, .again = KIND_RequestApplyTreatment};

/* tests/unit/core_palette.c - Choosing, verifying, applications, tones and recording in the core: what is asked of the
 * link, what is kept from it, and what each answer comes to. */
#include <criterion/criterion.h>
#include <string.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_palette, .timeout = 30);

enum { SLOT_RESULT = 0, SLOT_REASON = 1 };

static const char *const all_caps[] = {"calls", "treatments", "pull_back", "set_agent", "recording", NULL};
static const char *const no_recording[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

struct asking {
    enum step_number step;
    const char *secret; /* to be verified */
    unsigned choices;   /* to choose from */
    bool kept;          /* digits for a secret key */
};

static uint16_t prompt(struct image_writer *w)
{
    return CONSTANT(writer_constant(w, TYPE_PROMPT, program_name(w, TYPE_PROMPT, "asked")));
}

static uint16_t choices(struct image_writer *w, uint16_t type, unsigned count)
{
    static const char *const names[] = {
        "a branch in Paris", "Lyon", "Nice", "Lille", "Brest", "Metz", "Pau", "Dax", "Agde", "Sete"};
    uint64_t words[10];
    for (unsigned i = 0; i < count; i++) words[i] = writer_text_word(w, names[i], (uint32_t)strlen(names[i]));
    return CONSTANT(writer_constant(w, type, writer_object(w, type, words, count)));
}

static void put_arguments(struct image_writer *w, const struct asking *asking)
{
    uint16_t list;
    switch (asking->step) {
    case STEP_ID_ivr_choose:
        list = writer_list(w, TYPE_STR);
        writer_wait_argument(w, PARAMETER_ivr_choose_prompt, prompt(w));
        writer_wait_argument(w, PARAMETER_ivr_choose_choices, choices(w, list, asking->choices));
        break;
    case STEP_ID_ivr_verify:
        writer_wait_argument(w, PARAMETER_ivr_verify_prompt, prompt(w));
        writer_wait_argument(w, PARAMETER_ivr_verify_secret, program_text(w, asking->secret));
        break;
    case STEP_ID_ivr_digits:
        writer_wait_argument(w, PARAMETER_ivr_digits_prompt, prompt(w));
        if (asking->kept) writer_wait_secret(w);
        break;
    case STEP_ID_ivr_application:
        writer_wait_argument(w, PARAMETER_ivr_application_name, program_text(w, "balance"));
        break;
    case STEP_ID_ivr_record:
        writer_wait_argument(w, PARAMETER_ivr_record_prompt, prompt(w));
        writer_wait_argument(w, PARAMETER_ivr_record_max, SECONDS(w, 60));
        break;
    case STEP_ID_ivr_tone:
        writer_wait_argument(w, PARAMETER_ivr_tone_tone, CONSTANT(writer_constant(w, TYPE_INT, tone_fast_busy)));
        writer_wait_argument(w, PARAMETER_ivr_tone_duration, SECONDS(w, 2));
        break;
    default:
        break;
    }
}

static uint16_t result_of(struct image_writer *w, enum step_number step)
{
    switch (step) {
    case STEP_ID_ivr_choose:
    case STEP_ID_ivr_digits:
        return TYPE_STR;
    case STEP_ID_ivr_verify:
        return TYPE_BOOL;
    case STEP_ID_ivr_record:
        return TYPE_BLOB;
    case STEP_ID_ivr_application:
        return writer_map(w, TYPE_VALUE);
    default:
        return TYPE_VOID;
    }
}

/* attach result = STEP else e { attach reason = e.reason; reject 486; } stop "done"; */
static struct image *image_of(const struct asking *asking)
{
    struct image_writer *w = image_writer_new();
    uint16_t type = result_of(w, asking->step);
    uint16_t strategy = program_strategy(w, "enterprise");
    writer_slot(w, strategy, "result", type == TYPE_VOID ? (uint16_t)TYPE_INT : type, false);
    writer_slot(w, strategy, "reason", TYPE_INT, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t result = type == TYPE_VOID ? (uint8_t)REGISTER_NONE : writer_register(w, type);
    uint8_t error = writer_register(w, TYPE_ERROR), reason = writer_register(w, TYPE_INT);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    put_arguments(w, asking);
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_failure(w, failed, error);
    writer_step(w, (uint16_t)asking->step, result);
    if (result != REGISTER_NONE) writer_abx(w, OP_SLOT_SET, result, SLOT_RESULT);
    program_stop(w, program_text(w, "done"));
    writer_place(w, failed);
    writer_abc(w, OP_FIELD, reason, error, ERROR_FIELD_REASON);
    writer_abx(w, OP_SLOT_SET, reason, SLOT_REASON);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_reject_code, CONSTANT(writer_constant(w, TYPE_INT, 486)));
    writer_step(w, STEP_ID_reject, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begin(struct asking asking, const char *const *caps)
{
    struct core_world *world = world_new();
    link_down(world);
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    world_run(world, image_of(&asking));
    created(world, CALL);
    world_forget(world);
    route_request(world, CALL, 0);
    return world;
}

static const struct block *block_of(struct core_world *world)
{
    return block_at(world->core->slab, interaction_by_conn(world->core->interactions, CALL)->block);
}

static uint64_t slot(struct core_world *world, uint32_t number)
{
    uint64_t word;
    cr_assert(block_slot(block_of(world), number, &word));
    return word;
}

/* An End that brings data beside the digits. */
static void ends_with(struct core_world *world, const struct kv *result, enum cause cause)
{
    struct writer *writer =
        world_event(world, LINK, KIND_EventTreatment, 0, world->last_ref[KIND_RequestApplyTreatment], CALL);
    writer_u(writer, EventTreatment_change, treatment_change_End);
    writer_kv(writer, EventTreatment_result, result);
    writer_u(writer, EventTreatment_cause, cause);
    world_post(world);
}

static void keyed_in_secret(struct core_world *world, const char *digits)
{
    struct kv kv;
    kv_init(&kv);
    kv_put(&kv, span_of("digits"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of(digits)});
    ends_with(world, &kv, cause_ok);
    kv_free(&kv);
}

static void fails_with(struct core_world *world, enum code code)
{
    cr_assert(strstr(world->trace, "RequestCallControl reject 1800\n"), "%s", world->trace);
    cr_assert_eq(slot(world, SLOT_REASON), code);
    world_end(world);
}

static void is_text(struct core_world *world, uint64_t word, const char *wanted)
{
    char inlined[8];
    const struct block *block = block_of(world);
    struct text is = block_text(block_image(world->core->slab, block), block, word, inlined);
    cr_assert(is.length == strlen(wanted) && memcmp(is.bytes, wanted, is.length) == 0, "%.*s", (int)is.length,
              is.bytes);
}

Test(core_palette, the_key_names_the_choice)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_choose, .choices = 3}, all_caps);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits asked\n");
    treatment_end(world, CALL, "1");
    is_text(world, slot(world, SLOT_RESULT), "a branch in Paris");
    expect(world, "EventAttachedDataChanged result\nRequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_palette, a_key_beyond_the_list_is_invalid)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_choose, .choices = 3}, all_caps);
    treatment_end(world, CALL, "4");
    fails_with(world, code_invalid);
}

Test(core_palette, nobody_chooses_from_nothing_or_from_ten)
{
    for (unsigned count = 0; count <= 10; count += 10) {
        struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_choose, .choices = count}, all_caps);
        cr_assert(!strstr(world->trace, "RequestApplyTreatment"));
        fails_with(world, code_invalid);
    }
}

Test(core_palette, what_is_verified_is_only_right_or_wrong)
{
    static const struct {
        const char *digits;
        bool same;
    } cases[] = {{"4711", true}, {"4712", false}, {"471", false}, {"47110", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_verify, .secret = "4711"}, all_caps);
        expect(world, "RequestApplyTreatment VerifyDigits asked\n");
        uint64_t ced = block_system(block_of(world), 3);
        keyed_in_secret(world, cases[i].digits);
        cr_assert_eq(slot(world, SLOT_RESULT), cases[i].same);
        cr_assert_eq(block_system(block_of(world), 3), ced);
        world_end(world);
    }
}

Test(core_palette, a_secret_that_no_telephone_has_is_invalid)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_verify, .secret = "no digits"}, all_caps);
    fails_with(world, code_invalid);
}

Test(core_palette, digits_for_a_secret_key_are_no_ced)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_digits, .kept = true}, all_caps);
    uint64_t before = block_system(block_of(world), 3);
    keyed_in_secret(world, "8150");
    is_text(world, slot(world, SLOT_RESULT), "8150");
    cr_assert_eq(block_system(block_of(world), 3), before);
    world_end(world);
}

Test(core_palette, nothing_keyed_is_no_input)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_verify, .secret = "4711"}, all_caps);
    treatment_end(world, CALL, "");
    fails_with(world, code_no_input);
}

Test(core_palette, what_an_application_found_out_is_a_map)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_application}, all_caps);
    struct kv kv;
    expect(world, "RequestApplyTreatment PlayApplication\n");
    kv_init(&kv);
    kv_put_int(&kv, "balance", 1250);
    kv_put_text(&kv, "currency", span_of("a currency of its own"));
    ends_with(world, &kv, cause_ok);
    kv_free(&kv);
    const struct block *block = block_of(world);
    cr_assert_eq(block_count(block_image(world->core->slab, block), block, slot(world, SLOT_RESULT)), 2);
    world_end(world);
}

/* A recording as the switch tells it: the last of its texts is as long as it may be. */
static void records(struct core_world *world, const char *key, uint64_t length, const uint8_t *hash)
{
    char media_type[ADDR_MAX_BYTES + 1];
    memset(media_type, 'a', ADDR_MAX_BYTES);
    media_type[ADDR_MAX_BYTES] = 0;
    struct writer *writer =
        world_event(world, LINK, KIND_EventTreatment, 0, world->last_ref[KIND_RequestApplyTreatment], CALL);
    writer_u(writer, EventTreatment_change, treatment_change_End);
    writer_blob_begin(writer, EventTreatment_recording);
    writer_text(writer, Blob_store, "a store of voices");
    writer_text(writer, Blob_key, key);
    writer_u(writer, Blob_length, length);
    if (hash) writer_bytes(writer, Blob_sha256, (struct span){hash, 32});
    writer_text(writer, Blob_media_type, media_type);
    writer_blob_end(writer);
    world_post(world);
}

Test(core_palette, a_recording_is_a_reference)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_record}, all_caps);
    uint8_t hash[32] = {0x0f, 0xf0};
    expect(world, "RequestApplyTreatment RecordUserAnnouncement asked\n");
    records(world, "2026/11/message 1", INT64_MAX, hash);
    const struct block *block = block_of(world);
    const struct image *image = block_image(world->core->slab, block);
    uint64_t word = slot(world, SLOT_RESULT);
    char shown[64];
    uint32_t length = vm_show(world->core->vm, block, image, TYPE_BLOB, word, shown, sizeof shown);
    cr_assert(length < sizeof shown);
    shown[length] = 0;
    cr_assert_str_eq(shown, "a store of voices/2026/11/message 1");
    cr_assert_eq(block_field(image, block, word, BLOB_FIELD_LENGTH), INT64_MAX);
    is_text(world, block_field(image, block, word, BLOB_FIELD_SHA256),
            "0ff0000000000000000000000000000000000000000000000000000000000000");
    world_end(world);
}

Test(core_palette, nothing_said_is_no_input)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_record}, all_caps);
    treatment_end(world, CALL, "");
    fails_with(world, code_no_input);
    world = begin((struct asking){.step = STEP_ID_ivr_record}, all_caps);
    records(world, "1", 0, NULL);
    fails_with(world, code_no_input);
}

Test(core_palette, what_refers_to_nothing_is_no_recording)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_record}, all_caps);
    records(world, "", 8000, NULL);
    fails_with(world, code_not_applied);
    world = begin((struct asking){.step = STEP_ID_ivr_record}, all_caps);
    records(world, "1", UINT64_C(1) << 63, NULL); /* would be none */
    fails_with(world, code_not_applied);
}

Test(core_palette, an_application_that_breaks_off_has_failed)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_application}, all_caps);
    struct kv kv;
    kv_init(&kv);
    ends_with(world, &kv, cause_dropped);
    fails_with(world, code_failed);
}

Test(core_palette, data_that_no_map_can_hold_is_a_failure)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_application}, all_caps);
    struct kv kv;
    kv_init(&kv);
    kv_put(&kv, span_of("none"), &(struct kv_value){.tag = KV_NONE});
    ends_with(world, &kv, cause_ok);
    kv_free(&kv);
    fails_with(world, code_failed);
}

Test(core_palette, a_tone_is_a_treatment)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_tone}, all_caps);
    expect(world, "RequestApplyTreatment FastBusy\n");
    treatment_end(world, CALL, "");
    expect(world, "RequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_palette, a_call_that_the_switch_abandons_because_it_was_stopped_is_not_abandoned)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_ivr_tone}, all_caps);
    struct core_status status;
    struct interaction_row row;
    treatment_end(world, CALL, "");
    world_forget(world);
    party(world, CALL, "1800", NULL, party_role_device, party_change_Abandoned);
    deleted(world, CALL);
    expect(world, "");
    core_status(world->core, &status);
    cr_expect_eq(status.abandoned, 0u);
    cr_assert(core_find(world->core, CALL, &row));
    cr_expect(span_is(row.outcome, "stopped"), "%.*s", (int)row.outcome.length, (const char *)row.outcome.bytes);
    world_end(world);
}

Test(core_palette, recording_begins_when_the_switch_says_so)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_recording_start}, all_caps);
    expect(world, "RequestCallControl recording_start 1800\n");
    done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_ok, code_ok);
    expect(world, "RequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_palette, recording_that_is_refused_is_not_applied)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_recording_pause}, all_caps);
    done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_error, code_invalid_state);
    fails_with(world, code_not_applied);
}

Test(core_palette, a_link_that_cannot_record_is_not_asked)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_recording_start}, no_recording);
    cr_assert(!strstr(world->trace, "recording_start"), "%s", world->trace);
    fails_with(world, code_unsupported);
}

Test(core_palette, silence_about_a_recording_is_a_timeout)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_recording_stop}, all_caps);
    world_forget(world);
    world_advance(world, 20000001);
    fails_with(world, code_timeout);
}

Test(core_palette, after_a_lost_link_a_recording_is_asked_for_again_by_the_same_name)
{
    struct core_world *world = begin((struct asking){.step = STEP_ID_recording_start}, all_caps);
    uint32_t ref = world->last_ref[KIND_RequestCallControl];
    link_down(world);
    world_advance(world, 1000000);
    link_up(world, all_caps);
    resync(world, true);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_last_ref, ref - 1);
    writer_u(writer, Observed_at_routing_point, true);
    world_forget(world);
    world_post(world);
    resync(world, false);
    cr_assert(strstr(world->trace, "RequestCallControl recording_start 1800\n"), "%s", world->trace);
    cr_assert_eq(world->last_ref[KIND_RequestCallControl], ref);
    done(world, world->ixn, ref, outcome_ok, code_ok);
    cr_assert(strstr(world->trace, "RequestCallControl disconnect 1800\n"), "%s", world->trace);
    world_end(world);
}

/* runtime/sim/treatment.c - Reads a treatment from the core's effect, and describes it as a step in the words of
 * tests.
 *
 * Texts are copied into a buffer of the caller, as a treatment lasts longer than the effect. For a missing argument
 * the switch's default applies; a text that is too long is cut, and the number of digits is limited to KEYED_MAX. */
#include "runtime/sim/treatment.h"

#include <assert.h>
#include <string.h>

#include "runtime/vocabulary/dialled.h"
#include "runtime/vocabulary/effects_call.h"

/* Returns a text argument; NULL: the core did not give it, which differs from an empty text. */
static const char *text_param(struct span params, const char *key, char *room, size_t size)
{
    struct kv_value value;
    if (!kv_get(params, key, &value) || value.tag != KV_TEXT) return NULL;
    sim_copy_text(room, size, value.span);
    return room;
}

/* Returns a number argument; 0: it is absent, or not above 0. */
static uint64_t number_param(struct span params, const char *key)
{
    struct kv_value value;
    return kv_get(params, key, &value) && (value.tag == KV_INT || value.tag == KV_TIME) && value.word > 0
               ? (uint64_t)value.word
               : 0;
}

static unsigned count_param(struct span params, const char *key)
{
    uint64_t number = number_param(params, key);
    return number < KEYED_MAX ? (unsigned)number : KEYED_MAX;
}

/* Is it one of the two treatments that name a recording made before? For these the core calls the name "recording". */
static bool is_of_recording(enum treatment type)
{
    return type == treatment_PlayUserAnnouncement || type == treatment_DeleteUserAnnouncement;
}

/* Reads a treatment; texts point into `room`, which must be kept as long as the treatment; lists are owned by the
 * treatment (treatment_free). */
struct switch_treatment treatment_read(struct treatment_room *room, const struct message *effect)
{
    assert(effect->kind == KIND_RequestApplyTreatment);
    struct span params = message_text(effect, RequestApplyTreatment_params);
    struct kv_value list;
    char end[8], abort[8], clear[8];
    enum treatment type = (enum treatment)message_u(effect, RequestApplyTreatment_type);
    return (struct switch_treatment){
        .type = type,
        .number = (uint32_t)message_u(effect, ENVELOPE_ref),
        .prompt = text_param(params, "prompt", room->prompt, sizeof room->prompt),
        .text = text_param(params, "text", room->text, sizeof room->text),
        .keys = text_param(params, "keys", room->keys, sizeof room->keys),
        .min = count_param(params, "min"),
        .max = count_param(params, "max"),
        .end = !text_param(params, "end", end, sizeof end) ? '\0' : end[0],
        .abort = !text_param(params, "abort", abort, sizeof abort) ? '\0' : abort[0],
        .clear = !text_param(params, "clear", clear, sizeof clear) ? '\0' : clear[0],
        .gap_us = number_param(params, "gap"),
        .first_us = number_param(params, "first_key"),
        .duration_us = number_param(params, "duration_us"),
        .choices = value_list_of_kv(params, "choices"),
        .values = value_list_of_kv(params, "values"),
        .secret = message_u(effect, RequestApplyTreatment_secret) != 0,
        .name = text_param(params, is_of_recording(type) ? "recording" : "name", room->name, sizeof room->name),
        .arguments = kv_get(params, "arguments", &list) && list.tag == KV_LIST ? value_of_kv(list.span) : NULL,
    };
}

void treatment_free(struct switch_treatment *t)
{
    json_decref(t->choices);
    json_decref(t->values);
    json_decref(t->arguments);
}

/* ---- a treatment as a step ---- */

static const char *tone_of(enum treatment type)
{
    return enum_name_tone(type == treatment_Busy       ? tone_busy
                          : type == treatment_FastBusy ? tone_fast_busy
                          : type == treatment_Silence  ? tone_silence
                          : type == treatment_Beep     ? tone_beep
                                                       : tone_ringback);
}

/* Returns the name of the step: the core knows treatments, authors know steps; digits for three steps are collected
 * by the same treatment, and choices or keys show which step it is. */
static const char *step_for(const struct switch_treatment *t)
{
    switch (t->type) {
    case treatment_PlayAnnouncementAndDigits:
    case treatment_CollectDigits:
        return t->choices ? "ivr.choose" : t->keys ? "ivr.menu" : "ivr.digits";
    case treatment_VerifyDigits:
        return "ivr.verify";
    case treatment_PlayApplication:
        return "ivr.application";
    case treatment_RecordUserAnnouncement:
        return "ivr.record";
    case treatment_PlayUserAnnouncement:
        return "ivr.replay";
    case treatment_DeleteUserAnnouncement:
        return "ivr.delete";
    case treatment_RingBack:
    case treatment_Busy:
    case treatment_FastBusy:
    case treatment_Silence:
    case treatment_Beep:
        return "ivr.tone";
    case treatment_Say:
        return "ivr.say";
    case treatment_Music:
        return "ivr.music";
    default:
        return "ivr.play";
    }
}

static void say_text(json_t *args, const char *name, const char *text)
{
    if (text) json_object_set_new(args, name, json_string(text));
}

static void say_number(json_t *args, const char *name, uint64_t number)
{
    if (number != 0) json_object_set_new(args, name, json_integer((json_int_t)number));
}

/* Adds a duration in the form that value_us() recognizes, so that it is displayed as a duration. */
static void say_duration(json_t *args, const char *name, uint64_t us)
{
    if (us != 0) json_object_set_new(args, name, json_pack("{s:I}", "us", (json_int_t)us));
}

/* Returns the step as an author writes it, without arguments that have their default. */
struct step_call treatment_call(const struct switch_treatment *t)
{
    struct step_call call = {.step = step_for(t), .args = json_object()};
    if (strcmp(call.step, "ivr.tone") == 0) say_text(call.args, "tone", tone_of(t->type));
    say_text(call.args, "prompt", t->prompt);
    say_text(call.args, "text", t->text);
    say_text(call.args, is_of_recording(t->type) ? "recording" : "name", t->name);
    if (t->arguments) json_object_set(call.args, "arguments", t->arguments);
    if (t->choices) json_object_set(call.args, "choices", t->choices);
    if (t->values) json_object_set(call.args, "values", t->values);
    if (t->keys && !t->choices) {
        say_text(call.args, "keys", t->keys);
    } else if (strcmp(call.step, "ivr.digits") == 0) {
        say_number(call.args, "min", t->min);
        say_number(call.args, "max", t->max);
        if (t->end != 0) json_object_set_new(call.args, "end", json_stringn(&t->end, 1));
        say_duration(call.args, "gap", t->gap_us);
        if (t->abort != 0) json_object_set_new(call.args, "abort", json_stringn(&t->abort, 1));
        if (t->clear != 0) json_object_set_new(call.args, "clear", json_stringn(&t->clear, 1));
    }
    say_duration(call.args, "first_key", t->first_us);
    say_duration(call.args, t->type == treatment_RecordUserAnnouncement ? "max" : "duration", t->duration_us);
    return call;
}

/* Does the step end with a value, which a test has to give? */
bool treatment_step_returns(const struct step_call *call)
{
    static const char *const steps[] = {"query",      "ivr.digits",      "ivr.menu",  "ivr.choose",
                                        "ivr.verify", "ivr.application", "ivr.record"};
    if (call->returns) return true;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(call->step, steps[i]) == 0) return true;
    return false;
}

/* Returns how long a treatment lasts if it is not ended: a spoken text by its length, music half a minute. */
uint64_t treatment_lasts_us(const struct switch_treatment *t)
{
    enum {
        ANNOUNCEMENT_US = 3000000,
        SAY_US_PER_BYTE = 60000,
        LEAST_US = 1000000,
        ENDLESS_US = 30000000,
        APPLICATION_US = 60000000
    };
    switch (t->type) {
    case treatment_Say: {
        uint64_t length_us = !t->text ? 0 : strlen(t->text) * SAY_US_PER_BYTE;
        return length_us < LEAST_US ? LEAST_US : length_us;
    }
    case treatment_Music:
    case treatment_Silence:
    case treatment_RingBack:
    case treatment_Busy:
    case treatment_FastBusy:
    case treatment_Beep:
        return t->duration_us == 0 ? ENDLESS_US : t->duration_us;
    case treatment_PlayApplication:
        return APPLICATION_US;
    case treatment_DeleteUserAnnouncement:
        return 0;
    default:
        return ANNOUNCEMENT_US;
    }
}

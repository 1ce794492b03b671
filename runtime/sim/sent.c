/* runtime/sim/sent.c - Describes messages of strategies, and their questions about texts, in the words of tests.
 *
 *     effect SendMessage, headers {automatic: "sms"}, text "hello"      ->   sms.send(text: "hello")
 *
 * A test answers steps, but the core sends effects: sent_call() finds the step by the effect's kind and its header
 * `automatic`. The arguments are named like the step's parameters, so that a test's line can be compared. */
#include <string.h>

#include "runtime/sim/asked.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/site_media.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/kv.h"

static json_t *sent_text(const struct message *effect, unsigned field)
{
    struct span text = message_text(effect, field);
    return json_stringn(text.length != 0 ? (const char *)text.bytes : "", text.length);
}

/* Returns only the first address of a message, as a strategy sends to one. */
static json_t *sent_to(const struct message *effect)
{
    struct span to = {0};
    uint32_t at = 0;
    (void)message_next_text(message_text(effect, SendMessage_to), &at, &to);
    return json_stringn((const char *)to.bytes, to.length);
}

static struct step_call added_call(const struct message *effect)
{
    struct step_call call = {.step = "outbound.do_not_call", .args = json_object()};
    struct span list = message_text(effect, AddRecord_list);
    struct kv_value fields;
    if (list.length != 0) {
        call.step = "outbound.add";
        json_object_set_new(call.args, "list", sent_text(effect, AddRecord_list));
        if (kv_get(message_text(effect, AddRecord_fields), "fields", &fields) && fields.tag == KV_LIST)
            json_object_set_new(call.args, "fields", value_of_kv(fields.span));
        if (message_has(effect, AddRecord_due))
            json_object_set_new(call.args, "at",
                                json_pack("{s:I}", "us", (json_int_t)message_i(effect, AddRecord_due)));
    }
    json_object_set_new(call.args, "number", sent_text(effect, AddRecord_number));
    return call;
}

static struct step_call consent_call(const struct message *effect)
{
    bool ends = message_u(effect, NoteConsent_withdrawn) != 0;
    struct step_call call = {.step = ends ? "outbound.withdraw" : "outbound.consent", .args = json_object()};
    json_object_set_new(call.args, "number", sent_text(effect, NoteConsent_number));
    json_object_set_new(call.args, "purpose", sent_text(effect, NoteConsent_purpose));
    if (!ends) json_object_set_new(call.args, "proof", sent_text(effect, NoteConsent_proof));
    if (message_has(effect, NoteConsent_until))
        json_object_set_new(call.args, "until",
                            json_pack("{s:I}", "us", (json_int_t)message_i(effect, NoteConsent_until)));
    return call;
}

static struct step_call cancel_call(const struct message *effect)
{
    struct step_call call = {.step = "outbound.cancel", .args = json_object()};
    json_object_set_new(call.args, "number", sent_text(effect, CancelRecord_number));
    if (message_has(effect, CancelRecord_list))
        json_object_set_new(call.args, "list", sent_text(effect, CancelRecord_list));
    if (message_has(effect, CancelRecord_customer))
        json_object_set_new(call.args, "customer", sent_text(effect, CancelRecord_customer));
    if (message_has(effect, CancelRecord_why))
        json_object_set_new(call.args, "why", sent_text(effect, CancelRecord_why));
    return call;
}

static struct step_call work_call(const struct image *image, const struct message *effect)
{
    struct step_call call = {.step = "work.submit", .args = json_object()};
    struct span medium = media_said(image, (enum media)message_u(effect, Submitted_media));
    struct span data = message_text(effect, Submitted_data);
    json_object_set_new(call.args, "queue", sent_text(effect, Submitted_queue));
    json_object_set_new(call.args, "subject", sent_text(effect, Submitted_subject));
    json_object_set_new(call.args, "medium", json_stringn((const char *)medium.bytes, medium.length));
    if (data.length != 0) json_object_set_new(call.args, "data", value_of_kv(data));
    return call;
}

/* Returns the step that has sent the message, as a strategy writes it. */
struct step_call sent_call(const struct image *image, const struct message *effect)
{
    struct kv_value automatic;
    if (effect->kind == KIND_AddRecord) return added_call(effect);
    if (effect->kind == KIND_NoteConsent) return consent_call(effect);
    if (effect->kind == KIND_CancelRecord) return cancel_call(effect);
    if (effect->kind == KIND_Submitted) return work_call(image, effect);
    if (effect->kind == KIND_Note)
        return (struct step_call){.step = message_u(effect, Note_refused) ? "log.refused" : "log.note",
                                  .args = json_pack("{s:o}", "text", sent_text(effect, Note_text))};
    if (kv_get(message_text(effect, SendMessage_headers), "release", &automatic))
        return (struct step_call){.step = "email.release", .args = json_object()};
    static const char *const texts[][2] = {{"sms", "sms.send"}, {"social", "social.reply"}, {"im", "im.send"}};
    bool told = kv_get(message_text(effect, SendMessage_headers), "automatic", &automatic);
    const char *step = told ? NULL : "chat.send";
    for (size_t i = 0; told && i < sizeof texts / sizeof *texts; i++)
        if (span_is(automatic.span, texts[i][0])) step = texts[i][1];
    if (step)
        return (struct step_call){.step = step,
                                  .args = json_pack("{s:o}", "text", sent_text(effect, SendMessage_text))};
    if (span_is(automatic.span, "code"))
        return (struct step_call){
            .step = "contact.verify",
            .args = json_pack("{s:o, s:o}", "to", sent_to(effect), "text", sent_text(effect, SendMessage_text))};
    if (span_is(automatic.span, "transcript"))
        return (struct step_call){.step = "chat.transcript", .args = json_object()};
    if (span_is(automatic.span, "forward"))
        return (struct step_call){.step = "email.forward", .args = json_pack("{s:o}", "to", sent_to(effect))};
    if (span_is(automatic.span, "redirect"))
        return (struct step_call){.step = "email.redirect", .args = json_pack("{s:o}", "to", sent_to(effect))};
    if (span_is(automatic.span, "send") && message_text(effect, SendMessage_template).length != 0)
        return (struct step_call){
            .step = "email.send",
            .args = json_pack("{s:o, s:o}", "to", sent_to(effect), "subject", sent_text(effect, SendMessage_template))};
    if (span_is(automatic.span, "send"))
        return (struct step_call){.step = "email.send",
                                  .args = json_pack("{s:o, s:o, s:o}", "to", sent_to(effect), "subject",
                                                    sent_text(effect, SendMessage_subject), "text",
                                                    sent_text(effect, SendMessage_text))};
    return (struct step_call){.step = span_is(automatic.span, "reply") ? "email.reply" : "email.acknowledge",
                              .args = json_pack("{s:o}", "template", sent_text(effect, SendMessage_template))};
}

const struct sim_texts sim_texts_usual = {.social = LIMIT_webhook_TEXT};

/* Returns the code of the given name; for an unknown name, the code of a refusal. */
enum code asked_code(const char *word)
{
    for (unsigned code = 0; code < 256; code++)
        if (enum_name_code(code) && strcmp(enum_name_code(code), word) == 0) return (enum code)code;
    return code_refused;
}

/* Returns the text asked about, and the categories to choose from. */
static json_t *classify_arguments(const struct message *effect)
{
    json_t *args = json_object(), *list = json_array();
    struct span categories = message_text(effect, Classify_categories), one;
    bool given = message_text(effect, Classify_text).length != 0;
    json_object_set_new(args, "text", sent_text(effect, given ? Classify_text : Classify_subject));
    for (uint32_t at = 0; message_next_text(categories, &at, &one);)
        json_array_append_new(list, json_stringn((const char *)one.bytes, one.length));
    if (message_u(effect, Classify_screen) != 0) json_object_set(args, "categories", list);
    json_decref(list);
    return args;
}

struct step_call asked_classify_call(const struct message *effect)
{
    bool screen = message_u(effect, Classify_screen) != 0;
    return (struct step_call){.step = screen ? "text.screen" : "text.classify", .args = classify_arguments(effect)};
}

/* Writes the categories of the answer, one or a list of them. */
void asked_classify_answer(struct writer *w, struct kv *kv, json_t *value)
{
    json_t *plain = value_plain(value), *one;
    size_t index;
    kv_clear(kv);
    if (json_is_array(plain))
        json_array_foreach(plain, index, one) value_to_kv(kv, "category", one);
    else
        value_to_kv(kv, "category", plain);
    writer_kv(w, EventDone_value, kv);
    json_decref(plain);
}

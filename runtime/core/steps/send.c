/* runtime/core/steps/send.c - Steps that write to the customer: in a session, by an e-mail that answers or forwards
 * a submitted interaction, or by a short message; or that write an e-mail to somebody else. The message is sent by
 * the link that submitted the interaction, a reply by the link of the answered e-mail, or by another link that has
 * mails if that one has none; the link reports by EventDelivery or EventDone that it has taken the message. The
 * message's id is made from the effect's id, so that nothing is sent twice. */
#include <assert.h>

#include "runtime/vocabulary/ident.h"
#include "vm/steps.h"
#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/judged.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"

enum { SEND_PARAMETERS = 3 }; /* that many parameters has email.send, the most of all steps */

static void send_put_id(struct core *core, const struct interaction *ix, uint32_t ref)
{
    char id[EFFECT_TEXT];
    uint32_t length = ident_print_effect(ix->id, ref, id);
    writer_bytes(&core->effects->writer, SendMessage_msg_id, (struct span){(const uint8_t *)id, length});
}

/* Writes one address, or several with a comma and a space between them. */
static void put_to(struct core *core, struct span to)
{
    writer_list_begin(&core->effects->writer, SendMessage_to);
    for (uint32_t from = 0, at = 0; at <= to.length; at++) {
        if (at < to.length && !(to.bytes[at] == ',' && at + 1 < to.length && to.bytes[at + 1] == ' ')) continue;
        writer_list_text(&core->effects->writer, (struct span){to.bytes + from, at - from});
        from = at + 2;
    }
    writer_list_end(&core->effects->writer);
}

/* Returns a text argument of the step; empty: it is not given. `inlined` has room for a short text. */
static struct span text_arg(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                            char inlined[8])
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    if (!vm_arg(core->slab, block, fiber, parameter, &word, &type)) return (struct span){0};
    struct text text = block_text(block_image(core->slab, block), block, word, inlined);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

/* True: the texts fit into a message; a text that is too long is refused, since half of it must not be sent. */
static bool texts_fit(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    for (uint16_t parameter = 0; parameter < SEND_PARAMETERS; parameter++) {
        bool given = vm_arg(core->slab, block, fiber, parameter, &word, &type) && !value_is_none(type, word);
        if (given && type_base(type) == TYPE_STR &&
            block_text(block_image(core->slab, block), block, word, inlined).length > TEXT_MAX_BYTES)
            return false;
    }
    return true;
}

/* The message text is the same parameter for all steps that write to the customer. */
enum { MESSAGE_TEXT = PARAMETER_chat_send_text };
_Static_assert(MESSAGE_TEXT == (int)PARAMETER_social_reply_text && MESSAGE_TEXT == (int)PARAMETER_im_send_text &&
                   MESSAGE_TEXT == (int)PARAMETER_sms_send_text,
               "vm/steps.def");

/* True: the text is blank. No network takes a message without readable text; in a chat it is an empty line. */
static bool text_is_blank(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    unsigned step = step_of(core, ix, fiber);
    char inlined[8];
    if (step != STEP_ID_social_reply && step != STEP_ID_im_send && step != STEP_ID_sms_send) return false;
    struct span text = text_arg(core, ix, fiber, MESSAGE_TEXT, inlined);
    for (uint32_t i = 0; i < text.length; i++)
        if (text.bytes[i] > ' ') return false;
    return true;
}

static struct span template_arg(const struct core *core, const struct interaction *ix, uint8_t fiber,
                                uint16_t parameter)
{
    uint64_t word;
    uint16_t type;
    bool given = vm_arg(core->slab, block_at(core->slab, ix->block), fiber, parameter, &word, &type);
    return given ? core_name(core, strategy_name(core->strategies, ix, word)) : (struct span){0};
}

/* True: the step writes a message in the conversation that the interaction itself is. */
static bool in_session(unsigned step)
{
    return step == STEP_ID_chat_send || step == STEP_ID_social_reply || step == STEP_ID_im_send;
}

/* Writes the headers that tell the link what kind of message it sends, and whether the customer is to give a mark: a
 * network that has buttons shows them. */
static void put_headers(struct core *core, const struct interaction *ix, unsigned step)
{
    const struct submitted *row = ix->submitted ? submitted_of(core->submissions, ix) : NULL;
    /* without a submitted interaction (for a call) only sms.send and email.send come here */
    assert(row || step == STEP_ID_sms_send || step == STEP_ID_email_send);
    kv_clear(&core->scratch);
    if (step == STEP_ID_sms_send) {
        kv_put_text(&core->scratch, "automatic", span_of("sms"));
    } else if (step == STEP_ID_email_release) {
        kv_put_text(&core->scratch, "release", submitted_external_id(row));
        if (row->author != 0) kv_put_text(&core->scratch, "author", core_name(core, row->author));
    } else if (step != STEP_ID_chat_send) {
        kv_put_text(&core->scratch, "automatic",
                    span_of(step == STEP_ID_email_forward     ? "forward"
                            : step == STEP_ID_email_redirect  ? "redirect"
                            : step == STEP_ID_email_reply     ? "reply"
                            : step == STEP_ID_email_send      ? "send"
                            : step == STEP_ID_chat_transcript ? "transcript"
                            : step == STEP_ID_social_reply    ? "social"
                            : step == STEP_ID_im_send         ? "im"
                                                              : "acknowledge"));
    }
    if ((in_session(step) || step == STEP_ID_sms_send) && judged_asks(core, ix))
        kv_put_int(&core->scratch, "marks", MARK_BEST);
    if (core->scratch.length > 0) writer_kv(&core->effects->writer, SendMessage_headers, &core->scratch);
}

static bool is_address(struct span text)
{
    uint32_t at = 0;
    while (at < text.length && text.bytes[at] != '@') at++;
    return at < text.length;
}

/* Returns the id of the e-mail that is answered; empty if the core no longer knows it. */
static struct span answered_id(const struct core *core, const struct interaction *ix)
{
    const struct interaction *parent =
        interaction_by_id(core->interactions, submitted_of(core->submissions, ix)->parent);
    return parent && parent->submitted ? submitted_external_id(submitted_of(core->submissions, parent))
                                       : (struct span){0};
}

/* Returns the address for answers: the `reply_to` of an e-mail, else its sender's address. The address must be used
 * before `data` changes. */
static struct span answer_address(struct core *core, const struct interaction *ix, struct kv *data)
{
    struct kv_value value;
    kv_clear(data);
    if (ix->media == media_email) userdata_all(core->interactions, ix, data);
    bool said = data->length > 0 && kv_get(kv_span(data), "reply_to", &value) && value.tag == KV_TEXT && !value.secret;
    return said && is_address(value.span) ? value.span : interaction_system(core->interactions, ix, SYSTEM_from);
}

/* Writes a reply that an agent has written, as it was submitted. */
static void put_release(struct core *core, const struct interaction *ix)
{
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, SendMessage_from, interaction_system(core->interactions, ix, SYSTEM_from));
    put_to(core, interaction_system(core->interactions, ix, SYSTEM_to));
    writer_bytes(writer, SendMessage_subject, interaction_system(core->interactions, ix, SYSTEM_subject));
    writer_bytes(writer, SendMessage_body, submitted_body(submitted_of(core->submissions, ix)));
    writer_bytes(writer, SendMessage_reply_to, answered_id(core, ix));
    put_headers(core, ix, STEP_ID_email_release);
}

/* Writes any other mail: one to the customer, or one that is forwarded. */
static void put_mail(struct core *core, const struct interaction *ix, uint8_t fiber, unsigned step)
{
    const struct submitted *row = submitted_of(core->submissions, ix);
    struct writer *writer = &core->effects->writer;
    char inlined[8];
    bool forward = step == STEP_ID_email_forward, reply = step == STEP_ID_email_reply,
         redirect = step == STEP_ID_email_redirect;
    put_to(core, forward    ? text_arg(core, ix, fiber, PARAMETER_email_forward_to, inlined)
                 : redirect ? text_arg(core, ix, fiber, PARAMETER_email_redirect_to, inlined)
                            : answer_address(core, ix, &core->scratch));
    writer_bytes(writer, SendMessage_subject, interaction_system(core->interactions, ix, SYSTEM_subject));
    if (forward || step == STEP_ID_chat_transcript)
        writer_bytes(writer, SendMessage_body, submitted_body(row));
    else if (!redirect)
        writer_bytes(writer, SendMessage_template,
                     template_arg(core, ix, fiber,
                                  reply ? PARAMETER_email_reply_template : PARAMETER_email_acknowledge_template));
    if (step != STEP_ID_chat_transcript) writer_bytes(writer, SendMessage_reply_to, submitted_external_id(row));
    put_headers(core, ix, step);
}

/* Writes a mail that is no answer: with a subject and a text, or with a template, which has both. */
static void put_new_mail(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    struct writer *writer = &core->effects->writer;
    uint16_t type = TYPE_VOID;
    uint64_t word;
    char inlined[8];
    vm_arg(core->slab, block_at(core->slab, ix->block), fiber, PARAMETER_email_send_subject, &word, &type);
    put_to(core, text_arg(core, ix, fiber, PARAMETER_email_send_to, inlined));
    if (type == TYPE_TEMPLATE) {
        writer_bytes(writer, SendMessage_template, template_arg(core, ix, fiber, PARAMETER_email_send_subject));
    } else {
        writer_bytes(writer, SendMessage_subject, text_arg(core, ix, fiber, PARAMETER_email_send_subject, inlined));
        writer_bytes(writer, SendMessage_text, text_arg(core, ix, fiber, PARAMETER_email_send_text, inlined));
    }
    put_headers(core, ix, STEP_ID_email_send);
}

/* Writes a short message to the number that wrote or calls, from the number that was written to or called: if that
 * is no number, the plugin sends it from a number of its own. */
static void put_sms(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    struct writer *writer = &core->effects->writer;
    char inlined[8];
    writer_bytes(writer, SendMessage_from, interaction_system(core->interactions, ix, SYSTEM_to));
    writer_list_begin(writer, SendMessage_to);
    writer_list_text(writer, interaction_system(core->interactions, ix, SYSTEM_from));
    writer_list_end(writer);
    writer_bytes(writer, SendMessage_text, text_arg(core, ix, fiber, MESSAGE_TEXT, inlined));
    if (ix->submitted)
        writer_bytes(writer, SendMessage_reply_to, submitted_external_id(submitted_of(core->submissions, ix)));
    put_headers(core, ix, STEP_ID_sms_send);
}

/* Writes the fields that differ by step, in the order of their numbers. */
static void put_message(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    struct writer *writer = &core->effects->writer;
    unsigned step = step_of(core, ix, fiber);
    char inlined[8];
    if (step == STEP_ID_email_release) {
        put_release(core, ix);
    } else if (step == STEP_ID_sms_send) {
        put_sms(core, ix, fiber);
    } else if (step == STEP_ID_email_send) {
        put_new_mail(core, ix, fiber);
    } else if (in_session(step)) {
        writer_bytes(writer, SendMessage_text, text_arg(core, ix, fiber, MESSAGE_TEXT, inlined));
        put_headers(core, ix, step);
        writer_u(writer, SendMessage_receipt, 1);
        writer_u(writer, SendMessage_role, party_role_bot);
    } else {
        put_mail(core, ix, fiber, step);
    }
}

/* Tells whether a short message can be sent: it needs a recipient, and any link that sends short messages; in a
 * session it goes through the session's link. */
static enum code may_send_sms(const struct core *core, const struct interaction *ix, unsigned *link)
{
    bool session = ix->submitted && ix->leg && ix->media == media_sms;
    *link = session ? ix->link : link_that_can(core->links, ix->link, CAP_TEXTS);
    if (interaction_system(core->interactions, ix, SYSTEM_from).length == 0) return code_invalid_number;
    if (*link == 0) return code_refused;
    return link_usable(core->links, *link) ? code_ok : code_link_down;
}

/* Tells whether a new mail can be sent: it needs an address, and any link that has mails; the customer need not be
 * there any more. */
static enum code may_send_new_mail(const struct core *core, const struct interaction *ix, uint8_t fiber, unsigned *link)
{
    char inlined[8];
    *link = link_that_can(core->links, ix->link, CAP_MAIL);
    if (!is_address(text_arg(core, ix, fiber, PARAMETER_email_send_to, inlined))) return code_refused;
    if (*link == 0) return code_unavailable;
    return link_usable(core->links, *link) ? code_ok : code_link_down;
}

/* Tells why the step cannot send; code_ok: it can. `link`: through this one. */
static enum code may_send(const struct core *core, const struct interaction *ix, uint8_t fiber, unsigned *link)
{
    unsigned step = step_of(core, ix, fiber);
    if (step == STEP_ID_sms_send) return may_send_sms(core, ix, link);
    if (step == STEP_ID_email_send) return may_send_new_mail(core, ix, fiber, link);
    bool session = in_session(step), transcript = step == STEP_ID_chat_transcript;
    bool mails = transcript || step == STEP_ID_email_release;
    *link = mails && ix->submitted ? link_that_can(core->links, submitted_of(core->submissions, ix)->home, CAP_MAIL)
                                   : ix->link;
    if (!ix->submitted || (ix->gone && !transcript) || (session && !ix->leg)) return code_gone;
    if (*link == 0 || (transcript && !is_address(interaction_system(core->interactions, ix, SYSTEM_from))))
        return code_unavailable;
    return link_usable(core->links, *link) ? code_ok : code_link_down;
}

static struct step_outcome send_step_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    unsigned link;
    bool good = texts_fit(core, ix, fiber) && !text_is_blank(core, ix, fiber);
    enum code code = good ? may_send(core, ix, fiber, &link) : code_refused;
    if (code != code_ok) return step_fails(code);
    int64_t timeout_us = tries_left(core, ix, fiber);
    ref = step_effect(core, ix, KIND_SendMessage, link, ref, timeout_us);
    send_put_id(core, ix, ref);
    writer_u(&core->effects->writer, SendMessage_kind, message_kind_text);
    put_message(core, ix, fiber);
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_SendMessage, ref, link, timeout_us);
    interaction_tell(core->interactions, ix, FACT_message_sent, 0, 0);
    return step_waits();
}

static void send_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                          const struct message *message)
{
    uint8_t fiber = pending->fiber;
    unsigned code = effect_code_of(message);
    if (code == code_ok)
        strategy_step_done(core, ix, fiber, 0);
    else
        strategy_step_failed(core, ix, fiber, code);
}

/* Returns the exit that the step takes when the delivery has failed, for the cause that was reported. */
static unsigned send_failure(const struct message *message)
{
    switch (message_u(message, EventDelivery_cause)) {
    case cause_gone:
        return code_gone;
    case cause_throttled:
        return code_throttled;
    case cause_invalid_number:
        return code_invalid_number;
    case cause_lost:
        return code_outcome_unknown;
    default:
        return code_refused;
    }
}

void send_on_delivery(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    const struct pending *pending = ix ? effect_pending(core->effects, ix, message_u(message, ENVELOPE_ref)) : NULL;
    unsigned state = (unsigned)message_u(message, EventDelivery_state);
    if (!pending || pending->kind != KIND_SendMessage || pending->link != message_u(message, ENVELOPE_source)) return;
    bool waits = step_of(core, ix, pending->fiber) == STEP_ID_contact_verify; /* until the code is typed */
    if (waits && (state == delivery_accepted || state == delivery_delivered)) return;
    if (state == delivery_accepted || state == delivery_delivered)
        strategy_step_done(core, ix, pending->fiber, 0);
    else if (state == delivery_failed || state == delivery_expired)
        strategy_step_failed(core, ix, pending->fiber, send_failure(message));
}

const struct step_ops step_ops_send = {.begin = send_step_begin, .answered = send_answered, .again = KIND_SendMessage};

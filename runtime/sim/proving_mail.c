/* runtime/sim/proving_mail.c - A mail adapter: it submits each e-mail until the core has acknowledged it, under the
 * same external id. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/sim/proving_state.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

enum { MAIL_CLIENT = 1, SUBMITS_AGAIN_US = 20000000 };

void proving_mail_free(struct proving *world)
{
    free(world->mails);
}

void proving_mail_arrives(struct proving *world, const struct told_deed *deed)
{
    world->mails = memory_more(world->mails, world->mail_count, sizeof *world->mails);
    world->mails[world->mail_count] = (struct proving_mail){.number = deed->number};
    world->result->mails++;
    proving_mail_submit(world, world->mail_count++);
}

void proving_mail_submit(struct proving *world, uint32_t at)
{
    const struct proving_mail *mail = &world->mails[at];
    char text[48];
    if (mail->ixn != 0) return;
    struct writer *writer = proving_event(world, PROVING_MAIL, KIND_Submit, 0, 0, 0);
    writer_u(writer, ENVELOPE_client, MAIL_CLIENT);
    writer_u(writer, ENVELOPE_req, at + 1);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    (void)snprintf(text, sizeof text, "<%" PRIu32 "@sim.invalid>", mail->number);
    writer_text(writer, Submit_external_id, text);
    writer_text(writer, Submit_queue, PROVING_MAIL_QUEUE);
    (void)snprintf(text, sizeof text, "customer%" PRIu32 "@example.org", mail->number);
    writer_text(writer, Submit_from, text);
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of("desk@example.org"));
    writer_list_end(writer);
    proving_post(world, PROVING_MAIL);
    proving_plan(world, SUBMITS_AGAIN_US, DUE_SUBMIT, at, 0);
}

static void mail_replied(struct proving *world, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req), ixn = message_u(reply, ENVELOPE_ixn);
    uint64_t outcome = message_u(reply, Reply_outcome);
    if (message_u(reply, ENVELOPE_client) != MAIL_CLIENT || req == 0 || req > world->mail_count) return;
    if (outcome != outcome_ok && outcome != outcome_duplicate) return; /* it is submitted again */
    struct proving_mail *mail = &world->mails[req - 1];
    if (ixn == 0) proving_fail(world, "e-mail %" PRIu32 " is acknowledged without an interaction", mail->number);
    if (mail->ixn != 0 && mail->ixn != ixn) proving_fail(world, "e-mail %" PRIu32 " is two interactions", mail->number);
    mail->ixn = ixn;
}

void proving_mail_effect(struct proving *world, const struct message *effect)
{
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), ref = message_u(effect, ENVELOPE_ref);
    struct writer *writer;
    switch (effect->kind) {
    case KIND_Reply:
        mail_replied(world, effect);
        break;
    case KIND_Resync:
        proving_event(world, PROVING_MAIL, KIND_ResyncBegin, ixn, ref, 0);
        proving_post(world, PROVING_MAIL);
        proving_event(world, PROVING_MAIL, KIND_ResyncEnd, ixn, ref, 0);
        proving_post(world, PROVING_MAIL);
        break;
    default:
        if (effect_class(effect->kind) == CLASS_NOTICE || effect->kind == KIND_Configure) break;
        writer = proving_event(world, PROVING_MAIL, KIND_EventDone, ixn, ref, 0);
        writer_u(writer, EventDone_outcome, outcome_unsupported);
        writer_u(writer, EventDone_code, code_unsupported);
        proving_post(world, PROVING_MAIL);
        break;
    }
}

/* tests/proving/proving_mail.c - A mail adapter: it submits each e-mail again, with the same external id, until the
 * core has acknowledged it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/awaited.h"
#include "runtime/core/read/read.h"
#include "runtime/sim/events.h"
#include "tests/proving/proving_state.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"

enum { MAIL_CLIENT = 1, SUBMITS_AGAIN_US = 20000000, SENDS_US = 3000000, OVERDUE_US = 1000000 };

void proving_mail_free(struct proving *world)
{
    free(world->mails);
    free(world->sent);
}

void proving_mail_arrives(struct proving *world, const struct told_deed *deed)
{
    world->mails = memory_more(world->mails, world->mail_count, sizeof *world->mails);
    world->mails[world->mail_count] = (struct proving_mail){.number = deed->number, .far = deed->a == 2};
    world->result->mails++;
    proving_mail_submit(world, world->mail_count++);
}

void proving_mail_submit(struct proving *world, uint32_t at)
{
    const struct proving_mail *mail = &world->mails[at];
    char id[48], from[48];
    if (mail->ixn != 0) return;
    struct writer *writer = proving_event(world, PROVING_MAIL, KIND_Submit, 0, 0, 0);
    writer_u(writer, ENVELOPE_client, MAIL_CLIENT);
    writer_u(writer, ENVELOPE_req, at + 1);
    (void)snprintf(id, sizeof id, "<%" PRIu32 "@sim.invalid>", mail->number);
    (void)snprintf(from, sizeof from, "customer%" PRIu32 "@example.org", mail->number);
    event_put_submit(writer, &(struct event_submit){.medium = media_email,
                                                    .external_id = id,
                                                    .queue = mail->far ? PROVING_FAR_QUEUE : PROVING_MAIL_QUEUE,
                                                    .from = from,
                                                    .to = "desk@example.org"});
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

/* Fails where a reply is long overdue. An interaction that is closing is on its way to another domain. */
void proving_mail_overdue(struct proving *world, const struct core *core)
{
    struct interaction_row row;
    uint64_t cursor = 0;
    while (core_interaction(core, &cursor, &row))
        if (row.reply_us != 0 && core_time(core) > row.reply_us + OVERDUE_US && !span_is(row.state, "closing"))
            proving_fail(world, "interaction %" PRIx64 " is kept without a reply", row.ixn);
}

/* ---- messages to customers ---- */

void proving_mail_sent(struct proving *world, uint32_t at)
{
    struct proving_sent *sent = &world->sent[at];
    sent->owed = false;
    struct writer *writer = proving_event(world, PROVING_MAIL, KIND_EventDelivery, sent->ixn, sent->ref, 0);
    writer_text(writer, EventDelivery_msg_id, sent->id);
    writer_u(writer, EventDelivery_state, delivery_accepted);
    writer_u(writer, EventDelivery_final, 1);
    proving_post(world, PROVING_MAIL);
}

/* Sends a message: each id is sent once; if the core asks for it again, only the answer is repeated. No strategy of
 * the site sends two messages for one interaction, unless it begins again because its agent has left. */
static void mail_sends(struct proving *world, const struct message *effect)
{
    struct span id = message_text(effect, SendMessage_msg_id);
    uint64_t ixn = message_u(effect, ENVELOPE_ixn);
    uint32_t at = 0, others = 0;
    for (uint32_t i = 0; i < world->sent_count; i++)
        others += world->sent[i].ixn == ixn && !span_is(id, world->sent[i].id);
    while (at < world->sent_count && !span_is(id, world->sent[at].id)) at++;
    if (at == world->sent_count) {
        world->sent = memory_more(world->sent, world->sent_count, sizeof *world->sent);
        struct proving_sent *sent = &world->sent[world->sent_count++];
        *sent = (struct proving_sent){.ixn = ixn, .ref = message_u(effect, ENVELOPE_ref)};
        sim_copy_text(sent->id, sizeof sent->id, id);
    }
    if (others > 0 && !world->leaves)
        proving_fail(world, "the customer of interaction %" PRIx64 " gets two messages", ixn);
    if (world->sent[at].owed) return;
    world->sent[at].owed = true;
    proving_plan(world, 10000 + proving_drawn(world, PROVING_WORKS, ixn, SENDS_US), DUE_SENT, at, 0);
}

void proving_mail_owes(struct proving *world, const struct core *core)
{
    struct awaited_row rows[AWAITED_MAX];
    for (size_t i = core_awaited(core, rows); i > 0; i--) {
        const struct awaited_row *row = &rows[i - 1];
        uint32_t at = 0;
        if (row->link != PROVING_MAIL || row->kind != KIND_SendMessage) continue;
        while (at < world->sent_count && (world->sent[at].ixn != row->ixn || !world->sent[at].owed)) at++;
        if (at == world->sent_count)
            proving_fail(world, "interaction %" PRIx64 " waits in vain for a message to be sent", row->ixn);
    }
}

/* ---- effects ---- */

void proving_plain_effect(struct proving *world, unsigned link, const struct message *effect)
{
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), ref = message_u(effect, ENVELOPE_ref);
    if (effect->kind == KIND_Resync) {
        proving_event(world, link, KIND_ResyncBegin, ixn, ref, 0);
        proving_post(world, link);
        proving_event(world, link, KIND_ResyncEnd, ixn, ref, 0);
        proving_post(world, link);
    } else if (effect_class(effect->kind) != CLASS_NOTICE && effect->kind != KIND_Configure) {
        event_put_done(proving_event(world, link, KIND_EventDone, ixn, ref, 0), code_unsupported, NULL);
        proving_post(world, link);
    }
}

void proving_mail_effect(struct proving *world, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_Reply:
        mail_replied(world, effect);
        break;
    case KIND_SendMessage:
        mail_sends(world, effect);
        break;
    default:
        proving_plain_effect(world, PROVING_MAIL, effect);
        break;
    }
}

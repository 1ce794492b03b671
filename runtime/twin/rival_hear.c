/* runtime/twin/rival_hear.c - Makes the events of the rival's core from those of the journal.
 *
 * Refs and claims have other numbers in the rival's core. An event that answers something that the
 * rival has not done is left out; the answer to a question is kept, since the rival may still ask it. A rollout at a
 * routing point that runs the other version is left out, too: there all arrivals run it. */
#include "runtime/twin/rival_state.h"

#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"

bool rival_has_dn(const struct rival *r, struct span dn)
{
    for (size_t i = 0; i < r->dn_count; i++)
        if (span_is(dn, r->dns[i])) return true;
    return false;
}

static void rival_copy_field(struct writer *writer, const struct field *field, uint64_t word)
{
    struct field copy = *field;
    if (field->wire == 0) copy.word = word;
    writer_field(writer, &copy);
}

/* Returns the rival's ref for a ref of the call. A ref that is in no compared effect (it waits for an event that the
 * link sends by itself) has the same distance from the ref before as in the present core. */
static uint64_t rival_ref_of(const struct rival_call *call, uint64_t ref)
{
    uint64_t word = ref, before = 0;
    if (rival_mapped(&call->refs, ref, &word)) return word;
    for (size_t i = 0; i < call->refs.count; i++) {
        uint64_t was = call->refs.rows[i].was;
        if (was > ref || was < before) continue;
        before = was;
        word = call->refs.rows[i].is + (ref - was);
    }
    return word;
}

/* Adds the event in the rival's numbers. `ixn` 0: the rival's core has no such interaction. `again`: the event comes
 * later than in the journal, so it loses its number in the order of its source, by which the core would skip it. */
static void rival_write(struct rival *r, const struct message *message, uint64_t ixn, uint64_t other_ref, bool again)
{
    writer_begin(&r->events, message->kind);
    for (unsigned i = 0; i < message->count; i++) {
        const struct field *field = &message->fields[i];
        uint64_t word = field->word;
        if (again && field->number == ENVELOPE_seq) continue;
        if (field->number == ENVELOPE_ixn) word = ixn;
        if (field->number == ENVELOPE_ref) word = other_ref;
        if (field->number == ENVELOPE_req && message->kind == KIND_EventRecord)
            (void)rival_mapped(&r->refs, word, &word);
        bool claim = (field->number == RequestAccept_claim && message->kind == KIND_RequestAccept) ||
                     (field->number == RequestReject_claim && message->kind == KIND_RequestReject);
        if (claim && !rival_mapped(&r->claims, word, &word)) word = 0;
        rival_copy_field(&r->events, field, word);
    }
    (void)writer_end(&r->events);
    r->event_count++;
}

static struct rival_question *rival_question_of(const struct rival_call *call, uint64_t ref)
{
    struct rival_question *question = call->questions;
    while (question && question->did->ref != ref) question = question->next;
    return question;
}

/* The present core gets the answer to a question: it is kept. True: the rival waits for it, under `other_ref`. */
static bool rival_answer(struct rival_question *question, struct span frame, uint64_t *other_ref)
{
    if (!question->answer) {
        question->answer = memory_grown(NULL, frame.length, 1);
        memcpy(question->answer, frame.bytes, frame.length);
        question->length = frame.length;
    }
    *other_ref = question->other_ref;
    question->other_ref = 0;
    return *other_ref != 0;
}

static void rival_hear(struct rival *r, struct span frame)
{
    struct message message;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    uint64_t ixn = message_u(&message, ENVELOPE_ixn), other_ref = 0;
    uint64_t ref = message_u(&message, ENVELOPE_ref), conn = message_u(&message, ENVELOPE_conn);
    /* a link may name the interaction by its ConnID alone */
    const uint64_t named = ixn != 0 || conn == 0 ? ixn : core_ixn_of(r->half[WAS].core, conn);
    struct rival_call *call = rival_call_named(r, named);
    struct interaction_row row;
    if (message.kind == KIND_Rollout && rival_has_dn(r, message_text(&message, Rollout_point))) return;
    if (ixn != 0 && !(call && call->there) && !core_find(r->half[IS].core, ixn, &row)) ixn = 0;
    if (message_has(&message, ENVELOPE_ixn) && ixn == 0 && conn == 0) return;
    if (ref != 0 && !call && named > r->before) return; /* it answers a call that is over */
    if (ref != 0 && call) {
        if (call->left && call->renewed) return; /* the event answers an effect that the rival has not had */
        struct rival_question *question = rival_question_of(call, ref);
        if (!question)
            other_ref = rival_ref_of(call, ref);
        else if (!rival_answer(question, frame, &other_ref))
            return;
    } else if (ref != 0 && (ixn != 0 || conn != 0)) {
        other_ref = ref; /* it began before the comparison, so it has the same numbers in both cores */
    } else if (ref != 0 && !rival_mapped(&r->refs, ref, &other_ref)) {
        return;
    }
    rival_write(r, &message, ixn, other_ref, false);
}

/* Activates the other version after the present one, where it has the strategy. */
static void rival_renew(struct rival *r, struct span frame)
{
    struct message message;
    if (!r->options.image || !message_read(&message, frame.bytes, frame.length, NULL)) return;
    struct span name = message_text(&message, Activate_strategy), dn = message_text(&message, Activate_at);
    if (!image_strategy_named(r->options.image, (const char *)name.bytes, name.length)) return;
    if (r->options.point && !span_is(dn, r->options.point)) return;
    if (!rival_has_dn(r, dn) && dn.length <= NAME_MAX_BYTES) {
        r->dns = memory_more(r->dns, r->dn_count, sizeof *r->dns);
        char *slot = r->dns[r->dn_count++];
        memcpy(slot, dn.bytes, dn.length);
        slot[dn.length] = '\0';
    }
    writer_begin(&r->events, KIND_Activate);
    for (unsigned i = 0; i < message.count; i++) {
        struct field field = message.fields[i];
        if (field.number == ENVELOPE_seq || field.number == ENVELOPE_req || field.number == Activate_percent) continue;
        if (field.number == Activate_image) field.span = (struct span){image_hash(r->options.image), IMAGE_HASH};
        rival_copy_field(&r->events, &field, field.word);
    }
    (void)writer_end(&r->events);
    r->event_count++;
}

/* At the beginning: activates the other version at the points that are active, and changes settings. */
static void rival_begin(struct rival *r)
{
    struct point_row row;
    r->begun = true;
    for (uint32_t i = 0; core_point(r->half[WAS].core, i, &row); i++) {
        if (!row.image) continue;
        writer_clear(&r->scratch);
        writer_begin(&r->scratch, KIND_Activate);
        writer_u(&r->scratch, ENVELOPE_source, SOURCE_ADMIN);
        writer_bytes(&r->scratch, Activate_at, row.dn);
        writer_bytes(&r->scratch, Activate_image, (struct span){row.image, CORE_HASH});
        writer_bytes(&r->scratch, Activate_strategy, row.strategy);
        writer_bytes(&r->scratch, Activate_args, row.given);
        rival_renew(r, writer_end(&r->scratch));
    }
    struct message message;
    for (uint32_t at = 0; at < r->options.settings.length;) {
        const uint8_t *frame = r->options.settings.bytes + at;
        size_t size = message_frame_size(frame, r->options.settings.length - at);
        if (size == 0 || !message_read(&message, frame, size, NULL)) return;
        rival_write(r, &message, 0, 0, false);
        at += (uint32_t)size;
    }
}

/* Ends in the rival's core, as an administrator would, the interactions that are compared no more. */
static void rival_take_out(struct rival *r)
{
    for (size_t i = 0; i < r->leaving_count; i++) {
        char name[IXN_TEXT];
        ident_print_ixn(r->leaving[i], name);
        writer_begin(&r->events, KIND_AdminRequest);
        writer_u(&r->events, ENVELOPE_source, SOURCE_ADMIN);
        writer_u(&r->events, AdminRequest_op, admin_op_end);
        writer_text(&r->events, AdminRequest_name, name);
        (void)writer_end(&r->events);
        r->event_count++;
    }
    r->leaving_count = 0;
}

void rival_hear_batch(struct rival *r, struct span events)
{
    writer_clear(&r->events);
    r->event_count = 0;
    if (!r->begun) rival_begin(r);
    rival_take_out(r);
    for (uint32_t at = 0; at < events.length;) {
        struct span frame = {events.bytes + at, 0};
        frame.length = (uint32_t)message_frame_size(frame.bytes, events.length - at);
        if (frame.length == 0) break;
        rival_hear(r, frame);
        if ((frame.bytes[4] | frame.bytes[5] << 8) == KIND_Activate) rival_renew(r, frame);
        at += frame.length;
    }
}

void rival_hear_deliveries(struct rival *r)
{
    struct message message;
    writer_clear(&r->events);
    r->event_count = 0;
    for (size_t i = 0; i < r->delivery_count; i++) {
        const struct rival_delivery *delivery = &r->deliveries[i];
        const struct rival_call *call = &r->calls[delivery->row];
        const struct rival_question *question = rival_question_of(call, delivery->was_ref);
        if (call->left || !question || !message_read(&message, question->answer, question->length, NULL)) continue;
        rival_write(r, &message, call->ixn, delivery->is_ref, true);
    }
    r->delivery_count = 0;
}

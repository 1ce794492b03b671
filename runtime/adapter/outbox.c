/* runtime/adapter/outbox.c - Keeps a plugin's events in their order until the link accepts them.
 *
 *     outbox_post(): nothing kept, and the link takes it --> posted
 *                    else ---------------------------------> behind the others in `kept`
 *     credit()  --> outbox_flush(): from the front, until the link refuses again
 *
 * An event that no core would take is left out: the link logs and counts it.
 *
 * `posted` counts the events that the link has taken, so a plugin can compare it with the number that committed()
 * reports. */
#include "runtime/adapter/outbox.h"

#include <assert.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/message.h"

void outbox_init(struct outbox *outbox, struct gcx_link *link, const struct gcx_services *services)
{
    outbox->link = link;
    outbox->services = services;
    outbox->posted = 0;
    g_queue_init(&outbox->kept);
}

bool outbox_now(struct outbox *outbox, struct span frame)
{
    bool posted = outbox->services->post(outbox->link, frame);
    outbox->posted += posted;
    return posted;
}

/* Would every core refuse the event? Kept, it would hold up all later ones; the link has told of it. */
static bool outbox_is_wrong(struct span frame)
{
    struct message message;
    struct error error;
    return !message_read(&message, frame.bytes, frame.length, &error);
}

void outbox_post(struct outbox *outbox, struct span frame)
{
    assert(outbox->services && frame.length > 0);
    if (g_queue_is_empty(&outbox->kept) && (outbox_now(outbox, frame) || outbox_is_wrong(frame))) return;
    g_queue_push_tail(&outbox->kept, g_bytes_new(frame.bytes, frame.length));
}

void outbox_flush(struct outbox *outbox)
{
    GBytes *first;
    while ((first = g_queue_peek_head(&outbox->kept))) {
        gsize length;
        const uint8_t *bytes = g_bytes_get_data(first, &length);
        struct span frame = {bytes, (uint32_t)length};
        if (!outbox_now(outbox, frame) && !outbox_is_wrong(frame)) return;
        g_bytes_unref(g_queue_pop_head(&outbox->kept));
    }
}

unsigned outbox_length(struct outbox *outbox)
{
    return g_queue_get_length(&outbox->kept);
}

void outbox_free(struct outbox *outbox)
{
    g_queue_clear_full(&outbox->kept, (GDestroyNotify)g_bytes_unref);
}

void adapter_answer_begin(struct writer *writer, const struct message *effect, unsigned kind)
{
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ixn, message_u(effect, ENVELOPE_ixn));
    writer_u(writer, ENVELOPE_ref, message_u(effect, ENVELOPE_ref));
}

void adapter_answer_done(struct writer *writer, const struct message *effect, unsigned outcome, unsigned code)
{
    adapter_answer_begin(writer, effect, KIND_EventDone);
    writer_u(writer, EventDone_outcome, outcome);
    writer_u(writer, EventDone_code, code);
}

/* Answers an effect for a plugin that knows only some effects, so that the core does not wait in vain. */
void adapter_answer_other(struct gcx_link *link, const struct gcx_services *services, struct writer *writer,
                          const struct message *effect)
{
    static const unsigned kinds[] = {KIND_ResyncBegin, KIND_ResyncEnd};
    if (effect->kind == KIND_Configure) return; /* a Configure of a routing point has no answer */
    if (effect->kind != KIND_Resync) {
        if (effect_class(effect->kind) == CLASS_NOTICE) return; /* a notice wants no answer */
        adapter_answer_done(writer, effect, outcome_unsupported, code_unsupported);
        services->post(link, writer_end(writer));
    }
    for (unsigned i = 0; i < 2 && effect->kind == KIND_Resync; i++) {
        adapter_answer_begin(writer, effect, kinds[i]);
        services->post(link, writer_end(writer));
    }
}

/* runtime/sim/simulation_held.c - Holds a simulation to the site of its plan (holding.h): what the site lacks ends it.
 *
 * Callers are drawn, and so are their numbers: whether those may be dialled is not asked. A call whose flow names no
 * number comes to the routing point of its strategy, where the site has one alone. */
#include <stdio.h>

#include "runtime/sim/holding.h"
#include "runtime/sim/simulation_state.h"
#include "runtime/vocabulary/effects_call.h"
#include "vm/image.h"

static void simulation_lacks(void *self, const char *text)
{
    simulation_fail(self, "%s", text);
}

/* The queue of the image that stands at that DN, of those that the simulation has given; false: none. */
static bool queue_stands_at(const struct simulation *s, struct span dn, char name[SIMULATION_NAME + 1])
{
    uint32_t queue = queue_of_dn(dn);
    for (uint32_t i = 0; queue != NOBODY && i < image_count(s->image, SECTION_NAMES); i++) {
        const struct image_name *row = image_name(s->image, i);
        struct text text = image_text(s->image, row->text);
        if (row->kind != TYPE_QUEUE || queue-- > 0) continue;
        (void)snprintf(name, SIMULATION_NAME + 1, "%.*s", (int)text.length, text.bytes);
        return true;
    }
    return false;
}

void simulation_hold(struct simulation *s, const struct message *effect)
{
    const struct holding holding = {
        .site = s->plan->site, .image = s->image, .drawn = true, .tell = simulation_lacks, .self = s};
    struct holding_of of = {.place = ""};
    char queue[SIMULATION_NAME + 1];
    uint32_t slot;
    if (!holding.site) return;
    if (lookup_find(&s->by_ixn, message_u(effect, ENVELOPE_ixn), &slot) ||
        lookup_find(&s->by_conn, message_u(effect, ENVELOPE_conn), &slot)) {
        const struct simulated_call *call = &s->calls[slot];
        const struct simulation_flow *flow = call_flow(s, call);
        const char *alone = holding_place(holding.site, flow->strategy);
        of.medium = call_medium(s, call);
        of.place = flow->number[0] != '\0' ? flow->number : alone ? alone : "";
        of.record = call->record;
        of.session = call->submitted && call->conn != 0;
    }
    if (effect->kind == KIND_RequestRouteCall &&
        queue_stands_at(s, message_text(effect, RequestRouteCall_dest), queue)) {
        of.queue = queue;
        holding_needs_queue(&holding, queue);
    }
    (void)holding_asks(&holding, &of, effect);
}

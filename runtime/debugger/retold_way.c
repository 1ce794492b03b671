/* runtime/debugger/retold_way.c - Writes parties, routes and ends of the interaction as expectations.
 *
 *     RequestRouteCall dest 7001     t->dest       where it is to go
 *     EventRouteUsed                 used_us       the switch has taken the route
 *     EventParty Established 7001    "routed to agent marie", at used_us
 *     EventCallDeleted               hangs_up_us   who ended the call, if it was the caller
 *
 * `became` has the latest result of the interaction; it is written as `expect routed to agent marie within 12s`. */
#include "runtime/debugger/retold_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "base/memory.h"

enum { QUEUE_ROWS_MAX = 4096 };

void retold_way_queue(struct retold_teller *t, const struct message *event)
{
    struct kv_value dn, name;
    struct span row = message_text(event, DirectoryRow_row);
    if (!kv_get(row, "dn", &dn) || !kv_get(row, "name", &name)) return;
    for (size_t i = 0; i < t->queue_count; i++)
        if (span_is(dn.span, t->queues[i].dn)) { /* each import of the directory repeats the rows of its queues */
            teller_copy(t->queues[i].name, name.span);
            return;
        }
    if (t->queue_count == QUEUE_ROWS_MAX) return;
    assert(t->queue_count < QUEUE_ROWS_MAX);
    t->queues = memory_grown(t->queues, t->queue_count + 1, sizeof *t->queues);
    teller_copy(t->queues[t->queue_count].dn, dn.span);
    teller_copy(t->queues[t->queue_count++].name, name.span);
}

/* Returns the name of the site's queue with this number on the switch; NULL: there is none. */
static const char *queue_at(const struct retold_teller *t, const char *dn)
{
    for (size_t i = t->queue_count; i > 0; i--)
        if (strcmp(t->queues[i - 1].dn, dn) == 0) return t->queues[i - 1].name;
    return NULL;
}

static void retold_way_became(struct retold_teller *t, const char *what, const char *kind, struct span name)
{
    struct spelling text;
    FILE *out = spelling_begin(&text);
    fprintf(out, "%s%s%s", what, *kind ? " to " : "", kind);
    if (*kind) fputc(' ', out);
    if (strcmp(kind, "dn") == 0)
        spell_text(out, name);
    else if (*kind)
        spell_name(out, name);
    char *line = spelling_end(&text);
    (void)snprintf(t->became, sizeof t->became, "%s", line);
    free(line);
    t->became_us = t->now_us;
}

static void way_party(struct retold_teller *t, const struct message *event)
{
    char dn[RETOLD_NAME_BYTES];
    enum party_change change = (enum party_change)message_u(event, EventParty_change);
    struct span agent = message_text(event, EventParty_agent);
    teller_copy(dn, message_text(event, EventParty_dn));
    const char *queue = queue_at(t, dn);
    const char *place = agent.length == 0 ? retold_places_party(t, dn, change) : NULL;
    bool there = strcmp(dn, t->dest) == 0 || place;
    if (agent.length > 0) retold_agents_party(t->agents, t->core, agent, change, t->now_us - t->began_us);
    if (change == party_change_Established && t->answered_us == 0) t->answered_us = t->now_us;
    if (change == party_change_Abandoned) retold_way_became(t, "abandoned", "", agent);
    if (change == party_change_Abandoned) t->hangs_up_us = t->now_us - t->began_us;
    if (!there || (change != party_change_Established && change != party_change_Queued)) return;
    if (agent.length > 0)
        retold_way_became(t, "routed", "agent", agent);
    else if (queue)
        retold_way_became(t, "routed", "queue", span_of(queue));
    else if (change == party_change_Established)
        retold_way_became(t, "routed", place ? "place" : "dn", span_of(place ? place : dn));
    t->became_us = t->used_us; /* a test measures the time until the request went to the switch */
    t->dest[0] = '\0';
}

/* Writes a line for a queue that the switch could not reach, so that the test's switch refuses as well. */
static void route_failed(struct retold_teller *t, const struct message *event)
{
    const char *queue = queue_at(t, t->dest);
    if (message_u(event, ENVELOPE_ref) != t->route_ref || message_u(event, EventDone_outcome) == outcome_ok) return;
    if (queue && message_u(event, EventDone_code) == code_invalid_destination) {
        teller_after(t);
        fprintf(t->later, "queue ");
        spell_name(t->later, span_of(queue));
        fprintf(t->later, " unreachable;\n");
    }
    retold_places_refuse(t, t->route_ref, message_u(event, EventDone_code) == code_busy);
    t->dest[0] = '\0';
}

/* Notes the end of a call: if nobody served the caller and no strategy ended the call, the caller has hung up,
 * whatever cause the switch reports. */
static void retold_way_deleted(struct retold_teller *t, const struct message *event)
{
    bool agents = retold_agents_served(t->agents);
    enum cause cause = (enum cause)message_u(event, EventCallDeleted_cause);
    if (cause == cause_abandoned && !strstr(t->became, "abandoned"))
        retold_way_became(t, "abandoned", "", (struct span){0});
    bool dialled = t->media != media_voice; /* a dialled person can hang up only after answering */
    if (dialled && t->dialled_us == 0) return;
    if (cause == cause_abandoned || (!dialled && !agents && t->answered_us == 0 && !t->ended_by_us))
        t->hangs_up_us = t->now_us - (dialled ? t->dialled_us : t->began_us);
}

static void way_controls(struct retold_teller *t, enum call_op op)
{
    if (op == call_op_reject) retold_way_became(t, "rejected", "", (struct span){0});
    if (op == call_op_disconnect) retold_way_became(t, "stopped", "", (struct span){0});
    t->ended_by_us = t->ended_by_us || op == call_op_reject || op == call_op_disconnect;
}

/* Notes the owner of an e-mail, which has no parties: it is routed when it has an owner. */
void retold_way_owned(struct retold_teller *t, const struct interaction_row *row)
{
    bool agent = span_is(row->owner_kind, "agent"), queue = span_is(row->owner_kind, "queue");
    char owner[RETOLD_NAME_BYTES];
    teller_copy(owner, row->owner);
    if ((!agent && !queue) || strcmp(owner, t->owner) == 0 || (queue && !span_is(row->state, "queued"))) return;
    teller_copy(t->owner, row->owner);
    retold_way_became(t, "routed", agent ? "agent" : "queue", row->owner);
}

/* The switch has it. */
static void way_used(struct retold_teller *t, const struct message *event)
{
    if (message_u(event, EventRouteUsed_how) != route_how_instructed)
        retold_way_became(t, "defaulted", "", (struct span){0});
    else
        teller_copy(t->dest, message_text(event, EventRouteUsed_to));
    t->used_us = t->now_us;
}

static void retold_way_routes(struct retold_teller *t, const struct message *effect)
{
    t->route_ref = message_u(effect, ENVELOPE_ref);
    retold_places_asked(t, effect);
    teller_copy(t->dest, message_text(effect, RequestRouteCall_dest));
    if (message_u(effect, RequestRouteCall_claim) != 0)
        retold_agents_claimed(t->agents, t->core, t->dest, t->now_us - t->began_us);
}

void retold_way_effect(struct retold_teller *t, const struct message *effect)
{
    if (effect->kind == KIND_RequestRouteCall) retold_way_routes(t, effect);
    if (effect->kind == KIND_RequestCallControl && message_text(effect, RequestCallControl_keep).length == 0)
        way_controls(t, (enum call_op)message_u(effect, RequestCallControl_op)); /* a call that is to keep its place
                                                                                  * in the queue is not controlled,
                                                                                  * so nothing is noted */
}

void retold_way_hear(struct retold_teller *t, const struct message *event)
{
    if (event->kind == KIND_EventDone) route_failed(t, event);
    if (event->kind == KIND_EventParty) way_party(t, event);
    if (event->kind == KIND_EventRouteUsed) way_used(t, event);
    if (event->kind == KIND_EventCallDeleted) retold_way_deleted(t, event);
}

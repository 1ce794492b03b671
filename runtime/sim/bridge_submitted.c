/* runtime/sim/bridge_submitted.c - Arrivals without a call, such as e-mails: the server that submits them, the desks at
 * which agents work on them, and the people who take care of what is parked in a queue. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/bridge_state.h"

enum { CLIENT = 1, PARKED_US = 30000000 };

struct submission {
    uint32_t arrival;
    enum media media;
    char owner[SWITCH_DN + 1], kind[16]; /* as seen last */
    uint32_t turn;                       /* counts the owners; a planned end of another turn is stale */
    bool over;
};

static enum media medium_named(const char *word)
{
    for (unsigned medium = 1; enum_name_media(medium); medium++)
        if (strcmp(enum_name_media(medium), word) == 0) return (enum media)medium;
    return media_none;
}

void bridge_submit(struct bridge *b, uint32_t arrival, const char *media, const char *from, uint64_t now_us)
{
    char id[32];
    b->now_us = now_us;
    if ((b->submission_count & (b->submission_count - 1)) == 0) {
        size_t room = b->submission_count == 0 ? 1 : 2 * (size_t)b->submission_count;
        b->submissions = realloc(b->submissions, room * sizeof *b->submissions);
        assert(b->submissions);
    }
    b->submissions[b->submission_count++] = (struct submission){.arrival = arrival, .media = medium_named(media)};
    (void)snprintf(id, sizeof id, "<%u@sim.invalid>", (unsigned)arrival + 1);
    bridge_event(b, KIND_Submit, NULL, 0);
    writer_u(&b->writer, ENVELOPE_client, CLIENT);
    writer_u(&b->writer, ENVELOPE_req, arrival + 1);
    writer_u(&b->writer, Submit_media, medium_named(media));
    writer_u(&b->writer, Submit_type, submit_type_inbound);
    writer_text(&b->writer, Submit_external_id, id);
    writer_text(&b->writer, Submit_queue, world_to(b->world, arrival));
    writer_text(&b->writer, Submit_from, from);
    writer_list_begin(&b->writer, Submit_to);
    writer_list_text(&b->writer, span_of(world_to(b->world, arrival)));
    writer_list_end(&b->writer);
    writer_i(&b->writer, Submit_received, b->plan->test->start_us + (int64_t)now_us);
    bridge_put_data(b, arrival, Submit_data);
    bridge_post(b);
}

void bridge_submitted(struct bridge *b, const struct message *reply)
{
    uint64_t number = message_u(reply, ENVELOPE_req);
    if (message_u(reply, ENVELOPE_client) != CLIENT || number == 0 || number > b->arrivals) return;
    if (message_u(reply, Reply_outcome) == outcome_ok) {
        b->ixns[number - 1] = message_u(reply, ENVELOPE_ixn);
        return;
    }
    world_problem(b->world, 0, "the core refused what was submitted: %s", enum_name_code(message_u(reply, Reply_code)));
}

/* Whoever has it is done with it in so long. */
static void plan_end(struct bridge *b, uint32_t which, uint64_t in_us)
{
    agenda_add(&b->agenda, b->now_us + in_us, LATE_STOP, which, ++b->submissions[which].turn);
}

void bridge_stop_submitted(struct bridge *b, uint32_t which, uint64_t turn)
{
    const struct submission *s = &b->submissions[which];
    if (s->over || s->turn != turn) return;
    bool agent = strcmp(s->kind, "agent") == 0;
    if (agent)
        bridge_event(b, KIND_RequestStop, &(struct leg){.ixn = b->ixns[s->arrival]}, 0);
    else
        bridge_event_of(b, SOURCE_ADMIN, KIND_RequestStop);
    if (!agent) writer_u(&b->writer, ENVELOPE_ixn, b->ixns[s->arrival]);
    if (agent) writer_text(&b->writer, ENVELOPE_actor, s->owner);
    writer_text(&b->writer, RequestStop_reason, "done");
    if (agent)
        bridge_post(b);
    else
        bridge_post_of(b, "desktop");
}

static void changed(struct bridge *b, uint32_t which, const struct interaction_row *row)
{
    struct submission *s = &b->submissions[which];
    bool failed = span_is(row->outcome, "failed"), queued = span_is(row->state, "queued");
    uint32_t agent = plan_agent_named(b->plan, s->owner);
    if (strcmp(s->kind, "agent") == 0) {
        trace_happened(b->trace, b->now_us, s->arrival, "routed", "agent", s->owner, NULL);
        plan_end(b, which, world_handles_us(b->world, agent));
    } else if (queued) {
        trace_happened(b->trace, b->now_us, s->arrival, failed ? "defaulted" : "routed", "queue", s->owner, NULL);
        plan_end(b, which, PARKED_US);
    } else {
        s->turn++; /* a strategy works on it */
    }
}

static void look_at(struct bridge *b, uint32_t which)
{
    struct submission *s = &b->submissions[which];
    struct interaction_row row;
    uint64_t ixn = b->ixns[s->arrival];
    if (s->over || ixn == 0 || !core_find(partition_core(b->partition), ixn, &row)) return;
    char owner[sizeof s->owner], kind[sizeof s->kind];
    (void)snprintf(owner, sizeof owner, "%.*s", (int)row.owner.length, (const char *)row.owner.bytes);
    (void)snprintf(kind, sizeof kind, "%.*s", (int)row.owner_kind.length, (const char *)row.owner_kind.bytes);
    bridge_joined(b, s->arrival, ixn);
    if (span_is(row.state, "ended")) {
        s->over = true;
        world_submitted_over(b->world, s->arrival);
    } else if (strcmp(owner, s->owner) != 0 || strcmp(kind, s->kind) != 0) {
        memcpy(s->owner, owner, sizeof owner);
        memcpy(s->kind, kind, sizeof kind);
        changed(b, which, &row);
    }
}

void bridge_look_at_submitted(struct bridge *b)
{
    while (b->submissions_over < b->submission_count && b->submissions[b->submissions_over].over) b->submissions_over++;
    for (uint32_t i = b->submissions_over; i < b->submission_count; i++) look_at(b, i);
}

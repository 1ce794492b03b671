/* tests/unit/core_open_fixture.c - The strategies of tests of e-mail, and what agents and adapters say. */
#include "tests/unit/core_open_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/base/record.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/ageing.h"
#include "runtime/core/read/read.h"
#include "runtime/core/run/reply.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"

const char *const people[PEOPLE] = {"marie", "paul", "jean"};

struct core_world *begin_with(struct image *image)
{
    static const char *const caps[] = {"calls", "sessions", "set_agent", "desktops", "preview", "domains", NULL};
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    for (unsigned i = 0; i < PEOPLE; i++) {
        char key[40];
        (void)snprintf(key, sizeof key, "overflow/%s", people[i]);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", people[i], NULL});
    }
    commit(world, false);
    world->earlier = world->image;
    world->image = image;
    activate(world, "mail");
    world_forget(world);
    return world;
}

struct image *parking_for(enum media medium, uint64_t seconds)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << medium, INT64_C(2592000000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint16_t drafts = writer_constant(w, TYPE_WORKBIN, program_name(w, TYPE_WORKBIN, "drafts"));
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_workbin_workbin, CONSTANT(drafts));
    writer_wait_timeout(w, SECONDS(w, seconds));
    writer_step(w, STEP_ID_route_workbin, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

struct image *parking(uint64_t seconds)
{
    return parking_for(media_email, seconds);
}

void comes_to(struct core_world *world, const char *id, const char *queue, const char *to)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, queue);
    writer_text(writer, Submit_from, "dupont@example.com");
    writer_list_begin(writer, Submit_to);
    if (to) writer_list_text(writer, span_of(to));
    writer_list_end(writer);
    writer_text(writer, Submit_subject, "My bill");
    world_post(world);
    world->client = 0;
}

void comes(struct core_world *world, const char *id, const char *queue)
{
    comes_to(world, id, queue, "service@example.org");
}

void answers(struct core_world *world, uint64_t number, bool accepts)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, LINK, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0, 0);
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, UINT64_C(1) << 48 | number);
    world_post(world);
    world->client = 0;
}

const struct interaction *only(const struct core_world *world)
{
    return interaction_by_id(world->core->interactions, world->ixn);
}

bool is_owned(const struct core_world *world, const char *state, const char *kind, const char *owner)
{
    struct interaction_row row;
    cr_assert(core_find(world->core, world->ixn, &row));
    return span_is(row.state, state) && span_is(row.owner_kind, kind) && span_is(row.owner, owner);
}

struct writer *asks_from(struct core_world *world, unsigned source, const char *actor, unsigned kind, uint64_t ixn)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, source, kind, ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, actor);
    return writer;
}

struct writer *asks(struct core_world *world, const char *actor, unsigned kind, uint64_t ixn)
{
    return asks_from(world, LINK, actor, kind, ixn);
}

void moves(struct core_world *world, const char *actor, uint64_t ixn, enum move how, enum move_to to, const char *name)
{
    struct writer *writer = asks(world, actor, KIND_RequestMove, ixn);
    writer_u(writer, RequestMove_how, how);
    writer_u(writer, RequestMove_to, to);
    writer_text(writer, RequestMove_name, name);
    world_post(world);
    world->client = 0;
}

void stops(struct core_world *world, const char *actor, uint64_t ixn)
{
    asks(world, actor, KIND_RequestStop, ixn);
    world_post(world);
    world->client = 0;
}

unsigned begun(const struct core_world *world)
{
    return block_at(world->core->slab, only(world)->block)->attempt;
}

bool has_line(const struct core_world *world, const char *text)
{
    struct kv history;
    struct kv_pair pair;
    bool found = false;
    kv_init(&history);
    cr_assert(core_history_from(world->core, world->ixn, &(uint64_t){0}, UINT32_MAX, &history));
    for (uint32_t at = 0; kv_next(kv_span(&history), &at, &pair);)
        found = found || (span_is(pair.key, "what") && span_is(pair.value.span, text));
    kv_free(&history);
    return found;
}

void puts_into(struct core_world *world, const char *actor, uint64_t ixn, const char *whose)
{
    struct writer *writer = asks(world, actor, KIND_RequestMove, ixn);
    writer_u(writer, RequestMove_how, move_Place);
    writer_u(writer, RequestMove_to, move_to_workbin);
    writer_text(writer, RequestMove_name, "drafts");
    writer_text(writer, RequestMove_whose, whose);
    world_post(world);
    world->client = 0;
}

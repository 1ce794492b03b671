/* tests/unit/link_observed.h - What a link says that it finds where it comes back, for the tests of that. */
#pragma once

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/core_fixture.h"
#include "vm/image_writer.h"

static const char *const all_caps[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

static inline struct core_status status_of(struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

static inline void observe_call(struct core_world *world, uint64_t conn, bool at_routing_point, uint32_t last_ref)
{
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, conn);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_last_ref, last_ref);
    writer_u(writer, Observed_at_routing_point, at_routing_point);
    world_post(world);
}

static inline void observe_agent(struct core_world *world, const char *name, const char *dn, enum agent_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, 0);
    writer_u(writer, Observed_what, object_agent);
    writer_text(writer, Observed_dn, dn);
    writer_text(writer, Observed_agent, name);
    writer_u(writer, Observed_state, state);
    world_post(world);
}

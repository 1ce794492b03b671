/* tests/unit/core_index.c - Selection by the index chooses whom looking at everybody chooses.
 *
 * Agents, calls, chats and e-mails come and go by chance, some agents take several of them at once, and selections ask
 * in all orders. After each event the core's invariants
 * compare the index with the functions of all lines (select_check). Afterwards another core that looks at all ready
 * agents is fed the same, and must come to the same digest after each event. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/candidates.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

TestSuite(core_index, .timeout = 120);

enum { AGENTS = 14, CALLS = 30, FEW_CALLS = 4, STEPS = 1500, ROUNDS = 4, SECOND = 1000000 };

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static struct image *compiled(void)
{
    const char *source = getenv("top_srcdir"), *build = getenv("top_builddir");
    char command[2048], path[] = "/tmp/gcx-image-XXXXXX";
    static uint8_t bytes[1 << 18];
    struct error error = {0};
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    snprintf(command, sizeof command, "%s/gcxc build %s/tests/unit/core_index.gcx -o %s", build ? build : ".",
             source ? source : "..", path);
    cr_assert_eq(system(command), 0);
    fd = open(path, O_RDONLY | O_CLOEXEC); /* gcxc has put another file in its place */
    ssize_t length = read(fd, bytes, sizeof bytes);
    close(fd);
    unlink(path);
    cr_assert(length > 0 && (size_t)length < sizeof bytes);
    struct image *image = image_load(bytes, (size_t)length, &error);
    cr_assert(image, "%s", error.text);
    return image;
}

struct person {
    char name[8], dn[8];
};

static struct person person(uint64_t number)
{
    struct person person;
    snprintf(person.name, sizeof person.name, "a%u", (unsigned)number);
    snprintf(person.dn, sizeof person.dn, "%u", 8000 + (unsigned)number);
    return person;
}

/* A call, a chat or an e-mail: in this test one link has sessions of all of them. */
static void comes(struct core_world *world, uint64_t conn, enum media medium)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, medium);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_dnis, "1800");
    world_post(world);
    route_request(world, conn, 0);
}

/* The agent takes several interactions at once, or one. An agent who has more than that keeps its capacity. */
static void takes(struct core_world *world, uint64_t number, bool several)
{
    struct person who = person(number);
    directory(world, table_agent, who.name,
              several ? (const char *const[]){"name", who.name, "capacity", "blended", NULL}
                      : (const char *const[]){"name", who.name, NULL});
    commit(world, false);
}

/* Another level of a skill, or another group. */
static void learns(struct core_world *world, uint64_t *seed)
{
    static const char *const skills[] = {"English", "French", "Sales"}, *const groups[] = {"overflow", "night"};
    struct person who = person(draw(seed, AGENTS));
    if (draw(seed, 3) != 0) {
        skill(world, who.name, skills[draw(seed, 3)], (int)draw(seed, 11));
        return;
    }
    char key[32];
    const char *group = groups[draw(seed, 2)];
    if (draw(seed, 2) == 0) { /* another place for the DN, or another group of a place */
        const char *place = draw(seed, 2) == 0 ? "hall" : "window";
        (void)snprintf(key, sizeof key, "%s/%s", group, place);
        directory(world, table_place_dn, who.dn, (const char *const[]){"place", place, NULL});
        directory(world, table_group_place, key,
                  (const char *const[]){draw(seed, 2) == 0 ? "group" : NULL, group, "place", place, NULL});
        return;
    }
    snprintf(key, sizeof key, "%s/%s", group, who.name);
    directory(world, table_group_member, key, (const char *const[]){"agent", who.name, "group", group, NULL});
}

/* The link says where the agent sits. */
static void sits(struct core_world *world, struct person who, uint64_t place)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, who.name);
    writer_text(writer, EventAgentState_place, place == 0 ? "hall" : place == 1 ? "window" : "door");
    writer_text(writer, EventAgentState_dn, who.dn);
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, agent_state_ready);
    world_post(world);
}

/* After a resync all agents are ready together, and all calls are where they were. */
static void everybody_is_ready(struct core_world *world)
{
    resync(world, true);
    for (uint64_t call = 0; call < CALLS; call++) {
        struct interaction_row row;
        if (core_find(world->core, CALL + call, &row) == 0) continue;
        struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL + call);
        writer_u(writer, Observed_what, object_call);
        writer_u(writer, Observed_media, media_voice);
        writer_text(writer, Observed_dn, "1800");
        writer_u(writer, Observed_at_routing_point, 1);
        world_post(world);
    }
    for (uint64_t number = 0; number < AGENTS; number++) {
        struct person who = person(number);
        struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, 0);
        writer_u(writer, Observed_what, object_agent);
        writer_text(writer, Observed_dn, who.dn);
        writer_text(writer, Observed_agent, who.name);
        writer_u(writer, Observed_state, agent_state_ready);
        world_post(world);
    }
    resync(world, false);
}

/* In a quiet round there are few calls and most agents are idle, in another most calls wait. */
static void step(struct core_world *world, uint64_t *seed, bool quiet)
{
    uint64_t conn = CALL + draw(seed, quiet ? FEW_CALLS : CALLS), kind = draw(seed, 100);
    struct person who = person(draw(seed, AGENTS));
    if (draw(seed, 40) == 0) {
        everybody_is_ready(world);
    } else if (kind < 30) {
        static const enum media media[] = {media_voice, media_voice, media_chat, media_email};
        comes(world, conn, media[draw(seed, 4)]);
    } else if (kind < 32) {
        sits(world, who, draw(seed, 3));
    } else if (kind < 60) {
        agent(world, who.name, who.dn, draw(seed, 4) == 0 ? agent_state_not_ready : agent_state_ready);
    } else if (kind < 75) {
        const struct sent *sent = &world->sent[draw(seed, 16)];
        if (sent->kind == KIND_RequestRouteCall) talk(world, sent->conn, sent->dest, NULL);
    } else if (kind < 88) {
        deleted(world, conn);
    } else if (kind < 96) {
        world_advance(world, draw(seed, 4 * SECOND));
    } else if (kind < 97) {
        takes(world, draw(seed, AGENTS), draw(seed, 2) == 0);
    } else {
        for (uint64_t changes = 1 + draw(seed, 8); changes > 0; changes--) learns(world, seed);
        commit(world, false);
    }
    world_forget(world);
}

/* Has somebody several interactions, and room for more? */
static bool somebody_shares(const struct core_world *world)
{
    for (uint32_t at = 0; at < world->core->agents->count; at++) {
        const struct agent *agent = &world->core->agents->all[at];
        if (agent->claimed > 1 && agent->listed) return true;
    }
    return false;
}

Test(core_index, the_index_and_looking_at_everybody_agree)
{
    uint64_t routed = 0, shared = 0;
    const uint64_t from = drawn_from();
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t seed = (from + round) * 7919 + 3;
        struct core_world *world = world_new();
        world->core->candidates->few = 0;
        for (int times = 0; times < 4 * AGENTS; times++) learns(world, &seed);
        commit(world, false);
        world_run(world, compiled());
        for (uint64_t number = 0; number < AGENTS; number += 2) takes(world, number, true);
        for (int times = 0; times < STEPS; times++) {
            step(world, &seed, round % 2 == 1);
            shared += somebody_shares(world);
        }
        struct core_status status;
        core_status(world->core, &status);
        routed += status.routed;
        world_end(world);
    }
    cr_assert_gt(shared, STEPS / 10);
    cr_assert_gt(routed, 60u); /* four times as many were chosen */
}

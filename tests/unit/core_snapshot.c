/* tests/unit/core_snapshot.c - A core as bytes: the one that is loaded goes on like the one that was saved, and bytes
 * that are not as they were written are refused and do no harm. That all is in them, GCX_TWIN shows with every test of
 * the core (runtime/core/twin.h); here it is on for a call from its arrival to its end. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/check.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/read.h"
#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "vm/memory.h"

enum { VERSION_AT = 8, SEMANTICS_AT = 12 };

static bool put(void *self, const void *bytes, size_t length)
{
    buffer_put(self, bytes, length);
    return true;
}

/* A world in which a call waits for an agent, and its snapshot. */
static struct core_world *waiting_world(struct buffer *bytes)
{
    struct core_world *world = world_new();
    agent(world, "olga", "7003", agent_state_logged_in);
    call_until_selection(world, CALL, "2", "gold");
    cr_assert(core_save(world->core, put, bytes));
    return world;
}

static struct core *loaded(const struct core_world *world, const struct buffer *bytes, struct error *error)
{
    return core_load(&world->core->options, bytes->bytes, bytes->length, error);
}

Test(core_snapshot, a_core_that_is_loaded_goes_on_like_the_one_that_was_saved)
{
    setenv("GCX_TWIN", "1", 1);
    struct buffer bytes = {0};
    struct core_world *world = waiting_world(&bytes);
    agent(world, "marie", "7001", agent_state_ready);
    talk(world, CALL, "7001", "marie");
    deleted(world, CALL);
    world_advance(world, 60000000);
    buffer_free(&bytes);
    world_end(world);
}

Test(core_snapshot, partition_seed_and_bound_are_the_snapshots_own)
{
    struct buffer bytes = {0};
    struct core_world *world = waiting_world(&bytes);
    struct core_options options = {
        .partition = 9, .seed = 9, .interactions_max = 9, .image = world->core->options.image};
    struct error error = {0};
    options.self = world;
    struct core *core = core_load(&options, bytes.bytes, bytes.length, &error);
    cr_assert(core, "%s", error.text);
    cr_assert(core->options.partition == 1 && core->options.seed == 7 && core->options.interactions_max == 100);
    cr_assert_eq(core_digest(core), core_digest(world->core));
    core_free(core);
    buffer_free(&bytes);
    world_free(world);
}

/* Gives bytes in pieces of so many, each in memory of its own. */
struct pieces {
    const uint8_t *at;
    size_t left, size;
    uint8_t *piece;
};

static const uint8_t *piece_next(void *self, size_t *length)
{
    struct pieces *pieces = self;
    *length = pieces->left < pieces->size ? pieces->left : pieces->size;
    free(pieces->piece);
    pieces->piece = *length > 0 ? memory_new(*length) : NULL;
    if (*length > 0) memcpy(pieces->piece, pieces->at, *length);
    pieces->at += *length;
    pieces->left -= *length;
    return pieces->piece;
}

Test(core_snapshot, the_pieces_in_which_it_comes_make_no_difference)
{
    struct buffer bytes = {0};
    struct error error = {0};
    struct core_world *world = waiting_world(&bytes);
    for (size_t size = 1; size <= 1000; size = size * 5 + 2) {
        struct pieces pieces = {bytes.bytes, bytes.length, size, NULL};
        struct core *core =
            core_load_from(&world->core->options, piece_next, &pieces, bytes.length, size > 100, &error);
        cr_assert(core, "of %zu bytes: %s", size, error.text);
        cr_assert_eq(core_digest(core), core_digest(world->core));
        core_free(core);
        free(pieces.piece);
        pieces = (struct pieces){bytes.bytes, bytes.length - 3, size, NULL};
        cr_assert_null(core_load_from(&world->core->options, piece_next, &pieces, bytes.length, size > 100, &error));
        free(pieces.piece);
    }
    buffer_free(&bytes);
    world_free(world);
}

Test(core_snapshot, who_waits_has_the_place_that_it_had)
{
    enum { CALLS = 40 };
    struct buffer bytes = {0};
    struct error error = {0};
    struct core_world *world = world_new();
    for (uint64_t call = 0; call < CALLS; call++) call_until_selection(world, CALL + call, "2", "gold");
    struct vqs *vqs = world->core->vqs;
    for (uint32_t visit = 0; visit < CALLS; visit++) vq_rerank(vqs, visit, (visit * 7 + 3) % 5);
    cr_assert(core_save(world->core, put, &bytes));
    struct core *core = loaded(world, &bytes, &error);
    cr_assert(core, "%s", error.text);
    for (uint32_t visit = 0; visit < CALLS; visit++)
        cr_assert_eq(vq_position(core->vqs, visit), vq_position(vqs, visit));
    core_free(core);
    buffer_free(&bytes);
    world_free(world);
}

static bool full(void *self, const void *bytes, size_t length)
{
    (void)self, (void)bytes, (void)length;
    return false;
}

Test(core_snapshot, a_disk_that_is_full_is_no_snapshot)
{
    struct core_world *world = world_new();
    cr_assert_not(core_save(world->core, full, NULL));
    world_free(world);
}

Test(core_snapshot, another_version_or_other_semantics_are_refused)
{
    struct buffer bytes = {0};
    struct error error = {0};
    struct core_world *world = waiting_world(&bytes);
    bytes.bytes[VERSION_AT]++;
    cr_assert_null(loaded(world, &bytes, &error));
    cr_assert_eq(error.code, ERROR_VERSION);
    bytes.bytes[VERSION_AT]--;
    bytes.bytes[SEMANTICS_AT]++;
    cr_assert_null(loaded(world, &bytes, &error));
    cr_assert_eq(error.code, ERROR_VERSION);
    bytes.bytes[SEMANTICS_AT]--;
    bytes.bytes[0]++;
    cr_assert_null(loaded(world, &bytes, &error));
    cr_assert_eq(error.code, ERROR_INPUT);
    buffer_free(&bytes);
    world_free(world);
}

static const struct image *no_image(void *self, const uint8_t hash[CORE_HASH])
{
    (void)self, (void)hash;
    return NULL;
}

Test(core_snapshot, an_image_that_is_missing_is_named)
{
    struct buffer bytes = {0};
    struct error error = {0};
    struct core_world *world = waiting_world(&bytes);
    struct core_options options = {.image = no_image};
    char hash[2 * IMAGE_HASH + 1];
    for (unsigned at = 0; at < IMAGE_HASH; at++) snprintf(hash + 2 * at, 3, "%02x", image_hash(world->image)[at]);
    cr_assert_null(core_load(&options, bytes.bytes, bytes.length, &error));
    cr_assert_eq(error.code, ERROR_UNKNOWN);
    cr_assert(strstr(error.text, hash), "%s", error.text);
    buffer_free(&bytes);
    world_free(world);
}

Test(core_snapshot, what_is_cut_off_is_refused)
{
    struct buffer bytes = {0};
    struct error error = {0};
    struct core_world *world = waiting_world(&bytes);
    for (size_t length = 0; length < bytes.length; length += 7)
        cr_assert_null(core_load(&world->core->options, bytes.bytes, length, &error), "of %zu bytes", length);
    buffer_free(&bytes);
    world_free(world);
}

/* Some bytes are for people only, as how often something has happened: a core with others of these is a good one. That
 * nobody is passed over takes time for each agent and selector, and is not asked of a core that is loaded. */
Test(core_snapshot, an_altered_byte_does_no_harm)
{
    struct buffer bytes = {0};
    struct error error = {0};
    struct core_world *world = waiting_world(&bytes);
    for (size_t at = 0; at < bytes.length; at++) {
        uint8_t was = bytes.bytes[at];
        bytes.bytes[at] = (uint8_t)(at % 3 == 0 ? was + 1 : at % 3 == 1 ? was ^ 0x80 : 0xff);
        struct core *core = loaded(world, &bytes, &error);
        cr_assert(!core || core_check_loaded(core, &error), "byte %zu: %s", at, error.text);
        core_free(core);
        bytes.bytes[at] = was;
    }
    buffer_free(&bytes);
    world_free(world);
}

static void by_hand(struct core_world *world, int64_t level)
{
    struct kv row;
    kv_init(&row);
    kv_put_int(&row, "value", level);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_agent_skill);
    writer_text(writer, DirectoryRow_key, "olga");
    if (level != 0) writer_kv(writer, DirectoryRow_row, &row);
    writer_u(writer, DirectoryRow_hand, true);
    writer_text(writer, DirectoryRow_item, "French");
    world_post(world);
    kv_free(&row);
    commit(world, false);
}

/* What somebody has set for an agent stays over a restart: who and why, and what the directory says below it. */
Test(core_snapshot, what_is_set_for_an_agent_stays_and_so_does_what_is_below_it)
{
    struct buffer bytes = {0};
    struct error error = {0};
    struct agent_row row;
    uint32_t index;
    struct core_world *world = world_new();
    directory(world, table_agent, "olga", (const char *const[]){"name", "olga", NULL});
    skill(world, "olga", "French", 4);
    commit(world, false);
    agent(world, "olga", "7003", agent_state_ready);
    by_hand(world, 8);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, "anna");
    writer_u(writer, AdminRequest_op, admin_op_set_state);
    writer_text(writer, AdminRequest_name, "olga");
    writer_text(writer, AdminRequest_why, "flu");
    writer_u(writer, AdminRequest_state, agent_state_not_ready);
    world_post(world);
    cr_assert(core_save(world->core, put, &bytes));
    struct core *core = loaded(world, &bytes, &error);
    cr_assert(core, "%s", error.text);
    cr_assert(core_agent_named(core, span_of("olga"), &index) && core_agent(core, index, &row));
    cr_expect(span_is(row.by, "anna") && span_is(row.why, "flu"));
    core_free(world->core);
    world->core = core;
    by_hand(world, 0);
    cr_expect_eq(agent_level(agent_at(core->agents, index), names_find(core->names, span_of("French"))), 4u);
    cr_assert(core_check(core, &error), "%s", error.text);
    buffer_free(&bytes);
    world_free(world);
}

/* tests/unit/journal_determinism.c - The same batches give the same digests, wherever one starts again.
 *
 * The enterprise strategy runs against a small random world (a switch that obeys, callers who key digits or hang up,
 * agents who come and go), everything drawn from one seed. What was recorded is then replayed, and stopped at every
 * k-th batch: a new core recovers that prefix and goes on with the rest. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/host/simulated.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/partition.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "vm/image.h"

enum { LINK = 16, AGENTS = 5, CALLS = 120, SECOND = 1000000 };

/* Something that the world will post. */
struct planned {
    uint64_t at_us, order;
    uint8_t *frame;
    uint32_t length;
};

struct world {
    struct batches *store;
    struct simulated *sim;
    struct partition *partition;
    struct writer writer;
    struct planned *plan;
    size_t count, capacity;
    uint64_t order, seq, random;
    unsigned routed, released;
};

static uint64_t draw(struct world *world, uint64_t below)
{
    world->random = world->random * 6364136223846793005 + 1442695040888963407;
    return (world->random >> 33) % below;
}

static struct writer *begin(struct world *world, unsigned kind)
{
    writer_clear(&world->writer);
    writer_begin(&world->writer, kind);
    return &world->writer;
}

static void plan(struct world *world, uint64_t in_us)
{
    struct span frame = writer_end(&world->writer);
    if (world->count == world->capacity) {
        world->capacity = world->capacity ? world->capacity * 2 : 64;
        world->plan = realloc(world->plan, world->capacity * sizeof *world->plan);
    }
    struct planned *planned = &world->plan[world->count++];
    *planned = (struct planned){simulated_now(world->sim) + in_us, world->order++, malloc(frame.length), frame.length};
    memcpy(planned->frame, frame.bytes, frame.length);
}

/* The earliest, or NULL. */
static struct planned *first_planned(struct world *world)
{
    struct planned *first = NULL;
    for (size_t i = 0; i < world->count; i++) {
        struct planned *one = &world->plan[i];
        bool earlier = !first || one->at_us < first->at_us || (one->at_us == first->at_us && one->order < first->order);
        if (earlier) first = one;
    }
    return first;
}

static void post_planned(struct world *world, struct planned *planned)
{
    struct message message;
    struct writer stamped;
    writer_init(&stamped);
    struct span frame = {planned->frame, planned->length};
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    if (message_u(&message, ENVELOPE_source) == LINK) frame = writer_stamp(&stamped, frame, LINK, ++world->seq);
    cr_assert(partition_post(world->partition, frame));
    writer_free(&stamped);
    free(planned->frame);
    *planned = world->plan[--world->count];
}

static struct writer *from_link(struct world *world, unsigned kind, uint64_t conn, uint64_t ref)
{
    struct writer *writer = begin(world, kind);
    writer_u(writer, ENVELOPE_source, LINK);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, conn);
    return writer;
}

static void party(struct world *world, uint64_t conn, struct span dn, enum party_change change, uint64_t in_us)
{
    struct writer *writer = from_link(world, KIND_EventParty, conn, 0);
    writer_bytes(writer, EventParty_dn, dn);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, change == party_change_Abandoned ? party_role_customer : party_role_agent);
    plan(world, in_us);
}

static void deleted(struct world *world, uint64_t conn, uint64_t in_us)
{
    from_link(world, KIND_EventCallDeleted, conn, 0);
    plan(world, in_us);
}

static void agent_state(struct world *world, unsigned agent, enum agent_state state, uint64_t in_us)
{
    char name[16], dn[16];
    snprintf(name, sizeof name, "agent%u", agent);
    snprintf(dn, sizeof dn, "700%u", agent);
    struct writer *writer = from_link(world, KIND_EventAgentState, 0, 0);
    writer_text(writer, EventAgentState_agent, name);
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, state);
    plan(world, in_us);
}

/* The answers of the switch, the treatment device and the database. */

static void treatment(struct world *world, const struct message *effect)
{
    uint64_t conn = message_u(effect, ENVELOPE_conn), ref = message_u(effect, ENVELOPE_ref);
    struct writer *writer = from_link(world, KIND_EventTreatment, conn, ref);
    writer_u(writer, EventTreatment_change, treatment_change_Applied);
    plan(world, 1000);
    bool digits = message_u(effect, RequestApplyTreatment_type) == treatment_PlayAnnouncementAndDigits;
    struct kv_value keys;
    bool menu = kv_get(message_text(effect, RequestApplyTreatment_params), "keys", &keys);
    writer = from_link(world, KIND_EventTreatment, conn, ref);
    writer_u(writer, EventTreatment_change, treatment_change_End);
    if (digits && draw(world, 6) != 0) writer_text(writer, EventTreatment_digits, menu ? "2" : "4711");
    plan(world, SECOND * (1 + draw(world, 6)));
}

static void route(struct world *world, const struct message *effect)
{
    uint64_t conn = message_u(effect, ENVELOPE_conn);
    struct span dest = message_text(effect, RequestRouteCall_dest);
    world->routed++;
    if (draw(world, 10) == 0) {
        struct writer *writer = from_link(world, KIND_EventDone, conn, message_u(effect, ENVELOPE_ref));
        writer_u(writer, EventDone_outcome, outcome_error);
        writer_u(writer, EventDone_code, code_invalid_destination);
        plan(world, 2000);
        return;
    }
    struct writer *writer = from_link(world, KIND_EventRouteUsed, conn, message_u(effect, ENVELOPE_ref));
    writer_bytes(writer, EventRouteUsed_dn, message_text(effect, RequestRouteCall_dn));
    writer_bytes(writer, EventRouteUsed_to, dest);
    writer_u(writer, EventRouteUsed_how, route_how_instructed);
    plan(world, 2000);
    party(world, conn, dest, party_change_Ringing, 3000);
    if (draw(world, 8) == 0) return; /* nobody answers */
    uint64_t answered = SECOND * (1 + draw(world, 5)), talk = answered + SECOND * (10 + draw(world, 60));
    party(world, conn, dest, party_change_Established, answered);
    party(world, conn, dest, party_change_Released, talk);
    deleted(world, conn, talk + 1000);
}

/* The agent who is asked accepts, declines or says nothing; now and then too late. */
static void invite(struct world *world, const struct message *effect)
{
    uint64_t claim = message_u(effect, Invite_claim), how = draw(world, 4);
    if (how == 3) return;
    bool accepts = how != 0;
    struct writer *writer = from_link(world, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0);
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, claim);
    plan(world, SECOND * (1 + draw(world, 12)));
}

static void route_default(struct world *world, const struct message *effect)
{
    uint64_t conn = message_u(effect, ENVELOPE_conn);
    struct writer *writer = from_link(world, KIND_EventRouteUsed, conn, message_u(effect, ENVELOPE_ref));
    writer_text(writer, EventRouteUsed_dn, "1800");
    writer_text(writer, EventRouteUsed_to, "5000");
    writer_u(writer, EventRouteUsed_how, route_how_default);
    plan(world, 2000);
    deleted(world, conn, 40 * SECOND);
}

static void query(struct world *world, const struct message *effect)
{
    struct kv rows;
    kv_init(&rows);
    kv_list_begin(&rows, span_of("1"));
    kv_put_text(&rows, "name", span_of("Dupont"));
    kv_put_text(&rows, "tier", span_of(draw(world, 3) ? "gold" : "basic"));
    kv_put_text(&rows, "language", span_of("French"));
    kv_list_end(&rows);
    struct writer *writer = begin(world, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, message_u(effect, ENVELOPE_ixn));
    writer_u(writer, ENVELOPE_ref, message_u(effect, ENVELOPE_ref));
    writer_u(writer, EventDone_outcome, draw(world, 7) ? outcome_ok : outcome_error);
    writer_kv(writer, EventDone_rows, &rows);
    kv_free(&rows);
    plan(world, 500 + draw(world, 3 * SECOND));
}

static void release(void *self, unsigned link, struct span frame)
{
    struct world *world = self;
    struct message effect;
    struct error error;
    cr_assert(message_read(&effect, frame.bytes, frame.length, &error), "an effect is malformed: %s", error.text);
    (void)link;
    world->released++;
    switch (effect.kind) {
    case KIND_Resync:
        from_link(world, KIND_ResyncBegin, 0, 0);
        plan(world, 100);
        from_link(world, KIND_ResyncEnd, 0, 0);
        plan(world, 200);
        break;
    case KIND_RequestApplyTreatment:
        treatment(world, &effect);
        break;
    case KIND_RequestRouteCall:
        route(world, &effect);
        break;
    case KIND_Invite:
        invite(world, &effect);
        break;
    case KIND_RouteDefault:
        route_default(world, &effect);
        break;
    case KIND_Query:
        query(world, &effect);
        break;
    case KIND_RequestCallControl: {
        struct writer *writer = from_link(world, KIND_EventRouteRequest, message_u(&effect, ENVELOPE_conn),
                                          message_u(&effect, ENVELOPE_ref));
        writer_text(writer, EventRouteRequest_dn, "1800");
        plan(world, 2000);
        break;
    }
    default:
        break;
    }
}

/* The world's own deeds. */

static void row(struct world *world, enum table table, const char *key, const char *const *pairs)
{
    struct kv kv;
    kv_init(&kv);
    for (; pairs && *pairs; pairs += 2)
        if (strcmp(pairs[0], "level") == 0)
            kv_put_int(&kv, pairs[0], atoi(pairs[1]));
        else
            kv_put_text(&kv, pairs[0], span_of(pairs[1]));
    if (!pairs) kv_put_text(&kv, "name", span_of(key));
    struct writer *writer = begin(world, KIND_DirectoryRow);
    writer_u(writer, ENVELOPE_source, SOURCE_ADMIN);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table);
    writer_text(writer, DirectoryRow_key, key);
    writer_kv(writer, DirectoryRow_row, &kv);
    plan(world, 0);
    kv_free(&kv);
}

static void directory(struct world *world)
{
    static const char *const skills[] = {"English", "French", "Sales"};
    for (unsigned i = 0; i < 3; i++) row(world, table_skill, skills[i], NULL);
    row(world, table_group, "overflow", NULL);
    row(world, table_dn, "1800", (const char *const[]){"type", "routing_point", NULL});
    row(world, table_dn, "5000", (const char *const[]){"type", "queue", NULL});
    for (unsigned i = 0; i < AGENTS; i++) {
        char name[16], key[32], dn[16];
        snprintf(name, sizeof name, "agent%u", i);
        snprintf(dn, sizeof dn, "700%u", i);
        row(world, table_agent, name, (const char *const[]){"display", name, NULL});
        row(world, table_dn, dn, (const char *const[]){"type", "extension", NULL});
        for (unsigned s = 0; s < 3; s++) {
            snprintf(key, sizeof key, "%s/%s", name, skills[s]);
            const char *level = (i + s) % 2 ? "9" : "6";
            row(world, table_agent_skill, key,
                (const char *const[]){"agent", name, "skill", skills[s], "level", level, NULL});
        }
    }
    row(world, table_group_member, "overflow/agent0",
        (const char *const[]){"group", "overflow", "agent", "agent0", NULL});
    row(world, table_queue, "desk", (const char *const[]){"dn", "5000", NULL});
    row(world, table_routing_point, "1800", (const char *const[]){"strategy", "enterprise", "defaults", "5000", NULL});
    struct writer *writer = begin(world, KIND_DirectoryCommit);
    writer_u(writer, ENVELOPE_source, SOURCE_ADMIN);
    writer_u(writer, DirectoryCommit_version, 1);
    writer_u(writer, DirectoryCommit_whole, 1);
    plan(world, 0);
}

static void activate(struct world *world, const uint8_t hash[CORE_HASH])
{
    struct writer *writer = begin(world, KIND_Activate);
    writer_u(writer, ENVELOPE_source, SOURCE_ADMIN);
    writer_text(writer, Activate_at, "1800");
    writer_bytes(writer, Activate_image, (struct span){hash, CORE_HASH});
    writer_text(writer, Activate_strategy, "enterprise");
    plan(world, 0);
}

static void link_up(struct world *world, uint64_t in_us)
{
    static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", "probe", "preview"};
    struct writer *writer = begin(world, KIND_LinkUp);
    writer_u(writer, LinkUp_link, LINK);
    writer_text(writer, LinkUp_name, "tserver");
    writer_u(writer, LinkUp_instance, 1);
    writer_list_begin(writer, LinkUp_caps);
    for (unsigned i = 0; i < sizeof caps / sizeof caps[0]; i++) writer_list_text(writer, span_of(caps[i]));
    writer_list_end(writer);
    writer_list_begin(writer, LinkUp_media);
    writer_list_u(writer, media_voice);
    writer_list_end(writer);
    plan(world, in_us);
}

static void script(struct world *world)
{
    link_up(world, 1000);
    for (unsigned i = 0; i < AGENTS; i++) {
        agent_state(world, i, agent_state_logged_in, SECOND);
        for (unsigned n = 0; n < 8; n++)
            agent_state(world, i, n % 3 == 2 ? agent_state_not_ready : agent_state_ready,
                        SECOND * (2 + n * 40) + draw(world, 30 * SECOND));
    }
    for (unsigned i = 0; i < CALLS; i++) {
        uint64_t conn = (uint64_t)LINK << 48 | (i + 1), at = 3 * SECOND + draw(world, 300 * SECOND);
        struct writer *writer = from_link(world, KIND_EventCallCreated, conn, 0);
        writer_u(writer, EventCallCreated_media, media_voice);
        writer_u(writer, EventCallCreated_call_type, call_type_inbound);
        writer_text(writer, EventCallCreated_ani, "+33140000000");
        writer_text(writer, EventCallCreated_dnis, "1800");
        plan(world, at);
        writer = from_link(world, KIND_EventRouteRequest, conn, 0);
        writer_text(writer, EventRouteRequest_dn, "1800");
        plan(world, at + 500);
        if (draw(world, 4) != 0) continue;
        uint64_t gives_up = at + draw(world, 90 * SECOND);
        party(world, conn, span_of("1800"), party_change_Abandoned, gives_up);
        deleted(world, conn, gives_up + 1000);
    }
    struct writer *writer = begin(world, KIND_LinkDown); /* a short loss in the middle */
    writer_u(writer, LinkDown_link, LINK);
    writer_u(writer, LinkDown_reason, down_reason_closed);
    plan(world, 150 * SECOND);
    link_up(world, 153 * SECOND);
}

static enum append_result append(void *self, uint64_t number, struct span bytes)
{
    return batches_append(((struct world *)self)->store, number, bytes, NULL);
}

static void appended(void *self, enum append_result result)
{
    cr_assert(partition_appended(((struct world *)self)->partition, result));
}

static const struct partition_options options = {
    .core = {.partition = 1, .seed = 42, .interactions_max = 1000}, .ring_bytes = 1 << 20, .ring_events = 10000};

static void world_open(struct world *world, struct batches *store)
{
    struct error error = {0};
    *world = (struct world){.store = store, .random = 1};
    world->sim = simulated_new(&(struct simulated_options){.wall_us = 1772442000000000,
                                                           .append_delay_us = 700,
                                                           .self = world,
                                                           .append = append,
                                                           .appended = appended,
                                                           .release = release});
    world->partition = partition_open(&options, store, simulated_host(world->sim), &error);
    cr_assert(world->partition, "%s", error.text);
}

static void world_close(struct world *world)
{
    partition_free(world->partition);
    simulated_free(world->sim);
    for (size_t i = 0; i < world->count; i++) free(world->plan[i].frame);
    free(world->plan);
    writer_free(&world->writer);
}

static void run(struct world *world, uint64_t until_us)
{
    for (;;) {
        while (partition_turn(world->partition)) continue;
        struct planned *planned = first_planned(world);
        uint64_t due = simulated_due(world->sim);
        if (planned && planned->at_us <= due) {
            if (planned->at_us > until_us) break;
            simulated_advance(world->sim, planned->at_us);
            post_planned(world, planned);
        } else {
            if (due > until_us) break;
            simulated_advance(world->sim, due);
        }
    }
}

/* The strategy as gcxc makes it; false where it cannot be built here. */
static bool compile(const char *program, uint8_t **bytes, size_t *length)
{
    const char *source = getenv("top_srcdir"), *build = getenv("top_builddir");
    char command[2048], path[] = "/tmp/gcx-image-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    if (!source) source = "..";
    if (!build) build = ".";
    snprintf(command, sizeof command, "%s/gcxc build %s/%s -o %s", build, source, program, path);
    close(fd);
    bool good = system(command) == 0;
    fd = open(path, O_RDONLY | O_CLOEXEC); /* gcxc has put another file in its place */
    off_t size = lseek(fd, 0, SEEK_END);
    if (good && size > 0) {
        *length = (size_t)size;
        *bytes = malloc(*length);
        good = pread(fd, *bytes, *length, 0) == (ssize_t)*length;
    }
    close(fd);
    unlink(path);
    return good && size > 0;
}

static void record(struct world *world, const char *program)
{
    uint8_t *image, hash[CORE_HASH];
    size_t length;
    struct error error = {0};
    cr_assert(compile(program, &image, &length), "gcxc builds %s", program);
    world_open(world, batches_open_memory());
    struct image *loaded = image_load(image, length, &error);
    cr_assert(loaded, "%s", error.text);
    memcpy(hash, image_hash(loaded), CORE_HASH);
    image_free(loaded);
    cr_assert(batches_put_image(world->store, hash, (struct span){image, (uint32_t)length}, &error), "%s", error.text);
    free(image);
    directory(world);
    activate(world, hash);
    script(world);
    run(world, 1800ull * SECOND);
}

static void copy_image(struct batches *from, struct batches *to)
{
    struct span bytes, batch;
    struct batch decoded;
    uint8_t hash[CORE_HASH];
    for (uint64_t number = 1; number <= batches_last(from); number++) {
        cr_assert(batches_read(from, number, &batch, NULL));
        cr_assert(batch_decode(&decoded, batch, hash, NULL));
        struct message message;
        for (uint32_t at = 0; at < decoded.events.length; at += message.frame.length) {
            const uint8_t *frame = decoded.events.bytes + at;
            cr_assert(message_read(&message, frame, message_frame_size(frame, decoded.events.length - at), NULL));
            struct span image = message_text(&message, Activate_image);
            if (message.kind != KIND_Activate) continue;
            cr_assert(batches_get_image(from, image.bytes, &bytes, NULL));
            cr_assert(batches_put_image(to, image.bytes, bytes, NULL));
        }
    }
}

static const char enterprise[] = "strategies/enterprise/enterprise.gcx";
static const char orders[] =
    "tests/unit/journal_orders.gcx"; /* by chance, in turn, by figures, with priorities that grow */

static void stopped_at_every_kth_batch(const char *program)
{
    struct world whole;
    record(&whole, program);
    struct core_status status;
    core_status(partition_core(whole.partition), &status);
    cr_assert_gt(status.routed, CALLS / 3, "%d calls were routed", (int)status.routed);
    cr_assert_gt(status.abandoned, 0);
    uint64_t last = batches_last(whole.store), final = partition_digest(whole.partition);
    cr_assert_gt(last, CALLS);
    for (uint64_t stop = 1; stop <= last; stop += last / 25 + 1) {
        struct batches *prefix = batches_open_memory();
        struct span bytes;
        copy_image(whole.store, prefix);
        for (uint64_t number = 1; number <= stop; number++) {
            cr_assert(batches_read(whole.store, number, &bytes, NULL));
            batches_append(prefix, number, bytes, NULL);
        }
        struct world part;
        world_open(&part, prefix);
        struct core *core = partition_core(part.partition);
        for (uint64_t number = stop + 1; number <= last; number++) {
            struct batch batch;
            uint8_t hash[CORE_HASH];
            cr_assert(batches_read(whole.store, number, &bytes, NULL));
            cr_assert(batch_decode(&batch, bytes, hash, NULL));
            cr_assert_eq(batch.digest_before, core_digest(core), "stopped at %d, batch %d", (int)stop, (int)number);
            core_apply(core, &batch, NULL);
        }
        cr_assert_eq(core_digest(core), final);
        world_close(&part);
        batches_close(prefix);
    }
    world_close(&whole);
    batches_close(whole.store);
}

Test(determinism, stopped_at_every_kth_batch_it_comes_to_the_same_digests, .timeout = 120)
{
    stopped_at_every_kth_batch(enterprise);
}

Test(determinism, so_it_does_with_orders_turns_and_growth, .timeout = 120)
{
    stopped_at_every_kth_batch(orders);
}

/* `digest`: of every compiler and level of optimization (tests/compilers.sh builds four). Whoever changes what the core
 * decides, or one of these strategies, writes the new one here. */
static void two_runs(const char *program, uint64_t digest)
{
    struct world one, other;
    record(&one, program);
    record(&other, program);
    cr_assert_eq(batches_last(one.store), batches_last(other.store));
    cr_assert_eq(one.released, other.released);
    for (uint64_t number = 1; number <= batches_last(one.store); number++) {
        struct span a, b;
        cr_assert(batches_read(one.store, number, &a, NULL) && batches_read(other.store, number, &b, NULL));
        cr_assert(span_equal(a, b), "batch %d", (int)number);
    }
    cr_expect_eq(partition_digest(one.partition), digest, "%s: the digest is 0x%016llx", program,
                 (unsigned long long)partition_digest(one.partition));
    world_close(&one);
    batches_close(one.store);
    world_close(&other);
    batches_close(other.store);
}

Test(determinism, two_runs_of_one_seed_are_the_same_journal, .timeout = 120)
{
    two_runs(enterprise, UINT64_C(0x0d0105132cf6152c));
    two_runs(orders, UINT64_C(0xd61526ac948e5b9a));
}

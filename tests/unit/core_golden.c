/* tests/unit/core_golden.c - The golden snapshots: what each semantics number that was released has written, with calls
 * that wait, a kept place, a booked call-back, counters, parameters and a campaign. Every later version loads them all,
 * and has promised the same: golden/promised.text. tests/unit/golden.sh writes that of this number, which is never done
 * again once it is released.
 *
 * Here is also how a later version will do it: steps that this one does not have are planted. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/check.h"
#include "runtime/core/read/promised.h"
#include "runtime/core/read/read.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/semantics.h"
#include "tests/unit/core_fixture.h"
#include "vm/memory.h"

TestSuite(core_golden, .timeout = 30);

/* Those that were released. A snapshot that was written before its version was may stand in the folder meanwhile. */
static const unsigned released[] = {12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                                    27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40};

enum { RELEASED = sizeof released / sizeof *released };

enum { LIST = 17, VERSION_AT = 8, SEMANTICS_AT = 12, BACK = 0x0010000010000009 };

static void path_of(const char *name, char path[512])
{
    const char *top = getenv("top_srcdir");
    snprintf(path, 512, "%s/tests/unit/golden/%s", top ? top : "..", name);
}

static struct buffer file_read(const char *name)
{
    struct buffer content = {0};
    uint8_t bytes[4096];
    char path[512];
    path_of(name, path);
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s", path);
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;) buffer_put(&content, bytes, got);
    fclose(file);
    return content;
}

static void file_write(const char *name, const void *bytes, size_t length)
{
    char path[512];
    path_of(name, path);
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0, "%s", path);
}

static bool put(void *self, const void *bytes, size_t length)
{
    buffer_put(self, bytes, length);
    return true;
}

static void tell(const struct core *core, char text[1024])
{
    struct promised promised;
    core_promised(core, &promised);
    text[0] = '\0';
    for (unsigned kind = 0; kind < PROMISED_KINDS; kind++)
        snprintf(text + strlen(text), 1024 - strlen(text), "%" PRIu64 " %s: %016" PRIx64 "\n", promised.of[kind].count,
                 promised_words(kind), promised.of[kind].hash);
}

/* ---- a world that has promised all this ---- */

static void runs(struct core_world *world, const char *dn, const char *strategy)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Activate, 0, 0, 0);
    writer_text(writer, Activate_at, dn);
    writer_bytes(writer, Activate_image, (struct span){image_hash(world->image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, strategy);
    world_post(world);
}

static void calls(struct core_world *world, uint64_t conn, const char *dn, const char *from)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_ani, from);
    writer_text(writer, EventCallCreated_dnis, dn);
    world_post(world);
    writer = world_event(world, LINK, KIND_EventRouteRequest, 0, 0, conn);
    writer_text(writer, EventRouteRequest_dn, dn);
    world_post(world);
}

static void by_hand(struct core_world *world)
{
    struct kv row;
    kv_init(&row);
    kv_put_text(&row, "value", span_of("good evening"));
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_parameter);
    writer_text(writer, DirectoryRow_key, "greeting");
    writer_kv(writer, DirectoryRow_row, &row);
    writer_u(writer, DirectoryRow_hand, true);
    kv_free(&row);
    world_post(world);
    commit(world, false);
}

static void campaign(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LIST);
    writer_text(writer, LinkUp_name, "lists");
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("records"));
    writer_list_end(writer);
    world_post(world);
    world_event(world, LIST, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, LIST, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
    writer = world_event(world, SOURCE_ADMIN, KIND_RequestCampaign, 0, 0, 0);
    writer_text(writer, RequestCampaign_campaign, "reminders");
    writer_u(writer, RequestCampaign_op, campaign_op_load);
    world_post(world);
    writer = world_event(world, SOURCE_ADMIN, KIND_RequestCampaign, 0, 0, 0);
    writer_text(writer, RequestCampaign_campaign, "reminders");
    writer_u(writer, RequestCampaign_op, campaign_op_start);
    world_post(world);
    world->req = world->last_ref[KIND_FetchRecords];
    writer = world_event(world, LIST, KIND_EventRecord, 0, 0, 0);
    world->req = 0;
    writer_u(writer, EventRecord_record, 7);
    writer_text(writer, EventRecord_campaign, "reminders");
    writer_text(writer, EventRecord_number, "+33145550107");
    writer_i(writer, EventRecord_due, INT64_C(7200000000));
    writer_u(writer, EventRecord_version, 1);
    world_post(world);
}

/* The leg of the call that keeps its place has ended. */
static void leaves(struct core_world *world, uint64_t conn)
{
    uint64_t ixn = core_ixn_of(world->core, conn);
    done(world, ixn, world->last_ref[KIND_RequestCallControl], outcome_ok, code_ok);
    deleted(world, conn);
}

static struct core_world *world_with(const char *name)
{
    struct core_world *world = world_bare(1);
    struct buffer image = file_read(name);
    image_free(world->image);
    world->image = image_load(image.bytes, image.length, NULL);
    cr_assert(world->image);
    buffer_free(&image);
    return world;
}

static struct core_world *promising(void)
{
    static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", "dial", NULL};
    struct core_world *world = world_with("promised.gcxb");
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    directory(world, table_routing_point, "1800", (const char *const[]){"strategy", "waits", "defaults", "5000", NULL});
    directory(world, table_routing_point, "1801", (const char *const[]){"strategy", "keeps", NULL});
    directory(world, table_routing_point, "1802", (const char *const[]){"strategy", "books", NULL});
    directory(world, table_routing_point, "reminders", (const char *const[]){"strategy", "reminders", NULL});
    directory(world, table_campaign, "reminders",
              (const char *const[]){"name", "reminders", "agents", "overflow", "mode", "power", NULL});
    directory(world, table_queue, "desk", (const char *const[]){"dn", "5000", NULL});
    skill(world, "marie", "French", 9);
    commit(world, true);
    runs(world, "1800", "waits");
    runs(world, "1801", "keeps");
    runs(world, "1802", "books");
    runs(world, "reminders", "reminders");
    by_hand(world);
    agent(world, "marie", "7001", agent_state_logged_in);
    calls(world, CALL, "1800", "+33145550101");
    world_advance(world, 3000000);
    calls(world, OTHER, "1800", "+33145550103");
    calls(world, THIRD, "1801", "+33145550102");
    leaves(world, THIRD);
    calls(world, BACK, "1802", "+33145550104");
    world_advance(world, 1000000);
    campaign(world);
    world_advance(world, 1000000);
    return world;
}

static const struct image *image_of(void *self, const uint8_t hash[CORE_HASH])
{
    const struct image *image = self;
    return memcmp(image_hash(image), hash, IMAGE_HASH) == 0 ? image : NULL;
}

struct golden {
    struct image *image;
    struct core_options options;
    struct buffer bytes, text;
};

static struct golden golden_read(unsigned number)
{
    char name[32];
    snprintf(name, sizeof name, "promised_%u.core", number);
    struct golden golden = {.bytes = file_read(name), .text = file_read("promised.text")};
    struct buffer image = file_read("promised.gcxb");
    golden.image = image_load(image.bytes, image.length, NULL);
    cr_assert(golden.image);
    buffer_free(&image);
    golden.options = (struct core_options){.image = image_of, .self = golden.image};
    buffer_put(&golden.text, "", 1);
    return golden;
}

static void golden_free(struct golden *golden)
{
    image_free(golden->image);
    buffer_free(&golden->bytes);
    buffer_free(&golden->text);
}

/* With GOLDEN_MADE_ANEW=1 it is written. */
Test(core_golden, the_world_of_the_golden_snapshot_has_promised_what_its_text_says)
{
    struct core_world *world = promising();
    char text[1024];
    tell(world->core, text);
    if (getenv("GOLDEN_MADE_ANEW")) {
        struct buffer bytes = {0};
        cr_assert(core_save(world->core, put, &bytes));
        char name[32];
        snprintf(name, sizeof name, "promised_%u.core", (unsigned)SEMANTICS_NUMBER);
        file_write(name, bytes.bytes, bytes.length);
        buffer_free(&bytes);
    }
    struct golden golden = golden_read(released[0]);
    cr_assert_str_eq(text, (const char *)golden.text.bytes);
    cr_assert(strstr(text, "1 call-backs that are booked") && strstr(text, "1 places that are kept"), "%s", text);
    cr_assert(strstr(text, "4 interactions that live") && strstr(text, "1 records of calling lists"), "%s%s", text,
              world->trace);
    golden_free(&golden);
    world_end(world);
}

Test(core_golden, every_golden_snapshot_is_loaded_and_all_is_promised_that_was)
{
    for (unsigned at = 0; at < RELEASED; at++) {
        struct golden golden = golden_read(released[at]);
        struct error error = {0};
        char text[1024];
        struct core *core = core_load(&golden.options, golden.bytes.bytes, golden.bytes.length, &error);
        cr_assert(core, "%u: %s", released[at], error.text);
        tell(core, text);
        cr_assert_str_eq(text, (const char *)golden.text.bytes, "%u", released[at]);
        const struct capacity_rule *single = capacity_rule(&core->agents->capacities, CAPACITY_SINGLE);
        cr_assert(single->most[media_own1] == 1 && single->most[media_own195] == 1, "%u", released[at]);
        core_free(core);
        golden_free(&golden);
    }
}

Test(core_golden, who_waits_in_a_golden_snapshot_has_the_age_of_the_visit)
{
    for (unsigned at = 0; at < RELEASED; at++) {
        struct golden golden = golden_read(released[at]);
        struct core *core = core_load(&golden.options, golden.bytes.bytes, golden.bytes.length, NULL);
        uint32_t waiting = 0;
        for (uint32_t row = core->interactions->first; row != INTERACTION_NONE;
             row = interaction_at(core->interactions, row)->next) {
            const struct interaction *ix = interaction_at(core->interactions, row);
            if (ix->visit == VISIT_NONE) continue;
            waiting++;
            const struct visit *visit = visit_at(core->vqs, ix->visit);
            cr_assert(ix->has_waited && visit->age_us == visit_entered_us(core->vqs, visit));
        }
        cr_assert_neq(waiting, 0);
        core_free(core);
        golden_free(&golden);
    }
}

/* The bytes of version 9 hold the events in the interaction's own row. The consultation was on its way to 5000 when its
 * main call ended. */
Test(core_golden, an_event_that_a_snapshot_of_version_9_owes_is_told_when_the_call_rings_no_longer)
{
    struct core_world *world = world_with("owed.gcxb");
    struct buffer bytes = file_read("owed_9.core");
    struct error error = {0};
    struct core *core = core_load(&world->core->options, bytes.bytes, bytes.length, &error);
    cr_assert(core, "%s", error.text);
    core_free(world->core);
    world->core = core;
    world->number = core->now->number;
    world->time_us = core->now->time_us;
    world->seq[LINK] = 6;    /* so many events the link has sent */
    world->unchecked = true; /* its beginning is not in the world's log */
    uint64_t ixn = core_ixn_of(core, OTHER);
    struct interaction *ix = interaction_by_id(core->interactions, ixn);
    cr_assert_eq(interaction_extra(core->interactions, ix)->due_events, 1u << EVENT_MAIN_RELEASED);
    world_forget(world);
    done(world, ixn, ix->pending.ref, outcome_error, code_busy);
    expect(world, "EventAttachedDataChanged told\nRequestCallControl disconnect 1800\n");
    cr_assert(data_is(world, OTHER, "told", "released"));
    buffer_free(&bytes);
    world_free(world);
}

enum { REPLY_SEMANTICS = 28, REPLY_EVENTS = 5, MAILED = 1 };

/* Marie has accepted an e-mail and owes a reply to it. */
static struct core_world *owing(void)
{
    static const char *const caps[] = {"calls", "sessions", "set_agent", "desktops", "preview", NULL};
    struct core_world *world = world_with("replied.gcxb");
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    directory(world, table_queue, "mail", (const char *const[]){"dn", "5001", NULL});
    directory(world, table_group_member, "overflow/marie",
              (const char *const[]){"group", "overflow", "agent", "marie", NULL});
    directory(world, table_agent, "marie", (const char *const[]){"display", "Marie", NULL});
    commit(world, true);
    runs(world, "mail", "owes");
    agent(world, "marie", "7001", agent_state_ready);
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, "<1@example.com>");
    writer_text(writer, Submit_queue, "mail");
    writer_text(writer, Submit_from, "dupont@example.com");
    world_post(world);
    writer = world_event(world, LINK, KIND_RequestAccept, 0, 0, 0);
    writer_u(writer, RequestAccept_claim, UINT64_C(1) << 48 | MAILED);
    world_post(world);
    world_advance(world, 60000000);
    return world;
}

/* With GOLDEN_MADE_ANEW=1 it is written, by the version whose number it has. */
Test(core_golden, a_reply_that_a_snapshot_awaits_is_missed_at_its_time_by_every_later_version)
{
    struct core_world *world = owing();
    char name[32];
    snprintf(name, sizeof name, "replied_%u.core", (unsigned)REPLY_SEMANTICS);
    cr_assert_eq(world->seq[LINK], REPLY_EVENTS);
    if (getenv("GOLDEN_MADE_ANEW") && (unsigned)SEMANTICS_NUMBER == (unsigned)REPLY_SEMANTICS) {
        struct buffer bytes = {0};
        cr_assert(core_save(world->core, put, &bytes));
        file_write(name, bytes.bytes, bytes.length);
        buffer_free(&bytes);
    }
    struct buffer bytes = file_read(name);
    struct error error = {0};
    struct core *core = core_load(&world->core->options, bytes.bytes, bytes.length, &error);
    cr_assert(core, "%s", error.text);
    core_free(world->core);
    world->core = core;
    world->unchecked = true; /* its beginning is not in the world's log */
    world_forget(world);
    world_advance(world, UINT64_C(539000000));
    expect(world, "Notify ReplyDue 1-000000000001 due= warns=\n");
    world_advance(world, 1000000);
    expect(world, "Withdraw\n");
    struct interaction_row row;
    uint64_t cursor = 0;
    cr_assert(core_interaction(core, &cursor, &row));
    cr_expect(span_is(row.state, "routing") && span_is(row.step, "delay"), "%.*s", (int)row.step.length,
              (const char *)row.step.bytes);
    cr_expect_eq(core->claims->debited, core->claims->credited, "she is free");
    buffer_free(&bytes);
    world_free(world);
}

/* ---- as a later version will ---- */

enum { MIGRATIONS_MOST = 32 };

/* The migrations of a version of number `to`: its own `count` steps and this version's, by which the golden snapshot
 * comes to this version's number. */
static struct migrations after_ours(uint32_t to, struct migration *steps, size_t count)
{
    cr_assert(count + migrations_here.count <= MIGRATIONS_MOST);
    memcpy(steps + count, migrations_here.all, migrations_here.count * sizeof *steps);
    return (struct migrations){to, steps, count + migrations_here.count};
}

static struct core *golden_load(const struct golden *golden, const struct migrations *migrations, struct error *error)
{
    return core_load_as(&golden->options, keep_begin_read(golden->bytes.bytes, golden->bytes.length), migrations,
                        ORIGIN_ANYBODY, error);
}

/* Each later number leaves its trace in a counter. */
static bool to_next(struct core *core, struct error *error)
{
    (void)error;
    core->events += 1000;
    return true;
}

static bool to_the_one_after(struct core *core, struct error *error)
{
    (void)error;
    core->events *= 2;
    return true;
}

static bool refuses(struct core *core, struct error *error)
{
    (void)core;
    error_set(error, ERROR_STATE, "two strategies wait for what is no more");
    return false;
}

Test(core_golden, a_later_semantics_number_is_reached_step_by_step_with_calls_waiting)
{
    struct migration steps[MIGRATIONS_MOST] = {{SEMANTICS_NUMBER + 1, SEMANTICS_NUMBER + 3, to_the_one_after},
                                               {SEMANTICS_NUMBER, SEMANTICS_NUMBER + 1, to_next}};
    const struct migrations later = after_ours(SEMANTICS_NUMBER + 3, steps, 2);
    struct golden golden = golden_read(released[0]);
    struct error error = {0};
    char text[1024];
    struct core *before = core_load(&golden.options, golden.bytes.bytes, golden.bytes.length, &error);
    struct core *core = golden_load(&golden, &later, &error);
    cr_assert(before && core, "%s", error.text);
    cr_assert_eq(core->events, 2 * (before->events + 1000));
    tell(core, text);
    cr_assert_str_eq(text, (const char *)golden.text.bytes);
    /* It goes on. */
    core_apply(core,
               &(struct batch){.partition = 1,
                               .epoch = 1,
                               .number = core->now->number + 1,
                               .semantics = SEMANTICS_NUMBER,
                               .time_us = core->now->time_us + 60000000,
                               .digest_before = core_digest(core)},
               NULL);
    cr_assert(core_check(core, &error), "%s", error.text);
    core_free(core);
    core_free(before);
    golden_free(&golden);
}

Test(core_golden, a_number_to_which_no_step_leads_is_refused_and_so_is_what_a_step_refuses)
{
    struct migration ours[MIGRATIONS_MOST], no[MIGRATIONS_MOST] = {{SEMANTICS_NUMBER, SEMANTICS_NUMBER + 1, refuses}};
    const struct migrations none = after_ours(SEMANTICS_NUMBER + 1, ours, 0),
                            step = after_ours(SEMANTICS_NUMBER + 1, no, 1),
                            further = {SEMANTICS_NUMBER + 2, no, step.count};
    struct golden golden = golden_read(released[0]);
    struct error error = {0};
    cr_assert_null(golden_load(&golden, &none, &error));
    cr_assert_eq(error.code, ERROR_VERSION);
    cr_assert_null(golden_load(&golden, &further, &error));
    cr_assert_eq(error.code, ERROR_VERSION);
    cr_assert_null(golden_load(&golden, &step, &error));
    cr_assert_str_eq(error.text, "two strategies wait for what is no more");
    golden_free(&golden);
}

Test(core_golden, what_is_kept_of_each_medium_comes_back, .timeout = 20)
{
    uint8_t of_each[MEDIA_KINDS + 1] = {0}, read[MEDIA_KINDS + 1];
    struct media_set few = media_set_one(media_own7), most = media_set_with(media_set_all(), media_voice, false);
    of_each[media_voice] = of_each[media_email] = 3;
    of_each[media_own195] = 7;
    struct buffer kept = {0};
    struct keeper *keeper = keep_begin_write(put, &kept);
    media_bytes_keep(keeper, of_each);
    cr_assert(keep_finish(keeper, NULL));
    memset(read, 9, sizeof read);
    keeper = keep_begin_read(kept.bytes, kept.length);
    media_bytes_keep(keeper, read);
    cr_expect(keep_finish(keeper, NULL));
    cr_expect_arr_eq(read, of_each, MEDIA_KINDS);
    cr_expect_eq(read[MEDIA_KINDS], 9, "a byte behind them is written");
    kept.length = 0;
    keeper = keep_begin_write(put, &kept);
    (void)media_set_keep(keeper, few);
    (void)media_set_keep(keeper, most);
    cr_assert(keep_finish(keeper, NULL));
    keeper = keep_begin_read(kept.bytes, kept.length);
    keep_set_version(keeper, SNAPSHOT_VERSION);
    cr_expect(media_set_equal(media_set_keep(keeper, (struct media_set){{0}}), few));
    cr_expect(media_set_equal(media_set_keep(keeper, (struct media_set){{0}}), most));
    cr_expect(keep_finish(keeper, NULL));
    free(kept.bytes);
}

/* A part that version 2 has first: of a snapshot of version 1, and of one of version 2 that was written before the part
 * came, it is as the part made it. */
static unsigned planted, kept_at_all;

static void planted_keep(void *self, struct keeper *keeper)
{
    (void)self;
    kept_at_all++;
    planted = keep_u32(keeper, planted);
}

static void planted_write(const struct part_rows *rows, struct buffer *into)
{
    struct keeper *keeper = keep_begin_write(put, into);
    planted = 7;
    parts_keep(rows, keeper);
    keep_u64(keeper, UINT64_MAX); /* the digest */
    cr_assert(keep_finish(keeper, NULL));
}

static bool planted_read(const struct part_rows *rows, const struct buffer *bytes, uint32_t version,
                         struct error *error)
{
    struct keeper *keeper = keep_begin_read(bytes->bytes, bytes->length);
    keep_set_version(keeper, version);
    kept_at_all = planted = 0;
    parts_keep(rows, keeper);
    keep_u64(keeper, 0);
    return keep_finish(keeper, error);
}

Test(core_golden, a_part_that_comes_later_is_not_looked_for_in_what_is_older)
{
    static const struct part_ops later = {.since = 2, .keep = planted_keep}, old = {.keep = planted_keep};
    static const struct part_row last[] = {{"old", &old, NULL, NULL}, {"later", &later, NULL, NULL}},
                                 first[] = {{"later", &later, NULL, NULL}, {"old", &old, NULL, NULL}};
    const struct part_rows lasts[] = {{.all = last, .count = 1}, {.all = last, .count = 2}},
                           firsts[] = {{.all = first + 1, .count = 1}, {.all = first, .count = 2}};
    for (unsigned order = 0; order < 2; order++) {
        const struct part_rows *one = order ? &lasts[0] : &firsts[0], *both = one + 1;
        struct buffer without = {0}, with = {0};
        struct error error = {0};
        planted_write(one, &without);
        planted_write(both, &with);
        cr_expect(planted_read(both, &without, 1, &error) && kept_at_all == 1 && planted == 7, "%s", error.text);
        cr_expect(planted_read(both, &without, 2, &error) && kept_at_all == 1 && planted == 7, "%s", error.text);
        cr_expect(planted_read(both, &with, 2, &error) && kept_at_all == 2 && planted == 7, "%s", error.text);
        cr_expect_not(planted_read(one, &with, 2, &error), "a part that nobody knows");
        with.bytes[1] ^= 1;
        cr_expect_not(planted_read(both, &with, 2, &error), "a name that nobody knows");
        buffer_free(&without);
        buffer_free(&with);
    }
}

/* tests/unit/core_parked.c - What an interaction that waits takes in the core: a budget, in bytes. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_parked, .timeout = 60);

enum {
    CALLS = 2000, /* a little less than a power of two: what doubles is nearly full */
    BUDGET = 534, /* bytes of one: what it is now */
    ABOVE = 8,    /* as it may come and go with the C library */
    BELOW = 24,
    MAIL_BUDGET = 636, /* bytes of an e-mail that is parked in a queue */
};

/* The core's alone: what the fixture keeps to play it again is let go. Rings of records (record.h) take the same of
 * each core, however many wait, once they are full. */
static size_t allocated(struct core_world *world)
{
    const struct records *records = world->core->records;
    free(world->log);
    world->log = NULL;
    world->log_length = world->log_capacity = 0;
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd - malloc_usable_size(records->decisions) - malloc_usable_size(records->history) -
           malloc_usable_size(records->ended) - malloc_usable_size(records->data.bytes) -
           malloc_usable_size(records->notes.bytes);
}

/* Up to the selection, which finds nobody, with music. Its strategy has attached three values, and it came with two. */
static void waits(struct core_world *world, uint64_t conn)
{
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "campaign", span_of("summer sale"));
    kv_put_int(&data, "visits", 3);
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_ani, "+33145550101");
    writer_text(writer, EventCallCreated_dnis, "1800");
    writer_kv(writer, EventCallCreated_data, &data);
    world_post(world);
    kv_free(&data);
    route_request(world, conn, 0);
    treatment_end(world, conn, "0815471108");
    treatment_end(world, conn, "2");
    customer(world, "Dupont-Martinez", "gold", "French");
    world_forget(world);
}

/* Where it grew: is what was added worth that much to each of a million who wait? Then the budget becomes what it is
 * now; else it belongs in a table for the few who need it, as walks, keeps and forks have theirs. Where it shrank, the
 * budget follows. tests/bench/parked.c has the same of the compiler's image. */
Test(core_parked, an_interaction_that_waits_takes_no_more_than_its_budget)
{
#if defined(__SANITIZE_ADDRESS__) || defined(VM_CHECKED)
    cr_skip_test("what a sanitizer allocates is not what the core takes");
#elif !defined(__x86_64__) || !defined(__GLIBC__)
    cr_skip_test("the budget is that of glibc's malloc on x86-64");
#endif
    struct core_status status;
    world_interactions_max = CALLS + 16;
    struct core_world *world = world_new();
    world->unchecked = true;
    waits(world, CALL); /* what the first one allocates for all is not counted */
    size_t before = allocated(world);
    for (uint64_t at = 1; at <= CALLS; at++) waits(world, CALL + at);
    size_t each = (allocated(world) - before) / CALLS;
    core_status(world->core, &status);
    cr_assert_eq(status.waiting, CALLS + 1u);
    cr_assert_leq(each, BUDGET + ABOVE, "%zu bytes for each, and the budget is %d: see above", each, BUDGET);
    cr_assert_geq(each, BUDGET - BELOW, "%zu bytes for each: lower the budget, which is %d", each, BUDGET);
    world_free(world);
}

/* As a mail server submits it: ids and addresses of usual length, its body in the contact store. */
static void parks(struct core_world *world, unsigned number)
{
    struct kv data;
    char id[64];
    (void)snprintf(id, sizeof id, "<CAF%08x=q1@mail.example.com>", number);
    kv_init(&data);
    kv_put_text(&data, "campaign", span_of("summer sale"));
    kv_put_int(&data, "visits", 3);
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, "desk");
    writer_text(writer, Submit_from, "marie.dupont@example.com");
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of("service@example.org"));
    writer_list_end(writer);
    writer_text(writer, Submit_subject, "My bill of last month is too high");
    writer_blob_begin(writer, Submit_body);
    writer_text(writer, Blob_store, "contacts");
    writer_text(writer, Blob_key, "body/00812345");
    writer_u(writer, Blob_length, 4711);
    writer_blob_end(writer);
    writer_kv(writer, Submit_data, &data);
    world_post(world);
    kv_free(&data);
    world_forget(world);
}

Test(core_parked, an_email_that_is_parked_takes_no_more_than_its_budget)
{
#if defined(__SANITIZE_ADDRESS__) || defined(VM_CHECKED)
    cr_skip_test("what a sanitizer allocates is not what the core takes");
#elif !defined(__x86_64__) || !defined(__GLIBC__)
    cr_skip_test("the budget is that of glibc's malloc on x86-64");
#endif
    world_interactions_max = CALLS + 16;
    struct core_world *world = world_new();
    world->unchecked = true;
    parks(world, 0);
    size_t before = allocated(world);
    for (unsigned at = 1; at <= CALLS; at++) parks(world, at);
    size_t each = (allocated(world) - before) / CALLS;
    cr_assert_leq(each, MAIL_BUDGET + ABOVE, "%zu bytes for each, and the budget is %d", each, MAIL_BUDGET);
    cr_assert_geq(each, MAIL_BUDGET - BELOW, "%zu bytes for each: lower the budget, which is %d", each, MAIL_BUDGET);
    world_free(world);
}

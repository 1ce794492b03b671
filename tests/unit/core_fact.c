/* tests/unit/core_fact.c - Facts: each has a reader; what is told stands in the history, the totals and the queue's
 * totals. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/total.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/queue_total.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/queue_row.h"
#include "tests/unit/core_fixture.h"

extern const struct part_ops part_ops_queue_totals;

TestSuite(core_fact, .timeout = 20);

Test(core_fact, every_fact_has_a_reader)
{
    static const char *const names[FACTS] = {
#define FACT(name, number, doc) [FACT_##name] = #name,
#include "runtime/core/base/facts.def"
    };
    unsigned readers[FACTS] = {0};
#define LINE(fact, text, between, value, key, span, names) readers[FACT_##fact]++;
#define COUNTS(fact, field, shown, metric, word)           readers[FACT_##fact]++;
#define QUEUE(fact, field, waiting)                        readers[FACT_##fact]++;
#define RECORDED(fact, as)                                 readers[FACT_##fact]++;
#define MEASURED(fact)                                     readers[FACT_##fact]++;
#define PASSED(fact)                                       readers[FACT_##fact]++;
#define CALLED(fact)                                       readers[FACT_##fact]++;
#define OFFERED(fact)                                      readers[FACT_##fact]++;
#include "runtime/core/base/facts.def"
    for (unsigned fact = 0; fact < FACTS; fact++) cr_expect_gt(readers[fact], 0u, "nobody reads %s", names[fact]);
}

/* The last line of the history of the world's call. */
static const char *last_line(const struct core_world *world)
{
    static char line[128];
    struct kv history;
    struct kv_pair pair;
    kv_init(&history);
    cr_assert(core_history_from(world->core, CALL, &(uint64_t){0}, UINT32_MAX, &history));
    for (uint32_t at = 0; kv_next(kv_span(&history), &at, &pair);)
        if (pair.value.tag == KV_TEXT)
            snprintf(line, sizeof line, "%.*s", (int)pair.value.span.length, (const char *)pair.value.span.bytes);
    kv_free(&history);
    return line;
}

Test(core_fact, the_history_has_the_text_the_value_and_the_name)
{
    struct core_world *world = world_new();
    created(world, CALL);
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    uint32_t name = names_intern(world->core->names, span_of("5001"));
    interaction_tell(world->core->interactions, ix, FACT_party_changed, party_change_Ringing, name);
    cr_expect_str_eq(last_line(world), "EventRinging 5001");
    interaction_tell(world->core->interactions, ix, FACT_call_ended, cause_busy, 0);
    cr_expect_str_eq(last_line(world), "EventCallDeleted busy");
    interaction_tell(world->core->interactions, ix, FACT_signal_refused, code_overload, name);
    cr_expect_str_eq(last_line(world), "Signal refused overload 5001");
    interaction_tell(world->core->interactions, ix, FACT_agent_asked, 0, name);
    cr_expect_str_eq(last_line(world), "Invite 5001");
    uint64_t lines = world->core->records->happening_count;
    interaction_tell(world->core->interactions, ix, FACT_routed, 0, 0);
    cr_expect_eq(world->core->records->happening_count, lines, "a fact without a line is not in the history");
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1u);
    world->unchecked = true;
    world_free(world);
}

Test(core_fact, a_note_has_its_text_until_it_is_erased_or_overwritten)
{
    struct core_world *world = world_new();
    created(world, CALL);
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    struct fact fact = {.what = FACT_noted, .ixn = ix->id, .note = span_of("gold until May")};
    fact_tell(world->core->facts, &fact);
    cr_expect_str_eq(last_line(world), "Note gold until May");
    names_sweep_begin(world->core->names);
    records_sweep(world->core->records);
    names_sweep_end(world->core->names, 0);
    cr_expect_str_eq(last_line(world), "Note gold until May", "a note is no name, and no sweep takes it");
    cr_expect(record_forget(world->core->records, ix->id));
    cr_expect_str_eq(last_line(world), "Note");
    fact_tell(world->core->facts, &fact);
    const struct happening first =
        *record_happening_at(world->core->records, world->core->records->happening_count - 1);
    uint8_t longest[NOTE_BYTES_MAX] = {0};
    struct fact other = {.what = FACT_noted, .ixn = ix->id, .note = {longest, sizeof longest}};
    for (unsigned at = 0; at < NOTE_BYTES / NOTE_BYTES_MAX + 1; at++) fact_tell(world->core->facts, &other);
    cr_expect_eq(record_note(world->core->records, &first).length, 0u);
    world->unchecked = true;
    world_free(world);
}

static void tell_queue(struct core_world *world, uint16_t what, uint32_t queue, uint64_t waited_us)
{
    fact_tell(world->core->facts, &(struct fact){.what = (uint16_t)what, .queue = queue, .waited_us = waited_us});
}

Test(core_fact, a_queue_that_was_entered_is_left_or_waits)
{
    struct core_world *world = world_new();
    uint32_t first = vq_open(world->core->vqs, names_intern(world->core->names, span_of("first")));
    uint32_t last = vq_open(world->core->vqs, names_intern(world->core->names, span_of("last")));
    for (unsigned at = 0; at < 6; at++) tell_queue(world, FACT_queued, last, 0);
    tell_queue(world, FACT_distributed, last, 3000000);
    tell_queue(world, FACT_distributed, last, 4000000);
    tell_queue(world, FACT_abandoned_queued, last, 9000000);
    tell_queue(world, FACT_cleared, last, 9000000);
    struct queue_row row;
    struct core_waits waits;
    core_queue_counts(world->core, last, &row);
    core_waits(world->core, &waits);
    cr_expect_eq(row.entered, 6u);
    cr_expect_eq(row.distributed, 2u);
    cr_expect_eq(row.abandoned, 1u);
    cr_expect_eq(row.cleared, 1u);
    cr_expect_eq(row.wait_us, 7000000u);
    cr_expect_eq(waits.sum_us, 7000000u);
    cr_expect_eq(waits.count[2], 2u, "both waited from two to five seconds");
    struct queue_hour_row hour;
    core_queue_hour(world->core, last, &hour);
    cr_expect_eq(hour.waits[2], 2u);
    cr_expect_eq(hour.abandoned, 1u);
    world->core->now->time_us += UINT64_C(3700) * 1000000;
    core_queue_hour(world->core, last, &hour);
    cr_expect_eq(hour.waits[2] + hour.abandoned, 0u, "that was more than an hour ago");
    core_queue_hour(world->core, first, &hour);
    cr_expect_eq(hour.waits[0], 0u);
    core_queue_counts(world->core, first, &row);
    cr_expect_eq(row.entered, 0u);
    cr_expect_not(part_ops_queue_totals.check(world->core->queue_totals), "two have entered and neither left nor wait");
    world->core->vqs->all[last].waiting = 2;
    cr_expect(part_ops_queue_totals.check(world->core->queue_totals));
    world->unchecked = true;
    world_free(world);
}

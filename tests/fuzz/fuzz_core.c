/* tests/fuzz/fuzz_core.c - A core with a strategy (core.h), fed what the input chooses: calls as they are and
 * events that make no sense. Its invariants hold after every batch, its effects are well-formed, a replay of its
 * journal ends with the same digest, and a journal that was altered is refused or replayed without harm. The core that
 * is loaded from its snapshot goes on like it, and one that was altered is refused or loaded without harm:
 * fuzz_snapshot.c is this file with such a snapshot in each input. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/check.h"
#include "runtime/core/core.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/read/why.h"
#include "runtime/core/snapshot.h"
#include "runtime/core/twin.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/replay.h"
#include "runtime/journal/batches.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/semantics.h"
#include "tests/fuzz/core.h"
#include "tests/fuzz/frames.h"
#include "vm/image.h"
#include "vm/memory.h"

#ifndef FUZZ_SNAPSHOT
#define FUZZ_SNAPSHOT 0
#endif

enum { STEPS = 120, LINK = 16, ALTERED_MAX = 8 };

static const struct image *image;
static const char *strategy;

struct world {
    struct input *input;
    struct core *core;
    struct core_options options;
    struct batches *store;
    struct writer frame, events; /* the one being made, those of the batch */
    struct seen seen;
    uint32_t count;
    uint64_t seq[80], number, time_us;
    uint8_t previous[CORE_HASH];
    bool twin;    /* a core that was loaded does all that this one does */
    bool altered; /* the core is of a snapshot that was altered: it must only survive */
};

static const struct image *image_of(void *self, const uint8_t hash[CORE_HASH])
{
    (void)self;
    return memcmp(hash, image_hash(image), CORE_HASH) == 0 ? image : NULL;
}

static void on_effect(void *self, struct span frame)
{
    struct world *world = self;
    frames_check(frame, &world->seen);
}

/* The events added since the last time happen now: they are stored, then applied. */
static void happen(struct world *world)
{
    struct batch batch = {
        .partition = 1,
        .epoch = 1,
        .number = ++world->number,
        .semantics = SEMANTICS_NUMBER,
        .time_us = world->time_us,
        .digest_before = core_digest(world->core),
        .count = world->count,
        .events = {world->events.bytes, (uint32_t)world->events.length},
    };
    const struct effect_sink sink = {on_effect, world};
    struct error error = {0};
    if (world->altered) {
        core_apply(world->core, &batch, &sink);
        writer_clear(&world->events);
        world->count = 0;
        return;
    }
    memcpy(batch.previous, world->previous, CORE_HASH);
    size_t size = batch_size(&batch);
    uint8_t *bytes = malloc(size);
    if (!bytes) abort();
    batch_encode(&batch, bytes, world->previous);
    MUST(batches_append(world->store, batch.number, (struct span){bytes, (uint32_t)size}, &error) == APPEND_OK);
    free(bytes);
    if (!world->twin)
        core_apply(world->core, &batch, &sink);
    else if (!twin_apply(world->core, &batch, &sink, &error))
        fuzz_broken(__FILE__, __LINE__, error.text);
    if (!core_check(world->core, &error)) fuzz_broken(__FILE__, __LINE__, error.text);
    writer_clear(&world->events);
    world->count = 0;
}

static void add(struct world *world, struct span frame)
{
    struct writer *events = &world->events;
    events->bytes = realloc(events->bytes, events->length + frame.length);
    if (!events->bytes) abort();
    memcpy(events->bytes + events->length, frame.bytes, frame.length);
    events->length += frame.length;
    events->capacity = events->length;
    world->count++;
}

static struct writer *begin(struct world *world, unsigned source, unsigned kind, uint64_t conn)
{
    writer_clear(&world->frame);
    writer_begin(&world->frame, kind);
    writer_u(&world->frame, ENVELOPE_source, source);
    writer_u(&world->frame, ENVELOPE_seq, ++world->seq[source]);
    writer_conn(&world->frame, ENVELOPE_conn, conn);
    return &world->frame;
}

static struct writer *begin_answer(struct world *world, unsigned source, unsigned kind)
{
    unsigned at = input_byte(world->input) % SEEN;
    writer_clear(&world->frame);
    writer_begin(&world->frame, kind);
    writer_u(&world->frame, ENVELOPE_source, source);
    writer_u(&world->frame, ENVELOPE_seq, ++world->seq[source]);
    writer_u(&world->frame, ENVELOPE_ixn, world->seen.ixn[at]);
    writer_u(&world->frame, ENVELOPE_ref, world->seen.ref[at]);
    writer_conn(&world->frame, ENVELOPE_conn, world->seen.conn[at]);
    return &world->frame;
}

static void end(struct world *world)
{
    add(world, writer_end(&world->frame));
}

/* --- Its beginning: a link, people, a strategy --- */

static void row(struct world *world, unsigned table, const char *key, const char *const *pairs, int level)
{
    struct kv values;
    kv_init(&values);
    for (; *pairs; pairs += 2) kv_put_text(&values, pairs[0], span_of(pairs[1]));
    if (level > 0) kv_put_int(&values, "level", level);
    struct writer *writer = begin(world, SOURCE_ADMIN, KIND_DirectoryRow, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table);
    writer_text(writer, DirectoryRow_key, key);
    writer_kv(writer, DirectoryRow_row, &values);
    kv_free(&values);
    end(world);
}

static void skill(struct world *world, const char *agent, const char *name, int level)
{
    char key[64];
    snprintf(key, sizeof key, "%s/%s", agent, name);
    row(world, table_agent_skill, key, (const char *const[]){"agent", agent, "skill", name, NULL}, level);
}

static void open_link(struct world *world)
{
    static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "desktops"};
    struct writer *writer = begin(world, SOURCE_HOST, KIND_LinkUp, 0);
    writer_u(writer, LinkUp_link, LINK);
    writer_text(writer, LinkUp_name, "tserver");
    writer_list_begin(writer, LinkUp_caps);
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) writer_list_text(writer, span_of(caps[i]));
    writer_list_end(writer);
    end(world);
    begin(world, LINK, KIND_ResyncEnd, 0);
    end(world);
}

static void set_up(struct world *world)
{
    open_link(world);
    row(world, table_routing_point, "1800", (const char *const[]){"strategy", strategy, "defaults", "5000,5001", NULL},
        0);
    row(world, table_queue, "desk", (const char *const[]){"dn", "5000", NULL}, 0);
    skill(world, "marie", "French", 9);
    skill(world, "marie", "Sales", 2);
    skill(world, "paul", "English", 9);
    skill(world, "paul", "Sales", 4);
    row(world, table_group_member, "overflow/olga", (const char *const[]){"group", "overflow", "agent", "olga", NULL},
        0);
    struct writer *writer = begin(world, SOURCE_ADMIN, KIND_DirectoryCommit, 0);
    writer_u(writer, DirectoryCommit_version, 1);
    writer_u(writer, DirectoryCommit_whole, 1);
    end(world);
    writer = begin(world, SOURCE_ADMIN, KIND_Activate, 0);
    writer_text(writer, Activate_at, "1800");
    writer_bytes(writer, Activate_image, (struct span){image_hash(image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, strategy);
    end(world);
    happen(world);
}

/* --- What happens --- */

static uint64_t call_of(struct world *world)
{
    return UINT64_C(16) << 48 | (0x10000000 + input_byte(world->input) % 6);
}

static void arrive(struct world *world)
{
    uint64_t conn = call_of(world);
    struct writer *writer = begin(world, LINK, KIND_EventCallCreated, conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_ani, "+33145550101");
    writer_text(writer, EventCallCreated_dnis, "1800");
    end(world);
    writer_text(begin(world, LINK, KIND_EventRouteRequest, conn), EventRouteRequest_dn, "1800");
    end(world);
}

static void treated(struct world *world)
{
    static const char *const digits[] = {"4711", "1", "2", "0815", ""};
    struct writer *writer = begin_answer(world, LINK, KIND_EventTreatment);
    writer_u(writer, EventTreatment_change, (uint64_t)1 + input_byte(world->input) % 4);
    writer_text(writer, EventTreatment_digits, digits[input_byte(world->input) % 5]);
    end(world);
}

static void answered(struct world *world)
{
    static const char *const columns[] = {"name", "tier", "language"};
    struct kv rows;
    kv_init(&rows);
    if (input_byte(world->input) % 4) {
        kv_list_begin(&rows, span_of("1"));
        for (size_t i = 0; i < 3; i++) kv_put_text(&rows, columns[i], span_of(i == 2 ? "French" : "gold"));
        kv_list_end(&rows);
    }
    struct writer *writer = begin_answer(world, SOURCE_HOST, KIND_EventDone);
    writer_u(writer, EventDone_outcome, (uint64_t)input_byte(world->input) % 6);
    writer_list_begin(writer, EventDone_columns);
    for (size_t i = 0; i < 3; i++) writer_list_text(writer, span_of(columns[i]));
    writer_list_end(writer);
    writer_kv(writer, EventDone_rows, &rows);
    kv_free(&rows);
    end(world);
}

static void agent(struct world *world)
{
    static const char *const names[][2] = {{"marie", "7001"}, {"paul", "7002"}, {"olga", "7003"}, {"jean", "7001"}};
    const char *const *who = names[input_byte(world->input) % 4];
    struct writer *writer = begin(world, LINK, KIND_EventAgentState, 0);
    writer_text(writer, EventAgentState_agent, who[0]);
    writer_text(writer, EventAgentState_dn, who[1]);
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, (uint64_t)input_byte(world->input) % 10);
    end(world);
}

static void talk(struct world *world)
{
    static const char *const dns[] = {"7001", "7002", "7003", "5000", "1800"};
    uint64_t conn = call_of(world);
    const char *dn = dns[input_byte(world->input) % 5];
    uint8_t choice = input_byte(world->input);
    struct writer *writer;
    if (choice % 2) {
        writer = begin(world, LINK, KIND_EventRouteUsed, conn);
        writer_text(writer, EventRouteUsed_dn, "1800");
        writer_text(writer, EventRouteUsed_to, dn);
        writer_u(writer, EventRouteUsed_how, choice / 2 % 5);
    } else {
        writer = begin(world, LINK, KIND_EventParty, conn);
        writer_text(writer, EventParty_dn, dn);
        writer_u(writer, EventParty_change, choice / 2 % 16);
        writer_u(writer, EventParty_role, choice / 32 % 6);
    }
    end(world);
}

static void pass(struct world *world)
{
    uint64_t due = core_next_timer(world->core), until = world->time_us + input_number(world->input, 3) * 100;
    if (due != UINT64_MAX && due <= until + 60000000) until = due;
    if (until > world->time_us) world->time_us = until;
}

static void anything(struct world *world)
{
    static const unsigned sources[] = {SOURCE_HOST, SOURCE_ADMIN, LINK, LINK, LINK, LINK, LINK, 17};
    unsigned source = sources[input_byte(world->input) % 8], kind = frame_kind_event(world->input);
    if (kind == KIND_Clock) kind = KIND_EventDone; /* the host's own clock is no stranger's */
    add(world, frame_made(world->input, &world->frame, kind, source, ++world->seq[source], &world->seen));
}

static void step(struct world *world)
{
    switch (input_byte(world->input) % 12) {
    case 0:
        arrive(world);
        break;
    case 1:
    case 2:
        treated(world);
        break;
    case 3:
        answered(world);
        break;
    case 4:
        agent(world);
        break;
    case 5:
        talk(world);
        break;
    case 6:
        pass(world);
        break;
    case 7: /* with what comes next, in one batch */
        anything(world);
        return;
    default:
        anything(world);
    }
    happen(world);
}

/* --- What people may ask --- */

static void ask_why(struct world *world, uint64_t ixn)
{
    struct why_line line;
    struct why_match match;
    for (uint32_t i = 0; core_why_line(world->core, ixn, i, &line); i++)
        for (uint32_t agents = 0; agents < 4; agents++) core_why_match(world->core, ixn, i, agents, &match);
}

static void ask_of(struct world *world, uint64_t ixn)
{
    struct kv kv;
    struct where_row where;
    struct waiting_row waiting;
    struct decision_row decision;
    struct error error;
    uint64_t cursor = 0;
    kv_init(&kv);
    core_where(world->core, ixn, false, &where);
    core_where(world->core, ixn, true, &where);
    core_waiting(world->core, ixn, &waiting);
    while (core_decision_next(world->core, ixn, &cursor, &decision)) MUST(decision.ixn == ixn);
    if (core_data(world->core, ixn, &kv)) MUST(kv_check(kv_span(&kv), &error));
    kv_clear(&kv);
    cursor = 0;
    core_history_from(world->core, ixn, &cursor, UINT32_MAX, &kv);
    kv_free(&kv);
    ask_why(world, ixn);
}

/* Reads change nothing. */
static void ask(struct world *world)
{
    uint64_t digest = core_digest(world->core), cursor = 0;
    struct interaction_row row;
    struct agent_row agent;
    struct queue_row queue;
    struct point_row point;
    struct core_status status;
    core_status(world->core, &status);
    while (core_interaction(world->core, &cursor, &row)) {
        struct interaction_row found;
        bool merged = row.outcome.length == 6 && memcmp(row.outcome.bytes, "merged", 6) == 0;
        MUST(core_find(world->core, row.ixn, &found) && (merged || found.ixn == row.ixn));
        ask_of(world, row.ixn);
    }
    for (uint32_t i = 0; core_agent(world->core, i, &agent); i++) continue;
    for (uint32_t i = 0; core_queue(world->core, i, &queue); i++) continue;
    for (uint32_t i = 0; core_point(world->core, i, &point); i++) continue;
    MUST(core_digest(world->core) == digest);
}

/* --- The journal --- */

static uint64_t replayed(struct world *world, struct batches *store, bool must)
{
    struct core *core = core_new(&world->options);
    struct journal_head head;
    struct error error;
    bool good = true;
    journal_begin(&world->options, &head);
    while (good && head.number < batches_last(store))
        good = journal_next(store, &world->options, core, &head, NULL, &error);
    if (!good && must) fuzz_broken(__FILE__, __LINE__, error.text);
    if (!core_check(core, &error)) fuzz_broken(__FILE__, __LINE__, error.text);
    uint64_t digest = core_digest(core);
    core_free(core);
    return digest;
}

/* Some bytes of the last batch are others, and its hash is made anew. */
static void alter_last(struct world *world)
{
    struct batches *altered = batches_open_memory();
    struct span bytes;
    struct error error;
    for (uint64_t number = 1; number <= world->number; number++) {
        MUST(batches_read(world->store, number, &bytes, &error));
        uint8_t *copy = malloc(bytes.length);
        if (!copy) abort();
        memcpy(copy, bytes.bytes, bytes.length);
        size_t body = bytes.length - CORE_HASH;
        for (int i = 0; number == world->number && i < ALTERED_MAX && !input_ended(world->input); i++) {
            uint8_t byte = input_byte(world->input);
            copy[input_below(world->input, body)] = byte;
        }
        crypto_generichash(copy + body, CORE_HASH, copy, body, NULL, 0);
        MUST(batches_append(altered, number, (struct span){copy, bytes.length}, &error) == APPEND_OK);
        free(copy);
    }
    replayed(world, altered, false);
    batches_close(altered);
}

static bool put(void *self, const void *bytes, size_t length)
{
    buffer_put(self, bytes, length);
    return true;
}

/* One byte is another, or comes once more, or some are missing, or stand where others stood. */
static void alter(struct input *input, struct buffer *bytes)
{
    unsigned how = input_byte(input);
    size_t at = input_below(input, bytes->length), from = input_below(input, bytes->length);
    size_t room = bytes->length - (at > from ? at : from), length = how / 4 < room ? how / 4 : room;
    switch (how % 4) {
    case 0:
        bytes->bytes[at] = input_byte(input);
        break;
    case 1:
        memmove(bytes->bytes + at, bytes->bytes + from, length);
        break;
    case 2:
        memmove(bytes->bytes + at, bytes->bytes + at + length, bytes->length - at - length);
        bytes->length -= length;
        break;
    default:
        buffer_add(bytes, 1);
        memmove(bytes->bytes + at + 1, bytes->bytes + at, bytes->length - at - 1);
    }
}

/* A snapshot that was altered; its digest need not be its core's. Where it can be loaded its core is the world's. */
static void alter_snapshot(struct world *world)
{
    struct buffer bytes = {0};
    struct error error;
    MUST(core_save(world->core, put, &bytes));
    unsigned altered = 1 + input_byte(world->input) % ALTERED_MAX;
    for (unsigned i = 0; i < altered && !input_ended(world->input) && bytes.length > 1; i++)
        alter(world->input, &bytes);
    struct core *core = core_load_as(&world->options, keep_begin_read(bytes.bytes, bytes.length), &migrations_here,
                                     ORIGIN_ALTERED, &error);
    buffer_free(&bytes);
    if (!core) return;
    core_free(world->core);
    world->core = core;
    world->altered = true;
    world->number = core->now->number;
    world->time_us = core_time(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = {bytes, length, 0};
    MUST(sodium_init() >= 0);
    image = fuzz_core_image(&input, &strategy);
    if (!image) return 0;
    struct world world = {.input = &input, .time_us = 1000000};
    world.options = (struct core_options){.partition = 1, .seed = 7, .interactions_max = 50, .image = image_of};
    world.core = core_new(&world.options);
    world.store = batches_open_memory();
    writer_init(&world.frame);
    writer_init(&world.events);
    journal_birth(&world.options, world.previous);
    set_up(&world);
    unsigned how = input_byte(&input), ending = how % 4; /* a core more costs as much as all the steps */
    bool snapshot = FUZZ_SNAPSHOT || (ending == 1 && (how & 4) != 0), alters = snapshot || ending == 3;
    bool twins = getenv("GCX_TWIN") && !FUZZ_SNAPSHOT;
    world.twin = twins;
    size_t left = FUZZ_SNAPSHOT ? length / 2 : alters ? 24 : 0;
    for (int i = 0; i < STEPS && input.at + left < length; i++) step(&world);
    world.twin = twins || (!snapshot && (how & 8) != 0);
    happen(&world);
    ask(&world);
    if (snapshot) alter_snapshot(&world);
    for (int i = 0; i < STEPS && world.altered && input.at < length; i++) step(&world);
    if (world.altered) ask(&world);
    if (ending == 3 && !snapshot) alter_last(&world);
    if (ending == 2 && !snapshot) MUST(replayed(&world, world.store, true) == core_digest(world.core));
    core_free(world.core);
    batches_close(world.store);
    writer_free(&world.frame);
    writer_free(&world.events);
    return 0;
}

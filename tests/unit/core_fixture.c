/* tests/unit/core_fixture.c - The core's world in tests: an image made by hand, events, and what leaves. */
#include "tests/unit/core_fixture.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/base/state.h"
#include "runtime/core/check.h"
#include "runtime/core/core.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/twin.h"
#include "runtime/records/recorder.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/semantics.h"

enum { LOG_HEAD = 20 }; /* before a batch's events: its time, their length, the digest after it */

uint32_t world_interactions_max = 100;

static const struct image *image_of(void *self, const uint8_t hash[CORE_HASH])
{
    const struct core_world *world = self;
    const struct image *image = world->image;
    if (world->earlier && memcmp(hash, image_hash(image), CORE_HASH) != 0) image = world->earlier;
    return memcmp(hash, image_hash(image), CORE_HASH) == 0 ? image : NULL;
}

static void say(struct core_world *world, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(world->trace + world->trace_length, TRACE_BYTES - world->trace_length, format, arguments);
    va_end(arguments);
    cr_assert(length >= 0 && world->trace_length + (size_t)length < TRACE_BYTES);
    world->trace_length += (size_t)length;
}

static void say_text(struct core_world *world, const struct message *message, unsigned field)
{
    struct span text = message_text(message, field);
    say(world, " %.*s", (int)text.length, (const char *)text.bytes);
}

static void say_keys(struct core_world *world, struct span pairs)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(pairs, &at, &pair)) say(world, " %.*s", (int)pair.key.length, (const char *)pair.key.bytes);
}

static void keep_bound(struct core_world *world, struct span params)
{
    uint32_t at = 0;
    size_t length = 0;
    struct kv_pair pair;
    while (kv_next(params, &at, &pair) && length < sizeof world->bound) {
        const struct kv_value *value = &pair.value;
        char text[64];
        if (value->tag == KV_TEXT)
            snprintf(text, sizeof text, "%.*s", (int)value->span.length, (const char *)value->span.bytes);
        else if (value->tag == KV_NONE)
            snprintf(text, sizeof text, "none");
        else
            snprintf(text, sizeof text, "%s%lld", value->tag == KV_TIME ? "time " : "", (long long)value->word);
        length += (size_t)snprintf(world->bound + length, sizeof world->bound - length, "%s%.*s=%s",
                                   length == 0 ? "" : " ", (int)pair.key.length, (const char *)pair.key.bytes, text);
    }
}

/* The pairs of a Reply's value, those of lists among them in parentheses. */
static void keep_reply(struct core_world *world, struct span pairs)
{
    char *text = world->reply;
    size_t length = strlen(text), room = sizeof world->reply;
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair) && length + 200 < room;) {
        const struct kv_value *value = &pair.value;
        const char *gap = length == 0 || text[length - 1] == '(' ? "" : " ";
        length += (size_t)snprintf(text + length, room - length, "%s%.*s=", gap, (int)pair.key.length,
                                   (const char *)pair.key.bytes);
        if (value->tag == KV_LIST) {
            length += (size_t)snprintf(text + length, room - length, "(");
            keep_reply(world, value->span);
            length = strlen(text);
            length += (size_t)snprintf(text + length, room - length, ")");
        } else if (value->tag == KV_TEXT) {
            length += (size_t)snprintf(text + length, room - length, "%.*s", (int)value->span.length,
                                       (const char *)value->span.bytes);
        } else {
            length += (size_t)snprintf(text + length, room - length, "%lld", (long long)value->word);
        }
    }
}

/* The pairs that are texts or numbers. */
/* The pause that every campaign has without a rule set is not shown. */
static bool pair_is_usual(const struct kv_pair *pair)
{
    return span_is(pair->key, "abandoned_pause_s") && pair->value.tag == KV_TEXT && span_is(pair->value.span, "259200");
}

static void say_pairs(struct core_world *world, struct span pairs)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(pairs, &at, &pair)) {
        if (pair_is_usual(&pair)) continue;
        say(world, " %.*s=", (int)pair.key.length, (const char *)pair.key.bytes);
        if (pair.value.tag == KV_TEXT)
            say(world, "%.*s", (int)pair.value.span.length, (const char *)pair.value.span.bytes);
        if (pair.value.tag == KV_INT) say(world, "%lld", (long long)pair.value.word);
    }
}

/* The addresses behind the first one. */
static void say_others(struct core_world *world, struct span list)
{
    struct span one;
    for (uint32_t at = 0, number = 0; message_next_text(list, &at, &one); number++)
        if (number > 0) say(world, " %.*s", (int)one.length, (const char *)one.bytes);
}

/* Who has set an agent's state, and why, behind the reason. */
static void say_reasons(struct core_world *world, struct span reasons)
{
    struct kv_value reason, by, why;
    if (!kv_get(reasons, "by", &by) || !kv_get(reasons, "why", &why)) return;
    cr_assert(kv_get(reasons, "reason", &reason));
    say(world, " (%.*s) by %.*s: %.*s", (int)reason.span.length, reason.span.bytes, (int)by.span.length, by.span.bytes,
        (int)why.span.length, why.span.bytes);
}

static void detail(struct core_world *world, const struct message *message)
{
    switch (message->kind) {
    case KIND_RequestApplyTreatment: {
        struct kv_value value;
        say(world, " %s", enum_name_treatment(message_u(message, RequestApplyTreatment_type)));
        if (kv_get(message_text(message, RequestApplyTreatment_params), "prompt", &value))
            say(world, " %.*s", (int)value.span.length, (const char *)value.span.bytes);
        break;
    }
    case KIND_RequestRouteCall:
        say_text(world, message, RequestRouteCall_dest);
        break;
    case KIND_EventAttachedDataChanged:
        say_keys(world, message_text(message, EventAttachedDataChanged_changed));
        break;
    case KIND_RequestCallControl:
        say(world, " %s", enum_name_call_op(message_u(message, RequestCallControl_op)));
        say_text(world, message, RequestCallControl_dn);
        break;
    case KIND_SetAgentState:
        say_text(world, message, SetAgentState_agent);
        say(world, " %s", enum_name_agent_state(message_u(message, SetAgentState_state)));
        if (message_u(message, SetAgentState_media) != media_voice)
            say(world, " %s", enum_name_media(message_u(message, SetAgentState_media)));
        say_reasons(world, message_text(message, SetAgentState_reasons));
        break;
    case KIND_Query:
        say_text(world, message, Query_source);
        keep_bound(world, message_text(message, Query_params));
        break;
    case KIND_RouteDefault:
        say(world, " %s", enum_name_code(message_u(message, RouteDefault_reason)));
        break;
    case KIND_Reply:
        say(world, " %s", enum_name_outcome(message_u(message, Reply_outcome)));
        if (message_u(message, Reply_code) > code_ok) say(world, " %s", enum_name_code(message_u(message, Reply_code)));
        world->reply[0] = 0;
        keep_reply(world, message_text(message, Reply_value));
        snprintf(world->said, sizeof world->said, "%.*s", (int)message_text(message, Reply_text).length,
                 (const char *)message_text(message, Reply_text).bytes);
        break;
    case KIND_SendMessage:
        say_pairs(world, message_text(message, SendMessage_headers));
        say_others(world, message_text(message, SendMessage_to));
        if (message_u(message, SendMessage_role) == party_role_agent) say_text(world, message, SendMessage_from);
        break;
    case KIND_Notify:
        say(world, " %s", enum_name_notify(message_u(message, Notify_change)));
        if (message_text(message, Notify_name).length != 0) say_text(world, message, Notify_name);
        if (message_text(message, Notify_whose).length != 0) say_text(world, message, Notify_whose);
        say_pairs(world, message_text(message, Notify_value));
        break;
    case KIND_CheckRecord:
        say_text(world, message, CheckRecord_number);
        say_pairs(world, message_text(message, CheckRecord_terms));
        break;
    case KIND_ShowChain:
        say(world, " %u", (unsigned)message_u(message, ShowChain_record));
        break;
    case KIND_FetchRecords:
        say(world, " %u", (unsigned)message_u(message, FetchRecords_count));
        if (message_text(message, FetchRecords_filter).length != 0) say_text(world, message, FetchRecords_filter);
        if (message_text(message, FetchRecords_order).length != 0) say_text(world, message, FetchRecords_order);
        say_pairs(world, message_text(message, FetchRecords_terms));
        break;
    case KIND_UpdateRecord:
        say(world, " %s", enum_name_record_status(message_u(message, UpdateRecord_status)));
        say(world, " %s", enum_name_cause(message_u(message, UpdateRecord_result)));
        say(world, " %u", (unsigned)message_u(message, UpdateRecord_revision));
        if (message_i(message, UpdateRecord_due) != 0)
            say(world, " due %ld", (long)(message_i(message, UpdateRecord_due) / 1000000));
        if (message_text(message, UpdateRecord_agent).length != 0) say_text(world, message, UpdateRecord_agent);
        if (message_u(message, UpdateRecord_scope) != 0)
            say(world, " all of the %s", enum_name_record_scope(message_u(message, UpdateRecord_scope)));
        if (message_u(message, UpdateRecord_talks) != 0) say(world, " talks");
        if (message_u(message, UpdateRecord_block) != 0) say(world, " block");
        if (message_text(message, UpdateRecord_number).length != 0) say_text(world, message, UpdateRecord_number);
        say_pairs(world, message_text(message, UpdateRecord_fields));
        break;
    case KIND_RequestParty:
        say(world, " %s", enum_name_party_op(message_u(message, RequestParty_change)));
        say_text(world, message, RequestParty_agent);
        say(world, " %s", enum_name_party_role(message_u(message, RequestParty_role)));
        if (message_text(message, RequestParty_display).length != 0) say_text(world, message, RequestParty_display);
        break;
    case KIND_Lend:
        say_text(world, message, Lend_agent);
        say(world, " %u %llu %lld %lld %u", (unsigned)message_u(message, Lend_domain),
            (unsigned long long)message_u(message, Lend_number), (long long)message_i(message, Lend_from),
            (long long)message_i(message, Lend_until), (unsigned)message_u(message, Lend_ends));
        break;
    case KIND_LoanAnswer:
        say_text(world, message, LoanAnswer_agent);
        say(world, " %u %llu %u", (unsigned)message_u(message, LoanAnswer_domain),
            (unsigned long long)message_u(message, LoanAnswer_number), (unsigned)message_u(message, LoanAnswer_held));
        break;
    case KIND_Configure:
        say_text(world, message, Configure_dn);
        say(world, message_u(message, Configure_active) ? " active" : " idle");
        break;
    default:
        break;
    }
}

static void on_effect(void *self, struct span frame)
{
    struct core_world *world = self;
    struct message message;
    struct error error = {0};
    cr_assert(message_read(&message, frame.bytes, frame.length, &error), "%s", error.text);
    uint64_t ixn = message_u(&message, ENVELOPE_ixn);
    if (ixn != 0) world->ixn = ixn;
    world->last_ref[message.kind] = (uint32_t)message_u(&message, ENVELOPE_ref);
    if (message.kind == KIND_RequestRouteCall || message.kind == KIND_Invite)
        world->last_until = message_u(&message, message.kind == KIND_Invite ? Invite_until : RequestRouteCall_until);
    if (getenv("CORE_TRACE")) {
        char text[2000] = "";
        message_print(&message, text, sizeof text);
        fprintf(stderr, "    < %s\n", text);
    }
    struct sent *sent = &world->sent[world->sent_count++ % 16];
    struct span dest = message_text(&message, RequestRouteCall_dest);
    *sent = (struct sent){.kind = message.kind,
                          .link = (unsigned)message_u(&message, ENVELOPE_source),
                          .ref = world->last_ref[message.kind],
                          .ixn = ixn,
                          .conn = message_u(&message, ENVELOPE_conn)};
    if (message.kind == KIND_RequestRouteCall && dest.length < sizeof sent->dest)
        memcpy(sent->dest, dest.bytes, dest.length);
    if (message.kind == KIND_RequestMakeCall) {
        struct span from = message_text(&message, RequestMakeCall_origin),
                    to = message_text(&message, RequestMakeCall_number);
        snprintf(sent->dest, sizeof sent->dest, "%.*s %.*s", (int)from.length, (const char *)from.bytes, (int)to.length,
                 (const char *)to.bytes);
    }
    say(world, "%s", kind_name(message.kind));
    detail(world, &message);
    say(world, "\n");
}

static void apply(struct core_world *world, struct span frames, uint32_t count)
{
    struct batch batch = {
        .partition = world->partition,
        .epoch = 1,
        .number = ++world->number,
        .semantics = SEMANTICS_NUMBER,
        .time_us = world->time_us,
        .count = count,
        .events = frames,
    };
    struct effect_sink sink = {on_effect, world};
    struct error error = {0};
    size_t entry = LOG_HEAD + frames.length;
    if (world->log_length + entry > world->log_capacity) {
        world->log_capacity = (world->log_length + entry) * 2;
        world->log = realloc(world->log, world->log_capacity);
    }
    memcpy(world->log + world->log_length, &world->time_us, sizeof world->time_us);
    memcpy(world->log + world->log_length + 8, &frames.length, sizeof frames.length);
    if (frames.length != 0) memcpy(world->log + world->log_length + LOG_HEAD, frames.bytes, frames.length);
    uint8_t *digest = world->log + world->log_length + 12;
    world->log_length += entry;
    if (getenv("CORE_TRACE")) {
        struct message message;
        char text[2000] = "";
        if (count != 0 && message_read(&message, frames.bytes, frames.length, NULL))
            message_print(&message, text, sizeof text);
        fprintf(stderr, "%lu > %s\n", (unsigned long)world->time_us, text);
    }
    unsigned every = getenv("GCX_TWIN") ? (unsigned)atoi(getenv("GCX_TWIN")) : 0;
    bool twice = every != 0 && !world->unchecked && world->number % every == 0;
    if (!twice) core_apply(world->core, &batch, &sink);
    cr_assert(!twice || twin_apply(world->core, &batch, &sink, &error), "batch %lu: %s\n%s",
              (unsigned long)world->number, error.text, world->trace);
    memcpy(digest, &(uint64_t){core_digest(world->core)}, 8);
    cr_assert(world->unchecked || core_check(world->core, &error), "after batch %lu: %s\n%s",
              (unsigned long)world->number, error.text, world->trace);
}

/* The rows that gcxrecords would write of the replay, counted. */
static struct recorder *recorder;
static uint64_t table_rows[TABLES], distributed_rows, abandoned_rows;

static void on_row(void *self, enum table_name table, const struct record_value *values)
{
    (void)self;
    table_rows[table]++;
    if (table != TABLE_vq_visits) return;
    distributed_rows += span_is(values[vq_visits_outcome].text, "distributed");
    abandoned_rows += span_is(values[vq_visits_outcome].text, "abandoned");
}

static void replay_begins(struct core *core)
{
    memset(table_rows, 0, sizeof table_rows);
    distributed_rows = abandoned_rows = 0;
    recorder = recorder_new(core, on_row, NULL);
}

static void replay_applied(void)
{
    recorder_settle(recorder);
}

/* Every interaction, claim and visit that is over has its row. */
static void replay_ends(const struct core *core)
{
    struct core_status status;
    struct queue_row row;
    uint64_t distributed = 0, abandoned = 0, left = 0;
    core_status(core, &status);
    for (uint32_t vq = 0; core_queue(core, vq, &row); vq++) {
        distributed += row.distributed;
        abandoned += row.abandoned;
        left += row.distributed + row.abandoned + row.cleared;
    }
    cr_assert_eq(table_rows[TABLE_interactions], status.ended);
    cr_assert_eq(table_rows[TABLE_offers], core->claims->credited);
    cr_assert_eq(table_rows[TABLE_vq_visits], left);
    cr_assert_eq(distributed_rows, distributed);
    cr_assert_eq(abandoned_rows, abandoned);
    cr_assert_eq(table_rows[TABLE_decisions], status.decisions);
    recorder_free(recorder);
}

uint64_t world_replayed_digest(const struct core_world *world)
{
    struct core_options options = {.partition = world->partition,
                                   .seed = 7,
                                   .interactions_max = world_interactions_max,
                                   .image = image_of,
                                   .self = (void *)(uintptr_t)world};
    struct core *core = core_new(&options);
    uint64_t number = 0;
    replay_begins(core);
    for (size_t at = 0; at < world->log_length;) {
        struct batch batch = {
            .partition = world->partition, .epoch = 1, .number = ++number, .semantics = SEMANTICS_NUMBER};
        memcpy(&batch.time_us, world->log + at, 8);
        uint64_t digest;
        memcpy(&batch.events.length, world->log + at + 8, 4);
        memcpy(&digest, world->log + at + 12, 8);
        batch.events.bytes = world->log + at + LOG_HEAD;
        batch.count = batch.events.length != 0;
        at += LOG_HEAD + batch.events.length;
        core_apply(core, &batch, NULL);
        replay_applied();
        cr_assert_eq(core_digest(core), digest, "another digest after batch %lu", (unsigned long)number);
    }
    uint64_t digest = core_digest(core);
    replay_ends(core);
    core_free(core);
    return digest;
}

struct writer *world_event(struct core_world *world, unsigned source, unsigned kind, uint64_t ixn, uint64_t ref,
                           uint64_t conn)
{
    struct writer *writer = &world->writer;
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_source, source);
    writer_u(writer, ENVELOPE_seq, ++world->seq[source]);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, conn);
    writer_u(writer, ENVELOPE_client, world->client);
    writer_u(writer, ENVELOPE_req, world->req);
    return writer;
}

void world_post(struct core_world *world)
{
    apply(world, writer_end(&world->writer), 1);
}

void world_post_raw(struct core_world *world, const uint8_t *frame, size_t length)
{
    apply(world, (struct span){frame, (uint32_t)length}, 1);
}

void world_advance(struct core_world *world, uint64_t us)
{
    uint64_t until = world->time_us + us;
    while (core_next_timer(world->core) <= until) {
        world->time_us = core_next_timer(world->core);
        apply(world, (struct span){NULL, 0}, 0);
    }
    world->time_us = until;
}

void world_forget(struct core_world *world)
{
    world->trace_length = 0;
    world->trace[0] = 0;
}

void world_expect(struct core_world *world, const char *lines, const char *file, int line)
{
    cr_assert_str_eq(world->trace, lines, "%s:%d: the effects are\n%snot\n%s", file, line, world->trace, lines);
    world_forget(world);
}

struct core_world *world_bare(uint16_t partition)
{
    struct core_world *world = calloc(1, sizeof *world);
    struct error error = {0};
    size_t length;
    void *bytes = world_image(&length);
    world->image = image_load(bytes, length, &error);
    cr_assert(world->image, "%s at %u", error.text, error.offset);
    free(bytes);
    writer_init(&world->writer);
    world->time_us = 1000000;
    world->partition = partition;
    struct core_options options = {.partition = partition,
                                   .seed = 7,
                                   .interactions_max = world_interactions_max,
                                   .image = image_of,
                                   .self = world};
    world->core = core_new(&options);
    return world;
}

struct core_world *world_new(void)
{
    return world_of(1);
}

struct core_world *world_of(uint16_t partition)
{
    struct core_world *world = world_bare(partition);
    static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", NULL};
    link_up(world, caps);
    resync(world, false);
    directory(world, table_routing_point, "1800",
              (const char *const[]){"strategy", "enterprise", "defaults", "5000,5001", NULL});
    directory(world, table_queue, "desk", (const char *const[]){"dn", "5000", NULL});
    skill(world, "marie", "French", 9);
    skill(world, "marie", "Sales", 2);
    skill(world, "paul", "English", 9);
    skill(world, "paul", "Sales", 4);
    skill(world, "jean", "French", 6);
    directory(world, table_group_member, "overflow/olga",
              (const char *const[]){"group", "overflow", "agent", "olga", NULL});
    commit(world, true);
    activate(world, "1800");
    world_forget(world);
    return world;
}

void world_free(struct core_world *world)
{
    core_free(world->core);
    image_free(world->image);
    image_free(world->earlier);
    writer_free(&world->writer);
    free(world->log);
    free(world);
}

void world_end(struct core_world *world)
{
    cr_assert_eq(world_replayed_digest(world), core_digest(world->core));
    world_free(world);
}

void world_run(struct core_world *world, struct image *image)
{
    world->earlier = world->image;
    world->image = image;
    activate(world, "1800");
}

void world_restored(struct core_world *world, uint64_t second)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_Epoch, 0, 0, 0);
    writer_u(writer, Epoch_number, second);
    writer_u(writer, Epoch_restored, second);
    world_post(world);
    world_event(world, SOURCE_HOST, KIND_Recovered, 0, 0, 0);
    world_post(world);
}

void link_up(struct core_world *world, const char *const *caps)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LINK);
    writer_text(writer, LinkUp_name, "tserver");
    writer_list_begin(writer, LinkUp_caps);
    for (; *caps; caps++) writer_list_text(writer, span_of(*caps));
    writer_list_end(writer);
    world_post(world);
}

void world_desk_begins(struct core_world *world, unsigned link)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, link);
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("desktops"));
    writer_list_text(writer, span_of("preview"));
    writer_list_end(writer);
    world_post(world);
    world_event(world, link, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
}

void link_down(struct core_world *world)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LINK);
    world_post(world);
}

void resync(struct core_world *world, bool begin)
{
    world_event(world, LINK, begin ? KIND_ResyncBegin : KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

void directory(struct core_world *world, unsigned table, const char *key, const char *const *pairs)
{
    struct kv row;
    kv_init(&row);
    for (; *pairs; pairs += 2) kv_put_text(&row, pairs[0], span_of(pairs[1]));
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table);
    writer_text(writer, DirectoryRow_key, key);
    writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(world);
}

void skill(struct core_world *world, const char *agent_name, const char *skill_name, int level)
{
    struct kv row;
    char key[64];
    snprintf(key, sizeof key, "%s/%s", agent_name, skill_name);
    kv_init(&row);
    kv_put_text(&row, "agent", span_of(agent_name));
    kv_put_text(&row, "skill", span_of(skill_name));
    kv_put_int(&row, "level", level);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_agent_skill);
    writer_text(writer, DirectoryRow_key, key);
    writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(world);
}

void commit(struct core_world *world, bool whole)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryCommit, 0, 0, 0);
    writer_u(writer, DirectoryCommit_version, 1);
    writer_u(writer, DirectoryCommit_whole, whole);
    world_post(world);
}

void queue_time(struct core_world *world, const char *queue, const char *column, unsigned seconds)
{
    struct kv row;
    kv_init(&row);
    kv_put_text(&row, "name", span_of(queue));
    kv_put_int(&row, column, seconds);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_queue);
    writer_text(writer, DirectoryRow_key, queue);
    writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(world);
    commit(world, false);
}

void activate(struct core_world *world, const char *dn)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Activate, 0, 0, 0);
    writer_text(writer, Activate_at, dn);
    writer_bytes(writer, Activate_image, (struct span){image_hash(world->image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, "enterprise");
    world_post(world);
}

void agent(struct core_world *world, const char *agent_name, const char *dn, enum agent_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, agent_name);
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, state);
    world_post(world);
}

void created(struct core_world *world, uint64_t conn)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_ani, "+33145550101");
    writer_text(writer, EventCallCreated_dnis, "1800");
    world_post(world);
}

void route_request(struct core_world *world, uint64_t conn, uint32_t ref)
{
    writer_text(world_event(world, LINK, KIND_EventRouteRequest, 0, ref, conn), EventRouteRequest_dn, "1800");
    world_post(world);
}

void route_used(struct core_world *world, uint64_t conn, const char *to, enum route_how how)
{
    struct writer *writer = world_event(world, LINK, KIND_EventRouteUsed, 0, 0, conn);
    writer_text(writer, EventRouteUsed_dn, "1800");
    writer_text(writer, EventRouteUsed_to, to);
    writer_u(writer, EventRouteUsed_how, how);
    world_post(world);
}

void treatment(struct core_world *world, uint64_t conn, uint32_t ref, enum treatment_change change, const char *digits)
{
    struct writer *writer = world_event(world, LINK, KIND_EventTreatment, 0, ref, conn);
    writer_u(writer, EventTreatment_change, change);
    writer_text(writer, EventTreatment_digits, digits);
    world_post(world);
}

void treatment_end(struct core_world *world, uint64_t conn, const char *digits)
{
    uint32_t ref = world->last_ref[KIND_RequestApplyTreatment];
    treatment(world, conn, ref, treatment_change_Applied, NULL);
    treatment(world, conn, ref, treatment_change_End, digits);
}

void customer(struct core_world *world, const char *customer_name, const char *tier, const char *language)
{
    struct kv rows;
    kv_init(&rows);
    if (customer_name) {
        kv_list_begin(&rows, span_of("1"));
        kv_put_text(&rows, "name", span_of(customer_name));
        kv_put_text(&rows, "tier", span_of(tier));
        if (language)
            kv_put_text(&rows, "language", span_of(language));
        else
            kv_put_none(&rows, "language");
        kv_list_end(&rows);
    }
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, world->last_ref[KIND_Query], 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_list_begin(writer, EventDone_columns);
    writer_list_text(writer, span_of("name"));
    writer_list_text(writer, span_of("tier"));
    writer_list_text(writer, span_of("language"));
    writer_list_end(writer);
    writer_kv(writer, EventDone_rows, &rows);
    kv_free(&rows);
    world_post(world);
}

void done(struct core_world *world, uint64_t ixn, uint32_t ref, enum outcome outcome, enum code code)
{
    struct writer *writer = world_event(world, LINK, KIND_EventDone, ixn, ref, 0);
    writer_u(writer, EventDone_outcome, outcome);
    writer_u(writer, EventDone_code, code);
    world_post(world);
}

void party(struct core_world *world, uint64_t conn, const char *dn, const char *agent_name, enum party_role role,
           enum party_change change)
{
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, conn);
    writer_text(writer, EventParty_dn, dn);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, role);
    writer_text(writer, EventParty_agent, agent_name);
    world_post(world);
}

void deleted(struct core_world *world, uint64_t conn)
{
    writer_u(world_event(world, LINK, KIND_EventCallDeleted, 0, 0, conn), EventCallDeleted_cause, cause_remote_release);
    world_post(world);
}

void call_until_selection(struct core_world *world, uint64_t conn, const char *key, const char *tier)
{
    created(world, conn);
    route_request(world, conn, 0);
    treatment_end(world, conn, "4711");
    treatment_end(world, conn, key);
    customer(world, "Dupont", tier, "French");
}

void talk(struct core_world *world, uint64_t conn, const char *dn, const char *agent_name)
{
    route_used(world, conn, dn, route_how_instructed);
    party(world, conn, dn, agent_name, party_role_agent, party_change_Ringing);
    party(world, conn, dn, agent_name, party_role_agent, party_change_Established);
}

bool data_is(struct core_world *world, uint64_t name_of, const char *key, const char *text)
{
    struct kv data;
    struct kv_value value;
    kv_init(&data);
    bool is = core_data(world->core, name_of, &data) && kv_get(kv_span(&data), key, &value) && value.tag == KV_TEXT &&
              span_is(value.span, text);
    kv_free(&data);
    return is;
}

void world_everywhere(struct writer *writer, unsigned field)
{
    enum { FUNCTIONS = 16, CODE = 64 };
    uint8_t packed[FUNCTIONS * CODE * 4];
    uint32_t length = 0;
    struct kv pairs;
    for (unsigned place = 0; place < FUNCTIONS * CODE; place++) {
        packed[length++] = place % CODE;
        packed[length++] = 0;
        packed[length++] = (uint8_t)(place / CODE);
        packed[length++] = 0;
    }
    kv_init(&pairs);
    kv_put(&pairs, span_of("at"), &(struct kv_value){.tag = KV_BINARY, .span = {packed, length}});
    writer_kv(writer, field, &pairs);
    kv_free(&pairs);
}

/* tests/unit/campaign_play.c - The list, the switch and the agents of a campaign play. */
#include "tests/unit/campaign_play.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "vm/schedule.h"
#include "vm/steps.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"

const char *const dialling[] = {"calls", "treatments", "pull_back", "set_agent", "dial", NULL};
const char *const detecting[] = {"calls", "treatments", "pull_back", "set_agent", "dial", "predictive", NULL};
static const char *const listing[] = {"records", NULL};

char names[AGENTS][8], dns[AGENTS][8];

void dial_step(struct image_writer *w, const uint32_t *failed)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_dial_number, program_text(w, NUMBER));
    writer_wait_timeout(w, SECONDS(w, 35));
    if (failed) writer_wait_failure(w, *failed, REGISTER_NONE);
    writer_step(w, STEP_ID_outbound_dial, REGISTER_NONE);
}

/* An agent of the group overflow is selected within a minute, and the call routed to them. */
static void route_steps(struct image_writer *w, const uint32_t *failed)
{
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint8_t who = writer_register(w, TYPE_TARGET);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, ORDER_longest_idle);
    if (failed) writer_wait_failure(w, *failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, who);
    writer_wait_timeout(w, SECONDS(w, 30));
    if (failed) writer_wait_failure(w, *failed, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
}

/* Dials, and hands over to an agent; puts the record off by an hour where that fails. Another strategy, for lines,
 * hands over those who call. */
static struct image *serves(enum wrong wrong)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    (void)writer_zone(w, "Asia/Tokyo", (const int64_t[]){INT64_MIN}, (const int32_t[]){9 * HOUR_S}, 1);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w);
    if (wrong == DIVIDES) {
        uint8_t zero = writer_register(w, TYPE_INT);
        writer_abc(w, OP_DIV, zero, zero, zero);
    }
    dial_step(w, wrong == NO_ELSE_AT_ALL ? NULL : &failed);
    route_steps(w, wrong == NO_ELSE || wrong == NO_ELSE_AT_ALL ? NULL : &failed);
    program_stop(w, program_text(w, "served"));
    writer_place(w, failed);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_retry_in, SECONDS(w, 3600));
    writer_wait_timeout(w, SECONDS(w, 10));
    writer_step(w, STEP_ID_outbound_retry, REGISTER_NONE);
    program_stop(w, program_text(w, "put off"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    strategy = writer_strategy(w, "lines", 1u << media_voice, INT64_C(28800000000));
    body = writer_function_begin(w, "lines", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    route_steps(w, NULL);
    program_stop(w, program_text(w, "served"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

void list_up_with(struct core_world *world, const char *const *caps)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LIST);
    writer_text(writer, LinkUp_name, "lists");
    writer_list_begin(writer, LinkUp_caps);
    for (const char *const *cap = caps; *cap; cap++) writer_list_text(writer, span_of(*cap));
    writer_list_end(writer);
    world_post(world);
    world_event(world, LIST, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, LIST, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

void list_up(struct core_world *world)
{
    list_up_with(world, listing);
}

void list_down(struct core_world *world)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LIST);
    world_post(world);
}

void request_with(struct core_world *world, const char *name, enum campaign_op op, enum campaign_mode mode,
                  const char *limit, int64_t number)
{
    struct kv limits;
    kv_init(&limits);
    if (limit) kv_put_int(&limits, limit, number);
    struct writer *writer = world_event(world, ADMIN, KIND_RequestCampaign, 0, 0, 0);
    writer_text(writer, RequestCampaign_campaign, name);
    writer_u(writer, RequestCampaign_op, op);
    writer_u(writer, RequestCampaign_mode, mode);
    if (limit) writer_kv(writer, RequestCampaign_limits, &limits);
    kv_free(&limits);
    world_post(world);
}

void request(struct core_world *world, enum campaign_op op)
{
    request_with(world, "1800", op, campaign_mode_none, NULL, 0);
}

void answer_of(struct core_world *world, unsigned link, uint64_t ixn, uint32_t ref, enum code code)
{
    struct writer *writer = world_event(world, link, KIND_EventDone, ixn, ref, 0);
    writer_u(writer, EventDone_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(writer, EventDone_code, code);
    world_post(world);
}

void collect(struct campaign_play *play)
{
    cr_assert_leq(play->world->sent_count - play->seen, 16u, "%s", play->world->trace);
    for (; play->seen < play->world->sent_count; play->seen++) {
        const struct sent *sent = &play->world->sent[play->seen % 16];
        if (sent->kind == KIND_Reply) continue;
        play->queue[play->queued++ % 256] = *sent;
        cr_assert_leq(play->queued - play->taken, 256u);
    }
}

void hand_over_of(struct campaign_play *play, const char *of, uint32_t req, const char *whose, int64_t due_us)
{
    struct core_world *world = play->world;
    world->req = req;
    struct writer *writer = world_event(world, LIST, KIND_EventRecord, 0, 0, 0);
    world->req = 0;
    writer_u(writer, EventRecord_record, ++play->records);
    writer_text(writer, EventRecord_campaign, of);
    writer_text(writer, EventRecord_number, NUMBER);
    writer_i(writer, EventRecord_due, due_us);
    writer_text(writer, EventRecord_agent, whose);
    if (play->attempts != 0) writer_u(writer, EventRecord_attempt, play->attempts);
    writer_u(writer, EventRecord_version, 1);
    world_post(world);
    if (play->plays) collect(play);
}

void hand_over_for(struct campaign_play *play, uint32_t req, const char *whose, int64_t due_us)
{
    hand_over_of(play, "1800", req, whose, due_us);
}

void hand_over(struct campaign_play *play, uint32_t req)
{
    hand_over_for(play, req, NULL, 0);
}

void fetched(struct campaign_play *play, uint32_t ref, uint32_t count)
{
    while (count-- > 0) hand_over(play, ref);
    answer_of(play->world, LIST, 0, ref, code_ok);
}

static void define(struct core_world *world, const char *mode)
{
    directory(world, table_campaign, "1800",
              (const char *const[]){"name", "1800", "agents", "overflow", "mode", mode, NULL});
    commit(world, false);
}

struct campaign_play *begun_by(const char *mode, struct image *image, const char *const *caps)
{
    struct campaign_play *play = calloc(1, sizeof *play);
    struct core_world *world = play->world = world_new();
    play->random = 88172645463325252;
    play->allows = code_ok;
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    list_up(world);
    world_run(world, image);
    for (unsigned at = 0; at < AGENTS; at++) {
        char key[32];
        snprintf(names[at], sizeof names[at], "a%u", at);
        snprintf(dns[at], sizeof dns[at], "60%02u", at);
        snprintf(key, sizeof key, "overflow/a%u", at);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", names[at], NULL});
    }
    define(world, mode);
    world_forget(world);
    return play;
}

struct campaign_play *begun_with(const char *mode, enum wrong wrong, const char *const *caps)
{
    return begun_by(mode, serves(wrong), caps);
}

struct campaign_play *begun(const char *mode, enum wrong wrong)
{
    return begun_with(mode, wrong, dialling);
}

void over(struct campaign_play *play)
{
    world_end(play->world);
    free(play);
}

const struct campaign *campaign(const struct campaign_play *play)
{
    return play->world->core->campaigns->all[0];
}

void is(const struct campaign_play *play, const char *state, const char *why)
{
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row) && row.name.length != 0);
    cr_assert_str_eq(row.state, state);
    cr_assert_str_eq(row.why, why, "%s, not %s", row.why, why);
}

void seconds(struct campaign_play *play, unsigned count)
{
    world_advance(play->world, (uint64_t)count * SECOND);
}

uint32_t fetch_ref(const struct campaign_play *play)
{
    return play->world->last_ref[KIND_FetchRecords];
}

uint32_t name_of(const struct core_world *world, const char *name)
{
    return names_find(world->core->names, span_of(name));
}

void clock_is(struct core_world *world, int64_t offset_s)
{
    writer_i(world_event(world, SOURCE_HOST, KIND_Clock, 0, 0, 0), Clock_offset, offset_s * SECOND);
    world_post(world);
}

void wall_is(struct campaign_play *play, int64_t wall_s)
{
    clock_is(play->world, wall_s - (int64_t)(play->world->core->now->time_us / SECOND));
}

void hours_row(struct core_world *world, bool there)
{
    const int64_t numbers[] = {SCHEDULE_WEEKDAYS, 0, 6, 1, 10 * HOUR_S, 18 * HOUR_S, SCHEDULE_DATES, 1, 1, 0};
    struct kv row;
    kv_init(&row);
    if (there) {
        kv_list_begin(&row, span_of("value"));
        for (size_t at = 0; at < sizeof numbers / sizeof *numbers; at++) kv_put_int(&row, "item", numbers[at]);
        kv_list_end(&row);
    }
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_schedule);
    writer_text(writer, DirectoryRow_key, "hours");
    writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(world);
    commit(world, false);
}

struct campaign_play *scheduled(const char *mode, const char *zone)
{
    struct campaign_play *play = begun(mode, NOTHING);
    hours_row(play->world, true);
    directory(play->world, table_campaign, "1800",
              (const char *const[]){"name", "1800", "agents", "overflow", "mode", mode, "schedule", "hours", "zone",
                                    zone, NULL});
    commit(play->world, false);
    world_forget(play->world);
    return play;
}

unsigned chance(struct campaign_play *play, unsigned below)
{
    play->random ^= play->random << 13;
    play->random ^= play->random >> 7;
    play->random ^= play->random << 17;
    return (unsigned)(play->random >> 20) % below;
}

static struct played_call *call_of(struct campaign_play *play, uint64_t ixn)
{
    for (unsigned at = 0; at < CALLS; at++)
        if (play->calls[at].state != CALL_FREE && play->calls[at].ixn == ixn) return &play->calls[at];
    return NULL;
}

static unsigned agent_at_dn(const char *dn)
{
    unsigned at = 0;
    while (at < AGENTS && strcmp(dns[at], dn) != 0) at++;
    return at;
}

static void dialled(struct campaign_play *play, const struct sent *sent)
{
    unsigned at = 0;
    while (play->calls[at].state != CALL_FREE) cr_assert_lt(++at, (unsigned)CALLS);
    play->calls[at] = (struct played_call){.ixn = sent->ixn,
                                           .conn = UINT64_C(0x0010000020000000) + ++play->conns,
                                           .ref = sent->ref,
                                           .state = CALL_DIALLED,
                                           .at_us = play->world->time_us + (3 + chance(play, 15)) * UINT64_C(1000000)};
    struct writer *writer =
        world_event(play->world, LINK, KIND_EventCallCreated, sent->ixn, sent->ref, play->calls[at].conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(play->world);
}

static void call_ends(struct campaign_play *play, struct played_call *call)
{
    uint64_t conn = call->conn;
    if (call->state == CALL_TALKS) {
        unsigned at = call->agent;
        if (play->wrap_s != 0) {
            play->wrap_until[at] = play->world->time_us + play->wrap_s * UINT64_C(1000000);
            agent(play->world, names[at], dns[at], agent_state_after_call_work);
        }
    }
    call->state = CALL_FREE;
    deleted(play->world, conn);
}

static void routed(struct campaign_play *play, const struct sent *sent)
{
    struct played_call *call = call_of(play, sent->ixn);
    if (!call) return;
    call->agent = agent_at_dn(sent->dest);
    cr_assert_lt(call->agent, (unsigned)AGENTS);
    call->state = CALL_ROUTED;
    call->at_us = play->world->time_us + 300000;
    route_used(play->world, call->conn, sent->dest, route_how_instructed);
    if (call->state == CALL_ROUTED)
        party(play->world, call->conn, sent->dest, names[call->agent], party_role_agent, party_change_Ringing);
}

static void answer_effect(struct campaign_play *play, const struct sent *sent)
{
    switch (sent->kind) {
    case KIND_FetchRecords:
        if (!campaign(play) || sent->ref != campaign(play)->ref) break;
        if (play->promised) play->promised(play, sent->ref);
        fetched(play, sent->ref, play->silent ? 0 : campaign(play)->asked);
        break;
    case KIND_CheckRecord:
        answer_of(play->world, LIST, sent->ixn, sent->ref, play->allows);
        break;
    case KIND_UpdateRecord:
        answer_of(play->world, LIST, sent->ixn, sent->ref, code_ok);
        break;
    case KIND_RequestMakeCall:
    case KIND_RequestMakePredictiveCall:
        play->predictive += sent->kind == KIND_RequestMakePredictiveCall;
        if (play->dials == code_other)
            dialled(play, sent);
        else
            answer_of(play->world, LINK, sent->ixn, sent->ref, play->dials);
        break;
    case KIND_RequestRouteCall:
        routed(play, sent);
        break;
    case KIND_RequestCallControl:
    case KIND_Cancel: {
        struct played_call *call = call_of(play, sent->ixn);
        if (call) call_ends(play, call);
        break;
    }
    default:
        break;
    }
}

static void measure(struct campaign_play *play)
{
    const struct campaign *now = campaign(play);
    if (!now) return;
    const uint32_t *chosen = now->counts.chosen, *records = now->counts.records;
    unsigned ready = now->found.ready + chosen[RECORD_ringing] + chosen[RECORD_waiting];
    unsigned called = records[RECORD_ringing] + records[RECORD_checking];
    if (records[RECORD_ringing] > play->most_rings) play->most_rings = records[RECORD_ringing];
    if (called > ready && called - ready > play->most_over) play->most_over = called - ready;
}

static unsigned lines_of(const struct campaign_play *play, const char *line)
{
    unsigned count = 0;
    for (const char *at = play->world->trace; (at = strstr(at, line)); at++) count++;
    return count;
}

static void answer_effects(struct campaign_play *play)
{
    for (collect(play); play->taken < play->queued; collect(play)) {
        const struct sent sent = play->queue[play->taken++ % 256];
        answer_effect(play, &sent);
        play->wrong += lines_of(play, "UpdateRecord updated invalid_number");
        play->doubted += lines_of(play, "UpdateRecord ready invalid_number");
        world_forget(play->world);
    }
}

static void call_moves(struct campaign_play *play, struct played_call *call)
{
    struct core_world *world = play->world;
    switch ((enum call_state)call->state) {
    case CALL_DIALLED:
        call->at_us = world->time_us + 20 * UINT64_C(1000000);
        if (chance(play, 100) >= play->answers_percent) {
            call_ends(play, call);
            break;
        }
        call->state = CALL_ANSWERED;
        world_event(world, LINK, KIND_EventRouteRequest, 0, 0, call->conn);
        writer_i(&world->writer, ENVELOPE_ago, play->kept_back_us);
        writer_text(&world->writer, EventRouteRequest_dn, "1800");
        writer_i(&world->writer, EventRouteRequest_answered, play->known_us);
        world_post(world);
        break;
    case CALL_ROUTED:
        call->state = CALL_TALKS;
        call->at_us = world->time_us + (play->talk_s / 2 + chance(play, play->talk_s)) * UINT64_C(1000000);
        party(world, call->conn, dns[call->agent], names[call->agent], party_role_agent, party_change_Established);
        break;
    case CALL_ANSWERED:
    case CALL_TALKS:
        call_ends(play, call);
        break;
    case CALL_FREE:
        break;
    }
}

void play_a_tenth(struct campaign_play *play)
{
    answer_effects(play);
    world_advance(play->world, SECOND / 10);
    answer_effects(play);
    for (unsigned at = 0; at < CALLS; at++)
        if (play->calls[at].state != CALL_FREE && play->calls[at].at_us <= play->world->time_us) {
            call_moves(play, &play->calls[at]);
            answer_effects(play);
        }
    for (unsigned at = 0; at < AGENTS; at++)
        if (play->wrap_until[at] != 0 && play->wrap_until[at] <= play->world->time_us) {
            play->wrap_until[at] = 0;
            agent(play->world, names[at], dns[at], agent_state_ready);
            answer_effects(play);
        }
    measure(play);
    world_forget(play->world);
}

void play_for(struct campaign_play *play, unsigned count)
{
    if (!play->plays) play->seen = play->world->sent_count < 16 ? 0 : play->world->sent_count - 16;
    play->plays = true;
    for (uint64_t until_us = play->world->time_us + (uint64_t)count * SECOND; play->world->time_us < until_us;)
        play_a_tenth(play);
}

void log_in(struct campaign_play *play, unsigned count)
{
    for (unsigned at = 0; at < count; at++) {
        agent(play->world, names[at], dns[at], agent_state_ready);
        if (play->plays) collect(play);
    }
}

void run_for(struct campaign_play *play, const char *limit, int64_t number, unsigned count)
{
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, limit, number);
    request(play->world, campaign_op_start);
    play_for(play, count);
}

struct campaign *beside(struct campaign_play *play, const char *mode, const char *schedule, const char *limit,
                        int64_t number)
{
    struct core_world *world = play->world;
    activate(world, "1801");
    directory(world, table_campaign, "1801",
              (const char *const[]){"name", "1801", "agents", "overflow", "mode", mode, schedule ? "schedule" : NULL,
                                    schedule, "zone", "Asia/Tokyo", NULL});
    commit(world, false);
    request_with(world, "1801", campaign_op_load, campaign_mode_none, limit, number);
    cr_assert_eq(world->core->campaigns->count, 2u);
    return world->core->campaigns->all[1];
}

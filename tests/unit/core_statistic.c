/* tests/unit/core_statistic.c - Statistics: after every event of a random run each figure is what the events since the
 * beginning say, added up anew each time. Windows by themselves; and that nothing is kept that no program reads. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/statistic.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/window.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"
#include "tests/unit/drawn.h"

TestSuite(core_statistic, .timeout = 120);

enum { MEDIA_SEEN = media_chat + 1, PEOPLE = 4, EVENTS = 1500, ROUNDS = 3, CALLS = 5, MEASURES_MAX = 544 };
#define DAY_US UINT64_C(86400000000)

extern const struct part_ops part_ops_statistics;

static const char *const people[PEOPLE] = {"marie", "paul", "jean", "olga"};
static const char *const dns[PEOPLE] = {"7001", "7002", "7003", "7004"};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static struct image_measure rows[MEASURES_MAX];
static uint32_t row_count;
static uint16_t group_name, second_name, vq_name, queue_name, place_name, strategy_name_row;

/* Objects as statistics.def names them. */
enum {
#define MEASURED(name, number, word) name = number,
#include "vm/measured.def"
};

static void row_put(struct image_writer *w, const struct image_measure *row)
{
    cr_assert_lt(row_count, MEASURES_MAX);
    cr_assert_eq(writer_measure(w, row), row_count);
    rows[row_count++] = *row;
}

/* Every measure of every object: of now, over a minute and over three hours, since noon, and of agents since their
 * login; and of two media. */
static void measures_put(struct image_writer *w)
{
    const int64_t from = INT64_MIN;
    const int32_t offset = 0;
    uint16_t zone = (uint16_t)writer_zone(w, "UTC", &from, &offset, 1);
    const int64_t windows[] = {60000000, INT64_C(10800000000), -(INT64_C(43200000000) + 1), MEASURE_SINCE_LOGIN};
    row_count = 0;
    for (uint32_t number = 0; number < MEASURES; number++) {
        const struct measure_row *measure = measure_numbered(number);
        for (uint32_t of = MEASURED_AGENT; of < MEASURED_CAMPAIGN; of <<= 1) { /* no campaign runs here */
            if (!(measure->objects & of)) continue;
            for (unsigned window = 0; window < (measure->windowed ? 3 + (of == MEASURED_AGENT) : 1); window++) {
                int64_t window_us = measure->windowed ? windows[window] : 0;
                for (int64_t within_us = -1; within_us <= (measure->filters & MEASURED_WITHIN ? 5000000 : -1);
                     within_us += 5000001) {
                    struct image_measure row = {
                        window_us, within_us, (uint16_t)number, (uint16_t)of, window == 2 ? zone : (uint16_t)IMAGE_NONE,
                        0};
                    row_put(w, &row);
                    if (window != 0 || !(measure->filters & MEASURED_MEDIUM)) continue;
                    row.medium = media_voice;
                    row_put(w, &row);
                    row.medium = media_chat;
                    row_put(w, &row);
                }
            }
        }
    }
}

/* it.idle_time > 5s and occupancy(it) < 1/2 over a minute, of those in the group: asked of each candidate. */
static uint16_t rested(struct image_writer *w)
{
    const struct image_measure idle = {0, -1, MEASURE_ID_idle_time, MEASURED_AGENT, IMAGE_NONE, 0};
    const struct image_measure busy = {60000000, -1, MEASURE_ID_busy_time, MEASURED_AGENT, IMAGE_NONE, 0};
    uint16_t leaf = writer_function_begin(w, "rested", FUNCTION_LEAF, IMAGE_NONE, 0, TYPE_BOOL);
    uint8_t group = writer_register(w, TYPE_GROUP), figure = writer_register(w, TYPE_DURATION);
    uint8_t limit = writer_register(w, TYPE_DURATION);
    uint8_t yes = writer_register(w, TYPE_BOOL), also = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_LOAD, group, writer_constant(w, TYPE_GROUP, group_name));
    writer_abc(w, OP_MEMBER, yes, group, 0);
    writer_abx(w, OP_IT_MEASURE, figure, (int)writer_measure(w, &idle));
    writer_abx(w, OP_LOAD, limit, writer_constant(w, TYPE_DURATION, 5000000));
    writer_abc(w, OP_LT, also, limit, figure);
    writer_abc(w, OP_AND, yes, yes, also);
    writer_abx(w, OP_IT_MEASURE, figure, (int)writer_measure(w, &busy));
    writer_abx(w, OP_LOAD, limit, writer_constant(w, TYPE_DURATION, 30000000));
    writer_abc(w, OP_LT, also, figure, limit);
    writer_abc(w, OP_AND, yes, yes, also);
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_function_end(w);
    return leaf;
}

/* select in vq service { group overflow; } timeout 20s; route who answer 15s. `asks`: the line is `rested`. `measured`:
 * a second line takes a group that the image does not tell, since it stands in a register: second. */
static struct image *measuring_for(bool measured, bool asks)
{
    struct image_writer *w = image_writer_new();
    writer_capacity(w, "two_calls", &(struct capacity_row){CAPACITY_TAKES, media_voice, 2}, 1);
    uint16_t strategy = program_strategy(w, "enterprise");
    group_name = program_name(w, TYPE_GROUP, "overflow");
    second_name = program_name(w, TYPE_GROUP, "second");
    vq_name = program_name(w, TYPE_VQ, "service");
    queue_name = program_name(w, TYPE_QUEUE, "desk");
    place_name = program_name(w, TYPE_PLACE, "window");
    strategy_name_row = program_name(w, TYPE_STRATEGY, "enterprise");
    uint16_t leaf = asks ? rested(w) : 0;
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint8_t second = writer_register(w, TYPE_GROUP);
    uint32_t failed = writer_label(w);
    if (measured) measures_put(w);
    if (measured) writer_abx(w, OP_LOAD, second, writer_constant(w, TYPE_GROUP, second_name));
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(writer_constant(w, TYPE_VQ, vq_name)));
    writer_wait_timeout(w, SECONDS(w, 20));
    if (asks)
        writer_wait_line_leaf(w, OPERAND_NONE, leaf, NULL, 0);
    else
        writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(writer_constant(w, TYPE_GROUP, group_name)));
    if (measured) writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, second);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 20, 15, failed);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct image *measuring(bool measured)
{
    return measuring_for(measured, false);
}

/* The facts, from the beginning on. */
static struct told {
    uint64_t at_us, took_us;
    unsigned what, who; /* who: PEOPLE: no agent */
    unsigned login;     /* of the agent: which one it was */
    bool of_vq, of_group, of_place, of_strategy;
} * told;
static struct sample { /* from then on */
    uint64_t at_us;
    bool levels[MEDIA_SEEN][PEOPLE][AGENT_LEVELS]; /* 0: of all media */
    bool member[PEOPLE], of_vq[PEOPLE], of_second[PEOPLE], at_place[PEOPLE];
    unsigned calls[PEOPLE];
} * samples;
static size_t told_count, sample_count;
static struct claimed { /* by number, as in the id */
    uint64_t made_us, answered_us;
    bool of_vq;
} * claimed;
static bool last_of_vq[PEOPLE], selected;

/* With room for one more; it becomes twice as large where the count is a power of two. */
static void *grown(void *all, size_t count, size_t size)
{
    if (count & (count - 1)) return all;
    all = realloc(all, (count ? count * 2 : 1) * size);
    cr_assert(all);
    return all;
}

static struct login {
    uint64_t at_us;
    unsigned count;
    bool in;
} logins[PEOPLE];
static struct stay { /* in the queue; by interaction: the ids end with small numbers */
    uint64_t since_us;
    bool in;
} stays[EVENTS * 2];
static struct moved { /* of the queue: since the last one was distributed or abandoned */
    uint64_t left_us, mean_us;
    unsigned means;
    bool waited;
} moves;

static unsigned person(const struct core *core, uint32_t name)
{
    unsigned who = 0;
    while (who < PEOPLE && names_find(core->names, span_of(people[who])) != name) who++;
    return who;
}

/* How long it took, by the moments at which the claim was made and answered. */
static uint64_t took(const struct core *core, const struct fact *fact)
{
    uint64_t number = fact->claim & 0xffffffff;
    if (fact->what == FACT_claimed) {
        claimed = realloc(claimed, (number + 1) * sizeof *claimed);
        cr_assert(claimed);
        claimed[number] = (struct claimed){.made_us = core->now->time_us};
    }
    if (fact->what == FACT_offer_answered) claimed[number].answered_us = core->now->time_us;
    return fact->what == FACT_offer_answered ? core->now->time_us - claimed[number].made_us
           : fact->what == FACT_served       ? core->now->time_us - claimed[number].answered_us
                                             : 0;
}

static unsigned in_queue(void)
{
    unsigned count = 0;
    for (size_t at = 0; at < sizeof stays / sizeof *stays; at++) count += stays[at].in;
    return count;
}

/* The mean of the times between two that were distributed or abandoned, as long as others waited meanwhile. */
static void queue_moves(uint64_t now_us, unsigned way)
{
    bool counts = way != ACD_cleared, wait = in_queue() != 0;
    uint64_t between_us = now_us - moves.left_us;
    if (counts && moves.left_us != 0 && moves.waited) {
        if (moves.means < 32) moves.means++;
        moves.mean_us = (moves.mean_us * (moves.means - 1) + between_us) / moves.means;
    } else if (counts && moves.left_us != 0 && moves.means == 0) {
        moves.mean_us = between_us;
    }
    if (counts) moves.left_us = now_us;
    moves.waited = wait && (moves.waited || counts);
}

static uint64_t first_in_queue(void)
{
    uint64_t first_us = UINT64_MAX;
    for (size_t at = 0; at < sizeof stays / sizeof *stays; at++)
        if (stays[at].in && stays[at].since_us < first_us) first_us = stays[at].since_us;
    return first_us;
}

/* The queue is desk, or the switch names it by its DN 5000. */
static void hear_queue(const struct core *core, const struct fact *fact)
{
    static const char *const names[] = {"desk", "5000"};
    bool in = false;
    if (fact->what != FACT_owned && fact->what != FACT_ended) return;
    for (unsigned at = 0; at < 2; at++)
        in |= fact->what == FACT_owned && fact->value == OWNER_QUEUE &&
              fact->name == names_find(core->names, span_of(names[at]));
    cr_assert_lt(fact->ixn & 0xffffffff, sizeof stays / sizeof *stays);
    struct stay *stay = &stays[fact->ixn & 0xffffffff];
    if (stay->in == in) return;
    unsigned way = in                                     ? ACD_came
                   : fact->what == FACT_owned             ? fact->value == OWNER_AGENT ? ACD_distributed : ACD_cleared
                   : fact->ended->outcome == ENDED_MERGED ? ACD_cleared
                                                          : ACD_abandoned;
    told = grown(told, told_count, sizeof *told);
    told[told_count++] = (struct told){.at_us = core->now->time_us,
                                       .took_us = in ? 0 : core->now->time_us - stay->since_us,
                                       .what = FACTS + way,
                                       .who = PEOPLE};
    *stay = (struct stay){core->now->time_us, in};
    if (!in) queue_moves(core->now->time_us, way);
}

static void hear_login(const struct core *core, const struct fact *fact)
{
    struct login *login = &logins[person(core, fact->name)];
    bool in = fact->value != agent_state_logged_out && fact->value != agent_state_unknown;
    if (in && !login->in) *login = (struct login){core->now->time_us, login->count + 1, true};
    login->in = in;
}

static bool in_enterprise(const struct core *core, const struct interaction *ix)
{
    struct span title = strategy_title(core->strategies, ix);
    return ix->program != PROGRAM_NONE && title.length == 10 && memcmp(title.bytes, "enterprise", 10) == 0;
}

static void hear_strategy(const struct core *core, const struct fact *fact)
{
    if (fact->ixn == 0) return;
    const struct interaction *ix = interaction_by_id(core->interactions, fact->ixn);
    told = grown(told, told_count, sizeof *told);
    told[told_count++] = (struct told){.at_us = core->now->time_us,
                                       .took_us = core->now->time_us - interaction_arrived(core->interactions, ix),
                                       .what = fact->what,
                                       .who = PEOPLE,
                                       .of_strategy = in_enterprise(core, ix)};
}

static void hear(void *self, const struct fact *fact)
{
    struct core *core = self;
    static const bool passed[FACTS] = {
#define PASSED(fact) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
    };
    if (passed[fact->what]) hear_strategy(core, fact);
    hear_queue(core, fact);
    if (fact->what == FACT_agent_state) hear_login(core, fact);
    static const bool offered[FACTS] = {
#define OFFERED(fact) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
    };
    bool queue = fact->what >= FACT_queued && fact->what <= FACT_served_elsewhere;
    queue = queue || fact->what == FACT_judged || fact->what == FACT_satisfied;
    if (!queue && !offered[fact->what]) return;
    struct told now = {.at_us = core->now->time_us, .what = fact->what, .who = PEOPLE, .of_vq = queue};
    selected = selected || fact->what == FACT_queued;
    if (queue) {
        now.took_us = fact->what == FACT_queued ? 0 : fact->waited_us;
    } else {
        now.who = person(core, fact->name);
        now.login = logins[now.who].count;
        now.of_vq = fact->vq != 0;
        now.took_us = took(core, fact);
        now.of_group =
            agent_in_group(agent_at(core->agents, fact->whose), names_find(core->names, span_of("overflow")));
        now.of_place = agent_at(core->agents, fact->whose)->place == names_find(core->names, span_of("window"));
        if (fact->what == FACT_served) last_of_vq[now.who] = now.of_vq;
    }
    told = grown(told, told_count, sizeof *told);
    told[told_count++] = now;
}

/* The agent may have two claims of one interaction: it is asked for a call that it has on hold. */
static void sample_calls(const struct core *core, uint32_t agent, bool *levels)
{
    for (uint32_t at = 0; at < core->claims->count; at++) {
        const struct claim *claim = &core->claims->all[at];
        if (claim->state != CLAIM_ACTIVE || claim->agent != agent) continue;
        uint32_t slot = interaction_at(core->interactions, claim->interaction)->parties;
        for (; slot != PARTY_NONE; slot = core->interactions->parties[slot].next) {
            const struct party *party = &core->interactions->parties[slot];
            if (party->agent != agent) continue;
            levels[LEVEL_talking] |= party->state == party_change_Established || party->state == party_change_Retrieved;
            levels[LEVEL_holding] |= party->state == party_change_Held;
        }
    }
}

/* How many calls the agent takes at once. */
static unsigned calls_of(unsigned who)
{
    return who == PEOPLE - 1 ? 2 : 1;
}

static void sample_levels(bool *levels, bool in, bool busy, bool ready, bool wrap)
{
    levels[LEVEL_logged_in] = in;
    levels[LEVEL_busy] = busy;
    levels[LEVEL_ready] = ready;
    levels[LEVEL_idle] = ready && !busy && !wrap;
    levels[LEVEL_wrap] = wrap && !busy;
    levels[LEVEL_not_ready] = in && !busy && !ready && !wrap;
}

/* All calls are of voice. */
static void sample(const struct core_world *world)
{
    const struct core *core = world->core;
    uint32_t overflow = names_find(core->names, span_of("overflow")), number;
    samples = grown(samples, sample_count, sizeof *samples);
    struct sample *now = &samples[sample_count++];
    *now = (struct sample){.at_us = core->now->time_us};
    for (unsigned who = 0; who < PEOPLE; who++) {
        if (!agent_find(core->agents, names_find(core->names, span_of(people[who])), &number)) continue;
        const struct agent *agent = agent_at(core->agents, number);
        bool in = agent->state != agent_state_logged_out && agent->state != agent_state_unknown;
        unsigned calls = 0;
        for (uint32_t at = 0; at < core->claims->count; at++)
            calls += core->claims->all[at].state != CLAIM_OVER && core->claims->all[at].agent == number;
        now->calls[who] = calls;
        bool busy = in && calls > 0, ready = in && agent->state == agent_state_ready && calls < calls_of(who);
        now->member[who] = agent_in_group(agent, overflow);
        now->of_second[who] = agent_in_group(agent, names_find(core->names, span_of("second")));
        now->of_vq[who] = last_of_vq[who];
        now->at_place[who] = agent->place == names_find(core->names, span_of("window"));
        bool wrap = in && agent->state == agent_state_after_call_work;
        bool chats = in && agent->state == agent_state_ready && calls == 0 && calls_of(who) == 1;
        if (in) sample_calls(core, number, now->levels[0][who]);
        memcpy(now->levels[media_voice][who], now->levels[0][who], sizeof now->levels[0][who]);
        sample_levels(now->levels[0][who], in, busy, ready, wrap);
        sample_levels(now->levels[media_voice][who], in, busy, ready, wrap);
        sample_levels(now->levels[media_chat][who], in, false, chats, false);
    }
}

/* The first moment that the window holds: a sixtieth of the span begins there, a day by noon, or the agent's login. */
static uint64_t window_begin(const struct image_measure *row, unsigned who, uint64_t now_us)
{
    if (row->window_us == MEASURE_SINCE_LOGIN) return logins[who].count != 0 ? logins[who].at_us : 0;
    if (row->window_us > 0) {
        uint64_t part = (uint64_t)row->window_us / 60, newest = now_us / part;
        return newest < 60 ? 0 : (newest - 60) * part;
    }
    uint64_t noon = DAY_US / 2;
    return now_us < noon ? 0 : (now_us - noon) / DAY_US * DAY_US + noon;
}

static int64_t count_level(const struct sample *at, const struct image_measure *row, unsigned level, unsigned who)
{
    if (who < PEOPLE) return at->levels[row->medium][who][level];
    const bool *of = row->of == MEASURED_VQ ? at->of_vq : row->of == MEASURED_PLACE ? at->at_place : at->member;
    int64_t count = 0;
    for (unsigned each = 0; each < PEOPLE; each++) count += of[each] && at->levels[row->medium][each][level];
    return count;
}

/* The line with the register is known from the first selection on. */
static int64_t count_serving(unsigned medium, unsigned level)
{
    const struct sample *now = &samples[sample_count - 1];
    int64_t count = 0;
    for (unsigned each = 0; each < PEOPLE; each++)
        count += (now->member[each] || (selected && now->of_second[each])) && now->levels[medium][each][level];
    return count;
}

/* `who`: PEOPLE for the group, or the virtual queue. */
static int64_t lasted(const struct image_measure *row, unsigned level, unsigned who, uint64_t since_us, uint64_t now_us)
{
    uint64_t begin_us = window_begin(row, who, now_us);
    int64_t total = 0;
    if (begin_us < since_us) begin_us = since_us;
    for (size_t i = sample_count; i-- > 0;) {
        uint64_t from_us = samples[i].at_us, to_us = i + 1 < sample_count ? samples[i + 1].at_us : now_us;
        if (to_us < begin_us) break;
        if (from_us < begin_us) from_us = begin_us;
        if (from_us < to_us) total += count_level(&samples[i], row, level, who) * (int64_t)(to_us - from_us);
    }
    return total;
}

/* What adds to the row: of each kind of fact nothing, one, or as many as it took. */
struct adds {
    bool one[FACTS + ACD_WAYS], took[FACTS + ACD_WAYS];
};

static struct adds what_adds(const struct image_measure *row)
{
    enum { ONE, TOOK };
    struct adds adds = {0};
#define COUNTED(name, objects, fact, amount)                                                                           \
    if (row->measure == MEASURE_ID_##name && row->of & (objects))                                                      \
        (amount == TOOK ? adds.took : adds.one)[FACT_##fact] = true;
#define PASSED(name, fact)                                                                                             \
    if (row->measure == MEASURE_ID_##name && row->of == STRATEGY) adds.one[FACT_##fact] = true;
#define ACD(name, way, amount)                                                                                         \
    if (row->measure == MEASURE_ID_##name && row->of == QUEUE)                                                         \
        (amount == TOOK ? adds.took : adds.one)[FACTS + ACD_##way] = true;
#include "runtime/core/statistics/statistics.def"
    return adds;
}

static bool of_object(const struct told *one, const struct image_measure *row, unsigned who)
{
    return row->of == MEASURED_QUEUE      ? one->what >= FACTS
           : row->of == MEASURED_VQ       ? one->of_vq
           : row->of == MEASURED_GROUP    ? one->of_group
           : row->of == MEASURED_PLACE    ? one->of_place
           : row->of == MEASURED_STRATEGY ? one->of_strategy
                                          : one->who == who;
}

/* From the newest one back to the window's begin. */
static int64_t counted(const struct image_measure *row, unsigned who, uint64_t now_us)
{
    const struct adds adds = what_adds(row);
    uint64_t begin_us = window_begin(row, who, now_us);
    int64_t total = 0;
    if (row->medium == media_chat) return 0;
    for (size_t i = told_count; i-- > 0 && told[i].at_us >= begin_us;) {
        const struct told *one = &told[i];
        if (!adds.one[one->what] && !adds.took[one->what]) continue;
        if (row->window_us == MEASURE_SINCE_LOGIN && one->login != logins[who].count) continue;
        if (row->within_us >= 0 && one->took_us > (uint64_t)row->within_us) continue;
        if (!of_object(one, row, who)) continue;
        total += adds.one[one->what] + (adds.took[one->what] ? (int64_t)one->took_us : 0);
    }
    return total;
}

static int64_t slowly(const struct core_world *world, const struct image_measure *row, unsigned who, uint64_t since_us)
{
    const struct core *core = world->core;
    uint32_t vq = vq_find(core->vqs, names_find(core->names, span_of("service")));
    uint64_t oldest_us = core->now->time_us;
    int64_t waiting = 0;
    switch (row->measure) {
#define LASTED(name, objects, level)                                                                                   \
    case MEASURE_ID_##name:                                                                                            \
        return counted(row, who, core->now->time_us) + lasted(row, LEVEL_##level, who, since_us, core->now->time_us);
#define LEVEL(name, objects, level)                                                                                    \
    case MEASURE_ID_##name:                                                                                            \
        if (row->of == MEASURED_VQ) return count_serving(row->medium, LEVEL_##level);                                  \
        return count_level(&samples[sample_count - 1], row, LEVEL_##level, who);
#include "runtime/core/statistics/statistics.def"
    case MEASURE_ID_waiting:
        if (row->of == MEASURED_QUEUE) return in_queue();
        /* fall through */
    case MEASURE_ID_longest_wait:
        if (row->of == MEASURED_QUEUE) return in_queue() ? (int64_t)(core->now->time_us - first_in_queue()) : 0;
        for (uint32_t at = 0; vq != VQS_MAX && at < core->vqs->visit_count; at++) {
            const struct visit *visit = &core->vqs->visits[at];
            if (visit->state == VISIT_FREE) continue;
            waiting++;
            if (visit->age_us < oldest_us) oldest_us = visit->age_us;
        }
        return row->measure == MEASURE_ID_waiting ? waiting : (int64_t)(core->now->time_us - oldest_us);
    case MEASURE_ID_ewt: {
        if (row->of == MEASURED_QUEUE) return (int64_t)(moves.mean_us * (in_queue() + 1));
        uint64_t wait_us =
            vq == VQS_MAX ? UINT64_MAX : vq_expected_us(core->vqs, vq, (uint32_t)core->vqs->all[vq].waiting + 1);
        return wait_us == UINT64_MAX ? 0 : (int64_t)wait_us;
    }
    case MEASURE_ID_running:
        for (uint32_t at = core->interactions->first; at != INTERACTION_NONE;
             at = interaction_at(core->interactions, at)->next)
            waiting += interaction_at(core->interactions, at)->running &&
                       in_enterprise(core, interaction_at(core->interactions, at));
        return waiting;
    case MEASURE_ID_load:
        return samples[sample_count - 1].calls[who] * 1000000u / calls_of(who);
    default:
        return counted(row, who, core->now->time_us);
    }
}

static void compare(struct core_world *world, uint16_t program, uint64_t since_us, unsigned event)
{
    struct core *core = world->core;
    for (uint32_t at = 0; at < row_count; at++) {
        const struct image_measure *row = &rows[at];
        if (row->measure == MEASURE_ID_idle_time) continue; /* the next test's */
        unsigned first = row->of == MEASURED_AGENT ? 0 : PEOPLE, last = row->of == MEASURED_AGENT ? PEOPLE : PEOPLE + 1;
        for (unsigned who = first; who < last; who++) {
            uint32_t number = 0;
            uint64_t word = row->of == MEASURED_GROUP      ? group_name
                            : row->of == MEASURED_QUEUE    ? queue_name
                            : row->of == MEASURED_PLACE    ? place_name
                            : row->of == MEASURED_STRATEGY ? strategy_name_row
                                                           : vq_name;
            uint64_t changes_us;
            if (row->of == MEASURED_AGENT) {
                if (!agent_find(core->agents, names_find(core->names, span_of(people[who])), &number)) continue;
                word = number + 1u;
            }
            int64_t is = statistic_read(core->statistics, program, at, word, &changes_us);
            int64_t ought = slowly(world, row, who, since_us);
            cr_assert_eq(is, ought, "event %u: %s media %u of %u over %lld within %lld is %lld, not %lld", event,
                         measure_numbered(row->measure)->name, row->medium, who, (long long)row->window_us,
                         (long long)row->within_us, (long long)is, (long long)ought);
            cr_assert_gt(changes_us, core->now->time_us);
        }
    }
}

/* Time passes, timer by timer: what they change is noted when they fire. */
static void pass(struct core_world *world, uint64_t us)
{
    uint64_t until_us = world->time_us + us;
    sample(world);
    while (world->time_us < until_us) {
        uint64_t next_us = core_next_timer(world->core);
        if (next_us > until_us) next_us = until_us;
        world_advance(world, next_us > world->time_us ? next_us - world->time_us : 0);
        sample(world);
    }
}

/* The agent of `conn` asks another one, and hands the call on. */
static void transferred(struct core_world *world, uint64_t conn, uint64_t other, unsigned who, unsigned whom)
{
    party(world, conn, dns[who], people[who], party_role_agent, party_change_Held);
    created(world, other);
    party(world, other, dns[whom], people[whom], party_role_agent, party_change_Established);
    struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, conn);
    writer_conn(writer, EventPartyChanged_prev_conn, other);
    writer_u(writer, EventPartyChanged_how, party_how_transfer);
    world_post(world);
    party(world, conn, dns[who], people[who], party_role_agent, party_change_Released);
}

static void rings(struct core_world *world, uint64_t conn, unsigned who)
{
    route_used(world, conn, dns[who], route_how_instructed);
    party(world, conn, dns[who], people[who], party_role_agent, party_change_Ringing);
}

static void refused(struct core_world *world, uint64_t conn, unsigned who)
{
    rings(world, conn, who);
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, conn);
    writer_text(writer, EventParty_dn, dns[who]);
    writer_u(writer, EventParty_change, party_change_Released);
    writer_u(writer, EventParty_role, party_role_agent);
    writer_text(writer, EventParty_agent, people[who]);
    writer_u(writer, EventParty_cause, cause_refused);
    world_post(world);
    route_request(world, conn, 0);
}

/* The DN belongs to the place from now on, or to none. */
static void move_dn(struct core_world *world, const char *dn, bool there)
{
    const char *const row[] = {"dn", dn, "place", "window", NULL};
    directory(world, table_place_dn, dn, there ? row : (const char *const[]){NULL});
    sample(world);
    commit(world, false);
}

static void something(struct core_world *world, uint64_t *seed)
{
    static const uint64_t steps_us[] = {0, 1, 999999, 1000000, 7000000, 61000000, 1234567890, UINT64_C(30000000000)};
    uint64_t conn = CALL + draw(seed, CALLS), who = draw(seed, 2) == 0 ? PEOPLE - 1 : draw(seed, PEOPLE);
    uint64_t rare = draw(seed, 40) == 0 ? sizeof steps_us / sizeof *steps_us : 5;
    pass(world, steps_us[draw(seed, rare)]);
    switch (draw(seed, 29)) {
    case 0:
    case 1:
    case 2:
        created(world, conn);
        route_request(world, conn, 0);
        break;
    case 3:
        talk(world, conn, dns[who], people[who]);
        break;
    case 4:
    case 5:
    case 6:
        party(world, conn, dns[who], people[who], party_role_agent, party_change_Released);
        break;
    case 7:
    case 8:
    case 9:
        deleted(world, conn);
        break;
    case 10:
        if (draw(seed, 10) != 0) break;
        if (draw(seed, 3) == 0) {
            directory(world, table_group_place, "overflow/window",
                      draw(seed, 2) == 0 ? (const char *const[]){"group", "overflow", "place", "window", NULL}
                                         : (const char *const[]){NULL});
            directory(world, table_place_dn, dns[who], (const char *const[]){"place", "window", NULL});
        } else if (draw(seed, 2) == 0) {
            const char *const in[] = {"group", "second", "agent", "jean", NULL}, *const out[] = {NULL};
            directory(world, table_group_member, "second/jean", draw(seed, 2) == 0 ? in : out);
        } else if (draw(seed, 2) == 0)
            directory(world, table_group_member, "overflow/marie",
                      (const char *const[]){"group", "overflow", "agent", "marie", NULL});
        else
            directory(world, table_group_member, "overflow/marie", (const char *const[]){NULL});
        sample(world);
        commit(world, false);
        break;
    case 11:
    case 12:
        rings(world, conn, (unsigned)who);
        pass(world, draw(seed, 2) * 16000000);
        route_request(world, conn, 0);
        break;
    case 13:
        refused(world, conn, (unsigned)who);
        break;
    case 14: /* olga is asked at once if she is ready */
        created(world, conn);
        route_request(world, conn, 0);
        if (draw(seed, 2) == 0) {
            refused(world, conn, PEOPLE - 1);
            break;
        }
        rings(world, conn, PEOPLE - 1);
        pass(world, 61000000);
        route_request(world, conn, 0);
        break;
    case 15:
        party(world, conn, dns[who], people[who], party_role_agent, party_change_Held);
        break;
    case 16:
        party(world, conn, dns[who], people[who], party_role_agent, party_change_Retrieved);
        break;
    case 17:
        transferred(world, conn, CALL + draw(seed, CALLS), (unsigned)who, (unsigned)draw(seed, PEOPLE));
        break;
    case 18:
    case 19:
        created(world, conn);
        party(world, conn, "5000", NULL, party_role_other, party_change_Queued);
        break;
    case 20:
        party(world, conn, draw(seed, 2) == 0 ? "5000" : "5001", NULL, party_role_other, party_change_Queued);
        break;
    case 21:
        party(world, conn, dns[who], people[who], party_role_agent, party_change_Established);
        break;
    case 22:
        if (draw(seed, 3) == 0) move_dn(world, dns[who], draw(seed, 2) == 0);
        break;
    default:
        agent(world, people[who], dns[who], (enum agent_state)(agent_state_logged_out + draw(seed, 4)));
    }
    world_forget(world);
}

/* Olga takes two calls at once; the queue has its DN, and the place may get any DN. */
static void with_capacity(struct core_world *world)
{
    directory(world, table_agent, "olga", (const char *const[]){"name", "olga", "capacity", "two_calls", NULL});
    directory(world, table_group_member, "overflow/olga",
              (const char *const[]){"group", "overflow", "agent", "olga", NULL});
    directory(world, table_place, "window", (const char *const[]){"name", "window", NULL});
    for (unsigned who = 0; who < PEOPLE; who++)
        directory(world, table_dn, dns[who], (const char *const[]){"number", dns[who], NULL});
    directory(world, table_queue, "desk", (const char *const[]){"name", "desk", "dn", "5000", NULL});
    commit(world, false);
}

static void listen(struct core_world *world)
{
    told_count = sample_count = 0;
    memset(stays, 0, sizeof stays);
    moves = (struct moved){0};
    memset(last_of_vq, 0, sizeof last_of_vq);
    memset(logins, 0, sizeof logins);
    selected = false;
    facts_read_by(world->core->facts, world->core, hear);
}

Test(core_statistic, each_figure_is_what_the_events_say)
{
    unsigned seen[FACTS + ACD_WAYS] = {0}, both = 0, moved = 0;
    const uint64_t from = drawn_from();
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        uint64_t seed = from + round;
        struct core_world *world = world_new();
        listen(world);
        agent(world, "olga", "7004", agent_state_ready);
        uint64_t since_us = world->core->now->time_us;
        world_run(world, measuring(true));
        uint16_t program = (uint16_t)(world->core->strategies->program_count - 1);
        sample(world);
        with_capacity(world);
        sample(world);
        for (unsigned event = 0; event < EVENTS; event++) {
            something(world, &seed);
            sample(world);
            both += samples[sample_count - 1].levels[0][PEOPLE - 1][LEVEL_ready] &&
                    samples[sample_count - 1].levels[0][PEOPLE - 1][LEVEL_busy];
            compare(world, program, since_us, event);
            cr_assert(part_ops_statistics.check(world->core->statistics));
        }
        for (size_t i = 0; i < told_count; i++) {
            seen[told[i].what]++;
            moved += told[i].of_place && told[i].what == FACT_served;
        }
        world->unchecked = true; /* the core has a reader more than one that plays it again */
        world_free(world);
    }
    static const uint16_t ought[] = {FACT_distributed,    FACT_abandoned_queued, FACT_cleared, FACT_claimed,
                                     FACT_offer_answered, FACT_offer_unanswered, FACT_served,  FACT_offer_refused,
                                     FACT_handed_on,      FACT_strategy_begun,   FACT_routed,  FACT_abandoned};
    for (unsigned way = 0; way < ACD_WAYS; way++) cr_expect(seen[FACTS + way], "way %u", way);
    for (unsigned at = 0; at < sizeof ought / sizeof *ought; at++) cr_expect(seen[ought[at]], "fact %u", at);
    cr_expect_gt(both, 0, "ready and busy at once");
    cr_expect_gt(moved, 0, "served at the place");
    free(told);
    free(samples);
    free(claimed);
}

/* Else the next text that gets the number would have what was counted there. */
Test(core_statistic, a_place_that_passed_by_has_its_name_while_something_is_counted_there)
{
    struct core_world *world = world_new();
    char reason[32];
    world_run(world, measuring(true));
    for (int there = 0; there < 2; there++) {
        struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
        writer_text(writer, EventAgentState_agent, "marie");
        writer_text(writer, EventAgentState_place, there == 0 ? "outside" : "window");
        writer_text(writer, EventAgentState_dn, "7001");
        writer_u(writer, EventAgentState_state, agent_state_ready);
        world_post(world);
        world_advance(world, 1000000);
    }
    world->unchecked = true;
    for (unsigned number = 0; number < 2 * NAMES_SWEEP; number++) {
        struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
        snprintf(reason, sizeof reason, "reason %u", number);
        writer_text(writer, EventAgentState_agent, "marie");
        writer_text(writer, EventAgentState_dn, "7001");
        writer_u(writer, EventAgentState_state, agent_state_not_ready);
        writer_text(writer, EventAgentState_label, reason);
        world_post(world);
    }
    cr_assert_eq(names_find(world->core->names, span_of("reason 0")), 0, "names were swept");
    cr_expect_neq(names_find(world->core->names, span_of("outside")), 0);
    world_free(world);
}

Test(core_statistic, nothing_is_kept_that_no_program_reads)
{
    struct core_world *world = world_new();
    world_run(world, measuring(false));
    agent(world, "olga", "7004", agent_state_ready);
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_expect_eq(world->core->statistics->figure_count, 0);
    cr_expect_eq(world->core->statistics->definition_count, 0);
    cr_expect_not(world->core->agents->watched);
    world_end(world);
}

/* After every event core_check looks whether a ready agent is passed over. */
Test(core_statistic, what_is_asked_of_candidates_is_asked_again_when_it_changes)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct core_world *world = world_new();
        uint64_t drawn = seed;
        world_run(world, measuring_for(false, true));
        agent(world, "olga", "7004", agent_state_ready);
        for (unsigned event = 0; event < EVENTS / 3; event++) something(world, &drawn);
        cr_expect_gt(world->core->claims->debited, 0);
        world_end(world);
    }
}

Test(core_statistic, a_candidate_is_chosen_by_mere_time)
{
    struct core_world *world = world_new();
    world_run(world, measuring_for(false, true));
    agent(world, "olga", "7004", agent_state_ready);
    created(world, CALL);
    route_request(world, CALL, 0);
    world_advance(world, 4900000);
    cr_expect_eq(world->core->agents->claimed, 0);
    world_advance(world, 2100000);
    cr_expect_eq(world->core->agents->claimed, 1);
    world_end(world);
}

Test(core_statistic, a_replay_comes_to_the_same)
{
    struct core_world *world = world_new();
    uint64_t seed = 7;
    world_run(world, measuring(true));
    for (unsigned event = 0; event < EVENTS; event++) something(world, &seed);
    cr_expect_neq(world->core->statistics->content, 0);
    world_end(world);
}

static int64_t of_overflow(struct core_world *world, unsigned measure)
{
    uint16_t program = (uint16_t)(world->core->strategies->program_count - 1);
    uint64_t changes_us;
    uint32_t row = 0;
    while (rows[row].measure != measure || rows[row].of != MEASURED_GROUP) row++;
    return statistic_read(world->core->statistics, program, row, group_name, &changes_us);
}

Test(core_statistic, a_whole_directory_counts_members_anew)
{
    const char *const member[] = {"group", "overflow", "agent", "olga", NULL};
    struct core_world *world = world_new();
    world_run(world, measuring(true));
    agent(world, "olga", "7004", agent_state_ready);
    cr_assert_eq(of_overflow(world, MEASURE_ID_agents_ready), 1);
    for (int times = 0; times < 2; times++) {
        directory(world, table_agent, "olga", (const char *const[]){NULL});
        directory(world, table_group_member, "overflow/olga", member);
        commit(world, true);
        cr_expect_eq(of_overflow(world, MEASURE_ID_agents_ready), 1);
        cr_expect(part_ops_statistics.check(world->core->statistics));
    }
    commit(world, true);
    cr_expect_eq(of_overflow(world, MEASURE_ID_agents_ready), 0);
    world_end(world);
}

Test(core_statistic, who_sits_at_a_place_of_the_group_is_counted_there)
{
    struct core_world *world = world_new();
    world_run(world, measuring(true));
    directory(world, table_group_place, "overflow/window",
              (const char *const[]){"group", "overflow", "place", "window", NULL});
    directory(world, table_place_dn, "7001", (const char *const[]){"place", "window", NULL});
    commit(world, false);
    agent(world, "marie", "7002", agent_state_ready);
    cr_expect_eq(of_overflow(world, MEASURE_ID_agents_ready), 0);
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_eq(of_overflow(world, MEASURE_ID_agents_ready), 1);
    agent(world, "marie", "7002", agent_state_ready);
    cr_expect_eq(of_overflow(world, MEASURE_ID_agents_ready), 0);
    cr_expect(part_ops_statistics.check(world->core->statistics));
    world_end(world);
}

/* A new leader posts an offset that is a little another one each time. */
Test(core_statistic, a_window_since_a_moment_outlives_a_clock_that_is_set)
{
    struct core_world *world = world_new();
    uint32_t row = 0;
    uint64_t changes_us;
    world_run(world, measuring(true));
    uint16_t program = (uint16_t)(world->core->strategies->program_count - 1);
    while (rows[row].measure != MEASURE_ID_offered || rows[row].of != MEASURED_VQ || rows[row].window_us >= 0 ||
           rows[row].within_us >= 0)
        row++;
    writer_i(world_event(world, SOURCE_HOST, KIND_Clock, 0, 0, 0), Clock_offset, INT64_C(3) * 86400000000);
    world_post(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert_eq(statistic_read(world->core->statistics, program, row, vq_name, &changes_us), 1);
    writer_i(world_event(world, SOURCE_HOST, KIND_Clock, 0, 0, 0), Clock_offset, INT64_C(3) * 86400000000 + 17);
    world_post(world);
    cr_expect_eq(statistic_read(world->core->statistics, program, row, vq_name, &changes_us), 1);
    world_end(world);
}

Test(core_statistic, a_window_tells_when_time_alone_changes_it)
{
    const struct window_rule minute = {.span_us = 60000000};
    struct window window = {0};
    cr_expect_eq(window_changes_us(&window, &minute, 0), UINT64_MAX);
    window_add(&window, &minute, 5500000, 3);
    window_add(&window, &minute, 9000000, 4);
    cr_expect_eq(window_changes_us(&window, &minute, 9000000), 66000000);
    cr_expect_eq(window_total(&window, &minute, 65999999), 7);
    cr_expect_eq(window_total(&window, &minute, 66000000), 4);
    cr_expect_eq(window_changes_us(&window, &minute, 66000000), 70000000);
    cr_expect_eq(window_total(&window, &minute, 70000000), 0);
    cr_expect_eq(window_changes_us(&window, &minute, 70000000), UINT64_MAX);
    window_level(&window, &minute, 70000000, 2);
    cr_expect_eq(window_changes_us(&window, &minute, 70000000), 71000000);
    cr_expect_eq(window_total(&window, &minute, 71500000), 3000000);
    cr_expect_eq(window_total(&window, &minute, UINT64_C(1) << 50), 2 * (60000000 + (INT64_C(1) << 50) % 1000000));
    window_free(&window);
}

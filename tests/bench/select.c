/* tests/bench/select.c - Selection in the core alone, in microseconds of CPU time. Agents have five of 20 skills, one
 * of them at level 8 to 10; calls ask for two skills (select.gcx).
 *
 * select IMAGE decision AGENTS CALLS [walk|sqlite]: a tenth of the agents is ready; an event asks for one with
 * skill[a] >= 8 and skill[b] >= 1, who is claimed, recorded and routed to. With `walk` the same choice along a list in
 * C instead, with `sqlite` in memory by SQLite. Prints p50, p99, p99.9.
 *
 * select IMAGE ready AGENTS STRATEGY: as many calls wait, no two of the same selector, and all agents become ready at
 * once.
 *
 * select IMAGE first CALLS: so many wait, no two of the same selector, and each of 101 agents becomes ready for the
 * first time, whom nobody wants. Prints p50, p99, p99.9.
 *
 * select IMAGE nobody AGENTS: all agents are ready, and calls ask for a level that nobody has. Prints the same.
 *
 * select IMAGE login AGENTS: all log in and become ready. Prints milliseconds for all, then bytes of memory that the
 * core has for each of them.
 *
 * select IMAGE queue CALLS: so many wait in one virtual queue, each of 1001 agents becomes ready and has one of them,
 * then the rest hangs up. Prints the time of an entry, p50, p99 and p99.9 of an agent, the time of an exit.
 *
 * select IMAGE threshold CALLS: so many wait until a figure is above a threshold, which each one of them changes. One
 * more comes to another queue, and the wait is over for all. Prints the mean time of an entry, then the time of that
 * one and of all who are routed on.
 *
 * select IMAGE MODE ... profiles: the same, where the agents have ten profiles, which name eleven queues each: that of
 * the calls with the rank 1 to 5, in every second one after 5 seconds. `profiles=N`: N profiles of one queue, that of
 * the calls, with the ranks 1 to 100.
 *
 * select IMAGE fact CALLS: so many wait in a virtual queue and hang up. Prints the mean time of a call (facts.awk). */
#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "tests/bench/bench_core.h"

enum { SKILLS = 20, BATCH = 900, WARM = 5000, FIRST_DN = 1000000 };

struct world {
    struct bench bench;
    uint8_t *effects; /* of the batch */
    size_t effect_bytes, effect_capacity;
    uint64_t random;
    unsigned agents;
    uint8_t (*levels)[SKILLS];
    unsigned routed_to; /* the agent of the effect that came last, + 1 */
    uint64_t routed;
};

static unsigned draw(struct world *world, unsigned below)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return (unsigned)(world->random % below);
}

/* Keeps the effect, as the daemon does; it is read when the batch is over. */
static void seen(void *self, struct span frame)
{
    struct world *world = self;
    memcpy(bytes_room(&world->effects, &world->effect_capacity, world->effect_bytes, frame.length), frame.bytes,
           frame.length);
    world->effect_bytes += frame.length;
}

static void read_effect(struct world *world, struct span frame)
{
    struct message effect;
    bool read = message_read(&effect, frame.bytes, frame.length, NULL);
    assert(read);
    if (effect.kind != KIND_RequestRouteCall) return;
    char dest[16] = "";
    struct span to = message_text(&effect, RequestRouteCall_dest);
    memcpy(dest, to.bytes, to.length < sizeof dest ? to.length : 0);
    world->routed_to = (unsigned)atoi(dest) - FIRST_DN + 1;
    world->routed++;
}

static void read_effects(struct world *world)
{
    for (size_t at = 0, size; at < world->effect_bytes; at += size) {
        size = message_frame_size(world->effects + at, world->effect_bytes - at);
        read_effect(world, (struct span){world->effects + at, (uint32_t)size});
    }
    world->effect_bytes = 0;
}

static void apply(struct world *world)
{
    bench_apply(&world->bench);
    read_effects(world);
}

/* Applies the batch and returns the CPU time that it took. */
static double measure(struct world *world)
{
    double took = bench_measure(&world->bench);
    read_effects(world);
    return took;
}

static void done(struct world *world)
{
    bench_done(&world->bench);
    if (world->bench.count >= BATCH) apply(world);
}

static void row(struct world *world, unsigned table, const char *key, const char *const *pairs, int level)
{
    struct kv kv;
    kv_init(&kv);
    for (; *pairs; pairs += 2) kv_put_text(&kv, pairs[0], span_of(pairs[1]));
    if (level != 0) kv_put_int(&kv, "level", level);
    struct writer *w = bench_event(&world->bench, KIND_DirectoryRow, SOURCE_ADMIN);
    writer_u(w, DirectoryRow_version, 1);
    writer_u(w, DirectoryRow_table, table);
    writer_text(w, DirectoryRow_key, key);
    writer_kv(w, DirectoryRow_row, &kv);
    done(world);
    kv_free(&kv);
}

static const char *named(char *text, char kind, unsigned number)
{
    snprintf(text, 16, "%c%u", kind, number);
    return text;
}

static void people(struct world *world)
{
    char agent[16], skill[16], key[40];
    for (unsigned i = 0; i < SKILLS; i++)
        row(world, table_skill, named(skill, 's', i), (const char *const[]){"name", skill, NULL}, 0);
    world->levels = calloc(world->agents, sizeof *world->levels);
    for (unsigned i = 0; i < world->agents; i++) {
        for (unsigned has = 0; has < 5; has++) {
            unsigned one;
            do one = draw(world, SKILLS);
            while (world->levels[i][one] != 0);
            world->levels[i][one] = (uint8_t)(has == 0 ? 8 + draw(world, 3) : 1 + draw(world, 10));
            snprintf(key, sizeof key, "%s/%s", named(agent, 'a', i), named(skill, 's', one));
            row(world, table_agent_skill, key, (const char *const[]){"agent", agent, "skill", skill, NULL},
                world->levels[i][one]);
        }
    }
}

/* Gives each agent one of so many profiles. */
static void profiles(struct world *world, unsigned count)
{
    bool ten = count == 10;
    char profile[16], agent[16], key[40], vq[16];
    for (unsigned i = 0; i < count; i++) {
        named(profile, 'p', i);
        for (unsigned n = 0; n < (ten ? 11 : 1); n++) {
            struct kv kv;
            kv_init(&kv);
            kv_put_int(&kv, "rank", n != 0 ? 1 + (i + n) % 10 : ten ? 1 + i / 2 : 1 + i % 100);
            kv_put_int(&kv, "delay_s", n == 0 && i % 2 == 1 ? 5 : 0);
            snprintf(key, sizeof key, "%s/%s", profile, n == 0 ? "service" : named(vq, 'q', n));
            struct writer *w = bench_event(&world->bench, KIND_DirectoryRow, SOURCE_ADMIN);
            writer_u(w, DirectoryRow_version, 1);
            writer_u(w, DirectoryRow_table, table_profile);
            writer_text(w, DirectoryRow_key, key);
            writer_kv(w, DirectoryRow_row, &kv);
            done(world);
            kv_free(&kv);
        }
    }
    for (unsigned i = 0; i < world->agents; i++) {
        named(agent, 'a', i);
        row(world, table_agent, agent,
            (const char *const[]){"name", agent, "profile", named(profile, 'p', i % count), NULL}, 0);
    }
}

static struct world *world_new(struct image *image, const char *strategy, unsigned agents, unsigned profiled)
{
    static const char *const caps[] = {"calls", "treatments", "pull_back", NULL};
    struct world *world = calloc(1, sizeof *world);
    bench_new(&world->bench, image, 2000000, (struct effect_sink){seen, world});
    world->agents = agents;
    world->random = 88172645463325252u;
    row(world, table_dn, "1800", (const char *const[]){"type", "routing_point", NULL}, 0);
    row(world, table_dn, "5000", (const char *const[]){"type", "queue", NULL}, 0);
    row(world, table_queue, "desk", (const char *const[]){"dn", "5000", NULL}, 0);
    row(world, table_routing_point, "1800", (const char *const[]){"strategy", strategy, NULL}, 0);
    people(world);
    if (profiled) profiles(world, profiled);
    bench_begin(&world->bench, "1800", strategy, "tserver", caps, media_voice);
    return world;
}

static void agent_is(struct world *world, unsigned number, enum agent_state state)
{
    char agent[16], dn[16];
    struct writer *w = bench_event(&world->bench, KIND_EventAgentState, SOURCE_LINKS);
    snprintf(dn, sizeof dn, "%u", FIRST_DN + number);
    writer_text(w, EventAgentState_agent, named(agent, 'a', number));
    writer_text(w, EventAgentState_dn, dn);
    writer_u(w, EventAgentState_media, media_voice);
    writer_u(w, EventAgentState_state, state);
    done(world);
}

static uint64_t conn_of(unsigned call)
{
    return (uint64_t)SOURCE_LINKS << 48 | call;
}

static void created(struct world *world, unsigned call, unsigned a, unsigned b, int x, int y)
{
    char text[16];
    struct kv kv;
    kv_init(&kv);
    kv_put_text(&kv, "a", span_of(named(text, 's', a)));
    kv_put_text(&kv, "b", span_of(named(text, 's', b)));
    kv_put_int(&kv, "x", x);
    kv_put_int(&kv, "y", y);
    struct writer *w = bench_event(&world->bench, KIND_EventCallCreated, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn_of(call));
    writer_u(w, EventCallCreated_media, media_voice);
    writer_u(w, EventCallCreated_call_type, call_type_inbound);
    writer_text(w, EventCallCreated_ani, "+33145550101");
    writer_text(w, EventCallCreated_dnis, "1800");
    writer_kv(w, EventCallCreated_data, &kv);
    done(world);
    kv_free(&kv);
}

static void request(struct world *world, unsigned call)
{
    struct writer *w = bench_event(&world->bench, KIND_EventRouteRequest, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn_of(call));
    writer_text(w, EventRouteRequest_dn, "1800");
    done(world);
}

static void deleted(struct world *world, unsigned call)
{
    struct writer *w = bench_event(&world->bench, KIND_EventCallDeleted, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn_of(call));
    writer_u(w, EventCallDeleted_cause, cause_remote_release);
    done(world);
}

/* The call is routed, rings, is answered and released. */
static void talks(struct world *world, unsigned call, unsigned number)
{
    static const enum party_change changes[] = {party_change_Ringing, party_change_Established, party_change_Released};
    char agent[16], dn[16];
    snprintf(dn, sizeof dn, "%u", FIRST_DN + number);
    struct writer *w = bench_event(&world->bench, KIND_EventRouteUsed, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn_of(call));
    writer_text(w, EventRouteUsed_dn, "1800");
    writer_text(w, EventRouteUsed_to, dn);
    writer_u(w, EventRouteUsed_how, route_how_instructed);
    done(world);
    for (unsigned at = 0; at < 3; at++) {
        w = bench_event(&world->bench, KIND_EventParty, SOURCE_LINKS);
        writer_conn(w, ENVELOPE_conn, conn_of(call));
        writer_text(w, EventParty_dn, dn);
        writer_u(w, EventParty_change, changes[at]);
        writer_u(w, EventParty_role, party_role_agent);
        writer_text(w, EventParty_agent, named(agent, 'a', number));
        done(world);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Two readings of the clock are part of each time, and taken off. */
static double of_clock(void)
{
    static double times[1001];
    for (unsigned at = 0; at < 1001; at++) {
        double began = bench_cpu_us();
        times[at] = bench_cpu_us() - began;
    }
    qsort(times, 1001, sizeof *times, by_size);
    return times[500];
}

static void percentiles(double *times, unsigned count)
{
    static const double wanted[] = {.5, .99, .999};
    double clock = of_clock();
    qsort(times, count, sizeof *times, by_size);
    for (unsigned at = 0; at < 3; at++) printf("%.3f ", times[(unsigned)(count * wanted[at])] - clock);
    printf("\n");
}

/* The rivals: agents of the same skills, a tenth of them ready, in the same order. They choose and put back. */
struct rival {
    const struct world *world;
    unsigned *next, *previous; /* the list, around the agent behind the last */
    sqlite3 *db;
    sqlite3_stmt *pick[SKILLS][SKILLS], *put;
    int64_t tick;
};

static void link_last(struct rival *rival, unsigned agent)
{
    unsigned end = rival->world->agents;
    rival->previous[agent] = rival->previous[end];
    rival->next[agent] = end;
    rival->next[rival->previous[end]] = agent;
    rival->previous[end] = agent;
}

static unsigned walk(struct rival *rival, unsigned a, unsigned b)
{
    unsigned agent = rival->next[rival->world->agents];
    const uint8_t(*levels)[SKILLS] = (const uint8_t(*)[SKILLS])rival->world->levels;
    while (agent != rival->world->agents && (levels[agent][a] < 8 || levels[agent][b] < 1)) agent = rival->next[agent];
    if (agent == rival->world->agents) return 0;
    rival->next[rival->previous[agent]] = rival->next[agent];
    rival->previous[rival->next[agent]] = rival->previous[agent];
    return agent + 1;
}

static void sql(struct rival *rival, const char *text)
{
    int result = sqlite3_exec(rival->db, text, NULL, NULL, NULL);
    assert(result == SQLITE_OK);
}

static void sqlite_begin(struct rival *rival)
{
    char text[1024];
    sqlite3_open(":memory:", &rival->db);
    int length = snprintf(text, sizeof text, "create table agent(id integer primary key, idle integer");
    for (unsigned skill = 0; skill < SKILLS; skill++)
        length += snprintf(text + length, sizeof text - (size_t)length, ", s%u integer", skill);
    snprintf(text + length, sizeof text - (size_t)length, ")");
    sql(rival, text);
    sql(rival, "create index ready on agent(idle) where idle is not null");
    sql(rival, "begin");
    for (unsigned agent = 0; agent < rival->world->agents; agent++) {
        length = snprintf(text, sizeof text, "insert into agent values(%u, ", agent + 1);
        length += agent < rival->world->agents / 10 ? snprintf(text + length, sizeof text - (size_t)length, "%u", agent)
                                                    : snprintf(text + length, sizeof text - (size_t)length, "null");
        for (unsigned skill = 0; skill < SKILLS; skill++)
            length += snprintf(text + length, sizeof text - (size_t)length, ", %d", rival->world->levels[agent][skill]);
        snprintf(text + length, sizeof text - (size_t)length, ")");
        sql(rival, text);
    }
    sql(rival, "commit");
    for (unsigned pair = 0; pair < SKILLS * SKILLS; pair++) {
        snprintf(text, sizeof text,
                 "update agent set idle = null where id = (select id from agent where idle is not null and s%u >= 8 "
                 "and s%u >= 1 order by idle limit 1) returning id",
                 pair / SKILLS, pair % SKILLS);
        sqlite3_prepare_v2(rival->db, text, -1, &rival->pick[pair / SKILLS][pair % SKILLS], NULL);
    }
    sqlite3_prepare_v2(rival->db, "update agent set idle = ? where id = ?", -1, &rival->put, NULL);
    rival->tick = rival->world->agents;
}

static unsigned ask(struct rival *rival, unsigned a, unsigned b)
{
    unsigned agent = 0;
    while (sqlite3_step(rival->pick[a][b]) == SQLITE_ROW) agent = (unsigned)sqlite3_column_int(rival->pick[a][b], 0);
    sqlite3_reset(rival->pick[a][b]);
    return agent;
}

static double rival_decides(struct rival *rival, unsigned a, unsigned b)
{
    double began = bench_cpu_us();
    unsigned agent = rival->db ? ask(rival, a, b) : walk(rival, a, b);
    double took = bench_cpu_us() - began;
    if (agent == 0) return took;
    if (rival->db) {
        sqlite3_bind_int64(rival->put, 1, rival->tick++);
        sqlite3_bind_int64(rival->put, 2, agent);
        sqlite3_step(rival->put);
        sqlite3_reset(rival->put);
    } else {
        link_last(rival, agent - 1);
    }
    return took;
}

static void decision(struct world *world, unsigned calls, const char *rival_name)
{
    double *times = calloc(calls, sizeof *times);
    struct rival rival = {.world = world};
    unsigned end = world->agents;
    rival.next = calloc(end + 1, sizeof *rival.next);
    rival.previous = calloc(end + 1, sizeof *rival.previous);
    rival.next[end] = rival.previous[end] = end;
    for (unsigned agent = 0; agent < end; agent++) {
        agent_is(world, agent, agent < end / 10 ? agent_state_ready : agent_state_not_ready);
        if (agent < end / 10) link_last(&rival, agent);
    }
    apply(world);
    if (rival_name && strcmp(rival_name, "sqlite") == 0) sqlite_begin(&rival);
    for (unsigned call = 1; call <= calls + WARM; call++) {
        unsigned a = draw(world, SKILLS), b = draw(world, SKILLS);
        double took;
        if (rival_name) {
            took = rival_decides(&rival, a, b);
        } else {
            created(world, call, a, b, 8, 1);
            apply(world);
            world->routed_to = 0;
            request(world, call);
            took = measure(world);
            if (world->routed_to != 0) talks(world, call, world->routed_to - 1);
            deleted(world, call);
            apply(world);
        }
        if (call > WARM) times[call - WARM - 1] = took;
    }
    percentiles(times, calls);
}

/* All agents are seen ready between the begin and the end of a resync, so that selection looks at all at its end. */
static void ready(struct world *world)
{
    char agent[16], dn[16];
    for (unsigned call = 1; call <= world->agents; call++) {
        created(world, call, draw(world, SKILLS), draw(world, SKILLS), 1, -(int)call);
        request(world, call);
    }
    apply(world);
    bench_event(&world->bench, KIND_ResyncBegin, SOURCE_LINKS);
    done(world);
    for (unsigned call = 1; call <= world->agents; call++) {
        struct writer *w = bench_event(&world->bench, KIND_Observed, SOURCE_LINKS);
        writer_conn(w, ENVELOPE_conn, conn_of(call));
        writer_u(w, Observed_what, object_call);
        writer_text(w, Observed_dn, "1800");
        writer_u(w, Observed_at_routing_point, 1);
        done(world);
    }
    for (unsigned number = 0; number < world->agents; number++) {
        struct writer *w = bench_event(&world->bench, KIND_Observed, SOURCE_LINKS);
        snprintf(dn, sizeof dn, "%u", FIRST_DN + number);
        writer_u(w, Observed_what, object_agent);
        writer_text(w, Observed_dn, dn);
        writer_text(w, Observed_agent, named(agent, 'a', number));
        writer_u(w, Observed_state, agent_state_ready);
        done(world);
    }
    apply(world);
    bench_event(&world->bench, KIND_ResyncEnd, SOURCE_LINKS);
    done(world);
    uint64_t before = world->routed;
    double took = measure(world);
    assert(world->routed > before + world->agents / 2);
    printf("%.3f\n", took);
}

static void first(struct world *world, unsigned calls)
{
    enum { AGENTS = 101 };
    static double times[AGENTS];
    for (unsigned call = 1; call <= calls; call++) {
        created(world, call, call % SKILLS, call / SKILLS % SKILLS, 100, -(int)call);
        request(world, call);
    }
    apply(world);
    for (unsigned agent = 0; agent < AGENTS; agent++) {
        agent_is(world, agent, agent_state_ready);
        times[agent] = measure(world);
        agent_is(world, agent, agent_state_not_ready);
        apply(world);
    }
    percentiles(times, AGENTS);
}

static void nobody(struct world *world)
{
    enum { CALLS = 1001 };
    static double times[CALLS];
    for (unsigned agent = 0; agent < world->agents; agent++) agent_is(world, agent, agent_state_ready);
    apply(world);
    for (unsigned call = 0; call < CALLS; call++) {
        created(world, call + 1, call % SKILLS, call / SKILLS % SKILLS, 100, 1);
        apply(world);
        request(world, call + 1);
        times[call] = measure(world);
        deleted(world, call + 1);
    }
    percentiles(times, CALLS);
}

/* `before`: what was allocated before the world. */
static void login(struct world *world, double before)
{
    double began = bench_cpu_us();
    for (unsigned agent = 0; agent < world->agents; agent++) agent_is(world, agent, agent_state_logged_in);
    for (unsigned agent = 0; agent < world->agents; agent++) agent_is(world, agent, agent_state_ready);
    apply(world);
    double took = bench_cpu_us() - began;
    double ours = (double)world->agents * sizeof *world->levels;
    struct core_status status;
    core_status(world->bench.core, &status);
    assert(status.agents_ready == world->agents);
    printf("%.1f %.0f\n", took / 1000, (bench_bytes() - before - ours) / world->agents);
}

static void queue(struct world *world, unsigned calls)
{
    enum { AGENTS = 1001 };
    static double times[AGENTS];
    double began = bench_cpu_us();
    for (unsigned call = 1; call <= calls; call++) {
        created(world, call, call % SKILLS, call / SKILLS % SKILLS, 1, 1);
        request(world, call);
    }
    apply(world);
    printf("%.2f ", (bench_cpu_us() - began) / calls);
    for (unsigned agent = 0; agent < AGENTS; agent++) {
        agent_is(world, agent, agent_state_ready);
        times[agent] = measure(world);
    }
    assert(world->routed == AGENTS);
    percentiles(times, AGENTS);
    began = bench_cpu_us();
    for (unsigned call = 1; call <= calls; call++) deleted(world, call);
    apply(world);
    printf("%.2f\n", (bench_cpu_us() - began) / calls);
}

static void threshold(struct world *world, unsigned calls)
{
    double entries = 0, crossed;
    for (unsigned call = 1; call <= calls; call++) {
        created(world, call, 0, 0, 0, 0);
        apply(world);
        request(world, call);
        entries += measure(world);
    }
    assert(world->routed == 0);
    created(world, calls + 1, 0, 0, 1, 0);
    apply(world);
    request(world, calls + 1);
    crossed = measure(world);
    while (world->routed < calls && core_next_timer(world->bench.core) <= core_time(world->bench.core) + 10)
        crossed += measure(world);
    assert(world->routed == calls);
    printf("%.3f %.3f\n", entries / calls, crossed);
}

static void fact(struct world *world, unsigned calls)
{
    double took = 0;
    for (unsigned call = 1; call <= calls; call++) {
        created(world, call, 0, 0, 0, 0);
        request(world, call);
        deleted(world, call);
        took += measure(world);
    }
    printf("%.3f\n", took / calls - of_clock());
}

int main(int argc, char **argv)
{
    const char *last = argc > 4 && strncmp(argv[argc - 1], "profiles", 8) == 0 ? argv[argc - 1] + 8 : NULL;
    unsigned profiled = !last ? 0 : *last == '=' ? (unsigned)atoi(last + 1) : 10;
    if (profiled) argc--;
    if (argc < 4) return 2;
    struct image *image = bench_image(argv[1]);
    unsigned count = (unsigned)atoi(argv[3]);
    const char *strategy = strcmp(argv[2], "ready") == 0 && argc > 4 ? argv[4] : "longest";
    if (strcmp(argv[2], "threshold") == 0) strategy = "crowded";
    bool of_calls = strcmp(argv[2], "first") == 0 || strcmp(argv[2], "queue") == 0 ||
                    strcmp(argv[2], "threshold") == 0 || strcmp(argv[2], "fact") == 0;
    double before = bench_bytes();
    struct world *world = world_new(image, strategy, of_calls ? 1001 : count, profiled);
    if (strcmp(argv[2], "decision") == 0)
        decision(world, argc > 4 ? (unsigned)atoi(argv[4]) : 20000, argc > 5 ? argv[5] : NULL);
    else if (strcmp(argv[2], "ready") == 0)
        ready(world);
    else if (strcmp(argv[2], "first") == 0)
        first(world, count);
    else if (strcmp(argv[2], "login") == 0)
        login(world, before);
    else if (strcmp(argv[2], "queue") == 0)
        queue(world, count);
    else if (strcmp(argv[2], "threshold") == 0)
        threshold(world, count);
    else if (strcmp(argv[2], "fact") == 0)
        fact(world, count);
    else
        nobody(world);
    return 0;
}

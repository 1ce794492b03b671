/* tests/quick/world.c - The days of a contact centre by the simulator, as a journal that gcxrecords reads: 200 agents
 * in two shifts, and calls, chats and e-mails by the strategies of their living day, most of them in the morning.
 * Usage: world IMAGE FOLDER INTERACTIONS DAYS - IMAGE: of stay.sh; FOLDER: where the journal is made; INTERACTIONS:
 * of a working day on average, fewer come on a weekend; DAYS: so many, the last one is yesterday. A line tells each day
 * that was played. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/journal/batch.h"
#include "runtime/journal/batches.h"
#include "runtime/journal/recovery.h"
#include "runtime/sim/simulation.h"
#include "vm/image.h"

enum {
    AGENTS = 200,
    EARLY = 120,
    DAYS_MAX = 60,
    DAY_QUARTERS = 96,
    FLOWS = 3,
    DAY_S = 86400,
    SATURDAY = 6,
    SHIFTS = 2
};
static const double QUARTER_US = 900e6, HOUR_US = 3600e6;
static const double HOURS[24] = {
#define HOUR(hour, parts) [hour] = parts,
#include "tests/quick/hours.def"
};

struct world {
    struct batches *store;
    struct journal_head head;
    uint8_t *bytes;
    uint64_t told_us;
};

/* Nothing waits for the disk, also not in the store: what a loss of power would take can be played again. */
int fsync(int fd)
{
    return fd < 0 ? -1 : 0;
}

int fdatasync(int fd)
{
    return fd < 0 ? -1 : 0;
}

_Noreturn static void broken(const struct error *error)
{
    fprintf(stderr, "world: %s\n", error->text);
    exit(1);
}

static void on_batch(void *self, struct core *core, const struct batch *applied)
{
    struct world *world = self;
    struct journal_head *head = &world->head;
    struct batch batch = *applied;
    struct error error = {0};
    batch.digest_before = core_digest(core);
    memcpy(batch.previous, head->previous, CORE_HASH);
    size_t size = batch_size(&batch);
    batch_encode(&batch, world->bytes, head->previous);
    if (batches_append(world->store, batch.number, (struct span){world->bytes, (uint32_t)size}, &error) != APPEND_OK)
        broken(&error);
}

static void on_time(void *self, uint64_t now_us, uint64_t calls)
{
    struct world *world = self;
    if ((double)(now_us - world->told_us) < 24 * HOUR_US) return;
    world->told_us = now_us;
    fprintf(stderr, "world: %llu interactions until day %.0f\n", (unsigned long long)calls,
            (double)now_us / (24 * HOUR_US));
}

/* The share of a usual day that comes on this one. */
static double day_share(time_t day)
{
    struct tm date;
    gmtime_r(&day, &date);
    return date.tm_wday == 0 ? 0.2 : date.tm_wday == SATURDAY ? 0.4 : 1.24 - 0.08 * date.tm_wday;
}

/* Rates of all quarters of all days, for this part of all that comes. */
static void flow_fill(struct simulation_flow *flow, double of_day, time_t start, unsigned days)
{
    double sum = 0;
    for (unsigned hour = 0; hour < 24; hour++) sum += HOURS[hour];
    flow->arrivals = (struct arrivals){.kind = ARRIVALS_RATES, .count = (size_t)days * DAY_QUARTERS};
    flow->arrivals.rates = calloc(flow->arrivals.count, sizeof *flow->arrivals.rates);
    for (unsigned i = 0; i < flow->arrivals.count; i++) {
        double share = day_share(start + (time_t)(i / DAY_QUARTERS) * DAY_S);
        flow->arrivals.rates[i].from_us = i * QUARTER_US;
        flow->arrivals.rates[i].per_us = of_day * share * HOURS[i % DAY_QUARTERS / 4] / sum / HOUR_US;
    }
    flow->arrivals.until_us = (double)days * DAY_QUARTERS * QUARTER_US;
}

static void agents_fill(struct simulation_agents *agents)
{
    static struct simulation_skill skills[2][1] = {{{"World", 9}}, {{"World", 4}}};
    static char writers[1][SIMULATION_NAME + 1] = {"day_writers"};
    static struct simulation_shift early[SHIFTS], late[SHIFTS];
    early[0] = (struct simulation_shift){6.75 * HOUR_US, 15.25 * HOUR_US, false};
    early[1] = (struct simulation_shift){11 * HOUR_US, 11.5 * HOUR_US, true};
    late[0] = (struct simulation_shift){11.5 * HOUR_US, 20.25 * HOUR_US, false};
    late[1] = (struct simulation_shift){15.5 * HOUR_US, 16 * HOUR_US, true};
    for (unsigned i = 0; i < AGENTS; i++) {
        agents[i] =
            (struct simulation_agents){.team = i < EARLY ? 0 : 1, .count = 1, .skill_count = 1, .shift_count = SHIFTS};
        snprintf(agents[i].name, sizeof agents[i].name, "agent%03u", i + 1);
        strcpy(agents[i].capacity, "blended");
        agents[i].skills = skills[i % 2];
        agents[i].shifts = i < EARLY ? early : late;
        if (i % 5 != 0) continue;
        agents[i].groups = writers;
        agents[i].group_count = 1;
    }
}

int main(int count, char **words)
{
    static uint8_t bytes[16 << 20];
    static struct simulation_agents agents[AGENTS];
    static struct simulation_flow flows[FLOWS] = {{.strategy = "day_calls", .medium = media_voice},
                                                  {.strategy = "day_chats", .medium = media_chat, .submitted = true},
                                                  {.strategy = "day_mails", .medium = media_email, .submitted = true}};
    static char teams[2][SIMULATION_NAME + 1] = {"early", "late"};
    static const double parts[FLOWS] = {0.7, 0.2, 0.1};
    static const char *const lasts[FLOWS] = {"lognormal(4m, 3m)", "lognormal(8m, 5m)", "lognormal(6m, 4m)"};
    FILE *file = count == 5 ? fopen(words[1], "rb") : NULL;
    unsigned days = count == 5 ? (unsigned)atoi(words[4]) : 0;
    if (!file || days < 1 || days > DAYS_MAX) {
        fprintf(stderr, "Usage: world IMAGE FOLDER INTERACTIONS DAYS\n");
        return 2;
    }
    struct error error = {0};
    size_t length = fread(bytes, 1, sizeof bytes, file);
    struct image *image = image_load(bytes, length, &error);
    fclose(file);
    if (!image) broken(&error);
    time_t start = (time(NULL) / DAY_S - days) * DAY_S;
    struct world world = {.store = batches_open_sqlite(words[2], NULL, &error), .bytes = malloc(BATCH_ENCODED_MAX)};
    if (!world.store ||
        !batches_put_image(world.store, image_hash(image), (struct span){bytes, (uint32_t)length}, &error))
        broken(&error);
    struct core_options options = {.partition = 1, .seed = 1, .interactions_max = 1000000};
    journal_birth(&options, world.head.previous);
    struct simulation_plan plan = {.flows = flows,
                                   .flow_count = FLOWS,
                                   .agents = agents,
                                   .agents_count = AGENTS,
                                   .teams = teams,
                                   .team_count = 2,
                                   .ringing = {.kind = SPREAD_constant, .a = 4e6},
                                   .wrap_up = {.kind = SPREAD_constant, .a = 20e6},
                                   .called_back = {.kind = SPREAD_constant, .a = 10e6},
                                   .switching = {.kind = SPREAD_constant},
                                   .until_us = UINT64_C(1000000) * DAY_S * days,
                                   .within_us = 20000000,
                                   .start_us = (int64_t)start * 1000000};
    agents_fill(agents);
    for (unsigned i = 0; i < FLOWS; i++) {
        flow_fill(&flows[i], atof(words[3]) * parts[i], start, days);
        if (!spread_read(&flows[i].handling, lasts[i], &error)) broken(&error);
        if (!spread_read(&flows[i].patience, i == 2 ? "never" : "exponential(4m)", &error)) broken(&error);
    }
    struct simulation_result result = {0};
    const struct simulation_watch watch = {.self = &world, .at = on_time, .batch = on_batch};
    if (!simulation_play(&plan, image, 1, &watch, &result, &error)) broken(&error);
    printf("%llu interactions of %d agents on %u days\n", (unsigned long long)result.calls, AGENTS, days);
    batches_close(world.store);
    simulation_result_free(&result);
    for (unsigned i = 0; i < FLOWS; i++) free(flows[i].arrivals.rates);
    free(world.bytes);
    image_free(image);
    return 0;
}

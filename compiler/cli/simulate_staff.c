/* compiler/cli/simulate_staff.c - Finds how many agents each hour of a day needs, try by try.
 *
 *     all there   every hour has the most agents: which hours have calls, and which cannot be good at all
 *     halving     every hour has the middle of what may be enough and what is
 *     mending     every hour has what was found; those that are not good then get one more, or the hour before does
 *     thinning    one hour has one agent less, which is kept where all hours stay good
 */
#include "compiler/cli/simulate_staff.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/simulate.h"
#include "base/memory.h"
#include "base/shown.h"

enum { STAFF_MOST = 500, HOURS_MAX = 26 };
static const double HOUR_US = 3600e6, DAY_LENGTH_US = 86400e6;

enum staff_stage { STAFF_all, STAFF_halving, STAFF_mending, STAFF_thinning, STAFF_found };

struct staff_hour {
    double from_us, to_us; /* times of day; behind 24 hours on the day after */
    uint32_t least, enough, now;
    /* Of the last try, in the mean of its replications; `reached`: those who got an agent, or hung up before. */
    double offered, within, reached;
    bool good;
    bool hopeless; /* all agents were too few */
    bool settled;  /* one agent less was tried, and was too few */
};

struct staff {
    struct simulation_plan *plan;
    struct simulation_agents like, *own; /* one of the agents; those of the plan as it was read */
    uint32_t own_count, most;
    double share;
    enum staff_stage stage;
    uint32_t tries, thinned; /* thinned: the hour that has one agent less */
    struct staff_hour hours[HOURS_MAX];
    uint32_t count;
};

/* ---- hours ---- */

/* The day is made one of whole quarters of an hour, since the series of a result has 96 parts: each is then in one
 * hour. */
static void staff_hours(struct staff *staff)
{
    struct simulation_plan *plan = staff->plan;
    double at = plan->origin_us, ends = plan->origin_us + (double)plan->until_us;
    if (plan->until_us < (uint64_t)DAY_LENGTH_US) plan->until_us = (uint64_t)DAY_LENGTH_US;
    while (at < ends && staff->count < HOURS_MAX) {
        double next = fmin(ends, floor(at / HOUR_US) * HOUR_US + HOUR_US);
        staff->hours[staff->count++] =
            (struct staff_hour){.from_us = at, .to_us = next, .enough = staff->most, .now = staff->most};
        at = next;
    }
}

struct staff *staff_open(struct simulation_plan *plan, const struct options *options)
{
    char *end;
    double share = strtod(options->staff, &end) / 100;
    if (end == options->staff || strcmp(end, "%") != 0 || !(share > 0 && share <= 1)) {
        shown_refuse("gcxc: --staff %s: write the part that is answered in time, such as 80%%\n", options->staff);
        return NULL;
    }
    bool day = plan->flow_count > 0 && plan->warm_up_us == 0 && (double)plan->until_us <= DAY_LENGTH_US;
    for (uint32_t i = 0; i < plan->flow_count; i++) day = day && plan->flows[i].arrivals.until_us > 0;
    if (!day || options->against || options->require.count > 0 || options->shifts) {
        shown_refuse("gcxc: --staff needs a day of --arrivals profile(FILE) or times(FILE) without --warm-up, and goes "
                     "neither with --shifts and --require nor with --against\n");
        return NULL;
    }
    if (plan->agents_count != 1 || options->people || plan->agents[0].count > STAFF_MOST) {
        shown_refuse("gcxc: --staff needs one --agents, and no --directory: %d agents at most, of one kind\n",
                     STAFF_MOST);
        return NULL;
    }
    struct staff *staff = memory_zeroed(1, sizeof *staff);
    *staff = (struct staff){.plan = plan,
                            .own = plan->agents,
                            .own_count = plan->agents_count,
                            .like = plan->agents[0],
                            .most = plan->agents[0].count,
                            .share = share};
    staff_hours(staff);
    return staff;
}

/* ---- tries ---- */

static void staff_agents_free(struct staff *staff)
{
    struct simulation_plan *plan = staff->plan;
    if (plan->agents == staff->own) return;
    for (uint32_t i = 0; i < plan->agents_count; i++) free(plan->agents[i].shifts);
    free(plan->agents);
    plan->agents = staff->own;
    plan->agents_count = staff->own_count;
}

/* The agent of this number works in the hours that have more agents than that. Hours after each other are one shift. */
static void staff_shifts(const struct staff *staff, struct simulation_agents *agent, uint32_t number)
{
    for (uint32_t i = 0; i < staff->count; i++) {
        const struct staff_hour *hour = &staff->hours[i];
        double day = hour->from_us >= DAY_LENGTH_US ? DAY_LENGTH_US : 0;
        struct simulation_shift shift = {.from_us = hour->from_us - day, .to_us = hour->to_us - day};
        if (hour->now <= number) continue;
        struct simulation_shift *last = agent->shift_count > 0 ? &agent->shifts[agent->shift_count - 1] : NULL;
        if (last && last->to_us == shift.from_us)
            last->to_us = shift.to_us;
        else
            simulate_add_shift(agent, shift);
    }
}

static void staff_place(struct staff *staff)
{
    struct simulation_plan *plan = staff->plan;
    uint32_t most = 0;
    staff_agents_free(staff);
    for (uint32_t i = 0; i < staff->count; i++) most = staff->hours[i].now > most ? staff->hours[i].now : most;
    plan->agents = memory_zeroed(most > 0 ? most : 1, sizeof *plan->agents);
    plan->agents_count = most;
    for (uint32_t number = 0; number < most; number++) {
        struct simulation_agents *agent = &plan->agents[number];
        *agent = staff->like;
        agent->count = 1;
        staff_shifts(staff, agent, number);
    }
}

/* Sets the numbers of the halving's next try. False: nothing is left to halve. */
static bool staff_halve(struct staff *staff)
{
    bool left = false;
    for (uint32_t i = 0; i < staff->count; i++) {
        struct staff_hour *hour = &staff->hours[i];
        left = left || hour->least < hour->enough;
        hour->now = (hour->least + hour->enough) / 2;
    }
    return left;
}

/* Takes one agent from the next hour that was not tried with one less. False: there is none. */
static bool staff_thin(struct staff *staff)
{
    for (uint32_t i = 0; i < staff->count; i++) staff->hours[i].now = staff->hours[i].enough;
    for (uint32_t i = 0; i < staff->count; i++) {
        struct staff_hour *hour = &staff->hours[i];
        if (hour->settled || hour->hopeless || hour->enough <= 1) continue;
        staff->thinned = i;
        hour->now--;
        return true;
    }
    return false;
}

bool staff_next(struct staff *staff)
{
    if (staff->stage == STAFF_halving && !staff_halve(staff)) staff->stage = STAFF_mending;
    if (staff->stage == STAFF_mending)
        for (uint32_t i = 0; i < staff->count; i++) staff->hours[i].now = staff->hours[i].enough;
    if (staff->stage == STAFF_thinning && !staff_thin(staff)) staff->stage = STAFF_found;
    staff_place(staff);
    if (staff->stage == STAFF_found) return false;
    staff->tries++;
    return true;
}

/* ---- what was found ---- */

static void staff_measure(struct staff *staff, const struct simulate_results *results)
{
    for (uint32_t i = 0; i < staff->count; i++)
        staff->hours[i].offered = staff->hours[i].within = staff->hours[i].reached = 0;
    for (uint32_t f = 0; f < results->found_count; f++) {
        if (results->found[f].kind != SCOPE_ALL) continue;
        for (unsigned part = 0; part < SERIES_PARTS; part++) {
            const struct simulation_part *from = &results->found[f].series[0][part];
            double at = staff->plan->origin_us + ((double)part + 0.5) * (double)results->series_us;
            uint32_t hour = 0;
            while (hour + 1 < staff->count && at >= staff->hours[hour].to_us) hour++;
            staff->hours[hour].offered += from->offered / results->replications;
            staff->hours[hour].within += from->within / results->replications;
            staff->hours[hour].reached += (from->answered + from->abandoned) / results->replications;
        }
    }
    for (uint32_t i = 0; i < staff->count; i++)
        staff->hours[i].good = staff->hours[i].within >= staff->share * staff->hours[i].offered;
}

/* All hours that can be good are. */
static bool staff_all_good(const struct staff *staff)
{
    for (uint32_t i = 0; i < staff->count; i++)
        if (!staff->hours[i].good && !staff->hours[i].hopeless) return false;
    return true;
}

static void staff_take_all(struct staff *staff)
{
    for (uint32_t i = 0; i < staff->count; i++) {
        struct staff_hour *hour = &staff->hours[i];
        hour->hopeless = !hour->good;
        hour->least = hour->good ? 1 : staff->most;
        if (hour->offered <= 0) hour->least = hour->enough = 0;
    }
    staff->stage = STAFF_halving;
}

static void staff_take_halved(struct staff *staff)
{
    for (uint32_t i = 0; i < staff->count; i++) {
        struct staff_hour *hour = &staff->hours[i];
        if (hour->least >= hour->enough) continue;
        if (hour->good)
            hour->enough = hour->now;
        else
            hour->least = hour->now + 1;
    }
}

/* Where all agents are there already, too many wait from the hour before: that one gets one more. False: the hours
 * before have all agents, too. */
static bool staff_raise(struct staff *staff, uint32_t hour)
{
    while (hour > 0 && staff->hours[hour].enough >= staff->most) hour--;
    if (staff->hours[hour].enough >= staff->most) return false;
    staff->hours[hour].enough++;
    return true;
}

static void staff_take_mended(struct staff *staff)
{
    bool more = false;
    for (uint32_t i = 0; i < staff->count; i++)
        if (!staff->hours[i].good && !staff->hours[i].hopeless) more = staff_raise(staff, i) || more;
    if (!more) staff->stage = STAFF_thinning;
}

void staff_take(struct staff *staff, const struct simulate_results *results)
{
    staff_measure(staff, results);
    if (staff->stage == STAFF_found) return;
    if (staff->stage == STAFF_all)
        staff_take_all(staff);
    else if (staff->stage == STAFF_halving)
        staff_take_halved(staff);
    else if (staff->stage == STAFF_mending)
        staff_take_mended(staff);
    else if (staff->stage == STAFF_thinning && staff_all_good(staff))
        staff->hours[staff->thinned].enough--;
    else
        staff->hours[staff->thinned].settled = true;
}

/* What is said of the hour. More agents do not help calls that never wait for one, since nobody keys what the strategy
 * asks for, or the agents lack a skill. */
static const char *staff_word(const struct staff_hour *hour)
{
    if (hour->good) return "";
    if (!hour->hopeless) return "  too few";
    return hour->reached > 0 ? "  all of them are too few" : "  no call comes to an agent: see --answers, and skills";
}

static void staff_clock(double us, char text[16])
{
    uint32_t minutes = (uint32_t)(us / 60e6 + 0.5);
    (void)snprintf(text, 16, "%02" PRIu32 ":%02" PRIu32, minutes / 60 % 24, minutes % 60);
}

bool staff_tell(const struct staff *staff, const char *format, FILE *out)
{
    bool csv = strcmp(format, "csv") == 0, json = strcmp(format, "json") == 0, good = true;
    double agents = 0;
    if (json) fputs("{\"hours\":[", out);
    if (csv) fputs("from,to,calls,agents,service_level,good\n", out);
    if (!csv && !json) fprintf(out, "%-13s  %7s  %6s  %13s\n", "hour (UTC)", "calls", "agents", "service level");
    for (uint32_t i = 0; i < staff->count; i++) {
        const struct staff_hour *hour = &staff->hours[i];
        char from[16], to[16], level[24] = "-";
        staff_clock(hour->from_us, from);
        staff_clock(hour->to_us, to);
        if (hour->offered > 0) (void)snprintf(level, sizeof level, "%.1f", 100 * hour->within / hour->offered);
        agents += hour->now * (hour->to_us - hour->from_us) / HOUR_US;
        const char *word = hour->good ? "true" : "false";
        good = good && hour->good;
        if (csv)
            fprintf(out, "%s,%s,%.2f,%" PRIu32 ",%s,%s\n", from, to, hour->offered, hour->now,
                    hour->offered > 0 ? level : "", word);
        else if (json)
            fprintf(out,
                    "%s\n{\"from\":\"%s\",\"to\":\"%s\",\"calls\":%.2f,\"agents\":%" PRIu32
                    ",\"service_level\":%s,\"good\":%s}",
                    i > 0 ? "," : "", from, to, hour->offered, hour->now, hour->offered > 0 ? level : "null", word);
        else
            fprintf(out, "%s to %s  %7.1f  %6" PRIu32 "  %11s %%%s\n", from, to, hour->offered, hour->now, level,
                    staff_word(hour));
    }
    if (json) fputs("]}\n", out);
    if (!csv && !json)
        fprintf(out, "%.1f hours of agents; found by playing the day %" PRIu32 " times\n\n", agents, staff->tries);
    if (!good)
        shown_refuse(
            "gcxc: --staff: in the hours that are marked too few calls are answered in time: give more --agents, "
            "or ask for a lower part\n");
    return good;
}

void staff_close(struct staff *staff)
{
    if (!staff) return;
    staff_agents_free(staff);
    free(staff);
}

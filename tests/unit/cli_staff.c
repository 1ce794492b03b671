/* tests/unit/cli_staff.c - gcxc simulate --staff, on a day in which an hour's queue goes on into the next one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "compiler/cli/command.h"
#include "compiler/cli/simulate.h"
#include "compiler/cli/simulate_staff.h"

TestSuite(cli_staff, .timeout = 60);

enum { HOURS = 24, PARTS_OF_HOUR = SERIES_PARTS / HOURS, SERVED = 10 };
static const double HOUR = 3600e6;

/* How many agents have a shift in the hour. */
static uint32_t at_work(const struct simulation_plan *plan, unsigned hour)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->agents_count; i++)
        for (uint32_t n = 0; n < plan->agents[i].shift_count; n++)
            count += plan->agents[i].shifts[n].from_us <= hour * HOUR && plan->agents[i].shifts[n].to_us > hour * HOUR;
    return count;
}

/* Plays the day: an agent serves ten an hour, first those who are left from the hour before, and who are in time are
 * those who are served in their own hour. */
static void play(const struct simulation_plan *plan, const double *calls, struct simulate_found *found)
{
    double left = 0;
    memset(found->series, 0, sizeof found->series);
    for (unsigned hour = 0; hour < HOURS; hour++) {
        double serves = (double)at_work(plan, hour) * SERVED, old = left < serves ? left : serves;
        double own = calls[hour] < serves - old ? calls[hour] : serves - old;
        found->series[0][hour * PARTS_OF_HOUR] =
            (struct simulation_part){.offered = calls[hour], .answered = own, .within = own};
        left += calls[hour] - old - own;
    }
}

/* Finds the hours of the day with ten agents, and what is printed of them. */
static bool staffed(const char *share, const double *calls, const char *format, char *said, size_t size)
{
    struct simulation_flow flow = {.arrivals = {.until_us = HOUR}};
    struct simulation_agents agents = {.count = 10};
    struct simulation_plan plan = {
        .until_us = (uint64_t)(HOURS * HOUR), .flows = &flow, .flow_count = 1, .agents = &agents, .agents_count = 1};
    struct options options = {.staff = share, .format = format};
    struct simulate_found found = {.kind = SCOPE_ALL};
    struct simulate_results results = {
        .replications = 1, .series_us = (uint64_t)(HOUR / PARTS_OF_HOUR), .found = &found, .found_count = 1};
    struct staff *staff = staff_open(&plan, &options);
    cr_assert(staff);
    bool more = true;
    while (more) {
        more = staff_next(staff);
        play(&plan, calls, &found);
        staff_take(staff, &results);
    }
    FILE *file = fmemopen(said, size, "w");
    bool good = staff_tell(staff, format, file);
    fclose(file);
    staff_close(staff);
    return good;
}

/* With nine agents the first hour is good, but then the ten of the next one have too many calls. */
Test(cli_staff, the_hour_before_gets_more_where_all_are_there)
{
    char said[4096];
    cr_expect(staffed("90%", (double[HOURS]){100, 105}, "csv", said, sizeof said));
    cr_expect(strstr(said, "\n00:00,01:00,100.00,10,100.0,true\n01:00,02:00,105.00,10,95.2,true\n"), "%s", said);
    cr_expect(staffed("80%", (double[HOURS]){100, 120}, "csv", said, sizeof said), "two more, one after the other");
    cr_expect(strstr(said, "\n00:00,01:00,100.00,10,100.0,true\n01:00,02:00,120.00,10,83.3,true\n"), "%s", said);
}

Test(cli_staff, an_hour_with_too_few_is_marked)
{
    char said[4096];
    cr_expect_not(staffed("90%", (double[HOURS]){0, 20, 150}, "csv", said, sizeof said));
    cr_expect(strstr(said, "\n01:00,02:00,20.00,2,100.0,true\n02:00,03:00,150.00,10,66.7,false\n"), "%s", said);
    cr_expect_not(staffed("90%", (double[HOURS]){0, 20, 150}, "text", said, sizeof said));
    cr_expect(strstr(said, "66.7 %  all of them are too few\n"), "%s", said);
    cr_expect_not(staffed("90%", (double[HOURS]){0, 20, 150}, "json", said, sizeof said));
    cr_expect(strstr(said, "\"agents\":10,\"service_level\":66.7,\"good\":false}"), "%s", said);
}

/* tests/unit/console_soon.c - What a queue will come to: known cases, and how often the warning is right on simulated
 * days. The figures of the days are printed: hits, false alarms, and how long before the miss the warning comes. */
#include "runtime/console/course.h"
#include "runtime/console/soon.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(console_soon, .timeout = 300);

static int permille(struct soon_now now, uint32_t within_s)
{
    int value;
    soon_permille(&now, &within_s, 1, &value);
    return value;
}

Test(console_soon, nothing_is_said_where_nothing_is_known)
{
    cr_expect_eq(permille((struct soon_now){0, 5, 1, 0.1, 0, 0}, 20), -1, "nobody was served yet");
    cr_expect_eq(permille((struct soon_now){0, 5, 1, 0, 180, 0}, 20), -1, "nobody comes");
    cr_expect_eq(permille((struct soon_now){3, 0, 0, 0.1, 180, 0}, 20), 0, "nobody is there");
}

/* Erlang's table: 10 calls of 180 s in a quarter of an hour and 4 people: 7.7 % wait over 20 s (the textbook). */
Test(console_soon, a_calm_queue_is_as_erlang_says)
{
    const struct soon_now now = {0, 4, 2, 10.0 / 900, 180, 0};
    double load = 2, blocked = 1;
    for (unsigned i = 1; i <= 4; i++) blocked = load * blocked / (i + load * blocked);
    double waits = blocked / (blocked + (1 - load / 4) * (1 - blocked));
    double level = 1 - waits * exp(-(4 - load) * 20 / 180);
    cr_expect_float_eq(permille(now, 20) / 1000.0, level, 0.03);
    cr_expect_lt(permille(now, 20), permille(now, 60));
}

Test(console_soon, a_queue_that_grows_misses_its_target)
{
    cr_expect_lt(permille((struct soon_now){0, 4, 4, 0.04, 180, 0}, 20), 300, "7 people would be needed");
    cr_expect_lt(permille((struct soon_now){40, 10, 10, 0.03, 180, 0}, 20), 200, "forty are before");
    cr_expect_gt(permille((struct soon_now){2, 20, 20, 0.05, 180, 0}, 20), 900, "two are soon served");
}

/* A big queue is computed, too, in steps whose number does not grow with the people: two hundred of these take as long
 * as some of the days below. */
Test(console_soon, a_queue_of_thousands_is_computed_at_once)
{
    static const uint32_t within_s[] = {1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1800};
    const struct soon_now now = {150, 2000, 2000, 2000.0 / 190, 180, 0.005};
    int value[12];
    for (unsigned i = 0; i < 200; i++) soon_permille(&now, within_s, 12, value);
    for (unsigned i = 1; i < 12; i++) cr_expect_geq(value[i], value[i - 1]);
    cr_expect_gt(value[4], 500, "is %d", value[4]);
    cr_expect_leq(value[11], 1000, "is %d", value[11]);
    cr_expect_lt(permille((struct soon_now){150, 2000, 2000, 2000.0 / 150, 180, 0}, 20), 300, "more come than go");
}

/* ---- the course ---- */

static json_t *parsed(const char *text)
{
    json_error_t wrong;
    json_t *value = json_loads(text, 0, &wrong);
    cr_assert(value, "%s", wrong.text);
    return value;
}

static void is(json_t *row, const char *member, const char *expected)
{
    json_t *should = parsed(expected);
    char *text = json_dumps(json_object_get(row, member), JSON_COMPACT | JSON_ENCODE_ANY);
    cr_expect(json_equal(json_object_get(row, member), should), "%s is %s", member, text ? text : "not there");
    free(text);
    json_decref(should);
}

enum { NOON_S = 1800000000 / 86400 * 86400 + 43200 };

static void agents_are(struct courses *courses, unsigned at_s, const char *text, const char *took)
{
    json_t *agents = parsed(text);
    course_agents(courses, agents, (NOON_S + (uint64_t)at_s) * 1000000);
    json_t *first = json_array_get(agents, 0), *count = json_object_get(first, "took");
    char shown[32];
    snprintf(shown, sizeof shown, "%d", (int)json_integer_value(count));
    cr_expect_str_eq(shown, took);
    json_decref(agents);
}

static json_t *queue_is(struct courses *courses, unsigned at_s, const char *text)
{
    json_t *row = parsed(text);
    course_queue(courses, row, (NOON_S + (uint64_t)at_s) * 1000000);
    return row;
}

#define ANN(contacts) "[{\"name\": \"ann\", \"state\": \"ready\", \"contacts\": [" contacts "]}, "
#define TALKS(ixn)    "{\"ixn\": \"" ixn "\", \"vq\": \"sales\", \"talks\": true}"
#define BEA                                                                                                            \
    "{\"name\": \"bea\", \"state\": \"ready\", \"media\": {\"chat\": \"logged_out\", \"email\": \"not_ready\"}, "      \
    "\"media_reasons\": {\"email\": \"lunch\"}}]" /* the telephone's state counts for nothing: she has none */

Test(console_soon, people_belong_to_the_queues_whose_contacts_they_had)
{
    struct courses *courses = courses_new();
    agents_are(courses, 0, ANN(TALKS("1")) "{\"name\": \"bea\", \"contacts\": [" TALKS("2") "]}]", "1");
    json_t *row = queue_is(courses, 1, "{\"name\": \"sales\", \"waiting\": 3}");
    is(row, "people", "{\"talks\": 2}");
    is(row, "course", "[[3, 0]]");
    json_decref(row);
    agents_are(courses, 2, ANN(TALKS("1")) BEA, "1"); /* the same contact is counted once */
    agents_are(courses, 3, ANN("") BEA, "1");
    row = queue_is(courses, 301, "{\"name\": \"sales\", \"waiting\": 1}");
    is(row, "people", "{\"available\": 1, \"not_ready\": 1, \"reasons\": {\"lunch\": 1}}");
    is(row, "course", "[[3, 0], [1, 1]]");
    json_decref(row);
    agents_are(courses, 302, ANN(TALKS("3")) BEA, "2");
    row = queue_is(courses, 302, "{\"name\": \"support\"}");
    is(row, "people", "{}");
    json_decref(row);
    agents_are(courses, 9 * 3600, ANN("") BEA, "2"); /* nobody had one of it for eight hours */
    row = queue_is(courses, 9 * 3600, "{\"name\": \"sales\"}");
    is(row, "people", "{}");
    json_decref(row);
    agents_are(courses, 13 * 3600 + 86400, ANN("") BEA, "0"); /* another day */
    courses_free(courses);
}

Test(console_soon, the_rates_of_the_last_minutes_tell_what_comes)
{
    static const char text[] = "{\"name\": \"sales\", \"waiting\": %u, \"entered\": %u, \"distributed\": %u, "
                               "\"last_hour\": {\"within_s\": [[20, 1], [60, 1], [null, 1]]}}";
    struct courses *courses = courses_new();
    char said[300];
    json_t *row = NULL;
    for (unsigned minute = 0; minute < 12; minute++) {
        agents_are(courses, minute * 58, ANN(TALKS("1")) BEA, "1");
        json_decref(row);
        /* each minute three come and one is served, by one person */
        snprintf(said, sizeof said, text, 2 * minute, 3 * minute, minute);
        row = queue_is(courses, minute * 58 + 1, said);
        if (minute == 2) is(row, "soon", "[]");
    }
    is(row, "soon", "[[20, 0], [60, 0]]");
    json_decref(row);
    row = queue_is(courses, 11 * 58 + 5, "{\"name\": \"sales\", \"last_hour\": {\"within_s\": []}}");
    is(row, "soon", "[[20, 0], [60, 0]]"); /* not computed again within ten seconds */
    json_decref(row);
    courses_free(courses);
}

/* ---- days ---- */

enum { DAY_S = 10 * 3600, MINUTES = DAY_S / 60, CALLS = 4000, PEOPLE = 60, WITHIN_S = 20, WINDOW = 15, TARGET = 800 };

static uint64_t state;
static double drawn(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static struct day {
    unsigned calls, came[CALLS], good[CALLS]; /* the second of its arrival; 1: answered within WITHIN_S */
    unsigned people[MINUTES], busy[MINUTES], waiting[MINUTES], served[MINUTES], left[MINUTES];
    double busy_s[MINUTES], waited_s[MINUTES];
} day;

/* A day of a queue that `load` people are busy with on average; there are a tenth more, but fewer at noon and on some
 * days, and a rush comes at some hour. */
static void day_make(double load, double serve_s)
{
    static double leaves[CALLS];
    static unsigned line[CALLS], free_at[PEOPLE];
    unsigned first = 0, last = 0, rush = 1 + (unsigned)(drawn() * 7);
    double staffed = load * (1.05 + 0.25 * drawn()) + 1;
    memset(&day, 0, sizeof day);
    memset(free_at, 0, sizeof free_at);
    for (unsigned at = 0; at < DAY_S; at++) {
        unsigned hour = at / 3600, minute = at / 60;
        unsigned people = (unsigned)(staffed * (hour == 3 || hour == 4 ? 0.85 : 1) + 0.5);
        double per_s = load / serve_s * (hour == rush ? 1.35 : 0.75 + 0.3 * sin(3.14159 * at / DAY_S));
        if (people > PEOPLE) people = PEOPLE;
        if (drawn() < per_s && day.calls < CALLS) {
            day.came[day.calls] = at;
            leaves[day.calls] = at - 180 * log(drawn()); /* patience */
            line[last++] = day.calls++;
        }
        for (unsigned one = 0; one < people; one++) {
            while (first < last && leaves[line[first]] < at) first++;
            if (one == 0) day.busy[minute] = 0;
            if (free_at[one] <= at && first < last) {
                unsigned call = line[first++];
                day.good[call] = at - day.came[call] <= WITHIN_S;
                free_at[one] = at + 1 + (unsigned)(-serve_s * log(drawn()));
                day.served[minute]++;
            }
            day.busy_s[minute] += free_at[one] > at;
            day.busy[minute] += free_at[one] > at;
        }
        day.people[minute] = people;
        day.waiting[minute] = 0;
        for (unsigned i = first; i < last; i++) {
            day.waiting[minute] += leaves[line[i]] >= at;
            day.waited_s[minute] += leaves[line[i]] >= at;
            day.left[minute] += leaves[line[i]] >= at && leaves[line[i]] < at + 1;
        }
    }
}

/* Of a thousand who came in the minutes from, to: those answered in time; -1: fewer than five came. */
static int level(unsigned from, unsigned to)
{
    unsigned came = 0, good = 0;
    for (unsigned i = 0; i < day.calls; i++) {
        if (day.came[i] / 60 < from || day.came[i] / 60 >= to) continue;
        came++;
        good += day.good[i];
    }
    return came < 5 ? -1 : (int)(1000 * good / came);
}

static int warned_level(unsigned minute)
{
    unsigned came = 0, served = 0, left = 0;
    double busy_s = 0, waited_s = 0;
    for (unsigned i = 0; i < day.calls; i++) came += day.came[i] / 60 + WINDOW > minute && day.came[i] / 60 <= minute;
    for (unsigned i = minute < 30 ? 0 : minute - 29; i <= minute; i++) {
        served += day.served[i];
        busy_s += day.busy_s[i];
        left += day.left[i];
        waited_s += day.waited_s[i];
    }
    if (served < 3) return -1;
    return permille((struct soon_now){.waiting = day.waiting[minute],
                                      .people = day.people[minute],
                                      .busy = day.busy[minute],
                                      .per_s = came / (60.0 * WINDOW),
                                      .serve_s = busy_s / served,
                                      .leaves_per_s = waited_s > 0 ? left / waited_s : 0},
                    WITHIN_S);
}

Test(console_soon, on_simulated_days_the_warning_comes_before_the_miss)
{
    static const struct {
        double load;
        int hits, alarms; /* at least so many hits, at most so many false alarms, of a hundred */
    } centres[] = {{4, 45, 65}, {12, 55, 45}, {35, 65, 40}};
    const char *more = getenv("SOON_DAYS"); /* more days are for figures: 40 take some 10 s */
    unsigned count = more ? (unsigned)atoi(more) : 5;
    for (unsigned c = 0; c < sizeof centres / sizeof *centres; c++) {
        unsigned missed = 0, hit = 0, warned = 0, wrong = 0, before = 0, naive = 0, naive_wrong = 0, naive_hit = 0,
                 onsets = 0, lead = 0, ahead = 0;
        double error = 0, naive_error = 0;
        state = 42 + c;
        for (unsigned days = 0; days < count; days++) {
            day_make(centres[c].load, 200);
            unsigned since = 0; /* the minute in which the warning began that is up now; 0: none is */
            bool low = false;
            for (unsigned minute = 20; minute + WINDOW < MINUTES; minute += more ? 1 : 4) {
                int soon = warned_level(minute), truth = level(minute + 1, minute + 1 + WINDOW);
                int lately = level(minute + 1 - WINDOW, minute + 1);
                bool warns = soon >= 0 && soon < TARGET;
                since = !warns ? 0 : since == 0 ? minute : since;
                if (lately >= 0 && lately < TARGET && !low) {
                    onsets++;
                    ahead += since != 0 && since < minute;
                    lead += since != 0 ? minute - since : 0;
                }
                low = lately >= 0 && lately < TARGET;
                if (truth < 0 || soon < 0 || lately < 0) continue;
                bool misses = truth < TARGET;
                before++;
                missed += misses;
                hit += misses && warns;
                warned += warns;
                wrong += warns && !misses;
                naive += lately < TARGET;
                naive_hit += misses && lately < TARGET;
                naive_wrong += lately < TARGET && !misses;
                error += abs(soon - truth) / 1000.0;
                naive_error += abs(lately - truth) / 1000.0;
            }
        }
        fprintf(
            stderr,
            "load %.0f: %u minutes, %u before a miss: %u %% warned, %u %% of warnings false (by the last quarter of an "
            "hour: %u %%, %u %%); mean error %.1f points (%.1f); %u misses began, %u warned before, %.1f minutes on "
            "average\n",
            centres[c].load, before, missed, 100 * hit / missed, warned ? 100 * wrong / warned : 0,
            100 * naive_hit / missed, naive ? 100 * naive_wrong / naive : 0, 100 * error / before,
            100 * naive_error / before, onsets, ahead, ahead ? (double)lead / ahead : 0);
        cr_expect_geq((int)(100 * hit / missed), centres[c].hits);
        cr_expect_leq((int)(100 * wrong / warned), centres[c].alarms);
        cr_expect_lt(error, naive_error, "nearer than what was before");
    }
}

/* tests/unit/console_soon.c - What a queue will come to: known cases, and how often the warning is right on simulated
 * days. */
#include "runtime/console/course.h"
#include "runtime/console/soon.h"
#include "tests/unit/console_soon_model.h"

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
    json_t *value = json_loads(text, JSON_DECODE_ANY, &wrong);
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
    struct courses *courses = courses_new((struct course_keeper){0});
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
    agents_are(courses, 303 + 24 * 3600, ANN("") BEA, "0"); /* another day, and nobody had one of it for so long */
    row = queue_is(courses, 303 + 24 * 3600, "{\"name\": \"sales\"}");
    is(row, "people", "{}");
    json_decref(row);
    courses_free(courses);
}

#define CHATS(state, contacts)                                                                                         \
    "[{\"name\": \"ann\", \"telephone\": true, \"state\": \"ready\", \"media\": {\"chat\": \"" state "\"}, "           \
    "\"media_reasons\": {\"chat\": \"lunch\"}, \"contacts\": [" contacts "]}]"

Test(console_soon, who_is_ready_for_calls_alone_is_not_available_for_chats)
{
    struct courses *courses = courses_new((struct course_keeper){0});
    static const char chat[] = "{\"ixn\": \"1\", \"vq\": \"chats\", \"media\": \"chat\", \"talks\": true}";
    static const char *const people[] = {"{\"available\": 1}", "{\"not_ready\": 1, \"reasons\": {\"lunch\": 1}}", "{}",
                                         "{\"after_call_work\": 1}"};
    char talks[512];
    snprintf(talks, sizeof talks, CHATS("ready", "%s"), chat);
    agents_are(courses, 0, talks, "1");
    static const char *const then[] = {CHATS("ready", ""), CHATS("not_ready", ""), CHATS("logged_out", ""),
                                       CHATS("after_call_work", "")};
    for (unsigned i = 0; i < 4; i++) {
        agents_are(courses, 1 + i, then[i], "1");
        json_t *row = queue_is(courses, 1 + i, "{\"name\": \"chats\"}");
        is(row, "people", people[i]);
        json_decref(row);
    }
    /* Who talks does so for each queue, and after it is ready for calls. */
    static const char call[] = "{\"ixn\": \"2\", \"vq\": \"calls\", \"media\": \"voice\", \"talks\": true}";
    snprintf(talks, sizeof talks, CHATS("not_ready", "%s"), call);
    agents_are(courses, 5, talks, "2");
    json_t *chats = queue_is(courses, 5, "{\"name\": \"chats\"}");
    is(chats, "people", "{\"talks\": 1}");
    json_decref(chats);
    agents_are(courses, 6, CHATS("not_ready", ""), "2");
    json_t *calls = queue_is(courses, 6, "{\"name\": \"calls\"}");
    is(calls, "people", "{\"available\": 1}");
    json_decref(calls);
    courses_free(courses);
}

/* Of the contacts that this agent has: the queue of which each still is, where nobody was chosen. */
static void contacts_are_of(struct courses *courses, const char *text, const char *expected)
{
    json_t *agents = parsed(text), *all = json_array();
    course_agents(courses, agents, NOON_S * UINT64_C(1000000));
    for (size_t at = 0; at < json_array_size(agents); at++) {
        json_t *contacts = json_object_get(json_array_get(agents, at), "contacts");
        for (size_t i = 0; i < json_array_size(contacts); i++) {
            json_t *of = json_object_get(json_array_get(contacts, i), "of");
            json_array_append(all, of ? of : json_null());
        }
    }
    json_t *row = json_pack("{s:o}", "of", all);
    is(row, "of", expected);
    json_decref(row);
    json_decref(agents);
}

#define TAKEN(ixn)     "{\"ixn\": \"" ixn "\", \"vq\": \"\", \"talks\": true}"
#define LEAD(contacts) "{\"name\": \"lead\", \"contacts\": [" contacts "]}]"

Test(console_soon, a_call_that_was_taken_over_is_still_of_its_queue)
{
    struct courses *courses = courses_new((struct course_keeper){0});
    contacts_are_of(courses, ANN(TALKS("1")) LEAD(TAKEN("2")), "[null, null]");
    contacts_are_of(courses, ANN("") LEAD(TAKEN("1") ", " TAKEN("2")), "[\"sales\", null]");
    contacts_are_of(courses, ANN(TAKEN("1")) LEAD(""), "[\"sales\"]"); /* and back */
    contacts_are_of(courses, ANN("") LEAD(""), "[]");
    contacts_are_of(courses, ANN("") LEAD(""), "[]");
    contacts_are_of(courses, ANN(TAKEN("1")) LEAD(""), "[null]"); /* it is forgotten when nobody has it */
    contacts_are_of(courses, ANN(TAKEN("")) LEAD(""), "[null]");
    json_t *row = queue_is(courses, 0, "{\"name\": \"sales\"}");
    is(row, "people", "{\"talks\": 1}"); /* ann: the supervisor does not serve the queue by one call */
    json_decref(row);
    courses_free(courses);
}

static json_t *kept; /* the row of ann that was kept last; NULL: she is gone */
static json_t *seen; /* when agents were read last, as it was kept */

static void keep_row(void *self, const char *agent, json_t *row)
{
    (void)self;
    json_t **of = strcmp(agent, "ann") == 0 ? &kept : *agent == '\0' ? &seen : NULL;
    json_decref(of ? *of : row);
    if (of) *of = row;
}

/* Reads Ann's row at that time, and compares when she was there. */
static void ann_is(struct courses *courses, unsigned at_s, const char *text, const char *there, const char *known_us)
{
    json_t *agents = parsed(text);
    course_agents(courses, agents, (NOON_S + (uint64_t)at_s) * 1000000);
    is(json_array_get(agents, 0), "there", there);
    is(json_array_get(agents, 0), "known_us", known_us);
    json_decref(agents);
}

#define ANN_SINCE(state, since) "[{\"name\": \"ann\", \"state\": \"" state "\", \"since_us\": " since "}]"

/* The process ends amid a contact: the next one goes on counting, and counts that contact once. */
Test(console_soon, a_day_survives_the_process)
{
    struct course_keeper keeper = {NULL, keep_row};
    struct courses *courses = courses_new(keeper);
    agents_are(courses, 100, ANN(TALKS("1")) BEA, "1");
    agents_are(courses, 200, ANN("") BEA, "1");
    agents_are(courses, 300, ANN(TALKS("2")) BEA, "2");
    courses_free(courses);
    courses = courses_new(keeper);
    courses_restore(courses, "ann", kept);
    agents_are(courses, 400, ANN(TALKS("2")) BEA, "2");
    json_t *row = queue_is(courses, 401, "{\"name\": \"sales\"}");
    is(row, "people", "{\"talks\": 1}");
    json_decref(row);
    agents_are(courses, 500, ANN(TALKS("3")) BEA, "3");
    courses_free(courses);
    courses = courses_new(keeper);
    json_t *strange = parsed("{\"took\": -1, \"talks\": [7], \"there\": [[5, 3], [\"x\"], 7]}");
    courses_restore(courses, "ann", strange);
    json_decref(strange);
    agents_are(courses, 600, ANN("") BEA, "0");
    agents_are(courses, 700, "[{\"name\": \"bea\"}]", "0");
    cr_expect(!kept, "she is no agent any more");
    courses_free(courses);
}

/* When she was logged in is known by what gcxvm says, and a short absence is none. */
#define BEGUN "1799971200000000"
#define AGAIN "1799974000000000"
Test(console_soon, a_day_tells_when_somebody_was_there)
{
    struct course_keeper keeper = {NULL, keep_row};
    struct courses *courses = courses_new(keeper);
    ann_is(courses, 0, ANN_SINCE("ready", BEGUN), "[[" BEGUN ", 0]]", BEGUN);
    ann_is(courses, 10, ANN_SINCE("not_ready", "1799971205000000"), "[[" BEGUN ", 0]]", BEGUN);
    ann_is(courses, 100, ANN_SINCE("logged_out", "1799971250000000"), "[[" BEGUN ", 1799971250000000]]", BEGUN);
    ann_is(courses, 200, ANN_SINCE("ready", "1799971300000000"), "[[" BEGUN ", 0]]", BEGUN);
    ann_is(courses, 300, ANN_SINCE("logged_out", "1799971400000000"), "[[" BEGUN ", 1799971400000000]]", BEGUN);
    courses_free(courses);
    courses = courses_new(keeper);
    courses_restore(courses, "ann", kept);
    courses_restore(courses, "", seen);
    ann_is(courses, 4000, ANN_SINCE("ready", AGAIN), "[[" BEGUN ", 1799971400000000], [" AGAIN ", 0]]", BEGUN);
    ann_is(courses, 4000 + 37 * 3600, ANN_SINCE("ready", AGAIN), "[[" AGAIN ", 0]]", "1799971400000000");
    courses_free(courses);
    courses = courses_new(keeper); /* while she is there, and in the same state */
    courses_restore(courses, "ann", kept);
    courses_restore(courses, "", seen);
    ann_is(courses, 5000 + 37 * 3600, ANN_SINCE("ready", AGAIN), "[[" AGAIN ", 0]]", "1799971400000000");
    courses_free(courses);
    json_decref(seen);
    seen = NULL;
}

/* While nobody reads she goes home and comes again: what was in between counts for nothing, and neither does what was
 * before the first reading. */
Test(console_soon, what_nobody_has_read_is_not_known)
{
    struct course_keeper keeper = {NULL, keep_row};
    struct courses *courses = courses_new(keeper);
    ann_is(courses, 0, ANN_SINCE("not_ready", BEGUN), "[[" BEGUN ", 0]]", BEGUN);
    courses_free(courses);
    courses = courses_new(keeper);
    courses_restore(courses, "ann", kept);
    courses_restore(courses, "", seen);
    ann_is(courses, 72000, ANN_SINCE("ready", "1800080000000000"),
           "[[" BEGUN ", 1800014400000000], [1800080000000000, 0]]", "1800080000000000");
    courses_free(courses);
    json_decref(kept);
    json_decref(seen);
}

Test(console_soon, the_rates_of_the_last_minutes_tell_what_comes)
{
    static const char text[] = "{\"name\": \"sales\", \"waiting\": %u, \"entered\": %u, \"distributed\": %u, "
                               "\"last_hour\": {\"within_s\": [[20, 1], [60, 1], [null, 1]]}}";
    struct courses *courses = courses_new((struct course_keeper){0});
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

/* ---- days: tests/bench/warning tells the figures of more of them ---- */

Test(console_soon, on_simulated_days_the_warning_comes_before_the_miss)
{
    static const struct {
        struct soon_centre centre;
        int hits, alarms; /* at least so many hits, at most so many false alarms, of a hundred */
    } centres[] = {{{4, 5}, 45, 65}, {{12, 5}, 55, 45}, {{35, 5}, 65, 40}};
    for (unsigned c = 0; c < sizeof centres / sizeof *centres; c++) {
        struct soon_days played;
        soon_days_play(&centres[c].centre, 42 + c, 5, 4, &played);
        const struct soon_judged *own = &played.own;
        cr_expect_geq((int)(100 * own->hit / own->missed), centres[c].hits, "load %.0f", centres[c].centre.load);
        cr_expect_leq((int)(100 * own->wrong / own->warned), centres[c].alarms, "load %.0f", centres[c].centre.load);
        cr_expect_lt(own->error, played.lately.error, "nearer than what was before");
    }
}

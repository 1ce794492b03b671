/* tests/unit/console.c - Pages of the console: one reading for all, and each page is told what it does not have yet. */
#include "runtime/console/console.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct console *console;
static unsigned asked, ended;
static char command[100], said[3][600000];
static size_t longest;
static uint32_t marked[3];
static bool away;

static bool fake_ask(void *self, json_t *request)
{
    (void)self;
    asked++;
    snprintf(command, sizeof command, "%s", json_string_value(json_object_get(request, "command")));
    json_decref(request);
    return !away;
}

static void fake_say(void *self, uint64_t ticket, const char *text)
{
    (void)self;
    size_t length = strlen(said[ticket]);
    if (strlen(text) > longest) longest = strlen(text);
    snprintf(said[ticket] + length, sizeof said[ticket] - length, "%s\n", text);
}

static void fake_mark(void *self, uint64_t ticket, uint32_t number)
{
    (void)self;
    marked[ticket] = number;
}

static void fake_end(void *self, uint64_t ticket)
{
    (void)self;
    ended = (unsigned)ticket;
}

static void answers(const char *text)
{
    json_error_t wrong;
    json_t *answer = json_loads(text, 0, &wrong);
    cr_assert(answer, "%s", wrong.text);
    console_told(console, answer);
    json_decref(answer);
}

/* A whole reading, in which the agent Ann is in this state. */
static void reads(const char *state)
{
    char agents[200];
    memset(said, 0, sizeof said);
    cr_assert_str_eq(command, "status");
    answers("{\"ok\": true, \"wall_us\": 5, \"pid\": 7}");
    cr_assert_str_eq(command, "queues");
    answers("{\"ok\": true, \"queues\": [{\"name\": \"q1\"}], \"next\": 1}");
    cr_assert_str_eq(command, "queues");
    answers("{\"ok\": true, \"queues\": [{\"name\": \"q2\"}], \"next\": null}");
    cr_assert_str_eq(command, "bins");
    answers("{\"ok\": true, \"bins\": [{\"place\": \"mail\", \"name\": \"mail\", \"waiting\": 3}], \"next\": null}");
    snprintf(agents, sizeof agents,
             "{\"ok\": true, \"agents\": [{\"name\": \"ann\", \"state\": \"%s\"}], \"next\": null}", state);
    answers(agents);
}

/* The page has everything that was sent to it, and what is sent then. */
static void arrives(unsigned page)
{
    for (uint32_t last = 0; last != marked[page];) {
        last = marked[page];
        console_has_text(console, page, last);
    }
}

static bool tells(unsigned page, const char *what)
{
    return strstr(said[page], what) != NULL;
}

static void begin(void)
{
    static const struct console_calls calls = {NULL, fake_ask, fake_say, fake_mark, fake_end, NULL};
    console = console_new(&calls);
    asked = ended = 0;
    away = false;
    longest = 0;
    memset(said, 0, sizeof said);
    memset(marked, 0, sizeof marked);
}

static void end(void)
{
    console_free(console);
}

TestSuite(console, .init = begin, .fini = end);

Test(console, asks_once_for_all_pages)
{
    console_tick(console);
    cr_assert_eq(asked, 0u, "nobody looks");
    console_joins(console, 1, "one", "one");
    cr_assert(tells(1, "welcome"));
    console_tick(console);
    cr_assert_eq(asked, 1u, "an answer is awaited");
    reads("ready");
    arrives(1);
    cr_assert_eq(asked, 5u);
    cr_assert(tells(1, "mail") && tells(1, "q1") && tells(1, "q2") && tells(1, "ready") && tells(1, "whole") &&
              !tells(1, "pid"));
    console_joins(console, 2, "two", "two");
    arrives(2);
    cr_assert(tells(2, "q2") && tells(2, "\"whole\":true"));
    cr_assert_eq(asked, 6u);
    reads("ready");
    cr_assert(tells(1, "wall_us") && !tells(1, "q1") && !tells(2, "ann"), "nothing has changed: %s", said[1]);
    arrives(1);
    arrives(2);
    console_tick(console);
    reads("not_ready");
    cr_assert(tells(1, "not_ready") && tells(2, "not_ready") && !tells(1, "whole") && !tells(1, "q1"));
    console_leaves(console, 1);
    cr_assert(console_has(console, 2) && !console_has(console, 1));
    console_session_over(console, "two");
    cr_assert_eq(ended, 2u);
    console_tick(console);
    cr_assert_eq(asked, 15u, "nobody looks any more");
}

/* The queues of a reading that was under way are gone with the rows of before: it begins again. */
Test(console, a_page_that_comes_amid_a_reading_gets_all_queues)
{
    for (unsigned tick = 0; tick < 5; tick++) console_tick(console);
    cr_assert_eq(asked, 1u, "the day's course is followed");
    answers("{\"ok\": true, \"wall_us\": 5, \"pid\": 7}");
    answers("{\"ok\": true, \"queues\": [{\"name\": \"q1\"}], \"next\": null}");
    answers("{\"ok\": true, \"bins\": []}");
    cr_assert_str_eq(command, "agents");
    console_joins(console, 1, "one", "one");
    answers("{\"ok\": true, \"agents\": [], \"next\": null}");
    cr_assert_not(tells(1, "queues"));
    reads("ready");
    arrives(1);
    cr_expect(tells(1, "q1"));
    cr_expect(tells(1, "q2"));
    cr_expect(tells(1, "ann"));
}

Test(console, says_that_the_router_is_away)
{
    console_joins(console, 1, "one", "one");
    reads("ready");
    arrives(1);
    console_tick(console);
    console_told(console, NULL);
    cr_assert(tells(1, "\"up\":false"));
    away = true;
    console_tick(console);
    console_joins(console, 2, "two", "two");
    arrives(2);
    cr_assert(tells(2, "\"up\":false") && tells(2, "ann"), "what was read last: %s", said[2]);
    away = false;
    console_tick(console);
    reads("ready");
    arrives(1);
    arrives(2);
    cr_assert(tells(1, "\"up\":true") && tells(1, "whole") && tells(2, "whole"), "%s", said[1]);
    answers("{\"ok\": true}"); /* that nobody has asked for */
    console_tick(console);
    answers("{\"ok\": false, \"error\": \"no\"}");
    cr_assert(tells(1, "\"up\":false"));
    console_leaves(console, 1);
    console_leaves(console, 2);
    memset(said, 0, sizeof said);
    console_joins(console, 1, "one", "one"); /* nobody knows whether the router is back */
    arrives(1);
    cr_assert(!tells(1, "false") && !tells(1, "ann"), "%s", said[1]);
}

Test(console, leaves_out_a_page_that_is_slow)
{
    console_joins(console, 1, "one", "one");
    console_joins(console, 2, "two", "two");
    reads("ready");
    arrives(2);
    for (unsigned i = 0; i < 6; i++) {
        arrives(1);
        console_tick(console);
        reads(i % 2 ? "ready" : "not_ready");
    }
    cr_assert(tells(1, "ready") && !*said[2], "%s", said[2]);
    console_has_text(console, 2, marked[2] + 7); /* a number that was never sent */
    console_has_text(console, 2, marked[2] - 1);
    cr_assert(!*said[2]);
    arrives(2);
    cr_assert(tells(2, "whole") && tells(2, "ann"), "%s", said[2]);
    console_tick(console);
    reads("not_ready");
    cr_assert(tells(2, "not_ready") && !tells(2, "whole"));
    console_heard(console, 2, "{\"type\": \"ping\", \"id\": 3}", 25);
    cr_assert(tells(2, "\"id\":3"));
    console_heard(console, 2, "{\"type\"", 7);
    console_heard(console, 9, "{\"id\": 3}", 9);
}

/* A thousand agents whose rows have 400 bytes each, of which all have changed. */
static void reads_many(unsigned salt)
{
    json_t *answer = json_pack("{s:b, s:[]}", "ok", true, "agents"), *rows = json_object_get(answer, "agents");
    for (unsigned i = 0; i < 1000; i++) {
        char name[20], place[400];
        snprintf(name, sizeof name, "a%u", i);
        memset(place, 'a' + (int)salt, sizeof place - 1);
        place[sizeof place - 1] = 0;
        json_array_append_new(rows, json_pack("{s:s, s:s}", "name", name, "place", place));
    }
    memset(said, 0, sizeof said);
    answers("{\"ok\": true}");
    answers("{\"ok\": true, \"queues\": []}");
    answers("{\"ok\": true, \"bins\": []}");
    console_told(console, answer);
    json_decref(answer);
}

Test(console, no_text_is_longer_than_a_connection_takes)
{
    console_joins(console, 1, "one", "one");
    for (unsigned i = 0; i < 2; i++) {
        reads_many(i);
        cr_assert_not(tells(1, "a999"));
        arrives(1);
        cr_assert(tells(1, "a999") && tells(1, "\"whole\":true") && tells(1, "\"whole\":false"));
        console_tick(console);
    }
    cr_assert(longest > 100000 && longest < 200000, "%zu", longest);
}

/* A reading comes between two pieces: the page gets the rest, is left alone for some readings, and then gets all. */
Test(console, a_page_that_cannot_follow_is_left_alone_for_a_while)
{
    console_joins(console, 1, "one", "one");
    console_has_text(console, 1, marked[1]); /* the welcome */
    reads_many(0);
    for (unsigned i = 1; i < 6; i++) {
        console_tick(console);
        reads_many(i % 2);
        if (i == 1) {
            cr_assert(!*said[1], "the line is not free");
            arrives(1);
            cr_assert(tells(1, "a999") && !tells(1, "\"name\":\"a0\",\"place\":\"b"), "the rest of the pieces");
        } else
            cr_assert_eq(!*said[1], i < 5, "reading %u", i);
    }
    cr_assert(tells(1, "\"whole\":true"), "all rows again");
}

/* Ann leads herself and the first queue, not the one that has her name; Bea sees all, if the answer does not name her
 * as one of those who are `bounded`. `led`: who leads the second agent now. */
static void reads_bounded(const char *led, const char *bounded)
{
    char agents[200];
    snprintf(agents, sizeof agents, "{\"ok\": true, \"wall_us\": 5, \"bounded\": [%s]}", bounded);
    answers(agents);
    answers("{\"ok\": true, \"queues\": [{\"name\": \"q1\", \"led_by\": [\"carl\", \"ann\"]}, {\"name\": \"q2\", "
            "\"led_by\": []}, {\"name\": \"ann\", \"led_by\": []}], \"next\": null}");
    answers("{\"ok\": true, \"bins\": [{\"place\": \"mail\", \"led_by\": [\"carl\"]}, {\"place\": \"later\"}]}");
    snprintf(
        agents, sizeof agents,
        "{\"ok\": true, \"agents\": [{\"name\": \"ann\"}, {\"name\": \"zoe\", \"led_by\": [\"%s\"]}], \"next\": null}",
        led);
    answers(agents);
}

static void reads_bounded_rows(const char *led)
{
    reads_bounded(led, "\"ann\"");
}

Test(console, a_page_sees_whom_its_person_leads)
{
    console_joins(console, 1, "one", "ann");
    console_joins(console, 2, "two", "bea");
    reads_bounded_rows("carl");
    arrives(1);
    arrives(2);
    cr_expect(!tells(1, "mail") && !tells(1, "later") && tells(2, "mail") && tells(2, "later"), "%s", said[1]);
    cr_expect(tells(1, "q1") && tells(1, "\"ann\"") && !tells(1, "\"led_by\":[]") && !tells(1, "q2") &&
                  !tells(1, "zoe"),
              "%s", said[1]);
    cr_expect(tells(2, "q1") && tells(2, "q2") && tells(2, "zoe"), "%s", said[2]);
    memset(said, 0, sizeof said);
    console_tick(console);
    reads_bounded_rows("ann");
    cr_expect(tells(1, "zoe") && tells(1, "\"gone\":[]") && tells(2, "zoe"), "%s", said[1]);
    arrives(1);
    arrives(2);
    memset(said, 0, sizeof said);
    console_tick(console);
    reads_bounded_rows("carl");
    cr_expect(tells(1, "\"gone\":[\"zoe\"]") && tells(2, "\"rows\":[{\"name\":\"zoe\""), "%s", said[1]);
    cr_expect(!tells(1, "\"led_by\":[\"carl\"]"), "what goes to those who see all goes to nobody else: %s", said[1]);
    console_tick(console);
    reads_bounded_rows("carl");
    cr_expect(!tells(1, "q2") && tells(1, "wall_us"));
}

/* Rows that do not change leave the page of a person who is bounded now, and come back later. */
Test(console, a_person_who_becomes_bounded_keeps_no_rows_of_others)
{
    console_joins(console, 2, "two", "bea");
    reads_bounded_rows("carl");
    for (unsigned round = 0; round < 2; round++) {
        arrives(2);
        memset(said, 0, sizeof said);
        console_tick(console);
        reads_bounded("carl", round == 0 ? "\"ann\", \"bea\"" : "\"ann\"");
        arrives(2);
        cr_expect(tells(2, "\"whole\":true") && tells(2, "zoe") == (round == 1), "%s", said[2]);
    }
    memset(said, 0, sizeof said);
    console_tick(console);
    reads_bounded_rows("carl");
    cr_expect(!tells(2, "whole"), "%s", said[2]);
}

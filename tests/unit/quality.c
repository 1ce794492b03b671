/* tests/unit/quality.c - Forms: what may stand in one, what the answers come to. Draws: so many of each group, and the
 * same again. */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/quality/draw.h"
#include "runtime/quality/form.h"

TestSuite(quality, .timeout = 10);

static const char whole[] =
    "# of the site\ntitle = Calls = all\n\n[greeting]\nasks = Says the name.\nhint = aloud\n"
    "points = 5\nweight = 2\r\n[privacy]\nasks = Asks who it is.\npoints = 1\nfails = yes\n[thanks]\n"
    "asks = Thanks.\nskips = yes\npoints = 3";

static struct form *test_form_of(const char *text, struct error *error)
{
    return quality_form_read("calls", text, strlen(text), error);
}

Test(quality, a_form_has_what_its_lines_say)
{
    struct error error = {0};
    struct form *form = test_form_of(whole, &error);
    cr_assert(form, "%s", error.text);
    cr_expect_str_eq(form->title, "Calls = all");
    cr_expect_eq(form->count, 3);
    cr_expect_eq(form->questions[0].points, 5);
    cr_expect_eq(form->questions[0].weight, 2);
    cr_expect_str_eq(form->questions[0].hint, "aloud");
    cr_expect(form->questions[1].fails && !form->questions[1].skips && form->questions[1].points == 1);
    cr_expect_eq(quality_form_question_of(form, "thanks"), 2);
    cr_expect_eq(quality_form_question_of(form, "thank"), -1);
    cr_expect_eq(strlen(form->version), 16);
    struct form *other = test_form_of("title = x\n[a]\nasks = b\n", &error);
    cr_assert(other);
    cr_expect_str_neq(form->version, other->version);
    quality_form_free(form), quality_form_free(other);
}

Test(quality, a_wrong_form_is_refused_with_its_line)
{
    static const char *const rows[][2] = {
        {"", "the form has no question"},
        {"[a]\nasks = b\n[a]\n", "line 3: this question stands there twice"},
        {"[A b]\n", "line 1: a question's name"},
        {"[a\n", "line 1: a question begins as [NAME]"},
        {"asks = b\n", "line 1: before the first question"},
        {"[a]\nasks\n", "line 2: expected KEY = VALUE"},
        {"[a]\nasks =\n", "line 2: a text has 1 to 400 bytes"},
        {"[a]\nasks = b\nasks = c\n", "line 3: this stands there twice"},
        {"[a]\nasks = b\npoints = 101\n", "line 3: this is a number from 1 to 100"},
        {"[a]\nasks = b\npoints = -1\n", "line 3: this is a number from 1 to 100"},
        {"[a]\nasks = b\npoints = 5x\n", "line 3: this is a number from 1 to 100"},
        {"[a]\nasks = b\nweight = 0\n", "line 3: this is a number from 1 to 100"},
        {"[a]\nasks = b\nskips = no\n", "line 3: this is yes"},
        {"[a]\nasks = b\ncolour = red\n", "line 3: a question has asks"},
        {"[a]\npoints = 2\n", "[a] has no `asks`"},
        {"[a]\nasks = b\x01\n", "line 2: there is a control character"},
        {"[a]\nasks = \xff\n", "no text in UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error error = {0};
        struct form *form = test_form_of(rows[i][0], &error);
        cr_expect(!form && strstr(error.text, rows[i][1]), "%s: %s", rows[i][0], error.text);
        quality_form_free(form);
    }
    struct error error = {0};
    cr_expect(!quality_form_read("../x", "[a]\nasks = b\n", 13, &error));
}

Test(quality, answers_come_to_a_percentage_by_their_weights)
{
    struct error error = {0};
    struct form *form = test_form_of(whole, &error);
    struct form_sum sum;
    cr_assert(form);
    cr_expect(quality_form_sum(form, (const int[]){5, 1, 3}, &sum, &error) && sum.hundredths == 10000 && !sum.failed);
    cr_expect(quality_form_sum(form, (const int[]){3, 1, FORM_SKIPPED}, &sum, &error) && sum.hundredths == 7333);
    cr_expect(quality_form_sum(form, (const int[]){0, 1, 2}, &sum, &error) && sum.hundredths == 4167);
    cr_expect(quality_form_sum(form, (const int[]){5, 0, 3}, &sum, &error) && sum.hundredths == 0 && sum.failed);
    cr_expect(!quality_form_sum(form, (const int[]){6, 1, 3}, &sum, &error) &&
              strstr(error.text, "greeting: it has 0 to 5"));
    cr_expect(!quality_form_sum(form, (const int[]){5, FORM_SKIPPED, 3}, &sum, &error) &&
              strstr(error.text, "privacy"));
    cr_expect(!quality_form_sum(form, (const int[]){5, 1, -2}, &sum, &error) && strstr(error.text, "or is left out"));
    quality_form_free(form);
    form = test_form_of("[a]\nasks = b\nskips = yes\n", &error);
    cr_expect(!quality_form_sum(form, (const int[]){FORM_SKIPPED}, &sum, &error) && strstr(error.text, "answer one"));
    quality_form_free(form);
}

/* The drawn ones of twenty of each of three agents, as one text. */
static size_t drawn_of(uint64_t seed, unsigned each, bool backwards, char *text, size_t size)
{
    struct draw *draw = draw_new(seed, each);
    static const char *const agents[] = {"marie", "olga", "paul"};
    for (size_t i = 0; i < 60; i++) {
        size_t one = backwards ? 59 - i : i;
        char name[20];
        snprintf(name, sizeof name, "1-%zu", one);
        draw_offer(draw, agents[one % 3], name, one);
    }
    size_t count = draw_end(draw);
    *text = '\0';
    for (size_t i = 0; i < count; i++) snprintf(text + strlen(text), size - strlen(text), "%zu ", draw_at(draw, i));
    draw_free(draw);
    return count;
}

Test(quality, a_draw_has_so_many_of_each_group_and_is_the_same_again)
{
    char one[400], again[400], other[400], more[400];
    cr_expect_eq(drawn_of(7, 3, false, one, sizeof one), 9);
    cr_expect_eq(drawn_of(7, 3, true, again, sizeof again), 9);
    cr_expect_str_eq(one, again, "the order in which they come does not matter");
    drawn_of(8, 3, false, other, sizeof other);
    cr_expect_str_neq(one, other);
    unsigned of[3] = {0};
    for (char *at = one; *at; at = strchr(at, ' ') + 1) of[strtoul(at, NULL, 10) % 3]++;
    cr_expect(of[0] == 3 && of[1] == 3 && of[2] == 3);
    cr_expect_eq(drawn_of(7, 100, false, more, sizeof more), 60, "a group that has fewer gives all");
    struct draw *none = draw_new(1, 1);
    cr_expect_eq(draw_end(none), 0);
    draw_free(none);
}

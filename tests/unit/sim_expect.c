/* tests/unit/sim_expect.c - What holds, what does not, and what is said then. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/expect.h"
#include "tests/unit/scenario_json.h"

static json_t *data_of(void *self, uint32_t arrival)
{
    static char large[65537];
    (void)self;
    memset(large, 'x', sizeof large - 1);
    return arrival == 0 ? json_pack("{s:s, s:s, s:i, s:{s:s}, s:n}", "large", large, "account", "4711", "priority", 50,
                                    "customer", "tier", "gold", "language")
                        : json_pack("{s:i}", "priority", 0);
}

static json_t *measure_of(void *self, const char *vq, const char *name)
{
    (void)self;
    return strcmp(vq, "service") == 0 && strcmp(name, "abandoned") == 0 ? json_integer(3) : NULL;
}

static struct trace *two_calls(void)
{
    struct trace *t = trace_new(NULL);
    trace_happened(t, 1000, 0, "step", NULL, NULL,
                   json_pack("{s:s,s:{s:s}}", "step", "ivr.play", "args", "prompt", "hold"));
    trace_happened(t, 500000, 0, "routed", "agent", "marie", NULL);
    trace_happened(t, 700000, 1, "abandoned", NULL, NULL, NULL);
    trace_happened(t, 900001, 0, "routed", "agent", "marie", NULL); /* as what wakes at 900 ms */
    return t;
}

static bool holds(const char *item, char *why, size_t size)
{
    size_t room = strlen(item) + 200;
    char *text = malloc(room);
    struct error error = {0};
    cr_assert_not_null(text);
    (void)snprintf(text, room, "{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"expect\",%s}]}]}",
                   item);
    struct scenario *s = scenario_of_text(text, &error);
    cr_assert_not_null(s, "%s", error.text);
    free(text);
    struct trace *t = two_calls();
    const struct expect_arrival arrivals[] = {{"first", 0, false}, {"second", 600000, false}};
    struct expect_view view = {t, arrivals, 2, NULL, data_of, measure_of, NULL, NULL, 0, 0, NULL, NULL};
    bool result = expect_holds(&s->tests[0].items[0].expect, &view, why, size);
    trace_free(t);
    scenario_free(s);
    return result;
}

static void expect_is_good(const char *item)
{
    char why[512];
    cr_assert(holds(item, why, sizeof why), "%s: %s", item, why);
}

static void bad(const char *item, const char *says)
{
    char why[8192];
    cr_assert_not(holds(item, why, sizeof why), "%s", item);
    cr_assert_not_null(strstr(why, says), "\"%s\" is not in: %s", says, why);
}

#define ROUTED "\"events\":[{\"name\":\"routed\",\"kind\":\"agent\",\"to\":\"marie\"}]"

Test(sim_expect, events_of_any_arrival, .timeout = 10)
{
    expect_is_good(ROUTED);
    expect_is_good(ROUTED ",\"within_us\":500000");
    bad(ROUTED ",\"within_us\":499999", "instead: routed to agent marie after 900ms");
    expect_is_good(ROUTED ",\"times\":2,\"within_us\":900000");
    bad(ROUTED ",\"times\":2,\"within_us\":899000", "within 899ms times 2; it was 1");
    bad("\"events\":[{\"name\":\"failed\"}],\"within_us\":90061250000", "expected failed within 1d1h1m1s250ms");
    expect_is_good(ROUTED ",\"times\":2");
    bad(ROUTED ",\"times\":3", "it was 2");
    bad("\"events\":[{\"name\":\"routed\",\"kind\":\"agent\",\"to\":\"paul\"}]",
        "expected routed to agent paul; instead: routed to agent marie");
    bad("\"events\":[{\"name\":\"defaulted\"}]", "abandoned after 100ms");
}

Test(sim_expect, events_of_a_named_arrival, .timeout = 10)
{
    expect_is_good("\"of\":\"second\",\"events\":[{\"name\":\"abandoned\"}]");
    bad("\"of\":\"second\"," ROUTED, "second routed to agent marie; instead: abandoned");
    bad("\"of\":\"third\"," ROUTED, "nothing is called 'third'");
}

Test(sim_expect, never_is_of_all, .timeout = 10)
{
    expect_is_good("\"never\":true,\"events\":[{\"name\":\"defaulted\"}]");
    bad("\"never\":true," ROUTED, "it happened to 1 of 2");
}

Test(sim_expect, several_come_in_their_order, .timeout = 10)
{
    expect_is_good(
        "\"events\":[{\"name\":\"step\",\"step\":\"ivr.play\",\"args\":{\"0\":{\"kind\":\"prompt\",\"name\":\"hold\"}}"
        "},"
        "{\"name\":\"routed\"}]");
    bad("\"events\":[{\"name\":\"routed\"},{\"name\":\"step\",\"step\":\"ivr.play\",\"args\":{}}]",
        "expected routed, ivr.play");
}

Test(sim_expect, shares, .timeout = 10)
{
    expect_is_good(ROUTED ",\"share\":true,\"share_from\":0.45,\"share_to\":0.55");
    bad(ROUTED ",\"share\":true,\"share_from\":0.8,\"share_to\":1", "it was 1 of 2 (50.0%)");
}

#define FIFTY "\"expr\":{\"op\":\"==\",\"a\":{\"get\":[{\"name\":\"priority\"}]},\"b\":{\"lit\":50}}"
#define FORTY "\"expr\":{\"op\":\"==\",\"a\":{\"get\":[{\"name\":\"priority\"}]},\"b\":{\"lit\":40}}"

Test(sim_expect, an_expression_may_hold_of_some, .timeout = 10)
{
    expect_is_good("\"never\":true," FORTY);
    bad("\"never\":true," FIFTY, "expected never priority == 50; it holds of");
    expect_is_good("\"times\":0," FORTY);
    bad("\"times\":3," FIFTY, "expected priority == 50 times 3; it holds of");
    expect_is_good("\"share\":true,\"share_from\":0,\"share_to\":0.1," FORTY);
    bad("\"share\":true,\"share_from\":0.5,\"share_to\":1," FORTY, "share 50%..100%; it holds of 0 of 2");
}

Test(sim_expect, expressions_over_the_data_at_the_end, .timeout = 10)
{
    expect_is_good("\"expr\":{\"op\":\"==\",\"a\":{\"get\":[{\"name\":\"account\"}]},\"b\":{\"lit\":\"4711\"}}");
    expect_is_good(
        "\"expr\":{\"op\":\"==\",\"a\":{\"get\":[{\"name\":\"customer\"},{\"name\":\"tier\"}]},\"b\":{\"lit\":"
        "\"gold\"}}");
    expect_is_good(
        "\"expr\":{\"op\":\"==\",\"a\":{\"get\":[{\"name\":\"language\"},{\"name\":\"name\"}]},\"b\":{\"lit\":null}}");
    expect_is_good(
        "\"expr\":{\"op\":\">=\",\"a\":{\"op\":\"+\",\"a\":{\"get\":[{\"name\":\"priority\"}]},\"b\":{\"lit\":1}},"
        "\"b\":{\"lit\":"
        "51}}");
    expect_is_good(
        "\"expr\":{\"op\":\"in\",\"a\":{\"get\":[{\"name\":\"account\"}]},\"b\":{\"lit\":[\"1\",\"4711\"]}}");
    expect_is_good("\"expr\":{\"op\":\"==\",\"a\":{\"vq\":\"service\",\"measure\":\"abandoned\"},\"b\":{\"lit\":3}}");
    bad("\"expr\":{\"op\":\"==\",\"a\":{\"get\":[{\"name\":\"priority\"}]},\"b\":{\"lit\":40}}", "priority is 50");
    bad("\"expr\":{\"op\":\"==\",\"a\":{\"vq\":\"nowhere\",\"measure\":\"abandoned\"},\"b\":{\"lit\":3}}",
        "no strategy at a routing point of this test has the vq nowhere");
    bad("\"expr\":{\"op\":\"<\",\"a\":{\"lit\":1},\"b\":{\"lit\":\"x\"}}", "no order");
}

/* The operation on 2^depth leaves; each "%u" of a leaf is its number. Owned by the caller. */
static char *tree(const char *op, const char *leaf, unsigned depth)
{
    static unsigned number;
    size_t room = ((size_t)1 << depth) * 120;
    char *text = malloc(room);
    if (!text) abort();
    if (depth == 0) {
        (void)snprintf(text, room, leaf, number, number);
        number++;
        return text;
    }
    char *left = tree(op, leaf, depth - 1), *right = tree(op, leaf, depth - 1);
    (void)snprintf(text, room, "{\"op\":\"%s\",\"a\":%s,\"b\":%s}", op, left, right);
    free(left);
    free(right);
    return text;
}

static void bad_tree(const char *op, const char *leaf, unsigned depth, const char *says)
{
    char *made = tree(op, leaf, depth), *item = malloc(strlen(made) + 100);
    cr_assert_not_null(item);
    (void)sprintf(item, "\"expr\":%s", made);
    bad(item, says);
    free(item);
    free(made);
}

/* An image from anywhere: what is said of it stops where there is no more room, and texts do not grow without end. */
Test(sim_expect, an_expression_that_is_large_is_told_soon, .timeout = 20)
{
    bad_tree("or", "{\"op\":\"==\",\"a\":{\"get\":[{\"name\":\"k%u\"}]},\"b\":{\"lit\":%u}}", 13,
             "expected k0 == 0 or k1 == 1");
    bad_tree("+", "{\"get\":[{\"name\":\"large\"}]}", 9, "the text is too large");
    bad("\"expr\":{\"get\":[{\"place\":5}],\"user_data\":true}", "expected [5]; ");
}

/* tests/unit/store_quality.c - Reviews in the contact store: a rule is drawn once, a review stays once it is done,
 * others are not seen before in a calibration, agents see and answer their own alone, and what is erased is gone. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/store/quality.h"
#include "tests/unit/store_world.h"

TestSuite(store_quality, .timeout = 60);

#define NOW                  INT64_C(1795317300000000)
#define GOOD_IN(world, call) cr_assert((call), "%s", (world)->error.text)

static int64_t drawn(struct store_world *world, const char *rule, int64_t reviewers, int64_t interaction)
{
    struct store_draw draw = {.tenant = "",
                              .by = "anne",
                              .rule = span_of(rule),
                              .form = span_of("calls"),
                              .version = span_of("0123456789abcdef"),
                              .text = span_of("[a]\nasks = b\n"),
                              .reviewers = reviewers,
                              .found = 20,
                              .at = NOW};
    const struct store_sample samples[] = {
        {.agent = span_of("marie"),
         .team = span_of("one"),
         .ixn = span_of("1-1"),
         .media = span_of("email"),
         .interaction = interaction,
         .ms = 9000,
         .received = NOW - 5,
         .mark = 2,
         .code = span_of("solved")},
        {.agent = span_of("paul"),
         .ixn = span_of("1-2"),
         .media = span_of("voice"),
         .conn = span_of("0a"),
         .ms = 1,
         .received = NOW - 5,
         .customer = span_of("+33 1 45 55 01 01")},
    };
    int64_t number;
    GOOD_IN(world, store_draw_put(world->store, &draw, samples, 2, &number, &world->error));
    return number;
}

static int64_t later; /* when a review is saved, and samples are listed, after NOW */

static bool scored(struct store_world *world, int64_t sample, const char *reviewer, int64_t points, bool done)
{
    const struct store_point row = {.question = span_of("a"), .comment = span_of("Well."), .points = points, .most = 4};
    struct store_score score = {.tenant = "",
                                .reviewer = reviewer,
                                .sample = sample,
                                .hundredths = points * 2500,
                                .failed = points == 0,
                                .done = done,
                                .comment = span_of("Good."),
                                .at = NOW + 1 + later,
                                .points = &row,
                                .count = 1};
    int64_t number;
    return store_score_put(world->store, &score, &number, &world->error);
}

static char told[600];

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(told + strlen(told), sizeof told - strlen(told), format, arguments);
    va_end(arguments);
}
#define SPAN(span) (int)(span).length, (const char *)(span).bytes

static int64_t others; /* of the sample that was told last */

static void tell_sample(void *self, const struct store_sample_shown *shown)
{
    (void)self;
    others = shown->others;
    tell("%.*s %lld/%lld%s ", SPAN(shown->sample.agent), (long long)shown->done, (long long)shown->reviewers,
         shown->own ? " own" : "");
}

static void tell_score(void *self, const struct store_score_shown *shown)
{
    (void)self;
    tell("%.*s %lld ", SPAN(shown->reviewer), (long long)shown->hundredths);
}

static void tell_review(void *self, const struct store_review *review)
{
    (void)self;
    tell("%.*s %lld %.*s %.*s ", SPAN(review->of.sample.ixn), (long long)review->score.hundredths,
         SPAN(review->score.comment), SPAN(review->score.answer));
}

static void tell_row(void *self, const struct store_quality_row *row)
{
    (void)self;
    tell("%.*s %.*s %lld %lld %lld %lld; ", SPAN(row->form), SPAN(row->of), (long long)row->reviews,
         (long long)row->failed, (long long)row->hundredths, (long long)row->objections);
}

static const char *acts_on; /* as struct store_samples_of has it */

static const char *samples_of(struct store_world *world, const char *person, bool open)
{
    struct store_samples_of of = {.tenant = "", .person = person, .now = NOW + later, .open = open, .acts_on = acts_on};
    *told = '\0';
    GOOD_IN(world, store_samples(world->store, &of, tell_sample, NULL, &world->error));
    return told;
}

static const char *scores_of(struct store_world *world, int64_t sample, const char *person)
{
    *told = '\0';
    GOOD_IN(world, store_scores(world->store, "", sample, person, tell_score, NULL, &world->error));
    return told;
}

static const char *reviews_of(struct store_world *world, const char *agent)
{
    *told = '\0';
    GOOD_IN(world, store_reviews(world->store, "", agent, 0, 10, tell_review, NULL, &world->error));
    return told;
}

static const char *report_within; /* NULL: of all */

static const char *report_of(struct store_world *world, enum store_quality_by by)
{
    *told = '\0';
    GOOD_IN(world,
            store_quality_report(world->store, "", by, NOW, NOW + 10, report_within, tell_row, NULL, &world->error));
    return told;
}

Test(store_quality, a_rule_is_drawn_once_and_the_seed_stays)
{
    struct store_world world;
    int64_t seed, again, draw;
    world_new(&world);
    GOOD(store_quality_seed(world.store, &seed, &world.error));
    GOOD(store_quality_seed(world.store, &again, &world.error));
    cr_expect(seed == again && seed >= 0);
    int64_t one = drawn(&world, "rule", 1, 0);
    cr_expect_eq(drawn(&world, "rule", 1, 0), one);
    cr_expect_neq(drawn(&world, "other", 1, 0), one);
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM quality_samples"), "4");
    GOOD(store_draw_of(world.store, "", span_of("rule"), &draw, &world.error));
    cr_expect_eq(draw, one);
    GOOD(store_draw_of(world.store, "", span_of("rul"), &draw, &world.error));
    cr_expect_eq(draw, 0);
    static char long_rule[100001];
    memset(long_rule, 'x', sizeof long_rule - 1);
    int64_t of_long = drawn(&world, long_rule, 1, 0);
    cr_expect_eq(drawn(&world, long_rule, 1, 0), of_long);
    world_asks(&world, "UPDATE quality_draws SET at = 1795317300000000");
    for (int i = 3; i < STORE_DRAWS_DAY_MAX; i++) {
        char rule[20];
        snprintf(rule, sizeof rule, "%d", i);
        drawn(&world, rule, 1, 0);
    }
    struct store_draw more = {.tenant = "",
                              .by = "anne",
                              .rule = span_of("more"),
                              .form = span_of("f"),
                              .version = span_of("v"),
                              .text = span_of("t"),
                              .reviewers = 1,
                              .at = NOW};
    cr_expect_not(store_draw_put(world.store, &more, NULL, 0, &draw, &world.error));
    cr_expect_eq(world.error.code, ERROR_LIMIT);
    world_free(&world);
}

Test(store_quality, a_review_is_written_until_it_is_done)
{
    struct store_world world;
    world_new(&world);
    drawn(&world, "rule", 1, 0);
    cr_expect_str_eq(samples_of(&world, "anne", true), "paul 0/1 marie 0/1 ");
    cr_expect_str_eq(samples_of(&world, "paul", true), "marie 0/1 ", "nobody reviews their own work");
    acts_on = "agent:marieke\nagent:paul\n";
    cr_expect_str_eq(samples_of(&world, "anne", true), "paul 0/1 ", "who leads some reviews theirs");
    cr_expect_str_eq(samples_of(&world, "anne", false), "paul 0/1 marie 0/1 ");
    acts_on = "";
    cr_expect_str_eq(samples_of(&world, "anne", true), "");
    acts_on = NULL;
    cr_expect_not(scored(&world, 2, "paul", 4, true));
    cr_expect_not(scored(&world, 9, "anne", 4, true));
    GOOD(scored(&world, 1, "anne", 1, false));
    cr_expect_str_eq(samples_of(&world, "bob", true), "paul 0/1 ", "anne has begun the other");
    cr_expect_not(scored(&world, 1, "bob", 4, true));
    cr_expect_str_eq(scores_of(&world, 1, "bob"), "");
    cr_expect_str_eq(reviews_of(&world, "marie"), "", "it is not done");
    GOOD(scored(&world, 1, "anne", 3, true));
    cr_expect_not(scored(&world, 1, "anne", 4, true));
    cr_expect_str_eq(scores_of(&world, 1, "bob"), "anne 7500 ");
    cr_expect_str_eq(samples_of(&world, "anne", true), "paul 0/1 ");
    cr_expect_str_eq(samples_of(&world, "anne", false), "paul 0/1 marie 1/1 own ");
    cr_expect_str_eq(world_asks(&world, "SELECT points, most, comment FROM quality_points"), "3|4|Well.");
    world_free(&world);
}

Test(store_quality, agents_see_and_answer_their_own_alone)
{
    struct store_world world;
    world_new(&world);
    drawn(&world, "rule", 1, 0);
    GOOD(scored(&world, 1, "anne", 3, true));
    cr_expect_str_eq(reviews_of(&world, "paul"), "");
    cr_expect_not(store_review_answer(world.store, "", "paul", 1, span_of("no"), true, NOW + 2, &world.error));
    GOOD(store_review_answer(world.store, "", "marie", 1, (struct span){0}, false, NOW + 2, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT seen - 1795317300000000, coalesce(answered, 0) FROM quality_scores"),
                     "2|0");
    GOOD(store_review_answer(world.store, "", "marie", 1, span_of("The line was bad."), true, NOW + 3, &world.error));
    cr_expect_str_eq(reviews_of(&world, "marie"), "1-1 7500 Good. The line was bad. ");
    cr_expect_not(store_review_answer(world.store, "", "marie", 1, span_of("more"), false, NOW + 4, &world.error));
    cr_expect_eq(world.error.code, ERROR_STATE);
    GOOD(scored(&world, 2, "anne", 0, true));
    cr_expect_str_eq(report_of(&world, QUALITY_BY_agent), "calls marie 1 0 7500 1; calls paul 1 1 0 0; ");
    cr_expect_str_eq(report_of(&world, QUALITY_BY_team), "calls  1 1 0 0; calls one 1 0 7500 1; ");
    cr_expect_str_eq(report_of(&world, QUALITY_BY_question), "calls a 2 1 3750 1; ");
    cr_expect_str_eq(report_of(&world, QUALITY_BY_reviewer), "calls anne 2 1 3750 1; ");
    report_within = "agent:mar\nagent:marie\n";
    cr_expect_str_eq(report_of(&world, QUALITY_BY_agent), "calls marie 1 0 7500 1; ");
    cr_expect_str_eq(report_of(&world, QUALITY_BY_question), "calls a 1 0 7500 1; ");
    report_within = "";
    cr_expect_str_eq(report_of(&world, QUALITY_BY_agent), "");
    report_within = NULL;
    struct store_samples_of of = {.tenant = "", .person = "anne", .within = "queue:sales\nagent:paul\n"};
    *told = '\0';
    GOOD(store_samples(world.store, &of, tell_sample, NULL, &world.error));
    cr_expect_str_eq(told, "paul 1/1 own ");
    world_free(&world);
}

Test(store_quality, a_calibration_is_blind_until_all_are_done)
{
    struct store_world world;
    world_new(&world);
    drawn(&world, "rule", 2, 0);
    GOOD(scored(&world, 1, "anne", 1, true));
    GOOD(scored(&world, 1, "bob", 4, false));
    cr_expect_str_eq(scores_of(&world, 1, "anne"), "anne 2500 ");
    cr_expect_str_eq(scores_of(&world, 1, "bob"), "bob 10000 ");
    cr_expect_not(scored(&world, 1, "cid", 4, true), "two are enough");
    GOOD(scored(&world, 1, "bob", 4, true));
    cr_expect_str_eq(scores_of(&world, 1, "anne"), "anne 2500 bob 10000 ");
    cr_expect_str_eq(reviews_of(&world, "marie"), "", "agents see no calibration");
    cr_expect_not(store_review_answer(world.store, "", "marie", 1, span_of("no"), true, NOW + 2, &world.error));
    cr_expect_str_eq(report_of(&world, QUALITY_BY_agent), "");
    world_free(&world);
}

Test(store_quality, what_was_written_goes_with_the_contact_or_the_interaction)
{
    struct store_world world;
    int64_t count;
    world_new(&world);
    struct store_key ann = world_mail(&world, "a", "ann@x.org", "one", "text"),
                     bob = world_mail(&world, "b", "bob@x.org", "two", "text");
    drawn(&world, "rule", 1, ann.interaction);
    drawn(&world, "other", 1, bob.interaction);
    GOOD(scored(&world, 1, "anne", 3, true));
    GOOD(scored(&world, 3, "anne", 3, true));
    GOOD(store_review_answer(world.store, "", "marie", 1, span_of("Ann was loud."), false, NOW + 3, &world.error));
    drawn(&world, "third", 1, ann.interaction);
    GOOD(scored(&world, 5, "anne", 3, true));
    GOOD(store_erase(world.store, ann.contact, NOW, &count, &world.error));
    cr_expect_not(
        store_review_answer(world.store, "", "marie", 3, span_of("Ann was loud."), false, NOW + 3, &world.error));
    cr_expect(strstr(world.error.text, "is erased"));
    drawn(&world, "late", 1, ann.interaction);
    cr_expect_not(scored(&world, 7, "anne", 3, true));
#define LEFT                                                                                                           \
    "SELECT coalesce(c.comment, '-'), coalesce(c.answer, '-'), coalesce(p.comment, '-'), c.hundredths,"                \
    " coalesce(s.interaction, 0) FROM quality_scores c JOIN quality_points p ON p.score = c.id"                        \
    " JOIN quality_samples s ON s.id = c.sample ORDER BY c.id"
    cr_expect_str_eq(world_asks(&world, LEFT), "-|-|-|7500|1\nGood.|-|Well.|7500|2\n-|-|-|7500|1");
    GOOD(store_ended(world.store, bob.interaction, "marie", "done", NOW, &world.error));
    GOOD(store_expire(world.store, "", NOW + 1, 10, &count, &world.error));
    cr_expect_str_eq(world_asks(&world, LEFT), "-|-|-|7500|1\n-|-|-|7500|0\n-|-|-|7500|1");
    world_free(&world);
}

Test(store_quality, what_was_written_of_an_interaction_that_is_not_here_goes)
{
    struct store_world world;
    int64_t contacts, count;
    world_new(&world);
    drawn(&world, "rule", 1, 0);
    drawn(&world, "other", 1, 0);
    GOOD(scored(&world, 1, "anne", 3, true));
    GOOD(scored(&world, 2, "anne", 3, true));
    GOOD(store_forget(world.store, span_of("+33145550101"), NOW, &contacts, &count, &world.error));
    cr_expect_str_eq(world_asks(&world, LEFT), "Good.|-|Well.|7500|0\n-|-|-|7500|0");
    cr_expect_str_eq(world_asks(&world, "SELECT count(address) FROM quality_samples"), "0");
    GOOD(store_expire(world.store, "", NOW - 5, 10, &count, &world.error));
    cr_expect_str_eq(world_asks(&world, LEFT), "Good.|-|Well.|7500|0\n-|-|-|7500|0");
    GOOD(store_expire(world.store, "", NOW, 10, &count, &world.error));
    cr_expect_str_eq(world_asks(&world, LEFT), "-|-|-|7500|0\n-|-|-|7500|0");
    world_free(&world);
}

/* What somebody has begun and left is somebody else's after a week, and no longer that one's once it is done. */
Test(store_quality, a_review_that_is_left_goes_back)
{
    struct store_world world;
    world_new(&world);
    drawn(&world, "rule", 1, 0);
    GOOD_IN(&world, scored(&world, 1, "anne", 2, false));
    later = STORE_REVIEW_IDLE_US - 1;
    cr_expect_str_eq(samples_of(&world, "bert", true), "paul 0/1 ");
    cr_expect(!scored(&world, 1, "bert", 3, false));
    later = STORE_REVIEW_IDLE_US + 2;
    cr_expect_str_eq(samples_of(&world, "bert", true), "paul 0/1 marie 0/1 ");
    cr_expect_str_eq(samples_of(&world, "anne", true), "paul 0/1 marie 0/1 own ", "it is still hers, too");
    world.error = (struct error){0};
    GOOD_IN(&world, scored(&world, 1, "bert", 3, false));
    cr_expect_str_eq(samples_of(&world, "anne", true), "paul 0/1 ");
    cr_expect_str_eq(samples_of(&world, "anne", false), "paul 0/1 marie 0/1 own ");
    cr_expect_eq(others, 1, "her page shows no form for it");
    cr_expect(!scored(&world, 1, "anne", 2, true));
    cr_expect_str_eq(world.error.text, "Somebody else reviews this already.");
    world.error = (struct error){0};
    GOOD_IN(&world, scored(&world, 1, "bert", 3, true));
    cr_expect_str_eq(scores_of(&world, 1, "carl"), "bert 7500 ");
    later = 0;
    world_free(&world);
}

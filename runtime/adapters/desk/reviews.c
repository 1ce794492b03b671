/* runtime/adapters/desk/reviews.c - Reviews of how customers were served, in the store's thread: what is drawn, who
 * gives how many points, what the agent says to it, and what all of it came to.
 *
 *     draw_samples: desk_keep_draw() -- was it drawn? the form, the seed -->  gcxrecords sample  --> desk_keep_drawn()
 *
 * The rule of a draw is one text for the same wishes, by which the store knows it again. Of somebody who does not lead
 * all the rule has the name, and not whom they lead, which may be another one tomorrow. */
#include <string.h>
#include <time.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/adapters/desk/forms.h"
#include "runtime/store/quality.h"
#include "runtime/vocabulary/bytes.h"

#define TENANT ""
enum { REVIEWS_SHOWN = 100 };

static json_int_t reviews_ms(int64_t us)
{
    return (json_int_t)(us / 1000);
}

static void reviews_put_time(json_t *row, const char *key, int64_t us)
{
    if (us != 0) json_object_set_new(row, key, json_integer(reviews_ms(us)));
}

bool desk_keep_forms(struct store *store, struct desk_job *job)
{
    (void)store;
    job->out = desk_forms_all(desk_text(job->params, "folder"), &job->error);
    return job->out != NULL;
}

/* ---- draws ---- */

/* Whose work the person may see, as struct store_samples_of has it; NULL: anybody's. */
static const char *reviews_within(const struct desk_job *job)
{
    return json_string_value(json_object_get(job->params, "within"));
}

/* What a draw is made by, in the order of the rule. Those behind `reviewers` are options of gcxrecords, too. */
static const char *const draw_keys[] = {"form",  "version", "reviewers", "from", "to",   "each",  "media",
                                        "queue", "agent",   "team",      "code", "mark", "least", "most"};

/* The rule as one text; free(). */
static char *reviews_rule(const struct desk_job *job)
{
    json_t *rule = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(draw_keys); i++) {
        json_t *value = json_object_get(job->params, draw_keys[i]);
        if (value) json_object_set(rule, draw_keys[i], value);
    }
    if (reviews_within(job)) json_object_set_new(rule, "within", json_string(job->agent));
    char *text = json_dumps(rule, JSON_COMPACT);
    json_decref(rule);
    return text;
}

struct reviews_of { /* samples for the person of the job */
    const struct desk_job *job;
    json_t *rows;
};

/* Is a review by the person wanted, of an agent on whom the person may act? desk_keep_review_good() refuses what is
 * not. */
static bool reviews_may(const struct desk_job *job, const struct store_sample_shown *shown, const char *agent)
{
    return !shown->own_done && shown->others < shown->reviewers && strcmp(agent, job->agent) != 0 &&
           desk_acts_on(job->params, agent);
}

static void reviews_take_sample(void *self, const struct store_sample_shown *shown)
{
    const struct reviews_of *of = self;
    const struct store_sample *sample = &shown->sample;
    json_t *row = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "sample", (json_int_t)sample->sample,
                            "draw", (json_int_t)sample->draw, "received", reviews_ms(sample->received), "ms",
                            (json_int_t)sample->ms, "reviewers", (json_int_t)shown->reviewers, "done",
                            (json_int_t)shown->done, "others", (json_int_t)shown->others, "drawn",
                            reviews_ms(shown->drawn), "begun", shown->own, "own_done", shown->own_done);
    desk_put_text(row, "agent", sample->agent), desk_put_text(row, "team", sample->team);
    desk_put_text(row, "ixn", sample->ixn), desk_put_text(row, "media", sample->media);
    desk_put_text(row, "conn", sample->conn), desk_put_text(row, "queue", sample->queue);
    desk_put_text(row, "code", sample->code), desk_put_text(row, "external_id", shown->external_id);
    desk_put_text(row, "form", shown->form), desk_put_text(row, "version", shown->version);
    if (sample->mark != 0) json_object_set_new(row, "mark", json_integer(sample->mark));
    json_object_set_new(row, "may_review", json_boolean(reviews_may(of->job, shown, desk_text(row, "agent"))));
    json_array_append_new(of->rows, row);
}

/* Lists samples for the person of the job. A new reference; NULL: the store failed. */
static json_t *reviews_samples(struct store *store, struct desk_job *job, const struct store_samples_of *asked)
{
    struct store_samples_of of = *asked;
    struct reviews_of to = {job, json_array()};
    of.tenant = TENANT, of.person = job->agent, of.now = job->wall_us;
    if (store_samples(store, &of, reviews_take_sample, &to, &job->error)) return to.rows;
    json_decref(to.rows);
    return NULL;
}

static bool reviews_answer_draw(struct store *store, struct desk_job *job, int64_t draw, bool again)
{
    json_t *rows = reviews_samples(store, job, &(struct store_samples_of){.draw = draw, .within = reviews_within(job)});
    if (rows) job->out = json_pack("{s:I, s:b, s:o}", "draw", (json_int_t)draw, "again", again, "samples", rows);
    return rows != NULL;
}

/* The number by which chance draws by the rule. It is told to gcxrecords where every user of the machine can read it,
 * so it is made of the site's secret number, and does not tell that one. */
static json_int_t reviews_rule_seed(int64_t secret, const char *rule)
{
    char *key = g_strdup_printf("%lld", (long long)secret);
    char *digest = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)key, strlen(key), rule, -1);
    digest[15] = '\0'; /* 60 bits: a positive number */
    json_int_t seed = (json_int_t)g_ascii_strtoull(digest, NULL, 16);
    g_free(digest);
    g_free(key);
    return seed;
}

/* Answers with the draw, if this rule was drawn already; else puts the form and the seed into the parameters. */
bool desk_keep_draw(struct store *store, struct desk_job *job)
{
    char *text;
    int64_t draw = 0, seed = 0;
    struct form *form =
        desk_form_find(desk_text(job->params, "folder"), desk_text(job->params, "form"), &text, &job->error);
    if (!form) return false;
    json_object_set_new(job->params, "version", json_string(form->version));
    json_object_set_new(job->params, "text", json_string(text));
    free(text);
    quality_form_free(form);
    if (!json_object_get(job->params, "reviewers")) json_object_set_new(job->params, "reviewers", json_integer(1));
    if (!json_object_get(job->params, "each")) json_object_set_new(job->params, "each", json_integer(1));
    char *rule = reviews_rule(job);
    bool good = store_draw_of(store, TENANT, span_of(rule), &draw, &job->error) &&
                store_quality_seed(store, &seed, &job->error);
    json_object_set_new(job->params, "seed", json_integer(reviews_rule_seed(seed, rule)));
    free(rule);
    return good && (draw == 0 || reviews_answer_draw(store, job, draw, true));
}

static int64_t reviews_moment(const char *text)
{
    struct tm at = {0};
    return strptime(text, "%Y-%m-%dT%H:%M:%SZ", &at) ? (int64_t)timegm(&at) * SECOND_US : 0;
}

/* Takes a row of gcxrecords. The texts stay the row's. */
static bool reviews_sample_of(struct store *store, const json_t *row, struct store_sample *sample, struct error *error)
{
    struct store_key key = {0};
    const char *media = desk_text(row, "media"), *conn = desk_text(row, "conn");
    /* A call's name has the journal, too (rings.c). */
    char *call =
        g_strdup_printf("%.60s#%08x", conn, (unsigned)(uint32_t)json_integer_value(json_object_get(row, "journal")));
    struct span name = desk_span(row, "external");
    *sample = (struct store_sample){.agent = desk_span(row, "agent"),
                                    .team = desk_span(row, "team"),
                                    .ixn = desk_span(row, "ixn"),
                                    .media = span_of(media),
                                    .conn = desk_span(row, "conn"),
                                    .queue = desk_span(row, "queue"),
                                    .code = desk_span(row, "code"),
                                    .customer = desk_span(row, "customer"),
                                    .mark = json_integer_value(json_object_get(row, "mark")),
                                    .ms = json_integer_value(json_object_get(row, "ms")),
                                    .received = reviews_moment(desk_text(row, "received"))};
    if (name.length == 0 && *conn) name = span_of(call);
    bool good = name.length == 0 || store_by_external(store, TENANT, media, name, &key, error);
    sample->interaction = key.interaction;
    g_free(call);
    return good;
}

/* Stores what gcxrecords has drawn, which is the parameter `drawn`. */
bool desk_keep_drawn(struct store *store, struct desk_job *job)
{
    const json_t *drawn = json_object_get(job->params, "drawn"), *rows = json_object_get(drawn, "samples");
    size_t count = json_array_size(rows);
    struct store_sample *samples = g_new0(struct store_sample, count + 1);
    char *rule = reviews_rule(job);
    struct store_draw draw = {.tenant = TENANT,
                              .by = job->agent,
                              .rule = span_of(rule),
                              .form = desk_job_span(job, "form"),
                              .version = desk_job_span(job, "version"),
                              .text = desk_job_span(job, "text"),
                              .reviewers = desk_job_number(job, "reviewers"),
                              .found = json_integer_value(json_object_get(drawn, "found")),
                              .at = job->wall_us};
    int64_t number = 0;
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = reviews_sample_of(store, json_array_get(rows, i), &samples[i], &job->error);
    if (good && count == 0)
        good =
            error_set(&job->error, ERROR_UNKNOWN, "There is nothing to draw from: no agent has ended such work then.");
    good = good && store_draw_put(store, &draw, samples, count, &number, &job->error) &&
           reviews_answer_draw(store, job, number, false);
    g_free(samples);
    free(rule);
    return good;
}

/* The agents as struct store_samples_of has them; g_free(). */
static char *reviews_led(const json_t *agents)
{
    GString *lines = g_string_new("");
    for (size_t at = 0; at < json_array_size(agents); at++)
        g_string_append_printf(lines, "agent:%s\n", json_string_value(json_array_get(agents, at)));
    return g_string_free(lines, FALSE);
}

bool desk_keep_samples(struct store *store, struct desk_job *job)
{
    const json_t *acts_on = json_object_get(job->params, "acts_on");
    char *led = acts_on ? reviews_led(acts_on) : NULL;
    struct store_samples_of of = {.agent = desk_job_span(job, "agent"),
                                  .form = desk_job_span(job, "form"),
                                  .draw = desk_job_number(job, "draw"),
                                  .before = desk_job_number(job, "before"),
                                  .within = reviews_within(job),
                                  .open = json_object_get(job->params, "open") != NULL,
                                  .acts_on = led,
                                  .limit = REVIEWS_SHOWN + 1}; /* the last of them only says that there are more */
    json_t *rows = reviews_samples(store, job, &of);
    g_free(led);
    if (!rows) return false;
    job->out = json_pack("{s:o}", "samples", rows);
    if (json_array_size(rows) > REVIEWS_SHOWN) {
        json_array_remove(rows, REVIEWS_SHOWN);
        json_object_set(job->out, "next", json_object_get(json_array_get(rows, REVIEWS_SHOWN - 1), "sample"));
    }
    return true;
}

/* ---- reviews ---- */

static void reviews_take_form(void *self, struct span name, struct span version, struct span text)
{
    struct error error = {0};
    char of[FORM_NAME];
    (void)version;
    text_set_span(of, sizeof of, name);
    *(struct form **)self = quality_form_read(of, (const char *)text.bytes, text.length, &error);
}

/* The form by which the sample is reviewed. NULL with the reason. */
static struct form *reviews_form(struct store *store, struct desk_job *job, const json_t *sample)
{
    struct form *form = NULL;
    if (!store_quality_form(store, desk_span(sample, "form"), desk_span(sample, "version"), reviews_take_form, &form,
                            &job->error))
        return NULL;
    if (!form) error_set(&job->error, ERROR_UNKNOWN, "The form of this sample cannot be read any more.");
    return form;
}

/* The sample that the parameters name, if it is one of `within`; NULL: there is none. A new reference. */
static json_t *reviews_sample(struct store *store, struct desk_job *job, const char *within)
{
    struct store_samples_of of = {.sample = desk_job_number(job, "sample"), .within = within, .limit = 1};
    json_t *rows = reviews_samples(store, job, &of);
    json_t *sample = rows ? json_incref(json_array_get(rows, 0)) : NULL;
    if (rows && !sample) error_set(&job->error, ERROR_UNKNOWN, "There is no such sample.");
    json_decref(rows);
    return sample;
}

static void reviews_take_point(void *self, const struct store_point *point)
{
    json_t *row = json_object();
    desk_put_text(row, "question", point->question);
    desk_put_text(row, "comment", point->comment);
    if (point->points >= 0) json_object_set_new(row, "points", json_integer(point->points));
    json_object_set_new(row, "most", json_integer(point->most));
    json_array_append_new(self, row);
}

static json_t *reviews_score_json(const struct store_score_shown *score)
{
    json_t *row = json_pack("{s:I, s:I, s:b, s:I}", "review", (json_int_t)score->score, "hundredths",
                            (json_int_t)score->hundredths, "failed", score->failed, "at", reviews_ms(score->at));
    desk_put_text(row, "reviewer", score->reviewer), desk_put_text(row, "comment", score->comment);
    desk_put_text(row, "answer", score->answer);
    reviews_put_time(row, "done", score->done), reviews_put_time(row, "seen", score->seen);
    reviews_put_time(row, "answered", score->answered);
    if (score->objects) json_object_set_new(row, "objects", json_true());
    return row;
}

static void reviews_take_score(void *self, const struct store_score_shown *score)
{
    json_array_append_new(self, reviews_score_json(score));
}

/* Puts the points of each review into it. */
static bool reviews_put_points(struct store *store, struct desk_job *job, json_t *reviews)
{
    bool good = true;
    for (size_t i = 0; good && i < json_array_size(reviews); i++) {
        json_t *row = json_array_get(reviews, i), *points = json_array();
        json_object_set_new(row, "points", points);
        good = store_points(store, json_integer_value(json_object_get(row, "review")), reviews_take_point, points,
                            &job->error);
    }
    return good;
}

/* A sample with its form, and the reviews that the person may see. */
bool desk_keep_sample(struct store *store, struct desk_job *job)
{
    json_t *sample = reviews_sample(store, job, reviews_within(job)), *reviews = json_array();
    struct form *form = sample ? reviews_form(store, job, sample) : NULL;
    bool good = form &&
                store_scores(store, TENANT, desk_job_number(job, "sample"), job->agent, reviews_take_score, reviews,
                             &job->error) &&
                reviews_put_points(store, job, reviews);
    if (good)
        job->out = json_pack("{s:O, s:o, s:O}", "sample", sample, "form", desk_form_json(form), "reviews", reviews);
    quality_form_free(form);
    json_decref(sample);
    json_decref(reviews);
    return good;
}

/* Takes points and comments by the names of the form's questions. False: a name is no question. */
static bool reviews_points_of(const struct desk_job *job, const struct form *form, int *points,
                              struct store_point *rows, struct error *error)
{
    json_t *given = json_object_get(job->params, "points"), *comments = json_object_get(job->params, "comments"),
           *value;
    const char *name;
    for (unsigned i = 0; i < form->count; i++) {
        const struct form_question *question = &form->questions[i];
        const json_t *one = json_object_get(given, question->name);
        points[i] = one ? (int)json_integer_value(one) : FORM_SKIPPED;
        rows[i] = (struct store_point){.question = span_of(question->name),
                                       .comment = desk_span(comments, question->name),
                                       .points = points[i],
                                       .most = question->points};
    }
    json_object_foreach(given, name, value) if (quality_form_question_of(form, name) < 0) return error_set(
        error, ERROR_INPUT, "points: the form has no question %.64s", name);
    json_object_foreach(comments, name, value) if (quality_form_question_of(form, name) < 0) return error_set(
        error, ERROR_INPUT, "comments: the form has no question %.64s", name);
    return true;
}

struct review_given { /* what the person has given */
    int points[FORM_QUESTIONS_MAX];
    struct store_point rows[FORM_QUESTIONS_MAX];
    struct form_sum sum;
};

/* What is not done yet may lack answers. */
static bool reviews_given(struct desk_job *job, const struct form *form, struct review_given *given)
{
    struct error unfinished = {0};
    bool done = json_is_true(json_object_get(job->params, "done"));
    return reviews_points_of(job, form, given->points, given->rows, &job->error) &&
           (quality_form_sum(form, given->points, &given->sum, done ? &job->error : &unfinished) || !done);
}

/* Answers with the sample, if the review can be kept: it is whole, and its points are those of the form. Whether the
 * person may review it is asked of gcxvm, whose sentence says why not. */
bool desk_keep_review_good(struct store *store, struct desk_job *job)
{
    struct review_given given = {0};
    json_t *sample = reviews_sample(store, job, NULL);
    struct form *form = sample ? reviews_form(store, job, sample) : NULL;
    bool good = form && reviews_given(job, form, &given);
    if (good && json_is_true(json_object_get(sample, "own_done")))
        good = error_set(&job->error, ERROR_STATE, "Your review of this is done, and stays as it is.");
    if (good && strcmp(desk_text(sample, "agent"), job->agent) == 0)
        good = error_set(&job->error, ERROR_STATE, "This is your own work: somebody else reviews it.");
    if (good) job->out = json_incref(sample);
    quality_form_free(form);
    json_decref(sample);
    return good;
}

static bool reviews_put(struct store *store, struct desk_job *job, const struct form *form)
{
    struct review_given given = {0};
    int64_t number = 0;
    if (!reviews_given(job, form, &given)) return false;
    struct store_score score = {.tenant = TENANT,
                                .reviewer = job->agent,
                                .sample = desk_job_number(job, "sample"),
                                .hundredths = given.sum.hundredths,
                                .failed = given.sum.failed,
                                .done = json_is_true(json_object_get(job->params, "done")),
                                .at = job->wall_us,
                                .comment = desk_job_span(job, "comment"),
                                .points = given.rows,
                                .count = form->count};
    return store_score_put(store, &score, &number, &job->error);
}

/* Sets `tells` to the agent who may see the review from now on. */
bool desk_keep_review(struct store *store, struct desk_job *job)
{
    json_t *sample = reviews_sample(store, job, reviews_within(job));
    struct form *form = sample ? reviews_form(store, job, sample) : NULL;
    bool good = form && reviews_put(store, job, form);
    if (good && json_is_true(json_object_get(job->params, "done")) &&
        json_integer_value(json_object_get(sample, "reviewers")) == 1)
        json_object_set(job->params, "tells", json_object_get(sample, "agent"));
    good = good && desk_keep_sample(store, job);
    quality_form_free(form);
    json_decref(sample);
    return good;
}

/* ---- agents ---- */

static void reviews_take_own(void *self, const struct store_review *review)
{
    json_t *row = reviews_score_json(&review->score);
    const struct store_sample *sample = &review->of.sample;
    json_object_set_new(row, "received", json_integer(reviews_ms(sample->received)));
    desk_put_text(row, "media", sample->media), desk_put_text(row, "ixn", sample->ixn);
    desk_put_text(row, "queue", sample->queue), desk_put_text(row, "code", sample->code);
    desk_put_text(row, "form", review->of.form), desk_put_text(row, "version", review->of.version);
    json_array_append_new(self, row);
}

static bool reviews_put_forms(struct store *store, struct desk_job *job, json_t *reviews)
{
    for (size_t i = 0; i < json_array_size(reviews); i++) {
        json_t *row = json_array_get(reviews, i);
        struct form *form = reviews_form(store, job, row);
        if (!form) return false;
        json_object_set_new(row, "form", desk_form_json(form));
        json_object_del(row, "version");
        quality_form_free(form);
    }
    return true;
}

/* The agent's own reviews, `limit` of them, each with its form. */
static bool reviews_answer_own(struct store *store, struct desk_job *job, int64_t review)
{
    json_t *rows = json_array();
    job->out = json_pack("{s:o}", "reviews", rows);
    return store_reviews(store, TENANT, job->agent, review, REVIEWS_SHOWN / 2, reviews_take_own, rows, &job->error) &&
           reviews_put_points(store, job, rows) && reviews_put_forms(store, job, rows);
}

bool desk_keep_reviews(struct store *store, struct desk_job *job)
{
    return reviews_answer_own(store, job, 0);
}

bool desk_keep_review_answer(struct store *store, struct desk_job *job)
{
    int64_t review = desk_job_number(job, "review");
    return store_review_answer(store, TENANT, job->agent, review, desk_job_span(job, "text"),
                               json_is_true(json_object_get(job->params, "objects")), job->wall_us, &job->error) &&
           reviews_answer_own(store, job, review);
}

/* ---- figures ---- */

static void reviews_take_row(void *self, const struct store_quality_row *found)
{
    json_t *row =
        json_pack("{s:I, s:I, s:I, s:I}", "reviews", (json_int_t)found->reviews, "failed", (json_int_t)found->failed,
                  "hundredths", (json_int_t)found->hundredths, "objections", (json_int_t)found->objections);
    desk_put_text(row, "form", found->form), desk_put_text(row, "of", found->of);
    json_array_append_new(self, row);
}

/* When the day begins by this machine's clocks; `next`: the day after it. -1: it is no day. */
static int64_t reviews_day(const char *text, bool next)
{
    struct tm at = {.tm_isdst = -1};
    const char *end = strptime(text, "%Y-%m-%d", &at);
    if (!end || *end) return -1;
    at.tm_mday += next;
    return (int64_t)mktime(&at) * SECOND_US;
}

bool desk_keep_quality_report(struct store *store, struct desk_job *job)
{
    static const char *const words[QUALITY_BYS] = {"agent", "team", "question", "reviewer"};
    json_t *rows = json_array();
    enum store_quality_by by = QUALITY_BY_agent;
    for (unsigned i = 0; i < QUALITY_BYS; i++)
        if (strcmp(words[i], desk_text(job->params, "by")) == 0) by = (enum store_quality_by)i;
    int64_t from = reviews_day(desk_text(job->params, "from"), false),
            to = reviews_day(desk_text(job->params, "to"), true);
    job->out = json_pack("{s:o}", "rows", rows);
    if (from < 0 || to < from)
        return error_set(&job->error, ERROR_INPUT, "from, to: two days, as 2026-11-29, in order");
    return store_quality_report(store, TENANT, by, from, to, reviews_within(job), reviews_take_row, rows, &job->error);
}

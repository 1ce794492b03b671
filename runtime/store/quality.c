/* runtime/store/quality.c - Reviews of how customers were served. See quality.h. */
#include "runtime/store/quality.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "runtime/store/state.h"

#define QUALITY_DAY_US INT64_C(86400000000)

/* ---- what was drawn ---- */

bool store_quality_seed(struct store *store, int64_t *seed, struct error *error)
{
    bool there;
    char made[24];
    uint64_t random;
    randombytes_buf(&random, sizeof random);
    snprintf(made, sizeof made, "%lld", (long long)(random >> 1));
    return sql_do(store->sql, error,
                  "INSERT INTO settings(name, value) VALUES('quality_seed', $1) ON CONFLICT (name) DO NOTHING",
                  SQL_WITH(sql_text(made))) &&
           sql_find(store->sql, error, seed, &there,
                    "SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'quality_seed'", SQL_NONE);
}

bool store_draw_of(struct store *store, const char *tenant, struct span rule, int64_t *draw, struct error *error)
{
    bool there;
    struct texts texts = {0};
    bool good =
        sql_find(store->sql, error, draw, &there, "SELECT id FROM quality_draws WHERE tenant = $1 AND rule = $2",
                 SQL_WITH(sql_text(tenant), sql_span(text_digest(&texts, rule))));
    texts_free(&texts);
    if (good && !there) *draw = 0;
    return good;
}

/* The form in which customers are compared; false: there is none. */
static bool draw_customer(const struct store *store, struct span customer, char form[STORE_ADDRESS_MAX + 1])
{
    if (customer.length == 0) return false;
    return store_address(STORE_email, customer, NULL, form, NULL) ||
           store_address(STORE_phone, customer, store->country, form, NULL) ||
           store_address(STORE_other, customer, NULL, form, NULL);
}

static bool draw_sample_put(struct store *store, int64_t draw, const struct store_sample *sample, struct error *error)
{
    char form[STORE_ADDRESS_MAX + 1];
    bool formed = draw_customer(store, sample->customer, form);
    return sql_do(store->sql, error,
                  "INSERT INTO quality_samples(draw, agent, team, ixn, interaction, media, conn, queue, code, mark, ms,"
                  " received, address) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
                  " ON CONFLICT (draw, ixn, agent) DO NOTHING",
                  SQL_WITH(sql_number(draw), sql_span(sample->agent), sql_text_or_null(sample->team),
                           sql_span(sample->ixn), sql_number_or_null(sample->interaction), sql_span(sample->media),
                           sql_text_or_null(sample->conn), sql_text_or_null(sample->queue),
                           sql_text_or_null(sample->code), sql_number_or_null(sample->mark), sql_number(sample->ms),
                           sql_number(sample->received), formed ? sql_text(form) : sql_null()));
}

static bool draw_put_new(struct store *store, const struct store_draw *draw, const struct store_sample *samples,
                         size_t count, int64_t *number, struct error *error)
{
    int64_t today;
    bool there;
    struct texts texts = {0};
    if (!sql_find(store->sql, error, &today, &there, "SELECT count(*) FROM quality_draws WHERE tenant = $1 AND at > $2",
                  SQL_WITH(sql_text(draw->tenant), sql_number(draw->at - QUALITY_DAY_US))))
        return false;
    if (today >= STORE_DRAWS_DAY_MAX)
        return error_set(error, ERROR_LIMIT, "%d samples were drawn within a day, which are the most: again tomorrow",
                         STORE_DRAWS_DAY_MAX);
    /* A rule may be longer than what PostgreSQL has in an index. */
    bool good =
        sql_do(store->sql, error,
               "INSERT INTO quality_forms(version, name, text, made) VALUES($1, $2, $3, $4)"
               " ON CONFLICT (version, name) DO NOTHING",
               SQL_WITH(sql_span(draw->version), sql_span(draw->form), sql_span(draw->text), sql_number(draw->at))) &&
        sql_find(store->sql, error, number, &there,
                 "INSERT INTO quality_draws(tenant, rule, form, version, reviewers, found, by_person, at)"
                 " VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, rule) DO NOTHING RETURNING id",
                 SQL_WITH(sql_text(draw->tenant), sql_span(text_digest(&texts, draw->rule)), sql_span(draw->form),
                          sql_span(draw->version), sql_number(draw->reviewers), sql_number(draw->found),
                          sql_text(draw->by), sql_number(draw->at)));
    texts_free(&texts);
    if (!good) return false;
    if (!there) return store_draw_of(store, draw->tenant, draw->rule, number, error);
    for (size_t i = 0; i < count; i++)
        if (!draw_sample_put(store, *number, &samples[i], error)) return false;
    return true;
}

bool store_draw_put(struct store *store, const struct store_draw *draw, const struct store_sample *samples,
                    size_t count, int64_t *number, struct error *error)
{
    assert(draw->reviewers >= 1 && draw->reviewers <= STORE_REVIEWERS_MAX);
    if (count > STORE_SAMPLES_MAX)
        return error_set(error, ERROR_LIMIT, "the draw has %zu samples, and %d are the most: take fewer of each agent",
                         count, STORE_SAMPLES_MAX);
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, draw_put_new(store, draw, samples, count, number, error), error);
}

/* SQL: the review is done, or was begun or saved after `since`: else it holds up nobody else. */
#define SCORE_HOLDS(since) "(c.done IS NOT NULL OR c.at > " since ")"
/* SQL: a sample with its draw; `$1` is the person who asks. */
#define SAMPLE_COLUMNS(since)                                                                                          \
    "s.id, s.draw, coalesce(s.interaction, 0), coalesce(s.mark, 0), s.ms, s.received, s.agent, coalesce(s.team, ''),"  \
    " s.ixn, s.media, coalesce(s.conn, ''), coalesce(s.queue, ''), coalesce(s.code, ''), d.form, d.version,"           \
    " coalesce(i.external_id, ''), d.reviewers, d.at,"                                                                 \
    " (SELECT count(*) FROM quality_scores c WHERE c.sample = s.id AND " SCORE_HOLDS(                                  \
        since) "),"                                                                                                    \
               " (SELECT count(*) FROM quality_scores c WHERE c.sample = s.id AND c.done IS NOT NULL),"                \
               " (SELECT count(*) FROM quality_scores c WHERE c.sample = s.id AND c.reviewer = $1),"                   \
               " (SELECT count(*) FROM quality_scores c WHERE c.sample = s.id AND c.reviewer = $1 AND c.done IS NOT "  \
               "NULL),"                                                                                                \
               " (SELECT count(*) FROM quality_scores c WHERE c.sample = s.id AND c.reviewer <> $1 AND " SCORE_HOLDS(  \
                   since) ")"
enum { SAMPLE_COLUMN_COUNT = 23 };
#define SAMPLE_FROM                                                                                                    \
    " FROM quality_samples s JOIN quality_draws d ON d.id = s.draw LEFT JOIN interactions i ON i.id = s.interaction"

static struct store_sample_shown sample_shown(const struct sql_rows *rows)
{
    return (struct store_sample_shown){
        .sample = {.sample = sql_int(rows, 0),
                   .draw = sql_int(rows, 1),
                   .interaction = sql_int(rows, 2),
                   .mark = sql_int(rows, 3),
                   .ms = sql_int(rows, 4),
                   .received = sql_int(rows, 5),
                   .agent = sql_string(rows, 6),
                   .team = sql_string(rows, 7),
                   .ixn = sql_string(rows, 8),
                   .media = sql_string(rows, 9),
                   .conn = sql_string(rows, 10),
                   .queue = sql_string(rows, 11),
                   .code = sql_string(rows, 12)},
        .form = sql_string(rows, 13),
        .version = sql_string(rows, 14),
        .external_id = sql_string(rows, 15),
        .reviewers = sql_int(rows, 16),
        .drawn = sql_int(rows, 17),
        .begun = sql_int(rows, 18),
        .done = sql_int(rows, 19),
        .own = sql_int(rows, 20) != 0,
        .own_done = sql_int(rows, 21) != 0,
        .others = sql_int(rows, 22),
    };
}

/* SQL: the sample is of one of the agents, or from one of the queues, that parameter `n` names; null: of any. */
#define SAMPLE_WITHIN(n)                                                                                               \
    " AND (CAST(" n " AS TEXT) IS NULL OR replace(" n ", 'agent:' || s.agent || '\n', '') <> " n " OR replace(" n      \
    ", 'queue:' || s.queue || '\n', '') <> " n ")"

bool store_samples(struct store *store, const struct store_samples_of *of, store_each_sample *each, void *self,
                   struct error *error)
{
    /* A person is wanted where not enough others have begun lately; nobody reviews their own work. */
    unsigned limit = of->limit > 0 && of->limit < STORE_ROWS_MAX ? of->limit : STORE_ROWS_MAX;
    struct sql_rows *rows = sql_ask(
        store->sql, error,
        "SELECT " SAMPLE_COLUMNS("$11") SAMPLE_FROM
        " WHERE d.tenant = $2 AND (CAST($3 AS TEXT) IS NULL OR s.agent = $3)"
        " AND (CAST($4 AS TEXT) IS NULL OR d.form = $4) AND (CAST($5 AS BIGINT) IS NULL OR s.draw = $5)"
        " AND (CAST($6 AS BIGINT) IS NULL OR s.id = $6) AND (CAST($7 AS BIGINT) IS NULL OR s.id < $7)"
        " AND ($8 = 0 OR (s.agent <> $1 AND NOT EXISTS (SELECT 1 FROM quality_scores c WHERE c.sample = s.id AND"
        " c.reviewer = $1 AND c.done IS NOT NULL) AND (SELECT count(*) FROM quality_scores c WHERE c.sample = s.id"
        " AND c.reviewer <> $1 AND " SCORE_HOLDS(
            "$11") ") < d.reviewers AND (CAST($12 AS TEXT) IS NULL OR"
                   " replace($12, 'agent:' || s.agent || '\n', '') <> $12)))" SAMPLE_WITHIN(
                       "$9") " ORDER BY s.id DESC LIMIT $10",
        SQL_WITH(sql_text(of->person), sql_text(of->tenant), sql_text_or_null(of->agent), sql_text_or_null(of->form),
                 sql_number_or_null(of->draw), sql_number_or_null(of->sample), sql_number_or_null(of->before),
                 sql_number(of->open ? 1 : 0), sql_text(of->within), sql_number(limit),
                 sql_number(of->now - STORE_REVIEW_IDLE_US), sql_text(of->acts_on)));
    while (sql_next(rows)) {
        struct store_sample_shown shown = sample_shown(rows);
        each(self, &shown);
    }
    return sql_end(rows, error);
}

bool store_quality_form(struct store *store, struct span name, struct span version, store_each_text *each, void *self,
                        struct error *error)
{
    struct sql_rows *rows =
        sql_ask(store->sql, error, "SELECT text FROM quality_forms WHERE version = $1 AND name = $2",
                SQL_WITH(sql_span(version), sql_span(name)));
    while (sql_next(rows)) each(self, name, version, sql_string(rows, 0));
    return sql_end(rows, error);
}

/* ---- reviews ---- */

struct score_place {                     /* the sample of a review, as it is in the store now */
    int64_t reviewers, others, own_done; /* others: who have begun lately, or are done */
    bool of_self, there, erased;
};

static bool score_place_read(struct store *store, const struct store_score *score, struct score_place *place,
                             struct error *error)
{
    /* PostgreSQL locks the sample's row, so that two reviewers come one after the other. */
    static const char *const query[SQL_DIALECTS] = {
#define PLACE(lock)                                                                                                    \
    "SELECT d.reviewers, (SELECT count(*) FROM quality_scores c WHERE c.sample = s.id AND c.reviewer <> $1 AND"        \
    " " SCORE_HOLDS(                                                                                                   \
        "$4") "),"                                                                                                     \
              " CASE WHEN s.agent = $1 THEN 1 ELSE 0 END,"                                                             \
              " (SELECT count(*) FROM quality_scores c WHERE c.sample = s.id AND c.reviewer = $1 AND c.done IS NOT "   \
              "NULL),"                                                                                                 \
              " (SELECT count(*) FROM interactions i WHERE i.id = s.interaction AND i.erased IS NOT NULL)"             \
              " FROM quality_samples s JOIN quality_draws d ON d.id = s.draw WHERE s.id = $2 AND d.tenant = $3" lock
        [SQL_SQLITE] = PLACE(""),
        [SQL_POSTGRES] = PLACE(" FOR UPDATE OF s"),
#undef PLACE
    };
    struct sql_rows *rows = sql_ask(store->sql, error, query[sql_dialect(store->sql)],
                                    SQL_WITH(sql_text(score->reviewer), sql_number(score->sample),
                                             sql_text(score->tenant), sql_number(score->at - STORE_REVIEW_IDLE_US)));
    if (sql_next(rows))
        *place = (struct score_place){.reviewers = sql_int(rows, 0),
                                      .others = sql_int(rows, 1),
                                      .of_self = sql_int(rows, 2) != 0,
                                      .own_done = sql_int(rows, 3),
                                      .erased = sql_int(rows, 4) != 0,
                                      .there = true};
    return sql_end(rows, error);
}

/* What a person has said is erased with the interaction: a text about it, which is written later, would stay. */
static bool refused_erased(struct error *error)
{
    return error_set(error, ERROR_STATE, "This interaction is erased: nothing is written about it any more.");
}

static bool score_has_text(const struct store_score *score)
{
    bool text = score->comment.length > 0;
    for (size_t i = 0; i < score->count && !text; i++) text = score->points[i].comment.length > 0;
    return text;
}

static bool score_may_stand(const struct score_place *place, const struct store_score *score, struct error *error)
{
    if (!place->there) return error_set(error, ERROR_UNKNOWN, "There is no such sample.");
    if (place->of_self) return error_set(error, ERROR_STATE, "This is your own work: somebody else reviews it.");
    if (place->own_done > 0) return error_set(error, ERROR_STATE, "Your review of this is done, and stays as it is.");
    if (place->others >= place->reviewers) return error_set(error, ERROR_STATE, "Somebody else reviews this already.");
    return !place->erased || !score_has_text(score) || refused_erased(error);
}

static bool score_points_put(struct store *store, int64_t number, const struct store_score *score, struct texts *texts,
                             struct error *error)
{
    if (!sql_do(store->sql, error, "DELETE FROM quality_points WHERE score = $1", SQL_WITH(sql_number(number))))
        return false;
    for (size_t i = 0; i < score->count; i++) {
        const struct store_point *point = &score->points[i];
        struct span comment;
        if (!text_whole(texts, point->comment, STORE_REVIEW_TEXT_MAX, "a comment", &comment, error) ||
            !sql_do(store->sql, error,
                    "INSERT INTO quality_points(score, question, points, most, comment) VALUES($1, $2, $3, $4, $5)",
                    SQL_WITH(sql_number(number), sql_span(point->question),
                             point->points < 0 ? sql_null() : sql_number(point->points), sql_number(point->most),
                             sql_text_or_null(comment))))
            return false;
        texts_free(texts);
    }
    return true;
}

static bool score_put(struct store *store, const struct store_score *score, int64_t *number, struct error *error)
{
    struct texts texts = {0};
    struct score_place place = {0};
    struct span comment;
    bool there, good;
    if (!score_place_read(store, score, &place, error) || !score_may_stand(&place, score, error)) return false;
    good = text_whole(&texts, score->comment, STORE_REVIEW_TEXT_MAX, "the comment", &comment, error) &&
           sql_find(store->sql, error, number, &there,
                    "INSERT INTO quality_scores(sample, reviewer, hundredths, failed, comment, at, done, objects)"
                    " VALUES($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT (sample, reviewer) DO UPDATE SET"
                    " hundredths = excluded.hundredths, failed = excluded.failed, comment = excluded.comment,"
                    " at = excluded.at, done = excluded.done RETURNING id",
                    SQL_WITH(sql_number(score->sample), sql_text(score->reviewer), sql_number(score->hundredths),
                             sql_number(score->failed ? 1 : 0), sql_text_or_null(comment), sql_number(score->at),
                             score->done ? sql_number(score->at) : sql_null()));
    texts_free(&texts);
    good = good && score_points_put(store, *number, score, &texts, error);
    texts_free(&texts);
    return good;
}

bool store_score_put(struct store *store, const struct store_score *score, int64_t *number, struct error *error)
{
    assert(score->count <= STORE_QUESTIONS_MAX);
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, score_put(store, score, number, error), error);
}

#define SCORE_COLUMNS                                                                                                  \
    "c.id, c.sample, c.hundredths, c.at, coalesce(c.done, 0), coalesce(c.seen, 0), coalesce(c.answered, 0), c.failed," \
    " c.objects, c.reviewer, coalesce(c.comment, ''), coalesce(c.answer, '')"

static struct store_score_shown score_shown(const struct sql_rows *rows, int at)
{
    return (struct store_score_shown){.score = sql_int(rows, at),
                                      .sample = sql_int(rows, at + 1),
                                      .hundredths = sql_int(rows, at + 2),
                                      .at = sql_int(rows, at + 3),
                                      .done = sql_int(rows, at + 4),
                                      .seen = sql_int(rows, at + 5),
                                      .answered = sql_int(rows, at + 6),
                                      .failed = sql_int(rows, at + 7) != 0,
                                      .objects = sql_int(rows, at + 8) != 0,
                                      .reviewer = sql_string(rows, at + 9),
                                      .comment = sql_string(rows, at + 10),
                                      .answer = sql_string(rows, at + 11)};
}

bool store_scores(struct store *store, const char *tenant, int64_t sample, const char *person, store_each_score *each,
                  void *self, struct error *error)
{
    struct sql_rows *rows = sql_ask(
        store->sql, error,
        "SELECT " SCORE_COLUMNS " FROM quality_scores c JOIN quality_samples s ON s.id = c.sample JOIN quality_draws d"
        " ON d.id = s.draw WHERE d.tenant = $1 AND s.id = $2 AND (c.reviewer = $3 OR (c.done IS NOT NULL AND"
        " (SELECT count(*) FROM quality_scores o WHERE o.sample = s.id AND o.done IS NOT NULL) >= d.reviewers))"
        " ORDER BY c.id",
        SQL_WITH(sql_text(tenant), sql_number(sample), sql_text(person)));
    while (sql_next(rows)) {
        struct store_score_shown shown = score_shown(rows, 0);
        each(self, &shown);
    }
    return sql_end(rows, error);
}

bool store_points(struct store *store, int64_t score, store_each_point *each, void *self, struct error *error)
{
    struct sql_rows *rows = sql_ask(
        store->sql, error,
        "SELECT question, coalesce(comment, ''), coalesce(points, -1), most FROM quality_points WHERE score = $1"
        " ORDER BY question",
        SQL_WITH(sql_number(score)));
    while (sql_next(rows))
        each(self, &(struct store_point){.question = sql_string(rows, 0),
                                         .comment = sql_string(rows, 1),
                                         .points = sql_int(rows, 2),
                                         .most = sql_int(rows, 3)});
    return sql_end(rows, error);
}

/* ---- agents ---- */

#define OWN_REVIEWS                                                                                                    \
    " JOIN quality_scores c ON c.sample = s.id WHERE s.agent = $1 AND d.tenant = $2 AND d.reviewers = 1 AND"           \
    " c.done IS NOT NULL"

bool store_reviews(struct store *store, const char *tenant, const char *agent, int64_t score, unsigned limit,
                   store_each_review *each, void *self, struct error *error)
{
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "SELECT " SAMPLE_COLUMNS(
                    "0") ", " SCORE_COLUMNS SAMPLE_FROM OWN_REVIEWS
                         " AND (CAST($3 AS BIGINT) IS NULL OR c.id = $3) ORDER BY c.done DESC, c.id DESC LIMIT $4",
                SQL_WITH(sql_text(agent), sql_text(tenant), sql_number_or_null(score), sql_number(limit)));
    while (sql_next(rows)) {
        struct store_review review = {.of = sample_shown(rows), .score = score_shown(rows, SAMPLE_COLUMN_COUNT)};
        each(self, &review);
    }
    return sql_end(rows, error);
}

static bool review_answer(struct store *store, const char *tenant, const char *agent, int64_t score, struct span answer,
                          bool objects, int64_t now, struct error *error)
{
    int64_t answered = 0, erased = 0;
    bool there, of_erased;
    if (!sql_find(
            store->sql, error, &answered, &there,
            "SELECT coalesce(c.answered, 0) FROM quality_samples s JOIN quality_draws d ON d.id = s.draw" OWN_REVIEWS
            " AND c.id = $3",
            SQL_WITH(sql_text(agent), sql_text(tenant), sql_number(score))))
        return false;
    bool says = answer.length > 0 || objects;
    if (!there) return error_set(error, ERROR_UNKNOWN, "You have no such review.");
    if (says && answered != 0) return error_set(error, ERROR_STATE, "You have answered this review already.");
    if (answer.length > 0 &&
        !sql_find(store->sql, error, &erased, &of_erased,
                  "SELECT i.erased FROM quality_scores c JOIN quality_samples s ON s.id = c.sample JOIN interactions i"
                  " ON i.id = s.interaction WHERE c.id = $1 AND i.erased IS NOT NULL",
                  SQL_WITH(sql_number(score))))
        return false;
    if (answer.length > 0 && of_erased) return refused_erased(error);
    return sql_do(store->sql, error, "UPDATE quality_scores SET seen = coalesce(seen, $1) WHERE id = $2",
                  SQL_WITH(sql_number(now), sql_number(score))) &&
           (!says || sql_do(store->sql, error,
                            "UPDATE quality_scores SET answer = $1, objects = $2, answered = $3 WHERE id = $4 AND"
                            " answered IS NULL",
                            SQL_WITH(sql_text_or_null(answer), sql_number(objects ? 1 : 0), sql_number(now),
                                     sql_number(score))));
}

bool store_review_answer(struct store *store, const char *tenant, const char *agent, int64_t score, struct span answer,
                         bool objects, int64_t now, struct error *error)
{
    struct texts texts = {0};
    struct span clean;
    bool good =
        text_whole(&texts, answer, STORE_REVIEW_TEXT_MAX, "the answer", &clean, error) && sql_begin(store->sql, error);
    if (good)
        good =
            store_transaction_end(store, review_answer(store, tenant, agent, score, clean, objects, now, error), error);
    texts_free(&texts);
    return good;
}

/* ---- figures ---- */

#define REPORT_OF(of)                                                                                                  \
    "SELECT d.form, " of                                                                                               \
    ", count(*), sum(c.failed), (CAST(sum(c.hundredths) AS BIGINT) + count(*) / 2) / count(*), sum(c.objects)"         \
    " FROM quality_scores c JOIN quality_samples s ON s.id = c.sample JOIN quality_draws d ON d.id = s.draw"           \
    " WHERE d.tenant = $1 AND d.reviewers = 1 AND c.done >= $2 AND c.done < $3" SAMPLE_WITHIN(                         \
        "$4") " GROUP BY 1, 2"                                                                                         \
              " ORDER BY 1, 2 LIMIT $5"

bool store_quality_report(struct store *store, const char *tenant, enum store_quality_by by, int64_t from, int64_t to,
                          const char *within, store_each_quality_row *each, void *self, struct error *error)
{
    static const char *const queries[QUALITY_BYS] = {
        [QUALITY_BY_agent] = REPORT_OF("s.agent"),
        [QUALITY_BY_team] = REPORT_OF("coalesce(s.team, '')"),
        [QUALITY_BY_reviewer] = REPORT_OF("c.reviewer"),
        [QUALITY_BY_question] =
            "SELECT d.form, p.question, count(*), sum(CASE WHEN p.points = 0 THEN 1 ELSE 0 END),"
            " (CAST(sum(p.points * 10000 / p.most) AS BIGINT) + count(*) / 2) / count(*), sum(c.objects)"
            " FROM quality_points p JOIN quality_scores c ON c.id = p.score JOIN quality_samples s ON s.id = c.sample"
            " JOIN quality_draws d ON d.id = s.draw WHERE p.points IS NOT NULL AND p.most > 0 AND d.tenant = $1 AND"
            " d.reviewers = 1 AND c.done >= $2 AND c.done < $3" SAMPLE_WITHIN(
                "$4") " GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $5",
    };
    struct sql_rows *rows = sql_ask(
        store->sql, error, queries[by],
        SQL_WITH(sql_text(tenant), sql_number(from), sql_number(to), sql_text(within), sql_number(STORE_ROWS_MAX)));
    while (sql_next(rows))
        each(self, &(struct store_quality_row){.form = sql_string(rows, 0),
                                               .of = sql_string(rows, 1),
                                               .reviews = sql_int(rows, 2),
                                               .failed = sql_int(rows, 3),
                                               .hundredths = sql_int(rows, 4),
                                               .objections = sql_int(rows, 5)});
    return sql_end(rows, error);
}

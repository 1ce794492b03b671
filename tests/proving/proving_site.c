/* tests/proving/proving_site.c - Makes a random site: strategies of random steps, agents, queues, routing points.
 *
 * The images are written directly in the compiler's form, so that making a site takes a fraction of a millisecond.
 * All images of a site have the same names. */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/media.h"
#include "runtime/sim/draw.h"
#include "runtime/sim/events.h"
#include "tests/proving/proving_state.h"
#include "runtime/vocabulary/events_site.h"
#include "vm/measure.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

enum { SKILLS_MOST = 3, GROUPS_MOST = 2, VQS_MOST = 2, LINES_MOST = 3, REPLIES_S = 10, PROFILES = 2 };

static const char *const proving_skills[] = {"s0", "s1", "s2"};
static const char *const proving_groups[] = {"g0", "g1"};
static const char *const proving_vqs[] = {"v0", "v1"};
static const char *const proving_profiles[PROFILES] = {"p0", "p1"};
static const char *const agent_names[PROVING_AGENTS] = {"a0", "a1", "a2", "a3", "a4", "a5"};
static const char *const agent_dns[PROVING_AGENTS] = {"70", "71", "72", "73", "74", "75"};
static const char *const point_dns[PROVING_POINTS] = {"180", "181", "182"};
static const char *const strategies[PROVING_POINTS + 1] = {"c0", "c1", "c2", "m0"};

const char *proving_agent_name(uint32_t agent)
{
    return agent_names[agent];
}

const char *proving_agent_dn(uint32_t agent)
{
    return agent_dns[agent];
}

const char *proving_point_dn(uint32_t point)
{
    return point_dns[point];
}

uint32_t proving_agent_named(struct span name)
{
    for (uint32_t i = 0; i < PROVING_AGENTS; i++)
        if (span_is(name, agent_names[i])) return i;
    return PROVING_NOBODY;
}

uint32_t proving_agent_at(struct span dn)
{
    for (uint32_t i = 0; i < PROVING_AGENTS; i++)
        if (span_is(dn, agent_dns[i])) return i;
    return PROVING_NOBODY;
}

/* ---- strategies ---- */

struct program {
    struct image_writer *w;
    /* replies and orders have streams of their own, so that all other draws of the site stay the same */
    struct draws draws, replies, orders;
    const struct proving_site *site;
    uint16_t strategy, leaves[LINES_MOST], busy, crowded;
    unsigned leaf_count;
};

static unsigned program_below(struct program *p, unsigned below)
{
    return (unsigned)(draws_unit(&p->draws) * below);
}

static uint16_t program_word(struct program *p, uint16_t kind, const char *text)
{
    return (uint16_t)(OPERAND_CONSTANT |
                      writer_constant(p->w, kind, writer_name(p->w, kind, text, (uint32_t)strlen(text))));
}

static uint16_t program_seconds(struct program *p, unsigned seconds)
{
    return (uint16_t)(OPERAND_CONSTANT | writer_constant(p->w, TYPE_DURATION, seconds * PROVING_SECOND));
}

static uint16_t program_says(struct program *p, const char *text)
{
    return (uint16_t)(OPERAND_CONSTANT | writer_constant_text(p->w, text, (uint32_t)strlen(text)));
}

/* Writes a condition on the candidate: skill >= level, perhaps for two skills. */
static uint16_t program_leaf(struct program *p, unsigned number)
{
    char name[] = "leaf0";
    name[4] = (char)('0' + number);
    uint16_t function = writer_function_begin(p->w, name, FUNCTION_LEAF, IMAGE_NONE, 0, TYPE_BOOL);
    uint8_t skill = writer_register(p->w, TYPE_SKILL), has = writer_register(p->w, TYPE_INT);
    uint8_t least = writer_register(p->w, TYPE_INT), yes = writer_register(p->w, TYPE_BOOL);
    uint8_t also = writer_register(p->w, TYPE_BOOL);
    bool two = program_below(p, 3) == 0, either = program_below(p, 2) == 0;
    for (unsigned i = 0; i <= two; i++) {
        const char *text = proving_skills[program_below(p, p->site->skills)];
        uint16_t word = writer_name(p->w, TYPE_SKILL, text, (uint32_t)strlen(text));
        writer_abx(p->w, OP_LOAD, skill, writer_constant(p->w, TYPE_SKILL, word));
        writer_abc(p->w, OP_LEVEL, has, skill, 0);
        writer_abx(p->w, OP_LOAD_INT, least, (int)program_below(p, 8));
        writer_abc(p->w, OP_LE, i == 0 ? yes : also, least, has);
    }
    if (two) writer_abc(p->w, either ? OP_OR : OP_AND, yes, yes, also);
    writer_abc(p->w, OP_RETURN, yes, 0, 0);
    writer_function_end(p->w);
    return function;
}

static void program_music(struct program *p)
{
    p->busy = writer_function_begin(p->w, "busy", FUNCTION_BUSY, p->strategy, 0, TYPE_VOID);
    writer_wait_begin(p->w, NULL);
    writer_wait_argument(p->w, PARAMETER_ivr_music_prompt, program_word(p, TYPE_PROMPT, "hold"));
    unsigned seconds = 3 + program_below(p, 20);
    writer_wait_argument(p->w, PARAMETER_ivr_music_duration, program_seconds(p, seconds));
    writer_wait_timeout(p->w, program_seconds(p, seconds + 10));
    writer_step(p->w, STEP_ID_ivr_music, REGISTER_NONE);
    writer_abc(p->w, OP_END, 0, 0, 0);
    writer_function_end(p->w);
}

/* Writes a condition: fewer than a number of interactions wait in the queue. */
static void program_threshold(struct program *p)
{
    const char *vq = proving_vqs[program_below(p, p->site->vqs)];
    const struct image_measure row = {
        .within_us = -1, .measure = MEASURE_ID_waiting, .of = MEASURED_VQ, .zone = IMAGE_NONE};
    p->crowded = writer_function_begin(p->w, "where", FUNCTION_PLAIN, IMAGE_NONE, 0, TYPE_BOOL);
    uint8_t queue = writer_register(p->w, TYPE_VQ), count = writer_register(p->w, TYPE_INT);
    uint8_t most = writer_register(p->w, TYPE_INT), holds = writer_register(p->w, TYPE_BOOL);
    uint16_t word = writer_name(p->w, TYPE_VQ, vq, (uint32_t)strlen(vq));
    writer_abx(p->w, OP_LOAD, queue, writer_constant(p->w, TYPE_VQ, word));
    writer_ab_number(p->w, OP_MEASURE, count, queue, writer_measure(p->w, &row));
    writer_abx(p->w, OP_LOAD_INT, most, (int)program_below(p, 4));
    writer_abc(p->w, OP_LE, holds, most, count);
    writer_abc(p->w, OP_RETURN, holds, 0, 0);
    writer_function_end(p->w);
}

static void program_lines(struct program *p)
{
    unsigned after = 0;
    for (unsigned i = 0, lines = 1 + program_below(p, LINES_MOST); i < lines; i++) {
        uint16_t later = OPERAND_NONE;
        if (i > 0) later = program_seconds(p, after += 2 + program_below(p, 15));
        if (program_below(p, 5) == 0) writer_wait_where(p->w, p->crowded, NULL, 0, false);
        if (program_below(p, 4) == 0)
            writer_wait_line_target(p->w, later, TYPE_GROUP,
                                    program_word(p, TYPE_GROUP, proving_groups[program_below(p, p->site->groups)]));
        else
            writer_wait_line_leaf(p->w, later, p->leaves[program_below(p, p->leaf_count)], NULL, 0);
    }
}

/* `replies`: an agent is perhaps given a time for the reply, which is often too short. */
static void program_routes(struct program *p, uint16_t operand, const uint32_t *failed, bool replies)
{
    writer_wait_begin(p->w, NULL);
    writer_wait_argument(p->w, PARAMETER_route_target, operand);
    if (replies && draws_unit(&p->replies) < 0.6)
        writer_wait_argument(p->w, PARAMETER_route_reply,
                             program_seconds(p, 1 + (unsigned)(draws_unit(&p->replies) * REPLIES_S)));
    writer_wait_timeout(p->w, program_seconds(p, 20));
    if (failed) writer_wait_answer(p->w, program_seconds(p, 3 + program_below(p, 12)));
    if (failed) writer_wait_failure(p->w, *failed, REGISTER_NONE);
    writer_step(p->w, STEP_ID_route, REGISTER_NONE);
}

/* Writes a selection and a route: an agent who does not answer is left out for a while, and perhaps the strategy
 * selects again. */
static void program_selects(struct program *p, bool voice, uint8_t target)
{
    static const enum wait_order orders[] = {ORDER_longest_idle, ORDER_round_robin, ORDER_random};
    uint32_t next = writer_label(p->w), failed = writer_label(p->w), again = writer_label(p->w);
    bool repeats = program_below(p, 2) == 0;
    if (repeats) writer_place(p->w, again);
    writer_wait_begin(p->w, NULL);
    writer_wait_argument(p->w, PARAMETER_select_vq,
                         program_word(p, TYPE_VQ, proving_vqs[program_below(p, p->site->vqs)]));
    writer_wait_timeout(p->w, program_seconds(p, 5 + program_below(p, 60)));
    writer_wait_order(p->w, orders[program_below(p, 3)]);
    program_lines(p);
    if (voice && program_below(p, 3) > 0) writer_wait_busy(p->w, p->busy, NULL, 0);
    writer_wait_failure(p->w, next, REGISTER_NONE);
    writer_step(p->w, STEP_ID_select, target);
    program_routes(p, target, &failed, !voice);
    writer_place(p->w, failed);
    writer_wait_begin(p->w, NULL);
    writer_wait_argument(p->w, PARAMETER_exclude_who, target);
    writer_wait_argument(p->w, PARAMETER_exclude_duration, program_seconds(p, 5 + program_below(p, 40)));
    writer_step(p->w, STEP_ID_exclude, REGISTER_NONE);
    if (repeats) writer_jump(p->w, OP_LOOP, 0, 0, again);
    writer_place(p->w, next);
    if (!repeats) writer_place(p->w, again);
}

static void program_asks(struct program *p)
{
    uint8_t digits = writer_register(p->w, TYPE_STR);
    uint32_t none = writer_label(p->w);
    writer_wait_begin(p->w, NULL);
    writer_wait_argument(p->w, PARAMETER_ivr_digits_prompt, program_word(p, TYPE_PROMPT, "number"));
    writer_wait_timeout(p->w, program_seconds(p, 5 + program_below(p, 20)));
    writer_wait_tries(p->w, (uint16_t)(OPERAND_CONSTANT | writer_constant(p->w, TYPE_INT, 1 + program_below(p, 3))),
                      OPERAND_NONE);
    writer_wait_failure(p->w, none, REGISTER_NONE);
    writer_step(p->w, STEP_ID_ivr_digits, digits);
    writer_abx(p->w, OP_SLOT_SET, digits, 0);
    writer_place(p->w, none);
}

static void program_waits(struct program *p)
{
    writer_wait_begin(p->w, NULL);
    writer_wait_argument(p->w, PARAMETER_delay_duration, program_seconds(p, 1 + program_below(p, 5)));
    writer_step(p->w, STEP_ID_delay, REGISTER_NONE);
}

/* Writes a query that stores something, which must be done at most once. */
static void program_writes(struct program *p)
{
    static const char sql[] = "insert into visit values (?)";
    uint16_t source = writer_name(p->w, TYPE_SOURCE, "visits", 6);
    uint8_t changed = writer_register(p->w, TYPE_INT);
    uint32_t failed = writer_label(p->w);
    writer_wait_begin(p->w, NULL);
    writer_wait_argument(p->w, PARAMETER_query_exec_value, program_says(p, "came"));
    writer_wait_statement(p->w, writer_statement(p->w, source, STATEMENT_EXEC, TYPE_INT, 1, sql, sizeof sql - 1));
    writer_wait_timeout(p->w, program_seconds(p, 4));
    writer_wait_failure(p->w, failed, REGISTER_NONE);
    writer_step(p->w, STEP_ID_query_exec, changed);
    writer_place(p->w, failed);
}

/* Writes a step that tells the customer that the e-mail has arrived. */
static void program_acknowledges(struct program *p)
{
    uint32_t failed = writer_label(p->w);
    writer_wait_begin(p->w, NULL);
    writer_wait_argument(p->w, PARAMETER_email_acknowledge_template, program_word(p, TYPE_TEMPLATE, "thanks"));
    writer_wait_timeout(p->w, program_seconds(p, 30));
    writer_wait_failure(p->w, failed, REGISTER_NONE);
    writer_step(p->w, STEP_ID_email_acknowledge, REGISTER_NONE);
    writer_place(p->w, failed);
}

static void program_prefers(struct program *p)
{
    uint8_t priority = writer_register(p->w, TYPE_INT);
    writer_abx(p->w, OP_ATTRIBUTE, priority, ATTRIBUTE_ID_priority);
    writer_abc(p->w, OP_ADD_I, priority, priority, program_below(p, 40));
    writer_abx(p->w, OP_ATTRIBUTE_SET, priority, ATTRIBUTE_ID_priority);
}

static void program_body(struct program *p, const char *name, bool voice)
{
    uint16_t body = writer_function_begin(p->w, name, FUNCTION_STRATEGY, p->strategy, 0, TYPE_VOID);
    uint8_t target = writer_register(p->w, TYPE_TARGET);
    if (program_below(p, 3) == 0) program_prefers(p);
    if (voice && program_below(p, 2) == 0) program_asks(p);
    if (program_below(p, 2) == 0) program_writes(p);
    if (!voice && program_below(p, 4) > 0) program_acknowledges(p);
    if (program_below(p, 4) == 0) program_waits(p);
    for (unsigned i = 1 + program_below(p, 2); i > 0; i--) program_selects(p, voice, target);
    if (voice && program_below(p, 3) > 0) {
        program_routes(p, program_word(p, TYPE_QUEUE, "desk"), NULL, false);
    } else if (!voice && program_below(p, 3) == 0) {
        program_routes(p, program_word(p, TYPE_QUEUE, PROVING_FAR_QUEUE), NULL, false);
    } else {
        writer_wait_begin(p->w, NULL);
        writer_wait_argument(p->w, PARAMETER_stop_why, program_says(p, "nobody"));
        writer_step(p->w, STEP_ID_stop, REGISTER_NONE);
    }
    writer_function_end(p->w);
    writer_strategy_functions(p->w, p->strategy, body, IMAGE_NONE, IMAGE_NONE);
}

/* Writes an order for agents, or none: ranks from 0, never, to 2, and delays. */
static void program_orders_agents(struct program *p)
{
    struct prefer_row rows[VQS_MOST + 1];
    uint32_t count = 0;
    if (draws_unit(&p->orders) < 0.5) return;
    for (unsigned i = 0; i < p->site->vqs; i++)
        rows[count++].name = writer_name(p->w, TYPE_VQ, proving_vqs[i], (uint32_t)strlen(proving_vqs[i]));
    if (count == 2 && rows[0].name > rows[1].name) {
        uint32_t name = rows[0].name;
        rows[0].name = rows[1].name;
        rows[1].name = name;
    }
    if (draws_unit(&p->orders) < 0.5) rows[count++].name = PREFER_OTHERS;
    for (uint32_t i = 0; i < count; i++) {
        rows[i].rank = (uint32_t)(draws_unit(&p->orders) * 3);
        rows[i].delay_ms = rows[i].rank == 0 ? 0 : (uint32_t)(draws_unit(&p->orders) * 4) * 3000;
    }
    writer_prefer(p->w, (uint32_t)(draws_unit(&p->orders) * PREFER_ORDERS), rows, count);
}

static struct image *program_made(const struct proving_site *site, uint64_t seed, unsigned number, struct error *error)
{
    struct program p = {.w = image_writer_new(),
                        .draws = draws_of(seed, PROVING_PROGRAM, number),
                        .replies = draws_of(seed, PROVING_REPLIES, number),
                        .orders = draws_of(seed, PROVING_ORDERS, number),
                        .site = site};
    const struct capacity_row rows[] = {{CAPACITY_TAKES, media_voice, 1}, {CAPACITY_TAKES, media_email, 2}};
    struct image *image = NULL;
    size_t length;
    writer_capacity(p.w, "both", rows, 2);
    p.leaf_count = 1 + program_below(&p, LINES_MOST);
    for (unsigned i = 0; i < p.leaf_count; i++) p.leaves[i] = program_leaf(&p, i);
    program_threshold(&p);
    program_orders_agents(&p);
    for (unsigned i = 0; i <= PROVING_POINTS; i++) {
        bool voice = i < PROVING_POINTS;
        p.strategy = writer_strategy(p.w, strategies[i], 1u << (voice ? media_voice : media_email),
                                     (int64_t)(8 * 3600 * PROVING_SECOND));
        writer_slot(p.w, p.strategy, "number", TYPE_STR, false);
        if (voice) program_music(&p);
        program_body(&p, strategies[i], voice);
    }
    void *bytes = image_writer_finish(p.w, &length, error);
    image_writer_free(p.w);
    if (bytes) image = image_load(bytes, length, error);
    free(bytes);
    return image;
}

bool proving_site_make(struct proving_site *site, uint64_t seed, struct error *error)
{
    struct draws draws = draws_of(seed, PROVING_SITE, 0);
    site->skills = 1 + (unsigned)(draws_unit(&draws) * SKILLS_MOST);
    site->groups = 1 + (unsigned)(draws_unit(&draws) * GROUPS_MOST);
    site->vqs = 1 + (unsigned)(draws_unit(&draws) * VQS_MOST);
    for (unsigned i = 0; i < PROVING_IMAGES; i++)
        if (!(site->images[i] = program_made(site, seed, i, error))) return false;
    return true;
}

void proving_site_free(struct proving_site *site)
{
    for (unsigned i = 0; i < PROVING_IMAGES; i++) image_free(site->images[i]);
}

const struct image *proving_site_image(void *self, const uint8_t hash[CORE_HASH])
{
    const struct proving_site *site = self;
    for (unsigned i = 0; i < PROVING_IMAGES; i++)
        if (memcmp(image_hash(site->images[i]), hash, CORE_HASH) == 0) return site->images[i];
    return NULL;
}

/* ---- the directory ---- */

struct posting {
    struct partition *partition;
    struct writer writer;
    struct kv kv;
};

static void posting_begin(struct posting *posting, struct partition *partition)
{
    posting->partition = partition;
    writer_init(&posting->writer);
    kv_init(&posting->kv);
}

static struct writer *posting_event(struct posting *posting, unsigned kind)
{
    writer_clear(&posting->writer);
    writer_begin(&posting->writer, kind);
    writer_u(&posting->writer, ENVELOPE_source, SOURCE_ADMIN);
    return &posting->writer;
}

static void posting_post(struct posting *posting)
{
    partition_post(posting->partition, writer_end(&posting->writer));
}

static void posting_row(void *self, const struct plan_row *row)
{
    struct posting *posting = self;
    event_put_row(posting_event(posting, KIND_DirectoryRow), &posting->kv, row, 1);
    posting_post(posting);
}

static void posting_end(struct posting *posting, bool whole)
{
    event_put_commit(posting_event(posting, KIND_DirectoryCommit), 1, whole);
    posting_post(posting);
    writer_free(&posting->writer);
    kv_free(&posting->kv);
}

/* Posts a random row of a profile: never, or first or second choice, at once or later. */
static void posting_preference(const struct row_taker *rows, struct draws *draws, const char *profile, const char *vq)
{
    int64_t rank = (int64_t)(draws_unit(draws) * 3), delay_s = (int64_t)(draws_unit(draws) * 4) * 4;
    rows_preference(rows, profile, vq, rank, delay_s);
}

/* Posts the profiles; each has at least one row, since only a profile with a row can be given to an agent. */
static void posting_profiles(const struct row_taker *rows, const struct proving_site *site, struct draws *draws)
{
    for (unsigned at = 0; at < PROFILES; at++) {
        for (unsigned i = 0; i < site->vqs; i++)
            if (i == 0 || draws_unit(draws) < 0.7)
                posting_preference(rows, draws, proving_profiles[at], proving_vqs[i]);
        if (draws_unit(draws) < 0.5) posting_preference(rows, draws, proving_profiles[at], "*");
    }
}

static void posting_agent(const struct row_taker *rows, const struct proving_site *site, struct draws *draws,
                          uint32_t agent, bool far, const char *profile)
{
    const char *name = agent_names[agent];
    bool rule = draws_unit(draws) < 0.7;
    const struct plan_column home = {"home", NULL, PROVING_FAR}, capacity = {"capacity", "both", 0};
    struct plan_column columns[5] = {{"name", name, 0}, {"display", name, 0}};
    uint32_t count = 2;
    if (far) columns[count++] = home;
    if (rule) columns[count++] = capacity;
    if (profile) columns[count++] = (struct plan_column){"profile", profile, 0};
    rows_put(rows, table_agent, name, columns, count);
    for (unsigned i = 0; i < site->skills; i++)
        if (draws_unit(draws) < 0.7) rows_skill(rows, name, proving_skills[i], (int64_t)(draws_unit(draws) * 10));
    for (unsigned i = 0; i < site->groups; i++)
        if (draws_unit(draws) >= 0.5) rows_member(rows, proving_groups[i], name);
    rows_dn(rows, agent_dns[agent], "extension");
}

static void posting_point(const struct row_taker *rows, const char *dn, const char *strategy, const char *defaults)
{
    rows_dn(rows, dn, defaults[0] != '\0' ? "routing_point" : "queue");
    rows_point(rows, dn, strategy, defaults);
}

void proving_site_post(const struct proving *world, struct partition *partition)
{
    const struct proving_site *site = &world->site;
    struct posting posting;
    const struct row_taker rows = {posting_row, &posting};
    struct draws draws = draws_of(world->seed, PROVING_SITE, 1), orders = draws_of(world->seed, PROVING_ORDERS, 99);
    posting_begin(&posting, partition);
    for (unsigned i = 0; i < site->skills; i++) rows_named(&rows, table_skill, proving_skills[i]);
    for (unsigned i = 0; i < site->groups; i++) rows_named(&rows, table_group, proving_groups[i]);
    posting_profiles(&rows, site, &orders);
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        double profile = draws_unit(&orders) * 2 * PROFILES; /* half of the agents have no profile */
        posting_agent(&rows, site, &draws, i, proving_home(world, i) == PROVING_FAR,
                      profile < PROFILES ? proving_profiles[(unsigned)profile] : NULL);
    }
    rows_dn(&rows, PROVING_DEFAULT_DN, "queue");
    rows_queue(&rows, "desk", PROVING_DEFAULT_DN);
    for (uint32_t i = 0; i < PROVING_POINTS; i++) posting_point(&rows, point_dns[i], strategies[i], PROVING_DEFAULT_DN);
    posting_point(&rows, PROVING_MAIL_QUEUE, strategies[PROVING_POINTS], "");
    rows_put(&rows, table_queue, PROVING_FAR_QUEUE,
             (const struct plan_column[]){{"name", PROVING_FAR_QUEUE, 0}, {"elsewhere", NULL, 1}}, 2);
    posting_end(&posting, true);
    proving_site_activate(site, partition, 0);
}

void proving_site_skill(const struct proving_site *site, struct partition *partition, uint32_t agent, uint32_t level)
{
    struct posting posting;
    const struct row_taker rows = {posting_row, &posting};
    posting_begin(&posting, partition);
    rows_skill(&rows, agent_names[agent], proving_skills[agent % site->skills], level);
    posting_end(&posting, false);
}

void proving_site_profile(const struct proving *world, struct partition *partition, const struct told_deed *deed,
                          int64_t wall_us)
{
    struct posting posting;
    const struct row_taker rows = {posting_row, &posting};
    struct draws draws = draws_of(world->seed, PROVING_ORDERS, 100 + deed->b);
    const char *profile = proving_profiles[deed->b % PROFILES];
    posting_begin(&posting, partition);
    if (deed->b < 30) {
        struct writer *writer = posting_event(&posting, KIND_DirectoryRow);
        kv_put_text(&posting.kv, "value", span_of(profile));
        writer_u(writer, DirectoryRow_version, 1);
        writer_u(writer, DirectoryRow_table, table_agent_profile);
        writer_text(writer, DirectoryRow_key, agent_names[deed->a]);
        writer_kv(writer, DirectoryRow_row, &posting.kv);
        writer_i(writer, DirectoryRow_until, wall_us + (int64_t)((deed->b + 1) * PROVING_SECOND));
        writer_u(writer, DirectoryRow_hand, true);
        posting_post(&posting);
    } else {
        posting_preference(&rows, &draws, profile, proving_vqs[deed->a % world->site.vqs]);
    }
    posting_end(&posting, false);
}

void proving_site_activate(const struct proving_site *site, struct partition *partition, uint32_t image)
{
    struct posting posting;
    posting_begin(&posting, partition);
    for (uint32_t i = 0; i <= PROVING_POINTS; i++) {
        event_put_activation(posting_event(&posting, KIND_Activate),
                             i < PROVING_POINTS ? point_dns[i] : PROVING_MAIL_QUEUE, image_hash(site->images[image]),
                             strategies[i], NULL);
        posting_post(&posting);
    }
    writer_free(&posting.writer);
    kv_free(&posting.kv);
}

/* tests/unit/core_fixture_image.c - The strategy of flow V1, made by hand as the compiler makes it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

struct names {
    uint16_t english, french, sales, overflow, service, desk, account_number, language, hold, customers;
};

uint16_t program_name(struct image_writer *w, uint16_t kind, const char *text)
{
    return writer_name(w, kind, text, (uint32_t)strlen(text));
}

uint16_t program_text(struct image_writer *w, const char *text)
{
    return CONSTANT(writer_constant_text(w, text, (uint32_t)strlen(text)));
}

uint16_t program_strategy(struct image_writer *w, const char *name)
{
    return writer_strategy(w, name, 1u << media_voice, INT64_C(28800000000));
}

void program_delay(struct image_writer *w, uint64_t seconds)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_delay_duration, SECONDS(w, seconds));
    writer_step(w, STEP_ID_delay, REGISTER_NONE);
}

void program_route(struct image_writer *w, uint8_t who, unsigned timeout_s, unsigned answer_s, uint32_t failed)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, who);
    writer_wait_timeout(w, SECONDS(w, timeout_s));
    writer_wait_answer(w, SECONDS(w, answer_s));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
}

void program_stop(struct image_writer *w, uint16_t why)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, why);
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
}

struct image *program_loaded(struct image_writer *w)
{
    size_t length;
    struct error error = {0};
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert(bytes, "%s", error.text);
    image_writer_free(w);
    struct image *image = image_load(bytes, length, &error);
    cr_assert(image, "%s at %u", error.text, error.offset);
    free(bytes);
    return image;
}

/* skill[language] >= level, and where `sales` Sales >= 1. */
static uint16_t leaf(struct image_writer *w, const struct names *n, int level, bool sales)
{
    uint16_t function = writer_function_begin(w, sales ? "strict" : "wide", FUNCTION_LEAF, IMAGE_NONE, 1, TYPE_BOOL);
    uint8_t wanted = writer_register(w, TYPE_SKILL), has = writer_register(w, TYPE_INT);
    uint8_t skill = writer_register(w, TYPE_SKILL), least = writer_register(w, TYPE_INT);
    uint8_t yes = writer_register(w, TYPE_BOOL), also = writer_register(w, TYPE_BOOL);
    writer_abc(w, OP_LEVEL, has, wanted, 0);
    writer_abx(w, OP_LOAD_INT, least, level);
    writer_abc(w, OP_LE, yes, least, has);
    if (sales) {
        writer_abx(w, OP_LOAD, skill, writer_constant(w, TYPE_SKILL, n->sales));
        writer_abc(w, OP_LEVEL, has, skill, 0);
        writer_abx(w, OP_LOAD_INT, least, 1);
        writer_abc(w, OP_LE, also, least, has);
        writer_abc(w, OP_AND, yes, yes, also);
    }
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_function_end(w);
    return function;
}

static uint16_t busy_block(struct image_writer *w, uint16_t strategy, const struct names *n)
{
    uint16_t function = writer_function_begin(w, "busy", FUNCTION_BUSY, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_music_prompt, CONSTANT(writer_constant(w, TYPE_PROMPT, n->hold)));
    writer_wait_argument(w, PARAMETER_ivr_music_duration, CONSTANT(writer_constant(w, TYPE_DURATION, 30000000)));
    writer_wait_timeout(w, CONSTANT(writer_constant(w, TYPE_DURATION, 40000000)));
    writer_step(w, STEP_ID_ivr_music, REGISTER_NONE);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    return function;
}

static void route_to(struct image_writer *w, uint16_t operand, uint32_t failure)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, operand);
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_answer(w, SECONDS(w, 15));
    if (failure != UINT32_MAX) writer_wait_failure(w, failure, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
}

static void body(struct image_writer *w, const struct names *n, uint16_t strategy, uint16_t customer, uint16_t keys,
                 uint16_t statement, const uint16_t leaves[2], uint16_t busy)
{
    uint8_t account = writer_register(w, TYPE_STR), language = writer_register(w, TYPE_SKILL);
    uint8_t who = writer_register(w, customer | TYPE_OPTIONAL), tier = writer_register(w, TYPE_STR | TYPE_OPTIONAL);
    uint8_t gold = writer_register(w, TYPE_STR), same = writer_register(w, TYPE_BOOL);
    uint8_t priority = writer_register(w, TYPE_INT), target = writer_register(w, TYPE_TARGET);
    uint32_t desk = writer_label(w), english = writer_label(w), asked = writer_label(w);
    uint32_t unknown = writer_label(w), known = writer_label(w), choose = writer_label(w);
    (void)strategy;
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_digits_prompt, CONSTANT(writer_constant(w, TYPE_PROMPT, n->account_number)));
    writer_wait_argument(w, PARAMETER_ivr_digits_min, CONSTANT(writer_constant(w, TYPE_INT, 4)));
    writer_wait_argument(w, PARAMETER_ivr_digits_max, CONSTANT(writer_constant(w, TYPE_INT, 12)));
    writer_wait_timeout(w, SECONDS(w, 90));
    writer_wait_tries(w, CONSTANT(writer_constant(w, TYPE_INT, 3)), OPERAND_NONE);
    writer_wait_failure(w, desk, REGISTER_NONE);
    writer_step(w, STEP_ID_ivr_digits, account);
    writer_abx(w, OP_SLOT_SET, account, 0);

    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_menu_prompt, CONSTANT(writer_constant(w, TYPE_PROMPT, n->language)));
    writer_wait_argument(w, PARAMETER_ivr_menu_keys, CONSTANT(keys));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_failure(w, english, REGISTER_NONE);
    writer_live(w, account);
    writer_step(w, STEP_ID_ivr_menu, language);
    writer_jump(w, OP_JUMP, 0, 0, asked);
    writer_place(w, english);
    writer_abx(w, OP_LOAD, language, writer_constant(w, TYPE_SKILL, n->english));
    writer_place(w, asked);
    writer_abx(w, OP_SLOT_SET, language, 1);

    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_query_first_value, account);
    writer_wait_statement(w, statement);
    writer_wait_timeout(w, SECONDS(w, 2));
    writer_wait_failure(w, unknown, REGISTER_NONE);
    writer_live(w, language);
    writer_step(w, STEP_ID_query_first, who);
    writer_jump(w, OP_JUMP, 0, 0, known);
    writer_place(w, unknown);
    writer_abc(w, OP_LOAD_NONE, who, 0, 0);
    writer_place(w, known);
    writer_abx(w, OP_SLOT_SET, who, 2);
    writer_abc(w, OP_FIELD_OPT, tier, who, 1);
    writer_abx(w, OP_LOAD, gold, writer_constant_text(w, "gold", 4));
    writer_abc(w, OP_EQ_STR, same, tier, gold);
    writer_jump(w, OP_JFALSE, same, 0, choose);
    writer_abx(w, OP_ATTRIBUTE, priority, ATTRIBUTE_ID_priority);
    writer_abc(w, OP_ADD_I, priority, priority, 50);
    writer_abx(w, OP_ATTRIBUTE_SET, priority, ATTRIBUTE_ID_priority);
    writer_place(w, choose);

    uint16_t captures[1] = {language};
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(writer_constant(w, TYPE_VQ, n->service)));
    writer_wait_timeout(w, SECONDS(w, 180));
    writer_wait_line_leaf(w, OPERAND_NONE, leaves[0], captures, 1);
    writer_wait_line_leaf(w, SECONDS(w, 20), leaves[1], captures, 1);
    writer_wait_line_target(w, SECONDS(w, 40), TYPE_GROUP, CONSTANT(writer_constant(w, TYPE_GROUP, n->overflow)));
    writer_wait_busy(w, busy, NULL, 0);
    writer_wait_failure(w, desk, REGISTER_NONE);
    writer_step(w, STEP_ID_select, target);

    route_to(w, target, desk);
    writer_place(w, desk);
    route_to(w, CONSTANT(writer_constant(w, TYPE_QUEUE, n->desk)), UINT32_MAX);
}

void *world_image(size_t *length)
{
    struct image_writer *w = image_writer_new();
    struct names n = {
        .english = program_name(w, TYPE_SKILL, "English"),
        .french = program_name(w, TYPE_SKILL, "French"),
        .sales = program_name(w, TYPE_SKILL, "Sales"),
        .overflow = program_name(w, TYPE_GROUP, "overflow"),
        .service = program_name(w, TYPE_VQ, "service"),
        .desk = program_name(w, TYPE_QUEUE, "desk"),
        .account_number = program_name(w, TYPE_PROMPT, "account_number"),
        .language = program_name(w, TYPE_PROMPT, "language"),
        .hold = program_name(w, TYPE_PROMPT, "hold"),
        .customers = program_name(w, TYPE_SOURCE, "customers"),
    };
    const struct writer_field fields[] = {
        {"name", 4, TYPE_STR, false}, {"tier", 4, TYPE_STR, false}, {"language", 8, TYPE_STR | TYPE_OPTIONAL, false}};
    uint16_t customer = writer_record(w, "Customer", fields, 3), map = writer_map(w, TYPE_SKILL);
    const uint64_t pairs[] = {writer_text_word(w, "1", 1), n.english, writer_text_word(w, "2", 1), n.french};
    uint16_t keys = writer_constant(w, map, writer_object(w, map, pairs, 2));
    static const char sql[] = "select name, tier, language from customer where account = ?";
    uint16_t statement =
        writer_statement(w, n.customers, STATEMENT_FIRST, customer | TYPE_OPTIONAL, 1, sql, (uint32_t)sizeof sql - 1);
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_voice, INT64_C(28800000000));
    writer_slot(w, strategy, "account", TYPE_STR, false);
    writer_slot(w, strategy, "language", TYPE_SKILL, false);
    writer_slot(w, strategy, "customer", customer | TYPE_OPTIONAL, false);
    uint16_t leaves[2] = {leaf(w, &n, 8, true), leaf(w, &n, 5, false)};
    uint16_t busy = busy_block(w, strategy, &n);
    uint16_t abandoned = writer_function_begin(w, "abandoned", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    uint16_t function = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    body(w, &n, strategy, customer, keys, statement, leaves, busy);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, function, abandoned, IMAGE_NONE);
    struct error error = {0};
    void *bytes = image_writer_finish(w, length, &error);
    cr_assert(bytes, "%s", error.text);
    image_writer_free(w);
    return bytes;
}

/* `serving` NULL: no reply is awaited. */
static void routes(struct image_writer *w, uint16_t target, uint64_t answer_s, const struct serving_program *serving,
                   const uint32_t *failed)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, target);
    if (serving && serving->by_moment)
        writer_wait_argument(w, PARAMETER_route_reply_by,
                             CONSTANT(writer_constant(w, TYPE_TIME, (uint64_t)serving->reply_by_us)));
    else if (serving && serving->reply_s != 0)
        writer_wait_argument(w, PARAMETER_route_reply, SECONDS(w, serving->reply_s));
    if (serving && serving->absence_s != 0)
        writer_wait_argument(w, PARAMETER_route_absence, SECONDS(w, serving->absence_s));
    writer_wait_timeout(w, SECONDS(w, answer_s));
    if (failed) writer_wait_answer(w, SECONDS(w, answer_s));
    if (failed) writer_wait_failure(w, *failed, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
}

static void capacity_blended(struct image_writer *w)
{
    const struct capacity_row rows[] = {{CAPACITY_TAKES, media_voice, 1},
                                        {CAPACITY_TAKES, media_email, 5},
                                        {CAPACITY_TAKES, media_chat, 3},
                                        {CAPACITY_BLOCKS, media_voice, media_chat},
                                        {CAPACITY_INTERRUPTS, media_voice, media_email}};
    writer_capacity(w, "blended", rows, 5);
}

struct image *program_serving(const struct serving_program *serving)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", serving->media, INT64_C(2592000000000));
    if (serving->blended) capacity_blended(w);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t nobody = writer_label(w);
    if (serving->says) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_chat_send_text, program_text(w, serving->says));
        writer_wait_timeout(w, SECONDS(w, 10));
        writer_wait_failure(w, nobody, REGISTER_NONE);
        writer_step(w, STEP_ID_chat_send, REGISTER_NONE);
    }
    for (int turn = serving->exclude_s != 0 ? 0 : 1; turn < 2; turn++) {
        uint32_t failed = turn == 0 ? writer_label(w) : nobody;
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
        if (serving->preview_s != 0) writer_wait_argument(w, PARAMETER_select_preview, SECONDS(w, serving->preview_s));
        writer_wait_timeout(w, SECONDS(w, 60));
        writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
        writer_wait_order(w, ORDER_longest_idle);
        writer_wait_failure(w, nobody, REGISTER_NONE);
        writer_step(w, STEP_ID_select, who);
        routes(w, who, serving->answer_s, serving, &failed);
        if (turn == 1) continue;
        writer_place(w, failed);
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_exclude_who, who);
        writer_wait_argument(w, PARAMETER_exclude_duration, SECONDS(w, serving->exclude_s));
        writer_step(w, STEP_ID_exclude, REGISTER_NONE);
    }
    writer_place(w, nobody);
    if (serving->queue) {
        uint16_t queue = writer_constant(w, TYPE_QUEUE, program_name(w, TYPE_QUEUE, serving->queue));
        routes(w, CONSTANT(queue), serving->answer_s, NULL, NULL);
    } else {
        program_stop(w, program_text(w, "nobody"));
    }
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

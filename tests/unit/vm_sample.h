/* tests/unit/vm_sample.h - Images made by hand, for the tests of the VM. */
#pragma once

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/exec.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

enum { NO_REGISTER = REGISTER_NONE, SECOND = 1000000 };

/* The enterprise strategy, compiled by hand. */
struct sample {
    uint16_t english, french, sales, overflow, service, desk, account_number, language, hold, customers;
    uint16_t customer, menu; /* types */
    uint16_t strategy, body, line_strict, line_wide, busy, abandoned, error;
};

static inline uint16_t sample_k(struct image_writer *w, uint16_t type, int64_t word)
{
    return (uint16_t)(OPERAND_CONSTANT | writer_constant(w, type, (uint64_t)word));
}

static inline uint16_t sample_text(struct image_writer *w, const char *text)
{
    return (uint16_t)(OPERAND_CONSTANT | writer_constant_text(w, text, (uint32_t)strlen(text)));
}

static inline uint16_t sample_name(struct image_writer *w, uint16_t kind, const char *text)
{
    return writer_name(w, kind, text, (uint32_t)strlen(text));
}

static inline void sample_names(struct image_writer *w, struct sample *s)
{
    s->english = sample_name(w, TYPE_SKILL, "English");
    s->french = sample_name(w, TYPE_SKILL, "French");
    s->sales = sample_name(w, TYPE_SKILL, "Sales");
    s->overflow = sample_name(w, TYPE_GROUP, "overflow");
    s->service = sample_name(w, TYPE_VQ, "service");
    s->desk = sample_name(w, TYPE_QUEUE, "desk");
    s->account_number = sample_name(w, TYPE_PROMPT, "account_number");
    s->language = sample_name(w, TYPE_PROMPT, "language");
    s->hold = sample_name(w, TYPE_PROMPT, "hold");
    s->customers = sample_name(w, TYPE_SOURCE, "customers");
    const struct writer_field fields[] = {
        {"name", 4, TYPE_STR, false}, {"tier", 4, TYPE_STR, false}, {"language", 8, TYPE_STR | TYPE_OPTIONAL, false}};
    s->customer = writer_record(w, "Customer", fields, 3);
    s->menu = writer_map(w, TYPE_SKILL);
}

/* skill[language] >= level (and skill Sales >= 1) */
static inline uint16_t sample_line(struct image_writer *w, struct sample *s, const char *name, int level, bool sales)
{
    uint16_t number = writer_function_begin(w, name, FUNCTION_LEAF, IMAGE_NONE, 1, TYPE_BOOL);
    uint8_t skill = writer_register(w, TYPE_SKILL), has = writer_register(w, TYPE_INT),
            yes = writer_register(w, TYPE_BOOL);
    uint32_t no = writer_label(w);
    writer_abc(w, OP_LEVEL, has, skill, 0);
    writer_jump_x(w, OP_JLT_I, has, level, no);
    if (sales) {
        writer_abx(w, OP_LOAD, skill, writer_constant(w, TYPE_SKILL, s->sales));
        writer_abc(w, OP_LEVEL, has, skill, 0);
        writer_jump_x(w, OP_JLT_I, has, 1, no);
    }
    writer_abx(w, OP_LOAD_INT, yes, 1);
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_place(w, no);
    writer_abx(w, OP_LOAD_INT, yes, 0);
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_function_end(w);
    return number;
}

static inline void sample_busy(struct image_writer *w, struct sample *s)
{
    s->busy = writer_function_begin(w, "busy", FUNCTION_BUSY, s->strategy, 0, TYPE_VOID);
    uint8_t position = writer_register(w, TYPE_INT), first = writer_register(w, TYPE_STR),
            second = writer_register(w, TYPE_STR), third = writer_register(w, TYPE_STR),
            all = writer_register(w, TYPE_STR);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_music_prompt, sample_k(w, TYPE_PROMPT, s->hold));
    writer_wait_argument(w, PARAMETER_ivr_music_duration, sample_k(w, TYPE_DURATION, 30 * SECOND));
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, 40 * SECOND));
    writer_step(w, STEP_ID_ivr_music, NO_REGISTER);
    writer_abx(w, OP_LOAD, first, writer_constant_text(w, "You are number ", 15));
    writer_abx(w, OP_ATTRIBUTE, position, ATTRIBUTE_ID_position);
    writer_abc(w, OP_TEXT, second, position, 0);
    writer_abx(w, OP_LOAD, third, writer_constant_text(w, ". Please stay with us.", 22));
    writer_abc(w, OP_CONCAT, all, first, 3);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_say_text, all);
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, 120 * SECOND));
    writer_step(w, STEP_ID_ivr_say, NO_REGISTER);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
}

static inline void sample_ask(struct image_writer *w, struct sample *s, uint8_t account, uint8_t language,
                              uint32_t desk)
{
    uint32_t english = writer_label(w), attached = writer_label(w);
    writer_position(w, "enterprise.gcx", 7, 5);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_digits_prompt, sample_k(w, TYPE_PROMPT, s->account_number));
    writer_wait_argument(w, PARAMETER_ivr_digits_min, sample_k(w, TYPE_INT, 4));
    writer_wait_argument(w, PARAMETER_ivr_digits_max, sample_k(w, TYPE_INT, 12));
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, 90 * SECOND));
    writer_wait_tries(w, sample_k(w, TYPE_INT, 3), OPERAND_NONE);
    writer_wait_failure(w, desk, NO_REGISTER);
    writer_step(w, STEP_ID_ivr_digits, account);
    writer_abx(w, OP_SLOT_SET, account, 0);
    uint64_t keys[] = {value_text_inline("1", 1), s->english, value_text_inline("2", 1), s->french};
    uint64_t menu = writer_object(w, s->menu, keys, 2);
    writer_position(w, "enterprise.gcx", 8, 5);
    writer_wait_begin(w, "language");
    writer_wait_argument(w, PARAMETER_ivr_menu_prompt, sample_k(w, TYPE_PROMPT, s->language));
    writer_wait_argument(w, PARAMETER_ivr_menu_keys, sample_k(w, s->menu, (int64_t)menu));
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, 20 * SECOND));
    writer_wait_failure(w, english, NO_REGISTER);
    writer_step(w, STEP_ID_ivr_menu, language);
    writer_jump(w, OP_JUMP, 0, 0, attached);
    writer_place(w, english);
    writer_abx(w, OP_LOAD, language, writer_constant(w, TYPE_SKILL, s->english));
    writer_place(w, attached);
    writer_abx(w, OP_SLOT_SET, language, 1);
}

static inline void sample_query(struct image_writer *w, struct sample *s, uint8_t account, uint8_t customer)
{
    static const char sql[] = "select name, tier, language from customer where account = ?";
    uint16_t statement =
        writer_statement(w, s->customers, STATEMENT_FIRST, s->customer | TYPE_OPTIONAL, 1, sql, sizeof sql - 1);
    uint32_t none = writer_label(w), attached = writer_label(w);
    writer_abx(w, OP_SLOT, account, 0);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, 0, account);
    writer_wait_statement(w, statement);
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, 2 * SECOND));
    writer_wait_failure(w, none, NO_REGISTER);
    writer_step(w, STEP_ID_query_first, customer);
    writer_jump(w, OP_JUMP, 0, 0, attached);
    writer_place(w, none);
    writer_abc(w, OP_LOAD_NONE, customer, 0, 0);
    writer_place(w, attached);
    writer_abx(w, OP_SLOT_SET, customer, 2);
}

static inline void sample_select(struct image_writer *w, struct sample *s, uint8_t language, uint8_t who, uint32_t desk)
{
    uint16_t captures[] = {language};
    writer_abx(w, OP_SLOT, language, 1);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, sample_k(w, TYPE_VQ, s->service));
    writer_wait_line_leaf(w, OPERAND_NONE, s->line_strict, captures, 1);
    writer_wait_line_leaf(w, sample_k(w, TYPE_DURATION, 20 * SECOND), s->line_wide, captures, 1);
    writer_wait_line_target(w, sample_k(w, TYPE_DURATION, 40 * SECOND), TYPE_GROUP,
                            sample_k(w, TYPE_GROUP, s->overflow));
    writer_wait_order(w, ORDER_longest_idle);
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, 180 * SECOND));
    writer_wait_busy(w, s->busy, NULL, 0);
    writer_wait_failure(w, desk, NO_REGISTER);
    writer_step(w, STEP_ID_select, who);
}

static inline void sample_body(struct image_writer *w, struct sample *s)
{
    s->body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, s->strategy, 0, TYPE_VOID);
    uint8_t account = writer_register(w, TYPE_STR), language = writer_register(w, TYPE_SKILL),
            customer = writer_register(w, s->customer | TYPE_OPTIONAL),
            tier = writer_register(w, TYPE_STR | TYPE_OPTIONAL), priority = writer_register(w, TYPE_INT),
            fifty = writer_register(w, TYPE_INT), who = writer_register(w, TYPE_TARGET);
    uint32_t desk = writer_label(w), plain = writer_label(w);
    writer_variable(w, who, "who", false);
    sample_ask(w, s, account, language, desk);
    sample_query(w, s, account, customer);
    writer_abc(w, OP_FIELD_OPT, tier, customer, 1);
    writer_jump_x(w, OP_JNE_K, tier, writer_constant_text(w, "gold", 4), plain);
    writer_abx(w, OP_ATTRIBUTE, priority, ATTRIBUTE_ID_priority);
    writer_abx(w, OP_LOAD_INT, fifty, 50);
    writer_abc(w, OP_ADD, priority, priority, fifty);
    writer_abx(w, OP_ATTRIBUTE_SET, priority, ATTRIBUTE_ID_priority);
    writer_place(w, plain);
    sample_select(w, s, language, who, desk);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, who);
    writer_wait_answer(w, sample_k(w, TYPE_DURATION, 15 * SECOND));
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, 15 * SECOND));
    writer_wait_failure(w, desk, NO_REGISTER);
    writer_step(w, STEP_ID_route, NO_REGISTER);
    writer_place(w, desk);
    writer_wait_begin(w, "desk");
    writer_wait_argument(w, PARAMETER_route_target, sample_k(w, TYPE_QUEUE, s->desk));
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, 20 * SECOND));
    writer_step(w, STEP_ID_route, NO_REGISTER);
    writer_function_end(w);
}

/* The file's bytes; `s` is filled in. */
static inline void *sample_bytes(struct sample *s, size_t *length)
{
    struct image_writer *w = image_writer_new();
    struct error error;
    sample_names(w, s);
    s->strategy = writer_strategy(w, "enterprise", 1u << 1, INT64_C(28800) * SECOND);
    writer_slot(w, s->strategy, "account", TYPE_STR, false);
    writer_slot(w, s->strategy, "language", TYPE_SKILL, false);
    writer_slot(w, s->strategy, "customer", s->customer | TYPE_OPTIONAL, false);
    s->line_strict = sample_line(w, s, "strict", 8, true);
    s->line_wide = sample_line(w, s, "wide", 5, false);
    sample_busy(w, s);
    sample_body(w, s);
    s->abandoned = writer_function_begin(w, "on abandoned", FUNCTION_HANDLER, s->strategy, 0, TYPE_VOID);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    writer_strategy_functions(w, s->strategy, s->body, s->abandoned, IMAGE_NONE);
    writer_scenario(w, "{\"tests\":[]}", 12);
    void *bytes = image_writer_finish(w, length, &error);
    cr_assert(bytes, "%s", error.text);
    image_writer_free(w);
    return bytes;
}

static inline struct image *sample_load(void *bytes, size_t length)
{
    struct error error = {0};
    struct image *image = image_load(bytes, length, &error);
    cr_assert(image, "at %u: %s", error.offset, error.text);
    free(bytes);
    return image;
}

static inline struct image *sample_image(struct sample *s)
{
    size_t length;
    void *bytes = sample_bytes(s, &length);
    return sample_load(bytes, length);
}

/* Small programs: a strategy whose body is written between begin and end. */
static inline struct image_writer *tiny_begin(uint16_t *strategy)
{
    struct image_writer *w = image_writer_new();
    *strategy = writer_strategy(w, "tiny", 0, 0);
    return w;
}

/* stop "..." of the text in a register */
static inline void tiny_stop(struct image_writer *w, uint16_t operand)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, operand);
    writer_step(w, STEP_ID_stop, NO_REGISTER);
}

static inline struct image *tiny_end(struct image_writer *w, uint16_t strategy, uint16_t body, uint16_t on_error)
{
    struct error error;
    size_t length;
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, on_error);
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert(bytes, "%s", error.text);
    image_writer_free(w);
    return sample_load(bytes, length);
}

/* One vm with one block. */
struct machine {
    struct image *image;
    struct slab *slab;
    struct vm *vm;
    block_handle block;
};

static inline bool machine_attribute(void *self, block_handle block, uint8_t fiber, uint32_t attribute, uint64_t *word)
{
    (void)self, (void)block, (void)fiber;
    *word = attribute == ATTRIBUTE_ID_position ? 3 : 0;
    return attribute != ATTRIBUTE_ID_ewt;
}

static inline struct machine machine_new(struct image *image)
{
    struct vm_host host = {.attribute = machine_attribute};
    struct machine m = {image, slab_new(1000), NULL, BLOCK_HANDLE_NONE};
    m.vm = vm_new(m.slab, &host);
    m.block = block_new(m.slab, image, image_strategy(image, 0));
    return m;
}

static inline void machine_free(struct machine *m)
{
    vm_free(m->vm);
    block_free(m->slab, m->block);
    slab_free(m->slab);
    image_free(m->image);
}

static inline struct block *machine_block(const struct machine *m)
{
    return block_at(m->slab, m->block);
}

/* The text of the `stop` at which fiber 0 is, as the tests' way to look at a value. */
static inline const char *machine_stop(const struct machine *m, struct vm_result result)
{
    static _Thread_local char buffer[4097]; /* the longest text, and its end */
    uint64_t word;
    uint16_t type;
    cr_assert_eq(result.status, VM_WAIT, "status %u fault %u", result.status, result.fault);
    cr_assert_eq(result.step, STEP_ID_stop);
    cr_assert(vm_arg(m->slab, machine_block(m), 0, PARAMETER_stop_why, &word, &type));
    uint32_t length = vm_show(m->vm, machine_block(m), m->image, type, word, buffer, sizeof buffer - 1);
    cr_assert_lt(length, sizeof buffer);
    buffer[length] = 0;
    return buffer;
}

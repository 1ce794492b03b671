/* tests/unit/vm_hostile.c - Hostile images: a program that uses nearly every instruction, altered in every place with
 * its hashes made anew, is refused or runs safely. The sanitizers judge. */
#include "tests/unit/vm_sample.h"

#include "vm/image_data.h"
#include "vm/steps.h"

struct everything {
    uint16_t list, map, record, nested, colour, twice, ask;
    uint16_t keys; /* a constant map */
};

static void write_twice(struct image_writer *w, struct everything *e)
{
    e->twice = writer_function_begin(w, "twice", FUNCTION_PLAIN, IMAGE_NONE, 2, TYPE_STR);
    uint8_t text = writer_register(w, TYPE_STR), count = writer_register(w, TYPE_INT),
            all = writer_register(w, TYPE_STR), part = writer_register(w, TYPE_STR);
    uint32_t top = writer_label(w), done = writer_label(w);
    writer_place(w, top);
    writer_jump_x(w, OP_JLE_I, count, 0, done);
    writer_abc(w, OP_MOVE, part, text, 0);
    writer_abc(w, OP_CONCAT, all, all, 2);
    writer_abc(w, OP_ADD_I, count, count, 0xff);
    writer_jump(w, OP_LOOP, 0, 0, top);
    writer_place(w, done);
    writer_abc(w, OP_RETURN, all, 0, 0);
    writer_function_end(w);
}

static void write_ask(struct image_writer *w, struct everything *e)
{
    e->ask = writer_function_begin(w, "ask", FUNCTION_SUBROUTINE, IMAGE_NONE, 1, e->record);
    uint8_t colour = writer_register(w, e->colour), name = writer_register(w, TYPE_STR),
            count = writer_register(w, TYPE_INT), made = writer_register(w, e->record),
            limit = writer_register(w, TYPE_INT);
    uint32_t fails = writer_label(w);
    writer_abc(w, OP_TEXT, name, colour, 0);
    writer_abx(w, OP_LOAD_INT, count, 7);
    writer_call(w, e->twice, name, name);
    writer_wait_begin(w, "asked");
    writer_wait_argument(w, 0, sample_k(w, TYPE_DURATION, SECOND));
    writer_live(w, name);
    writer_live(w, colour);
    writer_step(w, STEP_ID_delay, NO_REGISTER);
    writer_abc(w, OP_STR_COUNT, count, name, 0);
    writer_abx(w, OP_LOAD_INT, limit, 1000);
    writer_jump(w, OP_JLT, limit, count, fails);
    writer_abc(w, OP_RECORD, made, name, 2);
    writer_abc(w, OP_RETURN, made, 0, 0);
    writer_place(w, fails);
    writer_abc(w, OP_FAIL, name, 0, 0);
    writer_function_end(w);
}

static void write_objects(struct image_writer *w, struct everything *e, uint8_t record, uint8_t text)
{
    uint8_t list = writer_register(w, e->list), map = writer_register(w, e->map),
            nested = writer_register(w, e->nested), at = writer_register(w, TYPE_INT),
            element = writer_register(w, e->record), maybe = writer_register(w, e->record | TYPE_OPTIONAL),
            yes = writer_register(w, TYPE_BOOL), key = writer_register(w, TYPE_STR),
            number = writer_register(w, TYPE_INT), name = writer_register(w, TYPE_STR | TYPE_OPTIONAL),
            other = writer_register(w, TYPE_INT | TYPE_OPTIONAL);
    uint32_t top = writer_label(w), done = writer_label(w), pairs = writer_label(w), over = writer_label(w);
    writer_abc(w, OP_LIST, list, record, 1);
    writer_abc(w, OP_LIST_ADD, list, list, record);
    writer_abx(w, OP_LOAD, map, e->keys);
    writer_abcd(w, OP_MAP_SET, map, map, text, at);
    writer_place(w, top);
    writer_jump_abcd(w, OP_NEXT, element, list, at, 0, done);
    writer_abc(w, OP_FIELD, key, element, 0);
    writer_abc(w, OP_FIELD, number, element, 1);
    writer_abcd(w, OP_MAP_SET, map, map, key, number);
    writer_abcd(w, OP_FIELD_SET, element, element, 1, at);
    writer_abc(w, OP_LIST_IN, yes, element, list);
    writer_jump(w, OP_LOOP, 0, 0, top);
    writer_place(w, done);
    writer_abx(w, OP_LOAD_INT, at, 0);
    writer_place(w, pairs);
    writer_jump_abcd(w, OP_NEXT_PAIR, key, map, at, number, over);
    writer_jump(w, OP_LOOP, 0, 0, pairs);
    writer_place(w, over);
    writer_abx(w, OP_LOAD_INT, at, 1);
    writer_abc(w, OP_LIST_GET_OPT, maybe, list, at);
    writer_abc(w, OP_FIELD_OPT, name, maybe, 0);
    writer_abc(w, OP_MAP_GET, other, map, name);
    writer_abc(w, OP_IS_NONE, yes, other, 0);
    writer_abc(w, OP_LIST, nested, list, 1);
    writer_abc(w, OP_LIST_ADD, nested, nested, list);
    writer_abc(w, OP_EQ_DEEP, yes, nested, nested);
    writer_abc(w, OP_TEXT, text, nested, 0);
    writer_abx(w, OP_SLOT_SET, nested, 0);
    writer_abx(w, OP_SLOT_SET, map, 1);
}

static void write_text(struct image_writer *w, uint8_t text)
{
    uint8_t a = writer_register(w, TYPE_INT), b = writer_register(w, TYPE_INT), part = writer_register(w, TYPE_STR),
            yes = writer_register(w, TYPE_BOOL), parsed = writer_register(w, TYPE_INT | TYPE_OPTIONAL),
            value = writer_register(w, TYPE_VALUE), found = writer_register(w, TYPE_VALUE | TYPE_OPTIONAL),
            skill = writer_register(w, TYPE_SKILL | TYPE_OPTIONAL), back = writer_register(w, TYPE_STR | TYPE_OPTIONAL);
    writer_abx(w, OP_LOAD_INT, b, 12);
    writer_abcd(w, OP_STR_SLICE, part, text, a, b);
    uint8_t window = writer_register(w, TYPE_DURATION);
    writer_abx(w, OP_LOAD_INT, window, 60);
    writer_abc(w, OP_TALLY, text, part, window);
    writer_abcd(w, OP_TALLIED, a, text, part, window);
    uint8_t agent = writer_register(w, TYPE_AGENT), french = writer_register(w, TYPE_SKILL);
    writer_abcd(w, OP_ASK, yes, agent, QUESTION_agent_ready, agent);
    writer_abcd(w, OP_ASK, a, agent, QUESTION_agent_level, french);
    uint8_t chosen = writer_register(w, TYPE_TARGET), who = writer_register(w, TYPE_AGENT | TYPE_OPTIONAL);
    writer_abcd(w, OP_ASK, who, chosen, QUESTION_target_agent, chosen);
    writer_abc(w, OP_STR_STARTS, yes, text, part);
    writer_abc(w, OP_STR_CONTAINS, yes, text, part);
    writer_abc(w, OP_EQ_STR, yes, text, part);
    writer_abc(w, OP_LT_STR, yes, text, part);
    writer_abc(w, OP_PARSE_INT, parsed, part, 0);
    writer_abc(w, OP_NAMED, skill, part, 0);
    writer_abc(w, OP_BOX, value, part, 0);
    writer_abc(w, OP_DATA_SET, part, value, 0);
    writer_abc(w, OP_DATA, found, part, 0);
    writer_abc(w, OP_UNBOX, back, found, 0);
    writer_abx(w, OP_ATTRIBUTE, b, ATTRIBUTE_ID_priority);
    writer_abx(w, OP_ATTRIBUTE_SET, b, ATTRIBUTE_ID_priority);
}

static void *everything_bytes(size_t *length)
{
    struct everything e;
    struct error error;
    uint16_t strategy;
    static const char *const colours[] = {"red", "green", "ultraviolet"};
    struct image_writer *w = tiny_begin(&strategy);
    const struct writer_field fields[] = {{"name", 4, TYPE_STR, false}, {"count", 5, TYPE_INT, false}};
    e.record = writer_record(w, "Thing", fields, 2);
    e.list = writer_list(w, e.record);
    e.nested = writer_list(w, e.list);
    e.map = writer_map(w, TYPE_INT);
    e.colour = writer_enum(w, "Colour", colours, 3);
    sample_name(w, TYPE_SKILL, "ultraviolet");
    writer_slot(w, strategy, "nested", e.nested, false);
    writer_slot(w, strategy, "map", e.map | TYPE_OPTIONAL, true);
    uint64_t pairs[] = {writer_text_word(w, "a constant key", 14), 5, writer_text_word(w, "b", 1), 6};
    e.keys = writer_constant(w, e.map, writer_object(w, e.map, pairs, 2));
    write_twice(w, &e);
    write_ask(w, &e);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t colour = writer_register(w, e.colour), record = writer_register(w, e.record),
            text = writer_register(w, TYPE_STR), error_register = writer_register(w, TYPE_ERROR),
            map = writer_register(w, e.map), number = writer_register(w, TYPE_INT);
    uint32_t failed = writer_label(w), arms[3] = {writer_label(w), writer_label(w), writer_label(w)};
    writer_position(w, "hostile.gcx", 1, 1);
    writer_abx(w, OP_LOAD_INT, colour, 2);
    writer_abx(w, OP_LOAD, map, e.keys);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, 0, colour);
    writer_wait_failure(w, failed, error_register);
    writer_live(w, map);
    writer_call_wait(w, e.ask, record);
    writer_abc(w, OP_FIELD, text, record, 0);
    writer_abc(w, OP_COUNT, number, map, 0);
    writer_variable(w, number, "number", false);
    write_objects(w, &e, record, text);
    write_text(w, text);
    writer_segment_begin(w, number, TABLE_RANGES);
    writer_segment_range(w, 0, 1, arms[0]);
    writer_segment_range(w, 2, 2, arms[1]);
    writer_segment_end(w, arms[2]);
    writer_place(w, arms[1]);
    writer_segment_begin(w, text, TABLE_TEXT);
    writer_segment_text(w, "[[", 2, true, arms[2]);
    writer_segment_text(w, "[]", 2, false, arms[0]);
    writer_segment_text(w, "other", 5, true, arms[0]);
    writer_segment_end(w, arms[0]);
    writer_place(w, failed);
    writer_abc(w, OP_FIELD, text, error_register, ERROR_FIELD_CODE);
    writer_place(w, arms[0]);
    writer_place(w, arms[2]);
    tiny_stop(w, text);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    void *bytes = image_writer_finish(w, length, &error);
    cr_assert(bytes, "%s", error.text);
    image_writer_free(w);
    return bytes;
}

static void drive(struct image *image)
{
    if (!image_count(image, SECTION_STRATEGIES)) {
        image_free(image);
        return;
    }
    struct machine m = machine_new(image);
    struct vm_result r = vm_start(m.vm, m.block);
    for (int i = 0; i < 12 && (r.status == VM_WAIT || r.status == VM_YIELD); i++) {
        struct error error;
        const struct block *block = machine_block(&m);
        cr_assert(block_check(block, block_size(block), image, &error), "%s at %u", error.text, error.offset);
        uint64_t hash = block_hash(m.slab, block, 1, 0);
        block_compact(m.slab, m.block);
        cr_assert_eq(block_hash(m.slab, machine_block(&m), 1, 0), hash);
        uint16_t type = vm_result_type(m.slab, machine_block(&m), r.fiber);
        if (r.status == VM_YIELD)
            r = vm_continue(m.vm, m.block, r.fiber);
        else if (i % 4 == 3)
            r = vm_fail(m.vm, m.block, r.fiber, VM_CODE_TIMEOUT);
        else
            r = vm_resume(m.vm, m.block, r.fiber, type_is_optional(type) ? value_none(type) : 0);
    }
    free(image_disassemble(image));
    machine_free(&m);
}

static bool altered(const uint8_t *bytes, size_t length, size_t at, uint32_t mask, uint32_t bytes_wide)
{
    struct error error;
    uint8_t *copy = malloc(length);
    memcpy(copy, bytes, length);
    for (uint32_t i = 0; i < bytes_wide && at + i < length; i++) copy[at + i] ^= (uint8_t)(mask >> 8 * i);
    struct image_header *header = (struct image_header *)(void *)copy;
    image_hash_semantic(copy, header->hash);
    image_hash_apart(copy, SECTION_DEBUG, header->debug_hash);
    image_hash_apart(copy, SECTION_SCENARIO, header->scenario_hash);
    struct image *image = image_load(copy, length, &error);
    free(copy);
    if (image) drive(image);
    return image != NULL;
}

Test(vm_hostile, the_program_itself_is_good, .timeout = 10)
{
    size_t length;
    void *bytes = everything_bytes(&length);
    struct machine m = machine_new(sample_load(bytes, length));
    struct vm_result r = vm_start(m.vm, m.block);
    cr_assert(r.status == VM_WAIT && r.step == STEP_ID_delay);
    r = vm_resume(m.vm, m.block, 0, 0);
    const char *text = machine_stop(&m, r);
    cr_assert(strncmp(text, "[[Thing(name: ultraviolet", 25) == 0, "%s", text);
    machine_free(&m);
}

Test(vm_hostile, every_byte_altered_is_refused_or_runs_safely, .timeout = 300)
{
    size_t length, ran = 0;
    uint8_t *bytes = everything_bytes(&length);
    static const uint8_t flips[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x80, 0xff};
    for (size_t i = sizeof(struct image_header); i < length; i++)
        for (size_t f = 0; f < sizeof flips; f++) ran += altered(bytes, length, i, flips[f], 1);
    cr_log_info("%zu ran", ran);
    cr_assert(ran > 100);
    free(bytes);
}

/* Words altered at random, by a generator of our own, so that a failure is found again. */
Test(vm_hostile, words_altered_at_random_are_refused_or_run_safely, .timeout = 300)
{
    size_t length, ran = 0;
    uint8_t *bytes = everything_bytes(&length);
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 6000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        size_t at = sizeof(struct image_header) + (size_t)(seed % (length - sizeof(struct image_header)));
        ran += altered(bytes, length, at & ~(size_t)3, (uint32_t)(seed >> 32), 1 + (uint32_t)(seed >> 20 & 3));
    }
    cr_log_info("%zu ran", ran);
    free(bytes);
}

/* A register behind the last one of its function, told as live and counted. */
Test(vm_hostile, a_register_that_is_not_there_is_not_live, .timeout = 10)
{
    struct error error = {0};
    size_t length;
    uint8_t *bytes = everything_bytes(&length);
    struct image_header *header = (struct image_header *)(void *)bytes;
    struct image_wait *wait = (struct image_wait *)(void *)(bytes + header->section[SECTION_WAITS].offset);
    uint32_t *live = (uint32_t *)(void *)(bytes + header->section[SECTION_LIVE].offset) + wait->live;
    cr_assert_eq(*live >> 31, 0);
    *live |= UINT32_C(1) << 31;
    wait->live_count++;
    image_hash_semantic(bytes, header->hash);
    image_hash_apart(bytes, SECTION_DEBUG, header->debug_hash);
    image_hash_apart(bytes, SECTION_SCENARIO, header->scenario_hash);
    cr_assert_null(image_load(bytes, length, &error));
    cr_assert(strstr(error.text, "no such register is live"), "%s", error.text);
    free(bytes);
}

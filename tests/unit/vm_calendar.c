/* tests/unit/vm_calendar.c - Days, zones, shares, walks through user data, automata: what stands at the table's end. */
#include "tests/unit/vm_sample.h"
#include "vm/show.h"

/* A strategy that stops with the texts of what was put together. */
struct told {
    struct image_writer *w;
    uint16_t strategy, body;
    uint8_t parts[64];
    uint32_t count;
};

static struct told told_begin(void)
{
    struct told t = {0};
    t.w = tiny_begin(&t.strategy);
    return t;
}

static void told_body(struct told *t)
{
    t->body = writer_function_begin(t->w, "tiny", FUNCTION_STRATEGY, t->strategy, 0, TYPE_VOID);
}

static uint8_t load(struct told *t, uint16_t type, int64_t word)
{
    uint8_t reg = writer_register(t->w, type);
    writer_abx(t->w, OP_LOAD, reg, writer_constant(t->w, type, (uint64_t)word));
    return reg;
}

static uint8_t load_text(struct told *t, const char *text)
{
    uint8_t reg = writer_register(t->w, TYPE_STR);
    writer_abx(t->w, OP_LOAD, reg, writer_constant_text(t->w, text, (uint32_t)strlen(text)));
    return reg;
}

/* Kept until the end, when all of it is shown. */
static void tell(struct told *t, uint8_t reg)
{
    t->parts[t->count++] = reg;
}

static struct machine told_machine(struct told *t)
{
    uint8_t line = load_text(t, ""), bar = load_text(t, "|"), text = writer_register(t->w, TYPE_STR);
    uint8_t run = writer_register(t->w, TYPE_STR);
    writer_register(t->w, TYPE_STR);
    writer_register(t->w, TYPE_STR);
    for (uint32_t i = 0; i < t->count; i++) {
        writer_abc(t->w, OP_TEXT, text, t->parts[i], 0);
        writer_abc(t->w, OP_MOVE, run, line, 0);
        writer_abc(t->w, OP_MOVE, run + 1u, text, 0);
        writer_abc(t->w, OP_MOVE, run + 2u, bar, 0);
        writer_abc(t->w, OP_CONCAT, line, run, 3);
    }
    tiny_stop(t->w, line);
    writer_function_end(t->w);
    return machine_new(tiny_end(t->w, t->strategy, t->body, IMAGE_NONE));
}

static const char *told_end(struct told *t)
{
    struct machine m = told_machine(t);
    static _Thread_local char kept[4096];
    snprintf(kept, sizeof kept, "%s", machine_stop(&m, vm_start(m.vm, m.block)));
    machine_free(&m);
    return kept;
}

static const int64_t MARCH = INT64_C(1774746000), OCTOBER = INT64_C(1792890000); /* of 2026: 01:00 UTC */

static uint32_t paris(struct told *t)
{
    return writer_zone(t->w, "Europe/Paris", (const int64_t[]){INT64_MIN, MARCH, OCTOBER},
                       (const int32_t[]){3600, 7200, 3600}, 3);
}

static uint8_t convert(struct told *t, enum opcode op, int64_t seconds)
{
    uint8_t from = load(t, TYPE_TIME, seconds * SECOND), to = writer_register(t->w, TYPE_TIME);
    writer_ab_number(t->w, op, to, from, paris(t));
    return to;
}

Test(vm_calendar, a_zones_clocks_are_read_and_set, .timeout = 10)
{
    struct told t = told_begin();
    told_body(&t);
    tell(&t, convert(&t, OP_WALL, MARCH - 1));
    tell(&t, convert(&t, OP_WALL, MARCH));
    tell(&t, convert(&t, OP_WALL, -1));
    tell(&t, convert(&t, OP_INSTANT, MARCH + 3600 + 1800));   /* 02:30, which is skipped */
    tell(&t, convert(&t, OP_INSTANT, OCTOBER + 3600 + 1800)); /* 02:30, which comes twice */
    cr_assert_str_eq(told_end(&t), "2026-03-29T01:59:59Z|2026-03-29T03:00:00Z|1970-01-01T00:59:59Z|"
                                   "2026-03-29T01:30:00Z|2026-10-25T00:30:00Z|");
}

Test(vm_calendar, days_and_times_of_day, .timeout = 10)
{
    struct told t = told_begin();
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    uint16_t week = writer_enum(t.w, "weekday", days, 7);
    told_body(&t);
    uint8_t time = load(&t, TYPE_TIME, INT64_C(-1)), date = writer_register(t.w, TYPE_DATE);
    uint8_t clock = writer_register(t.w, TYPE_CLOCK), day = writer_register(t.w, week);
    writer_abc(t.w, OP_DATE_OF, date, time, 0);
    writer_abc(t.w, OP_CLOCK_OF, clock, time, 0);
    writer_abc(t.w, OP_WEEKDAY_OF, day, date, 0);
    tell(&t, date);
    tell(&t, clock);
    tell(&t, day);
    uint8_t week_later = load(&t, TYPE_DURATION, INT64_C(7) * 86400 * SECOND + 5),
            later = writer_register(t.w, TYPE_DATE);
    uint8_t between = writer_register(t.w, TYPE_DURATION), half = load(&t, TYPE_CLOCK, INT64_C(34200) * SECOND);
    uint8_t at = writer_register(t.w, TYPE_TIME), left = writer_register(t.w, TYPE_DURATION);
    writer_abc(t.w, OP_ADD_DATE, later, date, week_later);
    writer_abc(t.w, OP_DIFF_DATE, between, later, date);
    writer_abc(t.w, OP_DATE_AT, at, later, half);
    writer_abc(t.w, OP_DIFF_CLOCK, left, half, half);
    tell(&t, later);
    tell(&t, between);
    tell(&t, half);
    tell(&t, at);
    tell(&t, left);
    cr_assert_str_eq(told_end(&t), "1969-12-31|23:59:59|wed|1970-01-07|7d|09:30|1970-01-07T09:30:00Z|0s|");
}

Test(vm_calendar, texts_and_lists_are_cut, .timeout = 10)
{
    struct told t = told_begin();
    uint16_t list = writer_list(t.w, TYPE_INT);
    told_body(&t);
    uint8_t text = load_text(&t, "a\xc3\xa9z"), one = load(&t, TYPE_INT, 1), nine = load(&t, TYPE_INT, 9);
    uint8_t there = writer_register(t.w, TYPE_STR | TYPE_OPTIONAL),
            none = writer_register(t.w, TYPE_STR | TYPE_OPTIONAL);
    uint8_t xs = writer_register(t.w, list), part = writer_register(t.w, list), yes = writer_register(t.w, TYPE_BOOL);
    uint64_t words[] = {4, 5, 6};
    writer_abc(t.w, OP_STR_GET, there, text, one);
    writer_abc(t.w, OP_STR_GET, none, text, nine);
    writer_abx(t.w, OP_LOAD, xs, writer_constant(t.w, list, writer_object(t.w, list, words, 3)));
    writer_abcd(t.w, OP_LIST_SLICE, part, xs, one, nine);
    writer_abc(t.w, OP_LIST_STARTS, yes, xs, part);
    tell(&t, there);
    tell(&t, none);
    tell(&t, part);
    tell(&t, yes);
    cr_assert_str_eq(told_end(&t), "\xc3\xa9||[5, 6]|false|");
}

Test(vm_calendar, a_share_is_drawn_by_seed_interaction_and_counter, .timeout = 10)
{
    struct told t = told_begin();
    told_body(&t);
    uint8_t first = writer_register(t.w, TYPE_PERCENT), second = writer_register(t.w, TYPE_PERCENT);
    uint8_t text = load_text(&t, "4711"), point = writer_register(t.w, TYPE_PERCENT);
    writer_abc(t.w, OP_DRAW, first, 0, 0);
    writer_abc(t.w, OP_DRAW, second, 0, 0);
    writer_abc(t.w, OP_POINT, point, text, 0);
    tell(&t, point);
    tell(&t, first);
    tell(&t, second);
    struct machine m = told_machine(&t);
    char kept[64];
    snprintf(kept, sizeof kept, "%s", machine_stop(&m, vm_start(m.vm, m.block)));
    cr_assert_eq(machine_block(&m)->random, 2);
    struct machine other = {m.image, m.slab, m.vm, block_new(m.slab, m.image, image_strategy(m.image, 0))};
    const char *again = machine_stop(&other, vm_start(other.vm, other.block));
    cr_assert_eq(strcspn(kept, "|"), strcspn(again, "|"));
    cr_assert_eq(strncmp(kept, again, strcspn(again, "|")), 0, "a text's share is always the same");
    cr_assert_str_neq(kept, again, "another interaction draws others");
    block_free(m.slab, other.block);
    machine_free(&m);
}

/* As on the wire: {"customer": {"id": 7, "name": "Dupont"}, "id": true}, "id" again, and nothing. */
static const char packed[] = "\x08"
                             "customer"
                             "\x04\x12"
                             "\x02"
                             "id"
                             "\x01\x0e"
                             "\x04"
                             "name"
                             "\x02\x06"
                             "Dupont"
                             "\x02"
                             "id"
                             "\x06\x01"
                             "\x02"
                             "id"
                             "\x01\x02"
                             "\x05"
                             "empty"
                             "\x00";

static const char *walked(const char *bytes, uint32_t length)
{
    struct told t = told_begin();
    uint16_t list = writer_list(t.w, TYPE_VALUE), map = writer_map(t.w, TYPE_VALUE), maybe = TYPE_OPTIONAL;
    told_body(&t);
    uint8_t key = load_text(&t, "data"), data = writer_register(t.w, TYPE_VALUE | maybe);
    uint8_t found = writer_register(t.w, TYPE_VALUE | maybe), inner = writer_register(t.w, TYPE_VALUE | maybe);
    uint8_t none = writer_register(t.w, TYPE_VALUE | maybe), missing = writer_register(t.w, TYPE_VALUE | maybe);
    uint8_t all = writer_register(t.w, list | maybe), pairs = writer_register(t.w, map | maybe);
    writer_abc(t.w, OP_DATA, data, key, 0);
    writer_abc(t.w, OP_VALUE_AT, found, data, load_text(&t, "customer"));
    writer_abc(t.w, OP_VALUE_AT, inner, found, load_text(&t, "name"));
    writer_abc(t.w, OP_VALUE_AT, none, inner, load_text(&t, "name"));
    writer_abc(t.w, OP_VALUE_AT, missing, data, load_text(&t, "empty"));
    writer_abc(t.w, OP_VALUE_LIST, all, data, 0);
    writer_abc(t.w, OP_VALUE_MAP, pairs, found, 0);
    tell(&t, inner);
    tell(&t, none);
    tell(&t, missing);
    tell(&t, all);
    tell(&t, pairs);
    struct machine m = told_machine(&t);
    static _Thread_local char kept[4096];
    cr_assert(block_data_set(m.slab, m.block, "data", 4, VALUE_TAG_LIST, bytes, length, 0));
    snprintf(kept, sizeof kept, "%s", machine_stop(&m, vm_start(m.vm, m.block)));
    machine_free(&m);
    return kept;
}

Test(vm_calendar, user_data_is_walked_and_what_is_not_there_is_none, .timeout = 10)
{
    cr_assert_str_eq(walked(packed, sizeof packed - 1), "Dupont|||[, true, 1, ]|[id: 7, name: Dupont]|");
}

Test(vm_calendar, damaged_user_data_ends_where_it_is_damaged, .timeout = 10)
{
    for (uint32_t length = 0; length < sizeof packed - 1; length++) walked(packed, length);
    char bytes[sizeof packed];
    for (uint32_t at = 0; at < sizeof packed - 1; at++)
        for (unsigned byte = 0; byte < 256; byte += 17) {
            memcpy(bytes, packed, sizeof packed);
            bytes[at] = (char)byte;
            walked(bytes, sizeof packed - 1);
        }
}

/* A text with a, or a text with b, whichever comes first. */
static uint32_t automaton(struct told *t, uint8_t reg, const uint32_t labels[3], uint16_t third)
{
    uint8_t classes[256] = {0};
    classes['a'] = 1;
    classes['b'] = 2;
    const int32_t accepts[] = {-1, 0, 1};
    const uint16_t next[] = {0, 1, 2, 1, 1, 1, 2, 2, third};
    writer_segment_begin(t->w, reg, TABLE_AUTOMATON);
    writer_segment_text(t->w, "", 0, false, labels[0]);
    writer_segment_text(t->w, "", 0, false, labels[1]);
    writer_segment_automaton(t->w, classes, 3, 3, accepts, next);
    return writer_segment_end(t->w, labels[2]);
}

static const char *matched(const char *text)
{
    struct told t = told_begin();
    told_body(&t);
    uint8_t subject = load_text(&t, text), answer = writer_register(t.w, TYPE_STR);
    uint32_t labels[3], end = writer_label(t.w);
    for (int i = 0; i < 3; i++) labels[i] = writer_label(t.w);
    automaton(&t, subject, labels, 2);
    static const char *const answers[] = {"begins", "holds", "neither"};
    for (int i = 0; i < 3; i++) {
        writer_place(t.w, labels[i]);
        writer_abx(t.w, OP_LOAD, answer, writer_constant_text(t.w, answers[i], (uint32_t)strlen(answers[i])));
        writer_jump(t.w, OP_JUMP, 0, 0, end);
    }
    writer_place(t.w, end);
    tell(&t, answer);
    return told_end(&t);
}

Test(vm_calendar, an_automaton_takes_the_first_that_fits, .timeout = 10)
{
    cr_assert_str_eq(matched("abc"), "begins|");
    cr_assert_str_eq(matched("0b"), "holds|");
    cr_assert_str_eq(matched("long enough, but further on: b"), "holds|");
    cr_assert_str_eq(matched("xyz"), "neither|");
}

Test(vm_calendar, an_automaton_with_a_state_that_is_not_there_is_refused, .timeout = 10)
{
    struct told t = told_begin();
    told_body(&t);
    uint8_t subject = load_text(&t, "x");
    uint32_t here = writer_label(t.w);
    automaton(&t, subject, (const uint32_t[]){here, here, here}, 3);
    writer_place(t.w, here);
    tiny_stop(t.w, subject);
    writer_function_end(t.w);
    struct error error = {0};
    size_t length;
    writer_strategy_functions(t.w, t.strategy, t.body, IMAGE_NONE, IMAGE_NONE);
    void *bytes = image_writer_finish(t.w, &length, &error);
    image_writer_free(t.w);
    cr_assert_null(image_load(bytes, length, &error));
    cr_assert(strstr(error.text, "there is no such state"), "%s", error.text);
    free(bytes);
}

Test(vm_calendar, what_a_number_or_a_float_cannot_be_is_a_fault, .timeout = 10)
{
    static const char *const values[] = {"one", "two"};
    for (int i = 0; i < 2; i++) {
        struct told t = told_begin();
        uint16_t type = writer_enum(t.w, "few", values, 2);
        told_body(&t);
        uint8_t two = load(&t, TYPE_INT, 2), few = writer_register(t.w, type), number = writer_register(t.w, TYPE_INT);
        uint8_t large = load(&t, TYPE_FLOAT, (int64_t)value_from_float(1e19));
        if (i)
            writer_abc(t.w, OP_TO_ENUM, few, two, 0);
        else
            writer_abc(t.w, OP_FLOAT_TO_INT, number, large, 0);
        struct machine m = told_machine(&t);
        struct vm_result result = vm_start(m.vm, m.block);
        cr_assert_eq(result.status, VM_FAULT);
        cr_assert_eq(result.fault, i ? FAULT_INDEX : FAULT_OVERFLOW);
        machine_free(&m);
    }
}

Test(vm_calendar, each_moment_can_be_shown)
{
    static const struct {
        int64_t us;
        const char *text;
    } moments[] = {{INT64_MIN, "-106751992T19:59:05Z"},
                   {INT64_MAX, "106751991T04:00:54Z"},
                   {-1, "1969-12-31T23:59:59Z"},
                   {0, "1970-01-01T00:00:00Z"}};
    struct show show = {0};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        char text[64] = "";
        struct shown out = {.buffer = text, .size = sizeof text};
        show_value(&show, &out, TYPE_TIME, (uint64_t)moments[i].us);
        cr_expect_eq(out.length, strlen(moments[i].text));
        cr_expect_eq(memcmp(text, moments[i].text, out.length), 0, "%.*s", (int)out.length, text);
    }
}

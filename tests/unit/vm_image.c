/* tests/unit/vm_image.c - Images: written, loaded, listed, refused. */
#include "tests/unit/vm_sample.h"

#include "vm/image_data.h"
#include "vm/steps.h"

Test(vm_image, the_same_calls_give_the_same_bytes, .timeout = 10)
{
    struct sample s;
    size_t first_length, second_length;
    void *first = sample_bytes(&s, &first_length), *second = sample_bytes(&s, &second_length);
    cr_assert_eq(first_length, second_length);
    cr_assert_arr_eq(first, second, first_length);
    free(first);
    free(second);
}

Test(vm_image, what_was_written_is_read, .timeout = 10)
{
    struct sample s;
    struct image *image = sample_image(&s);
    const struct image_strategy *strategy = image_strategy_named(image, "enterprise", 10);
    cr_assert_not_null(strategy);
    cr_assert_eq(image_slot_count(strategy), 3);
    cr_assert_eq(image_slot_find(image, strategy, "customer", 8), 2);
    cr_assert_eq(image_slot(image, strategy, 2)->type, s.customer | TYPE_OPTIONAL);
    cr_assert_eq(image_name_find(image, TYPE_SKILL, "French", 6), s.french);
    cr_assert_eq(image_name_find(image, TYPE_GROUP, "French", 6), -1);
    cr_assert_eq(image_field_find(image, s.customer, "tier", 4), 1);
    const struct image_statement *statement = image_statement(image, 0);
    cr_assert_eq(image_statement_hashed(image, statement->hash), statement);
    cr_assert_eq(image_scenario(image).length, 12);
    struct image_place place;
    cr_assert(image_place(image, s.body, 2, &place));
    cr_assert_eq(place.line, 8);
    cr_assert_eq(image_variable(image, s.body, 9, 6).length, 3);
    size_t length;
    const void *bytes = image_bytes(image, &length);
    struct error error;
    struct image *again = image_load(bytes, length, &error);
    cr_assert_not_null(again);
    cr_assert_arr_eq(image_hash(again), image_hash(image), IMAGE_HASH);
    image_free(again);
    image_free(image);
}

Test(vm_image, the_listing_says_what_there_is, .timeout = 10)
{
    struct sample s;
    struct image *image = sample_image(&s);
    char *text = image_disassemble(image);
    static const char *const parts[] = {
        "strategy enterprise media 0x2 lifetime 28800s body #3 abandoned #4",
        "attached customer: Customer?",
        "record Customer name: str, tier: str, language: str?",
        "enterprise.gcx:7",
        "STEP          r0 ivr.digits(prompt: prompt account_number, min: 4, max: 12) tries 3 timeout 1m30s else",
        "sql customers \"select name, tier, language from customer where account = ?\"",
        "line after 20s wide#1(r1)",
        "line after 40s group overflow",
        "busy busy#2()",
        "JNE_K         r3 \"gold\" ->",
        "keys: [1: English, 2: French]",
        "ADD           r4 r4 r5",
        "ATTRIBUTE_SET r4 priority"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        cr_assert(strstr(text, parts[i]), "no \"%s\" in\n%s", parts[i], text);
    free(text);
    image_free(image);
}

Test(vm_image, an_image_altered_in_any_byte_is_refused, .timeout = 120)
{
    struct sample s;
    size_t length;
    uint8_t *bytes = sample_bytes(&s, &length);
    for (size_t i = 0; i < length; i++) {
        struct error error = {0};
        bytes[i] ^= (uint8_t)(1u << i % 8);
        cr_assert_null(image_load(bytes, length, &error), "byte %zu", i);
        cr_assert(error.code != ERROR_NONE && error.text[0] && error.offset <= length);
        bytes[i] ^= (uint8_t)(1u << i % 8);
    }
    free(bytes);
}

Test(vm_image, a_truncated_image_is_refused, .timeout = 60)
{
    struct sample s;
    size_t length;
    uint8_t *bytes = sample_bytes(&s, &length);
    for (size_t i = 0; i < length; i++) {
        uint8_t *part = malloc(i ? i : 1); /* exactly so long, for the sanitizer */
        memcpy(part, bytes, i);
        struct error error = {0};
        cr_assert_null(image_load(part, i, &error));
        ((struct image_header *)(void *)bytes)->size = (uint32_t)i; /* and where it says so itself */
        if (i >= sizeof(struct image_header)) memcpy(part, bytes, i);
        cr_assert_null(image_load(part, i, &error));
        free(part);
    }
    free(bytes);
}

/* Answers whatever is asked, for a bounded time, and looks at everything. */
static void drive(struct image *image)
{
    struct machine m = machine_new(image);
    struct vm_result r = vm_start(m.vm, m.block);
    struct vm_line line;
    int64_t levels[1] = {0};
    for (int i = 0; i < 40; i++) {
        if (r.status == VM_YIELD) {
            r = vm_continue(m.vm, m.block, r.fiber);
            continue;
        }
        if (r.status != VM_WAIT) break;
        block_hash(m.slab, machine_block(&m), 1, 0);
        for (uint32_t n = 0; vm_line(m.slab, machine_block(&m), r.fiber, n, &line); n++) (void)levels;
        for (uint16_t n = 0; n < 6; n++) {
            uint64_t word;
            uint16_t type;
            char text[64];
            if (vm_arg(m.slab, machine_block(&m), r.fiber, n, &word, &type))
                vm_show(m.vm, machine_block(&m), m.image, type, word, text, sizeof text);
        }
        const struct image_wait *wait = vm_step(m.slab, machine_block(&m), r.fiber);
        cr_assert_not_null(wait);
        if (wait->busy != IMAGE_NONE && r.fiber == 0) {
            struct vm_result child = vm_spawn(m.vm, m.block, 0);
            if (child.status == VM_WAIT) child = vm_resume(m.vm, m.block, child.fiber, 0);
            if (child.status == VM_WAIT) vm_cancel(m.vm, m.block, child.fiber);
        }
        block_compact(m.slab, m.block);
        uint16_t type = vm_result_type(m.slab, machine_block(&m), r.fiber);
        r = i % 3 == 2 ? vm_fail(m.vm, m.block, r.fiber, VM_CODE_TIMEOUT)
                       : vm_resume(m.vm, m.block, r.fiber, type_is_optional(type) ? value_none(type) : 0);
    }
    struct error error;
    const struct block *block = machine_block(&m);
    uint64_t *copy = malloc(block_size(block));
    memcpy(copy, block, block_size(block));
    cr_assert(block_check(copy, block_size(block), image, &error), "%s at %u", error.text, error.offset);
    free(copy);
    char *text = image_disassemble(image);
    free(text);
    machine_free(&m);
}

static void rehash(uint8_t *bytes)
{
    struct image_header *header = (struct image_header *)(void *)bytes;
    image_hash_semantic(bytes, header->hash);
    image_hash_apart(bytes, SECTION_DEBUG, header->debug_hash);
    image_hash_apart(bytes, SECTION_SCENARIO, header->scenario_hash);
}

/* Everything in the program can be said wrongly; the verifier or the sanitizers would notice. */
Test(vm_image, an_image_altered_with_its_hashes_made_anew_is_refused_or_runs_safely, .timeout = 300)
{
    struct sample s;
    size_t length, refused = 0, ran = 0;
    uint8_t *bytes = sample_bytes(&s, &length);
    static const uint8_t flips[] = {0x01, 0x80, 0xff, 0x10};
    for (size_t i = sizeof(struct image_header); i < length; i++) {
        for (size_t f = 0; f < sizeof flips; f++) {
            struct error error = {0};
            uint8_t *altered = malloc(length);
            memcpy(altered, bytes, length);
            altered[i] ^= flips[f];
            rehash(altered);
            struct image *image = image_load(altered, length, &error);
            free(altered);
            refused += !image;
            ran += image != NULL;
            if (image && image_count(image, SECTION_STRATEGIES))
                drive(image);
            else
                image_free(image);
        }
    }
    cr_log_info("%zu refused, %zu ran", refused, ran);
    cr_assert(refused > 1000 && ran > 100);
    free(bytes);
}

/* The verifier's word on programs that the writer lets pass. */
static void refused(struct image_writer *w, uint16_t strategy, uint16_t body, const char *reason)
{
    struct error error;
    size_t length;
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert_not_null(bytes);
    image_writer_free(w);
    cr_assert_null(image_load(bytes, length, &error));
    cr_assert(strstr(error.text, reason), "%s", error.text);
    free(bytes);
}

static void loaded(struct image_writer *w, uint16_t strategy, uint16_t body)
{
    struct error error;
    size_t length;
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    void *bytes = image_writer_finish(w, &length, &error);
    image_writer_free(w);
    struct image *image = image_load(bytes, length, &error);
    cr_assert(image, "%s", error.text);
    image_free(image);
    free(bytes);
}

Test(vm_image, code_is_typed_and_ends, .timeout = 10)
{
    for (int i = 0; i < 9; i++) {
        static const char *const reasons[] = {"an operand is of the wrong type",
                                              "falls off the end",
                                              "the target lies the wrong way",
                                              "no such register",
                                              "no such declared key",
                                              "calls a function that is not before it",
                                              "without a deadline",
                                              "lacks an argument",
                                              "does not end so"};
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        uint8_t x = writer_register(w, TYPE_INT), text = writer_register(w, TYPE_STR);
        uint32_t back = writer_label(w);
        writer_place(w, back);
        if (i == 0) writer_abc(w, OP_ADD, x, x, text);
        if (i == 2) writer_jump(w, OP_JUMP, 0, 0, back);
        if (i == 3) writer_abc(w, OP_MOVE, x, 9, 0);
        if (i == 4) writer_abx(w, OP_SLOT, x, 0);
        if (i == 5) writer_abcd(w, OP_CALL, NO_REGISTER, body, 0, 0);
        if (i == 6) {
            writer_wait_begin(w, NULL);
            writer_wait_argument(w, 0, text);
            writer_step(w, STEP_ID_ivr_say, NO_REGISTER);
        }
        if (i == 7) {
            writer_wait_begin(w, NULL);
            writer_wait_timeout(w, sample_k(w, TYPE_DURATION, SECOND));
            writer_step(w, STEP_ID_ivr_say, NO_REGISTER);
        }
        if (i == 8)
            writer_abc(w, OP_END, 0, 0, 0);
        else if (i != 1)
            tiny_stop(w, text);
        else
            writer_abx(w, OP_LOAD_INT, x, 1);
        writer_function_end(w);
        refused(w, strategy, body, reasons[i]);
    }
}

/* Schedules and zones are names as skills are; their values are no more than rows of the names table. */
Test(vm_image, a_name_is_of_a_kind_and_its_values_are_such_names, .timeout = 10)
{
    static const uint16_t kinds[] = {TYPE_CLOCK,    TYPE_BLOB, TYPE_BUILTIN_END, TYPE_ZONE | TYPE_OPTIONAL,
                                     TYPE_SCHEDULE, TYPE_ZONE, TYPE_SKILL};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool kind = i >= 4;
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t name = writer_name(w, kinds[i], "hours", 5);
        if (kind) writer_constant(w, TYPE_SCHEDULE, kinds[i] == TYPE_SCHEDULE ? name + 1u : name);
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        tiny_stop(w, writer_register(w, TYPE_STR));
        writer_function_end(w);
        refused(w, strategy, body, kind ? "is not of its type" : "a name of no kind");
    }
}

Test(vm_image, a_capacity_has_its_rows_in_order_and_takes_what_it_keeps_apart)
{
    enum { V = 1, C = 3, M = 2 };
    static const struct wrong {
        struct capacity_row rows[3];
        uint32_t count;
        const char *why;
    } cases[] = {
        {{{CAPACITY_TAKES, V, 1}, {CAPACITY_TAKES, M, 5}, {CAPACITY_INTERRUPTS, V, M}}, 3, NULL},
        {{{CAPACITY_TAKES, V, 1}}, 0, "has not its rows"},
        {{{CAPACITY_TAKES, V, 0}}, 1, "takes too many, or none"},
        {{{CAPACITY_TAKES, V, CAPACITY_MOST + 1}}, 1, "takes too many, or none"},
        {{{CAPACITY_TAKES, V, 1}, {CAPACITY_TAKES, V, 2}}, 2, "not in order"},
        {{{CAPACITY_TAKES, C, 1}, {CAPACITY_TAKES, V, 2}}, 2, "not in order"},
        {{{CAPACITY_TAKES, 0, 1}}, 1, "no such row"},
        {{{CAPACITY_WHATS, V, 1}}, 1, "no such row"},
        {{{CAPACITY_TAKES, V, 1}, {CAPACITY_BLOCKS, V, C}}, 2, "does not take both"},
        {{{CAPACITY_TAKES, V, 1}, {CAPACITY_BLOCKS, V, V}}, 2, "does not take both"},
        {{{CAPACITY_TAKES, V, 1}, {CAPACITY_BLOCKS, V, 200}}, 2, "does not take both"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        writer_capacity(w, "blended", cases[i].rows, cases[i].count);
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        tiny_stop(w, writer_register(w, TYPE_STR));
        writer_function_end(w);
        if (cases[i].why) {
            refused(w, strategy, body, cases[i].why);
            continue;
        }
        struct error error;
        size_t length;
        struct text name;
        struct capacity_rule rule;
        writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
        void *bytes = image_writer_finish(w, &length, &error);
        image_writer_free(w);
        struct image *image = image_load(bytes, length, &error);
        cr_assert_not_null(image, "%s", error.text);
        cr_assert(capacity_rule_read(image, 0, &name, &rule));
        cr_assert(name.length == 7 && memcmp(name.bytes, "blended", 7) == 0);
        cr_assert(rule.most[V] == 1 && rule.most[M] == 5 && rule.most[C] == 0);
        cr_assert(media_set_equal(rule.shuts[V], media_set_one(M)));
        cr_assert(media_set_is_empty(rule.shuts[M]), "who works on an e-mail may be given a call");
        cr_assert_not(capacity_rule_read(image, 1, &name, &rule));
        image_free(image);
        free(bytes);
    }
}

/* A strategy that wrote a blob by hand could say that anything was recorded. */
Test(vm_image, only_steps_make_blobs, .timeout = 10)
{
    for (int i = 0; i < 4; i++) {
        static const char *const reasons[] = {"errors and blobs are made by steps only",
                                              "errors and blobs cannot be changed", "an operand is of the wrong type",
                                              "is not of its type"};
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        uint8_t blob = writer_register(w, TYPE_BLOB), fields = writer_register(w, TYPE_STR);
        uint8_t key = writer_register(w, TYPE_STR);
        if (i == 0) writer_abc(w, OP_RECORD, blob, fields, BLOB_FIELDS);
        if (i == 1) writer_abcd(w, OP_FIELD_SET, blob, blob, BLOB_FIELD_KEY, key);
        if (i == 2) writer_abc(w, OP_EQ, writer_register(w, TYPE_BOOL), blob, blob);
        if (i == 3) writer_abx(w, OP_LOAD, blob, writer_constant(w, TYPE_BLOB, 0));
        tiny_stop(w, fields);
        writer_function_end(w);
        refused(w, strategy, body, reasons[i]);
    }
}

/* A figure of that type, of nothing but the candidate. */
static uint16_t figure(struct image_writer *w, uint16_t type)
{
    uint16_t leaf = writer_function_begin(w, "figure", FUNCTION_LEAF, IMAGE_NONE, 0, type);
    uint8_t made = writer_register(w, type);
    writer_abc(w, OP_RETURN, made, 0, 0);
    writer_function_end(w);
    return leaf;
}

Test(vm_image, an_order_has_the_figure_that_it_compares, .timeout = 10)
{
    static const struct {
        enum wait_order order;
        uint16_t figure; /* TYPE_VOID: none */
        const char *reason;
    } cases[] = {{ORDER_max, TYPE_VOID, "an order has no figure"},
                 {ORDER_min, TYPE_BOOL, "an order's figure is a bool"},
                 {ORDER_highest_level, TYPE_STR, "a function's signature"},
                 {ORDER_random, TYPE_INT, "a line of no such kind"},
                 {ORDER_longest_idle, TYPE_INT, "a line of no such kind"},
                 {ORDER_everyone, TYPE_VOID, "everyone is chosen, and nobody asked"},
                 {(enum wait_order)ORDERS, TYPE_VOID, "there is no such order"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t vq = sample_name(w, TYPE_VQ, "service");
        uint16_t yes = figure(w, TYPE_BOOL);
        uint16_t by = cases[i].figure != TYPE_VOID ? figure(w, cases[i].figure) : IMAGE_NONE;
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        uint8_t text = writer_register(w, TYPE_STR);
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_select_vq, sample_k(w, TYPE_VQ, vq));
        writer_wait_timeout(w, sample_k(w, TYPE_DURATION, SECOND));
        writer_wait_line_leaf(w, OPERAND_NONE, yes, NULL, 0);
        writer_wait_order(w, cases[i].order);
        if (by != IMAGE_NONE) writer_wait_order_by(w, by, NULL, 0);
        writer_step(w, STEP_ID_select, NO_REGISTER);
        tiny_stop(w, text);
        writer_function_end(w);
        refused(w, strategy, body, cases[i].reason);
    }
}

Test(vm_image, an_order_among_equals_comes_after_one_that_may_leave_some, .timeout = 10)
{
    static const struct {
        enum wait_order orders[4]; /* the first, and those that follow; ORDERS: no more */
        uint16_t figures[4];       /* TYPE_VOID: none */
        const char *reason;
    } cases[] = {
        {{ORDER_max, ORDER_min, ORDER_random, ORDERS}, {TYPE_INT, TYPE_DURATION, TYPE_VOID}, NULL},
        {{ORDER_longest_idle, ORDER_min, ORDERS}, {TYPE_VOID, TYPE_INT}, "a line of no such kind"},
        {{ORDER_max, ORDER_min, ORDERS}, {TYPE_INT, TYPE_BOOL}, "an order's figure is a bool"},
        {{ORDER_max, ORDER_min, ORDERS}, {TYPE_INT, TYPE_VOID}, "is not one from before"},
        {{ORDER_max, ORDER_share, ORDERS}, {TYPE_INT, TYPE_VOID}, "there are too many"},
        {{ORDER_max, ORDER_everyone, ORDERS}, {TYPE_INT, TYPE_VOID}, "there are too many"},
        {{ORDER_max, ORDER_random, ORDERS}, {TYPE_INT, TYPE_INT}, "there are too many"},
        {{ORDER_max, ORDER_random, ORDER_min, ORDERS}, {TYPE_INT, TYPE_VOID, TYPE_INT}, "there are too many"},
        {{ORDER_max, ORDER_min, ORDER_min, ORDER_max}, {TYPE_INT, TYPE_INT, TYPE_INT, TYPE_INT}, "there are too many"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint16_t strategy, by[4];
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t vq = sample_name(w, TYPE_VQ, "service"), yes = figure(w, TYPE_BOOL);
        for (size_t at = 0; at < 4; at++)
            by[at] = cases[i].figures[at] != TYPE_VOID ? figure(w, cases[i].figures[at]) : (uint16_t)IMAGE_NONE;
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        uint8_t text = writer_register(w, TYPE_STR);
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_select_vq, sample_k(w, TYPE_VQ, vq));
        writer_wait_timeout(w, sample_k(w, TYPE_DURATION, SECOND));
        writer_wait_line_leaf(w, OPERAND_NONE, yes, NULL, 0);
        writer_wait_order(w, cases[i].orders[0]);
        if (by[0] != IMAGE_NONE) writer_wait_order_by(w, by[0], NULL, 0);
        for (size_t at = 1; at < 4 && cases[i].orders[at] != ORDERS; at++)
            writer_wait_tie(w, cases[i].orders[at], by[at], NULL, 0);
        writer_step(w, STEP_ID_select, NO_REGISTER);
        tiny_stop(w, text);
        writer_function_end(w);
        if (cases[i].reason)
            refused(w, strategy, body, cases[i].reason);
        else
            loaded(w, strategy, body);
    }
}

Test(vm_image, each_line_of_an_order_by_share_has_one, .timeout = 10)
{
    for (int i = 0; i < 2; i++) {
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t vq = sample_name(w, TYPE_VQ, "service");
        uint16_t yes = figure(w, TYPE_BOOL);
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        uint8_t text = writer_register(w, TYPE_STR);
        writer_wait_begin(w, NULL);
        writer_wait_timeout(w, sample_k(w, TYPE_DURATION, SECOND));
        writer_wait_line_leaf(w, OPERAND_NONE, yes, NULL, 0);
        if (i) writer_wait_line_share(w, sample_k(w, TYPE_INT, 20));
        writer_wait_argument(w, PARAMETER_select_vq, sample_k(w, TYPE_VQ, vq));
        writer_wait_order(w, ORDER_share);
        writer_step(w, STEP_ID_select, NO_REGISTER);
        tiny_stop(w, text);
        writer_function_end(w);
        refused(w, strategy, body, "a line's share is no percent");
    }
}

Test(vm_image, a_parameter_is_read_and_never_changes, .timeout = 10)
{
    static const enum opcode changes[] = {OP_SLOT_SET, OP_SLOT_CLEAR};
    for (int i = 0; i < 2; i++) {
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t given = writer_parameter(w, strategy, "given", TYPE_INT, writer_constant(w, TYPE_INT, 7));
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        uint8_t x = writer_register(w, TYPE_INT), text = writer_register(w, TYPE_STR);
        writer_abx(w, OP_SLOT, x, given);
        if (changes[i] == OP_SLOT_SET)
            writer_abx(w, OP_SLOT_SET, x, given);
        else
            writer_abx(w, OP_SLOT_CLEAR, 0, given);
        tiny_stop(w, text);
        writer_function_end(w);
        refused(w, strategy, body, "a parameter never changes");
    }
}

Test(vm_image, types_say_no_more_than_can_be_read, .timeout = 10)
{
    static const char *const reasons[] = {"too many fields within its fields", "a statement has no such type"};
    for (int i = 0; i < 2; i++) {
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        struct writer_field fields[200];
        uint16_t inner = TYPE_INT;
        for (unsigned depth = 0; depth < 2; depth++) { /* the second one: 200 times 200 */
            for (unsigned n = 0; n < 200; n++) fields[n] = (struct writer_field){"f", 1, inner, false};
            inner = writer_record(w, depth == 0 ? "inner" : "outer", fields, i == 0 || depth == 0 ? 200 : 1);
        }
        static const char sql[] = "select 1";
        if (i == 1) writer_statement(w, writer_name(w, TYPE_SOURCE, "s", 1), STATEMENT_FIRST, inner, 0, sql, 8);
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        uint8_t text = writer_register(w, TYPE_STR);
        tiny_stop(w, text);
        writer_function_end(w);
        refused(w, strategy, body, reasons[i]);
    }
}

/* The host reads the columns that a statement's hash stands for: a duration must not be taken for an int's number. */
Test(vm_image, the_same_text_read_otherwise_is_another_statement, .timeout = 10)
{
    static const char sql[] = "select n from t";
    const uint16_t maybe_int = TYPE_INT | TYPE_OPTIONAL, maybe_duration = TYPE_DURATION | TYPE_OPTIONAL;
    uint16_t strategy, at[4];
    struct error error;
    size_t length;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t source = writer_name(w, TYPE_SOURCE, "s", 1);
    struct writer_field n = {"n", 1, TYPE_INT, false};
    uint16_t row = writer_record(w, "row", &n, 1) | TYPE_OPTIONAL;
    at[0] = writer_statement(w, source, STATEMENT_VALUE, maybe_int, 0, sql, sizeof sql - 1);
    at[1] = writer_statement(w, source, STATEMENT_VALUE, maybe_duration, 0, sql, sizeof sql - 1);
    at[2] = writer_statement(w, source, STATEMENT_FIRST, row, 0, sql, sizeof sql - 1);
    at[3] = writer_statement(w, source, STATEMENT_VALUE, maybe_int, 0, sql, sizeof sql - 1);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    tiny_stop(w, writer_register(w, TYPE_STR));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    void *bytes = image_writer_finish(w, &length, &error);
    struct image *image = image_load(bytes, length, &error);
    cr_assert_not_null(image, "%s", error.text);
    for (unsigned i = 0; i < 3; i++) {
        const struct image_statement *one = image_statement(image, at[i]);
        cr_assert_eq(image_statement_hashed(image, one->hash), one);
    }
    cr_assert_eq(at[3], at[0]);
    image_free(image);
    free(bytes);
    image_writer_free(w);
}

static uint16_t condition(struct image_writer *w, enum function_kind kind, uint16_t type)
{
    uint16_t made = writer_function_begin(w, "condition", kind, IMAGE_NONE, 0, type);
    writer_abc(w, OP_RETURN, writer_register(w, type), 0, 0);
    writer_function_end(w);
    return made;
}

Test(vm_image, a_wait_is_ended_by_one_condition_behind_its_lines, .timeout = 10)
{
    static const struct {
        enum function_kind kind;
        uint16_t type;
        bool twice;
        uint16_t watch;
        const char *reason;
    } cases[] = {{FUNCTION_PLAIN, TYPE_STR, false, 0, "what ends a wait is no condition"},
                 {FUNCTION_LEAF, TYPE_BOOL, false, 0, "a line or busy block is not one from before"},
                 {FUNCTION_PLAIN, TYPE_BOOL, false, LINE_SHARED | LINE_HEARS, "unused bits are set"},
                 {FUNCTION_PLAIN, TYPE_BOOL, false, LINE_HEARS << 1, "unused bits are set"},
                 {FUNCTION_PLAIN, TYPE_BOOL, true, 0, "a line of no such kind"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t vq = sample_name(w, TYPE_VQ, "service");
        uint16_t yes = condition(w, FUNCTION_LEAF, TYPE_BOOL), ends = condition(w, cases[i].kind, cases[i].type);
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        uint8_t text = writer_register(w, TYPE_STR);
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_select_vq, sample_k(w, TYPE_VQ, vq));
        writer_wait_timeout(w, sample_k(w, TYPE_DURATION, SECOND));
        writer_wait_line_leaf(w, OPERAND_NONE, yes, NULL, 0);
        if (cases[i].twice) writer_wait_until(w, ends, NULL, 0, false);
        writer_wait_until(w, ends, NULL, 0, cases[i].watch);
        writer_step(w, STEP_ID_select, NO_REGISTER);
        tiny_stop(w, text);
        writer_function_end(w);
        refused(w, strategy, body, cases[i].reason);
    }
}

/* It is asked again and again: neither may the strategy's data be others for it, nor its random numbers, nor a
 * count. */
Test(vm_image, what_ends_a_wait_changes_nothing_nor_does_what_it_calls, .timeout = 10)
{
    static const enum opcode ops[] = {OP_DRAW, OP_TALLY, OP_SLOT_SET, OP_SLOT_CLEAR, OP_ATTRIBUTE_SET, OP_DATA_SET};
    for (size_t i = 0; i < 2 * sizeof ops / sizeof *ops; i++) {
        enum opcode op = ops[i / 2];
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t vq = sample_name(w, TYPE_VQ, "service"), yes = condition(w, FUNCTION_LEAF, TYPE_BOOL);
        writer_slot(w, strategy, "key", TYPE_STR, false);
        uint16_t made = writer_function_begin(w, "changes", FUNCTION_PLAIN, strategy, 0, TYPE_BOOL);
        uint8_t result = writer_register(w, TYPE_BOOL), text = writer_register(w, TYPE_STR);
        if (op == OP_DRAW) writer_abc(w, op, writer_register(w, TYPE_PERCENT), 0, 0);
        if (op == OP_TALLY) writer_abc(w, op, text, text, writer_register(w, TYPE_DURATION));
        if (op == OP_SLOT_SET) writer_abx(w, op, text, 0);
        if (op == OP_SLOT_CLEAR) writer_abx(w, op, 0, 0);
        if (op == OP_ATTRIBUTE_SET) writer_abx(w, op, writer_register(w, TYPE_INT), ATTRIBUTE_ID_priority);
        if (op == OP_DATA_SET) writer_abc(w, op, text, writer_register(w, TYPE_VALUE), 0);
        writer_abc(w, OP_RETURN, result, 0, 0);
        writer_function_end(w);
        if (i % 2) {
            uint16_t calls = writer_function_begin(w, "calls", FUNCTION_PLAIN, strategy, 0, TYPE_BOOL);
            result = writer_register(w, TYPE_BOOL);
            writer_call(w, made, result, 0);
            writer_abc(w, OP_RETURN, result, 0, 0);
            writer_function_end(w);
            made = calls;
        }
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        text = writer_register(w, TYPE_STR);
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_select_vq, sample_k(w, TYPE_VQ, vq));
        writer_wait_timeout(w, sample_k(w, TYPE_DURATION, SECOND));
        writer_wait_line_leaf(w, OPERAND_NONE, yes, NULL, 0);
        writer_wait_until(w, made, NULL, 0, false);
        writer_step(w, STEP_ID_select, NO_REGISTER);
        tiny_stop(w, text);
        writer_function_end(w);
        refused(w, strategy, body, "what ends a wait changes something");
    }
}

Test(vm_image, what_an_endpoint_is_asked_says_no_more_than_it_may, .timeout = 10)
{
    static const struct {
        enum statement_mode mode;
        uint16_t arguments;
        const char *text, *reason;
    } cases[] = {{STATEMENT_GET, 0, "ftp://host/", "it begins with https://"},
                 {STATEMENT_GET, 0, "//host/", "without saying how it is asked"},
                 {STATEMENT_GET, 0, "https://me:it@host/", "a name and password"},
                 {STATEMENT_GET, 1, "https://{1}/\na", "it names no host"},
                 {STATEMENT_GET, 1, "https://host{1}/\na", "no argument decides which host"},
                 {STATEMENT_GET, 1, "https://host/{2}\na", "a placeholder stands for no argument"},
                 {STATEMENT_GET, 1, "https://host/{1\na", "a placeholder stands for no argument"},
                 {STATEMENT_GET, 0, "https://host/a\r", "a character in it"},
                 {STATEMENT_GET, 0, "https://host/%4", "two hexadecimal digits"},
                 {STATEMENT_GET, 1, "https://host/\na", "an argument goes nowhere"},
                 {STATEMENT_POST, 1, "https://host/\n", "an argument has no name"},
                 {STATEMENT_POST, 2, "https://host/\na\na", "two arguments have one name"},
                 {STATEMENT_PUT, 1, "https://host/\na\nb", "it goes on behind its arguments"},
                 {STATEMENT_POST, 33, "https://host/", "it has too many arguments"},
                 {(enum statement_mode)(STATEMENT_DELETE + 1), 0, "https://host/", "a statement of no such mode"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        writer_statement(w, writer_name(w, TYPE_SOURCE, "e", 1), cases[i].mode, TYPE_VOID, cases[i].arguments,
                         cases[i].text, (uint32_t)strlen(cases[i].text));
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        tiny_stop(w, writer_register(w, TYPE_STR));
        writer_function_end(w);
        refused(w, strategy, body, cases[i].reason);
    }
}

Test(vm_image, only_a_signal_brings_something, .timeout = 10)
{
    static const struct {
        enum image_event event;
        const char *name;
        const char *reason;
    } cases[] = {{EVENT_TRANSFERRED, "paid", "a handler of no signal is given something"},
                 {EVENT_MAIN_RELEASED, "paid", "a handler of no signal is given something"},
                 {IMAGE_EVENTS, "", "unused bits are set"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint16_t strategy;
        struct image_writer *w = tiny_begin(&strategy);
        uint16_t on = writer_function_begin(w, "on", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
        tiny_stop(w, writer_register(w, TYPE_STR));
        writer_function_end(w);
        writer_handler(w, strategy, cases[i].event, cases[i].name, on);
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        tiny_stop(w, writer_register(w, TYPE_STR));
        writer_function_end(w);
        refused(w, strategy, body, cases[i].reason);
    }
}

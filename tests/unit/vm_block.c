/* tests/unit/vm_block.c - Blocks: sizes, compaction, hashes, user data, checks. */
#include "tests/unit/vm_sample.h"
#include "vm/block_data.h"
#include "vm/steps.h"

static uint64_t text_word(const struct machine *m, const char *text)
{
    uint64_t word;
    cr_assert(block_make_text(m->slab, m->block, text, (uint32_t)strlen(text), &word));
    return word;
}

static const char *slot_text(const struct machine *m, uint32_t slot)
{
    static _Thread_local char buffer[256];
    char inlined[8];
    uint64_t word;
    cr_assert(block_slot(machine_block(m), slot, &word));
    struct text text = block_text(m->image, machine_block(m), word, inlined);
    memcpy(buffer, text.bytes, text.length);
    buffer[text.length] = 0;
    return buffer;
}

/* A call that waits in the selection, its busy block beside it. */
static struct machine waiting(struct sample *s)
{
    struct machine m = machine_new(sample_image(s));
    block_system_set(m.slab, m.block, 0, text_word(&m, "1800"));
    block_system_set(m.slab, m.block, 1, text_word(&m, "+33145550101"));
    block_system_set(m.slab, m.block, 2, text_word(&m, "1800"));
    vm_start(m.vm, m.block);
    vm_resume(m.vm, m.block, 0, text_word(&m, "471108154711"));
    vm_resume(m.vm, m.block, 0, s->french);
    uint64_t fields[3] = {text_word(&m, "Dupont"), text_word(&m, "gold"), text_word(&m, "French")}, word;
    cr_assert(block_make_record(m.slab, m.block, s->customer, fields, 3, &word));
    cr_assert_eq(vm_resume(m.vm, m.block, 0, word).step, STEP_ID_select);
    cr_assert_eq(vm_spawn(m.vm, m.block, 0).step, STEP_ID_ivr_music);
    return m;
}

Test(vm_block, compaction_and_moving_never_show, .timeout = 10)
{
    struct sample s;
    struct machine m = waiting(&s);
    uint64_t hash = block_hash(m.slab, machine_block(&m), 1, 0);
    for (int i = 0; i < 400; i++) text_word(&m, "garbage that nobody holds any longer");
    uint32_t large = block_size(machine_block(&m));
    cr_assert_eq(block_hash(m.slab, machine_block(&m), 1, 0), hash);
    block_compact(m.slab, m.block);
    cr_assert_eq(block_hash(m.slab, machine_block(&m), 1, 0), hash);
    cr_assert_lt(block_size(machine_block(&m)), large);
    cr_assert_str_eq(slot_text(&m, 0), "471108154711");
    block_slot_set(machine_block(&m), 0, text_word(&m, "4712"));
    cr_assert_neq(block_hash(m.slab, machine_block(&m), 1, 0), hash);
    machine_free(&m);
}

Test(vm_block, a_waiting_call_is_small, .timeout = 10)
{
    struct sample s;
    struct machine m = waiting(&s);
    block_compact(m.slab, m.block);
    const struct block *block = machine_block(&m);
    cr_assert_leq(8u * block->used_words + block_size(block) - 8u * block->fibers_words, 320, "%u",
                  8u * block->used_words + block_size(block) - 8u * block->fibers_words);
    cr_assert_leq(block_size(block), 320, "%u", block_size(block));
    cr_assert_eq(slab_bytes(m.slab), block_size(block));
    machine_free(&m);
}

Test(vm_block, sixty_four_kilobytes_are_the_limit, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    uint64_t fields[3] = {0, 0, VALUE_NONE}, word, list = 0;
    char text[1000];
    memset(text, 'x', sizeof text);
    int made = 0;
    for (; made < 100; made++) { /* a chain would need a list; slots hold the last, the rest is garbage: always room */
        cr_assert(block_make_text(m.slab, m.block, text, sizeof text, &fields[0]));
        cr_assert(block_make_record(m.slab, m.block, s.customer, fields, 3, &word));
        block_slot_set(machine_block(&m), 2, word);
    }
    cr_assert_leq(block_size(machine_block(&m)), BLOCK_BYTES_MAX);
    for (made = 0; made < 100; made++) { /* user data is held */
        char key[8];
        int length = snprintf(key, sizeof key, "k%d", made);
        if (!block_data_set(m.slab, m.block, key, (uint32_t)length, VALUE_TAG_TEXT, text, sizeof text, 0)) break;
    }
    cr_assert(made > 25 && made < 35, "32,000 bytes of user data: %d", made);
    cr_assert_not(block_make_text(m.slab, m.block, text, 0x20000, &list));
    machine_free(&m);
}

Test(vm_block, user_data_is_ordered_pairs, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    uint64_t key, payload;
    unsigned tag;
    char inlined[8];
    cr_assert(block_data_set(m.slab, m.block, "a key that is long", 18, VALUE_TAG_TEXT, "and its value", 13, 0));
    cr_assert(block_data_set(m.slab, m.block, "n", 1, VALUE_TAG_INT, NULL, 0, 42));
    cr_assert(block_data_set(m.slab, m.block, "t", 1, VALUE_TAG_TEXT | VALUE_TAG_SECRET, "x", 1, 0));
    cr_assert(block_data_set(m.slab, m.block, "n", 1, VALUE_TAG_INT, NULL, 0, 43));
    block_compact(m.slab, m.block);
    cr_assert_eq(block_data_count(machine_block(&m)), 3);
    block_data_at(machine_block(&m), 1, &key, &tag, &payload);
    cr_assert(tag == VALUE_TAG_INT && payload == 43);
    cr_assert_eq(block_data_find(m.image, machine_block(&m), "t", 1), 2);
    block_data_delete(machine_block(&m), 1);
    block_data_at(machine_block(&m), 0, &key, &tag, &payload);
    struct text text = block_text(m.image, machine_block(&m), payload, inlined);
    cr_assert(text.length == 13 && memcmp(text.bytes, "and its value", 13) == 0);
    cr_assert_eq(block_data_count(machine_block(&m)), 2);
    machine_free(&m);
}

Test(vm_block, maps_are_in_the_order_of_their_keys, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    uint64_t pairs[] = {text_word(&m, "b"), 1, text_word(&m, "a much longer key"), 2, text_word(&m, "b"), 3};
    uint64_t map, key, value;
    cr_assert(block_make_map(m.slab, m.block, s.menu, pairs, 3, &map));
    cr_assert_eq(block_count(m.image, machine_block(&m), map), 2);
    cr_assert(block_pair(m.image, machine_block(&m), map, 1, &key, &value));
    cr_assert(key == value_text_inline("b", 1) && value == 3);
    cr_assert(block_map_find(m.image, machine_block(&m), map, "a much longer key", 17, &value) && value == 2);
    cr_assert_not(block_map_find(m.image, machine_block(&m), map, "c", 1, &value));
    machine_free(&m);
}

Test(vm_block, a_copy_goes_on_where_the_original_stood, .timeout = 10)
{
    struct sample s;
    struct error error;
    struct machine m = waiting(&s), other = machine_new(sample_image(&s));
    const struct block *block = machine_block(&m);
    uint64_t hash = block_hash(m.slab, block, 1, 0);
    block_free(other.slab, other.block);
    other.block = block_adopt(other.slab, other.image, block, block_size(block), &error);
    cr_assert_neq(other.block, BLOCK_HANDLE_NONE, "%s", error.text);
    cr_assert_eq(block_hash(other.slab, machine_block(&other), 1, 0), hash);
    cr_assert_eq(vm_resume(other.vm, other.block, 0, 5).step, STEP_ID_route);
    cr_assert_eq(vm_resume(m.vm, m.block, 0, 5).step, STEP_ID_route);
    cr_assert_eq(block_hash(other.slab, machine_block(&other), 1, 0), block_hash(m.slab, machine_block(&m), 1, 0));
    machine_free(&m);
    machine_free(&other);
}

/* Every byte of a parked block altered: refused, or what it says is run safely. */
Test(vm_block, a_block_altered_in_any_byte_is_refused_or_runs_safely, .timeout = 300)
{
    struct sample s;
    struct machine m = waiting(&s);
    cr_assert(block_data_set(m.slab, m.block, "a key that is long", 18, VALUE_TAG_TEXT, "and its value", 13, 0));
    uint32_t size = block_size(machine_block(&m)), taken = 0;
    uint64_t *copy = malloc(size);
    static const uint8_t flips[] = {0x01, 0x02, 0x08, 0x80, 0xff};
    for (uint32_t i = 0; i < size * sizeof flips; i++) {
        struct error error;
        memcpy(copy, machine_block(&m), size);
        ((uint8_t *)copy)[i / sizeof flips] ^= flips[i % sizeof flips];
        struct slab *slab = slab_new(10);
        struct vm_host host = {.attribute = machine_attribute};
        struct vm *vm = vm_new(slab, &host);
        block_handle handle = block_adopt(slab, m.image, copy, size, &error);
        if (handle != BLOCK_HANDLE_NONE) {
            taken++;
            block_hash(slab, block_at(slab, handle), 1, 0);
            block_compact(slab, handle);
            struct vm_result r = {.status = VM_NONE};
            if (vm_parked(slab, block_at(slab, handle), 0, NULL)) r = vm_resume(vm, handle, 0, 5);
            if (r.status == VM_WAIT) vm_fail(vm, handle, 0, VM_CODE_TIMEOUT);
            block_compact(slab, handle);
            vm_handler(vm, handle, HANDLER_ABANDONED, 0);
        }
        vm_free(vm);
        slab_free(slab);
    }
    cr_log_info("%u taken of %zu", taken, size * sizeof flips);
    free(copy);
    machine_free(&m);
}

Test(vm_block, a_truncated_block_is_refused, .timeout = 60)
{
    struct sample s;
    struct machine m = waiting(&s);
    uint32_t size = block_size(machine_block(&m));
    for (uint32_t i = 0; i < size; i += 4) {
        struct error error;
        uint64_t *copy = malloc(i ? i : 1);
        memcpy(copy, machine_block(&m), i);
        cr_assert_not(block_check(copy, i, m.image, &error));
        if (i >= sizeof(struct block))
            ((struct block *)(void *)copy)->class = (uint8_t)(i < BLOCK_BYTES_MIN ? 0 : (i - BLOCK_BYTES_MIN) / 8);
        cr_assert_not(block_check(copy, i, m.image, &error));
        free(copy);
    }
    machine_free(&m);
}

Test(vm_block, a_step_with_tries_has_room_to_count_them_and_a_record_that_has_none_is_refused, .timeout = 10)
{
    struct sample s;
    struct error error = {0};
    struct machine m = machine_new(sample_image(&s));
    cr_assert_eq(vm_start(m.vm, m.block).status, VM_WAIT);
    struct block *block = machine_block(&m);
    uint64_t hash = block_hash(m.slab, block, 1, 0);
    cr_assert_eq(vm_attempt(m.slab, block, 0), 0);
    vm_attempt_set(m.slab, m.block, 0, 2);
    cr_assert_eq(vm_attempt(m.slab, block, 0), 2);
    cr_assert_neq(block_hash(m.slab, block, 1, 0), hash);
    cr_assert(block_check(block, block_size(block), m.image, &error), "%s", error.text);
    struct fiber *fiber = fiber_at(block, block_fibers(block));
    for (unsigned words = 1; words < 64; words++) {
        fiber->words = words & 63u;
        cr_assert_not(block_check(block, block_size(block), m.image, &error), "%u words", words);
    }
    fiber->words = 0;
    machine_free(&m);
}

/* An attribute that few have gets its room when it is set: what is in the heap moves, and stays what it is. */
Test(vm_block, an_attribute_that_few_have_gets_its_room_when_it_is_set, .timeout = 10)
{
    struct sample s;
    struct error error;
    struct machine m = waiting(&s);
    char inlined[8];
    cr_assert(block_data_set(m.slab, m.block, "a key that is long", 18, VALUE_TAG_TEXT, "and its value", 13, 0));
    uint64_t hash = block_hash(m.slab, machine_block(&m), 1, 0), ani = 0;
    cr_assert_eq(block_system(machine_block(&m), 4), VALUE_NONE);
    cr_assert_eq(block_system_text(m.image, machine_block(&m), 5).length, 0u);
    cr_assert(block_system_set(m.slab, m.block, 4, VALUE_NONE) && block_system_set(m.slab, m.block, 5, 0));
    cr_assert(!machine_block(&m)->wide, "what it is without room needs none");
    cr_assert(block_system_set(m.slab, m.block, 5, text_word(&m, "fr-CA-and-long")));
    cr_assert(machine_block(&m)->wide);
    cr_assert(block_check(machine_block(&m), block_size(machine_block(&m)), m.image, &error), "%s", error.text);
    struct text locale = block_system_text(m.image, machine_block(&m), 5);
    cr_assert(locale.length == 14 && memcmp(locale.bytes, "fr-CA-and-long", 14) == 0);
    ani = block_system(machine_block(&m), 1);
    struct text number = block_text(m.image, machine_block(&m), ani, inlined);
    cr_assert(number.length == 12 && memcmp(number.bytes, "+33145550101", 12) == 0);
    cr_assert_eq(block_data_find(m.image, machine_block(&m), "a key that is long", 18), 0);
    cr_assert_eq(block_system(machine_block(&m), 4), VALUE_NONE);
    cr_assert(block_system_set(m.slab, m.block, 5, 0));
    cr_assert_eq(block_hash(m.slab, machine_block(&m), 1, 0), hash, "the same again, whatever room it has");
    cr_assert_eq(vm_resume(m.vm, m.block, 0, 5).step, STEP_ID_route);
    machine_free(&m);
}

Test(vm_block, handles_are_given_again_and_bytes_counted, .timeout = 30)
{
    struct sample s;
    struct image *image = sample_image(&s);
    struct slab *slab = slab_new(5000);
    block_handle handles[5000];
    for (int i = 0; i < 5000; i++) {
        handles[i] = block_new(slab, image, image_strategy(image, 0));
        block_at(slab, handles[i])->arrived = (uint64_t)i;
    }
    cr_assert_eq(block_new(slab, image, image_strategy(image, 0)), BLOCK_HANDLE_NONE);
    for (int i = 0; i < 5000; i++) cr_assert_eq(block_at(slab, handles[i])->arrived, (uint64_t)i);
    uint64_t bytes = slab_bytes(slab);
    for (int i = 0; i < 5000; i += 2) block_free(slab, handles[i]);
    cr_assert_eq(slab_bytes(slab), bytes / 2);
    for (int i = 0; i < 5000; i += 2) {
        handles[i] = block_new(slab, image, image_strategy(image, 0));
        block_at(slab, handles[i])->arrived = (uint64_t)i;
    }
    for (int i = 0; i < 5000; i++) cr_assert_eq(block_at(slab, handles[i])->arrived, (uint64_t)i);
    cr_assert(slab_bytes(slab) == bytes && slab_blocks(slab) == 5000);
    slab_free(slab);
    image_free(image);
}

Test(vm_block, a_block_that_replaces_another_has_its_handle, .timeout = 10)
{
    struct sample s;
    struct image *image = sample_image(&s);
    struct slab *slab = slab_new(2);
    block_handle handle = block_new(slab, image, image_strategy(image, 0));
    uint64_t bytes = slab_bytes(slab);
    for (uint64_t i = 1; i < 10; i++) {
        block_handle other = block_new(slab, image, image_strategy(image, 0));
        block_at(slab, other)->arrived = i;
        block_replace(slab, handle, other);
        cr_assert_eq(block_at(slab, handle)->arrived, i);
        cr_assert(slab_blocks(slab) == 1 && slab_bytes(slab) == bytes);
    }
    slab_free(slab);
    image_free(image);
}

/* Lists that share their parts say far more than they hold: two of 63 elements on each level, the parts of which are
 * the two of the level below, in turn. */
Test(vm_block, what_is_shared_is_hashed_once, .timeout = 10)
{
    enum { LEVELS = 8, COUNT = 63 };
    uint16_t strategy, type = TYPE_INT, types[LEVELS];
    struct image_writer *w = tiny_begin(&strategy);
    for (unsigned level = 0; level < LEVELS; level++) types[level] = type = writer_list(w, type);
    writer_slot(w, strategy, "deep", type, false);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    tiny_stop(w, writer_register(w, TYPE_STR));
    writer_function_end(w);
    struct machine m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
    cr_assert(block_reserve(m.slab, m.block, LEVELS * 2 * (COUNT + 1) * 8));
    uint64_t pair[2] = {1, 2}, next[2];
    for (unsigned level = 0; level < LEVELS; level++) {
        for (unsigned which = 0; which < 2; which++) {
            uint64_t elements[COUNT];
            for (unsigned n = 0; n < COUNT; n++) elements[n] = pair[(n + which) % 2];
            cr_assert(block_make_list(m.slab, m.block, types[level], elements, COUNT, &next[which]));
        }
        memcpy(pair, next, sizeof pair);
    }
    block_slot_set(machine_block(&m), 0, pair[0]);
    uint64_t hash = block_hash(m.slab, machine_block(&m), 1, 0);
    block_slot_set(machine_block(&m), 0, pair[1]);
    cr_assert_neq(block_hash(m.slab, machine_block(&m), 1, 0), hash);
    machine_free(&m);
}

/* Presence of up to eight keys is in the head, of more in a word behind them: at each count all keys come and go, and a
 * block that says otherwise is refused. */
Test(vm_block, every_key_of_any_count_is_attached_and_cleared, .timeout = 10)
{
    static const unsigned counts[] = {1, 7, 8, 9, 12, 63, 64};
    for (size_t at = 0; at < sizeof counts / sizeof *counts; at++) {
        uint16_t strategy;
        struct error error;
        struct image_writer *w = tiny_begin(&strategy);
        char name[16];
        for (unsigned i = 0; i < counts[at]; i++) {
            snprintf(name, sizeof name, "key%u", i);
            writer_slot(w, strategy, name, TYPE_INT, false);
        }
        uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
        tiny_stop(w, sample_k(w, TYPE_STR, 0));
        writer_function_end(w);
        struct machine m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
        uint64_t none = block_hash(m.slab, machine_block(&m), 1, 0), word;
        for (unsigned i = 0; i < counts[at]; i++) {
            cr_assert(!block_slot(machine_block(&m), i, &word), "key %u of %u", i, counts[at]);
            block_slot_set(machine_block(&m), i, 1000 + i);
        }
        block_compact(m.slab, m.block);
        for (unsigned i = 0; i < counts[at]; i++)
            cr_assert(block_slot(machine_block(&m), i, &word) && word == 1000 + i, "key %u of %u", i, counts[at]);
        cr_assert(block_check(machine_block(&m), block_size(machine_block(&m)), m.image, &error), "%s", error.text);
        cr_assert_neq(block_hash(m.slab, machine_block(&m), 1, 0), none);
        for (unsigned i = 0; i < counts[at]; i++) block_slot_clear(machine_block(&m), i);
        cr_assert_eq(block_hash(m.slab, machine_block(&m), 1, 0), none);
        if (counts[at] > 8) {
            machine_block(&m)->present = 1;
            cr_assert(!block_check(machine_block(&m), block_size(machine_block(&m)), m.image, &error));
            machine_block(&m)->present = 0;
        }
        machine_free(&m);
    }
}

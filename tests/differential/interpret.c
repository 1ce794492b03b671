/* tests/differential/interpret.c - A program's image run by the interpreter, and what happened as lines. */
#include "config.h"
#include <inttypes.h>
#include <string.h>

#include "tests/differential/world.h"
#include "tests/fuzz/fuzz.h"
#include "vm/exec.h"

enum { WAITS_MAX = 400, YIELDS_MAX = 2000 };

struct machine {
    const struct image *image;
    struct slab *slab;
    struct vm *vm;
    block_handle block;
    uint64_t seed;
    unsigned waits;
    FILE *trace;
    bool unknown; /* out of fuel or memory, of which the evaluator knows nothing */
};

static const struct block *block_of(const struct machine *m)
{
    return block_at(m->slab, m->block);
}

/* The same form as evaluate_dump()'s. */

static void dump_text(struct machine *m, struct text text)
{
    fputc('"', m->trace);
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        fprintf(m->trace, c < ' ' || c == '"' ? "\\%02x" : "%c", c);
    }
    fputc('"', m->trace);
}

static void dump_payload(struct machine *m, unsigned tag, uint64_t payload)
{
    char inlined[8];
    fputc('{', m->trace);
    if (tag == VALUE_TAG_TEXT)
        dump_text(m, block_text(m->image, block_of(m), payload, inlined));
    else if (tag == VALUE_TAG_FLOAT)
        fprintf(m->trace, "%a", value_float(payload));
    else
        fprintf(m->trace, "%" PRId64, (int64_t)payload);
    fputc('}', m->trace);
}

static void dump(struct machine *m, uint16_t type, uint64_t word);

static void dump_object(struct machine *m, uint16_t type, uint64_t word)
{
    char inlined[8];
    bool record = type_is_record(m->image, type), map = type_is_map(m->image, type);
    uint32_t count = record ? image_field_count(m->image, type) : block_count(m->image, block_of(m), word);
    fputs(record ? "(" : "[", m->trace);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key = 0, value = 0;
        if (i) fputs(", ", m->trace);
        if (map) {
            block_pair(m->image, block_of(m), word, i, &key, &value);
            dump_text(m, block_text(m->image, block_of(m), key, inlined));
            fputs(": ", m->trace);
        } else {
            value = block_element(m->image, block_of(m), word, i);
        }
        dump(m, record ? image_field_type(m->image, type, i) : image_element(m->image, type), value);
    }
    fputs(record ? ")" : "]", m->trace);
}

static void dump(struct machine *m, uint16_t type, uint64_t word)
{
    char inlined[8];
    uint64_t payload;
    if (type_is_optional(type) && value_is_none(type, word)) {
        fputs("none", m->trace);
        return;
    }
    type = type_base(type);
    if (type == TYPE_FLOAT) {
        fprintf(m->trace, "%a", value_float(word));
    } else if (type == TYPE_STR) {
        dump_text(m, block_text(m->image, block_of(m), word, inlined));
    } else if (type == TYPE_VALUE) {
        unsigned tag = block_boxed(m->image, block_of(m), word, &payload);
        dump_payload(m, tag, payload);
    } else if (type_is_name(type)) {
        struct text name = image_text(m->image, image_name(m->image, (uint32_t)word)->text);
        fprintf(m->trace, "<%.*s>", (int)name.length, name.bytes);
    } else if (type_is_object(m->image, type)) {
        dump_object(m, type, word);
    } else {
        fprintf(m->trace, "%" PRId64, (int64_t)word);
    }
}

static void trace_keys(struct machine *m)
{
    const struct image_strategy *strategy = block_strategy(m->slab, block_of(m));
    char inlined[8];
    uint64_t word;
    fprintf(m->trace, "keys");
    for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
        if (!block_slot(block_of(m), i, &word)) continue;
        fprintf(m->trace, " %u=", i);
        dump(m, image_slot(m->image, strategy, i)->type, word);
    }
    for (uint32_t i = 0; i < block_data_count(block_of(m)); i++) {
        uint64_t key, payload;
        unsigned tag;
        block_data_at(block_of(m), i, &key, &tag, &payload);
        fputc(' ', m->trace);
        dump_text(m, block_text(m->image, block_of(m), key, inlined));
        fputc('=', m->trace);
        dump_payload(m, tag, payload);
    }
    fprintf(m->trace, " priority=%" PRId64 "\n", block_of(m)->priority);
}

static void trace_place(struct machine *m, const struct vm_result *result)
{
    struct image_place place;
    MUST(image_place(m->image, result->function, result->pc, &place));
    fprintf(m->trace, " at %u:%u\n", place.line, place.column);
}

static void check(const struct machine *m)
{
    struct error error;
    const struct block *block = block_of(m);
    if (!block_check(block, block->size, m->image, &error)) fuzz_broken(__FILE__, __LINE__, error.text);
}

static bool attribute(void *self, block_handle block, uint8_t fiber, uint32_t number, uint64_t *word)
{
    (void)self, (void)block, (void)fiber;
    *word = number == ATTRIBUTE_ID_now ? (uint64_t)world_now_us : 0;
    return true;
}

static struct vm_result answer(struct machine *m, const struct step *step)
{
    uint16_t result = vm_result_type(m->slab, block_of(m), 0), type = 0;
    uint64_t word = 0, keys = 0, key;
    bool menu = step->number == STEP_ID_ivr_menu, gives = menu || step->number == STEP_ID_ivr_digits;
    struct answer is = world_answer(m->seed, m->waits++, gives);
    if (menu) vm_arg(m->slab, block_of(m), 0, 1, &keys, &type);
    uint32_t choices = menu ? block_count(m->image, block_of(m), keys) : 0;
    if (is.fails || (menu && !choices)) {
        uint16_t code = world_exit(step->name, is.which);
        fprintf(m->trace, "fails %u\n", code);
        return vm_fail(m->vm, m->block, 0, code);
    }
    fprintf(m->trace, "succeeds\n");
    if (menu)
        block_pair(m->image, block_of(m), keys, is.which % choices, &key, &word);
    else if (gives && result != TYPE_VOID)
        MUST(block_make_text(m->slab, m->block, is.text, (uint32_t)strlen(is.text), &word));
    return vm_resume(m->vm, m->block, 0, word);
}

static struct vm_result wait(struct machine *m, const struct vm_result *at)
{
    const struct image_wait *step = vm_step(m->slab, block_of(m), 0);
    const struct step *described = step_numbered(step->step);
    uint64_t word;
    uint16_t type;
    check(m);
    trace_keys(m);
    fprintf(m->trace, "step %s", described->name);
    for (uint16_t i = 0; i < 40; i++) {
        if (!vm_arg(m->slab, block_of(m), 0, i, &word, &type)) continue;
        fprintf(m->trace, " %u=", i);
        dump(m, type, word);
    }
    fprintf(m->trace, " timeout %" PRId64, vm_timeout(m->slab, block_of(m), 0));
    trace_place(m, at);
    if (described->ends) {
        struct vm_result end = vm_resume(m->vm, m->block, 0, 0);
        MUST(end.status == VM_ENDED);
        return end;
    }
    return answer(m, described);
}

static struct vm_result run(struct machine *m, struct vm_result result)
{
    unsigned yields = 0;
    while (result.status == VM_WAIT || result.status == VM_YIELD) {
        if (m->waits > WAITS_MAX || yields > YIELDS_MAX) {
            m->unknown = true;
            return result;
        }
        if (result.status == VM_WAIT)
            result = wait(m, &result);
        else
            yields++, result = vm_continue(m->vm, m->block, result.fiber);
    }
    if (result.status != VM_FAULT) return result;
    if (result.fault == FAULT_FUEL || result.fault == FAULT_MEMORY) m->unknown = true;
    trace_keys(m);
    if (result.code != VM_CODE_FAULT) {
        fprintf(m->trace, "failed %u\n", result.code);
    } else {
        fprintf(m->trace, "fault %u", result.fault);
        trace_place(m, &result);
    }
    return result;
}

bool interpret(const uint8_t *bytes, size_t length, uint64_t seed, FILE *trace, unsigned *waits)
{
    struct error error;
    const struct vm_host host = {.attribute = attribute};
    struct image *image = image_load(bytes, length, &error);
    if (!image) fuzz_broken(__FILE__, __LINE__, error.text);
    struct machine m = {.image = image, .slab = slab_new(2), .seed = seed, .trace = trace};
    m.vm = vm_new(m.slab, &host);
    m.block = block_new(m.slab, image, image_strategy(image, 0), 1);
    struct vm_result result = run(&m, vm_start(m.vm, m.block));
    if (result.status == VM_FAULT && !m.unknown) {
        result = vm_handler(m.vm, m.block, HANDLER_ERROR, result.error);
        if (result.status != VM_NONE) {
            fprintf(trace, "handler\n");
            run(&m, result);
        }
    }
    fprintf(trace, "end\n");
    check(&m);
    *waits = m.waits;
    vm_free(m.vm);
    block_free(m.slab, m.block);
    slab_free(m.slab);
    image_free(image);
    return !m.unknown;
}


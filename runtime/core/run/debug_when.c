/* runtime/core/run/debug_when.c - Runs the condition of a debugger on a machine of its own.
 *
 * The condition is a strategy in an image of its own. The condition runs on a separate slab and VM, with a copy of the
 * interaction's attributes and data, so it cannot change the interaction. The condition is true if the strategy reaches
 * its step `stop`. Fuel is limited: a condition that does not end within a few slices is false. */
#include "runtime/core/run/debug_when.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/ident.h"
#include "vm/exec.h"
#include "vm/native.h"
#include "vm/opcode.h"
#include "vm/steps.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/coerce.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/answers.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/vocabulary.h"

enum { SLICES = 2, SYSTEM_TEXTS = 4, SYSTEM_LOCALE = 5 };

struct debug_when {
    struct image *image;
    struct slab *slab;
    struct vm *vm;
    const struct core *core; /* while it runs */
    const struct interaction *ix;
};

static bool on_attribute(void *self, block_handle block, uint8_t fiber, uint32_t number, uint64_t *word)
{
    const struct debug_when *condition = self;
    const struct core *core = condition->core;
    char id[IXN_TEXT];
    (void)fiber;
    if (number == ATTRIBUTE_ID_id)
        return block_make_text(condition->slab, block, id, ident_print_ixn(condition->ix->id, id), word);
    return interaction_clock(core->interactions, condition->ix, number, word);
}

static uint64_t on_id(void *self, block_handle block)
{
    (void)block;
    return ((const struct debug_when *)self)->ix->id;
}

static bool on_agent(void *self, struct text text, uint64_t *word)
{
    return answer_named(((const struct debug_when *)self)->core, text, word);
}

/* Returns the core's name for a word of the condition's image; 0: the core has no such name. */
static uint32_t debug_when_name(const struct debug_when *condition, uint64_t word)
{
    if (word >= image_count(condition->image, SECTION_NAMES)) return 0;
    struct text text = image_text(condition->image, image_name(condition->image, (uint32_t)word)->text);
    return names_find(condition->core->names, (struct span){(const uint8_t *)text.bytes, text.length});
}

/* True: the question can be answered; debug_when_lacks() knows the same questions. */
static bool is_answered(uint32_t question)
{
    return question == QUESTION_agent_ready || question == QUESTION_agent_logged_in ||
           question == QUESTION_agent_state || question == QUESTION_agent_level || question == QUESTION_ewt_there ||
           question == QUESTION_ewt_low_there || question == QUESTION_ewt_high_there ||
           question == QUESTION_position_there;
}

static bool on_ask(void *self, block_handle block, uint32_t question, uint64_t subject, uint64_t argument,
                   uint64_t *word)
{
    const struct debug_when *condition = self;
    (void)block;
    if (!is_answered(question)) return false;
    if (question == QUESTION_ewt_there || question == QUESTION_ewt_low_there || question == QUESTION_ewt_high_there ||
        question == QUESTION_position_there) {
        *word = answer_vq(condition->core, condition->ix, question, debug_when_name(condition, subject));
        return true;
    }
    uint32_t skill = question == QUESTION_agent_level ? debug_when_name(condition, argument) : 0;
    return answer_agent(condition->core, condition->ix, question, subject, skill, word);
}

/* ---- what a condition asks for ---- */

/* True: the attribute is in the block, or on_attribute() knows it. */
static bool attribute_is_there(uint32_t number)
{
    if (number == ATTRIBUTE_ID_id || number == ATTRIBUTE_ID_now || number == ATTRIBUTE_ID_arrived ||
        number == ATTRIBUTE_ID_waited)
        return true;
    /* clang-format off */
    switch (number) {
#define HEADER(field) return true;
#define SYSTEM(n)     return true;
#define CORE          return false;
#define SLOT          return true;
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc, changes) case number: where
#include "vm/attributes.def"
#undef ATTRIBUTE
#undef HEADER
#undef SYSTEM
#undef CORE
#undef SLOT
    default: return false;
    }
    /* clang-format on */
}

#define NOBODY(asks) "the condition asks for " asks ", which nobody answers before the strategy runs"

static const char *instruction_lacks(const uint32_t *code)
{
    switch (word_op(*code)) {
    case OP_ASK:
        return is_answered(word_c(*code)) ? NULL : NOBODY("who is on the call, or what can be reached");
    case OP_MEASURE:
        return NOBODY("figures");
    case OP_LATCH:
        return NOBODY("latches");
    case OP_TALLIED:
        return NOBODY("counters");
    case OP_MAIN_ATTRIBUTE:
    case OP_MAIN_SLOT:
        return NOBODY("the main interaction");
    case OP_ATTRIBUTE:
        return attribute_is_there(word_bc(*code)) ? NULL : NOBODY("an attribute");
    default:
        return NULL;
    }
}

/* Returns a text about the first thing that the function asks for and that has no answer; NULL: there is none. `seen`
 * has one byte per function. The search follows calls, and looks at each function once. Natives and branches need no
 * check: only instructions that ask the host can have no answer. */
static const char *function_lacks(const struct image *image, uint32_t function, uint8_t *seen)
{
    const struct image_function *row = image_function(image, function);
    const uint32_t *code = image_code(image, row);
    const char *lacks = NULL;
    if (seen[function]++) return NULL;
    for (uint32_t pc = 0; pc < row->code_words && !lacks;) {
        lacks = instruction_lacks(code + pc);
        if (word_op(code[pc]) == OP_CALL) lacks = function_lacks(image, word_b(code[pc]) | word_c(code[pc]) << 8, seen);
        pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout);
    }
    return lacks;
}

const char *debug_when_lacks(const struct debug_when *condition)
{
    const struct image *image = condition->image;
    uint8_t *seen = memory_zeroed(image_count(image, SECTION_FUNCTIONS), 1);
    const struct image_strategy *strategy =
        image_strategy_named(image, CONDITION_STRATEGY, sizeof CONDITION_STRATEGY - 1);
    const char *lacks = function_lacks(image, strategy->function, seen);
    free(seen);
    return lacks;
}

/* ---- its life ---- */

/* True: the image has a strategy that can begin without arguments. */
static bool image_is_condition(const struct image *image)
{
    const struct image_strategy *strategy =
        image_strategy_named(image, CONDITION_STRATEGY, sizeof CONDITION_STRATEGY - 1);
    bool good = strategy && native_all_bound(image);
    for (uint32_t slot = 0; good && slot < image_slot_count(strategy); slot++)
        good = !image_slot(image, strategy, slot)->parameter;
    return good;
}

/* Natives are bound as in the images that the core has loaded, so a condition can call no other
 * code. */
struct debug_when *debug_when_new(const struct strategies *strategies, struct span bytes)
{
    struct error ignored;
    struct image *image = image_load(bytes.bytes, bytes.length, &ignored);
    for (uint32_t at = 0; image && at < strategies->program_count; at++)
        native_bind_alike(image, strategies->programs[at].image);
    if (!image || !image_is_condition(image)) {
        image_free(image);
        return NULL;
    }
    struct debug_when *condition = memory_zeroed(1, sizeof *condition);
    condition->image = image;
    condition->slab = slab_new(1);
    condition->vm = vm_new(
        condition->slab,
        &(struct vm_host){.self = condition, .id = on_id, .attribute = on_attribute, .agent = on_agent, .ask = on_ask});
    return condition;
}

void debug_when_free(struct debug_when *condition)
{
    if (!condition) return;
    vm_free(condition->vm);
    slab_free(condition->slab);
    image_free(condition->image);
    free(condition);
}

struct span debug_when_image(const struct debug_when *condition)
{
    size_t length;
    const void *bytes = image_bytes(condition->image, &length);
    return (struct span){bytes, (uint32_t)length};
}

uint64_t debug_when_hash(const struct debug_when *condition)
{
    uint64_t hash;
    memcpy(&hash, image_hash(condition->image), sizeof hash);
    return hash;
}

static void take_attributes(const struct debug_when *condition, block_handle handle)
{
    const struct core *core = condition->core;
    const struct block *from = block_at(core->slab, condition->ix->block);
    struct block *to = block_at(condition->slab, handle);
    uint64_t word;
    to->arrived = from->arrived;
    to->priority = from->priority;
    to->attempt = from->attempt;
    to->media = from->media;
    to->call_type = from->call_type;
    for (unsigned number = 0; number <= SYSTEM_LOCALE; number++) {
        struct span text = number < SYSTEM_TEXTS || number == SYSTEM_LOCALE
                               ? interaction_system(core->interactions, condition->ix, number)
                               : (struct span){NULL, 0};
        if (text.length > 0 && block_make_text(condition->slab, handle, (const char *)text.bytes, text.length, &word))
            (void)block_system_set(condition->slab, handle, number, word);
    }
}

/* Copies a declared key that has a number or a text; lists and records are not copied. */
static void take_key(const struct debug_when *condition, block_handle handle, uint32_t slot, uint16_t type,
                     const struct kv_value *value)
{
    uint16_t base = type_base(type);
    uint64_t word;
    bool good =
        coerce_is_plain(condition->image, base) ? coerce_plain(condition->image, base, value, &word)
        : base == TYPE_STR && value->tag == KV_TEXT
            ? block_make_text(condition->slab, handle, (const char *)value->span.bytes, value->span.length, &word)
            : false;
    if (good) block_slot_set(block_at(condition->slab, handle), slot, word);
}

/* Copies the data, of each key the first value. */
static void take_data(const struct debug_when *condition, const struct image_strategy *strategy, block_handle handle,
                      struct span data)
{
    struct kv_pair pair;
    uint64_t word;
    for (uint32_t at = 0; kv_next(data, &at, &pair);) {
        const char *key = (const char *)pair.key.bytes;
        if (pair.value.secret) continue; /* a list may contain secrets, too, and is not copied */
        int32_t slot = image_slot_find(condition->image, strategy, key, pair.key.length);
        const struct block *block = block_at(condition->slab, handle);
        if (slot >= 0 && !block_slot(block, (uint32_t)slot, &word))
            take_key(condition, handle, (uint32_t)slot, image_slot(condition->image, strategy, (uint32_t)slot)->type,
                     &pair.value);
        else if (slot < 0 && pair.value.tag != KV_LIST &&
                 block_data_find(condition->image, block, key, pair.key.length) < 0)
            (void)block_data_set(condition->slab, handle, key, pair.key.length, pair.value.tag, pair.value.span.bytes,
                                 pair.value.span.length,
                                 pair.value.tag == KV_FLOAT ? value_from_float(pair.value.number)
                                                            : (uint64_t)pair.value.word);
    }
}

/* True: the condition holds. The condition's block is made for one question and freed afterwards. The condition
 * knows core and interaction only while it runs. */
bool debug_when_holds(const struct debug_when *of, const struct core *core, const struct interaction *ix,
                      struct span data)
{
    /* only scratch memory of the condition is changed */
    struct debug_when *condition = (struct debug_when *)(uintptr_t)of;
    const struct image_strategy *strategy =
        image_strategy_named(condition->image, CONDITION_STRATEGY, sizeof CONDITION_STRATEGY - 1);
    condition->core = core;
    condition->ix = ix;
    block_handle handle = block_new(condition->slab, condition->image, strategy);
    assert(handle != BLOCK_HANDLE_NONE);
    take_attributes(condition, handle);
    take_data(condition, strategy, handle, data);
    struct vm_result result = vm_start(condition->vm, handle);
    for (unsigned slice = 1; result.status == VM_YIELD && slice < SLICES; slice++)
        result = vm_continue(condition->vm, handle, 0);
    block_free(condition->slab, handle);
    condition->core = NULL;
    condition->ix = NULL;
    return result.status == VM_WAIT && result.step == STEP_ID_stop;
}

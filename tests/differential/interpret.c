/* tests/differential/interpret.c - A program's image run by the interpreter, and what happened as lines. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/differential/natives.h"
#include "tests/differential/world.h"
#include "tests/fuzz/fuzz.h"
#include "vm/exec.h"
#include "vm/native.h"
#include "vm/question.h"
#include "vm/steps.h"

enum { WAITS_MAX = 400, YIELDS_MAX = 2000, CUTS_MAX = 20000, TALLIES_MAX = 4000, MADE_BYTES = 2048 };

struct machine {
    const struct image *image;
    struct slab *slab;
    struct vm *vm;
    block_handle block;
    uint64_t seed;
    uint32_t strategy; /* its number */
    unsigned waits, yields, steps;
    bool handling;
    unsigned tally_count;
    struct {
        char *name, *key;
        uint32_t key_length;
    } tallies[TALLIES_MAX];
    FILE *trace;
    bool cut;            /* each slice has the least fuel */
    const char *unknown; /* why: out of fuel or memory, of which the evaluator knows nothing */
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
    if (tag == VALUE_TAG_TEXT || tag == VALUE_TAG_LIST)
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
    if (!block_check(block, block_size(block), m->image, &error)) fuzz_broken(__FILE__, __LINE__, error.text);
}

static bool agent_named(void *self, struct text name, uint64_t *word)
{
    (void)self;
    int64_t number = world_agent(name.bytes, name.length);
    *word = (uint64_t)number;
    return number >= 0;
}

static struct text subject_of(const struct machine *m, uint32_t question, uint64_t word, char inlined[8])
{
    struct text none = {"", (uint32_t)(word % 1000)};
    switch (question) {
    case QUESTION_agent_ready:
    case QUESTION_agent_logged_in:
    case QUESTION_agent_state:
    case QUESTION_agent_level:
        return (struct text){world_agents[word], (uint32_t)strlen(world_agents[word])};
    case QUESTION_queue_reachable:
    case QUESTION_ewt_there:
    case QUESTION_ewt_low_there:
    case QUESTION_ewt_high_there:
    case QUESTION_position_there:
        return image_text(m->image, image_name(m->image, (uint32_t)word)->text);
    case QUESTION_dn_known:
        return block_text(m->image, block_of(m), word, inlined);
    default:
        return none;
    }
}

static bool ask(void *self, block_handle block, uint32_t question, uint64_t subject, uint64_t argument, uint64_t *word)
{
    struct machine *m = self;
    char inlined[8];
    struct text of = subject_of(m, question, subject, inlined), skill = {"", 0};
    if (question == QUESTION_party_count) of.length = 0; /* of any number */
    if (question == QUESTION_agent_level) skill = image_text(m->image, image_name(m->image, (uint32_t)argument)->text);
    int64_t number = world_asked(m->seed, m->waits, question, of.bytes, of.length, skill.length);
    if (question == QUESTION_target_place || number < 0) return false;
    *word = (uint64_t)number;
    if (question != QUESTION_party_dn) return true;
    return block_make_text(m->slab, block, world_dns[number], (uint32_t)strlen(world_dns[number]), word);
}

static bool attribute(void *self, block_handle block, uint8_t fiber, uint32_t number, uint64_t *word)
{
    (void)self, (void)block, (void)fiber;
    *word = number == ATTRIBUTE_ID_now       ? (uint64_t)world_now_us
            : number == ATTRIBUTE_ID_arrived ? (uint64_t)(world_now_us - WAITED_US)
            : number == ATTRIBUTE_ID_waited  ? WAITED_US
                                             : 0;
    return true;
}

static struct text name_of(void *self, uint16_t type, uint64_t word)
{
    static char target[24];
    (void)self;
    const char *name = type == TYPE_AGENT ? world_agents[word] : target;
    if (type != TYPE_AGENT) snprintf(target, sizeof target, "t%" PRIu64, word);
    return (struct text){.bytes = name, .length = (uint32_t)strlen(name)};
}

static int64_t level(void *self, uint64_t skill)
{
    const struct machine *m = self;
    struct text name = image_text(m->image, image_name(m->image, (uint32_t)skill)->text);
    return world_level(name.bytes, name.length);
}

/* A value of the type, in the block, which has room for it. */
static uint64_t made(struct machine *m, uint16_t type, struct stream *stream)
{
    uint64_t words[10] = {0}, word = 0;
    if (type_is_optional(type) && world_below(stream, 4) == 0) return value_none(type);
    type = type_base(type);
    if (type == TYPE_STR) {
        const char *text = world_text(stream);
        MUST(block_make_text(m->slab, m->block, text, (uint32_t)strlen(text), &word));
        return word;
    }
    if (type == TYPE_BOOL) return world_below(stream, 2);
    if (type == TYPE_CLOCK) return (uint64_t)world_below(stream, 86400) * 1000000;
    if (type == TYPE_FLOAT) {
        double real = world_real(stream);
        memcpy(&word, &real, sizeof word);
        return word;
    }
    bool record = type_is_record(m->image, type);
    if (!record && !type_is_list(m->image, type)) return (uint64_t)world_number(stream);
    uint32_t count = record ? image_field_count(m->image, type) : world_below(stream, 3);
    MUST(count <= 10);
    for (uint32_t i = 0; i < count; i++)
        words[i] = made(m, record ? image_field_type(m->image, type, i) : image_element(m->image, type), stream);
    MUST(record ? block_make_record(m->slab, m->block, type, words, count, &word)
                : block_make_list(m->slab, m->block, type, words, count, &word));
    return word;
}

static bool main_of(void *self, block_handle block, bool slot, uint32_t number, uint64_t *word)
{
    struct machine *m = self;
    struct stream stream = world_main(m->seed, m->waits, slot, number);
    uint16_t type = slot ? image_slot(m->image, block_strategy(m->slab, block_of(m)), number)->type
                         : attribute_numbered(number)->type;
    if (!block_reserve(m->slab, block, MADE_BYTES)) return false;
    *word = made(m, type | TYPE_OPTIONAL, &stream);
    return true;
}

static enum vm_setting setting(void *self, block_handle block, uint32_t number, uint64_t *word)
{
    const struct machine *m = self;
    struct text name = image_text(m->image, image_setting(m->image, number)->name);
    int64_t is;
    (void)block;
    if (!world_setting(m->seed, m->waits, name.bytes, name.length, &is)) return VM_SETTING_WRITTEN;
    *word = (uint64_t)is;
    return VM_SETTING_MADE;
}

static enum vm_setting row(void *self, block_handle block, uint32_t number, struct text key, bool prefix,
                           uint64_t *word)
{
    struct machine *m = self;
    const struct image_setting *table = image_setting(m->image, number);
    struct text name = image_text(m->image, table->name);
    struct stream stream = world_stream(m->seed, m->waits);
    (void)prefix;
    enum world_row how = world_row(m->seed, m->waits, name.bytes, name.length, key.bytes, key.length);
    if (how != ROW_MADE) return how == ROW_NONE ? VM_SETTING_NO_ROW : VM_SETTING_WRITTEN;
    if (!block_reserve(m->slab, block, MADE_BYTES)) return VM_SETTING_TOO_LARGE;
    *word = made(m, image_element(m->image, table->type), &stream);
    return VM_SETTING_MADE;
}

/* All of a table: the version says which rows it has, so nothing is kept of it. */
static uint32_t walk(void *self, block_handle block, uint32_t number)
{
    const struct machine *m = self;
    struct text name = image_text(m->image, image_setting(m->image, number)->name);
    (void)block;
    return world_version(m->seed, m->waits, name.bytes, name.length);
}

static bool rows(void *self, block_handle block, uint32_t number, uint32_t *count)
{
    uint32_t version = walk(self, block, number);
    *count = world_rows(version);
    return version != 0;
}

static enum vm_setting at_place(void *self, block_handle block, const struct vm_place *place, uint64_t *word)
{
    struct machine *m = self;
    struct stream stream = world_row_stream(m->seed, place->version, place->index);
    const char *key = world_row_key(place->index);
    if (place->index >= world_rows(place->version)) return VM_SETTING_NO_ROW;
    if (!block_reserve(m->slab, block, MADE_BYTES)) return VM_SETTING_TOO_LARGE;
    if (!place->key)
        *word = made(m, image_element(m->image, image_setting(m->image, place->setting)->type), &stream);
    else
        MUST(block_make_text(m->slab, block, key, (uint32_t)strlen(key), word));
    return VM_SETTING_MADE;
}

/* Somebody is logged in, of whatever a program measures. */
static int64_t measured(void *self, block_handle block, uint32_t number, uint64_t object)
{
    (void)self, (void)block, (void)number, (void)object;
    return 1;
}

static void tally(void *self, struct text name, struct text key, int64_t window_us, uint32_t keys)
{
    struct machine *m = self;
    fprintf(m->trace, "count %.*s %" PRId64 " %" PRIu32 " ", (int)name.length, name.bytes, window_us, keys);
    dump_text(m, key);
    fputc('\n', m->trace);
    if (m->tally_count == TALLIES_MAX) {
        m->unknown = "too many counts";
        return;
    }
    m->tallies[m->tally_count].name = strndup(name.bytes, name.length);
    m->tallies[m->tally_count].key = malloc(key.length + 1u);
    MUST(m->tallies[m->tally_count].name && m->tallies[m->tally_count].key);
    MUST(m->tallies[m->tally_count].name && m->tallies[m->tally_count].key);
    memcpy(m->tallies[m->tally_count].key, key.bytes, key.length);
    m->tallies[m->tally_count++].key_length = key.length;
}

static int64_t tallied(void *self, struct text name, struct text key, int64_t window_us)
{
    const struct machine *m = self;
    int64_t count = 0;
    (void)window_us;
    for (unsigned i = 0; i < m->tally_count; i++) {
        const char *has = m->tallies[i].name, *of = m->tallies[i].key;
        bool named = strlen(has) == name.length && !memcmp(has, name.bytes, name.length);
        bool keyed = m->tallies[i].key_length == key.length && !memcmp(of, key.bytes, key.length);
        count += named && (!key.length || keyed);
    }
    return count;
}

/* The data that came with the call. */
static void bring_data(struct machine *m)
{
    unsigned count;
    const struct datum *data = world_data(&count);
    for (unsigned i = 0; i < count; i++) {
        bool list = data[i].tag == VALUE_TAG_LIST;
        size_t length = 0;
        uint64_t payload = (uint64_t)data[i].number;
        char *packed = list ? world_packed(data[i].items, data[i].count, &length) : NULL;
        if (data[i].tag == VALUE_TAG_FLOAT) memcpy(&payload, &data[i].real, sizeof payload);
        MUST(block_data_set(m->slab, m->block, data[i].key, (uint32_t)strlen(data[i].key), data[i].tag, packed,
                            (uint32_t)length, payload));
        free(packed);
    }
}

static void trace_line(struct machine *m, const struct vm_line *line)
{
    const struct vm_candidate candidate = {.self = m, .level = level};
    int64_t figure;
    if (line->kind == LINE_UNTIL || line->kind == LINE_VALUE) return; /* a value is what was captured, at first */
    if (line->kind == LINE_TIE && line->function == IMAGE_NONE) {
        fprintf(m->trace, " then %s", order_numbered(line->type)->word);
        return;
    }
    if (line->kind == LINE_ORDER || line->kind == LINE_TIE) {
        bool known =
            vm_figure(m->vm, m->image, line->function, line->captures, line->capture_count, &candidate, &figure);
        fprintf(m->trace, known ? " by %" PRId64 : " by none", figure);
        return;
    }
    if (line->kind == LINE_IN) {
        fprintf(m->trace, " in");
        dump(m, TYPE_VQ, line->target);
        return;
    }
    fprintf(m->trace, " line %" PRId64 " share %" PRIu32, line->after_us, line->share);
    if (line->kind == LINE_LEAF)
        fprintf(m->trace, "=%d",
                vm_leaf(m->vm, m->image, line->function, line->captures, line->capture_count, &candidate));
    else if (line->type == TYPE_VOID)
        fputs("=none", m->trace);
    else
        dump(m, line->type, line->target);
}

static void trace_until(struct machine *m, uint8_t fiber)
{
    int64_t again;
    if (!vm_has_until(m->slab, block_of(m), fiber)) return;
    fprintf(m->trace, " until %d", vm_until(m->vm, m->block, fiber, &again));
}

static void trace_step(struct machine *m, const struct vm_result *at)
{
    const struct block *block = block_of(m);
    const struct step *step = step_numbered(vm_step(m->slab, block, at->fiber)->step);
    struct vm_line line;
    uint64_t word;
    uint16_t type;
    check(m);
    trace_keys(m);
    fprintf(m->trace, "step %s", step->name);
    for (uint16_t i = 0; i < 40; i++) {
        if (!vm_arg(m->slab, block_of(m), at->fiber, i, &word, &type)) continue;
        if (step->number == STEP_ID_ivr_choose && i == PARAMETER_ivr_choose_zone) continue; /* a table of the image */
        fprintf(m->trace, " %u=", i);
        dump(m, type, word);
    }
    for (uint32_t i = 0; step->number == STEP_ID_select && i < vm_line_count(m->slab, block_of(m), at->fiber); i++) {
        if (!vm_line(m->slab, block_of(m), at->fiber, i, &line)) continue;
        trace_line(m, &line);
    }
    trace_until(m, at->fiber);
    fprintf(m->trace, " timeout %" PRId64, vm_timeout(m->slab, block_of(m), at->fiber));
    if (step->number == STEP_ID_mandatory)
        fputc('\n', m->trace);
    else
        trace_place(m, at);
}

/* Nothing is waited for. */
static bool passes(const struct step *step)
{
    return step->number == STEP_ID_exclude || step->number == STEP_ID_grow || step->number == STEP_ID_mandatory ||
           step->number == STEP_ID_log_note || step->number == STEP_ID_log_refused;
}

static uint64_t recording(struct machine *m, const struct world_answer *is)
{
    static const char key[] = "a key of many letters";
    uint64_t fields[BLOB_FIELDS] = {[BLOB_FIELD_LENGTH] = is->which}, word = 0;
    MUST(block_reserve(m->slab, m->block, 256));
    MUST(block_make_text(m->slab, m->block, is->text, (uint32_t)strlen(is->text), &fields[BLOB_FIELD_STORE]));
    MUST(block_make_text(m->slab, m->block, key, sizeof key - 1, &fields[BLOB_FIELD_KEY]));
    MUST(block_make_record(m->slab, m->block, TYPE_BLOB, fields, BLOB_FIELDS, &word));
    return word;
}

static struct vm_result answer(struct machine *m, uint8_t fiber)
{
    const struct step *step = step_numbered(vm_step(m->slab, block_of(m), fiber)->step);
    uint16_t result = vm_result_type(m->slab, block_of(m), fiber), type = 0;
    uint64_t word = 0, keys = 0, key;
    if (passes(step)) return vm_resume(m->vm, m->block, fiber, 0);
    bool menu = step->number == STEP_ID_ivr_menu, choose = step->number == STEP_ID_ivr_choose;
    struct world_answer is = world_answer(m->seed, m->waits, true);
    struct stream stream = world_stream(m->seed, m->waits++);
    bool whole = fiber == 0 && !m->handling;
    if (is.gone && whole) {
        fprintf(m->trace, "hangs up\n");
        m->handling = true;
        if (image_strategy(m->image, m->strategy)->on_abandoned != IMAGE_NONE) fprintf(m->trace, "handler\n");
        return vm_handler(m->vm, m->block, HANDLER_ABANDONED, 0);
    }
    const struct image_handler *handler = image_handler_named(m->image, m->strategy, "paid", 4);
    if (!block_reserve(m->slab, m->block, MADE_BYTES)) {
        m->unknown = "memory";
        return (struct vm_result){.status = VM_NONE};
    }
    if (is.signals && whole && handler && !step->ends && step->number != STEP_ID_wait_for) {
        fprintf(m->trace, "handler\n");
        m->handling = true;
        uint16_t of = image_register(m->image, handler->function, 0);
        return vm_signal(m->vm, m->block, handler->function, made(m, of, &stream));
    }
    const struct image_handler *of_main = is.transferred ? image_handler_of(m->image, m->strategy, EVENT_TRANSFERRED)
                                          : is.main_released
                                              ? image_handler_of(m->image, m->strategy, EVENT_MAIN_RELEASED)
                                              : NULL;
    if (of_main && whole && !step->ends) {
        fprintf(m->trace, "handler\n");
        m->handling = true;
        return vm_signal(m->vm, m->block, of_main->function, 0);
    }
    if (menu || choose) vm_arg(m->slab, block_of(m), fiber, 1, &keys, &type);
    uint32_t choices = menu || choose ? block_count(m->image, block_of(m), keys) : 0;
    if (is.fails || ((menu || choose) && !choices)) {
        uint16_t code = world_exit(step->name, is.which);
        fprintf(m->trace, "fails %u\n", code);
        return vm_fail(m->vm, m->block, fiber, code);
    }
    fprintf(m->trace, "succeeds\n");
    if (menu)
        block_pair(m->image, block_of(m), keys, is.which % choices, &key, &word);
    else if (choose)
        word = block_element(m->image, block_of(m), keys, is.which % choices);
    else if (step->number == STEP_ID_ivr_record)
        word = recording(m, &is);
    else if (step->number == STEP_ID_select)
        word = is.which;
    else if (result != TYPE_VOID)
        word = made(m, result, &stream);
    return vm_resume(m->vm, m->block, fiber, word);
}

/* The block's bytes in another place, as from a snapshot, and made small. */
static void move(struct machine *m)
{
    struct error error;
    uint64_t hash = block_hash(m->slab, block_of(m), 1, 0);
    block_compact(m->slab, m->block);
    block_handle moved = block_adopt(m->slab, m->image, block_of(m), block_size(block_of(m)), &error);
    if (moved == BLOCK_HANDLE_NONE) fuzz_broken(__FILE__, __LINE__, error.text);
    block_replace(m->slab, m->block, moved);
    MUST(block_hash(m->slab, block_of(m), 1, 0) == hash);
}

static void next_slice(struct machine *m)
{
    if (!m->cut) return;
    vm_turn(m->vm, 0);
    vm_charge(m->vm, VM_SLICE_FUEL - 1);
}

/* Past what is only fuel. */
static struct vm_result run_past_fuel(struct machine *m, struct vm_result result)
{
    while (result.status == VM_YIELD && m->yields++ <= (m->cut ? CUTS_MAX : YIELDS_MAX)) {
        if (m->cut) move(m);
        next_slice(m);
        result = vm_continue(m->vm, m->block, result.fiber);
    }
    next_slice(m);
    if (m->cut && result.status == VM_WAIT) move(m);
    bool out = result.status == VM_FAULT && (result.fault == FAULT_FUEL || result.fault == FAULT_MEMORY);
    if (result.status == VM_YIELD || out) m->unknown = out && result.fault == FAULT_MEMORY ? "memory" : "fuel";
    return result;
}

/* Beside the wait. True: that is what became of it. */
static bool busy_rounds(struct machine *m, uint8_t parent, struct vm_result *next)
{
    unsigned rounds = world_answer(m->seed, m->waits, false).rounds;
    for (unsigned i = 0; i < rounds && !m->unknown; i++) {
        fprintf(m->trace, "round");
        trace_until(m, parent);
        fputc('\n', m->trace);
        struct vm_result round = run_past_fuel(m, vm_spawn(m->vm, m->block, parent));
        while (round.status == VM_WAIT && m->waits <= WAITS_MAX) {
            trace_step(m, &round);
            round = run_past_fuel(m, answer(m, round.fiber));
        }
        if (round.status == VM_WAIT) m->unknown = "too many waits";
        if (round.status == VM_LEFT) *next = vm_exit(m->vm, m->block, parent, round.exit);
        if (round.status == VM_LEFT) return true;
        if (round.status != VM_FAULT) continue;
        if (round.code == VM_CODE_FAULT) *next = round;
        if (round.code == VM_CODE_FAULT) return true;
        fprintf(m->trace, "round fails %u\n", round.code);
        if (round.code != VM_CODE_FAILED) continue;
        *next = vm_fail_with(m->vm, m->block, parent, round.code, round.error);
        return true;
    }
    return false;
}

/* The end of a race or parallel, by the end of a child; false: it goes on. */
static bool child_decides(struct machine *m, uint8_t parent, bool race, unsigned *left, struct vm_result *child)
{
    (*left)--;
    if (child->status == VM_LEFT) {
        *child = vm_exit(m->vm, m->block, parent, child->exit);
        return true;
    }
    if (child->status == VM_FAULT && child->code == VM_CODE_FAULT) return true;
    if (child->status == VM_FAULT) {
        fprintf(m->trace, "child fails %u\n", child->code);
        if (race && *left) return false;
        *child = vm_fail_with(m->vm, m->block, parent, child->code, child->error);
        return true;
    }
    if (!race && *left) return false;
    *child = race ? vm_exit(m->vm, m->block, parent, child->exit) : vm_resume(m->vm, m->block, parent, 0);
    return true;
}

static struct vm_result fork_steps(struct machine *m, uint8_t parent, uint16_t count)
{
    bool race = vm_step(m->slab, block_of(m), parent)->step == STEP_ID_race;
    uint8_t fibers[8] = {0};
    unsigned left = count, parked = 0;
    struct vm_result child = {.status = VM_NONE};
    MUST(count <= 8);
    for (uint16_t i = 0; i < count; i++) {
        child = run_past_fuel(m, vm_fork(m->vm, m->block, parent, i));
        if (m->unknown) return child;
        if (child.status == VM_WAIT) {
            trace_step(m, &child);
            fibers[parked++] = child.fiber;
        } else if (child_decides(m, parent, race, &left, &child)) {
            return child;
        }
    }
    while (parked) {
        unsigned which = world_pick(m->seed, m->waits, parked);
        uint8_t fiber = fibers[which];
        memmove(fibers + which, fibers + which + 1, --parked - which);
        child = run_past_fuel(m, answer(m, fiber));
        if (m->unknown || child_decides(m, parent, race, &left, &child)) return child;
    }
    MUST(false); /* a child is lost */
    return child;
}

static struct vm_result wait(struct machine *m, const struct vm_result *at)
{
    const struct image_wait *step = vm_step(m->slab, block_of(m), 0);
    const struct step *described = step_numbered(step->step);
    struct vm_result next;
    bool route = described->number == STEP_ID_route, busy = step->busy != IMAGE_NONE;
    trace_step(m, at);
    uint16_t children = vm_children(m->slab, block_of(m), 0);
    if (children) return fork_steps(m, 0, children);
    if (busy && busy_rounds(m, 0, &next)) return next;
    if (described->ends && !route) return vm_resume(m->vm, m->block, 0, 0);
    return answer(m, 0);
}

static struct vm_result run(struct machine *m, struct vm_result result)
{
    result = run_past_fuel(m, result);
    while (result.status == VM_WAIT && !m->unknown) {
        if (m->waits > WAITS_MAX || m->steps++ > WAITS_MAX) m->unknown = "too many waits";
        if (m->unknown) return result;
        result = run_past_fuel(m, wait(m, &result));
    }
    if (result.status != VM_FAULT || m->unknown) return result;
    trace_keys(m);
    if (result.code != VM_CODE_FAULT || result.fault == FAULT_NONE) { /* as a child of it failed */
        fprintf(m->trace, "failed %u\n", result.code);
    } else {
        fprintf(m->trace, "fault %u", result.fault);
        trace_place(m, &result);
    }
    return result;
}

static void bind_natives(struct image *image)
{
    for (uint32_t n = 0; n < image_count(image, SECTION_NATIVES); n++) {
        struct text name = image_text(image, image_native(image, n)->name);
        for (unsigned i = 0; i < WORLD_NATIVES; i++)
            if (strlen(world_natives[i].name) == name.length && !memcmp(world_natives[i].name, name.bytes, name.length))
                native_bind(image, n, world_natives[i].function, true);
    }
    MUST(native_all_bound(image));
}

static uint32_t strategy_numbered(const struct image *image)
{
    uint32_t n = 0;
    while (image_strategy(image, n) != image_strategy_named(image, "s", 1)) n++;
    return n;
}

const char *interpret(const uint8_t *bytes, size_t length, uint64_t seed, bool cut, FILE *trace, unsigned *waits)
{
    struct error error;
    struct image *image = image_load(bytes, length, &error);
    if (!image) fuzz_broken(__FILE__, __LINE__, error.text);
    bind_natives(image);
    struct machine m = {.image = image, .slab = slab_new(2), .seed = seed, .trace = trace, .cut = cut};
    const struct vm_host host = {.self = &m,
                                 .attribute = attribute,
                                 .name = name_of,
                                 .setting = setting,
                                 .row = row,
                                 .walk = walk,
                                 .rows = rows,
                                 .at = at_place,
                                 .agent = agent_named,
                                 .ask = ask,
                                 .main = main_of,
                                 .measure = measured,
                                 .tally = tally,
                                 .tallied = tallied};
    m.strategy = strategy_numbered(image);
    m.vm = vm_new(m.slab, &host);
    m.block = block_new(m.slab, image, image_strategy(image, m.strategy));
    bring_data(&m);
    next_slice(&m);
    struct vm_result result = run(&m, vm_start(m.vm, m.block));
    if (result.status == VM_FAULT && !m.unknown && !m.handling) {
        m.handling = true;
        if (image_strategy(image, m.strategy)->on_error != IMAGE_NONE) fprintf(trace, "handler\n");
        result = vm_handler(m.vm, m.block, HANDLER_ERROR, result.error);
        if (result.status != VM_NONE) run(&m, result);
    }
    if (!m.unknown) fprintf(trace, "end\n");
    check(&m);
    *waits = m.waits;
    for (unsigned i = 0; i < m.tally_count; i++) {
        free(m.tallies[i].name);
        free(m.tallies[i].key);
    }
    vm_free(m.vm);
    block_free(m.slab, m.block);
    slab_free(m.slab);
    image_free(image);
    return m.unknown;
}

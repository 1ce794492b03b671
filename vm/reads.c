/* vm/reads.c - Examines an image's code: its use of settings and names.
 *
 * The answers are for people and for checks before a program is loaded: to which queues a strategy may route, which
 * texts it looks up. The code is read in order, without running it:
 *
 *     LOAD r4 queue sales      r4 is marked: the route's destination comes from here, so "sales" is a destination
 *     MOVE r6 r4
 *     STEP route(target: r6)   marked first; then r4, by the MOVE
 *
 * If a value comes from elsewhere (a call, a list, a parameter), the answer contains too much rather than too
 * little: then every queue that the functions load may be the destination. */
#include <stdlib.h>
#include <string.h>

#include "vm/image_data.h"
#include "vm/instruction.h"
#include "vm/memory.h"
#include "vm/opcode.h"
#include "vm/question.h"
#include "vm/reads.h"
#include "vm/steps.h"
#include "vm/value.h"

bool image_reads_whole(const struct image *image, uint32_t setting, struct image_reader *reader)
{
    for (uint32_t f = 0; f < image->count[SECTION_FUNCTIONS]; f++) {
        const struct image_function *function = &image->functions[f];
        const uint32_t *code = image->code + function->code;
        for (uint32_t pc = 0; pc < function->code_words;
             pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout))
            if (word_op(code[pc]) == OP_SETTING && word_bc(code[pc]) == setting) {
                if (reader) *reader = (struct image_reader){f, pc};
                return true;
            }
    }
    return false;
}

static bool reads_is_name(const struct image *image, uint32_t constant, uint32_t name)
{
    const struct image_constant *row = image_constant(image, constant);
    return type_base(row->type) == image_name(image, name)->kind && row->word == name;
}

static bool operand_is_name(const struct image *image, uint16_t operand, uint32_t name)
{
    return operand != OPERAND_NONE && (operand & OPERAND_CONSTANT) != 0 &&
           reads_is_name(image, operand & ~(uint32_t)OPERAND_CONSTANT, name);
}

/* Does the wait point use the name? Its arguments and lines are examined; functions that it calls are examined
 * separately. */
static bool wait_uses(const struct image *image, const struct image_wait *wait, uint32_t name)
{
    for (uint32_t i = 0; i < wait->arguments; i++)
        if (operand_is_name(image, image_operands(image, wait->operands)[i].operand, name)) return true;
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct image_line *line = &image_lines(image, wait->lines)[i];
        if ((line->kind == LINE_TARGET || line->kind == LINE_IN) && operand_is_name(image, line->operand, name))
            return true;
    }
    return false;
}

static bool word_uses(const struct image *image, uint32_t word, uint32_t name)
{
    switch (word_op(word)) {
    case OP_LOAD:
        return reads_is_name(image, word_bc(word), name);
    case OP_STEP:
    case OP_CALL_WAIT:
        return wait_uses(image, image_wait(image, word_bc(word)), name);
    default:
        return false;
    }
}

bool image_uses_name(const struct image *image, uint32_t name, struct image_reader *reader)
{
    for (uint32_t f = 0; f < image->count[SECTION_FUNCTIONS]; f++) {
        const struct image_function *function = &image->functions[f];
        const uint32_t *code = image->code + function->code;
        for (uint32_t pc = 0; pc < function->code_words;
             pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout))
            if (word_uses(image, code[pc], name)) {
                *reader = (struct image_reader){f, pc};
                return true;
            }
    }
    return false;
}

/* Finds the functions that a strategy runs; repeats until nothing new is found, as subroutines call subroutines. The
 * children of a race or parallel and the conditions of lines name their strategy in their own row. */
void image_strategy_runs(const struct image *image, uint32_t strategy, bool *runs)
{
    uint32_t count = image_count(image, SECTION_FUNCTIONS);
    for (uint32_t f = 0; f < count; f++) runs[f] = image_function(image, f)->strategy == strategy;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < image_count(image, SECTION_WAITS); i++) {
            const struct image_wait *wait = image_wait(image, i);
            const uint32_t called[] = {wait->callee, wait->busy};
            for (unsigned k = 0; k < 2 && runs[wait->function]; k++) {
                if (called[k] >= count || runs[called[k]]) continue;
                runs[called[k]] = more = true;
            }
        }
    }
}

bool image_strategy_chooses(const struct image *image, uint32_t strategy)
{
    bool *runs = memory_new(image_count(image, SECTION_FUNCTIONS) * sizeof *runs), chooses = false;
    image_strategy_runs(image, strategy, runs);
    for (uint32_t i = 0; i < image_count(image, SECTION_WAITS) && !chooses; i++)
        chooses = image_wait(image, i)->step == STEP_ID_select && runs[image_wait(image, i)->function];
    free(runs);
    return chooses;
}

/* Does an object in the image's data contain the name with the number `name`? The objects are stored one after
 * another, and the verifier has noted their types. */
static bool data_says_name(const struct image *image, uint32_t name)
{
    uint16_t kind = image_name(image, name)->kind;
    for (uint32_t at = 0; at < image->count[SECTION_DATA];) {
        struct heap_object object;
        memcpy(&object, image->data + at, sizeof object);
        uint16_t type = (uint16_t)object.type;
        bool map = type_is_map(image, type), record = type_is_record(image, type);
        uint32_t words = map ? 2 * object.count : object.count;
        at += (uint32_t)sizeof object;
        for (uint32_t i = 0; i < words; i++, at += 8) {
            uint64_t word;
            memcpy(&word, image->data + at, sizeof word);
            if (map && i % 2 == 0) continue; /* an even word is a map's key, which is a text */
            uint16_t of = record ? image_field_type(image, type, i) : image_element(image, type);
            if (type_base(of) == kind && word == name) return true;
        }
    }
    return false;
}

bool image_says_name(const struct image *image, uint32_t name)
{
    for (uint32_t i = 0; i < image->count[SECTION_CONSTANTS]; i++)
        if (reads_is_name(image, i, name)) return true;
    return image_name(image, name)->kind == NAME_LOCALE || data_says_name(image, name);
}

/* Does a jump from outside lead to the code after `from`, up to and including `to`? */
static bool reads_enters(const struct image_function *function, const uint32_t *code, uint32_t from, uint32_t to)
{
    for (uint32_t pc = 0; pc < function->code_words;) {
        const struct opcode_info *info = opcode_info(word_op(code[pc]));
        uint32_t words = opcode_layout_words(info->layout);
        struct instruction i = {.info = info, .word = code[pc], .extension = words == 2 ? code[pc + 1] : 0};
        bool taken = instruction_take(&i);
        for (unsigned n = 0; n < 3 && taken && (pc < from || pc >= to); n++)
            if (info->operand[n].role == ROLE_TARGET && i.operand[n] > from && i.operand[n] <= to) return true;
        pc += words;
    }
    return false;
}

/* Returns the register into which the next instruction moves what is loaded here, if no jump leads there;
 * REGISTER_NONE: there is none. */
static unsigned load_moves_to(const struct image_function *function, const uint32_t *code, uint32_t pc)
{
    uint32_t next = pc + 1;
    bool moves = word_op(code[pc]) == OP_LOAD && next < function->code_words && word_op(code[next]) == OP_MOVE &&
                 word_b(code[next]) == word_a(code[pc]);
    return moves && !reads_enters(function, code, pc, next) ? word_a(code[next]) : REGISTER_NONE;
}

/* Returns the register of the route's destination, if that is a computed value of this kind; REGISTER_NONE: it is
 * not. */
static unsigned wait_routes_computed(const struct image *image, const struct image_wait *wait, uint16_t kind)
{
    for (uint32_t i = 0; wait->step == STEP_ID_route && i < wait->arguments; i++) {
        const struct image_operand *row = &image_operands(image, wait->operands)[i];
        if (row->parameter != PARAMETER_route_target) continue;
        bool computed = (row->operand & OPERAND_CONSTANT) == 0 &&
                        type_base(image_register(image, wait->function, (uint8_t)row->operand)) == kind;
        return computed ? (unsigned)row->operand : REGISTER_NONE;
    }
    return REGISTER_NONE;
}

/* Also marks the registers from which marked registers may get their values. False: a marked register gets its value
 * from elsewhere, such as a call, a list or a parameter. */
static bool reads_marks_sources(const struct image *image, uint32_t f, bool marked[UINT8_MAX + 1])
{
    const struct image_function *function = &image->functions[f];
    const uint32_t *code = image->code + function->code;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t pc = 0, last = 0; pc < function->code_words;
             last = pc, pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout)) {
            unsigned op = word_op(code[pc]), a = word_a(code[pc]), b = word_b(code[pc]);
            if (op == OP_NEXT_PAIR && marked[code[pc + 1] >> 16 & UINT8_MAX]) return false;
            if (opcode_info(op)->operand[0].role != ROLE_WRITE || !marked[a] || op == OP_LOAD) continue;
            if (op != OP_MOVE && op != OP_UNWRAP) return false;
            if (op == OP_MOVE && load_moves_to(function, code, last) == a && last + 1 == pc) continue;
            more = more || !marked[b];
            marked[b] = true;
        }
    }
    for (unsigned i = 0; i < function->parameters; i++)
        if (marked[i]) return false;
    return true;
}

/* If the constant is the name of a queue, notes that the code routes to that queue, unless it is noted already. */
static void routes_note(const struct image *image, uint32_t constant, const struct image_reader *at,
                        struct image_routed *by_name)
{
    const struct image_constant *row = image_constant(image, constant);
    bool queue = type_base(row->type) == TYPE_QUEUE && row->word < image_count(image, SECTION_NAMES); /* not none */
    if (queue && !by_name[row->word].there) by_name[row->word] = (struct image_routed){true, *at};
}

static void routes_note_operand(const struct image *image, uint16_t operand, const struct image_reader *at,
                                struct image_routed *by_name)
{
    if (operand != OPERAND_NONE && (operand & OPERAND_CONSTANT) != 0)
        routes_note(image, operand & ~(uint32_t)OPERAND_CONSTANT, at, by_name);
}

static void routes_note_wait(const struct image *image, const struct image_wait *wait, const struct image_reader *at,
                             struct image_routed *by_name)
{
    for (uint32_t i = 0; i < wait->arguments; i++)
        routes_note_operand(image, image_operands(image, wait->operands)[i].operand, at, by_name);
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct image_line *line = &image_lines(image, wait->lines)[i];
        if (line->kind == LINE_TARGET || line->kind == LINE_IN) routes_note_operand(image, line->operand, at, by_name);
    }
}

/* Notes the names that the function loads into one of the marked registers; `marked` NULL: into any. */
static void routes_note_loads(const struct image *image, uint32_t f, const bool *marked, const struct image_reader *at,
                              struct image_routed *by_name)
{
    const struct image_function *function = &image->functions[f];
    const uint32_t *code = image->code + function->code;
    for (uint32_t pc = 0; pc < function->code_words;
         pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout)) {
        if (word_op(code[pc]) != OP_LOAD || type_base(image_constant(image, word_bc(code[pc]))->type) != TYPE_QUEUE)
            continue;
        unsigned to = marked && !marked[word_a(code[pc])] ? load_moves_to(function, code, pc) : word_a(code[pc]);
        if (!marked || (to != REGISTER_NONE && marked[to])) routes_note(image, word_bc(code[pc]), at, by_name);
    }
}

/* Notes where a function routes to; destinations that are constants are noted at their instruction. If a
 * destination's register gets its value from elsewhere, every queue that is loaded or in the image's data is noted
 * once, at `elsewhere`. */
void image_routes(const struct image *image, uint32_t f, const bool *loads, struct image_routed *by_name)
{
    const struct image_function *function = &image->functions[f];
    const uint32_t *code = image->code + function->code;
    struct image_reader elsewhere = {f, UINT32_MAX}; /* the instruction whose destination comes from elsewhere */
    for (uint32_t pc = 0; pc < function->code_words;
         pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout)) {
        const struct image_wait *wait = word_op(code[pc]) == OP_STEP ? image_wait(image, word_bc(code[pc])) : NULL;
        struct image_reader at = {f, pc};
        if (wait && (wait->step == STEP_ID_route || wait->step == STEP_ID_select))
            routes_note_wait(image, wait, &at, by_name);
        bool marked[UINT8_MAX + 1] = {false};
        unsigned to = wait ? wait_routes_computed(image, wait, TYPE_QUEUE) : REGISTER_NONE;
        if (elsewhere.pc != UINT32_MAX || to == REGISTER_NONE) continue;
        marked[to] = true;
        if (reads_marks_sources(image, f, marked))
            routes_note_loads(image, f, marked, &at, by_name);
        else
            elsewhere = at;
    }
    if (elsewhere.pc == UINT32_MAX) return;
    for (uint32_t g = 0; g < image->count[SECTION_FUNCTIONS]; g++)
        if (loads[g]) routes_note_loads(image, g, NULL, &elsewhere, by_name);
    for (uint32_t name = 0; name < image_count(image, SECTION_NAMES); name++)
        if (image_name(image, name)->kind == TYPE_QUEUE && !by_name[name].there && data_says_name(image, name))
            by_name[name] = (struct image_routed){true, elsewhere};
}

static bool constant_is_text(const struct image *image, uint32_t constant, struct text *text, char inlined[8])
{
    const struct image_constant *row = image_constant(image, constant);
    if (row->type != TYPE_STR) return false;
    memcpy(inlined, &row->word, 8);
    bool short_one = value_where(row->word) <= VALUE_INLINE_MAX;
    *text = (struct text){short_one ? inlined : image->strings + value_offset(row->word), value_text_length(row->word)};
    return true;
}

/* Does the instruction load a text constant into register `into`? Puts the text out. */
static bool reads_text(const struct image *image, uint32_t word, unsigned into, struct text *text, char inlined[8])
{
    return word_op(word) == OP_LOAD && word_a(word) == into && constant_is_text(image, word_bc(word), text, inlined);
}

bool image_says_text(const struct image *image, uint16_t operand, struct text *text, char inlined[8])
{
    return operand != OPERAND_NONE && (operand & OPERAND_CONSTANT) != 0 &&
           constant_is_text(image, operand & ~(uint32_t)OPERAND_CONSTANT, text, inlined);
}

/* For each register, the place after the instruction before this place that last wrote it, a LOAD (key) or a BOX
 * (box); 0: another instruction did. Jumps lead into the code of an expression only from inside it, so this is
 * really the last writer. */
struct reads_written {
    uint32_t key[UINT8_MAX + 1], box[UINT8_MAX + 1], map;
};

static void reads_written(const struct image_function *function, const uint32_t *code, uint32_t until, uint16_t map,
                          struct reads_written *written)
{
    *written = (struct reads_written){.map = 0};
    for (uint32_t pc = 0, before = 0; pc < until;
         before = pc, pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout)) {
        unsigned op = word_op(code[pc]), a = word_a(code[pc]), b = word_b(code[pc]);
        bool boxed = op == OP_MOVE && written->box[b] == pc && word_op(code[before]) == OP_BOX &&
                     !reads_enters(function, code, before, pc);
        if (opcode_info(op)->operand[0].role != ROLE_WRITE) continue;
        written->key[a] = op == OP_LOAD ? pc + 1 : 0;
        written->box[a] = op == OP_BOX ? pc + 1 : boxed ? written->box[b] : 0;
        if (a == map) written->map = op == OP_MAP ? pc + 1 : 0;
    }
}

/* Reads a pair of a map's literal, whose code loads each key, boxes each value, and then makes the map from a row of
 * registers:
 *
 *     LOAD r8 "tier"   BOX r9 r3   LOAD r10 "lang"   BOX r11 r4   MAP r5 r8 *2
 *
 * The registers are examined at the MAP instruction: later, other expressions may use them. */
bool image_says_pair(const struct image *image, const struct image_wait *wait, uint16_t operand, uint32_t index,
                     struct image_pair *pair)
{
    struct reads_written written;
    const struct image_function *function = &image->functions[wait->function];
    const uint32_t *code = image->code + function->code;
    if ((operand & OPERAND_CONSTANT) != 0 || operand > UINT8_MAX) return false;
    reads_written(function, code, wait->pc, operand, &written);
    if (written.map == 0 || reads_enters(function, code, written.map - 1, wait->pc)) return false;
    uint32_t map = code[written.map - 1];
    reads_written(function, code, written.map - 1, operand, &written); /* the register may have been reused since */
    if (index >= word_c(map)) return false;
    unsigned at = word_b(map) + 2 * index;
    uint32_t key = written.key[at], box = written.box[at + 1];
    *pair = (struct image_pair){.wait = wait, .at = key, .box = box};
    if (key == 0 || box <= key || !reads_text(image, code[key - 1], at, &pair->key, pair->inlined)) return true;
    pair->known = true;
    pair->type = image_register(image, wait->function, (uint8_t)word_b(code[box - 1]));
    return true;
}

/* Gets one text that may be the value per call: for `a if x else b` there are two. `*always`: the text is loaded
 * directly before the BOX, and no jump skips the load. */
bool image_pair_text(const struct image *image, struct image_pair *pair, struct text *text, char inlined[8],
                     bool *always)
{
    const struct image_function *function = &image->functions[pair->wait->function];
    const uint32_t *code = image->code + function->code;
    uint32_t box = pair->box - 1;
    while (pair->at < box) {
        uint32_t pc = pair->at, next = pc + opcode_layout_words(opcode_info(word_op(code[pc]))->layout);
        pair->at = next;
        if (!reads_text(image, code[pc], word_b(code[box]), text, inlined)) continue;
        *always = next == box && !reads_enters(function, code, pc, box);
        while (next < box && word_op(code[next]) == OP_JUMP) next = word_abc(code[next]);
        if (next == box) return true;
    }
    return false;
}

/* Finds of which kind the names are among which the instruction looks for a register's text. False: it does not. */
static bool reads_named(const struct image *image, const struct image_reader *at, uint32_t word, uint16_t *kind)
{
    bool dn = word_op(word) == OP_ASK && word_c(word) == QUESTION_dn_known;
    if (!dn && word_op(word) != OP_NAMED) return false;
    *kind = dn ? TYPE_DN : type_base(image_register(image, at->function, (uint8_t)word_a(word)));
    return true;
}

/* Finds the next name that a strategy writes as a text; `at` is where the search continues; the caller begins with
 * function 0, pc 0, and calls this until it returns false. */
bool image_next_spelled(const struct image *image, struct image_reader *at, uint16_t *kind, struct text *text,
                        char inlined[8])
{
    for (; at->function < image->count[SECTION_FUNCTIONS]; at->function++, at->pc = 0) {
        const struct image_function *function = &image->functions[at->function];
        /* the LOAD, if it is the instruction directly before; else NULL */
        const uint32_t *code = image->code + function->code, *load = NULL;
        while (at->pc < function->code_words) {
            const uint32_t *word = &code[at->pc];
            if (load && reads_named(image, at, *word, kind) && reads_text(image, *load, word_b(*word), text, inlined)) {
                at->pc += opcode_layout_words(opcode_info(word_op(*word))->layout);
                return true;
            }
            if (word_op(*word) != OP_LOAD_NONE) load = word_op(*word) == OP_LOAD ? word : NULL;
            at->pc += opcode_layout_words(opcode_info(word_op(*word))->layout);
        }
    }
    return false;
}

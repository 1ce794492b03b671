/* runtime/sim/cover.c - Counts what a play runs: words of code, branches taken, arms of tables, exits of wait
 * points.
 *
 * A cover is a watch of the VM: on_instruction counts, cover_on_wait may make a step end in a way that the test never
 * causes (`forced`), and cover_on_ended counts how waits ended. A branch was taken if the word that runs next is not
 * the following one, so the code need not be decoded twice. Counters stay at their highest value and never wrap.
 *
 *     ran[w]    by word of code: how often it ran              lines
 *     taken[w]  by word of a branch: how often it jumped       ways at branches; the other way is ran - taken
 *     led[a]    by arm of a table: how often it led there      ways of a segment
 *     ended[x]  by wait point and code                         exits of steps
 *
 * An author does not know words of code. So cover_read() converts words of code to places in the source by the image's
 * table of places: a place is a range of words, and its count is the highest one among them. */
#include "runtime/sim/cover.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/exits.h"
#include "vm/opcode.h"
#include "vm/steps.h"

enum { CODES = 256, NO_WAIT = UINT32_MAX, NO_TABLE = UINT32_MAX };

struct arm { /* one target of a table of SEGMENT */
    uint32_t table, target;
};

struct cover {
    const struct image *image;
    struct vm_watch watch;
    uint32_t words, waits;
    uint32_t *ran, *taken; /* per word of all code: how often the word ran, and how often the next word to run was
                            * not the following one */
    uint32_t *ended;       /* CODES + 1 counters per wait point; the last one counts successes */
    struct arm *arms;      /* ascending, each once */
    uint32_t *led;         /* by arm */
    uint32_t arm_count;
    uint32_t table;          /* the table, if the last instruction was a SEGMENT, else NO_TABLE */
    uint32_t before, behind; /* the last instruction, if it was a branch, and the word after it; else UINT32_MAX */
    uint32_t forced_wait;
    int32_t forced_code;
    int32_t happens;
    uint32_t took;        /* the wait point that took the forced signal, or NO_WAIT */
    uint64_t forced_with; /* the first interaction that met the forced signal; 0: none has */
};

/* Is the instruction a branch, that is, has it a target to which it does not always jump? */
static bool is_branch(const struct opcode_info *info, unsigned op)
{
    bool target = false;
    for (unsigned i = 0; i < 3; i++) target = target || info->operand[i].role == ROLE_TARGET;
    return target && op != OP_JUMP && op != OP_LOOP;
}

static int by_arm(const void *left, const void *right)
{
    const struct arm *a = left, *b = right;
    uint32_t x = a->table == b->table ? a->target : a->table, y = a->table == b->table ? b->target : b->table;
    return (x > y) - (x < y);
}

/* Adds an arm, unless the one before has the same target; other duplicates are removed after sorting. */
static void add_arm(struct cover *c, uint32_t table, uint32_t target)
{
    const struct arm arm = {table, target & 0xffff}; /* above it: its rank */
    if (target == TABLE_NO) return;
    if (c->arm_count > 0 && by_arm(&c->arms[c->arm_count - 1], &arm) == 0) return;
    c->arms[c->arm_count++] = arm;
}

static void add_arms(struct cover *c, uint32_t number, const uint32_t *table)
{
    const uint32_t *rows = table + 4;
    if (table[1] == IMAGE_NONE) return; /* a table that no SEGMENT uses has no targets */
    c->arms = memory_grown(c->arms, c->arm_count + 2 * (size_t)table[2] + 1, sizeof *c->arms);
    add_arm(c, number, table[3]);
    for (uint32_t i = 0; i < table[2]; i++)
        if (table[0] == TABLE_RANGES)
            add_arm(c, number, rows[5 * (size_t)i + 4]);
        else if (table[0] == TABLE_AUTOMATON)
            add_arm(c, number, rows[1 + AUTOMATON_CLASS_WORDS + i]);
        else
            add_arm(c, number, rows[4 * (size_t)i + 2]), add_arm(c, number, rows[4 * (size_t)i + 3]);
}

static void make_arms(struct cover *c)
{
    const uint32_t *table;
    uint32_t kept = 0;
    for (uint32_t i = 0; (table = image_table(c->image, i)); i++) add_arms(c, i, table);
    if (c->arm_count > 0) qsort(c->arms, c->arm_count, sizeof *c->arms, by_arm);
    for (uint32_t i = 0; i < c->arm_count; i++)
        if (kept == 0 || by_arm(&c->arms[kept - 1], &c->arms[i]) != 0) c->arms[kept++] = c->arms[i];
    c->arm_count = kept;
    c->led = memory_zeroed(kept + 1u, sizeof *c->led);
}

/* Returns the index of this arm in the sorted list, or the index where it belongs. */
static uint32_t find_arm(const struct cover *c, struct arm arm)
{
    uint32_t low = 0, high = c->arm_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (by_arm(&c->arms[middle], &arm) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Counts the arm by which a SEGMENT led to the instruction that runs next. */
static void led_to(struct cover *c, uint32_t function, uint32_t pc)
{
    assert(c->table != NO_TABLE);
    const struct arm arm = {c->table, pc};
    uint32_t at = find_arm(c, arm);
    if (at == c->arm_count || by_arm(&c->arms[at], &arm) != 0) return;
    if (image_table(c->image, c->table)[1] == function) c->led[at] += c->led[at] != UINT32_MAX;
}

static void on_instruction(void *self, const struct image *image, uint32_t number, uint32_t pc)
{
    struct cover *c = self;
    const struct image_function *function = image_function(image, number);
    uint32_t at = function->code + pc, word = image_code(image, function)[pc];
    const struct opcode_info *info = opcode_info(word_op(word));
    if (image != c->image) return; /* another image: not counted */
    assert(at < c->words);
    c->ran[at] += c->ran[at] != UINT32_MAX;
    if (c->before != UINT32_MAX && at != c->behind) c->taken[c->before] += c->taken[c->before] != UINT32_MAX;
    if (c->table != NO_TABLE) led_to(c, number, pc);
    c->table = word_op(word) == OP_SEGMENT ? word_bc(word) : NO_TABLE;
    bool branch = is_branch(info, word_op(word));
    c->before = branch ? at : UINT32_MAX;
    c->behind = at + opcode_layout_words(info->layout);
}

/* Forces the outcome of a wait once, for the first interaction that comes to it: `happens` is then the event to be
 * made from outside, such as a signal or a hang-up, which no code can express. */
static int32_t cover_on_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber)
{
    struct cover *c = self;
    (void)fiber;
    if (image != c->image || wait != c->forced_wait) return VM_GO_ON;
    bool again = c->forced_with != 0;
    if (!again) c->forced_with = interaction;
    if (c->forced_code == COVER_ERROR) return code_fault;
    if (c->forced_code >= 0) return c->forced_code;
    c->happens = again ? 0 : c->forced_code;
    return VM_GO_ON;
}

/* Counts how a wait ended, and notes which wait took a forced signal: it may be another than the one at which the
 * signal came. */
static void cover_on_ended(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber,
                           int32_t code)
{
    struct cover *c = self;
    (void)interaction, (void)fiber;
    if (image != c->image || code >= CODES) return;
    assert(wait < c->waits);
    bool takes = c->forced_with != 0 && c->forced_code <= COVER_SIGNAL && code == VM_GO_ON && c->took == NO_WAIT;
    if (takes && image_wait(image, wait)->step == STEP_ID_wait_for) c->took = wait;
    uint32_t *count = &c->ended[wait * (CODES + 1) + (code == VM_GO_ON ? CODES : (uint32_t)code)];
    *count += *count != UINT32_MAX;
}

struct cover *cover_new(const struct image *image)
{
    struct cover *c = memory_zeroed(1, sizeof *c);
    c->image = image;
    c->watch =
        (struct vm_watch){.self = c, .instruction = on_instruction, .wait = cover_on_wait, .ended = cover_on_ended};
    c->words = image_count(image, SECTION_CODE);
    c->waits = image_count(image, SECTION_WAITS);
    c->ran = memory_zeroed(c->words + 1u, sizeof *c->ran);
    c->taken = memory_zeroed(c->words + 1u, sizeof *c->taken);
    c->ended = memory_zeroed((size_t)(c->waits + 1) * (CODES + 1), sizeof *c->ended);
    make_arms(c);
    c->table = NO_TABLE;
    c->before = UINT32_MAX;
    c->forced_wait = c->took = NO_WAIT;
    return c;
}

void cover_free(struct cover *c)
{
    if (c) {
        free(c->ran);
        free(c->taken);
        free(c->ended);
        free(c->arms);
        free(c->led);
        free(c);
    }
}

const struct vm_watch *cover_watch(struct cover *c)
{
    return &c->watch;
}

void cover_force(struct cover *c, uint32_t wait, int32_t code)
{
    assert(wait == NO_WAIT || wait < c->waits);
    c->forced_wait = wait;
    c->forced_code = code;
    c->forced_with = 0;
    c->took = NO_WAIT;
    c->happens = 0;
}

int32_t cover_happens(struct cover *c)
{
    int32_t now = c->happens;
    c->happens = 0;
    return now;
}

uint64_t cover_forced(const struct cover *c)
{
    return c->forced_with;
}

static bool cover_ran(const struct cover *c, uint16_t function)
{
    return function != IMAGE_NONE && c->ran[image_function(c->image, function)->code] > 0;
}

/* Did the handler for the forced event run, in the strategy of the wait point? */
static bool cover_handled(const struct cover *c, uint32_t wait, int32_t code)
{
    uint32_t strategy = image_function(c->image, image_wait(c->image, wait)->function)->strategy;
    if (code <= COVER_SIGNAL) return cover_ran(c, image_handler(c->image, (uint32_t)(COVER_SIGNAL - code))->function);
    if (code == COVER_ABANDONED) return cover_ran(c, image_strategy(c->image, strategy)->on_abandoned);
    if (code == COVER_ERROR) return cover_ran(c, image_strategy(c->image, strategy)->on_error);
    const struct image_handler *handler =
        image_handler_of(c->image, strategy, code == COVER_TRANSFERRED ? EVENT_TRANSFERRED : EVENT_MAIN_RELEASED);
    return handler && cover_ran(c, handler->function);
}

bool cover_came(const struct cover *c)
{
    if (c->forced_wait >= c->waits) return false;
    if (c->forced_code < 0) return cover_handled(c, c->forced_wait, c->forced_code);
    return c->ended[c->forced_wait * (CODES + 1) + (uint32_t)c->forced_code] > 0;
}

bool cover_took(const struct cover *c, struct image_place *at)
{
    const struct image_wait *wait = c->took == NO_WAIT ? NULL : image_wait(c->image, c->took);
    return wait && image_place(c->image, wait->function, wait->pc, at);
}

uint32_t cover_waits(const struct cover *c)
{
    return c->waits;
}

bool cover_met(const struct cover *c, uint32_t wait)
{
    if (wait >= c->waits) return false;
    const struct image_wait *row = image_wait(c->image, wait);
    return c->ran[image_function(c->image, row->function)->code + row->pc] > 0;
}

/* ---- arguments of a signal ---- */

enum { SAMPLE_DEPTH = 8 };

static json_t *cover_sample_record(const struct image *, uint16_t type, unsigned depth);

static json_t *cover_sample_plain(const struct image *image, uint16_t type, unsigned depth)
{
    if (type_is_list(image, type)) return json_array();
    if (type_is_map(image, type)) return json_object();
    if (type_is_enum(image, type)) {
        struct text name = image_field_name(image, type, 0);
        return json_stringn(name.bytes, name.length);
    }
    switch (type) {
    case TYPE_INT:
    case TYPE_DURATION:
    case TYPE_TIME:
    case TYPE_DATE:
    case TYPE_PERCENT:
        return json_integer(1);
    case TYPE_FLOAT:
        return json_real(1);
    case TYPE_BOOL:
        return json_true();
    case TYPE_STR:
        return json_string("x");
    default:
        return type >= TYPE_OWN && type_is_record(image, type) ? cover_sample_record(image, type, depth + 1) : NULL;
    }
}

static json_t *cover_sample_record(const struct image *image, uint16_t type, unsigned depth)
{
    json_t *object = depth > SAMPLE_DEPTH ? NULL : json_object();
    for (uint32_t at = 0; object && at < image_field_count(image, type); at++) {
        uint16_t field = image_field_type(image, type, at);
        if (type_is_optional(field)) continue;
        struct text name = image_field_name(image, type, at);
        json_t *value = cover_sample_plain(image, field, depth);
        char key[256];
        (void)snprintf(key, sizeof key, "%.*s", (int)name.length, name.bytes);
        if (!value || json_object_set_new(object, key, value) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

json_t *cover_sample(const struct image *image, const struct image_handler *handler)
{
    if (image_function(image, handler->function)->parameters == 0) return json_object();
    return cover_sample_record(image, type_base(image_register(image, handler->function, 0)), 0);
}

/* ---- bytes ---- */

struct counters {
    uint32_t *all;
    uint32_t count;
};

enum { LISTS = 4 };

static void counters_of(const struct cover *c, struct counters lists[LISTS])
{
    lists[0] = (struct counters){c->ran, c->words};
    lists[1] = (struct counters){c->taken, c->words};
    lists[2] = (struct counters){c->ended, c->waits * (CODES + 1)};
    lists[3] = (struct counters){c->led, c->arm_count};
}

/* Writes for each list how many counters are not zero, and then the index and value of each of these counters. */
void cover_write(const struct cover *c, void (*put)(void *self, const void *bytes, size_t length), void *self)
{
    struct counters lists[LISTS];
    counters_of(c, lists);
    for (unsigned l = 0; l < LISTS; l++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < lists[l].count; i++) count += lists[l].all[i] != 0;
        put(self, &count, sizeof count);
        for (uint32_t i = 0; i < lists[l].count; i++)
            if (lists[l].all[i] != 0) put(self, (uint32_t[]){i, lists[l].all[i]}, 2 * sizeof(uint32_t));
    }
}

/* Adds counters from another process with the same image; bytes that do not fit are refused as a whole. */
bool cover_add(struct cover *c, const uint8_t *bytes, size_t length)
{
    struct counters lists[LISTS];
    counters_of(c, lists);
    for (unsigned l = 0; l < LISTS; l++) {
        uint32_t count, pair[2];
        if (length < sizeof count) return false;
        memcpy(&count, bytes, sizeof count);
        bytes += sizeof count, length -= sizeof count;
        if (length / sizeof pair < count) return false;
        for (uint32_t i = 0; i < count; i++, bytes += sizeof pair, length -= sizeof pair) {
            memcpy(pair, bytes, sizeof pair);
            if (pair[0] >= lists[l].count) return false;
            uint32_t *sum = &lists[l].all[pair[0]];
            *sum = *sum > UINT32_MAX - pair[1] ? UINT32_MAX : *sum + pair[1];
        }
    }
    return length == 0;
}

/* ---- reading ---- */

struct stretch { /* a range of code that comes from one place of the source */
    uint32_t function, begin, end;
    struct image_place at;
};

static bool stretch_at(const struct cover *c, uint32_t index, struct stretch *s)
{
    uint32_t next, pc;
    struct image_place ignored;
    if (!image_place_at(c->image, index, &s->function, &s->begin, &s->at)) return false;
    s->end = image_function(c->image, s->function)->code_words;
    if (image_place_at(c->image, index + 1, &next, &pc, &ignored) && next == s->function) s->end = pc;
    return true;
}

static bool is_at(const struct image_place *a, const struct image_place *b)
{
    return a->line == b->line && a->column == b->column;
}

/* Finds the place where an arm begins; the line is 0 if that is in the middle of another place. False: the arm leads
 * back into the segment itself. */
static bool arm_place(const struct cover *c, const struct stretch *s, uint32_t target, struct image_place *place)
{
    struct image_place before;
    if (!image_place(c->image, s->function, target, place) || is_at(place, &s->at)) return false;
    if (target > 0 && image_place(c->image, s->function, target - 1, &before) && is_at(place, &before))
        *place = (struct image_place){0};
    return true;
}

/* Reports the arms of the table of a SEGMENT that ran `ran` times. A target within the segment is its next table or
 * test; if an entry other than the default has such a target, the table belongs to an expression and is left out. */
static void read_arms(const struct cover *c, const struct cover_reader *reader, const struct stretch *s,
                      uint32_t number, uint32_t ran)
{
    uint32_t otherwise = image_table(c->image, number)[3], first = find_arm(c, (struct arm){number, 0});
    struct cover_branch arm = {.at = s->at, .none = COVER_OF_VALUES, .arm = true};
    for (uint32_t i = first; i < c->arm_count && c->arms[i].table == number; i++)
        if (c->arms[i].target != otherwise && !arm_place(c, s, c->arms[i].target, &arm.next[0])) return;
    for (uint32_t i = first; i < c->arm_count && c->arms[i].table == number; i++) {
        if (!arm_place(c, s, c->arms[i].target, &arm.next[0])) continue;
        arm.count[0] = c->led[i];
        arm.count[1] = ran > c->led[i] ? ran - c->led[i] : 0;
        reader->branch(reader->self, &arm);
    }
}

static void read_code(const struct cover *c, const struct cover_reader *reader, const struct stretch *s)
{
    const struct image_function *function = image_function(c->image, s->function);
    const uint32_t *code = image_code(c->image, function);
    struct cover_place place = {.at = s->at};
    place.aside = function->kind == FUNCTION_LEAF || function->kind == FUNCTION_BUSY;
    uint32_t branches = 0;
    for (uint32_t pc = s->begin, words; pc < s->end; pc += words) {
        unsigned op = word_op(code[pc]);
        const struct opcode_info *info = opcode_info(op);
        uint32_t at = function->code + pc, ran = c->ran[at], taken = c->taken[at];
        words = opcode_layout_words(info->layout);
        place.count = ran > place.count ? ran : place.count;
        if (op == OP_SEGMENT && reader->branch) read_arms(c, reader, s, word_bc(code[pc]), ran);
        if (!is_branch(info, op) || !reader->branch) continue;
        uint32_t target = words == 2 ? code[pc + 1] & 0xffff : word_bc(code[pc]), behind = pc + words;
        bool jumps = behind < function->code_words && word_op(code[behind]) == OP_JUMP;
        /* both directions lead to the same place, as after the last of all cases */
        if (jumps && word_abc(code[behind]) == target) continue;
        struct cover_branch branch = {.at = s->at, .index = branches++, .count = {ran - taken, taken}};
        branch.none = op == OP_JNONE ? 1 : op == OP_JSOME ? 0 : COVER_OF_VALUES;
        if (image_place(c->image, s->function, behind, &branch.next[0]) &&
            image_place(c->image, s->function, target, &branch.next[1]))
            reader->branch(reader->self, &branch);
    }
    if (reader->place) reader->place(reader->self, &place);
}

/* Does the step keep a place in the queue? Looks for callback.keep_place in the step's busy block. */
static bool keeps_place(const struct cover *c, const struct image_wait *wait)
{
    for (uint32_t i = 0; wait->busy != IMAGE_NONE && i < c->waits; i++) {
        const struct image_wait *other = image_wait(c->image, i);
        if (other->function == wait->busy && other->step == STEP_ID_callback_keep_place) return true;
    }
    return false;
}

static bool cover_awaits_reply(const struct cover *c, const struct image_wait *wait)
{
    for (uint32_t i = 0; i < wait->arguments; i++)
        if (image_operands(c->image, wait->operands)[i].parameter >= PARAMETER_route_reply) return true;
    return false;
}

static bool names_abort(const struct cover *c, const struct image_wait *wait)
{
    for (uint32_t i = 0; i < wait->arguments; i++)
        if (image_operands(c->image, wait->operands)[i].parameter == PARAMETER_ivr_digits_abort) return true;
    return false;
}

static bool cover_has_until(const struct cover *c, const struct image_wait *wait)
{
    for (uint32_t at = 0; at < wait->line_count; at++)
        if (image_lines(c->image, wait->lines)[at].kind == LINE_UNTIL) return true;
    return false;
}

/* Exits of the step's row that this wait point cannot take: it lacks the clause of the exit, or keeps no place. */
static bool is_out_of_reach(const struct cover *c, const struct image_wait *wait, const char *code, uint8_t clause)
{
    switch ((enum exit_clause)clause) {
    case EXIT_UNTIL:
        return !cover_has_until(c, wait);
    case EXIT_REPLY:
        return !cover_awaits_reply(c, wait);
    case EXIT_ABORT:
        return !names_abort(c, wait);
    case EXIT_ALWAYS:
    default:
        return wait->step == STEP_ID_select && strcmp(code, "unreached") == 0 && !keeps_place(c, wait);
    }
}

/* Is it the step `exclude` of a connect, which skips agents that did not take the call? The compiler adds this step to
 * a connect, with the source place of the connect's selection. */
static bool is_of_connect(const struct cover *c, const struct image_wait *wait, const struct image_place *at)
{
    if (wait->step != STEP_ID_exclude) return false;
    for (uint32_t i = 0; i < c->waits; i++) {
        const struct image_wait *other = image_wait(c->image, i);
        struct image_place place;
        if (other->step == STEP_ID_select && other->function == wait->function &&
            image_place(c->image, other->function, other->pc, &place) && place.line == at->line &&
            place.column == at->column)
            return true;
    }
    return false;
}

static void cover_read_wait(const struct cover *c, const struct cover_reader *reader, uint32_t number, uint32_t index)
{
    const struct image_wait *wait = image_wait(c->image, number);
    const struct step *step = wait->step == 0 ? NULL : step_numbered(wait->step);
    struct cover_exit exit = {.wait = number, .index = index};
    if (!step || !image_place(c->image, wait->function, wait->pc, &exit.at)) return;
    if (is_of_connect(c, wait, &exit.at)) return;
    const uint32_t *ended = c->ended + number * (CODES + 1);
    exit.step = step->name;
    exit.code = VM_GO_ON;
    exit.name = "";
    exit.count = ended[CODES];
    if (step->result != STEP_NOTHING || !step->ends || exit.count > 0) reader->exit(reader->self, &exit);
    for (uint32_t i = 0; i <= step->exit_count; i++) {
        bool timeout = i == step->exit_count;
        if (timeout && (step->timeout_us == STEP_TIMEOUT_NONE || step->timeout_us == STEP_TIMEOUT_AFTER)) break;
        uint8_t clause = timeout ? EXIT_ALWAYS : step->exit_clauses[i];
        exit.name = timeout ? enum_name_code(code_timeout) : step->exits[i];
        exit.code = enum_value_code(exit.name, (uint32_t)strlen(exit.name));
        if (exit.code < 0 || exit.code >= CODES || is_out_of_reach(c, wait, exit.name, clause)) continue;
        exit.count = ended[exit.code];
        reader->exit(reader->self, &exit);
    }
}

static const char *handler_name(int32_t code)
{
    switch (code) {
    case COVER_ABANDONED:
        return "on abandoned";
    case COVER_ERROR:
        return "on error";
    case COVER_TRANSFERRED:
        return "on transferred";
    case COVER_MAIN_RELEASED:
        return "on main_released";
    default:
        return "on signal";
    }
}

/* Is the function the body of a handler? Within a handler no other handler runs, except on abandoned. */
static bool in_handler(const struct cover *c, uint32_t strategy, uint32_t function)
{
    const struct image_strategy *row = image_strategy(c->image, strategy);
    bool is = function == row->on_abandoned || function == row->on_error;
    for (uint32_t i = 0; i < image_count(c->image, SECTION_HANDLERS) && !is; i++)
        is = image_handler(c->image, i)->function == function;
    return is;
}

/* Reports a handler with each wait point of its strategy from which it can be reached; for a signal whose arguments
 * cannot be made up there are none. A handler that can never run, because all steps end at once, is not reported. */
static void read_handler(const struct cover *c, const struct cover_reader *reader, uint32_t strategy, uint16_t handler,
                         int32_t code, bool can_be)
{
    struct cover_exit exit = {.wait = (uint32_t)COVER_NO_WAIT, .code = code, .step = "the strategy"};
    bool any = false, never = false;
    if (handler == IMAGE_NONE || !image_place(c->image, handler, 0, &exit.at)) return;
    exit.name = handler_name(code);
    exit.count = c->ran[image_function(c->image, handler)->code];
    for (uint32_t i = 0; i < c->waits && can_be; i++) {
        const struct image_wait *wait = image_wait(c->image, i);
        if (wait->step == 0 || image_function(c->image, wait->function)->strategy != strategy ||
            in_handler(c, strategy, wait->function))
            continue;
        if (code == COVER_ERROR && wait->failure != IMAGE_NONE) continue;
        if (code != COVER_ERROR && step_numbered(wait->step)->at_once) {
            never = true;
            continue;
        }
        exit.wait = i;
        reader->exit(reader->self, &exit);
        exit.count = 0; /* the count is reported once, with the first wait point */
        any = true;
    }
    if (!any && (!never || exit.count > 0)) reader->exit(reader->self, &exit);
}

static void read_event(const struct cover *c, const struct cover_reader *reader, uint32_t number)
{
    static const int32_t codes[IMAGE_EVENTS] = {
        [EVENT_TRANSFERRED] = COVER_TRANSFERRED, [EVENT_MAIN_RELEASED] = COVER_MAIN_RELEASED};
    const struct image_handler *handler = image_handler(c->image, number);
    bool signal = handler->event == EVENT_SIGNAL;
    json_t *brings = signal ? cover_sample(c->image, handler) : NULL;
    read_handler(c, reader, handler->strategy, handler->function,
                 signal ? COVER_SIGNAL - (int32_t)number : codes[handler->event], !signal || brings);
    json_decref(brings);
}

void cover_read(const struct cover *c, const struct cover_reader *reader)
{
    for (uint32_t i = 0; reader->exit && i < image_count(c->image, SECTION_HANDLERS); i++) read_event(c, reader, i);
    for (uint32_t i = 0; reader->exit && i < image_count(c->image, SECTION_STRATEGIES); i++) {
        const struct image_strategy *row = image_strategy(c->image, i);
        read_handler(c, reader, i, row->on_abandoned, COVER_ABANDONED, true);
        read_handler(c, reader, i, row->on_error, COVER_ERROR, true);
    }
    struct stretch s;
    for (uint32_t i = 0; stretch_at(c, i, &s); i++) read_code(c, reader, &s);
    for (uint32_t i = 0; reader->exit && i < c->waits; i++) {
        uint32_t index = 0; /* how many earlier wait points have the same source place */
        const struct image_wait *wait = image_wait(c->image, i);
        for (uint32_t before = i; before-- > 0;) {
            const struct image_wait *other = image_wait(c->image, before);
            struct image_place here, there;
            if (other->function != wait->function) break;
            if (!image_place(c->image, wait->function, wait->pc, &here) ||
                !image_place(c->image, other->function, other->pc, &there) || here.line != there.line ||
                here.column != there.column)
                break;
            index++;
        }
        cover_read_wait(c, reader, i, index);
    }
}

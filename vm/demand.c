/* vm/demand.c - Reads the code of a leaf function from its first word to RETURN with the values that it captured,
 * and notes what is known of each register. Jumps only lead forward; registers that the code between a jump and its
 * target writes are unknown from the target on.
 *
 *     skill French >= 3 and group experts       one clause: French at least 3, member of experts
 *     skill French >= 3 or skill Sales >= 5     two clauses
 *
 *     0  LOAD      r0 skill French     r0: the word of the skill
 *     1  LEVEL     r1 r0               r1: the candidate's level of French
 *     2  LOAD_INT  r2 3                r2: 3
 *     3  LE        r3 r2 r1            r3: a truth, whose clause is: French at least 3
 *     4  RETURN    r3
 *
 * If an instruction is not understood the result is still right but says less: its clause is open, so that the
 * function itself is run for the candidate. */
#include "vm/demand.h"

#include <assert.h>
#include <string.h>

#include "vm/image_data.h"
#include "vm/instruction.h"
#include "vm/opcode.h"

enum { DEMAND_REGISTERS = 32, CLAUSES_READ = 64, JUMPS_READ = 16 };

enum known { KNOWN_NOTHING, KNOWN_WORD, KNOWN_LEVEL, KNOWN_TRUTH };

struct demand_reading {
    struct known_register {
        enum known known;
        uint32_t from, count; /* KNOWN_TRUTH: its clauses */
        uint64_t word;        /* KNOWN_WORD; KNOWN_LEVEL: the skill */
        uint32_t written;     /* where the register was written, plus 1; 0: a parameter, or not written yet */
    } registers[DEMAND_REGISTERS];
    struct jump {
        uint32_t from, to;
    } jumps[JUMPS_READ];
    uint32_t jump_count;
    struct demand_clause clauses[CLAUSES_READ];
    uint32_t count;
    bool may_fail; /* an instruction read so far may fail, which counts as no match */
};

static const struct known_register nothing = {.known = KNOWN_NOTHING};

static struct known_register known_of_word(uint64_t value)
{
    return (struct known_register){.known = KNOWN_WORD, .word = value};
}

/* Adds a clause at the end; NULL: there is no space. */
static struct demand_clause *clause_new(struct demand_reading *reading, const struct demand_clause *like)
{
    if (reading->count == CLAUSES_READ) return NULL;
    reading->clauses[reading->count] = like ? *like : (struct demand_clause){0};
    return &reading->clauses[reading->count++];
}

/* Adds a term; if there are too many, the clause becomes open instead. */
static void clause_term(struct demand_clause *clause, struct demand_term term)
{
    for (uint32_t at = 0; at < clause->count; at++) {
        struct demand_term *same = &clause->terms[at];
        if (same->type != term.type || same->name != term.name) continue;
        if (same->least < term.least) same->least = term.least;
        return;
    }
    if (clause->count == DEMAND_TERMS)
        clause->open = true;
    else
        clause->terms[clause->count++] = term;
}

static struct known_register truth_of_term(struct demand_reading *reading, struct demand_term term, bool open)
{
    assert(term.least >= 1 && term.least <= DEMAND_LEVEL_MAX);
    struct demand_clause *clause = clause_new(reading, NULL);
    if (!clause) return nothing;
    clause_term(clause, term);
    clause->open = open;
    return (struct known_register){.known = KNOWN_TRUTH, .from = reading->count - 1, .count = 1};
}

/* Returns a condition that is true if the candidate has that level of the skill. `open`: not everywhere there. */
static struct known_register at_least(struct demand_reading *reading, uint64_t skill, int64_t least, bool open)
{
    if (least > DEMAND_LEVEL_MAX || (least >= 1 && skill > UINT32_MAX)) return known_of_word(0);
    if (least < 1) return open ? nothing : known_of_word(1);
    return truth_of_term(reading, (struct demand_term){(uint32_t)skill, TYPE_SKILL, (uint16_t)least}, open);
}

/* Gets the clauses of a condition, as far as they are known. */
static bool as_truth(struct demand_reading *reading, const struct known_register *from, struct known_register *truth)
{
    *truth = *from;
    if (from->known == KNOWN_TRUTH) return true;
    *truth = (struct known_register){.known = KNOWN_TRUTH, .from = reading->count};
    if (from->known == KNOWN_WORD && from->word == 0) return true; /* no clause: never */
    struct demand_clause *clause = clause_new(reading, NULL);
    if (!clause) return false;
    clause->open = from->known != KNOWN_WORD;
    truth->count = 1;
    return true;
}

static struct known_register demand_both(struct demand_reading *reading, const struct known_register *b,
                                         const struct known_register *c)
{
    struct known_register left, right, made = {.known = KNOWN_TRUTH};
    if (!as_truth(reading, b, &left) || !as_truth(reading, c, &right)) return nothing;
    made.from = reading->count;
    for (uint32_t at = 0; at < left.count * right.count; at++) {
        const struct demand_clause *other = &reading->clauses[right.from + at % right.count];
        struct demand_clause *clause = clause_new(reading, &reading->clauses[left.from + at / right.count]);
        if (!clause) return nothing;
        for (uint32_t term = 0; term < other->count; term++) clause_term(clause, other->terms[term]);
        clause->open = clause->open || other->open;
        made.count++;
    }
    return made;
}

static struct known_register demand_either(struct demand_reading *reading, const struct known_register *b,
                                           const struct known_register *c)
{
    struct known_register left, right, made = {.known = KNOWN_TRUTH};
    if (!as_truth(reading, b, &left) || !as_truth(reading, c, &right)) return nothing;
    made.from = reading->count;
    for (uint32_t at = 0; at < left.count + right.count; at++) {
        uint32_t from = at < left.count ? left.from + at : right.from + at - left.count;
        if (!clause_new(reading, &reading->clauses[from])) return nothing;
        made.count++;
    }
    return made;
}

/* Returns the condition b <= c if `more` is 0, b < c if it is 1. */
static struct known_register demand_less(struct demand_reading *reading, const struct known_register *b,
                                         const struct known_register *c, int64_t more)
{
    int64_t least = (int64_t)b->word;
    if (b->known != KNOWN_WORD || c->known != KNOWN_LEVEL) return nothing;
    return at_least(reading, c->word, least < DEMAND_LEVEL_MAX + 1 ? least + more : least, false);
}

static struct known_register known_equal(struct demand_reading *reading, const struct known_register *b,
                                         const struct known_register *c)
{
    if (b->known == KNOWN_LEVEL && c->known == KNOWN_WORD) return known_equal(reading, c, b);
    if (b->known != KNOWN_WORD || c->known != KNOWN_LEVEL) return nothing;
    if ((int64_t)b->word < 0) return known_of_word(0);
    return at_least(reading, c->word, (int64_t)b->word, true);
}

/* Returns a condition by the term's `type`: the candidate belongs to the group, is the agent, or is at the place. */
static struct known_register known_member(struct demand_reading *reading, const struct known_register *of,
                                          uint16_t type)
{
    if (of->known != KNOWN_WORD) return nothing;
    if (of->word > UINT32_MAX) return known_of_word(0);
    return truth_of_term(reading, (struct demand_term){(uint32_t)of->word, type, 1}, false);
}

/* Returns what is known of the value that the instruction writes into its first register. */
static struct known_register known_result(struct demand_reading *reading, const struct image *image, uint32_t code)
{
    const struct known_register *b = word_b(code) < DEMAND_REGISTERS ? &reading->registers[word_b(code)] : &nothing;
    const struct known_register *c = word_c(code) < DEMAND_REGISTERS ? &reading->registers[word_c(code)] : &nothing;
    switch (word_op(code)) {
    case OP_LOAD:
        return known_of_word(image->constants[word_bc(code)].word);
    case OP_LOAD_INT:
        return known_of_word((uint64_t)(int64_t)word_sbc(code));
    case OP_MOVE:
        return *b;
    case OP_LEVEL:
        return b->known == KNOWN_WORD ? (struct known_register){.known = KNOWN_LEVEL, .word = b->word} : nothing;
    case OP_MEMBER:
        return known_member(reading, b, TYPE_GROUP);
    case OP_IS_AGENT:
        return known_member(reading, b, TYPE_AGENT);
    case OP_AT_PLACE:
        return known_member(reading, b, TYPE_PLACE);
    case OP_LE:
        return demand_less(reading, b, c, 0);
    case OP_LT:
        return demand_less(reading, b, c, 1);
    case OP_EQ:
        return known_equal(reading, b, c);
    case OP_AND:
        return demand_both(reading, b, c);
    case OP_OR:
        return demand_either(reading, b, c);
    default:
        return nothing;
    }
}

/* Notes the jump. False: it is not a jump, or there are too many. */
static bool demand_jump(struct demand_reading *reading, const struct image_function *function,
                        const struct opcode_info *info, uint32_t at, const uint32_t *code)
{
    struct instruction i = {.function = function, .info = info, .pc = at, .word = code[at]};
    if (opcode_layout_words(info->layout) == 2) i.extension = code[at + 1];
    if (reading->jump_count == JUMPS_READ || !instruction_take(&i)) return false;
    for (unsigned operand = 0; operand < 3; operand++) {
        if (info->operand[operand].role != ROLE_TARGET) continue;
        reading->jumps[reading->jump_count++] = (struct jump){at, i.operand[operand]};
        return true;
    }
    return false;
}

/* Here jumps arrive. */
static void demand_land(struct demand_reading *reading, uint32_t at)
{
    for (uint32_t number = 0; number < reading->jump_count; number++) {
        if (reading->jumps[number].to != at) continue;
        for (uint32_t to = 0; to < DEMAND_REGISTERS; to++)
            if (reading->registers[to].written > reading->jumps[number].from) {
                reading->registers[to] = nothing;
                reading->registers[to].written = at + 1;
            }
    }
}

static bool jumps_beyond(const struct demand_reading *reading, uint32_t at)
{
    bool beyond = false;
    for (uint32_t number = 0; number < reading->jump_count; number++) beyond |= reading->jumps[number].to > at;
    return beyond;
}

/* Reads the code up to RETURN and returns what is known of the returned register. */
static struct known_register vm_read(struct demand_reading *reading, const struct image *image, uint16_t number,
                                     const uint64_t *captures, uint32_t count)
{
    const struct image_function *function = &image->functions[number];
    const uint32_t *code = image->code + function->code;
    assert(function->kind == FUNCTION_LEAF && count == function->parameters);
    reading->count = reading->jump_count = 0;
    memset(reading->registers, 0, sizeof reading->registers);
    reading->may_fail = false;
    for (uint32_t at = 0; at < count && at < DEMAND_REGISTERS; at++)
        if (!type_is_optional(image->registers[function->registers + at]))
            reading->registers[at] = known_of_word(captures[at]);
    for (uint32_t at = 0; at < function->code_words;) {
        const struct opcode_info *info = opcode_info(word_op(code[at]));
        uint32_t to = word_a(code[at]);
        demand_land(reading, at);
        if (word_op(code[at]) == OP_RETURN)
            return to < DEMAND_REGISTERS && !jumps_beyond(reading, at) ? reading->registers[to] : nothing;
        if (info->flags & OPCODE_PAIR) return nothing;
        if (info->flags & OPCODE_FAILS) reading->may_fail = true;
        if (info->operand[0].role == ROLE_WRITE) {
            struct known_register known = known_result(reading, image, code[at]);
            known.written = at + 1;
            if (to < DEMAND_REGISTERS) reading->registers[to] = known;
        } else if (!demand_jump(reading, function, info, at, code)) {
            return nothing;
        }
        at += opcode_layout_words(info->layout);
    }
    return nothing;
}

uint32_t demand_read(const struct image *image, uint16_t function, const uint64_t *captures, uint32_t count,
                     struct demand_clause *clauses)
{
    struct demand_reading reading;
    struct known_register known = vm_read(&reading, image, function, captures, count), truth;
    if (!as_truth(&reading, &known, &truth) || truth.count > DEMAND_CLAUSES) {
        clauses[0] = (struct demand_clause){.open = true};
        return 1;
    }
    if (truth.count != 0) memcpy(clauses, &reading.clauses[truth.from], truth.count * sizeof *clauses);
    for (uint32_t at = 0; at < truth.count; at++) clauses[at].open = clauses[at].open || reading.may_fail;
    return truth.count;
}

static bool code_has(const struct image *image, uint16_t number, enum opcode op)
{
    assert(number < image->count[SECTION_FUNCTIONS]);
    const struct image_function *function = &image->functions[number];
    const uint32_t *code = image->code + function->code;
    for (uint32_t at = 0; at < function->code_words; at += opcode_layout_words(opcode_info(word_op(code[at]))->layout))
        if (word_op(code[at]) == op) return true;
    return false;
}

bool demand_asks_figures(const struct image *image, uint16_t function)
{
    return code_has(image, function, OP_IT_MEASURE) || code_has(image, function, OP_IDLE) ||
           code_has(image, function, OP_SCORE) || code_has(image, function, OP_SCORE_FLOAT);
}

bool demand_asks_line(const struct image *image, uint16_t function)
{
    return code_has(image, function, OP_IT_LINE);
}

bool demand_is_level(const struct image *image, uint16_t function, const uint64_t *captures, uint32_t count,
                     uint32_t *skill)
{
    struct demand_reading reading;
    struct known_register known = vm_read(&reading, image, function, captures, count);
    *skill = (uint32_t)known.word;
    return known.known == KNOWN_LEVEL;
}

/* tests/unit/vm_demand.c - What a leaf function demands agrees with what it says of a candidate. */
#include "tests/unit/vm_sample.h"
#include "vm/demand.h"

TestSuite(vm_demand, .timeout = 20);

enum { SKILLS = 3, GROUPS = 2, INTS = 4, BOOLS = 4, FUNCTIONS = 40, CANDIDATES = 60, IMAGES = 25, WORDS = 14 };

struct person {
    int64_t levels[SKILLS];
    bool groups[GROUPS];
};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static int64_t level_of(void *self, uint64_t skill)
{
    return skill < SKILLS ? ((const struct person *)self)->levels[skill] : 0;
}

static bool is_member(void *self, uint64_t group)
{
    return group >= SKILLS && group < SKILLS + GROUPS && ((const struct person *)self)->groups[group - SKILLS];
}

/* The registers of a leaf that is written at random; the first two are its parameters. */
struct registers {
    uint8_t skill, captured, group, maybe, ints[INTS], bools[BOOLS];
};

static void instruction(struct image_writer *w, const struct registers *r, uint64_t *seed)
{
    uint8_t to = r->ints[draw(seed, INTS)], a = r->ints[draw(seed, INTS)], b = r->ints[draw(seed, INTS)];
    uint8_t truth = r->bools[draw(seed, BOOLS)], x = r->bools[draw(seed, BOOLS)], y = r->bools[draw(seed, BOOLS)];
    static const enum opcode compared[] = {OP_LE, OP_LT, OP_EQ, OP_NE};
    static const int levels[] = {-1, 0, 1, 2, 3, 99, 100, 101};
    switch (draw(seed, 14)) {
    case 0:
        writer_abx(w, OP_LOAD, r->skill, writer_constant(w, TYPE_SKILL, draw(seed, SKILLS)));
        break;
    case 1:
        writer_abx(w, OP_LOAD, r->group, writer_constant(w, TYPE_GROUP, SKILLS + draw(seed, GROUPS)));
        break;
    case 2:
        writer_abx(w, OP_LOAD_INT, to, levels[draw(seed, 8)]);
        break;
    case 3:
        writer_abc(w, OP_MEMBER, truth, r->group, 0);
        break;
    case 4:
        writer_abc(w, draw(seed, 6) == 0 ? OP_ADD : OP_MAX, to, a, draw(seed, 2) == 0 ? r->captured : b);
        break;
    case 5:
        writer_abc(w, OP_NOT, truth, x, 0);
        break;
    case 6:
        writer_abc(w, OP_OR, truth, x, y);
        break;
    case 7:
        writer_abc(w, OP_AND, truth, x, y);
        break;
    case 8: /* over what jumps, perhaps, over something itself */
    case 9: {
        uint32_t ahead = writer_label(w);
        if (draw(seed, 2) == 0)
            writer_jump(w, draw(seed, 2) == 0 ? OP_JTRUE : OP_JFALSE, x, 0, ahead);
        else
            writer_jump(w, OP_JSOME, r->maybe, 0, ahead);
        for (uint64_t at = draw(seed, 4); at > 0; at--) instruction(w, r, seed);
        writer_place(w, ahead);
        break;
    }
    default:
        writer_abc(w, OP_LEVEL, to, r->skill, 0);
        writer_abx(w, OP_LOAD_INT, a, levels[draw(seed, 8)]);
        if (draw(seed, 3) == 0) a = r->captured;
        writer_abc(w, compared[draw(seed, 8) < 4 ? 0 : draw(seed, 4)], truth, a, to);
        writer_abc(w, draw(seed, 2) == 0 ? OP_OR : OP_AND, y, truth, x);
    }
}

static uint16_t leaf(struct image_writer *w, uint64_t *seed)
{
    struct registers r;
    uint16_t number = writer_function_begin(w, "leaf", FUNCTION_LEAF, IMAGE_NONE, 2, TYPE_BOOL);
    r.skill = writer_register(w, TYPE_SKILL);
    r.captured = writer_register(w, TYPE_INT);
    r.group = writer_register(w, TYPE_GROUP);
    writer_abx(w, OP_LOAD, r.group, writer_constant(w, TYPE_GROUP, SKILLS));
    r.maybe = writer_register(w, TYPE_INT | TYPE_OPTIONAL);
    writer_abc(w, OP_LOAD_NONE, r.maybe, 0, 0);
    for (int at = 0; at < INTS; at++) writer_abx(w, OP_LOAD_INT, r.ints[at] = writer_register(w, TYPE_INT), at);
    for (int at = 0; at < BOOLS; at++)
        writer_abx(w, OP_LOAD_INT, r.bools[at] = writer_register(w, TYPE_BOOL), (int)draw(seed, 2));
    for (uint64_t at = draw(seed, WORDS); at > 0; at--) instruction(w, &r, seed);
    writer_abc(w, OP_RETURN, r.bools[draw(seed, BOOLS)], 0, 0);
    writer_function_end(w);
    return number;
}

static struct image *leaves(uint64_t *seed, uint16_t *numbers)
{
    struct image_writer *w = image_writer_new();
    struct error error = {0};
    size_t length;
    static const char *const names[] = {"a", "b", "c"};
    for (int at = 0; at < SKILLS; at++) sample_name(w, TYPE_SKILL, names[at]);
    for (int at = 0; at < GROUPS; at++) sample_name(w, TYPE_GROUP, names[at]);
    for (int at = 0; at < FUNCTIONS; at++) numbers[at] = leaf(w, seed);
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert(bytes, "%s", error.text);
    struct image *image = image_load(bytes, length, &error);
    cr_assert(image, "%s at %u", error.text, error.offset);
    image_writer_free(w);
    free(bytes);
    return image;
}

static bool fulfils(struct person *person, const struct demand_clause *clause)
{
    for (uint32_t at = 0; at < clause->count; at++) {
        const struct demand_term *term = &clause->terms[at];
        cr_assert(term->least >= 1 && term->least <= DEMAND_LEVEL_MAX);
        if (term->type == TYPE_SKILL ? level_of(person, term->name) < term->least : !is_member(person, term->name))
            return false;
    }
    return true;
}

/* Counts the functions that are read to the end. */
static void agrees(struct vm *vm, const struct image *image, uint16_t function, uint64_t *seed, uint32_t *closed)
{
    static const int64_t levels[] = {0, 0, 1, 2, 3, 4, 98, 99, 100};
    static const int64_t captured[] = {INT64_MIN + 1, -1, 0, 1, 2, 100, 101, INT64_MAX};
    uint64_t captures[] = {draw(seed, SKILLS), (uint64_t)captured[draw(seed, 8)]};
    struct demand_clause clauses[DEMAND_CLAUSES];
    uint32_t count = demand_read(image, function, captures, 2, clauses), open = 0;
    cr_assert_leq(count, DEMAND_CLAUSES);
    for (uint32_t at = 0; at < count; at++) open += clauses[at].open;
    *closed += open == 0 && count != 0 && clauses[0].count != 0;
    for (int times = 0; times < CANDIDATES; times++) {
        struct person person;
        for (int at = 0; at < SKILLS; at++) person.levels[at] = levels[draw(seed, 9)];
        for (int at = 0; at < GROUPS; at++) person.groups[at] = draw(seed, 2) == 0;
        struct vm_candidate candidate = {.self = &person, .level = level_of, .member = is_member};
        bool matches = vm_leaf(vm, image, function, captures, 2, &candidate), may = false, must = false;
        for (uint32_t at = 0; at < count; at++) {
            bool fits = fulfils(&person, &clauses[at]);
            may = may || fits;
            must = must || (fits && !clauses[at].open);
        }
        cr_assert(matches ? may : !must, "function %u: %d, by its demand %d to %d", function, matches, must, may);
    }
}

Test(vm_demand, what_is_read_of_a_leaf_agrees_with_running_it)
{
    uint64_t seed = 7;
    uint32_t closed = 0;
    struct slab *slab = slab_new(1);
    struct vm *vm = vm_new(slab, &(struct vm_host){0});
    for (int times = 0; times < IMAGES; times++) {
        uint16_t numbers[FUNCTIONS];
        struct image *image = leaves(&seed, numbers);
        for (int at = 0; at < FUNCTIONS; at++) agrees(vm, image, numbers[at], &seed, &closed);
        image_free(image);
    }
    cr_assert_gt(closed, IMAGES * FUNCTIONS / 8); /* most of the others give a constant, or ask what no term says */
    vm_free(vm);
    slab_free(slab);
}

/* group a and, unless the figure is none, the figure < 5: who is in the group is found by its term. */
Test(vm_demand, terms_before_a_jump_are_known_behind_it)
{
    struct image_writer *w = image_writer_new();
    struct error error = {0};
    struct demand_clause clauses[DEMAND_CLAUSES];
    size_t length;
    sample_name(w, TYPE_GROUP, "a");
    uint16_t number = writer_function_begin(w, "leaf", FUNCTION_LEAF, IMAGE_NONE, 1, TYPE_BOOL);
    uint8_t figure = writer_register(w, TYPE_INT | TYPE_OPTIONAL), group = writer_register(w, TYPE_GROUP);
    uint8_t bare = writer_register(w, TYPE_INT), limit = writer_register(w, TYPE_INT);
    uint8_t yes = writer_register(w, TYPE_BOOL), also = writer_register(w, TYPE_BOOL);
    uint32_t none = writer_label(w);
    writer_abx(w, OP_LOAD, group, writer_constant(w, TYPE_GROUP, 0));
    writer_abc(w, OP_MEMBER, yes, group, 0);
    writer_abx(w, OP_LOAD_INT, also, 0);
    writer_jump(w, OP_JNONE, figure, 0, none);
    writer_abc(w, OP_UNWRAP, bare, figure, 0);
    writer_abx(w, OP_LOAD_INT, limit, 5);
    writer_abc(w, OP_LT, also, bare, limit);
    writer_place(w, none);
    writer_abc(w, OP_AND, yes, yes, also);
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_function_end(w);
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert(bytes, "%s", error.text);
    struct image *image = image_load(bytes, length, &error);
    uint64_t capture = 3;
    cr_assert_eq(demand_read(image, number, &capture, 1, clauses), 1u);
    cr_expect(clauses[0].open && clauses[0].count == 1 && clauses[0].terms[0].type == TYPE_GROUP);
    cr_expect_not(demand_asks_figures(image, number));
    image_free(image);
    image_writer_free(w);
    free(bytes);
}

/* skill[a] >= 8 and (skill b >= 1 or group c), and more than there is room for. */
Test(vm_demand, too_much_for_terms_is_left_open)
{
    struct image_writer *w = image_writer_new();
    struct error error = {0};
    size_t length;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    for (int at = 0; at < 6; at++) sample_name(w, TYPE_SKILL, names[at]);
    uint16_t number = writer_function_begin(w, "leaf", FUNCTION_LEAF, IMAGE_NONE, 1, TYPE_BOOL);
    uint8_t skill = writer_register(w, TYPE_SKILL), least = writer_register(w, TYPE_INT);
    uint8_t has = writer_register(w, TYPE_INT), yes = writer_register(w, TYPE_BOOL),
            all = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_LOAD_INT, all, 1);
    writer_abx(w, OP_LOAD_INT, least, 5);
    for (uint64_t at = 0; at < 6; at++) {
        writer_abc(w, OP_LEVEL, has, skill, 0);
        writer_abc(w, OP_LE, yes, least, has);
        writer_abc(w, OP_AND, all, all, yes);
        writer_abx(w, OP_LOAD, skill, writer_constant(w, TYPE_SKILL, at));
    }
    writer_abc(w, OP_RETURN, all, 0, 0);
    writer_function_end(w);
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert(bytes, "%s", error.text);
    struct image *image = image_load(bytes, length, &error);
    struct demand_clause clauses[DEMAND_CLAUSES];
    uint64_t capture = 5;
    cr_assert_eq(demand_read(image, number, &capture, 1, clauses), 1u);
    cr_assert(clauses[0].open && clauses[0].count == DEMAND_TERMS && clauses[0].terms[0].name == 5);
    cr_assert_eq(clauses[0].terms[3].least, 5);
    image_free(image);
    image_writer_free(w);
    free(bytes);
}

/* compiler/language/steps.c - The tables of steps, made from the .def files.
 *
 * All facts about a step are in steps.def: name, parameters, exits, result, the media that it needs, how long it may
 * take. These functions look there. A new step needs a row and the code that performs it; checker, completion,
 * hover, manual and simulator read the row.
 *
 * A timeout is one number in the table: microseconds, with a bit above them for the duration that it limits (a try,
 * the whole step, or an argument in addition), or a negative mark for none. Only step_timeout() knows this coding;
 * 2^60 us are 36,000 years. */
#include "compiler/language/steps.h"

#include <assert.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "base/near.h"

#define STEP_TIMEOUT_TRY      (INT64_C(1) << 60)
#define STEP_TIMEOUT_ARGUMENT (INT64_C(1) << 61)
#define STEP_TIMEOUT_SITE     (INT64_C(1) << 62)
#define STEP_TIMEOUT_NONE     (INT64_C(-1))
#define STEP_TIMEOUT_OPTIONAL (INT64_C(-2))
#define STEP_TIMEOUT_AFTER    (INT64_C(-3))

static const int64_t timeouts[] = {
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc) timeout,
#include "compiler/language/steps_all.def"
};

static const struct {
    enum step_id step;
    struct step_param param;
} params[] = {
#define P(id, parameter, number, type, need) {STEP_ID_##id, {#parameter, PARAM_##type, PARAM_##need}},
#include "compiler/language/steps_all.def"
};

static const struct {
    enum step_id step;
    const char *code;
    enum exit_clause clause;
} exits[] = {
#define X(id, code)          {STEP_ID_##id, #code, EXIT_ALWAYS},
#define XC(id, code, clause) {STEP_ID_##id, #code, EXIT_##clause},
#include "compiler/language/steps_all.def"
};

/* A row with more exits or parameters than the callers' arrays hold does not compile, so none is left out. */
#define STEP(...)    static_assert(0
#define X(id, code) +1
#define END_STEP(id) <= STEP_EXITS_MAX, "a step has more exits than STEP_EXITS_MAX (steps.h)");
#include "compiler/language/steps_all.def"
#define STEP(...)                        static_assert(0
#define P(id, parameter, number, type, need) +((int)PARAM_##type < (int)PARAM_ZONE)
#define END_STEP(id)                     <= STEP_PARAMS_MAX, "a step has more parameters than STEP_PARAMS_MAX (steps.h)");
#include "compiler/language/steps_all.def"

static const struct step_row rows[] = {
#define STEP(id_, name_, number_, media_, result_, timeout_, class_, cancellable_, ends_, at_once_, family_, doc_)     \
    {.id = STEP_ID_##id_,                                                                                              \
     .name = name_,                                                                                                    \
     .number = number_,                                                                                                \
     .media = MEDIA_##media_,                                                                                          \
     .result = RESULT_##result_,                                                                                       \
     .cancellable = cancellable_,                                                                                      \
     .ends = ends_,                                                                                                    \
     .carried = CARRIED},
#define CARRIED true
#define MORE_STEPS
#include "vm/steps.def"
#undef CARRIED
#define CARRIED false
#include "compiler/language/steps_checked.def"
#undef CARRIED
};

const struct step_row *step_row(unsigned id)
{
    assert(id < STEP_IDS);
    return &rows[id];
}

/* Rows of parameters are in the order of their steps. Parameters from PARAM_ZONE on are filled in by the compiler,
 * and an author cannot write them. */
uint32_t step_params(const struct step_row *row, const struct step_param **first)
{
    uint32_t count = 0, at = 0, end = sizeof params / sizeof *params;
    while (at < end) {
        uint32_t middle = at + (end - at) / 2;
        if (params[middle].step < row->id)
            at = middle + 1;
        else
            end = middle;
    }
    for (; at < sizeof params / sizeof *params && params[at].step == row->id; at++)
        if (params[at].param.type < PARAM_ZONE) first[count++] = &params[at].param;
    return count;
}

/* Stores the codes of the step's exits in the order of the table; `codes` has room for STEP_EXITS_MAX. */
uint32_t step_exits(const struct step_row *row, unsigned clauses, const char **codes)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sizeof exits / sizeof *exits; i++)
        if (exits[i].step == row->id && ((clauses | EXITS_OF(EXIT_ALWAYS)) & EXITS_OF(exits[i].clause)) != 0)
            codes[count++] = exits[i].code;
    return count;
}

const char *step_exit_argument(const struct step_row *row)
{
    static const char *const arguments[] = {
        "",
#define EXIT_CLAUSE(CLAUSE, argument) argument,
#include "vm/exits.def"
    };
    for (uint32_t i = 0; i < sizeof exits / sizeof *exits; i++)
        if (exits[i].step == row->id && *arguments[exits[i].clause]) return arguments[exits[i].clause];
    return NULL;
}

/* A step may be tried again if one of its failures may be gone at the next try, such as a busy line. */
bool step_is_tried_again(const struct step_row *row)
{
    static const char *const mended[] = {
#define TRIED_AGAIN(code) #code,
#include "vm/tried_again.def"
    };
    const char *codes[STEP_EXITS_MAX];
    uint32_t count = step_exits(row, EXITS_ALL, codes);
    for (uint32_t i = 0; i < count; i++)
        for (size_t j = 0; j < sizeof mended / sizeof *mended; j++)
            if (!strcmp(codes[i], mended[j])) return true;
    return false;
}

/* The negative marks are tested first: all their upper bits are set, so tests of single bits would be true for them,
 * too. */
enum timeout_kind step_timeout(const struct step_row *row, int64_t *us)
{
    assert(row->id < STEP_IDS);
    int64_t timeout = timeouts[row->id];
    *us = timeout & (STEP_TIMEOUT_TRY - 1);
    if (timeout == STEP_TIMEOUT_NONE || timeout == STEP_TIMEOUT_OPTIONAL) return TIMEOUT_NONE;
    if (timeout == STEP_TIMEOUT_AFTER) return TIMEOUT_AFTER;
    if (timeout & STEP_TIMEOUT_SITE) return TIMEOUT_SITE;
    if (timeout & STEP_TIMEOUT_ARGUMENT) return TIMEOUT_ARGUMENT;
    return timeout & STEP_TIMEOUT_TRY ? TIMEOUT_TRY : TIMEOUT_FIXED;
}

const struct step_row *step_row_named(const char *name)
{
    for (uint32_t i = 0; i < STEP_IDS; i++)
        if (!strcmp(rows[i].name, name)) return &rows[i];
    return NULL;
}

const char *step_row_near(const char *name)
{
    const char *nearest = NULL;
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < STEP_IDS; i++)
        if (near_is_nearer(name, rows[i].name, &least)) nearest = rows[i].name;
    return nearest;
}

/* Returns "ivr.play, ivr.say, ...": the steps with the same word before the dot, for a message. */
const char *steps_beside(struct arena *arena, const char *name)
{
    const char *point = strchr(name, '.'), *all = NULL;
    for (uint32_t i = 0; point && i < STEP_IDS; i++) {
        if (strncmp(rows[i].name, name, (size_t)(point - name) + 1) != 0) continue;
        all = all ? arena_printf(arena, "%s, %s", all, rows[i].name) : rows[i].name;
    }
    return all;
}

const struct order_row order_rows[] = {
#define ORDER(word, by, doc) {#word, by},
#include "vm/orders.def"
};
const uint32_t order_row_count = sizeof order_rows / sizeof *order_rows;

const struct attribute_row attribute_rows[] = {
#define ATTRIBUTE(name_, number_, type_, optional_, media_, when_, where_, written_, doc_, changes_)                   \
    {.name = #name_,                                                                                                   \
     .number = number_,                                                                                                \
     .type = LANG_##type_,                                                                                             \
     .optional = (optional_) != 0,                                                                                     \
     .known = (optional_) == 2,                                                                                        \
     .written = written_,                                                                                              \
     .changes = (changes_),                                                                                            \
     .media = MEDIA_##media_,                                                                                          \
     .when = WHEN_##when_,                                                                                             \
     .carried = CARRIED},
#define CONTACT(member_, number_, type_, optional_, doc_, media_)                                                      \
    {.name = "contact." #member_,                                                                                      \
     .number = number_,                                                                                                \
     .type = LANG_##type_,                                                                                             \
     .optional = optional_,                                                                                            \
     .media = MEDIA_##media_,                                                                                          \
     .when = WHEN_ALWAYS,                                                                                              \
     .carried = true},
#define CARRIED true
#include "vm/attributes.def"
#undef CARRIED
#define CARRIED false
#include "compiler/language/attributes_checked.def"
#undef CARRIED
#undef ATTRIBUTE
};
const uint32_t attribute_row_count = sizeof attribute_rows / sizeof *attribute_rows;

static unsigned changes_of(const char *name)
{
    for (uint32_t i = 0; i < attribute_row_count; i++)
        if (strcmp(attribute_rows[i].name, name) == 0) return attribute_rows[i].changes;
    return 0;
}

bool attribute_changes(const char *name)
{
    return changes_of(name) != 0;
}

bool attribute_ticks(const char *name)
{
    return changes_of(name) == 1;
}

bool attribute_hears(const char *name)
{
    return changes_of(name) == 2;
}

bool attribute_gives_way(const struct attribute_row *row)
{
    static const char *const later[] = {"author", "ewt_low", "ewt_high"};
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (strcmp(row->name, later[i]) == 0) return true;
    return false;
}

static const struct {
    const char *enumeration, *word;
    uint32_t number;
} words[] = {
#define ENUM(name)
#define V(name, word, number) {#name, #word, number},
#define END_ENUM(name)
#include "runtime/vocabulary/enums.def"
};
enum { WORDS = sizeof words / sizeof *words };

struct enumeration *step_enumeration_named(struct arena *arena, const char *name)
{
    struct enumeration *enumeration = ARENA_NEW(arena, struct enumeration);
    uint32_t count = 0;
    for (uint32_t i = 0; i < WORDS; i++) count += !strcmp(words[i].enumeration, name);
    const char **texts = ARENA_ARRAY(arena, const char *, count);
    uint32_t *numbers = ARENA_ARRAY(arena, uint32_t, count);
    *enumeration = (struct enumeration){.name = name, .words = texts, .numbers = numbers};
    for (uint32_t i = 0; i < WORDS; i++) {
        if (strcmp(words[i].enumeration, name)) continue;
        texts[enumeration->count] = words[i].word;
        numbers[enumeration->count++] = words[i].number;
    }
    return enumeration;
}

uint32_t step_exit_number(const char *code)
{
    uint32_t i = 0;
    while (strcmp(words[i].enumeration, "code") != 0 || strcmp(words[i].word, code) != 0) {
        assert(i + 1 < WORDS);
        i++;
    }
    return words[i].number;
}

/* The arrays of `to` were made with room for every exit, so none has to grow here. */
static void enumeration_add_word(struct enumeration *to, const struct enumeration *all, const char *word)
{
    for (uint32_t i = 0; i < to->count; i++)
        if (!strcmp(to->words[i], word)) return;
    for (uint32_t i = 0; i < all->count; i++) {
        if (strcmp(all->words[i], word)) continue;
        ((const char **)to->words)[to->count] = all->words[i];
        ((uint32_t *)to->numbers)[to->count++] = all->numbers[i];
    }
}

/* Returns the reasons that an `else e` can get after this step: its own exits, and three that every step may have.
 */
struct enumeration *step_exits_enumeration(struct arena *arena, const struct step_row *row, unsigned clauses)
{
    const struct enumeration *all = step_enumeration_named(arena, "code");
    struct enumeration *made = ARENA_NEW(arena, struct enumeration);
    const char *codes[STEP_EXITS_MAX];
    *made = (struct enumeration){.name = arena_printf(arena, "a reason of %s", row->name),
                                 .exits = true,
                                 .words = ARENA_ARRAY(arena, const char *, STEP_EXITS_MAX + 3),
                                 .numbers = ARENA_ARRAY(arena, uint32_t, STEP_EXITS_MAX + 3)};
    uint32_t count = step_exits(row, clauses, codes);
    for (uint32_t i = 0; i < count; i++) enumeration_add_word(made, all, codes[i]);
    enumeration_add_word(made, all, "timeout");
    enumeration_add_word(made, all, "link_down");
    enumeration_add_word(made, all, "unsupported");
    return made;
}

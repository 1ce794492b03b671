/* runtime/scenario/table.c - scenario.def as data. */
#include "runtime/scenario/table.h"

#define WORDS(name, ...) static const char *const words_##name[] = {__VA_ARGS__};
#include "runtime/scenario/scenario.def"

// clang-format off
#define FIELD(of, field, is, ...) {.name = #field, .type = FIELD_##is, .at = offsetof(struct scenario_##of, field), \
    .size = sizeof ((struct scenario_##of *)0)->field, __VA_ARGS__},
#define NUMBER(of, field, m, a) FIELD(of, field, NUMBER, .most = (m), .absent = (uint64_t)(a))

#define BEGIN(name) static const struct scenario_field fields_##name[] = {
#define END(name) };
#define TEXT(of, field, n, m, a) FIELD(of, field, TEXT, .need = NEED_##n, .most = (m), .text = (a))
#define WORD(of, field, w, a) FIELD(of, field, WORD, .words = {words_##w, sizeof words_##w / sizeof *words_##w}, .text = (a))
#define FLAG(of, field) NUMBER(of, field, 1, 0)
#define U32(of, field, m, a) NUMBER(of, field, m, a)
#define U64(of, field, m, a) NUMBER(of, field, m, a)
#define I64(of, field, m, a) NUMBER(of, field, m, a)
#define REAL(of, field) FIELD(of, field, REAL, .most = 0)
#define VALUE(of, field, n, k) FIELD(of, field, VALUE, .need = NEED_##n, .kind = KIND_##k)
#define LIST(of, field, what, m) \
    FIELD(of, field, LIST, .shape = SHAPE_##what, .most = (m), .count_at = offsetof(struct scenario_##of, count))
#define ONE(of, field, what) FIELD(of, field, ONE, .shape = SHAPE_##what)
#include "runtime/scenario/scenario.def"

static const struct scenario_field fields_item[] = { /* the act's fields follow */
    NUMBER(item, at_us, SCENARIO_US_MAX, 0)
    NUMBER(item, line, UINT32_MAX, 0)
};

#define ROW(name) {#name, sizeof(struct scenario_##name), fields_##name, sizeof fields_##name / sizeof *fields_##name},
const struct scenario_row scenario_rows[SHAPES] = {
#define STRUCT ROW
#include "runtime/scenario/scenario.def"
    ROW(item)
};

enum { TOP = false, OWN = true };

const struct scenario_act scenario_acts[ITEM_KINDS] = {
#define ACT(KIND, what, place) {#KIND, SHAPE_##what, place},
#define ALSO ACT
#include "runtime/scenario/scenario.def"
};
// clang-format on

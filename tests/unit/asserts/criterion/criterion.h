/* tests/unit/asserts/criterion/criterion.h - Criterion as unit tests have it. Criterion makes the text of a failure
 * where the assertion stands, which is half of what a compiler has to do for a test; here functions of start.c make it.
 * Each of Criterion's assertions comes to cr_assert_impl. */
#pragma once
#include_next <criterion/criterion.h>

/* Why an assertion failed: Criterion's number for the kind of it, and that kind's texts. Valid until the next call. */
const char *assertion_reason(int kind, const char *text, ...);

/* Tells that an assertion failed. `words` are an x and those of the test; where it has none, the reason is told. */
__attribute__((format(printf, 4, 5))) void assertion_failed(const char *file, unsigned line, const char *reason,
                                                            const char *words, ...);

#define ASSERTION_REASON(...)                                                                                          \
    CR_EXPAND(assertion_reason(CR_VA_HEAD(__VA_ARGS__), "" CR_TRANSLATE_DEF_MSG__(CR_VA_HEAD(CR_VA_TAIL(__VA_ARGS__)))))
#define ASSERTION_FAILED(...)                                                                                          \
    CR_EXPAND(                                                                                                         \
        assertion_failed(__FILE__, __LINE__, ASSERTION_REASON(__VA_ARGS__), "x" CR_VA_TAIL(CR_VA_TAIL(__VA_ARGS__))))
#undef cr_assert_impl
#define cr_assert_impl(Fail, Condition, ...)                                                                           \
    do {                                                                                                               \
        if (!(Condition)) {                                                                                            \
            CR_EXPAND(ASSERTION_FAILED(CR_VA_TAIL(__VA_ARGS__)));                                                      \
            Fail();                                                                                                    \
        }                                                                                                              \
    } while (0)

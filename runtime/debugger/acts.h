/* runtime/debugger/acts.h - What a user has done so far who plays caller and agents at the prompt, as the lines of a
 * test.
 *
 * Each act is a line in the language of tests, with its time. All answers to a step are in one line, in the order in
 * which the step asked. After each act the test is compiled again; playing it repeats everything that was done. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acts;
struct sources;
struct sim_tests;
struct sim_test;
struct image;

/* Makes an empty list of acts for the program of the given source files; files and image are borrowed. */
struct acts *acts_new(const struct sources *, const struct image *);
/* Takes the lines that a test in a file has before its first expectation. No acts can be added to them; they can
 * only be exported. NULL: the file no longer has such a test. */
struct acts *acts_of_test(const struct sources *, const struct sim_test *);
/* Takes the lines of a test that was made of a journal's interaction, whose strategy is in that image. To this test,
 * too, no acts can be added. */
struct acts *acts_of_lines(const struct sources *, const struct image *, const char *strategy, const char *lines);
void acts_free(struct acts *);
/* Returns the test so far, compiled; the tests belong to the acts and are valid until the next change. NULL: the
 * test does not compile, for the reason in `why`. */
const struct sim_tests *acts_tests(struct acts *, char *why, size_t size);
uint32_t acts_index(const struct acts *); /* index of the acts' test among acts_tests() */

/* Adds a line of a test, without its semicolon, at this time. False: nothing is added, and `why` says why the
 * compiler refuses the line, or why the play could not begin with it. */
bool acts_add(struct acts *, uint64_t at_us, const char *line, char *why, size_t size);
/* Notes that a step asks for an answer; `written` is the beginning of a test line that answers it. */
void acts_asked(struct acts *, const char *written, uint64_t now_us);
/* Adds an outcome for the step that asked last and has no answer. False with the reason. */
bool acts_answer(struct acts *, const char *outcome, uint64_t now_us, char *why, size_t size);
/* Returns the test's text with those of the `wanted` expectations that hold; malloc'ed. NULL: the test does not pass
 * even without expectations, for the reason in `why`. */
char *acts_export(struct acts *, const char *title, const char *const *wanted, size_t count, char *why, size_t size);
/* Returns the text of a test retold from a journal: `wanted` is what happened, first the end of the interaction if
 * it had ended; `lacks` has lines of comments. Expectations that do not hold in the test become comments, too;
 * `*differs` is their count. */
char *acts_retell(struct acts *, const char *title, const char *const *wanted, size_t count, const char *lacks,
                  size_t *differs, char *why, size_t size);

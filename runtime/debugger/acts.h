/* runtime/debugger/acts.h - The acts so far of somebody who is the world, as the lines of a test.
 *
 * Each act is a line of the language of tests, with its time. Answers to a step stand in one line, in the order in
 * which it asked. After each act the test is compiled anew; playing it does again what was done. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acts;
struct sources;
struct sim_tests;
struct sim_test;
struct image;

/* Acts on the program of these files; all is borrowed. */
struct acts *acts_new(const struct sources *, const struct image *);
/* The lines that a test in a file has written before it expects anything. Nothing is added to it; it is exported alone.
 * NULL: the file has no such test any more. */
struct acts *acts_of_test(const struct sources *, const struct sim_test *);
/* Lines of a test of a journal's interaction, whose strategy is in that image; likewise. */
struct acts *acts_of_lines(const struct sources *, const struct image *, const char *strategy, const char *lines);
void acts_free(struct acts *);
/* The test so far, compiled; the acts' until the next change. NULL where that does not compile: `why`. */
const struct sim_tests *acts_tests(struct acts *, char *why, size_t size);
uint32_t acts_index(const struct acts *); /* index of the acts' test among acts_tests() */

/* Adds a line, without its semicolon, at this time. False, and nothing is added: `why` says why the compiler refuses
 * the line, or why the play could not begin with it. */
bool acts_add(struct acts *, uint64_t at_us, const char *line, char *why, size_t size);
/* Notes that a step asks; `written` is how a line that answers it begins. */
void acts_asked(struct acts *, const char *written, uint64_t now_us);
/* Adds an outcome for the step that asked last and has none. False with the reason. */
bool acts_answer(struct acts *, const char *outcome, uint64_t now_us, char *why, size_t size);
/* The test's text, with those expectations of `wanted` that hold; malloc'ed. NULL: even so the test does not pass, for
 * the reason in `why`. */
char *acts_export(struct acts *, const char *title, const char *const *wanted, size_t count, char *why, size_t size);
/* The same of what is retold: `wanted` is what was, its end first if it had one; `lacks` is lines of comments.
 * Expectations that do not hold in the test become comments, too; they are counted. */
char *acts_retell(struct acts *, const char *title, const char *const *wanted, size_t count, const char *lacks,
                  size_t *differs, char *why, size_t size);

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
uint32_t acts_index(const struct acts *); /* of the test among them */

/* A line, without its semicolon, at that time. False, and nothing is added: `why` the compiler refuses it, or
 * the play could not begin with it. */
bool acts_add(struct acts *, uint64_t at_us, const char *line, char *why, size_t size);
/* A step asks. */
void acts_asked(struct acts *, const char *written, uint64_t now_us);
/* An outcome for the step that asked last and has none. */
bool acts_answer(struct acts *, const char *outcome, uint64_t now_us, char *why, size_t size);
/* The test, with those of the expectations `wanted` that hold; malloc'ed. NULL: it does not pass even so, `why`. */
char *acts_export(struct acts *, const char *title, const char *const *wanted, size_t count, char *why, size_t size);
/* The same of what is retold: `wanted` is what was, its end first if it had one; `lacks` is lines of comments.
 * Expectations that do not hold in the test become comments, too; they are counted. */
char *acts_retell(struct acts *, const char *title, const char *const *wanted, size_t count, const char *lacks,
                  size_t *differs, char *why, size_t size);

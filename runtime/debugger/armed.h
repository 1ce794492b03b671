/* runtime/debugger/armed.h - The condition of an interaction that somebody waits for, compiled for gcxvm.
 *
 * The program that serves the routing point is compiled once more with a strategy behind it that stops where the
 * expression holds (runtime/core/run/debug_when.h runs it). So it means what it means in the source. */
#pragma once

#include <stddef.h>

struct sources;
struct past;

/* How an expression is sent. ARMED_WORDS: the sources are not here, and gcxvm reads the text itself, which then has to
 * be comparisons. ARMED_WRONG: `why` it cannot be. */
enum armed { ARMED_WRONG, ARMED_WORDS, ARMED_IMAGE };

/* Makes the image of the routing point as it is at the end of the journal, with those libraries of natives; `*image`:
 * in base64, malloc'ed. */
enum armed armed_compile(const struct past *, const struct sources *, const char *point, const char *expression,
                         char **image, char *why, size_t size);

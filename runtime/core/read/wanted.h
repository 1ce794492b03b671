/* runtime/core/read/wanted.h - Tells what a waiting interaction has asked of its virtual queue, as a text.
 *
 * The text names queues, skills, groups and agents by their names, never by the numbers of an image. So two versions of
 * a program that ask the same give the same text. The functions change nothing, like those of read.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct core;
struct image;

enum {
    WANTED_TEXT = 512
}; /* bytes of the text with its final zero; a longer text is cut, and ends with a number of the whole */

/* Writes queue, priority, time limit, order and lines of the selection at which the interaction waits, for example
 * "vq sales, priority 3, for 30000 ms: skill French >= 3; after 10000 ms group sales". Of a condition that is more than
 * skills and groups, the text has a number (condition.h). A text that is cut ends with the number of the whole one.
 * `moment`: with times and durations that the strategy has computed. They may depend on the moment at which the
 * selection began, so two such texts are only compared if that is the same; where they are the same without `moment`,
 * nothing was computed. False: the interaction waits at no selection. */
bool core_wanted(const struct core *, uint64_t ixn, bool moment, char text[WANTED_TEXT]);
/* True: the wait of that number is a selection. */
bool core_wanted_by(const struct image *, uint32_t wait);

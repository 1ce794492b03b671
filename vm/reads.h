/* vm/reads.h - Finds out how the code and the data of an image use the names that its site declares. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/image.h"

/* Does the program use the row of SECTION_NAMES anywhere, in its code or its data? If not, the site declares the
 * name, but no strategy uses it. */
bool image_says_name(const struct image *, uint32_t name);
/* Where the program routes to a name, if it does. */
struct image_routed {
    bool there;
    struct image_reader at;
};
/* For queues not noted yet, notes where the function routes to them: as the destination of a route, as a target of a
 * selection, or, if it computes the destination, perhaps by a value in the data or in the functions of `loads`. */
void image_routes(const struct image *, uint32_t function, const bool *loads, struct image_routed *by_name);
/* Finds the functions that a strategy runs, also by calls: `runs` has an element for each function of the image. */
void image_strategy_runs(const struct image *, uint32_t strategy, bool *runs);
/* Does the strategy choose agents, so that they have to be offered its media? */
bool image_strategy_chooses(const struct image *, uint32_t strategy);
/* Finds the next name that a strategy writes as a text, as in dn.named("4711"), and sets its kind and its text, which
 * may be in `inlined`. `*at`, all zeros at first, is the place where the search continues. False after the last name.
 */
bool image_next_spelled(const struct image *, struct image_reader *at, uint16_t *kind, struct text *, char inlined[8]);
/* Gets the text that a strategy writes directly as the argument of a step; false: it writes none. */
bool image_says_text(const struct image *, uint16_t operand, struct text *, char inlined[8]);

struct image_pair { /* one pair of a map whose pairs a strategy writes directly in a step's argument */
    struct text key;
    bool known;    /* false: the key or the value comes from elsewhere, and the other members are not set */
    uint16_t type; /* of the value */
    const struct image_wait *wait;
    uint32_t at, box; /* positions after what was read, and after the code of the value */
    char inlined[8];
};
/* Gets a pair of the map in the register that is an argument of the wait; false after the last, and if the map comes
 * from elsewhere. */
bool image_says_pair(const struct image *, const struct image_wait *, uint16_t operand, uint32_t index,
                     struct image_pair *);
/* Gets the next text that the pair's value may be, as a strategy writes it. `*always`: the value is always this
 * text. False: no more. */
bool image_pair_text(const struct image *, struct image_pair *, struct text *, char inlined[8], bool *always);

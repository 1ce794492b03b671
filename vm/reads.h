/* vm/reads.h - What the code and the data of an image say of the names that its site declares. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/image.h"

/* Does the program use the row of SECTION_NAMES at all, in its code or its data? If not, the site declares the name,
 * and no strategy uses it. */
bool image_says_name(const struct image *, uint32_t name);
/* Where a name is routed to, if it is. */
struct image_routed {
    bool there;
    struct image_reader at;
};
/* Notes by name where the function routes to it, of queues that are not noted yet: as the destination of a route, as a
 * target of a selection, or, where it works the destination out, perhaps by a value of the data or of the functions
 * that `loads` has. */
void image_routes(const struct image *, uint32_t function, const bool *loads, struct image_routed *by_name);
/* Which functions a strategy runs, by calls, too: `runs` has one for each of the image. */
void image_strategy_runs(const struct image *, uint32_t strategy, bool *runs);
/* Does the strategy choose agents, so that they have to be offered its media? */
bool image_strategy_chooses(const struct image *, uint32_t strategy);
/* The next name that a strategy spells as a text, as dn.named("4711"), from `*at` on, which begins zeroed and is then
 * behind it: its kind, and the text, which may be in `inlined`. False past the last. */
bool image_next_spelled(const struct image *, struct image_reader *at, uint16_t *kind, struct text *, char inlined[8]);
/* The text that a strategy writes as the argument of a step itself; false: it is none. */
bool image_says_text(const struct image *, uint16_t operand, struct text *, char inlined[8]);

struct image_pair { /* of a map whose pairs a strategy writes where it gives it to a step */
    struct text key;
    bool known;    /* else the key or the value comes from elsewhere, and no more is said here */
    uint16_t type; /* of the value */
    const struct image_wait *wait;
    uint32_t at, box; /* behind what is read, and behind where the value is done */
    char inlined[8];
};
/* The pair of the map in the register that is an argument of the wait; false past the last, and where the map comes
 * from elsewhere. */
bool image_says_pair(const struct image *, const struct image_wait *, uint16_t operand, uint32_t index,
                     struct image_pair *);
/* The next text that the pair's value may be, as a strategy writes it. `*always`: it is nothing else. False: no more.
 */
bool image_pair_text(const struct image *, struct image_pair *, struct text *, char inlined[8], bool *always);

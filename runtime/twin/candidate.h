/* runtime/twin/candidate.h - Finds the version that is to be compared, and says before the start why it cannot be. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "runtime/twin/tally.h"

struct core;
struct image;
struct images;

/* `what`: a file (.gcxb), or the whole hash of an image in the journal. The image belongs to `images`. NULL with the
 * reason. */
const struct image *candidate_find(struct images *, const char *what, struct error *);
/* May the image be played at the routing point, which the core has? `present` becomes what runs there. False with the
 * reason: no such routing point, nothing runs there, the image lacks that strategy, or has it for other media. */
bool candidate_fits(const struct image *, const struct core *, struct images *, const char *point,
                    char present[TALLY_TEXT], struct error *);
/* Is each strategy of the image that runs now, at `point` or, for NULL, anywhere, for a medium of what runs there?
 * False with the reason, which names the routing point. */
bool candidate_begins_everywhere(const struct image *, const struct core *, struct images *, const char *point,
                                 struct error *);

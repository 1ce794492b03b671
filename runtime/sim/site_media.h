/* runtime/sim/site_media.h - Names of media in the site of an image, which may define media of its own, and which of
 * them a link offers to agents. With a core, use core_medium() instead. */
#pragma once

#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"

struct image;
struct sim_link;

/* Returns the site's name of the medium, else the name in enums.def. Borrowed from the image. */
struct span media_said(const struct image *, enum media);
/* Returns the medium with that name at the site; media_none: there is none. */
enum media media_named(const struct image *, struct span word);

/* Is the word one of `words`, which are separated by the bytes in `between`? */
bool sim_words_have(const char *words, const char *between, struct span word);
/* Does the link offer the medium, whose name at the site is `said`, to agents at its desktops: by its setting, or
 * because it brings the medium? */
bool sim_link_offers(const struct sim_link *, enum media, struct span said);

/* runtime/sim/site_media.h - Names of media in the site of an image, which may define media of its own. With a core,
 * use core_medium() instead. */
#pragma once

#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"

struct image;

/* Returns the site's name of the medium, else the name in enums.def. Borrowed from the image. */
struct span media_said(const struct image *, enum media);
/* Returns the medium with that name at the site; media_none: there is none. */
enum media media_named(const struct image *, struct span word);

/* runtime/sim/site_media.h - Media as the site of an image says them: its own have the names that it gives them. Beside
 * a core, core_medium() knows them. */
#pragma once

#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"

struct image;

/* The site's name of the medium, or that of enums.def. Borrowed from the image. */
struct span media_said(const struct image *, enum media);
/* The medium that the site says so; media_none: there is none. */
enum media media_named(const struct image *, struct span word);

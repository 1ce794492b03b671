/* runtime/daemon/admin/settings.h - The images whose settings are looked at and changed: those of the strategies in
 * force. Owns nothing. On the core's thread, between two batches. */
#pragma once

#include <stddef.h>

struct core;
struct image;

enum { SETTINGS_IMAGES_MAX = 256 };

/* Each once; how many there are, at most `count`. Borrowed. */
size_t settings_images(const struct core *, const struct image **images, size_t count);

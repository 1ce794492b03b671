/* runtime/daemon/admin/settings.h - Finds the images whose settings are read and changed: those of the strategies in
 * force. Owns nothing. Runs on the core's thread, between two batches. */
#pragma once

#include <stddef.h>

struct core;
struct image;

enum { SETTINGS_IMAGES_MAX = 256 };

/* Lists the images of the strategies in force, each once, `count` at most, and returns how many. They are borrowed. */
size_t settings_images(const struct core *, const struct image **images, size_t count);

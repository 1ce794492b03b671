/* runtime/core/interactions/no_image.h - The image of interactions that no strategy has served yet. */
#pragma once

struct image;

/* Returns an image with one strategy, which declares no keys and ends at once. The caller frees it. */
struct image *no_image_new(void);

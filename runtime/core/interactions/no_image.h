/* runtime/core/interactions/no_image.h - The image of interactions that no strategy has served yet. */
#ifndef CORE_NO_IMAGE_H
#define CORE_NO_IMAGE_H

struct image;

/* One strategy, without keys, that ends at once. The caller frees it. */
struct image *no_image_new(void);

#endif

/* runtime/journal/images.c - Loading and storing images. */
#include "runtime/journal/images.h"

#include <stdlib.h>
#include <string.h>

#include "vm/image.h"

struct images {
    struct store *store;
    struct image **loaded;
    size_t count, capacity;
};

struct images *images_new(struct store *store)
{
    struct images *images = calloc(1, sizeof *images);
    if (!images) abort();
    images->store = store;
    return images;
}

void images_free(struct images *images)
{
    if (!images) return;
    for (size_t i = 0; i < images->count; i++) image_free(images->loaded[i]);
    free(images->loaded);
    free(images);
}

static struct image *known(const struct images *images, const uint8_t hash[32])
{
    for (size_t i = 0; i < images->count; i++)
        if (memcmp(image_hash(images->loaded[i]), hash, IMAGE_HASH) == 0) return images->loaded[i];
    return NULL;
}

static void keep(struct images *images, struct image *image)
{
    if (images->count == images->capacity) {
        images->capacity = images->capacity ? images->capacity * 2 : 8;
        images->loaded = realloc(images->loaded, images->capacity * sizeof *images->loaded);
        if (!images->loaded) abort();
    }
    images->loaded[images->count++] = image;
}

const struct image *images_get(void *self, const uint8_t hash[32])
{
    struct images *images = self;
    struct image *image = known(images, hash);
    if (image) return image;
    struct span bytes;
    struct error error;
    if (!store_get_image(images->store, hash, &bytes, &error)) return NULL;
    image = image_load(bytes.bytes, bytes.length, &error);
    if (!image) return NULL;
    if (memcmp(image_hash(image), hash, IMAGE_HASH) != 0) {
        image_free(image); /* stored under a name that is not its own */
        return NULL;
    }
    keep(images, image);
    return image;
}

bool images_put(struct images *images, struct span bytes, uint8_t hash[32], struct error *error)
{
    struct image *image = image_load(bytes.bytes, bytes.length, error);
    if (!image) return false;
    memcpy(hash, image_hash(image), IMAGE_HASH);
    bool good = store_put_image(images->store, hash, bytes, error);
    if (good && !known(images, hash))
        keep(images, image);
    else
        image_free(image);
    return good;
}

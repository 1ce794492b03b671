/* runtime/journal/images.c - Loads and stores images.
 *
 * An image is known once it was loaded, and is kept until the process ends, since the core and its interactions borrow
 * it. An image is stored under its hash, which batches name, and made durable before any batch does: so images_get
 * finds whatever a replay asks for. */
#include "runtime/journal/images.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "vm/image.h"

struct images {
    struct batches *store;
    bool (*loading)(void *self, struct image *, struct error *);
    void *self;
    struct error refused; /* why the first image was refused that images_get() was asked for */
    pthread_mutex_t lock; /* of the list */
    struct image **all;
    bool *retired; /* by the same index */
    size_t count;
};

struct images *images_new(struct batches *store, bool (*loading)(void *, struct image *, struct error *), void *self)
{
    struct images *images = memory_zeroed(1, sizeof *images);
    *images = (struct images){.store = store, .loading = loading, .self = self};
    pthread_mutex_init(&images->lock, NULL);
    return images;
}

void images_free(struct images *images)
{
    if (!images) return;
    for (size_t i = 0; i < images->count; i++) image_free(images->all[i]);
    free(images->all);
    free(images->retired);
    pthread_mutex_destroy(&images->lock);
    free(images);
}

static const struct image *images_known(struct images *images, const uint8_t hash[32])
{
    const struct image *found = NULL;
    pthread_mutex_lock(&images->lock);
    for (size_t i = 0; i < images->count && !found; i++)
        if (memcmp(image_hash(images->all[i]), hash, IMAGE_HASH) == 0) found = images->all[i];
    pthread_mutex_unlock(&images->lock);
    return found;
}

/* Returns the `index`-th image that is retired, or that is not. */
static const struct image *images_counted(struct images *images, bool retired, size_t index)
{
    const struct image *image = NULL;
    pthread_mutex_lock(&images->lock);
    for (size_t i = 0; i < images->count && !image; i++)
        if (images->retired[i] == retired && index-- == 0) image = images->all[i];
    pthread_mutex_unlock(&images->lock);
    return image;
}

const struct image *images_at(struct images *images, size_t index)
{
    return images_counted(images, false, index);
}

const uint8_t *images_retired_at(struct images *images, size_t index)
{
    const struct image *image = images_counted(images, true, index);
    return image ? image_hash(image) : NULL;
}

static void images_mark(struct images *images, const uint8_t hash[32], bool retired)
{
    pthread_mutex_lock(&images->lock);
    for (size_t i = 0; i < images->count; i++)
        if (memcmp(image_hash(images->all[i]), hash, IMAGE_HASH) == 0) images->retired[i] = retired;
    pthread_mutex_unlock(&images->lock);
}

void images_retire(struct images *images, const uint8_t hash[32])
{
    images_mark(images, hash, true);
}

/* Takes ownership of the image in every case: it is kept, or freed because an equal one is known, or freed because
 * it is refused. */
const struct image *images_keep(struct images *images, struct image *image, struct error *error)
{
    assert(image);
    const struct image *older = images_known(images, image_hash(image));
    if (older) {
        images_mark(images, image_hash(older), false);
        image_free(image);
        return older;
    }
    if (images->loading && !images->loading(images->self, image, error)) {
        image_free(image);
        return NULL;
    }
    pthread_mutex_lock(&images->lock); /* if two threads keep the same image, it is there twice, which does no harm */
    images->all = memory_more(images->all, images->count, sizeof *images->all);
    images->retired = memory_more(images->retired, images->count, sizeof *images->retired);
    images->retired[images->count] = false;
    images->all[images->count++] = image;
    pthread_mutex_unlock(&images->lock);
    return image;
}

/* Loads the store's image of that hash. NULL: there is none, or it is refused, for the reason in `why`. */
static const struct image *images_stored(struct images *images, const uint8_t hash[32], struct error *why)
{
    struct span bytes;
    if (!images->store || !batches_get_image(images->store, hash, &bytes, NULL)) return NULL;
    struct image *image = image_load(bytes.bytes, bytes.length, NULL);
    if (!image) return NULL;
    if (memcmp(image_hash(image), hash, IMAGE_HASH) != 0) {
        image_free(image); /* the image was stored under a hash that is not its own */
        return NULL;
    }
    return images_keep(images, image, why);
}

/* Loads all images of the store that are not yet known. */
void images_know_stored(struct images *images)
{
    uint8_t hash[IMAGE_HASH];
    for (uint64_t at = 0; images->store && batches_image_at(images->store, at, hash); at++)
        if (!images_known(images, hash)) images_stored(images, hash, &(struct error){0});
}

const struct image *images_get(void *self, const uint8_t hash[32])
{
    struct images *images = self;
    const struct image *there = images_known(images, hash);
    struct error why = {0};
    if (!there) there = images_stored(images, hash, &why);
    if (!there && why.code != ERROR_NONE && images->refused.code == ERROR_NONE)
        error_set(&images->refused, why.code, "image %02x%02x%02x%02x...: %.200s", hash[0], hash[1], hash[2], hash[3],
                  why.text);
    return there;
}

bool images_refused(const struct images *images, struct error *error)
{
    if (images->refused.code != ERROR_NONE) *error = images->refused;
    return images->refused.code != ERROR_NONE;
}

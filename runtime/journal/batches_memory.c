/* runtime/journal/batches_memory.c - A store in the memory of the process: for tests and the simulator. */
#include "runtime/journal/batches_kind.h"
#include "base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *bytes;
    uint32_t length;
    uint8_t hash[32]; /* of an image */
};

struct memory {
    struct bytes *batches, *images;
    size_t batch_count, pruned, image_count;
};

static struct bytes *bytes_add(struct bytes **all, size_t *count, struct span span)
{
    *all = memory_more(*all, *count, sizeof **all);
    struct bytes *one = &(*all)[(*count)++];
    *one = (struct bytes){.bytes = memory_grown(NULL, span.length, 1), .length = span.length};
    if (span.length) memcpy(one->bytes, span.bytes, span.length);
    return one;
}

static enum append_result memory_append(void *self, uint64_t number, struct span batch, bool *gave_up,
                                        struct error *error)
{
    struct memory *memory = self;
    (void)number, (void)gave_up, (void)error;
    assert(number == memory->batch_count + 1); /* a batch is at the index of its number minus 1 */
    bytes_add(&memory->batches, &memory->batch_count, batch);
    return APPEND_OK;
}

static bool memory_read(void *self, uint64_t number, struct span *batch, struct error *error)
{
    struct memory *memory = self;
    if (number <= memory->pruned || number > memory->batch_count)
        return error_set(error, ERROR_UNKNOWN, "batch %" PRIu64 " is missing", number);
    *batch = (struct span){memory->batches[number - 1].bytes, memory->batches[number - 1].length};
    return true;
}

static bool memory_get_image(void *self, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    struct memory *memory = self;
    for (size_t i = 0; i < memory->image_count; i++) {
        if (memcmp(memory->images[i].hash, hash, 32) != 0) continue;
        *bytes = (struct span){memory->images[i].bytes, memory->images[i].length};
        return true;
    }
    return error_set(error, ERROR_UNKNOWN, "there is no image of that hash");
}

static bool memory_put_image(void *self, const uint8_t hash[32], struct span bytes, struct error *error)
{
    struct memory *memory = self;
    struct span known;
    (void)error;
    if (memory_get_image(self, hash, &known, NULL)) return true;
    memcpy(bytes_add(&memory->images, &memory->image_count, bytes)->hash, hash, 32);
    return true;
}

static bool memory_image_at(void *self, uint64_t index, uint8_t hash[32])
{
    const struct memory *memory = self;
    if (index >= memory->image_count) return false;
    memcpy(hash, memory->images[index].hash, 32);
    return true;
}

static bool memory_prune(void *self, uint64_t *first, uint64_t below, uint64_t within_us, struct error *error)
{
    struct memory *memory = self;
    (void)within_us, (void)error;
    assert(below <= memory->batch_count);
    for (; memory->pruned + 1 < below; memory->pruned++) {
        free(memory->batches[memory->pruned].bytes);
        memory->batches[memory->pruned].bytes = NULL;
    }
    *first = below;
    return true;
}

static void memory_close(void *self)
{
    struct memory *memory = self;
    for (size_t i = 0; i < memory->batch_count; i++) free(memory->batches[i].bytes);
    for (size_t i = 0; i < memory->image_count; i++) free(memory->images[i].bytes);
    free(memory->batches);
    free(memory->images);
    free(memory);
}

struct batches *batches_open_memory(void)
{
    static const struct batches_kind kind = {.append = memory_append,
                                             .read = memory_read,
                                             .put_image = memory_put_image,
                                             .get_image = memory_get_image,
                                             .image_at = memory_image_at,
                                             .prune = memory_prune,
                                             .close = memory_close};
    struct memory *memory = memory_zeroed(1, sizeof *memory);
    return batches_new(&kind, memory, 0, 0, NULL);
}

/* runtime/daemon/engine/handover.c - Two buffers, of which one is filled while the other is emptied, and an eventfd.
 *
 *     core's thread                                  loop's thread
 *     handover_put() --> [ filling  ] <-- swap --> [ emptying ] --> take(), item by item
 *                             |                          ^
 *                             +--- eventfd, if empty ----+
 *
 * The lock is held while one item is copied in, or while the two buffers are swapped, and never while items are
 * handled: so the core's thread never waits for the loop's work. The eventfd is written only for the first item of a
 * buffer, since the loop empties the whole buffer when it wakes. */
#include "runtime/daemon/engine/handover.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

enum { BUFFER_KEPT = 1 << 20 };

struct buffer {
    uint8_t *bytes;
    size_t length, capacity;
};

struct handover {
    pthread_mutex_t lock; /* of `filling` */
    struct buffer filling, emptying;
    int fd;
};

/* The head of an item in the buffer; the item's frame follows it. */
struct head {
    uint64_t seq;
    uint32_t kind, source, length, zero;
};

struct handover *handover_new(void)
{
    struct handover *handover = memory_zeroed(1, sizeof *handover);
    pthread_mutex_init(&handover->lock, NULL);
    handover->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (handover->fd < 0) abort();
    return handover;
}

void handover_free(struct handover *handover)
{
    if (!handover) return;
    close(handover->fd);
    pthread_mutex_destroy(&handover->lock);
    free(handover->filling.bytes);
    free(handover->emptying.bytes);
    free(handover);
}

int handover_fd(const struct handover *handover)
{
    return handover->fd;
}

/* Adds so many bytes to the buffer's length, and returns the place where the caller writes them. */
static uint8_t *buffer_room(struct buffer *buffer, size_t more)
{
    if (buffer->capacity - buffer->length < more) {
        size_t capacity = buffer->capacity > 0 ? buffer->capacity : 4096;
        while (capacity - buffer->length < more) capacity *= 2;
        buffer->bytes = memory_grown(buffer->bytes, capacity, 1);
        buffer->capacity = capacity;
    }
    buffer->length += more;
    return buffer->bytes + buffer->length - more;
}

/* Each item is padded to 8 bytes, so that the next head is aligned. */
void handover_put(struct handover *handover, const struct handover_item *item)
{
    assert(handover && item);
    struct head head = {.seq = item->seq, .kind = item->kind, .source = item->source, .length = item->frame.length};
    size_t padded = ((size_t)head.length + 7) / 8 * 8;
    uint64_t one = 1;
    bool first;
    pthread_mutex_lock(&handover->lock);
    first = handover->filling.length == 0;
    memcpy(buffer_room(&handover->filling, sizeof head), &head, sizeof head);
    if (padded > 0) memcpy(buffer_room(&handover->filling, padded), item->frame.bytes, head.length);
    pthread_mutex_unlock(&handover->lock);
    if (first && write(handover->fd, &one, sizeof one) != sizeof one) abort();
}

/* True: the buffer is full, although it could grow without limit. A thread that adds items asks this, and then adds
 * none for a while. */
bool handover_full(struct handover *handover)
{
    assert(handover);
    bool full;
    pthread_mutex_lock(&handover->lock);
    full = handover->filling.length > HANDOVER_MAX;
    pthread_mutex_unlock(&handover->lock);
    return full;
}

/* Hands over all items; the frames are in the buffer and valid only during the call of take(). True: the buffer had
 * been full, so the other side may be waiting. A buffer that a burst has made large is freed. */
bool handover_take(struct handover *handover, void (*take)(void *self, const struct handover_item *), void *self)
{
    assert(handover && take);
    struct buffer swap;
    bool was_full;
    uint64_t count;
    struct head head;
    ssize_t n = read(handover->fd, &count, sizeof count);
    (void)n; /* nothing to read: the loop was woken without need */
    pthread_mutex_lock(&handover->lock);
    swap = handover->emptying;
    handover->emptying = handover->filling;
    handover->filling = swap;
    was_full = handover->emptying.length > HANDOVER_MAX;
    pthread_mutex_unlock(&handover->lock);
    for (size_t at = 0; at < handover->emptying.length;) {
        memcpy(&head, handover->emptying.bytes + at, sizeof head);
        at += sizeof head;
        take(self, &(struct handover_item){.kind = (enum handover_kind)head.kind,
                                           .source = head.source,
                                           .seq = head.seq,
                                           .frame = {handover->emptying.bytes + at, head.length}});
        at += ((size_t)head.length + 7) / 8 * 8;
    }
    handover->emptying.length = 0;
    if (handover->emptying.capacity > BUFFER_KEPT) {
        free(handover->emptying.bytes);
        handover->emptying = (struct buffer){0};
    }
    return was_full;
}

/* runtime/daemon/engine/outbox.c - Two buffers, one being filled, one being emptied, and an eventfd. */
#include "runtime/daemon/engine/outbox.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BUFFER_KEPT = 1 << 20 };

struct buffer {
    uint8_t *bytes;
    size_t length, capacity;
};

struct outbox {
    pthread_mutex_t lock; /* of `filling` */
    struct buffer filling, emptying;
    int fd;
};

/* As an item lies in the buffer, its frame behind it. */
struct head {
    uint64_t seq;
    uint32_t kind, source, length, zero;
};

struct outbox *outbox_new(void)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox) abort();
    pthread_mutex_init(&outbox->lock, NULL);
    outbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (outbox->fd < 0) abort();
    return outbox;
}

void outbox_free(struct outbox *outbox)
{
    if (!outbox) return;
    close(outbox->fd);
    pthread_mutex_destroy(&outbox->lock);
    free(outbox->filling.bytes);
    free(outbox->emptying.bytes);
    free(outbox);
}

int outbox_fd(const struct outbox *outbox)
{
    return outbox->fd;
}

/* Room for so many bytes more at the buffer's end, which has them already. */
static uint8_t *buffer_room(struct buffer *buffer, size_t more)
{
    if (buffer->capacity - buffer->length < more) {
        size_t capacity = buffer->capacity > 0 ? buffer->capacity : 4096;
        while (capacity - buffer->length < more) capacity *= 2;
        buffer->bytes = realloc(buffer->bytes, capacity);
        if (!buffer->bytes) abort();
        buffer->capacity = capacity;
    }
    buffer->length += more;
    return buffer->bytes + buffer->length - more;
}

void outbox_put(struct outbox *outbox, const struct outbox_item *item)
{
    assert(outbox && item);
    struct head head = {.seq = item->seq, .kind = item->kind, .source = item->source, .length = item->frame.length};
    size_t padded = ((size_t)head.length + 7) / 8 * 8;
    uint64_t one = 1;
    bool first;
    pthread_mutex_lock(&outbox->lock);
    first = outbox->filling.length == 0;
    memcpy(buffer_room(&outbox->filling, sizeof head), &head, sizeof head);
    if (padded > 0) memcpy(buffer_room(&outbox->filling, padded), item->frame.bytes, head.length);
    pthread_mutex_unlock(&outbox->lock);
    if (first && write(outbox->fd, &one, sizeof one) != sizeof one) abort();
}

bool outbox_full(struct outbox *outbox)
{
    assert(outbox);
    bool full;
    pthread_mutex_lock(&outbox->lock);
    full = outbox->filling.length > OUTBOX_MAX;
    pthread_mutex_unlock(&outbox->lock);
    return full;
}

bool outbox_take(struct outbox *outbox, void (*take)(void *self, const struct outbox_item *), void *self)
{
    assert(outbox && take);
    struct buffer swap;
    bool was_full;
    uint64_t count;
    struct head head;
    ssize_t n = read(outbox->fd, &count, sizeof count);
    (void)n; /* nothing to read: woken for nothing */
    pthread_mutex_lock(&outbox->lock);
    swap = outbox->emptying;
    outbox->emptying = outbox->filling;
    outbox->filling = swap;
    was_full = outbox->emptying.length > OUTBOX_MAX;
    pthread_mutex_unlock(&outbox->lock);
    for (size_t at = 0; at < outbox->emptying.length;) {
        memcpy(&head, outbox->emptying.bytes + at, sizeof head);
        at += sizeof head;
        take(self, &(struct outbox_item){.kind = (enum outbox_kind)head.kind,
                                         .source = head.source,
                                         .seq = head.seq,
                                         .frame = {outbox->emptying.bytes + at, head.length}});
        at += ((size_t)head.length + 7) / 8 * 8;
    }
    outbox->emptying.length = 0;
    if (outbox->emptying.capacity > BUFFER_KEPT) {
        free(outbox->emptying.bytes);
        outbox->emptying = (struct buffer){0};
    }
    return was_full;
}

/* runtime/sources/queue.c - A queue of waiting queries.
 *
 * A singly linked list with a pointer to its end. The limits for queries and bytes are checked only when a query is
 * first queued: one that comes back from a lost connection was accepted before. */
#include <assert.h>
#include <stdlib.h>

#include "runtime/sources/kind.h"

void query_queue_init(struct query_queue *queue, uint32_t count_max, uint64_t bytes_max)
{
    *queue = (struct query_queue){.count_max = count_max, .bytes_max = bytes_max};
    queue->last = &queue->first;
}

static uint64_t query_queue_size_of(const struct source_query *query)
{
    return sizeof *query + query->params.length;
}

static void query_queue_add(struct query_queue *queue, const struct source_query *query)
{
    queue->count++;
    queue->bytes += query_queue_size_of(query);
}

bool query_queue_put(struct query_queue *queue, struct source_query *query)
{
    assert(!queue->first == (queue->count == 0));
    if (queue->count >= queue->count_max || queue->bytes + query_queue_size_of(query) > queue->bytes_max) return false;
    query->next = NULL;
    *queue->last = query;
    queue->last = &query->next;
    query_queue_add(queue, query);
    return true;
}

void query_queue_back(struct query_queue *queue, struct source_query *query)
{
    query->next = queue->first;
    queue->first = query;
    if (!query->next) queue->last = &query->next;
    query_queue_add(queue, query);
}

static struct source_query *queue_out(struct query_queue *queue, struct source_query **at)
{
    assert(*at && queue->count > 0);
    struct source_query *query = *at;
    *at = query->next;
    if (queue->last == &query->next) queue->last = at;
    query->next = NULL;
    queue->count--;
    assert(queue->bytes >= query_queue_size_of(query));
    queue->bytes -= query_queue_size_of(query);
    return query;
}

struct source_query *query_queue_take(struct query_queue *queue)
{
    return queue->first ? queue_out(queue, &queue->first) : NULL;
}

struct source_query *query_queue_pick(struct query_queue *queue, uint64_t ixn, uint64_t ref)
{
    for (struct source_query **at = &queue->first; *at; at = &(*at)->next)
        if ((*at)->ixn == ixn && (*at)->ref == ref) return queue_out(queue, at);
    return NULL;
}

struct source_query *query_queue_late(struct query_queue *queue, uint64_t now_us, uint64_t *next_us)
{
    for (struct source_query **at = &queue->first; *at; at = &(*at)->next) {
        if ((*at)->deadline_us <= now_us) return queue_out(queue, at);
        if ((*at)->deadline_us < *next_us) *next_us = (*at)->deadline_us;
    }
    return NULL;
}

void query_queue_free(struct query_queue *queue)
{
    struct source_query *query;
    while ((query = query_queue_take(queue))) free(query);
}

/* runtime/natives/serve.h - The process that calls the natives of one library for others: it may crash, hang, and want
 * much memory, and takes nothing with it.
 *
 * A question and its answer are each four bytes, the least significant first, that say how many follow, and a packed
 * list (kv.h) of one pair. Both sides are of one build.
 *
 *   NAME: none          -->  signature: "int(str, time)", or none: the library has no such function
 *   NAME: (values)      -->  value: the result, or error: text
 *
 * Values are as SQL has them (source.h): times and durations in whole seconds. */
#ifndef NATIVES_SERVE_H
#define NATIVES_SERVE_H

#include <stdint.h>

enum {
    NATIVES_SERVE_HEAD = 4,
};

static inline void natives_head_write(uint8_t head[NATIVES_SERVE_HEAD], uint32_t length)
{
    for (unsigned i = 0; i < NATIVES_SERVE_HEAD; i++) head[i] = (uint8_t)(length >> 8 * i);
}

static inline uint32_t natives_head_read(const uint8_t head[NATIVES_SERVE_HEAD])
{
    return (uint32_t)head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
}

/* Answers what comes at the standard input, until that is closed; the process's exit code. `memory`: it may have so
 * many bytes; 0: any number. */
int natives_serve(const char *library, uint64_t memory);

#endif

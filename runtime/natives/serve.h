/* runtime/natives/serve.h - A process that calls the natives of one library for other processes: it may crash, hang,
 * or need much memory without harm to them.
 *
 * A question and its answer both begin with two numbers of four bytes, the least significant byte first, followed by
 * a packed list (kv.h) of one pair. The first number is the length of the list in bytes. The second is the number of
 * the question, which the answer repeats, because a library may write to the socket, too. Both processes are from
 * the same build.
 *
 *     NAME: none          -->  signature: "int(str, time)", or none: the library has no such function
 *     NAME: (values)      -->  value: the result, or error: text
 *
 * Values have the form that SQL has (source.h): times and durations in whole seconds. */
#pragma once

#include <stdint.h>

enum { NATIVES_SERVE_HEAD = 8 };

struct natives_head {
    uint32_t length, number;
};

static inline void natives_head_write(uint8_t bytes[NATIVES_SERVE_HEAD], struct natives_head head)
{
    for (unsigned i = 0; i < 4; i++) bytes[i] = (uint8_t)(head.length >> 8 * i);
    for (unsigned i = 0; i < 4; i++) bytes[4 + i] = (uint8_t)(head.number >> 8 * i);
}

static inline struct natives_head natives_head_read(const uint8_t bytes[NATIVES_SERVE_HEAD])
{
    struct natives_head head = {0, 0};
    for (unsigned i = 0; i < 4; i++) head.length |= (uint32_t)bytes[i] << 8 * i;
    for (unsigned i = 0; i < 4; i++) head.number |= (uint32_t)bytes[4 + i] << 8 * i;
    return head;
}

/* Answers questions from the standard input until it is closed, and returns the exit code for the process. `memory`:
 * how many bytes the process may have; 0: no limit. */
int natives_serve(const char *library, uint64_t memory);

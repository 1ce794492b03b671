/* runtime/core/queues/selector.h - What those who wait want: the open lines of their selections, once for all who want the same.
 *
 * Two visits want the same where queue, link, program and open lines with their captured values are equal. So whether
 * an agent could serve them is asked once for all of them, and whoever joins others need not ask at all: had somebody
 * ready matched, the others would not be waiting. The table owns the wants; one that nobody has is forgotten. */
#ifndef CORE_WANT_H
#define CORE_WANT_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"
#include "runtime/core/base/table.h"

enum { WANT_NONE = UINT32_MAX };

struct want {
    uint64_t key;            /* hash, made distinct */
    uint64_t number;         /* given when it came to be; 0: nobody has it */
    uint32_t root;           /* of the ranks of those who have it: a treap of visits */
    uint32_t previous, next; /* of the same queue */
    uint32_t older, newer;   /* of all */
    uint32_t held;           /* how many visits have it */
    uint16_t vq, link, program;
    uint16_t count; /* lines */
    bool personal;  /* a line names an agent or a place, or leaves one out, or whom no link can ask */
    struct vm_line *lines;
    uint32_t line_capacity;
};

struct wants {
    struct want *all;
    uint32_t count, capacity, free;
    uint32_t newest;
    uint64_t last_number;
    struct lookup by_key;
};

void wants_init(struct wants *);
void wants_free(struct wants *);

/* Finds or makes it; `first` is the head of the queue's list. What is made is held by nobody yet. */
uint32_t want_of(struct wants *, uint16_t vq, uint16_t link, uint16_t program, const struct vm_line *lines,
                 uint32_t count, uint32_t *first);
void want_hold(struct wants *, uint32_t want);
void want_release(struct wants *, uint32_t want, uint32_t *first); /* forgotten with the last */
bool want_same_lines(const struct want *, const struct vm_line *, uint32_t count);
struct want *want_at(const struct wants *, uint32_t want);

#endif

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

enum { SELECTOR_NONE = UINT32_MAX };

struct selector {
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

struct selectors {
    struct selector *all;
    uint32_t count, capacity, free;
    uint32_t newest;
    uint64_t last_number;
    struct lookup by_key;
};

void selectors_init(struct selectors *);
void selectors_free(struct selectors *);

/* Finds or makes it; `first` is the head of the queue's list. What is made is held by nobody yet. */
uint32_t selector_of(struct selectors *, uint16_t vq, uint16_t link, uint16_t program, const struct vm_line *lines,
                 uint32_t count, uint32_t *first);
void selector_hold(struct selectors *, uint32_t want);
void selector_release(struct selectors *, uint32_t want, uint32_t *first); /* forgotten with the last */
bool selector_same_lines(const struct selector *, const struct vm_line *, uint32_t count);
struct selector *selector_at(const struct selectors *, uint32_t want);

#endif

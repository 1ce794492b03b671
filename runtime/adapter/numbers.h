/* runtime/adapter/numbers.h - The setting `numbers` of plugins: NUMBER=QUEUE, with commas between. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct own_numbers {
    struct own_number {     /* a number of ours, as peers write it, but without + */
        char digits[64];    /* "*": all others */
        char queue[65];     /* where its messages go */
        bool international; /* it was written with + */
    } * all;
    size_t count;
};

/* False with the reason; at least one is wanted. numbers_free() either way. */
bool numbers_said(struct own_numbers *, const char *text, char *why, size_t why_size);
void numbers_free(struct own_numbers *);
/* The row of a number of ours, with or without + in front; NULL: it is none. */
const struct own_number *numbers_find(const struct own_numbers *, const char *number);
/* Is it a number of ours, and not just any? */
bool numbers_are_ours(const struct own_numbers *, const char *number);
/* As the number is written where messages are kept: any number as it is, ours with its +. False: it is too long. */
bool numbers_write(const struct own_number *, const char *number, char *to, size_t size);

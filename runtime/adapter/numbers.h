/* runtime/adapter/numbers.h - The setting `numbers` of plugins, a list NUMBER=QUEUE,NUMBER=QUEUE. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct own_numbers {
    struct own_number {     /* a number of ours, written as peers do, but without + */
        char digits[64];    /* "*": all others */
        char queue[65];     /* where its messages go */
        bool international; /* the setting has the number with + */
    } * all;
    size_t count;
};

/* False with the reason; the list must have at least one number. numbers_free() either way. */
bool numbers_said(struct own_numbers *, const char *text, char *why, size_t why_size);
void numbers_free(struct own_numbers *);
/* Finds the row of a number of ours, with or without + in front; NULL: the list does not have the number. */
const struct own_number *numbers_find(const struct own_numbers *, const char *number);
/* True: the list has the number itself, and not only `*`. */
bool numbers_are_ours(const struct own_numbers *, const char *number);
/* Writes the number as the store of messages has it: a number of ours with its +, any other number unchanged. False:
 * the number is too long. */
bool numbers_write(const struct own_number *, const char *number, char *to, size_t size);

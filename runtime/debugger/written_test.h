/* runtime/debugger/written_test.h - A test as its file has it, without what it expects. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct written_test {
    char *row;  /* " for each a, b { 1, 2; }" with the row that was played; "" where it has none */
    char *body; /* its lines */
};

/* `name`: as it is told, with the values of its row behind the title. False: there is no such test at that line. */
bool written_test_read(const char *file, uint32_t line, const char *name, struct written_test *);
void written_test_free(struct written_test *);

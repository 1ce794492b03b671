/* compiler/cli/mutants_told.h - Mutants for machines: a file of JSON, which a later run takes as its baseline.
 *
 * A mutant is recognised by its file, its strategy or function, its change and the text of its line, and so also after
 * lines above it were added. Of several mutants that are alike, as many are known as the baseline has. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum mutant_verdict {
    MUTANT_UNTRIED,
    MUTANT_NOTICED,
    MUTANT_SURVIVED,
    MUTANT_NO_TEST,    /* no test runs its line */
    MUTANT_NO_PROGRAM, /* the change gives no valid program: it is left out everywhere */
};

struct mutant_row {
    const char *file, *in, *what;
    char *text; /* the line of the source, without the blanks around it */
    uint32_t line, column;
    enum mutant_verdict verdict;
    bool known; /* the baseline has it */
};

/* Did nothing notice the mutant? */
bool mutant_row_lives(const struct mutant_row *);

/* mutants_write() writes the rows to a file, only over an earlier such file: mutants_may_write() tells before the long
 * work whether it can. mutants_know() marks the rows that the file has as not noticed. All return false after an error,
 * which is printed. */
bool mutants_may_write(const char *path);
bool mutants_write(const struct mutant_row *, uint32_t count, const char *path);
bool mutants_know(struct mutant_row *, uint32_t count, const char *path);

/* compiler/base/explain.h - Explains each diagnostic code: what it means, why it matters and how to mend the fault,
 * with a wrong and a right example.
 *
 * The texts are in compiler/explain/, a file for each code; make.awk turns them into rows of C. */
#pragma once

#include "compiler/base/diag.h"

struct explanation {
    const char *code;
    const char *what; /* what the code means and why it matters */
    const char *mend;
    const char *wrong,
        /* the wrong and the right example; "" where there is none. Each holds statements, or whole files: "@file
         * NAME" begins a file */
        *right;
};

/* Returns the explanation of a code; NULL: nobody has written it yet, which tests/language/explain.sh reports as an
 * error. */
const struct explanation *explain_code(enum diag_code);

/* Returns the diagnostic's text with "..." in place of its arguments. */
const char *explain_title(struct arena *, enum diag_code);

/* compiler/base/explain.h - Explains each code: its meaning, why it matters and how to mend it, with an example of
 * both.
 *
 * The texts stand in compiler/explain/, each once; make.awk makes rows of C of them. */
#pragma once

#include "compiler/base/diag.h"

struct explanation {
    const char *code;
    const char *what; /* what the code means and why it matters */
    const char *mend;
    const char *wrong,
        *right; /* examples; "" where there is none. Statements, or whole files: "@file NAME" begins one */
};

/* Returns the explanation of a code; NULL: it is not written yet, which tests/language/explain.sh refuses. */
const struct explanation *explain_code(enum diag_code);

/* Returns the diagnostic's text with "..." in place of its arguments. */
const char *explain_title(struct arena *, enum diag_code);

/* compiler/base/explain.h - Explains each code: its meaning, why it matters and how to mend it, with an example of
 * both.
 *
 * The texts stand in compiler/explain/, each once; make.awk makes rows of C of them. */
#pragma once

#include "compiler/base/diag.h"

struct explanation {
    const char *code;
    const char *what; /* and why it matters */
    const char *mend;
    const char *wrong,
        *right; /* examples; "" where there is none. Statements, or whole files: "@file NAME" begins one */
};

/* NULL where nobody has written it yet, which tests/language/explain.sh does not let pass. */
const struct explanation *explain_code(enum diag_code);

/* The diagnostic's text with "..." for what it is told with. */
const char *explain_title(struct arena *, enum diag_code);

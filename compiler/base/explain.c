/* compiler/base/explain.c - The explanations of diagnostics, as rows of data. */
#include "compiler/base/explain.h"

#include <string.h>

static const struct explanation explanations[] = {
#define EXPLAIN(code, what, mend, wrong, right) {code, what, mend, wrong, right},
#include "compiler/base/explain_texts.def"
#undef EXPLAIN
};

const struct explanation *explain_code(enum diag_code code)
{
    for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++)
        if (strcmp(explanations[i].code, diag_code_text(code)) == 0) return &explanations[i];
    return NULL;
}

const char *explain_title(struct arena *arena, enum diag_code code)
{
    const char *format = diag_code_format(code);
    char *title = arena_alloc(arena, 2 * strlen(format) + 1), *to = title; /* "%s" becomes "..." */
    while (*format) {
        if (format[0] != '%') {
            *to++ = *format++;
            continue;
        }
        format += 1 + strspn(format + 1, "0123456789zl.") + 1;
        memcpy(to, "...", 3);
        to += 3;
    }
    *to = '\0';
    return title;
}

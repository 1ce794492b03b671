/* compiler/check/language.c - Checks the number of the language that each file names, and reports forms that this
 * language deprecates or does not have. */
#include "compiler/check/checker.h"
#include "compiler/syntax/language.h"

static const struct {
    int gone;
    const char *what, *instead;
} deprecated_rows[] = {
#define DEPRECATED(NAME, code, since, gone, what, instead) {gone, what, instead},
#include "compiler/base/deprecated.def"
#undef DEPRECATED
};

struct language_told {
    struct checker *c;
    int language;
};

static struct diag *tell_deprecated(struct checker *c, enum deprecated which, struct source_span where)
{
    switch (which) {
#define DEPRECATED(NAME, code, since, gone, what, instead)                                                             \
    case DEPRECATED_##NAME:                                                                                            \
        return report(c, DEPRECATED_##NAME, where);
#include "compiler/base/deprecated.def"
#undef DEPRECATED
    }
    return NULL;
}

static void tell_form(const struct deprecated_form *form, void *context)
{
    const struct language_told *told = context;
    bool lacks = told->language >= deprecated_rows[form->which].gone;
    struct diag *diag =
        lacks ? report(told->c, LANGUAGE_LACKS, form->where, told->language, deprecated_rows[form->which].what)
              : tell_deprecated(told->c, form->which, form->where);
    diag_hint(diag, "%s", deprecated_rows[form->which].instead);
    for (size_t i = 0; i < DEPRECATED_EDITS; i++)
        if (form->edits[i].text) diag_edit(diag, form->edits[i].span, form->edits[i].text);
}

/* Reports a number of a language that this version does not know, with the numbers that it knows. */
static void check_language_number(struct checker *c, const struct node *node)
{
    if (node->language.number >= LANGUAGE_FIRST && node->language.number <= LANGUAGE_NEWEST) return;
    const char *number = arena_printf(c->arena, "%lld", (long long)node->language.number);
    struct diag *diag = report(c, LANGUAGE_UNKNOWN, node->span, number);
    if (node->language.number > LANGUAGE_NEWEST)
        diag_hint(diag, "this gcxc knows 1 to %d: a newer gcxc may know it; gcxc --version", LANGUAGE_NEWEST);
    else
        diag_hint(diag, "the first one is 1, which is that of a file without the line; the newest is %d",
                  LANGUAGE_NEWEST);
}

void check_languages(struct checker *c)
{
    EACH_NODE (file, c->program->files) {
        EACH_NODE (node, file->file.declarations) {
            if (node->kind != NODE_LANGUAGE) continue;
            check_language_number(c, node);
            if (node != file->file.declarations.first)
                diag_hint(report(c, LANGUAGE_PLACE, node->span), "move it to the first line, or take it out");
        }
        const struct source *source = source_set_at(c->program->sources, file->span.begin);
        struct language_told told = {c, language_of(file)};
        if (source) language_each_deprecated(c->arena, source, file, tell_form, &told);
    }
}

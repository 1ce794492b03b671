/* compiler/import/asterisk/roots.c - Finds where calls come in (roots.h). */
#include "compiler/import/asterisk/roots.h"

#include <string.h>
#include <strings.h>

static void roots_name(const struct dialplan *plan, const struct plan_context *from, const char *name)
{
    struct plan_context *context = plan_context(plan, name);
    if (context && context != from) context->named = true;
}

/* Notes every word of the arguments that is the name of a context, even where the word is another kind of argument. */
static void roots_step(struct dialplan *plan, const struct plan_step *step)
{
    const char *at = step->arguments;
    bool macro = strcasecmp(step->application, "Macro") == 0;
    while (*at) {
        size_t length = strcspn(at, ",:?&() ");
        const char *word = arena_copy(plan->arena, at, length);
        if (length > 0) roots_name(plan, step->of->in, word);
        if (length > 0 && macro) roots_name(plan, step->of->in, arena_printf(plan->arena, "macro-%s", word));
        at += length;
        at += strspn(at, ",:?&() ");
    }
}

bool roots_is_telephone(const struct plan_extension *extension)
{
    size_t length = strlen(extension->name);
    for (const struct plan_step *step = extension->steps; step; step = step->next) {
        const char *slash = strcasecmp(step->application, "Dial") == 0 ? strchr(step->arguments, '/') : NULL;
        for (; slash; slash = strchr(slash + 1, '/'))
            if (strncmp(slash + 1, "${EXTEN}", 8) == 0 ||
                (strncmp(slash + 1, extension->name, length) == 0 && strchr(",&", slash[1 + length])))
                return true; /* the end of the text fits, too: strchr() finds a NUL */
    }
    return false;
}

void roots_find(struct dialplan *plan)
{
    for (struct plan_context *context = plan->contexts; context; context = context->next) {
        if (strncmp(context->name, "macro-", 6) == 0) context->named = true;
        for (unsigned i = 0; i < context->include_count; i++) roots_name(plan, context, context->includes[i]);
        for (struct plan_extension *extension = context->extensions; extension; extension = extension->next)
            for (struct plan_step *step = extension->steps; step; step = step->next) roots_step(plan, step);
    }
}

static void roots_note(void *closure, struct plan_extension *extension)
{
    struct roots_numbers *numbers = closure;
    if (plan_special(extension->name) || !plan_priority(extension, 1)) return;
    for (unsigned i = 0; i < numbers->count; i++)
        if (strcmp(numbers->extensions[i]->name, extension->name) == 0) return;
    if (numbers->count == ROOTS_NUMBERS)
        numbers->truncated = true;
    else
        numbers->extensions[numbers->count++] = extension;
}

struct roots_numbers *roots_numbers(struct arena *arena, const struct dialplan *plan,
                                    const struct plan_context *context)
{
    struct roots_numbers *numbers = ARENA_NEW(arena, struct roots_numbers);
    plan_each(plan, context, roots_note, numbers);
    return numbers;
}

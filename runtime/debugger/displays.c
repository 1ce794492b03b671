/* runtime/debugger/displays.c - Keeps the expressions that are shown at each stop, and shows their values.
 *
 *     1: total * 2 = 66
 *     2: customer: 'customer' is not known here
 *
 * Where no strategy runs, only what has a value there is shown. A name in an expression may not be known everywhere, so
 * an expression that cannot be computed does not count as a trouble of --batch. */
#include "runtime/debugger/displays.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/expression.h"
#include "runtime/debugger/show.h"
#include "base/memory.h"
#include "base/shown.h"

enum { DISPLAY_BYTES = 256, DISPLAY_VALUE_BYTES = 4096 };

struct display {
    unsigned number;
    char expression[DISPLAY_BYTES];
};

static void display_show(struct debugger *d, const struct display *one)
{
    char text[DISPLAY_VALUE_BYTES];
    bool good =
        show_named(d, one->expression, text, sizeof text) || expression_show(d, one->expression, text, sizeof text);
    if (!good && d->place.interaction == 0) return;
    shown_print(stdout, good ? "%u: %s = %s\n" : "%u: %s: %s\n", one->number, one->expression, text);
}

void displays_add(struct debugger *d, const char *expression)
{
    if (!*expression) {
        if (d->displays.count == 0) puts("Nothing is displayed; an expression stands behind display.");
        displays_show(d);
        return;
    }
    if (strlen(expression) >= DISPLAY_BYTES) {
        d->troubles++;
        puts("An expression that is displayed is shorter than 256 bytes.");
        return;
    }
    d->displays.all = memory_grown(d->displays.all, d->displays.count + 1, sizeof *d->displays.all);
    struct display *one = &d->displays.all[d->displays.count++];
    one->number = ++d->displays.number;
    (void)snprintf(one->expression, sizeof one->expression, "%s", expression);
    if (d->core && d->place.interaction != 0) display_show(d, one);
}

void displays_remove(struct debugger *d, const char *number)
{
    char *end;
    unsigned long wanted = strtoul(number, &end, 10);
    size_t before = d->displays.count;
    for (size_t i = before; i-- > 0;) {
        if (*number && (d->displays.all[i].number != wanted || *end)) continue;
        d->displays.count--;
        memmove(&d->displays.all[i], &d->displays.all[i + 1], (d->displays.count - i) * sizeof *d->displays.all);
    }
    if (d->displays.count < before || !*number) return;
    d->troubles++;
    shown_print(stdout, "There is no display %s.\n", number);
}

void displays_show(struct debugger *d)
{
    for (size_t i = 0; i < d->displays.count; i++) display_show(d, &d->displays.all[i]);
}

void displays_put(const struct debugger *d, FILE *out)
{
    for (size_t i = 0; i < d->displays.count; i++) fprintf(out, "display %s\n", d->displays.all[i].expression);
}

void displays_free(struct debugger *d)
{
    free(d->displays.all);
    d->displays = (struct debugger_displays){.count = 0};
}

/* runtime/debugger/stops_kept.c - What is done to breakpoints by their numbers, and how they are shown and saved.
 *
 *     disable 2, enable        they stay in the list, and do not stop
 *     condition 2 total > 5    another condition; without one: none
 *     commands 2 ... end       what is done at the prompt when it stops
 *     save FILE                as the commands that set them, for `source FILE`
 *
 * `$` is the number of the newest breakpoint, so that a file of commands need not know the numbers. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/commands.h"
#include "runtime/debugger/displays.h"
#include "runtime/debugger/stops_row.h"
#include "base/memory.h"
#include "base/shown.h"

/* Finds the breakpoint whose number the text begins with, and the text behind that. NULL: none, and a message says
 * so. */
static struct breakpoint *kept_find(struct debugger *d, const char *text, const char **rest)
{
    char *end = NULL;
    unsigned long number = *text == '$' ? d->breakpoint_number : strtoul(text, &end, 10);
    const char *after = *text == '$' ? text + 1 : end;
    for (size_t i = 0; i < d->breakpoint_count && after > text && (isspace((unsigned char)*after) || !*after); i++) {
        if (d->breakpoints[i].number != number) continue;
        if (rest) *rest = after + strspn(after, " \t");
        return &d->breakpoints[i];
    }
    d->troubles++;
    if (after == text)
        puts("Which breakpoint? Its number stands behind the command; $ is the newest.");
    else
        shown_print(stdout, "There is no breakpoint %.*s.\n", (int)strcspn(text, " \t"), text);
    return NULL;
}

void stops_ignore(struct debugger *d, const char *arguments)
{
    const char *rest;
    char *end;
    struct breakpoint *one = kept_find(d, arguments, &rest);
    if (!one) return;
    uint64_t count = strtoull(rest, &end, 10);
    if (!isdigit((unsigned char)*rest) || *end != '\0' || count > UINT32_MAX) {
        d->troubles++;
        puts("How often? The number of a breakpoint and a count stand behind ignore.");
        return;
    }
    one->ignored = count;
    printf("Breakpoint %u is passed over %" PRIu64 " time%s.\n", one->number, count, count == 1 ? "" : "s");
}

void stops_delete(struct debugger *d, const char *number)
{
    if (!*number) {
        while (d->breakpoint_count > 0) stops_take_away(d, d->breakpoint_count - 1);
        return;
    }
    const struct breakpoint *one = kept_find(d, number, NULL);
    if (one) stops_take_away(d, (size_t)(one - d->breakpoints));
}

void stops_able(struct debugger *d, const char *number, bool able)
{
    struct breakpoint *one = *number ? kept_find(d, number, NULL) : NULL;
    if (one) one->disabled = !able;
    for (size_t i = 0; !*number && i < d->breakpoint_count; i++) d->breakpoints[i].disabled = !able;
}

void stops_condition(struct debugger *d, const char *arguments)
{
    char why[2 * STOP_NAME_BYTES] = "";
    const char *condition;
    struct breakpoint *one = kept_find(d, arguments, &condition);
    if (!one) return;
    struct breakpoint changed = *one;
    (void)snprintf(changed.condition, sizeof changed.condition, "%s", condition);
    if (strlen(condition) >= sizeof changed.condition || !stops_good(d, &changed, why, sizeof why)) {
        d->troubles++;
        shown_print(stdout, "%s: %s.\n", condition, *why ? why : "a condition is shorter than 256 bytes");
        return;
    }
    *one = changed;
    if (!*condition) printf("Breakpoint %u has no condition.\n", one->number);
}

void stops_commands(struct debugger *d, const char *number)
{
    struct breakpoint *one = kept_find(d, *number ? number : "$", NULL);
    char *text = NULL;
    const char *line;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    if (one) puts("What is done where it stops, a command per line; `end` ends it.");
    while ((line = lines_next(d, "> "))) { /* read even without a breakpoint, as the lines are not for the prompt */
        line += strspn(line, " \t");
        if (strncmp(line, "end", 3) == 0 && line[3 + strspn(line + 3, " \t")] == '\0') break;
        fprintf(out, "%s\n", line);
    }
    fclose(out);
    if (one) free(one->commands);
    if (one) one->commands = *text ? text : NULL;
    if (!one || !*text) free(text);
}

/* ---- shown and saved ---- */

void stops_show(struct debugger *d)
{
    if (d->breakpoint_count == 0) puts("There are no breakpoints.");
    for (size_t i = 0; i < d->breakpoint_count; i++) {
        const struct breakpoint *one = &d->breakpoints[i];
        char text[3 * STOP_NAME_BYTES];
        stops_describe(one, text, sizeof text);
        shown_print(stdout, "%3u  %s%s%s", one->number, text, one->once ? ", once" : "",
                    one->disabled ? ", disabled" : "");
        if (one->log[0]) shown_print(stdout, ", tells: %s", one->log);
        if (one->ignored > 0)
            printf(", passed over %" PRIu64 " more time%s", one->ignored, one->ignored == 1 ? "" : "s");
        if (one->hits > 0) printf(", met %" PRIu64 " time%s", one->hits, one->hits == 1 ? "" : "s");
        putchar('\n');
        for (const char *at = one->commands; at && *at; at += strcspn(at, "\n") + 1)
            shown_print(stdout, "       %.*s\n", (int)strcspn(at, "\n"), at);
    }
}

/* Writes the commands that set the breakpoint with its counts and its commands. */
static void kept_put(const struct breakpoint *one, FILE *out)
{
    char text[3 * STOP_NAME_BYTES];
    stops_describe(one, text, sizeof text);
    if (one->kind == AT_CHANGE)
        fprintf(out, "watch %s%s%s\n", one->name, *one->condition ? " if " : "", one->condition);
    else if (*one->log)
        fprintf(out, "dprintf %s, %s\n", text, one->log);
    else
        fprintf(out, "%s %s\n", one->once ? "tbreak" : "break", text);
    if (one->ignored > 0) fprintf(out, "ignore $ %" PRIu64 "\n", one->ignored);
    if (one->disabled) fputs("disable $\n", out);
    if (one->commands) fprintf(out, "commands $\n%send\n", one->commands);
}

void stops_save(struct debugger *d, const char *file)
{
    char *text = NULL;
    size_t length;
    if (!*file) {
        d->troubles++;
        puts("Into which file? Its name stands behind save.");
        return;
    }
    FILE *out = memory_stream(&text, &length);
    fputs(LINES_BEGIN "\n", out);
    for (size_t i = 0; i < d->breakpoint_count; i++) kept_put(&d->breakpoints[i], out);
    displays_put(d, out);
    fclose(out);
    if (lines_write(file, LINES_BEGIN, text, length))
        printf("Saved: %zu breakpoint%s; source sets them again.\n", d->breakpoint_count,
               d->breakpoint_count == 1 ? "" : "s");
    else
        d->troubles++;
    free(text);
}

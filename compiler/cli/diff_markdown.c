/* compiler/cli/diff_markdown.c - The difference of two versions as markdown, for a pull request.
 *
 *     ### What changes for callers
 *     | Where | Changed | New | Gone |          one line for each strategy, subroutine, name of the site ...
 *     <details><summary>...</summary>           and its changes, folded
 *
 * Text of the sources stands within <code>, each sign with a meaning as a number: it cannot end a cell of the table,
 * become a link, a picture or markup, or call anybody by `@`, as hosts look for names in no code. */
#include <string.h>

#include "compiler/cli/diff.h"
#include "base/shown.h"

/* Writes a text within <code>; one that is empty stands as nothing. */
static void markdown_code(const char *text, size_t length)
{
    const uint8_t *bytes = (const uint8_t *)text;
    char shown[SHOWN_MAX];
    unsigned taken;
    if (length == 0) return;
    fputs("<code>", stdout);
    for (size_t i = 0; i < length; i += taken) {
        shown_next(bytes + i, length - i, &taken, shown);
        for (const char *c = shown; *c; c++)
            if (strchr("&<>\"'|`*_[](){}~\\@#!$:", *c) || strncmp((const char *)bytes + i, "www", 3) == 0)
                printf("&#%d;", *c);
            else
                putchar(*c);
    }
    fputs("</code>", stdout);
}

static void markdown_text(const char *text)
{
    markdown_code(text, text ? strlen(text) : 0);
}

static void markdown_place(const struct program *program, struct source_span span)
{
    char text[600];
    struct position at = source_set_position(program->sources, span.begin);
    if (!at.source) return;
    snprintf(text, sizeof text, "%s:%u", at.source->path, at.line);
    markdown_text(text);
}

/* Is it the same declaration? What stands behind a comma is a part of it: "strategy s, on abandoned". */
static size_t markdown_root(const char *in)
{
    return strcspn(in, ",");
}

static bool same_root(const char *a, const char *b)
{
    size_t length = markdown_root(a);
    return length == markdown_root(b) && memcmp(a, b, length) == 0;
}

/* Has an earlier change the same root? */
static bool root_told(const struct differ_change *first, const struct differ_change *change)
{
    while (first != change && !same_root(first->in, change->in)) first = first->next;
    return first != change;
}

static void markdown_count(const struct differ_change *first)
{
    unsigned changed = 0, new = 0, gone = 0;
    for (const struct differ_change *one = first; one; one = one->next) {
        if (!same_root(one->in, first->in)) continue;
        changed += one->before && one->after;
        new += !one->before;
        gone += !one->after;
    }
    fputs("| ", stdout);
    markdown_code(first->in, markdown_root(first->in));
    printf(" | %u | %u | %u |\n", changed, new, gone);
}

static void markdown_change(const struct sides *sides, const struct differ_change *change)
{
    size_t root = markdown_root(change->in);
    const char *rest = change->in + root + strspn(change->in + root, ", ");
    fputs("| ", stdout);
    markdown_text(rest);
    if (*rest && *change->step) putchar(' ');
    markdown_text(change->step);
    printf(" | %s | ", change->about);
    markdown_text(change->before);
    fputs(" | ", stdout);
    markdown_text(change->after);
    fputs(" | ", stdout);
    markdown_place(change->after ? sides->new : sides->old, change->after ? change->new : change->old);
    fputs(" |\n", stdout);
}

static void markdown_details(const struct sides *sides, const struct differ_change *first)
{
    fputs("\n<details><summary>", stdout);
    markdown_code(first->in, markdown_root(first->in));
    fputs("</summary>\n\n| Step | What | Before | After | Place |\n|---|---|---|---|---|\n", stdout);
    for (const struct differ_change *one = first; one; one = one->next)
        if (same_root(one->in, first->in)) markdown_change(sides, one);
    fputs("\n</details>\n", stdout);
}

void diff_markdown_tell(const struct sides *sides)
{
    fputs("### What changes for callers\n\n", stdout);
    if (!sides->changes) {
        fputs("Nothing changes for callers.\n", stdout);
        return;
    }
    fputs("| Where | Changed | New | Gone |\n|---|---:|---:|---:|\n", stdout);
    for (const struct differ_change *one = sides->changes; one; one = one->next)
        if (!root_told(sides->changes, one)) markdown_count(one);
    for (const struct differ_change *one = sides->changes; one; one = one->next)
        if (!root_told(sides->changes, one)) markdown_details(sides, one);
}

static void markdown_image_place(bool known, const struct image_place *place)
{
    char text[600];
    if (!known) return;
    snprintf(text, sizeof text, "%.*s:%u", (int)(place->file.length < 500 ? place->file.length : 500),
             place->file.bytes, place->line);
    markdown_text(text);
}

void diff_markdown_selection(const struct diff_selection *selection)
{
    static const char *const answers[] = {"the same", "**touched**", "**not known**"};
    fputs("### Selection of agents\n\n", stdout);
    fputs(
        selection->touched
            ? "A version that chooses agents otherwise takes them from the other one: it cannot be tried with a share "
              "of the callers, only with slices of time.\n\n"
            : "Both versions choose agents in the same way.\n\n",
        stdout);
    fputs("| Strategy | Selection | Why | Before | After |\n|---|---|---|---|---|\n", stdout);
    for (size_t i = 0; i < selection->count; i++) {
        const struct diff_selected *row = &selection->rows[i];
        fputs("| ", stdout);
        markdown_code(row->strategy, row->length);
        printf(" | %s | %s | ", answers[row->answer], row->difference.reason);
        markdown_image_place(row->difference.old_known, &row->difference.old);
        fputs(" | ", stdout);
        markdown_image_place(row->difference.new_known, &row->difference.new);
        fputs(" |\n", stdout);
    }
}

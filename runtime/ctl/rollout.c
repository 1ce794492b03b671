/* runtime/ctl/rollout.c - Shows rollouts: all in a table, one in sentences with its figures; and a plan of one. */
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"

static const struct column rollout_columns[] = {
    {"ROLLOUT", "id", COLUMN_NUMBER},
    {"POINT", "point", COLUMN_TEXT},
    {"STRATEGY", "strategy", COLUMN_TEXT},
    {"IMAGE", "image", COLUMN_HASH},
    {"STATE", "state", COLUMN_TEXT},
    {"SHARE", "share_text", COLUMN_TEXT},
    {"STEP", "step_text", COLUMN_TEXT},
    {"SINCE", "step_us", COLUMN_MOMENT},
    {"NEW", "candidate", COLUMN_NUMBER},
    {"PRESENT", "control", COLUMN_NUMBER},
    {"SAYS", "says", COLUMN_TEXT},
    {"BY", "by", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

/* Prints a part of 10,000 as percent: "5", "0.5". */
static void share_text(long long share, char text[MOMENT_TEXT])
{
    if (share % 100 == 0)
        snprintf(text, MOMENT_TEXT, "%lld %%", share / 100);
    else
        snprintf(text, MOMENT_TEXT, "%.2f %%", (double)share / 100);
}

static void rollout_cell_put(json_t *row, const char *key, const char *text)
{
    json_object_set_new(row, key, json_string(text));
}

/* Adds to a row what its columns show and what is no member of the answer. */
static void rollout_row_fill(json_t *row)
{
    const json_t *arms = json_object_get(row, "arms");
    char text[MOMENT_TEXT];
    share_text(ctl_number_at(row, "share"), text);
    rollout_cell_put(row, "share_text", text);
    snprintf(text, sizeof text, "%lld of %lld", ctl_number_at(row, "step"), ctl_number_at(row, "steps"));
    rollout_cell_put(row, "step_text", text);
    json_object_set_new(row, "candidate", json_integer(ctl_number_at(json_object_get(arms, "candidate"), "arrived")));
    json_object_set_new(row, "control", json_integer(ctl_number_at(json_object_get(arms, "control"), "arrived")));
}

/* Prints a guard: what it compares, of both versions, and what that says. */
static void guard_print(const json_t *guard, bool open, bool slices)
{
    bool site = strcmp(ctl_text_at(guard, "of"), "site") == 0;
    bool rate = site || strcmp(ctl_text_at(guard, "of"), "share") == 0;
    double unit = rate ? 10000 : 1000000; /* parts of a million to points, microseconds to seconds */
    const json_t *candidate = json_object_get(guard, "candidate"), *control = json_object_get(guard, "control");
    printf("  %-20s %s", ctl_text_at(guard, "guard"), ctl_text_at(guard, "says"));
    if (site)
        printf(": %lld of %lld at this step; between %.2f and %.2f %%", ctl_number_at(candidate, "hits"),
               ctl_number_at(candidate, "count"), (double)ctl_number_at(guard, "low") / unit,
               (double)ctl_number_at(guard, "high") / unit);
    else if (rate)
        printf(": %lld of %lld new, %lld of %lld present", ctl_number_at(candidate, "hits"),
               ctl_number_at(candidate, "count"), ctl_number_at(control, "hits"), ctl_number_at(control, "count"));
    else
        printf(": %.1f s of %lld new, %.1f s of %lld present", (double)ctl_number_at(candidate, "figure_us") / 1e6,
               ctl_number_at(candidate, "count"), (double)ctl_number_at(control, "figure_us") / 1e6,
               ctl_number_at(control, "count"));
    if (ctl_number_at(candidate, "count") > 0 && ctl_number_at(control, "count") > 0)
        printf("; difference %+.2f %s, between %+.2f and %+.2f", (double)ctl_number_at(guard, "difference") / unit,
               rate ? "points" : "s", (double)ctl_number_at(guard, "low") / unit,
               (double)ctl_number_at(guard, "high") / unit);
    if (open && ctl_number_at(guard, "more") > 0)
        printf(slices ? "; %lld more pairs of quarters are needed"
               : site ? "; %lld more are needed"
                      : "; %lld more of each are needed",
               ctl_number_at(guard, "more"));
    if (open && !site && json_is_integer(json_object_get(guard, "more_us"))) {
        char takes[DURATION_TEXT];
        show_duration(ctl_number_at(guard, "more_us"), takes);
        printf(", %s as they come now", takes);
    }
    putchar('\n');
}

static void rollout_moment_print(const json_t *row, const char *key, const char *label)
{
    char text[MOMENT_TEXT];
    if (ctl_number_at(row, key) == 0) return;
    show_moment(ctl_number_at(row, key), text);
    printf("%-14s%s\n", label, text);
}

static void rollout_print(const json_t *row)
{
    const json_t *arms = json_object_get(row, "arms"), *each;
    size_t i;
    printf("rollout %lld at %s: %s, %s of the arrivals, step %s\n", ctl_number_at(row, "id"), ctl_text_at(row, "point"),
           ctl_text_at(row, "state"), ctl_text_at(row, "share_text"), ctl_text_at(row, "step_text"));
    if (json_is_string(json_object_get(row, "why")))
        printf("why           %s%s%s%s\n", ctl_text_at(row, "why"),
               json_is_string(json_object_get(row, "of_guard")) ? " (" : "",
               json_is_string(json_object_get(row, "of_guard")) ? ctl_text_at(row, "of_guard") : "",
               json_is_string(json_object_get(row, "of_guard")) ? ")" : "");
    printf("versions      %s of image %.12s, in place of %.12s\n", ctl_text_at(row, "strategy"),
           ctl_text_at(row, "image"), ctl_text_at(row, "control_image"));
    printf("begun by      %s", ctl_text_at(row, "by"));
    if (json_is_string(json_object_get(row, "approver"))) printf(", approved by %s", ctl_text_at(row, "approver"));
    putchar('\n');
    if (json_is_string(json_object_get(row, "reason"))) printf("last reason   %s\n", ctl_text_at(row, "reason"));
    rollout_moment_print(row, "at_us", "begins");
    rollout_moment_print(row, "begun_us", "began");
    rollout_moment_print(row, "step_us", "this step");
    if (json_is_true(json_object_get(row, "open"))) rollout_moment_print(row, "expires_us", "goes back");
    rollout_moment_print(row, "over_us", "over");
    for (i = 0; i < 2; i++) {
        each = json_object_get(arms, i == 0 ? "candidate" : "control");
        printf("%-14s%lld arrived, %lld ended, %lld left uncounted\n", i == 0 ? "new" : "present",
               ctl_number_at(each, "arrived"), ctl_number_at(each, "ended"), ctl_number_at(each, "out"));
    }
    if (json_array_size(json_object_get(row, "guards")) > 0) puts("guards");
    json_array_foreach(json_object_get(row, "guards"), i, each)
        guard_print(each, json_is_true(json_object_get(row, "open")), json_is_true(json_object_get(row, "slices")));
    json_array_foreach(json_object_get(row, "examples"), i, each) printf(
        "%-14s%s: gcxctl trace %s\n", i == 0 ? "examples" : "", json_string_value(each), json_string_value(each));
}

/* Prints the answer of `rollouts`: one with its figures, or the table. */
void show_rollouts(const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "rollouts");
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) rollout_row_fill(row);
    if (json_is_true(json_object_get(answer, "one")))
        rollout_print(json_array_get(rows, 0));
    else if (json_array_size(rows) == 0)
        puts("there is no rollout; gcxctl rollout --help begins one");
    else
        show_table(stdout, rows, rollout_columns);
}

/* Prints hours as people say them. */
static void hours_text(const json_t *step, const char *key, char text[MOMENT_TEXT])
{
    long long hours = ctl_number_at(step, key);
    if (!json_is_integer(json_object_get(step, key)))
        snprintf(text, MOMENT_TEXT, "never");
    else if (hours < 48)
        snprintf(text, MOMENT_TEXT, "%lld h", hours);
    else
        snprintf(text, MOMENT_TEXT, "%lld days", (hours + 12) / 24);
}

/* Prints how long the steps of a rollout take, guard by guard. */
static void plan_print(const json_t *answer)
{
    const json_t *guard, *step;
    long long expires_h = ctl_number_at(answer, "expires_us") / 3600000000;
    char half[MOMENT_TEXT], most[MOMENT_TEXT], share[MOMENT_TEXT];
    size_t i, k;
    printf("%lld interactions an hour of %s, as seen within %.1f h\n", ctl_number_at(answer, "hourly"),
           ctl_text_at(answer, "strategy"), (double)ctl_number_at(answer, "seen_us") / 3.6e9);
    json_array_foreach(json_object_get(answer, "plan"), i, guard)
    {
        printf("%s\n", ctl_text_at(guard, "guard"));
        if (!json_is_integer(json_object_get(guard, "rate"))) {
            const char *of = ctl_text_at(guard, "of");
            puts(strcmp(of, "pairs") == 0
                     ? "  pairs of quarters of an hour: how many are needed depends on how much quarters differ, and "
                       "cannot be foretold"
                 : strcmp(of, "site") == 0
                     ? "  all arrivals: how many are needed depends on how far their share is from the interval's ends"
                     : "  a time: how long it takes depends on how much times scatter, and cannot be foretold");
            continue;
        }
        printf("  a share of %.1f %%%s; %lld of each version are needed, %lld in bad luck (one in twenty)\n",
               (double)ctl_number_at(guard, "rate") / 100,
               json_is_true(json_object_get(guard, "rate_known")) ? "" : " (assumed: it was not seen)",
               ctl_number_at(guard, "needed"), ctl_number_at(guard, "needed_most"));
        json_array_foreach(json_object_get(guard, "steps"), k, step)
        {
            share_text(ctl_number_at(step, "share"), share);
            hours_text(step, "hours", half);
            hours_text(step, "hours_most", most);
            printf("  at %-8s %s, in bad luck %s%s\n", share, half, most,
                   json_is_integer(json_object_get(step, "hours")) && ctl_number_at(step, "hours") <= expires_h
                       ? ""
                       : ": longer than --expires; begin with a greater share, or with a greater margin");
        }
    }
}

/* Prints the answer of `rollout`: the plan alone, or what has begun, and what it waits for. */
void show_rollout(const json_t *answer)
{
    if (json_is_true(json_object_get(answer, "only_plan"))) {
        plan_print(answer);
        return;
    }
    const char *point = ctl_text_at(answer, "point");
    bool approval = json_is_true(json_object_get(answer, "needs_approval"));
    printf("at %s a rollout of %s of image %.12s ", point, ctl_text_at(answer, "strategy"),
           ctl_text_at(answer, "image"));
    if (approval) printf("waits for another admin's gcxctl rollout-approve %s", point);
    if (ctl_number_at(answer, "at_us") != 0) {
        char moment[MOMENT_TEXT];
        show_moment(ctl_number_at(answer, "at_us"), moment);
        printf("%sbegins at %s", approval ? ", and " : "", moment);
    } else if (!approval) {
        printf("has begun");
    }
    printf("; gcxctl rollouts shows it, gcxctl rollout-back %s ends it\n", point);
}

/* runtime/sim/sheets.h - Writes a test's parameters, tables and later changes as SQL behind the directory's own
 * statements, as a person who edits the sheets would.
 *
 * Owns nothing. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "runtime/sim/plan.h"
#include "base/error.h"

void sheets_quoted(FILE *, const char *text, char quote);
/* Nothing but scalars: what a file can say. */
bool sheets_can_say(const struct scenario_item *);
/* Parameters and tables as they are from the beginning; of one that is said twice, what is said last. */
void sheets_settings(FILE *, const struct scenario_test *);

/* Appended to the file. `over`: it is as the site wrote it again. False with the reason. */
bool sheets_change(const char *path, bool table, const struct scenario_setting *, bool over, struct error *);
/* An agent's skills, groups and place, as far as the test says them. */
bool sheets_learn(const char *path, const struct plan_agent *, const struct scenario_agent *, struct error *);

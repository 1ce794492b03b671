/* runtime/sim/sheets.h - Writes a test's parameters, tables and later changes as SQL after the directory's own
 * statements, as a person who edits the file would.
 *
 * Owns nothing. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "runtime/sim/plan.h"
#include "base/error.h"

void sheets_quoted(FILE *, const char *text, char quote);
/* Can the file express the setting? Only single values are possible. */
bool sheets_can_say(const struct scenario_item *);
/* Writes the parameters and tables set at the beginning; if one is set twice, its last value. */
void sheets_settings(FILE *, const struct scenario_test *);

/* Appended to the file. `over`: the site's own value applies again. False with the reason. */
bool sheets_change(const char *path, bool table, const struct scenario_setting *, bool over, struct error *);
/* Appends an agent's skills, groups and place, if the test says them. */
bool sheets_learn(const char *path, const struct plan_agent *, const struct scenario_agent *, struct error *);

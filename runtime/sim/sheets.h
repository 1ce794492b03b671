/* runtime/sim/sheets.h - What a test says of the directory, as SQL in its file: parameters, tables, and, while a play
 * runs, what changes: as somebody who edits the sheets would say it, behind what stands there.
 *
 * Owns nothing. */
#ifndef SIM_SHEETS_H
#define SIM_SHEETS_H

#include <stdbool.h>
#include <stdio.h>

#include "runtime/sim/plan.h"
#include "vm/error.h"

void sheets_quoted(FILE *, const char *text, char quote);
/* Nothing but scalars: what a file can say. */
bool sheets_can_say(const struct scenario_item *);
/* Parameters and tables as they are from the beginning; of one that is said twice, what is said last. */
void sheets_settings(FILE *, const struct scenario_test *);

/* Appended to the file. `over`: it is as the site wrote it again. False with the reason. */
bool sheets_change(const char *path, bool table, const struct scenario_setting *, bool over, struct error *);
/* What an agent can, and where they sit, as far as it is said. */
bool sheets_learn(const char *path, const struct plan_agent *, const struct scenario_agent *, struct error *);

#endif

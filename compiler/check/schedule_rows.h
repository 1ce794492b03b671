/* compiler/check/schedule_rows.h - The lines of a schedule as the numbers of vm/schedule.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "compiler/syntax/ast.h"

/* Returns 0 for Monday, and so on; -1: the name is no day of the week. */
int schedule_weekday(const char *name);

/* Returns the numbers of a NODE_SITE_SCHEDULE whose days were checked; they are in the arena. */
int64_t *schedule_numbers(struct arena *, const struct node *schedule, size_t *count);

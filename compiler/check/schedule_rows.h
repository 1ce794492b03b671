/* compiler/check/schedule_rows.h - A schedule's lines as the numbers of vm/schedule.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "compiler/syntax/ast.h"

/* 0: Monday; -1: no day of the week. */
int schedule_weekday(const char *name);

/* The numbers of a NODE_SITE_SCHEDULE whose days were checked, in the arena. */
int64_t *schedule_numbers(struct arena *, const struct node *schedule, size_t *count);

/* compiler/cli/simulate_staff.h - gcxc simulate --staff: how many agents each hour of a day needs.
 *
 * The agents of the one --agents are the most that may be there. By halving, for all hours at once, the smallest number
 * of each hour is found with which so much of the calls of that hour is answered in time, in the mean of all
 * replications; the whole day is played each time, so that an hour inherits who still waits from the one before. Then
 * one agent after the other is taken away where all hours stay good. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct options;
struct simulate_results;
struct simulation_plan;
struct staff;

/* Reads --staff, and makes the plan's day whole hours of the clock. NULL: what is wrong was printed. */
struct staff *staff_open(struct simulation_plan *, const struct options *);
/* Gives the plan its agents for the next try. False: all hours are found, and the plan has their agents. */
bool staff_next(struct staff *);
/* Takes what was found with them. */
void staff_take(struct staff *, const struct simulate_results *);
/* Prints the hours. False: in one of them too few calls are answered in time, which is told. */
bool staff_tell(const struct staff *, const char *format, FILE *);
/* Gives the plan its own agents back. NULL is allowed. */
void staff_close(struct staff *);

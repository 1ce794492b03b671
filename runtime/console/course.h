/* runtime/console/course.h - The day's course of queues and agents, as the readings of gcxvm tell it one after another.
 *
 *     course_agents() with all agents' rows    who serves which queue, and how many contacts each has taken today
 *     course_queue() for each queue's row      adds to the row:
 *         "people"   how many of those who serve it do what: available, talks, offered, after_call_work, not_ready,
 *                    and "reasons", how many are not ready for which
 *         "soon"     [seconds, percent] for each bound of `last_hour.within_s`: so many of those who come within a
 *                    quarter of an hour will be answered within so many seconds (soon.h)
 *         "course"   [who waited at most, who was available at least] for each five minutes of the last three hours
 *
 * An agent serves a queue if they have had a contact of it in the last eight hours: gcxvm does not say who could. All
 * of it is counted since this process began, and nothing is kept on disk. */
#pragma once

#include <jansson.h>
#include <stdint.h>

struct courses;

struct courses *courses_new(void);
void courses_free(struct courses *); /* NULL is allowed */
/* All agents of a reading; now_us: wall clock. Each agent's row gets "took". */
void course_agents(struct courses *, json_t *agents, uint64_t now_us);
void course_queue(struct courses *, json_t *queue, uint64_t now_us);

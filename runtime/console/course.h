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
 * A contact of a row that was taken over or handed on gets "of", the queue for which the agent before was chosen.
 *
 * gcxvm does not say who could serve a queue. So an agent serves a queue here if they have had a contact of it within a
 * day, and is available for it if they are in a medium by which its contacts come. The owner keeps one row per agent,
 * which survives this process: the contacts, the queues that the agent serves, and when the agent was logged in
 * ("there": [from, to], where `to` is 0 while they still are). Everything else is counted from the beginning of this
 * process. Nothing is known of an agent before their "known_us", which is for example the first reading, or the first
 * one after a long gap. A day is that of this process's clock (TZ). */
#pragma once

#include <jansson.h>
#include <stdint.h>

struct courses;

/* keep: keeps the row of the agent, whose reference it takes; NULL: the agent is gone. May be NULL itself. The row of
 * the agent "" says when agents were read last. */
struct course_keeper {
    void *self;
    void (*keep)(void *self, const char *agent, json_t *row);
};

struct courses *courses_new(struct course_keeper);
/* Takes the row of an agent that was kept; before the first reading. What is no such row changes nothing. */
void courses_restore(struct courses *, const char *agent, const json_t *row);
void courses_free(struct courses *); /* NULL is allowed */
/* All agents of a reading; now_us: wall clock.
 * Each agent's row gets "took", "there" and "known_us". */
void course_agents(struct courses *, json_t *agents, uint64_t now_us);
void course_queue(struct courses *, json_t *queue, uint64_t now_us);
